/* runtime/post/postbook_out.c - The part of the book for items to customers: who wants none, what was sent, with
 * what result.
 *
 *     asked --> held --> begun --> given --> delivered, expired, failed
 *                          '-- a kill in between: unknown, or sent again if the other side knows it again
 *
 * `begun` is written before anything is sent, and the result afterwards. So after a kill between the two steps the next
 * start finds the item as begun: it may have been sent. States change only as post.def allows; an UPDATE names the
 * states from which it is allowed, so a late report changes nothing. */
#include <assert.h>
#include <stdio.h>
#include <stdlib.h>

#include "runtime/post/postbook_state.h"
#include "runtime/vocabulary/bytes.h"
#include "runtime/vocabulary/ident.h"
#include "base/memory.h"
#include "runtime/vocabulary/person.h"

/* ---- customers who want no messages ---- */

/* Writes a customer's word to the do-not-call list, if the customer has a number in E.164; for a short number or a
 * name nothing is done. */
bool postbook_share_word(struct postbook *book, const struct post_item *item, struct error *error)
{
    char number[PERSON_NUMBER];
    bool is = person_number(span_of(item->customer), NULL, number);
    struct lists_block block = {.tenant = book->rules->tenant,
                                .value = span_of(is ? number : ""),
                                .reason = span_of(LISTS_BY_WORD),
                                .since = item->now};
    if (!book->lists || !is || item->word == WORDS_HELP) return true;
    bool comes_back = item->word == WORDS_START;
    book->lists_failed = (comes_back ? lists_return : lists_leave)(book->lists, &block, error) != LISTS_done;
    return !book->lists_failed;
}

/* Sets `*stopped`: the customer wants nothing from this address of ours, or is on the do-not-call list. */
static bool order_is_stopped(struct postbook *book, const struct post_order *order, bool *stopped, struct error *error)
{
    struct store_refusal refusal = {.tenant = "",
                                    .media = book->way->name,
                                    .kind = book->way->kind,
                                    .address = span_of(order->customer),
                                    .own = span_of(order->own)};
    if (!store_refuses(book->store, &refusal, stopped, error)) return false;
    if (*stopped || !book->lists) return true;
    book->lists_failed = !lists_blocks(book->lists, book->rules->tenant, order->customer, order->now, stopped, error);
    return !book->lists_failed;
}

/* ---- items that were sent ---- */

void post_order_digest(const char *customer, struct span from, const char *text, char digest[POST_DIGEST])
{
    char *all = g_strdup_printf("%s\n%.*s\n%s", customer, (int)from.length,
                                from.length > 0 ? (const char *)from.bytes : "", text);
    char *made = g_compute_checksum_for_string(G_CHECKSUM_SHA256, all, -1);
    g_strlcpy(digest, made, POST_DIGEST);
    g_free(made), g_free(all);
}

/* Is it the row of this order? A row of an earlier version has no digest, and is the right one if its name is. */
static bool order_is_row(const struct post_order *order, struct span digest)
{
    return !*order->digest || digest.length == 0 || span_is(digest, order->digest);
}

/* Finds the row of an order. `*there`: there is a row, in the state `*state`. An item that no core asks for has one
 * row per name, and `*other` is true if the row has other content. A core's name with other content is another item,
 * because a core whose state was put back gives its names anew. If this process may have begun the item, and has not
 * sent it, its state is returned as held. */
static bool order_find(struct postbook *book, struct post_order *order, bool *there, enum post_out *state, bool *other,
                       struct error *error)
{
    char erased[STORE_ERASED_NAME];
    store_erased_name(span_of(order->msg_id), erased);
    struct sql_rows *rows =
        order->item != 0
            ? sql_ask(book->sql, error, "SELECT id, state, digest, asked FROM post_out WHERE id = $1",
                      SQL_WITH(sql_number(order->item)))
            : sql_ask(book->sql, error,
                      "SELECT id, state, digest, asked FROM post_out WHERE way = $1 AND journal = $2 AND ixn = $3 AND"
                      " msg_id IN ($4, $5) ORDER BY id DESC",
                      SQL_WITH(sql_text(book->way->name), sql_number((int64_t)order->journal),
                               sql_number((int64_t)order->ixn), sql_text(order->msg_id), sql_text(erased)));
    *there = *other = false;
    while (sql_next(rows)) {
        bool is = order->item != 0 || order_is_row(order, sql_string(rows, 2));
        if (*there || (!is && order->ixn != 0)) continue;
        int64_t item = sql_int(rows, 0);
        *there = post_out_find(sql_string(rows, 1), state);
        *other = !is;
        if (*there) order->item = item;
        if (order->doubt && *state == POST_OUT_begun && sql_int(rows, 3) == order->asked) *state = POST_OUT_held;
    }
    return sql_end(rows, error);
}

/* Keeps the item as an interaction of its own. */
static bool order_put_alone(struct postbook *book, const struct post_order *order, int64_t *interaction,
                            struct error *error)
{
    const char *way = book->way->name;
    char external_id[POST_ID + 20], ixn[IXN_TEXT];
    struct store_key answered = {0}, key;
    snprintf(external_id, sizeof external_id, "%s-out-%016llx-%s", way, (unsigned long long)order->journal,
             order->msg_id);
    if (*order->reply_to && !store_by_external(book->store, "", way, span_of(order->reply_to), &answered, error))
        return false;
    struct store_arrival arrival = {.tenant = "",
                                    .media = way,
                                    .external_id = span_of(external_id),
                                    .outbound = true,
                                    .kind = book->way->kind,
                                    .address = span_of(order->customer),
                                    .parent = answered.interaction,
                                    .received = order->now,
                                    .journal = order->journal,
                                    .message = {.msg_id = span_of(external_id),
                                                .at = order->now,
                                                .role = "system",
                                                .sender = span_of(order->own),
                                                .text = span_of(order->text)}};
    if (!store_put(book->store, &arrival, &key, error)) return false;
    ident_print_ixn(order->ixn, ixn);
    *interaction = key.interaction;
    return order->ixn == 0 || store_submitted(book->store, key.interaction, order->journal, ixn, error);
}

/* Writes a new item and its text in one transaction: there is no item without its text. */
static bool order_put(struct postbook *book, struct post_order *order, struct error *error)
{
    bool there;
    enum post_out state = order->begun ? POST_OUT_begun : POST_OUT_held;
    assert(post_out_may(POST_OUT_asked, state));
    if (book->way->write) {
        if (!book->way->write(book->self, book->store, order, error)) return false;
        if (order->going != POST_GO) return true;
    } else if (!order->said && !order_put_alone(book, order, &order->interaction, error)) {
        return false;
    }
    return sql_find(book->sql, error, &order->item, &there,
                    "INSERT INTO post_out(way, journal, ixn, msg_id, digest, interaction, state, pieces, asked, owner)"
                    " VALUES($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) RETURNING id",
                    SQL_WITH(sql_text(book->way->name), sql_number((int64_t)order->journal),
                             sql_number((int64_t)order->ixn), sql_text(order->msg_id), sql_text(order->digest),
                             sql_number_or_null(order->interaction), sql_text(post_out_name(state)),
                             sql_number(order->pieces), sql_number(order->asked),
                             order->said && book->talks ? sql_text(book->talks->owner) : sql_null()));
}

/* What is done with an item that is asked for, by the state that its row has already. */
static enum post_going going_of(const struct postbook *book, enum post_out state)
{
    switch (state) {
    case POST_OUT_asked:
    case POST_OUT_held:
        return POST_GO;
    case POST_OUT_begun:
    case POST_OUT_unknown:
        return book->rules->resends ? POST_GO : POST_LOST;
    case POST_OUT_failed:
        return POST_FAILED;
    default:
        return POST_GONE;
    }
}

/* Notes the item as `unknown` in its conversation from the time at which it may be sent: so a later reader is not
 * told that it still waits, whatever ends before its result. */
static bool order_note_begun(struct postbook *book, const struct post_order *order, struct error *error)
{
    char ixn[IXN_TEXT];
    ident_print_ixn(order->ixn, ixn);
    return !order->begun || !order->said || order->ixn == 0 ||
           store_delivered(book->store, order->journal, ixn, order->msg_id, post_out_shown(POST_OUT_unknown), error);
}

/* Writes an order to the book, or finds it there: an item that is asked for again, because the core or this adapter
 * was away, is sent again only if nothing of it was begun, or if the way sends items of unknown result twice. */
bool postbook_send(struct postbook *book, struct post_order *order, struct error *error)
{
    enum post_out state = POST_OUT_asked;
    bool stopped = false, there, other;
    if (!order_find(book, order, &there, &state, &other, error)) return false;
    order->going = other ? POST_OTHER : going_of(book, state);
    order->begun = order->begun && !there;
    if (order->going != POST_GO) return true;
    if (!order->notice && !book->way->write && !order_is_stopped(book, order, &stopped, error)) return false;
    if (stopped) order->going = POST_STOPPED;
    if (stopped) return !there || postbook_out_becomes(book, order->item, POST_OUT_failed, order->now, error);
    return there ? postbook_out_becomes(book, order->item, POST_OUT_held, order->now, error)
                 : order_put(book, order, error) && order_note_begun(book, order, error);
}

/* Has the way make the item's bytes; the way may find that the item was sent already, or must not be sent. */
static bool order_write(struct postbook *book, struct post_order *order, struct error *error)
{
    if (!book->way->write(book->self, book->store, order, error)) return false;
    enum post_out over = order->going == POST_GONE ? POST_OUT_given : POST_OUT_failed;
    if (order->going == POST_SUPPRESSED) /* if the item is asked for again, the way gives the same answer */
        return sql_do(book->sql, error, "DELETE FROM post_out WHERE id = $1", SQL_WITH(sql_number(order->item)));
    return order->going == POST_GO || postbook_out_becomes(book, order->item, over, order->now, error);
}

struct stray {
    int64_t item, interaction; /* interaction 0: the item belongs to a conversation */
    uint64_t journal, ixn;
    enum post_out state;
    bool by_agent, passed; /* passed: the item is being sent, or belongs to another adapter */
    bool owned;            /* it is known which adapter has the item */
    char msg_id[POST_ID];
};

/* Ends a stray; the end of an agent's message is left to the core. */
static bool stray_ends(struct postbook *book, const struct stray *stray, int64_t now, struct error *error)
{
    enum post_out to = stray->state == POST_OUT_begun ? POST_OUT_unknown : POST_OUT_failed;
    return postbook_out_becomes(book, stray->item, to, now, error) &&
           store_ended(book->store, stray->interaction, NULL, post_out_shown(to), stray->by_agent ? 0 : now, error);
}

/* Was the customer erased while the item waited? Then the item fails. */
static bool order_is_erased(struct postbook *book, struct post_order *order, bool *erased, struct error *error)
{
    struct stray stray = {.item = order->item, .state = POST_OUT_held};
    struct sql_rows *rows = sql_ask(book->sql, error,
                                    "SELECT i.id, i.agent FROM post_out o JOIN interactions i ON i.id = o.interaction"
                                    " WHERE o.id = $1 AND i.erased IS NOT NULL",
                                    SQL_WITH(sql_number(order->item)));
    *erased = sql_next(rows);
    if (*erased) {
        stray.interaction = sql_int(rows, 0);
        stray.by_agent = sql_string(rows, 1).length > 0;
        order->going = POST_FAILED;
        g_strlcpy(order->why, "the customer was erased", sizeof order->why);
    }
    return sql_end(rows, error) && (!*erased || stray_ends(book, &stray, order->now, error));
}

bool postbook_begin(struct postbook *book, struct post_order *order, struct error *error)
{
    int64_t same;
    bool begun = order->begun, known, stopped = false, erased = false;
    enum post_out to = begun ? POST_OUT_begun : POST_OUT_held, from = begun ? POST_OUT_held : POST_OUT_begun;
    assert(order->item != 0 && post_out_may(from, to));
    if (begun && !order_is_erased(book, order, &erased, error)) return false;
    if (erased) return true;
    if (!sql_find(book->sql, error, &same, &known,
                  "UPDATE post_out SET state = $1, asked = $2 WHERE id = $3 AND state = $4 RETURNING id",
                  SQL_WITH(sql_text(post_out_name(to)), sql_number(order->asked), sql_number(order->item),
                           sql_text(post_out_name(from)))))
        return false;
    order->going = known ? POST_GO : POST_LOST;
    if (known && !order_note_begun(book, order, error)) return false;
    if (known && begun && book->way->write) return order_write(book, order, error);
    if (!known || !begun || order->notice) return true;
    if (!order_is_stopped(book, order, &stopped, error)) return false;
    if (stopped) order->going = POST_STOPPED;
    return !stopped || postbook_out_becomes(book, order->item, POST_OUT_failed, order->now, error);
}

/* Finds the row of the order without beginning it; `order->item` is 0 if there is none, or it has other content. */
bool postbook_row(struct postbook *book, struct post_order *order, struct error *error)
{
    enum post_out state;
    bool there, other, good = order_find(book, order, &there, &state, &other, error);
    if (other) order->item = 0;
    return good;
}

static void kept_take_text(void *text, const struct store_line *line)
{
    g_free(*(char **)text);
    *(char **)text = g_strndup((const char *)line->text.bytes, line->text.length);
}

bool postbook_kept_text(struct store *store, const char *way, const struct post_order *order, char **text,
                        struct error *error)
{
    int64_t interaction;
    bool there;
    *text = NULL;
    bool good = sql_find(store_sql(store), error, &interaction, &there,
                         "SELECT interaction FROM post_out WHERE way = $1 AND journal = $2 AND ixn = $3 AND"
                         " msg_id = $4 AND digest = $5 AND interaction IS NOT NULL",
                         SQL_WITH(sql_text(way), sql_number((int64_t)order->journal), sql_number((int64_t)order->ixn),
                                  sql_text(order->msg_id), sql_text(order->digest))) &&
                (!there || store_transcript(store, interaction, 0, 1, true, kept_take_text, text, error));
    if (good) return true;
    g_free(*text);
    *text = NULL;
    return false;
}

bool postbook_sent_state(struct postbook *book, const char *msg_id, char word[POST_WORD_SIZE], struct error *error)
{
    struct post_order order = {.msg_id = msg_id, .digest = ""};
    enum post_out state;
    bool there, other;
    if (!order_find(book, &order, &there, &state, &other, error)) return false;
    text_set(word, POST_WORD_SIZE, there ? post_out_shown(state) : "");
    return true;
}

/* ---- after a restart ---- */

static void post_left_free(gpointer data)
{
    struct post_left *left = data;
    g_free(left->msg_id), g_free(left->own), g_free(left->customer), g_free(left->text);
    free(left);
}

GPtrArray *post_left_new(void)
{
    return g_ptr_array_new_with_free_func(post_left_free);
}

/* Reads a page of unfinished items. The texts and addresses of these items are only in the contact store, from which
 * they may have been erased or removed. */
static bool left_read(struct postbook *book, enum post_out state, int64_t before, int64_t after, GPtrArray *page,
                      struct error *error)
{
    struct sql_rows *rows = sql_ask(
        book->sql, error,
        "SELECT o.id, o.journal, o.msg_id, o.digest, i.address, m.sender, m.text, o.asked FROM post_out o LEFT JOIN"
        " interactions i ON i.id = o.interaction LEFT JOIN messages m ON m.interaction = i.id AND m.n = 1"
        " WHERE o.way = $1 AND o.ixn = 0 AND o.state = $2 AND o.id > $3 ORDER BY o.id LIMIT $4",
        SQL_WITH(sql_text(book->way->name), sql_text(post_out_name(state)), sql_number(after), sql_number(POST_PAGE)));
    while (sql_next(rows)) {
        struct post_left *left = memory_zeroed(1, sizeof *left);
        left->item = sql_int(rows, 0);
        left->journal = (uint64_t)sql_int(rows, 1);
        left->msg_id = post_text(sql_string(rows, 2));
        text_set_span(left->digest, sizeof left->digest, sql_string(rows, 3));
        left->customer = post_text(sql_string(rows, 4));
        left->own = post_text(sql_string(rows, 5)), left->text = post_text(sql_string(rows, 6));
        left->late = state == POST_OUT_held && sql_int(rows, 7) < before;
        g_ptr_array_add(page, left);
    }
    return sql_end(rows, error);
}

/* Decides about an unfinished item of the page. `*stays`: the item stays in the page for the office. An item from an
 * address that now belongs to another adapter is left to that adapter. An item that has waited too long is not sent
 * any more, because whoever asked for it has gone on. */
static bool left_judge(struct postbook *book, struct post_left *left, enum post_out state, int64_t now, bool *stays,
                       struct error *error)
{
    bool begun = state == POST_OUT_begun;
    left->gone = !*left->customer || !*left->text;
    *stays = false;
    if (!left->gone && !book->way->queue(book->self, left->own)) return true;
    *stays = left->gone || !begun || !book->rules->resends;
    if (*stays && !begun && !left->gone && !left->late) return true;
    enum post_out to = left->gone || left->late ? POST_OUT_failed : *stays ? POST_OUT_unknown : POST_OUT_held;
    return postbook_out_becomes(book, left->item, to, now, error);
}

/* Reads a page of unfinished items; `*after` becomes 0 if there is no further page. */
bool postbook_resume(struct postbook *book, enum post_out state, int64_t now, int64_t before, int64_t *after,
                     GPtrArray *page, struct error *error)
{
    bool good = left_read(book, state, before, *after, page, error), stays;
    int64_t last = page->len == POST_PAGE ? ((const struct post_left *)page->pdata[POST_PAGE - 1])->item : 0;
    for (guint i = 0; good && i < page->len; i += stays) {
        good = left_judge(book, page->pdata[i], state, now, &stays, error);
        if (!stays) g_ptr_array_remove_index(page, i);
    }
    if (good) *after = last;
    return good;
}

char *post_going_key(uint64_t ixn, struct span msg_id)
{
    return g_strdup_printf("%llu/%.*s", (unsigned long long)ixn, (int)msg_id.length, (const char *)msg_id.bytes);
}

static const char *postbook_owner(const struct postbook *book)
{
    return book->talks ? book->talks->owner : "";
}

/* Must another adapter end the item? An item in a conversation of another adapter is left to it, even when the
 * conversation is over. If that adapter has not ended the item in the time in which receipts come, the adapter counts
 * as gone. */
static bool stray_is_anothers(const struct postbook *book, struct span owner, int64_t asked, int64_t before)
{
    return owner.length > 0 && !span_is(owner, postbook_owner(book)) && asked >= before - NAMED_FOR;
}

/* Reads strays: items of this journal, and those of other journals that have waited for days while no core has their
 * journal. */
static bool strays_read(struct postbook *book, uint64_t journal, GHashTable *going, int64_t before, int64_t now,
                        int64_t after, GArray *strays, struct error *error)
{
    struct sql_rows *rows = sql_ask(
        book->sql, error,
        "SELECT o.id, o.ixn, o.msg_id, o.state, i.id, i.agent, m.sender, o.owner, o.asked, o.journal FROM post_out o"
        " LEFT JOIN interactions i ON i.id = o.interaction LEFT JOIN messages m ON m.interaction = i.id AND m.n = 1"
        " WHERE o.way = $1 AND o.ixn <> 0 AND o.state IN ($2, $3) AND (o.journal = $4 AND o.asked < $5 OR o.asked < $6"
        " AND NOT EXISTS (SELECT 1 FROM served s WHERE s.journal = o.journal AND s.until > $7)) AND o.id > $8"
        " ORDER BY o.id LIMIT $9",
        SQL_WITH(sql_text(book->way->name), sql_text(post_out_name(POST_OUT_held)),
                 sql_text(post_out_name(POST_OUT_begun)), sql_number((int64_t)journal), sql_number(before),
                 sql_number(now - NAMED_FOR), sql_number(now), sql_number(after), sql_number(POST_PAGE)));
    while (sql_next(rows)) {
        char own[POST_ADDRESS] = "";
        char *key = post_going_key((uint64_t)sql_int(rows, 1), sql_string(rows, 2));
        struct stray stray = {.item = sql_int(rows, 0),
                              .ixn = (uint64_t)sql_int(rows, 1),
                              .interaction = sql_int(rows, 4),
                              .journal = (uint64_t)sql_int(rows, 9)};
        (void)text_set_span(stray.msg_id, sizeof stray.msg_id, sql_string(rows, 2));
        (void)post_out_find(sql_string(rows, 3), &stray.state);
        stray.by_agent = sql_string(rows, 5).length > 0;
        (void)text_set_span(own, sizeof own, sql_string(rows, 6));
        stray.owned = sql_string(rows, 7).length > 0;
        stray.passed = g_hash_table_contains(going, key) || (*own && !book->way->queue(book->self, own)) ||
                       stray_is_anothers(book, sql_string(rows, 7), sql_int(rows, 8), before);
        g_array_append_val(strays, stray);
        g_free(key);
    }
    return sql_end(rows, error);
}

/* Finds the adapter of an item that an earlier version has written; it is known only while the item's conversation
 * is open. */
static bool stray_of_talk(struct postbook *book, struct stray *stray, struct error *error)
{
    char ixn[IXN_TEXT];
    ident_print_ixn(stray->ixn, ixn);
    struct sql_rows *rows =
        sql_ask(book->sql, error,
                "SELECT t.owner FROM post_talks t JOIN interactions i ON i.id = t.interaction WHERE t.way = $1 AND"
                " i.journal = $2 AND i.ixn = $3",
                SQL_WITH(sql_text(book->way->name), sql_number((int64_t)stray->journal), sql_text(ixn)));
    if (sql_next(rows)) stray->passed = !span_is(sql_string(rows, 0), postbook_owner(book));
    return sql_end(rows, error);
}

static bool stray_of_talk_ends(struct postbook *book, const struct stray *stray, int64_t now, struct error *error)
{
    char ixn[IXN_TEXT];
    enum post_out to = stray->state == POST_OUT_begun ? POST_OUT_unknown : POST_OUT_failed;
    ident_print_ixn(stray->ixn, ixn);
    return postbook_out_becomes(book, stray->item, to, now, error) &&
           store_delivered(book->store, stray->journal, ixn, stray->msg_id, post_out_shown(to), error);
}

bool postbook_strays(struct postbook *book, uint64_t journal, GHashTable *going, int64_t before, int64_t now,
                     int64_t *after, unsigned *count, struct error *error)
{
    GArray *strays = g_array_new(FALSE, FALSE, sizeof(struct stray));
    bool good = strays_read(book, journal, going, before, now, *after, strays, error);
    for (guint i = 0; i < strays->len && good; i++) {
        struct stray *stray = &g_array_index(strays, struct stray, i);
        bool talk = stray->interaction == 0;
        if (!stray->passed && talk && !stray->owned) good = stray_of_talk(book, stray, error);
        if (!stray->passed && good)
            good = talk ? stray_of_talk_ends(book, stray, now, error) : stray_ends(book, stray, now, error);
        *count += !stray->passed;
    }
    if (good) *after = strays->len == POST_PAGE ? g_array_index(strays, struct stray, POST_PAGE - 1).item : 0;
    g_array_free(strays, TRUE);
    return good;
}

bool postbook_waiting(struct postbook *book, int64_t *count, struct error *error)
{
    bool there;
    return sql_find(book->sql, error, count, &there,
                    "SELECT count(*) FROM post_out WHERE way = $1 AND ixn = 0 AND state = $2",
                    SQL_WITH(sql_text(book->way->name), sql_text(post_out_name(POST_OUT_held))));
}

/* ---- results ---- */

/* Changes the state of an item; with a final state its interaction ends, too, unless the way keeps interactions
 * itself. */
bool postbook_out_becomes(struct postbook *book, int64_t item, enum post_out state, int64_t now, struct error *error)
{
    int64_t interaction;
    bool there;
    assert(item != 0);
    if (!sql_do(book->sql, error, book->out_becomes[state].bytes,
                SQL_WITH(sql_text(post_out_name(state)), sql_number(item))))
        return false;
    if (sql_changes(book->sql) == 0 || state == POST_OUT_held || state == POST_OUT_begun || book->way->noted)
        return true;
    return sql_find(book->sql, error, &interaction, &there,
                    "SELECT i.id FROM post_out o JOIN interactions i ON i.id = o.interaction WHERE o.id = $1",
                    SQL_WITH(sql_number(item))) &&
           (!there || store_ended(book->store, interaction, NULL, post_out_shown(state), now, error));
}

bool postbook_named(struct postbook *book, int64_t item, unsigned n, const char *form, struct error *error)
{
    return sql_do(book->sql, error,
                  "INSERT INTO post_names(peer_id, item, n, state) VALUES($1, $2, $3, $4)"
                  " ON CONFLICT (item, n) DO UPDATE SET peer_id = excluded.peer_id, state = excluded.state",
                  SQL_WITH(sql_text(form), sql_number(item), sql_number(n), sql_text(post_out_name(POST_OUT_given))));
}

/* ---- receipts ---- */

/* Finds the newest item with the name in the receipt. Two providers may give the same name: then an item from an
 * address of this adapter counts before others. The contact store has the address in the item's message; an item of a
 * conversation has no message there, and counts as one from this adapter. */
static bool receipt_item(struct postbook *book, const struct post_receipt *receipt, int64_t *item, bool *known,
                         struct error *error)
{
    bool ours = false;
    struct sql_rows *rows =
        sql_ask(book->sql, error,
                "SELECT n.item, (SELECT m.sender FROM messages m WHERE m.interaction = o.interaction ORDER BY m.id"
                " LIMIT 1) FROM post_names n JOIN post_out o ON o.id = n.item LEFT JOIN interactions i ON i.id ="
                " o.interaction WHERE n.peer_id = $1 AND o.way = $2 AND ($3 = '' OR i.address = $3)"
                " ORDER BY n.item DESC LIMIT 20",
                SQL_WITH(sql_text(receipt->form), sql_text(book->way->name), sql_text(receipt->from)));
    *known = false;
    while (sql_next(rows)) {
        char own[POST_ADDRESS] = "";
        int64_t one = sql_int(rows, 0);
        (void)text_set_span(own, sizeof own, sql_string(rows, 1));
        bool is_ours = !*own || book->way->queue(book->self, own) != NULL;
        if (ours || (*known && !is_ours)) continue;
        *item = one, *known = true, ours = is_ours;
    }
    return sql_end(rows, error);
}

/* Sets the state of the piece by the receipt; a piece in a better state keeps it. `fate->stands`: the piece has the
 * state of the receipt now. `fate->repeated`: it was before. */
static bool receipt_piece(struct postbook *book, const struct post_receipt *receipt, int64_t *item,
                          struct post_fate *fate, struct error *error)
{
    int64_t same;
    if (!receipt_item(book, receipt, item, &fate->known, error)) return false;
    if (!fate->known || receipt->state == POST_OUT_given) return true;
    if (!sql_do(book->sql, error, book->name_becomes[receipt->state].bytes,
                SQL_WITH(sql_text(post_out_name(receipt->state)), sql_number(*item), sql_text(receipt->form))))
        return false;
    fate->stands = sql_changes(book->sql) > 0;
    if (fate->stands) return true;
    bool good = sql_find(book->sql, error, &same, &fate->repeated,
                         "SELECT item FROM post_names WHERE item = $1 AND peer_id = $2 AND state = $3 LIMIT 1",
                         SQL_WITH(sql_number(*item), sql_text(receipt->form), sql_text(post_out_name(receipt->state))));
    fate->stands = fate->repeated;
    return good;
}

/* Finds the state of the item: that of its worst piece, once all are delivered or one is not. Some providers send a
 * receipt for one piece only: such an item keeps its state. */
static bool receipt_fate(struct postbook *book, int64_t item, struct post_fate *fate, struct error *error)
{
    struct sql_rows *rows =
        sql_ask(book->sql, error,
                "SELECT o.journal, o.ixn, o.msg_id, o.pieces, sum(CASE WHEN n.state = $1 THEN 1 ELSE 0 END),"
                " sum(CASE WHEN n.state = $2 THEN 1 ELSE 0 END), sum(CASE WHEN n.state = $3 THEN 1 ELSE 0 END)"
                " FROM post_out o JOIN post_names n ON n.item = o.id WHERE o.id = $4"
                " GROUP BY o.journal, o.ixn, o.msg_id, o.pieces",
                SQL_WITH(sql_text(post_out_name(POST_OUT_failed)), sql_text(post_out_name(POST_OUT_expired)),
                         sql_text(post_out_name(POST_OUT_delivered)), sql_number(item)));
    if (sql_next(rows)) {
        fate->journal = (uint64_t)sql_int(rows, 0);
        fate->ixn = (uint64_t)sql_int(rows, 1);
        text_set_span(fate->msg_id, sizeof fate->msg_id, sql_string(rows, 2));
        bool failed = sql_int(rows, 4) > 0, expired = sql_int(rows, 5) > 0;
        fate->told = failed || expired || sql_int(rows, 6) == sql_int(rows, 3);
        fate->state = failed ? POST_OUT_failed : expired ? POST_OUT_expired : POST_OUT_delivered;
    }
    return sql_end(rows, error);
}

/* Notes the state for the whole item. `fate->told` becomes false if the item is in a better state already. */
static bool fate_note(struct postbook *book, int64_t item, bool read, int64_t now, struct post_fate *fate,
                      struct error *error)
{
    char ixn[IXN_TEXT];
    enum post_out is = fate->state;
    struct post_order order = {.item = item, .msg_id = "", .digest = ""};
    bool there, other;
    ident_print_ixn(fate->ixn, ixn);
    if (!postbook_out_becomes(book, item, fate->state, now, error) ||
        !order_find(book, &order, &there, &is, &other, error))
        return false;
    fate->told = is == fate->state;
    return !fate->told || fate->ixn == 0 || book->way->noted ||
           store_delivered(book->store, fate->journal, ixn, fate->msg_id,
                           read && fate->state == POST_OUT_delivered ? "read" : post_out_shown(fate->state), error);
}

/* Takes a receipt. The receipt may come before the answer to our request: then the book does not have its name yet, and
 * the caller tries again later. */
bool postbook_receipt(struct postbook *book, const struct post_receipt *receipt, int64_t now, struct post_fate *fate,
                      struct error *error)
{
    int64_t item = 0;
    *fate = (struct post_fate){0};
    if (!receipt_piece(book, receipt, &item, fate, error)) return false;
    if (!fate->stands) return true;
    return receipt_fate(book, item, fate, error) &&
           (!fate->told || fate_note(book, item, receipt->read, now, fate, error));
}

bool postbook_msg_id(struct store *store, const char *way, const char *form, char msg_id[POST_PEER],
                     struct error *error)
{
    struct sql_rows *rows = sql_ask(store_sql(store), error,
                                    "SELECT o.msg_id FROM post_names n JOIN post_out o ON o.id = n.item"
                                    " WHERE n.peer_id = $1 AND o.way = $2 ORDER BY n.item DESC LIMIT 1",
                                    SQL_WITH(sql_text(form), sql_text(way)));
    *msg_id = '\0';
    if (sql_next(rows)) (void)text_set_span(msg_id, POST_PEER, sql_string(rows, 0));
    return sql_end(rows, error);
}
