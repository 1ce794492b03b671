/* runtime/adapters/sip/transport.c - Opens the sockets of SIP that the settings name.
 *
 *     address        UDP, and TCP at the same port if `tcp` is yes
 *     tls_address    TLS
 *
 * The ports are also written to the port files, for whoever starts this process with port 0. */
#include "runtime/adapters/sip/transport.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "runtime/adapter/address.h"
#include "runtime/adapters/sip/exchange.h"
#include "base/why.h"

/* Binds UDP and, if it is wanted, TCP at the same port; with port 0 the kernel chooses one for UDP. Returns errno. */
static int transport_bind_both(struct ua *ua, bool tcp, struct sa *own)
{
    int error = ua_bind(ua, SIP_TRANSP_UDP, own);
    if (error == 0 && tcp) error = ua_bind(ua, SIP_TRANSP_TCP, own);
    return error;
}

/* Binds the sockets. With port 0 the port that the kernel gives for UDP may be in use for TCP. In that case both
 * sockets are closed, and another port is tried. */
static bool transport_bind(struct exchange *exchange, char *why, size_t why_size)
{
    enum { TRIES = 20 };
    struct sa *own = &exchange->setting.own;
    bool any = sa_port(own) == 0, tcp = setting_yes(exchange->setting.tcp);
    int error = EADDRINUSE;
    for (unsigned tries = 0; tries < (any ? TRIES : 1) && error == EADDRINUSE; tries++) {
        if (any) sa_set_port(own, 0);
        error = transport_bind_both(&exchange->ua, tcp, own);
        if (error != 0) ua_unbind(&exchange->ua);
    }
    if (error != 0)
        snprintf(why, why_size, "address: %s: %s%s", exchange->setting.address, strerror(error),
                 error == EADDRINUSE ? "; another process has this port" : "");
    return error == 0;
}

bool transport_certificate(struct exchange *exchange, char *why, size_t why_size)
{
    const char *path = exchange->setting.tls_certificate;
    if (!ua_certificate(&exchange->ua, path))
        return why_set(why, why_size, "tls_certificate: %s has no certificate with its key", path);
    exchange->tls_ends_s = tls_file_ends_s(path);
    return true;
}

static bool transport_bind_tls(struct exchange *exchange, char *why, size_t why_size)
{
    struct sip_setting *setting = &exchange->setting;
    if (!*setting->tls_address) return true;
    if (!transport_certificate(exchange, why, why_size)) return false;
    int error = ua_bind(&exchange->ua, SIP_TRANSP_TLS, &setting->own_tls);
    if (error != 0) snprintf(why, why_size, "tls_address: %s: %s", setting->tls_address, strerror(error));
    return error == 0;
}

static bool transport_tell_port(const char *name, const char *path, const struct sa *own, char *why, size_t why_size)
{
    if (!*path || address_port_tell(path, sa_port(own))) return true;
    snprintf(why, why_size, "%s: %s: %s", name, path, strerror(errno));
    return false;
}

bool transports_open(struct exchange *exchange, char *why, size_t why_size)
{
    const struct sip_setting *setting = &exchange->setting;
    return transport_bind(exchange, why, why_size) && transport_bind_tls(exchange, why, why_size) &&
           transport_tell_port("sip_port_file", setting->sip_port_file, &setting->own, why, why_size) &&
           transport_tell_port("tls_port_file", setting->tls_port_file, &setting->own_tls, why, why_size);
}

void transport_contact(const struct exchange *exchange, enum sip_transp transport, const char *user,
                       char contact[CONTACT_SIZE])
{
    const struct sip_setting *setting = &exchange->setting;
    struct sa told = setting->told;
    sa_set_port(&told, sa_port(transport == SIP_TRANSP_TLS ? &setting->own_tls : &setting->own));
    (void)re_snprintf(contact, CONTACT_SIZE, "sip:%s@%J%s", user, &told, ua_transport_param(transport));
}
