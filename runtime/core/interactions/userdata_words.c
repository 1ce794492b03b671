/* runtime/core/interactions/userdata_words.c - Makes words of the language from values of the wire, and values from
 * words.
 *
 * Values come from outside: the fields of a record are found by name, and a value above the limits below is refused.
 * A long text, a record, a list or a map is stored in the interaction's block. Making one may move the block, so
 * userdata_word first measures the whole value (room_for) and reserves that room at once: then the words made of its
 * parts stay valid until the whole is made. */
#include "runtime/core/interactions/userdata_words.h"

#include <assert.h>

#include "runtime/core/interactions/coerce.h"
#include "runtime/core/interactions/interaction.h"
#include "runtime/core/people/agent.h"
#include "base/utf8.h"

enum { FIELDS_MAX = 128, DEPTH_MAX = 8, DIGITS_MAX = 24, PUT_MAX = 2 * KV_BYTES_MAX };

const struct image *userdata_image(const struct interactions *interactions, const struct interaction *ix)
{
    return block_image(interactions->slab, block_at(interactions->slab, ix->block));
}

/* Makes the word of a text; a number for a text key becomes its digits. The magnitude is computed unsigned, because
 * the least number has no positive counterpart. */
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

struct boxed userdata_boxed(const struct kv_value *value)
{
    bool bytes = has_bytes(value->tag);
    return (struct boxed){.tag = (unsigned)value->tag | (value->secret ? VALUE_TAG_SECRET : 0u),
                          .bytes = bytes ? (const char *)value->span.bytes : NULL,
                          .length = bytes ? value->span.length : 0,
                          .payload = bytes                    ? 0
                                     : value->tag == KV_FLOAT ? value_from_float(value->number)
                                                              : (uint64_t)value->word};
}

/* Makes a word of the type `value`, which holds a value from the wire unchanged. */
static bool word_of_value(struct interactions *interactions, struct interaction *ix, const struct kv_value *value,
                          uint64_t *word)
{
    const struct boxed boxed = userdata_boxed(value);
    if (value->tag == KV_TEXT && !utf8_is_text(boxed.bytes, boxed.length)) return false;
    return block_make_value(interactions->slab, ix->block, boxed.tag, boxed.bytes, boxed.bytes ? boxed.length : 0,
                            boxed.payload, word);
}

static bool word_at(struct interactions *, struct interaction *, uint16_t type, const struct kv_value *, unsigned depth,
                    uint64_t *word);

static bool userdata_words_column(struct span list, struct text name, struct kv_value *value)
{
    return kv_find(list, (struct span){(const uint8_t *)name.bytes, name.length}, value);
}

/* Makes a record. A field that the value lacks must be optional. Fields that the record does not know are ignored. */
static bool word_of_record(struct interactions *interactions, struct interaction *ix, uint16_t type,
                           const struct kv_value *value, unsigned depth, uint64_t *word)
{
    assert(type_is_record(userdata_image(interactions, ix), type));
    const struct image *image = userdata_image(interactions, ix);
    uint32_t count = image_field_count(image, type);
    uint64_t fields[FIELDS_MAX];
    if (value->tag != KV_LIST || count > FIELDS_MAX) return false;
    for (uint32_t at = 0; at < count; at++) {
        struct kv_value field = {.tag = KV_NONE};
        uint16_t wanted = image_field_type(image, type, at);
        if (!userdata_words_column(value->span, image_field_name(image, type, at), &field) && !type_is_optional(wanted))
            return false;
        if (!word_at(interactions, ix, wanted, &field, depth + 1, &fields[at])) return false;
    }
    return block_make_record(interactions->slab, ix->block, type, fields, count, word);
}

/* Makes a list or a map: both look alike on the wire, and the type of the key decides. */
static bool word_of_sequence(struct interactions *interactions, struct interaction *ix, uint16_t type,
                             const struct kv_value *value, unsigned depth, uint64_t *word)
{
    struct slab *slab = interactions->slab;
    const struct image *image = userdata_image(interactions, ix);
    uint16_t element = image_element(image, type);
    bool map = type_is_map(image, type);
    assert(map || type_is_list(image, type));
    uint64_t words[2 * USERDATA_ELEMENTS_MAX];
    uint32_t count = 0, at = 0;
    struct kv_pair pair;
    if (value->tag != KV_LIST) return false;
    while (kv_next(value->span, &at, &pair)) {
        if (count >= USERDATA_ELEMENTS_MAX) return false;
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
    const struct image *image = userdata_image(interactions, ix);
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

/* Returns the most bytes of the block that the value can take: texts with their headers, and objects with one word
 * per field. */
static uint64_t room_for(const struct image *image, uint16_t type, const struct kv_value *value, unsigned depth)
{
    assert(depth <= DEPTH_MAX + 1);
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
        /* UINT32_MAX: the list is larger than any block can hold */
        if (!record && ++count > USERDATA_ELEMENTS_MAX) return UINT32_MAX;
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

/* True: each field of a record (found by name), or each element of a list or map, has the type that it needs. */
static bool may_hold(const struct image *image, uint16_t base, struct span list, unsigned depth)
{
    uint32_t at = 0, count = 0;
    struct kv_pair pair;
    if (!type_is_record(image, base)) {
        while (kv_next(list, &at, &pair))
            if (++count > USERDATA_ELEMENTS_MAX || !may_be(image, image_element(image, base), &pair.value, depth))
                return false;
        return true;
    }
    for (; at < image_field_count(image, base); at++) {
        struct kv_value field = {.tag = KV_NONE};
        userdata_words_column(list, image_field_name(image, base, at), &field);
        if (!may_be(image, image_field_type(image, base, at), &field, depth)) return false;
    }
    return true;
}

/* True: word_at() could make a word of the value; nothing is made. word_at() and this function must refuse the same
 * values. */
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
    uint64_t bytes = room_for(userdata_image(interactions, ix), type, value, 0);
    return bytes <= BLOCK_BYTES_MAX && block_reserve(interactions->slab, ix->block, (uint32_t)bytes) &&
           word_at(interactions, ix, type, value, 0, word);
}

/* Where the texts and objects of words are: in an interaction's block and its image; block NULL: only in the image's
 * constants. */
struct words_home {
    const struct interactions *interactions;
    const struct image *image;
    const struct block *block;
};

static struct span span_held(const struct words_home *held, uint64_t word, char inlined[8])
{
    struct text text = block_text(held->image, held->block, word, inlined);
    return (struct span){(const uint8_t *)text.bytes, text.length};
}

/* Returns a pair's value from the form in which the block holds it. */
static struct kv_value value_boxed(const struct words_home *held, unsigned tag, uint64_t payload, char inlined[8])
{
    struct kv_value value = {.tag = (enum kv_tag)(tag & ~(unsigned)VALUE_TAG_SECRET),
                             .secret = (tag & VALUE_TAG_SECRET) != 0,
                             .word = (int64_t)payload,
                             .number = value_float(payload)};
    if (has_bytes(value.tag)) value.span = span_held(held, payload, inlined);
    return value;
}

static void put_held(const struct words_home *, struct kv *, struct span key, uint16_t type, uint64_t word,
                     bool secret);

static void put_object(const struct words_home *held, struct kv *kv, struct span key, uint16_t type, uint64_t word,
                       bool secret)
{
    assert(type >= TYPE_OWN);
    const struct image *image = held->image;
    const struct block *block = held->block;
    bool record = type_is_record(image, type), map = type_is_map(image, type);
    uint32_t count = record ? image_field_count(image, type) : block_count(image, block, word);
    if (kv->depth + 1 >= KV_DEPTH_MAX) return;
    kv_list_begin(kv, key);
    for (uint32_t at = 0; at < count && kv->length < PUT_MAX;
         at++) { /* nested lists that share elements could take up any amount of room */
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

static void put_held(const struct words_home *held, struct kv *kv, struct span key, uint16_t type, uint64_t word,
                     bool secret)
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

static struct words_home held_of(const struct interactions *interactions, const struct interaction *ix)
{
    return (struct words_home){interactions, userdata_image(interactions, ix), block_at(interactions->slab, ix->block)};
}

struct span userdata_text(const struct interactions *interactions, const struct interaction *ix, uint64_t word,
                          char inlined[8])
{
    const struct words_home held = held_of(interactions, ix);
    return span_held(&held, word, inlined);
}

struct kv_value userdata_unboxed(const struct interactions *interactions, const struct interaction *ix, unsigned tag,
                                 uint64_t payload, char inlined[8])
{
    const struct words_home held = held_of(interactions, ix);
    return value_boxed(&held, tag, payload, inlined);
}

void userdata_put(const struct interactions *interactions, const struct interaction *ix, struct kv *kv, struct span key,
                  uint16_t type, uint64_t word, bool secret)
{
    const struct words_home held = held_of(interactions, ix);
    put_held(&held, kv, key, type, word, secret);
}

void userdata_put_constant(const struct interactions *interactions, const struct image *image, struct kv *kv,
                           struct span key, uint16_t type, uint64_t word)
{
    put_held(&(struct words_home){interactions, image, NULL}, kv, key, type, word, false);
}
