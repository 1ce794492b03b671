/* runtime/daemon/service/profiling.c - Begins and ends a profile on the core's thread. */
#include "runtime/daemon/service/profiling.h"

#include <assert.h>
#include <event2/event.h>
#include <stdlib.h>

#include "runtime/core/read/read.h"
#include "runtime/host/real.h"
#include "base/memory.h"
#include "vm/profile.h"

struct profiling {
    struct engine *engine;
    struct profile *profile;
    struct event *over;
    uint64_t number, until_us; /* monotonic */
    bool runs;
};

/* On the core's thread. */
static void profiling_core_begin(void *self, struct core *core)
{
    const struct profiling *profiling = self;
    core_profile(core, profiling->profile);
}

/* On the core's thread. */
static void profiling_core_end(void *self, struct core *core)
{
    const struct profiling *profiling = self;
    (void)core;
    profile_end(profiling->profile);
}

static void profiling_end(struct profiling *profiling)
{
    assert(profiling->runs);
    event_del(profiling->over);
    engine_read(profiling->engine, profiling_core_end, profiling);
    profiling->runs = false;
}

static void profiling_on_over(evutil_socket_t fd, short what, void *self)
{
    (void)fd;
    (void)what;
    profiling_end(self);
}

/* A running profile has at least 1 second left: its timer ends it. */
static uint64_t profiling_left_us(const struct profiling *profiling)
{
    uint64_t now_us = host_monotonic_us();
    return profiling->until_us > now_us ? profiling->until_us - now_us : 1;
}

static struct profiling *profiling_new(struct daemon *daemon)
{
    struct profiling *profiling = memory_zeroed(1, sizeof *profiling);
    profiling->engine = daemon->engine;
    profiling->over = evtimer_new(daemon->base, profiling_on_over, profiling);
    if (!profiling->over) abort();
    return profiling;
}

static void profiling_begin(struct profiling *profiling, uint64_t seconds)
{
    const struct timeval length = {.tv_sec = (time_t)seconds};
    profile_free(profiling->profile);
    profiling->profile = profile_new(true);
    engine_read(profiling->engine, profiling_core_begin, profiling);
    if (evtimer_add(profiling->over, &length) != 0) abort();
    profiling->number++;
    profiling->until_us = host_monotonic_us() + seconds * 1000000;
    profiling->runs = true;
}

bool profiling_ask(struct daemon *daemon, uint64_t seconds, struct error *error)
{
    assert(daemon->engine);
    if (seconds > PROFILING_SECONDS_MAX)
        return error_set(error, ERROR_INPUT, "a profile takes at most %d seconds", PROFILING_SECONDS_MAX);
    if (seconds == 0 && !daemon->profiling)
        return error_set(error, ERROR_STATE, "there is no profile yet: ask for one of 1 second or more");
    if (!daemon->profiling) daemon->profiling = profiling_new(daemon);
    struct profiling *profiling = daemon->profiling;
    if (seconds > 0 && profiling->runs)
        return error_set(error, ERROR_STATE,
                         "a profile goes on for %u seconds more: wait, or end it by --seconds 0, which tells it, too",
                         (unsigned)((profiling_left_us(profiling) + 999999) / 1000000));
    if (seconds > 0)
        profiling_begin(profiling, seconds);
    else if (profiling->runs)
        profiling_end(profiling);
    return true;
}

void profiling_free(struct profiling *profiling)
{
    if (!profiling) return;
    if (profiling->runs) profiling_end(profiling);
    event_free(profiling->over);
    profile_free(profiling->profile);
    free(profiling);
}

void profiling_read(const struct daemon *daemon, struct profiling_row *row)
{
    const struct profiling *profiling = daemon->profiling;
    *row = (struct profiling_row){0};
    if (!profiling) return;
    row->number = profiling->number;
    if (profiling->runs)
        row->left_us = profiling_left_us(profiling);
    else
        row->profile = profiling->profile;
}
