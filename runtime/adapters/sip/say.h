/* runtime/adapters/sip/say.h - Values that prompts say: a value becomes a list of pieces, each the name of a sound.
 *
 *     "2026-03-08", fr  -->  say_8  say_month_3  say_2  say_1000  say_20  say_6
 *
 * The way a value is written shows what it is: 12, -3.5, 12.50 EUR, 25%, 2026-03-08, 14:30, 2026-03-08 14:30, 1h30m,
 * digits:4711. A plain word is a piece of its own: a prompt of that name. The rules are in say.def. Pure functions:
 * they use no file and no clock. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

enum { PIECES_MAX = 64, PIECE_SIZE = 64 };

struct pieces {
    char names[PIECES_MAX][PIECE_SIZE];
    unsigned count;
};

/* The language of the rules that fits a language such as `fr-CA`: `fr`; NULL: no rules fit. */
const char *say_language(const char *language);

/* Adds the value's pieces. False with the reason: the value has no known form, or the rules for it are missing.
 * Pieces that were added before the failure must not be used. */
bool say_add_value(const char *language, const char *value, struct pieces *, char *why, size_t why_size);
/* Adds the pieces of a choice: the value with its key, 1 to 9. */
bool say_add_choice(const char *language, const char *value, unsigned key, struct pieces *, char *why, size_t why_size);
