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

#include "runtime/adapter/refused.h"
#include "runtime/adapter/robots.h"
#include "runtime/adapter/worker.h"
#include "runtime/adapters/sms/alphabet.h"
#include "runtime/adapters/sms/sms.h"
#include "runtime/store/store.h"
#include "runtime/vocabulary/bytes.h"
#include "runtime/vocabulary/effects_link.h"
#include "runtime/vocabulary/effects_work.h"
#include "runtime/vocabulary/events_host.h"
#include "runtime/vocabulary/events_work.h"
#include "runtime/vocabulary/ident.h"
#include "runtime/vocabulary/memory.h"
#include "runtime/vocabulary/person.h"
#include "runtime/vocabulary/why.h"

#define NOTICE_OF  "to-" /* before the name of a notice, with that of the message that it answers */
#define WANTS_NONE "the customer wants no messages"
enum { GROWS_US = 10000000, PAUSE_MAX_US = 64000000, PARKED_US = 60000000, PARKED_MAX = 10000 };
enum { HELD_US = 5000000, HELD_MAX = 4 };

struct sms_outgoing {
    uint64_t ixn, ref, journal, begun_us;
    uint64_t conn; /* of the conversation in which it is said; 0: none */
    char *key, *msg_id, *text, *reply_to;
    char own[BOOK_NUMBER], customer[BOOK_NUMBER];
    struct parts parts;
    uint16_t header; /* reference in the headers of its parts */
    unsigned left;   /* pieces without an answer */
    unsigned out;    /* pieces that are on their way */
    bool begun;      /* the book has it as going */
    bool touched;    /* the other side may have a piece of it */
    uint32_t status; /* the worst answer */
    bool notice;     /* it goes also to a customer who wants none */
    bool untold;     /* the core has not asked for it, and does not hear of it */
    bool cancelled, in_thread;
    struct asker *asker; /* an application that waits for the book; NULL: none */
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
    asker_free(outgoing->asker);
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

/* Agents who have the conversation read of it. */
static void give_tell(struct sms *sms, uint64_t conn, const char *msg_id, enum delivery state, enum cause cause,
                      const char *peer_id, bool final, const char *why)
{
    bool failed = state == delivery_failed;
    conversation_delivered(&sms->conversations, &(struct delivered){.conn = conn,
                                                                    .msg_id = msg_id,
                                                                    .peer_id = *peer_id ? peer_id : NULL,
                                                                    .state = state,
                                                                    .cause = failed ? cause : cause_ok,
                                                                    .text = failed ? why : NULL,
                                                                    .final = final});
}

static void give_over(struct sms *sms, struct sms_outgoing *outgoing)
{
    bool accepted = outgoing->state == delivery_accepted;
    const char *peer_id = outgoing->ids && outgoing->ids[0] ? outgoing->ids[0] : "";
    assert(!outgoing->in_thread && outgoing->left == 0);
    if (outgoing->conn != 0 && !outgoing->cancelled)
        give_tell(sms, outgoing->conn, outgoing->msg_id, outgoing->state, outgoing->cause, peer_id, !accepted,
                  outgoing->why);
    else if (!outgoing->untold && !outgoing->cancelled)
        give_post(sms, outgoing->ixn, outgoing->ref, outgoing->msg_id, outgoing->state, outgoing->cause, peer_id,
                  !accepted, outgoing->why);
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
    if (cause == cause_refused)
        refused_tell(sms->link, sms->services, REFUSED_sms_by_provider, "text %s: %s", outgoing->msg_id, why);
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

/* A provider by HTTP takes a text as one, however long it is. */
static unsigned give_count(const struct sms *sms, const struct sms_outgoing *outgoing)
{
    return sms->provider ? 1 : outgoing->parts.count;
}

static bool give_note(struct sms *sms, struct sms_job *job)
{
    const struct sms_outgoing *outgoing = job->outgoing;
    const char *state = outgoing->state == delivery_accepted ? "accepted"
                        : outgoing->cause == cause_lost      ? "unknown"
                                                             : "failed";
    for (unsigned i = 0; i < give_count(sms, outgoing); i++)
        if (outgoing->ids[i] && *outgoing->ids[i] &&
            !book_named(sms->book, outgoing->message, i + 1, outgoing->ids[i], &job->error))
            return false;
    return book_told(sms->book, outgoing->message, state, job->now, &job->error);
}

static struct book_sending give_sending(const struct sms *sms, const struct sms_job *job)
{
    const struct sms_outgoing *outgoing = job->outgoing;
    return (struct book_sending){.journal = outgoing->journal,
                                 .ixn = outgoing->ixn,
                                 .msg_id = outgoing->msg_id,
                                 .own = outgoing->own,
                                 .customer = outgoing->customer,
                                 .text = outgoing->text,
                                 .reply_to = outgoing->reply_to,
                                 .parts = give_count(sms, outgoing),
                                 .now = job->now,
                                 .notice = outgoing->notice,
                                 .said = outgoing->conn != 0,
                                 .begun = outgoing->begun,
                                 .message = outgoing->message};
}

static bool give_keep(struct sms *sms, struct sms_job *job)
{
    struct book_sending sending = give_sending(sms, job);
    bool good = job->kind == SMS_SEND ? book_send(sms->book, &sending, &job->error)
                                      : book_begin(sms->book, &sending, &job->error);
    job->outgoing->message = sending.message;
    job->outgoing->going = sending.going;
    job->known = sending.begun;
    return good;
}

void give_work(struct sms *sms, struct sms_job *job)
{
    if (job->kind == SMS_SEND || job->kind == SMS_BEGIN)
        job->good = give_keep(sms, job);
    else if (job->kind == SMS_TOLD)
        job->good = give_note(sms, job);
    else
        job->good = book_receipt(sms->book, job->receipt.id, job->receipt.from, job->receipt.state, job->now,
                                 &job->known, &job->fate, &job->error);
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
    char number[BOOK_NUMBER] = "";
    const struct setting_number *row = NULL;
    if (from.length > 0 && text_set_span(number, sizeof number, from)) row = setting_number_of(&sms->setting, number);
    setting_number_write(row ? row : sms->setting.own, number, own, BOOK_NUMBER);
}

static bool give_text_fits(const struct sms *sms, const char *text)
{
    const struct network *network = sms->setting.of;
    return !network || (uint64_t)g_utf8_strlen(text, -1) <= network->text_max;
}

/* The text is made plain where it fits then, too: dots for an ellipsis are more characters. */
static void give_make_plain(const struct sms *sms, struct sms_outgoing *outgoing)
{
    char *plain = alphabet_plain(outgoing->text);
    if (!give_text_fits(sms, plain)) {
        g_free(plain);
        return;
    }
    g_free(outgoing->text);
    outgoing->text = plain;
}

/* False: it cannot go, `*cause` and `*why`. Its length is that of the text as it was written, which `gcxc test` counts.
 */
static bool give_divide(struct sms *sms, struct sms_outgoing *outgoing, enum cause *cause, const char **why)
{
    bool fits = give_text_fits(sms, outgoing->text);
    if (fits && setting_yes(sms->setting.plain)) give_make_plain(sms, outgoing);
    bool divided = *outgoing->customer && fits && sms_parts_make(&outgoing->parts, outgoing->text, sms->setting.parts);
    *cause = *outgoing->customer ? cause_refused : cause_invalid_number;
    *why = *outgoing->customer ? "the text is too long" : "there is no number to which it could go";
    if (divided) outgoing->ids = memory_zeroed(outgoing->parts.count, sizeof *outgoing->ids);
    return divided;
}

/* So many pieces may go now, and on which connection the next one. */
static uint64_t give_may(const struct sms *sms, uint64_t *connection)
{
    *connection = 0;
    if (sms_now(sms) < sms->paused_until_us) return 0;
    uint64_t room = sms->provider ? provider_room(sms->provider) : sms_links_room(sms->links, connection);
    room = MIN(room, (uint64_t)sms->tokens);
    return room - MIN(room, sms->ahead);
}

/* Into the book. One that may go at once stands there as going from the first, which spares a commit. */
static void give_first(struct sms *sms, struct sms_outgoing *outgoing)
{
    uint64_t connection;
    bool behind = sms->provider && (sms->ahead > 0 || provider_writes_to(sms->provider, outgoing->customer));
    g_hash_table_insert(sms->going, outgoing->key, outgoing);
    outgoing->begun = !behind && g_queue_is_empty(&sms->pieces) && give_may(sms, &connection) > 0;
    if (outgoing->begun) sms->ahead++;
    give_job(sms, outgoing, SMS_SEND);
}

static void give_begin(struct sms *sms, struct sms_outgoing *outgoing)
{
    enum cause cause;
    const char *why;
    if (give_divide(sms, outgoing, &cause, &why)) {
        give_first(sms, outgoing);
        return;
    }
    g_hash_table_insert(sms->going, outgoing->key, outgoing);
    give_ends(sms, outgoing, cause, why);
}

/* `name` is copied, `text` is not. */
static struct sms_outgoing *sms_outgoing_new(const struct sms *sms, uint64_t ixn, struct span name, char *text)
{
    struct sms_outgoing *outgoing = memory_zeroed(1, sizeof *outgoing);
    *outgoing = (struct sms_outgoing){.ixn = ixn,
                                      .journal = sms->services->journal(sms->link),
                                      .begun_us = sms_now(sms),
                                      .key = give_key(ixn, name),
                                      .msg_id = give_text(name),
                                      .text = text,
                                      .reply_to = g_strdup(""),
                                      .header = (uint16_t)g_random_int()};
    return outgoing;
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
    outgoing = sms_outgoing_new(sms, ixn, msg_id, give_text(message_text(effect, SendMessage_text)));
    outgoing->ref = message_u(effect, ENVELOPE_ref);
    g_free(outgoing->reply_to);
    outgoing->reply_to = give_text(message_text(effect, SendMessage_reply_to));
    g_free(key);
    give_customer(sms, to, outgoing->customer);
    give_own(sms, message_text(effect, SendMessage_from), outgoing->own);
    struct kv_value automatic;
    bool machine = kv_get(message_text(effect, SendMessage_headers), "automatic", &automatic);
    const char *why =
        machine && *outgoing->customer ? robots_refusal(sms->robots, outgoing->customer, sms_now(sms)) : NULL;
    if (!why) {
        give_begin(sms, outgoing);
        return;
    }
    g_hash_table_insert(sms->going, outgoing->key, outgoing);
    give_ends(sms, outgoing, cause_refused, why);
}

/* No core asks for it. */
static void give_once(struct sms *sms, struct sms_outgoing *outgoing)
{
    outgoing->untold = true;
    if (g_hash_table_contains(sms->going, outgoing->key))
        outgoing_free(outgoing);
    else
        give_begin(sms, outgoing);
}

static void give_by_machine(struct sms *sms, struct sms_outgoing *outgoing)
{
    const char *why = robots_refusal(sms->robots, outgoing->customer, sms_now(sms));
    if (!why) {
        give_once(sms, outgoing);
        return;
    }
    sms->services->log(sms->link, GCX_LOG_WARNING, 0, 0, "text %s: not sent: %s", outgoing->msg_id, why);
    outgoing_free(outgoing);
}

/* The name of the notice is that of the message that it answers: one that comes again is answered once. */
void give_notice(struct sms *sms, const struct book_message *message, const char *text)
{
    char *name = g_strconcat(NOTICE_OF, message->external_id, NULL);
    struct sms_outgoing *outgoing = sms_outgoing_new(sms, 0, span_of(name), g_strdup(text));
    outgoing->notice = true;
    g_free(outgoing->reply_to);
    outgoing->reply_to = g_strdup(message->external_id);
    text_set(outgoing->own, sizeof outgoing->own, message->own);
    text_set(outgoing->customer, sizeof outgoing->customer, message->customer);
    give_by_machine(sms, outgoing);
    g_free(name);
}

/* `ixn` 0: no core asks for it again. */
static struct sms_outgoing *outgoing_of(struct sms *sms, const struct conversation *conversation, uint64_t ixn,
                                        const char *name, const char *text)
{
    struct sms_outgoing *outgoing = sms_outgoing_new(sms, ixn, span_of(name), g_strdup(text));
    text_set(outgoing->own, sizeof outgoing->own, conversation->to);
    text_set(outgoing->customer, sizeof outgoing->customer, conversation->address);
    return outgoing;
}

void give_unasked(struct sms *sms, const struct conversation *conversation, const char *name, const char *text)
{
    give_by_machine(sms, outgoing_of(sms, conversation, 0, name, text));
}

enum delivery give_said(struct sms *sms, const struct conversation *conversation, const struct keep_job *said,
                        enum cause *cause)
{
    const char *why;
    struct sms_outgoing *outgoing = outgoing_of(sms, conversation, conversation->ixn, said->msg_id, said->text);
    bool new = !g_hash_table_contains(sms->going, outgoing->key), good = new &&give_divide(sms, outgoing, cause, &why);
    outgoing->conn = conversation->conn;
    if (good)
        give_first(sms, outgoing);
    else
        outgoing_free(outgoing);
    return good || !new ? delivery_unknown : delivery_failed;
}

/* Why it cannot go; NULL: it can. */
static const char *give_address_applied(struct sms *sms, const struct application_message *message,
                                        struct sms_outgoing *outgoing)
{
    if (!give_customer(sms, span_of(message->to), outgoing->customer)) return "to: it is no number";
    if (*message->from && !setting_number_of(&sms->setting, message->from)) return "from: it is none of `numbers`";
    give_own(sms, span_of(message->from), outgoing->own);
    return NULL;
}

/* It is no core's: its name is all that says whether it was sent before. */
const char *give_applied(struct sms *sms, const struct application_message *message, struct asker *asker)
{
    enum cause cause;
    struct sms_outgoing *outgoing = sms_outgoing_new(sms, 0, span_of(message->name), g_strdup(message->text));
    const char *why = give_address_applied(sms, message, outgoing);
    outgoing->journal = 0;
    outgoing->untold = true;
    if (*message->agent) {
        g_free(outgoing->reply_to);
        outgoing->reply_to = g_strconcat(SESSION_BY_DESK, message->agent, ":", message->name, NULL);
    }
    bool repeated = g_hash_table_contains(sms->going, outgoing->key);
    if (!why && !repeated && give_divide(sms, outgoing, &cause, &why)) {
        outgoing->asker = asker;
        give_first(sms, outgoing);
        return NULL;
    }
    if (!why) application_kept(asker, true, BOOK_GO, sms_parts_count(message->text, sms->setting.parts));
    outgoing_free(outgoing);
    return why;
}

/* It was this process's or the one's before, for an application or for us. */
static void give_left(void *self, const struct book_sending *sending)
{
    struct sms *sms = self;
    if (sending->going == BOOK_LOST) {
        sms->services->log(sms->link, GCX_LOG_WARNING, 0, 0,
                           "text %s: it was on its way when the process ended: nobody knows", sending->msg_id);
        sms->services->count(sms->link, "texts_failed", 1);
        return;
    }
    struct sms_outgoing *outgoing = sms_outgoing_new(sms, 0, span_of(sending->msg_id), g_strdup(sending->text));
    outgoing->journal = sending->journal;
    outgoing->notice = g_str_has_prefix(sending->msg_id, NOTICE_OF);
    text_set(outgoing->own, sizeof outgoing->own, sending->own);
    text_set(outgoing->customer, sizeof outgoing->customer, sending->customer);
    give_once(sms, outgoing);
}

bool give_resume(struct sms *sms, char *why, size_t why_size)
{
    struct error error;
    assert(worker_waiting(sms->worker) == 0); /* it has the book at other times */
    return book_resume(sms->book, sms_wall(sms), give_left, sms, &error) ||
           why_set(why, why_size, "store: %s", error.text);
}

/* The message of a step in a conversation has the effect's number at its end. */
static bool is_message_of(const struct sms_outgoing *outgoing, uint64_t ref)
{
    char name[IXN_TEXT + 24], ixn[IXN_TEXT];
    if (outgoing->conn == 0) return outgoing->ref == ref;
    ixn_print(outgoing->ixn, ixn);
    snprintf(name, sizeof name, "%s-%llu", ixn, (unsigned long long)ref);
    return strcmp(outgoing->msg_id, name) == 0;
}

/* A message that is with the other side cannot be called back; one that waits does not go. */
void give_cancel(struct sms *sms, const struct message *effect)
{
    GHashTableIter at;
    gpointer value;
    g_hash_table_iter_init(&at, sms->going);
    while (g_hash_table_iter_next(&at, NULL, &value)) {
        struct sms_outgoing *outgoing = value;
        if (outgoing->ixn == message_u(effect, ENVELOPE_ixn) && is_message_of(outgoing, message_u(effect, Cancel_of)))
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
        if (!outgoing->untold && outgoing->journal != journal)
            outgoing->cancelled = true; /* its ids mean something else now */
    }
}

/* ---- going ---- */

/* The place at which a piece waits; a notice goes before all that is none: what it says holds already. */
static gint give_place(const struct sms *sms, bool notice)
{
    gint place = 0;
    if (!notice) return -1;
    for (GList *at = sms->pieces.head; at && ((struct sms_piece *)at->data)->outgoing->notice; at = at->next) place++;
    return place;
}

static void give_pieces(struct sms *sms, struct sms_outgoing *outgoing)
{
    for (unsigned n = 1; n <= give_count(sms, outgoing); n++) {
        struct sms_piece *piece = memory_zeroed(1, sizeof *piece);
        *piece = (struct sms_piece){outgoing, n};
        g_queue_push_nth(&sms->pieces, piece, give_place(sms, outgoing->notice));
    }
    outgoing->left = give_count(sms, outgoing);
    give_pump(sms);
}

static void give_kept(struct sms *sms, struct sms_job *job, struct sms_outgoing *outgoing)
{
    if (outgoing->asker) application_kept(outgoing->asker, job->good, outgoing->going, outgoing->parts.count);
    outgoing->asker = NULL;
    if (!job->good) {
        char why[200];
        snprintf(why, sizeof why, "contact store: %.150s", job->error.text);
        give_ends(sms, outgoing, cause_refused, why);
        return;
    }
    switch (outgoing->going) {
    case BOOK_GO:
        outgoing->begun = job->known;
        session_expect(sms, outgoing->own, outgoing->customer, outgoing->reply_to, outgoing->ixn, outgoing->text);
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
        give_ends(sms, outgoing, cause_refused, WANTS_NONE);
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
    assert(outgoing->left > 0 && !outgoing->in_thread);
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
    assert(outgoing->out > 0);
    outgoing->out--;
    if (status == STATUS_THROTTLED || status == STATUS_QUEUE_FULL) {
        give_slower(sms, piece);
        return;
    }
    outgoing->touched = true;
    sms->pause_us = 0;
    if (status == STATUS_OK) {
        g_free(outgoing->ids[piece->n - 1]);
        outgoing->ids[piece->n - 1] = g_strdup(id);
    }
    give_piece_over(sms, piece, status);
    give_pump(sms); /* the window has room again */
}

static void give_address(const char *number, struct pdu_number *to)
{
    to->type = *number == '+';
    to->plan = 1;
    text_set(to->digits, sizeof to->digits, *number == '+' ? number + 1 : number);
}

static bool give_piece_now(struct sms *sms, uint64_t connection, struct sms_piece *piece)
{
    static uint8_t bytes[PDU_MAX];
    struct sms_outgoing *outgoing = piece->outgoing;
    struct pdu pdu = {.registered = 1};
    give_address(outgoing->own, &pdu.from);
    give_address(outgoing->customer, &pdu.to);
    sms_parts_put(&outgoing->parts, piece->n, sms->setting.parts, outgoing->header, bytes, sizeof bytes, &pdu);
    return sms_links_send(sms->links, connection, &pdu, piece);
}

/* The provider knows a message that comes twice by a name that is never another's. */
static bool give_to_provider(struct sms *sms, struct sms_piece *piece)
{
    struct sms_outgoing *outgoing = piece->outgoing;
    char *id = g_strdup_printf("%016llx-%s", (unsigned long long)outgoing->journal, outgoing->key);
    bool good = provider_send(sms->provider, id, outgoing->own, outgoing->customer, outgoing->text, piece);
    g_free(id);
    return good;
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

/* The book hears that it goes, or that it waits again. */
static void give_mark(struct sms *sms, struct sms_outgoing *outgoing, bool begun)
{
    outgoing->begun = begun;
    give_job(sms, outgoing, SMS_BEGIN);
}

/* A piece leaves the queue. */
static void give_go(struct sms *sms, GList *at, uint64_t connection)
{
    struct sms_piece *piece = at->data;
    g_queue_delete_link(&sms->pieces, at);
    sms->tokens -= 1;
    bool good = sms->provider ? give_to_provider(sms, piece) : give_piece_now(sms, connection, piece);
    if (good)
        piece->outgoing->out++;
    else
        give_piece_over(sms, piece, STATUS_REFUSED);
}

/* A customer's messages go to a provider by HTTP one after the other; `before`: those to whom one is to go first. */
static bool give_is_behind(const struct sms *sms, GPtrArray *before, const char *customer)
{
    if (!sms->provider) return false;
    for (guint i = 0; i < before->len; i++)
        if (strcmp(before->pdata[i], customer) == 0) return true;
    return provider_writes_to(sms->provider, customer);
}

/* It could not go after all, and none of it has: the book has it as waiting again. */
static bool give_waits_again(const struct sms_outgoing *outgoing)
{
    return outgoing->begun && !outgoing->in_thread && !outgoing->touched && outgoing->out == 0;
}

/* The process ends and nothing more goes: what the book has as going, and nobody was sent, waits for the next one. */
static void give_take_back(struct sms *sms)
{
    for (GList *at = sms->pieces.head; at; at = at->next) {
        struct sms_outgoing *outgoing = ((struct sms_piece *)at->data)->outgoing;
        if (give_waits_again(outgoing)) give_mark(sms, outgoing, false);
    }
}

/* Pieces go in their order, as many as may; a message's first one once the book has it as going. */
void give_pump(struct sms *sms)
{
    uint64_t connection;
    if (sms->ends) {
        give_take_back(sms);
        return;
    }
    give_fill(sms, sms_now(sms));
    uint64_t may = give_may(sms, &connection);
    GPtrArray *before = g_ptr_array_new();
    bool waits = false;
    for (GList *at = sms->pieces.head, *next; at && may > 0; at = next) {
        struct sms_piece *piece = at->data;
        struct sms_outgoing *outgoing = piece->outgoing;
        next = at->next;
        if (give_is_behind(sms, before, outgoing->customer)) continue;
        if (outgoing->cancelled && !outgoing->in_thread) {
            g_queue_delete_link(&sms->pieces, at);
            give_piece_over(sms, piece, STATUS_SYSTEM);
            continue;
        }
        may--;
        if (!outgoing->begun && !outgoing->in_thread) give_mark(sms, outgoing, true);
        waits = waits || outgoing->in_thread;
        if (outgoing->in_thread)
            g_ptr_array_add(before, outgoing->customer);
        else if (!waits) {
            give_go(sms, at, connection);
            (void)give_may(sms, &connection);
        }
    }
    g_ptr_array_free(before, TRUE);
}

/* None of it goes. */
static void give_drop(struct sms *sms, struct sms_outgoing *outgoing)
{
    for (GList *at = sms->pieces.head, *next; at; at = next) {
        struct sms_piece *piece = at->data;
        next = at->next;
        if (piece->outgoing != outgoing) continue;
        g_queue_delete_link(&sms->pieces, at);
        free(piece);
    }
    assert(outgoing->out == 0);
    outgoing->left = 0;
}

/* Another process has begun it, which happens where one has not quite ended when the next begins; or the customer has
 * left while it waited. */
static void give_not_begun(struct sms *sms, struct sms_outgoing *outgoing)
{
    bool stopped = outgoing->going == BOOK_STOPPED;
    give_drop(sms, outgoing);
    give_ends(sms, outgoing, stopped ? cause_refused : cause_lost, stopped ? WANTS_NONE : "another process sends it");
}

static void give_marked(struct sms *sms, const struct sms_job *job, struct sms_outgoing *outgoing)
{
    if (!job->good) { /* the book has it as before */
        outgoing->begun = !outgoing->begun;
        sms->paused_until_us = MAX(sms->paused_until_us, sms_now(sms) + SMS_SECOND_US);
        sms->services->log(sms->link, GCX_LOG_WARNING, outgoing->ixn, 0, "text %s: it waits: contact store: %s",
                           outgoing->msg_id, job->error.text);
        if (sms->ends) return;
    } else if (outgoing->going != BOOK_GO) {
        give_not_begun(sms, outgoing);
    }
    give_pump(sms);
}

static bool give_is_held_back(const struct sms_outgoing *outgoing, const struct book_message *stop)
{
    return !outgoing->notice && !outgoing->in_thread && !outgoing->touched && outgoing->out == 0 &&
           outgoing->left > 0 && strcmp(outgoing->customer, stop->customer) == 0 &&
           strcmp(outgoing->own, stop->own) == 0;
}

/* One that the thread has just now, or that is from another number of ours, is asked about when it is begun. */
void give_stopped(struct sms *sms, const struct book_message *stop)
{
    GHashTableIter at;
    gpointer value;
    g_hash_table_iter_init(&at, sms->going);
    while (g_hash_table_iter_next(&at, NULL, &value)) {
        struct sms_outgoing *outgoing = value;
        if (!give_is_held_back(outgoing, stop)) continue;
        give_drop(sms, outgoing);
        outgoing->state = delivery_failed;
        outgoing->cause = cause_refused;
        snprintf(outgoing->why, sizeof outgoing->why, WANTS_NONE);
        give_job(sms, outgoing, SMS_TOLD);
    }
}

/* ---- receipts ---- */

void give_receipt(struct sms *sms, const struct receipt *receipt, uint64_t connection, const struct pdu *question)
{
    struct sms_job *job = sms_job_new(sms, SMS_RECEIPT);
    job->receipt = *receipt;
    job->connection = connection;
    if (question) job->question = *question;
    worker_give(sms->worker, job);
}

static void give_receipt_answer(struct sms *sms, struct sms_job *job, uint32_t status)
{
    if (job->connection != 0) sms_links_answer(sms->links, job->connection, &job->question, status, "");
    job->connection = 0;
    if (job->held) sms->held--;
    job->held = false;
}

/* A receipt may come before the answer that says the message's name: it waits a minute. While such an answer may come
 * a few are not answered for some seconds, so that they are brought again if we are killed. Not more and not longer:
 * the other side has a window, which receipts of messages that were never ours would fill before what customers write.
 * While such ones come none is held for a minute. */
static bool give_receipt_waits(struct sms *sms, struct sms_job *job)
{
    uint64_t now_us = sms_now(sms);
    bool is_new = job->parked_us == 0, may_be_ours = g_hash_table_size(sms->going) > 0;
    if (is_new) job->parked_us = now_us;
    uint64_t parked_us = now_us - job->parked_us;
    bool waits = parked_us < PARKED_US && g_queue_get_length(&sms->parked) < PARKED_MAX;
    if (is_new && sms->held < MIN(HELD_MAX, sms->setting.window / 2) && now_us >= sms->hold_us) {
        job->held = true;
        sms->held++;
    } else if (job->held && parked_us >= HELD_US) {
        sms->hold_us = now_us + PARKED_US;
    }
    if (!job->held || !waits || !may_be_ours || parked_us >= HELD_US) give_receipt_answer(sms, job, STATUS_OK);
    if (waits) g_queue_push_tail(&sms->parked, job);
    return waits;
}

static void give_receipt_done(struct sms *sms, struct sms_job *job)
{
    bool again = !job->good || !job->known;
    if (!job->good && job->connection != 0) {
        give_receipt_answer(sms, job, take_later_status(&job->question));
        sms_job_free(job);
        return;
    }
    if (again && give_receipt_waits(sms, job)) return;
    give_receipt_answer(sms, job, STATUS_OK);
    if (again) {
        sms->services->count(sms->link, "receipts_unknown", 1);
        sms->services->log(sms->link, GCX_LOG_WARNING, 0, 0, "a receipt names a message that nobody knows: %s %s",
                           job->receipt.id, job->receipt.word);
    } else if (job->fate.state != RECEIPT_NONE) {
        bool delivered = job->fate.state == RECEIPT_DELIVERED;
        enum delivery state = delivered ? delivery_delivered : delivery_failed;
        bool own = job->fate.ixn != 0 && job->fate.journal == sms->services->journal(sms->link);
        uint64_t conn = own ? sms_session_conn(sms, job->fate.ixn) : 0;
        if (conn != 0)
            give_tell(sms, conn, job->fate.msg_id, state, cause_refused, job->receipt.id, true, job->receipt.word);
        else if (own)
            give_post(sms, job->fate.ixn, 0, job->fate.msg_id, state, cause_refused, job->receipt.id, true,
                      job->receipt.word);
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
    if (job->kind == SMS_SEND) {
        if (outgoing->begun) sms->ahead--;
        outgoing->begun = false;
        give_kept(sms, job, outgoing);
    } else if (job->kind == SMS_BEGIN) {
        give_marked(sms, job, outgoing);
    } else {
        if (!job->good)
            sms->services->log(sms->link, GCX_LOG_WARNING, outgoing->ixn, 0, "text %s: its fate is not noted: %s",
                               outgoing->msg_id, job->error.text);
        give_over(sms, outgoing);
    }
    sms_job_free(job);
}

bool give_awaits(const struct sms *sms)
{
    GHashTableIter at;
    gpointer value;
    g_hash_table_iter_init(&at, sms->going);
    while (g_hash_table_iter_next(&at, NULL, &value)) {
        const struct sms_outgoing *outgoing = value;
        if (outgoing->out > 0 || outgoing->in_thread) return true;
    }
    return false;
}

/* ---- time ---- */

/* Pieces that no connection has taken in time are given up. */
void give_tick(struct sms *sms)
{
    uint64_t now_us = sms_now(sms);
    guint count = g_queue_get_length(&sms->pieces), parked = g_queue_get_length(&sms->parked);
    while (count-- > 0) {
        struct sms_piece *piece = g_queue_pop_head(&sms->pieces);
        struct sms_outgoing *outgoing = piece->outgoing;
        bool old = now_us - outgoing->begun_us > sms->setting.give_up * SMS_SECOND_US;
        if ((outgoing->cancelled || old) && !outgoing->in_thread) {
            give_piece_over(sms, piece, STATUS_THROTTLED);
            continue;
        }
        if (give_waits_again(outgoing)) give_mark(sms, outgoing, false);
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
