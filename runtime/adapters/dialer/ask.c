/* runtime/adapters/dialer/ask.c - Jobs for the dialer's thread, and their results.
 *
 * Four kinds of jobs repeat by themselves, and the thread has at most one of each kind: JOB_ALIVE keeps the session
 * alive, JOB_LOOK checks for new records, JOB_COUNT counts what is due and left, JOB_OFFER offers all records of the
 * session again (after a lost link, a restart, or a failure). JOB_EFFECT is an effect of the core, JOB_BACK gives
 * back a record that the core has refused. The thread does them one after another, so a database that hangs holds up
 * all jobs: this is noticed by the time since the last job came back (`heard_us`). */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/adapter/worker.h"
#include "runtime/adapters/dialer/dialer.h"
#include "runtime/vocabulary/effects_link.h"
#include "runtime/vocabulary/effects_list.h"
#include "runtime/vocabulary/events_host.h"
#include "runtime/vocabulary/events_site.h"
#include "base/memory.h"

enum { ALIVE_US = 10 * SECOND_US, LOOK_US = 2 * SECOND_US, HANG_US = 10 * SECOND_US };
enum { COUNT_US = 2 * SECOND_US, COUNT_SHARE = 30, COUNT_TOLD_US = 10 * SECOND_US };

static struct book_job *dialer_job_new(struct dialer *dialer, enum job_kind what)
{
    struct book_job *job = memory_zeroed(1, sizeof *job);
    job->what = what;
    job->wall_us = (int64_t)dialer->services->wall_us(dialer->link);
    job->now_us = dialer->services->now_us(dialer->link);
    job->journal = dialer->services->journal(dialer->link);
    return job;
}

static void dialer_give(struct dialer *dialer, struct book_job *job)
{
    if (worker_waiting(dialer->worker) == 0) dialer->heard_us = job->now_us;
    worker_give(dialer->worker, job);
}

void ask_effect(struct dialer *dialer, const struct message *effect)
{
    struct book_job *job = dialer_job_new(dialer, JOB_EFFECT);
    struct error error;
    if (effect->kind == KIND_UpdateRecord) hand_forget(dialer, (int64_t)message_u(effect, UpdateRecord_record));
    job->frame = memory_zeroed(effect->frame.length, 1);
    memcpy(job->frame, effect->frame.bytes, effect->frame.length);
    if (!message_read(&job->effect, job->frame, effect->frame.length, &error))
        abort(); /* the effect was decoded before without an error */
    dialer_give(dialer, job);
}

/* Handles a Reply to an EventRecord, which names the record in its field `client`. */
void ask_of_reply(struct dialer *dialer, const struct message *reply)
{
    int64_t record = (int64_t)message_u(reply, ENVELOPE_client);
    const int64_t *version = g_hash_table_lookup(dialer->offered, &record);
    if (version && message_u(reply, Reply_outcome) == outcome_error) {
        struct book_job *job = dialer_job_new(dialer, JOB_BACK);
        job->record = record, job->version = *version, job->code = (enum code)message_u(reply, Reply_code);
        dialer_give(dialer, job);
    }
    hand_forget(dialer, record);
}

/* Gives the thread the jobs that are due; called each second, and when the core comes up. */
void ask_tick(struct dialer *dialer)
{
    uint64_t now_us = dialer->services->now_us(dialer->link);
    if (!dialer->lives && now_us >= dialer->alive_us) {
        dialer->lives = true;
        dialer_give(dialer, dialer_job_new(dialer, JOB_ALIVE));
    }
    if (!dialer->looks && now_us >= dialer->look_us && dialer->services->up(dialer->link)) {
        dialer->looks = true;
        dialer_give(dialer, dialer_job_new(dialer, JOB_LOOK));
    }
    if (!dialer->counts && now_us >= dialer->count_us && dialer->services->up(dialer->link)) {
        dialer->counts = true;
        dialer_give(dialer, dialer_job_new(dialer, JOB_COUNT));
    }
    if (!dialer->offers && !dialer->offered_all && dialer->services->up(dialer->link)) {
        dialer->offers = dialer->offered_all = true;
        dialer_give(dialer, dialer_job_new(dialer, JOB_OFFER));
    }
}

void ask_tell_peer(struct dialer *dialer)
{
    dialer->services->peer(dialer->link, "lists", !dialer->away);
}

/* Notes whether the database is away: then the core begins no record of the lists. */
static void note_away(struct dialer *dialer, bool away, const char *why)
{
    dialer->services->neighbour(dialer->link, "lists", !away, why);
    if (dialer->away == away) return;
    dialer->away = away;
    ask_tell_peer(dialer);
}

/* Notices a database that neither answers nor fails, such as one whose tables somebody has locked: no record is
 * begun meanwhile. */
void ask_whether_it_hangs(struct dialer *dialer)
{
    bool hangs = worker_waiting(dialer->worker) > 0 &&
                 dialer->services->now_us(dialer->link) - dialer->heard_us >= (uint64_t)HANG_US;
    if (!hangs || dialer->away) return;
    dialer->services->log(dialer->link, GCX_LOG_ERROR, 0, 0,
                          "lists: they have not answered for %d seconds; nothing is dialled until they do",
                          HANG_US / SECOND_US);
    dialer->hangs = true;
    note_away(dialer, true, "they have not answered for 10 s");
}

void ask_work(void *self, void *job)
{
    book_do(&((struct dialer *)self)->book, job);
}

void ask_dropped(void *self, void *job)
{
    (void)self;
    job_free(job);
}

/* ---- results of jobs ---- */

static void write_done(struct dialer *dialer, struct book_job *job)
{
    assert(job->what == JOB_EFFECT);
    struct writer *writer = &dialer->writer;
    adapter_answer_done(writer, &job->effect, job->code == code_ok ? outcome_ok : outcome_error, job->code);
    if (job->code != code_ok) writer_text(writer, EventDone_text, job->error.text);
    if (job->effect.kind == KIND_FetchRecords) kv_put_int(&job->value, "records", job->records ? job->records->len : 0);
    if (kv_span(&job->value).length != 0) writer_kv(writer, EventDone_value, &job->value);
}

/* The campaign is unloaded. Forgets what the core was told about the campaign's counts: a campaign that is loaded
 * again knows nothing of them. */
static void forget_campaign(struct dialer *dialer, struct span campaign)
{
    char *name = g_strndup((const char *)campaign.bytes, campaign.length);
    hand_forget_campaign(dialer, campaign);
    g_hash_table_remove(dialer->counted, name);
    g_free(name);
}

/* Answers an effect: its records are sent before the answer that counts them. */
static void dialer_of_effect(struct dialer *dialer, struct book_job *job)
{
    assert(job->what == JOB_EFFECT && job->frame);
    bool fetch = job->effect.kind == KIND_FetchRecords;
    if (fetch && message_u(&job->effect, FetchRecords_count) == 0)
        forget_campaign(dialer, message_text(&job->effect, FetchRecords_campaign));
    hand_records(dialer, job->records);
    if (job->code == code_ok && fetch)
        dialer->services->count(dialer->link, "records_handed", job->records ? job->records->len : 0);
    if (job->code == code_ok && job->effect.kind == KIND_UpdateRecord)
        dialer->services->count(dialer->link, "records_updated", 1);
    write_done(dialer, job);
    if (fetch)
        hand_done(dialer, writer_end(&dialer->writer));
    else
        outbox_post(&dialer->outbox, writer_end(&dialer->writer));
}

static uint64_t alive_after_us(const struct dialer *dialer)
{
    uint64_t third_us = dialer->setting.bury * SECOND_US / 3;
    return third_us != 0 && third_us < ALIVE_US ? third_us : (uint64_t)ALIVE_US;
}

/* Tells the core about lists with new records: campaigns that had found no more records ask again at once. */
static void dialer_looked(struct dialer *dialer, const struct book_job *job)
{
    assert(dialer->looks && job->what == JOB_LOOK);
    dialer->looks = false;
    dialer->look_us = dialer->services->now_us(dialer->link) + LOOK_US;
    for (guint at = 0; job->newer && !job->failed && at < job->newer->len; at++) {
        writer_clear(&dialer->writer);
        writer_begin(&dialer->writer, KIND_ListChanged);
        writer_text(&dialer->writer, ListChanged_list, job->newer->pdata[at]);
        hand_done(dialer, writer_end(&dialer->writer));
    }
}

/* The counts of a campaign's list that the core got last, and when. */
struct counted_told {
    struct lists_counts counts;
    uint64_t at_us;
};

/* Is it time to report the counts? The core asks for due records as soon as it hears of more, so more of them are
 * reported at once, and all other changes, or the same counts again, some seconds later. */
static bool counted_is_news(const struct counted_told *told, const struct lists_counts *counts, uint64_t now_us)
{
    if (!told) return true;
    bool old = now_us - told->at_us >= (uint64_t)COUNT_TOLD_US;
    bool same = memcmp(&told->counts, counts, sizeof *counts) == 0;
    return counts->due > told->counts.due || (old && (!same || counts->due != 0));
}

static void counted_tell(struct dialer *dialer, const struct book_counted *counted, uint64_t now_us)
{
    const struct lists_counts *counts = &counted->counts;
    if (!counted_is_news(g_hash_table_lookup(dialer->counted, counted->campaign), counts, now_us)) return;
    struct counted_told *told = g_new0(struct counted_told, 1);
    *told = (struct counted_told){*counts, now_us};
    g_hash_table_replace(dialer->counted, g_strdup(counted->campaign), told);
    writer_clear(&dialer->writer);
    writer_begin(&dialer->writer, KIND_ListChanged);
    writer_text(&dialer->writer, ListChanged_campaign, counted->campaign);
    writer_u(&dialer->writer, ListChanged_left, (uint64_t)counts->left);
    writer_u(&dialer->writer, ListChanged_due, (uint64_t)counts->due);
    writer_u(&dialer->writer, ListChanged_overdue, (uint64_t)counts->overdue);
    writer_u(&dialer->writer, ListChanged_exhausted, (uint64_t)counts->exhausted);
    hand_done(dialer, writer_end(&dialer->writer));
}

/* Reports the counts. Counting may take at most a thirtieth of the thread's time, so the next count is delayed
 * accordingly. */
static void dialer_counted(struct dialer *dialer, const struct book_job *job)
{
    assert(dialer->counts && job->what == JOB_COUNT);
    uint64_t now_us = dialer->services->now_us(dialer->link), pause_us = (uint64_t)job->spent_us * COUNT_SHARE;
    dialer->counts = false;
    dialer->count_us = now_us + MAX(pause_us, (uint64_t)COUNT_US);
    for (guint at = 0; job->counted && !job->failed && at < job->counted->len; at++)
        counted_tell(dialer, &g_array_index(job->counted, struct book_counted, at), now_us);
}

/* Handles a job that is done: its answer is sent, and what it shows about the database is noted. */
void ask_done(void *self, void *given)
{
    struct dialer *dialer = self;
    struct book_job *job = given;
    dialer->heard_us = dialer->services->now_us(dialer->link);
    note_away(dialer, job->failed, job->note[0] ? job->note : job->error.text);
    if (job->failed) dialer->services->count(dialer->link, "lists_failed", 1);
    dialer->services->figure(dialer->link, "asks_waiting", worker_waiting(dialer->worker));
    if (dialer->hangs) dialer->services->log(dialer->link, GCX_LOG_INFO, 0, 0, "lists: they have answered");
    dialer->hangs = false;
    switch (job->what) {
    case JOB_EFFECT:
        dialer_of_effect(dialer, job);
        break;
    case JOB_OFFER:
        dialer->offers = false;
        hand_records(dialer, job->records);
        break;
    case JOB_ALIVE:
        dialer->lives = false;
        dialer->alive_us = dialer->services->now_us(dialer->link) + (job->failed ? SECOND_US : alive_after_us(dialer));
        break;
    case JOB_LOOK:
        dialer_looked(dialer, job);
        break;
    case JOB_COUNT:
        dialer_counted(dialer, job);
        break;
    case JOB_BACK:
        break;
    }
    /* A record that could not be given back or handed over still belongs to the session. */
    if (job->failed && job->what != JOB_ALIVE && job->what != JOB_LOOK && job->what != JOB_COUNT)
        dialer->offered_all = false;
    if (job->note[0]) dialer->services->log(dialer->link, job->level, 0, 0, "%s", job->note);
    job_free(job);
}
