/* runtime/adapter/runner.h - A plugin in a process of its own: what `gcxvm --adapter X.so` does.
 *
 * Loads the plugin, connects to the core (again and again, with back-off), at its Unix socket or by TLS on another
 * machine, runs the loop until it is asked to end. The process outlives the core: calls that stand at the switch are
 * looked after until there is one again.
 *
 * A plugin may hold conversations that end with its process (holds() of gcx_adapter.h). Signals ask for the end:
 *
 *     ADAPTER_RENEWS    gcxvm ends in order, or the process has an older program or other settings than it would be
 *                       started with now: it serves on, and ends at the first moment in which it holds nothing
 *     ADAPTER_GOES_ON   the next gcxvm has taken the process back as it is: no end any more
 *     ADAPTER_ALONE     no gcxvm wants it, as there has been none for outlive_s, or it is configured no more: it begins
 *                       nothing more, and ends when it holds nothing, unless a gcxvm takes it back before
 *     SIGTERM, SIGINT   the same, and no gcxvm changes it; the second one ends the process at once */
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
    const char *plugin;      /* path of the shared object */
    const char *socket;      /* path of the core's Unix socket for adapters; NULL: */
    const char *connect;     /* "host:port[,host:port]...": doors for remote adapters */
    struct tls_settings tls; /* TLS towards these doors: our certificate, whom we trust; `peer` NULL: the host's name */
    const char *name;        /* name of the link, as the configuration calls it */
    const char *credential;  /* or NULL */
    const char *own_files;   /* how the paths of files begin that it may keep, or NULL */
    const struct adapter_setting
        *settings; /* the plugin's settings, a NULL key at the end; keys that the plugin does not know are refused */
    void (*log)(void *self, int level, uint64_t ixn, uint64_t conn, const char *text); /* GCX_LOG_... */
    /* Tells that the process was asked to end and still holds conversations: at once, then each second. False: it need
     * not end any more, and serves on. May be NULL. */
    void (*stay)(void *self, bool stays);
    /* Tells how many conversations the process holds now, and whether it was told to end for good: at each change. May
     * be NULL. */
    void (*hold)(void *self, unsigned conversations, bool ends);
    void *self;
};

enum {
    ADAPTER_ENDED = 0,   /* it was asked to end, and ended in order */
    ADAPTER_FAILED = 1,  /* the plugin could not be loaded or opened: the log says why */
    ADAPTER_REFUSED = 3, /* the core refused it: an adapter of that name is there already, or the versions differ */
};

/* Runs the adapter until it is asked to end. Returns the exit code. The options are borrowed. */
int adapter_run(const struct adapter_options *);
