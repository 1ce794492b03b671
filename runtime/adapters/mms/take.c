/* runtime/adapters/mms/take.c - Multimedia messages as items of the post office: which sender waits for an answer,
 * and what the core gets. */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/adapters/mms/mms.h"
#include "runtime/store/store.h"
#include "runtime/vocabulary/bytes.h"
#include "runtime/vocabulary/events_work.h"
#include "runtime/web/reply.h"

enum { MMS_WORDS = 4000 /* most bytes of the text in the user data */ };

/* ---- who waits ---- */

static void mms_job_free(void *body)
{
    struct mms_job *job = body;
    if (job->number != 0) {
        job->mms->held -= job->length;
        g_hash_table_remove(job->mms->asking, &job->number);
    }
    asker_free(job->asker);
    mms_message_free(job->message);
    free(job->bytes);
    g_free(job->type), g_free(job->sender), g_free(job->to);
    free(job);
}

/* Logs something that was read and is no message. */
static void mms_tell_stray(struct mms *mms, const struct mms_message *message)
{
    bool stray = message->what == MMS_STRAY, passed = stray || message->what == MMS_PASSED;
    if (passed) mms->services->count(mms->link, stray ? "mails_passed" : "reports_passed", 1);
    if (!passed || (stray && !mms->stray_told))
        mms->services->log(mms->link, GCX_LOG_WARNING, 0, 0, "message %s: %s: %s",
                           message->external_id ? message->external_id : "(without a name)",
                           passed ? "it is passed over, as others like it will be" : "it is refused", message->why);
    mms->stray_told = mms->stray_told || stray;
}

static bool mms_answer(void *self, const struct post_ticket *ticket, enum post_verdict verdict, const char *text)
{
    struct mms *mms = self;
    struct mms_job *job = g_hash_table_lookup(mms->asking, &ticket->from);
    enum mms_verdict said = verdict == POST_TAKEN ? MMS_TAKEN : POST_IS_LATER(verdict) ? MMS_LATER : MMS_REFUSED;
    (void)text;
    assert(job);
    /* the store was away before the message was read */
    if (!job->message) job->message = g_new0(struct mms_message, 1);
    if (job->message->envelope.mended) mms->services->count(mms->link, "envelopes_mended", 1);
    if (job->message->what != MMS_MESSAGE) mms_tell_stray(mms, job->message);
    if (said == MMS_TAKEN && mms_gate_owes_answer(mms, job)) return true;
    if (job->mm4)
        mms_gate_answer(mms, job->ticket, job->message, said);
    else
        mms_hook_answer(job, said);
    return true;
}

/* ---- Submit ---- */

/* Writes the user data that strategies and desktops get; gcx-mms(8) lists the keys. */
static void mms_write_data(struct writer *writer, const struct mms_job *job, int64_t interaction)
{
    const struct mms_content *content = job->message->content;
    unsigned shown = 0, files = 0;
    struct kv kv;
    for (size_t i = 0; i < content->count; i++) {
        shown += strcmp(content->parts[i].role, "inline") == 0 && !content->parts[i].text;
        files += strcmp(content->parts[i].role, "attachment") == 0;
    }
    kv_init(&kv);
    if (*content->text) kv_put_text(&kv, "message", post_cut(content->text, MMS_WORDS));
    kv_put_int(&kv, "pictures", shown);
    kv_put_int(&kv, "attachments", files);
    kv_put_int(&kv, "stored", interaction);
    writer_kv(writer, Submit_data, &kv);
    kv_free(&kv);
}

static void mms_submit(void *self, const struct post_item *item, struct writer *writer)
{
    const struct mms_job *job = item->body;
    const struct mms_message *message = job->message;
    (void)self;
    if (*message->from) writer_text(writer, Submit_from, message->from);
    writer_list_begin(writer, Submit_to);
    writer_list_text(writer, span_of(message->to));
    writer_list_end(writer);
    if (message->subject) writer_text(writer, Submit_subject, message->subject);
    post_body_write(writer, &job->body);
    writer_i(writer, Submit_received, item->now);
    mms_write_data(writer, job, item->interaction);
    writer_u(writer, Submit_warn, message->content->cut ? submit_warn_gap : submit_warn_none);
}

/* ---- the way ---- */

static const char *mms_queue(const void *self, const char *own)
{
    const struct own_number *row = numbers_find(&((const struct mms *)self)->setting.own_numbers, own);
    return row ? row->queue : NULL;
}

static void mms_second(void *self)
{
    struct mms *mms = self;
    watched_tick(&mms->files);
    mms_hook_tick(mms);
}

void mms_rules(const struct mms_setting *setting, struct post_rules *rules)
{
    *rules = (struct post_rules){
        .store = setting->store, .country = setting->country, .submit_timeout_s = setting->submit_timeout};
}

const struct post_way mms_way = {
    .name = "mms",
    .media = media_mms,
    .kind = STORE_phone,
    .noun = "message",
    .queue = mms_queue,
    .answer = mms_answer,
    .read = mms_keep_read,
    .keep = mms_keep,
    .again = mms_keep_again,
    .submit = mms_submit,
    .body_free = mms_job_free,
    .second = mms_second,
};
