/* runtime/adapters/sip/ua/way.c - Finds transport and address for a URI, and sends messages there.
 *
 *     sip:100@192.0.2.1                      UDP to port 5060
 *     sip:100@192.0.2.1;transport=tls        TLS to port 5061
 *     sip:100@192.0.2.1:5070;maddr=192.0.2.9   UDP to 192.0.2.9, port 5070
 *     sip:100@example.org                    refused: names are not looked up
 */
#include <errno.h>

#include "runtime/adapters/sip/ua/connection.h"

static bool transport_named(const struct uri *uri, enum sip_transp *transport)
{
    struct pl name;
    *transport = SIP_TRANSP_UDP;
    if (msg_param_decode(&uri->params, "transport", &name) != 0) return true;
    if (pl_strcasecmp(&name, "udp") == 0) return true;
    *transport = pl_strcasecmp(&name, "tls") == 0 ? SIP_TRANSP_TLS : SIP_TRANSP_TCP;
    return *transport == SIP_TRANSP_TLS || pl_strcasecmp(&name, "tcp") == 0;
}

/* Returns 0 or an errno: the URI cannot be read, has another scheme, or its transport is not bound here. */
int ua_way(const struct ua *ua, const char *text, struct way *way)
{
    struct uri uri;
    struct pl all, host;
    pl_set_str(&all, text);
    if (uri_decode(&uri, &all) != 0) return EINVAL;
    if (pl_strcasecmp(&uri.scheme, "sip") != 0) return ENOSYS;
    if (!transport_named(&uri, &way->transport) || !ua->has[way->transport]) return EPROTONOSUPPORT;
    if (msg_param_decode(&uri.params, "maddr", &host) != 0) host = uri.host;
    uint16_t usual = way->transport == SIP_TRANSP_TLS ? SIP_PORT_TLS : SIP_PORT;
    return sa_set(&way->to, &host, uri.port ? uri.port : usual);
}

int ua_send(struct ua *ua, const struct way *way, struct mbuf *message)
{
    if (way->transport == SIP_TRANSP_UDP)
        return ua->datagrams ? loop_datagrams_send(ua->datagrams, &way->to, mbuf_buf(message), mbuf_get_left(message))
                             : EBADF;
    return connection_put(ua, way, message);
}

bool ua_reaches(const struct ua *ua, const struct way *way)
{
    return way->transport == SIP_TRANSP_UDP || connection_to(ua, way) != NULL;
}
