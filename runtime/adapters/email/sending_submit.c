/* runtime/adapters/email/sending_submit.c - Owns the dialogue with the mail server by which a mail goes out. It runs in
 * a sender's thread, by libcurl; each mail has a connection of its own.
 *
 * A reply of 5xx to the mail itself is the only refusal that lasts. All else (no connection, no TLS, a wrong
 * password, 4xx) is somebody's passing trouble, ours or the server's, and the mail is tried again. */
#include "runtime/adapters/email/sending.h"

#include <assert.h>
#include <curl/curl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/adapters/email/compose.h"
#include "runtime/adapters/email/token.h"
#include "runtime/mail/text.h"
#include "runtime/sources/certificate.h"

enum { SUBMIT_CONNECT_S = 20, SUBMIT_WHOLE_S = 180, GREET_WHOLE_S = 12 };

/* The words of the mail server's last refusal: its lines, behind each other, each with the code. */
struct server_words {
    long code;
    GString *words;
    bool more;     /* the last line was not the last one of its reply */
    long ended;    /* the code of the last reply that is whole */
    bool smtputf8; /* the server takes local parts beyond ASCII (RFC 6531) */
    bool needs;    /* the mail has one */
    bool lacks;    /* so the dialogue was ended behind MAIL */
};

/* Notes what a line of the server says. False: the next commands would name the recipients, but the mail needs SMTPUTF8
 * and the server lacks it. A 250 behind a greeting or a refusal answers EHLO or HELO, and else MAIL. */
static bool server_goes_on(struct server_words *server, const char *line, size_t length)
{
    long code = strtol(line, NULL, 10);
    char *upper = g_ascii_strup(line, (gssize)length);
    server->smtputf8 |= code == 250 && strstr(upper, "SMTPUTF8") != NULL;
    g_free(upper);
    if (line[3] == '-') return true;
    server->lacks = server->needs && !server->smtputf8 && code == 250 && (server->ended == 250 || server->ended == 235);
    server->ended = code;
    return !server->lacks;
}

/* Called by libcurl for each line of the mail server; refusals are remembered. */
static size_t send_on_reply(char *line, size_t size, size_t count, void *self)
{
    struct server_words *refusal = self;
    size_t length = size * count;
    if (length < 4 || !g_ascii_isdigit(line[0]) || !g_ascii_isdigit(line[1]) || !g_ascii_isdigit(line[2]))
        return length;
    if (!server_goes_on(refusal, line, length)) return 0;
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
    return g_atomic_int_get(&((struct send *)self)->stops);
}

/* The connection's options, for each mail anew: curl_easy_reset() has taken those of the last one away. False with the
 * reason: we cannot log in. */
static bool send_set_server(struct send *send, CURL *curl, char *why, size_t why_size)
{
    const struct email_setting *setting = &send->email->setting;
    bool insecure = setting_yes(setting->submission_insecure);
    curl_easy_reset(curl);
    curl_easy_setopt(curl, CURLOPT_URL, send->url);
    curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "smtp,smtps");
    curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(curl, CURLOPT_FORBID_REUSE, 1L); /* an old connection may be dead, and its end is waited for */
    curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT, (long)SUBMIT_CONNECT_S);
    curl_easy_setopt(curl, CURLOPT_TIMEOUT, (long)SUBMIT_WHOLE_S);
    curl_easy_setopt(curl, CURLOPT_USE_SSL, (long)(insecure ? CURLUSESSL_NONE : CURLUSESSL_ALL));
    curl_easy_setopt(curl, CURLOPT_NOPROGRESS, 0L);
    curl_easy_setopt(curl, CURLOPT_XFERINFOFUNCTION, send_on_progress);
    curl_easy_setopt(curl, CURLOPT_XFERINFODATA, send);
    if (*setting->submission_ca) curl_easy_setopt(curl, CURLOPT_CAINFO, setting->submission_ca);
    return !*setting->submission_user || token_log_in(send->email->token, curl, setting->submission_user,
                                                      secret_text(&send->password), why, why_size);
}

/* A server may repeat what it was told: as it is, or as the log-in has it, in base 64. */
static void send_hide_secrets(const struct send *send, const char *password, GString *words)
{
    char **all = g_strsplit(words->str, " ", -1);
    g_string_truncate(words, 0);
    for (char **word = all; *word; word++) {
        gsize length;
        char *plain = (char *)g_base64_decode(*word, &length);
        bool tells = token_is_told(send->email->token, password, *word, strlen(*word)) ||
                     token_is_told(send->email->token, password, plain, length);
        g_string_append_printf(words, "%s%s", word > all ? " " : "", tells ? "..." : *word);
        g_free(plain);
    }
    g_strfreev(all);
}

static CURLcode send_perform(const struct send *send, CURL *curl, struct server_words *refusal)
{
    const char *password = secret_text(&send->password); /* another one may take its place meanwhile */
    CURLcode result = curl_easy_perform(curl);
    send_hide_secrets(send, password, refusal->words);
    if (result == CURLE_LOGIN_DENIED && !password) token_refused(send->email->token);
    return result;
}

/* A connection of its own, as the senders have the others. It ends after the log-in. */
bool send_greets(struct send *send, char *why, size_t why_size, int64_t *expires_s)
{
    char reason[CURL_ERROR_SIZE] = "";
    struct server_words refusal = {.words = g_string_new(NULL)};
    CURL *curl = curl_easy_init();
    if (!curl) abort();
    bool known = send_set_server(send, curl, reason, sizeof reason);
    curl_easy_setopt(curl, CURLOPT_CONNECT_ONLY, 1L);
    certificate_watch_curl(curl, expires_s);
    curl_easy_setopt(curl, CURLOPT_TIMEOUT, (long)GREET_WHOLE_S);
    curl_easy_setopt(curl, CURLOPT_ERRORBUFFER, reason);
    curl_easy_setopt(curl, CURLOPT_HEADERFUNCTION, send_on_reply);
    curl_easy_setopt(curl, CURLOPT_HEADERDATA, &refusal);
    CURLcode result = known ? send_perform(send, curl, &refusal) : CURLE_FAILED_INIT;
    if (result != CURLE_OK)
        snprintf(why, why_size, "%s",
                 result == CURLE_LOGIN_DENIED && refusal.words->len > 0 ? refusal.words->str
                 : *reason                                              ? reason
                                                                        : curl_easy_strerror(result));
    g_string_free(refusal.words, TRUE);
    curl_easy_cleanup(curl);
    return result == CURLE_OK;
}

static bool local_beyond_ascii(const char *address)
{
    const char *at = strrchr(address, '@');
    for (; at && address < at; address++)
        if ((guchar)*address >= 0x80) return true;
    return false;
}

/* An answer of 5xx to the mail is for ever; whatever else went wrong may go well later. */
static void read_fate(struct email_sending *sending, CURLcode result, const char *reason,
                      const struct server_words *refusal)
{
    long code = refusal->code;
    bool about_us =
        result == CURLE_LOGIN_DENIED || result == CURLE_USE_SSL_FAILED || result == CURLE_PEER_FAILED_VERIFICATION;
    sending->fate = result == CURLE_OK                       ? FATE_ACCEPTED
                    : code >= 500 && code < 600 && !about_us ? FATE_FAILED
                                                             : FATE_NOT_YET;
    sending->no_dialogue = about_us || (result != CURLE_OK && code == 0);
    if (result == CURLE_OK) return;
    if (refusal->lacks) {
        sending->fate = FATE_FAILED;
        sending->no_dialogue = false;
        snprintf(sending->why, sizeof sending->why,
                 "an address has letters beyond ASCII before its @, and the mail server has no SMTPUTF8 (RFC 6531)");
        return;
    }
    const char *words = refusal->words->len > 0 ? refusal->words->str : *reason ? reason : curl_easy_strerror(result);
    snprintf(sending->why, sizeof sending->why, "%s", words);
}

void send_submit(struct sender *sender, struct email_sending *sending)
{
    struct send *send = sender->send;
    CURL *curl = sender->curl;
    assert(sending->whole && sending->to[0]); /* sending_write() has found them */
    if (!sending->parts) {                    /* it should wait, and the store has failed to note so */
        sending->fate = FATE_NOT_YET;
        snprintf(sending->why, sizeof sending->why, "contact store: its files are read again");
        return;
    }
    char reason[CURL_ERROR_SIZE] = "";
    struct server_words refusal = {.words = g_string_new(NULL)};
    struct composed composed = {.message_id = sending->message_id,
                                .from = sending->from,
                                .to = sending->to,
                                .copies = sending->copies,
                                .subject = sending->subject,
                                .text = sending->text,
                                .reply_to = sending->answered ? sending->answered : sending->reply_to,
                                .references = sending->references,
                                .headers = {sending->headers, sending->headers_length},
                                .automatic = sending->forwards    ? "auto-generated"
                                             : sending->automatic ? "auto-replied"
                                                                  : NULL,
                                .wall_us = sending->wall_us,
                                .parts = (const struct composed_part *)sending->parts->data,
                                .part_count = sending->parts->len};
    char *mail = sending->redirects ? compose_resent(&composed) : email_compose(&composed);
    FILE *upload = fmemopen(mail, strlen(mail), "r"); /* libcurl reads it by fread() */
    if (!upload) abort();
    struct curl_slist *to = NULL;
    char *from = email_address_ascii(sending->from);
    refusal.needs = local_beyond_ascii(from);
    for (char **one = sending->to; *one; one++) {
        char *ascii = email_address_ascii(*one);
        refusal.needs |= local_beyond_ascii(ascii);
        to = curl_slist_append(to, ascii);
        g_free(ascii);
    }
    bool known = send_set_server(send, curl, reason, sizeof reason);
    curl_easy_setopt(curl, CURLOPT_ERRORBUFFER, reason);
    curl_easy_setopt(curl, CURLOPT_MAIL_FROM, from);
    curl_easy_setopt(curl, CURLOPT_MAIL_RCPT, to);
    curl_easy_setopt(curl, CURLOPT_UPLOAD, 1L);
    curl_easy_setopt(curl, CURLOPT_READDATA, upload);
    curl_easy_setopt(curl, CURLOPT_HEADERFUNCTION, send_on_reply);
    curl_easy_setopt(curl, CURLOPT_HEADERDATA, &refusal);
    read_fate(sending, known ? send_perform(send, curl, &refusal) : CURLE_FAILED_INIT, reason, &refusal);
    curl_easy_reset(curl); /* it points to what ends here */
    g_string_free(refusal.words, TRUE);
    curl_slist_free_all(to);
    fclose(upload);
    g_free(mail), g_free(from);
}
