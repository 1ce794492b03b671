/* tests/flows/wire_tool.c - What scripts need at a socket: saying anything, and standing between two who talk.
 *
 *   wire_tool say ADDRESS MS
 *       sends what it reads, then prints what comes back until the peer closes or is silent for MS. ADDRESS: host:port,
 *       a port, or the path of a Unix socket. Exit 0; 1 where it is not let in.
 *   wire_tool join ADDRESS FILE INTO
 *       listens on a loopback port of the kernel's choice, written to FILE, and joins whoever connects to ADDRESS. At
 *       SIGUSR1 those who connected are sent what stands in INTO. At SIGUSR2 all are cut off, and nobody is let in
 *       until the next; `shut` or `open` is printed.
 *   wire_tool filter ADDRESS FILE COMMAND
 *       as join, but what comes from ADDRESS goes through COMMAND, which bash runs for each connection. */
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
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
    if (!strchr(address, '/')) return loopback((unsigned)strtoul(colon ? colon + 1 : address, NULL, 10));
    if (strlen(address) >= sizeof at.sun_path) return -1;
    memcpy(at.sun_path, address, strlen(address) + 1);
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    return fd >= 0 && connect(fd, (struct sockaddr *)&at, sizeof at) == 0 ? fd : -1;
}

static bool write_all(int fd, const char *bytes, size_t length)
{
    while (length > 0) {
        ssize_t written = write(fd, bytes, length);
        if (written <= 0) return false;
        bytes += written;
        length -= (size_t)written;
    }
    return true;
}

/* Copies the peer's bytes to standard output. False: the peer has closed. */
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
    signal(SIGPIPE, SIG_IGN);
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
        open = open && write_all(fd, bytes, (size_t)length);
    }
    struct pollfd wait = {fd, POLLIN, 0};
    while (poll(&wait, 1, ms) == 1 && show(fd)) continue;
    close(fd);
    return 0;
}

/* --- Standing between --- */

/* One direction of a connection: what comes from `from` goes to `to`. */
struct end {
    int from, to;
    pid_t command; /* between the two, or 0 */
};

struct relay {
    struct end ends[2 * PAIRS_MAX]; /* in pairs: near, far */
    unsigned count;
    const char *address;
    const char *command; /* NULL: what comes from there goes on as it is */
    bool shut;           /* nobody is let in */
};

static volatile sig_atomic_t asked_to_inject, asked_to_turn;

static void on_signal(int number)
{
    *(number == SIGUSR1 ? &asked_to_inject : &asked_to_turn) = 1;
}

static bool move(const struct end *end)
{
    static char bytes[CHUNK_BYTES];
    ssize_t got = read(end->from, bytes, sizeof bytes);
    return got > 0 && write_all(end->to, bytes, (size_t)got);
}

static void inject(const struct relay *relay, const char *path)
{
    static char bytes[1024 * 1024];
    FILE *file = fopen(path, "r");
    size_t length = !file ? 0 : fread(bytes, 1, sizeof bytes, file);
    if (file) fclose(file);
    for (unsigned i = 0; i < relay->count; i += 2) write_all(relay->ends[i].from, bytes, length);
}

/* The command between what comes and `to`. Its input; -1. */
static int between(const char *command, int to, pid_t *child)
{
    int ends[2];
    if (pipe2(ends, O_CLOEXEC) != 0) return -1;
    *child = fork();
    if (*child == 0) {
        if (dup2(ends[0], STDIN_FILENO) < 0 || dup2(to, STDOUT_FILENO) < 0) _exit(126);
        execl("/bin/bash", "bash", "-c", command, (char *)NULL);
        _exit(127);
    }
    close(ends[0]);
    if (*child < 0) close(ends[1]);
    return *child < 0 ? -1 : ends[1];
}

static void let_in(struct relay *relay, int listener)
{
    int near = accept4(listener, NULL, NULL, SOCK_CLOEXEC), far = -1, into = near;
    pid_t command = 0;
    if (near < 0) return;
    if (!relay->shut && relay->count < 2 * PAIRS_MAX) far = reach(relay->address);
    if (far >= 0 && relay->command) into = between(relay->command, near, &command);
    if (far < 0 || into < 0) {
        close(near);
        if (far >= 0) close(far);
        return;
    }
    relay->ends[relay->count++] = (struct end){.from = near, .to = far};
    relay->ends[relay->count++] = (struct end){.from = far, .to = into, .command = command};
}

/* The far end has closed: what it said before goes through the command to its end. */
static void drain(struct end *end)
{
    if (end->command == 0) return;
    close(end->to);
    while (waitpid(end->command, NULL, 0) < 0 && errno == EINTR) continue;
    end->to = -1;
}

static void cut_off(struct relay *relay, unsigned first)
{
    const struct end *near = &relay->ends[first], *far = &relay->ends[first + 1];
    shutdown(near->from, SHUT_RDWR); /* the command has it too */
    if (far->to >= 0 && far->to != near->from) close(far->to);
    close(near->from);
    close(far->from);
    memmove(relay->ends + first, relay->ends + first + 2, (relay->count - first - 2) * sizeof *relay->ends);
    relay->count -= 2;
}

static void attend(struct relay *relay, const char *into)
{
    if (asked_to_inject) inject(relay, into);
    if (asked_to_turn) {
        relay->shut = !relay->shut;
        while (relay->shut && relay->count > 0) cut_off(relay, 0);
        printf("%s\n", relay->shut ? "shut" : "open");
        fflush(stdout);
    }
    asked_to_inject = asked_to_turn = 0;
}

static int stand_between(struct relay *relay, const char *port_file, const char *into)
{
    struct sockaddr_in at = {.sin_family = AF_INET};
    socklen_t size = sizeof at;
    at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    FILE *file;
    if (bind(listener, (struct sockaddr *)&at, sizeof at) != 0 || listen(listener, PAIRS_MAX) != 0 ||
        getsockname(listener, (struct sockaddr *)&at, &size) != 0)
        return 1;
    sigset_t blocked, open; /* taken while it waits only: none comes too early */
    sigemptyset(&open);
    sigemptyset(&blocked);
    sigaddset(&blocked, SIGUSR1);
    sigaddset(&blocked, SIGUSR2);
    sigprocmask(SIG_BLOCK, &blocked, NULL);
    sigaction(SIGUSR1, &(struct sigaction){.sa_handler = on_signal}, NULL);
    sigaction(SIGUSR2, &(struct sigaction){.sa_handler = on_signal}, NULL);
    prctl(PR_SET_PDEATHSIG, SIGTERM); /* whoever started it has ended, in whatever way */
    signal(SIGPIPE, SIG_IGN);
    signal(SIGCHLD, SIG_IGN);
    if (!(file = fopen(port_file, "w"))) return 1;
    fprintf(file, "%u\n", ntohs(at.sin_port));
    fclose(file);
    for (;;) {
        struct pollfd looks[1 + 2 * PAIRS_MAX] = {{listener, POLLIN, 0}};
        for (unsigned i = 0; i < relay->count; i++) looks[1 + i] = (struct pollfd){relay->ends[i].from, POLLIN, 0};
        int ready = ppoll(looks, 1 + relay->count, NULL, &open);
        attend(relay, into);
        if (ready <= 0) continue;
        for (unsigned i = 0; i < relay->count; i++) {
            if (looks[1 + i].revents == 0 || move(&relay->ends[i])) continue;
            drain(&relay->ends[i]);
            cut_off(relay, i & ~1u);
            break; /* the others come again */
        }
        if (looks[0].revents != 0) let_in(relay, listener);
    }
}

int main(int argc, char **argv)
{
    if (argc == 4 && strcmp(argv[1], "say") == 0) return say(argv[2], atoi(argv[3]));
    if (argc == 5) {
        struct relay relay = {.address = argv[2]};
        if (strcmp(argv[1], "join") == 0) return stand_between(&relay, argv[3], argv[4]);
        relay.command = argv[4];
        if (strcmp(argv[1], "filter") == 0) return stand_between(&relay, argv[3], "/dev/null");
    }
    fputs("usage: wire_tool say ADDRESS MS | join ADDRESS FILE INTO | filter ADDRESS FILE COMMAND\n", stderr);
    return 2;
}
