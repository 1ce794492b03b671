/* runtime/core/interactions/coerce.h - Words of the language from texts and numbers: what comes from outside says them in either
 * way. */
#ifndef CORE_COERCE_H
#define CORE_COERCE_H

#include <stdbool.h>
#include <stdint.h>

#include "runtime/vocabulary/kv.h"

struct image;

/* A text as a word of a builtin type that is a number: digits, or as the language writes it: true, 1h30m, 0.5%, 08:00,
 * 2026-03-02, 0.25. False: it is none, or does not fit. */
bool coerce_text(uint16_t base, struct span text, uint64_t *word);

/* Is it a type whose words are numbers: a builtin one of the above, an enum, a name of the site? A value of the wire as
 * such a word; false: it is none. */
bool coerce_is_plain(const struct image *, uint16_t base);
bool coerce_plain(const struct image *, uint16_t base, const struct kv_value *, uint64_t *word);

#endif
