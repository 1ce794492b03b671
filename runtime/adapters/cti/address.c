/* runtime/adapters/cti/address.c - Looks up an address and a port. */
#include "runtime/adapters/cti/address.h"

#include <netdb.h>
#include <stdio.h>
#include <string.h>

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
    char host[256];
    const char *port;
    if (!split(text, host, sizeof host, &port)) {
        snprintf(why, why_size, "`%s` is not an address and a port, such as 127.0.0.1:7000", text);
        return false;
    }
    struct addrinfo hints = {.ai_socktype = SOCK_STREAM, .ai_flags = AI_NUMERICSERV | AI_ADDRCONFIG}, *found;
    int error = getaddrinfo(host, port, &hints, &found);
    if (error != 0) {
        snprintf(why, why_size, "`%s`: %s", text, gai_strerror(error));
        return false;
    }
    memcpy(&address->socket, found->ai_addr, found->ai_addrlen);
    address->length = (int)found->ai_addrlen;
    freeaddrinfo(found);
    return true;
}
