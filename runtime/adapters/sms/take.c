/* runtime/adapters/sms/take.c - A message's way in: kept by the thread, submitted to the core, answered.
 *
 *     take_came()    a job is made of the PDU; the thread has it
 *     take_done()    it is kept: the loop submits it, and `pending` has it by the number of the Submit;
 *                    a part that waits for others, or a word by which customers leave, is answered at once;
 *                    a message of a conversation goes to session.c first
 *     take_reply()   the core has it: the other side is told, and the thread notes that it was */
#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/adapter/refused.h"
#include "runtime/adapter/worker.h"
#include "runtime/adapters/sms/alphabet.h"
#include "runtime/adapters/sms/sms.h"
#include "runtime/store/store.h"
#include "runtime/vocabulary/bytes.h"
#include "runtime/vocabulary/effects_link.h"
#include "runtime/vocabulary/events_work.h"
#include "runtime/vocabulary/memory.h"
#include "runtime/vocabulary/person.h"
#include "text/utf8.h"

enum { MESSAGE_MAX = 4000, SUBJECT_MAX = 200, TIDY_S = 600 };

/* ---- answers ---- */

static bool take_answer_on(struct sms *sms, uint64_t connection, const struct pdu *question, uint32_t status,
                           const char *id)
{
    return connection >= PROVIDER_CONNECTIONS ? provider_answer(sms->provider, connection, status)
                                              : sms_links_answer(sms->links, connection, question, status, id);
}

uint32_t take_later_status(const struct pdu *question)
{
    return question->command == PDU_submit_sm ? STATUS_QUEUE_FULL : STATUS_LATER;
}

static void take_refuse(struct sms *sms, uint64_t connection, const struct pdu *question, uint32_t status)
{
    bool later = status == take_later_status(question);
    sms->services->count(sms->link, later ? "texts_put_off" : "texts_refused", 1);
    refused_tell(sms->link, sms->services, later ? REFUSED_sms_text_later : REFUSED_sms_text_never, "status 0x%02x",
                 status);
    take_answer_on(sms, connection, question, status, "");
}

/* The job is over. */
static void take_put_off(struct sms *sms, struct sms_job *job)
{
    if (job->connection != 0)
        take_refuse(sms, job->connection, &job->question, take_later_status(&job->question));
    else
        sms->gaps--;
    sms_job_free(job);
}

/* The other side is told that we have it, then the thread notes it. */
static void take_answer(struct sms *sms, struct sms_job *job, uint64_t ixn)
{
    sms->services->count(sms->link, "texts_taken", 1);
    job->kind = SMS_ANSWERED;
    job->ixn = ixn;
    job->now = sms_wall(sms);
    if (job->connection != 0 &&
        !take_answer_on(sms, job->connection, &job->question, STATUS_OK,
                        job->question.command == PDU_submit_sm ? job->message->external_id : ""))
        job->message->part = 0; /* it was not told, and brings it again */
    worker_give(sms->worker, job);
}

/* ---- coming ---- */

static void take_customer(const struct sms *sms, const struct pdu *pdu, char customer[BOOK_NUMBER])
{
    char whole[PDU_NUMBER + 1], number[PERSON_NUMBER];
    bool international = pdu->from.type == 1 && *pdu->from.digits != '+';
    snprintf(whole, sizeof whole, "%s%s", international ? "+" : "", pdu->from.digits);
    bool is = pdu->from.type != 5 && person_number(span_of(whole), sms->setting.country, number);
    text_set(customer, BOOK_NUMBER, is ? number : whole);
}

/* The number of ours that it is to. SMPP says apart whether it is international. */
static bool take_own_number(const struct setting_number *row, const struct pdu *pdu, char own[BOOK_NUMBER])
{
    char number[PDU_NUMBER + 2];
    bool international = pdu->to.type == 1 && *pdu->to.digits != '+';
    snprintf(number, sizeof number, "%s%s", international ? "+" : "", pdu->to.digits);
    return setting_number_write(row, number, own, BOOK_NUMBER);
}

/* NULL: its header is damaged, or a number too long. A message that is no text is shown by its length. */
static struct book_message *take_read(const struct sms *sms, const struct pdu *pdu, const struct setting_number *row)
{
    struct part_place place;
    struct span bytes;
    if (!sms_parts_place(pdu, &place, &bytes)) return NULL;
    struct book_message *message = memory_zeroed(1, sizeof *message);
    GString *text = g_string_new(NULL);
    struct alphabet how = {pdu->coding, place.locking, place.shift};
    bool is_text = (place.total > 1 ? alphabet_part_put : alphabet_to_utf8)(how, bytes.bytes, bytes.length, text);
    if (!is_text) g_string_printf(text, "(a message of %u bytes that is no text)", bytes.length);
    message->text = g_string_free(text, FALSE);
    message->place = place;
    message->now = sms_wall(sms);
    message->journal = sms->services->journal(sms->link);
    take_customer(sms, pdu, message->customer);
    if (take_own_number(row, pdu, message->own)) return message;
    book_message_free(message);
    return NULL;
}

/* A message of one of our numbers is a machine's, or our own: nobody hears of it. */
static void take_begin(struct sms *sms, uint64_t connection, const struct pdu *question, struct book_message *message)
{
    if (setting_number_is_ours(&sms->setting, message->customer)) {
        sms->services->count(sms->link, "own", 1);
        take_answer_on(sms, connection, question, STATUS_OK, "");
        book_message_free(message);
        return;
    }
    struct sms_job *job = sms_job_new(sms, SMS_TAKE);
    job->message = message;
    job->connection = connection;
    job->question = *question;
    worker_give(sms->worker, job);
}

void take_came(struct sms *sms, uint64_t connection, const struct pdu *pdu)
{
    struct receipt receipt;
    const struct setting_number *row = setting_number_of(&sms->setting, pdu->to.digits);
    const struct pdu question = {.command = pdu->command, .sequence = pdu->sequence};
    if (sms_receipt_read(pdu, &receipt)) {
        char from[BOOK_NUMBER] = "";
        if (receipt.unflagged) take_customer(sms, pdu, from);
        text_set(receipt.from, sizeof receipt.from, from);
        give_receipt(sms, &receipt, connection, &question);
        return;
    }
    if (pdu->esm_class & ESM_TYPES) { /* acknowledgements of handsets and the like: nobody asked for them */
        sms_links_answer(sms->links, connection, pdu, STATUS_OK, "");
        return;
    }
    struct book_message *message = row ? take_read(sms, pdu, row) : NULL;
    if (!message || !*message->customer || !sms->services->up(sms->link)) {
        take_refuse(sms, connection, pdu,
                    !row                  ? STATUS_WRONG_DESTINATION
                    : !message            ? STATUS_REFUSED
                    : !*message->customer ? STATUS_WRONG_SOURCE
                                          : take_later_status(pdu));
        book_message_free(message);
        return;
    }
    take_begin(sms, connection, &question, message);
}

void take_provided(struct sms *sms, uint64_t connection, struct book_message *message)
{
    take_begin(sms, connection, &(struct pdu){.command = PDU_deliver_sm}, message);
}

/* ---- Submit ---- */

/* At most so many bytes, up to a whole character. */
struct span take_cut(const char *text, uint32_t most)
{
    return (struct span){(const uint8_t *)text, utf8_cut(text, strlen(text), most)};
}

/* The keys for strategies and desktops; gcx-sms(8) lists them. */
static void take_put_data(struct writer *writer, const struct book_message *message)
{
    struct kv kv;
    kv_init(&kv);
    kv_put_text(&kv, "message", take_cut(message->text, MESSAGE_MAX));
    kv_put_int(&kv, "stored", message->interaction);
    writer_kv(writer, Submit_data, &kv);
    kv_free(&kv);
}

static bool take_submit(struct sms *sms, const struct sms_job *job)
{
    const struct book_message *message = job->message;
    const struct setting_number *row = setting_number_of(&sms->setting, message->own);
    struct writer *writer = &sms->writer;
    assert(message->interaction != 0 && *message->external_id); /* the core is told after the store */
    if (!row) return false;                                     /* the number was taken out of `numbers` meanwhile */
    writer_clear(writer);
    writer_begin(writer, KIND_Submit);
    writer_i(writer, ENVELOPE_at, sms_wall(sms));
    writer_u(writer, ENVELOPE_req, job->req);
    writer_u(writer, Submit_media, media_sms);
    writer_u(writer, Submit_type, submit_type_inbound);
    writer_text(writer, Submit_external_id, message->external_id);
    writer_text(writer, Submit_queue, row->queue);
    writer_text(writer, Submit_from, message->customer);
    writer_list_begin(writer, Submit_to);
    writer_list_text(writer, span_of(message->own));
    writer_list_end(writer);
    writer_bytes(writer, Submit_subject, take_cut(message->text, SUBJECT_MAX));
    writer_i(writer, Submit_received, message->now);
    take_put_data(writer, message);
    return sms->services->post(sms->link, writer_end(writer));
}

static void take_to_core(struct sms *sms, struct sms_job *job)
{
    job->req = ++sms->requests;
    job->begun_us = sms_now(sms);
    if (take_submit(sms, job))
        g_hash_table_insert(sms->pending, &job->req, job);
    else
        take_put_off(sms, job);
}

/* A customer who leaves or comes back hears it once. */
static void take_customer_word(struct sms *sms, const struct book_message *message)
{
    const struct setting *setting = &sms->setting;
    const char *text = message->word == WORDS_STOP    ? setting->stopped
                       : message->word == WORDS_START ? setting->started
                                                      : setting->help;
    sms->services->log(sms->link, GCX_LOG_INFO, 0, 0, "text %s: a word of the customer's: %s", message->external_id,
                       message->word == WORDS_STOP    ? "no more messages"
                       : message->word == WORDS_START ? "messages again"
                                                      : "help");
    if (message->word == WORDS_STOP) give_stopped(sms, message);
    if (message->anew && *text) give_notice(sms, message, text);
    session_word(sms, message);
}

void take_said(struct sms *sms, struct sms_job *job)
{
    if (job->message->said)
        take_answer(sms, job, 0);
    else
        take_put_off(sms, job);
}

/* It belongs to a conversation, or is kept as an interaction of its own. */
static void take_asked(struct sms *sms, struct sms_job *job)
{
    if (session_take(sms, job)) return;
    job->kind = SMS_KEEP;
    worker_give(sms->worker, job);
}

static void take_kept(struct sms *sms, struct sms_job *job)
{
    struct book_message *message = job->message;
    if (!job->good) {
        sms->services->log(sms->link, GCX_LOG_ERROR, 0, 0, "a text is not taken now: contact store: %s",
                           job->error.text);
        take_put_off(sms, job);
        return;
    }
    if (message->arrived == BOOK_ASK || message->arrived == BOOK_SUBMIT) {
        (message->arrived == BOOK_ASK ? take_asked : take_to_core)(sms, job);
        return;
    }
    if (message->arrived == BOOK_WORD) take_customer_word(sms, message);
    take_answer(sms, job, 0);
}

/* If it is put off, the core is asked about it at the next look. One to a number that another adapter has is that
 * one's. */
void take_again(struct sms *sms, struct sms_job *job)
{
    const struct book_message *message = job->message;
    if (!job->good)
        sms->services->log(sms->link, GCX_LOG_WARNING, 0, 0, "text %s: its loss is not mended: %s",
                           message->external_id, job->error.text);
    if (!job->good || !setting_number_of(&sms->setting, message->own)) {
        sms_job_free(job);
        return;
    }
    sms->services->log(sms->link, GCX_LOG_WARNING, 0, 0,
                       "text %s: reconcile: the core has lost it: it is submitted again", message->external_id);
    sms->gaps++;
    take_to_core(sms, job);
}

/* Messages with missing parts: nobody waits for an answer; where the core does not take them they are found again. */
static void take_found(struct sms *sms, struct sms_job *job)
{
    sms->looking = false;
    if (!job->good)
        sms->services->log(sms->link, GCX_LOG_ERROR, 0, 0, "parts of texts are not looked at: contact store: %s",
                           job->error.text);
    for (guint i = 0; i < job->found->len && job->good; i++) {
        struct sms_job *one = sms_job_new(sms, SMS_TAKE);
        one->message = job->found->pdata[i];
        one->good = true;
        job->found->pdata[i] = NULL;
        sms->gaps++;
        take_kept(sms, one);
    }
    sms_job_free(job);
}

void take_done(struct sms *sms, struct sms_job *job)
{
    if (job->kind == SMS_TAKE || job->kind == SMS_KEEP) {
        take_kept(sms, job);
    } else if (job->kind == SMS_GAPS) {
        take_found(sms, job);
    } else {
        assert(job->kind == SMS_ANSWERED);
        if (job->connection == 0) sms->gaps--;
        if (!job->good)
            sms->services->log(sms->link, GCX_LOG_WARNING, job->ixn, 0, "text %s: its answer is not noted: %s",
                               job->message->external_id, job->error.text);
        sms_job_free(job);
    }
}

/* ---- the core ---- */

void take_reply(struct sms *sms, const struct message *reply)
{
    uint64_t req = message_u(reply, ENVELOPE_req);
    struct sms_job *job = g_hash_table_lookup(sms->pending, &req);
    unsigned outcome = (unsigned)message_u(reply, Reply_outcome);
    if (!job) return; /* it was put off already */
    g_hash_table_steal(sms->pending, &req);
    if (outcome == outcome_ok || outcome == outcome_duplicate) {
        sms->services->log(sms->link, GCX_LOG_INFO, message_u(reply, ENVELOPE_ixn), 0, "text %s: %s",
                           job->message->external_id, outcome == outcome_ok ? "submitted" : "it was here before");
        take_answer(sms, job, message_u(reply, ENVELOPE_ixn));
        return;
    }
    sms->services->log(sms->link, GCX_LOG_ERROR, 0, 0, "text %s: the core refuses it: %s", job->message->external_id,
                       enum_name_code(message_u(reply, Reply_code)));
    take_put_off(sms, job);
}

/* An answer that came while the link was down is lost with it: everything is asked again, under the same external
 * ids. */
void take_core_up(struct sms *sms)
{
    GHashTableIter at;
    gpointer value;
    g_hash_table_iter_init(&at, sms->pending);
    while (g_hash_table_iter_next(&at, NULL, &value))
        if (!take_submit(sms, value)) {
            g_hash_table_iter_steal(&at);
            take_put_off(sms, value);
        }
}

void take_tick(struct sms *sms)
{
    GHashTableIter at;
    gpointer value;
    uint64_t now_us = sms_now(sms);
    g_hash_table_iter_init(&at, sms->pending);
    while (g_hash_table_iter_next(&at, NULL, &value)) {
        struct sms_job *job = value;
        if (now_us - job->begun_us < sms->setting.submit_timeout * SMS_SECOND_US) continue;
        g_hash_table_iter_steal(&at);
        take_put_off(sms, job);
    }
    if (sms->looking || sms->gaps > 0 || !sms->services->up(sms->link)) return;
    struct sms_job *job = sms_job_new(sms, SMS_GAPS);
    job->found = g_ptr_array_new_with_free_func(book_message_free);
    job->journal = sms->services->journal(sms->link);
    job->known = sms->seconds++ % TIDY_S == 0; /* the thread tidies up, too */
    sms->looking = true;
    worker_give(sms->worker, job);
}
