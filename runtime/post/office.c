/* runtime/post/office.c - The post office: how it is opened and closed, its thread and its timer.
 *
 *     loop                                          thread (the only one that writes the book)
 *       office_job(), worker_give() ------------>     office_do() in one transaction each
 *       office_done() <--------------------------     job->good, job->error
 *
 *     tick, 10 a second: outbox, pieces that may go
 *     each second: what was not written, gaps, receipts, open interactions
 *
 * Each kind of job has a row in two switches: what the thread does, and what the loop does with the result. Jobs
 * that wait together are written as one group of transactions, so that the disk is waited for only once. */
#include "runtime/post/office.h"

#include <assert.h>
#include <event2/event.h>
#include <stdio.h>
#include <stdlib.h>

#include "runtime/adapter/last.h"
#include "runtime/adapter/probe.h"
#include "runtime/adapter/worker.h"
#include "runtime/lists/lists.h"
#include "runtime/post/office_state.h"
#include "runtime/post/unended.h"
#include "runtime/vocabulary/effects_link.h"
#include "runtime/vocabulary/effects_work.h"
#include "runtime/vocabulary/events_link.h"
#include "base/memory.h"
#include "base/why.h"

enum { TICK_US = 100000, GOING_MOST = 2000, LATE_S = 86400 };

/* ---- in the thread ---- */

/* Orders from before this time are not sent after a restart: an application that was not told that its order was
 * kept, and has not asked again, does not expect it any more. */
static int64_t office_too_late(const struct office *office)
{
    return office->begun_wall - MAX((int64_t)office->rules->give_up_s, LATE_S) * OFFICE_SECOND_US;
}

static bool office_do(struct office *office, struct post_coming *job)
{
    struct postbook *book = office->book;
    switch (job->deed) {
    case OFFICE_TAKE:
        return postbook_arrive(book, job->item, &job->error);
    case OFFICE_KEEP:
        return postbook_keep_alone(book, job->item, &job->error);
    case OFFICE_ANSWERED:
    case OFFICE_NUMBER:
        return postbook_answered(book, job->item, job->ixn, job->now, &job->error);
    case OFFICE_GAPS:
        return (!job->tidies || postbook_tidy(book, job->tidies_all, job->now, &job->error)) &&
               postbook_gaps(book, job->now, job->journal, job->found, &job->error);
    case OFFICE_GAP:
        return postbook_gap(book, job->item, &job->error);
    case OFFICE_PAGE:
        return postbook_resume(book, POST_OUT_held, job->now, office_too_late(office), &job->after, job->found,
                               &job->error);
    case OFFICE_STRAYS:
        return postbook_strays(book, job->journal, job->going, office->begun_wall, job->now, &job->after, &job->count,
                               &job->error);
    case OFFICE_ASK:
        return postbook_sent_state(book, job->name, job->state, &job->error);
    case OFFICE_END:
        return postbook_end_named(book, job->name, job->state, job->now, &job->error);
    case OFFICE_AGAIN:
        return postbook_again(book, job->item, job->now, &job->over, &job->error);
    case OFFICE_NOT_SENT:
        return office->way->not_sent(postbook_store(book), job->item->interaction, job->item->journal, job->now,
                                     &job->error);
    case OFFICE_LIVES:
        return postbook_ended(book, job->name, job->state, &job->error);
    case OFFICE_ERRAND:
        return job->errand.work(job->errand.self, postbook_store(book), &job->error);
    case OFFICE_RECEIPT:
        return postbook_receipt(book, &job->receipt, job->now, &job->fate, &job->error);
    case OFFICE_SEND:
    case OFFICE_BEGIN:
    case OFFICE_TOLD:
        sending_do_work(office, job);
        return job->good;
    }
    return false;
}

/* Does one job in the thread. `together`: the job is a savepoint of a group, and may fail alone. */
static void office_step(struct office *office, struct post_coming *job, bool together)
{
    job->error = (struct error){0};
    job->good = job->by_lists = false;
    if (together && !postbook_step_begin(office->book, &job->error)) return;
    job->good = office_do(office, job);
    job->by_lists = postbook_lists_failed(office->book);
    if (together) job->good = postbook_step_end(office->book, job->good, &job->error);
}

/* Does several waiting jobs so that they are durable together; each of them is one change of the book. If the end of
 * the group fails, the store counts as away for all of them, and their items are brought again by the other side. */
static void office_work_all(void *self, void *const *given, unsigned count)
{
    struct office *office = self;
    struct error error;
    bool together = postbook_together_begin(office->book, &error);
    for (unsigned i = 0; i < count; i++) office_step(office, given[i], together);
    if (!together || postbook_together_end(office->book, &error)) return;
    for (unsigned i = 0; i < count; i++) {
        struct post_coming *job = given[i];
        job->good = job->by_lists = false, job->error = error;
    }
}

static void office_work(void *self, void *job)
{
    office_work_all(self, &job, 1);
}

/* ---- in the loop ---- */

/* Takes the result of a job in the loop. If the store could not be asked, it is reported as away; if the do-not-call
 * list has failed, that is reported instead. */
static void office_done(void *self, void *given)
{
    struct office *office = self;
    struct post_coming *job = given;
    if (!job->good && job->error.code != ERROR_NONE && store_again(&job->error))
        probe_failed(job->by_lists ? office->lists_probe : office->store_probe, job->error.text);
    switch (job->deed) {
    case OFFICE_SEND:
    case OFFICE_BEGIN:
    case OFFICE_TOLD:
        office_out_done(office, job);
        return;
    case OFFICE_RECEIPT:
        receipts_done(office, job);
        return;
    case OFFICE_ASK:
        office->way->asked(job->asker, job->good, job->state);
        job->asker = NULL;
        post_coming_free(job);
        return;
    case OFFICE_AGAIN:
        coming_again(office, job);
        return;
    case OFFICE_PAGE:
        waits_paged(office, job);
        return;
    case OFFICE_STRAYS:
        waits_strays_done(office, job);
        return;
    case OFFICE_END:
        if (job->good || !office_job_again(office, job)) post_coming_free(job);
        return;
    case OFFICE_NUMBER: /* if the number was not noted, the core is asked again later */
    case OFFICE_NOT_SENT:
        post_coming_free(job);
        return;
    case OFFICE_LIVES:
        ends_lives_done(office, job);
        return;
    case OFFICE_ERRAND:
        if (office_job_lasts(office, job)) return;
        job->errand.done(job->errand.self, job->good, &job->error);
        post_coming_free(job);
        return;
    default:
        coming_done(office, job);
    }
}

/* Must the job be tried once more when the office ends? Nobody repeats the end of an item or a lasting errand: a
 * core whose state was lost could not report the end again, and the item would count as unanswered. */
static bool office_tries_last(const struct post_coming *job)
{
    return !job->good && (job->deed == OFFICE_END ||
                          (job->deed == OFFICE_ERRAND && job->errand.lasts && job->errand.lasts(job->errand.self)));
}

/* Tries a job for the last time. If the store is away, each try would have to wait: so after the first job that finds
 * it away no other job is tried. */
static void office_step_last(struct office *office, struct post_coming *job)
{
    if (office->is_cut_off)
        error_set(&job->error, ERROR_STATE, "the contact store is away");
    else
        office_step(office, job, false);
    office->is_cut_off |= !job->good && store_again(&job->error);
    if (!job->good && job->errand.lost) job->errand.lost(job->errand.self, &job->error);
}

/* Drops a job that the thread had not done when it ended. An item that is to be sent is still in the table `going`. */
static void office_dropped(void *self, void *given)
{
    struct post_coming *job = given;
    if (office_tries_last(job)) office_step_last(self, job);
    if (job->errand.dropped) job->errand.dropped(job->errand.self);
    post_coming_free(job);
}

/* Drops the jobs that wait for the store, like those at the thread. */
static void office_unwritten_drop(struct office *office)
{
    struct post_coming *job;
    while ((job = g_queue_pop_head(&office->unwritten))) office_dropped(office, job);
}

unsigned office_waiting(const struct office *office)
{
    return worker_waiting(office->worker);
}

struct store *office_store(struct office *office)
{
    assert(!office->worker || worker_waiting(office->worker) == 0);
    return postbook_store(office->book);
}

void office_talks(struct office *office, const struct post_talks *talks)
{
    office->talks = *talks;
    postbook_talks(office->book, &office->talks);
}

bool office_post(struct office *office, struct span frame)
{
    return outbox_now(&office->outbox, frame);
}

void office_ask(struct office *office, const char *name, void *asker)
{
    struct post_coming *job = office_job(office, OFFICE_ASK);
    job->asker = asker;
    snprintf(job->name, sizeof job->name, "%s", name);
    office_job_give(job);
}

/* Does what is due at each tick; the steps for sending are left out for a plugin that sends nothing. */
void office_turn(struct office *office)
{
    uint64_t now_us = office_now(office);
    bool sends = office->way->send != NULL;
    outbox_flush(&office->outbox);
    if (office->way->tick) office->way->tick(office->self);
    if (now_us - office->second_us >= OFFICE_SECOND_US) {
        office->second_us = now_us;
        office_write_again(office);
        coming_tick(office);
        if (sends) {
            pieces_tick(office);
            receipts_tick(office);
            waits_strays(office);
        }
        unended_tick(office->unended);
        if (office->way->second) office->way->second(office->self);
    }
    if (!sends) return;
    waits_page(office);
    office_pump(office);
}

static void office_on_tick(evutil_socket_t unused, short what, void *office)
{
    (void)unused, (void)what;
    office_turn(office);
}

/* ---- the core ---- */

/* Starts a comparison of the items in the office with those in the contact store. */
static void office_look(struct office *office)
{
    office->up_wall = office_wall(office);
    g_hash_table_remove_all(office->hopeless);
    unended_hurry(office->unended);
}

/* Takes the news that the core is there or away. The core says what it still waits for before strays are looked for:
 * otherwise they would be ended although the core still has them. */
void office_core_up(struct office *office, bool up)
{
    unended_core_up(office->unended, up);
    if (!up) return;
    office_look(office);
    office_out_core_up(office);
    if (!office->core_came) waits_strays_after(office);
    office->core_came = true;
    coming_core_up(office);
}

void office_credit(struct office *office)
{
    outbox_flush(&office->outbox);
}

bool office_perform(struct office *office, const struct message *effect)
{
    switch (effect->kind) {
    case KIND_Reply:
        coming_reply(office, effect);
        return true;
    case KIND_SendMessage:
        if (office->way->send) office_asked_message(office, effect);
        return office->way->send != NULL;
    case KIND_Cancel:
        office_out_cancel(office, effect);
        return true;
    case KIND_EventEnded:
        ends_of_item(office, effect);
        return true;
    case KIND_Restore:
        ends_lives(office, effect);
        return true;
    case KIND_ReadReply:
        return unended_answered(office->unended, effect);
    default:
        return false;
    }
}

/* Answers a resync, in which the core asks again for all that it waits for. */
static void office_resync(struct office *office, const struct message *effect)
{
    static const unsigned kinds[] = {KIND_ResyncBegin, KIND_ResyncEnd};
    for (unsigned i = 0; i < 2; i++) {
        adapter_answer_begin(&office->writer, effect, kinds[i]);
        outbox_post(&office->outbox, writer_end(&office->writer));
    }
    office_look(office);
}

void office_perform_all(struct office *office, const struct message *effect)
{
    bool is_answered = office_perform(office, effect) || effect->kind == KIND_Configure; /* of a routing point */
    if (effect->kind == KIND_Resync) {
        office_resync(office, effect);
    } else if (!is_answered && effect_class(effect->kind) != CLASS_NOTICE) {
        adapter_answer_done(&office->writer, effect, outcome_unsupported, code_unsupported);
        outbox_post(&office->outbox, writer_end(&office->writer));
    }
}

/* ---- the contact store, and the do-not-call list ---- */

void office_store_failed(struct office *office, const char *why)
{
    if (office) probe_failed(office->store_probe, why);
}

static bool office_looks_at_store(struct office *office)
{
    const struct probe_calls calls = {.self = &office->store_look, .there = store_look};
    office->store_look.target = office->rules->store;
    office->store_probe = probe_new(office->link, office->services, "store", &calls);
    return office->store_probe != NULL;
}

/* Can the do-not-call list be read? The list is asked for each item and changed by customers' words, so it is checked
 * now and then, on the probe's thread. */
static bool lists_are_there(void *self, bool thorough, char *why, size_t why_size)
{
    struct office *office = self;
    struct error error = {0};
    int64_t newest = -1;
    (void)thorough;
    if (!office->looks_at) office->looks_at = lists_open(office->rules->lists, true, &error);
    if (office->looks_at && lists_newer(office->looks_at, NULL, &newest, NULL, NULL, &error) &&
        lists_take(office->looks_at, &error))
        return true;
    snprintf(why, why_size, "%s", error.text);
    lists_close(office->looks_at);
    office->looks_at = NULL;
    return false;
}

static bool lists_look_open(struct office *office)
{
    const struct probe_calls calls = {.self = office, .there = lists_are_there};
    if (!post_rule_is(office->rules->lists)) return true;
    office->lists_probe = probe_new(office->link, office->services, "lists", &calls);
    return office->lists_probe != NULL;
}

/* ---- a life ---- */

static void office_name_figures(struct office *office)
{
    const char *noun = office->way->noun;
    office->taken = g_strconcat(noun, "s_taken", NULL), office->put_off = g_strconcat(noun, "s_put_off", NULL);
    office->refused = g_strconcat(noun, "s_refused", NULL), office->sent = g_strconcat(noun, "s_sent", NULL);
    office->failed = g_strconcat(noun, "s_failed", NULL), office->waiting = g_strconcat(noun, "s_waiting", NULL);
}

static struct office *office_made(const struct office_setup *setup)
{
    struct office *office = memory_zeroed(1, sizeof *office);
    office->link = setup->link, office->services = setup->services;
    office->way = setup->way, office->rules = setup->rules, office->self = setup->self;
    office->robots = setup->robots;
    submits_init(&office->submits, (uint64_t)office_wall(office), coming_submitted, office);
    office->going = g_hash_table_new(g_str_hash, g_str_equal);
    office->coded = g_hash_table_new(g_str_hash, g_str_equal);
    office->limited = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
    office->rate = (double)setup->rules->rate;
    office->most = GOING_MOST;
    office->begun_wall = office_wall(office);
    office->filled_us = office->grown_us = office_now(office);
    g_queue_init(&office->pieces);
    office->hopeless = g_hash_table_new_full(g_int64_hash, g_int64_equal, g_free, NULL);
    g_queue_init(&office->reported);
    g_queue_init(&office->parked);
    g_queue_init(&office->unwritten);
    outbox_init(&office->outbox, setup->link, setup->services);
    writer_init(&office->writer);
    office_name_figures(office);
    return office;
}

/* Makes the office; office_begin() starts its timer, after the plugin has made everything else. NULL: the office could
 * not be made, for the reason in `why`. */
struct office *office_new(const struct office_setup *setup, char *why, size_t why_size)
{
    struct office *office = office_made(setup);
    struct worker_calls calls = {office, office_work, office_done, office_dropped, office_work_all};
    office->book = postbook_open(setup->way, setup->rules, setup->self, why, why_size);
    bool good = office->book != NULL;
    if (good) {
        office->worker = worker_new(setup->base, &calls);
        office->tick = event_new(setup->base, -1, EV_PERSIST, office_on_tick, office);
        good = (office->worker && office->tick && office_looks_at_store(office) && lists_look_open(office)) ||
               why_set(why, why_size, "no thread can be had");
    }
    if (good) ends_open(office);
    if (good) return office;
    office_free(office);
    return NULL;
}

bool office_takes_over(struct office *office, const struct post_before *rows, size_t count, char *why, size_t why_size)
{
    struct error error;
    return postbook_takes_rows(office->book, rows, count, office_wall(office), &error) ||
           why_set(why, why_size, "store: %s", error.text);
}

bool office_begin(struct office *office, char *why, size_t why_size)
{
    struct timeval tick = {0, TICK_US};
    event_add(office->tick, &tick);
    return waits_resume(office, why, why_size);
}

/* Begins to end: no new item is sent from now on, and those that are being sent are waited for. */
void office_close(struct office *office)
{
    if (!office) return;
    office->ends = true;
    office_pump(office);
    last_answers(office->services->base(office->link), office_out_awaits, office);
    event_free(office->tick);
    office->tick = NULL;
}

/* Ends the thread; afterwards other functions may use the store until office_free(). */
void office_stop(struct office *office)
{
    if (!office) return;
    worker_free(office->worker);
    office->worker = NULL;
    office_unwritten_drop(office); /* the data of errands may be freed after this */
    probe_free(office->store_probe);
    office->store_probe = NULL;
    store_look_end(&office->store_look);
}

/* Frees the office, also after a failed office_new(): each part is freed only if it exists. */
void office_free(struct office *office)
{
    if (!office) return;
    if (office->tick) event_free(office->tick);
    office_stop(office);
    probe_free(office->lists_probe);
    lists_close(office->looks_at);
    ends_close(office);
    postbook_close(office->book);
    coming_clear(office);
    receipts_free(office);
    pieces_free(office);
    office_out_free(office);
    g_hash_table_destroy(office->hopeless);
    outbox_free(&office->outbox);
    writer_free(&office->writer);
    g_free(office->taken), g_free(office->put_off), g_free(office->refused);
    g_free(office->sent), g_free(office->failed), g_free(office->waiting);
    free(office);
}
