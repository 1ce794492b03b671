/* tests/unit/sip_ua.c - Two user agents of SIP, each with real sockets: by which transport a request goes, and what
 * becomes of it where no connection comes about. */
#include <criterion/criterion.h>
#include <errno.h>
#include <event2/event.h>
#include <glib.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "runtime/adapters/sip/ua/connection.h"
#include "runtime/adapters/sip/ua/session.h"
#include "base/memory.h"

TestSuite(sip_ua, .timeout = 60);

enum { HEARD = 16 };

struct end {
    struct ua ua;
    struct sa at;
    unsigned heard; /* requests */
    char text[HEARD][2048];
    enum sip_transp by[HEARD];
    unsigned status; /* of its answers; 0: it says nothing */
    bool refuses;    /* connections */
    bool once;       /* its answers leave nothing behind */
    bool talks;      /* it takes a call */
    struct session *session;
};

static struct event_base *base;
static struct end ours, peer;
static unsigned packets; /* datagrams that either end was handed */

/* --- What an end does with what it hears --- */

static struct mbuf *end_packet(void *self, const struct sa *source, const uint8_t *bytes, size_t length)
{
    struct mbuf *packet = mbuf_alloc(length + 1);
    (void)self, (void)source;
    packets++;
    cr_assert(packet && mbuf_write_mem(packet, bytes, length) == 0);
    packet->pos = 0;
    return packet;
}

static bool end_takes_peer(void *self, const struct sa *source)
{
    (void)self, (void)source;
    return true;
}

static bool end_connects(void *self, const struct sa *source)
{
    const struct end *end = self;
    (void)source;
    return !end->refuses;
}

static bool end_takes_message(void *self, const struct sip_msg *message, size_t begin)
{
    (void)self, (void)message, (void)begin;
    return true;
}

static void end_nothing(void *self, struct sip_msg *message)
{
    (void)self, (void)message;
}

static void end_nothing_more(void *self, const struct sip_msg *message)
{
    (void)self, (void)message;
}

static bool end_on_cancel(void *self, const struct sip_msg *message)
{
    (void)self, (void)message;
    return false;
}

static bool end_on_request(void *self, const struct sip_msg *message)
{
    struct end *end = self;
    if (end->talks) return false;
    cr_assert_lt(end->heard, HEARD);
    snprintf(end->text[end->heard], sizeof *end->text, "%.*s", (int)message->mb->end, (const char *)message->mb->buf);
    end->by[end->heard++] = message->tp;
    if (end->once)
        ua_answer_once(&end->ua, message, (uint16_t)end->status, "Whatever", NULL);
    else if (end->status > 0)
        ua_answer_kept(&end->ua, message, (uint16_t)end->status, "Whatever", NULL);
    return true;
}

/* --- A session, of which nothing is told --- */

static int end_agrees(const struct sip_msg *message, void *self)
{
    (void)message, (void)self;
    return 0;
}

static void end_hears(const struct sip_msg *message, void *self)
{
    (void)message, (void)self;
}

static void end_closes(int error, const struct sip_msg *message, void *self)
{
    (void)error, (void)message, (void)self;
}

static const struct session_ops session_ops = {
    .answer = end_agrees, .progress = end_hears, .established = end_hears, .closed = end_closes};

static bool end_keeps_contact(void *self, const struct sip_msg *message, const struct sip_addr *contact,
                              char uri[UA_URI])
{
    (void)self, (void)message, (void)contact, (void)uri;
    return false;
}

static void end_on_invite(void *self, const struct sip_msg *message)
{
    struct end *end = self;
    char contact[64];
    (void)re_snprintf(contact, sizeof contact, "sip:you@%J;transport=tcp", &end->at);
    end->session = session_accept(&end->ua, message, contact, &session_ops, end);
    cr_assert(end->session && session_answer(end->session, NULL));
}

static const struct ua_ops ops = {.packet = end_packet,
                                  .connects = end_connects,
                                  .known = end_takes_peer,
                                  .whole = end_takes_message,
                                  .read = end_nothing,
                                  .cancel = end_on_cancel,
                                  .request = end_on_request,
                                  .invite = end_on_invite,
                                  .rest = end_nothing_more,
                                  .forked = end_nothing_more,
                                  .contact = end_keeps_contact,
                                  .proxy = end_keeps_contact};

static bool end_binds(struct end *end, bool tcp)
{
    sa_set_str(&end->at, "127.0.0.1", 0);
    ua_begin(&end->ua, &ops, end);
    end->status = 200;
    for (unsigned tries = 0; tries < 20; tries++) { /* a port that is free for both */
        sa_set_port(&end->at, 0);
        errno = EIO; /* of something before */
        if (ua_bind(&end->ua, SIP_TRANSP_UDP, &end->at) != 0) return false;
        if (!tcp || ua_bind(&end->ua, SIP_TRANSP_TCP, &end->at) == 0) return true;
        ua_unbind(&end->ua);
    }
    return false;
}

static struct event *guard;

static void on_guard(evutil_socket_t unused, short what, void *self)
{
    (void)unused, (void)what, (void)self;
    cr_assert_fail("it takes too long");
}

static void begin_loop(void)
{
    const struct timeval limit = {30, 0};
    base = event_base_new();
    sip_loop_begin(base);
    guard = evtimer_new(base, on_guard, NULL);
    cr_assert_eq(event_add(guard, &limit), 0);
}

static void begin(void)
{
    begin_loop();
    cr_assert(end_binds(&ours, true));
}

static void finish(void)
{
    ua_end(&ours.ua);
    ua_end(&peer.ua);
    event_free(guard);
    (void)event_base_loop(base, EVLOOP_NONBLOCK); /* connections are freed then */
    cr_assert_eq(event_base_get_num_events(base, EVENT_BASE_COUNT_ADDED), 0, "an alarm would ring for what is gone");
    sip_loop_end();
    event_base_free(base);
}

/* --- Requests of ours --- */

struct asks {
    struct dialog *dialog;
    struct request *request;
    unsigned ends, heard; /* last answers, and others */
    int error;
    unsigned status;
};

static void asks_on_answer(int error, const struct sip_msg *answer, void *self)
{
    struct asks *asks = self;
    asks->heard += error == 0 && answer->scode < 200;
    if (error == 0 && answer->scode < 200) return;
    asks->ends++;
    asks->error = error;
    asks->status = answer ? answer->scode : 0;
}

/* Sends a request whose headers have at least `length` bytes. Returns what request_send() returns. */
static int asks_send(struct asks *asks, const char *method, const char *to, size_t length)
{
    char *headers = memory_format("X-Long: %0*d\r\n", (int)length, 7);
    const struct content content = {headers, "text/plain", " x", 2}; /* behind the headers a blank is no fold */
    *asks = (struct asks){.dialog = dialog_new(to, to, NULL, "sip:us@127.0.0.1", NULL)};
    int error = request_send(
        &asks->request, &ours.ua,
        &(struct request_ask){
            .method = method, .dialog = asks->dialog, .content = &content, .answered = asks_on_answer, .self = asks});
    free(headers);
    return error;
}

static void asks_await(const struct asks *asks)
{
    while (asks->ends == 0) event_base_loop(base, EVLOOP_ONCE);
}

/* Nobody is called back any more. */
static void asks_end(struct asks *asks)
{
    request_let_go(&asks->request);
    dialog_free(asks->dialog);
}

static void peer_uri(char uri[64], const char *params)
{
    (void)re_snprintf(uri, 64, "sip:you@%J%s", &peer.at, params);
}

/* Asks the peer and awaits the answer 200. */
static void asks_peer(size_t length, const char *params)
{
    struct asks asks;
    char uri[64];
    peer_uri(uri, params);
    cr_assert_eq(asks_send(&asks, "OPTIONS", uri, length), 0);
    asks_await(&asks);
    cr_assert(asks.error == 0 && asks.status == 200, "%d, %u", asks.error, asks.status);
    asks_end(&asks);
}

static void peer_heard(unsigned at, enum sip_transp by)
{
    const char *via = by == SIP_TRANSP_TCP ? "\r\nVia: SIP/2.0/TCP " : "\r\nVia: SIP/2.0/UDP ";
    cr_assert_eq(peer.heard, at + 1, "%u", peer.heard);
    cr_assert(peer.by[at] == by && strstr(peer.text[at], via), "%s", peer.text[at]);
}

/* More comes at once than the kernel keeps: what is dropped is counted, and what is kept has a time. */
Test(sip_ua, datagrams_that_the_kernel_drops_are_counted, .init = begin, .fini = finish)
{
    enum { SENT = 20000 };
    static const char message[] = "OPTIONS sip:us SIP/2.0";
    int wire = socket(AF_INET, SOCK_DGRAM, 0);
    unsigned before;
    cr_assert_eq(ua_dropped(&ours.ua), 0);
    for (unsigned i = 0; i < SENT; i++)
        cr_assert_gt(sendto(wire, message, sizeof message, 0, &ours.at.u.sa, ours.at.len), 0);
    do {
        before = packets;
        event_base_loop(base, EVLOOP_NONBLOCK);
    } while (packets > before);
    cr_assert(packets > 300 && packets < SENT, "the kernel kept %u", packets); /* 90 of its usual room */
    cr_assert_eq(sendto(wire, message, sizeof message, 0, &ours.at.u.sa, ours.at.len), (ssize_t)sizeof message);
    event_base_loop(base, EVLOOP_ONCE);
    cr_assert_eq(packets + ua_dropped(&ours.ua), SENT + 1, "%u, %u", packets, ua_dropped(&ours.ua));
    close(wire);
}

Test(sip_ua, a_request_that_is_too_long_for_a_datagram_goes_over_tcp, .init = begin, .fini = finish)
{
    cr_assert(end_binds(&peer, true));
    asks_peer(800, "");
    peer_heard(0, SIP_TRANSP_UDP);
    asks_peer(1300, "");
    peer_heard(1, SIP_TRANSP_TCP);
    asks_peer(1300, "");
    peer_heard(2, SIP_TRANSP_TCP);
    cr_assert_eq(g_hash_table_size(peer.ua.connections), 1, "they go over one connection");
    asks_peer(800, "");
    peer_heard(3, SIP_TRANSP_UDP);
}

Test(sip_ua, it_goes_by_udp_if_the_peer_takes_no_connection, .init = begin, .fini = finish)
{
    cr_assert(end_binds(&peer, false));
    asks_peer(1300, "");
    peer_heard(0, SIP_TRANSP_UDP);
    const struct way way = {SIP_TRANSP_TCP, peer.at};
    cr_assert(connection_failed_lately(&ours.ua, &way));
    const struct way other = {SIP_TRANSP_TLS, peer.at};
    cr_assert_not(connection_failed_lately(&ours.ua, &other));
    asks_peer(1300, "");
    peer_heard(1, SIP_TRANSP_UDP);
    cr_assert_eq(g_hash_table_size(ours.ua.connections), 0, "none was tried again");
}

Test(sip_ua, it_goes_by_udp_if_tcp_is_not_bound_here, .init = begin_loop, .fini = finish)
{
    cr_assert(end_binds(&ours, false) && end_binds(&peer, true));
    asks_peer(1300, "");
    peer_heard(0, SIP_TRANSP_UDP);
}

/* A firewall drops what asks for a connection: here a listener whose queue is full. */
Test(sip_ua, it_goes_by_udp_if_no_connection_comes_about_in_half_a_second, .init = begin, .fini = finish)
{
    int listener = socket(AF_INET, SOCK_STREAM, 0), waits[8];
    cr_assert(end_binds(&peer, false));
    cr_assert(bind(listener, &peer.at.u.sa, peer.at.len) == 0 && listen(listener, 0) == 0);
    for (unsigned i = 0; i < 8; i++) {
        waits[i] = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
        (void)connect(waits[i], &peer.at.u.sa, peer.at.len);
    }
    asks_peer(1300, "");
    peer_heard(0, SIP_TRANSP_UDP);
    for (unsigned i = 0; i < 8; i++) close(waits[i]);
    close(listener);
}

/* --- Connections that are lost, or were never there --- */

Test(sip_ua, what_waits_for_a_connection_in_vain_ends_and_nothing_else_does, .init = begin, .fini = finish)
{
    struct asks by_tcp, by_udp;
    char uri[64];
    cr_assert(end_binds(&peer, false));
    peer.status = 0;
    peer_uri(uri, "");
    cr_assert_eq(asks_send(&by_udp, "OPTIONS", uri, 10), 0);
    peer_uri(uri, ";transport=tcp");
    cr_assert_eq(asks_send(&by_tcp, "OPTIONS", uri, 10), 0);
    asks_await(&by_tcp);
    cr_assert(by_tcp.error == ECONNREFUSED && by_tcp.ends == 1, "%d", by_tcp.error);
    cr_assert_eq(by_udp.ends, 0, "it goes to the same peer, by another transport");
    asks_end(&by_tcp);
    asks_end(&by_udp);
}

/* The answer may come by a connection that the peer makes (RFC 3261, section 18.2.2). */
Test(sip_ua, a_request_waits_on_if_its_connection_is_lost, .init = begin, .fini = finish)
{
    struct asks asks;
    char uri[64];
    cr_assert(end_binds(&peer, true));
    peer.status = 0;
    peer_uri(uri, ";transport=tcp");
    cr_assert_eq(asks_send(&asks, "OPTIONS", uri, 10), 0);
    while (peer.heard == 0) event_base_loop(base, EVLOOP_ONCE);
    ua_unbind(&peer.ua);
    while (g_hash_table_size(ours.ua.connections) > 0) event_base_loop(base, EVLOOP_ONCE);
    const struct way way = {SIP_TRANSP_TCP, peer.at};
    cr_assert(asks.ends == 0 && !connection_failed_lately(&ours.ua, &way));
    asks_end(&asks);
}

Test(sip_ua, a_peer_that_may_not_connect_is_not_heard, .init = begin, .fini = finish)
{
    struct asks asks;
    char uri[64];
    cr_assert(end_binds(&peer, true));
    peer.refuses = true;
    peer_uri(uri, ";transport=tcp");
    cr_assert_eq(asks_send(&asks, "OPTIONS", uri, 10), 0);
    while (g_hash_table_size(ours.ua.connections) > 0) event_base_loop(base, EVLOOP_ONCE);
    cr_assert(peer.heard == 0 && g_hash_table_size(peer.ua.connections) == 0);
    asks_end(&asks);
}

/* RFC 3261, section 17.1.2.2: an INVITE alone is not repeated then. */
Test(sip_ua, a_request_is_repeated_until_its_last_answer, .init = begin, .fini = finish)
{
    struct asks asks;
    char uri[64];
    cr_assert(end_binds(&peer, false));
    peer.status = 0;
    peer_uri(uri, "");
    cr_assert_eq(asks_send(&asks, "OPTIONS", uri, 10), 0);
    int alarms = event_base_get_num_events(base, EVENT_BASE_COUNT_ADDED);
    peer.status = 182;
    peer.once = true;
    while (asks.heard == 0) event_base_loop(base, EVLOOP_ONCE);
    cr_assert_eq(event_base_get_num_events(base, EVENT_BASE_COUNT_ADDED), alarms);
    asks_end(&asks);
}

Test(sip_ua, a_peer_that_cannot_be_connected_to_is_an_error_each_time, .init = begin, .fini = finish)
{
    struct asks asks;
    for (unsigned i = 0; i < 2; i++) {
        cr_assert_eq(asks_send(&asks, "OPTIONS", "sip:255.255.255.255;transport=tcp", 10), ECONNREFUSED);
        asks_end(&asks);
    }
    cr_assert_eq(g_hash_table_size(ours.ua.connections), 0);
}

Test(sip_ua, over_tcp_a_request_that_is_answered_is_forgotten, .init = begin, .fini = finish)
{
    cr_assert(end_binds(&peer, true));
    asks_peer(10, ";transport=tcp");
    while (g_hash_table_size(peer.ua.served) > 0) event_base_loop(base, EVLOOP_ONCE);
    cr_assert(!peer.ua.first_served && g_hash_table_size(peer.ua.merged) == 0);
    cr_assert_eq(g_hash_table_size(ours.ua.requests), 0);
}

/* --- A peer whose connection is gone comes back --- */

static struct way before;

/* A call of ours to the peer is up, over TCP; then the peer is gone. */
static void talks_and_loses(void)
{
    char to[64];
    cr_assert(end_binds(&peer, true));
    peer.talks = true;
    peer_uri(to, ";transport=tcp");
    ours.session = session_call(
        &ours.ua,
        &(struct session_call){.to = to, .from = "sip:us@127.0.0.1", .contact = "sip:us@127.0.0.1", .headers = ""},
        &session_ops, &ours);
    cr_assert_not_null(ours.session);
    session_peer_is(ours.session, "you");
    while (!peer.session || g_hash_table_size(ours.ua.acknowledged) == 0) event_base_loop(base, EVLOOP_ONCE);
    before = (struct way){SIP_TRANSP_TCP, peer.at};
    cr_assert(ua_reaches(&ours.ua, &before));
    ua_end(&peer.ua);
    while (ua_reaches(&ours.ua, &before)) event_base_loop(base, EVLOOP_ONCE);
    peer = (struct end){0};
    cr_assert(end_binds(&peer, true));
}

static void comes_back(const char *name, bool surely)
{
    const struct way way = {SIP_TRANSP_TCP, peer.at};
    sessions_move(&ours.ua, name, &before.to, &way, surely);
}

static void is_told_the_end(void)
{
    char line[64];
    (void)re_snprintf(line, sizeof line, "BYE sip:you@%J;transport=tcp SIP/2.0", &peer.at);
    while (g_hash_table_size(ours.ua.sessions) > 0) event_base_loop(base, EVLOOP_ONCE);
    cr_assert(peer.heard == 1 && strncmp(peer.text[0], line, strlen(line)) == 0, "%u %s", peer.heard, peer.text[0]);
}

/* Its connection was refused meanwhile. */
static void ends_in_vain(void)
{
    session_leave(ours.session);
    while (g_hash_table_size(ours.ua.requests) > 0) event_base_loop(base, EVLOOP_ONCE);
    cr_assert_eq(g_hash_table_size(ours.ua.sessions), 1, "it may come back");
}

Test(sip_ua, an_end_that_found_no_way_is_told_once_the_peer_is_back, .init = begin, .fini = finish)
{
    talks_and_loses();
    ends_in_vain();
    comes_back("you", true);
    is_told_the_end();
}

Test(sip_ua, an_end_that_found_no_way_is_told_where_the_peer_may_be, .init = begin, .fini = finish)
{
    talks_and_loses();
    comes_back("another", false);
    ends_in_vain();
    comes_back("you", false);
    is_told_the_end();
}

Test(sip_ua, an_end_goes_where_the_peer_may_be_if_there_is_no_other_way, .init = begin, .fini = finish)
{
    talks_and_loses();
    comes_back("you", false);
    session_leave(ours.session);
    is_told_the_end();
}

Test(sip_ua, an_end_goes_where_the_peer_is, .init = begin, .fini = finish)
{
    talks_and_loses();
    comes_back("you", true);
    session_leave(ours.session);
    is_told_the_end();
}

/* Behind one server all have the same address: what another one sends from elsewhere moves no call of theirs. */
Test(sip_ua, an_end_is_not_told_to_another_peer_of_the_same_address, .init = begin, .fini = finish)
{
    talks_and_loses();
    ends_in_vain();
    comes_back("another", true);
    cr_assert_eq(g_hash_table_size(ours.ua.requests), 0);
    comes_back("you", true);
    is_told_the_end();
}

/* A BYE by UDP, within the session of ours. */
static void hangs_up_too(void)
{
    const struct dialog *dialog = session_dialog(ours.session);
    struct mbuf *bye = mbuf_alloc(1024);
    int fd = socket(AF_INET, SOCK_DGRAM, 0);
    cr_assert_eq(mbuf_printf(bye,
                             "BYE sip:us@127.0.0.1 SIP/2.0\r\nVia: SIP/2.0/UDP 127.0.0.1:9;branch=z9hG4bKcross\r\n"
                             "From: <sip:you@127.0.0.1>;tag=%s\r\nTo: <sip:us@127.0.0.1>;tag=%s\r\n"
                             "Max-Forwards: 70\r\nCall-ID: %s\r\nCSeq: 1 BYE\r\nContent-Length: 0\r\n\r\n",
                             dialog->peer_tag, dialog->own_tag, dialog->call_id),
                 0);
    unsigned before_it = packets;
    cr_assert_eq(sendto(fd, bye->buf, bye->end, 0, &ours.at.u.sa, ours.at.len), (ssize_t)bye->end);
    while (packets == before_it) event_base_loop(base, EVLOOP_ONCE);
    close(fd);
    mem_deref(bye);
}

/* Both hang up, and no answer to our BYE has come when the peer is elsewhere: nothing is owed to it any more. */
Test(sip_ua, an_end_that_both_have_told_is_over_where_the_peer_moves, .init = begin, .fini = finish)
{
    talks_and_loses();
    comes_back("you", true);
    peer.status = 0;
    ours.talks = true; /* its sessions hear requests */
    session_leave(ours.session);
    while (peer.heard == 0) event_base_loop(base, EVLOOP_ONCE);
    hangs_up_too();
    cr_assert_eq(g_hash_table_size(ours.ua.sessions), 1, "our BYE is not answered");
    sessions_move(&ours.ua, "you", &peer.at, &before, true);
    cr_assert_eq(g_hash_table_size(ours.ua.sessions), 0);
}

static unsigned port_of_via(enum sip_transp by, const char *sender)
{
    struct sip_msg *request;
    struct mbuf *bytes = mbuf_alloc(512);
    mbuf_printf(bytes,
                "OPTIONS sip:us SIP/2.0\r\nVia: SIP/2.0/UDP %s;branch=z9hG4bK1\r\nCall-ID: 1\r\n"
                "CSeq: 1 OPTIONS\r\nContent-Length: 0\r\n\r\n",
                sender);
    bytes->pos = 0;
    cr_assert_eq(sip_msg_decode(&request, bytes), 0, "%s", sender);
    request->tp = by;
    unsigned port = ua_via_port(request);
    mem_deref(request), mem_deref(bytes);
    return port;
}

/* An answer that goes to another port is lost, and with it the call. */
Test(sip_ua, the_port_of_a_via_is_what_it_says_or_that_of_its_transport)
{
    cr_expect_eq(port_of_via(SIP_TRANSP_UDP, "phone.example:5072"), 5072);
    cr_expect_eq(port_of_via(SIP_TRANSP_UDP, "192.0.2.1:5072"), 5072);
    cr_expect_eq(port_of_via(SIP_TRANSP_TCP, "[2001:db8::1]:65535"), 65535);
    cr_expect_eq(port_of_via(SIP_TRANSP_UDP, "phone.example"), 5060);
    cr_expect_eq(port_of_via(SIP_TRANSP_TCP, "192.0.2.1"), 5060);
    cr_expect_eq(port_of_via(SIP_TRANSP_TLS, "phone.example"), 5061);
    cr_expect_eq(port_of_via(SIP_TRANSP_TLS, "phone.example:5060"), 5060);
}
