/* runtime/adapters/mms/gate.c - MM4: receives messages from a mail server, and sends by mail the answers that some
 * messages ask for.
 *
 * The thread that sends the answers waits for the mail server, which may take minutes. That thread is not the post
 * office's, which keeps messages meanwhile. */
#include <assert.h>
#include <curl/curl.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/adapter/address.h"
#include "runtime/adapter/probe.h"
#include "runtime/adapter/robots.h"
#include "runtime/adapter/worker.h"
#include "runtime/adapters/mms/mms.h"
#include "base/memory.h"
#include "base/why.h"

#define MM4_VERSION "6.10.0"

/* ---- what comes ---- */

static unsigned gate_on_begins(void *self)
{
    struct mms *mms = self;
    if (mms_may_come(mms, 0)) return 0;
    mms->services->count(mms->link, "messages_put_off", 1);
    return 451;
}

static unsigned gate_on_recipient(void *self, const char *address)
{
    struct mms *mms = self;
    char *number = g_strndup(address, strcspn(address, "/@"));
    bool ours = numbers_find(&mms->setting.own_numbers, number) != NULL;
    g_free(number);
    if (!ours) mms->services->count(mms->link, "messages_refused", 1);
    return ours ? 0 : 550;
}

/* Takes a message; one to several of the plugin's numbers is one interaction, in the queue of the first. */
static void gate_on_mail(void *self, uint64_t ticket, const struct dialogue_mail *mail)
{
    struct mms *mms = self;
    struct mms_job *job = mms_job_new(mms);
    assert(mail->count > 0);
    job->mm4 = true;
    job->ticket = ticket;
    job->sender = g_strdup(mail->sender);
    job->to = g_strdup(mail->recipients[0]);
    job->bytes = mail->bytes ? mail->bytes : memory_zeroed(1, 1); /* an empty mail has no bytes */
    job->length = mail->length;
    mms_take(job);
}

static void gate_refuse(struct mms *mms, uint64_t ticket, enum mms_what what)
{
    if (what == MMS_UNKNOWN)
        receive_answer(mms->receive, ticket, 550, "5.1.1 there is no such number here");
    else if (what == MMS_TOO_MUCH)
        receive_answer(mms->receive, ticket, 552, "5.3.4 it has too many parts or headers");
    else
        receive_answer(mms->receive, ticket, 554, "5.6.0 it cannot be read");
}

void mms_gate_answer(struct mms *mms, uint64_t ticket, const struct mms_message *message, enum mms_verdict verdict)
{
    if (!mms->receive) return;
    switch (verdict) {
    case MMS_TAKEN:
        receive_answer(mms->receive, ticket, 250, "2.0.0 kept");
        return;
    case MMS_LATER:
        receive_answer(mms->receive, ticket, 451, "4.3.2 it is not taken now, try again later");
        return;
    case MMS_REFUSED:
        gate_refuse(mms, ticket, message->what);
        return;
    }
}

/* ---- what goes ---- */

static bool gate_is_ours(void *self, const char *address)
{
    const struct mms *mms = self;
    char form[PERSON_MAX + 1];
    bool phone, ours = g_ascii_strcasecmp(address, mms->setting.mm4_from) == 0;
    return ours || (mms_address(&mms->setting, address, form, &phone) && phone &&
                    numbers_are_ours(&mms->setting.own_numbers, form));
}

struct gate_owed { /* an answer by mail; after it the mail server is told that the message was taken */
    uint64_t ticket;
    int64_t by_us; /* by GLib's monotonic clock: the answer is given up after that */
    struct mms_message *message;
    bool good;
    char why[100];
};

static void gate_owed_free(struct gate_owed *owed)
{
    mms_message_free(owed->message);
    free(owed);
}

/* Must the other gateway get an answer? Anybody may have written the address for it, so the limit that keeps
 * machines from answering each other applies. If the process ends before the answer is sent, the mail server sends
 * the message again, and the answer is sent then. */
bool mms_gate_owes_answer(struct mms *mms, struct mms_job *job)
{
    struct mms_message *message = job->message;
    bool owes = mms->sender && job->mm4 && message->what == MMS_MESSAGE && message->answer_to;
    const char *why = owes ? robots_refusal(mms->robots, message->answer_to, mms->services->now_us(mms->link)) : NULL;
    if (why) {
        mms->services->count(mms->link, "answers_failed", 1);
        mms->services->log(mms->link, GCX_LOG_WARNING, 0, 0, "message %s: its answer is not sent: %s",
                           message->external_id, why);
    }
    if (!owes || why) return false;
    struct gate_owed *owed = memory_zeroed(1, sizeof *owed);
    *owed = (struct gate_owed){
        job->ticket, g_get_monotonic_time() + (int64_t)mms->setting.answer_timeout * MMS_SECOND_US, message, false, ""};
    job->message = NULL;
    worker_give(mms->sender, owed);
    return true;
}

/* Returns the text of the answer; all values are lines without < and >, as mms_read_mm4() accepts no others. */
static char *gate_answer_text(const struct mms *mms, const struct mms_message *message)
{
    return g_strdup_printf("From: <%s>\r\nTo: <%s>\r\nAuto-Submitted: auto-replied\r\n"
                           "X-Mms-3GPP-MMS-Version: " MM4_VERSION "\r\nX-Mms-Message-Type: MM4_forward.RES\r\n"
                           "X-Mms-Transaction-ID: \"%s\"\r\nX-Mms-Message-ID: \"%s\"\r\n"
                           "X-Mms-Request-Status-Code: Ok\r\n\r\n",
                           mms->setting.mm4_from, message->answer_to, message->transaction ? message->transaction : "",
                           message->message_id ? message->message_id : "");
}

/* Returns a connection to the mail server for answers; the caller frees it. */
static CURL *gate_server(const struct mms *mms, long left_ms)
{
    bool plain = setting_yes(mms->setting.insecure) || address_says_loopback(mms->setting.mm4_answers + 7);
    CURL *curl = curl_easy_init();
    if (!curl) abort();
    curl_easy_setopt(curl, CURLOPT_URL, mms->setting.mm4_answers);
    curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "smtp");
    curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(curl, CURLOPT_TIMEOUT_MS, left_ms);
    curl_easy_setopt(curl, CURLOPT_USE_SSL, (long)(plain ? CURLUSESSL_NONE : CURLUSESSL_ALL));
    return curl;
}

/* Connects to the mail server, with its handshake; runs in the probe's thread. */
static bool gate_server_there(void *self, bool thorough, char *why, size_t why_size)
{
    enum { GREET_MS = 10000 };
    CURL *curl = gate_server(self, GREET_MS);
    (void)thorough;
    curl_easy_setopt(curl, CURLOPT_CONNECT_ONLY, 1L);
    CURLcode code = curl_easy_perform(curl);
    curl_easy_cleanup(curl);
    return code == CURLE_OK || why_set(why, why_size, "%s", curl_easy_strerror(code));
}

static CURLcode gate_perform(const struct mms *mms, const struct mms_message *message, char *text, long left_ms)
{
    FILE *upload = fmemopen(text, strlen(text), "r"); /* libcurl reads the text by fread() */
    struct curl_slist *to = curl_slist_append(NULL, message->answer_to);
    CURL *curl = gate_server(mms, left_ms);
    if (!to || !upload) abort();
    curl_easy_setopt(curl, CURLOPT_MAIL_FROM, mms->setting.mm4_from);
    curl_easy_setopt(curl, CURLOPT_MAIL_RCPT, to);
    curl_easy_setopt(curl, CURLOPT_UPLOAD, 1L);
    curl_easy_setopt(curl, CURLOPT_READDATA, upload);
    CURLcode code = curl_easy_perform(curl);
    curl_easy_cleanup(curl);
    curl_slist_free_all(to);
    fclose(upload);
    return code;
}

/* Sends an answer; runs in the sender's thread. Each answer has its own deadline (`by_us`), so several answers to a
 * silent mail server end together, not one after another. If a mail server does not reply, the time of each answer ends
 * by itself, and not one after the other. */
static void gate_send(void *self, void *given)
{
    const struct mms *mms = self;
    struct gate_owed *owed = given;
    char *text = gate_answer_text(mms, owed->message);
    long left_ms = (long)((owed->by_us - g_get_monotonic_time()) / 1000);
    CURLcode code = left_ms > 0 ? gate_perform(mms, owed->message, text, left_ms) : CURLE_OPERATION_TIMEDOUT;
    owed->good = code == CURLE_OK;
    if (!owed->good) g_strlcpy(owed->why, curl_easy_strerror(code), sizeof owed->why);
    g_free(text);
}

/* The answer was sent or given up. The message is taken in any case: a gateway that misses the answer asks again. */
static void gate_sent(void *self, void *given)
{
    struct mms *mms = self;
    struct gate_owed *owed = given;
    mms->services->count(mms->link, owed->good ? "answers_sent" : "answers_failed", 1);
    if (!owed->good)
        mms->services->log(mms->link, GCX_LOG_WARNING, 0, 0, "message %s: its answer is not sent: %s",
                           owed->message->external_id, owed->why);
    mms_gate_answer(mms, owed->ticket, owed->message, MMS_TAKEN);
    gate_owed_free(owed);
}

static void gate_dropped(void *self, void *owed)
{
    (void)self;
    gate_owed_free(owed);
}

/* ---- a life ---- */

static bool gate_listen(struct mms *mms, char *why, size_t why_size)
{
    struct address address;
    char reason[200];
    unsigned port;
    const struct mms_setting *setting = &mms->setting;
    if (!address_parse(&address, setting->mm4, reason, sizeof reason)) return why_set(why, why_size, "mm4: %s", reason);
    if (!receive_listen(mms->receive, &address, false, &port))
        return why_set(why, why_size, "mm4: %s: %s", setting->mm4, strerror(errno));
    mms->services->log(mms->link, GCX_LOG_INFO, 0, 0, "mm4: port %u", port);
    return !*setting->mm4_port_file || address_port_tell(setting->mm4_port_file, port) ||
           why_set(why, why_size, "mm4_port_file: %s: %s", setting->mm4_port_file, strerror(errno));
}

bool mms_gate_open(struct mms *mms, struct event_base *base, char *why, size_t why_size)
{
    const struct mms_setting *setting = &mms->setting;
    struct receive_calls calls = {mms, gate_on_begins, gate_on_recipient, gate_on_mail, mms->link, mms->services};
    struct worker_calls sends = {mms, gate_send, gate_sent, gate_dropped, NULL};
    if (!*setting->mm4) return true;
    struct probe_calls looks = {.self = mms, .there = gate_server_there};
    if (*setting->mm4_answers && (!(mms->sender = worker_new(base, &sends)) ||
                                  !(mms->answers = probe_new(mms->link, mms->services, "answers", &looks))))
        return why_set(why, why_size, "no thread can be had");
    mms->robots = robots_new(setting->answers, gate_is_ours, mms);
    mms->doors = (struct receive_setting){.name = setting->domain,
                                          .bytes_max = setting->size,
                                          .held_max = setting->held,
                                          .connections = (unsigned)setting->connections,
                                          .per_address = (unsigned)setting->connections,
                                          .idle_s = (unsigned)setting->idle};
    mms->receive = receive_new(base, &mms->doors, &calls);
    return gate_listen(mms, why, why_size);
}

void mms_gate_close(struct mms *mms)
{
    receive_free(mms->receive);
    mms->receive = NULL;
    worker_free(mms->sender);
    mms->sender = NULL;
    probe_free(mms->answers);
    mms->answers = NULL;
    robots_free(mms->robots);
    mms->robots = NULL;
}
