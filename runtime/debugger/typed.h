/* runtime/debugger/typed.h - User data as people write it, by the types that the program declares: 1m30s, and not the
 * number of microseconds that a message has. */
#pragma once

#include <jansson.h>

#include "runtime/debugger/show.h"

/* The type that the image declares for a key of user data or an attribute; TYPE_VOID: none. */
uint16_t typed_key(const struct image *, const char *key);
/* Writes a value of that type; what does not fit the type is written as JSON. `reveals`: secret fields, too. */
void typed_put(const struct values *, uint16_t type, const json_t *value, bool reveals, FILE *out);
