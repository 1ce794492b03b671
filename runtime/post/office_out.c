/* runtime/post/office_out.c - Items that go: what the core asks for, what an application or the way itself does; kept
 * by the thread; told to the core when the other side has answered.
 *
 * An item is in `going` from when it is asked for until the core has been told. The thread puts it into the book; then
 * its pieces wait in the queue of office_pieces.c, until the other side has answered each. */
#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/adapter/robots.h"
#include "runtime/adapter/worker.h"
#include "runtime/post/office_state.h"
#include "runtime/vocabulary/bytes.h"
#include "runtime/vocabulary/effects_link.h"
#include "runtime/vocabulary/effects_work.h"
#include "runtime/vocabulary/events_work.h"
#include "runtime/vocabulary/ident.h"
#include "runtime/vocabulary/memory.h"
#include "runtime/vocabulary/why.h"

enum { SAID_MOST = 10000 };
#define NOTICE_OF "to-" /* before the name of a notice, with that of the item that it answers */

static void post_sending_free(struct post_sending *sending)
{
    for (unsigned i = 0; sending->peer_ids && i < sending->pieces; i++) g_free(sending->peer_ids[i]);
    free(sending->peer_ids);
    g_free(sending->key), g_free(sending->msg_id), g_free(sending->text), g_free(sending->reply_to);
    free(sending);
}

/* With what is the way's in it. */
void office_sending_free(struct office *office, struct post_sending *sending)
{
    if (sending->asker) office->way->asker_free(sending->asker);
    office->way->forget(sending->body);
    post_sending_free(sending);
}

/* It is over: nobody finds it any more. */
static void sending_remove(struct office *office, struct post_sending *sending)
{
    g_hash_table_steal(office->going, sending->key);
    office_sending_free(office, sending);
}

/* ---- the core is told ---- */

void going_post(struct office *office, const struct post_told *told, uint64_t ref)
{
    struct writer *writer = &office->writer;
    writer_clear(writer);
    writer_begin(writer, KIND_EventDelivery);
    writer_u(writer, ENVELOPE_ixn, told->ixn);
    if (ref != 0) writer_u(writer, ENVELOPE_ref, ref);
    writer_i(writer, ENVELOPE_at, office_wall(office));
    writer_text(writer, EventDelivery_msg_id, told->msg_id);
    writer_u(writer, EventDelivery_state, told->state);
    if (*told->peer_id) writer_text(writer, EventDelivery_peer_id, told->peer_id);
    if (told->state == delivery_failed) writer_u(writer, EventDelivery_cause, told->cause);
    writer_u(writer, EventDelivery_final, told->final);
    if (*told->why) writer_text(writer, EventDelivery_text, told->why);
    outbox_post(&office->outbox, writer_end(writer));
}

/* The core, or who talks, hears of its end. */
static void going_tell(struct office *office, const struct post_sending *sending)
{
    bool accepted = sending->state == delivery_accepted;
    const struct post_told told = {.ixn = sending->ixn,
                                   .conn = sending->conn,
                                   .msg_id = sending->msg_id,
                                   .peer_id = sending->peer_ids && sending->peer_ids[0] ? sending->peer_ids[0] : "",
                                   .why = sending->why,
                                   .state = sending->state,
                                   .cause = sending->cause,
                                   .final = !accepted};
    if (sending->conn != 0 && !sending->cancelled)
        office->way->told(office->self, &told);
    else if (!sending->untold && !sending->cancelled)
        going_post(office, &told, sending->ref);
}

static void going_ended(struct office *office, struct post_sending *sending)
{
    bool accepted = sending->state == delivery_accepted;
    assert(!sending->in_thread && sending->left == 0 && !sending->ended);
    sending->ended = true;
    going_tell(office, sending);
    office->services->log(office->link, accepted ? GCX_LOG_INFO : GCX_LOG_WARNING, sending->ixn, 0, "%s %s: %s%s%s",
                          office->way->noun, sending->msg_id, accepted ? "the other side has taken it" : "not sent",
                          *sending->why ? ": " : "", sending->why);
    office->services->count(office->link, accepted ? office->sent : office->failed, 1);
}

static void going_over(struct office *office, struct post_sending *sending)
{
    going_ended(office, sending);
    sending_remove(office, sending);
}

void going_ends(struct office *office, struct post_sending *sending, enum cause cause, const char *why)
{
    sending->state = delivery_failed;
    sending->cause = cause;
    snprintf(sending->why, sizeof sending->why, "%s", why);
    if (cause == cause_refused)
        refused_tell(office->link, office->services, office->way->by_us, "%s %s: %s", office->way->noun,
                     sending->msg_id, why);
    going_over(office, sending);
}

void going_job(struct office *office, struct post_sending *sending, enum office_deed deed)
{
    struct post_coming *job = office_job(office, deed);
    assert(!sending->in_thread);
    sending->in_thread = true;
    job->sending = sending;
    office_job_give(job);
}

/* ---- in the thread ---- */

static enum post_out going_state(const struct post_sending *sending)
{
    return sending->state == delivery_accepted ? POST_OUT_given
           : sending->cause == cause_lost      ? POST_OUT_unknown
                                               : POST_OUT_failed;
}

static bool going_note(struct office *office, struct post_coming *job)
{
    const struct post_sending *sending = job->sending;
    char form[POST_ADDRESS];
    for (unsigned i = 0; i < sending->pieces; i++) {
        if (!sending->peer_ids[i] || !*sending->peer_ids[i]) continue;
        office->way->names(office->self, sending->peer_ids[i], form);
        if (!postbook_named(office->book, sending->item, i + 1, form, &job->error)) return false;
    }
    return postbook_out_becomes(office->book, sending->item, going_state(sending), job->now, &job->error);
}

static struct post_order going_order(const struct post_coming *job)
{
    const struct post_sending *sending = job->sending;
    return (struct post_order){.journal = sending->journal,
                               .ixn = sending->ixn,
                               .msg_id = sending->msg_id,
                               .own = sending->own,
                               .customer = sending->customer,
                               .text = sending->text,
                               .reply_to = sending->reply_to,
                               .digest = sending->digest,
                               .pieces = sending->pieces,
                               .now = job->now,
                               .notice = sending->notice,
                               .said = sending->conn != 0,
                               .begun = sending->begun,
                               .item = sending->item};
}

void going_work(struct office *office, struct post_coming *job)
{
    if (job->deed == OFFICE_TOLD) {
        job->good = going_note(office, job);
        return;
    }
    struct post_order order = going_order(job);
    job->good = (job->deed == OFFICE_SEND ? postbook_send : postbook_begin)(office->book, &order, &job->error);
    job->sending->item = order.item;
    job->sending->going = order.going;
    job->begun = order.begun;
}

/* ---- asked ---- */

static char *going_key(uint64_t ixn, struct span msg_id)
{
    return g_strdup_printf("%llu/%.*s", (unsigned long long)ixn, (int)msg_id.length, (const char *)msg_id.bytes);
}

static char *going_text(struct span text)
{
    return g_strndup(text.length > 0 ? (const char *)text.bytes : "", text.length);
}

struct post_sending *office_sending_new(struct office *office, uint64_t ixn, struct span name, char *text)
{
    struct post_sending *sending = memory_zeroed(1, sizeof *sending);
    *sending = (struct post_sending){.ixn = ixn,
                                     .journal = office->services->journal(office->link),
                                     .begun_us = office_now(office),
                                     .key = going_key(ixn, name),
                                     .msg_id = going_text(name),
                                     .text = text,
                                     .reply_to = g_strdup("")};
    return sending;
}

/* False: it cannot go, `*cause` and `*why`. */
static bool going_divide(struct office *office, struct post_sending *sending, enum cause *cause, const char **why)
{
    *cause = cause_invalid_number;
    *why = "there is no number to which it could go";
    if (!*sending->customer) return false;
    *cause = cause_refused;
    *why = "the text is too long";
    sending->pieces = office->way->divide(office->self, sending, cause, why);
    if (sending->pieces == 0) return false;
    sending->peer_ids = memory_zeroed(sending->pieces, sizeof *sending->peer_ids);
    return true;
}

/* Into the book. One that may go at once stands there as going from the first, which spares a commit. */
static void going_first(struct office *office, struct post_sending *sending)
{
    uint64_t where;
    bool behind = office->behind > 0 ||
                  (office->rules->in_turn && (office->ahead > 0 || office->way->busy(office->self, sending->customer)));
    g_hash_table_insert(office->going, sending->key, sending);
    sending->begun = !behind && g_queue_is_empty(&office->pieces) && pieces_may(office, &where) > 0;
    if (sending->begun) office->ahead++;
    going_job(office, sending, OFFICE_SEND);
}

static void going_begin(struct office *office, struct post_sending *sending)
{
    enum cause cause;
    const char *why;
    if (going_divide(office, sending, &cause, &why)) {
        going_first(office, sending);
        return;
    }
    g_hash_table_insert(office->going, sending->key, sending);
    going_ends(office, sending, cause, why);
}

/* The digest is of the item as it was asked for, because settings may change what is made of it. */
static void going_named(struct post_sending *sending, struct span from)
{
    post_order_digest(sending->customer, from, sending->text, sending->digest);
}

/* An item that an earlier version has left has no digest, and is the one of its name. */
static bool is_same_item(const struct post_sending *one, const struct post_sending *other)
{
    return !*one->digest || !*other->digest || strcmp(one->digest, other->digest) == 0;
}

/* The same item is asked for again, and on its way. */
static bool going_is_there(struct office *office, const struct post_sending *asked)
{
    struct post_sending *sending = g_hash_table_lookup(office->going, asked->key);
    if (!sending || !is_same_item(sending, asked)) return false;
    sending->ref = asked->ref;
    sending->journal = asked->journal;
    sending->cancelled = false;
    if (sending->ended) going_tell(office, sending); /* the book alone has not heard of it */
    return true;
}

/* A core whose state was put back gives a name anew while the item that had it is still on its way: that one goes on
 * under another key. */
static void going_aside(struct office *office, const char *name)
{
    struct post_sending *sending = g_hash_table_lookup(office->going, name);
    if (!sending) return;
    g_hash_table_steal(office->going, name);
    do {
        char *key = g_strconcat(sending->key, "~", sending->digest, NULL);
        g_free(sending->key);
        sending->key = key;
    } while (g_hash_table_contains(office->going, sending->key));
    g_hash_table_insert(office->going, sending->key, sending);
}

static void going_addressed(struct office *office, struct post_sending *sending, const struct message *effect)
{
    struct span to = {0}, from = message_text(effect, SendMessage_from);
    uint32_t at = 0;
    (void)message_next_text(message_text(effect, SendMessage_to), &at, &to);
    g_free(sending->reply_to);
    sending->reply_to = going_text(message_text(effect, SendMessage_reply_to));
    if (!office->way->address(office->self, to, sending->customer)) *sending->customer = 0;
    office->way->from(office->self, from, sending->own);
    going_named(sending, from);
}

void going_message(struct office *office, const struct message *effect)
{
    struct post_sending *sending =
        office_sending_new(office, message_u(effect, ENVELOPE_ixn), message_text(effect, SendMessage_msg_id),
                           going_text(message_text(effect, SendMessage_text)));
    sending->ref = message_u(effect, ENVELOPE_ref);
    going_addressed(office, sending, effect);
    if (going_is_there(office, sending)) {
        office_sending_free(office, sending);
        return;
    }
    going_aside(office, sending->key);
    struct kv_value automatic;
    bool machine = kv_get(message_text(effect, SendMessage_headers), "automatic", &automatic);
    const char *why =
        machine && *sending->customer ? robots_refusal(office->robots, sending->customer, office_now(office)) : NULL;
    if (!why) {
        going_begin(office, sending);
        return;
    }
    g_hash_table_insert(office->going, sending->key, sending);
    going_ends(office, sending, cause_refused, why);
}

void office_send_once(struct office *office, struct post_sending *sending)
{
    sending->untold = true;
    if (g_hash_table_contains(office->going, sending->key))
        office_sending_free(office, sending);
    else
        going_begin(office, sending);
}

void office_send_by_machine(struct office *office, struct post_sending *sending)
{
    const char *why = robots_refusal(office->robots, sending->customer, office_now(office));
    if (!why) {
        office_send_once(office, sending);
        return;
    }
    office->services->log(office->link, GCX_LOG_WARNING, 0, 0, "%s %s: not sent: %s", office->way->noun,
                          sending->msg_id, why);
    office_sending_free(office, sending);
}

/* The name of the notice is that of the item that it answers: one that comes again is answered once. */
void going_notice(struct office *office, const struct post_item *item, const char *text)
{
    char *name = g_strconcat(NOTICE_OF, item->external_id, NULL);
    struct post_sending *sending = office_sending_new(office, 0, span_of(name), g_strdup(text));
    sending->notice = true;
    g_free(sending->reply_to);
    sending->reply_to = g_strdup(item->external_id);
    text_set(sending->own, sizeof sending->own, item->own);
    text_set(sending->customer, sizeof sending->customer, item->customer);
    office_send_by_machine(office, sending);
    g_free(name);
}

enum delivery office_say(struct office *office, struct post_sending *sending, enum cause *cause)
{
    const char *why;
    bool first = !g_hash_table_contains(office->going, sending->key);
    going_named(sending, span_of(sending->own));
    if (first && g_hash_table_size(office->going) >= SAID_MOST) {
        *cause = cause_overload;
        office_sending_free(office, sending);
        return delivery_failed;
    }
    bool good = first && going_divide(office, sending, cause, &why);
    if (good)
        going_first(office, sending);
    else
        office_sending_free(office, sending);
    return good || !first ? delivery_unknown : delivery_failed;
}

/* It is no core's: its name is all that says whether it was sent before. */
const char *office_order(struct office *office, struct post_sending *sending, void *asker, bool *again)
{
    enum cause cause;
    const char *why = NULL;
    struct post_sending *other = g_hash_table_lookup(office->going, sending->key);
    sending->journal = 0;
    sending->untold = true;
    bool unkept = other && other->asker; /* the book may not take it after all */
    *again = other && !unkept && is_same_item(other, sending);
    if (!other && going_divide(office, sending, &cause, &why)) {
        sending->asker = asker;
        going_first(office, sending);
        return NULL;
    }
    if (other && !*again) {
        office->way->ordered(asker, !unkept, POST_OTHER, 0);
        why = NULL;
    }
    office_sending_free(office, sending);
    return why;
}

/* ---- what waits in the book alone ---- */

/* An item that waits in the book: an application's, or one of our own. One that an application has asked for again is
 * under way already. */
static void going_left(struct office *office, const struct post_left *left)
{
    struct post_sending *sending = office_sending_new(office, 0, span_of(left->msg_id), g_strdup(left->text));
    sending->journal = left->journal;
    sending->item = left->item;
    g_strlcpy(sending->digest, left->digest, sizeof sending->digest);
    sending->notice = g_str_has_prefix(left->msg_id, NOTICE_OF);
    text_set(sending->own, sizeof sending->own, left->own);
    text_set(sending->customer, sizeof sending->customer, left->customer);
    office_send_once(office, sending);
}

void going_page(struct office *office)
{
    if (office->behind == 0 || office->paging || office->ends || office_now(office) < office->page_us) return;
    if (g_hash_table_size(office->going) > office->most / 2) return;
    struct post_coming *job = office_job(office, OFFICE_PAGE);
    job->after = office->after;
    job->found = post_left_new();
    office->paging = true;
    office_job_give(job);
}

/* Items that were ordered meanwhile stand behind these. */
void going_paged(struct office *office, struct post_coming *job)
{
    office->paging = false;
    if (!job->good) {
        office->page_us = office_now(office) + OFFICE_SECOND_US;
        office->services->log(office->link, GCX_LOG_ERROR, 0, 0, "%ss that wait are not read: contact store: %s",
                              office->way->noun, job->error.text);
    }
    for (guint i = 0; i < job->found->len && job->good; i++) {
        const struct post_left *left = job->found->pdata[i];
        office->after = MAX(office->after, left->item);
        going_left(office, left);
    }
    if (job->good) {
        office->after = MAX(office->after, job->after);
        office->behind = job->after == 0 ? 0 : MAX(office->behind - POST_PAGE, 1);
    }
    post_coming_free(job);
}

/* So many are in memory that this one waits in the book alone, and comes with a page. One that has a place before the
 * last page goes from here. */
static bool waits_in_book(struct office *office, const struct post_sending *sending)
{
    bool may = sending->ixn == 0 && sending->conn == 0 && !sending->notice && !sending->begun;
    bool full = office->behind > 0 || g_hash_table_size(office->going) > office->most;
    if (may && full && sending->item > office->after) {
        office->behind++;
        return true;
    }
    if (office->behind == 0) office->after = MAX(office->after, sending->item);
    return false;
}

/* Items that were going when the process before ended are settled at once, and those that wait are read in pages. */
bool going_resume(struct office *office, char *why, size_t why_size)
{
    struct error error;
    int64_t after = 0;
    bool good;
    assert(worker_waiting(office->worker) == 0); /* at other times the thread has the book */
    do {
        GPtrArray *page = post_left_new();
        good = postbook_resume(office->book, POST_OUT_begun, office_wall(office), &after, page, &error);
        for (guint i = 0; good && i < page->len; i++)
            office->services->log(office->link, GCX_LOG_WARNING, 0, 0,
                                  "%s %s: it was on its way when the process ended: nobody knows", office->way->noun,
                                  ((const struct post_left *)page->pdata[i])->msg_id);
        if (good) office->services->count(office->link, office->failed, page->len);
        g_ptr_array_free(page, TRUE);
    } while (good && after > 0);
    good = good && postbook_waiting(office->book, &office->behind, &error);
    if (good && office->behind > 0)
        office->services->log(office->link, GCX_LOG_INFO, 0, 0, "%lld %ss wait in the contact store",
                              (long long)office->behind, office->way->noun);
    return good || why_set(why, why_size, "store: %s", error.text);
}

/* The item of a step in a conversation has the effect's number at its end. */
static bool is_item_of(const struct post_sending *sending, uint64_t ref)
{
    char name[IXN_TEXT + 24], ixn[IXN_TEXT];
    if (sending->conn == 0) return sending->ref == ref;
    ixn_print(sending->ixn, ixn);
    snprintf(name, sizeof name, "%s-%llu", ixn, (unsigned long long)ref);
    return strcmp(sending->msg_id, name) == 0;
}

/* An item that is with the other side cannot be called back; one that waits does not go. */
void going_cancel(struct office *office, const struct message *effect)
{
    GHashTableIter at;
    gpointer value;
    g_hash_table_iter_init(&at, office->going);
    while (g_hash_table_iter_next(&at, NULL, &value)) {
        struct post_sending *sending = value;
        if (sending->ixn == message_u(effect, ENVELOPE_ixn) && is_item_of(sending, message_u(effect, Cancel_of)))
            sending->cancelled = true;
    }
}

void going_core_up(struct office *office)
{
    GHashTableIter at;
    gpointer value;
    uint64_t journal = office->services->journal(office->link);
    g_hash_table_iter_init(&at, office->going);
    while (g_hash_table_iter_next(&at, NULL, &value)) {
        struct post_sending *sending = value;
        if (!sending->untold && sending->journal != journal)
            sending->cancelled = true; /* its ids mean something else now */
    }
}

/* ---- kept ---- */

static void going_kept(struct office *office, struct post_coming *job, struct post_sending *sending)
{
    if (sending->asker) office->way->ordered(sending->asker, job->good, sending->going, sending->pieces);
    sending->asker = NULL;
    if (!job->good) {
        char why[POST_WHY];
        snprintf(why, sizeof why, "contact store: %.150s", job->error.text);
        going_ends(office, sending, cause_refused, why);
        return;
    }
    switch (sending->going) {
    case POST_GO:
        sending->begun = job->begun;
        if (office->way->held) office->way->held(office->self, sending);
        if (waits_in_book(office, sending))
            sending_remove(office, sending);
        else
            pieces_queue(office, sending);
        return;
    case POST_GONE:
        sending->state = delivery_accepted;
        going_over(office, sending);
        return;
    case POST_LOST:
        going_ends(office, sending, cause_lost, "it was on its way when the connection or the process ended");
        return;
    case POST_STOPPED:
        going_ends(office, sending, cause_refused, WANTS_NONE);
        return;
    case POST_FAILED:
        going_ends(office, sending, cause_refused, "it was refused before");
        return;
    case POST_OTHER:
        going_ends(office, sending, cause_refused, "something else was sent under its name");
        return;
    }
}

/* All pieces are answered. */
void going_settle(struct office *office, struct post_sending *sending)
{
    assert(sending->left == 0);
    sending->state = sending->worst == POST_GIVEN ? delivery_accepted : delivery_failed;
    switch (sending->worst) {
    case POST_GIVEN:
        sending->cause = cause_ok;
        break;
    case POST_LESS:
        sending->cause = cause_throttled;
        break;
    case POST_WRONG_ADDRESS:
        sending->cause = cause_invalid_number;
        break;
    case POST_REFUSED:
        sending->cause = cause_refused;
        break;
    case POST_NO_ANSWER:
        sending->cause = cause_lost;
        break;
    }
    going_job(office, sending, OFFICE_TOLD);
}

/* Another process has begun it, which happens where one has not quite ended when the next begins; or the customer has
 * left while it waited. */
static void going_not_begun(struct office *office, struct post_sending *sending)
{
    bool stopped = sending->going == POST_STOPPED;
    pieces_drop(office, sending);
    going_ends(office, sending, stopped ? cause_refused : cause_lost,
               stopped ? WANTS_NONE : "another process sends it");
}

static void going_marked(struct office *office, const struct post_coming *job, struct post_sending *sending)
{
    if (!job->good) { /* the book has it as before */
        sending->begun = !sending->begun;
        office->paused_until_us = MAX(office->paused_until_us, office_now(office) + OFFICE_SECOND_US);
        office->services->log(office->link, GCX_LOG_WARNING, sending->ixn, 0, "%s %s: it waits: contact store: %s",
                              office->way->noun, sending->msg_id, job->error.text);
        if (office->ends) return;
    } else if (sending->going != POST_GO) {
        going_not_begun(office, sending);
    }
    office_pump(office);
}

static bool is_held_back(const struct post_sending *sending, const struct post_item *stop)
{
    return !sending->notice && !sending->in_thread && !sending->touched && sending->out == 0 && sending->left > 0 &&
           strcmp(sending->customer, stop->customer) == 0 && strcmp(sending->own, stop->own) == 0;
}

/* One that the thread has just now, or that is from another address of ours, is asked about when it is begun. */
void going_stopped(struct office *office, const struct post_item *stop)
{
    GHashTableIter at;
    gpointer value;
    g_hash_table_iter_init(&at, office->going);
    while (g_hash_table_iter_next(&at, NULL, &value)) {
        struct post_sending *sending = value;
        if (!is_held_back(sending, stop)) continue;
        pieces_drop(office, sending);
        sending->state = delivery_failed;
        sending->cause = cause_refused;
        snprintf(sending->why, sizeof sending->why, WANTS_NONE);
        going_job(office, sending, OFFICE_TOLD);
    }
}

/* The core hears of its end at once, and the book once it can be written: else it stays there as going, and receipts
 * name what nobody knows. */
static void going_told(struct office *office, struct post_coming *job)
{
    struct post_sending *sending = job->sending;
    if (!job->good && !sending->ended)
        office->services->log(office->link, GCX_LOG_WARNING, sending->ixn, 0, "%s %s: its fate is not noted: %s",
                              office->way->noun, sending->msg_id, job->error.text);
    if (!sending->ended) going_ended(office, sending);
    if (!job->good && office_job_again(office, job)) {
        sending->in_thread = true;
        return;
    }
    if (job->good) receipts_named(office, sending);
    sending_remove(office, sending);
    post_coming_free(job);
}

void going_done(struct office *office, struct post_coming *job)
{
    struct post_sending *sending = job->sending;
    sending->in_thread = false;
    if (job->deed == OFFICE_TOLD) {
        going_told(office, job);
        return;
    }
    if (job->deed == OFFICE_SEND) {
        if (sending->begun) office->ahead--;
        sending->begun = false;
        going_kept(office, job, sending);
    } else {
        going_marked(office, job, sending);
    }
    post_coming_free(job);
}

bool going_awaits(const void *self)
{
    const struct office *office = self;
    GHashTableIter at;
    gpointer value;
    g_hash_table_iter_init(&at, office->going);
    while (g_hash_table_iter_next(&at, NULL, &value)) {
        const struct post_sending *sending = value;
        if (sending->out > 0 || sending->in_thread) return true;
    }
    return false;
}

static gboolean going_drop(gpointer key, gpointer value, gpointer office)
{
    (void)key;
    office_sending_free(office, value);
    return TRUE;
}

void going_free(struct office *office)
{
    g_hash_table_foreach_steal(office->going, going_drop, office);
    g_hash_table_destroy(office->going);
}
