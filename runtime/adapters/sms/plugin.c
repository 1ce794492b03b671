/* runtime/adapters/sms/plugin.c - The descriptor that `sms` exports: how it starts and ends, and which effect goes
 * where. */
#include <assert.h>
#include <event2/event.h>
#include <stdio.h>
#include <stdlib.h>

#include "runtime/adapter/last.h"
#include "runtime/adapter/look.h"
#include "runtime/adapter/robots.h"
#include "runtime/adapter/worker.h"
#include "runtime/adapters/sms/sms.h"
#include "runtime/adapters/unended/unended.h"
#include "runtime/vocabulary/contract.h"
#include "runtime/vocabulary/controls.h"
#include "runtime/vocabulary/effects_link.h"
#include "runtime/vocabulary/effects_work.h"
#include "runtime/vocabulary/events_host.h"
#include "runtime/vocabulary/events_link.h"
#include "runtime/vocabulary/memory.h"
#include "runtime/vocabulary/why.h"

enum { TICK_US = 100000 };

static void sms_do(struct sms *sms, struct sms_job *job)
{
    switch (job->kind) {
    case SMS_TAKE:
        job->good = book_arrive(sms->book, job->message, &job->error);
        return;
    case SMS_KEEP:
        job->good = book_keep_alone(sms->book, job->message, &job->error);
        return;
    case SMS_ANSWERED:
        job->good = book_answered(sms->book, job->message, job->ixn, job->now, &job->error);
        return;
    case SMS_GAPS:
        job->good = (!job->known || book_tidy(sms->book, job->now, &job->error)) &&
                    book_gaps(sms->book, job->now, job->journal, job->found, &job->error);
        return;
    case SMS_STATE:
        job->good = book_sent_state(sms->book, job->name, job->state, &job->error);
        return;
    case SMS_END:
        sms_ends_work(sms, job);
        return;
    case SMS_AGAIN:
        job->good = book_again(sms->book, job->message, job->now, &job->error);
        return;
    case SMS_SEND:
    case SMS_BEGIN:
    case SMS_TOLD:
    case SMS_RECEIPT:
        give_work(sms, job);
        return;
    }
}

static void sms_step(struct sms *sms, struct sms_job *job, bool together)
{
    job->error = (struct error){0};
    job->good = false;
    if (together && !book_step_begin(sms->book, &job->error)) return;
    sms_do(sms, job);
    if (together) job->good = book_step_end(sms->book, job->good, &job->error);
}

/* Jobs that wait one behind the other are durable together, and each is one change of the book. If that fails, the
 * store is away for all of them: what came is brought again. */
static void sms_work_all(void *self, void *const *given, unsigned count)
{
    struct sms *sms = self;
    struct error error;
    bool together = book_together_begin(sms->book, &error);
    for (unsigned i = 0; i < count; i++) sms_step(sms, given[i], together);
    if (!together || book_together_end(sms->book, &error)) return;
    for (unsigned i = 0; i < count; i++) {
        struct sms_job *job = given[i];
        job->good = false, job->error = error;
    }
}

static void sms_work(void *self, void *job)
{
    sms_work_all(self, &job, 1);
}

static void sms_done(void *self, void *data)
{
    struct sms_job *job = data;
    if (job->kind == SMS_SEND || job->kind == SMS_BEGIN || job->kind == SMS_TOLD || job->kind == SMS_RECEIPT)
        give_done(self, job);
    else if (job->kind == SMS_STATE) {
        application_told(job);
        sms_job_free(job);
    } else if (job->kind == SMS_AGAIN)
        take_again(self, job);
    else if (job->kind == SMS_END)
        sms_job_free(job); /* where it is not kept, the core is asked about it later */
    else
        take_done(self, job);
}

static void sms_dropped(void *self, void *data)
{
    (void)self; /* what goes out is in the table of messages that go */
    sms_job_free(data);
}

/* ---- coming and going ---- */

static void sms_on_tick(evutil_socket_t unused, short what, void *self)
{
    struct sms *sms = self;
    uint64_t now_us = sms_now(sms);
    (void)unused, (void)what;
    outbox_flush(&sms->outbox);
    sms_links_tick(sms->links);
    if (now_us - sms->second_us >= SMS_SECOND_US) {
        sms->second_us = now_us;
        sms_links_refresh(sms->links);
        take_tick(sms);
        give_tick(sms);
        session_tick(sms);
        unended_tick(sms->unended);
        application_tick(sms);
        if (sms->provider) provider_tick(sms->provider);
    }
    give_pump(sms);
}

static void sms_came(void *self, uint64_t connection, const struct pdu *pdu)
{
    take_came(self, connection, pdu);
}

static bool sms_is_ours(void *self, const char *number)
{
    return setting_number_is_ours(&((const struct sms *)self)->setting, number);
}

static void sms_changed(void *self)
{
    give_pump(self);
}

static gboolean sms_forget(gpointer key, gpointer value, gpointer unused)
{
    (void)key, (void)unused;
    sms_job_free(value);
    return TRUE;
}

static bool sms_awaits(const void *self)
{
    return give_awaits(self);
}

static void sms_close(void *self)
{
    struct sms *sms = self;
    sms->ends = true;
    if (sms->tick) {
        give_pump(sms);
        last_answers(sms->services->base(sms->link), sms_awaits, sms);
    }
    if (sms->tick) event_free(sms->tick);
    sms_links_free(sms->links);
    provider_free(sms->provider);
    worker_free(sms->worker);
    lists_look_free(sms);
    unended_free(sms->unended);
    session_free(sms);
    book_close(sms->book);
    g_hash_table_foreach_steal(sms->pending, sms_forget, NULL);
    g_hash_table_destroy(sms->pending);
    give_free(sms);
    robots_free(sms->robots);
    application_free(sms);
    outbox_free(&sms->outbox);
    writer_free(&sms->writer);
    sms_setting_free(&sms->setting);
    free(sms);
}

static bool sms_start(struct sms *sms, struct event_base *base, char *why, size_t why_size)
{
    struct worker_calls calls = {sms, sms_work, sms_done, sms_dropped, sms_work_all};
    struct sms_link_calls wire = {sms, sms_came, give_answered, sms_changed};
    struct timeval tick = {0, TICK_US};
    sms->rate = (double)sms->setting.rate;
    sms->robots = sms->conversations.robots = robots_new(sms->setting.answers, sms_is_ours, sms);
    sms->filled_us = sms->grown_us = sms_now(sms);
    sms->requests = (uint64_t)sms_wall(sms); /* other numbers than the process before */
    if (!(sms->book = book_open(&sms->setting, why, why_size))) return false;
    sms->worker = worker_new(base, &calls);
    sms->tick = event_new(base, -1, EV_PERSIST, sms_on_tick, sms);
    if (!sms->worker || !sms->tick || !lists_look_open(sms)) return why_set(why, why_size, "no thread can be had");
    if (!sms_ends_open(sms, base, why, why_size) || !session_open(sms, base, why, why_size) ||
        !application_open(sms, base, why, why_size))
        return false;
    if (!(sms->links = sms_links_new(sms->link, sms->services, &sms->setting, &wire, why, why_size))) return false;
    if (sms->setting.of && !(sms->provider = provider_new(sms, base, why, why_size))) return false;
    event_add(sms->tick, &tick);
    return give_resume(sms, why, why_size);
}

static void *sms_open(struct gcx_link *link, const struct gcx_services *services, char *why, size_t why_size)
{
    struct event_base *base = services->base(link);
    if (!base) {
        snprintf(why, why_size, "it needs an event loop for its sockets");
        return NULL;
    }
    struct sms *sms = memory_zeroed(1, sizeof *sms);
    sms->link = link;
    sms->services = services;
    sms->pending = g_hash_table_new(g_int64_hash, g_int64_equal);
    sms->going = give_table();
    g_queue_init(&sms->pieces);
    g_queue_init(&sms->parked);
    outbox_init(&sms->outbox, link, services);
    writer_init(&sms->writer);
    session_init(sms);
    struct link_settings of_link = {link, services};
    if (sms_setting_read(&sms->setting, setting_of_link, &of_link, why, why_size) &&
        sms_start(sms, base, why, why_size))
        return sms;
    sms_close(sms);
    return NULL;
}

static bool sms_check(const char *(*get)(void *self, const char *key), void *self, char *why, size_t why_size)
{
    struct setting setting;
    bool good = sms_setting_read(&setting, get, self, why, why_size);
    sms_setting_free(&setting);
    return good;
}

/* ---- effects ---- */

/* A step that sends a short message says to whom; agents only write into the conversation that they have. One that was
 * over when the step began is written to, too. */
static void sms_send_message(struct sms *sms, const struct message *effect)
{
    bool addressed = message_text(effect, SendMessage_to).length > 0;
    if (addressed && !session_is_open(sms, message_u(effect, ENVELOPE_conn)))
        give_message(sms, effect);
    else
        conversations_perform(&sms->conversations, effect);
}

static void sms_perform(void *self, const struct message *effect)
{
    struct sms *sms = self;
    bool of_conversation = message_u(effect, ENVELOPE_conn) != 0 && effect_class(effect->kind) != CLASS_NOTICE;
    switch (effect->kind) {
    case KIND_Reply:
        if (message_u(effect, ENVELOPE_req) < SESSION_REQUESTS)
            take_reply(sms, effect);
        else
            conversations_perform(&sms->conversations, effect);
        return;
    case KIND_SendMessage:
        sms_send_message(sms, effect);
        return;
    case KIND_Cancel:
        give_cancel(sms, effect);
        return;
    case KIND_Resync: /* beside conversations it has nothing that the core does not have */
        conversations_perform(&sms->conversations, effect);
        return;
    case KIND_ReadReply:
        if (!unended_answered(sms->unended, effect) && sms->sessions)
            conversations_perform(&sms->conversations, effect);
        return;
    case KIND_EventEnded:
        sms_ends_told(sms, effect);
        return;
    case KIND_Configure: /* of a routing point: it is answered by nothing, and this has none */
        return;
    default: /* notices want no answer */
        if (of_conversation) {
            conversations_perform(&sms->conversations, effect);
            return;
        }
        if (effect_class(effect->kind) == CLASS_NOTICE) return;
        answer_done(&sms->writer, effect, outcome_unsupported, code_unsupported);
        outbox_post(&sms->outbox, writer_end(&sms->writer));
    }
}

static void sms_core_up(void *self, bool up)
{
    struct sms *sms = self;
    unended_core_up(sms->unended, up);
    session_core_up(sms, up);
    if (!up) return;
    sms->services->peer(sms->link, "texts", true);
    give_core_up(sms);
    take_core_up(sms);
}

static void sms_credit(void *self)
{
    struct sms *sms = self;
    outbox_flush(&sms->outbox);
    conversations_credit(&sms->conversations);
}

/* The way of a text: by a number of ours to a queue, or to a conversation; what customers may answer. */
static void sms_way_look(const struct gcx_look *look)
{
    struct setting setting;
    char why[512];
    if (!sms_setting_read(&setting, look->setting, look->self, why, sizeof why)) return; /* check() has told it */
    for (size_t i = 0; i < setting.route_count; i++)
        if (*setting.routes[i].queue) look_queue(look, "sessions", setting.routes[i].queue, "sms");
    if (look_is_own(setting.provider, setting.listen))
        look_tell(look, CHECK_text_self, "provider", LOOK_WORDS(setting.provider));
    if (*setting.listen) setting_peers_look(&setting, look);
    sms_setting_free(&setting);
}

static void sms_look(const struct gcx_look *look)
{
    setting_looks(look);
    sms_way_look(look);
}

const struct gcx_adapter gcx_adapter = {
    .interface = GCX_ADAPTER_INTERFACE,
    .name = "sms",
    .media = media_of_sms,
    .caps = caps_of_sms,
    .settings = setting_names,
    .open = sms_open,
    .close = sms_close,
    .perform = sms_perform,
    .core_up = sms_core_up,
    .credit = sms_credit,
    .check = sms_check,
    .look = sms_look,
};
