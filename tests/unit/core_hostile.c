/* tests/unit/core_hostile.c - Values that make no sense change nothing that they should not, and never end the core. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/core/base/facts_interaction.h"
#include "runtime/core/base/state.h"
#include "runtime/core/base/total.h"
#include "runtime/core/base/part.h"
#include "runtime/core/core.h"
#include "runtime/core/interactions/interaction.h"
#include "runtime/vocabulary/events_agent.h"
#include "runtime/vocabulary/events_host.h"
#include "runtime/vocabulary/events_link.h"
#include "runtime/vocabulary/events_site.h"
#include "runtime/vocabulary/events_work.h"
#include "runtime/vocabulary/rows.h"
#include "tests/unit/core_fixture.h"
#include "tests/unit/core_hostile_frames.h"

enum { KINDS = 1024 };

TestSuite(core_hostile, .timeout = 120);

/* What random values leave out: events that do nothing in these worlds, however their fields are drawn. They are posted
 * and taken like all others. */
static const struct {
    unsigned kind;
    const char *why;
} left_out[] = {
    {KIND_ZoneRules, "it is in the journal for others"},
    {KIND_Want, "a partition's event, not in this version"},
    {KIND_Unwant, "likewise"},
    {KIND_Offer, "likewise"},
    {KIND_OfferAnswer, "likewise"},
    {KIND_Granted, "likewise"},
    {KIND_Held, "it moves timers, which stand in no digest"},
    {KIND_Clock, "nothing here waits for a time of day"},
    {KIND_ListChanged, "no campaign asks a list here"},
    {KIND_Intake, "nothing is dialled here"},
    {KIND_EventLent, "no agent here belongs to another domain"},
    {KIND_EventLoanAnswer, "no agent is lent to one"},
    {KIND_EventDelivery, "it names a message by its id, a text that the strategies here give to none"},
};

static bool is_left_out(unsigned kind)
{
    for (size_t i = 0; i < sizeof left_out / sizeof left_out[0]; i++) {
        cr_assert(kind_is_event(left_out[i].kind) && left_out[i].why);
        if (left_out[i].kind == kind) return true;
    }
    return false;
}

/* Whatever a peer, a journal or a file of events says. Events are drawn from the tables, so a new kind takes part by
 * itself: the test fails while the core has taken none of a kind, and while it has refused more than a few. */
Test(core_hostile, any_values_in_any_event)
{
    const char *more = getenv("CHAOS_ROUNDS"), *from = getenv("CHAOS_SEED");
    uint64_t rounds = more ? strtoull(more, NULL, 10) : 60, first = from ? strtoull(from, NULL, 10) : 0;
    uint64_t tried = 0, refused = 0, lives = 0;
    static uint64_t taken[KINDS], changed[KINDS];
    for (uint64_t round = first; round < first + rounds; round++) {
        struct core_world *world = hostile_world();
        struct hostile hostile = {.seed = round * 104729 + 7, .world = world};
        for (int step = 0; step < 400; step++) {
            struct span frame = hostile_frame(&hostile);
            uint64_t before = total_of(world->core->totals, FACT_event_refused), digest = core_digest(world->core);
            world_post_raw(world, frame.bytes, frame.length);
            bool was_refused = total_of(world->core->totals, FACT_event_refused) != before;
            tried++;
            refused += was_refused;
            taken[hostile.kind] += !was_refused;
            changed[hostile.kind] += world->trace_length != 0 || core_digest(world->core) != digest;
            if (step % 16 == 0) world_advance(world, 1000000);
            world_forget(world);
        }
        lives += world->core->interactions->live;
        cr_assert_eq(core_digest(world->core), world_replayed_digest(world), "round %lu", (unsigned long)round);
        world_free(world);
    }
    if (from) return; /* other seeds look for what ends the core */
    for (unsigned kind = 0; kind < KINDS; kind++) {
        if (!kind_is_event(kind) || !row_of(kind)) continue;
        cr_expect_neq(taken[kind], 0u, "no %s was taken", kind_name(kind));
        cr_expect(changed[kind] != 0 || is_left_out(kind), "no %s has changed anything", kind_name(kind));
    }
    cr_expect_lt(refused * 50, tried, "%lu of %lu were refused", (unsigned long)refused, (unsigned long)tried);
    cr_expect_gt(lives, rounds * 3, "%lu interactions live", (unsigned long)lives);
}

Test(core_hostile, bytes_that_are_no_frames_are_passed_over)
{
    struct core_world *world = world_new();
    uint8_t bytes[64] = {60, 0, 0, 0, 255, 255, 0, 0, 1, 2, 3};
    uint64_t digest = core_digest(world->core);
    world_post_raw(world, bytes, sizeof bytes);
    world_post_raw(world, bytes, 7); /* cut short */
    expect(world, "");
    cr_assert_eq(core_digest(world->core), digest);
    world_free(world);
}

Test(core_hostile, a_link_cannot_speak_for_the_host_or_an_administrator)
{
    struct core_world *world = world_new();
    struct writer *writer = world_event(world, LINK, KIND_LinkDown, 0, 0, 0);
    writer_u(writer, LinkDown_link, LINK);
    world_post(world);
    writer = world_event(world, LINK, KIND_DirectoryCommit, 0, 0, 0);
    writer_u(writer, DirectoryCommit_whole, 1);
    world_post(world);
    expect(world, "");
    created(world, 0x0010000010000001);
    route_request(world, 0x0010000010000001, 0);
    expect(world, "RequestApplyTreatment PlayAnnouncementAndDigits account_number\n");
    world_free(world);
}

/* By each kind of source, every event that its letter is not among the posters of. */
Test(core_hostile, nobody_posts_what_is_anothers_to_say)
{
    static const struct {
        unsigned source;
        const char *letters;
    } sources[] = {{SOURCE_HOST, "H"}, {SOURCE_ADMIN, "X"}, {SOURCE_PARTITIONS, "P"}, {LINK, "VSDL"}};
    struct core_world *world = world_new();
    unsigned tried = 0;
    for (unsigned kind = 0; kind < 2048; kind++) {
        if (!kind_is_event(kind) || !row_of(kind)) continue;
        for (size_t i = 0; i < sizeof sources / sizeof sources[0]; i++) {
            if (strpbrk(row_of(kind)->peers, sources[i].letters)) continue;
            uint64_t refused = total_of(world->core->totals, FACT_event_refused);
            world_event(world, sources[i].source, kind, 0, 0, 0);
            world_post(world);
            cr_assert_eq(total_of(world->core->totals, FACT_event_refused), refused + 1, "%s by %s", kind_name(kind),
                         sources[i].letters);
            tried++;
        }
    }
    expect(world, "");
    cr_assert_gt(tried, 100);
    world_end(world);
}
