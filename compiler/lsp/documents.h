/* compiler/lsp/documents.h - The texts of the documents that an editor has open. The compiler reads these instead of
 * the files' own texts. */
#pragma once

#include "compiler/lsp/place.h"

enum { DOCUMENTS_MAX = 1024, CHANGES_MAX = 10000 };

/* How much of a document's current text, and of the files that it reads, has been compiled. */
enum document_known {
    KNOWN_NOT,   /* the text was not compiled, or an import has changed since */
    KNOWN_FOCUS, /* only the strategy in which the user types was compiled */
    KNOWN_WHOLE
};

struct document {
    char *uri;  /* the URI as the editor wrote it */
    char *path; /* the path of the file; without links and dots where the file exists */
    bool apart; /* the document was never saved, so it has no site and no imports */
    char *text;
    size_t length;
    json_int_t version;
    bool changed;              /* the text differs from the one that was checked last */
    bool lonely;               /* the document alone does not use all that it declares; the rest of its site may */
    enum document_known known; /* how much of the text has been compiled */
    struct analysis *analysis; /* the analysis of this text or of an earlier one; or NULL */
    struct focus *focus;       /* made from the last text that parsed; or NULL */
    json_t *found;             /* the document's diagnostics, as a JSON object from each URI to a list */
    json_t *tokens;            /* the last answer of tokens.c; or NULL */
    unsigned tokens_number;    /* the number of that answer */
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

/* Carry out didOpen, didChange and didClose with their parameters. False where the parameters make no sense; then
 * nothing has changed, with one exception: a change that fails halfway closes the document, as its text is no longer
 * known. */
bool documents_open(struct documents *, const json_t *params);
bool documents_change(struct documents *, const json_t *params);
bool documents_close(struct documents *, const json_t *params);

/* Opens a document with a text of the caller's, which is copied. */
bool documents_put(struct documents *, const char *uri, const char *text, size_t length);

/* Returns the open document of that absolute path; NULL where there is none. */
struct document *document_of(const struct documents *, const char *whole_path);
/* Returns the open document of that absolute path; NULL where there is none. */
struct document *document_of(const struct documents *, const char *whole_path);
/* Returns the open document with that URI, or of the same file; NULL where there is none. */
struct document *document_named(const struct documents *, const char *uri);

/* Returns the URI of a path, malloc'ed: the editor's own URI where the file is open in it. */
char *document_uri(const struct documents *, const char *whole_path);
/* Returns the absolute path of a URI, malloc'ed; NULL where the URI names no file. */
char *document_path(const struct documents *, const char *uri);

/* Returns the path without links and dots, malloc'ed. */
char *document_whole_path(const char *path);
