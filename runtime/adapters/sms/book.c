/* runtime/adapters/sms/book.c - The tables of book.def: opened, and what comes. */
#include "runtime/adapters/sms/book_state.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/adapters/sms/alphabet.h"
#include "runtime/vocabulary/bytes.h"
#include "runtime/vocabulary/ident.h"
#include "runtime/vocabulary/memory.h"
#include "runtime/vocabulary/why.h"

#define SCHEMA_DEF "runtime/adapters/sms/book.def"
#include "runtime/sql/schema_rows.h"

enum { BOOK_VERSION = 2 };
#define SECOND      INT64_C(1000000)
#define DAY         (86400 * SECOND)
#define SAME_WITHIN (10 * SECOND)
#define GAP_MARK    "[...]"

static const char *const after[] = {
#define INDEX(unique, name, on) "CREATE " #unique " INDEX IF NOT EXISTS " #name " ON " on,
#include "runtime/adapters/sms/book.def"
    NULL};

static const struct sql_schema schema = {
    .name = "gcx_sms",
    .asked = "SELECT version FROM gcx_sms",
    .program = "the plugin sms",
    .version = BOOK_VERSION,
    .tables = tables,
    .count = sizeof tables / sizeof *tables,
    .after = {[SQL_SQLITE] = after, [SQL_POSTGRES] = after},
};

/* A book of before has those who want no messages in a table of its own. */
static bool book_refusals_move(struct book *book, struct error *error)
{
    return sql_run(book->sql,
                   "INSERT INTO refusals(tenant, kind, address, media, own, word, since) SELECT '', 'phone', customer,"
                   " 'sms', own, word, since FROM sms_stopped WHERE since IS NOT NULL ON CONFLICT (tenant, kind,"
                   " address, media, own) DO NOTHING; DELETE FROM sms_stopped",
                   error);
}

struct book *book_open(const struct setting *setting, char *why, size_t why_size)
{
    struct error error;
    struct book *book = memory_zeroed(1, sizeof *book);
    book->setting = setting;
    book->store = store_open(setting->store, &(struct store_options){.country = setting->country}, &error);
    book->sql = book->store ? store_sql(book->store) : NULL;
    bool good = book->sql && sql_schema_make(book->sql, &schema, &error) && book_refusals_move(book, &error);
    if (good && (!*setting->lists || (book->lists = lists_open(setting->lists, false, &error)))) return book;
    why_set(why, why_size, "%s: %s", good ? "lists" : "store", error.text);
    book_close(book);
    return NULL;
}

void book_close(struct book *book)
{
    if (!book) return;
    lists_close(book->lists);
    store_close(book->store);
    free(book);
}

struct store *book_store(struct book *book)
{
    return book->store;
}

/* In SQLite, lists in the same file would wait for us. */
bool book_together_begin(struct book *book, struct error *error)
{
    bool same = book->lists && strcmp(book->setting->lists, book->setting->store) == 0;
    return same ? error_set(error, ERROR_STATE, "the lists are in the same database")
                : store_group_begin(book->store, error);
}

bool book_together_end(struct book *book, struct error *error)
{
    return store_group_end(book->store, error);
}

bool book_step_begin(struct book *book, struct error *error)
{
    return sql_begin(book->sql, error);
}

bool book_step_end(struct book *book, bool good, struct error *error)
{
    if (good && sql_commit(book->sql, error)) return true;
    sql_rollback(book->sql);
    return false;
}

void book_message_free(gpointer data)
{
    struct book_message *message = data;
    if (!message) return;
    g_free(message->text);
    free(message);
}

/* ---- the same message again ---- */

static char *book_digest(const struct book_message *message)
{
    char *all = *message->peer_id
                    ? g_strdup_printf("%s\n%s\nnamed %s", message->own, message->customer, message->peer_id)
                    : g_strdup_printf("%s\n%s\n%u/%u/%u\n%s", message->own, message->customer, message->place.ref,
                                      message->place.total, message->place.n, message->text);
    char *digest = g_compute_checksum_for_string(G_CHECKSUM_SHA256, all, -1);
    g_free(all);
    return digest;
}

/* Finds the row of the same message, or makes one. A message that was not answered comes again whenever the other side
 * likes; one that was answered is another one when the customer has had time to write it anew. */
static bool book_meet(struct book *book, struct book_message *message, struct error *error)
{
    char *digest = book_digest(message);
    struct sql_rows *rows =
        sql_ask(book->sql, error,
                "SELECT id, external_id FROM sms_arrived WHERE digest = $1 AND came > $2 AND (answered IS NULL OR"
                " answered > $3) ORDER BY id DESC LIMIT 1",
                SQL_WITH(sql_text(digest), sql_number(message->now - DAY),
                         sql_number(*message->peer_id ? 0 : message->now - SAME_WITHIN)));
    if (sql_next(rows)) {
        message->part = sql_int(rows, 0);
        text_set_span(message->external_id, sizeof message->external_id, sql_string(rows, 1));
    }
    bool there, good = sql_end(rows, error);
    if (good && message->part == 0)
        good = sql_find(book->sql, error, &message->part, &there,
                        "INSERT INTO sms_arrived(digest, external_id, came, own) VALUES($1, $2, $3, $4) RETURNING id",
                        SQL_WITH(sql_text(digest), sql_text(""), sql_number(message->now), sql_text(message->own)));
    g_free(digest);
    return good;
}

/* ---- parts ---- */

static bool book_put_part(struct book *book, const struct book_message *message, struct error *error)
{
    return sql_do(book->sql, error,
                  "INSERT INTO sms_parts(own, customer, mark, total, n, text, came, arrived) VALUES($1, $2, $3, $4, $5,"
                  " $6, $7, $8) ON CONFLICT (own, customer, mark, total, n) DO UPDATE SET text = excluded.text, came ="
                  " excluded.came, arrived = excluded.arrived",
                  SQL_WITH(sql_text(message->own), sql_text(message->customer), sql_number(message->place.ref),
                           sql_number(message->place.total), sql_number(message->place.n), sql_text(message->text),
                           sql_number(message->now), sql_number(message->part)));
}

/* The texts behind each other, with a mark where one is missing. `*count`: how many are there. */
static bool book_join(struct book *book, struct book_message *message, unsigned *count, struct error *error)
{
    GString *whole = g_string_new(NULL);
    unsigned next = 1;
    *count = 0;
    struct sql_rows *rows = sql_ask(
        book->sql, error,
        "SELECT n, text FROM sms_parts WHERE own = $1 AND customer = $2 AND mark = $3 AND total = $4 ORDER BY n",
        SQL_WITH(sql_text(message->own), sql_text(message->customer), sql_number(message->place.ref),
                 sql_number(message->place.total)));
    while (sql_next(rows)) {
        struct span text = sql_string(rows, 1);
        unsigned n = (unsigned)sql_int(rows, 0);
        if (n != next) g_string_append(whole, GAP_MARK);
        g_string_append_len(whole, (const char *)text.bytes, text.length);
        next = n + 1;
        ++*count;
    }
    if (next <= message->place.total) g_string_append(whole, GAP_MARK);
    alphabet_join(whole);
    g_free(message->text);
    message->text = g_string_free(whole, FALSE);
    return sql_end(rows, error);
}

static bool book_drop_parts(struct book *book, const struct book_message *message, struct error *error)
{
    return message->place.total == 1 ||
           sql_do(book->sql, error,
                  "DELETE FROM sms_parts WHERE own = $1 AND customer = $2 AND mark = $3 AND total = $4",
                  SQL_WITH(sql_text(message->own), sql_text(message->customer), sql_number(message->place.ref),
                           sql_number(message->place.total)));
}

/* ---- into the contact store ---- */

/* All of its parts have the name, so that each is known that comes again. */
static bool book_name(struct book *book, struct book_message *message, struct error *error)
{
    if (*message->external_id) return true;
    assert(message->part != 0);
    snprintf(message->external_id, sizeof message->external_id, "sms-%lld-%lld", (long long)message->part,
             (long long)message->now);
    return sql_do(book->sql, error,
                  "UPDATE sms_arrived SET external_id = $1 WHERE id = $2 OR id IN (SELECT arrived FROM sms_parts WHERE"
                  " own = $3 AND customer = $4 AND mark = $5 AND total = $6)",
                  SQL_WITH(sql_text(message->external_id), sql_number(message->part), sql_text(message->own),
                           sql_text(message->customer), sql_number(message->place.ref),
                           sql_number(message->place.total)));
}

static bool book_keep(struct book *book, struct book_message *message, struct error *error)
{
    struct store_key key;
    struct store_arrival arrival = {.tenant = "",
                                    .media = "sms",
                                    .external_id = span_of(message->external_id),
                                    .kind = STORE_phone,
                                    .address = span_of(message->customer),
                                    .received = message->now,
                                    .journal = message->journal,
                                    .message = {.msg_id = span_of(message->external_id),
                                                .at = message->now,
                                                .sender = span_of(message->customer),
                                                .text = span_of(message->text)}};
    if (!store_put(book->store, &arrival, &key, error)) return false;
    message->interaction = key.interaction;
    return true;
}

static void take_first_line(void *self, const struct store_line *line)
{
    struct book_message *message = self;
    g_free(message->text);
    message->text = g_strndup((const char *)line->text.bytes, line->text.length);
}

/* The message came before and has a name: is it in the store, too? Then its text is the store's. */
static bool book_kept_before(struct book *book, struct book_message *message, struct error *error)
{
    struct store_key key = {0};
    if (!*message->external_id) return true;
    if (!store_by_external(book->store, "", "sms", span_of(message->external_id), &key, error)) return false;
    message->interaction = key.interaction;
    return key.interaction == 0 ||
           store_transcript(book->store, key.interaction, 0, 1, true, take_first_line, message, error);
}

static void take_end(void *self, const struct store_shown *shown)
{
    *(int64_t *)self = shown->ended;
}

static void take_lost(void *self, const struct store_shown *shown)
{
    struct book_message *message = self;
    text_set_span(message->external_id, sizeof message->external_id, shown->external_id);
    text_set_span(message->customer, sizeof message->customer, shown->address);
    message->now = shown->received;
}

bool book_again(struct book *book, struct book_message *message, int64_t now, struct error *error)
{
    assert(message->interaction != 0 && !message->text);
    message->place = (struct part_place){.total = 1, .n = 1};
    message->arrived = BOOK_SUBMIT;
    if (!store_interaction(book->store, message->interaction, take_lost, message, error) ||
        !store_transcript(book->store, message->interaction, 0, 1, true, take_first_line, message, error))
        return false;
    struct sql_rows *rows =
        sql_ask(book->sql, error, "SELECT own FROM sms_arrived WHERE external_id = $1 AND own IS NOT NULL LIMIT 1",
                SQL_WITH(sql_text(message->external_id)));
    bool known = sql_next(rows) && text_set_span(message->own, sizeof message->own, sql_string(rows, 0));
    if (!sql_end(rows, error)) return false;
    return (known && message->text) ||
           (store_over(book->store, message->interaction, "lost", now, error) &&
            error_set(error, ERROR_UNKNOWN, "its number of ours is not known any more: it is ended as lost"));
}

/* ---- words ---- */

/* Has the word been acted upon? One that is brought again would beat a newer one. But what the provider does not name
 * may be the same word written once more, and to leave is never passed over. */
static bool book_word_is_over(struct book *book, const struct book_message *message, bool before, bool *over,
                              struct error *error)
{
    int64_t ended = 0;
    *over = false;
    if (!before || message->word == WORDS_HELP || (message->word == WORDS_STOP && !*message->peer_id)) return true;
    if (!store_interaction(book->store, message->interaction, take_end, &ended, error)) return false;
    *over = ended != 0;
    return true;
}

static bool book_take_word(struct book *book, struct book_message *message, struct error *error)
{
    struct store_refusal refusal = {.tenant = "",
                                    .media = "sms",
                                    .kind = STORE_phone,
                                    .address = span_of(message->customer),
                                    .own = span_of(message->own),
                                    .word = span_of(message->text),
                                    .since = message->now};
    message->arrived = BOOK_WORD;
    message->anew = message->word == WORDS_HELP;
    bool good = true;
    if (message->word != WORDS_HELP)
        good = store_refuse(book->store, &refusal, message->word == WORDS_STOP, &message->anew, error);
    return good && book_share_word(book, message, error) &&
           store_ended(book->store, message->interaction, NULL,
                       message->word == WORDS_STOP    ? "stopped"
                       : message->word == WORDS_START ? "started"
                                                      : "helped",
                       message->now, error);
}

/* ---- all of it ---- */

static bool book_take_whole(struct book *book, struct book_message *message, struct error *error)
{
    if (!*message->text) {
        g_free(message->text);
        message->text = g_strdup(book->setting->empty);
    }
    message->arrived = BOOK_SUBMIT;
    message->word = reserved_read(message->text, book->setting->languages);
    if (message->word == WORDS_HELP && !*book->setting->help) message->word = WORDS_NONE;
    if (!book_name(book, message, error)) return false;
    if (message->word == WORDS_NONE && message->interaction == 0 && book->setting->route_count > 0) {
        message->arrived = BOOK_ASK;
        return true;
    }
    bool before = message->interaction != 0, over = false;
    if (!book_keep(book, message, error)) return false;
    if (message->word == WORDS_NONE) return true;
    if (!book_word_is_over(book, message, before, &over, error)) return false;
    if (!over) return book_take_word(book, message, error);
    message->arrived = BOOK_PART; /* it is answered, and nothing else */
    return true;
}

bool book_keep_alone(struct book *book, struct book_message *message, struct error *error)
{
    assert(message->arrived == BOOK_ASK && *message->external_id);
    message->arrived = BOOK_SUBMIT;
    return book_keep(book, message, error);
}

/* Each step may be the last one before the process ends: the message comes again then, and goes on from there. */
bool book_arrive(struct book *book, struct book_message *message, struct error *error)
{
    unsigned count = 1;
    assert(message->place.n >= 1 && message->place.n <= message->place.total && message->part == 0);
    if (!book_meet(book, message, error) || !book_kept_before(book, message, error)) return false;
    if (message->interaction != 0) return book_take_whole(book, message, error);
    if (message->place.total > 1 && (!book_put_part(book, message, error) || !book_join(book, message, &count, error)))
        return false;
    message->arrived = BOOK_PART;
    return count < message->place.total || book_take_whole(book, message, error);
}

bool book_answered(struct book *book, const struct book_message *message, uint64_t ixn, int64_t now,
                   struct error *error)
{
    char text[IXN_TEXT];
    if (ixn != 0) {
        ixn_print(ixn, text);
        if (!store_submitted(book->store, message->interaction, message->journal, text, error)) return false;
    }
    if ((message->interaction != 0 || message->said) && !book_drop_parts(book, message, error)) return false;
    return message->part == 0 || sql_do(book->sql, error, "UPDATE sms_arrived SET answered = $1 WHERE id = $2",
                                        SQL_WITH(sql_number(now), sql_number(message->part)));
}

/* The set is a message under the name that it has already, where it was taken and the core could not be told. */
static bool book_take_gap(struct book *book, struct book_message *message, struct error *error)
{
    unsigned count;
    struct sql_rows *rows =
        sql_ask(book->sql, error,
                "SELECT min(id), max(external_id) FROM sms_arrived WHERE id IN (SELECT arrived FROM sms_parts WHERE own"
                " = $1 AND customer = $2 AND mark = $3 AND total = $4)",
                SQL_WITH(sql_text(message->own), sql_text(message->customer), sql_number(message->place.ref),
                         sql_number(message->place.total)));
    if (sql_next(rows)) {
        message->part = sql_int(rows, 0);
        text_set_span(message->external_id, sizeof message->external_id, sql_string(rows, 1));
    }
    return sql_end(rows, error) && book_join(book, message, &count, error) && count > 0 && message->part != 0 &&
           book_take_whole(book, message, error);
}

bool book_gaps(struct book *book, int64_t now, uint64_t journal, GPtrArray *messages, struct error *error)
{
    guint from = messages->len;
    struct sql_rows *rows = sql_ask(book->sql, error,
                                    "SELECT own, customer, mark, total FROM sms_parts GROUP BY own, customer, mark,"
                                    " total HAVING max(came) < $1 LIMIT 100",
                                    SQL_WITH(sql_number(now - (int64_t)book->setting->gap * SECOND)));
    while (sql_next(rows)) {
        struct book_message *message = memory_zeroed(1, sizeof *message);
        text_set_span(message->own, sizeof message->own, sql_string(rows, 0));
        text_set_span(message->customer, sizeof message->customer, sql_string(rows, 1));
        message->place =
            (struct part_place){.ref = (unsigned)sql_int(rows, 2), .total = (unsigned)sql_int(rows, 3), .n = 1};
        message->now = now;
        message->journal = journal;
        g_ptr_array_add(messages, message);
    }
    bool good = sql_end(rows, error);
    for (guint i = from; i < messages->len && good; i++) good = book_take_gap(book, messages->pdata[i], error);
    return good;
}

bool book_tidy(struct book *book, int64_t now, struct error *error)
{
    return sql_do(book->sql, error, "DELETE FROM sms_arrived WHERE came < $1", SQL_WITH(sql_number(now - DAY))) &&
           sql_do(book->sql, error,
                  "DELETE FROM sms_sent_parts WHERE message IN (SELECT id FROM sms_sent WHERE begun < $1)",
                  SQL_WITH(sql_number(now - 2 * DAY))) &&
           sql_do(book->sql, error, "DELETE FROM sms_sent WHERE begun < $1", SQL_WITH(sql_number(now - 2 * DAY)));
}
