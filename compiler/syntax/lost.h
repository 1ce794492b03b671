/* compiler/syntax/lost.h - The keys about which the checker has reported an error; owns their list in the program.
 *
 * A key that is attached and not declared is unknown in tests, too; a key whose declared type is wrong is compared
 * wrongly there. These errors follow from the first one and go away with it: who makes the tests asks here. */
#pragma once

#include <stdbool.h>

struct node;
struct program;

/* Notes that an error about this key was reported within a strategy (NODE_STRATEGY; NULL: everywhere). The name is
 * interned. */
void lost_key_add(struct program *, const struct node *strategy, const char *name);
/* Was an error about the key reported within this strategy? NULL: within any. */
bool lost_key_is(const struct program *, const struct node *strategy, const char *name);
