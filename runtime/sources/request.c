/* runtime/sources/request.c - One request: makes its URL, headers and body for libcurl, and reads the result.
 *
 * A program declares the form of a URL, `https://crm/customers/{number}?tier={tier}`; a request has the arguments.
 * Each argument is percent-encoded as a whole, so it cannot end its part of the path or its parameter, and an
 * argument that would lead to another path is refused (leads_away): a caller's number must never choose which place
 * is asked.
 *
 * Redirections are not followed and proxies in the environment are not used: an answer comes only from the host in
 * the configuration. PUT and DELETE have a key by which a server can recognise a repetition. POST has none: it uses
 * a new connection, since libcurl would repeat it on an old one that turns out to be closed.
 *
 * A request that changes something and got no answer may or may not have been carried out: the result is
 * outcome_unknown, another exit of the step than for a failure. */
#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "runtime/sources/body.h"
#include "runtime/sources/body_xml.h"
#include "runtime/sources/endpoint_state.h"
#include "base/file.h"
#include "runtime/vocabulary/hidden.h"
#include "base/memory.h"
#include "vm/request.h"

enum { URL_ROOM = 16384, HEADER_ROOM = 4096 };

/* Is the text a header line "Name: value", without a control character that could begin another header? */
static bool header_good(const char *line)
{
    const char *colon = strchr(line, ':');
    if (!colon || colon == line) return false;
    for (const char *at = line; at < colon; at++)
        if ((unsigned char)*at <= ' ' || (unsigned char)*at > '~') return false;
    for (const char *at = colon; *at != '\0'; at++)
        if ((unsigned char)*at < ' ' && *at != '\t') return false;
    return true;
}

struct curl_slist *request_headers_read(const char *path, struct error *error)
{
    struct curl_slist *headers = NULL;
    struct stat status;
    char line[HEADER_ROOM];
    const char *why;
    FILE *file = file_reader(path, &why);
    if (!file) {
        error_set(error, ERROR_UNAVAILABLE, "header_file %s: %s", path, why);
        return NULL;
    }
    if (fstat(fileno(file), &status) != 0 || (status.st_mode & (S_IRWXG | S_IRWXO)) != 0) {
        error_set(error, ERROR_DENIED, "header_file %s: others may read it; expected a file of mode 0600", path);
        fclose(file);
        return NULL;
    }
    for (unsigned number = 1; fgets(line, sizeof line, file); number++) {
        bool whole = strchr(line, '\n') || feof(file);
        line[strcspn(line, "\r\n")] = '\0';
        if (line[0] == '\0') continue;
        if (!whole || !header_good(line)) {
            error_set(error, ERROR_INPUT, "header_file %s: line %u is no header; expected `Name: value`", path, number);
            curl_slist_free_all(headers);
            fclose(file);
            return NULL;
        }
        struct curl_slist *more = curl_slist_append(headers, line);
        if (!more) abort();
        headers = more;
    }
    fclose(file);
    if (!headers) error_set(error, ERROR_INPUT, "header_file %s: it holds no header", path);
    return headers;
}

struct url {
    char *text;
    size_t length;
    bool fits;
};

/* Adds bytes to the URL while there is room; once a part has not fitted, `fits` stays false. */
static void url_add(struct url *url, const char *bytes, size_t length)
{
    assert(url->length < URL_ROOM);
    url->fits = url->fits && url->length + length < URL_ROOM;
    if (!url->fits) return;
    memcpy(url->text + url->length, bytes, length);
    url->text[url->length += length] = '\0';
}

/* Adds an argument to the URL, percent-encoded except for the characters that RFC 3986 leaves unreserved, so that an
 * argument cannot change the structure of the URL. */
static void add_encoded(struct url *url, struct span text)
{
    static const char digits[] = "0123456789ABCDEF";
    for (uint32_t i = 0; i < text.length; i++) {
        uint8_t c = text.bytes[i];
        bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
                     c == '.' || c == '_' || c == '~';
        char hex[3] = {'%', digits[c >> 4], digits[c & 15]};
        if (plain)
            url_add(url, (const char *)&c, 1);
        else
            url_add(url, hex, sizeof hex);
    }
}

static bool request_argument(struct span args, uint32_t number, struct kv_value *value)
{
    uint32_t at = 0;
    struct kv_pair pair;
    for (uint32_t i = 0; kv_next(args, &at, &pair); i++) {
        if (i != number) continue;
        *value = pair.value;
        return true;
    }
    return false;
}

/* True: the argument is an empty path segment, "." or "..", which would make the URL lead to another place than the
 * one meant. */
static bool leads_away(struct span text)
{
    return text.length == 0 || span_is(text, ".") || span_is(text, "..");
}

/* Returns NULL if the URL was made, else the reason why it cannot be made, as a sentence. */
static const char *make_url(const struct endpoint_job *job, const struct http_request *request, struct url *url)
{
    const char *base = job->endpoint->options.url;
    uint32_t at = base[0] != '\0' ? request_root(request->url) : 0, number;
    struct request_text text;
    size_t length = strlen(base);
    if (base[0] == '\0' && request_root(request->url) == 0)
        return "the site names no host, and the configuration no url";
    while (length > 0 && base[length - 1] == '/') length--;
    url_add(url, base, length);
    while (request_piece(request->url, &at, &text, &number)) {
        struct kv_value value;
        struct span plain;
        char room[BODY_VALUE_ROOM];
        url_add(url, text.bytes, text.length);
        if (number == UINT32_MAX) continue;
        if (!request_argument(job->args, number, &value) || !body_plain(&value, room, &plain))
            return "an argument cannot stand in a URL";
        if ((request->in_path >> number & 1) && leads_away(plain))
            return "an argument that is empty, or only points, cannot stand in a path";
        add_encoded(url, plain);
    }
    return url->fits ? NULL : "its URL is too long";
}

/* Takes a piece of the answer from libcurl; returning another number than the length of the piece ends the transfer. */
static size_t request_take_bytes(char *bytes, size_t size, size_t count, void *self)
{
    struct endpoint_job *job = self;
    size_t more = size * count;
    assert(job->length <= job->endpoint->options.bytes_max);
    if (job->cancelled) return 0;
    if (more > job->endpoint->options.bytes_max - job->length) {
        job->overflow = true;
        return 0;
    }
    if (job->length + more + 1 > job->capacity) {
        job->capacity = 2 * (job->length + more + 1);
        job->answer = memory_grown(job->answer, job->capacity, 1);
    }
    memcpy(job->answer + job->length, bytes, more);
    job->answer[job->length += more] = '\0';
    return more;
}

static void add_header(struct endpoint_job *job, const char *line)
{
    struct curl_slist *more = curl_slist_append(job->headers, line);
    if (!more) abort();
    job->headers = more;
}

static void make_headers(struct endpoint_job *job)
{
    static const char *const accepted[] = {
#define FORM(word, types) "Accept: " types,
        BODY_FORMS(FORM)
#undef FORM
    };
    assert(!job->headers);
    char line[sizeof job->key + CONTENT_TYPE_MAX];
    for (const struct curl_slist *one = job->endpoint->headers; one; one = one->next) add_header(job, one->data);
    add_header(job, accepted[job->endpoint->answer]);
    add_header(job, "Expect:");
    if (job->body && !job->endpoint->request_form) add_header(job, "Content-Type: application/json");
    if (job->body && job->endpoint->request_form) {
        snprintf(line, sizeof line, "Content-Type: %s", job->endpoint->options.content_type);
        add_header(job, line);
    }
    if (job->method != method_put && job->method != method_delete) return;
    snprintf(line, sizeof line, "Idempotency-Key: %s", job->key);
    add_header(job, line);
}

static void make_method(struct endpoint_job *job)
{
    CURL *curl = job->curl;
    if (job->body) {
        curl_easy_setopt(curl, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)strlen(job->body));
        curl_easy_setopt(curl, CURLOPT_POSTFIELDS, job->body);
    }
    if (job->method == method_put) curl_easy_setopt(curl, CURLOPT_CUSTOMREQUEST, "PUT");
    if (job->method == method_delete) curl_easy_setopt(curl, CURLOPT_CUSTOMREQUEST, "DELETE");
    if (job->method != method_post) return;
    /* On a connection used before, libcurl would send the request again if it found the connection closed. */
    curl_easy_setopt(curl, CURLOPT_FRESH_CONNECT, 1L);
    curl_easy_setopt(curl, CURLOPT_FORBID_REUSE, 1L);
}

static void make_transfer(struct endpoint_job *job, const char *url, uint64_t now_us)
{
    CURL *curl = job->curl;
    const struct endpoint_options *options = &job->endpoint->options;
    uint64_t left_ms = (job->deadline_us - now_us) / 1000, connect_ms = options->connect_us / 1000;
    make_headers(job);
    make_method(job);
    curl_easy_setopt(curl, CURLOPT_URL, url);
    curl_easy_setopt(curl, CURLOPT_HTTPHEADER, job->headers);
    curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "http,https");
    curl_easy_setopt(curl, CURLOPT_FOLLOWLOCATION, 0L);
    curl_easy_setopt(curl, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
    curl_easy_setopt(curl, CURLOPT_PATH_AS_IS, 1L);
    curl_easy_setopt(curl, CURLOPT_PROXY, "");
    curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(curl, CURLOPT_SSL_VERIFYPEER, 1L);
    curl_easy_setopt(curl, CURLOPT_SSL_VERIFYHOST, 2L);
    if (options->ca_file[0] != '\0') curl_easy_setopt(curl, CURLOPT_CAINFO, options->ca_file);
    curl_easy_setopt(curl, CURLOPT_ERRORBUFFER, job->error);
    curl_easy_setopt(curl, CURLOPT_USERAGENT, "gcxvm");
    curl_easy_setopt(curl, CURLOPT_TIMEOUT_MS, (long)(left_ms > 0 ? left_ms : 1));
    curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT_MS, (long)(connect_ms > 0 ? connect_ms : 1));
    curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, request_take_bytes);
    curl_easy_setopt(curl, CURLOPT_WRITEDATA, job);
    curl_easy_setopt(curl, CURLOPT_PRIVATE, job);
}

bool request_make(struct endpoint_job *job, uint64_t now_us, struct ending *end)
{
    struct http_request request;
    char *text = memory_grown(NULL, URL_ROOM, 1);
    struct url url = {.text = text, .fits = true};
    text[0] = '\0';
    const char *wrong = request_read((struct request_text){job->asked->text, job->asked->length}, job->asked->arguments,
                                     job->asked->body, &request);
    if (!wrong) wrong = make_url(job, &request, &url);
    if (!wrong && job->asked->body && job->endpoint->request_form)
        job->body = body_xml_fill(job->endpoint->request_form, job->args, &wrong);
    else if (!wrong && job->asked->body)
        job->body = body_write(job->args, request.in_url);
    if (!wrong && !(job->curl = curl_easy_init())) abort();
    if (!wrong) make_transfer(job, text, now_us); /* libcurl copies the URL */
    free(text);
    if (!wrong) return true;
    *end = (struct ending){.outcome = outcome_error, .code = code_unavailable};
    snprintf(end->text, sizeof end->text, "%s: %s", job->endpoint->options.name, wrong);
    return false;
}

static void request_fail(const struct endpoint_job *job, struct ending *end, enum outcome outcome, enum code code,
                         const char *why)
{
    end->outcome = outcome;
    end->code = code;
    snprintf(end->text, sizeof end->text, "%s: %.180s", job->endpoint->options.name, why);
}

/* Returns the reason of a failure in words; for TLS it is libcurl's own text, which is more precise than its error
 * codes. */
const char *request_reason(CURLcode result, const char *error)
{
    bool tls = result == CURLE_PEER_FAILED_VERIFICATION || result == CURLE_SSL_CONNECT_ERROR ||
               result == CURLE_SSL_CACERT_BADFILE;
    return tls && error[0] != '\0' ? error : curl_easy_strerror(result);
}

/* Marks the parts of the request that are not to be shown in the journal, traces and logs. */
static void request_hide(const struct endpoint_job *job, struct kv *value)
{
    struct kv hidden;
    kv_init(&hidden);
    hidden_copy(job->secret, kv_span(value), &hidden);
    kv_free(value);
    *value = hidden;
}

static void read_answer(struct endpoint_job *job, struct kv *value, struct ending *end)
{
    const struct endpoint_row *row = job->endpoint;
    const char *text = job->answer ? job->answer : "";
    const char *wrong = job->asked->reads ? body_read(row->answer, row->options.at, text, job->length, value) : NULL;
    if (wrong)
        request_fail(job, end, outcome_error, code_bad_body, wrong);
    else if (value->length > KV_BYTES_MAX)
        request_fail(job, end, outcome_error, code_too_large, "the answer holds too much");
    else if (job->secret.length > 0)
        request_hide(job, value);
}

void request_end(struct endpoint_job *job, CURLcode result, uint64_t now_us, struct kv *value, struct ending *end)
{
    assert(job->curl);
    long status = 0, sent = 0;
    char why[64];
    curl_easy_getinfo(job->curl, CURLINFO_RESPONSE_CODE, &status);
    curl_easy_getinfo(job->curl, CURLINFO_REQUEST_SIZE, &sent);
    *end = (struct ending){.outcome = outcome_ok,
                           .code = code_ok,
                           .reached = status > 0 && (status < 502 || status > 504),
                           .sent = sent > 0};
    bool changes = job->method != method_get && sent > 0;
    if (job->overflow) {
        snprintf(why, sizeof why, "more than %u bytes", job->endpoint->options.bytes_max);
        request_fail(job, end, outcome_error, code_too_large, why);
    } else if (result == CURLE_OK && (status < 200 || status > 299)) {
        snprintf(why, sizeof why, "status %ld", status);
        request_fail(job, end, outcome_error, code_status, why);
    } else if (result == CURLE_OK) {
        read_answer(job, value, end);
    } else if (changes) {
        request_fail(job, end, outcome_unknown, code_outcome_unknown, request_reason(result, job->error));
    } else if (result == CURLE_OPERATION_TIMEDOUT && now_us + 1000 >= job->deadline_us) {
        request_fail(job, end, outcome_timeout, code_timeout, curl_easy_strerror(result));
    } else {
        request_fail(job, end, outcome_error, code_unavailable, request_reason(result, job->error));
    }
}

void request_free(struct endpoint_job *job)
{
    if (job->curl) curl_easy_cleanup(job->curl);
    curl_slist_free_all(job->headers);
    free(job->body);
    free(job->answer);
    free(job);
}
