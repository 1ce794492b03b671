/* runtime/daemon/protocol/socket.h - Unix sockets for root and the daemon's own user, and loopback addresses.
 *
 * Owns nothing: descriptors and paths are the caller's. Errors are sentences that name the path. */
#pragma once

#include <stdbool.h>
#include <sys/socket.h>

#include "base/error.h"

/* Listens at `path` (mode 0600), non-blocking, closed on exec. A socket that was left behind is replaced; one that
 * somebody answers at is not. -1 with the reason. */
int socket_listen(const char *path, struct error *);
/* Removes the socket at `path` that a listener has left behind. False: somebody listens there, and it stays: where the
 * folder was replaced, the path is another process's. A full queue counts as somebody. True where nobody is known to
 * listen; where no socket can be had to find out, the path stays. */
bool socket_leave(const char *path);
/* Connects; -1 with the reason. */
int socket_connect(const char *path, struct error *);
/* Connects, and waits at most so many seconds where too many wait there already; sending and receiving have as long,
 * too. */
int socket_connect_within(const char *path, unsigned seconds, struct error *);
/* Sends the text and a line end, and goes on after signals. False: nobody takes it any more. */
bool socket_send_line(int fd, const char *text);
/* SO_PEERCRED: is the peer root or the same user as we? */
bool socket_peer_allowed(int fd, uid_t *uid);

/* Reads an address such as "127.0.0.1:9464", "[::1]:0", "localhost:0". False: it is no numeric address with a port. */
bool socket_address(const char *text, struct sockaddr_storage *, socklen_t *length);
/* As socket_address(). False also for an address that is no loopback address. */
bool socket_loopback(const char *text, struct sockaddr_storage *, socklen_t *length);
enum { SOCKET_TEXT = 64 };
void socket_text(const struct sockaddr_storage *, char text[SOCKET_TEXT]);
