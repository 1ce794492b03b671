/* runtime/debugger/dap.h - The Debug Adapter Protocol: an editor is the front, over standard input and output.
 *
 * The requests are those of requests.def; each is done by the commands that gcxdb has at its prompt. Source of the
 * protocol: microsoft.github.io/debug-adapter-protocol. */
#ifndef DEBUGGER_DAP_H
#define DEBUGGER_DAP_H

#include <stdbool.h>
#include <stdint.h>

#include "runtime/debugger/debugger.h"

/* The arguments of a launch, as gcxdb(1) has them; NULL: not given. Borrowed while the session lasts. */
struct dap_launch {
    const char *program, *test, *site, *native; /* a program and its test, */
    const char *journal, *from;                 /* or a journal */
    uint64_t seed;
};

debugger_front dap_front;

/* Serves one editor: `play` is called once with the arguments of its launch, and plays with dap_front. False: the
 * editor went away before, or there was nothing to play. */
bool dap_serve(bool (*play)(const struct dap_launch *));

#endif
