/* runtime/adapters/email/again.c - Compares the e-mails of the contact store with those of the core. The thread has
 * its own store; the loop takes mails one after another.
 *
 * Two questions are compared, each from its own side. Mails that the store has open and this core's journal has not
 * (store_astray) are read from their kept bytes and taken in again as if they came just now (email_take): the
 * external id makes the second time the same mail. Mails that the core restores (again_lives) are looked up in the
 * store: one that has ended there is stopped in the core.
 *
 * One mail, or one page of the list, is under way at a time (`busy`), so that a large backlog does not crowd out
 * mails that come. When core or store take nothing, `rest_us` says when it goes on. A core that was killed and came
 * back without its state looks like a twin until its lease is over: then the list is gone through a second time
 * (twin_seen). */
#include "runtime/adapters/email/again.h"

#include <assert.h>
#include <glib.h>
#include <stdio.h>
#include <string.h>

#include "runtime/adapter/worker.h"
#include "runtime/adapters/email/email.h"
#include "runtime/store/store.h"
#include "runtime/vocabulary/effects_link.h"
#include "runtime/vocabulary/events_work.h"
#include "runtime/vocabulary/memory.h"

enum { PAGE = 50, PAUSE_US = 5 * SECOND_US, LEASE_US = (STORE_LEASE_S + 2) * SECOND_US };
#define MEDIA "email"

enum again_deed { AGAIN_LIST, AGAIN_READ, AGAIN_LOOK };

struct again_job { /* what the thread does */
    enum again_deed deed;
    uint64_t journal, ixn;
    unsigned domain;
    bool twin; /* LIST: another core of the same domain lives, or did until a moment ago */
    int64_t after, interaction, at;
    char *external_id; /* LOOK */
    GArray *page;      /* LIST: of int64_t, interactions of the store */
    GString *bytes;    /* READ: the mail as it came */
    bool there, ended; /* LOOK */
    bool answered;     /* READ: by an agent, and the mail is not taken again */
    bool good;
    struct error error;
};

struct again {
    struct email *email;
    struct store *store;
    struct worker *worker;
    GQueue *astray; /* of int64_t *: mails to be taken again */
    int64_t after;  /* the last one of the list so far */
    bool more;      /* there is another page of the list */
    bool up, busy;  /* busy: the list, or one mail, is under way */
    bool later;     /* the list is gone through once more at `later_us`, as a twin has its mails till then */
    bool second;    /* it was, since the link has come up */
    uint64_t rest_us, later_us;
    unsigned taken, left; /* since the link has come up */
};

static void again_log(const struct again *again, int level, uint64_t ixn, const char *text)
{
    again->email->services->log(again->email->link, level, ixn, 0, "reconcile: %s", text);
}

static struct again_job *again_job_of(struct again *again, enum again_deed deed)
{
    struct again_job *job = memory_zeroed(1, sizeof *job);
    job->deed = deed;
    job->at = (int64_t)again->email->services->wall_us(again->email->link);
    job->journal = again->email->services->journal(again->email->link);
    job->domain = again->email->services->domain(again->email->link);
    return job;
}

static void again_job_free(struct again_job *job)
{
    if (job->page) g_array_free(job->page, TRUE);
    if (job->bytes) g_string_free(job->bytes, TRUE);
    g_free(job->external_id);
    free(job);
}

/* ---- in the thread ---- */

static void page_add(void *self, const struct store_shown *shown)
{
    g_array_append_val(self, shown->interaction);
}

static void raw_found(void *self, const struct store_part_shown *shown)
{
    if (span_is(shown->role, "raw") && *(int64_t *)self == 0) *(int64_t *)self = shown->part;
}

static bool raw_piece(void *self, struct span piece)
{
    g_string_append_len(self, (const char *)piece.bytes, piece.length);
    return true;
}

static bool raw_read(struct store *store, struct again_job *job)
{
    assert(job->interaction != 0 && !job->bytes);
    int64_t raw = 0;
    job->bytes = g_string_new(NULL);
    if (!keep_is_answered(store, job->interaction, &job->answered, &job->error)) return false;
    if (job->answered) return store_over(store, job->interaction, "answered", job->at, &job->error);
    return store_parts(store, job->interaction, raw_found, &raw, &job->error) &&
           (raw == 0 || store_read(store, raw, raw_piece, job->bytes, &job->error));
}

static void end_seen(void *self, const struct store_shown *shown)
{
    ((struct again_job *)self)->ended = shown->ended != 0;
}

static bool again_living_look(struct store *store, struct again_job *job)
{
    assert(job->external_id); /* again_lives() asks for no other */
    struct store_key key;
    if (!store_by_external(store, "", MEDIA, span_of(job->external_id), &key, &job->error)) return false;
    job->there = key.interaction != 0;
    return !job->there || store_interaction(store, key.interaction, end_seen, job, &job->error);
}

/* The thread's part of each deed. */
static void again_work(void *self, void *given)
{
    struct store *store = ((struct again *)self)->store;
    struct again_job *job = given;
    switch (job->deed) {
    case AGAIN_LIST:
        job->page = g_array_new(FALSE, FALSE, sizeof(int64_t));
        job->good = (job->journal == 0 || store_serve(store, job->journal, job->domain, &job->error)) &&
                    store_has_twin(store, job->journal, &job->twin, &job->error) &&
                    store_astray(store, "", MEDIA, job->journal, job->after, PAGE, page_add, job->page, &job->error);
        return;
    case AGAIN_READ:
        job->good = raw_read(store, job);
        return;
    case AGAIN_LOOK:
        job->good = again_living_look(store, job);
    }
}

/* ---- in the loop: mails are taken again ---- */

static void again_next(struct again *);

static void summary_log(struct again *again)
{
    char text[160];
    if (again->taken + again->left == 0) return;
    snprintf(text, sizeof text,
             "%u mails that the contact store has open were not known to the core: %u of them are now",
             again->taken + again->left, again->taken);
    again_log(again, again->left > 0 ? GCX_LOG_ERROR : GCX_LOG_WARNING, 0, text);
    again->taken = again->left = 0;
}

/* The mail's result, as a mail server would hear it: taken, put off and tried again after a pause, or refused. */
static void again_answered(void *self, uint64_t ticket, unsigned code, const char *text)
{
    struct again *again = self;
    char why[300];
    again->busy = false;
    if (code / 100 == 2) {
        again->taken += strcmp(text, EMAIL_BEFORE) != 0;
    } else if (code / 100 == 4) { /* the core or the store takes nothing now */
        int64_t *interaction = g_new(int64_t, 1);
        *interaction = (int64_t)ticket;
        g_queue_push_head(again->astray, interaction);
        again->rest_us = again->email->services->now_us(again->email->link) + (uint64_t)PAUSE_US;
        return;
    } else {
        again->left++;
        snprintf(why, sizeof why, "interaction %lld of the contact store is an orphan: %.200s", (long long)ticket,
                 text);
        again_log(again, GCX_LOG_ERROR, 0, why);
    }
    again_next(again);
}

/* The next mail of the list; where none is left, the next page; where that was the last, the summary. */
static void again_next(struct again *again)
{
    if (again->busy || !again->up || again->email->services->now_us(again->email->link) < again->rest_us) return;
    int64_t *interaction = g_queue_pop_head(again->astray);
    if (!interaction && !again->more) {
        summary_log(again);
        return;
    }
    struct again_job *job = again_job_of(again, interaction ? AGAIN_READ : AGAIN_LIST);
    if (interaction) job->interaction = *interaction;
    job->after = again->after;
    g_free(interaction);
    again->busy = true;
    worker_give(again->worker, job);
}

/* A state that was lost looks so, until its lease is over. */
static void twin_seen(struct again *again, const struct again_job *job)
{
    assert(job->deed == AGAIN_LIST && job->twin);
    char text[300];
    if (!again->second) {
        again->later = true;
        again->later_us = again->email->services->now_us(again->email->link) + (uint64_t)LEASE_US;
        return;
    }
    snprintf(text, sizeof text,
             "another core of selection domain %u lives with the same contact store: what is open there of either one "
             "is left alone only while it lives; give each a `partition` of its own in gcxvm.conf",
             job->domain);
    again_log(again, GCX_LOG_ERROR, 0, text);
}

static void listed(struct again *again, const struct again_job *job)
{
    assert(job->deed == AGAIN_LIST && job->page);
    again->busy = false;
    if (job->twin && job->after == 0) twin_seen(again, job);
    again->more = job->page->len == PAGE;
    for (guint at = 0; at < job->page->len; at++) {
        int64_t *interaction = g_new(int64_t, 1);
        *interaction = again->after = g_array_index(job->page, int64_t, at);
        g_queue_push_tail(again->astray, interaction);
    }
    again_next(again);
}

/* The thread has read the mail's bytes: it is taken in once more, unless an agent's answer makes that needless. */
static void raw_taken(struct again *again, struct again_job *job)
{
    assert(job->deed == AGAIN_READ && job->bytes);
    size_t length = job->bytes->len;
    if (job->answered) {
        char text[160];
        snprintf(text, sizeof text,
                 "interaction %lld of the contact store has an agent's answer: it is ended there, and not taken again",
                 (long long)job->interaction);
        again_log(again, GCX_LOG_WARNING, 0, text);
        again->busy = false;
        again_next(again);
        return;
    }
    if (length == 0) {
        again_answered(again, (uint64_t)job->interaction, 554, "the store has not the mail as it came");
        return;
    }
    char *bytes = memory_zeroed(length + 1, 1);
    memcpy(bytes, job->bytes->str, length);
    email_take(again->email, bytes, length, NULL, NULL, again_answered, again, (uint64_t)job->interaction);
}

/* ---- in the loop: what lives in the core ---- */

static void stop_post(struct again *again, const struct again_job *job)
{
    assert(job->there && job->ended);
    struct writer *writer = &again->email->writer;
    writer_clear(writer);
    writer_begin(writer, KIND_RequestStop);
    writer_text(writer, RequestStop_external_id, job->external_id);
    writer_text(writer, RequestStop_reason, "it has ended in the contact store");
    email_post(again->email);
}

static void again_looked(struct again *again, const struct again_job *job)
{
    assert(job->deed == AGAIN_LOOK && job->external_id);
    char text[400];
    if (job->there && !job->ended) return;
    snprintf(text, sizeof text,
             job->there ? "mail %.200s has ended since: it is ended"
                        : "mail %.200s is in the core, and the contact store has nothing of it: gcxctl end ends it",
             job->external_id);
    again_log(again, GCX_LOG_WARNING, job->ixn, text);
    if (job->there) stop_post(again, job);
}

void again_lives(struct again *again, const struct message *restore)
{
    struct span external = message_text(restore, Restore_external_id);
    if (external.length == 0) return;
    struct again_job *job = again_job_of(again, AGAIN_LOOK);
    job->ixn = message_u(restore, ENVELOPE_ixn);
    job->external_id = g_strndup((const char *)external.bytes, external.length);
    worker_give(again->worker, job);
}

/* A list that failed is read again after a pause; a mail goes on as if it had been put off, or refused for good. */
static void again_done(void *self, void *given)
{
    struct again *again = self;
    struct again_job *job = given;
    if (!job->good) {
        again_log(again, GCX_LOG_ERROR, job->ixn, job->error.text);
        if (job->deed == AGAIN_READ)
            again_answered(again, (uint64_t)job->interaction, store_again(&job->error) ? 451 : 554, job->error.text);
        if (job->deed == AGAIN_LIST) {
            again->busy = false; /* the same page again */
            again->more = true;
            again->rest_us = again->email->services->now_us(again->email->link) + (uint64_t)PAUSE_US;
        }
    } else if (job->deed == AGAIN_LIST)
        listed(again, job);
    else if (job->deed == AGAIN_READ)
        raw_taken(again, job);
    else
        again_looked(again, job);
    again_job_free(job);
}

static void again_dropped(void *self, void *job)
{
    (void)self;
    again_job_free(job);
}

void again_core_up(struct again *again, bool up)
{
    again->up = up;
    again->later = again->second = false;
    if (!up) {
        g_queue_clear_full(again->astray, g_free);
        return;
    }
    again->after = 0;
    again->more = true;
    again_next(again);
}

void again_astray(struct again *again, int64_t interaction)
{
    int64_t *one = g_new(int64_t, 1);
    *one = interaction;
    g_queue_push_tail(again->astray, one);
    again_next(again);
}

void again_tick(struct again *again)
{
    uint64_t now_us = again->email->services->now_us(again->email->link);
    if (again->later && again->up && !again->more && now_us >= again->later_us) {
        again->later = false;
        again->second = again->more = true;
        again->after = 0;
        again_next(again);
    }
    if (again->rest_us != 0) again_next(again);
}

/* ---- coming and going ---- */

struct again *again_new(struct email *email, struct event_base *base, char *why, size_t why_size)
{
    struct again *again = memory_zeroed(1, sizeof *again);
    struct worker_calls calls = {again, again_work, again_done, again_dropped, NULL};
    struct error error;
    again->email = email;
    again->astray = g_queue_new();
    again->store = store_open(email->setting.store, &(struct store_options){.country = NULL}, &error);
    if (!again->store) snprintf(why, why_size, "store: %s", error.text);
    if (again->store && (again->worker = worker_new(base, &calls))) return again;
    if (again->store) snprintf(why, why_size, "no thread can be had");
    again_free(again);
    return NULL;
}

void again_free(struct again *again)
{
    if (!again) return;
    worker_free(again->worker);
    g_queue_free_full(again->astray, g_free);
    if (again->store) store_close(again->store);
    free(again);
}
