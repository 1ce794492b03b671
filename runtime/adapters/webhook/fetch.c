/* runtime/adapters/webhook/fetch.c - Fetches a file by libcurl, only from allowed hosts, and only up to the allowed
 * size. */
#include "runtime/adapters/webhook/fetch.h"

#include <assert.h>
#include <curl/curl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "runtime/adapters/webhook/hosts.h"
#include "runtime/adapters/webhook/network.h"
#include "runtime/adapters/webhook/setting.h"
#include "base/memory.h"
#include "runtime/web/magic.h"

enum {
    FOUND_BYTES = 64 * 1024,
    MIB = 1024 * 1024,
    REDIRECTS_MAX = 3,
    FETCH_TRIES = 3,
    PAUSE_MOST_S = 5,
    PAUSE_US = 100000
};

struct fetch *fetch_new(const struct webhook_setting *setting, const atomic_bool *stopping, const char *media,
                        const char *type)
{
    struct fetch *fetch = memory_zeroed(1, sizeof *fetch);
    *fetch = (struct fetch){
        .setting = setting, .stopping = stopping, .media = g_strdup(media), .said_type = g_ascii_strdown(type, -1)};
    char *more = strchr(fetch->said_type, ';');
    if (more) *more = '\0';
    g_strstrip(fetch->said_type);
    return fetch;
}

void fetch_free(struct fetch *fetch)
{
    if (!fetch) return;
    if (fetch->bytes) g_byte_array_unref(fetch->bytes);
    g_free(fetch->media), g_free(fetch->said_type), g_free(fetch->found);
    free(fetch);
}

/* ---- one request ---- */

struct got {
    const struct fetch *fetch;
    GByteArray *bytes;
    size_t most;
    enum host host;
    bool large, private;
    long status;        /* HTTP status; 0: there was no answer */
    curl_off_t after_s; /* seconds that the host wants the next try to wait; 0: not given */
    char *next;         /* address of the host's redirection; NULL: none */
    char why[CURL_ERROR_SIZE];
};

static size_t fetch_on_bytes(char *bytes, size_t size, size_t count, void *self)
{
    struct got *got = self;
    got->large = got->bytes->len + size * count > got->most;
    if (got->large) return 0;
    g_byte_array_append(got->bytes, (const guint8 *)bytes, (guint)(size * count));
    return size * count;
}

/* Opens a socket, if the address that the name has now is allowed; no other address is connected to. */
static curl_socket_t fetch_on_socket(void *self, curlsocktype purpose, struct curl_sockaddr *address)
{
    struct got *got = self;
    (void)purpose;
    got->private = got->host != HOST_BASE && !hosts_is_public(&address->addr);
    return got->private ? CURL_SOCKET_BAD
                        : socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
}

static int fetch_on_progress(void *self, curl_off_t a, curl_off_t b, curl_off_t c, curl_off_t d)
{
    const struct got *got = self;
    (void)a, (void)b, (void)c, (void)d;
    return atomic_load(got->fetch->stopping);
}

static void fetch_perform(struct got *got, CURLU *url, struct curl_slist *headers)
{
    const struct webhook_setting *setting = got->fetch->setting;
    CURL *curl = curl_easy_init();
    char *next = NULL;
    if (!curl) abort();
    curl_easy_setopt(curl, CURLOPT_CURLU, url);
    curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "http,https");
    curl_easy_setopt(curl, CURLOPT_PROXY, "");
    curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(curl, CURLOPT_TIMEOUT, (long)setting->timeout);
    curl_easy_setopt(curl, CURLOPT_HTTPHEADER, headers);
    curl_easy_setopt(curl, CURLOPT_ERRORBUFFER, got->why);
    curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, fetch_on_bytes);
    curl_easy_setopt(curl, CURLOPT_WRITEDATA, got);
    curl_easy_setopt(curl, CURLOPT_OPENSOCKETFUNCTION, fetch_on_socket);
    curl_easy_setopt(curl, CURLOPT_OPENSOCKETDATA, got);
    curl_easy_setopt(curl, CURLOPT_NOPROGRESS, 0L);
    curl_easy_setopt(curl, CURLOPT_XFERINFOFUNCTION, fetch_on_progress);
    curl_easy_setopt(curl, CURLOPT_XFERINFODATA, got);
    if (*setting->ca) curl_easy_setopt(curl, CURLOPT_CAINFO, setting->ca);
    CURLcode code = curl_easy_perform(curl);
    curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &got->status);
    curl_easy_getinfo(curl, CURLINFO_RETRY_AFTER, &got->after_s);
    curl_easy_getinfo(curl, CURLINFO_REDIRECT_URL, &next);
    got->next = g_strdup(next);
    if (code != CURLE_OK) got->status = 0;
    if (code != CURLE_OK && !*got->why) g_strlcpy(got->why, curl_easy_strerror(code), sizeof got->why);
    curl_easy_cleanup(curl);
}

/* Sets the reason why the file was not fetched; "": it was fetched. */
static void fetch_judge(struct got *got)
{
    if (got->large)
        g_snprintf(got->why, sizeof got->why, "it is larger than %zu KiB", got->most / 1024);
    else if (got->private)
        g_strlcpy(got->why, "its host has no public address", sizeof got->why);
    else if (got->status >= 200 && got->status < 300 && got->bytes->len > 0)
        *got->why = '\0';
    else if (got->status != 0)
        g_snprintf(got->why, sizeof got->why, got->status < 300 ? "it is empty" : "the network answered %ld",
                   got->status);
}

/* Makes one request to an address. `headers`: those of the network's data file, which may contain the token, for the
 * network's own hosts; NULL: none. */
static void fetch_ask_at(struct got *got, const char *address, struct curl_slist *headers)
{
    const struct webhook_setting *setting = got->fetch->setting;
    const struct network_media *media = &setting->of->media;
    struct webhook_hosts hosts = {setting->base, media->own_hosts, media->hosts, setting->hosts};
    CURLU *url = hosts_address(&hosts, address, &got->host);
    got->status = 0, got->after_s = 0, got->large = got->private = false;
    g_byte_array_set_size(got->bytes, 0);
    g_free(got->next);
    got->next = NULL;
    if (url) {
        *got->why = '\0';
        fetch_perform(got, url, got->host >= HOST_OWN ? headers : NULL);
        fetch_judge(got);
    } else {
        g_strlcpy(got->why, "its address is at no host that files may be fetched from", sizeof got->why);
    }
    curl_url_cleanup(url);
}

/* ---- a file ---- */

static const char *fetch_value(void *self, const char *name)
{
    const struct fetch *fetch = self;
    if (strcmp(name, "media") == 0) return fetch->media;
    if (strcmp(name, "found") == 0) return fetch->found;
    return network_given_value(&fetch->setting->given, name);
}

static struct curl_slist *fetch_headers(struct fetch *fetch)
{
    const struct network_media *media = &fetch->setting->of->media;
    struct curl_slist *list = NULL;
    for (unsigned i = 0; i < HEADERS_MAX_COUNT && media->headers[i]; i++) {
        char *line = network_line(media->headers[i], false, fetch_value, fetch);
        if (line) list = curl_slist_append(list, line);
        g_free(line);
    }
    return list;
}

/* Is another try useful? If another try is useful, waits as long as the host wants, but not long, as a message waits
 * for the file. */
static bool fetch_waits(const struct got *got, unsigned tries)
{
    curl_off_t seconds = got->after_s > 0 ? got->after_s : (curl_off_t)1 << tries;
    bool again = *got->why && (got->status == 429 || got->status >= 500) && seconds <= PAUSE_MOST_S;
    for (curl_off_t left = again ? seconds * 1000000 / PAUSE_US : 0; left > 0 && !atomic_load(got->fetch->stopping);
         left--)
        g_usleep(PAUSE_US);
    return again && !atomic_load(got->fetch->stopping);
}

/* Fetches the bytes at an address of the network, following redirections; hosts that are not the network's own do
 * not get the token. */
static GByteArray *fetch_at(struct fetch *fetch, const char *text, size_t most)
{
    struct got got = {.fetch = fetch, .bytes = g_byte_array_new(), .most = most};
    char *address = strcmp(text, "{media}") == 0   ? g_strdup(fetch->media)
                    : strcmp(text, "{found}") == 0 ? g_strdup(fetch->found)
                                                   : network_line(text, true, fetch_value, fetch);
    struct curl_slist *headers = fetch_headers(fetch);
    unsigned tries = 0;
    do {
        fetch_ask_at(&got, address ? address : "", headers);
        for (unsigned i = 0; i < REDIRECTS_MAX && got.next; i++) {
            char *next = g_strdup(got.next);
            fetch_ask_at(&got, next, NULL);
            g_free(next);
        }
    } while (++tries < FETCH_TRIES && fetch_waits(&got, tries - 1));
    curl_slist_free_all(headers);
    g_free(address), g_free(got.next);
    char *valid = g_utf8_make_valid(got.why, -1);
    g_strlcpy(fetch->why, valid, sizeof fetch->why);
    g_free(valid);
    if (!*got.why) return got.bytes;
    g_byte_array_unref(got.bytes);
    return NULL;
}

/* Asks the network for the address of the file. */
static bool fetch_find(struct fetch *fetch)
{
    const struct network_media *media = &fetch->setting->of->media;
    GByteArray *bytes = fetch_at(fetch, media->find, FOUND_BYTES);
    if (!bytes) return false;
    GString *answer = g_string_new_len((const char *)bytes->data, (gssize)bytes->len);
    fetch->found = network_answer(media->found, answer);
    g_string_free(answer, TRUE);
    g_byte_array_unref(bytes);
    if (!fetch->found) g_strlcpy(fetch->why, "the network does not say where it is", sizeof fetch->why);
    return fetch->found != NULL;
}

void fetch_file(void *unused, void *given)
{
    struct fetch *fetch = given;
    const struct network_media *media = &fetch->setting->of->media;
    assert(media->url && !fetch->bytes);
    (void)unused;
    if (media->find && !fetch_find(fetch)) return;
    fetch->bytes = fetch_at(fetch, media->url, (size_t)fetch->setting->file_size * MIB);
    if (fetch->bytes)
        fetch->type = magic_or_said((const char *)fetch->bytes->data, fetch->bytes->len, fetch->said_type);
}
