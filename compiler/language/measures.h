/* compiler/language/measures.h - The table of base measures (vm/measures.def), with the kinds of objects that have
 * each measure. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "compiler/language/types.h"
#include "vm/measure.h"

struct measure {
    const char *name;
    enum measure_number number;
    uint32_t objects; /* a set of enum measured_of: the kinds of objects that have the measure */
    enum lang_type unit;
    bool windowed;
    uint32_t filters; /* a set of enum measure_filter: the arguments that the measure allows */
    const char *doc;
};

extern const struct measure measures[];
extern const uint32_t measure_count;

const struct measure *measure_named(const char *name); /* returns the measure of that name; NULL: there is none */
/* Returns the nearest name of a measure that one of `objects` has; NULL: no name is near. */
const char *measure_near(const char *name, uint32_t objects);
/* Returns the bit of enum measured_of for a type of objects that have measures; 0 for any other type. */
uint32_t measure_object_bit(enum lang_type);
