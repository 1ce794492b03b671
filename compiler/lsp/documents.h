/* compiler/lsp/documents.h - The texts that an editor has open, which stand for what the files hold. */
#ifndef COMPILER_LSP_DOCUMENTS_H
#define COMPILER_LSP_DOCUMENTS_H

#include "compiler/lsp/place.h"

enum { DOCUMENTS_MAX = 1024, CHANGES_MAX = 10000 };

struct document {
    char *uri;  /* as the editor says it */
    char *path; /* without links and dots where the file is there */
    bool apart; /* it is among no files: it was never stored anywhere, and its path is none that leads to others */
    char *text;
    size_t length;
    json_int_t version;
    bool changed;              /* since it was checked last */
    struct analysis *analysis; /* of this text, or of an earlier one; perhaps NULL */
    json_t *found;             /* its diagnostics: uri to list */
    struct document *next;
};

struct documents {
    struct document *first;
    size_t count;
    enum place_units units;
    struct source_overlay overlay; /* for compile() */
};

void documents_begin(struct documents *);
void documents_free(struct documents *);

/* The parameters of didOpen, didChange, didClose. False where they cannot be followed: nothing is changed then, but by
 * a change that failed halfway, after which the text is no longer known and the document is closed. */
bool documents_open(struct documents *, const json_t *params);
bool documents_change(struct documents *, const json_t *params);
bool documents_close(struct documents *, const json_t *params);

/* As opening does it, with a text of one's own. */
bool documents_put(struct documents *, const char *uri, const char *text, size_t length);

struct document *document_named(const struct documents *, const char *uri);
struct document *document_of(const struct documents *, const char *path); /* of that very file */

/* As the editor says it where it is open; malloc'ed. */
char *document_uri(const struct documents *, const char *whole_path);
/* The whole path that a URI stands for, NULL where it is no file; malloc'ed. */
char *document_path(const struct documents *, const char *uri);

/* The shortest way to say where a file is: malloc'ed. */
char *whole_path(const char *path);

#endif
