/* runtime/store/act.c - What agents change of contacts: names, fields, addresses, merges, and whose an interaction is.
 *
 * Each act is a row of contact_acts, and keeps in contact_kept what it replaces or moves: by that it is undone, the
 * last act first. An act names the contact as its agent has seen it (`changed`); when somebody has changed the contact
 * since, the act is refused, so that nobody overwrites what they have not seen. Refusals that a merge spreads over
 * addresses stay when it is undone. */
#include <assert.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "runtime/store/state.h"
#include "runtime/vocabulary/bytes.h"

/* Keeps what something of the contact was: `query` selects it, by `of` as $4 and `name` as $3. */
#define ACT_KEEP(query)                                                                                                \
    "INSERT INTO contact_kept(act, what, name, value) VALUES($1, $2, $3, (" query                                      \
    ")) ON CONFLICT (act, what, name) DO NOTHING"
static bool act_keep(struct store *store, int64_t act, const char *what, const char *name, const char *query,
                     int64_t of, struct error *error)
{
    return sql_do(store->sql, error, query, SQL_WITH(sql_number(act), sql_text(what), sql_text(name), sql_number(of)));
}

/* Tells who has changed the contact since the agent saw it. */
static bool act_clash(struct store *store, int64_t contact, struct error *error)
{
    char who[STORE_NAME_MAX + 1] = "";
    struct sql_rows *rows =
        sql_ask(store->sql, error, "SELECT agent FROM contact_acts WHERE contact = $1 ORDER BY id DESC LIMIT 1",
                SQL_WITH(sql_number(contact)));
    if (sql_next(rows)) text_set_span(who, sizeof who, sql_string(rows, 0));
    if (!sql_end(rows, error)) return false;
    return error_set(error, ERROR_STATE, "Contact %lld was changed meanwhile%s%.100s: look at it again.",
                     (long long)contact, *who ? ", last by " : "", who);
}

/* Begins an act: the contact is there, as the agent has seen it. */
static bool act_begin(struct store *store, const struct store_act *act, const char *word, int64_t *number,
                      struct error *error)
{
    int64_t changed = 0;
    bool there;
    if (!store_word_good(act->agent, "agent", error) ||
        !sql_find(store->sql, error, &changed, &there,
                  "SELECT changed FROM contacts WHERE id = $1 AND merged_into IS NULL AND erased IS NULL",
                  SQL_WITH(sql_number(act->contact))))
        return false;
    if (there && changed != act->changed) return act_clash(store, act->contact, error);
    /* the moment grows with each act, so that one moment is one state of the contact */
    return contact_touch(store, act->contact, act->at > changed ? act->at : changed + 1, error) &&
           sql_find(store->sql, error, number, &there,
                    "INSERT INTO contact_acts(contact, other, act, agent, at) VALUES($1, $2, $3, $4, $5) RETURNING id",
                    SQL_WITH(sql_number(act->contact), sql_number_or_null(act->other), sql_text(word),
                             sql_text(act->agent), sql_number(act->at)));
}

/* ---- edit ---- */

static bool edit_name(struct store *store, int64_t contact, int64_t act, struct span value, struct error *error)
{
    struct texts texts = {0};
    bool good = act_keep(store, act, "name", "", ACT_KEEP("SELECT name FROM contacts WHERE id = $4"), contact, error) &&
                sql_do(store->sql, error, "UPDATE contacts SET name = $1 WHERE id = $2",
                       SQL_WITH(sql_text_or_null(text_clean(&texts, value, STORE_NAME_MAX)), sql_number(contact)));
    texts_free(&texts);
    return good;
}

static bool edit_field(struct store *store, int64_t contact, int64_t act, const char *name, struct span value,
                       struct error *error)
{
    return contact_field_good(span_of(name), value, error) &&
           act_keep(store, act, "field", name, ACT_KEEP("SELECT value FROM fields WHERE name = $3 AND contact = $4"),
                    contact, error) &&
           contact_field_set(store, contact, span_of(name), value, error);
}

/* An address in its one form, with its kind in front, as contact_kept has it. */
struct edit_address {
    enum store_kind kind;
    char address[STORE_ADDRESS_MAX + 1], name[STORE_ADDRESS_MAX + STORE_WORD_MAX + 2];
};

static bool edit_address_of(struct store *store, const struct store_change *change, struct edit_address *it,
                            struct error *error)
{
    if (!store_kind_find(change->name, &it->kind))
        return error_set(error, ERROR_INPUT, "there are no addresses of the kind `%.40s`", change->name);
    if (!store_address(it->kind, change->value, store->country, it->address, error)) return false;
    snprintf(it->name, sizeof it->name, "%s %s", store_kind_name(it->kind), it->address);
    return true;
}

static bool edit_add(struct store *store, int64_t contact, int64_t act, const struct store_change *change, int64_t at,
                     struct error *error)
{
    struct edit_address it;
    char tenant[STORE_WORD_MAX + 1];
    int64_t other = 0;
    bool there;
    if (!edit_address_of(store, change, &it, error) || !contact_tenant_of(store, contact, tenant, error) ||
        !contact_address_add(store, contact, tenant, it.kind, it.address, change->value, at, &there, error))
        return false;
    if (there)
        return act_keep(store, act, "added", it.name, ACT_KEEP("SELECT name FROM contacts WHERE id = $4 AND 1 = 0"),
                        contact, error);
    if (!contact_find(store, tenant, it.kind, it.address, &other, error)) return false;
    if (other == contact) return true;
    return error_set(error, ERROR_STATE, "%.120s belongs to contact %lld: merge the two, if they are one.", it.address,
                     (long long)other);
}

static bool edit_remove(struct store *store, int64_t contact, int64_t act, const struct store_change *change,
                        struct error *error)
{
    struct edit_address it;
    if (!edit_address_of(store, change, &it, error) ||
        !act_keep(
            store, act, "removed", it.name,
            ACT_KEEP(
                "SELECT coalesce(shown, address) FROM addresses WHERE kind || ' ' || address = $3 AND contact = $4"),
            contact, error) ||
        !sql_do(store->sql, error, "DELETE FROM addresses WHERE contact = $1 AND kind = $2 AND address = $3",
                SQL_WITH(sql_number(contact), sql_text(store_kind_name(it.kind)), sql_text(it.address))))
        return false;
    return sql_changes(store->sql) == 1 ||
           error_set(error, ERROR_UNKNOWN, "contact %lld has no address %.120s", (long long)contact, it.address);
}

static bool edit_change(struct store *store, const struct store_act *act, int64_t number,
                        const struct store_change *change, struct error *error)
{
    switch (change->what) {
    case STORE_CHANGE_NAME:
        return edit_name(store, act->contact, number, change->value, error);
    case STORE_CHANGE_FIELD:
        return edit_field(store, act->contact, number, change->name, change->value, error);
    case STORE_CHANGE_ADD:
        return edit_add(store, act->contact, number, change, act->at, error);
    case STORE_CHANGE_REMOVE:
        return edit_remove(store, act->contact, number, change, error);
    }
    assert(false);
    return false;
}

bool store_edit(struct store *store, const struct store_act *act, const struct store_change *changes, size_t count,
                struct error *error)
{
    int64_t number;
    if (count == 0 || count > STORE_CHANGES_MAX)
        return error_set(error, ERROR_INPUT, "an edit has 1 to %d changes", STORE_CHANGES_MAX);
    if (!sql_begin(store->sql, error)) return false;
    bool good = act_begin(store, act, "edit", &number, error);
    for (size_t i = 0; good && i < count; i++) good = edit_change(store, act, number, &changes[i], error);
    /* what an agent has noted as refused holds for an address that is added, too */
    good = good && refusals_spread(store, act->contact, act->at, error);
    return store_transaction_end(store, good, error);
}

/* ---- merge, link ---- */

bool store_act_merge(struct store *store, const struct store_act *act, struct error *error)
{
#define KEPT(what, name, value, from)                                                                                  \
    "INSERT INTO contact_kept(act, what, name, value) SELECT CAST($1 AS BIGINT), '" what "', " name ", " value         \
    " FROM " from
    static const char *const keeps[] = {
        KEPT("address", "kind || ' ' || address", "NULL", "addresses WHERE contact = $2"),
        KEPT("interaction", "CAST(id AS TEXT)", "CAST(contact AS TEXT)", "interactions WHERE contact = $2"),
        KEPT("refusal", "CAST(id AS TEXT)", "NULL", "refusal_acts WHERE contact = $2"),
        KEPT("merged", "CAST(id AS TEXT)", "NULL", "contacts WHERE merged_into = $2"),
        KEPT("field", "name", "value", "fields WHERE contact = $2"),
        KEPT("name", "''", "name", "contacts WHERE id = $2"),
    };
    static const char *const gives[] = {
        KEPT("moved", "name", "value",
             "fields WHERE contact = $2 AND name NOT IN (SELECT name FROM fields WHERE contact = $3)"),
        KEPT("named", "''", "NULL", "contacts WHERE id = $3 AND name IS NULL AND CAST($2 AS BIGINT) <> 0"),
    };
#undef KEPT
    int64_t number;
    if (!sql_begin(store->sql, error)) return false;
    bool good = act_begin(store, act, "merge", &number, error);
    for (size_t i = 0; good && i < sizeof keeps / sizeof *keeps; i++)
        good = sql_do(store->sql, error, keeps[i], SQL_WITH(sql_number(number), sql_number(act->other)));
    for (size_t i = 0; good && i < sizeof gives / sizeof *gives; i++)
        good = sql_do(store->sql, error, gives[i],
                      SQL_WITH(sql_number(number), sql_number(act->other), sql_number(act->contact)));
    good = good && contact_merge(store, act->contact, act->other, act->at, error) &&
           sql_do(store->sql, error, "UPDATE contacts SET changed = $1 WHERE id = $2",
                  SQL_WITH(sql_number(act->at > act->changed ? act->at : act->changed + 1), sql_number(act->contact)));
    return store_transaction_end(store, good, error);
}

static bool act_link(struct store *store, const struct store_act *act, int64_t interaction, struct error *error)
{
    char name[24];
    int64_t number, there_is;
    bool there;
    snprintf(name, sizeof name, "%" PRId64, interaction);
    if (!sql_find(store->sql, error, &there_is, &there,
                  "SELECT 1 FROM interactions i WHERE i.id = $1 AND i.erased IS NULL" STORE_MAY_LINK,
                  SQL_WITH(sql_number(interaction))))
        return false;
    if (!there)
        return error_set(error, ERROR_STATE,
                         "Interaction %lld is not there, or its customer is not verified: verify the address first.",
                         (long long)interaction);
    return act_begin(store, act, "link", &number, error) &&
           act_keep(store, number, "interaction", name,
                    ACT_KEEP("SELECT CAST(contact AS TEXT) FROM interactions WHERE id = $4"), interaction, error) &&
           sql_do(store->sql, error, "UPDATE interactions SET contact = $1 WHERE id = $2",
                  SQL_WITH(sql_number(act->contact), sql_number(interaction)));
}

bool store_act_link(struct store *store, const struct store_act *act, int64_t interaction, struct error *error)
{
    if (!sql_begin(store->sql, error)) return false;
    return store_transaction_end(store, act_link(store, act, interaction, error), error);
}

/* ---- undo ---- */

struct act_row {
    int64_t contact, other, at;
};

/* Finds the act, if it is the last one that holds of its contacts. */
static bool act_last(struct store *store, int64_t number, struct act_row *row, struct error *error)
{
    bool there = false;
    struct sql_rows *rows =
        sql_ask(store->sql, error,
                "SELECT a.contact, coalesce(a.other, 0), a.at FROM contact_acts a WHERE a.id = $1 AND a.undone IS NULL"
                " AND EXISTS (SELECT 1 FROM contact_kept k WHERE k.act = a.id) AND NOT EXISTS (SELECT 1 FROM"
                " contact_acts b WHERE b.id > a.id AND b.undone IS NULL AND b.contact IN (a.contact, a.other))",
                SQL_WITH(sql_number(number)));
    if (sql_next(rows)) {
        *row = (struct act_row){.contact = sql_int(rows, 0), .other = sql_int(rows, 1), .at = sql_int(rows, 2)};
        there = true;
    }
    if (!sql_end(rows, error)) return false;
    return there || error_set(error, ERROR_STATE,
                              "This cannot be undone: it was undone before, something was changed after it, or the "
                              "contact was erased.");
}

/* Gives back the addresses that the act has removed; all of them, or it is refused. */
static bool undo_removed(struct store *store, int64_t number, int64_t contact, int64_t now, struct error *error)
{
    int64_t removed = 0, given = 0;
    bool there;
    for (enum store_kind kind = 0; kind < STORE_KINDS; kind++) {
        char before[STORE_WORD_MAX + 4];
        int length = snprintf(before, sizeof before, "%s %%", store_kind_name(kind)); /* the address begins at the % */
        if (!sql_do(
                store->sql, error,
                "INSERT INTO addresses(tenant, kind, address, shown, contact, made) SELECT c.tenant, CAST($1 AS"
                " TEXT), substr(k.name, CAST($2 AS INTEGER)), k.value, c.id, CAST($3 AS BIGINT) FROM contact_kept k,"
                " contacts c WHERE c.id = $4 AND k.act = $5 AND k.what = 'removed' AND k.name LIKE $6"
                " ON CONFLICT (tenant, kind, address) DO NOTHING",
                SQL_WITH(sql_text(store_kind_name(kind)), sql_number(length), sql_number(now), sql_number(contact),
                         sql_number(number), sql_text(before))))
            return false;
        given += sql_changes(store->sql);
    }
    if (!sql_find(store->sql, error, &removed, &there,
                  "SELECT count(*) FROM contact_kept WHERE act = $1 AND what = 'removed'",
                  SQL_WITH(sql_number(number))))
        return false;
    return given == removed || error_set(error, ERROR_STATE, "An address that was removed is another contact's now.");
}

#define OF_ACT(what) "(SELECT name FROM contact_kept WHERE act = $1 AND what = '" what "')"
#define VALUE_OF(what, name)                                                                                           \
    "(SELECT k.value FROM contact_kept k WHERE k.act = $1 AND k.what = '" what "' AND k.name = " name ")"

/* Undoes what `number` has done to the contact that has it: of a merge what came from the other one, else the edit. */
static bool undo_do(struct store *store, int64_t number, const struct act_row *row, struct error *error)
{
    static const char *const merged[] = {
        "UPDATE contacts SET merged_into = NULL WHERE id = $3 AND merged_into = $2 AND CAST($1 AS BIGINT) <> 0",
        "UPDATE addresses SET contact = $3 WHERE contact = $2 AND kind || ' ' || address IN " OF_ACT("address"),
        "UPDATE refusal_acts SET contact = $3 WHERE contact = $2 AND CAST(id AS TEXT) IN " OF_ACT("refusal"),
        "UPDATE contacts SET merged_into = $3 WHERE merged_into = $2 AND CAST(id AS TEXT) IN " OF_ACT("merged"),
        "UPDATE contacts SET name = NULL WHERE id = $2 AND CAST($3 AS BIGINT) <> 0 AND name = " VALUE_OF(
            "name", "''") " AND EXISTS " OF_ACT("named"),
        "DELETE FROM fields WHERE contact = $2 AND CAST($3 AS BIGINT) <> 0 AND value = " VALUE_OF("moved",
                                                                                                  "fields.name"),
        /* what has come since from an address of the other one is the other one's */
        "UPDATE interactions SET contact = $3 WHERE contact = $2 AND received > (SELECT at FROM contact_acts WHERE id ="
        " $1) AND (lower(address) IN (SELECT address FROM addresses WHERE contact = $3) OR address IN (SELECT shown"
        " FROM addresses WHERE contact = $3))",
    };
    static const char *const edited[] = {
        "DELETE FROM addresses WHERE contact = $2 AND kind || ' ' || address IN " OF_ACT("added"),
        "DELETE FROM fields WHERE contact = $2 AND name IN " OF_ACT("field"),
    };
    /* of both; $2: whose the names and fields were */
    static const char *const both[] = {
        "UPDATE interactions SET contact = CAST(" VALUE_OF(
            "interaction", "CAST(interactions.id AS TEXT)") " AS BIGINT)"
                                                            " WHERE CAST($2 AS BIGINT) <> 0 AND id IN (SELECT "
                                                            "CAST(name AS BIGINT) FROM contact_kept WHERE act = $1 AND"
                                                            " what = 'interaction')",
        /* whose it was may have been merged since */
        "UPDATE interactions SET contact = (SELECT c.merged_into FROM contacts c WHERE c.id = interactions.contact)"
        " WHERE CAST($2 AS BIGINT) <> 0 AND contact IN (SELECT id FROM contacts WHERE merged_into IS NOT NULL) AND id "
        "IN"
        " (SELECT CAST(name AS BIGINT) FROM contact_kept WHERE act = $1 AND what = 'interaction')",
        "UPDATE contacts SET name = " VALUE_OF("name", "''") " WHERE id = $2 AND '' IN " OF_ACT("name"),
        ("INSERT INTO fields(contact, name, value) SELECT CAST($2 AS BIGINT), name, value FROM contact_kept WHERE"
         " act = $1 AND what = 'field' AND value IS NOT NULL"),
    };
    struct sql_value values[] = {sql_number(number), sql_number(row->contact), sql_number(row->other)};
    for (size_t i = 0; row->other != 0 && i < sizeof merged / sizeof *merged; i++)
        if (!sql_do(store->sql, error, merged[i], values, 3)) return false;
    for (size_t i = 0; row->other == 0 && i < sizeof edited / sizeof *edited; i++)
        if (!sql_do(store->sql, error, edited[i], values, 2)) return false;
    if (row->other != 0) values[1] = values[2];
    for (size_t i = 0; i < sizeof both / sizeof *both; i++)
        if (!sql_do(store->sql, error, both[i], values, 2)) return false;
    return true;
}

/* Refuses to give an interaction back to a contact who was erased: nobody would find it there to erase it, too. */
static bool undo_kept(struct store *store, int64_t number, struct error *error)
{
    int64_t interaction;
    bool there;
    if (!sql_find(store->sql, error, &interaction, &there,
                  "SELECT i.id FROM interactions i JOIN contacts c ON c.id = i.contact WHERE c.erased IS NOT NULL AND"
                  " i.id IN (SELECT CAST(name AS BIGINT) FROM contact_kept WHERE act = $1 AND what = 'interaction')",
                  SQL_WITH(sql_number(number))))
        return false;
    return !there ||
           error_set(error, ERROR_STATE, "The contact whose interaction %lld was is erased.", (long long)interaction);
}

static bool undo_all(struct store *store, int64_t number, const char *agent, int64_t now, struct error *error)
{
    struct act_row row = {0};
    return act_last(store, number, &row, error) &&
           contact_touch(store, row.contact, now > row.at ? now : row.at + 1, error) &&
           undo_do(store, number, &row, error) && undo_kept(store, number, error) &&
           undo_removed(store, number, row.contact, now, error) &&
           sql_do(store->sql, error, "UPDATE contact_acts SET undone = $1, undone_by = $2 WHERE id = $3",
                  SQL_WITH(sql_number(now), sql_text(agent), sql_number(number))) &&
           sql_do(store->sql, error, "DELETE FROM contact_kept WHERE act = $1", SQL_WITH(sql_number(number)));
}

bool store_undo(struct store *store, int64_t act, const char *agent, int64_t now, struct error *error)
{
    if (!store_word_good(agent, "agent", error) || !sql_begin(store->sql, error)) return false;
    return store_transaction_end(store, undo_all(store, act, agent, now, error), error);
}

/* ---- shown ---- */

bool store_acts(struct store *store, int64_t contact, store_each_act *each, void *self, struct error *error)
{
    assert(each);
    struct sql_rows *rows = sql_ask(
        store->sql, error,
        "SELECT a.id, a.act, coalesce(a.other, 0), a.agent, a.at, coalesce(a.undone, 0), a.undone_by,"
        " CASE WHEN a.undone IS NULL AND EXISTS (SELECT 1 FROM contact_kept k WHERE k.act = a.id) AND NOT EXISTS"
        " (SELECT 1 FROM contact_acts b WHERE b.id > a.id AND b.undone IS NULL AND b.contact IN (a.contact,"
        " a.other)) THEN 1 ELSE 0 END FROM contact_acts a WHERE a.contact = $1 ORDER BY a.id DESC LIMIT 20",
        SQL_WITH(sql_number(contact)));
    while (sql_next(rows))
        each(self, &(struct store_act_shown){.act = sql_int(rows, 0),
                                             .word = sql_string(rows, 1),
                                             .other = sql_int(rows, 2),
                                             .agent = sql_string(rows, 3),
                                             .at = sql_int(rows, 4),
                                             .undone = sql_int(rows, 5),
                                             .undone_by = sql_string(rows, 6),
                                             .last = sql_int(rows, 7) != 0});
    return sql_end(rows, error);
}
