/* tests/unit/core_listening.c - Supervisors who listen to calls: the core has one row per telephone, from the link's
 * first report to its last one, also on hold, over a resync, and in a snapshot. */
#include <criterion/criterion.h>
#include <stdlib.h>

#include "runtime/vocabulary/effects_call.h"
#include "runtime/vocabulary/events_call.h"
#include "runtime/vocabulary/events_link.h"
#include "runtime/vocabulary/events_site.h"
#include "runtime/vocabulary/events_work.h"
#include "tests/unit/core_fixture.h"

static const char *const all_caps[] = {"calls", "treatments", "pull_back", "set_agent", "listen", "take_over", NULL};

static void ask_of(struct core_world *world, enum party_op how, const char *by, const char *dn)
{
    world->client = world->req = 1;
    struct writer *writer = world_event(world, SOURCE_ADMIN, KIND_AdminRequest, 0, 0, 0);
    world->client = world->req = 0;
    writer_text(writer, ENVELOPE_actor, by);
    writer_u(writer, AdminRequest_op, admin_op_listen);
    writer_text(writer, AdminRequest_name, "marie");
    writer_text(writer, AdminRequest_reason, dn);
    writer_u(writer, AdminRequest_watch, how);
    world_post(world);
}

/* The link reports the telephone 7009 of the supervisor lead. */
static void reported(struct core_world *world, enum party_change change, enum party_op how)
{
    struct writer *writer = world_event(world, LINK, KIND_EventParty, 0, 0, CALL);
    writer_text(writer, EventParty_dn, "7009");
    writer_u(writer, EventParty_change, change);
    writer_u(writer, EventParty_role, party_role_supervisor);
    writer_text(writer, EventParty_agent, "lead");
    writer_text(writer, EventParty_other_dn, "7001");
    writer_u(writer, EventParty_watches, how);
    world_post(world);
}

static void observed_party(struct writer *writer, const char *dn, enum party_role role, enum party_change change)
{
    writer_record_begin(writer);
    writer_text(writer, Party_dn, dn);
    writer_u(writer, Party_role, role);
    writer_u(writer, Party_change, change);
    writer_record_end(writer);
}

/* The link was away, and names the call's parties again. */
static void resynced(struct core_world *world, bool listens)
{
    link_down(world);
    link_up(world, all_caps);
    struct writer *writer = world_event(world, LINK, KIND_Observed, 0, 0, CALL);
    writer_u(writer, Observed_what, object_call);
    writer_u(writer, Observed_media, media_voice);
    writer_list_begin(writer, Observed_parties);
    observed_party(writer, "7001", party_role_agent, party_change_Established);
    if (listens) observed_party(writer, "7009", party_role_supervisor, party_change_Held);
    writer_list_end(writer);
    world_post(world);
    resync(world, false);
}

/* How the one telephone listens; "": none does. */
static struct span listens(const struct core_world *world)
{
    struct listener_row row = {0}, second;
    struct interaction_row call;
    uint32_t at = 0;
    cr_assert(core_find_call(world->core, CALL, &call));
    if (!core_listener(world->core, call.ixn, &at, &row)) return (struct span){0};
    cr_assert(span_is(row.by, "lead") && span_is(row.dn, "7009"));
    cr_assert_not(core_listener(world->core, call.ixn, &at, &second));
    return row.hears ? row.how : span_of("is called");
}

/* With GCX_TWIN each event is played in a core that was loaded from a snapshot, too. */
static struct core_world *talking_at(const char *const *caps)
{
    setenv("GCX_TWIN", "1", 1);
    struct core_world *world = world_new();
    link_down(world);
    link_up(world, caps);
    resync(world, false);
    agent(world, "marie", "7001", agent_state_ready);
    call_until_selection(world, CALL, "2", "gold");
    talk(world, CALL, "7001", "marie");
    world_forget(world);
    return world;
}

static struct core_world *talking(void)
{
    return talking_at(all_caps);
}

Test(core_listening, a_telephone_listens_from_its_first_report_to_its_last)
{
    struct core_world *world = talking();
    ask_of(world, party_op_listen, "lead", "7009");
    expect(world, "RequestParty listen lead supervisor\n");
    cr_assert_eq(listens(world).length, 0u); /* the link has reported nothing */
    reported(world, party_change_Dialing, party_op_listen);
    reported(world, party_change_NetworkReached, party_op_listen);
    cr_assert(span_is(listens(world), "is called"));
    reported(world, party_change_Established, party_op_listen);
    cr_assert(span_is(listens(world), "listen"));
    reported(world, party_change_Held, party_op_listen);
    cr_assert(span_is(listens(world), "listen"));
    reported(world, party_change_Retrieved, party_op_whisper);
    cr_assert(span_is(listens(world), "whisper"));
    world_forget(world);
    ask_of(world, party_op_remove, "lead", "");
    expect(world, "RequestParty remove lead supervisor\n");
    reported(world, party_change_Released, party_op_whisper);
    cr_assert_eq(listens(world).length, 0u);
    ask_of(world, party_op_remove, "lead", "");
    expect(world, "Reply error invalid_state\n");
    world_end(world);
}

Test(core_listening, a_resync_says_who_listens)
{
    struct core_world *world = talking();
    reported(world, party_change_Established, party_op_join);
    resynced(world, true);
    cr_assert(span_is(listens(world), "join"));
    resynced(world, false);
    cr_assert_eq(listens(world).length, 0u);
    world_end(world);
}

Test(core_listening, nobody_listens_to_a_call_that_is_over)
{
    struct core_world *world = talking();
    struct listener_row row;
    struct interaction_row call;
    uint32_t at = 0;
    reported(world, party_change_Established, party_op_listen);
    cr_assert(core_find_call(world->core, CALL, &call));
    deleted(world, CALL);
    world_advance(world, 60000000);
    cr_assert_not(core_listener(world->core, call.ixn, &at, &row));
    world_end(world);
}

/* The supervisor lead has a second telephone in the call, 7010. */
static void second_reported(struct core_world *world, enum party_change change)
{
    struct writer *writer = world_event(world, LINK, KIND_EventParty, 0, 0, CALL);
    writer_text(writer, EventParty_dn, "7010");
    writer_u(writer, EventParty_change, change);
    writer_u(writer, EventParty_role, party_role_supervisor);
    writer_text(writer, EventParty_agent, "lead");
    writer_text(writer, EventParty_other_dn, "7001");
    world_post(world);
}

/* What the audit has last of acts on interactions: its words before and now. */
static bool note_is(const struct core_world *world, uint64_t count, const char *before)
{
    struct note_row note;
    uint64_t number = count - 1;
    struct kv_value value;
    return core_notes(world->core, NOTES_OF_WORK) == count && core_note(world->core, NOTES_OF_WORK, &number, &note) &&
           note.listens && span_is(note.actor, "lead") && kv_get(note.before, "value", &value) &&
           span_is(value.span, before);
}

Test(core_listening, who_names_no_telephone_hangs_up_all)
{
    struct core_world *world = talking();
    reported(world, party_change_Established, party_op_listen);
    second_reported(world, party_change_Established);
    world_forget(world);
    ask_of(world, party_op_remove, "lead", "");
    expect(world, "RequestParty remove lead supervisor\nRequestParty remove lead supervisor\n");
    second_reported(world, party_change_Released);
    cr_expect(note_is(world, 1, "listens at 7010"));
    cr_assert(span_is(listens(world), "listen"));
    world_end(world);
}

Test(core_listening, the_audit_has_the_end_whatever_ended_it)
{
    struct core_world *world = talking();
    reported(world, party_change_Established, party_op_whisper);
    resynced(world, false);
    cr_expect(note_is(world, 1, "whispers at 7009"));
    reported(world, party_change_Established, party_op_join);
    deleted(world, CALL);
    world_advance(world, 60000000);
    cr_expect(note_is(world, 2, "joins at 7009"));
    world_end(world);
}

Test(core_listening, what_is_asked_in_vain_has_its_reason)
{
    struct core_world *world = talking();
    ask_of(world, party_op_listen, "lead", "7001"); /* there the agent talks */
    ask_of(world, party_op_listen, "lead", "");
    expect(world, "Reply error invalid_dn\nReply error invalid_dn\n");
    ask_of(world, party_op_listen, "marie", "7009");
    expect(world, "Reply error invalid_attribute\n");
    reported(world, party_change_Established, party_op_listen);
    world_forget(world);
    ask_of(world, party_op_join, "other", "7009"); /* where somebody else listens */
    expect(world, "Reply error invalid_dn\n");
    ask_of(world, party_op_join, "lead", "7009");
    ask_of(world, party_op_take_over, "lead", "7009");
    expect(world, "RequestParty join lead supervisor\nRequestParty take_over lead supervisor\n");
    world_end(world);
}

Test(core_listening, what_the_switch_of_the_call_cannot_is_not_asked_of_it)
{
    static const char *const no_taking[] = {"calls", "treatments", "pull_back", "set_agent", "listen", NULL};
    static const char *const none[] = {"calls", "treatments", "pull_back", "set_agent", NULL};
    struct contact_row row;
    struct core_world *world = talking_at(no_taking);
    ask_of(world, party_op_take_over, "lead", "7009");
    ask_of(world, party_op_listen, "lead", "7009");
    expect(world, "Reply error unsupported\nRequestParty listen lead supervisor\n");
    cr_assert_eq(core_agent_contacts(world->core, 0, &row, 1), 1);
    cr_assert(row.listen && !row.take_over);
    world_end(world);
    world = talking_at(none);
    ask_of(world, party_op_listen, "lead", "7009");
    expect(world, "Reply error unsupported\n");
    world_end(world);
}

/* A client at the switch asks for `by`, whether its telephone 7009 may hear the telephone `of`. */
static void client_asks(struct core_world *world, enum party_op how, const char *by, const char *of)
{
    world->client = world->req = 1;
    struct writer *writer = world_event(world, LINK, KIND_RequestMove, 0, 0, CALL);
    world->client = world->req = 0;
    writer_text(writer, ENVELOPE_actor, by);
    writer_u(writer, RequestMove_how, move_Monitor);
    writer_text(writer, RequestMove_name, of);
    writer_text(writer, RequestMove_reason, "7009");
    writer_u(writer, RequestMove_supervises, true);
    writer_u(writer, RequestMove_watch, how);
    world_post(world);
}

Test(core_listening, a_client_at_the_switch_asks_by_the_same_rules)
{
    struct core_world *world = talking();
    struct note_row note;
    uint64_t number = 0;
    client_asks(world, party_op_whisper, "lead", "7001");
    client_asks(world, party_op_whisper, "lead", "7002");
    client_asks(world, party_op_remove, "lead", "7001");
    expect(world, "Reply ok\nReply error invalid_state\nReply error invalid_state\n");
    cr_assert(core_note(world->core, NOTES_OF_WORK, &number, &note));
    cr_expect(span_is(note.actor, "lead"));
    cr_expect_eq(core_notes(world->core, NOTES_OF_WORK), 1u);
    reported(world, party_change_Established, party_op_listen);
    world_forget(world);
    client_asks(world, party_op_join, "other", "7001"); /* where somebody else listens */
    expect(world, "Reply error invalid_state\n");
    directory(world, table_group_lead, "team/other",
              (const char *const[]){"group", "team", "supervisor", "other", NULL});
    commit(world, false);
    world_forget(world);
    client_asks(world, party_op_listen, "other", "7001"); /* who leads others */
    expect(world, "Reply error no_privilege\n");
    world_end(world);
}
