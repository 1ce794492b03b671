/* runtime/daemon/base/notify.c - Sends datagrams to the service manager.
 *
 * systemd gives a process the address of a socket in NOTIFY_SOCKET, and the period of its watchdog in WATCHDOG_USEC.
 * The process sends lines such as "READY=1" or "WATCHDOG=1" to that socket. A process that was started by hand has
 * no such address, and every call here does nothing. The variables are removed from the environment, because a child
 * process that found them could report itself ready in the daemon's name. */
#include "runtime/daemon/base/notify.h"

#include <assert.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/memory.h"

struct notify_socket {
    int fd; /* socket to the service manager; -1: there is none */
    struct sockaddr_un address;
    socklen_t length;
    uint64_t watchdog_us;
};

/* Makes a socket address from a path, or from a name in the abstract namespace, which begins with an @. */
static void address_take(struct notify_socket *notify, const char *path)
{
    size_t length = strlen(path);
    if ((path[0] != '/' && path[0] != '@') || length >= sizeof notify->address.sun_path) return;
    notify->address.sun_family = AF_UNIX;
    memcpy(notify->address.sun_path, path, length + 1);
    if (path[0] == '@') notify->address.sun_path[0] = '\0';
    notify->length = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + length);
    notify->fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
}

/* Reads the period of the watchdog, which counts only if it was meant for this process, and not for its parent. */
struct notify_socket *notify_open(void)
{
    struct notify_socket *notify = memory_zeroed(1, sizeof *notify);
    const char *path = getenv("NOTIFY_SOCKET"), *period = getenv("WATCHDOG_USEC"), *pid = getenv("WATCHDOG_PID");
    notify->fd = -1;
    if (path) address_take(notify, path);
    if (period && (!pid || strtoll(pid, NULL, 10) == getpid())) notify->watchdog_us = strtoull(period, NULL, 10);
    unsetenv("NOTIFY_SOCKET");
    unsetenv("WATCHDOG_USEC");
    unsetenv("WATCHDOG_PID");
    return notify;
}

void notify_free(struct notify_socket *notify)
{
    if (!notify) return;
    if (notify->fd >= 0) close(notify->fd);
    free(notify);
}

/* Sends a line; never blocks: a datagram for which there is no room is lost. */
void notify_say(const struct notify_socket *notify, const char *format, ...)
{
    assert(notify && format);
    char text[512];
    va_list arguments;
    int length;
    if (notify->fd < 0) return;
    va_start(arguments, format);
    length = vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    if (length < 0) return;
    if ((size_t)length >= sizeof text) length = (int)sizeof text - 1;
    if (sendto(notify->fd, text, (size_t)length, MSG_NOSIGNAL, (const struct sockaddr *)&notify->address,
               notify->length) < 0)
        return; /* the manager is restarting, and expects nothing of us meanwhile */
}

/* 0: nobody watches. */
uint64_t notify_watchdog_us(const struct notify_socket *notify)
{
    assert(notify);
    return notify->fd >= 0 ? notify->watchdog_us : 0;
}
