/* tests/fuzz/fuzz_webhook.c - Any bytes as the data file of a network, as a request of one, as its signature, and as
 * its answer with the address of a file: posts have an id, and their texts are UTF-8; no request is a network's own
 * whose secret we alone have; an address that is fetched from is at a host that was named.
 *
 * The first byte: how the rest is taken. */
#include <glib.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/adapters/webhook/hosts.h"
#include "runtime/adapters/webhook/network.h"
#include "tests/fuzz/fuzz.h"

static const char text[] =
    "{\"network\":\"x\",\"verify\":{\"digest\":\"sha256\",\"header\":\"s\",\"signs\":\"{url}{body}\"},\"reads\":["
    "{\"kind\":\"message\",\"each\":\"/a/*/b\",\"id\":\"{0/i}\",\"from\":[\"{1/f}{0/g}\",\"{2/f}\"],\"text\":\"{0/"
    "t}\"},"
    "{\"kind\":\"place\",\"each\":\"/p/*\",\"when\":\"0/lat\",\"id\":\"{0/i}\",\"from\":\"{1/f}\",\"place\":\"{0/n}\","
    "\"latitude\":\"{0/lat}\",\"longitude\":\"{0/lon}\"},"
    "{\"kind\":\"order\",\"each\":\"/p/*\",\"when\":\"0/o\",\"id\":\"{0/i}\",\"from\":\"{1/"
    "f}\",\"lines\":[{\"each\":\"/o/*\","
    "\"name\":\"{0/n}\",\"count\":\"{0/c}\",\"price\":\"{0/p}\",\"currency\":\"{0/u}\"}]},"
    "{\"kind\":\"edit\",\"each\":\"/p/*\",\"id\":\"{0/i}\",\"from\":\"{1/f}\",\"of\":\"{0/of}\",\"text\":\"{0/t}\"},"
    "{\"kind\":\"status\",\"each\":\"/s\",\"id\":\"{0/i}\",\"status\":\"{0/s}\",\"states\":{\"x\":\"failed\"}},"
    "{\"kind\":\"message\",\"each\":\"\",\"when\":\"0/w\",\"is\":\"y\",\"id\":\"{0/~0~1}\",\"from\":\"{0/f/0}\"}],"
    "\"write\":{\"id\":\"/id\",\"url\":\"{base}/{to}\",\"headers\":[\"A: "
    "{text}\"],\"body\":{\"t\":[\"{text}\",1,{\"u\":\"{to}\"}]}}}";

static void see_post(void *self, const struct post *post)
{
    (void)self;
    MUST(*post->fields[POST_id] && post->at_us >= 0);
    for (unsigned i = 0; i < POST_FIELDS; i++) MUST(g_utf8_validate(post->fields[i], -1, NULL));
    struct content_made made;
    content_make(post->content, &made);
    MUST(g_utf8_validate(made.text, -1, NULL) && (*made.text || post->content->kind == message_kind_other));
    json_t *about = made.about ? json_loads(made.about, 0, NULL) : NULL;
    MUST(!made.about || json_is_object(about));
    json_decref(about);
    content_made_clear(&made);
}

static const char *see_value(void *self, const char *name)
{
    return strcmp(name, "base") == 0 ? "http://x" : self;
}

static const char *see_header(void *self, const char *name)
{
    return strcmp(name, "s") == 0 ? self : NULL;
}

static void see_network(const struct network *network, const char *bytes, size_t size)
{
    char why[200];
    struct posts_count count;
    network_posts(network, bytes, size, see_post, NULL, &count, why, sizeof why);
    char *value = g_strndup(bytes, size), *valid = g_utf8_make_valid(value, -1);
    if (network->write.body) {
        free(network_body(network->write.body, see_value, valid));
        char *line = network_line(network->write.url, true, see_value, valid);
        for (const char *c = line ? line : ""; *c; c++) MUST((unsigned char)*c >= ' ');
        g_free(line);
    }
    struct verify_request request = {{(const uint8_t *)bytes, (uint32_t)size}, "http://x", see_header, value, 1};
    if (network->verify.header && network->verify.digest != VERIFY_NONE)
        MUST(!verify_is_own(&network->verify, "a secret of ours that no input knows", &request));
    g_free(value), g_free(valid);
}

static void see_address(const char *address)
{
    static const char *const own[] = {"own.example", NULL}, *const named[] = {"cdn.example", NULL};
    struct webhook_hosts hosts = {"http://10.1.1.1:8080/v1", own, named, "b.example"};
    enum host kind;
    char *host = NULL;
    CURLU *url = hosts_address(&hosts, address, &kind);
    if (!url) return;
    MUST(curl_url_get(url, CURLUPART_HOST, &host, 0) == CURLUE_OK);
    MUST(kind == HOST_BASE ? strcmp(host, "10.1.1.1") == 0
         : kind == HOST_OWN
             ? g_ascii_strcasecmp(host, "own.example") == 0
             : g_ascii_strcasecmp(host, "cdn.example") == 0 || g_ascii_strcasecmp(host, "b.example") == 0);
    curl_free(host);
    curl_url_cleanup(url);
}

static void see_answer(const char *bytes, size_t size)
{
    GString *answer = g_string_new_len(bytes, (gssize)size);
    char *found = network_answer("/result/0/u", answer);
    MUST(!found || (*found && g_utf8_validate(found, -1, NULL)));
    if (found) see_address(found);
    see_address(answer->str);
    g_free(found);
    g_string_free(answer, TRUE);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char why[200];
    if (size == 0 || size > 65536) return 0;
    char *bytes = g_strndup((const char *)data + 1, size - 1);
    struct network *network = network_read_text(data[0] & 1 ? bytes : text, why, sizeof why);
    MUST(network || data[0] & 1);
    if (network) see_network(network, (const char *)data + 1, size - 1);
    network_free(network);
    see_answer((const char *)data + 1, size - 1);
    g_free(bytes);
    return 0;
}
