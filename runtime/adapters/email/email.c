/* runtime/adapters/email/email.c - A mail's way in: read and kept by a thread, submitted to the core, answered.
 *
 * A mail's way in, and where it is owned meanwhile:
 *
 *     email_take()     a struct taking is made; the thread has it (worker)
 *     taking_work()    the thread parses the mail, and keeps it in the store under its external id
 *     taking_done()    the loop submits it; email->pending has it, by the number of the Submit
 *     email_reply()    the core's answer: the mail server hears 250, and the thread notes the interaction's number
 *     taking_done()    once more, with that number: the mail is forgotten here
 *
 * A report about a mail of ours takes another way: it is told as EventDelivery, and waits in email->reported until
 * the core's journal has it. A mail is answered exactly once, by taking_answer() or answer_kept(); what may go well
 * later is answered 4xx, so that the mail server keeps it. */
#include "runtime/adapters/email/email.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/adapter/worker.h"
#include "runtime/adapters/email/ends.h"
#include "runtime/mail/text.h"
#include "runtime/store/store.h"
#include "runtime/vocabulary/effects_link.h"
#include "runtime/vocabulary/events_work.h"
#include "runtime/vocabulary/memory.h"
#include "runtime/vocabulary/why.h"

enum { CC_MAX = 12000 };

static void log_mail(struct email *email, int level, const struct taking *taking, const char *what)
{
    email->services->log(email->link, level, 0, 0, "mail %s: %s%s%s",
                         taking->mail ? taking->mail->external_id : "(unread)", what, taking->error.text[0] ? ": " : "",
                         taking->error.text);
}

static void taking_free(gpointer data)
{
    struct taking *taking = data;
    mail_free(taking->mail);
    taking->email->held -= taking->length;
    free(taking->bytes);
    g_free(taking->sender), g_free(taking->queue);
    free(taking);
}

/* Tells whoever handed it over; the mail is no longer ours to remember. */
static void taking_answer(struct taking *taking, unsigned code, const char *text)
{
    const char *figure = code / 100 == 2 ? "mails_taken" : code / 100 == 4 ? "mails_put_off" : "mails_refused";
    taking->email->services->count(taking->email->link, figure, 1);
    taking->answer(taking->answer_self, taking->ticket, code, text);
    taking_free(taking);
}

/* The same, and the store is told which interaction it is. No caller waits for this: without it the mails that answer
 * this one have no parent. */
static void answer_kept(struct taking *taking, uint64_t ixn, bool before)
{
    assert(taking->stored && taking->ixn == 0);
    taking->email->services->count(taking->email->link, "mails_taken", 1);
    taking->answer(taking->answer_self, taking->ticket, 250, before ? EMAIL_BEFORE : "2.0.0 kept");
    taking->ixn = ixn;
    worker_give(taking->email->taker, taking);
}

/* ---- in the thread ---- */

static bool address_is_own(const void *self, const char *address)
{
    return setting_queue(self, address) != NULL;
}

static const char *mail_queue(const struct setting *setting, const struct mail *mail)
{
    assert(setting->count > 0); /* email_setting_read() takes no other */
    char **const lists[] = {mail->to, mail->cc};
    for (unsigned i = 0; i < 2; i++)
        for (char **one = lists[i]; *one; one++)
            if (setting_queue(setting, *one)) return setting_queue(setting, *one);
    return setting->all[0].queue;
}

/* A mail of ours that came back is shown as not delivered, to whom and why. */
static bool note_report(struct email *email, struct taking *taking)
{
    const struct mail_report *report = &taking->mail->report;
    bool good = true;
    for (unsigned i = 0; i < report->count && good && taking->about.interaction != 0; i++) {
        const struct mail_reported *row = &report->recipients[i];
        if (row->fate == MAIL_FAILED)
            good = keep_told(email->store, &taking->about, row->to ? row->to : "", "failed", row->status,
                             taking->wall_us, &taking->error);
    }
    return good;
}

/* The thread's part, in two turns: first the mail is read and kept; later, when its interaction is known, that is
 * noted. */
static void taking_work(void *self, void *job)
{
    struct email *email = self;
    struct taking *taking = job;
    struct mail_setting setting = {taking->sender, address_is_own, &email->setting};
    if (taking->ixn != 0) {
        keep_submitted(email->store, taking->kept.interaction, taking->journal, taking->ixn, &taking->error);
        return;
    }
    taking->mail = mail_read(taking->bytes, taking->length, &setting);
    if (!taking->queue) taking->queue = g_strdup(mail_queue(&email->setting, taking->mail));
    const struct mail_report *report = &taking->mail->report;
    bool good = !report->message_id ||
                (keep_find_sent(email->store, taking->journal, report->message_id, &taking->about, &taking->error) &&
                 note_report(email, taking));
    taking->stored = good && keep_mail(email->store, taking->mail, taking->bytes, taking->length, taking->journal,
                                       taking->wall_us, &taking->kept, &taking->error);
    if (*taking->kept.external_id) {
        g_free(taking->mail->external_id);
        taking->mail->external_id = g_strdup(taking->kept.external_id);
    }
}

/* ---- Submit ---- */

bool email_post(struct email *email)
{
    bool posted = email->services->post(email->link, writer_end(&email->writer));
    if (posted) email->posted++;
    return posted;
}

static void taking_put_text(struct kv *kv, const char *key, const char *text)
{
    if (text && *text) kv_put_text(kv, key, span_of(text));
}

/* The keys for strategies and desktops besides the fields of Submit; gcx-email(8) lists them. */
static void write_data(struct writer *writer, const struct taking *taking)
{
    const struct mail *mail = taking->mail;
    struct kv kv;
    kv_init(&kv);
    taking_put_text(&kv, "sender_name", mail->from_name);
    taking_put_text(&kv, "reply_to", mail->reply_to);
    GString *cc = g_string_new(NULL);
    for (char **one = mail->cc; *one; one++) g_string_append_printf(cc, "%s%s", cc->len > 0 ? ", " : "", *one);
    mail_text_cut(cc, CC_MAX);
    taking_put_text(&kv, "cc", cc->str);
    g_string_free(cc, TRUE);
    if (mail->robot != MAIL_ROBOT_none) taking_put_text(&kv, "automatic", mail_robot_name(mail->robot));
    kv_put_int(&kv, "attachments", (int64_t)mail->part_count);
    kv_put_int(&kv, "stored", taking->kept.interaction);
    writer_kv(writer, Submit_data, &kv);
    kv_free(&kv);
}

/* All that the core is told of the mail; text and parts go as references to the store, never as bytes. */
static void taking_write_submit(struct email *email, const struct taking *taking)
{
    const struct mail *mail = taking->mail;
    assert(taking->stored && taking->ixn == 0); /* the core is told after the store */
    assert(mail->external_id && mail->to && mail->cc && mail->thread);
    struct writer *writer = &email->writer;
    writer_clear(writer);
    writer_begin(writer, KIND_Submit);
    writer_i(writer, ENVELOPE_at, taking->wall_us);
    writer_u(writer, ENVELOPE_req, taking->req);
    writer_u(writer, Submit_media, media_email);
    writer_u(writer, Submit_type, submit_type_inbound);
    writer_text(writer, Submit_external_id, mail->external_id);
    writer_text(writer, Submit_queue, taking->queue);
    writer_u(writer, Submit_parent, taking->kept.parent);
    if (mail->from) writer_text(writer, Submit_from, mail->from);
    if (mail->to[0]) {
        writer_list_begin(writer, Submit_to);
        for (char **to = mail->to; *to; to++) writer_list_text(writer, span_of(*to));
        writer_list_end(writer);
    }
    if (mail->subject) writer_text(writer, Submit_subject, mail->subject);
    writer_blob_begin(writer, Submit_body);
    kept_blob_write(writer, &taking->kept.body);
    writer_blob_end(writer);
    writer_list_begin(writer, Submit_parts);
    for (unsigned i = 0; i < taking->kept.count; i++) {
        writer_record_begin(writer);
        kept_blob_write(writer, &taking->kept.parts[i]);
        writer_record_end(writer);
    }
    writer_list_end(writer);
    writer_text(writer, Submit_thread, mail->thread);
    writer_i(writer, Submit_received, taking->wall_us);
    write_data(writer, taking);
    writer_u(writer, Submit_warn, mail->corrupt ? submit_warn_corrupt : mail->cut ? submit_warn_gap : submit_warn_none);
}

static bool taking_submit(struct email *email, const struct taking *taking)
{
    taking_write_submit(email, taking);
    return email_post(email);
}

/* ---- reports about mails of ours ---- */

/* One recipient's fate. The event names the message and no effect: the report may come days after that. */
static bool post_fate(struct email *email, const struct taking *taking, const struct mail_reported *row)
{
    struct writer *writer = &email->writer;
    writer_clear(writer);
    writer_begin(writer, KIND_EventDelivery);
    writer_u(writer, ENVELOPE_ixn, taking->about.ixn);
    writer_i(writer, ENVELOPE_at, taking->wall_us);
    writer_text(writer, EventDelivery_msg_id, taking->about.msg_id);
    if (row->to) writer_text(writer, EventDelivery_to, row->to);
    writer_u(writer, EventDelivery_state, row->fate == MAIL_FAILED ? delivery_failed : delivery_delivered);
    if (row->status[0]) writer_text(writer, EventDelivery_peer_id, row->status);
    if (row->fate == MAIL_FAILED) writer_u(writer, EventDelivery_cause, cause_invalid_destination);
    writer_u(writer, EventDelivery_final, 1);
    return email_post(email);
}

/* A report about a mail of ours is told as what it is; other reports are mails like others, that nobody answers. */
static bool is_fate(const struct taking *taking)
{
    const struct mail_report *report = &taking->mail->report;
    if (!report->is || taking->about.ixn == 0) return false;
    for (unsigned i = 0; i < report->count; i++)
        if (report->recipients[i].fate == MAIL_FAILED || report->recipients[i].fate == MAIL_DELIVERED) return true;
    return false;
}

/* A mail with reports about several recipients is answered when the last of its events is in the journal. */
static void tell_fate(struct email *email, struct taking *taking)
{
    assert(taking->stored && taking->about.ixn != 0); /* is_fate() has seen it */
    const struct mail_report *report = &taking->mail->report;
    for (unsigned i = 0; i < report->count; i++) {
        enum mail_fate fate = report->recipients[i].fate;
        if (fate != MAIL_FAILED && fate != MAIL_DELIVERED) continue;
        if (post_fate(email, taking, &report->recipients[i])) continue;
        taking_answer(taking, 451, "4.3.2 too much is under way, try again later");
        return;
    }
    taking->posted = email->posted;
    g_queue_push_tail(&email->reported, taking);
}

/* ---- in the loop ---- */

/* The thread gives the mail back: it is submitted, told as a report, put off, or, in its second turn, forgotten. */
static void taking_done(void *self, void *job)
{
    struct email *email = self;
    struct taking *taking = job;
    free(taking->bytes);
    taking->bytes = NULL;
    if (taking->kept.odd[0] && taking->ixn == 0)
        email->services->log(email->link, GCX_LOG_WARNING, 0, 0, "mail %s: %s", taking->mail->external_id,
                             taking->kept.odd);
    if (taking->ixn != 0) {
        if (taking->error.text[0]) log_mail(email, GCX_LOG_WARNING, taking, "its interaction is not noted");
        taking_free(taking);
    } else if (!taking->stored) {
        bool again = store_again(&taking->error);
        if (again) probe_failed(email->store_probe, taking->error.text);
        log_mail(email, GCX_LOG_ERROR, taking, "the contact store does not take it");
        taking_answer(taking, again ? 451 : 554,
                      again ? "4.3.0 it cannot be kept now, try again later" : "5.6.0 it cannot be kept");
    } else if (is_fate(taking))
        tell_fate(email, taking);
    else if (taking_submit(email, taking))
        g_hash_table_insert(email->pending, &taking->req, taking);
    else {
        log_mail(email, GCX_LOG_WARNING, taking, "the core takes no more now");
        taking_answer(taking, 451, "4.3.2 too much is under way, try again later");
    }
}

static void taking_dropped(void *self, void *job)
{
    (void)self;
    taking_free(job);
}

void email_take(struct email *email, char *bytes, size_t length, const char *sender, const char *queue,
                mail_answer *answer_to, void *answer_self, uint64_t ticket)
{
    struct taking *taking = memory_zeroed(1, sizeof *taking);
    *taking = (struct taking){.email = email,
                              .answer = answer_to,
                              .answer_self = answer_self,
                              .ticket = ticket,
                              .req = ++email->requests,
                              .begun_us = email->services->now_us(email->link),
                              .wall_us = (int64_t)email->services->wall_us(email->link),
                              .journal = email->services->journal(email->link),
                              .bytes = bytes,
                              .length = length,
                              .sender = g_strdup(sender),
                              .queue = g_strdup(queue)};
    email->held += length;
    worker_give(email->taker, taking);
}

/* The core's answer to a Submit; one that belongs to no mail here is of an answer that ends.h has submitted again. */
void email_reply(struct email *email, const struct message *reply)
{
    uint64_t req = message_u(reply, ENVELOPE_req);
    struct taking *taking = g_hash_table_lookup(email->pending, &req);
    if (!taking) { /* else it was answered already: late, or a repetition */
        ends_submitted(email->ends, reply);
        return;
    }
    unsigned outcome = (unsigned)message_u(reply, Reply_outcome);
    g_hash_table_steal(email->pending, &req);
    if (outcome == outcome_ok || outcome == outcome_duplicate) {
        email->services->log(email->link, GCX_LOG_INFO, message_u(reply, ENVELOPE_ixn), 0, "mail %s: %s in queue %s",
                             taking->mail->external_id, outcome == outcome_ok ? "submitted" : "it was here before",
                             taking->queue);
        answer_kept(taking, message_u(reply, ENVELOPE_ixn), outcome == outcome_duplicate);
        return;
    }
    /* The core refuses it whenever it comes: it is in quarantine. */
    if (message_u(reply, Reply_code) == code_fault) {
        log_mail(email, GCX_LOG_ERROR, taking,
                 "refused for good, as it has crashed the router and is in quarantine (gcxctl quarantine); the contact "
                 "store has it under this id, and the sender is told");
        taking_answer(taking, 554, "5.3.0 it cannot be routed");
        return;
    }
    /* It stays with the mail server, and comes again: a queue that is missing may be made, a core drained may go on. */
    error_set(&taking->error, ERROR_STATE, "queue %s: %s", taking->queue, enum_name_code(message_u(reply, Reply_code)));
    log_mail(email, GCX_LOG_ERROR, taking, "the core refuses it");
    taking_answer(taking, 451, "4.3.2 it is not taken now, try again later");
}

/* An answer that came while the link was down is lost with it: everything is asked again, under the same external
 * id. */
void email_core_up(struct email *email, bool up)
{
    GHashTableIter at;
    gpointer value;
    if (!up) return;
    g_hash_table_iter_init(&at, email->pending);
    while (g_hash_table_iter_next(&at, NULL, &value))
        if (!taking_submit(email, value)) {
            g_hash_table_iter_steal(&at);
            taking_answer(value, 451, "4.3.2 the router was away, try again later");
        }
}

/* Events are committed in the order in which they were posted, so that the queue is looked at from its head only. */
void email_committed(void *self, uint64_t posted)
{
    struct email *email = self;
    struct taking *taking;
    email->committed = posted;
    while ((taking = g_queue_peek_head(&email->reported)) && taking->posted <= posted) {
        g_queue_pop_head(&email->reported);
        taking_answer(taking, 250, "2.0.0 kept");
    }
}

/* Each second: mails and reports that the core has not answered in time are put off. */
void email_late(struct email *email)
{
    uint64_t now_us = email->services->now_us(email->link), patience_us = email->setting.submit_timeout * SECOND_US;
    GHashTableIter at;
    gpointer value;
    g_hash_table_iter_init(&at, email->pending);
    while (g_hash_table_iter_next(&at, NULL, &value)) {
        struct taking *taking = value;
        if (now_us - taking->begun_us < patience_us) continue;
        g_hash_table_iter_steal(&at);
        log_mail(email, GCX_LOG_WARNING, taking, "the core has not answered");
        taking_answer(taking, 451, "4.4.1 the router does not answer, try again later");
    }
    struct taking *first = g_queue_peek_head(&email->reported);
    if (!first || now_us - first->begun_us < patience_us) return;
    g_queue_pop_head(&email->reported);
    taking_answer(first, 451, "4.4.1 the router does not answer, try again later");
}

const char *email_queue(const struct email *email, const char *address)
{
    return setting_queue(&email->setting, address);
}

unsigned email_ready(struct email *email)
{
    return email->services->up(email->link) ? 0 : 451;
}

void email_init(struct email *email)
{
    email->pending = g_hash_table_new(g_int64_hash, g_int64_equal);
    g_queue_init(&email->reported);
    writer_init(&email->writer);
    email->requests = email->services->wall_us(email->link); /* other numbers than the process before */
}

bool email_start(struct email *email, struct event_base *base, char *why, size_t why_size)
{
    struct error error;
    struct worker_calls calls = {email, taking_work, taking_done, taking_dropped, NULL};
    email->store = store_open(email->setting.store, &(struct store_options){.country = email->setting.country}, &error);
    if (!email->store) return why_set(why, why_size, "store: %s", error.text);
    email->taker = worker_new(base, &calls);
    email->look.target = email->setting.store;
    email->store_probe = probe_new(email->link, email->services, "store",
                                   &(struct probe_calls){.self = &email->look, .there = store_look});
    if (!email->taker || !email->store_probe) snprintf(why, why_size, "no thread can be had");
    return email->taker && email->store_probe;
}

static void taking_forget(gpointer key, gpointer value, gpointer unused)
{
    (void)key, (void)unused;
    taking_free(value);
}

void email_free(struct email *email)
{
    struct taking *taking;
    worker_free(email->taker);
    probe_free(email->store_probe);
    store_look_end(&email->look);
    store_close(email->store);
    g_hash_table_foreach(email->pending, taking_forget, NULL);
    g_hash_table_destroy(email->pending);
    while ((taking = g_queue_pop_head(&email->reported))) taking_free(taking);
    writer_free(&email->writer);
    email_setting_free(&email->setting);
}
