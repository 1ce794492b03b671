/* runtime/core/coerce.h - Words of the language from texts: what comes from outside says numbers in either way. */
#ifndef CORE_COERCE_H
#define CORE_COERCE_H

#include <stdbool.h>
#include <stdint.h>

#include "runtime/vocabulary/bytes.h"

/* A text as a word of a builtin type that is a number: digits, or as the language writes it: true, 1h30m, 0.5%, 08:00,
 * 2026-03-02, 0.25. False: it is none, or does not fit. */
bool coerce_text(uint16_t base, struct span text, uint64_t *word);

#endif
