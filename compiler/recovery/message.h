/* compiler/recovery/message.h - The sentence of a syntax error: the unexpected token, and the allowed ones. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "compiler/syntax/grammar.h"

/* Is a plain name expected, and no other form in its place? */
bool recovery_wants_name(const struct expected *);

/* Returns "unexpected 'x'; expected ';' or ')'", in the arena. `text` is the token as written in the source. */
const char *recovery_message(struct arena *, int token, const char *text, size_t length, const struct expected *);
