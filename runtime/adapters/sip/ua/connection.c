/* runtime/adapters/sip/ua/connection.c - Connections of SIP by libevent. framing.c finds the messages in their
 * bytes.
 *
 *     key: transport and address of the peer      connection_to() finds it, connection_put() makes one
 *
 *     made by us:   connecting --> up --> idle for CONNECTION_IDLE_MS: closed
 *                       '-- fails: the peer is noted for CONNECTION_FAILED_MS
 *     made by them: a message within CONNECTION_FIRST_MS, else closed; idle as above once the peer is known
 *
 * There is one connection for each transport and address of a peer. A second connection from the same address and
 * port is closed. Requests to the peer and answers to its requests use the same connection. If a peer does not read,
 * up to CONNECTION_UNREAD bytes wait for it, and further messages are not sent. */
#include "runtime/adapter/listener.h"
#include "runtime/adapters/sip/ua/connection.h"

#include <errno.h>
#include <event2/buffer.h>
#include <event2/bufferevent_ssl.h>
#include <event2/listener.h>
#include <glib.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <stdlib.h>

#include "runtime/adapters/sip/ua/framing.h"
#include "base/memory.h"

enum {
    CONNECTION_UNREAD = 262144,
    CONNECTION_FIRST_MS = 32000,
    CONNECTION_IDLE_MS = 900000,
    CONNECTION_FAILED_MS = 600000
};

struct connection {
    struct way way; /* the table's key */
    struct ua *ua;
    struct bufferevent *stream;
    bool ours, up;
    bool known; /* the connection's peer is known, or was when it last sent something */
    struct framing framing;
    struct alarm alarm;
};

/* --- The table --- */

/* Hashes a peer's transport and address, with which the keys begin in the tables of connections and of failed ones. */
static guint connection_hash(gconstpointer key)
{
    const struct way *way = key;
    return sa_hash(&way->to, SA_ALL) * 31 + (guint)way->transport;
}

static gboolean connection_same(gconstpointer one, gconstpointer other)
{
    const struct way *a = one, *b = other;
    return a->transport == b->transport && sa_cmp(&a->to, &b->to, SA_ALL);
}

struct connection *connection_to(const struct ua *ua, const struct way *way)
{
    return g_hash_table_lookup(ua->connections, way);
}

void connections_begin(struct ua *ua)
{
    ua->connections = g_hash_table_new(connection_hash, connection_same);
    ua->failures = g_hash_table_new_full(connection_hash, connection_same, free, NULL);
}

static void connection_let_go(struct connection *own)
{
    g_hash_table_remove(own->ua->connections, own);
    alarm_stop(&own->alarm);
    if (own->stream) bufferevent_free(own->stream);
    free(own);
}

/* --- Peers that accept no connection --- */

struct connection_failure {
    struct way way; /* the table's key */
    uint64_t until_ms;
};

static gboolean connection_failure_over(gpointer key, gpointer failure, gpointer unused)
{
    (void)key, (void)unused;
    return ((const struct connection_failure *)failure)->until_ms <= loop_ms();
}

/* Notes that a connection to that peer has failed; old entries are removed here, too, so that the table does not
 * grow with the number of peers. */
static void connection_failure_note(struct ua *ua, const struct way *way)
{
    struct connection_failure *failure = memory_zeroed(1, sizeof *failure);
    *failure = (struct connection_failure){*way, loop_ms() + CONNECTION_FAILED_MS};
    (void)g_hash_table_foreach_remove(ua->failures, connection_failure_over, NULL);
    g_hash_table_replace(ua->failures, failure, failure);
}

bool connection_failed_lately(const struct ua *ua, const struct way *way)
{
    const struct connection_failure *failure = g_hash_table_lookup(ua->failures, way);
    return failure && failure->until_ms > loop_ms();
}

/* Ends a connection; requests that waited for it to be established are told that it has failed. The connection is
 * freed before the transactions are told, because they may open a new connection to the same peer. */
static void connection_fails(struct connection *own, int error)
{
    struct ua *ua = own->ua;
    struct way way = own->way;
    bool lost = own->ours && !own->up;
    connection_let_go(own);
    if (!lost) return;
    connection_failure_note(ua, &way);
    ua->above->lost(ua, &way, error);
}

void connection_give_up(struct ua *ua, const struct way *way)
{
    struct connection *own = connection_to(ua, way);
    if (own && own->ours && !own->up) connection_fails(own, ETIMEDOUT);
}

static void connection_on_silence(void *self)
{
    connection_fails(self, ETIMEDOUT);
}

/* --- Bytes --- */

/* Writes to a connection; bytes that the peer does not read wait, up to a limit. False: the limit is reached, and
 * nothing is written. */
static bool connection_writes(struct connection *own, const void *bytes, size_t length)
{
    size_t unread = evbuffer_get_length(bufferevent_get_output(own->stream));
    return unread + length <= CONNECTION_UNREAD && bufferevent_write(own->stream, bytes, length) == 0;
}

/* Sets the time until the connection ends: empty lines do not prolong a stranger's connection, and messages prolong it
 * to half a minute only. */
static void connection_heard(struct connection *own, bool message)
{
    own->known = own->known || own->ua->ops->known(own->ua->self, &own->way.to);
    if (own->known || message)
        alarm_set(&own->alarm, own->known ? CONNECTION_IDLE_MS : CONNECTION_FIRST_MS, connection_on_silence, own);
}

static void connection_skip_lines(struct connection *own, struct evbuffer *input)
{
    bool any;
    for (size_t asked = framing_skip_lines(&own->framing, input, &any); asked > 0; asked--)
        (void)connection_writes(own, "\r\n", 2);
    if (any) connection_heard(own, false);
}

/* Hands a message on. False: the connection must be closed. */
static bool connection_passes_on(struct connection *own, struct sip_msg *message)
{
    struct ua *ua = own->ua;
    struct way way = own->way;
    message->src = way.to;
    if (!ua->ops->whole(ua->self, message, 0)) return false;
    ua->above->take(ua, message, way.transport, &way.to);
    connection_heard(own, true);
    return true;
}

/* Takes messages until no complete one is left. A message that cannot be read, or that the guard refuses, ends the
 * connection, because the place where the next message begins is then unknown. */
static void connection_on_bytes(struct bufferevent *stream, void *self)
{
    struct connection *own = self;
    struct evbuffer *input = bufferevent_get_input(stream);
    enum framed framed;
    do {
        struct sip_msg *message = NULL;
        connection_skip_lines(own, input);
        framed = framing_take(&own->framing, input, &message);
        if (framed == FRAMED_MESSAGE && !connection_passes_on(own, message)) framed = FRAMED_WRONG;
        mem_deref(message);
    } while (framed == FRAMED_MESSAGE);
    if (framed == FRAMED_WRONG) connection_fails(own, EBADMSG);
}

/* Takes the report that a connection is established or has ended; connection_fails() frees the connection, so
 * nothing of it is read afterwards. OpenSSL's queue of errors is shared by all connections of a thread; it is
 * emptied so that the next connection does not find an old error. */
static void connection_on_event(struct bufferevent *stream, short what, void *self)
{
    struct connection *own = self;
    (void)stream;
    if (what & BEV_EVENT_CONNECTED)
        own->up = true;
    else
        connection_fails(own, what & BEV_EVENT_ERROR ? ECONNREFUSED : ECONNRESET);
    ERR_clear_error();
}

/* --- Making one --- */

/* Makes the stream of a connection. `file` -1: it is not connected yet. NULL: no memory. */
static struct bufferevent *connection_stream(struct ua *ua, const struct way *way, int file)
{
    enum { OPTIONS = BEV_OPT_CLOSE_ON_FREE | BEV_OPT_DEFER_CALLBACKS };
    if (way->transport != SIP_TRANSP_TLS) return bufferevent_socket_new(loop_base(), file, OPTIONS);
    SSL *ssl = SSL_new(ua->certificate);
    if (!ssl) return NULL;
    struct bufferevent *stream = bufferevent_openssl_socket_new(
        loop_base(), file, ssl, file < 0 ? BUFFEREVENT_SSL_CONNECTING : BUFFEREVENT_SSL_ACCEPTING, OPTIONS);
    if (!stream) SSL_free(ssl);
    return stream;
}

/* Makes a connection. `file` -1: a connection of ours that is not established yet. On failure (NULL) the caller of this
 * function closes the file. */
static struct connection *connection_make(struct ua *ua, const struct way *way, int file)
{
    struct bufferevent *stream = connection_stream(ua, way, file);
    if (!stream) return NULL;
    struct connection *own = memory_zeroed(1, sizeof *own);
    *own = (struct connection){.ua = ua, .way = *way, .stream = stream, .ours = file < 0, .up = file >= 0};
    g_hash_table_add(ua->connections, own);
    bufferevent_setcb(stream, connection_on_bytes, NULL, connection_on_event, own);
    (void)bufferevent_enable(stream, EV_READ | EV_WRITE);
    alarm_set(&own->alarm, file < 0 ? CONNECTION_IDLE_MS : CONNECTION_FIRST_MS, connection_on_silence, own);
    return own;
}

static void connection_on_peer(struct ua *ua, enum sip_transp transport, int file, const struct sockaddr *peer,
                               int size)
{
    struct way way = {.transport = transport};
    if (sa_set_sa(&way.to, peer) != 0 || !ua->ops->connects(ua->self, &way.to) || connection_to(ua, &way) ||
        !connection_make(ua, &way, file))
        evutil_closesocket(file);
    (void)size;
}

static void connection_on_tcp(struct evconnlistener *unused, evutil_socket_t file, struct sockaddr *peer, int size,
                              void *self)
{
    (void)unused;
    connection_on_peer(self, SIP_TRANSP_TCP, file, peer, size);
}

static void connection_on_tls(struct evconnlistener *unused, evutil_socket_t file, struct sockaddr *peer, int size,
                              void *self)
{
    (void)unused;
    connection_on_peer(self, SIP_TRANSP_TLS, file, peer, size);
}

int connection_listen(struct ua *ua, enum sip_transp transport, struct sa *own)
{
    struct evconnlistener *listener =
        listener_bind(loop_base(), transport == SIP_TRANSP_TLS ? connection_on_tls : connection_on_tcp, ua, -1,
                      &own->u.sa, (int)own->len);
    if (!listener) return errno;
    ua->listeners[transport] = listener;
    own->len = sizeof own->u;
    return getsockname(evconnlistener_get_fd(listener), &own->u.sa, &own->len) == 0 ? 0 : errno;
}

/* Sends a message over the peer's connection, and makes that if there is none; the message waits until the
 * connection is established. Returns 0 or an errno. */
int connection_put(struct ua *ua, const struct way *way, const struct mbuf *message)
{
    struct connection *own = connection_to(ua, way);
    if (!own) {
        own = connection_make(ua, way, -1);
        if (!own) return ENOMEM;
        if (bufferevent_socket_connect(own->stream, (struct sockaddr *)(uintptr_t)&way->to.u.sa, (int)way->to.len) !=
            0) {
            connection_let_go(own);
            return ECONNREFUSED;
        }
    }
    return connection_writes(own, mbuf_buf(message), mbuf_get_left(message)) ? 0 : ENOBUFS;
}

/* Ends all connections; the tables are destroyed last, because each connection removes itself from them. */
void connections_end(struct ua *ua)
{
    GHashTableIter each;
    gpointer own;
    for (size_t i = 0; i < sizeof ua->listeners / sizeof *ua->listeners; i++) {
        if (ua->listeners[i]) evconnlistener_free(ua->listeners[i]);
        ua->listeners[i] = NULL;
    }
    for (;;) {
        g_hash_table_iter_init(&each, ua->connections);
        if (!g_hash_table_iter_next(&each, &own, NULL)) break;
        connection_let_go(own);
    }
    g_hash_table_destroy(ua->connections);
    g_hash_table_destroy(ua->failures);
}

/* --- Our certificate; peers are not asked for theirs, as they are servers with known addresses --- */

/* Reads a certificate for new connections; the old one is freed when the last connection that uses it ends. If the
 * file is bad, the old certificate stays. */
bool ua_certificate(struct ua *ua, const char *path)
{
    SSL_CTX *fresh = SSL_CTX_new(TLS_method());
    if (!fresh) abort();
    bool good = SSL_CTX_set_min_proto_version(fresh, TLS1_2_VERSION) == 1 &&
                SSL_CTX_use_certificate_chain_file(fresh, path) == 1 &&
                SSL_CTX_use_PrivateKey_file(fresh, path, SSL_FILETYPE_PEM) == 1;
    ERR_clear_error();
    SSL_CTX_free(good ? ua->certificate : fresh); /* connections that began with the old certificate keep it */
    if (good) ua->certificate = fresh;
    return good;
}
