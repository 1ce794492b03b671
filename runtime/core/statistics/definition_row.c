/* runtime/core/statistics/definition_row.c - The table of statistics as questions about a definition. */
#include "runtime/core/statistics/definition.h"
#include "runtime/core/statistics/level.h"
#include "runtime/core/statistics/subjects.h"

bool definition_serves(const struct definition *definition)
{
#define SERVES(name, level)                                                                                            \
    if (definition->measure == MEASURE_ID_##name && definition->of == MEASURED_VQ) return true;
#include "runtime/core/statistics/statistics.def"
    return false;
}

int definition_level(uint16_t measure)
{
    switch (measure) {
#define LASTED(measure, objects, level)                                                                                \
    case MEASURE_ID_##measure:                                                                                         \
        return LEVEL_##level;
#define LEVEL(measure, objects, level) LASTED(measure, objects, level)
#include "runtime/core/statistics/statistics.def"
    default:
        return -1;
    }
}
