/* runtime/adapters/webhook/given.h - The settings of a site for a network: where its API is, our name, our secrets. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "runtime/adapter/settings.h"
#include "runtime/adapter/watched.h"

struct network;

struct network_given { /* the first three are borrowed, and "" where they are not set */
    const char *base, *account, *public_url;
    const struct network *network;
    struct secret token, secret; /* the contents of the two files */
    struct secret basic;         /* account and token, as HTTP's Basic has them; none: there is no token */
};

/* Reads the files of token and secret. False with the reason, which begins with the setting's name: a file cannot be
 * read, or something is not set that the network's file asks for. network_given_free() either way. */
bool network_given_read(struct network_given *, const struct network *, const char *token_file, const char *secret_file,
                        char *why, size_t why_size);
/* Reads each of the two files again when that file has changed. */
void network_given_watched(struct network_given *, struct watched_files *);
void network_given_free(struct network_given *); /* no secret stays in memory */
/* The site's value for a place of this name in a text of the network's file (places.def); NULL: there is none. */
const char *network_given_value(const struct network_given *, const char *name);
