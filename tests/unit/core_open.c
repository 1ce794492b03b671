/* tests/unit/core_open.c - E-mail: submitted, parked, offered, answered, handed on, and stopped; flow M1. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "vm/steps.h"
#include "vm/bin_view.h"
#include "runtime/core/base/state.h"
#include "runtime/core/base/timer.h"
#include "runtime/core/interactions/interaction.h"
#include "runtime/core/base/record.h"
#include "runtime/core/interactions/submitted.h"
#include "runtime/core/interactions/userdata.h"
#include "runtime/core/interactions/workbin.h"
#include "runtime/core/people/agent.h"
#include "runtime/core/people/claim.h"
#include "runtime/core/queues/ageing.h"
#include "runtime/core/read/read.h"
#include "runtime/core/run/reply.h"
#include "runtime/vocabulary/effects_work.h"
#include "runtime/vocabulary/events_agent.h"
#include "runtime/vocabulary/events_host.h"
#include "runtime/vocabulary/events_link.h"
#include "runtime/vocabulary/events_work.h"
#include "runtime/vocabulary/ident.h"
#include "tests/unit/core_open_fixture.h"

TestSuite(core_open, .timeout = 60);

/* If the agent does not take it, it goes into the queue `desk`; `fails`: into one that does not exist. */
static struct image *serving(bool fails)
{
    return program_serving(
        &(struct serving_program){.media = 1u << media_email, .queue = fails ? "nowhere" : "desk", .answer_s = 30});
}

/* Sends it on, and stops. */
static struct image *forwarding(void)
{
    struct image_writer *w = image_writer_new();
    uint16_t strategy = writer_strategy(w, "enterprise", 1u << media_email, INT64_C(2592000000000));
    uint16_t body = writer_function_begin(w, "enterprise", FUNCTION_STRATEGY, strategy, 0, TYPE_VOID);
    writer_wait_begin(w, NULL);
    writer_wait_argument(w, PARAMETER_email_forward_to, program_text(w, "partner@example.org"));
    writer_wait_timeout(w, SECONDS(w, 30));
    writer_step(w, STEP_ID_email_forward, REGISTER_NONE);
    program_stop(w, program_text(w, "forwarded"));
    writer_function_end(w);
    writer_strategy_functions(w, strategy, body, IMAGE_NONE, IMAGE_NONE);
    return program_loaded(w);
}

static struct core_world *begin(void)
{
    return begin_with(serving(false));
}

Test(core_open, m1_a_mail_is_acknowledged_parked_offered_and_taken)
{
    struct core_world *world = begin();
    comes(world, "<1@example.com>", "mail");
    expect(world, "Reply ok\n"); /* 2, 3: only then the mail server hears that the mail is here */
    cr_expect(is_owned(world, "routing", "strategy", "enterprise"));
    agent(world, "marie", "7001", agent_state_ready);
    expect(world, "Invite\n"); /* 4: claim, offer */
    answers(world, 1, true);
    expect(world, "Reply ok\n");
    cr_expect(is_owned(world, "handling", "agent", "marie"));
    cr_expect_eq(submitted_bin(world->core->submissions, names_find(world->core->names, span_of("mail")), 0)->count,
                 0u);
    world_end(world);
}

/* The directory says that the queue `desk` is at 5000, where the strategy stands. */
Test(core_open, a_queue_runs_the_strategy_of_its_dn_and_rather_the_one_of_its_name)
{
    struct core_world *world = begin();
    comes(world, "<1@example.com>", "desk");
    cr_expect(is_owned(world, "queued", "queue", "desk"));
    activate(world, "5000");
    comes(world, "<2@example.com>", "desk");
    cr_expect(is_owned(world, "routing", "strategy", "enterprise"));
    cr_expect_eq(only(world)->dn, names_find(world->core->names, span_of("5000")));
    activate(world, "desk");
    comes(world, "<3@example.com>", "desk");
    cr_expect_eq(only(world)->dn, names_find(world->core->names, span_of("desk")));
    world_end(world);
}

Test(core_open, a_queue_whose_strategy_is_for_other_media_tells_of_each_that_comes)
{
    struct core_world *world = begin_with(parking_for(media_chat, 60));
    struct last_row row;
    cr_expect_not(core_unfit(world->core, &row));
    comes(world, "<1@example.com>", "mail");
    cr_expect(is_owned(world, "queued", "queue", "mail"));
    cr_assert(core_unfit(world->core, &row));
    cr_expect(row.count == 1 && row.ixn == world->ixn && span_is(row.name, "mail"));
    comes(world, "<2@example.com>", "desk");
    cr_assert(core_unfit(world->core, &row));
    cr_expect_eq(row.count, 1u, "a queue without a strategy is people's");
    world_end(world);
}

Test(core_open, what_was_asked_of_a_link_that_went_is_asked_again_under_its_key)
{
    static const char *const caps[] = {"stateless", "keyed", NULL};
    struct core_world *world = begin_with(forwarding());
    comes(world, "<1@example.com>", "mail");
    expect(world, "Reply ok\nSendMessage automatic=forward\n");
    uint32_t ref = world->last_ref[KIND_SendMessage];
    writer_u(world_event(world, SOURCE_HOST, KIND_LinkDown, 0, 0, 0), LinkDown_link, LINK);
    world_post(world);
    link_up(world, caps);
    resync(world, true);
    world_forget(world);
    resync(world, false);
    expect(world, "SendMessage automatic=forward\n");
    cr_expect_eq(world->last_ref[KIND_SendMessage], ref);
    world_end(world);
}

Test(core_open, the_same_external_id_is_the_same_interaction)
{
    struct core_world *world = begin();
    comes(world, "<1@example.com>", "mail");
    uint64_t first = world->ixn;
    world_forget(world);
    comes(world, "<1@example.com>", "mail");
    expect(world, "Reply duplicate duplicate\n");
    cr_expect_eq(world->ixn, first);
    comes(world, "<2@example.com>", "mail");
    expect(world, "Reply ok\n");
    cr_expect_neq(world->ixn, first);
    world_end(world);
}

Test(core_open, what_is_written_to_no_address_is_written_to_its_queue)
{
    struct core_world *world = begin();
    comes(world, "<1@example.com>", "mail");
    cr_expect(span_is(interaction_system(world->core->interactions, only(world), 2), "service@example.org"));
    comes_to(world, "<2@example.com>", "mail", NULL);
    cr_expect(span_is(interaction_system(world->core->interactions, only(world), 2), "mail"));
    world_end(world);
}

Test(core_open, a_queue_that_nobody_knows_is_refused)
{
    struct core_world *world = begin();
    comes(world, "<1@example.com>", "elsewhere");
    expect(world, "Reply error invalid_dn\n");
    comes(world, "", "mail");
    expect(world, "Reply error invalid_attribute\n");
    world_end(world);
}

Test(core_open, an_offer_that_is_declined_or_not_answered_leaves_the_step_by_its_exit)
{
    struct core_world *world = begin();
    agent(world, "marie", "7001", agent_state_ready);
    world_forget(world);
    comes(world, "<1@example.com>", "mail");
    expect(world, "Reply ok\nInvite\n");
    answers(world, 1, false);
    expect(world, "Reply ok\n");
    cr_expect(is_owned(world, "queued", "queue", "desk"));
    comes(world, "<2@example.com>", "mail");
    expect(world, "Reply ok\nInvite\n");
    world_advance(world, 31000000);
    expect(world, "Withdraw\nSetAgentState marie not_ready\n");
    cr_expect(is_owned(world, "queued", "queue", "desk"));
    answers(world, 2, true);
    expect(world, "Reply error taken\n");
    cr_expect_eq(submitted_bin(world->core->submissions, names_find(world->core->names, span_of("desk")), 0)->count,
                 2u);
    world_end(world);
}

Test(core_open, a_strategy_that_fails_leaves_the_mail_in_its_queue)
{
    struct core_world *world = begin_with(serving(true));
    comes(world, "<1@example.com>", "mail");
    world_advance(world, 61000000);
    cr_expect(is_owned(world, "queued", "queue", "mail"));
    cr_expect(!only(world)->running);
    world_end(world);
}

Test(core_open, a_mail_comes_back_from_an_agent_who_does_not_work_on_it_or_logs_out)
{
    struct core_world *world = begin();
    agent(world, "marie", "7001", agent_state_ready);
    comes(world, "<1@example.com>", "mail");
    answers(world, 1, true);
    agent(world, "marie", "7001", agent_state_not_ready);
    world_forget(world);
    world_advance(world, UINT64_C(10800000000) + 1000000);
    cr_expect(is_owned(world, "routing", "strategy", "enterprise"));
    agent(world, "marie", "7001", agent_state_ready);
    world_forget(world);
    answers(world, 2, true);
    cr_expect(is_owned(world, "handling", "agent", "marie"));
    agent(world, "marie", "7001", agent_state_logged_out);
    world_advance(world, 1000000);
    cr_expect(is_owned(world, "routing", "strategy", "enterprise"));
    cr_expect_eq(world->core->claims->debited, world->core->claims->credited);
    world_end(world);
}

/* ---- what people ask for ---- */

static void pulls(struct core_world *world, const char *actor, const char *queue, unsigned count)
{
    struct writer *writer = asks(world, actor, KIND_RequestPull, 0);
    writer_text(writer, RequestPull_queue, queue);
    writer_u(writer, RequestPull_count, count);
    world_post(world);
    world->client = 0;
}

/* Marie has a mail that was in the queue `desk`, which has no strategy. */
static struct core_world *with_marie(uint64_t *ixn)
{
    struct core_world *world = begin();
    agent(world, "marie", "7001", agent_state_ready);
    agent(world, "paul", "7002", agent_state_ready);
    comes(world, "<1@example.com>", "desk");
    *ixn = world->ixn;
    world_forget(world);
    pulls(world, "marie", "desk", 5);
    expect(world, "Reply ok\nInvite\n");
    world->ixn = *ixn;
    cr_assert(is_owned(world, "handling", "agent", "marie"));
    return world;
}

Test(core_open, who_pulls_gets_the_first_that_are_free)
{
    struct core_world *world = begin();
    agent(world, "marie", "7001", agent_state_ready);
    for (unsigned i = 0; i < 3; i++) {
        char id[20];
        (void)snprintf(id, sizeof id, "<%u@example.com>", i);
        comes(world, id, "desk");
    }
    world_forget(world);
    pulls(world, "marie", "desk", 2);
    expect(world, "Reply ok\nInvite\nInvite\n");
    pulls(world, "marie", "desk", 2);
    expect(world, "Reply ok\nInvite\n");
    pulls(world, "marie", "desk", 2);
    expect(world, "Reply ok\n"); /* nothing is left */
    pulls(world, "nobody", "desk", 2);
    expect(world, "Reply error not_logged_in\n");
    world_end(world);
}

Test(core_open, what_a_strategy_works_on_is_locked)
{
    struct core_world *world = begin();
    comes(world, "<1@example.com>", "mail");
    uint64_t ixn = world->ixn;
    agent(world, "jean", "7003", agent_state_not_ready);
    world_forget(world);
    moves(world, "jean", ixn, move_Place, move_to_queue, "desk");
    expect(world, "Reply locked locked\n");
    stops(world, "jean", ixn);
    expect(world, "Reply locked locked\n");
    struct writer *writer = asks(world, "jean", KIND_RequestPull, 0);
    writer_list_begin(writer, RequestPull_ids);
    writer_list_u(writer, ixn);
    writer_list_end(writer);
    world_post(world);
    expect(world, "Reply locked locked\n");
    world_end(world);
}

Test(core_open, a_transfer_leaves_it_with_the_first_agent_until_the_second_accepts)
{
    uint64_t ixn;
    struct core_world *world = with_marie(&ixn);
    moves(world, "marie", ixn, move_Transfer, move_to_agent, "paul");
    expect(world, "Reply ok\nInvite\n");
    answers(world, 2, false);
    expect(world, "Reply ok\nNotify OfferRefused marie agent=paul reason=rejected\n");
    cr_expect(is_owned(world, "handling", "agent", "marie"));
    moves(world, "marie", ixn, move_Transfer, move_to_agent, "paul");
    expect(world, "Reply ok\nInvite\n");
    answers(world, 3, true);
    expect(world, "Reply ok\nWithdraw\n");
    cr_expect(is_owned(world, "handling", "agent", "paul"));
    cr_expect_eq(world->core->claims->debited, world->core->claims->credited + 1);
    moves(world, "marie", ixn, move_Leave, move_to_other, "");
    expect(world, "Reply error no_privilege\n");
    world_end(world);
}

Test(core_open, an_offer_that_no_page_showed_is_told_as_unreached)
{
    uint64_t ixn;
    struct core_world *world = with_marie(&ixn);
    moves(world, "marie", ixn, move_Transfer, move_to_agent, "paul");
    expect(world, "Reply ok\nInvite\n");
    struct writer *writer = world_event(world, LINK, KIND_EventDone, ixn, world->last_ref[KIND_Invite], 0);
    writer_u(writer, EventDone_outcome, outcome_error);
    writer_u(writer, EventDone_code, code_unreached);
    world_post(world);
    expect(world, "Notify OfferRefused marie agent=paul reason=unreached\n");
    cr_expect(is_owned(world, "handling", "agent", "marie"));
    moves(world, "marie", ixn, move_Transfer, move_to_agent, "paul");
    world_forget(world);
    world_advance(world, UINT64_C(120000000));
    cr_expect(strstr(world->trace, "Notify OfferRefused marie agent=paul reason=no_answer"), "%s", world->trace);
    moves(world, "marie", ixn, move_Transfer, move_to_agent, "paul");
    world_forget(world);
    agent(world, "paul", "7002", agent_state_logged_out);
    cr_expect(strstr(world->trace, "Notify OfferRefused marie agent=paul reason=out_of_service"), "%s", world->trace);
    cr_expect(is_owned(world, "handling", "agent", "marie"));
    world_end(world);
}

Test(core_open, who_joins_stays_when_the_owner_leaves_and_the_last_one_brings_it_back)
{
    uint64_t ixn;
    struct core_world *world = with_marie(&ixn);
    moves(world, "marie", ixn, move_Conference, move_to_agent, "paul");
    answers(world, 2, true);
    expect(world, "Reply ok\nInvite\nReply ok\nNotify PartyAdded marie agent=paul\n");
    moves(world, "marie", ixn, move_Leave, move_to_other, "");
    cr_expect(is_owned(world, "handling", "agent", "paul"));
    moves(world, "paul", ixn, move_Leave, move_to_other, "");
    expect(world, "Reply ok\nInvite\nReply ok\n"); /* paul is shown that he has it now */
    cr_expect(is_owned(world, "queued", "queue", "desk"));
    world_end(world);
}

Test(core_open, a_workbin_keeps_it_for_its_owner)
{
    uint64_t ixn;
    struct core_world *world = with_marie(&ixn);
    moves(world, "marie", ixn, move_Place, move_to_workbin, "drafts");
    expect(world, "Reply ok\n");
    cr_expect(is_owned(world, "queued", "workbin", "drafts"));
    struct writer *writer = asks(world, "marie", KIND_RequestPull, 0);
    writer_text(writer, RequestPull_workbin, "drafts");
    world_post(world);
    expect(world, "Reply ok\nInvite\n");
    cr_expect(is_owned(world, "handling", "agent", "marie"));
    world_advance(world, UINT64_C(10800000000) + 1000000);
    expect(world, "Withdraw\n");
    cr_expect(is_owned(world, "queued", "workbin", "drafts"));
    world_end(world);
}

/* ---- parked for a time ---- */

#define HOUR_US UINT64_C(3600000000)

/* Parked for four hours; marie is there. */
static struct core_world *with_parked(void)
{
    struct core_world *world = begin_with(parking(4 * 3600));
    agent(world, "marie", "7001", agent_state_not_ready);
    comes(world, "<1@example.com>", "mail");
    world_forget(world);
    cr_assert(is_owned(world, "queued", "workbin", "drafts"));
    return world;
}

static void pulls_parked(struct core_world *world, const char *actor)
{
    struct writer *writer = asks(world, actor, KIND_RequestPull, 0);
    writer_text(writer, RequestPull_workbin, "drafts");
    writer_text(writer, RequestPull_whose, WORKBIN_OF_ALL);
    world_post(world);
    world->client = 0;
}

Test(core_open, what_is_parked_comes_back_when_its_time_is_over)
{
    struct core_world *world = with_parked();
    cr_expect_eq(submitted_back_us(world->core->submissions, only(world)), world->core->now->time_us + 4 * HOUR_US);
    world_advance(world, 4 * HOUR_US - 1000000);
    cr_expect_eq(begun(world), 1u);
    world_advance(world, 1000000);
    cr_expect_eq(begun(world), 2u); /* and it is parked again */
    cr_expect(is_owned(world, "queued", "workbin", "drafts"));
    world_advance(world, 4 * HOUR_US);
    cr_expect_eq(begun(world), 3u);
    world_end(world);
}

Test(core_open, whoever_takes_what_is_parked_stops_its_time_and_it_goes_on_where_they_leave)
{
    struct core_world *world = with_parked();
    queue_time(world, "drafts", "handling_s", 86400);
    world_advance(world, HOUR_US);
    pulls_parked(world, "marie");
    world_advance(world, HOUR_US);
    agent(world, "marie", "7001", agent_state_logged_out);
    cr_expect(is_owned(world, "queued", "workbin", "drafts"));
    world_advance(world, 2 * HOUR_US - 1000000);
    cr_expect_eq(begun(world), 0u);
    world_advance(world, 1000000);
    cr_expect_eq(begun(world), 1u);
    agent(world, "marie", "7001", agent_state_not_ready);
    pulls_parked(world, "marie");
    world_advance(world, 2 * HOUR_US);
    moves(world, "marie", world->ixn, move_Hold, move_to_other, "");
    world_advance(world, 12 * HOUR_US); /* for which time it may rest */
    cr_expect(is_owned(world, "handling", "agent", "marie"));
    moves(world, "marie", world->ixn, move_Leave, move_to_other, "");
    world_advance(world, 1);
    cr_expect_eq(begun(world), 1u); /* its time was over meanwhile */
    world_end(world);
}

Test(core_open, whoever_puts_it_into_a_workbin_by_hand_lets_it_lie_there)
{
    struct core_world *world = with_parked();
    pulls_parked(world, "marie");
    moves(world, "marie", world->ixn, move_Place, move_to_workbin, "drafts");
    world_advance(world, 48 * HOUR_US);
    cr_expect(is_owned(world, "queued", "workbin", "drafts"));
    cr_expect_eq(begun(world), 0u);
    world_end(world);
}

Test(core_open, what_is_offered_when_its_time_is_over_comes_back_when_that_is_refused)
{
    struct core_world *world = with_parked();
    queue_time(world, "drafts", "offer_s", 7200);
    agent(world, "paul", "7002", agent_state_ready);
    world_advance(world, 4 * HOUR_US - 1000000);
    moves(world, "marie", world->ixn, move_Transfer, move_to_agent, "paul");
    cr_assert_neq(only(world)->claims, CLAIM_NONE);
    world_advance(world, 2000000);
    cr_expect(is_owned(world, "queued", "queue", "mail"));
    cr_expect_eq(begun(world), 1u);
    answers(world, 1, false);
    world_advance(world, 1);
    cr_expect_eq(begun(world), 2u);
    world_end(world);
}

Test(core_open, what_is_parked_stays_in_its_workbin_when_its_queue_was_deleted)
{
    struct core_world *world = with_parked();
    commit(world, true); /* without a queue */
    world_advance(world, 4 * HOUR_US);
    cr_expect(is_owned(world, "queued", "workbin", "drafts"));
    cr_expect_eq(submitted_back_us(world->core->submissions, only(world)), 0u);
    cr_expect(has_line(world, "Stays in its workbin: there is no queue mail"));
    pulls_parked(world, "marie");
    cr_expect(is_owned(world, "handling", "agent", "marie"));
    world_end(world);
}

Test(core_open, what_is_parked_for_no_time_does_not_go_round_at_once_for_ever)
{
    struct core_world *world = begin_with(parking(0));
    comes(world, "<1@example.com>", "mail");
    world_advance(world, 1000000);
    cr_expect_eq(begun(world), 8u);
    world_advance(world, 60000000);
    cr_expect_eq(begun(world), 9u);
    world_end(world);
}

/* The administration lets the agent look on. */
static void monitors(struct core_world *world, const char *actor, uint64_t ixn)
{
    writer_u(asks_from(world, SOURCE_ADMIN, actor, KIND_RequestMove, ixn), RequestMove_how, move_Monitor);
    world_post(world);
    world->client = 0;
}

/* The administration puts it into a queue. */
static void places(struct core_world *world, uint64_t ixn, const char *queue)
{
    struct writer *writer = asks_from(world, SOURCE_ADMIN, "", KIND_RequestMove, ixn);
    writer_u(writer, RequestMove_how, move_Place);
    writer_u(writer, RequestMove_to, move_to_queue);
    writer_text(writer, RequestMove_name, queue);
    world_post(world);
    world->client = 0;
}

Test(core_open, a_supervisor_takes_it_away_with_notice_and_who_looks_on_is_told)
{
    uint64_t ixn;
    struct core_world *world = with_marie(&ixn);
    monitors(world, "paul", ixn);
    expect(world, "Reply ok\nInvite\n");
    moves(world, "paul", ixn, move_Place, move_to_queue, "mail");
    expect(world, "Reply error no_privilege\n"); /* who looks on has not got it */
    places(world, ixn, "mail");
    expect(world, "Reply ok\nWithdraw\nWithdraw\n");
    world_advance(world, 1);
    cr_expect(is_owned(world, "routing", "strategy", "enterprise"));
    world_end(world);
}

Test(core_open, the_agent_who_has_it_stops_it_and_its_id_is_remembered)
{
    uint64_t ixn;
    struct core_world *world = with_marie(&ixn);
    stops(world, "marie", ixn);
    expect(world, "Reply ok\n");
    cr_expect_null(interaction_by_id(world->core->interactions, ixn));
    comes(world, "<1@example.com>", "desk");
    expect(world, "Reply duplicate duplicate\n");
    cr_expect_eq(world->ixn, ixn);
    stops(world, "marie", ixn);
    expect(world, "Reply error gone\n");
    world_end(world);
}

Test(core_open, a_switch_is_told_nothing_of_a_queue_of_mails)
{
    struct core_world *world = begin();
    activate(world, "other");
    expect(world, "Reply ok\n"); /* and no Configure, though the link has calls */
    world_end(world);
}

Test(core_open, who_has_not_got_it_neither_takes_nor_stops_nor_watches_it)
{
    uint64_t ixn;
    struct core_world *world = with_marie(&ixn);
    moves(world, "paul", ixn, move_Place, move_to_queue, "mail");
    moves(world, "paul", ixn, move_Transfer, move_to_queue, "mail");
    moves(world, "paul", ixn, move_Monitor, move_to_other, "");
    moves(world, "marie", ixn, move_Monitor, move_to_other, "");
    stops(world, "paul", ixn);
    expect(world, "Reply error no_privilege\nReply error no_privilege\nReply error no_privilege\n"
                  "Reply error no_privilege\nReply error no_privilege\n");
    cr_expect(is_owned(world, "handling", "agent", "marie"));
    moves(world, "marie", ixn, move_Place, move_to_queue, "desk");
    moves(world, "paul", ixn, move_Place, move_to_workbin, "drafts"); /* now it is free */
    expect(world, "Reply ok\nReply ok\n");
    world_end(world);
}

Test(core_open, what_is_in_a_workbin_is_its_owners)
{
    uint64_t ixn;
    struct core_world *world = with_marie(&ixn);
    moves(world, "marie", ixn, move_Place, move_to_workbin, "drafts");
    world_forget(world);
    struct writer *writer = asks(world, "paul", KIND_RequestPull, 0);
    writer_text(writer, RequestPull_workbin, "drafts");
    writer_text(writer, RequestPull_whose, "marie");
    world_post(world);
    expect(world, "Reply error no_privilege\n");
    writer = asks(world, "paul", KIND_RequestPull, 0);
    writer_list_begin(writer, RequestPull_ids);
    writer_list_u(writer, ixn);
    writer_list_end(writer);
    world_post(world);
    expect(world, "Reply error no_privilege\n");
    moves(world, "paul", ixn, move_Place, move_to_queue, "desk");
    moves(world, "paul", ixn, move_Transfer, move_to_agent, "paul");
    stops(world, "paul", ixn);
    expect(world, "Reply error no_privilege\nReply error no_privilege\nReply error no_privilege\n");
    cr_expect(is_owned(world, "queued", "workbin", "drafts"));
    world_end(world);
}

Test(core_open, how_long_a_strategy_may_work_on_it_says_its_queue)
{
    struct core_world *world = begin();
    queue_time(world, "mail", "routing_s", 20);
    comes(world, "<1@example.com>", "mail");
    world_forget(world);
    world_advance(world, UINT64_C(19000000));
    cr_expect(is_owned(world, "routing", "strategy", "enterprise"));
    world_advance(world, UINT64_C(2000000));
    cr_expect(is_owned(world, "queued", "queue", "mail")); /* back where it came from, for a person */
    cr_expect_not(only(world)->running);
    agent(world, "marie", "7001", agent_state_not_ready);
    world_forget(world);
    pulls(world, "marie", "mail", 1);
    expect(world, "Reply ok\nInvite\n");
    cr_expect(is_owned(world, "handling", "agent", "marie"));
    world_end(world);
}

/* The desk's, or the administration's, with the priority and one pair. */
static void changes(struct core_world *world, unsigned source, bool supervises, uint64_t ixn, int64_t priority)
{
    struct kv pairs;
    struct writer *writer = asks_from(world, source, "anna", KIND_RequestUserData, ixn);
    kv_init(&pairs);
    kv_put_int(&pairs, "priority", priority);
    kv_put_time(&pairs, "due", INT64_C(1800000000000000));
    kv_put_text(&pairs, "topic", span_of("claim"));
    writer_u(writer, RequestUserData_op, data_op_ChangeProperties);
    writer_kv(writer, RequestUserData_pairs, &pairs);
    writer_u(writer, RequestUserData_supervises, supervises);
    kv_free(&pairs);
    world_post(world);
    world->client = 0;
}

Test(core_open, a_supervisor_changes_priority_due_time_and_data_of_what_is_parked)
{
    struct core_world *world = begin();
    comes(world, "<1@example.com>", "desk");
    uint64_t first = world->ixn;
    comes(world, "<2@example.com>", "desk");
    uint64_t second = world->ixn;
    agent(world, "marie", "7001", agent_state_not_ready);
    world_forget(world);
    changes(world, LINK, false, second, 5);
    expect(world, "Reply error no_privilege\n");
    changes(world, LINK, true, second, 5);
    expect(world, "Reply ok\n");
    const struct block *block =
        block_at(world->core->slab, interaction_by_id(world->core->interactions, second)->block);
    cr_expect_eq(block->priority, 5);
    cr_expect_eq(block_system(block, 4), UINT64_C(1800000000000000));
    cr_expect(data_is(world, second, "topic", "claim"));
    pulls(world, "marie", "desk", 1); /* it is the first now */
    expect(world, "Reply ok\nInvite\n");
    world->ixn = second;
    cr_expect(is_owned(world, "handling", "agent", "marie"));
    changes(world, SOURCE_ADMIN, false, first, 9);
    expect(world, "Reply ok\n");
    world_end(world);
}

Test(core_open, what_a_strategy_works_on_has_its_properties_from_the_strategy)
{
    struct core_world *world = begin();
    comes(world, "<1@example.com>", "mail");
    world_forget(world);
    changes(world, SOURCE_ADMIN, false, world->ixn, 5);
    expect(world, "Reply locked locked\n");
    cr_expect_eq(block_at(world->core->slab, only(world)->block)->priority, 0);
    world_end(world);
}

static void pulls_from(struct core_world *world, const char *actor, const char *whose)
{
    struct writer *writer = asks(world, actor, KIND_RequestPull, 0);
    writer_text(writer, RequestPull_workbin, "drafts");
    writer_text(writer, RequestPull_whose, whose);
    world_post(world);
    world->client = 0;
}

/* How many items the agent sees there. */
static uint32_t seen(const struct core_world *world, const char *asker, const char *whose)
{
    struct kv into;
    struct kv_value count = {.tag = KV_NONE};
    kv_init(&into);
    core_view(
        world->core,
        &(struct view_asked){
            .object = object_workbin, .name = span_of("drafts"), .whose = span_of(whose), .asker = span_of(asker)},
        &into);
    bool has = kv_get(kv_span(&into), "count", &count);
    kv_free(&into);
    return has ? (uint32_t)count.word : 0;
}

Test(core_open, a_groups_workbin_is_open_to_its_members_and_one_of_all_to_everybody)
{
    uint64_t ixn;
    struct core_world *world = with_marie(&ixn);
    directory(world, table_group_member, "readers/paul",
              (const char *const[]){"group", "readers", "agent", "paul", NULL});
    commit(world, false);
    world_forget(world);
    puts_into(world, "marie", ixn, "readers");
    expect(world, "Reply ok\n");
    cr_expect(is_owned(world, "queued", "workbin", "drafts"));
    cr_expect_eq(seen(world, "marie", "readers"), 0u);
    cr_expect_eq(seen(world, "paul", "readers"), 1u);
    cr_expect_eq(seen(world, "", "readers"), 1u);
    pulls_from(world, "marie", "readers");
    expect(world, "Reply error no_privilege\n");
    pulls_from(world, "paul", "readers");
    expect(world, "Reply ok\nInvite\n");
    puts_into(world, "paul", ixn, WORKBIN_OF_ALL);
    expect(world, "Reply ok\n");
    cr_expect_eq(seen(world, "marie", WORKBIN_OF_ALL), 1u);
    pulls_from(world, "marie", WORKBIN_OF_ALL);
    expect(world, "Reply ok\nInvite\n");
    puts_into(world, "marie", ixn, "nobody");
    expect(world, "Reply error invalid_destination\n");
    cr_expect(is_owned(world, "handling", "agent", "marie"));
    world_end(world);
}

Test(core_open, where_an_agent_and_a_group_have_one_name_the_workbin_is_the_agents)
{
    uint64_t ixn;
    struct core_world *world = with_marie(&ixn);
    directory(world, table_group_member, "marie/paul", (const char *const[]){"group", "marie", "agent", "paul", NULL});
    commit(world, false);
    puts_into(world, "marie", ixn, "marie");
    world_forget(world);
    pulls_from(world, "paul", "marie");
    expect(world, "Reply error no_privilege\n");
    pulls_from(world, "marie", "marie");
    expect(world, "Reply ok\nInvite\n");
    world_end(world);
}

Test(core_open, who_can_have_no_more_is_told_so_when_pulling)
{
    struct core_world *world = begin();
    agent(world, "marie", "7001", agent_state_ready);
    comes(world, "<1@example.com>", "desk");
    comes(world, "<2@example.com>", "desk");
    world_forget(world);
    uint32_t marie;
    cr_assert(agent_find(world->core->agents, names_find(world->core->names, span_of("marie")), &marie));
    world->unchecked = true;
    agent_set_claimed(world->core->agents, marie, UINT16_MAX - 1);
    pulls(world, "marie", "desk", 2);
    expect(world, "Reply ok\nInvite\n");
    pulls(world, "marie", "desk", 2);
    expect(world, "Reply error busy\n");
    world_free(world);
}

Test(core_open, a_strategy_begins_at_once_again_when_an_agent_has_had_it)
{
    struct core_world *world = begin();
    agent(world, "marie", "7001", agent_state_ready);
    comes(world, "<1@example.com>", "mail");
    uint64_t ixn = world->ixn;
    for (uint64_t claim = 1; claim <= 12; claim++) {
        world->ixn = ixn;
        cr_assert(is_owned(world, "routing", "strategy", "enterprise"), "at the %dth time", (int)claim);
        answers(world, claim, true);
        moves(world, "marie", ixn, move_Leave, move_to_other, "");
        world_advance(world, 1);
        world_forget(world);
    }
    world_end(world);
}

Test(core_open, a_routing_point_that_gets_a_strategy_for_mails_is_idle_at_the_switch)
{
    static const char *const caps[] = {"calls", NULL};
    struct core_world *world = begin();
    activate(world, "1800"); /* which had one for calls */
    expect(world, "Configure 1800 idle\nReply ok\n");
    activate(world, "1800");
    expect(world, "Reply ok\n");
    link_down(world);
    link_up(world, caps); /* it may have missed that */
    expect(world, "Configure 1800 idle\nResync\n");
    world_end(world);
}

/* ---- a supervisor and a strategy want the same mail ---- */

enum { WANTS = 6 };

static void supervised(struct core_world *world, uint64_t ixn, enum move how, enum move_to to, const char *name)
{
    struct writer *writer = asks(world, "jean", KIND_RequestMove, ixn);
    writer_u(writer, RequestMove_how, how);
    writer_u(writer, RequestMove_to, to);
    writer_text(writer, RequestMove_name, name);
    writer_u(writer, RequestMove_supervises, 1);
    world_post(world);
    world->client = 0;
}

static void pulls_it(struct core_world *world, uint64_t ixn)
{
    struct writer *writer = asks(world, "jean", KIND_RequestPull, 0);
    writer_list_begin(writer, RequestPull_ids);
    writer_list_u(writer, ixn);
    writer_list_end(writer);
    world_post(world);
    world->client = 0;
}

/* A mail waits for days for somebody who can; a supervisor puts it elsewhere, and no agent may. Once an agent is chosen
 * it is locked. */
Test(core_open, a_supervisor_takes_a_mail_out_of_a_wait)
{
    struct core_world *world = begin();
    comes(world, "<1@example.com>", "mail");
    uint64_t ixn = world->ixn;
    agent(world, "jean", "7003", agent_state_not_ready);
    world_forget(world);
    moves(world, "jean", ixn, move_Place, move_to_workbin, "drafts");
    expect(world, "Reply locked locked\n");
    supervised(world, ixn, move_Place, move_to_queue, "nowhere");
    expect(world, "Reply error invalid_destination\n");
    cr_expect(only(world)->running, "it waits on where it was");
    supervised(world, ixn, move_Monitor, move_to_other, "");
    expect(world, "Reply locked locked\n");
    supervised(world, ixn, move_Place, move_to_queue, "desk");
    cr_expect(strstr(world->trace, "Reply ok\n"), "%s", world->trace);
    cr_expect(!only(world)->running && only(world)->state == IX_QUEUED);
    agent(world, "marie", "7001", agent_state_ready);
    world_forget(world);
    pulls_it(world, ixn);
    expect(world, "Reply ok\nInvite\n");
    comes(world, "<2@example.com>", "mail");
    world_forget(world);
    supervised(world, world->ixn, move_Place, move_to_queue, "desk");
    expect(world, "Reply locked locked\n"); /* Marie is asked */
    world_end(world);
}

/* The supervisor's requests are 0 to 2; the others let the strategy go on. */
static void happens(struct core_world *world, uint64_t ixn, unsigned what)
{
    switch (what) {
    case 0:
        pulls_it(world, ixn);
        return;
    case 1:
        supervised(world, ixn, move_Place, move_to_workbin, "drafts");
        return;
    case 2:
        stops(world, "jean", ixn);
        return;
    case 3:
        agent(world, "marie", "7001", agent_state_ready);
        return;
    case 4:
        answers(world, world->core->claims->last_id & 0xffffffff, true);
        return;
    default:
        world_advance(world, 61000000); /* the strategy gives up */
    }
}

/* While the strategy works, the supervisor is told so and nothing changes; otherwise the mail has one owner, or has
 * ended. */
static void is_fair(struct core_world *world, uint64_t ixn, unsigned what)
{
    const struct interaction *ix = interaction_by_id(world->core->interactions, ixn);
    bool there = ix != NULL, waits = ix && ix->claims == CLAIM_NONE && !interaction_awaits(ix);
    bool locked = ix && ix->running && !(what == 1 && waits); /* it may be taken out of a wait */
    unsigned before = there ? ix->owner_kind : 0, state = there ? ix->state : 0;
    world_forget(world);
    happens(world, ixn, what);
    if (what > 2) return;
    cr_expect_eq(strstr(world->trace, "Reply locked locked\n") != NULL, locked);
    ix = interaction_by_id(world->core->interactions, ixn);
    if (!locked) return;
    cr_assert(ix && ix->running);
    cr_expect(ix->owner_kind == before && ix->state == state);
}

static void in_order(const unsigned order[WANTS])
{
    struct core_world *world = begin();
    agent(world, "jean", "7003", agent_state_not_ready);
    comes(world, "<1@example.com>", "mail");
    uint64_t ixn = world->ixn;
    for (unsigned at = 0; at < WANTS; at++) is_fair(world, ixn, order[at]);
    const struct interaction *ix = interaction_by_id(world->core->interactions, ixn);
    cr_expect(!ix || ix->running || ix->owner_kind != OWNER_NONE);
    world_forget(world);
    world_end(world);
}

/* All orders of order[at] and those behind it. */
static void orders(unsigned order[WANTS], unsigned at)
{
    if (at == WANTS) in_order(order);
    for (unsigned with = at; with < WANTS; with++) {
        unsigned one = order[at];
        order[at] = order[with];
        order[with] = one;
        orders(order, at + 1);
        one = order[at];
        order[at] = order[with];
        order[with] = one;
    }
}

Test(core_open, in_whatever_order_a_supervisor_and_a_strategy_want_a_mail_one_of_them_has_it)
{
    unsigned order[WANTS];
    for (unsigned at = 0; at < WANTS; at++) order[at] = at;
    orders(order, 0);
}

static unsigned workbins(const struct core_world *world)
{
    const struct submissions *submissions = world->core->submissions;
    unsigned count = 0;
    for (uint32_t at = 0; at < submissions->bin_count; at++) count += submissions->bins[at].whose != 0;
    return count;
}

Test(core_open, a_workbin_whose_name_an_agent_made_up_goes_when_nothing_is_in_it)
{
    enum { NAMES = 40 };
    char name[32];
    uint64_t ixn;
    struct core_world *world = with_marie(&ixn);
    struct names *names = world->core->names;
    for (unsigned at = 0; at < NAMES; at++) {
        snprintf(name, sizeof name, "made-up-%u", at);
        moves(world, "marie", ixn, move_Place, move_to_workbin, name);
        struct writer *writer = asks(world, "marie", KIND_RequestPull, 0);
        writer_text(writer, RequestPull_workbin, name);
        writer_text(writer, RequestPull_whose, "marie");
        world_post(world);
        world->client = 0;
    }
    cr_assert(is_owned(world, "handling", "agent", "marie"));
    cr_assert_eq(workbins(world), NAMES);
    uint32_t places = world->core->submissions->bin_count;
    names->sweep_due = 0;
    agent(world, "paul", "7002", agent_state_ready);
    cr_assert_eq(workbins(world), 1, "%u: the one from which it was taken last stays", workbins(world));
    cr_assert_eq(names_find(names, span_of("made-up-1")), 0u, "and so does the name");
    moves(world, "marie", ixn, move_Place, move_to_workbin, "drafts");
    names->sweep_due = 0;
    agent(world, "paul", "7002", agent_state_ready);
    cr_assert_eq(workbins(world), 1);
    cr_assert_eq(world->core->submissions->bin_count, places, "their places are given again");
    cr_assert(is_owned(world, "queued", "workbin", "drafts"));
    world_free(world);
}

/* ---- a page in the reader's order ---- */

static uint64_t written_into(struct core_world *world, const char *queue, const char *id, const char *from,
                             const char *subject)
{
    world->client = 5;
    world->req++;
    struct writer *writer = world_event(world, LINK, KIND_Submit, 0, 0, 0);
    writer_u(writer, Submit_media, media_email);
    writer_u(writer, Submit_type, submit_type_inbound);
    writer_text(writer, Submit_external_id, id);
    writer_text(writer, Submit_queue, queue);
    writer_text(writer, Submit_from, from);
    writer_text(writer, Submit_subject, subject);
    world_post(world);
    world->client = 0;
    world_advance(world, 1000000);
    return world->ixn;
}

static uint64_t written_by(struct core_world *world, const char *id, const char *from, const char *subject)
{
    return written_into(world, "desk", id, from, subject);
}

/* The external ids of the page, one behind the other; and whether there are more, how many match. */
static const char *page_of(const struct core_world *world, const char *order, const char *column, const char *text,
                           uint64_t after, uint32_t count)
{
    static char said[200];
    struct kv into, filter;
    struct kv_pair pair;
    kv_init(&into);
    kv_init(&filter);
    if (column) kv_put_text(&filter, column, span_of(text));
    core_view(world->core,
              &(struct view_asked){.object = object_queue,
                                   .name = span_of("desk"),
                                   .after = after,
                                   .count = count,
                                   .order = span_of(order),
                                   .filter = kv_span(&filter)},
              &into);
    said[0] = '\0';
    for (uint32_t at = 0; kv_next(kv_span(&into), &at, &pair);) {
        struct kv_value id;
        size_t length = strlen(said);
        if (pair.value.tag == KV_LIST && kv_get(pair.value.span, "external_id", &id))
            snprintf(said + length, sizeof said - length, "%.*s ", (int)id.span.length, (const char *)id.span.bytes);
        else if (span_is(pair.key, "more"))
            snprintf(said + length, sizeof said - length, "...");
        else if (span_is(pair.key, "matching"))
            snprintf(said + length, sizeof said - length, "%d: ", (int)pair.value.word);
    }
    kv_free(&into);
    kv_free(&filter);
    return said;
}

Test(core_open, a_queue_is_read_in_any_order_and_of_what_matches_page_by_page)
{
    struct core_world *world = begin();
    uint64_t one = written_by(world, "m1", "zoe@example.com", "Refund");
    written_by(world, "m2", "Ann@example.com", "");
    uint64_t three = written_by(world, "m3", "ben@example.org", "A refund, please");
    uint64_t four = written_by(world, "m4", "ben@example.org", "Hello");
    changes(world, SOURCE_ADMIN, false, three, 9);
    cr_expect_str_eq(page_of(world, "", NULL, NULL, 0, 9), "m1 m2 m3 m4 ");
    cr_expect_str_eq(page_of(world, "-received", NULL, NULL, 0, 9), "4: m4 m3 m2 m1 ");
    cr_expect_str_eq(page_of(world, "from", NULL, NULL, 0, 9), "4: m2 m3 m4 m1 ");
    cr_expect_str_eq(page_of(world, "-from", NULL, NULL, 0, 9), "4: m1 m3 m4 m2 ");
    cr_expect_str_eq(page_of(world, "subject", NULL, NULL, 0, 9), "4: m3 m4 m1 m2 ");
    cr_expect_str_eq(page_of(world, "-subject", NULL, NULL, 0, 9), "4: m1 m4 m3 m2 ");
    cr_expect_str_eq(page_of(world, "-priority", NULL, NULL, 0, 9), "4: m3 m1 m2 m4 ");
    cr_expect_str_eq(page_of(world, "due", NULL, NULL, 0, 2), "4: m3 m1 ...");
    cr_expect_str_eq(page_of(world, "due", NULL, NULL, one, 2), "4: m2 m4 ");
    cr_expect_str_eq(page_of(world, "due", NULL, NULL, four, 2), "4: ");
    cr_expect_str_eq(page_of(world, "", "subject", "REFUND", 0, 1), "2: m1 ...");
    cr_expect_str_eq(page_of(world, "", "subject", "REFUND", one, 1), "2: m3 ");
    cr_expect_str_eq(page_of(world, "from", "from", "example.org", 0, 9), "2: m3 m4 ");
    cr_expect_str_eq(page_of(world, "", "media", "email", 0, 9), "4: m1 m2 m3 m4 ");
    cr_expect_str_eq(page_of(world, "", "media", "chat", 0, 9), "0: ");
    cr_expect_str_eq(page_of(world, "", "author", "ann", 0, 9), "0: ");
    cr_expect_str_eq(page_of(world, "", "secret", "x", 0, 9), "0: ");
    world_end(world);
}

/* Without an order of the reader the queue is read as it stands. */
Test(core_open, a_queue_is_read_as_it_stands_page_by_page)
{
    struct core_world *world = begin();
    agent(world, "marie", "7001", agent_state_ready);
    uint64_t one = written_by(world, "m1", "zoe@example.com", "");
    uint64_t two = written_by(world, "m2", "ann@example.com", "");
    written_by(world, "m3", "ben@example.org", "");
    uint64_t other = written_into(world, "mail", "m4", "ben@example.com", "");
    cr_expect_str_eq(page_of(world, "", NULL, NULL, 0, 2), "m1 m2 ...");
    cr_expect_str_eq(page_of(world, "", NULL, NULL, 0, 3), "m1 m2 m3 ");
    cr_expect_str_eq(page_of(world, "", NULL, NULL, 0, 0), "m1 m2 m3 ");
    cr_expect_str_eq(page_of(world, "", NULL, NULL, two, 2), "m3 ");
    cr_expect_str_eq(page_of(world, "", NULL, NULL, other, 2), "m1 m2 ...");
    pulls(world, "marie", "desk", 1); /* m1, the oldest */
    cr_expect_str_eq(page_of(world, "", NULL, NULL, one, 2), "m2 m3 ");
    world_end(world);
}

/* The pairs of the answer, one behind the other; of a list the text of its first pair, and of its group. */
static const char *answered(const struct core_world *world, const struct view_asked *asked)
{
    static char said[400];
    struct kv into;
    struct kv_pair pair, inner;
    kv_init(&into);
    core_view(world->core, asked, &into);
    said[0] = '\0';
    for (uint32_t at = 0; kv_next(kv_span(&into), &at, &pair);) {
        size_t length = strlen(said);
        uint32_t in = 0;
        struct span text = pair.value.span;
        struct kv_value group = {.tag = KV_NONE};
        if (pair.value.tag == KV_LIST) {
            kv_get(pair.value.span, "group", &group);
            text = kv_next(text, &in, &inner) ? inner.value.span : (struct span){0};
        }
        if (pair.value.tag == KV_TEXT || pair.value.tag == KV_LIST)
            snprintf(said + length, sizeof said - length, "%.*s=%.*s ", (int)pair.key.length,
                     (const char *)pair.key.bytes, (int)text.length, (const char *)text.bytes);
        else
            snprintf(said + length, sizeof said - length, "%.*s=%d ", (int)pair.key.length,
                     (const char *)pair.key.bytes, (int)pair.value.word);
        length = strlen(said);
        if (group.tag == KV_TEXT)
            snprintf(said + length, sizeof said - length, "in %.*s ", (int)group.span.length,
                     (const char *)group.span.bytes);
    }
    kv_free(&into);
    return said;
}

Test(core_open, agents_are_read_page_by_page_and_one_of_them_with_groups)
{
    struct core_world *world = begin();
    agent(world, "marie", "7001", agent_state_ready);
    agent(world, "paul", "7002", agent_state_ready);
    agent(world, "anna", "7003", agent_state_ready);
    const char *all = answered(world, &(struct view_asked){.object = object_agent});
    cr_expect(!strstr(all, "next="), "%s", all);
    cr_expect(strstr(all, "agent=marie ") && strstr(all, "agent=paul ") && strstr(all, "agent=anna "), "%s", all);
    struct view_asked two = {.object = object_agent, .count = 2};
    const char *page = answered(world, &two), *next = strstr(page, "next=");
    cr_assert(next, "%s", page);
    two.after = strtoull(next + strlen("next="), NULL, 10);
    char first[400];
    snprintf(first, sizeof first, "%s", page);
    page = answered(world, &two);
    cr_expect(!strstr(page, "next="), "%s", page);
    cr_expect_str_eq(page, strstr(first, "agent=anna ") ? strstr(first, "agent=paul ") ? "agent=marie " : "agent=paul "
                                                        : "agent=anna ");
    struct view_asked one = {.object = object_agent, .name = span_of("marie")};
    cr_expect_str_eq(answered(world, &one), "agent=marie in overflow ");
    one.name = span_of("nobody");
    cr_expect_str_eq(answered(world, &one), "");
    world_end(world);
}

/* By the number an outcome is told for as long as it is remembered; by the external id that there was one. */
Test(core_open, one_item_is_read_by_either_name_while_it_lives_and_afterwards)
{
    char id[IXN_TEXT], wanted[80];
    struct core_world *world = begin();
    agent(world, "marie", "7001", agent_state_ready);
    uint64_t one = written_by(world, "m1", "zoe@example.com", "");
    uint64_t two = written_by(world, "m2", "ann@example.com", "");
    uint32_t length = ident_print_ixn(one, id);
    struct view_asked number = {.object = object_interaction, .name = {(const uint8_t *)id, length}};
    struct view_asked external = {.object = object_interaction, .name = span_of("m1"), .external = true};
    cr_expect(strstr(answered(world, &number), "state=queued "), "%s", answered(world, &number));
    cr_expect(strstr(answered(world, &external), "external_id=m1 "), "%s", answered(world, &external));
    pulls(world, "marie", "desk", 1); /* m1, the oldest */
    stops(world, "marie", one);
    snprintf(wanted, sizeof wanted, "ended=%.*s ", (int)length, id);
    cr_expect_eq(strncmp(answered(world, &number), wanted, strlen(wanted)), 0, "%s", answered(world, &number));
    cr_expect(strstr(answered(world, &number), "outcome="), "%s", answered(world, &number));
    cr_expect_str_eq(answered(world, &external), strcat(wanted, "how=closed "));
    external.name = span_of("unknown");
    length = ident_print_ixn(two, id);
    snprintf(wanted, sizeof wanted, "newest=%.*s ", (int)length, id);
    cr_expect_str_eq(answered(world, &external), wanted);
    world_end(world);
}

/* Where an item of another queue would stand here says what is in its columns. One that was taken out of this queue
 * still stands for its place, so that the next page goes on behind it. */
Test(core_open, a_page_goes_on_behind_an_item_of_its_own_queue_alone)
{
    struct core_world *world = begin();
    agent(world, "marie", "7001", agent_state_ready);
    uint64_t one = written_by(world, "m1", "cleo@example.com", "");
    written_by(world, "m2", "zoe@example.com", "");
    written_by(world, "m3", "ann@example.com", "");
    uint64_t other = written_into(world, "mail", "m4", "ben@example.com", "");
    cr_expect_str_eq(page_of(world, "from", NULL, NULL, one, 9), "3: m2 ");
    cr_expect_str_eq(page_of(world, "from", NULL, NULL, other, 9), "3: m3 m1 m2 ");
    pulls(world, "marie", "desk", 1); /* m1, the oldest */
    cr_expect_str_eq(page_of(world, "from", NULL, NULL, one, 9), "2: m2 ");
    world_end(world);
}

/* However many items match, each page has the first ones. */
Test(core_open, a_page_of_many_has_the_first_ones_in_order)
{
    enum { ITEMS = 60 };
    static char wanted[200], id[8], from[24];
    struct core_world *world = begin();
    for (unsigned at = 0; at < ITEMS; at++) {
        snprintf(id, sizeof id, "m%u", at);
        snprintf(from, sizeof from, "%02u@example.com", at * 37 % ITEMS);
        written_by(world, id, from, "");
    }
    snprintf(wanted, sizeof wanted, "%u: ", (unsigned)ITEMS);
    for (unsigned rank = 0; rank < 5; rank++)
        for (unsigned at = 0; at < ITEMS; at++)
            if (at * 37 % ITEMS == rank) snprintf(wanted + strlen(wanted), 8, "m%u ", at);
    strcat(wanted, "...");
    cr_expect_str_eq(page_of(world, "from", NULL, NULL, 0, 5), wanted);
    world_end(world);
}

/* ---- views of the site ---- */

enum { KEY_BYTES = 112, WIDE = 14 };

static const char *wide_key(char key[KEY_BYTES + 1], unsigned at)
{
    memset(key, 'k', KEY_BYTES);
    key[0] = (char)('a' + at);
    key[KEY_BYTES] = '\0';
    return key;
}

/* Views: of the queue `desk`, with all that a view has; of the workbin `drafts`; and one of who tries to show a
 * secret key, which no compiler writes. */
static struct image *viewing(void)
{
    static const char *const columns[] = {"from", "tier", "card"}, *const shown[] = {"from", "tier"},
                             *const sized[] = {"from"};
    const struct writer_condition conditions[] = {
        {.column = "tier", .sign = BIN_NE, .text = "lead"},
        {.column = "priority", .sign = BIN_GE, .kind = BIN_NUMBER, .number = 0},
        {.column = "age", .sign = BIN_GT, .kind = BIN_DURATION, .number = 1500000},
    };
    const struct writer_condition guess = {.column = "card", .sign = BIN_HAS, .text = "4"};
    struct image_writer *w = image_writer_new();
    uint16_t strategy = writer_strategy(w, "enterprise", 1u << media_email, INT64_C(2592000000000));
    writer_slot(w, strategy, "card", TYPE_STR, true);
    uint16_t desk = writer_name(w, TYPE_QUEUE, "desk", 4), drafts = writer_name(w, TYPE_WORKBIN, "drafts", 6);
    writer_view(w, &(struct writer_view){"rich", "-tier", shown, conditions, desk, 2, 3});
    const struct writer_condition large[] = {{.column = "size", .sign = BIN_GE, .kind = BIN_NUMBER, .number = 50},
                                             {.column = "size", .sign = BIN_NE, .kind = BIN_NUMBER, .number = 70}},
                                  vip = {.column = "vip", .kind = BIN_BOOL, .number = 1},
                                  nine = {.column = "size", .text = "9"};
    writer_view(w, &(struct writer_view){"large", "size", sized, large, desk, 1, 2});
    writer_view(w, &(struct writer_view){"vips", NULL, sized, &vip, desk, 1, 1});
    writer_view(w, &(struct writer_view){"nines", NULL, sized, &nine, desk, 1, 1});
    writer_view(w, &(struct writer_view){"sizes", "size", sized, NULL, desk, 1, 0});
    writer_view(w, &(struct writer_view){"mine", NULL, shown, NULL, drafts, 2, 0});
    writer_view(w, &(struct writer_view){"thief", "card", columns, NULL, desk, 3, 0});
    writer_view(w, &(struct writer_view){"guess", NULL, columns, &guess, desk, 3, 1});
    static char keys[VIEW_COLUMNS_MAX][KEY_BYTES + 1];
    static const char *wide[VIEW_COLUMNS_MAX];
    for (unsigned at = 0; at < VIEW_COLUMNS_MAX; at++) wide[at] = wide_key(keys[at], at);
    writer_view(w, &(struct writer_view){"wide", NULL, wide, NULL, desk, VIEW_COLUMNS_MAX, 0});
    uint16_t body = writer_function_begin(w, "enterprise", FUNCTION_STRATEGY, strategy, 0, TYPE_VOID);
    program_stop(w, program_text(w, "read"));
    writer_function_end(w);
    writer_strategy_functions(w, strategy, body, IMAGE_NONE, IMAGE_NONE);
    return program_loaded(w);
}

/* A mail with this data, which are freed. */
static void mail_with(struct core_world *world, const char *id, const char *from, struct kv *data)
{
    world->client = 5;
    world->req++;
    struct writer *writer = world_event(world, LINK, KIND_Submit, 0, 0, 0);
    writer_u(writer, Submit_media, media_email);
    writer_u(writer, Submit_type, submit_type_inbound);
    writer_text(writer, Submit_external_id, id);
    writer_text(writer, Submit_queue, "desk");
    writer_text(writer, Submit_from, from);
    writer_kv(writer, Submit_data, data);
    world_post(world);
    world->client = 0;
    world_advance(world, 1000000);
    kv_free(data);
}

static void of_tier(struct core_world *world, const char *id, const char *from, const char *tier)
{
    struct kv data;
    kv_init(&data);
    if (tier) kv_put_text(&data, "tier", span_of(tier));
    kv_put_text(&data, "card", span_of("4711"));
    kv_put_text(&data, "sender", span_of(from));
    mail_with(world, id, from, &data);
}

/* A mail whose size came as a text, or, where `text` is NULL, as a number. */
static void of_size(struct core_world *world, const char *id, const char *text, int64_t number, const char *vip)
{
    struct kv data;
    kv_init(&data);
    if (text)
        kv_put_text(&data, "size", span_of(text));
    else
        kv_put_int(&data, "size", number);
    if (vip) kv_put_text(&data, "vip", span_of(vip));
    mail_with(world, id, "ann@example.com", &data);
}

/* The pairs of the answer: of items the external id, and their data in brackets. */
static const char *viewed(const struct core_world *world, const char *view, const char *order, const char *find,
                          const char *asker)
{
    static char said[400];
    struct kv into, filter;
    struct kv_pair pair, inner;
    kv_init(&into);
    kv_init(&filter);
    if (find) kv_put_text(&filter, "find", span_of(find));
    core_view(world->core,
              &(struct view_asked){.object = object_workbin,
                                   .view = span_of(view),
                                   .whose = span_of("marie"),
                                   .asker = span_of(asker),
                                   .order = span_of(order),
                                   .filter = kv_span(&filter)},
              &into);
    said[0] = '\0';
    for (uint32_t at = 0; kv_next(kv_span(&into), &at, &pair);) {
        struct kv_value id, data;
        size_t length = strlen(said);
        if (pair.value.tag == KV_INT && !span_is(pair.key, "count"))
            snprintf(said + length, sizeof said - length, "%d: ", (int)pair.value.word);
        if (pair.value.tag != KV_LIST || !kv_get(pair.value.span, "external_id", &id)) continue;
        snprintf(said + length, sizeof said - length, "%.*s(", (int)id.span.length, (const char *)id.span.bytes);
        for (uint32_t in = 0; kv_get(pair.value.span, "data", &data) && kv_next(data.span, &in, &inner);) {
            length = strlen(said);
            snprintf(said + length, sizeof said - length, "%.*s=%.*s", (int)inner.key.length,
                     (const char *)inner.key.bytes, (int)inner.value.span.length, (const char *)inner.value.span.bytes);
        }
        strcat(said, ") ");
    }
    kv_free(&into);
    kv_free(&filter);
    return said;
}

Test(core_open, a_view_of_the_site_says_what_is_in_it_in_which_order_and_with_which_data)
{
    struct core_world *world = begin_with(viewing());
    of_tier(world, "m1", "zoe@example.com", "gold");
    of_tier(world, "m2", "ann@example.com", "lead");
    of_tier(world, "m3", "ben@example.org", NULL);
    of_tier(world, "m4", "ann@example.com", "silver");
    cr_expect_str_eq(viewed(world, "rich", "", NULL, ""), "1: m1(tier=gold) ", "m3 and m4 are too young");
    world_advance(world, 1000000);
    agent(world, "marie", "7001", agent_state_ready);
    cr_expect_str_eq(viewed(world, "rich", "", NULL, ""), "3: m4(tier=silver) m1(tier=gold) m3() ");
    cr_expect_str_eq(viewed(world, "rich", "tier", NULL, ""), "3: m1(tier=gold) m4(tier=silver) m3() ");
    cr_expect_str_eq(viewed(world, "rich", "from", NULL, ""), "3: m4(tier=silver) m3() m1(tier=gold) ");
    cr_expect_str_eq(viewed(world, "rich", "card", NULL, ""), "3: m1(tier=gold) m3() m4(tier=silver) ",
                     "what is no column of the view is no order");
    cr_expect_str_eq(viewed(world, "rich", "sender", NULL, ""), "3: m1(tier=gold) m3() m4(tier=silver) ",
                     "nor is a key that is not secret");
    cr_expect_str_eq(viewed(world, "rich", "", "SILV", ""), "1: m4(tier=silver) ");
    cr_expect_str_eq(viewed(world, "rich", "", "example.org", ""), "1: m3() ");
    cr_expect_str_eq(viewed(world, "unknown", "", NULL, ""), "");
    world_end(world);
}

Test(core_open, a_text_that_is_a_number_is_compared_and_sorted_as_one)
{
    struct core_world *world = begin_with(viewing());
    of_size(world, "m1", "120", 0, "true");
    of_size(world, "m2", NULL, 51, "false");
    of_size(world, "m3", "9", 0, "1");
    of_size(world, "m4", "large", 0, "yes");
    of_size(world, "m5", NULL, 9, NULL);
    of_size(world, "m6", "70", 0, NULL);
    of_size(world, "m7", "-3", 0, NULL);
    struct kv data;
    kv_init(&data);
    kv_put_time(&data, "size", 9); /* a time is no text's number */
    mail_with(world, "m8", "ann@example.com", &data);
    cr_expect_str_eq(viewed(world, "large", "", NULL, ""), "2: m2() m1() ");
    cr_expect_str_eq(viewed(world, "vips", "", NULL, ""), "2: m1() m3() ");
    cr_expect_str_eq(viewed(world, "nines", "", NULL, ""), "2: m3() m5() ", "a number is compared with a text, too");
    cr_expect_str_eq(viewed(world, "sizes", "", NULL, ""), "8: m7() m5() m8() m3() m2() m6() m1() m4() ");
    world_end(world);
}

Test(core_open, no_view_shows_sorts_or_finds_what_is_secret_or_another_agents)
{
    struct core_world *world = begin_with(viewing());
    of_tier(world, "m1", "zoe@example.com", "gold");
    of_tier(world, "m2", "ann@example.com", "lead");
    cr_expect_str_eq(viewed(world, "thief", "", NULL, ""), "2: m1(tier=gold) m2(tier=lead) ");
    cr_expect_str_eq(viewed(world, "thief", "-card", NULL, ""), "2: m2(tier=lead) m1(tier=gold) ",
                     "the other way round of arrival: the key sorts nothing");
    cr_expect_str_eq(viewed(world, "thief", "", "4711", ""), "0: ");
    cr_expect_str_eq(viewed(world, "guess", "", NULL, ""), "0: ");
    agent(world, "marie", "7001", agent_state_ready);
    agent(world, "paul", "7002", agent_state_ready);
    cr_expect_str_eq(viewed(world, "mine", "", NULL, "paul"), "");
    world_end(world);
}

/* Items that are as large in the view as any can be: each page has what fits, and no item is left out. */
Test(core_open, a_page_of_large_items_has_what_fits_and_the_next_one_goes_on)
{
    static char text[257], id[257], key[KEY_BYTES + 1];
    struct core_world *world = begin_with(viewing());
    memset(text, 't', sizeof text - 1);
    for (unsigned item = 0; item < WIDE; item++) {
        struct kv data;
        kv_init(&data);
        for (unsigned at = 0; at < VIEW_COLUMNS_MAX; at++) kv_put_text(&data, wide_key(key, at), span_of(text));
        memset(id, (char)('a' + item), sizeof id - 1);
        world->client = 5;
        world->req++;
        struct writer *writer = world_event(world, LINK, KIND_Submit, 0, 0, 0);
        writer_u(writer, Submit_media, media_email);
        writer_u(writer, Submit_type, submit_type_inbound);
        writer_text(writer, Submit_external_id, id);
        writer_text(writer, Submit_queue, "desk");
        writer_text(writer, Submit_from, text);
        writer_text(writer, Submit_subject, text);
        writer_kv(writer, Submit_data, &data);
        world_post(world);
        world->client = 0;
        kv_free(&data);
    }
    unsigned seen_items = 0, pages = 0;
    bool more = true;
    for (uint64_t after = 0; more && pages < WIDE; pages++) {
        struct kv into;
        struct kv_pair pair;
        struct kv_value value;
        kv_init(&into);
        core_view(world->core, &(struct view_asked){.object = object_workbin, .view = span_of("wide"), .after = after},
                  &into);
        cr_expect_leq(into.length, (size_t)KV_BYTES_MAX);
        more = false;
        for (uint32_t at = 0; kv_next(kv_span(&into), &at, &pair);) {
            if (span_is(pair.key, "more")) more = true;
            if (pair.value.tag != KV_LIST || !kv_get(pair.value.span, "id", &value)) continue;
            seen_items++;
            cr_assert(ident_read_ixn_span(value.span, &after));
        }
        kv_free(&into);
    }
    cr_expect_eq(seen_items, (unsigned)WIDE);
    cr_expect_eq(pages, 2u);
    world_end(world);
}
