/* tests/unit/tserver_rig.c - The surroundings of a T-Server under test. */
#include "tests/unit/tserver_rig.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/vocabulary/effects_link.h"
#include "runtime/vocabulary/events_link.h"

struct gcx_link {
    struct tserver_rig *rig;
};

static bool post(struct gcx_link *link, struct span frame)
{
    struct tserver_rig *rig = link->rig;
    struct message message;
    struct error error;
    bool good = message_read(&message, frame.bytes, frame.length, &error);
    assert(good); /* a frame that the core would close the link for */
    if (rig->no_credit && message_class(&message) != CLASS_RELIEVE) return false;
    writer_stamp(&rig->posted, frame, rig->link_number, 1);
    return true;
}

static bool rig_link_is_up(const struct gcx_link *link)
{
    return link->rig->core_up;
}

static unsigned number(const struct gcx_link *link)
{
    return link->rig->link_number;
}

static uint64_t new_conn(struct gcx_link *link)
{
    return (uint64_t)link->rig->link_number << 48 | ++link->rig->conns;
}

static uint64_t now_us(const struct gcx_link *link)
{
    return (uint64_t)link->rig->now_us;
}

static struct event_base *base(struct gcx_link *link)
{
    (void)link;
    return NULL;
}

static const char *setting(const struct gcx_link *link, const char *key)
{
    struct tserver_rig *rig = link->rig;
    for (size_t i = 0; i < sizeof rig->settings / sizeof *rig->settings && rig->settings[i][0]; i++)
        if (strcmp(rig->settings[i][0], key) == 0) return rig->settings[i][1];
    return NULL;
}

static void say(struct gcx_link *link, int level, uint64_t ixn, uint64_t conn, const char *format, ...)
    __attribute__((format(printf, 5, 6)));

static void say(struct gcx_link *link, int level, uint64_t ixn, uint64_t conn, const char *format, ...)
{
    char text[2048];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments); /* under the sanitizers: every argument is read */
    va_end(arguments);
    if (level == GCX_LOG_WARNING) {
        link->rig->warnings++;
        snprintf(link->rig->warned, sizeof link->rig->warned, "%.500s", text);
    }
    if (getenv("RIG_LOG"))
        fprintf(stderr, "%d ixn=%llx conn=%llx %s\n", level, (unsigned long long)ixn, (unsigned long long)conn, text);
}

static void peer(struct gcx_link *link, const char *name, bool is_up)
{
    struct writer writer;
    writer_init(&writer);
    writer_begin(&writer, KIND_PeerLink);
    writer_text(&writer, PeerLink_peer, name);
    writer_u(&writer, PeerLink_up, is_up);
    post(link, writer_end(&writer));
    writer_free(&writer);
}

static void busy(struct gcx_link *link, bool is_busy)
{
    link->rig->busy = is_busy;
}
static bool aside(const struct gcx_link *link)
{
    return link->rig->aside;
}
static uint64_t journal(const struct gcx_link *link)
{
    return link->rig->journal;
}
static void defaulted(struct gcx_link *link)
{
    link->rig->defaulted++;
}

static const struct gcx_services services = {
    .post = post,
    .up = rig_link_is_up,
    .link = number,
    .new_conn = new_conn,
    .now_us = now_us,
    .wall_us = now_us,
    .base = base,
    .setting = setting,
    .log = say,
    .peer = peer,
    .busy = busy,
    .defaulted = defaulted,
    .journal = journal,
    .aside = aside,
};

/* --- The switch --- */

static void to_switch(void *self, const char *bytes, size_t length)
{
    struct tserver_rig *rig = (struct tserver_rig *)self; /* the T-Server is its first member */
    json_t *line = json_loadb(bytes, length, 0, NULL);
    assert(line && bytes[length - 1] == '\n');
    json_array_append_new(rig->asked, line);
}

static void drop(void *self, const char *why)
{
    struct tserver_rig *rig = (struct tserver_rig *)self;
    (void)why;
    rig->dropped++;
    tserver_lost(&rig->tserver);
}

void rig_event(struct tserver_rig *rig, const char *line)
{
    tserver_feed(&rig->tserver, line, strlen(line));
    tserver_feed(&rig->tserver, "\n", 1);
}

static size_t position(struct tserver_rig *rig, const char *service)
{
    size_t i;
    json_t *line;
    json_array_foreach(rig->asked, i, line)
    {
        if (strcmp(json_string_value(json_object_get(line, "service")), service) == 0) return i;
    }
    return SIZE_MAX;
}

json_t *rig_asked(struct tserver_rig *rig, const char *service)
{
    return json_array_get(rig->asked, position(rig, service));
}

static bool answer(struct tserver_rig *rig, const char *service, const char *format, const char *code)
{
    size_t i = position(rig, service);
    if (i == SIZE_MAX) return false;
    char line[256];
    long long id = json_integer_value(json_object_get(json_array_get(rig->asked, i), "invokeId"));
    snprintf(line, sizeof line, format, id, code);
    json_array_remove(rig->asked, i);
    rig_event(rig, line);
    return true;
}

bool rig_result(struct tserver_rig *rig, const char *service)
{
    return answer(rig, service, "{\"result\":%lld,\"note\":\"%s\"}", "");
}

bool rig_error(struct tserver_rig *rig, const char *service, const char *code)
{
    return answer(rig, service, "{\"error\":%lld,\"code\":\"%s\",\"text\":\"no\"}", code);
}

void rig_connect(struct tserver_rig *rig)
{
    static const char *const devices[][2] = {{"1800", "routing_point"}, {"5000", "queue"},     {"5001", "queue"},
                                             {"7001", "extension"},     {"7002", "extension"}, {"6001", "ivr_port"}};
    json_array_clear(rig->asked);
    tserver_connected(&rig->tserver);
    bool registered =
        answer(rig, "SystemRegister", "{\"result\":%lld,\"predictive\":%s}", rig->predictive ? "true" : "false");
    assert(registered);
    for (size_t i = 0; i < sizeof devices / sizeof *devices; i++) {
        char line[128];
        snprintf(line, sizeof line,
                 "{\"event\":\"SnapshotDevice\",\"device\":\"%s\",\"type\":\"%s\",\"inService\":true}", devices[i][0],
                 devices[i][1]);
        rig_event(rig, line);
    }
}

void rig_lose(struct tserver_rig *rig)
{
    tserver_lost(&rig->tserver);
}

void rig_ring(struct tserver_rig *rig, const char *call_id)
{
    char line[256];
    snprintf(line, sizeof line,
             "{\"event\":\"RouteRequest\",\"callID\":\"%s\",\"device\":\"1800\",\"routeID\":\"r%s\","
             "\"callingDevice\":\"+33145550101\",\"calledDevice\":\"1800\",\"callType\":\"inbound\"}",
             call_id, call_id);
    rig_event(rig, line);
    rig_result(rig, "AssociateData");
}

/* --- Its life --- */

void rig_init(struct tserver_rig *rig)
{
    rig->link = calloc(1, sizeof *rig->link);
    assert(rig->link);
    rig->link->rig = rig;
    rig->now_us = INT64_C(1772442000000000);
    rig->link_number = 16;
    rig->asked = json_array();
    writer_init(&rig->posted);
    tserver_init(&rig->tserver, rig->link, &services, to_switch, drop);
    rig_core(rig, true);
}

void rig_open(struct tserver_rig *rig)
{
    rig_init(rig);
    rig_connect(rig);
    rig_result(rig, "Snapshot");
    struct writer *writer = rig_effect(rig, KIND_Configure, 1, 0);
    writer_text(writer, Configure_dn, "1800");
    writer_u(writer, Configure_active, 1);
    writer_list_begin(writer, Configure_defaults);
    writer_list_text(writer, span_of("5000"));
    writer_list_text(writer, span_of("5001"));
    writer_list_end(writer);
    writer_i(writer, Configure_answer_timeout, 10000000);
    writer_i(writer, Configure_router_grace, 60000000);
    rig_perform(rig);
    rig_forget(rig);
}

void rig_free(struct tserver_rig *rig)
{
    tserver_free(&rig->tserver);
    json_decref(rig->asked);
    writer_free(&rig->posted);
    free(rig->link);
}

void rig_wait(struct tserver_rig *rig, int64_t us)
{
    for (int64_t end_us = rig->now_us + us; rig->now_us < end_us;) {
        rig->now_us += 100000;
        tserver_tick(&rig->tserver);
        while (rig_result(rig, "SystemStatus")) {
        }
    }
}

/* --- The core --- */

static bool next_frame(struct tserver_rig *rig, size_t *at, struct message *message)
{
    struct error error;
    if (*at >= rig->posted.length) return false;
    size_t size = message_frame_size(rig->posted.bytes + *at, rig->posted.length - *at);
    bool good = message_read(message, rig->posted.bytes + *at, size, &error);
    assert(good);
    *at += size;
    return true;
}

const char *rig_posted(struct tserver_rig *rig)
{
    static _Thread_local char names[64 * 1024];
    size_t length = 0;
    struct message message;
    names[0] = 0;
    for (size_t at = 0; next_frame(rig, &at, &message);) {
        char name[64];
        message_name(&message, name, sizeof name);
        length += (size_t)snprintf(names + length, sizeof names - length, "%s%s", length == 0 ? "" : " ", name);
        assert(length < sizeof names);
    }
    return names;
}

bool rig_find(struct tserver_rig *rig, const char *wanted, struct message *found)
{
    struct message message;
    bool any = false;
    for (size_t at = 0; next_frame(rig, &at, &message);) {
        char name[64];
        message_name(&message, name, sizeof name);
        if (strcmp(name, wanted) == 0) {
            *found = message;
            any = true;
        }
    }
    return any;
}

void rig_forget(struct tserver_rig *rig)
{
    writer_clear(&rig->posted);
}

static struct writer *effect_writer(void)
{
    static _Thread_local struct writer writer;
    return &writer;
}

struct writer *rig_effect(struct tserver_rig *rig, unsigned kind, uint64_t ref, uint64_t conn)
{
    struct writer *writer = effect_writer();
    (void)rig;
    writer_clear(writer);
    writer_begin(writer, kind);
    writer_u(writer, ENVELOPE_ixn, 9);
    writer_u(writer, ENVELOPE_ref, ref);
    writer_conn(writer, ENVELOPE_conn, conn);
    return writer;
}

void rig_perform(struct tserver_rig *rig)
{
    struct message message;
    struct error error;
    struct span frame = writer_end(effect_writer());
    bool good = message_read(&message, frame.bytes, frame.length, &error);
    assert(good);
    cti_perform(&rig->tserver.cti, &message);
    writer_free(effect_writer());
}

void rig_core(struct tserver_rig *rig, bool is_up)
{
    rig->core_up = is_up;
    cti_core_up(&rig->tserver.cti, is_up);
}

uint64_t rig_conn(struct tserver_rig *rig, const char *call_id)
{
    const struct call *call = calls_by_id(&rig->tserver.cti.calls, call_id);
    return !call ? 0 : call->conn;
}

/* --- Desktops --- */

static bool desk_take(void *self, const char *bytes, size_t length)
{
    struct rig_desk *desk = self;
    json_t *line = json_loadb(bytes, length, 0, NULL);
    assert(line && bytes[length - 1] == '\n');
    json_array_append_new(desk->lines, line);
    return !desk->deaf;
}

static void desk_closed(void *self)
{
    struct rig_desk *desk = self;
    desk->closed = true;
    desk->client = NULL;
}

void desk_open(struct tserver_rig *rig, struct rig_desk *desk)
{
    struct client_wire wire = {.self = desk, .send = desk_take, .close = desk_closed};
    *desk = (struct rig_desk){.lines = json_array()};
    desk->client = client_new(&rig->tserver.cti, &wire, NULL);
}

void desk_close(struct rig_desk *desk)
{
    if (desk->client) {
        client_lost(desk->client);
        desk->client = NULL;
    }
    json_decref(desk->lines);
    desk->lines = NULL;
}

void desk_say(struct rig_desk *desk, const char *line)
{
    if (desk->client) client_feed(desk->client, line, strlen(line));
    if (desk->client) client_feed(desk->client, "\n", 1);
}

static bool is_message(const json_t *line, const char *message)
{
    return strcmp(desk_text(line, "Message"), message) == 0;
}

json_t *desk_heard(struct rig_desk *desk, const char *message)
{
    size_t i;
    json_t *line;
    json_array_foreach(desk->lines, i, line)
    {
        if (is_message(line, message)) {
            json_incref(line);
            json_array_remove(desk->lines, i);
            return line;
        }
    }
    return NULL;
}

unsigned desk_count(struct rig_desk *desk, const char *message)
{
    unsigned count = 0;
    size_t i;
    json_t *line;
    json_array_foreach(desk->lines, i, line)
    {
        count += is_message(line, message);
    }
    return count;
}

const char *desk_text(const json_t *line, const char *attribute)
{
    const char *text = json_string_value(json_object_get(line, attribute));
    return !text ? "" : text;
}

json_int_t desk_reference(const json_t *line)
{
    return json_integer_value(json_object_get(line, "ReferenceID"));
}
