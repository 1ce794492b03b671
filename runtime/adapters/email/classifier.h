/* runtime/adapters/email/classifier.h - A classifier that is asked by HTTP: the text goes there as JSON, the category
 * comes back. It is one endpoint of runtime/sources/endpoint.h, whose thread asks for several texts side by side. */
#pragma once

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

#include "runtime/vocabulary/message.h"

struct classifier;
struct email_setting;

/* The bytes of subject and text that are sent at most, as few as a message of the vocabulary carries. */
enum { CLASSIFIER_SUBJECT_MAX = 1000, CLASSIFIER_TEXT_MAX = 20000, CLASSIFIER_CATEGORIES_MAX = 8000 };

struct classifier_question {
    const char *subject, *text, *language;
    char *const *categories; /* of which words are looked for; NULL: one category is wanted */
    uint64_t timeout_us;     /* 0: the setting's */
};

struct classifier_answer {
    unsigned code;    /* ok, unsure or unavailable */
    GPtrArray *found; /* of char: categories; the receiver's array, which is added to */
    char *why;        /* why it is unavailable; has `why_size` bytes */
    size_t why_size;
};

/* Called from the classifier's thread; `answer` is read by classifier_read(). */
typedef void classifier_done(void *self, void *question, const struct message *answer);

/* Is the URL one? False with the reason. */
bool classifier_check(const struct email_setting *, char *why, size_t why_size);
/* NULL with the reason. */
struct classifier *classifier_new(const struct email_setting *, classifier_done *, void *self, char *why,
                                  size_t why_size);
/* Questions that are under way are broken off: nobody hears of them. */
void classifier_free(struct classifier *);
/* `done` hears of it exactly once, with `as`. */
void classifier_ask(struct classifier *, const struct classifier_question *, void *as);
/* Reads an answer. `screened`: categories were wanted; `sure` percent at least are needed where a category was. */
void classifier_read(const struct message *, bool screened, uint64_t sure, struct classifier_answer *);
