/* runtime/debugger/dap_wire.h - Messages of the Debug Adapter Protocol over standard input and output: a header with
 * Content-Length, then JSON. Source: microsoft.github.io/debug-adapter-protocol, base protocol 1.66.
 *
 * While the connection is open, all that the program writes to `stdout` and `stderr` is caught, and is sent as
 * events `output`. */
#pragma once

#include <jansson.h>
#include <stdbool.h>

enum { DAP_MESSAGE_MAX = 1024 * 1024 };

void dap_open(void);
void dap_close(void); /* writes caught text that was not sent to the original standard error */

/* Reads the next request; the caller owns the reference. NULL: the client has left, or sent something else than a
 * message, which an event `output` reports. A message that is not a request is ignored. */
json_t *dap_next(void);

/* A request that is put off comes again from dap_next(), in order; dap_next_new() reads one behind those. NULL may be
 * put off, too: the client has left. dap_may_put_off: is there room for one more? */
bool dap_may_put_off(void);
void dap_put_off(json_t *request);
json_t *dap_next_new(void);

const json_t *dap_arguments(const json_t *request);
const char *dap_text(const json_t *request, const char *key);  /* a text of the request; NULL: none */
json_int_t dap_number(const json_t *request, const char *key); /* 0: none */

/* Is there something to read, or has the client gone? */
bool dap_waits(void);

/* These functions send an event, or the answer to a request, and take over the reference to `body`, which may be
 * NULL. */
void dap_event(const char *event, json_t *body);
void dap_reply(const json_t *request, json_t *body);
bool dap_refuse(const json_t *request, const char *why); /* false */

/* Returns the text caught since the last call; the caller frees it. The text is "" if nothing was printed. */
char *dap_said(void);
void dap_tell_said(void); /* sends the text caught so far as an event `output` */
