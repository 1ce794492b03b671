/* runtime/core/statistics/definition_row.c - Answers questions about a definition from the table of statistics.
 *
 * The table is included once per question, with the macro for that question defined; its other lines expand to
 * nothing. */
#include "runtime/core/statistics/definition.h"

#include <assert.h>

#include "runtime/core/statistics/subjects.h"

static_assert(MEASURES <= 64, "fed.h has a bit for each");
static_assert(MEASURED_ALL == AGENT + GROUP + VQ + QUEUE + PLACE + STRATEGY + CAMPAIGN,
              "each object is asked for below");
#define OF AGENT
#include "runtime/core/statistics/fed.h"
#define OF GROUP
#include "runtime/core/statistics/fed.h"
#define OF VQ
#include "runtime/core/statistics/fed.h"
#define OF QUEUE
#include "runtime/core/statistics/fed.h"
#define OF PLACE
#include "runtime/core/statistics/fed.h"
#define OF STRATEGY
#include "runtime/core/statistics/fed.h"
#define OF CAMPAIGN
#include "runtime/core/statistics/fed.h"

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
