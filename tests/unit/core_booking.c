/* tests/unit/core_booking.c - Call-backs that are booked: due by the wall clock, however it is set; while the link is
 * away, while nobody new is let in; dialled once; taken off; and booked by a program that is not what it seems. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>

#include "vm/steps.h"
#include "runtime/core/base/state.h"
#include "runtime/core/read/read.h"
#include "runtime/core/read/totals.h"
#include "runtime/core/steps/booking.h"
#include "runtime/core/steps/kept_place.h"
#include "runtime/vocabulary/contract.h"
#include "runtime/vocabulary/effects_call.h"
#include "runtime/vocabulary/events_call.h"
#include "runtime/vocabulary/events_host.h"
#include "runtime/vocabulary/events_link.h"
#include "runtime/vocabulary/events_site.h"
#include "runtime/vocabulary/events_work.h"
#include "runtime/vocabulary/ident.h"
#include "tests/unit/core_fixture.h"
#include "tests/unit/drawn.h"

TestSuite(core_booking, .timeout = 30);

static const char *const dialling[] = {"calls", "treatments", "pull_back", "set_agent", "dial", NULL};
static const char *const without[] = {"calls", "treatments", "pull_back", "set_agent", NULL};

struct wanted {
    const char *number;
    unsigned at_s;    /* of the wall clock: the core's begins with it */
    int64_t strategy; /* 1: the other one */
    uint32_t media;   /* of which that is */
    bool zoned;       /* the person lives by the clocks of Asia/Tokyo */
};
static const struct wanted usual = {
    .number = "+33145550101", .at_s = 100, .strategy = 1, .media = 1u << media_callback};

/* callback.book(number, at:, strategy: back) else {}; stop. And back: callback.dial() else {}; delay 5s; stop. */
static struct image *books(const struct wanted *program)
{
    struct image_writer *w = image_writer_new();
    uint16_t strategy = program_strategy(w, "enterprise");
    uint32_t zone = writer_name(w, TYPE_ZONE, "Asia/Tokyo", 10);
    uint16_t back = writer_strategy(w, "back", program->media, INT64_C(3600000000));
    uint16_t body = writer_function_begin(w, "enterprise", FUNCTION_STRATEGY, strategy, 0, TYPE_VOID);
    uint32_t failed = writer_label(w);
    writer_wait_begin(w, NULL);
    writer_wait_argument(w, PARAMETER_callback_book_number, program_text(w, program->number));
    writer_wait_argument(w, PARAMETER_callback_book_at,
                         CONSTANT(writer_constant(w, TYPE_TIME, (uint64_t)program->at_s * 1000000)));
    writer_wait_argument(w, PARAMETER_callback_book_strategy,
                         CONSTANT(writer_constant(w, TYPE_INT, (uint64_t)program->strategy)));
    if (program->zoned)
        writer_wait_argument(w, PARAMETER_callback_book_zone, CONSTANT(writer_constant(w, TYPE_ZONE, zone)));
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

static struct core_world *called(const struct wanted *program, const char *const *caps)
{
    struct core_world *world = world_new();
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
static struct core_world *booked(void)
{
    struct core_world *world = called(&usual, dialling);
    expect(world, "RequestCallControl disconnect 1800\n");
    deleted(world, CALL);
    cr_assert_eq(core_bookings_ever(world->core), 1u);
    return world;
}

static uint64_t open_ones(const struct core_world *world)
{
    struct core_status status;
    core_status(world->core, &status);
    return status.bookings;
}

static void until(struct core_world *world, unsigned seconds)
{
    world_advance(world, (uint64_t)seconds * 1000000 - world->time_us);
}

static void clock_set(struct core_world *world, int64_t seconds)
{
    writer_i(world_event(world, SOURCE_HOST, KIND_Clock, 0, 0, 0), Clock_offset, seconds * 1000000);
    world_post(world);
}

static void is_made(struct core_world *world, uint64_t conn)
{
    struct writer *writer =
        world_event(world, LINK, KIND_EventCallCreated, world->ixn, world->last_ref[KIND_RequestMakeCall], conn);
    writer_u(writer, EventCallCreated_media, media_voice);
    world_post(world);
}

static void ask(struct core_world *world, enum admin_op op, const char *name)
{
    world->client = world->req = 1;
    struct writer *writer = world_event(world, SOURCE_ADMIN, KIND_AdminRequest, 0, 0, 0);
    world->client = world->req = 0;
    writer_u(writer, AdminRequest_op, op);
    writer_text(writer, AdminRequest_name, name);
    world_post(world);
}

Test(core_booking, waits_while_arrivals_are_refused_and_is_dialled_afterwards)
{
    struct core_world *world = booked();
    writer_u(world_event(world, SOURCE_HOST, KIND_Intake, 0, 0, 0), Intake_gate, gate_no_arrivals);
    world_post(world);
    until(world, 1000);
    expect(world, "");
    cr_assert_eq(open_ones(world), 1u);
    writer_u(world_event(world, SOURCE_HOST, KIND_Intake, 0, 0, 0), Intake_gate, gate_open);
    world_post(world);
    until(world, 1002);
    expect(world, "RequestMakeCall\n");
    world_free(world);
}

Test(core_booking, is_dialled_when_it_is_due_and_once)
{
    struct core_world *world = booked();
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
    struct core_world *world = booked();
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
    struct core_world *world = booked();
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
    struct core_world *world = booked();
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
    struct core_world *world = booked();
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
    struct core_world *world = booked();
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
    struct core_world *world = booked();
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
    struct core_world *world = booked();
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
    struct core_world *world = booked();
    until(world, 101);
    world_forget(world);
    ask(world, admin_op_end, "1-000000000002");
    expect(world, "Cancel\nReply ok\n");
    cr_assert_eq(core_bookings_ever(world->core), 1u);
    until(world, 200);
    expect(world, "");
    world_end(world);
}

/* A booking as no compiler makes it. */
Test(core_booking, is_refused)
{
    static const struct wanted wrong[] = {
        {.number = "", .at_s = 100, .strategy = 1, .media = 1u << media_callback},
        {.number = "+33 1", .at_s = 100, .strategy = 1, .media = 1u << media_callback},
        {.number = "anonymous", .at_s = 100, .strategy = 1, .media = 1u << media_callback},
        {.number = "*67", .at_s = 100, .strategy = 1, .media = 1u << media_callback},
        {.number = "1800,,9", .at_s = 100, .strategy = 1, .media = 1u << media_callback},
        {.number = "+33", .at_s = 100, .strategy = 1, .media = 1u << media_callback},
        {.number = "\xc3\xa9", .at_s = 100, .strategy = 1, .media = 1u << media_callback},
        {.number = "+331", .at_s = 100, .strategy = 2, .media = 1u << media_callback},
        {.number = "+331", .at_s = 100, .strategy = -1, .media = 1u << media_callback},
        {.number = "+331", .at_s = 100, .strategy = INT64_MAX, .media = 1u << media_callback},
        {.number = "+331", .at_s = 100, .strategy = 1, .media = 1u << media_voice},
        {.number = "+331", .at_s = 100, .strategy = 0, .media = 1u << media_callback},
        {.number = "+331", .at_s = 1, .strategy = 1, .media = 1u << media_callback},
        {.number = "+331", .at_s = 86400u * 400, .strategy = 1, .media = 1u << media_callback},
    };
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        struct core_world *world = called(&wrong[i], dialling);
        expect(world, "");
        cr_assert_eq(core_bookings_ever(world->core), 0u, "%zu", i);
        world_end(world);
    }
    struct core_world *world = called(&usual, without);
    expect(world, "");
    world_end(world);
}

/* Whichever link can dial will dial it, such as for a short message, whose link cannot; also one that is away now, but
 * not one that the configuration has no more. */
Test(core_booking, is_dialled_by_another_link_where_its_own_cannot)
{
    enum { THERE, AWAY, REMOVED };
    for (unsigned away = THERE; away <= REMOVED; away++) {
        struct core_world *world = world_new();
        link_up(world, without);
        resync(world, true);
        resync(world, false);
        struct writer *writer = world_event(world, SOURCE_HOST, KIND_LinkUp, 0, 0, 0);
        writer_u(writer, LinkUp_link, LINK + 1);
        writer_text(writer, LinkUp_name, "far");
        contract_put_caps(writer, LinkUp_caps, CAP_CALLS | CAP_DIAL);
        world_post(world);
        if (away) {
            writer_u(world_event(world, SOURCE_HOST, KIND_LinkDown, 0, 0, 0), LinkDown_link, LINK + 1);
            world_post(world);
            world_advance(world, 40000000);
        }
        if (away == REMOVED) {
            cr_assert(core_link_holds(world->core, LINK + 1).able);
            struct writer *down = world_event(world, SOURCE_HOST, KIND_LinkDown, 0, 0, 0);
            writer_u(down, LinkDown_link, LINK + 1);
            writer_u(down, LinkDown_reason, down_reason_removed);
            world_post(world);
            cr_assert_not(core_link_holds(world->core, LINK + 1).able);
        }
        world_run(world, books(&usual));
        created(world, CALL);
        world_forget(world);
        route_request(world, CALL, 0);
        expect(world, away == REMOVED ? "" : "RequestCallControl disconnect 1800\n");
        cr_assert_eq(core_bookings_ever(world->core), away == REMOVED ? 0u : 1u, "%u", away);
        cr_assert(away == REMOVED || world->core->bookings->all[0].link == LINK + 1);
        world_end(world);
    }
}

Test(core_booking, a_number_is_booked_once)
{
    struct core_world *world = booked();
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

Test(core_booking, all_of_it_is_in_the_digest)
{
    struct core_world *world = booked();
    struct booking *row = &world->core->bookings->all[0], whole = *row;
    cr_assert(bookings_check(world->core));
#define CHANGED(change)                                                                                                \
    change;                                                                                                            \
    cr_expect_not(bookings_check(world->core), #change);                                                               \
    *row = whole
    CHANGED(row->from++);
    CHANGED(row->due_us++);
    CHANGED(row->dn++);
    CHANGED(row->title++);
    CHANGED(row->attempts++);
    CHANGED(row->program++);
    CHANGED(row->strategy++);
    CHANGED(row->link++);
    CHANGED((row->number_length--, row->caller_length++)); /* another number, of the same bytes */
#undef CHANGED
    cr_assert(bookings_check(world->core));
    world_end(world);
}

/* Handed in for the routing point 1900, by a number of so many digits. Of more than one each is another number. */
static struct writer *handed_in(struct core_world *world, unsigned digits)
{
    static unsigned count;
    char number[16];
    (void)snprintf(number, sizeof number, "%0*u", (int)digits, digits == 1 ? 7 : ++count);
    world->client = world->req = 1;
    struct writer *writer = world_event(world, LINK, KIND_Submit, 0, 0, 0);
    world->client = world->req = 0;
    writer_u(writer, Submit_media, media_callback);
    writer_text(writer, Submit_queue, "1900");
    writer_text(writer, Submit_from, number);
    writer_i(writer, Submit_due, INT64_C(100000000));
    return writer;
}

/* The caller of the interaction is to be called back by the point, 100 s after the clock began. */
static void by_point(struct core_world *world, const char *ixn, const char *point)
{
    world->client = world->req = 1;
    struct writer *writer = world_event(world, SOURCE_ADMIN, KIND_AdminRequest, 0, 0, 0);
    world->client = world->req = 0;
    writer_u(writer, AdminRequest_op, admin_op_call_back);
    writer_text(writer, AdminRequest_name, ixn);
    writer_i(writer, AdminRequest_lasts, INT64_C(100000000));
    writer_text(writer, AdminRequest_reason, point);
    world_post(world);
}

static void hand_in(struct core_world *world, unsigned digits)
{
    (void)handed_in(world, digits);
    world_post(world);
}

static void handing_in(struct core_world *world)
{
    directory(world, table_routing_point, "1900", (const char *const[]){"strategy", "back", NULL});
    commit(world, false);
    struct writer *writer = world_event(world, SOURCE_ADMIN, KIND_Activate, 0, 0, 0);
    writer_text(writer, Activate_at, "1900");
    writer_bytes(writer, Activate_image, (struct span){image_hash(world->image), IMAGE_HASH});
    writer_text(writer, Activate_strategy, "back");
    world_post(world);
    world_forget(world);
}

Test(core_booking, its_room_counts_all_that_is_held)
{
    struct core_world *world = booked();
    handing_in(world);
    world->unchecked = true;
    world->core->bookings->bytes = BOOKINGS_BYTES_MAX - 12;
    hand_in(world, 9); /* its number and the routing point's: 13 bytes */
    expect(world, "Reply error overload\n");
    hand_in(world, 8);
    expect(world, "Reply ok\n");
    hand_in(world, 8);
    expect(world, "Reply error overload\n");
    world_free(world);
}

static struct span zone_of(const struct core_world *world, uint32_t at)
{
    cr_assert_lt(at, world->core->bookings->count);
    return core_name(world->core, world->core->bookings->all[at].zone);
}

Test(core_booking, the_zone_is_kept_and_is_part_of_the_digest)
{
    struct wanted zoned = usual;
    zoned.zoned = true;
    struct core_world *with = called(&zoned, dialling), *without_one = called(&usual, dialling);
    cr_assert(span_is(zone_of(with, 0), "Asia/Tokyo"));
    cr_assert_eq(zone_of(without_one, 0).length, 0);
    cr_assert_neq(with->core->bookings->content, without_one->core->bookings->content);
    world_free(with);
    world_free(without_one);
}

Test(core_booking, who_hands_in_may_say_the_zone_and_one_that_no_site_has_is_none)
{
    static const char *const said[] = {"Asia/Tokyo", "America/Lima", ""};
    struct core_world *world = booked();
    handing_in(world);
    for (unsigned at = 0; at < 3; at++) {
        struct writer *writer = handed_in(world, 8);
        writer_text(writer, Submit_zone, said[at]);
        world_post(world);
        expect(world, "Reply ok\n");
        cr_assert(span_is(zone_of(world, 1 + at), at == 0 ? "Asia/Tokyo" : ""));
    }
    world_free(world);
}

/* ---- any order ---- */

enum { ROUNDS = 40, STEPS = 400, CALLS = 6 };

static uint64_t draw(uint64_t *seed, uint64_t below)
{
    *seed = *seed * 6364136223846793005u + 1442695040888963407u;
    return (*seed >> 33) % below;
}

/* The switch's answers about a number that it was asked to dial lately. */
static void dialled(struct core_world *world, uint64_t *seed)
{
    for (unsigned at = 0; at < 16 && at < world->sent_count; at++) {
        const struct sent sent = world->sent[(world->sent_count - 1 - at) % 16];
        if (sent.kind != KIND_RequestMakeCall || draw(seed, 2) == 0) continue;
        uint64_t conn = 0x0010000010001000 + draw(seed, 40);
        struct interaction_row row;
        if (draw(seed, 3) == 0) {
            done(world, sent.ixn, sent.ref, outcome_error, draw(seed, 2) == 0 ? code_busy : code_no_circuit);
        } else if (!core_find_call(world->core, conn, &row)) {
            struct writer *writer = world_event(world, LINK, KIND_EventCallCreated, sent.ixn, sent.ref, conn);
            writer_u(writer, EventCallCreated_media, media_voice);
            world_post(world);
            if (draw(seed, 3) != 0) route_request(world, conn, 0);
        }
        return;
    }
}

static void link_fault(struct core_world *world, uint64_t *seed)
{
    link_down(world);
    world_advance(world, draw(seed, draw(seed, 3) == 0 ? 40000000 : 8000000));
    link_up(world, draw(seed, 4) == 0 ? without : dialling);
    resync(world, true);
    for (unsigned at = 0; at < 8; at++) {
        uint64_t conn =
            draw(seed, 2) == 0 ? 0x0010000010000001 + draw(seed, CALLS) : 0x0010000010001000 + draw(seed, 40);
        struct writer *writer = world_event(world, LINK, KIND_Observed, 0, 0, conn);
        writer_u(writer, Observed_what, object_call);
        writer_u(writer, Observed_media, media_voice);
        writer_text(writer, Observed_dn, "1800");
        writer_u(writer, Observed_at_routing_point, draw(seed, 3) != 0);
        world_post(world);
    }
    if (draw(seed, 5) != 0) resync(world, false);
}

static void administers(struct core_world *world, uint64_t *seed)
{
    static const enum admin_op ops[] = {admin_op_drain, admin_op_serve, admin_op_serve, admin_op_cancel_callback,
                                        admin_op_end};
    char name[32];
    unsigned which = (unsigned)draw(seed, sizeof ops / sizeof *ops);
    uint64_t last = core_bookings_ever(world->core), number = last > 4 ? last - draw(seed, 4) : 1 + draw(seed, 4);
    if (ops[which] == admin_op_end)
        (void)snprintf(name, sizeof name, "1-%012lx", (unsigned long)(1 + draw(seed, 40)));
    else
        (void)snprintf(name, sizeof name, "%lu", (unsigned long)number);
    ask(world, ops[which], name);
}

static void anything(struct core_world *world, uint64_t *seed)
{
    uint64_t conn = draw(seed, 2) == 0 ? 0x0010000010000001 + draw(seed, CALLS) : 0x0010000010001000 + draw(seed, 40);
    switch (draw(seed, 12)) {
    case 0:
        if (draw(seed, 3) == 0) link_fault(world, seed);
        break;
    case 1:
        administers(world, seed);
        break;
    case 2:
        clock_set(world, (int64_t)draw(seed, 200) - 100);
        break;
    case 3:
    case 4:
        hand_in(world, draw(seed, 3) == 0 ? 1 : 9);
        break;
    case 5:
        created(world, conn);
        route_request(world, conn, 0);
        break;
    case 6:
        deleted(world, conn);
        break;
    case 7:
    case 8:
        dialled(world, seed);
        break;
    default:
        world_advance(world, draw(seed, draw(seed, 3) == 0 ? 60000000 : 5000000));
    }
}

Test(core_booking, whatever_happens)
{
    const char *more = getenv("CHAOS_ROUNDS");
    uint64_t count = more ? strtoull(more, NULL, 10) : ROUNDS, booked_ever = 0;
    const uint64_t from = drawn_from();
    for (uint64_t round = 0; round < count; round++) {
        uint64_t seed = (from + round) * 104729 + 1;
        struct core_status status;
        struct core_world *world = booked();
        handing_in(world);
        for (unsigned step = 0; step < STEPS; step++) {
            anything(world, &seed);
            world_forget(world);
        }
        clock_set(world, 0);
        ask(world, admin_op_serve, "");
        link_up(world, dialling);
        resync(world, true);
        resync(world, false);
        for (unsigned day = 0; day < 4; day++) {
            world_advance(world, UINT64_C(86400) * 1000000);
            world_forget(world);
        }
        core_status(world->core, &status);
        cr_assert_eq(status.interactions, 0u, "round %lu", (unsigned long)round);
        cr_assert_eq(status.bookings, 0u, "round %lu", (unsigned long)round);
        cr_assert_eq(world->core->bookings->bytes, 0u);
        cr_assert_eq(world->core->kept_places->taken, 0u);
        booked_ever += core_bookings_ever(world->core);
        world_end(world);
    }
    cr_assert_gt(booked_ever, count * 10);
}

/* A routing point whose strategy is for call-backs takes what is submitted; a call that comes there is routed by
 * default. */
Test(core_booking, a_call_does_not_start_a_strategy_for_call_backs)
{
    struct core_world *world = world_new();
    link_up(world, dialling);
    resync(world, true);
    resync(world, false);
    struct image_writer *w = image_writer_new();
    uint16_t strategy = writer_strategy(w, "enterprise", 1u << media_callback, INT64_C(3600000000));
    uint16_t body = writer_function_begin(w, "enterprise", FUNCTION_STRATEGY, strategy, 0, TYPE_VOID);
    program_stop(w, program_text(w, "never"));
    writer_function_end(w);
    writer_strategy_functions(w, strategy, body, IMAGE_NONE, IMAGE_NONE);
    world_run(world, program_loaded(w));
    created(world, CALL);
    world_forget(world);
    route_request(world, CALL, 0);
    expect(world, "RouteDefault unavailable\n");
    world_end(world);
}

/* A supervisor has the caller of a call that waits called back by a routing point; the call is ended. */
Test(core_booking, of_a_caller_who_waits_is_made_by_hand)
{
    struct core_world *world = world_new();
    link_up(world, dialling);
    resync(world, true);
    resync(world, false);
    struct image_writer *w = image_writer_new();
    uint16_t strategy = writer_strategy(w, "enterprise", 1u << media_voice, INT64_C(3600000000));
    uint16_t back = writer_strategy(w, "back", 1u << media_callback, INT64_C(3600000000));
    uint16_t body = writer_function_begin(w, "enterprise", FUNCTION_STRATEGY, strategy, 0, TYPE_VOID);
    program_delay(w, 300);
    program_stop(w, program_text(w, "waited"));
    writer_function_end(w);
    writer_strategy_functions(w, strategy, body, IMAGE_NONE, IMAGE_NONE);
    body = writer_function_begin(w, "back", FUNCTION_STRATEGY, back, 0, TYPE_VOID);
    program_stop(w, program_text(w, "called"));
    writer_function_end(w);
    writer_strategy_functions(w, back, body, IMAGE_NONE, IMAGE_NONE);
    world_run(world, program_loaded(w));
    handing_in(world);
    created(world, CALL);
    route_request(world, CALL, 0);
    world_forget(world);
    char id[IXN_TEXT];
    struct interaction_row row;
    cr_assert(core_find(world->core, CALL, &row));
    ident_print_ixn(row.ixn, id);
    by_point(world, id, "1800");
    cr_assert_eq(core_bookings_ever(world->core), 0u, "its strategy is not for call-backs");
    cr_assert(strstr(world->trace, "Reply error"), "%s", world->trace);
    by_point(world, "1-00000000ffff", "1900");
    world_forget(world);
    by_point(world, id, "1900");
    expect(world, "Reply ok\nRequestCallControl disconnect \n");
    cr_assert_eq(open_ones(world), 1u);
    cr_assert_eq(core_notes(world->core, NOTES_OF_WORK), 1u);
    struct booking_row booked;
    cr_assert(core_booking(world->core, 0, &booked));
    cr_assert_eq(booked.due_us, INT64_C(100000000));
    world_end(world);
}

/* An administrator cancels it by its id: one that was read before the restore means no other call-back after it. */
Test(core_booking, after_a_restore_no_id_is_given_that_was_given_before_it)
{
    struct core_world *world = world_new();
    struct booking_row row;
    world_restored(world, 1800000000);
    link_up(world, dialling);
    resync(world, true);
    resync(world, false);
    world_run(world, books(&usual));
    created(world, CALL);
    route_request(world, CALL, 0);
    cr_assert(core_booking(world->core, 0, &row));
    cr_assert_eq(row.id, (UINT64_C(1800000000) << 16) + 1);
    world_restored(world, 1700000000);
    cr_assert_eq(core_bookings_ever(world->core), row.id, "the clock was set back: ids stay above those given");
    cr_assert_eq(core_digest(world->core), world_replayed_digest(world));
    world_free(world);
}
