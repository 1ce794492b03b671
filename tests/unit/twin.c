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
