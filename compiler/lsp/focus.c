/* compiler/lsp/focus.c - Finds the strategy that differs, and leaves out the statements of the others.
 *
 *     base:    | strategy a { ... } | strategy b { ... } | strategy c { ... } |     parsed as a whole, some time ago
 *     typed:   | strategy a { ... } | strategy b { .x. } | strategy c { ... } |
 *     kept:    | a { stop ""; }     | strategy b { .x. } | c { stop ""; }     |     what is compiled at this key
 *
 * The other strategies keep their lines, so places in the kept text have the lines that the author sees. An edit that
 * reaches out of one strategy's statements, or touches several, makes focus_set() answer false: then all is
 * compiled. */
#include "compiler/lsp/focus.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "compiler/lsp/analysis.h"
#include "base/memory.h"

enum { FOCUS_BYTES = 256 * 1024 }; /* a smaller site is compiled as a whole at each key */

struct focus_part {
    uint32_t begin, statements, end; /* of a strategy; its last byte is its brace */
    uint32_t kept_begin, kept_end;   /* where it lies in what is kept of the text */
};

struct focus_file {
    char *path; /* the whole path */
    char *text; /* what is kept of it */
    size_t length;
};

struct focus {
    const struct documents *documents;
    struct source_overlay overlay;
    struct focus_file *files;
    size_t file_count, document; /* the document's place among the files */
    char *text;                  /* the document's in the base, whole */
    size_t length;
    struct focus_part *parts; /* its strategies, in their order */
    size_t part_count;
    char *now; /* what is kept of the new text, with the strategy; or NULL */
    size_t now_length;
    struct source_span span;
};

/* The compiler reads files through this. A file of the base is given as it is kept, the document with what is
 * typed, and every other file as the editor has it. */
static const char *focus_read(void *self, const char *path, size_t *length)
{
    const struct focus *focus = self;
    char *whole = document_whole_path(path);
    const struct focus_file *file = NULL;
    for (size_t i = 0; i < focus->file_count && !file; i++)
        if (strcmp(focus->files[i].path, whole) == 0) file = &focus->files[i];
    free(whole);
    if (!file) return focus->documents->overlay.read(focus->documents->overlay.self, path, length);
    bool typed = file == &focus->files[focus->document];
    *length = typed ? focus->now_length : file->length;
    return typed ? focus->now : file->text;
}

/* The statements of a strategy, from the margin; those of its handlers, too. */
static struct focus_part strategy_part(const struct source *source, const struct node *node)
{
    assert(node->kind == NODE_STRATEGY && node->span.begin >= source->base);
    const struct node *first = node->strategy.body->block.statements.first;
    if (!first) first = node->strategy.handlers.first;
    struct focus_part part = {.begin = node->span.begin - source->base, .end = node->span.end - source->base};
    part.statements = first ? first->span.begin - source->base : part.end - 1;
    while (source->text[part.statements - 1] == ' ') part.statements--; /* a remark may end the line above */
    return part;
}

/* Copies the text up to the strategy's end, with its lines instead of its statements. One that did nothing would be
 * told that it routes nobody. */
static void file_add_part(struct focus_file *copy, const char *text, uint32_t from, const struct focus_part *part)
{
    static const char instead[] = "stop \"\";";
    char *to = copy->text + copy->length;
    memcpy(to, text + from, part->statements - from);
    to += part->statements - from;
    if (part->end - 1 - part->statements >= sizeof instead - 1) {
        memcpy(to, instead, sizeof instead - 1);
        to += sizeof instead - 1;
    }
    for (const char *at = text + part->statements; at + 1 < text + part->end; at++)
        if (*at == '\n') *to++ = '\n';
    *to++ = text[part->end - 1];
    copy->length = (size_t)(to - copy->text);
}

/* The document's strategies are remembered with both places: in the base's text and in what is kept of it. */
static void focus_add_file(struct focus *focus, const struct analysis *analysis, const struct node *file)
{
    const struct source *source = source_set_at(analysis->program->sources, file->span.begin);
    if (!source || source->built_in) return;
    focus->files = memory_grown(focus->files, focus->file_count + 1, sizeof *focus->files);
    struct focus_file *copy = &focus->files[focus->file_count];
    *copy = (struct focus_file){.path = document_whole_path(source->path),
                                .text = memory_grown(NULL, source->length + 1, 1)};
    if (source == analysis->source) focus->document = focus->file_count;
    focus->file_count++;
    uint32_t from = 0;
    EACH_NODE (declaration, file->file.declarations) {
        if (declaration->kind != NODE_STRATEGY) continue;
        struct focus_part part = strategy_part(source, declaration);
        part.kept_begin = (uint32_t)copy->length + part.begin - from;
        file_add_part(copy, source->text, from, &part);
        part.kept_end = (uint32_t)copy->length;
        from = part.end;
        if (source != analysis->source) continue;
        focus->parts = memory_grown(focus->parts, focus->part_count + 1, sizeof *focus->parts);
        focus->parts[focus->part_count++] = part;
    }
    memcpy(copy->text + copy->length, source->text + from, source->length + 1 - from);
    copy->length += source->length - from;
}

/* NULL for a small site, and for a text that does not parse: its strategies have no certain ends. */
struct focus *focus_new(const struct analysis *analysis, const struct documents *documents)
{
    size_t bytes = 0;
    EACH_NODE (file, analysis->program->files) {
        const struct source *source = source_set_at(analysis->program->sources, file->span.begin);
        if (source && !source->built_in) bytes += source->length;
    }
    if (bytes < FOCUS_BYTES || !analysis->source || !compilation_parsed(analysis->compilation)) return NULL;
    struct focus *focus = memory_zeroed(1, sizeof *focus);
    focus->documents = documents;
    focus->overlay = (struct source_overlay){focus, focus_read};
    focus->length = analysis->source->length;
    focus->text = memory_grown(NULL, focus->length + 1, 1);
    memcpy(focus->text, analysis->source->text, focus->length + 1);
    EACH_NODE (file, analysis->program->files) focus_add_file(focus, analysis, file);
    return focus;
}

void focus_free(struct focus *focus)
{
    if (!focus) return;
    for (size_t i = 0; i < focus->file_count; i++) {
        free(focus->files[i].path);
        free(focus->files[i].text);
    }
    free(focus->files);
    free(focus->text);
    free(focus->parts);
    free(focus->now);
    free(focus);
}

/* The text that differs lies between what both begin with and what both end with. A begin that is shared is not
 * counted again for the end, so that "aa" against "aaa" does not overlap. */
bool focus_set(struct focus *focus, const char *text, size_t length)
{
    size_t least = length < focus->length ? length : focus->length, before = 0, behind = 0;
    while (before < least && text[before] == focus->text[before]) before++;
    while (behind < least - before && text[length - 1 - behind] == focus->text[focus->length - 1 - behind]) behind++;
    size_t end = focus->length - behind, i = 0; /* [before, end) of the base has become something else */
    while (i < focus->part_count && focus->parts[i].end <= before) i++;
    if (i == focus->part_count) return false;
    const struct focus_part *part = &focus->parts[i];
    if (before < part->statements || end >= part->end) return false;
    const struct focus_file *kept = &focus->files[focus->document];
    size_t whole = part->end - part->begin + length - focus->length, rest = kept->length - part->kept_end;
    focus->now = memory_grown(focus->now, part->kept_begin + whole + rest + 1, 1);
    memcpy(focus->now, kept->text, part->kept_begin);
    memcpy(focus->now + part->kept_begin, text + part->begin, whole);
    memcpy(focus->now + part->kept_begin + whole, kept->text + part->kept_end, rest + 1);
    focus->now_length = part->kept_begin + whole + rest;
    focus->span = (struct source_span){part->kept_begin, part->kept_begin + (uint32_t)whole};
    return true;
}

const struct source_overlay *focus_overlay(const struct focus *focus)
{
    return &focus->overlay;
}

struct source_span focus_span(const struct focus *focus)
{
    return focus->span;
}
