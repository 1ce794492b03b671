/* tests/unit/daemon_children.c - The processes of adapters: how long one that has ended waits for its next start, and
 * who is killed, left alone or taken back. An adapter's process is this program again, which does what its plugin's
 * name says. */
#include <criterion/criterion.h>
#include <event2/event.h>
#include <signal.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "runtime/adapter/runner.h"
#include "runtime/daemon/links/children.h"
#include "runtime/daemon/links/guard.h"
#include "runtime/host/real.h"

/* STOP_US: children_stop() allows those that hang three seconds, by a clock that may be some milliseconds behind. */
enum { SHORTEST_MS = 500, GRACE_MS = 15000, MOST_MS = 30000, STOP_US = 2900000 };

Test(daemon_children, the_back_off_is_as_it_is_where_no_grace_runs)
{
    cr_assert_eq(children_pause_ms(500, SHORTEST_MS, 0), 500);
    cr_assert_eq(children_pause_ms(MOST_MS, SHORTEST_MS, 0), MOST_MS);
}

Test(daemon_children, a_short_back_off_is_as_it_is_in_the_grace_too)
{
    cr_assert_eq(children_pause_ms(500, SHORTEST_MS, GRACE_MS), 500);
    cr_assert_eq(children_pause_ms(4000, SHORTEST_MS, GRACE_MS), 4000);
}

Test(daemon_children, a_long_one_stays_well_below_what_is_left_of_the_grace)
{
    cr_assert_eq(children_pause_ms(16000, SHORTEST_MS, GRACE_MS), 5000);
    for (uint64_t left_ms = SHORTEST_MS + 1; left_ms <= GRACE_MS; left_ms++)
        cr_assert_lt(children_pause_ms(MOST_MS, SHORTEST_MS, left_ms), left_ms);
}

Test(daemon_children, it_is_never_shorter_than_is_asked_for)
{
    cr_assert_eq(children_pause_ms(MOST_MS, SHORTEST_MS, 1000), SHORTEST_MS);
    cr_assert_eq(children_pause_ms(600000, 600000, GRACE_MS), 600000);
}

Test(daemon_children, who_fails_at_once_every_time_is_tried_often_in_the_grace_but_not_without_end)
{
    unsigned tries = 0;
    for (uint64_t left_ms = GRACE_MS, pause_ms; (pause_ms = children_pause_ms(MOST_MS, SHORTEST_MS, left_ms)) < left_ms;
         tries++)
        left_ms -= pause_ms;
    cr_assert(tries >= 5 && tries <= 20, "%u", tries);
}

/* --- The adapter's process --- */

static const char *adapter_plugin = "";

static void adapter_on_end(int number)
{
    if (strcmp(adapter_plugin, "serves") == 0) _exit(0);
    if (strcmp(adapter_plugin, "stays") != 0) return;
    guard_stay(true);
    guard_hold(2, number != ADAPTER_ALONE); /* a gcxvm may still take it back */
}

/* It says its arguments, and what it reads. */
static void adapter_is_asked(char **arguments, bool checks)
{
    char line[100];
    for (; *arguments; arguments++) printf("%s ", *arguments);
    if (checks && fgets(line, sizeof line, stdin)) printf("reads %s", line);
    fflush(stdout);
    if (strcmp(adapter_plugin, "crashes") == 0) raise(SIGKILL);
    _exit(2);
}

static void adapter_on_going_on(int number)
{
    (void)number;
    guard_stay(false);
    guard_hold(0, false);
}

static void adapter_notes(const char *lock, char **arguments)
{
    char path[300], whole[300];
    const char *term = getenv("GCX_TERM");
    snprintf(path, sizeof path, "%s.saying", lock);
    snprintf(whole, sizeof whole, "%s.said", lock);
    FILE *out = fopen(path, "w");
    if (!out) _exit(1);
    fprintf(out, "term=%s", term ? term : "");
    for (; *arguments; arguments++) fprintf(out, " %s", *arguments);
    if (fclose(out) != 0 || rename(path, whole) != 0) _exit(1); /* who finds it reads it at once */
}

__attribute__((constructor)) static void adapter_begins(int count, char **arguments)
{
    for (int i = 1; i + 1 < count; i++)
        if (strcmp(arguments[i], "--adapter") == 0) adapter_plugin = arguments[i + 1];
    if (*adapter_plugin == '\0') return;
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (strcmp(arguments[1], "--lock") != 0)
        adapter_is_asked(arguments + 1, count > 4 && strcmp(arguments[4], "--check") == 0);
    if (strcmp(adapter_plugin, "ends") == 0) _exit(3);
    signal(SIGTERM, adapter_on_end);
    signal(ADAPTER_RENEWS, adapter_on_end);
    signal(ADAPTER_ALONE, adapter_on_end);
    signal(ADAPTER_GOES_ON, adapter_on_going_on);
    if (sodium_init() < 0 || !guard_take(arguments[2], arguments, NULL)) _exit(4);
    adapter_notes(arguments[2], arguments + 1);
    guard_hold(strcmp(adapter_plugin, "holds") == 0 || strcmp(adapter_plugin, "stays") == 0 ? 2 : 0, false);
    for (;;) pause();
}

/* --- Its gcxvm --- */

static struct event_base *base;
static struct children *children;
static struct log *logs;
static struct conf conf;
static struct conf_adapter adapters[4];
static char folder[] = "/tmp/gcx-children-XXXXXX", said[1 << 16];
static FILE *logged;
static unsigned ended;

static void begin(void)
{
    cr_assert(mkdtemp(folder) && (logged = tmpfile()) && (base = event_base_new()) && sodium_init() >= 0);
    logs = log_new(&(struct log_options){.fd = fileno(logged), .level = LOG_LEVEL_INFO});
    conf = (struct conf){.file = "gcx.conf",
                         .state = folder,
                         .journal = "",
                         .country = "",
                         .links = "links.sock",
                         .level = LOG_LEVEL_INFO,
                         .adapters = adapters};
}

static void finish(void)
{
    char command[64];
    struct child_row row;
    for (size_t i = 0; children && children_read(children, i, &row); i++)
        if (row.pid != 0) kill(row.pid, SIGKILL);
    children_free(children);
    log_free(logs);
    event_base_free(base);
    fclose(logged);
    snprintf(command, sizeof command, "rm -rf %s", folder);
    cr_assert_eq(system(command), 0);
}

static void adapter(const char *name, const char *plugin)
{
    adapters[conf.adapter_count++] = (struct conf_adapter){.name = (char *)(uintptr_t)name,
                                                           .plugin = (char *)(uintptr_t)plugin,
                                                           .restart_ms = 20,
                                                           .restart_max_ms = 80,
                                                           .outlive_s = 60,
                                                           .linkless_s = 1};
}

static void start(uint64_t term)
{
    children_free(children);
    children = children_new(base, &conf, logs, term);
    children_start(children);
}

static struct child_row row_of(size_t index)
{
    struct child_row row;
    cr_assert(children_read(children, index, &row));
    return row;
}

static void runs(unsigned ms)
{
    uint64_t until_us = host_monotonic_us() + ms * UINT64_C(1000);
    do {
        event_base_loop(base, EVLOOP_NONBLOCK);
        usleep(2000);
    } while (host_monotonic_us() < until_us);
}

static bool holds_its_lock(size_t index)
{
    static char *const none[] = {NULL};
    char path[300];
    struct child_row row = row_of(index);
    snprintf(path, sizeof path, "%s/%s.lock", folder, row.name);
    return row.pid != 0 && guard_holder(path, none).pid == row.pid && access(strcat(path, ".said"), R_OK) == 0;
}

#define RUNS_UNTIL(condition)                                                                                          \
    do {                                                                                                               \
        for (unsigned i = 0; i < 2000 && !(condition); i++) runs(5);                                                   \
        cr_assert(condition, "in time");                                                                               \
    } while (0)

static bool log_says(const char *words)
{
    rewind(logged);
    said[fread(said, 1, sizeof said - 1, logged)] = '\0';
    return strstr(said, words);
}

static unsigned log_counts(const char *words)
{
    unsigned count = 0;
    (void)log_says(words);
    for (const char *at = said; (at = strstr(at, words)); at++) count++;
    return count;
}

static void on_ended(void *self)
{
    cr_assert_eq(self, &ended);
    ended++;
}

Test(daemon_children, who_ends_is_started_again_after_longer_and_longer_pauses, .timeout = 30, .init = begin,
     .fini = finish)
{
    adapter("a", "ends");
    adapter("b", "remote");
    adapters[1].remote = true;
    start(0);
    uint64_t began_us = host_monotonic_us();
    struct child_row row;
    cr_assert_not(children_read(children, 1, &row), "it is started where it runs");
    RUNS_UNTIL(row_of(0).restarts == 5);
    cr_assert_geq(host_monotonic_us() - began_us, (20 + 40 + 80 + 80 + 80) * 1000);
    RUNS_UNTIL(log_says("has ended with 3"));
}

Test(daemon_children, who_has_no_link_for_long_is_killed_unless_it_holds_conversations, .timeout = 30, .init = begin,
     .fini = finish)
{
    adapter("a", "hangs");
    adapter("b", "hangs");
    adapter("c", "holds");
    start(0);
    children_link(children, "b", true);
    RUNS_UNTIL(holds_its_lock(0) && holds_its_lock(1) && holds_its_lock(2) && row_of(2).held == 2);
    struct child_row first = row_of(0), linked = row_of(1), holds = row_of(2);
    cr_assert(first.held == 0 && holds.held == 2 && !holds.ends);
    RUNS_UNTIL(row_of(0).restarts == 1);
    cr_assert_neq(row_of(0).pid, first.pid);
    RUNS_UNTIL(log_says("left alone with its 2 conversations"));
    cr_assert(row_of(1).pid == linked.pid && row_of(2).pid == holds.pid);
    children_link(children, "b", false);
    RUNS_UNTIL(row_of(1).restarts == 1);
    cr_assert_eq(row_of(2).pid, holds.pid);
    RUNS_UNTIL(log_says("was ended by signal 9"));
    kill(holds.pid, ADAPTER_GOES_ON); /* its conversations are over, and it hangs still */
    RUNS_UNTIL(row_of(2).restarts == 1);
}

/* A state folder that is put back has another file at the lock's path, which the next process takes. */
Test(daemon_children, a_process_is_found_by_the_lock_that_is_there_when_it_starts, .timeout = 30, .init = begin,
     .fini = finish)
{
    char path[300];
    adapter("a", "holds");
    start(0);
    RUNS_UNTIL(holds_its_lock(0) && row_of(0).held == 2);
    pid_t first = row_of(0).pid;
    snprintf(path, sizeof path, "%s/a.lock", folder);
    cr_assert_eq(unlink(path), 0);
    kill(first, SIGKILL);
    RUNS_UNTIL(row_of(0).pid != 0 && row_of(0).pid != first && row_of(0).held == 2);
}

Test(daemon_children, at_the_end_who_serves_ends_who_hangs_is_killed_and_conversations_stay, .timeout = 30,
     .init = begin, .fini = finish)
{
    static const char *const plugins[] = {"serves", "hangs", "holds", "stays"};
    static const char *const names[] = {"a", "b", "c", "d"};
    for (unsigned i = 0; i < 4; i++) adapter(names[i], plugins[i]);
    start(0);
    for (unsigned i = 0; i < 4; i++) children_link(children, names[i], true);
    RUNS_UNTIL(holds_its_lock(0) && holds_its_lock(1) && holds_its_lock(2) && holds_its_lock(3));
    struct child_row holds = row_of(2), stays = row_of(3);
    uint64_t stopped_us = host_monotonic_us();
    children_stop(children, on_ended, &ended);
    RUNS_UNTIL(row_of(0).pid == 0);
    RUNS_UNTIL(log_says("stays with its conversations"));
    RUNS_UNTIL(ended == 1);
    cr_assert_geq(host_monotonic_us() - stopped_us, STOP_US, "who hangs has its time");
    RUNS_UNTIL(row_of(1).pid == 0);
    RUNS_UNTIL(log_says("is left alone with its 2 conversations"));
    cr_assert(log_says("does not answer: killed, with 0 conversations") && !log_says("signal 15"));
    cr_assert_eq(log_counts("stays with its conversations"), 1, "at one of all the looks: %s", said);
    cr_assert_eq(log_counts("does not answer"), 2, "the one that stays did: %s", said);
    cr_assert(row_of(2).pid == holds.pid && row_of(3).pid == stays.pid);
    runs(100);
    cr_assert(ended == 1 && row_of(0).restarts == 0 && row_of(0).pid == 0, "nothing is started any more");

    adapters[3].outlive_s++; /* it is started otherwise from now on */
    start(0);
    cr_assert(row_of(2).pid == holds.pid && row_of(2).renewed_us == 0);
    cr_assert(row_of(3).pid == stays.pid && row_of(3).renewed_us != 0);
    RUNS_UNTIL(row_of(3).ends); /* once it has heard the signal */
    RUNS_UNTIL(log_says(": taken back"));
    RUNS_UNTIL(log_says("serves until it holds no conversation"));
    kill(stays.pid, SIGKILL);
    RUNS_UNTIL(row_of(3).pid != stays.pid && row_of(3).pid != 0);
    cr_assert(row_of(3).renewed_us == 0 && row_of(2).pid == holds.pid);
}

Test(daemon_children, a_process_that_stays_is_waited_for_no_longer, .timeout = 30, .init = begin, .fini = finish)
{
    adapter("d", "stays");
    start(0);
    children_link(children, "d", true);
    RUNS_UNTIL(holds_its_lock(0));
    children_stop(children, on_ended, &ended);
    RUNS_UNTIL(ended == 1);
    log_free(logs), logs = NULL;
    cr_assert_eq(log_counts("stays with its conversations"), 1, "%s", said);
    cr_assert_not(log_says("does not answer"), "it has ended before its time: %s", said);
}

Test(daemon_children, one_with_conversations_that_says_nothing_is_left_when_its_time_is_over, .timeout = 30,
     .init = begin, .fini = finish)
{
    adapter("c", "holds");
    start(0);
    RUNS_UNTIL(holds_its_lock(0));
    children_stop(children, on_ended, &ended);
    RUNS_UNTIL(ended == 1);
    cr_assert_neq(row_of(0).pid, 0);
    cr_assert_not(log_says("has had no link"), "%s", said);
}

Test(daemon_children, nothing_is_started_any_more_when_all_end, .timeout = 30, .init = begin, .fini = finish)
{
    adapter("a", "ends");
    adapters[0].restart_ms = 300;
    start(0);
    RUNS_UNTIL(row_of(0).pid == 0);
    children_stop(children, on_ended, &ended);
    cr_assert_eq(ended, 1, "nobody is there");
    runs(500);
    cr_assert(row_of(0).pid == 0 && row_of(0).restarts == 0);
}

Test(daemon_children, one_of_other_settings_is_asked_to_end_and_the_next_begins_at_once, .timeout = 30, .init = begin,
     .fini = finish)
{
    adapter("a", "serves");
    adapters[0].restart_ms = adapters[0].restart_max_ms = 20000;
    start(0);
    RUNS_UNTIL(holds_its_lock(0));
    pid_t first = row_of(0).pid;
    adapters[0].outlive_s++;
    start(0);
    cr_assert(row_of(0).pid == first && row_of(0).renewed_us != 0);
    RUNS_UNTIL(row_of(0).pid != first && holds_its_lock(0));
    cr_assert(row_of(0).restarts == 1 && row_of(0).renewed_us == 0);
    RUNS_UNTIL(log_says("has ended"));
    cr_assert(log_says("info a adapter process") && !log_says("warning a "), "%s", said);
    start(0);
    kill(row_of(0).pid, SIGKILL);
    RUNS_UNTIL(row_of(0).pid == 0);
    runs(200);
    cr_assert_eq(row_of(0).pid, 0, "one that died is waited with");
    RUNS_UNTIL(log_says("warning a adapter process"));
}

Test(daemon_children, one_that_has_stayed_without_a_link_is_killed_if_it_hangs_then, .timeout = 30, .init = begin,
     .fini = finish)
{
    adapter("d", "stays");
    adapter("e", "hangs");
    start(0);
    RUNS_UNTIL(holds_its_lock(0));
    pid_t first = row_of(0).pid;
    kill(first, SIGTERM);               /* by a person: it stays */
    RUNS_UNTIL(row_of(1).restarts > 0); /* its time is that of the first, and began later */
    cr_assert_eq(row_of(0).pid, first);
    kill(first, ADAPTER_GOES_ON);
    RUNS_UNTIL(row_of(0).restarts == 1);
}

Test(daemon_children, what_died_while_no_gcxvm_was_there_is_told_and_who_is_configured_no_more_ends, .timeout = 30,
     .init = begin, .fini = finish)
{
    adapter("a", "holds");
    adapter("b", "serves");
    start(0);
    RUNS_UNTIL(holds_its_lock(0) && holds_its_lock(1) && row_of(0).held == 2);
    pid_t holds = row_of(0).pid, serves = row_of(1).pid;
    children_free(children);
    children = NULL;
    kill(holds, SIGKILL);
    waitpid(holds, NULL, 0);
    adapters[1].name = (char[]){"c"};
    start(0);
    RUNS_UNTIL(log_says("died with 2 conversations"));
    RUNS_UNTIL(log_says(" b the configuration has this adapter no more: its process"));
    cr_assert_eq(waitpid(serves, NULL, 0), serves);
    RUNS_UNTIL(holds_its_lock(0) && holds_its_lock(1));
    cr_assert_neq(row_of(0).pid, holds);
}

static const char *child_told(const char *name)
{
    static char text[2000];
    char path[300];
    snprintf(path, sizeof path, "%s/%s.lock.said", folder, name);
    FILE *in = fopen(path, "r");
    cr_assert(in);
    text[fread(text, 1, sizeof text - 1, in)] = '\0';
    fclose(in);
    return text;
}

Test(daemon_children, a_process_is_told_its_settings_and_whether_others_follow, .timeout = 30, .init = begin,
     .fini = finish)
{
    struct conf_setting settings[] = {{(char[]){"port"}, (char[]){"1"}, 7}};
    adapter("a", "serves");
    adapters[0].settings = settings;
    adapters[0].setting_count = 1;
    conf.country = (char[]){"DE"};
    conf.journal = (char[]){"dbname=j"};
    conf.own_media = (char[]){"parcel=1"};
    conf.log.rate = 9;
    start(0);
    RUNS_UNTIL(holds_its_lock(0));
    cr_assert(strncmp(child_told("a"), "term= --lock ", 13) == 0 &&
                  strstr(child_told("a"), " --outlive 60 --adapter serves --name a"),
              "%s", child_told("a"));
    cr_assert(strstr(child_told("a"),
                     " --link links.sock --log-level info --log-format text --log-rate 9 "
                     "--set gcx.all.country=DE --set gcx.all.database=dbname=j --set gcx.all.own_media=parcel=1 "
                     "--set port=1"),
              "%s", child_told("a"));
    kill(row_of(0).pid, SIGTERM);
    RUNS_UNTIL(row_of(0).pid == 0);
    start(5);
    RUNS_UNTIL(holds_its_lock(0) && strncmp(child_told("a"), "term=5 ", 7) == 0);
    cr_assert(strstr(child_told("a"), " --outlive 0 "), "%s", child_told("a"));
    unsetenv("GCX_TERM");
}

Test(daemon_children, what_is_left_ends_for_those_of_another_gcxvm_that_leads, .timeout = 30, .init = begin,
     .fini = finish)
{
    adapter("a", "serves");
    adapter("b", "stays");
    start(0);
    RUNS_UNTIL(holds_its_lock(0) && holds_its_lock(1) && row_of(1).held == 2);
    children_left_end(&conf, logs);
    RUNS_UNTIL(log_says("has ended with 0"));
    cr_assert_eq(log_counts("another gcxvm leads: its process"), 2, "%s", said);
    cr_assert(log_says("ends with the last of 2 conversations"), "%s", said);
}

Test(daemon_children, who_is_removed_is_told_of_until_it_ends_and_serves_on_if_it_is_put_back, .timeout = 30,
     .init = begin, .fini = finish)
{
    struct child_row row;
    adapter("b", "stays");
    start(0);
    RUNS_UNTIL(holds_its_lock(0) && row_of(0).held == 2);
    pid_t process = row_of(0).pid;
    conf.adapter_count = 0;
    start(0);
    cr_assert(children_removed_read(children, 0, &row) && !children_removed_read(children, 1, &row));
    cr_assert(row.pid == process && row.held == 2 && strcmp(row.name, "b") == 0);
    RUNS_UNTIL(log_says("the configuration has this adapter no more: its process"));
    conf.adapter_count = 1;
    start(0);
    RUNS_UNTIL(log_says(": taken back") && !row_of(0).ends);
    cr_assert(row_of(0).pid == process && !children_removed_read(children, 0, &row));
    conf.adapter_count = 0;
    start(0);
    kill(process, SIGKILL);
    RUNS_UNTIL(!children_removed_read(children, 0, &row));
}

Test(daemon_children, a_plugin_is_asked_about_its_settings, .timeout = 30, .init = begin, .fini = finish)
{
    struct conf_setting settings[] = {{(char[]){"port"}, (char[]){"1"}, 7}};
    FILE *names = tmpfile();
    char *text;
    adapter("a", "picky");
    adapters[0].settings = settings;
    adapters[0].setting_count = 1;
    cr_assert(names && fputs("site\n", names) >= 0 && fflush(names) == 0);
    rewind(names);
    cr_assert_eq(children_ask(&conf, adapters, -1, &text), 2);
    cr_assert_str_eq(text, "--adapter picky --look --set port=1 ");
    free(text);
    cr_assert_eq(children_ask(&conf, adapters, fileno(names), &text), 2);
    cr_assert_str_eq(text, "--adapter picky --look --check --set port=1 reads site\n");
    free(text);
    adapters[0].plugin = (char[]){"crashes"};
    cr_assert_eq(children_ask(&conf, adapters, -1, &text), -1);
    free(text);
    fclose(names);
}
