/* compiler/syntax/syntax_error.h - Syntax errors in words: what stands there, and what could have. */
#ifndef COMPILER_SYNTAX_H
#define COMPILER_SYNTAX_H

#include <stdbool.h>
#include <stddef.h>

#include "compiler/base/arena.h"

enum { TOKEN_LIMIT = 512 };

struct expected { /* a set of tokens */
    bool token[TOKEN_LIMIT];
};

void syntax_expect(struct expected *, int token);

/* Is it a plain name that could have stood there, and little else? */
bool syntax_wants_name(const struct expected *);

/* "unexpected 'x'; expected ';' or ')'": `text` is the token as it was written. */
const char *syntax_message(struct arena *, int token, const char *text, size_t length, const struct expected *);

#endif
