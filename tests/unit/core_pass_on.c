/* tests/unit/core_pass_on.c - What stands in a queue of another domain goes there once, and is this domain's until
 * then.
 */
#include <criterion/criterion.h>

#include "runtime/core/base/state.h"
#include "runtime/core/interactions/interaction.h"
#include "runtime/core/interactions/submitted.h"
#include "runtime/core/read/read.h"
#include "runtime/vocabulary/effects_work.h"
#include "runtime/vocabulary/events_site.h"
#include "runtime/vocabulary/events_work.h"
#include "runtime/vocabulary/ident.h"
#include "tests/unit/core_fixture.h"

TestSuite(core_pass_on, .timeout = 60);

static const char *const with_domains[] = {"calls", "sessions", "set_agent", "domains", NULL};
static const char *const without[] = {"calls", "sessions", "set_agent", NULL};

static void comes_up(struct core_world *world, const char *const *caps)
{
    link_up(world, caps);
    resync(world, true);
    resync(world, false);
}

/* Queue `far` is another domain's, and `near` is ours. */
static struct core_world *begin(const char *const *caps)
{
    struct core_world *world = world_new();
    comes_up(world, caps);
    queue_time(world, "near", "handling_s", 60);
    queue_time(world, "far", "elsewhere", 1);
    world_forget(world);
    return world;
}

/* `passed_on`: the id with which it comes from another domain, or "". */
static void submitted(struct core_world *world, const char *id, const char *queue, const char *passed_on)
{
    world->client = 5;
    world->req++;
    struct writer *writer = world_event(world, LINK, KIND_Submit, 0, 0, 0);
    writer_u(writer, Submit_media, media_email);
    writer_u(writer, Submit_type, submit_type_inbound);
    writer_text(writer, Submit_external_id, id);
    writer_text(writer, Submit_queue, queue);
    writer_text(writer, Submit_from, "dupont@example.com");
    if (passed_on[0] != '\0') writer_i(writer, Submit_received, 1000000);
    writer_text(writer, Submit_passed_on, passed_on);
    world_post(world);
    world->client = 0;
}

static bool stands(const struct core_world *world, const char *state, const char *kind, const char *owner)
{
    struct interaction_row row;
    return core_find(world->core, world->ixn, &row) && span_is(row.state, state) && span_is(row.owner_kind, kind) &&
           span_is(row.owner, owner);
}

static bool has_ended_as(const struct core_world *world, const char *outcome)
{
    struct interaction_row row;
    return core_find(world->core, world->ixn, &row) && span_is(row.outcome, outcome) &&
           !interaction_by_id(world->core->interactions, world->ixn);
}

Test(core_pass_on, it_ends_here_once_the_other_domain_has_it)
{
    struct core_world *world = begin(with_domains);
    submitted(world, "<1@example.com>", "far", "");
    expect(world, "Reply ok\nPassOn\n");
    cr_expect(stands(world, "closing", "device", "far"));
    uint64_t ixn = world->ixn;
    uint32_t ref = world->last_ref[KIND_PassOn];
    world->client = 5;
    world->req++;
    writer_text(world_event(world, LINK, KIND_RequestStop, 0, 0, 0), RequestStop_external_id, "<1@example.com>");
    world_post(world);
    world->client = 0;
    expect(world, "Reply locked locked\n");         /* the other domain may have it */
    done(world, ixn, ref + 1, outcome_ok, code_ok); /* of something else */
    cr_expect(stands(world, "closing", "device", "far"));
    done(world, ixn, ref, outcome_ok, code_ok);
    cr_expect(has_ended_as(world, "passed on"));
    done(world, ixn, ref, outcome_ok, code_ok);
    submitted(world, "<1@example.com>", "far", "");
    expect(world, "Reply duplicate duplicate\n"); /* the mail server asks once more */
    world_end(world);
}

Test(core_pass_on, it_goes_out_again_under_the_same_id_when_the_link_comes_back)
{
    struct core_world *world = begin(with_domains);
    submitted(world, "<1@example.com>", "far", "");
    uint32_t ref = world->last_ref[KIND_PassOn];
    link_down(world);
    world_forget(world);
    comes_up(world, with_domains);
    cr_expect_eq(world->last_ref[KIND_PassOn], ref);
    cr_expect(stands(world, "closing", "device", "far"));
    done(world, world->ixn, ref, outcome_ok, code_ok);
    cr_expect(has_ended_as(world, "passed on"));
    world_end(world);
}

Test(core_pass_on, without_a_link_that_can_it_waits_in_its_queue)
{
    struct core_world *world = begin(without);
    submitted(world, "<1@example.com>", "far", "");
    expect(world, "Reply ok\n");
    cr_expect(stands(world, "queued", "queue", "far"));
    link_down(world);
    comes_up(world, with_domains);
    cr_expect(stands(world, "closing", "device", "far"));
    world_end(world);
}

Test(core_pass_on, what_is_refused_is_back_in_its_queue_and_goes_again_under_another_id)
{
    struct core_world *world = begin(with_domains);
    submitted(world, "<1@example.com>", "far", "");
    uint64_t ixn = world->ixn;
    uint32_t ref = world->last_ref[KIND_PassOn];
    done(world, ixn, ref, outcome_error, code_invalid_dn);
    cr_expect(stands(world, "queued", "queue", "far"));
    done(world, ixn, ref, outcome_ok, code_ok); /* late */
    cr_expect(stands(world, "queued", "queue", "far"));
    world_forget(world);
    world_advance(world, 61000000);
    expect(world, "PassOn\n");
    cr_expect_neq(world->last_ref[KIND_PassOn], ref);
    done(world, ixn, ref, outcome_ok, code_ok);
    cr_expect(stands(world, "closing", "device", "far"), "of the first time");
    world_end(world);
}

static void ends(struct core_world *world)
{
    char name[IXN_TEXT];
    (void)ident_print_ixn(world->ixn, name);
    struct writer *writer = world_event(world, SOURCE_ADMIN, KIND_AdminRequest, 0, 0, 0);
    writer_u(writer, AdminRequest_op, admin_op_end);
    writer_text(writer, AdminRequest_name, name);
    world_post(world);
}

Test(core_pass_on, an_administrator_ends_it_unless_the_other_domain_has_it)
{
    struct core_world *world = begin(with_domains);
    submitted(world, "<1@example.com>", "far", "");
    uint64_t first = world->ixn;
    uint32_t ref = world->last_ref[KIND_PassOn];
    world_forget(world);
    ends(world);
    expect(world, "PassOn\nReply ok\n");
    cr_expect_eq(world->last_ref[KIND_PassOn], ref, "the id that it had is wanted back");
    cr_expect(stands(world, "closing", "device", "far"));
    done(world, first, ref, outcome_error, code_gone);
    cr_expect(has_ended_as(world, "stopped"));
    submitted(world, "<2@example.com>", "far", "");
    ref = world->last_ref[KIND_PassOn];
    link_down(world);
    ends(world);
    world_forget(world);
    comes_up(world, with_domains); /* asked when the link is there */
    done(world, world->ixn, ref, outcome_ok, code_ok);
    cr_expect(has_ended_as(world, "passed on"));
    world_end(world);
}

/* A try leaves a row in the database. */
Test(core_pass_on, the_older_it_is_the_longer_the_pause)
{
    struct core_world *world = begin(with_domains);
    submitted(world, "<1@example.com>", "far", "");
    unsigned tries = 1;
    for (unsigned minute = 0; minute < 24 * 60; minute++) {
        uint32_t ref = world->last_ref[KIND_PassOn];
        if (stands(world, "closing", "device", "far")) done(world, world->ixn, ref, outcome_error, code_unavailable);
        world_advance(world, 60000000);
        tries += world->last_ref[KIND_PassOn] != ref;
    }
    cr_expect(tries > 30 && tries < 64, "%u", tries);
    world_end(world);
}

Test(core_pass_on, the_strategy_of_its_queue_works_on_what_was_refused)
{
    struct core_world *world = begin(with_domains);
    world_run(world, program_serving(&(struct serving_program){
                         .media = 1u << media_email, .queue = "near", .answer_s = 10, .exclude_s = 30}));
    queue_time(world, "mail", "elsewhere", 1);
    activate(world, "mail");
    submitted(world, "<1@example.com>", "mail", "");
    cr_expect(stands(world, "closing", "device", "mail"), "first it goes there");
    done(world, world->ixn, world->last_ref[KIND_PassOn], outcome_error, code_invalid_dn);
    cr_expect(stands(world, "routing", "strategy", "enterprise"));
    world_advance(world, 61000000);
    cr_expect(stands(world, "queued", "queue", "near"));
    world_end(world);
}

Test(core_pass_on, a_queue_that_becomes_another_domains_gives_what_waits)
{
    struct core_world *world = begin(with_domains);
    submitted(world, "<1@example.com>", "near", "");
    expect(world, "Reply ok\n");
    queue_time(world, "near", "elsewhere", 1);
    expect(world, "Reply ok\nPassOn\n");
    world_end(world);
}

Test(core_pass_on, what_comes_from_another_domain_comes_once_with_its_age)
{
    struct core_world *world = begin(with_domains);
    world_advance(world, 60000000);
    submitted(world, "<1@example.com>", "near", "");
    submitted(world, "<1@example.com>", "near", "2-000000000007-3");
    expect(world, "Reply ok\nReply ok\n"); /* it went away and has come back: it is another one here */
    submitted(world, "<1@example.com>", "near", "2-000000000007-3");
    expect(world, "Reply duplicate duplicate\n");
    submitted(world, "<1@example.com>", "nowhere", "2-000000000007-4");
    expect(world, "Reply error invalid_dn\n");
    const struct interaction *ix = interaction_by_id(world->core->interactions, UINT64_C(1) << 48 | 2);
    uint64_t waited_us = interaction_extra(world->core->interactions, ix)->late_us;
    cr_expect(waited_us >= 59000000, "elsewhere: %llu", (unsigned long long)waited_us);
    world_end(world);
}

/* The switch brings it to the routing point of the other domain, which has the same switch. */
Test(core_pass_on, a_call_goes_to_the_queues_dn)
{
    struct core_world *world = begin(with_domains);
    queue_time(world, "desk", "elsewhere", 1); /* its DN is its name */
    world_run(world, program_serving(&(struct serving_program){
                         .media = 1u << media_voice, .queue = "desk", .answer_s = 10, .exclude_s = 30}));
    created(world, CALL);
    route_request(world, CALL, 0);
    world_forget(world);
    world_advance(world, 61000000);
    expect(world, "RequestRouteCall desk\n");
    route_used(world, CALL, "desk", route_how_instructed);
    deleted(world, CALL);
    cr_expect(has_ended_as(world, "queued"));
    world_free(world);
}
