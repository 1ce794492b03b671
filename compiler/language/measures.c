/* compiler/language/measures.c - vm/measures.def as data. */
#include "compiler/language/measures.h"

#include <stddef.h>
#include <string.h>

#include "runtime/vocabulary/near.h"

#define AGENT         MEASURED_AGENT
#define GROUP         MEASURED_GROUP
#define VQ            MEASURED_VQ
#define QUEUE         MEASURED_QUEUE
#define MEDIUM        MEASURED_MEDIUM
#define WITHIN        MEASURED_WITHIN
#define UNIT_COUNT    LANG_INT
#define UNIT_DURATION LANG_DURATION
#define UNIT_PERCENT  LANG_PERCENT
#define WHEN_OVER     true
#define WHEN_NOW      false

const struct measure measures[] = {
#define MEASURE(name, objects, unit, when, filters, doc)                                                               \
    {#name, MEASURE_ID_##name, objects, UNIT_##unit, WHEN_##when, filters, doc},
#include "vm/measures.def"
#undef MEASURE
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
    for (uint32_t i = 0; i < measure_count; i++) {
        uint32_t distance = measures[i].objects & objects ? name_distance(name, measures[i].name) : UINT32_MAX;
        if (distance >= least) continue;
        least = distance;
        nearest = measures[i].name;
    }
    return nearest;
}

uint32_t measured_of(enum lang_type kind)
{
    switch (kind) {
    case LANG_AGENT:
        return MEASURED_AGENT;
    case LANG_GROUP:
        return MEASURED_GROUP;
    case LANG_VQ:
        return MEASURED_VQ;
    case LANG_QUEUE:
        return MEASURED_QUEUE;
    default:
        return 0;
    }
}

const char *measured_word(uint32_t objects)
{
    return objects & MEASURED_AGENT   ? "agent"
           : objects & MEASURED_GROUP ? "group"
           : objects & MEASURED_VQ    ? "vq"
           : objects & MEASURED_QUEUE ? "queue"
                                      : NULL;
}
