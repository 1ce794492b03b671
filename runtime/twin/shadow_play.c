/* runtime/twin/shadow_play.c - Opens the journal at its end, finds the candidate, and applies what gcxvm appends from
 * then on to both cores. */
#include "runtime/twin/shadow_play.h"

#include <assert.h>
#include <inttypes.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

#include "runtime/core/core.h"
#include "runtime/core/read/read.h"
#include "runtime/host/real.h"
#include "runtime/journal/place.h"
#include "runtime/twin/replayed.h"
#include "runtime/twin/candidate.h"
#include "runtime/vocabulary/ident.h"
#include "runtime/vocabulary/message.h"

enum {
    LOOK_MS = 50,         /* pause between two looks for new batches */
    BATCH_SECONDS = 20,   /* of a processor, for one batch in the core of the candidate */
    STOPS_AT_ONCE = 2,    /* signals after which the rest of the journal is left out */
    AGAIN_MS = 1000,      /* pause before a database that is away is asked again */
    LAST_LOOKS = 5,       /* looks at the end, while the journal's database does not answer */
    GROWS_MIB_LEAST = 512 /* how much more memory than at its beginning the play may have, at least */
};

struct shadow {
    const struct shadow_terms *terms;
    struct replayed replayed;
    struct journal_watch watch; /* the rival's, with the time taken */
    const struct journal_watch *above;
    uint64_t batch_ns; /* processor time when the present core began with the batch */
    uint64_t rival_ns; /* processor time that the candidate's core has had before that */
    bool concerns;     /* the batch has an event of an interaction */
};

static uint64_t shadow_ns(void)
{
    struct timespec now;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec;
}

static bool shadow_stopped(const struct shadow *s)
{
    const struct shadow_terms *terms = s->terms;
    return *terms->stop != 0 || (terms->for_us > 0 && s->terms->shared->began_us > 0 &&
                                 host_monotonic_us() - terms->shared->began_us >= terms->for_us);
}

static void shadow_pause(long ms)
{
    nanosleep(&(struct timespec){ms / 1000, ms % 1000 * 1000000}, NULL);
}

/* ---- bounds ---- */

/* Allows this process, from now on, as much memory again as it has, or a little more: the core of the candidate is
 * about as large as the present one. */
static void shadow_bound_memory(void)
{
    unsigned long long pages = 0, resident = 0;
    FILE *file = fopen("/proc/self/statm", "r");
    bool known = file && fscanf(file, "%llu %llu", &pages, &resident) == 2;
    if (file) (void)fclose(file);
    if (!known) return;
    unsigned long long page = (unsigned long long)sysconf(_SC_PAGESIZE), more = 2 * resident * page;
    if (more < GROWS_MIB_LEAST * 1048576ULL) more = GROWS_MIB_LEAST * 1048576ULL;
    const struct rlimit limit = {pages * page + more, pages * page + more};
    (void)setrlimit(RLIMIT_AS, &limit);
}

/* Ends this process by SIGVTALRM if it uses the processor for so long before it is called with 0. */
static void shadow_bound_time(time_t seconds)
{
    (void)setitimer(ITIMER_VIRTUAL, &(struct itimerval){.it_value = {.tv_sec = seconds}}, NULL);
}

/* ---- the beginning ---- */

static bool shadow_open(struct shadow *s, struct error *error)
{
    const char *state = s->terms->state;
    struct error why = {0};
    struct batches *store = place_follow_whole(state, &why);
    if (!replayed_open(&s->replayed, store, state, s->terms->natives, &why))
        return error_set(error, why.code, "the journal in %.100s cannot be read: %s; begin as gcxvm's user", state,
                         why.text);
    s->replayed.present = journal_recover(&s->replayed.recovery, &s->replayed.head, error);
    return s->replayed.present != NULL;
}

/* Notes whether the batch has an event of an interaction: only then its time is counted. */
static void shadow_on_batch(void *self, const struct batch *batch)
{
    struct shadow *s = self;
    struct message message;
    s->concerns = false;
    for (uint32_t at = 0; at < batch->events.length && !s->concerns;) {
        const uint8_t *frame = batch->events.bytes + at;
        uint32_t size = (uint32_t)message_frame_size(frame, batch->events.length - at);
        if (size == 0) break;
        s->concerns = message_read(&message, frame, size, NULL) &&
                      (message_u(&message, ENVELOPE_ixn) != 0 || message_u(&message, ENVELOPE_conn) != 0);
        at += size;
    }
    uint64_t began_ns = shadow_ns();
    shadow_bound_time(BATCH_SECONDS);
    if (s->above->batch) s->above->batch(s->above->self, batch);
    shadow_bound_time(0);
    s->batch_ns = shadow_ns();
    s->rival_ns = s->batch_ns - began_ns;
}

static void shadow_on_effect(void *self, struct span frame)
{
    const struct shadow *s = self;
    if (s->above->sink.effect) s->above->sink.effect(s->above->sink.self, frame);
}

static bool shadow_play_begin(struct shadow *s, struct error *error)
{
    if (!shadow_open(s, error)) return false;
    const struct image *image = candidate_find(s->replayed.images, s->terms->image, error);
    if (!image || !candidate_fits(image, s->replayed.present, s->replayed.images, s->terms->point,
                                  s->terms->shared->present, error))
        return false;
    shadow_bound_memory();
    if (!replayed_begin(&s->replayed, (struct rival_options){.image = image, .point = s->terms->point}, error))
        return false;
    s->above = rival_watch(s->replayed.rival);
    s->watch = (struct journal_watch){s, shadow_on_batch, {shadow_on_effect, s}};
    s->terms->shared->began_us = host_monotonic_us();
    atomic_store(&s->terms->shared->phase, SHADOW_FOLLOWS);
    return true;
}

/* ---- following ---- */

/* Applies the next batch to both cores. */
static bool shadow_batch(struct shadow *s, struct error *error)
{
    struct rival_tally *tally = &s->terms->shared->tally;
    s->batch_ns = 0;
    if (!journal_next(s->replayed.store, &s->replayed.options, s->replayed.present, &s->replayed.head, &s->watch,
                      error))
        return false;
    uint64_t began_ns = shadow_ns();
    if (s->concerns) tally_time_take(&tally->present, began_ns - s->batch_ns);
    shadow_bound_time(BATCH_SECONDS);
    rival_settle(s->replayed.rival);
    shadow_bound_time(0);
    replayed_count(&s->replayed);
    if (s->concerns) tally_time_take(&tally->candidate, s->rival_ns + shadow_ns() - began_ns);
    if (rival_exhausted(s->replayed.rival))
        return error_set(error, ERROR_LIMIT, "the candidate used up its fuel in too many interactions, as a loop does");
    return true;
}

/* Applies what the journal has. A database that does not answer is asked again later. */
static bool shadow_catch_up(struct shadow *s, struct error *error)
{
    struct error why = {0};
    uint64_t last = batches_last(s->replayed.store); /* batches that come meanwhile are left to the next look */
    while (*s->terms->stop < STOPS_AT_ONCE && s->replayed.head.number < last) {
        atomic_store(&s->terms->shared->behind, last - s->replayed.head.number);
        if (shadow_batch(s, &why)) continue;
        if (images_refused(s->replayed.images, error)) return false;
        if (why.code != ERROR_TIMEOUT)
            return error_set(error, why.code, "batch %" PRIu64 " of the journal: %s", s->replayed.head.number + 1,
                             why.text);
        why = (struct error){0};
        shadow_pause(AGAIN_MS);
    }
    atomic_store(&s->terms->shared->behind, 0);
    return true;
}

static bool shadow_follow(struct shadow *s, struct error *error)
{
    for (unsigned last_looks = 0;;) {
        struct error gone = {0};
        bool ends = shadow_stopped(s), there = batches_look(s->replayed.store, &gone);
        if (!shadow_catch_up(s, error)) return false;
        if (!there && gone.code != ERROR_TIMEOUT)
            return error_set(error, gone.code, "the journal can be followed no longer: %s", gone.text);
        if (ends && (there || ++last_looks == LAST_LOOKS || *s->terms->stop >= STOPS_AT_ONCE)) return true;
        shadow_pause(there ? LOOK_MS : AGAIN_MS);
    }
}

bool shadow_play(const struct shadow_terms *terms)
{
    struct shadow s = {.terms = terms, .replayed.tally = &terms->shared->tally};
    struct error error = {0};
    if (sodium_init() < 0) abort();
    (void)setpriority(PRIO_PROCESS, 0, 10); /* calls come first; at 19 a busy machine would never get to it */
    bool good = shadow_play_begin(&s, &error) && shadow_follow(&s, &error);
    replayed_end(&s.replayed);
    if (!good) (void)snprintf(terms->shared->failure, sizeof terms->shared->failure, "%s", error.text);
    replayed_free(&s.replayed);
    return good;
}
