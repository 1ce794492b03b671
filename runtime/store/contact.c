/* runtime/store/contact.c - Contacts: finds or makes one by an address, changes and merges them.
 *
 * An address belongs to one contact of its tenant: the database ensures that, so two programs that make a contact
 * for the same new address at the same time get the same one (contact_make). A contact that is merged or erased
 * keeps its row with that mark, and is never changed again (touch). Functions with the prefix contact_ run within a
 * transaction of their caller; functions with store_ that write begin and end their own. */
#include <assert.h>
#include <ctype.h>
#include <string.h>

#include "runtime/store/state.h"
#include "runtime/vocabulary/bytes.h"

/* ---- by address ---- */

bool contact_find(struct store *store, const char *tenant, enum store_kind kind, const char *address, int64_t *contact,
                  struct error *error)
{
    assert(kind < STORE_KINDS);
    bool there;
    return sql_find(store->sql, error, contact, &there,
                    "SELECT contact FROM addresses WHERE tenant = $1 AND kind = $2 AND address = $3",
                    SQL_WITH(sql_text(tenant), sql_text(store_kind_name(kind)), sql_text(address)));
}

bool store_contact_at(struct store *store, const char *tenant, enum store_kind kind, struct span shown,
                      int64_t *contact, struct error *error)
{
    char address[STORE_ADDRESS_MAX + 1];
    *contact = 0;
    return !store_address(kind, shown, store->country, address, NULL) ||
           contact_find(store, tenant, kind, address, contact, error);
}

/* Gives the contact the address; `*there` false: the address already has a contact. */
bool contact_address_add(struct store *store, int64_t contact, const char *tenant, enum store_kind kind,
                         const char *address, struct span shown, int64_t now, bool *there, struct error *error)
{
    int64_t same;
    struct texts texts = {0};
    bool good = sql_find(store->sql, error, &same, there,
                         "INSERT INTO addresses(tenant, kind, address, shown, contact, made) VALUES($1, $2, $3, $4, $5,"
                         " $6) ON CONFLICT (tenant, kind, address) DO NOTHING RETURNING contact",
                         SQL_WITH(sql_text(tenant), sql_text(store_kind_name(kind)), sql_text(address),
                                  sql_text_or_null(text_clean(&texts, shown, STORE_ADDRESS_MAX)), sql_number(contact),
                                  sql_number(now)));
    texts_free(&texts);
    return good;
}

/* Finds the contact of the address, or makes one that has it. */
bool contact_make(struct store *store, const char *tenant, enum store_kind kind, const char *address, struct span shown,
                  struct span name, int64_t now, int64_t *contact, struct error *error)
{
    struct texts texts = {0};
    bool there;
    if (!contact_find(store, tenant, kind, address, contact, error)) return false;
    if (*contact != 0) return true;
    bool good = sql_find(
        store->sql, error, contact, &there,
        "INSERT INTO contacts(tenant, name, made, changed) VALUES($1, $2, $3, $3) RETURNING id",
        SQL_WITH(sql_text(tenant), sql_text_or_null(text_clean(&texts, name, STORE_NAME_MAX)), sql_number(now)));
    texts_free(&texts);
    good = good && contact_address_add(store, *contact, tenant, kind, address, shown, now, &there, error);
    if (!good || there) return good;
    /* In PostgreSQL another program may have given the address to a contact of its own meanwhile: that one is used. */
    return sql_do(store->sql, error, "DELETE FROM contacts WHERE id = $1", SQL_WITH(sql_number(*contact))) &&
           contact_find(store, tenant, kind, address, contact, error);
}

/* ---- shown ---- */

#define CONTACT                                                                                                        \
    "SELECT c.id, c.made, coalesce(c.merged_into, 0), coalesce(c.erased, 0), c.tenant, c.name, c.changed FROM "        \
    "contacts c "

static bool contacts_show(struct sql_rows *rows, store_each_contact *each, void *self, bool *any, struct error *error)
{
    while (sql_next(rows)) {
        *any = true;
        each(self, &(struct store_contact){.contact = sql_int(rows, 0),
                                           .made = sql_int(rows, 1),
                                           .merged_into = sql_int(rows, 2),
                                           .erased = sql_int(rows, 3),
                                           .tenant = sql_string(rows, 4),
                                           .name = sql_string(rows, 5),
                                           .changed = sql_int(rows, 6)});
    }
    return sql_end(rows, error);
}

static bool no_contact(int64_t contact, struct error *error)
{
    return error_set(error, ERROR_UNKNOWN, "the contact store has no contact %lld", (long long)contact);
}

bool store_contact(struct store *store, int64_t contact, store_each_contact *each, void *self, struct error *error)
{
    bool any = false;
    if (!contacts_show(sql_ask(store->sql, error, CONTACT "WHERE c.id = $1", SQL_WITH(sql_number(contact))), each, self,
                       &any, error))
        return false;
    return any || no_contact(contact, error);
}

#define FIFTY                                                                                                          \
    "$3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19"                                     \
    ", $20, $21, $22, $23, $24, $25, $26, $27, $28, $29, $30, $31, $32, $33, $34, $35, $36"                            \
    ", $37, $38, $39, $40, $41, $42, $43, $44, $45, $46, $47, $48, $49, $50, $51, $52"

/* Places that are not needed are null, which no row is equal to. */
bool store_named(struct store *store, const char *tenant, const char *media, const struct span *external_ids,
                 size_t count, store_each_named *each, void *self, struct error *error)
{
    struct texts texts = {0};
    struct sql_value values[2 + STORE_NAMED_MAX] = {sql_text(tenant), sql_text(media)};
    assert(count <= STORE_NAMED_MAX);
    for (size_t i = 0; i < STORE_NAMED_MAX; i++)
        values[2 + i] = i < count ? sql_span(text_external(&texts, external_ids[i])) : sql_null();
    struct sql_rows *rows =
        sql_ask(store->sql, error,
                "SELECT i.external_id, coalesce(c.id, 0), coalesce(i.thread, 0), c.name FROM interactions i LEFT JOIN"
                " contacts c ON c.id = i.contact" STORE_MAY_LINK
                " WHERE i.tenant = $1 AND i.media = $2 AND i.external_id IN (" FIFTY ")",
                values, sizeof values / sizeof *values);
    while (sql_next(rows))
        each(self, &(struct store_named){.external_id = sql_string(rows, 0),
                                         .contact = sql_int(rows, 1),
                                         .thread = sql_int(rows, 2),
                                         .name = sql_string(rows, 3)});
    bool good = sql_end(rows, error);
    texts_free(&texts);
    return good;
}

/* Shows the contact's addresses, by kind, then its fields, by name. */
bool store_details(struct store *store, int64_t contact, store_each_text *each, void *self, struct error *error)
{
    struct sql_rows *rows = sql_ask(store->sql, error,
                                    "SELECT 0 AS part, kind, address, shown FROM addresses WHERE contact = $1"
                                    " UNION ALL SELECT 1, 'field', name, value FROM fields WHERE contact = $1"
                                    " ORDER BY 1, 2, 3",
                                    SQL_WITH(sql_number(contact)));
    while (sql_next(rows)) each(self, sql_string(rows, 1), sql_string(rows, 2), sql_string(rows, 3));
    return sql_end(rows, error);
}

/* Writes a pattern for LIKE that begins with `before`; each character of the text that LIKE would treat as a
 * wildcard gets a ! in front. */
static void pattern_of(struct out *out, struct span text, const char *before)
{
    out_text(out, before);
    for (uint32_t at = 0; at < text.length; at++) {
        char byte = (char)text.bytes[at];
        if (byte == '%' || byte == '_' || byte == '!') out_text(out, "!");
        out_put(out, &byte, 1);
    }
    out_text(out, "%");
}

/* Returns the digits of a text that looks like a telephone number, for LIKE; NULL: the text does not. 00 at the
 * beginning counts as a +. */
static const char *contact_digits_of(struct span text, char digits[STORE_ADDRESS_MAX + 2])
{
    size_t count = 0;
    bool plus = false;
    for (uint32_t at = 0; at < text.length && count < STORE_ADDRESS_MAX; at++) {
        uint8_t byte = text.bytes[at];
        plus |= byte == '+';
        if (byte >= '0' && byte <= '9')
            digits[count++] = (char)byte;
        else if (!memchr(" +-./()", byte, 7))
            return NULL;
    }
    assert(count <= STORE_ADDRESS_MAX);
    memcpy(digits + count, "%", 2);
    if (count == 0) return NULL;
    return !plus && count > 2 && memcmp(digits, "00", 2) == 0 ? digits + 2 : digits;
}

#define WITHOUT(sign, text) "replace(" text ", '" sign "', '')"
#define SHOWN_DIGITS                                                                                                   \
    WITHOUT(" ", WITHOUT("+", WITHOUT("-", WITHOUT(".", WITHOUT("/", WITHOUT("(", WITHOUT(")", "a.shown")))))))

#define CONTACTS_SOUGHT(named)                                                                                         \
    CONTACT "WHERE c.tenant = $1 AND c.merged_into IS NULL AND c.erased IS NULL AND (lower(c.name) LIKE lower($2)"     \
            " ESCAPE '!' OR c.id IN (SELECT a.contact FROM addresses a WHERE a.tenant = $1 AND (a.address LIKE"        \
            " lower($3) ESCAPE '!' OR (a.kind = 'phone' AND (ltrim(a.address, '+') LIKE $4 OR " SHOWN_DIGITS           \
            " LIKE $4)))) OR c.id IN (SELECT f.contact FROM fields f WHERE substr(f.value, 1, 64) = substr($7, 1, "    \
            "64) AND f.value = $7) OR " named ") ORDER BY c.name, c.id LIMIT $6"
/* By dialect, and whether the text has a word. */
static const char *const contacts_sought[SQL_DIALECTS][2] = {
    [SQL_SQLITE] = {CONTACTS_SOUGHT("$5 = '-'"),
                    CONTACTS_SOUGHT("c.id IN (SELECT rowid FROM names WHERE names MATCH $5)")},
    [SQL_POSTGRES] = {CONTACTS_SOUGHT("$5 = '-'"),
                      CONTACTS_SOUGHT(STORE_PLAIN_NAME("c.") " @@ to_tsquery('simple', " STORE_PLAIN("$5") ")")},
};

/* Searches for a text in names, for words of names that begin with all its words, for the beginning of one in
 * addresses, for digits in telephone numbers, however these are written, and for the whole value of a field. */
bool store_contacts(struct store *store, const char *tenant, struct span text, unsigned limit, store_each_contact *each,
                    void *self, struct error *error)
{
    assert(tenant && each);
    struct texts texts = {0};
    struct out name = {0}, address = {0}, words = {0};
    char digits[STORE_ADDRESS_MAX + 2];
    bool any;
    text = text_clean(&texts, text, STORE_ADDRESS_MAX);
    pattern_of(&name, text, "%");
    pattern_of(&address, text, "");
    store_words_sought(&words, sql_dialect(store->sql), text);
    bool good = contacts_show(
        sql_ask(store->sql, error, contacts_sought[sql_dialect(store->sql)][words.length > 0],
                SQL_WITH(sql_text(tenant), sql_text(name.bytes), sql_text(address.bytes),
                         sql_text(contact_digits_of(text, digits)), sql_text(words.length > 0 ? words.bytes : ""),
                         sql_number(limit == 0               ? 50
                                    : limit < STORE_ROWS_MAX ? limit
                                                             : STORE_ROWS_MAX),
                         sql_span(text))),
        each, self, &any, error);
    out_free(&words);
    out_free(&name);
    out_free(&address);
    texts_free(&texts);
    return good;
}

/* ---- changed ---- */

/* True: the contact exists, and is neither merged nor erased; in PostgreSQL it is locked, too. */
bool contact_touch(struct store *store, int64_t contact, int64_t now, struct error *error)
{
    if (!sql_do(store->sql, error,
                "UPDATE contacts SET changed = $1 WHERE id = $2 AND merged_into IS NULL AND erased IS NULL",
                SQL_WITH(sql_number(now), sql_number(contact))))
        return false;
    return sql_changes(store->sql) == 1 || no_contact(contact, error);
}

bool contact_tenant_of(struct store *store, int64_t contact, char tenant[STORE_WORD_MAX + 1], struct error *error)
{
    struct sql_rows *rows =
        sql_ask(store->sql, error, "SELECT tenant FROM contacts WHERE id = $1", SQL_WITH(sql_number(contact)));
    bool there = sql_next(rows) && text_set_span(tenant, STORE_WORD_MAX + 1, sql_string(rows, 0));
    if (!sql_end(rows, error)) return false;
    return there || no_contact(contact, error);
}

/* ---- fields ---- */

static bool field_is_named(struct span name)
{
    bool good = name.length > 0 && name.length <= STORE_WORD_MAX;
    for (uint32_t i = 0; good && i < name.length; i++)
        good = name.bytes[i] == '_' || (name.bytes[i] < 0x80 && isalnum(name.bytes[i]));
    return good;
}

bool contact_field_set(struct store *store, int64_t contact, struct span name, struct span value, struct error *error)
{
    int64_t count = 0;
    bool there;
    if (!sql_do(store->sql, error, "DELETE FROM fields WHERE contact = $1 AND name = $2",
                SQL_WITH(sql_number(contact), sql_span(name))))
        return false;
    if (value.length == 0) return true;
    if (!sql_find(store->sql, error, &count, &there, "SELECT count(*) FROM fields WHERE contact = $1",
                  SQL_WITH(sql_number(contact))))
        return false;
    if (count >= STORE_FIELDS_MAX)
        return error_set(error, ERROR_LIMIT, "contact %lld has %d fields, and no room for another", (long long)contact,
                         STORE_FIELDS_MAX);
    return sql_do(store->sql, error, "INSERT INTO fields(contact, name, value) VALUES($1, $2, $3)",
                  SQL_WITH(sql_number(contact), sql_span(name), sql_span(value)));
}

bool contact_field_good(struct span name, struct span value, struct error *error)
{
    char kind[STORE_WORD_MAX + 1];
    enum store_kind known;
    if (!field_is_named(name))
        return error_set(error, ERROR_INPUT, "a field's name is of letters, digits and _, at most %d", STORE_WORD_MAX);
    if (text_set_span(kind, sizeof kind, name) && (store_kind_find(kind, &known) || strcmp(kind, "name") == 0))
        return error_set(error, ERROR_INPUT, "`%s` is no field: {contact.%s} stands for what the contact has anyway",
                         kind, kind);
    if (value.length > STORE_VALUE_MAX || !bytes_are_utf8(value))
        return error_set(error, ERROR_INPUT, "a field's value is a text of at most %d bytes", STORE_VALUE_MAX);
    return true;
}

bool store_field(struct store *store, int64_t contact, struct span name, struct span value, int64_t now,
                 struct error *error)
{
    if (!contact_field_good(name, value, error) || !sql_begin(store->sql, error)) return false;
    return store_transaction_end(
        store, contact_touch(store, contact, now, error) && contact_field_set(store, contact, name, value, error),
        error);
}

/* ---- merged ---- */

/* Moves the data of `other` to `kept`: addresses, interactions, contacts that were merged into it, and fields and a
 * name that `kept` does not have. Notes of agents about one contact count for both. */
bool contact_merge(struct store *store, int64_t kept, int64_t other, int64_t now, struct error *error)
{
    static const char *const moves[] = {
        "UPDATE addresses SET contact = $1 WHERE contact = $2",
        "UPDATE interactions SET contact = $1 WHERE contact = $2",
        "UPDATE refusal_acts SET contact = $1 WHERE contact = $2",
        "UPDATE contacts SET merged_into = $1 WHERE merged_into = $2",
        ("UPDATE fields SET contact = $1 WHERE contact = $2 AND name NOT IN"
         " (SELECT name FROM fields WHERE contact = $1)"),
        "UPDATE contacts SET merged_into = $1 WHERE id = $2",
    };
    char tenant[STORE_WORD_MAX + 1], others[STORE_WORD_MAX + 1];
    if (!contact_touch(store, kept, now, error) || !contact_touch(store, other, now, error)) return false;
    if (!contact_tenant_of(store, kept, tenant, error) || !contact_tenant_of(store, other, others, error)) return false;
    if (kept == other || strcmp(tenant, others) != 0)
        return error_set(error, ERROR_INPUT, "contacts %lld and %lld are the same, or of two tenants", (long long)kept,
                         (long long)other);
    for (size_t i = 0; i < sizeof moves / sizeof *moves; i++)
        if (!sql_do(store->sql, error, moves[i], SQL_WITH(sql_number(kept), sql_number(other)))) return false;
    return sql_do(store->sql, error,
                  "UPDATE contacts SET name = (SELECT name FROM contacts WHERE id = $1) WHERE id = $2 AND name IS NULL",
                  SQL_WITH(sql_number(other), sql_number(kept))) &&
           refusals_spread(store, kept, now, error) &&
           sql_do(store->sql, error, "DELETE FROM fields WHERE contact = $1", SQL_WITH(sql_number(other))) &&
           sql_do(store->sql, error, "UPDATE contacts SET name = NULL WHERE id = $1", SQL_WITH(sql_number(other)));
}

bool store_merge(struct store *store, int64_t kept, int64_t other, int64_t now, struct error *error)
{
    if (!sql_begin(store->sql, error)) return false;
    return store_transaction_end(store, contact_merge(store, kept, other, now, error), error);
}
