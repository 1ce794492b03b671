/* runtime/adapters/sip/ua/ua.c - Binds the transports, and hands on the messages that are received by them.
 *
 *     datagram --> packet() --> message --> read() --> request --> cancel, transactions, front, sessions,
 *     connection --> whole() -->      |                            then invite() or rest()
 *                                     '--------------> answer  --> transactions, ACK again, forked()
 *
 * The functions in parentheses are those of struct ua_ops, which the exchange implements. */
#include "runtime/adapters/sip/ua/ua.h"

#include <glib.h>
#include <openssl/ssl.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/adapters/sip/ua/connection.h"
#include "runtime/adapters/sip/ua/session.h"

/* --- What comes --- */

/* Hands a request on. The order matters: a CANCEL is judged before the transactions obey it, a repetition is
 * answered before any other function gets it, and sessions come before new calls. */
static void ua_take_request(struct ua *ua, const struct sip_msg *request)
{
    bool cancels = pl_strcmp(&request->met, "CANCEL") == 0;
    if ((cancels && ua->ops->cancel(ua->self, request)) || served_takes(ua, request) ||
        ua->ops->request(ua->self, request) || session_takes(ua, request))
        return;
    if (pl_strcmp(&request->met, "INVITE") == 0)
        ua->ops->invite(ua->self, request);
    else
        ua->ops->rest(ua->self, request);
}

/* Hands an answer on. A 200 without a transaction is a repetition, or comes from another telephone that the INVITE
 * has reached. */
static void ua_take_answer(struct ua *ua, const struct sip_msg *answer)
{
    bool established = answer->scode >= 200 && answer->scode <= 299 && pl_strcmp(&answer->cseq.met, "INVITE") == 0;
    if (request_takes(ua, answer) || !established || request_acknowledges_again(ua, answer)) return;
    ua->ops->forked(ua->self, answer);
}

static void ua_take(struct ua *ua, struct sip_msg *message, enum sip_transp transport, const struct sa *source)
{
    message->src = *source;
    message->dst = ua->at[transport];
    message->tp = transport;
    ua->ops->read(ua->self, message);
    if (message->req)
        ua_take_request(ua, message);
    else
        ua_take_answer(ua, message);
}

/* --- Are we behind? --- */

/* A message that has waited this long is late: its sender repeats it after 500 ms. If messages are late for
 * LATE_FOR_MS, without a gap of LATE_SPELL_MS, the machine has not just paused for a moment: it gets more messages
 * than it can handle. */
enum { LATE_MS = 200, LATE_FOR_MS = 1000, LATE_SPELL_MS = 5000 };

static void ua_notes(struct ua *ua, unsigned waited_ms)
{
    uint64_t now = loop_ms();
    ua->late.now = waited_ms >= LATE_MS;
    if (!ua->late.now) return;
    if (ua->late.first_ms == 0 || now - ua->late.last_ms > LATE_SPELL_MS) ua->late.first_ms = now;
    ua->late.last_ms = now;
}

bool ua_behind(const struct ua *ua)
{
    return ua->late.now && ua->late.last_ms - ua->late.first_ms >= LATE_FOR_MS;
}

/* Takes a datagram. While the datagram is handled, the time for which it has waited is known, so that ua_behind() can
 * refuse a new call because of it. */
static void ua_on_datagram(const struct sa *source, uint8_t *bytes, size_t length, void *self)
{
    struct ua *ua = self;
    struct sip_msg *message = NULL;
    ua_notes(ua, loop_datagrams_waited_ms(ua->datagrams));
    struct mbuf *packet = ua->ops->packet(ua->self, source, bytes, length);
    if (packet && sip_msg_decode(&message, packet) == 0) ua_take(ua, message, SIP_TRANSP_UDP, source);
    ua->late.now = false;
    mem_deref(message);
    mem_deref(packet);
}

/* --- Life --- */

void ua_begin(struct ua *ua, const struct ua_ops *ops, void *self)
{
    static const struct ua_above above = {ua_take, requests_way_fails};
    *ua = (struct ua){.ops = ops, .self = self, .above = &above};
    ua->requests = g_hash_table_new(g_str_hash, g_str_equal);
    ua->served = g_hash_table_new(g_str_hash, g_str_equal);
    ua->merged = g_hash_table_new(g_str_hash, g_str_equal);
    ua->sessions = g_hash_table_new(g_str_hash, g_str_equal);
    ua->acknowledged = g_hash_table_new(g_str_hash, g_str_equal);
    connections_begin(ua);
}

/* The kernel keeps some thousands of messages, those of one second at 400 calls a second, if net.core.rmem_max allows
 * it. With the kernel's usual 208 KiB its buffer is full after 90 messages, and a dropped message is repeated after
 * half a second at the earliest. Many messages are read in a row, because all come by one socket, while each stream of
 * sound has its own. */
enum { MESSAGES_KEPT_BYTES = 4 << 20, MESSAGES_AT_A_TIME = 16 };

int ua_bind(struct ua *ua, enum sip_transp transport, struct sa *own)
{
    bool datagrams = transport == SIP_TRANSP_UDP;
    int error = datagrams ? loop_datagrams_open(&ua->datagrams, own, ua_on_datagram, ua)
                          : connection_listen(ua, transport, own);
    if (error != 0) return error;
    if (datagrams) loop_datagrams_queue(ua->datagrams, MESSAGES_KEPT_BYTES, MESSAGES_AT_A_TIME);
    ua->at[transport] = *own;
    ua->has[transport] = true;
    return 0;
}

uint32_t ua_dropped(const struct ua *ua)
{
    return ua->datagrams ? loop_datagrams_dropped(ua->datagrams) : 0;
}

void ua_unbind(struct ua *ua)
{
    loop_datagrams_close(ua->datagrams);
    ua->datagrams = NULL;
    connections_end(ua);
    connections_begin(ua);
    memset(ua->has, 0, sizeof ua->has);
}

/* Ends the user agent; sessions end first, because they still use their requests. */
void ua_end(struct ua *ua)
{
    if (!ua->ops) return;
    sessions_end(ua);
    requests_end(ua);
    served_end(ua);
    ua_unbind(ua);
    g_hash_table_destroy(ua->connections);
    g_hash_table_destroy(ua->failures);
    SSL_CTX_free(ua->certificate);
    *ua = (struct ua){0};
}
