/* runtime/adapters/cti/users.h - The users of the clients' wire, from their file: one line per user.
 *
 *     marie   agent       dn=7001 group=sales  password=$argon2id$...
 *     anne    supervisor  group=sales          certificate=anne.example.org
 *     board   monitor     dn=70*,5000          certificate=board.example.org
 *
 * The table owns its users. It is read whole or not at all. */
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
    char agent[NAME_SIZE]; /* whom it may act for; empty: nobody */
    char hash[HASH_SIZE];  /* of its password; empty: it has none */
    char *certificate;     /* a name that its certificate has; NULL: the CN is the user's name */
    struct destinations dns, groups;
    bool data;
    struct user *next;
};

struct users {
    struct user *first;
    struct index by_name, by_agent, by_certificate;
    const char *decoy; /* a hash for passwords of nobody: they take as long to be refused */
};

/* NULL with the reason: the path, the line, what is expected. */
struct users *users_read(const char *path, char *why, size_t why_size);
/* The file again: `*fresh` is what may take the place of `before`, or NULL where it may not count yet. */
bool users_again(const struct users *before, const char *path, struct watched_lost *, struct users **fresh, char *why,
                 size_t why_size);
void users_free(struct users *);
const struct user *users_find(const struct users *, const char *name);
/* Returns the user to whom the certificate belongs; NULL: nobody. */
const struct user *users_shown(const struct users *, const struct tls_names *);
const char *cti_role_name(enum role);
/* For `gcxvm --check`: are the users' agents in the directory? `passwords`: does one who may use a desk have a
 * password? */
void users_look(const struct gcx_look *, const char *path, bool passwords);

/* Does one of the user's `dn` fit? An asterisk at the end of one fits everything. */
bool user_has_dn(const struct user *, const char *dn);
/* Has the agent a user with a group that is this one's too? */
bool users_share_group(const struct users *, const struct user *, const char *agent);
