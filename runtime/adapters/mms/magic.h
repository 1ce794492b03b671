/* runtime/adapters/mms/magic.h - The type of a part by its first bytes, whatever the sender says. */
#ifndef MMS_MAGIC_H
#define MMS_MAGIC_H

#include <stdbool.h>
#include <stddef.h>

/* The type of a picture, sound or film; NULL: they are none that is known. */
const char *magic_type(const char *bytes, size_t length);

#endif
