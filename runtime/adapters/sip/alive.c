/* runtime/adapters/sip/alive.c - Which telephones are in service; keeps the ways to those behind routers open. */
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

/* The telephone is registered there from now on, or nowhere. */
void alive_set(struct exchange *exchange, struct telephone *telephone, bool registered)
{
    struct alive *alive = &telephone->alive;
    alive->exchange = exchange;
    request_let_go(&alive->request);
    alive->due_ms = registered && alive->behind ? loop_ms() + ALIVE_MS : 0;
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
    transport_contact(exchange, telephone->transport, "gcx", own);
    int error = EINVAL;
    if (telephone_uri(telephone, to, &route)) {
        struct dialog *dialog = dialog_new(to, to, NULL, own, route);
        const struct request_ask ask = {
            .method = "OPTIONS", .dialog = dialog, .answered = alive_on_answer, .self = telephone};
        error = request_send(&telephone->alive.request, &exchange->ua, &ask);
        dialog_free(dialog);
    }
    if (error != 0) alive_on_answer(error, NULL, telephone);
}

void alive_tick(struct exchange *exchange)
{
    uint64_t now_ms = loop_ms();
    unsigned left = ALIVE_AT_ONCE;
    for (unsigned i = 0; i < exchange->telephones.count && left > 0; i++) {
        struct telephone *telephone = &exchange->telephones.all[i];
        struct alive *alive = &telephone->alive;
        if (alive->due_ms == 0 || alive->due_ms > now_ms) continue;
        alive->due_ms = now_ms + ALIVE_MS;
        if (alive->request) continue; /* the last one is still repeated */
        left--;
        alive_ask(exchange, telephone);
    }
}

void telephone_is(struct exchange *exchange, struct telephone *telephone, bool registered)
{
    telephone->registered = registered;
    alive_set(exchange, telephone, registered);
    cti_clock(&exchange->cti);
    cti_device(&exchange->cti, telephone->dn, dn_type_extension,
               registered || telephone->elsewhere ? dn_state_in : dn_state_out);
}
