/* runtime/core/run/debug.c - The table of debuggers, and how they stop their interactions. This file does not let an
 * interaction continue: debug_request.c does. */
#include "runtime/core/run/debug.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "vm/keep.h"
#include "runtime/core/base/facts_interaction.h"
#include "runtime/core/base/facts_step.h"
#include "runtime/core/base/owned.h"
#include "runtime/core/base/part.h"
#include "runtime/core/base/state.h"
#include "runtime/core/base/table.h"
#include "runtime/core/base/timer.h"
#include "runtime/core/interactions/effect.h"
#include "runtime/core/interactions/fiber.h"
#include "runtime/core/interactions/interaction.h"
#include "runtime/core/links/link.h"
#include "runtime/core/run/debug_row.h"
#include "runtime/core/run/debug_when.h"
#include "runtime/core/site/program.h"
#include "runtime/vocabulary/effects_call.h"

/* ---- rows ---- */

struct debugger_row *debug_row_of_client(struct core *core, uint64_t client)
{
    struct debuggers *debuggers = core->debuggers;
    for (unsigned at = 0; client != 0 && at < DEBUGGERS_MAX; at++)
        if (debuggers->all[at].client == client) return &debuggers->all[at];
    return NULL;
}

struct debugger_row *debug_row_of(const struct core *core, const struct interaction *ix)
{
    struct debuggers *debuggers = core->debuggers;
    for (unsigned at = 0; ix->debugged && at < DEBUGGERS_MAX; at++)
        if (debuggers->all[at].client != 0 && debuggers->all[at].ixn == ix->id) return &debuggers->all[at];
    return NULL;
}

void debug_row_tell(struct core *core, const struct debugger_row *row, const struct interaction *ix,
                    enum debug_told what)
{
    interaction_tell(core->interactions, ix, FACT_debugged, what, row->actor);
}

void debug_places_clear(struct debug_places *places)
{
    free(places->all);
    *places = (struct debug_places){0};
}

void debug_row_clear(struct core *core, struct debugger_row *row)
{
    struct debuggers *debuggers = core->debuggers;
    assert(row->client != 0 && debuggers->count > 0);
    timer_cancel(core->timers, &row->timer);
    if (row->ixn != 0 && --debuggers->attached == 0) vm_stopped_by(core->vm, NULL);
    debug_places_clear(&row->breaks);
    debug_places_clear(&row->steps);
    kv_free(&row->when);
    debug_when_free(row->condition);
    *row = (struct debugger_row){0};
    debuggers->count--;
}

/* True: the place is in the sorted list; found by binary search. */
static bool places_have(const struct debug_places *places, uint32_t place)
{
    uint32_t low = 0, high = places->count;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (places->all[middle] == place) return true;
        if (places->all[middle] < place)
            low = middle + 1;
        else
            high = middle;
    }
    return false;
}

/* True: the interaction has a debugger; without one it can be stopped nowhere. */
static bool debug_may(void *self, block_handle block)
{
    return interaction_of_block(((const struct core *)self)->interactions, block)->debugged;
}

/* True: the fiber must stop here. A place is made of the numbers of the function and of the instruction. With a
 * depth, a step does not stop inside deeper calls. */
static bool debug_here(void *self, block_handle block, uint8_t fiber, uint32_t depth, uint32_t function, uint32_t pc)
{
    const struct core *core = self;
    const struct interaction *ix = interaction_of_block(core->interactions, block);
    const struct debugger_row *row = debug_row_of(core, ix);
    uint32_t place = function << 16 | pc;
    assert(row);
    if (row->at_once || ix->stands) return true;
    if (row->program != ix->program) return false;
    if (places_have(&row->breaks, place)) return true;
    bool follows = row->fiber == FIBER_ANY || fiber == 0 || fiber == row->fiber;
    return follows && (fiber != row->fiber || depth <= row->depth) && places_have(&row->steps, place);
}

/* ---- how interactions are stopped and continue ---- */

/* Stops the interaction. A timer limits how long a debugger may keep a customer waiting. When the timer fires, the
 * interaction continues. */
void debug_stands(struct core *core, struct interaction *ix)
{
    struct debugger_row *row = debug_row_of(core, ix);
    assert(row && ix->running);
    if (ix->stands) return;
    ix->stands = true;
    row->until_us = core->now->time_us + row->bound_us;
    timer_set(core->timers, &(struct timer){.deadline_us = row->until_us,
                                            .kind = TIMER_DEBUGGER,
                                            .data = (uint32_t)(row - core->debuggers->all)});
    debug_row_tell(core, row, ix, debug_told_stopped);
}

/* True: a fiber waits for a treatment, or is at no step. Then no music may be played in between. */
static bool is_busy(const struct core *core, const struct interaction *ix)
{
    uint8_t fibers[PARTS];
    unsigned count = fibers_of(core->forks, ix, fibers);
    bool between = false;
    for (unsigned at = 0; at < count; at++) {
        const struct pending *pending = effect_of_fiber(core->effects, ix, fibers[at]);
        if (pending && pending->kind == KIND_RequestApplyTreatment) return true;
        between = between || vm_stands(core->slab, block_at(core->slab, ix->block), fibers[at]);
    }
    return !between;
}

/* Plays music to a stopped caller, who would hear silence otherwise; the core asks for the music only once. The music
 * is noted as a treatment, and ends like one. */
void debug_hold(struct core *core, struct interaction *ix)
{
    struct debugger_row *row = debug_row_of(core, ix);
    if (!row || (row->hold != 0 && row->hold == interaction_extra(core->interactions, ix)->treatment)) return;
    if (!ix->leg || ix->gone || ix->media != media_voice || ix->route_phase != ROUTE_IDLE ||
        !link_usable(core->links, ix->link) || !link_can(core->links, ix->link, CAP_TREATMENTS) || is_busy(core, ix))
        return;
    kv_clear(&core->scratch);
    row->hold = effect_begin(core->effects,
                             &(struct effect){.kind = KIND_RequestApplyTreatment, .link = ix->link, .interaction = ix});
    writer_u(&core->effects->writer, RequestApplyTreatment_type, treatment_Music);
    effect_kv(core->effects, RequestApplyTreatment_params);
    effect_end(core->effects);
    interaction_treatment(core->interactions, ix,
                          row->hold); /* the music ends with the next treatment or routing, else strategy.c ends it */
    ix->instructed = true;
    interaction_tell(core->interactions, ix, FACT_treatment_begun, treatment_Music, 0);
}

void debug_moves(struct core *core, struct interaction *ix)
{
    struct debugger_row *row = debug_row_of(core, ix);
    if (!row) return;
    row->at_once = false;
    if (!ix->stands) return;
    ix->stands = false;
    row->until_us = 0;
    timer_cancel(core->timers, &row->timer);
    if (!fiber_link_held(core->forks, ix)) fiber_timers_thaw(core->forks, ix);
    debug_row_tell(core, row, ix, debug_told_goes_on);
}

/* Gives the interaction to the debugger. The first debugger switches the VM's questions on, and the last one
 * switches them off. */
void debug_row_take(struct core *core, struct debugger_row *row, struct interaction *ix)
{
    struct debuggers *debuggers = core->debuggers;
    row->ixn = ix->id;
    row->since_us = core->now->time_us;
    row->program = ix->program;
    row->at_once = true;
    ix->debugged = true;
    debuggers->stops = (struct vm_stops){core, debug_may, debug_here};
    if (debuggers->attached++ == 0) vm_stopped_by(core->vm, &debuggers->stops);
    debug_row_tell(core, row, ix, debug_told_attached);
}

/* ---- debuggers that wait for an interaction ---- */

/* Compares the interaction's value with the wanted one: -1, 0, 1; false: the values cannot be compared. */
static bool debug_compared(const struct kv_value *has, const struct kv_value *wanted, int *order)
{
    bool numbers = has->tag == wanted->tag && has->tag != KV_TEXT;
    if (numbers) {
        *order = has->word < wanted->word ? -1 : has->word > wanted->word;
        return has->tag == KV_INT || has->tag == KV_BOOL || has->tag == KV_TIME;
    }
    if (has->tag != KV_TEXT || wanted->tag != KV_TEXT) return false;
    uint32_t length = has->span.length < wanted->span.length ? has->span.length : wanted->span.length;
    int bytes = length == 0 ? 0 : memcmp(has->span.bytes, wanted->span.bytes, length);
    if (bytes == 0) bytes = has->span.length < wanted->span.length ? -1 : has->span.length > wanted->span.length;
    *order = bytes < 0 ? -1 : bytes > 0;
    return true;
}

static bool debug_meets(struct span data, const struct kv_pair *line)
{
    struct kv_value has;
    struct kv_pair test;
    uint32_t at = 0;
    int order;
    if (line->value.tag != KV_LIST || !kv_next(line->value.span, &at, &test) || !kv_find(data, line->key, &has) ||
        has.secret || !debug_compared(&has, &test.value, &order))
        return false;
    static const struct {
        const char *sign;
        bool less, equal, more;
    } signs[] = {{"==", false, true, false}, {"!=", true, false, true}, {"<", true, false, false},
                 {"<=", true, true, false},  {">", false, false, true}, {">=", false, true, true}};
    for (unsigned sign = 0; sign < sizeof signs / sizeof *signs; sign++)
        if (span_is(test.key, signs[sign].sign))
            return order < 0 ? signs[sign].less : order == 0 ? signs[sign].equal : signs[sign].more;
    return false;
}

/* An interaction comes to a routing point: the first armed debugger whose routing point, condition and share fit
 * takes it. `one_in` is counted down with each interaction that fits: 10 means the tenth. */
void debug_arrives(struct core *core, struct interaction *ix)
{
    struct debuggers *debuggers = core->debuggers;
    struct kv_pair line;
    if (debuggers->count == debuggers->attached || ix->debugged) return;
    struct kv data;
    kv_init(&data);
    interaction_data(core->interactions, ix, &data);
    for (unsigned row = 0; row < DEBUGGERS_MAX && !ix->debugged; row++) {
        struct debugger_row *armed = &debuggers->all[row];
        if (armed->client == 0 || armed->ixn != 0 || armed->dn != ix->dn) continue;
        bool good = true;
        for (uint32_t at = 0; good && kv_next(kv_span(&armed->when), &at, &line);)
            good = debug_meets(kv_span(&data), &line);
        if (good && armed->condition) good = debug_when_holds(armed->condition, core, ix, kv_span(&data));
        if (!good || --armed->one_in > 0) continue;
        debug_row_take(core, armed, ix);
    }
    kv_free(&data);
}

/* ---- the part ---- */

static void debuggers_free(void *self)
{
    struct core *core = self;
    struct debuggers *debuggers = core->debuggers;
    for (unsigned at = 0; at < DEBUGGERS_MAX; at++) {
        debug_places_clear(&debuggers->all[at].breaks);
        debug_places_clear(&debuggers->all[at].steps);
        if (debuggers->all[at].client != 0) kv_free(&debuggers->all[at].when);
        debug_when_free(debuggers->all[at].condition);
    }
}

/* The interaction ends: its debugger's row is freed. */
static void debugger_forget(void *self, struct interaction *ix)
{
    struct core *core = self;
    struct debugger_row *row = debug_row_of(core, ix);
    if (!row) return;
    ix->stands = ix->debugged = false;
    debug_row_clear(core, row);
}

static uint64_t places_hash(uint64_t hash, const struct debug_places *places)
{
    for (uint32_t at = 0; at < places->count; at++) hash = table_mix64(hash + places->all[at] + 1);
    return table_mix64(hash + places->count);
}

static uint64_t debuggers_hash(const void *self)
{
    const struct core *core = self;
    const struct debuggers *debuggers = core->debuggers;
    uint64_t hash = 0;
    for (unsigned at = 0; debuggers->count > 0 && at < DEBUGGERS_MAX; at++) {
        const struct debugger_row *row = &debuggers->all[at];
        if (row->client == 0) continue;
        const struct interaction *ix = row->ixn != 0 ? interaction_by_id(core->interactions, row->ixn) : NULL;
        uint64_t one = table_mix64(row->client + at);
        one = table_mix64(one + row->ixn);
        one = table_mix64(one + row->dn + (row->one_in << 22));
        one = table_mix64(one + row->bound_us + (row->condition ? debug_when_hash(row->condition) : 0));
        one = table_mix64(one + row->since_us + table_mix64(row->until_us));
        one = table_mix64(one + row->depth + ((uint64_t)row->fiber << 32) + ((uint64_t)row->program << 48));
        one = table_mix64(one + row->at_once + (ix && ix->stands ? 2 : 0) + ((uint64_t)row->hold << 2));
        hash += places_hash(places_hash(one, &row->breaks), &row->steps);
    }
    return hash;
}

static bool debugger_holds(const void *self, const struct interaction *ix)
{
    const struct core *core = self;
    const struct debugger_row *row = debug_row_of(core, ix);
    if (ix->stands && (!row || !ix->running || row->timer == 0)) return false;
    return ix->debugged == (row != NULL);
}

/* ---- as bytes ---- */

static void keep_places(struct keeper *keeper, struct debug_places *places)
{
    uint32_t capacity = places->count;
    places->all = keep_rows(keeper, places->all, &places->count, &capacity, DEBUG_PLACES_MAX, sizeof *places->all);
    for (uint32_t at = 0; at < places->count; at++) places->all[at] = keep_u32(keeper, places->all[at]);
}

/* Writes or reads the condition of a debugger that waits for an interaction. */
static void keep_when(struct keeper *keeper, struct kv *when)
{
    struct span pairs = keep_reading(keeper) ? (struct span){NULL, 0} : kv_span(when);
    pairs = owned_pairs_keep(keeper, pairs, KV_BYTES_MAX);
    if (!keep_reading(keeper)) return;
    struct kv_pair line;
    kv_init(when);
    for (uint32_t at = 0; keep_good(keeper) && kv_next(pairs, &at, &line);) kv_put(when, line.key, &line.value);
    free((void *)(uintptr_t)pairs.bytes);
}

static void debug_when_keep(const struct strategies *strategies, struct keeper *keeper, struct debug_when **condition)
{
    struct span image = *condition ? debug_when_image(*condition) : (struct span){NULL, 0};
    keep_bytes(keeper, &image.bytes, &image.length, MESSAGE_FRAME_MAX);
    if (!keep_reading(keeper) || !keep_good(keeper) || image.length == 0) return;
    *condition = debug_when_new(strategies, image);
    if (!*condition) keep_fail(keeper, "a debugger's condition is no image");
}

static void keep_debugger(struct core *core, struct keeper *keeper, unsigned number)
{
    struct debuggers *debuggers = core->debuggers;
    struct debugger_row *row = &debuggers->all[number];
    row->client = keep_u64(keeper, row->client);
    if (row->client == 0) return;
    row->ixn = keep_u64(keeper, row->ixn);
    row->actor = name_keep(core->names, keeper, row->actor);
    row->dn = name_keep(core->names, keeper, row->dn);
    row->one_in = keep_u64(keeper, row->one_in);
    keep_when(keeper, &row->when);
    debug_when_keep(core->strategies, keeper, &row->condition);
    row->bound_us = keep_u64(keeper, row->bound_us);
    row->since_us = keep_u64(keeper, row->since_us);
    row->until_us = keep_u64(keeper, row->until_us);
    row->timer = timer_keep(core->timers, keeper, row->timer, 1u << TIMER_DEBUGGER, number, 0);
    row->hold = keep_u32(keeper, row->hold);
    row->depth = keep_u32(keeper, row->depth);
    row->program = keep_u16(keeper, row->program);
    row->fiber = keep_u16(keeper, row->fiber);
    row->at_once = keep_bool(keeper, row->at_once);
    keep_places(keeper, &row->breaks);
    keep_places(keeper, &row->steps);
    if (!keep_reading(keeper)) return;
    debuggers->count++;
    debuggers->attached += row->ixn != 0;
}

static void debuggers_keep(void *self, struct keeper *keeper)
{
    struct core *core = self;
    for (unsigned at = 0; at < DEBUGGERS_MAX && keep_good(keeper); at++) keep_debugger(core, keeper, at);
}

/* True: each debugger's interaction exists, and has no other debugger. */
static bool debuggers_sound(void *self)
{
    struct core *core = self;
    struct debuggers *debuggers = core->debuggers;
    for (unsigned at = 0; at < DEBUGGERS_MAX; at++) {
        const struct debugger_row *row = &debuggers->all[at];
        const struct interaction *ix = row->client != 0 ? interaction_by_id(core->interactions, row->ixn) : NULL;
        if (row->client != 0 && row->ixn != 0 && (!ix || !ix->debugged || debug_row_of(core, ix) != row)) return false;
    }
    debuggers->stops = (struct vm_stops){core, debug_may, debug_here};
    if (debuggers->attached != 0) vm_stopped_by(core->vm, &debuggers->stops);
    return true;
}

const struct part_ops part_ops_debuggers = {
    .size = sizeof(struct debuggers),
    .free = debuggers_free,
    .forget = debugger_forget,
    .hash = debuggers_hash,
    .holds = debugger_holds,
    .keep = debuggers_keep,
    .sound = debuggers_sound,
};
