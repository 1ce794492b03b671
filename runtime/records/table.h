/* runtime/records/table.h - The tables of records.def as data, and the values of their rows. */
#pragma once

#include <stdint.h>

#include "runtime/vocabulary/kv.h"
#include "base/out.h"

enum {
    COLUMNS_MAX = 24,
    COMMON_COLUMNS = 3, /* the columns that all tables have: the rows COMMON of records.def */
};

/* TABLE_interactions, ...; those behind TABLES are told to web hooks alone, and no database has them. */
enum table_name {
#define TABLE(name, doc) TABLE_##name,
#include "runtime/records/records.def"
    TABLES,
    TABLE_before_events = TABLES - 1,
#define TABLE(name, doc) TABLE_##name,
#include "runtime/records/events.def"
    TABLES_TOLD
};

/* interactions_ixn, ...: indexes of columns in a row */
/* clang-format off */
#define TABLE(name, doc) enum name##_column {
#define COLUMN(table, column, type, doc) table##_##column,
#define END_TABLE(name) name##_COLUMNS };
#include "runtime/records/records.def"
#define TABLE(name, doc) enum name##_column {
#define COLUMN(table, column, type, doc) table##_##column,
#define END_TABLE(name) name##_COLUMNS };
#include "runtime/records/events.def"
/* clang-format on */

enum column_type {
    COLUMN_IXN,
    COLUMN_CONN,
    COLUMN_TEXT,
    COLUMN_INT,
    COLUMN_MS,
    COLUMN_TIME,
    COLUMN_QUARTER,
    COLUMN_JSON,
    COLUMN_TYPES
};

struct record_column {
    const char *name;
    enum column_type type;
};

struct record_table {
    const char *name;
    const struct record_column *columns;
    unsigned count;
};
extern const struct record_table record_tables[TABLES_TOLD];

enum value_kind { VALUE_IS_NULL, VALUE_IS_NUMBER, VALUE_IS_TEXT, VALUE_IS_MOMENT };

/* The value of one column. A text is borrowed during the call that passes the row. */
struct record_value {
    enum value_kind kind;
    int64_t number; /* number; moment: wall clock, microseconds since the epoch */
    struct span text;
};

/* A row with its place: its table, the batch that completed it, and its number among the rows of that batch.
 * Rows that databases keep are counted by themselves, and so are those that they do not. */
struct record_row {
    enum table_name table;
    uint64_t batch;
    uint32_t n;
    uint32_t order;                    /* its number among all rows of the batch */
    const struct record_value *values; /* as many values as the table has columns */
};
