/* compiler/import/json.h - JSON from outside, for the readers of formats that are JSON. */
#pragma once

#include <jansson.h>
#include <stdint.h>

#include "base/arena.h"

enum { JSON_IMPORT_BYTES = 8 * 1024 * 1024, JSON_IMPORT_DEPTH = 200 };

/* Returns the value; NULL with the reason in `why`: it is none, is too large or too deep. */
json_t *json_import(const char *bytes, size_t length, char *why, size_t why_size);
/* Returns the member as a text, also of a number or a truth value; "" where there is none. It lives in the arena. */
const char *json_import_text(struct arena *, const json_t *object, const char *key);
/* Returns the line on which the text stands in the file, for the `nth` time from 0; 1 where it does not. */
uint32_t json_import_line(const char *bytes, const char *text, unsigned nth);
