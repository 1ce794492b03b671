/* tests/flows/wire_tool.c - What scripts need at a socket: saying anything, and standing between two who talk.
 *
 *   wire_tool say ADDRESS MS     sends what it reads, then prints what comes back until the peer closes or is silent
 * for MS. ADDRESS: host:port, or the path of a Unix socket. Exit 0; 1 where it is not let in. wire_tool join PORT FILE
 * INTO listens on a loopback port of the kernel's choice, written to FILE, and joins whoever connects to
 * 127.0.0.1:PORT. At SIGUSR1 those who connected are sent what stands in INTO.
 */
#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

enum { CHUNK_BYTES = 64 * 1024, PAIRS_MAX = 8 };

static int loopback(unsigned port)
{
    struct sockaddr_in at = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
    at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    return fd >= 0 && connect(fd, (struct sockaddr *)&at, sizeof at) == 0 ? fd : -1;
}

static int reach(const char *address)
{
    struct sockaddr_un at = {.sun_family = AF_UNIX};
    const char *colon = strrchr(address, ':');
    if (strchr(address, '/') == NULL && colon != NULL) return loopback((unsigned)strtoul(colon + 1, NULL, 10));
    if (strlen(address) >= sizeof at.sun_path) return -1;
    memcpy(at.sun_path, address, strlen(address) + 1);
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    return fd >= 0 && connect(fd, (struct sockaddr *)&at, sizeof at) == 0 ? fd : -1;
}

static bool send_all(int fd, const char *bytes, size_t length)
{
    while (length > 0) {
        ssize_t sent = send(fd, bytes, length, MSG_NOSIGNAL);
        if (sent <= 0) return false;
        bytes += sent;
        length -= (size_t)sent;
    }
    return true;
}

/* What is there, to standard output. False: the peer has closed. */
static bool show(int fd)
{
    char bytes[CHUNK_BYTES];
    ssize_t got = recv(fd, bytes, sizeof bytes, 0);
    if (got <= 0) return false;
    (void)!write(STDOUT_FILENO, bytes, (size_t)got);
    return true;
}

static int say(const char *address, int ms)
{
    static char bytes[CHUNK_BYTES];
    int fd = reach(address);
    if (fd < 0) {
        fprintf(stderr, "wire_tool: %s: %s\n", address, strerror(errno));
        return 1;
    }
    ssize_t length;
    bool open = true;
    while (open && (length = read(STDIN_FILENO, bytes, sizeof bytes)) > 0) {
        struct pollfd look = {fd, POLLIN, 0};
        while (open && poll(&look, 1, 0) == 1) open = show(fd); /* what is answered meanwhile */
        open = open && send_all(fd, bytes, (size_t)length);
    }
    struct pollfd wait = {fd, POLLIN, 0};
    while (poll(&wait, 1, ms) == 1 && show(fd)) continue;
    close(fd);
    return 0;
}

static volatile sig_atomic_t asked;

static void on_signal(int number)
{
    (void)number;
    asked = 1;
}

static bool move(int from, int to)
{
    static char bytes[CHUNK_BYTES];
    ssize_t got = recv(from, bytes, sizeof bytes, 0);
    return got > 0 && send_all(to, bytes, (size_t)got);
}

static void inject(const struct pollfd *ends, unsigned count, const char *path)
{
    static char bytes[1024 * 1024];
    FILE *file = fopen(path, "r");
    size_t length = file == NULL ? 0 : fread(bytes, 1, sizeof bytes, file);
    if (file != NULL) fclose(file);
    for (unsigned i = 1; i < count; i += 2) send_all(ends[i].fd, bytes, length);
}

static int join(unsigned port, const char *port_file, const char *into)
{
    struct sockaddr_in at = {.sin_family = AF_INET};
    socklen_t size = sizeof at;
    at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    struct pollfd ends[1 + 2 * PAIRS_MAX] = {{socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), POLLIN, 0}};
    unsigned count = 1;
    FILE *file;
    if (bind(ends[0].fd, (struct sockaddr *)&at, sizeof at) != 0 || listen(ends[0].fd, PAIRS_MAX) != 0 ||
        getsockname(ends[0].fd, (struct sockaddr *)&at, &size) != 0 || (file = fopen(port_file, "w")) == NULL)
        return 1;
    fprintf(file, "%u\n", ntohs(at.sin_port));
    fclose(file);
    sigaction(SIGUSR1, &(struct sigaction){.sa_handler = on_signal}, NULL);
    for (;;) {
        int ready = poll(ends, count, -1);
        if (asked) inject(ends, count, into);
        asked = 0;
        if (ready <= 0) continue;
        for (unsigned i = 1; i < count; i++) {
            unsigned other = (i - 1) % 2 == 0 ? i + 1 : i - 1, first = i < other ? i : other;
            if (ends[i].revents == 0 || move(ends[i].fd, ends[other].fd)) continue;
            close(ends[i].fd);
            close(ends[other].fd);
            memmove(ends + first, ends + first + 2, (count - first - 2) * sizeof *ends);
            count -= 2;
            break; /* the others come again */
        }
        if (ends[0].revents != 0 && count < 1 + 2 * PAIRS_MAX) {
            int near = accept(ends[0].fd, NULL, NULL), far = loopback(port);
            if (near >= 0 && far >= 0) {
                ends[count++] = (struct pollfd){near, POLLIN, 0};
                ends[count++] = (struct pollfd){far, POLLIN, 0};
            } else if (near >= 0) {
                close(near);
            }
        }
    }
}

int main(int argc, char **argv)
{
    if (argc == 4 && strcmp(argv[1], "say") == 0) return say(argv[2], atoi(argv[3]));
    if (argc == 5 && strcmp(argv[1], "join") == 0) return join((unsigned)strtoul(argv[2], NULL, 10), argv[3], argv[4]);
    fputs("usage: wire_tool say ADDRESS MS | join PORT FILE INTO\n", stderr);
    return 2;
}
