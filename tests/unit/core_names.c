/* tests/unit/core_names.c - Names are the site's words: what comes from outside costs none for good. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core_fixture.h"
#include "runtime/core/base/state.h"
#include "runtime/core/base/table.h"
#include "runtime/core/check.h"
#include "runtime/core/base/record.h"
#include "runtime/core/campaigns/list_record_table.h"
#include "runtime/core/interactions/interaction.h"
#include "runtime/core/interactions/submitted.h"
#include "runtime/core/interactions/workbin.h"
#include "runtime/core/migration.h"
#include "runtime/core/people/agent.h"
#include "runtime/core/queues/exclude.h"
#include "runtime/core/read/read.h"
#include "runtime/core/read/totals.h"
#include "runtime/core/twin.h"
#include "runtime/vocabulary/events_agent.h"
#include "runtime/vocabulary/events_call.h"
#include "runtime/vocabulary/events_host.h"
#include "runtime/vocabulary/events_site.h"
#include "runtime/vocabulary/events_work.h"
#include "runtime/vocabulary/vocabulary.h"
#include "runtime/vocabulary/semantics.h"

TestSuite(core_names, .timeout = 60);

enum { OUTSIDE = 1000000, BATCH_CALLS = 100 };

/* A batch of many events: the fixture's have one and are all checked, which takes too long here. */
struct crowd {
    struct core_world *world;
    struct writer frames;
    uint32_t count, numbers;
    bool twice; /* with a twin, which is loaded from a snapshot (twin.h) */
};

static struct writer *crowd_event(struct crowd *crowd, unsigned kind, uint64_t conn)
{
    crowd->count++;
    writer_begin(&crowd->frames, kind);
    writer_u(&crowd->frames, ENVELOPE_source, LINK);
    writer_u(&crowd->frames, ENVELOPE_seq, ++crowd->world->seq[LINK]);
    writer_conn(&crowd->frames, ENVELOPE_conn, conn);
    return &crowd->frames;
}

static void crowd_outsider(struct crowd *crowd, unsigned field)
{
    char number[32];
    snprintf(number, sizeof number, "+4930%08u", crowd->numbers++);
    writer_text(&crowd->frames, field, number);
}

static void crowd_apply(struct crowd *crowd)
{
    struct core_world *world = crowd->world;
    world->time_us += 1000000;
    struct batch batch = {.partition = world->partition,
                          .epoch = 1,
                          .number = ++world->number,
                          .semantics = SEMANTICS_NUMBER,
                          .time_us = world->time_us,
                          .count = crowd->count,
                          .events = {crowd->frames.bytes, (uint32_t)crowd->frames.length}};
    struct error error;
    if (crowd->twice)
        cr_assert(twin_apply(world->core, &batch, NULL, &error), "%s", error.text);
    else
        core_apply(world->core, &batch, NULL);
    writer_clear(&crowd->frames);
    crowd->count = 0;
}

/* Somebody outside calls, is sent to somebody outside, who talks; an agent gives a reason that nobody knows; a signal
 * has a name that nobody waits for. */
static void crowd_call(struct crowd *crowd, uint64_t conn)
{
    crowd_event(crowd, KIND_EventCallCreated, conn);
    writer_u(&crowd->frames, EventCallCreated_media, media_voice);
    crowd_outsider(crowd, EventCallCreated_origin_dn);
    writer_end(&crowd->frames);
    crowd_event(crowd, KIND_EventRouteUsed, conn);
    crowd_outsider(crowd, EventRouteUsed_to);
    writer_end(&crowd->frames);
    crowd_event(crowd, KIND_EventParty, conn);
    crowd_outsider(crowd, EventParty_dn);
    writer_u(&crowd->frames, EventParty_change, party_change_Established);
    writer_u(&crowd->frames, EventParty_role, party_role_device);
    writer_end(&crowd->frames);
    crowd_event(crowd, KIND_EventAgentState, 0);
    writer_text(&crowd->frames, EventAgentState_agent, "anna");
    writer_text(&crowd->frames, EventAgentState_dn, "5001");
    writer_u(&crowd->frames, EventAgentState_state, agent_state_not_ready);
    crowd_outsider(crowd, EventAgentState_label);
    writer_end(&crowd->frames);
    crowd_event(crowd, KIND_Signal, conn);
    crowd_outsider(crowd, Signal_name);
    writer_end(&crowd->frames);
    crowd_event(crowd, KIND_EventCallDeleted, conn);
    writer_end(&crowd->frames);
}

static uint32_t crowd_names(struct core_world *world)
{
    struct names *names = world->core->names;
    return names_used(names) - names->passing;
}

Test(core_names, a_million_outside_numbers_leave_the_number_of_names_as_it_was)
{
    struct core_world *world = world_new();
    struct error error;
    agent(world, "anna", "5001", agent_state_ready);
    world->unchecked = true;
    struct crowd crowd = {.world = world};
    writer_init(&crowd.frames);
    uint32_t before = crowd_names(world), most = 0;
    for (uint64_t conn = CALL; crowd.numbers < OUTSIDE;) {
        for (unsigned call = 0; call < BATCH_CALLS; call++) crowd_call(&crowd, conn++);
        crowd_apply(&crowd);
        if (most < world->core->names->passing) most = world->core->names->passing;
    }
    cr_log_info("names before %u, after %u of them the site's %u and %u passing, at most %u\n", before,
                names_used(world->core->names), crowd_names(world), world->core->names->passing, most);
    cr_assert_eq(crowd_names(world), before);
    cr_assert_lt(most, NAMES_SWEEP + BATCH_CALLS * 10u, "what passes by is swept away");
    cr_assert(core_check(world->core, &error), "%s", error.text);
    agent(world, "newcomer", "5077", agent_state_ready);
    uint32_t slot;
    cr_assert(agent_find(world->core->agents, names_find(world->core->names, span_of("newcomer")), &slot));
    writer_free(&crowd.frames);
    world_free(world);
}

Test(core_names, what_lives_keeps_its_names_over_sweeps_and_snapshots)
{
    struct core_world *world = world_new();
    world->unchecked = true;
    struct crowd crowd = {.world = world, .twice = true};
    writer_init(&crowd.frames);
    struct writer *writer = world_event(world, LINK, KIND_EventCallCreated, 0, 0, CALL);
    writer_u(writer, EventCallCreated_media, media_voice);
    writer_text(writer, EventCallCreated_origin_dn, "+33145550101");
    world_post(world);
    agent(world, "stranger", "5990", agent_state_ready);
    for (uint64_t conn = THIRD; crowd.numbers < 20000;) {
        for (unsigned call = 0; call < BATCH_CALLS; call++) crowd_call(&crowd, conn++);
        crowd_apply(&crowd);
    }
    cr_assert(
        span_is(core_name(world->core, interaction_by_conn(world->core->interactions, CALL)->owner), "+33145550101"));
    deleted(world, CALL);
    while (crowd.numbers < 30000) {
        for (unsigned call = 0; call < BATCH_CALLS; call++) crowd_call(&crowd, THIRD + 100000 + crowd.numbers);
        crowd_apply(&crowd);
    }
    cr_assert_eq(names_find(world->core->names, span_of("+33145550101")), 0u,
                 "the call has ended, and so has its name");
    uint32_t slot;
    cr_assert(agent_find(world->core->agents, names_find(world->core->names, span_of("stranger")), &slot));
    writer_free(&crowd.frames);
    world_free(world);
}

static void crowd_reports(struct crowd *crowd, const char *name, const char *dn, enum agent_state state)
{
    crowd_event(crowd, KIND_EventAgentState, 0);
    writer_text(&crowd->frames, EventAgentState_agent, name);
    writer_text(&crowd->frames, EventAgentState_dn, dn);
    writer_u(&crowd->frames, EventAgentState_state, state);
    writer_end(&crowd->frames);
}

/* A made-up name logs in and out of the site's DN 5100. */
static void crowd_stranger(struct crowd *crowd)
{
    char name[32];
    snprintf(name, sizeof name, "made-up-%u", crowd->numbers++);
    crowd_reports(crowd, name, "5100", agent_state_ready);
    crowd_reports(crowd, name, "5100", agent_state_logged_out);
}

static bool is_agent(struct core_world *world, const char *name)
{
    uint32_t slot;
    return agent_find(world->core->agents, names_find(world->core->names, span_of(name)), &slot);
}

Test(core_names, a_hundred_thousand_made_up_logins_come_and_go)
{
    struct core_world *world = world_new();
    struct error error;
    struct core_status status;
    agent(world, "anna", "5001", agent_state_ready);
    world->unchecked = true;
    struct crowd crowd = {.world = world};
    writer_init(&crowd.frames);
    struct agents *agents = world->core->agents;
    uint32_t before = names_used(world->core->names), there = agents->count - agents->free, in = agents->logged_in;
    while (crowd.numbers < 100000) {
        for (unsigned login = 0; login < BATCH_CALLS; login++) crowd_stranger(&crowd);
        crowd_apply(&crowd);
        cr_assert_leq(agents->count, there + AGENTS_SWEEP + BATCH_CALLS, "their slots are given again");
        cr_assert_leq(names_used(world->core->names), before + 2 * NAMES_SWEEP + BATCH_CALLS);
    }
    core_status(world->core, &status);
    cr_assert_eq(status.agents_logged_in, in);
    cr_assert_eq(status.agents_ignored, 0);
    agents->sweep_due = 0;
    crowd_apply(&crowd);
    cr_assert_eq(agents->count - agents->free, there, "%u agents", agents->count - agents->free);
    cr_assert_eq(names_used(world->core->names), before, "%u names", names_used(world->core->names));
    cr_assert(core_check(world->core, &error), "%s", error.text);
    writer_free(&crowd.frames);
    world_free(world);
}

Test(core_names, a_stranger_who_was_given_a_call_or_is_there_stays_over_sweeps_and_snapshots)
{
    struct core_world *world = world_new();
    struct error error;
    agent(world, "served", "5101", agent_state_ready);
    created(world, CALL);
    struct writer *writer = world_event(world, LINK, KIND_EventParty, 0, 0, CALL);
    writer_text(writer, EventParty_dn, "5101");
    writer_u(writer, EventParty_change, party_change_Established);
    writer_u(writer, EventParty_role, party_role_agent);
    world_post(world);
    deleted(world, CALL);
    agent(world, "served", "5101", agent_state_logged_out);
    agent(world, "there", "5102", agent_state_not_ready);
    agent(world, "gone", "5103", agent_state_ready);
    agent(world, "gone", "5103", agent_state_logged_out);
    world->unchecked = true;
    struct crowd crowd = {.world = world, .twice = true};
    writer_init(&crowd.frames);
    while (crowd.numbers < 4000) {
        for (unsigned login = 0; login < BATCH_CALLS; login++) crowd_stranger(&crowd);
        crowd_apply(&crowd);
    }
    cr_assert(is_agent(world, "served"), "a strategy may have it in a value");
    cr_assert(is_agent(world, "there"));
    cr_assert_not(is_agent(world, "gone"));
    cr_assert(core_check(world->core, &error), "%s", error.text);
    agent(world, "gone", "5103", agent_state_ready);
    cr_assert(is_agent(world, "gone"), "who comes back is there again");
    writer_free(&crowd.frames);
    world_free(world);
}

static uint32_t slot_of(struct core_world *world, const char *name)
{
    uint32_t slot;
    cr_assert(agent_find(world->core->agents, names_find(world->core->names, span_of(name)), &slot), "%s", name);
    return slot;
}

/* At once: the fixture's other core does not know it. */
static void sweeps(struct core_world *world)
{
    struct error error;
    world->unchecked = true;
    world->core->agents->sweep_due = 0;
    resync(world, false);
    cr_assert(core_check(world->core, &error), "%s", error.text);
}

static void speaks(struct core_world *world, const char *actor)
{
    world->client = 9;
    world->req++;
    struct writer *writer = world_event(world, LINK, KIND_RequestRecord, 0, 0, 0);
    writer_text(writer, ENVELOPE_actor, actor);
    writer_u(writer, RequestRecord_op, record_op_get);
    world_post(world);
    world->client = 0;
}

Test(core_names, whoever_gets_the_slot_of_a_stranger_has_not_spoken_of_records)
{
    struct core_world *world = world_new();
    agent(world, "teller", "5101", agent_state_ready);
    speaks(world, "teller");
    uint32_t slot = slot_of(world, "teller");
    cr_assert_neq(world->core->record_holders->spoke[slot], 0u);
    agent(world, "teller", "5101", agent_state_logged_out);
    sweeps(world);
    cr_assert_not(is_agent(world, "teller"));
    agent(world, "newcomer", "5101", agent_state_ready);
    cr_assert_eq(slot_of(world, "newcomer"), slot);
    cr_expect_eq(world->core->record_holders->spoke[slot], 0u);
    speaks(world, "newcomer");
    cr_expect_eq(world->core->record_holders->spoke[slot], 1u);
    world_free(world);
}

static void submits(struct core_world *world, const char *actor, const char *id)
{
    world->client = 5;
    world->req++;
    struct writer *writer = world_event(world, LINK, KIND_Submit, 0, 0, 0);
    writer_text(writer, ENVELOPE_actor, actor);
    writer_u(writer, Submit_media, media_email);
    writer_u(writer, Submit_type, submit_type_outbound);
    writer_text(writer, Submit_external_id, id);
    writer_text(writer, Submit_queue, "mail");
    world_post(world);
    world->client = 0;
}

static void leaves(struct core_world *world, const char *name, const char *dn)
{
    agent(world, name, dn, agent_state_logged_out);
    sweeps(world);
}

Test(core_names, a_stranger_who_has_written_an_answer_keeps_the_slot_that_no_review_may_choose)
{
    struct core_world *world = world_new();
    directory(world, table_queue, "mail", (const char *const[]){"name", "mail", NULL});
    commit(world, false);
    agent(world, "writer", "5101", agent_state_ready);
    submits(world, "writer", "<1@example.com>");
    const struct interaction *ix = interaction_by_id(world->core->interactions, world->ixn);
    uint64_t writer = slot_of(world, "writer") + UINT64_C(1);
    leaves(world, "writer", "5101");
    agent(world, "newcomer", "5102", agent_state_ready);
    agent(world, "writer", "5101", agent_state_ready);
    cr_expect_eq(slot_of(world, "writer") + UINT64_C(1), writer);
    cr_expect(exclude_has(world->core->excludes, ix, TYPE_AGENT, writer));
    cr_expect_not(exclude_has(world->core->excludes, ix, TYPE_AGENT, slot_of(world, "newcomer") + UINT64_C(1)));
    world_free(world);
}

Test(core_names, a_stranger_in_whose_workbin_something_is_stays_its_owner)
{
    struct core_world *world = world_new();
    directory(world, table_queue, "mail", (const char *const[]){"name", "mail", NULL});
    commit(world, false);
    submits(world, "", "<1@example.com>");
    agent(world, "owner", "5101", agent_state_ready);
    struct interaction *ix = interaction_by_id(world->core->interactions, world->ixn);
    uint32_t owner = workbin_owner(world->core->interactions, span_of("owner"));
    submitted_put(world->core->submissions, ix, owner, owner);
    leaves(world, "owner", "5101");
    cr_expect_eq(workbin_owner(world->core->interactions, span_of("owner")), owner);
    cr_expect(workbin_open_to(world->core->interactions, owner, slot_of(world, "owner")));
    world_free(world);
}

Test(core_names, strangers_who_are_all_logged_in_fill_only_their_share_of_agents)
{
    struct core_world *world = world_new();
    struct error error;
    struct core_status status;
    char name[32], dn[32];
    world->unchecked = true;
    struct crowd crowd = {.world = world};
    writer_init(&crowd.frames);
    struct agents *agents = world->core->agents;
    uint32_t there = agents->unknown, more = 10;
    while (crowd.numbers < AGENTS_UNKNOWN_MAX - there + more) {
        snprintf(name, sizeof name, "made-up-%u", crowd.numbers);
        snprintf(dn, sizeof dn, "8%u", crowd.numbers++);
        crowd_reports(&crowd, name, dn, agent_state_not_ready);
        if (crowd.count == BATCH_CALLS) crowd_apply(&crowd);
    }
    crowd_apply(&crowd);
    core_status(world->core, &status);
    cr_assert_eq(agents->unknown, AGENTS_UNKNOWN_MAX);
    cr_assert_eq(status.agents_ignored, more, "each is counted");
    agent(world, "newcomer", "5077", agent_state_ready);
    cr_assert_not(is_agent(world, "newcomer"));
    directory(world, table_agent, "newcomer", (const char *const[]){"name", "newcomer", NULL});
    commit(world, false);
    agent(world, "newcomer", "5077", agent_state_ready);
    cr_assert(is_agent(world, "newcomer"), "the site's own agent has room");
    cr_assert(core_check(world->core, &error), "%s", error.text);
    writer_free(&crowd.frames);
    world_free(world);
}

/* A snapshot of before does not tell whose its names are: all but pass by, until something holds them. */
Test(core_names, what_ended_before_an_upgrade_keeps_the_name_of_its_strategy)
{
    struct core_world *world = world_new();
    struct names *names = world->core->names;
    struct error error;
    created(world, CALL);
    route_request(world, CALL, 0);
    deleted(world, CALL);
    const struct ended *ended = record_ended_at(world->core->records, world->core->records->ended_count - 1);
    cr_assert_neq(ended->strategy, 0);
    for (uint32_t name = 1; name < names->count; name++) {
        names->passing += names->entries[name].length != 0 && !names->entries[name].passing;
        names->entries[name].passing = names->entries[name].length != 0;
    }
    names->sweep_due = 0;
    cr_assert(migrations_take(&migrations_here, 12, world->core, &error), "%s", error.text);
    world->unchecked = true;
    agent(world, "anna", "5001", agent_state_ready);
    cr_expect_neq(ended->strategy, 0);
    world_free(world);
}
