/* runtime/core/rollouts/rollout_key.c - By what an arrival is drawn: the customer or the like, whom the rollout names,
 * or the interaction itself; and which customers were compared already.
 *
 * Somebody who hangs up and calls ten times in an hour is one observation, and not ten: only the first interaction of a
 * customer is compared. A customer is one bit of `seen`, at a place that the hash of the key gives. Two customers may
 * have the same place: then the second one is not compared, which makes the rollout slower, and nothing wrong. */
#include "runtime/core/base/memory.h"
#include "runtime/core/interactions/interaction.h"
#include "runtime/core/interactions/userdata.h"
#include "runtime/core/rollouts/rider.h"
#include "runtime/vocabulary/kv.h"
#include "vm/keep.h"
#include "vm/system_words.h"

/* Returns the hash of a value, which is the same for a number and its digits: switches tell keys as either. */
static uint64_t key_value_hash(const struct rollouts *rollouts, const struct kv_value *value)
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

uint64_t rollout_key(const struct rollouts *rollouts, const struct rollout *rollout, const struct interaction *ix)
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
        key = key_value_hash(rollouts, &value);
    kv_free(&kv);
    return key;
}

static uint64_t seen_hash(uint32_t place)
{
    return table_mix64(place + UINT64_C(1));
}

bool rollout_key_comes_again(const struct rollouts *rollouts, struct rollout *rollout, const struct interaction *ix)
{
    uint64_t key = rollout->seen ? rollout_key(rollouts, rollout, ix) : ix->id;
    if (key == ix->id) return false;
    uint32_t place = (uint32_t)(table_mix64(table_mix64(rollout->salt) ^ key) >> (64 - ROLLOUT_SEEN_BITS));
    uint8_t bit = (uint8_t)(1u << place % 8);
    if (rollout->seen[place / 8] & bit) return true;
    rollout->seen[place / 8] |= bit;
    rollout->seen_content += seen_hash(place);
    return false;
}

void rollout_seen_begin(struct rollout *rollout)
{
    if (rollout->by != 0) rollout->seen = memory_zeroed(ROLLOUT_SEEN_BYTES, 1);
}

void rollout_seen_keep(struct rollout *rollout, struct keeper *keeper)
{
    if (!rollout_is_open(rollout)) return;
    if (keep_reading(keeper)) rollout_seen_begin(rollout);
    if (!rollout->seen || !keep_has(keeper, 20)) return;
    keep_raw(keeper, rollout->seen, ROLLOUT_SEEN_BYTES);
    rollout->seen_content = 0;
    for (uint32_t place = 0; place < ROLLOUT_SEEN_BYTES * 8u; place++)
        if (rollout->seen[place / 8] >> place % 8 & 1) rollout->seen_content += seen_hash(place);
}
