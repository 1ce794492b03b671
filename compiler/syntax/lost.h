/* compiler/syntax/lost.h - The keys about which the checker has reported an error; owns their list in the program.
 *
 * A key that is attached but not declared is unknown in tests, too, and a key with a wrong declared type is compared
 * wrongly there. Such errors follow from the error that was reported: scenario/ asks lost_key_is() and leaves them out.
 */
#pragma once

#include <stdbool.h>

struct node;
struct program;

/* Notes that an error about this key was reported within a strategy (NODE_STRATEGY; NULL: everywhere). The name is
 * interned. */
void lost_key_add(struct program *, const struct node *strategy, const char *name);
/* Was an error about the key reported within this strategy? NULL: within any. */
bool lost_key_is(const struct program *, const struct node *strategy, const char *name);
