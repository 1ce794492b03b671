/* compiler/cli/import.c - gcxc import: makes sources of the files of other tools.
 *
 *     read all -> import_finish() -> import_may_write() -> import_write() each -> imported_check() -> import_tell()
 *
 * Nothing is written before it is known that none of the resulting files exists already. The written sources are
 * compiled like any other source, so that an error of the importer is found at once and not by the user. A file that
 * cannot be read is reported, and the others are imported all the same; the exit status is then 1. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "compiler/base/source.h"
#include "compiler/cli/command.h"
#include "compiler/cli/file.h"
#include "compiler/compilation.h"
#include "compiler/format/format.h"
#include "compiler/import/import.h"
#include "compiler/view/graph.h"
#include "base/memory.h"
#include "base/shown.h"

enum { IMPORT_FILE_BYTES = 32 * 1024 * 1024 };

/* Returns the content of a file; NULL with the reason. At most one byte more than the bound is read, which shows that a
 * file is too long. */
static char *imported_bytes(const char *path, size_t *length, const char **why)
{
    struct stat status;
    *why = NULL;
    FILE *file = source_open(path, &status, why);
    if (!file) {
        *why = *why ? *why : strerror(errno);
        return NULL;
    }
    char *text = memory_grown(NULL, IMPORT_FILE_BYTES + 1, 1);
    *length = fread(text, 1, IMPORT_FILE_BYTES + 1, file);
    bool good = !ferror(file) && *length <= IMPORT_FILE_BYTES;
    if (!good) *why = ferror(file) ? strerror(errno) : "it has more than 32 MB";
    fclose(file);
    if (good) return text;
    free(text);
    return NULL;
}

static bool imported_read(struct importer *import, const char *path)
{
    char why[200] = "";
    const char *reason;
    size_t length = 0;
    char *text = imported_bytes(path, &length, &reason);
    if (!text) return shown_refuse("gcxc: cannot read %s: %s\n", path, reason);
    bool good = import_add(import, path, text, length, why, sizeof why);
    if (!good) shown_print(stderr, "gcxc: %s is not imported: %s\n", path, why);
    free(text);
    return good;
}

/* Reads a file that another one includes. Links are followed, and one that leads out of the folder is refused. */
static char *imported_include(void *of, const char *from, const char *name, size_t *length, const char **why)
{
    (void)of;
    const char *slash = strrchr(from, '/');
    char *folder = memory_format("%.*s", slash ? (int)(slash - from) + 1 : 2, slash ? from : "./"),
         *beside = memory_format("%s%s", folder, name), *within = realpath(folder, NULL),
         *path = realpath(beside, NULL), *text = NULL;
    *why = "it is not there";
    if (within && path) {
        size_t room = strlen(within);
        bool stays = strncmp(path, within, room) == 0 && (path[room] == '/' || strcmp(within, "/") == 0);
        *why = "a link leads out of the folder";
        if (stays) text = imported_bytes(path, length, why);
    }
    free(folder);
    free(beside);
    free(within);
    free(path);
    return text;
}

/* Writes a file of the result; a source is formatted in the one style. */
static bool import_write(const char *folder, const char *name, const char *text)
{
    /* a drawing (.mmd) is not written by itself: flows.md contains it */
    if (strcmp(strrchr(name, '.'), ".mmd") == 0) return true;
    char *path = memory_format("%s/%s", folder, name), *formatted = NULL;
    size_t length = strlen(text), whole = length;
    if (length > SOURCE_LIMIT) {
        shown_print(stderr, "gcxc: %s would have more than %d MB, and no source may: divide the flow\n", path,
                    SOURCE_LIMIT / 1024 / 1024);
        free(path);
        return false;
    }
    if (strcmp(strrchr(name, '.'), ".gcx") == 0) formatted = format_text(path, text, length, &whole, stderr);
    bool good = file_write(path, (const uint8_t *)(formatted ? formatted : text), formatted ? whole : length);
    free(formatted);
    free(path);
    return good;
}

/* Makes the folder, and checks that no file in it would be overwritten. */
static bool import_may_write(const struct importer *import, const char *folder)
{
    const char *name, *text;
    if (mkdir(folder, 0777) != 0 && errno != EEXIST)
        return shown_refuse("gcxc: cannot make the folder %s: %s\n", folder, strerror(errno));
    for (size_t i = 0; import_written_file(import, i, &name, &text); i++) {
        struct stat status;
        bool drawing = strcmp(strrchr(name, '.'), ".mmd") == 0;
        char *path = memory_format("%s/%s", folder, drawing ? "flows.md" : name);
        bool there = lstat(path, &status) == 0;
        if (there) shown_print(stderr, "gcxc: %s is there, and is left as it is; -o names another folder\n", path);
        free(path);
        if (there) return false;
    }
    return true;
}

/* Writes flows.md: each flow as it is drawn in the source, and as the resulting strategy. */
static bool imported_draw(const struct importer *import, const char *folder, struct compilation *compilation)
{
    const char *name, *text;
    char *page = NULL, *path = memory_format("%s/flows.md", folder);
    size_t length;
    FILE *out = memory_stream(&page, &length);
    fputs("# Flows, in the source and in gcx\n", out);
    for (size_t i = 0; import_written_file(import, i, &name, &text); i++) {
        const char *dot = strrchr(name, '.');
        if (strcmp(dot, ".mmd") != 0) continue;
        char *strategy = memory_format("%.*s", (int)(dot - name), name);
        fprintf(out, "\n## %s\n\nIn the source; dashed is what no way of the strategy reaches:\n\n```mermaid\n%s```\n",
                strategy, text);
        struct graph *graph = graph_make(compilation_program(compilation), strategy);
        if (graph->box_count > 0) {
            fputs("\nIn gcx:\n\n```mermaid\n", out);
            graph_mermaid(graph, out);
            fputs("```\n", out);
        } else {
            fputs("\nIn gcx it is a frame of each strategy that plays it.\n", out);
        }
        free(strategy);
    }
    if (fclose(out) != 0) abort();
    bool good = file_write(path, (const uint8_t *)page, length);
    free(page);
    free(path);
    return good;
}

/* Compiles the result as a user would: an error there is an error of the importer. */
static bool imported_check(const struct importer *import, const char *folder)
{
    const char *name, *text, **paths = NULL;
    size_t count = 0;
    for (size_t i = 0; import_written_file(import, i, &name, &text); i++) {
        if (strcmp(strrchr(name, '.'), ".gcx") != 0 || strcmp(name, "site.gcx") == 0) continue;
        paths = memory_grown(paths, count + 1, sizeof *paths);
        paths[count++] = memory_format("%s/%s", folder, name);
    }
    bool good = true;
    char *site = memory_format("%s/site.gcx", folder);
    if (count > 0) {
        struct compile_options options = {.check_only = true, .site = site};
        struct compilation *compilation = compiler_compile(paths, count, &options);
        good = compilation_print(compilation, stderr) == 0 && imported_draw(import, folder, compilation);
        compilation_free(compilation);
    }
    for (size_t i = 0; i < count; i++) free((char *)(uintptr_t)paths[i]);
    free(paths);
    free(site);
    return good;
}

/* Prints the last line of the report, which says how much is translated. */
static void import_tell(const struct importer *import, const char *folder)
{
    const char *name, *text;
    for (size_t i = 0; import_written_file(import, i, &name, &text); i++) {
        size_t end = strlen(text);
        if (strcmp(name, "report.txt") != 0) continue;
        while (end > 0 && text[end - 1] == '\n') end--;
        size_t begin = end;
        while (begin > 0 && text[begin - 1] != '\n') begin--;
        printf("%.*s; what is to be decided is in ", (int)(end - begin), text + begin);
        shown_print(stdout, "%s/%s\n", folder, name);
    }
}

enum exit_code cli_import(const struct options *options)
{
    const char *folder = options->output ? options->output : "imported", *name, *text;
    struct importer *import = import_new();
    import_reads(import, imported_include, NULL);
    import_from(import, options->from);
    bool all = true;
    size_t read = 0;
    for (size_t i = 0; i < options->path_count; i++) {
        bool good = imported_read(import, options->paths[i]);
        read += good;
        all = good && all;
    }
    bool good = read > 0;
    if (good) {
        import_finish(import);
        good = import_may_write(import, folder);
    }
    for (size_t i = 0; good && import_written_file(import, i, &name, &text); i++)
        good = import_write(folder, name, text);
    if (good) {
        good = imported_check(import, folder);
        import_tell(import, folder);
    }
    import_release(import);
    return good && all ? EXIT_GOOD : EXIT_PROBLEMS;
}
