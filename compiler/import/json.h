/* compiler/import/json.h - JSON from outside, for the readers of formats that are JSON. */
#pragma once

#include <jansson.h>
#include <stdint.h>

#include "base/arena.h"

enum { JSON_IMPORT_BYTES = 8 * 1024 * 1024, JSON_IMPORT_DEPTH = 200 };

/* Returns the value; NULL, with the reason in `why`: the bytes are no JSON, are too long or nest too deep. */
json_t *json_import(const char *bytes, size_t length, char *why, size_t why_size);
/* Returns the member as a text in the arena, even if it is a number or a truth value; "" where there is none. */
const char *json_import_text(struct arena *, const json_t *object, const char *key);
/* Returns the line of the file on which the text occurs for the `nth` time, from 0; 1 where it does not occur. */
uint32_t json_import_line(const char *bytes, const char *text, unsigned nth);
