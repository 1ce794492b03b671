/* vm/selection_same.c - Are constants, types and rows of two images the same? Numbers of rows are of one image only, so
 * everything is compared by names and contents. A comparison that goes on too long says no. */
#include <string.h>

#include "vm/capacity.h"
#include "vm/prefer.h"
#include "vm/selection_slice.h"

enum { SAME_STEPS_MAX = 1000000 };

struct sides { /* two images, and how many steps the comparison may still take */
    const struct image *old, *new;
    uint32_t left;
};

static bool slice_texts_same(struct text a, struct text b)
{
    return a.length == b.length && (a.length == 0 || memcmp(a.bytes, b.bytes, a.length) == 0);
}

bool slice_same_text(const struct image *old, struct image_text a, const struct image *new, struct image_text b)
{
    return slice_texts_same(image_text(old, a), image_text(new, b));
}

static bool names_same(const struct sides *s, uint64_t a, uint64_t b)
{
    const struct image_name *old = &s->old->names[a], *new = &s->new->names[b];
    return old->kind == new->kind &&slice_same_text(s->old, old->text, s->new, new->text);
}

static bool types_same(struct sides *s, uint16_t a, uint16_t b, bool deep)
{
    const struct image_type *old = image_type(s->old, a), *new = image_type(s->new, b);
    if (s->left == 0 || type_is_optional(a) != type_is_optional(b)) return false;
    s->left--;
    if (!old || !new) return !old && !new &&a == b;
    if (old->kind != new->kind) return false;
    if (old->kind == KIND_LIST || old->kind == KIND_MAP) return types_same(s, old->element, new->element, deep);
    if (old->kind == KIND_RECORD && !deep) return true;
    if (old->count != new->count) return false;
    for (uint32_t i = 0; i < old->count; i++) {
        const struct image_field *x = &s->old->fields[old->first + i], *y = &s->new->fields[new->first + i];
        if (!slice_same_text(s->old, x->name, s->new, y->name)) return false;
        if (old->kind == KIND_RECORD && !types_same(s, x->type, y->type, true)) return false;
    }
    return true;
}

bool slice_same_type(const struct image *old, uint16_t a, const struct image *new, uint16_t b, bool deep)
{
    struct sides s = {old, new, SAME_STEPS_MAX};
    return types_same(&s, a, b, deep);
}

/* Returns the next field that is wanted, from `field` on; the number of fields: none. */
static uint32_t field_wanted(const struct image_type *type, uint64_t wanted, uint32_t field)
{
    while (field < type->count && !(wanted & SLICE_WHOLE) && !(wanted & slice_field(field))) field++;
    return field;
}

static bool words_same(struct sides *s, uint16_t type, uint64_t a, uint16_t type_there, uint64_t b);

/* Are two records the same in what is wanted of them? `words`: their fields; NULL: only the fields' types count. */
static bool records_same(struct sides *s, uint16_t a, uint64_t wanted, const uint64_t *words, uint16_t b,
                         uint64_t wanted_there, const uint64_t *words_there)
{
    const struct image_type *old = image_type(s->old, a), *new = image_type(s->new, b);
    uint32_t i = field_wanted(old, wanted, 0), j = field_wanted(new, wanted_there, 0);
    while (i < old->count && j < new->count) {
        const struct image_field *x = &s->old->fields[old->first + i], *y = &s->new->fields[new->first + j];
        if (!slice_same_text(s->old, x->name, s->new, y->name) || !types_same(s, x->type, y->type, true)) return false;
        if (words && !words_same(s, x->type, words[i], y->type, words_there[j])) return false;
        i = field_wanted(old, wanted, i + 1);
        j = field_wanted(new, wanted_there, j + 1);
    }
    return i == old->count && j == new->count;
}

bool slice_same_wanted(const struct image *old, uint16_t a, uint64_t wanted, const struct image *new, uint16_t b,
                       uint64_t wanted_there)
{
    struct sides s = {old, new, SAME_STEPS_MAX};
    const struct image_type *row = image_type(old, a), *there = image_type(new, b);
    if (!row || !there || row->kind != KIND_RECORD || there->kind != KIND_RECORD)
        return (wanted & SLICE_WHOLE) == (wanted_there & SLICE_WHOLE);
    if ((wanted ^ wanted_there) & (SLICE_WHOLE | SLICE_EXISTS)) return false;
    return records_same(&s, a, wanted, NULL, b, wanted_there, NULL);
}

static const struct heap_object *object_at(const struct image *image, uint64_t word)
{
    return (const struct heap_object *)(const void *)(image->data + value_offset(word));
}

static bool objects_same(struct sides *s, uint16_t type, uint64_t a, uint64_t wanted, uint16_t type_there, uint64_t b,
                         uint64_t wanted_there)
{
    if (a == 0 || b == 0) return a == b; /* the object that is empty */
    const struct heap_object *old = object_at(s->old, a), *new = object_at(s->new, b);
    const uint64_t *x = (const uint64_t *)(const void *)(old + 1), *y = (const uint64_t *)(const void *)(new + 1);
    const struct image_type *row = image_type(s->old, type);
    if (row && row->kind == KIND_RECORD) return records_same(s, type, wanted, x, type_there, wanted_there, y);
    if (old->count != new->count) return false;
    if (type_base(type) == TYPE_VALUE)
        return old->count == VALUE_TAG_TEXT ? words_same(s, TYPE_STR, x[0], TYPE_STR, y[0])
                                            : old->count != VALUE_TAG_LIST && x[0] == y[0];
    if (!row) return false;
    bool map = row->kind == KIND_MAP;
    uint16_t element = row->element, there = image_type(s->new, type_there)->element;
    for (uint32_t i = 0; i < old->count; i++) {
        if (map && !words_same(s, TYPE_STR, x[2 * i], TYPE_STR, y[2 * i])) return false;
        uint32_t at = map ? 2 * i + 1 : i;
        if (!words_same(s, element, x[at], there, y[at])) return false;
    }
    return true;
}

static struct text word_text(const struct image *image, const uint64_t *word)
{
    bool inlined = value_where(*word) <= VALUE_INLINE_MAX;
    return (struct text){inlined ? (const char *)word : image->strings + value_offset(*word), value_text_length(*word)};
}

/* The types are the same already. */
static bool words_same(struct sides *s, uint16_t type, uint64_t a, uint16_t type_there, uint64_t b)
{
    if (s->left == 0) return false;
    s->left--;
    if (value_is_none(type, a) || value_is_none(type, b)) return a == b;
    if (type_is_name(type)) return names_same(s, a, b);
    if (type_base(type) == TYPE_STR) return slice_texts_same(word_text(s->old, &a), word_text(s->new, &b));
    if (!type_is_object(s->old, type)) return a == b;
    return objects_same(s, type, a, SLICE_WHOLE, type_there, b, SLICE_WHOLE);
}

bool slice_same_constant(const struct image *old, uint32_t a, uint64_t wanted, const struct image *new, uint32_t b,
                         uint64_t wanted_there)
{
    struct sides s = {old, new, SAME_STEPS_MAX};
    const struct image_constant *x = &old->constants[a], *y = &new->constants[b];
    bool whole = (wanted & SLICE_WHOLE) != 0;
    if (!types_same(&s, x->type, y->type, whole)) return false;
    const struct image_type *row = image_type(old, x->type);
    bool part = row && row->kind == KIND_RECORD && !whole && !(wanted_there & SLICE_WHOLE);
    if (!part || value_is_none(x->type, x->word) || value_is_none(y->type, y->word))
        return words_same(&s, x->type, x->word, y->type, y->word);
    return objects_same(&s, x->type, x->word, wanted, y->type, y->word, wanted_there);
}

bool slice_same_setting(const struct image *old, uint32_t a, const struct image *new, uint32_t b)
{
    const struct image_setting *x = &old->settings[a], *y = &new->settings[b];
    return x->kind == y->kind && slice_same_text(old, x->name, new, y->name) &&
           slice_same_constant(old, x->constant, SLICE_WHOLE, new, y->constant, SLICE_WHOLE);
}

bool slice_same_zone(const struct image *old, uint32_t a, const struct image *new, uint32_t b)
{
    uint32_t words, there;
    const uint32_t *x = slice_table(old, a, &words), *y = slice_table(new, b, &there);
    return words == there && memcmp(x, y, words * sizeof *x) == 0;
}

bool slice_same_measure(const struct image *old, uint32_t a, const struct image *new, uint32_t b)
{
    const struct image_measure *x = &old->measures[a], *y = &new->measures[b];
    if (x->window_us != y->window_us || x->within_us != y->within_us || x->measure != y->measure || x->of != y->of ||
        x->medium != y->medium || (x->zone == IMAGE_NONE) != (y->zone == IMAGE_NONE))
        return false;
    return x->zone == IMAGE_NONE || slice_same_zone(old, x->zone, new, y->zone);
}

bool slice_same_native(const struct image *old, uint32_t a, const struct image *new, uint32_t b)
{
    const struct image_native *x = &old->natives[a], *y = &new->natives[b];
    return slice_same_text(old, x->library, new, y->library) && slice_same_text(old, x->name, new, y->name) &&
           memcmp(x->hash, y->hash, sizeof x->hash) == 0 && x->parameter_count == y->parameter_count;
}

bool slice_same_statement(const struct image *old, uint32_t a, const struct image *new, uint32_t b)
{
    const struct image_statement *x = &old->statements[a], *y = &new->statements[b];
    const struct sides s = {old, new, 0};
    return memcmp(x->hash, y->hash, sizeof x->hash) == 0 && names_same(&s, x->source, y->source);
}

bool slice_same_names(const struct image *old, const struct image *new, uint16_t kind)
{
    uint32_t there = 0;
    for (uint32_t i = 0; i < new->count[SECTION_NAMES]; i++) there += new->names[i].kind == kind;
    for (uint32_t i = 0; i < old->count[SECTION_NAMES]; i++) {
        struct text text = image_text(old, old->names[i].text);
        if (old->names[i].kind != kind) continue;
        if (there-- == 0 || image_name_find(new, kind, text.bytes, text.length) < 0) return false;
    }
    return there == 0;
}

static uint32_t capacity_from(const struct image *image, uint32_t table)
{
    uint32_t count = capacity_table_count(image);
    while (table < count && image_table(image, table)[0] != TABLE_CAPACITY) table++;
    return table < count ? table : SLICE_NONE;
}

static bool capacities_same(const struct image *old, const struct image *new)
{
    uint32_t i = capacity_from(old, 0), j = capacity_from(new, 0);
    while (i != SLICE_NONE && j != SLICE_NONE && slice_same_zone(old, i, new, j)) {
        i = capacity_from(old, i + 1);
        j = capacity_from(new, j + 1);
    }
    return i == SLICE_NONE && j == SLICE_NONE;
}

static bool preferences_same(const struct image *old, const struct image *new)
{
    enum prefer_order a, b;
    const struct prefer_row *x, *y;
    uint32_t count, there;
    const struct sides s = {old, new, 0};
    bool any = prefer_read(old, &a, &x, &count);
    if (any != prefer_read(new, &b, &y, &there)) return false;
    if (any && (a != b || count != there)) return false;
    for (uint32_t i = 0; any && i < count; i++) {
        uint32_t j = 0;
        while (j < there && !(x[i].name == y[j].name && x[i].name == PREFER_OTHERS) &&
               (x[i].name == PREFER_OTHERS || y[j].name == PREFER_OTHERS || !names_same(&s, x[i].name, y[j].name)))
            j++;
        if (j == there || x[i].rank != y[j].rank || x[i].delay_ms != y[j].delay_ms) return false;
    }
    return true;
}

bool slice_same_site(const struct image *old, const struct image *new)
{
    return capacities_same(old, new) && preferences_same(old, new);
}
