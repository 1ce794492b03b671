/* tests/unit/core_capacity.c - An agent takes as many interactions of each medium as its capacity says, and no medium
 * beside one that it does not go with. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#include "runtime/core/base/state.h"
#include "runtime/core/people/agent.h"
#include "runtime/core/site/directory.h"
#include "runtime/core/site/program.h"
#include "runtime/core/read/read.h"
#include "runtime/vocabulary/effects_call.h"
#include "runtime/vocabulary/events_agent.h"
#include "runtime/vocabulary/events_call.h"
#include "runtime/vocabulary/events_site.h"
#include "tests/unit/core_fixture.h"
#include "vm/steps.h"
#include "vm/image_writer.h"

TestSuite(core_capacity, .timeout = 60);

static const enum media V = media_voice, M = media_email, C = media_chat;

/* capacity blended { voice 1; chat CHATS; email 5; voice blocks chat; voice interrupts email; }
 * let who = select { group overflow } timeout 60s; route who. */
static struct image *named_with(const char *name, uint8_t chats, enum media blocks_chat)
{
    struct image_writer *w = image_writer_new();
    uint16_t strategy = program_strategy(w, "enterprise");
    const struct capacity_row rows[] = {{CAPACITY_TAKES, V, 1},
                                        {CAPACITY_TAKES, M, 5},
                                        {CAPACITY_TAKES, C, chats},
                                        {CAPACITY_BLOCKS, (uint8_t)blocks_chat, C},
                                        {CAPACITY_INTERRUPTS, V, M}};
    writer_capacity(w, name, rows, 5);
    uint16_t group = writer_constant(w, TYPE_GROUP, program_name(w, TYPE_GROUP, "overflow"));
    uint16_t body = writer_function_begin(w, "enterprise", FUNCTION_STRATEGY, strategy, 0, TYPE_VOID);
    uint8_t who = writer_register(w, TYPE_TARGET);
    uint32_t failed = writer_label(w);
    writer_wait_begin(w, NULL);
    writer_wait_argument(w, PARAMETER_select_vq,
                         CONSTANT(writer_constant(w, TYPE_VQ, program_name(w, TYPE_VQ, "service"))));
    writer_wait_timeout(w, SECONDS(w, 60));
    writer_wait_line_target(w, OPERAND_NONE, TYPE_GROUP, CONSTANT(group));
    writer_wait_failure(w, failed, REGISTER_NONE);
    writer_step(w, STEP_ID_select, who);
    program_route(w, who, 20, 15, failed);
    writer_place(w, failed);
    program_stop(w, program_text(w, "end"));
    writer_function_end(w);
    writer_strategy_functions(w, strategy, body, IMAGE_NONE, IMAGE_NONE);
    return program_loaded(w);
}

static struct image *named(const char *name, uint8_t chats)
{
    return named_with(name, chats, V);
}

static struct image *blended(uint8_t chats)
{
    return named("blended", chats);
}

static void member(struct core_world *world, const char *name, const char *capacity)
{
    char key[64];
    snprintf(key, sizeof key, "overflow/%s", name);
    directory(world, table_group_member, key, (const char *const[]){"group", "overflow", "agent", name, NULL});
    directory(world, table_agent, name,
              capacity ? (const char *const[]){"name", name, "capacity", capacity, NULL}
                       : (const char *const[]){"name", name, NULL});
}

/* Olga has the capacity, and is ready. */
static struct core_world *begun(void)
{
    struct core_world *world = world_new();
    world_run(world, blended(3));
    member(world, "olga", "blended");
    commit(world, false);
    agent(world, "olga", "7004", agent_state_ready);
    world_forget(world);
    return world;
}

/* A session of the medium comes to the routing point. */
static void comes(struct core_world *world, uint64_t conn, enum media medium)
{
    struct writer *writer = world_event(world, LINK, KIND_EventCallCreated, 0, 0, conn);
    writer_u(writer, EventCallCreated_media, medium);
    writer_u(writer, EventCallCreated_call_type, call_type_inbound);
    writer_text(writer, EventCallCreated_dnis, "1800");
    world_post(world);
    route_request(world, conn, 0);
}

static void goes(struct core_world *world, uint64_t conn, const char *dn, const char *who)
{
    party(world, conn, dn, who, party_role_agent, party_change_Released);
    deleted(world, conn);
}

/* Is the session sent there, and to nobody else? It is answered then. */
static bool is_given(struct core_world *world, uint64_t conn, const char *dn, const char *who)
{
    char sent[64];
    snprintf(sent, sizeof sent, "RequestRouteCall %s\n", dn);
    bool given = strstr(world->trace, sent) != NULL;
    world_forget(world);
    if (given) talk(world, conn, dn, who);
    world_forget(world);
    return given;
}

static bool to_olga(struct core_world *world, uint64_t conn, enum media medium)
{
    comes(world, conn, medium);
    return is_given(world, conn, "7004", "olga");
}

static const struct agent *olga(const struct core_world *world)
{
    uint32_t number = AGENT_NONE;
    cr_assert(agent_find(world->core->agents, names_find(world->core->names, span_of("olga")), &number));
    return agent_at(world->core->agents, number);
}

Test(core_capacity, an_agent_gets_as_many_of_a_medium_as_the_rule_says)
{
    struct core_world *world = begun();
    for (uint64_t chat = 0; chat < 3; chat++) cr_expect(to_olga(world, CALL + chat, C), "chat %d", (int)chat);
    cr_expect_eq(olga(world)->load.units[C], 3);
    cr_expect_not(to_olga(world, CALL + 3, C), "a fourth chat waits");
    goes(world, CALL, "7004", "olga");
    cr_expect(is_given(world, CALL + 3, "7004", "olga"), "until one is over");
    world_end(world);
}

Test(core_capacity, a_medium_that_blocks_another_and_this_one_keep_each_other_away)
{
    struct core_world *world = begun();
    cr_expect(to_olga(world, CALL, C));
    cr_expect_not(to_olga(world, CALL + 1, V), "who chats is given no call");
    goes(world, CALL, "7004", "olga");
    cr_expect(is_given(world, CALL + 1, "7004", "olga"));
    cr_expect_not(to_olga(world, CALL + 2, C), "who speaks is given no chat");
    world_end(world);
}

Test(core_capacity, a_medium_that_interrupts_comes_to_who_has_another_one_but_not_the_other_way_round)
{
    struct core_world *world = begun();
    cr_expect(to_olga(world, CALL, M));
    cr_expect(to_olga(world, CALL + 1, M));
    cr_expect(to_olga(world, CALL + 2, V), "a call comes to who works on e-mails");
    cr_expect_not(to_olga(world, CALL + 3, M), "no e-mail comes to who speaks");
    cr_expect_not(to_olga(world, CALL + 4, V));
    cr_expect(olga(world)->load.units[M] == 2 && olga(world)->load.units[V] == 1);
    goes(world, CALL + 2, "7004", "olga");
    cr_expect(is_given(world, CALL + 3, "7004", "olga"), "the one who waits longest is first");
    world_end(world);
}

Test(core_capacity, without_a_rule_one_interaction_of_whatever_medium_is_all)
{
    struct core_world *world = begun();
    member(world, "olga", NULL);
    commit(world, false);
    world_forget(world);
    cr_expect(to_olga(world, CALL, M));
    cr_expect_not(to_olga(world, CALL + 1, V));
    cr_expect_not(to_olga(world, CALL + 2, M));
    world_end(world);
}

Test(core_capacity, those_who_can_take_more_are_given_by_turns)
{
    struct core_world *world = begun();
    member(world, "jean", "blended");
    commit(world, false);
    agent(world, "jean", "7003", agent_state_ready);
    world_forget(world);
    cr_expect(to_olga(world, CALL, C), "idle longest");
    comes(world, CALL + 1, C);
    cr_expect(is_given(world, CALL + 1, "7003", "jean"));
    cr_expect(to_olga(world, CALL + 2, C));
    world_end(world);
}

static unsigned times(const struct core_world *world, const char *line)
{
    unsigned count = 0;
    for (const char *at = world->trace; (at = strstr(at, line)); at++) count++;
    return count;
}

Test(core_capacity, those_who_become_ready_together_share_what_waits)
{
    struct core_world *world = world_new();
    world_run(world, blended(3));
    member(world, "olga", "blended");
    directory(world, table_group_member, "overflow/olga", (const char *const[]){NULL});
    commit(world, false);
    agent(world, "olga", "7004", agent_state_ready);
    agent(world, "jean", "7003", agent_state_ready);
    for (uint64_t chat = 0; chat < 4; chat++) comes(world, CALL + chat, C);
    world_forget(world);
    member(world, "olga", "blended");
    member(world, "jean", "blended");
    commit(world, false);
    cr_expect_eq(times(world, "RequestRouteCall 7003\n"), 2u);
    cr_expect_eq(times(world, "RequestRouteCall 7004\n"), 2u);
    world_end(world);
}

static void is_ready_for(struct core_world *world, const char *name, enum media medium, enum agent_state state)
{
    struct writer *writer = world_event(world, LINK, KIND_EventAgentState, 0, 0, 0);
    writer_text(writer, EventAgentState_agent, name);
    writer_u(writer, EventAgentState_media, medium);
    writer_u(writer, EventAgentState_state, state);
    world_post(world);
}

Test(core_capacity, a_medium_may_have_a_state_of_its_own)
{
    struct core_world *world = begun();
    is_ready_for(world, "olga", C, agent_state_not_ready);
    cr_expect_not(to_olga(world, CALL, C), "not ready for chats");
    cr_expect(to_olga(world, CALL + 1, M), "but for e-mails, as before");
    is_ready_for(world, "olga", C, agent_state_ready);
    cr_expect(is_given(world, CALL, "7004", "olga"));
    agent(world, "olga", "7004", agent_state_not_ready);
    cr_expect_not(to_olga(world, CALL + 2, M));
    cr_expect(to_olga(world, CALL + 3, C), "ready for chats still");
    agent(world, "olga", "7004", agent_state_logged_out);
    agent(world, "olga", "7004", agent_state_not_ready);
    cr_expect_not(to_olga(world, CALL + 4, C), "a new login has no such state");
    world_end(world);
}

static void tells(const struct core_world *world, const char *capacity, const char *has, const char *takes,
                  const char *why);

Test(core_capacity, less_than_what_is_claimed_is_refused_whole_with_the_agent)
{
    struct core_world *world = begun();
    cr_expect(to_olga(world, CALL, C));
    cr_expect(to_olga(world, CALL + 1, C));
    skill(world, "olga", "French", 5);
    member(world, "olga", NULL);
    world_forget(world);
    commit(world, false);
    expect(world, "Reply error too_large\n");
    cr_expect_eq(olga(world)->skill_count, 0, "nothing of it came into force");
    cr_expect(to_olga(world, CALL + 2, C), "the rule before is in force");
    world_end(world);
}

Test(core_capacity, a_rule_that_comes_to_take_less_takes_nothing_away_and_gives_nothing_until_it_fits)
{
    struct core_world *world = begun();
    for (uint64_t chat = 0; chat < 2; chat++) cr_expect(to_olga(world, CALL + chat, C));
    struct image *first = world->earlier; /* the world keeps two */
    world_forget(world);
    world_run(world, blended(1));
    cr_expect_null(strstr(world->trace, "Reply error"), "%s", world->trace);
    cr_expect_not(to_olga(world, CALL + 2, C));
    tells(world, "blended", "chat=2", "voice=1 email=5 chat=1", "");
    goes(world, CALL, "7004", "olga");
    cr_expect_not(is_given(world, CALL + 2, "7004", "olga"), "she has as many as she takes");
    goes(world, CALL + 1, "7004", "olga");
    cr_expect(is_given(world, CALL + 2, "7004", "olga"));
    world->unchecked = true; /* a world has two images, and this one three */
    world_free(world);
    image_free(first);
}

/* The image is to run at 1800 with the rows of version 1, from their commit on. */
static void activates(struct core_world *world, struct image *image, const char *strategy)
{
    struct writer *writer = world_event(world, SOURCE_ADMIN, KIND_Activate, 0, 0, 0);
    writer_text(writer, Activate_at, "1800");
    writer_bytes(writer, Activate_image, (struct span){image_hash(image), IMAGE_HASH});
    writer_text(writer, Activate_strategy, strategy);
    writer_u(writer, Activate_load, 1);
    world_post(world);
}

static const struct image *runs(const struct core_world *world)
{
    const struct point *point =
        core_directory_point(world->core->directory, names_find(world->core->names, span_of("1800")));
    return world->core->strategies->programs[point->now.program].image;
}

Test(core_capacity, a_load_is_in_force_with_its_strategies_or_nothing_of_it_is)
{
    struct core_world *world = begun();
    struct image *first = world->earlier, *second = world->image, *third = named("wide", 4);
    world->earlier = second, world->image = third;
    for (uint64_t chat = 0; chat < 2; chat++) cr_expect(to_olga(world, CALL + chat, C));
    member(world, "olga", NULL); /* less than she has */
    activates(world, third, "enterprise");
    cr_expect_eq(runs(world), second, "nothing before the commit");
    world_forget(world);
    commit(world, false);
    expect(world, "Reply error too_large\n");
    cr_expect_eq(runs(world), second);
    skill(world, "olga", "French", 5);
    activates(world, third, "another");
    world_forget(world);
    commit(world, false);
    expect(world, "Reply error unavailable\n");
    cr_expect_eq(olga(world)->skill_count, 0, "no row without the strategy");
    skill(world, "olga", "French", 5);
    activates(world, third, "enterprise");
    commit(world, false);
    cr_expect_eq(olga(world)->skill_count, 1);
    cr_expect_eq(runs(world), third);
    world->unchecked = true; /* a world has two images, and this one three */
    world_free(world);
    image_free(first);
}

Test(core_capacity, rows_that_were_left_without_a_commit_come_into_force_with_no_other)
{
    struct core_world *world = begun();
    struct writer *writer;
    skill(world, "olga", "French", 5);
    writer = world_event(world, SOURCE_ADMIN, KIND_DirectoryRow, 0, 0, 0);
    writer_u(writer, DirectoryRow_version, 2);
    writer_u(writer, DirectoryRow_table, table_skill);
    writer_text(writer, DirectoryRow_key, "German");
    world_post(world);
    commit(world, false);
    cr_expect_eq(olga(world)->skill_count, 0);
    world_end(world);
}

Test(core_capacity, the_share_that_is_used_is_that_of_the_fullest_medium)
{
    struct core_world *world = begun();
    cr_expect(to_olga(world, CALL, C));
    cr_expect(to_olga(world, CALL + 1, M));
    uint32_t number = (uint32_t)(olga(world) - world->core->agents->all);
    cr_expect_eq(agent_load_share(world->core->agents, number), 333333u);
    world_end(world);
}

/* "voice=1 chat=3", as the core tells it. */
static void units_of(const struct kv *units, char out[64])
{
    struct kv_pair pair;
    size_t length = 0;
    out[0] = '\0';
    for (uint32_t at = 0; kv_next(kv_span(units), &at, &pair);)
        length += (size_t)snprintf(out + length, 64 - length, "%s%.*s=%d", length == 0 ? "" : " ", (int)pair.key.length,
                                   (const char *)pair.key.bytes, (int)pair.value.word);
}

static void tells(const struct core_world *world, const char *capacity, const char *has, const char *takes,
                  const char *why)
{
    char said[64];
    struct agent_row row;
    struct kv units[2];
    uint32_t number = (uint32_t)(olga(world) - world->core->agents->all);
    cr_assert(core_agent(world->core, number, &row));
    cr_expect(span_is(row.capacity, capacity));
    cr_expect(span_is(row.not_chosen, why));
    kv_init(&units[0]);
    kv_init(&units[1]);
    core_agent_load(world->core, number, &units[0], &units[1]);
    units_of(&units[0], said);
    cr_expect_str_eq(said, has);
    units_of(&units[1], said);
    cr_expect_str_eq(said, takes);
    kv_free(&units[0]);
    kv_free(&units[1]);
}

Test(core_capacity, what_an_agent_takes_and_has_of_it_is_told)
{
    struct core_world *world = begun();
    cr_expect(to_olga(world, CALL, C));
    cr_expect(to_olga(world, CALL + 1, C));
    cr_expect(to_olga(world, CALL + 2, M));
    tells(world, "blended", "email=1 chat=2", "voice=1 email=5 chat=3", "");
    is_ready_for(world, "olga", C, agent_state_ready);
    agent(world, "olga", "7004", agent_state_not_ready);
    tells(world, "blended", "email=1 chat=2", "voice=1 email=5 chat=3", "");
    is_ready_for(world, "olga", C, agent_state_not_ready);
    tells(world, "blended", "email=1 chat=2", "voice=1 email=5 chat=3", "not ready");
    goes(world, CALL, "7004", "olga");
    goes(world, CALL + 1, "7004", "olga");
    goes(world, CALL + 2, "7004", "olga");
    member(world, "olga", NULL);
    commit(world, false);
    tells(world, "", "", "", "not ready");
    world_end(world);
}

/* The telephone 7004 stands at the desk. */
static void desk(struct core_world *world, const char *capacity)
{
    directory(world, table_dn, "7004", (const char *const[]){"number", "7004", NULL});
    directory(world, table_place, "desk",
              capacity ? (const char *const[]){"name", "desk", "capacity", capacity, NULL}
                       : (const char *const[]){"name", "desk", NULL});
    directory(world, table_place_dn, "7004", (const char *const[]){"dn", "7004", "place", "desk", NULL});
}

Test(core_capacity, an_agent_without_a_rule_has_that_of_its_place)
{
    struct core_world *world = begun();
    member(world, "olga", NULL);
    desk(world, "blended");
    commit(world, false);
    world_forget(world);
    cr_expect(to_olga(world, CALL, C));
    cr_expect(to_olga(world, CALL + 1, C), "by the rule of the desk");
    goes(world, CALL, "7004", "olga");
    goes(world, CALL + 1, "7004", "olga");
    agent(world, "olga", "7009", agent_state_ready);
    world_forget(world);
    comes(world, CALL + 2, C);
    cr_expect(is_given(world, CALL + 2, "7009", "olga"));
    comes(world, CALL + 3, C);
    cr_expect_not(is_given(world, CALL + 3, "7009", "olga"), "elsewhere one at a time");
    world_end(world);
}

Test(core_capacity, the_agents_own_rule_counts_before_that_of_its_place)
{
    struct core_world *world = begun();
    desk(world, "other"); /* a rule that no image has brought: one at a time */
    commit(world, false);
    world_forget(world);
    cr_expect(to_olga(world, CALL, C));
    cr_expect(to_olga(world, CALL + 1, C));
    tells(world, "blended", "chat=2", "voice=1 email=5 chat=3", "");
    world_end(world);
}

Test(core_capacity, a_place_that_takes_less_waits_until_what_the_agent_has_fits_it)
{
    struct core_world *world = begun();
    member(world, "olga", NULL);
    desk(world, "blended");
    commit(world, false);
    world_forget(world);
    for (uint64_t chat = 0; chat < 2; chat++) cr_expect(to_olga(world, CALL + chat, C));
    desk(world, NULL);
    commit(world, false);
    tells(world, "blended", "chat=2", "voice=1 email=5 chat=3", "");
    goes(world, CALL, "7004", "olga");
    tells(world, "", "chat=1", "", "at work");
    world_end(world);
}

Test(core_capacity, a_whole_directory_without_the_place_takes_its_rule_away)
{
    struct core_world *world = begun();
    member(world, "olga", NULL);
    desk(world, "blended");
    commit(world, false);
    member(world, "olga", NULL);
    commit(world, true);
    tells(world, "", "", "", "");
    world_end(world);
}

Test(core_capacity, a_decision_counts_who_is_ready_with_an_interaction_once)
{
    struct core_world *world = begun();
    struct decision_row row;
    agent(world, "jean", "7003", agent_state_not_ready);
    cr_expect(to_olga(world, CALL, C));
    cr_expect(to_olga(world, CALL + 1, C));
    cr_assert(core_decision_at(world->core, 1, &row));
    cr_expect_eq(row.candidates, 1, "olga, who has a chat");
    cr_expect_eq(row.claimed, 0, "nobody was passed over for having too many");
    cr_expect_eq(row.not_ready, 1, "jean");
    world_end(world);
}

Test(core_capacity, a_state_of_a_medium_ends_with_the_login_even_if_nobody_saw_its_end)
{
    static const char *const caps[] = {"calls", "treatments", "pull_back", "set_agent", "desktops", NULL};
    struct core_world *world = begun();
    is_ready_for(world, "olga", C, agent_state_ready);
    link_down(world);
    link_up(world, caps);
    resync(world, true);
    resync(world, false);
    agent(world, "olga", "7004", agent_state_not_ready);
    world_forget(world);
    cr_expect_not(to_olga(world, CALL, C), "she logged out while the link was away");
    is_ready_for(world, "olga", C, agent_state_ready);
    cr_expect(is_given(world, CALL, "7004", "olga"));
    world_end(world);
}

/* Olga is given the session, and does not answer. */
static void is_unanswered(struct core_world *world, uint64_t conn, enum media medium)
{
    comes(world, conn, medium);
    route_used(world, conn, "7004", route_how_instructed);
    party(world, conn, "7004", "olga", party_role_agent, party_change_Ringing);
    world_advance(world, 15000000);
    world_forget(world);
    world_advance(world, 5000000);
}

Test(core_capacity, who_does_not_answer_is_not_ready_for_that_medium_if_it_has_a_state_of_its_own)
{
    struct core_world *world = begun();
    is_ready_for(world, "olga", C, agent_state_ready);
    is_unanswered(world, CALL, C);
    cr_expect(strstr(world->trace, "SetAgentState olga not_ready chat\n"), "%s", world->trace);
    deleted(world, CALL);
    world_forget(world);
    cr_expect_not(to_olga(world, CALL + 1, C));
    cr_expect(to_olga(world, CALL + 2, M), "ready for the others still");
    is_ready_for(world, "olga", C, agent_state_ready);
    cr_expect(is_given(world, CALL + 1, "7004", "olga"));
    goes(world, CALL + 1, "7004", "olga");
    is_unanswered(world, CALL + 3, V);
    cr_expect(strstr(world->trace, "SetAgentState olga not_ready\n"), "%s", world->trace);
    deleted(world, CALL + 3);
    world_forget(world);
    cr_expect(to_olga(world, CALL + 4, C), "a call that she did not answer changes nothing for chats");
    world_end(world);
}

Test(core_capacity, a_rule_that_comes_with_the_next_image_holds_from_then_on)
{
    struct core_world *world = begun();
    for (uint64_t chat = 0; chat < 3; chat++) cr_expect(to_olga(world, CALL + chat, C));
    member(world, "olga", "wide");
    commit(world, false);
    cr_expect_not(to_olga(world, CALL + 3, C));
    struct image *first = world->earlier; /* the world keeps two */
    world_run(world, named("wide", 4));
    world_advance(world, 1);
    cr_expect(is_given(world, CALL + 3, "7004", "olga"));
    world->unchecked = true; /* a world has two images, and this one three */
    world_free(world);
    image_free(first);
}

/* Olga has had a session of the medium, and is in after-call work since it ended. */
static void works_after(struct core_world *world, uint64_t conn, enum media medium)
{
    cr_assert(to_olga(world, conn, medium));
    struct writer *writer = world_event(world, LINK, KIND_EventAgentState, 0, 0, 0);
    writer_text(writer, EventAgentState_agent, "olga");
    writer_u(writer, EventAgentState_media, medium);
    writer_u(writer, EventAgentState_after, agent_state_after_call_work);
    world_post(world);
    goes(world, conn, "7004", "olga");
    world_forget(world);
}

Test(core_capacity, who_works_after_a_call_takes_what_may_be_had_beside_a_call)
{
    struct core_world *world = world_new();
    world_run(world, named_with("blended", 3, M));
    member(world, "olga", "blended");
    commit(world, false);
    agent(world, "olga", "7004", agent_state_ready);
    world_forget(world);
    works_after(world, CALL, V);
    cr_expect_not(to_olga(world, CALL + 1, M), "a call keeps e-mails away, and so does its after-call work");
    cr_expect(to_olga(world, CALL + 2, C), "a chat goes with a call");
    cr_expect_not(to_olga(world, CALL + 3, V), "a call does not");
    agent(world, "olga", "7004", agent_state_ready);
    cr_expect(is_given(world, CALL + 3, "7004", "olga"));
    world_end(world);
}

Test(core_capacity, who_works_after_a_chat_takes_what_may_be_had_beside_a_chat)
{
    struct core_world *world = begun();
    works_after(world, CALL, C);
    cr_expect_not(to_olga(world, CALL + 1, C));
    cr_expect_not(to_olga(world, CALL + 2, V), "a chat blocks calls, and so does its after-call work");
    cr_expect(to_olga(world, CALL + 3, M), "e-mails go with chats");
    tells(world, "blended", "email=1", "voice=1 email=5 chat=3", "");
    is_ready_for(world, "olga", C, agent_state_ready);
    cr_expect(is_given(world, CALL + 1, "7004", "olga"));
    world_end(world);
}

Test(core_capacity, without_a_rule_after_call_work_is_all)
{
    struct core_world *world = begun();
    member(world, "olga", NULL);
    commit(world, false);
    world_forget(world);
    works_after(world, CALL, V);
    cr_expect_not(to_olga(world, CALL + 1, M));
    tells(world, "", "", "", "in after-call work");
    agent(world, "olga", "7004", agent_state_ready);
    cr_expect(is_given(world, CALL + 1, "7004", "olga"));
    world_end(world);
}

Test(core_capacity, who_was_not_ready_is_ready_for_nothing_in_after_call_work)
{
    struct core_world *world = begun();
    agent(world, "olga", "7004", agent_state_not_ready);
    agent(world, "olga", "7004", agent_state_after_call_work);
    world_forget(world);
    cr_expect_not(to_olga(world, CALL, M));
    world_end(world);
}

/* Olga's desktop asks for states of the medium: now, and after what she has of it. */
static void asks(struct core_world *world, enum media medium, enum agent_state now, enum agent_state after)
{
    world->client = 3;
    world->req = 77;
    struct writer *writer = world_event(world, LINK, KIND_RequestAgentState, 0, 0, 0);
    writer_text(writer, RequestAgentState_agent, "olga");
    writer_u(writer, RequestAgentState_media, medium);
    writer_u(writer, RequestAgentState_state, now);
    writer_u(writer, RequestAgentState_after, after);
    world_post(world);
    world->client = world->req = 0;
}

Test(core_capacity, a_desktop_asks_for_the_state_of_one_medium)
{
    struct core_world *world = begun();
    asks(world, C, agent_state_not_ready, agent_state_unknown);
    expect(world, "SetAgentState olga not_ready chat\nReply ok\n");
    cr_expect_not(to_olga(world, CALL, C));
    cr_expect(to_olga(world, CALL + 1, M));
    cr_expect(to_olga(world, CALL + 2, V));
    asks(world, V, agent_state_unknown, agent_state_not_ready);
    expect(world, "Reply ok\n");
    goes(world, CALL + 2, "7004", "olga");
    cr_expect(strstr(world->trace, "SetAgentState olga not_ready\n"), "after the call, e-mail or not: %s",
              world->trace);
    world_forget(world);
    asks(world, C, agent_state_dnd_on, agent_state_unknown);
    expect(world, "Reply error invalid_attribute\n");
    world_end(world);
}

/* Why Olga has no room for what the core last had of that medium. */
static void has_no_room(struct core_world *world, uint64_t conn, const char *why)
{
    char text[CORE_ROOM_TEXT] = "";
    uint32_t number = (uint32_t)(olga(world) - world->core->agents->all);
    (void)core_agent_room(world->core, core_ixn_of(world->core, conn), number, text);
    cr_expect_str_eq(text, why);
}

Test(core_capacity, the_rule_that_keeps_an_interaction_away_is_named)
{
    struct core_world *world = begun();
    comes(world, CALL + 9, media_sms);
    has_no_room(world, CALL + 9, "capacity blended takes no sms");
    for (uint64_t chat = 0; chat < 3; chat++) cr_expect(to_olga(world, CALL + chat, C));
    cr_expect_not(to_olga(world, CALL + 3, C));
    has_no_room(world, CALL + 3, "capacity blended is full of chat");
    cr_expect_not(to_olga(world, CALL + 4, V));
    has_no_room(world, CALL + 4, "capacity blended: no voice beside chat");
    is_ready_for(world, "olga", M, agent_state_not_ready);
    cr_expect_not(to_olga(world, CALL + 5, M));
    has_no_room(world, CALL + 5, "not ready for email");
    is_ready_for(world, "olga", M, agent_state_after_call_work);
    has_no_room(world, CALL + 5, "in after-call work of email");
    is_ready_for(world, "olga", C, agent_state_after_call_work);
    for (uint64_t chat = 0; chat < 3; chat++) goes(world, CALL + chat, "7004", "olga");
    has_no_room(world, CALL + 4, "capacity blended: no voice beside after-call work of chat");
    agent(world, "olga", "7004", agent_state_not_ready);
    has_no_room(world, CALL + 4, "");
    has_no_room(world, CALL + 9, "capacity blended takes no sms"); /* ready or not */
    world_end(world);
}

/* Olga's desk has the telephone 7004 and, for chats, 7104. */
static struct core_world *at_two_dns(void)
{
    struct core_world *world = begun();
    desk(world, NULL);
    directory(world, table_dn, "7104", (const char *const[]){"number", "7104", NULL});
    directory(world, table_place_dn, "7104", (const char *const[]){"dn", "7104", "place", "desk", NULL});
    commit(world, false);
    world_forget(world);
    return world;
}

static void is_at(struct core_world *world, const char *dn, enum media medium, enum agent_state state)
{
    struct writer *writer = world_event(world, LINK, KIND_EventAgentState, 0, 0, 0);
    writer_text(writer, EventAgentState_agent, "olga");
    writer_text(writer, EventAgentState_dn, dn);
    writer_u(writer, EventAgentState_media, medium);
    writer_u(writer, EventAgentState_state, state);
    world_post(world);
}

static bool chat_to(struct core_world *world, uint64_t conn, const char *dn)
{
    comes(world, conn, C);
    return is_given(world, conn, dn, "olga");
}

Test(core_capacity, who_is_logged_in_at_two_dns_of_a_place_is_one_and_gets_each_medium_where_it_is_served)
{
    struct core_world *world = at_two_dns();
    is_at(world, "7104", C, agent_state_ready);
    cr_expect(chat_to(world, CALL, "7104"));
    cr_expect_eq(olga(world)->load.units[C], 1);
    cr_expect_not(to_olga(world, CALL + 1, V), "a chat at one DN keeps calls from the other");
    cr_expect(to_olga(world, CALL + 2, M), "what has no DN of its own comes to the main one");
    party(world, CALL, "7104", NULL, party_role_agent, party_change_Released);
    cr_expect_eq(olga(world)->load.units[C], 0, "an event of that DN is hers");
    deleted(world, CALL);
    cr_expect(is_given(world, CALL + 1, "7004", "olga"));
    world_end(world);
}

Test(core_capacity, to_log_out_of_one_dn_leaves_the_other)
{
    struct core_world *world = at_two_dns();
    is_at(world, "7104", C, agent_state_ready);
    is_at(world, "7104", C, agent_state_logged_out);
    cr_expect_not(chat_to(world, CALL, "7104"));
    cr_expect(to_olga(world, CALL + 1, V));
    goes(world, CALL + 1, "7004", "olga");
    is_at(world, "7104", C, agent_state_ready);
    cr_expect(is_given(world, CALL, "7104", "olga"));
    is_at(world, "7004", V, agent_state_logged_out);
    cr_expect_eq(olga(world)->state, agent_state_not_ready);
    cr_expect_not(to_olga(world, CALL + 2, M), "of voice and what follows it nothing is left");
    cr_expect(chat_to(world, CALL + 3, "7104"));
    is_at(world, "7004", V, agent_state_ready);
    cr_expect(is_given(world, CALL + 2, "7004", "olga"), "the telephone is the main DN again");
    is_at(world, "7104", C, agent_state_logged_out);
    is_at(world, "7004", V, agent_state_logged_out);
    cr_expect_eq(olga(world)->state, agent_state_logged_out);
    cr_expect_eq(olga(world)->lines, LINE_NONE);
    world_end(world);
}

Test(core_capacity, who_logs_in_for_chats_only_is_not_ready_for_calls)
{
    struct core_world *world = at_two_dns();
    agent(world, "olga", "7004", agent_state_logged_out);
    is_at(world, "7104", C, agent_state_ready);
    cr_expect_not(to_olga(world, CALL, V));
    cr_expect(chat_to(world, CALL + 1, "7104"));
    goes(world, CALL + 1, "7104", "olga");
    is_at(world, "7104", C, agent_state_logged_out);
    cr_expect_eq(olga(world)->state, agent_state_logged_out);
    world_end(world);
}

/* A link without places reports the DN as place. */
static void switch_says(struct core_world *world, const char *agent_name, const char *dn, enum agent_state state)
{
    struct writer *writer = world_event(world, LINK, KIND_EventAgentState, 0, 0, 0);
    writer_text(writer, EventAgentState_agent, agent_name);
    writer_text(writer, EventAgentState_place, dn);
    writer_text(writer, EventAgentState_dn, dn);
    writer_u(writer, EventAgentState_media, media_voice);
    writer_u(writer, EventAgentState_state, state);
    world_post(world);
}

Test(core_capacity, of_two_telephones_of_a_place_one_may_be_left)
{
    struct core_world *world = at_two_dns();
    switch_says(world, "olga", "7104", agent_state_logged_in);
    switch_says(world, "olga", "7104", agent_state_ready);
    switch_says(world, "olga", "7004", agent_state_logged_out);
    cr_expect_eq(olga(world)->state, agent_state_ready);
    comes(world, CALL, V);
    cr_expect(is_given(world, CALL, "7104", "olga"));
    switch_says(world, "olga", "7104", agent_state_logged_out);
    cr_expect_eq(olga(world)->state, agent_state_logged_out);
    world_end(world);
}

Test(core_capacity, who_moves_to_another_place_before_leaving_the_first_stays_logged_in)
{
    struct core_world *world = at_two_dns();
    switch_says(world, "olga", "7009", agent_state_logged_in);
    switch_says(world, "olga", "7009", agent_state_ready);
    switch_says(world, "olga", "7004", agent_state_logged_out);
    cr_expect_eq(olga(world)->state, agent_state_ready);
    comes(world, CALL, V);
    cr_expect(is_given(world, CALL, "7009", "olga"));
    switch_says(world, "olga", "7009", agent_state_logged_out);
    cr_expect_eq(olga(world)->state, agent_state_logged_out);
    world_end(world);
}

Test(core_capacity, a_dn_has_one_agent_and_who_comes_there_takes_it_from_the_other_alone)
{
    struct core_world *world = at_two_dns();
    is_at(world, "7104", C, agent_state_ready);
    member(world, "jean", "blended");
    commit(world, false);
    agent(world, "jean", "7104", agent_state_ready);
    cr_expect_eq(olga(world)->state, agent_state_ready, "the telephone is left to her");
    uint32_t index = (uint32_t)(olga(world) - world->core->agents->all);
    cr_expect_eq(line_dn_for_agent(world->core->agents, index, C), line_agent_dn(world->core->agents, index));
    world_end(world);
}

Test(core_capacity, a_dn_out_of_service_closes_its_medium_alone)
{
    struct core_world *world = at_two_dns();
    is_at(world, "7104", C, agent_state_ready);
    struct writer *writer = world_event(world, LINK, KIND_EventDN, 0, 0, 0);
    writer_text(writer, EventDN_dn, "7104");
    writer_u(writer, EventDN_state, dn_state_out);
    world_post(world);
    cr_expect_not(chat_to(world, CALL, "7104"));
    cr_expect(to_olga(world, CALL + 1, V));
    goes(world, CALL + 1, "7004", "olga");
    writer = world_event(world, LINK, KIND_EventDN, 0, 0, 0);
    writer_text(writer, EventDN_dn, "7104");
    writer_u(writer, EventDN_state, dn_state_in);
    world_post(world);
    cr_expect(is_given(world, CALL, "7104", "olga"));
    world_end(world);
}

Test(core_capacity, a_telephone_that_cannot_be_had_leaves_the_chats_of_another_dn)
{
    struct core_world *world = at_two_dns();
    is_at(world, "7104", C, agent_state_ready);
    comes(world, CALL, V);
    cr_assert(strstr(world->trace, "RequestRouteCall 7004\n"));
    done(world, world->ixn, world->last_ref[KIND_RequestRouteCall], outcome_error, code_invalid_destination);
    deleted(world, CALL);
    world_forget(world);
    cr_expect_not(to_olga(world, CALL + 1, V), "her telephone is dead");
    deleted(world, CALL + 1);
    cr_expect(chat_to(world, CALL + 2, "7104"), "her desk is not");
    goes(world, CALL + 2, "7104", "olga");
    world_advance(world, 60000000);
    cr_expect(to_olga(world, CALL + 3, V), "it is tried again");
    goes(world, CALL + 3, "7004", "olga");
    comes(world, CALL + 4, V);
    done(world, world->ixn, world->last_ref[KIND_RequestRouteCall], outcome_error, code_invalid_destination);
    deleted(world, CALL + 4);
    world_forget(world);
    struct writer *writer = world_event(world, LINK, KIND_EventDN, 0, 0, 0);
    writer_text(writer, EventDN_dn, "7004");
    writer_u(writer, EventDN_state, dn_state_in);
    world_post(world);
    cr_expect(to_olga(world, CALL + 5, V), "the switch has said that it works");
    world_end(world);
}
