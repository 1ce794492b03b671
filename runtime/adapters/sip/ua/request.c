/* runtime/adapters/sip/ua/request.c - Requests that we send, and their transactions (RFC 3261, section 17.1).
 *
 *     INVITE:  repeated after T1, 2 T1, 4 T1 ... until anything is said     others: at most each T2
 *     ended by a final answer, or after 64 T1 without one; an INVITE that has been answered provisionally waits on
 *
 * A transaction exists for a while after its final answer, to acknowledge or drop repetitions of that answer.
 *
 * A request that is too long for a datagram is sent over TCP (section 18.1.1), if TCP is bound here. If no
 * connection can be made, the request is sent by UDP nevertheless, and so are the next ones to that peer for ten
 * minutes. */
#include <errno.h>
#include <glib.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/adapters/sip/ua/connection.h"
#include "runtime/adapters/sip/ua/dialog.h"
#include "runtime/adapters/sip/ua/message.h"
#include "runtime/adapters/sip/ua/proof.h"
#include "base/memory.h"

enum {
    REQUEST_MS = 64 * SIP_T1,
    REQUEST_ANSWERED_MS = 32000,
    REQUEST_DATAGRAM = 1300, /* bytes */
    REQUEST_CONNECTS_MS = 500
};

struct request {
    struct ua *ua;
    struct request **slot; /* the pointer of who waits for the answer; NULL: nobody does */
    char *key;             /* branch and method */
    char *branch;
    char *uri, *lines, *to; /* for ACK and CANCEL of an INVITE: header lines that they share with it */
    uint32_t number;
    struct way way;
    struct mbuf *bytes, *acknowledgement;
    struct mbuf *datagram; /* the same request for UDP, while a connection is tried; NULL: none */
    request_answered *answered;
    void *self;
    bool invite, heard, cancelled, over;
    bool lost; /* its connection is */
    unsigned repeats;
    struct alarm ends, repeat;
};

static char *request_name(const char *branch, size_t length, const char *method, size_t method_length)
{
    return memory_format("%.*s %.*s", (int)length, branch, (int)method_length, method);
}

static void request_gone(struct request *own)
{
    g_hash_table_remove(own->ua->requests, own->key);
    if (own->slot) *own->slot = NULL;
    alarm_stop(&own->ends);
    alarm_stop(&own->repeat);
    mem_deref(own->bytes);
    mem_deref(own->acknowledgement);
    mem_deref(own->datagram);
    free(own->key);
    free(own->branch);
    free(own->uri);
    free(own->lines);
    free(own->to);
    free(own);
}

static void request_on_end(void *);

/* Tells the end. Ends a transaction and tells its owner. The transaction exists for `stays_ms` more; 0: it is freed.
 * The transaction is freed, or set to wait for repetitions, before `answered` is called, because that callback may send
 * another request or free its owner. */
static void request_over(struct request *own, int error, const struct sip_msg *answer, uint64_t stays_ms)
{
    request_answered *answered = own->answered;
    void *self = own->self;
    if (own->slot) *own->slot = NULL;
    own->slot = NULL;
    own->answered = NULL;
    own->over = true;
    alarm_stop(&own->repeat);
    if (stays_ms > 0)
        alarm_set(&own->ends, stays_ms, request_on_end, own);
    else
        request_gone(own);
    if (answered) answered(error, answer, self);
}

static void request_on_end(void *self)
{
    struct request *own = self;
    if (own->over)
        request_gone(own);
    else
        request_over(own, ETIMEDOUT, NULL, 0);
}

/* Sends the request again. For an INVITE the pause doubles without a limit, for other requests up to T2. After a
 * provisional answer the pause of other requests is T2. */
static void request_on_repeat(void *self)
{
    struct request *own = self;
    uint64_t longer = (uint64_t)SIP_T1 << ++own->repeats;
    bool bounded = !own->invite && (own->heard || longer > SIP_T2);
    alarm_set(&own->repeat, bounded ? SIP_T2 : longer, request_on_repeat, own);
    int error = ua_send(own->ua, &own->way, own->bytes);
    if (error != 0) request_over(own, error, NULL, 0);
}

/* --- Printing --- */

static const char *transport_name(enum sip_transp transport)
{
    return transport == SIP_TRANSP_TCP ? "TCP" : transport == SIP_TRANSP_TLS ? "TLS" : "UDP";
}

static void request_put_first(struct mbuf *message, const struct ua *ua, const struct way *way, const char *method,
                              const char *uri, const char *branch)
{
    (void)mbuf_printf(message, "%s %s SIP/2.0\r\nVia: SIP/2.0/%s %J;branch=%s;rport\r\n", method, uri,
                      transport_name(way->transport), &ua->at[way->transport], branch);
}

static struct mbuf *request_print(const struct ua *ua, const struct request_ask *ask, const struct way *way,
                                  const char *branch, uint32_t number)
{
    struct mbuf *message = message_new();
    const char *uri = dialog_uri(ask->dialog);
    request_put_first(message, ua, way, ask->method, uri, branch);
    (void)mbuf_printf(message, "Max-Forwards: %u\r\n", ask->counts ? ask->hops : (unsigned)REQUEST_HOPS);
    dialog_print(message, ask->dialog, ask->method, number);
    if (ask->contact)
        (void)mbuf_printf(message, "Contact: <%s>%s\r\n", ask->contact, ask->contact_params ? ask->contact_params : "");
    if (ask->proofs) proofs_print(message, ask->proofs, ask->method, uri);
    (void)mbuf_write_str(message, "User-Agent: gcx\r\n");
    content_print(message, ask->content);
    return message;
}

/* Writes the ACK of a refusal, or a CANCEL, with lines of the INVITE; an ACK has the To of the answer (RFC 3261,
 * sections 9.1 and 17.1.1.3). */
static struct mbuf *request_print_again(const struct request *own, const char *method, const struct pl *to)
{
    struct mbuf *message = message_new();
    const struct pl first = {own->to, strlen(own->to)};
    request_put_first(message, own->ua, &own->way, method, own->uri, own->branch);
    (void)mbuf_printf(message, "Max-Forwards: %u\r\n%sTo: %r\r\nCSeq: %u %s\r\nUser-Agent: gcx\r\n",
                      (unsigned)REQUEST_HOPS, own->lines, to ? to : &first, own->number, method);
    content_print(message, NULL);
    return message;
}

/* --- Sending --- */

static struct request *request_new(struct ua *ua, const struct way *way, const char *method, const char *branch)
{
    struct request *own = memory_zeroed(1, sizeof *own);
    own->ua = ua;
    own->way = *way;
    own->branch = memory_text(branch);
    own->key = request_name(branch, strlen(branch), method, strlen(method));
    own->invite = strcmp(method, "INVITE") == 0;
    g_hash_table_insert(ua->requests, own->key, own);
    return own;
}

static void request_on_no_connection(void *self)
{
    const struct request *own = self;
    connection_give_up(own->ua, &own->way); /* requests_way_fails() sends the datagram */
}

/* Sends the request for the first time. Returns errno. Over a connection nothing is repeated, because TCP does that.
 * A request that could also go by UDP waits only a short time for its connection. */
static int request_sends(struct request *own)
{
    int error = ua_send(own->ua, &own->way, own->bytes);
    if (error != 0) return error;
    alarm_set(&own->ends, REQUEST_MS, request_on_end, own);
    if (own->way.transport == SIP_TRANSP_UDP)
        alarm_set(&own->repeat, SIP_T1, request_on_repeat, own);
    else if (own->datagram)
        alarm_set(&own->repeat, REQUEST_CONNECTS_MS, request_on_no_connection, own);
    return 0;
}

static int request_sends_datagram(struct request *own)
{
    mem_deref(own->bytes);
    own->bytes = own->datagram;
    own->datagram = NULL;
    own->way.transport = SIP_TRANSP_UDP;
    return request_sends(own);
}

/* Sends the request for the first time; it is freed if it cannot be sent. A request that cannot be sent over its
 * connection is sent by UDP, if it has a form for UDP. */
static int request_begin(struct request *own)
{
    int error = request_sends(own);
    if (error != 0 && own->datagram) error = request_sends_datagram(own);
    if (error != 0) request_gone(own);
    return error;
}

/* Changes a request that is too long for UDP to TCP, by the limit of RFC 3261, 18.1.1. Both forms of the request are
 * kept, because their Via names the transport. */
static void request_prefers_connection(struct request *own, const struct request_ask *ask)
{
    const struct way way = {SIP_TRANSP_TCP, own->way.to};
    if (own->way.transport != SIP_TRANSP_UDP || mbuf_get_left(own->bytes) <= REQUEST_DATAGRAM ||
        !own->ua->has[SIP_TRANSP_TCP] || connection_failed_lately(own->ua, &way))
        return;
    own->datagram = own->bytes;
    own->bytes = request_print(own->ua, ask, &way, own->branch, own->number);
    own->way = way;
}

static void request_branch(char branch[UA_WORD + 8])
{
    char word[UA_WORD];
    ua_word(word);
    (void)re_snprintf(branch, UA_WORD + 8, "z9hG4bK%s", word);
}

static char *request_lines(const struct dialog *dialog)
{
    struct mbuf *lines = message_new();
    dialog_print_routes(lines, dialog);
    (void)mbuf_printf(lines, "From: %s\r\nCall-ID: %s\r\n", dialog->from, dialog->call_id);
    (void)mbuf_write_u8(lines, '\0');
    char *text = memory_text((const char *)lines->buf);
    mem_deref(lines);
    return text;
}

/* Sends a request. `slot` NULL: nobody waits for the answer. If `slot` is not NULL, `*slot` points to the request until
 * its final answer, and is NULL then. */
int request_send(struct request **slot, struct ua *ua, const struct request_ask *ask)
{
    struct way way;
    char branch[UA_WORD + 8];
    const struct dialog *dialog = ask->dialog;
    int error = ua_way(ua, dialog_next(dialog), &way);
    if (error != 0) return error;
    request_branch(branch);
    struct request *own = request_new(ua, &way, ask->method, branch);
    own->number = dialog->own_number;
    own->uri = memory_text(dialog_uri(dialog));
    own->lines = request_lines(dialog);
    own->to = memory_text(dialog->to);
    own->bytes = request_print(ua, ask, &way, branch, 0);
    request_prefers_connection(own, ask);
    own->answered = ask->answered;
    own->self = ask->self;
    error = request_begin(own);
    if (error != 0 || !slot) return error;
    *slot = own;
    own->slot = slot;
    return 0;
}

static void request_send_cancel(const struct request *invite)
{
    struct request *own = request_new(invite->ua, &invite->way, "CANCEL", invite->branch);
    own->bytes = request_print_again(invite, "CANCEL", NULL);
    (void)request_begin(own);
}

/* Sends the CANCEL, which is allowed once the peer is known to have the INVITE (RFC 3261, section 9.1). */
static void request_cancels(struct request *own)
{
    alarm_set(&own->ends, REQUEST_MS, request_on_end, own);
    request_send_cancel(own);
}

/* Cancels an INVITE. If no answer has come yet, the CANCEL waits for the first provisional answer. */
void request_cancel(struct request *own)
{
    if (!own->invite || own->cancelled || own->over) return;
    own->cancelled = true;
    if (own->heard) request_cancels(own);
}

void request_move(struct request *own, const struct way *way)
{
    /* only with the same transport, because the request's Via names it */
    if (own->way.transport == way->transport) own->way = *way;
}

/* Removes the owner of a request, who is told nothing more of it. The transaction goes on until its end. */
void request_let_go(struct request **slot)
{
    struct request *own = *slot;
    if (!own) return;
    *slot = NULL;
    own->slot = NULL;
    own->answered = NULL;
}

/* --- Answers --- */

static void request_hears_more(struct request *own, const struct sip_msg *answer)
{
    bool first = !own->heard;
    own->heard = true;
    if (own->invite && first) {
        alarm_stop(&own->repeat);
        alarm_stop(&own->ends);
        if (own->cancelled) request_cancels(own);
    }
    if (own->answered) own->answered(0, answer, own->self);
}

static void request_acknowledges(struct request *own, const struct sip_msg *answer)
{
    if (!own->acknowledgement) own->acknowledgement = request_print_again(own, "ACK", &answer->to.val);
    (void)ua_send(own->ua, &own->way, own->acknowledgement);
}

static void request_hears_end(struct request *own, const struct sip_msg *answer)
{
    bool refused = own->invite && answer->scode >= 300, reliable = own->way.transport != SIP_TRANSP_UDP;
    uint64_t stays_ms = reliable ? 0 : refused ? REQUEST_ANSWERED_MS : own->invite ? 0 : SIP_T4;
    if (refused) request_acknowledges(own, answer);
    request_over(own, 0, answer, stays_ms);
}

/* Takes an answer. False: the answer belongs to no transaction here. Such an answer may be a second 200 to the same
 * INVITE, from another telephone, or one repeated because its ACK was lost. */
bool request_takes(struct ua *ua, const struct sip_msg *answer)
{
    const struct pl *branch = &answer->via.branch, *method = &answer->cseq.met;
    char *key = request_name(branch->l > 0 ? branch->p : "", branch->l, method->l > 0 ? method->p : "", method->l);
    struct request *own = g_hash_table_lookup(ua->requests, key);
    free(key);
    if (!own || (own->over && answer->scode >= 200 && answer->scode <= 299)) return false; /* of another telephone */
    if (own->over && own->invite && answer->scode >= 300)
        request_acknowledges(own, answer);
    else if (!own->over && answer->scode < 200)
        request_hears_more(own, answer);
    else if (!own->over)
        request_hears_end(own, answer);
    return true;
}

/* --- ACK of a 200 --- */

struct acknowledged {
    struct ua *ua;
    char *key; /* the key: our tag, the peer's tag, and the CSeq */
    struct way way;
    struct mbuf *bytes;
    struct alarm ends;
};

static void acknowledged_on_end(void *self)
{
    struct acknowledged *own = self;
    g_hash_table_remove(own->ua->acknowledged, own->key);
    alarm_stop(&own->ends);
    mem_deref(own->bytes);
    free(own->key);
    free(own);
}

/* Sends the ACK of a 200, which is a request of its own (RFC 3261, 13.2.2.4). The ACK is kept for a while, since the
 * 200 is repeated if the ACK was lost. */
void request_acknowledge(struct ua *ua, const struct request_ask *ask, uint32_t number)
{
    struct way way;
    char branch[UA_WORD + 8];
    if (ua_way(ua, dialog_next(ask->dialog), &way) != 0) return;
    request_branch(branch);
    struct acknowledged *own = memory_zeroed(1, sizeof *own);
    own->ua = ua;
    own->way = way;
    own->bytes = request_print(ua, ask, &way, branch, number);
    own->key =
        memory_format("%s %s %u", ask->dialog->own_tag, ask->dialog->peer_tag ? ask->dialog->peer_tag : "", number);
    struct acknowledged *before = g_hash_table_lookup(ua->acknowledged, own->key);
    if (before) acknowledged_on_end(before);
    g_hash_table_insert(ua->acknowledged, own->key, own);
    alarm_set(&own->ends, REQUEST_MS, acknowledged_on_end, own);
    (void)ua_send(ua, &way, own->bytes);
}

bool request_acknowledges_again(struct ua *ua, const struct sip_msg *answer)
{
    const struct pl *own_tag = &answer->from.tag, *tag = &answer->to.tag;
    char *key = memory_format("%.*s %.*s %u", (int)own_tag->l, own_tag->l > 0 ? own_tag->p : "", (int)tag->l,
                              tag->l > 0 ? tag->p : "", answer->cseq.num);
    const struct acknowledged *own = g_hash_table_lookup(ua->acknowledged, key);
    free(key);
    if (own) (void)ua_send(ua, &own->way, own->bytes);
    return own != NULL;
}

/* --- Connections that fail --- */

static struct request *request_lost_next(const struct ua *ua)
{
    GHashTableIter each;
    gpointer found;
    g_hash_table_iter_init(&each, ua->requests);
    while (g_hash_table_iter_next(&each, NULL, &found)) {
        struct request *own = found;
        if (own->lost && !own->over) return own;
    }
    return NULL;
}

/* Ends the requests of a connection that has failed, or sends them by UDP. A request that an owner sends while it is
 * told of this uses a new connection, and is not ended. */
void requests_way_fails(struct ua *ua, const struct way *way, int error)
{
    GHashTableIter each;
    gpointer found;
    g_hash_table_iter_init(&each, ua->requests);
    while (g_hash_table_iter_next(&each, NULL, &found)) {
        struct request *own = found;
        own->lost = !own->over && own->way.transport == way->transport && sa_cmp(&own->way.to, &way->to, SA_ALL);
    }
    for (struct request *own; (own = request_lost_next(ua));) {
        own->lost = false;
        int why = own->datagram ? request_sends_datagram(own) : error;
        if (why != 0) request_over(own, why, NULL, 0);
    }
}

static gpointer table_any(GHashTable *table)
{
    GHashTableIter each;
    gpointer found = NULL;
    g_hash_table_iter_init(&each, table);
    return g_hash_table_iter_next(&each, NULL, &found) ? found : NULL;
}

void requests_end(struct ua *ua)
{
    for (struct request *own; (own = table_any(ua->requests));) request_gone(own);
    for (struct acknowledged *own; (own = table_any(ua->acknowledged));) acknowledged_on_end(own);
    g_hash_table_destroy(ua->requests);
    g_hash_table_destroy(ua->acknowledged);
}
