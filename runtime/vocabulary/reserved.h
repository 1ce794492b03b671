/* runtime/vocabulary/reserved.h - Does a customer want no more messages, want them again, or help? The words are data,
 * by language (reserved.def). The adapters of short messages keep such a message to themselves, and the simulated world
 * does the same. The module owns nothing.
 *
 * Only a whole message counts, without the spaces, marks and quotes around it: a sentence with `stop` in it is for an
 * agent. */
#pragma once

#include <stdbool.h>

enum words_meaning { WORDS_NONE, WORDS_STOP, WORDS_START, WORDS_HELP };

/* The text is UTF-8. Returns the message's meaning. `languages`: such as "fr,de", whose words count besides those of
 * English. */
enum words_meaning reserved_read(const char *text, const char *languages);
/* Are there words of each of these languages? */
bool reserved_languages_good(const char *languages);
