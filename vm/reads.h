/* vm/reads.h - What the code and the data of an image say of the names that its site declares. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

struct image;

/* Does the program say the row of SECTION_NAMES at all, in its code or its data? Else the site declares the name, and
 * no strategy uses it. */
bool image_says_name(const struct image *, uint32_t name);
