/* runtime/vocabulary/reserved.h - Finds out whether a customer's message asks for no more messages, for messages
 * again, or for help. The words are data, by language (reserved.def). The adapters for short messages do not pass
 * such a message on, and neither does the simulated world. The module owns nothing.
 *
 * Only a whole message counts, without the spaces, marks and quotes around it: a sentence that contains `stop` is
 * for an agent. */
#pragma once

#include <stdbool.h>

enum words_meaning { WORDS_NONE, WORDS_STOP, WORDS_START, WORDS_HELP };

/* The text is UTF-8. Returns the message's meaning. `languages`: such as "fr,de"; their words count besides the
 * English ones. */
enum words_meaning reserved_read(const char *text, const char *languages);
/* True: the table has words of each of these languages. */
bool reserved_languages_good(const char *languages);
