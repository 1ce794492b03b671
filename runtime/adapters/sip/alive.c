/* runtime/adapters/sip/alive.c - Keeps the ways to telephones behind routers open. */
#include "runtime/adapters/sip/alive.h"

#include "runtime/adapters/sip/exchange.h"
#include "runtime/adapters/sip/transport.h"

static void alive_tell(struct telephone *telephone, bool silent)
{
    struct alive *alive = &telephone->alive;
    char at[64] = "";
    if (alive->silent == silent) return;
    alive->silent = silent;
    (void)re_snprintf(at, sizeof at, "%J", &telephone->at);
    if (silent)
        exchange_log(alive->exchange, GCX_LOG_WARNING,
                     "sip: dn=%s: it answers nothing at %s; calls may not arrive until it registers again",
                     telephone->dn, at);
    else
        exchange_log(alive->exchange, GCX_LOG_INFO, "sip: dn=%s: it answers at %s again", telephone->dn, at);
}

void alive_set(struct exchange *exchange, struct telephone *telephone, bool registered)
{
    struct alive *alive = &telephone->alive;
    alive->exchange = exchange;
    alive->request = mem_deref(alive->request);
    alive->due_ms = registered && alive->behind ? tmr_jiffies() + ALIVE_MS : 0;
    if (registered)
        alive_tell(telephone, false);
    else
        alive->silent = false;
}

static void alive_on_answer(int error, const struct sip_msg *answer, void *self)
{
    if (error == 0 && answer && answer->scode < 200) return;
    alive_tell(self, error != 0 || !answer);
}

static void alive_ask(struct exchange *exchange, struct telephone *telephone)
{
    char to[TELEPHONE_URI], own[CONTACT_SIZE];
    const char *route;
    struct sip_dialog *dialog = NULL;
    transport_contact(exchange, telephone->transport, "gcx", own);
    int error = telephone_uri(telephone, to, &route)
                    ? sip_dialog_alloc(&dialog, to, to, NULL, own, &route, route != NULL)
                    : EINVAL;
    if (error == 0)
        error = sip_drequestf(&telephone->alive.request, exchange->sip, true, "OPTIONS", dialog, 0, NULL, NULL,
                              alive_on_answer, telephone, "Content-Length: 0\r\n\r\n");
    mem_deref(dialog);
    if (error != 0) alive_on_answer(error, NULL, telephone);
}

void alive_tick(struct exchange *exchange)
{
    uint64_t now_ms = tmr_jiffies();
    unsigned left = ALIVE_AT_ONCE;
    for (unsigned i = 0; i < exchange->telephones.count && left > 0; i++) {
        struct telephone *telephone = &exchange->telephones.all[i];
        struct alive *alive = &telephone->alive;
        if (alive->due_ms == 0 || alive->due_ms > now_ms) continue;
        alive->due_ms = now_ms + ALIVE_MS;
        if (alive->request) continue; /* libre still repeats the last one */
        left--;
        alive_ask(exchange, telephone);
    }
}
