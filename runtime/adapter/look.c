/* runtime/adapter/look.c - The findings of `gcxvm --check`, and the checks that plugins share.
 *
 *     gcxvm --check                       the plugin, in a process of its own
 *       settings, names of the site  -->  look_run() --> check(), then look()
 *       findings                     <--  one line each: letter, setting, sentence
 *
 * A check contacts nobody outside: no name is looked up, no server is called. Findings are reported through struct
 * gcx_look; the sentences are in a table with places for words, %1 to %9. A plugin also reports what it uses (takes:
 * "tcp 127.0.0.1:5060") and the names it adds, so that gcxvm can compare all plugins with each other. */
#include "runtime/adapter/look.h"

#include <assert.h>
#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "runtime/adapter/address.h"
#include "runtime/adapter/tls.h"
#include "runtime/vocabulary/media.h"
#include "runtime/vocabulary/contract.h"
#include "base/file.h"
#include "base/memory.h"
#include "base/out.h"
#include "base/shown.h"
#include "runtime/vocabulary/target.h"

enum { DAY_S = 86400, SOON_DAYS = 21, PORTS_OF_ROOT = 1024 };

enum { SEVERITY_fails = GCX_LOG_ERROR, SEVERITY_warns = GCX_LOG_WARNING };

static const struct check_row {
    int level;
    const char *sentence;
} check_rows[CHECKS] = {
#define CHECK(id, way, severity, looked, sentence) [CHECK_##id] = {SEVERITY_##severity, sentence},
#include "runtime/adapter/checks.def"
#undef CHECK
};

int look_level(enum look_check check)
{
    assert(check < CHECKS);
    return check_rows[check].level;
}

/* Writes the sentence of a check with the words in place of %1, %2 and so on. Each word is cut to 200 bytes, and the
 * whole to LOOK_TEXT. */
void look_say(char text[LOOK_TEXT], enum look_check check, const char *const *words)
{
    assert(check < CHECKS);
    size_t length = 0, count = 0;
    while (words[count]) count++;
    for (const char *at = check_rows[check].sentence; *at && length < LOOK_TEXT - 1; at++) {
        bool place = at[0] == '%' && at[1] >= '1' && at[1] <= '9';
        size_t number = place ? (size_t)(at[1] - '1') : 0;
        if (!place) {
            text[length++] = *at;
            continue;
        }
        assert(number < count);
        int added = snprintf(text + length, LOOK_TEXT - length, "%.200s", words[number]);
        length += added > 0 ? (size_t)added : 0;
        if (length > LOOK_TEXT - 1) length = LOOK_TEXT - 1;
        at++;
    }
    text[length] = '\0';
}

void look_tell(const struct gcx_look *look, enum look_check check, const char *key, const char *const *words)
{
    char text[LOOK_TEXT];
    look_say(text, check, words);
    look->tell(look->self, look_level(check), key, text);
}

/* ---- addresses ---- */

/* The lowest port on which a process without capabilities may listen. */
static unsigned ports_free_from(void)
{
    FILE *file = fopen("/proc/sys/net/ipv4/ip_unprivileged_port_start", "re");
    unsigned first = PORTS_OF_ROOT;
    if (file && fscanf(file, "%5u", &first) != 1) first = PORTS_OF_ROOT;
    if (file) fclose(file);
    return first;
}

/* True: this machine has the address. The test binds a port of the kernel's choice, since a running gcxvm may have
 * the real port. */
static bool address_is_here(const struct address *address)
{
    struct sockaddr_storage any_port = address->socket;
    int fd = socket(any_port.ss_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0) return true;
    if (any_port.ss_family == AF_INET6)
        ((struct sockaddr_in6 *)&any_port)->sin6_port = 0;
    else
        ((struct sockaddr_in *)&any_port)->sin_port = 0;
    bool here = bind(fd, (struct sockaddr *)&any_port, (socklen_t)address->length) == 0 || errno != EADDRNOTAVAIL;
    close(fd);
    return here;
}

/* Writes the address in numbers, "127.0.0.1:5060" for "localhost:5060", so that two settings with one address are
 * found. */
static void address_plain(const struct address *address, char text[LOOK_TEXT])
{
    char host[256], port[8];
    if (getnameinfo((const struct sockaddr *)&address->socket, (socklen_t)address->length, host, sizeof host, port,
                    sizeof port, NI_NUMERICHOST | NI_NUMERICSERV) != 0)
        snprintf(host, sizeof host, "%s", address->host), snprintf(port, sizeof port, "%s", address->port);
    snprintf(text, LOOK_TEXT, "%.255s:%.7s", host, port);
}

/* Reports an address that cannot be read, one that this machine does not have, a port that needs rights, and which
 * port the plugin takes. */
void look_listens(const struct gcx_look *look, const char *key, const char *protocol, const char *text)
{
    struct address address;
    char why[LOOK_TEXT], thing[LOOK_TEXT], plain[LOOK_TEXT];
    if (!text || !*text) return;
    if (!address_parse(&address, text, why, sizeof why)) {
        look_tell(look, CHECK_address_form, key, LOOK_WORDS(why));
        return;
    }
    unsigned port = (unsigned)atoi(address.port);
    if (!address_is_here(&address)) look_tell(look, CHECK_address_here, key, LOOK_WORDS(address.host));
    if (port == 0) return;
    if (port < ports_free_from()) look_tell(look, CHECK_port_low, key, LOOK_WORDS(address.port));
    address_plain(&address, plain);
    snprintf(thing, sizeof thing, "%s %.200s", protocol, plain);
    look->takes(look->self, key, thing);
}

void look_connects(const struct gcx_look *look, const char *key, const char *text)
{
    char why[LOOK_TEXT], host[256];
    const char *port = text ? strrchr(text, ':') : NULL;
    if (!text || !*text) return;
    if (!address_split(text, host, why, sizeof why))
        look_tell(look, CHECK_address_form, key, LOOK_WORDS(why));
    else if (port && strcmp(port, ":0") == 0)
        look_tell(look, CHECK_address_port, key, LOOK_WORDS(text));
    else
        look_outside(look, key, text);
}

void look_outside(const struct gcx_look *look, const char *key, const char *what)
{
    look->adds(look->self, LOOK_OUTSIDE, what, key);
}

/* Writes the host and port of "smtp://HOST:PORT/PATH"; a URL without a port gets its scheme's. */
static void url_address(const char *url, char address[LOOK_TEXT])
{
    static const char *const ports[][2] = {{"http:", ":80"},   {"https:", ":443"}, {"smtp:", ":25"},
                                           {"smtps:", ":465"}, {"imap:", ":143"},  {"imaps:", ":993"}};
    const char *host = strstr(url, "://");
    const char *usual = "";
    host = host ? host + 3 : url;
    const char *user = memrchr(host, '@', strcspn(host, "/?#"));
    if (user) host = user + 1;
    snprintf(address, LOOK_TEXT, "%.*s", (int)strcspn(host, "/?#"), host);
    const char *colon = strrchr(address, ':'), *bracket = strrchr(address, ']');
    for (size_t i = 0; i < sizeof ports / sizeof *ports; i++)
        if (strncmp(url, ports[i][0], strlen(ports[i][0])) == 0) usual = ports[i][1];
    size_t length = strlen(address);
    if (!colon || (bracket && colon < bracket)) snprintf(address + length, LOOK_TEXT - length, "%s", usual);
}

/* Writes the host and port of a URL; a text without a scheme is the name of a server that the installation declares. */
void look_url(const struct gcx_look *look, const char *key, const char *url)
{
    char address[LOOK_TEXT], host[256], why[LOOK_TEXT], *shown = shown_url(url);
    look->adds(look->self, LOOK_URL, url, key);
    url_address(url, address);
    if (strstr(url, "://") && strrchr(address, ':') && !address_split(address, host, why, sizeof why))
        look_tell(look, CHECK_address_form, key, LOOK_WORDS(why));
    else
        look_outside(look, key, shown);
    free(shown);
}

/* True: a request to `to` would reach our own listener at `own`. An own address that means all addresses of this
 * machine ("0.0.0.0", "::") counts for each single one. */
bool look_is_own(const char *to, const char *own)
{
    struct address one, other;
    char why[LOOK_TEXT], text[2][LOOK_TEXT];
    if (!*to || !*own) return false;
    url_address(to, text[0]);
    /* A host name is not looked up, since a check contacts nobody: such a `to` counts as another machine. */
    if (!address_is_numeric(text[0]) && !address_says_loopback(text[0])) return false;
    if (!address_parse(&one, text[0], why, sizeof why) || !address_parse(&other, own, why, sizeof why)) return false;
    if (atoi(one.port) == 0) return false;
    address_plain(&one, text[0]);
    address_plain(&other, text[1]);
    if (strcmp(text[0], text[1]) == 0) return true;
    bool any = strncmp(text[1], "0.0.0.0:", 8) == 0 || strncmp(text[1], ":::", 3) == 0;
    return any && strcmp(one.port, other.port) == 0 && address_is_here(&one);
}

/* ---- certificates ---- */

void look_certificate(const struct gcx_look *look, const char *key, const char *path)
{
    char day[32];
    if (!path || !*path) return;
    int64_t ends_s = tls_file_ends_s(path), begins_s = tls_file_begins_s(path), now_s = (int64_t)time(NULL);
    if (ends_s == 0) return; /* nothing is reported here: check() has refused a file without a readable certificate */
    time_t turns = (time_t)(begins_s > now_s ? begins_s : ends_s);
    struct tm date;
    strftime(day, sizeof day, "%Y-%m-%d", gmtime_r(&turns, &date));
    if (begins_s > now_s)
        look_tell(look, CHECK_certificate_early, key, LOOK_WORDS(path, day));
    else if (ends_s <= now_s)
        look_tell(look, CHECK_certificate_over, key, LOOK_WORDS(path, day));
    else if (ends_s - now_s < SOON_DAYS * DAY_S)
        look_tell(look, CHECK_certificate_soon, key, LOOK_WORDS(path, day));
}

/* Reports a key that does not belong to its certificate, which is found by loading both, as a start would do. */
void look_pair(const struct gcx_look *look, const char *key, const char *certificate, const char *private_key)
{
    char why[LOOK_TEXT];
    if (!certificate || !*certificate) return;
    struct tls_settings settings = {
        .certificate = certificate, .key = private_key, .certificate_setting = "certificate", .key_setting = "key"};
    struct tls *tls = tls_server(&settings, why, sizeof why);
    if (!tls) look_tell(look, CHECK_certificate_key, key, LOOK_WORDS(why));
    if (tls) look_certificate(look, key, certificate);
    tls_free(tls);
}

/* ---- files ---- */

void look_folder_of(const char *path, char *folder, size_t size)
{
    const char *slash = strrchr(path, '/');
    if (!slash)
        snprintf(folder, size, ".");
    else
        snprintf(folder, size, "%.*s", slash == path ? 1 : (int)(slash - path), path);
}

/* Finds out whether files can be made in the folder, by making a folder within it: nothing else is sure, since
 * rights may come from groups, access lists or a read-only mount. CHECKS: it is good. */
enum look_check look_folder(const char *folder, char why[LOOK_TEXT])
{
    char made[4096];
    if (snprintf(made, sizeof made, "%s/.gcx-check-XXXXXX", folder) >= (int)sizeof made)
        errno = ENAMETOOLONG;
    else if (mkdtemp(made)) {
        rmdir(made);
        return CHECKS;
    }
    /* the user who runs the check may not be the user who runs gcxvm */
    bool denied = errno == EACCES || errno == EPERM;
    snprintf(why, LOOK_TEXT, "%s", strerror(errno));
    return denied ? CHECK_file_user : CHECK_file_folder;
}

void look_writes(const struct gcx_look *look, const char *key, const char *path)
{
    char folder[4096], why[LOOK_TEXT] = "", thing[LOOK_TEXT];
    struct stat found;
    if (!path || !*path) return;
    snprintf(thing, sizeof thing, "file %s", path);
    look->takes(look->self, key, thing);
    if (stat(path, &found) == 0 && !S_ISREG(found.st_mode)) {
        look_tell(look, CHECK_file_kind, key, LOOK_WORDS(path));
        return;
    }
    look_folder_of(path, folder, sizeof folder);
    enum look_check check = look_folder(folder, why);
    if (check != CHECKS) look_tell(look, check, key, LOOK_WORDS(path, folder, why));
}

/* Checks the path, and the first bytes of a file that exists; the database itself is not opened. */
void look_store(const struct gcx_look *look, const char *key, const char *target)
{
    static const char magic[] = "SQLite format 3";
    char folder[4096], why[LOOK_TEXT] = "", head[sizeof magic] = "";
    const char *reason;
    if (!target || !*target) return;
    const char *path = target_file(target);
    if (!path && target_server(target))
        look_outside(look, key, "PostgreSQL");
    else if (!path)
        look_tell(look, CHECK_store_target, key,
                  LOOK_WORDS(NULL)); /* the target is not printed: it may contain a password */
    if (!path) return;
    look_folder_of(path, folder, sizeof folder);
    enum look_check check = look_folder(folder, why);
    if (check != CHECKS) look_tell(look, check, key, LOOK_WORDS(path, folder, why));
    if (access(path, F_OK) != 0) return;
    FILE *file = file_reader(path, &reason);
    if (!file) {
        look_tell(look, CHECK_store_read, key, LOOK_WORDS(path, reason));
        return;
    }
    size_t length = fread(head, 1, sizeof head, file);
    if (length > 0 && (length < sizeof head || memcmp(head, magic, sizeof magic) != 0))
        look_tell(look, CHECK_store_kind, key, LOOK_WORDS(path));
    else
        look->adds(look->self, LOOK_DATABASE, path, key);
    fclose(file);
}

/* ---- queues and routing points ---- */

/* True: the strategy of the routing point is for the medium. True also if the point lists no medium. */
static bool point_takes(const struct gcx_look *look, const char *point, const char *medium)
{
    struct gcx_site_name name;
    bool any = false;
    if (strcmp(medium, "any") == 0) return true;
    for (size_t i = 0; look->site(look->self, "medium", i, &name); i++) {
        if (strcmp(name.of, point) != 0) continue;
        if (strcmp(name.name, medium) == 0) return true;
        any = true;
    }
    return !any;
}

void look_point(const struct gcx_look *look, const char *key, const char *point, const char *medium)
{
    struct gcx_site_name found;
    if (!look_site_known(look)) return;
    if (!look_site_has(look, "point", point, &found))
        look_tell(look, CHECK_point_none, key, LOOK_WORDS(point));
    else if (!point_takes(look, point, medium))
        look_tell(look, CHECK_point_medium, key, LOOK_WORDS(point, found.of, medium));
}

/* Reports a queue whose strategy chooses agents if nobody can offer its work: neither a desk that has the medium,
 * nor an adapter that has the medium and agents of its own. The media of a desk on another machine are not known. */
static void queue_desk_look(const struct gcx_look *look, const char *key, const char *queue, const char *strategy,
                            enum media medium, const char *said)
{
    struct gcx_site_name adapter, found;
    bool desks = false;
    for (size_t i = 0; look->site(look->self, "adapter", i, &adapter); i++) {
        const struct contract *contract = contract_named(adapter.of);
        if (!contract) return;
        if ((contract->caps & CAP_DESKTOPS) == 0) continue;
        if (contract->brings && media_are(contract->media, medium)) return;
        desks |= !contract->brings;
    }
    if (desks && !look->site(look->self, "answered", 0, &found)) return;
    if (look_site_has(look, "chooses", strategy, &found) && !look_site_has(look, "answered", said, &found))
        look_tell(look, CHECK_queue_medium_desk, key, LOOK_WORDS(queue, said));
}

/* True: an adapter can handle the interactions of this queue. A plugin that is not of this tree may be such an
 * adapter. */
static bool queue_adapter_look(const struct gcx_look *look, const char *key, const char *queue, enum media medium,
                               const char *said)
{
    struct gcx_site_name adapter;
    struct out adapters = {0};
    if (contract_beside(key, medium) || !look->site(look->self, "adapter", 0, &adapter)) return true;
    for (size_t i = 0; look->site(look->self, "adapter", i, &adapter); i++) {
        const struct contract *contract = contract_named(adapter.of);
        if (!contract || (contract->brings && media_are(contract->media, medium))) return true;
    }
    contract_adapters(&adapters, medium, 0, NULL);
    bool known = adapters.bytes != NULL;
    if (known) look_tell(look, CHECK_queue_medium_none, key, LOOK_WORDS(queue, said, adapters.bytes));
    out_free(&adapters);
    return !known;
}

/* Checks the queue that a setting names. `sent`: the queue's strategy sends the interactions, and no person sees
 * them. */
static void queue_look(const struct gcx_look *look, const char *key, const char *queue, const char *medium, bool sent)
{
    struct gcx_site_name row, point, found;
    enum media of = setting_medium(look->setting, look->self, medium);
    bool any = strcmp(medium, "any") == 0;
    if (!look_site_known(look)) return;
    bool named = look_site_has(look, "queue", queue, &row);
    if (!named && !(look_site_has(look, "dn", queue, &found) && strcmp(found.of, "queue") == 0)) {
        look_tell(look, CHECK_queue_none, key, LOOK_WORDS(queue));
        return;
    }
    bool bound = look_site_has(look, "point", queue, &point) ||
                 (named && *row.of && look_site_has(look, "point", row.of, &point));
    bool away =
        look_site_has(look, "elsewhere", queue, &found) || (!sent && look_site_has(look, "shown", queue, &found));
    bool reads = sent && bound && strcmp(medium, "email") == 0 && look_site_has(look, "reads", point.of, &found);
    if (reads)
        look_tell(look, CHECK_queue_medium, key, LOOK_WORDS(queue, point.of, "email.reply"));
    else if (bound && !point_takes(look, point.name, medium))
        look_tell(look, CHECK_queue_medium, key, LOOK_WORDS(queue, point.of, medium));
    else if (!bound && !away)
        look_tell(look, sent ? CHECK_queue_unsent : CHECK_queue_unserved, key, LOOK_WORDS(queue));
    else if (!any && queue_adapter_look(look, key, queue, of, medium) && bound)
        queue_desk_look(look, key, queue, point.of, of, medium);
}

void look_queue(const struct gcx_look *look, const char *key, const char *queue, const char *medium)
{
    queue_look(look, key, queue, medium, false);
}

/* Copies the next word between commas, without the blanks around it, to `word`. False at the end. */
static bool look_next(const char **list, char word[LOOK_TEXT])
{
    *list += strspn(*list, ", \t\n");
    size_t length = strcspn(*list, ",");
    const char *at = *list;
    *list += length;
    while (length > 0 && strchr(" \t\n", at[length - 1])) length--;
    snprintf(word, LOOK_TEXT, "%.*s", (int)length, at);
    return length > 0;
}

/* Writes in which lines of the setting the two entries are, if the list has several lines. */
static void twice_lines(const char *list, const char *one, const char *other, char lines[64])
{
    unsigned at[2] = {1, 1};
    *lines = '\0';
    for (const char *byte = list; byte < other; byte++)
        if (*byte == '\n') at[0] += byte < one, at[1]++;
    if (at[1] > 1) snprintf(lines, 64, ", in lines %u and %u of the setting", at[0], at[1]);
}

/* Reports two equal entries, and a number that leads to two places; with and without + it is the same number, and
 * both may lead to one place. */
static void look_two(const struct gcx_look *look, const char *key, char *one, char *other, const char *lines)
{
    char *to[2] = {strchr(one, '='), strchr(other, '=')};
    if (strcmp(one, other) == 0) {
        if (to[0]) *to[0] = '\0';
        look_tell(look, CHECK_route_again, key, LOOK_WORDS(one, lines));
    }
    if (!to[0] || !to[1]) return;
    *to[0]++ = *to[1]++ = '\0';
    if (strcasecmp(one + (*one == '+'), other + (*other == '+')) == 0 && strcmp(to[0], to[1]) != 0)
        look_tell(look, CHECK_route_twice, key, LOOK_WORDS(other, to[0], to[1], lines));
}

/* Compares each entry with all later entries. The texts are copied, because look_two() cuts them. */
void look_twice(const struct gcx_look *look, const char *key, const char *list)
{
    char one[LOOK_TEXT], first[LOOK_TEXT], other[LOOK_TEXT], lines[64];
    for (const char *rest = list; look_next(&rest, one);)
        for (const char *at = rest; look_next(&at, other);) {
            memcpy(first, one, sizeof first);
            twice_lines(list, rest - 1, at - 1, lines);
            look_two(look, key, first, other, lines);
        }
}

/* True: the number is written as networks write it, without blanks, and after a + with digits alone. */
static bool number_is_written(const char *number)
{
    size_t length = strlen(number);
    return *number == '+' ? length > 1 && strspn(number + 1, "0123456789") == length - 1 : !strpbrk(number, " \t\n");
}

void look_numbers(const struct gcx_look *look, const char *key, const char *list)
{
    char one[LOOK_TEXT];
    look_twice(look, key, list);
    while (look_next(&list, one)) {
        one[strcspn(one, "=")] = '\0';
        if (!number_is_written(one)) look_tell(look, CHECK_number_form, key, LOOK_WORDS(one));
    }
}

static void name_look(const struct gcx_look *look, const struct setting_row *row, const char *name)
{
    struct gcx_site_name found;
    if (look_site_known(look) && !look_site_has(look, row->medium, name, &found))
        look_tell(look, CHECK_name_none, row->name, LOOK_WORDS(name, row->medium));
}

/* Checks each name of the list: a queue, a routing point, or another kind of name that the site declares. */
static void names_look(const struct gcx_look *look, const struct setting_row *row, const char *list)
{
    char word[LOOK_TEXT], *queue;
    bool numbers = strcmp(row->name, "numbers") == 0;
    if (row->kind == SETTING_IS_ROUTES) (numbers ? look_numbers : look_twice)(look, row->name, list);
    while (look_next(&list, word)) {
        queue = row->kind == SETTING_IS_ROUTES ? strchr(word, '=') : NULL;
        queue = queue ? queue + 1 + strspn(queue + 1, " \t\n") : word;
        if (row->kind == SETTING_IS_NAMES)
            name_look(look, row, word);
        else if (row->kind == SETTING_IS_POINTS)
            look_point(look, row->name, queue, row->medium);
        else
            queue_look(look, row->name, queue, row->kind == SETTING_IS_shown ? "any" : row->medium,
                       row->kind == SETTING_IS_SENDS);
    }
}

/* ---- the settings of a plugin, by its table ---- */

/* Finds the setting with the file to which the port of this listener is written; NULL: the plugin has no such
 * setting. A port file of the listener's own name counts before `port_file`. */
static const char *door_port_file(const struct setting_row *rows, size_t count, const char *door, char name[64])
{
    const char *usual = NULL;
    snprintf(name, 64, "%s_port_file", door);
    for (size_t i = 0; i < count; i++) {
        if (strcmp(rows[i].name, name) == 0) return name;
        if (strcmp(rows[i].name, "port_file") == 0) usual = rows[i].name;
    }
    return usual;
}

/* Checks an address to listen on, and that there is a port file if the kernel chooses the port: nobody could find
 * the port otherwise. */
static void door_look(const struct gcx_look *look, const char *key, const char *value, const char *port_file)
{
    const char *port = strrchr(value, ':'), *file = port_file ? look->setting(look->self, port_file) : NULL;
    if (strcmp(value, "none") == 0) return;
    look_listens(look, key, "tcp", value);
    if (port_file && port && strcmp(port, ":0") == 0 && !(file && *file))
        look_tell(look, CHECK_port_any, key, LOOK_WORDS(value, port_file));
}

/* Warns of a file that only this machine has, if a journal may be led by several machines: the next machine would
 * lack the file. */
static void own_file_look(const struct gcx_look *look, const struct setting_row *row, const char *value)
{
    struct gcx_site_name journal;
    bool own = row->kind == SETTING_IS_kept || target_file(value);
    if (own && look->site(look->self, "journal", 0, &journal))
        look_tell(look, CHECK_standby_file, row->name, LOOK_WORDS(value));
}

/* Warns of a relative path, since gcxvm may run in another folder than the check. If a file has to exist and does
 * not, another finding reports it. */
static void path_look(const struct gcx_look *look, const struct setting_row *row, const char *value)
{
    const char *file = row->kind == SETTING_IS_store ? target_file(value) : value;
    bool there = row->kind != SETTING_IS_path && row->kind != SETTING_IS_secret &&
                 row->kind != SETTING_IS_certificate && row->kind != SETTING_IS_again &&
                 row->kind != SETTING_IS_start && row->kind != SETTING_IS_key;
    if (file && *file != '/' && (there || access(file, F_OK) == 0))
        look_tell(look, CHECK_path_relative, row->name, LOOK_WORDS(file));
}

/* Adds the queues that a desk shows, before any setting checks whether somebody serves its queue. */
static void shown_add(const struct gcx_look *look, const struct setting_row *rows, size_t count)
{
    char queue[LOOK_TEXT];
    for (size_t i = 0; i < count; i++) {
        const char *list = rows[i].kind == SETTING_IS_shown ? look->setting(look->self, rows[i].name) : NULL;
        while (list && look_next(&list, queue)) look->adds(look->self, "shown", queue, "");
    }
}

/* True: settings with the prefix do nothing without this setting, as `imap` for `imap_user`, `callbacks` for
 * `callback_hours`, `tls_address` for `tls_certificate`. */
static bool is_partner(const char *name, const char *prefix, size_t length)
{
    if (strncmp(name, prefix, length) != 0) return false;
    return name[length] == '\0' || strcmp(name + length, "s") == 0 || strcmp(name + length, "_address") == 0;
}

/* Reports a setting of the file whose partner is not set. A partner with a usual value is always set. */
static void alone_look(const struct gcx_look *look, const struct setting_row *rows, size_t count, const char *name)
{
    for (const char *bar = strchr(name, '_'); bar; bar = strchr(bar + 1, '_'))
        for (size_t i = 0; i < count; i++) {
            if (rows[i].most != 0 || (rows[i].usual && *rows[i].usual) || strcmp(rows[i].name, name) == 0) continue;
            if (!is_partner(rows[i].name, name, (size_t)(bar - name))) continue;
            const char *value = look->setting(look->self, rows[i].name);
            if (!value || !*value) look_tell(look, CHECK_setting_alone, name, LOOK_WORDS(rows[i].name));
        }
}

/* Gets the number of the setting: the one that was given, or the usual one. False: the plugin has no such setting. */
static bool number_holds(const struct gcx_look *look, const struct setting_row *rows, size_t count, const char *name,
                         uint64_t *number, bool *set)
{
    for (size_t i = 0; i < count; i++) {
        if (rows[i].most == 0 || strcmp(rows[i].name, name) != 0) continue;
        const char *value = look->setting(look->self, name);
        bool given = value && *value;
        *number = given ? strtoull(value, NULL, 10) : rows[i].usual_number;
        *set |= given;
        return true;
    }
    return false;
}

/* Reports each pair of settings (pairs.def) whose first number is too large for the second. Nothing is reported if
 * both have their usual values. */
static void pairs_look(const struct gcx_look *look, const struct setting_row *rows, size_t count)
{
    static const struct {
        const char *low, *high, *why;
        bool same; /* the two numbers may be equal */
    } pairs[] = {
#define BELOW(low, high, why) {#low, #high, why, false},
#define UP_TO(low, high, why) {#low, #high, why, true},
#include "runtime/adapter/pairs.def"
    };
    for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++) {
        uint64_t low, high;
        char most[24];
        bool set = false;
        if (!number_holds(look, rows, count, pairs[i].low, &low, &set) ||
            !number_holds(look, rows, count, pairs[i].high, &high, &set) || !set || low < high ||
            (low == high && pairs[i].same))
            continue;
        snprintf(most, sizeof most, "%llu", (unsigned long long)high);
        look_tell(
            look, CHECK_setting_pair, pairs[i].low,
            LOOK_WORDS(pairs[i].high, most, pairs[i].why, pairs[i].same ? "no more than that" : "less than that"));
    }
}

/* Checks all settings. The order matters: the queues that people see are added before any setting asks who serves
 * its queue. */
void look_settings(const struct gcx_look *look, const struct setting_row *rows, size_t count)
{
    char name[64];
    shown_add(look, rows, count);
    pairs_look(look, rows, count);
    for (size_t i = 0; i < count; i++) {
        const char *value = look->setting(look->self, rows[i].name);
        if (!value) value = rows[i].kind == SETTING_IS_only_door ? rows[i].usual : "";
        if (!*value) continue;
        alone_look(look, rows, count, rows[i].name);
        switch (rows[i].kind) {
        case SETTING_IS_door:
        case SETTING_IS_only_door:
            door_look(look, rows[i].name, value, door_port_file(rows, count, rows[i].name, name));
            break;
        case SETTING_IS_peer:
            look_connects(look, rows[i].name, value);
            break;
        case SETTING_IS_imap:
        case SETTING_IS_smtp:
        case SETTING_IS_url:
            look_url(look, rows[i].name, value);
            break;
        case SETTING_IS_shown:
        case SETTING_IS_QUEUES:
        case SETTING_IS_ROUTES:
        case SETTING_IS_POINTS:
        case SETTING_IS_SENDS:
        case SETTING_IS_NAMES:
            names_look(look, &rows[i], value);
            break;
        case SETTING_IS_path:
        case SETTING_IS_again:
        case SETTING_IS_start:
        case SETTING_IS_key:
        case SETTING_IS_secret:
            path_look(look, &rows[i], value);
            break;
        case SETTING_IS_kept:
            path_look(look, &rows[i], value);
            own_file_look(look, &rows[i], value);
            look_writes(look, rows[i].name, value);
            break;
        case SETTING_IS_written:
            path_look(look, &rows[i], value);
            look_writes(look, rows[i].name, value);
            break;
        case SETTING_IS_store:
            path_look(look, &rows[i], value);
            own_file_look(look, &rows[i], value);
            look_store(look, rows[i].name, value);
            break;
        case SETTING_IS_certificate:
            path_look(look, &rows[i], value);
            if (tls_file_ends_s(value) == 0) look_tell(look, CHECK_certificate_none, rows[i].name, LOOK_WORDS(value));
            look_certificate(look, rows[i].name, value);
            break;
        default: /* without a look */
            break;
        }
    }
}

/* ---- names of the site ---- */

bool look_site_has(const struct gcx_look *look, const char *kind, const char *name, struct gcx_site_name *found)
{
    for (size_t i = 0; look->site(look->self, kind, i, found); i++)
        if (strcmp(found->name, name) == 0) return true;
    return false;
}

bool look_site_known(const struct gcx_look *look)
{
    struct gcx_site_name directory;
    return look->site(look->self, "directory", 0, &directory);
}

size_t look_switches(const struct gcx_look *look)
{
    struct gcx_site_name adapter;
    size_t count = 0;
    for (size_t i = 0; look->site(look->self, "adapter", i, &adapter); i++) {
        const struct contract *contract = contract_named(adapter.of);
        count += !contract || (contract->caps & CAP_CALLS) != 0;
    }
    return count;
}

static bool is_plain(const char *text)
{
    for (; *text; text++)
        if ((unsigned char)*text < ' ' || *text == 0x7f) return false;
    return true;
}

bool look_names_have(const struct look_names *names, const char *kind, const char *name, const char *of)
{
    for (size_t i = 0; i < names->count; i++) {
        const struct look_name *one = &names->all[i];
        if (strcmp(one->name, name) == 0 && strcmp(one->kind, kind) == 0 && strcmp(one->of, of) == 0) return true;
    }
    return false;
}

void look_names_add(struct look_names *names, const char *kind, const char *name, const char *of, const char *where)
{
    if (!*name || !is_plain(name) || !is_plain(of) || !is_plain(where)) return;
    names->all = memory_more(names->all, names->count, sizeof *names->all);
    names->all[names->count++] =
        (struct look_name){memory_text(kind), memory_text(name), memory_text(of), memory_text(where)};
}

void look_names_clear(struct look_names *names)
{
    for (size_t i = 0; i < names->count; i++) {
        free(names->all[i].kind);
        free(names->all[i].name);
        free(names->all[i].of);
        free(names->all[i].where);
    }
    free(names->all);
    *names = (struct look_names){0};
}

void look_names_write(const struct look_names *names, FILE *to)
{
    for (size_t i = 0; i < names->count; i++)
        fprintf(to, "%s\t%s\t%s\t%s\n", names->all[i].kind, names->all[i].name, names->all[i].of, names->all[i].where);
}

static void names_read(struct look_names *names, FILE *from)
{
    char *line = NULL;
    size_t size = 0;
    while (getline(&line, &size, from) > 0) {
        char *rest = line, *part[4];
        line[strcspn(line, "\n")] = '\0';
        for (unsigned i = 0; i < 4; i++) part[i] = strsep(&rest, "\t");
        if (part[3]) look_names_add(names, part[0], part[1], part[2], part[3]);
    }
    free(line);
}

/* ---- the process that runs a plugin's checks ---- */

struct look_process {
    setting_get *get;
    void *self;
    struct look_names names;
    FILE *to;
    const char *kind; /* the kind of names asked for last; its name number `index` is at `at` */
    size_t index, at;
};

/* Writes a line of the report; control characters are replaced, so that a text of a plugin is one line. */
static void look_line_put(FILE *to, int letter, const char *key, const char *text, const char *more)
{
    fprintf(to, "%c ", letter);
    for (const char *at = key; *at; at++) fputc((unsigned char)*at < ' ' ? '?' : *at, to);
    fputc('\t', to);
    for (const char *at = text; *at; at++) fputc((unsigned char)*at < ' ' ? ' ' : *at, to);
    if (more) fprintf(to, "\t%s", more);
    fputc('\n', to);
}

static const char *process_setting(void *self, const char *key)
{
    const struct look_process *process = self;
    return process->get(process->self, key);
}

/* Gets a name for a plugin, which asks for one name after another: the search goes on after the last answer. */
static bool process_site(void *self, const char *kind, size_t index, struct gcx_site_name *name)
{
    struct look_process *process = self;
    bool on = process->kind && strcmp(process->kind, kind) == 0 && index > process->index;
    size_t at = on ? process->at + 1 : 0, left = on ? index - process->index - 1 : index;
    for (; at < process->names.count; at++) {
        const struct look_name *one = &process->names.all[at];
        if (strcmp(one->kind, kind) != 0 || left-- > 0) continue;
        process->kind = one->kind;
        process->index = index;
        process->at = at;
        *name = (struct gcx_site_name){one->name, one->of, one->where};
        return true;
    }
    return false;
}

static void process_tell(void *self, int level, const char *key, const char *text)
{
    const struct look_process *process = self;
    look_line_put(process->to, level >= GCX_LOG_ERROR ? LOOK_FAILS : LOOK_WARNS, key, text, NULL);
}

static void process_takes(void *self, const char *key, const char *thing)
{
    const struct look_process *process = self;
    look_line_put(process->to, LOOK_TAKES, key, thing, NULL);
}

static void process_adds(void *self, const char *kind, const char *name, const char *of)
{
    struct look_process *process = self;
    if (!is_plain(name) || !is_plain(of)) return;
    look_line_put(process->to, LOOK_ADDS, kind, name, of);
    look_names_add(&process->names, kind, name, of, "");
}

/* Runs check() and then look(); if check() fails, look() is not called, as the settings that it would read are not
 * valid. */
void look_run(const struct gcx_adapter *adapter, bool whole, setting_get *get, void *self, FILE *site, FILE *to)
{
    char why[512] = "";
    struct look_process process = {.get = get, .self = self, .to = to};
    for (const char *const *key = adapter->settings; key && *key; key++)
        look_line_put(to, LOOK_SETTING, *key, "", NULL);
    if (adapter->check && !adapter->check(get, self, why, sizeof why)) {
        size_t length = strcspn(why, ":");
        char key[64] = "";
        if (length < sizeof key && why[length] == ':') snprintf(key, sizeof key, "%.*s", (int)length, why);
        look_line_put(to, LOOK_FAILS, key, why, NULL);
        return;
    }
    if (!site || !whole || !adapter->look) return;
    names_read(&process.names, site);
    adapter->look(
        &(struct gcx_look){&process, process_setting, process_site, process_tell, process_takes, process_adds});
    look_names_clear(&process.names);
}
