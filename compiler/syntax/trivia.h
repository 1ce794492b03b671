/* compiler/syntax/trivia.h - The tokens of a source as they were written, with what stands between them.
 *
 * The scanner drops space and remarks; they are what lies between the end of one token and the beginning of the next.
 * For who works on the text: gcxc fmt, and lint's remarks. */
#ifndef COMPILER_TRIVIA_H
#define COMPILER_TRIVIA_H

#include <stdbool.h>
#include <stddef.h>

#include "compiler/base/arena.h"
#include "compiler/base/source.h"

struct raw_token {
    int kind; /* of parser.h; the last one is T_END */
    struct span span;
};

/* False where a word was damaged: the tokens are those up to there. */
bool trivia_tokens(struct arena *, const struct source *, struct raw_token **, size_t *count);

/* The next remark at or behind `at`, up to the offset `end`, both between two tokens; empty where there is none. Its
 * span goes from the slashes to the end of the line. */
struct span trivia_remark(const struct source *, uint32_t at, uint32_t end);

#endif
