/* runtime/daemon/links/remote.c - Accepts remote adapters and does the TLS handshake with them.
 *
 * A peer counts as a stranger until its certificate has been read: its handshake has a deadline, the number of
 * handshakes is limited, also per address (lobby.h), and so are lines of the log about strangers. A peer whose
 * certificate was read is a link like a local one (links.c), and its name is compared with the certificate. The
 * certificates' files are watched and read again without a restart. */
#include "runtime/adapter/listener.h"
#include "runtime/daemon/links/remote.h"

#include <assert.h>
#include <errno.h>
#include <event2/bufferevent.h>
#include <event2/event.h>
#include <event2/listener.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "runtime/adapter/address.h"
#include "runtime/adapter/lobby.h"
#include "runtime/host/real.h"
#include "base/memory.h"

enum { HANDSHAKES_MAX = 64, HANDSHAKES_OF_ONE = 16, HANDSHAKE_S = 10, LINES_A_SECOND = 10 };

struct handshake {
    struct handshake *next;
    struct remote *remote;
    struct bufferevent *stream;
    struct event *deadline;
    struct stranger stranger;
};

struct remote {
    struct remote_options options;
    struct tls *tls;
    struct evconnlistener *listener;
    struct event *watch;
    struct handshake *handshakes;
    struct lobby lobby;
    uint64_t said_s;
    unsigned said;
};

/* Logs a failed handshake, but not so often that a flood fills the log. */
static void remote_say(struct remote *remote, const char *address, const char *why)
{
    uint64_t now_s = host_monotonic_us() / 1000000;
    if (now_s != remote->said_s) remote->said = 0;
    remote->said_s = now_s;
    if (remote->said++ < LINES_A_SECOND)
        log_line(remote->options.log, LOG_LEVEL_WARNING, "links", 0, 0, "address=%s: a remote adapter was refused: %s",
                 address, why);
}

/* Frees the handshake and its stream, unless the stream was passed on as a link. */
static void handshake_free(struct handshake *handshake)
{
    struct handshake **at = &handshake->remote->handshakes;
    while (*at != handshake) at = &(*at)->next;
    *at = handshake->next;
    lobby_leave(&handshake->remote->lobby, &handshake->stranger);
    event_free(handshake->deadline);
    if (handshake->stream) bufferevent_free(handshake->stream);
    free(handshake);
}

/* The handshake has ended, with the names of the certificate or with a reason why it failed. The handshake is freed
 * before the stream is passed on, since its deadline must not end a link. */
static void remote_on_event(struct bufferevent *stream, short what, void *self)
{
    struct handshake *handshake = self;
    struct remote *remote = handshake->remote;
    struct tls_names names;
    char why[256] = "closed in the TLS handshake";
    if ((what & BEV_EVENT_CONNECTED) != 0) {
        tls_peer_names(stream, &names);
        handshake->stream = NULL;
        handshake_free(handshake);
        remote->options.enter(remote->options.self, stream, &names);
        return;
    }
    if ((what & BEV_EVENT_ERROR) != 0) tls_why(stream, why, sizeof why);
    remote_say(remote, handshake->stranger.address, why);
    handshake_free(handshake);
}

/* Ends a handshake that has taken HANDSHAKE_S, so that a silent peer uses a place only so long. */
static void remote_on_deadline(evutil_socket_t fd, short what, void *self)
{
    struct handshake *handshake = self;
    (void)fd;
    (void)what;
    remote_say(handshake->remote, handshake->stranger.address, "no TLS handshake in time");
    handshake_free(handshake);
}

/* Accepts a peer from another machine. Nothing that the peer sends counts before its handshake. If the limit of
 * handshakes is reached, the one that has lasted longest makes room: so a peer that only connects and waits keeps
 * nobody out. */
static void remote_on_accept(struct evconnlistener *listener, evutil_socket_t fd, struct sockaddr *peer, int length,
                             void *self)
{
    struct remote *remote = self;
    const struct timeval patience = {.tv_sec = HANDSHAKE_S};
    struct bufferevent *stream = NULL;
    char address[ADDRESS_TEXT];
    (void)listener;
    (void)length;
    address_peer(peer, address);
    struct stranger *longest = lobby_makes_room(&remote->lobby, address);
    if (longest) {
        remote_say(remote, longest->address, "too many handshakes at once: the oldest makes room");
        handshake_free(longest->self);
    }
    stream = tls_accept(remote->tls, remote->options.base, fd);
    if (!stream) {
        close(fd);
        return;
    }
    struct handshake *handshake = memory_zeroed(1, sizeof *handshake);
    *handshake = (struct handshake){.next = remote->handshakes, .remote = remote, .stream = stream};
    lobby_enter(&remote->lobby, &handshake->stranger, address, handshake);
    remote->handshakes = handshake;
    handshake->deadline = evtimer_new(remote->options.base, remote_on_deadline, handshake);
    if (!handshake->deadline || evtimer_add(handshake->deadline, &patience) != 0) abort();
    address_watch_peer(fd);
    bufferevent_setcb(stream, NULL, NULL, remote_on_event, handshake);
    bufferevent_enable(stream, EV_READ | EV_WRITE);
}

/* Once a second: reads the certificates again if their files have changed. */
static void remote_on_watch(evutil_socket_t fd, short what, void *self)
{
    struct remote *remote = self;
    char why[512];
    (void)fd;
    (void)what;
    enum tls_refresh refreshed = tls_refresh(remote->tls, why, sizeof why);
    if (refreshed == TLS_RENEWED)
        log_line(remote->options.log, LOG_LEVEL_INFO, "links", 0, 0, "the certificates were read again");
    if (refreshed == TLS_KEPT)
        log_line(remote->options.log, LOG_LEVEL_ERROR, "links", 0, 0, "%s; the certificates from before serve on", why);
}

/* Returns NULL for a setting that was not given. */
static const char *remote_given(const char *text)
{
    return text[0] == '\0' ? NULL : text;
}

struct tls *remote_tls(const struct conf *conf, char *why, size_t size)
{
    struct tls_settings settings = {.certificate = remote_given(conf->remote_certificate),
                                    .key = remote_given(conf->remote_key),
                                    .ca = remote_given(conf->remote_ca),
                                    .required = true,
                                    .certificate_setting = "remote_certificate",
                                    .key_setting = "remote_key",
                                    .ca_setting = "remote_ca"};
    if (settings.ca) return tls_server(&settings, why, size);
    snprintf(why, size, "remote_ca: is missing: whose certificates is the other end to show?");
    return NULL;
}

/* Reads certificate and key as a start would, and frees them again. */
bool remote_check(const struct conf *conf, conf_complaint *complain, void *self)
{
    assert(conf && complain);
    struct address address;
    char why[512] = "", wrong[400], said[1024];
    bool listens = conf->remote_listen[0] != '\0';
    for (size_t i = 0; i < conf->adapter_count && !listens; i++)
        if (conf->adapters[i].remote)
            snprintf(why, sizeof why, "remote_listen: is missing, and adapter `%.64s` is remote",
                     conf->adapters[i].name);
    if (listens && !address_parse(&address, conf->remote_listen, wrong, sizeof wrong))
        snprintf(why, sizeof why, "remote_listen: %s", wrong);
    if ((listens || conf_http_is_remote(conf)) && why[0] == '\0') tls_free(remote_tls(conf, why, sizeof why));
    if (why[0] == '\0') return true;
    snprintf(said, sizeof said, "%.256s: %s", conf->file, why);
    complain(self, said);
    return false;
}

/* Listens, and writes the port to the setting's file, as the system may have chosen it. */
struct remote *remote_new(const struct remote_options *options, struct error *error)
{
    assert(options && options->enter && options->conf->remote_listen[0]);
    const struct conf *conf = options->conf;
    const struct timeval second = {.tv_sec = 1};
    struct address address;
    char why[512];
    struct remote *remote = memory_zeroed(1, sizeof *remote);
    remote->options = *options;
    remote->lobby = (struct lobby){.most = HANDSHAKES_MAX, .per_address = HANDSHAKES_OF_ONE};
    if (!address_parse(&address, conf->remote_listen, why, sizeof why) ||
        !(remote->tls = remote_tls(conf, why, sizeof why))) {
        error_set(error, ERROR_INPUT, "%s", why);
        remote_free(remote);
        return NULL;
    }
    remote->listener = listener_bind(options->base, remote_on_accept, remote, HANDSHAKES_MAX,
                                     (struct sockaddr *)&address.socket, address.length);
    unsigned port = !remote->listener ? 0 : address_port(evconnlistener_get_fd(remote->listener));
    if (!remote->listener || (conf->remote_port_file[0] != '\0' && !address_port_tell(conf->remote_port_file, port))) {
        error_set(error, ERROR_SYSTEM, "%s: %s", !remote->listener ? conf->remote_listen : conf->remote_port_file,
                  strerror(errno));
        remote_free(remote);
        return NULL;
    }
    remote->watch = event_new(options->base, -1, EV_PERSIST, remote_on_watch, remote);
    if (!remote->watch || event_add(remote->watch, &second) != 0) abort();
    log_line(options->log, LOG_LEVEL_INFO, "links", 0, 0, "remote adapters are let in at %s, port %u",
             conf->remote_listen, port);
    return remote;
}

void remote_free(struct remote *remote)
{
    if (!remote) return;
    while (remote->handshakes) handshake_free(remote->handshakes);
    if (remote->listener) evconnlistener_free(remote->listener);
    if (remote->watch) event_free(remote->watch);
    tls_free(remote->tls);
    free(remote);
}
