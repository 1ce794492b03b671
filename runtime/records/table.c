/* runtime/records/table.c - The tables of records.def and events.def. */
#include "runtime/records/table.h"

/* clang-format off */
#define TABLE(name, doc) static const struct record_column columns_of_##name[] = {
#define COLUMN(table, column, type, doc) {#column, COLUMN_##type},
#define END_TABLE(name) };
#include "runtime/records/records.def"
#define TABLE(name, doc) static const struct record_column columns_of_##name[] = {
#define COLUMN(table, column, type, doc) {#column, COLUMN_##type},
#define END_TABLE(name) };
#include "runtime/records/events.def"
/* clang-format on */

const struct record_table record_tables[TABLES_TOLD] = {
#define TABLE(name, doc) {#name, columns_of_##name, name##_COLUMNS},
#include "runtime/records/records.def"
#define TABLE(name, doc) {#name, columns_of_##name, name##_COLUMNS},
#include "runtime/records/events.def"
};

#define TABLE(name, doc) _Static_assert((int)name##_COLUMNS <= (int)COLUMNS_MAX, "COLUMNS_MAX is too small for " #name);
#include "runtime/records/records.def"
