/* runtime/daemon/service/load.c - Loads of directory and strategies: the first one, the later ones one after another
 * while the loop serves, and their results. */
#include "runtime/daemon/service/load.h"

#include <assert.h>
#include <event2/event.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/core/read/read.h"
#include "runtime/core/read/totals.h"
#include "runtime/daemon/directory/kept.h"
#include "runtime/daemon/site/programs.h"
#include "runtime/host/real.h"
#include "base/memory.h"
#include "vm/media_set.h"

enum { AGAIN_FIRST_S = 2, AGAIN_MOST_S = 60 };

void load_tell_ready(struct daemon *daemon, const char *status)
{
    assert(status);
    daemon->ready = true;
    daemon->reloading = false;
    daemon->served = true;
    notify_say(daemon->notify, "READY=1\nSTATUS=%s", status);
}

static void load_say(const struct daemon *daemon, enum log_level level, const char *text)
{
    log_line(daemon->log, level, "gcxvm", 0, 0, "%s", text);
}

/* Notes the failure, which status and metrics show until a load succeeds. */
static void load_failed(struct daemon *daemon, const char *why)
{
    daemon->load_failures++;
    snprintf(daemon->load_error, sizeof daemon->load_error, "%s", why);
}

/* On the core's thread. */
static void load_status_read(void *self, struct core *core)
{
    core_status(core, self);
}

/* A load is running until it is durable: the core has then taken or refused its rows, and the new copy of the
 * directory, which another load would overwrite, is in its place. */
static bool load_busy(const struct daemon *daemon)
{
    return daemon->loading.job || daemon->durable_seq < daemon->reload.seq;
}

/* Begins the load that was requested while another one was running. */
static void load_next(struct daemon *daemon)
{
    struct loading *loading = &daemon->loading;
    struct activation_asker asker = {loading->actor, loading->why};
    struct error error = {0};
    uint64_t load;
    if (!loading->again || load_busy(daemon) || daemon->stopping) return;
    bool good = daemon_load(daemon, &asker, &load, &error);
    load_forget(loading);
    if (!good) load_over(daemon, &error);
}

/* Clears the failure: the last load that was read is in force. */
static void load_good(struct daemon *daemon)
{
    daemon->load_error[0] = '\0';
    daemon->loading.pause_s = 0;
    if (daemon->loading.later) evtimer_del(daemon->loading.later);
}

static void on_later(evutil_socket_t fd, short what, void *self)
{
    (void)fd, (void)what;
    daemon_directory_told(self);
}

/* Repeats a load that was refused for a reason that may soon be over, such as an agent's work: the database notifies
 * of a change only once. The longer it has been refused, the longer is the pause before the next attempt. */
static void load_later(struct daemon *daemon)
{
    struct loading *loading = &daemon->loading;
    size_t length = strlen(daemon->load_error);
    if (!daemon->listening || daemon->stopping) return;
    loading->pause_s = loading->pause_s == 0 ? AGAIN_FIRST_S : 2 * loading->pause_s;
    if (loading->pause_s > AGAIN_MOST_S) loading->pause_s = AGAIN_MOST_S;
    if (!loading->later) loading->later = evtimer_new(daemon->base, on_later, daemon);
    if (!loading->later || evtimer_add(loading->later, &(struct timeval){.tv_sec = loading->pause_s}) != 0) abort();
    snprintf(daemon->load_error + length, sizeof daemon->load_error - length, "; it is tried again after %u s",
             loading->pause_s);
}

/* ---- media that the site no longer has ---- */

struct open_media {
    struct own_medium_use uses[MEDIA_OWN_MAX];
};

/* On the core's thread. */
static void open_media_read(void *self, struct core *core)
{
    struct open_media *media = self;
    for (unsigned own = 0; own < MEDIA_OWN_MAX; own++) core_own_medium(core, own, &media->uses[own]);
}

/* True: an image in force declares the medium, also one that was activated by hand. */
static bool medium_in_force(const struct daemon *daemon, unsigned own)
{
    const struct reload *reload = &daemon->reload;
    struct text name;
    for (size_t i = 0; i < reload->image_count; i++)
        if (image_own_medium(reload->images[i], own, &name)) return true;
    for (size_t i = 0; i < reload->active_count; i++) {
        if (!reload->active[i].by_hand) continue;
        const struct image *image = reload_hashed(daemon->programs, reload->active[i].image);
        if (image && image_own_medium(image, own, &name)) return true;
    }
    return false;
}

/* Logs a medium that the site removes while it has open interactions: nothing happens to these. */
static void load_tell_media(const struct daemon *daemon)
{
    struct open_media media;
    char text[400];
    engine_read(daemon->engine, open_media_read, &media);
    for (unsigned own = 0; own < MEDIA_OWN_MAX; own++) {
        const struct own_medium_use *use = &media.uses[own];
        if (use->open == 0 || medium_in_force(daemon, own)) continue;
        snprintf(
            text, sizeof text,
            "the site declares the medium %s no more, and %u interactions of it are open: a strategy that runs goes "
            "on as it was, up to its timeouts; what waits in a queue waits there until it is declared again, or "
            "ended: gcxctl interactions --media %s",
            use->name, use->open, use->name);
        load_say(daemon, LOG_LEVEL_WARNING, text);
    }
}

/* Once the journal has the last event of a load, the core has accepted or refused each of its rows. */
void load_check(struct daemon *daemon)
{
    const struct reload *reload = &daemon->reload;
    struct core_status status;
    if (daemon->durable_seq < reload->seq) return;
    if (daemon->ready) { /* the load was over before: what was refused is an activation by hand */
        load_next(daemon);
        return;
    }
    engine_read(daemon->engine, load_status_read, &status);
    if (reload->kept) kept_settle(daemon->conf->state, status.directory == reload->version);
    if (reload->refused[0] != '\0') {
        struct reload_world world = daemon_world(daemon);
        reload_refused(&daemon->reload, &world);
        load_failed(daemon, reload->refused);
        load_later(daemon);
        log_line(daemon->log, LOG_LEVEL_ERROR, "gcxvm", 0, 0, "nothing was changed: %s", daemon->load_error);
        load_tell_ready(daemon, reload->refused);
        load_next(daemon);
        return;
    }
    reload_settled(&daemon->reload);
    log_line(daemon->log, LOG_LEVEL_INFO, "gcxvm", 0, 0, "directory of %zu rows, %zu routing points: in force",
             reload->rows, reload->active_count);
    load_tell_media(daemon);
    daemon->loaded_wall_us = host_wall_clock_us();
    load_good(daemon);
    load_tell_ready(daemon, "Serving");
    load_next(daemon);
}

void load_begun(struct daemon *daemon)
{
    if (!daemon->ready && daemon->reload.source && daemon->load_error[0] == '\0') load_check(daemon);
}

struct reload_world daemon_world(const struct daemon *daemon)
{
    return (struct reload_world){.conf = daemon->conf,
                                 .programs = daemon->programs,
                                 .engine = daemon->engine,
                                 .activations = daemon->activations,
                                 .used = &daemon->reload.used,
                                 .version = daemon->reload.version};
}

/* Tells the loop that the load is ready; runs on the thread that loads. */
static void on_load_ready(void *self)
{
    struct daemon *daemon = self;
    handover_put(daemon->handover, &(struct handover_item){.kind = HANDOVER_LOADED});
}

/* Damaged activations are read again with the next load: what is in force stays so meanwhile. */
static bool load_prepare(struct daemon *daemon, struct error *error)
{
    daemon->reloading = daemon->ready;
    if (daemon->ready)
        notify_say(daemon->notify, "RELOADING=1\nMONOTONIC_USEC=%llu\nSTATUS=Loading",
                   (unsigned long long)host_monotonic_us());
    if (!daemon->activations) daemon->activations = activations_open(daemon->conf->state, error);
    if (daemon->ready && daemon->state_gone && daemon->activations) activations_kept(daemon->activations);
    return daemon->activations != NULL;
}

/* The load changes nothing: tells the service manager, which knew of the load, that gcxvm serves as before. */
static void load_tell_as_before(struct daemon *daemon)
{
    if (daemon->reloading)
        load_tell_ready(daemon, daemon->load_error[0] == '\0' ? "Serving"
                                                              : "Serving what was loaded before: the last load failed");
}

/* A load has been read, or has failed: handles its result. True: the events of the load are posted, and the load is in
 * force once these are durable. */
static bool load_came_to(struct daemon *daemon, bool good, const struct error *error)
{
    if (!good) {
        load_failed(daemon, error->text);
        load_tell_as_before(daemon);
        return false;
    }
    daemon->ready = false; /* until it is durable */
    for (size_t i = 0; i < daemon->reload.warnings.count; i++)
        load_say(daemon, LOG_LEVEL_WARNING, daemon->reload.warnings.texts[i]);
    for (size_t i = 0; i < daemon->reload.active_count; i++)
        if (daemon->reload.active[i].by_hand)
            log_line(daemon->log, LOG_LEVEL_INFO, "gcxvm", 0, 0, "routing point %s: stays as it was activated by hand",
                     daemon->reload.active[i].dn);
    return true;
}

/* Notes that another load was requested while one is running, with the name of the first asker. */
static void load_again(struct daemon *daemon, const struct activation_asker *asker)
{
    assert(load_busy(daemon));
    struct loading *loading = &daemon->loading;
    if (loading->again) return;
    loading->again = true;
    loading->actor = memory_text(asker->actor);
    loading->why = asker->why ? memory_text(asker->why) : NULL;
}

void load_forget(struct loading *loading)
{
    free(loading->actor);
    free(loading->why);
    loading->actor = loading->why = NULL;
    loading->again = false;
}

/* The files may have changed since the running load has read them: another load follows it. */
bool daemon_load(struct daemon *daemon, const struct activation_asker *asker, uint64_t *load, struct error *error)
{
    assert(asker && asker->actor && load);
    struct loading *loading = &daemon->loading;
    struct reload_world world;
    if (load_busy(daemon)) {
        load_again(daemon, asker);
        *load = loading->number + 1;
        return true;
    }
    *load = ++loading->number;
    if (load_prepare(daemon, error)) {
        world = daemon_world(daemon);
        if (!loading->despite) world.frozen = &daemon->reload;
        loading->despite = false;
        loading->job = reload_begin(&world, asker, NULL, on_load_ready, daemon, error);
    }
    return loading->job || load_came_to(daemon, false, error);
}

bool daemon_import(struct daemon *daemon, const struct activation_asker *asker, const struct reload_from *from,
                   uint64_t *load, struct error *error)
{
    assert(asker && asker->actor && from && load);
    struct loading *loading = &daemon->loading;
    if (load_busy(daemon) || (!from->if_changed && !daemon->ready))
        return error_set(error, ERROR_STATE, "a load is under way: ask again when it has ended");
    if (!from->difference && !load_prepare(daemon, error)) {
        load_tell_as_before(daemon);
        return false;
    }
    struct reload_world world = daemon_world(daemon);
    world.frozen = &daemon->reload;
    *load = ++loading->number;
    loading->job = reload_begin(&world, asker, from, on_load_ready, daemon, error);
    if (!loading->job) load_tell_as_before(daemon);
    return loading->job != NULL;
}

void daemon_directory_told(struct daemon *daemon)
{
    static const struct activation_asker asker = {.actor = "NOTIFY"};
    struct error error = {0};
    uint64_t load;
    if (daemon->stopping) return;
    if (load_busy(daemon))
        load_again(daemon, &asker);
    else if (!daemon_import(daemon, &asker, &(struct reload_from){.if_changed = true}, &load, &error))
        load_over(daemon, &error);
}

void load_over(struct daemon *daemon, const struct error *why)
{
    assert(daemon->tells && daemon->tells->loaded);
    if (why) log_line(daemon->log, LOG_LEVEL_ERROR, "gcxvm", 0, 0, "nothing was changed: %s", why->text);
    daemon->tells->loaded(daemon, daemon->loading.number, why);
}

void load_ended(struct daemon *daemon)
{
    assert(daemon->loading.job || daemon->stopping);
    struct loading *loading = &daemon->loading;
    struct reload_world world = daemon_world(daemon);
    struct error error = {0};
    if (daemon->stopping) return; /* not put in force: the end of the process ends the load, too */
    bool looks = reload_only_looks(loading->job), same = reload_finds_same(loading->job);
    bool good = reload_end(loading->job, &daemon->reload, &world, &error);
    loading->job = NULL;
    if (looks) {
        if (same) load_good(daemon);
        load_tell_as_before(daemon);
        daemon->tells->loaded(daemon, loading->number, good ? NULL : &error);
    } else {
        good = load_came_to(daemon, good, &error);
        if (!good && (error.code == ERROR_UNAVAILABLE || error.code == ERROR_TIMEOUT)) load_later(daemon);
        load_over(daemon, good ? NULL : &error);
        if (good) load_check(daemon); /* a load that has posted nothing has no event to wait for, and is over at once */
    }
    load_next(daemon);
}

/* If the files are wrong, gcxvm serves with the directory of the journal: calls must not suffer from a mistake in a
 * file, and the log reports the mistake. */
bool load_first(struct daemon *daemon, struct error *error)
{
    struct core_status status;
    struct reload_world world;
    bool good = load_prepare(daemon, error);
    engine_read(daemon->engine, load_status_read, &status);
    kept_recover(daemon->conf->state, status.directory);
    world = daemon_world(daemon);
    world.version = status.directory;
    if (load_came_to(daemon,
                     good && reload_do(&daemon->reload, &world, &(struct activation_asker){.actor = "start"}, error),
                     error))
        return true;
    if (status.directory == 0) return false;
    log_line(daemon->log, LOG_LEVEL_ERROR, "gcxvm", 0, 0, "%s", error->text);
    load_say(daemon, LOG_LEVEL_ERROR,
             "directory and strategies of the files are NOT in force: it serves with what was before");
    return true;
}
