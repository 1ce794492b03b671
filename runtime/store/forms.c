/* runtime/store/forms.c - The country of a store, and the form of its addresses: makes the forms anew if the rules
 * of person.h or the country have changed. */
#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/store/state.h"
#include "runtime/vocabulary/bytes.h"
#include "base/memory.h"
#include "runtime/vocabulary/person.h"

enum { RULES = 1 }; /* version of the rules of person.h; raised when a number or mailbox gets another form */

/* An address that has another form by the present rules. */
struct changed {
    struct changed *next;
    char tenant[STORE_WORD_MAX + 1], before[STORE_ADDRESS_MAX + 1], now[STORE_ADDRESS_MAX + 1];
    enum store_kind kind;
    int64_t contact;
};

static bool set_find(struct store *store, const char *name, char *value, size_t size, struct error *error)
{
    *value = '\0';
    struct sql_rows *rows =
        sql_ask(store->sql, error, "SELECT value FROM settings WHERE name = $1", SQL_WITH(sql_text(name)));
    if (sql_next(rows)) text_set_span(value, size, sql_string(rows, 0));
    return sql_end(rows, error);
}

static bool set_put(struct store *store, const char *name, const char *value, struct error *error)
{
    return sql_do(store->sql, error,
                  "INSERT INTO settings(name, value) VALUES($1, $2) ON CONFLICT (name) DO UPDATE SET value = $2",
                  SQL_WITH(sql_text(name), sql_text(value)));
}

/* Lists an address whose form has changed, made from the address as it was first written, which says more than the
 * form made from it. */
static void changed_look(struct store *store, struct sql_rows *rows, struct changed **list)
{
    struct changed *one = memory_zeroed(1, sizeof *one);
    char kind[16];
    struct span shown = sql_string(rows, 3), before = sql_string(rows, 2);
    bool good = text_set_span(one->tenant, sizeof one->tenant, sql_string(rows, 0)) &&
                text_set_span(kind, sizeof kind, sql_string(rows, 1)) &&
                text_set_span(one->before, sizeof one->before, before) && store_kind_find(kind, &one->kind) &&
                (store_address(one->kind, shown, store->country, one->now, NULL) ||
                 store_address(one->kind, before, store->country, one->now, NULL)) &&
                strcmp(one->before, one->now) != 0;
    one->contact = sql_int(rows, 4);
    assert(!good || *one->now);
    one->next = good ? *list : NULL;
    if (good)
        *list = one;
    else
        free(one);
}

/* Gives a refusal the new form, by which it is found from now on. */
static bool changed_refusals(struct store *store, const struct sql_value what[4], struct error *error)
{
    return sql_do(store->sql, error,
                  "INSERT INTO refusals(tenant, kind, address, media, own, word, since) SELECT tenant, kind,"
                  " CAST($1 AS TEXT), media, own, word, since FROM refusals"
                  " WHERE tenant = $2 AND kind = $3 AND address = $4"
                  " ON CONFLICT (tenant, kind, address, media, own) DO NOTHING",
                  what, 4) &&
           sql_do(store->sql, error, "DELETE FROM refusals WHERE tenant = $1 AND kind = $2 AND address = $3", what + 1,
                  3);
}

/* Gives an address its new form; if two contacts then have the same address, they are merged into the older one. */
static bool changed_take(struct store *store, const struct changed *one, int64_t now, struct error *error)
{
    assert(strcmp(one->before, one->now) != 0); /* the list has only addresses whose form has changed */
    int64_t other, contact = one->contact;
    struct sql_value what[] = {sql_text(one->now), sql_text(one->tenant), sql_text(store_kind_name(one->kind)),
                               sql_text(one->before)};
    if (!changed_refusals(store, what, error) || !contact_find(store, one->tenant, one->kind, one->now, &other, error))
        return false;
    if (other == 0)
        return sql_do(store->sql, error,
                      "UPDATE addresses SET address = $1 WHERE tenant = $2 AND kind = $3 AND address = $4", what, 4);
    if (!sql_do(store->sql, error, "DELETE FROM addresses WHERE tenant = $1 AND kind = $2 AND address = $3", what + 1,
                3))
        return false;
    /* The address may belong to another contact after a merge. */
    bool there;
    if (!sql_find(store->sql, error, &contact, &there, "SELECT coalesce(merged_into, id) FROM contacts WHERE id = $1",
                  SQL_WITH(sql_number(one->contact))))
        return false;
    if (!there || contact == other) return true;
    return contact_merge(store, contact < other ? contact : other, contact < other ? other : contact, now, error);
}

static bool all_take(struct store *store, int64_t now, struct error *error)
{
    struct changed *list = NULL;
    struct sql_rows *rows = sql_ask(store->sql, error,
                                    "SELECT tenant, kind, address, shown, contact FROM addresses"
                                    " WHERE kind IN ('phone', 'email')",
                                    SQL_NONE);
    while (sql_next(rows)) changed_look(store, rows, &list);
    bool good = sql_end(rows, error);
    while (list) {
        struct changed *one = list;
        good = good && changed_take(store, one, now, error);
        list = one->next;
        free(one);
    }
    return good;
}

static bool country_good(const char *country, struct error *error)
{
    if (!country || !*country || person_country(country)) return true;
    return error_set(error, ERROR_INPUT,
                     "'%.20s' is no country of which it is known how it dials: expected ISO 3166, as DE", country);
}

bool forms_make(struct store *store, const char *country, int64_t now, struct error *error)
{
    char rules[16], made[16], before[8];
    if (!country_good(country, error) || !set_find(store, "country", before, sizeof before, error) ||
        !set_find(store, "rules", made, sizeof made, error))
        return false;
    text_set(store->country, sizeof store->country, country && *country ? country : before);
    snprintf(rules, sizeof rules, "%d", RULES);
    if (strcmp(made, rules) == 0 && strcmp(before, store->country) == 0) return true;
    if (!sql_begin(store->sql, error)) return false;
    return store_transaction_end(store,
                                 set_put(store, "rules", rules, error) &&
                                     set_put(store, "country", store->country, error) && all_take(store, now, error),
                                 error);
}
