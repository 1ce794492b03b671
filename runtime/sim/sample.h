/* runtime/sim/sample.h - Made-up arguments of a signal: a value of each field's type. */
#pragma once

#include <jansson.h>

#include "vm/image.h"

/* Arguments for the handler of a signal: a new object, empty where it takes nothing. NULL: a value cannot be made up,
 * as of a skill's name. */
json_t *sample_payload(const struct image *, const struct image_handler *);
