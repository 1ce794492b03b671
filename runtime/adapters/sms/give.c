/* runtime/adapters/sms/give.c - Messages on their way out: what the core asks for, what waits for a connection with
 * room, what was answered.
 *
 * A message is in `going` from SendMessage until the core has been told. The thread puts it into the book; then each of
 * its parts is a piece in `pieces`, until the other side has answered it. The rate is halved where the other side says
 * that it is too much, the same piece goes again after a pause that doubles, and the rate grows by one in ten seconds
 * without such a refusal. */
#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/adapter/worker.h"
#include "runtime/adapters/sms/alphabet.h"
#include "runtime/adapters/sms/sms.h"
#include "runtime/store/store.h"
#include "runtime/vocabulary/bytes.h"
#include "runtime/vocabulary/effects_link.h"
#include "runtime/vocabulary/effects_work.h"
#include "runtime/vocabulary/events_host.h"
#include "runtime/vocabulary/events_work.h"
#include "runtime/vocabulary/memory.h"
#include "runtime/vocabulary/person.h"

enum { GROWS_US = 10000000, PAUSE_MAX_US = 64000000, PARKED_US = 60000000, PARKED_MAX = 10000 };

struct sms_outgoing {
    uint64_t ixn, ref, journal, begun_us;
    char *key, *msg_id, *text, *reply_to;
    char own[BOOK_NUMBER], customer[BOOK_NUMBER];
    struct parts parts;
    uint16_t header; /* reference in the headers of its parts */
    unsigned left;   /* pieces without an answer */
    uint32_t status; /* the worst answer */
    bool notice, cancelled, in_thread;
    enum book_going going;
    int64_t message;
    char **ids;
    enum delivery state;
    enum cause cause;
    char why[200];
};

struct sms_piece {
    struct sms_outgoing *outgoing;
    unsigned n;
};

static void outgoing_free(gpointer data)
{
    struct sms_outgoing *outgoing = data;
    for (unsigned i = 0; outgoing->ids && i < outgoing->parts.count; i++) g_free(outgoing->ids[i]);
    free(outgoing->ids);
    sms_parts_free(&outgoing->parts);
    g_free(outgoing->key), g_free(outgoing->msg_id), g_free(outgoing->text), g_free(outgoing->reply_to);
    free(outgoing);
}

/* ---- the core is told ---- */

static void give_post(struct sms *sms, uint64_t ixn, uint64_t ref, const char *msg_id, enum delivery state,
                      enum cause cause, const char *peer_id, bool final, const char *why)
{
    struct writer *writer = &sms->writer;
    writer_clear(writer);
    writer_begin(writer, KIND_EventDelivery);
    writer_u(writer, ENVELOPE_ixn, ixn);
    if (ref != 0) writer_u(writer, ENVELOPE_ref, ref);
    writer_i(writer, ENVELOPE_at, sms_wall(sms));
    writer_text(writer, EventDelivery_msg_id, msg_id);
    writer_u(writer, EventDelivery_state, state);
    if (*peer_id) writer_text(writer, EventDelivery_peer_id, peer_id);
    if (state == delivery_failed) writer_u(writer, EventDelivery_cause, cause);
    writer_u(writer, EventDelivery_final, final);
    if (*why) writer_text(writer, EventDelivery_text, why);
    outbox_post(&sms->outbox, writer_end(writer));
}

static void give_over(struct sms *sms, struct sms_outgoing *outgoing)
{
    bool accepted = outgoing->state == delivery_accepted, named = outgoing->ids && outgoing->ids[0];
    assert(!outgoing->in_thread && outgoing->left == 0);
    if (!outgoing->notice && !outgoing->cancelled)
        give_post(sms, outgoing->ixn, outgoing->ref, outgoing->msg_id, outgoing->state, outgoing->cause,
                  named ? outgoing->ids[0] : "", !accepted, outgoing->why);
    sms->services->log(sms->link, accepted ? GCX_LOG_INFO : GCX_LOG_WARNING, outgoing->ixn, 0, "text %s: %s%s%s",
                       outgoing->msg_id, accepted ? "the other side has taken it" : "not sent",
                       *outgoing->why ? ": " : "", outgoing->why);
    sms->services->count(sms->link, accepted ? "texts_sent" : "texts_failed", 1);
    g_hash_table_remove(sms->going, outgoing->key);
}

static void give_ends(struct sms *sms, struct sms_outgoing *outgoing, enum cause cause, const char *why)
{
    outgoing->state = delivery_failed;
    outgoing->cause = cause;
    snprintf(outgoing->why, sizeof outgoing->why, "%s", why);
    give_over(sms, outgoing);
}

static void give_job(struct sms *sms, struct sms_outgoing *outgoing, enum sms_job_kind kind)
{
    struct sms_job *job = sms_job_new(sms, kind);
    assert(!outgoing->in_thread);
    outgoing->in_thread = true;
    job->outgoing = outgoing;
    worker_give(sms->worker, job);
}

/* ---- in the thread ---- */

static bool give_note(struct sms *sms, struct sms_job *job)
{
    const struct sms_outgoing *outgoing = job->outgoing;
    const char *state = outgoing->state == delivery_accepted ? "accepted"
                        : outgoing->cause == cause_lost      ? "unknown"
                                                             : "failed";
    for (unsigned i = 0; i < outgoing->parts.count; i++)
        if (outgoing->ids[i] && *outgoing->ids[i] &&
            !book_named(sms->book, outgoing->message, i + 1, outgoing->ids[i], &job->error))
            return false;
    return book_told(sms->book, outgoing->message, state, job->now, &job->error);
}

static bool give_keep(struct sms *sms, struct sms_job *job)
{
    struct sms_outgoing *outgoing = job->outgoing;
    struct book_sending sending = {.journal = outgoing->journal,
                                   .ixn = outgoing->ixn,
                                   .msg_id = outgoing->msg_id,
                                   .own = outgoing->own,
                                   .customer = outgoing->customer,
                                   .text = outgoing->text,
                                   .reply_to = outgoing->reply_to,
                                   .parts = outgoing->parts.count,
                                   .now = job->now,
                                   .notice = outgoing->notice};
    bool good = book_send(sms->book, &sending, &job->error);
    outgoing->message = sending.message;
    outgoing->going = sending.going;
    return good;
}

void give_work(struct sms *sms, struct sms_job *job)
{
    if (job->kind == SMS_SEND)
        job->good = give_keep(sms, job);
    else if (job->kind == SMS_TOLD)
        job->good = give_note(sms, job);
    else
        job->good = book_receipt(sms->book, job->receipt.id, job->receipt.state, job->now, &job->known, &job->fate,
                                 &job->error);
}

/* ---- asked ---- */

static char *give_key(uint64_t ixn, struct span msg_id)
{
    return g_strdup_printf("%llu/%.*s", (unsigned long long)ixn, (int)msg_id.length, (const char *)msg_id.bytes);
}

static char *give_text(struct span text)
{
    return g_strndup(text.length > 0 ? (const char *)text.bytes : "", text.length);
}

/* False: to this address no text goes. */
static bool give_customer(const struct sms *sms, struct span to, char customer[BOOK_NUMBER])
{
    char number[PERSON_MAX + 1];
    const char *why;
    if (!person_dialled(to, sms->setting.country, number, &why)) return false;
    return text_set(customer, BOOK_NUMBER, number);
}

/* The number of ours that it is from: the one that was written to, else the usual one. */
static void give_own(const struct sms *sms, struct span from, char own[BOOK_NUMBER])
{
    char number[BOOK_NUMBER];
    const struct setting_number *row = NULL;
    if (from.length > 0 && text_set_span(number, sizeof number, from)) row = setting_number_of(&sms->setting, number);
    if (row && strcmp(row->digits, "*") == 0)
        text_set(own, BOOK_NUMBER, number);
    else {
        if (!row) row = sms->setting.own;
        snprintf(own, BOOK_NUMBER, "%s%s", row->international ? "+" : "", row->digits);
    }
}

static void give_begin(struct sms *sms, struct sms_outgoing *outgoing)
{
    if (setting_yes(sms->setting.plain)) {
        char *plain = alphabet_plain(outgoing->text);
        g_free(outgoing->text);
        outgoing->text = plain;
    }
    g_hash_table_insert(sms->going, outgoing->key, outgoing);
    if (!*outgoing->customer) {
        give_ends(sms, outgoing, cause_invalid_number, "there is no number to which it could go");
        return;
    }
    if (!sms_parts_make(&outgoing->parts, outgoing->text, sms->setting.parts)) {
        give_ends(sms, outgoing, cause_refused, "the text is too long");
        return;
    }
    outgoing->ids = memory_zeroed(outgoing->parts.count, sizeof *outgoing->ids);
    give_job(sms, outgoing, SMS_SEND);
}

void give_message(struct sms *sms, const struct message *effect)
{
    struct span msg_id = message_text(effect, SendMessage_msg_id), to = {0};
    uint64_t ixn = message_u(effect, ENVELOPE_ixn);
    char *key = give_key(ixn, msg_id);
    struct sms_outgoing *outgoing = g_hash_table_lookup(sms->going, key);
    if (outgoing) { /* asked again: it is on its way */
        outgoing->ref = message_u(effect, ENVELOPE_ref);
        outgoing->journal = sms->services->journal(sms->link);
        outgoing->cancelled = false;
        g_free(key);
        return;
    }
    uint32_t at = 0;
    (void)message_next_text(message_text(effect, SendMessage_to), &at, &to);
    outgoing = memory_zeroed(1, sizeof *outgoing);
    *outgoing = (struct sms_outgoing){.ixn = ixn,
                                      .ref = message_u(effect, ENVELOPE_ref),
                                      .journal = sms->services->journal(sms->link),
                                      .begun_us = sms_now(sms),
                                      .key = key,
                                      .msg_id = give_text(msg_id),
                                      .text = give_text(message_text(effect, SendMessage_text)),
                                      .reply_to = give_text(message_text(effect, SendMessage_reply_to)),
                                      .header = (uint16_t)g_random_int()};
    give_customer(sms, to, outgoing->customer);
    give_own(sms, message_text(effect, SendMessage_from), outgoing->own);
    give_begin(sms, outgoing);
}

/* The name of the notice is that of the message that it answers: one that comes again is answered once. */
void give_notice(struct sms *sms, const struct book_message *message, const char *text)
{
    struct sms_outgoing *outgoing = memory_zeroed(1, sizeof *outgoing);
    char *name = g_strdup_printf("to-%s", message->external_id);
    *outgoing = (struct sms_outgoing){.journal = sms->services->journal(sms->link),
                                      .begun_us = sms_now(sms),
                                      .msg_id = name,
                                      .key = give_key(0, span_of(name)),
                                      .text = g_strdup(text),
                                      .reply_to = g_strdup(message->external_id),
                                      .header = (uint16_t)g_random_int(),
                                      .notice = true};
    text_set(outgoing->own, sizeof outgoing->own, message->own);
    text_set(outgoing->customer, sizeof outgoing->customer, message->customer);
    if (g_hash_table_contains(sms->going, outgoing->key))
        outgoing_free(outgoing);
    else
        give_begin(sms, outgoing);
}

/* A message that is with the other side cannot be called back; one that waits does not go. */
void give_cancel(struct sms *sms, const struct message *effect)
{
    GHashTableIter at;
    gpointer value;
    g_hash_table_iter_init(&at, sms->going);
    while (g_hash_table_iter_next(&at, NULL, &value)) {
        struct sms_outgoing *outgoing = value;
        if (outgoing->ixn == message_u(effect, ENVELOPE_ixn) && outgoing->ref == message_u(effect, Cancel_of))
            outgoing->cancelled = true;
    }
}

void give_core_up(struct sms *sms)
{
    GHashTableIter at;
    gpointer value;
    uint64_t journal = sms->services->journal(sms->link);
    g_hash_table_iter_init(&at, sms->going);
    while (g_hash_table_iter_next(&at, NULL, &value)) {
        struct sms_outgoing *outgoing = value;
        if (outgoing->journal != journal) outgoing->cancelled = true; /* its ids mean something else now */
    }
}

/* ---- going ---- */

static void give_pieces(struct sms *sms, struct sms_outgoing *outgoing)
{
    for (unsigned n = 1; n <= outgoing->parts.count; n++) {
        struct sms_piece *piece = memory_zeroed(1, sizeof *piece);
        *piece = (struct sms_piece){outgoing, n};
        g_queue_push_tail(&sms->pieces, piece);
    }
    outgoing->left = outgoing->parts.count;
    give_pump(sms);
}

static void give_kept(struct sms *sms, struct sms_job *job, struct sms_outgoing *outgoing)
{
    if (!job->good) {
        char why[200];
        snprintf(why, sizeof why, "contact store: %.150s", job->error.text);
        give_ends(sms, outgoing, cause_refused, why);
        return;
    }
    switch (outgoing->going) {
    case BOOK_GO:
        give_pieces(sms, outgoing);
        return;
    case BOOK_GONE:
        outgoing->state = delivery_accepted;
        give_over(sms, outgoing);
        return;
    case BOOK_LOST:
        give_ends(sms, outgoing, cause_lost, "it was on its way when the connection or the process ended");
        return;
    case BOOK_STOPPED:
        give_ends(sms, outgoing, cause_refused, "the customer wants no messages");
        return;
    case BOOK_FAILED:
        give_ends(sms, outgoing, cause_refused, "it was refused before");
        return;
    }
}

/* All pieces are answered. */
static void give_settle(struct sms *sms, struct sms_outgoing *outgoing)
{
    uint32_t status = outgoing->status;
    assert(outgoing->left == 0);
    outgoing->state = status == STATUS_OK ? delivery_accepted : delivery_failed;
    outgoing->cause = status == STATUS_OK                                         ? cause_ok
                      : status == SMPP_LOST                                       ? cause_lost
                      : status == STATUS_WRONG_DESTINATION                        ? cause_invalid_number
                      : status == STATUS_THROTTLED || status == STATUS_QUEUE_FULL ? cause_throttled
                                                                                  : cause_refused;
    if (status == SMPP_LOST)
        snprintf(outgoing->why, sizeof outgoing->why, "no answer came");
    else if (status != STATUS_OK)
        snprintf(outgoing->why, sizeof outgoing->why, "status 0x%02x", status);
    give_job(sms, outgoing, SMS_TOLD);
}

static void give_piece_over(struct sms *sms, struct sms_piece *piece, uint32_t status)
{
    struct sms_outgoing *outgoing = piece->outgoing;
    assert(outgoing->left > 0);
    free(piece);
    if (status != STATUS_OK && outgoing->status != SMPP_LOST) outgoing->status = status;
    if (--outgoing->left == 0) give_settle(sms, outgoing);
}

/* The other side says that it is too much: the same piece goes first, after a pause. */
static void give_slower(struct sms *sms, struct sms_piece *piece)
{
    uint64_t now_us = sms_now(sms);
    if (now_us >= sms->paused_until_us) { /* of several refusals at once the first counts */
        sms->pause_us = sms->pause_us == 0 ? SMS_SECOND_US : MIN(sms->pause_us * 2, (uint64_t)PAUSE_MAX_US);
        sms->rate = MAX(1.0, sms->rate / 2);
        sms->paused_until_us = now_us + sms->pause_us;
        sms->services->log(sms->link, GCX_LOG_WARNING, 0, 0,
                           "the other side asks for less: %.0f a second, after %llu s", sms->rate,
                           (unsigned long long)(sms->pause_us / SMS_SECOND_US));
    }
    sms->grown_us = now_us;
    sms->tokens = 0;
    g_queue_push_head(&sms->pieces, piece);
}

void give_answered(void *self, void *data, uint32_t status, const char *id)
{
    struct sms *sms = self;
    struct sms_piece *piece = data;
    struct sms_outgoing *outgoing = piece->outgoing;
    if (status == STATUS_THROTTLED || status == STATUS_QUEUE_FULL) {
        give_slower(sms, piece);
        return;
    }
    sms->pause_us = 0;
    if (status == STATUS_OK) {
        g_free(outgoing->ids[piece->n - 1]);
        outgoing->ids[piece->n - 1] = g_strdup(id);
    }
    give_piece_over(sms, piece, status);
}

static void give_address(const char *number, struct pdu_number *to)
{
    to->type = *number == '+';
    to->plan = 1;
    text_set(to->digits, sizeof to->digits, *number == '+' ? number + 1 : number);
}

static void give_piece_now(struct sms *sms, uint64_t connection, struct sms_piece *piece)
{
    static uint8_t bytes[PDU_MAX];
    struct sms_outgoing *outgoing = piece->outgoing;
    struct pdu pdu = {.registered = 1};
    give_address(outgoing->own, &pdu.from);
    give_address(outgoing->customer, &pdu.to);
    sms_parts_put(&outgoing->parts, piece->n, sms->setting.parts, outgoing->header, bytes, sizeof bytes, &pdu);
    if (!sms_links_send(sms->links, connection, &pdu, piece)) give_piece_over(sms, piece, STATUS_SYSTEM);
}

static void give_fill(struct sms *sms, uint64_t now_us)
{
    double most = 1 + sms->rate / 5;
    sms->tokens += sms->rate * (double)(now_us - sms->filled_us) / SMS_SECOND_US;
    if (sms->tokens > most) sms->tokens = most;
    sms->filled_us = now_us;
    if (sms->rate >= (double)sms->setting.rate || now_us - sms->grown_us < GROWS_US) return;
    sms->rate = MIN(sms->rate + 1, (double)sms->setting.rate);
    sms->grown_us = now_us;
}

void give_pump(struct sms *sms)
{
    uint64_t now_us = sms_now(sms), connection;
    give_fill(sms, now_us);
    while (now_us >= sms->paused_until_us && sms->tokens >= 1 && !g_queue_is_empty(&sms->pieces) &&
           (connection = sms_links_room(sms->links)) != 0) {
        struct sms_piece *piece = g_queue_pop_head(&sms->pieces);
        if (piece->outgoing->cancelled) {
            give_piece_over(sms, piece, STATUS_SYSTEM);
            continue;
        }
        sms->tokens -= 1;
        give_piece_now(sms, connection, piece);
    }
}

/* ---- receipts ---- */

void give_receipt(struct sms *sms, const struct receipt *receipt)
{
    struct sms_job *job = sms_job_new(sms, SMS_RECEIPT);
    job->receipt = *receipt;
    worker_give(sms->worker, job);
}

/* A receipt may come before the answer that says the message's name: it waits a minute. */
static void give_receipt_done(struct sms *sms, struct sms_job *job)
{
    uint64_t now_us = sms_now(sms);
    bool again = !job->good || !job->known;
    if (again && job->parked_us == 0) job->parked_us = now_us;
    if (again && now_us - job->parked_us < PARKED_US && g_queue_get_length(&sms->parked) < PARKED_MAX) {
        g_queue_push_tail(&sms->parked, job);
        return;
    }
    if (again) {
        sms->services->count(sms->link, "receipts_unknown", 1);
        sms->services->log(sms->link, GCX_LOG_WARNING, 0, 0, "a receipt names a message that nobody knows: %s %s",
                           job->receipt.id, job->receipt.word);
    } else if (job->fate.state != RECEIPT_NONE) {
        bool delivered = job->fate.state == RECEIPT_DELIVERED;
        if (job->fate.ixn != 0 && job->fate.journal == sms->services->journal(sms->link))
            give_post(sms, job->fate.ixn, 0, job->fate.msg_id, delivered ? delivery_delivered : delivery_failed,
                      cause_refused, job->receipt.id, true, job->receipt.word);
        sms->services->log(sms->link, GCX_LOG_INFO, job->fate.ixn, 0, "text %s: %s%s%s", job->fate.msg_id,
                           delivered ? "delivered" : "not delivered: ", delivered ? "" : job->receipt.word,
                           *job->receipt.error && !delivered ? " with an error of the network" : "");
    }
    sms_job_free(job);
}

void give_done(struct sms *sms, struct sms_job *job)
{
    struct sms_outgoing *outgoing = job->outgoing;
    if (job->kind == SMS_RECEIPT) {
        give_receipt_done(sms, job);
        return;
    }
    outgoing->in_thread = false;
    if (job->kind == SMS_SEND)
        give_kept(sms, job, outgoing);
    else {
        if (!job->good)
            sms->services->log(sms->link, GCX_LOG_WARNING, outgoing->ixn, 0, "text %s: its fate is not noted: %s",
                               outgoing->msg_id, job->error.text);
        give_over(sms, outgoing);
    }
    sms_job_free(job);
}

/* ---- time ---- */

/* Pieces that no connection has taken in time are given up. */
void give_tick(struct sms *sms)
{
    uint64_t now_us = sms_now(sms);
    guint count = g_queue_get_length(&sms->pieces), parked = g_queue_get_length(&sms->parked);
    while (count-- > 0) {
        struct sms_piece *piece = g_queue_pop_head(&sms->pieces);
        if (piece->outgoing->cancelled || now_us - piece->outgoing->begun_us > sms->setting.give_up * SMS_SECOND_US)
            give_piece_over(sms, piece, STATUS_THROTTLED);
        else
            g_queue_push_tail(&sms->pieces, piece);
    }
    while (parked-- > 0) {
        struct sms_job *job = g_queue_pop_head(&sms->parked);
        worker_give(sms->worker, job);
    }
    sms->services->figure(sms->link, "texts_waiting", (int64_t)g_hash_table_size(sms->going));
}

void give_free(struct sms *sms)
{
    struct sms_job *job;
    while ((job = g_queue_pop_head(&sms->parked))) sms_job_free(job);
    g_queue_clear_full(&sms->pieces, free);
    g_hash_table_destroy(sms->going);
}

GHashTable *give_table(void)
{
    return g_hash_table_new_full(g_str_hash, g_str_equal, NULL, outgoing_free);
}
