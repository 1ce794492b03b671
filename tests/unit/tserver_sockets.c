/* tests/unit/tserver_sockets.c - The plugin as it is loaded: its link to a core, its sockets to switch and clients. */
#include <criterion/criterion.h>
#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/event.h>
#include <event2/listener.h>
#include <jansson.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include "tests/unit/adapter_memory.h"
#include "runtime/adapter/plugin.h"
#include "runtime/vocabulary/effects_link.h"
#include "tests/unit/names.h"

extern const struct gcx_adapter gcx_adapter;

TestSuite(tserver_sockets, .timeout = 60);

enum { PATIENCE_US = 20000000, TEXT_SIZE = 64 * 1024 };

/* A peer at the other end of a socket, and what it has received. */
struct peer {
    struct bufferevent *stream;
    char text[TEXT_SIZE];
    size_t length;
    bool answers; /* a switch: a result for every service */
    bool ended;
};

struct stage {
    struct event_base *base;
    struct evconnlistener *switch_door;
    struct peer at_switch;
    struct gcx_link *link;
    struct link_server *server;
    char switch_address[32], port_file[64];
    char posted[TEXT_SIZE];
    const char *listen, *failed, *switch_host, *insecure, *database;
    unsigned warned; /* that the switch can not be connected to, or has to wait for the core */
    unsigned accepted;
};

static uint64_t wall_us(void *self)
{
    struct timeval now;
    (void)self;
    gettimeofday(&now, NULL);
    return (uint64_t)now.tv_sec * 1000000 + (uint64_t)now.tv_usec;
}

/* --- Peers --- */

static void answer_services(struct peer *peer)
{
    char *line = peer->text, *end;
    while ((end = strchr(line, '\n'))) {
        json_t *service = json_loadb(line, (size_t)(end - line), 0, NULL);
        const json_t *id = json_object_get(service, "invokeId");
        if (peer->answers && id) {
            evbuffer_add_printf(bufferevent_get_output(peer->stream), "{\"result\":%lld}\n",
                                (long long)json_integer_value(id));
        }
        json_decref(service);
        line = end + 1;
    }
    peer->length -= (size_t)(line - peer->text);
    memmove(peer->text, line, peer->length + 1);
}

static void on_read(struct bufferevent *stream, void *self)
{
    struct peer *peer = self;
    int length = 1;
    while (length > 0 && peer->length + 1 < sizeof peer->text) {
        length = evbuffer_remove(bufferevent_get_input(stream), peer->text + peer->length,
                                 sizeof peer->text - 1 - peer->length);
        peer->length += length > 0 ? (size_t)length : 0;
    }
    peer->text[peer->length] = 0;
    if (peer->answers) answer_services(peer);
}

static void on_end(struct bufferevent *stream, short what, void *self)
{
    struct peer *peer = self;
    (void)stream;
    peer->ended |= (what & (BEV_EVENT_EOF | BEV_EVENT_ERROR)) != 0;
}

static void attach(struct peer *peer, struct bufferevent *stream)
{
    peer->stream = stream;
    bufferevent_setcb(stream, on_read, NULL, on_end, peer);
    bufferevent_enable(stream, EV_READ | EV_WRITE);
}

static void hang_up(struct peer *peer)
{
    if (peer->stream) bufferevent_free(peer->stream);
    *peer = (struct peer){0};
}

static void on_accept(struct evconnlistener *door, evutil_socket_t socket, struct sockaddr *from, int length,
                      void *self)
{
    struct stage *stage = self;
    (void)from;
    (void)length;
    hang_up(&stage->at_switch);
    stage->accepted++;
    stage->at_switch.answers = true;
    attach(&stage->at_switch, bufferevent_socket_new(evconnlistener_get_base(door), socket, BEV_OPT_CLOSE_ON_FREE));
}

static struct peer *client_open(struct stage *stage)
{
    struct peer *peer = calloc(1, sizeof *peer);
    unsigned port = 0;
    FILE *file = fopen(stage->port_file, "r");
    cr_assert_not_null(file, "no port was written");
    cr_assert_eq(fscanf(file, "%u\n", &port), 1);
    fclose(file);
    struct sockaddr_in address = {
        .sin_family = AF_INET, .sin_port = htons((uint16_t)port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    attach(peer, bufferevent_socket_new(stage->base, -1, BEV_OPT_CLOSE_ON_FREE));
    bufferevent_socket_connect(peer->stream, (struct sockaddr *)&address, sizeof address);
    return peer;
}

static void client_close(struct peer *peer)
{
    hang_up(peer);
    free(peer);
}

static void say(struct peer *peer, const char *line)
{
    evbuffer_add_printf(bufferevent_get_output(peer->stream), "%s\n", line);
}

/* --- The core's end --- */

static bool on_hello(void *self, const struct message *hello, struct link_welcome *welcome, enum refusal *why,
                     struct error *error)
{
    (void)self;
    (void)hello;
    (void)why;
    (void)error;
    *welcome = (struct link_welcome){.link = SOURCE_LINKS, .epoch = 1};
    return true;
}

static void on_up(void *self)
{
    (void)self;
}

static bool on_event(void *self, const struct message *event)
{
    struct stage *stage = self;
    char name[64];
    message_name(event, name, sizeof name);
    strncat(stage->posted, name, sizeof stage->posted - strlen(stage->posted) - 2);
    strcat(stage->posted, " ");
    return true;
}

static void on_down(void *self, enum down_reason reason, const char *why)
{
    (void)self;
    (void)reason;
    (void)why;
}

static const char *setting(void *self, const char *key)
{
    const struct stage *stage = self;
    if (strcmp(key, "switch") == 0) return stage->switch_address;
    if (strcmp(key, "port_file") == 0) return stage->port_file;
    if (strcmp(key, "listen") == 0) return stage->listen;
    if (strcmp(key, "insecure") == 0) return stage->insecure;
    if (strcmp(key, "database") == 0) return stage->database;
    return NULL;
}

static void say_log(void *self, int level, uint64_t ixn, uint64_t conn, const char *text)
{
    struct stage *stage = self;
    (void)ixn;
    (void)conn;
    stage->warned += level == GCX_LOG_WARNING && (strstr(text, "cannot connect") || strstr(text, "core leads"));
    if (getenv("RIG_LOG")) fprintf(stderr, "%d %s\n", level, text);
}

static void on_over(void *self, const char *why)
{
    (void)self;
    (void)why;
}

static void on_failed(void *self, bool refused, const char *why)
{
    struct stage *stage = self;
    (void)refused;
    stage->failed = strdup(why);
    if (getenv("RIG_LOG")) fprintf(stderr, "%s\n", why);
}

static void stage_connect(struct stage *stage)
{
    struct link_server_calls calls = {
        .self = stage, .hello = on_hello, .up = on_up, .event = on_event, .down = on_down};
    stage->server = link_server_new(&calls, wall_us(NULL));
    link_client_connected(plugin_client(stage->link), wall_us(NULL));
    memory_pump(plugin_client(stage->link), stage->server, 0, wall_us(NULL));
}

static void stage_open(struct stage *stage)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t length = sizeof address;
    stage->base = event_base_new();
    stage->switch_door = evconnlistener_new_bind(stage->base, on_accept, stage, LEV_OPT_CLOSE_ON_FREE, -1,
                                                 (struct sockaddr *)&address, sizeof address);
    cr_assert_not_null(stage->switch_door);
    getsockname(evconnlistener_get_fd(stage->switch_door), (struct sockaddr *)&address, &length);
    snprintf(stage->switch_address, sizeof stage->switch_address, "%s:%u",
             stage->switch_host ? stage->switch_host : "127.0.0.1", ntohs(address.sin_port));
    snprintf(stage->port_file, sizeof stage->port_file, "/tmp/tserver-port-XXXXXX");
    close(mkstemp(stage->port_file));
    struct plugin_host host = {.self = stage,
                               .now_us = wall_us,
                               .wall_us = wall_us,
                               .setting = setting,
                               .log = say_log,
                               .over = on_over,
                               .failed = on_failed,
                               .base = stage->base};
    struct error error;
    stage->link = plugin_new(&gcx_adapter, "tserver", 1, (struct span){0}, &host, &error);
    cr_assert_not_null(stage->link, "%s", error.text);
    stage_connect(stage);
}

static void stage_close(struct stage *stage)
{
    plugin_free(stage->link);
    link_server_free(stage->server);
    hang_up(&stage->at_switch);
    evconnlistener_free(stage->switch_door);
    event_base_free(stage->base);
    unlink(stage->port_file);
    free((char *)stage->failed);
}

/* Runs all of them until `text` has `wanted` in it. */
static void await(struct stage *stage, const char *text, const char *wanted)
{
    uint64_t end_us = wall_us(NULL) + PATIENCE_US;
    do {
        cr_assert_lt(wall_us(NULL), end_us, "%s did not come: %.500s", wanted, text);
        event_base_loop(stage->base, EVLOOP_NONBLOCK);
        memory_pump(plugin_client(stage->link), stage->server, 0, wall_us(NULL));
        usleep(200);
    } while (!strstr(text, wanted));
}

static void resync(struct stage *stage)
{
    struct writer writer;
    writer_init(&writer);
    writer_begin(&writer, KIND_Resync);
    writer_u(&writer, ENVELOPE_ref, 1);
    link_server_effect(stage->server, writer_end(&writer));
    writer_free(&writer);
}

Test(tserver_sockets, the_plugin_joins_core_switch_and_clients)
{
    static struct stage stage;
    stage_open(&stage);
    resync(&stage);
    await(&stage, stage.posted, "EventLinkConnected ResyncBegin ResyncEnd");
    struct peer *client = client_open(&stage);
    await(&stage, client->text, "EventLinkConnected");
    say(&stage.at_switch, "{\"event\":\"SnapshotDevice\",\"device\":\"7001\",\"type\":\"extension\"}");
    await(&stage, stage.posted, "EventDN");
    say(client, "{\"Message\":\"RequestRegisterAddress\",\"ReferenceID\":1,\"ThisDN\":\"7001\"}");
    await(&stage, client->text, "EventRegistered");
    say(&stage.at_switch, "{\"event\":\"Delivered\",\"callID\":\"17\",\"device\":\"7001\"}");
    await(&stage, client->text, "EventRinging");
    await(&stage, stage.posted, "EventCallCreated EventRinging");
    client_close(client);
    stage_close(&stage);
}

Test(tserver_sockets, a_lost_switch_is_connected_again)
{
    static struct stage stage;
    stage_open(&stage);
    await(&stage, stage.posted, "EventLinkConnected");
    struct peer *client = client_open(&stage);
    await(&stage, client->text, "EventLinkConnected");
    hang_up(&stage.at_switch);
    await(&stage, stage.posted, "EventLinkDisconnected");
    await(&stage, client->text, "EventLinkDisconnected");
    await(&stage, strstr(client->text, "EventLinkDisconnected"), "EventLinkConnected");
    say(&stage.at_switch, "this is no event"); /* and costs none */
    say(&stage.at_switch, "{\"event\":\"RouteRequest\",\"callID\":\"17\",\"device\":\"1800\",\"routeID\":\"r1\"}");
    await(&stage, strstr(stage.posted, "EventLinkDisconnected"), "EventCallCreated");
    cr_assert_null(strstr(strstr(stage.posted, "EventLinkDisconnected") + 1, "EventLinkDisconnected"));
    client_close(client);
    stage_close(&stage);
}

/* Another gcxvm may lead, whose adapter has taken the link. */
Test(tserver_sockets, a_lost_switch_is_left_alone_while_no_core_leads_a_journal_that_others_may_lead)
{
    static struct stage stage = {.database = "dbname=j"};
    stage_open(&stage);
    await(&stage, stage.posted, "EventLinkConnected");
    link_client_lost(plugin_client(stage.link), "killed");
    link_server_free(stage.server);
    hang_up(&stage.at_switch);
    for (uint64_t end_us = wall_us(NULL) + 400000; wall_us(NULL) < end_us; usleep(1000))
        event_base_loop(stage.base, EVLOOP_NONBLOCK);
    cr_assert(stage.accepted == 1 && stage.warned == 1, "%u, %u", stage.accepted, stage.warned);
    stage_connect(&stage);
    while (stage.accepted < 2) await(&stage, "", "");
    stage_close(&stage);
}

Test(tserver_sockets, a_switch_is_found_by_its_name_once_that_resolves_and_again_when_it_moved)
{
    static struct stage stage = {.switch_host = "switch.test", .insecure = "yes"};
    names_are(NULL);
    stage_open(&stage);
    while (names_asked() < 3) await(&stage, "", "");
    cr_assert_eq(stage.warned, 1, "once, not at each try: %u", stage.warned);
    names_hold(true); /* its clients are served all the same */
    while (names_asked() < 4) await(&stage, "", "");
    struct peer *client = client_open(&stage);
    await(&stage, client->text, "EventLinkDisconnected");
    names_are("127.0.0.1");
    names_hold(false);
    await(&stage, client->text, "EventLinkConnected");
    unsigned asked = names_asked();
    hang_up(&stage.at_switch);
    await(&stage, stage.posted, "EventLinkDisconnected");
    await(&stage, strstr(stage.posted, "EventLinkDisconnected"), "EventLinkConnected");
    cr_assert_gt(names_asked(), asked);
    client_close(client);
    stage_close(&stage);
}

Test(tserver_sockets, a_name_that_becomes_another_machine_s_is_not_spoken_to_in_plain_text)
{
    static struct stage stage = {.switch_host = "localhost"};
    names_are("192.0.2.1");
    stage_open(&stage);
    while (names_asked() < 3) await(&stage, "", "");
    cr_assert_eq(stage.warned, 1);
    cr_assert_null(stage.at_switch.stream);
    names_are("127.0.0.1");
    await(&stage, stage.posted, "EventLinkConnected");
    stage_close(&stage);
}

Test(tserver_sockets, ten_megabytes_without_an_end_close_one_connection)
{
    static struct stage stage;
    static char bytes[1024 * 1024];
    memset(bytes, 'x', sizeof bytes);
    stage_open(&stage);
    await(&stage, stage.posted, "EventLinkConnected");
    struct peer *bad = client_open(&stage), *good = client_open(&stage);
    await(&stage, bad->text, "EventLinkConnected");
    await(&stage, good->text, "EventLinkConnected");
    for (int i = 0; i < 10; i++) evbuffer_add(bufferevent_get_output(bad->stream), bytes, sizeof bytes);
    await(&stage, bad->text, "too_large");
    uint64_t end_us = wall_us(NULL) + PATIENCE_US;
    while (!bad->ended) {
        cr_assert_lt(wall_us(NULL), end_us, "it was not closed");
        event_base_loop(stage.base, EVLOOP_NONBLOCK);
    }
    say(good, "{\"Message\":\"RequestQueryAddress\",\"ReferenceID\":1,\"ThisDN\":\"7001\"}");
    await(&stage, good->text, "invalid_dn");
    client_close(bad);
    client_close(good);
    stage_close(&stage);
}

Test(tserver_sockets, a_wrong_address_is_said_when_it_opens)
{
    static struct stage stage = {.listen = "nowhere"};
    stage_open(&stage);
    cr_assert_not_null(stage.failed);
    cr_assert_not_null(strstr(stage.failed, "`nowhere`"), "%s", stage.failed);
    stage_close(&stage);
}
