/* vm/exits.h - The clauses on which exits of steps depend, as numbers and as a set: rows of exits.def. */
#pragma once

/* EXIT_ALWAYS: the exit depends on no clause. */
enum exit_clause {
    EXIT_ALWAYS,
#define EXIT_CLAUSE(CLAUSE, argument) EXIT_##CLAUSE,
#include "vm/exits.def"
};

/* Sets of clauses that a step has, a bit each: EXITS_OF(EXIT_UNTIL). */
#define EXITS_OF(clause) (1u << (clause))
#define EXITS_ALL        (~0u)
