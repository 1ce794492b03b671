/* runtime/adapter/tool.c - Starts a program of ours, and reads what it prints. See tool.h. */
#include "runtime/adapter/tool.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/why.h"

#ifdef __has_feature
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define TOOL_SANITIZED 1
#endif
#endif
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define TOOL_SANITIZED 1
#endif

/* ENDING_MS: a program that has closed its pipes may take so long to end. */
enum {
    TOOL_COMPLAINTS_MAX = 4096,
    TOOL_ENDING_MS = 2000,
    TOOL_MEMORY_MIB = 1024,
    TOOL_PROCESSOR_S = 600,
    TOOL_FILE_MIB = 256
};
enum { TOOL_NOT_RUN = 127 }; /* the exit code of a process that could not become the program */

extern char **environ;

static int64_t tool_now_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* The file of the program, in the folder of the running one. */
static bool tool_path(const char *name, char path[PATH_MAX])
{
    ssize_t length = readlink("/proc/self/exe", path, PATH_MAX - NAME_MAX - 1);
    if (length <= 0) return false;
    path[length] = '\0';
    char *slash = strrchr(path, '/');
    if (!slash || strlen(name) > NAME_MAX) return false;
    strcpy(slash + 1, name);
    return true;
}

static void tool_bounds(void)
{
#ifndef TOOL_SANITIZED /* a sanitizer reserves more memory than any limit */
    const struct rlimit memory = {(rlim_t)TOOL_MEMORY_MIB << 20, (rlim_t)TOOL_MEMORY_MIB << 20};
    setrlimit(RLIMIT_AS, &memory);
#endif
    const struct rlimit processor = {TOOL_PROCESSOR_S, TOOL_PROCESSOR_S}, none = {0, 0};
    const struct rlimit file = {(rlim_t)TOOL_FILE_MIB << 20, (rlim_t)TOOL_FILE_MIB << 20};
    setrlimit(RLIMIT_CPU, &processor);
    setrlimit(RLIMIT_FSIZE, &file);
    setrlimit(RLIMIT_CORE, &none);
}

/* What the new process does before it is the program. Only calls are made that are safe after fork(2) in a process with
 * threads. */
static void tool_become(const struct tool_order *order, const char *path, const int ends[3], pid_t parent)
{
    /* GCX_INSIDE: base/inside.h */
    static const char *const bare[] = {"GCX_INSIDE=.", "PATH=/usr/bin:/bin", "LANG=C.UTF-8", "TZ=UTC", NULL};
    sigset_t none;
    for (int number = 1; number < NSIG; number++) signal(number, SIG_DFL);
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
    setpgid(0, 0);
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
    if (getppid() != parent || (order->folder && chdir(order->folder) != 0)) _exit(TOOL_NOT_RUN);
    for (int fd = 0; fd < 3; fd++)
        if (dup2(ends[fd], fd) < 0) _exit(TOOL_NOT_RUN);
    close_range(3, ~0U, 0);
    if (order->confined) tool_bounds();
    execve(path, (char *const *)(uintptr_t)order->arguments,
           order->confined ? (char *const *)(uintptr_t)(order->folder ? bare : bare + 1) : environ);
    _exit(TOOL_NOT_RUN);
}

static void tool_close(int *fd)
{
    if (*fd >= 0) close(*fd);
    *fd = -1;
}

/* Forks with these descriptors as the first three. They are copied above them first: this process may have closed its
 * own. */
static pid_t tool_fork(const struct tool_order *order, const char *path, int in, int out, int complaints)
{
    int ends[3] = {fcntl(in, F_DUPFD_CLOEXEC, 3), fcntl(out, F_DUPFD_CLOEXEC, 3),
                   fcntl(complaints, F_DUPFD_CLOEXEC, 3)};
    pid_t parent = getpid(), pid = ends[0] >= 0 && ends[1] >= 0 && ends[2] >= 0 ? fork() : -1;
    if (pid == 0) tool_become(order, path, ends, parent);
    int wrong = errno;
    for (int fd = 0; fd < 3; fd++) tool_close(&ends[fd]);
    errno = wrong;
    return pid;
}

bool tool_begin(const struct tool_order *order, struct tool_process *process, char *why, size_t why_size)
{
    char path[PATH_MAX];
    int in[2] = {-1, -1}, out[2] = {-1, -1}, complaints[2] = {-1, -1};
    *process = (struct tool_process){0, -1, -1, -1};
    if (!tool_path(order->arguments[0], path) || access(path, X_OK) != 0)
        return why_set(why, why_size, "%s cannot be run: it does not stand beside gcxvm", order->arguments[0]);
    bool good = pipe2(in, O_CLOEXEC) == 0 && pipe2(out, O_CLOEXEC) == 0 && pipe2(complaints, O_CLOEXEC) == 0;
    int nowhere = order->quiet ? open("/dev/null", O_WRONLY | O_CLOEXEC) : -1;
    if (good)
        process->pid = tool_fork(order, path, in[0], out[1],
                                 order->quiet    ? nowhere
                                 : order->joined ? out[1]
                                                 : complaints[1]);
    good = good && process->pid > 0;
    if (!good) why_set(why, why_size, "%s cannot be run: %s", order->arguments[0], strerror(errno));
    tool_close(&in[0]), tool_close(&out[1]), tool_close(&complaints[1]), tool_close(&nowhere);
    process->in = in[1], process->out = out[0], process->complaints = complaints[0];
    if (!good) {
        process->pid = 0;
        tool_close(&process->in), tool_close(&process->out), tool_close(&process->complaints);
        return false;
    }
    fcntl(process->in, F_SETFL, O_NONBLOCK);
    fcntl(process->out, F_SETFL, O_NONBLOCK);
    fcntl(process->complaints, F_SETFL, O_NONBLOCK);
    return true;
}

int tool_finish(struct tool_process *process)
{
    int state = -1;
    if (process->pid > 0) {
        kill(-process->pid, SIGKILL);
        kill(process->pid, SIGKILL); /* its group may not be there yet */
        while (waitpid(process->pid, &state, 0) < 0 && errno == EINTR) continue;
    }
    process->pid = 0;
    return state;
}

/* ---- running one to its end ---- */

struct tool_pipe {
    int *fd; /* -1: the program has closed it */
    struct out *out;
    size_t most;
    bool drops; /* what is more than `most` is dropped; if not, it is too much */
};

/* Takes what is there. False: the program has printed too much. */
static bool tool_take(struct tool_pipe *stream)
{
    char part[16384];
    ssize_t got = read(*stream->fd, part, sizeof part);
    if (got < 0 && (errno == EINTR || errno == EAGAIN)) return true;
    if (got <= 0) {
        tool_close(stream->fd);
        return true;
    }
    if ((size_t)got > stream->most && !stream->drops) return false;
    if ((size_t)got > stream->most) got = (ssize_t)stream->most;
    stream->most -= (size_t)got;
    out_put(stream->out, part, (size_t)got);
    return true;
}

enum { OUTPUT, COMPLAINTS, STREAMS };

/* Reads until the program has closed both pipes. Returns why it has to be killed; NULL: it has not. */
static const char *tool_listen(struct tool_pipe pipes[STREAMS], int64_t until_ms, int stop)
{
    while (*pipes[OUTPUT].fd >= 0 || *pipes[COMPLAINTS].fd >= 0) {
        struct pollfd polled[] = {
            {*pipes[OUTPUT].fd, POLLIN, 0}, {*pipes[COMPLAINTS].fd, POLLIN, 0}, {stop, POLLIN, 0}};
        int64_t left_ms = until_ms - tool_now_ms();
        if (left_ms <= 0) return "it took too long, and was ended";
        if (poll(polled, sizeof polled / sizeof *polled, (int)left_ms) < 0 && errno != EINTR) return strerror(errno);
        if (polled[STREAMS].revents) return "it was ended, as the program ends that has asked";
        for (unsigned at = 0; at < STREAMS; at++)
            if (polled[at].revents && !tool_take(&pipes[at])) return "it printed too much, and was ended";
    }
    return NULL;
}

/* Waits a moment for a program that has closed its pipes or is to end, and then kills it. */
static int tool_wait(struct tool_process *process)
{
    int state = -1;
    for (int64_t until_ms = tool_now_ms() + TOOL_ENDING_MS; tool_now_ms() < until_ms; usleep(1000)) {
        pid_t ended = waitpid(process->pid, &state, WNOHANG);
        if (ended < 0 && errno != EINTR) break;
        if (ended != process->pid) continue;
        kill(-process->pid, SIGKILL); /* what it has started */
        process->pid = 0;
        return state;
    }
    return tool_finish(process);
}

/* Keeps the last line of the complaints. */
static void tool_complained(struct out *complaints, struct tool_end *end)
{
    char *text = complaints->bytes;
    if (!text) return;
    while (complaints->length > 0 && text[complaints->length - 1] == '\n') text[--complaints->length] = '\0';
    const char *line = strrchr(text, '\n');
    snprintf(end->why, sizeof end->why, "%s", line ? line + 1 : text);
}

/* True: the text has a path, an address or a connection string in it. */
static bool tool_is_inward(const char *text)
{
    static const char *const signs[] = {"://", "sqlite:", "jsonl:", "dbname=", "host=", "port=", "user=", "password"};
    for (size_t i = 0; i < sizeof signs / sizeof *signs; i++)
        if (strstr(text, signs[i])) return true;
    for (const char *slash = strchr(text, '/'); slash; slash = strchr(slash + 1, '/'))
        if (slash == text || !isalnum((unsigned char)slash[-1])) return true; /* "calls/h" is none */
    return false;
}

char *tool_sentence(const struct tool_end *end, const char *program)
{
    const char *text = end->why;
    size_t length = strlen(program);
    if (strncmp(text, program, length) == 0 && strncmp(text + length, ": ", 2) == 0) text += length + 2;
    const char *hint = strstr(text, "; try gcx");
    char *sentence = strndup(text, hint ? (size_t)(hint - text) : strlen(text));
    if (!sentence || (*sentence && !tool_is_inward(sentence))) return sentence;
    free(sentence);
    return NULL;
}

bool tool_run(const struct tool_order *order, int stop, struct out *out, struct tool_end *end)
{
    struct out complaints = {0};
    struct tool_process process;
    *end = (struct tool_end){.exit = -1};
    if (!tool_begin(order, &process, end->why, sizeof end->why)) return false;
    tool_close(&process.in);
    struct tool_pipe pipes[STREAMS] = {{&process.out, out, order->most, false},
                                       {&process.complaints, &complaints, TOOL_COMPLAINTS_MAX, true}};
    const char *killed = tool_listen(pipes, tool_now_ms() + (int64_t)order->seconds * 1000, stop);
    tool_close(&process.out), tool_close(&process.complaints);
    if (killed) kill(process.pid, SIGTERM); /* so that it removes the files it has made */
    int state = tool_wait(&process);
    if (!killed && WIFEXITED(state) && WEXITSTATUS(state) != TOOL_NOT_RUN) end->exit = WEXITSTATUS(state);
    tool_complained(&complaints, end);
    if (!killed && end->exit < 0) killed = WIFEXITED(state) ? "it cannot be run" : "it was ended by a signal";
    if (killed) snprintf(end->why, sizeof end->why, "%s: %s", order->arguments[0], killed);
    out_free(&complaints);
    return end->exit == 0;
}
