/* runtime/adapters/cti/tokens.c - The file of the key, and tokens: "1.UNTIL.CODE", seconds since 1970 in hexadecimal
 * and an HMAC-SHA-512-256 in base64.
 *
 * A token proves who is logged in although nothing is stored about it: its code is computed from the user's name,
 * role, agent and password hash, and the time until which it is valid. A change of any of these makes all tokens of
 * that user invalid; a new key makes all tokens invalid. */
#include "runtime/adapters/cti/tokens.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/memory.h"

enum { KEY_BYTES = crypto_auth_hmacsha512256_KEYBYTES, CODE_BYTES = crypto_auth_hmacsha512256_BYTES };
enum { KEY_TEXT = 2 * KEY_BYTES, BASE64 = sodium_base64_VARIANT_URLSAFE_NO_PADDING };

struct tokens {
    uint8_t key[KEY_BYTES];
};

/* --- The key --- */

/* Reads the key: 1: it was read; 0: there is no file; -1: the file is faulty. */
static int tokens_key_read(const char *path, uint8_t key[KEY_BYTES], char *why, size_t why_size)
{
    char text[KEY_TEXT + 2];
    struct stat info;
    size_t length = 0;
    int result = -1, fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0) {
        bool absent = errno == ENOENT;
        snprintf(why, why_size, "%s: %s", path, strerror(errno));
        return absent ? 0 : -1;
    }
    ssize_t got = fstat(fd, &info) == 0 ? read(fd, text, sizeof text) : -1;
    if (got < 0) {
        snprintf(why, why_size, "%s: %s", path, strerror(errno));
    } else if ((info.st_mode & 077) != 0) {
        snprintf(why, why_size, "%s may be read or written by others: chmod 600 it", path);
    } else if (got != KEY_TEXT + 1 || text[KEY_TEXT] != '\n' ||
               sodium_hex2bin(key, KEY_BYTES, text, KEY_TEXT, NULL, &length, NULL) != 0 || length != KEY_BYTES) {
        snprintf(why, why_size, "%s is no key of %d hexadecimal digits: remove it, and a new one is made", path,
                 KEY_TEXT);
    } else {
        result = 1;
    }
    close(fd);
    sodium_memzero(text, sizeof text);
    return result;
}

/* Writes the key's file as a whole or not at all, as an adapter may be killed at any time. */
static bool key_write(const char *path, const uint8_t key[KEY_BYTES], char *why, size_t why_size)
{
    char text[KEY_TEXT + 1];
    sodium_bin2hex(text, sizeof text, key, KEY_BYTES);
    text[KEY_TEXT] = '\n';
    bool good = file_install(path, text, sizeof text);
    if (!good) snprintf(why, why_size, "%s: %s", path, strerror(errno));
    sodium_memzero(text, sizeof text);
    return good;
}

struct tokens *tokens_new(const char *path, char *why, size_t why_size)
{
    struct tokens *tokens = memory_zeroed(1, sizeof *tokens);
    int found = !path ? -1 : tokens_key_read(path, tokens->key, why, why_size);
    if (found <= 0) randombytes_buf(tokens->key, sizeof tokens->key);
    if (!path || found > 0 || (found == 0 && key_write(path, tokens->key, why, why_size))) why[0] = 0;
    return tokens;
}

void tokens_free(struct tokens *tokens)
{
    if (tokens) {
        sodium_memzero(tokens, sizeof *tokens);
        free(tokens);
    }
}

bool tokens_check(const char *path, char *why, size_t why_size)
{
    uint8_t key[KEY_BYTES];
    bool good = tokens_key_read(path, key, why, why_size) >= 0;
    sodium_memzero(key, sizeof key);
    return good;
}

/* --- Tokens --- */

/* Computes a token's code. Each text is added with its terminating zero, so that its end is certain. */
static void tokens_code_of(const struct tokens *tokens, const struct user *user, int64_t until_s,
                           uint8_t code[CODE_BYTES])
{
    crypto_auth_hmacsha512256_state state;
    char until[32];
    snprintf(until, sizeof until, "%" PRIx64, (uint64_t)until_s);
    const char *const parts[] = {"gcx token 1", user->name, cti_role_name(user->role), user->agent, user->hash, until};
    crypto_auth_hmacsha512256_init(&state, tokens->key, sizeof tokens->key);
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++)
        crypto_auth_hmacsha512256_update(&state, (const unsigned char *)parts[i], strlen(parts[i]) + 1);
    crypto_auth_hmacsha512256_final(&state, code);
}

void token_make(const struct tokens *tokens, const struct user *user, int64_t now_s, char token[TOKEN_SIZE])
{
    uint8_t code[CODE_BYTES];
    assert(user->hash[0] != 0); /* token_good() refuses tokens of users without a password */
    tokens_code_of(tokens, user, now_s + TOKEN_LIFE_S, code);
    int length = snprintf(token, TOKEN_SIZE, "1.%" PRIx64 ".", (uint64_t)(now_s + TOKEN_LIFE_S));
    sodium_bin2base64(token + length, TOKEN_SIZE - (size_t)length, code, sizeof code, BASE64);
}

bool token_good(const struct tokens *tokens, const struct user *user, const char *token, int64_t now_s)
{
    uint8_t said[CODE_BYTES], code[CODE_BYTES];
    size_t length = 0;
    char *end;
    if (strlen(token) >= TOKEN_SIZE || strncmp(token, "1.", 2) != 0 || user->hash[0] == 0) return false;
    int64_t until_s = (int64_t)strtoull(token + 2, &end, 16);
    if (*end != '.' ||
        sodium_base642bin(said, sizeof said, end + 1, strlen(end + 1), NULL, &length, NULL, BASE64) != 0 ||
        length != sizeof said)
        return false;
    tokens_code_of(tokens, user, until_s, code);
    return sodium_memcmp(said, code, sizeof code) == 0 && until_s > now_s;
}
