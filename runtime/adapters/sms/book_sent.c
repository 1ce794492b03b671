/* runtime/adapters/sms/book_sent.c - The book's part of messages that go: who wants none, what was sent, what became of
 * it. */
#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/adapters/sms/book_state.h"
#include "runtime/vocabulary/bytes.h"
#include "runtime/vocabulary/ident.h"
#include "runtime/vocabulary/person.h"

/* Entries of the do-not-call list that we made, and may take away, have this reason. */
#define BY_WORD "left by a short message"

/* ---- who wants none ---- */

/* The list has numbers in their whole form; a short number or a name is never on it. An entry that somebody else has
 * made keeps its reason, and stays when the customer comes back. */
bool book_share_word(struct book *book, const struct book_message *message, struct error *error)
{
    bool there;
    char number[PERSON_NUMBER];
    bool is = person_number(span_of(message->customer), NULL, number);
    struct lists_block block = {.tenant = book->setting->tenant,
                                .value = span_of(is ? number : ""),
                                .reason = span_of(BY_WORD),
                                .since = message->now};
    if (!book->lists || !is || message->word == WORDS_HELP) return true;
    if (message->word == WORDS_START) return lists_unblock(book->lists, &block, error) != LISTS_failed;
    if (!lists_blocks(book->lists, block.tenant, number, message->now, &there, error)) return false;
    return there || lists_block(book->lists, &block, error) == LISTS_done;
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
                    " $4, 'going', $5, $6) RETURNING id",
                    SQL_WITH(sql_number((int64_t)sending->journal), sql_number((int64_t)sending->ixn),
                             sql_text(sending->msg_id), sql_number_or_null(interaction), sql_number(sending->parts),
                             sql_number(sending->now)));
}

/* A message that the core asks for again, after it or we were away, is sent again only where nothing was begun. */
bool book_send(struct book *book, struct book_sending *sending, struct error *error)
{
    char state[BOOK_STATE];
    bool stopped = false;
    if (!book_sent_before(book, sending, state, error)) return false;
    sending->going = strcmp(state, "failed") == 0                                   ? BOOK_FAILED
                     : strcmp(state, "going") == 0 || strcmp(state, "unknown") == 0 ? BOOK_LOST
                     : *state                                                       ? BOOK_GONE
                                                                                    : BOOK_GO;
    if (sending->going == BOOK_LOST && book->setting->resends) sending->going = BOOK_GO;
    if (sending->going != BOOK_GO) return true;
    if (!sending->notice && !book_wants_none(book, sending, &stopped, error)) return false;
    if (stopped) sending->going = BOOK_STOPPED;
    return stopped || sending->message != 0 || book_put_sent(book, sending, error);
}

bool book_sent_state(struct book *book, const char *msg_id, char state[BOOK_STATE], struct error *error)
{
    return book_sent_before(book, &(struct book_sending){.msg_id = msg_id}, state, error);
}

bool book_told(struct book *book, int64_t message, const char *state, int64_t now, struct error *error)
{
    int64_t interaction;
    bool there;
    assert(message != 0);
    return sql_do(book->sql, error, "UPDATE sms_sent SET state = $1 WHERE id = $2",
                  SQL_WITH(sql_text(state), sql_number(message))) &&
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

static bool book_receipt_part(struct book *book, const char *form, enum receipt_state state, int64_t *message,
                              bool *known, struct error *error)
{
    return sql_find(book->sql, error, message, known,
                    "SELECT message FROM sms_sent_parts WHERE peer_id = $1 ORDER BY message DESC LIMIT 1",
                    SQL_WITH(sql_text(form))) &&
           (!*known || sql_do(book->sql, error,
                              "UPDATE sms_sent_parts SET state = $1 WHERE peer_id = $2 AND message = $3 AND state < $1",
                              SQL_WITH(sql_number(state), sql_text(form), sql_number(*message))));
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

bool book_receipt(struct book *book, const char *peer_id, enum receipt_state state, int64_t now, bool *known,
                  struct book_fate *fate, struct error *error)
{
    static const char *const words[] = {NULL, NULL, "delivered", "expired", "failed"};
    char form[RECEIPT_ID];
    int64_t message = 0;
    *fate = (struct book_fate){0};
    receipt_id_received(peer_id, book->setting->receipts, form);
    if (!book_receipt_part(book, form, state, &message, known, error)) return false;
    if (!*known || state < RECEIPT_DELIVERED) return true;
    if (!book_fate_of(book, message, fate, error)) return false;
    if (fate->state == RECEIPT_NONE) return true;
    char ixn[IXN_TEXT];
    ixn_print(fate->ixn, ixn);
    return book_told(book, message, words[fate->state], now, error) &&
           (fate->ixn == 0 ||
            store_delivered(book->store, fate->journal, ixn, fate->msg_id, words[fate->state], error));
}
