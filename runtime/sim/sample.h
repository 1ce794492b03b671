/* runtime/sim/sample.h - What a signal may bring that nobody has written: something of each field's type. */
#ifndef SIM_SAMPLE_H
#define SIM_SAMPLE_H

#include <jansson.h>

#include "vm/image.h"

/* Of the handler of a signal: a new object, empty where it takes nothing. NULL: there is nothing of such a type that
 * could be made up, as a skill's name. */
json_t *sample_payload(const struct image *, const struct image_handler *);

#endif
