/* vm/verify_refuse.c - The basic functions of the verifier: refuse an image, and read rows that were checked before.
 *
 * A refusal names what is wrong: `not a good image: a register has no such type`, with the offset in the file. */
#include "vm/verify.h"

#include <stdarg.h>
#include <stdio.h>

static uint32_t verify_offset(const struct verify *v, const void *at)
{
    return (uint32_t)((const uint8_t *)at - v->image->bytes);
}

bool verify_refuse(struct verify *v, const void *at, enum image_rule rule)
{
    return image_refuse(v->error, ERROR_INPUT, verify_offset(v, at), rule);
}

bool verify_refuse_of(struct verify *v, const void *at, enum image_rule rule, const char *format, ...)
{
    char of[160];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(of, sizeof of, format, arguments);
    va_end(arguments);
    return error_at(v->error, ERROR_INPUT, verify_offset(v, at), "not a good image: %s: %s", of, image_rule_text(rule));
}

uint16_t verify_register(const struct verify *v, const struct image_function *function, uint32_t reg)
{
    return reg < function->register_count ? v->image->registers[function->registers + reg] : (uint16_t)TYPE_VOID;
}

static const struct image_slot *verify_slot_of(const struct verify *v, const struct image_function *function,
                                               uint32_t slot)
{
    const struct image *image = v->image;
    if (!image->count[SECTION_STRATEGIES]) return NULL;
    const struct image_strategy *strategy =
        &image->strategies[function->strategy == IMAGE_NONE ? 0 : function->strategy];
    uint32_t count = function->strategy == IMAGE_NONE ? strategy->common : image_slot_count(strategy);
    return slot < count ? image_slot(image, strategy, slot) : NULL;
}

uint16_t verify_slot(const struct verify *v, const struct image_function *function, uint32_t slot)
{
    const struct image_slot *row = verify_slot_of(v, function, slot);
    return row ? row->type : (uint16_t)TYPE_VOID;
}

bool verify_is_parameter(const struct verify *v, const struct image_function *function, uint32_t slot)
{
    return verify_slot_of(v, function, slot)->parameter != 0;
}

bool verify_text(struct verify *v, const struct image_text *text)
{
    uint32_t size = v->image->count[SECTION_STRINGS];
    if (text->offset > size || text->length > size - text->offset || text->length > VALUE_TEXT_MAX)
        return verify_refuse(v, text, RULE_TEXT_PLACE);
    const char *strings = v->image->strings;
    bool inside = (text->offset < size && (strings[text->offset] & 0xc0) == 0x80) ||
                  (text->offset + text->length < size && (strings[text->offset + text->length] & 0xc0) == 0x80);
    return inside ? verify_refuse(v, text, RULE_TEXT_CUT) : true;
}
