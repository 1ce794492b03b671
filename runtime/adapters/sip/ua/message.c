/* runtime/adapters/sip/ua/message.c - Writes answers and bodies, and draws words that nobody can guess.
 *
 * An answer copies these headers from its request, in their order (RFC 3261, 8.2.6.2):
 *
 *     Via      all; the first one gets `received`, and `rport` if it asks
 *     From     as it is
 *     To       with our tag, if it has none and the answer is not 100
 *     Call-ID, CSeq
 *     Record-Route   if the answer makes a dialog
 */
#include <sodium.h>
#include <stdlib.h>

#include "runtime/adapters/sip/ua/connection.h"
#include "runtime/adapters/sip/ua/message.h"

/* Tags, branches and Call-IDs come from a cryptographic generator: somebody who can guess them could end a call. */
void ua_word(char word[UA_WORD])
{
    uint8_t bytes[(UA_WORD - 1) / 2];
    randombytes_buf(bytes, sizeof bytes);
    sodium_bin2hex(word, UA_WORD, bytes, sizeof bytes);
}

const char *ua_transport_param(enum sip_transp transport)
{
    return transport == SIP_TRANSP_TCP ? ";transport=tcp" : transport == SIP_TRANSP_TLS ? ";transport=tls" : "";
}

struct mbuf *message_new(void)
{
    struct mbuf *message = mbuf_alloc(1024);
    if (!message) abort();
    return message;
}

struct content content_of(const char *headers, const struct mbuf *description)
{
    if (!description) return (struct content){.headers = headers};
    return (struct content){headers, "application/sdp", (const char *)description->buf, description->end};
}

/* Writes the last part of each message: headers, Content-Length and body; then the buffer's position is at its
 * beginning, ready to be sent. */
void content_print(struct mbuf *message, const struct content *content)
{
    static const struct content none = {0};
    const struct content *own = content ? content : &none;
    if (own->headers) (void)mbuf_write_str(message, own->headers);
    if (own->type) (void)mbuf_printf(message, "Content-Type: %s\r\n", own->type);
    (void)mbuf_printf(message, "Content-Length: %zu\r\n\r\n", own->length);
    if (own->length > 0) (void)mbuf_write_mem(message, (const uint8_t *)own->body, own->length);
    message->pos = 0;
}

/* --- Answers: the headers that are copied from the request --- */

/* Writes the first Via with the address that the request came from (RFC 3261, section 18.2.1, and RFC 3581). */
static void answer_put_first_via(struct mbuf *message, const struct sip_hdr *header, const struct sip_msg *request)
{
    struct pl asked;
    bool symmetric = msg_param_exists(&request->via.params, "rport", &asked) == 0;
    (void)mbuf_printf(message, "%r: ", &header->name);
    if (symmetric) {
        struct pl before = {header->val.p, (size_t)(asked.p - header->val.p)}, behind = {asked.p + asked.l, 0};
        behind.l = (size_t)(header->val.p + header->val.l - behind.p);
        (void)mbuf_printf(message, "%r%r;rport=%u", &before, &behind, sa_port(&request->src));
    } else {
        (void)mbuf_write_pl(message, &header->val);
    }
    if (symmetric || !sa_cmp(&request->src, &request->via.addr, SA_ADDR))
        (void)mbuf_printf(message, ";received=%j", &request->src);
    (void)mbuf_write_str(message, "\r\n");
}

static void answer_put_to(struct mbuf *message, const struct sip_hdr *header, const struct sip_msg *request,
                          uint16_t status)
{
    (void)mbuf_printf(message, "%r: %r", &header->name, &header->val);
    if (!pl_isset(&request->to.tag) && status > 100) (void)mbuf_printf(message, ";tag=%016llx", request->tag);
    (void)mbuf_write_str(message, "\r\n");
}

static bool answer_has(enum sip_hdrid header, bool routes)
{
    return header == SIP_HDR_VIA || header == SIP_HDR_FROM || header == SIP_HDR_CALL_ID || header == SIP_HDR_CSEQ ||
           (routes && header == SIP_HDR_RECORD_ROUTE);
}

/* Writes an answer; the caller of this function frees it by mem_deref(). */
struct mbuf *message_answer(const struct sip_msg *request, uint16_t status, const char *words, bool routes,
                            const struct content *content)
{
    struct mbuf *message = message_new();
    bool first = true;
    (void)mbuf_printf(message, "SIP/2.0 %u %s\r\n", status, words);
    for (const struct le *place = request->hdrl.head; place; place = place->next) {
        const struct sip_hdr *header = place->data;
        if (header->id == SIP_HDR_TO) {
            answer_put_to(message, header, request, status);
        } else if (header->id == SIP_HDR_VIA && first) {
            answer_put_first_via(message, header, request);
            first = false;
        } else if (answer_has(header->id, routes)) {
            (void)mbuf_printf(message, "%r: %r\r\n", &header->name, &header->val);
        }
    }
    (void)mbuf_write_str(message, "Server: gcx\r\n");
    content_print(message, content);
    return message;
}

/* The port in the request's Via. The port is read from the text: if a Via has a host name, libre 1 keeps the port in
 * `via.addr`, but libre 3 keeps none. */
uint16_t ua_via_port(const struct sip_msg *request)
{
    struct pl host, port = PL_INIT;
    uint32_t said = uri_decode_hostport(&request->via.sentby, &host, &port) == 0 ? pl_u32(&port) : 0;
    if (said > 0 && said <= UINT16_MAX) return (uint16_t)said;
    return request->tp == SIP_TRANSP_TLS ? SIP_PORT_TLS : SIP_PORT;
}

/* Transport and address to which an answer is sent (RFC 3261, section 18.2.2). UDP: to the sender's address; to the
 * sender's port if the Via asks for `rport`, else to the port of the Via. TCP and TLS: over the request's connection
 * if it still exists, else to the port of the Via. */
struct way message_way_back(const struct ua *ua, const struct sip_msg *request)
{
    struct way way = {request->tp, request->src};
    struct pl found;
    uint16_t port = ua_via_port(request);
    if (request->tp != SIP_TRANSP_UDP) {
        if (!connection_to(ua, &way)) sa_set_port(&way.to, port);
    } else if (msg_param_decode(&request->via.params, "maddr", &found) == 0) {
        (void)sa_set(&way.to, &found, port);
    } else if (msg_param_exists(&request->via.params, "rport", &found) != 0) {
        sa_set_port(&way.to, port);
    }
    return way;
}
