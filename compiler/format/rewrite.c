/* compiler/format/rewrite.c - Writes a text in a later language. Only the bytes of the deprecated forms change: remarks
 * and line ends stay where they are. */
#include "compiler/format/rewrite.h"

#include <assert.h>
#include <string.h>

#include "base/memory.h"
#include "compiler/recovery/parse.h"
#include "compiler/syntax/language.h"

enum { DIAGS_TOLD = 20 };

struct rewriting {
    const struct source *source;
    uint32_t at; /* up to here the text is copied */
    char *out;
    size_t length, room;
};

static void rewriting_put(struct rewriting *rewriting, const char *text, size_t length)
{
    if (rewriting->length + length > rewriting->room) {
        rewriting->room = (rewriting->length + length) * 2 + 64;
        rewriting->out = memory_grown(rewriting->out, rewriting->room, 1);
    }
    memcpy(rewriting->out + rewriting->length, text, length);
    rewriting->length += length;
}

static void rewriting_copy(struct rewriting *rewriting, uint32_t until)
{
    assert(until >= rewriting->at);
    rewriting_put(rewriting, rewriting->source->text + (rewriting->at - rewriting->source->base),
                  until - rewriting->at);
    rewriting->at = until;
}

static void rewrite_form(const struct deprecated_form *form, void *context)
{
    struct rewriting *rewriting = context;
    for (size_t i = 0; i < DEPRECATED_EDITS && form->edits[i].text; i++) {
        rewriting_copy(rewriting, form->edits[i].span.begin);
        rewriting_put(rewriting, form->edits[i].text, strlen(form->edits[i].text));
        rewriting->at = form->edits[i].span.end;
    }
}

/* Returns the node of the file's language, or NULL. */
static const struct node *language_node(const struct node *file)
{
    const struct node *first = file->file.declarations.first;
    return first && first->kind == NODE_LANGUAGE ? first : NULL;
}

static void name_language(struct rewriting *rewriting, struct arena *arena, const struct node *named, int to)
{
    const char *line = arena_printf(arena, named ? "language %d;" : "language %d;\n\n", to);
    if (named) rewriting_copy(rewriting, named->span.begin);
    rewriting_put(rewriting, line, strlen(line));
    if (named) rewriting->at = named->span.end;
}

char *format_rewritten(const char *path, const char *text, size_t length, int to, size_t *length_of, FILE *errors)
{
    struct arena *arena = arena_new();
    struct program program = {.arena = arena, .tree = {.arena = arena}};
    program.sources = source_set_new(arena);
    program.diags = diags_new(arena, program.sources);
    const struct source *source = source_set_add(program.sources, path, text, length);
    const struct node *file = parse_source(&program, source);
    struct rewriting rewriting = {.source = source, .at = source->base};
    bool good = diags_errors(program.diags) == 0;
    if (!good) diags_print(program.diags, errors, DIAGS_TOLD);
    if (good && language_of(file) < to) name_language(&rewriting, arena, language_node(file), to);
    if (good && to > LANGUAGE_FIRST) language_each_deprecated(arena, source, file, rewrite_form, &rewriting);
    if (good) rewriting_copy(&rewriting, source->base + source->length);
    if (good) rewriting_put(&rewriting, "", 1);
    *length_of = good ? rewriting.length - 1 : 0;
    arena_free(arena);
    return rewriting.out;
}
