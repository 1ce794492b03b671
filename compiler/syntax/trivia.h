/* compiler/syntax/trivia.h - The tokens of a source as they were written, and the remarks between them.
 *
 * The scanner drops space and remarks: they lie between the end of one token and the beginning of the next. gcxc fmt
 * and lint's remarks, which work on the text, find them here. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "compiler/base/source.h"

struct raw_token {
    int kind; /* a token of parser.h; the last one is T_END */
    struct source_span span;
};

/* All tokens of a source, from the arena, with T_END last. False where a word is damaged or the text is not UTF-8; the
 * array then ends there. */
bool trivia_tokens(struct arena *, const struct source *, struct raw_token **, size_t *count);

/* The first remark from `at` to `end`, from its slashes to the end of its line; empty, at `end`, where there is none.
 * Both offsets lie in one gap between two tokens. */
struct source_span trivia_remark(const struct source *, uint32_t at, uint32_t end);
