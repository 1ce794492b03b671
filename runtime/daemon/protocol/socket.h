/* runtime/daemon/protocol/socket.h - Unix sockets for root and the daemon's own user, and loopback addresses.
 *
 * Owns nothing: descriptors and paths belong to the caller. Errors are sentences that name the path. */
#pragma once

#include <stdbool.h>
#include <sys/socket.h>

#include "base/error.h"

/* Listens at `path` (mode 0600); the socket is non-blocking and closed on exec. A socket file left behind is
 * replaced, but not one at which somebody answers. -1 with the reason. */
int socket_listen(const char *path, struct error *);
/* Removes the socket file at `path` that a listener has left behind. False: somebody listens there, and the file stays:
 * if the folder was replaced, another process has the path. A listener whose queue of connections is full counts as
 * listening. True: nobody is known to listen; if no socket can be made to find out, the file stays. */
bool socket_leave(const char *path);
/* Connects; -1 with the reason. */
int socket_connect(const char *path, struct error *);
/* Connects, and waits at most so many seconds if too many connections wait there already; sending and receiving have
 * the same limit. */
int socket_connect_within(const char *path, unsigned seconds, struct error *);
/* Sends the text and a line end, and goes on after signals. False: the other end does not take bytes any more. */
bool socket_send_line(int fd, const char *text);
/* True: the peer is root or has our own user (SO_PEERCRED). */
bool socket_peer_allowed(int fd, uid_t *uid);

/* Reads an address such as "127.0.0.1:9464", "[::1]:0", "localhost:0". False: the text is no numeric address with a
 * port. */
bool socket_address(const char *text, struct sockaddr_storage *, socklen_t *length);
/* As socket_address(). Also false for an address that is no loopback address. */
bool socket_loopback(const char *text, struct sockaddr_storage *, socklen_t *length);
enum { SOCKET_TEXT = 64 };
void socket_text(const struct sockaddr_storage *, char text[SOCKET_TEXT]);
