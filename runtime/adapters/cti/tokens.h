/* runtime/adapters/cti/tokens.h - Tokens: a user who has logged in with a password comes back with a token, which
 * needs no slow hash.
 *
 * A token has the time until which it is valid, and a code that only the owner of the key can compute, from the
 * user's name, role, agent and password hash, and that time. So nothing is stored about tokens; another password,
 * role or agent makes a user's tokens invalid, and the next process of this adapter, which has the same key, accepts
 * them. It owns the key. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "runtime/adapters/cti/users.h"

enum { TOKEN_LIFE_S = 12 * 3600, TOKEN_SIZE = 72 /* with its zero */ };

struct tokens;

/* Reads the file of the key, or makes it, with mode 0600. If the file can neither be read nor made, or `path` is NULL,
 * the process makes a key of its own: `why` has the reason, "" if `path` is NULL. */
struct tokens *tokens_new(const char *path, char *why, size_t why_size);
void tokens_free(struct tokens *); /* the key is wiped */

/* False, with the reason: the file exists, and is faulty. */
bool tokens_check(const char *path, char *why, size_t why_size);

/* Makes a token for the user that is valid for TOKEN_LIFE_S from `now_s`, seconds of the wall clock. */
void token_make(const struct tokens *, const struct user *, int64_t now_s, char token[TOKEN_SIZE]);
/* Is the token this user's, and still valid? The code is compared in constant time. */
bool token_good(const struct tokens *, const struct user *, const char *token, int64_t now_s);
