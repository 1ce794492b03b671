/* runtime/adapters/email/letters.c - Mails as items of the post office (runtime/post), received and sent. Bytes that
 * come in become items, and the post office's verdicts become SMTP replies. The files of sending.h make the mails to
 * be sent. */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/adapters/email/answer.h"
#include "runtime/adapters/email/email.h"
#include "runtime/adapters/email/said.h"
#include "runtime/adapters/email/sending.h"
#include "runtime/mail/text.h"
#include "runtime/store/store.h"
#include "runtime/vocabulary/bytes.h"
#include "runtime/vocabulary/events_work.h"
#include "runtime/vocabulary/media.h"
#include "base/memory.h"

enum { ADDRESSES_MAX = 12000, MOST_A_SECOND = 1000 };

struct letter {           /* the mail's data of an item of the post office */
    char *bytes, *sender; /* `bytes` are freed once the mail is kept */
    size_t length;
    struct mail *mail;
    struct kept_mail kept;
    uint64_t journal;            /* journal of the core that has the mail which is answered */
    struct email_answer *answer; /* an agent's answer that is submitted again; NULL: a mail that came in */
};

struct letter_asker {
    uint64_t number; /* the office's ticket */
    mail_answer *answer;
    void *self;
    uint64_t ticket;
    size_t length; /* bytes of the mail */
};

static void letter_free(void *body)
{
    struct letter *letter = body;
    if (letter->mail) mail_free(letter->mail);
    email_answer_free(letter->answer);
    free(letter->bytes);
    g_free(letter->sender);
    free(letter);
}

/* ---- it comes ---- */

void email_take(struct email *email, char *bytes, size_t length, const char *sender, const char *own,
                mail_answer *answer, void *answer_self, uint64_t ticket)
{
    struct letter *letter = memory_zeroed(1, sizeof *letter);
    struct letter_asker *asker = memory_zeroed(1, sizeof *asker);
    struct post_item *item = memory_zeroed(1, sizeof *item);
    *letter = (struct letter){.bytes = bytes, .sender = g_strdup(sender), .length = length};
    *asker = (struct letter_asker){++email->asked, answer, answer_self, ticket, length};
    *item = (struct post_item){.place = {.total = 1, .n = 1}, .text = g_strdup(""), .body = letter};
    if (own) text_set(item->own, sizeof item->own, own);
    email->held += length;
    g_hash_table_insert(email->askers, &asker->number, asker);
    office_take(email->office, &(struct post_ticket){.from = asker->number}, item);
}

/* The reply to the mail server for each verdict (RFC 3463). */
static const struct letter_words {
    unsigned code;
    const char *text;
} letter_words[] = {[POST_TAKEN] = {250, "2.0.0 kept"},
                    [POST_LATER] = {451, "4.3.2 it is not taken now, try again later"},
                    [POST_LATER_STORE] = {451, "4.3.0 it cannot be kept now, try again later"},
                    [POST_LATER_CORE] = {451, "4.4.1 the router does not answer, try again later"},
                    [POST_NEVER_KEPT] = {554, "5.6.0 it cannot be kept"},
                    [POST_NEVER_ROUTED] = {554, "5.3.0 it cannot be routed"},
                    [POST_NEVER_READ] = {554, "5.6.0 it cannot be read"}};

static bool letter_answer(void *self, const struct post_ticket *ticket, enum post_verdict verdict, const char *text)
{
    struct email *email = self;
    const struct letter_words *words = &letter_words[verdict];
    struct letter_asker *asker = g_hash_table_lookup(email->askers, &ticket->from);
    (void)text;
    if (!asker) return true;
    g_hash_table_steal(email->askers, &ticket->from);
    email->held -= asker->length;
    asker->answer(asker->self, asker->ticket, words->code, words->text);
    free(asker);
    return true;
}

/* ---- in the post office's thread ---- */

static bool address_is_own(const void *self, const char *address)
{
    return setting_queue(self, address) != NULL;
}

static bool address_is_for_others(const void *self, const char *address)
{
    return setting_for_others(self, address);
}

/* Returns the first recipient that is one of the plugin's addresses, else `otherwise`. */
static const char *letter_own(const struct email_setting *setting, const struct mail *mail, const char *otherwise)
{
    char **const lists[] = {mail->to, mail->cc};
    for (unsigned i = 0; i < 2; i++)
        for (char **one = lists[i]; *one; one++)
            if (setting_queue(setting, *one)) return *one;
    return otherwise;
}

static void letter_parse(const struct email *email, struct post_item *item)
{
    struct letter *letter = item->body;
    letter->mail = mail_read(letter->bytes, letter->length,
                             &(struct mail_setting){.sender = letter->sender,
                                                    .own = address_is_own,
                                                    .for_other = address_is_for_others,
                                                    .self = &email->setting});
    assert(email->setting.count > 0); /* email_setting_read() refuses an empty list */
    if (!*item->own || !setting_queue(&email->setting, item->own))
        text_set(item->own, sizeof item->own, letter_own(&email->setting, letter->mail, email->setting.all[0].address));
}

/* Writes a digest by which a different mail with the same Message-ID is recognized. */
static void letter_digest(const struct mail *mail, char digest[POST_PEER])
{
    GChecksum *sum = g_checksum_new(G_CHECKSUM_SHA256);
    const char *texts[] = {mail->external_id, mail->head, mail->text};
    for (unsigned i = 0; i < G_N_ELEMENTS(texts); i++)
        g_checksum_update(sum, (const guchar *)texts[i], (gssize)strlen(texts[i]) + 1);
    for (size_t i = 0; i < mail->part_count; i++)
        if (!mail->parts[i].made)
            g_checksum_update(sum, (const guchar *)mail->parts[i].bytes, (gssize)mail->parts[i].length);
    g_strlcpy(digest, g_checksum_get_string(sum), POST_PEER);
    g_checksum_free(sum);
}

static void letter_read(const void *self, struct post_item *item)
{
    letter_parse(self, item);
    const struct mail *mail = ((const struct letter *)item->body)->mail;
    letter_digest(mail, item->peer_id);
    text_set(item->customer, sizeof item->customer, mail->from ? mail->from : "");
}

static void letter_news_add(struct post_item *item, const struct post_news *news)
{
    if (!item->news) item->news = g_array_new(FALSE, FALSE, sizeof *news);
    g_array_append_vals(item->news, news, 1);
}

/* A receipt says that a mail of ours was read, or deleted unread. */
static void letter_seen(struct post_item *item, const struct mail *mail, const struct kept_sent *about)
{
    const struct mail_report *report = &mail->report;
    if (about->interaction == 0 || (report->receipt != RECEIPT_READ && report->receipt != RECEIPT_DELETED)) return;
    struct post_news news = {.ixn = about->ixn, .seen = true, .failed = report->receipt == RECEIPT_DELETED};
    const char *to = report->reader ? report->reader : mail->from ? mail->from : "";
    text_set(news.name, sizeof news.name, report->message_id);
    text_set(news.to, sizeof news.to, to);
    letter_news_add(item, &news);
}

/* Reads a report, which says for each recipient of a sent mail what became of it; a failure is shown as not
 * delivered, to whom and why. Reports about mails that were not sent here are ordinary mails, which no machine
 * answers. */
static bool letter_news(struct store *store, struct post_item *item, struct error *error)
{
    const struct mail_report *report = &((const struct letter *)item->body)->mail->report;
    struct kept_sent about = {0};
    bool good = !report->message_id || keep_find_sent(store, item->journal, report->message_id, &about, error);
    for (unsigned i = 0; i < report->count && good && about.interaction != 0; i++) {
        const struct mail_reported *row = &report->recipients[i];
        if (row->fate != MAIL_FAILED && row->fate != MAIL_DELIVERED) continue;
        struct post_news news = {.ixn = report->is ? about.ixn : 0, .failed = row->fate == MAIL_FAILED};
        const char *to = row->to ? row->to : "";
        text_set(news.name, sizeof news.name, report->message_id);
        text_set(news.msg_id, sizeof news.msg_id, about.msg_id);
        text_set(news.to, sizeof news.to, to);
        text_set(news.word, sizeof news.word, row->status);
        for (unsigned alone = 0; alone < 2; alone++)
            sending_receipt_form(report->message_id, to, alone, news.form[alone]);
        letter_news_add(item, &news);
    }
    if (good) letter_seen(item, ((const struct letter *)item->body)->mail, &about);
    return good;
}

/* Notes in the store what a report says; a mail that is delivered after all is shown as accepted again. */
static bool letter_reported(const void *self, struct store *store, const struct post_item *item,
                            const struct post_news *news, struct error *error)
{
    struct kept_sent about;
    (void)self;
    if (!keep_find_sent(store, item->journal, news->name, &about, error)) return false;
    if (news->seen && about.interaction != 0)
        return keep_seen(store, &about, news->name, news->to, !news->failed, item->now, error);
    return about.interaction == 0 || (!news->failed && about.accepted) ||
           keep_told(store, &about, news->to, news->failed ? "failed" : "accepted", news->word, item->now, error);
}

static bool letter_keep(const void *self, struct store *store, struct post_item *item, struct error *error)
{
    (void)self;
    struct letter *letter = item->body;
    struct kept_mail *kept = &letter->kept;
    letter->journal = item->journal;
    if (!letter_news(store, item, error) ||
        !keep_mail(store, letter->mail, letter->bytes, letter->length, item->journal, item->now, kept, error))
        return false;
    text_set(item->external_id, sizeof item->external_id,
             *kept->external_id ? kept->external_id : letter->mail->external_id);
    text_set(item->odd, sizeof item->odd, kept->odd);
    item->interaction = kept->interaction;
    free(letter->bytes);
    letter->bytes = NULL;
    return true;
}

/* Makes the item again from its bytes, as the store has kept them. */
static bool letter_again(const void *self, struct store *store, struct post_item *item, const char **over,
                         struct error *error)
{
    struct letter *letter = item->body = memory_zeroed(1, sizeof *letter);
    bool answered;
    letter->journal = item->journal;
    if (item->agent) {
        letter->answer = email_answer_read(store, item, error);
        if (!letter->answer) *over = POST_NOT_SENT; /* the store does not have the whole answer */
        return letter->answer || error->code == ERROR_NONE;
    }
    if (!keep_is_answered(store, item->interaction, &answered, error)) return false;
    if (answered) *over = "answered";
    if (answered) return true;
    if (!kept_raw(store, item->interaction, &letter->bytes, &letter->length, error)) return false;
    letter_parse(self, item);
    free(letter->bytes);
    letter->bytes = NULL;
    return letter_news(store, item, error) && kept_again(store, item->interaction, item->journal, &letter->kept, error);
}

/* ---- what the core gets ---- */

static void letter_put_text(struct kv *kv, const char *key, const char *text)
{
    if (text && *text) kv_put_text(kv, key, span_of(text));
}

/* Writes those of the addresses that are none of ours: an answer to all goes there, too. Of far too many the first ones
 * are written, each of them whole. */
static void letter_put_others(struct kv *kv, const char *key, const struct email_setting *setting, char *const *all)
{
    GString *text = g_string_new(NULL);
    for (; *all && text->len + strlen(", ") + strlen(*all) <= ADDRESSES_MAX; all++)
        if (!setting_queue(setting, *all)) g_string_append_printf(text, "%s%s", text->len > 0 ? ", " : "", *all);
    letter_put_text(kv, key, text->str);
    g_string_free(text, TRUE);
}

/* Writes to whom an answer to all goes, where these are more than the sender; far too many are left out. */
static void letter_put_fields(struct kv *kv, const struct mail *mail)
{
    bool more = mail->answer_cc && (*mail->answer_cc || mail->reply_to);
    if (!more || strlen(mail->answer_to) + strlen(mail->answer_cc) > ADDRESSES_MAX) return;
    letter_put_text(kv, "answer_to", mail->answer_to);
    letter_put_text(kv, "answer_cc", mail->answer_cc);
}

/* Writes the user data that strategies and desktops get besides the fields of Submit; gcx-email(8) lists the keys. */
static void letter_put_data(struct writer *writer, const struct letter *letter, const struct email_setting *setting)
{
    const struct mail *mail = letter->mail;
    bool reply = mail->references[0] && mail->robot == MAIL_ROBOT_none;
    char *said = reply ? said_unquoted(mail->text) : NULL;
    struct kv kv;
    kv_init(&kv);
    letter_put_text(&kv, "sender_name", mail->for_other ? mail->reply_name : mail->from_name);
    letter_put_text(&kv, "reply_to", mail->reply_to);
    letter_put_others(&kv, "reply_to_more", setting, mail->reply_more);
    letter_put_others(&kv, "to_more", setting, mail->to);
    letter_put_others(&kv, "cc", setting, mail->cc);
    letter_put_text(&kv, "receipt_to", mail->receipt_to);
    letter_put_fields(&kv, mail);
    if (said) letter_put_text(&kv, SUBMITTED_TEXT, said);
    if (mail->robot != MAIL_ROBOT_none) letter_put_text(&kv, "automatic", mail_robot_name(mail->robot));
    kv_put_int(&kv, "attachments", (int64_t)mail->part_count);
    kv_put_int(&kv, "stored", letter->kept.interaction);
    writer_kv(writer, Submit_data, &kv);
    kv_free(&kv);
    g_free(said);
}

/* Writes the address of ours to which the mail was written, and then the others of To. The core keeps the first one:
 * answers come from it, so it is never somebody else's. */
static void letter_put_to(struct writer *writer, const struct post_item *item, const struct email_setting *setting,
                          const struct mail *mail)
{
    const char *own = letter_own(setting, mail, *item->own == '*' ? setting->own_from : item->own);
    writer_list_begin(writer, Submit_to);
    writer_list_text(writer, span_of(own));
    for (char **to = mail->to; *to; to++)
        if (g_ascii_strcasecmp(*to, own) != 0) writer_list_text(writer, span_of(*to));
    writer_list_end(writer);
}

/* Writes the Submit; text and parts are references to the store, never bytes. */
static void letter_submit(void *self, const struct post_item *item, struct writer *writer)
{
    const struct email *email = self;
    const struct letter *letter = item->body;
    const struct mail *mail = letter->mail;
    uint64_t parent = letter->answer ? letter->answer->parent : letter->kept.parent;
    writer_u(writer, Submit_parent, letter->journal == item->journal ? parent : 0);
    if (letter->answer) {
        email_answer_submit(letter->answer, item, writer);
        return;
    }
    if (mail->from) writer_text(writer, Submit_from, mail->from);
    letter_put_to(writer, item, &email->setting, mail);
    if (mail->subject) writer_text(writer, Submit_subject, mail->subject);
    post_body_write(writer, &letter->kept.body);
    writer_text(writer, Submit_thread, mail->thread);
    writer_i(writer, Submit_received, item->now);
    letter_put_data(writer, letter, &email->setting);
    writer_u(writer, Submit_warn, mail->corrupt ? submit_warn_corrupt : mail->cut ? submit_warn_gap : submit_warn_none);
}

/* ---- the way ---- */

const char *email_queue(const struct email *email, const char *address)
{
    return setting_queue(&email->setting, address);
}

static const char *letter_queue(const void *self, const char *own)
{
    return email_queue(self, own);
}

unsigned email_ready(struct email *email)
{
    return email->services->up(email->link) ? 0 : 451;
}

bool email_post(struct email *email)
{
    return office_post(email->office, writer_end(&email->writer));
}

static void letter_second(void *self)
{
    struct email *email = self;
    email->second(email);
}

void letter_rules(const struct email_setting *setting, struct post_rules *rules)
{
    *rules = (struct post_rules){.store = setting->store,
                                 .country = setting->country,
                                 .submit_timeout_s = setting->submit_timeout,
                                 .give_up_s = setting->give_up,
                                 .retry_s = setting->retry,
                                 .resends = true, /* a repeated mail has the same Message-ID */
                                 .in_turn = true, /* if two cores ask for the same mail, it is sent once */
                                 .rate = MOST_A_SECOND};
}

void letters_open(struct email *email)
{
    email->askers = g_hash_table_new_full(g_int64_hash, g_int64_equal, NULL, free);
}

/* Frees the struct; mails that are being received when the process ends are sent again by their servers. */
void letters_free(struct email *email)
{
    g_hash_table_destroy(email->askers);
}

const struct post_way letter_way = {
    .name = "email",
    .media = media_email,
    .kind = STORE_email,
    .noun = "mail",
    .by_peer = REFUSED_email_by_mail_server,
    .by_us = REFUSED_email_by_us,
    .queue = letter_queue,
    .answer = letter_answer,
    .read = letter_read,
    .keep = letter_keep,
    .reported = letter_reported,
    .again = letter_again,
    .submit = letter_submit,
    .body_free = letter_free,
    .not_sent = keep_lost,
    .order = sending_order,
    .divide = sending_divide,
    .forget = sending_forget,
    .write = sending_write,
    .noted = sending_noted,
    .form = sending_form,
    .title = sending_title,
    .hide = sending_hide,
    .room = send_room,
    .busy = send_busy,
    .send = send_one,
    .second = letter_second,
};
