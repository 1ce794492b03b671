/* runtime/core/run/quarantine.c - The table of events and timers in quarantine, and what happens to their
 * interactions.
 *
 * A mark names an event or a timer that has crashed the process twice. The event Quarantined puts the mark into the
 * journal, so each replay has it, too. From then on:
 *
 *     an event with that mark   is not taken; its call is sent to the default destination
 *     a timer with that mark    is dropped
 *
 * A mail or record that was not taken is sent again by its link under another number. An event that comes again in this
 * way has a key made of its content, by which it is recognized. */
#include "runtime/core/run/quarantine.h"

#include <assert.h>
#include <string.h>

#include "vm/keep.h"
#include "runtime/core/base/fact.h"
#include "runtime/core/base/facts_interaction.h"
#include "runtime/core/base/facts_owner.h"
#include "runtime/core/base/part.h"
#include "runtime/core/base/state.h"
#include "runtime/core/base/timer.h"
#include "runtime/core/interactions/effect.h"
#include "runtime/core/interactions/interaction.h"
#include "runtime/core/interactions/submitted.h"
#include "runtime/core/links/link.h"
#include "runtime/core/run/strategy.h"
#include "runtime/vocabulary/effects_call.h"
#include "runtime/vocabulary/events_call.h"
#include "runtime/vocabulary/events_host.h"
#include "runtime/vocabulary/events_link.h"
#include "runtime/vocabulary/events_site.h"
#include "runtime/vocabulary/events_work.h"

/* Returns the key of an event that its link sends again under another number: a mail or record that was not taken. */
static uint64_t quarantined_key(const struct core *core, const struct message *message)
{
    if (message->kind == KIND_Submit && message_text(message, Submit_external_id).length != 0)
        return submitted_key(core->submissions, message_text(message, Submit_external_id),
                             message_text(message, ENVELOPE_tenant), (unsigned)message_u(message, Submit_media));
    if (message->kind == KIND_EventRecord)
        return table_mix64(message_u(message, EventRecord_record) ^
                           table_text_hash(core->names, message_text(message, EventRecord_campaign)));
    return 0;
}

/* Describes an event in a mark; its key needs a hash of texts, so it is computed only if it can be of use. */
void quarantine_mark(struct core *core, const struct message *message, struct core_mark *mark)
{
    mark->kind = (uint16_t)message->kind;
    mark->source = (uint8_t)message_u(message, ENVELOPE_source);
    mark->number = message_u(message, ENVELOPE_seq);
    mark->conn = message_u(message, ENVELOPE_conn);
    mark->ixn = message_u(message, ENVELOPE_ixn);
    if (core->options.mark || core->quarantines->count > 0) mark->key = quarantined_key(core, message);
}

/* True: the row is about this event. An event has the same number only once; an event with a key may come again
 * under other numbers. */
static bool is_of(const struct quarantined *row, const struct core_mark *mark)
{
    const struct core_mark *of = &row->mark;
    if (of->kind != mark->kind || of->source != mark->source) return false;
    if (of->key != 0 && of->key == mark->key) return true;
    return !row->recorded && row->passed == 0 && of->number == mark->number && of->conn == mark->conn;
}

/* Searches from the newest row: an event that is sent again belongs to the latest mark. */
static struct quarantined *quarantined_find(const struct core *core, const struct core_mark *mark)
{
    for (uint32_t at = core->quarantines->count; at-- > 0;)
        if (is_of(&core->quarantines->all[at], mark)) return &core->quarantines->all[at];
    return NULL;
}

bool quarantine_has(const struct core *core, const struct core_mark *mark)
{
    return core->quarantines->count > 0 && quarantined_find(core, mark) != NULL;
}

/* Returns the hash of the fields of a row on which decisions depend; all others are for people. */
static uint64_t quarantined_content(const struct quarantined *row)
{
    const struct core_mark *mark = &row->mark;
    uint64_t hash = table_mix64(mark->number + ((uint64_t)mark->kind << 48 | (uint64_t)mark->source << 40));
    hash = table_mix64(hash + mark->conn);
    hash = table_mix64(hash + mark->key);
    return table_mix64(hash + (row->passed != 0) + 2u * row->recorded) | 1;
}

/* Computes the hash of the table anew, since the table is small. */
static void content_changes(struct core *core)
{
    struct quarantines *quarantines = core->quarantines;
    quarantines->content = 0;
    for (uint32_t at = 0; at < quarantines->count; at++)
        quarantines->content += quarantined_content(&quarantines->all[at]);
}

/* True: with events of this kind a switch reports that a call exists; the call may wait for instructions. */
static bool tells_call(unsigned kind)
{
    return kind == KIND_EventCallCreated || kind == KIND_EventRouteRequest || kind == KIND_Observed;
}

/* Asks the link to send the call on, since it has no strategy that could be ended. The link refuses this for a call
 * that does not wait at a routing point. */
static void send_on(struct core *core, const struct message *message)
{
    effect_begin(core->effects, &(struct effect){.kind = KIND_RouteDefault,
                                                 .link = (unsigned)message_u(message, ENVELOPE_source),
                                                 .conn = message_u(message, ENVELOPE_conn)});
    writer_bytes(&core->effects->writer, RouteDefault_dn,
                 message->kind == KIND_EventRouteRequest ? message_text(message, EventRouteRequest_dn)
                                                         : (struct span){0});
    writer_u(&core->effects->writer, RouteDefault_reason, code_fault);
    writer_text(&core->effects->writer, RouteDefault_why, "an event of it is in quarantine");
    effect_end(core->effects);
    fact_tell(core->facts, &(struct fact){.what = FACT_defaulted});
}

/* Ends the interaction's strategy: a running one ends like a strategy that has failed and has no `on error`. */
static bool quarantined_give_up(struct core *core, struct interaction *ix)
{
    interaction_tell(core->interactions, ix, FACT_quarantined, 0, 0);
    if (!ix->running) return false;
    strategy_default(core, ix, code_fault);
    return true;
}

/* Skips an event; its sender gets an answer that says where to look. A strategy that runs on the interaction fails. */
void quarantine_passes(struct core *core, const struct message *message, const struct core_mark *mark)
{
    struct quarantined *row = quarantined_find(core, mark);
    assert(row); /* quarantine_has() has said so */
    struct interaction *ix = interaction_of(core->interactions, message);
    bool its_own = !ix || row->mark.ixn == 0 || row->mark.ixn == ix->id;
    row->passed++;
    row->passed_batch = core->now->number;
    content_changes(core);
    fact_tell(core->facts, &(struct fact){.what = FACT_passed_over});
    if (its_own && ix && ix->running) {
        strategy_default(core, ix, code_fault);
        row->end = QUARANTINE_DEFAULTED;
    } else if (its_own && tells_call(mark->kind) && mark->conn != 0 && link_at(core->links, mark->source)) {
        send_on(core, message);
        row->end = QUARANTINE_DEFAULTED;
    } else if (row->end == QUARANTINE_NOBODY) {
        row->end = QUARANTINE_REFUSED;
    }
    effect_reply(core->effects, message, outcome_error, code_fault,
                 "it has crashed the router twice and is in quarantine: see gcxctl quarantine", NULL);
}

static bool drop_timer(struct core *core, const struct core_mark *mark)
{
    struct timer timer;
    uint64_t number;
    bool frozen;
    for (uint32_t at = 0; timers_at(core->timers, at, &timer, &number, &frozen); at++) {
        if (timer.kind != mark->timer || timer.part != mark->part || number != mark->owner ||
            timer.deadline_us != mark->due_us)
            continue;
        timers_drop(core->timers, at);
        return true;
    }
    return false;
}

/* Makes a row for a mark; if the table is full the oldest row is dropped. An event of the dropped row, if it comes
 * again, is taken again. */
static struct quarantined *quarantined_new(struct core *core)
{
    struct quarantines *quarantines = core->quarantines;
    assert(quarantines->count <= QUARANTINED_MAX);
    if (quarantines->count == QUARANTINED_MAX)
        memmove(quarantines->all, quarantines->all + 1, --quarantines->count * sizeof *quarantines->all);
    struct quarantined *row = &quarantines->all[quarantines->count++];
    *row = (struct quarantined){.since_us = (uint64_t)now_wall_us(core->now)};
    return row;
}

static void mark_read(const struct message *message, struct core_mark *mark)
{
    *mark = (struct core_mark){
        .place = message_u(message, Quarantined_kind) != 0 ? CORE_TAKES : CORE_FIRES,
        .index = (uint32_t)message_u(message, Quarantined_index),
        .batch = message_u(message, Quarantined_batch),
        .conn = message_u(message, ENVELOPE_conn),
        .ixn = message_u(message, ENVELOPE_ixn),
        .number = message_u(message, Quarantined_number),
        .key = message_u(message, Quarantined_key),
        .owner = message_u(message, Quarantined_owner),
        .due_us = message_u(message, Quarantined_due),
        .kind = (uint16_t)message_u(message, Quarantined_kind),
        .source = (uint8_t)message_u(message, Quarantined_link),
        .timer = (uint8_t)message_u(message, Quarantined_timer),
        .part = (uint8_t)message_u(message, Quarantined_part),
    };
}

bool quarantine_knows(const struct core *core, const struct core_mark *mark)
{
    for (uint32_t at = 0; at < core->quarantines->count; at++) {
        const struct core_mark *of = &core->quarantines->all[at].mark;
        if (of->place == mark->place && of->batch == mark->batch && of->index == mark->index &&
            of->kind == mark->kind && of->number == mark->number && of->owner == mark->owner)
            return true;
    }
    return false;
}

/* Skips an event in a replay. The replay uses up the id that the event would have given, so that later ids stay the
 * same. */
void quarantine_skips(struct core *core, const struct message *message)
{
    if (message->kind == KIND_EventCallCreated) core->interactions->last_number++;
}

void quarantine_on(struct core *core, const struct message *message)
{
    struct core_mark mark;
    mark_read(message, &mark);
    if (quarantine_knows(core, &mark)) return;
    struct quarantined *row = quarantined_new(core);
    row->mark = mark;
    assert(quarantine_knows(core, &mark)); /* from now on the event is skipped if it is sent again */
    row->recorded = message_u(message, Quarantined_recorded) != 0;
    /* A replay that has skipped something may have given other refs since then than those that the links know. */
    if (row->recorded) effect_refs_skip(core->effects, 0);
    content_changes(core);
    struct interaction *ix = interaction_by_id(core->interactions, mark.ixn);
    if (!ix) ix = interaction_by_conn(core->interactions, mark.conn);
    if (!ix) fact_tell(core->facts, &(struct fact){.what = FACT_quarantined});
    if (ix) row->end = QUARANTINE_LEFT;
    if (ix && message_u(message, Quarantined_bare) == 0 && quarantined_give_up(core, ix))
        row->end = QUARANTINE_DEFAULTED;
    if (mark.place == CORE_FIRES && !row->recorded) drop_timer(core, &mark);
}

static void quarantined_keep(struct keeper *keeper, struct quarantined *row)
{
    struct core_mark *mark = &row->mark;
    mark->place = keep_u32(keeper, mark->place);
    mark->index = keep_u32(keeper, mark->index);
    mark->batch = keep_u64(keeper, mark->batch);
    mark->conn = keep_u64(keeper, mark->conn);
    mark->ixn = keep_u64(keeper, mark->ixn);
    mark->number = keep_u64(keeper, mark->number);
    mark->key = keep_u64(keeper, mark->key);
    mark->owner = keep_u64(keeper, mark->owner);
    mark->due_us = keep_u64(keeper, mark->due_us);
    mark->kind = keep_u16(keeper, mark->kind);
    mark->source = keep_u8(keeper, mark->source);
    mark->timer = keep_u8(keeper, mark->timer);
    mark->part = keep_u8(keeper, mark->part);
    row->since_us = keep_u64(keeper, row->since_us);
    row->passed = keep_u64(keeper, row->passed);
    row->passed_batch = keep_u64(keeper, row->passed_batch);
    row->recorded = keep_bool(keeper, row->recorded);
    row->end = keep_u8(keeper, row->end);
    if (row->end >= QUARANTINE_ENDS) keep_fail(keeper, "the end of an interaction in quarantine is not known");
}

static void quarantines_keep(void *self, struct keeper *keeper)
{
    struct core *core = self;
    struct quarantines *quarantines = core->quarantines;
    quarantines->count = keep_count(keeper, quarantines->count, QUARANTINED_MAX);
    for (uint32_t at = 0; at < quarantines->count; at++) quarantined_keep(keeper, &quarantines->all[at]);
    if (keep_reading(keeper)) content_changes(core);
}

static uint64_t quarantines_hash(const void *self)
{
    const struct core *core = self;
    return core->quarantines->content;
}

static bool quarantines_good(const void *self)
{
    const struct core *core = self;
    uint64_t content = 0;
    for (uint32_t at = 0; at < core->quarantines->count; at++)
        content += quarantined_content(&core->quarantines->all[at]);
    return content == core->quarantines->content;
}

const struct part_ops part_ops_quarantines = {
    .size = sizeof(struct quarantines),
    .hash = quarantines_hash,
    .check = quarantines_good,
    .keep = quarantines_keep,
};
