/* runtime/core/core.c - Applies batches: sets the time, fires due timers, then takes the events in their order. The
 * parts settle after each timer and each event.
 *
 *     core_apply()   time and number of the batch
 *                    events that come first (Quarantined, Held)
 *                    due timers, at most TIMERS_MAX   core_fire()    -> parts_settle()
 *                    all other events                 apply_event()  -> handlers -> parts_settle()
 *                    sums for the digest, sweep of names
 *
 * The core is a function of the batches: it asks no clock and no random source, and two cores that apply the same
 * batches have the same digest. Effects are given to the sink of the batch; a sink must not apply a batch. Input
 * from outside is checked here although it was checked before, because a journal may come from another machine. */
#include "runtime/core/core.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/core/base/fact.h"
#include "runtime/core/base/facts_interaction.h"
#include "runtime/core/base/media.h"
#include "runtime/core/base/memory.h"
#include "runtime/core/base/part.h"
#include "runtime/core/base/record.h"
#include "runtime/core/base/state.h"
#include "runtime/core/base/table.h"
#include "runtime/core/base/timer.h"
#include "runtime/core/campaigns/list_record.h"
#include "runtime/core/interactions/effect.h"
#include "runtime/core/interactions/interaction.h"
#include "runtime/core/interactions/submitted.h"
#include "runtime/core/people/agent.h"
#include "runtime/core/interactions/no_image.h"
#include "runtime/core/media/outbound.h"
#include "runtime/core/people/claim.h"
#include "runtime/core/run/quarantine.h"
#include "runtime/core/run/step.h"
#include "runtime/core/sessions/loan.h"
#include "runtime/core/sessions/session.h"
#include "runtime/core/site/program.h"
#include "runtime/core/statistics/statistic.h"
#include "runtime/core/steps/booking.h"
#include "vm/keep.h"
#include "runtime/vocabulary/events_agent.h"
#include "runtime/vocabulary/events_call.h"
#include "runtime/vocabulary/events_host.h"
#include "runtime/vocabulary/events_link.h"
#include "runtime/vocabulary/events_site.h"
#include "runtime/vocabulary/events_work.h"

/* Limit of the timers that fire in one batch; the next batch fires the rest. So a core that did not run for a while
 * does not do all overdue work at once, and takes new events in between. */
enum { TIMERS_MAX = 1000 };
/* longest delay that the core believes when a journal reports it was slow: a day */
#define HELD_MAX_US INT64_C(86400000000)

#define TIMER(KIND, kind, part, self) extern const struct timer_ops timer_ops_##kind;
#include "runtime/core/base/timers.def"

static const struct timer_ops *const timer_ops[] = {
#define TIMER(KIND, kind, part, self) [TIMER_##KIND] = &timer_ops_##kind,
#include "runtime/core/base/timers.def"
};

#define PART(name, type, self)                                                                                         \
    struct type;                                                                                                       \
    extern const struct part_ops part_ops_##name;
#include "runtime/core/base/parts.def"

enum { TIMER_KINDS = sizeof timer_ops / sizeof timer_ops[0] };

/* Everything that a core consists of. Parts of parts.def that are not in neighbours.def are known only here. */
struct whole {
    struct core *core;
    struct sessions *sessions;
#define PART(name, type, self) struct type *name;
#include "runtime/core/base/parts.def"
};

/* The first argument of a part's operations (parts.def). */
#define OWN(whole, part)   ((whole)->part)
#define WHOLE(whole, part) ((whole)->core)

/* The first argument `self` for the operations of each kind of timers. */
struct timer_selves {
    void *of[TIMER_KINDS];
};

static struct timer_selves *timer_selves_new(const struct whole *whole)
{
    struct timer_selves *selves = memory_zeroed(1, sizeof *selves);
#define TIMER(KIND, kind, part, self) selves->of[TIMER_##KIND] = self(whole, part);
#include "runtime/core/base/timers.def"
    return selves;
}

static uint32_t *core_timer_handle(void *self, const struct timer *timer)
{
    const struct timer_selves *selves = self;
    assert(timer->kind != TIMER_NONE && timer->kind < sizeof timer_ops / sizeof timer_ops[0]);
    return timer_ops[timer->kind]->handle(selves->of[timer->kind], timer);
}

static uint64_t core_timer_number(void *self, const struct timer *timer)
{
    const struct timer_selves *selves = self;
    assert(timer->kind != TIMER_NONE && timer->kind < sizeof timer_ops / sizeof timer_ops[0]);
    return timer_ops[timer->kind]->number(selves->of[timer->kind], timer);
}

/* Makes all parts before any part begins: a part gets pointers to others that have not begun yet. */
static void parts_make(struct core *core, struct whole *whole)
{
#define PART(name, type, self) whole->name = memory_zeroed(1, part_ops_##name.size);
#include "runtime/core/base/parts.def"
#define PART(name, type, self) core->name = whole->name;
#include "runtime/core/base/neighbours.def"
    const struct part_row all[] = {
#define PART(name, type, self) {#name, &part_ops_##name, self(whole, name), whole->name},
#include "runtime/core/base/parts.def"
    };
    struct part_row *rows = memory_zeroed(1, sizeof all);
    struct part_rows *table = memory_zeroed(1, sizeof *table);
    memcpy(rows, all, sizeof all);
    *table = (struct part_rows){.all = rows, .count = sizeof all / sizeof all[0]};
    parts_place(table);
    core->parts = table;
}

/* Begins the parts, and gives each the pointers to others that it may keep. */
static void parts_init(struct core *core)
{
    const struct list_record_calls record_calls = outbound_calls(core);
    const struct parts parts = {
        .options = &core->options,
        .now = core->now,
        .facts = core->facts,
        .rows = core->parts,
        .media = core->media,
        .no_image = core->no_image,
        .names = core->names,
        .timers = core->timers,
        .slab = core->slab,
        .scratch = &core->scratch,
        .sessions = core->sessions,
        .record_calls = &record_calls,
#define PART(name, type, self) .name = core->name,
#include "runtime/core/base/neighbours.def"
    };
    for (const struct part_row *part = core->parts->all; part < core->parts->all + core->parts->count; part++) {
        if (part->ops->init) part->ops->init(part->self, &parts);
        if (part->ops->hear) facts_read_by(core->facts, part->self, part->ops->hear);
    }
    sessions_init(core->sessions, &parts);
}

/* Frees the parts in the opposite order. */
static void parts_free(struct core *core)
{
    for (unsigned at = core->parts->count; at-- > 0;)
        if (core->parts->all[at].ops->free) core->parts->all[at].ops->free(core->parts->all[at].self);
    for (unsigned at = 0; at < core->parts->count; at++) free(core->parts->all[at].part);
    free((void *)(uintptr_t)core->parts->all);
    free((void *)(uintptr_t)core->parts);
}

#define HANDLER(event, function) void function(struct core *, const struct message *);
#define PART_HANDLER(event, function, part)                                                                            \
    void function(struct part *, const struct message *);                                                              \
    static void event##_to_##function(struct core *core, const struct message *message)                                \
    {                                                                                                                  \
        function(core->part, message);                                                                                 \
    }
#include "runtime/core/handlers.def"

static const struct {
    uint16_t kind;
    void (*function)(struct core *, const struct message *);
} handlers[] = {
#define HANDLER(event, function)            {KIND_##event, function},
#define PART_HANDLER(event, function, part) {KIND_##event, event##_to_##function},
#include "runtime/core/handlers.def"
};
enum { HANDLERS = sizeof handlers / sizeof handlers[0] };

/* Links the handlers of each event, in the order of their rows. Several parts may take the same event. The list of
 * an event's handlers begins at handlers[kind] and continues by handlers_next; HANDLERS ends it. */
static void handlers_chain(struct core *core)
{
    for (size_t row = 0; row < HANDLERS; row++)
        if (handlers[row].kind >= core->handled) core->handled = handlers[row].kind + 1u;
    core->handlers = memory_grown(NULL, core->handled, sizeof *core->handlers);
    core->handlers_next = memory_grown(NULL, HANDLERS, sizeof *core->handlers_next);
    for (unsigned kind = 0; kind < core->handled; kind++) core->handlers[kind] = HANDLERS;
    for (unsigned row = HANDLERS; row-- > 0;) {
        uint16_t *first = &core->handlers[handlers[row].kind];
        core->handlers_next[row] = *first;
        *first = (uint16_t)row;
    }
}

struct core *core_new(const struct core_options *options)
{
    struct core *core = memory_zeroed(1, sizeof *core);
    core->options = *options;
    core->now = memory_zeroed(1, sizeof *core->now);
    core->facts = memory_zeroed(1, sizeof *core->facts);
    core->facts->core = core;
    core->names = memory_zeroed(1, sizeof *core->names);
    names_init(core->names, options->seed);
    core->no_image = no_image_new();
    core->slab = slab_new((1u << TIMER_DATA_BITS) - 1); /* a timer names its interaction by a slot of TIMER_DATA_BITS */
    kv_init(&core->scratch);
    kv_init(&core->given);
    core->media = media_all();
    core->step_ops = steps_ops(&core->step_count);
    core->sessions = memory_zeroed(1, sizeof *core->sessions);
    struct whole whole = {.core = core, .sessions = core->sessions};
    parts_make(core, &whole);
    core->timer_selves = timer_selves_new(&whole);
    core->timers = timers_new(&(struct timer_objects){core->timer_selves, core_timer_handle, core_timer_number});
    parts_init(core);
    handlers_chain(core);
    return core;
}

void core_free(struct core *core)
{
    if (!core) return;
    parts_free(core);
    free(core->sessions);
    kv_free(&core->scratch);
    kv_free(&core->given);
    timers_free(core->timers);
    free(core->timer_selves);
    free(core->handlers);
    free(core->handlers_next);
    slab_free(core->slab);
    image_free(core->no_image);
    names_free(core->names);
    free(core->names);
    facts_free(core->facts);
    free(core->now);
    free(core);
}

void core_on_clock(struct core *core, const struct message *message)
{
    int64_t offset_us = message_i(message, Clock_offset);
    if (offset_us < -WALL_OFFSET_MAX_US) offset_us = -WALL_OFFSET_MAX_US;
    if (offset_us > WALL_OFFSET_MAX_US) offset_us = WALL_OFFSET_MAX_US;
    core->now->wall_offset_us = offset_us;
}

/* Called when an older copy of the journal was put back: later batches are lost, but others know the ids that those
 * batches gave, so new ids begin above them. The first new id is counted from the second of the restore, 65,536 ids
 * per second since 1970, which nobody has used up: so it is greater also if the same copy is put back twice. Numbers
 * that only order things inside the core, for example of selectors and conditions, stay. */
static void ids_go_on_above(struct core *core, uint64_t second)
{
    if (second > UINT32_MAX) return; /* no such time */
    interactions_skip(core->interactions, second << 16);
    claims_skip(core->claims, second << 16);
    bookings_skip(core->bookings, second << 16);
    list_records_skip(core->list_records, second << 16);
    effect_refs_skip(core->effects, (uint32_t)second);
}

/* A new leader begins an epoch. Draining and the hold of dialling were orders to the leader before, so both end;
 * whether the new leader lets arrivals in, it says itself. */
void core_on_epoch(struct core *core, const struct message *message)
{
    uint64_t second = message_u(message, Epoch_restored);
    core->draining = false;
    core->gated = false;
    core->dials_held = false;
    if (second == 0) return;
    core->now->restored_s = second;
    ids_go_on_above(core, second);
}

/* The journal was slow. An effect is sent when its batch is durable, and an answer comes in a later batch: so timers
 * that wait for an answer are moved by that time. The event is the first in its batch and is taken before timers
 * fire. The timers are collected first, since moving one changes the heap that the loop reads. */
void core_on_held(struct core *core, const struct message *message)
{
    int64_t lasted_us = message_i(message, Held_lasted);
    if (lasted_us <= 0) return;
    uint64_t held_us = lasted_us < HELD_MAX_US ? (uint64_t)lasted_us : (uint64_t)HELD_MAX_US, number;
    uint32_t count = 0, of_kinds = 0;
    for (unsigned kind = 1; kind < TIMER_KINDS; kind++)
        if (timer_ops[kind]->held) of_kinds += timers_of_kind(core->timers, (enum timer_kind)kind);
    struct timer *moved = memory_zeroed(of_kinds + 1u, sizeof *moved), timer;
    bool frozen;
    for (uint32_t at = 0; timers_at(core->timers, at, &timer, &number, &frozen); at++) {
        const struct timer_ops *ops = timer_ops[timer.kind];
        if (!frozen && ops->held && ops->held(core->timer_selves->of[timer.kind], &timer, held_us))
            moved[count++] = timer;
    }
    for (uint32_t at = 0; at < count; at++) {
        timer_cancel(core->timers, core_timer_handle(core->timer_selves, &moved[at]));
        moved[at].deadline_us += held_us;
        timer_set(core->timers, &moved[at]);
    }
    free(moved);
}

/* Takes events for which the core has nothing to do: they are in the journal for others, or the batch itself says
 * the same. */
void core_on_nothing(struct core *core, const struct message *message)
{
    (void)core;
    (void)message;
}

static void core_dispatch(struct core *core, const struct message *message)
{
    size_t row = message->kind < core->handled ? core->handlers[message->kind] : HANDLERS;
    if (row == HANDLERS)
        effect_reply(core->effects, message, outcome_unsupported, code_unsupported, "not in this version", NULL);
    for (; row < HANDLERS; row = core->handlers_next[row]) handlers[row].function(core, message);
}

/* For tests: crashes the core here. */
static void core_crash(const struct core_plant *plant)
{
    while (plant->hangs) assert(plant->hangs);
    abort();
}

static void core_planted(const struct core *core, const struct core_mark *mark, struct span frame)
{
#ifdef VM_CHECKED
    const struct core_plant *plant = core->options.plant;
    size_t length = plant ? strlen(plant->text) : 0;
    if (plant && mark->place == CORE_FIRES && mark->timer != TIMER_NONE && mark->timer == plant->timer)
        core_crash(plant);
    if (length == 0 || mark->place != CORE_TAKES || (plant->kind != 0 && plant->kind != mark->kind)) return;
    for (uint32_t at = 0; at + length <= frame.length; at++)
        if (memcmp(frame.bytes + at, plant->text, length) == 0) core_crash(plant);
#else
    (void)core, (void)mark, (void)frame, (void)core_crash;
#endif
}

/* Writes into the mark which event or timer comes next, before the core takes it. */
static void mark_begins(const struct core *core, const struct core_mark *mark, struct span frame)
{
    if (!core->options.mark) return;
    *core->options.mark = *mark;
    core_planted(core, mark, frame);
}

static bool is_passed(const struct batch *batch, uint32_t place)
{
    for (uint32_t at = 0; at < batch->passed_count; at++)
        if (batch->passed[at] == place) return true;
    return false;
}

/* Takes frame number `index` of the batch. The sequence numbers of a source only grow. An event whose number was
 * seen already is a repetition after a lost connection, and does nothing. */
static void apply_event(struct core *core, const struct batch *batch, uint32_t index, struct span frame)
{
    struct message message;
    core->events++;
    if (!message_read(&message, frame.bytes, frame.length, NULL) || !kind_is_event(message.kind)) {
        fact_tell(core->facts, &(struct fact){.what = FACT_event_refused});
        return;
    }
    uint64_t source = message_u(&message, ENVELOPE_source), seq = message_u(&message, ENVELOPE_seq);
    /* The link that took the frame has checked its source, too. The core checks it again, because a journal comes from
     * outside. */
    if (source >= SOURCES_MAX || !kind_posted_by(message.kind, (unsigned)source)) {
        fact_tell(core->facts, &(struct fact){.what = FACT_event_refused});
        return;
    }
    if (seq != 0) {
        if (seq <= core->last_seq[source]) return; /* repeated */
        core->last_seq[source] = seq;
    }
    if (is_passed(batch, index)) {
        quarantine_skips(core, &message);
        return;
    }
    struct core_mark mark = {.place = CORE_TAKES, .index = index, .batch = batch->number};
    quarantine_mark(core, &message, &mark);
    if (quarantine_has(core, &mark)) {
        quarantine_passes(core, &message, &mark);
    } else {
        mark_begins(core, &mark, frame);
        core_dispatch(core, &message);
    }
    parts_settle(core->parts);
}

/* Fires a timer; one that has crashed a core before is skipped if the batch says so. */
static void core_fire(struct core *core, const struct batch *batch, uint32_t index, const struct timer *timer)
{
    const struct timer_ops *ops = timer_ops[timer->kind];
    if (is_passed(batch, PASSED_TIMER | index)) return;
    mark_begins(core,
                &(struct core_mark){
                    .place = CORE_FIRES,
                    .index = index,
                    .batch = batch->number,
                    .timer = timer->kind,
                    .part = timer->part,
                    .owner = core_timer_number(core->timer_selves, timer),
                    .due_us = timer->deadline_us,
                    .ixn = ops->number == step_timer_number ? interaction_at(core->interactions, timer->data)->id : 0},
                (struct span){0});
    ops->fired(core->timer_selves->of[timer->kind], timer);
    parts_settle(core->parts);
}

/* Returns the frame at the given place of the batch; empty: there is none. */
static struct span batch_frame(const struct batch *batch, uint32_t at)
{
    size_t left = batch->events.length - at,
           size = at < batch->events.length ? message_frame_size(batch->events.bytes + at, left) : 0;
    return size <= left ? (struct span){batch->events.bytes + at, (uint32_t)size} : (struct span){0};
}

/* True: the event is taken before timers fire: a leader's batch begins with what it puts into quarantine, which may
 * make timers due anew. The event that tells how long the journal was slow is taken before timers fire as well, since
 * it moves timers. */
static bool comes_first(struct span frame)
{
    unsigned kind = frame.length >= MESSAGE_HEADER ? frame.bytes[4] | (unsigned)frame.bytes[5] << 8 : 0;
    return kind == KIND_Quarantined || kind == KIND_Held;
}

static bool is_dropped(void *self, const void *bytes, size_t length)
{
    (void)self, (void)bytes, (void)length;
    return true;
}

/* Removes agents whom nobody refers to and whom the directory does not have. */
static void sweep_agents(struct core *core)
{
    submitted_refer_owners(core->submissions);
    for (uint32_t at = 0; at < core->agents->count; at++)
        if (agent_may_go(core->agents, at) && statistic_agent_goes(core->statistics, at) &&
            holder_agent_goes(core->list_records, at))
            agent_remove(core->agents, at);
    agents_swept(core->agents);
}

/* Frees the names that came in events and that no part would write into a snapshot. A snapshot is written without
 * output, which touches every name that is needed; all others are freed. */
static void core_sweep(struct core *core)
{
    if (core->names->passing < core->names->sweep_due && !agents_sweep_due(core->agents) &&
        !submitted_bins_full(core->submissions))
        return;
    sweep_agents(core);
    submitted_sweep(core->submissions);
    struct keeper *keeper = keep_begin_write(is_dropped, NULL);
    names_sweep_begin(core->names);
    programs_keep(core->strategies, keeper);
    parts_keep(core->parts, keeper);
    keep_finish(keeper, NULL);
    records_sweep(core->records);
    names_sweep_end(core->names, core->interactions->live);
}

/* Applies a batch. The order of the steps is part of the semantics: with another order the same journal gives
 * another core. */
void core_apply(struct core *core, const struct batch *batch, const struct effect_sink *sink)
{
    assert(batch->number == core->now->number + 1);
    assert(batch->time_us >= core->now->time_us);
    assert(!core->effects->sink); /* a sink must not apply a batch */
    bool first = batch->epoch != core->now->epoch;
    core->now->number = batch->number;
    core->now->epoch = batch->epoch;
    core->now->time_us = batch->time_us;
    core->effects->sink = sink;
    core->turns = 0;
    uint32_t at = 0, count = 0;
    struct timer timer;
    struct span frame;
    loans_begin(core->loans, first);
    for (; count < batch->count && comes_first(frame = batch_frame(batch, at)); at += frame.length)
        apply_event(core, batch, count++, frame);
    if (!first && loans_look(core->loans)) parts_settle(core->parts);
    for (uint32_t fired = 0; fired < TIMERS_MAX && timer_take(core->timers, core->now->time_us, &timer); fired++)
        core_fire(core, batch, fired, &timer);
    for (; count < batch->count && (frame = batch_frame(batch, at)).length != 0; at += frame.length)
        apply_event(core, batch, count++, frame);
    interactions_count(core->interactions);
    core_sweep(core);
    if (core->options.mark) core->options.mark->place = CORE_RESTS;
    core->effects->sink = NULL;
}

uint64_t core_digest(const struct core *core)
{
    return table_mix64(table_mix64(core->interactions->content) + parts_hash(core->parts));
}

/* Returns when the next timer is due; an overdue timer counts as due now. */
uint64_t core_next_timer(const struct core *core)
{
    uint64_t next_us = timers_next(core->timers);
    return next_us > core->now->time_us ? next_us : core->now->time_us;
}

uint64_t core_time(const struct core *core)
{
    return core->now->time_us;
}

uint64_t core_last_seq(const struct core *core, unsigned source)
{
    return source < SOURCES_MAX ? core->last_seq[source] : 0;
}

bool core_quarantines(const struct core *core, const struct core_mark *mark)
{
    return quarantine_knows(core, mark);
}

uint64_t core_last_conn(const struct core *core, unsigned source)
{
    return source < SOURCES_MAX ? core->last_conn[source] : 0;
}
