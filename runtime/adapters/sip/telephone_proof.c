/* runtime/adapters/sip/telephone_proof.c - Checks by its password that a request comes from a telephone, and counts
 * wrong passwords.
 *
 *     telephone                          exchange
 *        |--- REGISTER ------------------->|
 *        |<-- 401, nonce ------------------|   nothing is kept
 *        |--- REGISTER, response, nc=1 --->|   hash, address, age and count agree: proved
 *        |--- REGISTER, response, nc=2 --->|   the same nonce again, with a higher count
 *
 * A nonce is the time and a keyed hash of time and address (RFC 7616), so the exchange can check its own nonces
 * without a table. Only nonces that were used in a valid proof are remembered, a few for each telephone, so that a
 * recorded proof cannot be used again. */
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/adapters/sip/exchange.h"
#include "runtime/adapters/sip/raw.h"
#include "runtime/adapters/sip/refuse.h"
#include "runtime/vocabulary/bytes.h"
#include "base/memory.h"

/* --- Guessing --- */

/* The entry of the table that counts wrong passwords for an address and a DN; NULL: there is none. A count older
 * than GUESS_MS starts again at 0. */
static struct guesser *guesser_of(struct guesses *guesses, const struct sa *source, const char *dn)
{
    uint64_t now_ms = loop_ms();
    for (unsigned i = 0; i < GUESSERS; i++) {
        struct guesser *guesser = &guesses->all[i];
        if (guesser->count == 0 || !sa_cmp(&guesser->source, source, SA_ADDR) || strcmp(guesser->dn, dn) != 0) continue;
        if (now_ms - guesser->since_ms > GUESS_MS) guesser->count = 0;
        return guesser;
    }
    return NULL;
}

static bool guesses_too_often(struct guesses *guesses, const struct sa *source, const char *dn, unsigned most)
{
    const struct guesser *guesser = guesser_of(guesses, source, dn);
    return guesser && guesser->count >= most;
}

/* Counts a wrong password; true: from now on requests are not answered. If the address has no entry, the next entry
 * of the table is overwritten in turn: the table never grows. */
static bool guessed_too_often(struct guesses *guesses, const struct sa *source, const char *dn, unsigned most)
{
    struct guesser *guesser = guesser_of(guesses, source, dn);
    if (!guesser) guesser = &guesses->all[guesses->next++ % GUESSERS];
    if (guesser->count == 0 || !sa_cmp(&guesser->source, source, SA_ADDR) || strcmp(guesser->dn, dn) != 0) {
        *guesser = (struct guesser){.source = *source, .since_ms = loop_ms()};
        text_set(guesser->dn, sizeof guesser->dn, dn);
    }
    return ++guesser->count == most;
}

static void guessed_wrong(struct exchange *exchange, const struct sa *source, const char *dn)
{
    struct telephones *telephones = &exchange->telephones;
    char text[64];
    (void)re_snprintf(text, sizeof text, "%j", source);
    if (guessed_too_often(&telephones->of_one, source, dn, GUESSES))
        exchange_log(exchange, GCX_LOG_WARNING,
                     "sip: %s comes with wrong passwords for dn=%s; that one is not answered there for %u s", text, dn,
                     GUESS_MS / 1000);
    if (guessed_too_often(&telephones->of_all, source, "", GUESSES_ALL))
        exchange_log(exchange, GCX_LOG_WARNING, "sip: %s comes with wrong passwords; it is not answered for %u s", text,
                     GUESS_MS / 1000);
}

/* --- Digest: a nonce is a time, signed for the address that asks; it is remembered once it was used in a valid
 * proof --- */

enum { NONCE_SIGNED = 16, NONCE_SIZE = 16 + 2 * NONCE_SIGNED + 1 };

static void nonce_at(const struct telephones *telephones, const struct sa *source, uint64_t moment_us,
                     char nonce[NONCE_SIZE])
{
    char signed_text[128];
    uint8_t hash[NONCE_SIGNED];
    int length = re_snprintf(signed_text, sizeof signed_text, "%016llx %j", moment_us, source);
    crypto_generichash(hash, sizeof hash, (const uint8_t *)signed_text, length > 0 ? (unsigned long long)length : 0ULL,
                       telephones->secret, sizeof telephones->secret);
    snprintf(nonce, NONCE_SIZE, "%016llx", (unsigned long long)moment_us);
    sodium_bin2hex(nonce + 16, 2 * NONCE_SIGNED + 1, hash, sizeof hash);
}

/* The time in the nonce; 0: the nonce is not ours, or too old. */
static uint64_t nonce_moment(const struct telephones *telephones, const struct sa *source, const struct pl *nonce)
{
    char text[NONCE_SIZE], own[NONCE_SIZE], moment[17] = "";
    if (nonce->l != NONCE_SIZE - 1 || pl_strcpy(nonce, text, sizeof text) != 0) return 0;
    memcpy(moment, text, sizeof moment - 1);
    uint64_t moment_us = strtoull(moment, NULL, 16);
    nonce_at(telephones, source, moment_us, own);
    return sodium_memcmp(own, text, sizeof own) == 0 && loop_ms() < moment_us / 1000 + NONCE_MS ? moment_us : 0;
}

/* The count in a proof; a proof without a count (RFC 2069) gets the highest, so it can use each nonce only once. */
static uint32_t nonce_count(const struct httpauth_digest_resp *digest)
{
    return !pl_isset(&digest->qop) ? UINT32_MAX : digest->nc.l == 8 ? pl_x32(&digest->nc) : 0;
}

/* False: this proof, or one with a higher count, was accepted before. `nonces_after_us` is the latest nonce that was
 * dropped from the table: older ones are refused, because their counts are not known any more. */
static bool nonce_counts(struct telephone *telephone, uint64_t moment_us, uint32_t count)
{
    struct nonce_used *oldest = &telephone->nonces[0];
    for (unsigned i = 0; i < NONCES; i++) {
        struct nonce_used *nonce = &telephone->nonces[i];
        if (nonce->moment_us < oldest->moment_us) oldest = nonce;
        if (nonce->moment_us != moment_us) continue;
        if (count <= nonce->count || count == UINT32_MAX) return false;
        nonce->count = count;
        return true;
    }
    if (count == 0 || moment_us <= telephone->nonces_after_us) return false;
    if (oldest->moment_us > moment_us) return false;
    if (oldest->moment_us > 0) telephone->nonces_after_us = oldest->moment_us;
    *oldest = (struct nonce_used){moment_us, count};
    return true;
}

static void proof_ask(struct exchange *exchange, const struct sip_msg *message, bool stale)
{
    char nonce[NONCE_SIZE];
    struct telephones *telephones = &exchange->telephones;
    uint64_t now_us = loop_ms() * 1000;
    telephones->last_nonce_us = now_us > telephones->last_nonce_us ? now_us : telephones->last_nonce_us + 1;
    nonce_at(telephones, &message->src, telephones->last_nonce_us, nonce);
    char *header =
        memory_format("WWW-Authenticate: Digest realm=\"%s\", nonce=\"%s\", algorithm=MD5, qop=\"auth\"%s\r\n",
                      exchange->setting.realm, nonce, stale ? ", stale=true" : "");
    ua_answer_once(&exchange->ua, message, 401, "Unauthorized", &(struct content){.headers = header});
    free(header);
}

/* Is the proof for this request? The proof's hash contains a URI, which must be that of the request (RFC 7616). */
static bool proof_names(const struct sip_msg *message, const struct httpauth_digest_resp *digest)
{
    struct raw_text said = {digest->uri.p, digest->uri.l}, asked = {message->ruri.p, message->ruri.l};
    /* equal bytes suffice also for the urn of an emergency service, which is no sip URI */
    bool same = pl_cmp(&digest->uri, &message->ruri) == 0;
    return same || raw_same_target(said, asked, pl_strcmp(&message->met, "REGISTER") == 0);
}

static bool proof_holds(struct exchange *exchange, const struct sip_msg *message, const struct telephone *telephone,
                        const struct httpauth_digest_resp *digest)
{
    return telephone && !telephone->elsewhere && pl_strcmp(&digest->realm, exchange->setting.realm) == 0 &&
           httpauth_digest_response_auth(digest, &message->met, telephone->ha1) == 0;
}

/* Checks a proof. The password is checked before the URI and the count, so that only a wrong password counts as
 * guessing. */
static struct telephone *proof_judge(struct exchange *exchange, const struct sip_msg *message,
                                     const struct httpauth_digest_resp *digest, uint64_t moment_us)
{
    char dn[NAME_SIZE];
    if (pl_strcpy(&digest->username, dn, sizeof dn) != 0) *dn = '\0';
    struct telephone *telephone = telephones_find(&exchange->telephones, dn);
    if (guesses_too_often(&exchange->telephones.of_one, &message->src, dn, GUESSES)) {
        refuse_told(exchange, message, REFUSED_sip_guesses);
    } else if (!proof_holds(exchange, message, telephone, digest)) {
        guessed_wrong(exchange, &message->src, dn);
        refuse_once(exchange, message, REFUSED_sip_password, "");
    } else if (!proof_names(message, digest)) {
        refuse_once(exchange, message, REFUSED_sip_proof_uri, "");
    } else if (!nonce_counts(telephone, moment_us, nonce_count(digest))) {
        proof_ask(exchange, message, true);
    } else {
        return telephone;
    }
    return NULL;
}

/* The telephone whose password proves that the request is its own. NULL: the message has been answered, or is
 * dropped because its address guesses passwords. */
struct telephone *telephone_proved(struct exchange *exchange, const struct sip_msg *message)
{
    const struct sip_hdr *header = sip_msg_hdr(message, SIP_HDR_AUTHORIZATION);
    struct httpauth_digest_resp digest;
    if (guesses_too_often(&exchange->telephones.of_all, &message->src, "", GUESSES_ALL)) {
        refuse_told(exchange, message, REFUSED_sip_guesses);
        return NULL;
    }
    bool proves = header && httpauth_digest_response_decode(&digest, &header->val) == 0;
    uint64_t moment_us = proves ? nonce_moment(&exchange->telephones, &message->src, &digest.nonce) : 0;
    if (moment_us != 0) return proof_judge(exchange, message, &digest, moment_us);
    proof_ask(exchange, message, proves);
    return NULL;
}
