/* compiler/recovery/message.h - Syntax errors in words: what stands there, and what could have. */
#ifndef COMPILER_MESSAGE_H
#define COMPILER_MESSAGE_H

#include <stdbool.h>
#include <stddef.h>

#include "compiler/base/arena.h"
#include "compiler/syntax/grammar.h"

/* Is it a plain name that could have stood there, and little else? */
bool syntax_wants_name(const struct expected *);

/* "unexpected 'x'; expected ';' or ')'": `text` is the token as it was written. */
const char *syntax_message(struct arena *, int token, const char *text, size_t length, const struct expected *);

#endif
