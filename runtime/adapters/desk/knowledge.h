/* runtime/adapters/desk/knowledge.h - Knowledge: the articles of a folder of Markdown, which agents search and put into
 * their answers. An article is a file NAME.md; its title is its first heading, else its name.
 *
 * Words are compared by their beginnings, in small letters and without accents. All functions but knowledge_good() run
 * in the store's thread, which owns the articles that were read; a file is read again when it has changed. */
#pragma once

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

struct knowledge;

/* Is it a folder that can be read? False with the reason. */
bool knowledge_good(const char *folder, char *why, size_t why_size);
/* `link`: where customers read an article, with {article} for its name; empty: nowhere. Both texts are borrowed. */
struct knowledge *knowledge_new(const char *folder, const char *link);
void knowledge_free(struct knowledge *); /* NULL is allowed */
/* Returns the articles that have all these words, those first that have them in their title: a new array of
 * {article, title, excerpt}, 20 at most. No words: the first articles by their titles. */
json_t *knowledge_search(struct knowledge *, const char *words);
/* Returns {article, title, text, link}, new; NULL: there is no such article. */
json_t *knowledge_article(struct knowledge *, const char *name);
