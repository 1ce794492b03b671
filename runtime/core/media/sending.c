/* runtime/core/media/sending.c - The table of messages and ends of sessions that the home has not confirmed: a short
 * list per interaction that has any. */
#include "runtime/core/media/sending.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "vm/keep.h"
#include "runtime/core/base/memory.h"
#include "runtime/core/base/part.h"
#include "runtime/core/base/pool.h"
#include "runtime/core/base/state.h"
#include "runtime/core/interactions/interaction.h"
#include "runtime/vocabulary/events_work.h"

bool sending_reaches(const struct interaction *ix)
{
    return ix->submitted && (ix->leg || (ix->media == media_sms && !ix->gone));
}

static uint64_t slot_key(const void *owner, uint32_t row)
{
    return ((const struct sendings *)owner)->all[row].slot;
}

static void sendings_init(void *self, const struct parts *parts)
{
    struct core *core = self;
    (void)parts;
    struct sendings *sendings = core->sendings;
    *sendings = (struct sendings){.free = SENDING_NONE};
    lookup_init(&sendings->by_slot, sendings, slot_key);
}

static void sendings_release(void *self)
{
    struct core *core = self;
    struct sendings *sendings = core->sendings;
    for (uint32_t row = 0; row < sendings->count; row++) free(sendings->all[row].frame);
    free(sendings->all);
    lookup_free(&sendings->by_slot);
}

uint32_t sending_next(const struct core *core, const struct interaction *ix, uint32_t row)
{
    uint32_t first;
    assert(row == SENDING_NONE || row < core->sendings->count);
    if (row != SENDING_NONE) return core->sendings->all[row].next;
    return lookup_find(&core->sendings->by_slot, ix->slot, &first) ? first : SENDING_NONE;
}

bool sendings_full(const struct core *core, const struct interaction *ix)
{
    unsigned count = 0;
    for (uint32_t at = sending_next(core, ix, SENDING_NONE); at != SENDING_NONE; at = sending_next(core, ix, at))
        count++;
    return count >= SENDINGS_MAX;
}

static uint32_t last_of(const struct core *core, const struct interaction *ix)
{
    uint32_t last = SENDING_NONE;
    for (uint32_t at = SENDING_NONE; (at = sending_next(core, ix, at)) != SENDING_NONE;) last = at;
    return last;
}

static uint32_t sending_append(struct core *core, struct interaction *ix, struct span frame, enum cause cause)
{
    struct sendings *sendings = core->sendings;
    uint32_t row = POOL_TAKE(sendings, next), last = last_of(core, ix);
    uint8_t *copy = memory_zeroed(frame.length + 1, 1);
    if (frame.length != 0) memcpy(copy, frame.bytes, frame.length);
    sendings->all[row] = (struct sending){
        .frame = copy, .length = frame.length, .slot = ix->slot, .cause = (uint8_t)cause, .next = SENDING_NONE};
    if (last == SENDING_NONE)
        lookup_add(&sendings->by_slot, row);
    else
        sendings->all[last].next = row;
    interaction_touch(core->interactions, ix);
    return row;
}

uint32_t sending_hold(struct core *core, struct interaction *ix, const struct message *message)
{
    assert(!sendings_full(core, ix));
    return sending_append(core, ix, message->frame, cause_ok);
}

uint32_t sending_hold_end(struct core *core, struct interaction *ix, enum cause cause)
{
    uint32_t last = last_of(core, ix);
    if (last != SENDING_NONE && core->sendings->all[last].length == 0) return SENDING_NONE;
    return sending_append(core, ix, (struct span){0}, cause);
}

void sending_went(struct core *core, struct interaction *ix, uint32_t row, uint32_t ref)
{
    assert(core->sendings->all[row].slot == ix->slot && ref != 0);
    core->sendings->all[row].ref = ref;
    interaction_touch(core->interactions, ix);
}

static void sendings_row_free(struct sendings *sendings, uint32_t row)
{
    assert(row < sendings->count && sendings->all[row].frame); /* fails if the row was freed already */
    free(sendings->all[row].frame);
    POOL_GIVE(sendings, row, next);
}

/* True: the ref belonged to a message of the interaction; the message is forgotten. */
static bool sending_confirmed(struct core *core, struct interaction *ix, uint64_t ref)
{
    struct sendings *sendings = core->sendings;
    uint32_t before = SENDING_NONE, row = sending_next(core, ix, SENDING_NONE);
    while (row != SENDING_NONE && sendings->all[row].ref != ref) {
        before = row;
        row = sending_next(core, ix, row);
    }
    if (row == SENDING_NONE || ref == 0) return false;
    uint32_t next = sendings->all[row].next;
    if (before == SENDING_NONE) {
        lookup_remove(&sendings->by_slot, ix->slot);
        if (next != SENDING_NONE) lookup_add(&sendings->by_slot, next);
    } else {
        sendings->all[before].next = next;
    }
    sendings_row_free(sendings, row);
    interaction_touch(core->interactions, ix);
    return true;
}

void sendings_forget(void *self, struct interaction *ix)
{
    struct core *core = self;
    struct sendings *sendings = core->sendings;
    uint32_t row = sending_next(core, ix, SENDING_NONE);
    if (row == SENDING_NONE) return;
    lookup_remove(&sendings->by_slot, ix->slot);
    for (uint32_t next; row != SENDING_NONE; row = next) {
        next = sendings->all[row].next;
        sendings_row_free(sendings, row);
    }
    interaction_touch(core->interactions, ix);
}

/* Only the home confirms. */
static bool sending_answered(void *self, struct interaction *ix, const struct message *message)
{
    struct core *core = self;
    return ix->link == message_u(message, ENVELOPE_source) &&
           sending_confirmed(core, ix, message_u(message, ENVELOPE_ref));
}

void sending_on_delivery(struct core *core, const struct message *message)
{
    struct interaction *ix = interaction_of(core->interactions, message);
    if (ix && message_u(message, EventDelivery_state) != delivery_unknown) (void)sending_answered(core, ix, message);
}

static uint64_t sendings_content(const void *self, const struct interaction *ix)
{
    const struct core *core = self;
    uint64_t hash = 0;
    for (uint32_t at = SENDING_NONE; (at = sending_next(core, ix, at)) != SENDING_NONE;) {
        const struct sending *row = &core->sendings->all[at];
        hash = table_mix64(hash + row->ref + row->cause) +
               table_text_hash(core->names, (struct span){row->frame, row->length});
    }
    return hash;
}

static bool sendings_holds(const void *self, const struct interaction *ix)
{
    const struct core *core = self;
    unsigned count = 0;
    for (uint32_t at = SENDING_NONE; (at = sending_next(core, ix, at)) != SENDING_NONE; count++)
        if (core->sendings->all[at].slot != ix->slot || !core->sendings->all[at].frame) return false;
    /* at most SENDINGS_MAX messages, and perhaps the end of the session */
    return count <= SENDINGS_MAX + 1 && (count == 0 || sending_reaches(ix));
}

/* True: every row is free or in the list of one interaction. */
static bool sendings_good(const void *self)
{
    const struct core *core = self;
    const struct sendings *sendings = core->sendings;
    uint32_t rows = 0, seen = 0;
    for (uint32_t row = 0; row < sendings->count; row++) rows += sendings->all[row].frame != NULL;
    if (rows == 0) return sendings->by_slot.count == 0;
    EACH_INTERACTION (ix, core->interactions)
        for (uint32_t row = SENDING_NONE; (row = sending_next(core, ix, row)) != SENDING_NONE;) seen++;
    return rows == seen;
}

/* ---- as bytes ---- */

/* Writes or reads a row. The row's frame is parsed again when the message is sent; the end of a session has no
 * bytes. */
static void keep_sending(struct keeper *keeper, struct sending *row)
{
    struct message message;
    row->frame = keep_owned(keeper, row->frame, &row->length, MESSAGE_FRAME_MAX);
    row->ref = keep_u32(keeper, row->ref);
    row->cause = keep_u8(keeper, row->cause);
    if (!keep_reading(keeper)) return;
    if (row->length == 0) row->frame = memory_zeroed(1, 1);
    bool good = row->length == 0 ||
                (message_read(&message, row->frame, row->length, NULL) && message.kind == KIND_EventMessage);
    if (!good) keep_fail(keeper, "an agent's text is no message");
}

static void write_list(struct sendings *sendings, struct keeper *keeper, uint32_t first)
{
    uint32_t count = 0;
    for (uint32_t row = first; row != SENDING_NONE; row = sendings->all[row].next) count++;
    keep_u32(keeper, sendings->all[first].slot);
    keep_count(keeper, count, SENDINGS_MAX + 1);
    for (uint32_t row = first; row != SENDING_NONE; row = sendings->all[row].next)
        keep_sending(keeper, &sendings->all[row]);
}

static void read_list(struct sendings *sendings, struct keeper *keeper)
{
    uint32_t slot = keep_u32(keeper, 0), count = keep_count(keeper, 0, SENDINGS_MAX + 1);
    uint32_t first = sendings->count;
    if (count == 0) keep_fail(keeper, "an interaction has an empty list of messages");
    for (; count > 0 && keep_good(keeper); count--) {
        uint32_t row = sendings->count++;
        sendings->all = memory_grow(sendings->all, &sendings->capacity, sendings->count, sizeof *sendings->all);
        sendings->all[row] = (struct sending){.slot = slot, .next = count > 1 ? row + 1 : SENDING_NONE};
        keep_sending(keeper, &sendings->all[row]);
        if (count > 1 && sendings->all[row].length == 0) keep_fail(keeper, "a session goes on after its end");
    }
    if (keep_good(keeper)) lookup_restore(&sendings->by_slot, keeper, first);
}

/* Writes or reads the lists of all interactions that have one, in the order of arrival. The numbers of the rows are
 * not kept: nothing refers to them. */
static void sendings_keep(void *self, struct keeper *keeper)
{
    struct core *core = self;
    struct sendings *sendings = core->sendings;
    uint32_t lists = keep_count(keeper, sendings->by_slot.count, UINT32_MAX), first;
    for (; keep_reading(keeper) && lists > 0 && keep_good(keeper); lists--) read_list(sendings, keeper);
    if (keep_reading(keeper)) return;
    EACH_INTERACTION (ix, core->interactions)
        if (lookup_find(&sendings->by_slot, ix->slot, &first)) write_list(sendings, keeper, first);
}

const struct part_ops part_ops_sendings = {
    .size = sizeof(struct sendings),
    .init = sendings_init,
    .free = sendings_release,
    .forget = sendings_forget,
    .answered = sending_answered,
    .content = sendings_content,
    .check = sendings_good,
    .holds = sendings_holds,
    .keep = sendings_keep,
};
