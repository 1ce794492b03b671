/* compiler/lsp/analysis.h - One document with all that it needs, compiled: what was found, and what every word means.
 *
 * An analysis owns its texts: it stays true of them while the editor types on. */
#ifndef COMPILER_LSP_ANALYSIS_H
#define COMPILER_LSP_ANALYSIS_H

#include "compiler/base/diag.h"
#include "compiler/check/names.h"
#include "compiler/check/typed.h"
#include "compiler/compiler.h"
#include "compiler/lsp/documents.h"

struct analysis {
    struct compilation *compilation;
    struct program *program;
    struct arena *arena; /* the compilation's */
    struct names names;
    const struct source *source; /* the document's; NULL where it could not be read */
    const struct node *file;     /* its tree */
    char **paths;                /* whole, of all files that were read */
    size_t path_count;
    const struct documents *documents; /* that were open, and are */
    enum place_units units;
};

struct analysis *analysis_make(const struct documents *, const char *path);
void analysis_free(struct analysis *);
bool analysis_read(const struct analysis *, const char *path); /* is that file part of it? */

/* The offset among all sources of a position in the document; 0: it is none. */
uint32_t analysis_offset(const struct analysis *, const json_t *position);

/* Where a span is: {uri, range}; NULL where it is nowhere. */
json_t *analysis_location(const struct analysis *, struct span);
json_t *analysis_range(const struct analysis *, struct span); /* in its file */
/* As the editor says it where the file is open; malloc'ed; NULL where it is nowhere. */
char *analysis_uri(const struct analysis *, struct span);
const char *analysis_text(const struct analysis *, struct span); /* a copy; "" where it is nowhere */

#endif
