/* runtime/debugger/graft.c - Takes values out of one machine and puts them into another.
 *
 *     skill Sales, Tier.gold      the name, which is looked up in the other image
 *     a text                      its bytes
 *     a list, map or record       its parts; a record's by the names of their fields, and the record has its type's
 *     a number                    the word itself
 */
#include "runtime/debugger/graft.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "vm/block.h"
#include "vm/look.h"

struct graft {
    enum graft_kind { GRAFT_NONE, GRAFT_WORD, GRAFT_TEXT, GRAFT_NAME, GRAFT_LIST, GRAFT_MAP, GRAFT_RECORD } kind;
    uint64_t word;   /* value of a number */
    char *text;      /* a text, or the text of a name; owned; NULL: neither */
    uint32_t length; /* bytes of `text` */
    char *key;       /* what the part is called in its map or record; owned; NULL: nothing */
    uint32_t key_length;
    struct graft **parts; /* owned */
    uint32_t count;
};

enum { GRAFT_OBJECT_BYTES = 8, GRAFT_TEXT_BYTES = 16 };

static char *graft_copy(struct text text, uint32_t *length)
{
    char *copy = memory_grown(NULL, (size_t)text.length + 1, 1);
    if (text.length > 0) memcpy(copy, text.bytes, text.length);
    copy[text.length] = '\0';
    *length = text.length;
    return copy;
}

/* Takes the part, and adds it under its name. False: the part has no meaning on another machine. */
static bool graft_add(struct graft *g, const struct values *v, struct text key, uint16_t type, uint64_t word)
{
    struct graft *part = graft_take(v, type, word);
    if (!part) return false;
    part->key = graft_copy(key, &part->key_length);
    g->parts = memory_grown(g->parts, (size_t)g->count + 1, sizeof(struct graft *));
    g->parts[g->count++] = part;
    return true;
}

static bool graft_take_list(struct graft *g, const struct values *v, uint16_t type, uint64_t word)
{
    const uint32_t count = block_count(v->image, v->block, word);
    const uint16_t element = image_element(v->image, type);
    bool map = type_is_map(v->image, type), good = true;
    g->kind = map ? GRAFT_MAP : GRAFT_LIST;
    for (uint32_t i = 0; good && i < count; i++) {
        uint64_t key = 0, value = 0;
        char inlined[8];
        if (map)
            block_pair(v->image, v->block, word, i, &key, &value);
        else
            value = block_element(v->image, v->block, word, i);
        struct text name = map ? block_text(v->image, v->block, key, inlined) : (struct text){"", 0};
        good = graft_add(g, v, name, element, value);
    }
    return good;
}

static bool graft_take_record(struct graft *g, const struct values *v, uint16_t type, uint64_t word)
{
    const struct image_type *row = image_type(v->image, type);
    bool good = row != NULL;
    g->kind = GRAFT_RECORD;
    if (good) g->text = graft_copy(image_text(v->image, row->name), &g->length);
    for (uint32_t i = 0; good && i < image_field_count(v->image, type); i++)
        good = !image_field_secret(v->image, type, i) &&
               graft_add(g, v, image_field_name(v->image, type, i), image_field_type(v->image, type, i),
                         block_field(v->image, v->block, word, i));
    return good;
}

static bool graft_take_name(struct graft *g, const struct image *image, uint16_t type, uint64_t word)
{
    g->kind = GRAFT_NAME;
    if (type_is_name(type) && word < image_count(image, SECTION_NAMES))
        g->text = graft_copy(image_text(image, image_name(image, (uint32_t)word)->text), &g->length);
    else if (!type_is_name(type) && word < image_type(image, type_base(type))->count)
        g->text = graft_copy(image_field_name(image, type, (uint32_t)word), &g->length);
    return g->text != NULL;
}

struct graft *graft_take(const struct values *v, uint16_t type, uint64_t word)
{
    const uint16_t base = type_base(type);
    struct graft *g = memory_zeroed(1, sizeof *g);
    char inlined[8];
    bool good = true;
    if (type_is_optional(type) && value_is_none(type, word)) {
        g->kind = GRAFT_NONE;
    } else if (base == TYPE_STR) {
        g->kind = GRAFT_TEXT;
        g->text = graft_copy(block_text(v->image, v->block, word, inlined), &g->length);
    } else if (type_is_name(type) || type_is_enum(v->image, type)) {
        good = graft_take_name(g, v->image, type, word);
    } else if (type_is_list(v->image, type) || type_is_map(v->image, type)) {
        good = graft_take_list(g, v, type, word);
    } else if (base >= TYPE_OWN && type_is_record(v->image, type)) {
        good = graft_take_record(g, v, type, word);
    } else {
        g->kind = GRAFT_WORD;
        g->word = word;
        good = !type_is_object(v->image, type) && base != TYPE_TARGET && base != TYPE_AGENT;
    }
    if (good) return g;
    graft_free(g);
    return NULL;
}

void graft_free(struct graft *g)
{
    if (!g) return;
    for (uint32_t i = 0; i < g->count; i++) graft_free(g->parts[i]);
    free(g->parts);
    free(g->text);
    free(g->key);
    free(g);
}

uint32_t graft_bytes(const struct graft *g)
{
    uint64_t bytes = 0;
    if (g->kind == GRAFT_TEXT) bytes = (uint64_t)g->length + GRAFT_TEXT_BYTES;
    if (g->kind >= GRAFT_LIST) bytes = GRAFT_OBJECT_BYTES + 16 * (uint64_t)g->count;
    for (uint32_t i = 0; i < g->count; i++)
        bytes += (uint64_t)graft_bytes(g->parts[i]) + g->parts[i]->key_length + GRAFT_TEXT_BYTES;
    return bytes < BLOCK_BYTES_MAX ? (uint32_t)bytes : BLOCK_BYTES_MAX + 1;
}

static bool graft_put_name(const struct graft *g, const struct image *image, uint16_t type, uint64_t *word)
{
    int32_t found = type_is_name(type)          ? image_name_find(image, type_base(type), g->text, g->length)
                    : type_is_enum(image, type) ? image_field_find(image, type_base(type), g->text, g->length)
                                                : -1;
    *word = (uint64_t)found;
    return found >= 0;
}

static bool graft_put_record(const struct graft *g, const struct image *image, struct vm *vm, uint16_t type,
                             uint64_t *word)
{
    if (type_base(type) < TYPE_OWN || !type_is_record(image, type) || image_field_count(image, type) != g->count)
        return false;
    uint64_t *words = memory_zeroed((size_t)g->count + 1, sizeof *words);
    bool good = true;
    for (uint32_t i = 0; good && i < g->count; i++) {
        const struct graft *part = g->parts[i];
        int32_t field = image_field_find(image, type_base(type), part->key, part->key_length);
        good = field >= 0 &&
               graft_put(part, image, vm, image_field_type(image, type, (uint32_t)field), &words[(uint32_t)field]);
    }
    good = good && vm_look_record(vm, type, words, g->count, word);
    free(words);
    return good;
}

static bool graft_put_list(const struct graft *g, const struct image *image, struct vm *vm, uint16_t type,
                           uint64_t *word)
{
    bool map = g->kind == GRAFT_MAP, good = map ? type_is_map(image, type) : type_is_list(image, type);
    uint64_t *words = memory_zeroed(2 * (size_t)g->count + 1, sizeof *words);
    const uint16_t element = good ? image_element(image, type) : TYPE_VOID;
    for (uint32_t i = 0; good && i < g->count; i++) {
        const struct graft *part = g->parts[i];
        good = !map || vm_look_text(vm, part->key, part->key_length, &words[2 * i]);
        good = good && graft_put(part, image, vm, element, &words[map ? 2 * i + 1 : i]);
    }
    good = good && (map ? vm_look_map(vm, type, words, g->count, word) : vm_look_list(vm, type, words, g->count, word));
    free(words);
    return good;
}

bool graft_put(const struct graft *g, const struct image *image, struct vm *vm, uint16_t type, uint64_t *word)
{
    switch (g->kind) {
    case GRAFT_NONE:
        *word = value_none(type);
        return type_is_optional(type);
    case GRAFT_TEXT:
        return type_base(type) == TYPE_STR && vm_look_text(vm, g->text, g->length, word);
    case GRAFT_NAME:
        return graft_put_name(g, image, type, word);
    case GRAFT_LIST:
    case GRAFT_MAP:
        return graft_put_list(g, image, vm, type, word);
    case GRAFT_RECORD:
        return graft_put_record(g, image, vm, type, word);
    case GRAFT_WORD:
    default:
        *word = g->word;
        return !type_is_object(image, type) && type_base(type) != TYPE_STR;
    }
}
