/* tests/unit/core_timer.c - Timers come out in one order, whatever the order in which they were set. */
#include <criterion/criterion.h>

#include "runtime/core/base/timer.h"

TestSuite(core_timer, .timeout = 10);

enum { OBJECTS = 8192 };

/* Each timer in its own place; what it belongs to is said with it. */
static struct object {
    uint32_t handle;
    uint64_t number;
} objects[OBJECTS];
static uint32_t count;

static uint32_t *handle_of(void *self, const struct timer *timer)
{
    (void)self;
    return &objects[timer->data].handle;
}

static uint64_t number_of(void *self, const struct timer *timer)
{
    (void)self;
    return objects[timer->data].number;
}

static struct timers *timers_here(void)
{
    return timers_new(&(struct timer_objects){NULL, handle_of, number_of});
}

static uint32_t *set(struct timers *timers, uint64_t deadline, uint64_t object, uint8_t kind, uint8_t part)
{
    cr_assert_lt(count, OBJECTS);
    objects[count] = (struct object){0, object};
    timer_set(timers, &(struct timer){.deadline_us = deadline, .kind = kind, .part = part, .data = count});
    return &objects[count++].handle;
}

static uint64_t object_of(const struct timer *timer)
{
    return objects[timer->data].number;
}

Test(core_timer, due_ones_come_by_deadline_then_object_then_kind_then_part)
{
    struct timers *timers = timers_here();
    set(timers, 20, 1, TIMER_STEP, 0);
    set(timers, 10, 2, TIMER_STEP, 1);
    set(timers, 10, 2, TIMER_STEP, 0);
    set(timers, 10, 2, TIMER_CLAIM, 0);
    set(timers, 10, 1, TIMER_LIFETIME, 0);
    struct timer timer;
    cr_assert_eq(timers_next(timers), 10u);
    cr_assert(timer_take(timers, 10, &timer) && object_of(&timer) == 1 && timer.kind == TIMER_LIFETIME);
    cr_assert(timer_take(timers, 10, &timer) && timer.kind == TIMER_CLAIM);
    cr_assert(timer_take(timers, 10, &timer) && timer.kind == TIMER_STEP && timer.part == 0);
    cr_assert(timer_take(timers, 10, &timer) && timer.part == 1);
    cr_assert_not(timer_take(timers, 19, &timer));
    cr_assert(timer_take(timers, 20, &timer));
    cr_assert_eq(timers_next(timers), UINT64_MAX);
    timers_free(timers);
}

Test(core_timer, a_cancelled_one_never_comes_and_its_handle_is_nothing)
{
    struct timers *timers = timers_here();
    uint32_t *handle = set(timers, 10, 1, TIMER_STEP, 0), none = 0;
    timer_cancel(timers, handle);
    timer_cancel(timers, &none);
    cr_assert_eq(*handle, 0u);
    cr_assert_not(timers_at(timers, 0, &(struct timer){0}, &(uint64_t){0}, &(bool){false}));
    timers_free(timers);
}

Test(core_timer, a_frozen_one_is_not_due_until_it_is_thawed_and_then_in_its_old_place)
{
    struct timers *timers = timers_here();
    struct timer timer;
    set(timers, 10, 1, TIMER_STEP, 0);
    set(timers, 20, 2, TIMER_STEP, 0);
    cr_assert(timer_take(timers, 10, &timer));
    uint32_t *handle = &objects[timer.data].handle;
    cr_assert_eq(*handle, 0u);
    timer_freeze(timers, &timer);
    cr_assert(timer_frozen(timers, *handle));
    cr_assert_eq(timers_next(timers), 20u);
    set(timers, UINT64_MAX - 1, 3, TIMER_STEP, 0); /* so late that it might as well be frozen: it is not */
    cr_assert(timer_take(timers, 20, &timer) && object_of(&timer) == 2);
    set(timers, 15, 4, TIMER_STEP, 0);
    timer_thaw(timers, *handle);
    timer_thaw(timers, *handle);
    timer_thaw(timers, 0);
    cr_assert(timers_check(timers));
    cr_assert(timer_take(timers, 20, &timer) && object_of(&timer) == 1 && timer.deadline_us == 10);
    cr_assert(timer_take(timers, 20, &timer) && object_of(&timer) == 4);
    cr_assert_not(timer_take(timers, 20, &timer));
    timers_free(timers);
}

Test(core_timer, thousands_set_and_cancelled_keep_the_order)
{
    enum { MANY = 5000 };
    struct timers *timers = timers_here();
    static uint32_t *handles[MANY];
    uint64_t random = 42, last = 0;
    for (uint32_t at = 0; at < MANY; at++) {
        random = random * 6364136223846793005u + 1442695040888963407u;
        handles[at] = set(timers, random >> 50, at, TIMER_STEP, 0);
    }
    for (uint32_t at = 0; at < MANY; at += 3) timer_cancel(timers, handles[at]);
    cr_assert(timers_check(timers));
    struct timer timer;
    uint32_t taken = 0;
    for (; timer_take(timers, UINT64_MAX - 1, &timer); taken++) {
        cr_assert_geq(timer.deadline_us, last);
        cr_assert_neq(object_of(&timer) % 3, 0u);
        last = timer.deadline_us;
    }
    cr_assert_eq(taken, MANY - (MANY + 2) / 3);
    timers_free(timers);
}
