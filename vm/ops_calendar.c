/* vm/ops_calendar.c - Instructions that the interpreter calls as functions: days, times of day, and local times of a
 * zone.
 *
 * The rules of a zone are in a table of the image, so that they are always those of the time when it was made, on
 * every machine. */
#include "vm/clock.h"
#include "vm/vm.h"

static const int64_t CALENDAR_DAY_US = (int64_t)VALUE_DAY_US, CALENDAR_SECOND_US = 1000000;

static int64_t floor_divided(int64_t number, int64_t by)
{
    return number / by - (number % by < 0);
}

static int64_t calendar_row_at(const uint32_t *row)
{
    return (int64_t)(row[0] | (uint64_t)row[1] << 32);
}

/* While a condition is evaluated: notes when the clocks of the zone are next changed. */
static void calendar_noted(struct vm *vm, const uint32_t *table, int64_t us)
{
    uint32_t at = 0;
    if (!vm->looks) return;
    while (at < table[2] && calendar_row_at(table + 4 + 3 * (size_t)at) <= floor_divided(us, CALENDAR_SECOND_US)) at++;
    int64_t change = at < table[2] ? calendar_row_at(table + 4 + 3 * (size_t)at) : 0;
    if (change > 0 && change < INT64_MAX / CALENDAR_SECOND_US) vm_look_again(vm, change * CALENDAR_SECOND_US - us);
}

static const uint32_t *zone_table(const struct vm *vm, uint32_t number)
{
    return vm->image->tables + vm->image->tables[1 + number];
}

static bool ops_calendar_shifted(struct vm *vm, int64_t us, int64_t seconds, uint64_t *word)
{
    int64_t sum;
    if (__builtin_add_overflow(us, seconds * CALENDAR_SECOND_US, &sum) || sum == INT64_MIN)
        return vm_faults(vm, FAULT_OVERFLOW);
    *word = (uint64_t)sum;
    return true;
}

bool op_wall(struct vm *vm, uint64_t *r, uint32_t i, uint32_t extension)
{
    int64_t us = (int64_t)r[word_b(i)];
    calendar_noted(vm, zone_table(vm, extension), us);
    return ops_calendar_shifted(
        vm, us, clock_zone_offset(zone_table(vm, extension), floor_divided(us, CALENDAR_SECOND_US)), &r[word_a(i)]);
}

bool op_instant(struct vm *vm, uint64_t *r, uint32_t i, uint32_t extension)
{
    int64_t us = (int64_t)r[word_b(i)];
    return ops_calendar_shifted(
        vm, us, -clock_zone_offset_shown(zone_table(vm, extension), floor_divided(us, CALENDAR_SECOND_US)),
        &r[word_a(i)]);
}

bool op_date_at(struct vm *vm, uint64_t *r, uint32_t i, uint32_t extension)
{
    int64_t us;
    (void)extension;
    if (__builtin_mul_overflow((int64_t)r[word_b(i)], CALENDAR_DAY_US, &us) ||
        __builtin_add_overflow(us, (int64_t)r[word_c(i)], &us) || us == INT64_MIN)
        return vm_faults(vm, FAULT_OVERFLOW);
    r[word_a(i)] = (uint64_t)us;
    return true;
}

bool op_date_of(struct vm *vm, uint64_t *r, uint32_t i, uint32_t extension)
{
    (void)vm, (void)extension;
    r[word_a(i)] = (uint64_t)floor_divided((int64_t)r[word_b(i)], CALENDAR_DAY_US);
    return true;
}

bool op_clock_of(struct vm *vm, uint64_t *r, uint32_t i, uint32_t extension)
{
    int64_t us = (int64_t)r[word_b(i)] % CALENDAR_DAY_US;
    (void)vm, (void)extension;
    r[word_a(i)] = (uint64_t)(us < 0 ? us + CALENDAR_DAY_US : us);
    return true;
}

bool op_weekday_of(struct vm *vm, uint64_t *r, uint32_t i, uint32_t extension)
{
    int64_t day = (int64_t)r[word_b(i)] % 7; /* 1970-01-01 was a Thursday */
    (void)vm, (void)extension;
    r[word_a(i)] = (uint64_t)((day + 10) % 7);
    return true;
}

bool op_add_date(struct vm *vm, uint64_t *r, uint32_t i, uint32_t extension)
{
    int64_t days = (int64_t)r[word_c(i)] / CALENDAR_DAY_US, sum;
    (void)extension;
    if (__builtin_add_overflow((int64_t)r[word_b(i)], word_op(i) == OP_ADD_DATE ? days : -days, &sum) ||
        sum == INT64_MIN)
        return vm_faults(vm, FAULT_OVERFLOW);
    r[word_a(i)] = (uint64_t)sum;
    return true;
}

bool op_diff_date(struct vm *vm, uint64_t *r, uint32_t i, uint32_t extension)
{
    int64_t days;
    (void)extension;
    if (__builtin_sub_overflow((int64_t)r[word_b(i)], (int64_t)r[word_c(i)], &days) ||
        __builtin_mul_overflow(days, CALENDAR_DAY_US, &days) || days == INT64_MIN)
        return vm_faults(vm, FAULT_OVERFLOW);
    r[word_a(i)] = (uint64_t)days;
    return true;
}
