/* compiler/check/allowed.h - The bounds of the values of clauses and arguments. Lowering checks all constant values;
 * in a program that is refused before lowering, allowed_look() still checks the values written as literals. */
#pragma once

#include "compiler/check/typed.h"
#include "compiler/syntax/program.h"

enum { WHISPER_MAX = 256 }; /* bytes: a sentence */

struct allowed {
    int64_t low, high;
    enum node_kind literal;                          /* the kind of node by which the value is written as a literal */
    const char *rule;                                /* the rule in words, as the diagnostic shows it */
    bool (*takes)(const char *bytes, size_t length); /* for texts, in place of the bounds: is this text allowed? */
};

bool allowed_word(const struct allowed *, int64_t word);
bool allowed_text(const struct allowed *, const char *bytes, size_t length);

/* Return the bounds of a clause's or an argument's value; NULL: any value is allowed. */
const struct allowed *allowed_clause(enum clause);
const struct allowed *allowed_argument(const struct step_row *, uint32_t number);

/* Reports, for a program that was refused, the literals that no step would accept. */
void allowed_look(struct program *);
