/* tests/unit/core_hostile.c - Values that make no sense change nothing that they should not, and never end the core. */
#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/core/base/facts_interaction.h"
#include "runtime/core/base/state.h"
#include "runtime/core/base/total.h"
#include "runtime/core/core.h"
#include "runtime/vocabulary/events_link.h"
#include "runtime/vocabulary/events_site.h"
#include "runtime/vocabulary/rows.h"
#include "tests/unit/core_fixture.h"
#include "tests/unit/core_hostile_frames.h"

TestSuite(core_hostile, .timeout = 120);

Test(core_hostile, any_values_in_any_event)
{
    const char *more = getenv("CHAOS_ROUNDS");
    uint64_t rounds = more ? strtoull(more, NULL, 10) : 30;
    for (uint64_t round = 0; round < rounds; round++) {
        uint64_t seed = round * 104729 + 7;
        struct world *world = world_new();
        for (int step = 0; step < 400; step++) {
            struct span frame = hostile_frame(&seed, world->seq, &world->writer);
            world_post_raw(world, frame.bytes, frame.length);
            if (step % 16 == 0) world_advance(world, 1000000);
            world_forget(world);
        }
        cr_assert_eq(core_digest(world->core), world_replayed_digest(world), "round %lu", (unsigned long)round);
        world_free(world);
    }
}

Test(core_hostile, bytes_that_are_no_frames_are_passed_over)
{
    struct world *world = world_new();
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
    struct world *world = world_new();
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
    struct world *world = world_new();
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
