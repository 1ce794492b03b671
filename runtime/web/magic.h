/* runtime/web/magic.h - The type of a mail's part by its first bytes, whatever type the sender gives. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

/* Returns the type of a picture, sound or film by its first bytes; NULL: the type is not known. */
const char *magic_type(const char *bytes, size_t length);

enum { MAGIC_TYPE_MAX = 100 };

/* Returns the type by magic_type(); if that is NULL, the sender's type, unless a browser would show or run it; else
 * the type for arbitrary bytes. */
const char *magic_or_said(const char *bytes, size_t length, const char *said);
