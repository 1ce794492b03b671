/* runtime/daemon/password.h - `gcxvm --hash-password`: the hash that stands for a password in a file of users.
 *
 * Owns nothing; the password is wiped from memory before it returns. */
#pragma once

#include <stdbool.h>

/* Reads a line of standard input, at a terminal without showing it, and prints its argon2id hash. False, and said so on
 * standard error, where there is none. */
bool password_hash(void);
