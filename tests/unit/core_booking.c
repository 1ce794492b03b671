/* tests/unit/core_booking.c - Call-backs that are booked: due by the wall clock, however it is set; while the link is
 * away, while nobody new is let in; dialled once; taken off; and booked by a program that is not what it seems. */
#include <criterion/criterion.h>

#include "runtime/core/read.h"
#include "runtime/core/state.h"
#include "tests/unit/core_fixture.h"

TestSuite(core_booking, .timeout = 30);

static const char *const dialling[] = {"calls", "treatments", "pull_back", "set_agent", "dial", NULL};
static const char *const without[] = {"calls", "treatments", "pull_back", "set_agent", NULL};

struct wanted {
    const char *number;
    unsigned at_s;     /* of the wall clock: the core's begins with it */
    int64_t strategy;  /* 1: the other one */
    uint32_t media;    /* of which that is */
};
static const struct wanted usual = {.number = "+33145550101", .at_s = 100, .strategy = 1, .media = 1u << media_callback};

/* callback.book(number, at:, strategy: back) else {}; stop. And back: callback.dial() else {}; delay 5s; stop. */
static struct image *books(const struct wanted *program)
{
    struct image_writer *w = image_writer_new();
    uint16_t strategy = program_strategy(w, "enterprise");
    uint16_t back = writer_strategy(w, "back", program->media, INT64_C(3600000000));
    uint16_t body = writer_function_begin(w, "enterprise", FUNCTION_STRATEGY, strategy, 0, TYPE_VOID);
    uint32_t failed = writer_label(w);
    writer_wait_begin(w, NULL);
    writer_wait_argument(w, PARAMETER_callback_book_number, program_text(w, program->number));
    writer_wait_argument(w, PARAMETER_callback_book_at,
                         CONSTANT(writer_constant(w, TYPE_TIME, (uint64_t)program->at_s * 1000000)));
    writer_wait_argument(w, PARAMETER_callback_book_strategy,
                         CONSTANT(writer_constant(w, TYPE_INT, (uint64_t)program->strategy)));
    writer_wait_timeout(w, SECONDS(w, 10));
    writer_wait_failure(w, failed, REGISTER_NONE);
    writer_step(w, STEP_ID_callback_book, REGISTER_NONE);
    program_stop(w, program_text(w, "booked"));
    writer_place(w, failed);
    program_delay(w, 1);
    program_stop(w, program_text(w, "not booked"));
    writer_function_end(w);
    writer_strategy_functions(w, strategy, body, IMAGE_NONE, IMAGE_NONE);
    body = writer_function_begin(w, "back", FUNCTION_STRATEGY, back, 0, TYPE_VOID);
    uint32_t unreached = writer_label(w);
    writer_wait_begin(w, NULL);
    writer_wait_timeout(w, SECONDS(w, 35));
    writer_wait_failure(w, unreached, REGISTER_NONE);
    writer_step(w, STEP_ID_callback_dial, REGISTER_NONE);
    program_delay(w, 5);
    program_stop(w, program_text(w, "reached"));
    writer_place(w, unreached);
    program_stop(w, program_text(w, "not reached"));
    writer_function_end(w);
    writer_strategy_functions(w, back, body, IMAGE_NONE, IMAGE_NONE);
    return program_loaded(w);
}

static struct world *called(const struct wanted *program, const char *const *caps)
{
    struct world *world = world_new();
    link_up(world, caps);
    resync(world, true);
    resync(world, false);
    world_run(world, books(program));
    created(world, CALL);
    world_forget(world);
    route_request(world, CALL, 0);
    return world;
}

/* The call has ended, and is called back when that is due. */
static struct world *booked(void)
{
    struct world *world = called(&usual, dialling);
    expect(world, "RequestCallControl disconnect 1800\n");
    deleted(world, CALL);
    cr_assert_eq(core_bookings_ever(world->core), 1u);
    return world;
}

static uint64_t open_ones(const struct world *world)
{
    struct core_status status;
    core_status(world->core, &status);
    return status.bookings;
}

static void until(struct world *world, unsigned seconds)
{
    world_advance(world, (uint64_t)seconds * 1000000 - world->time_us);
}

static void clock_set(struct world *world, int64_t seconds)
{
    writer_i(world_event(world, SOURCE_HOST, KIND_Clock, 0, 0, 0), Clock_offset, seconds * 1000000);
    world_post(world);
}

static void is_made(struct world *world, uint64_t conn)
{
    struct writer *writer =
        world_event(world, LINK, KIND_EventCallCreated, world->ixn, world->last_ref[KIND_RequestMakeCall], conn);
    writer_u(writer, EventCallCreated_media, media_voice);
    world_post(world);
}

static void ask(struct world *world, enum admin_op op, const char *name)
{
    world->client = world->req = 1;
    struct writer *writer = world_event(world, SOURCE_ADMIN, KIND_AdminRequest, 0, 0, 0);
    world->client = world->req = 0;
    writer_u(writer, AdminRequest_op, op);
    writer_text(writer, AdminRequest_name, name);
    world_post(world);
}

Test(core_booking, is_dialled_when_it_is_due_and_once)
{
    struct world *world = booked();
    until(world, 99);
    expect(world, "");
    cr_assert_eq(open_ones(world), 1u);
    until(world, 101);
    expect(world, "RequestMakeCall\n");
    cr_assert_eq(open_ones(world), 0u);
    is_made(world, OTHER);
    until(world, 110);
    route_request(world, OTHER, 0);
    expect(world, "");
    until(world, 116);
    expect(world, "RequestCallControl disconnect 1800\n");
    deleted(world, OTHER);
    until(world, 10000);
    expect(world, "");
    world_end(world);
}

Test(core_booking, whose_outcome_nobody_tells_is_called_off)
{
    struct world *world = booked();
    until(world, 101);
    expect(world, "RequestMakeCall\n");
    until(world, 140);
    expect(world, "Cancel\n");
    cr_assert_eq(core_find(world->core, world->ixn, &(struct interaction_row){0}), true);
    until(world, 10000);
    expect(world, "");
    world_end(world);
}

Test(core_booking, the_wall_clock_says_when_it_is_due)
{
    struct world *world = booked();
    clock_set(world, -50);
    until(world, 149);
    expect(world, "");
    clock_set(world, 0);
    until(world, 150);
    expect(world, "RequestMakeCall\n");
    done(world, world->ixn, world->last_ref[KIND_RequestMakeCall], outcome_error, code_no_circuit);
    cr_assert_eq(open_ones(world), 0u);
    world_end(world);
}

Test(core_booking, waits_for_the_link)
{
    struct world *world = booked();
    until(world, 90);
    link_down(world);
    world_forget(world);
    until(world, 3000); /* long after its grace */
    expect(world, "");
    link_up(world, dialling);
    resync(world, true);
    resync(world, false);
    world_forget(world);
    until(world, 3001);
    expect(world, "RequestMakeCall\n");
    world_end(world);
}

Test(core_booking, begins_a_day_late_without_a_link)
{
    struct world *world = booked();
    until(world, 90);
    link_down(world);
    until(world, 86400);
    cr_assert_eq(open_ones(world), 1u);
    until(world, 86400 + 300);
    cr_assert_eq(open_ones(world), 0u);
    world_forget(world);
    until(world, 100000);
    expect(world, "");
    world_end(world);
}

Test(core_booking, the_link_is_lost_while_it_rings)
{
    struct world *world = booked();
    until(world, 101);
    is_made(world, OTHER);
    link_down(world);
    link_up(world, dialling);
    resync(world, true);
    world_forget(world);
    resync(world, false); /* it says nothing of the call */
    expect(world, "");
    until(world, 10000);
    expect(world, "");
    world_end(world);
}

Test(core_booking, waits_while_nobody_new_is_let_in)
{
    struct world *world = booked();
    ask(world, admin_op_drain, "");
    until(world, 120);
    cr_assert_eq(open_ones(world), 1u);
    ask(world, admin_op_serve, "");
    world_forget(world);
    until(world, 121);
    expect(world, "RequestMakeCall\n");
    world_end(world);
}

Test(core_booking, an_administrator_takes_it_off)
{
    static const char *const others[] = {"", "0", "2", "x", "1x", "-1", "99999999999999999999", "18446744073709551617"};
    struct world *world = booked();
    ask(world, admin_op_cancel_callback, "1");
    world_forget(world);
    ask(world, admin_op_cancel_callback, "1");
    expect(world, "Reply error gone\n");
    for (size_t i = 0; i < sizeof others / sizeof *others; i++) {
        ask(world, admin_op_cancel_callback, others[i]);
        expect(world, "Reply error gone\n");
    }
    cr_assert_eq(open_ones(world), 0u);
    until(world, 200);
    expect(world, "");
    world_end(world);
}

Test(core_booking, an_administrator_ends_it_while_it_is_dialled)
{
    struct world *world = booked();
    until(world, 101);
    world_forget(world);
    ask(world, admin_op_end, "1-000000000002");
    expect(world, "Cancel\nReply ok\n");
    cr_assert_eq(core_bookings_ever(world->core), 1u);
    until(world, 200);
    expect(world, "");
    world_end(world);
}

/* What a program says that no compiler has made. */
Test(core_booking, is_refused)
{
    static const struct wanted wrong[] = {
        {.number = "", .at_s = 100, .strategy = 1, .media = 1u << media_callback},
        {.number = "+33 1", .at_s = 100, .strategy = 1, .media = 1u << media_callback},
        {.number = "\xc3\xa9", .at_s = 100, .strategy = 1, .media = 1u << media_callback},
        {.number = "1", .at_s = 100, .strategy = 2, .media = 1u << media_callback},
        {.number = "1", .at_s = 100, .strategy = -1, .media = 1u << media_callback},
        {.number = "1", .at_s = 100, .strategy = INT64_MAX, .media = 1u << media_callback},
        {.number = "1", .at_s = 100, .strategy = 1, .media = 1u << media_voice},
        {.number = "1", .at_s = 100, .strategy = 0, .media = 1u << media_callback},
        {.number = "1", .at_s = 1, .strategy = 1, .media = 1u << media_callback},
        {.number = "1", .at_s = 86400u * 400, .strategy = 1, .media = 1u << media_callback},
    };
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        struct world *world = called(&wrong[i], dialling);
        expect(world, "");
        cr_assert_eq(core_bookings_ever(world->core), 0u, "%zu", i);
        world_end(world);
    }
    struct world *world = called(&usual, without);
    expect(world, "");
    world_end(world);
}

Test(core_booking, a_number_is_booked_once)
{
    struct world *world = booked();
    created(world, OTHER);
    world_forget(world);
    route_request(world, OTHER, 0);
    expect(world, "");
    cr_assert_eq(core_bookings_ever(world->core), 1u);
    until(world, 4);
    expect(world, "RequestCallControl disconnect 1800\n");
    deleted(world, OTHER);
    until(world, 101);
    expect(world, "RequestMakeCall\n"); /* and now it may be again */

    world_end(world);
}
