/* runtime/vocabulary/reserved.h - Finds out whether a customer's message asks for no more messages, for messages
 * again, or for help. The words are data, by language (reserved.def), and a site may change them for each of its
 * numbers. The adapters for short messages do not pass such a message on, and neither does the simulated world. The
 * module owns nothing.
 *
 * Only a whole message counts, without the spaces, marks and quotes around it: a sentence that contains `stop` is
 * for an agent. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

enum words_meaning { WORDS_NONE, WORDS_STOP, WORDS_START, WORDS_HELP };

/* What a site says about the words. Texts are not copied; NULL and "" mean nothing. In both texts an entry may begin
 * with a number of ours and a colon: then it holds for messages to that number alone. */
struct reserved_rules {
    const char *languages; /* "fr, +4930123456:de": the words of these languages count besides the English ones */
    /* "afmeld=stop, +447700900100:cancel=answer": what further words mean; `answer`: the word is none of ours, and
     * the message goes to its strategy. An entry with a number counts before one without, and both before the table */
    const char *words;
};

/* The text is UTF-8; `own`: the number of ours to which it was written; NULL: any, so that an entry with a number may
 * only make more words ours, and none of them an answer. Returns the message's meaning. */
enum words_meaning reserved_read(const char *text, const struct reserved_rules *, const char *own);
/* Can the texts be used? `ours`: is that a number of ours? NULL: an entry may not have a number. False: `why` says
 * what is wrong. */
bool reserved_rules_good(const struct reserved_rules *, bool (*ours)(const void *self, const char *number),
                         const void *self, char *why, size_t size);
