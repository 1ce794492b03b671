/* runtime/web/crowd.c - Counts the HTTP connections whose requests are not complete yet, and closes those above the
 * limit.
 *
 *     connection --> crowd_joins() --> looked at in the next turn --> room? --> guest, else closed
 *     bytes      --> crowd_on_input() --> head whole? --> good? known? too many bytes?
 *     request    --> crowd_asks() ... answer ... crowd_served(): the next request begins
 *
 * evhttp reads requests by itself and does not limit how many connections send slowly. Therefore this file sees the
 * bytes before evhttp does. If a request's head is wrong, evhttp gets a harmless request instead of the bytes; its
 * handler calls crowd_wrong() and refuses that. A connection to be closed is only shut down here: evhttp frees it. */
#include "runtime/web/crowd.h"

#include <assert.h>
#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/event.h>
#include <glib.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include "runtime/adapter/address.h"
#include "base/memory.h"
#include "base/head.h"

struct guest {
    struct crowd *crowd;
    struct bufferevent *stream; /* evhttp owns the stream, which is not used once its socket is another one */
    int socket;
    ino_t inode; /* inode of the socket, since socket numbers are reused */
    char address[ADDRESS_TEXT];
    GString *head;            /* the received part of the request's head; NULL: the head is complete */
    size_t came;              /* bytes received of the request */
    const char *wrong;        /* why the request is refused (no more of it is read); NULL: it is not */
    uint64_t number;          /* order of last activity: the connection silent for longest has the lowest */
    bool known, asks, leaves; /* asks: a request of the connection is not answered yet */
};

struct crowd {
    struct crowd_options options;
    GHashTable *guests; /* finds a connection's struct guest by its stream */
    GQueue fresh;       /* new connections as bufferevents, with a reference each */
    uint64_t came;      /* guests and requests ever */
    uint64_t held;      /* the sum of `came` of all guests */
    struct event *look;
};

static void guest_free(gpointer data)
{
    struct guest *guest = data;
    assert(guest->crowd->held >= guest->came); /* the crowd's sum contains this connection's bytes */
    guest->crowd->held -= guest->came;
    if (guest->head) g_string_free(guest->head, TRUE);
    free(guest);
}

static void guest_closes(struct guest *guest)
{
    guest->leaves = true;               /* the connection stays in the table until evhttp has freed it */
    shutdown(guest->socket, SHUT_RDWR); /* evhttp then reads the end of the connection, and frees it */
}

/* ---- the bytes that a peer sends ---- */

/* True: the head has the header whose value shows that we know the sender. Connections of known senders are never
 * closed to make room. */
static bool crowd_is_known(const struct crowd *crowd, const char *head)
{
    assert(crowd->options.known && crowd->options.known_by);
    const char *name = crowd->options.known_by;
    size_t length = strlen(name);
    bool known = false;
    char **lines = g_strsplit(head, "\n", -1);
    for (char **line = lines; *line && !known; line++)
        if (g_ascii_strncasecmp(*line, name, length) == 0 && (*line)[length] == ':')
            known = crowd->options.known(crowd->options.self, g_strstrip(*line + length + 1));
    g_strfreev(lines);
    return known;
}

/* The request that evhttp reads in place of a refused one, so that it calls our handler at once and then closes. */
static const char refused[] = "GET / HTTP/1.1\r\n\r\n";

static void guest_refused(struct guest *guest, struct evbuffer *in, const char *wrong)
{
    assert(!guest->wrong); /* after the first fault nothing more is read */
    guest->wrong = wrong;
    evbuffer_drain(in, evbuffer_get_length(in));
    evbuffer_prepend(in, refused, sizeof refused - 1); /* a stream does not allow adding at the end */
}

/* Copies the new bytes of the head, from that offset in the buffer, and checks the head. */
static void read_head(struct guest *guest, struct evbuffer *in, size_t from, size_t length)
{
    assert(guest->head);
    struct evbuffer_ptr at;
    gsize before = guest->head->len;
    g_string_set_size(guest->head, before + length);
    if (length > 0 && (evbuffer_ptr_set(in, &at, from, EVBUFFER_PTR_SET) != 0 ||
                       evbuffer_copyout_from(in, &at, guest->head->str + before, length) != (ev_ssize_t)length))
        abort(); /* cannot fail: the bytes have just been added */
    size_t whole = head_length(guest->head->str, guest->head->len);
    const char *wrong =
        whole ? head_wrong(guest->head->str, whole) : head_wrong_so_far(guest->head->str, guest->head->len);
    if (wrong) {
        guest_refused(guest, in, wrong);
    } else if (whole) {
        g_string_truncate(guest->head, whole);
        guest->known = guest->known || (guest->crowd->options.known && crowd_is_known(guest->crowd, guest->head->str));
    }
    if (!wrong && !whole) return;
    g_string_free(guest->head, TRUE);
    guest->head = NULL;
}

/* ---- how many connections there are ---- */

/* True: the connection has ended; its socket number may be in use by the next one, but with another inode. */
static bool is_gone(const struct guest *guest)
{
    struct stat now;
    return fstat(guest->socket, &now) != 0 || now.st_ino != guest->inode;
}

static gboolean forget_gone(gpointer stream, gpointer guest, gpointer unused)
{
    (void)stream, (void)unused;
    return is_gone(guest);
}

/* Counts the open connections from that address, or from all if it is NULL. `longest` is the connection among them,
 * of an unknown sender, that has been silent for longest and waits for no answer; NULL: there is none. */
static unsigned crowd_count_of(struct crowd *crowd, const char *address, struct guest **longest)
{
    GHashTableIter at;
    gpointer value;
    unsigned count = 0;
    *longest = NULL;
    g_hash_table_iter_init(&at, crowd->guests);
    while (g_hash_table_iter_next(&at, NULL, &value)) {
        struct guest *guest = value;
        if (guest->leaves || (address && strcmp(guest->address, address) != 0)) continue;
        if (is_gone(guest)) {
            g_hash_table_iter_remove(&at);
            continue;
        }
        count++;
        if (!guest->known && !guest->asks && (!*longest || guest->number < (*longest)->number)) *longest = guest;
    }
    return count;
}

/* Is there room for one more connection? If there are too many, the connection of an unknown sender is closed to
 * make room. */
static bool crowd_makes_room(struct crowd *crowd, const char *address, uint64_t most)
{
    struct guest *longest;
    if (crowd_count_of(crowd, address, &longest) < most) return true;
    if (longest) guest_closes(longest);
    return longest != NULL;
}

/* Is there room for one more connection from this address? The limit per address is checked before the limit for
 * all. */
static bool crowd_has_room(struct crowd *crowd, const char *address)
{
    const struct crowd_options *options = &crowd->options;
    if (options->per_address != 0 && !crowd_makes_room(crowd, address, options->per_address)) return false;
    if (g_hash_table_size(crowd->guests) < options->most) return true;
    g_hash_table_foreach_remove(crowd->guests, forget_gone, NULL);
    return crowd_makes_room(crowd, NULL, options->most);
}

/* ---- what comes ---- */

static bool holds_too_much(struct crowd *crowd)
{
    uint64_t most = crowd->options.held_max;
    if (most == 0 || crowd->held <= most) return false;
    g_hash_table_foreach_remove(crowd->guests, forget_gone, NULL);
    return crowd->held > most;
}

/* Called with new bytes before evhttp sees them. Counts each byte of a request without an answer, for this
 * connection and for all. */
static void crowd_on_input(struct evbuffer *in, const struct evbuffer_cb_info *info, void *self)
{
    struct guest *guest = self;
    struct crowd *crowd = guest->crowd;
    if (info->n_added == 0) return;
    if (guest->wrong) { /* first `refused` arrives, then bytes of the peer */
        if (evbuffer_get_length(in) > sizeof refused - 1) evbuffer_drain(in, evbuffer_get_length(in));
        return;
    }
    guest->came += info->n_added;
    crowd->held += info->n_added;
    if (guest->head) read_head(guest, in, info->orig_size - info->n_deleted, info->n_added);
    if (guest->head && guest->head->len > crowd->options.head_max) guest_closes(guest);
    if ((!guest->known && crowd->options.known && guest->came > crowd->options.unknown_max) || holds_too_much(crowd))
        guest_closes(guest);
}

/* Notes that the answer of the connection's request has begun. */
static void crowd_on_output(struct evbuffer *out, const struct evbuffer_cb_info *info, void *self)
{
    (void)out;
    if (info->n_added > 0) ((struct guest *)self)->asks = false;
}

/* Counts a new connection one turn of the loop after it was accepted, because its stream has a socket only then. */
static void crowd_look_at(struct crowd *crowd, struct bufferevent *stream)
{
    struct sockaddr_storage from;
    socklen_t length = sizeof from;
    struct stat now;
    struct guest *guest = memory_zeroed(1, sizeof *guest);
    guest->crowd = crowd;
    guest->stream = stream;
    guest->socket = bufferevent_getfd(stream);
    if (fstat(guest->socket, &now) != 0 || getpeername(guest->socket, (struct sockaddr *)&from, &length) != 0) {
        guest_free(guest); /* the connection has ended already */
        return;
    }
    guest->inode = now.st_ino;
    guest->number = ++crowd->came;
    address_peer((struct sockaddr *)&from, guest->address);
    if (!crowd_has_room(crowd, guest->address)) {
        guest_closes(guest);
        guest_free(guest);
        return;
    }
    guest->head = g_string_new(NULL);
    evbuffer_add_cb(bufferevent_get_input(stream), crowd_on_input, guest);
    evbuffer_add_cb(bufferevent_get_output(stream), crowd_on_output, guest);
    g_hash_table_replace(crowd->guests, stream, guest);
}

static void crowd_on_look(evutil_socket_t unused, short what, void *self)
{
    struct crowd *crowd = self;
    struct bufferevent *stream;
    (void)unused, (void)what;
    while ((stream = g_queue_pop_head(&crowd->fresh))) {
        crowd_look_at(crowd, stream);
        bufferevent_decref(stream);
    }
}

/* ---- connections that come and go ---- */

void crowd_joins(struct crowd *crowd, struct bufferevent *stream)
{
    bufferevent_incref(stream);
    g_queue_push_tail(&crowd->fresh, stream);
    event_active(crowd->look, EV_TIMEOUT, 1);
}

const char *crowd_wrong(const struct crowd *crowd, const struct bufferevent *stream)
{
    const struct guest *guest = g_hash_table_lookup(crowd->guests, stream);
    return guest ? guest->wrong : NULL;
}

void crowd_asks(struct crowd *crowd, struct bufferevent *stream)
{
    struct guest *guest = g_hash_table_lookup(crowd->guests, stream);
    if (!guest) return;
    guest->asks = true;
    guest->number = ++crowd->came;
}

/* Begins with the next request: bytes that have arrived already belong to it (pipelining). */
void crowd_served(struct crowd *crowd, struct bufferevent *stream)
{
    struct guest *guest = g_hash_table_lookup(crowd->guests, stream);
    if (!guest || guest->wrong) return;
    struct evbuffer *in = bufferevent_get_input(stream);
    assert(crowd->held >= guest->came);
    crowd->held -= guest->came;
    guest->came = evbuffer_get_length(in);
    crowd->held += guest->came;
    if (!guest->head) guest->head = g_string_new(NULL);
    g_string_truncate(guest->head, 0);
    read_head(guest, in, 0, guest->came);
}

/* Must be called before evhttp frees the stream: its callbacks point to the struct guest. */
void crowd_leaves(struct crowd *crowd, struct bufferevent *stream)
{
    struct guest *guest = g_hash_table_lookup(crowd->guests, stream);
    if (!guest) return;
    evbuffer_remove_cb(bufferevent_get_input(stream), crowd_on_input, guest);
    evbuffer_remove_cb(bufferevent_get_output(stream), crowd_on_output, guest);
    g_hash_table_remove(crowd->guests, stream);
}

struct crowd *crowd_new(struct event_base *base, const struct crowd_options *options)
{
    assert(!options->known || options->known_by);
    struct crowd *crowd = memory_zeroed(1, sizeof *crowd);
    crowd->options = *options;
    crowd->guests = g_hash_table_new_full(g_direct_hash, g_direct_equal, NULL, guest_free);
    crowd->look = event_new(base, -1, 0, crowd_on_look, crowd);
    g_queue_init(&crowd->fresh);
    return crowd;
}

void crowd_free(struct crowd *crowd)
{
    struct bufferevent *stream;
    if (!crowd) return;
    event_free(crowd->look);
    while ((stream = g_queue_pop_head(&crowd->fresh))) bufferevent_decref(stream);
    g_hash_table_destroy(crowd->guests);
    free(crowd);
}
