/* runtime/adapter/listener.h - A listener of a process that may open no more files.
 *
 * The loop would offer the connection that waits at once again, for ever, and its turns would have no time for others.
 * So a file that is kept for this is given up, the connection is taken and closed, and its peer knows that there is no
 * room. A line on standard error tells it, at most one a minute. If there is no such file either, the connection waits.
 */
#pragma once

#include <event2/listener.h>

/* As libevent's functions of these names, for all listeners of the tree: each is closed with its socket, and on exec.
 * NULL with errno: it cannot listen there. */
struct evconnlistener *listener_new(struct event_base *, evconnlistener_cb on_accept, void *self, int file);
struct evconnlistener *listener_bind(struct event_base *, evconnlistener_cb on_accept, void *self, int backlog,
                                     const struct sockaddr *, int length);
