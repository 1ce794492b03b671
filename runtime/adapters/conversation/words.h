/* runtime/adapters/conversation/words.h - Does a customer want no more messages, want them again, or help? The words
 * are data, by language (words.def). The module owns nothing.
 *
 * Only a whole message counts, without the spaces, marks and quotes around it: a sentence with `stop` in it is for an
 * agent. */
#ifndef CONVERSATION_WORDS_H
#define CONVERSATION_WORDS_H

#include <stdbool.h>

enum words_meaning { WORDS_NONE, WORDS_STOP, WORDS_START, WORDS_HELP };

/* `languages`: such as "fr,de", whose words count besides those of English. */
enum words_meaning sms_words_read(const char *text, const char *languages);
/* Are there words of each of these languages? */
bool words_languages_good(const char *languages);

#endif
