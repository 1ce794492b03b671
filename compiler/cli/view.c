/* compiler/cli/view.c - What commands share that tell of a program: opening it, pictures by Graphviz, coverage's
 * counts. */
#include "compiler/cli/view.h"

#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "compiler/cli/sites.h"

extern char **environ;

struct compilation *view_open(const char *const *files, size_t count, const char *site)
{
    struct compile_options how = {.site = site, .check_only = true};
    struct sites sites = sites_open(files, count, site);
    const struct site_files *all = sites_one(&sites);
    struct compilation *compilation = all ? compile((const char *const *)all->paths, all->count, &how) : NULL;
    sites_close(&sites);
    if (!compilation || compilation_print(compilation, stderr) == 0) return compilation;
    compilation_free(compilation);
    return NULL;
}

/* ---- Graphviz ---- */

/* The whole of a stream, malloc'ed, a NUL behind it. */
static char *slurp(FILE *file, size_t *length)
{
    long end = fseek(file, 0, SEEK_END) == 0 ? ftell(file) : -1;
    char *text = end >= 0 ? malloc((size_t)end + 1) : NULL;
    if (!text) return NULL;
    rewind(file);
    *length = fread(text, 1, (size_t)end, file);
    text[*length] = '\0';
    return text;
}

/* `dot -Tsvg` from one stream into the other: 0, or why it could not be. Files, so that neither waits for the other. */
static int run_dot(FILE *in, FILE *out)
{
    char program[] = "dot", format[] = "-Tsvg";
    char *arguments[] = {program, format, NULL};
    posix_spawn_file_actions_t actions;
    pid_t child;
    int status = 0;
    if (posix_spawn_file_actions_init(&actions) != 0) return ENOMEM;
    posix_spawn_file_actions_adddup2(&actions, fileno(in), 0);
    posix_spawn_file_actions_adddup2(&actions, fileno(out), 1);
    int why = posix_spawnp(&child, program, &actions, NULL, arguments, environ);
    posix_spawn_file_actions_destroy(&actions);
    if (why != 0) return why;
    while (waitpid(child, &status, 0) < 0)
        if (errno != EINTR) return errno;
    if (WIFEXITED(status) && WEXITSTATUS(status) == 127) return ENOENT; /* as a C library without vfork tells it */
    return WIFEXITED(status) && WEXITSTATUS(status) == 0 ? 0 : EIO;
}

char *view_svg(const struct graph *graph, size_t *length)
{
    FILE *in = tmpfile(), *out = tmpfile();
    char *text = NULL;
    int why = in && out ? 0 : errno;
    if (why == 0) {
        graph_dot(graph, in);
        why = fflush(in) == 0 ? 0 : errno;
    }
    if (why == 0) {
        rewind(in);
        lseek(fileno(in), 0, SEEK_SET);
        why = run_dot(in, out);
    }
    if (why == 0) text = slurp(out, length);
    if (why == ENOENT)
        fputs(
            "gcxc: pictures are drawn by Graphviz, and its program dot is not here; install it (Debian: graphviz), or "
            "ask for --format dot or mermaid\n",
            stderr);
    else if (!text)
        fprintf(stderr, "gcxc: Graphviz's dot has drawn nothing%s%s\n", why && why != EIO ? ": " : "",
                why && why != EIO ? strerror(why) : "");
    if (in) fclose(in);
    if (out) fclose(out);
    return text;
}

/* ---- coverage ---- */

struct heat {
    struct graph *graph;
    const struct source_set *sources;
    uint32_t *lines; /* of each box: the line that it was counted by; 0: none yet */
    bool *here;      /* is it of the source that is read of? */
    bool *beside;    /* another one begins before it on its first line, of which the line's count tells */
};

static void find_beside(struct heat *heat)
{
    uint32_t count = heat->graph->box_count;
    struct position *begins = calloc(count + 1u, sizeof *begins);
    if (!begins) abort();
    for (uint32_t i = 0; i < count; i++)
        begins[i] = source_set_position(heat->sources, heat->graph->boxes[i].span.begin);
    for (uint32_t i = 0; i < count; i++)
        for (uint32_t other = 0; other < count && !heat->beside[i]; other++)
            heat->beside[i] = begins[other].source && begins[other].source == begins[i].source &&
                              begins[other].line == begins[i].line && begins[other].column < begins[i].column &&
                              heat->graph->boxes[other].span.end > heat->graph->boxes[other].span.begin;
    free(begins);
}

/* Does `told` name the file? Where it was counted elsewhere, by the end of its path. */
static bool same_file(const char *told, const char *path)
{
    char a[PATH_MAX], b[PATH_MAX];
    if (!realpath(path, b)) return false;
    if (realpath(told, a)) return strcmp(a, b) == 0;
    size_t whole = strlen(told), end = strlen(path);
    return whole > end && told[whole - end - 1] == '/' && strcmp(told + whole - end, path) == 0;
}

static void heat_source(struct heat *heat, const char *told)
{
    const struct source *known = NULL;
    bool same = false;
    for (uint32_t i = 0; i < heat->graph->box_count; i++) {
        const struct source *source = source_set_at(heat->sources, heat->graph->boxes[i].span.begin);
        if (source && source != known) {
            known = source;
            same = same_file(told, source->path);
        }
        heat->here[i] = source && same;
    }
}

static void heat_line(struct heat *heat, uint32_t line, uint64_t runs)
{
    for (uint32_t i = 0; i < heat->graph->box_count; i++) {
        struct graph_box *box = &heat->graph->boxes[i];
        if (!heat->here[i] || box->span.end <= box->span.begin) continue;
        uint32_t first = source_set_position(heat->sources, box->span.begin).line;
        uint32_t last = source_set_position(heat->sources, box->span.end - 1).line;
        if (line == first && heat->beside[i]) continue;
        if (line < first || line > last || (heat->lines[i] && heat->lines[i] < line)) continue;
        heat->lines[i] = line;
        box->counted = true;
        box->runs = runs;
    }
}

bool view_heat(struct graph *graph, const struct program *program, const char *path)
{
    struct stat status;
    const char *why;
    FILE *file = source_open(path, &status, &why);
    char *line = NULL;
    size_t room = 0;
    ssize_t length;
    uint64_t runs;
    uint32_t at;
    bool any = false;
    if (!file) {
        fprintf(stderr, "gcxc: cannot read %s: %s\n", path, why);
        return false;
    }
    struct heat heat = {graph, program->sources, calloc(graph->box_count + 1u, sizeof(uint32_t)),
                        calloc(graph->box_count + 1u, sizeof(bool)), calloc(graph->box_count + 1u, sizeof(bool))};
    if (!heat.lines || !heat.here || !heat.beside) abort();
    find_beside(&heat);
    while ((length = getline(&line, &room, file)) >= 0) {
        if (length > 0 && line[length - 1] == '\n') line[length - 1] = '\0';
        if (strncmp(line, "SF:", 3) == 0) {
            heat_source(&heat, line + 3);
            any = true;
        } else if (sscanf(line, "DA:%" SCNu32 ",%" SCNu64, &at, &runs) == 2) {
            heat_line(&heat, at, runs);
        }
    }
    if (!any) fprintf(stderr, "gcxc: %s is no tracefile of lcov's; gcxc test --lcov FILE writes one\n", path);
    free(line);
    free(heat.lines);
    free(heat.here);
    free(heat.beside);
    fclose(file);
    return any;
}
