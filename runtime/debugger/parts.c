/* runtime/debugger/parts.c - Reads the parts of lists, maps and records. */
#include "runtime/debugger/parts.h"

#include "vm/block.h"

static bool parts_are_fields(const struct image *image, uint16_t type)
{
    return type_is_record(image, type) && type_base(type) != TYPE_BLOB;
}

uint32_t parts_count(const struct values *v, uint16_t type, uint64_t word)
{
    if (type_is_optional(type) && value_is_none(type, word)) return 0;
    if (type_is_list(v->image, type) || type_is_map(v->image, type)) return block_count(v->image, v->block, word);
    return parts_are_fields(v->image, type) ? image_field_count(v->image, type) : 0;
}

bool parts_have_index(const struct image *image, uint16_t type)
{
    return type_is_list(image, type);
}

bool parts_at(const struct values *v, uint16_t type, uint64_t word, uint32_t index, struct part *part)
{
    uint64_t key;
    if (index >= parts_count(v, type, word)) return false;
    *part = (struct part){.name = {"", 0}};
    if (type_is_list(v->image, type)) {
        part->type = image_element(v->image, type);
        part->word = block_element(v->image, v->block, word, index);
    } else if (type_is_map(v->image, type)) {
        part->type = image_element(v->image, type);
        block_pair(v->image, v->block, word, index, &key, &part->word);
        part->name = block_text(v->image, v->block, key, part->inlined);
    } else {
        part->name = image_field_name(v->image, type, index);
        part->type = image_field_type(v->image, type, index);
        part->word = block_field(v->image, v->block, word, index);
        part->secret = image_field_secret(v->image, type, index);
    }
    return true;
}
