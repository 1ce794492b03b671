/* runtime/adapter/address.c - Looks up, compares and watches addresses and ports.
 *
 *     "[::1]:7000"                  host "::1", port "7000"
 *     "core1:7000, core2:7000"      a list: turn 0 is core1, turn 1 is core2, turn 2 is core1 again
 *     "core1" has two addresses     turns 0 and 2 of core1 take the first and the second of them
 *
 * A look-up of a name may block for seconds; the loop uses the resolver for it (resolver.h). Checks of settings look
 * up numbers only. */
#include "runtime/adapter/address.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "base/file.h"
#include "base/why.h"

/* A port above 65535 is refused here, since getaddrinfo() would read 70000 as 4464. */
static bool is_port(const char *text)
{
    size_t digits = strspn(text, "0123456789");
    return digits > 0 && digits <= 5 && text[digits] == '\0' && atoi(text) <= 65535;
}

/* Splits "host:port" into the host, without its brackets, and the port. An address with brackets may contain colons,
 * so the last colon counts. */
static bool address_split_port(const char *text, char *host, size_t host_size, const char **port)
{
    const char *colon = strrchr(text, ':');
    bool brackets = text[0] == '[' && colon && colon > text && colon[-1] == ']';
    const char *begin = text + brackets;
    size_t length = !colon ? 0 : (size_t)(colon - begin) - brackets;
    if (!colon || !is_port(colon + 1) || length == 0 || length >= host_size) return false;
    if (memchr(begin, ',', length)) return false; /* only the setting --connect takes several addresses */
    if (memchr(begin, ' ', length) || memchr(begin, '\t', length)) return false; /* no host name has a blank */
    memcpy(host, begin, length);
    host[length] = 0;
    *port = colon + 1;
    return true;
}

/* Splits the text into host and port as address_split_port() does, and writes the reason if that fails. */
static bool address_parted(const char *text, char host[256], const char **port, char *why, size_t why_size)
{
    if (address_split_port(text, host, 256, port)) return true;
    return why_set(why, why_size, "`%s` is not an address and a port up to 65535, such as 127.0.0.1:7000", text);
}

bool address_split(const char *text, char host[256], char *why, size_t why_size)
{
    const char *port;
    return address_parted(text, host, &port, why, why_size);
}

/* Calls getaddrinfo(): returns 0 with a list in `found`, which the caller frees, else its error. */
static int found_of(const char *host, const char *port, int flags, struct addrinfo **found)
{
    struct addrinfo hints = {.ai_socktype = SOCK_STREAM, .ai_flags = AI_NUMERICSERV | flags};
    return getaddrinfo(host, port, &hints, found);
}

/* Copies one address out of a list with commas, the one whose turn it is, without the blanks beside it, and returns
 * how many addresses the list has. An address that is too long for the copy is cut: no real address is so long. */
static unsigned address_of_list(const char *list, unsigned turn, char one[ADDRESS_WRITTEN])
{
    unsigned count = 1;
    for (const char *at = list; (at = strchr(at, ',')); at++) count++;
    for (unsigned i = turn % count; i > 0; i--) list = strchr(list, ',') + 1;
    list += strspn(list, " \t");
    size_t length = strcspn(list, ",");
    while (length > 0 && strchr(" \t", list[length - 1])) length--;
    snprintf(one, ADDRESS_WRITTEN, "%.*s", (int)length, list);
    return count;
}

bool address_list_check(const char *list, char *why, size_t why_size)
{
    char one[ADDRESS_WRITTEN], host[256];
    unsigned count = 1;
    if (strlen(list) >= ADDRESS_WRITTEN)
        return why_set(why, why_size, "addresses have at most %d bytes together", ADDRESS_WRITTEN - 1);
    for (unsigned i = 0; i < count; i++) {
        count = address_of_list(list, i, one);
        if (!address_split(one, host, why, why_size)) return false;
    }
    return true;
}

/* Counts the addresses of a name, and says in `first` at which the turns begin. Many machines give localhost the
 * addresses ::1 and 127.0.0.1, in this order, and others the second one alone. A setting must mean the same on both, so
 * the turns of localhost begin at its IPv4 address. */
static unsigned addresses_count(const struct addrinfo *found, const char *host, unsigned *first)
{
    bool search = strcasecmp(host, "localhost") == 0;
    unsigned count = 0;
    *first = 0;
    for (const struct addrinfo *at = found; at; at = at->ai_next, count++)
        if (search && at->ai_family == AF_INET) *first = count, search = false;
    return count;
}

/* Looks up one address; if its name has several addresses, takes the one whose turn it is. */
static bool address_look_up(struct address *address, const char *text, unsigned turn, char *why, size_t why_size)
{
    const char *port;
    struct addrinfo *found, *at;
    unsigned first;
    if (!address_parted(text, address->host, &port, why, why_size)) return false;
    snprintf(address->port, sizeof address->port, "%s", port);
    /* A numeric address is tried first: it works even if this machine has no network but its own. */
    int error = found_of(address->host, port, AI_NUMERICHOST, &found);
    if (error == EAI_NONAME) error = found_of(address->host, port, AI_ADDRCONFIG, &found);
    if (error != 0)
        return why_set(why, why_size, "`%s`: %s", text, error == EAI_SYSTEM ? strerror(errno) : gai_strerror(error));
    unsigned count = addresses_count(found, address->host, &first);
    at = found;
    for (unsigned i = (first + turn % count) % count; i > 0; i--) at = at->ai_next;
    memcpy(&address->socket, at->ai_addr, at->ai_addrlen);
    address->length = (int)at->ai_addrlen;
    freeaddrinfo(found);
    return true;
}

bool address_parse(struct address *address, const char *text, char *why, size_t why_size)
{
    return address_look_up(address, text, 0, why, why_size);
}

/* `turn` counts through the list first, and each full round takes the next address of each name. */
bool address_find(struct address *address, const char *list, unsigned turn, char *why, size_t why_size)
{
    char one[ADDRESS_WRITTEN];
    unsigned count = address_of_list(list, turn, one);
    return address_look_up(address, one, turn / count, why, why_size);
}

bool address_is_numeric(const char *text)
{
    char host[256];
    const char *port;
    struct addrinfo *found;
    if (!address_split_port(text, host, sizeof host, &port) || found_of(host, port, AI_NUMERICHOST, &found) != 0)
        return false;
    freeaddrinfo(found);
    return true;
}

/* True if no resolver is needed: the host is a number, or the word localhost. */
bool address_says_loopback(const char *text)
{
    struct address address;
    const char *port;
    char why[256];
    if (address_is_numeric(text))
        return address_parse(&address, text, why, sizeof why) &&
               address_is_loopback((const struct sockaddr *)&address.socket);
    return address_split_port(text, address.host, sizeof address.host, &port) &&
           strcasecmp(address.host, "localhost") == 0;
}

/* Takes the IPv4 address of a peer, also where an IPv6 socket shows it as a mapped one. */
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

/* IPv6 peers are shortened to their network of 64 bits: one machine may use any address within it. */
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

/* Writes the port to a new file beside `path` and renames it, so a reader finds a whole number or no file. errno has
 * the reason. */
bool address_port_tell(const char *path, unsigned port)
{
    char fresh[PATH_MAX];
    if (snprintf(fresh, sizeof fresh, "%s.new", path) >= (int)sizeof fresh) {
        errno = ENAMETOOLONG;
        return false;
    }
    const char *unused;
    int fd = file_open(fresh, O_WRONLY | O_CREAT | O_TRUNC, 0666, &unused);
    if (fd < 0) return false;
    bool good = dprintf(fd, "%u\n", port) > 0;
    good = close(fd) == 0 && good && rename(fresh, path) == 0;
    if (!good) {
        int why = errno;
        unlink(fresh);
        errno = why;
    }
    return good;
}

/* Has the kernel probe a silent peer after 15 s, three times each 5 s, and drop data that nobody acknowledges for 30
 * s: so a peer that vanishes is noticed after about half a minute. */
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
