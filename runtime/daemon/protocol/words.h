/* runtime/daemon/protocol/words.h - words.def and enums.def as data: which words are allowed in a list.
 *
 * The name of a list is that of its rows: "log_level", "agent_state". For an enumeration of enums.def the value 0 is
 * left out: it means that nothing is given. All constant. */
#pragma once

#include <stddef.h>

enum { WORDS_TEXT = 256 };

/* Returns the word at this index of a list; NULL after the last. */
const char *word_of_list(const char *list, size_t place);
/* Returns the index of a word in its list, from 0; -1: the list does not have it. */
int word_place(const char *list, const char *word);
/* Writes all words of a list as in a sentence, the last one after `last`: "debug, info, warning or error" for " or
 * ". */
void words_say(const char *list, const char *last, char text[WORDS_TEXT]);
