/* runtime/records/sink_hook.c - Posts rows to a web server of the site: one request per row, in their order, signed.
 *
 *     hook:FILE   FILE: {"url": "https://...", "secret_file": "...", "state": "...", "tables": ["offers"], "ca": "..."}
 *
 *     POST, body: the row as sink_lines.c writes it, and these headers:
 *     - Gcx-Id: JOURNAL-BATCH-N, of an event JOURNAL-BATCH-eN; the same row has the same id whenever it comes
 *     - Gcx-Time: 1795990000, in seconds since 1970
 *     - Gcx-Signature: v1=HEX, the HMAC-SHA256 of "TIME.ID.BODY", whose key is the secret
 *
 * A row is taken when the server answers 2xx; the state file then has its place, so that a process that was killed goes
 * on behind it. By 400, 409, 413, 415 or 422 the server says that it will never take the row: it is written to
 * STATE.dead, that is told, and the next one is posted. Without an answer, and after any other one, it is posted again,
 * after 1 s, 2 s, 4 s up to 300 s; all later rows wait, and gcxvm keeps their batches for reader_days. */
#include <assert.h>
#include <curl/curl.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <jansson.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <time.h>
#include <unistd.h>

#include "runtime/records/sink_kind.h"
#include "runtime/vocabulary/bytes.h"
#include "base/file.h"
#include "base/memory.h"

enum { HOOK_STATE = 512, HOOK_SECRET_MIN = 16, HOOK_FILE_MAX = 65536, HOOK_TRY_S = 10, HOOK_DELAY_MAX_S = 300 };

struct hook_sink {
    char *file, *url, *ca, *secret, *dead; /* owned */
    bool wanted[TABLES_TOLD];
    int state; /* the state file, locked */
    CURL *curl;
    struct sink_position at, kept; /* kept: the position in the state file */
    uint64_t sent_batch;           /* the last row that was taken, or is dead */
    int64_t sent_n;                /* its `order`; -1: none of that batch */
    unsigned delay_s;              /* the pause after the next failure; 0: the last request did not fail */
    time_t not_before;             /* when the row may be posted again, monotonic */
    struct error failure;          /* of the last request that failed */
    struct out out;
};

static const char hook_state_format[] = "%64[0-9a-f] %u %" SCNd64 " %" SCNu64 " %64[0-9a-f-] %" SCNu64 " %" SCNd64;

/* ---- the description ---- */

static bool hook_refuse(const char *file, const char *why, struct error *error)
{
    return error_set(error, ERROR_INPUT, "%.150s: %s", file, why);
}

static char *hook_text(const json_t *root, const char *key)
{
    const char *text = json_string_value(json_object_get(root, key));
    return text ? memory_text(text) : NULL;
}

static bool hook_read_tables(struct hook_sink *sink, const json_t *names, struct error *error)
{
    const json_t *name;
    size_t at;
    for (unsigned table = 0; table < TABLES_TOLD; table++) sink->wanted[table] = !names;
    json_array_foreach(names, at, name)
    {
        unsigned table = 0;
        const char *text = json_string_value(name);
        while (table < TABLES_TOLD && (!text || strcmp(record_tables[table].name, text) != 0)) table++;
        if (table == TABLES_TOLD)
            return hook_refuse(sink->file, "`tables` names no table of gcx-records(5), and not events", error);
        sink->wanted[table] = true;
    }
    return true;
}

static bool hook_read_secret(struct hook_sink *sink, const char *path, struct error *error)
{
    const char *why;
    size_t length;
    char *text = path ? file_read(path, HOOK_FILE_MAX, &length, &why) : NULL;
    if (!text) return hook_refuse(sink->file, "`secret_file` names no file that can be read", error);
    sink->secret = memory_text(file_secret(text));
    free(text);
    if (strlen(sink->secret) >= HOOK_SECRET_MIN) return true;
    return hook_refuse(sink->file, "the first line of `secret_file` is the secret, of 16 bytes at least", error);
}

/* Is it https, or http on this machine? */
static bool hook_url_good(const char *url)
{
    static const char *const begins[] = {"https://", "http://127.0.0.1:", "http://[::1]:", "http://localhost:"};
    for (unsigned at = 0; url && at < sizeof begins / sizeof *begins; at++)
        if (strncmp(url, begins[at], strlen(begins[at])) == 0) return true;
    return false;
}

/* Opens and locks the state file, and reads the place from it. */
static bool hook_open_state(struct hook_sink *sink, const char *path, struct error *error)
{
    char text[HOOK_STATE + 1] = "";
    struct out dead = {0};
    if (!path) return hook_refuse(sink->file, "`state` is not set: a file for how far the rows were taken", error);
    sink->state = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0640);
    if (sink->state < 0) return error_set(error, ERROR_SYSTEM, "%.180s: %s", path, strerror(errno));
    if (flock(sink->state, LOCK_EX | LOCK_NB) != 0)
        return error_set(error, ERROR_STATE, "%.180s: another gcxrecords posts by it", path);
    out_format(&dead, "%s.dead", path);
    sink->dead = memory_text(dead.bytes);
    out_free(&dead);
    ssize_t length = pread(sink->state, text, HOOK_STATE, 0);
    sink->sent_n = -1;
    if (length == 0) return true;
    struct sink_position *kept = &sink->kept;
    if (length > 0 && sscanf(text, hook_state_format, kept->first, &kept->partition, &kept->journal, &kept->batch,
                             kept->hash, &sink->sent_batch, &sink->sent_n) == 7) {
        if (kept->hash[0] == '-') kept->hash[0] = '\0';
        return true;
    }
    return error_set(error, ERROR_INPUT, "%.150s is no state of a hook, and is left as it is: name another one", path);
}

static bool hook_settings_read(struct hook_sink *sink, struct error *error)
{
    json_error_t wrong;
    json_t *root = json_load_file(sink->file, JSON_REJECT_DUPLICATES, &wrong);
    bool good = json_is_object(root) || hook_refuse(sink->file, root ? "it is no object" : wrong.text, error);
    char *state = hook_text(root, "state"), *secret = hook_text(root, "secret_file");
    sink->url = hook_text(root, "url");
    sink->ca = hook_text(root, "ca");
    if (good && !hook_url_good(sink->url))
        good = hook_refuse(sink->file, "`url` is https://HOST/PATH, or http://127.0.0.1:PORT/PATH", error);
    good = good && hook_read_tables(sink, json_object_get(root, "tables"), error) &&
           hook_read_secret(sink, secret, error) && hook_open_state(sink, state, error);
    free(state);
    free(secret);
    json_decref(root);
    return good;
}

/* ---- the state ---- */

/* Writes the place, always as many bytes, so that a longer text does not remain behind it. */
static bool hook_keep(struct hook_sink *sink, struct error *error)
{
    char text[HOOK_STATE];
    const struct sink_position *kept = &sink->kept;
    memset(text, ' ', sizeof text);
    int length = snprintf(text, sizeof text, "%s %u %" PRId64 " %" PRIu64 " %s %" PRIu64 " %" PRId64, kept->first,
                          kept->partition, kept->journal, kept->batch, *kept->hash ? kept->hash : "-", sink->sent_batch,
                          sink->sent_n);
    assert(length > 0 && (size_t)length < sizeof text);
    text[length] = ' ';
    text[sizeof text - 1] = '\n';
    if (pwrite(sink->state, text, sizeof text, 0) == (ssize_t)sizeof text) return true;
    return error_set(error, ERROR_SYSTEM, "%.150s: the state cannot be written: %s", sink->file, strerror(errno));
}

/* A journal that is another one than before begins anew, with the next number. */
static bool hook_begin(void *self, struct sink_position *position, struct error *error)
{
    struct hook_sink *sink = self;
    if (strcmp(sink->kept.first, position->first) == 0) {
        *position = sink->kept;
    } else {
        position->journal = sink->kept.journal + 1;
        sink->kept = *position;
        sink->sent_batch = 0;
        sink->sent_n = -1;
    }
    sink->at = *position;
    return hook_keep(sink, error);
}

/* ---- a request ---- */

static size_t hook_on_answer(char *bytes, size_t size, size_t count, void *self)
{
    (void)bytes, (void)self;
    return size * count; /* only its status matters */
}

static struct curl_slist *hook_headers(const struct hook_sink *sink, const struct record_row *row)
{
    uint8_t code[crypto_auth_hmacsha256_BYTES];
    char id[96], line[160], hex[2 * sizeof code + 1], when[24];
    crypto_auth_hmacsha256_state hmac;
    snprintf(id, sizeof id, "%" PRId64 "-%" PRIu64 "-%s%" PRIu32, sink->at.journal, row->batch,
             row->table < TABLES ? "" : "e", row->n);
    snprintf(when, sizeof when, "%lld", (long long)time(NULL));
    crypto_auth_hmacsha256_init(&hmac, (const uint8_t *)sink->secret, strlen(sink->secret));
    const char *const parts[] = {when, ".", id, "."};
    for (unsigned at = 0; at < 4; at++)
        crypto_auth_hmacsha256_update(&hmac, (const uint8_t *)parts[at], strlen(parts[at]));
    crypto_auth_hmacsha256_update(&hmac, (const uint8_t *)sink->out.bytes, sink->out.length);
    crypto_auth_hmacsha256_final(&hmac, code);
    sodium_bin2hex(hex, sizeof hex, code, sizeof code);
    struct curl_slist *headers = curl_slist_append(NULL, "Content-Type: application/json");
    snprintf(line, sizeof line, "Gcx-Id: %s", id);
    headers = curl_slist_append(headers, line);
    snprintf(line, sizeof line, "Gcx-Time: %s", when);
    headers = curl_slist_append(headers, line);
    snprintf(line, sizeof line, "Gcx-Signature: v1=%s", hex);
    return curl_slist_append(headers, line);
}

/* Posts the line in `out`. Returns the status; 0: no answer came. */
static long hook_post(struct hook_sink *sink, const struct record_row *row)
{
    long status = 0;
    struct curl_slist *headers = hook_headers(sink, row);
    curl_easy_reset(sink->curl);
    curl_easy_setopt(sink->curl, CURLOPT_URL, sink->url);
    curl_easy_setopt(sink->curl, CURLOPT_PROTOCOLS_STR, "http,https");
    curl_easy_setopt(sink->curl, CURLOPT_HTTPHEADER, headers);
    curl_easy_setopt(sink->curl, CURLOPT_POSTFIELDS, sink->out.bytes);
    curl_easy_setopt(sink->curl, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)sink->out.length);
    curl_easy_setopt(sink->curl, CURLOPT_TIMEOUT, (long)HOOK_TRY_S);
    curl_easy_setopt(sink->curl, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(sink->curl, CURLOPT_WRITEFUNCTION, hook_on_answer);
    if (sink->ca) curl_easy_setopt(sink->curl, CURLOPT_CAINFO, sink->ca);
    (void)curl_easy_perform(sink->curl);
    /* A server that has said 2xx has taken the row, also where the rest of its answer is cut or never ends. */
    curl_easy_getinfo(sink->curl, CURLINFO_RESPONSE_CODE, &status);
    curl_slist_free_all(headers);
    return status >= 200 ? status : 0;
}

static time_t hook_now(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec;
}

/* The row was not taken: it is posted again later, after a pause that doubles. */
static bool hook_later(struct hook_sink *sink, long status, struct error *error)
{
    sink->delay_s = sink->delay_s == 0                     ? 1
                    : sink->delay_s * 2 > HOOK_DELAY_MAX_S ? HOOK_DELAY_MAX_S
                                                           : sink->delay_s * 2;
    sink->not_before = hook_now() + (time_t)sink->delay_s;
    bool ours = status >= 400 && status < 500 && status != 429; /* by 429 it only asks for a pause */
    if (status == 0)
        error_set(&sink->failure, ERROR_TIMEOUT, "%.150s: no answer; it is asked again", sink->url);
    else
        error_set(&sink->failure, ERROR_TIMEOUT, "%.150s answers %ld%s; it is asked again", sink->url, status,
                  ours ? ": see that address and secret are those that it wants" : "");
    *error = sink->failure;
    return false;
}

/* The server will never take the row: keeps it beside the state, and tells so. */
static bool hook_is_dead(struct hook_sink *sink, const struct record_row *row, long status, struct error *error)
{
    int fd = open(sink->dead, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0640);
    out_text(&sink->out, "\n");
    bool good = fd >= 0 && file_put_all(fd, sink->out.bytes, sink->out.length) && fdatasync(fd) == 0;
    if (!good) error_set(error, ERROR_SYSTEM, "%.180s: %s", sink->dead, strerror(errno));
    if (fd >= 0) close(fd);
    if (good)
        fprintf(stderr, "gcxrecords: %s refuses a row of %s by %ld: it is kept in %s\n", sink->url,
                record_tables[row->table].name, status, sink->dead);
    return good;
}

/* Does the status say that this row is wrong? Any other one is about address, secret, or server: a person mends it. */
static bool hook_judges_row(long status)
{
    return status == 400 || status == 409 || status == 413 || status == 415 || status == 422;
}

static bool hook_put(void *self, const struct record_row *row, struct error *error)
{
    struct hook_sink *sink = self;
    assert(row->table < TABLES_TOLD);
    if (!sink->wanted[row->table]) return true;
    if (row->batch < sink->sent_batch || (row->batch == sink->sent_batch && row->order <= sink->sent_n)) return true;
    if (hook_now() < sink->not_before) return *error = sink->failure, false;
    sink->out.length = 0;
    sink_line_put(&sink->out, sink->at.journal, row);
    long status = hook_post(sink, row);
    bool taken = status >= 200 && status < 300;
    if (!taken && !hook_judges_row(status)) return hook_later(sink, status, error);
    if (!taken && !hook_is_dead(sink, row, status, error)) return false;
    sink->delay_s = 0;
    sink->sent_batch = row->batch;
    sink->sent_n = row->order;
    return hook_keep(sink, error);
}

static bool hook_commit(void *self, const struct sink_position *position, struct error *error)
{
    struct hook_sink *sink = self;
    sink->at = sink->kept = *position;
    return hook_keep(sink, error) &&
           (fdatasync(sink->state) == 0 ||
            error_set(error, ERROR_SYSTEM, "%.150s: the state cannot be written: %s", sink->file, strerror(errno)));
}

static void hook_close(void *self)
{
    struct hook_sink *sink = self;
    if (sink->state >= 0) close(sink->state);
    if (sink->curl) curl_easy_cleanup(sink->curl);
    out_free(&sink->out);
    if (sink->secret) sodium_memzero(sink->secret, strlen(sink->secret));
    free(sink->file), free(sink->url), free(sink->ca), free(sink->secret), free(sink->dead);
    free(sink);
}

struct sink *sink_open_hook(const char *file, struct error *error)
{
    static const struct sink_kind kind = {hook_begin, hook_put, hook_commit, hook_close, true};
    struct hook_sink *sink = memory_zeroed(1, sizeof *sink);
    sink->state = -1;
    sink->file = memory_text(file);
    sink->curl = curl_easy_init();
    if (!sink->curl || sodium_init() < 0)
        error_set(error, ERROR_SYSTEM, "no requests can be made");
    else if (hook_settings_read(sink, error))
        return sink_new(&kind, sink);
    hook_close(sink);
    return NULL;
}
