/* runtime/core/people/capacity.c - The table of rules, and what fits beside what an agent has. */
#include "runtime/core/people/capacity.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "vm/keep.h"
#include "runtime/core/base/memory.h"

static_assert((int)MEDIA_KINDS <= (int)CAPACITY_MEDIA, "a rule has a place for each medium");

static uint64_t capacity_name_key(const void *owner, uint32_t slot)
{
    const struct capacities *capacities = owner;
    return capacities->all[slot].name;
}

static uint16_t media_of(const struct capacity_rule *rule)
{
    unsigned media = 0;
    for (unsigned medium = 0; medium < MEDIA_KINDS; medium++) media |= (unsigned)(rule->most[medium] != 0) << medium;
    return (uint16_t)media;
}

/* One interaction, of whatever medium. */
static struct capacity_rule single(void)
{
    struct capacity_rule rule;
    for (unsigned medium = 0; medium < CAPACITY_MEDIA; medium++) {
        rule.most[medium] = medium < (unsigned)MEDIA_KINDS;
        rule.shuts[medium] = UINT16_MAX;
    }
    return rule;
}

static uint16_t capacities_add(struct capacities *capacities, uint32_t name)
{
    uint32_t slot = capacities->count++;
    capacities->all = memory_grow(capacities->all, &capacities->capacity, capacities->count, sizeof *capacities->all);
    capacities->all[slot] = (struct capacity){.name = name, .rule = single()};
    capacities->all[slot].all = media_of(&capacities->all[slot].rule);
    if (name != 0) lookup_add(&capacities->by_name, slot);
    return (uint16_t)slot;
}

void capacities_init(struct capacities *capacities)
{
    *capacities = (struct capacities){0};
    lookup_init(&capacities->by_name, capacities, capacity_name_key);
    capacities_add(capacities, 0);
}

void capacities_free(struct capacities *capacities)
{
    free(capacities->all);
    lookup_free(&capacities->by_name);
}

uint16_t capacity_find(const struct capacities *capacities, uint32_t name)
{
    uint32_t slot;
    return name != 0 && lookup_find(&capacities->by_name, name, &slot) ? (uint16_t)slot : (uint16_t)CAPACITY_SINGLE;
}

uint16_t capacity_named(struct capacities *capacities, uint32_t name)
{
    uint16_t slot = capacity_find(capacities, name);
    if (name == 0 || slot != CAPACITY_SINGLE) return slot;
    return capacities->count < CAPACITIES_MAX ? capacities_add(capacities, name) : (uint16_t)CAPACITY_SINGLE;
}

static uint64_t capacity_slot_hash(uint16_t slot, const struct capacity_rule *rule)
{
    uint64_t hash = mix64(slot + 1u);
    for (unsigned medium = 0; medium < CAPACITY_MEDIA; medium++)
        hash = mix64(hash + ((uint64_t)rule->most[medium] << 16 | rule->shuts[medium]));
    return hash;
}

bool capacity_set(struct capacities *capacities, uint16_t slot, const struct capacity_rule *rule)
{
    assert(slot != CAPACITY_SINGLE && slot < capacities->count);
    struct capacity *capacity = &capacities->all[slot];
    if (memcmp(&capacity->rule, rule, sizeof *rule) == 0) return false;
    const struct capacity_rule none = single();
    if (memcmp(&capacity->rule, &none, sizeof none) != 0)
        capacities->content -= capacity_slot_hash(slot, &capacity->rule);
    if (memcmp(rule, &none, sizeof none) != 0) capacities->content += capacity_slot_hash(slot, rule);
    capacity->rule = *rule;
    capacity->all = media_of(rule);
    return true;
}

const struct capacity_rule *capacity_rule(const struct capacities *capacities, uint16_t slot)
{
    assert(slot < capacities->count);
    return &capacities->all[slot].rule;
}

bool capacity_holds(const struct capacity_rule *rule, const uint8_t load[MEDIA_KINDS])
{
    for (unsigned a = 0; a < MEDIA_KINDS; a++) {
        if (load[a] > rule->most[a]) return false;
        for (unsigned b = a + 1; load[a] != 0 && b < MEDIA_KINDS; b++)
            if (load[b] != 0 && (rule->shuts[a] >> b & 1u) != 0 && (rule->shuts[b] >> a & 1u) != 0) return false;
    }
    return true;
}

uint16_t capacity_room(const struct capacities *capacities, uint16_t slot, const uint8_t load[MEDIA_KINDS],
                       uint16_t wrap)
{
    assert(slot < capacities->count);
    const struct capacity *capacity = &capacities->all[slot];
    unsigned room = capacity->all;
    for (unsigned medium = 0; medium < MEDIA_KINDS; medium++) {
        unsigned units = (unsigned)load[medium] + ((unsigned)wrap >> medium & 1u);
        if (units == 0) continue;
        if (units >= capacity->rule.most[medium]) room &= ~(1u << medium);
        room &= ~(unsigned)capacity->rule.shuts[medium];
    }
    return (uint16_t)room;
}

static void keep_rule(struct keeper *keeper, struct capacity_rule *rule)
{
    for (unsigned medium = 0; medium < CAPACITY_MEDIA; medium++) {
        rule->most[medium] = keep_u8(keeper, rule->most[medium]);
        rule->shuts[medium] = keep_u16(keeper, rule->shuts[medium]);
    }
}

/* Slot 0 has no name, and no other has none. */
void capacities_keep(struct capacities *capacities, const struct names *names, struct keeper *keeper)
{
    capacities->all = keep_rows(keeper, capacities->all, &capacities->count, &capacities->capacity, CAPACITIES_MAX,
                                sizeof *capacities->all);
    if (capacities->count == 0) keep_fail(keeper, "agents have no capacity");
    for (uint32_t slot = 0; slot < capacities->count && keep_good(keeper); slot++) {
        struct capacity *capacity = &capacities->all[slot];
        capacity->name = name_keep(names, keeper, capacity->name);
        keep_rule(keeper, &capacity->rule);
        capacity->all = media_of(&capacity->rule);
        if ((slot == 0) != (capacity->name == 0)) keep_fail(keeper, "a rule of capacity has no name");
        if (slot != 0) lookup_restore(&capacities->by_name, keeper, slot);
    }
    capacities->content = keep_u64(keeper, capacities->content);
}
