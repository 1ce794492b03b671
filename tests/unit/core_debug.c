/* tests/unit/core_debug.c - Debuggers of single interactions: where they stop, what goes on meanwhile, and that nothing
 * stands for good. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/core/base/state.h"
#include "runtime/core/interactions/interaction.h"
#include "runtime/core/run/debug.h"
#include "runtime/core/run/strategy.h"
#include "runtime/vocabulary/events_call.h"
#include "runtime/vocabulary/events_host.h"
#include "runtime/vocabulary/events_site.h"
#include "tests/unit/core_fixture.h"
#include "vm/steps.h"
#include "vm/image_writer.h"

TestSuite(core_debug, .timeout = 30);

enum { DEBUGGER = 7, RIVAL = 8, BOUND_S = 30 };

static struct writer *debug(struct core_world *world, uint64_t client, enum debug_op op)
{
    world->client = client;
    world->req = 1;
    struct writer *writer = world_event(world, SOURCE_ADMIN, KIND_Debug, 0, 0, 0);
    world->client = world->req = 0;
    writer_u(writer, Debug_op, op);
    return writer;
}

static void asks(struct core_world *world, uint64_t client, enum debug_op op)
{
    (void)debug(world, client, op);
    world_post(world);
}

static void attach(struct core_world *world, uint64_t client, const char *conn)
{
    writer_text(debug(world, client, debug_op_attach), Debug_name, conn);
    world_post(world);
}

static void arm(struct core_world *world, uint64_t one_in, const char *ani)
{
    struct writer *writer = debug(world, DEBUGGER, debug_op_arm);
    struct kv when;
    kv_init(&when);
    if (ani) {
        kv_list_begin(&when, span_of("ani"));
        kv_put_text(&when, "==", span_of(ani));
        kv_list_end(&when);
    }
    writer_text(writer, Debug_name, "1800");
    writer_kv(writer, Debug_when, &when);
    writer_u(writer, Debug_one_in, one_in);
    world_post(world);
    kv_free(&when);
}

/* A condition as the compiler makes one, an image whose strategy stops where it holds: here where the key `account` is
 * attached. */
static void arm_compiled(struct core_world *world)
{
    struct image_writer *image = image_writer_new();
    struct error error = {0};
    size_t length;
    uint16_t strategy = writer_strategy(image, CONDITION_STRATEGY, MEDIUM_ALL, INT64_C(86400000000));
    uint16_t slot = writer_slot(image, strategy, "account", TYPE_STR, 0);
    uint16_t body = writer_function_begin(image, "", FUNCTION_STRATEGY, strategy, 0, TYPE_VOID);
    uint16_t why = writer_constant_text(image, "", 0);
    uint8_t text = writer_register(image, TYPE_STR), key = writer_register(image, TYPE_STR | TYPE_OPTIONAL);
    uint32_t fails = writer_label(image);
    writer_abx(image, OP_SLOT, key, slot);
    writer_jump(image, OP_JNONE, key, 0, fails);
    writer_wait_begin(image, NULL);
    writer_wait_argument(image, PARAMETER_stop_why, (uint16_t)(OPERAND_CONSTANT | why));
    writer_step(image, STEP_ID_stop, REGISTER_NONE);
    writer_place(image, fails);
    writer_abx(image, OP_LOAD, text, why);
    writer_abc(image, OP_FAIL, text, 0, 0);
    writer_function_end(image);
    writer_strategy_functions(image, strategy, body, IMAGE_NONE, IMAGE_NONE);
    void *bytes = image_writer_finish(image, &length, &error);
    image_writer_free(image);
    cr_assert(bytes, "%s", error.text);
    struct writer *writer = debug(world, DEBUGGER, debug_op_arm);
    writer_text(writer, Debug_name, "1800");
    writer_bytes(writer, Debug_condition, (struct span){bytes, (uint32_t)length});
    world_post(world);
    free(bytes);
}

/* Goes on, and stops before every instruction there is. */
static void go_one(struct core_world *world)
{
    struct writer *writer = debug(world, DEBUGGER, debug_op_go);
    world_everywhere(writer, Debug_steps);
    world_post(world);
}

static struct interaction *call(struct core_world *world)
{
    return interaction_by_conn(world->core->interactions, CALL);
}

static bool stands(struct core_world *world)
{
    return call(world) && call(world)->stands;
}

static struct core_world *stopped_at_arrival(void)
{
    struct core_world *world = world_new();
    arm(world, 1, NULL);
    expect(world, "Reply ok\n");
    created(world, CALL);
    route_request(world, CALL, 0);
    expect(world, "RequestApplyTreatment Music\n");
    cr_assert(stands(world));
    return world;
}

Test(core_debug, the_next_call_stops_and_hears_music_and_goes_on)
{
    struct core_world *world = stopped_at_arrival();
    world_advance(world, 29000000);
    expect(world, "");
    asks(world, DEBUGGER, debug_op_go);
    expect(world, "Reply ok\nRequestApplyTreatment PlayAnnouncementAndDigits account_number\n");
    cr_assert(!stands(world));
    treatment_end(world, CALL, "4711");
    expect(world, "EventAttachedDataChanged account\nRequestApplyTreatment PlayAnnouncementAndDigits language\n");
    deleted(world, CALL);
    cr_assert_eq(world->core->debuggers->count, 0u);
    world_end(world);
}

Test(core_debug, who_is_not_let_go_goes_on_by_itself_and_is_lost_to_the_debugger)
{
    struct core_world *world = stopped_at_arrival();
    world_advance(world, (BOUND_S + 1) * UINT64_C(1000000));
    expect(world, "RequestApplyTreatment PlayAnnouncementAndDigits account_number\n");
    cr_assert_eq(world->core->debuggers->count, 0u);
    asks(world, DEBUGGER, debug_op_go);
    expect(world, "Reply error gone\n");
    world_end(world);
}

Test(core_debug, a_debugger_that_dies_and_a_new_leader_let_go)
{
    for (unsigned by = 0; by < 2; by++) {
        struct core_world *world = stopped_at_arrival();
        if (by == 0)
            (void)debug(world, DEBUGGER, debug_op_detach);
        else
            writer_u(world_event(world, SOURCE_HOST, KIND_Epoch, 0, 0, 0), Epoch_number, 2);
        world_post(world);
        cr_assert(strstr(world->trace, "PlayAnnouncementAndDigits account_number"), "%s", world->trace);
        cr_assert(!stands(world) && !call(world)->debugged);
        world_end(world);
    }
}

Test(core_debug, who_hangs_up_while_stopped_is_over)
{
    struct core_world *world = stopped_at_arrival();
    deleted(world, CALL);
    expect(world, "");
    cr_assert_null(call(world));
    cr_assert_eq(world->core->debuggers->count, 0u);
    world_advance(world, 60000000);
    world_end(world);
}

Test(core_debug, conditions_and_one_in_so_many)
{
    struct core_world *world = world_new();
    arm(world, 1, "+33100000000");
    world_forget(world);
    created(world, CALL);
    route_request(world, CALL, 0);
    expect(world, "RequestApplyTreatment PlayAnnouncementAndDigits account_number\n");
    asks(world, DEBUGGER, debug_op_detach);
    arm(world, 2, NULL);
    world_forget(world);
    created(world, OTHER);
    route_request(world, OTHER, 0);
    expect(world, "RequestApplyTreatment PlayAnnouncementAndDigits account_number\n");
    created(world, THIRD);
    route_request(world, THIRD, 0);
    expect(world, "RequestApplyTreatment Music\n");
    cr_assert(interaction_by_conn(world->core->interactions, THIRD)->stands);
    world_end(world);
}

Test(core_debug, one_in_so_many_counts_those_alone_that_meet_the_condition)
{
    struct core_world *world = world_new();
    arm(world, 2, "+33145550101");
    struct writer *writer = world_event(world, LINK, KIND_EventCallCreated, 0, 0, CALL);
    writer_u(writer, EventCallCreated_media, media_voice);
    writer_u(writer, EventCallCreated_call_type, call_type_inbound);
    writer_text(writer, EventCallCreated_ani, "+33100000000");
    writer_text(writer, EventCallCreated_dnis, "1800");
    world_post(world);
    route_request(world, CALL, 0);
    created(world, OTHER);
    route_request(world, OTHER, 0);
    cr_assert_not(interaction_by_conn(world->core->interactions, CALL)->stands);
    cr_assert_not(interaction_by_conn(world->core->interactions, OTHER)->stands, "it is the first that meets it");
    created(world, THIRD);
    route_request(world, THIRD, 0);
    cr_assert(interaction_by_conn(world->core->interactions, THIRD)->stands);
    world_end(world);
}

Test(core_debug, a_compiled_condition_that_does_not_hold_stops_nobody)
{
    struct core_world *world = world_new();
    arm_compiled(world);
    expect(world, "Reply ok\n");
    created(world, CALL);
    route_request(world, CALL, 0);
    expect(world, "RequestApplyTreatment PlayAnnouncementAndDigits account_number\n");
    cr_assert_eq(world->core->debuggers->attached, 0u);
    world_end(world);
}

Test(core_debug, a_compiled_condition_sees_what_is_attached)
{
    struct core_world *world = world_new();
    arm_compiled(world);
    expect(world, "Reply ok\n");
    struct kv data;
    kv_init(&data);
    kv_put_text(&data, "account", span_of("4711"));
    struct writer *writer = world_event(world, LINK, KIND_EventCallCreated, 0, 0, CALL);
    writer_u(writer, EventCallCreated_media, media_voice);
    writer_text(writer, EventCallCreated_dnis, "1800");
    writer_kv(writer, EventCallCreated_data, &data);
    world_post(world);
    kv_free(&data);
    route_request(world, CALL, 0);
    expect(world, "RequestApplyTreatment Music\n");
    cr_assert(stands(world));
    world_end(world);
}

Test(core_debug, what_is_no_image_is_no_condition)
{
    struct core_world *world = world_new();
    struct writer *writer = debug(world, DEBUGGER, debug_op_arm);
    writer_text(writer, Debug_name, "1800");
    writer_bytes(writer, Debug_condition, span_of("no image"));
    world_post(world);
    expect(world, "Reply error invalid_attribute\n");
    cr_assert_eq(world->core->debuggers->count, 0u);
    world_end(world);
}

Test(core_debug, one_that_waits_stands_where_it_waits_and_what_comes_is_not_lost)
{
    struct core_world *world = world_new();
    created(world, CALL);
    route_request(world, CALL, 0);
    world_forget(world);
    attach(world, DEBUGGER, "0010000010000001");
    expect(world, "Reply ok\n");
    cr_assert(stands(world));
    attach(world, RIVAL, "0010000010000001");
    expect(world, "Reply error invalid_state\n");
    world_advance(world, 20000000);
    treatment_end(world, CALL, "4711"); /* the digits are there, and the strategy stands behind them */
    expect(world, "RequestApplyTreatment Music\n");
    cr_assert(vm_stands(world->core->slab, block_at(world->core->slab, call(world)->block), 0));
    asks(world, RIVAL, debug_op_go);
    expect(world, "Reply error gone\n");
    asks(world, DEBUGGER, debug_op_go);
    expect(world, "Reply ok\nEventAttachedDataChanged account\n"
                  "RequestApplyTreatment PlayAnnouncementAndDigits language\n");
    asks(world, DEBUGGER, debug_op_pause);
    world_advance(world, 25000000); /* longer than the step may take: its time stands still */
    expect(world, "Reply ok\n");
    asks(world, DEBUGGER, debug_op_go);
    world_advance(world, 1);
    expect(world, "Reply ok\nEventAttachedDataChanged language\nQuery customers\nCancel\n");
    world_end(world);
}

Test(core_debug, what_is_set_counts)
{
    struct core_world *world = stopped_at_arrival();
    asks(world, DEBUGGER, debug_op_go);
    attach(world, RIVAL, "0010000010000001");
    asks(world, DEBUGGER, debug_op_pause);
    treatment_end(world, CALL, "4711");
    world_forget(world);
    struct kv pairs;
    kv_init(&pairs);
    kv_put_text(&pairs, "account", span_of("8888"));
    struct writer *writer = debug(world, DEBUGGER, debug_op_set);
    writer_u(writer, Debug_variable, 1); /* the register of the digits, which are attached next */
    writer_u(writer, Debug_function, image_strategy(world->image, 0)->function);
    writer_kv(writer, Debug_pairs, &pairs);
    world_post(world);
    expect(world, "Reply ok\n");
    writer = debug(world, DEBUGGER, debug_op_set);
    kv_clear(&pairs);
    kv_put_text(&pairs, "colour", span_of("blue"));
    writer_kv(writer, Debug_pairs, &pairs);
    world_post(world);
    kv_free(&pairs);
    expect(world, "Reply ok\nEventAttachedDataChanged colour\n");
    asks(world, DEBUGGER, debug_op_go);
    cr_assert(data_is(world, CALL, "account", "8888") && data_is(world, CALL, "colour", "blue"));
    world_end(world);
}

/* Goes on as long as it stands. */
static unsigned through(struct core_world *world)
{
    unsigned stops = 0;
    while (stands(world)) {
        go_one(world);
        stops++;
        cr_assert_lt(stops, 1000u);
    }
    return stops;
}

/* The effects without those of debugging: what the switch would have seen anyway. */
static void without_debugging(const char *trace, char *out, size_t size)
{
    size_t length = 0;
    for (const char *line = trace; *line; line = strchr(line, '\n') + 1) {
        size_t bytes = (size_t)(strchr(line, '\n') - line) + 1;
        bool ours = strncmp(line, "Reply", 5) == 0 || strncmp(line, "Cancel", 6) == 0 ||
                    strncmp(line, "RequestApplyTreatment Music\n", 28) == 0;
        cr_assert_lt(length + bytes, size);
        if (!ours) memcpy(out + length, line, bytes);
        if (!ours) length += bytes;
    }
    out[length] = '\0';
}

/* A call up to an agent who comes late; with a debugger, stopped before every instruction. */
static void whole_call(struct core_world *world, bool debugged, char *out, size_t size)
{
    unsigned stops = 0;
    if (debugged) arm(world, 1, NULL);
    world_forget(world);
    created(world, CALL);
    route_request(world, CALL, 0);
    stops += through(world);
    treatment_end(world, CALL, "4711");
    stops += through(world);
    treatment_end(world, CALL, "2");
    stops += through(world);
    customer(world, "Dupont", "gold", "French");
    stops += through(world);
    treatment_end(world, CALL, NULL); /* of the music, whose round begins again */
    stops += through(world);
    agent(world, "marie", "7001", agent_state_ready);
    stops += through(world);
    talk(world, CALL, "7001", "marie");
    cr_assert_eq(stops > 0, debugged);
    without_debugging(world->trace, out, size);
    deleted(world, CALL);
    cr_assert_eq(world->core->debuggers->count, 0u);
    world_end(world);
}

Test(core_debug, stopped_before_each_instruction_a_call_goes_the_same_way)
{
    char plain[4096], stepped[4096];
    whole_call(world_new(), false, plain, sizeof plain);
    whole_call(world_new(), true, stepped, sizeof stepped);
    cr_assert_str_eq(stepped, plain);
    cr_assert(strstr(plain, "RequestRouteCall 7001"), "%s", plain);
}

/* At each of its stops the customer hangs up, the link goes, an administrator ends it, or nobody does anything. */
Test(core_debug, at_each_stop_whatever_happens_nothing_is_left)
{
    enum { HANGS_UP, LINK_GOES, NOBODY_ACTS, ENDED_BY_HAND, WAYS };
    for (unsigned way = 0; way < WAYS; way++) {
        for (unsigned stops = 0, more = 1; more; stops++) {
            struct core_world *world = world_new();
            arm(world, 1, NULL);
            created(world, CALL);
            route_request(world, CALL, 0);
            for (unsigned at = 0; at < stops && stands(world); at++) {
                go_one(world);
                if (stands(world) || !call(world)) continue;
                if (at % 3 == 2)
                    customer(world, "Dupont", "gold", "French");
                else
                    treatment_end(world, CALL, at % 3 == 0 ? "4711" : "2");
            }
            more = stands(world) && stops < 60;
            if (way == HANGS_UP) deleted(world, CALL);
            if (way == LINK_GOES) link_down(world);
            if (way == ENDED_BY_HAND) {
                struct writer *writer = world_event(world, SOURCE_ADMIN, KIND_AdminRequest, 0, 0, CALL);
                writer_u(writer, AdminRequest_op, admin_op_end);
                world_post(world);
                deleted(world, CALL);
            }
            world_advance(world, 3600000000);
            cr_assert(!stands(world));
            if (way == HANGS_UP || way == ENDED_BY_HAND) cr_assert_null(call(world));
            if (way != NOBODY_ACTS || stops == 0) cr_assert(world->core->debuggers->attached <= 1);
            world_end(world);
        }
    }
}
