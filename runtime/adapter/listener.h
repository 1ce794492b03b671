/* runtime/adapter/listener.h - Listeners for a process that may run out of file descriptors.
 *
 * With plain listeners, a loop without a free descriptor would report the waiting connection again and again, and
 * have no time for other work. So a spare descriptor is closed for a moment, the connection is accepted and closed
 * at once, and its peer learns that there is no room. A line on standard error reports that, at most one a minute.
 * If there is no spare descriptor either, the connection waits. */
#pragma once

#include <event2/listener.h>

/* The functions with libevent's names do what libevent's do, for all listeners of the tree: each listener is closed
 * with its socket, and on exec. NULL with errno: the address cannot be listened on. */
struct evconnlistener *listener_new(struct event_base *, evconnlistener_cb on_accept, void *self, int file);
struct evconnlistener *listener_bind(struct event_base *, evconnlistener_cb on_accept, void *self, int backlog,
                                     const struct sockaddr *, int length);
