/* compiler/check/allowed.h - The bounds of the values of clauses and arguments. Lowering checks all constant values; in
 * a program that is refused before lowering, the values written as literals are checked all the same. */
#pragma once

#include "compiler/check/typed.h"
#include "compiler/syntax/program.h"

enum { WHISPER_MAX = 256 }; /* bytes: a sentence */

struct allowed {
    int64_t low, high;
    enum node_kind literal;                          /* how it is written where it is no expression */
    const char *rule;                                /* as the diagnostic says it */
    bool (*takes)(const char *bytes, size_t length); /* of a text, instead of the bounds */
};

bool allowed_word(const struct allowed *, int64_t word);
bool allowed_text(const struct allowed *, const char *bytes, size_t length);

/* NULL: it may be anything. */
const struct allowed *allowed_clause(enum clause);
const struct allowed *allowed_argument(const struct step_row *, uint32_t number);

/* Reports, for a program that was refused, the literals that no step could take. */
void allowed_look(struct program *);
