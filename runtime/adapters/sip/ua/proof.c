/* runtime/adapters/sip/ua/proof.c - Reads the challenges of servers, and writes the proofs of our password (digest).
 *
 *     401 or 407: realm, nonce, qop     -->  who   = H(name:realm:password)
 *                                            what  = H(method:uri)
 *                                            whole = H(who:nonce:count:own word:auth:what)
 *
 * H is MD5, or SHA-256 if the server says so (RFC 7616). A server (401) and a proxy (407) may both ask for a proof;
 * each has its own challenge. A nonce is used again with a higher count, so most requests need not be sent twice.
 * The password is overwritten in memory when the proofs end. */
#include "runtime/adapters/sip/ua/proof.h"

#include <glib.h>
#include <sodium.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"

enum { RENEWED_MOST = 3, DIGEST_HEX = 2 * crypto_hash_sha256_BYTES + 1 };

static void proof_clear(struct proof *proof)
{
    free(proof->realm);
    free(proof->nonce);
    free(proof->opaque);
    *proof = (struct proof){0};
}

void proofs_clear(struct proofs *proofs)
{
    for (unsigned i = 0; i < PROOFS; i++) proof_clear(&proofs->of[i]);
}

void proofs_begin(struct proofs *proofs, const char *name, const char *password)
{
    *proofs = (struct proofs){.name = memory_text(name), .password = memory_text(password)};
}

void proofs_end(struct proofs *proofs)
{
    proofs_clear(proofs);
    if (proofs->password) sodium_memzero(proofs->password, strlen(proofs->password));
    free(proofs->name);
    free(proofs->password);
    *proofs = (struct proofs){0};
}

static char *proof_text(const struct pl *text)
{
    return pl_isset(text) ? memory_format("%.*s", (int)text->l, text->p) : NULL;
}

static void proof_set(struct proof *proof, const struct httpauth_digest_chall *challenge)
{
    proof_clear(proof);
    proof->realm = proof_text(&challenge->realm);
    proof->nonce = proof_text(&challenge->nonce);
    proof->opaque = proof_text(&challenge->opaque);
    proof->counted = pl_isset(&challenge->qop);
    proof->sha256 = pl_strcasecmp(&challenge->algorithm, "sha-256") == 0;
}

/* Can we answer this challenge? Algorithms other than MD5 and SHA-256, and other kinds than Digest, are passed over. */
static bool proof_can(const struct httpauth_digest_chall *challenge)
{
    const struct pl *algorithm = &challenge->algorithm;
    return pl_isset(&challenge->realm) &&
           (!pl_isset(algorithm) || pl_strcasecmp(algorithm, "md5") == 0 || pl_strcasecmp(algorithm, "sha-256") == 0);
}

struct proof_search {
    struct proof *proof;
    bool taken;
};

/* Takes the first challenge that we can answer. If a proof was sent already, another challenge means that the
 * password is wrong, unless it calls the nonce old; a server that calls every new nonce old is given up after a few
 * times. */
static bool proof_take(const struct sip_hdr *header, const struct sip_msg *answer, void *self)
{
    struct proof_search *search = self;
    struct httpauth_digest_chall challenge;
    (void)answer;
    if (httpauth_digest_challenge_decode(&challenge, &header->val) != 0 || !proof_can(&challenge)) return false;
    bool stale = pl_isset(&challenge.stale) && pl_strcasecmp(&challenge.stale, "true") == 0;
    unsigned renewed = search->proof->count == 1 ? search->proof->renewed + 1 : 0;
    if (search->proof->realm && search->proof->count > 0 && (!stale || renewed > RENEWED_MOST)) return true;
    proof_set(search->proof, &challenge);
    search->proof->renewed = renewed;
    search->taken = true;
    return true;
}

/* True: the request may be sent again with a proof. False: it is final. */
bool proofs_take(struct proofs *proofs, const struct sip_msg *answer)
{
    bool proxy = answer->scode == 407;
    struct proof_search search = {&proofs->of[proxy], false};
    if (!proofs->name || (answer->scode != 401 && !proxy)) return false;
    (void)sip_msg_hdr_apply(answer, true, proxy ? SIP_HDR_PROXY_AUTHENTICATE : SIP_HDR_WWW_AUTHENTICATE, proof_take,
                            &search);
    return search.taken;
}

/* The digest of a text, as hexadecimal digits. The text may contain the password, so it is overwritten afterwards. */
__attribute__((format(printf, 3, 4))) static void proof_digest(const struct proof *proof, char hex[DIGEST_HEX],
                                                               const char *format, ...)
{
    uint8_t digest[crypto_hash_sha256_BYTES];
    va_list values;
    va_start(values, format);
    char *text = g_strdup_vprintf(format, values);
    va_end(values);
    size_t length = strlen(text);
    if (proof->sha256)
        crypto_hash_sha256(digest, (const uint8_t *)text, length);
    else
        md5((const uint8_t *)text, length, digest);
    sodium_memzero(text, length);
    g_free(text);
    sodium_bin2hex(hex, DIGEST_HEX, digest, proof->sha256 ? sizeof digest : MD5_SIZE);
}

/* Writes a proof for a request. The count goes up with each use; without qop (RFC 2069) there is no count in the
 * hash. */
static void proof_print(struct mbuf *message, struct proof *proof, const struct proofs *proofs, const char *method,
                        const char *uri)
{
    char who[DIGEST_HEX], what[DIGEST_HEX], whole[DIGEST_HEX], own[UA_WORD];
    const char *nonce = proof->nonce ? proof->nonce : "";
    ua_word(own);
    proof->count++;
    proof_digest(proof, who, "%s:%s:%s", proofs->name, proof->realm, proofs->password);
    proof_digest(proof, what, "%s:%s", method, uri);
    if (proof->counted)
        proof_digest(proof, whole, "%s:%s:%08x:%s:auth:%s", who, nonce, proof->count, own, what);
    else
        proof_digest(proof, whole, "%s:%s:%s", who, nonce, what);
    (void)mbuf_printf(message, "Digest username=\"%s\", realm=\"%s\", nonce=\"%s\", uri=\"%s\", response=\"%s\"",
                      proofs->name, proof->realm, nonce, uri, whole);
    if (proof->sha256) (void)mbuf_write_str(message, ", algorithm=SHA-256");
    if (proof->opaque) (void)mbuf_printf(message, ", opaque=\"%s\"", proof->opaque);
    if (proof->counted) (void)mbuf_printf(message, ", qop=auth, nc=%08x, cnonce=\"%s\"", proof->count, own);
    (void)mbuf_write_str(message, "\r\n");
}

void proofs_print(struct mbuf *message, struct proofs *proofs, const char *method, const char *uri)
{
    static const char *const headers[PROOFS] = {"Authorization: ", "Proxy-Authorization: "};
    for (unsigned i = 0; i < PROOFS; i++) {
        if (!proofs->of[i].realm) continue;
        (void)mbuf_write_str(message, headers[i]);
        proof_print(message, &proofs->of[i], proofs, method, uri);
    }
}
