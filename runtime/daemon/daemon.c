/* runtime/daemon/daemon.c - Start, work and end of gcxvm: who is made when, and who hears what. */
#include "config.h"
#include "runtime/daemon/daemon.h"

#include <assert.h>
#include <errno.h>
#include <event2/buffer.h>
#include <event2/event.h>
#include <fcntl.h>
#include <signal.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "runtime/core/read.h"
#include "runtime/daemon/databases.h"
#include "runtime/daemon/health.h"
#include "runtime/daemon/metrics.h"
#include "runtime/host/real.h"
#include "runtime/journal/images.h"
#include "runtime/natives/natives.h"
#include "runtime/vocabulary/memory.h"

static_assert((int)EXIT_memory == (int)MEMORY_EXIT, "exits.def has the number of memory.h");

static void say(struct daemon *daemon, enum log_level level, const char *text)
{
    log_line(daemon->log, level, "gcxvm", 0, 0, "%s", text);
}

static enum daemon_exit fail(struct daemon *daemon, enum daemon_exit code, const struct error *error)
{
    say(daemon, LOG_LEVEL_ERROR, error->text);
    return code;
}

/* One process works on a state folder. The lock goes with the process, whatever becomes of it. */
static enum daemon_exit state_open(struct daemon *daemon, struct error *error)
{
    const char *state = daemon->conf->state;
    struct flock whole = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
    char *path;
    if (mkdir(state, 0700) != 0 && errno != EEXIST) {
        error_set(error, ERROR_SYSTEM, "state folder %s: %s", state, strerror(errno));
        return EXIT_system;
    }
    if (asprintf(&path, "%s/lock", state) < 0) abort();
    daemon->lock = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    free(path);
    if (daemon->lock < 0) {
        error_set(error, ERROR_SYSTEM, "state folder %s: %s", state, strerror(errno));
        return EXIT_system;
    }
    unsigned space = intake_space(state, daemon->conf->space_mb);
    if (space <= SPACE_STOP) {
        error_set(error, ERROR_STATE, "state folder %s: %u.%u %% of its space is free; make room, or raise `space_mb`",
                  state, space / 10, space % 10);
        return EXIT_journal;
    }
    if (fcntl(daemon->lock, F_SETLK, &whole) == 0) return EXIT_ok;
    error_set(error, ERROR_STATE, "state folder %s: another gcxvm works on it", state);
    return EXIT_busy;
}

static void query_noted(struct daemon *daemon, const struct message *query)
{
    for (size_t i = 0; i < daemon->conf->source_count; i++)
        if (span_is(message_text(query, Query_source), daemon->conf->sources[i].name))
            queries_asked(daemon->queries, i, query);
}

/* On the core's thread, as the next three. */
static void on_effect(void *self, unsigned link, struct span frame)
{
    struct daemon *daemon = self;
    struct message message;
    if (link >= SOURCE_LINKS) {
        outbox_put(daemon->outbox, &(struct outbox_item){.kind = OUTBOX_EFFECT, .source = link, .frame = frame});
        return;
    }
    if (!message_read(&message, frame.bytes, frame.length, NULL)) return;
    if (message.kind == KIND_Reply)
        outbox_put(daemon->outbox, &(struct outbox_item){.kind = OUTBOX_REPLY, .frame = frame});
    if (message.kind == KIND_Reply && message_u(&message, Reply_outcome) != outcome_ok) {
        struct span text = message_text(&message, Reply_text);
        const char *code = enum_name_code(message_u(&message, Reply_code));
        log_line(daemon->log, LOG_LEVEL_WARNING, "core", 0, 0, "refused: %s %.*s", code, (int)text.length,
                 (const char *)text.bytes);
    }
    if (message.kind == KIND_Query) {
        query_noted(daemon, &message);
        sources_query(daemon->sources, &message);
    } else if (message.kind == KIND_HttpRequest) {
        endpoints_request(daemon->endpoints, &message);
    } else if (message.kind == KIND_Cancel) {
        queries_cancelled(daemon->queries, message_u(&message, ENVELOPE_ixn), message_u(&message, Cancel_of));
        endpoints_cancel(daemon->endpoints, message_u(&message, ENVELOPE_ixn), message_u(&message, Cancel_of));
        sources_cancel(daemon->sources, message_u(&message, ENVELOPE_ixn), message_u(&message, Cancel_of));
    }
}

static void on_committed(void *self, unsigned source, uint64_t seq)
{
    struct daemon *daemon = self;
    outbox_put(daemon->outbox, &(struct outbox_item){.kind = OUTBOX_COMMITTED, .source = source, .seq = seq});
}

static void on_room(void *self)
{
    struct daemon *daemon = self;
    outbox_put(daemon->outbox, &(struct outbox_item){.kind = OUTBOX_RESUME});
}

static bool on_crowded(void *self)
{
    struct daemon *daemon = self;
    return outbox_full(daemon->outbox);
}

/* Nothing more may be acknowledged: links drop with the process, and adapters route by default. */
static void on_failed(void *self, const char *why)
{
    struct daemon *daemon = self;
    outbox_put(daemon->outbox, &(struct outbox_item){.kind = OUTBOX_FAILED, .frame = span_of(why)});
}

/* On a worker's thread, or the core's. */
static void on_answer(void *self, struct span frame)
{
    struct daemon *daemon = self;
    struct message done;
    if (message_read(&done, frame.bytes, frame.length, NULL)) queries_answered(daemon->queries, &done);
    engine_post(daemon->engine, SOURCE_HOST, frame);
}

/* From here on the loop's thread. */
static void tell_ready(struct daemon *daemon, const char *status)
{
    daemon->ready = true;
    daemon->served = true;
    notify_say(daemon->notify, "READY=1\nSTATUS=%s", status);
}

static void load_failed(struct daemon *daemon, const char *why)
{
    daemon->load_failures++;
    snprintf(daemon->load_error, sizeof daemon->load_error, "%s", why);
}

/* What was loaded is in force, as far as the core would have it. */
static void loaded_check(struct daemon *daemon)
{
    const struct reload *reload = &daemon->reload;
    if (daemon->ready || daemon->durable_seq < reload->seq) return;
    if (reload->refused[0] != '\0') {
        load_failed(daemon, reload->refused);
        log_line(daemon->log, LOG_LEVEL_ERROR, "gcxvm", 0, 0, "not all is in force: %s", reload->refused);
        tell_ready(daemon, reload->refused);
        return;
    }
    log_line(daemon->log, LOG_LEVEL_INFO, "gcxvm", 0, 0, "directory of %zu rows, %zu routing points: in force",
             reload->rows, reload->active_count);
    daemon->loaded_wall_us = clock_wall_us();
    daemon->load_error[0] = '\0';
    tell_ready(daemon, "Serving");
}

/* An answer of the core to what an administrator, or a load, asked. */
static void on_reply(struct daemon *daemon, struct span frame)
{
    struct reload *reload = &daemon->reload;
    struct message reply;
    struct span text;
    if (!message_read(&reply, frame.bytes, frame.length, NULL)) return;
    text = message_text(&reply, Reply_text);
    if (message_u(&reply, ENVELOPE_client) != 0) {
        struct activation_ask ask = {message_u(&reply, ENVELOPE_client), message_u(&reply, ENVELOPE_req)};
        struct reload_world world = daemon_world(daemon);
        struct error error;
        if (!reload_answered(reload, &world, ask, message_u(&reply, Reply_outcome) == outcome_ok, &error))
            log_line(daemon->log, LOG_LEVEL_ERROR, "gcxvm", 0, 0,
                     "what the core has refused could not be taken back: %s", error.text);
        if (daemon->admin != NULL) admin_replied(daemon->admin, frame);
        return;
    }
    if (message_u(&reply, Reply_outcome) != outcome_ok && message_u(&reply, ENVELOPE_req) == reload->req)
        snprintf(reload->refused, sizeof reload->refused, "%.*s", (int)text.length, (const char *)text.bytes);
}

static void on_loaded(struct daemon *);

static void on_item(void *self, const struct outbox_item *item)
{
    struct daemon *daemon = self;
    switch (item->kind) {
    case OUTBOX_EFFECT:
        if (daemon->links != NULL) links_effect(daemon->links, item->source, item->frame);
        break;
    case OUTBOX_COMMITTED:
        if (item->source == SOURCE_ADMIN) {
            daemon->durable_seq = item->seq;
            loaded_check(daemon);
            if (daemon->admin != NULL) admin_durable(daemon->admin);
        } else if (daemon->links != NULL) {
            links_committed(daemon->links, item->source, item->seq);
        }
        break;
    case OUTBOX_RESUME:
        if (daemon->links != NULL) links_room(daemon->links);
        break;
    case OUTBOX_FAILED:
        log_line(daemon->log, LOG_LEVEL_ERROR, "journal", 0, 0, "%.*s: this process ends", (int)item->frame.length,
                 (const char *)item->frame.bytes);
        daemon->result = EXIT_journal;
        event_base_loopbreak(daemon->base);
        break;
    case OUTBOX_REPLY:
        on_reply(daemon, item->frame);
        break;
    case OUTBOX_LOADED:
        on_loaded(daemon);
        break;
    }
}

static void on_wake(evutil_socket_t fd, short what, void *self)
{
    struct daemon *daemon = self;
    (void)fd;
    (void)what;
    if (outbox_take(daemon->outbox, on_item, daemon)) engine_stir(daemon->engine);
}

struct reload_world daemon_world(const struct daemon *daemon)
{
    return (struct reload_world){daemon->conf, daemon->programs, daemon->engine, daemon->activations};
}

/* On the thread that loads. */
static void on_load_ready(void *self)
{
    struct daemon *daemon = self;
    outbox_put(daemon->outbox, &(struct outbox_item){.kind = OUTBOX_LOADED});
}

/* Damaged activations are looked at again with the next load: what is in force stays so meanwhile. */
static bool load_prepare(struct daemon *daemon, struct error *error)
{
    if (daemon->ready)
        notify_say(daemon->notify, "RELOADING=1\nMONOTONIC_USEC=%llu\nSTATUS=Loading",
                   (unsigned long long)clock_monotonic_us());
    if (daemon->activations == NULL) daemon->activations = activations_open(daemon->conf->state, error);
    return daemon->activations != NULL;
}

static bool load_came_to(struct daemon *daemon, bool good, const struct error *error)
{
    if (!good) {
        load_failed(daemon, error->text);
        if (daemon->ready) tell_ready(daemon, "Serving what was loaded before: the last load failed");
        return false;
    }
    daemon->ready = false; /* until it is durable */
    if (daemon->reload.warning[0] != '\0') say(daemon, LOG_LEVEL_WARNING, daemon->reload.warning);
    for (size_t i = 0; i < daemon->reload.active_count; i++)
        if (daemon->reload.active[i].by_hand)
            log_line(daemon->log, LOG_LEVEL_INFO, "gcxvm", 0, 0, "routing point %s: stays as it was activated by hand",
                     daemon->reload.active[i].dn);
    return true;
}

static void load_again(struct daemon *daemon, const struct asker *asker)
{
    struct loading *loading = &daemon->loading;
    if (loading->again) return;
    loading->again = true;
    loading->actor = memory_text(asker->actor);
    loading->why = asker->why != NULL ? memory_text(asker->why) : NULL;
}

static void load_forget(struct loading *loading)
{
    free(loading->actor);
    free(loading->why);
    loading->actor = loading->why = NULL;
    loading->again = false;
}

/* What is on the disk now may have changed since the load under way has read it: another follows. */
bool daemon_load(struct daemon *daemon, const struct asker *asker, uint64_t *load, struct error *error)
{
    struct loading *loading = &daemon->loading;
    struct reload_world world;
    if (loading->job != NULL) {
        load_again(daemon, asker);
        *load = loading->number + 1;
        return true;
    }
    *load = ++loading->number;
    if (load_prepare(daemon, error)) {
        world = daemon_world(daemon);
        loading->job = reload_begin(&world, asker, on_load_ready, daemon, error);
    }
    return loading->job != NULL || load_came_to(daemon, false, error);
}

static void load_over(struct daemon *daemon, const struct error *why)
{
    if (why != NULL) log_line(daemon->log, LOG_LEVEL_ERROR, "gcxvm", 0, 0, "nothing was changed: %s", why->text);
    if (daemon->admin != NULL) admin_loaded(daemon->admin, daemon->loading.number, why);
}

static void on_loaded(struct daemon *daemon)
{
    struct loading *loading = &daemon->loading;
    struct reload_world world = daemon_world(daemon);
    struct asker asker = {loading->actor, loading->why};
    struct error error = {0};
    uint64_t load;
    if (daemon->stopping) return; /* it is ended with the rest */
    bool good = load_came_to(daemon, reload_end(loading->job, &daemon->reload, &world, &error), &error);
    loading->job = NULL;
    load_over(daemon, good ? NULL : &error);
    if (!loading->again) return;
    error = (struct error){0};
    good = daemon_load(daemon, &asker, &load, &error);
    load_forget(loading);
    if (!good) load_over(daemon, &error);
}

static void on_hup(evutil_socket_t fd, short what, void *self)
{
    struct daemon *daemon = self;
    struct error error = {0};
    uint64_t load;
    (void)fd;
    (void)what;
    if (daemon->stopping) return;
    say(daemon, LOG_LEVEL_INFO, "SIGHUP: reads directory and strategies again");
    if (!daemon_load(daemon, &(struct asker){.actor = "SIGHUP"}, &load, &error)) load_over(daemon, &error);
}

static void on_children_ended(void *self)
{
    struct daemon *daemon = self;
    event_base_loopbreak(daemon->base);
}

/* After the second a signal does what it does to anybody. */
static void signals_end(struct daemon *daemon)
{
    event_del(daemon->term);
    event_del(daemon->interrupt);
}

/* Adapters say Bye first, so that the core knows that they went on purpose. */
void daemon_stop(struct daemon *daemon, const char *why)
{
    if (daemon->stopping) return;
    daemon->stopping = true;
    log_line(daemon->log, LOG_LEVEL_INFO, "gcxvm", 0, 0, "%s: ends in order", why);
    notify_say(daemon->notify, "STOPPING=1\nSTATUS=Ending: %s", why);
    if (daemon->terms > 1) signals_end(daemon);
    drain_clear(&daemon->drain);
    admin_free(daemon->admin);
    daemon->admin = NULL;
    children_stop(daemon->children, on_children_ended, daemon);
}

/* The first asks to drain, the next to end now; where there was nothing to wait for it ends already. */
static void on_term(evutil_socket_t number, short what, void *self)
{
    struct daemon *daemon = self;
    const char *name = strsignal((int)number);
    (void)what;
    daemon->terms++;
    if (daemon->stopping) {
        if (daemon->terms > 1) signals_end(daemon);
    } else if (daemon->conf->drain_s == 0 || (drain_under_way(daemon) && daemon->drain.stop)) {
        daemon_stop(daemon, name);
    } else {
        drain_begin(daemon, &(struct asker){.actor = name}, daemon->conf->drain_s, true);
    }
}

static void on_link_changed(void *self, const char *adapter, bool up)
{
    struct daemon *daemon = self;
    if (daemon->children != NULL) children_link(daemon->children, adapter, up);
}

static void on_source_note(void *self, const char *source, bool good, const char *text)
{
    struct daemon *daemon = self;
    log_line(daemon->log, good ? LOG_LEVEL_INFO : LOG_LEVEL_WARNING, source, 0, 0, "%s", text);
}

static void on_links_stop(void *self, const char *why)
{
    on_failed(self, why);
}

static bool sources_open(struct daemon *daemon, struct error *error)
{
    struct sources_options options = {.base = daemon->base, .done = on_answer, .note = on_source_note, .self = daemon};
    daemon->queries = queries_new(daemon->conf->source_count);
    daemon->sources = databases_open(daemon->conf, &options, error);
    struct endpoints_options how = {.done = on_answer, .note = on_source_note, .self = daemon};
    if (daemon->sources != NULL) daemon->endpoints = endpoints_open(daemon->conf, &how, error);
    return daemon->sources != NULL && daemon->endpoints != NULL;
}

/* Nobody learns the seed, from which what is drawn could be told. */
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

static bool engine_open(struct daemon *daemon, struct error *error)
{
    struct engine_options options = {.core = {.partition = (uint16_t)daemon->conf->partition,
                                              .interactions_max = (uint32_t)daemon->conf->interactions,
                                              .image = images_get,
                                              .self = programs_images(daemon->programs)},
                                     .store = daemon->store,
                                     .log = daemon->log,
                                     .effect = on_effect,
                                     .committed = on_committed,
                                     .room = on_room,
                                     .failed = on_failed,
                                     .crowded = on_crowded,
                                     .self = daemon};
    struct core_status status;
    randombytes_buf(&options.core.seed, sizeof options.core.seed);
    struct error refused = {0};
    daemon->engine = engine_new(&options, error);
    /* That an image of the journal cannot run is why a replay diverges; or is not noticed yet. */
    if (images_refused(programs_images(daemon->programs), &refused)) {
        error_set(error, refused.code, "journal: %.245s", refused.text);
        return false;
    }
    if (daemon->engine == NULL) return false;
    core_status(engine_core(daemon->engine), &status);
    name_journal(daemon->endpoints, status.seed);
    log_line(daemon->log, LOG_LEVEL_INFO, "gcxvm", 0, 0, "epoch %llu, %llu batches replayed, %llu interactions live",
             (unsigned long long)engine_epoch(daemon->engine), (unsigned long long)status.batches,
             (unsigned long long)status.interactions);
    return true;
}

static struct event *signal_new(struct daemon *daemon, int number, event_callback_fn callback)
{
    struct event *event = evsignal_new(daemon->base, number, callback, daemon);
    if (event == NULL || event_add(event, NULL) != 0) abort();
    return event;
}

static void loop_open(struct daemon *daemon)
{
    daemon->base = event_base_new();
    daemon->outbox = outbox_new();
    if (daemon->base == NULL) abort();
    daemon->wake = event_new(daemon->base, outbox_fd(daemon->outbox), EV_READ | EV_PERSIST, on_wake, daemon);
    if (daemon->wake == NULL || event_add(daemon->wake, NULL) != 0) abort();
    daemon->hup = signal_new(daemon, SIGHUP, on_hup);
    daemon->term = signal_new(daemon, SIGTERM, on_term);
    daemon->interrupt = signal_new(daemon, SIGINT, on_term);
}

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
    if (daemon->links == NULL) return false;
    daemon->admin = admin_new(daemon, daemon->base, daemon->conf->admin, error);
    if (daemon->admin == NULL) return false;
    if (daemon->conf->http[0] == '\0') return true;
    daemon->http = http_new(daemon->base, daemon->conf->http, on_http, daemon, error);
    if (daemon->http == NULL) return false;
    log_line(daemon->log, LOG_LEVEL_INFO, "gcxvm", 0, 0, "metrics and health at http://%s", http_address(daemon->http));
    return true;
}

static void status_read(void *self, struct core *core)
{
    core_status(core, self);
}

/* What the journal has is good enough to serve with, when the files are not: calls are not to suffer from a mistake in
 * them, whoever made it has to hear of it. */
static bool load_first(struct daemon *daemon, struct error *error)
{
    struct core_status status;
    struct reload_world world;
    bool good = load_prepare(daemon, error);
    world = daemon_world(daemon);
    if (load_came_to(daemon,
                     good && reload_do(&daemon->reload, &world, &(struct asker){.actor = "start"}, error), error))
        return true;
    engine_read(daemon->engine, status_read, &status);
    if (status.directory == 0) return false;
    log_line(daemon->log, LOG_LEVEL_ERROR, "gcxvm", 0, 0, "%s", error->text);
    say(daemon, LOG_LEVEL_ERROR,
        "directory and strategies of the files are NOT in force: it serves with what was before");
    return true;
}

/* In this order, because each needs the ones before it. */
static enum daemon_exit start(struct daemon *daemon, struct error *error)
{
    enum daemon_exit result = state_open(daemon, error);
    if (result != EXIT_ok) return result;
    daemon->store = store_open_sqlite(daemon->conf->state, error);
    if (daemon->store == NULL) return EXIT_replay;
    loop_open(daemon);
    if (!sources_open(daemon, error)) return EXIT_system;
    daemon->natives = programs_natives(daemon->conf);
    natives_tell(daemon->natives, on_native, daemon);
    daemon->programs = programs_new(daemon->store, daemon->sources, daemon->endpoints, daemon->natives);
    if (!engine_open(daemon, error)) return EXIT_replay;
    engine_start(daemon->engine);
    if (!load_first(daemon, error)) return EXIT_config;
    if (!traces_open(daemon, error) || !doors_open(daemon, error)) return EXIT_system;
    daemon->children = children_new(daemon->base, daemon->conf, daemon->log);
    children_start(daemon->children);
    daemon->pulse = pulse_new(daemon->base, daemon->engine, daemon->notify, daemon->log);
    return EXIT_ok;
}

/* From the outside inwards. What was posted becomes durable before the engine stops. */
static void end(struct daemon *daemon)
{
    struct event *events[] = {daemon->wake, daemon->hup, daemon->term, daemon->interrupt};
    http_free(daemon->http);
    pulse_free(daemon->pulse);
    drain_clear(&daemon->drain);
    admin_free(daemon->admin);
    if (daemon->links != NULL) links_close(daemon->links);
    children_free(daemon->children);
    reload_cancel(daemon->loading.job);
    load_forget(&daemon->loading);
    engine_stop(daemon->engine); /* it asks the sources until then */
    traces_free(daemon->traces);
    sources_free(daemon->sources);
    endpoints_free(daemon->endpoints);
    links_free(daemon->links);
    engine_free(daemon->engine);
    programs_free(daemon->programs);
    natives_free(daemon->natives);
    queries_free(daemon->queries);
    reload_clear(&daemon->reload);
    activations_free(daemon->activations);
    store_close(daemon->store);
    for (size_t i = 0; i < sizeof events / sizeof *events; i++)
        if (events[i] != NULL) event_free(events[i]);
    outbox_free(daemon->outbox);
    if (daemon->base != NULL) {
        event_base_loop(daemon->base, EVLOOP_NONBLOCK); /* what was deferred when it ended holds its stream */
        event_base_free(daemon->base);
    }
    if (daemon->lock >= 0) close(daemon->lock);
}

enum daemon_exit daemon_run(const struct conf *conf, const struct log *log)
{
    struct daemon daemon = {.conf = conf, .log = log, .lock = -1, .started_us = clock_monotonic_us()};
    struct error error = {0};
    enum daemon_exit result;
    signal(SIGPIPE, SIG_IGN); /* a peer that goes is an error of write */
    signal(SIGXFSZ, SIG_IGN); /* and so is a journal that may not grow */
    umask(077);               /* the journal has callers' data in it, wherever its folder is */
    if (sodium_init() < 0) abort();
    daemon.notify = notify_open();
    notify_say(daemon.notify, "STATUS=Replaying the journal");
    result = start(&daemon, &error);
    if (result != EXIT_ok) {
        fail(&daemon, result, &error);
        notify_say(daemon.notify, "STATUS=%s", error.text);
    } else {
        say(&daemon, LOG_LEVEL_INFO, "ready");
        if (daemon.load_error[0] != '\0') tell_ready(&daemon, "Serving what was in force before: the files are wrong");
        if (event_base_dispatch(daemon.base) < 0) daemon.result = EXIT_system;
        signals_end(&daemon); /* nobody looks for them any more */
        result = daemon.result;
    }
    end(&daemon);
    notify_free(daemon.notify);
    log_line(log, LOG_LEVEL_INFO, "gcxvm", 0, 0, "ended with %d", (int)result);
    return result;
}
