/* runtime/vocabulary/reserved.h - Finds out whether a customer's message asks for no more messages, for messages
 * again, for help, or for a person. The words are data, by language (reserved.def), and a site may change them for each
 * of its numbers. The adapters for short messages do not pass such a message on, and neither does the simulated world.
 * The module owns nothing.
 *
 * Only a whole message counts, without the spaces, marks and quotes around it: a sentence that contains `stop` is
 * for an agent. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "runtime/vocabulary/vocabulary.h"

enum words_meaning { WORDS_NONE, WORDS_STOP, WORDS_START, WORDS_HELP, WORDS_PERSON };

/* The user data of a message whose customer asks for a person: such a message goes to its strategy. */
#define RESERVED_ASKS_FOR "asks_for"
#define RESERVED_PERSON   "person"

/* Does the adapter keep the message, which its strategy never gets? */
static inline bool reserved_is_kept(enum words_meaning meaning)
{
    return meaning != WORDS_NONE && meaning != WORDS_PERSON;
}

/* What a site says about the words. Texts are not copied; NULL and "" mean nothing. In both texts an entry may begin
 * with one of the site's numbers and a colon: then it applies only to messages to that number. */
struct reserved_rules {
    const char *languages; /* "fr, +4930123456:de": the words of these languages count besides the English ones */
    /* "afmeld=stop, +447700900100:cancel=answer": what further words mean; `answer`: the word means nothing to the
     * adapter, and the message goes to its strategy. An entry with a number counts before one without, and both count
     * before reserved.def */
    const char *words;
};

/* Returns what the message means; `text` is UTF-8. `own`: the site's number to which the message was sent; NULL: an
 * unknown one. If the number is unknown, entries with a number count, too, unless they say `answer`. */
enum words_meaning reserved_read(const char *text, const struct reserved_rules *, const char *own);
/* Chooses what the customer is told who has sent `text` to the site's number `own`. `answers` is a text, and perhaps,
 * each behind a bar, what is told instead at a number, in a language, or both: "TEXT | +4930123456: TEXT | fr: TEXT".
 * The language is that of the word; of an English word it is the language of the number, if the site names one.
 * Length 0: nothing is told. */
struct span reserved_answer(const char *answers, const char *text, const struct reserved_rules *, const char *own);
/* Can the answers be used? `setting` is their name; `ours` as below. */
bool reserved_answers_good(const char *setting, const char *answers, bool (*ours)(const void *self, const char *number),
                           const void *self, char *why, size_t size);
/* Can the texts be used? False: `why` says what is wrong. `ours` tells whether a number is one of the site's; NULL:
 * entries may not have numbers. */
bool reserved_rules_good(const struct reserved_rules *, bool (*ours)(const void *self, const char *number),
                         const void *self, char *why, size_t size);
