/* tests/differential/oracles.c - What must hold of any program that compiles. */
#include "config.h"
#include "tests/differential/oracles.h"

#include <stdlib.h>
#include <string.h>

#include "compiler/compilation.h"
#include "compiler/lower/natives.h"
#include "compiler/format/format.h"
#include "compiler/syntax/program.h"
#include "compiler/base/source.h"
#include "compiler/view/differ.h"
#include "compiler/view/graph.h"
#include "tests/differential/world.h"
#include "tests/fuzz/fuzz.h"

enum { PARTS = 3 };

static bool no_hash(void *self, const char *library, uint8_t hash[32], char *why, size_t size)
{
    (void)self, (void)library, (void)why, (void)size;
    memset(hash, 0, 32);
    return true;
}

struct compilation *oracles_compiled(const char *const *files, size_t count, const char *site,
                                     const struct source_overlay *overlay)
{
    const struct compile_natives natives = {NULL, no_hash};
    const struct compile_options how = {.site = site, .natives = &natives, .overlay = overlay};
    return compiler_compile(files, count, &how);
}

static struct compilation *one_file(const char *text, size_t length)
{
    const char *path = fuzz_file(text, length);
    return oracles_compiled(&path, 1, path, NULL);
}

/* fmt */

static const char *formatted(const char *text, size_t length, const uint8_t *image)
{
    size_t once_length, twice_length, image_length;
    const char *wrong = NULL;
    char *once = format_text("p.gcx", text, length, &once_length, stderr), *twice = NULL;
    if (!once) return "fmt: it has no syntax errors";
    twice = format_text("p.gcx", once, once_length, &twice_length, stderr);
    if (!twice || once_length != twice_length || memcmp(once, twice, once_length) != 0)
        wrong = "fmt: formatted again it is another text";
    struct compilation *compilation = one_file(once, once_length);
    const uint8_t *other = compilation_image(compilation, &image_length);
    if (!wrong && !other) wrong = "fmt: formatted it does not compile";
    if (!wrong && !oracles_mean_same(image, other)) wrong = "fmt: formatted it means something else";
    compilation_free(compilation);
    free(once);
    free(twice);
    return wrong;
}

/* Several files */

struct parts {
    char *text[PARTS + 1];
    size_t length[PARTS + 1]; /* the last one is the site */
};

static const char *part_named(void *self, const char *path, size_t *length)
{
    const struct parts *parts = self;
    const char *name = strrchr(path, '/');
    unsigned which = name && name[1] >= '0' && name[1] <= '0' + PARTS ? (unsigned)(name[1] - '0') : PARTS + 1;
    if (which > PARTS) return NULL;
    *length = parts->length[which];
    return parts->text[which];
}

static bool begins_with(const char *line, size_t length, const char *word)
{
    return length >= strlen(word) && memcmp(line, word, strlen(word)) == 0;
}

/* A declaration begins where a line does, and ends before the next one. */
static void split(const char *text, size_t length, uint64_t seed, struct parts *parts)
{
    FILE *out[PARTS + 1];
    unsigned to = 0, count = 0;
    for (unsigned i = 0; i <= PARTS; i++) out[i] = open_memstream(&parts->text[i], &parts->length[i]);
    for (size_t at = 0; at < length;) {
        const char *end = memchr(text + at, '\n', length - at);
        size_t line = end ? (size_t)(end - text) + 1 - at : length - at;
        bool begins = text[at] != ' ' && text[at] != '}';
        if (begins) to = (unsigned)(world_mixed(seed + ++count) % PARTS);
        if (begins_with(text + at, line, "import ")) { /* each file sees what it imports itself */
            for (unsigned i = 0; i < PARTS; i++) fwrite(text + at, 1, line, out[i]);
            at += line;
            continue;
        }
        if (begins_with(text + at, line, "site ")) to = PARTS;
        fwrite(text + at, 1, line, out[to]);
        at += line;
    }
    for (unsigned i = 0; i <= PARTS; i++) fclose(out[i]);
}

static const char *in_files(const char *text, size_t length, uint64_t seed)
{
    static const char *const orders[2][PARTS] = {{"/0.gcx", "/1.gcx", "/2.gcx"}, {"/2.gcx", "/0.gcx", "/1.gcx"}};
    struct parts parts;
    const struct source_overlay overlay = {&parts, part_named};
    char *traces[2] = {NULL, NULL}, *first = NULL;
    const char *wrong = NULL;
    size_t first_length = 0;
    unsigned waits;
    split(text, length, seed, &parts);
    for (unsigned i = 0; i < 2; i++) {
        size_t trace_length, image_length;
        struct compilation *compilation = oracles_compiled(orders[i], PARTS, "/3.gcx", &overlay);
        const uint8_t *image = compilation_image(compilation, &image_length);
        FILE *trace = open_memstream(&traces[i], &trace_length);
        if (image) interpret(image, image_length, seed, false, trace, &waits);
        if (!image && !wrong)
            compilation_print(compilation, stderr), wrong = "files: as several ones it does not compile";
        fclose(trace);
        if (image && !first) {
            first = malloc(first_length = image_length);
            MUST(first);
            memcpy(first, image, image_length);
        } else if (image && (image_length != first_length || memcmp(first, image, first_length) != 0)) {
            wrong = "files: named in another order they have other bytes";
        }
        compilation_free(compilation);
    }
    free(first);
    if (!wrong && strcmp(traces[0], traces[1]) != 0) wrong = "files: named in another order they do something else";
    for (unsigned i = 0; i <= PARTS; i++) free(parts.text[i]);
    free(traces[0]);
    free(traces[1]);
    return wrong;
}

/* Fuel that is gone at every place, and a block that moves, change nothing. */
static const char *in_slices(const uint8_t *image, size_t length, uint64_t seed)
{
    char *traces[2] = {NULL, NULL};
    bool known = true;
    for (unsigned i = 0; i < 2; i++) {
        size_t trace_length;
        unsigned waits;
        FILE *trace = open_memstream(&traces[i], &trace_length);
        if (interpret(image, length, seed, i == 1, trace, &waits)) known = false;
        fclose(trace);
    }
    bool same = !known || strcmp(traces[0], traces[1]) == 0;
    if (!same) fprintf(stderr, "in whole slices:\n%sin the least ones:\n%s", traces[0], traces[1]);
    free(traces[0]);
    free(traces[1]);
    return same ? NULL : "slices: where its fuel is cut it does something else";
}

/* graph, diff */

static const char *viewed(struct compilation *compilation, struct compilation *again)
{
    char *drawn = NULL;
    size_t length;
    FILE *out = open_memstream(&drawn, &length);
    struct graph *graph = graph_make(compilation_program(compilation), NULL);
    graph_dot(graph, out);
    graph_mermaid(graph, out);
    fclose(out);
    const char *wrong = graph->box_count == 0 || length == 0 ? "graph: nothing is drawn" : NULL;
    for (uint32_t i = 0; i < graph->edge_count; i++)
        if (graph->edges[i].from >= graph->box_count || graph->edges[i].to >= graph->box_count)
            wrong = "graph: an edge to nowhere";
    free(drawn);
    if (!wrong && differ_find(compilation_program(compilation), compilation_program(again)))
        wrong = "diff: it is another one than itself";
    return wrong;
}

const char *oracles_fail(const char *text, size_t length, uint64_t seed)
{
    size_t image_length, again_length;
    struct compilation *compilation = one_file(text, length), *again = one_file(text, length);
    const uint8_t *image = compilation_image(compilation, &image_length),
                  *other = compilation_image(again, &again_length);
    const char *wrong = NULL;
    if (image && (!other || image_length != again_length || memcmp(image, other, image_length) != 0))
        wrong = "build: not the same bytes twice";
    if (image && !wrong) wrong = viewed(compilation, again);
    if (image && !wrong) wrong = formatted(text, length, image);
    if (image && !wrong) wrong = in_slices(image, image_length, seed);
    if (image && !wrong) wrong = in_files(text, length, seed);
    if (image && !wrong) wrong = oracles_image_fail(image, image_length, seed);
    compilation_free(compilation);
    compilation_free(again);
    return wrong;
}
