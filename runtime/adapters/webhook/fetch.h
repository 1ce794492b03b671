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
    char *media;                 /* the post's name or address of the file */
    char *said_type;             /* the media type that the post gives; "": it gives none */
    /* what came of it */
    char *found;       /* the file's address that the network answered; NULL: it was not asked */
    GByteArray *bytes; /* the file's bytes; NULL: it was not fetched, for the reason in `why` */
    const char *type;  /* the media type of the bytes; borrowed */
    char why[128];
};

struct fetch *fetch_new(const struct webhook_setting *, const atomic_bool *stopping, const char *media,
                        const char *type);
void fetch_file(void *unused, void *fetch);
void fetch_free(struct fetch *); /* NULL is allowed */
