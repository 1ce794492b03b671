/* runtime/adapters/webhook/send.c - Makes one request to a network's API, by libcurl, in a sender's thread.
 *
 * The struct has everything about the request: the loop fills it before and reads it afterwards, and in the meantime
 * only the thread uses it. No proxy is taken from the environment, only HTTP is spoken, and redirections are not
 * followed: a token must not get to another host.
 *
 *     status 0, not reached     nothing was sent: the request may go again
 *     status 0, reached         it may have arrived
 *     status 100 and above      the network has answered
 */
#include <assert.h>
#include <curl/curl.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/adapter/probe.h"
#include "runtime/adapters/webhook/send.h"
#include "runtime/vocabulary/bytes.h"
#include "base/memory.h"

enum { ANSWER_BYTES = 1024 * 1024 };

static void file_free(struct outgoing_file *file)
{
    if (!file) return;
    g_free(file->url), g_free(file->field), g_free(file->name), g_free(file->type);
    g_ptr_array_unref(file->fields);
    g_byte_array_unref(file->bytes);
    free(file);
}

/* Takes bytes of the answer; returning less than the size ends the transfer, as the answer is too long to be valid. */
static size_t on_answer(char *bytes, size_t size, size_t count, void *self)
{
    GString *answer = self;
    if (answer->len + size * count > ANSWER_BYTES) return 0;
    g_string_append_len(answer, bytes, (gssize)(size * count));
    return size * count;
}

/* Called by libcurl about once a second; returns other than 0 to end the transfer, when the process ends. */
static int on_sending(void *self, curl_off_t down, curl_off_t loaded, curl_off_t up, curl_off_t sent)
{
    (void)down, (void)loaded, (void)up, (void)sent;
    return atomic_load(((const struct webhook_outgoing *)self)->stopping);
}

static struct curl_slist *headers_of(const struct webhook_outgoing *outgoing, bool uploads)
{
    struct curl_slist *list = NULL;
    if (outgoing->body && !uploads)
        list = curl_slist_append(list, outgoing->form ? "Content-Type: application/x-www-form-urlencoded"
                                                      : "Content-Type: application/json");
    list = curl_slist_append(list, "Expect:");
    for (unsigned i = 0; i < HEADERS_MAX_COUNT && outgoing->headers[i]; i++)
        list = curl_slist_append(list, outgoing->headers[i]);
    return list;
}

static void set_options(CURL *curl, struct webhook_outgoing *outgoing, const char *url, struct curl_slist *headers)
{
    curl_easy_setopt(curl, CURLOPT_URL, url);
    curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "http,https");
    curl_easy_setopt(curl, CURLOPT_PROXY, "");
    curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(curl, CURLOPT_TIMEOUT, (long)outgoing->timeout_s);
    curl_easy_setopt(curl, CURLOPT_HTTPHEADER, headers);
    curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, on_answer);
    curl_easy_setopt(curl, CURLOPT_WRITEDATA, outgoing->answer);
    curl_easy_setopt(curl, CURLOPT_NOPROGRESS, 0L);
    curl_easy_setopt(curl, CURLOPT_XFERINFOFUNCTION, on_sending);
    curl_easy_setopt(curl, CURLOPT_XFERINFODATA, outgoing);
    if (*outgoing->ca) curl_easy_setopt(curl, CURLOPT_CAINFO, outgoing->ca);
}

static void set_body(CURL *curl, const struct webhook_outgoing *outgoing)
{
    if (!outgoing->body) return;
    curl_easy_setopt(curl, CURLOPT_CUSTOMREQUEST, outgoing->method);
    curl_easy_setopt(curl, CURLOPT_POSTFIELDS, outgoing->body);
}

/* Makes the form of a file; freed by curl_mime_free(). The time-out grows with the size of the file, so that
 * a slow line can upload a large one. */
static curl_mime *set_form(CURL *curl, const struct outgoing_file *file, uint64_t timeout_s)
{
    enum { BYTES_A_SECOND_LEAST = 100000 };
    curl_mime *form = curl_mime_init(curl);
    if (!form) abort();
    for (guint i = 0; i + 1 < file->fields->len; i += 2) {
        curl_mimepart *part = curl_mime_addpart(form);
        curl_mime_name(part, file->fields->pdata[i]);
        curl_mime_data(part, file->fields->pdata[i + 1], CURL_ZERO_TERMINATED);
    }
    curl_mimepart *part = curl_mime_addpart(form);
    curl_mime_name(part, file->field);
    curl_mime_data(part, (const char *)file->bytes->data, file->bytes->len);
    curl_mime_filename(part, file->name);
    curl_mime_type(part, file->type);
    curl_easy_setopt(curl, CURLOPT_MIMEPOST, form);
    curl_easy_setopt(curl, CURLOPT_TIMEOUT, (long)(timeout_s + file->bytes->len / BYTES_A_SECOND_LEAST));
    return form;
}

/* Makes one request: that of the file, or that of the body. */
static void outgoing_perform(struct webhook_outgoing *outgoing, const struct outgoing_file *file)
{
    CURL *curl = curl_easy_init();
    if (!curl) abort();
    struct curl_slist *headers = headers_of(outgoing, file != NULL);
    curl_mime *form = NULL;
    set_options(curl, outgoing, file ? file->url : outgoing->url, headers);
    if (file)
        form = set_form(curl, file, outgoing->timeout_s);
    else
        set_body(curl, outgoing);
    CURLcode code = curl_easy_perform(curl);
    curl_off_t after = 0, sent = 0;
    curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &outgoing->status);
    curl_easy_getinfo(curl, CURLINFO_RETRY_AFTER, &after);
    curl_easy_getinfo(curl, CURLINFO_SIZE_UPLOAD_T, &sent);
    if (code != CURLE_OK) {
        const char *why = code == CURLE_WRITE_ERROR ? "its answer is too long" : curl_easy_strerror(code);
        g_strlcpy(outgoing->why, why, sizeof outgoing->why);
        outgoing->status = 0;
    }
    outgoing->reached = outgoing->status != 0 || sent > 0;
    outgoing->after_s = after < 0 ? 0 : after > WAIT_MOST_S ? WAIT_MOST_S : (uint64_t)after;
    curl_slist_free_all(headers);
    curl_easy_cleanup(curl);
    curl_mime_free(form);
}

/* Puts the network's name of the file into the body. False: the answer does not have it. */
static bool body_names(struct webhook_outgoing *outgoing)
{
    char *name = network_answer(outgoing->file->found, outgoing->answer);
    if (!name) return false;
    json_t *text = json_string(name);
    char *quoted = json_dumps(text, JSON_ENCODE_ANY), **parts = g_strsplit(outgoing->body, OUTGOING_UPLOADED, -1);
    quoted[strlen(quoted) - 1] = '\0'; /* without its quotation marks */
    char *body = g_strjoinv(quoted + 1, parts);
    free(outgoing->body);
    outgoing->body = strdup(body); /* freed like the text of network_body() */
    g_free(body), g_strfreev(parts), free(quoted), g_free(name);
    json_decref(text);
    return true;
}

/* A file goes first. Where a message is to name it and that is not sent yet, the network has nothing of it: all may be
 * sent again. */
void send_outgoing(void *unused, void *given)
{
    struct webhook_outgoing *outgoing = given;
    assert(outgoing->url && outgoing->timeout_s > 0 && outgoing->stopping);
    (void)unused;
    outgoing->answer = g_string_new(NULL);
    if (outgoing->file) {
        outgoing_perform(outgoing, outgoing->file);
        if (!outgoing->file->found) return;
        bool good = outgoing->status >= 200 && outgoing->status < 300;
        if (!good) outgoing->reached = outgoing->status != 0;
        if (!good) return;
        if (!body_names(outgoing)) {
            outgoing->status = 0, outgoing->reached = false;
            g_strlcpy(outgoing->why, "its answer does not name the file", sizeof outgoing->why);
            return;
        }
        file_free(g_steal_pointer(&outgoing->file)); /* it is not sent again with the message */
        g_string_truncate(outgoing->answer, 0);
    }
    outgoing_perform(outgoing, NULL);
}

void outgoing_request_free(void *given)
{
    struct webhook_outgoing *outgoing = given;
    for (unsigned i = 0; i < HEADERS_MAX_COUNT; i++) g_free(outgoing->headers[i]);
    g_free(outgoing->customer), g_free(outgoing->url);
    file_free(outgoing->file);
    free(outgoing->body);
    if (outgoing->answer) g_string_free(outgoing->answer, TRUE);
    free(outgoing);
}

/* ---- making a request ---- */

/* Makes a request; NULL: a value is missing, or a header would have two lines. */
struct webhook_outgoing *outgoing_new(const struct network *network, const char *url, bool must, network_value *value,
                                      void *self)
{
    const struct network_write *write = &network->write;
    struct webhook_outgoing *outgoing = memory_zeroed(1, sizeof *outgoing);
    bool good = (outgoing->url = network_line(url, true, value, self)) != NULL;
    for (unsigned i = 0; good && i < HEADERS_MAX_COUNT && write->headers[i]; i++) {
        outgoing->headers[i] = network_line(write->headers[i], false, value, self);
        /* with `must` each header needs its value; without it a header that lacks its value is left out, with those
         * after it */
        if (!outgoing->headers[i] && must) good = false;
        if (!outgoing->headers[i]) break;
    }
    outgoing->method = write->method;
    outgoing->repeatable = write->repeatable;
    if (good) return outgoing;
    outgoing_request_free(outgoing);
    return NULL;
}

void outgoing_write(struct webhook_outgoing *outgoing, const struct network_write *write, const json_t *body,
                    network_value *value, void *self)
{
    outgoing->form = write->form;
    outgoing->body = (write->form ? network_form : network_body)(body, value, self);
}

bool outgoing_write_file(struct webhook_outgoing *outgoing, const struct network_file *of, GByteArray *bytes,
                         network_value *value, void *self)
{
    struct outgoing_file *file = memory_zeroed(1, sizeof *file);
    const char *name;
    json_t *text;
    file->fields = g_ptr_array_new_with_free_func(g_free);
    file->bytes = bytes;
    file->field = g_strdup(of->field), file->found = of->found;
    file->name = g_strdup(value(self, "file.name")), file->type = g_strdup(value(self, "file.type"));
    outgoing->file = file;
    file->url = network_line(of->upload, true, value, self);
    bool good = file->url && file->name && file->type;
    json_object_foreach((json_t *)(uintptr_t)of->fields, name, text)
    {
        char *line = json_is_string(text) ? network_line(json_string_value(text), false, value, self) : NULL;
        if (!line) good = false;
        if (!line) continue;
        g_ptr_array_add(file->fields, g_strdup(name));
        g_ptr_array_add(file->fields, line);
    }
    if (of->body) outgoing->body = network_body(of->body, value, self);
    return good && (!of->body || outgoing->body);
}

/* Writes the network's words for the log: long rows of digits are masked, as they may be telephone numbers. */
void outgoing_words(const struct webhook_outgoing *outgoing, char *words, size_t size)
{
    /* rows of at most so many digits are shown, and one digit more after a #, as in a network's code #131047 */
    enum { OURS = 5 };
    size_t digits = 0;
    snprintf(words, size, "%ld %s%.150s", outgoing->status, outgoing->why,
             outgoing->answer ? outgoing->answer->str : "");
    bytes_clean_utf8(words);
    for (char *at = words; *at; at++) {
        if ((unsigned char)*at < ' ') *at = ' ';
        digits = g_ascii_isdigit(*at) ? digits + 1 : 0;
        bool marked = at - words >= (ptrdiff_t)digits && at[-(ptrdiff_t)digits] == '#';
        if (digits <= OURS || (marked && digits == OURS + 1)) continue;
        for (size_t i = 0; i < digits; i++) at[-(ptrdiff_t)i] = '*';
    }
}

/* Tells the probe the result; even a refused request shows that the API works. */
void outgoing_tell(const struct webhook_outgoing *outgoing, struct probe *probe)
{
    long status = outgoing->status;
    if (!outgoing->reached)
        probe_failed(probe, outgoing->why);
    else if (status == 0)
        probe_refused(probe, outgoing->why);
    else if (status == 401)
        probe_refused(probe, "it does not accept our token");
    else if (status < 200 || (status >= 300 && status < 400) || status >= 500)
        probe_refused(probe, "its API fails");
    else
        probe_answered(probe);
}

/* Returns the seconds that the network wants to be left alone, by a header or by its answer. */
uint64_t outgoing_asked_wait(const struct webhook_outgoing *outgoing, const struct network_write *write)
{
    char *said = outgoing->after_s == 0 ? network_answer(write->wait, outgoing->answer) : NULL;
    guint64 seconds = said ? g_ascii_strtoull(said, NULL, 10) : outgoing->after_s;
    g_free(said);
    return MIN(seconds, WAIT_MOST_S);
}
