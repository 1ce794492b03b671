/* runtime/adapters/sip/fork.c - Acknowledges and ends what a forked INVITE has begun beside its call. */
#include "runtime/adapters/sip/fork.h"

#include <stdlib.h>

#include "runtime/adapters/sip/exchange.h"
#include "runtime/adapters/sip/peer.h"

int __real_sipsess_ack_again(struct sipsess_sock *, const struct sip_msg *);
int __wrap_sipsess_ack_again(struct sipsess_sock *, const struct sip_msg *);
const char *sip_dialog_uri(const struct sip_dialog *);
const struct uri *sip_dialog_route(const struct sip_dialog *);

enum { FORKS = 32, FORK_MS = 64 * SIP_T1 };

struct fork_ended {
    uint32_t name; /* the hash of Call-ID and tag */
    uint64_t at_ms;
};

static struct exchange *forks_exchange;
static struct fork_ended forks_ended[FORKS]; /* the last ones: an answer that comes again is only acknowledged again */
static unsigned forks_next;

void forks_of(struct exchange *exchange)
{
    forks_exchange = exchange;
    for (unsigned i = 0; i < FORKS; i++) forks_ended[i].at_ms = 0;
}

static bool fork_is_ended(const struct sip_msg *answer)
{
    uint32_t name = hash_joaat_pl(&answer->callid) * 31 + hash_joaat_pl(&answer->to.tag);
    uint64_t now_ms = tmr_jiffies();
    for (unsigned i = 0; i < FORKS; i++)
        if (forks_ended[i].at_ms > 0 && forks_ended[i].name == name && now_ms - forks_ended[i].at_ms < FORK_MS)
            return true;
    forks_ended[forks_next++ % FORKS] = (struct fork_ended){name, now_ms};
    return false;
}

static bool fork_put_route(const struct sip_hdr *header, const struct sip_msg *answer, void *self)
{
    (void)answer;
    (void)mbuf_printf(self, "Route: %r\r\n", &header->val);
    return false;
}

static void fork_send(const struct sip_msg *answer, const struct sip_dialog *dialog, const char *method,
                      uint32_t number)
{
    struct mbuf *out = mbuf_alloc(512);
    if (!out) abort();
    (void)mbuf_write_str(out, "Max-Forwards: 70\r\n");
    (void)sip_msg_hdr_apply(answer, false, SIP_HDR_RECORD_ROUTE, fork_put_route, out);
    (void)mbuf_printf(out, "To: %r\r\nFrom: %r\r\nCall-ID: %r\r\nCSeq: %u %s\r\nContent-Length: 0\r\n\r\n",
                      &answer->to.val, &answer->from.val, &answer->callid, number, method);
    out->pos = 0;
    (void)sip_request(NULL, forks_exchange->sip, number != answer->cseq.num, method, -1, sip_dialog_uri(dialog), -1,
                      sip_dialog_route(dialog), out, 0, NULL, NULL, NULL);
    mem_deref(out);
}

/* The dialog is never used itself: it tells where the other side is reached. */
static void fork_hangs_up(const struct sip_msg *answer)
{
    static const char nobody[] = "sip:nobody@127.0.0.1";
    struct sip_dialog *dialog = NULL;
    if (sip_dialog_alloc(&dialog, nobody, nobody, NULL, nobody, NULL, 0) == 0 &&
        sip_dialog_create(dialog, answer) == 0) {
        bool again = fork_is_ended(answer);
        fork_send(answer, dialog, "ACK", answer->cseq.num);
        if (!again) fork_send(answer, dialog, "BYE", answer->cseq.num + 1);
        if (!again) exchange_log(forks_exchange, GCX_LOG_INFO, "sip: a second answer to one INVITE is ended");
    }
    mem_deref(dialog);
}

int __wrap_sipsess_ack_again(struct sipsess_sock *sessions, const struct sip_msg *answer)
{
    int error = __real_sipsess_ack_again(sessions, answer);
    if (error == ENOENT && forks_exchange && peer_known(forks_exchange, &answer->src)) fork_hangs_up(answer);
    return error;
}
