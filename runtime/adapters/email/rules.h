/* runtime/adapters/email/rules.h - A file of categories with words for each: which category a text belongs to, and
 * of which categories it has words. gcx-email(8) has its form.
 *
 * Texts are compared without case but with accents, as words with one space between them. Expressions are automata
 * that make one step for each byte (base/regex.h): no text and no expression makes them slow. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

struct rules;

enum {
#define LIMIT(name, number, doc) RULES_##name##_MAX = number,
#include "runtime/adapters/email/rule_limits.def"
};

/* Reads a file of rules. NULL with the line and the reason. */
struct rules *rules_read(const char *text, size_t length, char *why, size_t why_size);
void rules_free(struct rules *);

/* Returns the file's category with this index, from 0 on; NULL: there are no more. `*words`: whether the file has
 * words for it. */
const char *rules_category(const struct rules *, size_t index, bool *words);
/* Returns the category with the most points; NULL: none has any, or two have as many. The text is valid as long as
 * the rules. */
const char *rules_classify(const struct rules *, const char *text);
/* Does the text match a rule of this category? */
bool rules_found(const struct rules *, const char *category, const char *text);
