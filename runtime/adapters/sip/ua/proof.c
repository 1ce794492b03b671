/* runtime/adapters/sip/ua/proof.c - Reads challenges, and prints the proofs. */
#include "runtime/adapters/sip/ua/proof.h"

#include <stdlib.h>
#include <string.h>

#include "runtime/vocabulary/memory.h"

enum { RENEWED_MOST = 3 };

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
}

struct proof_search {
    struct proof *proof;
    bool taken;
};

/* The first challenge that we can answer. One that comes again says that the password is wrong, unless its nonce was
 * old; a server that calls each new one old is not asked for ever. */
static bool proof_take(const struct sip_hdr *header, const struct sip_msg *answer, void *self)
{
    struct proof_search *search = self;
    struct httpauth_digest_chall challenge;
    (void)answer;
    if (httpauth_digest_challenge_decode(&challenge, &header->val) != 0 || !pl_isset(&challenge.realm) ||
        (pl_isset(&challenge.algorithm) && pl_strcasecmp(&challenge.algorithm, "md5") != 0))
        return false;
    bool stale = pl_isset(&challenge.stale) && pl_strcasecmp(&challenge.stale, "true") == 0;
    unsigned renewed = search->proof->count == 1 ? search->proof->renewed + 1 : 0;
    if (search->proof->realm && search->proof->count > 0 && (!stale || renewed > RENEWED_MOST)) return true;
    proof_set(search->proof, &challenge);
    search->proof->renewed = renewed;
    search->taken = true;
    return true;
}

bool proofs_take(struct proofs *proofs, const struct sip_msg *answer)
{
    bool proxy = answer->scode == 407;
    struct proof_search search = {&proofs->of[proxy], false};
    if (!proofs->name || (answer->scode != 401 && !proxy)) return false;
    (void)sip_msg_hdr_apply(answer, true, proxy ? SIP_HDR_PROXY_AUTHENTICATE : SIP_HDR_WWW_AUTHENTICATE, proof_take,
                            &search);
    return search.taken;
}

static void proof_print(struct mbuf *message, struct proof *proof, const struct proofs *proofs, const char *method,
                        const char *uri)
{
    uint8_t who[MD5_SIZE], what[MD5_SIZE], whole[MD5_SIZE];
    char own[UA_WORD];
    ua_word(own);
    proof->count++;
    int error = md5_printf(who, "%s:%s:%s", proofs->name, proof->realm, proofs->password);
    error |= md5_printf(what, "%s:%s", method, uri);
    error |= proof->counted ? md5_printf(whole, "%w:%s:%08x:%s:auth:%w", who, sizeof who, proof->nonce, proof->count,
                                         own, what, sizeof what)
                            : md5_printf(whole, "%w:%s:%w", who, sizeof who, proof->nonce, what, sizeof what);
    if (error != 0) return;
    (void)mbuf_printf(message, "Digest username=\"%s\", realm=\"%s\", nonce=\"%s\", uri=\"%s\", response=\"%w\"",
                      proofs->name, proof->realm, proof->nonce ? proof->nonce : "", uri, whole, sizeof whole);
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
