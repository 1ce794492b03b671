/* runtime/debugger/dap.h - The Debug Adapter Protocol: an editor is the front, over standard input and output.
 *
 * The requests are those of requests.def; each is done by the commands that gcxdb has at its prompt. Source of the
 * protocol: microsoft.github.io/debug-adapter-protocol. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "runtime/debugger/debugger.h"
#include "runtime/debugger/live.h"

/* The arguments of a launch or an attach, as gcxdb(1) has them; NULL: not given. Borrowed while the session lasts. */
struct dap_launch {
    const char *program, *test, *site, *native;           /* a program and its test, */
    const char *journal, *from;                           /* or a journal, */
    const char *socket, *interaction, *at, *when, *bound; /* or the admin socket of a running gcxvm */
    uint64_t one_in;
    uint64_t seed;
};

debugger_front dap_front;
/* Requests that come while the interaction of a running gcxvm goes on. */
live_listen dap_listen;

/* Serves one editor: `play` is called once with the arguments of its launch, and plays with dap_front. False: the
 * editor went away before, or there was nothing to play. */
bool dap_serve(bool (*play)(const struct dap_launch *));
