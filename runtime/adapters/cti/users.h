/* runtime/adapters/cti/users.h - The users of the clients' protocol, from their file: one line for each user.
 *
 *     marie   agent       dn=7001 group=sales  password=$argon2id$...
 *     anne    supervisor  group=sales          certificate=anne.example.org
 *     board   monitor     dn=70*,5000          certificate=board.example.org
 *
 * The table owns its users. The file is read as a whole or not at all. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "runtime/adapter/tls.h"
#include "runtime/adapter/watched.h"
#include "runtime/adapters/cti/dn.h"
#include "runtime/adapters/cti/index.h"

enum { USERS_FILE_MAX = 64 * 1024 * 1024, HASH_SIZE = 128 /* crypto_pwhash_STRBYTES */, PASSWORD_MAX = 1024 };

enum role {
#define ROLE(name, doc) ROLE_##name,
#include "runtime/adapters/cti/roles.def"
    ROLES,
};

struct gcx_look;

struct user {
    char name[NAME_SIZE];
    enum role role;
    char agent[NAME_SIZE]; /* the agent for whom the user may act; empty: none */
    char hash[HASH_SIZE];  /* hash of the user's password; empty: no password */
    char *certificate;     /* a name in the user's certificate; NULL: the CN is the user's name */
    struct destinations dns, groups;
    bool data;
    struct user *next;
};

struct users {
    struct user *first;
    struct index by_name, by_agent, by_certificate;
    const char *decoy; /* a hash that is checked for unknown names, so that they take as long to refuse */
};

/* NULL with the reason: the path, the line, and what is expected there. */
struct users *users_read(const char *path, char *why, size_t why_size);
/* Reads the file again: `*fresh` is the table to replace `before`, or NULL if it must not be used yet. */
bool users_again(const struct users *before, const char *path, struct watched_lost *, struct users **fresh, char *why,
                 size_t why_size);
void users_free(struct users *);
const struct user *users_find(const struct users *, const char *name);
/* Returns the user of the certificate; NULL: it is no user's. */
const struct user *users_shown(const struct users *, const struct tls_names *);
const char *cti_role_name(enum role);
/* Checks for `gcxvm --check` that the users' agents are in the directory. `passwords`: also checks that each user
 * who may use a desk has a password. */
void users_look(const struct gcx_look *, const char *path, bool passwords);

/* Does one of the user's `dn` patterns match? An asterisk at the end of a pattern matches any rest. */
bool user_has_dn(const struct user *, const char *dn);
/* Does the agent's user share a group with this user? */
bool users_share_group(const struct users *, const struct user *, const char *agent);
