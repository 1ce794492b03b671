/* tests/fuzz/fuzz_work.c - Any bytes as what an application sends to the plugin `work`: the body of a POST, the id of a
 * DELETE, or a whole request. Each request that is whole has one answer, which is JSON; nothing is submitted but by the
 * token, and the core is told events that it takes, of ids that the manual allows.
 *
 * The first byte: how the rest is sent, and whether the core takes it. The second: what the core answers. */
#include <event2/event.h>
#include <jansson.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "runtime/adapter/address.h"
#include "runtime/adapter/gcx_adapter.h"
#include "runtime/vocabulary/effects_link.h"
#include "runtime/vocabulary/events_work.h"
#include "runtime/vocabulary/message.h"
#include "runtime/vocabulary/vocabulary.h"
#include "tests/fuzz/fuzz.h"

enum { SENT_WHOLE = 1, SENT_DELETE = 2, CORE_DOWN = 4, CORE_REFUSES = 8, CORE_SILENT = 16, REQUESTS_MAX = 64 };
#define TOKEN "Bearer secret"

static struct event_base *base;
static const char *token_path;
static void *plugin;
static struct address door;
static struct writer writer;
static uint8_t how;
static uint64_t asked[REQUESTS_MAX]; /* requests that the core has not answered */
static unsigned asked_count, posted;

/* ---- the core ---- */

static void id_check(struct span id)
{
    MUST(id.length > 0 && id.length <= 100);
    for (uint32_t i = 0; i < id.length; i++) {
        uint8_t c = id.bytes[i];
        MUST((c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '-' || c == '_' ||
             c == '.');
    }
}

static bool core_post(struct gcx_link *link, struct span frame)
{
    struct message message;
    struct error error;
    (void)link;
    if (!message_read(&message, frame.bytes, frame.length, &error)) fuzz_broken(__FILE__, __LINE__, error.text);
    MUST(message.kind == KIND_Submit || message.kind == KIND_RequestStop);
    if (message.kind == KIND_Submit) {
        id_check(message_text(&message, Submit_external_id));
        MUST(message_text(&message, Submit_queue).length > 0);
        MUST(message_u(&message, Submit_media) == media_fax);
    } else {
        id_check(message_text(&message, RequestStop_external_id));
    }
    if (how & CORE_REFUSES) return false;
    posted++;
    if (asked_count < REQUESTS_MAX) asked[asked_count++] = message_u(&message, ENVELOPE_req);
    return true;
}

static void core_reply(uint8_t answer)
{
    struct message message;
    for (unsigned i = 0; i < asked_count && !(how & CORE_SILENT); i++) {
        writer_clear(&writer);
        writer_begin(&writer, KIND_Reply);
        writer_u(&writer, ENVELOPE_ixn, 42);
        writer_u(&writer, ENVELOPE_req, asked[i]);
        writer_u(&writer, Reply_outcome, answer % 8);
        writer_u(&writer, Reply_code, answer / 8);
        struct span frame = writer_end(&writer);
        MUST(message_read(&message, frame.bytes, frame.length, NULL));
        gcx_adapter.perform(plugin, &message);
    }
    if (how & CORE_SILENT) gcx_adapter.core_up(plugin, false);
    asked_count = 0;
}

static bool core_is_up(const struct gcx_link *link)
{
    (void)link;
    return !(how & CORE_DOWN);
}

static uint64_t service_now(const struct gcx_link *link)
{
    (void)link;
    return 1;
}

static struct event_base *service_base(struct gcx_link *link)
{
    (void)link;
    return base;
}

static const char *service_setting(const struct gcx_link *link, const char *key)
{
    (void)link;
    return strcmp(key, "media") == 0        ? "fax"
           : strcmp(key, "listen") == 0     ? "127.0.0.1:0"
           : strcmp(key, "token_file") == 0 ? token_path
                                            : NULL;
}

static void service_count(struct gcx_link *link, const char *name, int64_t more)
{
    (void)link;
    MUST(*name && more == 1);
}

/* The plugin tells the log at which port it listens. */
__attribute__((format(printf, 5, 6))) static void service_log(struct gcx_link *link, int level, uint64_t ixn,
                                                              uint64_t conn, const char *format, ...)
{
    char line[100], why[100];
    unsigned port;
    va_list list;
    (void)link, (void)level, (void)ixn, (void)conn;
    va_start(list, format);
    vsnprintf(line, sizeof line, format, list);
    va_end(list);
    if (sscanf(line, "listen: port %u", &port) != 1) return;
    snprintf(line, sizeof line, "127.0.0.1:%u", port);
    MUST(address_parse(&door, line, why, sizeof why));
}

static const struct gcx_services services = {.post = core_post,
                                             .up = core_is_up,
                                             .now_us = service_now,
                                             .wall_us = service_now,
                                             .base = service_base,
                                             .setting = service_setting,
                                             .log = service_log,
                                             .count = service_count};

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
    char why[200];
    (void)argc, (void)argv;
    base = event_base_new();
    writer_init(&writer);
    token_path = fuzz_file("secret\n", 7);
    plugin = base ? gcx_adapter.open(NULL, &services, why, sizeof why) : NULL;
    MUST(plugin && door.length > 0);
    return 0;
}

/* ---- an application ---- */

enum { ANSWER_MAX = 65536, TURNS_MAX = 5000 };
struct text { /* grows to what is sent */
    char *bytes;
    size_t length;
};

/* The request that is sent: the input's bytes as they are, or with them as its body or its id. */
static struct text request_of(const uint8_t *bytes, size_t length)
{
    struct text text = {malloc(length + 400), 0};
    MUST(text.bytes);
    if (how & SENT_WHOLE) {
        memcpy(text.bytes, bytes, text.length = length);
    } else if (how & SENT_DELETE) {
        text.length = (size_t)sprintf(text.bytes, "DELETE /work/");
        for (size_t i = 0; i < length; i++)
            if (bytes[i] > ' ' && bytes[i] < 0x7f) text.bytes[text.length++] = (char)bytes[i];
        text.length += (size_t)sprintf(text.bytes + text.length,
                                       " HTTP/1.1\r\nHost: a\r\nConnection: close\r\nAuthorization: " TOKEN "\r\n\r\n");
    } else {
        text.length = (size_t)sprintf(text.bytes,
                                      "POST /work HTTP/1.1\r\nHost: a\r\nConnection: close\r\nAuthorization: " TOKEN
                                      "\r\nContent-Length: %zu\r\n\r\n",
                                      length);
        memcpy(text.bytes + text.length, bytes, length);
        text.length += length;
    }
    return text;
}

static void turn(uint8_t answer)
{
    MUST(event_base_loop(base, EVLOOP_NONBLOCK) >= 0);
    core_reply(answer);
}

/* Sends it and takes what comes, until the door ends the connection. */
static size_t exchange(int fd, const struct text *text, uint8_t answer, char *taken)
{
    size_t sent = 0, length = 0;
    if (text->length == 0) shutdown(fd, SHUT_WR);
    for (unsigned idle = 0; idle < TURNS_MAX; idle++) {
        struct pollfd wait = {fd, POLLIN, 0};
        turn(answer);
        if (sent < text->length) {
            ssize_t n = send(fd, text->bytes + sent, text->length - sent, MSG_NOSIGNAL | MSG_DONTWAIT);
            sent = n > 0 ? sent + (size_t)n : sent;
            if (sent == text->length && how & SENT_WHOLE) shutdown(fd, SHUT_WR);
        }
        if (poll(&wait, 1, idle > 10) != 1) continue;
        ssize_t n = recv(fd, taken + length, ANSWER_MAX - 1 - length, MSG_DONTWAIT);
        if (n <= 0) {
            taken[length] = '\0';
            return length;
        }
        length += (size_t)n;
        MUST(length < ANSWER_MAX - 1);
        idle = 0;
    }
    fuzz_broken(__FILE__, __LINE__, "the door ends it");
}

/* One answer, which says either why not or, where the core has it, as which interaction. */
static void answer_check(const char *taken)
{
    const char *body = strstr(taken, "\r\n\r\n");
    unsigned status = 0;
    MUST(sscanf(taken, "HTTP/1.1 %u ", &status) == 1 && body && !strstr(body, "HTTP/1.1 "));
    MUST(status == 200 || status == 400 || status == 404 || status == 409 || status == 413 || status == 503);
    if (status == 413 || (status == 400 && !strstr(taken, "application/json"))) return; /* evhttp's */
    json_t *json = json_loads(body, 0, NULL);
    MUST(json && json_is_string(json_object_get(json, status == 200 ? "interaction" : "error")));
    MUST(status != 200 || posted == 1);
    json_decref(json);
}

static bool has_token(const struct text *text)
{
    return memmem(text->bytes, text->length, TOKEN, strlen(TOKEN)) != NULL;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
    static char taken[ANSWER_MAX];
    if (length < 2) return 0;
    how = bytes[0];
    posted = asked_count = 0;
    struct text text = request_of(bytes + 2, length - 2);
    int fd = socket(door.socket.ss_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
    /* Reset when it is closed, it takes no port with it. */
    MUST(fd >= 0 && setsockopt(fd, SOL_SOCKET, SO_LINGER, &(struct linger){1, 0}, sizeof(struct linger)) == 0);
    if (connect(fd, (struct sockaddr *)&door.socket, (socklen_t)door.length) == 0) {
        size_t got = exchange(fd, &text, bytes[1], taken);
        MUST(posted == 0 || has_token(&text));
        if (!(how & SENT_WHOLE)) {
            MUST(got > 0 && posted <= 1);
            answer_check(taken);
        }
    }
    close(fd);
    free(text.bytes);
    turn(0);
    gcx_adapter.core_up(plugin, false);
    return 0;
}
