/* runtime/adapter/runner.h - Runs a plugin in a process of its own, as `gcxvm --adapter X.so` does.
 *
 * Loads the plugin, connects to the core (again and again, with growing pauses), at its Unix socket or by TLS on
 * another machine, and runs the loop until it is asked to end. The process outlives the core: it looks after the
 * calls at the switch until there is a core again.
 *
 * A plugin may have conversations that end with its process (holds() of gcx_adapter.h). Signals ask the process to
 * end:
 *
 *     ADAPTER_RENEWS    gcxvm ends in order, or the process has an older program or other settings than it would be
 *                       started with now: it serves on, and ends at the first moment in which it holds nothing
 *     ADAPTER_GOES_ON   the next gcxvm has taken the process back as it is: no end any more
 *     ADAPTER_ALONE     no gcxvm wants it, as there has been none for outlive_s, or it is configured no more: it begins
 *                       nothing more, and ends when it holds nothing, unless a gcxvm takes it back before
 *     SIGTERM, SIGINT   the same, and no gcxvm changes it; the second one ends the process at once
 */
#pragma once

#include <signal.h>
#include <stdbool.h>
#include <stdint.h>

#include "runtime/adapter/tls.h"

enum { ADAPTER_RENEWS = SIGUSR1, ADAPTER_GOES_ON = SIGHUP, ADAPTER_ALONE = SIGUSR2 };

struct adapter_setting {
    const char *key, *value;
};

struct adapter_options {
    const char *plugin;  /* path of the shared object */
    const char *socket;  /* path of the core's Unix socket for adapters; NULL: `connect` is used */
    const char *connect; /* "host:port[,host:port]...": the cores' addresses for remote adapters */
    /* TLS to the cores' addresses: our certificate, whom we trust; `peer` NULL: the host's name */
    struct tls_settings tls;
    const char *name;       /* name of the link in the configuration */
    const char *credential; /* or NULL */
    const char *own_files;  /* the beginning of the paths of files that the plugin may keep, or NULL */
    const struct adapter_setting
        *settings; /* the plugin's settings, with a NULL key at the end; an unknown key is refused */
    void (*log)(void *self, int level, uint64_t ixn, uint64_t conn, const char *text); /* GCX_LOG_... */
    /* Tells the owner that the process was asked to end and still has conversations: at once, then each second.
     * False: the process need not end any more, and serves on. May be NULL. */
    void (*stay)(void *self, bool stays);
    /* Tells the owner how many conversations the process has now, and whether it was asked to end for good: at each
     * change. May be NULL. */
    void (*hold)(void *self, unsigned conversations, bool ends);
    void *self;
};

enum {
    ADAPTER_ENDED = 0,  /* the process was asked to end, and ended in order */
    ADAPTER_FAILED = 1, /* the plugin could not be loaded or opened: the log says why */
    /* the core refused the adapter: one of that name is already connected, or the versions differ */
    ADAPTER_REFUSED = 3,
};

/* Runs the adapter until it is asked to end. Returns the exit code. The options are borrowed. */
int adapter_run(const struct adapter_options *);
