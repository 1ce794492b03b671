/* runtime/ctl/past.c - Asks a journal instead of a running gcxvm: a gcxvm is started that replays it, answers and ends.
 *
 * gcxctl can neither run a core nor read a journal. The gcxvm in the same folder can do both, and has the same
 * version: a question about the past is an argument for that gcxvm, and the answer comes back through a pipe. For
 * `erase` and `restore` gcxctl's process becomes that gcxvm, so that its questions, sentences and exit code reach
 * the user directly; for `what-if`, `soon` and `shadow` it becomes the gcxtwin there. The name of a person who is to be
 * forgotten is never an argument, which other users of the machine could see: it is sent by standard input. */
#include <assert.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "runtime/ctl/ctl.h"
#include "base/piped.h"
#include "base/shown.h"

enum { WHAT_IF_ARGUMENTS = 256 };

bool ctl_beside(const char *name, char path[])
{
    ssize_t length = readlink("/proc/self/exe", path, PATH_MAX - 1);
    if (length <= 0) return false;
    path[length] = '\0';
    char *slash = strrchr(path, '/');
    if (!slash || (size_t)(slash + 1 - path) + strlen(name) >= PATH_MAX) return false;
    memcpy(slash + 1, name, strlen(name) + 1);
    return true;
}

static bool gcxvm_path(char path[PATH_MAX])
{
    return ctl_beside("gcxvm", path);
}

/* Starts it. Starts that gcxvm, and returns the end of the pipe for its answer; NULL: errno has the reason. */
static FILE *past_viewer_begin(const char *file, const char *request, pid_t *pid)
{
    char path[PATH_MAX];
    int ends[2];
    if (!gcxvm_path(path) || pipe(ends) != 0) return NULL;
    *pid = fork();
    if (*pid == 0) {
        dup2(ends[1], STDOUT_FILENO);
        close(ends[0]);
        close(ends[1]);
        execl(path, path, "--past", request, file, (char *)NULL);
        shown_print(stderr, "gcxctl: %s: %s\n", path, strerror(errno));
        _exit(CTL_usage);
    }
    close(ends[1]);
    if (*pid < 0) close(ends[0]);
    return *pid < 0 ? NULL : fdopen(ends[0], "r");
}

json_t *ctl_past(const char *file, const json_t *request, enum ctl_exit *result)
{
    assert(file && request && result);
    char *text = json_dumps(request, JSON_COMPACT);
    pid_t pid = -1;
    FILE *stream = text ? past_viewer_begin(file, text, &pid) : NULL;
    json_t *answer = stream ? json_loadf(stream, 0, NULL) : NULL;
    free(text);
    if (stream) (void)fclose(stream);
    if (pid > 0) waitpid(pid, NULL, 0);
    *result = CTL_refused;
    if (json_is_true(json_object_get(answer, "ok"))) {
        *result = CTL_good;
        return answer;
    }
    if (!stream) shown_print(stderr, "gcxctl: gcxvm cannot be started: %s\n", strerror(errno));
    if (answer) shown_print(stderr, "gcxctl: %s\n", json_string_value(json_object_get(answer, "error")));
    json_decref(answer); /* without an answer gcxvm has written the reason itself */
    return NULL;
}

enum ctl_exit ctl_erase(const struct ctl_line *line)
{
    assert(line && line->request);
    char path[PATH_MAX];
    const char *person = json_string_value(json_object_get(line->request, "person"));
    const char *file = json_string_value(json_object_get(line->request, "file"));
    bool handed = person && (strcmp(person, "-") == 0 || piped_lines(&person, 1));
    if (handed && file && gcxvm_path(path)) execl(path, path, "--erase", "-", file, (char *)NULL);
    shown_print(stderr, "gcxctl: gcxvm cannot be started: %s\n", strerror(errno));
    return CTL_refused;
}

enum ctl_exit ctl_restore(const struct ctl_line *line)
{
    assert(line && line->request);
    char path[PATH_MAX];
    const char *folder = json_string_value(json_object_get(line->request, "folder"));
    const char *file = json_string_value(json_object_get(line->request, "file"));
    const char *arguments[] = {path, "--restore", folder, NULL, NULL, NULL};
    size_t count = 3;
    if (line->all) arguments[count++] = "--all";
    if (file) arguments[count++] = file;
    if (folder && gcxvm_path(path)) execv(path, (char *const *)(uintptr_t)arguments);
    shown_print(stderr, "gcxctl: gcxvm cannot be started: %s\n", strerror(errno));
    return CTL_refused;
}

enum ctl_exit ctl_upgrade(const struct ctl_line *line)
{
    const char *file = json_string_value(json_object_get(line->request, "file"));
    char path[PATH_MAX];
    int status = -1;
    pid_t pid = gcxvm_path(path) ? fork() : -1;
    if (pid == 0) {
        execl(path, path, "--upgrade-check", file, (char *)NULL);
        shown_print(stderr, "gcxctl: %s: %s\n", path, strerror(errno));
        _exit(CTL_usage);
    }
    if (pid < 0 || waitpid(pid, &status, 0) != pid) {
        shown_print(stderr, "gcxctl: gcxvm cannot be started: %s\n", strerror(errno));
        return CTL_refused;
    }
    return WIFEXITED(status) && WEXITSTATUS(status) == 0 ? CTL_good : CTL_refused;
}

/* A command for which gcxctl becomes gcxtwin. */
struct past_door {
    const char *name, *words; /* words: the request's member with what stands behind the options */
    const char *options[12];  /* those with a value, or with an array of values; NULL behind the last */
    const char *flags[4];     /* NULL behind the last */
};

static size_t past_values(const json_t *value, const char *option, const char **arguments, size_t count)
{
    const size_t all = json_is_array(value) ? json_array_size(value) : value ? 1 : 0;
    for (size_t i = 0; i < all && count + 4 < WHAT_IF_ARGUMENTS; i++) {
        if (option) arguments[count++] = option;
        arguments[count++] = json_string_value(json_is_array(value) ? json_array_get(value, i) : value);
    }
    return count;
}

static enum ctl_exit past_enter(const struct ctl *ctl, const struct ctl_line *line, const struct past_door *door)
{
    assert(ctl && line && line->request);
    char path[PATH_MAX];
    const char *arguments[WHAT_IF_ARGUMENTS] = {path, door->name, "--socket", ctl->path};
    size_t count = 4;
    for (size_t i = 0; door->options[i]; i++)
        count = past_values(json_object_get(line->request, door->options[i] + 2), door->options[i], arguments, count);
    for (size_t i = 0; door->flags[i]; i++) {
        const char *member = strcmp(door->flags[i], "--no-load") == 0 ? "no_load" : door->flags[i] + 2;
        if (json_is_true(json_object_get(line->request, member))) arguments[count++] = door->flags[i];
    }
    if (line->json) arguments[count++] = "--json";
    const json_t *words = json_object_get(line->request, door->words);
    if (words) arguments[count++] = "--";
    count = past_values(words, NULL, arguments, count);
    assert(count < WHAT_IF_ARGUMENTS); /* the last one stays NULL */
    if (ctl_beside("gcxtwin", path)) execv(path, (char *const *)(uintptr_t)arguments);
    shown_print(stderr, "gcxctl: gcxtwin cannot be started: %s\n", strerror(errno));
    return CTL_usage;
}

enum ctl_exit ctl_what_if(const struct ctl *ctl, const struct ctl_line *line)
{
    static const struct past_door door = {
        "what-if",
        "image",
        {"--config", "--since", "--point", "--directory", "--parameter", "--schedule", "--table", "--answers"},
        {"--no-load"}};
    return past_enter(ctl, line, &door);
}

enum ctl_exit ctl_soon(const struct ctl *ctl, const struct ctl_line *line)
{
    static const struct past_door door = {
        "soon", "what", {"--config", "--records", "--for", "--ahead", "--answers"}, {"--remove", "--unset", "--new"}};
    return past_enter(ctl, line, &door);
}

enum ctl_exit ctl_shadow(const struct ctl *ctl, const struct ctl_line *line)
{
    assert(ctl && line && line->request);
    char path[PATH_MAX];
    const char *arguments[11] = {path, "shadow", "--socket", ctl->path};
    size_t count = 4;
    if (line->duration) arguments[count++] = "--for", arguments[count++] = line->duration;
    if (line->json) arguments[count++] = "--json";
    arguments[count++] = "--";
    arguments[count++] = json_string_value(json_object_get(line->request, "point"));
    arguments[count++] = json_string_value(json_object_get(line->request, "image"));
    assert(count < sizeof arguments / sizeof *arguments); /* the last one stays NULL */
    if (ctl_beside("gcxtwin", path)) execv(path, (char *const *)(uintptr_t)arguments);
    shown_print(stderr, "gcxctl: gcxtwin cannot be started: %s\n", strerror(errno));
    return CTL_usage;
}
