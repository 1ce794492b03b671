/* compiler/recovery/message.h - The sentence of a syntax error: the token that stands there, and the expected ones. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "compiler/syntax/grammar.h"

/* Is a plain name expected, and nothing that could stand in place of it? */
bool recovery_wants_name(const struct expected *);

/* "unexpected 'x'; expected ';' or ')'", from the arena. `text` is the token as it was written. */
const char *recovery_message(struct arena *, int token, const char *text, size_t length, const struct expected *);
