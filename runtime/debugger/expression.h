/* runtime/debugger/expression.h - Expressions of the language, computed where a play stands.
 *
 * The compiler compiles the program once more, with a strategy behind it in which the variables and keys that the
 * expression names have the values that they have here; a machine of its own runs that one. So an expression means what
 * it means in the source, and nothing of the play is touched. Its fuel is bounded. */
#pragma once

#include "runtime/debugger/debugger.h"

/* Computes an expression's value as text. False: `text` is a sentence that says why it has none. */
bool expression_show(struct debugger *, const char *expression, char *text, size_t size);
/* Computes whether the expression is true. False: `why` says why that cannot be computed. */
bool expression_holds(struct debugger *, const char *expression, bool *yes, char *why, size_t size);

/* Its word as one of that type of the running image, and as text: of a str the bytes. Objects and what has a name in an
 * image are words of another machine. */
bool expression_word(struct debugger *, const char *expression, uint16_t type, uint64_t *word, char *text, size_t size);

/* Frees the compiled expressions, which are kept until then. */
void expression_forget(struct debugger *);

/* For texts that are compiled. Does the expression name it, or a key as `attached.name`? Writes a type of the image as
 * the language has it. Declares the strategy's own keys that the expression names, each of which may be none; the
 * site's keys need no declaration. */
bool expression_names(const char *expression, struct text name);
void expression_type(const struct image *, uint16_t type, FILE *);
void expression_declare_keys(const struct image *, const struct image_strategy *, const char *expression, FILE *);
/* An attribute or key in the expression that has a value only while a strategy runs; empty: it has none. */
struct text expression_asks(const struct image *, const char *expression);

/* condition.c. Is the condition of a breakpoint one, before its place is reached? `places`: function * 65,536 +
 * instruction. False: `why` not, as the compiler says it. */
bool condition_good(const struct debugger *, const char *condition, const uint32_t *places, size_t count, char *why,
                    size_t size);
