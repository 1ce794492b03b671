/* runtime/sources/conninfo.c - Reads a connection string, and makes the options that libpq gets in the end.
 *
 *     string --parse--> libpq's options --hosts_read--> hosts, addresses, ports: lists of the same length
 *         --conninfo_resolve--> the same with an address for each name, a host perhaps several times --> libpq
 *
 * No password is ever shown in a message. A password may be part of a string that cannot be read, or be in the place
 * of a port, so such strings are not quoted; a visible password is refused, because it belongs in a file of mode
 * 0600. */
#include "runtime/sources/conninfo.h"

#include <assert.h>
#include <netdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include "runtime/vocabulary/target_fault.h"
#include "base/file.h"
#include "base/memory.h"
#include "base/why.h"

enum { HOSTS_MAX = 16, ADDRESSES_MAX = 8, KEYS_MAX = 64, LIST_MAX_BYTES = 4096 };

struct conninfo {
    PQconninfoOption *options;
    /* lists with commas, with one element for each host */
    char hosts[LIST_MAX_BYTES], addresses[LIST_MAX_BYTES], ports[LIST_MAX_BYTES];
    bool named, resolved;
    char password[PASSWORD_MAX];
    char application[80];
};

/* Could libpq's error message quote a password? */
static bool hides_password(const char *text)
{
    return strcasestr(text, "pass") || strstr(text, "://");
}

static const char *conninfo_value_of(const PQconninfoOption *options, const char *key)
{
    for (; options && options->keyword; options++)
        if (strcmp(options->keyword, key) == 0) return options->val && options->val[0] ? options->val : NULL;
    return NULL;
}

static PQconninfoOption *conninfo_parse(const char *text, struct error *error)
{
    char *why = NULL;
    PQconninfoOption *options = PQconninfoParse(text, &why);
    enum target_fault fault = target_fault(options);
    bool good = false;
    if (!options && hides_password(text))
        error_set(error, ERROR_INPUT, "it cannot be read (nothing of it is shown here: a password may be in it)");
    else if (!options)
        error_set(error, ERROR_INPUT, "%.*s", why ? (int)strcspn(why, "\n") : 0, why ? why : "");
    else if (fault == TARGET_PASSWORD)
        error_set(error, ERROR_INPUT, "it holds a password; expected `password_file`, or passfile=FILE in it");
    else if (fault == TARGET_PORT)
        error_set(error, ERROR_INPUT, "its port is no number (nor shown here: a password may stand in its place)");
    else if (conninfo_value_of(options, "service"))
        error_set(error, ERROR_INPUT, "it names a service; expected host, dbname and user themselves");
    else
        good = true;
    PQfreemem(why);
    if (good) return options;
    PQconninfoFree(options);
    return NULL;
}

bool conninfo_check(const char *text, struct error *error)
{
    PQconninfoOption *options = conninfo_parse(text, error);
    PQconninfoFree(options);
    return options != NULL;
}

/* Reads the first line of the file. conninfo_free() overwrites the line in memory. */
bool conninfo_password_read(const char *path, char password[PASSWORD_MAX], struct error *error)
{
    struct stat status;
    const char *why;
    FILE *file = file_reader(path, &why);
    bool good = file != NULL;
    password[0] = '\0';
    if (!good)
        error_set(error, ERROR_UNAVAILABLE, "password_file %s: %s", path, why);
    else if (fstat(fileno(file), &status) != 0 || (status.st_mode & (S_IRWXG | S_IRWXO)) != 0) {
        good =
            error_set(error, ERROR_DENIED, "password_file %s: others may read it; expected a file of mode 0600", path);
    } else if (fgets(password, PASSWORD_MAX, file) && strlen(password) == PASSWORD_MAX - 1) {
        good = error_set(error, ERROR_LIMIT, "password_file %s: its first line is too long", path);
    } else {
        char *said = file_secret(password);
        memmove(password, said, strlen(said) + 1);
        if (!password[0]) good = error_set(error, ERROR_INPUT, "password_file %s: its first line is empty", path);
    }
    if (file) fclose(file);
    return good;
}

/* The element number `index` of a list with commas; a list with one element has it for every index. Of "a,b,c"
 * element 1 is "b"; of "a" every element is "a"; of "a,b" element 2 is "". */
static void conninfo_element(const char *list, unsigned index, char *out, size_t size)
{
    const char *only = list;
    out[0] = '\0';
    if (!list) return;
    for (unsigned i = 0; i < index; i++) {
        list = strchr(list, ',');
        if (!list) break;
        list++;
    }
    if (!list) list = !strchr(only, ',') ? only : "";
    snprintf(out, size, "%.*s", (int)strcspn(list, ","), list);
}

static unsigned conninfo_elements(const char *list)
{
    unsigned count = 1;
    if (!list) return 0;
    for (; *list != '\0'; list++) count += *list == ',';
    return count;
}

/* Adds an element. False: the list is full. */
static bool conninfo_append(char *list, const char *text, bool first)
{
    size_t at = strlen(list), more = strlen(text);
    if (at + more + 2 > LIST_MAX_BYTES) return false;
    snprintf(list + at, LIST_MAX_BYTES - at, "%s%s", first ? "" : ",", text);
    return true;
}

static bool conninfo_is_number(const char *host)
{
    struct addrinfo *found = NULL, hints = {.ai_flags = AI_NUMERICHOST};
    bool is = getaddrinfo(host, NULL, &hints, &found) == 0;
    if (is) freeaddrinfo(found);
    return is;
}

/* True: the host must be looked up, since it is a name (no address, and no folder of a socket) and has no address
 * beside it. */
static bool needs_name(const char *host, const char *address)
{
    return address[0] == '\0' && host[0] != '\0' && host[0] != '/' && host[0] != '@' && !conninfo_is_number(host);
}

/* Reads hosts, addresses and ports from the string itself, or, as libpq does, from the environment. */
static void hosts_read(struct conninfo *info)
{
    PQconninfoOption *defaults = PQconndefaults();
    const char *hosts = conninfo_value_of(info->options, "host"),
               *addresses = conninfo_value_of(info->options, "hostaddr");
    const char *ports = conninfo_value_of(info->options, "port");
    unsigned count;
    char host[512], address[512];
    if (!hosts && !addresses) {
        hosts = conninfo_value_of(defaults, "host");
        addresses = conninfo_value_of(defaults, "hostaddr");
    }
    if (!ports) ports = conninfo_value_of(defaults, "port");
    snprintf(info->hosts, sizeof info->hosts, "%s", hosts ? hosts : "");
    snprintf(info->addresses, sizeof info->addresses, "%s", addresses ? addresses : "");
    snprintf(info->ports, sizeof info->ports, "%s", ports ? ports : "");
    count = conninfo_elements(info->hosts);
    for (unsigned i = 0; i < count; i++) {
        conninfo_element(info->hosts, i, host, sizeof host);
        conninfo_element(addresses, i, address, sizeof address);
        info->named = info->named || needs_name(host, address);
    }
    PQconninfoFree(defaults);
}

struct conninfo *conninfo_new(const struct source_options *options, struct error *error)
{
    struct conninfo *info = memory_zeroed(1, sizeof *info);
    info->options = conninfo_parse(options->postgres, error);
    if (!info->options || (options->password_file && options->password_file[0] != '\0' &&
                           !conninfo_password_read(options->password_file, info->password, error))) {
        conninfo_free(info);
        return NULL;
    }
    snprintf(info->application, sizeof info->application, "gcx %.64s", options->name);
    hosts_read(info);
    return info;
}

void conninfo_free(struct conninfo *info)
{
    if (!info) return;
    explicit_bzero(info->password, sizeof info->password);
    PQconninfoFree(info->options);
    free(info);
}

bool conninfo_named(const struct conninfo *info)
{
    return info->named && !info->resolved;
}

/* Adds a host with one address and port: each address of each host becomes a host of its own, and libpq tries them
 * in order. */
static bool host_add(struct conninfo *info, unsigned *count, const char *host, const char *address, const char *port)
{
    bool first = *count == 0;
    (*count)++;
    return conninfo_append(info->hosts, host, first) && conninfo_append(info->addresses, address, first) &&
           conninfo_append(info->ports, port, first);
}

static bool host_resolve(struct conninfo *info, unsigned *count, const char *host, const char *port, char *why,
                         size_t size)
{
    struct addrinfo *found = NULL, hints = {.ai_socktype = SOCK_STREAM, .ai_flags = AI_ADDRCONFIG};
    char address[NI_MAXHOST];
    unsigned taken = 0;
    int result = getaddrinfo(host, NULL, &hints, &found);
    if (result != 0) return why_set(why, size, "host %s: %s", host, gai_strerror(result));
    for (struct addrinfo *at = found; at && taken < ADDRESSES_MAX; at = at->ai_next)
        if (getnameinfo(at->ai_addr, at->ai_addrlen, address, sizeof address, NULL, 0, NI_NUMERICHOST) == 0 &&
            host_add(info, count, host, address, port))
            taken++;
    freeaddrinfo(found);
    return taken > 0;
}

/* Looks names up. The function may wait for a name server, so a thread outside of the loop calls it. A host without an
 * address is left out if another host has one. */
bool conninfo_resolve(struct conninfo *info, char *why, size_t size)
{
    char hosts[LIST_MAX_BYTES], addresses[LIST_MAX_BYTES], ports[LIST_MAX_BYTES], host[512], address[512], port[64];
    unsigned count = 0, given;
    memcpy(hosts, info->hosts, sizeof hosts);
    memcpy(addresses, info->addresses, sizeof addresses);
    memcpy(ports, info->ports, sizeof ports);
    info->hosts[0] = info->addresses[0] = info->ports[0] = '\0';
    snprintf(why, size, "no host has an address");
    given = conninfo_elements(hosts);
    for (unsigned i = 0; i < given && i < HOSTS_MAX; i++) {
        conninfo_element(hosts, i, host, sizeof host);
        conninfo_element(addresses, i, address, sizeof address);
        conninfo_element(ports, i, port, sizeof port);
        if (needs_name(host, address))
            host_resolve(info, &count, host, port, why, size);
        else
            host_add(info, &count, host, address, port);
    }
    info->resolved = count > 0;
    return info->resolved;
}

/* Begins to connect, and does not wait for the connection. */
PGconn *conninfo_connect(const struct conninfo *info)
{
    const char *keys[KEYS_MAX], *values[KEYS_MAX];
    size_t n = 0;
    for (const PQconninfoOption *option = info->options; option->keyword && n < KEYS_MAX - 8; option++) {
        if (!option->val || strcmp(option->keyword, "host") == 0 || strcmp(option->keyword, "hostaddr") == 0 ||
            strcmp(option->keyword, "port") == 0)
            continue;
        keys[n] = option->keyword;
        values[n++] = option->val;
    }
    const char *const ours[][2] = {
        {"host", info->hosts},
        {"hostaddr", info->addresses},
        {"port", info->ports},
        {"password", info->password},
        {"fallback_application_name", info->application},
        {"client_encoding", "UTF8"},
        /* Without an own setting no Kerberos ticket is asked for, since that could mean waiting for another server.
         * A user who wants a ticket must set `gssencmode`. */
        {"gssencmode", !conninfo_value_of(info->options, "gssencmode") ? "disable" : ""},
    };
    for (size_t i = 0; i < sizeof ours / sizeof *ours; i++) {
        if (ours[i][1][0] == '\0') continue;
        keys[n] = ours[i][0];
        values[n++] = ours[i][1];
    }
    assert(n < KEYS_MAX);
    keys[n] = values[n] = NULL;
    return PQconnectStartParams(keys, values, 0);
}
