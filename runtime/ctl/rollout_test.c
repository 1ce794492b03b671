/* runtime/ctl/rollout_test.c - Makes a test of an interaction that a guard of a rollout was about.
 *
 * gcxdb can tell an interaction of a journal as a test; gcxctl asks gcxvm for the rollout's examples and for its state
 * folder, has the gcxdb in its own folder play the first example, and prints the test alone:
 *
 *     gcxctl rollouts 7 --export-test >regression.gcx
 *
 * The file has to stand beside the strategy, with an import of its module. */
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/shown.h"
#include "runtime/ctl/ctl.h"
#include "runtime/ctl/show.h"

enum { LINE = 65536 };

/* Starts gcxdb on the journal. `commands` is written to its standard input; returns its output, or NULL. */
static FILE *gcxdb_begin(const char *folder, const char *ixn, const char *commands, pid_t *pid)
{
    char path[PATH_MAX];
    int in[2], out[2];
    if (!ctl_beside("gcxdb", path) || pipe(in) != 0) return NULL;
    if (pipe(out) != 0) {
        close(in[0]), close(in[1]);
        return NULL;
    }
    *pid = fork();
    if (*pid == 0) {
        dup2(in[0], STDIN_FILENO);
        dup2(out[1], STDOUT_FILENO);
        close(in[0]), close(in[1]), close(out[0]), close(out[1]);
        execl(path, path, "replay", folder, ixn, (char *)NULL);
        shown_print(stderr, "gcxctl: %s: %s\n", path, strerror(errno));
        _exit(CTL_usage);
    }
    close(in[0]), close(out[1]);
    size_t length = strlen(commands);
    bool good = *pid > 0 && write(in[1], commands, length) == (ssize_t)length;
    close(in[1]);
    if (!good) close(out[0]);
    return good ? fdopen(out[0], "r") : NULL;
}

/* Prints what stands between the line `test "..." {` and its end. False: there is no test, and `why` has gcxdb's
 * reason, if it says one. */
static bool test_print(FILE *from, char why[LINE])
{
    static char line[LINE];
    why[0] = '\0';
    bool within = false, seen = false;
    while (fgets(line, sizeof line, from)) {
        char *test = strstr(line, "test \"");
        if (!within && test && (test == line || test[-1] == ' ') && strstr(line, "{"))
            within = seen = true;
        else
            test = line;
        if (within) fputs(test, stdout);
        test = strstr(line, "It does not pass as a test");
        if (test) snprintf(why, LINE, "%.*s", (int)strcspn(test, "\n"), test);
        if (within && line[0] == '}') within = false;
    }
    return seen;
}

/* Asks for a text of an answer; the caller drops the answer. */
static json_t *asked(struct ctl *ctl, json_t *request, enum ctl_exit *result)
{
    if (!request) *result = CTL_refused;
    return request ? ctl_ask(ctl, request, result) : NULL;
}

enum ctl_exit ctl_rollout_test(struct ctl *ctl, const struct ctl_line *line)
{
    enum ctl_exit result = CTL_good;
    const json_t *id = json_object_get(line->request, "rollout");
    char commands[128], why[LINE] = "";
    pid_t pid = -1;
    if (!json_is_integer(id)) {
        shown_print(stderr, "gcxctl: --export-test needs the ID of a rollout; gcxctl rollouts lists them\n");
        return CTL_usage;
    }
    json_t *rollouts = asked(ctl, json_pack("{s:s,s:O}", "command", "rollouts", "rollout", id), &result);
    const json_t *row = json_array_get(json_object_get(rollouts, "rollouts"), 0);
    const char *ixn = json_string_value(json_array_get(json_object_get(row, "examples"), 0));
    if (rollouts && !ixn) {
        shown_print(stderr, "gcxctl: rollout %lld has no example: no guard has found one worse\n",
                    (long long)json_integer_value(id));
        result = CTL_refused;
    }
    json_t *where = ixn ? asked(ctl, json_pack("{s:s,s:s}", "command", "debug", "op", "where"), &result) : NULL;
    const char *folder = json_string_value(json_object_get(where, "state"));
    snprintf(commands, sizeof commands, "continue\nexport-test rollout %lld, %.20s\n",
             (long long)json_integer_value(id), ixn ? ixn : "");
    FILE *told = folder ? gcxdb_begin(folder, ixn, commands, &pid) : NULL;
    if (folder && !told) shown_print(stderr, "gcxctl: gcxdb cannot be started: %s\n", strerror(errno));
    if (folder) result = told && test_print(told, why) ? CTL_good : CTL_refused;
    if (told) (void)fclose(told);
    if (pid > 0) waitpid(pid, NULL, 0);
    if (told && result != CTL_good)
        shown_print(stderr, "gcxctl: gcxdb replay %s %s tells no test of it%s%s\n", folder, ixn, *why ? ": " : "", why);
    json_decref(where);
    json_decref(rollouts);
    return result;
}
