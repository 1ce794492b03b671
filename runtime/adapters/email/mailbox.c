/* runtime/adapters/email/mailbox.c - Lists, fetches and marks the mails of an IMAP folder.
 *
 * The dialogue is command by command: a command with its own tag is sent, and lines are read until the one with that
 * tag (mailbox_command). libcurl makes the connection with TLS and login, and then gives its socket
 * (CURLOPT_CONNECT_ONLY). Every wait is cut into slices, after each of which `ends` is checked, so that the adapter
 * ends in time even if a server does not answer.
 *
 *     g1 CAPABILITY                         * CAPABILITY IMAP4rev1 MOVE UIDPLUS ...    g1 OK
 *     g2 SELECT "INBOX"                     * OK [UIDVALIDITY 17] ...                  g2 OK
 *     g3 UID SEARCH UNSEEN UNDELETED        * SEARCH 4 7 9                             g3 OK
 *     g4 UID FETCH 4 (UID BODY.PEEK[])      * 1 FETCH (UID 4 BODY[] {5120} ...         g4 OK
 *     g5 UID STORE 4 ...                                                               g5 OK
 *
 * RFC 3501. Mails are named by UIDs, which stay the same from one connection to the next as long as UIDVALIDITY
 * does. BODY.PEEK leaves a mail unseen: after a kill, mails that were not yet marked are fetched again. */
#include "runtime/adapters/email/mailbox.h"

#include "runtime/adapters/email/token.h"

#include <assert.h>
#include <curl/curl.h>
#include <glib.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"

enum { CONNECT_S = 20, SILENT_MS = 60000, SLICE_MS = 200, READ_SIZE = 65536, FOUND_MAX = 131072 };

struct mailbox {
    CURL *curl;
    curl_socket_t socket;
    struct imap *imap;
    const int *ends;
    unsigned tag;
    uint32_t validity;
    bool keywords, moves, uidplus;
    char buffer[READ_SIZE];
};

typedef void each_said(void *self, struct imap_said *);

static bool mailbox_failed(struct error *error, const char *what)
{
    return error_set(error, ERROR_UNAVAILABLE, "IMAP: %s", what);
}

/* ---- bytes ---- */

/* Waits for the socket; false after SILENT_MS without a byte, or when the adapter ends. */
static bool mailbox_wait(struct mailbox *mailbox, short what, struct error *error)
{
    struct pollfd one = {.fd = mailbox->socket, .events = what};
    for (int waited_ms = 0; waited_ms < SILENT_MS; waited_ms += SLICE_MS) {
        if (g_atomic_int_get(mailbox->ends)) return mailbox_failed(error, "the adapter ends");
        if (poll(&one, 1, SLICE_MS) != 0) return true;
    }
    return mailbox_failed(error, "the server says nothing");
}

/* Sends a line. CURLE_AGAIN means that the socket takes nothing now, not that the line is lost: the rest is sent
 * after a wait. */
static bool mailbox_put_line(struct mailbox *mailbox, const char *text, struct error *error)
{
    size_t left = strlen(text);
    while (left > 0) {
        size_t sent = 0;
        CURLcode result = curl_easy_send(mailbox->curl, text, left, &sent);
        if (result != CURLE_OK && result != CURLE_AGAIN) return mailbox_failed(error, curl_easy_strerror(result));
        text += sent, left -= sent;
        if (left > 0 && !mailbox_wait(mailbox, POLLOUT, error)) return false;
    }
    return true;
}

static bool mailbox_get_said(struct mailbox *mailbox, struct imap_said **said, struct error *error)
{
    while (!imap_next(mailbox->imap, said)) {
        size_t got = 0;
        CURLcode result = curl_easy_recv(mailbox->curl, mailbox->buffer, sizeof mailbox->buffer, &got);
        if (result == CURLE_AGAIN) {
            if (!mailbox_wait(mailbox, POLLIN, error)) return false;
            continue;
        }
        if (result != CURLE_OK || got == 0)
            return mailbox_failed(error, result == CURLE_OK ? "the server has ended the connection"
                                                            : curl_easy_strerror(result));
        imap_feed(mailbox->imap, mailbox->buffer, got);
    }
    return true;
}

/* ---- commands ---- */

/* Sends a command and reads the responses until its last one; each is handed to `each`, which may be NULL. False: the
 * connection failed, or the server refuses the command. */
static bool mailbox_command(struct mailbox *mailbox, const char *text, each_said *each, void *self, struct error *error)
{
    struct imap_said *said;
    char tag[16];
    snprintf(tag, sizeof tag, "g%u ", ++mailbox->tag);
    char *line = g_strconcat(tag, text, "\r\n", NULL);
    bool good = mailbox_put_line(mailbox, line, error);
    g_free(line);
    while (good && (good = mailbox_get_said(mailbox, &said, error)) && strncmp(said->text, tag, strlen(tag)) != 0)
        if (each) each(self, said);
    if (!good) return false;
    const char *status = said->text + strlen(tag);
    if (g_ascii_strncasecmp(status, "OK", 2) == 0) {
        if (each) each(self, said);
        return true;
    }
    return error_set(error, ERROR_DENIED, "IMAP: %.60s: %.150s", text, status);
}

/* Returns the name in quotes, without its control characters. */
static char *mailbox_quoted(const char *text)
{
    GString *out = g_string_new("\"");
    for (; *text; text++) {
        if (*text == '"' || *text == '\\') g_string_append_c(out, '\\');
        if ((guchar)*text >= 0x20) g_string_append_c(out, *text);
    }
    g_string_append_c(out, '"');
    return g_string_free(out, FALSE);
}

/* Takes a response to SELECT. The flag "\*" among the permanent ones says that new keywords may be set (RFC 3501,
 * 7.1). */
static void on_selected(void *self, struct imap_said *said)
{
    struct mailbox *mailbox = self;
    const char *flags = strstr(said->text, "[PERMANENTFLAGS ");
    uint32_t validity = imap_number(said, "[UIDVALIDITY ");
    if (validity) mailbox->validity = validity;
    if (flags && strstr(flags, "\\*")) mailbox->keywords = true;
}

static void on_capability(void *self, struct imap_said *said)
{
    struct mailbox *mailbox = self;
    if (g_ascii_strncasecmp(said->text, "* CAPABILITY ", 13) != 0) return;
    mailbox->moves |= strstr(said->text, " MOVE") != NULL;
    mailbox->uidplus |= strstr(said->text, " UIDPLUS") != NULL;
}

static bool select_folder(struct mailbox *mailbox, const char *folder, struct error *error)
{
    char *name = mailbox_quoted(folder), *line = g_strconcat("SELECT ", name, NULL);
    bool good = mailbox_command(mailbox, "CAPABILITY", on_capability, mailbox, error) &&
                mailbox_command(mailbox, line, on_selected, mailbox, error);
    g_free(name);
    g_free(line);
    if (good && mailbox->validity == 0) return mailbox_failed(error, "the server gives the folder no UIDVALIDITY");
    return good;
}

/* ---- open and close ---- */

static int mailbox_on_progress(void *self, curl_off_t a, curl_off_t b, curl_off_t c, curl_off_t d)
{
    (void)a, (void)b, (void)c, (void)d;
    return g_atomic_int_get((const int *)self);
}

/* Connects and logs in. The pointer to libcurl's error text is removed afterwards, as the text is on this function's
 * stack. */
static bool mailbox_log_in(struct mailbox *mailbox, const struct mailbox_setting *setting, struct error *error)
{
    char reason[CURL_ERROR_SIZE] = "";
    CURL *curl = mailbox->curl;
    curl_easy_setopt(curl, CURLOPT_URL, setting->url);
    curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "imap,imaps");
    curl_easy_setopt(curl, CURLOPT_CONNECT_ONLY, 1L);
    curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT, (long)CONNECT_S);
    curl_easy_setopt(curl, CURLOPT_TIMEOUT, (long)CONNECT_S * 2);
    curl_easy_setopt(curl, CURLOPT_USE_SSL, (long)(setting->insecure ? CURLUSESSL_NONE : CURLUSESSL_ALL));
    if (!token_log_in(setting->token, curl, setting->user, setting->password, reason, sizeof reason))
        return mailbox_failed(error, reason);
    curl_easy_setopt(curl, CURLOPT_NOPROGRESS, 0L);
    curl_easy_setopt(curl, CURLOPT_XFERINFOFUNCTION, mailbox_on_progress);
    curl_easy_setopt(curl, CURLOPT_XFERINFODATA, setting->ends);
    if (*setting->ca) curl_easy_setopt(curl, CURLOPT_CAINFO, setting->ca);
    curl_easy_setopt(curl, CURLOPT_ERRORBUFFER, reason);
    CURLcode result = curl_easy_perform(curl);
    curl_easy_setopt(curl, CURLOPT_ERRORBUFFER, NULL);
    if (result == CURLE_LOGIN_DENIED && !setting->password) token_refused(setting->token);
    if (result == CURLE_OK) result = curl_easy_getinfo(curl, CURLINFO_ACTIVESOCKET, &mailbox->socket);
    if (result != CURLE_OK) return mailbox_failed(error, *reason ? reason : curl_easy_strerror(result));
    return true;
}

struct mailbox *mailbox_open(const struct mailbox_setting *setting, struct error *error)
{
    struct mailbox *mailbox = memory_zeroed(1, sizeof *mailbox);
    mailbox->ends = setting->ends;
    mailbox->imap = imap_new(setting->mail_max);
    mailbox->curl = curl_easy_init();
    if (mailbox->curl && mailbox_log_in(mailbox, setting, error) && select_folder(mailbox, setting->folder, error))
        return mailbox;
    if (!mailbox->curl) mailbox_failed(error, "no memory can be had");
    mailbox_close(mailbox);
    return NULL;
}

void mailbox_close(struct mailbox *mailbox)
{
    if (!mailbox) return;
    if (mailbox->curl) curl_easy_cleanup(mailbox->curl);
    imap_free(mailbox->imap);
    free(mailbox);
}

uint32_t mailbox_validity(const struct mailbox *mailbox)
{
    return mailbox->validity;
}

bool mailbox_has_keywords(const struct mailbox *mailbox)
{
    return mailbox->keywords;
}

/* ---- mails ---- */

static char *mailbox_line_of(const char *before, const uint32_t *uids, int count, const char *behind)
{
    GString *line = g_string_new(before);
    for (int i = 0; i < count; i++) g_string_append_printf(line, "%s%u", i > 0 ? "," : " ", uids[i]);
    if (*behind) g_string_append_printf(line, " %s", behind);
    return g_string_free(line, FALSE);
}

struct listing {
    uint32_t *uids;
    int found;
    struct imap_mail *mails;
    int count;
};

static void mailbox_on_found(void *self, struct imap_said *said)
{
    struct listing *listing = self;
    int found = imap_found(said, listing->uids + listing->found, FOUND_MAX - listing->found);
    if (found > 0) listing->found += found;
}

/* Takes a line of the list; servers may also report mails that nobody has asked for. */
static void on_listed(void *self, struct imap_said *said)
{
    struct listing *listing = self;
    struct imap_mail mail;
    if (!imap_fetched(said, &mail)) return;
    for (int i = 0; i < listing->count; i++)
        if (listing->mails[i].uid == mail.uid && mail.size > 0) listing->mails[i] = mail;
}

static int uid_order(const void *one, const void *other)
{
    uint32_t a = *(const uint32_t *)one, b = *(const uint32_t *)other;
    return (a > b) - (a < b);
}

/* Lists unseen mails. UIDs are given in the order in which mails came: the lowest are the oldest. -1: the list could
 * not be read. A size of 0 means that the server has not given it. */
int mailbox_unseen(struct mailbox *mailbox, struct imap_mail *mails, int max, struct error *error)
{
    assert(max > 0);
    struct listing listing = {.uids = memory_zeroed(FOUND_MAX, sizeof(uint32_t)), .mails = mails};
    bool good = mailbox_command(mailbox, "UID SEARCH UNSEEN UNDELETED", mailbox_on_found, &listing, error);
    qsort(listing.uids, (size_t)listing.found, sizeof *listing.uids, uid_order);
    assert(listing.found <= FOUND_MAX);
    for (; listing.count < max && listing.count < listing.found; listing.count++)
        mails[listing.count] = (struct imap_mail){.uid = listing.uids[listing.count]};
    if (good && listing.count > 0) {
        char *line = mailbox_line_of("UID FETCH", listing.uids, listing.count, "(UID FLAGS RFC822.SIZE)");
        good = mailbox_command(mailbox, line, on_listed, &listing, error);
        g_free(line);
    }
    free(listing.uids);
    return good ? listing.count : -1;
}

struct fetching {
    uint32_t uid;
    char *bytes;
    size_t length;
};

static void take_quoted(struct fetching *fetching, const struct imap_mail *mail)
{
    assert(!fetching->bytes && mail->quoted);
    fetching->bytes = memory_zeroed(mail->quoted_length + 1, 1);
    for (size_t i = 0; i < mail->quoted_length; i++) {
        if (mail->quoted[i] == '\\' && i + 1 < mail->quoted_length) i++;
        fetching->bytes[fetching->length++] = mail->quoted[i];
    }
}

/* Takes a fetched mail; the bytes are taken over from `said` and not copied. */
static void on_fetched(void *self, struct imap_said *said)
{
    struct fetching *fetching = self;
    struct imap_mail mail;
    if (fetching->bytes || !imap_fetched(said, &mail) || mail.uid != fetching->uid || !mail.body) return;
    if (mail.quoted) {
        take_quoted(fetching, &mail);
        return;
    }
    fetching->bytes = said->mail;
    fetching->length = said->length;
    said->mail = NULL;
}

/* Fetches a mail; `*bytes` NULL with true: the server does not have the mail any more. */
bool mailbox_fetch(struct mailbox *mailbox, uint32_t uid, char **bytes, size_t *length, struct error *error)
{
    assert(uid != 0);
    struct fetching fetching = {.uid = uid};
    char *line = mailbox_line_of("UID FETCH", &uid, 1, "(UID BODY.PEEK[])");
    bool good = mailbox_command(mailbox, line, on_fetched, &fetching, error);
    g_free(line);
    if (!good) free(fetching.bytes);
    *bytes = good ? fetching.bytes : NULL;
    *length = fetching.length;
    return good;
}

bool mailbox_store(struct mailbox *mailbox, const uint32_t *uids, int count, const char *how, struct error *error)
{
    assert(count >= 0);
    if (count == 0) return true;
    char *line = mailbox_line_of("UID STORE", uids, count, how);
    bool good = mailbox_command(mailbox, line, NULL, NULL, error);
    g_free(line);
    return good;
}

/* Moves mails. If the server has no MOVE, a mail is copied and then removed; only UIDPLUS can remove it without
 * removing others that are marked as deleted. A kill between copying and removing leaves the mail in both folders. */
bool mailbox_move(struct mailbox *mailbox, const uint32_t *uids, int count, const char *folder, struct error *error)
{
    if (count == 0) return true;
    char *name = mailbox_quoted(folder),
         *line = mailbox_line_of(mailbox->moves ? "UID MOVE" : "UID COPY", uids, count, name);
    bool good = mailbox_command(mailbox, line, NULL, NULL, error);
    g_free(line);
    g_free(name);
    if (!good || mailbox->moves || !mailbox->uidplus) return good;
    line = mailbox_line_of("UID EXPUNGE", uids, count, "");
    good = mailbox_store(mailbox, uids, count, "+FLAGS.SILENT (\\Deleted)", error) &&
           mailbox_command(mailbox, line, NULL, NULL, error);
    g_free(line);
    return good;
}
