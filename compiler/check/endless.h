/* compiler/check/endless.h - Does a while loop change nothing in its condition, and so never end? */
#pragma once

#include "compiler/check/scope.h"
#include "compiler/syntax/ast.h"

/* Checks a NODE_WHILE whose condition and body have been checked. Returns a variable or key in its condition that
 * never changes in the loop, which then never ends; NULL: the loop may end. Borrowed. */
const struct symbol *endless_loop_variable(const struct node *loop);
/* Returns a variable in the condition of a loop where nothing in the loop can change the condition, though something
 * may leave the loop; NULL: the condition may change, or the loop is endless. */
const struct symbol *endless_condition_variable(const struct node *loop);
