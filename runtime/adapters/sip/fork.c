/* runtime/adapters/sip/fork.c - Acknowledges and ends further answers to an INVITE whose call is answered already.
 *
 *     we --- INVITE ---> proxy ---> telephone 1 --- 200 (tag a) --->   our call
 *                          '------> telephone 2 --- 200 (tag b) --->   ACK, then BYE at once
 *
 * A proxy may ring several telephones and two may answer (RFC 3261, 13.2.2.4). Each 200 must be acknowledged, else it
 * is repeated for half a minute. */
#include "runtime/adapters/sip/fork.h"

#include "runtime/adapters/sip/exchange.h"
#include "runtime/adapters/sip/peer.h"

/* Acknowledges a further 200 to an INVITE that another telephone has answered already, and ends its session by BYE.
 * A repeated 200 finds its ACK afterwards, and no second BYE is sent. */
void fork_ends(void *self, const struct sip_msg *answer)
{
    struct exchange *exchange = self;
    struct dialog *dialog = peer_known(exchange, &answer->src) ? dialog_of_fork(&exchange->ua, answer) : NULL;
    if (!dialog) return;
    struct request_ask ask = {.method = "ACK", .dialog = dialog};
    request_acknowledge(&exchange->ua, &ask, answer->cseq.num);
    ask.method = "BYE";
    (void)request_send(NULL, &exchange->ua, &ask);
    dialog_free(dialog);
    exchange_log(exchange, GCX_LOG_INFO, "sip: a second answer to one INVITE is ended");
}
