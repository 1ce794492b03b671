/* tests/unit/record_world.c - Desktop, list and calls of a record, and its agent. */
#include "tests/unit/record_world.h"

#include <criterion/criterion.h>

#include "vm/steps.h"
#include "runtime/core/base/state.h"
#include "runtime/core/campaigns/list_record.h"
#include "runtime/vocabulary/effects_call.h"
#include "runtime/vocabulary/events_call.h"
#include "runtime/vocabulary/events_host.h"
#include "runtime/vocabulary/events_link.h"
#include "runtime/vocabulary/events_site.h"

const char *const dialling[] = {"calls", "treatments", "pull_back", "set_agent", "desktops", "dial", NULL};

struct image *serves(void)
{
    struct image_writer *w = image_writer_new();
    uint16_t strategy = writer_strategy(w, "enterprise", 1u << media_outbound, INT64_C(28800000000));
    (void)writer_zone(w, "Asia/Tokyo", (const int64_t[]){INT64_MIN}, (const int32_t[]){9 * 3600}, 1);
    uint16_t to = program_name(w, TYPE_DN, "7001");
    uint16_t body = writer_function_begin(w, "enterprise", FUNCTION_STRATEGY, strategy, 0, TYPE_VOID);
    uint32_t failed = writer_label(w);
    writer_wait_begin(w, NULL);
    writer_wait_argument(w, PARAMETER_outbound_dial_number, program_text(w, NUMBER));
    writer_wait_timeout(w, SECONDS(w, 35));
    writer_wait_failure(w, failed, REGISTER_NONE);
    writer_step(w, STEP_ID_outbound_dial, REGISTER_NONE);
    writer_wait_begin(w, NULL);
    writer_wait_argument(w, PARAMETER_route_target, CONSTANT(writer_constant(w, TYPE_DN, to)));
    writer_wait_timeout(w, SECONDS(w, 20));
    writer_wait_answer(w, SECONDS(w, 15));
    writer_wait_failure(w, failed, REGISTER_NONE);
    writer_step(w, STEP_ID_route, REGISTER_NONE);
    writer_place(w, failed);
    program_stop(w, program_text(w, "not reached"));
    writer_function_end(w);
    writer_strategy_functions(w, strategy, body, IMAGE_NONE, IMAGE_NONE);
    return program_loaded(w);
}

void list_up(struct core_world *world)
{
    struct writer *writer = world_event(world, SOURCE_HOST, KIND_LinkUp, 0, 0, 0);
    writer_u(writer, LinkUp_link, LIST);
    writer_text(writer, LinkUp_name, "lists");
    writer_list_begin(writer, LinkUp_caps);
    writer_list_text(writer, span_of("records"));
    writer_list_end(writer);
    world_post(world);
    world_event(world, LIST, KIND_ResyncBegin, 0, 0, 0);
    world_post(world);
    world_event(world, LIST, KIND_ResyncEnd, 0, 0, 0);
    world_post(world);
}

void list_down(struct core_world *world)
{
    writer_u(world_event(world, SOURCE_HOST, KIND_LinkDown, 0, 0, 0), LinkDown_link, LIST);
    world_post(world);
}

void hand_over(struct core_world *world, uint64_t record, const char *number, int64_t due_s)
{
    struct writer *writer = world_event(world, LIST, KIND_EventRecord, 0, 0, 0);
    struct kv data;
    kv_init(&data);
    kv_put_text(&data, "name", span_of("Dupont"));
    kv_put_text(&data, "product", span_of("car"));
    writer_u(writer, EventRecord_record, record);
    writer_text(writer, EventRecord_campaign, "1800");
    writer_u(writer, EventRecord_chain, 3);
    writer_text(writer, EventRecord_number, number);
    writer_u(writer, EventRecord_type, record_type_general);
    writer_i(writer, EventRecord_due, due_s * 1000000);
    writer_i(writer, EventRecord_from, INT64_C(9) * 3600 * 1000000);
    writer_i(writer, EventRecord_till, INT64_C(17) * 3600 * 1000000);
    writer_text(writer, EventRecord_zone, "Asia/Tokyo");
    writer_kv(writer, EventRecord_data, &data);
    writer_u(writer, EventRecord_version, 1);
    kv_free(&data);
    world_post(world);
}

void answers(struct core_world *world, enum outcome outcome, enum code code)
{
    uint32_t at = world->sent_count;
    const struct sent *sent;
    do sent = &world->sent[--at % 16];
    while (sent->link != LIST && at > 0 && world->sent_count - at < 16);
    struct writer *writer = world_event(world, LIST, KIND_EventDone, sent->ixn, sent->ref, 0);
    writer_u(writer, EventDone_outcome, outcome);
    writer_u(writer, EventDone_code, code);
    world_post(world);
}

void agrees(struct core_world *world)
{
    answers(world, outcome_ok, code_ok);
}

void seconds(struct core_world *world, unsigned count)
{
    world_advance(world, (uint64_t)count * 1000000);
}

uint32_t records_held(const struct core_world *world)
{
    return world->core->list_records->taken;
}

void tells_of(struct core_world *world, const char *who, uint64_t record, const struct record_words *says)
{
    world->client = 9;
    world->req++;
    struct writer *writer = world_event(world, LINK, KIND_RequestRecord, 0, 0, 0);
    struct kv fields;
    kv_init(&fields);
    if (says->key) kv_put_text(&fields, says->key, span_of(says->value));
    writer_text(writer, ENVELOPE_actor, who);
    writer_u(writer, RequestRecord_op, says->op);
    writer_u(writer, RequestRecord_record, record);
    writer_text(writer, RequestRecord_campaign, record != 0 ? "1800" : says->campaign);
    writer_u(writer, RequestRecord_result, says->result);
    if (says->key) writer_kv(writer, RequestRecord_fields, &fields);
    writer_text(writer, RequestRecord_number, says->number);
    writer_i(writer, RequestRecord_due, says->due_s * 1000000);
    writer_u(writer, RequestRecord_callback, says->callback);
    writer_u(writer, RequestRecord_scope, says->scope);
    kv_free(&fields);
    world_post(world);
    world->client = world->req = 0;
}

void tells(struct core_world *world, const struct record_words *says)
{
    tells_of(world, "marie", 7, says);
}

struct core_world *talking(void)
{
    return talking_for(NUMBER);
}

struct core_world *talking_for(const char *number)
{
    struct core_world *world = world_new();
    link_up(world, dialling);
    resync(world, true);
    resync(world, false);
    list_up(world);
    world_run(world, serves());
    agent(world, "marie", "7001", agent_state_ready);
    agent(world, "olga", "7003", agent_state_ready);
    hand_over(world, 7, number, 0);
    seconds(world, 1);
    agrees(world);
    agrees(world);
    struct writer *writer =
        world_event(world, LINK, KIND_EventCallCreated, world->ixn, world->last_ref[KIND_RequestMakeCall], CALL);
    writer_u(writer, EventCallCreated_media, media_voice);
    world_post(world);
    route_request(world, CALL, 0);
    world_forget(world);
    talk(world, CALL, "7001", "marie");
    expect(world, "");
    tells_of(world, "marie", 0, &(struct record_words){.op = record_op_status}); /* her desktop knows of records */
    world_forget(world);
    return world;
}

void hangs_up(struct core_world *world)
{
    party(world, CALL, "7001", "marie", party_role_agent, party_change_Released);
    deleted(world, CALL);
}

void logs_out(struct core_world *world)
{
    agent(world, "marie", "7001", agent_state_logged_out);
}

void ends(struct core_world *world)
{
    agrees(world);
    cr_assert_eq(records_held(world), 0u);
    world_forget(world);
    seconds(world, 10000);
    expect(world, "");
    world_end(world);
}

/* ---- whatever happens ---- */

unsigned draw(uint64_t *random, unsigned below)
{
    *random = table_mix64(*random + UINT64_C(0x9e3779b97f4a7c15));
    return (unsigned)(*random % below);
}

void happens(struct core_world *world, uint64_t *random)
{
    struct record_words says = {.op = (enum record_op)draw(random, 16),
                                .result = draw(random, 2) == 0 ? cause_ok : cause_busy,
                                .due_s = 9000,
                                .key = draw(random, 3) == 0 ? "colour" : NULL,
                                .value = "red"};
    switch (draw(random, 10)) {
    case 0:
        list_down(world);
        break;
    case 1:
        list_up(world);
        break;
    case 2:
        answers(world, outcome_error, draw(random, 2) == 0 ? code_unavailable : code_refused);
        break;
    case 3:
        agrees(world);
        break;
    case 4:
        hangs_up(world);
        break;
    case 5:
        agent(world, "marie", "7001", draw(random, 2) == 0 ? agent_state_logged_out : agent_state_ready);
        break;
    case 6:
        seconds(world, draw(random, 400));
        break;
    default:
        tells_of(world, draw(random, 2) == 0 ? "marie" : "olga", draw(random, 3) == 0 ? 0 : 7 + draw(random, 2), &says);
        break;
    }
}
