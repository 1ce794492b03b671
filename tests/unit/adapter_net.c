/* tests/unit/adapter_net.c - Addresses, files that change, and what is said of wrong certificates; a handshake between
 * two ends, each of which knows the other by its certificate. */
#include "config.h"

#include <arpa/inet.h>
#include <criterion/criterion.h>
#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/bufferevent_ssl.h>
#include <event2/event.h>
#include <event2/listener.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "runtime/adapter/address.h"
#include "runtime/adapter/gcx_adapter.h"
#include "runtime/adapter/listener.h"
#include "runtime/adapter/lobby.h"
#include "runtime/adapter/resolver.h"
#include "runtime/adapter/tls.h"
#include "runtime/adapter/settings.h"
#include "runtime/adapter/watched.h"
#include "base/why.h"
#include "tests/unit/names.h"
#include "tests/unit/papers.h"

TestSuite(net, .timeout = 30);

/* Many machines give localhost the address ::1 first, and others none but 127.0.0.1. */
Test(net, localhost_is_its_ipv4_address_first)
{
    static const char *const hosts[] = {"127.0.0.1", "::1,127.0.0.1", "127.0.0.1,::1", "::1,::2,127.0.0.1"};
    struct address address;
    char why[256];
    for (size_t i = 0; i < sizeof hosts / sizeof *hosts; i++) {
        names_are(hosts[i]);
        cr_assert(address_find(&address, "localhost:5060", 0, why, sizeof why), "%s", why);
        cr_expect(address.socket.ss_family == AF_INET, "%s", hosts[i]);
        cr_assert(address_find(&address, "other:1,LOCALHOST:5060", 1, why, sizeof why), "%s", why);
        cr_expect(address.socket.ss_family == AF_INET, "%s", hosts[i]);
    }
    cr_assert(address_find(&address, "localhost:5060", 1, why, sizeof why));
    cr_expect(address.socket.ss_family == AF_INET6, "the next turn goes on behind it");
    names_are("::1,127.0.0.1");
    cr_assert(address_find(&address, "other:5060", 0, why, sizeof why));
    cr_expect(address.socket.ss_family == AF_INET6, "other names keep their order");
}

Test(net, each_address_of_a_database_says_why_it_failed)
{
    char why[100];
    why_connections(why, sizeof why,
                    "connection to \"::1\" failed: refused\n\tIs it running?\nconnection to \"b\" failed: SSL\n");
    cr_expect_str_eq(why, "connection to \"::1\" failed: refused; connection to \"b\" failed: SSL");
    why_connections(why, sizeof why, "ERROR:  no such table\nLINE 1: select\n        ^\n");
    cr_expect_str_eq(why, "ERROR:  no such table");
    why_connections(why, 12, "connection to \"a\"\nconnection to \"b\"");
    cr_expect_str_eq(why, "connection ");
    why_connections(why, sizeof why, "");
    cr_expect_str_eq(why, "");
}

Test(net, an_address_is_a_host_and_a_port)
{
    static const char *const wrong[] = {
        "", "7000", "host", "127.0.0.1:", ":7000", "127.0.0.1:port", "[::1]", "127.0.0.1 :7000", "our host:7000"};
    struct address address;
    char why[256], peer[ADDRESS_TEXT];
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        cr_assert_not(address_parse(&address, wrong[i], why, sizeof why), "%s", wrong[i]);
        cr_assert(strstr(why, wrong[i]), "%s: %s", wrong[i], why);
    }
    cr_assert(address_parse(&address, "127.0.0.2:7000", why, sizeof why));
    cr_assert_str_eq(address.host, "127.0.0.2");
    cr_assert(address_is_loopback((struct sockaddr *)&address.socket));
    address_peer((struct sockaddr *)&address.socket, peer);
    cr_assert_str_eq(peer, "127.0.0.2");
    cr_assert(address_parse(&address, "0.0.0.0:0", why, sizeof why));
    cr_assert_not(address_is_loopback((struct sockaddr *)&address.socket));
}

Test(net, of_a_list_each_attempt_takes_the_next)
{
    static const char *const expected[] = {"127.0.0.2", "::", "127.0.0.2", "::"};
    static const char *const wrong[] = {"127.0.0.2:7000,", ",127.0.0.2:7000", "127.0.0.2:7000,host",
                                        "127.0.0.2,[::1]:7"};
    const char *list = "127.0.0.2:7000,[::1]:7001";
    struct address address;
    char why[256], peer[ADDRESS_TEXT];
    cr_assert(address_list_check(list, why, sizeof why), "%s", why);
    for (unsigned turn = 0; turn < 4; turn++) {
        cr_assert(address_find(&address, list, turn, why, sizeof why), "%s", why);
        address_peer((struct sockaddr *)&address.socket, peer);
        cr_assert_str_eq(peer, expected[turn]);
        cr_assert_str_eq(address.port, turn % 2 == 0 ? "7000" : "7001");
    }
    cr_assert_not(address_parse(&address, list, why, sizeof why), "a listener has one");
    char host[256], many[600];
    cr_assert_not(address_split("core:7000,other:7001", host, why, sizeof why), "a switch has one");
    memset(many, 'a', sizeof many);
    for (size_t at = 99; at < sizeof many; at += 100) memcpy(many + at - 3, ":1,", 3);
    many[sizeof many - 2] = 0;
    cr_assert_not(address_list_check(many, why, sizeof why));
    cr_assert_str_eq(why, "addresses have at most 511 bytes together");
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
        cr_assert_not(address_list_check(wrong[i], why, sizeof why), "%s", wrong[i]);
    cr_assert(address_list_check("core:7443", why, sizeof why), "%s", why);
    cr_assert(address_find(&address, "127.0.0.2:7000 , 127.0.0.3:7001", 1, why, sizeof why), "blanks beside a comma");
    cr_assert_str_eq(address.host, "127.0.0.3");
}

/* --- Names --- */

struct asking {
    struct event_base *base;
    struct resolver *resolver;
    unsigned ticks, answers;
    bool found, last; /* last: the resolver is freed with the answer */
    char peer[ADDRESS_TEXT], why[256];
};

static void on_answer(void *self, const struct address *address, const char *why)
{
    struct asking *asking = self;
    asking->answers++;
    asking->found = address != NULL;
    snprintf(asking->why, sizeof asking->why, "%s", why);
    if (asking->found) address_peer((const struct sockaddr *)&address->socket, asking->peer);
    if (asking->last) resolver_free(asking->resolver);
    event_base_loopbreak(asking->base);
}

static void on_tick(evutil_socket_t fd, short what, void *self)
{
    struct asking *asking = self;
    (void)fd, (void)what;
    if (++asking->ticks == 5) names_hold(false);
}

static void asking_begin(struct asking *asking)
{
    *asking = (struct asking){.base = event_base_new()};
    asking->resolver = resolver_new(asking->base, on_answer, asking);
}

static void ask(struct asking *asking, const char *text)
{
    unsigned before = asking->answers;
    resolver_begin(asking->resolver, text);
    cr_assert_eq(asking->answers, before, "never from within");
    event_base_dispatch(asking->base);
    cr_assert_eq(asking->answers, before + 1);
}

Test(net, the_loop_goes_on_while_a_name_is_looked_up)
{
    struct asking asking;
    asking_begin(&asking);
    struct event *tick = event_new(asking.base, -1, EV_PERSIST, on_tick, &asking);
    event_add(tick, &(struct timeval){.tv_usec = 5000});
    names_are("127.0.0.9");
    names_hold(true);
    resolver_begin(asking.resolver, "switch.test:7000");
    ask(&asking, "switch.test:7000"); /* which is under way */
    cr_assert_geq(asking.ticks, 5);
    cr_assert(asking.found && names_asked() == 1);
    cr_assert_str_eq(asking.peer, "127.0.0.9");
    event_free(tick);
    resolver_free(asking.resolver);
    event_base_free(asking.base);
}

Test(net, a_name_is_looked_up_each_time_and_its_addresses_taken_by_turns)
{
    static const char *const peers[] = {"127.0.0.1", "127.0.0.2", "127.0.0.3", "127.0.0.1"};
    struct asking asking;
    asking_begin(&asking);
    names_are("127.0.0.1,127.0.0.2,127.0.0.3");
    for (unsigned i = 0; i < 4; i++) {
        ask(&asking, "switch.test:7000");
        cr_assert_str_eq(asking.peer, peers[i]);
        cr_assert_eq(names_asked(), i + 1);
    }
    names_are(NULL);
    ask(&asking, "switch.test:7000");
    cr_assert(!asking.found && strstr(asking.why, "`switch.test:7000`: "), "%s", asking.why);
    names_are("127.0.0.7");
    ask(&asking, "switch.test:7000");
    cr_assert_str_eq(asking.peer, "127.0.0.7");
    resolver_free(asking.resolver);
    event_base_free(asking.base);
}

Test(net, of_numbers_nobody_is_asked)
{
    static const char *const texts[] = {"127.0.0.2:7000", "[::1]:7000", "nonsense"};
    struct asking asking;
    asking_begin(&asking);
    names_hold(true);
    for (unsigned i = 0; i < 3; i++) {
        ask(&asking, texts[i]);
        cr_assert_eq(asking.found, i < 2, "%s", texts[i]);
    }
    cr_assert(strstr(asking.why, "`nonsense` is not an address and a port"), "%s", asking.why);
    cr_assert_eq(names_asked(), 0);
    resolver_free(asking.resolver);
    event_base_free(asking.base);
}

Test(net, who_goes_waits_for_no_name)
{
    struct asking asking;
    asking_begin(&asking);
    names_are("127.0.0.1");
    names_hold(true);
    resolver_begin(asking.resolver, "switch.test:7000");
    while (names_asked() == 0) usleep(1000);
    resolver_free(asking.resolver);
    names_hold(false); /* its thread ends by itself */
    asking.resolver = resolver_new(asking.base, on_answer, &asking);
    asking.last = true;
    ask(&asking, "switch.test:7000");
    cr_assert(asking.found);
    event_base_free(asking.base);
}

Test(net, which_names_are_this_machine_is_known_without_asking)
{
    names_hold(true);
    cr_assert(address_says_loopback("127.0.0.9:1") && address_says_loopback("[::1]:1"));
    cr_assert(address_says_loopback("localhost:1") && address_says_loopback("LocalHost:1"));
    cr_assert(!address_says_loopback("192.0.2.1:1") && !address_says_loopback("switch.test:1"));
    cr_assert(!address_says_loopback("localhost.test:1") && !address_says_loopback("localhost"));
    cr_assert_eq(names_asked(), 0);
}

Test(net, a_peer_of_ipv6_is_its_network_and_a_mapped_one_is_ipv4)
{
    static const struct {
        const char *address, *peer;
        bool loopback;
    } rows[] = {
        {"::1", "::", true},
        {"2001:db8:1:2:3:4:5:6", "2001:db8:1:2::", false},
        {"2001:db8:1:2:ffff::1", "2001:db8:1:2::", false},
        {"::ffff:192.0.2.7", "192.0.2.7", false},
        {"::ffff:127.0.0.1", "127.0.0.1", true},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct sockaddr_in6 ipv6 = {.sin6_family = AF_INET6};
        char peer[ADDRESS_TEXT];
        cr_assert_eq(inet_pton(AF_INET6, rows[i].address, &ipv6.sin6_addr), 1);
        address_peer((struct sockaddr *)&ipv6, peer);
        cr_assert_str_eq(peer, rows[i].peer);
        cr_assert_eq(address_is_loopback((struct sockaddr *)&ipv6), rows[i].loopback, "%s", rows[i].address);
    }
}

/* --- Files --- */

static void write_file(const char *path, const char *text, mode_t mode)
{
    FILE *file = fopen(path, "w");
    cr_assert_not_null(file);
    fputs(text, file);
    fclose(file);
    chmod(path, mode);
}

Test(net, a_file_that_is_replaced_is_noticed_once)
{
    char path[] = "/tmp/gcx-net-XXXXXX", other[sizeof path + 4], why[256];
    close(mkstemp(path));
    struct watched watched = {.path = path}, none = {.path = NULL};
    cr_assert(watched_changed(&watched));
    cr_assert_not(watched_changed(&watched));
    snprintf(other, sizeof other, "%s.new", path);
    write_file(other, "other", 0600);
    rename(other, path);
    cr_assert(watched_changed(&watched));
    cr_assert_not(watched_changed(&watched));
    cr_assert(setting_private(path, why, sizeof why));
    chmod(path, 0604);
    cr_assert_not(setting_private(path, why, sizeof why));
    cr_assert_not(setting_private("/", why, sizeof why));
    unlink(path);
    cr_assert(watched_changed(&watched), "whoever reads it again says that it is gone");
    cr_assert_not(watched_changed(&watched), "once");
    cr_assert_not(setting_private(path, why, sizeof why));
    cr_assert_not(watched_changed(&none));
}

/* --- Certificates --- */

static struct tls_settings settings_of(const struct papers *own, const struct papers *trusted)
{
    return (struct tls_settings){.certificate = own ? own->certificate : NULL,
                                 .key = own ? own->key : NULL,
                                 .ca = trusted ? trusted->certificate : NULL,
                                 .certificate_setting = "certificate",
                                 .key_setting = "key",
                                 .ca_setting = "ca"};
}

/* --- The table of files, on a clock that is this test --- */

static uint64_t clock_us;
static char watched_said[512];

static uint64_t watched_now(const struct gcx_link *link)
{
    (void)link;
    return clock_us;
}

__attribute__((format(printf, 5, 6))) static void watched_log(struct gcx_link *link, int level, uint64_t ixn,
                                                              uint64_t conn, const char *format, ...)
{
    va_list arguments;
    (void)link, (void)level, (void)ixn, (void)conn;
    va_start(arguments, format);
    vsnprintf(watched_said, sizeof watched_said, format, arguments);
    va_end(arguments);
}

struct watched_reader {
    unsigned read, gone, of;
    bool good;
};

static bool watched_reads(void *self, struct watched_lost *lost, char *why, size_t why_size)
{
    struct watched_reader *reader = self;
    lost->gone = reader->gone;
    lost->of = reader->of;
    if (!reader->good) return why_set(why, why_size, "names: it is wrong");
    reader->read += watched_counts(lost);
    return true;
}

static void watched_write(const char *path, const char *text)
{
    FILE *out = fopen(path, "w");
    cr_assert(out && fputs(text, out) >= 0 && fclose(out) == 0);
}

static void watched_runs(struct watched_files *files, unsigned seconds)
{
    for (unsigned i = 0; i < seconds; i++) {
        clock_us += 1000000;
        watched_tick(files);
    }
}

Test(net, a_file_of_the_table_is_read_again_once_it_is_done_and_what_lacks_many_waits)
{
    static const struct gcx_services services = {.now_us = watched_now, .log = watched_log};
    struct watched_reader reader = {.good = true, .of = 4};
    struct watched_files files;
    char path[] = "/tmp/gcx-watched-XXXXXX";
    close(mkstemp(path));
    watched_begin(&files, NULL, &services);
    watched_add(&files, "names", path, watched_reads, &reader);
    watched_add(&files, "none", "", watched_reads, &reader);
    watched_runs(&files, 3);
    cr_assert_eq(reader.read, 0, "nothing has changed");
    for (unsigned i = 0; i < 4; i++) {
        watched_write(path, i % 2 ? "a\n" : "a\nb\n");
        watched_runs(&files, 1);
        cr_assert_eq(reader.read, 0, "it is being written");
    }
    watched_runs(&files, 1);
    cr_assert_eq(reader.read, 1);
    reader.gone = 2;
    watched_write(path, "a\nb\nc\n");
    watched_runs(&files, 2);
    cr_assert_eq(reader.read, 2, "it is whole, and lacks half of them");
    watched_write(path, "a\nb\nc");
    watched_runs(&files, 60);
    cr_assert_eq(reader.read, 2, "it ends within a line");
    cr_assert(strstr(watched_said, "names: 2 of 4"), "%s", watched_said);
    watched_runs(&files, 2);
    cr_assert_eq(reader.read, 3, "it is meant so");
    reader.gone = 3;
    watched_write(path, "a\n");
    watched_runs(&files, 10);
    cr_assert_eq(reader.read, 3, "it lacks more than half of them");
    reader.gone = 0;
    reader.good = false;
    watched_write(path, "a\nb\nc\nd\n");
    watched_runs(&files, 70);
    cr_assert(reader.read == 3 && strstr(watched_said, "names: it is wrong; what was read before goes on"), "%s",
              watched_said);
    unlink(path);
}

Test(net, a_file_that_is_read_at_the_start_alone_is_told_when_it_changes)
{
    static const struct gcx_services services = {.now_us = watched_now, .log = watched_log};
    struct watched_files files;
    char path[] = "/tmp/gcx-watched-XXXXXX";
    close(mkstemp(path));
    watched_begin(&files, NULL, &services);
    watched_add(&files, "key", path, NULL, NULL);
    watched_write(path, "a\n");
    watched_runs(&files, 2);
    cr_assert(strstr(watched_said, "key: ") && strstr(watched_said, "started anew"), "%s", watched_said);
    *watched_said = '\0';
    watched_runs(&files, 70);
    cr_assert_str_empty(watched_said, "it is told once");
    struct watched_reader reader = {.good = true};
    watched_add(&files, "names", path, NULL, NULL);
    watched_by(&files, "names", watched_reads, &reader);
    watched_write(path, "a\nb\n");
    watched_runs(&files, 2);
    cr_assert(reader.read == 1 && strstr(watched_said, "names: read again"), "%s", watched_said);
    unlink(path);
}

Test(net, a_wrong_file_is_named_with_its_setting)
{
    struct papers one, two;
    char why[512];
    papers_make(&one, "one");
    papers_make(&two, "two");
    struct tls_settings good = settings_of(&one, &two), bad = good;
    struct tls *tls = tls_server(&good, why, sizeof why);
    cr_assert_not_null(tls, "%s", why);
    bad.key = two.key;
    cr_assert_null(tls_server(&bad, why, sizeof why));
    cr_assert(strncmp(why, "key: ", 5) == 0, "%s", why);
    bad = settings_of(&two, NULL);
    chmod(two.key, 0604);
    cr_assert_null(tls_server(&bad, why, sizeof why));
    cr_assert(strncmp(why, "key: ", 5) == 0 && strstr(why, "may be read by everybody"), "%s", why);
    bad = good;
    bad.certificate = "/nowhere";
    cr_assert_null(tls_server(&bad, why, sizeof why));
    cr_assert_str_eq(why, "certificate: /nowhere: No such file or directory");
    bad.certificate = NULL;
    cr_assert_null(tls_server(&bad, why, sizeof why));
    cr_assert_str_eq(why, "certificate: is missing, and key is given");
    bad = good;
    bad.ca = one.key;
    cr_assert_null(tls_server(&bad, why, sizeof why));
    cr_assert(strncmp(why, "ca: ", 4) == 0, "%s", why);
    bad = settings_of(&one, NULL);
    cr_assert_null(tls_client(&bad, why, sizeof why));
    cr_assert(strncmp(why, "ca: is missing", 14) == 0, "%s", why);
    bad = settings_of(NULL, &one);
    cr_assert_null(tls_server(&bad, why, sizeof why));
    cr_assert_str_eq(why, "certificate: is missing");

    /* The files change: good ones serve, wrong ones do not. */
    cr_assert_eq(tls_refresh(tls, why, sizeof why), TLS_SAME);
    write_file(one.certificate, "rubbish", 0644);
    cr_assert_eq(tls_refresh(tls, why, sizeof why), TLS_KEPT);
    cr_assert(strncmp(why, "certificate: ", 13) == 0, "%s", why);
    cr_assert_eq(tls_refresh(tls, why, sizeof why), TLS_SAME, "said once");
    papers_end(&one);
    tls_free(tls);
    papers_end(&two);
}

/* --- A handshake --- */

struct end {
    bool connected, failed;
    char why[256], asked_for[64]; /* asked_for: at the server, the name that the client wants to reach; empty: none */
    struct event_base *base;
    unsigned *open;
};

static void on_event(struct bufferevent *stream, short what, void *self)
{
    struct end *end = self;
    if (what & BEV_EVENT_CONNECTED)
        end->connected = true;
    else if (!end->failed) {
        end->failed = true;
        tls_why(stream, end->why, sizeof end->why);
    }
    if (--*end->open == 0) event_base_loopexit(end->base, NULL);
}

static const char *called = "other.example.org"; /* the host that the client calls */
static const char *one_cipher;                   /* that the client offers, of TLS 1.2; NULL: all, also of 1.3 */

/* Both until each has connected or failed; the server's view of the client's names. */
static void shake(struct tls *server_tls, struct tls *client_tls, struct end *server, struct end *client,
                  struct tls_names *names)
{
    struct event_base *base = event_base_new();
    struct sockaddr_in at = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t length = sizeof at;
    unsigned open = 2;
    int listener = socket(AF_INET, SOCK_STREAM, 0);
    cr_assert(bind(listener, (struct sockaddr *)&at, sizeof at) == 0 && listen(listener, 1) == 0);
    cr_assert_eq(getsockname(listener, (struct sockaddr *)&at, &length), 0);
    cr_assert_eq(address_port(listener), ntohs(at.sin_port));
    /* The host by which it was found is believed only where no other name is set. */
    struct bufferevent *connecting = tls_connect(client_tls, base, called);
    if (one_cipher) {
        SSL *ssl = bufferevent_openssl_get_ssl(connecting);
        cr_assert_eq(SSL_set_cipher_list(ssl, one_cipher), 1);
        cr_assert_eq(SSL_set_max_proto_version(ssl, TLS1_2_VERSION), 1);
    }
    *client = (struct end){.base = base, .open = &open};
    *server = (struct end){.base = base, .open = &open};
    bufferevent_setcb(connecting, NULL, NULL, on_event, client);
    bufferevent_enable(connecting, EV_READ | EV_WRITE);
    cr_assert_eq(bufferevent_socket_connect(connecting, (struct sockaddr *)&at, sizeof at), 0);
    int socket = accept4(listener, NULL, NULL, SOCK_NONBLOCK);
    address_watch_peer(socket);
    struct bufferevent *accepted = tls_accept(server_tls, base, socket);
    bufferevent_setcb(accepted, NULL, NULL, on_event, server);
    bufferevent_enable(accepted, EV_READ | EV_WRITE);
    struct timeval patience = {10, 0};
    event_base_loopexit(base, &patience);
    event_base_dispatch(base);
    tls_peer_names(accepted, names);
    const char *asked_for = SSL_get_servername(bufferevent_openssl_get_ssl(accepted), TLSEXT_NAMETYPE_host_name);
    snprintf(server->asked_for, sizeof server->asked_for, "%s", asked_for ? asked_for : "");
    bufferevent_free(connecting);
    bufferevent_free(accepted);
    event_base_loop(base, EVLOOP_NONBLOCK);
    event_base_free(base);
    close(listener);
}

Test(net, each_end_knows_the_other_by_its_certificate)
{
    struct papers core, adapter;
    struct tls_names names;
    struct end at_core, at_adapter;
    char why[512];
    papers_make(&core, "core");
    papers_make(&adapter, "tserver");
    struct tls_settings to_core = settings_of(&core, &adapter), to_adapter = settings_of(&adapter, &core);
    to_core.required = true;
    to_adapter.peer = "127.0.0.1";
    struct tls *server = tls_server(&to_core, why, sizeof why), *client = tls_client(&to_adapter, why, sizeof why);
    shake(server, client, &at_core, &at_adapter, &names);
    cr_assert(at_core.connected && at_adapter.connected, "%s %s", at_core.why, at_adapter.why);
    cr_assert_eq(names.count, 3);
    cr_assert_str_eq(names.name[0], "tserver");
    cr_assert(tls_names_have(&names, "other.example.org") && tls_names_have(&names, "one@example.org"));
    cr_assert_not(tls_names_have(&names, "core"));
    cr_assert_str_eq(at_core.asked_for, "", "an address is no name that a server is asked for");
    /* Each end knows when the certificates end: its own, and the one that it was shown, though it be refused. */
    int64_t left_s = tls_peer_ends_s(client) - (int64_t)time(NULL);
    cr_assert(left_s > 3500 && left_s <= 3600, "%lld", (long long)left_s);
    cr_assert_eq(tls_own_ends_s(server), tls_peer_ends_s(client));
    cr_assert_eq(tls_peer_ends_s(server), 0);
    cr_assert_eq(tls_file_ends_s(core.certificate), tls_own_ends_s(server));
    cr_assert_eq(tls_file_ends_s("/nowhere"), 0);
    cr_assert_eq(tls_own_ends_s(NULL), 0);
    tls_free(client);

    /* What was read again serves from the next connection on, and is told as well what it is shown. */
    client = tls_client(&to_adapter, why, sizeof why);
    struct timespec then[2] = {{.tv_sec = 1}, {.tv_sec = 1}};
    cr_assert_eq(utimensat(AT_FDCWD, adapter.certificate, then, 0), 0);
    cr_assert_eq(tls_refresh(client, why, sizeof why), TLS_RENEWED);
    shake(server, client, &at_core, &at_adapter, &names);
    cr_assert(at_core.connected && at_adapter.connected, "%s %s", at_core.why, at_adapter.why);
    cr_assert_eq(tls_peer_ends_s(client), tls_own_ends_s(server));

    /* Of TLS 1.2 the ciphers that authenticate each record, with a key of this connection alone. */
    one_cipher = "ECDHE-ECDSA-AES128-GCM-SHA256";
    shake(server, client, &at_core, &at_adapter, &names);
    cr_assert(at_core.connected && at_adapter.connected, "%s %s", at_core.why, at_adapter.why);
    one_cipher = "ECDHE-ECDSA-AES128-SHA256";
    shake(server, client, &at_core, &at_adapter, &names);
    cr_assert(at_core.failed && at_adapter.failed);
    one_cipher = NULL;
    tls_free(client);

    /* Another address than those that the certificate has, though somebody answers there. */
    static const char *const others[] = {"127.0.0.2", "::1"};
    for (unsigned i = 0; i < 2; i++) {
        to_adapter.peer = others[i];
        client = tls_client(&to_adapter, why, sizeof why);
        shake(server, client, &at_core, &at_adapter, &names);
        cr_assert(at_adapter.failed && strstr(at_adapter.why, "IP address mismatch"), "%s: %s", others[i],
                  at_adapter.why);
        cr_assert_str_eq(at_core.asked_for, "");
        tls_free(client);
    }
    to_adapter.peer = "other.example.org";
    client = tls_client(&to_adapter, why, sizeof why);
    shake(server, client, &at_core, &at_adapter, &names);
    cr_assert(at_core.connected && at_adapter.connected, "%s %s", at_core.why, at_adapter.why);
    cr_assert_str_eq(at_core.asked_for, "other.example.org");
    tls_free(client);

    /* Another name than the one that is meant. */
    to_adapter.peer = "elsewhere.example.org";
    client = tls_client(&to_adapter, why, sizeof why);
    shake(server, client, &at_core, &at_adapter, &names);
    cr_assert(at_adapter.failed && strstr(at_adapter.why, "hostname mismatch"), "%s", at_adapter.why);
    cr_assert_eq(tls_peer_ends_s(client), tls_own_ends_s(server));
    tls_free(client);

    /* No certificate; that of somebody else. */
    to_adapter = settings_of(NULL, &core);
    client = tls_client(&to_adapter, why, sizeof why);
    shake(server, client, &at_core, &at_adapter, &names);
    cr_assert(at_core.failed && names.count == 0, "%s", at_core.why);
    tls_free(client);
    to_adapter = settings_of(&core, &core);
    client = tls_client(&to_adapter, why, sizeof why);
    shake(server, client, &at_core, &at_adapter, &names);
    cr_assert(at_core.failed && names.count == 0 && strstr(at_core.why, "its certificate is refused"), "%s",
              at_core.why);
    tls_free(client);
    /* No name in the settings: the host is the name, and any other certificate of the authority is refused. */
    to_adapter = settings_of(&adapter, &core);
    called = "127.0.0.2";
    client = tls_client(&to_adapter, why, sizeof why);
    shake(server, client, &at_core, &at_adapter, &names);
    cr_assert(at_adapter.failed && strstr(at_adapter.why, "IP address mismatch"), "%s", at_adapter.why);
    tls_free(client);
    to_adapter.peer = "";
    cr_assert_null(tls_client(&to_adapter, why, sizeof why), "no name is not any name");
    tls_free(server);
    papers_end(&core);
    papers_end(&adapter);
}

Test(net, a_name_with_a_zero_in_it_is_none)
{
    struct papers core, adapter;
    struct tls_names names;
    struct end at_core, at_adapter;
    char why[512];
    papers_make(&core, "core");
    papers_make(&adapter, "tserver");
    /* CN "tserver\0.evil": made by hand, as no tool makes such. */
    FILE *file = fopen(adapter.key, "r");
    EVP_PKEY *key = PEM_read_PrivateKey(file, NULL, NULL, NULL);
    fclose(file);
    file = fopen(adapter.certificate, "r");
    X509 *certificate = PEM_read_X509(file, NULL, NULL, NULL);
    fclose(file);
    X509_NAME *subject = X509_NAME_new();
    X509_NAME_add_entry_by_NID(subject, NID_commonName, V_ASN1_UTF8STRING, (unsigned char *)"tserver\0.evil", 13, -1,
                               0);
    X509_set_subject_name(certificate, subject);
    X509_set_issuer_name(certificate, subject);
    X509_NAME_free(subject);
    X509_sign(certificate, key, EVP_sha256());
    file = fopen(adapter.certificate, "w");
    PEM_write_X509(file, certificate);
    fclose(file);
    X509_free(certificate);
    EVP_PKEY_free(key);
    struct tls_settings to_core = settings_of(&core, &adapter), to_adapter = settings_of(&adapter, &core);
    struct tls *server = tls_server(&to_core, why, sizeof why), *client = tls_client(&to_adapter, why, sizeof why);
    cr_assert(server && client, "%s", why);
    shake(server, client, &at_core, &at_adapter, &names);
    cr_assert(at_core.connected, "%s", at_core.why);
    cr_assert_not(tls_names_have(&names, "tserver"));
    cr_assert(tls_names_have(&names, "other.example.org"));
    tls_free(client);
    tls_free(server);
    papers_end(&core);
    papers_end(&adapter);
}

/* --- Strangers --- */

enum { LOBBY_MOST = 4, LOBBY_EACH = 2 };

Test(net, a_stranger_makes_room_who_was_silent_longest)
{
    struct lobby lobby = {.most = LOBBY_MOST, .per_address = LOBBY_EACH};
    struct stranger all[5];
    static const char *const from[] = {"a", "b", "b", "c", "d"};
    for (int i = 0; i < LOBBY_MOST; i++) {
        cr_assert_null(lobby_makes_room(&lobby, from[i]));
        lobby_enter(&lobby, &all[i], from[i], &all[i]);
    }
    cr_assert_eq(lobby_makes_room(&lobby, "d"), &all[0]);
    cr_assert_eq(lobby_makes_room(&lobby, "b"), &all[1], "an address with its share makes room by itself");
    lobby_heard(&lobby, &all[0]);
    lobby_heard(&lobby, &all[1]);
    cr_assert_eq(lobby_makes_room(&lobby, "d"), &all[2]);
    cr_assert_eq(lobby_makes_room(&lobby, "b"), &all[2]);
    lobby_leave(&lobby, &all[2]);
    lobby_leave(&lobby, &all[2]); /* it has gone already */
    lobby_heard(&lobby, &all[2]);
    cr_assert_eq(lobby.count, LOBBY_MOST - 1);
    cr_assert_null(lobby_makes_room(&lobby, "b"));
    lobby_enter(&lobby, &all[4], "d", &all[4]);
    cr_assert_eq(((struct stranger *)lobby_makes_room(&lobby, "a")->self), &all[3]);
    while (lobby.first) lobby_leave(&lobby, lobby.first);
    cr_assert_null(lobby.last);
    cr_assert_eq(lobby.count, 0);
}

static void on_place(struct evconnlistener *listener, evutil_socket_t file, struct sockaddr *peer, int size, void *self)
{
    (void)listener, (void)peer, (void)size;
    ++*(unsigned *)self;
    close(file);
}

/* Nobody is hung up on for it, and no wrong reason is told: the next connection may be well. */
Test(net, another_error_of_a_listener_is_not_for_want_of_files)
{
    char path[] = "/tmp/gcx-net-XXXXXX";
    unsigned taken = 0;
    struct stat told;
    int file = mkstemp(path), deaf = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
    struct event_base *base = event_base_new();
    struct evconnlistener *listener = listener_new(base, on_place, &taken, deaf);
    shutdown(deaf, SHUT_RDWR); /* it does not listen any more */
    fflush(stderr);
    int before = dup(STDERR_FILENO);
    dup2(file, STDERR_FILENO);
    for (int i = 0; i < 3; i++) event_base_loop(base, EVLOOP_ONCE);
    fflush(stderr);
    dup2(before, STDERR_FILENO);
    cr_expect(fstat(file, &told) == 0 && told.st_size == 0);
    close(before), close(file), unlink(path);
    evconnlistener_free(listener);
    event_base_free(base);
}

/* The connection waits then. The loop goes on for others, and leaves the processor to them. */
Test(net, a_listener_rests_where_it_has_no_file_to_give_up)
{
    enum { TURNS = 20 };
    struct event_base *base = event_base_new();
    struct sockaddr_in at = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t length = sizeof at;
    unsigned taken = 0;
    struct rlimit before, none;
    struct timespec from, to;
    int file = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
    cr_assert(bind(file, (struct sockaddr *)&at, sizeof at) == 0 && listen(file, 1) == 0);
    cr_assert_eq(getsockname(file, (struct sockaddr *)&at, &length), 0);
    int peer = socket(AF_INET, SOCK_STREAM, 0);
    cr_assert_eq(connect(peer, (struct sockaddr *)&at, sizeof at), 0);
    getrlimit(RLIMIT_NOFILE, &before);
    none = (struct rlimit){0, before.rlim_max};
    setrlimit(RLIMIT_NOFILE, &none);
    struct evconnlistener *listener = listener_new(base, on_place, &taken, file);
    clock_gettime(CLOCK_MONOTONIC, &from);
    for (int i = 0; i < TURNS; i++) event_base_loop(base, EVLOOP_ONCE);
    clock_gettime(CLOCK_MONOTONIC, &to);
    setrlimit(RLIMIT_NOFILE, &before);
    double each_ms = ((double)(to.tv_sec - from.tv_sec) * 1e3 + (double)(to.tv_nsec - from.tv_nsec) / 1e6) / TURNS;
    cr_expect_geq(each_ms, 1.0, "a turn took %.3f ms", each_ms);
    event_base_loop(base, EVLOOP_ONCE);
    cr_expect_eq(taken, 1, "the peer has waited");
    close(peer);
    evconnlistener_free(listener);
    event_base_free(base);
}

/* Without a file for it the connection would be offered in each turn of the loop, and never be taken. */
Test(net, who_comes_when_no_file_may_be_opened_is_hung_up_on)
{
    struct event_base *base = event_base_new();
    struct sockaddr_in at = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t length = sizeof at;
    unsigned taken = 0, turns = 0;
    char byte;
    struct evconnlistener *listener = listener_bind(base, on_place, &taken, -1, (struct sockaddr *)&at, sizeof at);
    cr_assert_eq(getsockname(evconnlistener_get_fd(listener), (struct sockaddr *)&at, &length), 0);
    int peers[3];
    for (int i = 0; i < 3; i++) {
        peers[i] = socket(AF_INET, SOCK_STREAM, 0);
        cr_assert_eq(connect(peers[i], (struct sockaddr *)&at, sizeof at), 0);
    }
    struct rlimit before, none;
    getrlimit(RLIMIT_NOFILE, &before);
    none = (struct rlimit){(rlim_t)peers[2] + 1, before.rlim_max};
    setrlimit(RLIMIT_NOFILE, &none);
    while (turns < 10 && event_base_loop(base, EVLOOP_NONBLOCK) == 0) turns++;
    setrlimit(RLIMIT_NOFILE, &before);
    cr_assert_eq(taken, 0);
    for (int i = 0; i < 3; i++) {
        fcntl(peers[i], F_SETFL, O_NONBLOCK);
        cr_assert_eq(recv(peers[i], &byte, 1, 0), 0, "peer %d waits", i);
        close(peers[i]);
    }
    int late = socket(AF_INET, SOCK_STREAM, 0);
    cr_assert_eq(connect(late, (struct sockaddr *)&at, sizeof at), 0);
    for (turns = 0; turns < 10 && taken == 0; turns++) event_base_loop(base, EVLOOP_NONBLOCK);
    cr_assert_eq(taken, 1, "with a file again the next one is let in");
    close(late);
    evconnlistener_free(listener);
    event_base_free(base);
}
