/* runtime/core/booking.c - The table of call-backs: booking one, its time, and the interaction that begins then. */
#include "runtime/core/booking.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/core/given.h"
#include "runtime/core/keep.h"
#include "runtime/core/memory.h"
#include "runtime/core/read.h"
#include "runtime/core/state.h"
#include "runtime/core/userdata.h"

enum { LINK_AWAY_US = 5000000 }; /* a link that is away, or no room: looked at again so much later */
#define FARTHEST_US (INT64_C(366) * 86400 * 1000000)

static uint64_t booking_key(const void *owner, uint32_t slot)
{
    return ((const struct bookings *)owner)->all[slot].ixn;
}

void bookings_init(struct bookings *bookings)
{
    *bookings = (struct bookings){.free = BOOKING_NONE};
    lookup_init(&bookings->by_ixn, bookings, booking_key);
}

void bookings_free(struct bookings *bookings)
{
    for (uint32_t at = 0; at < bookings->count; at++) free(bookings->all[at].held);
    free(bookings->all);
    free(bookings->times);
    lookup_free(&bookings->by_ixn);
}

struct booking *booking_of(const struct core *core, const struct interaction *ix)
{
    uint32_t slot;
    return ix->booked && lookup_find(&core->bookings.by_ixn, ix->id, &slot) ? &core->bookings.all[slot] : NULL;
}

struct span booking_number(const struct booking *row)
{
    return (struct span){row->held, row->number_length};
}

static struct span caller_of(const struct booking *row)
{
    return (struct span){row->held + row->number_length, row->caller_length};
}

static struct span data_of(const struct booking *row)
{
    return (struct span){row->held + row->number_length + row->caller_length, row->data_length};
}

static uint32_t held_length(const struct booking *row)
{
    return row->number_length + row->caller_length + row->data_length + row->given_length;
}

static struct span given_of(const struct booking *row)
{
    return (struct span){row->held + held_length(row) - row->given_length, row->given_length};
}

/* Added to the digest's sum, and taken out of it before it changes. */
static uint64_t row_hash(const struct booking *row)
{
    return mix64(row->hash + row->id) + mix64(row->ixn + row->attempts + 1);
}

/* ---- booking ---- */

static bool is_open(const struct booking *row)
{
    return row->id != 0 && row->ixn == 0;
}

static struct booking *row_new(struct bookings *bookings, uint32_t *slot)
{
    *slot = bookings->free;
    if (*slot != BOOKING_NONE) {
        bookings->free = bookings->all[*slot].next;
    } else {
        *slot = bookings->count++;
        bookings->all = memory_grow(bookings->all, &bookings->capacity, bookings->count, sizeof *bookings->all);
    }
    bookings->all[*slot] = (struct booking){.id = ++bookings->last_id, .next = BOOKING_NONE};
    return &bookings->all[*slot];
}

static void row_free(struct core *core, uint32_t slot)
{
    struct bookings *bookings = &core->bookings;
    struct booking *row = &bookings->all[slot];
    timer_cancel(core->timers, &row->timer);
    bookings->content -= row_hash(row);
    bookings->bytes -= held_length(row);
    bookings->open -= is_open(row) ? 1u : 0u;
    free(row->held);
    *row = (struct booking){.next = bookings->free};
    bookings->free = slot;
}

/* In logical time; the clock may be set meanwhile, which is looked at then. */
static void set_timer(struct core *core, uint32_t slot, uint64_t in_us)
{
    timer_cancel(core->timers, &core->bookings.all[slot].timer);
    timer_set(core->timers,
              &(struct timer){.deadline_us = core->time_us + (in_us == 0 ? 1 : in_us), .kind = TIMER_BOOKING, .data = slot});
}

static void wake(struct core *core, uint32_t slot)
{
    int64_t left_us = core->bookings.all[slot].due_us - core_wall_us(core);
    set_timer(core, slot, left_us > 0 ? (uint64_t)left_us : 0);
}

struct asked { /* for a booking */
    struct span number, caller;
    int64_t at_us, at_most;
    uint32_t strategy;
};

/* How many are booked for that time; true where this number is already, for the same strategy. */
static bool look_around(const struct core *core, const struct asked *asked, uint32_t title, int64_t *same_time)
{
    *same_time = 0;
    for (uint32_t at = 0; at < core->bookings.count; at++) {
        const struct booking *row = &core->bookings.all[at];
        if (!is_open(row)) continue;
        if (row->title == title && span_equal(booking_number(row), asked->number)) return true;
        *same_time += row->due_us == asked->at_us;
    }
    return false;
}

static uint32_t strategy_name_of(struct core *core, const struct interaction *ix, uint32_t strategy)
{
    const struct image *image = core->strategies.programs[ix->program].image;
    struct text title = image_text(image, image_strategy(image, strategy)->name);
    return names_intern(&core->names, (struct span){(const uint8_t *)title.bytes, title.length});
}

/* Into one piece of memory, with what core->scratch and core->given hold. */
static void hold(struct core *core, struct booking *row, const struct asked *asked)
{
    const struct span parts[] = {asked->number, asked->caller, kv_span(&core->scratch), kv_span(&core->given)};
    uint32_t *const lengths[] = {&row->number_length, &row->caller_length, &row->data_length, &row->given_length};
    uint32_t length = 0;
    for (unsigned i = 0; i < 4; i++) length += parts[i].length;
    row->held = memory_zeroed(length + 1, 1);
    length = 0;
    for (unsigned i = 0; i < 4; i++) {
        if (parts[i].length != 0) memcpy(row->held + length, parts[i].bytes, parts[i].length);
        *lengths[i] = parts[i].length;
        length += parts[i].length;
    }
}

static void book(struct core *core, struct interaction *ix, const struct asked *asked, uint32_t title)
{
    struct bookings *bookings = &core->bookings;
    uint32_t slot;
    struct booking *row = row_new(bookings, &slot);
    hold(core, row, asked);
    row->from = ix->id;
    row->due_us = asked->at_us;
    row->dn = ix->dn;
    row->link = ix->link;
    row->title = title;
    row->program = ix->program;
    row->strategy = (uint16_t)asked->strategy;
    row->hash = text_hash(&core->names, (struct span){row->held, held_length(row)});
    row->hash = mix64(row->hash + (uint64_t)row->due_us) + mix64(row->from + asked->strategy);
    bookings->content += row_hash(row);
    bookings->bytes += held_length(row);
    bookings->open++;
    wake(core, slot);
    interaction_note(core, ix, KIND_Submit, 0, title);
}

static bool read_asked(const struct core *core, const struct interaction *ix, uint8_t fiber, struct asked *asked,
                       char inlined[8])
{
    const struct slab *slab = core->strategies.slab;
    const struct block *block = block_at(slab, ix->block);
    uint64_t number, at, strategy, at_most;
    uint16_t type;
    if (!vm_arg(slab, block, fiber, PARAMETER_callback_book_number, &number, &type) ||
        !vm_arg(slab, block, fiber, PARAMETER_callback_book_at, &at, &type) ||
        !vm_arg(slab, block, fiber, PARAMETER_callback_book_strategy, &strategy, &type) ||
        strategy >= image_count(block_image(slab, block), SECTION_STRATEGIES))
        return false;
    if (!vm_arg(slab, block, fiber, PARAMETER_callback_book_at_most, &at_most, &type)) at_most = BOOKED_AT_ONCE;
    struct text text = block_text(block_image(slab, block), block, number, inlined);
    struct text caller = block_system_text(block_image(slab, block), block, 2);
    *asked = (struct asked){.number = {(const uint8_t *)text.bytes, text.length},
                            .caller = {(const uint8_t *)caller.bytes, caller.length},
                            .at_us = (int64_t)at,
                            .at_most = (int64_t)at_most,
                            .strategy = (uint32_t)strategy};
    return keep_is_number(asked->number);
}

/* A link that is away may be back by then; what it can is not known before. */
bool booking_possible(const struct core *core, const struct interaction *ix)
{
    return ix->link != 0 && ix->dn != 0 && (!link_usable(core, ix->link) || link_can(core, ix->link, CAP_DIAL));
}

struct step_outcome booking_begin(struct core *core, struct interaction *ix, uint8_t fiber)
{
    struct bookings *bookings = &core->bookings;
    struct asked asked;
    char inlined[8];
    int64_t now_us = core_wall_us(core), same_time;
    if (!read_asked(core, ix, fiber, &asked, inlined) || !booking_possible(core, ix))
        return step_fails(code_unavailable);
    if (asked.at_us <= now_us) return step_fails(code_past);
    if (asked.at_us - now_us > FARTHEST_US) return step_fails(code_unavailable);
    uint32_t title = strategy_name_of(core, ix, asked.strategy);
    if (look_around(core, &asked, title, &same_time)) return step_fails(code_duplicate);
    if (same_time >= asked.at_most) return step_fails(code_full);
    kv_clear(&core->scratch);
    userdata_all(core, ix, &core->scratch);
    bool fits = bookings->open < BOOKINGS_MAX && core->scratch.length <= KV_BYTES_MAX &&
                bookings->bytes + core->scratch.length < BOOKINGS_BYTES_MAX;
    if (!fits || !given_keep(core, ix, fiber, asked.strategy, PARAMETER_callback_book_given))
        return step_fails(code_unavailable);
    book(core, ix, &asked, title);
    return step_done(0);
}

/* ---- its time ---- */

static void set_system(struct core *core, struct interaction *ix, unsigned number, struct span text)
{
    uint64_t word = strategy_text(core, ix->block, (const char *)text.bytes, text.length);
    block_system_set(block_at(core->strategies.slab, ix->block), number, word);
}

static void begin(struct core *core, uint32_t slot, struct interaction *ix)
{
    struct bookings *bookings = &core->bookings;
    struct booking *row = &bookings->all[slot];
    uint64_t id = ix->id;
    bookings->content -= row_hash(row);
    row->ixn = id;
    bookings->content += row_hash(row);
    bookings->open--;
    lookup_add(&bookings->by_ixn, slot);
    ix->booked = true;
    ix->dn = row->dn;
    set_system(core, ix, 0, core_name(core, row->dn));
    set_system(core, ix, 1, booking_number(row));
    set_system(core, ix, 2, caller_of(row));
    userdata_take(core, ix, data_of(row));
    interaction_note(core, ix, KIND_Submit, 1, row->title);
    struct span given = given_of(row); /* it stays where it is while rows move */
    strategy_start(core, ix,
                   (struct binding){.program = row->program, .strategy = row->strategy, .given = given});
    ix = interaction_by_id(core, id);
    if (ix != NULL && ix->id == id && !ix->running && ix->conn == 0) interaction_end(core, ix); /* it could not begin */
}

void booking_due(struct core *core, uint32_t slot)
{
    const struct booking *row = &core->bookings.all[slot];
    if (row->due_us > core_wall_us(core)) {
        wake(core, slot);
        return;
    }
    struct interaction *ix = NULL;
    if (!core->draining && !link_held(core, row->link)) ix = interaction_new(core, media_callback, 0, row->link);
    if (ix != NULL)
        begin(core, slot, ix);
    else
        set_timer(core, slot, LINK_AWAY_US);
}

void bookings_clock(struct core *core)
{
    for (uint32_t at = 0; at < core->bookings.count; at++)
        if (is_open(&core->bookings.all[at])) wake(core, at);
}

bool booking_cancel(struct core *core, uint64_t id)
{
    for (uint32_t at = 0; at < core->bookings.count; at++) {
        if (core->bookings.all[at].id != id || !is_open(&core->bookings.all[at])) continue;
        row_free(core, at);
        return true;
    }
    return false;
}

/* ---- the interaction ---- */

void booking_dialled(struct core *core, struct interaction *ix)
{
    struct booking *row = booking_of(core, ix);
    if (row == NULL) return;
    core->bookings.content -= row_hash(row);
    row->attempts++;
    core->bookings.content += row_hash(row);
}

void booking_forget(struct core *core, struct interaction *ix)
{
    uint32_t slot;
    if (!ix->booked || !lookup_find(&core->bookings.by_ixn, ix->id, &slot)) return;
    lookup_remove(&core->bookings.by_ixn, ix->id);
    row_free(core, slot);
    ix->booked = false;
}

/* ---- looking at it ---- */

bool core_booking(const struct core *core, uint32_t index, struct booking_row *row)
{
    if (index >= core->bookings.count) return false;
    const struct booking *from = &core->bookings.all[index];
    *row = (struct booking_row){.id = from->id};
    if (from->id == 0) return true;
    row->from = from->from;
    row->ixn = from->ixn;
    row->due_us = from->due_us;
    row->attempts = from->attempts;
    row->number = booking_number(from);
    row->strategy = core_name(core, from->title);
    row->dn = core_name(core, from->dn);
    return true;
}

uint64_t core_bookings_ever(const struct core *core)
{
    return core->bookings.last_id;
}

bool bookings_check(const struct core *core)
{
    uint64_t content = 0, bytes = 0;
    uint32_t open = 0;
    for (uint32_t at = 0; at < core->bookings.count; at++) {
        const struct booking *row = &core->bookings.all[at];
        if (row->id == 0) continue;
        const struct interaction *ix = row->ixn != 0 ? interaction_by_id(core, row->ixn) : NULL;
        if (is_open(row) ? row->timer == 0 : ix == NULL || booking_of(core, ix) != row) return false;
        content += row_hash(row);
        bytes += held_length(row);
        open += is_open(row);
    }
    return content == core->bookings.content && bytes == core->bookings.bytes && open == core->bookings.open;
}
