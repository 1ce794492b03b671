/* runtime/core/interactions/coerce.h - Makes words of the language from texts and numbers; data from outside may
 * have a value in either form. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "runtime/vocabulary/kv.h"

struct image;

/* Reads a text as a word of a builtin type that is a number: digits, or the form in which the language writes it:
 * true, 1h30m, 0.5%, 08:00, 2026-03-02, 0.25. False: the text is no value of the type, or the value does not fit. */
bool coerce_text(uint16_t base, struct span text, uint64_t *word);

/* coerce_is_plain: true if the words of the type are numbers: a builtin type as for coerce_text, an enum, or a name
 * of the site. coerce_plain: makes such a word from a value of the wire; false: the value is not of the type. */
bool coerce_is_plain(const struct image *, uint16_t base);
bool coerce_plain(const struct image *, uint16_t base, const struct kv_value *, uint64_t *word);
