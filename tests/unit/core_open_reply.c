/* tests/unit/core_open_reply.c - E-mail that an agent owes a reply: overdue, absence of the agent, and drafts. */
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
#include "tests/unit/core_open_fixture.h"

TestSuite(core_open_reply, .timeout = 60);

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

Test(core_open_reply, what_is_not_replied_to_in_time_is_taken_from_its_agent_and_the_strategy_goes_on)
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

Test(core_open_reply, after_a_reply_a_mail_stays_with_its_agent_as_long_as_its_queue_says)
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

Test(core_open_reply, the_time_of_a_reply_goes_on_where_it_is_handed_on)
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

Test(core_open_reply, whoever_is_done_with_it_has_replied)
{
    struct core_world *world = with_reply();
    stops(world, "marie", only(world)->id);
    expect(world, "Reply ok\n");
    world_advance(world, UINT64_C(700000000));
    expect(world, "");
    world_end(world);
}

Test(core_open_reply, an_agent_who_logs_out_before_the_reply_leaves_it_to_its_strategy_once)
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

Test(core_open_reply, what_an_agent_lays_into_their_workbin_comes_back_when_its_reply_is_overdue)
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

Test(core_open_reply, the_time_of_a_reply_is_a_second_at_least_and_a_year_at_most)
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

Test(core_open_reply, agents_are_warned_a_quarter_of_an_hour_before_the_end_at_most)
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
Test(core_open_reply, a_strategy_that_goes_on_after_a_late_reply_has_all_of_its_time_again)
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

Test(core_open_reply, a_strategy_that_fails_after_an_overdue_reply_leaves_it_in_its_last_queue)
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

/* Marie's answer to the first mail goes in so many seconds. */
static uint64_t held_reply(struct core_world *world, int64_t in_s)
{
    struct writer *writer = asks(world, "marie", KIND_Submit, 0);
    writer_u(writer, Submit_media, media_email);
    writer_u(writer, Submit_type, submit_type_outbound);
    writer_text(writer, Submit_external_id, "<2@example.com>");
    writer_text(writer, Submit_queue, "desk");
    writer_u(writer, Submit_parent, only(world)->id);
    writer_i(writer, Submit_begins, now_wall_us(world->core->now) + in_s * 1000000);
    world_post(world);
    world->client = 0;
    return world->ixn;
}

static bool is_awaited(const struct core_world *world, uint64_t ixn)
{
    return reply_is_awaited(world->core, interaction_by_id(world->core->interactions, ixn));
}

Test(core_open_reply, a_reply_that_is_held_counts_when_it_goes)
{
    struct core_world *world = with_reply();
    uint64_t mail = only(world)->id;
    uint64_t answer = held_reply(world, 10);
    cr_expect(is_awaited(world, mail));
    world_advance(world, UINT64_C(9000000));
    cr_expect(is_awaited(world, mail));
    world_advance(world, UINT64_C(2000000));
    cr_expect_not(is_awaited(world, mail));
    const struct interaction *gone = interaction_by_id(world->core->interactions, answer);
    cr_expect_not(submitted_of(world->core->submissions, gone)->answers);
    world_end(world);
}

Test(core_open_reply, a_reply_that_is_taken_back_is_still_owed)
{
    struct core_world *world = with_reply();
    uint64_t mail = only(world)->id;
    uint64_t answer = held_reply(world, 10);
    writer_text(asks(world, "marie", KIND_RequestPull, 0), RequestPull_workbin, "later");
    world_post(world);
    world->client = 0;
    world_advance(world, UINT64_C(20000000));
    cr_expect(is_awaited(world, mail));
    moves(world, "marie", answer, move_Place, move_to_workbin, "later");
    cr_expect(is_awaited(world, mail));
    moves(world, "marie", answer, move_Place, move_to_queue, "desk"); /* she sends it on */
    cr_expect_not(is_awaited(world, mail));
    world_end(world);
}

Test(core_open_reply, a_reply_that_goes_after_its_time_counts_at_once)
{
    struct core_world *world = with_reply();
    uint64_t mail = only(world)->id;
    (void)held_reply(world, 601);
    cr_expect_not(is_awaited(world, mail));
    world_end(world);
}

Test(core_open_reply, only_a_mail_to_the_customer_is_a_reply_to_a_mail)
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

Test(core_open_reply, a_reply_of_the_moment_at_which_it_is_due_comes_too_late_and_is_refused)
{
    struct core_world *world = with_reply();
    world->time_us += UINT64_C(600000000);
    replies_to(world, "marie", "<2@example.com>");
    expect(world, "Notify ReplyDue 1-000000000001 due= warns=\nWithdraw\nReply error no_privilege\n");
    cr_expect(is_owned(world, "queued", "queue", "desk"));
    world_end(world);
}

Test(core_open_reply, whoever_is_asked_when_a_reply_is_overdue_is_asked_no_more)
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

Test(core_open_reply, whoever_has_it_again_has_all_of_their_time_again)
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

Test(core_open_reply, an_overdue_mail_stays_in_its_workbin_where_its_queue_was_deleted)
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

Test(core_open_reply, a_moment_beyond_all_bounds_is_a_second_or_a_year)
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
Test(core_open_reply, strategies_that_pass_on_what_was_overdue_begin_no_circle)
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

Test(core_open_reply, what_another_domain_is_asked_to_take_is_looked_at_more_seldom_the_later_it_is)
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

Test(core_open_reply, a_reply_is_awaited_while_another_image_comes_into_force)
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
Test(core_open_reply, a_clock_that_jumps_moves_no_reply)
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

Test(core_open_reply, what_an_agent_has_who_pauses_for_too_long_goes_back_to_its_strategy)
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

Test(core_open_reply, an_agent_who_is_back_in_time_keeps_it_and_is_told_so)
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
Test(core_open_reply, an_agent_who_is_back_before_any_warning_is_told_so_once)
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
Test(core_open_reply, an_agent_who_goes_on_while_away_is_warned_again)
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

Test(core_open_reply, an_agent_whose_desktop_is_back_in_time_keeps_it)
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

Test(core_open_reply, what_an_agent_has_whose_desktop_is_away_for_too_long_goes_back_to_its_strategy)
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

Test(core_open_reply, what_an_agent_has_who_logs_out_goes_back_to_its_strategy_where_it_says_how_long_they_may_be_away)
{
    struct core_world *world = with_absence();
    agent(world, "marie", "7001", agent_state_logged_out);
    world_advance(world, 1);
    cr_expect(is_owned(world, "queued", "queue", "desk"), "its strategy went on, and none began anew");
    world_end(world);
}

Test(core_open_reply, whoever_it_is_handed_on_to_after_the_reply_owes_one_and_may_not_be_away)
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
Test(core_open_reply, a_priority_that_grew_while_a_reply_was_awaited_grows_no_more_after_it)
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
Test(core_open_reply, advice_that_is_not_given_ends_with_the_work)
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
Test(core_open_reply, advice_that_nobody_accepts_ends_and_the_asker_is_told)
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

Test(core_open_reply, an_answer_that_was_begun_goes_when_an_agent_has_answered)
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

Test(core_open_reply, an_answer_that_was_begun_stays_when_the_work_is_taken_back)
{
    struct core_world *world = with_reply();
    begins_an_answer(world, "Dear Anna");
    world_advance(world, UINT64_C(600000000));
    cr_expect(is_owned(world, "queued", "queue", "desk"));
    cr_expect(keeps_draft(world), "whoever is next finds it");
    world_end(world);
}

Test(core_open_reply, an_answer_that_was_begun_goes_with_the_end)
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
Test(core_open_reply, answers_that_are_begun_are_no_lines_of_the_history)
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
