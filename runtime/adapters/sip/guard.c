/* runtime/adapters/sip/guard.c - Judges messages before libre has them, and counts those of strangers. */
#include "runtime/adapters/sip/guard.h"

#include <assert.h>
#include <errno.h>
#include <string.h>

#include "runtime/adapters/sip/exchange.h"
#include "runtime/adapters/sip/peer.h"
#include "runtime/adapters/sip/refuse.h"
#include "runtime/adapters/sip/validate.h"

int __real_udp_listen(struct udp_sock **, const struct sa *, udp_recv_h *, void *);
int __wrap_udp_listen(struct udp_sock **, const struct sa *, udp_recv_h *, void *);
int __real_tcp_accept(struct tcp_conn **, struct tcp_sock *, tcp_estab_h *, tcp_recv_h *, tcp_close_h *, void *);
int __wrap_tcp_accept(struct tcp_conn **, struct tcp_sock *, tcp_estab_h *, tcp_recv_h *, tcp_close_h *, void *);
int __real_sip_msg_decode(struct sip_msg **, struct mbuf *);
int __wrap_sip_msg_decode(struct sip_msg **, struct mbuf *);

enum { REPLY_MAX = 8192 };

static struct udp_sock **guard_wants; /* the next socket that libre opens; NULL: none is wanted */
static struct exchange *guarded;      /* libre's sockets have no other than this one */
static bool guard_has_judged;         /* the packet that libre reads now */

/* --- How often --- */

bool bucket_take(struct bucket *bucket, uint64_t per_second, uint64_t now_ms)
{
    double most = 2.0 * (double)per_second;
    if (bucket->at_ms == 0) *bucket = (struct bucket){now_ms, most};
    bucket->left += (double)(now_ms - bucket->at_ms) * (double)per_second / 1000;
    if (bucket->left > most) bucket->left = most;
    bucket->at_ms = now_ms;
    if (bucket->left < 1) return false;
    bucket->left--;
    return true;
}

static void guard_told(struct exchange *exchange, const struct sa *source, enum refused why, const char *phrase)
{
    char from[64] = "";
    (void)re_snprintf(from, sizeof from, "%J", source);
    refused_tell(exchange->cti.link, exchange->cti.services, why, "from %s%s%s", from, *phrase ? ", " : "", phrase);
}

static bool guard_lets_in(struct exchange *exchange, const struct sa *source, bool known)
{
    struct guard *guard = &exchange->guard;
    if (known) return true;
    uint32_t place = (sa_hash(source, SA_ADDR) ^ guard->salt) * 2654435761U >> 22;
    assert(place < GUARD_STRANGERS);
    if (bucket_take(&guard->strangers[place], exchange->setting.stranger_rate, tmr_jiffies())) return true;
    guard_told(exchange, source, REFUSED_sip_stranger_rate, "");
    return false;
}

/* --- UDP --- */

static void guard_refuse(struct exchange *exchange, const struct sa *source, const struct validated *validated)
{
    char text[REPLY_MAX];
    size_t length = validate_reply(validated, text, sizeof text);
    struct sa to = *source;
    unsigned port = validate_reply_port(validated);
    guard_told(exchange, source,
               validated->status == 505   ? REFUSED_sip_version
               : validated->status == 416 ? REFUSED_sip_scheme
                                          : REFUSED_sip_malformed,
               "");
    if (port) sa_set_port(&to, (uint16_t)port);
    if (length == 0) return;
    struct mbuf out = {.buf = (uint8_t *)text, .size = sizeof text, .end = length};
    (void)udp_send(exchange->guard.socket, &to, &out);
}

/* Libre takes no request without a branch, which those of RFC 2543 had not. */
static void guard_add_branch(const struct validated *validated, struct mbuf *packet, size_t begin)
{
    char branch[BRANCH_SIZE];
    validate_branch(validated, branch);
    size_t added = strlen(branch), at = begin + validated->branch_at, end = packet->end;
    packet->pos = end;
    if (mbuf_fill(packet, 0, added) == 0) {
        memmove(packet->buf + at + added, packet->buf + at, end - at);
        memcpy(packet->buf + at, branch, added);
    }
    packet->pos = begin + validated->begin;
}

/* Is it a keep-alive, by which a telephone keeps its router's way open? Empty lines, or bytes of zero. */
static bool guard_keeps_alive(const struct mbuf *packet)
{
    size_t at = packet->pos;
    while (at < packet->end && (packet->buf[at] == '\r' || packet->buf[at] == '\n' || packet->buf[at] == '\0')) at++;
    return at == packet->end;
}

static bool guard_on_packet(struct sa *source, struct mbuf *packet, void *self)
{
    struct exchange *exchange = self;
    struct validated validated;
    size_t begin = packet->pos;
    bool known = peer_known(exchange, source);
    if (!guard_lets_in(exchange, source, known)) return true;
    if (known && guard_keeps_alive(packet)) return true;
    validate((const char *)mbuf_buf(packet), mbuf_get_left(packet), &validated);
    if (validated.judged == JUDGED_TAKE) {
        packet->end = begin + validated.end;
        packet->pos = begin + validated.begin;
        if (validated.branch_at > 0) guard_add_branch(&validated, packet, begin);
        guard_has_judged = true;
        return false;
    }
    if (validated.judged == JUDGED_REFUSE && known)
        guard_refuse(exchange, source, &validated);
    else
        guard_told(exchange, source, REFUSED_sip_unreadable, validated.phrase);
    return true;
}

int __wrap_udp_listen(struct udp_sock **socket, const struct sa *own, udp_recv_h *handler, void *argument)
{
    int error = __real_udp_listen(socket, own, handler, argument);
    if (error == 0 && guard_wants) *guard_wants = *socket;
    return error;
}

int guard_bind_udp(struct exchange *exchange, const struct sa *own)
{
    struct guard *guard = &exchange->guard;
    guard->salt = rand_u32();
    guarded = exchange;
    guard_wants = &guard->socket;
    int error = sip_transp_add(exchange->sip, SIP_TRANSP_UDP, own);
    guard_wants = NULL;
    if (error != 0) return error;
    return udp_register_helper(&guard->helper, guard->socket, 0, NULL, guard_on_packet, exchange);
}

void guard_end(struct exchange *exchange)
{
    exchange->guard.helper = mem_deref(exchange->guard.helper);
    guarded = NULL;
}

/* --- TCP and TLS: libre knows where a message ends once its headers are read --- */

static bool guard_takes(const struct sip_msg *message, size_t begin)
{
    struct validated validated;
    const struct mbuf *bytes = message->mb;
    size_t body = pl_isset(&message->clen) ? pl_u32(&message->clen) : 0;
    if (body > bytes->end - bytes->pos) return true; /* the rest of it is to come: then it is read again */
    validate((const char *)bytes->buf + begin, bytes->pos + body - begin, &validated);
    if (validated.judged == JUDGED_TAKE) return true;
    if (guarded) guard_told(guarded, &message->src, REFUSED_sip_unreadable, validated.phrase);
    return false;
}

/* A stranger's connections count as its messages do. */
int __wrap_tcp_accept(struct tcp_conn **connection, struct tcp_sock *socket, tcp_estab_h *established,
                      tcp_recv_h *received, tcp_close_h *closed, void *argument)
{
    struct sa source;
    int error = __real_tcp_accept(connection, socket, established, received, closed, argument);
    if (error != 0 || tcp_conn_peer_get(*connection, &source) != 0) return error;
    bool lets_in = guarded && guard_lets_in(guarded, &source, peer_known(guarded, &source));
    return lets_in ? 0 : EACCES;
}

/* --- All of them --- */

/* Libre calls whatever address a 3xx names: a telephone that forwards, or a trunk, would dial past `dialable`. */
static void guard_follows_nothing(struct sip_msg *message)
{
    enum { UNAVAILABLE = 480 };
    if (message->req || message->scode < 300 || message->scode > 399) return;
    if (guarded && bucket_take(&guarded->guard.forwards, 1, tmr_jiffies())) /* a stranger's, too */
        exchange_log(guarded, GCX_LOG_INFO, "sip: the answer %u counts as %u: no address that it names is called",
                     message->scode, UNAVAILABLE);
    message->scode = UNAVAILABLE;
}

int __wrap_sip_msg_decode(struct sip_msg **message, struct mbuf *bytes)
{
    size_t begin = bytes ? bytes->pos : 0;
    bool was_judged = guard_has_judged;
    guard_has_judged = false;
    int error = __real_sip_msg_decode(message, bytes);
    if (error != 0) return error;
    guard_follows_nothing(*message);
    if (was_judged || guard_takes(*message, begin)) return 0;
    *message = mem_deref(*message);
    return EBADMSG;
}
