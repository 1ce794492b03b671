/* runtime/adapters/chat/identity.c - Checks the tokens by which a site says who its visitor is. */
#include "runtime/adapters/chat/identity.h"

#include <assert.h>
#include <jansson.h>
#include <openssl/bn.h>
#include <openssl/ecdsa.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "runtime/vocabulary/bytes.h"
#include "runtime/vocabulary/denied.h"

enum { HMAC_END_MAX = 12 }; /* digits of the end of a dated HMAC */
enum {
    IDENTITY_SECRET_LEAST = 32,
    IDENTITY_SECRET_MOST = 1024,
    RSA_LEAST = 2048,
    P256_HALF = 32,
    IDENTITY_DECODED = 3 * IDENTITY_TOKEN_MAX / 4
};
#define IDENTITY_SECOND  INT64_C(1000000)
#define IDENTITY_LONGEST (INT64_C(86400) * IDENTITY_SECOND) /* a token that holds for longer is refused */
#define IDENTITY_CLOCKS  (60 * IDENTITY_SECOND)             /* clocks of two machines may differ so much */

enum identity_algorithm { HS256, RS256, ES256 };
static const char *const algorithms[] = {[HS256] = "HS256", [RS256] = "RS256", [ES256] = "ES256"};

struct identity_key {
    enum identity_algorithm algorithm;
    EVP_PKEY *public; /* NULL: a secret */
    uint8_t secret[IDENTITY_SECRET_MOST];
    size_t length;
};

/* ---- keys ---- */

void identity_key_free(struct identity_key *key)
{
    if (!key) return;
    EVP_PKEY_free(key->public);
    sodium_memzero(key, sizeof *key);
    free(key);
}

static bool identity_public_read(struct identity_key *key, struct span bytes, struct error *error)
{
    char group[32] = "";
    BIO *from = BIO_new_mem_buf(bytes.bytes, (int)bytes.length);
    key->public = from ? PEM_read_bio_PUBKEY(from, NULL, NULL, NULL) : NULL;
    BIO_free(from);
    if (!key->public) return error_set(error, ERROR_INPUT, "it is no public key in PEM (BEGIN PUBLIC KEY)");
    key->algorithm = EVP_PKEY_is_a(key->public, "EC") ? ES256 : RS256;
    if (EVP_PKEY_is_a(key->public, "RSA") && EVP_PKEY_get_bits(key->public) >= RSA_LEAST) return true;
    if (key->algorithm == ES256 && EVP_PKEY_get_group_name(key->public, group, sizeof group, NULL) == 1 &&
        strcmp(group, "prime256v1") == 0)
        return true;
    return error_set(error, ERROR_INPUT, "it is neither RSA of %d bits or more nor of the curve P-256", RSA_LEAST);
}

static bool identity_secret_read(struct identity_key *key, struct span bytes, struct error *error)
{
    while (bytes.length > 0 && bytes.bytes[bytes.length - 1] <= ' ') bytes.length--;
    while (bytes.length > 0 && *bytes.bytes <= ' ') bytes.bytes++, bytes.length--;
    key->algorithm = HS256;
    key->length = bytes.length;
    if (bytes.length < IDENTITY_SECRET_LEAST || bytes.length > IDENTITY_SECRET_MOST)
        return error_set(error, ERROR_INPUT, "a secret has %d to %d bytes", IDENTITY_SECRET_LEAST,
                         IDENTITY_SECRET_MOST);
    memcpy(key->secret, bytes.bytes, bytes.length);
    return true;
}

static bool is_public_der(const uint8_t *bytes, size_t length)
{
    EVP_PKEY *key = d2i_PUBKEY(NULL, &bytes, (long)length);
    EVP_PKEY_free(key);
    return key != NULL;
}

/* Is it a public key in another form than PEM and DER: base64 of DER, a JSON web key, a line of ssh? Everybody may know
 * such a key, so it must not be taken for a secret. */
static bool is_public_otherwise(struct span bytes)
{
    uint8_t der[IDENTITY_SECRET_MOST];
    size_t length = 0;
    const char *text = (const char *)bytes.bytes;
    json_t *json = json_loadb(text, bytes.length, 0, NULL);
    bool object = json_is_object(json);
    json_decref(json);
    return object || (bytes.length > 4 && (memcmp(text, "ssh-", 4) == 0 || memcmp(text, "ecds", 4) == 0)) ||
           (sodium_base642bin(der, sizeof der, text, bytes.length, " \r\n", &length, NULL,
                              sodium_base64_VARIANT_ORIGINAL) == 0 &&
            is_public_der(der, length));
}

struct identity_key *identity_key_read(struct span bytes, struct error *error)
{
    static const char pem[] = "-----BEGIN";
    struct identity_key *key = memory_zeroed(1, sizeof *key);
    bool public = bytes.length > 0 && memmem(bytes.bytes, bytes.length, pem, sizeof pem - 1) != NULL;
    bool good = public ? identity_public_read(key, bytes, error) : identity_secret_read(key, bytes, error);
    if (good && !public &&
        (is_public_der(bytes.bytes, bytes.length) ||
         is_public_otherwise((struct span){key->secret, (uint32_t)key->length})))
        good = error_set(error, ERROR_INPUT, "it is a public key, and not in PEM (BEGIN PUBLIC KEY)");
    if (good) return key;
    identity_key_free(key);
    return NULL;
}

/* ---- signatures ---- */

static bool secret_signed(const struct identity_key *key, struct span said, const uint8_t *signature, size_t length)
{
    unsigned char made[crypto_auth_hmacsha256_BYTES];
    crypto_auth_hmacsha256_state state;
    crypto_auth_hmacsha256_init(&state, key->secret, key->length);
    crypto_auth_hmacsha256_update(&state, said.bytes, said.length);
    crypto_auth_hmacsha256_final(&state, made);
    return length == sizeof made && sodium_memcmp(made, signature, sizeof made) == 0;
}

/* The two numbers of an ES256 signature as OpenSSL reads them; NULL: they are none. OPENSSL_free() frees it. */
static uint8_t *of_curve(const uint8_t *signature, size_t length, int *made_length)
{
    uint8_t *made = NULL;
    ECDSA_SIG *both = ECDSA_SIG_new();
    BIGNUM *r = BN_bin2bn(signature, P256_HALF, NULL), *s = BN_bin2bn(signature + P256_HALF, P256_HALF, NULL);
    assert(length == 2 * P256_HALF);
    if (both && r && s && ECDSA_SIG_set0(both, r, s) == 1)
        *made_length = i2d_ECDSA_SIG(both, &made);
    else
        BN_free(r), BN_free(s);
    ECDSA_SIG_free(both);
    return made;
}

static bool key_signed(const struct identity_key *key, struct span said, const uint8_t *signature, size_t length)
{
    uint8_t *curve = NULL;
    int curve_length = 0;
    if (key->algorithm == ES256 && length != 2 * P256_HALF) return false;
    if (key->algorithm == ES256) {
        curve = of_curve(signature, length, &curve_length);
        if (!curve || curve_length <= 0) return false;
        signature = curve, length = (size_t)curve_length;
    }
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    bool good = context && EVP_DigestVerifyInit(context, NULL, EVP_sha256(), NULL, key->public) == 1 &&
                EVP_DigestVerify(context, signature, length, said.bytes, said.length) == 1;
    EVP_MD_CTX_free(context);
    OPENSSL_free(curve);
    return good;
}

/* ---- parts of a token ---- */

static bool part_decoded(struct span part, uint8_t out[IDENTITY_DECODED], size_t *length)
{
    return sodium_base642bin(out, IDENTITY_DECODED, (const char *)part.bytes, part.length, NULL, length, NULL,
                             sodium_base64_VARIANT_URLSAFE_NO_PADDING) == 0;
}

/* Reads a part as a JSON object; NULL: it is none. */
static json_t *part_object(struct span part)
{
    uint8_t bytes[IDENTITY_DECODED];
    size_t length = 0;
    json_t *object = part_decoded(part, bytes, &length)
                         ? json_loadb((const char *)bytes, length, JSON_REJECT_DUPLICATES, NULL)
                         : NULL;
    if (json_is_object(object)) return object;
    json_decref(object);
    return NULL;
}

/* Divides header.claims.signature. */
static bool token_parts(struct span token, struct span parts[3])
{
    unsigned at = 0;
    parts[0] = (struct span){token.bytes, 0};
    for (uint32_t i = 0; i < token.length; i++)
        if (token.bytes[i] != '.')
            parts[at].length++;
        else if (++at == 3)
            return false;
        else
            parts[at] = (struct span){token.bytes + i + 1, 0};
    return at == 2;
}

static bool token_signed(const struct identity_key *key, const struct span parts[3], struct error *error)
{
    uint8_t signature[IDENTITY_DECODED];
    size_t length = 0;
    struct span said = {parts[0].bytes, parts[0].length + 1 + parts[1].length};
    json_t *header = part_object(parts[0]);
    const char *algorithm = json_string_value(json_object_get(header, "alg"));
    bool same = algorithm && strcmp(algorithm, algorithms[key->algorithm]) == 0 && !json_object_get(header, "crit");
    json_decref(header);
    if (!same)
        return error_set(error, ERROR_INPUT, "its algorithm is another than that of the key, %s",
                         algorithms[key->algorithm]);
    if (part_decoded(parts[2], signature, &length) &&
        (key->public ? key_signed(key, said, signature, length) : secret_signed(key, said, signature, length)))
        return true;
    return error_set(error, ERROR_INPUT, "its signature is not of this key");
}

/* ---- claims ---- */

static bool claims_for(const json_t *claims, const char *audience)
{
    const json_t *aud = json_object_get(claims, "aud");
    bool good = json_is_string(aud) && strcmp(json_string_value(aud), audience) == 0;
    for (size_t i = 0; !good && i < json_array_size(aud); i++) {
        const char *one = json_string_value(json_array_get(aud, i));
        good = one && strcmp(one, audience) == 0;
    }
    return good;
}

/* A moment of the token in microseconds; -1: it is none. A fraction of a second is left out. */
static int64_t claims_moment(const json_t *claims, const char *key)
{
    double at = json_number_value(json_object_get(claims, key));
    bool good = json_is_number(json_object_get(claims, key)) && at >= 0 && at < (double)(INT64_C(1) << 40);
    return good ? (int64_t)at * IDENTITY_SECOND : -1;
}

static bool claims_hold(const json_t *claims, int64_t now, struct identity *identity, struct error *error)
{
    int64_t begins = claims_moment(claims, "nbf");
    identity->until = claims_moment(claims, "exp");
    if (identity->until < 0) return error_set(error, ERROR_INPUT, "it does not say until when it holds (exp)");
    if (identity->until <= now) return error_set(error, ERROR_INPUT, "it has expired");
    if (identity->until > now + IDENTITY_LONGEST) return error_set(error, ERROR_INPUT, "it holds for more than a day");
    if (json_object_get(claims, "nbf") && (begins < 0 || begins > now + IDENTITY_CLOCKS))
        return error_set(error, ERROR_INPUT, "it does not hold yet");
    return true;
}

static bool claims_who(const json_t *claims, struct identity *identity, struct error *error)
{
    const char *mail = json_string_value(json_object_get(claims, "email"));
    const char *name = json_string_value(json_object_get(claims, "name"));
    const json_t *verified = json_object_get(claims, "email_verified");
    if (!mail || !text_set(identity->mail, sizeof identity->mail, mail) || !denied_mail_good(span_of(mail)))
        return error_set(error, ERROR_INPUT, "it has no e-mail address (email)");
    if (verified && !json_is_true(verified))
        return error_set(error, ERROR_INPUT, "its address is not verified at the site (email_verified)");
    if (!name || !text_set(identity->name, sizeof identity->name, name)) *identity->name = '\0';
    for (const char *c = identity->name; *c; c++)
        if ((unsigned char)*c < ' ' || *c == 127) *identity->name = '\0';
    return true;
}

static void digest_make(const json_t *claims, struct span token, char digest[IDENTITY_DIGEST])
{
    unsigned char hash[crypto_hash_sha256_BYTES];
    const char *jti = json_string_value(json_object_get(claims, "jti"));
    struct span own = jti && *jti ? span_of(jti) : token;
    crypto_hash_sha256(hash, own.bytes, own.length);
    sodium_bin2hex(digest, IDENTITY_DIGEST, hash, sizeof hash);
}

bool identity_read(const struct identity_key *key, const char *audience, struct span token, int64_t now,
                   struct identity *identity, struct error *error)
{
    struct span parts[3];
    assert(key && audience);
    *identity = (struct identity){0};
    if (token.length > IDENTITY_TOKEN_MAX || !token_parts(token, parts))
        return error_set(error, ERROR_INPUT, "it is no token");
    if (!token_signed(key, parts, error)) return false;
    json_t *claims = part_object(parts[1]);
    bool good = claims || error_set(error, ERROR_INPUT, "its claims are no JSON");
    if (good && !claims_for(claims, audience)) good = error_set(error, ERROR_INPUT, "it is for another audience (aud)");
    good = good && claims_hold(claims, now, identity, error) && claims_who(claims, identity, error);
    /* only the signed parts: another spelling of the signature is the same token */
    if (good) digest_make(claims, (struct span){token.bytes, parts[0].length + 1 + parts[1].length}, identity->digest);
    json_decref(claims);
    return good;
}

/* ---- without a token ---- */

/* Returns how many bytes the end of a dated HMAC takes, with its dot: "1796030000.". 0: it has none. */
static uint32_t hmac_end(struct span text)
{
    uint32_t digits = 0;
    while (digits < text.length && digits < HMAC_END_MAX && text.bytes[digits] >= '0' && text.bytes[digits] <= '9')
        digits++;
    return digits > 0 && digits < text.length && text.bytes[digits] == '.' ? digits + 1 : 0;
}

bool identity_is_hmac(struct span text)
{
    uint32_t end = hmac_end(text);
    text = (struct span){text.bytes + end, text.length - end};
    bool hex = text.length == 2 * crypto_auth_hmacsha256_BYTES;
    for (uint32_t i = 0; hex && i < text.length; i++)
        hex = (text.bytes[i] >= '0' && text.bytes[i] <= '9') ||
              ((text.bytes[i] | 32) >= 'a' && (text.bytes[i] | 32) <= 'f');
    return hex;
}

bool identity_hmac(const struct identity_key *key, const char *mail, struct span hex, int64_t now,
                   struct identity *identity, struct error *error)
{
    uint8_t signature[crypto_auth_hmacsha256_BYTES], once[crypto_hash_sha256_BYTES];
    char said[IDENTITY_MAIL + HMAC_END_MAX + 1];
    size_t length = 0;
    uint32_t end = hmac_end(hex);
    *identity = (struct identity){.until = now + IDENTITY_LONGEST};
    if (key->public) return error_set(error, ERROR_INPUT, "the site has a public key, so it signs tokens alone");
    if (!text_set(identity->mail, sizeof identity->mail, mail) || !denied_mail_good(span_of(mail)))
        return error_set(error, ERROR_INPUT, "there is no e-mail address beside the HMAC");
    snprintf(said, sizeof said, end ? "%s %.*s" : "%s", mail, end ? (int)end - 1 : 0, (const char *)hex.bytes);
    if (!identity_is_hmac(hex) ||
        sodium_hex2bin(signature, sizeof signature, (const char *)hex.bytes + end, hex.length - end, NULL, &length,
                       NULL) != 0 ||
        !secret_signed(key, span_of(said), signature, length))
        return error_set(error, ERROR_INPUT, "the HMAC is not of this address by this secret");
    if (end && now / IDENTITY_SECOND >= strtoll((const char *)hex.bytes, NULL, 10)) /* the dot ends it */
        return error_set(error, ERROR_INPUT, "the HMAC has ended");
    randombytes_buf(once, sizeof once);
    sodium_bin2hex(identity->digest, IDENTITY_DIGEST, once, sizeof once);
    return true;
}
