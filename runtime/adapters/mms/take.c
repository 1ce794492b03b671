/* runtime/adapters/mms/take.c - A message's way in: kept by the thread, submitted to the core, answered; and its end.
 *
 *     mms_take()      the thread has the job
 *     mms_kept()      it is kept: the loop submits it, and `pending` has it by the number of the Submit
 *     mms_reply()     the core has it
 *     mms_settle()    the other side is told; of a message that was taken the thread notes the number */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/adapter/probe.h"
#include "runtime/adapter/worker.h"
#include "runtime/adapters/mms/mms.h"
#include "runtime/post/unended.h"
#include "runtime/store/store.h"
#include "runtime/vocabulary/bytes.h"
#include "runtime/vocabulary/controls.h"
#include "runtime/vocabulary/effects_link.h"
#include "runtime/vocabulary/effects_work.h"
#include "runtime/vocabulary/events_work.h"
#include "runtime/vocabulary/memory.h"
#include "runtime/vocabulary/rows.h"
#include "text/utf8.h"

enum { MMS_WORDS = 4000 /* bytes of the text in the user data */ };
/* A provider may bring a message again for three days. */
#define BROUGHT_AGAIN INT64_C(259200000000)

/* ---- jobs ---- */

struct mms_job *mms_job_new(const struct mms *mms, enum mms_deed deed)
{
    struct mms_job *job = memory_zeroed(1, sizeof *job);
    job->deed = deed;
    job->now = job->received = (int64_t)mms->services->wall_us(mms->link);
    job->journal = mms->services->journal(mms->link);
    return job;
}

void mms_job_free(struct mms_job *job)
{
    mms_hook_forget(job->asker);
    mms_message_free(job->message);
    free(job->bytes);
    g_free(job->type), g_free(job->sender), g_free(job->to), g_free(job->external_id);
    free(job);
}

static const char *mms_job_name(const struct mms_job *job)
{
    return job->message && job->message->external_id ? job->message->external_id : "(without a name)";
}

bool mms_may_come(const struct mms *mms, size_t bytes)
{
    return mms->services->up(mms->link) && mms->held + bytes <= mms->setting.held;
}

void mms_take(struct mms *mms, struct mms_job *job)
{
    assert(job->deed == MMS_TAKE && job->bytes);
    mms->held += job->length;
    job->begun_us = mms->services->now_us(mms->link);
    worker_give(mms->worker, job);
}

/* ---- once more ---- */

/* One that is put off is asked about at the next look at what is open. */
static void mms_again_settle(struct mms *mms, struct mms_job *job, enum mms_verdict verdict)
{
    if (verdict == MMS_LATER) {
        mms_job_free(job);
        return;
    }
    job->deed = verdict == MMS_TAKEN ? MMS_NOTE : MMS_END;
    if (verdict == MMS_REFUSED) {
        job->external_id = g_strdup(job->message->external_id);
        text_set(job->how, sizeof job->how, "lost");
    }
    worker_give(mms->worker, job);
}

/* ---- answers ---- */

static void mms_count(struct mms *mms, const struct mms_job *job, enum mms_verdict verdict)
{
    const char *figure = verdict == MMS_LATER               ? "messages_put_off"
                         : verdict == MMS_REFUSED           ? "messages_refused"
                         : job->message->what == MMS_PASSED ? "reports_passed"
                         : job->message->what == MMS_STRAY  ? "mails_passed"
                                                            : "messages_taken";
    mms->services->count(mms->link, figure, 1);
}

/* An answer that goes by mail goes first: if the process ends before ours, the mail server brings the message again,
 * and it is answered again. */
void mms_settle(struct mms *mms, struct mms_job *job, enum mms_verdict verdict)
{
    if (job->deed == MMS_AGAIN) {
        mms_again_settle(mms, job, verdict);
        return;
    }
    assert(job->deed == MMS_TAKE);
    if (verdict == MMS_TAKEN && mms_gate_owes_answer(mms, job)) {
        job->answered = true;
        job->answer_by_us = g_get_monotonic_time() + (int64_t)mms->setting.answer_timeout * MMS_SECOND_US;
        worker_give(mms->sender, job);
        return;
    }
    assert(mms->held >= job->length);
    mms->held -= job->length;
    mms_count(mms, job, verdict);
    if (job->mm4)
        mms_gate_answer(mms, job, verdict);
    else
        mms_hook_answer(job, verdict);
    if (verdict != MMS_TAKEN || job->interaction == 0) {
        mms_job_free(job);
        return;
    }
    job->deed = MMS_NOTE;
    worker_give(mms->worker, job);
}

/* ---- Submit ---- */

static void mms_write_stored(struct writer *writer, const struct mms_stored *stored)
{
    char key[24];
    g_snprintf(key, sizeof key, "%lld", (long long)stored->part);
    writer_text(writer, Blob_store, "contacts"); /* as the plugin `email` names it */
    writer_text(writer, Blob_key, key);
    writer_u(writer, Blob_length, stored->length);
    writer_bytes(writer, Blob_sha256, (struct span){stored->sha256, sizeof stored->sha256});
    writer_text(writer, Blob_media_type, stored->type);
}

/* At most so many bytes, up to a whole character. */
static struct span mms_cut(const char *text, uint32_t most)
{
    return (struct span){(const uint8_t *)text, utf8_cut(text, strlen(text), most)};
}

/* The keys for strategies and desktops; gcx-mms(8) lists them. */
static void mms_write_data(struct writer *writer, const struct mms_job *job)
{
    const struct content *content = job->message->content;
    unsigned shown = 0, files = 0;
    struct kv kv;
    for (size_t i = 0; i < content->count; i++) {
        shown += strcmp(content->parts[i].role, "inline") == 0 && !content->parts[i].text;
        files += strcmp(content->parts[i].role, "attachment") == 0;
    }
    kv_init(&kv);
    if (*content->text) kv_put_text(&kv, "message", mms_cut(content->text, MMS_WORDS));
    kv_put_int(&kv, "pictures", shown);
    kv_put_int(&kv, "attachments", files);
    kv_put_int(&kv, "stored", job->interaction);
    writer_kv(writer, Submit_data, &kv);
    kv_free(&kv);
}

static void mms_write_parts(struct writer *writer, const struct mms_job *job)
{
    writer_blob_begin(writer, Submit_body);
    mms_write_stored(writer, &job->text);
    writer_blob_end(writer);
    writer_list_begin(writer, Submit_parts);
    for (unsigned i = 0; i < job->count; i++) {
        writer_record_begin(writer);
        mms_write_stored(writer, &job->parts[i]);
        writer_record_end(writer);
    }
    writer_list_end(writer);
}

static bool mms_submit(struct mms *mms, const struct mms_job *job)
{
    const struct mms_message *message = job->message;
    struct writer *writer = &mms->writer;
    assert(job->interaction != 0 && message->external_id); /* the core is told after the store */
    writer_clear(writer);
    writer_begin(writer, KIND_Submit);
    writer_i(writer, ENVELOPE_at, job->now);
    writer_u(writer, ENVELOPE_req, job->req);
    writer_u(writer, Submit_media, media_mms);
    writer_u(writer, Submit_type, submit_type_inbound);
    writer_text(writer, Submit_external_id, message->external_id);
    writer_text(writer, Submit_queue, message->queue);
    if (*message->from) writer_text(writer, Submit_from, message->from);
    writer_list_begin(writer, Submit_to);
    writer_list_text(writer, span_of(message->to));
    writer_list_end(writer);
    if (message->subject) writer_text(writer, Submit_subject, message->subject);
    mms_write_parts(writer, job);
    writer_i(writer, Submit_received, job->received);
    mms_write_data(writer, job);
    writer_u(writer, Submit_warn, message->content->cut ? submit_warn_gap : submit_warn_none);
    return mms->services->post(mms->link, writer_end(writer));
}

static void mms_log(struct mms *mms, int level, const struct mms_job *job, const char *what, const char *why)
{
    mms->services->log(mms->link, level, job->ixn, 0, "message %s: %s%s%s", mms_job_name(job), what, *why ? ": " : "",
                       why);
}

static void mms_to_core(struct mms *mms, struct mms_job *job)
{
    job->req = ++mms->requests;
    if (mms_submit(mms, job)) {
        g_hash_table_insert(mms->pending, &job->req, job);
        return;
    }
    mms_log(mms, GCX_LOG_WARNING, job, "the core takes no more now", "");
    mms_settle(mms, job, MMS_LATER);
}

static void mms_taken_in(struct mms *mms, struct mms_job *job)
{
    const struct mms_message *message = job->message;
    bool again = !job->good && store_again(&job->error);
    if (job->odd[0]) mms_log(mms, GCX_LOG_WARNING, job, job->odd, "");
    if (message->envelope.mended) mms->services->count(mms->link, "envelopes_mended", 1);
    if (!job->good) {
        mms_log(mms, GCX_LOG_ERROR, job, "the contact store does not take it", job->error.text);
        if (again) probe_failed(mms->probe, job->error.text);
        mms_settle(mms, job, again ? MMS_LATER : MMS_REFUSED);
    } else if (message->what == MMS_MESSAGE)
        mms_to_core(mms, job);
    else {
        bool stray = message->what == MMS_STRAY, passed = stray || message->what == MMS_PASSED;
        if (!passed) mms_log(mms, GCX_LOG_WARNING, job, "it is refused", message->why);
        if (stray && !mms->stray_told)
            mms_log(mms, GCX_LOG_WARNING, job, "it is passed over, as others like it will be", message->why);
        mms->stray_told = mms->stray_told || stray;
        mms_settle(mms, job, passed ? MMS_TAKEN : MMS_REFUSED);
    }
}

void mms_kept(void *self, void *given)
{
    struct mms *mms = self;
    struct mms_job *job = given;
    if (job->deed == MMS_TAKE) {
        mms_taken_in(mms, job);
        return;
    }
    if (job->deed == MMS_AGAIN && job->good) {
        mms_log(mms, GCX_LOG_WARNING, job, "reconcile: the core has lost it: it is submitted again", "");
        mms_to_core(mms, job);
        return;
    }
    if (!job->good)
        mms->services->log(mms->link, GCX_LOG_WARNING, job->ixn, 0, "message %s: its %s is not noted: %s",
                           job->external_id ? job->external_id : mms_job_name(job),
                           job->deed == MMS_END     ? "end"
                           : job->deed == MMS_AGAIN ? "loss"
                                                    : "number",
                           job->error.text);
    mms_job_free(job);
}

/* ---- the core ---- */

void mms_reply(struct mms *mms, const struct message *reply)
{
    uint64_t req = message_u(reply, ENVELOPE_req);
    struct mms_job *job = g_hash_table_lookup(mms->pending, &req);
    unsigned outcome = (unsigned)message_u(reply, Reply_outcome);
    if (!job) return; /* it was put off already */
    g_hash_table_steal(mms->pending, &req);
    if (outcome == outcome_ok || outcome == outcome_duplicate) {
        job->ixn = message_u(reply, ENVELOPE_ixn);
        mms_log(mms, GCX_LOG_INFO, job, outcome == outcome_ok ? "submitted" : "it was here before", "");
        mms_settle(mms, job, MMS_TAKEN);
        return;
    }
    mms_log(mms, GCX_LOG_ERROR, job, "the core refuses it", enum_name_code(message_u(reply, Reply_code)));
    /* One that is in quarantine is refused whenever it comes; a queue that is missing may be made. */
    mms_settle(mms, job, message_u(reply, Reply_code) == code_fault ? MMS_REFUSED : MMS_LATER);
}

/* An answer that came while the link was down is lost with it: everything is asked again, under the same external
 * ids. */
void mms_pending_core_up(struct mms *mms)
{
    GHashTableIter at;
    gpointer value;
    g_hash_table_iter_init(&at, mms->pending);
    while (g_hash_table_iter_next(&at, NULL, &value))
        if (!mms_submit(mms, value)) {
            g_hash_table_iter_steal(&at);
            mms_settle(mms, value, MMS_LATER);
        }
}

void mms_pending_tick(struct mms *mms)
{
    uint64_t now_us = mms->services->now_us(mms->link);
    GHashTableIter at;
    gpointer value;
    g_hash_table_iter_init(&at, mms->pending);
    while (g_hash_table_iter_next(&at, NULL, &value)) {
        struct mms_job *job = value;
        if (now_us - job->begun_us < mms->setting.submit_timeout * MMS_SECOND_US) continue;
        g_hash_table_iter_steal(&at);
        mms_log(mms, GCX_LOG_WARNING, job, "the core has not answered", "");
        mms_settle(mms, job, MMS_LATER);
    }
}

/* ---- ends ---- */

void mms_ended(struct mms *mms, const struct message *effect)
{
    struct span id = message_text(effect, EventEnded_external_id), how = message_text(effect, EventEnded_how);
    struct mms_job *job = mms_job_new(mms, MMS_END);
    job->external_id = g_strndup((const char *)id.bytes, id.length);
    text_set_span(job->how, sizeof job->how, how);
    worker_give(mms->worker, job);
}

/* A message whose number was not noted may be with its provider still, and come again. */
static bool mms_unended_ask(void *self, const struct unended_row *row, struct writer *writer, const char **result)
{
    const struct mms *mms = self;
    int64_t age_us = (int64_t)mms->services->wall_us(mms->link) - row->received;
    if (!row->told && (row->erased || age_us < BROUGHT_AGAIN)) return false;
    if (row->erased && row->journal != 0 && row->journal != mms->services->journal(mms->link)) {
        *result = "lost"; /* its number is another one's now */
        return false;
    }
    writer_u(writer, Read_what, object_interaction);
    writer_text(writer, Read_name, row->erased ? row->ixn : row->external_id);
    writer_u(writer, Read_external, !row->erased);
    return true;
}

/* A core whose state was lost gets the message once more, under its external id, as e-mails. */
static const char *mms_unended_became(void *self, const struct unended_row *row, struct span answer)
{
    struct mms *mms = self;
    struct kv_value found;
    if (kv_get(answer, "state", &found)) return NULL;
    if (kv_get(answer, "ended", &found) || unended_may_have_ended(row, mms->services->journal(mms->link), answer))
        return "ended";
    if (row->erased || !row->told || row->journal == 0) return "lost";
    struct mms_job *job = mms_job_new(mms, MMS_AGAIN);
    job->interaction = row->interaction;
    job->received = row->received;
    worker_give(mms->worker, job);
    return NULL;
}

static bool mms_unended_end(void *self, struct store *store, int64_t interaction, const char *result, int64_t wall_us,
                            struct error *error)
{
    (void)self;
    return store_over(store, interaction, result, wall_us, error);
}

struct unended *mms_unended_new(struct mms *mms, struct event_base *base, char *why, size_t why_size)
{
    return unended_alone(mms->link, mms->services, base, mms->setting.store, "mms",
                         &(struct unended_calls){mms, mms_unended_ask, mms_unended_became, mms_unended_end}, why,
                         why_size);
}
