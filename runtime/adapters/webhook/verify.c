/* runtime/adapters/webhook/verify.c - Checks signatures, in a time that does not depend on how much is right.
 *
 *     X-Signature: sha256=9f86d0...      prefix "sha256=", then HMAC(secret, what `signs` says) in hex or base64
 *
 * A header may have several signatures, with blanks between, while a network changes its secret. A request with a
 * time that is too old or too far in the future is refused, so that a recorded request cannot be sent again later. */
#include "runtime/adapters/webhook/verify.h"

#include <assert.h>
#include <glib.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <sodium.h>
#include <string.h>

#include "runtime/adapters/webhook/form.h"
#include "runtime/adapters/webhook/pick.h"
#include "runtime/web/authorization.h"

enum { KEY_MAX = 512, SIGNATURE_MAX = 128 };

struct signing {
    const struct verify_request *request;
};

/* Orders form fields by name, and by value if the names are equal. */
static gint by_name_and_value(gconstpointer a, gconstpointer b)
{
    const struct form_field *one = *(struct form_field *const *)a, *other = *(struct form_field *const *)b;
    gint order = g_bytes_compare(one->name, other->name);
    return order != 0 ? order : g_bytes_compare(one->value, other->value);
}

static void append_bytes(GString *to, GBytes *bytes)
{
    gsize length;
    const char *text = g_bytes_get_data(bytes, &length);
    if (length > 0) g_string_append_len(to, text, (gssize)length);
}

/* Appends each name followed by its value, in the order of names. */
static void append_form(struct span body, GString *to)
{
    GPtrArray *fields = form_fields((const char *)body.bytes, body.length);
    g_ptr_array_sort(fields, by_name_and_value);
    for (guint i = 0; i < fields->len; i++) {
        const struct form_field *field = fields->pdata[i];
        append_bytes(to, field->name);
        append_bytes(to, field->value);
    }
    g_ptr_array_unref(fields);
}

static bool find_signed(void *self, const char *name, GString *to)
{
    const struct verify_request *request = ((struct signing *)self)->request;
    const char *header;
    if (strcmp(name, "body") == 0)
        g_string_append_len(to, (const char *)request->body.bytes, (gssize)request->body.length);
    else if (strcmp(name, "url") == 0)
        g_string_append(to, request->url);
    else if (strcmp(name, "form") == 0)
        append_form(request->body, to);
    else if ((header = request->header(request->self, name)))
        g_string_append(to, header);
    else
        return false;
    return true;
}

/* Writes the key's bytes, and returns their number; 0: the secret cannot be read as a key. */
static size_t key_bytes(const struct webhook_verify *verify, const char *secret, unsigned char key[KEY_MAX])
{
    static const char before[] = "whsec_";
    size_t length = strlen(secret);
    if (!verify->keyed) {
        if (length > KEY_MAX) return 0;
        memcpy(key, secret, length);
        return length;
    }
    if (strncmp(secret, before, sizeof before - 1) == 0) secret += sizeof before - 1;
    bool good = sodium_base642bin(key, KEY_MAX, secret, strlen(secret), NULL, &length, NULL,
                                  sodium_base64_VARIANT_ORIGINAL) == 0;
    return good ? length : 0;
}

bool verify_secret_is_good(const struct webhook_verify *verify, const char *secret)
{
    unsigned char key[KEY_MAX];
    size_t length = verify->digest == VERIFY_NONE ? strlen(secret) : key_bytes(verify, secret, key);
    sodium_memzero(key, sizeof key);
    return length > 0;
}

/* Writes the word that the header must have, prefix included. False: the word cannot be computed. The key on the stack
 * is overwritten afterwards. */
static bool signature_of(const struct webhook_verify *verify, const char *secret, const struct verify_request *request,
                         char signature[SIGNATURE_MAX])
{
    unsigned char key[KEY_MAX], code[EVP_MAX_MD_SIZE];
    unsigned length = 0;
    GString *text = g_string_new(NULL);
    size_t key_length = key_bytes(verify, secret, key);
    const EVP_MD *digest = verify->digest == VERIFY_SHA1 ? EVP_sha1() : EVP_sha256();
    bool good = key_length > 0 && pick_fill(verify->signs, find_signed, &(struct signing){request}, text) &&
                HMAC(digest, key, (int)key_length, (const unsigned char *)text->str, text->len, code, &length);
    size_t at = g_strlcpy(signature, verify->prefix, SIGNATURE_MAX);
    good = good && at + sodium_base64_ENCODED_LEN(length, sodium_base64_VARIANT_ORIGINAL) < SIGNATURE_MAX &&
           at + 2 * (size_t)length < SIGNATURE_MAX;
    if (good && verify->base64)
        sodium_bin2base64(signature + at, SIGNATURE_MAX - at, code, length, sodium_base64_VARIANT_ORIGINAL);
    else if (good)
        sodium_bin2hex(signature + at, SIGNATURE_MAX - at, code, length);
    sodium_memzero(key, sizeof key);
    g_string_free(text, TRUE);
    return good;
}

/* Is the word one of those in the header? Each word is compared in constant time, and the search does not stop at
 * the first match. */
static bool header_has(const char *header, const char *word)
{
    bool found = false;
    for (size_t length; *header; header += length) {
        header += strspn(header, " ");
        length = strcspn(header, " ");
        if (length == strlen(word) && sodium_memcmp(header, word, length) == 0) found = true;
    }
    return found;
}

static bool stamp_is_fresh(const struct webhook_verify *verify, const struct verify_request *request)
{
    if (!verify->stamp) return true;
    const char *stamp = request->header(request->self, verify->stamp);
    char *end;
    gint64 at_s = stamp ? g_ascii_strtoll(stamp, &end, 10) : 0;
    if (!stamp || end == stamp || *end || at_s <= 0) return false;
    gint64 age_s = request->now_s > at_s ? request->now_s - at_s : at_s - request->now_s;
    return age_s <= VERIFY_WINDOW_S;
}

/* Is the request the network's own? Without a digest the header must have the secret itself. */
bool verify_is_own(const struct webhook_verify *verify, const char *secret, const struct verify_request *request)
{
    assert(verify->header && verify->prefix && secret && *secret);
    char signature[SIGNATURE_MAX];
    const char *header = request->header(request->self, verify->header);
    if (!header || !stamp_is_fresh(verify, request)) return false;
    if (verify->digest == VERIFY_NONE) return authorization_same(header, secret);
    return signature_of(verify, secret, request, signature) && header_has(header, signature);
}
