/* runtime/studio/check.c - Writes a version to a folder, and has gcxc say what it thinks of it. See check.h. */
#include "runtime/studio/check.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <glib.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/utf8.h"
#include "runtime/adapter/tool.h"

enum {
    CHECK_SECONDS = 20,
    TEST_SECONDS = 60,
    TEST_BYTES_MAX = 64 * 1024,
    CHECK_BYTES_MAX = 4 * 1024 * 1024,
    COMPLAINED_MAX = 180,
    FOLDERS_DEEP = 12
};

/* ---- the folder ---- */

/* Removes all that is below the folder; links are not followed. */
static void studio_empty(int above, const char *name, unsigned depth)
{
    int fd = openat(above, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    DIR *folder = fd >= 0 ? fdopendir(fd) : NULL;
    if (fd >= 0 && !folder) close(fd);
    for (struct dirent *entry; folder && depth < FOLDERS_DEEP && (entry = file_next(folder));) {
        if (unlinkat(fd, entry->d_name, 0) == 0) continue;
        studio_empty(fd, entry->d_name, depth + 1);
    }
    if (folder) closedir(folder);
    (void)unlinkat(above, name, AT_REMOVEDIR);
}

void studio_folder_end(char *folder)
{
    if (folder) studio_empty(AT_FDCWD, folder, 0);
    g_free(folder);
}

char *studio_folder(git_repository *repository, const git_tree *tree, const struct studio_unsaved *unsaved,
                    struct error *error)
{
    char *folder = g_build_filename(g_get_tmp_dir(), "gcx-strategies-XXXXXX", NULL);
    if (!g_mkdtemp_full(folder, 0700)) {
        error_set(error, ERROR_SYSTEM, "%s: %s", folder, g_strerror(errno));
        g_free(folder);
        return NULL;
    }
    bool good = studio_export(repository, tree, folder, error);
    if (good && unsaved && unsaved->path && unsaved->text)
        good = studio_export_text(folder, unsaved->path, unsaved->text, strlen(unsaved->text), error);
    if (good) return folder;
    studio_folder_end(folder);
    return NULL;
}

/* ---- what gcxc says ---- */

int studio_tool(const char *folder, const char *const *arguments, bool joined, unsigned seconds, size_t most, int stop,
                struct out *out, struct error *error)
{
    const struct tool_order order = {
        .arguments = arguments, .folder = folder, .confined = true, .joined = joined, .seconds = seconds, .most = most};
    struct tool_end end;
    if (!tool_run(&order, stop, out, &end) && end.exit < 0) error_set(error, ERROR_LIMIT, "%.200s", end.why);
    return end.exit;
}

void studio_complained(const char *text, size_t length, struct error *error)
{
    const char *end = text ? memchr(text, '\n', length) : NULL;
    size_t line = end ? (size_t)(end - text) : length;
    error_set(error, ERROR_STATE, "%.*s", text ? (int)utf8_cut(text, line, COMPLAINED_MAX) : 0, text ? text : "");
}

/* Runs gcxc in the folder, and reads the JSON that it prints. NULL with the reason; "" in it: gcxc has printed no JSON.
 */
static json_t *studio_compiler_says(const char *folder, const char *const *arguments, int stop, struct error *error)
{
    struct out said = {0};
    json_t *answer = NULL;
    json_error_t wrong;
    if (studio_tool(folder, arguments, false, CHECK_SECONDS, CHECK_BYTES_MAX, stop, &said, error) >= 0) {
        answer = json_loadb(said.bytes ? said.bytes : "", said.length, 0, &wrong);
        if (!answer) error_set(error, ERROR_INPUT, "%s", "");
    }
    out_free(&said);
    return answer;
}

static json_t *studio_nothing_wrong(void)
{
    return json_pack("{s:[], s:i, s:i}", "diagnostics", "errors", 0, "warnings", 0);
}

/* Is there a .gcx file at all? Without one gcxc has nothing to say. */
static bool studio_has_strategies(const git_tree *tree, const struct studio_unsaved *unsaved,
                                  git_repository *repository)
{
    json_t *files = studio_files(repository, tree, NULL), *row;
    bool there = unsaved && unsaved->path && unsaved->text && g_str_has_suffix(unsaved->path, ".gcx");
    size_t at;
    json_array_foreach(files, at, row) there =
        there || g_str_has_suffix(json_string_value(json_object_get(row, "path")), ".gcx");
    json_decref(files);
    return there;
}

json_t *studio_check(git_repository *repository, const git_tree *tree, const struct studio_unsaved *unsaved, int stop,
                     struct error *error)
{
    static const char *const check[] = {"gcxc", "check", "--format", "json", ".", NULL};
    static const char *const lint[] = {"gcxc", "lint", "--format", "json", ".", NULL};
    if (unsaved && unsaved->path && !studio_path_good(unsaved->path, error)) return NULL;
    if (!studio_has_strategies(tree, unsaved, repository)) return studio_nothing_wrong();
    char *folder = studio_folder(repository, tree, unsaved, error);
    if (!folder) return NULL;
    json_t *answer = studio_compiler_says(folder, check, stop, error);
    if (answer && json_integer_value(json_object_get(answer, "errors")) == 0) {
        json_t *more = studio_compiler_says(folder, lint, stop, NULL);
        if (more) {
            json_decref(answer);
            answer = more;
        }
    }
    if (!answer && error && !*error->text) error_set(error, ERROR_INPUT, "gcxc cannot read these files.");
    studio_folder_end(folder);
    return answer;
}

/* Both versions in one diagram, in which what is gone and what is new have colours; NULL: it is not drawn. */
static json_t *studio_callers_drawn(const char *folder, int stop)
{
    static const char *const arguments[] = {"gcxc", "diff", "--format", "svg", "old", "new", NULL};
    struct out said = {0};
    json_t *picture = NULL;
    if (studio_tool(folder, arguments, false, CHECK_SECONDS, CHECK_BYTES_MAX, stop, &said, NULL) >= 0 && said.bytes)
        picture = json_stringn(said.bytes, said.length);
    out_free(&said);
    return picture;
}

json_t *studio_callers(git_repository *repository, const git_tree *from, const git_tree *to, int stop,
                       struct error *error)
{
    static const char *const arguments[] = {"gcxc", "diff", "--format", "json", "old", "new", NULL};
    char *folder = studio_folder(repository, NULL, NULL, error);
    if (!folder) return NULL;
    char *old = g_build_filename(folder, "old", NULL), *new = g_build_filename(folder, "new", NULL);
    bool good = mkdir(old, 0700) == 0 && mkdir(new, 0700) == 0;
    if (!good) error_set(error, ERROR_SYSTEM, "%s: %s", folder, g_strerror(errno));
    good = good && studio_export(repository, from, old, error) && studio_export(repository, to, new, error);
    json_t *answer = NULL;
    struct error said = {0};
    if (good) answer = studio_compiler_says(folder, arguments, stop, &said);
    if (good && !answer && said.code == ERROR_INPUT)
        answer = json_pack("{s:[], s:s}", "changes", "why",
                           "It cannot be said: one of the two versions has errors, or no strategy.");
    if (good && !answer && error) *error = said;
    json_t *picture =
        answer && json_array_size(json_object_get(answer, "changes")) > 0 ? studio_callers_drawn(folder, stop) : NULL;
    if (picture) json_object_set_new(answer, "picture", picture);
    g_free(old);
    g_free(new);
    studio_folder_end(folder);
    return answer;
}

/* ---- the diagram ---- */

#define LINES_FILE ".lines" /* no file of a person begins with a dot */
#define WAYS_FILE  ".ways"

/* Plays the tests in the folder; the counts of the lines go to LINES_FILE, those of ways to WAYS_FILE. NULL with the
 * reason. */
static json_t *studio_tests_say(const char *folder, int stop, struct error *error)
{
    static const char *const arguments[] = {"gcxc", "test", "--lcov", LINES_FILE, "--ways", WAYS_FILE, ".", NULL};
    struct out said = {0};
    json_t *text = NULL;
    if (studio_tool(folder, arguments, true, TEST_SECONDS, TEST_BYTES_MAX, stop, &said, error) >= 0)
        text = json_stringn(said.bytes ? said.bytes : "", said.length);
    out_free(&said);
    return text;
}

/* The ways that the tests have taken, and those that they have not; NULL: none has been played. */
static json_t *studio_ways(const char *folder)
{
    char *path = g_build_filename(folder, WAYS_FILE, NULL);
    size_t length = 0;
    const char *why = NULL;
    json_error_t wrong;
    char *text = file_read(path, CHECK_BYTES_MAX, &length, &why);
    json_t *ways = text ? json_loadb(text, length, 0, &wrong) : NULL;
    free(text);
    g_free(path);
    return ways;
}

json_t *studio_diagram(git_repository *repository, const git_tree *tree, const struct studio_unsaved *unsaved,
                       bool play, int stop, struct error *error)
{
    const char *arguments[] = {"gcxc", "graph", "--format", "json", ".", NULL, NULL, NULL};
    json_t *answer = NULL, *tests = NULL;
    if (unsaved && unsaved->path && !studio_path_good(unsaved->path, error)) return NULL;
    char *folder = studio_folder(repository, tree, unsaved, error);
    if (folder && play) tests = studio_tests_say(folder, stop, error);
    if (tests) {
        char *lines = g_build_filename(folder, LINES_FILE, NULL);
        if (g_file_test(lines, G_FILE_TEST_EXISTS)) arguments[5] = "--lcov", arguments[6] = LINES_FILE;
        g_free(lines);
    }
    if (folder && (tests || !play)) {
        struct error said = {0};
        answer = studio_compiler_says(folder, arguments, stop, &said);
        if (!answer && said.code == ERROR_INPUT)
            error_set(error, ERROR_STATE, "It is drawn when gcxc finds a strategy and no errors.");
        else if (!answer && error)
            *error = said;
    }
    if (answer && tests) json_object_set(answer, "tests", tests);
    json_t *ways = answer && tests ? studio_ways(folder) : NULL;
    if (ways) json_object_set_new(answer, "ways", ways);
    json_decref(tests);
    studio_folder_end(folder);
    return answer;
}
