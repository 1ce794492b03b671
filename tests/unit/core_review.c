/* tests/unit/core_review.c - An agent's finished reply: parked in an outbound queue, reviewed, passed on, sent, or
 * given back to its author; flow M1, step 6. And the transcript of a chat. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#include "vm/steps.h"
#include "runtime/core/base/state.h"
#include "runtime/core/interactions/interaction.h"
#include "runtime/core/interactions/submitted.h"
#include "runtime/core/read/read.h"
#include "vm/memory.h"
#include "runtime/core/snapshot.h"
#include "runtime/vocabulary/effects_work.h"
#include "runtime/vocabulary/events_agent.h"
#include "runtime/vocabulary/events_link.h"
#include "runtime/vocabulary/events_work.h"
#include "runtime/vocabulary/rows.h"
#include "tests/unit/core_fixture.h"

TestSuite(core_review, .timeout = 60);

#define A_SECOND_US UINT64_C(1000000)
enum { DESK = LINK + 1, SECOND = LINK + 2 }; /* LINK has the mail server, SECOND another one */
enum how { RELEASES, RETURNS, OFFERS, WAITS, LASTS };

static void stops(struct image_writer *w, uint32_t failed)
{
    program_stop(w, program_text(w, "sent"));
    writer_place(w, failed);
    program_stop(w, program_text(w, "not sent"));
}

static void releases(struct image_writer *w)
{
    uint32_t failed = writer_label(w);
    writer_wait_begin(w, NULL);
    writer_wait_timeout(w, SECONDS(w, 30));
    writer_wait_failure(w, failed, REGISTER_NONE);
    writer_step(w, STEP_ID_email_release, REGISTER_NONE);
    stops(w, failed);
}

static void returns(struct image_writer *w)
{
    uint32_t failed = writer_label(w);
    writer_wait_begin(w, NULL);
    writer_wait_argument(w, PARAMETER_email_return_to_author_text, program_text(w, "No discounts, please."));
    writer_wait_failure(w, failed, REGISTER_NONE);
    writer_step(w, STEP_ID_email_return_to_author, REGISTER_NONE);
    stops(w, failed);
}

/* To a senior of the group; nobody: it is released. */
static void offers(struct image_writer *w)
{
    uint16_t group = writer_constant(w, TYPE_GROUP, program_name(w, TYPE_GROUP, "overflow"));
    uint16_t vq = writer_constant(w, TYPE_VQ, program_name(w, TYPE_VQ, "service"));
    uint8_t who = writer_register(w, TYPE_TARGET);
    uint32_t nobody = writer_label(w);
    writer_wait_begin(w, NULL);
    writer_wait_argument(w, PARAMETER_select_vq, CONSTANT(vq));
    writer_wait_timeout(w, SECONDS(w, 60));
    writer_wait_line_target(w, OPERAND_NONE, TYPE_GROUP, CONSTANT(group));
    writer_wait_order(w, ORDER_longest_idle);
    writer_wait_failure(w, nobody, REGISTER_NONE);
    writer_step(w, STEP_ID_select, who);
    program_route(w, who, 30, 30, nobody);
    writer_place(w, nobody);
    releases(w);
}

/* For a senior of the group, until somebody has another one of its thread (WAITS), or nobody has (LASTS). */
static void waits(struct image_writer *w, uint16_t until)
{
    uint16_t group = writer_constant(w, TYPE_GROUP, program_name(w, TYPE_GROUP, "overflow"));
    uint16_t vq = writer_constant(w, TYPE_VQ, program_name(w, TYPE_VQ, "service"));
    uint32_t failed = writer_label(w);
    writer_wait_begin(w, NULL);
    writer_wait_argument(w, PARAMETER_select_vq, CONSTANT(vq));
    writer_wait_timeout(w, SECONDS(w, 86400));
    writer_wait_line_target(w, OPERAND_NONE, TYPE_GROUP, CONSTANT(group));
    writer_wait_until(w, until, NULL, 0, LINE_HEARS);
    writer_wait_order(w, ORDER_longest_idle);
    writer_wait_failure(w, failed, REGISTER_NONE);
    writer_step(w, STEP_ID_select, writer_register(w, TYPE_TARGET));
    stops(w, failed);
}

static uint16_t others_agent(struct image_writer *w, uint16_t strategy, bool known)
{
    uint16_t function = writer_function_begin(w, "known", FUNCTION_PLAIN, strategy, 0, TYPE_BOOL);
    uint8_t agent = writer_register(w, TYPE_STR | TYPE_OPTIONAL), none = writer_register(w, TYPE_BOOL);
    writer_abx(w, OP_ATTRIBUTE, agent, ATTRIBUTE_ID_thread_agent);
    writer_abc(w, OP_IS_NONE, none, agent, 0);
    if (known) writer_abc(w, OP_NOT, none, none, 0);
    writer_abc(w, OP_RETURN, none, 0, 0);
    writer_function_end(w);
    return function;
}

static struct image *reviewing(enum how how)
{
    struct image_writer *w = image_writer_new();
    uint16_t strategy = writer_strategy(w, "enterprise", 1u << media_email, INT64_C(2592000000000));
    uint16_t until = how >= WAITS ? others_agent(w, strategy, how == WAITS) : IMAGE_NONE;
    uint16_t body = writer_function_begin(w, "enterprise", FUNCTION_STRATEGY, strategy, 0, TYPE_VOID);
    if (how >= WAITS)
        waits(w, until);
    else
        (how == RELEASES ? releases : how == RETURNS ? returns : offers)(w);
    writer_function_end(w);
    writer_strategy_functions(w, strategy, body, IMAGE_NONE, IMAGE_NONE);
    return program_loaded(w);
}

static void link_comes_up(struct core_world *world, unsigned link, const char *const *caps)
{
    struct writer *writer = world_event(world, SOURCE_HOST, KIND_LinkUp, 0, 0, 0);
    writer_u(writer, LinkUp_link, link);
    writer_list_begin(writer, LinkUp_caps);
    for (; *caps; caps++) writer_list_text(writer, span_of(*caps));
    writer_list_end(writer);
    world_post(world);
    world_event(world, link, KIND_ResyncBegin, 0, 0, 0);
    world_post(world);
    world_event(world, link, KIND_ResyncEnd, 0, 0, 0);
    world_post(world);
}

static void of_email(struct core_world *world, const char *agent, const char *dn, enum agent_state state)
{
    struct writer *writer = world_event(world, DESK, KIND_RequestAgentState, 0, 0, 0);
    writer_text(writer, RequestAgentState_agent, agent);
    writer_text(writer, RequestAgentState_dn, dn);
    writer_u(writer, RequestAgentState_media, media_email);
    writer_u(writer, RequestAgentState_state, state);
    world_post(world);
}

static void logs_in(struct core_world *world, const char *agent, const char *dn)
{
    of_email(world, agent, dn, agent_state_ready);
}

/* `outbound` has the strategy; `desk` and `mail` have none, or keep theirs. */
static struct core_world *begin(enum how how)
{
    static const char *const server[] = {"sessions", "mail", NULL}, *const desk[] = {"desktops", "preview", NULL};
    struct core_world *world = world_new();
    link_comes_up(world, LINK, server);
    link_comes_up(world, DESK, desk);
    directory(world, table_queue, "outbound", (const char *const[]){"name", "outbound", NULL});
    directory(world, table_group_member, "overflow/paul",
              (const char *const[]){"group", "overflow", "agent", "paul", NULL});
    commit(world, false);
    world->earlier = world->image;
    world->image = reviewing(how);
    activate(world, "outbound");
    logs_in(world, "marie", "email.marie");
    world_forget(world);
    return world;
}

static struct writer *asks(struct core_world *world, unsigned kind, const char *actor, uint64_t ixn)
{
    world->client = 9;
    world->req++;
    struct writer *writer = world_event(world, DESK, kind, ixn, 0, 0);
    writer_text(writer, ENVELOPE_actor, actor);
    return writer;
}

static void post(struct core_world *world)
{
    world_post(world);
    world->client = 0;
}

/* Marie has a customer's mail, and submits her reply to it. Returns the mail; world->ixn is the reply. */
static uint64_t replies_at(struct core_world *world, unsigned link, int64_t begins)
{
    world->client = 5;
    world->req++;
    struct writer *writer = world_event(world, link, KIND_Submit, 0, 0, 0);
    writer_u(writer, Submit_media, media_email);
    writer_text(writer, Submit_external_id, "<1@example.com>");
    writer_text(writer, Submit_queue, "desk");
    post(world);
    uint64_t mail = world->ixn;
    writer = asks(world, KIND_RequestPull, "marie", 0);
    writer_text(writer, RequestPull_queue, "desk");
    post(world);
    world_forget(world);
    writer = asks(world, KIND_Submit, "marie", 0);
    writer_u(writer, Submit_media, media_email);
    writer_u(writer, Submit_type, submit_type_outbound);
    writer_text(writer, Submit_external_id, "reply-1");
    writer_text(writer, Submit_queue, "outbound");
    writer_u(writer, Submit_parent, mail);
    writer_text(writer, Submit_from, "service@example.org");
    writer_list_begin(writer, Submit_to);
    writer_list_text(writer, span_of("dupont@example.com"));
    writer_list_text(writer, span_of("durand@example.com"));
    writer_list_end(writer);
    writer_text(writer, Submit_subject, "Re: My bill");
    if (begins != 0) writer_i(writer, Submit_begins, begins);
    post(world);
    return mail;
}

static uint64_t replies_to(struct core_world *world, unsigned link)
{
    return replies_at(world, link, 0);
}

static uint64_t replies(struct core_world *world)
{
    return replies_to(world, LINK);
}

static void stopped(struct core_world *world, const char *actor, uint64_t ixn)
{
    asks(world, KIND_RequestStop, actor, ixn);
    post(world);
}

static void accepts(struct core_world *world, const char *actor, uint64_t number)
{
    writer_u(asks(world, KIND_RequestAccept, actor, 0), RequestAccept_claim, UINT64_C(1) << 48 | number);
    post(world);
}

static void places(struct core_world *world, const char *actor, uint64_t ixn, enum move_to to, const char *name,
                   const char *whose)
{
    struct writer *writer = asks(world, KIND_RequestMove, actor, ixn);
    writer_u(writer, RequestMove_how, move_Place);
    writer_u(writer, RequestMove_to, to);
    writer_text(writer, RequestMove_name, name);
    writer_text(writer, RequestMove_whose, whose);
    post(world);
}

static void delivered(struct core_world *world, uint64_t ixn)
{
    struct writer *writer = world_event(world, LINK, KIND_EventDelivery, ixn, world->last_ref[KIND_SendMessage], 0);
    writer_u(writer, EventDelivery_state, delivery_accepted);
    world_post(world);
}

static bool is_owned(const struct core_world *world, uint64_t ixn, const char *state, const char *kind,
                     const char *owner)
{
    struct interaction_row row;
    cr_assert(core_find(world->core, ixn, &row));
    return span_is(row.state, state) && span_is(row.owner_kind, kind) && span_is(row.owner, owner);
}

Test(core_review, m1_6_a_finished_reply_is_released_and_is_over)
{
    struct core_world *world = begin(RELEASES);
    uint64_t mail = replies(world), reply = world->ixn;
    expect(world, "Reply ok\nSendMessage release=reply-1 author=marie durand@example.com\n");
    cr_expect_neq(mail, reply);
    stopped(world, "marie", mail);
    expect(world, "Reply ok\n");
    delivered(world, reply);
    cr_expect_null(interaction_by_id(world->core->interactions, reply));
    cr_expect_null(interaction_by_id(world->core->interactions, mail));
    world_end(world);
}

static int64_t in_seconds(const struct core_world *world, int64_t seconds)
{
    return now_wall_us(world->core->now) + seconds * 1000000;
}

Test(core_review, a_reply_is_held_until_its_time_and_then_released_once)
{
    struct core_world *world = begin(RELEASES);
    (void)replies_at(world, LINK, in_seconds(world, 10));
    uint64_t reply = world->ixn;
    expect(world, "Reply ok\n");
    cr_expect(is_owned(world, reply, "queued", "workbin", "later"));
    world_advance(world, 9 * A_SECOND_US);
    expect(world, "");
    world_advance(world, 2 * A_SECOND_US);
    expect(world, "SendMessage release=reply-1 author=marie durand@example.com\n");
    world_advance(world, 60 * A_SECOND_US);
    world_end(world);
}

Test(core_review, a_reply_whose_time_is_past_goes_at_once)
{
    struct core_world *world = begin(RELEASES);
    (void)replies_at(world, LINK, in_seconds(world, -1));
    expect(world, "Reply ok\nSendMessage release=reply-1 author=marie durand@example.com\n");
    world_end(world);
}

Test(core_review, an_author_takes_a_held_reply_back_and_it_goes_when_they_say_so)
{
    struct core_world *world = begin(RELEASES);
    (void)replies_at(world, LINK, in_seconds(world, 10));
    uint64_t reply = world->ixn;
    writer_text(asks(world, KIND_RequestPull, "marie", 0), RequestPull_workbin, "later");
    post(world);
    cr_expect(is_owned(world, reply, "handling", "agent", "marie"));
    world_forget(world);
    places(world, "marie", reply, move_to_workbin, "later", "marie"); /* back again: it stays there */
    world_advance(world, 60 * A_SECOND_US);
    cr_expect(is_owned(world, reply, "queued", "workbin", "later"));
    writer_text(asks(world, KIND_RequestPull, "marie", 0), RequestPull_workbin, "later");
    post(world);
    places(world, "marie", reply, move_to_queue, "outbound", "");
    world_advance(world, 1);
    cr_expect(is_owned(world, reply, "routing", "strategy", "enterprise"));
    world_end(world);
}

Test(core_review, a_reply_that_was_taken_back_stays_when_its_author_vanishes)
{
    struct core_world *world = begin(RELEASES);
    (void)replies_at(world, LINK, in_seconds(world, 10));
    uint64_t reply = world->ixn;
    writer_text(asks(world, KIND_RequestPull, "marie", 0), RequestPull_workbin, "later");
    post(world);
    of_email(world, "marie", "email.marie", agent_state_logged_out);
    world_advance(world, 60 * A_SECOND_US);
    cr_expect(is_owned(world, reply, "queued", "workbin", "later"));
    world_end(world);
}

Test(core_review, a_reply_that_another_link_sends_is_sent_again_when_that_link_is_back)
{
    enum { MAIL = LINK + 2 };
    static const char *const none[] = {"sessions", NULL}, *const server[] = {"mail", NULL};
    struct core_world *world = begin(RELEASES);
    link_comes_up(world, LINK, none);
    link_comes_up(world, MAIL, server);
    (void)replies(world);
    expect(world, "Reply ok\nSendMessage release=reply-1 author=marie durand@example.com\n");
    uint32_t ref = world->last_ref[KIND_SendMessage];
    link_comes_up(world, LINK, none);
    expect(world, "Resync\n");
    writer_u(world_event(world, SOURCE_HOST, KIND_LinkDown, 0, 0, 0), LinkDown_link, MAIL);
    world_post(world);
    link_comes_up(world, MAIL, server);
    expect(world, "Resync\nSendMessage release=reply-1 author=marie durand@example.com\n");
    cr_expect_eq(world->last_ref[KIND_SendMessage], ref);
    world_end(world);
}

Test(core_review, a_reply_that_nobody_can_send_leaves_the_step_by_its_exit)
{
    static const char *const none[] = {"sessions", NULL};
    struct core_world *world = begin(RELEASES);
    link_comes_up(world, LINK, none);
    (void)replies(world);
    uint64_t reply = world->ixn;
    expect(world, "Reply ok\n");
    cr_expect_null(interaction_by_id(world->core->interactions, reply));
    world_end(world);
}

Test(core_review, a_strategy_gives_the_reply_back_to_its_author)
{
    struct core_world *world = begin(RETURNS);
    (void)replies(world);
    uint64_t reply = world->ixn;
    cr_expect(is_owned(world, reply, "queued", "workbin", "returned"));
    cr_expect(data_is(world, reply, "return_reason", "No discounts, please."));
    world_forget(world);
    struct writer *writer = asks(world, KIND_RequestPull, "marie", 0);
    writer_text(writer, RequestPull_workbin, "returned");
    post(world);
    cr_expect(is_owned(world, reply, "handling", "agent", "marie"));
    places(world, "marie", reply, move_to_queue, "outbound", ""); /* changed, and sent again */
    cr_expect(is_owned(world, reply, "queued", "queue", "outbound"));
    world_advance(world, 1);
    cr_expect(is_owned(world, reply, "queued", "workbin", "returned"));
    world_end(world);
}

static void revises(struct core_world *world, const char *actor, uint64_t ixn, const char *subject)
{
    struct writer *writer = asks(world, KIND_RequestRevise, actor, ixn);
    writer_text(writer, RequestRevise_subject, subject);
    writer_blob_begin(writer, RequestRevise_body);
    writer_text(writer, Blob_store, "contacts");
    writer_text(writer, Blob_key, "22");
    writer_blob_end(writer);
    post(world);
}

Test(core_review, a_senior_writes_it_anew_and_that_version_is_released)
{
    struct core_world *world = begin(OFFERS);
    logs_in(world, "paul", "email.paul");
    uint64_t mail = replies(world), reply = world->ixn;
    accepts(world, "paul", 2);
    world_forget(world);
    revises(world, "paul", reply, "Re: Your bill, corrected");
    expect(world, "Reply ok\n");
    struct interaction *ix = interaction_by_id(world->core->interactions, reply);
    struct message body;
    message_record(&body, row_of_record(TYPE_ONE_BLOB), submitted_body(submitted_of(world->core->submissions, ix)));
    cr_expect(span_is(message_text(&body, Blob_key), "22"));
    cr_expect(span_is(interaction_system(world->core->interactions, ix, 3), "Re: Your bill, corrected"));
    revises(world, "marie", reply, "She has it no more");
    expect(world, "Reply error no_privilege\n");
    revises(world, "marie", mail, "A customer wrote this");
    expect(world, "Reply error invalid_state\n");
    cr_expect(span_is(interaction_system(world->core->interactions, ix, 3), "Re: Your bill, corrected"));
    places(world, "paul", reply, move_to_workbin, "returned", "marie");
    writer_text(asks(world, KIND_RequestPull, "marie", 0), RequestPull_workbin, "returned");
    post(world);
    world_forget(world);
    revises(world, "marie", reply, ""); /* as before */
    expect(world, "Reply ok\n");
    cr_expect(span_is(interaction_system(world->core->interactions, ix, 3), "Re: Your bill, corrected"));
    world_end(world);
}

static void finishes(struct core_world *world, const char *actor, uint64_t ixn)
{
    struct kv data;
    kv_init(&data);
    kv_put_text(&data, "wrapup", span_of("solved"));
    writer_kv(asks(world, KIND_RequestStop, actor, ixn), RequestStop_data, &data);
    post(world);
    kv_free(&data);
}

Test(core_review, a_wrap_up_is_attached_by_who_ends_it_and_by_nobody_who_is_refused)
{
    struct core_world *world = begin(OFFERS);
    logs_in(world, "paul", "email.paul");
    uint64_t mail = replies(world);
    world_forget(world);
    finishes(world, "paul", mail);
    expect(world, "Reply error no_privilege\n");
    cr_expect_not(data_is(world, mail, "wrapup", "solved"));
    finishes(world, "marie", mail);
    expect(world, "Reply ok\n");
    cr_expect_null(interaction_by_id(world->core->interactions, mail));
    world_end(world);
}

Test(core_review, a_senior_changes_it_and_passes_it_on_or_sends_it_back)
{
    struct core_world *world = begin(OFFERS);
    logs_in(world, "paul", "email.paul");
    world_forget(world);
    (void)replies(world);
    uint64_t reply = world->ixn;
    expect(world, "Reply ok\nInvite\n");
    accepts(world, "paul", 2);
    expect(world, "Reply ok\n");
    cr_expect(is_owned(world, reply, "handling", "agent", "paul"));
    struct writer *writer = asks(world, KIND_RequestUserData, "paul", reply);
    writer_u(writer, RequestUserData_op, data_op_Attach);
    kv_clear(&world->core->scratch);
    kv_put_text(&world->core->scratch, "reviewed_by", span_of("paul"));
    writer_kv(writer, RequestUserData_pairs, &world->core->scratch);
    post(world);
    expect(world, "Reply ok\nEventAttachedDataChanged reviewed_by\n");
    places(world, "paul", reply, move_to_workbin, "drafts", "marie"); /* back to the author */
    expect(world, "Reply ok\n");
    cr_expect(is_owned(world, reply, "queued", "workbin", "drafts"));
    writer = asks(world, KIND_RequestPull, "marie", 0);
    writer_text(writer, RequestPull_workbin, "drafts");
    post(world);
    places(world, "marie", reply, move_to_queue, "desk", ""); /* passed on: a queue without a strategy */
    cr_expect(is_owned(world, reply, "queued", "queue", "desk"));
    world_end(world);
}

Test(core_review, nobody_reviews_what_they_have_written)
{
    struct core_world *world = begin(OFFERS);
    directory(world, table_group_member, "overflow/marie",
              (const char *const[]){"group", "overflow", "agent", "marie", NULL});
    commit(world, false);
    world_forget(world);
    uint64_t mail = replies(world), reply = world->ixn;
    stopped(world, "marie", mail); /* she could take another one */
    expect(world, "Reply ok\nReply ok\n");
    cr_expect(is_owned(world, reply, "routing", "strategy", "enterprise"));
    logs_in(world, "paul", "email.paul");
    cr_expect(strstr(world->trace, "Invite\n"));
    world_forget(world);
    accepts(world, "paul", 2);
    cr_expect(is_owned(world, reply, "handling", "agent", "paul"));
    world_end(world);
}

/* The link of the newest effect of that kind. */
static unsigned last_link(const struct core_world *world, unsigned kind)
{
    for (uint32_t at = world->sent_count; at > 0 && at + 16 > world->sent_count; at--)
        if (world->sent[(at - 1) % 16].kind == kind) return world->sent[(at - 1) % 16].link;
    return 0;
}

Test(core_review, of_two_mail_servers_a_reply_goes_out_by_the_one_by_which_the_mail_came_in)
{
    static const char *const server[] = {"sessions", "mail", NULL};
    struct core_world *world = begin(OFFERS); /* nobody is there to review it */
    link_comes_up(world, SECOND, server);
    uint64_t mail = replies_to(world, SECOND), reply = world->ixn;
    stopped(world, "marie", mail); /* the core knows it no longer */
    world_advance(world, 61000000);
    cr_expect_eq(last_link(world, KIND_SendMessage), (unsigned)SECOND);
    world_forget(world);
    writer_u(world_event(world, SECOND, KIND_EventDelivery, reply, world->last_ref[KIND_SendMessage], 0),
             EventDelivery_state, delivery_accepted);
    world_post(world);
    cr_expect_null(interaction_by_id(world->core->interactions, reply));
    world_end(world);
}

/* ---- two mails of one thread ---- */

static uint64_t mail_comes_to(struct core_world *world, const char *queue, const char *id, const char *thread)
{
    struct writer *writer;
    world->client = 5;
    world->req++;
    writer = world_event(world, LINK, KIND_Submit, 0, 0, 0);
    writer_u(writer, Submit_media, media_email);
    writer_text(writer, Submit_external_id, id);
    writer_text(writer, Submit_queue, queue);
    writer_text(writer, Submit_thread, thread);
    post(world);
    return world->ixn;
}

static uint64_t mail_comes(struct core_world *world, const char *id, const char *thread)
{
    return mail_comes_to(world, "desk", id, thread);
}

static void pulls(struct core_world *world, const char *actor, const char *queue, const char *workbin)
{
    struct writer *writer = asks(world, KIND_RequestPull, actor, 0);
    writer_text(writer, RequestPull_queue, queue);
    writer_text(writer, RequestPull_workbin, workbin);
    writer_u(writer, RequestPull_count, 1);
    post(world);
}

/* The agent who has another mail of the thread; "": nobody has. */
static const char *thread_agent(const struct core_world *world, uint64_t ixn)
{
    static char text[64];
    const struct interaction *ix = interaction_by_id(world->core->interactions, ixn);
    struct span name =
        ix ? core_name(world->core, submitted_thread_agent(world->core->submissions, ix)) : span_of("it is over");
    snprintf(text, sizeof text, "%.*s", (int)name.length, (const char *)name.bytes);
    return text;
}

static struct writer *splits(struct core_world *world, const char *actor, uint64_t of, int64_t begins)
{
    struct writer *writer = asks(world, KIND_Submit, actor, 0);
    writer_u(writer, Submit_media, media_email);
    writer_u(writer, Submit_type, submit_type_inbound);
    writer_text(writer, Submit_subtype, "split");
    writer_text(writer, Submit_external_id, "split-1");
    writer_u(writer, Submit_parent, of);
    writer_text(writer, Submit_from, "dupont@example.com");
    writer_text(writer, Submit_subject, "The other question");
    if (begins != 0) writer_i(writer, Submit_begins, begins);
    return writer;
}

static void merges(struct core_world *world, const char *actor, uint64_t ixn, uint64_t into)
{
    writer_u(asks(world, KIND_RequestStop, actor, ixn), RequestStop_into, into);
    post(world);
}

Test(core_review, the_next_mail_of_a_thread_knows_who_has_the_first)
{
    struct core_world *world = begin(RELEASES);
    uint64_t first = mail_comes(world, "<1@example.com>", "<1@example.com>");
    uint64_t second = mail_comes(world, "<2@example.com>", "<1@example.com>");
    uint64_t other = mail_comes(world, "<3@example.com>", "<3@example.com>");
    cr_expect_str_eq(thread_agent(world, second), "");
    pulls(world, "marie", "desk", "");
    cr_expect(is_owned(world, first, "handling", "agent", "marie"));
    cr_expect_str_eq(thread_agent(world, second), "marie");
    cr_expect_str_eq(thread_agent(world, first), "");
    cr_expect_str_eq(thread_agent(world, other), "");
    places(world, "marie", first, move_to_workbin, "later", "marie");
    cr_expect_str_eq(thread_agent(world, second), "marie");
    places(world, "marie", first, move_to_queue, "desk", "");
    cr_expect_str_eq(thread_agent(world, second), "");
    pulls(world, "marie", "desk", "");
    cr_expect_str_eq(thread_agent(world, first), "marie");
    stopped(world, "marie", second);
    cr_expect_str_eq(thread_agent(world, first), "");
    world_end(world);
}

/* The wait costs no timer of each second: the other mail's new owner ends it. */
Test(core_review, a_mail_that_waits_is_woken_when_somebody_has_the_other_of_its_thread)
{
    struct core_world *world = begin(WAITS);
    uint64_t first = mail_comes(world, "<1@example.com>", "<1@example.com>");
    uint64_t second = mail_comes_to(world, "outbound", "<2@example.com>", "<1@example.com>");
    uint64_t other = mail_comes_to(world, "outbound", "<3@example.com>", "<3@example.com>");
    world_advance(world, 1); /* the strategies begin */
    cr_expect_geq(core_next_timer(world->core), world->core->now->time_us + 2000000, "asked without an event");
    pulls(world, "marie", "desk", "");
    cr_expect(is_owned(world, first, "handling", "agent", "marie"));
    world_advance(world, 1);
    cr_expect_null(interaction_by_id(world->core->interactions, second));
    cr_expect_not_null(interaction_by_id(world->core->interactions, other));
    world_end(world);
}

/* It ends in the hand of the agent, or in a workbin, where it comes to no other owner before. */
Test(core_review, a_mail_that_waits_is_woken_when_the_other_of_its_thread_ends)
{
    for (unsigned lies = 0; lies < 2; lies++) {
        struct core_world *world = begin(LASTS);
        uint64_t first = mail_comes(world, "<1@example.com>", "<1@example.com>");
        pulls(world, "marie", "desk", "");
        if (lies) places(world, "marie", first, move_to_workbin, "later", "marie");
        uint64_t second = mail_comes_to(world, "outbound", "<2@example.com>", "<1@example.com>");
        world_advance(world, 1); /* its strategy begins */
        cr_expect_not_null(interaction_by_id(world->core->interactions, second));
        if (lies) { /* its mailbox takes it back */
            (void)world_event(world, LINK, KIND_RequestStop, first, 0, 0);
            post(world);
        } else {
            stopped(world, "marie", first);
        }
        cr_expect_null(interaction_by_id(world->core->interactions, first));
        world_advance(world, 1);
        cr_expect_null(interaction_by_id(world->core->interactions, second));
        world_end(world);
    }
}

/* No link has reported the agent yet who has written the other one, and holds it back. */
Test(core_review, whoever_holds_back_a_mail_of_the_thread_has_it)
{
    struct core_world *world = begin(RELEASES);
    uint64_t first = mail_comes(world, "<1@example.com>", "<1@example.com>");
    directory(world, table_queue, "paula", (const char *const[]){"name", "paula", NULL}); /* the name is known */
    commit(world, false);
    struct writer *writer = asks(world, KIND_Submit, "paula", 0);
    writer_u(writer, Submit_media, media_email);
    writer_u(writer, Submit_type, submit_type_outbound);
    writer_text(writer, Submit_external_id, "written-1");
    writer_text(writer, Submit_queue, "outbound");
    writer_text(writer, Submit_thread, "<1@example.com>");
    writer_i(writer, Submit_begins, in_seconds(world, 10));
    post(world);
    cr_expect(is_owned(world, world->ixn, "queued", "workbin", "later"));
    cr_expect_str_eq(thread_agent(world, first), "paula");
    world_end(world);
}

Test(core_review, a_thread_has_a_list_of_limited_length)
{
    struct core_world *world = begin(RELEASES);
    char id[32];
    uint64_t all[THREAD_MAX + 2];
    for (unsigned i = 0; i < THREAD_MAX + 2; i++) {
        snprintf(id, sizeof id, "<%u@example.com>", i);
        all[i] = mail_comes(world, id, "<0@example.com>");
    }
    pulls(world, "marie", "desk", "");
    cr_expect_str_eq(thread_agent(world, all[THREAD_MAX - 1]), "marie");
    cr_expect_str_eq(thread_agent(world, all[THREAD_MAX]), "");
    stopped(world, "marie", all[0]);
    pulls(world, "marie", "desk", "");
    cr_expect_str_eq(thread_agent(world, all[2]), "marie");
    cr_expect_str_eq(thread_agent(world, mail_comes(world, "<a@example.com>", "<0@example.com>")), "marie");
    world_end(world);
}

static bool bytes_add(void *self, const void *bytes, size_t length)
{
    buffer_put(self, bytes, length);
    return true;
}

/* Does a core that is made of a snapshot know that the mail is a part of another one? */
static bool snapshot_knows_part(const struct core_world *world, uint64_t part)
{
    struct buffer bytes = {0};
    struct error error;
    cr_assert(core_save(world->core, bytes_add, &bytes));
    struct core *core = core_load(&world->core->options, bytes.bytes, bytes.length, &error);
    cr_assert_not_null(core, "%s", error.text);
    bool known = submitted_of(core->submissions, interaction_by_id(core->interactions, part))->split;
    core_free(core);
    buffer_free(&bytes);
    return known;
}

Test(core_review, a_mail_is_split_and_merged_again)
{
    struct core_world *world = begin(RELEASES);
    uint64_t mail = mail_comes(world, "<1@example.com>", "<1@example.com>");
    world_forget(world);
    (void)splits(world, "marie", mail, 0);
    post(world); /* nobody has it */
    expect(world, "Reply error no_privilege\n");
    pulls(world, "marie", "desk", "");
    world_forget(world);
    (void)splits(world, "paul", mail, 0);
    post(world); /* somebody else has it */
    expect(world, "Reply error not_logged_in\n");
    (void)splits(world, "marie", mail, in_seconds(world, 10));
    post(world);
    uint64_t part = world->ixn;
    cr_assert_neq(part, mail);
    cr_expect(is_owned(world, part, "queued", "workbin", "later"));
    cr_expect_str_eq(thread_agent(world, part), "marie");
    cr_expect_eq(submitted_of(world->core->submissions, interaction_by_id(world->core->interactions, part))->author, 0);
    world_forget(world);
    cr_expect(snapshot_knows_part(world, part) && !snapshot_knows_part(world, mail));
    merges(world, "marie", part, part); /* into itself */
    expect(world, "Reply error gone\n");
    uint64_t other = mail_comes(world, "<2@example.com>", "<2@example.com>");
    pulls(world, "marie", "desk", "");
    world_forget(world);
    merges(world, "marie", part, other); /* it is no part of this one, and she does not have it */
    expect(world, "Reply error no_privilege\n");
    world->client = 5;
    world->req++;
    struct writer *next =
        world_event(world, LINK, KIND_Submit, 0, 0, 0); /* the customer's next mail, about the first */
    writer_u(next, Submit_media, media_email);
    writer_text(next, Submit_external_id, "<3@example.com>");
    writer_text(next, Submit_queue, "desk");
    writer_u(next, Submit_parent, mail);
    post(world);
    uint64_t waits = world->ixn;
    world_forget(world);
    merges(world, "marie", waits, mail); /* it waits in a queue: nobody has read it */
    expect(world, "Reply error no_privilege\n");
    cr_expect(is_owned(world, waits, "queued", "queue", "desk"));
    pulls(world, "marie", "desk", "");
    merges(world, "marie", waits, mail);
    cr_expect_null(interaction_by_id(world->core->interactions, waits));
    cr_expect_not_null(interaction_by_id(world->core->interactions, part));
    merges(world, "marie", part, mail);
    cr_expect_null(interaction_by_id(world->core->interactions, part));
    cr_expect_not_null(interaction_by_id(world->core->interactions, mail));
    world_end(world);
}

Test(core_review, a_part_of_a_mail_goes_to_the_mails_queue_after_its_time)
{
    struct core_world *world = begin(RELEASES);
    uint64_t mail = mail_comes(world, "<1@example.com>", "<1@example.com>");
    pulls(world, "marie", "desk", "");
    (void)splits(world, "marie", mail, in_seconds(world, 10));
    post(world);
    uint64_t part = world->ixn;
    world_advance(world, 11 * A_SECOND_US);
    cr_expect(is_owned(world, part, "queued", "queue", "desk"));
    world_forget(world);
    merges(world, "marie", mail, part); /* she has not the other one */
    expect(world, "Reply error no_privilege\n");
    cr_expect_not_null(interaction_by_id(world->core->interactions, mail));
    stopped(world, "marie", mail);
    world_forget(world);
    (void)splits(world, "marie", mail, 0);
    post(world); /* the same again, after a lost answer */
    expect(world, "Reply duplicate duplicate\n");
    world_end(world);
}

static void splits_as(struct core_world *world, uint64_t of, enum media media, enum submit_type type, const char *lines)
{
    struct writer *writer = asks(world, KIND_Submit, "marie", 0);
    writer_u(writer, Submit_media, media);
    writer_u(writer, Submit_type, type);
    writer_text(writer, Submit_subtype, "split");
    writer_text(writer, Submit_external_id, "split-2");
    writer_u(writer, Submit_parent, of);
    world_forget(world);
    post(world);
    expect(world, lines);
}

Test(core_review, only_a_customers_mail_that_is_open_is_split)
{
    struct core_world *world = begin(RETURNS);
    uint64_t mail = replies(world), reply = world->ixn;
    splits_as(world, reply, media_email, submit_type_inbound, "Reply error invalid_state\n");
    splits_as(world, mail, media_email, submit_type_outbound, "Reply unsupported unsupported\n");
    splits_as(world, mail, media_work, submit_type_inbound, "Reply unsupported unsupported\n");
    splits_as(world, 0, media_email, submit_type_inbound, "Reply error gone\n");
    stopped(world, "marie", mail);
    splits_as(world, mail, media_email, submit_type_inbound, "Reply error gone\n");
    world_end(world);
}
