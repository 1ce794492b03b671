/* runtime/sources/pgtypes.h - Values of the language as PostgreSQL's text, and back, by the type that the server names.
 *
 * Text, because it is exact for every type and the same for those that nobody has thought of. The session has ISO
 * dates, ISO intervals and UTC (pgsession.c), so that there is one way to read each. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "runtime/sources/source.h"
#include "runtime/vocabulary/kv.h"

enum { PGTYPE_ROOM = 64 };

/* Writes the value as a parameter of that type: `*text` is `room`, or the value's own bytes of `*length` (not
 * terminated). False: it cannot be a parameter, as a list or a text with a zero byte. `*binary`: the bytes are the
 * value itself, not its text. */
bool pgtype_write(uint32_t type, const struct kv_value *, char room[PGTYPE_ROOM], const char **text, size_t *length,
                  bool *binary);

/* Writes a list as an array of that type, in at most `room` bytes; false: it cannot be one, or does not fit. */
bool pgtype_write_list(uint32_t type, struct span list, char *to, size_t room, size_t *length);

/* Reads a value of the server's type as `wanted`. Returns NULL, or the type in words if it does not fit ("an interval
 * of months"). `found` borrows the text. `*micros`: it is a duration, counted in microseconds already. */
const char *pgtype_read(uint32_t type, const char *text, size_t length, enum source_type wanted, struct kv_value *found,
                        bool *micros);
