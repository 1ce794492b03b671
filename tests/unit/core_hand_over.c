/* tests/unit/core_hand_over.c - The table of hand-overs by itself: what is found by which leg, and until when. */
#include <criterion/criterion.h>
#include <string.h>

#include "runtime/core/base/now.h"
#include "runtime/core/base/part.h"
#include "runtime/core/base/state.h"
#include "runtime/core/interactions/hand_over.h"
#include "runtime/core/interactions/interaction.h"
#include "runtime/vocabulary/events_link.h"
#include "runtime/vocabulary/rows.h"
#include "tests/unit/core_fixture.h"
#include "vm/keep.h"

enum { FAR = LINK + 1, SECOND = 1000000, LEG = 100, ARRIVES = 200 };

extern const struct part_ops part_ops_hand_overs;

TestSuite(core_hand_over, .timeout = 20);

/* Two switches, two points at the far one, and a table whose clock the test sets. */
struct ground {
    struct core_world *world;
    struct now now;
    struct hand_overs rows;
    uint64_t ixn; /* of all that begins; 0: of the leg */
};

static struct ground *ground_begin(const char *types)
{
    static struct ground ground;
    struct core_world *world = world_new();
    struct writer *writer = world_event(world, SOURCE_HOST, KIND_LinkUp, 0, 0, 0);
    writer_u(writer, LinkUp_link, FAR);
    writer_text(writer, LinkUp_name, "far");
    world_post(world);
    directory(world, table_access, "tserver/far",
              (const char *const[]){"from", "tserver", "to", "far", "code", "98", "types", types, "points", "1990,1991",
                                    NULL});
    commit(world, false);
    ground = (struct ground){.world = world, .now = {.time_us = SECOND}};
    part_ops_hand_overs.init(
        &ground.rows,
        &(struct parts){.now = &ground.now, .names = world->core->names, .accesses = world->core->accesses});
    return &ground;
}

static void sound(const struct ground *table)
{
    cr_assert(part_ops_hand_overs.check(&table->rows));
    cr_assert(part_ops_hand_overs.sound((void *)(uintptr_t)&table->rows));
}

static void ground_end(struct ground *table)
{
    sound(table);
    part_ops_hand_overs.free(&table->rows);
    world_free(table->world);
}

static uint32_t name_of(const struct ground *table, const char *text)
{
    return names_intern(table->world->core->names, span_of(text));
}

static struct hand_over *begun(struct ground *table, uint64_t leg, const char *dest, uint8_t nth)
{
    struct hand_over *row =
        hand_over_begin(&table->rows, &(struct hand_over_wanted){.ixn = table->ixn != 0 ? table->ixn : leg + 1,
                                                                 .from_conn = leg,
                                                                 .from = LINK,
                                                                 .to = FAR,
                                                                 .dest = name_of(table, dest),
                                                                 .nth = nth});
    sound(table);
    return row;
}

static struct hand_over *claims(struct ground *table, uint64_t leg, uint64_t conn)
{
    uint32_t number = name_of(table, "7004");
    struct hand_over *row = hand_over_claims(
        &table->rows,
        &(struct hand_over){
            .ixn = leg + 1, .from_conn = leg, .conn = conn, .from = LINK, .to = FAR, .number = number, .dest = number});
    sound(table);
    return row;
}

static struct hand_over *arrived(struct ground *table, uint64_t leg, uint64_t conn)
{
    struct hand_over *row = begun(table, leg, "7004", 0);
    cr_assert(row);
    hand_over_arrives(&table->rows, row, conn);
    sound(table);
    return row;
}

static unsigned rows_of(const struct ground *table)
{
    unsigned count = 0;
    for (uint32_t at = 0; at < table->rows.count; at++) count += table->rows.all[at].state != HAND_OVER_FREE;
    return count;
}

static bool holds(const struct ground *table, const char *point, struct hand_over *row)
{
    uint32_t number = name_of(table, point);
    bool stray;
    return hand_over_awaits(&table->rows, FAR, 0, &number, 1, &stray) == row && !stray == (row != NULL);
}

Test(core_hand_over, a_connid_that_comes_again_is_the_later_calls)
{
    struct ground *table = ground_begin("direct,point");
    cr_assert(claims(table, LEG, ARRIVES));
    struct hand_over *later = claims(table, LEG + 10, ARRIVES);
    cr_expect_eq(hand_over_claiming(&table->rows, ARRIVES), later);
    cr_expect_null(hand_over_claimed(&table->rows, LEG));
    cr_expect_eq(rows_of(table), 1u);
    arrived(table, LEG + 20, ARRIVES);
    cr_expect_null(hand_over_claiming(&table->rows, ARRIVES));
    cr_expect_null(hand_over_claimed(&table->rows, LEG + 10));
    cr_expect_eq(hand_over_by(&table->rows, ARRIVES)->from_conn, LEG + 20);
    ground_end(table);
}

Test(core_hand_over, a_claim_is_good_for_ten_seconds)
{
    struct ground *table = ground_begin("direct");
    struct hand_over *row = claims(table, LEG, ARRIVES);
    table->now.time_us += 10 * SECOND - 1;
    cr_expect_eq(hand_over_claimed(&table->rows, LEG), row);
    table->now.time_us += 1;
    cr_expect_null(hand_over_claimed(&table->rows, LEG));
    hand_over_granted(&table->rows, row);
    sound(table);
    cr_expect_eq(hand_over_left(&table->rows, LEG), row);
    cr_expect_eq(row->until_us, 0u);
    cr_expect(row->sent_on);
    cr_expect_eq(row->type, access_type_direct);
    cr_expect_eq(row->dialled, name_of(table, "987004"));
    cr_expect_null(claims(table, LEG, ARRIVES + 1), "the leg has left already");
    ground_end(table);
}

Test(core_hand_over, a_claim_needs_an_access_of_that_type)
{
    struct ground *table = ground_begin("point");
    cr_expect_null(claims(table, LEG, ARRIVES));
    cr_expect_eq(rows_of(table), 0u);
    ground_end(table);
}

/* The leg that a call has left tells of itself for a while after the call's end: it is no new call. */
Test(core_hand_over, the_legs_of_a_call_that_has_ended_are_known_for_a_minute)
{
    struct ground *table = ground_begin("point");
    struct hand_over *row = arrived(table, LEG, ARRIVES);
    cr_expect(hand_over_is_other_leg(&table->rows, LEG));
    struct interaction ix = {.id = row->ixn, .conn = ARRIVES};
    part_ops_hand_overs.forget(&table->rows, &ix);
    sound(table);
    cr_expect_eq(row->until_us, table->now.time_us + 60 * SECOND);
    part_ops_hand_overs.forget(&table->rows, &ix); /* nothing is lengthened */
    table->now.time_us += 60 * SECOND - 1;
    cr_expect(hand_over_is_other_leg(&table->rows, LEG));
    table->now.time_us += 1;
    cr_expect_not(hand_over_is_other_leg(&table->rows, LEG));
    begun(table, LEG + 10, "7004", 0); /* it pays for a row that has lapsed */
    cr_expect_eq(rows_of(table), 1u);
    ground_end(table);
}

/* By way of two switches: all legs of the call are known, and those of another call do not change. */
Test(core_hand_over, each_leg_of_a_call_that_has_ended_is_known)
{
    struct ground *table = ground_begin("point");
    table->ixn = 7;
    arrived(table, LEG, ARRIVES);
    arrived(table, ARRIVES, ARRIVES + 1);
    struct interaction other = {.id = 8, .conn = ARRIVES + 1}, ix = {.id = 7, .conn = ARRIVES + 1};
    part_ops_hand_overs.forget(&table->rows, &other);
    cr_expect_eq(table->rows.all[0].until_us + table->rows.all[1].until_us, 0u);
    part_ops_hand_overs.forget(&table->rows, &ix);
    cr_expect_eq(table->rows.all[0].until_us, table->rows.all[1].until_us);
    cr_expect_neq(table->rows.all[0].until_us, 0u);
    ground_end(table);
}

/* A call that has not arrived may still come to its point: no other call gets that until the time is over. */
Test(core_hand_over, a_point_rests_and_is_given_to_the_next_call_then)
{
    struct ground *table = ground_begin("point");
    struct hand_over *row = begun(table, LEG, "7004", 0);
    hand_over_rests(&table->rows, row);
    sound(table);
    cr_expect_null(hand_over_from(&table->rows, LEG));
    cr_expect(holds(table, "1990", NULL));
    cr_expect_eq(row->until_us, table->now.time_us + 10 * SECOND);
    cr_expect_eq(begun(table, LEG + 10, "7004", 0)->number, name_of(table, "1991"));
    cr_expect_null(begun(table, LEG + 20, "7004", 0), "both points are taken");
    table->now.time_us += 10 * SECOND;
    cr_expect_eq(begun(table, LEG + 20, "7004", 0)->number, name_of(table, "1990"));
    ground_end(table);
}

/* A call that has come back: its leg over there is no new call while the row rests, and its end frees no point early.
 */
Test(core_hand_over, the_leg_of_a_call_that_came_back_ends)
{
    struct ground *table = ground_begin("point");
    struct hand_over *row = arrived(table, LEG, ARRIVES);
    hand_over_rests(&table->rows, row);
    cr_expect(hand_over_is_other_leg(&table->rows, ARRIVES));
    cr_expect_not(hand_over_is_other_leg(&table->rows, LEG));
    hand_over_leg_ended(&table->rows, ARRIVES);
    sound(table);
    cr_expect_not(hand_over_is_other_leg(&table->rows, ARRIVES));
    cr_expect_eq(begun(table, LEG + 10, "7004", 0)->number, name_of(table, "1991"), "the point rests");
    row = arrived(table, LEG + 10, ARRIVES);
    hand_over_sent_on(&table->rows, row);
    hand_over_rests(&table->rows, row);
    sound(table);
    table->now.time_us += 10 * SECOND - 1;
    cr_expect(hand_over_is_other_leg(&table->rows, ARRIVES));
    table->now.time_us += 1;
    cr_expect_not(hand_over_is_other_leg(&table->rows, ARRIVES));
    hand_over_leg_ended(&table->rows, ARRIVES); /* it held no point: the row is free */
    cr_expect_null(hand_over_by(&table->rows, ARRIVES));
    cr_expect_eq(rows_of(table), 1u);
    ground_end(table);
}

Test(core_hand_over, a_row_ends_with_the_leg_that_its_call_has_left)
{
    struct ground *table = ground_begin("point");
    arrived(table, LEG, ARRIVES);
    cr_expect_null(hand_over_from(&table->rows, LEG), "it is under way no more");
    hand_over_leg_ended(&table->rows, ARRIVES); /* the leg that it is now: nothing to keep */
    cr_expect_eq(rows_of(table), 1u);
    hand_over_leg_ended(&table->rows, LEG);
    cr_expect_eq(rows_of(table), 0u);
    cr_assert(begun(table, LEG, "7004", 0));
    hand_over_leg_ended(&table->rows, LEG); /* it is under way */
    cr_expect_eq(rows_of(table), 1u);
    ground_end(table);
}

Test(core_hand_over, the_same_call_to_the_same_agent_is_one_row)
{
    struct ground *table = ground_begin("point,direct");
    struct hand_over *row = begun(table, LEG, "7004", 0);
    cr_expect_eq(begun(table, LEG, "7004", 0), row);
    cr_expect_eq(rows_of(table), 1u);
    row = begun(table, LEG, "7005", 0); /* another agent: the first point rests */
    cr_expect_eq(row->number, name_of(table, "1991"));
    cr_expect_eq(rows_of(table), 2u);
    row = begun(table, LEG, "7005", 1); /* the next route type */
    cr_expect_eq(row->type, access_type_direct);
    cr_expect_eq(row->number, name_of(table, "7005"));
    cr_expect_not(row->holds);
    cr_expect_eq(begun(table, LEG, "7005", 0), row, "a type that was tried is not tried again");
    cr_expect_null(begun(table, LEG, "7005", 2), "there is no third type");
    cr_expect_eq(rows_of(table), 2u, "direct holds nothing that could rest");
    arrived(table, LEG + 10, ARRIVES);
    cr_assert(begun(table, LEG + 10, "7004", 1)); /* it is sent once more from where it was */
    cr_expect_null(hand_over_by(&table->rows, ARRIVES));
    ground_end(table);
}

Test(core_hand_over, a_number_that_is_too_long_with_its_code_is_not_dialled)
{
    struct ground *table = ground_begin("direct");
    char number[NAME_BYTES_MAX + 1];
    memset(number, '7', sizeof number - 1);
    number[sizeof number - 1] = 0;
    cr_expect_null(begun(table, LEG, number, 0));
    number[NAME_BYTES_MAX - 2] = 0;
    cr_expect(begun(table, LEG, number, 0));
    ground_end(table);
}

Test(core_hand_over, a_call_is_told_by_its_connid_or_else_by_its_point)
{
    struct ground *table = ground_begin("point,direct");
    struct hand_over *row = begun(table, LEG, "7004", 0), *direct = begun(table, LEG + 10, "7004", 1);
    uint32_t none = 0, numbers[2] = {name_of(table, "7004"), name_of(table, "1990")};
    bool stray = true;
    cr_expect_eq(hand_over_awaits(&table->rows, FAR, 0, numbers, 2, &stray), row);
    cr_expect_not(stray);
    cr_expect_eq(hand_over_awaits(&table->rows, FAR, LEG, numbers, 2, &stray), row);
    cr_expect_eq(hand_over_awaits(&table->rows, FAR, LEG + 10, numbers, 1, &stray), direct);
    cr_expect_null(hand_over_awaits(&table->rows, FAR, LEG, numbers, 1, &stray), "it is not at its point");
    cr_expect_null(hand_over_awaits(&table->rows, LINK, LEG, numbers, 2, &stray), "it is awaited at the other link");
    cr_expect_null(hand_over_awaits(&table->rows, FAR, LEG + 99, numbers, 2, &stray), "another call is at the point");
    cr_expect(stray);
    cr_expect_null(hand_over_awaits(&table->rows, FAR, LEG + 99, &none, 1, &stray));
    cr_expect_not(stray);
    hand_over_arrives(&table->rows, row, ARRIVES);
    cr_expect_null(hand_over_awaits(&table->rows, FAR, 0, &numbers[1], 1, &stray));
    cr_expect(stray, "it has arrived already");
    cr_expect_null(hand_over_awaits(&table->rows, FAR, LEG, &none, 1, &stray));
    cr_expect(stray);
    hand_over_sent_on(&table->rows, row); /* the point is free */
    sound(table);
    cr_expect_null(hand_over_awaits(&table->rows, FAR, 0, &numbers[1], 1, &stray));
    cr_expect_not(stray);
    cr_expect_eq(begun(table, LEG + 20, "7004", 0)->number, numbers[1]);
    ground_end(table);
}

Test(core_hand_over, a_call_that_joins_another_one_goes_on_from_its_leg)
{
    struct ground *table = ground_begin("point");
    arrived(table, LEG, ARRIVES);
    arrived(table, LEG + 10, ARRIVES + 1);
    struct interaction ix = {.id = LEG + 1, .conn = ARRIVES};
    part_ops_hand_overs.forget(&table->rows, &ix);
    hand_over_joins(&table->rows, hand_over_by(&table->rows, ARRIVES), 77, LEG + 10);
    sound(table);
    const struct hand_over *row = hand_over_by(&table->rows, ARRIVES);
    cr_expect_eq(row->ixn, 77u);
    cr_expect_eq(row->from_conn, LEG + 10);
    cr_expect_eq(row->until_us, 0u);
    cr_expect_null(hand_over_by(&table->rows, ARRIVES + 1));
    cr_expect_eq(rows_of(table), 1u);
    ground_end(table);
}

static uint8_t kept[4096];
static size_t kept_length;

static bool keep_it(void *self, const void *bytes, size_t length)
{
    (void)self;
    cr_assert_leq(kept_length + length, sizeof kept);
    memcpy(kept + kept_length, bytes, length);
    kept_length += length;
    return true;
}

Test(core_hand_over, a_table_that_was_kept_is_the_same)
{
    struct ground *table = ground_begin("point,direct");
    struct now now = table->now;
    struct hand_overs read = {0};
    hand_over_rests(&table->rows, arrived(table, LEG, ARRIVES));
    hand_over_leg_ended(&table->rows, ARRIVES);
    begun(table, LEG + 10, "7004", 0);
    claims(table, LEG + 20, ARRIVES + 2);
    hand_over_granted(&table->rows, hand_over_claiming(&table->rows, ARRIVES + 2));
    begun(table, LEG + 30, "7004", 1);
    hand_over_leg_ended(&table->rows, LEG + 20); /* a row that is free */
    claims(table, LEG + 40, ARRIVES + 4);
    claims(table, LEG + 50, ARRIVES + 5);
    struct keeper *keeper = keep_begin_write(keep_it, NULL);
    part_ops_hand_overs.keep(&table->rows, keeper);
    cr_assert(keep_finish(keeper, NULL));
    part_ops_hand_overs.init(
        &read,
        &(struct parts){.now = &now, .names = table->world->core->names, .accesses = table->world->core->accesses});
    keeper = keep_begin_read(kept, kept_length);
    part_ops_hand_overs.keep(&read, keeper);
    cr_expect(keep_finish(keeper, NULL));
    cr_expect(part_ops_hand_overs.sound(&read));
    cr_expect(part_ops_hand_overs.check(&read));
    cr_expect_eq(part_ops_hand_overs.hash(&read), part_ops_hand_overs.hash(&table->rows));
    cr_expect_eq(hand_over_claimed(&read, LEG + 50)->conn, ARRIVES + 5);
    part_ops_hand_overs.free(&read);
    ground_end(table);
}

/* The sweep has not come to the point's row yet: the call that asks for the point frees it. */
Test(core_hand_over, a_point_whose_time_is_over_is_given_before_a_sweep_finds_it)
{
    struct ground *table = ground_begin("point,direct");
    hand_over_rests(&table->rows, begun(table, LEG, "7004", 0));
    for (uint64_t leg = LEG + 1; leg < LEG + 30; leg++) cr_assert(begun(table, leg, "7004", 1));
    table->now.time_us += 10 * SECOND;
    table->rows.swept = 1;
    cr_expect_eq(begun(table, LEG + 50, "7004", 0)->number, name_of(table, "1990"));
    ground_end(table);
}

/* Each that begins looks at eight rows, so that those whose time is over do not become many. */
Test(core_hand_over, claims_that_lapse_do_not_fill_the_table)
{
    struct ground *table = ground_begin("direct");
    for (uint64_t leg = LEG; leg < LEG + 50; leg++) {
        cr_assert(claims(table, leg, leg + 1000));
        table->now.time_us += 10 * SECOND;
        cr_expect_leq(rows_of(table), 2u);
    }
    ground_end(table);
}
