/* compiler/lsp/focus.c - Finds the strategy that was edited, and leaves out the statements of all others.
 *
 *     base:    | strategy a { ... } | strategy b { ... } | strategy c { ... } |     parsed as a whole, some time ago
 *     typed:   | strategy a { ... } | strategy b { .x. } | strategy c { ... } |
 *     kept:    | a { stop ""; }     | strategy b { .x. } | c { stop ""; }     |     what is compiled at this key
 *
 * The other strategies keep their number of lines, so places in the shortened text have the lines that the author
 * sees. If an edit reaches outside of one strategy's statements, or touches several strategies, focus_set() returns
 * false: then everything is compiled. */
#include "compiler/lsp/focus.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "compiler/lsp/analysis.h"
#include "base/memory.h"

enum { FOCUS_BYTES = 256 * 1024 }; /* a smaller site is compiled completely at each key press */

struct focus_part {
    uint32_t begin, statements, end; /* offsets of a strategy in the whole text; its last byte is its brace */
    uint32_t kept_begin, kept_end;   /* its offsets in the shortened text */
};

struct focus_file {
    char *path; /* the whole path */
    char *text; /* the shortened text of the file */
    size_t length;
};

struct focus {
    const struct documents *documents;
    struct source_overlay overlay;
    struct focus_file *files;
    size_t file_count, document; /* the index of the document in `files` */
    char *text;                  /* the whole text of the document when the base was made */
    size_t length;
    struct focus_part *parts; /* the strategies of the document, in their order */
    size_t part_count;
    char *now; /* the new shortened text, with the edited strategy; or NULL */
    size_t now_length;
    struct source_span span;
};

/* Returns the text of a file, for the compiler. A file of the base is given as its shortened text, the document as
 * its new one, and every other file as the editor has it. */
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

/* Finds the statements of a strategy, from the beginning of a line, with those of its handlers. */
static struct focus_part strategy_part(const struct source *source, const struct node *node)
{
    assert(node->kind == NODE_STRATEGY && node->span.begin >= source->base);
    const struct node *first = node->strategy.body->block.statements.first;
    if (!first) first = node->strategy.handlers.first;
    struct focus_part part = {.begin = node->span.begin - source->base, .end = node->span.end - source->base};
    part.statements = first ? first->span.begin - source->base : part.end - 1;
    /* not past the line's beginning, since the line above may end with a remark */
    while (source->text[part.statements - 1] == ' ') part.statements--;
    return part;
}

/* Copies the text up to the strategy's end, with empty lines instead of its statements. A `stop` is put in, since an
 * empty strategy would be reported as not routing. */
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

/* The document's strategies are stored with both places: in the whole text and in the shortened one. */
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

/* Returns NULL for a small site, and for a text that does not parse: the ends of its strategies are not certain. */
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

/* Compares the new text with the base: the changed part is between their common beginning and their common end.
 * Bytes of the common beginning are not counted again for the end, so that "aa" against "aaa" does not overlap. */
bool focus_set(struct focus *focus, const char *text, size_t length)
{
    size_t least = length < focus->length ? length : focus->length, before = 0, behind = 0;
    while (before < least && text[before] == focus->text[before]) before++;
    while (behind < least - before && text[length - 1 - behind] == focus->text[focus->length - 1 - behind]) behind++;
    size_t end = focus->length - behind, i = 0; /* the bytes [before, end) of the base were changed */
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
