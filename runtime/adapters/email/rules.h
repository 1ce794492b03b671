/* runtime/adapters/email/rules.h - A file of categories with their words: what a text is about, and of which categories
 * words are in it. gcx-email(8) has its form.
 *
 * Texts are compared without case, accents kept, as words with one space between. Expressions are automata that take a
 * step a byte (base/regex.h): no text and no expression makes them slow. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

struct rules;

enum {
#define LIMIT(name, number, doc) RULES_##name##_MAX = number,
#include "runtime/adapters/email/rule_limits.def"
};

/* Reads a file of rules. Reads a file of rules. NULL with the line and the reason. */
struct rules *rules_read(const char *text, size_t length, char *why, size_t why_size);
void rules_free(struct rules *);

/* The file's category at this index, from 0 on; NULL: there are no more. `*words`: does the file list words for it? */
const char *rules_category(const struct rules *, size_t index, bool *words);
/* The category with the most points; NULL: none has any, or two have as many. Valid as long as the rules. */
const char *rules_classify(const struct rules *, const char *text);
/* Is a line of this category found in the text? */
bool rules_found(const struct rules *, const char *category, const char *text);
