/* runtime/core/rollouts/arm.c - Which version an arrival gets.
 *
 *     by the arrival     bucket = hash(salt, key) mod 10,000; the key is a value of user data, who calls, or the id
 *     by the quarter     pair = two neighbouring quarters of an hour. A pair takes part by its bucket, and of one that
 *                        does, one quarter is the candidate's, by a drawn bit
 */
#include <assert.h>

#include "runtime/core/base/now.h"
#include "runtime/core/interactions/interaction.h"
#include "runtime/core/rollouts/rider.h"

#define QUARTER_US INT64_C(900000000)

enum rollout_arm rollout_arm_of(uint64_t salt, uint64_t key, uint32_t share)
{
    uint32_t bucket = (uint32_t)(table_mix64(table_mix64(salt) ^ key) % ROLLOUT_SHARE_ALL);
    assert(share <= ROLLOUT_SHARE_ALL);
    uint32_t control = share <= ROLLOUT_SHARE_ALL / 2 ? share : ROLLOUT_SHARE_ALL - share;
    if (bucket < share) return bucket < control ? ARM_CANDIDATE : ARM_BESIDE;
    return bucket >= ROLLOUT_SHARE_ALL - control ? ARM_CONTROL : ARM_REST;
}

/* A pair gives the candidate half of its time. So twice as many pairs take part as the share says; above one half all
 * others are the candidate's whole. */
enum rollout_arm rollout_arm_at(uint64_t salt, uint64_t quarter, uint32_t share)
{
    uint64_t drawn = table_mix64(table_mix64(salt) ^ quarter / 2);
    uint32_t half = ROLLOUT_SHARE_ALL / 2, both = share <= half ? 2 * share : 2 * (ROLLOUT_SHARE_ALL - share);
    assert(share <= ROLLOUT_SHARE_ALL);
    if ((drawn >> 1) % ROLLOUT_SHARE_ALL >= both) return ARM_REST;
    return (drawn & 1) == quarter % 2 ? ARM_CANDIDATE : ARM_CONTROL;
}

/* Returns the binding of an arm. `newer`: an arrival of the rest has the candidate. */
static struct binding arm_binding(const struct rollout *rollout, const struct point *point, enum rollout_arm arm,
                                  bool newer)
{
    bool rest = arm == ARM_REST;
    bool new = arm == ARM_CANDIDATE || arm == ARM_BESIDE || (rest && newer);
    struct binding binding = new ? rollout->candidate : point->now;
    binding.rollout = rest && !rollout->site ? 0 : rollout->id;
    binding.arm = (uint8_t)arm;
    return binding;
}

/* Draws the version of a new arrival. */
static struct binding arm_drawn(const struct rollouts *rollouts, const struct rollout *rollout,
                                const struct point *point, uint64_t key)
{
    uint32_t share = rollout_share(rollout);
    if (!rollout->slices) return arm_binding(rollout, point, rollout_arm_of(rollout->salt, key, share), false);
    int64_t wall_us = now_wall_us(rollouts->now);
    uint64_t quarter = wall_us < 0 ? 0 : (uint64_t)(wall_us / QUARTER_US);
    return arm_binding(rollout, point, rollout_arm_at(rollout->salt, quarter, share), share > ROLLOUT_SHARE_ALL / 2);
}

/* A comparison of two versions from outside (core_options.choosing) decides alone. */
static const struct rollout *arm_rollout(const struct rollouts *rollouts, const struct point *point)
{
    const struct rollout *rollout = rollouts->options->choosing ? NULL : rollout_of_point(rollouts, point);
    return rollout && rollout_share(rollout) != 0 ? rollout : NULL;
}

struct binding rollout_binding(const struct rollouts *rollouts, const struct point *point, const struct interaction *ix)
{
    if (point->rollout == 0) return core_directory_binding(rollouts->directory, point, ix->id, true);
    const struct rollout *rollout = arm_rollout(rollouts, point);
    if (!rollout) return core_directory_binding(rollouts->directory, point, ix->id, true);
    const struct rider *rider = rollout_rider(rollouts, ix);
    const struct rollout *other = rider ? rollout_of_rider(rollouts, rider) : NULL;
    if (other == rollout) return arm_binding(rollout, point, (enum rollout_arm)rider->arm, false);
    if (other && rollout_is_open(other)) { /* that one counts it alone */
        struct binding present = point->now;
        present.rollout = 0;
        present.arm = ARM_REST;
        return present;
    }
    return arm_drawn(rollouts, rollout, point, rollout->slices ? 0 : rollout_key(rollouts, rollout, ix));
}

struct binding rollout_binding_by(const struct rollouts *rollouts, const struct point *point, uint64_t number)
{
    if (point->rollout == 0) return core_directory_binding(rollouts->directory, point, number, false);
    const struct rollout *rollout = arm_rollout(rollouts, point);
    if (!rollout) return core_directory_binding(rollouts->directory, point, number, false);
    return arm_drawn(rollouts, rollout, point, number);
}
