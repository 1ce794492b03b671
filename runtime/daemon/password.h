/* runtime/daemon/password.h - `gcxvm --hash-password`: makes the hash that replaces a password in a file of users.
 *
 * Owns nothing; the password is overwritten in memory before the function returns. */
#pragma once

#include <stdbool.h>

/* Reads a line of standard input, without echo at a terminal, and prints its argon2id hash. False, with a line on
 * standard error, if there is no password. */
bool password_hash(void);
