/* runtime/sources/list_text.h - Writes a list that is bound to a statement as one value: a JSON text, for SQLite's
 * json_each(), MariaDB's JSON_TABLE and similar functions. */
#pragma once

#include "runtime/vocabulary/kv.h"

/* Returns the list as JSON, malloc'ed. NULL: something in the list cannot be written as JSON. */
char *list_as_json(struct span list);
