/* vm/reads.h - What the code and the data of an image say of the names that its site declares. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "vm/image.h"

/* Does the program say the row of SECTION_NAMES at all, in its code or its data? Else the site declares the name, and
 * no strategy uses it. */
bool image_says_name(const struct image *, uint32_t name);
/* The next name that a strategy spells as a text, as dn.named("4711"), from `*at` on, which begins zeroed and is then
 * behind it: its kind, and the text, which may be in `inlined`. False past the last. */
bool image_next_spelled(const struct image *, struct image_reader *at, uint16_t *kind, struct text *, char inlined[8]);
