/* runtime/adapters/sip/telephones.c - The registrar. */
#include "runtime/adapters/sip/refuse.h"
#include "runtime/adapters/sip/telephones.h"

#include <glib.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/adapter/tls.h"
#include "runtime/adapters/sip/exchange.h"
#include "runtime/adapters/sip/peer.h"
#include "runtime/adapters/sip/raw.h"
#include "runtime/vocabulary/bytes.h"
#include "runtime/vocabulary/file.h"
#include "runtime/vocabulary/memory.h"

/* --- The file --- */

static void telephone_add(struct telephones *telephones, const struct telephone *telephone)
{
    if (!telephones->by_dn) telephones->by_dn = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    telephones->all = memory_more(telephones->all, telephones->count, sizeof *telephones->all);
    telephones->all[telephones->count++] = *telephone;
    g_hash_table_insert(telephones->by_dn, g_strdup(telephone->dn), GUINT_TO_POINTER(telephones->count));
}

static bool telephone_line(struct telephones *telephones, char *line, const char *realm)
{
    char *blank = strpbrk(line, " \t");
    struct telephone telephone = {0};
    if (!blank) return false;
    *blank = '\0';
    const char *password = blank + 1 + strspn(blank + 1, " \t");
    if (!*password || strpbrk(line, "\"\\:") || telephones_find(telephones, line) ||
        !text_set(telephone.dn, sizeof telephone.dn, line))
        return false;
    telephone.elsewhere = strcmp(password, "-") == 0;
    md5_printf(telephone.ha1, "%s:%s:%s", line, realm, password);
    telephone_add(telephones, &telephone);
    return true;
}

bool telephones_read(struct telephones *telephones, const char *path, const char *realm, char *why, size_t why_size)
{
    enum { FILE_MAX = 16 * 1024 * 1024 };
    char said[256], *rest;
    const char *reason;
    size_t length;
    *telephones = (struct telephones){0};
    randombytes_buf(telephones->secret, sizeof telephones->secret);
    if (!*path) return true;
    if (!watched_private(path, said, sizeof said)) {
        snprintf(why, why_size, "telephones: %s", said);
        return false;
    }
    char *file = file_read(path, FILE_MAX, &length, &reason);
    if (!file) {
        snprintf(why, why_size, "telephones: %s: %s", path, reason);
        return false;
    }
    unsigned number = 0;
    bool good = true;
    rest = file;
    for (char *line; good && (line = strsep(&rest, "\n"));) {
        number++;
        line[strcspn(line, "\r")] = '\0';
        good = *line == '\0' || *line == '#' || telephone_line(telephones, line, realm);
    }
    if (!good)
        snprintf(why, why_size, "telephones: %s: line %u is not DN PASSWORD, or its DN is there twice", path, number);
    sodium_memzero(file, length);
    free(file);
    return good;
}

void telephones_free(struct telephones *telephones)
{
    free(telephones->all);
    if (telephones->by_dn) g_hash_table_destroy(telephones->by_dn);
    *telephones = (struct telephones){0};
}

struct telephone *telephones_find(const struct telephones *telephones, const char *dn)
{
    if (telephones->count == 0) return NULL;
    unsigned number = GPOINTER_TO_UINT(g_hash_table_lookup(telephones->by_dn, dn));
    return number == 0 ? NULL : &telephones->all[number - 1];
}

bool telephones_know(const struct telephones *telephones, const struct sa *source)
{
    for (unsigned i = 0; i < telephones->count; i++)
        if (telephones->all[i].registered && sa_cmp(&telephones->all[i].at, source, SA_ALL)) return true;
    return false;
}

/* --- Guessing --- */

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

/* True: the next one is not answered any more. */
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

/* --- Digest: a nonce is a moment, signed for the address that asks; it is remembered once it has proved --- */

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

/* 0: it is none of ours, or too old. */
static uint64_t nonce_moment(const struct telephones *telephones, const struct sa *source, const struct pl *nonce)
{
    char text[NONCE_SIZE], own[NONCE_SIZE], moment[17] = "";
    if (nonce->l != NONCE_SIZE - 1 || pl_strcpy(nonce, text, sizeof text) != 0) return 0;
    memcpy(moment, text, sizeof moment - 1);
    uint64_t moment_us = strtoull(moment, NULL, 16);
    nonce_at(telephones, source, moment_us, own);
    return sodium_memcmp(own, text, sizeof own) == 0 && loop_ms() < moment_us / 1000 + NONCE_MS ? moment_us : 0;
}

/* A telephone that says no count (RFC 2069) has each nonce once. */
static uint32_t nonce_count(const struct httpauth_digest_resp *digest)
{
    return !pl_isset(&digest->qop) ? UINT32_MAX : digest->nc.l == 8 ? pl_x32(&digest->nc) : 0;
}

/* False: this proof, or a later one, has been taken already. */
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

/* The hash is of the URI that the telephone says: a proof for another one is none for this request (RFC 7616). */
static bool proof_names(const struct sip_msg *message, const struct httpauth_digest_resp *digest)
{
    struct raw_text said = {digest->uri.p, digest->uri.l}, asked = {message->ruri.p, message->ruri.l};
    bool same = pl_cmp(&digest->uri, &message->ruri) == 0; /* also a service of emergencies, which is no URI of sip */
    return same || raw_same_target(said, asked, pl_strcmp(&message->met, "REGISTER") == 0);
}

static bool proof_holds(struct exchange *exchange, const struct sip_msg *message, const struct telephone *telephone,
                        const struct httpauth_digest_resp *digest)
{
    return telephone && !telephone->elsewhere && pl_strcmp(&digest->realm, exchange->setting.realm) == 0 &&
           httpauth_digest_response_auth(digest, &message->met, telephone->ha1) == 0;
}

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

/* --- Registration --- */

void telephone_is(struct exchange *exchange, struct telephone *telephone, bool registered)
{
    telephone->registered = registered;
    alive_set(exchange, telephone, registered);
    cti_clock(&exchange->cti);
    cti_device(&exchange->cti, telephone->dn, dn_type_extension,
               registered || telephone->elsewhere ? dn_state_in : dn_state_out);
}

void telephone_speaks(struct exchange *exchange, struct telephone *telephone)
{
    if (!telephone->refused) return;
    telephone->refused = false;
    cti_clock(&exchange->cti);
    cti_device_again(&exchange->cti, telephone->dn);
}

/* Is the text plain enough to stand in a URI of ours? */
static bool contact_user_good(const char *user)
{
    static const char plain[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.~+*=";
    return *user && strspn(user, plain) == strlen(user);
}

/* Is it a URI that may stand between brackets of ours? */
static bool contact_uri_good(const char *uri)
{
    static const char plain[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.!~*'()&=+$,;?/:@%[]";
    return strncasecmp(uri, "sip", 3) == 0 && strspn(uri, plain) == strlen(uri);
}

/* Do requests to it go there? What was taken out of it may have made another one of it. */
static bool telephone_path_leads(const char *text, enum sip_transp transport, const struct sa *to)
{
    struct pl all;
    struct uri uri;
    pl_set_str(&all, text);
    return contact_uri_good(text) && uri_decode(&uri, &all) == 0 && peer_is_told(&uri, transport, to);
}

/* An edge says by Path (RFC 3327) that calls for the telephone come to the edge, with the telephone's own Contact. It
 * must be the machine that the REGISTER came from: no other one can be called so. dialog_new() adds `;lr` to a route.
 */
static void telephone_path(struct telephone *telephone, const struct sip_msg *message)
{
    const struct sip_hdr *header = sip_msg_hdr(message, SIP_HDR_PATH);
    struct sip_addr path;
    *telephone->path = '\0';
    if (!*telephone->contact || !header || sip_addr_decode(&path, &header->val) != 0) return;
    const char *end = path.auri.p + path.auri.l, *loose = path.auri.p;
    while (loose < end && strncasecmp(loose, ";lr", 3) != 0) loose++;
    struct pl before = {path.auri.p, (size_t)(loose - path.auri.p)}, behind = {loose, 0};
    if (loose < end) {
        for (behind.p = loose + 3; behind.p < end && *behind.p != ';';) behind.p++;
        behind.l = (size_t)(end - behind.p);
    }
    if (re_snprintf(telephone->path, TELEPHONE_PATH, "%r%r", &before, &behind) <= 0 ||
        !telephone_path_leads(telephone->path, message->tp, &message->src))
        *telephone->path = '\0';
}

static void telephone_contact(struct telephone *telephone, const struct pl *contact)
{
    if (pl_strcpy(contact, telephone->contact, TELEPHONE_CONTACT) != 0 || !contact_uri_good(telephone->contact))
        *telephone->contact = '\0';
}

bool telephone_uri(const struct telephone *telephone, char uri[TELEPHONE_URI], const char **route)
{
    *route = *telephone->path ? telephone->path : NULL;
    if (*route) return text_set(uri, TELEPHONE_URI, telephone->contact);
    return re_snprintf(uri, TELEPHONE_URI, "sip:%s@%J%s", telephone->user, &telephone->at,
                       ua_transport_param(telephone->transport)) > 0;
}

/* A telephone that asks for `rport` (RFC 3581) hears where it sends from; another one may listen at a port beside. */
static void telephone_reach(const struct exchange *exchange, struct telephone *telephone, const struct sip_msg *message,
                            const struct uri *contact)
{
    struct pl port;
    bool symmetric = msg_param_exists(&message->via.params, "rport", &port) == 0;
    telephone->at = symmetric ? message->src : peer_reached(exchange, message, contact);
    telephone->alive.behind = message->tp != SIP_TRANSP_UDP || !peer_is_told(contact, message->tp, &telephone->at);
    telephone->transport = message->tp;
    if (pl_strcpy(&contact->user, telephone->user, sizeof telephone->user) != 0 || !contact_user_good(telephone->user))
        text_set(telephone->user, sizeof telephone->user, telephone->dn);
}

static uint32_t seconds_asked(const struct setting *setting, const struct sip_msg *message, const struct pl *params)
{
    struct pl expires;
    uint64_t seconds = setting->expires;
    if (params && msg_param_decode(params, "expires", &expires) == 0)
        seconds = pl_u32(&expires);
    else if (pl_isset(&message->expires))
        seconds = pl_u32(&message->expires);
    return (uint32_t)(seconds > setting->expires ? setting->expires : seconds);
}

/* Behind one edge a caller's Contact may have the name of a telephone, but not its host, too. An edge may have written
 * another host there than at the REGISTER: then the telephone is known by its address of record, which is one of the
 * same domain as whom it calls. */
static bool telephone_tells(const struct telephone *telephone, const struct sip_msg *message, const struct uri *contact)
{
    const struct uri *from = &message->from.uri;
    struct pl kept;
    struct uri own;
    pl_set_str(&kept, telephone->contact);
    if (pl_strcmp(&contact->user, telephone->user) != 0) return false;
    return uri_decode(&own, &kept) != 0 || pl_casecmp(&own.host, &contact->host) == 0 ||
           (pl_strcmp(&from->user, telephone->dn) == 0 && pl_casecmp(&from->host, &message->to.uri.host) == 0);
}

bool telephones_wrote(const struct telephones *telephones, const struct sip_msg *message)
{
    const struct sip_hdr *header = sip_msg_hdr(message, SIP_HDR_CONTACT);
    struct sip_addr contact;
    if (!header || sip_addr_decode(&contact, &header->val) != 0) return false;
    for (unsigned i = 0; i < telephones->count; i++) {
        const struct telephone *telephone = &telephones->all[i];
        if (telephone->registered && sa_cmp(&telephone->at, &message->src, SA_ALL) &&
            telephone_tells(telephone, message, &contact.uri))
            return true;
    }
    return false;
}

static bool telephone_has(const void *leg, const void *self)
{
    return strcmp(((const struct leg *)leg)->dn, ((const struct telephone *)self)->dn) == 0;
}

/* The calls of a telephone that has another address go on there: the same device says so by its Call-ID. */
static void telephone_follow(struct exchange *exchange, struct telephone *telephone, const struct sip_msg *message,
                             const struct sa *before)
{
    const struct way way = {telephone->transport, telephone->at};
    bool same = *telephone->registration && pl_strcmp(&message->callid, telephone->registration) == 0;
    if (telephone->registered && same && !sa_cmp(before, &telephone->at, SA_ALL))
        sessions_move(&exchange->ua, telephone_has, telephone, before, &way);
    if (pl_strcpy(&message->callid, telephone->registration, sizeof telephone->registration) != 0)
        *telephone->registration = '\0';
}

void telephones_register(struct exchange *exchange, const struct sip_msg *message)
{
    struct telephone *telephone = telephone_proved(exchange, message);
    if (!telephone) return; /* each other answer has a transaction: the same packet again is no second proof */
    if (pl_strcmp(&message->to.uri.user, telephone->dn) != 0) {
        refuse_kept(exchange, message, REFUSED_sip_foreign_name, "");
        return;
    }
    const struct sip_hdr *header = sip_msg_hdr(message, SIP_HDR_CONTACT);
    struct sip_addr contact;
    bool all = header && pl_strcmp(&header->val, "*") == 0;
    if (header && !all && sip_addr_decode(&contact, &header->val) != 0) {
        refuse_kept(exchange, message, REFUSED_sip_malformed, "");
        return;
    }
    uint32_t seconds = seconds_asked(&exchange->setting, message, !header || all ? NULL : &contact.params);
    if (all && seconds > 0) { /* it is for an end only */
        refuse_kept(exchange, message, REFUSED_sip_malformed, "");
        return;
    }
    if (header) {
        if (seconds > 0) {
            const struct sa before = telephone->at;
            telephone_reach(exchange, telephone, message, &contact.uri);
            telephone_follow(exchange, telephone, message, &before);
            telephone_contact(telephone, &contact.auri);
            telephone_path(telephone, message);
        }
        telephone->until_ms = loop_ms() + (uint64_t)seconds * 1000;
        telephone_is(exchange, telephone, seconds > 0);
        if (telephone->registered) telephone_speaks(exchange, telephone);
        exchange->keep_due = true;
    }
    if (!telephone->registered || !header || all) {
        ua_answer_kept(&exchange->ua, message, 200, "OK", NULL);
        return;
    }
    char *headers =
        memory_format("Contact: <%.*s>;expires=%u\r\n%s%s%s", (int)contact.auri.l, contact.auri.p, seconds,
                      *telephone->path ? "Path: <" : "", telephone->path, *telephone->path ? ";lr>\r\n" : "");
    ua_answer_kept(&exchange->ua, message, 200, "OK", &(struct content){.headers = headers});
    free(headers);
}

void telephones_tick(struct exchange *exchange)
{
    uint64_t now_ms = loop_ms();
    for (unsigned i = 0; i < exchange->telephones.count; i++) {
        struct telephone *telephone = &exchange->telephones.all[i];
        if (!telephone->registered || telephone->until_ms > now_ms) continue;
        exchange_log(exchange, GCX_LOG_INFO, "sip: dn=%s: its registration has ended", telephone->dn);
        telephone_is(exchange, telephone, false);
    }
    alive_tick(exchange);
}
