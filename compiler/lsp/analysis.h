/* compiler/lsp/analysis.h - One document, compiled with the files that it needs: its diagnostics and its names.
 *
 * An analysis owns copies of the texts: it stays valid for them while the editor types on. */
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
    const struct source *source; /* the document's; NULL where it could not be read */
    const struct node *file;     /* the document's tree */
    char **paths;                /* the whole paths of all files that were read */
    size_t path_count;
    const struct documents *documents; /* the open documents, borrowed */
    enum place_units units;
};

/* Compiles the document at `path`; with a focus (focus.h), one strategy of it. Never NULL; the caller frees it. */
struct analysis *analysis_make(const struct documents *, const char *path, const struct focus *);
void analysis_free(struct analysis *);
bool analysis_read(const struct analysis *, const char *path); /* did the analysis read that file? */

/* The offset, among all sources, of a position in the document; 0 where it is no position. */
uint32_t analysis_offset(const struct analysis *, const json_t *position);

/* The place of a span as {uri, range}; NULL where the span lies in no file. */
json_t *analysis_location(const struct analysis *, struct source_span);
json_t *analysis_range(const struct analysis *, struct source_span); /* the range in its file; NULL as above */

/* The URI of a span's file, malloc'ed: the editor's own where it has the file open. NULL as above. */
char *analysis_uri(const struct analysis *, struct source_span);
const char *analysis_text(const struct analysis *, struct source_span); /* a copy, from the arena; "" in no file */
