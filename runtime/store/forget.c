/* runtime/store/forget.c - Removes data: a contact on request, interactions older than they may be kept, unused
 * uploads. This file also checks all rows of the store.
 *
 * An erased contact leaves its rows: they tell when something happened, and that it is erased, but neither who nor
 * what. So numbers that other programs have stored still refer to a row. */
#include <assert.h>
#include <stdio.h>

#include "runtime/store/state.h"

/* ---- erasing ---- */

#define OF_CONTACT "(SELECT id FROM interactions WHERE contact = $1)"
/* Besides, what agents wrote of the contact to others: questions to colleagues, and mails that were forwarded. These
 * belong to another contact, or to none, and continue an interaction of the contact. */
#define OF_CONTACT_OR_ABOUT                                                                                            \
    "(SELECT id FROM interactions WHERE contact = $1 OR ((media = 'im' OR direction = 'out') AND parent IN"            \
    " " OF_CONTACT "))"
/* Rows of post_out: an item by itself is in the store as an interaction, one of a conversation as a message. */
#define SENT_TO_CONTACT                                                                                                \
    "(interaction IN " OF_CONTACT " OR (interaction IS NULL AND msg_id IN (SELECT msg_id FROM messages WHERE"          \
    " interaction IN " OF_CONTACT ")))"

/* Rows `b` of post_came: WAY-NUMBER-TIME is a name that the table itself gives to an item, and identifies no person. */
#define NAMED_OUTSIDE "(b.external_id LIKE '%@%' OR b.external_id NOT LIKE b.way || '-%-%')"

/* SQL: the row is waiting and has the address. A conversation without a message is not an interaction yet, and has
 * only the address that the customer gave. */
#define WAITS_WITH(address)                                                                                            \
    "interaction IS NULL AND replace(lower(saved), '\"' || lower(" address ") || '\"', '') <> lower(saved)"

/* SQL: clears the person in memos with these addresses. Adapters look for memos without a person, and cancel the
 * callback of that person. */
#define MEMOS_FORGET(addresses) "UPDATE post_memos SET person = '' WHERE person <> '' AND person IN " addresses

/* Agents' lists of calls keep that there was a call, and not with whom; the calls' outside names are no person's. A
 * name of SIP is no telephone number, and has no form of its own there. */
#define RINGS_FORGOTTEN "UPDATE rings SET number = NULL, address = NULL, note = NULL WHERE "
#define RINGS_FORGET(addresses)                                                                                        \
    RINGS_FORGOTTEN "address IN (" addresses ") OR (address IS NULL AND lower(number) IN (" addresses "))"
#define FAVOURITES_FORGET(addresses)                                                                                   \
    "DELETE FROM favourites WHERE address IN (" addresses ") OR (kind = 'number' AND lower(name) IN (" addresses "))"

/* What people have written in reviews of these samples goes; the points stay, which name nobody but agents. A sample of
 * an interaction that is not here has the customer's address alone. */
#define REVIEWS_OF(samples)                                                                                            \
    "(SELECT c.id FROM quality_scores c JOIN quality_samples s ON s.id = c.sample WHERE " samples ")"
#define REVIEWS_FORGET(samples)                                                                                        \
    "UPDATE quality_scores SET comment = NULL, answer = NULL WHERE id IN " REVIEWS_OF(samples),                        \
        "UPDATE quality_points SET comment = NULL WHERE score IN " REVIEWS_OF(samples),                                \
        "UPDATE quality_samples SET address = NULL WHERE id IN (SELECT s.id FROM quality_samples s WHERE " samples ")"

/* An act that names the address, as one that took it from another contact, is not undone any more. */
#define KEPT_FORGET(names)                                                                                             \
    "DELETE FROM contact_kept WHERE act IN (SELECT act FROM contact_kept WHERE name IN (" names "))"

/* What the contact has written stands also with the work of another one into which it was merged. */
#define MERGED_FORGET                                                                                                  \
    "UPDATE messages SET text = NULL WHERE msg_id LIKE '" STORE_MERGED "%' AND EXISTS (SELECT 1 FROM interactions"     \
    " WHERE contact = $1 AND result = 'merged') AND EXISTS (SELECT 1 FROM messages m WHERE m.interaction"              \
    " IN " OF_CONTACT " AND m.role = 'customer' AND replace(messages.text, '" STORE_MERGED_FROM                        \
    "' || m.sender || '" STORE_MERGED_END "', '') <> messages.text)"

/* Erased outside names are recognised by their digests, so that an item that comes twice is still one, and an answer
 * that was being sent is not sent once more. */
static const struct digested {
    const char *next, *set;
} digested[] = {
    {"SELECT id, msg_id FROM post_out WHERE " SENT_TO_CONTACT " AND id > $2 ORDER BY id LIMIT 1",
     "UPDATE post_out SET msg_id = $1, digest = '' WHERE id = $2"},
    {"SELECT b.id, b.external_id FROM post_came b JOIN interactions i ON i.media = b.way AND i.external_id ="
     " b.external_id WHERE i.contact = $1 AND " NAMED_OUTSIDE " AND b.id > $2 ORDER BY b.id LIMIT 1",
     "UPDATE post_came SET external_id = $1 WHERE id = $2"},
    {"SELECT id, external_id FROM interactions WHERE contact = $1 AND id > $2 ORDER BY id LIMIT 1",
     "UPDATE interactions SET external_id = $1 WHERE id = $2"},
    {"SELECT id, msg_id FROM messages WHERE interaction IN " OF_CONTACT_OR_ABOUT " AND msg_id IS NOT NULL AND id > $2"
     " ORDER BY id LIMIT 1",
     "UPDATE messages SET msg_id = $1 WHERE id = $2"},
};

/* Replaces the next outside name after id[1] by its digest; `*there` false: there was none left. */
static bool digest_one(struct store *store, const struct digested *of, int64_t *id, bool *there, struct error *error)
{
    assert(of && id && there);
    struct texts texts = {0};
    struct span digest = {0};
    struct sql_rows *rows = sql_ask(store->sql, error, of->next, SQL_WITH(sql_number(id[0]), sql_number(id[1])));
    *there = sql_next(rows);
    if (*there) {
        id[1] = sql_int(rows, 0);
        digest = text_digest(&texts, sql_string(rows, 1));
        struct out *copy = &texts.copies[TEXTS_MAX - 1];
        /* the digest is copied, since the text of the row is freed with the rows */
        out_put(copy, (const char *)digest.bytes, digest.length);
        digest.bytes = (const uint8_t *)copy->bytes;
        texts.count = TEXTS_MAX;
    }
    bool good = sql_end(rows, error);
    if (good && *there) good = sql_do(store->sql, error, of->set, SQL_WITH(sql_span(digest), sql_number(id[1])));
    texts_free(&texts);
    return good;
}

static bool digest_all(struct store *store, int64_t contact, struct error *error)
{
    for (size_t of = 0; of < sizeof digested / sizeof *digested; of++) {
        int64_t id[2] = {contact, 0};
        bool there = true;
        while (there)
            if (!digest_one(store, &digested[of], id, &there, error)) return false;
    }
    return true;
}

/* Erases the contact and the contacts that were merged into it. `*count`: how many interactions this erases. */
static bool erase_all(struct store *store, int64_t contact, int64_t now, int64_t *count, struct error *error)
{
    static const char *const goes[] = {
        "DELETE FROM pieces WHERE part IN (SELECT id FROM parts WHERE interaction IN " OF_CONTACT_OR_ABOUT ")",
        "DELETE FROM parts WHERE interaction IN " OF_CONTACT_OR_ABOUT,
        MERGED_FORGET,
        "UPDATE messages SET sender = NULL, subject = NULL, text = NULL, of_id = NULL, about = NULL WHERE interaction"
        " IN " OF_CONTACT_OR_ABOUT,
        "DELETE FROM post_pieces WHERE customer IN (SELECT address FROM addresses WHERE contact = $1)",
        /* Nothing more is sent to the contact: items that were held back fail. If several items have the same name,
         * only the last one stays. */
        "UPDATE post_out SET state = 'failed' WHERE state = 'held' AND " SENT_TO_CONTACT,
        "DELETE FROM post_out WHERE " SENT_TO_CONTACT " AND EXISTS (SELECT 1 FROM post_out o WHERE o.way ="
        " post_out.way AND o.journal = post_out.journal AND o.ixn = post_out.ixn AND o.msg_id = post_out.msg_id AND"
        " o.id > post_out.id)",
        "DELETE FROM post_talks WHERE interaction IN " OF_CONTACT,
        "DELETE FROM post_talks WHERE EXISTS (SELECT 1 FROM addresses WHERE contact = $1 AND " WAITS_WITH(
            "address") ")",
        MEMOS_FORGET("(SELECT address FROM addresses WHERE contact = $1)"),
        RINGS_FORGET("SELECT address FROM addresses WHERE contact = $1"),
        RINGS_FORGOTTEN "external_id IN (SELECT external_id FROM interactions WHERE contact = $1 AND media = 'voice')",
        FAVOURITES_FORGET("SELECT address FROM addresses WHERE contact = $1"),
        KEPT_FORGET("SELECT kind || ' ' || address FROM addresses WHERE contact = $1"),
        REVIEWS_FORGET("s.interaction IN " OF_CONTACT
                       " OR s.address IN (SELECT address FROM addresses WHERE contact = $1)"),
        "DELETE FROM addresses WHERE contact = $1",
        "DELETE FROM fields WHERE contact = $1",
        "UPDATE refusal_acts SET reason = NULL WHERE contact = $1",
        "DELETE FROM codes WHERE interaction IN " OF_CONTACT,
        "DELETE FROM mentions WHERE interaction IN " OF_CONTACT_OR_ABOUT,
        "DELETE FROM contact_kept WHERE act IN (SELECT a.id FROM contact_acts a JOIN contacts c ON c.id = a.contact OR"
        " c.id = a.other WHERE c.id = $1 OR c.merged_into = $1)",
    };
    if (!sql_do(store->sql, error,
                "UPDATE contacts SET name = NULL, erased = coalesce(erased, $1) WHERE (id = $2 AND merged_into IS "
                "NULL) OR merged_into = $2",
                SQL_WITH(sql_number(now), sql_number(contact))))
        return false;
    if (sql_changes(store->sql) == 0)
        return error_set(error, ERROR_UNKNOWN, "the contact store has no contact %lld, or it was merged into another",
                         (long long)contact);
    for (size_t i = 0; i < sizeof goes / sizeof *goes; i++)
        if (!sql_do(store->sql, error, goes[i], SQL_WITH(sql_number(contact)))) return false;
    if (!digest_all(store, contact, error)) return false;
    if (!sql_do(
            store->sql, error,
            "UPDATE interactions SET subject = NULL, erased = coalesce(erased, $2) WHERE id IN " OF_CONTACT_OR_ABOUT,
            SQL_WITH(sql_number(contact), sql_number(now))))
        return false;
    bool good = sql_do(store->sql, error, "UPDATE interactions SET address = NULL WHERE contact = $1",
                       SQL_WITH(sql_number(contact)));
    *count = sql_changes(store->sql);
    return good;
}

/* In SQLite the index of words keeps the words of deleted texts until it is merged, and the log keeps the old pages. */
static bool forget_forgotten(struct store *store, struct error *error)
{
    static const char *const tables[] = {
        "pieces",         "parts",          "messages",       "addresses",    "fields",   "contacts",
        "interactions",   "refusal_acts",   "post_pieces",    "post_came",    "post_out", "post_talks",
        "post_memos",     "rings",          "favourites",     "contact_kept", "codes",    "mentions",
        "quality_scores", "quality_points", "quality_samples"};
    if (sql_dialect(store->sql) == SQL_SQLITE &&
        !sql_run(store->sql, "INSERT INTO words(words) VALUES('optimize'); INSERT INTO names(names) VALUES('optimize')",
                 error))
        return false;
    return sql_overwritten(store->sql, tables, sizeof tables / sizeof *tables, error);
}

bool store_erase(struct store *store, int64_t contact, int64_t now, int64_t *count, struct error *error)
{
    if (!sql_begin(store->sql, error)) return false;
    return store_transaction_end(store, erase_all(store, contact, now, count, error), error) &&
           forget_forgotten(store, error);
}

/* Finds the next contact of the address with a greater number; 0: none. */
static bool contact_next(struct store *store, const char *const forms[3], int64_t *contact, struct error *error)
{
    bool there;
    return sql_find(store->sql, error, contact, &there,
                    "SELECT min(contact) FROM addresses WHERE contact > $1 AND address IN ($2, $3, $4)",
                    SQL_WITH(sql_number(*contact), sql_text(forms[0]), sql_text(forms[1]), sql_text(forms[2])));
}

struct forgotten_forms { /* forms of an address by kind; "": it is no address of that kind */
    char phone[STORE_ADDRESS_MAX + 1], mail[STORE_ADDRESS_MAX + 1], other[STORE_ADDRESS_MAX + 1];
};

static bool forgotten_forms_read(const struct store *store, struct span person, struct forgotten_forms *forms,
                                 struct error *error)
{
    if (!store_address(STORE_other, person, NULL, forms->other, error)) return false;
    if (!store_address(STORE_phone, person, store->country, forms->phone, NULL)) *forms->phone = '\0';
    if (!store_address(STORE_email, person, NULL, forms->mail, NULL)) *forms->mail = '\0';
    return true;
}

bool store_withdraw(struct store *store, struct span person, int64_t *count, struct error *error)
{
    struct forgotten_forms forms;
    bool good = forgotten_forms_read(store, person, &forms, error) &&
                sql_do(store->sql, error, MEMOS_FORGET("($1, $2, $3)"),
                       SQL_WITH(sql_text(forms.phone), sql_text(forms.mail), sql_text(forms.other)));
    *count = good ? sql_changes(store->sql) : 0;
    return good;
}

bool store_forget(struct store *store, struct span person, int64_t now, int64_t *contacts, int64_t *interactions,
                  struct error *error)
{
    struct forgotten_forms of;
    const char *const forms[] = {of.phone, of.mail, of.other};
    int64_t contact = 0, count;
    *contacts = *interactions = 0;
    if (!forgotten_forms_read(store, person, &of, error) || !store_withdraw(store, person, &count, error)) return false;
    /* Pieces may have come from a number that belongs to no contact yet, and so may the beginning of a conversation. */
    if (!sql_do(store->sql, error, "DELETE FROM post_pieces WHERE customer IN ($1, $2, $3)",
                SQL_WITH(sql_text(of.phone), sql_text(of.mail), sql_text(of.other))))
        return false;
    /* An agent may have called a number that no contact has, or have taken the address from a contact. */
    static const char *const lists[] = {
        RINGS_FORGET("$1, $2, $3"), FAVOURITES_FORGET("$1, $2, $3"), REVIEWS_FORGET("s.address IN ($1, $2, $3)"),
        KEPT_FORGET("'phone ' || CAST($1 AS TEXT), 'email ' || CAST($2 AS TEXT), 'chat ' || CAST($3 AS TEXT), 'social '"
                    " || CAST($3 AS TEXT), 'other ' || CAST($3 AS TEXT)")};
    for (size_t i = 0; i < sizeof lists / sizeof *lists; i++)
        if (!sql_do(store->sql, error, lists[i], SQL_WITH(sql_text(of.phone), sql_text(of.mail), sql_text(of.other))))
            return false;
    for (unsigned i = 0; i < sizeof forms / sizeof *forms; i++)
        if (*forms[i] && !sql_do(store->sql, error, "DELETE FROM post_talks WHERE " WAITS_WITH("CAST($1 AS TEXT)"),
                                 SQL_WITH(sql_text(forms[i]))))
            return false;
    while (contact_next(store, forms, &contact, error)) {
        if (contact == 0) return forget_forgotten(store, error);
        if (!sql_begin(store->sql, error) ||
            !store_transaction_end(store, erase_all(store, contact, now, &count, error), error))
            return false;
        ++*contacts;
        *interactions += count;
    }
    return false;
}

/* ---- expiry ---- */

static bool forget_interaction_remove(struct store *store, int64_t interaction, struct error *error)
{
    static const char *const goes[] = {
        "DELETE FROM pieces WHERE part IN (SELECT id FROM parts WHERE interaction = $1)",
        "DELETE FROM parts WHERE interaction = $1",
        "DELETE FROM messages WHERE interaction = $1",
        "DELETE FROM codes WHERE interaction = $1",
        "DELETE FROM mentions WHERE interaction = $1",
        REVIEWS_FORGET("s.interaction = $1"),
        "UPDATE quality_samples SET interaction = NULL WHERE interaction = $1",
        "DELETE FROM interactions WHERE id = $1",
    };
    for (size_t i = 0; i < sizeof goes / sizeof *goes; i++)
        if (!sql_do(store->sql, error, goes[i], SQL_WITH(sql_number(interaction)))) return false;
    return true;
}

/* Reviews of interactions that are not here go with those that are. */
static bool reviews_expire(struct store *store, const char *tenant, int64_t before, struct error *error)
{
    static const char *const goes[] = {REVIEWS_FORGET("s.interaction IS NULL AND s.received < $1 AND s.draw IN (SELECT"
                                                      " d.id FROM quality_draws d WHERE d.tenant = $2)")};
    for (size_t i = 0; i < sizeof goes / sizeof *goes; i++)
        if (!sql_do(store->sql, error, goes[i], SQL_WITH(sql_number(before), sql_text(tenant)))) return false;
    return true;
}

static bool contacts_remove(struct store *store, const char *tenant, int64_t before, struct error *error)
{
#define IDLE                                                                                                           \
    "(SELECT c.id FROM contacts c WHERE c.changed < $1 AND c.tenant = $2 AND NOT EXISTS"                               \
    " (SELECT 1 FROM interactions i WHERE i.contact = c.id))"
    static const char *const goes[] = {
        "DELETE FROM addresses WHERE contact IN " IDLE,
        "DELETE FROM fields WHERE contact IN " IDLE,
        "DELETE FROM refusal_acts WHERE contact IN " IDLE,
        "DELETE FROM contact_kept WHERE act IN (SELECT id FROM contact_acts WHERE contact IN " IDLE " OR other IN " IDLE
        ")",
        "DELETE FROM contact_acts WHERE contact IN " IDLE,
        "DELETE FROM contacts WHERE id IN " IDLE,
    };
    for (size_t i = 0; i < sizeof goes / sizeof *goes; i++)
        if (!sql_do(store->sql, error, goes[i], SQL_WITH(sql_number(before), sql_text(tenant)))) return false;
    return true;
}

/* Finds the next interaction that ended before `before`; `*there` false: there is none. */
static bool expire_one(struct store *store, const char *tenant, int64_t before, bool *there, struct error *error)
{
    int64_t interaction;
    if (!sql_find(store->sql, error, &interaction, there,
                  "SELECT id FROM interactions WHERE ended < $1 AND tenant = $2 ORDER BY ended LIMIT 1",
                  SQL_WITH(sql_number(before), sql_text(tenant))))
        return false;
    return !*there || forget_interaction_remove(store, interaction, error);
}

static bool forget_expire(struct store *store, const char *tenant, int64_t before, unsigned limit, int64_t *count,
                          struct error *error)
{
    bool there = true;
    for (*count = 0; there && *count < limit; *count += there)
        if (!expire_one(store, tenant, before, &there, error)) return false;
    return there || (rings_expire(store, tenant, before, error) && reviews_expire(store, tenant, before, error) &&
                     contacts_remove(store, tenant, before, error));
}

bool store_expire(struct store *store, const char *tenant, int64_t before, unsigned limit, int64_t *count,
                  struct error *error)
{
    if (!sql_begin(store->sql, error)) return false;
    return store_transaction_end(store, forget_expire(store, tenant, before, limit, count, error), error);
}

bool store_tidy(struct store *store, int64_t before, int64_t *count, struct error *error)
{
    if (!sql_begin(store->sql, error)) return false;
    bool good =
        sql_do(store->sql, error,
               "DELETE FROM pieces WHERE part IN (SELECT id FROM parts WHERE interaction IS NULL AND made < $1)",
               SQL_WITH(sql_number(before))) &&
        sql_do(store->sql, error, "DELETE FROM parts WHERE interaction IS NULL AND made < $1",
               SQL_WITH(sql_number(before)));
    *count = sql_changes(store->sql);
    good = good && sql_do(store->sql, error, "DELETE FROM proofs WHERE until < $1", SQL_WITH(sql_number(before)));
    return store_transaction_end(store, good, error);
}

/* ---- check ---- */

struct check {
    struct store *store;
    void (*fault)(void *self, const char *text);
    void *self;
};

static bool forget_passed(void *self, struct span bytes)
{
    (void)self, (void)bytes;
    return true;
}

static bool forget_parts_check(struct check *check, struct error *error)
{
    int64_t part = 0;
    for (bool there = true; there;) {
        struct error wrong = {0};
        if (!sql_find(check->store->sql, error, &part, &there,
                      "SELECT id FROM parts WHERE id > $1 AND length IS NOT NULL ORDER BY id LIMIT 1",
                      SQL_WITH(sql_number(part))))
            return false;
        if (!there || store_read(check->store, part, forget_passed, NULL, &wrong)) continue;
        check->fault(check->self, wrong.text);
    }
    return true;
}

static bool rows_check(struct check *check, const char *query, const char *what, struct error *error)
{
    struct sql_rows *rows = sql_ask(check->store->sql, error, query, SQL_NONE);
    while (sql_next(rows)) {
        char text[160];
        snprintf(text, sizeof text, "%s %lld", what, (long long)sql_int(rows, 0));
        check->fault(check->self, text);
    }
    return sql_end(rows, error);
}

/* Checks SQLite's file and its index of words; PostgreSQL checks its own files. */
static bool file_check(struct check *check, struct error *error)
{
    struct error wrong = {0};
    if (sql_dialect(check->store->sql) != SQL_SQLITE) return true;
    struct sql_rows *rows = sql_ask(check->store->sql, error, "PRAGMA integrity_check", SQL_NONE);
    while (sql_next(rows)) {
        struct span span = sql_string(rows, 0);
        if (!span_is(span, "ok")) check->fault(check->self, (const char *)span.bytes);
    }
    if (!sql_end(rows, error)) return false;
    if (!sql_run(check->store->sql, "INSERT INTO words(words, rank) VALUES('integrity-check', 1)", &wrong) ||
        !sql_run(check->store->sql, "INSERT INTO names(names, rank) VALUES('integrity-check', 1)", &wrong))
        check->fault(check->self, wrong.text);
    return true;
}

bool store_check(struct store *store, void (*fault)(void *self, const char *text), void *self, struct error *error)
{
    struct check check = {store, fault, self};
    return file_check(&check, error) &&
           rows_check(&check,
                      "SELECT i.id FROM interactions i WHERE i.messages <>"
                      " (SELECT count(*) FROM messages m WHERE m.interaction = i.id)",
                      "messages are missing of interaction", error) &&
           rows_check(&check,
                      "SELECT m.id FROM messages m WHERE NOT EXISTS"
                      " (SELECT 1 FROM interactions i WHERE i.id = m.interaction)",
                      "no interaction has message", error) &&
           rows_check(&check,
                      "SELECT a.contact FROM addresses a WHERE NOT EXISTS"
                      " (SELECT 1 FROM contacts c WHERE c.id = a.contact)",
                      "an address names no contact:", error) &&
           forget_parts_check(&check, error);
}
