/* runtime/core/steps/slots.c - callback.slots: the times at which a caller may be called back,
 * by the clocks of the schedule's zone.
 *
 * Slots are counted from midnight in local time, in steps of `every`. A slot is offered if the schedule is open at
 * that time and fewer than `at_most` call-backs are booked in it:
 *
 *     every 15 min, open 09:00..10:00, now 09:05, at most 1 each, one booked for 09:33
 *     09:15 offered   09:30 taken   09:45 offered
 *
 * If the schedule is closed the search jumps to its next opening. The effort is counted (`work`), since a schedule
 * may be long and never open; beyond a limit the search ends with what it has found. */
#include "runtime/core/base/memory.h"
#include "runtime/core/base/state.h"
#include "runtime/core/interactions/interaction.h"
#include "runtime/core/run/step.h"
#include "runtime/core/steps/booking.h"
#include "vm/clock.h"
#include "vm/schedule.h"
#include "vm/steps.h"

static const int64_t SLOT_SECOND_US = 1000000, SLOT_MINUTE_US = 60 * INT64_C(1000000),
                     SLOT_DAY_US = 86400 * INT64_C(1000000);
#define SLOT_LATEST_US (INT64_C(1) << 58) /* later moments are impossible for a clock */
enum { DAYS_MAX = 31 };                   /* days that a search looks ahead */

struct numbers { /* the numbers in a schedule's list */
    const struct image *image;
    const struct block *block;
    uint64_t list;
};

struct slots_search {
    struct schedule schedule;
    struct numbers numbers;
    const uint32_t *zone;
    int64_t now_us, every_us, at_most, count;
    const int64_t *times;   /* times of booked call-backs, sorted */
    uint32_t booked, first; /* first: the first booked time not before the time that the search has reached */
    uint32_t days, work;
    int64_t found[SLOTS_MAX];
    uint32_t found_count;
    bool opened; /* true: the schedule was open at one of the slots */
};

static int64_t slots_number(const void *self, uint32_t index)
{
    const struct numbers *numbers = self;
    return (int64_t)block_element(numbers->image, numbers->block, numbers->list, index);
}

/* slots_shown converts a moment to local time, slots_moment a local time to a moment. */
static int64_t slots_shown(const struct slots_search *s, int64_t us)
{
    return us + clock_zone_offset(s->zone, floor_to(us, SLOT_SECOND_US) / SLOT_SECOND_US) * SLOT_SECOND_US;
}

static int64_t slots_moment(const struct slots_search *s, int64_t local)
{
    return local - clock_zone_offset_shown(s->zone, floor_to(local, SLOT_SECOND_US) / SLOT_SECOND_US) * SLOT_SECOND_US;
}

/* Returns the first slot at or after the local time; slots are counted from midnight. */
static int64_t slot_from(const struct slots_search *s, int64_t local)
{
    int64_t midnight = floor_to(local, SLOT_DAY_US), into = local - midnight;
    int64_t slot = midnight + (into + s->every_us - 1) / s->every_us * s->every_us;
    return slot < midnight + SLOT_DAY_US ? slot : midnight + SLOT_DAY_US;
}

/* Offers a slot. Both lists are sorted by time, so one loop over the booked times is enough for all slots. */
static void slots_take(struct slots_search *s, int64_t at_us)
{
    int64_t taken = 0;
    while (s->first < s->booked && s->times[s->first] < at_us) s->first++;
    for (uint32_t at = s->first; at < s->booked && s->times[at] < at_us + s->every_us; at++) taken++;
    s->opened = true;
    if (taken < s->at_most) s->found[s->found_count++] = at_us;
}

/* Searches in local time, because schedules are written so; a slot that is found becomes a moment of the clock. */
static void slots_look(struct slots_search *s)
{
    int64_t local = slots_shown(s, s->now_us), last = local + DAYS_MAX * SLOT_DAY_US, before_us = s->now_us;
    for (local = slot_from(s, local + 1); local <= last && s->found_count < s->count; local = slot_from(s, local + 1)) {
        s->work += 2 * schedule_day_cost(&s->schedule) + 1;
        if (s->work > SCHEDULE_WORK_MAX) return;
        if (!schedule_open(&s->schedule, local)) {
            int64_t opens;
            if (!schedule_next(&s->schedule, local, true, &opens)) return;
            s->work += s->days * schedule_day_cost(&s->schedule);
            s->days = 0;
            local = opens - 1;
            continue;
        }
        int64_t at_us = slots_moment(s, local);
        if (at_us <= before_us) continue; /* when clocks are set back, the same local times come twice */
        slots_take(s, at_us);
        before_us = at_us;
    }
}

/* Sorts the times with Shell's method, which needs no further memory. */
static void slots_sort(int64_t *times, uint32_t count)
{
    for (uint32_t gap = count / 2; gap > 0; gap = gap == 2 ? 1 : gap * 5 / 11)
        for (uint32_t next = gap; next < count; next++) {
            int64_t time = times[next];
            uint32_t at = next;
            for (; at >= gap && times[at - gap] > time; at -= gap) times[at] = times[at - gap];
            times[at] = time;
        }
}

static void put_times(struct core *core, struct slots_search *s)
{
    struct bookings *bookings = core->bookings;
    bookings->times = memory_grow(bookings->times, &bookings->times_capacity, bookings->open, sizeof *bookings->times);
    for (uint32_t at = 0; at < bookings->count; at++)
        if (bookings->all[at].id != 0 && bookings->all[at].ixn == 0)
            bookings->times[s->booked++] = bookings->all[at].due_us;
    slots_sort(bookings->times, s->booked);
    s->times = bookings->times;
}

static bool read_search(const struct core *core, const struct interaction *ix, uint8_t fiber, struct slots_search *s)
{
    const struct slab *slab = core->slab;
    const struct block *block = block_at(slab, ix->block);
    const struct image *image = block_image(slab, block);
    uint64_t list, every, count, zone, at_most;
    uint16_t type;
    if (!vm_arg(slab, block, fiber, PARAMETER_callback_slots_schedule, &list, &type) ||
        !vm_arg(slab, block, fiber, PARAMETER_callback_slots_every, &every, &type) ||
        !vm_arg(slab, block, fiber, PARAMETER_callback_slots_count, &count, &type) ||
        !vm_arg(slab, block, fiber, PARAMETER_callback_slots_zone, &zone, &type))
        return false;
    if (!vm_arg(slab, block, fiber, PARAMETER_callback_slots_at_most, &at_most, &type)) at_most = BOOKED_AT_ONCE;
    uint32_t numbers = block_count(image, block, list);
    s->numbers = (struct numbers){image, block, list};
    s->schedule = (struct schedule){&s->numbers, slots_number,
                                    numbers < SCHEDULE_NUMBERS_MAX ? numbers : SCHEDULE_NUMBERS_MAX, &s->days};
    s->zone = clock_zone(image, zone);
    s->every_us = (int64_t)every;
    s->count = (int64_t)count < SLOTS_MAX ? (int64_t)count : SLOTS_MAX;
    s->at_most = (int64_t)at_most;
    if (s->now_us < 0 || s->now_us > SLOT_LATEST_US) return false;
    return s->zone && s->every_us >= SLOT_MINUTE_US && s->every_us <= SLOT_DAY_US && s->count > 0;
}

/* Begins the step. If there is no slot: code_full if the schedule was open at some time, code_closed if it never
 * was. */
static struct step_outcome slots_begin(struct core *core, struct interaction *ix, uint8_t fiber, uint32_t ref)
{
    (void)ref;
    struct slots_search s = {.now_us = now_wall_us(core->now)};
    if (!read_search(core, ix, fiber, &s) || !booking_possible(core, ix)) return step_fails(code_unavailable);
    put_times(core, &s);
    slots_look(&s);
    if (s.found_count == 0) return step_fails(s.opened ? code_full : code_closed);
    struct slab *slab = core->slab;
    uint16_t type = vm_result_type(slab, block_at(slab, ix->block), fiber);
    uint64_t words[SLOTS_MAX], list;
    for (uint32_t at = 0; at < s.found_count; at++) words[at] = (uint64_t)s.found[at];
    if (type == TYPE_VOID) return step_done(0);
    return block_make_list(slab, ix->block, type_base(type), words, s.found_count, &list)
               ? step_done(list)
               : step_fails(code_unavailable);
}

const struct step_ops step_ops_slots = {.begin = slots_begin};
