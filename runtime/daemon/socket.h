/* runtime/daemon/socket.h - Unix sockets that only root and the daemon's own user may use. */
#ifndef DAEMON_SOCKET_H
#define DAEMON_SOCKET_H

#include <stdbool.h>
#include <sys/types.h>

#include "vm/error.h"

/* Listens at `path` (mode 0600), non-blocking, closed on exec. A socket that was left behind is replaced; one that
 * somebody answers at is not. -1 with the reason. */
int socket_listen(const char *path, struct error *);
/* Connects; -1 with the reason. */
int socket_connect(const char *path, struct error *);
/* SO_PEERCRED: is the peer root or the same user as we? */
bool socket_peer_allowed(int fd, uid_t *uid);

#endif
