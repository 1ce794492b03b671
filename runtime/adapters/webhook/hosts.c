/* runtime/adapters/webhook/hosts.c - Checks whether a file may be fetched from an address.
 *
 *     HOST_BASE    scheme, host and port of the network's API     may have any address
 *     HOST_OWN     a host of the network's own, by https          hears our token
 *     HOST_NAMED   a host that the file or the site names, by https
 *     HOST_NONE    any other: nothing is fetched from there
 *
 * A message from outside may contain any address. Without this list a message could have files fetched from the site's
 * own network, or have the token sent to another host. */
#include "runtime/adapters/webhook/hosts.h"

#include <glib.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>

static char *part_of(CURLU *url, CURLUPart part)
{
    char *text = NULL;
    return curl_url_get(url, part, &text, CURLU_DEFAULT_PORT) == CURLUE_OK ? text : NULL;
}

static bool parts_are_same(CURLU *one, CURLU *other, CURLUPart part)
{
    char *a = part_of(one, part), *b = part_of(other, part);
    bool same = a && b && g_ascii_strcasecmp(a, b) == 0;
    curl_free(a), curl_free(b);
    return same;
}

static bool is_host_of_base(CURLU *url, const char *base)
{
    CURLU *own = curl_url();
    bool same = own && curl_url_set(own, CURLUPART_URL, base, 0) == CURLUE_OK &&
                parts_are_same(url, own, CURLUPART_SCHEME) && parts_are_same(url, own, CURLUPART_HOST) &&
                parts_are_same(url, own, CURLUPART_PORT);
    curl_url_cleanup(own);
    return same;
}

static bool host_is_in(const char *const *names, const char *host)
{
    while (*names && g_ascii_strcasecmp(*names, host) != 0) names++;
    return *names != NULL;
}

static enum host host_named(const struct webhook_hosts *hosts, const char *host)
{
    if (!*host) return HOST_NONE;
    if (host_is_in(hosts->own, host)) return HOST_OWN;
    if (host_is_in(hosts->named, host)) return HOST_NAMED;
    char **more = g_strsplit(hosts->more, ",", -1);
    for (char **name = more; *name; name++) g_strstrip(*name);
    bool found = host_is_in((const char *const *)more, host);
    g_strfreev(more);
    return found ? HOST_NAMED : HOST_NONE;
}

/* Returns the kind of the host; one without https at its usual port is not allowed, except for the base, which the
 * site has set itself. */
static enum host host_of(CURLU *url, const struct webhook_hosts *hosts)
{
    char *scheme = part_of(url, CURLUPART_SCHEME), *port = part_of(url, CURLUPART_PORT),
         *name = part_of(url, CURLUPART_HOST);
    bool good = scheme && port && name && strcmp(scheme, "https") == 0 && strcmp(port, "443") == 0;
    enum host host = is_host_of_base(url, hosts->base) ? HOST_BASE : good ? host_named(hosts, name) : HOST_NONE;
    curl_free(scheme), curl_free(port), curl_free(name);
    return host;
}

/* Reads an address; one with a user name is refused, as it makes one host look like another. */
CURLU *hosts_address(const struct webhook_hosts *hosts, const char *text, enum host *host)
{
    CURLU *url = curl_url();
    char *user = NULL;
    bool good = url && curl_url_set(url, CURLUPART_URL, text, 0) == CURLUE_OK;
    good = good && curl_url_get(url, CURLUPART_USER, &user, 0) == CURLUE_NO_USER;
    curl_free(user);
    *host = good ? host_of(url, hosts) : HOST_NONE;
    if (*host != HOST_NONE) return url;
    curl_url_cleanup(url);
    return NULL;
}

bool hosts_name_is_good(const char *name)
{
    for (const char *c = name; *c; c++)
        if (!g_ascii_isalnum(*c) && !strchr(".-", *c)) return false;
    return *name != '\0' && *name != '.' && strlen(name) <= 253;
}

/* Is the IPv4 address public? The blocks of RFC 6890 and later ones are not reachable from everywhere. */
static bool is_public_4(uint32_t address)
{
    static const struct {
        uint32_t begin;
        unsigned bits;
    } blocks[] = {{0x00000000, 8},  {0x0a000000, 8},  {0x64400000, 10}, {0x7f000000, 8},  {0xa9fe0000, 16},
                  {0xac100000, 12}, {0xc0000000, 24}, {0xc0000200, 24}, {0xc0a80000, 16}, {0xc6120000, 15},
                  {0xc6336400, 24}, {0xcb007100, 24}, {0xe0000000, 3}};
    for (size_t i = 0; i < G_N_ELEMENTS(blocks); i++)
        if ((address ^ blocks[i].begin) >> (32 - blocks[i].bits) == 0) return false;
    return true;
}

/* Is the IPv6 address public? Only the block 2000::/3 is in public use. Addresses that lead to IPv4 addresses do not
 * count as public. */
static bool is_public_6(const uint8_t *bytes)
{
    bool teredo = bytes[0] == 0x20 && bytes[1] == 0x01 && bytes[2] == 0 && bytes[3] == 0;
    bool shown = bytes[0] == 0x20 && bytes[1] == 0x01 && bytes[2] == 0x0d && bytes[3] == 0xb8;
    bool six_to_four = bytes[0] == 0x20 && bytes[1] == 0x02;
    return bytes[0] >> 5 == 1 && !teredo && !shown && !six_to_four;
}

bool hosts_is_public(const struct sockaddr *address)
{
    struct sockaddr_in four;
    struct sockaddr_in6 six;
    if (address->sa_family == AF_INET) {
        memcpy(&four, address, sizeof four);
        return is_public_4(ntohl(four.sin_addr.s_addr));
    }
    if (address->sa_family != AF_INET6) return false;
    memcpy(&six, address, sizeof six);
    return is_public_6(six.sin6_addr.s6_addr);
}
