/* runtime/adapters/desk/helped.c - Requests to the site's helper. See helped.h.
 *
 * The core notes each use, and the audit shows it: no text goes out before that is durable.
 *
 * A helper that is slow holds up nobody but those who wait for it: its requests have a thread of their own, ten seconds
 * each, and beyond HELPED_WAITING more are refused. What it answers is data: plain text that the page shows as text, of
 * which the agent chooses. */
#include "runtime/adapters/desk/helped.h"

#include <assert.h>
#include <curl/curl.h>
#include <event2/http.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/adapter/address.h"
#include "runtime/adapter/worker.h"
#include "runtime/adapters/desk/desk.h"
#include "runtime/vocabulary/events_work.h"
#include "base/memory.h"
#include "base/why.h"

enum { HELPED_WAITING = 20, HELPED_S = 10, HELPED_ANSWER_MAX = 256 * 1024, SUGGESTIONS_MAX = 5, HELPED_SAID = 100 };

struct helped {
    struct asker asker;
    struct desk *desk;
    char agent[NAME_SIZE];
    char *kind, *request;
    int64_t interaction;
    GString *answer;
    long status; /* HTTP status; 0: no answer */
    char why[CURL_ERROR_SIZE];
};

bool helped_good(const char *url, char *why, size_t why_size)
{
    if (!*url || g_str_has_prefix(url, "https://")) return true;
    static const char *const own[] = {"http://127.0.0.1:", "http://[::1]:", "http://localhost:"};
    for (size_t i = 0; i < G_N_ELEMENTS(own); i++)
        if (g_str_has_prefix(url, own[i])) return true;
    return why_set(why, why_size, "helper: `%.80s`: write https://HOST/PATH, or http://127.0.0.1:PORT/PATH", url);
}

static void helped_free(void *self, void *given)
{
    struct helped *helped = given;
    (void)self;
    (void)asker_end(&helped->asker);
    g_free(helped->kind);
    free(helped->request);
    if (helped->answer) g_string_free(helped->answer, TRUE);
    free(helped);
}

/* ---- in the thread ---- */

static size_t helped_on_bytes(char *bytes, size_t size, size_t count, void *self)
{
    GString *answer = self;
    if (answer->len + size * count > HELPED_ANSWER_MAX) return 0;
    g_string_append_len(answer, bytes, (gssize)(size * count));
    return size * count;
}

static void helped_work(void *self, void *given)
{
    struct desk *desk = self;
    struct helped *helped = given;
    CURL *curl = curl_easy_init();
    if (!curl) return;
    struct curl_slist *headers = curl_slist_append(NULL, "Content-Type: application/json");
    helped->answer = g_string_new(NULL);
    curl_easy_setopt(curl, CURLOPT_URL, desk->setting.helper);
    curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "http,https");
    curl_easy_setopt(curl, CURLOPT_HTTPHEADER, headers);
    curl_easy_setopt(curl, CURLOPT_POSTFIELDS, helped->request);
    curl_easy_setopt(curl, CURLOPT_TIMEOUT, (long)HELPED_S);
    curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, helped_on_bytes);
    curl_easy_setopt(curl, CURLOPT_WRITEDATA, helped->answer);
    curl_easy_setopt(curl, CURLOPT_ERRORBUFFER, helped->why);
    if (curl_easy_perform(curl) == CURLE_OK) curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &helped->status);
    curl_slist_free_all(headers);
    curl_easy_cleanup(curl);
}

/* ---- in the loop ---- */

/* Is it a character that is not seen, or makes what is read another text than what is sent? */
static bool helped_unseen(gunichar one)
{
    if (one == '\n' || one == '\t' || one == '\r') return false;
    if (one == 0x200c || one == 0x200d) return false; /* joiners, which scripts and emoji need */
    GUnicodeType type = g_unichar_type(one);
    return type == G_UNICODE_CONTROL || type == G_UNICODE_FORMAT || type == G_UNICODE_LINE_SEPARATOR ||
           type == G_UNICODE_PARAGRAPH_SEPARATOR || type == G_UNICODE_PRIVATE_USE;
}

/* Returns the text with such characters written as \u202E; g_free. */
static char *helped_shown(const char *text)
{
    GString *shown = g_string_new(NULL);
    for (const char *at = text; *at; at = g_utf8_next_char(at)) {
        gunichar one = g_utf8_get_char(at);
        if (helped_unseen(one))
            g_string_append_printf(shown, "\\u%04X", one);
        else if (one != '\r')
            g_string_append_unichar(shown, one);
    }
    return g_string_free(shown, FALSE);
}

/* Takes the suggestions that can be shown. NULL: the answer is none. */
static json_t *helped_suggestions(const struct helped *helped)
{
    json_t *answer = helped->status == HTTP_OK ? json_loadb(helped->answer->str, helped->answer->len, 0, NULL) : NULL;
    const json_t *all = json_object_get(answer, "suggestions"), *one;
    json_t *taken = json_is_array(all) ? json_array() : NULL;
    size_t at;
    json_array_foreach(all, at, one)
    {
        const char *text = json_string_value(json_object_get(one, "text"));
        const char *title = json_string_value(json_object_get(one, "title"));
        if (!text || !*text || json_array_size(taken) == SUGGESTIONS_MAX) continue;
        char *shown = helped_shown(text), *headed = helped_shown(title ? title : "");
        json_array_append_new(taken, json_pack("{s:s, s:s}", "title", headed, "text", shown));
        g_free(shown);
        g_free(headed);
    }
    json_decref(answer);
    return taken;
}

/* The log has what came, besides: who has asked, and about what, stands in the audit. */
static void helped_done(void *self, void *given)
{
    struct desk *desk = self;
    struct helped *helped = given;
    json_t *suggestions = helped_suggestions(helped);
    struct evhttp_request *http = asker_end(&helped->asker);
    desk->services->log(desk->link, suggestions ? GCX_LOG_INFO : GCX_LOG_WARNING, 0, 0,
                        "helper: %s about stored interaction %lld, asked by %s: %zu bytes out, %zu suggestions%s%s",
                        helped->kind, (long long)helped->interaction, helped->agent, strlen(helped->request),
                        json_array_size(suggestions),
                        suggestions ? "" : "; no answer that can be read: ", suggestions ? "" : helped->why);
    if (http && suggestions)
        api_answer(http, HTTP_OK, json_pack("{s:O}", "suggestions", suggestions));
    else if (http)
        api_error(http, HTTP_SERVUNAVAIL, "helper", "The helper has no answer now: write it yourself, or ask again.");
    json_decref(suggestions);
    helped_free(NULL, helped);
}

struct worker *helped_new(struct desk *desk, struct event_base *base)
{
    struct worker_calls calls = {desk, helped_work, helped_done, helped_free, NULL};
    return worker_new(base, &calls);
}

/* Returns what the helper gets; free(). Of a message only its text goes, and whether the customer has written it. */
static char *helped_request(const struct desk_job *job)
{
    json_t *said = json_array(), *request;
    const json_t *messages = json_object_get(job->out, "messages");
    size_t count = json_array_size(messages);
    for (size_t at = count > HELPED_SAID ? count - HELPED_SAID : 0; at < count; at++) {
        const json_t *one = json_array_get(messages, at);
        const char *role = json_string_value(json_object_get(one, "role"));
        const char *text = json_string_value(json_object_get(one, "text"));
        bool customer = role && strcmp(role, "customer") == 0;
        const char *visible = json_string_value(json_object_get(one, "visible"));
        if (text && !(visible && strcmp(visible, "agents") == 0))
            json_array_append_new(said, json_pack("{s:s, s:s}", "by", customer ? "customer" : "us", "text", text));
    }
    request = json_pack("{s:O?, s:O?, s:O?, s:O?, s:o}", "kind", json_object_get(job->params, "kind"), "medium",
                        json_object_get(job->params, "medium"), "text", json_object_get(job->params, "text"),
                        "language", json_object_get(job->params, "language"), "messages", said);
    char *text = json_dumps(request, JSON_COMPACT);
    json_decref(request);
    return text;
}

/* ---- the audit ---- */

/* The core was away before it had noted the use: the helper is not asked. */
static void helped_unnoted(void *self)
{
    struct helped *helped = self;
    struct evhttp_request *http = asker_end(&helped->asker);
    if (http)
        api_error(http, HTTP_SERVUNAVAIL, "away",
                  "The router has not noted it, so the helper is not asked: again in a moment.");
    helped_free(NULL, helped);
}

static void helped_noted(struct desk_request *request, const struct message *reply, bool good)
{
    struct helped *helped = request->given;
    if (!good) {
        api_refused(asker_end(&helped->asker), reply);
        return;
    }
    request->given = NULL;
    worker_give(helped->desk->helper, helped);
}

/* Has the use noted by the core: who, for what, and about which interaction, by the router's number where the agent has
 * it, and by the contact store's. */
static void helped_note(struct desk_agent *agent, struct helped *helped)
{
    char about[IXN_TEXT + 48], ixn[IXN_TEXT] = "";
    GHashTableIter at;
    gpointer one;
    g_hash_table_iter_init(&at, agent->items);
    while (!*ixn && g_hash_table_iter_next(&at, NULL, &one)) {
        const struct item *item = one;
        if (item->stored == helped->interaction) ident_print_ixn(item->ixn, ixn);
    }
    g_snprintf(about, sizeof about, "%s%scontact store %lld", ixn, *ixn ? ", " : "", (long long)helped->interaction);
    struct desk_request *request = core_ask(agent, KIND_RequestHelp, 0, 0);
    request->after = helped_noted;
    request->given = helped;
    request->given_free = helped_unnoted;
    writer_text(&agent->desk->writer, RequestHelp_kind, helped->kind);
    writer_text(&agent->desk->writer, RequestHelp_about, about);
    core_send(request);
}

void helped_ask(struct desk *desk, struct desk_job *job)
{
    struct evhttp_request *http = asker_end(&job->asker);
    assert(desk->helper);
    if (!http) return;
    struct desk_agent *agent = g_hash_table_lookup(desk->agents, job->agent);
    char *request = job->good ? helped_request(job) : NULL;
    if (!job->good && job->error.code == ERROR_UNKNOWN) {
        api_error(http, HTTP_NOTFOUND, "unknown", job->error.text);
    } else if (!job->good && job->error.code == ERROR_DENIED) {
        api_error(http, 403, "unverified", job->error.text);
    } else if (!request || worker_waiting(desk->helper) >= HELPED_WAITING) {
        api_error(http, HTTP_SERVUNAVAIL, "helper", "The helper is behind: again in a moment.");
        free(request);
    } else if (!agent || agent->ticket == 0) {
        api_error(http, HTTP_SERVUNAVAIL, "away", "Your desk is not connected: ask again once it is.");
        free(request);
    } else {
        struct helped *helped = memory_zeroed(1, sizeof *helped);
        helped->desk = desk;
        g_strlcpy(helped->agent, job->agent, sizeof helped->agent);
        helped->kind = g_strdup(json_string_value(json_object_get(job->params, "kind")));
        helped->interaction = json_integer_value(json_object_get(job->params, "interaction"));
        helped->request = request;
        asker_begin(&helped->asker, http);
        helped_note(agent, helped);
    }
}
