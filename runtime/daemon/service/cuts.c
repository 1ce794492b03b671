/* runtime/daemon/service/cuts.c - Starts the process that makes a snapshot, reads its report, and decides when the
 * next is due.
 *
 * A snapshot is made by another process (gcxvm itself, with other arguments), which recovers a core of its own from
 * the journal: the running core never stands still for it. That process reports in one line through a pipe; exit
 * code and line together tell the result of the task. Batches are removed only after the report has said which ones
 * no start needs, and then little by little, between appends (batches_prune).
 *
 * One task runs at a time: a snapshot, a verification, an export, a backup or a reconciliation. A snapshot that
 * failed is tried again after AGAIN_US. */
#include "runtime/daemon/service/cuts.h"

#include <errno.h>
#include <event2/event.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "runtime/host/real.h"
#include "runtime/journal/readers.h"
#include "runtime/journal/place.h"
#include "runtime/journal/snapshots.h"
#include "base/child.h"
#include "base/memory.h"

enum { LOOK_S = 1, AGAIN_US = 600000000, REPORT_MAX = 512, SAID_MAX = 16384 };

struct cuts {
    struct daemon *daemon;
    struct event *tick, *report;
    pid_t pid; /* 0: no task is running */
    int fd;
    uint64_t number, began_us;
    unsigned what; /* of cuts_task */
    char said[SAID_MAX];
    size_t length;
    /* The newest one. */
    uint64_t batch, events, bytes, cut_us;
    uint64_t short_us;               /* when batches were last removed for lack of space; 0: there is no lack */
    uint64_t failed_us, cut, failed; /* failed_us: 0 if the last task has not failed */
    char why[REPORT_MAX];
};

/* Reads how long the journal is: from the engine, or, while this process follows, from what it has heard. */
static void cuts_load(const struct daemon *daemon, struct engine_load *load)
{
    struct lead_row row;
    *load = (struct engine_load){0};
    if (daemon->engine) {
        engine_load(daemon->engine, load);
        return;
    }
    lead_read(daemon, &row);
    load->batches = row.batch;
    load->events = row.events;
}

/* Finds the newest snapshot; one with a damaged head is skipped. The age is computed from the wall clock in the
 * file, but kept as a monotonic time, which a correction of the clock does not change. */
static bool newest_find(struct cuts *cuts)
{
    struct snapshot_row *rows = memory_zeroed(SNAPSHOTS_MAX, sizeof *rows);
    struct snapshot_head head;
    struct stat found;
    size_t count = snapshots_list(cuts->daemon->conf->state, rows), at = 0;
    while (at < count && !snapshot_head_read(rows[at].path, &head, NULL)) at++;
    bool there = at < count && stat(rows[at].path, &found) == 0;
    if (there) {
        int64_t age_us = (int64_t)host_wall_clock_us() - (int64_t)found.st_mtime * 1000000;
        uint64_t now_us = host_monotonic_us();
        cuts->batch = head.journal.number;
        cuts->events = head.journal.events;
        cuts->bytes = rows[at].bytes;
        cuts->cut_us = age_us > 0 && (uint64_t)age_us < now_us ? now_us - (uint64_t)age_us : now_us;
    }
    free(rows);
    return there;
}

/* Reads the report, which is "batch N events N bytes N below N" and why the batches from that one on stay, or "failed
 * below N" and why. `behind`: where the reason begins in the text. %n sets `behind` only if everything before it was
 * found. */
static bool report_take(struct cuts *cuts, uint64_t *below, int *behind)
{
    if (sscanf(cuts->said, "batch %" SCNu64 " events %" SCNu64 " bytes %" SCNu64 " below %" SCNu64 " %n", &cuts->batch,
               &cuts->events, &cuts->bytes, below, behind) == 4) {
        cuts->cut_us = host_monotonic_us();
        cuts->cut++;
        cuts->failed_us = 0;
        return true;
    }
    bool told = sscanf(cuts->said, "failed below %" SCNu64 " %n", below, behind) == 1 && *behind > 0;
    snprintf(cuts->why, sizeof cuts->why, "%.500s",
             told ? cuts->said + *behind : "the process that cuts it ended without a word");
    cuts->why[strcspn(cuts->why, "\n")] = '\0';
    cuts->failed_us = host_monotonic_us();
    cuts->failed++;
    return false;
}

static void said_end(struct cuts *cuts)
{
    while (cuts->length > 0 && cuts->said[cuts->length - 1] == '\n') cuts->said[--cuts->length] = '\0';
}

/* Ends a verification or an export: its output is the answer; after a failure, only its last line. */
static void task_over(struct cuts *cuts, int status)
{
    struct daemon *daemon = cuts->daemon;
    static const char *const names[] = {
        [CUTS_VERIFY] = "verify", [CUTS_EXPORT] = "export", [CUTS_BACKUP] = "backup", [CUTS_RECONCILE] = "reconcile"};
    const char *name = names[cuts->what];
    bool good = WIFEXITED(status) && WEXITSTATUS(status) == EXIT_ok;
    struct error why;
    said_end(cuts);
    const char *end = strrchr(cuts->said, '\n'), *line = end ? end + 1 : cuts->said;
    error_set(&why, ERROR_STATE, "%.240s", cuts->length > 0 ? line : "the process ended without a word");
    log_line(daemon->log, good ? LOG_LEVEL_INFO : LOG_LEVEL_ERROR, "journal", 0, 0, "%s: %.*s", name,
             good ? (int)strcspn(cuts->said, "\n") : SAID_MAX, good ? cuts->said : why.text);
    if (daemon->tells->cut) daemon->tells->cut(daemon, cuts->number, good ? NULL : &why);
}

/* Says which batches are removed, and why the others stay: this text replaces the report. */
static void removal_say(struct cuts *cuts, uint64_t below, const char *reason)
{
    char rest[SNAPSHOTS_WHY];
    struct engine_load load;
    cuts_load(cuts->daemon, &load);
    snprintf(rest, sizeof rest, "%.*s", (int)strcspn(reason, "\n"), reason);
    if (below > load.first)
        snprintf(cuts->said, sizeof cuts->said,
                 "batches %" PRIu64 " to %" PRIu64 " are being removed, in portions between appends\n"
                 "batches from %" PRIu64 " on stay: %s",
                 load.first, below - 1, below, rest);
    else
        snprintf(cuts->said, sizeof cuts->said, "no batch is removed: %s", rest);
}

static void cut_over(struct cuts *cuts)
{
    struct daemon *daemon = cuts->daemon;
    struct error why = {0};
    uint64_t below = 0;
    int behind = 0;
    bool good = report_take(cuts, &below, &behind);
    if (good) {
        removal_say(cuts, below, cuts->said + behind);
        log_line(daemon->log, LOG_LEVEL_INFO, "journal", 0, 0,
                 "snapshot of batch %" PRIu64 " cut and verified in %" PRIu64 " ms, %" PRIu64 " bytes", cuts->batch,
                 (host_monotonic_us() - cuts->began_us) / 1000, cuts->bytes);
    } else {
        log_line(daemon->log, LOG_LEVEL_WARNING, "journal", 0, 0, "no snapshot: %s", cuts->why);
        error_set(&why, ERROR_STATE, "no snapshot: %.200s", cuts->why);
    }
    if (below > 0 && daemon->engine) engine_prune(daemon->engine, below);
    if (daemon->tells->cut) daemon->tells->cut(daemon, cuts->number, good ? NULL : &why);
}

/* Reads the process's output; at its end the process has ended. Output beyond the limit is read and dropped: a
 * process that could not write would be killed, or wait for ever. */
static void cuts_on_report(evutil_socket_t fd, short what, void *self)
{
    struct cuts *cuts = self;
    (void)what;
    char rest[512];
    size_t room = sizeof cuts->said - 1 - cuts->length;
    ssize_t got = room > 0 ? read(fd, cuts->said + cuts->length, room) : read(fd, rest, sizeof rest);
    if (got < 0 && (errno == EAGAIN || errno == EINTR)) return;
    if (got > 0) {
        cuts->length += room > 0 ? (size_t)got : 0;
        return;
    }
    event_free(cuts->report);
    close(cuts->fd);
    cuts->report = NULL;
    int status = 0;
    waitpid(cuts->pid, &status, 0);
    cuts->pid = 0;
    if (cuts->what == CUTS_SNAPSHOT)
        cut_over(cuts);
    else
        task_over(cuts, status);
}

const char *cuts_said(const struct daemon *daemon)
{
    return daemon->cuts->said;
}

enum { ARGUMENTS = 12 };

/* In the child: makes the pipe its standard output. Signals that the daemon blocks are unblocked, or nobody could
 * end the process in order. */
static pid_t process_start(const struct conf *conf, const struct cuts_task *task, int fd)
{
    static char name[] = "gcxvm", snapshot[] = "--snapshot", report[] = "--report", plugins[] = "--plugins",
                by_age[] = "--days", verify[] = "--verify", export[] = "--export", backup[] = "--backup",
                reconcile[] = "--reconcile";
    char number[32], folder[PATH_MAX];
    char *arguments[ARGUMENTS] = {name, plugins, conf->plugins, report};
    size_t count = 4;
    snprintf(number, sizeof number, "%" PRId64, task->days);
    snprintf(folder, sizeof folder, "%s", task->folder ? task->folder : "");
    char *const works[] = {[CUTS_SNAPSHOT] = snapshot,
                           [CUTS_VERIFY] = verify,
                           [CUTS_EXPORT] = export,
                           [CUTS_BACKUP] = backup,
                           [CUTS_RECONCILE] = reconcile};
    arguments[count++] = works[task->what];
    if (task->folder) arguments[count++] = folder;
    if (task->what == CUTS_SNAPSHOT && task->days >= 0) arguments[count++] = by_age;
    if (task->what == CUTS_SNAPSHOT && task->days >= 0) arguments[count++] = number;
    arguments[count] = conf->file;
    posix_spawn_file_actions_t actions;
    pid_t pid;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, fd, STDOUT_FILENO);
    errno = child_spawn(&pid, "/proc/self/exe", &actions, true, arguments, environ); /* Ctrl-C ends none halfway */
    posix_spawn_file_actions_destroy(&actions);
    return pid;
}

/* Lets go of readers that have been silent for too long, or for which there is no space: batches no longer stay for
 * them. */
static void readers_tick(struct cuts *cuts)
{
    struct readers_row rows[READERS_MAX];
    struct intake_row intake;
    const struct conf *conf = cuts->daemon->conf;
    if (!cuts->daemon->links) return;
    intake_read(links_intake(cuts->daemon->links), &intake);
    bool no_room = intake.level >= INTAKE_RELIEF && conf->prune_when_short;
    uint64_t silent_us = no_room ? 0 : conf->reader_days * 86400 * 1000000;
    size_t ended = readers_end_silent(conf->state, host_wall_clock_us(), silent_us, rows);
    for (size_t i = 0; i < ended; i++)
        log_line(cuts->daemon->log, LOG_LEVEL_WARNING, "journal", 0, 0,
                 "reader %s stands at batch %" PRIu64 " and has lost its place: %s", rows[i].name, rows[i].batch,
                 no_room ? "the disk is short" : "it has said nothing for reader_days");
}

/* If the task cannot begin, nothing is changed. Returns a number that also comes with the result, so that the asker
 * finds the answer to its request. */
bool cuts_begin(struct daemon *daemon, const struct cuts_task *task, uint64_t *number, struct error *error)
{
    static const char *const doing[] = {"a snapshot is being cut", "the journal is being verified",
                                        "the journal is being exported", "a backup is being made",
                                        "contact store and core are being compared"};
    struct cuts *cuts = daemon->cuts;
    int ends[2];
    if (cuts->pid != 0) return error_set(error, ERROR_STATE, "%s", doing[cuts->what]);
    if (pipe2(ends, O_CLOEXEC | O_NONBLOCK) != 0) return error_set(error, ERROR_SYSTEM, "%s", strerror(errno));
    if (task->what == CUTS_SNAPSHOT) readers_tick(cuts);
    cuts->pid = process_start(daemon->conf, task, ends[1]);
    cuts->what = task->what;
    close(ends[1]);
    if (cuts->pid == 0) {
        error_set(error, ERROR_SYSTEM, "gcxvm cannot be started once more: %s", strerror(errno));
        close(ends[0]);
        return false;
    }
    cuts->fd = ends[0];
    cuts->length = 0;
    memset(cuts->said, 0, sizeof cuts->said);
    cuts->began_us = host_monotonic_us();
    cuts->report = event_new(daemon->base, cuts->fd, EV_READ | EV_PERSIST, cuts_on_report, cuts);
    if (!cuts->report || event_add(cuts->report, NULL) != 0) abort();
    *number = ++cuts->number;
    return true;
}

/* If the disk is nearly full, begins to remove the batches that two verified snapshots make unnecessary, before
 * their days are over. True: it was begun. */
static bool short_tick(struct cuts *cuts, uint64_t now_us)
{
    struct intake_row row;
    struct error error = {0};
    uint64_t number;
    if (!cuts->daemon->links) return false;
    intake_read(links_intake(cuts->daemon->links), &row);
    bool is_short = row.level != INTAKE_OPEN && strcmp(row.why, "space") == 0;
    if (!is_short && cuts->short_us != 0)
        log_line(cuts->daemon->log, LOG_LEVEL_INFO, "journal", 0, 0,
                 "the disk has room again: batches stay %" PRIu64 " days", cuts->daemon->conf->journal_days);
    if (!is_short) cuts->short_us = 0;
    if (!is_short || !cuts->daemon->conf->prune_when_short) return false;
    if (cuts->short_us != 0 && now_us - cuts->short_us < AGAIN_US) return false;
    if (cuts->short_us == 0)
        log_line(cuts->daemon->log, LOG_LEVEL_WARNING, "journal", 0, 0,
                 "the disk is short: batches that no start needs go before their %" PRIu64
                 " days are over (prune_when_short)",
                 cuts->daemon->conf->journal_days);
    cuts->short_us = now_us;
    return cuts_begin(cuts->daemon, &(struct cuts_task){.days = 0}, &number, &error);
}

/* Is one due? A snapshot is due if the last one is old, or if a start would have to replay many events after it, and
 * never if nothing was appended since. */
static void cuts_on_tick(evutil_socket_t fd, short what, void *self)
{
    struct cuts *cuts = self;
    const struct conf *conf = cuts->daemon->conf;
    uint64_t now_us = host_monotonic_us(), number;
    struct engine_load load;
    struct error error = {0};
    (void)fd;
    (void)what;
    if (cuts->pid != 0 || cuts->daemon->stopping || short_tick(cuts, now_us)) return;
    if (cuts->failed_us != 0 && now_us - cuts->failed_us < AGAIN_US) return;
    cuts_load(cuts->daemon, &load);
    uint64_t tail = load.events > cuts->events ? load.events - cuts->events : 0;
    bool old = conf->snapshot_s != 0 && now_us - cuts->cut_us >= conf->snapshot_s * 1000000;
    bool long_tail = conf->snapshot_events != 0 && tail >= conf->snapshot_events;
    if (load.batches <= cuts->batch + 1 || load.batches < 2 || (!old && !long_tail)) return;
    if (cuts_begin(cuts->daemon, &(struct cuts_task){.days = CUTS_DAYS_OF_CONF}, &number, &error)) return;
    cuts->failed_us = now_us;
    log_line(cuts->daemon->log, LOG_LEVEL_WARNING, "journal", 0, 0, "no snapshot: %s", error.text);
}

struct cuts *cuts_new(struct daemon *daemon)
{
    struct cuts *cuts = memory_zeroed(1, sizeof *cuts);
    const struct timeval every = {.tv_sec = LOOK_S};
    *cuts = (struct cuts){.daemon = daemon, .cut_us = host_monotonic_us()};
    newest_find(cuts);
    cuts->tick = event_new(daemon->base, -1, EV_PERSIST, cuts_on_tick, cuts);
    if (!cuts->tick || event_add(cuts->tick, &every) != 0) abort();
    return cuts;
}

/* Kills the running process; whatever its task has done does not count. */
static void process_end(struct cuts *cuts)
{
    if (cuts->pid == 0) return;
    kill(cuts->pid, SIGKILL);
    waitpid(cuts->pid, NULL, 0);
    event_free(cuts->report);
    close(cuts->fd);
    cuts->report = NULL;
    cuts->pid = 0;
}

void cuts_free(struct cuts *cuts)
{
    if (!cuts) return;
    process_end(cuts);
    event_free(cuts->tick);
    free(cuts);
}

/* At an orderly end this process makes the snapshot itself, after the other process has been ended. */
void cuts_last(struct daemon *daemon)
{
    struct error error = {0};
    if (daemon->cuts) process_end(daemon->cuts);
    uint64_t began_us = host_monotonic_us();
    notify_say(daemon->notify, "STATUS=Ending: cuts a snapshot");
    if (!engine_cut(daemon->engine, &error)) {
        log_line(daemon->log, LOG_LEVEL_WARNING, "journal", 0, 0,
                 "no snapshot at the end: %s; the next start is from the one before", error.text);
        return;
    }
    log_line(daemon->log, LOG_LEVEL_INFO, "journal", 0, 0, "snapshot at the end cut and verified in %" PRIu64 " ms",
             (host_monotonic_us() - began_us) / 1000);
    /* The snapshot made at the end goes into the database, too: a gcxvm of a later semantics number waits for it. */
    if (!place_share_snapshot(daemon->conf->state, &error))
        log_line(daemon->log, LOG_LEVEL_WARNING, "journal", 0, 0, "the snapshot is not in the database: %s",
                 error.text);
}

void cuts_read(struct daemon *daemon, struct cuts_row *row)
{
    const struct cuts *cuts = daemon->cuts;
    struct engine_load load;
    engine_load(daemon->engine, &load);
    *row = (struct cuts_row){.batch = cuts->batch,
                             .bytes = cuts->bytes,
                             .age_us = cuts->batch > 0 ? host_monotonic_us() - cuts->cut_us : 0,
                             .tail_batches = load.batches > cuts->batch ? load.batches - cuts->batch : 0,
                             .tail_events = load.events > cuts->events ? load.events - cuts->events : 0,
                             .first = load.first,
                             .last = load.batches,
                             .journal_bytes = load.journal_bytes,
                             .copies = load.copies,
                             .archive_fails = load.archive_fails,
                             .categories_unknown = load.categories_unknown,
                             .free_bytes = load.journal_free,
                             .cut = cuts->cut,
                             .failed = cuts->failed,
                             .under_way = cuts->pid != 0 && cuts->what == CUTS_SNAPSHOT,
                             .why = cuts->failed_us != 0 ? cuts->why : NULL};
}
