/* runtime/debugger/expression.h - Computes expressions of the language where a play is stopped.
 *
 * The program is compiled once more, with a strategy added in which the variables and keys that the expression names
 * have their present values; that strategy runs on a machine of its own. So an expression means the same as in the
 * source, and nothing of the play is changed. Its fuel is bounded. */
#pragma once

#include "runtime/debugger/debugger.h"

/* Computes an expression and writes its value as text. False: `text` is a sentence that says why there is no value. */
bool expression_show(struct debugger *, const char *expression, char *text, size_t size);
/* Computes whether the expression is true. False: `why` says why that cannot be computed. */
bool expression_holds(struct debugger *, const char *expression, bool *yes, char *why, size_t size);

/* Computes an expression as a value of that type of the running image, as text and to be put into the play; the caller
 * frees `*graft`. `*graft` NULL: the value has no meaning outside of the machine that computed it. */
struct graft;
bool expression_graft(struct debugger *, const char *expression, uint16_t type, struct graft **graft, char *text,
                      size_t size);

/* Frees the compiled expressions, which are kept until then. */
void expression_forget(struct debugger *);

/* The following functions help to write texts that are compiled. Does the expression contain the name, or the key as
 * `attached.name`? Writes a type of the image as the language has it. Writes declarations of the strategy's own keys
 * that the expression names, each of which may be none; the site's keys need no declaration. */
bool expression_names(const char *expression, struct text name);
void expression_type(const struct image *, uint16_t type, FILE *);
void expression_declare_keys(const struct image *, const struct image_strategy *, const char *expression, FILE *);
/* Returns an attribute or key in the expression that has a value only while a strategy runs; empty: there is none. */
struct text expression_asks(const struct image *, const char *expression);

/* condition.c. Is the condition of a breakpoint valid? A condition is checked before the place of its breakpoint is
 * reached. `places`: function * 65,536 + instruction. False: `why` is the compiler's reason. */
bool condition_good(const struct debugger *, const char *condition, const uint32_t *places, size_t count, char *why,
                    size_t size);
