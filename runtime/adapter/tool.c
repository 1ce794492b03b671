/* runtime/adapter/tool.c - Runs a program of ours. See tool.h. */
#include "runtime/adapter/tool.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { COMPLAINTS_MAX = 4096 };
enum { OUTPUT, COMPLAINTS, STREAMS };

extern char **environ;

struct tool_pipe {
    int fd; /* -1: the program has closed it */
    struct out *out;
    size_t most;
};

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

/* Starts the program with its output and complaints in the pipes. No signal is blocked in it, whatever the thread
 * blocks. */
static int tool_start(const char *const *arguments, const int ends[STREAMS], pid_t *pid)
{
    char path[PATH_MAX];
    posix_spawn_file_actions_t files;
    posix_spawnattr_t attributes;
    sigset_t none;
    if (!tool_path(arguments[0], path)) return ENOENT;
    sigemptyset(&none);
    posix_spawn_file_actions_init(&files);
    posix_spawn_file_actions_addopen(&files, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
    posix_spawn_file_actions_adddup2(&files, ends[OUTPUT], STDOUT_FILENO);
    posix_spawn_file_actions_adddup2(&files, ends[COMPLAINTS], STDERR_FILENO);
    posix_spawnattr_init(&attributes);
    posix_spawnattr_setsigmask(&attributes, &none);
    posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK);
    int wrong = posix_spawn(pid, path, &files, &attributes, (char *const *)(uintptr_t)arguments, environ);
    posix_spawnattr_destroy(&attributes);
    posix_spawn_file_actions_destroy(&files);
    return wrong;
}

/* Takes what is there. False: the program has printed too much. */
static bool tool_take(struct tool_pipe *stream)
{
    char part[16384];
    ssize_t got = read(stream->fd, part, sizeof part);
    if (got < 0 && (errno == EINTR || errno == EAGAIN)) return true;
    if (got <= 0) {
        close(stream->fd);
        stream->fd = -1;
        return true;
    }
    if ((size_t)got > stream->most) return false;
    stream->most -= (size_t)got;
    out_put(stream->out, part, (size_t)got);
    return true;
}

/* Reads until the program has closed both pipes. Returns why it has to be killed; NULL: it has not. */
static const char *tool_listen(struct tool_pipe pipes[STREAMS], unsigned seconds, int stop)
{
    int64_t until_ms = tool_now_ms() + (int64_t)seconds * 1000;
    while (pipes[OUTPUT].fd >= 0 || pipes[COMPLAINTS].fd >= 0) {
        struct pollfd polled[] = {{pipes[OUTPUT].fd, POLLIN, 0}, {pipes[COMPLAINTS].fd, POLLIN, 0}, {stop, POLLIN, 0}};
        int64_t left_ms = until_ms - tool_now_ms();
        if (left_ms <= 0) return "it took too long, and was ended";
        if (poll(polled, sizeof polled / sizeof *polled, (int)left_ms) < 0 && errno != EINTR) return strerror(errno);
        if (polled[STREAMS].revents) return "it was ended, as the program ends that has asked";
        for (unsigned at = 0; at < STREAMS; at++)
            if (polled[at].revents && !tool_take(&pipes[at])) return "it printed too much, and was ended";
    }
    return NULL;
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

bool tool_run(const char *const *arguments, unsigned seconds, size_t most, int stop, struct out *out,
              struct tool_end *end)
{
    int ends[STREAMS][2], status = -1;
    struct out complaints = {0};
    pid_t pid = 0;
    *end = (struct tool_end){.exit = -1};
    if (pipe2(ends[OUTPUT], O_CLOEXEC) != 0) {
        snprintf(end->why, sizeof end->why, "%s", strerror(errno));
        return false;
    }
    if (pipe2(ends[COMPLAINTS], O_CLOEXEC) != 0) {
        snprintf(end->why, sizeof end->why, "%s", strerror(errno));
        close(ends[OUTPUT][0]), close(ends[OUTPUT][1]);
        return false;
    }
    int wrong = tool_start(arguments, (const int[STREAMS]){ends[OUTPUT][1], ends[COMPLAINTS][1]}, &pid);
    close(ends[OUTPUT][1]), close(ends[COMPLAINTS][1]);
    struct tool_pipe pipes[STREAMS] = {{ends[OUTPUT][0], out, most},
                                       {ends[COMPLAINTS][0], &complaints, COMPLAINTS_MAX}};
    const char *killed = wrong ? NULL : tool_listen(pipes, seconds, stop);
    if (killed) kill(pid, SIGKILL);
    for (unsigned at = 0; at < STREAMS; at++)
        if (pipes[at].fd >= 0) close(pipes[at].fd);
    while (!wrong && waitpid(pid, &status, 0) < 0 && errno == EINTR) continue;
    if (!wrong && WIFEXITED(status)) end->exit = WEXITSTATUS(status);
    tool_complained(&complaints, end);
    if (wrong) snprintf(end->why, sizeof end->why, "%s cannot be run: %s", arguments[0], strerror(wrong));
    if (killed) snprintf(end->why, sizeof end->why, "%s: %s", arguments[0], killed);
    out_free(&complaints);
    return end->exit == 0 && !killed;
}
