/* runtime/adapters/sip/ua/ua.c - Binds the transports, and hands on what comes by them. */
#include "runtime/adapters/sip/ua/ua.h"

#include <glib.h>
#include <openssl/ssl.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/adapters/sip/ua/connection.h"
#include "runtime/adapters/sip/ua/session.h"

/* --- What comes --- */

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

/* A 200 that is of no transaction comes again, or from another telephone that the INVITE has come to. */
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

static void ua_on_datagram(const struct sa *source, uint8_t *bytes, size_t length, void *self)
{
    struct ua *ua = self;
    struct sip_msg *message = NULL;
    struct mbuf *packet = ua->ops->packet(ua->self, source, bytes, length);
    if (packet && sip_msg_decode(&message, packet) == 0) ua_take(ua, message, SIP_TRANSP_UDP, source);
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

int ua_bind(struct ua *ua, enum sip_transp transport, struct sa *own)
{
    int error = transport == SIP_TRANSP_UDP ? datagrams_open(&ua->datagrams, own, ua_on_datagram, ua)
                                            : connection_listen(ua, transport, own);
    if (error != 0) return error;
    ua->at[transport] = *own;
    ua->has[transport] = true;
    return 0;
}

void ua_unbind(struct ua *ua)
{
    datagrams_close(ua->datagrams);
    ua->datagrams = NULL;
    connections_end(ua);
    connections_begin(ua);
    memset(ua->has, 0, sizeof ua->has);
}

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
