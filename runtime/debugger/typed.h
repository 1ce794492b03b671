/* runtime/debugger/typed.h - User data as people write it, by the types that the program declares: 1m30s, and not the
 * number of microseconds that a message has. */
#pragma once

#include <jansson.h>

#include "runtime/debugger/show.h"

/* The type that the image declares for a key of user data or an attribute; TYPE_VOID: none. */
uint16_t typed_key(const struct image *, const char *key);
/* Is it a number that the language writes with a unit? */
bool typed_has_unit(uint16_t base);
/* Writes a value of that type; what does not fit the type is written as JSON. `reveals`: secret fields, too. */
void typed_put(const struct values *, uint16_t type, const json_t *value, bool reveals, FILE *out);
/* units.c: writes a line of the timeline with its numbers as people write them: 1m30s, and not 90000000. */
void units_put(const struct image *, const char *line, FILE *out);
