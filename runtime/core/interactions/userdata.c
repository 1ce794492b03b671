/* runtime/core/interactions/userdata.c - Converts words of the language to pairs of the wire and back; applies changes
 * and tells the links about them. */
#include "runtime/core/interactions/userdata.h"

#include <assert.h>
#include <string.h>

#include "runtime/core/base/facts_step.h"
#include "runtime/core/base/facts_owner.h"
#include "runtime/core/base/memory.h"
#include "runtime/core/base/batch.h"
#include "runtime/core/base/now.h"
#include "runtime/core/base/source.h"
#include "runtime/core/interactions/coerce.h"
#include "runtime/core/interactions/authority.h"
#include "runtime/core/interactions/effect.h"
#include "runtime/core/interactions/interaction.h"
#include "runtime/core/interactions/properties.h"
#include "runtime/core/links/link.h"
#include "runtime/core/people/agent.h"
#include "runtime/vocabulary/effects_call.h"
#include "runtime/vocabulary/events_agent.h"
#include "runtime/vocabulary/ident.h"
#include "text/utf8.h"

enum { FIELDS_MAX = 128, ELEMENTS_MAX = 1000, DEPTH_MAX = 8, DIGITS_MAX = 24, PUT_MAX = 2 * KV_BYTES_MAX };

static const struct image *image_of(const struct interactions *interactions, const struct interaction *ix)
{
    return block_image(interactions->slab, block_at(interactions->slab, ix->block));
}

static bool word_of_text(struct interactions *interactions, struct interaction *ix, const struct kv_value *value,
                         uint64_t *word)
{
    char digits[DIGITS_MAX];
    struct span text = value->span;
    if (value->tag == KV_INT) {
        uint64_t number = value->word < 0 ? 0 - (uint64_t)value->word : (uint64_t)value->word;
        uint32_t at = DIGITS_MAX;
        do digits[--at] = (char)('0' + number % 10);
        while ((number /= 10) != 0);
        if (value->word < 0) digits[--at] = '-';
        text = (struct span){(const uint8_t *)digits + at, DIGITS_MAX - at};
    } else if (value->tag != KV_TEXT) {
        return false;
    }
    if (!utf8_is_text((const char *)text.bytes, text.length)) return false;
    return block_make_text(interactions->slab, ix->block, (const char *)text.bytes, text.length, word);
}

static bool has_bytes(enum kv_tag tag)
{
    return tag == KV_TEXT || tag == KV_BINARY || tag == KV_LIST;
}

static uint64_t payload_of(const struct kv_value *value)
{
    return has_bytes(value->tag) ? 0 : value->tag == KV_FLOAT ? value_from_float(value->number) : (uint64_t)value->word;
}

static unsigned boxed_tag(const struct kv_value *value)
{
    return (unsigned)value->tag | (value->secret ? VALUE_TAG_SECRET : 0u);
}

/* Makes a word of the type `value`, which holds a value from the wire unchanged. */
static bool word_of_value(struct interactions *interactions, struct interaction *ix, const struct kv_value *value,
                          uint64_t *word)
{
    const char *bytes = has_bytes(value->tag) ? (const char *)value->span.bytes : NULL;
    if (value->tag == KV_TEXT && !utf8_is_text(bytes, value->span.length)) return false;
    return block_make_value(interactions->slab, ix->block, boxed_tag(value), bytes, bytes ? value->span.length : 0,
                            payload_of(value), word);
}

static bool word_at(struct interactions *, struct interaction *, uint16_t type, const struct kv_value *, unsigned depth,
                    uint64_t *word);

static bool column(struct span list, struct text name, struct kv_value *value)
{
    return kv_find(list, (struct span){(const uint8_t *)name.bytes, name.length}, value);
}

static bool word_of_record(struct interactions *interactions, struct interaction *ix, uint16_t type,
                           const struct kv_value *value, unsigned depth, uint64_t *word)
{
    const struct image *image = image_of(interactions, ix);
    uint32_t count = image_field_count(image, type);
    uint64_t fields[FIELDS_MAX];
    if (value->tag != KV_LIST || count > FIELDS_MAX) return false;
    for (uint32_t at = 0; at < count; at++) {
        struct kv_value field = {.tag = KV_NONE};
        uint16_t wanted = image_field_type(image, type, at);
        if (!column(value->span, image_field_name(image, type, at), &field) && !type_is_optional(wanted)) return false;
        if (!word_at(interactions, ix, wanted, &field, depth + 1, &fields[at])) return false;
    }
    return block_make_record(interactions->slab, ix->block, type, fields, count, word);
}

static bool word_of_sequence(struct interactions *interactions, struct interaction *ix, uint16_t type,
                             const struct kv_value *value, unsigned depth, uint64_t *word)
{
    struct slab *slab = interactions->slab;
    const struct image *image = image_of(interactions, ix);
    uint16_t element = image_element(image, type);
    bool map = type_is_map(image, type);
    uint64_t words[2 * ELEMENTS_MAX];
    uint32_t count = 0, at = 0;
    struct kv_pair pair;
    if (value->tag != KV_LIST) return false;
    while (kv_next(value->span, &at, &pair)) {
        if (count >= ELEMENTS_MAX) return false;
        if (map && !block_make_text(slab, ix->block, (const char *)pair.key.bytes, pair.key.length, &words[2 * count]))
            return false;
        if (!word_at(interactions, ix, element, &pair.value, depth + 1, &words[map ? 2 * count + 1 : count]))
            return false;
        count++;
    }
    return map ? block_make_map(slab, ix->block, type, words, count, word)
               : block_make_list(slab, ix->block, type, words, count, word);
}

static bool word_at(struct interactions *interactions, struct interaction *ix, uint16_t type,
                    const struct kv_value *value, unsigned depth, uint64_t *word)
{
    const struct image *image = image_of(interactions, ix);
    uint16_t base = type_base(type);
    if (value->tag == KV_NONE) {
        *word = value_none(type);
        return type_is_optional(type);
    }
    if (depth > DEPTH_MAX) return false;
    if (coerce_is_plain(image, base)) return coerce_plain(image, base, value, word);
    switch (base) {
    case TYPE_STR:
        return word_of_text(interactions, ix, value, word);
    case TYPE_VALUE:
        return word_of_value(interactions, ix, value, word);
    default:
        break;
    }
    if (type_is_record(image, base)) return word_of_record(interactions, ix, base, value, depth, word);
    if (type_is_list(image, base) || type_is_map(image, base))
        return word_of_sequence(interactions, ix, base, value, depth, word);
    return false;
}

/* The most bytes of the block that the value can take: texts with their headers, and objects with one word per field.
 */
static uint64_t room_for(const struct image *image, uint16_t type, const struct kv_value *value, unsigned depth)
{
    enum { HEAD = 16, WORD = 8 };
    uint16_t base = type_base(type);
    uint64_t bytes = HEAD + WORD;
    if (coerce_is_plain(image, base)) return WORD;
    if (value->tag != KV_LIST || depth > DEPTH_MAX || base < TYPE_OWN)
        return bytes + (has_bytes(value->tag) ? value->span.length : DIGITS_MAX);
    bool record = type_is_record(image, base), map = type_is_map(image, base);
    bytes += record ? WORD * (uint64_t)image_field_count(image, base) : 0;
    uint32_t at = 0, count = 0;
    struct kv_pair pair;
    while (kv_next(value->span, &at, &pair)) {
        if (!record && ++count > ELEMENTS_MAX) return UINT32_MAX; /* no block is so large */
        int32_t field = record ? image_field_find(image, base, (const char *)pair.key.bytes, pair.key.length) : -1;
        uint16_t element = !record     ? image_element(image, base)
                           : field < 0 ? (uint16_t)TYPE_STR
                                       : image_field_type(image, base, (uint32_t)field);
        bytes += room_for(image, element, &pair.value, depth + 1);
        if (map) bytes += HEAD + WORD + pair.key.length;
    }
    return bytes;
}

static bool may_be(const struct image *, uint16_t type, const struct kv_value *, unsigned depth);

/* True: the fields of a record, found by name, or the elements of a list or map are of their types. */
static bool may_hold(const struct image *image, uint16_t base, struct span list, unsigned depth)
{
    uint32_t at = 0, count = 0;
    struct kv_pair pair;
    if (!type_is_record(image, base)) {
        while (kv_next(list, &at, &pair))
            if (++count > ELEMENTS_MAX || !may_be(image, image_element(image, base), &pair.value, depth)) return false;
        return true;
    }
    for (; at < image_field_count(image, base); at++) {
        struct kv_value field = {.tag = KV_NONE};
        column(list, image_field_name(image, base, at), &field);
        if (!may_be(image, image_field_type(image, base, at), &field, depth)) return false;
    }
    return true;
}

static bool may_be(const struct image *image, uint16_t type, const struct kv_value *value, unsigned depth)
{
    uint16_t base = type_base(type);
    uint64_t word;
    if (value->tag == KV_NONE) return type_is_optional(type);
    if (depth > DEPTH_MAX) return false;
    if (coerce_is_plain(image, base)) return coerce_plain(image, base, value, &word);
    if (value->tag == KV_TEXT && !utf8_is_text((const char *)value->span.bytes, value->span.length)) return false;
    if (base == TYPE_VALUE) return true;
    if (base == TYPE_STR) return value->tag == KV_TEXT || value->tag == KV_INT;
    return base >= TYPE_OWN && value->tag == KV_LIST && may_hold(image, base, value->span, depth + 1);
}

bool userdata_may_be(const struct image *image, uint16_t type, const struct kv_value *value)
{
    return may_be(image, type, value, 0) && room_for(image, type, value, 0) <= BLOCK_BYTES_MAX;
}

bool userdata_fits(const struct image *image, uint16_t type, const struct kv_value *value, uint32_t bytes)
{
    return room_for(image, type, value, 0) <= bytes;
}

bool userdata_word(struct interactions *interactions, struct interaction *ix, uint16_t type,
                   const struct kv_value *value, uint64_t *word)
{
    /* Reserves the room for the whole value first, since making the second text could move the first one. */
    uint64_t bytes = room_for(image_of(interactions, ix), type, value, 0);
    return bytes <= BLOCK_BYTES_MAX && block_reserve(interactions->slab, ix->block, (uint32_t)bytes) &&
           word_at(interactions, ix, type, value, 0, word);
}

/* The place of words: in an interaction's block and in its image; block NULL: in the image's constants only. */
struct held {
    const struct interactions *interactions;
    const struct image *image;
    const struct block *block;
};

static struct span span_held(const struct held *held, uint64_t word, char inlined[8])
{
    struct text text = block_text(held->image, held->block, word, inlined);
    return (struct span){(const uint8_t *)text.bytes, text.length};
}

/* A pair's value as the block holds it. */
static struct kv_value value_boxed(const struct held *held, unsigned tag, uint64_t payload, char inlined[8])
{
    struct kv_value value = {.tag = (enum kv_tag)(tag & ~(unsigned)VALUE_TAG_SECRET),
                             .secret = (tag & VALUE_TAG_SECRET) != 0,
                             .word = (int64_t)payload,
                             .number = value_float(payload)};
    if (has_bytes(value.tag)) value.span = span_held(held, payload, inlined);
    return value;
}

static void put_held(const struct held *, struct kv *, struct span key, uint16_t type, uint64_t word, bool secret);

static void put_object(const struct held *held, struct kv *kv, struct span key, uint16_t type, uint64_t word,
                       bool secret)
{
    const struct image *image = held->image;
    const struct block *block = held->block;
    bool record = type_is_record(image, type), map = type_is_map(image, type);
    uint32_t count = record ? image_field_count(image, type) : block_count(image, block, word);
    if (kv->depth + 1 >= KV_DEPTH_MAX) return;
    kv_list_begin(kv, key);
    for (uint32_t at = 0; at < count && kv->length < PUT_MAX;
         at++) { /* nested lists that share elements could fill any room */
        uint64_t name, value;
        char inlined[8];
        if (record) {
            struct text field = image_field_name(image, type, at);
            put_held(held, kv, (struct span){(const uint8_t *)field.bytes, field.length},
                     image_field_type(image, type, at), block_field(image, block, word, at), secret);
        } else if (map && block_pair(image, block, word, at, &name, &value)) {
            put_held(held, kv, span_held(held, name, inlined), image_element(image, type), value, secret);
        } else {
            put_held(held, kv, span_of("item"), image_element(image, type), block_element(image, block, word, at),
                     secret);
        }
    }
    kv_list_end(kv);
}

static struct span name_of(const struct interactions *interactions, const struct image *image, uint16_t base,
                           uint64_t word)
{
    if (base == TYPE_AGENT)
        return word > 0 && word <= interactions->agents->count
                   ? names_text(interactions->names, interactions->agents->all[word - 1].name)
                   : span_of("");
    if (word >= image_count(image, SECTION_NAMES)) return span_of("");
    struct text text = image_text(image, image_name(image, (uint32_t)word)->text);
    return (struct span){(const uint8_t *)text.bytes, text.length};
}

static void put_held(const struct held *held, struct kv *kv, struct span key, uint16_t type, uint64_t word, bool secret)
{
    const struct image *image = held->image;
    uint16_t base = type_base(type);
    struct kv_value value = {.tag = KV_NONE, .secret = secret, .word = (int64_t)word};
    char inlined[8];
    if (type_is_optional(type) && value_is_none(type, word)) {
        kv_put(kv, key, &value);
        return;
    }
    if (type_is_name(base) || base == TYPE_AGENT) {
        value.tag = KV_TEXT;
        value.span = name_of(held->interactions, image, base, word);
    } else if (base == TYPE_STR) {
        value.tag = KV_TEXT;
        value.span = span_held(held, word, inlined);
    } else if (base == TYPE_BOOL) {
        value.tag = KV_BOOL;
    } else if (base == TYPE_TIME) {
        value.tag = KV_TIME;
    } else if (base == TYPE_FLOAT) {
        value.tag = KV_FLOAT;
        value.number = value_float(word);
    } else if (base == TYPE_INT || base == TYPE_DURATION || base == TYPE_DATE || base == TYPE_PERCENT ||
               base == TYPE_CLOCK) {
        value.tag = KV_INT;
    } else if (base == TYPE_VALUE) {
        uint64_t payload;
        unsigned tag = block_boxed(image, held->block, word, &payload);
        value = value_boxed(held, tag, payload, inlined);
        value.secret = value.secret || secret;
    } else if (base >= TYPE_OWN && type_is_enum(image, base)) {
        struct text text = image_field_name(image, base, (uint32_t)word);
        value.tag = KV_TEXT;
        value.span = (struct span){(const uint8_t *)text.bytes, text.length};
    } else if (base >= TYPE_OWN) {
        put_object(held, kv, key, base, word, secret);
        return;
    }
    kv_put(kv, key, &value);
}

static struct held held_of(const struct interactions *interactions, const struct interaction *ix)
{
    return (struct held){interactions, image_of(interactions, ix), block_at(interactions->slab, ix->block)};
}

static struct span span_of_word(const struct interactions *interactions, const struct interaction *ix, uint64_t word,
                                char inlined[8])
{
    const struct held held = held_of(interactions, ix);
    return span_held(&held, word, inlined);
}

void userdata_put(const struct interactions *interactions, const struct interaction *ix, struct kv *kv, struct span key,
                  uint16_t type, uint64_t word, bool secret)
{
    const struct held held = held_of(interactions, ix);
    put_held(&held, kv, key, type, word, secret);
}

void userdata_put_constant(const struct interactions *interactions, const struct image *image, struct kv *kv,
                           struct span key, uint16_t type, uint64_t word)
{
    put_held(&(struct held){interactions, image, NULL}, kv, key, type, word, false);
}

static int32_t slot_named(const struct interactions *interactions, const struct interaction *ix, struct span key)
{
    const struct block *block = block_at(interactions->slab, ix->block);
    return image_slot_find(image_of(interactions, ix), block_strategy(interactions->slab, block),
                           (const char *)key.bytes, key.length);
}

/* True: an earlier strategy declared the key secret. Its marked pair then still stands among the undeclared pairs. */
static bool kept_secret(const struct interactions *interactions, const struct interaction *ix, struct span key)
{
    const struct block *block = block_at(interactions->slab, ix->block);
    int32_t at = block_data_find(image_of(interactions, ix), block, (const char *)key.bytes, key.length);
    uint64_t word, payload;
    unsigned tag = 0;
    if (at >= 0) block_data_at(block, (uint32_t)at, &word, &tag, &payload);
    return (tag & VALUE_TAG_SECRET) != 0;
}

/* True: the value under the key is secret. `slot` -1: the key is not declared. */
static bool is_hidden(const struct interactions *interactions, const struct interaction *ix, struct span key,
                      int32_t slot)
{
    const struct block *block = block_at(interactions->slab, ix->block);
    const struct image *image = image_of(interactions, ix);
    if (slot >= 0 && image_slot(image, block_strategy(interactions->slab, block), (uint32_t)slot)->secret) return true;
    return kept_secret(interactions, ix, key) ||
           (slot < 0 && image_key_secret(image, (const char *)key.bytes, key.length));
}

static void put_slot(const struct interactions *interactions, const struct interaction *ix, struct kv *kv,
                     uint32_t slot)
{
    const struct block *block = block_at(interactions->slab, ix->block);
    const struct image_slot *row =
        image_slot(image_of(interactions, ix), block_strategy(interactions->slab, block), slot);
    struct text name = image_text(image_of(interactions, ix), row->name);
    uint64_t word;
    struct span key = {(const uint8_t *)name.bytes, name.length};
    if (!row->parameter && block_slot(block, slot, &word))
        userdata_put(interactions, ix, kv, key, row->type, word, row->secret || kept_secret(interactions, ix, key));
}

static void put_others(const struct interactions *interactions, const struct interaction *ix, struct kv *kv)
{
    const struct block *block = block_at(interactions->slab, ix->block);
    uint32_t count = block_data_count(block);
    for (uint32_t at = 0; at < count; at++) {
        uint64_t key, payload;
        unsigned tag;
        char key_inlined[8], inlined[8];
        block_data_at(block, at, &key, &tag, &payload);
        struct kv_value value = value_boxed(
            &(struct held){interactions, image_of(interactions, ix), block_at(interactions->slab, ix->block)}, tag,
            payload, inlined);
        struct span name = span_of_word(interactions, ix, key, key_inlined);
        int32_t slot = value.secret ? slot_named(interactions, ix, name) : -1;
        uint64_t word;
        if (slot < 0 || !block_slot(block, (uint32_t)slot, &word))
            kv_put(kv, name, &value); /* a declared key that is set replaces its pair */
    }
}

void userdata_all(const struct interactions *interactions, const struct interaction *ix, struct kv *kv)
{
    const struct block *block = block_at(interactions->slab, ix->block);
    uint32_t count = image_slot_count(block_strategy(interactions->slab, block));
    for (uint32_t slot = 0; slot < count; slot++) put_slot(interactions, ix, kv, slot);
    put_others(interactions, ix, kv);
}

/* True: the value is secret, or, for a list, a value in it is. */
static bool holds_secret(const struct kv_value *value)
{
    uint32_t at = 0;
    struct kv_pair pair;
    bool found = value->secret;
    while (!found && value->tag == KV_LIST && kv_next(value->span, &at, &pair)) found = holds_secret(&pair.value);
    return found;
}

/* Puts one pair into the block. `slot` is the declared key's slot; -1: the key is not declared. A secret value goes
 * into a declared key only if the key is secret, too; otherwise it stands among the undeclared pairs, where the
 * strategy cannot read it. `another`: adds the pair to those that have the key already. */
static bool put_pair(struct interactions *interactions, struct interaction *ix, const struct kv_pair *pair,
                     int32_t slot, bool another)
{
    struct slab *slab = interactions->slab;
    struct kv_value value = pair->value;
    const struct block *block = block_at(slab, ix->block);
    const struct image_slot *row =
        slot < 0 ? NULL : image_slot(image_of(interactions, ix), block_strategy(slab, block), (uint32_t)slot);
    value.secret = holds_secret(&value);
    if (row && (row->secret || !value.secret)) {
        uint64_t word;
        if (!userdata_word(interactions, ix, row->type, &value, &word)) return false;
        block_slot_set(block_at(slab, ix->block), (uint32_t)slot, word);
        return true;
    }
    value.secret = value.secret || is_hidden(interactions, ix, pair->key, slot);
    bool bytes = has_bytes(value.tag);
    return (another ? block_data_add : block_data_set)(slab, ix->block, (const char *)pair->key.bytes, pair->key.length,
                                                       boxed_tag(&value), bytes ? value.span.bytes : NULL,
                                                       bytes ? value.span.length : 0, payload_of(&value));
}

static int32_t pair_named(const struct interactions *interactions, const struct interaction *ix, struct span key)
{
    return block_data_find(image_of(interactions, ix), block_at(interactions->slab, ix->block), (const char *)key.bytes,
                           key.length);
}

/* True: the same key has come earlier in the list `before`. The list is searched only if the key is attached already,
 * since otherwise it cannot have come. */
static bool is_another(const struct interactions *interactions, const struct interaction *ix,
                       const struct kv_pair *pair, int32_t slot, struct span before)
{
    struct kv_value first;
    uint64_t word;
    const struct block *block = block_at(interactions->slab, ix->block);
    bool attached =
        (slot >= 0 && block_slot(block, (uint32_t)slot, &word)) || pair_named(interactions, ix, pair->key) >= 0;
    return attached && kv_find(before, pair->key, &first);
}

/* Removes the pairs that a new value of the key replaces: for an undeclared key all but the first, which is
 * overwritten; for a declared key all that stood beside it. The first pair that is marked secret stays, so that the key
 * stays secret. */
static void give_way(struct interactions *interactions, struct interaction *ix, struct span key, int32_t slot)
{
    struct block *block = block_at(interactions->slab, ix->block);
    int32_t first = pair_named(interactions, ix, key);
    bool kept = false;
    for (uint32_t at = first < 0 ? UINT32_MAX : (uint32_t)first; at < block_data_count(block);) {
        uint64_t word, payload;
        unsigned tag;
        char inlined[8];
        block_data_at(block, at, &word, &tag, &payload);
        bool named = span_equal(span_of_word(interactions, ix, word, inlined), key);
        bool stays = !named || (!kept && (slot < 0 || (tag & VALUE_TAG_SECRET) != 0));
        kept = kept || (named && stays);
        if (stays)
            at++;
        else
            block_data_delete(block, at); /* the next pair moves to this place */
    }
}

/* Puts all pairs into the block. A pair replaces earlier values of its key. If a key comes twice in `pairs`, both
 * values are kept, and the first one counts. `beside`: a value that its declared key cannot hold is kept as an
 * undeclared pair; without it such a value makes the function return false. */
static bool put_all(struct interactions *interactions, struct interaction *ix, struct span pairs, bool beside)
{
    uint32_t at = 0;
    struct kv_pair pair;
    for (uint32_t from = 0; kv_next(pairs, &at, &pair); from = at) {
        int32_t slot = slot_named(interactions, ix, pair.key);
        bool another = is_another(interactions, ix, &pair, slot, (struct span){pairs.bytes, from});
        if (!another) give_way(interactions, ix, pair.key, slot);
        if (put_pair(interactions, ix, &pair, another ? -1 : slot, another)) continue;
        if (!beside) return false;
        if (slot >= 0 && !another) put_pair(interactions, ix, &pair, -1, false);
    }
    return true;
}

void userdata_take(struct interactions *interactions, struct interaction *ix, struct span pairs)
{
    assert(!interaction_has_ended(ix));
    put_all(interactions, ix, pairs, true);
    interaction_touch(interactions, ix);
}

/* True: nothing is to be coerced, replaced or hidden when the block's data move to that strategy, so that the pairs
 * may be copied as they are. */
static bool moves_as_is(const struct interactions *interactions, const struct block *from, const struct image *image,
                        uint16_t strategy)
{
    uint64_t word, key, payload;
    for (uint32_t slot = 0; slot < from->slots; slot++)
        if (block_slot(from, slot, &word)) return false;
    for (uint32_t at = 0; at < block_data_count(from); at++) {
        unsigned tag;
        char inlined[8];
        block_data_at(from, at, &key, &tag, &payload);
        if ((tag & VALUE_TAG_SECRET) != 0 || tag == VALUE_TAG_LIST) return false;
        struct text name = block_text(block_image(interactions->slab, from), from, key, inlined);
        if (image_slot_find(image, image_strategy(image, strategy), name.bytes, name.length) >= 0) return false;
        if (image_key_secret(image, name.bytes, name.length)) return false;
    }
    return true;
}

void userdata_move(struct interactions *interactions, struct interaction *ix, block_handle fresh)
{
    assert(fresh != BLOCK_HANDLE_NONE && fresh != ix->block);
    const struct block *to = block_at(interactions->slab, fresh);
    const struct image *image = block_image(interactions->slab, to);
    bool moved = moves_as_is(interactions, block_at(interactions->slab, ix->block), image, to->strategy) &&
                 block_data_copy(interactions->slab, ix->block, fresh);
    struct kv data;
    kv_init(&data);
    if (!moved) userdata_all(interactions, ix, &data);
    block_replace(interactions->slab, ix->block, fresh);
    put_all(interactions, ix, kv_span(&data), true);
    kv_free(&data);
    interaction_touch(interactions, ix);
}

/* Bytes that the pairs take in a message and, packed, in the block; adds their number to `count`. */
static uint32_t packed(struct span pairs, uint32_t *count)
{
    enum { HEAD = 8, NUMBER = 8 };
    uint32_t bytes = 0, at = 0;
    struct kv_pair pair;
    for (; kv_next(pairs, &at, &pair); ++*count)
        bytes += pair.key.length + HEAD + (pair.value.span.length > NUMBER ? pair.value.span.length : NUMBER);
    return bytes;
}

/* True: with these pairs all data still fit into one message and into the block. Called before anything is changed. */
static bool fits(struct interactions *interactions, const struct interaction *ix, struct span pairs)
{
    kv_clear(interactions->scratch);
    userdata_all(interactions, ix, interactions->scratch);
    if (interactions->scratch->length + pairs.length > KV_BYTES_MAX) return false;
    uint32_t count = 0, bytes = packed(kv_span(interactions->scratch), &count) + packed(pairs, &count);
    return count <= ELEMENTS_MAX && bytes <= DATA_BYTES_MAX;
}

/* Puts all pairs into the block, or restores the block: the strategy's own values may leave no room. */
static bool put_all_or_none(struct interactions *interactions, struct interaction *ix, struct span pairs)
{
    struct slab *slab = interactions->slab;
    const struct block *block = block_at(slab, ix->block);
    struct error error;
    uint32_t size = block_size(block);
    interactions->kept = memory_grow(interactions->kept, &interactions->kept_capacity, size, 1);
    memcpy(interactions->kept, block, size);
    if (put_all(interactions, ix, pairs, false)) return true;
    block_handle before = block_adopt(slab, image_of(interactions, ix), interactions->kept, size, &error);
    assert(before != BLOCK_HANDLE_NONE);
    block_replace(slab, ix->block, before);
    return false;
}

bool userdata_attach(struct interactions *interactions, struct interaction *ix, struct span pairs)
{
    uint32_t at = 0;
    struct kv_pair pair;
    while (kv_next(pairs, &at, &pair)) {
        int32_t slot = slot_named(interactions, ix, pair.key);
        if (slot < 0) continue;
        const struct block *block = block_at(interactions->slab, ix->block);
        const struct image_slot *row =
            image_slot(image_of(interactions, ix), block_strategy(interactions->slab, block), (uint32_t)slot);
        uint64_t word;
        if (!userdata_word(interactions, ix, row->type, &pair.value, &word)) return false;
    }
    return fits(interactions, ix, pairs) && put_all_or_none(interactions, ix, pairs);
}

static void tell_link(struct interactions *interactions, struct interaction *ix, unsigned link, struct span deleted,
                      struct span by)
{
    effect_begin(interactions->effects,
                 &(struct effect){.kind = KIND_EventAttachedDataChanged, .link = link, .interaction = ix});
    struct writer *writer = &interactions->effects->writer;
    writer_u(writer, EventAttachedDataChanged_revision, ix->revision);
    effect_kv(interactions->effects, EventAttachedDataChanged_changed);
    writer_bytes(writer, EventAttachedDataChanged_deleted, deleted);
    writer_bytes(writer, EventAttachedDataChanged_by, by);
    effect_end(interactions->effects);
    interaction_tell(interactions, ix, FACT_data_changed, 0, 0);
}

/* Sends EventAttachedDataChanged with the pairs in the scratch and the deleted keys: to the link of its leg, and to
 * those of the agents who have what was submitted. */
static void tell(struct interactions *interactions, struct interaction *ix, struct span deleted, struct span by)
{
    ix->revision++;
    struct fact fact = {.what = FACT_data_attached, .ixn = ix->id};
    fact.changed = kv_span(interactions->scratch);
    fact.deleted = deleted;
    fact.by = by;
    fact.revision = ix->revision;
    fact_tell(interactions->facts, &fact);
    uint64_t links = ix->submitted ? interaction_agents_links(interactions, ix) : 0;
    if (ix->leg) links |= UINT64_C(1) << (ix->link - SOURCE_LINKS);
    for (unsigned link = SOURCE_LINKS; links != 0; link++, links >>= 1)
        if ((links & 1) != 0 && link_usable(interactions->links, link)) tell_link(interactions, ix, link, deleted, by);
}

void userdata_tell(struct interactions *interactions, struct interaction *ix, uint64_t slots, bool others,
                   struct span by)
{
    kv_clear(interactions->scratch);
    for (uint32_t slot = 0; slot < IMAGE_SLOTS_MAX; slot++)
        if ((slots >> slot & 1) != 0) put_slot(interactions, ix, interactions->scratch, slot);
    if (others) put_others(interactions, ix, interactions->scratch);
    tell(interactions, ix, (struct span){NULL, 0}, by);
}

static void delete_key(struct interactions *interactions, struct interaction *ix, struct span key)
{
    struct slab *slab = interactions->slab;
    int32_t slot = slot_named(interactions, ix, key);
    if (slot >= 0) block_slot_clear(block_at(slab, ix->block), (uint32_t)slot);
    struct block *block = block_at(slab, ix->block);
    int32_t at;
    while ((at = block_data_find(image_of(interactions, ix), block, (const char *)key.bytes, key.length)) >= 0)
        block_data_delete(block, (uint32_t)at);
}

/* False: a key is declared by the running strategy, which relies on its value. */
static bool may_delete(const struct interactions *interactions, const struct interaction *ix, struct span keys)
{
    uint32_t at = 0;
    struct span key;
    while (ix->running && message_next_text(keys, &at, &key))
        if (slot_named(interactions, ix, key) >= 0) return false;
    return true;
}

static void delete_keys(struct interactions *interactions, struct interaction *ix, const struct message *message,
                        unsigned op)
{
    struct span keys = message_text(message, RequestUserData_keys), key, deleted = keys;
    struct span by = message_text(message, ENVELOPE_actor);
    uint32_t at = 0;
    if (op == data_op_DeleteUserData) {
        struct block *block = block_at(interactions->slab, ix->block);
        while (block_data_count(block) > 0) block_data_delete(block, 0);
        for (uint32_t slot = 0; !ix->running && slot < block->slots; slot++) block_slot_clear(block, slot);
        deleted = (struct span){NULL, 0};
    }
    while (message_next_text(keys, &at, &key)) delete_key(interactions, ix, key);
    interaction_touch(interactions, ix);
    kv_clear(interactions->scratch);
    effect_reply(interactions->effects, message, outcome_ok, code_ok, NULL, NULL);
    tell(interactions, ix, deleted, by);
}

void userdata_changed(struct interactions *interactions, struct interaction *ix, struct span pairs, struct span by)
{
    uint32_t at = 0;
    struct kv_pair pair;
    kv_clear(interactions->scratch);
    while (kv_next(pairs, &at, &pair)) {
        pair.value.secret = is_hidden(interactions, ix, pair.key, slot_named(interactions, ix, pair.key));
        kv_put(interactions->scratch, pair.key, &pair.value);
    }
    tell(interactions, ix, (struct span){NULL, 0}, by);
}

/* The agent who asks for a change; AGENT_NONE: nobody who is known as one, at the link that says so. */
static uint32_t changer_of(const struct interactions *interactions, const struct message *message)
{
    uint32_t agent;
    bool known = agent_find(interactions->agents,
                            names_find(interactions->names, message_text(message, ENVELOPE_actor)), &agent);
    return known && agent_is_of_link(interactions->agents, agent, (unsigned)message_u(message, ENVELOPE_source))
               ? agent
               : AGENT_NONE;
}

/* The link that has the leg has asked by its own rules already (cti/roles.def), which know calls and no claims. */
static bool may_change(const struct interactions *interactions, const struct message *message,
                       const struct interaction *ix, uint32_t agent)
{
    bool supervises = message_u(message, RequestUserData_supervises) != 0;
    if (ix->link == message_u(message, ENVELOPE_source)) agent = AGENT_NONE;
    return authority_may(interactions, message, ix, agent, supervises, ACT_data);
}

void userdata_on_request(struct interactions *interactions, const struct message *message)
{
    struct interaction *ix = interaction_of(interactions, message);
    unsigned op = (unsigned)message_u(message, RequestUserData_op);
    struct span pairs = message_text(message, RequestUserData_pairs);
    if (!ix) {
        effect_reply(interactions->effects, message, outcome_error, code_unknown_conn_id,
                     "there is no such interaction", NULL);
        return;
    }
    uint32_t agent = changer_of(interactions, message);
    if (op != data_op_ChangeProperties && !may_change(interactions, message, ix, agent)) {
        effect_reply(interactions->effects, message, outcome_error, code_no_privilege,
                     authority_why(interactions, ix, agent), NULL);
        return;
    }
    switch (op) {
    case data_op_Attach:
    case data_op_Update:
        if (!userdata_attach(interactions, ix, pairs)) {
            interaction_touch(interactions, ix);
            effect_reply(interactions->effects, message, outcome_error, code_invalid_attribute,
                         "a declared key has another type, or the data are too large", NULL);
            return;
        }
        interaction_touch(interactions, ix);
        effect_reply(interactions->effects, message, outcome_ok, code_ok, NULL, NULL);
        userdata_changed(interactions, ix, pairs, message_text(message, ENVELOPE_actor));
        return;
    case data_op_ChangeProperties:
        properties_change(interactions, ix, message);
        return;
    case data_op_DeletePair:
    case data_op_DeleteUserData:
        if (!may_delete(interactions, ix, message_text(message, RequestUserData_keys))) {
            effect_reply(interactions->effects, message, outcome_error, code_invalid_state,
                         "a strategy counts on a declared key", NULL);
            return;
        }
        delete_keys(interactions, ix, message, op);
        return;
    default:
        effect_reply(interactions->effects, message, outcome_unsupported, code_unsupported,
                     "no such operation on user data", NULL);
    }
}

struct span interaction_system(const struct interactions *interactions, const struct interaction *ix, unsigned number)
{
    const struct block *block = block_at(interactions->slab, ix->block);
    struct text text = block_system_text(block_image(interactions->slab, block), block, number);
    return (struct span){(const uint8_t *)text.bytes, text.length};
}

void interaction_data(const struct interactions *interactions, const struct interaction *ix, struct kv *data)
{
    char id[24];
    const struct block *block = block_at(interactions->slab, ix->block);
    struct span ced = interaction_system(interactions, ix, 3);
    kv_put_text(data, "id", (struct span){(const uint8_t *)id, ixn_print(ix->id, id)});
    kv_put_text(data, "media", span_of(enum_name_media(ix->media)));
    kv_put_text(data, "this_dn", interaction_system(interactions, ix, 0));
    kv_put_text(data, "ani", interaction_system(interactions, ix, 1));
    kv_put_text(data, "dnis", interaction_system(interactions, ix, 2));
    if (ced.length != 0) kv_put_text(data, "ced", ced);
    kv_put_int(data, "priority", block->priority);
    kv_put_int(data, "attempt", block->attempt);
    kv_put_time(data, "arrived", (int64_t)interaction_arrived(interactions, ix) + interactions->now->wall_offset_us);
    kv_put_int(data, "waited", (int64_t)(interactions->now->time_us - interaction_arrived(interactions, ix)));
    uint64_t due = block_system(block, 4);
    if (due != VALUE_NONE) kv_put_time(data, "due", (int64_t)due);
    kv_put_text(data, "call_type", span_of(enum_name_call_type(block->call_type)));
    kv_put_text(data, "locale", interaction_system(interactions, ix, 5));
    kv_put(data, span_of("kept_place"), &(struct kv_value){.tag = KV_BOOL, .word = ix->kept});
    userdata_all(interactions, ix, data);
}
