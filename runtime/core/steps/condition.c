/* runtime/core/steps/condition.c - The table of conditions, and when they are evaluated.
 *
 *     visit --- holder --- condition --- figures that it has read (statistics/watch.c)
 *     visit --- holder -------'    \--- its timer: when time alone may change it
 *
 * Each holder (a visit that has a condition) is in two lists: that of its visit, and that of its condition. A
 * condition that may have changed is marked stale, which only puts it on a list. When the event is over,
 * conditions_settle evaluates the conditions on the list, except those that belong to one visit, and tells the
 * visits of a condition whose value differs from the value that they were told (`told`). A row that ends while it is
 * on the list stays on the list: conditions_settle skips it, since its number is 0. */
#include "runtime/core/steps/condition.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "vm/keep.h"
#include "runtime/core/base/marks.h"
#include "runtime/core/base/memory.h"
#include "runtime/core/base/part.h"
#include "runtime/core/base/pool.h"
#include "runtime/core/base/state.h"
#include "runtime/core/base/timer.h"
#include "runtime/core/interactions/interaction.h"
#include "runtime/core/interactions/submitted.h"
#include "runtime/core/queues/line_keep.h"
#include "runtime/core/queues/match.h"
#include "runtime/core/queues/vq.h"
#include "runtime/core/run/step.h"
#include "runtime/core/site/program.h"
#include "runtime/core/site/table_cursor.h"
#include "runtime/core/statistics/statistic.h"
#include "runtime/core/steps/latch.h"
#include "vm/exec.h"
#include "vm/steps.h"

#define CONDITION_AGAIN_US UINT64_C(10000)

static uint64_t condition_key(const void *owner, uint32_t slot)
{
    const struct conditions *conditions = owner;
    return conditions->all[slot].key;
}

static uint64_t holder_key(const void *owner, uint32_t slot)
{
    const struct conditions *conditions = owner;
    return conditions->holders[slot].visit;
}

static void conditions_init(void *self, const struct parts *parts)
{
    struct core *core = self;
    (void)parts;
    struct conditions *conditions = core->conditions;
    conditions->free = conditions->free_holder = CONDITION_NONE;
    lookup_init(&conditions->by_key, conditions, condition_key);
    lookup_init(&conditions->by_visit, conditions, holder_key);
}

static void conditions_free(void *self)
{
    struct core *core = self;
    struct conditions *conditions = core->conditions;
    free(conditions->all);
    free(conditions->holders);
    free(conditions->stale);
    lookup_free(&conditions->by_key);
    lookup_free(&conditions->by_visit);
}

static void condition_turn_stale(struct core *core, uint32_t number)
{
    struct conditions *conditions = core->conditions;
    assert(number < conditions->count);
    if (conditions->all[number].stale) return;
    conditions->all[number].stale = true;
    conditions->stale = memory_grow(conditions->stale, &conditions->stale_capacity, conditions->stale_count + 1,
                                    sizeof *conditions->stale);
    conditions->stale[conditions->stale_count++] = number;
}

static void condition_woken(struct core *core, uint32_t watcher)
{
    if (!latch_woken(core, watcher)) condition_turn_stale(core, watcher);
}

static bool is_same(const struct condition *a, const struct condition *b)
{
    return a->until == b->until && a->value == b->value && !a->own && a->program == b->program &&
           a->function == b->function && a->count == b->count &&
           memcmp(a->captures, b->captures, a->count * sizeof *a->captures) == 0;
}

static uint64_t condition_hash(const struct condition *condition)
{
    uint64_t hash = table_mix64((uint64_t)condition->value << 33 | (uint64_t)condition->until << 32 |
                                (uint64_t)condition->program << 16 | condition->function);
    for (unsigned at = 0; at < condition->count; at++) hash = table_mix64(hash + condition->captures[at]);
    return hash;
}

/* Finds the condition or makes it. A condition that belongs to one visit is always a new one. Two selections with
 * the same line and the same captured values share one condition. If another condition has the key already, the next
 * number is used. */
static uint32_t condition_of(struct core *core, struct condition wanted)
{
    struct conditions *conditions = core->conditions;
    uint32_t slot;
    assert(wanted.count <= sizeof wanted.captures / sizeof *wanted.captures);
    wanted.key = condition_hash(&wanted);
    if (wanted.own) wanted.key = table_mix64(wanted.key + conditions->last_number); /* many that wait may be equal */
    for (; lookup_find(&conditions->by_key, wanted.key, &slot); wanted.key++)
        if (!wanted.own && is_same(&conditions->all[slot], &wanted)) return slot;
    slot = POOL_TAKE(conditions, first);
    wanted.number = ++conditions->last_number;
    wanted.first = CONDITION_NONE;
    wanted.watches = WATCHER_NONE;
    bool stands = conditions->all[slot].stale; /* a row that has ended may still be on the list */
    conditions->all[slot] = wanted;
    conditions->all[slot].stale = stands;
    lookup_add(&conditions->by_key, slot);
    return slot;
}

static uint32_t condition_first(const struct core *core, uint32_t visit)
{
    uint32_t slot;
    return lookup_find(&core->conditions->by_visit, visit, &slot) ? slot : CONDITION_NONE;
}

/* Adds a holder, which becomes the first in its visit's list and in its condition's list. */
static void condition_hold(struct core *core, uint32_t visit, uint32_t line, uint32_t condition)
{
    struct conditions *conditions = core->conditions;
    uint32_t slot = conditions->free_holder, first = condition_first(core, visit);
    assert(visit != VISIT_NONE && condition < conditions->count);
    if (slot != CONDITION_NONE) {
        conditions->free_holder = conditions->holders[slot].next_of_visit;
    } else {
        slot = conditions->holder_count++;
        conditions->holders = memory_grow(conditions->holders, &conditions->holder_capacity, conditions->holder_count,
                                          sizeof *conditions->holders);
    }
    if (first != CONDITION_NONE) lookup_remove(&conditions->by_visit, visit);
    uint32_t next = conditions->all[condition].first;
    conditions->holders[slot] = (struct holder){visit, condition, line, CONDITION_NONE, next, first};
    if (next != CONDITION_NONE) conditions->holders[next].previous_of_condition = slot;
    conditions->all[condition].first = slot;
    lookup_add(&conditions->by_visit, slot);
}

/* Returns a visit that has the condition and whose strategy waits at the selection; other visits were chosen
 * already. */
static const struct holder *who_waits(const struct core *core, const struct condition *condition)
{
    for (uint32_t at = condition->first; at != CONDITION_NONE; at = core->conditions->holders[at].next_of_condition) {
        const struct holder *holder = &core->conditions->holders[at];
        const struct visit *visit = visit_at(core->vqs, holder->visit);
        if (step_of(core, interaction_at(core->interactions, visit->slot), visit->fiber) == STEP_ID_select)
            return holder;
    }
    return NULL;
}

/* Have the condition's visits been told of the present value? If a fault prevents that the value is computed (`holds`
 * is false), the line keeps the value that it captured when the wait began. */
static bool condition_is_told(const struct condition *condition)
{
    return condition->holds == condition->told &&
           (!condition->value || !condition->holds || condition->word == condition->told_word);
}

static void condition_told(struct condition *condition)
{
    condition->told = condition->holds;
    condition->told_word = condition->word;
}

/* Evaluates the condition for one visit that has it, and sets its timer to when time alone may change it. If no
 * visit waits with the condition, its value counts as unknown, and no figure makes the core evaluate it. */
static bool condition_evaluate(struct core *core, uint32_t number)
{
    struct condition *condition = &core->conditions->all[number];
    const struct holder *holder = who_waits(core, condition);
    int64_t again_us;
    assert(!condition->own);
    timer_cancel(core->timers, &condition->timer);
    condition->known = holder != NULL;
    if (!holder) {
        statistic_unwatch(core->statistics, &condition->watches);
        return condition->holds;
    }
    const struct visit *visit = visit_at(core->vqs, holder->visit);
    struct interaction *ix = interaction_at(core->interactions, visit->slot);
    statistic_watch(core->statistics, number, &condition->watches);
    condition->holds = condition->value
                           ? vm_line_value(core->vm, ix->block, visit->fiber, holder->line, &condition->word, &again_us)
                           : vm_where(core->vm, ix->block, visit->fiber, holder->line, &again_us);
    statistic_watched(core->statistics);
    match_tell_fault(core->vqs, ix->program, ix->id);
    cursor_settle(core->cursors, ix); /* a fault in the condition may have left a table cursor open */
    if (again_us == INT64_MAX) return condition->holds;
    uint64_t in_us = again_us < (int64_t)CONDITION_AGAIN_US ? CONDITION_AGAIN_US : (uint64_t)again_us;
    timer_set(core->timers,
              &(struct timer){.deadline_us = core->now->time_us + in_us, .kind = TIMER_CONDITION, .data = number});
    return condition->holds;
}

/* Gives the visit the conditions of the selection's lines. Conditions of lines that were not evaluated yet are
 * evaluated here, and shared conditions that end waits. */
void conditions_begin(struct core *core, const struct interaction *ix, uint8_t fiber)
{
    assert(ix->visit != VISIT_NONE);
    uint32_t lines = vm_line_count(core->slab, block_at(core->slab, ix->block), fiber);
    conditions_end(core, ix->visit);
    for (uint32_t at = 0; at < lines; at++) {
        struct vm_line line; /* evaluating a condition may move the block */
        enum line_kind kind = vm_line_kind(core->slab, block_at(core->slab, ix->block), fiber, at);
        if (kind != LINE_UNTIL && kind != LINE_WHERE && kind != LINE_VALUE) continue;
        if (!vm_line(core->slab, block_at(core->slab, ix->block), fiber, at, &line)) continue;
        struct condition wanted = {.program = ix->program,
                                   .function = line.function,
                                   .count = (uint16_t)line.capture_count,
                                   .until = line.kind == LINE_UNTIL,
                                   .value = line.kind == LINE_VALUE,
                                   .own = line.kind == LINE_UNTIL && !line.shared};
        memcpy(wanted.captures, line.captures, line.capture_count * sizeof *line.captures);
        uint32_t condition = condition_of(core, wanted);
        condition_hold(core, ix->visit, at, condition);
        if (wanted.own || (!wanted.until && core->conditions->all[condition].known)) continue;
        /* A wait whose end condition already holds does not begin, even if the value is up to a second old. Other
         * visits with the condition are told of a new value when the parts settle. */
        bool first = !core->conditions->all[condition].known;
        condition_evaluate(core, condition);
        if (first) condition_told(&core->conditions->all[condition]);
        if (!condition_is_told(&core->conditions->all[condition])) condition_turn_stale(core, condition);
    }
}

/* Frees the row when the last visit has given the condition up. */
static void condition_end(struct core *core, uint32_t number)
{
    struct conditions *conditions = core->conditions;
    struct condition *condition = &conditions->all[number];
    assert(condition->first == CONDITION_NONE);
    statistic_unwatch(core->statistics, &condition->watches);
    timer_cancel(core->timers, &condition->timer);
    lookup_remove(&conditions->by_key, condition->key);
    bool stands = condition->stale;
    POOL_GIVE(conditions, number, first);
    condition->stale = stands;
}

/* Ends a visit's conditions: takes each holder out of the list of its condition, which is linked in both directions;
 * the list of the visit ends as a whole. */
void conditions_end(struct core *core, uint32_t visit)
{
    struct conditions *conditions = core->conditions;
    uint32_t slot = condition_first(core, visit);
    if (slot == CONDITION_NONE) return;
    lookup_remove(&conditions->by_visit, visit);
    while (slot != CONDITION_NONE) {
        struct holder *holder = &conditions->holders[slot];
        struct condition *condition = &conditions->all[holder->condition];
        uint32_t before = holder->previous_of_condition, after = holder->next_of_condition;
        uint32_t next = holder->next_of_visit;
        *(before == CONDITION_NONE ? &condition->first : &conditions->holders[before].next_of_condition) = after;
        if (after != CONDITION_NONE) conditions->holders[after].previous_of_condition = before;
        if (condition->first == CONDITION_NONE) condition_end(core, holder->condition);
        *holder = (struct holder){.next_of_visit = conditions->free_holder};
        conditions->free_holder = slot;
        slot = next;
    }
}

static const struct holder *holder_of(const struct core *core, uint32_t visit, uint32_t line)
{
    uint32_t slot = condition_first(core, visit);
    while (slot != CONDITION_NONE && core->conditions->holders[slot].line != line)
        slot = core->conditions->holders[slot].next_of_visit;
    return slot == CONDITION_NONE ? NULL : &core->conditions->holders[slot];
}

bool condition_holds(struct core *core, uint32_t visit, uint32_t line)
{
    const struct holder *holder = holder_of(core, visit, line);
    return holder && core->conditions->all[holder->condition].holds;
}

void condition_set_values(const struct core *core, const struct interaction *ix, uint8_t fiber, uint32_t visit,
                          struct vm_line *line)
{
    const struct block *block = block_at(core->slab, ix->block);
    if (line->capture_count == 0) return;
    for (uint32_t at = line->at; at-- > 0;) {
        enum line_kind kind = vm_line_kind(core->slab, block, fiber, at);
        if (kind == LINE_WHERE || kind == LINE_UNTIL) continue;
        if (kind != LINE_VALUE) return;
        const struct holder *holder = holder_of(core, visit, at);
        struct vm_line value;
        if (!holder || !core->conditions->all[holder->condition].holds) continue;
        if (!vm_line(core->slab, block, fiber, at, &value) || value.type >= line->capture_count) continue;
        line->captures[value.type] = core->conditions->all[holder->condition].word;
    }
}

static const struct holder *until_of(const struct core *core, uint32_t visit)
{
    uint32_t slot = condition_first(core, visit);
    while (slot != CONDITION_NONE && !core->conditions->all[core->conditions->holders[slot].condition].until)
        slot = core->conditions->holders[slot].next_of_visit;
    return slot == CONDITION_NONE ? NULL : &core->conditions->holders[slot];
}

/* True: the condition reads the interaction itself, so it belongs to one visit alone. */
bool condition_is_own(const struct core *core, uint32_t visit)
{
    const struct holder *holder = until_of(core, visit);
    return holder && core->conditions->all[holder->condition].own;
}

/* Does the wait's end condition hold? `again_us`: when time alone may change it; INT64_MAX: a shared condition has a
 * timer of its own. */
bool condition_until(struct core *core, struct interaction *ix, uint8_t fiber, int64_t *again_us)
{
    assert(ix->visit != VISIT_NONE && again_us);
    const struct holder *holder = until_of(core, ix->visit);
    if (holder && !core->conditions->all[holder->condition].own) {
        const struct condition *condition = &core->conditions->all[holder->condition];
        *again_us = INT64_MAX;
        return condition->known ? condition->holds : condition_evaluate(core, holder->condition);
    }
    if (holder) statistic_watch(core->statistics, holder->condition, &core->conditions->all[holder->condition].watches);
    bool holds = vm_until(core->vm, ix->block, fiber, again_us);
    if (holder) statistic_watched(core->statistics);
    match_tell_fault(core->vqs, ix->program, ix->id);
    return holds;
}

/* Somebody else may have one of the thread: what waits may ask for that (`thread_agent`), so its own condition is
 * evaluated again. */
static void condition_thread_told(void *self, const struct interaction *ix)
{
    struct core *core = self;
    const struct holder *holder = ix->visit == VISIT_NONE ? NULL : until_of(core, ix->visit);
    if (holder && core->conditions->all[holder->condition].own) condition_turn_stale(core, holder->condition);
}

void conditions_settings_changed(struct core *core)
{
    struct conditions *conditions = core->conditions;
    latches_settings_changed(core);
    for (uint32_t at = 0; at < conditions->count; at++)
        if (conditions->all[at].number != 0 && !conditions->all[at].own) condition_turn_stale(core, at);
}

/* Tells all visits that have the condition that its value has changed. `turned` may make visits join selectors, but
 * may change nothing else. */
static void condition_tell(struct core *core, uint32_t number, void (*turned)(struct core *, uint32_t, bool, bool))
{
    const struct conditions *conditions = core->conditions;
    assert(number < conditions->count);
    bool until = conditions->all[number].until;
    bool holds = conditions->all[number].holds || conditions->all[number].value;
    if (until && !holds && !conditions->all[number].own) return; /* the waits go on */
    for (uint32_t at = conditions->all[number].first; at != CONDITION_NONE;
         at = conditions->holders[at].next_of_condition)
        turned(core, conditions->holders[at].visit, until, holds);
}

/* Evaluates all conditions that may have another value now. These are marked first: a figure that has changed marks the
 * conditions and latches that read it, a latch marks the conditions that read it, and a thread marks the conditions of
 * its interactions. */
void conditions_settle(struct core *core, void (*turned)(struct core *, uint32_t visit, bool until, bool opens))
{
    struct conditions *conditions = core->conditions;
    statistic_wake(core->statistics, core, condition_woken);
    latches_settle(core, condition_woken);
    submitted_threads_settle(core->submissions, core, condition_thread_told);
    for (uint32_t at = 0; at < conditions->stale_count; at++) {
        uint32_t number = conditions->stale[at];
        conditions->all[number].stale = false;
        if (conditions->all[number].number == 0) continue; /* it has ended meanwhile */
        bool own = conditions->all[number].own;
        if (!own) condition_evaluate(core, number);
        if (!own && condition_is_told(&conditions->all[number])) continue;
        condition_told(&conditions->all[number]);
        condition_tell(core, number, turned);
    }
    conditions->stale_count = 0;
}

static void condition_timer_fired(void *self, const struct timer *timer)
{
    struct core *core = self;
    condition_turn_stale(core, timer->data);
}

static uint32_t *condition_timer_handle(void *self, const struct timer *timer)
{
    struct core *core = self;
    return &core->conditions->all[timer->data].timer;
}

static uint64_t condition_timer_number(const void *self, const struct timer *timer)
{
    const struct core *core = self;
    return core->conditions->all[timer->data].number & ((UINT64_C(1) << 48) - 1);
}

const struct timer_ops timer_ops_condition = {
    .handle = condition_timer_handle, .number = condition_timer_number, .fired = condition_timer_fired};

/* True: the table is right. Nothing is evaluated, since that would change watches and timers. */
static bool conditions_good(const void *self)
{
    const struct core *core = self;
    const struct conditions *conditions = core->conditions;
    uint32_t held = 0, holders = 0;
    for (uint32_t at = 0; at < conditions->count; at++) {
        if (conditions->all[at].number == 0) continue;
        if (conditions->all[at].first == CONDITION_NONE) return false;
        uint32_t before = CONDITION_NONE;
        for (uint32_t slot = conditions->all[at].first; slot != CONDITION_NONE;
             before = slot, slot = conditions->holders[slot].next_of_condition, held++)
            if (conditions->holders[slot].condition != at || conditions->holders[slot].previous_of_condition != before)
                return false;
    }
    for (uint32_t slot = conditions->free_holder; slot != CONDITION_NONE;
         slot = conditions->holders[slot].next_of_visit)
        holders++;
    return held + holders == conditions->holder_count;
}

/* ---- as bytes ---- */

/* Puts a holder into its visit's list, whose first holder has the last line, as conditions_begin has made it. */
static void into_visit(struct conditions *conditions, uint32_t slot)
{
    struct holder *holder = &conditions->holders[slot];
    uint32_t first;
    if (lookup_find(&conditions->by_visit, holder->visit, &first)) {
        uint32_t before = first;
        if (conditions->holders[first].line >= holder->line) {
            while (conditions->holders[before].next_of_visit != CONDITION_NONE &&
                   conditions->holders[conditions->holders[before].next_of_visit].line >= holder->line)
                before = conditions->holders[before].next_of_visit;
            holder->next_of_visit = conditions->holders[before].next_of_visit;
            conditions->holders[before].next_of_visit = slot;
            return;
        }
        lookup_remove(&conditions->by_visit, holder->visit);
        holder->next_of_visit = first;
    } else {
        holder->next_of_visit = CONDITION_NONE;
    }
    lookup_add(&conditions->by_visit, slot);
}

/* Reads a holder and puts it after the other holders of its condition. */
static void read_holder(struct conditions *conditions, uint32_t number, struct holder read, uint32_t last)
{
    uint32_t slot = conditions->holder_count++;
    conditions->holders = memory_grow(conditions->holders, &conditions->holder_capacity, conditions->holder_count,
                                      sizeof *conditions->holders);
    read.condition = number;
    read.previous_of_condition = last;
    read.next_of_condition = CONDITION_NONE;
    conditions->holders[slot] = read;
    *(last == CONDITION_NONE ? &conditions->all[number].first : &conditions->holders[last].next_of_condition) = slot;
    into_visit(conditions, slot);
}

/* Writes or reads the visits that have the condition, in their order. Rows of holders have no other order, and
 * nothing refers to their numbers. */
static void keep_holders(struct conditions *conditions, struct keeper *keeper, uint32_t number)
{
    uint32_t at = conditions->all[number].first, count = 0;
    for (uint32_t slot = at; !keep_reading(keeper) && slot != CONDITION_NONE;
         slot = conditions->holders[slot].next_of_condition)
        count++;
    count = keep_count(keeper, count, UINT32_MAX);
    if (keep_reading(keeper)) at = conditions->all[number].first = CONDITION_NONE;
    for (; count > 0 && keep_good(keeper); count--) {
        struct holder holder = keep_reading(keeper) ? (struct holder){0} : conditions->holders[at];
        holder.visit = keep_u32(keeper, holder.visit);
        holder.line = keep_u32(keeper, holder.line);
        if (!keep_reading(keeper)) {
            at = holder.next_of_condition;
            continue;
        }
        read_holder(conditions, number, holder, at);
        at = conditions->holder_count - 1;
    }
    if (keep_reading(keeper) && conditions->all[number].first == CONDITION_NONE)
        keep_fail(keeper, "a condition belongs to no wait");
}

/* Writes or reads a condition; its watches are restored with the figures (sound). */
static void condition_keep(struct core *core, struct keeper *keeper, uint32_t number)
{
    struct conditions *conditions = core->conditions;
    struct condition *condition = &conditions->all[number];
    condition->number = keep_u64(keeper, condition->number);
    if (condition->number == 0) {
        condition->first = keep_index(keeper, condition->first, conditions->count, CONDITION_NONE);
        return;
    }
    condition->key = keep_u64(keeper, condition->key);
    condition->timer = timer_keep(core->timers, keeper, condition->timer, 1u << TIMER_CONDITION, number, 0);
    condition->program = program_keep(core->strategies, keeper, condition->program);
    condition->function = keep_u16(keeper, condition->function);
    condition->count = (uint16_t)keep_index(keeper, condition->count, 16 + 1, 0);
    line_captures_keep(keeper, condition->captures, condition->count);
    condition->until = keep_bool(keeper, condition->until);
    condition->own = keep_bool(keeper, condition->own);
    condition->known = keep_bool(keeper, condition->known);
    condition->holds = keep_bool(keeper, condition->holds);
    condition->told = keep_bool(keeper, condition->told);
    condition->value = keep_has(keeper, 16) && keep_bool(keeper, condition->value);
    if (condition->value) condition->word = keep_u64(keeper, condition->word);
    if (condition->value) condition->told_word = keep_u64(keeper, condition->told_word);
    if (keep_reading(keeper)) condition->watches = WATCHER_NONE;
    keep_holders(conditions, keeper, number);
    lookup_restore(&conditions->by_key, keeper, number);
}

static void conditions_keep(void *self, struct keeper *keeper)
{
    struct core *core = self;
    struct conditions *conditions = core->conditions;
    POOL_KEEP(conditions, keeper, UINT32_MAX);
    conditions->last_number = keep_u64(keeper, conditions->last_number);
    for (uint32_t at = 0; at < conditions->count && keep_good(keeper); at++) condition_keep(core, keeper, at);
    conditions->stale = keep_rows(keeper, conditions->stale, &conditions->stale_count, &conditions->stale_capacity,
                                  conditions->count, sizeof *conditions->stale);
    for (uint32_t at = 0; at < conditions->stale_count && keep_good(keeper); at++) {
        conditions->stale[at] = keep_index(keeper, conditions->stale[at], conditions->count, CONDITION_NONE);
        if (conditions->stale[at] == CONDITION_NONE)
            keep_fail(keeper, "no condition is stale");
        else
            conditions->all[conditions->stale[at]].stale = true;
    }
}

static uint32_t *watches_of(struct core *core, uint32_t watcher)
{
    struct conditions *conditions = core->conditions;
    uint32_t *list = latch_watches(core, watcher);
    if (list || watcher >= conditions->count || conditions->all[watcher].number == 0) return list;
    return &conditions->all[watcher].watches;
}

/* True: each free row is in the list of free rows, each holder has a visit, and each watch a watcher. */
static bool conditions_sound(void *self)
{
    struct core *core = self;
    const struct conditions *conditions = core->conditions;
    struct marks marks = marks_of(conditions->count);
    bool good = true;
    POOL_MARK_FREE(conditions, first, number, 0, &marks, good);
    for (uint32_t at = 0; good && at < conditions->count; at++)
        good =
            conditions->all[at].number == 0 || (marks_mark(&marks, at) && conditions->all[at].program != PROGRAM_NONE);
    good = good && marks.marked == conditions->count;
    marks_free(&marks);
    for (uint32_t at = 0; good && at < conditions->holder_count; at++)
        good = conditions->holders[at].visit < core->vqs->visit_count &&
               core->vqs->visits[conditions->holders[at].visit].state != VISIT_FREE;
    return good && statistic_rewatch(core->statistics, core, watches_of);
}

const struct part_ops part_ops_conditions = {
    .size = sizeof(struct conditions),
    .init = conditions_init,
    .free = conditions_free,
    .check = conditions_good,
    .keep = conditions_keep,
    .sound = conditions_sound,
};
