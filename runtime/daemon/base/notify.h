/* runtime/daemon/base/notify.h - Tells the service manager the state of gcxvm: sd_notify(3)'s datagrams to
 * $NOTIFY_SOCKET.
 *
 * Owns the socket. The protocol is documented and a few lines long; libsystemd would bring five more libraries into
 * the process. Without a service manager none of this has any effect. */
#pragma once

#include <stdint.h>

struct notify_socket;

/* Reads the manager's environment variables and removes them, so that adapters do not inherit them. Never NULL. */
struct notify_socket *notify_open(void);
void notify_free(struct notify_socket *);

/* Sends lines of `NAME=value`. Never blocks: a message that the manager does not take is lost; the next message says
 * the same. */
void notify_say(const struct notify_socket *, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* The period within which WATCHDOG=1 is expected; 0: there is no watchdog. */
uint64_t notify_watchdog_us(const struct notify_socket *);
