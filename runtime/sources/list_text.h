/* runtime/sources/list_text.h - A list that is bound to a statement, where the database takes one value: a text of
 * JSON, for SQLite's json_each(), MariaDB's JSON_TABLE and the like. */
#pragma once

#include "runtime/vocabulary/kv.h"

/* Returns the list as JSON, malloc'ed. NULL: something in the list cannot be written as JSON. */
char *list_as_json(struct span list);
