/* runtime/store/response.c - Standard responses.
 *
 *     template   "Dear {contact.name}, ... {agent.name}"
 *     values     more[]: agent.name = "Ann"     given by the caller, looked at first
 *                of[]:   name, email, fields    of the contact, without "contact." in front
 *
 * A category is a path ("sales/orders"), and a request for one also shows those below it. A response without a
 * language is for all languages. Several responses are stored in one transaction: if one is wrong none is stored,
 * and `wrong` is its index. */
#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/store/state.h"
#include "runtime/vocabulary/bytes.h"
#include "base/memory.h"
#include "base/near.h"

#define RESPONSE "SELECT id, category, name, language, subject, text FROM responses "

/* Returns the category without / at its ends. */
static struct span response_path_of(struct span category)
{
    while (category.length > 0 && category.bytes[0] == '/') category.bytes++, category.length--;
    while (category.length > 0 && category.bytes[category.length - 1] == '/') category.length--;
    return category;
}

static bool response_put_row(struct store *store, const char *tenant, const struct store_response *response,
                             int64_t now, struct texts *texts, int64_t *number, struct error *error)
{
    struct span category = text_clean(texts, response_path_of(response->category), STORE_NAME_MAX),
                name = text_clean(texts, response->name, STORE_NAME_MAX),
                subject = text_clean(texts, response->subject, STORE_SUBJECT_MAX), language, text;
    bool there;
    if (!store_word_good(tenant, "tenant", error)) return false;
    if (!text_whole(texts, response->language, STORE_WORD_MAX, "the language", &language, error)) return false;
    if (!text_whole(texts, response->text, STORE_RESPONSE_MAX, "the standard response", &text, error)) return false;
    if (name.length == 0 || text.length == 0)
        return error_set(error, ERROR_INPUT, "a standard response has a name and a text");
    return sql_find(store->sql, error, number, &there,
                    "INSERT INTO responses(tenant, category, name, language, subject, text, changed)"
                    " VALUES($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (tenant, category, name, language) DO UPDATE"
                    " SET subject = excluded.subject, text = excluded.text, changed = excluded.changed"
                    " RETURNING id",
                    SQL_WITH(sql_text(tenant), sql_span(category), sql_span(name), sql_span(language),
                             sql_text_or_null(subject), sql_span(text), sql_number(now)));
}

struct placed { /* a response that was stored: its number in the database, and its index in the caller's array */
    int64_t number;
    size_t at;
};

static int placed_order(const void *left, const void *right)
{
    const struct placed *a = left, *b = right;
    if (a->number != b->number) return a->number < b->number ? -1 : 1;
    return a->at < b->at ? -1 : a->at > b->at;
}

/* Finds given responses with the same key: the database has returned the number of each, and these have the same
 * number. The second of the two would silently overwrite the first. Only the database knows which keys it treats as
 * equal, so its numbers are compared. */
static bool all_differ(struct placed *placed, size_t count, size_t *wrong, size_t *same, struct error *error)
{
    qsort(placed, count, sizeof *placed, placed_order);
    for (size_t i = 1; i < count; i++) {
        if (placed[i - 1].number != placed[i].number) continue;
        assert(placed[i - 1].at != placed[i].at); /* each was put once */
        *same = placed[i - 1].at;
        *wrong = placed[i].at;
        return error_set(error, ERROR_INPUT, "a standard response is there twice, by its category, name and language");
    }
    return true;
}

bool store_responses_put(struct store *store, const char *tenant, const struct store_response *responses, size_t count,
                         int64_t now, size_t *wrong, size_t *same, struct error *error)
{
    *wrong = *same = 0;
    if (!sql_begin(store->sql, error)) return false;
    struct placed *placed = memory_zeroed(count + 1, sizeof *placed);
    bool good = true;
    for (size_t i = 0; good && i < count; i++) {
        struct texts texts = {0};
        *wrong = *same = placed[i].at = i;
        good = response_put_row(store, tenant, &responses[i], now, &texts, &placed[i].number, error);
        texts_free(&texts);
    }
    good = good && all_differ(placed, count, wrong, same, error);
    free(placed);
    return store_transaction_end(store, good, error);
}

static bool no_response(int64_t response, struct error *error)
{
    return error_set(error, ERROR_UNKNOWN, "the contact store has no standard response %lld", (long long)response);
}

static bool response_show(struct sql_rows *rows, store_each_response *each, void *self, bool *any, struct error *error)
{
    while (sql_next(rows)) {
        *any = true;
        each(self, &(struct store_response){.response = sql_int(rows, 0),
                                            .category = sql_string(rows, 1),
                                            .name = sql_string(rows, 2),
                                            .language = sql_string(rows, 3),
                                            .subject = sql_string(rows, 4),
                                            .text = sql_string(rows, 5)});
    }
    return sql_end(rows, error);
}

bool store_responses(struct store *store, const char *tenant, struct span category, struct span language,
                     store_each_response *each, void *self, struct error *error)
{
    struct texts texts = {0};
    bool any;
    category = text_clean(&texts, response_path_of(category), STORE_NAME_MAX);
    language = text_clean(&texts, language, STORE_WORD_MAX);
    bool good = response_show(sql_ask(store->sql, error,
                                      RESPONSE "WHERE tenant = $1 AND ($2 = '' OR category = $2 OR"
                                               " substr(category, 1, length($2) + 1) = $2 || '/') AND"
                                               " ($3 = '' OR language IN ($3, '')) ORDER BY category, name, language",
                                      SQL_WITH(sql_text(tenant), sql_span(category), sql_span(language))),
                              each, self, &any, error);
    texts_free(&texts);
    return good;
}

bool store_response(struct store *store, int64_t response, store_each_response *each, void *self, struct error *error)
{
    bool any = false;
    if (!response_show(sql_ask(store->sql, error, RESPONSE "WHERE id = $1", SQL_WITH(sql_number(response))), each, self,
                       &any, error))
        return false;
    return any || no_response(response, error);
}

/* ---- filled in ---- */

enum { VALUES_MAX = 2 * STORE_FIELDS_MAX };

struct values {
    const struct store_value *more;
    size_t more_count;
    struct {
        char name[STORE_WORD_MAX + 1]; /* behind "contact." */
        size_t at, length;             /* in `texts` */
    } of[VALUES_MAX];
    unsigned count;
    struct out texts;
};

/* The first value of a name counts: a contact may have several addresses of a kind. */
static void value_add(struct values *values, struct span name, struct span value)
{
    assert(values->count <= VALUES_MAX);
    if (values->count == VALUES_MAX) return;
    for (unsigned i = 0; i < values->count; i++)
        if (span_is(name, values->of[i].name)) return;
    if (!text_set_span(values->of[values->count].name, sizeof values->of->name, name)) return;
    values->of[values->count].at = values->texts.length;
    values->of[values->count++].length = value.length;
    out_put(&values->texts, (const char *)value.bytes, value.length);
}

static void response_on_contact(void *self, const struct store_contact *contact)
{
    value_add(self, span_of("name"), contact->name);
}

static void response_on_detail(void *self, struct span kind, struct span name, struct span value)
{
    value_add(self, span_is(kind, "field") ? name : kind, value);
}

static bool value_of_contact(const struct values *values, struct span name, struct span *value)
{
    for (unsigned i = 0; i < values->count; i++)
        if (span_is(name, values->of[i].name)) {
            assert(values->of[i].at + values->of[i].length <= values->texts.length);
            *value =
                (struct span){(const uint8_t *)values->texts.bytes + values->of[i].at, (uint32_t)values->of[i].length};
            return value->length > 0;
        }
    return false;
}

/* A contact without a name is called by its address, since the customer is the first to read an acknowledgement. */
static bool value_find(void *self, struct span name, struct span *value)
{
    static const char before[] = "contact.";
    const struct values *values = self;
    const uint32_t length = sizeof before - 1;
    for (size_t i = 0; i < values->more_count; i++)
        if (span_is(name, values->more[i].name)) {
            *value = values->more[i].value;
            return true;
        }
    if (name.length <= length || memcmp(name.bytes, before, length) != 0) return false;
    name = (struct span){name.bytes + length, name.length - length};
    return value_of_contact(values, name, value) ||
           (span_is(name, "name") && value_of_contact(values, span_of("email"), value));
}

/* The values are in `texts`, one after another; its memory moves while it grows, so a value is kept by its offset
 * and not by a pointer. */
bool store_fill(struct store *store, int64_t contact, struct span text, enum fill_place place,
                const struct store_value *more, size_t count, struct out *out, unsigned *unknown, struct error *error)
{
    struct values *values = memory_zeroed(1, sizeof *values);
    values->more = more;
    values->more_count = count;
    out_put(&values->texts, "", 0);
    bool good = contact == 0 || (store_contact(store, contact, response_on_contact, values, error) &&
                                 store_details(store, contact, response_on_detail, values, error));
    if (good) *unknown = fill_fill(out, text, place, value_find, values);
    out_free(&values->texts);
    free(values);
    return good;
}

/* ---- fields that nobody knows ---- */

struct known { /* the names that fields of responses may have */
    char (*names)[2 * STORE_WORD_MAX];
    size_t count;
    store_each_unknown *each;
    void *self;
};

static void known_add(struct known *known, const char *before, struct span name)
{
    known->names = memory_more(known->names, known->count, sizeof *known->names);
    snprintf(known->names[known->count++], sizeof *known->names, "%s%.*s", before, (int)name.length,
             (const char *)name.bytes);
}

static bool fields_known_read(struct known *known, struct store *store, const char *tenant, struct error *error)
{
    known_add(known, "contact.", span_of("name"));
#define KIND(name, doc) known_add(known, "contact.", span_of(#name));
#include "runtime/store/kinds.def"
    struct sql_rows *rows = sql_ask(store->sql, error,
                                    "SELECT DISTINCT f.name FROM fields f JOIN contacts c ON c.id = f.contact"
                                    " WHERE c.tenant = $1 ORDER BY f.name",
                                    SQL_WITH(sql_text(tenant)));
    while (sql_next(rows)) known_add(known, "contact.", sql_string(rows, 0));
    return sql_end(rows, error);
}

/* Accepts every field that a text names, and reports those that are not known. The field's value stays empty, since
 * the filled text is not used. */
static bool known_find(void *self, struct span name, struct span *value)
{
    const struct known *known = self;
    char wanted[2 * STORE_WORD_MAX];
    const char *near = NULL;
    uint32_t least = UINT32_MAX;
    *value = span_of("");
    for (size_t i = 0; i < known->count; i++)
        if (span_is(name, known->names[i])) return true;
    bool fits = text_set_span(wanted, sizeof wanted, name);
    for (size_t i = 0; fits && i < known->count; i++)
        if (near_is_nearer(wanted, known->names[i], &least)) near = known->names[i];
    known->each(known->self, name, near);
    return true;
}

/* The text is filled in with a function that notes each name and returns no value: so a field is found here by the
 * same code as when the text is sent. */
bool store_unknown(struct store *store, const char *tenant, const struct store_response *response, bool agent,
                   store_each_unknown *each, void *self, struct error *error)
{
    struct known known = {.each = each, .self = self};
    struct out unused = {0};
    bool good = fields_known_read(&known, store, tenant, error);
    if (agent) known_add(&known, "agent.", span_of("name"));
    if (good) (void)fill_fill(&unused, response->subject, FILL_LINE, known_find, &known);
    if (good) (void)fill_fill(&unused, response->text, FILL_TEXT, known_find, &known);
    out_free(&unused);
    free(known.names);
    return good;
}
