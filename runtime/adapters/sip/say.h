/* runtime/adapters/sip/say.h - Values as prompts say them: a value becomes a list of pieces, each the name of a sound.
 *
 *     "2026-03-08", fr  -->  say_8  say_month_3  say_2  say_1000  say_20  say_6
 *
 * The form of a value says what it is, as the language writes it: 12, -3.5, 12.50 EUR, 25%, 2026-03-08, 14:30,
 * 2026-03-08 14:30, 1h30m, digits:4711. A plain word is a piece of its own: a prompt of that name. The rules stand in
 * say.def. Pure: no file, no clock. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

enum { PIECES_MAX = 64, PIECE_SIZE = 64 };

struct pieces {
    char names[PIECES_MAX][PIECE_SIZE];
    unsigned count;
};

/* The language of the rules for `fr-CA`: `fr`; NULL: there are none. */
const char *say_language(const char *language);

/* Adds the value's pieces. False with the reason: it has no form that can be said, or its rules are not there. Pieces
 * that were added then are of no use. */
bool say_add_value(const char *language, const char *value, struct pieces *, char *why, size_t why_size);
/* Adds those of a choice: the value with its key, 1 to 9. */
bool say_add_choice(const char *language, const char *value, unsigned key, struct pieces *, char *why, size_t why_size);
