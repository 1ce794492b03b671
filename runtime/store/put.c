/* runtime/store/put.c - Stores interactions and their messages, each only once.
 *
 * A writer that does not know whether its last request was done repeats it: so an interaction is found by its
 * outside name (external_id) and a message by its own (msg_id), and one that is already stored is reported as known.
 * Erased names are stored as digests, so each search compares both. If a name comes with another content, it is not
 * a repeated request but another item: same.c gives it a name of its own. */
#include <assert.h>
#include <stdio.h>

#include "runtime/store/state.h"

#define KEY_COLUMNS "id, coalesce(contact, 0), coalesce(thread, 0), coalesce(parent, 0)"

/* ---- finding rows by a name outside ---- */

static bool arrival_key_read(struct sql_rows *rows, struct store_key *key, struct error *error)
{
    if (sql_next(rows))
        *key = (struct store_key){.interaction = sql_int(rows, 0),
                                  .contact = sql_int(rows, 1),
                                  .thread = sql_int(rows, 2),
                                  .parent = sql_int(rows, 3),
                                  .known = true};
    return sql_end(rows, error);
}

bool store_by_external(struct store *store, const char *tenant, const char *media, struct span name,
                       struct store_key *key, struct error *error)
{
    struct texts texts = {0};
    struct span kept = text_external(&texts, name), digest = text_digest(&texts, name);
    *key = (struct store_key){0};
    struct sql_rows *rows =
        sql_ask(store->sql, error,
                "SELECT " KEY_COLUMNS " FROM interactions WHERE tenant = $1 AND media = $2 AND external_id IN ($3, $4)",
                SQL_WITH(sql_text(tenant), sql_text(media), sql_span(kept), sql_span(digest)));
    bool good = arrival_key_read(rows, key, error);
    texts_free(&texts);
    return good;
}

static bool message_find(struct store *store, const char *tenant, const char *media, struct span name,
                         struct store_key *key, struct error *error)
{
    struct texts texts = {0};
    struct span kept = text_external(&texts, name), digest = text_digest(&texts, name);
    struct sql_rows *rows =
        sql_ask(store->sql, error,
                "SELECT " KEY_COLUMNS " FROM interactions WHERE tenant = $1 AND media = $2 AND id IN"
                " (SELECT interaction FROM messages WHERE msg_id IN ($3, $4)) ORDER BY id LIMIT 1",
                SQL_WITH(sql_text(tenant), sql_text(media), sql_span(kept), sql_span(digest)));
    bool good = arrival_key_read(rows, key, error);
    texts_free(&texts);
    return good;
}

/* Searches from the last reference to the first: the last one is the message that was answered (RFC 5322, 3.6.4),
 * and the earlier ones may belong to interactions that ended long ago. */
bool store_by_reference(struct store *store, const char *tenant, const char *media, const struct span *references,
                        size_t count, struct store_key *key, struct error *error)
{
    *key = (struct store_key){0};
    for (size_t i = 0; i < count && i < STORE_REFERENCES_MAX && key->interaction == 0; i++) {
        struct span name = references[count - 1 - i];
        if (name.length == 0) continue;
        if (!store_by_external(store, tenant, media, name, key, error)) return false;
        if (key->interaction == 0 && !message_find(store, tenant, media, name, key, error)) return false;
    }
    return true;
}

/* ---- messages ---- */

/* `*erased`: the interaction was erased, and later messages for it are not kept. */
static bool place_take(struct store *store, int64_t interaction, int64_t *n, bool *erased, struct error *error)
{
    bool there;
    if (!sql_find(store->sql, error, n, &there,
                  "UPDATE interactions SET messages = messages + 1 WHERE id = $1"
                  " RETURNING CASE WHEN erased IS NULL THEN messages ELSE -messages END",
                  SQL_WITH(sql_number(interaction))))
        return false;
    *erased = *n < 0;
    if (*erased) *n = -*n;
    if (!there)
        error_set(error, ERROR_UNKNOWN, "the contact store has no interaction %lld", (long long)interaction);
    else if (*n > STORE_MESSAGES_MAX)
        error_set(error, ERROR_LIMIT, "interaction %lld has %d messages, as many as it may", (long long)interaction,
                  STORE_MESSAGES_MAX);
    return there && *n <= STORE_MESSAGES_MAX;
}

static const char *word_or(const char *word, const char *other)
{
    return word ? word : other;
}

static bool message_insert(struct store *store, int64_t interaction, const struct store_message *message, int64_t n,
                           struct span msg_id, struct texts *texts, struct error *error)
{
    assert(n > 0 && n <= STORE_MESSAGES_MAX); /* place_take() has looked */
    struct span text, sender = text_clean(texts, message->sender, STORE_NAME_MAX),
                      subject = text_clean(texts, message->subject, STORE_SUBJECT_MAX);
    const char *role = word_or(message->role, "customer"), *kind = word_or(message->kind, "text"),
               *visible = word_or(message->visible, "all");
    if (!store_word_good(role, "role", error) || !store_word_good(kind, "kind", error) ||
        !store_word_good(visible, "visibility", error))
        return false;
    if (!text_whole(texts, message->text, STORE_TEXT_MAX, "the text of the message", &text, error)) return false;
    return sql_do(
        store->sql, error,
        "INSERT INTO messages(interaction, n, msg_id, at, role, sender, kind, visible, subject, text, head, of_id,"
        " about) VALUES($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)",
        SQL_WITH(sql_number(interaction), sql_number(n), sql_text_or_null(msg_id), sql_number(message->at),
                 sql_text(role), sql_text_or_null(sender), sql_text(kind), sql_text(visible), sql_text_or_null(subject),
                 sql_text_or_null(text), sql_text_or_null(message->head),
                 sql_text_or_null(text_external(texts, message->of_id)), sql_text_or_null(message->about)));
}

static bool parts_put(struct store *store, int64_t interaction, const struct store_message *message, int64_t n,
                      struct error *error)
{
    if (message->part_count > STORE_PARTS_MAX)
        return error_set(error, ERROR_LIMIT, "the message has %zu parts, more than %d", message->part_count,
                         STORE_PARTS_MAX);
    for (size_t i = 0; i < message->part_count; i++)
        if (!part_put(store, interaction, n, (int64_t)i + 1, message->at, &message->parts[i], error)) return false;
    return true;
}

static bool message_place(struct store *store, int64_t interaction, struct span msg_id, int64_t *n, bool *known,
                          struct error *error)
{
    struct texts texts = {0};
    bool good =
        sql_find(store->sql, error, n, known, "SELECT n FROM messages WHERE interaction = $1 AND msg_id IN ($2, $3)",
                 SQL_WITH(sql_number(interaction), sql_span(msg_id), sql_span(text_digest(&texts, msg_id))));
    texts_free(&texts);
    return good;
}

static void message_odd(struct store *store, int64_t interaction, struct span msg_id)
{
    snprintf(store->odd, sizeof store->odd,
             "interaction %lld has a message %.*s with another text: both are kept; whoever gives these ids gives them "
             "twice",
             (long long)interaction, (int)msg_id.length, (const char *)msg_id.bytes);
    store->odd_told = false;
}

/* Finds the place of a message that is already stored. A different message under the same name gets another name; an
 * erased message has no content left to compare. */
static bool message_known(struct store *store, int64_t interaction, bool erased, const struct store_message *message,
                          struct texts *texts, struct span *msg_id, int64_t *n, bool *known, struct error *error)
{
    assert(!*known);
    bool same = true;
    if (msg_id->length == 0) return true;
    if (!message_place(store, interaction, *msg_id, n, known, error)) return false;
    if (*known && !erased && !store_message_same(store, interaction, *n, message, &same, error)) return false;
    if (same) return true;
    message_odd(store, interaction, *msg_id);
    return store_message_forked(store, message, *msg_id, texts, msg_id, error) &&
           message_place(store, interaction, *msg_id, n, known, error);
}

/* Stores the message at the interaction's next place, unless it is already there. For an erased interaction only the
 * place, the time and the digest of the message's name are stored. */
bool store_message_put(struct store *store, int64_t interaction, const struct store_message *message, int64_t *n,
                       bool *known, struct error *error)
{
    struct texts texts = {0};
    struct span msg_id = text_external(&texts, message->msg_id);
    int64_t before = 0;
    bool erased = false;
    *known = false;
    /* in PostgreSQL other writers to this interaction wait for this statement */
    bool good = place_take(store, interaction, n, &erased, error) &&
                message_known(store, interaction, erased, message, &texts, &msg_id, &before, known, error);
    struct store_message late = {
        .at = message->at, .role = message->role, .kind = message->kind, .visible = message->visible};
    if (erased) message = &late;
    if (good && *known) {
        *n = before;
    } else if (good) {
        struct span name = erased && msg_id.length > 0 ? text_digest(&texts, msg_id) : text_external(&texts, msg_id);
        good = message_insert(store, interaction, message, *n, name, &texts, error) &&
               parts_put(store, interaction, message, *n, error);
    }
    texts_free(&texts);
    return good;
}

bool store_say(struct store *store, int64_t interaction, const struct store_message *message, int64_t *n,
               struct error *error)
{
    bool known = false;
    store->odd_told = true;
    if (!sql_begin(store->sql, error)) return false;
    bool good = store_message_put(store, interaction, message, n, &known, error);
    if (good && known) { /* the message is already stored: the rollback gives its new place back */
        sql_rollback(store->sql);
        return true;
    }
    return store_transaction_end(store, good, error);
}

bool store_said_in(struct store *store, const char *tenant, const char *media, struct span address, struct span msg_id,
                   int64_t *interaction, struct error *error)
{
    struct texts texts = {0};
    bool there;
    *interaction = 0;
    bool good = sql_find(store->sql, error, interaction, &there,
                         "SELECT i.id FROM messages m JOIN interactions i ON i.id = m.interaction WHERE m.msg_id = $1"
                         " AND i.tenant = $2 AND i.media = $3 AND i.address = $4 ORDER BY i.id DESC LIMIT 1",
                         SQL_WITH(sql_span(text_external(&texts, msg_id)), sql_text(tenant), sql_text(media),
                                  sql_span(text_clean(&texts, address, STORE_ADDRESS_MAX))));
    texts_free(&texts);
    return good;
}

const char *store_odd(struct store *store)
{
    if (store->odd_told || !store->odd[0]) return NULL;
    store->odd_told = true;
    return store->odd;
}

/* ---- interactions ---- */

static bool arrival_good(const struct store_arrival *arrival, struct error *error)
{
    if (!store_word_good(arrival->tenant, "tenant", error) || !store_word_good(arrival->media, "medium", error))
        return false;
    if (arrival->external_id.length > 0) return true;
    return error_set(error, ERROR_INPUT, "the interaction has no external id, by which it would be known again");
}

/* Finds or makes the contact of the arrival's sender. A sender that is no address, such as the empty one of a delivery
 * report, has no contact. */
static bool arrival_contact_of(struct store *store, const struct store_arrival *arrival, struct store_key *key,
                               struct error *error)
{
    char address[STORE_ADDRESS_MAX + 1];
    int64_t contact = 0;
    bool there = false;
    key->contact = arrival->contact;
    if (key->contact != 0) {
        if (!store_owns(store, arrival->tenant, STORE_OF_contact, key->contact, error) ||
            !sql_find(store->sql, error, &contact, &there, "SELECT id FROM contacts WHERE id = $1 AND erased IS NULL",
                      SQL_WITH(sql_number(key->contact))))
            return false;
        if (there) return true;
        key->contact = 0; /* the contact was erased meanwhile: the address gets a new contact */
    }
    if (!store_address(arrival->kind, arrival->address, store->country, address, NULL)) return true;
    return contact_make(store, arrival->tenant, arrival->kind, address, arrival->address, arrival->name,
                        arrival->received, &key->contact, error);
}

/* Finds the thread: that of the parent, else that of the interaction to which the message refers, else its own. */
static bool thread_of(struct store *store, const struct store_arrival *arrival, struct store_key *key,
                      struct error *error)
{
    struct store_key found = {.interaction = arrival->parent};
    bool there = false;
    key->parent = arrival->parent;
    if (arrival->parent != 0)
        return store_owns(store, arrival->tenant, STORE_OF_interaction, arrival->parent, error) &&
               sql_find(store->sql, error, &key->thread, &there, "SELECT thread FROM interactions WHERE id = $1",
                        SQL_WITH(sql_number(arrival->parent)));
    if (!store_by_reference(store, arrival->tenant, arrival->media, arrival->references, arrival->reference_count,
                            &found, error))
        return false;
    key->parent = found.interaction;
    key->thread = found.thread;
    return true;
}

/* Inserts the arrival's interaction. `*there` false: another program has inserted an interaction with the same name
 * meanwhile. */
static bool interaction_insert(struct store *store, const struct store_arrival *arrival, struct store_key *key,
                               struct span name, bool *there, struct error *error)
{
    assert(!key->known);
    struct texts texts = {0};
    struct span external = text_external(&texts, name),
                address = text_clean(&texts, arrival->address, STORE_ADDRESS_MAX),
                subject = text_clean(&texts, arrival->message.subject, STORE_SUBJECT_MAX);
    bool good =
        sql_find(store->sql, error, &key->interaction, there,
                 "INSERT INTO interactions(tenant, media, external_id, contact, direction, parent, thread, address,"
                 " subject, received, journal, messages) VALUES($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, 0)"
                 " ON CONFLICT (tenant, media, external_id) DO NOTHING RETURNING id",
                 SQL_WITH(sql_text(arrival->tenant), sql_text(arrival->media), sql_span(external),
                          sql_number_or_null(key->contact), sql_text(arrival->outbound ? "out" : "in"),
                          sql_number_or_null(key->parent), sql_number_or_null(key->thread), sql_text_or_null(address),
                          sql_text_or_null(subject), sql_number(arrival->received),
                          sql_number_or_null((int64_t)arrival->journal)));
    texts_free(&texts);
    if (!good || !*there || key->thread != 0) return good;
    key->thread = key->interaction;
    return sql_do(store->sql, error, "UPDATE interactions SET thread = id WHERE id = $1",
                  SQL_WITH(sql_number(key->interaction)));
}

static void arrival_odd(struct store *store, const struct store_key *key, const struct store_arrival *arrival)
{
    snprintf(
        store->odd, sizeof store->odd,
        "interaction %lld has the external id %.*s and is something else: both are kept; whoever gives these ids gives "
        "them twice",
        (long long)key->interaction, (int)arrival->external_id.length, (const char *)arrival->external_id.bytes);
    store->odd_told = false;
}

/* Finds out whether the arrival is already stored. If an item with another content has its name, the arrival gets
 * another name. */
static bool arrival_known(struct store *store, const struct store_arrival *arrival, struct texts *texts,
                          struct span *name, struct store_key *key, struct error *error)
{
    bool same = true;
    if (!store_by_external(store, arrival->tenant, arrival->media, *name, key, error)) return false;
    if (key->known && !store_arrival_same(store, key->interaction, arrival, &same, error)) return false;
    if (same) return true;
    arrival_odd(store, key, arrival);
    return store_arrival_forked(store, arrival, texts, name, error) &&
           store_by_external(store, arrival->tenant, arrival->media, *name, key, error);
}

/* Puts the arrival. `*there` false: the arrival is known, or another program has stored it meanwhile. */
static bool arrival_put(struct store *store, const struct store_arrival *arrival, struct span name,
                        struct store_key *key, bool *there, struct error *error)
{
    assert(name.length > 0); /* an interaction without a name could not be recognised later */
    int64_t n;
    bool known;
    *there = !key->known;
    if (!*there) return true;
    assert(key->interaction == 0);
    if (!arrival_contact_of(store, arrival, key, error) || !thread_of(store, arrival, key, error)) return false;
    if (!interaction_insert(store, arrival, key, name, there, error)) return false;
    if (!*there || !store_message_given(&arrival->message)) return true;
    return store_message_put(store, key->interaction, &arrival->message, &n, &known, error);
}

/* Tries once to store the arrival, in one transaction. `*again`: another program has stored an interaction under the
 * same name meanwhile, with which the arrival must be compared first. */
static bool put_once(struct store *store, const struct store_arrival *arrival, struct store_key *key, bool *again,
                     struct error *error)
{
    struct texts texts = {0};
    struct span name = arrival->external_id;
    bool there = false;
    *key = (struct store_key){0};
    store->odd_told = true;
    if (!sql_begin(store->sql, error)) return false;
    bool good = arrival_known(store, arrival, &texts, &name, key, error) &&
                arrival_put(store, arrival, name, key, &there, error);
    texts_free(&texts);
    *again = good && !there && !key->known;
    assert(!good || !there || key->interaction != 0);
    if (!good || there) return store_transaction_end(store, good, error);
    sql_rollback(store->sql); /* the rollback also removes the contact that may have been made for the arrival */
    return true;
}

bool store_put(struct store *store, const struct store_arrival *arrival, struct store_key *key, struct error *error)
{
    bool again = true;
    if (!arrival_good(arrival, error)) return false;
    while (again)
        if (!put_once(store, arrival, key, &again, error)) return false;
    return true;
}

/* ---- what becomes of interactions and messages ---- */

static bool arrival_changed(struct store *store, bool good, int64_t interaction, struct error *error)
{
    if (!good || sql_changes(store->sql) == 1) return good;
    return error_set(error, ERROR_UNKNOWN, "the contact store has no interaction %lld", (long long)interaction);
}

bool store_submitted(struct store *store, int64_t interaction, uint64_t journal, const char *ixn, struct error *error)
{
    if (!store_word_good(ixn, "interaction", error)) return false;
    return arrival_changed(
        store,
        sql_do(store->sql, error, "UPDATE interactions SET ixn = $1, journal = $2 WHERE id = $3",
               SQL_WITH(sql_text(ixn), sql_number_or_null((int64_t)journal), sql_number(interaction))),
        interaction, error);
}

/* SQL: who has had an interaction, and the agent of `$1`, if it is not null, as the last of them. A list that has
 * become long stays as it is. */
#define AGENTS_WITH                                                                                                    \
    " agents = CASE WHEN CAST($1 AS TEXT) IS NULL THEN agents WHEN agents IS NULL THEN CAST($1 AS TEXT)"               \
    " WHEN length(agents) > 1000 OR " STORE_HAD("agents") " THEN agents ELSE agents || '\n' || CAST($1 AS TEXT) END"

/* Notes the end of an interaction; the first end that is noted stays. */
bool store_ended(struct store *store, int64_t interaction, const char *agent, const char *result, int64_t ended,
                 struct error *error)
{
    struct texts texts = {0};
    struct span name = text_clean(&texts, span_of(agent ? agent : ""), STORE_NAME_MAX),
                what = text_clean(&texts, span_of(result ? result : ""), STORE_WORD_MAX);
    bool good = sql_do(
        store->sql, error,
        "UPDATE interactions SET agent = coalesce($1, agent), result = coalesce($2, result),"
        " ended = coalesce(ended, $3)," AGENTS_WITH " WHERE id = $4",
        SQL_WITH(sql_text_or_null(name), sql_text_or_null(what), sql_number_or_null(ended), sql_number(interaction)));
    texts_free(&texts);
    return arrival_changed(store, good, interaction, error);
}

bool store_taken(struct store *store, int64_t interaction, const char *agent, int64_t at, struct error *error)
{
    if (!store_word_good(agent, "agent", error)) return false;
    return arrival_changed(store,
                           sql_do(store->sql, error,
                                  "UPDATE interactions SET taken = CASE WHEN agent = $1 AND taken > 0 THEN taken"
                                  " ELSE CAST($2 AS BIGINT) END, agent = $1," AGENTS_WITH " WHERE id = $3",
                                  SQL_WITH(sql_text(agent), sql_number(at), sql_number(interaction))),
                           interaction, error);
}

bool store_had(struct store *store, int64_t interaction, const char *agent, struct error *error)
{
    if (!store_word_good(agent, "agent", error)) return false;
    return arrival_changed(store,
                           sql_do(store->sql, error, "UPDATE interactions SET" AGENTS_WITH " WHERE id = $2",
                                  SQL_WITH(sql_text(agent), sql_number(interaction))),
                           interaction, error);
}

bool store_given_back(struct store *store, int64_t interaction, const char *agent, struct error *error)
{
    return sql_do(store->sql, error,
                  "UPDATE interactions AS i SET taken = CASE WHEN " STORE_TYPED("i") " THEN 0 END WHERE id = $1 AND"
                                                                                     " agent = $2",
                  SQL_WITH(sql_number(interaction), sql_text(agent)));
}

bool store_same_name(struct span kept, struct span name)
{
    struct texts texts = {0};
    bool same = span_equal(kept, name) || span_equal(kept, text_external(&texts, name)) ||
                span_equal(kept, text_digest(&texts, name));
    texts_free(&texts);
    return same;
}

bool store_over(struct store *store, int64_t interaction, const char *result, int64_t ended, struct error *error)
{
    return arrival_changed(store,
                           sql_do(store->sql, error,
                                  "UPDATE interactions SET result = coalesce(result, $1), ended = coalesce(ended, $2)"
                                  " WHERE id = $3",
                                  SQL_WITH(sql_text(result), sql_number(ended), sql_number(interaction))),
                           interaction, error);
}

bool store_told(struct store *store, int64_t interaction, int64_t n, const char *result, struct span text,
                struct error *error)
{
    struct texts texts = {0};
    struct span clean;
    bool good =
        text_whole(&texts, text, STORE_TEXT_MAX, "the text of the message", &clean, error) &&
        sql_do(store->sql, error,
               "UPDATE messages SET result = $1, text = (SELECT CASE WHEN erased IS NULL THEN coalesce($2, text) END"
               " FROM interactions WHERE id = $3) WHERE interaction = $3 AND n = $4",
               SQL_WITH(sql_text_or_null(span_of(result)), sql_text_or_null(clean), sql_number(interaction),
                        sql_number(n)));
    texts_free(&texts);
    return arrival_changed(store, good, interaction, error);
}

void store_erased_name(struct span name, char erased[STORE_ERASED_NAME])
{
    struct texts texts = {0};
    struct span digest = text_digest(&texts, name);
    snprintf(erased, STORE_ERASED_NAME, "%.*s", (int)digest.length, (const char *)digest.bytes);
    texts_free(&texts);
}
