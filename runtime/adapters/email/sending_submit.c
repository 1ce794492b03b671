/* runtime/adapters/email/sending_submit.c - The dialogue with the mail server by which a mail is sent. The dialogue
 * runs in a sender's thread, with libcurl; each mail has a connection of its own.
 *
 * Only a reply of 5xx to the mail itself is a final refusal. All else (no connection, no TLS, a wrong password, 4xx)
 * is temporary, and the mail is tried again. */
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

/* The text of the mail server's last refusal: its lines one after another, each with the code. */
struct server_words {
    long code;
    GString *words;
    bool more;     /* the last line was not the last of its reply */
    long ended;    /* the code of the last complete reply */
    bool smtputf8; /* the server accepts local parts beyond ASCII (RFC 6531) */
    bool needs;    /* the mail has such a local part */
    bool lacks;    /* the server lacks SMTPUTF8, so the dialogue was ended after MAIL */
};

/* Reads a line of the server. False: the mail needs SMTPUTF8 and the server lacks it, so the dialogue ends before
 * the recipients are named. A 250 after the greeting or a refusal answers EHLO or HELO, any other 250 answers MAIL. */
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

/* Called by libcurl for each line of the mail server; remembers refusals. */
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

/* Sets the connection's options, for each mail again, as curl_easy_reset() removes them. False with the reason: the
 * log-in is impossible. */
static bool send_set_server(struct send *send, CURL *curl, char *why, size_t why_size)
{
    const struct email_setting *setting = &send->email->setting;
    bool insecure = setting_yes(setting->submission_insecure);
    curl_easy_reset(curl);
    curl_easy_setopt(curl, CURLOPT_URL, send->url);
    curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "smtp,smtps");
    curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
    /* an old connection may be dead, which would be noticed only after a wait */
    curl_easy_setopt(curl, CURLOPT_FORBID_REUSE, 1L);
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

/* Hides the secrets that a server may repeat in its text: as they are, or in base 64 as in the log-in. */
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
    const char *password = secret_text(&send->password); /* the password may be replaced during the dialogue */
    CURLcode result = curl_easy_perform(curl);
    send_hide_secrets(send, password, refusal->words);
    if (result == CURLE_LOGIN_DENIED && !password) token_refused(send->email->token);
    return result;
}

/* Checks the mail server with a connection of its own, as the senders have theirs. The dialogue ends after the
 * log-in. */
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

/* Sets the mail's fate: a reply of 5xx to the mail is final; all other errors may pass. */
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
    assert(sending->whole && sending->to[0]); /* sending_write() has found text and recipients */
    if (!sending->parts) {                    /* the mail was to wait, but the store failed to note that */
        sending->fate = FATE_NOT_YET;
        snprintf(sending->why, sizeof sending->why, "contact store: its files are read again");
        return;
    }
    char reason[CURL_ERROR_SIZE] = "";
    struct server_words refusal = {.words = g_string_new(NULL)};
    char *name = setting_name(&send->email->setting, sending->from);
    struct composed composed = {.message_id = sending->message_id,
                                .from = sending->from,
                                .from_name = name,
                                .to = sending->to,
                                .copies = sending->envelope.cc,
                                .blind = sending->envelope.bcc,
                                .names = sending->envelope.names,
                                .receipt = sending->envelope.receipt,
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
    FILE *upload = fmemopen(mail, strlen(mail), "r"); /* libcurl reads the mail by fread() */
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
    curl_easy_reset(curl); /* libcurl must not keep pointers to this function's variables */
    g_string_free(refusal.words, TRUE);
    curl_slist_free_all(to);
    fclose(upload);
    g_free(mail), g_free(from), g_free(name);
}
