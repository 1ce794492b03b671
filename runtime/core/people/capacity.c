/* runtime/core/people/capacity.c - The table of capacity rules, and which media an agent may be given in addition to
 * its work.
 *
 *     rule "mixed"    voice  most 1  shuts chat       an agent with 2 chats: 1 more chat fits,
 *                     chat   most 3  shuts nothing    and a call, too, because chat shuts nothing
 *                     email  most 5  shuts nothing    an agent with a call: an e-mail fits, no chat
 *
 * `most` is the largest number of units of a medium, and `shuts` names the media that cannot be added to it. Slot 0
 * is the rule without a name: one interaction of whatever medium. */
#include "runtime/core/people/capacity.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "vm/keep.h"
#include "runtime/core/base/memory.h"

static uint64_t capacity_name_key(const void *owner, uint32_t slot)
{
    const struct capacities *capacities = owner;
    return capacities->all[slot].name;
}

static struct media_set media_of(const struct capacity_rule *rule)
{
    struct media_set media = {{0}};
    for (unsigned medium = 0; medium < MEDIA_KINDS; medium++)
        media = media_set_with(media, medium, rule->most[medium] != 0);
    return media;
}

/* Returns the rule of one interaction, of whatever medium. */
static struct capacity_rule capacity_single(void)
{
    struct capacity_rule rule;
    for (unsigned medium = 0; medium < MEDIA_KINDS; medium++) {
        rule.most[medium] = 1;
        rule.shuts[medium] = media_set_all();
    }
    return rule;
}

static uint16_t capacities_add(struct capacities *capacities, uint32_t name)
{
    uint32_t slot = capacities->count++;
    capacities->all = memory_grow(capacities->all, &capacities->capacity, capacities->count, sizeof *capacities->all);
    capacities->all[slot] = (struct capacity){.name = name, .rule = capacity_single()};
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

/* Returns the slot for a name; if the table is full, the rule of one interaction. */
uint16_t capacity_named(struct capacities *capacities, uint32_t name)
{
    uint16_t slot = capacity_find(capacities, name);
    if (name == 0 || slot != CAPACITY_SINGLE) return slot;
    return capacities->count < CAPACITIES_MAX ? capacities_add(capacities, name) : (uint16_t)CAPACITY_SINGLE;
}

/* Returns the hash of a rule: the first media are hashed in the old form and later ones are added, so digests of
 * recorded journals stay the same. */
static uint64_t capacity_slot_hash(uint16_t slot, const struct capacity_rule *rule)
{
    uint64_t hash = table_mix64(slot + 1u), more = 0;
    for (unsigned medium = 0; medium < MEDIA_OLD; medium++)
        hash = table_mix64(hash + ((uint64_t)rule->most[medium] << 16 | (uint16_t)rule->shuts[medium].words[0]));
    for (unsigned medium = 0; medium < MEDIA_KINDS; medium++) {
        struct media_set shuts = rule->shuts[medium];
        uint64_t first = medium < MEDIA_OLD ? 0 : (uint64_t)rule->most[medium] << 16 | (uint16_t)shuts.words[0];
        uint64_t of = first + media_set_hash(shuts);
        if (of != 0) more += table_mix64(of + table_mix64(medium + UINT64_C(1)));
    }
    return hash + more;
}

/* Sets a rule. The default rule adds nothing to the digest, so a name that was only mentioned does not change it. */
bool capacity_set(struct capacities *capacities, uint16_t slot, const struct capacity_rule *rule)
{
    assert(slot != CAPACITY_SINGLE && slot < capacities->count);
    struct capacity *capacity = &capacities->all[slot];
    if (memcmp(&capacity->rule, rule, sizeof *rule) == 0) return false;
    const struct capacity_rule none = capacity_single();
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

/* True: the rule allows the load. Two media exclude each other only if each shuts the other: otherwise both could be
 * given in some order. */
bool capacity_holds(const struct capacity_rule *rule, const uint8_t load[MEDIA_KINDS])
{
    for (unsigned a = 0; a < MEDIA_KINDS; a++) {
        if (load[a] > rule->most[a]) return false;
        for (unsigned b = a + 1; load[a] != 0 && b < MEDIA_KINDS; b++)
            if (load[b] != 0 && has_medium(rule->shuts[a], b) && has_medium(rule->shuts[b], a)) return false;
    }
    return true;
}

/* Returns the media of which one more may be given: all media of the rule, less those that are full or shut.
 * After-call work counts as a unit of its medium. */
struct media_set capacity_room(const struct capacities *capacities, uint16_t slot, const struct media_load *load,
                               struct media_set wrap)
{
    assert(slot < capacities->count);
    const struct capacity *capacity = &capacities->all[slot];
    struct media_set room = capacity->all;
    EACH_MEDIUM(medium, media_set_or(load->media, wrap))
    {
        unsigned units = (unsigned)load->units[medium] + has_medium(wrap, medium);
        if (units >= capacity->rule.most[medium]) room = media_set_with(room, medium, false);
        room = media_set_but(room, capacity->rule.shuts[medium]);
    }
    return room;
}

/* True: a rule of an older snapshot is the rule of a single interaction, of whatever medium, with the media of that
 * time. */
static bool is_single(const struct capacity_rule *rule, unsigned media)
{
    for (unsigned medium = 0; medium < media; medium++)
        if (rule->most[medium] != 1 || rule->shuts[medium].words[0] != UINT16_MAX) return false;
    return true;
}

static void keep_rule(struct keeper *keeper, struct capacity_rule *rule)
{
    bool old = !keep_has(keeper, 10);
    if (!old) media_bytes_keep(keeper, rule->most);
    for (unsigned medium = 0; medium < (old ? (unsigned)MEDIA_OLD : (unsigned)MEDIA_KINDS); medium++) {
        if (old) rule->most[medium] = keep_u8(keeper, rule->most[medium]);
        rule->shuts[medium] = media_set_keep(keeper, rule->shuts[medium]);
    }
    if (old && is_single(rule, media_kept(keeper))) *rule = capacity_single();
}

/* Writes or reads the rules; slot 0 is the only one without a name. */
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
