/* runtime/adapters/webhook/fetch.h - A customer's file, fetched from the network: its address is asked for, where the
 * network only names it, and then its bytes. All of it waits for the network, and is for a fetcher's thread. It is not
 * the office's, which keeps messages meanwhile. */
#pragma once

#include <glib.h>
#include <stdatomic.h>

struct webhook_setting;

struct fetch {
    const struct webhook_setting *setting;
    const atomic_bool *stopping; /* true: it is given up */
    char *media;                 /* as the post names it */
    char *said_type;             /* as the post says; "": it does not */
    /* what came of it */
    char *found;       /* as the network has answered; NULL: it was not asked */
    GByteArray *bytes; /* NULL: there are none, and `why` says why */
    const char *type;  /* borrowed */
    char why[128];
};

struct fetch *fetch_new(const struct webhook_setting *, const atomic_bool *stopping, const char *media,
                        const char *type);
void fetch_file(void *unused, void *fetch);
void fetch_free(struct fetch *); /* NULL is allowed */
