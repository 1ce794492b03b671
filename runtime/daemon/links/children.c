/* runtime/daemon/links/children.c - Starts the processes of adapters, notices when they end, and starts them again.
 *
 *     child_start     takes back a process of an earlier gcxvm, which holds the adapter's lock, or spawns one
 *     link is up      it has proven itself: after PROVEN_US its pauses begin anew
 *     link is down    its patience runs (linkless); a process without a link for too long is killed
 *     it ends         a pause, each twice as long as the one before, then child_start again
 *     children_stop   all are asked to end; who holds conversations stays (guard.h). After STOP_MS SIGKILL for those
 *                     who do neither; `ended` when none is left to wait for
 *
 * A child process is known by its pid until its end has been collected. A process that was taken back is no child,
 * so its number may become that of another process: it is held by a pidfd, which also reports its end. */
#include "runtime/daemon/links/children.h"

#include <assert.h>
#include <dirent.h>
#include <errno.h>
#include <event2/event.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include "runtime/adapter/gcx_adapter.h"
#include "runtime/adapter/runner.h"
#include "runtime/daemon/links/guard.h"
#include "runtime/host/real.h"
#include "base/child.h"
#include "base/memory.h"

enum { ARGUMENTS_MAX = 2 * 257 + 28, STOP_MS = 3000, LOOK_MS = 20, PROVEN_US = 10000000 };

static const char self_path[] = "/proc/self/exe";

struct child {
    struct children *children;
    const struct conf_adapter *conf;
    struct event *timer; /* timer: starts the adapter's process again */
    struct event *hangs; /* fires when the process has run without a link for too long */
    int lock;            /* descriptor of the process's lock file, wherever that is moved; -1: none was opened */
    pid_t pid;
    int pidfd; /* pidfd of a process that was taken back, which is no child and causes no SIGCHLD; else -1 */
    struct event *gone;
    bool stays;          /* all children have to end, and this one goes on with its conversations */
    uint64_t renewed_us; /* when the process was asked to end once it has no conversation, so that a new one starts;
                          * 0: not asked */
    uint64_t pause_ms;
    uint64_t proven_us; /* when the process's link came up last; 0: not since its start */
    bool linked;
    uint64_t linkless_us; /* when the process's link was lost, or when its time without a link began */
    unsigned restarts;
};

struct children {
    struct event_base *base;
    const struct conf *conf;
    const struct log *log;
    uint64_t term;
    struct event *signal, *kill, *look;
    struct child *child;
    size_t count;
    struct removed_child {
        char *name, *lock;
    } * removed; /* processes of adapters that the configuration no longer has */
    size_t removed_count;
    bool stopping;
    void (*ended)(void *self);
    void *self;
};

/* Returns the path of the lock that the adapter holds while it lives; malloc'ed. */
static char *lock_path(const struct conf *conf, const struct conf_adapter *adapter)
{
    return memory_format("%s/%s.lock", conf->state, adapter->name);
}

/* Adds `--set key=value` for each setting, after the first n arguments; returns how many there are then. */
static size_t children_settings_fill(char **arguments, size_t n, const struct conf *conf,
                                     const struct conf_adapter *adapter)
{
    assert(n + 2 * adapter->setting_count + 6 < ARGUMENTS_MAX);
    const struct {
        const char *key, *value;
    } of_all[] = {{"country", conf->country}, {"database", conf->journal}, {GCX_OWN_MEDIA, conf->own_media}};
    for (size_t i = 0; i < sizeof of_all / sizeof *of_all; i++) {
        if (!of_all[i].value || of_all[i].value[0] == '\0') continue;
        arguments[n++] = strdup("--set");
        arguments[n++] = memory_format(GCX_OF_ALL "%s=%s", of_all[i].key, of_all[i].value);
    }
    for (size_t i = 0; i < adapter->setting_count; i++) {
        arguments[n++] = strdup("--set");
        arguments[n++] = memory_format("%s=%s", adapter->settings[i].key, adapter->settings[i].value);
    }
    for (size_t i = 0; i < n; i++)
        if (!arguments[i]) abort();
    arguments[n] = NULL;
    return n;
}

/* argv[0] is the name of the process in lists of processes. */
static void arguments_fill(char **arguments, const struct conf *conf, const struct conf_adapter *adapter, bool outlives)
{
    size_t n = 0;
    arguments[n++] = strdup("gcxvm");
    arguments[n++] = strdup("--lock");
    arguments[n++] = lock_path(conf, adapter);
    arguments[n++] = strdup("--core");
    arguments[n++] = memory_format("%s/lock", conf->state);
    arguments[n++] = strdup("--outlive");
    arguments[n++] = memory_format("%llu", (unsigned long long)(outlives ? adapter->outlive_s : 0));
    arguments[n++] = strdup("--adapter");
    arguments[n++] = strdup(adapter->plugin);
    arguments[n++] = strdup("--name");
    arguments[n++] = strdup(adapter->name);
    arguments[n++] = strdup("--link");
    arguments[n++] = strdup(conf->links);
    arguments[n++] = strdup("--log-level");
    arguments[n++] = strdup(log_level_name(conf_level(conf, adapter->name)));
    arguments[n++] = strdup("--log-format");
    arguments[n++] = strdup(log_format_name(conf->log_format));
    arguments[n++] = strdup("--log-rate");
    arguments[n++] = memory_format("%llu", (unsigned long long)conf->log.rate);
    children_settings_fill(arguments, n, conf, adapter);
}

static void arguments_free(char **arguments)
{
    for (; *arguments; arguments++) free(*arguments);
}

uint64_t children_pause_ms(uint64_t back_off_ms, uint64_t shortest_ms, uint64_t grace_left_ms)
{
    uint64_t part_ms = grace_left_ms / 3 > shortest_ms ? grace_left_ms / 3 : shortest_ms;
    return grace_left_ms > shortest_ms && back_off_ms > part_ms ? part_ms : back_off_ms;
}

/* Returns the rest of the grace, during which calls that wait at the link keep their places; 0: the grace is over. */
static uint64_t grace_left_ms(const struct child *child, uint64_t now_us)
{
    uint64_t grace_us = child->conf->link_grace_s * 1000000, gone_us = child->linked ? 0 : now_us - child->linkless_us;
    return gone_us < grace_us ? (grace_us - gone_us) / 1000 : 0;
}

/* Starts the adapter's process again after a pause. After a link that was up for PROVEN_US the pause begins again at
 * its shortest. */
static void retry_later(struct child *child)
{
    struct timeval pause;
    uint64_t now_us = host_monotonic_us(), pause_ms;
    evtimer_del(child->hangs);
    if (child->proven_us != 0 && now_us - child->proven_us >= PROVEN_US) child->pause_ms = child->conf->restart_ms;
    child->proven_us = 0;
    pause_ms = children_pause_ms(child->pause_ms, child->conf->restart_ms, grace_left_ms(child, now_us));
    pause = (struct timeval){(time_t)(pause_ms / 1000), (suseconds_t)(pause_ms % 1000) * 1000};
    evtimer_add(child->timer, &pause);
    child->pause_ms *= 2;
    if (child->pause_ms > child->conf->restart_max_ms) child->pause_ms = child->conf->restart_max_ms;
}

static void stopped_check(struct children *children);

/* Forgets the adapter's process; closes the pidfd of one that was taken back. */
static void child_forget(struct child *child)
{
    if (child->gone) event_free(child->gone);
    if (child->pidfd >= 0) close(child->pidfd);
    child->gone = NULL;
    child->pidfd = -1;
    child->pid = 0;
}

/* Handles the end of a process that was taken back, whose pidfd has become readable. */
static void on_gone(evutil_socket_t fd, short what, void *self)
{
    struct child *child = self;
    struct children *children = child->children;
    (void)fd;
    (void)what;
    bool expected = children->stopping || child->renewed_us != 0;
    log_line(children->log, expected ? LOG_LEVEL_INFO : LOG_LEVEL_WARNING, child->conf->name, 0, 0,
             "adapter process %ld has ended", (long)child->pid);
    child_forget(child);
    if (children->stopping)
        stopped_check(children);
    else if (child->renewed_us != 0)
        event_active(child->timer, EV_TIMEOUT, 0);
    else
        retry_later(child);
    child->renewed_us = 0;
}

/* Sends a signal to the adapter's process; a process that was taken back gets it by its pidfd, since its number may
 * belong to another process by now. */
static void child_signal(const struct child *child, int number)
{
    if (child->pidfd >= 0)
        pidfd_send_signal(child->pidfd, number, NULL, 0);
    else if (child->pid != 0)
        kill(child->pid, number);
}

static struct guard_found child_found(const struct child *child, char *const *arguments)
{
    return guard_holder_at(child->lock, arguments);
}

/* Opens the file that is at the lock's path now: the next process will take that lock. */
static void child_lock_open(struct child *child)
{
    char *path = lock_path(child->children->conf, child->conf);
    if (child->lock >= 0) close(child->lock);
    child->lock = guard_open(path);
    free(path);
}

/* Asks the adapter's process to end as soon as it has no conversation to lose. */
static void child_ask_end(const struct child *child, const struct guard_found *found)
{
    child_signal(child, found->pid == 0 || found->renews ? ADAPTER_RENEWS : SIGTERM);
}

/* Takes back a process that an earlier gcxvm started and that still runs. If the process's settings or programs are not
 * the present ones, the process is replaced once it has no conversation. */
static bool child_take_back(struct child *child, char *const *arguments)
{
    struct children *children = child->children;
    struct guard_found found = child_found(child, arguments);
    if (found.left > 0)
        log_line(children->log, LOG_LEVEL_WARNING, child->conf->name, 0, 0,
                 "the adapter process before died with %u conversations: those that only it held are lost", found.left);
    int pidfd = found.pid != 0 ? pidfd_open(found.pid, 0) : -1;
    /* looks again: if the process has ended meanwhile, another process may have its number now */
    bool holds = pidfd >= 0 && child_found(child, arguments).pid == found.pid;
    if (!holds) {
        if (pidfd >= 0) close(pidfd);
        return false;
    }
    child->pidfd = pidfd;
    child->pid = found.pid;
    child->renewed_us = found.same ? 0 : host_monotonic_us();
    child->gone = event_new(children->base, child->pidfd, EV_READ, on_gone, child);
    if (!child->gone || event_add(child->gone, NULL) != 0) abort();
    log_line(children->log, LOG_LEVEL_INFO, child->conf->name, 0, 0, "adapter process %ld still runs%s",
             (long)child->pid,
             found.same     ? ": taken back"
             : found.renews ? " with other settings or an older program: serves until it holds no conversation"
                            : " with other settings: asked to end");
    if (!found.same)
        child_ask_end(child, &found);
    else if (found.renews)
        child_signal(child, ADAPTER_GOES_ON);
    return true;
}

/* Begins the process's time without a link, which on_hangs() ends. */
static void children_linkless(struct child *child)
{
    const struct timeval patience = {.tv_sec = (time_t)child->conf->linkless_s};
    if (!child->children->stopping) evtimer_add(child->hangs, &patience);
}

/* Ends a process that is running, but has had no link for too long. A process that hangs does not react to SIGTERM.
 * A process that stays because this gcxvm refuses it does not hang: it is not killed. */
static void on_hangs(evutil_socket_t fd, short what, void *self)
{
    static char *const none[] = {NULL};
    struct child *child = self;
    (void)fd;
    (void)what;
    if (child->pid == 0) return;
    struct guard_found found = child_found(child, none);
    if (found.stays) {
        children_linkless(child);
        return;
    }
    if (found.pid == child->pid && found.held > 0) {
        log_line(child->children->log, LOG_LEVEL_WARNING, child->conf->name, 0, 0,
                 "adapter process %ld has had no link for another %llu s, and is left alone with its %u conversations: "
                 "if it hangs, kill it by its number",
                 (long)child->pid, (unsigned long long)child->conf->linkless_s, found.held);
        children_linkless(child);
        return;
    }
    log_line(child->children->log, LOG_LEVEL_WARNING, child->conf->name, 0, 0,
             "adapter process %ld has had no link for %llu s: killed, with %u conversations", (long)child->pid,
             (unsigned long long)child->conf->linkless_s, found.held);
    child_signal(child, SIGKILL);
}

/* Takes back the process if it still runs, or starts a new one. */
static void child_start(struct child *child)
{
    assert(child->pid == 0 && !child->gone);
    char *arguments[ARGUMENTS_MAX];
    children_linkless(child);
    child_lock_open(child);
    arguments_fill(arguments, child->children->conf, child->conf, child->children->term == 0);
    if (child_take_back(child, arguments)) {
        arguments_free(arguments);
        return;
    }
    /* Puts the process into a group of its own: Ctrl-C at a terminal would otherwise tell the adapter to end for
     * good. */
    int result = child_spawn(&child->pid, self_path, NULL, true, arguments, environ);
    arguments_free(arguments);
    if (result != 0) {
        log_line(child->children->log, LOG_LEVEL_ERROR, child->conf->name, 0, 0, "cannot be started: %s",
                 strerror(result));
        retry_later(child);
        return;
    }
    log_line(child->children->log, LOG_LEVEL_INFO, child->conf->name, 0, 0, "adapter started, process %ld",
             (long)child->pid);
}

static void children_on_timer(evutil_socket_t fd, short what, void *self)
{
    struct child *child = self;
    (void)fd;
    (void)what;
    child->restarts++;
    child_start(child);
}

/* A child process has ended: logs how, and starts it again unless all have to end. */
static void child_ended(struct child *child, int status)
{
    assert(child->pid != 0 && child->pidfd < 0);
    struct children *children = child->children;
    enum log_level level = children->stopping ? LOG_LEVEL_INFO : LOG_LEVEL_WARNING;
    long pid = (long)child->pid;
    child->pid = 0;
    if (WIFSIGNALED(status))
        log_line(children->log, level, child->conf->name, 0, 0, "adapter process %ld was ended by signal %d", pid,
                 WTERMSIG(status));
    else
        log_line(children->log, level, child->conf->name, 0, 0, "adapter process %ld has ended with %d", pid,
                 WEXITSTATUS(status));
    if (!children->stopping) retry_later(child);
}

/* Reports, once, that no child is left to wait for. */
static void stopped_check(struct children *children)
{
    void (*ended)(void *) = children->ended;
    for (size_t i = 0; i < children->count; i++)
        if (children->child[i].pid != 0 && !children->child[i].stays) return;
    children->ended = NULL;
    if (ended) ended(children->self);
}

/* On SIGCHLD: several children may have ended for one signal, so every child is checked. */
static void on_child(evutil_socket_t fd, short what, void *self)
{
    struct children *children = self;
    int status;
    (void)fd;
    (void)what;
    for (size_t i = 0; i < children->count; i++) {
        struct child *child = &children->child[i];
        if (child->pid != 0 && child->pidfd < 0 && waitpid(child->pid, &status, WNOHANG) == child->pid)
            child_ended(child, status);
    }
    if (children->stopping) stopped_check(children);
}

/* Notes which processes have reported that they stay. */
static void children_on_look(evutil_socket_t fd, short what, void *self)
{
    static char *const none[] = {NULL};
    struct children *children = self;
    (void)fd;
    (void)what;
    for (size_t i = 0; i < children->count; i++) {
        struct child *child = &children->child[i];
        struct guard_found found =
            child->pid != 0 && !child->stays ? child_found(child, none) : (struct guard_found){0};
        if (!found.stays || found.pid != child->pid) continue;
        child->stays = true;
        log_line(
            children->log, LOG_LEVEL_INFO, child->conf->name, 0, 0,
            "adapter process %ld stays with its conversations, until the next gcxvm takes it back or they are over",
            (long)child->pid);
    }
    stopped_check(children);
}

/* Kills the processes that neither ended in time nor have reported that they stay. A process that has conversations
 * is not killed, since it may only be slow: it has been asked to end, and the next gcxvm takes it back. */
static void on_kill(evutil_socket_t fd, short what, void *self)
{
    struct children *children = self;
    (void)fd;
    (void)what;
    static char *const none[] = {NULL};
    for (size_t i = 0; i < children->count; i++) {
        struct child *child = &children->child[i];
        if (child->pid == 0 || child->stays) continue;
        struct guard_found found = child_found(child, none);
        child->stays = found.pid == child->pid && found.held > 0;
        log_line(children->log, LOG_LEVEL_WARNING, child->conf->name, 0, 0,
                 child->stays ? "adapter process %ld does not answer, and is left alone with its %u conversations"
                              : "adapter process %ld does not answer: killed, with %u conversations",
                 (long)child->pid, found.held);
        if (!child->stays) child_signal(child, SIGKILL);
    }
    stopped_check(children);
}

/* Prepares a child for each adapter that runs on this machine; none is started yet. */
struct children *children_new(struct event_base *base, const struct conf *conf, const struct log *log, uint64_t term)
{
    assert(base && conf && log);
    struct children *children = memory_zeroed(1, sizeof *children);
    *children = (struct children){.base = base, .conf = conf, .log = log, .term = term};
    children->child = calloc(conf->adapter_count > 0 ? conf->adapter_count : 1, sizeof *children->child);
    children->signal = evsignal_new(base, SIGCHLD, on_child, children);
    children->kill = evtimer_new(base, on_kill, children);
    children->look = event_new(base, -1, EV_PERSIST, children_on_look, children);
    if (!children->child || !children->signal || !children->kill || !children->look) abort();
    for (size_t i = 0; i < conf->adapter_count; i++) {
        struct child *child = &children->child[children->count];
        /* not a child of this machine: a remote adapter is started on its own */
        if (conf->adapters[i].remote) continue;
        children->count++;
        *child = (struct child){.children = children, .conf = &conf->adapters[i], .pidfd = -1, .lock = -1};
        child->pause_ms = child->conf->restart_ms;
        child->linkless_us = host_monotonic_us(); /* the time without a link begins now, as if the link had been up so
                                                   * far: with the previous gcxvm it may have been */
        child->timer = evtimer_new(base, children_on_timer, child);
        child->hangs = evtimer_new(base, on_hangs, child);
        if (!child->timer || !child->hangs) abort();
    }
    evsignal_add(children->signal, NULL);
    char text[24];
    snprintf(text, sizeof text, "%llu", (unsigned long long)term);
    if (term != 0) setenv("GCX_TERM", text, 1);
    return children;
}

void children_free(struct children *children)
{
    if (!children) return;
    for (size_t i = 0; i < children->count; i++) {
        struct child *child = &children->child[i];
        child_forget(child);
        if (child->lock >= 0) close(child->lock);
        event_free(child->timer);
        event_free(child->hangs);
    }
    event_free(children->signal);
    event_free(children->kill);
    event_free(children->look);
    for (size_t i = 0; i < children->removed_count; i++) {
        free(children->removed[i].name);
        free(children->removed[i].lock);
    }
    free(children->removed);
    free(children->child);
    free(children);
}

/* Calls `does` for each adapter that has a lock in the state folder. */
static void locks_each(const struct conf *conf, void (*does)(void *self, const char *name, const char *path),
                       void *self)
{
    static const char ending[] = ".lock";
    DIR *folder = opendir(conf->state);
    struct dirent *entry;
    while (folder && (entry = readdir(folder))) {
        size_t length = strlen(entry->d_name), rest = sizeof ending - 1;
        if (length <= rest || strcmp(entry->d_name + length - rest, ending) != 0) continue;
        char *path = memory_format("%s/%s", conf->state, entry->d_name);
        entry->d_name[length - rest] = '\0';
        does(self, entry->d_name, path);
        free(path);
    }
    if (folder) closedir(folder);
}

/* Tells the process that holds the lock to begin nothing new and to end after its last conversation, unless a gcxvm
 * takes it back before. */
static void lock_holder_end(const struct log *log, const char *name, const char *path, const char *why)
{
    static char *const none[] = {NULL};
    struct guard_found found = guard_holder(path, none);
    int pidfd = found.pid != 0 ? pidfd_open(found.pid, 0) : -1;
    if (pidfd < 0) return;
    if (guard_holder(path, none).pid == found.pid && !found.ends &&
        pidfd_send_signal(pidfd, ADAPTER_ALONE, NULL, 0) == 0)
        log_line(log, LOG_LEVEL_WARNING, name, 0, 0,
                 "%s: its process %ld begins nothing new, and ends with the last of %u conversations", why,
                 (long)found.pid, found.held);
    close(pidfd);
}

static bool adapter_is_ours(const struct conf *conf, const char *name)
{
    for (size_t i = 0; i < conf->adapter_count; i++)
        if (!conf->adapters[i].remote && strcmp(conf->adapters[i].name, name) == 0) return true;
    return false;
}

/* Tells the process of an adapter that the configuration no longer has to end, since another adapter may need its
 * ports. */
static void removed_child_end(void *self, const char *name, const char *path)
{
    struct children *children = self;
    if (adapter_is_ours(children->conf, name)) return;
    lock_holder_end(children->log, name, path, "the configuration has this adapter no more");
    children->removed = memory_grown(children->removed, children->removed_count + 1, sizeof *children->removed);
    children->removed[children->removed_count++] = (struct removed_child){memory_text(name), memory_text(path)};
}

bool children_removed_read(const struct children *children, size_t index, struct child_row *row)
{
    static char *const none[] = {NULL};
    for (size_t i = 0; i < children->removed_count; i++) {
        struct guard_found found = guard_holder(children->removed[i].lock, none);
        if (found.pid == 0 || index-- > 0) continue;
        *row =
            (struct child_row){.name = children->removed[i].name, .pid = found.pid, .ends = true, .held = found.held};
        return true;
    }
    return false;
}

static void left_child_end(void *self, const char *name, const char *path)
{
    lock_holder_end(self, name, path, "another gcxvm leads");
}

void children_left_end(const struct conf *conf, const struct log *log)
{
    assert(conf && log);
    locks_each(conf, left_child_end, (void *)(uintptr_t)log);
}

void children_start(struct children *children)
{
    locks_each(children->conf, removed_child_end, children);
    for (size_t i = 0; i < children->count; i++) child_start(&children->child[i]);
}

void children_link(struct children *children, const char *adapter, bool up)
{
    assert(children && adapter);
    for (size_t i = 0; i < children->count; i++) {
        struct child *child = &children->child[i];
        if (strcmp(child->conf->name, adapter) != 0) continue;
        if (!up && child->linked) child->linkless_us = host_monotonic_us();
        child->linked = up;
        if (up) {
            child->proven_us = host_monotonic_us();
            evtimer_del(child->hangs);
        } else {
            children_linkless(child);
        }
    }
}

void children_stop(struct children *children, void (*ended)(void *), void *self)
{
    assert(!children->stopping && ended);
    static char *const none[] = {NULL};
    const struct timeval patience = {STOP_MS / 1000, STOP_MS % 1000 * 1000}, look = {0, LOOK_MS * 1000};
    children->stopping = true;
    children->ended = ended;
    children->self = self;
    for (size_t i = 0; i < children->count; i++) {
        struct child *child = &children->child[i];
        struct guard_found found = child_found(child, none);
        evtimer_del(child->timer);
        evtimer_del(child->hangs);
        child_ask_end(child, &found);
    }
    evtimer_add(children->kill, &patience);
    event_add(children->look, &look);
    stopped_check(children);
}

bool children_read(const struct children *children, size_t index, struct child_row *row)
{
    static char *const none[] = {NULL};
    if (index >= children->count) return false;
    const struct child *child = &children->child[index];
    struct guard_found found = child_found(child, none);
    bool its_own = child->pid != 0 && found.pid == child->pid;
    *row = (struct child_row){.name = child->conf->name,
                              .pid = child->pid,
                              .restarts = child->restarts,
                              .renewed_us = child->renewed_us,
                              .ends = its_own && found.ends,
                              .held = its_own ? found.held : 0};
    return true;
}

int children_ask(const struct conf *conf, const struct conf_adapter *adapter, int input, char **text)
{
    assert(conf && adapter && text);
    posix_spawn_file_actions_t actions;
    char *arguments[ARGUMENTS_MAX], part[4096];
    int ends[2], status = -1;
    size_t n = 0, length;
    ssize_t got;
    pid_t pid;
    arguments[n++] = strdup("gcxvm");
    arguments[n++] = strdup("--adapter");
    arguments[n++] = strdup(adapter->plugin);
    arguments[n++] = strdup("--look");
    if (input >= 0) arguments[n++] = strdup("--check");
    children_settings_fill(arguments, n, conf, adapter);
    FILE *said = memory_stream(text, &length);
    if (pipe2(ends, O_CLOEXEC) != 0) abort();
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, ends[1], STDOUT_FILENO);
    if (input >= 0) posix_spawn_file_actions_adddup2(&actions, input, STDIN_FILENO);
    (void)child_spawn(&pid, self_path, &actions, false, arguments, environ);
    close(ends[1]);
    while (pid != 0 && ((got = read(ends[0], part, sizeof part)) > 0 || (got < 0 && errno == EINTR)))
        if (got > 0) fwrite(part, 1, (size_t)got, said);
    close(ends[0]);
    fclose(said);
    if (pid != 0) waitpid(pid, &status, 0);
    posix_spawn_file_actions_destroy(&actions);
    arguments_free(arguments);
    return pid != 0 && WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}
