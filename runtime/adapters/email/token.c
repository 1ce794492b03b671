/* runtime/adapters/email/token.c - Fetches access tokens of OAuth 2.0. With a refresh token a person has given
 * access to the mailbox (Google); without one the client asks in its own name, as the operator of the mailboxes
 * allows (Microsoft). libcurl sends the token to the mail server by XOAUTH2 or OAUTHBEARER, whichever the server
 * knows.
 *
 *     thread --- grant_type, client_id, ... ---> token server        RFC 6749, sections 4.4 and 6
 *            <-- {"access_token", "expires_in"}
 *            --- AUTH with the token ----------> mail server
 *
 * A token is fetched at a log-in if the last one is over, TOKEN_EARLY_S before its end. The lock is held meanwhile,
 * so other log-ins wait and get the same token. token_stops() ends this wait when the plugin stops. */
#include "config.h"
#include "runtime/adapters/email/token.h"

#include <glib.h>
#include <jansson.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>

#include "runtime/adapter/watched.h"
#include "runtime/adapters/email/setting.h"
#include "runtime/mail/text.h"
#include "base/memory.h"
#include "base/why.h"

enum {
    TOKEN_ANSWER = 65536,
    TOKEN_LONGEST = 16384,
    TOKEN_WHOLE_S = 20,
    TOKEN_USUAL_S = 3600,
    TOKEN_EARLY_S = 60,
    TOKEN_PAUSE_S = 10
};

struct token {
    const struct email_setting *setting;
    struct secret secret, refresh;
    gint stops;           /* atomic */
    pthread_mutex_t lock; /* guards the following, and is held while a token is fetched: */
    char *bearer;         /* NULL: none */
    char *before;         /* the last token but one, which a server may still quote; NULL: none */
    const char *asked[2]; /* the secret and the refresh token with which the token was fetched */
    /* until then the token is used, or after a failure none is fetched; by GLib's monotonic clock */
    gint64 until_us;
    char why[200]; /* why there is no token */
};

struct token *token_new(const struct email_setting *setting, char *why, size_t why_size)
{
    struct token *token = memory_zeroed(1, sizeof *token);
    token->setting = setting;
    pthread_mutex_init(&token->lock, NULL);
    if (secret_read(&token->secret, setting->oauth_secret_file, "oauth_secret_file", why, why_size) &&
        secret_read(&token->refresh, setting->oauth_refresh_file, "oauth_refresh_file", why, why_size))
        return token;
    token_free(token);
    return NULL;
}

void token_free(struct token *token)
{
    if (!token) return;
    secret_free(&token->secret), secret_free(&token->refresh);
    setting_password_free(token->bearer), setting_password_free(token->before);
    pthread_mutex_destroy(&token->lock);
    free(token);
}

void token_watched(struct token *token, struct watched_files *files)
{
    if (token) watched_secret(files, &token->secret), watched_secret(files, &token->refresh);
}

void token_stops(struct token *token)
{
    if (token) g_atomic_int_set(&token->stops, 1);
}

/* ---- a fetch ---- */

static size_t token_on_answer(char *bytes, size_t size, size_t count, void *self)
{
    GString *answer = self;
    if (answer->len + size * count > TOKEN_ANSWER) return 0;
    g_string_append_len(answer, bytes, (gssize)(size * count));
    return size * count;
}

static int token_on_progress(void *self, curl_off_t a, curl_off_t b, curl_off_t c, curl_off_t d)
{
    (void)a, (void)b, (void)c, (void)d;
    return g_atomic_int_get(&((struct token *)self)->stops);
}

static void token_put(GString *form, CURL *curl, const char *key, const char *value)
{
    char *written = value && *value ? curl_easy_escape(curl, value, 0) : NULL;
    if (written) g_string_append_printf(form, "%s%s=%s", form->len > 0 ? "&" : "", key, written);
    curl_free(written);
}

static char *token_form(const struct token *token, CURL *curl)
{
    GString *form = g_string_new(NULL);
    const char *refresh = secret_text(&token->refresh);
    token_put(form, curl, "grant_type", refresh ? "refresh_token" : "client_credentials");
    token_put(form, curl, "client_id", token->setting->oauth_client);
    token_put(form, curl, "client_secret", secret_text(&token->secret));
    token_put(form, curl, "refresh_token", refresh);
    token_put(form, curl, "scope", token->setting->oauth_scope);
    return g_string_free(form, FALSE);
}

/* Is the text a valid token? Servers refuse a log-in that is longer, and other characters would end the token early
 * (RFC 6749, A.12). */
static bool token_is_one(const char *bearer)
{
    size_t length = 0;
    while (bearer && bearer[length] > ' ' && bearer[length] < 127 && length <= TOKEN_LONGEST) length++;
    return length > 0 && length <= TOKEN_LONGEST && !bearer[length];
}

/* Reads the answer, which has a token, or a word for why there is none. */
static bool token_take(struct token *token, const GString *answer, long status)
{
    json_t *json = json_loadb(answer->str, answer->len, 0, NULL);
    const char *bearer = json_string_value(json_object_get(json, "access_token"));
    const char *error = json_string_value(json_object_get(json, "error"));
    json_int_t seconds = json_integer_value(json_object_get(json, "expires_in"));
    if (seconds <= 0 || seconds > G_MAXINT) seconds = TOKEN_USUAL_S;
    bool good = status == 200 && token_is_one(bearer);
    if (good) {
        token->bearer = g_strdup(bearer);
        token->until_us = g_get_monotonic_time() + (gint64)MAX(seconds - TOKEN_EARLY_S, TOKEN_PAUSE_S) * SECOND_US;
    } else {
        char *clean = text_line_of(error ? error : "", error ? strlen(error) : 0);
        snprintf(token->why, sizeof token->why, "oauth: no token: %ld %.100s", status, clean);
        g_free(clean);
    }
    json_decref(json);
    return good;
}

static bool token_ask(struct token *token, CURL *curl, GString *answer)
{
    char *form = token_form(token, curl);
    long status = 0;
    curl_easy_setopt(curl, CURLOPT_URL, token->setting->oauth);
    curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "http,https");
    curl_easy_setopt(curl, CURLOPT_PROXY, "");
    curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(curl, CURLOPT_TIMEOUT, (long)TOKEN_WHOLE_S);
    curl_easy_setopt(curl, CURLOPT_POSTFIELDS, form);
    curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, token_on_answer);
    curl_easy_setopt(curl, CURLOPT_WRITEDATA, answer);
    curl_easy_setopt(curl, CURLOPT_NOPROGRESS, 0L);
    curl_easy_setopt(curl, CURLOPT_XFERINFOFUNCTION, token_on_progress);
    curl_easy_setopt(curl, CURLOPT_XFERINFODATA, token);
    if (*token->setting->oauth_ca) curl_easy_setopt(curl, CURLOPT_CAINFO, token->setting->oauth_ca);
    CURLcode code = curl_easy_perform(curl);
    curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &status);
    setting_password_free(form);
    if (code == CURLE_OK) return token_take(token, answer, status);
    snprintf(token->why, sizeof token->why, "oauth: %s",
             code == CURLE_WRITE_ERROR ? "the answer is too long" : curl_easy_strerror(code));
    return false;
}

/* Fetches a token; the lock must be held. If no token can be fetched, the next one is requested only after a pause. The
 * last token is kept beside the new one, as a server's message may still quote it: token_is_told() finds both. */
static void token_fetch(struct token *token)
{
    GString *answer = g_string_new(NULL);
    CURL *curl = curl_easy_init();
    if (!curl) abort();
    setting_password_free(token->before);
    token->before = token->bearer;
    token->bearer = NULL;
    token->asked[0] = secret_text(&token->secret), token->asked[1] = secret_text(&token->refresh);
    if (!token_ask(token, curl, answer)) token->until_us = g_get_monotonic_time() + TOKEN_PAUSE_S * (gint64)SECOND_US;
    explicit_bzero(answer->str, answer->len);
    g_string_free(answer, TRUE);
    curl_easy_cleanup(curl);
}

/* ---- log-ins ---- */

/* Sets up a log-in with the password, for which no token is needed. Without a password the present token is set;
 * false with the reason: there is none. */
bool token_log_in(struct token *token, CURL *curl, const char *user, const char *password, char *why, size_t why_size)
{
    curl_easy_setopt(curl, CURLOPT_USERNAME, user);
    if (password) curl_easy_setopt(curl, CURLOPT_PASSWORD, password);
    if (password) return true;
    pthread_mutex_lock(&token->lock);
    bool changed = token->asked[0] != secret_text(&token->secret) || token->asked[1] != secret_text(&token->refresh);
    if (changed || g_get_monotonic_time() >= token->until_us) token_fetch(token);
    bool good = token->bearer != NULL;
    if (good) curl_easy_setopt(curl, CURLOPT_XOAUTH2_BEARER, token->bearer);
    if (!good) why_set(why, why_size, "%s", token->why);
    pthread_mutex_unlock(&token->lock);
    return good;
}

/* The mail server has refused the token before its end: the next log-in fetches another one. */
void token_refused(struct token *token)
{
    if (!token) return;
    pthread_mutex_lock(&token->lock);
    if (token->bearer) token->until_us = 0;
    pthread_mutex_unlock(&token->lock);
}

static bool secret_stands_in(const char *secret, const char *bytes, size_t length)
{
    return secret && *secret && memmem(bytes, length, secret, strlen(secret));
}

/* Does the text contain the password or a token? A text with one of them is not logged. */
bool token_is_told(struct token *token, const char *password, const char *bytes, size_t length)
{
    if (!token) return secret_stands_in(password, bytes, length);
    pthread_mutex_lock(&token->lock);
    bool told = secret_stands_in(password, bytes, length) || secret_stands_in(token->bearer, bytes, length) ||
                secret_stands_in(token->before, bytes, length);
    pthread_mutex_unlock(&token->lock);
    return told;
}
