/* tests/unit/twin.c - A rival of a core that is played: the present core stays as it is, and the outcomes say what the
 * other version would have done. */
#include <criterion/criterion.h>
#include <string.h>

#include "runtime/core/core.h"
#include "runtime/twin/rival.h"
#include "runtime/vocabulary/events_call.h"
#include "runtime/vocabulary/semantics.h"
#include "runtime/vocabulary/vocabulary.h"
#include "tests/unit/core_fixture.h"

enum { LOG_HEAD = 20, OUTCOMES = 16 }; /* a batch of the world's log: time, length, digest */

TestSuite(twin, .timeout = 60);

/* What a play has told. */
struct told {
    const struct core_world *world;
    struct rival_outcome outcomes[OUTCOMES];
    unsigned count, hows[RIVAL_HOWS];
    size_t kept; /* calls of which something was kept at the journal's end */
};

static const struct image *told_image(void *self, const uint8_t hash[CORE_HASH])
{
    const struct core_world *world = self;
    if (memcmp(image_hash(world->image), hash, CORE_HASH) == 0) return world->image;
    return world->earlier && memcmp(image_hash(world->earlier), hash, CORE_HASH) == 0 ? world->earlier : NULL;
}

static void told_take(void *self, const struct rival_outcome *outcome)
{
    struct told *told = self;
    cr_assert(outcome->how < RIVAL_HOWS && outcome->why && outcome->kind && outcome->strategy);
    cr_assert(told->count < OUTCOMES);
    told->outcomes[told->count++] = *outcome;
    told->hows[outcome->how]++;
}

/* Plays the world's events again, from batch `from` on with a rival. */
static struct told play(struct core_world *world, struct rival_options options, uint64_t from)
{
    struct told told = {.world = world};
    const struct core_options present = {.partition = world->partition,
                                         .seed = 7,
                                         .interactions_max = world_interactions_max,
                                         .image = told_image,
                                         .self = world};
    struct core *core = core_new(&present);
    struct rival *rival = NULL;
    struct error error = {0};
    uint64_t number = 0;
    options.options = &present;
    options.outcome = told_take;
    options.self = &told;
    for (size_t at = 0; at < world->log_length;) {
        struct batch batch = {
            .partition = world->partition, .epoch = 1, .number = ++number, .semantics = SEMANTICS_NUMBER};
        uint64_t digest;
        memcpy(&batch.time_us, world->log + at, 8);
        memcpy(&batch.events.length, world->log + at + 8, 4);
        memcpy(&digest, world->log + at + 12, 8);
        batch.events.bytes = world->log + at + LOG_HEAD;
        batch.count = batch.events.length != 0;
        at += LOG_HEAD + batch.events.length;
        if (number == from) rival = rival_new(core, &options, &error);
        cr_assert(number < from || rival, "%s", error.text);
        const struct journal_watch *watch = rival ? rival_watch(rival) : NULL;
        if (watch) watch->batch(watch->self, &batch);
        core_apply(core, &batch, watch ? &watch->sink : NULL);
        if (rival) rival_settle(rival);
        cr_assert_eq(core_digest(core), digest, "a rival changes the present core at batch %lu", (unsigned long)number);
    }
    if (rival) told.kept = rival_kept(rival);
    cr_assert(!rival || rival_alone(rival, false) + rival_alone(rival, true) == 0);
    if (rival) rival_end(rival);
    cr_assert(!rival || rival_count(rival) == told.count);
    rival_free(rival);
    core_free(core);
    return told;
}

/* Two callers, one agent: the second caller waits until the first has gone. */
static struct core_world *two_callers(void)
{
    struct core_world *world = world_new();
    agent(world, "marie", "7001", agent_state_ready);
    call_until_selection(world, CALL, "2", "gold");
    call_until_selection(world, OTHER, "2", "basic");
    talk(world, CALL, "7001", "marie");
    world_advance(world, 30000000);
    party(world, CALL, "7001", "marie", party_role_agent, party_change_Released);
    deleted(world, CALL);
    world_advance(world, 1000000);
    deleted(world, OTHER);
    return world;
}

Test(twin, the_same_version_decides_the_same)
{
    struct core_world *world = two_callers();
    struct told told = play(world, (struct rival_options){.image = world->image}, 1);
    cr_assert_eq(told.count, 2);
    cr_assert_eq(told.hows[RIVAL_SAME], 2);
    for (unsigned i = 0; i < told.count; i++) {
        cr_assert(!told.outcomes[i].cut && !told.outcomes[i].data && !told.outcomes[i].open);
        cr_assert_gt(told.outcomes[i].decisions, 1);
    }
    cr_assert_eq(told.kept, 0, "a shadow keeps nothing of calls that are over");
    world_end(world);
}

Test(twin, without_another_version_only_settings_would_differ)
{
    struct core_world *world = two_callers();
    struct told told = play(world, (struct rival_options){.image = NULL}, 1);
    cr_assert_eq(told.hows[RIVAL_SAME], 2);
    world_end(world);
}

Test(twin, another_version_differs_at_its_first_decision)
{
    struct core_world *world = two_callers();
    struct image *other = program_serving(&(struct serving_program){.media = 1 << media_voice, .answer_s = 20});
    struct told told = play(world, (struct rival_options){.image = other}, 1);
    cr_assert_eq(told.count, 2);
    cr_assert_eq(told.hows[RIVAL_DIFFERS], 2);
    for (unsigned i = 0; i < told.count; i++) {
        const struct rival_outcome *outcome = &told.outcomes[i];
        cr_assert(*outcome->was.what && *outcome->is.what);
        cr_assert_geq(outcome->parted_us, outcome->arrived_us);
        cr_assert_eq(outcome->decisions, 0);
    }
    cr_assert_eq(told.kept, 0);
    image_free(other);
    world_end(world);
}

/* The second call arrives after the rival has begun: that one alone is compared, whoever has the agent. */
Test(twin, who_had_begun_before_is_not_compared)
{
    struct core_world *world = world_new();
    agent(world, "marie", "7001", agent_state_ready);
    call_until_selection(world, CALL, "2", "gold");
    uint64_t from = world->number + 1;
    call_until_selection(world, OTHER, "2", "basic");
    talk(world, CALL, "7001", "marie");
    world_advance(world, 30000000);
    deleted(world, OTHER);
    struct told told = play(world, (struct rival_options){.image = world->image}, from);
    cr_assert_eq(told.count, 1);
    cr_assert_eq(told.outcomes[0].conn, OTHER);
    cr_assert_eq(told.hows[RIVAL_SAME], 1);
    world_end(world);
}

Test(twin, who_has_not_ended_is_open)
{
    struct core_world *world = world_new();
    call_until_selection(world, CALL, "2", "gold");
    struct told told = play(world, (struct rival_options){.image = world->image}, 1);
    cr_assert(told.count == 1 && told.outcomes[0].open && told.hows[RIVAL_SAME] == 1);
    cr_assert_eq(told.kept, 1);
    world_end(world);
}

Test(twin, another_routing_point_is_left_alone)
{
    struct core_world *world = two_callers();
    cr_assert_eq(play(world, (struct rival_options){.image = world->image, .point = "1900"}, 1).count, 0);
    cr_assert_eq(play(world, (struct rival_options){.image = world->image, .point = "1900"}, 1).kept, 0);
    cr_assert_eq(play(world, (struct rival_options){.image = world->image, .point = "1800"}, 1).count, 2);
    world_end(world);
}

/* Wherever a rival begins, the present core is what it was, and what is told is no difference. */
Test(twin, a_rival_may_begin_at_each_batch)
{
    struct core_world *world = two_callers();
    for (uint64_t from = 1; from <= world->number; from++) {
        struct told told = play(world, (struct rival_options){.image = world->image}, from);
        cr_assert_eq(told.hows[RIVAL_SAME], told.count, "begun at batch %lu", (unsigned long)from);
        cr_assert_eq(told.kept, 0, "begun at batch %lu", (unsigned long)from);
    }
    world_end(world);
}
