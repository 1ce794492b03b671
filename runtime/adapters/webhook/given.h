/* runtime/adapters/webhook/given.h - A site's settings for a network: the address of its API, the account, the
 * secrets. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "runtime/adapter/settings.h"
#include "runtime/adapter/watched.h"

struct network;

struct network_given { /* the first three are not owned, and "" if they are not set */
    const char *base, *account, *public_url;
    const struct network *network;
    struct secret token, secret; /* the contents of the two secret files */
    struct secret basic;         /* account and token in the form of HTTP Basic; empty: there is no token */
};

/* Reads the files of token and secret. False with the reason, which begins with the setting's name: a file cannot be
 * read, or a setting that the network's data file needs is missing. network_given_free() either way. */
bool network_given_read(struct network_given *, const struct network *, const char *token_file, const char *secret_file,
                        char *why, size_t why_size);
/* Has each of the two files read again when it has changed. */
void network_given_watched(struct network_given *, struct watched_files *);
void network_given_free(struct network_given *); /* no secret stays in memory */
/* Returns the site's value for a placeholder of the network's data file (places.def); NULL: there is none. */
const char *network_given_value(const struct network_given *, const char *name);
