/* tests/unit/sms_plugin.c - The whole plugin of short messages between a core and a gateway that the test plays: a
 * gateway binds at `listen` on loopback, the store is SQLite, and time passes when the test says so. */
#include <criterion/criterion.h>
#include <event2/event.h>
#include <glib.h>
#include <glib/gstdio.h>
#include <sqlite3.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "runtime/adapter/address.h"
#include "runtime/adapter/gcx_adapter.h"
#include "runtime/adapters/sms/smpp.h"
#include "runtime/vocabulary/effects_link.h"
#include "runtime/vocabulary/effects_work.h"
#include "runtime/vocabulary/events_work.h"
#include "runtime/vocabulary/media.h"
#include "runtime/vocabulary/message.h"
#include "runtime/vocabulary/vocabulary.h"

TestSuite(sms_plugin, .timeout = 60);

#define SECOND INT64_C(1000000)
#define LONG_A "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
enum { IXN = 5, STATUSES = 20 };

static struct {
    struct event_base *base;
    void *sms;
    char *dir, *files[5];
    const char *window, *rate, *answers, *lists;
    bool lists_told, lists_up;
    unsigned stores_up, stores_away; /* so often each was told */
    uint64_t clock_us, refs, journal;
    bool up, full;       /* full: the core takes no event */
    unsigned not_posted; /* so many events it has not taken */
    bool http;           /* applications come by it */
    bool sessions;       /* each message is of a conversation */
    const char *at_once; /* so many of these; NULL: as usual */
    unsigned port;
    GString *told;   /* what the core was told, a line each */
    GString *logged; /* the log */
    GQueue submits;  /* the numbers of Submits without a reply, newly allocated */
    enum code refuses;
    bool silent; /* the core answers no Submit */
    bool known;  /* the core has each Submit already */
    /* the gateway */
    struct smpp *smpp;
    int socket;
    bool bound, mute; /* mute: it answers no message */
    uint32_t statuses[STATUSES];
    unsigned status_at, status_count; /* of answers to come; then 0 */
    GString *heard;                   /* texts that it was brought, a line each */
    GString *answered;                /* how ours were answered */
    unsigned names;
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
    return rig.journal;
}

static bool rig_up(const struct gcx_link *link)
{
    (void)link;
    return rig.up;
}

static uint64_t rig_new_conn(struct gcx_link *link)
{
    (void)link;
    return 1;
}

static bool rig_post(struct gcx_link *link, struct span frame)
{
    struct message message;
    (void)link;
    rig.not_posted += rig.full;
    if (rig.full) return false;
    cr_assert(message_read(&message, frame.bytes, frame.length, NULL));
    if (message.kind == KIND_Submit) {
        struct span subject = message_text(&message, Submit_subject), from = message_text(&message, Submit_from);
        struct span queue = message_text(&message, Submit_queue);
        g_string_append_printf(rig.told, "submit %.*s %.*s: %.*s\n", (int)queue.length, (const char *)queue.bytes,
                               (int)from.length, (const char *)from.bytes, (int)subject.length,
                               (const char *)subject.bytes);
        struct kv_value asks;
        if (kv_get(message_text(&message, Submit_data), "asks_for", &asks))
            g_string_append_printf(rig.told, "asks for %.*s\n", (int)asks.span.length, (const char *)asks.span.bytes);
        uint64_t *req = g_new(uint64_t, 1);
        *req = message_u(&message, ENVELOPE_req);
        g_queue_push_tail(&rig.submits, req);
    } else if (message.kind == KIND_EventDelivery) {
        struct span name = message_text(&message, EventDelivery_msg_id),
                    text = message_text(&message, EventDelivery_text);
        if (message_u(&message, ENVELOPE_conn) != 0) g_string_append(rig.told, "in its conversation: ");
        g_string_append_printf(rig.told, "delivery %.*s %s %s%s%.*s\n", (int)name.length, (const char *)name.bytes,
                               enum_name_delivery(message_u(&message, EventDelivery_state)),
                               enum_name_cause(message_u(&message, EventDelivery_cause)), text.length > 0 ? " " : "",
                               (int)text.length, (const char *)text.bytes);
    }
    return true;
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
    (void)link, (void)why;
    if (strcmp(name, "lists") == 0) rig.lists_told = true, rig.lists_up = up;
    if (strcmp(name, "store") == 0) rig.stores_up += up, rig.stores_away += !up;
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
    if (sscanf(line, "listen: port %u", &rig.port) != 1) g_string_append_printf(rig.logged, "%s\n", line);
    g_free(line);
}

static const char *rig_setting(const struct gcx_link *link, const char *key)
{
    (void)link;
    return strcmp(key, "numbers") == 0           ? "+4930123=service,777=short"
           : strcmp(key, "store") == 0           ? rig.files[0]
           : strcmp(key, "listen") == 0          ? "127.0.0.1:0"
           : strcmp(key, "peers") == 0           ? rig.files[1]
           : strcmp(key, "country") == 0         ? "DE"
           : strcmp(key, "window") == 0          ? rig.window
           : strcmp(key, "rate") == 0            ? rig.rate
           : strcmp(key, "answers") == 0         ? rig.answers
           : strcmp(key, "give_up") == 0         ? "60"
           : strcmp(key, "help") == 0            ? "Call us. | 777: Call the short line."
           : strcmp(key, "response") == 0        ? "20"
           : strcmp(key, "lists") == 0           ? rig.lists
           : strcmp(key, "sessions") == 0        ? rig.sessions ? "*" : NULL
           : strcmp(key, "conversations") == 0   ? rig.at_once
           : strcmp(key, "state") == 0           ? rig.files[4]
           : !rig.http                           ? NULL
           : strcmp(key, "http") == 0            ? "127.0.0.1:0"
           : strcmp(key, "http_token_file") == 0 ? rig.files[2]
           : strcmp(key, "token_file") == 0      ? rig.files[2] /* there is no `network` that it were of */
           : strcmp(key, "http_port_file") == 0  ? rig.files[3]
                                                 : NULL;
}

static bool rig_read(struct gcx_link *link, struct span read)
{
    (void)link, (void)read;
    return false;
}

static unsigned rig_domain(const struct gcx_link *link)
{
    (void)link;
    return 1;
}

static const struct gcx_services services = {.base = rig_base,
                                             .read = rig_read,
                                             .domain = rig_domain,
                                             .link = rig_domain,
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

/* ---- the gateway ---- */

static void gateway_send(void *self, const uint8_t *bytes, size_t length)
{
    (void)self;
    cr_assert(send(rig.socket, bytes, length, MSG_NOSIGNAL) == (ssize_t)length);
}

static void gateway_bound(void *self)
{
    (void)self;
    rig.bound = true;
}

static void gateway_came(void *self, const struct pdu *pdu)
{
    char name[20];
    bool header = (pdu->esm_class & ESM_HEADER) != 0;
    uint32_t status = rig.status_at < rig.status_count ? rig.statuses[rig.status_at++] : STATUS_OK;
    (void)self;
    int skip = header ? pdu->message.bytes[0] + 1 : 0;
    snprintf(name, sizeof name, "n%u", ++rig.names);
    g_string_append_printf(rig.heard, "%s %s: %.*s%s\n", pdu->from.digits, pdu->to.digits,
                           MIN((int)pdu->message.length - skip, 12), (const char *)pdu->message.bytes + skip,
                           header ? pdu->message.bytes[pdu->message.bytes[0]] == 1 ? " 1" : " 2" : "");
    if (!rig.mute) smpp_answer(rig.smpp, pdu, status, name);
}

static void gateway_answered(void *self, void *job, uint32_t status, const char *id)
{
    (void)self, (void)id;
    g_string_append_printf(rig.answered, "%s %x\n", (const char *)job, status);
}

static void gateway_over(void *self, const char *why)
{
    (void)self, (void)why;
    rig.bound = false;
}

static void turn(void)
{
    uint8_t bytes[4096];
    ssize_t length;
    event_base_loop(rig.base, EVLOOP_NONBLOCK);
    while (rig.socket >= 0 && (length = recv(rig.socket, bytes, sizeof bytes, MSG_DONTWAIT)) > 0)
        smpp_feed(rig.smpp, bytes, (size_t)length, rig.clock_us);
    while (!rig.silent && rig.sms && !g_queue_is_empty(&rig.submits)) {
        struct writer writer;
        struct message message;
        uint64_t *req = g_queue_pop_head(&rig.submits);
        writer_init(&writer);
        writer_begin(&writer, KIND_Reply);
        writer_u(&writer, ENVELOPE_ixn, IXN);
        writer_u(&writer, ENVELOPE_req, *req);
        writer_u(&writer, Reply_outcome, rig.refuses ? outcome_error : rig.known ? outcome_duplicate : outcome_ok);
        writer_u(&writer, Reply_code, rig.refuses ? rig.refuses : code_ok);
        struct span frame = writer_end(&writer);
        cr_assert(message_read(&message, frame.bytes, frame.length, NULL));
        gcx_adapter.perform(rig.sms, &message);
        writer_free(&writer);
        g_free(req);
    }
    rig.clock_us += 500;
    usleep(500);
}

/* Turns until the text is in what was heard, told, answered or logged. */
static void until(const GString *where, const char *text)
{
    for (int turns = 0; !strstr(where->str, text); turns++) {
        cr_assert(turns < 8000, "it does not come: %s; there is: %s; the log: %s", text, where->str, rig.logged->str);
        turn();
    }
}

/* Time passes, and the plugin has looked at it. */
static void passes(int64_t us)
{
    rig.clock_us += (uint64_t)us;
    gint64 end = g_get_monotonic_time() + 230000;
    while (g_get_monotonic_time() < end) turn();
}

static void connects(void)
{
    struct smpp_setting setting = {false, "gw", "secret", "", 10, 30 * SECOND, 3600 * SECOND};
    struct smpp_calls calls = {NULL, gateway_send, NULL, gateway_bound, gateway_came, gateway_answered, gateway_over};
    struct address door;
    char to[32], why[200];
    snprintf(to, sizeof to, "127.0.0.1:%u", rig.port);
    cr_assert(address_parse(&door, to, why, sizeof why));
    rig.socket = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    cr_assert(connect(rig.socket, (struct sockaddr *)&door.socket, (socklen_t)door.length) == 0);
    rig.smpp = smpp_new(&setting, &calls, rig.clock_us);
    smpp_begin(rig.smpp);
    while (!rig.bound) turn();
}

static void hangs_up(void)
{
    if (rig.socket >= 0) close(rig.socket);
    smpp_free(rig.smpp);
    rig.socket = -1, rig.smpp = NULL, rig.bound = false;
}

/* ---- a life ---- */

static void opens(void)
{
    char why[200] = "";
    rig.base = event_base_new();
    rig.sms = gcx_adapter.open(NULL, &services, why, sizeof why);
    cr_assert(rig.sms, "%s", why);
    gcx_adapter.core_up(rig.sms, true);
}

static void shuts(void)
{
    gcx_adapter.close(rig.sms);
    hangs_up();
    event_base_free(rig.base);
    rig.sms = NULL;
}

/* The process is another one. */
static void again(void)
{
    shuts();
    rig.status_count = 0;
    g_string_truncate(rig.heard, 0);
    opens();
    connects();
}

static void begin(void)
{
    rig.dir = g_dir_make_tmp("gcx-sms-XXXXXX", NULL);
    rig.files[0] = g_strdup_printf("sqlite:%s/contacts", rig.dir);
    rig.files[1] = g_strdup_printf("%s/peers", rig.dir);
    cr_assert(g_file_set_contents(rig.files[1], "gw secret\n", -1, NULL) && g_chmod(rig.files[1], 0600) == 0);
    rig.files[4] = g_strdup_printf("%s/conversations", rig.dir);
    rig.told = g_string_new(NULL), rig.logged = g_string_new(NULL), rig.heard = g_string_new(NULL);
    rig.answered = g_string_new(NULL);
    rig.clock_us = UINT64_C(1770000000000000);
    rig.up = true;
    rig.journal = 7;
    rig.socket = -1;
    g_queue_init(&rig.submits);
    opens();
    connects();
}

static void begin_with_applications(void)
{
    rig.http = true;
    char *folder = g_dir_make_tmp("gcx-sms-XXXXXX", NULL);
    rig.files[2] = g_strdup_printf("%s/token", folder);
    rig.files[3] = g_strdup_printf("%s/port", folder);
    cr_assert(g_file_set_contents(rig.files[2], "word\n", -1, NULL) && g_chmod(rig.files[2], 0600) == 0);
    g_free(folder);
    begin();
}

static void begin_with_a_small_window(void)
{
    rig.window = "1";
    begin();
}

static void begin_with_conversations(void)
{
    rig.sessions = true;
    begin();
}

static void begin_with_one_conversation(void)
{
    rig.at_once = "1";
    begin_with_conversations();
}

static void begin_with_lists(void)
{
    char *folder = g_dir_make_tmp("gcx-sms-XXXXXX", NULL);
    rig.lists = g_strdup_printf("sqlite:%s/lists", folder);
    g_free(folder);
    begin();
}

static void end(void)
{
    const char *name;
    shuts();
    GDir *all = g_dir_open(rig.dir, 0, NULL);
    while ((name = g_dir_read_name(all))) {
        char *path = g_build_filename(rig.dir, name, NULL);
        g_unlink(path);
        g_free(path);
    }
    g_dir_close(all);
    g_rmdir(rig.dir);
    g_free(rig.dir);
}

static void end_with_applications(void)
{
    end();
    char *folder = g_path_get_dirname(rig.files[2]);
    g_unlink(rig.files[2]), g_unlink(rig.files[3]), g_rmdir(folder);
    g_free(folder);
}

/* The core wants it sent, to a number or into a conversation. */
static void sends_in(uint64_t conn, const char *msg_id, const char *to, const char *text)
{
    struct writer writer;
    struct message message;
    writer_init(&writer);
    writer_begin(&writer, KIND_SendMessage);
    writer_u(&writer, ENVELOPE_ixn, IXN);
    writer_u(&writer, ENVELOPE_ref, ++rig.refs);
    if (conn != 0) writer_conn(&writer, ENVELOPE_conn, conn);
    writer_text(&writer, SendMessage_msg_id, msg_id);
    if (to) {
        writer_list_begin(&writer, SendMessage_to);
        writer_list_text(&writer, span_of(to));
        writer_list_end(&writer);
    }
    writer_text(&writer, SendMessage_text, text);
    struct span frame = writer_end(&writer);
    cr_assert(message_read(&message, frame.bytes, frame.length, NULL));
    gcx_adapter.perform(rig.sms, &message);
    writer_free(&writer);
}

/* The core wants a code sent for that chat of the contact store. */
static void sends_code(const char *msg_id, const char *text, int64_t code_of)
{
    struct writer writer;
    struct message message;
    struct kv headers;
    writer_init(&writer), kv_init(&headers);
    writer_begin(&writer, KIND_SendMessage);
    writer_u(&writer, ENVELOPE_ixn, IXN);
    writer_u(&writer, ENVELOPE_ref, ++rig.refs);
    writer_text(&writer, SendMessage_msg_id, msg_id);
    writer_list_begin(&writer, SendMessage_to);
    writer_list_text(&writer, span_of("+491701234501"));
    writer_list_end(&writer);
    writer_text(&writer, SendMessage_text, text);
    kv_put_text(&headers, "automatic", span_of("code"));
    kv_put_int(&headers, VERIFY_CODE_OF, code_of);
    writer_kv(&writer, SendMessage_headers, &headers);
    struct span frame = writer_end(&writer);
    cr_assert(message_read(&message, frame.bytes, frame.length, NULL));
    gcx_adapter.perform(rig.sms, &message);
    kv_free(&headers), writer_free(&writer);
}

static void sends(const char *msg_id, const char *to, const char *text)
{
    sends_in(0, msg_id, to, text);
}

static void cancels(uint64_t ref)
{
    struct writer writer;
    struct message message;
    writer_init(&writer);
    writer_begin(&writer, KIND_Cancel);
    writer_u(&writer, ENVELOPE_ixn, IXN);
    writer_u(&writer, Cancel_of, ref);
    struct span frame = writer_end(&writer);
    cr_assert(message_read(&message, frame.bytes, frame.length, NULL));
    gcx_adapter.perform(rig.sms, &message);
    writer_free(&writer);
}

/* A customer writes. */
static void writes_to(const char *own, const char *from, char *text)
{
    struct pdu pdu = {.from = {1, 1, ""}, .to = {*own == '+', 1, ""}, .message = span_of(text)};
    snprintf(pdu.from.digits, sizeof pdu.from.digits, "%s", from);
    snprintf(pdu.to.digits, sizeof pdu.to.digits, "%s", own + (*own == '+'));
    cr_assert(smpp_send(rig.smpp, &pdu, text, rig.clock_us));
}

static void writes(const char *from, char *text)
{
    writes_to("+4930123", from, text);
}

/* A text like a receipt's comes from that number; `flag`: as one (ESM_RECEIPT), or as a message. */
static void told_by(const char *from, const char *id, const char *word, uint8_t flag)
{
    static char text[200];
    snprintf(text, sizeof text,
             "id:%s sub:001 dlvrd:001 submit date:2601010000 done date:2601010000 stat:%s err:000 text:", id, word);
    struct pdu pdu = {.from = {1, 1, ""}, .to = {1, 1, "4930123"}, .esm_class = flag};
    snprintf(pdu.from.digits, sizeof pdu.from.digits, "%s", from);
    pdu.message = span_of(text);
    cr_assert(smpp_send(rig.smpp, &pdu, (char *)"receipt", rig.clock_us));
}

/* A receipt comes for that name. */
static void receipt(const char *id, const char *word)
{
    told_by("491701234501", id, word, ESM_RECEIPT);
}

static void statuses(unsigned count, ...)
{
    va_list arguments;
    va_start(arguments, count);
    for (unsigned i = 0; i < count; i++) rig.statuses[i] = va_arg(arguments, uint32_t);
    va_end(arguments);
    rig.status_at = 0, rig.status_count = count;
}

/* A number that a statement reads in the contact store. */
static int stored(const char *sql)
{
    sqlite3 *store;
    sqlite3_stmt *asked;
    cr_assert_eq(sqlite3_open_v2(rig.files[0] + strlen("sqlite:"), &store, SQLITE_OPEN_READONLY, NULL), SQLITE_OK);
    cr_assert_eq(sqlite3_busy_timeout(store, 10000), SQLITE_OK);
    cr_assert_eq(sqlite3_prepare_v2(store, sql, -1, &asked, NULL), SQLITE_OK, "%s", sqlite3_errmsg(store));
    cr_assert_eq(sqlite3_step(asked), SQLITE_ROW, "%s", sqlite3_errmsg(store));
    int number = sqlite3_column_int(asked, 0);
    sqlite3_finalize(asked);
    sqlite3_close(store);
    return number;
}

static void alters(const char *sql)
{
    sqlite3 *store;
    cr_assert_eq(sqlite3_open(rig.files[0] + strlen("sqlite:"), &store), SQLITE_OK);
    cr_assert_eq(sqlite3_busy_timeout(store, 10000), SQLITE_OK);
    cr_assert_eq(sqlite3_exec(store, sql, NULL, NULL, NULL), SQLITE_OK, "%s", sqlite3_errmsg(store));
    sqlite3_close(store);
}

static unsigned times(const GString *where, const char *text)
{
    unsigned count = 0;
    for (const char *at = where->str; (at = strstr(at, text)); at++) count++;
    return count;
}

#define ANNA "+491701234501"
#define PAUL "+491701234502"

/* ---- what goes ---- */

/* Away is told before anybody writes. */
static void store_is_told(void)
{
    while (rig.stores_up == 0) turn(), usleep(2000);
}

Test(sms_plugin, the_store_is_told, .init = begin, .fini = end)
{
    store_is_told();
}

Test(sms_plugin, the_store_is_told_beside_conversations, .init = begin_with_conversations, .fini = end)
{
    store_is_told();
}

Test(sms_plugin, a_message_goes_and_the_core_hears_of_it_and_of_its_receipt, .init = begin, .fini = end)
{
    sends("m1", ANNA, "hello");
    until(rig.heard, "4930123 491701234501: hello\n");
    until(rig.told, "delivery m1 accepted");
    receipt("n1", "DELIVRD");
    until(rig.told, "delivery m1 delivered");
    until(rig.answered, "receipt 0");
    cr_expect(strstr(rig.logged->str, "count texts_sent"));
    sends("m1", ANNA, "hello"); /* asked again */
    until(rig.logged, "m1: the other side has taken it\n");
    sends("m2", "nobody", "hello");
    until(rig.told, "delivery m2 failed invalid_number");
    cr_expect_eq(times(rig.heard, "hello"), 1);
}

/* The contact store makes the code, once for each message, and keeps its digest. */
Test(sms_plugin, a_code_is_put_into_the_text_that_goes, .init = begin, .fini = end)
{
    sends("m1", ANNA, "hello");
    until(rig.told, "delivery m1 accepted");
    alters("INSERT INTO interactions(id, tenant, media, external_id, direction, address, received, messages)"
           " VALUES(900, '', 'chat', 'c', 'in', 'anna@x.org', 1, 0)");
    sends_code("c1", "A: ######.", 900);
    until(rig.told, "delivery c1 accepted");
    const char *code = strstr(rig.heard->str, " A: ");
    cr_assert(code && strspn(code + 4, "0123456789") == 6 && code[10] == '.', "%s", rig.heard->str);
    cr_expect_eq(stored("SELECT count(*) FROM codes WHERE interaction = 900 AND sent = 1 AND length(digest) = 64"), 1);
    sends_code("c1", "A: ######.", 900); /* asked again */
    until(rig.logged, "c1: the other side has taken it\n");
    sends_code("c2", "A: ######.", 901); /* there is no such chat */
    until(rig.told, "delivery c2 failed");
    sends_code("c3", "It has no place.", 900);
    until(rig.told, "delivery c3 failed");
    cr_expect_eq(times(rig.heard, " A: "), 1);
    cr_expect_eq(stored("SELECT sent FROM codes WHERE interaction = 900"), 1);
}

/* A message without a conversation is an interaction of its own in the contact store, which knows whose core it is. */
Test(sms_plugin, the_store_has_what_an_application_sends_and_the_core_that_lives, .init = begin, .fini = end)
{
    sends("m1", ANNA, "one");
    until(rig.told, "delivery m1 accepted");
    cr_expect_eq(stored("SELECT count(*) FROM post_out WHERE msg_id = 'm1' AND interaction IS NOT NULL"), 1);
    for (int turns = 0; turns < 8000 && stored("SELECT count(*) FROM served") == 0; turns += 100)
        for (int i = 0; i < 100; i++) turn();
    cr_expect_eq(stored("SELECT count(*) FROM served WHERE journal = 7"), 1);
}

Test(sms_plugin, a_status_says_why_it_is_not_sent, .init = begin, .fini = end)
{
    statuses(2, STATUS_WRONG_DESTINATION, STATUS_REFUSED);
    sends("m1", ANNA, "one");
    until(rig.told, "delivery m1 failed invalid_number status 0x0b");
    sends("m2", ANNA, "two");
    until(rig.told, "delivery m2 failed refused status 0x65");
    rig.mute = true;
    sends("m3", ANNA, "three");
    until(rig.heard, "three");
    passes(21 * SECOND);
    until(rig.told, "delivery m3 failed lost no answer came");
    cr_expect_eq(times(rig.heard, "three"), 1);
}

Test(sms_plugin, too_much_waits_and_the_next_time_twice_as_long, .init = begin, .fini = end)
{
    statuses(2, STATUS_THROTTLED, STATUS_QUEUE_FULL);
    sends("m1", ANNA, "one");
    until(rig.logged, "the other side asks for less: 5 a second, after 1 s");
    sends("m2", ANNA, "two");
    passes(SECOND / 2);
    cr_expect_eq(times(rig.heard, "one"), 1);
    passes(SECOND);
    until(rig.logged, "asks for less: 2 a second, after 2 s");
    cr_expect_eq(times(rig.heard, "one"), 2);
    passes(SECOND + SECOND / 2);
    cr_expect_eq(times(rig.heard, "one"), 2);
    passes(SECOND);
    until(rig.told, "delivery m2 accepted");
    cr_expect_eq(times(rig.heard, "one"), 3);
    cr_expect_eq(times(rig.heard, "two"), 1);
}

Test(sms_plugin, the_rate_grows_again_by_one_after_ten_seconds, .init = begin, .fini = end)
{
    statuses(1, STATUS_THROTTLED);
    sends("m1", ANNA, "one");
    until(rig.told, "delivery m1 accepted");
    passes(9 * SECOND);
    passes(2 * SECOND);
    statuses(1, STATUS_THROTTLED);
    sends("m2", ANNA, "two");
    until(rig.logged, "asks for less: 3 a second");
}

/* Part 1 is with the other side, and the book must not note that the message waits again. */
Test(sms_plugin, a_message_of_which_a_part_has_gone_is_never_sent_again, .init = begin, .fini = end)
{
    statuses(3, STATUS_OK, STATUS_THROTTLED, STATUS_THROTTLED);
    sends("m1", ANNA, LONG_A LONG_A);
    until(rig.logged, "after 1 s");
    passes(SECOND + SECOND / 10);
    until(rig.logged, "after 2 s");
    passes(SECOND + SECOND / 10); /* a tick */
    again();
    sends("m1", ANNA, LONG_A LONG_A);
    until(rig.told, "delivery m1 failed lost it was on its way when the connection or the process ended");
    passes(3 * SECOND);
    cr_expect_eq(rig.heard->len, 0, "%s", rig.heard->str);
}

/* The answer to part 1 has not come, and part 2 waits for it. */
Test(sms_plugin, nor_is_one_of_which_a_part_is_on_its_way, .init = begin_with_a_small_window, .fini = end)
{
    rig.mute = true;
    sends("m1", ANNA, LONG_A LONG_A);
    until(rig.heard, "aaa 1\n");
    passes(SECOND + SECOND / 10); /* a tick */
    rig.mute = false;
    again();
    sends("m1", ANNA, LONG_A LONG_A);
    until(rig.told, "delivery m1 failed lost it was on its way when the connection or the process ended");
    cr_expect_eq(rig.heard->len, 0, "%s", rig.heard->str);
}

Test(sms_plugin, a_part_that_may_have_gone_counts_more_than_one_that_was_refused, .init = begin_with_a_small_window,
     .fini = end)
{
    rig.mute = true;
    sends("m1", ANNA, LONG_A LONG_A);
    until(rig.heard, "aaa 1\n");
    rig.mute = false;
    statuses(1, STATUS_REFUSED);
    passes(21 * SECOND);
    until(rig.told, "delivery m1 failed lost no answer came");
    cr_expect_eq(times(rig.heard, "aaa 2\n"), 1, "%s", rig.heard->str);
}

Test(sms_plugin, a_message_of_which_nothing_has_gone_goes_after_a_restart, .init = begin, .fini = end)
{
    statuses(4, STATUS_THROTTLED, STATUS_THROTTLED, STATUS_THROTTLED, STATUS_THROTTLED);
    sends("m1", ANNA, LONG_A LONG_A);
    until(rig.logged, "after 1 s");
    passes(SECOND + SECOND / 10);
    until(rig.logged, "after 2 s");
    passes(SECOND + SECOND / 10);
    again();
    sends("m1", ANNA, LONG_A LONG_A);
    until(rig.told, "delivery m1 accepted");
    cr_expect_eq(times(rig.heard, "aaa 1\n"), 1, "%s", rig.heard->str);
    cr_expect_eq(times(rig.heard, "aaa 2\n"), 1, "%s", rig.heard->str);
}

/* No tick comes between the refusal and the end, which notes itself that the message waits. */
Test(sms_plugin, a_message_that_has_not_gone_waits_for_the_process_after_an_end_in_order, .init = begin, .fini = end)
{
    statuses(1, STATUS_THROTTLED);
    sends("m1", ANNA, "one");
    until(rig.logged, "the other side asks for less");
    again();
    sends("m1", ANNA, "one");
    until(rig.told, "delivery m1 accepted");
    cr_expect_eq(times(rig.heard, "one"), 1, "%s", rig.heard->str);
}

Test(sms_plugin, who_leaves_hears_it_before_what_waits_for_others, .init = begin, .fini = end)
{
    statuses(1, STATUS_THROTTLED);
    sends("m1", ANNA, "one");
    until(rig.logged, "the other side asks for less");
    sends("m2", ANNA, "two");
    sends("m3", PAUL, "three");
    writes(&PAUL[1], (char *)"STOP");
    until(rig.answered, "STOP 0");
    until(rig.told, "delivery m3 failed refused the customer wants no messages");
    writes("491701234503", (char *)"Stop");
    until(rig.answered, "Stop 0");
    passes(2 * SECOND);
    passes(2 * SECOND);
    until(rig.told, "delivery m2 accepted");
    const char *one = strstr(rig.heard->str, "one"), *paul = strstr(rig.heard->str, "491701234502: You will get");
    const char *third = strstr(rig.heard->str, "491701234503: You will get");
    one = strstr(one + 1, "one"); /* for the second time */
    cr_assert(one && paul && third, "%s", rig.heard->str);
    cr_expect(paul < third && third < one && one < strstr(rig.heard->str, "two"), "%s", rig.heard->str);
    cr_expect_not(strstr(rig.heard->str, "three"));
}

Test(sms_plugin, a_message_of_which_a_part_has_gone_goes_on_to_who_leaves, .init = begin, .fini = end)
{
    statuses(2, STATUS_OK, STATUS_THROTTLED);
    sends("m1", PAUL, LONG_A LONG_A);
    until(rig.logged, "after 1 s");
    writes(&PAUL[1], (char *)"STOP");
    until(rig.answered, "STOP 0");
    passes(2 * SECOND);
    until(rig.told, "delivery m1 accepted");
    cr_expect_not(strstr(rig.told->str, "wants no messages"), "%s", rig.told->str);
}

Test(sms_plugin, who_leaves_hears_it_from_the_next_process, .init = begin, .fini = end)
{
    statuses(1, STATUS_THROTTLED);
    writes(&PAUL[1], (char *)"STOP");
    until(rig.answered, "STOP 0");
    until(rig.logged, "the other side asks for less");
    again();
    until(rig.heard, "491701234502: You will get");
}

Test(sms_plugin, what_is_cancelled_or_waits_too_long_does_not_go, .init = begin, .fini = end)
{
    hangs_up();
    passes(0);
    sends("m1", ANNA, "one");
    cancels(rig.refs);
    sends("m2", ANNA, "two");
    sends("m3", ANNA, "three");
    passes(59 * SECOND);
    cr_expect_not(strstr(rig.told->str, "m2"));
    passes(2 * SECOND);
    until(rig.told, "delivery m2 failed throttled");
    connects();
    sends("m4", ANNA, "four");
    until(rig.told, "delivery m4 accepted");
    cr_expect_eq(times(rig.heard, "\n"), 1, "%s", rig.heard->str);
    cr_expect_not(strstr(rig.told->str, "m1"), "a cancelled step hears of it");
}

/* A core that is back has what it has asked for. Another journal has asked for nothing of what waits here, but for what
 * it asks for again. */
Test(sms_plugin, what_waits_is_of_the_core_that_asked_for_it, .init = begin, .fini = end)
{
    hangs_up();
    passes(0);
    sends("m1", ANNA, "one");
    gcx_adapter.core_up(rig.sms, false);
    gcx_adapter.core_up(rig.sms, true);
    connects();
    until(rig.told, "delivery m1 accepted");
    hangs_up();
    passes(0);
    sends("m2", ANNA, "two");
    sends("m3", ANNA, "three");
    rig.journal = 8;
    gcx_adapter.core_up(rig.sms, true);
    sends("m3", ANNA, "three");
    gcx_adapter.core_up(rig.sms, true);
    connects();
    until(rig.told, "delivery m3 accepted");
    cr_expect_eq(times(rig.heard, "\n"), 2, "%s", rig.heard->str);
    cr_expect_not(strstr(rig.told->str, "m2"), "%s", rig.told->str);
    rig.journal = 9;
    receipt("n2", "DELIVRD");
    until(rig.logged, "text m3: delivered");
    cr_expect_not(strstr(rig.told->str, "delivered"), "%s", rig.told->str);
}

Test(sms_plugin, receipts_of_names_that_nobody_knows_wait_a_minute_and_fill_no_window, .init = begin, .fini = end)
{
    receipt("n1", "DELIVRD"); /* before the answer that says this name */
    passes(SECOND / 10);
    cr_expect_eq(rig.answered->len, 0 + times(rig.answered, "receipt 0\n") * strlen("receipt 0\n"));
    sends("m1", ANNA, "hello");
    until(rig.told, "delivery m1 accepted");
    passes(SECOND);
    until(rig.told, "delivery m1 delivered");
    until(rig.answered, "receipt 0");
    receipt("strange", "UNDELIV");
    until(rig.answered, "receipt 0\nreceipt 0");
    passes(59 * SECOND);
    cr_expect_not(strstr(rig.logged->str, "nobody knows: strange"));
    passes(2 * SECOND);
    passes(SECOND);
    until(rig.logged, "a receipt names a message that nobody knows: strange");
    until(rig.logged, "count receipts_unknown");
}

/* Some gateways set no flag, and some spell the words otherwise. */
Test(sms_plugin, a_receipt_without_its_flag_is_one_of_who_had_the_message, .init = begin, .fini = end)
{
    sends("m1", ANNA, "hello");
    until(rig.told, "delivery m1 accepted");
    told_by(&PAUL[1], "n1", "FAILED", 0); /* he had no message of that name */
    passes(SECOND);
    cr_expect_not(strstr(rig.told->str, "delivery m1 failed"), "%s", rig.told->str);
    told_by(&ANNA[1], "n1", "DELIVERED", 0);
    until(rig.told, "delivery m1 delivered");
    sends("m2", ANNA, "hello");
    until(rig.told, "delivery m2 accepted");
    told_by(&ANNA[1], "n2", "FAILED", 0);
    until(rig.told, "delivery m2 failed");
    writes(&ANNA[1], (char *)"id:4711 stat:FAILED is what your page says"); /* a customer's own words */
    until(rig.told, "submit service +491701234501: id:4711 stat:FAILED is what your page says\n");
}

/* The agents who have the conversation read in it what became of a message, also minutes later. */
Test(sms_plugin, what_became_of_a_message_is_told_in_its_conversation, .init = begin_with_conversations, .fini = end)
{
    writes(&ANNA[1], (char *)"hello");
    until(rig.told, "submit service +491701234501: hello\n");
    until(rig.answered, "hello 0\n");
    sends_in(1, "m1", NULL, "hi");
    until(rig.told, "in its conversation: delivery m1 accepted");
    cr_expect(strstr(rig.heard->str, "4930123 491701234501: hi\n"), "%s", rig.heard->str);
    receipt("n1", "DELIVRD");
    until(rig.told, "in its conversation: delivery m1 delivered");
    until(rig.answered, "receipt 0");
    sends_in(1, "m2", ANNA, "there"); /* a step's message to the same customer is of the conversation, too */
    until(rig.told, "in its conversation: delivery m2 accepted");
    cr_expect_eq(stored("SELECT count(*) FROM post_out WHERE owner IS NULL OR owner NOT LIKE '%/%'"), 0);
}

Test(sms_plugin, beyond_the_conversations_at_once_messages_are_to_be_brought_again, .init = begin_with_one_conversation,
     .fini = end)
{
    writes(&ANNA[1], (char *)"hello");
    until(rig.answered, "hello 0\n");
    writes(&PAUL[1], (char *)"good day");
    until(rig.answered, "good day 14\n");
    cr_expect_not(strstr(rig.told->str, "good day"), "%s", rig.told->str);
    writes(&ANNA[1], (char *)"there?");
    until(rig.answered, "there? 0\n");
}

Test(sms_plugin, a_conversation_goes_on_at_once_when_the_core_takes_events_again, .init = begin_with_conversations,
     .fini = end)
{
    writes(&ANNA[1], (char *)"hello");
    until(rig.answered, "hello 0\n");
    rig.full = true;
    sends_in(1, "m1", NULL, "hi");
    while (rig.not_posted == 0) turn();
    rig.full = false;
    gcx_adapter.credit(rig.sms);
    cr_assert(strstr(rig.told->str, "in its conversation: delivery m1 accepted"), "%s", rig.told->str);
}

/* The answer that says the name may be on its way: the receipt is brought again if this process dies meanwhile. */
Test(sms_plugin, a_receipt_that_may_be_of_a_message_under_way_is_answered_late, .init = begin, .fini = end)
{
    rig.mute = true;
    sends("m1", ANNA, "hello");
    until(rig.heard, "hello");
    receipt("n1", "DELIVRD");
    passes(2 * SECOND);
    cr_expect_eq(rig.answered->len, 0, "%s", rig.answered->str);
    passes(4 * SECOND);
    until(rig.answered, "receipt 0");
}

/* ---- what comes ---- */

Test(sms_plugin, what_comes_is_answered_when_the_core_has_it, .init = begin, .fini = end)
{
    rig.silent = true;
    writes(&ANNA[1], (char *)"hello");
    until(rig.told, "submit service +491701234501: hello\n");
    passes(SECOND / 10);
    cr_expect_eq(rig.answered->len, 0, "it is answered before the core has it");
    rig.silent = false;
    until(rig.answered, "hello 0\n");
    writes_to("777", &ANNA[1], (char *)"short");
    until(rig.told, "submit short +491701234501: short\n");
    until(rig.answered, "short 0\n");
    cr_expect_eq(times(rig.logged, "count texts_taken"), 2);
}

/* The customer's provider has not heard that we have it. */
Test(sms_plugin, what_comes_again_because_its_answer_was_lost_is_one_message, .init = begin, .fini = end)
{
    rig.silent = true;
    writes(&ANNA[1], (char *)"hello");
    until(rig.told, "hello\n");
    hangs_up();
    passes(0);
    rig.silent = false;
    until(rig.logged, "count texts_taken");
    connects();
    passes(11 * SECOND);
    rig.known = true;
    writes(&ANNA[1], (char *)"hello");
    until(rig.answered, "hello 0\n");
    cr_expect_eq(stored("SELECT count(*) FROM interactions"), 1);
}

Test(sms_plugin, what_cannot_be_taken_is_refused_for_now_or_for_good, .init = begin, .fini = end)
{
    writes_to("+49999", &ANNA[1], (char *)"wrong");
    until(rig.answered, "wrong b\n");
    writes("4930123", (char *)"own"); /* our own number: a machine's */
    until(rig.answered, "own 0\n");
    cr_expect_eq(rig.told->len, 0);
    rig.up = false;
    writes(&ANNA[1], (char *)"away");
    until(rig.answered, "away 14\n");
    rig.up = true, rig.full = true;
    writes(&ANNA[1], (char *)"full");
    until(rig.answered, "full 14\n");
    rig.full = false, rig.refuses = code_invalid_dn;
    writes(&ANNA[1], (char *)"refused");
    until(rig.answered, "refused 14\n");
    until(rig.logged, "the core refuses it: invalid_dn");
    rig.refuses = code_fault;
    writes(&ANNA[1], (char *)"crashes");
    until(rig.answered, "crashes 65\n");
    until(rig.logged, "is in quarantine");
    rig.refuses = code_invalid_attribute;
    writes(&ANNA[1], (char *)"odd");
    until(rig.answered, "odd 65\n");
    rig.refuses = 0, rig.silent = true;
    writes(&ANNA[1], (char *)"silent");
    until(rig.told, "silent");
    passes(19 * SECOND);
    cr_expect_not(strstr(rig.answered->str, "silent"));
    gcx_adapter.core_up(rig.sms, true); /* it is asked again */
    cr_expect_eq(times(rig.told, ": silent"), 2);
    passes(0);
    cr_expect_not(strstr(rig.answered->str, "silent"), "it waits for the core that is back");
    passes(SECOND);
    passes(SECOND);
    until(rig.answered, "silent 14\n");
    cr_expect_eq(times(rig.logged, "count texts_put_off"), 4);
    cr_expect_eq(times(rig.logged, "count texts_refused"), 3);
}

/* The other part does not come, and the store cannot say what is there. */
Test(sms_plugin, parts_that_the_store_cannot_read_are_taken_later, .init = begin, .fini = end)
{
    struct pdu pdu = {.from = {1, 1, "491701234501"}, .to = {1, 1, "4930123"}, .esm_class = ESM_HEADER};
    pdu.message = (struct span){(const uint8_t *)"\x05\x00\x03\x07\x02\x01hello", 11};
    cr_assert(smpp_send(rig.smpp, &pdu, (char *)"part", rig.clock_us));
    until(rig.answered, "part 0\n");
    alters("ALTER TABLE post_came RENAME TO aside");
    passes(61 * SECOND);
    until(rig.logged, "parts of texts are not looked at: contact store");
    alters("ALTER TABLE aside RENAME TO post_came");
    passes(2 * SECOND);
    until(rig.told, "submit service +491701234501: hello[...]\n");
    cr_expect_eq(times(rig.told, "submit"), 1, "%s", rig.told->str);
}

Test(sms_plugin, a_customer_comes_back_and_is_written_to_again, .init = begin, .fini = end)
{
    writes(&ANNA[1], (char *)"STOP");
    until(rig.heard, "491701234501: You will get");
    sends("m1", ANNA, "one");
    until(rig.told, "delivery m1 failed refused the customer wants no messages");
    writes(&ANNA[1], (char *)"start");
    until(rig.answered, "start 0\n");
    passes(SECOND);
    sends("m2", ANNA, "two");
    until(rig.told, "delivery m2 accepted");
    cr_expect_eq(times(rig.heard, "You will get"), 2, "%s", rig.heard->str);
    writes(&ANNA[1], (char *)"HELP");
    until(rig.answered, "HELP 0\n");
    until(rig.heard, "491701234501: Call us.");
    cr_expect_eq(times(rig.told, "submit"), 0);
}

Test(sms_plugin, what_is_told_is_that_of_the_number, .init = begin, .fini = end)
{
    writes_to("777", &ANNA[1], (char *)"HELP");
    until(rig.answered, "HELP 0\n");
    until(rig.heard, "777 491701234501: Call the sho");
    writes(&PAUL[1], (char *)"help");
    until(rig.heard, "491701234502: Call us.");
}

Test(sms_plugin, who_asks_for_a_person_comes_to_the_strategy_which_hears_so, .init = begin, .fini = end)
{
    writes(&ANNA[1], (char *)"Somebody, please!");
    until(rig.told, "submit service +491701234501: Somebody, please!\nasks for person\n");
    until(rig.answered, "Somebody, please! 0\n");
    writes(&ANNA[1], (char *)"the agent was rude");
    until(rig.told, "the agent was rude\n");
    cr_expect_eq(times(rig.told, "asks for"), 1, "%s", rig.told->str);
}

Test(sms_plugin, who_begins_a_conversation_by_asking_for_a_person_is_understood, .init = begin_with_conversations,
     .fini = end)
{
    writes(&ANNA[1], (char *)"AGENT");
    until(rig.told, "asks for person\n");
}

/* ---- applications ---- */

/* A request of an application; the status and the body of its answer. */
static const char *application(const char *method, const char *path, const char *token, const char *body)
{
    static char answer[2000];
    char *port = NULL, to[32], why[200];
    struct address door;
    memset(answer, 0, sizeof answer);
    cr_assert(g_file_get_contents(rig.files[3], &port, NULL, NULL));
    snprintf(to, sizeof to, "127.0.0.1:%d", atoi(port));
    cr_assert(address_parse(&door, to, why, sizeof why));
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    cr_assert(connect(fd, (struct sockaddr *)&door.socket, (socklen_t)door.length) == 0);
    char *text =
        g_strdup_printf("%s %s HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer %s\r\nContent-Length: %zu\r\n\r\n%s",
                        method, path, token, strlen(body), body);
    cr_assert(send(fd, text, strlen(text), MSG_NOSIGNAL) == (ssize_t)strlen(text));
    for (int turns = 0; recv(fd, answer, sizeof answer - 1, MSG_DONTWAIT) <= 0; turns++) {
        cr_assert(turns < 8000, "no answer; the log: %s", rig.logged->str);
        turn();
    }
    close(fd);
    g_free(text), g_free(port);
    return answer;
}

Test(sms_plugin, an_application_sends_and_asks_by_its_name, .init = begin_with_applications,
     .fini = end_with_applications)
{
    static const struct {
        const char *method, *path, *token, *body, *status, *says;
    } cases[] = {
        {"POST", "/messages", "guess", "{}", "401", "the token is missing or wrong"},
        {"POST", "/other", "word", "{}", "404", "there is nothing here"},
        {"GET", "/messages", "word", "", "404", "there is nothing here"},
        {"GET", "/messages/a%20b", "word", "", "404", "there is no such message"},
        {"GET", "/messages/b1", "word", "", "404", "older than eight days"},
        {"POST", "/messages", "word", "[]", "400", "the body is no JSON object"},
        {"POST", "/messages", "word", "{\"id\":\"a b\",\"to\":\"" ANNA "\",\"text\":\"x\"}", "400", "id: up to 60"},
        {"POST", "/messages", "word", "{\"id\":\"b1\",\"to\":\"" ANNA "\"}", "400", "text: it is missing"},
        {"POST", "/messages", "word", "{\"id\":\"b1\",\"to\":\"nobody\",\"text\":\"x\"}", "400", "to: it is no number"},
        {"POST", "/messages", "word", "{\"id\":\"b1\",\"to\":\"" ANNA "\",\"from\":\"+4999\",\"text\":\"x\"}", "400",
         "from: it is none of `numbers`"},
        {"POST", "/messages", "word", "{\"id\":\"b1\",\"to\":\"" ANNA "\",\"text\":\"x\"}", "202",
         "{\"state\":\"going\",\"parts\":1}"}};
    for (unsigned i = 0; i < sizeof cases / sizeof *cases; i++) {
        const char *answer = application(cases[i].method, cases[i].path, cases[i].token, cases[i].body);
        cr_assert(strncmp(answer + strlen("HTTP/1.1 "), cases[i].status, 3) == 0, "case %u: %s", i, answer);
        cr_assert(strstr(answer, cases[i].says), "case %u: %s", i, answer);
    }
    until(rig.heard, "4930123 491701234501: x\n");
    for (int turns = 0; !strstr(application("GET", "/messages/b1", "word", ""), "{\"state\":\"accepted\"}"); turns++)
        cr_assert(turns < 1000);
    cr_assert(strstr(application("POST", "/messages", "word", cases[10].body), "{\"state\":\"accepted\",\"parts\":1}"));
    cr_assert_eq(times(rig.heard, "x"), 1);
}

static const char *without_certificate(void *self, const char *key)
{
    (void)self;
    if (strcmp(key, "certificate") == 0) return "/nowhere/tls.pem";
    return strcmp(key, "key") == 0 ? rig.files[2] : rig_setting(NULL, key);
}

Test(sms_plugin, a_certificate_that_is_not_there_is_told_before_it_opens, .init = begin_with_applications,
     .fini = end_with_applications)
{
    char why[300] = "";
    cr_expect_not(gcx_adapter.check(without_certificate, NULL, why, sizeof why));
    cr_expect(strncmp(why, "certificate: /nowhere/tls.pem: ", 31) == 0, "%s", why);
}

/* No core asks for it again: the row in the book is all that the next process has, and it is one row. */
Test(sms_plugin, what_an_application_sends_goes_once_whatever_ends, .init = begin_with_applications,
     .fini = end_with_applications)
{
    statuses(1, STATUS_THROTTLED);
    const char *answer = application("POST", "/messages", "word", "{\"id\":\"b1\",\"to\":\"" ANNA "\",\"text\":\"x\"}");
    cr_assert(strstr(answer, "202"), "%s", answer);
    until(rig.logged, "the other side asks for less");
    again();
    until(rig.logged, "text app-b1: the other side has taken it");
    cr_expect_eq(times(rig.heard, "x\n"), 1, "%s", rig.heard->str);
    answer = application("GET", "/messages/b1", "word", "");
    cr_expect(strstr(answer, "{\"state\":\"accepted\"}"), "%s", answer);
    again();
    sends("m1", ANNA, "one");
    until(rig.told, "delivery m1 accepted");
    cr_expect_eq(times(rig.heard, "x\n"), 0, "%s", rig.heard->str);
}

/* The last ones to ask the lists would be customers who want no messages any more. */
Test(sms_plugin, lists_that_cannot_be_asked_are_away, .init = begin_with_lists, .fini = end)
{
    sqlite3 *db;
    const char *file = rig.lists + strlen("sqlite:");
    while (!rig.lists_told || !rig.lists_up) turn(), usleep(2000);
    cr_assert(sqlite3_open(file, &db) == SQLITE_OK);
    cr_assert(sqlite3_exec(db, "ALTER TABLE records RENAME TO aside; ALTER TABLE do_not_call RENAME TO others", NULL,
                           NULL, NULL) == SQLITE_OK);
    sends("m1", ANNA, "hello");
    while (rig.lists_up) turn(), usleep(2000);
    cr_expect_eq(rig.stores_away, 0, "the contact store is there");
    cr_assert(sqlite3_exec(db, "ALTER TABLE aside RENAME TO records; ALTER TABLE others RENAME TO do_not_call", NULL,
                           NULL, NULL) == SQLITE_OK);
    while (!rig.lists_up) turn(), usleep(2000);
    passes(2 * SECOND);
    until(rig.told, "delivery m1 accepted");
    sqlite3_close(db);
    char *folder = g_path_get_dirname(file), *command = g_strdup_printf("rm -rf %s", folder);
    cr_assert(system(command) == 0);
    g_free(folder), g_free(command);
}

Test(sms_plugin, a_token_that_changes_without_a_network_is_no_harm, .init = begin_with_applications,
     .fini = end_with_applications)
{
    cr_assert(g_file_set_contents(rig.files[2], "fresh\n", -1, NULL) && g_chmod(rig.files[2], 0600) == 0);
    for (int i = 0; i < 4; i++) passes(SECOND + 1);
    cr_assert(strstr(rig.logged->str, "http_token_file: read again"), "%s", rig.logged->str);
}
