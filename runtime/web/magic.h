/* runtime/web/magic.h - The type of a part by its first bytes, whatever the sender says. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

/* The type of a picture, sound or film; NULL: they are none that is known. */
const char *magic_type(const char *bytes, size_t length);

enum { MAGIC_TYPE_MAX = 100 };

/* The same; else what the sender says, where that is nothing that a browser shows or carries out; else of any bytes. */
const char *magic_or_said(const char *bytes, size_t length, const char *said);
