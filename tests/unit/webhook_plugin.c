/* tests/unit/webhook_plugin.c - The whole plugin of web hooks between a core and a network that the test plays: the
 * network calls on loopback with signed bodies, and answers what is written to it as the test says. */
#include <criterion/criterion.h>
#include <event2/buffer.h>
#include <event2/event.h>
#include <event2/http.h>
#include <glib.h>
#include <glib/gstdio.h>
#include <jansson.h>
#include <sodium.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sqlite3.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/socket.h>
#include <unistd.h>

#include "runtime/adapter/address.h"
#include "runtime/adapter/gcx_adapter.h"
#include "runtime/adapters/webhook/verify.h"
#include "runtime/sql/sql.h"
#include "runtime/vocabulary/effects_link.h"
#include "runtime/vocabulary/effects_work.h"
#include "runtime/vocabulary/events_work.h"
#include "runtime/vocabulary/message.h"
#include "runtime/vocabulary/vocabulary.h"

TestSuite(webhook_plugin, .timeout = 60);

#define SECOND  INT64_C(1000000)
#define ACCOUNT "77"
#define OUR_URL "https://us.example/hook"
enum { ANSWERS = 20 };

static struct {
    struct event_base *base;
    void *webhook;
    char *dir, *network_file, *token, *secret, *store, *state, *url;
    uint64_t clock_us, conns, refs;
    unsigned port;
    bool silent;      /* the core answers no Submit */
    unsigned refuses; /* it refuses each with this code; 0: none */
    unsigned ups;     /* after so many looks its link is away; 0: never */
    bool is_down;     /* it answers no look */
    bool deaf;        /* the next poll fails */
    bool before;      /* an earlier version has left files */
    bool mute;        /* the network leaves what is written to it without an answer, in: */
    struct evhttp_request *unanswered[8];
    unsigned unanswered_count;
    const char *messages, *polled; /* polled: the next answer to a poll; NULL: it has nothing new */
    GString *told, *logged;
    struct {
        uint64_t req, conn;
    } submits[ANSWERS];
    unsigned submit_count;
    /* the network */
    struct evhttp *http;
    struct {
        int status;
        const char *wait, *body;
    } answers[ANSWERS];
    unsigned answer_at, answer_count; /* then 200 */
    GString *asked;                   /* the addresses that it was asked for, with the token */
    GString *written;                 /* what was written to it, `to: text` a line each */
    unsigned names;
    char answer[2000]; /* of the hook, to the last call */
} rig;

/* ---- the core ---- */

static struct event_base *rig_base(struct gcx_link *link)
{
    (void)link;
    return rig.base;
}

static uint64_t rig_now(const struct gcx_link *link)
{
    (void)link;
    return rig.clock_us;
}

static uint64_t rig_journal(const struct gcx_link *link)
{
    (void)link;
    return 7;
}

static bool rig_up(const struct gcx_link *link)
{
    (void)link;
    return rig.ups != 1 && (rig.ups == 0 || rig.ups-- > 1);
}

static uint64_t rig_new_conn(struct gcx_link *link)
{
    (void)link;
    return ++rig.conns;
}

static unsigned rig_number(const struct gcx_link *link)
{
    (void)link;
    return 1;
}

static bool rig_read(struct gcx_link *link, struct span read)
{
    (void)link, (void)read;
    return false;
}

static void customer_told(const struct message *message, const char *word, unsigned field, const char *more)
{
    struct span text = message_text(message, field);
    g_string_append_printf(rig.told, "%s %.*s%s\n", word, (int)text.length, (const char *)text.bytes, more);
}

static bool rig_post(struct gcx_link *link, struct span frame)
{
    struct message message;
    char more[100];
    (void)link;
    cr_assert(message_read(&message, frame.bytes, frame.length, NULL));
    switch (message.kind) {
    case KIND_Submit:
        customer_told(&message, "submit", Submit_from, "");
        cr_assert_lt(rig.submit_count, ANSWERS);
        rig.submits[rig.submit_count].req = message_u(&message, ENVELOPE_req);
        rig.submits[rig.submit_count++].conn = message_u(&message, ENVELOPE_conn);
        return true;
    case KIND_EventMessage:
        customer_told(&message, "message", EventMessage_text, "");
        return true;
    case KIND_EventDelivery:
        snprintf(more, sizeof more, " %s %s", enum_name_delivery(message_u(&message, EventDelivery_state)),
                 enum_name_cause(message_u(&message, EventDelivery_cause)));
        customer_told(&message, "delivery", EventDelivery_msg_id, more);
        return true;
    default:
        return true;
    }
}

static void rig_count(struct gcx_link *link, const char *name, int64_t more)
{
    (void)link, (void)more;
    g_string_append_printf(rig.logged, "count %s\n", name);
}

static void rig_figure(struct gcx_link *link, const char *name, int64_t value)
{
    (void)link, (void)name, (void)value;
}

static void rig_neighbour(struct gcx_link *link, const char *name, bool up, const char *why)
{
    (void)link;
    g_string_append_printf(rig.logged, "%s %s %s\n", name, up ? "up" : "away", why ? why : "");
}

static void rig_peer(struct gcx_link *link, const char *name, bool up)
{
    (void)link, (void)name, (void)up;
}

__attribute__((format(printf, 5, 6))) static void rig_log(struct gcx_link *link, int level, uint64_t ixn, uint64_t conn,
                                                          const char *format, ...)
{
    va_list arguments;
    (void)link, (void)level, (void)ixn, (void)conn;
    va_start(arguments, format);
    char *line = g_strdup_vprintf(format, arguments);
    va_end(arguments);
    const char *port = strstr(line, "port ");
    if (port && rig.port == 0) rig.port = (unsigned)atoi(port + 5);
    g_string_append_printf(rig.logged, "%s\n", line);
    g_free(line);
}

static const char *rig_setting(const struct gcx_link *link, const char *key)
{
    (void)link;
    return strcmp(key, "network") == 0        ? rig.network_file
           : strcmp(key, "base") == 0         ? rig.url
           : strcmp(key, "account") == 0      ? ACCOUNT
           : strcmp(key, "token_file") == 0   ? rig.token
           : strcmp(key, "secret_file") == 0  ? rig.secret
           : strcmp(key, "verify_token") == 0 ? "our word"
           : strcmp(key, "queue") == 0        ? "posts"
           : strcmp(key, "store") == 0        ? rig.store
           : strcmp(key, "state") == 0        ? rig.state
           : strcmp(key, GCX_NAME) == 0       ? strrchr(rig.state, '/') + 1
           : strcmp(key, "ours") == 0         ? "+49699"
           : strcmp(key, "messages") == 0     ? rig.messages
           : strcmp(key, "public_url") == 0   ? OUR_URL
                                              : NULL;
}

static const struct gcx_services services = {.base = rig_base,
                                             .read = rig_read,
                                             .domain = rig_number,
                                             .link = rig_number,
                                             .post = rig_post,
                                             .now_us = rig_now,
                                             .wall_us = rig_now,
                                             .journal = rig_journal,
                                             .up = rig_up,
                                             .new_conn = rig_new_conn,
                                             .count = rig_count,
                                             .figure = rig_figure,
                                             .neighbour = rig_neighbour,
                                             .peer = rig_peer,
                                             .log = rig_log,
                                             .setting = rig_setting};

static void performs(void (*put)(struct writer *, const void *), const void *what, unsigned kind)
{
    struct writer writer;
    struct message message;
    writer_init(&writer);
    writer_begin(&writer, kind);
    put(&writer, what);
    struct span frame = writer_end(&writer);
    cr_assert(message_read(&message, frame.bytes, frame.length, NULL));
    gcx_adapter.perform(rig.webhook, &message);
    writer_free(&writer);
}

static void put_reply(struct writer *writer, const void *number)
{
    unsigned at = *(const unsigned *)number;
    writer_u(writer, ENVELOPE_ixn, 100 + rig.submits[at].conn);
    writer_u(writer, ENVELOPE_req, rig.submits[at].req);
    writer_u(writer, Reply_outcome, rig.refuses ? outcome_error : outcome_ok);
    writer_u(writer, Reply_code, rig.refuses ? rig.refuses : code_ok);
}

struct saying {
    uint64_t conn;
    const char *id, *text;
};

static void put_saying(struct writer *writer, const void *what)
{
    const struct saying *saying = what;
    writer_u(writer, ENVELOPE_ixn, 100 + saying->conn);
    writer_u(writer, ENVELOPE_ref, ++rig.refs);
    writer_conn(writer, ENVELOPE_conn, saying->conn);
    writer_text(writer, SendMessage_msg_id, saying->id);
    writer_text(writer, SendMessage_text, saying->text);
}

/* The strategy says something in a conversation. */
static void says(uint64_t conn, const char *id, const char *text)
{
    performs(put_saying, &(struct saying){conn, id, text}, KIND_SendMessage);
}

/* ---- the network ---- */

enum { HANGS_UP = -1 }; /* for a status: it has the message, and its answer is lost */

static void network_asked(struct evhttp_request *http, void *unused)
{
    struct evbuffer *in = evhttp_request_get_input_buffer(http), *out = evbuffer_new();
    json_t *body = json_loadb((const char *)evbuffer_pullup(in, -1), evbuffer_get_length(in), 0, NULL);
    const char *to = json_string_value(json_object_get(body, "to")),
               *text = json_string_value(json_object_get(json_object_get(body, "text"), "body"));
    const struct evkeyvalq *in_headers = evhttp_request_get_input_headers(http);
    int status = 200;
    (void)unused;
    if (evhttp_request_get_command(http) == EVHTTP_REQ_HEAD) {
        evhttp_send_reply(http, rig.is_down ? 503 : 404, NULL, NULL);
        evbuffer_free(out);
        return;
    }
    if (evhttp_request_get_command(http) == EVHTTP_REQ_GET) {
        const char *uri = evhttp_request_get_uri(http), *token = evhttp_find_header(in_headers, "Authorization");
        g_string_append_printf(rig.asked, "%s %s\n", uri, token ? token : "");
        if (strcmp(uri, "/i9") == 0) {
            evbuffer_add_printf(out, "{\"url\":\"%s/file\"}", rig.url);
        } else if (strcmp(uri, "/file") == 0) {
            evbuffer_add_printf(out, "GIF89a");
        } else {
            evbuffer_add_printf(out, "%s", rig.polled ? rig.polled : "[]");
            rig.polled = NULL;
        }
        evhttp_send_reply(http, rig.deaf ? 500 : 200, NULL, out);
        rig.deaf = false;
        evbuffer_free(out);
        return;
    }
    if (!to) to = json_string_value(json_object_get(body, "visibility"));
    if (!text) text = json_string_value(json_object_get(body, "status"));
    g_string_append_printf(rig.written, "%s: %s\n", to ? to : "", text ? text : "");
    if (rig.mute) {
        cr_assert_lt(rig.unanswered_count, 8);
        rig.unanswered[rig.unanswered_count++] = http;
        evbuffer_free(out);
        json_decref(body);
        return;
    }
    if (rig.answer_at < rig.answer_count && rig.answers[rig.answer_at].status == HANGS_UP) {
        rig.answer_at++;
        evbuffer_free(out);
        json_decref(body);
        evhttp_connection_free(evhttp_request_get_connection(http));
        return;
    }
    ++rig.names;
    evbuffer_add_printf(out, "{\"messages\":[{\"id\":\"out%u\"}],\"id\":\"out%u\"}", rig.names, rig.names);
    if (rig.answer_at < rig.answer_count) {
        status = rig.answers[rig.answer_at].status;
        if (rig.answers[rig.answer_at].wait)
            evhttp_add_header(evhttp_request_get_output_headers(http), "Retry-After", rig.answers[rig.answer_at].wait);
        if (rig.answers[rig.answer_at].body) {
            evbuffer_drain(out, evbuffer_get_length(out));
            evbuffer_add_printf(out, "%s", rig.answers[rig.answer_at].body);
        }
        rig.answer_at++;
    }
    evhttp_send_reply(http, status, NULL, out);
    evbuffer_free(out);
    json_decref(body);
}

static void answers(int status, const char *wait, const char *body)
{
    cr_assert_lt(rig.answer_count, ANSWERS);
    rig.answers[rig.answer_count].status = status;
    rig.answers[rig.answer_count].wait = wait, rig.answers[rig.answer_count].body = body;
    rig.answer_count++;
}

static void turn(void)
{
    event_base_loop(rig.base, EVLOOP_NONBLOCK);
    static unsigned replied;
    if (!rig.webhook) replied = 0;
    for (; rig.webhook && !rig.silent && replied < rig.submit_count; replied++)
        performs(put_reply, &replied, KIND_Reply);
    rig.clock_us += 500;
    usleep(500);
}

static void until(const GString *where, const char *text)
{
    for (int turns = 0; !strstr(where->str, text); turns++) {
        cr_assert(turns < 8000, "it does not come: %s; there is: %s; told: %s; the log: %s", text, where->str,
                  rig.told->str, rig.logged->str);
        turn();
    }
}

static void passes(int64_t us)
{
    rig.clock_us += (uint64_t)us;
    gint64 end = g_get_monotonic_time() + 1100000; /* a tick is each second */
    while (g_get_monotonic_time() < end) turn();
}

static unsigned times(const GString *where, const char *text)
{
    unsigned count = 0;
    for (const char *at = where->str; (at = strstr(at, text)); at++) count++;
    return count;
}

/* A request to the hook; the status of its answer. */
static unsigned calls(const char *method, const char *path, const char *headers, const char *body)
{
    char to[32], why[200];
    struct address door;
    snprintf(to, sizeof to, "127.0.0.1:%u", rig.port);
    cr_assert(address_parse(&door, to, why, sizeof why));
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    cr_assert(connect(fd, (struct sockaddr *)&door.socket, (socklen_t)door.length) == 0);
    char *text = g_strdup_printf("%s %s HTTP/1.1\r\nHost: x\r\n%sContent-Length: %zu\r\n\r\n%s", method, path, headers,
                                 strlen(body), body);
    cr_assert(send(fd, text, strlen(text), MSG_NOSIGNAL) == (ssize_t)strlen(text));
    g_free(text);
    memset(rig.answer, 0, sizeof rig.answer);
    for (int turns = 0; recv(fd, rig.answer, sizeof rig.answer - 1, MSG_DONTWAIT) <= 0; turns++) {
        cr_assert(turns < 8000, "the hook does not answer; the log: %s", rig.logged->str);
        turn();
    }
    close(fd);
    return (unsigned)atoi(rig.answer + strlen("HTTP/1.1 "));
}

static unsigned brings(const char *body, const char *secret)
{
    char *code = g_compute_hmac_for_string(G_CHECKSUM_SHA256, (const guchar *)secret, strlen(secret), body, -1);
    char *headers = g_strdup_printf("Content-Type: application/json\r\nX-Hub-Signature-256: sha256=%s\r\n", code);
    unsigned status = calls("POST", "/hook", headers, body);
    g_free(code), g_free(headers);
    return status;
}

/* Customer +491`from` writes. */
static unsigned writes_at(const char *account, const char *from, const char *id, const char *text)
{
    char *body = g_strdup_printf(
        "{\"entry\":[{\"changes\":[{\"value\":{\"metadata\":{\"phone_number_id\":\"%s\"},\"contacts\":[{\"profile\":"
        "{\"name\":\"Anna\"}}],\"messages\":[{\"id\":\"%s\",\"from\":\"%s\",\"timestamp\":\"1770000000\",\"type\":"
        "\"text\",\"text\":{\"body\":\"%s\"}}]}}]}]}",
        account, id, from, text);
    unsigned status = brings(body, "the secret");
    g_free(body);
    return status;
}

static unsigned writes(const char *from, const char *id, const char *text)
{
    return writes_at(ACCOUNT, from, id, text);
}

static unsigned fares(const char *id, const char *status)
{
    char *body = g_strdup_printf("{\"entry\":[{\"changes\":[{\"value\":{\"metadata\":{\"phone_number_id\":\"" ACCOUNT
                                 "\"},\"statuses\":[{\"id\":\"%s\",\"status\":\"%s\"}]}}]}]}",
                                 id, status);
    unsigned code = brings(body, "the secret");
    g_free(body);
    return code;
}

/* ---- a life ---- */

static void opens(void)
{
    char why[300] = "";
    rig.port = 0;
    rig.submit_count = 0;
    rig.webhook = gcx_adapter.open(NULL, &services, why, sizeof why);
    cr_assert(rig.webhook, "%s", why);
    gcx_adapter.core_up(rig.webhook, true);
    cr_assert_gt(rig.port, 0, "%s", rig.logged->str);
}

static char *secret_file(const char *name, const char *text)
{
    char *path = g_strdup_printf("%s/%s", rig.dir, name);
    cr_assert(g_file_set_contents(path, text, -1, NULL) && g_chmod(path, 0600) == 0);
    return path;
}

/* tests/unit/golden/webhook_8.*: what the release before the post office had the web hooks left. */
static void puts_before(void)
{
    static const char *const files[][2] = {{"state", ""}, {"known", ".known"}, {"peers", ".peers"}};
    const char *top = getenv("top_srcdir");
    char *golden = g_strdup_printf("%s/tests/unit/golden/webhook_8.", top ? top : ".."), *bytes;
    gsize length;
    for (unsigned i = 0; i < 3; i++) {
        char *from = g_strconcat(golden, files[i][0], NULL), *to = g_strconcat(rig.state, files[i][1], NULL);
        cr_assert(g_file_get_contents(from, &bytes, &length, NULL) &&
                      g_file_set_contents_full(to, bytes, (gssize)length, G_FILE_SET_CONTENTS_NONE, 0600, NULL),
                  "%s", from);
        g_free(from), g_free(to), g_free(bytes);
    }
    struct error error;
    char *from = g_strconcat(golden, "sql", NULL);
    struct sql *sql = sql_open(rig.store, "contact store", &error);
    cr_assert(g_file_get_contents(from, &bytes, NULL, NULL) && sql && sql_run(sql, bytes, &error), "%s", from);
    sql_close(sql);
    g_free(from), g_free(golden), g_free(bytes);
    /* Another adapter with this contact store was first, and has taken over the lines of ours, too. */
    char *state = rig.state, *known = g_strconcat(state, "2.known", NULL);
    cr_assert(g_file_set_contents(known, "", 0, NULL));
    rig.state = g_strconcat(state, "2", NULL);
    opens();
    gcx_adapter.close(rig.webhook);
    rig.webhook = NULL;
    g_free(rig.state), g_free(known);
    rig.state = state;
}

static void begins(const char *network)
{
    const char *top = getenv("top_srcdir");
    cr_assert_geq(sodium_init(), 0);
    rig.dir = g_dir_make_tmp("gcx-webhook-XXXXXX", NULL);
    rig.network_file = g_strdup_printf("%s/runtime/adapters/webhook/networks/%s.json", top ? top : "..", network);
    rig.token = secret_file("token", "the token\n"), rig.secret = secret_file("secret", "the secret\n");
    rig.store = g_strdup_printf("sqlite:%s/contacts", rig.dir), rig.state = g_strdup_printf("%s/state", rig.dir);
    rig.told = g_string_new(NULL), rig.logged = g_string_new(NULL), rig.written = g_string_new(NULL);
    rig.asked = g_string_new(NULL);
    rig.clock_us = UINT64_C(1770000000000000);
    rig.base = event_base_new();
    rig.http = evhttp_new(rig.base);
    struct evhttp_bound_socket *bound = evhttp_bind_socket_with_handle(rig.http, "127.0.0.1", 0);
    rig.url = g_strdup_printf("http://127.0.0.1:%u", address_port(evhttp_bound_socket_get_fd(bound)));
    evhttp_set_gencb(rig.http, network_asked, NULL);
    if (rig.before) puts_before();
    opens();
}

static void begin(void)
{
    begins("cloud_messenger");
}

static void begin_before(void)
{
    rig.before = true;
    begin();
}

static void begin_bot(void)
{
    begins("bot_messenger");
}

static void begin_texts(void)
{
    begins("text_form");
}

static void begin_microblog(void)
{
    rig.messages = "10";
    begins("microblog");
}

/* tests/unit/golden/webhook_10.cursor: what the last release that kept it in a file has left. */
static void puts_cursor(void)
{
    const char *top = getenv("top_srcdir");
    char *from = g_strdup_printf("%s/tests/unit/golden/webhook_10.cursor", top ? top : ".."), *bytes;
    char *to = g_strconcat(rig.state, ".cursor", NULL);
    cr_assert(g_file_get_contents(from, &bytes, NULL, NULL) && g_file_set_contents(to, bytes, -1, NULL), "%s", from);
    g_free(from), g_free(to), g_free(bytes);
}

static void end(void)
{
    const char *name;
    gcx_adapter.close(rig.webhook);
    rig.webhook = NULL;
    evhttp_free(rig.http);
    event_base_free(rig.base);
    GDir *all = g_dir_open(rig.dir, 0, NULL);
    while ((name = g_dir_read_name(all))) {
        char *path = g_build_filename(rig.dir, name, NULL);
        g_unlink(path);
        g_free(path);
    }
    g_dir_close(all);
    g_rmdir(rig.dir);
}

/* A conversation of each customer, the first one's connection is 1. */
static void begun(unsigned count)
{
    for (unsigned n = 1; n <= count; n++) {
        char from[20], id[20];
        snprintf(from, sizeof from, "4917%u", n);
        snprintf(id, sizeof id, "first%u", n);
        cr_assert_eq(writes(from, id, "hello"), 200);
    }
    cr_assert_eq(times(rig.told, "submit"), count, "%s", rig.told->str);
}

Test(webhook_plugin, a_post_begins_a_conversation_and_is_answered_in_it, .init = begin, .fini = end)
{
    begun(1);
    until(rig.told, "submit +49171");
    says(1, "m1", "Thank you");
    until(rig.written, "+49171: Thank you\n");
    until(rig.told, "delivery m1 accepted");
    cr_expect_eq(fares("out1", "delivered"), 200);
    until(rig.told, "delivery m1 delivered");
    cr_expect_eq(fares("out1", "failed"), 200); /* late, or in another order: what was delivered stays so */
    cr_expect_eq(fares("nobody", "failed"), 200);
    cr_expect_eq(writes("49171", "first1", "hello"), 200); /* it comes again */
    cr_expect_eq(writes("49171", "second", "and this"), 200);
    until(rig.told, "message and this\n");
    cr_expect_eq(times(rig.told, "submit"), 1);
    says(1, "m2", "Bye");
    until(rig.told, "delivery m2 accepted");
    cr_expect_eq(fares("out2", "failed"), 200);
    until(rig.told, "delivery m2 failed refused");
    cr_expect_null(strstr(rig.told->str, "delivery m1 failed"), "%s", rig.told->str);
    cr_expect_not(strstr(rig.logged->str, "the next process will not know"));
}

Test(webhook_plugin, a_picture_is_fetched_with_our_token_and_told, .init = begin, .fini = end)
{
    cr_expect_eq(
        brings("{\"entry\":[{\"changes\":[{\"value\":{\"metadata\":{\"phone_number_id\":\"77\"},\"messages\":[{"
               "\"id\":\"p1\",\"from\":\"49171\",\"timestamp\":\"1770000000\",\"type\":\"image\",\"image\":{\"id\":"
               "\"i9\",\"mime_type\":\"image/gif\"}}]}}]}]}",
               "the secret"),
        200);
    until(rig.told, "message ");
    cr_expect_str_eq(rig.asked->str, "/i9 Bearer the token\n/file Bearer the token\n");
    cr_expect(strstr(rig.told->str, "message image.gif\n"), "%s", rig.told->str);
}

static const char *setting_checked(void *self, const char *key)
{
    return self && strcmp(key, "queue") == 0 ? NULL : rig_setting(NULL, key);
}

Test(webhook_plugin, its_settings_are_checked_without_it, .init = begin, .fini = end)
{
    char why[300] = "";
    cr_expect(gcx_adapter.check(setting_checked, NULL, why, sizeof why), "%s", why);
    cr_expect_not(gcx_adapter.check(setting_checked, &rig, why, sizeof why));
    cr_expect(strstr(why, "queue: none is set"), "%s", why);
}

Test(webhook_plugin, only_the_network_is_believed, .init = begin, .fini = end)
{
    cr_expect_eq(brings("{}", "guessed"), 403);
    cr_expect_eq(calls("POST", "/hook", "", "{}"), 403);
    cr_expect_eq(calls("GET", "/?hub.verify_token=our+word&hub.challenge=12345", "", ""), 200);
    cr_expect(g_str_has_suffix(rig.answer, "\r\n\r\n12345"), "%s", rig.answer);
    cr_expect_eq(calls("GET", "/?hub.verify_token=our+worm&hub.challenge=12345", "", ""), 403);
    cr_expect_eq(calls("GET", "/", "", ""), 404);
    cr_expect_eq(brings("no json", "the secret"), 400, "%s", rig.logged->str);
    cr_expect_eq(writes_at("78", "49171", "x1", "for another account"), 200);
    cr_expect_eq(writes_at("78", "49171", "x2", "for another account"), 200);
    cr_expect_eq(times(rig.logged, "count others"), 2);
    cr_expect_eq(times(rig.logged, "posts come for the account 78"), 1);
    cr_expect_eq(writes("49699", "x3", "from our other account"), 200);
    cr_expect_eq(times(rig.logged, "count own"), 1);
    cr_expect_eq(rig.told->len, 0, "%s", rig.told->str);
}

Test(webhook_plugin, too_much_for_one_customer_lets_the_others_wait_for_a_second, .init = begin, .fini = end)
{
    begun(2);
    answers(429, "5", NULL);
    says(1, "m1", "one");
    until(rig.logged, "a message waits for 5 s: the network answered 429");
    says(2, "m2", "two");
    for (int i = 0; i < 100; i++) turn();
    cr_expect_eq(times(rig.written, "two"), 0, "the network may mean all of us");
    passes(SECOND / 2);
    until(rig.told, "delivery m2 accepted");
    says(1, "m3", "three");
    passes(2 * SECOND);
    cr_expect_eq(times(rig.written, "one"), 1, "its own customer is written to too soon");
    passes(2 * SECOND);
    until(rig.told, "delivery m3 accepted");
    cr_expect_str_eq(rig.written->str, "+49171: one\n+49172: two\n+49171: one\n+49171: three\n");
}

Test(webhook_plugin, what_may_have_gone_is_not_sent_again_and_what_has_not_is, .init = begin, .fini = end)
{
    begun(1);
    answers(500, NULL, NULL); /* it may have gone */
    says(1, "m1", "one");
    until(rig.told, "delivery m1 failed lost");
    until(rig.logged, "network away its API fails");
    answers(503, NULL, NULL); /* it has not */
    says(1, "m2", "two");
    until(rig.logged, "a message waits for 1 s: the network answered 503");
    passes(2 * SECOND);
    until(rig.told, "delivery m2 accepted");
    answers(400, NULL, NULL);
    says(1, "m3", "three");
    until(rig.told, "delivery m3 failed refused");
    answers(200, NULL, "{\"a page\": true}");
    says(1, "m4", "four");
    until(rig.told, "delivery m4 failed lost");
    answers(401, NULL, NULL);
    says(1, "m5", "five");
    until(rig.logged, "network away it does not accept our token");
    passes(2 * SECOND);
    until(rig.told, "delivery m5 accepted");
    answers(HANGS_UP, NULL, NULL);
    says(1, "m6", "six");
    until(rig.told, "delivery m6 failed lost");
    cr_expect_str_eq(rig.written->str,
                     "+49171: one\n+49171: two\n+49171: two\n+49171: three\n+49171: four\n+49171: five\n"
                     "+49171: five\n+49171: six\n");
}

Test(webhook_plugin, a_network_that_is_away_is_asked_six_times, .init = begin, .fini = end)
{
    begun(1);
    for (int i = 0; i < 7; i++) answers(503, NULL, NULL);
    says(1, "m1", "one");
    for (unsigned i = 1; i < 6; i++) {
        for (int turns = 0; turns < 8000 && times(rig.logged, "network away") < i; turns++) turn();
        rig.clock_us += (uint64_t)(32 * SECOND); /* the longest pause */
    }
    until(rig.told, "delivery m1 failed");
    cr_expect_eq(times(rig.written, "one"), 6);
}

Test(webhook_plugin, an_answer_waits_ten_minutes_at_most, .init = begin, .fini = end)
{
    begun(1);
    answers(429, "599", NULL);
    says(1, "m1", "one");
    until(rig.logged, "waits for 599 s");
    passes(600 * SECOND);
    until(rig.told, "delivery m1 accepted");
    answers(429, "601", NULL);
    says(1, "m2", "two");
    until(rig.told, "delivery m2 failed refused");
}

Test(webhook_plugin, a_customer_is_answered_for_a_day, .init = begin, .fini = end)
{
    begun(1);
    rig.clock_us += (uint64_t)(86390 * SECOND);
    says(1, "m1", "one");
    until(rig.told, "delivery m1 accepted");
    rig.clock_us += (uint64_t)(20 * SECOND);
    says(1, "m2", "two");
    until(rig.told, "delivery m2 failed stale");
    cr_expect_eq(times(rig.written, "two"), 0);
}

/* The network brings for days what it could not bring before. */
Test(webhook_plugin, the_day_begins_when_a_late_message_was_written, .init = begin, .fini = end)
{
    rig.clock_us += (uint64_t)(72000 * SECOND);
    begun(1);
    says(1, "m1", "one");
    until(rig.told, "delivery m1 accepted");
    rig.clock_us += (uint64_t)(14410 * SECOND);
    says(1, "m2", "two");
    until(rig.told, "delivery m2 failed stale");
}

Test(webhook_plugin, a_conversation_goes_on_in_the_next_process, .init = begin, .fini = end)
{
    begun(1);
    says(1, "m1", "one");
    until(rig.told, "delivery m1 accepted");
    gcx_adapter.close(rig.webhook);
    rig.webhook = NULL;
    turn();
    opens();
    cr_expect_eq(writes("49171", "first1", "hello"), 200); /* it is known */
    cr_expect_eq(writes("49171", "second", "are you there?"), 200);
    until(rig.told, "message are you there?\n");
    cr_expect_eq(fares("out1", "delivered"), 200);
    until(rig.told, "delivery m1 delivered");
    cr_expect_eq(times(rig.told, "submit"), 1);
    cr_expect_eq(times(rig.told, "message hello"), 1);
    gcx_adapter.close(rig.webhook);
    rig.webhook = NULL;
    turn();
    opens();
    cr_expect_eq(fares("out1", "failed"), 200); /* also the next one knows that it was delivered */
    cr_expect_eq(fares("out1", "delivered"), 200);
    cr_expect_null(strstr(rig.told->str, "delivery m1 failed"), "%s", rig.told->str);
}

Test(webhook_plugin, a_post_that_is_not_kept_is_brought_again, .init = begin, .fini = end)
{
    rig.refuses = code_overload;
    for (int i = 0; i < 2; i++) cr_expect_eq(writes("49171", "first1", "hello"), 503);
    rig.refuses = 0;
    cr_expect_eq(writes("49171", "first1", "hello"), 200);
    cr_expect_eq(times(rig.told, "submit"), 3, "%s", rig.told->str);
    cr_expect_eq(times(rig.logged, "a message is not taken"), 1, "it is told until one is taken: %s", rig.logged->str);
}

/* It would crash the router whenever it came, or be refused. The customer's next one is taken. */
Test(webhook_plugin, a_post_in_quarantine_is_lost_and_told_and_not_brought_again, .init = begin, .fini = end)
{
    rig.refuses = code_fault;
    cr_expect_eq(writes("49171", "first1", "hello"), 200);
    until(rig.logged, "message first1 is lost: the core never takes it");
    cr_expect_eq(times(rig.logged, "count messages_refused"), 1);
    cr_expect_null(strstr(rig.told->str, "message hello"), "%s", rig.told->str);
    rig.refuses = 0;
    cr_expect_eq(writes("49171", "first2", "again"), 200);
    until(rig.told, "message again\n");
}

/* Whether the first one will be kept is not known yet: the network brings both again, and each is taken once. */
Test(webhook_plugin, a_message_that_stands_twice_in_a_post_is_brought_again, .init = begin, .fini = end)
{
    static const char twice[] = "hello\"}},{\"id\":\"first1\",\"from\":\"49171\",\"timestamp\":\"1770000000\","
                                "\"type\":\"text\",\"text\":{\"body\":\"hello";
    cr_expect_eq(writes("49171", "first1", twice), 503);
    cr_expect_eq(writes("49171", "first1", "hello"), 200);
    cr_expect_eq(times(rig.told, "submit"), 1, "%s", rig.told->str);
}

static void store_does(const char *statement)
{
    sqlite3 *store;
    cr_assert_eq(sqlite3_open(rig.store + strlen("sqlite:"), &store), SQLITE_OK);
    sqlite3_busy_timeout(store, 9000);
    cr_assert_eq(sqlite3_exec(store, statement, NULL, NULL, NULL), SQLITE_OK, "%s", sqlite3_errmsg(store));
    sqlite3_close(store);
}

/* A text of three messages: the first one is not kept, so that the network brings all of it again. */
Test(webhook_plugin, a_long_text_is_taken_when_each_of_its_messages_is_kept, .init = begin, .fini = end)
{
    char *text = g_strnfill(9000, 'x');
    begun(1);
    store_does("CREATE TRIGGER spoilt BEFORE INSERT ON messages WHEN NEW.msg_id LIKE '%(1)' "
               "BEGIN SELECT RAISE(ABORT, 'no room'); END");
    cr_expect_eq(writes("49171", "long", text), 503);
    store_does("DROP TRIGGER spoilt");
    cr_expect_eq(writes("49171", "long", text), 200);
    cr_expect_eq(times(rig.told, "message xxxx"), 3, "%s", rig.told->str);
    g_free(text);
}

Test(webhook_plugin, of_a_text_that_is_too_long_the_last_is_cut, .init = begin, .fini = end)
{
    char *text = g_strnfill(16 * 4096 + 9, 'x');
    begun(1);
    cr_expect_eq(writes("49171", "longest", text), 200);
    cr_expect_eq(times(rig.told, "message xxxx"), 16);
    cr_expect_eq(times(rig.logged, "message longest has 65545 bytes: the last are cut"), 1, "%s", rig.logged->str);
    g_free(text);
}

/* The core goes while a long text is said: the conversation ends with its first message. */
Test(webhook_plugin, a_long_text_may_begin_what_cannot_begin, .init = begin, .fini = end)
{
    char *text = g_strnfill(9000, 'x');
    rig.ups = 2;
    cr_expect_eq(writes("49171", "long", text), 503);
    rig.ups = 0;
    cr_expect_eq(writes("49171", "long", text), 200);
    cr_expect_eq(times(rig.told, "message xxxx"), 3, "%s", rig.told->str);
    g_free(text);
}

static void network_answers_late(void)
{
    for (unsigned i = 0; i < rig.unanswered_count; i++) evhttp_send_reply(rig.unanswered[i], 200, NULL, NULL);
    rig.unanswered_count = 0;
    rig.mute = false;
}

/* The process ends while the network has the message, and the core asks the next one for it. */
static void ends_while_it_goes(bool mute)
{
    rig.mute = mute;
    says(1, "m1", "one");
    until(rig.written, "one");
    gint64 began = g_get_monotonic_time();
    gcx_adapter.close(rig.webhook);
    cr_expect_lt(g_get_monotonic_time() - began, 8 * SECOND, "an end does not wait for the network's time limit");
    rig.webhook = NULL;
    turn();
    network_answers_late();
    cr_assert_eq(times(rig.told, "delivery m1 accepted"), mute ? 0 : 1, "%s", rig.told->str);
    g_string_truncate(rig.told, 0);
    opens();
    says(1, "m1", "one");
}

Test(webhook_plugin, an_answer_under_way_as_the_process_ends_is_heard, .init = begin, .fini = end)
{
    begun(1);
    ends_while_it_goes(false);
    until(rig.told, "delivery m1 accepted");
    cr_expect_eq(times(rig.written, "one"), 1);
}

Test(webhook_plugin, what_is_not_answered_as_the_process_ends_is_told_to_be_lost, .init = begin, .fini = end)
{
    begun(1);
    ends_while_it_goes(true);
    until(rig.told, "delivery m1 failed lost");
    cr_expect_eq(times(rig.written, "one"), 1);
}

/* An id and a name that are as long as they may be, and longer by a letter. */
static unsigned writes_long(unsigned id_bytes, unsigned name_bytes)
{
    char *id = g_strnfill(id_bytes, 'i'), *name = g_strnfill(name_bytes, 'n');
    char *body = g_strdup_printf("{\"entry\":[{\"changes\":[{\"value\":{\"metadata\":{\"phone_number_id\":\"" ACCOUNT
                                 "\"},\"contacts\":[{\"profile\":"
                                 "{\"name\":\"%s\"},\"wa_id\":\"49171\"}],\"messages\":[{\"id\":\"%s\",\"from\":"
                                 "\"49171\",\"timestamp\":\"1770000000\","
                                 "\"type\":\"text\",\"text\":{\"body\":\"hello\"}}]}}]}]}",
                                 name, id);
    unsigned status = brings(body, "the secret");
    g_free(id), g_free(name), g_free(body);
    return status;
}

Test(webhook_plugin, a_message_with_too_long_a_name_is_passed_over, .init = begin, .fini = end)
{
    cr_expect_eq(writes_long(201, 256), 200);
    cr_expect_eq(writes_long(200, 257), 200);
    cr_expect_eq(times(rig.logged, "count passed"), 2, "%s", rig.logged->str);
    cr_expect_eq(rig.told->len, 0, "%s", rig.told->str);
    cr_expect_eq(writes_long(200, 256), 200);
    until(rig.told, "submit +49171\n");
    cr_expect_eq(times(rig.logged, "count passed"), 2, "%s", rig.logged->str);
}

/* Each thread of it has a descriptor: with ever more of them it comes a step further, and does not begin by half. */
Test(webhook_plugin, without_its_threads_it_does_not_begin, .init = begin, .fini = end)
{
    struct rlimit before, few;
    unsigned refused = 0;
    gcx_adapter.close(rig.webhook);
    rig.webhook = NULL;
    cr_assert_eq(getrlimit(RLIMIT_NOFILE, &before), 0);
    few = before;
    few.rlim_cur = (rlim_t)dup(0);
    close((int)few.rlim_cur);
    for (rig.port = 0; !rig.webhook && few.rlim_cur < 200; few.rlim_cur++) {
        char why[300] = "";
        cr_assert_eq(setrlimit(RLIMIT_NOFILE, &few), 0);
        rig.webhook = gcx_adapter.open(NULL, &services, why, sizeof why);
        cr_expect(rig.webhook || *why, "it does not say why");
        refused += strstr(why, "no thread can be had") != NULL;
    }
    cr_assert_eq(setrlimit(RLIMIT_NOFILE, &before), 0);
    cr_expect_gt(refused, 5, "%u", refused);
    cr_assert_gt(rig.port, 0, "it has no door");
    gcx_adapter.core_up(rig.webhook, true);
    begun(1);
}

/* The place of a file of its state is taken. */
static void refuses_state(const char *ending)
{
    char why[300] = "", *path = g_strconcat(rig.state, ending, NULL);
    g_unlink(path);
    cr_assert_eq(g_mkdir(path, 0700), 0);
    rig.webhook = gcx_adapter.open(NULL, &services, why, sizeof why);
    cr_expect_null(rig.webhook, "%s is a folder", ending);
    cr_expect(strstr(why, "state: ") && strstr(why, ending), "%s", why);
    g_rmdir(path);
    g_free(path);
}

Test(webhook_plugin, without_its_state_it_does_not_begin, .init = begin, .fini = end)
{
    gcx_adapter.close(rig.webhook);
    refuses_state(".known");
    refuses_state(".peers");
    opens();
    begun(1);
}

/* What came is known, receipts find what went, and what was on its way is lost. */
Test(webhook_plugin, what_an_earlier_version_kept_in_files_goes_on, .init = begin_before, .fini = end)
{
    rig.conns = 2;
    cr_expect_eq(writes("49171", "first1", "hello"), 200);
    cr_expect_eq(fares("out1", "delivered"), 200);
    until(rig.told, "delivery m1 delivered");
    cr_expect_eq(fares("out2", "failed"), 200);
    says(1, "m3", "three");
    until(rig.told, "delivery m3 failed lost");
    says(2, "m2", "two");
    until(rig.told, "delivery m2 accepted");
    says(1, "m4", "four");
    until(rig.told, "delivery m4 accepted");
    cr_expect_str_eq(rig.written->str, "+49171: four\n");
    cr_expect_eq(times(rig.told, "submit") + times(rig.told, "message hello") + times(rig.told, "m2 failed"), 0);
    static const char *const endings[] = {".known", ".peers"};
    for (unsigned i = 0; i < 2; i++) {
        char *path = g_strconcat(rig.state, endings[i], NULL);
        cr_expect_neq(access(path, F_OK), 0, "%s", path);
        g_free(path);
    }
}

static unsigned bot_is_told(const char *kind, const char *text)
{
    char *body =
        g_strdup_printf("{\"update_id\":5,\"%s\":{\"message_id\":9,\"from\":{\"id\":42,\"first_name\":\"Ann\"},"
                        "\"chat\":{\"id\":42},\"date\":1770000000,\"edit_date\":1770000009,\"text\":\"%s\"}}",
                        kind, text);
    unsigned status = calls("POST", "/hook",
                            "Content-Type: application/json\r\nX-Telegram-Bot-Api-Secret-Token: the secret\r\n", body);
    g_free(body);
    return status;
}

Test(webhook_plugin, a_change_is_told_before_and_after_its_message, .init = begin_bot, .fini = end)
{
    cr_expect_eq(bot_is_told("edited_message", "hallo"), 200);
    until(rig.told, "submit 42\n");
    until(rig.told, "message The customer has changed a message: hallo\n");
    cr_expect_eq(bot_is_told("message", "hello"), 200);
    until(rig.told, "message hello\n");
    cr_expect_eq(bot_is_told("edited_message", "hallo"), 200, "it comes twice");
    cr_expect_eq(times(rig.told, "hallo"), 1);
}

Test(webhook_plugin, a_change_as_long_as_a_text_may_be_is_told_and_so_is_what_follows, .init = begin_bot, .fini = end)
{
    char text[4096 + 1] = "";
    memset(text, 'x', sizeof text - 1);
    cr_expect_eq(bot_is_told("edited_message", text), 200);
    until(rig.told, "message The customer has changed a message: xxx");
    cr_expect_eq(bot_is_told("message", "hello"), 200);
    until(rig.told, "message hello\n");
}

/* A customer's short message comes as a signed form. */
static unsigned texts(const char *id, const char *text)
{
    unsigned char code[20];
    gsize length = sizeof code;
    GHmac *hmac = g_hmac_new(G_CHECKSUM_SHA1, (const guchar *)"the secret", strlen("the secret"));
    char *signs = g_strdup_printf(OUR_URL "Body%sFrom+33145MessageSid%sTo+337", text, id);
    g_hmac_update(hmac, (const guchar *)signs, -1);
    g_hmac_get_digest(hmac, code, &length);
    char *in_base64 = g_base64_encode(code, length);
    char *headers =
        g_strdup_printf("Content-Type: application/x-www-form-urlencoded\r\nX-Twilio-Signature: %s\r\n", in_base64);
    char *body = g_strdup_printf("MessageSid=%s&From=%%2B33145&To=%%2B337&Body=%s", id, text);
    unsigned status = calls("POST", "/hook", headers, body);
    g_free(body), g_free(headers), g_free(in_base64), g_free(signs);
    g_hmac_unref(hmac);
    return status;
}

/* Bots number what a person writes alike, and do not say to which of them it is. */
Test(webhook_plugin, what_another_adapter_has_under_the_same_name_is_not_ours, .init = begin_bot, .fini = end)
{
    cr_expect_eq(bot_is_told("message", "hello"), 200);
    until(rig.told, "submit 42");
    gcx_adapter.close(rig.webhook);
    rig.webhook = NULL;
    turn();
    char *first = rig.state;
    rig.state = g_strconcat(first, "2", NULL);
    g_free(first);
    opens();
    cr_expect_eq(bot_is_told("message", "hello"), 200);
    cr_expect_eq(bot_is_told("message", "hello"), 200);
    cr_expect_eq(times(rig.told, "submit"), 2, "%s", rig.told->str);
}

/* The machine that takes over has its files in another folder; here it has not got them yet. */
Test(webhook_plugin, what_came_is_known_from_another_folder, .init = begin_bot, .fini = end)
{
    cr_expect_eq(bot_is_told("message", "hello"), 200);
    until(rig.told, "submit 42");
    gcx_adapter.close(rig.webhook);
    rig.webhook = NULL;
    turn();
    char *first = rig.state, *folder = g_strconcat(first, ".moved", NULL), *name = g_path_get_basename(first);
    cr_assert_eq(mkdir(folder, 0700), 0);
    rig.state = g_build_filename(folder, name, NULL);
    g_free(first), g_free(folder), g_free(name);
    opens();
    cr_expect_eq(bot_is_told("message", "hello"), 200);
    turn();
    cr_expect_eq(times(rig.told, "submit"), 1, "%s", rig.told->str);
}

Test(webhook_plugin, who_leaves_by_a_word_is_not_written_to_until_they_come_back, .init = begin_texts, .fini = end)
{
    cr_expect_eq(texts("SM1", "hello"), 200);
    until(rig.told, "submit +33145\n");
    cr_expect_eq(texts("SM2", "STOP"), 200);
    until(rig.told, "message The customer wants no more messages from us, and gets none.\n");
    says(1, "m1", "one");
    until(rig.told, "delivery m1 failed refused");
    cr_expect_eq(texts("SM3", "START"), 200);
    until(rig.told, "message The customer wants messages from us again.\n");
    cr_expect_eq(times(rig.told, "The customer wants"), 2, "%s", rig.told->str);
    cr_expect_eq(times(rig.written, "one"), 0);
}

/* The plugin sms has the same store and medium: parts that wait there for others are its own. */
Test(webhook_plugin, parts_of_another_plugin_are_left_to_it, .init = begin_texts, .fini = end)
{
    struct error error;
    int64_t left;
    bool there;
    cr_expect_eq(texts("SM1", "hello"), 200);
    struct sql *sql = sql_open(rig.store, "contact store", &error);
    cr_assert(sql && sql_run(sql,
                             "INSERT INTO post_pieces(way, own, customer, mark, total, n, text, came, brought)"
                             " VALUES('sms', '+4930123', '+33199', 1, 2, 1, 'half', 1, 0)",
                             &error),
              "%s", error.text);
    passes(2 * SECOND);
    cr_expect_eq(texts("SM2", "more"), 200);
    cr_expect(sql_find(sql, &error, &left, &there, "SELECT count(*) FROM post_pieces WHERE n = 1", SQL_NONE) &&
              left == 1);
    sql_close(sql);
}

/* A post of Ann's comes with the next poll. */
static void posts(unsigned id, const char *visibility, const char *text)
{
    static char answer[400];
    snprintf(answer, sizeof answer,
             "[{\"id\":\"%u\",\"type\":\"mention\",\"account\":{\"acct\":\"ann@example.org\",\"display_name\":\"Ann\"},"
             "\"status\":{\"id\":\"%u\",\"content\":\"%s\",\"visibility\":\"%s\"}}]",
             id, 900 + id, text, visibility);
    rig.polled = answer;
    for (int turns = 0; rig.polled; turns++) {
        cr_assert(turns < 20, "nobody asks; the log: %s", rig.logged->str);
        passes(10 * SECOND);
    }
}

Test(webhook_plugin, who_wrote_to_few_is_answered_to_few_in_the_next_conversation_too, .init = begin_microblog,
     .fini = end)
{
    posts(31, "direct", "hello");
    until(rig.told, "submit ann@example.org\n");
    for (unsigned n = 1; n < 10; n++) {
        char id[20], told[40];
        snprintf(id, sizeof id, "m%u", n);
        snprintf(told, sizeof told, "delivery m%u accepted", n);
        says(1, id, "word");
        until(rig.told, told);
    }
    posts(32, "public", "again");
    until(rig.told, "message again\n");
    cr_expect_eq(times(rig.told, "submit"), 2, "the full one does not go on in the next: %s", rig.told->str);
    says(2, "m10", "still to you alone");
    until(rig.told, "delivery m10 accepted");
    cr_expect(strstr(rig.written->str, "direct: @ann@example.org still to you alone\n"), "%s", rig.written->str);
}

Test(webhook_plugin, a_network_that_knows_a_message_again_is_asked_once_more, .init = begin_microblog, .fini = end)
{
    posts(31, "direct", "hello");
    until(rig.told, "submit ann@example.org\n");
    char *text = g_strnfill(469, 'x'); /* the network's file allows 468 */
    says(1, "m2", text);
    until(rig.told, "delivery m2 failed refused");
    says(1, "m3", text + 1);
    until(rig.told, "delivery m3 accepted");
    g_free(text);
    ends_while_it_goes(true);
    until(rig.told, "delivery m1 accepted");
    cr_expect_eq(times(rig.written, "one"), 2);
}

/* Eight requests go at once, and none more. */
Test(webhook_plugin, news_are_asked_for_when_a_sender_is_idle, .init = begin_microblog, .fini = end)
{
    GString *polled = g_string_new("");
    char id[20];
    for (unsigned n = 1; n <= 8; n++)
        g_string_append_printf(polled,
                               "%s{\"id\":\"%u\",\"type\":\"mention\",\"account\":{\"acct\":\"ann%u\"},\"status\":{"
                               "\"id\":\"%u\",\"content\":\"hello\",\"visibility\":\"direct\"}}",
                               n > 1 ? "," : "[", 50 - n, n, 950 - n);
    g_string_append(polled, "]");
    rig.polled = polled->str;
    passes(10 * SECOND);
    for (int turns = 0; rig.submit_count < 8 && turns < 8000; turns++) turn();
    cr_assert_eq(rig.submit_count, 8, "%s", rig.told->str);
    passes(0);
    g_string_truncate(rig.asked, 0);
    rig.mute = true;
    for (unsigned n = 1; n <= 8; n++) {
        snprintf(id, sizeof id, "m%u", n);
        says(n, id, "word");
    }
    for (int turns = 0; rig.unanswered_count < 8 && turns < 8000; turns++) turn();
    cr_assert_eq(rig.unanswered_count, 8, "%s", rig.written->str);
    passes(10 * SECOND);
    cr_expect_str_eq(rig.asked->str, "", "all are busy");
    network_answers_late();
    g_string_free(polled, TRUE);
}

static void begins_again_with_cursor(void)
{
    char *path = g_strconcat(rig.state, ".cursor", NULL);
    gcx_adapter.close(rig.webhook);
    puts_cursor();
    g_string_truncate(rig.asked, 0);
    opens();
    cr_expect_neq(access(path, F_OK), 0, "it is a row now");
    passes(10 * SECOND);
    g_free(path);
}

Test(webhook_plugin, the_network_is_asked_on_behind_what_an_earlier_version_had, .init = begin_microblog, .fini = end)
{
    begins_again_with_cursor();
    cr_expect(strstr(rig.asked->str, "min_id=43&"), "%s", rig.asked->str);
    posts(50, "direct", "hello");
    until(rig.told, "submit ann@example.org\n");
    begins_again_with_cursor(); /* as one that was killed before it had removed the file */
    cr_expect(strstr(rig.asked->str, "min_id=50&"), "the store's is newer: %s", rig.asked->str);
}

/* A file that stopped each start for ever would be worse than news that comes twice. */
Test(webhook_plugin, a_damaged_cursor_of_an_earlier_version_stops_nothing, .init = begin_microblog, .fini = end)
{
    static const char no_utf8[] = {'4', '\xff', '3', '\n', 0};
    const char *const damaged[] = {"", " \n", no_utf8};
    char *path = g_strconcat(rig.state, ".cursor", NULL);
    for (size_t i = 0; i <= sizeof damaged / sizeof *damaged; i++) { /* the last one is a folder: it cannot be read */
        bool text = i < sizeof damaged / sizeof *damaged;
        gcx_adapter.close(rig.webhook);
        cr_assert(text ? g_file_set_contents(path, damaged[i], -1, NULL) : mkdir(path, 0700) == 0);
        g_string_truncate(rig.asked, 0), g_string_truncate(rig.logged, 0);
        opens();
        cr_expect_neq(access(path, F_OK), 0);
        cr_expect(strstr(rig.logged->str, "is of no use"), "%s", rig.logged->str);
        passes(10 * SECOND);
        cr_expect(strstr(rig.asked->str, "min_id=0&"), "%s", rig.asked->str);
    }
    g_free(path);
}

static void begin_deaf_microblog(void)
{
    rig.deaf = true;
    begin_microblog();
}

Test(webhook_plugin, a_network_that_cannot_be_asked_for_news_is_asked_again, .init = begin_deaf_microblog, .fini = end)
{
    until(rig.logged, "network away its API fails");
    posts(31, "direct", "hello");
    until(rig.told, "submit ann@example.org\n");
}

static void begin_down(void)
{
    rig.is_down = true;
    begin();
}

/* Agents would be the first to find it out. */
Test(webhook_plugin, a_network_is_looked_at_before_somebody_writes, .init = begin_down, .fini = end)
{
    until(rig.logged, "network away it answers by 503");
    cr_assert_eq(rig.written->len, 0);
}
