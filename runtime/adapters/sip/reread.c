/* runtime/adapters/sip/reread.c - Reads files again that have changed. */
#include "runtime/adapters/sip/reread.h"

#include <string.h>

#include "runtime/adapters/sip/exchange.h"
#include "runtime/adapters/sip/transport.h"

enum { REREAD_MS = 1000, REREAD_LOSES_MS = 60000 };

/* --- Telephones: who is in the file still stays as registered as before, and proves itself by the password that is
 * there now; who is not is out of service --- */

/* What is under way asks for a telephone at its old place. */
static void reread_carry(struct telephone *to, struct telephone *from)
{
    const struct telephone fresh = *to;
    request_let_go(&from->alive.request);
    *to = *from;
    to->elsewhere = fresh.elsewhere;
    memcpy(to->ha1, fresh.ha1, sizeof to->ha1);
}

static bool reread_telephones(struct exchange *exchange, unsigned *gone, char *why, size_t why_size)
{
    struct telephones *now = &exchange->telephones, before = *now, fresh;
    bool good = telephones_read(&fresh, exchange->setting.telephones, exchange->setting.realm, why, why_size);
    for (unsigned i = 0; good && gone && i < before.count; i++) *gone += !telephones_find(&fresh, before.all[i].dn);
    if (!good || (gone && *gone > 0)) {
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

static bool reread_certificate(struct exchange *exchange, unsigned *gone, char *why, size_t why_size)
{
    (void)gone;
    return transport_certificate(exchange, why, why_size);
}

static const struct {
    const char *what;
    bool (*again)(struct exchange *, unsigned *gone, char *why, size_t why_size); /* as providers_again() */
} rereads[REREAD_FILES] = {
    [REREAD_TELEPHONES] = {"telephones", reread_telephones},
    [REREAD_PROVIDERS] = {"providers", providers_again},
    [REREAD_CERTIFICATE] = {"certificate of tls_address", reread_certificate},
};

void reread_begin(struct exchange *exchange)
{
    const struct sip_setting *setting = &exchange->setting;
    const char *const paths[REREAD_FILES] = {setting->telephones, setting->providers,
                                             *setting->tls_address ? setting->tls_certificate : ""};
    for (unsigned i = 0; i < REREAD_FILES; i++) {
        exchange->reread.files[i].file = (struct watched){.path = *paths[i] ? paths[i] : NULL};
        (void)watched_changed(&exchange->reread.files[i].file);
    }
}

static void reread_now(struct exchange *exchange, unsigned at, bool loses)
{
    struct reread_file *file = &exchange->reread.files[at];
    char why[512];
    unsigned gone = 0;
    file->loses_ms = 0;
    if (!rereads[at].again(exchange, loses ? NULL : &gone, why, sizeof why)) {
        exchange_log(exchange, GCX_LOG_ERROR, "sip: %s; what was read before serves on", why);
    } else if (gone > 0) {
        file->loses_ms = loop_ms() + REREAD_LOSES_MS;
        exchange_log(exchange, GCX_LOG_WARNING, "sip: the %s: %u of before are not in the file, which counts in %d s",
                     rereads[at].what, gone, REREAD_LOSES_MS / 1000);
    } else {
        exchange_log(exchange, GCX_LOG_INFO, "sip: the %s: read again", rereads[at].what);
    }
}

void reread_tick(struct exchange *exchange)
{
    struct reread *reread = &exchange->reread;
    if (loop_ms() - reread->looked_ms < REREAD_MS) return;
    reread->looked_ms = loop_ms();
    for (unsigned i = 0; i < REREAD_FILES; i++) {
        struct reread_file *file = &reread->files[i];
        bool was_due = file->due, loses = file->loses_ms > 0 && loop_ms() >= file->loses_ms;
        file->due = watched_changed(&file->file);
        if (!file->due && (was_due || loses)) reread_now(exchange, i, !was_due);
        if (file->due) file->loses_ms = 0;
    }
}
