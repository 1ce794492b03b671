/* runtime/web/magic.h - The type of a part by its first bytes, whatever the sender says. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

/* The type of a picture, sound or film by its first bytes; NULL: they are none that is known. */
const char *magic_type(const char *bytes, size_t length);

enum { MAGIC_TYPE_MAX = 100 };

/* The type by magic_type(); where that is NULL, the type that the sender says, unless a browser would show or run it;
 * else the type of arbitrary bytes. */
const char *magic_or_said(const char *bytes, size_t length, const char *said);
