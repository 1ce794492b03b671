/* tests/unit/daemon_children.c - How long an adapter that has ended waits for its next start. */
#include <criterion/criterion.h>

#include "runtime/daemon/links/children.h"

enum { SHORTEST_MS = 500, GRACE_MS = 15000, MOST_MS = 30000 };

Test(daemon_children, the_back_off_is_as_it_is_where_no_grace_runs)
{
    cr_assert_eq(children_pause_ms(500, SHORTEST_MS, 0), 500);
    cr_assert_eq(children_pause_ms(MOST_MS, SHORTEST_MS, 0), MOST_MS);
}

Test(daemon_children, a_short_back_off_is_as_it_is_in_the_grace_too)
{
    cr_assert_eq(children_pause_ms(500, SHORTEST_MS, GRACE_MS), 500);
    cr_assert_eq(children_pause_ms(4000, SHORTEST_MS, GRACE_MS), 4000);
}

Test(daemon_children, a_long_one_stays_well_below_what_is_left_of_the_grace)
{
    cr_assert_eq(children_pause_ms(16000, SHORTEST_MS, GRACE_MS), 5000);
    for (uint64_t left_ms = SHORTEST_MS + 1; left_ms <= GRACE_MS; left_ms++)
        cr_assert_lt(children_pause_ms(MOST_MS, SHORTEST_MS, left_ms), left_ms);
}

Test(daemon_children, it_is_never_shorter_than_is_asked_for)
{
    cr_assert_eq(children_pause_ms(MOST_MS, SHORTEST_MS, 1000), SHORTEST_MS);
    cr_assert_eq(children_pause_ms(600000, 600000, GRACE_MS), 600000);
}

Test(daemon_children, who_fails_at_once_every_time_is_tried_often_in_the_grace_but_not_without_end)
{
    unsigned tries = 0;
    for (uint64_t left_ms = GRACE_MS, pause_ms; (pause_ms = children_pause_ms(MOST_MS, SHORTEST_MS, left_ms)) < left_ms;
         tries++)
        left_ms -= pause_ms;
    cr_assert(tries >= 5 && tries <= 20, "%u", tries);
}
