/* runtime/adapters/sms/book_sent.c - The book's part of messages that go: who wants none, what was sent, what became of
 * it. */
#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/adapters/sms/book_state.h"
#include "runtime/vocabulary/bytes.h"
#include "runtime/vocabulary/ident.h"
#include "runtime/vocabulary/memory.h"
#include "runtime/vocabulary/person.h"

/* ---- who wants none ---- */

/* The list has numbers in their whole form; a short number or a name is never on it. */
bool book_share_word(struct book *book, const struct book_message *message, struct error *error)
{
    char number[PERSON_NUMBER];
    bool is = person_number(span_of(message->customer), NULL, number);
    struct lists_block block = {.tenant = book->setting->tenant,
                                .value = span_of(is ? number : ""),
                                .reason = span_of(LISTS_BY_WORD),
                                .since = message->now};
    if (!book->lists || !is || message->word == WORDS_HELP) return true;
    bool comes_back = message->word == WORDS_START;
    return (comes_back ? lists_return : lists_leave)(book->lists, &block, error) == LISTS_done;
}

static bool book_wants_none(struct book *book, const struct book_sending *sending, bool *stopped, struct error *error)
{
    struct store_refusal refusal = {.tenant = "",
                                    .media = "sms",
                                    .kind = STORE_phone,
                                    .address = span_of(sending->customer),
                                    .own = span_of(sending->own)};
    if (!store_refuses(book->store, &refusal, stopped, error)) return false;
    return *stopped || !book->lists ||
           lists_blocks(book->lists, book->setting->tenant, sending->customer, sending->now, stopped, error);
}

/* ---- what was sent ---- */

static bool book_sent_before(struct book *book, struct book_sending *sending, char state[BOOK_STATE],
                             struct error *error)
{
    struct sql_rows *rows = sql_ask(
        book->sql, error, "SELECT id, state FROM sms_sent WHERE journal = $1 AND ixn = $2 AND msg_id = $3",
        SQL_WITH(sql_number((int64_t)sending->journal), sql_number((int64_t)sending->ixn), sql_text(sending->msg_id)));
    *state = 0;
    if (sql_next(rows)) {
        sending->message = sql_int(rows, 0);
        text_set_span(state, BOOK_STATE, sql_string(rows, 1));
    }
    return sql_end(rows, error);
}

/* As an interaction of its own. */
static bool book_put_alone(struct book *book, const struct book_sending *sending, int64_t *interaction,
                           struct error *error)
{
    char external_id[BOOK_ID + 20], ixn[IXN_TEXT];
    struct store_key answered = {0}, key;
    snprintf(external_id, sizeof external_id, "sms-out-%016llx-%s", (unsigned long long)sending->journal,
             sending->msg_id);
    if (*sending->reply_to && !store_by_external(book->store, "", "sms", span_of(sending->reply_to), &answered, error))
        return false;
    struct store_arrival arrival = {.tenant = "",
                                    .media = "sms",
                                    .external_id = span_of(external_id),
                                    .outbound = true,
                                    .kind = STORE_phone,
                                    .address = span_of(sending->customer),
                                    .parent = answered.interaction,
                                    .received = sending->now,
                                    .journal = sending->journal,
                                    .message = {.msg_id = span_of(external_id),
                                                .at = sending->now,
                                                .role = "system",
                                                .sender = span_of(sending->own),
                                                .text = span_of(sending->text)}};
    if (!store_put(book->store, &arrival, &key, error)) return false;
    ixn_print(sending->ixn, ixn);
    *interaction = key.interaction;
    return sending->ixn == 0 || store_submitted(book->store, key.interaction, sending->journal, ixn, error);
}

static bool book_put_sent(struct book *book, struct book_sending *sending, struct error *error)
{
    bool there;
    int64_t interaction = 0;
    if (!sending->said && !book_put_alone(book, sending, &interaction, error)) return false;
    return sql_find(book->sql, error, &sending->message, &there,
                    "INSERT INTO sms_sent(journal, ixn, msg_id, interaction, state, parts, begun) VALUES($1, $2, $3,"
                    " $4, $5, $6, $7) RETURNING id",
                    SQL_WITH(sql_number((int64_t)sending->journal), sql_number((int64_t)sending->ixn),
                             sql_text(sending->msg_id), sql_number_or_null(interaction),
                             sql_text(sending->begun ? "going" : "waiting"), sql_number(sending->parts),
                             sql_number(sending->now)));
}

static enum book_going book_going_of(const struct book *book, const char *state)
{
    bool lost = strcmp(state, "going") == 0 || strcmp(state, "unknown") == 0;
    return !*state || strcmp(state, "waiting") == 0 || (lost && book->setting->resends) ? BOOK_GO
           : lost                                                                       ? BOOK_LOST
           : strcmp(state, "failed") == 0                                               ? BOOK_FAILED
                                                                                        : BOOK_GONE;
}

static bool book_set_state(struct book *book, int64_t message, const char *state, struct error *error)
{
    return sql_do(book->sql, error, "UPDATE sms_sent SET state = $1 WHERE id = $2",
                  SQL_WITH(sql_text(state), sql_number(message)));
}

/* A message that is asked for again, after the core or we were away, is sent again only where nothing was begun. */
bool book_send(struct book *book, struct book_sending *sending, struct error *error)
{
    char state[BOOK_STATE];
    bool stopped = false;
    if (!book_sent_before(book, sending, state, error)) return false;
    sending->going = book_going_of(book, state);
    sending->begun = sending->begun && !*state;
    if (sending->going != BOOK_GO) return true;
    if (!sending->notice && !book_wants_none(book, sending, &stopped, error)) return false;
    if (stopped) sending->going = BOOK_STOPPED;
    if (stopped) return sending->message == 0 || book_told(book, sending->message, "failed", sending->now, error);
    return sending->message != 0 ? book_set_state(book, sending->message, "waiting", error)
                                 : book_put_sent(book, sending, error);
}

bool book_begin(struct book *book, struct book_sending *sending, struct error *error)
{
    int64_t same;
    bool begun = sending->begun, known, stopped = false;
    assert(sending->message != 0);
    if (!sql_find(book->sql, error, &same, &known,
                  "UPDATE sms_sent SET state = $1 WHERE id = $2 AND state = $3 RETURNING id",
                  SQL_WITH(sql_text(begun ? "going" : "waiting"), sql_number(sending->message),
                           sql_text(begun ? "waiting" : "going"))))
        return false;
    sending->going = known ? BOOK_GO : BOOK_LOST;
    if (!known || !begun || sending->notice) return true;
    if (!book_wants_none(book, sending, &stopped, error)) return false;
    if (stopped) sending->going = BOOK_STOPPED;
    return !stopped || book_told(book, sending->message, "failed", sending->now, error);
}

/* Applications hear `going` of one that waits, too. */
bool book_sent_state(struct book *book, const char *msg_id, char state[BOOK_STATE], struct error *error)
{
    if (!book_sent_before(book, &(struct book_sending){.msg_id = msg_id}, state, error)) return false;
    if (strcmp(state, "waiting") == 0) text_set(state, BOOK_STATE, "going");
    return true;
}

/* ---- after a restart ---- */

struct book_left { /* a row that the process before has left */
    struct book_sending sending;
    int64_t interaction;
    bool ours;
    char state[BOOK_STATE];
    char *msg_id, *own, *customer, *text;
};

static void book_left_free(gpointer data)
{
    struct book_left *left = data;
    g_free(left->msg_id), g_free(left->own), g_free(left->customer), g_free(left->text);
    free(left);
}

static char *left_text(struct span text)
{
    return g_strndup(text.length > 0 ? (const char *)text.bytes : "", text.length);
}

static void left_interaction(void *self, const struct store_shown *shown)
{
    ((struct book_left *)self)->customer = left_text(shown->address);
}

static void left_line(void *self, const struct store_line *line)
{
    struct book_left *left = self;
    left->own = left_text(line->sender);
    left->text = left_text(line->text);
}

static bool book_left_rows(struct book *book, GPtrArray *all, struct error *error)
{
    struct sql_rows *rows = sql_ask(book->sql, error,
                                    "SELECT id, journal, msg_id, interaction, state FROM sms_sent WHERE ixn = 0 AND"
                                    " interaction IS NOT NULL AND (state = $1 OR state = $2) ORDER BY id",
                                    SQL_WITH(sql_text("waiting"), sql_text("going")));
    while (sql_next(rows)) {
        struct book_left *left = memory_zeroed(1, sizeof *left);
        left->sending.message = sql_int(rows, 0);
        left->sending.journal = (uint64_t)sql_int(rows, 1);
        left->msg_id = left_text(sql_string(rows, 2));
        left->interaction = sql_int(rows, 3);
        text_set_span(left->state, sizeof left->state, sql_string(rows, 4));
        g_ptr_array_add(all, left);
    }
    return sql_end(rows, error);
}

/* Its text and numbers stand in the contact store alone, from which the contact may have been erased. One from a number
 * that another adapter has is that one's. */
static bool book_left_read(struct book *book, struct book_left *left, int64_t now, struct error *error)
{
    struct book_sending *sending = &left->sending;
    if (!store_interaction(book->store, left->interaction, left_interaction, left, error) ||
        !store_transcript(book->store, left->interaction, 0, 1, true, left_line, left, error))
        return false;
    bool whole = left->customer && *left->customer && left->text && *left->text,
         going = strcmp(left->state, "going") == 0;
    sending->going = going && !book->setting->resends ? BOOK_LOST : whole ? BOOK_GO : BOOK_FAILED;
    left->ours = !whole || setting_number_of(book->setting, left->own) != NULL;
    sending->msg_id = left->msg_id, sending->own = left->own;
    sending->customer = left->customer, sending->text = left->text;
    return !left->ours || sending->going == BOOK_GO ||
           book_told(book, sending->message, sending->going == BOOK_LOST ? "unknown" : "failed", now, error);
}

bool book_resume(struct book *book, int64_t now, book_each_sending *each, void *self, struct error *error)
{
    GPtrArray *all = g_ptr_array_new_with_free_func(book_left_free);
    bool good = book_left_rows(book, all, error);
    for (guint i = 0; i < all->len && good; i++) good = book_left_read(book, all->pdata[i], now, error);
    for (guint i = 0; i < all->len && good; i++) {
        const struct book_left *left = all->pdata[i];
        if (left->ours && left->sending.going != BOOK_FAILED) each(self, &left->sending);
    }
    g_ptr_array_free(all, TRUE);
    return good;
}

/* ---- what became of it ---- */

bool book_told(struct book *book, int64_t message, const char *state, int64_t now, struct error *error)
{
    int64_t interaction;
    bool there;
    assert(message != 0);
    return book_set_state(book, message, state, error) &&
           sql_find(book->sql, error, &interaction, &there, "SELECT interaction FROM sms_sent WHERE id = $1",
                    SQL_WITH(sql_number(message))) &&
           (!there || interaction == 0 || store_ended(book->store, interaction, NULL, state, now, error));
}

bool book_named(struct book *book, int64_t message, unsigned n, const char *peer_id, struct error *error)
{
    char form[RECEIPT_ID];
    receipt_id_answered(peer_id, book->setting->receipts, form);
    return sql_do(book->sql, error,
                  "INSERT INTO sms_sent_parts(peer_id, message, n, state) VALUES($1, $2, $3, 0)"
                  " ON CONFLICT (message, n) DO UPDATE SET peer_id = excluded.peer_id, state = 0",
                  SQL_WITH(sql_text(form), sql_number(message), sql_number(n)));
}

/* ---- receipts ---- */

/* A delivered part stays so; one that seemed to have failed may be delivered after all. */
static bool book_receipt_part(struct book *book, const char *form, const char *from, enum receipt_state state,
                              int64_t *message, bool *known, struct error *error)
{
    return sql_find(
               book->sql, error, message, known,
               "SELECT p.message FROM sms_sent_parts p JOIN sms_sent s ON s.id = p.message LEFT JOIN interactions i"
               " ON i.id = s.interaction WHERE p.peer_id = $1 AND ($2 = '' OR i.address = $2)"
               " ORDER BY p.message DESC LIMIT 1",
               SQL_WITH(sql_text(form), sql_text(from))) &&
           (!*known ||
            sql_do(book->sql, error,
                   "UPDATE sms_sent_parts SET state = $1 WHERE peer_id = $2 AND message = $3 AND"
                   " ((state < $4 AND state < $1) OR $1 = $4)",
                   SQL_WITH(sql_number(state), sql_text(form), sql_number(*message), sql_number(RECEIPT_DELIVERED))));
}

/* The worst of the parts is the message's state, once all are delivered, or one is not. Some providers tell the fate of
 * one part only: such a message stays accepted. */
static bool book_fate_of(struct book *book, int64_t message, struct book_fate *fate, struct error *error)
{
    struct sql_rows *rows = sql_ask(book->sql, error,
                                    "SELECT s.journal, s.ixn, s.msg_id, s.parts, max(p.state), min(p.state), count(*)"
                                    " FROM sms_sent s JOIN sms_sent_parts p ON p.message = s.id WHERE s.id = $1"
                                    " GROUP BY s.journal, s.ixn, s.msg_id, s.parts",
                                    SQL_WITH(sql_number(message)));
    *fate = (struct book_fate){0};
    if (sql_next(rows)) {
        fate->journal = (uint64_t)sql_int(rows, 0);
        fate->ixn = (uint64_t)sql_int(rows, 1);
        text_set_span(fate->msg_id, sizeof fate->msg_id, sql_string(rows, 2));
        int64_t worst = sql_int(rows, 4), best = sql_int(rows, 5);
        bool all = sql_int(rows, 6) == sql_int(rows, 3) && best >= RECEIPT_DELIVERED;
        if (worst > RECEIPT_DELIVERED || (all && worst == RECEIPT_DELIVERED)) fate->state = (enum receipt_state)worst;
    }
    return sql_end(rows, error);
}

bool book_receipt(struct book *book, const char *peer_id, const char *from, enum receipt_state state, int64_t now,
                  bool *known, struct book_fate *fate, struct error *error)
{
    static const char *const words[] = {NULL, NULL, "delivered", "expired", "failed"};
    char form[RECEIPT_ID];
    int64_t message = 0;
    *fate = (struct book_fate){0};
    receipt_id_received(peer_id, book->setting->receipts, form);
    if (!book_receipt_part(book, form, from, state, &message, known, error)) return false;
    if (!*known || state < RECEIPT_DELIVERED) return true;
    if (!book_fate_of(book, message, fate, error)) return false;
    if (fate->state == RECEIPT_NONE) return true;
    char ixn[IXN_TEXT];
    ixn_print(fate->ixn, ixn);
    return book_told(book, message, words[fate->state], now, error) &&
           (fate->ixn == 0 ||
            store_delivered(book->store, fate->journal, ixn, fate->msg_id, words[fate->state], error));
}
