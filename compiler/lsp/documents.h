/* compiler/lsp/documents.h - The texts that an editor has open. They take the place of the files' own texts. */
#pragma once

#include "compiler/lsp/place.h"

enum { DOCUMENTS_MAX = 1024, CHANGES_MAX = 10000 };

/* How far the present text of a document, and those of the files that it reads, have been compiled. */
enum document_known {
    KNOWN_NOT,   /* the text was not compiled, or an import has changed since */
    KNOWN_FOCUS, /* the strategy was compiled in which the user types */
    KNOWN_WHOLE
};

struct document {
    char *uri;  /* as the editor wrote it */
    char *path; /* the path of the file; without links and dots where the file exists */
    bool apart; /* it was never stored, so its path finds no other files */
    char *text;
    size_t length;
    json_int_t version;
    bool changed;              /* its text differs from the one that was checked last */
    enum document_known known; /* how far its text has been compiled */
    struct analysis *analysis; /* the analysis of this text or of an earlier one; perhaps NULL */
    struct focus *focus;       /* its base is the last text that parsed; perhaps NULL */
    json_t *found;             /* its diagnostics, as a JSON object from each URI to a list */
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

/* Follow the parameters of didOpen, didChange and didClose. False where they make no sense; then nothing has changed,
 * with one exception: a change that fails halfway closes the document, as its text is no longer known. */
bool documents_open(struct documents *, const json_t *params);
bool documents_change(struct documents *, const json_t *params);
bool documents_close(struct documents *, const json_t *params);

/* Opens a document with a text of the caller's, which is copied. */
bool documents_put(struct documents *, const char *uri, const char *text, size_t length);

/* The open document of that whole path; NULL where there is none. */
struct document *document_of(const struct documents *, const char *whole_path);
/* The open document of that whole path; NULL where there is none. */
struct document *document_of(const struct documents *, const char *whole_path);
/* The open document with that URI, or of that very file; NULL where there is none. */
struct document *document_named(const struct documents *, const char *uri);

/* The URI of a path, malloc'ed: the editor's own where it has the file open. */
char *document_uri(const struct documents *, const char *whole_path);
/* The whole path of a URI, malloc'ed; NULL where it is no file. */
char *document_path(const struct documents *, const char *uri);

/* The path without links and dots, malloc'ed. */
char *document_whole_path(const char *path);
