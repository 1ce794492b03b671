/* runtime/studio/child.c - Starts a program of ours with its limits, and reads what it prints. See child.h. */
#include "runtime/studio/child.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#ifdef __has_feature
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define STUDIO_SANITIZED 1
#endif
#endif
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define STUDIO_SANITIZED 1
#endif

/* ENDING_MS: a child that has closed its output may take so long to end. */
enum { MEMORY_MIB_MAX = 1024, PROCESSOR_SECONDS_MAX = 600, FILE_MIB_MAX = 256, ENDING_MS = 1000, READ_BYTES = 16384 };

static int64_t studio_now_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* Finds a program of ours in the folder of the running one. */
static bool studio_program(const char *name, char path[PATH_MAX])
{
    ssize_t length = readlink("/proc/self/exe", path, PATH_MAX - NAME_MAX);
    char *slash = length > 0 ? memrchr(path, '/', (size_t)length) : NULL;
    if (!slash) return false;
    return g_strlcpy(slash + 1, name, NAME_MAX) < NAME_MAX;
}

/* What the new process does before it is the program: only calls that are safe after fork(2) in a program with threads.
 */
static void studio_become(const char *program, const char *folder, const char *const *arguments, const int ends[3],
                          pid_t parent)
{
    static const char *const environment[] = {"PATH=/usr/bin:/bin", "LANG=C.UTF-8", "TZ=UTC", NULL};
    sigset_t none;
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
    for (int number = 1; number < NSIG; number++) signal(number, SIG_DFL);
    setpgid(0, 0);
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
    if (getppid() != parent || chdir(folder) != 0) _exit(127);
    for (int fd = 0; fd < 3; fd++)
        if (dup2(ends[fd], fd) < 0) _exit(127);
    close_range(3, ~0U, 0);
#ifndef STUDIO_SANITIZED /* a sanitizer reserves more memory than any limit */
    setrlimit(RLIMIT_AS, &(struct rlimit){(rlim_t)MEMORY_MIB_MAX << 20, (rlim_t)MEMORY_MIB_MAX << 20});
#endif
    setrlimit(RLIMIT_CPU, &(struct rlimit){PROCESSOR_SECONDS_MAX, PROCESSOR_SECONDS_MAX});
    setrlimit(RLIMIT_FSIZE, &(struct rlimit){(rlim_t)FILE_MIB_MAX << 20, (rlim_t)FILE_MIB_MAX << 20});
    setrlimit(RLIMIT_CORE, &(struct rlimit){0, 0});
    execve(program, (char *const *)arguments, (char *const *)environment);
    _exit(127);
}

static void studio_close(int *fd)
{
    if (*fd >= 0) close(*fd);
    *fd = -1;
}

bool studio_child_begin(struct studio_child *child, const char *folder, const char *const *arguments, bool complaints,
                        struct error *error)
{
    char program[PATH_MAX];
    int in[2] = {-1, -1}, out[2] = {-1, -1}, nowhere = open("/dev/null", O_RDWR | O_CLOEXEC);
    *child = (struct studio_child){0, -1, -1};
    bool good = nowhere >= 0 && pipe2(in, O_CLOEXEC) == 0 && pipe2(out, O_CLOEXEC) == 0;
    /* Descriptors of the child stand above 2, also where this process has closed its own. */
    if (good && studio_program(arguments[0], program)) {
        const int ends[3] = {fcntl(in[0], F_DUPFD_CLOEXEC, 3), fcntl(out[1], F_DUPFD_CLOEXEC, 3),
                             fcntl(complaints ? out[1] : nowhere, F_DUPFD_CLOEXEC, 3)};
        pid_t parent = getpid();
        child->pid = fork();
        if (child->pid == 0) studio_become(program, folder, arguments, ends, parent);
        for (int fd = 0; fd < 3; fd++)
            if (ends[fd] >= 0) close(ends[fd]);
        good = child->pid > 0;
    } else
        good = false;
    if (!good) error_set(error, ERROR_SYSTEM, "%s cannot be started: %s", arguments[0], strerror(errno));
    studio_close(&in[0]), studio_close(&out[1]), studio_close(&nowhere);
    if (!good) studio_close(&in[1]), studio_close(&out[0]);
    if (!good) return false;
    fcntl(in[1], F_SETFL, O_NONBLOCK);
    fcntl(out[0], F_SETFL, O_NONBLOCK);
    child->in = in[1], child->out = out[0];
    return true;
}

int studio_child_end(struct studio_child *child)
{
    int state = -1;
    if (child->pid > 0) {
        kill(-child->pid, SIGKILL);
        kill(child->pid, SIGKILL); /* the group may not be there yet */
        while (waitpid(child->pid, &state, 0) < 0 && errno == EINTR) continue;
    }
    child->pid = 0;
    return state;
}

/* Reads until the child closes its output. False with the reason: it takes too long, or prints too much. */
static bool studio_child_read(const struct studio_child *child, int64_t until_ms, size_t most, GString *out,
                              struct error *error)
{
    char bytes[READ_BYTES];
    for (size_t taken = 0;;) {
        int64_t left = until_ms - studio_now_ms();
        struct pollfd one = {.fd = child->out, .events = POLLIN};
        if (left <= 0) return error_set(error, ERROR_TIMEOUT, "gcxc took too long, and was ended: ask it for less");
        if (poll(&one, 1, (int)MIN(left, 1000)) <= 0) continue;
        ssize_t length = read(child->out, bytes, sizeof bytes);
        if (length == 0) return true;
        if (length < 0 && errno != EAGAIN && errno != EINTR)
            return error_set(error, ERROR_SYSTEM, "gcxc cannot be read: %s", strerror(errno));
        if (length < 0) continue;
        taken += (size_t)length;
        if (taken > most)
            return error_set(error, ERROR_LIMIT, "gcxc has said more than %zu bytes, and was ended", most);
        g_string_append_len(out, bytes, length);
    }
}

/* Waits for a child that has closed its output. Returns its state; -1: it does not end. */
static int studio_child_wait(struct studio_child *child)
{
    int state = -1;
    for (int64_t until_ms = studio_now_ms() + ENDING_MS; studio_now_ms() < until_ms;) {
        pid_t ended = waitpid(child->pid, &state, WNOHANG);
        if (ended == child->pid) {
            kill(-child->pid, SIGKILL); /* what it has started */
            child->pid = 0;
            return state;
        }
        if (ended < 0 && errno != EINTR) break;
        usleep(1000);
    }
    return studio_child_end(child);
}

int studio_child_run(const char *folder, const char *const *arguments, bool complaints, unsigned seconds, size_t most,
                     GString *out, struct error *error)
{
    struct studio_child child;
    if (!studio_child_begin(&child, folder, arguments, complaints, error)) return -1;
    studio_close(&child.in);
    bool good = studio_child_read(&child, studio_now_ms() + (int64_t)seconds * 1000, most, out, error);
    studio_close(&child.out);
    int state = good ? studio_child_wait(&child) : studio_child_end(&child);
    if (!good) return -1;
    if (WIFEXITED(state) && WEXITSTATUS(state) != 127) return WEXITSTATUS(state);
    error_set(error, ERROR_SYSTEM,
              WIFEXITED(state) ? "gcxc cannot be run: it does not stand beside gcxvm"
                               : "gcxc was ended by a signal: it needed too much memory or time");
    return -1;
}
