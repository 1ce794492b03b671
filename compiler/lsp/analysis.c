/* compiler/lsp/analysis.c - Compiles a document while it is typed, and finds places in the result.
 *
 * Everything in an analysis (tree, names, types, texts) is in the arena of its compilation and is freed with it. So
 * nothing of an analysis may be kept when the document is compiled again. Places are offsets over all sources one
 * after another: a source begins at its `base`, and 0 is no place. */
#include "compiler/lsp/analysis.h"

#include <stdlib.h>
#include <string.h>

#include "compiler/lint/lint.h"
#include "compiler/lsp/shelf.h"
#include "base/memory.h"

static void add_file(struct analysis *analysis, const struct node *file, const char *path)
{
    const struct source *source = source_set_at(analysis->program->sources, file->span.begin);
    if (!source || source->built_in) return;
    char *whole = document_whole_path(source->path);
    if (strcmp(whole, path) == 0) {
        analysis->source = source;
        analysis->file = file;
    }
    analysis->paths = memory_grown(analysis->paths, analysis->path_count + 1, sizeof *analysis->paths);
    analysis->paths[analysis->path_count++] = whole;
}

/* `understand`: an unfinished text gets names and types as far as possible, because hover and completion are used
 * while typing. */
static struct analysis *analysis_of(const struct documents *documents, const char *const *paths, size_t count,
                                    size_t named, const struct source_overlay *overlay)
{
    struct analysis *analysis = memory_zeroed(1, sizeof *analysis);
    static const struct lint_options preset = {0}; /* the judge keeps it */
    struct compile_options how = {
        .check_only = true, .named = named, .lint = &preset, .overlay = overlay, .understand = true};
    analysis->compilation = compiler_compile(paths, count, &how);
    analysis->program = compilation_program(analysis->compilation);
    analysis->arena = compilation_arena(analysis->compilation);
    analysis->documents = documents;
    analysis->units = documents->units;
    analysis->names = names_index(analysis->program);
    return analysis;
}

struct analysis *analysis_make(const struct documents *documents, const char *path, const struct focus *focus)
{
    struct analysis *analysis = analysis_of(documents, &path, 1, 0, focus ? focus_overlay(focus) : &documents->overlay);
    EACH_NODE (file, analysis->program->files) add_file(analysis, file, path);
    return analysis;
}

struct analysis *analysis_make_all(const struct documents *documents, const char *const *paths, size_t count,
                                   size_t named)
{
    return analysis_of(documents, paths, count, named, &documents->overlay);
}

void analysis_free(struct analysis *analysis)
{
    if (!analysis) return;
    compilation_free(analysis->compilation);
    for (size_t i = 0; i < analysis->path_count; i++) free(analysis->paths[i]);
    free(analysis->paths);
    free(analysis);
}

bool analysis_read(const struct analysis *analysis, const char *path)
{
    for (size_t i = 0; i < analysis->path_count; i++)
        if (strcmp(analysis->paths[i], path) == 0) return true;
    return false;
}

uint32_t analysis_offset(const struct analysis *analysis, const json_t *position)
{
    const struct source *source = analysis->source;
    size_t at;
    if (!source || !place_offset(source->text, source->length, analysis->units, position, &at)) return 0;
    return source->base + (uint32_t)at;
}

static const struct source *analysis_source(const struct analysis *analysis, struct source_span span)
{
    return span.begin ? source_set_at(analysis->program->sources, span.begin) : NULL;
}

/* A module of the standard library has no file; the editor is shown a copy that is written for this purpose
 * (shelf.c). */
char *analysis_uri(const struct analysis *analysis, struct source_span span)
{
    const struct source *source = analysis_source(analysis, span);
    if (!source) return NULL;
    char *whole = source->built_in ? shelf_path(source) : document_whole_path(source->path);
    char *uri = whole ? document_uri(analysis->documents, whole) : NULL;
    free(whole);
    return uri;
}

json_t *analysis_range(const struct analysis *analysis, struct source_span span)
{
    const struct source *source = analysis_source(analysis, span);
    return source ? place_range(source, analysis->units, span) : NULL;
}

json_t *analysis_location(const struct analysis *analysis, struct source_span span)
{
    char *uri = analysis_uri(analysis, span);
    json_t *location = uri ? json_pack("{ss so}", "uri", uri, "range", analysis_range(analysis, span)) : NULL;
    free(uri);
    return location;
}

const char *analysis_text(const struct analysis *analysis, struct source_span span)
{
    const struct source *source = analysis_source(analysis, span);
    if (!source || span.end < span.begin || span.end - source->base > source->length) return "";
    return arena_copy(analysis->arena, source->text + (span.begin - source->base), span.end - span.begin);
}
