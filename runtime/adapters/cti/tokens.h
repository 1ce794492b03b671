/* runtime/adapters/cti/tokens.h - A user who has logged in with a password comes back with a token: no hash is computed
 * then.
 *
 * A token says until when it is good, and bears a code that only who has the key can make: of the user's name, role,
 * agent and password's hash, and of that time. So nothing is kept of tokens that were given; another password, role or
 * agent makes them void, and they are good at the next process of this adapter, which has the same key. It owns the
 * key. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "runtime/adapters/cti/users.h"

enum { TOKEN_LIFE_S = 12 * 3600, TOKEN_SIZE = 72 /* with its zero */ };

struct tokens;

/* Reads the key's file, or makes it, with mode 0600. If it can do neither, or `path` is NULL, the key is this
 * process's own: then `why` says why, "" for no path. */
struct tokens *tokens_new(const char *path, char *why, size_t why_size);
void tokens_free(struct tokens *); /* the key is wiped */

/* False, with the reason: the file is there, and it is wrong. */
bool tokens_check(const char *path, char *why, size_t why_size);

/* For TOKEN_LIFE_S from now, a second of the wall clock. */
void token_make(const struct tokens *, const struct user *, int64_t now_s, char token[TOKEN_SIZE]);
/* Is it the user's, and still good? Compared in constant time. */
bool token_good(const struct tokens *, const struct user *, const char *token, int64_t now_s);
