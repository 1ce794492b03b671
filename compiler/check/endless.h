/* compiler/check/endless.h - Does nothing in a while loop change what its condition asks? */
#pragma once

#include "compiler/check/scope.h"
#include "compiler/syntax/ast.h"

/* Looks at a NODE_WHILE that has been checked. Returns a variable or key that its condition asks and that never changes
 * in the loop, which then never ends; NULL: the loop may end. Borrowed. */
const struct symbol *endless_loop_variable(const struct node *loop);
/* A variable that the condition of such a loop asks, where nothing in the loop can change what it asks, though
 * something may leave the loop; NULL: it may change, or the loop is endless. */
const struct symbol *endless_condition_variable(const struct node *loop);
