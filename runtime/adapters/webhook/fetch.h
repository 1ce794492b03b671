/* runtime/adapters/webhook/fetch.h - A customer's file, fetched from the network: first its address, if the post only
 * names it, then its bytes. All functions wait for the network, and are for the thread of a fetcher. That thread is not
 * the post office's, which keeps messages meanwhile. */
#pragma once

#include <glib.h>
#include <stdatomic.h>

struct webhook_setting;

struct fetch {
    const struct webhook_setting *setting;
    const atomic_bool *stopping; /* true: fetching is given up, as the process ends */
    char *media;                 /* the file's name or address in the post */
    char *said_type;             /* the media type in the post; "": none */
    /* what came of it */
    char *found;       /* the file's address from the network's answer; NULL: it was not asked */
    GByteArray *bytes; /* the file's bytes; NULL: it was not fetched, `why` has the reason */
    const char *type;  /* the media type of the bytes; not owned */
    char why[128];
};

struct fetch *fetch_new(const struct webhook_setting *, const atomic_bool *stopping, const char *media,
                        const char *type);
void fetch_file(void *unused, void *fetch);
void fetch_free(struct fetch *); /* NULL is allowed */
