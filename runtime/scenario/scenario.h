/* runtime/scenario/scenario.h - The tests of an image: their structs, and the codec that writes and reads them.
 *
 * The compiler fills the structs and writes them; a simulator reads them. All structs come from scenario.def. A row
 * owns its lists and its values; its texts are borrowed from the compiler's arena, or from the scenario that was
 * read. */
#pragma once

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "runtime/scenario/limits.h"
#include "base/error.h"

/* Value of a time that the test does not give. */
#define SCENARIO_NEVER UINT64_MAX

struct scenario_item;

/* clang-format off */
#define BEGIN(name) struct scenario_##name {
#define END(name)                                                                                                      \
    }                                                                                                                  \
    ;
/* clang-format on */
#define TEXT(of, field, need, most, absent) const char *field;
#define WORD(of, field, words, absent)      const char *field;
#define FLAG(of, field)                     bool field;
#define U32(of, field, most, absent)        uint32_t field;
#define U64(of, field, most, absent)        uint64_t field;
#define I64(of, field, most, absent)        int64_t field;
#define REAL(of, field)                     double field;
#define VALUE(of, field, need, kind)        json_t *field;
#define LIST(of, field, what, most)                                                                                    \
    struct scenario_##what *field;                                                                                     \
    size_t count;
#define ONE(of, field, what) struct scenario_##what *field;
#include "runtime/scenario/scenario.def"

enum item_kind {
#define ACT(KIND, what, place) ITEM_##KIND,
#define ALSO                   ACT
#include "runtime/scenario/scenario.def"
};

enum {
    ITEM_KINDS = 0
#define ACT(KIND, what, place) +1
#define ALSO                   ACT
#include "runtime/scenario/scenario.def"
};

/* One line of a test. */
struct scenario_item {
    enum item_kind kind;
    uint64_t at_us; /* time since the test began; within an arrival: since it arrived */
    uint32_t line;
    union {
#define ACT(KIND, what, place) struct scenario_##what what;
#define ALSO(KIND, what, place)
#include "runtime/scenario/scenario.def"
    };
};

struct scenario {
    void *bytes; /* the texts */
    struct scenario_test *tests;
    size_t count;
};

/* There is one value for each struct that a LIST or ACT names. */
enum scenario_shape {
#define STRUCT(name) SHAPE_##name,
#include "runtime/scenario/scenario.def"
    SHAPE_item,
    SHAPES
};

/* Returns a line of that kind with all fields absent. */
struct scenario_item scenario_item(enum item_kind);
/* Adds a row with all fields absent to a list; returns the row. The row is valid until the next one is added. */
void *scenario_add(enum scenario_shape, void *list, size_t *count);
/* Like scenario_add for the first row; for a struct outside a list. */
void scenario_blank(enum scenario_shape, void *row);
/* True: the two rows have the same values. */
bool scenario_equal(enum scenario_shape, const void *row, const void *other);
/* Frees what the row owns, but not the row. */
void scenario_clear(enum scenario_shape, void *row);

/* A section that is being written. Begin with {0}; the caller frees `bytes`. */
struct scenario_section {
    uint8_t *bytes;
    size_t length, capacity;
};

/* Appends the test; before the first test, the number of the layout. The rows are written unchecked: the reader
 * checks them. */
void scenario_write(struct scenario_section *, const struct scenario_test *);
/* Reads a section, which may come from anybody. An empty section has no tests. NULL with the reason, which names the
 * test, the line and the field. */
struct scenario *scenario_read(const void *bytes, size_t length, struct error *);
void scenario_free(struct scenario *);
