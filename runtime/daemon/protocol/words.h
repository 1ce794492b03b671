/* runtime/daemon/protocol/words.h - words.def and enums.def as data: which words may stand where a word is expected.
 *
 * A list is named as its rows name it: "log_level", "agent_state". For an enumeration of enums.def the value 0 is left
 * out: it stands for a value that nobody has said. All constant. */
#pragma once

#include <stddef.h>

enum { WORDS_TEXT = 256 };

/* The word at this place of a list, in its order; NULL past the last. */
const char *word_of_list(const char *list, size_t place);
/* The place of a word in its list, from 0; -1: the list does not have it. */
int word_place(const char *list, const char *word);
/* Writes all words of a list as in a sentence, the last one behind `last`: "debug, info, warning or error" for " or
 * ". */
void words_say(const char *list, const char *last, char text[WORDS_TEXT]);
