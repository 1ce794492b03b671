/* runtime/mail/receive.c - Listens for mail servers, and owns their connections and the limits.
 *
 * Each connection is a session with a ticket, by which the rest of the adapter answers it, so that an answer to a
 * session that has ended is recognised. While a mail waits for its answer nothing is read from its session: the
 * peer's bytes stay in the socket, and `held_max` limits the bytes of all mails together. A peer is an address, with
 * the number of its connections and of its mails in the last minute; it is forgotten when a minute ends and
 * it has no connection then. */
#include "runtime/adapter/listener.h"
#include "runtime/mail/receive.h"

#include <assert.h>
#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/event.h>
#include <event2/listener.h>
#include <glib.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/adapter/address.h"
#include "runtime/adapter/refused.h"
#include "base/memory.h"

enum { MINUTE_S = 60, READ_MAX = 65536, UNSENT_MAX = 1 << 20 };

struct session {
    struct receive *receive;
    uint64_t ticket;
    struct bufferevent *stream;
    struct dialogue *dialogue;
    struct smtp_peer *peer;
    size_t waiting; /* bytes of the mail that waits for its answer */
    bool taking;    /* receive_take_lines() is running for this session */
};

struct smtp_peer { /* an address from which mail servers connect */
    char text[ADDRESS_TEXT];
    unsigned connections, mails;
};

struct receive {
    struct event_base *base;
    const struct receive_setting *setting;
    struct receive_calls calls;
    struct dialogue_setting dialogues[2]; /* SMTP, LMTP */
    struct evconnlistener *doors[2];
    GHashTable *sessions; /* by &ticket */
    GHashTable *peers;    /* by text */
    struct event *minute;
    uint64_t tickets;
    size_t waiting;
};

/* ---- limits ---- */

/* The bytes of all mails: those that wait for their answer and those that are being received. */
static size_t receive_held(const struct receive *receive)
{
    size_t bytes = receive->waiting;
    GHashTableIter at;
    gpointer value;
    g_hash_table_iter_init(&at, receive->sessions);
    while (g_hash_table_iter_next(&at, NULL, &value)) bytes += dialogue_held(((struct session *)value)->dialogue);
    return bytes;
}

/* May a mail come now? The limits are checked from the cheapest on: mails of the address, bytes of all mails, at
 * last whether the core is there. */
static unsigned receive_on_begins(void *self, const char *sender, size_t bytes)
{
    struct session *session = self;
    struct receive *receive = session->receive;
    (void)sender;
    if (receive->setting->mails_per_minute > 0 && session->peer->mails >= receive->setting->mails_per_minute)
        return 450;
    if (receive_held(receive) + bytes > receive->setting->held_max) return 452;
    unsigned code = receive->calls.begins(receive->calls.self);
    if (code == 0) session->peer->mails++;
    return code;
}

static unsigned receive_on_recipient(void *self, const char *address)
{
    struct receive *receive = ((struct session *)self)->receive;
    return receive->calls.recipient(receive->calls.self, address);
}

static void receive_on_mail(void *self, const struct dialogue_mail *mail)
{
    struct session *session = self;
    struct receive *receive = session->receive;
    assert(session->waiting == 0); /* a connection receives one mail at a time */
    session->waiting = mail->length;
    receive->waiting += mail->length;
    receive->calls.mail(receive->calls.self, session->ticket, mail);
}

static void receive_on_refused(void *self, unsigned code, const char *text)
{
    const struct session *session = self;
    const struct receive_calls *calls = &session->receive->calls;
    if (!calls->link) return;
    refused_tell(calls->link, calls->services, refused_by_code(REFUSED_smtp_smtp_421, REFUSED_smtp_smtp_other, code),
                 "%s: %u %s", session->peer->text, code, text);
}

static gboolean receive_peer_is_idle(gpointer key, gpointer value, gpointer unused)
{
    struct smtp_peer *peer = value;
    (void)key, (void)unused;
    peer->mails = 0;
    return peer->connections == 0;
}

static void on_minute(evutil_socket_t unused, short what, void *self)
{
    (void)unused, (void)what;
    g_hash_table_foreach_remove(((struct receive *)self)->peers, receive_peer_is_idle, NULL);
}

static struct smtp_peer *receive_peer_of(struct receive *receive, const struct sockaddr *address)
{
    char text[ADDRESS_TEXT];
    address_peer(address, text);
    struct smtp_peer *peer = g_hash_table_lookup(receive->peers, text);
    if (peer) return peer;
    peer = memory_zeroed(1, sizeof *peer);
    memcpy(peer->text, text, sizeof text);
    g_hash_table_insert(receive->peers, peer->text, peer);
    return peer;
}

/* ---- a connection ---- */

static void receive_session_free(gpointer data)
{
    struct session *session = data;
    assert(session->peer->connections > 0 && session->receive->waiting >= session->waiting);
    session->receive->waiting -= session->waiting;
    session->peer->connections--;
    dialogue_free(session->dialogue);
    bufferevent_free(session->stream);
    free(session);
}

static void receive_session_end(struct session *session)
{
    g_hash_table_remove(session->receive->sessions, &session->ticket);
}

/* Sends the output of the dialogue; the session may end by this. False: the session is freed, and nothing of it may
 * be read any more. A peer that does not read its answers is disconnected. */
static bool receive_flush(struct session *session)
{
    size_t length;
    const char *out = dialogue_output(session->dialogue, &length);
    struct evbuffer *buffer = bufferevent_get_output(session->stream);
    evbuffer_add(buffer, out, length);
    dialogue_sent(session->dialogue, length);
    bool over = dialogue_over(session->dialogue);
    if ((over && evbuffer_get_length(buffer) == 0) || evbuffer_get_length(buffer) > UNSENT_MAX) {
        receive_session_end(session);
        return false;
    }
    /* while a peer waits for our answer, nothing is read from it, so it has no time limit */
    if (over || dialogue_waits(session->dialogue))
        bufferevent_disable(session->stream, EV_READ);
    else
        bufferevent_enable(session->stream, EV_READ);
    return true;
}

/* Gives the received bytes to the dialogue. An answer may be given while a mail is handed over, within
 * dialogue_feed(); because of `taking` the rest of the bytes is left to this loop. */
static void receive_take_lines(struct session *session)
{
    assert(!session->taking); /* receive_answer() checks this before the call */
    struct evbuffer *in = bufferevent_get_input(session->stream);
    const struct receive *receive = session->receive;
    session->taking = true;
    while (evbuffer_get_length(in) > 0 && !dialogue_waits(session->dialogue) && !dialogue_over(session->dialogue)) {
        struct evbuffer_iovec piece;
        if (evbuffer_peek(in, READ_MAX, NULL, &piece, 1) < 1) break;
        size_t taken = dialogue_feed(session->dialogue, piece.iov_base, piece.iov_len);
        evbuffer_drain(in, taken);
        if (receive_held(receive) > receive->setting->held_max) dialogue_too_much(session->dialogue);
    }
    session->taking = false;
}

static void receive_on_read(struct bufferevent *stream, void *self)
{
    (void)stream;
    receive_take_lines(self);
    receive_flush(self);
}

static void receive_on_written(struct bufferevent *stream, void *self)
{
    struct session *session = self;
    (void)stream;
    if (dialogue_over(session->dialogue)) receive_session_end(session);
}

/* Takes an event of the connection: a peer that sends nothing for too long is told why, and disconnected when that
 * is sent. */
static void receive_on_event(struct bufferevent *stream, short what, void *self)
{
    struct session *session = self;
    (void)stream;
    if ((what & BEV_EVENT_TIMEOUT) != 0 && (what & BEV_EVENT_READING) != 0 && !dialogue_over(session->dialogue)) {
        dialogue_end(session->dialogue, "4.4.2 nothing was heard for too long");
        receive_flush(session);
        return;
    }
    receive_session_end(session);
}

static bool may_connect(const struct receive *receive, const struct smtp_peer *peer)
{
    return g_hash_table_size(receive->sessions) < receive->setting->connections &&
           peer->connections < receive->setting->per_address;
}

/* Accepts a connection. If there are too many connections, the new one is answered 421 and closed: a mail server that
 * gets 421 tries another server, or tries again later. */
static void receive_on_accept(struct evconnlistener *door, evutil_socket_t fd, struct sockaddr *address, int length,
                              void *self)
{
    struct receive *receive = self;
    struct smtp_peer *peer = receive_peer_of(receive, address);
    bool welcome = may_connect(receive, peer);
    struct session *session = memory_zeroed(1, sizeof *session);
    (void)length;
    session->receive = receive;
    session->ticket = ++receive->tickets;
    session->peer = peer;
    peer->connections++;
    session->stream = bufferevent_socket_new(receive->base, fd, BEV_OPT_CLOSE_ON_FREE);
    struct dialogue_calls calls = {session, receive_on_begins, receive_on_recipient, receive_on_mail,
                                   receive_on_refused};
    session->dialogue = dialogue_new(&receive->dialogues[door == receive->doors[1]], &calls);
    g_hash_table_insert(receive->sessions, &session->ticket, session);
    bufferevent_setcb(session->stream, receive_on_read, receive_on_written, receive_on_event, session);
    bufferevent_setwatermark(session->stream, EV_READ, 0, READ_MAX);
    struct timeval idle = {receive->setting->idle_s, 0};
    bufferevent_set_timeouts(session->stream, &idle, &idle);
    if (!welcome) {
        size_t greeting;
        dialogue_output(session->dialogue, &greeting);
        dialogue_sent(session->dialogue, greeting);
        dialogue_end(session->dialogue, "4.7.0 too many connections");
    }
    receive_flush(session);
}

/* ---- from outside ---- */

struct receive *receive_new(struct event_base *base, const struct receive_setting *setting,
                            const struct receive_calls *calls)
{
    struct receive *receive = memory_zeroed(1, sizeof *receive);
    struct timeval minute = {MINUTE_S, 0};
    receive->base = base;
    receive->setting = setting;
    receive->calls = *calls;
    for (unsigned i = 0; i < 2; i++)
        receive->dialogues[i] = (struct dialogue_setting){i == 1, setting->name, setting->bytes_max};
    receive->sessions = g_hash_table_new_full(g_int64_hash, g_int64_equal, NULL, receive_session_free);
    receive->peers = g_hash_table_new_full(g_str_hash, g_str_equal, NULL, free);
    receive->minute = event_new(base, -1, EV_PERSIST, on_minute, receive);
    event_add(receive->minute, &minute);
    return receive;
}

void receive_free(struct receive *receive)
{
    if (!receive) return;
    for (unsigned i = 0; i < 2; i++)
        if (receive->doors[i]) evconnlistener_free(receive->doors[i]);
    g_hash_table_destroy(receive->sessions);
    g_hash_table_destroy(receive->peers);
    event_free(receive->minute);
    free(receive);
}

bool receive_listen(struct receive *receive, const struct address *address, bool lmtp, unsigned *port)
{
    assert(!receive->doors[lmtp]);
    struct evconnlistener *door = listener_bind(receive->base, receive_on_accept, receive, -1,
                                                (const struct sockaddr *)&address->socket, address->length);
    if (!door) return false;
    receive->doors[lmtp] = door;
    *port = address_port(evconnlistener_get_fd(door));
    return true;
}

/* Answers the mail of a session; if the session has ended meanwhile, nothing is done. Bytes that have come meanwhile
 * are read at once. */
void receive_answer(struct receive *receive, uint64_t ticket, unsigned code, const char *text)
{
    struct session *session = g_hash_table_lookup(receive->sessions, &ticket);
    if (!session || !dialogue_waits(session->dialogue)) return;
    assert(receive->waiting >= session->waiting);
    receive->waiting -= session->waiting;
    session->waiting = 0;
    dialogue_done(session->dialogue, code, text);
    if (session->taking) return; /* receive_take_lines() goes on */
    receive_take_lines(session);
    receive_flush(session);
}
