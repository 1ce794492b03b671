/* runtime/core/steps/booking.c - The table of call-backs: how one is booked, its timer, and the interaction that
 * begins when it is due.
 *
 *     book --> open (ixn 0, a timer) --> begun (ixn: its interaction) --> free, when the interaction ends
 *                       |
 *                       +--> free, when it is cancelled
 *
 * An open row has a timer in logical time, but its due time is by the wall clock, which may be set: so the timer
 * runs for at most LOOK_US, and the row is checked each time it fires. The texts of a row are in one piece of memory
 * (`held`), one after another: the number, the caller, the data and the strategy's arguments. */
#include "runtime/core/steps/called.h"
#include "runtime/core/steps/booking.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "vm/keep.h"
#include "vm/steps.h"
#include "vm/system_words.h"
#include "runtime/core/base/facts_interaction.h"
#include "runtime/core/base/facts_owner.h"
#include "runtime/core/base/facts_step.h"
#include "runtime/core/base/marks.h"
#include "runtime/core/base/part.h"
#include "runtime/core/base/pool.h"
#include "runtime/core/base/state.h"
#include "runtime/core/base/timer.h"
#include "runtime/core/interactions/effect.h"
#include "runtime/core/interactions/interaction.h"
#include "runtime/core/interactions/userdata.h"
#include "runtime/core/links/link.h"
#include "runtime/core/rollouts/rollout.h"
#include "runtime/core/run/activation.h"
#include "runtime/core/run/arguments.h"
#include "runtime/core/run/strategy.h"
#include "runtime/core/site/directory.h"
#include "runtime/core/site/program.h"
#include "runtime/core/steps/kept_place.h"
#include "runtime/vocabulary/events_work.h"

enum {
    /* a due booking whose link is down, or for which there is no room, is tried again after this time */
    AGAIN_US = 60000000,
    SOONEST_US = 1000000, /* a strategy cannot book for an earlier time, since each due call-back makes a batch */
};
#define LOOK_US UINT64_C(86400000000) /* the core looks at a booking at least this often, since clocks may be set */
/* a call-back that is this late begins even without a link, so that its strategy can react */
#define LATEST_US   UINT64_C(86400000000)
#define FARTHEST_US (UINT64_C(366) * 86400 * 1000000)

static uint64_t booking_key(const void *owner, uint32_t slot)
{
    return ((const struct bookings *)owner)->all[slot].ixn;
}

static void bookings_init(void *self, const struct parts *parts)
{
    struct core *core = self;
    (void)parts;
    struct bookings *bookings = core->bookings;
    *bookings = (struct bookings){.free = BOOKING_NONE};
    lookup_init(&bookings->by_ixn, bookings, booking_key);
}

static void bookings_free(void *self)
{
    struct core *core = self;
    struct bookings *bookings = core->bookings;
    for (uint32_t at = 0; at < bookings->count; at++) free(bookings->all[at].held);
    free(bookings->all);
    free(bookings->times);
    lookup_free(&bookings->by_ixn);
}

void bookings_skip(struct bookings *bookings, uint64_t least)
{
    if (bookings->last_id < least) bookings->last_id = least;
}

bool bookings_of_link(const struct core *core, unsigned link)
{
    for (uint32_t at = 0; at < core->bookings->count; at++)
        if (core->bookings->all[at].id != 0 && core->bookings->all[at].link == link) return true;
    return false;
}

struct booking *booking_of(const struct core *core, const struct interaction *ix)
{
    uint32_t slot;
    return ix->booked && lookup_find(&core->bookings->by_ixn, ix->id, &slot) ? &core->bookings->all[slot] : NULL;
}

struct span booking_number(const struct booking *row)
{
    return (struct span){row->held, row->number_length};
}

static struct span booking_caller(const struct booking *row)
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

/* Returns what the row adds to the digest's sum; it is subtracted before a change and added after it. Numbers of
 * names and programs may be hashed, since every replay gives the same ones. */
static uint64_t row_hash(const struct booking *row)
{
    uint64_t hash = table_mix64(row->hash + ((uint64_t)row->number_length << 32 | row->caller_length));
    hash = table_mix64(hash + ((uint64_t)row->data_length << 32 | row->given_length));
    hash = table_mix64(hash + row->from);
    hash = table_mix64(hash + (uint64_t)row->due_us);
    hash = table_mix64(hash + ((uint64_t)row->dn << 32 | row->title));
    hash = table_mix64(hash + ((uint64_t)row->program << 32 | (uint64_t)row->strategy << 16 | row->link));
    if (row->zone != 0) hash = table_mix64(hash + row->zone);
    return table_mix64(hash + row->id) + table_mix64(row->ixn + row->attempts + 1);
}

/* ---- booking ---- */

static bool is_open(const struct booking *row)
{
    return row->id != 0 && row->ixn == 0;
}

static struct booking *booking_new(struct bookings *bookings, uint32_t *slot)
{
    *slot = POOL_TAKE(bookings, next);
    bookings->all[*slot] = (struct booking){.id = ++bookings->last_id, .next = BOOKING_NONE};
    return &bookings->all[*slot];
}

static void booking_free(struct core *core, uint32_t slot)
{
    struct bookings *bookings = core->bookings;
    struct booking *row = &bookings->all[slot];
    assert(row->id != 0 && bookings->bytes >= held_length(row) && (!is_open(row) || bookings->open > 0));
    timer_cancel(core->timers, &row->timer);
    bookings->content -= row_hash(row);
    bookings->bytes -= held_length(row);
    bookings->open -= is_open(row) ? 1u : 0u;
    free(row->held);
    POOL_GIVE(bookings, slot, next);
}

/* Sets the timer of a booking. The timer runs in logical time; the wall clock may be set meanwhile, so the row is
 * looked at again when the timer fires. */
static void booking_set_timer(struct core *core, uint32_t slot, uint64_t in_us)
{
    assert(slot < core->bookings->count);
    timer_cancel(core->timers, &core->bookings->all[slot].timer);
    timer_set(core->timers,
              &(struct timer){.deadline_us = core->now->time_us + in_us, .kind = TIMER_BOOKING, .data = slot});
}

/* Returns the microseconds until the given moment of the wall clock; 0: it is past. Any time of the clock is
 * allowed. */
static uint64_t ahead_us(const struct core *core, int64_t us)
{
    int64_t now_us = now_wall_us(core->now);
    return us > now_us ? (uint64_t)us - (uint64_t)now_us : 0;
}

/* Sets the timer for the booking's due time. `soonest_us` prevents a strategy that books for the next moment from
 * making a batch for each booking. */
static void booking_wake(struct core *core, uint32_t slot, uint64_t soonest_us)
{
    uint64_t left_us = ahead_us(core, core->bookings->all[slot].due_us);
    booking_set_timer(core, slot, left_us < soonest_us ? soonest_us : left_us > LOOK_US ? LOOK_US : left_us);
}

struct booking_request { /* a call-back that is requested; all spans are borrowed */
    struct span number, caller, data, given;
    int64_t at_us, at_most;
    uint64_t from;
    uint32_t dn, title, zone;
    uint16_t program, strategy, link;
};

/* Counts the call-backs booked for the given time. True: one of them is for the number and strategy of the request.
 * All rows are looked at: there are at most BOOKINGS_MAX. */
static bool look_around(const struct core *core, const struct booking_request *asked, int64_t *same_time)
{
    *same_time = 0;
    for (uint32_t at = 0; at < core->bookings->count; at++) {
        const struct booking *row = &core->bookings->all[at];
        if (!is_open(row)) continue;
        if (row->title == asked->title && span_equal(booking_number(row), asked->number)) return true;
        *same_time += row->due_us == asked->at_us;
    }
    return false;
}

static uint32_t title_of(struct core *core, uint16_t program, uint32_t strategy)
{
    const struct image *image = core->strategies->programs[program].image;
    struct text title = image_text(image, image_strategy(image, strategy)->name);
    return names_intern(core->names, (struct span){(const uint8_t *)title.bytes, title.length});
}

static bool has_room(const struct core *core, const struct booking_request *asked)
{
    uint64_t length = (uint64_t)asked->number.length + asked->caller.length + asked->data.length + asked->given.length;
    return core->bookings->open < BOOKINGS_MAX && asked->data.length <= KV_BYTES_MAX &&
           core->bookings->bytes + length <= BOOKINGS_BYTES_MAX;
}

/* Copies the texts of the request into one piece of memory that the row owns. */
static void booking_hold(struct booking *row, const struct booking_request *asked)
{
    assert(!row->held);
    const struct span parts[] = {asked->number, asked->caller, asked->data, asked->given};
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

static void booking_book(struct core *core, const struct booking_request *asked)
{
    assert(kept_place_is_number(asked->number) && has_room(core, asked));
    struct bookings *bookings = core->bookings;
    uint32_t slot;
    struct booking *row = booking_new(bookings, &slot);
    booking_hold(row, asked);
    row->from = asked->from;
    row->due_us = asked->at_us;
    row->dn = asked->dn;
    row->link = asked->link;
    row->title = asked->title;
    row->zone = asked->zone;
    row->program = asked->program;
    row->strategy = asked->strategy;
    row->hash = table_text_hash(core->names, (struct span){row->held, held_length(row)});
    bookings->content += row_hash(row);
    bookings->bytes += held_length(row);
    bookings->open++;
    booking_wake(core, slot, row->from != 0 ? SOONEST_US : 0);
}

/* Copies the interaction's data, which its strategy has changed, into the row. If there is no room the row keeps its
 * earlier data. */
static void booking_follow(struct core *core, struct booking *row, struct span data)
{
    struct bookings *bookings = core->bookings;
    struct booking_request asked = {booking_number(row), booking_caller(row), data, .given = given_of(row)};
    uint8_t *before = row->held;
    uint32_t length = held_length(row);
    if (data.length > KV_BYTES_MAX || bookings->bytes - row->data_length + data.length > BOOKINGS_BYTES_MAX) return;
    bookings->content -= row_hash(row);
    row->held = NULL;
    booking_hold(row, &asked);
    free(before);
    row->hash = table_text_hash(core->names, (struct span){row->held, held_length(row)});
    bookings->content += row_hash(row);
    bookings->bytes += held_length(row) - (uint64_t)length;
}

/* Takes the fact that data were attached. Data that a strategy attaches after booking also go into the call-back:
 * authors do not expect the order of these steps to matter. */
static void bookings_hear(void *self, const struct fact *fact)
{
    struct core *core = self;
    struct bookings *bookings = core->bookings;
    if (fact->what != FACT_data_attached || bookings->open == 0 || !span_is(fact->by, "strategy")) return;
    const struct interaction *ix = interaction_by_id(core->interactions, fact->ixn);
    if (!ix || interaction_extra(core->interactions, ix)->books == 0) return;
    struct kv data; /* the core's scratch contains the data of the fact */
    kv_init(&data);
    userdata_all(core->interactions, ix, &data);
    for (uint32_t at = 0; at < bookings->count; at++)
        if (is_open(&bookings->all[at]) && bookings->all[at].from == ix->id)
            booking_follow(core, &bookings->all[at], kv_span(&data));
    kv_free(&data);
}

/* Returns the link that will dial: the one that has the interaction or sends the call-back if it can dial, else the
 * first that can. A link that is down counts if it could dial before: it may be up by then. 0: no link can. */
static uint16_t booking_link(const struct core *core, unsigned source)
{
    unsigned link = link_that_can(core->links, source, CAP_DIAL);
    if (link == 0 && link_could(core->links, source, CAP_DIAL)) link = source;
    for (unsigned other = SOURCE_LINKS; link == 0 && other < SOURCES_MAX; other++)
        if (link_could(core->links, other, CAP_DIAL)) link = other;
    return (uint16_t)link;
}

bool booking_possible(const struct core *core, const struct interaction *ix)
{
    return ix->dn != 0 && booking_link(core, ix->link) != 0;
}

/* Reads the arguments of a booking. False: one is missing, or the strategy is not for call-backs. */
static bool read_asked(const struct core *core, const struct interaction *ix, uint8_t fiber,
                       struct booking_request *asked, char inlined[8])
{
    const struct slab *slab = core->slab;
    const struct block *block = block_at(slab, ix->block);
    const struct image *image = block_image(slab, block);
    uint64_t number, at, strategy, at_most, zone;
    uint16_t type;
    if (!vm_arg(slab, block, fiber, PARAMETER_callback_book_number, &number, &type) ||
        !vm_arg(slab, block, fiber, PARAMETER_callback_book_at, &at, &type) ||
        !vm_arg(slab, block, fiber, PARAMETER_callback_book_strategy, &strategy, &type) ||
        strategy >= image_count(image, SECTION_STRATEGIES) ||
        (image_strategy(image, (uint32_t)strategy)->media & 1u << media_callback) == 0)
        return false;
    if (!vm_arg(slab, block, fiber, PARAMETER_callback_book_at_most, &at_most, &type)) at_most = BOOKED_AT_ONCE;
    if (!vm_arg(slab, block, fiber, PARAMETER_callback_book_zone, &zone, &type)) zone = VALUE_NONE;
    struct text text = block_text(image, block, number, inlined), caller = block_system_text(image, block, SYSTEM_dnis);
    *asked = (struct booking_request){.number = {(const uint8_t *)text.bytes, text.length},
                                      .caller = {(const uint8_t *)caller.bytes, caller.length},
                                      .at_us = (int64_t)at,
                                      .at_most = (int64_t)at_most,
                                      .from = ix->id,
                                      .dn = ix->dn,
                                      .zone = strategy_name(core->strategies, ix, zone),
                                      .program = ix->program,
                                      .strategy = (uint16_t)strategy};
    asked->link = booking_link(core, ix->link);
    return true;
}

/* Books what a strategy asks for, with the interaction's data as they are now. For each refusal the step has an exit
 * of its own. */
static struct step_outcome booking_begin(struct core *core, struct interaction *ix, uint8_t fiber, uint32_t ref)
{
    (void)ref;
    struct booking_request asked;
    char inlined[8];
    int64_t same_time;
    if (!read_asked(core, ix, fiber, &asked, inlined) || !booking_possible(core, ix))
        return step_fails(code_unavailable);
    enum called_judge judge = called_judge_of(core, ix, fiber, PARAMETER_callback_book_judged);
    if (!called_back_may_be(core, asked.number, judge))
        return step_fails(judge == CALLED_JUDGE_BEFORE ? code_unavailable : code_invalid_number);
    if (ahead_us(core, asked.at_us) == 0) return step_fails(code_past);
    if (ahead_us(core, asked.at_us) > FARTHEST_US) return step_fails(code_unavailable);
    asked.title = title_of(core, ix->program, asked.strategy);
    if (look_around(core, &asked, &same_time)) return step_fails(code_duplicate);
    if (same_time >= asked.at_most) return step_fails(code_full);
    kv_clear(&core->scratch);
    userdata_all(core->interactions, ix, &core->scratch);
    if (!arguments_keep(core, ix, fiber, asked.strategy, PARAMETER_callback_book_given))
        return step_fails(code_unavailable);
    asked.data = kv_span(&core->scratch);
    asked.given = kv_span(&core->given);
    if (!has_room(core, &asked)) return step_fails(code_unavailable);
    booking_book(core, &asked);
    interaction_extra_make(core->interactions, ix)->books++;
    interaction_tell(core->interactions, ix, FACT_callback_booked, 0, asked.title);
    return step_done(0);
}

const struct step_ops step_ops_book = {.begin = booking_begin};

/* ---- handed in ---- */

/* Books `asked` for a routing point whose strategy is for call-backs. `asked` has the number, the data, the zone and
 * the time; link: the one that asks. */
static enum code booking_at_point(struct core *core, struct span queue, struct booking_request asked)
{
    int64_t now_us = now_wall_us(core->now), due_us = asked.at_us, same_time;
    const struct point *point = core_directory_queue_point(core->directory, names_find(core->names, queue));
    struct binding binding = {.program = PROGRAM_NONE};
    if (point) binding = rollout_binding_by(core->rollouts, point, core->bookings->last_id + 1);
    if (binding.program == PROGRAM_NONE) return code_invalid_dn;
    const struct image *image = core->strategies->programs[binding.program].image;
    if ((image_strategy(image, binding.strategy)->media & 1u << media_callback) == 0) return code_invalid_dn;
    asked.caller = queue;
    asked.given = binding.given;
    asked.at_us = due_us > now_us ? due_us : now_us;
    asked.dn = point->dn;
    asked.title = title_of(core, binding.program, binding.strategy);
    asked.program = binding.program;
    asked.strategy = binding.strategy;
    asked.link = booking_link(core, asked.link);
    if (!called_back_may_be(core, asked.number, CALLED_JUDGE_SITE)) return code_invalid_number;
    if (ahead_us(core, due_us) > FARTHEST_US) return code_invalid_attribute;
    if (asked.link == 0) return code_unavailable;
    if (look_around(core, &asked, &same_time) && due_us > now_us) return code_duplicate;
    if (!has_room(core, &asked)) return code_overload;
    booking_book(core, &asked);
    return code_ok;
}

/* Books a call-back that a link or an administrator submits for a routing point: the strategy of the point will run,
 * and the dial comes from the point. Unlike a strategy, such a submitter may book for now: then the same number may
 * be booked twice. */
enum code booking_submit(struct core *core, const struct message *message, uint64_t *ixn)
{
    (void)ixn; /* the interaction begins later */
    return booking_at_point(
        core, message_text(message, Submit_queue),
        (struct booking_request){.number = message_text(message, Submit_from),
                                 .data = message_text(message, Submit_data),
                                 .at_us = message_i(message, Submit_due),
                                 .zone = names_find(core->names, message_text(message, Submit_zone)),
                                 .link = (uint16_t)message_u(message, ENVELOPE_source)});
}

enum code booking_of_caller(struct core *core, const struct interaction *ix, struct span queue, int64_t due_us)
{
    const struct block *block = block_at(core->slab, ix->block);
    char inlined[8];
    struct text ani = block_text(block_image(core->slab, block), block, block_system(block, SYSTEM_ani), inlined);
    kv_clear(&core->scratch);
    userdata_all(core->interactions, ix, &core->scratch);
    return booking_at_point(core, queue,
                            (struct booking_request){.number = {(const uint8_t *)ani.bytes, ani.length},
                                                     .data = kv_span(&core->scratch),
                                                     .at_us = due_us,
                                                     .link = ix->link});
}

/* ---- its time ---- */

/* Returns the binding with which the interaction of a booking begins. A call-back that was submitted rides in the arm
 * that it was given when it was booked: its number gives it the same arm again. One that a strategy has booked is not
 * counted: the version of its strategy is no chance. */
static struct binding booking_binding(const struct core *core, const struct booking *row, struct span given)
{
    struct binding binding = {.program = row->program, .strategy = row->strategy, .given = given};
    const struct point *point = row->from == 0 ? core_directory_point(core->directory, row->dn) : NULL;
    if (!point || point->rollout == 0) return binding;
    struct binding drawn = rollout_binding_by(core->rollouts, point, row->id);
    bool same = drawn.program == binding.program && drawn.strategy == binding.strategy;
    binding.rollout = same ? drawn.rollout : 0;
    binding.arm = drawn.arm;
    return binding;
}

/* The interaction of a booking begins: it gets the row's texts and data, and its strategy. The row is taken out of
 * the digest's sum, changed and added again. From then on the row belongs to the interaction, and is freed when the
 * interaction ends. */
static void booking_call_begin(struct core *core, uint32_t slot, struct interaction *ix)
{
    struct bookings *bookings = core->bookings;
    struct booking *row = &bookings->all[slot];
    bookings->content -= row_hash(row);
    row->ixn = ix->id;
    bookings->content += row_hash(row);
    bookings->open--;
    lookup_add(&bookings->by_ixn, slot);
    ix->booked = true;
    ix->dn = NAME_OF(row->dn);
    interaction_system_set(core->interactions, ix, SYSTEM_this_dn, core_name(core, row->dn));
    interaction_system_set(core->interactions, ix, SYSTEM_ani, booking_number(row));
    interaction_system_set(core->interactions, ix, SYSTEM_dnis, booking_caller(row));
    userdata_take(core->interactions, ix, data_of(row));
    interaction_tell(core->interactions, ix, FACT_callback_begun, 0, row->title);
    struct span given = given_of(row); /* `held` stays in place when the rows move */
    strategy_start(core, ix, booking_binding(core, row, given));
    if (!ix->running && !ix->leg) strategy_end_interaction(core, ix); /* the strategy could not begin */
}

/* True: a link can dial for the booking, or it is so late that it begins without a link. */
static bool may_begin(const struct core *core, const struct booking *row)
{
    int64_t now_us = now_wall_us(core->now);
    uint64_t late_us = now_us > row->due_us ? (uint64_t)now_us - (uint64_t)row->due_us : 0;
    bool there = link_can(core->links, row->link, CAP_DIAL) && !link_held(core->links, row->link);
    return !core_dials_nothing(core) && (there || late_us > LATEST_US);
}

/* The timer has fired: begins the call-back if it is due and a link can dial; else sets the timer again. */
static void booking_timer_fired(void *self, const struct timer *timer)
{
    struct core *core = self;
    uint32_t slot = timer->data;
    const struct booking *row = &core->bookings->all[slot];
    if (ahead_us(core, row->due_us) != 0) {
        booking_wake(core, slot, 0);
        return;
    }
    struct interaction *ix = NULL;
    if (may_begin(core, row)) ix = interaction_new(core->interactions, media_callback, 0, row->link);
    if (ix)
        booking_call_begin(core, slot, ix);
    else
        booking_set_timer(core, slot, AGAIN_US);
}

static uint32_t *booking_timer_handle(void *self, const struct timer *timer)
{
    struct core *core = self;
    return &core->bookings->all[timer->data].timer;
}

static uint64_t booking_timer_number(const void *self, const struct timer *timer)
{
    const struct core *core = self;
    return core->bookings->all[timer->data].id;
}

const struct timer_ops timer_ops_booking = {
    .handle = booking_timer_handle, .number = booking_timer_number, .fired = booking_timer_fired};

/* Looks at all open bookings again, since the clock was set, a link is up, or a drain has ended. */
void bookings_look_again(struct core *core)
{
    for (uint32_t at = 0; at < core->bookings->count; at++)
        if (is_open(&core->bookings->all[at])) booking_wake(core, at, 0);
}

void booking_on_time(struct core *core, const struct message *message)
{
    (void)message;
    bookings_look_again(core);
}

bool booking_cancel(struct core *core, uint64_t id)
{
    for (uint32_t at = 0; at < core->bookings->count; at++) {
        if (core->bookings->all[at].id != id || !is_open(&core->bookings->all[at])) continue;
        booking_free(core, at);
        return true;
    }
    return false;
}

/* ---- bookings by name ---- */

/* Returns the booking of the given name; if a name was used twice, the newest one. */
const struct booking *booking_named(const struct core *core, struct span name)
{
    const struct booking *newest = NULL;
    struct kv_value value;
    for (uint32_t at = 0; at < core->bookings->count && name.length != 0; at++) {
        const struct booking *row = &core->bookings->all[at];
        if (row->id == 0 || (newest && newest->id > row->id)) continue;
        if (kv_get(data_of(row), BOOKING_NAME, &value) && value.tag == KV_TEXT && span_equal(value.span, name))
            newest = row;
    }
    return newest;
}

/* Cancels the booking of the given name. A booking that has begun can be stopped as long as the customer was not
 * called. */
enum code booking_withdraw(struct core *core, struct span name, uint64_t *ixn)
{
    const struct booking *row = booking_named(core, name);
    *ixn = 0;
    if (!row) return code_gone;
    if (is_open(row)) return booking_cancel(core, row->id) ? code_ok : code_gone;
    struct interaction *ix = interaction_by_id(core->interactions, row->ixn);
    assert(ix); /* the end of the interaction frees the row */
    *ixn = ix->id;
    if (ix->leg || kept_place_dials(core, ix) || !ix->running) return code_locked;
    interaction_tell(core->interactions, ix, FACT_stop_asked, 0, 0);
    activation_drop(core, ix, ENDED_STOPPED);
    if (!ix->leg) strategy_end_interaction(core, ix);
    return code_ok;
}

/* ---- the interaction ---- */

/* Counts one more dialling. */
static void booking_dialled(struct core *core, struct interaction *ix)
{
    struct booking *row = booking_of(core, ix);
    if (!row) return;
    core->bookings->content -= row_hash(row);
    row->attempts++;
    core->bookings->content += row_hash(row);
}

static void booking_forget(void *self, struct interaction *ix)
{
    struct core *core = self;
    uint32_t slot;
    if (!ix->booked || !lookup_find(&core->bookings->by_ixn, ix->id, &slot)) return;
    lookup_remove(&core->bookings->by_ixn, ix->id);
    booking_free(core, slot);
    ix->booked = false;
}

/* ---- the check of the bookings, and the step callback.dial ---- */

bool bookings_check(const void *self)
{
    const struct core *core = self;
    uint64_t content = 0, bytes = 0;
    uint32_t open = 0;
    for (uint32_t at = 0; at < core->bookings->count; at++) {
        const struct booking *row = &core->bookings->all[at];
        if (row->id == 0) continue;
        const struct interaction *ix = row->ixn != 0 ? interaction_by_id(core->interactions, row->ixn) : NULL;
        if (is_open(row) ? row->timer == 0 : !ix || booking_of(core, ix) != row) return false;
        content += row_hash(row);
        bytes += held_length(row);
        open += is_open(row);
    }
    return content == core->bookings->content && bytes == core->bookings->bytes && open == core->bookings->open;
}

static uint64_t bookings_hash(const void *self)
{
    const struct core *core = self;
    return core->bookings->content;
}

static void booking_keep(struct core *core, struct keeper *keeper, uint32_t slot)
{
    struct booking *row = &core->bookings->all[slot];
    row->id = keep_u64(keeper, row->id);
    row->next = keep_index(keeper, row->next, core->bookings->count, BOOKING_NONE);
    if (row->id == 0) return;
    row->from = keep_u64(keeper, row->from);
    row->ixn = keep_u64(keeper, row->ixn);
    row->due_us = keep_i64(keeper, row->due_us);
    row->hash = keep_u64(keeper, row->hash);
    uint32_t length = held_length(row);
    row->held = keep_owned(keeper, row->held, &length, BOOKINGS_BYTES_MAX);
    row->number_length = keep_index(keeper, row->number_length, length + 1, 0);
    row->caller_length = keep_index(keeper, row->caller_length, length + 1, 0);
    row->data_length = keep_index(keeper, row->data_length, length + 1, 0);
    row->given_length = keep_index(keeper, row->given_length, length + 1, 0);
    if (held_length(row) != length) keep_fail(keeper, "a booking holds more or less than it says");
    if (keep_reading(keeper) && keep_good(keeper) && (!kv_check(data_of(row), NULL) || !kv_check(given_of(row), NULL)))
        keep_fail(keeper, "a booking's data are damaged");
    row->timer = timer_keep(core->timers, keeper, row->timer, 1u << TIMER_BOOKING, slot, 0);
    row->dn = name_keep(core->names, keeper, row->dn);
    row->title = name_keep(core->names, keeper, row->title);
    row->zone = name_keep(core->names, keeper, row->zone);
    row->attempts = keep_u32(keeper, row->attempts);
    row->program = program_keep(core->strategies, keeper, row->program);
    row->strategy = keep_u16(keeper, row->strategy);
    row->link = keep_u16(keeper, row->link);
    if (row->ixn != 0) lookup_restore(&core->bookings->by_ixn, keeper, slot);
}

static void bookings_keep(void *self, struct keeper *keeper)
{
    struct core *core = self;
    struct bookings *bookings = core->bookings;
    POOL_KEEP(bookings, keeper, UINT32_MAX);
    for (uint32_t slot = 0; slot < bookings->count && keep_good(keeper); slot++) booking_keep(core, keeper, slot);
    bookings->open = keep_u32(keeper, bookings->open);
    bookings->last_id = keep_u64(keeper, bookings->last_id);
    bookings->bytes = keep_u64(keeper, bookings->bytes);
    bookings->content = keep_u64(keeper, bookings->content);
}

static bool bookings_sound(void *self)
{
    struct core *core = self;
    const struct bookings *bookings = core->bookings;
    struct marks marks = marks_of(bookings->count);
    bool good = true;
    POOL_MARK_FREE(bookings, next, id, 0, &marks, good);
    for (uint32_t at = 0; good && at < bookings->count; at++) {
        const struct booking *row = &bookings->all[at];
        if (row->id == 0) continue;
        good = marks_mark(&marks, at) && row->program != PROGRAM_NONE &&
               row->strategy < image_count(core->strategies->programs[row->program].image, SECTION_STRATEGIES);
    }
    return marks_end(&marks, bookings->count) && good;
}

/* The step callback.dial: dials the number of the booking. */
static struct step_outcome callback_dial(struct core *core, struct interaction *ix, uint8_t fiber, uint32_t ref)
{
    (void)ref;
    const struct booking *booking = booking_of(core, ix);
    if (!booking) return step_fails(code_refused);
    struct step_outcome outcome = kept_place_dial(core, ix, fiber, booking_number(booking));
    if (outcome.status == STEP_WAITS) booking_dialled(core, ix);
    return outcome;
}

const struct step_ops step_ops_dial = {.begin = callback_dial,
                                       .cancel = kept_place_hang_up,
                                       .answered = kept_place_dial_answered,
                                       .lapsed = kept_place_dial_lapsed};

const struct part_ops part_ops_bookings = {
    .size = sizeof(struct bookings),
    .init = bookings_init,
    .free = bookings_free,
    .forget = booking_forget,
    .hear = bookings_hear,
    .hash = bookings_hash,
    .check = bookings_check,
    .keep = bookings_keep,
    .sound = bookings_sound,
};
