/* runtime/twin/load.c - Runs gcxc simulate on a day, and tells its figures before and after. */
#include "runtime/twin/load.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <math.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "runtime/twin/tell.h"
#include "base/child.h"
#include "base/memory.h"
#include "base/shown.h"

enum {
    CALLS_LEAST = 20,    /* fewer say nothing about waits */
    CALLS_MOST = 500000, /* of all replications together, as far as REPLICATIONS_LEAST allows */
    REPLICATIONS = 10,
    REPLICATIONS_LEAST = 3,
    PROCESSOR_S = 300, /* of one replication */
    WORD = 1024,       /* bytes of a quoted path */
    TEAMS_SHOWN = 10,
    LOAD_FIXED = 14, /* arguments of gcxc that are always there */
    LOAD_ARGUMENTS = LOAD_FIXED + 2 * LOAD_ANSWERS + 3,
};

/* ---- playing ---- */

static const char *load_word(const json_t *scope, const char *member)
{
    const char *word = json_string_value(json_object_get(scope, member));
    return word ? word : "";
}

static double load_number(const json_t *measure, const char *what, const char *which)
{
    const json_t *value = json_object_get(json_object_get(measure, what), which);
    return json_is_number(value) ? json_number_value(value) : NAN;
}

/* The gcxc beside this program, or else the one that PATH finds. */
static const char *load_gcxc(char path[PATH_MAX])
{
    ssize_t length = readlink("/proc/self/exe", path, PATH_MAX - 8);
    char *end = NULL;
    if (length > 0) {
        path[length] = '\0';
        end = strrchr(path, '/');
    }
    if (end) (void)strcpy(end + 1, "gcxc");
    return end && access(path, X_OK) == 0 ? path : "gcxc";
}

static int load_wait(pid_t pid, const volatile sig_atomic_t *stop)
{
    int status = -1;
    while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
        if (*stop) (void)kill(pid, SIGTERM);
    return status;
}

/* Takes the last line that gcxc complained of as the reason. */
static void load_complained(char why[LOAD_WHY], const char *complaints, int status)
{
    char line[LOAD_WHY - 64] = "", next[LOAD_WHY - 64];
    FILE *file = fopen(complaints, "r");
    while (file && fgets(next, sizeof next, file)) {
        next[strcspn(next, "\n")] = '\0';
        memcpy(line, next, sizeof line);
    }
    if (file) fclose(file);
    if (*line)
        (void)snprintf(why, LOAD_WHY, "%s", line);
    else
        (void)snprintf(why, LOAD_WHY, "gcxc simulate ended with %d",
                       WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status));
}

json_t *load_simulate(const char **arguments, const char *folder, const volatile sig_atomic_t *stop, char why[LOAD_WHY])
{
    extern char **environ;
    char program[PATH_MAX];
    char *said = memory_format("%s/said", folder), *complaints = memory_format("%s/complaints", folder);
    json_t *found = NULL;
    posix_spawn_file_actions_t files;
    struct rlimit before;
    pid_t pid = 0;
    arguments[0] = load_gcxc(program);
    posix_spawn_file_actions_init(&files);
    posix_spawn_file_actions_addopen(&files, STDOUT_FILENO, said, O_WRONLY | O_CREAT | O_TRUNC, 0600);
    posix_spawn_file_actions_addopen(&files, STDERR_FILENO, complaints, O_WRONLY | O_CREAT | O_TRUNC, 0600);
    bool bounded = getrlimit(RLIMIT_CPU, &before) == 0;
    struct rlimit bound = before;
    if (bounded && (bound.rlim_cur == RLIM_INFINITY || bound.rlim_cur > PROCESSOR_S)) bound.rlim_cur = PROCESSOR_S;
    if (bounded) (void)setrlimit(RLIMIT_CPU, &bound);
    int failed = child_spawn(&pid, arguments[0], &files, false, (char *const *)(uintptr_t)arguments, environ);
    if (bounded) (void)setrlimit(RLIMIT_CPU, &before);
    posix_spawn_file_actions_destroy(&files);
    if (failed != 0) {
        (void)snprintf(why, LOAD_WHY, "gcxc cannot be started: %s", strerror(failed));
    } else {
        int status = load_wait(pid, stop);
        bool good = WIFEXITED(status) && WEXITSTATUS(status) == 0;
        found = good ? json_load_file(said, 0, NULL) : NULL;
        if (!found) load_complained(why, complaints, status);
    }
    free(said), free(complaints);
    return found;
}

static void load_run(struct load *load, const char *folder, const char *image, const volatile sig_atomic_t *stop)
{
    char again[16];
    char *new = image ? memory_text(image) : memory_format("%s/new.gcxb", folder);
    char *old = memory_format("%s/old.gcxb", folder), *records = memory_format("sqlite:%s/records.db", folder);
    char *agents = memory_format("%s/agents.sql", folder);
    (void)snprintf(again, sizeof again, "%u", load->replications);
    const char *arguments[LOAD_ARGUMENTS] = {"",
                                             "simulate",
                                             "--against",
                                             old,
                                             "--records",
                                             records,
                                             "--day",
                                             load->day.begins,
                                             "--directory",
                                             agents,
                                             "--replications",
                                             again,
                                             "--format",
                                             "json"};
    size_t count = LOAD_FIXED;
    for (size_t i = 0; i < load->answer_count; i++) {
        arguments[count++] = "--answers";
        arguments[count++] = load->answers[i];
    }
    arguments[count++] = "--";
    arguments[count++] = new;
    assert(count < LOAD_ARGUMENTS); /* the last one stays NULL */
    load->said = load_simulate(arguments, folder, stop, load->why);
    free(new), free(old), free(records), free(agents);
}

/* Does somebody get an agent in the simulation, by either version? */
bool load_answered(const json_t *said)
{
    const json_t *scope;
    size_t i;
    json_array_foreach(json_object_get(said, "results"), i, scope)
    {
        const json_t *answered = json_object_get(json_object_get(scope, "measures"), "answered");
        if (load_number(answered, "old", "mean") > 0 || load_number(answered, "value", "mean") > 0) return true;
    }
    return false;
}

void load_play(struct load *load, const char *folder, const char *image, const volatile sig_atomic_t *stop)
{
    const struct day_found *day = &load->day;
    uint64_t replications = day->calls > 0 ? CALLS_MOST / day->calls : 0;
    load->replications = replications > REPLICATIONS         ? REPLICATIONS
                         : replications < REPLICATIONS_LEAST ? REPLICATIONS_LEAST
                                                             : (unsigned)replications;
    const char *why = NULL;
    if (day->agents == 0)
        why = "the journal has no agents";
    else if (day->at_work == 0)
        why = "no agent was at work";
    else if (!*day->present)
        why = "no call came to a strategy that both versions have";
    else if (day->same)
        why = "it is the version that ran";
    if (why)
        (void)snprintf(load->why, sizeof load->why, "%s", why);
    else if (day->calls < CALLS_LEAST)
        (void)snprintf(load->why, sizeof load->why, "%" PRIu64 " calls are too few, from %d on they tell something",
                       day->calls, CALLS_LEAST);
    else
        load_run(load, folder, image, stop);
    if (!load->said || load_answered(load->said)) return;
    load_free(load); /* figures of nobody would look like good ones */
    (void)snprintf(load->why, sizeof load->why,
                   "nobody gets an agent there, where callers key nothing and databases do not answer; --answers names "
                   "a test that says what they key");
}

void load_by_hand(struct load *load, const struct load_names *names)
{
    char config[WORD], state[WORD], image[WORD], present[WORD], directory[WORD];
    tell_quoted(names->config, config, sizeof config);
    tell_quoted(names->state, state, sizeof state);
    tell_quoted(names->image ? names->image : "NEW.gcxb", image, sizeof image);
    tell_quoted(names->present ? names->present : "OLD.gcxb", present, sizeof present);
    tell_quoted(names->directory ? names->directory : "directory.sql", directory, sizeof directory);
    (void)snprintf(load->command, sizeof load->command,
                   "gcxrecords --once --state %s %s sqlite:records.db && gcxc simulate %s --against %s"
                   " --records sqlite:records.db%s%s%s --directory %s",
                   state, config, image, present, *load->day.begins ? " --day '" : "", load->day.begins,
                   *load->day.begins ? "'" : "", directory);
    for (size_t i = 0; i < load->answer_count; i++) {
        const size_t length = strlen(load->command);
        tell_quoted(load->answers[i], image, sizeof image);
        (void)snprintf(load->command + length, sizeof load->command - length, " --answers %s", image);
    }
}

/* ---- telling ---- */

static const struct {
    const char *name, *title;
} load_rows[DAY_FIGURES] = {[DAY_p50] = {"p50", "wait, median"},
                            [DAY_p90] = {"p90", "wait, 90 %"},
                            [DAY_abandonment] = {"abandonment", "abandoned"},
                            [DAY_sl] = {"sl", "answered within 20 s"}};

static void load_figure(char out[24], double value, bool share, bool sign)
{
    if (isnan(value))
        (void)snprintf(out, 24, "-");
    else
        (void)snprintf(out, 24, sign ? "%+.1f %s" : "%.1f %s", share ? value * 100 : value, share ? "%" : "s");
}

static void load_print_row(const char *title, double real, const json_t *measure, bool share, FILE *out)
{
    char day[24], was[24], is[24], more[24], low[24], high[24];
    double lowest = load_number(measure, "difference", "low"), highest = load_number(measure, "difference", "high");
    load_figure(day, real, share, false);
    load_figure(was, load_number(measure, "old", "mean"), share, false);
    load_figure(is, load_number(measure, "value", "mean"), share, false);
    load_figure(more, load_number(measure, "difference", "mean"), share, true);
    load_figure(low, lowest, share, true);
    load_figure(high, highest, share, true);
    shown_print(out, "  %-32.32s %10s %10s %10s %10s   %s to %s%s\n", title, day, was, is, more, low, high,
                lowest > 0 || highest < 0 ? "  differs" : "");
}

/* `real`: the figure that the day had; NAN: it is not known. */
typedef void load_row(void *self, const char *name, const char *title, double real, const json_t *measure, bool share);

/* Calls `each` for the measures of all calls that are told, and then for the occupancy of the first teams. */
static void load_each(const struct load *load, load_row *each, void *self)
{
    const json_t *results = json_object_get(load->said, "results"), *scope;
    char title[128];
    size_t i;
    unsigned teams = 0;
    json_array_foreach(results, i, scope)
    {
        const json_t *measures = json_object_get(scope, "measures");
        bool all = strcmp(load_word(scope, "what"), "all") == 0;
        for (unsigned m = 0; all && m < DAY_FIGURES; m++)
            each(self, load_rows[m].name, load_rows[m].title, load->day.figures[m],
                 json_object_get(measures, load_rows[m].name), m >= DAY_abandonment);
    }
    json_array_foreach(results, i, scope)
    {
        if (strcmp(load_word(scope, "what"), "agents") != 0 || teams++ >= TEAMS_SHOWN) continue;
        (void)snprintf(title, sizeof title, "agents busy, %.100s", load_word(scope, "name"));
        each(self, "occupancy", title, NAN, json_object_get(json_object_get(scope, "measures"), "occupancy"), true);
    }
}

static void load_each_print(void *self, const char *name, const char *title, double real, const json_t *measure,
                            bool share)
{
    (void)name;
    if (measure) load_print_row(title, real, measure, share, self);
}

void load_print(const struct load *load, FILE *out)
{
    if (!load->said) {
        shown_print(out, "\nWaits and load are not told: %s. By hand:\n  %s\n", load->why, load->command);
        return;
    }
    shown_print(out,
                "\nWaits and load, simulated %u times with %" PRIu64 " calls of the 24 hours from %s UTC; %s:\n"
                "  %-32s %10s %10s %10s %10s   with 95 %% between\n",
                load->replications, load->day.calls, load->day.begins,
                load->answer_count > 0 ? "callers\nkey, and databases answer, as in the tests that are named"
                                       : "these callers key\nnothing, and databases and endpoints do not answer",
                "", "the day", "before", "after", "more");
    load_each(load, load_each_print, out);
    if (load->day.others > 0) fprintf(out, "  %" PRIu64 " calls of other strategies are left out.\n", load->day.others);
    shown_print(out, "With other options, by hand:\n  %s\n", load->command);
}

static void load_put(json_t *object, const char *key, json_t *value)
{
    if (json_object_set_new(object, key, value) != 0) abort();
}

static void load_each_json(void *self, const char *name, const char *title, double real, const json_t *measure,
                           bool share)
{
    static const struct {
        const char *from, *to;
    } sides[] = {{"old", "before"}, {"value", "after"}, {"difference", "difference"}};
    json_t *row = json_object(), *text = json_string(title);
    load_put(row, "measure", json_string(name));
    load_put(row, "title", text ? text : json_string("?"));
    load_put(row, "unit", json_string(share ? "share" : "s"));
    load_put(row, "day", isnan(real) ? json_null() : json_real(real));
    for (unsigned i = 0; i < 3; i++)
        load_put(row, sides[i].to, json_deep_copy(json_object_get(measure, sides[i].from)));
    if (json_array_append_new(self, row) != 0) abort();
}

json_t *load_json(const struct load *load)
{
    json_t *object = json_object(), *rows = json_array();
    json_t *command = json_string(load->command), *why = load->said ? NULL : json_string(load->why);
    load_put(object, "why_not", why ? why : json_null());
    load_put(object, "command", command ? command : json_null());
    load_put(object, "begins", load->said ? json_string(load->day.begins) : json_null());
    load_put(object, "calls", json_integer((json_int_t)load->day.calls));
    load_put(object, "other_calls", json_integer((json_int_t)load->day.others));
    load_put(object, "replications", json_integer(load->said ? (json_int_t)load->replications : 0));
    if (load->said) load_each(load, load_each_json, rows);
    load_put(object, "rows", rows);
    return object;
}

void load_free(struct load *load)
{
    json_decref(load->said);
    load->said = NULL;
}
