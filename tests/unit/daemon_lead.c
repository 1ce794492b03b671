/* tests/unit/daemon_lead.c - Whom the lead may be handed to. */
#include <criterion/criterion.h>
#include <string.h>

#include "runtime/daemon/service/lead.h"

static struct lead_row led_by_one(uint64_t behind)
{
    struct lead_row row = {.role = LEAD_LEADER, .lease_ms = 1000, .batch = 5000, .last = 5000, .node_count = 2};
    row.nodes[0] = (struct batches_node){.name = "one", .leads = true, .term = 3, .batch = 5000};
    row.nodes[1] = (struct batches_node){.name = "two", .term = 3, .batch = 5000 - behind};
    return row;
}

static bool refused(const struct lead_row *row, const char *why)
{
    struct error error = {0};
    return !lead_may_hand_over(row, &error) && strstr(error.text, why);
}

Test(daemon_lead, who_has_read_almost_all_may_lead)
{
    struct lead_row row = led_by_one(LEAD_NEAR);
    struct error error = {0};
    cr_assert(lead_may_hand_over(&row, &error), "%s", error.text);
}

Test(daemon_lead, who_is_far_behind_may_not_and_how_far_is_told)
{
    struct lead_row row = led_by_one(LEAD_NEAR + 1);
    cr_assert(refused(&row, "two follows, but is 1001 batches behind"));
    cr_assert(refused(&row, "gcxctl cluster"), "what to do is told");
    row.nodes[row.node_count++] = (struct batches_node){.name = "three", .term = 3, .batch = 4990};
    cr_assert(lead_may_hand_over(&row, &(struct error){0}), "another one is near");
}

Test(daemon_lead, who_leads_looks_for_the_journal_or_is_silent_is_nobody_to_hand_it_to)
{
    struct lead_row row = led_by_one(0);
    row.nodes[1].term = 0;
    cr_assert(refused(&row, "no other gcxvm follows"));
    row.nodes[1] = (struct batches_node){.name = "two", .term = 3, .batch = 5000, .age_us = 1000000};
    cr_assert(refused(&row, "no other gcxvm follows"));
    row.nodes[1] = (struct batches_node){.name = "two", .leads = true, .term = 3, .batch = 5000};
    cr_assert(refused(&row, "no other gcxvm follows"));
}

/* A follower tells twice in a lease, and each second: after three it may be dead, however long the lease is. */
Test(daemon_lead, who_was_silent_for_three_seconds_of_a_long_lease_is_nobody)
{
    struct lead_row row = led_by_one(0);
    row.lease_ms = 60000;
    row.nodes[1].age_us = 2900000;
    cr_assert(lead_may_hand_over(&row, &(struct error){0}));
    row.nodes[1].age_us = 3000000;
    cr_assert(refused(&row, "no other gcxvm follows"));
}

Test(daemon_lead, of_those_who_follow_the_one_that_has_read_most_counts_wherever_it_stands)
{
    struct lead_row row = led_by_one(0);
    row.nodes[row.node_count++] = (struct batches_node){.name = "three", .term = 3, .batch = 1};
    cr_assert(lead_may_hand_over(&row, &(struct error){0}));
}

Test(daemon_lead, without_a_database_and_without_follow_nothing_is_handed_over)
{
    struct lead_row row = led_by_one(0);
    row.away = true;
    cr_assert(refused(&row, "database does not answer"));
    row = led_by_one(0);
    row.role = LEAD_LONE;
    cr_assert(refused(&row, "without --follow"));
}
