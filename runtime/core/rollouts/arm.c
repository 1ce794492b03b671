/* runtime/core/rollouts/arm.c - Which version an arrival gets.
 *
 *     by the arrival     bucket = hash(salt, key) mod 10,000; the key is a value of user data, who calls, or the id
 *     by the quarter     pair = two neighbouring quarters of an hour. A pair takes part by its bucket, and of one that
 *                        does, one quarter is the candidate's, by a drawn bit
 */
#include <assert.h>

#include "runtime/core/base/now.h"
#include "runtime/core/interactions/interaction.h"
#include "runtime/core/interactions/userdata.h"
#include "runtime/core/rollouts/rollout.h"
#include "runtime/vocabulary/kv.h"
#include "vm/system_words.h"

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

/* Returns the hash of a value, which is the same for a number and its digits: switches tell keys as either. */
static uint64_t arm_value_hash(const struct rollouts *rollouts, const struct kv_value *value)
{
    char digits[20];
    uint32_t at = sizeof digits;
    if (value->tag != KV_INT) return table_text_hash(rollouts->names, value->span);
    uint64_t rest = value->word < 0 ? 0 - (uint64_t)value->word : (uint64_t)value->word;
    do digits[--at] = (char)('0' + rest % 10);
    while ((rest /= 10) != 0 && at > 1);
    if (value->word < 0) digits[--at] = '-';
    return table_text_hash(rollouts->names, (struct span){(const uint8_t *)digits + at, (uint32_t)sizeof digits - at});
}

/* Returns the key of an interaction: the value of its user data that the rollout names, or who calls or writes; else
 * its id. */
static uint64_t arm_key(const struct rollouts *rollouts, const struct rollout *rollout, const struct interaction *ix)
{
    uint64_t key = ix->id;
    struct kv kv;
    struct kv_value value;
    if (rollout->by == 0) return key;
    struct span name = names_text(rollouts->names, rollout->by);
    if (span_is(name, "ani") || span_is(name, "from")) { /* attributes, which no key of user data is called by */
        struct span text = interaction_system(rollouts->interactions, ix, SYSTEM_ani);
        return text.length != 0 ? table_text_hash(rollouts->names, text) : key;
    }
    kv_init(&kv);
    userdata_one(rollouts->interactions, ix, name, &kv);
    if (kv_find(kv_span(&kv), name, &value) &&
        (value.tag == KV_INT || (value.tag == KV_TEXT && value.span.length != 0)))
        key = arm_value_hash(rollouts, &value);
    kv_free(&kv);
    return key;
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
    return arm_drawn(rollouts, rollout, point, rollout->slices ? 0 : arm_key(rollouts, rollout, ix));
}

struct binding rollout_binding_by(const struct rollouts *rollouts, const struct point *point, uint64_t number)
{
    if (point->rollout == 0) return core_directory_binding(rollouts->directory, point, number, false);
    const struct rollout *rollout = arm_rollout(rollouts, point);
    if (!rollout) return core_directory_binding(rollouts->directory, point, number, false);
    return arm_drawn(rollouts, rollout, point, number);
}
