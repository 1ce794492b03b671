/* runtime/core/statistics/fed.h - Fails to compile if a measure has no source for an object, or more than one.
 *
 * A file that includes this table defines OF, the object, and includes it once per object. */
// clang-format off
static_assert((UINT64_C(0)
#define MEASURE(name, objects, unit, when, filters, doc) | ((objects) & (OF) ? UINT64_C(1) << MEASURE_ID_##name : 0)
#include "vm/measures.def"
                   ) == (UINT64_C(0)
#define SOURCE(measure, objects)             | ((objects) & (OF) ? UINT64_C(1) << MEASURE_ID_##measure : 0)
#define COUNTED(measure, objects, fact, amount) SOURCE(measure, objects)
#define LASTED(measure, objects, level)      SOURCE(measure, objects)
#define LEVEL(measure, objects, level)       SOURCE(measure, objects)
#define ACD(measure, way, amount)            SOURCE(measure, QUEUE)
#define PASSED(measure, fact)                SOURCE(measure, STRATEGY)
#define CALLED(measure, fact, amount)        SOURCE(measure, CAMPAIGN)
#define SERVES(measure, level)               SOURCE(measure, VQ)
#define NEVER(measure, objects)              SOURCE(measure, objects)
#define ASKED(measure, objects)              SOURCE(measure, objects)
#include "runtime/core/statistics/statistics.def"
                        ),
              "a measure of vm/measures.def has no row in statistics.def for this object, or a row too much");
#undef SOURCE
#undef OF
// clang-format on
