/* runtime/adapters/email/send.c - Owns the mails on their way out: it keeps, submits and reports each. The thread
 * has its own store and its own connection to the mail server; times and answers are the loop's. */
#include "runtime/adapters/email/send.h"

#include <assert.h>
#include <curl/curl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/adapter/worker.h"
#include "runtime/adapters/email/compose.h"
#include "runtime/adapters/email/email.h"
#include "runtime/adapters/email/mime_internal.h"
#include "runtime/adapters/email/text.h"
#include "runtime/store/store.h"
#include "runtime/vocabulary/effects_link.h"
#include "runtime/vocabulary/effects_work.h"
#include "runtime/vocabulary/events_host.h"
#include "runtime/vocabulary/events_work.h"
#include "runtime/vocabulary/ident.h"
#include "runtime/vocabulary/memory.h"
#include "runtime/vocabulary/rows.h"

enum { CONNECT_S = 20, WHOLE_S = 180, PAUSE_MAX_US = 1800000000, SECOND_US = 1000000 };
#define IN_THREAD_MAX 1000
#define ANSWERED_US   UINT64_C(600000000)

enum fate { FATE_NOT_YET, FATE_ACCEPTED, FATE_FAILED, FATE_SUPPRESSED };

struct sending {
    struct send *send;
    uint64_t ixn, ref;
    char *key; /* interaction and msg_id */
    char *msg_id, *message_id, *from, *subject, *text, *reply_to;
    char *answered;    /* Message-ID of the mail that it answers; NULL: `reply_to` */
    char **references; /* of that one; NULL: not looked at */
    uint64_t journal;  /* of the core that asked */
    char *template;    /* the standard response that is the text; empty: none */
    char *release;     /* external id of an agent's reply, which is sent; empty: it is none */
    char **to;
    uint8_t *headers; /* packed pairs */
    uint32_t headers_length;
    int64_t part;    /* of the store, where the text is; 0: it is in `text` */
    GString *digest; /* of that part, hexadecimal, as it was written; empty: it was not said */
    bool automatic, in_thread, cancelled;
    bool left; /* by a core with another journal: not tried again */
    uint64_t begun_us, next_us, pause_us, give_up_us;
    int64_t wall_us;
    /* Made by the thread: */
    enum fate fate;
    char why[300];
    struct kept_sent sent; /* what the store knows of it */
    bool gives_up;         /* it is not tried again, and the store is to be told */
    bool other;            /* the part has another text */
    bool gone_before;      /* the mail server had taken it before it was asked for now */
    GArray *parts;         /* of struct composed_part: what goes out with the text; NULL: not looked at */
};

struct answered { /* an address to which machines wrote */
    uint64_t since_us;
    unsigned count;
};

struct send {
    struct email *email;
    struct store *store;
    struct worker *worker;
    CURL *curl;
    char *password, *url;
    gint ends;            /* atomic: the thread shall come back */
    GHashTable *all;      /* of struct sending, by key */
    GHashTable *answered; /* of struct answered, by address; those of the last ten minutes */
    char *server;         /* host:port of `submission`, for the probe; NULL: it is not set */
    struct probe *probe;
};

static void sending_free(gpointer data)
{
    struct sending *sending = data;
    g_free(sending->key), g_free(sending->msg_id), g_free(sending->message_id), g_free(sending->from);
    g_free(sending->subject), g_free(sending->text), g_free(sending->reply_to), g_free(sending->template);
    g_free(sending->release), g_free(sending->answered);
    g_strfreev(sending->to), g_strfreev(sending->references);
    g_string_free(sending->digest, TRUE);
    g_free(sending->headers);
    if (sending->parts) keep_parts_free(sending->parts);
    free(sending);
}

/* ---- in the thread: the mail server ---- */

struct upload {
    const char *at;
    size_t left;
};

static size_t on_wanted(char *to, size_t size, size_t count, void *self)
{
    struct upload *upload = self;
    size_t some = MIN(upload->left, size * count);
    memcpy(to, upload->at, some);
    upload->at += some;
    upload->left -= some;
    return some;
}

/* The words of the mail server's last refusal: its lines, behind each other, each with the code. */
struct server_words {
    long code;
    GString *words;
    bool more; /* the last line was not the last one of its reply */
};

static size_t send_on_reply(char *line, size_t size, size_t count, void *self)
{
    struct server_words *refusal = self;
    size_t length = size * count;
    if (length < 4 || !g_ascii_isdigit(line[0]) || !g_ascii_isdigit(line[1]) || !g_ascii_isdigit(line[2]))
        return length;
    if (line[0] == '4' || line[0] == '5') {
        char *clean = text_line_of(line, length);
        if (!refusal->more) g_string_truncate(refusal->words, 0);
        g_string_append_printf(refusal->words, "%s%s", refusal->words->len > 0 ? " " : "", clean);
        refusal->code = strtol(clean, NULL, 10);
        refusal->more = line[3] == '-';
        g_free(clean);
    }
    return length;
}

static int send_on_progress(void *self, curl_off_t a, curl_off_t b, curl_off_t c, curl_off_t d)
{
    (void)a, (void)b, (void)c, (void)d;
    return g_atomic_int_get(&((struct send *)self)->ends);
}

static void set_server(struct send *send)
{
    const struct setting *setting = &send->email->setting;
    CURL *curl = send->curl;
    bool insecure = setting_yes(setting->submission_insecure);
    curl_easy_reset(curl);
    curl_easy_setopt(curl, CURLOPT_URL, send->url);
    curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "smtp,smtps");
    curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(curl, CURLOPT_FORBID_REUSE, 1L); /* an old connection may be dead, and its end is waited for */
    curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT, (long)CONNECT_S);
    curl_easy_setopt(curl, CURLOPT_TIMEOUT, (long)WHOLE_S);
    curl_easy_setopt(curl, CURLOPT_USE_SSL, (long)(insecure ? CURLUSESSL_NONE : CURLUSESSL_ALL));
    curl_easy_setopt(curl, CURLOPT_NOPROGRESS, 0L);
    curl_easy_setopt(curl, CURLOPT_XFERINFOFUNCTION, send_on_progress);
    curl_easy_setopt(curl, CURLOPT_XFERINFODATA, send);
    if (*setting->submission_ca) curl_easy_setopt(curl, CURLOPT_CAINFO, setting->submission_ca);
    if (*setting->submission_user) {
        curl_easy_setopt(curl, CURLOPT_USERNAME, setting->submission_user);
        curl_easy_setopt(curl, CURLOPT_PASSWORD, send->password ? send->password : "");
    }
}

/* An answer of 5xx to the mail is for ever; whatever else went wrong may go well later. */
static void read_fate(struct sending *sending, CURLcode result, const char *reason, const struct server_words *refusal)
{
    long code = refusal->code;
    bool about_us =
        result == CURLE_LOGIN_DENIED || result == CURLE_USE_SSL_FAILED || result == CURLE_PEER_FAILED_VERIFICATION;
    sending->fate = result == CURLE_OK                       ? FATE_ACCEPTED
                    : code >= 500 && code < 600 && !about_us ? FATE_FAILED
                                                             : FATE_NOT_YET;
    if (result == CURLE_OK) return;
    const char *words = refusal->words->len > 0 ? refusal->words->str : *reason ? reason : curl_easy_strerror(result);
    snprintf(sending->why, sizeof sending->why, "%s", words);
}

static void send_submit(struct sending *sending, const char *text)
{
    struct send *send = sending->send;
    assert(sending->parts && sending->to[0]); /* complete() has found them */
    char reason[CURL_ERROR_SIZE] = "";
    struct server_words refusal = {.words = g_string_new(NULL)};
    struct composed composed = {sending->message_id,
                                sending->from,
                                sending->to,
                                sending->subject,
                                text,
                                sending->answered ? sending->answered : sending->reply_to,
                                sending->references,
                                {sending->headers, sending->headers_length},
                                sending->automatic,
                                sending->wall_us,
                                (const struct composed_part *)sending->parts->data,
                                sending->parts->len};
    char *mail = compose(&composed);
    struct upload upload = {mail, strlen(mail)};
    struct curl_slist *to = NULL;
    for (char **one = sending->to; *one; one++) to = curl_slist_append(to, *one);
    set_server(send);
    curl_easy_setopt(send->curl, CURLOPT_ERRORBUFFER, reason);
    curl_easy_setopt(send->curl, CURLOPT_MAIL_FROM, sending->from);
    curl_easy_setopt(send->curl, CURLOPT_MAIL_RCPT, to);
    curl_easy_setopt(send->curl, CURLOPT_UPLOAD, 1L);
    curl_easy_setopt(send->curl, CURLOPT_READFUNCTION, on_wanted);
    curl_easy_setopt(send->curl, CURLOPT_READDATA, &upload);
    curl_easy_setopt(send->curl, CURLOPT_HEADERFUNCTION, send_on_reply);
    curl_easy_setopt(send->curl, CURLOPT_HEADERDATA, &refusal);
    read_fate(sending, curl_easy_perform(send->curl), reason, &refusal);
    curl_easy_reset(send->curl); /* it points to what ends here */
    g_string_free(refusal.words, TRUE);
    curl_slist_free_all(to);
    g_free(mail);
}

/* ---- in the thread: the store ---- */

static bool send_add_piece(void *self, struct span piece)
{
    GString *text = self;
    g_string_append_len(text, (const char *)piece.bytes, piece.length);
    return text->len <= MAIL_TEXT_MAX;
}

static void not_yet(struct sending *sending, const struct error *error)
{
    sending->fate = store_again(error) ? FATE_NOT_YET : FATE_FAILED;
    snprintf(sending->why, sizeof sending->why, "contact store: %s", error->text);
}

/* A machine that wrote is not answered by a machine (RFC 3834): taking it in has noted which it was. */
static bool goes_round(struct sending *sending, struct error *error)
{
    bool robot = false;
    if (!sending->automatic || !*sending->reply_to) return false;
    if (!keep_is_robot(sending->send->store, sending->reply_to, &robot, error)) return false;
    return robot;
}

/* The text of the mail: given as text, as a part of the store, or as a standard response, whose subject stands for the
 * mail's. */
static char *whole_text(struct sending *sending, struct error *error)
{
    struct store *store = sending->send->store;
    char *subject, *text;
    if (*sending->template) {
        const char *about = *sending->reply_to ? sending->reply_to : NULL;
        bool good = keep_template(store, sending->template, about, &subject, &text, error);
        if (good && *subject) {
            g_free(sending->subject);
            sending->subject = g_strdup(subject);
        }
        char *copy = good ? g_strdup(text) : NULL;
        free(subject), free(text);
        return copy;
    }
    GString *all = g_string_new(sending->text);
    bool good = sending->part == 0 || (store_owns(store, "", STORE_OF_part, sending->part, error) &&
                                       store_read(store, sending->part, send_add_piece, all, error));
    return g_string_free(all, !good);
}

static char *all_to(const struct sending *sending)
{
    return g_strjoinv(", ", sending->to);
}

/* The mail's result, where agents look. The mail itself is not told again because of an error here. */
static void note_fate(struct sending *sending, const char *result)
{
    struct error error = {0};
    if (sending->sent.interaction == 0) return;
    char *to = all_to(sending);
    if (!keep_told(sending->send->store, &sending->sent, to, result, sending->why, sending->wall_us, &error)) {
        size_t length = strlen(sending->why);
        snprintf(sending->why + length, sizeof sending->why - length, "%scontact store: %s", length > 0 ? "; " : "",
                 error.text);
    }
    g_free(to);
}

static void send_text(struct sending *sending, const char *text)
{
    struct send *send = sending->send;
    struct error error = {0};
    struct outgoing outgoing = {.journal = sending->journal,
                                .ixn = sending->ixn,
                                .msg_id = sending->msg_id,
                                .message_id = sending->message_id,
                                .from = sending->from,
                                .to = sending->to[0],
                                .subject = sending->subject,
                                .text = text,
                                .reply_to = sending->reply_to,
                                .release = sending->release,
                                .by_agent = *sending->release != 0};
    char *message_id;
    bool good = keep_outgoing(send->store, &outgoing, sending->wall_us, &sending->sent, &message_id, &error);
    if (message_id) {
        g_free(sending->message_id);
        sending->message_id = message_id;
    }
    if (!good) {
        not_yet(sending, &error);
        return;
    }
    sending->fate = FATE_ACCEPTED;
    sending->gone_before = sending->sent.accepted;
    if (sending->gone_before) return;
    send_submit(sending, text);
    note_fate(sending, sending->fate == FATE_ACCEPTED ? "accepted"
                       : sending->fate == FATE_FAILED ? "failed"
                                                      : "not yet");
}

/* An answer comes from the address of ours that was written to. */
static void take_sender(struct sending *sending, const struct mail *mail)
{
    const struct setting *setting = &sending->send->email->setting;
    for (unsigned i = 0; i < 2 && mail; i++)
        for (char **to = i == 0 ? mail->to : mail->cc; *to && !*sending->from; to++)
            if (setting_queue(setting, *to)) {
                g_free(sending->from);
                sending->from = g_strdup(*to);
            }
    if (*sending->from) return;
    g_free(sending->from);
    sending->from = g_strdup(setting->own_from);
}

/* The mail that is answered, as it came: by which name it is known outside, what it refers to, and to whom it went. */
static bool find_answered(struct sending *sending, struct error *error)
{
    GString *head = g_string_new(NULL);
    bool good = !*sending->reply_to || keep_raw_head(sending->send->store, sending->reply_to, head, error);
    struct mail *mail = head->len > 0 ? mail_read(head->str, head->len, &(struct mail_setting){.sender = ""}) : NULL;
    if (good) {
        g_strfreev(sending->references), g_free(sending->answered);
        sending->references = mail ? g_strdupv(mail->references) : g_new0(char *, 1);
        sending->answered = mail ? g_strdup(mail->message_id) : NULL;
        take_sender(sending, mail);
    }
    mail_free(mail);
    g_string_free(head, TRUE);
    return good;
}

static void see_digest(void *self, const struct store_part_shown *shown)
{
    struct sending *sending = self;
    sending->other = shown->digest.length > 0 && !span_is(shown->digest, sending->digest->str);
}

/* A store that was put back from before the text was written gives the part's number to somebody else's words. */
static bool part_is_the_text(struct sending *sending, struct error *error)
{
    assert(sending->part != 0);
    sending->other = false;
    if (!store_owns(sending->send->store, "", STORE_OF_part, sending->part, error)) return false;
    if (sending->digest->len == 0) return true;
    if (!store_part(sending->send->store, sending->part, see_digest, sending, error)) return false;
    if (!sending->other) return true;
    return error_set(error, ERROR_UNKNOWN, "part %lld is not what was written: the store was put back from before it",
                     (long long)sending->part);
}

/* Facts that the store knows and the core has not said: the mail that is answered, the sender, the parts that go with
 * it. */
static bool complete(struct sending *sending, struct error *error)
{
    struct store *store = sending->send->store;
    char *answered = NULL;
    if (sending->parts) return true;
    if (*sending->release && !keep_answered(store, sending->release, &answered, error)) return false;
    if (answered) { /* the core's number of it may be another one's, since its journal began anew */
        g_free(sending->reply_to);
        sending->reply_to = answered;
    }
    if (!sending->references && !find_answered(sending, error)) return false;
    GArray *parts = g_array_new(FALSE, FALSE, sizeof(struct composed_part));
    if (sending->part == 0 ||
        (part_is_the_text(sending, error) &&
         keep_parts_beside(store, sending->part, sending->send->email->setting.size, parts, error))) {
        sending->parts = parts;
        return true;
    }
    keep_parts_free(parts);
    return false;
}

static void send_work(void *self, void *job)
{
    struct sending *sending = job;
    struct error error = {0};
    char *text = NULL;
    (void)self;
    if (sending->gives_up) {
        note_fate(sending, "failed");
        return;
    }
    sending->why[0] = 0;
    if (goes_round(sending, &error)) {
        sending->fate = FATE_SUPPRESSED;
        snprintf(sending->why, sizeof sending->why, "a machine wrote, and is not answered by one");
    } else if (error.code != ERROR_NONE || !complete(sending, &error) || !(text = whole_text(sending, &error)))
        not_yet(sending, &error);
    else
        send_text(sending, text);
    g_free(text);
}

/* ---- in the loop ---- */

/* Nothing was sent, so that nothing goes round in circles: the step's exit `suppressed`. */
static bool tell_suppressed(struct send *send, const struct sending *sending)
{
    struct writer *writer = &send->email->writer;
    writer_clear(writer);
    writer_begin(writer, KIND_EventDone);
    writer_u(writer, ENVELOPE_ixn, sending->ixn);
    writer_u(writer, ENVELOPE_ref, sending->ref);
    writer_u(writer, EventDone_outcome, outcome_error);
    writer_u(writer, EventDone_code, code_suppressed);
    writer_text(writer, EventDone_text, sending->why);
    return email_post(send->email);
}

static bool send_tell(struct send *send, const struct sending *sending)
{
    struct email *email = send->email;
    struct writer *writer = &email->writer;
    bool accepted = sending->fate == FATE_ACCEPTED;
    if (sending->fate == FATE_SUPPRESSED) return tell_suppressed(send, sending);
    writer_clear(writer);
    writer_begin(writer, KIND_EventDelivery);
    writer_u(writer, ENVELOPE_ixn, sending->ixn);
    writer_u(writer, ENVELOPE_ref, sending->ref);
    writer_i(writer, ENVELOPE_at, (int64_t)email->services->wall_us(email->link));
    writer_text(writer, EventDelivery_msg_id, sending->msg_id);
    if (sending->to[0]) writer_text(writer, EventDelivery_to, sending->to[0]);
    writer_u(writer, EventDelivery_state, accepted ? delivery_accepted : delivery_failed);
    if (accepted) writer_text(writer, EventDelivery_peer_id, sending->message_id);
    if (!accepted) writer_u(writer, EventDelivery_cause, cause_refused);
    writer_u(writer, EventDelivery_final, !accepted);
    if (!accepted) writer_text(writer, EventDelivery_text, sending->why);
    return email_post(email);
}

/* Words of mail servers repeat addresses, which the log does not tell. */
static void log_fate(const struct sending *sending, int level, const char *what)
{
    struct email *email = sending->send->email;
    GString *words = g_string_new(sending->why);
    for (char **one = sending->to; *one; one++) g_string_replace(words, *one, "...", 0);
    email->services->log(email->link, level, sending->ixn, 0, "mail %s: %s%s%s", sending->message_id, what,
                         words->len > 0 ? ": " : "", words->str);
    g_string_free(words, TRUE);
}

/* Tells the core, and forgets it; where nothing can be told now it is told later. */
static void send_settle(struct send *send, struct sending *sending)
{
    assert(!sending->in_thread && (sending->fate != FATE_NOT_YET || sending->cancelled));
    struct email *email = send->email;
    if (!sending->cancelled && !send_tell(send, sending)) {
        sending->next_us = email->services->now_us(email->link) + SECOND_US;
        return;
    }
    log_fate(sending, sending->fate == FATE_ACCEPTED ? GCX_LOG_INFO : GCX_LOG_WARNING,
             sending->fate == FATE_SUPPRESSED ? "not sent"
             : sending->fate != FATE_ACCEPTED ? "not delivered"
             : sending->sent.before ? "not sent again: it went out for another interaction, whose state was lost"
             : sending->gone_before ? "not sent again: the mail server has taken it before"
                                    : "the mail server has taken it");
    if (!sending->cancelled)
        email->services->count(email->link, sending->fate == FATE_ACCEPTED ? "mails_sent" : "mails_failed", 1);
    g_hash_table_remove(send->all, sending->key);
}

/* It is not tried again: the thread notes it once more. */
static void send_give_up(struct sending *sending)
{
    assert(!sending->in_thread); /* the thread has it once */
    sending->gives_up = true;
    sending->fate = FATE_FAILED;
    sending->in_thread = true;
    worker_give(sending->send->worker, sending);
}

static void send_done(void *self, void *job)
{
    struct send *send = self;
    struct email *email = send->email;
    struct sending *sending = job;
    assert(sending->in_thread);
    uint64_t now_us = email->services->now_us(email->link);
    sending->in_thread = false;
    if (sending->fate == FATE_NOT_YET) probe_now(send->probe);
    if (sending->fate == FATE_NOT_YET && !sending->cancelled && now_us < sending->give_up_us) {
        char what[40];
        snprintf(what, sizeof what, "again in %llu s", (unsigned long long)(sending->pause_us / SECOND_US));
        sending->next_us = now_us + sending->pause_us;
        log_fate(sending, GCX_LOG_WARNING, what);
        sending->pause_us = MIN(sending->pause_us * 2, (uint64_t)PAUSE_MAX_US * 2);
    } else if (sending->fate == FATE_NOT_YET && !sending->left)
        send_give_up(sending);
    else
        send_settle(send, sending);
}

static void send_dropped(void *self, void *job)
{
    (void)self, (void)job; /* send->all has it */
}

static gboolean answered_is_old(gpointer key, gpointer value, gpointer now_us)
{
    (void)key;
    return *(uint64_t *)now_us - ((struct answered *)value)->since_us > ANSWERED_US;
}

void send_tick(struct send *send)
{
    struct email *email = send->email;
    uint64_t now_us = email->services->now_us(email->link);
    g_hash_table_foreach_remove(send->answered, answered_is_old, &now_us);
    int64_t oldest_us = (int64_t)email->services->wall_us(email->link), began_us = oldest_us;
    GList *all = g_hash_table_get_values(send->all);
    for (GList *at = all; at; at = at->next) {
        struct sending *sending = at->data;
        if (sending->wall_us < oldest_us) oldest_us = sending->wall_us;
        if (sending->in_thread || now_us < sending->next_us) continue;
        if (sending->fate == FATE_NOT_YET && sending->cancelled)
            send_give_up(sending);
        else if (sending->fate != FATE_NOT_YET)
            send_settle(send, sending);
        else if (worker_waiting(send->worker) < IN_THREAD_MAX) {
            sending->in_thread = true;
            worker_give(send->worker, sending);
        }
    }
    g_list_free(all);
    email->services->figure(email->link, "mails_waiting", (int64_t)g_hash_table_size(send->all));
    email->services->figure(email->link, "mails_oldest", (began_us - oldest_us) / SECOND_US);
}

/* A mail that waits for the mail server need not wait for its pause: it is there again. */
static void send_again(void *self)
{
    struct send *send = self;
    GHashTableIter at;
    gpointer value;
    g_hash_table_iter_init(&at, send->all);
    while (g_hash_table_iter_next(&at, NULL, &value)) {
        struct sending *sending = value;
        if (sending->in_thread || sending->fate != FATE_NOT_YET) continue;
        sending->next_us = 0;
        sending->pause_us = send->email->setting.retry * SECOND_US;
    }
    send_tick(send);
}

static bool server_there(void *self, char *why, size_t why_size)
{
    return probe_connects(((struct send *)self)->server, why, why_size);
}

/* ---- what the core asks ---- */

static char *send_effect_text(const struct message *effect, unsigned field)
{
    struct span text = message_text(effect, field);
    return g_strndup(text.length > 0 ? (const char *)text.bytes : "", text.length);
}

/* Addresses that are none are left out; of ours none is written to by a machine. */
static char **recipients(const struct message *effect)
{
    GPtrArray *to = g_ptr_array_new();
    uint32_t at = 0;
    struct span one;
    while (message_next_text(message_text(effect, SendMessage_to), &at, &one) && to->len < MAIL_RECIPIENTS_MAX) {
        char *text = g_strndup((const char *)one.bytes, one.length), *good = address_good(text);
        if (good) g_ptr_array_add(to, good);
        g_free(text);
    }
    g_ptr_array_add(to, NULL);
    return (char **)g_ptr_array_free(to, FALSE);
}

static int64_t send_part(const struct message *effect, GString *digest)
{
    struct message blob;
    if (!message_has(effect, SendMessage_body)) return 0;
    message_record(&blob, row_of_record(TYPE_ONE_BLOB), message_text(effect, SendMessage_body));
    char *key = send_effect_text(&blob, Blob_key);
    int64_t part = g_ascii_strtoll(key, NULL, 10);
    struct span bytes = message_text(&blob, Blob_sha256);
    size_t length = digest->len;
    g_string_set_size(digest, length + 2 * bytes.length);
    hex_print(bytes.bytes, bytes.length, digest->str + length);
    g_free(key);
    return part;
}

/* `automatic`: the core names so what a step of a strategy sends; `release`: and so an agent's reply. No header has
 * these names. Freed by g_free(). */
static char *send_header_said(struct span headers, const char *name)
{
    struct kv_value value;
    bool is = headers.length > 0 && kv_get(headers, name, &value) && value.tag == KV_TEXT;
    return is ? g_strndup((const char *)value.span.bytes, value.span.length) : g_strdup("");
}

static void add_field(GChecksum *sum, struct span bytes)
{
    guint32 length = g_htonl(bytes.length);
    g_checksum_update(sum, (const guchar *)&length, sizeof length);
    if (bytes.length > 0) g_checksum_update(sum, bytes.bytes, bytes.length);
}

/* The digest of what the core asks to be sent, before anything is filled in. */
static char *send_content(const struct message *effect, const unsigned *fields, size_t count)
{
    GChecksum *sum = g_checksum_new(G_CHECKSUM_SHA256);
    for (size_t i = 0; i < count; i++) add_field(sum, message_text(effect, fields[i]));
    char *digest = g_strdup(g_checksum_get_string(sum));
    g_checksum_free(sum);
    return digest;
}

/* A mail that an agent has written is known by its own id, whichever core releases it; other mails by the core's
 * numbers, which another journal gives anew. Each with its content: the same numbers come again, too, where an older
 * state was restored. */
static char *message_id_of(const struct sending *sending, const struct message *effect)
{
    static const unsigned whole[] = {SendMessage_to,   SendMessage_subject,  SendMessage_text,
                                     SendMessage_body, SendMessage_template, SendMessage_reply_to};
    const char *domain = sending->send->email->setting.own_domain;
    bool released = *sending->release != 0;
    char *content = send_content(effect, whole, released ? G_N_ELEMENTS(whole) - 2 : G_N_ELEMENTS(whole));
    char *name = released ? g_strdup_printf("release %s", sending->release)
                          : g_strdup_printf("%016" G_GINT64_MODIFIER "x %016" G_GINT64_MODIFIER "x %s",
                                            sending->journal, sending->ixn, sending->msg_id);
    char *id = compose_message_id(name, content, domain);
    g_free(content), g_free(name);
    return id;
}

static void prefix_subject(struct sending *sending)
{
    if (!*sending->reply_to || g_ascii_strncasecmp(sending->subject, "re:", 3) == 0) return;
    char *subject = g_strconcat("Re: ", sending->subject, NULL);
    g_free(sending->subject);
    sending->subject = subject;
}

static struct sending *sending_new(struct send *send, const struct message *effect)
{
    struct email *email = send->email;
    struct sending *sending = memory_zeroed(1, sizeof *sending);
    struct span headers = message_text(effect, SendMessage_headers);
    uint64_t now_us = email->services->now_us(email->link);
    int64_t expires = message_i(effect, SendMessage_expires);
    sending->send = send;
    sending->ixn = message_u(effect, ENVELOPE_ixn);
    sending->ref = message_u(effect, ENVELOPE_ref);
    sending->msg_id = send_effect_text(effect, SendMessage_msg_id);
    sending->journal = email->services->journal(email->link);
    sending->from = send_effect_text(effect, SendMessage_from);
    sending->subject = send_effect_text(effect, SendMessage_subject);
    sending->text = send_effect_text(effect, SendMessage_text);
    sending->reply_to = send_effect_text(effect, SendMessage_reply_to);
    sending->to = recipients(effect);
    sending->headers = g_memdup2(headers.bytes, headers.length);
    sending->headers_length = headers.length;
    sending->digest = g_string_new(NULL);
    sending->part = send_part(effect, sending->digest);
    sending->template = send_effect_text(effect, SendMessage_template);
    sending->release = send_header_said(headers, "release");
    sending->message_id = message_id_of(sending, effect);
    sending->key =
        g_strdup_printf("%llx %s %s", (unsigned long long)sending->ixn, sending->msg_id, sending->message_id);
    char *automatic = send_header_said(headers, "automatic");
    sending->automatic = *sending->template || *automatic;
    g_free(automatic);
    prefix_subject(sending);
    sending->wall_us = (int64_t)email->services->wall_us(email->link);
    sending->pause_us = email->setting.retry * SECOND_US;
    sending->give_up_us = now_us + (expires > 0 ? (uint64_t)expires : email->setting.give_up * SECOND_US);
    char *from = address_good(sending->from);
    g_free(sending->from);
    sending->from = from ? from : g_strdup("");
    return sending;
}

static void end_at_once(struct sending *sending, enum fate fate, const char *why)
{
    sending->fate = fate;
    snprintf(sending->why, sizeof sending->why, "%s", why);
    send_settle(sending->send, sending);
}

/* Machines write to an address so often in ten minutes, and then no more: the other side may be one, too. */
static bool too_often(struct send *send, const char *address)
{
    uint64_t now_us = send->email->services->now_us(send->email->link);
    struct answered *answered = g_hash_table_lookup(send->answered, address);
    if (!answered) {
        answered = memory_zeroed(1, sizeof *answered);
        answered->since_us = now_us;
        g_hash_table_insert(send->answered, g_strdup(address), answered);
    }
    return ++answered->count > send->email->setting.answers;
}

void send_message(struct send *send, const struct message *effect)
{
    struct sending *sending = sending_new(send, effect), *before = g_hash_table_lookup(send->all, sending->key);
    if (before) { /* asked again: it is on its way */
        before->ref = sending->ref;
        before->journal = sending->journal;
        before->cancelled = before->left = false;
        sending_free(sending);
        return;
    }
    g_hash_table_insert(send->all, sending->key, sending);
    if (!*send->email->setting.submission)
        end_at_once(sending, FATE_FAILED, "`submission` is not set");
    else if (!sending->to[0])
        end_at_once(sending, FATE_FAILED, "it has no address to go to");
    else if (sending->automatic && email_queue(send->email, sending->to[0]))
        end_at_once(sending, FATE_SUPPRESSED, "the address is one of ours, and a machine wrote it");
    else if (sending->automatic && too_often(send, sending->to[0]))
        end_at_once(sending, FATE_SUPPRESSED, "machines wrote to the address too often in ten minutes");
    else if (worker_waiting(send->worker) < IN_THREAD_MAX) {
        sending->in_thread = true;
        worker_give(send->worker, sending);
    } /* else send_tick() */
}

/* A core with another journal has not asked for what is under way here: told by the ids of before, it would take it for
 * a mail of its own that has the same ids. The store is not told of it, as the same mail may be asked for again. */
void send_core_up(struct send *send)
{
    struct email *email = send->email;
    uint64_t journal = email->services->journal(email->link);
    GList *all = g_hash_table_get_values(send->all);
    for (GList *at = all; at; at = at->next) {
        struct sending *sending = at->data;
        if (sending->journal == journal) continue;
        sending->cancelled = sending->left = true;
        if (!sending->in_thread) send_settle(send, sending);
    }
    g_list_free(all);
}

void send_cancel(struct send *send, const struct message *effect)
{
    GHashTableIter at;
    gpointer value;
    g_hash_table_iter_init(&at, send->all);
    while (g_hash_table_iter_next(&at, NULL, &value)) {
        struct sending *sending = value;
        if (sending->ixn == message_u(effect, ENVELOPE_ixn) && sending->ref == message_u(effect, Cancel_of))
            sending->cancelled = true;
    }
}

/* ---- coming and going ---- */

struct send *send_new(struct email *email, struct event_base *base, char *why, size_t why_size)
{
    struct send *send = memory_zeroed(1, sizeof *send);
    struct worker_calls calls = {send, send_work, send_done, send_dropped};
    struct error error;
    send->email = email;
    send->all = g_hash_table_new_full(g_str_hash, g_str_equal, NULL, sending_free);
    send->answered = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, free);
    send->url = g_strdup_printf("%s/%s", email->setting.submission, email->setting.own_domain);
    send->curl = curl_easy_init();
    send->store = store_open(email->setting.store, &(struct store_options){.country = email->setting.country}, &error);
    if (!send->store) snprintf(why, why_size, "store: %s", error.text);
    if (send->store && setting_password(email->setting.submission_password_file, "submission_password_file",
                                        &send->password, why, why_size)) {
        send->worker = worker_new(base, &calls);
        send->server = setting_address(email->setting.submission);
        if (send->server)
            send->probe = probe_new(email->link, email->services, "submission",
                                    &(struct probe_calls){send, server_there, send_again});
        if (send->worker && send->curl && (!send->server || send->probe)) return send;
        snprintf(why, why_size, "no thread or memory can be had");
    }
    send_free(send);
    return NULL;
}

void send_free(struct send *send)
{
    if (!send) return;
    g_atomic_int_set(&send->ends, 1);
    probe_free(send->probe);
    worker_free(send->worker);
    g_hash_table_destroy(send->all);
    g_hash_table_destroy(send->answered);
    if (send->curl) curl_easy_cleanup(send->curl);
    if (send->store) store_close(send->store);
    free(send->password);
    g_free(send->url);
    free(send->server);
    free(send);
}
