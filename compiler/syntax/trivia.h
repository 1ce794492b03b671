/* compiler/syntax/trivia.h - The tokens of a source with their places in the text, and the remarks between them.
 *
 * The scanner drops spaces and remarks: they are between the end of one token and the beginning of the next. gcxc
 * fmt and the remarks for lint, which need the text, are based on this. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "compiler/base/source.h"

struct raw_token {
    int kind; /* the number of a token of parser.h; the last token is T_END */
    struct source_span span;
};

/* Returns all tokens of a source, in the arena, with T_END as the last. False where a word is damaged or the text is
 * not UTF-8; the array then ends there. */
bool trivia_tokens(struct arena *, const struct source *, struct raw_token **, size_t *count);

/* Returns the first remark from `at` to `end`, from its slashes to the end of its line; an empty span at `end` where
 * there is none. Both offsets must be in one gap between two tokens. */
struct source_span trivia_remark(const struct source *, uint32_t at, uint32_t end);
