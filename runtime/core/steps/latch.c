/* runtime/core/steps/latch.c - The table of latches, and when their conditions are evaluated.
 *
 * All programs that name the same latch share one row.
 *
 *     of_program[program][row of the image] = number -> all[number]: name, set, who defines it
 *
 * A latch is evaluated only when it is stale: a figure that it has read has changed, a setting has changed, or its
 * timer has fired. So nothing is evaluated while nothing changes. Conditions are evaluated in a block, although
 * there is no interaction: `reader` takes its place. */
#include "runtime/core/steps/latch.h"

#include <assert.h>
#include <stdlib.h>

#include "vm/keep.h"
#include "runtime/core/base/fact.h"
#include "runtime/core/base/memory.h"
#include "runtime/core/base/part.h"
#include "runtime/core/base/state.h"
#include "runtime/core/base/timer.h"
#include "runtime/core/queues/match.h"
#include "runtime/core/site/program.h"
#include "runtime/core/statistics/statistic.h"
#include "vm/exec.h"

#define WATCHER_LATCH  UINT32_C(0x80000000) /* bit in a watcher's number: the watcher is a latch */
#define LATCH_AGAIN_US UINT64_C(10000)

static void latches_init(void *self, const struct parts *parts)
{
    struct core *core = self;
    (void)parts;
    core->latches->reader = (struct interaction){
        .slot = INTERACTION_NONE, .state = IX_ROUTING, .visit = VISIT_NONE, .program = PROGRAM_NONE};
}

static void latches_free(void *self)
{
    struct core *core = self;
    struct latches *latches = core->latches;
    for (uint32_t at = 0; at < latches->programs; at++) free(latches->of_program[at]);
    free(latches->of_program);
    free(latches->all);
}

static void latch_turn_stale(struct latches *latches, uint32_t number)
{
    assert(number < latches->count);
    if (latches->all[number].stale) return;
    latches->all[number].stale = true;
    latches->stale_count++;
}

/* Finds or makes the latch; rows are never removed, so a number stays valid. */
static uint32_t latch_named(struct core *core, uint32_t name)
{
    struct latches *latches = core->latches;
    for (uint32_t at = 0; at < latches->count; at++)
        if (latches->all[at].name == name) return at;
    latches->all = memory_grow(latches->all, &latches->capacity, latches->count + 1, sizeof *latches->all);
    latches->all[latches->count] = (struct latch){
        .name = name, .watches = WATCHER_NONE, .turned_wall_us = now_wall_us(core->now), .program = PROGRAM_NONE};
    return latches->count++;
}

/* Defines the latches of a program; of several programs the one that was activated last counts. */
void latches_activated(struct core *core, uint16_t program)
{
    struct latches *latches = core->latches;
    const struct image *image = core->strategies->programs[program].image;
    uint32_t rows = image_count(image, SECTION_LATCHES), before = latches->programs;
    if (rows == 0) return;
    if (before <= program) {
        latches->of_program = memory_grow(latches->of_program, &latches->program_capacity, program + UINT32_C(1),
                                          sizeof *latches->of_program);
        latches->programs = program + UINT32_C(1);
    }
    for (uint32_t at = before; at < latches->programs; at++) latches->of_program[at] = NULL;
    if (!latches->of_program[program]) latches->of_program[program] = memory_zeroed(rows, sizeof(uint32_t));
    for (uint32_t row = 0; row < rows; row++) {
        struct text text = image_text(image, image_latch(image, row)->name);
        uint32_t name = names_intern(core->names, (struct span){(const uint8_t *)text.bytes, text.length});
        uint32_t number = latches->of_program[program][row] = latch_named(core, name);
        latches->all[number].program = program;
        latches->all[number].row = row;
        latch_turn_stale(latches, number);
    }
}

bool latch_read(struct core *core, uint16_t program, uint32_t row)
{
    const struct latches *latches = core->latches;
    if (program >= latches->programs || !latches->of_program[program]) return false;
    uint32_t number = latches->of_program[program][row];
    statistic_latch_read(core->statistics, number);
    return latches->all[number].set;
}

/* Marks the latch as stale. False: the watcher is no latch, and the caller must handle it. */
bool latch_woken(struct core *core, uint32_t watcher)
{
    if (!(watcher & WATCHER_LATCH)) return false;
    latch_turn_stale(core->latches, watcher & ~WATCHER_LATCH);
    return true;
}

void latches_settings_changed(struct core *core)
{
    for (uint32_t at = 0; at < core->latches->count; at++) latch_turn_stale(core->latches, at);
}

static void latch_look_again(struct core *core, uint32_t number, uint64_t in_us)
{
    timer_cancel(core->timers, &core->latches->all[number].timer);
    timer_set(core->timers,
              &(struct timer){.deadline_us = core->now->time_us + in_us, .kind = TIMER_LATCH, .data = number});
}

/* Evaluates the conditions in a temporary block, and sets the timer to when time alone may change them. If no block
 * is free, this is tried again soon. A latch is never evaluated again sooner than after LATCH_AGAIN_US, or a
 * condition about time would make batches of nothing else. */
static bool latch_evaluate(struct core *core, uint32_t number)
{
    struct latches *latches = core->latches;
    struct latch *latch = &latches->all[number];
    struct interaction *reader = &latches->reader;
    const struct image *image = core->strategies->programs[latch->program].image;
    int64_t again_us = INT64_MAX;
    block_handle block = block_new(core->slab, image, image_strategy(image, 0));
    if (block == BLOCK_HANDLE_NONE) {
        latch_look_again(core, number, LATCH_AGAIN_US);
        return latch->set;
    }
    reader->block = block;
    reader->program = latch->program;
    core->interactions->reader = reader;
    statistic_watch(core->statistics, WATCHER_LATCH | number, &latch->watches);
    bool set = vm_latch(core->vm, block, latch->row, latch->set, &again_us);
    statistic_watched(core->statistics);
    match_tell_fault(core->vqs, latch->program, 0);
    core->interactions->reader = NULL;
    block_free(core->slab, block);
    if (again_us == INT64_MAX)
        timer_cancel(core->timers, &latch->timer);
    else
        latch_look_again(core, number, again_us < (int64_t)LATCH_AGAIN_US ? LATCH_AGAIN_US : (uint64_t)again_us);
    return set;
}

/* Sets or resets the latch. The digest contains the sum of the keys of all latches that are set. */
static void latch_turn(struct core *core, uint32_t number, bool set)
{
    struct latch *latch = &core->latches->all[number];
    uint64_t key = table_mix64(UINT64_C(1) << 32 | latch->name);
    latch->set = set;
    latch->turned_wall_us = now_wall_us(core->now);
    core->latches->content += set ? key : -key;
    statistic_latch_turned(core->statistics, number);
}

void latches_settle(struct core *core, void (*wake)(struct core *, uint32_t watcher))
{
    struct latches *latches = core->latches;
    /* A latch reads only latches before it, so one pass is enough. Images that have the same names in another order
     * need more passes; if they contradict one another the rest waits for the next event. */
    for (uint32_t pass = 0; latches->stale_count != 0 && pass <= latches->count; pass++) {
        for (uint32_t at = 0; at < latches->count; at++) {
            if (!latches->all[at].stale) continue;
            latches->all[at].stale = false;
            latches->stale_count--;
            bool set = latch_evaluate(core, at);
            if (set == latches->all[at].set) continue;
            latch_turn(core, at, set);
            statistic_wake(core->statistics, core, wake);
        }
    }
}

static void latch_timer_fired(void *self, const struct timer *timer)
{
    struct core *core = self;
    latch_turn_stale(core->latches, timer->data);
}

static uint32_t *latch_timer_handle(void *self, const struct timer *timer)
{
    struct core *core = self;
    return &core->latches->all[timer->data].timer;
}

static uint64_t latch_timer_number(const void *self, const struct timer *timer)
{
    (void)self;
    return timer->data;
}

const struct timer_ops timer_ops_latch = {
    .handle = latch_timer_handle, .number = latch_timer_number, .fired = latch_timer_fired};

static uint64_t latches_hash(const void *self)
{
    const struct core *core = self;
    return core->latches->content;
}

static bool latches_good(const void *self)
{
    const struct core *core = self;
    const struct latches *latches = core->latches;
    uint32_t stale = 0;
    for (uint32_t at = 0; at < latches->count; at++) stale += latches->all[at].stale;
    return stale == latches->stale_count && !core->interactions->reader;
}

/* ---- as bytes ---- */

uint32_t *latch_watches(struct core *core, uint32_t watcher)
{
    uint32_t number = watcher & ~WATCHER_LATCH;
    bool is_latch = watcher != number && number < core->latches->count;
    return is_latch ? &core->latches->all[number].watches : NULL;
}

static void keep_latch(struct core *core, struct keeper *keeper, uint32_t number)
{
    struct latch *latch = &core->latches->all[number];
    latch->turned_wall_us = keep_i64(keeper, latch->turned_wall_us);
    latch->name = name_keep(core->names, keeper, latch->name);
    latch->row = keep_u32(keeper, latch->row);
    latch->timer = timer_keep(core->timers, keeper, latch->timer, 1u << TIMER_LATCH, number, 0);
    latch->program = program_keep(core->strategies, keeper, latch->program);
    latch->set = keep_bool(keeper, latch->set);
    latch->stale = keep_bool(keeper, latch->stale);
    if (!keep_reading(keeper)) return;
    latch->watches = WATCHER_NONE; /* watches are restored with the figures */
    core->latches->stale_count += latch->stale;
    bool known = latch->program != PROGRAM_NONE &&
                 latch->row < image_count(core->strategies->programs[latch->program].image, SECTION_LATCHES);
    if (!known) keep_fail(keeper, "no program has a latch");
}

/* Writes or reads the latches of a program's rows, or that the program was not activated yet. */
static void keep_rows_of(struct core *core, struct keeper *keeper, uint32_t program)
{
    struct latches *latches = core->latches;
    uint32_t rows = image_count(core->strategies->programs[program].image, SECTION_LATCHES);
    uint32_t **of = &latches->of_program[program];
    bool activated = keep_bool(keeper, *of != NULL);
    if (!activated) return;
    if (keep_reading(keeper)) *of = memory_zeroed(rows + 1, sizeof **of);
    for (uint32_t row = 0; row < rows; row++) {
        (*of)[row] = keep_index(keeper, (*of)[row], latches->count, UINT32_MAX);
        if ((*of)[row] == UINT32_MAX) keep_fail(keeper, "a program reads no latch");
    }
}

/* Writes or reads the latches, without the reader, whose block exists only while conditions are evaluated. */
static void latches_keep(void *self, struct keeper *keeper)
{
    struct core *core = self;
    struct latches *latches = core->latches;
    latches->all =
        keep_rows(keeper, latches->all, &latches->count, &latches->capacity, WATCHER_LATCH, sizeof *latches->all);
    for (uint32_t at = 0; at < latches->count && keep_good(keeper); at++) keep_latch(core, keeper, at);
    latches->of_program = keep_rows(keeper, latches->of_program, &latches->programs, &latches->program_capacity,
                                    core->strategies->program_count, sizeof *latches->of_program);
    for (uint32_t at = 0; at < latches->programs && keep_good(keeper); at++) keep_rows_of(core, keeper, at);
    latches->content = keep_u64(keeper, latches->content);
}

const struct part_ops part_ops_latches = {
    .size = sizeof(struct latches),
    .init = latches_init,
    .free = latches_free,
    .hash = latches_hash,
    .check = latches_good,
    .keep = latches_keep,
};
