/* compiler/language/measures.h - The table of base measures (vm/measures.def), and of whom each is measured. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "compiler/language/types.h"
#include "vm/measure.h"

struct measure {
    const char *name;
    enum measure_number number;
    uint32_t objects; /* a set of enum measured_of */
    enum lang_type unit;
    bool windowed;
    uint32_t filters; /* a set of enum measure_filter */
    const char *doc;
};

extern const struct measure measures[];
extern const uint32_t measure_count;

const struct measure *measure_named(const char *name); /* the measure of that name; NULL: there is none */
/* Returns the nearest name of a measure that any of `objects` has; NULL: none is near. */
const char *measure_near(const char *name, uint32_t objects);
/* Returns the bit of enum measured_of for a type of objects that have measures; 0 for any other type. */
uint32_t measure_object_bit(enum lang_type);
