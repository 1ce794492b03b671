/* tests/unit/core_authority.c - Who may do what with an interaction: all requests, kinds of claim and roles over the
 * core, held against the rule as people say it; and the same in openapi.json. */
#include <criterion/criterion.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/core/base/state.h"
#include "runtime/core/interactions/authority.h"
#include "runtime/core/interactions/interaction.h"
#include "runtime/core/people/agent.h"
#include "runtime/core/people/claim.h"
#include "runtime/core/people/lead.h"
#include "runtime/core/read/read.h"
#include "runtime/core/sessions/session.h"
#include "runtime/vocabulary/events_agent.h"
#include "runtime/vocabulary/events_link.h"
#include "runtime/vocabulary/events_site.h"
#include "runtime/vocabulary/events_work.h"
#include "runtime/vocabulary/rows.h"
#include "tests/unit/core_fixture.h"

TestSuite(core_authority, .timeout = 120);

enum { DESK = LINK + 1 }; /* LINK has the customers */

static const char *const act_docs[ACTS] = {
#define ACT(act, request, api, kinds, roles, doc) [ACT_##act] = doc,
#include "runtime/vocabulary/authority.def"
};

static const char *const kind_docs[CLAIM_KINDS] = {
#define KIND(kind, refused, doc) [claim_kind_##kind] = doc,
#include "runtime/vocabulary/authority.def"
};

/* ---- the rule, as people say it ---- */

/* The customer is theirs. */
static bool has_it(enum claim_kind kind)
{
    return kind == claim_kind_owner || kind == claim_kind_mover || kind == claim_kind_reviewer;
}

/* The customer sees them. */
static bool is_seen(enum claim_kind kind)
{
    return has_it(kind) || kind == claim_kind_party;
}

static bool is_there(enum claim_kind kind)
{
    return is_seen(kind) || kind == claim_kind_consulted || kind == claim_kind_monitor;
}

static bool may_by_the_rule(enum act act, enum claim_kind kind, enum authority role)
{
    bool free = kind == claim_kind_free, offers = kind == claim_kind_mover; /* one who offers it offers it once */
    bool rules = role == AUTHORITY_supervisor || role == AUTHORITY_operator, home = role == AUTHORITY_home;
    switch (act) {
    case ACT_accept:
    case ACT_reject:
        return kind == claim_kind_offered;
    case ACT_pull:
    case ACT_state:
        return free;
    case ACT_place:
        return has_it(kind) || free || rules;
    case ACT_stop:
        return has_it(kind) || free || rules || home;
    case ACT_transfer:
        return (has_it(kind) && !offers) || free || rules;
    case ACT_revise:
        return has_it(kind) && !offers;
    case ACT_conference:
    case ACT_consult:
    case ACT_hold:
        return is_seen(kind);
    case ACT_leave:
        return is_there(kind);
    case ACT_answer:
        return is_seen(kind) || home;
    case ACT_advise:
        return is_there(kind) || home;
    case ACT_data:
        return is_seen(kind) || rules || home;
    case ACT_monitor:
    case ACT_properties:
    case ACT_look:
    case ACT_set:
        return rules;
    case ACT_record: /* of a call */
        return kind == claim_kind_offered || (is_seen(kind) && kind != claim_kind_reviewer);
    case ACT_watch:
        return free || role == AUTHORITY_supervisor;
    case ACT_campaign:
    case ACT_administer:
        return role == AUTHORITY_operator;
    case ACTS:
        break;
    }
    return false;
}

Test(core_authority, the_table_says_what_the_rule_says)
{
    for (unsigned act = 0; act < ACTS; act++)
        for (unsigned kind = 0; kind < CLAIM_KINDS; kind++)
            for (unsigned role = 0; role < AUTHORITIES; role++)
                cr_expect_eq(authority_allows(act, kind, role), may_by_the_rule(act, kind, role), "%s by %s in role %u",
                             act_docs[act], enum_name_claim_kind(kind), role);
}

/* ---- the interface ---- */

static bool lists(const json_t *list, const char *word)
{
    for (size_t i = 0; i < json_array_size(list); i++)
        if (strcmp(json_string_value(json_array_get(list, i)), word) == 0) return true;
    return false;
}

Test(core_authority, the_interface_of_the_desk_says_what_the_table_says)
{
    static const char *const roles[AUTHORITIES] = {"agent", "supervisor", "operator", "home"};
    char path[4096];
    json_error_t wrong;
    const char *top = getenv("top_srcdir");
    (void)snprintf(path, sizeof path, "%s/runtime/adapters/desk/openapi.json", top ? top : ".");
    json_t *api = json_load_file(path, 0, &wrong);
    const json_t *whole = json_object_get(api, "x-authority"), *acts = json_object_get(whole, "acts");
    size_t named = 0;
    cr_assert(api, "%s", wrong.text);
    for (unsigned kind = 0; kind < CLAIM_KINDS; kind++)
        cr_expect_str_eq(
            json_string_value(json_object_get(json_object_get(whole, "kinds"), enum_name_claim_kind(kind))),
            kind_docs[kind]);
    for (unsigned act = 0; act < ACTS; act++) {
        const json_t *row = json_object_get(acts, authority_api(act));
        if (!*authority_api(act)) continue;
        named++;
        cr_assert(row, "openapi.json has no act `%s`", authority_api(act));
        cr_expect_str_eq(json_string_value(json_object_get(row, "summary")), act_docs[act]);
        for (unsigned kind = 0; kind < CLAIM_KINDS; kind++)
            cr_expect_eq(lists(json_object_get(row, "kinds"), enum_name_claim_kind(kind)),
                         authority_allows(act, kind, AUTHORITY_agent), "%s by %s", authority_api(act),
                         enum_name_claim_kind(kind));
        for (unsigned role = AUTHORITY_supervisor; role < AUTHORITY_home; role++) /* home is no role of people */
            cr_expect_eq(lists(json_object_get(row, "roles"), roles[role]),
                         authority_allows(act, claim_kind_none, role), "%s by %s", authority_api(act), roles[role]);
    }
    cr_expect_eq(json_object_size(acts), named);
    json_decref(api);
}

/* What only the administration may do, no adapter can post. */
Test(core_authority, acts_of_operators_alone_are_posted_by_the_administration_alone)
{
    static const unsigned kinds[][2] = {{ACT_campaign, KIND_RequestCampaign}, {ACT_administer, KIND_AdminRequest}};
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        cr_expect_not(authority_allows(kinds[i][0], claim_kind_owner, AUTHORITY_supervisor));
        cr_expect_str_eq(row_of(kinds[i][1])->peers, "X");
    }
}

/* The roles of gcxctl's commands are those of the acts. */
Test(core_authority, what_operators_may_is_what_gcxctl_lets_operators_do)
{
    static const struct {
        const char *name, *role;
    } commands[] = {
#define COMMAND(id, name, role, kind, doc) {name, #role},
#include "runtime/daemon/protocol/commands.def"
    };
    static const struct {
        enum act act;
        const char *command;
    } same[] = {{ACT_stop, "end"},          {ACT_administer, "release-claim"}, {ACT_administer, "log-out"},
                {ACT_properties, "change"}, {ACT_campaign, "campaign"},        {ACT_administer, "cancel-callback"}};
    for (size_t i = 0; i < sizeof same / sizeof *same; i++) {
        size_t at = 0;
        while (at < sizeof commands / sizeof *commands && strcmp(commands[at].name, same[i].command) != 0) at++;
        cr_assert_lt(at, sizeof commands / sizeof *commands, "%s", same[i].command);
        cr_expect_str_eq(commands[at].role, "OPERATOR", "%s", same[i].command);
        cr_expect(authority_allows(same[i].act, claim_kind_none, AUTHORITY_operator), "%s", same[i].command);
    }
}

/* ---- the core ---- */

static void desk_up(struct core_world *world)
{
    world_desk_begins(world, DESK);
    world_event(world, DESK, KIND_ResyncEnd, 0, 0, 0);
    world_post(world);
}

static void ready(struct core_world *world, const char *name)
{
    char dn[24];
    (void)snprintf(dn, sizeof dn, "chat.%s", name);
    struct writer *writer = world_event(world, DESK, KIND_RequestAgentState, 0, 0, 0);
    writer_text(writer, RequestAgentState_agent, name);
    writer_text(writer, RequestAgentState_dn, dn);
    writer_u(writer, RequestAgentState_media, media_chat);
    writer_u(writer, RequestAgentState_state, agent_state_ready);
    world_post(world);
}

static struct core_world *begin(void)
{
    static const char *const caps[] = {"sessions", NULL}, *const people[] = {"marie", "paul", "jean"};
    struct core_world *world = world_new();
    link_up(world, caps);
    resync(world, true);
    resync(world, false);
    desk_up(world);
    for (unsigned i = 0; i < 3; i++) ready(world, people[i]);
    return world;
}

static struct writer *asks(struct core_world *world, unsigned source, const char *actor, unsigned kind, uint64_t ixn)
{
    world->client = 9;
    world->req++;
    struct writer *writer = world_event(world, source, kind, ixn, 0, 0);
    writer_text(writer, ENVELOPE_actor, actor);
    return writer;
}

static void post(struct core_world *world)
{
    world_post(world);
    world->client = 0;
}

/* A chat in the queue `desk`, which has no strategy; that agent counts as the author of it. */
static uint64_t comes(struct core_world *world, const char *author)
{
    world->client = 5;
    world->req++;
    struct writer *writer = world_event(world, LINK, KIND_Submit, 0, 0, CALL);
    writer_text(writer, ENVELOPE_actor, author);
    writer_u(writer, Submit_media, media_chat);
    writer_text(writer, Submit_external_id, "session-1");
    writer_text(writer, Submit_queue, "desk");
    writer_u(writer, Submit_online, 1);
    post(world);
    return world->ixn;
}

static void pulls(struct core_world *world, const char *who)
{
    writer_text(asks(world, DESK, who, KIND_RequestPull, 0), RequestPull_queue, "desk");
    post(world);
}

static void moves(struct core_world *world, unsigned source, const char *who, uint64_t ixn, enum move how,
                  const char *to, bool supervises)
{
    struct writer *writer = asks(world, source, who, KIND_RequestMove, ixn);
    writer_u(writer, RequestMove_how, how);
    writer_u(writer, RequestMove_to, how == move_Place ? move_to_queue : move_to_agent);
    writer_text(writer, RequestMove_name, to);
    writer_u(writer, RequestMove_supervises, supervises);
    post(world);
}

/* The claim of the agent; without one that of anybody; 0: nobody has one. */
static uint64_t claim_of(const struct core_world *world, uint64_t ixn, const char *name)
{
    const struct interaction *ix = interaction_by_id(world->core->interactions, ixn);
    uint32_t agent, claim = CLAIM_NONE;
    if (agent_find(world->core->agents, names_find(world->core->names, span_of(name)), &agent))
        claim = session_claim_of(world->core->claims, ix, agent);
    if (claim == CLAIM_NONE) claim = ix->claims;
    return claim == CLAIM_NONE ? 0 : claim_at(world->core->claims, claim)->id;
}

static void accepts(struct core_world *world, uint64_t ixn, const char *who)
{
    writer_u(asks(world, DESK, who, KIND_RequestAccept, 0), RequestAccept_claim, claim_of(world, ixn, who));
    post(world);
}

static enum claim_kind kind_of(const struct core_world *world, uint64_t ixn, const char *name)
{
    uint32_t agent;
    cr_assert(agent_find(world->core->agents, names_find(world->core->names, span_of(name)), &agent));
    return authority_kind(world->core->interactions, interaction_by_id(world->core->interactions, ixn), agent);
}

/* Paul is that to a customer's chat. */
static struct core_world *where_paul_is(enum claim_kind kind, uint64_t *ixn)
{
    struct core_world *world = begin();
    bool own = kind == claim_kind_owner || kind == claim_kind_mover || kind == claim_kind_reviewer;
    *ixn = comes(world, kind == claim_kind_reviewer ? "marie" : "paul");
    if (kind != claim_kind_free) pulls(world, own ? "paul" : "marie");
    if (kind == claim_kind_offered) moves(world, DESK, "marie", *ixn, move_Transfer, "paul", false);
    if (kind == claim_kind_mover) moves(world, DESK, "paul", *ixn, move_Transfer, "marie", false);
    if (kind == claim_kind_party) moves(world, DESK, "marie", *ixn, move_Conference, "paul", false);
    if (kind == claim_kind_consulted) moves(world, DESK, "marie", *ixn, move_Consult, "paul", false);
    if (kind == claim_kind_monitor) moves(world, DESK, "paul", *ixn, move_Monitor, "", true);
    if (kind == claim_kind_party || kind == claim_kind_consulted) accepts(world, *ixn, "paul");
    cr_assert_eq(kind_of(world, *ixn, "paul"), kind, "%s", enum_name_claim_kind(kind));
    world_forget(world);
    return world;
}

static void data_of(struct writer *writer, enum data_op op, bool supervises)
{
    struct kv pairs;
    kv_init(&pairs);
    if (op == data_op_ChangeProperties)
        kv_put_int(&pairs, "priority", 7);
    else
        kv_put_text(&pairs, "topic", span_of("claim"));
    writer_u(writer, RequestUserData_op, op);
    writer_kv(writer, RequestUserData_pairs, &pairs);
    writer_u(writer, RequestUserData_supervises, supervises);
    kv_free(&pairs);
}

/* Posts it. False: the act is not about an interaction. */
static bool does(struct core_world *world, unsigned source, const char *who, uint64_t ixn, enum act act,
                 bool supervises)
{
    static const enum move how[ACTS] = {[ACT_place] = move_Place,     [ACT_transfer] = move_Transfer,
                                        [ACT_consult] = move_Consult, [ACT_conference] = move_Conference,
                                        [ACT_monitor] = move_Monitor, [ACT_leave] = move_Leave,
                                        [ACT_hold] = move_Hold};
    struct writer *writer;
    if (how[act] != move_other) {
        moves(world, source, who, ixn, how[act], act == ACT_place ? "mail" : "jean", supervises);
        return true;
    }
    switch (act) {
    case ACT_accept:
        writer_u(asks(world, source, who, KIND_RequestAccept, 0), RequestAccept_claim, claim_of(world, ixn, "paul"));
        break;
    case ACT_reject:
        writer_u(asks(world, source, who, KIND_RequestReject, 0), RequestReject_claim, claim_of(world, ixn, "paul"));
        break;
    case ACT_pull:
        writer = asks(world, source, who, KIND_RequestPull, 0);
        writer_list_begin(writer, RequestPull_ids);
        writer_list_u(writer, ixn);
        writer_list_end(writer);
        break;
    case ACT_stop:
        writer_u(asks(world, source, who, KIND_RequestStop, ixn), RequestStop_supervises, supervises);
        break;
    case ACT_revise:
        writer_text(asks(world, source, who, KIND_RequestRevise, ixn), RequestRevise_subject, "Another");
        break;
    case ACT_answer:
    case ACT_advise:
        writer = asks(world, source, who, KIND_EventMessage, ixn);
        writer_text(writer, EventMessage_msg_id, "m1");
        writer_u(writer, EventMessage_kind, message_kind_text);
        writer_u(writer, EventMessage_role, *who ? party_role_agent : party_role_customer);
        writer_u(writer, EventMessage_visible, act == ACT_advise ? visible_agents : visible_all);
        writer_text(writer, EventMessage_text, "Good morning");
        break;
    case ACT_data:
    case ACT_properties:
        writer = asks(world, source, who, KIND_RequestUserData, ixn);
        data_of(writer, act == ACT_data ? data_op_Update : data_op_ChangeProperties, supervises);
        break;
    default:
        return false;
    }
    post(world);
    return true;
}

/* All that a request could change. */
static uint64_t looks_like(const struct core_world *world, uint64_t ixn)
{
    struct interaction_row row;
    uint64_t sum = world->core->claims->debited * 31 + world->core->claims->credited;
    if (!core_find(world->core, ixn, &row)) return 0;
    const struct block *block = block_at(world->core->slab, interaction_by_id(world->core->interactions, ixn)->block);
    return sum * 31 + row.state.length * 7 + row.owner.length + (uint64_t)block->priority * 1001 +
           (data_is((struct core_world *)world, ixn, "topic", "claim") ? 77u : 0u);
}

/* The request, and whether it came to anything. */
static void try(enum claim_kind kind, enum act act, enum authority role)
{
    static const unsigned sources[AUTHORITIES] = {DESK, DESK, SOURCE_ADMIN, LINK};
    uint64_t ixn;
    struct core_world *world = where_paul_is(kind, &ixn);
    bool may =
        may_by_the_rule(act, role == AUTHORITY_agent || role == AUTHORITY_supervisor ? kind : claim_kind_none, role);
    uint64_t before = looks_like(world, ixn);
    if (does(world, sources[role], role == AUTHORITY_home ? "" : "paul", ixn, act, role == AUTHORITY_supervisor)) {
        bool refused = strncmp(world->trace, "Reply ok\n", strlen("Reply ok\n")) != 0;
        bool told = strncmp(world->trace, "Reply error no_privilege\n", strlen("Reply error no_privilege\n")) == 0;
        if (act == ACT_pull && !refused) refused = !strstr(world->reply, "id=");
        bool again = act == ACT_accept || act == ACT_reject; /* said again it is no error, and changes nothing */
        if (again && !refused) refused = looks_like(world, ixn) == before;
        if (may) cr_expect_not(told, "%s is refused: %s in role %u", act_docs[act], enum_name_claim_kind(kind), role);
        if (!may) {
            cr_expect(refused, "%s is not refused: %s in role %u", act_docs[act], enum_name_claim_kind(kind), role);
            cr_expect_eq(looks_like(world, ixn), before, "%s: %s in role %u", act_docs[act], enum_name_claim_kind(kind),
                         role);
        }
    }
    world_end(world);
}

Test(core_authority, every_request_by_every_kind_of_claim_in_every_role)
{
    for (unsigned kind = 0; kind < CLAIM_KINDS; kind++)
        for (unsigned act = 0; act < ACTS; act++)
            for (unsigned role = 0; role < AUTHORITIES; role++) try(kind, act, role);
}

/* ---- what is not about a claim ---- */

static void asks_for_state(struct core_world *world, const char *actor, const char *agent, const char *reason)
{
    struct writer *writer = asks(world, DESK, actor, KIND_RequestAgentState, 0);
    writer_text(writer, RequestAgentState_agent, agent);
    writer_text(writer, RequestAgentState_dn, "chat.paul");
    writer_u(writer, RequestAgentState_media, media_chat);
    writer_u(writer, RequestAgentState_state, agent_state_not_ready);
    if (reason) writer_text(writer, RequestAgentState_label, reason);
    post(world);
}

Test(core_authority, an_agent_sets_the_own_state_for_a_reason_of_the_directorys_list)
{
    struct core_world *world = begin();
    world_forget(world);
    asks_for_state(world, "paul", "paul", "anything");
    expect(world, "Reply ok\n"); /* the directory has no list */
    directory(world, table_reason, "lunch", (const char *const[]){"name", "lunch", "display", "Lunch", NULL});
    commit(world, false);
    world_forget(world);
    asks_for_state(world, "marie", "paul", NULL);
    asks_for_state(world, "paul", "paul", "made up");
    expect(world, "Reply error no_privilege\nReply error invalid_attribute\n");
    cr_expect_eq(names_find(world->core->names, span_of("made up")), 0); /* and it is no name for good */
    asks_for_state(world, "paul", "paul", "lunch");
    expect(world, "Reply ok\n");
    world_end(world);
}

static void pulls_by_id(struct core_world *world, uint64_t ixn, const char *queue, const char *workbin)
{
    struct writer *writer = asks(world, DESK, "paul", KIND_RequestPull, 0);
    writer_text(writer, RequestPull_queue, queue);
    writer_text(writer, RequestPull_workbin, workbin);
    writer_list_begin(writer, RequestPull_ids);
    writer_list_u(writer, ixn);
    writer_list_end(writer);
    post(world);
}

/* A desk says which queues its agents may take from: an id of another one is none. */
Test(core_authority, what_is_pulled_by_its_id_stands_where_the_request_says)
{
    struct core_world *world = begin();
    uint64_t ixn = comes(world, "");
    world_forget(world);
    pulls_by_id(world, ixn, "mail", "");
    pulls_by_id(world, ixn, "", "desk");
    expect(world, "Reply error not_waiting\nReply error not_waiting\n");
    pulls_by_id(world, ixn, "desk", "");
    cr_expect_eq(kind_of(world, ixn, "paul"), claim_kind_owner);
    world_forget(world);
    pulls_by_id(world, ixn, "desk", ""); /* paul has it already */
    pulls_by_id(world, ixn + 1, "desk", "");
    expect(world, "Reply ok\nReply error gone\n");
    world_end(world);
}

Test(core_authority, who_comes_second_is_told_who_has_it)
{
    struct core_world *world = begin();
    uint64_t ixn = comes(world, "");
    pulls(world, "marie");
    world_forget(world);
    pulls_by_id(world, ixn, "desk", "");
    expect(world, "Reply error taken\n");
    cr_expect_not_null(strstr(world->reply, "agent="), "%s", world->reply);
    cr_expect_eq(kind_of(world, ixn, "paul"), claim_kind_none);
    world_end(world);
}

Test(core_authority, an_offer_is_answered_by_whom_it_was_made_to)
{
    uint64_t ixn;
    struct core_world *world = where_paul_is(claim_kind_offered, &ixn);
    uint64_t claim = claim_of(world, ixn, "paul");
    writer_u(asks(world, DESK, "jean", KIND_RequestAccept, 0), RequestAccept_claim, claim);
    post(world);
    writer_u(asks(world, DESK, "marie", KIND_RequestReject, 0), RequestReject_claim, claim);
    post(world);
    expect(world, "Reply error no_privilege\nReply error no_privilege\n");
    cr_expect_eq(kind_of(world, ixn, "paul"), claim_kind_offered);
    world_end(world);
}

/* Whoever is asked for advice writes no mail that answers the customer's. */
Test(core_authority, who_advises_submits_no_answer)
{
    for (unsigned kind = 0; kind < CLAIM_KINDS; kind++) {
        uint64_t ixn;
        struct core_world *world = where_paul_is(kind, &ixn);
        struct writer *writer = asks(world, DESK, "paul", KIND_Submit, 0);
        writer_u(writer, Submit_media, media_email);
        writer_u(writer, Submit_type, submit_type_outbound);
        writer_text(writer, Submit_external_id, "reply-1");
        writer_text(writer, Submit_queue, "mail");
        writer_u(writer, Submit_parent, ixn);
        post(world);
        bool told = strncmp(world->trace, "Reply error no_privilege\n", strlen("Reply error no_privilege\n")) == 0;
        cr_expect_eq(!told, is_seen(kind), "%s", enum_name_claim_kind(kind));
        world_end(world);
    }
}

/* ---- whom a supervisor leads ---- */

/* The directory says that Paul leads the group or queue. */
static void paul_leads(struct core_world *world, unsigned table, const char *of)
{
    char key[40];
    (void)snprintf(key, sizeof key, "%s/paul", of);
    directory(world, table, key,
              (const char *const[]){table == table_group_lead ? "group" : "queue", of, "supervisor", "paul", NULL});
    commit(world, false);
}

static void is_in_group(struct core_world *world, const char *agent, const char *group)
{
    char key[40];
    (void)snprintf(key, sizeof key, "%s/%s", group, agent);
    directory(world, table_group_member, key, (const char *const[]){"group", group, "agent", agent, NULL});
    commit(world, false);
}

static bool is_allowed(const struct core_world *world, const char *person, enum core_may_what what, const char *name,
                       const char *sentence)
{
    char why[CORE_MAY_TEXT];
    const struct core_may asked = {.person = span_of(person), .what = what, .name = span_of(name)};
    bool may = core_may(world->core, &asked, why);
    if (!may) cr_expect_str_eq(why, sentence);
    return may;
}

static bool work_is_allowed(const struct core_world *world, const char *person, uint64_t id, bool by_conn)
{
    char why[CORE_MAY_TEXT];
    const struct core_may asked = {.person = span_of(person), .what = CORE_MAY_work, .id = id, .by_conn = by_conn};
    return core_may(world->core, &asked, why);
}

/* The chat waits in the queue `desk`, or Marie of the group `team` has it. Paul acts on it by each request of
 * supervisors. */
Test(core_authority, a_supervisor_acts_on_what_they_lead_and_on_nothing_else)
{
    static const enum act acts[] = {ACT_place, ACT_transfer, ACT_monitor, ACT_stop, ACT_data, ACT_properties};
    static const struct {
        unsigned table;
        const char *of;
        bool waiting, held;                    /* may Paul act on the chat while it waits, and while Marie has it? */
    } rows[] = {{table_other, "", true, true}, /* nothing is said: Paul leads all */
                {table_queue_lead, "desk", true, true},
                {table_group_lead, "team", false, true},
                {table_queue_lead, "other", false, false},
                {table_group_lead, "desk", false, false},
                {table_queue_lead, "team", false, false}};
    for (size_t row = 0; row < sizeof rows / sizeof *rows; row++)
        for (unsigned held = 0; held < 2; held++)
            for (size_t act = 0; act < sizeof acts / sizeof *acts; act++) {
                struct core_world *world = begin();
                uint64_t ixn = comes(world, "");
                bool may = held ? rows[row].held : rows[row].waiting;
                is_in_group(world, "marie", "team");
                if (held) pulls(world, "marie");
                if (rows[row].table != table_other) paul_leads(world, rows[row].table, rows[row].of);
                world_forget(world);
                uint64_t before = looks_like(world, ixn);
                does(world, DESK, "paul", ixn, acts[act], true);
                bool told =
                    strncmp(world->trace, "Reply error no_privilege\n", strlen("Reply error no_privilege\n")) == 0;
                cr_expect_eq(told, !may, "%s, row %zu, held %u", act_docs[acts[act]], row, held);
                if (!may) cr_expect_eq(looks_like(world, ixn), before, "%s, row %zu", act_docs[acts[act]], row);
                if (!may) cr_expect_str_eq(world->said, "paul leads neither a queue nor an agent of this interaction");
                world_end(world);
            }
}

/* Who leads a queue only works as every agent does: the bound is for what only supervisors may. */
Test(core_authority, a_supervisor_who_leads_elsewhere_works_as_an_agent)
{
    struct core_world *world = begin();
    uint64_t ixn = comes(world, "");
    paul_leads(world, table_queue_lead, "other");
    pulls(world, "paul");
    cr_expect_eq(kind_of(world, ixn, "paul"), claim_kind_owner);
    cr_expect(work_is_allowed(world, "paul", ixn, false)); /* what they have is theirs */
    cr_expect(is_allowed(world, "paul", CORE_MAY_agent, "paul", ""));
    world_end(world);
}

Test(core_authority, whom_a_person_leads_is_asked_of_agents_groups_and_queues)
{
    struct core_world *world = begin();
    is_in_group(world, "marie", "team");
    queue_time(world, "mail", "offer_s", 30);
    cr_expect_not(core_may_bounded(world->core, span_of("paul")));
    cr_expect(is_allowed(world, "paul", CORE_MAY_agent, "jean", ""));
    paul_leads(world, table_group_lead, "team");
    paul_leads(world, table_queue_lead, "desk");
    cr_expect(core_may_bounded(world->core, span_of("paul")));
    cr_expect_not(core_may_bounded(world->core, span_of("marie")));
    cr_expect_not(core_may_bounded(world->core, span_of("")));
    cr_expect(is_allowed(world, "paul", CORE_MAY_agent, "marie", ""));
    cr_expect(is_allowed(world, "paul", CORE_MAY_agent, "nobody", "")); /* the act itself says that there is none */
    cr_expect_not(
        is_allowed(world, "paul", CORE_MAY_agent, "jean",
                   "paul leads no group that jean is in: the directory's table group_lead says who leads which"));
    cr_expect(is_allowed(world, "marie", CORE_MAY_agent, "jean", ""));
    cr_expect(is_allowed(world, "paul", CORE_MAY_group, "team", ""));
    cr_expect_not(is_allowed(world, "paul", CORE_MAY_group, "desk",
                             "paul does not lead the group desk: the directory's table group_lead says who does"));
    cr_expect(is_allowed(world, "paul", CORE_MAY_queue, "desk", ""));
    cr_expect_not(is_allowed(world, "paul", CORE_MAY_queue, "mail",
                             "paul does not lead the queue mail: the directory's table queue_lead says who does"));
    cr_expect(is_allowed(world, "paul", CORE_MAY_named, "desk", ""));
    cr_expect(is_allowed(world, "paul", CORE_MAY_named, "neither", ""));
    cr_expect_not(is_allowed(world, "paul", CORE_MAY_named, "mail",
                             "paul does not lead the queue mail: the directory's table queue_lead says who does"));
    cr_expect_not(
        is_allowed(world, "paul", CORE_MAY_named, "jean",
                   "paul leads no group that jean is in: the directory's table group_lead says who leads which"));
    is_in_group(world, "jean", "sellers");
    cr_expect(is_allowed(world, "paul", CORE_MAY_named, "team", ""));
    cr_expect_not(is_allowed(world, "paul", CORE_MAY_named, "sellers",
                             "paul does not lead the group sellers: the directory's table group_lead says who does"));
    /* A group that nobody is in yet is known by who leads it. */
    directory(world, table_group_lead, "nights/marie",
              (const char *const[]){"group", "nights", "supervisor", "marie", NULL});
    directory(world, table_group_lead, "days/marie",
              (const char *const[]){"group", "days", "supervisor", "marie", NULL});
    commit(world, false);
    cr_expect_not(is_allowed(world, "paul", CORE_MAY_named, "nights",
                             "paul does not lead the group nights: the directory's table group_lead says who does"));
    world_end(world);
}

/* A row that the directory has no more, by itself or since all of it is another one, bounds nobody. */
Test(core_authority, a_lead_that_is_taken_away_bounds_nobody)
{
    static const char *const nothing[] = {NULL};
    for (unsigned whole = 0; whole < 2; whole++) {
        struct core_world *world = begin();
        paul_leads(world, table_group_lead, "team");
        paul_leads(world, table_queue_lead, "mail");
        paul_leads(world, table_queue_lead, "mail"); /* said again, it is the same row */
        if (!whole) directory(world, table_group_lead, "team/paul", nothing);
        if (!whole) directory(world, table_queue_lead, "mail/paul", nothing);
        if (whole) directory(world, table_agent, "paul", (const char *const[]){"name", "paul", NULL});
        commit(world, whole);
        cr_expect_not(core_may_bounded(world->core, span_of("paul")), "whole %u", whole);
        cr_expect(is_allowed(world, "paul", CORE_MAY_queue, "desk", ""));
        paul_leads(world, table_queue_lead, "mail");
        cr_expect(core_may_bounded(world->core, span_of("paul")));
        world_end(world);
    }
}

/* One row that found no room would let its supervisor act on all: such a directory is refused, whole or by its change.
 */
Test(core_authority, a_directory_with_too_many_leads_is_refused)
{
    enum { MOST = 8192 };
    struct core_world *world = begin();
    char group[24];
    world->unchecked = true; /* so many rows one by one would take long */
    for (unsigned at = 0; at < MOST; at++) {
        (void)snprintf(group, sizeof group, "team%u", at);
        lead_row(world->core->leads, LEAD_GROUP, names_intern(world->core->names, span_of(group)),
                 names_intern(world->core->names, span_of("paul")), true);
    }
    commit(world, false);
    cr_expect(core_may_bounded(world->core, span_of("paul")));
    directory(world, table_queue_lead, "desk/marie",
              (const char *const[]){"queue", "desk", "supervisor", "marie", NULL});
    world_forget(world);
    commit(world, false);
    cr_expect(strstr(world->trace, "refused") || strstr(world->said, "one row too many"), "%s %s", world->trace,
              world->said);
    cr_expect_not(core_may_bounded(world->core, span_of("marie")));
    /* one goes, and one comes */
    directory(world, table_group_lead, "team7/paul", (const char *const[]){NULL});
    directory(world, table_queue_lead, "desk/marie",
              (const char *const[]){"queue", "desk", "supervisor", "marie", NULL});
    commit(world, false);
    cr_expect(core_may_bounded(world->core, span_of("marie")));
    world_free(world);
}

/* A call waits in the virtual queue `service`; Marie of the group `sellers` is asked to take it, and has it; it is
 * over. */
Test(core_authority, a_call_is_led_by_its_queue_and_by_its_agent)
{
    enum { WAITS, IS_OFFERED, IS_HAD, IS_OVER, STATES };
    static const struct {
        const char *who;
        bool may[STATES];
    } people[] = {{"anna", {false, true, true, true}},   /* leads sellers */
                  {"bea", {false, false, false, false}}, /* leads another queue */
                  {"carl", {true, true, true, false}},   /* leads service; what is over is only its last agent's */
                  {"dora", {true, true, true, true}}};   /* nothing is said of her */
    struct core_world *world = world_new();
    struct interaction_row row;
    is_in_group(world, "marie", "sellers");
    directory(world, table_group_lead, "sellers/anna",
              (const char *const[]){"group", "sellers", "supervisor", "anna", NULL});
    directory(world, table_queue_lead, "other/bea", (const char *const[]){"queue", "other", "supervisor", "bea", NULL});
    directory(world, table_queue_lead, "service/carl",
              (const char *const[]){"queue", "service", "supervisor", "carl", NULL});
    commit(world, false);
    call_until_selection(world, CALL, "2", "basic");
    cr_assert(core_find_call(world->core, CALL, &row));
    uint64_t ixn = row.ixn;
    for (unsigned state = 0; state < STATES; state++) {
        if (state == IS_OFFERED) agent(world, "marie", "7001", agent_state_ready);
        if (state == IS_HAD) talk(world, CALL, "7001", "marie");
        if (state == IS_OVER) deleted(world, CALL);
        for (size_t at = 0; at < sizeof people / sizeof *people; at++) {
            const char *who = people[at].who;
            cr_expect_eq(work_is_allowed(world, who, ixn, false), people[at].may[state], "%s, %u", who, state);
            cr_expect_eq(work_is_allowed(world, who, CALL, true), people[at].may[state], "%s, %u", who, state);
        }
    }
    cr_expect(work_is_allowed(world, "bea", OTHER, true)); /* which nobody knows */
    world_end(world);
}
