/* runtime/scenario/table.h - scenario.def as data: the fields of each struct, with their offsets and allowed values.
 *
 * For code that handles all structs alike: the codec, and tests that read and print scenarios. */
#pragma once

#include "runtime/scenario/scenario.h"

enum scenario_type { FIELD_TEXT, FIELD_WORD, FIELD_NUMBER, FIELD_REAL, FIELD_VALUE, FIELD_LIST, FIELD_ONE };
enum scenario_need { NEED_ANY, NEED_MAY, NEED_MUST };
enum scenario_kind { KIND_EITHER, KIND_OBJECT, KIND_ARRAY };

struct scenario_words {
    const char *const *words;
    size_t count;
};

struct scenario_field {
    const char *name;
    enum scenario_type type;
    enum scenario_need need;
    enum scenario_kind kind;   /* FIELD_VALUE: the allowed kind of JSON */
    enum scenario_shape shape; /* FIELD_LIST, FIELD_ONE: the struct of the rows */
    size_t at, size;           /* offset and size in the struct; a number has 1 (a flag), 4 or 8 bytes */
    size_t count_at;           /* FIELD_LIST: offset of the list's count in the struct */
    uint64_t most, absent;
    const char *text; /* FIELD_TEXT, FIELD_WORD: the value of an absent field */
    struct scenario_words words;
};

struct scenario_row {
    const char *name;
    size_t size;
    const struct scenario_field *fields;
    size_t count;
};

struct scenario_act {
    const char *name; /* "agent" */
    enum scenario_shape shape;
    bool own; /* the act is allowed within an arrival's braces */
};

extern const struct scenario_row scenario_rows[SHAPES];
extern const struct scenario_act scenario_acts[ITEM_KINDS];
