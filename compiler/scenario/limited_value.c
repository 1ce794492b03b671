/* compiler/scenario/limited_value.c - Numbers and durations of tests, within their limits. */
#include "compiler/scenario/maker.h"

static bool limited_us(struct scenario_maker *maker, const struct node *node, int64_t us)
{
    if (us >= 0 && us <= SCENARIO_US_MAX) return true;
    diag_report(maker->diags, VALUE_RANGE, node->span, "a test has times of 0 s to 100 years, which are 878400h");
    return false;
}

bool limited_duration(struct scenario_maker *maker, const struct node *node, int64_t *us)
{
    return value_duration(maker, node, us) && limited_us(maker, node, *us);
}

void limited_add_delay(struct scenario_maker *maker, const struct node *node, int64_t *at)
{
    int64_t us;
    if (limited_duration(maker, node, &us) && limited_us(maker, node, *at + us)) *at += us;
}

bool limited_integer(struct scenario_maker *maker, const struct node *node, int64_t most, const char *what,
                     int64_t *number)
{
    if (!value_integer(maker, node, number)) return false;
    if (*number >= 0 && *number <= most) return true;
    diag_report(maker->diags, VALUE_RANGE, node->span,
                arena_printf(maker->arena, "%s is 0 to %lld", what, (long long)most));
    return false;
}
