/* tests/fuzz/imported.h - What the targets of gcxc import share: files of some format become sources that parse and, as
 * long as they are not too large for an image, pass the check. */
#pragma once

#include <stddef.h>
#include <stdint.h>

/* Imports the input: the bytes between form feeds are a file each, called by `name`. `format` NULL: the content tells
 * it. */
void imported_judge(const uint8_t *data, size_t size, const char *name, const char *format);
