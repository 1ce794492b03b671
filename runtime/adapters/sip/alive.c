/* runtime/adapters/sip/alive.c - Which telephones are in service; sends OPTIONS to telephones behind routers, so
 * that calls still reach them.
 *
 *     exchange                 router                telephone
 *        |----- OPTIONS ---------->|------ OPTIONS ------->|
 *        |<---- any final answer --|<----------------------|   in service, whatever the status says
 *        |      (none comes)                                   silent: one warning, until it answers again
 *
 * A silent telephone stays registered and calls are still sent to it: one lost packet must not take a telephone out of
 * service. A telephone is out of service only once its registration has ended. */
#include "runtime/adapters/sip/alive.h"

#include "runtime/adapters/sip/exchange.h"
#include "runtime/adapters/sip/transport.h"

/* Logs a change only. That a telephone has fallen silent is logged once, not at every OPTIONS. */
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

/* Begins to send OPTIONS to a telephone that has just registered behind a router; `registered` false: stops it. */
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

/* Takes the answer to an OPTIONS: a provisional answer (1xx) decides nothing, because the transaction goes on. An
 * error or a missing answer means that the telephone is silent. */
static void alive_on_answer(int error, const struct sip_msg *answer, void *self)
{
    if (error == 0 && answer && answer->scode < 200) return;
    alive_tell(self, error != 0 || !answer);
}

/* If the OPTIONS cannot be sent at all, the telephone counts as silent at once. */
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

/* Sends the OPTIONS that are due, and sets the time of the telephone's next one before each is sent. A telephone
 * whose last OPTIONS is still repeated is passed over, so it never has two at once. */
void alive_tick(struct exchange *exchange)
{
    uint64_t now_ms = loop_ms();
    unsigned left = ALIVE_AT_ONCE;
    for (unsigned i = 0; i < exchange->telephones.count && left > 0; i++) {
        struct telephone *telephone = &exchange->telephones.all[i];
        struct alive *alive = &telephone->alive;
        if (alive->due_ms == 0 || alive->due_ms > now_ms) continue;
        alive->due_ms = now_ms + ALIVE_MS;
        if (alive->request) continue; /* the telephone's last OPTIONS has no answer yet, and is still repeated */
        left--;
        alive_ask(exchange, telephone);
    }
}

/* Sets whether a telephone is registered, and tells the call model at once whether its device is in service. A
 * telephone that is registered at another exchange (`elsewhere`) counts as in service, too. */
void telephone_is(struct exchange *exchange, struct telephone *telephone, bool registered)
{
    telephone->registered = registered;
    alive_set(exchange, telephone, registered);
    cti_clock(&exchange->cti);
    cti_device(&exchange->cti, telephone->dn, dn_type_extension,
               registered || telephone->elsewhere ? dn_state_in : dn_state_out);
}
