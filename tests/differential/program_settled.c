/* tests/differential/program_settled.c - What is made of constants and has no value is refused when compiling; here it
 * is to fault as it runs. So of each such `a + b` the left side becomes min(a, a), which nobody works out before. */
#include "config.h"
#include "tests/differential/program.h"

#include <stdlib.h>
#include <string.h>

#include "compiler/compilation.h"
#include "compiler/syntax/program.h"
#include "tests/differential/oracles.h"

static int compare(const void *a, const void *b)
{
    uint32_t x = (*(const struct node *const *)a)->span.begin, y = (*(const struct node *const *)b)->span.begin;
    return x < y ? -1 : x > y;
}

struct faults {
    struct compilation *compilation;
    const struct node *nodes[64];
    size_t count;
};

static bool is_told(struct diags *diags, const struct node *node)
{
    for (const struct diag *diag = diags_first(diags); diag; diag = diag->next)
        if (diag->code == DIAG_CONST_FAULT && diag->span.begin == node->span.begin && diag->span.end == node->span.end)
            return true;
    return false;
}

static void collect(struct node *node, void *context)
{
    struct faults *faults = context;
    struct diags *diags = compilation_program(faults->compilation)->diags;
    bool here = node->kind == NODE_BINARY && faults->count < 64 && is_told(diags, node);
    if (here) faults->nodes[faults->count++] = node;
    if (!here) node_children(node, collect, context);
}

/* The left side as it is written, with its parentheses. */
static size_t left_length(const char *text, const struct node *node)
{
    size_t end = node->binary.left->span.end - node->span.begin;
    while (text[end] == ')') end++;
    return end;
}

static char *mended(const char *text, size_t *length, const struct faults *faults, uint32_t base)
{
    char *better = NULL;
    size_t done = 0, better_length;
    FILE *out = open_memstream(&better, &better_length);
    for (size_t i = 0; i < faults->count; i++) {
        size_t begin = faults->nodes[i]->span.begin - base;
        int left = (int)left_length(text + begin, faults->nodes[i]);
        fwrite(text + done, 1, begin - done, out);
        fprintf(out, "min(%.*s, %.*s)", left, text + begin, left, text + begin);
        done = begin + (size_t)left;
    }
    fwrite(text + done, 1, *length - done, out);
    fclose(out);
    *length = better_length;
    return better;
}

char *program_settled(char *text, size_t *length)
{
    for (;;) {
        const char *path = fuzz_file(text, *length);
        struct faults faults = {.compilation = oracles_compiled(&path, 1, path, NULL)};
        struct program *program = compilation_program(faults.compilation);
        if (compilation_errors(faults.compilation))
            EACH_NODE (file, program->files) collect(file, &faults);
        qsort(faults.nodes, faults.count, sizeof *faults.nodes, compare);
        char *better = NULL;
        if (faults.count) { /* the program's own file: what is imported stands before it */
            const struct source *source = source_set_at(program->sources, faults.nodes[0]->span.begin);
            better = mended(text, length, &faults, source->base);
        }
        compilation_free(faults.compilation);
        if (!better) return text;
        free(text);
        text = better;
    }
}
