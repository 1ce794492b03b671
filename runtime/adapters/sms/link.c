/* runtime/adapters/sms/link.c - The sockets of SMPP, plain or with TLS.
 *
 *     provider    resolver --> connect (TLS) --> bind --> bound      up to `binds` connections, each made again
 *                                                                    after a pause
 *     peers       accept (TLS) --> lobby --> bind, password --> bound    at most `connections`
 *
 * A connection has a number, and other files know it only by this number: they may answer a message whose connection
 * is gone. A connection that is over is freed by the next tick and never at once, because a function of it may still
 * be running. */
#include "runtime/adapter/listener.h"
#include "runtime/adapters/sms/link.h"

#include <assert.h>
#include <errno.h>
#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/event.h>
#include <event2/listener.h>
#include <glib.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/adapter/address.h"
#include "runtime/adapter/gcx_adapter.h"
#include "runtime/adapter/lobby.h"
#include "runtime/adapter/refused.h"
#include "runtime/adapter/resolver.h"
#include "runtime/adapter/tls.h"
#include "runtime/adapters/sms/setting.h"
#include "base/memory.h"
#include "base/why.h"
#include "runtime/web/authorization.h"

enum {
    SECOND_US = 1000000,
    UNSENT_MAX = 1 << 20,
    UNANSWERED_MAX = 1000,
    STRANGERS_MAX = 64, /* most connections of peers that have not bound */
    STRANGERS_OF_ONE = 16,
    LINES_A_SECOND = 10 /* log lines about peers that have not bound */
};

struct sms_connection {
    struct sms_links *links;
    uint64_t number;
    struct bufferevent *stream;
    struct smpp *smpp;
    struct stranger stranger; /* on the server's side: the peer's entry among those that have not bound */
    bool server, over, held;  /* held: nothing is read, as too many messages have no answer */
    bool bound;               /* the peer has bound, and is counted in `served` */
    char *password;           /* as a server: the password with which the peer has bound; NULL: not bound yet */
};

struct sms_binding { /* one of the connections to the provider that are to exist */
    struct sms_links *links;
    struct resolver *resolver;
    uint64_t connection, next_us; /* number of the present connection, 0: none; when the next may be made */
};

struct sms_links {
    struct gcx_link *link;
    const struct gcx_services *services;
    struct event_base *base;
    const struct sms_setting *setting;
    struct sms_link_calls calls;
    char *server_host;
    struct tls *client, *server; /* NULL: without TLS */
    struct evconnlistener *door;
    GHashTable *all; /* of struct sms_connection, by `number` */
    struct sms_binding binding[16];
    struct lobby lobby;
    uint64_t numbers;
    const char *peer_lines; /* the text of `peers` when it was last checked which peers may stay bound */
    unsigned served;        /* number of peers that have bound to this server */
    unsigned said;          /* log lines about peers that have not bound, since the last tick */
};

static uint64_t links_now(const struct sms_links *links)
{
    return links->services->now_us(links->link);
}

/* ---- a connection ends ---- */

static void sms_connection_free(gpointer data)
{
    struct sms_connection *connection = data;
    if (connection->stream) bufferevent_free(connection->stream);
    smpp_free(connection->smpp);
    setting_password_free(connection->password);
    free(connection);
}

/* Notes that the connection is gone, if it was one to the provider; a new one is made after a pause. */
static void connection_unplace(const struct sms_connection *connection)
{
    struct sms_links *links = connection->links;
    for (unsigned i = 0; i < links->setting->binds; i++) {
        struct sms_binding *binding = &links->binding[i];
        if (binding->connection != connection->number) continue;
        binding->connection = 0;
        binding->next_us = links_now(links) + links->setting->reconnect * SECOND_US;
    }
}

/* Logs the end of a peer that had not bound, but only so many lines that a flood of such peers does not fill the
 * log. */
static void connection_stays_strange(struct sms_connection *connection, const char *why)
{
    struct sms_links *links = connection->links;
    links->services->count(links->link, "strangers_refused", 1);
    refused_tell(links->link, links->services, REFUSED_sms_never_bound, "%s: %s", connection->stranger.address, why);
    if (links->said++ < LINES_A_SECOND)
        links->services->log(links->link, GCX_LOG_WARNING, 0, 0, "peer (not bound): %s; address %s", why,
                             connection->stranger.address);
}

/* Ends the connection; the protocol calls this once, whether this side or the peer has ended it. */
static void connection_over(void *self, const char *why)
{
    struct sms_connection *connection = self;
    struct sms_links *links = connection->links;
    connection->over = true; /* the next tick frees it, as its functions may still be running */
    connection_unplace(connection);
    lobby_leave(&links->lobby, &connection->stranger);
    if (!connection->server) {
        links->services->log(links->link, GCX_LOG_WARNING, 0, 0, "provider: %s", why);
        if (strstr(why, "refuses the bind"))
            refused_tell(links->link, links->services, REFUSED_sms_by_provider, "%s", why);
        links->services->neighbour(links->link, "provider", false, why);
    } else if (connection->bound) {
        links->served--;
        links->services->log(links->link, GCX_LOG_WARNING, 0, 0, "peer %s: %s", smpp_peer(connection->smpp), why);
    } else
        connection_stays_strange(connection, why);
}

/* ---- what the protocol calls ---- */

static void sms_connection_send(void *self, const uint8_t *bytes, size_t length)
{
    struct sms_connection *connection = self;
    if (!connection->over) bufferevent_write(connection->stream, bytes, length);
}

/* Is this the password of that peer? */
static bool peer_password_is(const struct sms_setting *setting, const char *system_id, const char *password)
{
    char *right = setting_peer(setting, system_id);
    bool is = right && authorization_same(password, right);
    setting_password_free(right);
    return is;
}

/* Returns the status of a bind. The password is checked first, so that a stranger does not learn whether more peers
 * may bind. */
static uint32_t connection_may_bind(void *self, const char *system_id, const char *password)
{
    struct sms_connection *connection = self;
    const struct sms_links *links = connection->links;
    bool other = !peer_password_is(links->setting, system_id, password);
    bool full = links->served >= links->setting->connections;
    if (!other && !full) {
        connection->password = memory_text(password);
        return STATUS_OK;
    }
    refused_tell(links->link, links->services, other ? REFUSED_sms_bind : REFUSED_sms_bind_full, "`%.20s` at %s",
                 system_id, connection->stranger.address);
    return other ? STATUS_BIND_FAILED : STATUS_THROTTLED;
}

static void connection_bound(void *self)
{
    struct sms_connection *connection = self;
    struct sms_links *links = connection->links;
    connection->bound = true;
    if (connection->server) links->served++;
    lobby_leave(&links->lobby, &connection->stranger);
    links->services->log(links->link, GCX_LOG_INFO, 0, 0, "%s%s: bound", connection->server ? "peer " : "provider ",
                         smpp_peer(connection->smpp));
    if (!connection->server) links->services->neighbour(links->link, "provider", true, "");
    links->calls.changed(links->calls.self);
}

static void connection_came(void *self, const struct pdu *pdu)
{
    struct sms_connection *connection = self;
    connection->links->calls.came(connection->links->calls.self, connection->number, pdu);
}

static void connection_answered(void *self, void *job, uint32_t status, const char *id)
{
    struct sms_connection *connection = self;
    connection->links->calls.answered(connection->links->calls.self, job, status, id);
}

/* ---- sockets ---- */

/* Stops reading when too many messages have no answer: the core is too slow, and the peer must wait. */
static void connection_hold(struct sms_connection *connection)
{
    bool held = smpp_unanswered(connection->smpp) >= UNANSWERED_MAX;
    if (held == connection->held || connection->over) return;
    connection->held = held;
    if (held)
        bufferevent_disable(connection->stream, EV_READ);
    else
        bufferevent_enable(connection->stream, EV_READ);
}

/* Reads what the peer has sent; a peer that leaves too many bytes unread is closed. */
static void on_bytes(struct bufferevent *stream, void *self)
{
    struct sms_connection *connection = self;
    struct evbuffer *input = bufferevent_get_input(stream);
    uint8_t bytes[16384];
    while (!connection->over && evbuffer_get_length(input) > 0) {
        int count = evbuffer_remove(input, bytes, sizeof bytes);
        if (count <= 0 || !smpp_feed(connection->smpp, bytes, (size_t)count, links_now(connection->links))) return;
    }
    if (evbuffer_get_length(bufferevent_get_output(stream)) > UNSENT_MAX)
        smpp_end(connection->smpp, false, "the peer does not read");
    connection_hold(connection);
}

static void on_change(struct bufferevent *stream, short what, void *self)
{
    struct sms_connection *connection = self;
    char why[200];
    if (connection->over) return;
    if (what & BEV_EVENT_CONNECTED) {
        if (!connection->server) smpp_begin(connection->smpp);
        return;
    }
    if (what & BEV_EVENT_EOF)
        snprintf(why, sizeof why, "the connection was closed");
    else
        tls_why(stream, why, sizeof why);
    smpp_end(connection->smpp, false, why);
}

/* Makes a connection, which belongs to the table from then on and owns the stream. */
static struct sms_connection *sms_connection_new(struct sms_links *links, struct bufferevent *stream, bool server)
{
    struct sms_connection *connection = memory_zeroed(1, sizeof *connection);
    const struct sms_setting *setting = links->setting;
    const char *password = secret_text(&setting->bind);
    struct smpp_setting smpp = {server,
                                setting->system_id,
                                password ? password : "",
                                setting->system_type,
                                (unsigned)setting->window,
                                setting->response * SECOND_US,
                                setting->enquire * SECOND_US};
    struct smpp_calls calls = {connection,      sms_connection_send, connection_may_bind, connection_bound,
                               connection_came, connection_answered, connection_over};
    *connection =
        (struct sms_connection){.links = links, .number = ++links->numbers, .stream = stream, .server = server};
    connection->smpp = smpp_new(&smpp, &calls, links_now(links));
    g_hash_table_insert(links->all, &connection->number, connection);
    bufferevent_setcb(stream, on_bytes, NULL, on_change, connection);
    bufferevent_enable(stream, EV_READ | EV_WRITE);
    return connection;
}

/* Accepts a peer. A new peer always gets a place: if too many peers have not bound, the one of them that is silent
 * longest is closed. */
static void on_peer(struct evconnlistener *door, evutil_socket_t socket, struct sockaddr *peer, int length, void *self)
{
    struct sms_links *links = self;
    char address[ADDRESS_TEXT];
    (void)door, (void)length;
    address_peer(peer, address);
    struct stranger *longest = lobby_makes_room(&links->lobby, address);
    if (longest) {
        struct sms_connection *leaves = longest->self;
        smpp_end(leaves->smpp, false, "it makes room for another connection that has not bound");
        bufferevent_disable(leaves->stream, EV_READ);
        shutdown(bufferevent_getfd(leaves->stream), SHUT_RDWR); /* the next tick frees the connection */
    }
    address_watch_peer(socket);
    struct bufferevent *stream = links->server ? tls_accept(links->server, links->base, socket)
                                               : bufferevent_socket_new(links->base, socket, BEV_OPT_CLOSE_ON_FREE);
    if (!stream) {
        evutil_closesocket(socket);
        return;
    }
    struct sms_connection *connection = sms_connection_new(links, stream, true);
    lobby_enter(&links->lobby, &connection->stranger, address, connection);
}

/* Connects to the provider, whose address was looked up. */
static void on_provider(void *self, const struct address *address, const char *why)
{
    struct sms_binding *binding = self;
    struct sms_links *links = binding->links;
    binding->next_us = links_now(links) + links->setting->reconnect * SECOND_US;
    struct bufferevent *stream = !address        ? NULL
                                 : links->client ? tls_connect(links->client, links->base, address->host)
                                                 : bufferevent_socket_new(links->base, -1, BEV_OPT_CLOSE_ON_FREE);
    if (!stream) {
        links->services->neighbour(links->link, "provider", false, address ? "no memory" : why);
        return;
    }
    struct sms_connection *connection = sms_connection_new(links, stream, false);
    binding->connection = connection->number;
    if (bufferevent_socket_connect(stream, (const struct sockaddr *)&address->socket, address->length) != 0 &&
        !connection->over)
        smpp_end(connection->smpp, false, "it cannot be reached");
}

/* ---- time ---- */

static gboolean connection_goes(gpointer key, gpointer value, gpointer self)
{
    (void)key, (void)self;
    return ((struct sms_connection *)value)->over;
}

/* The values are first copied into a list: a tick may end connections, but none is freed during the loop. */
void sms_links_tick(struct sms_links *links)
{
    uint64_t now_us = links_now(links);
    if (links->said > LINES_A_SECOND)
        links->services->log(links->link, GCX_LOG_WARNING, 0, 0, "%u more connections ended before they had bound",
                             links->said - LINES_A_SECOND);
    links->said = 0;
    g_hash_table_foreach_remove(links->all, connection_goes, NULL);
    GList *all = g_hash_table_get_values(links->all);
    for (GList *at = all; at; at = at->next) {
        struct sms_connection *connection = at->data;
        if (!connection->over) smpp_tick(connection->smpp, now_us);
        connection_hold(connection);
    }
    g_list_free(all);
    for (unsigned i = 0; i < links->setting->binds && *links->setting->provider; i++) {
        struct sms_binding *binding = &links->binding[i];
        if (binding->connection == 0 && now_us >= binding->next_us)
            resolver_begin(binding->resolver, links->setting->provider);
    }
}

/* Closes peers that have bound and whose line is no longer in the file. */
static void links_peers(struct sms_links *links)
{
    const char *lines = secret_text(&links->setting->peer_lines);
    if (lines == links->peer_lines) return;
    links->peer_lines = lines;
    GList *all = g_hash_table_get_values(links->all);
    for (GList *at = all; at; at = at->next) {
        struct sms_connection *connection = at->data;
        if (connection->over || !connection->password) continue;
        if (!peer_password_is(links->setting, smpp_peer(connection->smpp), connection->password))
            smpp_end(connection->smpp, true, "`peers` has another password for it, or has it no more");
    }
    g_list_free(all);
}

/* Reads changed files; changed certificates are used for the next connections. */
void sms_links_refresh(struct sms_links *links)
{
    links_peers(links);
    tls_tick(links->client, links->link, links->services);
    tls_tick(links->server, links->link, links->services);
}

/* ---- sending ---- */

/* Returns how many messages all connections together can take, and the number of the one that can take most. */
uint64_t sms_links_room(struct sms_links *links, uint64_t *connection_number)
{
    GHashTableIter at;
    gpointer value;
    uint64_t all = 0;
    unsigned most = 0;
    *connection_number = 0;
    g_hash_table_iter_init(&at, links->all);
    while (g_hash_table_iter_next(&at, NULL, &value)) {
        const struct sms_connection *connection = value;
        unsigned room = connection->over ? 0 : smpp_room(connection->smpp);
        all += room;
        if (room <= most) continue;
        most = room;
        *connection_number = connection->number;
    }
    return all;
}

bool sms_links_send(struct sms_links *links, uint64_t number, struct pdu *pdu, void *job)
{
    struct sms_connection *connection = g_hash_table_lookup(links->all, &number);
    assert(connection && !connection->over);
    return smpp_send(connection->smpp, pdu, job, links_now(links));
}

bool sms_links_answer(struct sms_links *links, uint64_t number, const struct pdu *question, uint32_t status,
                      const char *id)
{
    struct sms_connection *connection = g_hash_table_lookup(links->all, &number);
    if (!connection || connection->over) return false;
    smpp_answer(connection->smpp, question, status, id);
    connection_hold(connection);
    return true;
}

/* ---- start and end ---- */

static bool links_tls(struct sms_links *links, char *why, size_t why_size)
{
    const struct sms_setting *setting = links->setting;
    if (*setting->ca) {
        char host[256];
        if (!address_split(setting->provider, host, why, why_size)) return false;
        links->server_host = g_strdup(host);
        struct tls_settings tls = {.certificate = *setting->certificate ? setting->certificate : NULL,
                                   .key = *setting->key ? setting->key : NULL,
                                   .ca = setting->ca,
                                   .peer = links->server_host,
                                   .certificate_setting = "certificate",
                                   .key_setting = "key",
                                   .ca_setting = "ca"};
        if (!(links->client = tls_client(&tls, why, why_size))) return false;
    }
    if (!*setting->certificate) return true;
    struct tls_settings tls = {.certificate = setting->certificate,
                               .key = setting->key,
                               .certificate_setting = "certificate",
                               .key_setting = "key"};
    return (links->server = tls_server(&tls, why, why_size)) != NULL;
}

static bool links_listen(struct sms_links *links, char *why, size_t why_size)
{
    const struct sms_setting *setting = links->setting;
    struct address address;
    char reason[200];
    if (!*setting->listen) return true;
    if (!address_parse(&address, setting->listen, reason, sizeof reason))
        return why_set(why, why_size, "listen: %s", reason);
    links->door =
        listener_bind(links->base, on_peer, links, -1, (const struct sockaddr *)&address.socket, address.length);
    if (!links->door) return why_set(why, why_size, "listen: %s: %s", setting->listen, strerror(errno));
    unsigned port = address_port(evconnlistener_get_fd(links->door));
    links->services->log(links->link, GCX_LOG_INFO, 0, 0, "listen: port %u", port);
    if (!*setting->port_file || address_port_tell(setting->port_file, port)) return true;
    return why_set(why, why_size, "port_file: %s: %s", setting->port_file, strerror(errno));
}

struct sms_links *sms_links_new(struct gcx_link *link, const struct gcx_services *services,
                                const struct sms_setting *setting, const struct sms_link_calls *calls, char *why,
                                size_t why_size)
{
    struct sms_links *links = memory_zeroed(1, sizeof *links);
    *links = (struct sms_links){
        .link = link, .services = services, .base = services->base(link), .setting = setting, .calls = *calls};
    links->lobby = (struct lobby){.most = STRANGERS_MAX, .per_address = STRANGERS_OF_ONE};
    links->all = g_hash_table_new_full(g_int64_hash, g_int64_equal, NULL, sms_connection_free);
    assert(setting->binds <= sizeof links->binding / sizeof *links->binding);
    for (unsigned i = 0; i < setting->binds; i++) {
        links->binding[i].links = links;
        links->binding[i].resolver = resolver_new(links->base, on_provider, &links->binding[i]);
    }
    if (links_tls(links, why, why_size) && links_listen(links, why, why_size)) return links;
    sms_links_free(links);
    return NULL;
}

/* Closes all connections: the peers get an unbind; bytes that the sockets do not take at once are lost, without
 * harm. The provider's connections are forgotten first, so that none is made again. */
void sms_links_free(struct sms_links *links)
{
    GHashTableIter at;
    gpointer value;
    if (!links) return;
    if (links->door) evconnlistener_free(links->door);
    g_hash_table_iter_init(&at, links->all);
    while (g_hash_table_iter_next(&at, NULL, &value)) {
        struct sms_connection *connection = value;
        connection_unplace(connection);
        if (!connection->over) smpp_end(connection->smpp, true, "the adapter ends");
        bool plain = !(connection->server ? links->server : links->client);
        if (plain) evbuffer_write(bufferevent_get_output(connection->stream), bufferevent_getfd(connection->stream));
    }
    g_hash_table_destroy(links->all);
    for (unsigned i = 0; i < links->setting->binds; i++) resolver_free(links->binding[i].resolver);
    tls_free(links->client);
    tls_free(links->server);
    g_free(links->server_host);
    free(links);
}
