/* vm/measure.h - The base measures as numbers and rows (measures.def), and the kinds of objects that are measured. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

/* MEASURE_ID_offered, ... */
enum measure_number {
#define MEASURE(name, objects, unit, when, filters, doc) MEASURE_ID_##name,
#include "vm/measures.def"
    MEASURES
};

/* Rows of images made for tests: the value that a test sets for a statistic of the site, for an object. The row's
 * `within_us` is the statistic's name, a row number of SECTION_NAMES. The first kind says whether a test has set a
 * value: enum given_how. The other kinds give the value, in its unit. */
enum measure_given { MEASURE_GIVEN = 0x100, MEASURE_GIVEN_COUNT, MEASURE_GIVEN_DURATION, MEASURE_GIVEN_PERCENT };

enum given_how { GIVEN_NOT, GIVEN_NONE, GIVEN_VALUE };

/* MEASURED_AGENT, ... */
enum measured_of {
#define MEASURED(name, number, word) MEASURED_##name = number,
#include "vm/measured.def"
    MEASURED_ALL = 0
#define MEASURED(name, number, word) +number
#include "vm/measured.def"
};

/* How a measure can be restricted; MEASURED_KNOWN is no restriction: it says that the core's 0 means unknown, and
 * strategies get none. */
enum measure_filter { MEASURED_MEDIUM = 1, MEASURED_WITHIN = 2, MEASURED_KNOWN = 4 };

/* The longest and the shortest window of a measure over a period. */
#define MEASURE_OVER_MIN_US INT64_C(1000000)
#define MEASURE_OVER_MAX_US (INT64_C(31) * 86400 * 1000000)
/* The window since the agent's login, for agents only. */
#define MEASURE_SINCE_LOGIN INT64_MIN

struct measure_row {
    const char *name;
    uint8_t objects; /* a set of enum measured_of: the objects that can be measured so */
    uint16_t unit;   /* TYPE_INT, TYPE_DURATION, TYPE_PERCENT */
    bool windowed;
    uint8_t filters; /* a set of enum measure_filter: how the measure can be restricted */
    const char *doc;
};
const struct measure_row *measure_numbered(uint32_t number); /* NULL: there is none */
/* TYPE_AGENT and so on, for a single bit; else TYPE_VOID */
uint16_t measure_object_type(uint32_t of);
/* the word for the first member of a set, such as "vq"; NULL: it is empty */
const char *measure_object_word(uint32_t objects);
