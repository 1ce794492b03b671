/* runtime/post/postbook_in.c - The part of the book for items from customers.
 *
 *     brought --> kept (in the contact store) --> owned (the core has it) --> ended
 *        '------> said (in a conversation)
 *
 *     the same item again     found by its digest: own number, customer, place, text, name
 *     a long message          pieces wait in post_pieces until all are there, or a gap is given up
 *
 * An item is answered only when it is durable, so the other side brings it again if this process ends before. After
 * each step the process may end without harm. */
#include <assert.h>
#include <stdio.h>
#include <stdlib.h>

#include "runtime/post/postbook_state.h"
#include "runtime/post/talks.h"
#include "runtime/vocabulary/bytes.h"
#include "runtime/vocabulary/ident.h"
#include "base/memory.h"

#define SECOND      INT64_C(1000000)
#define DAY         (86400 * SECOND)
#define SAME_WITHIN (10 * SECOND)
#define GAP_MARK    "[...]"

void post_item_free(gpointer data)
{
    struct post_item *item = data;
    if (!item) return;
    if (item->news) g_array_free(item->news, TRUE);
    g_free(item->text), g_free(item->agent);
    free(item);
}

/* ---- an item that comes again ---- */

/* Computes the digest of an item. `named`: the digest is only that of the name from the other side, as in version 2 of
 * the plugin `sms`. The caller frees the digest. */
static char *item_digest(const struct post_item *item, bool named)
{
    char *all = named ? g_strdup_printf("%s\n%s\nnamed %s", item->own, item->customer, item->peer_id)
                      : g_strdup_printf("%s\n%s\n%u/%u/%u\n%s%s%s", item->own, item->customer, item->place.mark,
                                        item->place.total, item->place.n, item->text, *item->peer_id ? "\nnamed " : "",
                                        item->peer_id);
    char *digest = g_compute_checksum_for_string(G_CHECKSUM_SHA256, all, -1);
    g_free(all);
    return digest;
}

static bool item_find(struct postbook *book, struct post_item *item, const char *digest, struct error *error)
{
    char *named = item_digest(item, *item->peer_id != 0), before[POST_DIGEST];
    g_strlcpy(before, named, sizeof before);
    g_free(named);
    if (book->way->before) book->way->before(item, before);
    struct sql_rows *rows = sql_ask(book->sql, error,
                                    "SELECT id, external_id, state, answered IS NULL FROM post_came WHERE way = $1 AND "
                                    "digest IN ($2, $3) AND came > $4 AND"
                                    " (answered IS NULL OR answered > $5) ORDER BY id DESC LIMIT 1",
                                    SQL_WITH(sql_text(book->way->name), sql_text(digest), sql_text(before),
                                             sql_number(item->now - (*item->peer_id ? NAMED_FOR : DAY)),
                                             sql_number(*item->peer_id ? 0 : item->now - SAME_WITHIN)));
    if (sql_next(rows)) {
        item->brought = sql_int(rows, 0);
        text_set_span(item->external_id, sizeof item->external_id, sql_string(rows, 1));
        item->said = span_is(sql_string(rows, 2), post_in_name(POST_IN_said));
        item->unanswered = sql_int(rows, 3) != 0;
    }
    return sql_end(rows, error);
}

/* Finds the row of the same item, or makes one. An item that was not answered is the same item when it comes again:
 * within a day, or within eight days if the other side has given it a name. Without such a name an item that was
 * answered counts as new after ten seconds, because the customer may have written the same text again. */
static bool item_meet(struct postbook *book, struct post_item *item, struct error *error)
{
    char *digest = item_digest(item, false);
    bool there, good = item_find(book, item, digest, error);
    if (good && item->brought == 0)
        good =
            sql_find(book->sql, error, &item->brought, &there,
                     "INSERT INTO post_came(way, digest, external_id, state, came, own) VALUES($1, $2, $3, $4, $5, $6)"
                     " RETURNING id",
                     SQL_WITH(sql_text(book->way->name), sql_text(digest), sql_text(""),
                              sql_text(post_in_name(POST_IN_brought)), sql_number(item->now), sql_text(item->own)));
    g_free(digest);
    return good;
}

/* Sets the state of an item from a customer, found by its row or by its name. Nothing is changed if post.def does
 * not allow it. */
static bool postbook_in_becomes(struct postbook *book, int64_t brought, const char *external_id, enum post_in state,
                                struct error *error)
{
    return sql_do(book->sql, error, book->in_becomes[state].bytes,
                  SQL_WITH(sql_text(post_in_name(state)), sql_text(book->way->name), sql_number(brought),
                           sql_text(*external_id ? external_id : NULL)));
}

/* ---- pieces ---- */

static bool item_put_piece(struct postbook *book, const struct post_item *item, struct error *error)
{
    return sql_do(
        book->sql, error,
        "INSERT INTO post_pieces(way, own, customer, mark, total, n, text, came, brought) VALUES($1, $2, $3, $4,"
        " $5, $6, $7, $8, $9) ON CONFLICT (way, own, customer, mark, total, n) DO UPDATE SET text ="
        " excluded.text, came = excluded.came, brought = excluded.brought",
        SQL_WITH(sql_text(book->way->name), sql_text(item->own), sql_text(item->customer), sql_number(item->place.mark),
                 sql_number(item->place.total), sql_number(item->place.n), sql_text(item->text), sql_number(item->now),
                 sql_number(item->brought)));
}

/* Joins the texts of the pieces, with a mark for each gap of missing pieces. `*count`: how many pieces there are.
 * The last piece may be missing, too, so the mark may be at the end. */
static bool item_join(struct postbook *book, struct post_item *item, unsigned *count, struct error *error)
{
    GString *whole = g_string_new(NULL);
    unsigned next = 1;
    *count = 0;
    struct sql_rows *rows = sql_ask(
        book->sql, error,
        "SELECT n, text FROM post_pieces WHERE way = $1 AND own = $2 AND customer = $3 AND mark = $4 AND total = $5"
        " ORDER BY n",
        SQL_WITH(sql_text(book->way->name), sql_text(item->own), sql_text(item->customer), sql_number(item->place.mark),
                 sql_number(item->place.total)));
    while (sql_next(rows)) {
        struct span text = sql_string(rows, 1);
        unsigned n = (unsigned)sql_int(rows, 0);
        if (n != next) g_string_append(whole, GAP_MARK);
        g_string_append_len(whole, (const char *)text.bytes, text.length);
        next = n + 1;
        ++*count;
    }
    if (next <= item->place.total) g_string_append(whole, GAP_MARK);
    if (book->way->join) book->way->join(whole);
    g_free(item->text);
    item->text = g_string_free(whole, FALSE);
    return sql_end(rows, error);
}

static bool item_drop_pieces(struct postbook *book, const struct post_item *item, struct error *error)
{
    return item->place.total == 1 ||
           sql_do(book->sql, error,
                  "DELETE FROM post_pieces WHERE way = $1 AND own = $2 AND customer = $3 AND mark = $4 AND total = $5",
                  SQL_WITH(sql_text(book->way->name), sql_text(item->own), sql_text(item->customer),
                           sql_number(item->place.mark), sql_number(item->place.total)));
}

/* ---- into the contact store ---- */

/* Gives a name to the item and to all of its pieces, so that each piece is recognised when it comes again. */
static bool item_name(struct postbook *book, struct post_item *item, struct error *error)
{
    if (*item->external_id) return true;
    assert(item->brought != 0);
    snprintf(item->external_id, sizeof item->external_id, "%s-%lld-%lld", book->way->name, (long long)item->brought,
             (long long)item->now);
    return sql_do(book->sql, error,
                  "UPDATE post_came SET external_id = $1 WHERE id = $2 OR id IN (SELECT brought FROM post_pieces WHERE"
                  " way = $3 AND own = $4 AND customer = $5 AND mark = $6 AND total = $7)",
                  SQL_WITH(sql_text(item->external_id), sql_number(item->brought), sql_text(book->way->name),
                           sql_text(item->own), sql_text(item->customer), sql_number(item->place.mark),
                           sql_number(item->place.total)));
}

static bool item_keep(struct postbook *book, struct post_item *item, struct error *error)
{
    struct store_key key;
    struct store_arrival arrival = {.tenant = "",
                                    .media = book->way->name,
                                    .external_id = span_of(item->external_id),
                                    .kind = book->way->kind,
                                    .address = span_of(item->customer),
                                    .received = item->now,
                                    .journal = item->journal,
                                    .message = {.msg_id = span_of(item->external_id),
                                                .at = item->written != 0 ? item->written : item->now,
                                                .sender = span_of(item->customer),
                                                .text = span_of(item->text)}};
    if (!store_put(book->store, &arrival, &key, error)) return false;
    item->interaction = key.interaction;
    return postbook_in_becomes(book, item->brought, item->external_id, POST_IN_kept, error);
}

static void take_first_line(void *self, const struct store_line *line)
{
    struct post_item *item = self;
    g_free(item->text);
    item->text = g_strndup((const char *)line->text.bytes, line->text.length);
}

/* Looks up whether an item that came before, and has a name, is in the store, too. The text of an item that the store
 * has is read from the store. */
static bool item_kept_before(struct postbook *book, struct post_item *item, struct error *error)
{
    struct store_key key = {0};
    if (!*item->external_id) return true;
    if (!store_by_external(book->store, "", book->way->name, span_of(item->external_id), &key, error)) return false;
    item->interaction = key.interaction;
    return key.interaction == 0 ||
           store_transcript(book->store, key.interaction, 0, 1, true, take_first_line, item, error);
}

static void take_end(void *self, const struct store_shown *shown)
{
    *(int64_t *)self = shown->ended;
}

static void take_lost(void *self, const struct store_shown *shown)
{
    struct post_item *item = self;
    text_set_span(item->external_id, sizeof item->external_id, shown->external_id);
    text_set_span(item->customer, sizeof item->customer, shown->address);
    item->now = shown->received;
    if (span_is(shown->direction, "out"))
        item->agent = g_strndup((const char *)shown->agent.bytes, shown->agent.length);
}

/* Takes one result of an item that was sent; the book does not let a worse state replace a better one. A result that
 * is known already is reported again only if the process may have ended before the core had it: then the item that
 * brings it was not answered. The book does not know items that are older than its rows or of an earlier version:
 * for these the way reports all results. */
static bool item_report(struct postbook *book, const struct post_item *item, struct post_news *news,
                        struct error *error)
{
    struct post_fate fate = {0};
    struct post_receipt receipt = {.state = news->failed ? POST_OUT_failed : POST_OUT_delivered};
    if (news->seen) {
        news->ixn = 0;
        return book->way->reported(book->self, book->store, item, news, error);
    }
    for (unsigned i = 0; i < G_N_ELEMENTS(news->form) && !fate.known; i++) {
        g_strlcpy(receipt.form, news->form[i], sizeof receipt.form);
        if (!postbook_receipt(book, &receipt, item->now, &fate, error)) return false;
    }
    bool told = fate.repeated && !item->unanswered;
    if (!fate.known || (fate.stands && !told)) return book->way->reported(book->self, book->store, item, news, error);
    news->ixn = 0;
    return true;
}

/* Takes all results that an item brings; if none of them is about an interaction in the core, the item is treated as
 * an ordinary one. */
static bool item_reports(struct postbook *book, struct post_item *item, struct error *error)
{
    bool told = false;
    for (guint i = 0; item->news && i < item->news->len; i++) {
        struct post_news *news = &g_array_index(item->news, struct post_news, i);
        told |= news->ixn != 0 || news->seen;
        if (!item_report(book, item, news, error)) return false;
    }
    if (told) item->arrived = POST_NEWS;
    return true;
}

/* Handles an item that the store has and no core knows: it is read back to be submitted again, or ended with the
 * reason. */
bool postbook_again(struct postbook *book, struct post_item *item, int64_t now, const char **over, struct error *error)
{
    assert(item->interaction != 0 && !item->text);
    *over = NULL;
    item->place = (struct post_place){.total = 1, .n = 1};
    item->arrived = POST_SUBMIT;
    if (!store_interaction(book->store, item->interaction, take_lost, item, error) ||
        !store_transcript(book->store, item->interaction, 0, 1, true, take_first_line, item, error))
        return false;
    struct sql_rows *rows = sql_ask(
        book->sql, error, "SELECT own FROM post_came WHERE way = $1 AND external_id = $2 AND own IS NOT NULL LIMIT 1",
        SQL_WITH(sql_text(book->way->name), sql_text(item->external_id)));
    bool known = sql_next(rows) && text_set_span(item->own, sizeof item->own, sql_string(rows, 0));
    if (!sql_end(rows, error)) return false;
    if (book->way->again) {
        if (!book->way->again(book->self, book->store, item, over, error) || !item_reports(book, item, error))
            return false;
        if (*over && item->agent && !book->way->not_sent(book->store, item->interaction, item->journal, now, error))
            return false;
        return *over ? post_item_end(book->store, item->interaction, *over, now, error)
                     : postbook_in_becomes(book, 0, item->external_id, POST_IN_kept, error);
    }
    if (known && item->text) return postbook_in_becomes(book, 0, item->external_id, POST_IN_kept, error);
    *over = "lost"; /* the address of ours to which the item was sent is not known */
    return post_item_end(book->store, item->interaction, *over, now, error);
}

/* ---- words ---- */

/* Was the word acted upon already? A word that is brought again must not win over a newer one. But without a name
 * from the provider the word to leave is never ignored, because it may be a new word with the same text. */
static bool item_word_is_over(struct postbook *book, const struct post_item *item, bool before, bool *over,
                              struct error *error)
{
    int64_t ended = 0;
    *over = false;
    if (!before || item->word == WORDS_HELP || (item->word == WORDS_STOP && !*item->peer_id)) return true;
    if (!store_interaction(book->store, item->interaction, take_end, &ended, error)) return false;
    *over = ended != 0;
    return true;
}

static bool item_take_word(struct postbook *book, struct post_item *item, struct error *error)
{
    struct store_refusal refusal = {.tenant = "",
                                    .media = book->way->name,
                                    .kind = book->way->kind,
                                    .address = span_of(item->customer),
                                    .own = span_of(item->own),
                                    .word = span_of(item->text),
                                    .since = item->now};
    item->arrived = POST_WORD;
    item->anew = item->word == WORDS_HELP;
    bool good = true;
    if (item->word != WORDS_HELP)
        good = store_refuse(book->store, &refusal, item->word == WORDS_STOP, &item->anew, error);
    return good && postbook_share_word(book, item, error) &&
           store_ended(book->store, item->interaction, NULL,
                       item->word == WORDS_STOP    ? "stopped"
                       : item->word == WORDS_START ? "started"
                                                   : "helped",
                       item->now, error) &&
           postbook_in_becomes(book, item->brought, item->external_id, POST_IN_ended, error);
}

/* ---- an item as a whole ---- */

/* Handles a complete item: a word by which customers leave or come back is acted upon, and never becomes work for an
 * agent. */
static bool item_take_whole(struct postbook *book, struct post_item *item, struct error *error)
{
    if (!*item->text) {
        g_free(item->text);
        item->text = g_strdup(book->rules->empty ? book->rules->empty : "");
    }
    item->arrived = POST_SUBMIT;
    const struct reserved_rules *words = &book->rules->words;
    item->word = words->languages ? reserved_read(item->text, words, item->own) : WORDS_NONE;
    if (item->word == WORDS_PERSON) item->word = WORDS_NONE; /* the item's data tell the strategy of this wish */
    if (item->word == WORDS_HELP && reserved_answer(book->rules->help, item->text, words, item->own).length == 0)
        item->word = WORDS_NONE;
    if (!item_name(book, item, error)) return false;
    if (item->word == WORDS_NONE && item->interaction == 0 && book->rules->conversations) {
        item->arrived = POST_ASK;
        return true;
    }
    bool before = item->interaction != 0, over = false;
    if (!item_keep(book, item, error)) return false;
    if (item->word == WORDS_NONE) return true;
    if (!item_word_is_over(book, item, before, &over, error)) return false;
    if (!over) return item_take_word(book, item, error);
    item->arrived = POST_PIECE; /* the item is answered, and nothing more is done */
    return true;
}

bool postbook_keep_alone(struct postbook *book, struct post_item *item, struct error *error)
{
    assert(item->arrived == POST_ASK && *item->external_id);
    item->arrived = POST_SUBMIT;
    return item_keep(book, item, error);
}

/* Takes an item that its way reads and keeps, or a conversation; `peer_id` identifies it. */
static bool item_take_read(struct postbook *book, struct post_item *item, struct error *error)
{
    const struct post_talks *talks = item->talk ? book->talks : NULL;
    item->arrived = POST_SUBMIT;
    if (!talks) book->way->read(book->self, item);
    if (item->arrived != POST_SUBMIT) return true;
    if (!item_meet(book, item, error) ||
        !(talks ? talks->keep(talks->self, book->store, item, error)
                : book->way->keep(book->self, book->store, item, error)) ||
        !item_reports(book, item, error))
        return false;
    return sql_do(book->sql, error, "UPDATE post_came SET external_id = $1, own = $2 WHERE id = $3",
                  SQL_WITH(sql_text(item->external_id), sql_text(item->own), sql_number(item->brought))) &&
           postbook_in_becomes(book, item->brought, item->external_id, POST_IN_kept, error);
}

/* Keeps an item of a customer. The process may end after each step: the item then comes again, and goes on from
 * there. */
bool postbook_arrive(struct postbook *book, struct post_item *item, struct error *error)
{
    unsigned count = 1;
    assert(item->place.n >= 1 && item->place.n <= item->place.total && item->brought == 0);
    if (book->way->read || item->talk) return item_take_read(book, item, error);
    item->arrived = POST_PIECE;
    if (!item_meet(book, item, error)) return false;
    if (item->said) return true;
    if (!item_kept_before(book, item, error)) return false;
    if (item->interaction != 0) return item_take_whole(book, item, error);
    if (item->place.total > 1 && (!item_put_piece(book, item, error) || !item_join(book, item, &count, error)))
        return false;
    return count < item->place.total || item_take_whole(book, item, error);
}

/* Notes that the item was answered; called after the core has taken it. From now on the same text counts as a
 * repetition only for a short time. */
bool postbook_answered(struct postbook *book, const struct post_item *item, uint64_t ixn, int64_t now,
                       struct error *error)
{
    char text[IXN_TEXT];
    if (ixn != 0) {
        ident_print_ixn(ixn, text);
        if (!store_submitted(book->store, item->interaction, item->journal, text, error) ||
            !postbook_in_becomes(book, item->brought, item->external_id, POST_IN_owned, error))
            return false;
    }
    if (item->arrived == POST_NEWS && !post_item_end(book->store, item->interaction, "reported", now, error))
        return false;
    if (item->said && !postbook_in_becomes(book, item->brought, item->external_id, POST_IN_said, error)) return false;
    if ((item->interaction != 0 || item->said) && !item_drop_pieces(book, item, error)) return false;
    return item->brought == 0 || sql_do(book->sql, error, "UPDATE post_came SET answered = $1 WHERE id = $2",
                                        SQL_WITH(sql_number(now), sql_number(item->brought)));
}

/* Finds incomplete sets of pieces to which none has come for `gap_s` seconds; they are taken without the missing
 * ones. */
bool postbook_gaps(struct postbook *book, int64_t now, uint64_t journal, GPtrArray *items, struct error *error)
{
    if (book->rules->gap_s == 0) return true;
    struct sql_rows *rows =
        sql_ask(book->sql, error,
                "SELECT own, customer, mark, total FROM post_pieces WHERE way = $1 GROUP BY own,"
                " customer, mark, total HAVING max(came) < $2 LIMIT 100",
                SQL_WITH(sql_text(book->way->name), sql_number(now - (int64_t)book->rules->gap_s * SECOND)));
    while (sql_next(rows)) {
        struct post_item *item = memory_zeroed(1, sizeof *item);
        text_set_span(item->own, sizeof item->own, sql_string(rows, 0));
        text_set_span(item->customer, sizeof item->customer, sql_string(rows, 1));
        item->place =
            (struct post_place){.mark = (unsigned)sql_int(rows, 2), .total = (unsigned)sql_int(rows, 3), .n = 1};
        item->now = now;
        item->journal = journal;
        g_ptr_array_add(items, item);
    }
    return sql_end(rows, error);
}

/* Keeps an incomplete set of pieces; one that was kept before, but could not be submitted, keeps its name. A set
 * whose rows in post_came are gone gets a new row. */
bool postbook_gap(struct postbook *book, struct post_item *item, struct error *error)
{
    unsigned count;
    struct sql_rows *rows =
        sql_ask(book->sql, error,
                "SELECT min(id), max(external_id) FROM post_came WHERE id IN (SELECT brought FROM post_pieces WHERE way"
                " = $1 AND own = $2 AND customer = $3 AND mark = $4 AND total = $5)",
                SQL_WITH(sql_text(book->way->name), sql_text(item->own), sql_text(item->customer),
                         sql_number(item->place.mark), sql_number(item->place.total)));
    if (sql_next(rows)) {
        item->brought = sql_int(rows, 0);
        text_set_span(item->external_id, sizeof item->external_id, sql_string(rows, 1));
    }
    if (!sql_end(rows, error) || !item_join(book, item, &count, error)) return false;
    if (count == 0) return error_set(error, ERROR_UNKNOWN, "its pieces were erased");
    return (item->brought != 0 || item_meet(book, item, error)) && item_take_whole(book, item, error);
}

/* ---- ends ---- */

bool post_item_ended(struct store *store, int64_t interaction, struct error *error)
{
    return sql_do(store_sql(store), error,
                  "UPDATE post_came SET state = $1 WHERE state IN ($2, $3) AND way = (SELECT media FROM interactions"
                  " WHERE id = $4) AND external_id = (SELECT external_id FROM interactions WHERE id = $4)",
                  SQL_WITH(sql_text(post_in_name(POST_IN_ended)), sql_text(post_in_name(POST_IN_kept)),
                           sql_text(post_in_name(POST_IN_owned)), sql_number(interaction)));
}

bool post_item_end(struct store *store, int64_t interaction, const char *result, int64_t now, struct error *error)
{
    return store_over(store, interaction, result, now, error) && post_item_ended(store, interaction, error);
}

bool postbook_end_named(struct postbook *book, const char *external_id, const char *result, int64_t now,
                        struct error *error)
{
    struct store_key key = {0};
    return store_by_external(book->store, "", book->way->name, span_of(external_id), &key, error) &&
           (key.interaction == 0 || post_item_end(book->store, key.interaction, result, now, error));
}

static void ended_seen(void *self, const struct store_shown *shown)
{
    text_set(self, POST_WORD_SIZE, shown->ended != 0 ? "ended" : "open");
}

bool postbook_ended(struct postbook *book, const char *external_id, char state[POST_WORD_SIZE], struct error *error)
{
    struct store_key key;
    *state = 0;
    return store_by_external(book->store, "", book->way->name, span_of(external_id), &key, error) &&
           (key.interaction == 0 || store_interaction(book->store, key.interaction, ended_seen, state, error));
}

/* Removes old rows. Items that the core has, items that are still on their way, and those with waiting pieces are
 * kept, because a core may be away for days. The order is: items from customers, names of pieces, items to
 * customers, conversations. Names of pieces refer to items, so they are removed before the items. */
static bool way_tidy(struct postbook *book, const char *way, int64_t before, struct error *error)
{
    return sql_do(
               book->sql, error,
               "DELETE FROM post_came WHERE way = $1 AND came < $2 AND id NOT IN (SELECT brought FROM post_pieces WHERE"
               " way = $1) AND (state <> $3 OR NOT EXISTS (SELECT 1 FROM interactions i WHERE i.tenant = '' AND"
               " i.media = $1 AND i.external_id = post_came.external_id AND i.ended IS NULL))",
               SQL_WITH(sql_text(way), sql_number(before), sql_text(post_in_name(POST_IN_owned)))) &&
           sql_do(
               book->sql, error,
               "DELETE FROM post_names WHERE item IN (SELECT id FROM post_out WHERE way = $1 AND asked < $2 AND state"
               " NOT IN ($3, $4))",
               SQL_WITH(sql_text(way), sql_number(before), sql_text(post_out_name(POST_OUT_held)),
                        sql_text(post_out_name(POST_OUT_begun)))) &&
           sql_do(book->sql, error, "DELETE FROM post_out WHERE way = $1 AND asked < $2 AND state NOT IN ($3, $4)",
                  SQL_WITH(sql_text(way), sql_number(before), sql_text(post_out_name(POST_OUT_held)),
                           sql_text(post_out_name(POST_OUT_begun)))) &&
           talk_tidy(book->store, way, before, error);
}

/* Pieces of a way that exists are not removed here, but found as a gap (postbook_gaps()). */
static bool pieces_tidy(struct postbook *book, int64_t before, struct error *error)
{
    return sql_do(book->sql, error, "DELETE FROM post_pieces WHERE way <> $1 AND came < $2",
                  SQL_WITH(sql_text(book->way->name), sql_number(before)));
}

static bool ways_of(struct postbook *book, GPtrArray *ways, struct error *error)
{
    struct sql_rows *rows = sql_ask(book->sql, error,
                                    "SELECT way FROM post_came UNION SELECT way FROM post_out UNION SELECT way FROM"
                                    " post_talks",
                                    SQL_NONE);
    while (sql_next(rows)) {
        struct span way = sql_string(rows, 0);
        g_ptr_array_add(ways, g_strndup((const char *)way.bytes, way.length));
    }
    return sql_end(rows, error);
}

/* `all`: also the rows of ways that this adapter does not have, because their adapters may be gone. */
bool postbook_tidy(struct postbook *book, bool all, int64_t now, struct error *error)
{
    int64_t before = now - NAMED_FOR;
    if (!all) return way_tidy(book, book->way->name, before, error);
    GPtrArray *ways = g_ptr_array_new_with_free_func(g_free);
    bool good = pieces_tidy(book, before, error) && ways_of(book, ways, error);
    for (guint i = 0; i < ways->len && good; i++) good = way_tidy(book, ways->pdata[i], before, error);
    g_ptr_array_free(ways, TRUE);
    return good;
}
