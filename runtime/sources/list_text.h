/* runtime/sources/list_text.h - A list that is bound to a statement, where the database takes one value: a text of
 * JSON, for SQLite's json_each(), MariaDB's JSON_TABLE and the like. */
#pragma once

#include "runtime/vocabulary/kv.h"

/* malloc'ed. NULL: something in the list has no such text. */
char *list_as_json(struct span list);
