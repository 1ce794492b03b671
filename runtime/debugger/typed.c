/* runtime/debugger/typed.c - Writes JSON of user data by its declared type.
 *
 *     90000000, duration              1m30s
 *     {"d": 90000000}, record R       R(d: 1m30s)
 *     [90000000], list<duration>      [1m30s]
 *
 * Messages carry durations, times and percentages as whole numbers, and records as objects; only the program knows
 * what they are. */
#include "runtime/debugger/typed.h"

#include <string.h>

#include "runtime/vocabulary/vocabulary.h"
#include "vm/show.h"

uint16_t typed_key(const struct image *image, const char *key)
{
    const struct attribute *attribute = attribute_named(key, (uint32_t)strlen(key));
    if (attribute) return attribute->type;
    for (uint32_t i = 0; i < image_count(image, SECTION_STRATEGIES); i++) {
        const struct image_strategy *strategy = image_strategy(image, i);
        int32_t slot = image_slot_find(image, strategy, key, (uint32_t)strlen(key));
        if (slot >= 0) return image_slot(image, strategy, (uint32_t)slot)->type;
    }
    return TYPE_VOID;
}

bool typed_has_unit(uint16_t base)
{
    return base == TYPE_DURATION || base == TYPE_TIME || base == TYPE_PERCENT || base == TYPE_DATE ||
           base == TYPE_CLOCK;
}

static void typed_put_unit(const struct values *v, uint16_t type, uint64_t word, FILE *out)
{
    char text[128];
    uint32_t length = vm_show(v->vm, NULL, v->image, type, word, text, sizeof text);
    fprintf(out, "%.*s", (int)(length < sizeof text ? length : sizeof text), text);
}

static void typed_put_record(const struct values *v, uint16_t type, const json_t *value, bool reveals, FILE *out)
{
    struct text name = image_text(v->image, image_type(v->image, type)->name);
    fprintf(out, "%.*s(", (int)name.length, name.bytes);
    for (uint32_t i = 0; i < image_field_count(v->image, type); i++) {
        struct text field = image_field_name(v->image, type, i);
        const json_t *one = json_object_getn(value, field.bytes, field.length);
        fprintf(out, "%s%.*s: ", i > 0 ? ", " : "", (int)field.length, field.bytes);
        if (image_field_secret(v->image, type, i) && !reveals)
            fputs("***", out);
        else if (!one)
            fputs("none", out);
        else
            typed_put(v, image_field_type(v->image, type, i), one, reveals, out);
    }
    fputc(')', out);
}

static void typed_put_list(const struct values *v, uint16_t type, const json_t *value, bool reveals, FILE *out)
{
    uint16_t element = image_element(v->image, type);
    size_t i;
    json_t *one;
    fputc('[', out);
    json_array_foreach(value, i, one)
    {
        if (i > 0) fputs(", ", out);
        typed_put(v, element, one, reveals, out);
    }
    fputc(']', out);
}

static void typed_put_map(const struct values *v, uint16_t type, const json_t *value, bool reveals, FILE *out)
{
    uint16_t element = image_element(v->image, type);
    const char *key, *between = "";
    json_t *one;
    fputc('[', out);
    json_object_foreach((json_t *)(uintptr_t)value, key, one)
    {
        json_t *text = json_string(key);
        fputs(between, out);
        (void)json_dumpf(text, out, JSON_ENCODE_ANY);
        fputs(": ", out);
        typed_put(v, element, one, reveals, out);
        json_decref(text);
        between = ", ";
    }
    fputs(*between ? "]" : ":]", out);
}

void typed_put(const struct values *v, uint16_t type, const json_t *value, bool reveals, FILE *out)
{
    uint16_t base = type_base(type);
    if (json_is_null(value))
        fputs("none", out);
    else if (json_is_integer(value) && typed_has_unit(base))
        typed_put_unit(v, type & (uint16_t)~TYPE_OPTIONAL, (uint64_t)json_integer_value(value), out);
    else if (json_is_array(value) && type_is_list(v->image, type))
        typed_put_list(v, type, value, reveals, out);
    else if (json_is_object(value) && type_is_map(v->image, type))
        typed_put_map(v, type, value, reveals, out);
    else if (json_is_object(value) && base != TYPE_BLOB && type_is_record(v->image, type) && image_type(v->image, type))
        typed_put_record(v, type, value, reveals, out);
    else
        (void)json_dumpf(value, out, JSON_ENCODE_ANY);
}
