/* runtime/core/run/debug_row.h - The rows of the table of debuggers, for the two files that use them. */
#pragma once

#include "runtime/core/run/debug.h"

enum debug_told;

enum { FIBER_ANY = 256 };

/* returns the client's row; NULL: the client has none */
struct debugger_row *debug_row_of_client(struct core *, uint64_t client);
/* returns the row of the interaction's debugger; NULL: it has none */
struct debugger_row *debug_row_of(const struct core *, const struct interaction *);
/* The debugger gets the interaction, which stops before its next instruction. */
void debug_row_take(struct core *, struct debugger_row *, struct interaction *);
/* Forgets the debugger. Frees the debugger's row: its interaction has ended, or continues without a debugger. */
void debug_row_clear(struct core *, struct debugger_row *);
void debug_row_tell(struct core *, const struct debugger_row *, const struct interaction *, enum debug_told);
void debug_places_clear(struct debug_places *);
