/* compiler/language/measures.c - The table of measures, made from vm/measures.def. */
#include "compiler/language/measures.h"

#include <stddef.h>
#include <string.h>

#include "base/near.h"

/* The kinds of objects, with the names that measures.def uses. */
enum {
#define MEASURED(name, number, word) name = number,
#include "vm/measured.def"
};
#define MEDIUM        MEASURED_MEDIUM
#define WITHIN        MEASURED_WITHIN
#define KNOWN         MEASURED_KNOWN
#define UNIT_COUNT    LANG_INT
#define UNIT_DURATION LANG_DURATION
#define UNIT_PERCENT  LANG_PERCENT
#define WHEN_OVER     true
#define WHEN_NOW      false

const struct measure measures[] = {
#define MEASURE(name, objects, unit, when, filters, doc)                                                               \
    {#name, MEASURE_ID_##name, objects, UNIT_##unit, WHEN_##when, filters, doc},
#include "vm/measures.def"
};
const uint32_t measure_count = sizeof measures / sizeof *measures;

const struct measure *measure_named(const char *name)
{
    for (uint32_t i = 0; i < measure_count; i++)
        if (!strcmp(measures[i].name, name)) return &measures[i];
    return NULL;
}

const char *measure_near(const char *name, uint32_t objects)
{
    const char *nearest = NULL;
    uint32_t least = UINT32_MAX;
    for (uint32_t i = 0; i < measure_count; i++)
        if (measures[i].objects & objects && near_is_nearer(name, measures[i].name, &least)) nearest = measures[i].name;
    return nearest;
}

uint32_t measure_object_bit(enum lang_type kind)
{
#define MEASURED(name, number, word)                                                                                   \
    if (kind == LANG_##name) return number;
#include "vm/measured.def"
    return 0;
}
