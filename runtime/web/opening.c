/* runtime/web/opening.c - Opens an HTTP server by a plugin's settings.
 *
 * opening_good() checks the settings and binds nothing; opening_door() reads the certificate, makes the server and
 * binds it to its address. Without a certificate the server listens on loopback addresses only, unless `insecure`
 * allows others. */
#include "runtime/web/opening.h"

#include <errno.h>
#include <string.h>

#include "runtime/adapter/gcx_adapter.h"
#include "runtime/adapter/settings.h"
#include "runtime/adapter/tls.h"
#include "base/why.h"

static bool read_address(const struct opening *opening, struct address *address, char *why, size_t why_size)
{
    char reason[200];
    if (!address_parse(address, opening->listen, reason, sizeof reason))
        return why_set(why, why_size, "%s: %s", opening->listen_name, reason);
    if (*opening->certificate || setting_yes(opening->insecure) ||
        address_is_loopback((const struct sockaddr *)&address->socket))
        return true;
    return why_set(why, why_size, "%s: %s is open to other machines without TLS: set `%s` and `%s`",
                   opening->listen_name, opening->listen, opening->certificate_name, opening->key_name);
}

static bool read_tls(const struct opening *opening, struct tls **tls, char *why, size_t why_size)
{
    if (!*opening->certificate && !*opening->key) return true;
    *tls = tls_server(&(struct tls_settings){.certificate = *opening->certificate ? opening->certificate : NULL,
                                             .key = *opening->key ? opening->key : NULL,
                                             .certificate_setting = opening->certificate_name,
                                             .key_setting = opening->key_name},
                      why, why_size);
    return *tls != NULL;
}

bool opening_good(const struct opening *opening, char *why, size_t why_size)
{
    struct address address;
    struct tls *tls = NULL;
    bool good = read_address(opening, &address, why, why_size) && read_tls(opening, &tls, why, why_size);
    tls_free(tls);
    return good;
}

/* Listens, then writes the port file, so that a program waiting for the file can connect. */
static bool opening_listens(const struct opening *opening, const struct address *address, struct door *door,
                            unsigned *port, char *why, size_t why_size)
{
    if (!door_listen(door, address, port))
        return why_set(why, why_size, "%s: %s: %s", opening->listen_name, opening->listen, strerror(errno));
    if (*opening->port_file && !address_port_tell(opening->port_file, *port))
        return why_set(why, why_size, "%s: %s: %s", opening->port_file_name, opening->port_file, strerror(errno));
    return true;
}

struct door *opening_door(const struct opening *opening, const struct door_options *options,
                          const struct door_calls *calls, struct gcx_link *link, const struct gcx_services *services,
                          char *why, size_t why_size)
{
    struct door_options own = *options;
    struct address address;
    unsigned port;
    if (!read_address(opening, &address, why, why_size) || !read_tls(opening, &own.tls, why, why_size)) return NULL;
    struct door *door = door_new(services->base(link), &own, calls);
    if (!opening_listens(opening, &address, door, &port, why, why_size)) {
        door_free(door);
        return NULL;
    }
    door_tells(door, link, services);
    services->log(link, GCX_LOG_INFO, 0, 0, "listen: port %u", port);
    return door;
}
