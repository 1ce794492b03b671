/* runtime/daemon/protocol/socket.c - Makes Unix sockets, connects to them, and checks who connects.
 *
 * A Unix socket is also a file, and the file stays when its process is killed. So a process that wants to listen
 * first connects to the path. If somebody answers, the path is taken. If nobody answers, the file was left behind,
 * and is removed. A file that is no socket is never removed.
 *
 * Addresses of the network are written as "127.0.0.1:8080", "[::1]:8080" or "localhost:8080". No name but localhost
 * is looked up: a name service that hangs would hang the daemon. */
#include "runtime/daemon/protocol/socket.h"

#include <arpa/inet.h>
#include <assert.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/memory.h"

/* Makes the address of a socket's path; false with the reason: the path is too long. */
static bool socket_address_of(const char *path, struct sockaddr_un *address, struct error *error)
{
    *address = (struct sockaddr_un){.sun_family = AF_UNIX};
    if (strlen(path) >= sizeof address->sun_path)
        return error_set(error, ERROR_LIMIT, "the path is too long for a socket: %s", path);
    strcpy(address->sun_path, path);
    return true;
}

/* Makes a socket and the address of the path; -1 with the reason. */
static int socket_opened(const char *path, int flags, struct sockaddr_un *address, struct error *error)
{
    int fd;
    if (!socket_address_of(path, address, error)) return -1;
    fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | flags, 0);
    if (fd < 0) error_set(error, ERROR_SYSTEM, "%s: %s", path, strerror(errno));
    return fd;
}

/* Closes the socket, and writes the error of errno as a sentence. */
static int socket_failed(int fd, const char *path, struct error *error)
{
    const char *why = errno == EAGAIN ? "it takes no more connections for now" : strerror(errno);
    error_set(error, errno == EACCES ? ERROR_DENIED : ERROR_UNAVAILABLE, "%s: %s", path, why);
    close(fd);
    return -1;
}

int socket_connect(const char *path, struct error *error)
{
    return socket_connect_within(path, 0, error);
}

/* The time limit is for connecting, and again for each single read and each single write. */
int socket_connect_within(const char *path, unsigned seconds, struct error *error)
{
    assert(path);
    const struct timeval patience = {.tv_sec = (time_t)seconds}; /* 0: without end */
    struct sockaddr_un address;
    int fd = socket_opened(path, 0, &address, error);
    if (fd < 0) return -1;
    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
    if (connect(fd, (const struct sockaddr *)&address, sizeof address) != 0) return socket_failed(fd, path, error);
    return fd;
}

/* True: nobody listens at the path. A listener whose queue of connections is full answers with EAGAIN, and counts as
 * listening. */
bool socket_leave(const char *path)
{
    struct sockaddr_un address;
    struct stat info;
    int fd = socket_opened(path, SOCK_NONBLOCK, &address, NULL);
    if (fd < 0) return true;
    bool somebody = connect(fd, (const struct sockaddr *)&address, sizeof address) == 0 || errno == EAGAIN;
    close(fd);
    if (!somebody && lstat(path, &info) == 0 && S_ISSOCK(info.st_mode)) unlink(path);
    return !somebody;
}

/* The file mode mask is set before the socket file is made, because with a mode that is changed afterwards everybody
 * may connect for a moment. The mask belongs to the whole process, and is restored at once. */
int socket_listen(const char *path, struct error *error)
{
    assert(path);
    struct sockaddr_un address;
    mode_t mask;
    if (!socket_leave(path)) {
        error_set(error, ERROR_STATE, "%s: somebody listens there already", path);
        return -1;
    }
    int fd = socket_opened(path, SOCK_NONBLOCK, &address, error), bound;
    if (fd < 0) return -1;
    mask = umask(0177);
    bound = bind(fd, (const struct sockaddr *)&address, sizeof address);
    umask(mask);
    if (bound != 0 || listen(fd, SOMAXCONN) != 0) return socket_failed(fd, path, error);
    return fd;
}

/* False: not everything was sent. Writing to a peer that has gone raises no signal here. */
bool socket_send_line(int fd, const char *text)
{
    char *line = memory_format("%s\n", text);
    size_t length = strlen(line), done = 0;
    while (done < length) {
        ssize_t sent = send(fd, line + done, length - done, MSG_NOSIGNAL);
        if (sent < 0 && errno == EINTR) continue;
        if (sent <= 0) break;
        done += (size_t)sent;
    }
    free(line);
    return done == length;
}

/* True: the peer is root or the user of this process. The kernel keeps the credentials from the moment when the peer
 * connected, so the peer cannot forge them. */
bool socket_peer_allowed(int fd, uid_t *uid)
{
    assert(uid);
    struct ucred peer = {.uid = (uid_t)-1};
    socklen_t length = sizeof peer;
    if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &length) != 0) peer.uid = (uid_t)-1;
    *uid = peer.uid;
    return peer.uid != (uid_t)-1 && (peer.uid == 0 || peer.uid == geteuid());
}

bool socket_address(const char *text, struct sockaddr_storage *at, socklen_t *length)
{
    assert(text && at && length);
    struct sockaddr_in *four = (struct sockaddr_in *)at;
    struct sockaddr_in6 *six = (struct sockaddr_in6 *)at;
    const char *colon = strrchr(text, ':'), *digits = colon ? colon + 1 : "";
    char host[SOCKET_TEXT];
    unsigned long port = strtoul(digits, NULL, 10);
    size_t size = colon ? (size_t)(colon - text) : 0;
    if (digits[0] == '\0' || digits[strspn(digits, "0123456789")] != '\0' || strlen(digits) > 5 || port > 65535)
        return false;
    if (size == 0 || size >= sizeof host) return false;
    memcpy(host, text, size);
    host[size] = '\0';
    memset(at, 0, sizeof *at);
    if (host[0] == '[' && host[size - 1] == ']') {
        host[size - 1] = '\0';
        *length = sizeof *six;
        six->sin6_family = AF_INET6;
        six->sin6_port = htons((uint16_t)port);
        return inet_pton(AF_INET6, host + 1, &six->sin6_addr) == 1;
    }
    *length = sizeof *four;
    four->sin_family = AF_INET;
    four->sin_port = htons((uint16_t)port);
    return inet_pton(AF_INET, strcmp(host, "localhost") == 0 ? "127.0.0.1" : host, &four->sin_addr) == 1;
}

/* Reads the address of a loopback interface: any of 127.0.0.0/8, or ::1. */
bool socket_loopback(const char *text, struct sockaddr_storage *at, socklen_t *length)
{
    if (!socket_address(text, at, length)) return false;
    if (at->ss_family == AF_INET6) return IN6_IS_ADDR_LOOPBACK(&((struct sockaddr_in6 *)at)->sin6_addr);
    return ntohl(((struct sockaddr_in *)at)->sin_addr.s_addr) >> 24 == IN_LOOPBACKNET;
}

void socket_text(const struct sockaddr_storage *at, char text[SOCKET_TEXT])
{
    assert(at && text);
    const struct sockaddr_in *four = (const struct sockaddr_in *)at;
    const struct sockaddr_in6 *six = (const struct sockaddr_in6 *)at;
    char host[INET6_ADDRSTRLEN] = "?";
    if (at->ss_family == AF_INET6) {
        inet_ntop(AF_INET6, &six->sin6_addr, host, sizeof host);
        snprintf(text, SOCKET_TEXT, "[%s]:%u", host, ntohs(six->sin6_port));
    } else {
        inet_ntop(AF_INET, &four->sin_addr, host, sizeof host);
        snprintf(text, SOCKET_TEXT, "%s:%u", host, ntohs(four->sin_port));
    }
}
