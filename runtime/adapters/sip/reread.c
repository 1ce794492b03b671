/* runtime/adapters/sip/reread.c - Reads files of the settings again after they have changed.
 *
 *     file changes --> read into a fresh table --> is it good, and are not too many lines gone?
 *                                                     |-- no:  the old table stays in force
 *                                                     '-- yes: the state of each telephone moves over
 *
 * A file may be read while somebody is still writing it. So a file that has a mistake or has lost many lines is not
 * used at once (watched_counts). */
#include "runtime/adapters/sip/reread.h"

#include <string.h>

#include "runtime/adapters/sip/exchange.h"
#include "runtime/adapters/sip/transport.h"

/* --- Telephones: those still in the file stay registered, with the password that is there now; those gone from it
 * are out of service --- */

/* Copies the state of a telephone to its place in the new table. An OPTIONS that waits for its answer points to the
 * old place, so it is dropped; the next one is sent from the new place. */
static void reread_carry(struct telephone *to, struct telephone *from)
{
    const struct telephone fresh = *to;
    request_let_go(&from->alive.request);
    *to = *from;
    to->elsewhere = fresh.elsewhere;
    memcpy(to->ha1, fresh.ha1, sizeof to->ha1);
}

/* Reads the telephones again. The new table is set before the call model is told of a telephone, because the call model
 * looks the telephone up. The old table is freed last. */
static bool reread_telephones(void *self, struct watched_lost *lost, char *why, size_t why_size)
{
    struct exchange *exchange = self;
    struct telephones *now = &exchange->telephones, before = *now, fresh;
    bool good = telephones_read(&fresh, exchange->setting.telephones, exchange->setting.realm, why, why_size);
    lost->of = before.count;
    for (unsigned i = 0; good && i < before.count; i++) lost->gone += !telephones_find(&fresh, before.all[i].dn);
    if (!good || !watched_counts(lost)) {
        telephones_free(&fresh);
        return good;
    }
    now->all = fresh.all;
    now->count = fresh.count;
    now->by_dn = fresh.by_dn;
    for (unsigned i = 0; i < before.count; i++) {
        struct telephone *telephone = &before.all[i], *same = telephones_find(now, telephone->dn);
        if (same) {
            reread_carry(same, telephone);
            continue;
        }
        telephone->elsewhere = false;
        telephone_is(exchange, telephone, false);
    }
    for (unsigned i = 0; i < now->count; i++) {
        struct telephone *telephone = &now->all[i], *old = telephones_find(&before, telephone->dn);
        if (!old || old->elsewhere != telephone->elsewhere) telephone_is(exchange, telephone, telephone->registered);
    }
    telephones_free(&before);
    keep_now(exchange);
    return true;
}

static bool reread_providers(void *exchange, struct watched_lost *lost, char *why, size_t why_size)
{
    return providers_again(exchange, lost, why, why_size);
}

static bool reread_certificate(void *exchange, struct watched_lost *lost, char *why, size_t why_size)
{
    (void)lost;
    return transport_certificate(exchange, why, why_size);
}

void reread_begin(struct exchange *exchange)
{
    const struct sip_setting *setting = &exchange->setting;
    struct watched_files *files = &exchange->files;
    watched_begin(files, exchange->cti.link, exchange->cti.services);
    watched_add(files, "telephones", setting->telephones, reread_telephones, exchange);
    watched_add(files, "providers", setting->providers, reread_providers, exchange);
    if (*setting->tls_address)
        watched_add(files, "certificate of tls_address", setting->tls_certificate, reread_certificate, exchange);
}
