/* tests/flows/service_tool.c - A service manager in small, for tests: notifications, the watchdog, starting again; and
 * a hand that holds one thread of a process.
 *
 *   service_tool run SOCKET WATCHDOG_MS PROGRAM [ARGUMENT]...
 * starts the program as systemd starts a service of Type=notify and prints a line for each thing that happens: `started
 * PID`, what the program says (`READY=1`, ...), `ended CODE` or `killed SIGNAL`. When WATCHDOG=1 stays away for so long
 * after READY=1, it is aborted, which is `watchdog`, and started again, once. SIGTERM, SIGINT and SIGHUP are handed on.
 * Ends with the program's exit code.
 *
 *   service_tool freeze PID THREAD
 * stops the thread of that name alone, prints `frozen`, and lets it go when standard input ends. Exit 77: not
 * allowed. */
#include <dirent.h>
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { TOLD_MAX = 4096, LOOK_MS = 20 };

static volatile sig_atomic_t child;

static void hand_on(int number)
{
    if (child > 0) kill(child, number);
}

static uint64_t now_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

static int listen_at(const char *path)
{
    struct sockaddr_un at = {.sun_family = AF_UNIX};
    int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (strlen(path) >= sizeof at.sun_path) return -1;
    memcpy(at.sun_path, path, strlen(path) + 1);
    return fd >= 0 && bind(fd, (struct sockaddr *)&at, sizeof at) == 0 ? fd : -1;
}

static pid_t start(const char *path, const char *watchdog_ms, char **program)
{
    pid_t pid = fork();
    if (pid == 0) {
        char text[32];
        setenv("NOTIFY_SOCKET", path, 1);
        snprintf(text, sizeof text, "%ld", (long)getpid());
        setenv("WATCHDOG_PID", text, 1);
        snprintf(text, sizeof text, "%s000", watchdog_ms);
        setenv("WATCHDOG_USEC", text, 1);
        execv(program[0], program);
        _exit(127);
    }
    printf("started %ld\n", (long)pid);
    return pid;
}

struct watch {
    uint64_t heard_ms, period_ms;
    bool ready;
};

/* One datagram, its lines. */
static void hear(int fd, struct watch *watch)
{
    char told[TOLD_MAX + 1], *rest = told, *line;
    ssize_t length = recv(fd, told, TOLD_MAX, 0);
    if (length <= 0) return;
    told[length] = '\0';
    while ((line = strsep(&rest, "\n"))) {
        if (*line == '\0') continue;
        puts(line);
        if (strcmp(line, "READY=1") == 0) watch->ready = true;
        if (strcmp(line, "READY=1") == 0 || strcmp(line, "WATCHDOG=1") == 0) watch->heard_ms = now_ms();
        if (strcmp(line, "STOPPING=1") == 0) watch->ready = false;
    }
}

/* Until the program has ended. True: it was aborted for its silence. */
static bool attend(int fd, struct watch *watch, int *status)
{
    bool aborted = false;
    for (;;) {
        struct pollfd wait = {fd, POLLIN, 0};
        while (poll(&wait, 1, LOOK_MS) > 0) hear(fd, watch);
        if (waitpid(child, status, WNOHANG) == child) return aborted;
        if (!watch->ready || aborted || watch->period_ms == 0 || now_ms() - watch->heard_ms < watch->period_ms)
            continue;
        puts("watchdog");
        aborted = true;
        kill(child, SIGABRT);
    }
}

static int run(const char *path, const char *watchdog_ms, char **program)
{
    int fd = listen_at(path), status = 0;
    bool again = true;
    if (fd < 0) return 1;
    setvbuf(stdout, NULL, _IOLBF, 0);
    signal(SIGTERM, hand_on);
    signal(SIGINT, hand_on);
    signal(SIGHUP, hand_on);
    for (;;) {
        struct watch watch = {.period_ms = strtoull(watchdog_ms, NULL, 10)};
        bool aborted;
        child = start(path, watchdog_ms, program);
        if (child < 0) return 1;
        aborted = attend(fd, &watch, &status);
        while (recv(fd, &(char){0}, 1, MSG_DONTWAIT | MSG_PEEK) > 0) hear(fd, &watch);
        if (WIFSIGNALED(status))
            printf("killed %d\n", WTERMSIG(status));
        else
            printf("ended %d\n", WEXITSTATUS(status));
        if (!aborted || !again) break;
        again = false;
    }
    unlink(path);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

/* The thread of that name; 0: there is none. */
static pid_t thread_of(const char *pid, const char *name)
{
    char path[320], found[64] = "";
    pid_t thread = 0;
    struct dirent *entry;
    DIR *threads;
    snprintf(path, sizeof path, "/proc/%s/task", pid);
    threads = opendir(path);
    while (threads && thread == 0 && (entry = readdir(threads))) {
        FILE *file;
        snprintf(path, sizeof path, "/proc/%s/task/%.16s/comm", pid, entry->d_name);
        file = fopen(path, "re");
        if (!file) continue;
        if (fgets(found, sizeof found, file) && strncmp(found, name, strlen(name)) == 0 && found[strlen(name)] == '\n')
            thread = (pid_t)strtol(entry->d_name, NULL, 10);
        fclose(file);
    }
    if (threads) closedir(threads);
    return thread;
}

static int freeze(const char *pid, const char *name)
{
    pid_t thread = thread_of(pid, name);
    int status;
    if (thread == 0) return 1;
    if (ptrace(PTRACE_SEIZE, thread, NULL, NULL) != 0) return errno == EPERM ? 77 : 1;
    if (ptrace(PTRACE_INTERRUPT, thread, NULL, NULL) != 0 || waitpid(thread, &status, __WALL) != thread) return 1;
    puts("frozen");
    fflush(stdout);
    while (getchar() != EOF) continue;
    return 0; /* whom we held goes on when we end */
}

int main(int argc, char **argv)
{
    if (argc >= 5 && strcmp(argv[1], "run") == 0) return run(argv[2], argv[3], argv + 4);
    if (argc == 4 && strcmp(argv[1], "freeze") == 0) return freeze(argv[2], argv[3]);
    fprintf(stderr, "usage: service_tool run SOCKET WATCHDOG_MS PROGRAM [ARGUMENT]... | freeze PID THREAD\n");
    return 2;
}
