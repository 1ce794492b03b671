/* runtime/adapter/address.c - Addresses and ports: looked up, compared, watched. */
#include "runtime/adapter/address.h"

#include <arpa/inet.h>
#include <errno.h>
#include <limits.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* The host without its brackets. */
static bool split(const char *text, char *host, size_t host_size, const char **port)
{
    const char *colon = strrchr(text, ':');
    bool brackets = text[0] == '[' && colon != NULL && colon > text && colon[-1] == ']';
    const char *begin = text + brackets;
    size_t length = colon == NULL ? 0 : (size_t)(colon - begin) - brackets;
    if (colon == NULL || colon[1] == 0 || length == 0 || length >= host_size) return false;
    memcpy(host, begin, length);
    host[length] = 0;
    *port = colon + 1;
    return true;
}

bool address_parse(struct address *address, const char *text, char *why, size_t why_size)
{
    const char *port;
    if (!split(text, address->host, sizeof address->host, &port)) {
        snprintf(why, why_size, "`%s` is not an address and a port, such as 127.0.0.1:7000", text);
        return false;
    }
    struct addrinfo hints = {.ai_socktype = SOCK_STREAM, .ai_flags = AI_NUMERICSERV | AI_ADDRCONFIG}, *found;
    int error = getaddrinfo(address->host, port, &hints, &found);
    if (error != 0) {
        snprintf(why, why_size, "`%s`: %s", text, gai_strerror(error));
        return false;
    }
    memcpy(&address->socket, found->ai_addr, found->ai_addrlen);
    address->length = (int)found->ai_addrlen;
    freeaddrinfo(found);
    return true;
}

/* An IPv4 peer of an IPv6 socket is what it is. */
static bool as_ipv4(const struct sockaddr *address, struct in_addr *ipv4)
{
    if (address->sa_family == AF_INET) {
        *ipv4 = ((const struct sockaddr_in *)(const void *)address)->sin_addr;
        return true;
    }
    const struct in6_addr *ipv6 = &((const struct sockaddr_in6 *)(const void *)address)->sin6_addr;
    if (address->sa_family != AF_INET6 || !IN6_IS_ADDR_V4MAPPED(ipv6)) return false;
    memcpy(ipv4, ipv6->s6_addr + 12, sizeof *ipv4);
    return true;
}

bool address_is_loopback(const struct sockaddr *address)
{
    struct in_addr ipv4;
    if (as_ipv4(address, &ipv4)) return ntohl(ipv4.s_addr) >> 24 == 127;
    return address->sa_family == AF_INET6 &&
           IN6_IS_ADDR_LOOPBACK(&((const struct sockaddr_in6 *)(const void *)address)->sin6_addr);
}

void address_peer(const struct sockaddr *address, char text[ADDRESS_TEXT])
{
    struct in_addr ipv4;
    text[0] = 0;
    if (as_ipv4(address, &ipv4)) {
        inet_ntop(AF_INET, &ipv4, text, ADDRESS_TEXT);
    } else if (address->sa_family == AF_INET6) {
        struct in6_addr network = ((const struct sockaddr_in6 *)(const void *)address)->sin6_addr;
        memset(network.s6_addr + 8, 0, 8);
        inet_ntop(AF_INET6, &network, text, ADDRESS_TEXT);
    }
}

unsigned address_port(int socket)
{
    struct sockaddr_storage address = {0};
    socklen_t length = sizeof address;
    getsockname(socket, (struct sockaddr *)&address, &length);
    return ntohs(address.ss_family == AF_INET6 ? ((struct sockaddr_in6 *)&address)->sin6_port
                                               : ((struct sockaddr_in *)&address)->sin_port);
}

bool address_port_tell(const char *path, unsigned port)
{
    char fresh[PATH_MAX];
    if (snprintf(fresh, sizeof fresh, "%s.new", path) >= (int)sizeof fresh) {
        errno = ENAMETOOLONG;
        return false;
    }
    FILE *file = fopen(fresh, "we");
    if (file == NULL) return false;
    bool good = fprintf(file, "%u\n", port) > 0;
    good = fclose(file) == 0 && good && rename(fresh, path) == 0;
    if (!good) {
        int why = errno;
        unlink(fresh);
        errno = why;
    }
    return good;
}

void address_watch_peer(int socket)
{
    static const struct {
        int option, value;
    } settings[] = {{TCP_KEEPIDLE, 15}, {TCP_KEEPINTVL, 5}, {TCP_KEEPCNT, 3}, {TCP_USER_TIMEOUT, 30000 /* ms */}};
    int on = 1;
    setsockopt(socket, SOL_SOCKET, SO_KEEPALIVE, &on, sizeof on);
    for (size_t i = 0; i < sizeof settings / sizeof *settings; i++)
        setsockopt(socket, IPPROTO_TCP, settings[i].option, &settings[i].value, sizeof settings[i].value);
}
