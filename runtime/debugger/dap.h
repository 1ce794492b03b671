/* runtime/debugger/dap.h - The Debug Adapter Protocol: an editor controls the debugger over standard input and
 * output.
 *
 * The requests are those of requests.def; each is carried out by commands that gcxdb also has at its prompt. Source
 * of the protocol: microsoft.github.io/debug-adapter-protocol. */
#pragma once

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "runtime/debugger/debugger.h"
#include "runtime/debugger/live.h"

/* The arguments of a launch or an attach, as gcxdb(1) has them; NULL: not given. The texts are borrowed while the
 * session lasts. */
struct dap_launch {
    const char *program, *test, *site, *native;           /* a program and its test, to be played */
    const char *journal, *from;                           /* or a journal, */
    const char *socket, *interaction, *at, *when, *bound; /* or the admin socket of a running gcxvm, to attach to */
    uint64_t one_in;
    uint64_t seed;
};

debugger_front dap_front;
/* Serves requests that come while the interaction of a running gcxvm continues. */
live_listen dap_listen;

/* dap_variables.c: requests about variables; each replies and returns false. */
bool dap_scopes(struct debugger *, const json_t *request);
bool dap_variables(struct debugger *, const json_t *request);
bool dap_set_variable(struct debugger *, const json_t *request);
bool dap_set_expression(struct debugger *, const json_t *request);
bool dap_evaluate_value(struct debugger *, const json_t *request, const char *expression);
void dap_use_frame(struct debugger *, json_int_t id); /* selects the frame with that id of the editor, from 1 on */
void dap_variables_forget(void);                      /* the play goes on: references lead nowhere any more */

/* Serves one editor session: `play` is called once with the arguments of the launch, and plays with the front end
 * dap_front. False: the editor left before, or nothing could be played. */
bool dap_serve(bool (*play)(const struct dap_launch *));
