/* runtime/adapters/webhook/network.c - Reads the data file of a network, and checks all of it.
 *
 *     {"network": "acme",                     name, kind of address, medium
 *      "verify":  {"header": "X-Signature", "digest": "sha256", "signs": "{body}"},
 *      "reads":   [{"kind": "message", "each": "/messages/0", "id": "{0/id}", ...}],
 *      "write":   {"url": "{base}/send", "body": {"to": "{to}", "text": "{text}"}}}
 *
 * The file says how a network's requests are read and how requests to the network are written, so a new network
 * needs no code. Everything is checked once here, so that other code may rely on it: the file is refused for an
 * unknown member, or a placeholder that names nothing. The first mistake is reported with its line, and the rest is
 * not checked. All texts of the result point into the JSON in `file`. */
#include "runtime/adapters/webhook/network.h"

#include <stdlib.h>
#include <string.h>

#include "runtime/adapters/webhook/hosts.h"
#include "runtime/adapters/webhook/pick.h"
#include "runtime/vocabulary/contract.h"
#include "base/file.h"
#include "base/memory.h"
#include "base/why.h"

enum { FILE_BYTES = 256 * 1024 };
/* Most bytes of a file that is sent, where the data file does not say, and at most. */
enum { FILE_BYTES_USUAL = 5000000, FILE_BYTES_MOST = 64000000 };

/* The JSON library does not give the lines of values. So a mistake is searched in the text again: within the part
 * that is being read, by the name of its member. */
struct checked {
    const char *text; /* the file */
    const char *where, *at,
        *end; /* the part of the file that is read: its member's name ("": the top), its bytes, and their end */
    char *why;
    size_t why_size;
    bool good;
};

/* ---- lines ---- */

static const char *file_text_end(const char *at)
{
    for (at++; *at && *at != '"'; at++)
        if (*at == '\\' && at[1]) at++;
    return *at ? at + 1 : at;
}

/* Returns the place after the value that begins at `at`. The file was parsed before, so its braces match. */
static const char *file_value_end(const char *at)
{
    unsigned depth = 0;
    do {
        if (*at == '"') {
            at = file_text_end(at);
            continue;
        }
        depth += *at == '{' || *at == '[';
        depth -= *at == '}' || *at == ']';
        at += *at != '\0';
    } while (*at && depth > 0);
    return at;
}

/* Returns the place of the member in the part that is being read; if it is not there, the place of the part. The
 * same characters as a value (without a colon after them) are skipped. */
static const char *file_member(const struct checked *checked, const char *name)
{
    char *quoted = g_strdup_printf("\"%s\"", name);
    const char *found = checked->at;
    while ((found = strstr(found, quoted)) && found < checked->end) {
        const char *behind = found + strlen(quoted);
        if (behind[strspn(behind, " \t\r\n")] == ':') break;
        found = behind;
    }
    g_free(quoted);
    return found && found < checked->end ? found : checked->at;
}

static unsigned file_line(const struct checked *checked, const char *member)
{
    const char *name = strrchr(member, '.'), *at = file_member(checked, name ? name + 1 : member);
    unsigned line = 1;
    for (const char *c = checked->text; c < at; c++) line += *c == '\n';
    return line;
}

/* Begins to read the part of this member. If the member is not in the file, the part is the whole file. */
static void part_begin(struct checked *checked, const char *name)
{
    checked->where = "", checked->at = checked->text, checked->end = checked->text + strlen(checked->text);
    checked->at = file_member(checked, name);
    if (*checked->at == '"') {
        const char *value = strchr(file_text_end(checked->at), ':') + 1;
        checked->end = file_value_end(value + strspn(value, " \t\r\n"));
    }
    checked->where = name;
}

/* Moves on to the next object of a list. */
static void part_next(struct checked *checked)
{
    const char *all = checked->text + strlen(checked->text), *next = strchr(checked->at, '{');
    checked->at = next ? next : all;
    checked->end = next ? file_value_end(next) : all;
}

/* Notes a mistake in the file. Only the first mistake is kept; later ones may follow from it. */
static void network_wrong(struct checked *checked, const char *member, const char *what)
{
    bool within = *checked->where && strcmp(member, checked->where) != 0 && !strchr(member, '.');
    if (checked->good)
        (void)why_set(checked->why, checked->why_size, "line %u: %s%s%.80s: %s", file_line(checked, member),
                      within ? checked->where : "", within ? "." : "", member, what);
    checked->good = false;
}

/* Has the object no members but these? `names` ends with NULL. */
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

/* ---- what is allowed in texts ---- */

/* Is it a header's name, by the characters that RFC 9110 allows? */
static bool is_header_name(const char *name)
{
    for (const char *c = name; *c; c++)
        if (!g_ascii_isalnum(*c) && !strchr("!#$%&'*+-.^_`|~", *c)) return false;
    return *name != '\0';
}

static const char *member_header(struct checked *checked, const json_t *object, const char *name, bool must)
{
    const char *text = member_text(checked, object, name, must);
    if (text && !is_header_name(text)) network_wrong(checked, name, "it is no name of a header");
    return text;
}

static bool may_be_signed(void *self, const char *name)
{
    (void)self;
    return is_header_name(name); /* {body}, {url} and {form} also have the form of such a name */
}

/* What a text is for, which decides about its placeholders. */
enum { WRITES = 1, TEMPLATES = 2, POLLS = 4, FINDS = 8, FETCHES = 16, FILES = 32 };

/* May a text have this placeholder? `value.1`, `value.2` and so on are the fields of a template; all are treated
 * like `value.1`. */
static bool may_name(void *of, const char *name)
{
    static const struct {
        const char *name;
        unsigned where;
    } places[] = {
#define PLACE(name, where, doc) {#name, where},
#include "runtime/adapters/webhook/places.def"
    };
    bool field = g_str_has_prefix(name, "value.") && atoi(name + strlen("value.")) > 0;
    const char *wanted = field ? "value.1" : name;
    for (size_t i = 0; i < G_N_ELEMENTS(places); i++)
        if (strcmp(places[i].name, wanted) == 0) return (places[i].where & *(const unsigned *)of) != 0;
    return false;
}

static bool may_be_picked(void *depth, const char *name)
{
    return pick_pointer_is_good(name, *(const unsigned *)depth);
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

/* Checks that the signature covers the whole body, as it proves nothing about the rest. */
static void check_signed(struct checked *checked, const struct network *network)
{
    const struct webhook_verify *verify = &network->verify;
    if (verify->digest == VERIFY_NONE) {
        if (verify->signs || verify->stamp)
            network_wrong(checked, verify->signs ? "signs" : "stamp",
                          "a secret signs nothing; digest is sha1 or sha256");
        return;
    }
    char *stamp = verify->stamp ? g_strdup_printf("{%s}", verify->stamp) : NULL;
    bool body = strstr(verify->signs, "{body}") != NULL, form = strstr(verify->signs, "{form}") != NULL;
    if (!pick_places(verify->signs, may_be_signed, NULL))
        network_wrong(checked, "signs", "a place is {body}, {url}, {form} or the name of a header");
    else if (!body && !form)
        network_wrong(checked, "signs", "it signs nothing of what is said; {body}, or {form}, stands in it");
    else if (form && !network->form)
        network_wrong(checked, "signs", "{form} is of a network whose `form` is true");
    else if (stamp && !strstr(verify->signs, stamp))
        network_wrong(checked, "stamp", "`signs` does not sign it: it stands there as a place");
    g_free(stamp);
}

static void read_verify(struct checked *checked, struct network *network)
{
    static const char *const names[] = {"digest", "encoding", "key", "header", "prefix", "signs", "stamp", NULL};
    struct webhook_verify *verify = &network->verify;
    part_begin(checked, "verify");
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
    verify->header = member_header(checked, object, "header", true);
    verify->prefix = member_text(checked, object, "prefix", false);
    if (!verify->prefix) verify->prefix = "";
    verify->signs = member_places(checked, object, "signs", verify->digest != VERIFY_NONE);
    verify->stamp = member_header(checked, object, "stamp", false);
    if (checked->good) check_signed(checked, network);
}

static void read_challenge(struct checked *checked, struct network *network)
{
    static const char *const names[] = {"token", "answer", NULL};
    part_begin(checked, "challenge");
    json_t *object = member_object(checked, network->file, "challenge");
    if (!object) return;
    members_known(checked, object, "challenge", names);
    network->challenge_token = member_text(checked, object, "token", true);
    network->challenge_answer = member_text(checked, object, "answer", true);
}

/* Checks an address for requests to the network. `of`: what the address is for, as an error message names it. */
static void check_write_address(struct checked *checked, const char *url, unsigned of)
{
    if (!g_str_has_prefix(url, "{base}") && !g_str_has_prefix(url, "https://") && !g_str_has_prefix(url, "http://"))
        network_wrong(checked, "url", "it begins with {base}, or is https://HOST/PATH");
    else if (!pick_places(url, may_name, &of))
        network_wrong(checked, "url", "a place names no value that there is; gcx-webhook(8) lists them");
}

static void read_poll(struct checked *checked, struct network *network)
{
    static const char *const names[] = {"url", "every_s", "newest_first", NULL};
    part_begin(checked, "poll");
    json_t *object = member_object(checked, network->file, "poll");
    if (!object) return;
    members_known(checked, object, "poll", names);
    network->poll.url = member_places(checked, object, "url", true);
    if (checked->good) check_write_address(checked, network->poll.url, POLLS);
    network->poll.newest_first = json_is_true(json_object_get(object, "newest_first"));
    network->poll.every_s = member_number(checked, object, "every_s", 10, 1, 3600);
}

/* Reads the alternatives of a field: a text, or a list of texts. */
static void read_field(struct checked *checked, struct network_read *read, json_t *value, enum post_field field,
                       const char *name, unsigned depth)
{
    size_t count = json_is_array(value) ? json_array_size(value) : 1;
    if (count == 0 || count > ALTERNATIVES) network_wrong(checked, name, "it is a text, or a list of at most eight");
    for (size_t i = 0; i < count && checked->good; i++) {
        const char *text = json_string_value(json_is_array(value) ? json_array_get(value, i) : value);
        if (!text || !pick_is_good(text))
            network_wrong(checked, name, "it is a text with places, {POINTER}");
        else if (!pick_places(text, may_be_picked, &depth))
            network_wrong(checked, name,
                          "a place is {STEPS/PATH}, as {0/id}, and goes no more STEPS up than `each` goes down");
        read->fields[field][i] = text;
    }
}

/* Checks the states: a word of the network that is not in the table would be ignored. */
static void check_states(struct checked *checked, const struct network_read *read)
{
    const char *theirs;
    json_t *ours;
    if (read->kind != POSTED_STATUS) {
        if (read->states) network_wrong(checked, "states", "they are of the kind status");
        return;
    }
    if (!read->fields[POST_status][0]) network_wrong(checked, "status", "it is missing");
    if (json_object_size(read->states) == 0)
        network_wrong(checked, "states", "the network's words, each with accepted, delivered, read or failed");
    json_object_foreach((json_t *)(uintptr_t)read->states, theirs, ours)
    {
        const char *word = json_string_value(ours);
        if (!word || (strcmp(word, "accepted") != 0 && strcmp(word, "delivered") != 0 && strcmp(word, "read") != 0 &&
                      strcmp(word, "failed") != 0))
            network_wrong(checked, theirs, "it is accepted, delivered, read or failed");
    }
}

/* Reads the lists of a contact card or an order. */
static void read_lists(struct checked *checked, struct network_read *read, const json_t *lists, unsigned depth)
{
#define FIELD(name) #name,
    static const char *const fields[] = {LINE_FIELDS(FIELD)};
    static const char *const names[] = {"each", LINE_FIELDS(FIELD) NULL};
#undef FIELD
    if (lists && (!json_is_array(lists) || json_array_size(lists) > LISTS_MAX))
        network_wrong(checked, "lines", "a list of at most four objects");
    for (size_t i = 0; checked->good && i < json_array_size(lists); i++) {
        json_t *object = json_array_get(lists, i);
        struct network_list *list = &read->lists[read->list_count++];
        unsigned below = 0;
        if (!json_is_object(object)) {
            network_wrong(checked, "lines", "each is an object");
            return;
        }
        members_known(checked, object, "lines", names);
        list->each = member_text(checked, object, "each", true);
        if (list->each && (!pick_path_is_good(list->each, &below) || depth + below >= PICK_DEPTH))
            network_wrong(checked, "lines", "`each` is a path below the post, as /contacts/*/phones/*");
        for (unsigned field = 0; field < LINE_FIELD_COUNT; field++) {
            const char *text = list->texts[field] = member_text(checked, object, fields[field], false);
            unsigned deep = depth + below;
            if (text && (!pick_is_good(text) || !pick_places(text, may_be_picked, &deep)))
                network_wrong(checked, "lines", "a place is {STEPS/PATH}, as {0/phone}");
        }
    }
}

/* Reads an object of `reads`. The depth of `each` limits how many steps up a pointer may go from the object that was
 * found. */
static void read_post(struct checked *checked, struct network_read *read, json_t *object)
{
#define KIND(name, word, said) #word,
    static const char *const kinds[] = {POSTED_KINDS(KIND)};
#undef KIND
    static const struct {
        const char *name;
        bool must;
    } fields[] = {
#define FIELD(name, must, doc) {#name, must},
#include "runtime/adapters/webhook/fields.def"
    };
    static const char *const names[] = {"kind", "each", "when", "is", "states", "html", "lines",
#define FIELD(name, must, doc) #name,
#include "runtime/adapters/webhook/fields.def"
                                        NULL};
    members_known(checked, object, "reads", names);
    const char *kind = member_text(checked, object, "kind", true);
    unsigned at = 0;
    while (kind && at < POST_KINDS && strcmp(kinds[at], kind) != 0) at++;
    if (at == POST_KINDS)
        network_wrong(checked, "reads.kind", "one of message, edit, delete, place, contact, order, reaction, status");
    read->kind = (enum post_kind)at;
    read->each = member_text(checked, object, "each", true);
    unsigned depth = 0;
    if (read->each && !pick_path_is_good(read->each, &depth))
        network_wrong(checked, "each", "it is a path, as /entry/*/messages/*, or empty: the whole request");
    read->when = member_text(checked, object, "when", false);
    if (read->when && !pick_pointer_is_good(read->when, depth))
        network_wrong(checked, "when", "it is a pointer, as 0/type, which goes no more steps up than `each` goes down");
    read->is = member_text(checked, object, "is", false);
    if (read->is && !read->when) network_wrong(checked, "is", "it is the value of `when`, which is missing");
    read->states = member_object(checked, object, "states");
    read->html = json_is_true(json_object_get(object, "html"));
    for (unsigned i = 0; i < POST_FIELDS; i++) {
        json_t *value = json_object_get(object, fields[i].name);
        if (value)
            read_field(checked, read, value, (enum post_field)i, fields[i].name, depth);
        else if (fields[i].must && !(i == POST_from && read->kind == POSTED_STATUS))
            network_wrong(checked, fields[i].name, "it is missing");
    }
    read_lists(checked, read, json_object_get(object, "lines"), depth);
    if (checked->good) check_states(checked, read);
}

/* Reads the list; each object is searched after the one before, so that a mistake is reported with the right line. */
static void read_reads(struct checked *checked, struct network *network)
{
    part_begin(checked, "reads");
    const char *behind = checked->at;
    const json_t *list = json_object_get(network->file, "reads");
    size_t count = json_array_size(list);
    if (count == 0 || count > READS_MAX) network_wrong(checked, "reads", "a list of 1 to 32 objects");
    for (size_t i = 0; i < count && checked->good; i++) {
        json_t *object = json_array_get(list, i);
        checked->at = behind;
        part_next(checked);
        behind = checked->end;
        if (json_is_object(object))
            read_post(checked, &network->reads[network->read_count++], object);
        else
            network_wrong(checked, "reads", "each is an object");
    }
}

/* Are the placeholders of all texts in the value allowed? */
static bool places_good(const json_t *value, unsigned of)
{
    const char *key, *text = json_string_value(value);
    size_t index;
    json_t *member;
    bool good = !text || (pick_is_good(text) && pick_places(text, may_name, &of));
    json_array_foreach(value, index, member) good = good && places_good(member, of);
    json_object_foreach((json_t *)(uintptr_t)value, key, member) good = good && places_good(member, of);
    return good;
}

/* Does the value, or any text within the value, contain this placeholder? */
static bool value_names(const json_t *value, const char *place)
{
    const char *key, *text = json_string_value(value);
    size_t index;
    json_t *member;
    bool found = text && strstr(text, place);
    json_array_foreach(value, index, member) found = found || value_names(member, place);
    json_object_foreach((json_t *)(uintptr_t)value, key, member) found = found || value_names(member, place);
    return found;
}

/* Reads a list of headers. `of`: the part of the file, as an error message names it. */
static void read_header_list(struct checked *checked, const char **headers, const json_t *list, const char *where,
                             unsigned of)
{
    if (!list) return;
    if (!json_is_array(list) || json_array_size(list) > HEADERS_MAX_COUNT)
        network_wrong(checked, where, "a list of at most eight texts, \"NAME: VALUE\"");
    for (size_t i = 0; checked->good && i < json_array_size(list); i++) {
        const char *text = json_string_value(json_array_get(list, i));
        char *name = text ? g_strndup(text, strcspn(text, ":")) : NULL;
        if (!name || !text[strlen(name)] || !is_header_name(name) || !pick_is_good(text) ||
            !pick_places(text, may_name, &of))
            network_wrong(checked, where,
                          "each is \"NAME: VALUE\", with places that name values; gcx-webhook(8) lists them");
        headers[i] = text;
        g_free(name);
    }
}

/* Checks how repetitions are recognized: a repeated message by its id; a status names the message by the id in the
 * network's answer. */
static void check_repeated(struct checked *checked, const struct network *network)
{
    const struct network_write *write = &network->write;
    bool named = strstr(write->url, "{id}") || value_names(write->body, "{id}");
    for (unsigned i = 0; i < HEADERS_MAX_COUNT && write->headers[i]; i++)
        named = named || strstr(write->headers[i], "{id}");
    if (write->marks && value_names(write->body, "{id}") && !value_names(write->marks, "{id}"))
        network_wrong(checked, "write.marks", "the body has {id}, by which a message is known, and this has not");
    if (write->repeatable && !named)
        network_wrong(checked, "write.repeatable", "the network is not told by what it knows a message again: {id}");
    for (unsigned i = 0; i < network->read_count && !write->id; i++)
        if (network->reads[i].kind == POSTED_STATUS)
            network_wrong(checked, "write.id", "it is missing, and a status names a message by it");
}

/* Reads a path to one value in an answer. */
static const char *member_answer(struct checked *checked, const json_t *object, const char *name)
{
    const char *path = member_text(checked, object, name, false);
    unsigned depth;
    if (path && (!pick_path_is_good(path, &depth) || depth == 0 || strchr(path, '*')))
        network_wrong(checked, name, "it is a path in the answer, as /messages/0/id");
    return path;
}

static void read_visibilities(struct checked *checked, struct network_write *write, const json_t *list)
{
    if (list && (!json_is_array(list) || json_array_size(list) > VISIBILITIES_MAX))
        network_wrong(checked, "write.visibilities", "a list of at most eight words, from everybody to few");
    for (size_t i = 0; checked->good && i < json_array_size(list); i++) {
        write->visibilities[i] = json_string_value(json_array_get(list, i));
        if (!write->visibilities[i]) network_wrong(checked, "write.visibilities", "each is a word of the network's");
    }
}

unsigned network_visibility(const struct network_write *write, const char *word)
{
    unsigned at = 0;
    while (write->visibilities[at] && write->visibilities[at + 1] && strcmp(write->visibilities[at], word) != 0) at++;
    return at;
}

/* Reads how a file of ours is sent: by the upload alone, or by a message that names what was uploaded. */
static void read_file_way(struct checked *checked, struct network_file *file, json_t *write)
{
    static const char *const names[] = {"upload", "field", "fields", "found", "body", "max", NULL};
    json_t *object = json_object_get(write, "file") ? member_object(checked, write, "file") : NULL;
    if (!object) return;
    members_known(checked, object, "file", names);
    file->upload = member_places(checked, object, "upload", true);
    file->field = member_text(checked, object, "field", true);
    file->fields = json_object_get(object, "fields");
    file->found = member_answer(checked, object, "found");
    file->body = json_object_get(object, "body");
    file->max = member_number(checked, object, "max", FILE_BYTES_USUAL, 1, FILE_BYTES_MOST);
    if (checked->good) check_write_address(checked, file->upload, FILES);
    if (file->fields && (!json_is_object(file->fields) || !places_good(file->fields, FILES)))
        network_wrong(checked, "fields", "an object of texts with places, {NAME}; gcx-webhook(8) lists the names");
    if (!file->body != !file->found)
        network_wrong(checked, "file.body", "`body` names what `found` finds in the answer: both, or none");
    else if (file->body && (!places_good(file->body, FILES) || !value_names(file->body, "{uploaded}")))
        network_wrong(checked, "file.body", "a value whose texts have places; {uploaded} stands in it");
}

/* Reads the part `write`; its `method` must be one with a body. */
static void read_write(struct checked *checked, struct network *network)
{
    static const char *const names[] = {"method",     "url",  "headers", "body",     "template",     "marks", "id",
                                        "repeatable", "form", "wait",    "segments", "visibilities", "file",  NULL};
    part_begin(checked, "write");
    json_t *object = member_object(checked, network->file, "write");
    struct network_write *write = &network->write;
    if (!object) return;
    members_known(checked, object, "write", names);
    write->method = member_text(checked, object, "method", false);
    if (!write->method) write->method = "POST";
    if (strcmp(write->method, "POST") != 0 && strcmp(write->method, "PUT") != 0 && strcmp(write->method, "PATCH") != 0)
        network_wrong(checked, "method", "POST, PUT or PATCH");
    write->url = member_places(checked, object, "url", true);
    if (checked->good) check_write_address(checked, write->url, WRITES);
    write->body = json_object_get(object, "body");
    if (!write->body || !places_good(write->body, WRITES))
        network_wrong(checked, "write.body", "a value whose texts have places, {NAME}; gcx-webhook(8) lists the names");
    else if (!value_names(write->body, "{text}"))
        network_wrong(checked, "write.body", "nothing is written: {text} stands nowhere in it");
    write->template = json_object_get(object, "template");
    if (write->template && (!json_is_object(write->template) || !places_good(write->template, TEMPLATES)))
        network_wrong(checked, "write.template",
                      "an object whose texts have places, {NAME}; gcx-webhook(8) lists the names");
    else if (write->template && !value_names(write->template, "{template}"))
        network_wrong(checked, "write.template", "it does not say which: {template} stands nowhere in it");
    write->marks = json_object_get(object, "marks");
    if (write->marks &&
        (!json_is_object(write->marks) || !places_good(write->marks, WRITES) || !value_names(write->marks, "{text}")))
        network_wrong(checked, "write.marks", "an object whose texts have places, {NAME}; {text} stands in it");
    write->id = member_answer(checked, object, "id");
    write->segments = member_answer(checked, object, "segments");
    write->wait = member_answer(checked, object, "wait");
    write->repeatable = json_is_true(json_object_get(object, "repeatable"));
    write->form = json_is_true(json_object_get(object, "form"));
    if (write->form && !json_is_object(write->body))
        network_wrong(checked, "write.body", "a form is an object of texts");
    if (write->form && write->marks) network_wrong(checked, "write.marks", "a form has no buttons");
    read_visibilities(checked, write, json_object_get(object, "visibilities"));
    read_header_list(checked, write->headers, json_object_get(object, "headers"), "write.headers", WRITES);
    if (checked->good) check_repeated(checked, network);
    if (checked->good) read_file_way(checked, &write->file, object);
}

/* Checks the address of files: it must begin with an allowed host, or come entirely from the network. */
static void check_media_address(struct checked *checked, const struct network_media *media, const char *url)
{
    bool asked = url == media->find;
    if (strcmp(url, "{media}") == 0 || (!asked && strcmp(url, "{found}") == 0)) return;
    part_begin(checked, "media");
    check_write_address(checked, url, asked ? FINDS : FETCHES);
}

static void read_host_list(struct checked *checked, const char *name, const char **hosts, const json_t *media)
{
    const json_t *list = json_object_get(media, name);
    if (list && (!json_is_array(list) || json_array_size(list) > HOSTS_MAX_COUNT))
        network_wrong(checked, name, "a list of at most sixteen names of hosts");
    for (size_t i = 0; checked->good && i < json_array_size(list); i++) {
        hosts[i] = json_string_value(json_array_get(list, i));
        if (!hosts[i] || !hosts_name_is_good(hosts[i]))
            network_wrong(checked, name, "each is a host's name, as cdn.example.org");
    }
}

static void read_media_ways(struct checked *checked, struct network *network)
{
    static const char *const names[] = {"find", "found", "url", "headers", "hosts", "own_hosts", NULL};
    struct network_media *media = &network->media;
    part_begin(checked, "media");
    json_t *object = member_object(checked, json_object_get(network->file, "media") ? network->file : NULL, "media");
    if (!object) return;
    members_known(checked, object, "media", names);
    media->find = member_places(checked, object, "find", false);
    media->found = member_answer(checked, object, "found");
    media->url = member_places(checked, object, "url", true);
    if (!media->find != !media->found)
        network_wrong(checked, media->find ? "found" : "find",
                      "`find` asks for what `found` is a path to: both, or none");
    read_host_list(checked, "hosts", media->hosts, object);
    read_host_list(checked, "own_hosts", media->own_hosts, object);
    read_header_list(checked, media->headers, json_object_get(object, "headers"), "media.headers", FINDS);
    if (checked->good) check_media_address(checked, media, media->url);
    if (checked->good && media->find) check_media_address(checked, media, media->find);
    if (checked->good && !media->find && strstr(media->url, "{found}"))
        network_wrong(checked, "url", "{found} is what `find` asks for, which is missing");
}

static void read_limits(struct checked *checked, struct network *network)
{
    static const char *const names[] = {"text", "window_s", NULL};
    part_begin(checked, "limits");
    json_t *object = member_object(checked, network->file, "limits");
    network->text_max = LIMIT_webhook_TEXT;
    if (!object) return;
    members_known(checked, object, "limits", names);
    network->text_max = member_number(checked, object, "text", LIMIT_webhook_TEXT, 10, 100000);
    network->window_s = member_number(checked, object, "window_s", 0, 1, 31536000);
}

/* Reads the text. The order matters: parts that others are checked against are read first (form before verify, reads
 * before write). Checks that concern several parts come last. */
struct network *network_read_text(const char *text, char *why, size_t why_size)
{
    static const char *const names[] = {"network", "about", "address", "medium", "form",  "verify", "challenge",
                                        "poll",    "reads", "write",   "limits", "media", NULL};
    json_error_t wrong;
    struct checked checked = {text, "", text, text + strlen(text), why, why_size, true};
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
    read_media_ways(&checked, network);
    checked.where = "", checked.at = text, checked.end = text + strlen(text);
    bool cursor = false;
    for (unsigned i = 0; i < network->read_count; i++) cursor = cursor || network->reads[i].fields[POST_cursor][0];
    if (checked.good && network->poll.url && strstr(network->poll.url, "{cursor}") && !cursor)
        network_wrong(&checked, "poll", "its url asks by {cursor}, and none of `reads` gives a `cursor`");
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
    char wrong[400];
    struct network *network = network_read_text(text, wrong, sizeof wrong);
    if (!network) (void)why_set(why, why_size, "%.100s: %s", path, wrong);
    free(text);
    return network;
}

void network_free(struct network *network)
{
    if (!network) return;
    json_decref(network->file);
    free(network);
}
