/* compiler/lsp/server.h - gcxc lsp: serves one editor until it says goodbye.
 *
 * server.c reads messages and hands them to these functions. Each puts a new value in its answer, NULL for null, or the
 * reason of its failure in `wrong`. */
#pragma once

#include "compiler/base/frame.h"
#include "compiler/lsp/analysis.h"
#include "compiler/lsp/documents.h"

struct lsp_answer {
    json_t *result;
    int code; /* the error's code; 0: no error */
    const char *wrong;
    char text[256]; /* room for the text of `wrong` */
    bool later;     /* the answer follows when the work is done */
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
    bool watches;           /* the editor can be asked to say which files change on disk */
    struct lens_play *play; /* the test that is played, or NULL */
};

/* Serves until `exit`; returns the status that the protocol asks for: 0 where `shutdown` came before. */
int lsp_serve(int in, int out);

/* publish.c */
/* Checks what has changed, and publishes what was found. Unless it is to be the whole of it, a change within one
 * strategy of a large site is checked by itself (focus.h). */
void server_check_documents(struct server *, bool whole);
json_t *publish_diagnostic_json(const struct analysis *, const struct diag *);

/* The requests. The document's analysis is one of its present text. */
#define ASK(name) void lsp_##name(struct server *, const struct document *, const json_t *params, struct lsp_answer *)
ASK(actions); /* actions.c */
ASK(hover);   /* hover.c */
ASK(symbols); /* symbols.c */
ASK(lenses);
ASK(formatting); /* actions.c */
ASK(definition); /* navigate.c */
ASK(references);
ASK(prepare_rename);
ASK(rename);
ASK(completion); /* complete.c */
ASK(signature);  /* signature.c */
#undef ASK

/* server.c, for the other files */
void answer_wrong(struct lsp_answer *, int code, const char *format, ...) __attribute__((format(printf, 3, 4)));
void server_put_message(struct server *, json_t *); /* sends a message, and takes the reference to it */
void server_notify(struct server *, const char *method, json_t *params);
void server_reply(struct server *, json_t *id, struct lsp_answer *);
