/* tests/fuzz/fuzz_identity.c - Any bytes as a token of a site, and as what a token says that is signed rightly: what is
 * taken has an address, an end that is ahead, and a digest. */
#include <sodium.h>
#include <string.h>

#include "runtime/adapters/chat/identity.h"
#include "runtime/vocabulary/denied.h"
#include "tests/fuzz/fuzz.h"

#define NOW INT64_C(1800000000000000)
static const char secret[] = "0123456789abcdef0123456789abcdef";

static bool taken(const struct identity_key *key, struct span token)
{
    struct identity identity;
    struct error error = {0};
    bool good = identity_read(key, "chat", token, NOW, &identity, &error);
    MUST(good || error.text[0]);
    MUST(!good || (identity.until > NOW && strlen(identity.digest) == IDENTITY_DIGEST - 1 &&
                   denied_mail_good(span_of(identity.mail))));
    return good;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    static char token[IDENTITY_TOKEN_MAX + 128];
    unsigned char made[crypto_auth_hmacsha256_BYTES];
    struct error error;
    MUST(sodium_init() >= 0);
    struct identity_key *key = identity_key_read(span_of(secret), &error);
    MUST(key);
    MUST(!taken(key, (struct span){bytes, (uint32_t)size})); /* nobody guesses a signature */
    MUST(!identity_hmac(key, "ann@x.org", (struct span){bytes, (uint32_t)size}, NOW, &(struct identity){0}, &error));
    if (size <= IDENTITY_TOKEN_MAX / 2) {
        strcpy(token, "eyJhbGciOiJIUzI1NiJ9."); /* {"alg":"HS256"} */
        sodium_bin2base64(token + strlen(token), IDENTITY_TOKEN_MAX, bytes, size,
                          sodium_base64_VARIANT_URLSAFE_NO_PADDING);
        crypto_auth_hmacsha256(made, (const uint8_t *)token, strlen(token), (const uint8_t *)secret);
        strcat(token, ".");
        sodium_bin2base64(token + strlen(token), 64, made, sizeof made, sodium_base64_VARIANT_URLSAFE_NO_PADDING);
        (void)taken(key, span_of(token));
    }
    identity_key_free(key);
    return 0;
}
