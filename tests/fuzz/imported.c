/* tests/fuzz/imported.c - Imports an input and compiles what comes of it (imported.h). */
#include "tests/fuzz/imported.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "compiler/compilation.h"
#include "compiler/format/format.h"
#include "compiler/import/import.h"
#include "tests/fuzz/fuzz.h"

enum { IMPORTED_SMALL = 6000 /* bytes of which no program becomes too large */, IMPORTED_FILES = 512 };

/* Imports look for files: these lie in a folder of the process, which goes with it. */
static char imported_folder[] = "/tmp/gcx-fuzz-flow-XXXXXX";
static char imported_written[IMPORTED_FILES][300];

static void imported_remove_folder(void)
{
    rmdir(imported_folder);
}

/* What is included is another part of the input: `#include "2"` is the third one. */
struct imported_parts {
    const uint8_t *data;
    size_t size;
};

static char *imported_part(void *of, const char *from, const char *name, size_t *length, const char **why)
{
    const struct imported_parts *parts = of;
    const uint8_t *at = parts->data, *end = at + parts->size;
    (void)from;
    *why = "no such part";
    for (unsigned long number = strtoul(name, NULL, 10); number > 0; number--) {
        at = at < end ? memchr(at, '\f', (size_t)(end - at)) : NULL;
        if (!at) return NULL;
        at++;
    }
    const uint8_t *over = at < end ? memchr(at, '\f', (size_t)(end - at)) : NULL;
    *length = (size_t)((over ? over : end) - at);
    char *bytes = malloc(*length + 1);
    MUST(bytes);
    memcpy(bytes, at, *length);
    return bytes;
}

static void imported_add(struct importer *import, const uint8_t *data, size_t size, const char *name)
{
    char path[60], why[200] = "";
    for (unsigned number = 0;; number++) {
        const uint8_t *end = size > 0 ? memchr(data, '\f', size) : NULL;
        size_t length = end ? (size_t)(end - data) : size;
        snprintf(path, sizeof path, "%u_%s", number, name);
        *why = '\0';
        MUST(import_add(import, path, (const char *)data, length, why, sizeof why) == !*why);
        if (!end) return;
        data += length + 1, size -= length + 1;
    }
}

/* Compiles the files; an error is a fault of the importer. */
static void imported_compile(const char *const paths[], size_t count, size_t files, FILE *out, char *const *said)
{
    struct compile_options options = {.check_only = true};
    struct compilation *compilation = compiler_compile(paths, count, &options);
    size_t errors = compilation_print(compilation, out);
    fflush(out);
    if (errors) fputs(*said, stderr);
    compilation_free(compilation);
    for (size_t i = 0; i < files && errors; i++) fprintf(stderr, "%s\n", imported_written[i]);
    MUST(errors == 0);
}

void imported_judge(const uint8_t *data, size_t size, const char *format_name, const char *format)
{
    char *said = NULL;
    size_t room, count = 0, files = 0;
    const char *name, *text, *paths[IMPORTED_FILES];
    struct importer *import = import_new();
    if (strcmp(imported_folder + sizeof imported_folder - 7, "XXXXXX") == 0) {
        MUST(mkdtemp(imported_folder));
        MUST(atexit(imported_remove_folder) == 0);
    }
    struct imported_parts parts = {data, size};
    import_reads(import, imported_part, &parts);
    if (format) MUST(import_from(import, format));
    imported_add(import, data, size, format_name);
    import_finish(import);
    FILE *out = open_memstream(&said, &room);
    MUST(out);
    for (size_t i = 0; import_written_file(import, i, &name, &text); i++) {
        size_t length = strlen(name), whole;
        if (length < 4 || strcmp(name + length - 4, ".gcx") != 0) continue;
        char *formatted = format_text(name, text, strlen(text), &whole, out);
        fflush(out);
        if (!formatted) fprintf(stderr, "%s\n%s", said, text);
        MUST(formatted || size > IMPORTED_SMALL);
        free(formatted);
        if (size > IMPORTED_SMALL || files == IMPORTED_FILES) continue;
        snprintf(imported_written[files], sizeof imported_written[files], "%s/%s", imported_folder, name);
        FILE *file = fopen(imported_written[files], "w");
        MUST(file && fputs(text, file) >= 0 && fclose(file) == 0);
        if (strcmp(name, "site.gcx") != 0) paths[count++] = imported_written[files];
        files++;
    }
    if (count > 0 && files < IMPORTED_FILES) imported_compile(paths, count, files, out, &said);
    for (size_t i = 0; i < files; i++) unlink(imported_written[i]);
    fclose(out);
    free(said);
    import_release(import);
}
