/* runtime/debugger/dap_wire.h - Messages of the Debug Adapter Protocol over standard input and output: a header with
 * Content-Length, then JSON. Source: microsoft.github.io/debug-adapter-protocol, base protocol 1.66.
 *
 * While the wire is open, all that the program writes to `stdout` and `stderr` is kept, and becomes events `output`. */
#pragma once

#include <jansson.h>
#include <stdbool.h>

enum { DAP_MESSAGE_MAX = 1024 * 1024 };

void dap_open(void);
void dap_close(void); /* writes kept text that was not sent to the original standard error */

/* Reads the next request, whose reference is the caller's. NULL: the client has gone, or sends nonsense, which an event
 * `output` says. A message that is no request is passed over. */
json_t *dap_next(void);

/* Is there something to read, or has the client gone? */
bool dap_waits(void);

/* These take the reference to `body`, which may be NULL. */
void dap_event(const char *event, json_t *body);
void dap_reply(const json_t *request, json_t *body);
bool dap_refuse(const json_t *request, const char *why); /* false */

/* The text that was kept since the last call; the caller's. "" where there was none. */
char *dap_said(void);
void dap_tell_said(void); /* sends it as an event `output` */
