/* runtime/daemon/run.c - Start and end of gcxvm: in which order its parts are made and freed, and which signals end
 * it. */
#include "runtime/daemon/run.h"

#include <assert.h>
#include <errno.h>
#include <event2/buffer.h>
#include <event2/event.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "runtime/core/read/read.h"
#include "runtime/core/read/totals.h"
#include "runtime/daemon/admin/admin.h"
#include "runtime/daemon/backup.h"
#include "runtime/daemon/hear.h"
#include "runtime/daemon/service/cuts.h"
#include "runtime/daemon/service/profiling.h"
#include "runtime/daemon/service/load.h"
#include "runtime/daemon/service/rollout_watch.h"
#include "runtime/daemon/directory/postgres.h"
#include "runtime/daemon/links/remote.h"
#include "runtime/daemon/site/databases.h"
#include "runtime/daemon/watch/health.h"
#include "runtime/daemon/watch/http.h"
#include "runtime/daemon/watch/metrics.h"
#include "runtime/daemon/watch/pulse.h"
#include "runtime/daemon/watch/traces.h"
#include "runtime/host/real.h"
#include "runtime/journal/copy_mark.h"
#include "runtime/journal/crashes.h"
#include "runtime/journal/end_mark.h"
#include "runtime/journal/images.h"
#include "runtime/journal/keys.h"
#include "runtime/journal/place.h"
#include "runtime/journal/snapshots.h"
#include "runtime/natives/natives.h"
#include "runtime/vocabulary/effects_call.h"
#include "base/memory.h"

static_assert((int)EXIT_memory == (int)MEMORY_EXIT, "exits.def has the number of memory.h");

static void daemon_say(struct daemon *daemon, enum log_level level, const char *text)
{
    log_line(daemon->log, level, "gcxvm", 0, 0, "%s", text);
}

/* Logs why gcxvm cannot start; returns the process's exit code. */
static enum daemon_exit daemon_fail(struct daemon *daemon, enum daemon_exit code, const struct error *error)
{
    daemon_say(daemon, LOG_LEVEL_ERROR, error->text);
    return code;
}

static bool state_is_whole(const char *state, struct error *error)
{
    char path[PATH_MAX];
    snprintf(path, sizeof path, "%.3900s/" BACKUP_MOVES, state);
    if (access(path, F_OK) != 0) return true;
    return error_set(error, ERROR_STATE, "state folder %.180s: a restore did not end: do it again (gcxctl restore)",
                     state);
}

/* Takes the lock of the state folder, on which only one process works. The kernel releases the lock when the process
 * ends, however it ends. */
static enum daemon_exit state_open(struct daemon *daemon, struct error *error)
{
    const char *state = daemon->conf->state;
    struct flock whole = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
    char *path;
    if (mkdir(state, 0700) != 0 && errno != EEXIST) {
        error_set(error, ERROR_SYSTEM, "state folder %s: %s", state, strerror(errno));
        return EXIT_system;
    }
    path = memory_format("%s/lock", state);
    daemon->lock = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    free(path);
    if (daemon->lock < 0) {
        error_set(error, ERROR_SYSTEM, "state folder %s: %s", state, strerror(errno));
        return EXIT_system;
    }
    if (fcntl(daemon->lock, F_SETLK, &whole) == 0) return state_is_whole(state, error) ? EXIT_ok : EXIT_replay;
    bool known = fcntl(daemon->lock, F_GETLK, &whole) == 0 && whole.l_type != F_UNLCK && whole.l_pid > 0;
    if (known)
        error_set(error, ERROR_STATE, "state folder %.180s: another gcxvm works on it, process %d", state,
                  (int)whole.l_pid);
    else
        error_set(error, ERROR_STATE, "state folder %.180s: another gcxvm works on it", state);
    close(daemon->lock);
    daemon->lock = -1; /* this process has no lock now: lock and adapters in the folder belong to the other process */
    return EXIT_busy;
}

/* Once a second: checks that the folder with our lock, and the files in it, are still at their paths. The check also
 * runs in an idle process, so that somebody can put the files back in time. */
static void on_state_look(evutil_socket_t fd, short what, void *self)
{
    struct daemon *daemon = self;
    bool ends;
    (void)fd;
    (void)what;
    if (daemon->stopping) return; /* a process that is stopping removes its sockets itself */
    daemon->folder.conf = daemon->conf;
    daemon->folder.store = daemon->store;
    daemon->folder.lock = daemon->lock;
    const char *gone = state_folder_gone(&daemon->folder, &ends);
    if (gone == daemon->state_gone) return;
    daemon->state_gone = gone;
    daemon->state_ends = gone && ends;
    daemon->state_gone_us = gone ? host_monotonic_us() : 0;
    if (gone)
        log_line(daemon->log, LOG_LEVEL_ERROR, "gcxvm", 0, 0, "state folder %s: %s%s", daemon->conf->state, gone,
                 ends ? "; else this process ends at the next batch" : "");
    else
        log_line(daemon->log, LOG_LEVEL_INFO, "gcxvm", 0, 0, "state folder %s: it is there again", daemon->conf->state);
}

static void on_state_missed(void *self, const char *why)
{
    const struct daemon *daemon = self;
    log_line(daemon->log, LOG_LEVEL_ERROR, "gcxvm", 0, 0, "state folder %s, since gcxvm ran last: %s",
             daemon->conf->state, why);
}

/* Goes on without batches that were acknowledged, as an administrator has accepted: snapshots made after those
 * batches are set aside. `said`: the last batch that was acknowledged. */
static void loss_accepted(struct daemon *daemon, uint64_t said)
{
    uint64_t last = batches_last(daemon->store);
    size_t aside = snapshots_set_aside(daemon->conf->state, last);
    if (said > last || aside > 0)
        log_line(daemon->log, LOG_LEVEL_ERROR, "journal", 0, 0,
                 "--accept-loss: goes on after batch %llu, though batch %llu was acknowledged; %zu snapshots of what "
                 "was lost are set aside",
                 (unsigned long long)last, (unsigned long long)said, aside);
}

/* Takes the items that other threads have put into the handover. */
static void daemon_on_wake(evutil_socket_t fd, short what, void *self)
{
    struct daemon *daemon = self;
    (void)fd;
    (void)what;
    if (handover_take(daemon->handover, daemon_on_item, daemon)) engine_stir(daemon->engine);
}

/* SIGHUP begins a load; the log has its result. */
static void on_hup(evutil_socket_t fd, short what, void *self)
{
    struct daemon *daemon = self;
    struct error error = {0};
    uint64_t load;
    (void)fd;
    (void)what;
    /* nothing to do: a follower reads the whole directory when it begins to lead */
    if (daemon->stopping || !daemon->engine) return;
    daemon_say(daemon, LOG_LEVEL_INFO, "SIGHUP: reads directory and strategies again");
    if (!daemon_load(daemon, &(struct activation_asker){.actor = "SIGHUP"}, &load, &error)) load_over(daemon, &error);
}

/* The last adapter has ended: the loop may end. */
static void on_children_ended(void *self)
{
    struct daemon *daemon = self;
    event_base_loopbreak(daemon->base);
}

static volatile sig_atomic_t late_passed; /* number of signals that are still ignored */

/* The handler of SIGTERM and SIGINT while the loop does not handle them. This handler is installed before the loop's
 * own handlers are, so that removing those restores it in one step: at no time does a signal meet the system's default
 * action. */
static void on_late_signal(int number)
{
    if (late_passed-- > 0) return;
    signal(number, SIG_DFL);
    raise(number);
}

/* Removes the loop's handlers of signals: after the second signal, a further one has its usual effect. */
static void signals_end(struct daemon *daemon)
{
    event_del(daemon->term);
    event_del(daemon->interrupt);
}

/* The loop is over and the journal is being closed: signals up to the second are ignored, as the end that they ask
 * for has begun. */
static void signals_late(struct daemon *daemon)
{
    late_passed = daemon->terms < 2 ? (sig_atomic_t)(2 - daemon->terms) : 0;
    signals_end(daemon);
}

/* Stops the adapters' processes, which first say Bye, so that the core knows that they ended on purpose. */
static void daemon_stop(struct daemon *daemon, const char *why)
{
    if (daemon->stopping) return;
    /* writes down which files exist, so that the next start can report those that are gone */
    on_state_look(-1, 0, daemon);
    daemon->stopping = true;
    log_line(daemon->log, LOG_LEVEL_INFO, "gcxvm", 0, 0, "%s: ends in order", why);
    notify_say(daemon->notify, "STOPPING=1\nSTATUS=Ending: %s", why);
    if (daemon->terms > 1) signals_end(daemon);
    drain_clear(&daemon->drain);
    admin_free(daemon->admin);
    daemon->admin = NULL;
    children_stop(daemon->children, on_children_ended, daemon);
}

/* On SIGTERM or SIGINT: the first signal begins a drain, the next one ends the process now; if there is nothing to
 * wait for, the first one ends it. */
static void on_term(evutil_socket_t number, short what, void *self)
{
    struct daemon *daemon = self;
    const char *name = strsignal((int)number);
    (void)what;
    daemon->terms++;
    if (daemon->stopping) {
        if (daemon->terms > 1) signals_end(daemon);
    } else if (!daemon->engine) {
        daemon->stopping = true;
        log_line(daemon->log, LOG_LEVEL_INFO, "gcxvm", 0, 0, "%s: ends", name);
    } else if (daemon->conf->drain_s == 0 || (drain_under_way(daemon) && daemon->drain.stop)) {
        daemon_stop(daemon, name);
    } else {
        drain_begin(daemon, &(struct activation_asker){.actor = name}, daemon->conf->drain_s, true);
    }
}

/* A link has come up or gone: passes this to children.c, which does not know the links. */
static void on_link_changed(void *self, const char *adapter, bool up)
{
    struct daemon *daemon = self;
    if (daemon->children) children_link(daemon->children, adapter, up);
}

/* Logs a source's note. Called from any thread, since log_line() may be. */
static void on_source_note(void *self, const char *source, bool good, const char *text)
{
    struct daemon *daemon = self;
    log_line(daemon->log, good ? LOG_LEVEL_INFO : LOG_LEVEL_WARNING, source, 0, 0, "%s", text);
}

static void on_loaded(struct daemon *daemon, uint64_t number, const struct error *why)
{
    if (daemon->admin) admin_loaded(daemon->admin, number, why);
}

static void on_cut(struct daemon *daemon, uint64_t number, const struct error *why)
{
    if (daemon->admin) admin_cut(daemon->admin, number, why);
}

static void on_handed(struct daemon *daemon, const struct error *why)
{
    if (daemon->admin) admin_handed(daemon->admin, why);
}

/* The disk has no space but what was reserved for this case: the core ends in order, with a snapshot. The adapters
 * are not ended: they route by default until there is space. */
static void on_links_stop(void *self, const char *why)
{
    struct daemon *daemon = self;
    if (daemon->stopping) return;
    daemon->stopping = daemon->no_space = true;
    log_line(daemon->log, LOG_LEVEL_ERROR, "gcxvm", 0, 0, "%s: this process ends in order", why);
    notify_say(daemon->notify, "STOPPING=1\nSTATUS=Ending: %s", why);
    event_base_loopbreak(daemon->base);
}

static bool sources_open(struct daemon *daemon, struct error *error)
{
    struct sources_options options = {
        .base = daemon->base, .done = daemon_on_answer, .note = on_source_note, .self = daemon};
    daemon->queries = queries_new(daemon->conf->source_count);
    daemon->sources = databases_open(daemon->conf, &options, error);
    struct endpoints_options how = {.done = daemon_on_answer, .note = on_source_note, .self = daemon};
    if (daemon->sources) daemon->endpoints = site_endpoints_open(daemon->conf, &how, error);
    return daemon->sources && daemon->endpoints;
}

/* Makes the value that endpoints get for random choices: a hash of the seed, since with the seed itself others could
 * foretell the core's random choices. */
static void name_journal(struct endpoints *endpoints, uint64_t seed)
{
    static const unsigned char purpose[crypto_generichash_KEYBYTES] = "gcx Idempotency-Key";
    uint8_t name[ENDPOINTS_JOURNAL];
    crypto_generichash(name, sizeof name, (const unsigned char *)&seed, sizeof seed, purpose, sizeof purpose);
    endpoints_journal(endpoints, name);
}

static void on_native(void *self, const char *library, const char *path, const char *sha256)
{
    struct daemon *daemon = self;
    log_line(daemon->log, LOG_LEVEL_INFO, "gcxvm", 0, 0, "library %s of natives is loaded from %s, SHA-256 %s", library,
             path, sha256);
}

static void on_crash_note(void *self, const char *text)
{
    daemon_say(self, LOG_LEVEL_ERROR, text);
}

/* Finds the event that has crashed the core before. Without the file of crashes gcxvm works, too, unless the core
 * crashes again and again. */
static void crashes_begin(struct daemon *daemon)
{
    struct error error = {0};
    unsigned bound_s = 0;
#ifdef VM_CHECKED
    const char *bound = getenv("GCX_CRASHES_BOUND_S");
    if (bound) bound_s = (unsigned)strtoul(bound, NULL, 10);
#endif
    daemon->crashes = crashes_open(daemon->conf->state, bound_s,
                                   &(struct batches_watch){.note = on_crash_note, .self = daemon}, &error);
    if (!daemon->crashes)
        log_line(daemon->log, LOG_LEVEL_WARNING, "gcxvm", 0, 0, "crashes of the core are not counted: %s", error.text);
}

#ifdef VM_CHECKED
/* For tests: reads GCX_PLANT, which is EVENT:TEXT, or timer:NUMBER of a kind of timer; and GCX_PLANT_HANGS. */
static const struct core_plant *plant_of(void)
{
    static struct core_plant plant;
    const char *text = getenv("GCX_PLANT");
    const char *colon = text ? strchr(text, ':') : NULL;
    if (!colon) return NULL;
    for (unsigned kind = 1; kind < KIND_RequestRouteCall; kind++)
        if (kind_name(kind) && span_is((struct span){(const uint8_t *)text, (uint32_t)(colon - text)}, kind_name(kind)))
            plant.kind = (uint16_t)kind;
    if (plant.kind != 0)
        snprintf(plant.text, sizeof plant.text, "%s", colon + 1);
    else
        plant.timer = (uint8_t)strtoul(colon + 1, NULL, 10);
    plant.hangs = getenv("GCX_PLANT_HANGS") != NULL;
    return &plant;
}
#endif

/* Returns the present second if acknowledged batches are lost: the state folder was restored from a copy, or an
 * administrator has accepted a loss. Else 0. */
static uint64_t restored_s(const struct daemon *daemon)
{
    bool copied = copy_mark_holds(daemon->conf->state, batches_last(daemon->store));
    if (batches_last(daemon->store) == 0 || (!copied && !daemon->how.accept_loss)) return 0;
    if (copied)
        log_line(daemon->log, LOG_LEVEL_WARNING, "journal", 0, 0,
                 "the state folder was put back from a copy: what came after batch %llu is not in it, and ids go on "
                 "above those that were given since; `gcxctl reconcile` lists what others have of it",
                 (unsigned long long)batches_last(daemon->store));
    return (uint64_t)time(NULL);
}

/* Returns the core's options from the configuration; once the journal has a batch, seed and bound are the journal's. */
static struct core_options core_as_configured(const struct daemon *daemon)
{
    struct core_options options = {.partition = (uint16_t)daemon->conf->partition,
                                   .interactions_max = (uint32_t)daemon->conf->interactions,
                                   .image = images_get,
                                   .self = programs_images(daemon->programs)};
    randombytes_buf(&options.seed, sizeof options.seed);
#ifdef VM_CHECKED
    options.plant = plant_of();
#endif
    return options;
}

/* Replays the journal, unless a core has already followed it. The replay takes most of the time of a start. */
static bool engine_open(struct daemon *daemon, struct error *error)
{
    struct engine_options options = {.core = core_as_configured(daemon),
                                     .begun = lead_begun(daemon),
                                     .beat_us = lead_beat_us(daemon),
                                     .store = daemon->store,
                                     .log = daemon->log,
                                     .state = daemon->conf->state,
                                     .crashes = daemon->crashes,
                                     .restored_s = restored_s(daemon),
                                     .period_us = daemon->conf->journal_days == 0
                                                      ? SNAPSHOTS_FOR_EVER
                                                      : daemon->conf->journal_days * 86400 * 1000000,
                                     .effect = daemon_on_effect,
                                     .committed = daemon_on_committed,
                                     .room = daemon_on_room,
                                     .failed = daemon_on_failed,
                                     .crowded = daemon_on_crowded,
                                     .look = daemon_on_look,
                                     .self = daemon};
    struct core_status status;
    if (options.begun) options.core = daemon->lead.core;
    struct error refused = {0};
    daemon->engine = engine_new(&options, error);
    /* Explains a replay that diverges by an image of the journal that cannot be run, if there is one; the replay may
     * also have failed before it needed that image. */
    if (images_refused(programs_images(daemon->programs), &refused))
        return error_set(error, refused.code, "journal: %.245s", refused.text);
    if (!daemon->engine) return false;
    core_status(engine_core(daemon->engine), &status);
    name_journal(daemon->endpoints, status.seed);
    uint64_t tail, snapshot = engine_began(daemon->engine, &tail);
    if (snapshot > 0)
        log_line(daemon->log, LOG_LEVEL_INFO, "gcxvm", 0, 0, "begins from the snapshot of batch %llu",
                 (unsigned long long)snapshot);
    log_line(daemon->log, LOG_LEVEL_INFO, "gcxvm", 0, 0, "epoch %llu, %llu batches replayed, %llu interactions live",
             (unsigned long long)engine_epoch(daemon->engine), (unsigned long long)tail,
             (unsigned long long)status.interactions);
    return true;
}

/* Makes a signal an event of the loop. */
static struct event *signal_new(struct daemon *daemon, int number, event_callback_fn callback)
{
    struct event *event = evsignal_new(daemon->base, number, callback, daemon);
    if (!event || event_add(event, NULL) != 0) abort();
    return event;
}

/* Makes the loop, the event by which other threads wake it, and the handlers of signals. */
static void loop_open(struct daemon *daemon)
{
    daemon->base = event_base_new();
    daemon->handover = handover_new();
    if (!daemon->base) abort();
    daemon->wake = event_new(daemon->base, handover_fd(daemon->handover), EV_READ | EV_PERSIST, daemon_on_wake, daemon);
    if (!daemon->wake || event_add(daemon->wake, NULL) != 0) abort();
    daemon->hup = signal_new(daemon, SIGHUP, on_hup);
    const struct sigaction late = {.sa_handler = on_late_signal, .sa_flags = SA_RESTART};
    sigaction(SIGTERM, &late, NULL);
    sigaction(SIGINT, &late, NULL);
    daemon->term = signal_new(daemon, SIGTERM, on_term);
    daemon->interrupt = signal_new(daemon, SIGINT, on_term);
    daemon->look = event_new(daemon->base, -1, EV_PERSIST, on_state_look, daemon);
    if (!daemon->look || event_add(daemon->look, &(struct timeval){.tv_sec = 1}) != 0) abort();
}

/* Answers one path of HTTP; false: no page has this path. Metrics are made only while core and journal are working,
 * because a page waits for the core. */
static bool on_http(void *self, const char *path, struct http_reply *reply)
{
    struct daemon *daemon = self;
    bool metrics = strcmp(path, "/metrics") == 0, good;
    daemon->http_requests++;
    if (metrics) reply->type = "text/plain; version=0.0.4; charset=utf-8";
    if (strcmp(path, "/healthz") == 0 || (metrics && !health_live(daemon, NULL)))
        good = health_live(daemon, reply->body);
    else if (strcmp(path, "/readyz") == 0)
        good = health_ready(daemon, reply->body);
    else if (!metrics)
        return false;
    else if (!(good = metrics_page(daemon, reply->body)))
        evbuffer_add_printf(reply->body, "the core does not answer\n");
    if (!good)
        reply->status = 503;
    else if (!metrics)
        evbuffer_add_printf(reply->body, "ok\n");
    if (strcmp(path, "/readyz") == 0 && daemon->links) health_degraded_say(daemon, reply->body);
    return true;
}

static bool traces_open(struct daemon *daemon, struct error *error)
{
    const struct conf *conf = daemon->conf;
    struct traces_options options = {.base = daemon->base,
                                     .engine = daemon->engine,
                                     .log = daemon->log,
                                     .file = conf->traces,
                                     .one_in = conf->trace_one_in};
    if (conf->traces[0] == '\0') return true;
    daemon->traces = traces_new(&options, error);
    return daemon->traces != NULL;
}

/* Opens the sockets for administrators and for monitoring, also while this process only follows. */
static bool looks_open(struct daemon *daemon, struct error *error)
{
    if (!daemon->admin) daemon->admin = admin_new(daemon, daemon->base, daemon->conf->admin, error);
    if (!daemon->admin) return false;
    if (daemon->http || daemon->conf->http[0] == '\0') return true;
    struct http_options options = {
        .base = daemon->base, .address = daemon->conf->http, .log = daemon->log, .answer = on_http, .self = daemon};
    char why[512];
    bool remote = conf_http_is_remote(daemon->conf);
    if (remote && !(options.tls = remote_tls(daemon->conf, why, sizeof why)))
        return error_set(error, ERROR_INPUT, "%s", why);
    daemon->http = http_new(&options, error);
    if (!daemon->http) return false;
    log_line(daemon->log, LOG_LEVEL_INFO, "gcxvm", 0, 0, "metrics and health at %s://%s", remote ? "https" : "http",
             http_address(daemon->http));
    return true;
}

/* Lets adapters connect from here on. */
static bool doors_open(struct daemon *daemon, struct error *error)
{
    struct links_options options = {.base = daemon->base,
                                    .engine = daemon->engine,
                                    .log = daemon->log,
                                    .conf = daemon->conf,
                                    .changed = on_link_changed,
                                    .stop = on_links_stop,
                                    .self = daemon};
    daemon->links = links_new(&options, error);
    return daemon->links && looks_open(daemon, error);
}

/* Logs a note of the store; called on the journal's thread, or at the start. */
static void on_store_note(void *self, const char *text)
{
    const struct daemon *daemon = self;
    log_line(daemon->log, LOG_LEVEL_WARNING, "journal", 0, 0, "%s", text);
}

/* Called on the journal's thread: an append is waiting for its database. */
static void on_store_beat(void *self)
{
    const struct daemon *daemon = self;
    if (daemon->engine) engine_journal_waits(daemon->engine);
}

/* Returns the exit code for a journal that cannot be reached and may be there again later: with it the service is
 * started again. */
static enum daemon_exit store_exit(const struct error *error, enum daemon_exit otherwise)
{
    return error->code == ERROR_SYSTEM ? EXIT_journal : error->code == ERROR_STATE ? EXIT_busy : otherwise;
}

/* Tells the loop that the directory has changed; this function and the next run on the thread that listens for
 * changes. */
static void on_directory_told(void *self)
{
    struct daemon *daemon = self;
    handover_put(daemon->handover, &(struct handover_item){.kind = HANDOVER_DIRECTORY});
}

static void on_directory_trouble(void *self, const char *why)
{
    const struct daemon *daemon = self;
    log_line(daemon->log, LOG_LEVEL_WARNING, "gcxvm", 0, 0, "%s: changes are not heard of: %s", daemon->conf->directory,
             why);
}

static void directory_listen(struct daemon *daemon)
{
    const struct conf_source *source = conf_directory_source(daemon->conf);
    if (source && source->postgres[0])
        daemon->listening =
            listening_new(source, &(struct listening_calls){on_directory_told, on_directory_trouble, daemon});
}

/* Reads the key with which the journal's keys are encrypted. */
static bool keys_ready(struct daemon *daemon, struct error *error)
{
    const struct conf *conf = daemon->conf;
    bool made = false;
    struct keys_plain older;
    if (!place_older(conf->state, daemon->how.accept_plain, &older, error) ||
        !keys_make(conf->state, conf->key_file, &older, &made, error))
        return false;
    if (older.number > 0)
        log_line(daemon->log, LOG_LEVEL_WARNING, "journal", 0, 0,
                 "--accept-plain: batches up to %llu stay in the clear until they are pruned; those after them are "
                 "encrypted",
                 (unsigned long long)older.number);
    if (made)
        log_line(
            daemon->log, LOG_LEVEL_WARNING, "journal", 0, 0,
            "%s/site.key was made: it opens the journal and the snapshots beside it. Move it to where copies of the "
            "state folder do not go, and name it in `key_file`; without it nothing of them can be read",
            conf->state);
    return true;
}

/* The opening of keys and store, both of which wait for a database; `error` says why one of them is missing. */
struct store_opening {
    struct daemon *daemon;
    bool follows;
    uint64_t said;
    struct batches *store; /* NULL: the store could not be opened */
    enum daemon_exit result;
    struct error *error;
};

static void store_opening_do(void *self)
{
    struct store_opening *opening = self;
    struct daemon *daemon = opening->daemon;
    const struct conf *conf = daemon->conf;
    const struct batches_watch watch = {on_store_note, daemon, on_store_beat};
    const struct journal_place place = lead_place(daemon);
    opening->result = EXIT_replay;
    if (!keys_ready(daemon, opening->error)) {
        if (conf->journal[0] != '\0') opening->result = store_exit(opening->error, EXIT_replay);
        return;
    }
    if (!daemon->how.accept_loss || end_mark_drop(conf->state, &opening->said, opening->error))
        opening->store = (opening->follows ? place_stand_by : place_open)(conf->state, &place, &watch, opening->error);
    opening->result = opening->store ? EXIT_ok : store_exit(opening->error, EXIT_replay);
}

/* Opens the journal, to lead or to follow. */
static enum daemon_exit daemon_store_open(struct daemon *daemon, bool *follows, struct error *error)
{
    const struct journal_place place = lead_place(daemon);
    struct store_opening opening = {.daemon = daemon, .error = error};
    bool fresh = !keys_are_there(daemon->conf->state);
    if (!place_begin(daemon->conf->state, &place, error)) return store_exit(error, EXIT_config);
    if (!lead_look(daemon, follows, error)) return daemon->stopping ? EXIT_ok : store_exit(error, EXIT_replay);
    opening.follows = *follows;
    lead_off_loop(daemon, store_opening_do, &opening);
    daemon->store = opening.store;
    /* Of two processes that began an empty journal at once, one is refused here: it follows, with the other's keys. */
    if (!daemon->store && daemon->how.follow && !*follows && fresh && error->code == ERROR_STATE)
        return keys_unmake(daemon->conf->state, error) ? daemon_store_open(daemon, follows, error) : EXIT_system;
    if (opening.result != EXIT_ok) return opening.result;
    if (daemon->how.accept_loss) loss_accepted(daemon, opening.said);
    uint64_t bytes, reusable;
    batches_size(daemon->store, &bytes, &reusable);
    return intake_may_begin(daemon->conf, reusable, error) ? EXIT_ok : EXIT_journal;
}

/* Starts the parts of gcxvm in this order, because each part needs those before it. */
static enum daemon_exit daemon_start(struct daemon *daemon, struct error *error)
{
    bool follows = false;
    enum daemon_exit result = state_open(daemon, error);
    if (result != EXIT_ok) return result;
    daemon->folder.conf = daemon->conf;
    daemon->folder.lock = daemon->lock;
    if (!daemon->how.accept_loss) state_folder_missed(&daemon->folder, on_state_missed, daemon);
    loop_open(daemon);
    if (daemon->how.follow && !looks_open(daemon, error)) return EXIT_system;
    result = daemon_store_open(daemon, &follows, error);
    if (result != EXIT_ok || daemon->stopping) return result;
    if (!sources_open(daemon, error)) return EXIT_system;
    daemon->natives = programs_natives(daemon->conf);
    natives_tell(daemon->natives, on_native, daemon);
    daemon->programs = programs_new(daemon->store, daemon->sources, daemon->endpoints, daemon->natives);
    images_know_stored(programs_images(daemon->programs));
    programs_retired_read(daemon->programs, daemon->conf->state);
    if (follows) {
        const struct core_options core = core_as_configured(daemon);
        daemon->cuts = cuts_new(daemon); /* snapshots of its own */
        if (!lead_follow(daemon, &core, error))
            return daemon->stopping                                              ? EXIT_ok
                   : error->code == ERROR_SYSTEM || error->code == ERROR_UNKNOWN ? EXIT_journal
                                                                                 : EXIT_replay;
        images_know_stored(programs_images(daemon->programs)); /* notes which images were stored since the start */
    }
    crashes_begin(daemon);
    if (!engine_open(daemon, error)) return EXIT_replay;
    engine_start(daemon->engine);
    lead_watch(daemon);
    if (!load_first(daemon, error)) return error->code == ERROR_SYSTEM ? EXIT_journal : EXIT_config;
    if (!traces_open(daemon, error) || !doors_open(daemon, error)) return EXIT_system;
    daemon->children = children_new(daemon->base, daemon->conf, daemon->log, lead_term(daemon));
    children_start(daemon->children);
    daemon->pulse = pulse_new(daemon->base, daemon->engine, daemon->notify, daemon->log);
    if (!daemon->cuts) daemon->cuts = cuts_new(daemon);
    daemon->rollout_watch = rollout_watch_new(daemon);
    directory_listen(daemon);
    return EXIT_ok;
}

/* Ends the parts of gcxvm, those that face outside first. Each posted event becomes durable before the engine stops. */
static void daemon_end(struct daemon *daemon, enum daemon_exit result)
{
    struct event *events[] = {daemon->wake, daemon->hup, daemon->term, daemon->interrupt, daemon->look};
    http_free(daemon->http);
    pulse_free(daemon->pulse);
    rollout_watch_free(daemon->rollout_watch);
    drain_clear(&daemon->drain);
    admin_free(daemon->admin);
    if (daemon->links) links_close(daemon->links);
    children_free(daemon->children);
    listening_free(daemon->listening);
    reload_cancel(daemon->loading.job);
    load_forget(&daemon->loading);
    if (daemon->loading.later) event_free(daemon->loading.later);
    difference_free(&daemon->loading.difference);
    profiling_free(daemon->profiling);
    engine_stop(daemon->engine); /* the engine uses the sources until it has stopped */
    if (daemon->stopping) lead_leave(daemon);
    if (daemon->stopping && daemon->engine && daemon->result == EXIT_ok) cuts_last(daemon);
    cuts_free(daemon->cuts);
    traces_free(daemon->traces);
    sources_free(daemon->sources);
    endpoints_free(daemon->endpoints);
    links_free(daemon->links);
    engine_free(daemon->engine);
    crashes_free(daemon->crashes, daemon->stopping && daemon->result == EXIT_ok);
    programs_free(daemon->programs);
    natives_free(daemon->natives);
    queries_free(daemon->queries);
    reload_clear(&daemon->reload);
    activations_free(daemon->activations);
    if (daemon->lock >= 0 && (result == EXIT_deposed || result == EXIT_busy))
        children_left_end(daemon->conf, daemon->log);
    lead_free(daemon);
    batches_close(daemon->store);
    for (size_t i = 0; i < sizeof events / sizeof *events; i++)
        if (events[i]) event_free(events[i]);
    if (daemon->base) {
        /* callbacks that were deferred when the loop ended still refer to their streams, a look that was put off to the
         * handover */
        event_base_loop(daemon->base, EVLOOP_NONBLOCK);
        event_base_free(daemon->base);
    }
    handover_free(daemon->handover);
    if (daemon->lock >= 0) close(daemon->lock);
}

enum daemon_exit daemon_run(const struct conf *conf, const struct log *log, const struct daemon_how *how)
{
    assert(conf && log);
    static const struct daemon_tells tells = {
        .loaded = on_loaded, .cut = on_cut, .handed = on_handed, .stop = daemon_stop};
    struct daemon daemon = {
        .conf = conf, .log = log, .tells = &tells, .how = *how, .lock = -1, .started_us = host_monotonic_us()};
    struct error error = {0};
    enum daemon_exit result;
    signal(SIGPIPE, SIG_IGN); /* writing to a peer that is gone fails, without a signal */
    umask(077);               /* new files are private: the journal contains callers' data, wherever its folder is */
    if (sodium_init() < 0) abort();
    daemon.notify = notify_open();
    notify_say(daemon.notify, "STATUS=Replaying the journal");
    result = daemon_start(&daemon, &error);
    if (result != EXIT_ok) {
        daemon_fail(&daemon, result, &error);
        notify_say(daemon.notify, "STATUS=%s", error.text);
    } else if (!daemon.stopping) {
        daemon_say(&daemon, LOG_LEVEL_INFO, "ready");
        load_begun(&daemon);
        engine_serves(daemon.engine);
        if (daemon.load_error[0] != '\0')
            load_tell_ready(&daemon, "Serving what was in force before: the files are wrong");
        if (event_base_dispatch(daemon.base) < 0) daemon.result = EXIT_system;
        signals_late(&daemon);
        result = daemon.no_space && daemon.result == EXIT_ok ? EXIT_journal : daemon.result;
    }
    daemon_end(&daemon, result);
    notify_free(daemon.notify);
    log_line(log, LOG_LEVEL_INFO, "gcxvm", 0, 0, "ended with %d", (int)result);
    return result;
}
