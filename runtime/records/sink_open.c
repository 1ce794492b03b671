/* runtime/records/sink_open.c - Opens a sink of the kind that the target names. */
#include <string.h>

#include "runtime/records/sink_kind.h"

struct sink *sink_open(const char *target, struct error *error)
{
    if (sql_names_sqlite(target)) return sink_open_sqlite(target, error);
    if (strncmp(target, "jsonl:", 6) == 0 && target[6] != '\0') return sink_open_lines(target + 6, error);
    if (strncmp(target, "hook:", 5) == 0 && target[5] != '\0') return sink_open_hook(target + 5, error);
    if (sql_names_postgres(target)) return sink_open_postgres(target, error);
    error_set(error, ERROR_INPUT,
              "'%.100s' names no place for records: expected sqlite:FILE, jsonl:FILE, hook:FILE, postgresql://... or a "
              "connection "
              "string such as \"host=/run/postgresql dbname=records\"",
              target);
    return NULL;
}
