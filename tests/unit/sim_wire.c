/* tests/unit/sim_wire.c - The switch link's other end does what it likes: the switch answers, and lives on. */
#include <arpa/inet.h>
#include <criterion/criterion.h>
#include <event2/event.h>
#include <fcntl.h>
#include <jansson.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "runtime/sim/switch_state.h"
#include "runtime/sim/wire.h"

struct link {
    struct event_base *base;
    struct sim_switch *sw;
    struct wire *wire;
    int fd;
    char in[64 * 1024];
    size_t length;
    bool closed;
    json_t *data; /* that the first call brings along */
};

static uint64_t no_time(void *self)
{
    (void)self;
    return 1;
}

static void settle(void *self)
{
    struct link *l = self;
    struct switch_report r;
    while (l->wire && switch_report(l->sw, &r)) wire_event(l->wire, &r);
}

static void ignore_service(void *self, const char *name, const struct service_outcome *did)
{
    (void)self;
    (void)name;
    (void)did;
}

static void ignore_registered(void *self, bool up)
{
    (void)self;
    (void)up;
}

static json_t *brought(void *self, uint64_t call)
{
    const struct link *l = self;
    return call == 1 ? l->data : NULL;
}

/* Every number is a machine, which only a switch that listens can tell. */
static enum cause is_dialled(void *self, uint64_t call, const struct switch_dial *dial, uint64_t now_us,
                             uint64_t *after_us)
{
    (void)self;
    (void)call;
    (void)now_us;
    (void)after_us;
    return dial->detects ? cause_machine : cause_ok;
}

static int dial(const struct link *l)
{
    struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons(wire_port(l->wire))};
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    cr_assert_eq(connect(fd, (struct sockaddr *)&to, sizeof to), 0);
    int one = 1;
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    fcntl(fd, F_SETFL, O_NONBLOCK);
    return fd;
}

static void begin(struct link *l)
{
    struct error error = {0};
    memset(l, 0, sizeof *l);
    l->base = event_base_new();
    l->sw = switch_new(&(struct switch_options){.dialled = is_dialled});
    switch_add_dn(l->sw, "1800", dn_type_routing_point);
    switch_add_dn(l->sw, "7001", dn_type_extension);
    struct wire_user user = {l, no_time, settle, ignore_service, ignore_registered, brought};
    l->wire = wire_new(l->base, l->sw, "127.0.0.1:0", NULL, &user, &error);
    cr_assert_not_null(l->wire, "%s", error.text);
    l->fd = dial(l);
}

static void end(struct link *l)
{
    close(l->fd);
    sim_wire_free(l->wire);
    switch_free(l->sw);
    event_base_free(l->base);
}

static void pump(struct link *l)
{
    for (int i = 0; i < 20; i++) {
        event_base_loop(l->base, EVLOOP_NONBLOCK);
        ssize_t got = recv(l->fd, l->in + l->length, sizeof l->in - l->length - 1, 0);
        if (got > 0) {
            l->length += (size_t)got;
            l->in[l->length] = '\0';
        } else if (got == 0) {
            l->closed = true;
        } else {
            usleep(500);
        }
    }
}

static void say(struct link *l, const char *text)
{
    cr_assert_eq(send(l->fd, text, strlen(text), MSG_NOSIGNAL), (ssize_t)strlen(text));
    pump(l);
}

/* The next line that was said; it must be an object. */
static json_t *heard(struct link *l)
{
    char *newline = memchr(l->in, '\n', l->length);
    cr_assert_not_null(newline, "nothing more was said");
    json_t *object = json_loadb(l->in, (size_t)(newline - l->in), 0, NULL);
    cr_assert(json_is_object(object));
    l->length -= (size_t)(newline + 1 - l->in);
    memmove(l->in, newline + 1, l->length);
    return object;
}

static void hear_error(struct link *l, const char *code)
{
    json_t *answer = heard(l);
    cr_assert_not_null(json_object_get(answer, "error"));
    cr_assert_str_eq(json_string_value(json_object_get(answer, "code")), code);
    json_decref(answer);
}

static void hear(struct link *l, const char *key, const char *value)
{
    json_t *answer = heard(l);
    char *text = json_dumps(answer, JSON_COMPACT);
    json_t *found = json_object_get(answer, key);
    cr_assert_not_null(found, "%s", text);
    if (value) cr_assert_str_eq(json_string_value(found), value, "%s", text);
    free(text);
    json_decref(answer);
}

#define REGISTER "{\"service\":\"SystemRegister\",\"invokeId\":1,\"protocol\":1}\n"

Test(sim_wire, an_enterprise_call, .timeout = 30)
{
    struct link l;
    begin(&l);
    say(&l, REGISTER);
    hear(&l, "result", NULL);
    uint64_t call = switch_arrive(l.sw, "+33145550101", "1800", 1);
    settle(&l);
    pump(&l);
    hear(&l, "routeID", "r1-1");
    say(&l, "{\"service\":\"AssociateData\",\"invokeId\":5,\"callID\":\"1\",\"correlator\":\"001069a5600a0001\"}\n");
    hear(&l, "result", NULL);
    say(&l, "{\"service\":\"ApplyTreatment\",\"invokeId\":6,\"callID\":\"1\",\"device\":\"1800\",\"treatment\":1,"
            "\"type\":\"PlayAnnouncementAndDigits\",\"params\":{\"prompt\":\"account_number\",\"min\":4,\"max\":12,"
            "\"end\":\"#\"}}\n");
    hear(&l, "result", NULL);
    hear(&l, "event", "TreatmentStarted");
    switch_key(l.sw, call, "4711#", 2);
    settle(&l);
    pump(&l);
    hear(&l, "digits", "4711");
    say(&l,
        "{\"service\":\"RouteSelect\",\"invokeId\":7,\"callID\":\"1\",\"routeID\":\"r1-1\",\"destination\":\"9\"}\n");
    hear_error(&l, "invalid_destination");
    say(&l, "{\"service\":\"RouteSelect\",\"invokeId\":8,\"callID\":\"1\",\"routeID\":\"r1-1\",\"destination\":"
            "\"7001\"}\n");
    hear(&l, "result", NULL);
    hear(&l, "how", "instructed");
    hear(&l, "event", "Delivered");
    say(&l, "{\"service\":\"Snapshot\",\"invokeId\":9}\n");
    hear(&l, "event", "SnapshotDevice");
    hear(&l, "event", "SnapshotDevice");
    hear(&l, "correlator", "001069a5600a0001");
    hear(&l, "calls", NULL);
    end(&l);
}

Test(sim_wire, a_machine_is_an_answer_only_where_the_switch_does_not_listen, .timeout = 30)
{
    struct link l;
    begin(&l);
    say(&l, REGISTER);
    hear(&l, "predictive", NULL);
    say(&l, "{\"service\":\"MakePredictiveCall\",\"invokeId\":2,\"device\":\"1800\",\"destination\":\"0145\"}\n");
    hear(&l, "result", NULL);
    switch_advance(l.sw, 2);
    settle(&l);
    pump(&l);
    hear(&l, "event", "Originated");
    hear(&l, "cause", "machine");
    hear(&l, "event", "CallCleared");
    say(&l, "{\"service\":\"MakeCall\",\"invokeId\":3,\"device\":\"1800\",\"destination\":\"0145\"}\n");
    hear(&l, "result", NULL);
    switch_advance(l.sw, 3);
    settle(&l);
    pump(&l);
    hear(&l, "event", "Originated");
    hear(&l, "event", "RouteRequest");
    end(&l);
}

Test(sim_wire, a_telephone_dials_and_talks_with_who_answers, .timeout = 30)
{
    struct link l;
    begin(&l);
    say(&l, REGISTER);
    hear(&l, "predictive", NULL);
    say(&l, "{\"service\":\"MakeCall\",\"invokeId\":2,\"device\":\"7001\",\"destination\":\"7001\"}\n");
    hear(&l, "code", "invalid_destination");
    say(&l, "{\"service\":\"MakeCall\",\"invokeId\":3,\"device\":\"7001\",\"destination\":\"0145\"}\n");
    hear(&l, "result", NULL);
    switch_advance(l.sw, 2);
    settle(&l);
    pump(&l);
    hear(&l, "event", "Originated");
    hear(&l, "event", "Established");
    say(&l, "{\"service\":\"MakeCall\",\"invokeId\":4,\"device\":\"7001\",\"destination\":\"0145\"}\n");
    hear(&l, "code", "busy");
    end(&l);
}

/* 7001 has call 1, from 1800. */
static void talks_at_7001(struct link *l)
{
    say(l, REGISTER);
    uint64_t call = switch_arrive(l->sw, "+33145550101", "1800", 1);
    switch_route(l->sw, call, "7001", 1, 1);
    switch_answer(l->sw, call, "7001", 1);
    settle(l);
    pump(l);
    hear(l, "result", NULL);
    hear(l, "event", "RouteRequest");
    hear(l, "event", "RouteUsed");
    hear(l, "event", "Delivered");
    hear(l, "event", "Established");
}

Test(sim_wire, a_call_is_held_retrieved_and_handed_on, .timeout = 30)
{
    struct link l;
    begin(&l);
    talks_at_7001(&l);
    say(&l, "{\"service\":\"HoldCall\",\"invokeId\":2,\"callID\":\"1\",\"device\":\"7001\"}\n");
    hear(&l, "result", NULL);
    hear(&l, "event", "Held");
    say(&l, "{\"service\":\"RetrieveCall\",\"invokeId\":3,\"callID\":\"1\",\"device\":\"7001\"}\n");
    hear(&l, "result", NULL);
    hear(&l, "event", "Retrieved");
    say(&l, "{\"service\":\"SingleStepTransferCall\",\"invokeId\":4,\"callID\":\"1\",\"device\":\"7001\","
            "\"destination\":\"9999\"}\n");
    hear_error(&l, "invalid_destination");
    say(&l, "{\"service\":\"SingleStepTransferCall\",\"invokeId\":5,\"callID\":\"1\",\"device\":\"7001\","
            "\"destination\":\"1800\"}\n");
    hear(&l, "result", NULL);
    hear(&l, "routeID", "r1-2");
    hear(&l, "cause", "transferred");
    end(&l);
}

static void serves(struct link *l, const char *service, unsigned invoke, const char *more)
{
    char line[200];
    snprintf(line, sizeof line, "{\"service\":\"%s\",\"invokeId\":%u,\"callID\":\"1\",\"device\":\"7001\"%s}\n",
             service, invoke, more);
    say(l, line);
}

Test(sim_wire, somebody_is_asked_first_and_the_call_is_taken_back_or_left_there, .timeout = 30)
{
    struct link l;
    begin(&l);
    talks_at_7001(&l);
    serves(&l, "TransferCall", 2, "");
    hear_error(&l, "invalid_state");
    serves(&l, "ConsultationCall", 3, ",\"destination\":\"1800\"");
    hear(&l, "result", NULL);
    hear(&l, "event", "Held");
    hear(&l, "mainCallID", "1");
    serves(&l, "ConsultationCall", 4, ",\"destination\":\"1800\"");
    hear_error(&l, "invalid_state");
    serves(&l, "ReconnectCall", 5, "");
    hear(&l, "result", NULL);
    hear(&l, "event", "Retrieved");
    hear(&l, "event", "ConnectionCleared");
    hear(&l, "event", "CallCleared");
    serves(&l, "ConsultationCall", 6, ",\"destination\":\"1800\"");
    hear(&l, "result", NULL);
    hear(&l, "event", "Held");
    hear(&l, "event", "RouteRequest");
    serves(&l, "TransferCall", 7, "");
    hear(&l, "result", NULL);
    hear(&l, "event", "Transferred");
    hear(&l, "cause", "transferred");
    cr_expect_eq(l.sw->live, 1);
    end(&l);
}

Test(sim_wire, a_snapshot_tells_what_a_call_brought_along_and_which_it_is_about, .timeout = 30)
{
    struct link l;
    begin(&l);
    l.data = json_pack("{s:s}", "account", "4711");
    say(&l, REGISTER);
    hear(&l, "result", NULL);
    uint64_t main = switch_arrive(l.sw, "+33145550101", "1800", 1);
    cr_assert_neq(switch_consult(l.sw, main, "7001", "1800", 2), 0);
    settle(&l);
    pump(&l);
    hear(&l, "userData", NULL);
    hear(&l, "mainCallID", "1");
    say(&l, "{\"service\":\"Snapshot\",\"invokeId\":9}\n");
    hear(&l, "event", "SnapshotDevice");
    hear(&l, "event", "SnapshotDevice");
    json_t *first = heard(&l);
    cr_assert_str_eq(json_string_value(json_object_get(json_object_get(first, "userData"), "account")), "4711");
    json_decref(first);
    hear(&l, "mainCallID", "1");
    end(&l);
    json_decref(l.data);
}

Test(sim_wire, what_is_not_understood_is_an_error_and_no_more, .timeout = 30)
{
    struct link l;
    begin(&l);
    say(&l, "{\"service\":\"Snapshot\",\"invokeId\":1}\n");
    hear_error(&l, "invalid_state");
    say(&l, "{\"service\":\"SystemRegister\",\"invokeId\":2,\"protocol\":99}\n");
    hear_error(&l, "unsupported");
    say(&l, REGISTER);
    hear(&l, "result", NULL);
    say(&l, "nonsense\n[]\n\n");
    hear_error(&l, "invalid_attribute");
    hear_error(&l, "invalid_attribute");
    hear_error(&l, "invalid_attribute");
    say(&l, "{\"invokeId\":3}\n");
    hear_error(&l, "invalid_attribute");
    say(&l, "{\"service\":\"Dance\",\"invokeId\":4}\n");
    hear_error(&l, "unsupported");
    say(&l, "{\"service\":\"AnswerCall\",\"invokeId\":5,\"callID\":\"77\",\"device\":\"7001\"}\n");
    hear_error(&l, "unknown_call");
    say(&l, "{\"service\":\"SetAgentState\",\"invokeId\":6,\"device\":7001,\"agent\":[],\"state\":\"asleep\"}\n");
    hear_error(&l, "invalid_attribute");
    say(&l, "{\"service\":\"ApplyTreatment\",\"invokeId\":7,\"callID\":\"1\",\"treatment\":-1,\"params\":7}\n");
    hear_error(&l, "invalid_attribute");
    say(&l, "{\"service\":\"SystemStatus\",\"invoke");
    say(&l, "Id\":8}\n");
    hear(&l, "result", NULL);
    end(&l);
}

Test(sim_wire, a_line_without_end_closes_that_connection_only, .timeout = 30)
{
    struct link l;
    begin(&l);
    int good = l.fd;
    say(&l, REGISTER);
    hear(&l, "result", NULL);
    l.fd = dial(&l);
    char piece[8192];
    memset(piece, 'x', sizeof piece);
    for (int i = 0; i < 1300 && !l.closed; i++) {
        (void)send(l.fd, piece, sizeof piece, MSG_NOSIGNAL);
        event_base_loop(l.base, EVLOOP_NONBLOCK);
        char in;
        l.closed = recv(l.fd, &in, 1, 0) == 0;
    }
    cr_assert(l.closed, "ten megabytes in one line");
    close(l.fd);
    l.fd = good;
    l.closed = false;
    say(&l, "{\"service\":\"SystemStatus\",\"invokeId\":2}\n");
    hear(&l, "result", NULL);
    cr_assert(wire_registered(l.wire));
    end(&l);
}

Test(sim_wire, who_registers_takes_the_place_of_another, .timeout = 30)
{
    struct link l;
    begin(&l);
    say(&l, REGISTER);
    hear(&l, "result", NULL);
    int before = l.fd;
    l.fd = dial(&l);
    say(&l, REGISTER);
    hear(&l, "result", NULL);
    cr_assert(wire_registered(l.wire));
    char in;
    cr_assert_eq(recv(before, &in, 1, 0), 0, "the other one is closed");
    close(before);
    end(&l);
}
