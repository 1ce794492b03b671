/* compiler/lsp/place.h - Places in the form of the protocol: lines and characters from 0, files as URIs.
 *
 * A character is a unit of UTF-16 unless both sides agreed on bytes of UTF-8. A place beyond the end of a line means
 * that end, one beyond the last line means the end of the text. */
#pragma once

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

#include "compiler/base/source.h"

enum place_units { UNITS_UTF16, UNITS_UTF8 };

/* Sets the byte of the text at which a position is; returns false where the JSON is no position. */
bool place_offset(const char *text, size_t length, enum place_units, const json_t *position, size_t *offset);

/* Returns how many units the bytes are. */
size_t place_count_units(const char *text, size_t length, enum place_units);

/* Returns the range of a span in that source as JSON. */
json_t *place_range(const struct source *, enum place_units, struct source_span);

/* place_uri_path() returns the path of a file's URI, NULL where the URI is of another kind; place_path_uri() returns
 * the URI of an absolute path. Both results are malloc'ed. */
char *place_uri_path(const char *uri);
char *place_path_uri(const char *path);
