/* tests/unit/chat_identity.c - Tokens of a site that name its visitor: those that hold, and each reason to refuse one.
 */
#include <criterion/criterion.h>
#include <openssl/bn.h>
#include <openssl/ec.h>
#include <openssl/ecdsa.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/adapters/chat/identity.h"

#define NOW  INT64_C(1800000000000000)
#define GOOD "{\"email\":\"ann@x.org\",\"name\":\"Ann\",\"aud\":\"chat\",\"exp\":1800000060}"

static const char secret[] = "0123456789abcdef0123456789abcdef\n";
static struct error error;

static void add(char *token, const void *bytes, size_t length)
{
    sodium_bin2base64(token + strlen(token), 4096, bytes, length, sodium_base64_VARIANT_URLSAFE_NO_PADDING);
}

/* The signature of `said` by the key, as a token has it. */
static size_t sign(EVP_PKEY *key, const char *said, uint8_t *out)
{
    uint8_t bytes[1024];
    size_t length = sizeof bytes;
    if (!key) {
        crypto_auth_hmacsha256_state state;
        crypto_auth_hmacsha256_init(&state, (const uint8_t *)secret, sizeof secret - 2);
        crypto_auth_hmacsha256_update(&state, (const uint8_t *)said, strlen(said));
        crypto_auth_hmacsha256_final(&state, out);
        return crypto_auth_hmacsha256_BYTES;
    }
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    cr_assert(EVP_DigestSignInit(context, NULL, EVP_sha256(), NULL, key) == 1 &&
              EVP_DigestSign(context, bytes, &length, (const uint8_t *)said, strlen(said)) == 1);
    EVP_MD_CTX_free(context);
    if (EVP_PKEY_is_a(key, "RSA")) {
        memcpy(out, bytes, length);
        return length;
    }
    const uint8_t *at = bytes;
    ECDSA_SIG *both = d2i_ECDSA_SIG(NULL, &at, (long)length);
    BN_bn2binpad(ECDSA_SIG_get0_r(both), out, 32), BN_bn2binpad(ECDSA_SIG_get0_s(both), out + 32, 32);
    ECDSA_SIG_free(both);
    return 64;
}

static const char *token_of(EVP_PKEY *key, const char *algorithm, const char *claims)
{
    static char token[8192];
    char header[64];
    uint8_t signature[1024];
    snprintf(header, sizeof header, "{\"alg\":\"%s\",\"typ\":\"JWT\"}", algorithm);
    token[0] = '\0';
    add(token, header, strlen(header)), strcat(token, ".");
    add(token, claims, strlen(claims));
    size_t length = sign(key, token, signature);
    strcat(token, ".");
    add(token, signature, length);
    return token;
}

static struct identity_key *key_of(EVP_PKEY *pair)
{
    char *pem = NULL;
    BIO *to = BIO_new(BIO_s_mem());
    PEM_write_bio_PUBKEY(to, pair);
    long length = BIO_get_mem_data(to, &pem);
    struct identity_key *key = identity_key_read((struct span){(const uint8_t *)pem, (uint32_t)length}, &error);
    BIO_free(to);
    return key;
}

static const char *read(const struct identity_key *key, const char *token, struct identity *identity)
{
    error = (struct error){0};
    return identity_read(key, "chat", span_of(token), NOW, identity, &error) ? "" : error.text;
}

Test(chat_identity, a_secret_and_keys_of_two_kinds_sign)
{
    struct identity identity, other;
    cr_assert(sodium_init() >= 0);
    EVP_PKEY *pairs[] = {NULL, EVP_RSA_gen(2048), EVP_EC_gen("P-256")};
    const char *const names[] = {"HS256", "RS256", "ES256"};
    struct identity_key *keys[3] = {identity_key_read(span_of(secret), &error), key_of(pairs[1]), key_of(pairs[2])};
    for (int of = 0; of < 3; of++) {
        cr_assert(keys[of], "%s", error.text);
        cr_expect_str_eq(read(keys[of], token_of(pairs[of], names[of], GOOD), &identity), "", "%s", names[of]);
        cr_expect_str_eq(identity.mail, "ann@x.org");
        cr_expect_str_eq(identity.name, "Ann");
        cr_expect_eq(identity.until, NOW + 60000000);
        for (int by = 0; by < 3; by++) {
            if (by != of) cr_expect_str_neq(read(keys[of], token_of(pairs[by], names[by], GOOD), &other), "");
            if (by != of) cr_expect_str_neq(read(keys[of], token_of(pairs[by], names[of], GOOD), &other), "");
        }
        cr_expect_str_neq(read(keys[of], token_of(pairs[of], "none", GOOD), &other), "");
        char *changed = strdup(token_of(pairs[of], names[of], GOOD));
        strrchr(changed, '.')[1] ^= 1;
        cr_expect_str_neq(read(keys[of], changed, &other), "", "another signature");
        strrchr(changed, '.')[1] = '\0';
        cr_expect_str_neq(read(keys[of], changed, &other), "", "no signature");
        free(changed);
    }
    for (int of = 0; of < 3; of++) identity_key_free(keys[of]), EVP_PKEY_free(pairs[of]);
}

/* A public key is no secret: who knows it, as anybody may, cannot sign by it. */
Test(chat_identity, keys_that_are_too_weak_or_none_are_refused)
{
    EVP_PKEY *weak[] = {EVP_RSA_gen(1024), EVP_EC_gen("P-384"), EVP_PKEY_Q_keygen(NULL, NULL, "ED25519")};
    for (int i = 0; i < 3; i++) {
        cr_expect_null(key_of(weak[i]), "%d", i);
        cr_expect(strstr(error.text, "neither RSA"), "%s", error.text);
        EVP_PKEY_free(weak[i]);
    }
    cr_expect_null(identity_key_read(span_of("-----BEGIN PUBLIC KEY-----\nx\n-----END PUBLIC KEY-----\n"), &error));
    cr_expect_null(identity_key_read(span_of("0123456789abcdef0123456789abcde"), &error));
    cr_expect_null(identity_key_read(span_of(""), &error));
}

/* Whatever stands before it, and in whatever form it is written. */
Test(chat_identity, a_public_key_is_never_taken_for_a_secret)
{
    static const char *const before[] = {"\n", "\xef\xbb\xbf", "Public-Key: (2048 bit)\n"};
    char *pem = NULL, text[2048], line[1024];
    unsigned char *der = NULL;
    cr_assert(sodium_init() >= 0);
    EVP_PKEY *pair = EVP_RSA_gen(2048);
    int length = i2d_PUBKEY(pair, &der);
    BIO *to = BIO_new(BIO_s_mem());
    PEM_write_bio_PUBKEY(to, pair);
    long size = BIO_get_mem_data(to, &pem);
    for (int i = 0; i < 3; i++) {
        snprintf(text, sizeof text, "%s%.*s", before[i], (int)size, pem);
        struct identity_key *key = identity_key_read(span_of(text), &error);
        if (key) cr_expect_str_neq(read(key, token_of(NULL, "HS256", GOOD), &(struct identity){0}), "");
        if (key) cr_expect_str_eq(read(key, token_of(pair, "RS256", GOOD), &(struct identity){0}), "", "%d", i);
        cr_expect(key || i == 1, "%d: %s", i, error.text);
        identity_key_free(key);
    }
    cr_expect_null(identity_key_read((struct span){der, (uint32_t)length}, &error));
    sodium_bin2base64(line, sizeof line, der, (size_t)length, sodium_base64_VARIANT_ORIGINAL);
    const char *const forms[] = {line, " {\"kty\":\"RSA\",\"e\":\"AQAB\",\"n\":\"0123456789abcdef0123456789abcdef\"}\n",
                                 "ssh-rsa AAAAB3NzaC1yc2EAAAADAQABAAABAQC7 site\n",
                                 "ecdsa-sha2-nistp256 AAAAE2VjZHNhLXNoYTItbmlzdHA site\n"};
    for (int i = 0; i < 4; i++) {
        cr_expect_null(identity_key_read(span_of(forms[i]), &error), "%s", forms[i]);
        cr_expect(strstr(error.text, "public key"), "%s", error.text);
    }
    BIO_free(to), OPENSSL_free(der), EVP_PKEY_free(pair);
}

Test(chat_identity, each_claim_that_is_wrong_is_told)
{
    static const struct {
        const char *claims, *why;
    } wrong[] = {
        {"[]", "no JSON"},
        {"{\"email\":\"ann@x.org\",\"aud\":\"shop\",\"exp\":1800000060}", "another audience"},
        {"{\"email\":\"ann@x.org\",\"exp\":1800000060}", "another audience"},
        {"{\"email\":\"ann@x.org\",\"aud\":[\"shop\",7],\"exp\":1800000060}", "another audience"},
        {"{\"email\":\"ann@x.org\",\"aud\":\"chat\"}", "until when"},
        {"{\"email\":\"ann@x.org\",\"aud\":\"chat\",\"exp\":\"1800000060\"}", "until when"},
        {"{\"email\":\"ann@x.org\",\"aud\":\"chat\",\"exp\":9000000000000000000}", "until when"},
        {"{\"email\":\"ann@x.org\",\"aud\":\"chat\",\"exp\":1800000000}", "expired"},
        {"{\"email\":\"ann@x.org\",\"aud\":\"chat\",\"exp\":1800000000.75}", "expired"},
        {"{\"email\":\"ann@x.org\",\"aud\":\"chat\",\"exp\":-1.5}", "until when"},
        {"{\"email\":\"ann@x.org\",\"aud\":\"chat\",\"exp\":1e300}", "until when"},
        {"{\"email\":\"ann@x.org\",\"aud\":\"chat\",\"exp\":1800086401}", "more than a day"},
        {"{\"email\":\"ann@x.org\",\"aud\":\"chat\",\"exp\":1800000060,\"nbf\":1800000061}", "not hold yet"},
        {"{\"email\":\"ann@x.org\",\"aud\":\"chat\",\"exp\":1800000060,\"nbf\":\"x\"}", "not hold yet"},
        {"{\"aud\":\"chat\",\"exp\":1800000060}", "no e-mail address"},
        {"{\"email\":\"ann\",\"aud\":\"chat\",\"exp\":1800000060}", "no e-mail address"},
        {"{\"email\":\"ann@x.org\",\"aud\":\"chat\",\"exp\":1800000060,\"email_verified\":false}", "email_verified"},
    };
    static const char *const good[] = {
        "{\"email\":\"ann@x.org\",\"aud\":[\"shop\",\"chat\"],\"exp\":1800000060,\"nbf\":1800000060,\"jti\":\"1\"}",
        "{\"email\":\"ann@x.org\",\"aud\":\"chat\",\"exp\":1800086400,\"email_verified\":true,\"jti\":\"1\"}",
        "{\"email\":\"ann@x.org\",\"aud\":\"chat\",\"exp\":1800000001.75,\"jti\":\"2\",\"name\":\"A\\u0007\"}"};
    struct identity identity[3], other;
    cr_assert(sodium_init() >= 0);
    struct identity_key *key = identity_key_read(span_of(secret), &error);
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        const char *why = read(key, token_of(NULL, "HS256", wrong[i].claims), &other);
        cr_expect(strstr(why, wrong[i].why), "%s: %s", wrong[i].claims, why);
    }
    for (int i = 0; i < 3; i++)
        cr_expect_str_eq(read(key, token_of(NULL, "HS256", good[i]), &identity[i]), "", "%s", good[i]);
    cr_expect_str_eq(identity[0].digest, identity[1].digest, "the token's number makes it the same");
    cr_expect_str_neq(identity[0].digest, identity[2].digest);
    cr_expect_str_eq(identity[2].name, "");
    cr_expect_eq(identity[2].until, NOW + 1000000, "the fraction is left out");
    static const char *const none[] = {"", ".", "..", "...", "a.b", "a.b.c.d", "!.!.!"};
    for (size_t i = 0; i < sizeof none / sizeof *none; i++)
        cr_expect_str_neq(read(key, none[i], &other), "", "%s", none[i]);
    char *large = malloc(IDENTITY_TOKEN_MAX + 2);
    memset(large, 'a', IDENTITY_TOKEN_MAX + 1), large[IDENTITY_TOKEN_MAX + 1] = '\0';
    cr_expect_str_neq(read(key, large, &other), "");
    free(large);
    identity_key_free(key);
}

/* The figure is that of `printf %s ann@x.org | openssl dgst -sha256 -hmac 0123456789abcdef0123456789abcdef`. */
Test(chat_identity, an_hmac_of_the_address_by_the_secret_holds)
{
    static const char good[] = "b3851dfd1d5b89470ad7dcf0d62ca6ab215325a5e3785afaf232a68c0e82dcfd";
    struct identity first, again, other;
    char text[sizeof good + 1];
    cr_assert(sodium_init() >= 0);
    struct identity_key *key = identity_key_read(span_of(secret), &error);
    EVP_PKEY *pair = EVP_EC_gen("P-256");
    struct identity_key *public = key_of(pair);
    cr_assert(identity_is_hmac(span_of(good)) && !identity_is_hmac(span_of("a.b.c")) &&
              !identity_is_hmac(span_of(good + 1)));
    cr_assert(identity_hmac(key, "ann@x.org", span_of(good), NOW, &first, &error), "%s", error.text);
    cr_assert(identity_hmac(key, "ann@x.org", span_of(good), NOW, &again, &error), "%s", error.text);
    cr_expect_str_eq(first.mail, "ann@x.org");
    cr_expect_str_eq(first.name, "");
    cr_expect(first.until > NOW);
    cr_expect_str_neq(first.digest, again.digest, "it holds again");
    for (unsigned at = 0; at < sizeof good - 1; at++) {
        strcpy(text, good), text[at] = text[at] == '0' ? '1' : '0';
        cr_expect(!identity_hmac(key, "ann@x.org", span_of(text), NOW, &other, &error), "%u", at);
    }
    strcpy(text, good), text[5] = 'g';
    cr_expect(!identity_is_hmac(span_of(text)));
    cr_expect(!identity_hmac(key, "ann@x.org", span_of(text), NOW, &other, &error));
    cr_expect(!identity_hmac(key, "ann@x.org", span_of(""), NOW, &other, &error));
    cr_expect(!identity_hmac(key, "bob@x.org", span_of(good), NOW, &other, &error));
    cr_expect(!identity_hmac(key, "", span_of(good), NOW, &other, &error));
    cr_expect(!identity_hmac(public, "ann@x.org", span_of(good), NOW, &other, &error));
    cr_expect(strstr(error.text, "tokens alone"), "%s", error.text);
    identity_key_free(key), identity_key_free(public), EVP_PKEY_free(pair);
}

/* The HMAC of the address and that end, behind the end that is given. */
static const char *dated(const char *mail, const char *signed_end, const char *end)
{
    static char text[128];
    char said[64];
    uint8_t signature[crypto_auth_hmacsha256_BYTES];
    snprintf(said, sizeof said, "%s %s", mail, signed_end);
    int length = snprintf(text, sizeof text, "%s.", end);
    sodium_bin2hex(text + length, sizeof text - (size_t)length, signature, sign(NULL, said, signature));
    return text;
}

Test(chat_identity, a_dated_hmac_holds_until_its_end)
{
    struct identity identity;
    cr_assert(sodium_init() >= 0);
    struct identity_key *key = identity_key_read(span_of(secret), &error);
    const char *good = dated("ann@x.org", "1800000001", "1800000001");
    cr_expect(identity_is_hmac(span_of(good)));
    cr_expect(identity_hmac(key, "ann@x.org", span_of(good), NOW, &identity, &error), "%s", error.text);
    cr_expect(!identity_hmac(key, "bob@x.org", span_of(good), NOW, &identity, &error));
    cr_expect(!identity_hmac(key, "ann@x.org", span_of(good), NOW + 1000000, &identity, &error));
    cr_expect(strstr(error.text, "has ended"), "%s", error.text);
    const char *other = dated("ann@x.org", "1800000001", "1800000002"); /* the end is signed, too */
    cr_expect(!identity_hmac(key, "ann@x.org", span_of(other), NOW, &identity, &error));
    cr_expect(!identity_is_hmac(span_of(dated("ann@x.org", "1800000001", "1800000001800000001"))));
    cr_expect(!identity_is_hmac(span_of(dated("ann@x.org", "", ""))));
    identity_key_free(key);
}
