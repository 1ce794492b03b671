/* runtime/adapters/webhook/posts.c - Reads a network's request as posts, and writes a message as a request to the
 * network.
 *
 *     request --> readable_json() --> document --> pick_each() --> take_post() --> take(post)
 *     message --> network_line(), network_body() --> address, headers, body
 *
 * When reading, an object without id or sender counts as wrong, and one that no row of `reads` matches as skipped.
 * Texts of a document are checked for valid UTF-8 and zeros before they are used. */
#include <assert.h>
#include <glib.h>
#include <string.h>

#include "runtime/adapters/webhook/form.h"
#include "runtime/adapters/webhook/network.h"
#include "runtime/adapters/webhook/pick.h"
#include "runtime/adapters/webhook/readable.h"
#include "base/why.h"
#include "runtime/web/html.h"

enum { FORM_FIELDS = 200 };
/* A time from this number on is in milliseconds: in seconds it would be after the year 5000. */
#define MILLISECONDS_FROM INT64_C(100000000000)

struct taking {
    const struct network_read *read;        /* the row that is read */
    const struct network_read *first, *end; /* the rows from the first with this `each` on */
    void (*take)(void *self, const struct post *);
    void *self;
    struct posts_count count;
    unsigned others; /* objects that match another row of `reads` */
};

/* Reads a network's time, in microseconds since 1970; 0: none. */
static int64_t post_moment_of(const char *text)
{
    char *end;
    gint64 number = g_ascii_strtoll(text, &end, 10);
    if (end != text && *end == '\0') {
        if (number <= 0 || number >= 1000 * MILLISECONDS_FROM) return 0;
        return number < MILLISECONDS_FROM ? number * 1000000 : number * 1000;
    }
    GDateTime *at = g_date_time_new_from_iso8601(text, NULL);
    int64_t us = at ? g_date_time_to_unix(at) * 1000000 : 0;
    if (at) g_date_time_unref(at);
    return us > 0 ? us : 0;
}

/* Writes the first alternative of which all values exist. The result is empty if no alternative has all its values. */
static void fill_field(const struct network_read *read, struct trail *trail, unsigned field, GString *to)
{
    const char *const *texts = read->fields[field];
    bool decimal = field == POST_latitude || field == POST_longitude;
    for (unsigned i = 0; i < ALTERNATIVES && texts[i]; i++)
        if (pick_fill(texts[i], decimal ? pick_number_in_trail : pick_in_trail, trail, to)) return;
}

static bool is_meant(const struct network_read *read, const struct trail *trail)
{
    if (!read->when) return true;
    const json_t *value = pick_value(trail, read->when);
    if (!read->is) return value != NULL;
    return json_is_string(value) && strcmp(json_string_value(value), read->is) == 0;
}

/* Replaces the network's word for a status by ours; "": it is of no interest. */
static void state_of(const struct network_read *read, GString *status)
{
    const char *ours = json_string_value(json_object_get(read->states, status->str));
    g_string_assign(status, ours ? ours : "");
}

/* Removes zeros from a text, as they mean nothing and the store refuses them. */
static void text_without_zeros(GString *text)
{
    size_t kept = 0;
    for (size_t i = 0; i < text->len; i++)
        if (text->str[i]) text->str[kept++] = text->str[i];
    g_string_truncate(text, kept);
}

/* Returns the first row with the same `each` that means this object; NULL: none does. */
static const struct network_read *read_of(const struct taking *taking, const struct trail *trail)
{
    for (const struct network_read *read = taking->first; read < taking->end; read++)
        if (strcmp(read->each, taking->first->each) == 0 && is_meant(read, trail)) return read;
    return NULL;
}

struct listing { /* the lines of a post */
    const struct network_list *list;
    struct said_content *content;
    char *texts[CONTENT_LINES][LINE_FIELD_COUNT];
};

static void take_line(void *self, struct trail *trail)
{
    struct listing *listing = self;
    if (listing->content->count == CONTENT_LINES) return;
    unsigned at = listing->content->count++;
    char **texts = listing->texts[at];
    for (unsigned i = 0; i < LINE_FIELD_COUNT; i++) {
        GString *text = g_string_new(NULL);
        const char *from = listing->list->texts[i];
        bool good = from && pick_fill(from, i == LINE_price ? pick_number_in_trail : pick_in_trail, trail, text) &&
                    strlen(text->str) == text->len && g_utf8_validate(text->str, -1, NULL);
        texts[i] = g_string_free(text, !good);
    }
    listing->content->lines[at] = (struct content_line){texts[LINE_name], texts[LINE_value], texts[LINE_count],
                                                        texts[LINE_price], texts[LINE_currency]};
}

/* Passes the post on, with what it consists of. */
static void post_pass(struct taking *taking, struct trail *trail, struct post *post)
{
#define KIND(name, word, said) [POSTED_##name] = message_kind_##said,
    static const enum message_kind kinds[] = {POSTED_KINDS(KIND)};
#undef KIND
    const struct network_read *read = taking->read;
    const char *const *fields = post->fields;
    bool aside = content_is_aside(kinds[post->kind]);
    struct said_content content = {.kind = kinds[post->kind],
                                   .of = !aside             ? NULL
                                         : *fields[POST_of] ? fields[POST_of]
                                                            : fields[POST_id],
                                   .text = fields[POST_text],
                                   .name = fields[POST_place],
                                   .address = fields[POST_address],
                                   .latitude = fields[POST_latitude],
                                   .longitude = fields[POST_longitude]};
    struct listing listing = {.content = &content};
    for (unsigned i = 0; i < read->list_count; i++) {
        listing.list = &read->lists[i];
        pick_below(trail, listing.list->each, CONTENT_LINES, take_line, &listing);
    }
    post->content = &content;
    taking->take(taking->self, post);
    for (unsigned i = 0; i < content.count; i++)
        for (unsigned field = 0; field < LINE_FIELD_COUNT; field++) g_free(listing.texts[i][field]);
    taking->count.taken++;
}

/* Takes a post. The order matters: first HTML becomes text, then zeros are removed, then it is checked that all
 * fields are there. */
static void take_post(void *self, struct trail *trail)
{
    struct taking *taking = self;
    const struct network_read *found = read_of(taking, trail), *read = found ? found : taking->first;
    GString *texts[POST_FIELDS];
    struct post post = {.kind = read->kind};
    bool meant = found != NULL, good = meant;
    taking->read = read;
    for (unsigned i = 0; i < POST_FIELDS; i++) {
        texts[i] = g_string_new(NULL);
        if (good) fill_field(read, trail, i, texts[i]);
    }
    if (good && read->kind == POSTED_STATUS) state_of(read, texts[POST_status]);
    if (good && read->html) {
        GString *html = texts[POST_text];
        texts[POST_text] = html_plain_text(html->str, html->len);
        g_string_free(html, TRUE);
        g_strchomp(texts[POST_text]->str);
        g_string_set_size(texts[POST_text], strlen(texts[POST_text]->str));
    }
    text_without_zeros(texts[POST_text]);
    for (unsigned i = 0; i < POST_FIELDS; i++) {
        if (strlen(texts[i]->str) != texts[i]->len || !g_utf8_validate(texts[i]->str, -1, NULL)) good = false;
        post.fields[i] = texts[i]->str;
    }
    post.at_us = post_moment_of(texts[POST_at]->str);
    good = good && texts[POST_id]->len > 0 && (read->kind == POSTED_STATUS || texts[POST_from]->len > 0);
    if (meant && !good) taking->count.wrong++;
    if (good && read->kind == POSTED_STATUS && texts[POST_status]->len == 0) good = false;
    if (good)
        post_pass(taking, trail, &post);
    else if (!meant && !*read->each)
        taking->others++;
    else
        taking->count.passed++;
    for (unsigned i = 0; i < POST_FIELDS; i++) g_string_free(texts[i], TRUE);
}

/* Reads a form as an object of texts; of a field that comes twice the first counts. */
static json_t *posted_form_read(const char *body, size_t length)
{
    json_t *object = json_object();
    GPtrArray *fields = form_fields(body, length);
    for (guint i = 0; i < MIN(fields->len, FORM_FIELDS); i++) {
        const struct form_field *field = fields->pdata[i];
        gsize name_length, value_length;
        const char *named = g_bytes_get_data(field->name, &name_length),
                   *said = g_bytes_get_data(field->value, &value_length);
        char *name = g_strndup(named, name_length);
        if (*name &&
            !json_object_get(object, name)) /* a field with a name or value that is not valid UTF-8 is left out */
            json_object_set_new(object, name, json_stringn(value_length > 0 ? said : "", value_length));
        g_free(name);
    }
    g_ptr_array_unref(fields);
    return object;
}

/* Returns the posts in order from old to new; takes ownership of the document. */
static json_t *oldest_first(json_t *document)
{
    if (!json_is_array(document)) return document;
    json_t *turned = json_array();
    for (size_t i = json_array_size(document); i > 0; i--) json_array_append(turned, json_array_get(document, i - 1));
    json_decref(document);
    return turned;
}

static json_t *document_read(const char *body, size_t length, json_error_t *wrong)
{
    GString *text = readable_json(body, length);
    json_t *document = json_loadb(text->str, text->len, 0, wrong);
    g_string_free(text, TRUE);
    return document;
}

/* Is the row the first with its `each`? The others are tried with it, so that posts keep their order. */
static bool is_read_first(const struct network *network, unsigned at)
{
    for (unsigned i = 0; i < at; i++)
        if (strcmp(network->reads[i].each, network->reads[at].each) == 0) return false;
    return true;
}

/* False: the body cannot be read; `take` was not called. At most POSTS_MAX objects of a request are read. */
bool network_posts(const struct network *network, const char *body, size_t length,
                   void (*take)(void *self, const struct post *), void *self, struct posts_count *count, char *why,
                   size_t why_size)
{
    json_error_t wrong;
    json_t *document = network->form ? posted_form_read(body, length) : document_read(body, length, &wrong);
    struct taking taking = {.take = take, .self = self};
    unsigned left = POSTS_MAX;
    if (!document) return why_set(why, why_size, "line %d: %.120s", wrong.line, wrong.text);
    if (network->poll.newest_first) document = oldest_first(document);
    taking.end = network->reads + network->read_count;
    for (unsigned i = 0; i < network->read_count && left > 0; i++) {
        taking.first = &network->reads[i];
        if (is_read_first(network, i)) left -= pick_each(document, network->reads[i].each, left, take_post, &taking);
    }
    *count = taking.count;
    if (count->taken + count->passed == 0) count->passed = taking.others;
    json_decref(document);
    return true;
}

/* Returns the value at the path, which the caller frees by g_free(). NULL: the answer has no such value. */
char *network_answer(const char *path, const GString *answer)
{
    json_t *document = path ? document_read(answer->str, answer->len, NULL) : NULL;
    struct trail trail = {{document}, 1};
    char *pointer = g_strconcat("0", path ? path : "", NULL);
    GString *value = g_string_new(NULL);
    bool found = document && pick_in_trail(&trail, pointer, value) && value->len > 0 &&
                 strlen(value->str) == value->len && g_utf8_validate(value->str, -1, NULL);
    g_free(pointer);
    json_decref(document);
    return g_string_free(value, !found);
}

/* ---- writing a message ---- */

struct writing {
    network_value *value;
    void *self;
    bool in_address; /* values are escaped as parts of an address */
};

/* Appends the value for a placeholder. Values in an address are escaped, so that none can change the path; the base
 * comes from the site and is not. */
static bool find_written(void *self, const char *name, GString *to)
{
    const struct writing *writing = self;
    const char *value = writing->value(writing->self, name);
    if (!value) return false;
    if (writing->in_address && strcmp(name, "base") != 0)
        g_string_append_uri_escaped(to, value, strcmp(name, "found") == 0 ? "/" : NULL, FALSE);
    else
        g_string_append(to, value);
    return true;
}

char *network_line(const char *text, bool in_address, network_value *value, void *self)
{
    struct writing writing = {value, self, in_address};
    GString *line = g_string_new(NULL);
    bool good = pick_fill(text, find_written, &writing, line);
    for (const char *c = line->str; good && *c; c++)
        if ((unsigned char)*c < ' ' || *c == 127) good = false; /* a header with two lines would be two headers */
    return g_string_free(line, !good);
}

static json_t *posts_filled(const json_t *value, bool in_list, struct writing *writing);

/* Fills in an object; one in a list that lacks a value is left out. */
static json_t *filled_object(const json_t *value, bool in_list, struct writing *writing)
{
    const char *key;
    json_t *member, *copy = json_object();
    bool lacks = false;
    json_object_foreach((json_t *)(uintptr_t)value, key, member)
    {
        json_t *inner = posts_filled(member, false, writing);
        if (inner)
            json_object_set_new(copy, key, inner);
        else
            lacks = true;
    }
    if (!lacks || !in_list) return copy;
    json_decref(copy);
    return NULL;
}

static json_t *filled_list(const json_t *value, struct writing *writing)
{
    json_t *member, *copy = json_array();
    size_t index;
    json_array_foreach(value, index, member)
    {
        json_t *inner = posts_filled(member, true, writing);
        if (inner) json_array_append_new(copy, inner);
    }
    if (json_array_size(copy) > 0 || json_array_size(value) == 0) return copy;
    json_decref(copy);
    return NULL;
}

/* Returns a copy with its placeholders filled in. A member with missing values is left out, and so is a list that
 * has lost all of its elements. NULL: nothing is left. */
static json_t *posts_filled(const json_t *value, bool in_list, struct writing *writing)
{
    switch (json_typeof(value)) {
    case JSON_STRING: {
        GString *text = g_string_new(NULL);
        json_t *copy = pick_fill(json_string_value(value), find_written, writing, text) ? json_string(text->str) : NULL;
        g_string_free(text, TRUE);
        return copy;
    }
    case JSON_OBJECT:
        return filled_object(value, in_list, writing);
    case JSON_ARRAY:
        return filled_list(value, writing);
    default:
        return json_copy((json_t *)(uintptr_t)value);
    }
}

char *network_body(const json_t *of, network_value *value, void *self)
{
    assert(of);
    struct writing writing = {value, self, false};
    json_t *body = posts_filled(of, false, &writing);
    char *text = body ? json_dumps(body, JSON_COMPACT | JSON_ENCODE_ANY) : NULL;
    json_decref(body);
    return text;
}

/* Writes a form; only members that are texts are written. */
char *network_form(const json_t *of, network_value *value, void *self)
{
    assert(json_is_object(of));
    struct writing writing = {value, self, false};
    json_t *body = posts_filled(of, false, &writing), *member;
    GString *form = g_string_new(NULL);
    const char *key;
    json_object_foreach(body, key, member)
    {
        if (!json_is_string(member)) continue;
        if (form->len > 0) g_string_append_c(form, '&');
        g_string_append_uri_escaped(form, key, NULL, FALSE);
        g_string_append_c(form, '=');
        g_string_append_uri_escaped(form, json_string_value(member), NULL, FALSE);
    }
    json_decref(body);
    char *text = strdup(form->str); /* the caller frees it like the text of network_body() */
    g_string_free(form, TRUE);
    return text;
}
