/* compiler/lsp/rule_words.h - Rules in an editor: within `lint { }`, in a rule that the site declares, behind
 * gcx:allow. */
#pragma once

#include "compiler/lsp/analysis.h"

/* Takes a word that may stand at the cursor, with what it is and its documentation; either may be NULL. */
typedef void rule_word_offered(void *self, const char *word, const char *what, const char *doc);

/* Offers the words of the place; false: the cursor is in none of these places. `at`: an offset in the document's text.
 */
bool rule_words_offer(const struct analysis *, size_t at, rule_word_offered *, void *self);

/* Describes the rule whose name is there in one of these places, as markdown; NULL: there is none. Sets its place in
 * the text. */
const char *rule_words_tell(const struct analysis *, size_t at, size_t *begin, size_t *end);
