/* runtime/adapters/sip/transport.c - Binds SIP's sockets, each port by one process only. */
#include "runtime/adapters/sip/transport.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "runtime/adapter/address.h"
#include "runtime/adapters/sip/exchange.h"

/* libre binds its socket so that a second process could bind the same port, unseen by the first. A socket of TCP on
 * that port is had once: the one that listens, or one that never does. It goes with the process. */
static bool transport_bind_tcp(struct exchange *exchange, struct sa *own)
{
    if (setting_yes(exchange->setting.tcp))
        return (errno = sip_transp_add(exchange->sip, SIP_TRANSP_TCP, own)) == 0 &&
               (errno = sip_transp_laddr(exchange->sip, own, SIP_TRANSP_TCP, own)) == 0;
    int lock = socket(sa_af(own), SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (lock < 0 || bind(lock, &own->u.sa, own->len) != 0) {
        if (lock >= 0) close(lock);
        return false;
    }
    exchange->lock = lock;
    sa_set_port(own, (uint16_t)address_port(lock));
    return true;
}

/* A port that the kernel chooses is one that is free for both sockets. */
static bool transport_bind(struct exchange *exchange, char *why, size_t why_size)
{
    enum { TRIES = 20 };
    struct sa *own = &exchange->setting.own;
    bool any = sa_port(own) == 0;
    for (unsigned tries = 0; tries < (any ? TRIES : 1); tries++) {
        if (any) sa_set_port(own, 0);
        if (!transport_bind_tcp(exchange, own)) {
            snprintf(why, why_size, "address: %s: %s; another process has this port", exchange->setting.address,
                     strerror(errno));
            return false;
        }
        int error = guard_bind_udp(exchange, own);
        if (error == 0) return true;
        snprintf(why, why_size, "address: %s: %s", exchange->setting.address, strerror(error));
        transports_close(exchange);
        sip_transp_flush(exchange->sip);
    }
    return false;
}

static bool transport_bind_tls(struct exchange *exchange, char *why, size_t why_size)
{
    struct setting *setting = &exchange->setting;
    if (!*setting->tls_address) return true;
    struct tls *tls = NULL;
    int error = tls_alloc(&tls, TLS_METHOD_SSLV23, setting->tls_certificate, NULL);
    if (error != 0) {
        snprintf(why, why_size, "tls_certificate: %s has no certificate with its key", setting->tls_certificate);
        return false;
    }
    exchange->tls_ends_s = tls_file_ends_s(setting->tls_certificate);
    error = sip_transp_add(exchange->sip, SIP_TRANSP_TLS, &setting->own_tls, tls);
    mem_deref(tls);
    if (error == 0) error = sip_transp_laddr(exchange->sip, &setting->own_tls, SIP_TRANSP_TLS, &setting->own_tls);
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
    const struct setting *setting = &exchange->setting;
    return transport_bind(exchange, why, why_size) && transport_bind_tls(exchange, why, why_size) &&
           transport_tell_port("sip_port_file", setting->sip_port_file, &setting->own, why, why_size) &&
           transport_tell_port("tls_port_file", setting->tls_port_file, &setting->own_tls, why, why_size);
}

void transports_close(struct exchange *exchange)
{
    guard_end(exchange);
    if (exchange->lock >= 0) close(exchange->lock);
    exchange->lock = -1;
}

void transport_contact(const struct exchange *exchange, enum sip_transp transport, const char *user,
                       char contact[CONTACT_SIZE])
{
    const struct setting *setting = &exchange->setting;
    struct sa told = setting->told;
    sa_set_port(&told, sa_port(transport == SIP_TRANSP_TLS ? &setting->own_tls : &setting->own));
    (void)re_snprintf(contact, CONTACT_SIZE, "sip:%s@%J%s", user, &told, sip_transp_param(transport));
}
