/* runtime/sources/endpoint.c - The thread that sends requests to endpoints: a queue for each endpoint, and transfers
 * of libcurl in parallel.
 *
 * A request is a job. Any thread puts a job into one list in the order of arrival (`waiting`); this thread takes the
 * first whose endpoint has room (pick), makes a transfer for it and puts it on its own list (`running`); its end is
 * reported to the core by one event (end_job). A request that was cancelled gets no answer.
 *
 * Each endpoint has its own breaker: after some failures in a row requests are refused at once, until one that is
 * sent as a probe is answered. Transfers and breakers are used only by this thread; the lock protects the lists and
 * the flags that other threads set. */
#include "runtime/sources/endpoint.h"

#include <assert.h>
#include <pthread.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/host/real.h"
#include "runtime/sources/body_xml.h"
#include "runtime/sources/certificate.h"
#include "runtime/sources/endpoint_state.h"
#include "runtime/vocabulary/effects_host.h"
#include "runtime/vocabulary/events_host.h"
#include "base/file.h"
#include "base/memory.h"
#include "vm/request.h"

enum { LOOK_MS = 200, REQUEST_FORM_MAX = 65536, LOOK_PAUSE_US = 30000000 };

struct endpoints {
    struct endpoints_options options;
    struct endpoint_row *endpoints; /* set under the lock; after the first request it never changes */
    CURLM *multi;
    pthread_t thread;
    bool started;
    pthread_mutex_t lock;           /* protects the fields that follow */
    struct endpoint_request *asked; /* requests of programs; a row never changes */
    struct endpoint_job *waiting, **last;
    struct endpoint_job *running; /* the list belongs to the thread; `cancelled` is set under the lock */
    bool stopping;
    char journal[2 * ENDPOINTS_JOURNAL + 1];
};

struct endpoints *endpoints_new(const struct endpoints_options *options)
{
    struct endpoints *e = memory_zeroed(1, sizeof *e);
    e->options = *options;
    e->last = &e->waiting;
    pthread_mutex_init(&e->lock, NULL);
    return e;
}

void endpoints_journal(struct endpoints *e, const uint8_t name[ENDPOINTS_JOURNAL])
{
    pthread_mutex_lock(&e->lock);
    sodium_bin2hex(e->journal, sizeof e->journal, name, ENDPOINTS_JOURNAL);
    pthread_mutex_unlock(&e->lock);
}

static void endpoint_row_free(struct endpoint_row *row)
{
    free((char *)row->options.name);
    free((char *)row->options.url);
    free((char *)row->options.header_file);
    free((char *)row->options.ca_file);
    free((char *)row->options.at);
    free((char *)row->options.content_type);
    free(row->request_form);
    curl_slist_free_all(row->headers);
    free(row);
}

/* Ends the thread; returns when it has ended. Waiting requests get no answer. */
void endpoints_free(struct endpoints *e)
{
    if (!e) return;
    if (e->started) {
        pthread_mutex_lock(&e->lock);
        e->stopping = true;
        pthread_mutex_unlock(&e->lock);
        curl_multi_wakeup(e->multi);
        pthread_join(e->thread, NULL);
    }
    for (struct endpoint_job *job = e->waiting, *next; job; job = next) {
        next = job->next;
        request_free(job);
    }
    for (struct endpoint_row *row = e->endpoints, *next; row; row = next) {
        next = row->next;
        endpoint_row_free(row);
    }
    for (struct endpoint_request *asked = e->asked, *next; asked; asked = next) {
        next = asked->next;
        free(asked->text);
        free(asked);
    }
    if (e->multi) curl_multi_cleanup(e->multi);
    pthread_mutex_destroy(&e->lock);
    free(e);
}

/* Has the file a certificate? Whether that certificate is good is checked by libcurl. */
static bool authority_good(const struct endpoint_options *options, struct error *error)
{
    static const char begins[] = "-----BEGIN ";
    char line[256];
    const char *why = "it holds no certificate";
    bool good = false;
    FILE *file = file_reader(options->ca_file, &why);
    while (file && !good && fgets(line, sizeof line, file))
        good = strncmp(line, begins, strlen(begins)) == 0 && strstr(line, "CERTIFICATE-----");
    if (file) fclose(file);
    return good || error_set(error, ERROR_INPUT, "endpoint `%s`: ca_file %s: %s", options->name, options->ca_file, why);
}

/* Reads the file with the template of a request; NULL with the error. */
static char *request_form_read(const struct endpoint_options *options, struct error *error)
{
    size_t length;
    const char *why;
    char *form = file_read(options->request_file, REQUEST_FORM_MAX, &length, &why);
    if (form && strlen(form) != length)
        why = "it holds a zero";
    else if (form && !(why = body_xml_wrong(form)))
        return form;
    free(form);
    error_set(error, ERROR_INPUT, "endpoint `%s`: request_file %s: %s", options->name, options->request_file, why);
    return NULL;
}

/* Are the form of answers, the content type and the request template of the endpoint good? */
static bool forms_good(const struct endpoint_options *options, struct error *error)
{
    enum body_form form;
    if (!body_form_named(options->answer, &form))
        return error_set(error, ERROR_INPUT, "endpoint `%s`: answer: `%s` is no form; expected json, text or xml",
                         options->name, options->answer);
    if (options->at[0] != '\0' && form != BODY_xml)
        return error_set(error, ERROR_INPUT, "endpoint `%s`: at: only answers of xml have a path; say answer = \"xml\"",
                         options->name);
    if (strpbrk(options->content_type, "\r\n") || strlen(options->content_type) > CONTENT_TYPE_MAX)
        return error_set(error, ERROR_INPUT, "endpoint `%s`: content_type: it is no line of at most %d bytes",
                         options->name, CONTENT_TYPE_MAX);
    if (options->request_file[0] == '\0') return true;
    char *read = request_form_read(options, error);
    free(read);
    return read != NULL;
}

const char *endpoint_url_fault(const char *url)
{
    CURLU *parts = curl_url();
    if (!parts) abort();
    CURLUcode code = curl_url_set(parts, CURLUPART_URL, url, CURLU_GUESS_SCHEME);
    curl_url_cleanup(parts);
    return code == CURLUE_OK ? NULL : curl_url_strerror(code);
}

bool endpoint_check(const struct endpoint_options *options, struct error *error)
{
    struct http_request base = {.url = {options->url, (uint32_t)strlen(options->url)}};
    const char *wrong = options->url[0] != '\0' ? request_url(&base, 0) : NULL;
    if (!wrong && options->url[0] != '\0' && request_root(base.url) == 0) wrong = "it names no host";
    if (!wrong && strchr(options->url, '?')) wrong = "it ends where the path begins";
    if (wrong) return error_set(error, ERROR_INPUT, "endpoint `%s`: url: %s", options->name, wrong);
    if (options->ca_file[0] != '\0' && !authority_good(options, error)) return false;
    if (!forms_good(options, error)) return false;
    if (options->header_file[0] == '\0') return true;
    struct curl_slist *headers = request_headers_read(options->header_file, error);
    curl_slist_free_all(headers);
    return headers != NULL;
}

/* The thread */

static void endpoint_post(struct endpoints *e, const struct endpoint_job *job, const struct ending *end,
                          const struct kv *value)
{
    struct writer writer;
    writer_init(&writer);
    writer_begin(&writer, KIND_EventDone);
    writer_u(&writer, ENVELOPE_ixn, job->ixn);
    writer_u(&writer, ENVELOPE_ref, job->ref);
    writer_conn(&writer, ENVELOPE_conn, job->conn);
    writer_u(&writer, EventDone_outcome, end->outcome);
    writer_u(&writer, EventDone_code, end->code);
    writer_text(&writer, EventDone_text, end->text);
    if (end->outcome == outcome_ok && value) writer_kv(&writer, EventDone_value, value);
    e->options.done(e->options.self, writer_end(&writer));
    writer_free(&writer);
}

/* Takes a job from the list of running transfers; true: its request was cancelled. */
static bool endpoint_finish(struct endpoints *e, struct endpoint_job *job)
{
    pthread_mutex_lock(&e->lock);
    for (struct endpoint_job **at = &e->running; *at; at = &(*at)->next)
        if (*at == job) {
            *at = job->next;
            break;
        }
    bool cancelled = job->cancelled;
    pthread_mutex_unlock(&e->lock);
    return cancelled;
}

/* STILL: the endpoint was away before, too, but for another reason */
enum endpoint_news { ENDPOINT_SAME, ENDPOINT_STILL, ENDPOINT_CHANGED };

/* Sets the state of the endpoint for status and metrics: `why` is the text that is shown. `reason` is the same
 * reason as the text of a failed request has it, so that a failed look and a failed request count as one reason.
 * Returns whether an operator must be told: the state or its reason has changed. */
static enum endpoint_news endpoint_show(struct endpoints *e, struct endpoint_row *row, bool away, const char *why,
                                        const char *reason)
{
    pthread_mutex_lock(&e->lock);
    bool news = row->shown.away != away;
    if (news) row->since_us = host_monotonic_us(), aways_drop(&row->aways, "");
    bool another = away && aways_add(&row->aways, "", reason);
    row->shown.away = away;
    snprintf(row->shown.why, sizeof row->shown.why, "%s", away ? why : "");
    pthread_mutex_unlock(&e->lock);
    return news ? ENDPOINT_CHANGED : another ? ENDPOINT_STILL : ENDPOINT_SAME;
}

/* Counts the end of a request. `open`: the circuit is open now; `opened`: it was closed before. */
static void endpoint_count(struct endpoints *e, struct endpoint_row *row, const struct ending *end, bool open,
                           bool opened)
{
    pthread_mutex_lock(&e->lock);
    row->shown.open = open;
    row->shown.requests++;
    row->shown.errors += end->outcome != outcome_ok;
    row->shown.opened += opened;
    pthread_mutex_unlock(&e->lock);
}

/* Tells the breaker how a request has ended: an answer is good, except 502 to 504; a cancelled request says nothing. */
static void endpoint_told(struct endpoints *e, struct endpoint_row *row, const struct ending *end, bool cancelled)
{
    uint64_t now_us = host_monotonic_us();
    bool news = false, good = end->reached;
    if (good)
        news = breaker_good(&row->breaker);
    else if (cancelled)
        breaker_hope(&row->breaker);
    else
        news = breaker_bad(&row->breaker, now_us, (uint32_t)(now_us * 2654435761u));
    bool open = row->breaker.state != BREAKER_CLOSED;
    if (!cancelled) row->half_open = false;
    if (!cancelled) row->in_vain = !good && end->sent;
    if (good) row->hoped = false;
    endpoint_count(e, row, end, open, open && news);
    bool says = good || (open && !cancelled);
    bool still = says && endpoint_show(e, row, open, end->text, end->text) == ENDPOINT_STILL;
    if (!cancelled) row->look_us = now_us + LOOK_PAUSE_US;
    if ((!news && !still) || !e->options.note) return;
    char why[sizeof end->text + 64];
    snprintf(why, sizeof why, "%s (%s)",
             news ? "does not answer: requests are refused at once" : "still does not answer", end->text);
    e->options.note(e->options.self, row->options.name, good, good ? "answers again" : why);
}

/* Ends a transfer: sends the answer to the core, and frees its place for the next request. */
static void end_job(struct endpoints *e, struct endpoint_job *job, CURLcode result)
{
    struct kv value;
    struct ending end;
    kv_init(&value);
    request_end(job, result, host_monotonic_us(), &value, &end);
    bool cancelled = endpoint_finish(e, job);
    endpoint_told(e, job->endpoint, &end, cancelled);
    assert(job->endpoint->running > 0);
    job->endpoint->running--;
    if (!cancelled) endpoint_post(e, job, &end, &value);
    kv_free(&value);
    curl_multi_remove_handle(e->multi, job->curl);
    request_free(job);
}

static void endpoint_refuse(struct endpoints *e, struct endpoint_job *job, enum outcome outcome, enum code code,
                            const char *why)
{
    struct ending end = {.outcome = outcome, .code = code};
    snprintf(end.text, sizeof end.text, "%s: %s", job->endpoint->options.name, why);
    endpoint_post(e, job, &end, NULL);
    request_free(job);
}

/* Takes the first request from the list whose endpoint has room or an open circuit, or that was cancelled or is late;
 * NULL: there is none. The lock must be held. A request that will be refused is taken even without room, because it
 * needs none. */
static struct endpoint_job *endpoint_pick(struct endpoints *e, uint64_t now_us)
{
    for (struct endpoint_job **at = &e->waiting; *at; at = &(*at)->next) {
        struct endpoint_job *job = *at;
        struct endpoint_row *row = job->endpoint;
        enum breaker_state state = breaker_state(&row->breaker, now_us);
        bool room = row->running < row->options.connections;
        if (!room && state == BREAKER_CLOSED && !job->cancelled && now_us < job->deadline_us) continue;
        *at = job->next;
        if (!*at) e->last = at;
        assert(row->waiting > 0);
        row->waiting--;
        job->next = NULL;
        return job;
    }
    return NULL;
}

/* Handles a job that endpoint_pick() has taken: refuses or drops it, or begins its transfer. */
static void endpoint_start(struct endpoints *e, struct endpoint_job *job)
{
    uint64_t now_us = host_monotonic_us();
    struct endpoint_row *row = job->endpoint;
    struct ending end;
    assert(!job->next); /* endpoint_pick() has removed it from the list */
    enum breaker_state state = breaker_state(&row->breaker, now_us);
    if (job->cancelled) {
        request_free(job);
    } else if (now_us >= job->deadline_us) {
        endpoint_refuse(e, job, outcome_timeout, code_timeout, "it has waited for its turn too long");
    } else if (state == BREAKER_OPEN || state == BREAKER_PROBING) {
        endpoint_refuse(e, job, outcome_error, code_unavailable, "it did not answer, and is not asked for a while");
    } else if (!request_make(job, now_us, &end)) {
        endpoint_post(e, job, &end, NULL);
        request_free(job);
    } else {
        if (state == BREAKER_DUE) breaker_probe(&row->breaker);
        row->running++;
        pthread_mutex_lock(&e->lock);
        job->next = e->running;
        e->running = job;
        pthread_mutex_unlock(&e->lock);
        curl_multi_add_handle(e->multi, job->curl);
    }
}

static bool start_some(struct endpoints *e)
{
    for (;;) {
        pthread_mutex_lock(&e->lock);
        bool stopping = e->stopping;
        struct endpoint_job *job = stopping ? NULL : endpoint_pick(e, host_monotonic_us());
        pthread_mutex_unlock(&e->lock);
        if (!job) return !stopping;
        endpoint_start(e, job);
    }
}

/* ---- looks ---- */

/* Is a look at the endpoint due? A look is a HEAD request, for which any answer of the server suffices. While the
 * circuit is open, a look is due when a request might try, so that a caller's request is sent only to a server that
 * answers. */
static bool look_due(struct endpoint_row *row, uint64_t now_us)
{
    enum breaker_state state = breaker_state(&row->breaker, now_us);
    if (row->look || row->options.url[0] == '\0') return false;
    if (state == BREAKER_DUE && !row->half_open) return true;
    return (state == BREAKER_DUE || state == BREAKER_CLOSED) && row->running == 0 && now_us >= row->look_us;
}

/* Begins a look at the endpoint, by a new connection each time: one that is kept open would not show that no new
 * connection can be made. */
static void look_begin(struct endpoints *e, struct endpoint_row *row)
{
    const struct endpoint_options *options = &row->options;
    CURL *curl = row->look = curl_easy_init();
    if (!curl) abort();
    if (row->breaker.state == BREAKER_DUE) breaker_probe(&row->breaker);
    row->look_why[0] = '\0';
    curl_easy_setopt(curl, CURLOPT_URL, options->url);
    curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "http,https");
    curl_easy_setopt(curl, CURLOPT_NOBODY, 1L);
    curl_easy_setopt(curl, CURLOPT_FRESH_CONNECT, 1L);
    curl_easy_setopt(curl, CURLOPT_FORBID_REUSE, 1L);
    certificate_watch_curl(curl, &row->look_ends_s);
    curl_easy_setopt(curl, CURLOPT_PROXY, "");
    curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
    if (options->ca_file[0] != '\0') curl_easy_setopt(curl, CURLOPT_CAINFO, options->ca_file);
    curl_easy_setopt(curl, CURLOPT_ERRORBUFFER, row->look_why);
    curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT_MS, (long)(options->connect_us / 1000 + 1));
    curl_easy_setopt(curl, CURLOPT_TIMEOUT_MS, (long)((options->connect_us + options->timeout_us) / 1000 + 1));
    curl_multi_add_handle(e->multi, curl);
}

static void look_drop(struct endpoints *e, struct endpoint_row *row)
{
    if (!row->look) return;
    curl_multi_remove_handle(e->multi, row->look);
    curl_easy_cleanup(row->look);
    row->look = NULL;
}

/* Takes the end of a look. An answer does not close the circuit: the next request decides, and until then only that
 * one is sent. If the last request was sent but not served, the endpoint stays away until then. */
static void look_end(struct endpoints *e, struct endpoint_row *row, CURLcode result)
{
    uint64_t now_us = host_monotonic_us();
    char why[sizeof row->look_why + 32], reason[sizeof why];
    bool good = result == CURLE_OK, closed = row->breaker.state == BREAKER_CLOSED;
    snprintf(why, sizeof why, "%s", *row->look_why ? row->look_why : curl_easy_strerror(result));
    snprintf(reason, sizeof reason, "%s: %.180s", row->options.name, request_reason(result, row->look_why));
    look_drop(e, row);
    row->look_us = now_us + LOOK_PAUSE_US;
    row->half_open = good && !closed;
    if (row->half_open)
        breaker_hope(&row->breaker);
    else if (row->breaker.state == BREAKER_PROBING)
        breaker_bad(&row->breaker, now_us, (uint32_t)(now_us * 2654435761u));
    pthread_mutex_lock(&e->lock);
    row->shown.expires_s = row->look_ends_s;
    pthread_mutex_unlock(&e->lock);
    bool hopes = row->half_open && row->in_vain, first = hopes && !row->hoped;
    row->hoped |= hopes;
    enum endpoint_news news = hopes  ? (first ? ENDPOINT_CHANGED : ENDPOINT_SAME)
                              : good ? endpoint_show(e, row, false, "", "")
                                     : endpoint_show(e, row, true, why, reason);
    if (news == ENDPOINT_SAME || !e->options.note) return;
    char text[sizeof why + 32];
    snprintf(text, sizeof text, "%sdoes not answer: %s", news == ENDPOINT_STILL ? "still " : "", why);
    e->options.note(e->options.self, row->options.name, good,
                    !good    ? text
                    : closed ? "is there again"
                             : "is there again: the next request decides");
}

/* Returns the first endpoint of the list; the thread goes through the list without the lock, because rows are added
 * at its head, and existing rows do not change. */
static struct endpoint_row *endpoints_first(struct endpoints *e)
{
    pthread_mutex_lock(&e->lock);
    struct endpoint_row *first = e->endpoints;
    pthread_mutex_unlock(&e->lock);
    return first;
}

static void look_some(struct endpoints *e)
{
    for (struct endpoint_row *row = endpoints_first(e); row; row = row->next)
        if (look_due(row, host_monotonic_us())) look_begin(e, row);
}

static void transfer_ended(struct endpoints *e, const CURLMsg *message)
{
    struct endpoint_job *job = NULL;
    CURL *curl = message->easy_handle;
    CURLcode result = message->data.result;
    curl_easy_getinfo(curl, CURLINFO_PRIVATE, (char **)&job);
    if (job) {
        end_job(e, job, result);
        return;
    }
    struct endpoint_row *row = endpoints_first(e);
    while (row && row->look != curl) row = row->next;
    assert(row);
    look_end(e, row, result);
}

void endpoint_label(const struct endpoint_shown *shown, char *label, size_t size)
{
    snprintf(label, size, "http.%s", shown->name);
}

bool endpoints_read(struct endpoints *e, size_t index, struct endpoint_shown *shown)
{
    pthread_mutex_lock(&e->lock);
    struct endpoint_row *row = e->endpoints;
    for (size_t i = 0; row && i < index; i++) row = row->next;
    if (row) {
        *shown = row->shown;
        shown->waiting = row->waiting;
        shown->for_us = row->shown.away ? host_monotonic_us() - row->since_us : 0;
        snprintf(shown->name, sizeof shown->name, "%s", row->options.name);
        snprintf(shown->url, sizeof shown->url, "%s", row->options.url);
    }
    pthread_mutex_unlock(&e->lock);
    return row != NULL;
}

/* Ends transfers of requests that were cancelled meanwhile. */
static void drop_some(struct endpoints *e)
{
    for (struct endpoint_job *job = e->running, *next; job; job = next) {
        next = job->next;
        pthread_mutex_lock(&e->lock);
        bool cancelled = job->cancelled;
        pthread_mutex_unlock(&e->lock);
        if (cancelled) end_job(e, job, CURLE_ABORTED_BY_CALLBACK);
    }
}

/* The thread's work: sends requests; while some wait, it waits for events for at most a fifth of a second, since a
 * deadline may pass or a circuit may be due; a new request ends the waiting. */
static void *endpoint_work(void *self)
{
    struct endpoints *e = self;
    while (start_some(e)) {
        int running, left;
        const CURLMsg *message;
        curl_multi_perform(e->multi, &running);
        while ((message = curl_multi_info_read(e->multi, &left)))
            if (message->msg == CURLMSG_DONE) transfer_ended(e, message);
        drop_some(e);
        look_some(e);
        pthread_mutex_lock(&e->lock);
        bool more = e->waiting != NULL;
        pthread_mutex_unlock(&e->lock);
        curl_multi_poll(e->multi, NULL, 0, more ? LOOK_MS : 5 * LOOK_MS, NULL);
    }
    while (e->running) { /* transfers that still run are dropped without an answer */
        struct endpoint_job *job = e->running;
        e->running = job->next;
        curl_multi_remove_handle(e->multi, job->curl);
        request_free(job);
    }
    for (struct endpoint_row *row = endpoints_first(e); row; row = row->next) look_drop(e, row);
    return NULL;
}

bool endpoints_add(struct endpoints *e, const struct endpoint_options *options, struct error *error)
{
    if (!endpoint_check(options, error)) return false;
    if (!e->started) {
        if (curl_global_init(CURL_GLOBAL_ALL) != 0) abort();
        e->multi = curl_multi_init();
        if (!e->multi) abort();
    }
    struct endpoint_row *row = memory_zeroed(1, sizeof *row);
    row->options = *options;
    row->options.name = memory_text(options->name);
    row->options.url = memory_text(options->url);
    row->options.header_file = memory_text(options->header_file);
    row->options.ca_file = memory_text(options->ca_file);
    row->options.at = memory_text(options->at);
    row->options.content_type = memory_text(options->content_type);
    if (options->header_file[0] != '\0') row->headers = request_headers_read(options->header_file, error);
    if (options->request_file[0] != '\0' && !(row->request_form = request_form_read(options, error))) {
        endpoint_row_free(row);
        return false;
    }
    (void)body_form_named(options->answer, &row->answer); /* endpoint_check() has checked that there is such a form */
    breaker_init(&row->breaker, options->failures, options->retry_us, options->retry_max_us);
    pthread_mutex_lock(&e->lock);
    row->next = e->endpoints;
    e->endpoints = row;
    pthread_mutex_unlock(&e->lock);
    if (!e->started && pthread_create(&e->thread, NULL, endpoint_work, e) != 0) abort();
    e->started = true;
    return true;
}

/* Adds a request under its hash: programs give their requests once, and a message then has only the hash and the
 * arguments. */
void endpoints_statement(struct endpoints *e, const uint8_t hash[32], const char *text, uint32_t length,
                         uint32_t arguments, bool body, bool reads)
{
    pthread_mutex_lock(&e->lock);
    struct endpoint_request *asked = e->asked;
    while (asked && memcmp(asked->hash, hash, sizeof asked->hash) != 0) asked = asked->next;
    if (!asked) {
        asked = memory_zeroed(1, sizeof *asked);
        memcpy(asked->hash, hash, sizeof asked->hash);
        asked->text = memory_zeroed(length + 1u, 1);
        memcpy(asked->text, text, length);
        asked->length = length;
        asked->arguments = arguments;
        asked->body = body;
        asked->reads = reads;
        asked->next = e->asked;
        e->asked = asked;
    }
    pthread_mutex_unlock(&e->lock);
}

/* Makes the job of a request; its Idempotency-Key is the same if the request is repeated after a restart of gcxvm,
 * and different from all other keys in this journal. */
static struct endpoint_job *endpoint_job_new(const struct endpoints *e, const struct message *message,
                                             struct endpoint_row *row, const struct endpoint_request *asked)
{
    struct span args = message_text(message, HttpRequest_args);
    struct span secret = message_text(message, HttpRequest_secret);
    struct endpoint_job *job = memory_zeroed(1, sizeof *job + args.length + secret.length);
    int64_t timeout_us = message_i(message, ENVELOPE_timeout);
    assert(asked && asked->text);
    job->endpoint = row;
    job->asked = asked;
    job->ixn = message_u(message, ENVELOPE_ixn);
    job->ref = message_u(message, ENVELOPE_ref);
    job->conn = message_u(message, ENVELOPE_conn);
    snprintf(job->key, sizeof job->key, "%s-%llu-%llu", e->journal, (unsigned long long)job->ixn,
             (unsigned long long)job->ref);
    job->method = (enum method)message_u(message, HttpRequest_method);
    job->deadline_us = host_monotonic_us() + (timeout_us > 0 ? (uint64_t)timeout_us : row->options.timeout_us);
    if (args.length > 0) memcpy(job + 1, args.bytes, args.length);
    job->args = (struct span){(const uint8_t *)(job + 1), args.length};
    if (secret.length > 0) memcpy((uint8_t *)(job + 1) + args.length, secret.bytes, secret.length);
    job->secret = (struct span){job->args.bytes + args.length, secret.length};
    return job;
}

/* Answers at once a request that is never sent to an endpoint. */
static void refuse_message(struct endpoints *e, const struct message *message, const char *why)
{
    struct endpoint_job job = {.ixn = message_u(message, ENVELOPE_ixn),
                               .ref = message_u(message, ENVELOPE_ref),
                               .conn = message_u(message, ENVELOPE_conn)};
    struct ending end = {.outcome = outcome_error, .code = code_unavailable};
    struct span name = message_text(message, HttpRequest_endpoint);
    snprintf(end.text, sizeof end.text, "%.*s: %s", (int)name.length, (const char *)name.bytes, why);
    endpoint_post(e, &job, &end, NULL);
}

/* Puts a request into the list under the lock; a refusal is posted without it. */
void endpoints_request(struct endpoints *e, const struct message *message)
{
    struct span name = message_text(message, HttpRequest_endpoint), hash = message_text(message, HttpRequest_statement);
    const char *why = NULL;
    assert(message->kind == KIND_HttpRequest);
    pthread_mutex_lock(&e->lock);
    struct endpoint_row *row = e->endpoints;
    while (row && !span_is(name, row->options.name)) row = row->next;
    const struct endpoint_request *asked = hash.length == 32 ? e->asked : NULL;
    while (asked && memcmp(asked->hash, hash.bytes, 32) != 0) asked = asked->next;
    if (!row)
        why = "no endpoint of this name in the configuration";
    else if (!asked)
        why = "the request is of no loaded program";
    else if (row->waiting >= row->options.waiting_max)
        why = "too many requests wait";
    if (!why) {
        struct endpoint_job *job = endpoint_job_new(e, message, row, asked);
        *e->last = job;
        e->last = &job->next;
        row->waiting++;
    }
    pthread_mutex_unlock(&e->lock);
    if (why)
        refuse_message(e, message, why);
    else
        curl_multi_wakeup(e->multi);
}

void endpoints_cancel(struct endpoints *e, uint64_t ixn, uint64_t ref)
{
    bool found = false;
    pthread_mutex_lock(&e->lock);
    for (unsigned list = 0; list < 2 && !found; list++)
        for (struct endpoint_job *job = list == 0 ? e->waiting : e->running; job && !found; job = job->next) {
            found = job->ixn == ixn && job->ref == ref;
            if (found) job->cancelled = true;
        }
    pthread_mutex_unlock(&e->lock);
    if (found) curl_multi_wakeup(e->multi);
}
