/* runtime/core/run/arguments.c - Arguments of strategies: found by name and made from values of the wire; a missing
 * argument gets the parameter's default.
 *
 * arguments_check() is called before a strategy is activated, and says which argument is wrong. arguments_take()
 * makes the words in the block when the strategy begins. arguments_keep() does the opposite: it writes the arguments
 * of a step as pairs, for a strategy that begins later. */
#include "runtime/core/run/arguments.h"

#include "vm/exec.h"
#include "runtime/core/base/state.h"
#include "runtime/core/interactions/interaction.h"
#include "runtime/core/interactions/userdata_words.h"

static struct span argument_name(const struct image *image, const struct image_slot *slot)
{
    struct text name = image_text(image, slot->name);
    return (struct span){(const uint8_t *)name.bytes, name.length};
}

static bool argument_find(struct span given, struct span name, struct kv_value *value)
{
    uint32_t at = 0;
    struct kv_pair pair;
    while (kv_next(given, &at, &pair)) {
        if (!span_equal(pair.key, name)) continue;
        *value = pair.value;
        return true;
    }
    return false;
}

static const struct image_slot *parameter_named(const struct image *image, const struct image_strategy *strategy,
                                                struct span name)
{
    for (uint32_t i = 0; i < image_slot_count(strategy); i++) {
        const struct image_slot *slot = image_slot(image, strategy, i);
        if (slot->parameter && span_equal(argument_name(image, slot), name)) return slot;
    }
    return NULL;
}

/* Finds the first fault: the given arguments are checked first, then missing ones are looked for: so a misspelt name
 * is reported as unknown and not as a missing argument. */
enum arguments_fault arguments_check(const struct image *image, const struct image_strategy *strategy,
                                     struct span given, struct span *name)
{
    struct span ignored;
    uint32_t at = 0;
    struct kv_pair pair;
    if (!name) name = &ignored;
    while (kv_next(given, &at, &pair)) {
        const struct image_slot *slot = parameter_named(image, strategy, pair.key);
        *name = pair.key;
        if (!slot) return ARGUMENTS_UNKNOWN;
        if (!userdata_may_be(image, slot->type, &pair.value)) return ARGUMENTS_WRONG;
    }
    for (uint32_t i = 0; i < image_slot_count(strategy); i++) {
        const struct image_slot *slot = image_slot(image, strategy, i);
        struct kv_value value;
        *name = argument_name(image, slot);
        if (slot->parameter && !slot->constant && !type_is_optional(slot->type) && !argument_find(given, *name, &value))
            return ARGUMENTS_MISSING;
    }
    return ARGUMENTS_GOOD;
}

void arguments_select(const struct image *image, const struct image_strategy *strategy, struct span given,
                      struct kv *taken)
{
    uint32_t at = 0;
    struct kv_pair pair;
    while (kv_next(given, &at, &pair))
        if (parameter_named(image, strategy, pair.key)) kv_put(taken, pair.key, &pair.value);
}

static bool word_of(struct core *core, struct interaction *ix, const struct image *image, const struct image_slot *slot,
                    struct span given, uint64_t *word)
{
    struct kv_value value;
    if (argument_find(given, argument_name(image, slot), &value))
        return userdata_word(core->interactions, ix, slot->type, &value, word);
    *word = slot->constant ? image_constant(image, slot->constant - 1u)->word : value_none(slot->type);
    return slot->constant || type_is_optional(slot->type);
}

/* Makes the words of the arguments. If the function returns false, the block is only half filled. The caller then must
 * not begin a strategy with it. */
bool arguments_take(struct core *core, struct interaction *ix, struct span given)
{
    struct slab *slab = core->slab;
    const struct image *image = block_image(slab, block_at(slab, ix->block));
    const struct image_strategy *strategy = block_strategy(slab, block_at(slab, ix->block));
    for (uint32_t i = 0; i < image_slot_count(strategy); i++) {
        const struct image_slot *slot = image_slot(image, strategy, i);
        uint64_t word;
        if (!slot->parameter) continue;
        if (!word_of(core, ix, image, slot, given, &word)) return false;
        block_slot_set(block_at(slab, ix->block), i, word);
    }
    return true;
}

/* Writes the arguments of a step. The arguments end with the first one that the step does not have; the remaining ones
 * get their defaults. False: together they are too large for one list of pairs. */
bool arguments_keep(struct core *core, const struct interaction *ix, uint8_t fiber, uint32_t strategy,
                    uint16_t argument)
{
    const struct slab *slab = core->slab;
    const struct block *block = block_at(slab, ix->block);
    const struct image *image = block_image(slab, block);
    const struct image_strategy *to = image_strategy(image, strategy);
    uint16_t type;
    uint64_t word;
    kv_clear(&core->given);
    for (uint32_t i = 0; i < image_slot_count(to); i++) {
        const struct image_slot *slot = image_slot(image, to, i);
        if (!slot->parameter) continue;
        if (!vm_arg(slab, block, fiber, argument++, &word, &type)) return true;
        uint32_t at = (uint32_t)core->given.length;
        struct kv_pair pair;
        userdata_put(core->interactions, ix, &core->given, argument_name(image, slot), type, word, false);
        if (core->given.length > KV_BYTES_MAX || !kv_next(kv_span(&core->given), &at, &pair) ||
            !userdata_may_be(image, slot->type, &pair.value))
            return false;
    }
    return true;
}
