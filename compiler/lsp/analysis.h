/* compiler/lsp/analysis.h - One document, compiled with all files of its program: its diagnostics and its names.
 *
 * An analysis owns copies of the texts, and stays valid for these while the user continues to type. */
#pragma once

#include "compiler/check/names.h"
#include "compiler/check/typed.h"
#include "compiler/compilation.h"
#include "compiler/lsp/documents.h"
#include "compiler/lsp/focus.h"

struct analysis {
    struct compilation *compilation;
    struct program *program;
    struct arena *arena; /* the compilation's */
    struct checked_names names;
    const struct source *source; /* the source of the document; NULL where it could not be read */
    const struct node *file;     /* the document's tree */
    char **paths;                /* the absolute paths of all files that were read */
    size_t path_count;
    const struct documents *documents; /* the open documents, borrowed */
    enum place_units units;
};

/* Compiles the document at `path`; with a focus (focus.h) only one of its strategies. The result is never NULL; the
 * caller frees it. */
struct analysis *analysis_make(const struct documents *, const char *path, const struct focus *);
/* Compiles several files as one program; `source`, `file` and `paths` stay empty. The first `named` files are those
 * that are asked about, the others stand beside them; 0: all are asked about. */
struct analysis *analysis_make_all(const struct documents *, const char *const *paths, size_t count, size_t named);
void analysis_free(struct analysis *);
bool analysis_read(const struct analysis *, const char *path); /* has the analysis read that file? */

/* Returns the offset, among all sources, of a position in the document; 0 where the position is not in it. */
uint32_t analysis_offset(const struct analysis *, const json_t *position);

/* Returns the place of a span as {uri, range}; NULL where the span is in no file. */
json_t *analysis_location(const struct analysis *, struct source_span);
/* returns the span's range in its file; NULL where it is in no file */
json_t *analysis_range(const struct analysis *, struct source_span);

/* Returns the URI of a span's file, malloc'ed: the editor's own URI where the file is open in it. NULL as above. */
char *analysis_uri(const struct analysis *, struct source_span);
/* returns a copy in the arena; "" where the span is in no file */
const char *analysis_text(const struct analysis *, struct source_span);
