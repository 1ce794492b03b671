/* tests/unit/core_directory.c - Rows are in force at their commit; a whole one leaves nothing of what was before. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#include "runtime/core/base/state.h"
#include "runtime/core/base/table.h"
#include "runtime/core/people/agent.h"
#include "runtime/core/read/read.h"
#include "runtime/core/read/totals.h"
#include "runtime/core/site/directory.h"
#include "runtime/core/site/place.h"
#include "runtime/vocabulary/events_agent.h"
#include "runtime/vocabulary/events_site.h"
#include "tests/unit/core_fixture.h"

TestSuite(core_directory, .timeout = 30);

static int64_t level(struct core_world *world, const char *name, const char *skill_name)
{
    struct agent_row row;
    for (uint32_t at = 0; core_agent(world->core, at, &row); at++) {
        if (!span_is(row.name, name)) continue;
        struct kv skills;
        struct kv_value value = {.word = 0};
        kv_init(&skills);
        core_agent_skills(world->core, at, &skills);
        bool has = kv_get(kv_span(&skills), skill_name, &value);
        kv_free(&skills);
        return has ? value.word : 0;
    }
    return -1;
}

Test(core_directory, nothing_changes_before_the_commit)
{
    struct core_world *world = world_new();
    skill(world, "marie", "French", 3);
    cr_assert_eq(level(world, "marie", "French"), 9);
    commit(world, false);
    cr_assert_eq(level(world, "marie", "French"), 3);
    cr_assert_eq(level(world, "marie", "Sales"), 2);
    world_free(world);
}

Test(core_directory, rows_of_another_version_do_not_come_into_force)
{
    struct core_world *world = world_new();
    skill(world, "marie", "French", 3); /* of version 1; who sent it has ended before its commit */
    struct writer *writer = world_event(world, SOURCE_ADMIN, KIND_DirectoryCommit, 0, 0, 0);
    writer_u(writer, DirectoryCommit_version, 2);
    world_post(world);
    cr_assert_eq(level(world, "marie", "French"), 9);
    world_free(world);
}

Test(core_directory, a_whole_commit_forgets_what_it_does_not_name)
{
    struct core_world *world = world_new();
    skill(world, "marie", "English", 5);
    commit(world, true);
    cr_assert_eq(level(world, "marie", "English"), 5);
    cr_assert_eq(level(world, "marie", "French"), 0);
    expect(world, "Configure 1800 idle\nReply ok\n"); /* the routing point is gone too */
    created(world, CALL);
    route_request(world, CALL, 0);
    expect(world, "RouteDefault unavailable\n");
    world_free(world);
}

Test(core_directory, an_empty_row_takes_away)
{
    struct core_world *world = world_new();
    directory(world, table_agent_skill, "marie/French", (const char *const[]){NULL});
    commit(world, false);
    cr_assert_eq(level(world, "marie", "French"), 0);
    cr_assert_eq(level(world, "marie", "Sales"), 2);
    world_free(world);
}

static struct agent_row agent_of(struct core_world *world, const char *name)
{
    struct agent_row row;
    for (uint32_t at = 0; core_agent(world->core, at, &row); at++)
        if (span_is(row.name, name)) return row;
    cr_assert_fail("no agent %s", name);
    return row;
}

static void agents_are(struct core_world *world, const char *const *names)
{
    static const char *const row[] = {"name", "x", NULL};
    for (size_t i = 0; names[i]; i++) directory(world, table_agent, names[i], row);
    commit(world, true);
}

static uint64_t agents_counted(struct core_world *world)
{
    struct core_status status;
    core_status(world->core, &status);
    cr_assert_leq(status.agents_logged_in, status.agents);
    return status.agents;
}

Test(core_directory, agents_who_are_removed_and_restored_are_counted_once)
{
    struct core_world *world = world_new();
    agents_are(world, (const char *const[]){"marie", "paul", "zoe", NULL});
    cr_assert_eq(agents_counted(world), 3);
    agents_are(world, (const char *const[]){"marie", "lea", NULL});
    cr_assert_eq(agents_counted(world), 2);
    agents_are(world, (const char *const[]){"marie", "paul", "zoe", NULL});
    cr_assert_eq(agents_counted(world), 3);
    agent(world, "marie", "7001", agent_state_ready);
    agents_are(world, (const char *const[]){"zoe", NULL});
    cr_assert_eq(agents_counted(world), 2); /* marie has not gone home */
    agent(world, "marie", "7001", agent_state_logged_out);
    cr_assert_eq(agents_counted(world), 1);
    world_end(world);
}

static void seat(struct core_world *world, const char *dn, const char *place)
{
    directory(world, table_place_dn, dn, (const char *const[]){place ? "place" : NULL, place, NULL});
}

static bool is_first(const struct core_world *world, const char *place, const char *dn)
{
    const struct core *core = world->core;
    uint32_t name = names_find(core->names, span_of(place));
    return span_is(core_name(core, places_first_dn(&core->directory->places, name)), dn);
}

Test(core_directory, a_place_of_very_many_dns_is_no_work_for_each_of_the_others)
{
    struct core_world *world = world_new();
    char dn[16];
    for (unsigned at = 0; at < 60000; at++) {
        (void)snprintf(dn, sizeof dn, "%u", 100000 + at);
        seat(world, dn, "hall");
    }
    commit(world, false);
    cr_assert(is_first(world, "hall", "100000"));
    seat(world, "100000", NULL);
    seat(world, "159999", "door");
    seat(world, "099999", "hall");
    seat(world, "160000", "hall");
    commit(world, false);
    cr_assert(places_check(&world->core->directory->places));
    cr_assert(is_first(world, "hall", "099999"));
    world_end(world);
}

Test(core_directory, an_agent_is_at_the_place_of_its_dn)
{
    struct core_world *world = world_new();
    seat(world, "7001", "window");
    seat(world, "7002", "window");
    seat(world, "7003", "door");
    commit(world, false);
    agent(world, "marie", "7001", agent_state_ready);
    cr_assert(span_is(agent_of(world, "marie").place, "window"));
    agent(world, "marie", "7003", agent_state_ready);
    cr_assert(span_is(agent_of(world, "marie").place, "door"));
    seat(world, "7003", "window"); /* it is carried there */
    commit(world, false);
    cr_assert(span_is(agent_of(world, "marie").place, "window"));
    seat(world, "7003", NULL);
    commit(world, false);
    cr_assert(span_is(agent_of(world, "marie").place, ""));
    world_end(world);
}

Test(core_directory, a_link_that_names_a_place_knows_better_but_not_where_that_is_the_dn)
{
    struct core_world *world = world_new();
    seat(world, "7001", "window");
    commit(world, false);
    for (unsigned round = 0; round < 2; round++) {
        struct writer *writer = world_event(world, LINK, KIND_EventAgentState, 0, 0, 0);
        writer_text(writer, EventAgentState_agent, "marie");
        writer_text(writer, EventAgentState_place, round == 0 ? "7001" : "door");
        writer_text(writer, EventAgentState_dn, "7001");
        writer_u(writer, EventAgentState_media, media_voice);
        writer_u(writer, EventAgentState_state, agent_state_ready);
        world_post(world);
        cr_assert(span_is(agent_of(world, "marie").place, round == 0 ? "window" : "door"));
    }
    agent(world, "marie", "7001", agent_state_not_ready); /* which says nothing of it */
    cr_assert(span_is(agent_of(world, "marie").place, "door"));
    world_end(world);
}

Test(core_directory, a_whole_commit_forgets_places)
{
    struct core_world *world = world_new();
    seat(world, "7001", "window");
    commit(world, false);
    agent(world, "marie", "7001", agent_state_ready);
    cr_assert(span_is(agent_of(world, "marie").place, "window"));
    skill(world, "marie", "English", 5);
    commit(world, true);
    cr_assert(span_is(agent_of(world, "marie").place, ""));
    world_end(world);
}

static void place_in_group(struct core_world *world, const char *group, const char *place, bool in)
{
    char key[64];
    (void)snprintf(key, sizeof key, "%s/%s", group, place);
    directory(world, table_group_place, key, (const char *const[]){in ? "group" : NULL, group, "place", place, NULL});
}

static bool is_in(struct core_world *world, const char *name, const char *group)
{
    uint32_t index;
    cr_assert(core_agent_named(world->core, span_of(name), &index));
    return agent_in_group(agent_at(world->core->agents, index), names_find(world->core->names, span_of(group)));
}

static void whole_with_window_in(struct core_world *world, const char *group)
{
    directory(world, table_routing_point, "1800", (const char *const[]){"defaults", "5000", NULL});
    seat(world, "7001", "window");
    place_in_group(world, group, "window", true);
    commit(world, true);
}

Test(core_directory, who_sits_at_a_place_is_in_its_groups)
{
    struct core_world *world = world_new();
    place_in_group(world, "night", "window", true);
    seat(world, "7001", "window");
    seat(world, "7003", "door");
    commit(world, false);
    agent(world, "marie", "7001", agent_state_ready);
    cr_expect(is_in(world, "marie", "night"));
    agent(world, "marie", "7003", agent_state_ready);
    cr_expect_not(is_in(world, "marie", "night"));
    agent(world, "marie", "7001", agent_state_ready);
    place_in_group(world, "night", "window", false);
    place_in_group(world, "day", "window", true);
    commit(world, false);
    cr_expect(!is_in(world, "marie", "night") && is_in(world, "marie", "day"));
    agent(world, "marie", "7001", agent_state_logged_out);
    cr_expect_not(is_in(world, "marie", "day"));
    agent(world, "marie", "7001", agent_state_ready);
    whole_with_window_in(world, "night");
    cr_expect(is_in(world, "marie", "night") && !is_in(world, "marie", "day"));
    commit(world, true);
    cr_expect_not(is_in(world, "marie", "night"));
    world_end(world);
}

Test(core_directory, who_is_in_a_group_both_ways_leaves_it_when_neither_is_left)
{
    struct core_world *world = world_new();
    place_in_group(world, "overflow", "window", true);
    seat(world, "7004", "window");
    commit(world, false);
    agent(world, "olga", "7004", agent_state_ready);
    agent(world, "olga", "7001", agent_state_ready); /* at no place */
    cr_expect(is_in(world, "olga", "overflow"));
    agent(world, "olga", "7004", agent_state_ready);
    directory(world, table_group_member, "overflow/olga", (const char *const[]){NULL});
    commit(world, false);
    cr_expect(is_in(world, "olga", "overflow"));
    agent(world, "olga", "7001", agent_state_ready);
    cr_expect_not(is_in(world, "olga", "overflow"));
    world_end(world);
}

Test(core_directory, a_commit_tells_of_the_routing_points_that_it_changed)
{
    struct core_world *world = world_new();
    directory(world, table_routing_point, "1801", (const char *const[]){"defaults", "5001", NULL});
    commit(world, false);
    expect(world, "Configure 1801 idle\nReply ok\n");
    directory(world, table_routing_point, "1801", (const char *const[]){"defaults", "5001", NULL});
    skill(world, "marie", "French", 8);
    commit(world, false);
    expect(world, "Reply ok\n"); /* as it was */
    directory(world, table_routing_point, "1801", (const char *const[]){"defaults", "5001,5002", NULL});
    commit(world, false);
    expect(world, "Configure 1801 idle\nReply ok\n");
    static const char *const caps[] = {"calls", NULL}, *const none[] = {"sessions", NULL};
    link_down(world);
    link_up(world, none);
    expect(world, "Resync\n"); /* it has no calls */
    directory(world, table_routing_point, "1801", (const char *const[]){"defaults", "5003", NULL});
    commit(world, false);
    expect(world, "Reply ok\n");
    link_down(world);
    link_up(world, caps);
    expect(world, "Configure 1800 active\nConfigure 1801 idle\nResync\n"); /* who is new is told all */
    world_free(world);
}

Test(core_directory, links_are_told_at_every_activation)
{
    struct core_world *world = world_new();
    activate(world, "1801");
    expect(world, "Configure 1801 active\nReply ok\n");
    world_free(world);
}

Test(core_directory, an_image_that_is_not_there_leaves_the_old_one_in_force)
{
    struct core_world *world = world_new();
    static const uint8_t nothing[32] = {9};
    struct writer *writer = world_event(world, SOURCE_ADMIN, KIND_Activate, 0, 0, 0);
    writer_text(writer, Activate_at, "1800");
    writer_bytes(writer, Activate_image, (struct span){nothing, sizeof nothing});
    writer_text(writer, Activate_strategy, "enterprise");
    world_post(world);
    expect(world, "Reply error unavailable\n");
    created(world, CALL);
    route_request(world, CALL, 0);
    expect(world, "RequestApplyTreatment PlayAnnouncementAndDigits account_number\n");
    world_free(world);
}

Test(core_directory, a_level_beyond_the_scale_is_the_end_of_it)
{
    struct core_world *world = world_new();
    skill(world, "marie", "French", 100000);
    skill(world, "paul", "English", -5);
    commit(world, false);
    cr_assert_eq(level(world, "marie", "French"), 100);
    cr_assert_eq(level(world, "paul", "English"), 0);
    world_free(world);
}

static void rule(struct core_world *world, const char *set, const char *name, int64_t number)
{
    struct kv row;
    kv_init(&row);
    kv_put_int(&row, name, number);
    struct writer *writer = world_event(world, SOURCE_ADMIN, KIND_DirectoryRow, 0, 0, 0);
    writer_u(writer, DirectoryRow_version, 1);
    writer_u(writer, DirectoryRow_table, table_rule_set);
    writer_text(writer, DirectoryRow_key, set);
    writer_kv(writer, DirectoryRow_row, &row);
    kv_free(&row);
    world_post(world);
}

static const struct campaign_definition *campaign_of(const struct core_world *world, const char *name)
{
    return campaign_definition(&world->core->directory->campaigns, names_find(world->core->names, span_of(name)));
}

Test(core_directory, a_campaign_goes_by_its_rule_set_and_by_the_usual_numbers)
{
    struct core_world *world = world_new();
    uint32_t rules[CAMPAIGN_RULES];
    rule(world, "strict", "wait_ms", 1000);
    directory(
        world, table_campaign, "reminders",
        (const char *const[]){"mode", "predictive", "agents", "sales", "filter", "n < 3", "rule_set", "strict", NULL});
    cr_assert_null(campaign_of(world, "reminders"));
    commit(world, false);
    const struct campaign_definition *campaign = campaign_of(world, "reminders");
    cr_assert_not_null(campaign);
    cr_assert_eq(campaign->mode, campaign_mode_predictive);
    cr_assert(span_is(names_text(world->core->names, campaign->agents), "sales"));
    cr_assert(span_is(campaign->filter, "n < 3"));
    cr_assert_eq(campaign->order.length, 0);
    campaign_rules(&world->core->directory->campaigns, campaign, rules);
    cr_assert_eq(rules[CAMPAIGN_RULE_wait_ms], 1000);
    cr_assert_eq(rules[CAMPAIGN_RULE_abandoned_permille], 30);
    world_free(world);
}

Test(core_directory, campaigns_and_rule_sets_that_a_whole_commit_does_not_name_are_gone)
{
    struct core_world *world = world_new();
    uint32_t rules[CAMPAIGN_RULES];
    rule(world, "strict", "wait_ms", 1000);
    directory(world, table_campaign, "a", (const char *const[]){"mode", "power", "rule_set", "strict", NULL});
    directory(world, table_campaign, "b", (const char *const[]){"mode", "preview", NULL});
    commit(world, false);
    uint64_t before = world->core->directory->campaigns.content;
    directory(world, table_campaign, "a", (const char *const[]){"mode", "power", "rule_set", "strict", NULL});
    commit(world, true);
    cr_assert_null(campaign_of(world, "b"));
    cr_assert_neq(before, world->core->directory->campaigns.content);
    campaign_rules(&world->core->directory->campaigns, campaign_of(world, "a"), rules);
    cr_assert_eq(rules[CAMPAIGN_RULE_wait_ms], 2000);
    directory(world, table_campaign, "a", (const char *const[]){NULL});
    commit(world, false);
    cr_assert_null(campaign_of(world, "a"));
    cr_assert_eq(world->core->directory->campaigns.content, 0);
    world_free(world);
}

Test(core_directory, a_campaign_of_no_mode_or_a_rule_out_of_its_range_refuses_the_load)
{
    struct core_world *world = world_new();
    directory(world, table_campaign, "a", (const char *const[]){"mode", "none", NULL});
    commit(world, false);
    expect(world, "Reply error too_large\n");
    rule(world, "strict", "abandoned_permille", 1000);
    commit(world, false);
    expect(world, "Reply error too_large\n");
    cr_assert_null(campaign_of(world, "a"));
    world_free(world);
}

Test(core_directory, terms_are_what_the_list_keeps)
{
    uint32_t rules[CAMPAIGN_RULES] = {0};
    struct kv terms;
    struct kv_value value;
    kv_init(&terms);
    cr_assert(campaign_rule_set(rules, span_of("of_day"), 12));
    cr_assert(campaign_rule_set(rules, span_of("lines"), 5));
    cr_assert_not(campaign_rule_set(rules, span_of("lines"), 0));
    cr_assert_not(campaign_rule_set(rules, span_of("nothing"), 1));
    cr_assert(campaign_rule_set(rules, span_of("abandoned_pause_s"), 259200));
    campaign_terms(&terms, span_of("summer"), (struct span){NULL, 0}, rules);
    cr_assert(kv_get(kv_span(&terms), "of_day", &value) && span_is(value.span, "12"));
    cr_assert(kv_get(kv_span(&terms), "abandoned_pause_s", &value) && span_is(value.span, "259200"));
    cr_assert(kv_get(kv_span(&terms), "list", &value) && span_is(value.span, "summer"));
    cr_assert_not(kv_get(kv_span(&terms), "consent", &value));
    cr_assert_not(kv_get(kv_span(&terms), "in_all", &value));
    cr_assert_not(kv_get(kv_span(&terms), "lines", &value));
    kv_free(&terms);
}

static void commit_hashed(struct core_world *world, const char *hash)
{
    struct writer *writer = world_event(world, SOURCE_ADMIN, KIND_DirectoryCommit, 0, 0, 0);
    writer_u(writer, DirectoryCommit_version, 1);
    writer_bytes(writer, DirectoryCommit_hash, (struct span){(const uint8_t *)hash, CORE_HASH});
    world_post(world);
}

Test(core_directory, an_import_of_what_differs_leaves_the_rest_and_says_what_is_in_force)
{
    struct core_world *world = world_new();
    static const char rows[CORE_HASH] = "these rows", none[CORE_HASH];
    struct core_status status;
    skill(world, "marie", "French", 3);
    commit_hashed(world, rows);
    cr_assert_eq(level(world, "marie", "French"), 3);
    cr_assert_eq(level(world, "marie", "Sales"), 2);
    core_status(world->core, &status);
    cr_assert_arr_eq(status.rows_hash, rows, CORE_HASH);
    skill(world, "marie", "French", 4); /* of nobody who knows all rows */
    commit(world, false);
    core_status(world->core, &status);
    cr_assert_arr_eq(status.rows_hash, none, CORE_HASH);
    world_end(world);
}
