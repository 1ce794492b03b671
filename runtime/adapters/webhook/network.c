/* runtime/adapters/webhook/network.c - Reads the data file of a network, and checks all that it says. */
#include "runtime/adapters/webhook/network.h"

#include <assert.h>
#include <glib.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/adapters/webhook/pick.h"
#include "runtime/vocabulary/file.h"
#include "runtime/vocabulary/memory.h"
#include "runtime/vocabulary/why.h"

enum { FILE_BYTES = 256 * 1024, TEXT_DEFAULT = 4000 };

struct checked {
    char *why;
    size_t why_size;
    bool good;
};

static void network_wrong(struct checked *checked, const char *member, const char *what)
{
    if (checked->good) (void)why_set(checked->why, checked->why_size, "%.80s: %s", member, what);
    checked->good = false;
}

/* Has the object these members only? `names` ends with NULL. */
static void members_known(struct checked *checked, json_t *object, const char *where, const char *const *names)
{
    const char *key;
    json_t *value;
    char at[128];
    json_object_foreach(object, key, value)
    {
        const char *const *name = names;
        while (*name && strcmp(*name, key) != 0) name++;
        if (*name) continue;
        g_snprintf(at, sizeof at, "%.40s%s%.60s", where, *where ? "." : "", key);
        network_wrong(checked, at, "there is no such member");
    }
}

static const char *member_text(struct checked *checked, const json_t *object, const char *name, bool must)
{
    const json_t *value = json_object_get(object, name);
    if (value && json_is_string(value)) return json_string_value(value);
    if (value)
        network_wrong(checked, name, "it is a text");
    else if (must)
        network_wrong(checked, name, "it is missing");
    return NULL;
}

static const char *member_places(struct checked *checked, const json_t *object, const char *name, bool must)
{
    const char *text = member_text(checked, object, name, must);
    if (!text || pick_is_good(text)) return text;
    network_wrong(checked, name, "a place is {NAME}, and {{ is a brace");
    return NULL;
}

static uint64_t member_number(struct checked *checked, const json_t *object, const char *name, uint64_t usual,
                              uint64_t least, uint64_t most)
{
    const json_t *value = json_object_get(object, name);
    if (!value) return usual;
    json_int_t number = json_integer_value(value);
    if (json_is_integer(value) && number >= (json_int_t)least && number <= (json_int_t)most) return (uint64_t)number;
    network_wrong(checked, name, "it is no number, or out of its bounds");
    return usual;
}

static json_t *member_object(struct checked *checked, const json_t *object, const char *name)
{
    json_t *value = json_object_get(object, name);
    if (value && !json_is_object(value)) network_wrong(checked, name, "it is an object");
    return json_is_object(value) ? value : NULL;
}

/* ---- its parts ---- */

static enum verify_digest digest_of(struct checked *checked, const char *name)
{
    static const char *const names[] = {[VERIFY_NONE] = "none", [VERIFY_SHA1] = "sha1", [VERIFY_SHA256] = "sha256"};
    for (unsigned i = 0; name && i < sizeof names / sizeof *names; i++)
        if (strcmp(names[i], name) == 0) return (enum verify_digest)i;
    network_wrong(checked, "verify.digest", "one of none, sha1, sha256");
    return VERIFY_SHA256;
}

static void read_verify(struct checked *checked, struct network *network)
{
    static const char *const names[] = {"digest", "encoding", "key", "header", "prefix", "signs", "stamp", NULL};
    struct verify *verify = &network->verify;
    json_t *object = member_object(checked, network->file, "verify");
    if (!object) return;
    members_known(checked, object, "verify", names);
    verify->digest = digest_of(checked, member_text(checked, object, "digest", true));
    const char *encoding = member_text(checked, object, "encoding", false), *key;
    verify->base64 = encoding && strcmp(encoding, "base64") == 0;
    if (encoding && !verify->base64 && strcmp(encoding, "hex") != 0)
        network_wrong(checked, "verify.encoding", "hex or base64");
    key = member_text(checked, object, "key", false);
    verify->keyed = key && strcmp(key, "base64") == 0;
    if (key && !verify->keyed && strcmp(key, "text") != 0) network_wrong(checked, "verify.key", "text or base64");
    verify->header = member_text(checked, object, "header", true);
    verify->prefix = member_text(checked, object, "prefix", false);
    if (!verify->prefix) verify->prefix = "";
    verify->signs = member_places(checked, object, "signs", verify->digest != VERIFY_NONE);
    verify->stamp = member_text(checked, object, "stamp", false);
}

static void read_challenge(struct checked *checked, struct network *network)
{
    static const char *const names[] = {"token", "answer", NULL};
    json_t *object = member_object(checked, network->file, "challenge");
    if (!object) return;
    members_known(checked, object, "challenge", names);
    network->challenge_token = member_text(checked, object, "token", true);
    network->challenge_answer = member_text(checked, object, "answer", true);
}

static void read_poll(struct checked *checked, struct network *network)
{
    static const char *const names[] = {"url", "every_s", NULL};
    json_t *object = member_object(checked, network->file, "poll");
    if (!object) return;
    members_known(checked, object, "poll", names);
    network->poll.url = member_places(checked, object, "url", true);
    network->poll.every_s = member_number(checked, object, "every_s", 10, 1, 3600);
}

/* The alternatives of a field: a text, or a list of some. */
static void read_field(struct checked *checked, struct network_read *read, json_t *value, enum post_field field,
                       const char *name)
{
    size_t count = json_is_array(value) ? json_array_size(value) : 1;
    if (count == 0 || count > ALTERNATIVES) network_wrong(checked, name, "it is a text, or a list of at most four");
    for (size_t i = 0; i < count && checked->good; i++) {
        const char *text = json_string_value(json_is_array(value) ? json_array_get(value, i) : value);
        if (!text || !pick_is_good(text)) network_wrong(checked, name, "it is a text with places, {POINTER}");
        read->fields[field][i] = text;
    }
}

static void read_post(struct checked *checked, struct network_read *read, json_t *object)
{
    static const char *const kinds[] = {"message", "edit", "delete", "status"};
    static const struct {
        const char *name;
        bool must;
    } fields[] = {
#define FIELD(name, must, doc) {#name, must},
#include "runtime/adapters/webhook/fields.def"
    };
    static const char *const names[] = {"kind", "each", "when", "is", "states", "html",
#define FIELD(name, must, doc) #name,
#include "runtime/adapters/webhook/fields.def"
                                        NULL};
    members_known(checked, object, "reads", names);
    const char *kind = member_text(checked, object, "kind", true);
    unsigned at = 0;
    while (kind && at < POST_KINDS && strcmp(kinds[at], kind) != 0) at++;
    if (at == POST_KINDS) network_wrong(checked, "reads.kind", "one of message, edit, delete, status");
    read->kind = (enum post_kind)at;
    read->each = member_text(checked, object, "each", true);
    read->when = member_text(checked, object, "when", false);
    read->is = member_text(checked, object, "is", false);
    read->states = member_object(checked, object, "states");
    read->html = json_is_true(json_object_get(object, "html"));
    for (unsigned i = 0; i < POST_FIELDS; i++) {
        json_t *value = json_object_get(object, fields[i].name);
        if (value)
            read_field(checked, read, value, (enum post_field)i, fields[i].name);
        else if (fields[i].must && !(i == POST_from && read->kind == POSTED_STATUS))
            network_wrong(checked, fields[i].name, "it is missing");
    }
}

static void read_reads(struct checked *checked, struct network *network)
{
    const json_t *list = json_object_get(network->file, "reads");
    size_t count = json_array_size(list);
    if (count == 0 || count > READS_MAX) network_wrong(checked, "reads", "a list of one to sixteen objects");
    for (size_t i = 0; i < count && checked->good; i++) {
        json_t *object = json_array_get(list, i);
        if (json_is_object(object))
            read_post(checked, &network->reads[network->read_count++], object);
        else
            network_wrong(checked, "reads", "each is an object");
    }
}

/* Are the places of all texts within good? */
static bool places_good(const json_t *value)
{
    const char *key;
    size_t index;
    json_t *member;
    bool good = !json_is_string(value) || pick_is_good(json_string_value(value));
    json_array_foreach(value, index, member) good = good && places_good(member);
    json_object_foreach((json_t *)(uintptr_t)value, key, member) good = good && places_good(member);
    return good;
}

static void read_write_headers(struct checked *checked, const char **headers, const json_t *list, const char *where)
{
    if (!list) return;
    if (!json_is_array(list) || json_array_size(list) > HEADERS_MAX_COUNT)
        network_wrong(checked, where, "a list of at most eight texts, \"NAME: VALUE\"");
    for (size_t i = 0; checked->good && i < json_array_size(list); i++) {
        const char *text = json_string_value(json_array_get(list, i));
        if (!text || !strchr(text, ':') || !pick_is_good(text))
            network_wrong(checked, where, "each is \"NAME: VALUE\", with places");
        headers[i] = text;
    }
}

static void read_write(struct checked *checked, struct network *network)
{
    static const char *const names[] = {"method", "url",        "headers", "body", "template",
                                        "id",     "repeatable", "form",    NULL};
    json_t *object = member_object(checked, network->file, "write");
    struct network_write *write = &network->write;
    if (!object) return;
    members_known(checked, object, "write", names);
    write->method = member_text(checked, object, "method", false);
    if (!write->method) write->method = "POST";
    write->url = member_places(checked, object, "url", true);
    write->body = json_object_get(object, "body");
    if (!write->body || !places_good(write->body))
        network_wrong(checked, "write.body", "a value whose texts have places, {NAME}");
    write->template = json_object_get(object, "template");
    if (write->template && (!json_is_object(write->template) || !places_good(write->template)))
        network_wrong(checked, "write.template", "an object whose texts have places, {NAME}");
    write->id = member_text(checked, object, "id", false);
    write->repeatable = json_is_true(json_object_get(object, "repeatable"));
    write->form = json_is_true(json_object_get(object, "form"));
    if (write->form && !json_is_object(write->body))
        network_wrong(checked, "write.body", "a form is an object of texts");
    read_write_headers(checked, write->headers, json_object_get(object, "headers"), "write.headers");
}

static void read_limits(struct checked *checked, struct network *network)
{
    static const char *const names[] = {"text", "window_s", NULL};
    json_t *object = member_object(checked, network->file, "limits");
    network->text_max = TEXT_DEFAULT;
    if (!object) return;
    members_known(checked, object, "limits", names);
    network->text_max = member_number(checked, object, "text", TEXT_DEFAULT, 10, 100000);
    network->window_s = member_number(checked, object, "window_s", 0, 1, 31536000);
}

struct network *network_read_text(const char *text, char *why, size_t why_size)
{
    static const char *const names[] = {"network",   "about", "address", "medium", "form",   "verify",
                                        "challenge", "poll",  "reads",   "write",  "limits", NULL};
    json_error_t wrong;
    struct checked checked = {why, why_size, true};
    struct network *network = memory_zeroed(1, sizeof *network);
    network->file = json_loads(text, JSON_REJECT_DUPLICATES, &wrong);
    if (!json_is_object(network->file)) {
        (void)why_set(why, why_size, "line %d: %.120s", wrong.line, network->file ? "it is an object" : wrong.text);
        network_free(network);
        return NULL;
    }
    members_known(&checked, network->file, "", names);
    network->name = member_text(&checked, network->file, "network", true);
    const char *address = member_text(&checked, network->file, "address", false);
    network->phones = address && strcmp(address, "phone") == 0;
    if (address && !network->phones && strcmp(address, "social") != 0)
        network_wrong(&checked, "address", "phone or social");
    const char *medium = member_text(&checked, network->file, "medium", false);
    network->texts = medium && strcmp(medium, "sms") == 0;
    if (medium && !network->texts && strcmp(medium, "social") != 0) network_wrong(&checked, "medium", "sms or social");
    if (network->texts && !network->phones) network_wrong(&checked, "address", "phone, where `medium` is sms");
    network->form = json_is_true(json_object_get(network->file, "form"));
    read_verify(&checked, network);
    read_challenge(&checked, network);
    read_poll(&checked, network);
    read_reads(&checked, network);
    read_write(&checked, network);
    read_limits(&checked, network);
    if (checked.good && !network->verify.header && !network->poll.url)
        network_wrong(&checked, "verify", "a network that calls us is verified; one that does not has `poll`");
    if (checked.good && !network->write.url) network_wrong(&checked, "write", "it is missing");
    if (checked.good) return network;
    network_free(network);
    return NULL;
}

struct network *network_open(const char *path, char *why, size_t why_size)
{
    size_t length;
    const char *reason;
    char *text = file_read(path, FILE_BYTES, &length, &reason);
    if (!text) {
        (void)why_set(why, why_size, "%.100s cannot be read: %s", path, reason);
        return NULL;
    }
    struct network *network = network_read_text(text, why, why_size);
    free(text);
    return network;
}

void network_free(struct network *network)
{
    if (!network) return;
    json_decref(network->file);
    free(network);
}
