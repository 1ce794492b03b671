/* compiler/lsp/server.h - gcxc lsp: serves one editor until it sends `exit`.
 *
 * server.c reads messages and passes them to these functions. Each sets a new value as its answer, NULL for null, or
 * the reason of its failure in `wrong`. */
#pragma once

#include "compiler/base/frame.h"
#include "compiler/lsp/analysis.h"
#include "compiler/lsp/around.h"
#include "compiler/lsp/documents.h"
#include "compiler/lsp/trial.h"

struct lsp_answer {
    json_t *result;
    int code; /* the code of the error; 0: no error */
    const char *wrong;
    char text[256]; /* room for the text of `wrong` */
    json_t *id;     /* the id of the request */
    bool later;     /* the answer is sent later, when the work is done */
};

/* clang-format off */
enum { WRONG_JSON = -32700, WRONG_REQUEST = -32600, WRONG_METHOD = -32601, WRONG_PARAMS = -32602,
       WRONG_NOT_BEGUN = -32002, WRONG_CANCELLED = -32800, WRONG_FAILED = -32803 };
/* clang-format on */

struct server {
    struct frames frames;
    struct documents documents;
    json_t *published; /* the published diagnostics, as a JSON object from each file's URI to a list */
    bool begun, ending, gone;
    char *folder;           /* the folder that the editor has open, or NULL */
    bool watches;           /* the editor can report which files change on disk */
    bool pulls;             /* the editor asks for diagnostics, so that none are published */
    struct lens_play *play; /* the test that is being played, or NULL */
    trial_play *trial;      /* the function that plays tests with edited texts; NULL: there is none */
};

/* Serves until `exit`; returns the exit status of the protocol: 0 where `shutdown` was received before.
 * Without a function that plays tests (NULL) a rename is not tried on them. */
int lsp_serve(int in, int out, trial_play *);

/* publish.c */
/* Checks the changed documents, and publishes their diagnostics. Without `whole`, a change within one strategy of a
 * large site is checked in focus only (focus.h). */
void server_check_documents(struct server *, bool whole);
json_t *publish_diagnostic_json(const struct analysis *, const struct diag *);
/* Returns the diagnostics of a program that was compiled as a whole: from each URI to a list; those without a place
 * are left out. */
json_t *publish_found(const struct analysis *);

/* The requests (requests.def). A request about a document is answered after that document's current text has been
 * analysed. */
#define SERVER_REQUEST(method, name, ...) void lsp_##name(struct server *, const json_t *params, struct lsp_answer *);
#define DOCUMENT_REQUEST(method, name, ...)                                                                            \
    void lsp_##name(struct server *, const struct document *, const json_t *params, struct lsp_answer *);
#include "compiler/lsp/requests.def"

json_t *tokens_legend(void); /* tokens.c: the words for which the numbers of tokens stand */

/* functions of server.c for the other files */
void answer_wrong(struct lsp_answer *, int code, const char *format, ...) __attribute__((format(printf, 3, 4)));
/* Compiles each site of the open documents as a whole, or where none is open, those below the editor's folder. */
void server_each_program(struct server *, around_program *, void *self);
void server_put_message(struct server *, json_t *); /* sends a message, and releases the caller's reference */
void server_notify(struct server *, const char *method, json_t *params);
void server_reply(struct server *, json_t *id, struct lsp_answer *);
