/* runtime/adapters/desk/softphone.c - Reads the library and the address for the telephone inside the page.
 *
 *     policy   ... connect-src 'self' ...
 *     becomes  ... connect-src 'self' wss://sip.example.com:8443 ...
 *
 * The browser lets the page connect to no other address. The address comes from the settings and goes into a header,
 * so each of its characters is checked. The library is read once at the start: pages do not get a file that changes
 * later until the desk is restarted. */
#include "runtime/adapters/desk/softphone.h"

#include <assert.h>
#include <glib.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/adapters/desk/setting.h"
#include "base/file.h"
#include "base/why.h"

enum { LIBRARY_MAX = 8 * 1024 * 1024 };

static const char CONNECT[] = "connect-src 'self'";

/* Is the address a single word of the policy? No character may end the word or begin another. A colon within
 * brackets belongs to an IPv6 address and does not begin a port. */
static bool softphone_address_good(const char *address)
{
    static const char plain[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~:/[]";
    const char *host = g_str_has_prefix(address, "wss://")  ? address + strlen("wss://")
                       : g_str_has_prefix(address, "ws://") ? address + strlen("ws://")
                                                            : "";
    size_t length = strcspn(host, "/");
    const char *colon = g_strrstr_len(host, (gssize)length, ":");
    bool port = colon && !memchr(colon, ']', length - (size_t)(colon - host));
    unsigned long number = port ? strtoul(colon + 1, NULL, 10) : 1;
    return length > 0 && number > 0 && number <= UINT16_MAX && strspn(host, plain) == strlen(host);
}

bool softphone_read(struct softphone *softphone, const struct desk_setting *setting, const char *policy, char *why,
                    size_t why_size)
{
    const char *reason, *connect = strstr(policy, CONNECT);
    assert(connect && !softphone->library);
    if (!*setting->softphone)
        return !*setting->softphone_library ||
               why_set(why, why_size, "softphone_library: it is for `softphone`, which is not set");
    if (!softphone_address_good(setting->softphone))
        return why_set(why, why_size, "softphone: `%s` is no address of a WebSocket, as wss://sip.example.com:8443",
                       setting->softphone);
    if (!*setting->tserver || !*setting->softphone_library)
        return why_set(why, why_size, "softphone: it needs `%s`, too",
                       *setting->tserver ? "softphone_library" : "tserver");
    softphone->library = file_read(setting->softphone_library, LIBRARY_MAX, &softphone->library_length, &reason);
    if (!softphone->library)
        return why_set(why, why_size, "softphone_library: %s: %s", setting->softphone_library, reason);
    connect += strlen(CONNECT);
    softphone->policy = g_strdup_printf("%.*s %s%s", (int)(connect - policy), policy, setting->softphone, connect);
    return true;
}

void softphone_free(struct softphone *softphone)
{
    free(softphone->library);
    g_free(softphone->policy);
    *softphone = (struct softphone){0};
}
