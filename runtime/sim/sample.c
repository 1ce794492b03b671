/* runtime/sim/sample.c - One of each type: 1, "x", true; of what may be none, nothing. */
#include "runtime/sim/sample.h"

#include <stdio.h>

enum { DEPTH_MAX = 8 };

static json_t *sample_record(const struct image *, uint16_t type, unsigned depth);

static json_t *sample_plain(const struct image *image, uint16_t type, unsigned depth)
{
    if (type_is_list(image, type)) return json_array();
    if (type_is_map(image, type)) return json_object();
    if (type_is_enum(image, type)) {
        struct text name = image_field_name(image, type, 0);
        return json_stringn(name.bytes, name.length);
    }
    switch (type) {
    case TYPE_INT:
    case TYPE_DURATION:
    case TYPE_TIME:
    case TYPE_DATE:
    case TYPE_PERCENT:
        return json_integer(1);
    case TYPE_FLOAT:
        return json_real(1);
    case TYPE_BOOL:
        return json_true();
    case TYPE_STR:
        return json_string("x");
    default:
        return type >= TYPE_OWN && type_is_record(image, type) ? sample_record(image, type, depth + 1) : NULL;
    }
}

static json_t *sample_record(const struct image *image, uint16_t type, unsigned depth)
{
    json_t *object = depth > DEPTH_MAX ? NULL : json_object();
    for (uint32_t at = 0; object && at < image_field_count(image, type); at++) {
        uint16_t field = image_field_type(image, type, at);
        if (type_is_optional(field)) continue;
        struct text name = image_field_name(image, type, at);
        json_t *value = sample_plain(image, field, depth);
        char key[256];
        (void)snprintf(key, sizeof key, "%.*s", (int)name.length, name.bytes);
        if (!value || json_object_set_new(object, key, value) != 0) {
            json_decref(object);
            object = NULL;
        }
    }
    return object;
}

json_t *sample_payload(const struct image *image, const struct image_handler *handler)
{
    if (image_function(image, handler->function)->parameters == 0) return json_object();
    return sample_record(image, type_base(image_register(image, handler->function, 0)), 0);
}
