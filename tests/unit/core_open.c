/* tests/unit/core_open.c - E-mail: submitted, parked, offered, answered, handed on, and stopped; flow M1. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#include "vm/steps.h"
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
#include "runtime/vocabulary/events_link.h"
#include "runtime/vocabulary/events_work.h"
#include "tests/unit/core_fixture.h"

TestSuite(core_open, .timeout = 60);

enum { PEOPLE = 3 };

static const char *const people[PEOPLE] = {"marie", "paul", "jean"};

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

static struct core_world *begin_with(struct image *image)
{
    static const char *const caps[] = {"calls", "sessions", "set_agent", "desktops", "preview", "domains", NULL};
    struct core_world *world = world_new();
    link_up(world, caps);
    resync(world, true);
    resync(world, false);
    for (unsigned i = 0; i < PEOPLE; i++) {
        char key[40];
        (void)snprintf(key, sizeof key, "overflow/%s", people[i]);
        directory(world, table_group_member, key, (const char *const[]){"group", "overflow", "agent", people[i], NULL});
    }
    commit(world, false);
    world->earlier = world->image;
    world->image = image;
    activate(world, "mail");
    world_forget(world);
    return world;
}

/* It lies in everybody's workbin `drafts` for so long. */
static struct image *parking_for(enum media medium, uint64_t seconds)
{
    struct image_writer *w = image_writer_new();
    uint16_t strategy = writer_strategy(w, "enterprise", 1u << medium, INT64_C(2592000000000));
    uint16_t body = writer_function_begin(w, "enterprise", FUNCTION_STRATEGY, strategy, 0, TYPE_VOID);
    uint16_t drafts = writer_constant(w, TYPE_WORKBIN, program_name(w, TYPE_WORKBIN, "drafts"));
    writer_wait_begin(w, NULL);
    writer_wait_argument(w, PARAMETER_route_workbin_workbin, CONSTANT(drafts));
    writer_wait_timeout(w, SECONDS(w, seconds));
    writer_step(w, STEP_ID_route_workbin, REGISTER_NONE);
    writer_function_end(w);
    writer_strategy_functions(w, strategy, body, IMAGE_NONE, IMAGE_NONE);
    return program_loaded(w);
}

static struct image *parking(uint64_t seconds)
{
    return parking_for(media_email, seconds);
}

static struct core_world *begin(void)
{
    return begin_with(serving(false));
}

/* `to` NULL: its way has no addresses. */
static void comes_to(struct core_world *world, const char *id, const char *queue, const char *to)
{
    world->client = 5;
    world->req++;
    struct writer *writer = world_event(world, LINK, KIND_Submit, 0, 0, 0);
    writer_u(writer, Submit_media, media_email);
    writer_u(writer, Submit_type, submit_type_inbound);
    writer_text(writer, Submit_external_id, id);
    writer_text(writer, Submit_queue, queue);
    writer_text(writer, Submit_from, "dupont@example.com");
    writer_list_begin(writer, Submit_to);
    if (to) writer_list_text(writer, span_of(to));
    writer_list_end(writer);
    writer_text(writer, Submit_subject, "My bill");
    world_post(world);
    world->client = 0;
}

static void comes(struct core_world *world, const char *id, const char *queue)
{
    comes_to(world, id, queue, "service@example.org");
}

static void answers(struct core_world *world, uint64_t number, bool accepts)
{
    world->client = 9;
    world->req++;
    struct writer *writer = world_event(world, LINK, accepts ? KIND_RequestAccept : KIND_RequestReject, 0, 0, 0);
    writer_u(writer, accepts ? RequestAccept_claim : RequestReject_claim, UINT64_C(1) << 48 | number);
    world_post(world);
    world->client = 0;
}

static const struct interaction *only(const struct core_world *world)
{
    return interaction_by_id(world->core->interactions, world->ixn);
}

static bool is_owned(const struct core_world *world, const char *state, const char *kind, const char *owner)
{
    struct interaction_row row;
    cr_assert(core_find(world->core, world->ixn, &row));
    return span_is(row.state, state) && span_is(row.owner_kind, kind) && span_is(row.owner, owner);
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

static struct writer *asks_from(struct core_world *world, unsigned source, const char *actor, unsigned kind,
                                uint64_t ixn)
{
    world->client = 9;
    world->req++;
    struct writer *writer = world_event(world, source, kind, ixn, 0, 0);
    writer_text(writer, ENVELOPE_actor, actor);
    return writer;
}

static struct writer *asks(struct core_world *world, const char *actor, unsigned kind, uint64_t ixn)
{
    return asks_from(world, LINK, actor, kind, ixn);
}

static void pulls(struct core_world *world, const char *actor, const char *queue, unsigned count)
{
    struct writer *writer = asks(world, actor, KIND_RequestPull, 0);
    writer_text(writer, RequestPull_queue, queue);
    writer_u(writer, RequestPull_count, count);
    world_post(world);
    world->client = 0;
}

static void moves(struct core_world *world, const char *actor, uint64_t ixn, enum move how, enum move_to to,
                  const char *name)
{
    struct writer *writer = asks(world, actor, KIND_RequestMove, ixn);
    writer_u(writer, RequestMove_how, how);
    writer_u(writer, RequestMove_to, to);
    writer_text(writer, RequestMove_name, name);
    world_post(world);
    world->client = 0;
}

static void stops(struct core_world *world, const char *actor, uint64_t ixn)
{
    asks(world, actor, KIND_RequestStop, ixn);
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

/* How often its queue's strategy has begun since an agent has had it. */
static unsigned begun(const struct core_world *world)
{
    return block_at(world->core->slab, only(world)->block)->attempt;
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

static bool has_line(const struct core_world *world, const char *text)
{
    struct kv history;
    struct kv_pair pair;
    bool found = false;
    kv_init(&history);
    cr_assert(core_history_from(world->core, world->ixn, &(uint64_t){0}, UINT32_MAX, &history));
    for (uint32_t at = 0; kv_next(kv_span(&history), &at, &pair);)
        found = found || (span_is(pair.key, "what") && span_is(pair.value.span, text));
    kv_free(&history);
    return found;
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
    expect(world, "Reply ok\n"); /* and no Invite */
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

static void puts_into(struct core_world *world, const char *actor, uint64_t ixn, const char *whose)
{
    struct writer *writer = asks(world, actor, KIND_RequestMove, ixn);
    writer_u(writer, RequestMove_how, move_Place);
    writer_u(writer, RequestMove_to, move_to_workbin);
    writer_text(writer, RequestMove_name, "drafts");
    writer_text(writer, RequestMove_whose, whose);
    world_post(world);
    world->client = 0;
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

/* ---- replies ---- */

static struct core_world *with_marie_of(const struct serving_program *serving, const char *effects)
{
    struct core_world *world = begin_with(program_serving(serving));
    agent(world, "marie", "7001", agent_state_ready);
    comes(world, "<1@example.com>", "mail");
    answers(world, 1, true);
    expect(world, effects);
    cr_assert(is_owned(world, "handling", "agent", "marie"));
    return world;
}

static struct core_world *with_reply_of(const struct serving_program *serving)
{
    return with_marie_of(serving, "Reply ok\nInvite\nReply ok\nNotify ReplyDue 1-000000000001 due=\n");
}

/* Marie has accepted a mail, which she may leave without a reply for ten minutes. */
static struct core_world *with_reply(void)
{
    return with_reply_of(
        &(struct serving_program){.media = 1u << media_email, .queue = "desk", .answer_s = 30, .reply_s = 600});
}

static void replies_to(struct core_world *world, const char *actor, const char *id)
{
    struct writer *writer = asks(world, actor, KIND_Submit, 0);
    writer_u(writer, Submit_media, media_email);
    writer_u(writer, Submit_type, submit_type_outbound);
    writer_text(writer, Submit_external_id, id);
    writer_text(writer, Submit_queue, "desk");
    writer_u(writer, Submit_parent, only(world)->id);
    uint64_t ixn = world->ixn;
    world_post(world);
    world->ixn = ixn;
    world->client = 0;
}

Test(core_open, what_is_not_replied_to_in_time_is_taken_from_its_agent_and_the_strategy_goes_on)
{
    struct core_world *world = with_reply();
    world_advance(world, UINT64_C(449000000));
    expect(world, "");
    world_advance(world, 1000000);
    expect(world, "Notify ReplyDue 1-000000000001 due= warns=\n"); /* a quarter of her time is left */
    world_advance(world, UINT64_C(149000000));
    expect(world, "");
    cr_expect(is_owned(world, "handling", "agent", "marie"));
    world_advance(world, 1000000);
    expect(world, "Withdraw\n");
    cr_expect(is_owned(world, "queued", "queue", "desk"));
    cr_expect_eq(world->core->claims->debited, world->core->claims->credited, "she is free");
    cr_expect(has_line(world, "No reply in time marie"));
    world_end(world);
}

Test(core_open, after_a_reply_a_mail_stays_with_its_agent_as_long_as_its_queue_says)
{
    struct core_world *world = with_reply();
    replies_to(world, "marie", "<2@example.com>");
    expect(world, "Notify ReplyDue 1-000000000001\nReply ok\n");
    cr_expect_eq(block_at(world->core->slab, only(world)->block)->fiber_count, 0, "its strategy waits no more");
    world_advance(world, UINT64_C(10700000000));
    expect(world, "");
    cr_expect(is_owned(world, "handling", "agent", "marie"));
    world_advance(world, 110000000);
    cr_expect(is_owned(world, "routing", "strategy", "enterprise"), "its queue's strategy begins anew");
    world_end(world);
}

Test(core_open, the_time_of_a_reply_goes_on_where_it_is_handed_on)
{
    struct core_world *world = with_reply();
    agent(world, "paul", "7002", agent_state_ready);
    world_advance(world, UINT64_C(500000000));
    moves(world, "marie", only(world)->id, move_Transfer, move_to_agent, "paul");
    answers(world, 2, true);
    cr_expect(is_owned(world, "handling", "agent", "paul"));
    world_forget(world);
    world_advance(world, UINT64_C(101000000));
    expect(world, "Withdraw\n");
    cr_expect(is_owned(world, "queued", "queue", "desk"));
    world_end(world);
}

Test(core_open, whoever_is_done_with_it_has_replied)
{
    struct core_world *world = with_reply();
    stops(world, "marie", only(world)->id);
    expect(world, "Reply ok\n");
    world_advance(world, UINT64_C(700000000));
    expect(world, "");
    world_end(world);
}

Test(core_open, an_agent_who_logs_out_before_the_reply_leaves_it_to_its_strategy_once)
{
    struct core_world *world = with_reply();
    agent(world, "marie", "7001", agent_state_logged_out);
    world_advance(world, 1000000);
    cr_expect(is_owned(world, "routing", "strategy", "enterprise"));
    world_forget(world);
    world_advance(world, UINT64_C(601000000));
    cr_expect(is_owned(world, "queued", "queue", "desk"), "nobody was found within a minute");
    expect(world, "");
    world_end(world);
}

Test(core_open, what_an_agent_lays_into_their_workbin_comes_back_when_its_reply_is_overdue)
{
    struct core_world *world = with_reply();
    uint64_t ixn = only(world)->id;
    puts_into(world, "marie", ixn, "marie");
    cr_assert(is_owned(world, "queued", "workbin", "drafts"));
    world_forget(world);
    world_advance(world, UINT64_C(601000000));
    cr_expect(is_owned(world, "queued", "queue", "desk"));
    cr_expect(has_line(world, "No reply in time"), "nobody has it");
    world_end(world);
}

Test(core_open, the_time_of_a_reply_is_a_second_at_least_and_a_year_at_most)
{
    enum { YEAR_S = 366 * 86400 };
    static const struct {
        int64_t said_s;
        uint64_t taken_s;
    } cases[] = {{-5, 1}, {1, 1}, {YEAR_S, YEAR_S}, {YEAR_S + 1, YEAR_S}};
    for (unsigned i = 0; i < 4; i++) {
        struct core_world *world = with_reply_of(&(struct serving_program){
            .media = 1u << media_email, .queue = "desk", .answer_s = 30, .reply_s = (uint64_t)cases[i].said_s});
        uint64_t in_us = reply_due_us(world->core, only(world)) - world->time_us;
        cr_expect_eq(in_us / 1000000, cases[i].taken_s, "%u: %lu us", i, (unsigned long)in_us);
        world_end(world);
    }
}

Test(core_open, agents_are_warned_a_quarter_of_an_hour_before_the_end_at_most)
{
    struct core_world *world = with_reply_of(
        &(struct serving_program){.media = 1u << media_email, .queue = "desk", .answer_s = 30, .reply_s = 7200});
    world_advance(world, UINT64_C(6299000000));
    expect(world, "");
    world_advance(world, 1000000);
    expect(world, "Notify ReplyDue 1-000000000001 due= warns=\n");
    world_end(world);
}

/* The strategy has 30 days, and begins them anew when it goes on. */
Test(core_open, a_strategy_that_goes_on_after_a_late_reply_has_all_of_its_time_again)
{
    struct core_world *world = with_reply_of(&(struct serving_program){.media = 1u << media_email,
                                                                       .queue = "desk",
                                                                       .answer_s = 30,
                                                                       .reply_s = UINT64_C(40) * 86400,
                                                                       .exclude_s = 3600});
    world_advance(world, UINT64_C(40) * 86400 * 1000000);
    cr_expect(is_owned(world, "routing", "strategy", "enterprise"), "it looks for somebody else");
    cr_expect_eq(only(world)->ends_us, world->time_us + UINT64_C(2592000000000));
    world_advance(world, 61000000);
    cr_expect(is_owned(world, "queued", "queue", "desk"));
    world_end(world);
}

Test(core_open, a_strategy_that_fails_after_an_overdue_reply_leaves_it_in_its_last_queue)
{
    struct core_world *world = with_reply_of(
        &(struct serving_program){.media = 1u << media_email, .queue = "nowhere", .answer_s = 30, .reply_s = 600});
    puts_into(world, "marie", only(world)->id, "marie");
    cr_assert(is_owned(world, "queued", "workbin", "drafts"));
    world_advance(world, UINT64_C(601000000));
    cr_expect(is_owned(world, "queued", "queue", "mail"));
    cr_expect_eq(only(world)->outcome, ENDED_FAILED, "%u", only(world)->outcome);
    world_end(world);
}

/* Marie submits something about the mail that she has. */
static void submits_about(struct core_world *world, enum media media, enum submit_type type, const char *subtype)
{
    struct writer *writer = asks(world, "marie", KIND_Submit, 0);
    writer_u(writer, Submit_media, media);
    writer_u(writer, Submit_type, type);
    if (subtype) writer_text(writer, Submit_subtype, subtype);
    writer_text(writer, Submit_external_id, "<2@example.com>");
    writer_text(writer, Submit_queue, "desk");
    writer_u(writer, Submit_parent, only(world)->id);
    uint64_t ixn = world->ixn;
    world_post(world);
    world->ixn = ixn;
    world->client = 0;
}

Test(core_open, only_a_mail_to_the_customer_is_a_reply_to_a_mail)
{
    static const struct {
        enum media media;
        enum submit_type type;
        const char *subtype;
        bool replies;
    } cases[] = {
        {media_email, submit_type_outbound, NULL, true},       {media_email, submit_type_outbound, "", true},
        {media_email, submit_type_outbound, "forward", false}, {media_email, submit_type_internal, NULL, false},
        {media_email, submit_type_inbound, NULL, false},       {media_work, submit_type_outbound, NULL, false}};
    for (unsigned i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct core_world *world = with_reply();
        submits_about(world, cases[i].media, cases[i].type, cases[i].subtype);
        expect(world, cases[i].replies ? "Notify ReplyDue 1-000000000001\nReply ok\n" : "Reply ok\n");
        world_advance(world, UINT64_C(600000000));
        cr_expect_eq(is_owned(world, "handling", "agent", "marie"), cases[i].replies, "%u", i);
        world_end(world);
    }
}

Test(core_open, a_reply_of_the_moment_at_which_it_is_due_comes_too_late_and_is_refused)
{
    struct core_world *world = with_reply();
    world->time_us += UINT64_C(600000000);
    replies_to(world, "marie", "<2@example.com>");
    expect(world, "Notify ReplyDue 1-000000000001 due= warns=\nWithdraw\nReply error no_privilege\n");
    cr_expect(is_owned(world, "queued", "queue", "desk"));
    world_end(world);
}

Test(core_open, whoever_is_asked_when_a_reply_is_overdue_is_asked_no_more)
{
    struct core_world *world = with_reply();
    agent(world, "paul", "7002", agent_state_ready);
    world_advance(world, UINT64_C(599000000));
    moves(world, "marie", only(world)->id, move_Transfer, move_to_agent, "paul");
    world_forget(world);
    world_advance(world, 1000000);
    expect(world, "Withdraw\nWithdraw\n");
    answers(world, 2, true);
    expect(world, "Reply error taken\n");
    cr_expect_eq(world->core->claims->debited, world->core->claims->credited);
    world_end(world);
}

Test(core_open, whoever_has_it_again_has_all_of_their_time_again)
{
    struct core_world *world = with_reply_of(&(struct serving_program){
        .media = 1u << media_email, .queue = "desk", .answer_s = 30, .reply_s = 600, .exclude_s = 1});
    world_advance(world, UINT64_C(600000000));
    world_forget(world);
    world_advance(world, 2000000);
    expect(world, "Invite\n");
    answers(world, 2, true);
    expect(world, "Reply ok\nNotify ReplyDue 1-000000000001 due=\n");
    world_advance(world, UINT64_C(599000000));
    cr_expect(is_owned(world, "handling", "agent", "marie"));
    world_advance(world, 1000000);
    cr_expect(is_owned(world, "queued", "queue", "desk"));
    cr_expect_eq(world->core->claims->debited, world->core->claims->credited, "she is free");
    world_end(world);
}

Test(core_open, an_overdue_mail_stays_in_its_workbin_where_its_queue_was_deleted)
{
    struct core_world *world = with_reply_of(
        &(struct serving_program){.media = 1u << media_email, .queue = "nowhere", .answer_s = 30, .reply_s = 600});
    puts_into(world, "marie", only(world)->id, "marie");
    commit(world, true); /* without a queue */
    world_advance(world, UINT64_C(601000000));
    cr_expect(is_owned(world, "queued", "workbin", "drafts"));
    cr_expect_eq(only(world)->outcome, ENDED_FAILED, "%u", only(world)->outcome);
    world_end(world);
}

Test(core_open, a_moment_beyond_all_bounds_is_a_second_or_a_year)
{
    enum { YEAR_S = 366 * 86400 };
    static const struct {
        int64_t by_us;
        uint64_t taken_s;
    } cases[] = {{INT64_MIN + 1, 1}, {-1, 1}, {INT64_MAX, YEAR_S}, {INT64_C(40) * YEAR_S * 1000000, YEAR_S}};
    for (unsigned i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct core_world *world = with_reply_of(&(struct serving_program){.media = 1u << media_email,
                                                                           .queue = "desk",
                                                                           .answer_s = 30,
                                                                           .by_moment = true,
                                                                           .reply_by_us = cases[i].by_us});
        uint64_t in_us = reply_due_us(world->core, only(world)) - world->time_us;
        cr_expect_eq(in_us / 1000000, cases[i].taken_s, "%u: %lu us", i, (unsigned long)in_us);
        world_end(world);
    }
}

/* A strategy that was begun nine times at once would begin the tenth time a minute later. */
Test(core_open, strategies_that_pass_on_what_was_overdue_begin_no_circle)
{
    struct core_world *world = with_reply();
    world->unchecked = true;
    activate(world, "desk");
    block_at(world->core->slab, only(world)->block)->attempt = 9;
    interaction_touch(world->core->interactions, interaction_by_id(world->core->interactions, world->ixn));
    world_advance(world, UINT64_C(600000000));
    cr_expect_eq(begun(world), 2u);
    world_free(world);
}

/* When the core looks at the overdue interaction again. */
static uint64_t looks_again_us(const struct core_world *world)
{
    struct timer timer;
    uint64_t number;
    bool frozen;
    for (uint32_t place = 0; timers_at(world->core->timers, place, &timer, &number, &frozen); place++)
        if (timer.kind == TIMER_REPLY) return timer.deadline_us;
    return 0;
}

Test(core_open, what_another_domain_is_asked_to_take_is_looked_at_more_seldom_the_later_it_is)
{
    struct core_world *world = with_reply();
    queue_time(world, "desk", "elsewhere", 1);
    moves(world, "marie", only(world)->id, move_Place, move_to_queue, "desk");
    world_advance(world, 1000000);
    cr_assert_eq(only(world)->state, IX_CLOSING);
    world_advance(world, UINT64_C(601000000));
    unsigned looks = 0;
    for (uint64_t last_us = 0, second = 0; second < 3600; second++, world_advance(world, 1000000)) {
        looks += looks_again_us(world) != last_us;
        last_us = looks_again_us(world);
        cr_assert_geq(last_us, world->time_us);
        cr_assert_leq(last_us, world->time_us + 60000000);
    }
    cr_expect_lt(looks, 120u, "%u", looks);
    cr_expect_gt(looks, 60u, "%u", looks);
    uint64_t ixn = only(world)->id;
    world_forget(world);
    done(world, ixn, only(world)->pending.ref, outcome_error, code_invalid_dn);
    world_advance(world, 61000000);
    cr_expect(has_line(world, "No reply in time"), "it is back, and nobody has it");
    world_end(world);
}

Test(core_open, a_reply_is_awaited_while_another_image_comes_into_force)
{
    struct core_world *world = with_reply();
    world->unchecked = true; /* which has the image before the last, too */
    struct image *first = world->earlier;
    world->earlier = world->image;
    world->image = parking(3600);
    activate(world, "mail");
    activate(world, "desk");
    world_advance(world, UINT64_C(600000000));
    cr_expect(is_owned(world, "queued", "workbin", "drafts"), "the strategy of desk, of the new image, has begun");
    image_free(first);
    world_free(world);
}

/* The moment is one of logical time once the agent has accepted: a clock that jumps moves what is shown of it. */
Test(core_open, a_clock_that_jumps_moves_no_reply)
{
    struct core_world *world = with_reply_of(&(struct serving_program){.media = 1u << media_email,
                                                                       .queue = "desk",
                                                                       .answer_s = 30,
                                                                       .by_moment = true,
                                                                       .reply_by_us = INT64_C(3600000000)});
    uint64_t due_us = reply_due_us(world->core, only(world));
    world->core->now->wall_offset_us += INT64_C(7200000000);
    world->unchecked = true;
    world_advance(world, 1000000);
    cr_expect_eq(reply_due_us(world->core, only(world)), due_us);
    world_free(world);
}

/* ---- absence ---- */

/* Marie has accepted a mail; she may be away for five minutes. */
static struct core_world *with_absence(void)
{
    return with_reply_of(&(struct serving_program){
        .media = 1u << media_email, .queue = "desk", .answer_s = 30, .reply_s = 600, .absence_s = 300});
}

Test(core_open, what_an_agent_has_who_pauses_for_too_long_goes_back_to_its_strategy)
{
    struct core_world *world = with_absence();
    agent(world, "marie", "7001", agent_state_not_ready);
    world_forget(world);
    world_advance(world, UINT64_C(224000000));
    expect(world, "");
    world_advance(world, 1000000);
    expect(world, "Notify ReplyDue 1-000000000001 due= away_due= warns=\n");
    world_advance(world, UINT64_C(74000000));
    expect(world, "");
    cr_expect(is_owned(world, "handling", "agent", "marie"));
    world_advance(world, 1000000);
    expect(world, "Withdraw\n");
    cr_expect(is_owned(world, "queued", "queue", "desk"));
    world_end(world);
}

Test(core_open, an_agent_who_is_back_in_time_keeps_it_and_is_told_so)
{
    struct core_world *world = with_absence();
    agent(world, "marie", "7001", agent_state_not_ready);
    world_advance(world, UINT64_C(226000000));
    world_forget(world);
    agent(world, "marie", "7001", agent_state_ready);
    world_advance(world, 1);
    expect(world, "Notify ReplyDue 1-000000000001 due=\n");
    world_advance(world, UINT64_C(120000000));
    cr_expect(is_owned(world, "handling", "agent", "marie"));
    world_end(world);
}

/* Nobody has warned her, but her desk shows when the work would go: it was shown again meanwhile. */
Test(core_open, an_agent_who_is_back_before_any_warning_is_told_so_once)
{
    struct core_world *world = with_absence();
    agent(world, "marie", "7001", agent_state_not_ready);
    world_advance(world, UINT64_C(60000000));
    cr_expect_neq(reply_away_due_us(world->core, only(world)), 0u);
    world_forget(world);
    agent(world, "marie", "7001", agent_state_ready);
    world_advance(world, 1);
    expect(world, "Notify ReplyDue 1-000000000001 due=\n");
    cr_expect_eq(reply_away_due_us(world->core, only(world)), 0u);
    world_advance(world, UINT64_C(20000000));
    expect(world, "");
    agent(world, "marie", "7001", agent_state_not_ready);
    world_forget(world);
    world_advance(world, UINT64_C(226000000));
    expect(world, "Notify ReplyDue 1-000000000001 due= away_due= warns=\n");
    world_end(world);
}

/* Once her time begins anew, what her desk shows is old: she is warned again. */
Test(core_open, an_agent_who_goes_on_while_away_is_warned_again)
{
    struct core_world *world = with_marie_of(
        &(struct serving_program){.media = 1u << media_email, .queue = "desk", .answer_s = 30, .absence_s = 300},
        "Reply ok\nInvite\nReply ok\n");
    agent(world, "marie", "7001", agent_state_not_ready);
    world_advance(world, UINT64_C(226000000));
    world_forget(world);
    replies_to(world, "marie", "<2@example.com>");
    world_forget(world);
    world_advance(world, UINT64_C(226000000));
    expect(world, "Notify ReplyDue 1-000000000001 away_due= warns=\n");
    world_advance(world, UINT64_C(75000000));
    cr_expect(is_owned(world, "queued", "queue", "desk"));
    world_end(world);
}

static void desktop(struct core_world *world, const char *agent_name, bool there)
{
    struct writer *writer = world_event(world, LINK, KIND_EventClient, 0, 0, 0);
    writer_u(writer, EventClient_up, there);
    writer_text(writer, EventClient_agent, agent_name);
    world_post(world);
}

Test(core_open, an_agent_whose_desktop_is_back_in_time_keeps_it)
{
    struct core_world *world = with_absence();
    desktop(world, "marie", true);
    desktop(world, "marie", false);
    world_advance(world, UINT64_C(100000000));
    desktop(world, "marie", true);
    world_forget(world);
    world_advance(world, UINT64_C(350000000));
    cr_expect(is_owned(world, "handling", "agent", "marie"));
    world_end(world);
}

Test(core_open, what_an_agent_has_whose_desktop_is_away_for_too_long_goes_back_to_its_strategy)
{
    struct core_world *world = with_absence();
    desktop(world, "marie", true);
    desktop(world, "marie", false);
    world_advance(world, UINT64_C(299000000));
    cr_expect(is_owned(world, "handling", "agent", "marie"));
    world_advance(world, 1000000);
    cr_expect(is_owned(world, "queued", "queue", "desk"));
    world_end(world);
}

Test(core_open, what_an_agent_has_who_logs_out_goes_back_to_its_strategy_where_it_says_how_long_they_may_be_away)
{
    struct core_world *world = with_absence();
    agent(world, "marie", "7001", agent_state_logged_out);
    world_advance(world, 1);
    cr_expect(is_owned(world, "queued", "queue", "desk"), "its strategy went on, and none began anew");
    world_end(world);
}

Test(core_open, whoever_it_is_handed_on_to_after_the_reply_owes_one_and_may_not_be_away)
{
    struct core_world *world = with_absence();
    agent(world, "paul", "7002", agent_state_ready);
    replies_to(world, "marie", "<2@example.com>");
    world_advance(world, UINT64_C(2000000000));
    cr_expect(is_owned(world, "handling", "agent", "marie"), "a reply is there");
    moves(world, "marie", only(world)->id, move_Transfer, move_to_agent, "paul");
    answers(world, 2, true);
    cr_expect(is_owned(world, "handling", "agent", "paul"));
    world_forget(world);
    world_advance(world, UINT64_C(449000000));
    expect(world, "");
    world_advance(world, 1000000);
    expect(world, "Notify ReplyDue 1-000000000001 due= warns=\n");
    world_advance(world, UINT64_C(150000000));
    expect(world, "Withdraw\n");
    cr_expect(is_owned(world, "queued", "queue", "desk"));
    world_end(world);
}

/* Growth that was begun by hand stands for what a strategy keeps while it may go on. */
Test(core_open, a_priority_that_grew_while_a_reply_was_awaited_grows_no_more_after_it)
{
    struct core_world *world = with_reply();
    struct interaction *ix = interaction_by_id(world->core->interactions, world->ixn);
    world->unchecked = true;
    ageing_begin(world->core->ageings, ix, 1, 60000000, 100);
    interaction_touch(world->core->interactions, ix);
    world_advance(world, 1000000);
    cr_expect(ix->grows);
    replies_to(world, "marie", "<2@example.com>");
    cr_expect_not(ix->grows);
    world_free(world);
}

/* A colleague who was asked for advice, and gives none, has it no longer than whoever has the work. */
Test(core_open, advice_that_is_not_given_ends_with_the_work)
{
    struct core_world *world = with_reply();
    agent(world, "paul", "7002", agent_state_ready);
    moves(world, "marie", only(world)->id, move_Consult, move_to_agent, "paul");
    answers(world, 2, true);
    world_forget(world);
    world_advance(world, UINT64_C(600000000));
    cr_expect(is_owned(world, "queued", "queue", "desk"));
    cr_expect_eq(world->core->claims->debited, world->core->claims->credited, "both are free");
    cr_expect(strstr(world->trace, "Withdraw\n") != strrchr(world->trace, 'W'), "both are told: %s", world->trace);
    world_end(world);
}

/* An offer to a colleague ends by itself, and whoever offered it is told. */
Test(core_open, advice_that_nobody_accepts_ends_and_the_asker_is_told)
{
    struct core_world *world = with_reply();
    agent(world, "paul", "7002", agent_state_ready);
    moves(world, "marie", only(world)->id, move_Consult, move_to_agent, "paul");
    world_forget(world);
    world_advance(world, UINT64_C(31000000));
    cr_expect(strstr(world->trace, "Withdraw\n") && strstr(world->trace, "OfferRefused"), "%s", world->trace);
    cr_expect(is_owned(world, "handling", "agent", "marie"));
    world_end(world);
}

/* ---- drafts ---- */

/* Marie's desk keeps what she has begun to answer; without a text it forgets it. */
static void begins_an_answer(struct core_world *world, const char *text)
{
    struct kv kv;
    struct writer *writer = asks(world, "marie", KIND_RequestUserData, only(world)->id);
    kv_init(&kv);
    writer_u(writer, RequestUserData_op, data_op_Update);
    kv_put_text(&kv, "draft", span_of(text));
    kv_put_text(&kv, "draft_by", span_of("marie"));
    writer_kv(writer, RequestUserData_pairs, &kv);
    kv_free(&kv);
    world_post(world);
    world->client = 0;
}

static bool has_draft(const struct core_world *world, struct span data)
{
    struct kv_value value;
    (void)world;
    return kv_get(data, "draft", &value) || kv_get(data, "draft_by", &value);
}

static bool keeps_draft(const struct core_world *world)
{
    struct kv data;
    kv_init(&data);
    userdata_all(world->core->interactions, only(world), &data);
    bool has = has_draft(world, kv_span(&data));
    kv_free(&data);
    return has;
}

Test(core_open, an_answer_that_was_begun_goes_when_an_agent_has_answered)
{
    for (unsigned owed = 0; owed < 2; owed++) { /* without a time for the reply, and with one */
        struct serving_program serving = {.media = 1u << media_email,
                                          .queue = "desk",
                                          .answer_s = 30,
                                          .reply_s = owed ? 600 : 0,
                                          .absence_s = owed ? 0 : 300};
        struct core_world *world =
            owed ? with_reply_of(&serving) : with_marie_of(&serving, "Reply ok\nInvite\nReply ok\n");
        begins_an_answer(world, "Dear Anna");
        cr_expect(keeps_draft(world));
        world_forget(world);
        replies_to(world, "marie", "<2@example.com>");
        cr_expect_not(keeps_draft(world));
        expect(world, owed ? "EventAttachedDataChanged\nNotify ReplyDue 1-000000000001\nReply ok\n"
                           : "EventAttachedDataChanged\nReply ok\n");
        world_end(world);
    }
}

Test(core_open, an_answer_that_was_begun_stays_when_the_work_is_taken_back)
{
    struct core_world *world = with_reply();
    begins_an_answer(world, "Dear Anna");
    world_advance(world, UINT64_C(600000000));
    cr_expect(is_owned(world, "queued", "queue", "desk"));
    cr_expect(keeps_draft(world), "whoever is next finds it");
    world_end(world);
}

Test(core_open, an_answer_that_was_begun_goes_with_the_end)
{
    struct core_world *world = with_reply();
    uint64_t ixn = only(world)->id;
    struct span data;
    begins_an_answer(world, "Dear Anna");
    stops(world, "marie", ixn);
    world_advance(world, UINT64_C(3600000000));
    cr_assert_eq(world->core->interactions->live, 0u);
    const struct ended *ended = record_ended_at(world->core->records, world->core->records->ended_count - 1);
    cr_assert(ended && ended->ixn == ixn && record_ended_data(world->core->records, ended, &data));
    cr_expect_not(has_draft(world, data));
    world_free(world);
}

/* A desk keeps what is begun every few seconds. */
Test(core_open, answers_that_are_begun_are_no_lines_of_the_history)
{
    struct core_world *world = with_reply();
    uint64_t lines = world->core->records->happening_count;
    begins_an_answer(world, "Dear");
    begins_an_answer(world, "Dear Anna");
    cr_expect_eq(world->core->records->happening_count, lines);
    replies_to(world, "marie", "<2@example.com>");
    cr_expect_not(has_line(world, "EventAttachedDataChanged"));
    world_end(world);
}
