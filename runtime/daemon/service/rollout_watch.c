/* runtime/daemon/service/rollout_watch.c - Looks after rollouts once a second.
 *
 *     the configuration's windows  -> the event `freeze`, when the next window is another one
 *     a rollout in a new state     -> a line of the log; with figures and examples if it has gone back
 *     a rollout that is done       -> activations.json, as if an administrator had activated the version by hand
 *     what guards say              -> a point of their curves, for people who look later (rollout_curves.h)
 *
 * The core decides about rollouts by itself, in the order of the journal; nothing here is needed for that. */
#include "runtime/daemon/service/rollout_watch.h"

#include <assert.h>
#include <event2/event.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/out.h"
#include "runtime/core/read/rollouts.h"
#include "runtime/daemon/service/daemon.h"
#include "runtime/daemon/service/load.h"
#include "runtime/daemon/service/rollout_curves.h"
#include "runtime/host/real.h"
#include "runtime/vocabulary/events_site.h"
#include "runtime/vocabulary/ident.h"

/* A core that hangs is asked again a second later: the loop, which says that it hangs, does not wait for it. */
enum { WATCHED_MAX = 64, WATCH_LINE = 1024, WATCH_PATIENCE_US = 100000 };

struct rollout_watch {
    struct daemon *daemon;
    struct event *tick;
    struct rollout_curves *curves;
    int64_t from_us, until_us; /* the window that was posted last */
    bool posted;
    /* The states that were told last, one of each rollout. */
    struct watched {
        uint32_t id;
        uint8_t state;
    } told[WATCHED_MAX];
    bool looked; /* the rows of before the start are not told again */
};

/* What one look into the core brings: the rollouts whose state was not told yet. Texts are copied, as the core goes on.
 */
struct rollout_watch_look {
    const struct rollout_watch *watch;
    struct watched states[WATCHED_MAX]; /* of all */
    uint32_t states_count, count;
    struct watched_row {
        uint32_t id;
        unsigned state;
        char point[NAME_MAX_BYTES + 1], strategy[NAME_MAX_BYTES + 1];
        char line[WATCH_LINE];
    } rows[WATCHED_MAX];
    int64_t from_us, until_us; /* the core's freeze */
    int64_t now_us;            /* wall clock */
    uint32_t curve_count;
    struct curve_look curves[WATCHED_MAX]; /* of those whose next point is due */
};

static void rollout_watch_copy(char *to, size_t size, struct span text)
{
    snprintf(to, size, "%.*s", (int)text.length, (const char *)text.bytes);
}

/* Writes what the rollout has become: "back, the new version is worse (abandoned); abandoned:+1pt worse, 12 of 90 ...".
 */
static void rollout_watch_line(const struct core_rollout *row, char line[WATCH_LINE])
{
    struct out out = {0};
    out_format(&out, "%s, %u.%02u %% of the arrivals", enum_name_rollout_state(row->state), row->share / 100,
               row->share % 100);
    if (row->why[0] != '\0') out_format(&out, "; %s", row->why);
    if (row->guard) out_format(&out, " (%s)", row->guard);
    for (unsigned i = 0; i < row->guard_count; i++) {
        const struct core_rollout_guard *guard = &row->guards[i];
        out_format(&out, "; %s %s", guard->text, core_guard_words(guard->says));
        if (!guard->time)
            out_format(&out, ", %llu of %llu new, %llu of %llu present", (unsigned long long)guard->hits[0],
                       (unsigned long long)guard->count[0], (unsigned long long)guard->hits[1],
                       (unsigned long long)guard->count[1]);
    }
    for (unsigned i = 0; i < row->example_count; i++) {
        char ixn[IXN_TEXT];
        ident_print_ixn(row->examples[i], ixn);
        out_format(&out, "%s%s", i == 0 ? "; examples: " : " ", ixn);
    }
    snprintf(line, WATCH_LINE, "%s", out.bytes);
    out_free(&out);
}

/* True: this state of the rollout was told before. Old rollouts leave the core's rows, and the others move up. */
static bool rollout_watch_told(const struct rollout_watch *watch, uint32_t id, uint8_t state)
{
    for (uint32_t i = 0; i < WATCHED_MAX; i++)
        if (watch->told[i].id == id && watch->told[i].state == state) return true;
    return false;
}

/* On the core's thread. */
static void rollout_watch_read(void *self, struct core *core)
{
    struct rollout_watch_look *look = self;
    struct core_rollout_brief brief;
    struct core_rollout whole;
    core_rollout_freeze(core, &look->from_us, &look->until_us);
    for (uint32_t at = 0; at < WATCHED_MAX && core_rollout_brief(core, at, &brief); at++) {
        look->states[look->states_count++] = (struct watched){brief.id, (uint8_t)brief.state};
        if (rollout_curves_due(look->watch->curves, brief.id, brief.open, look->now_us) &&
            core_rollout_at(core, at, false, &whole))
            curve_look_at(&look->curves[look->curve_count++], &whole);
        if (rollout_watch_told(look->watch, brief.id, (uint8_t)brief.state)) continue;
        if (!core_rollout_at(core, at, false, &whole)) continue;
        struct watched_row *row = &look->rows[look->count++];
        row->id = brief.id;
        row->state = brief.state;
        rollout_watch_copy(row->point, sizeof row->point, whole.point);
        rollout_watch_copy(row->strategy, sizeof row->strategy, whole.strategy);
        rollout_watch_line(&whole, row->line);
    }
}

/* Posts the window that is on or next, if the core has another one. */
static void rollout_watch_freeze(struct rollout_watch *watch, const struct rollout_watch_look *look)
{
    struct daemon *daemon = watch->daemon;
    struct writer writer;
    int64_t from = 0, until = 0;
    if (!freeze_window(&daemon->conf->frozen, (int64_t)host_wall_clock_us(), &from, &until)) from = until = 0;
    bool same = watch->posted ? watch->from_us == from && watch->until_us == until
                              : look->from_us == from && look->until_us == until;
    if (same) return;
    writer_init(&writer);
    writer_begin(&writer, KIND_Rollout);
    writer_text(&writer, ENVELOPE_actor, "gcxvm.conf");
    writer_u(&writer, Rollout_verb, rollout_verb_freeze);
    writer_i(&writer, Rollout_freeze_from, from);
    writer_i(&writer, Rollout_freeze_until, until);
    engine_post(daemon->engine, SOURCE_ADMIN, writer_end(&writer));
    writer_free(&writer);
    watch->from_us = from;
    watch->until_us = until;
    watch->posted = true;
}

/* Writes a line for each rollout whose state is another one than at the last look. */
static void rollout_watch_tell(struct rollout_watch *watch, const struct rollout_watch_look *look)
{
    for (uint32_t i = 0; watch->looked && i < look->count; i++) {
        const struct watched_row *row = &look->rows[i];
        log_line(watch->daemon->log, row->state == rollout_state_back ? LOG_LEVEL_WARNING : LOG_LEVEL_INFO, "admin", 0,
                 0, "rollout %u of %s at %s: %s", row->id, row->strategy, row->point, row->line);
    }
    memcpy(watch->told, look->states, sizeof watch->told);
    watch->looked = true;
}

/* Notes the versions to which rollouts have given all arrivals. */
static void rollout_watch_settle(struct daemon *daemon, const struct rollout_watch_look *look)
{
    struct reload_world world = daemon_world(daemon);
    for (uint32_t i = 0; i < look->count; i++) {
        const struct watched_row *row = &look->rows[i];
        struct error error = {0};
        if (row->state != rollout_state_done || reload_rollout_note(&daemon->reload, &world, row->point, &error))
            continue;
        log_line(daemon->log, LOG_LEVEL_WARNING, "admin", 0, 0, "rollout %u is done, and is not noted as active: %s",
                 row->id, error.text);
    }
}

static void rollout_watch_look(struct rollout_watch *watch)
{
    struct daemon *daemon = watch->daemon;
    struct rollout_watch_look *look = memory_zeroed(1, sizeof *look);
    look->watch = watch;
    look->now_us = (int64_t)host_wall_clock_us();
    if (engine_read_within(daemon->engine, WATCH_PATIENCE_US, rollout_watch_read, look)) {
        rollout_watch_freeze(watch, look);
        rollout_watch_tell(watch, look);
        rollout_watch_settle(daemon, look);
        for (uint32_t i = 0; i < look->curve_count; i++)
            rollout_curves_add(watch->curves, &look->curves[i], look->now_us);
        rollout_curves_save(watch->curves);
    }
    free(look);
}

static void rollout_watch_on_tick(evutil_socket_t fd, short what, void *self)
{
    struct rollout_watch *watch = self;
    (void)fd;
    (void)what;
    if (!watch->daemon->stopping && watch->daemon->engine) rollout_watch_look(watch);
}

struct rollout_watch *rollout_watch_new(struct daemon *daemon)
{
    assert(daemon);
    static const struct timeval every = {.tv_sec = 1};
    struct rollout_watch *watch = memory_zeroed(1, sizeof *watch);
    watch->daemon = daemon;
    char *path = memory_format("%s/rollout.curves", daemon->conf->state);
    watch->curves = rollout_curves_new(path);
    free(path);
    watch->tick = event_new(daemon->base, -1, EV_PERSIST, rollout_watch_on_tick, watch);
    if (!watch->tick || event_add(watch->tick, &every) != 0) abort();
    rollout_watch_look(watch);
    return watch;
}

void rollout_watch_free(struct rollout_watch *watch)
{
    if (!watch) return;
    event_free(watch->tick);
    rollout_curves_free(watch->curves);
    free(watch);
}

json_t *rollout_watch_curve(const struct rollout_watch *watch, uint32_t id)
{
    return watch ? rollout_curves_of(watch->curves, id) : NULL;
}
