/* runtime/sources/pgtypes.h - Values of the language as PostgreSQL's text, and back, by the type that the server
 * tells.
 *
 * Text is used because it is exact for every type, and works for unknown types, too. The session has set ISO dates,
 * ISO intervals and UTC (pgsession.c), so that each type has only one form to read. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "runtime/sources/source.h"
#include "runtime/vocabulary/kv.h"

enum { PGTYPE_ROOM = 64 };

/* Writes the value as a parameter of that type: `*text` becomes `room` or the value's own bytes, `*length` of them,
 * without a zero byte. False: the value cannot be a parameter, such as a list or a text with a zero byte. `*binary`:
 * the bytes are in binary form, not text. */
bool pgtype_write(uint32_t type, const struct kv_value *, char room[PGTYPE_ROOM], const char **text, size_t *length,
                  bool *binary);

/* Writes a list as an array of that type, in at most `room` bytes; false: it cannot be an array, or does not fit. */
bool pgtype_write_list(uint32_t type, struct span list, char *to, size_t room, size_t *length);

/* Reads a value of the server's type as the type `wanted`. Returns NULL; or, if the value does not fit, its type in
 * words ("an interval of months"). `found` borrows the text. `*micros`: the value is a duration, and in microseconds
 * already. */
const char *pgtype_read(uint32_t type, const char *text, size_t length, enum source_type wanted, struct kv_value *found,
                        bool *micros);
