/* runtime/adapters/email/classifier.h - A classifier that is asked by HTTP: it gets the text as JSON, and answers with
 * the category. The classifier is an endpoint of runtime/sources/endpoint.h, whose thread has several requests open at
 * once. */
#pragma once

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

#include "runtime/vocabulary/message.h"

struct classifier;
struct email_setting;

/* Most bytes of a subject, a text and a list of categories for a classifier: a message of the vocabulary has no
 * more. */
enum { CLASSIFIER_SUBJECT_MAX = 1000, CLASSIFIER_TEXT_MAX = 20000, CLASSIFIER_CATEGORIES_MAX = 8000 };

struct classifier_question {
    const char *subject, *text, *language;
    char *const *categories; /* find which of these the text has; NULL: name the text's one category */
    uint64_t timeout_us;     /* how long to wait for the answer; 0: as long as the setting says */
};

struct classifier_answer {
    unsigned code;    /* ok, unsure or unavailable */
    GPtrArray *found; /* of char: the categories that were found are added to this array, which the caller owns */
    char *why;        /* room of `why_size` bytes for the reason why the classifier is unavailable */
    size_t why_size;
};

/* Called from the classifier's thread; classifier_read() reads `answer`. */
typedef void classifier_done(void *self, void *question, const struct message *answer);

/* Do the settings have a valid URL for the classifier? False with the reason. */
bool classifier_check(const struct email_setting *, char *why, size_t why_size);
/* NULL with the reason. */
struct classifier *classifier_new(const struct email_setting *, classifier_done *, void *self, char *why,
                                  size_t why_size);
/* Ends open questions, without calling `done`, and frees the classifier. */
void classifier_free(struct classifier *);
/* Asks the classifier. `done` is called exactly once with the answer, and with `as` as the question. */
void classifier_ask(struct classifier *, const struct classifier_question *, void *as);
/* Reads an answer. `screened`: the question listed categories; otherwise one category was wanted, which counts if it
 * is sure to at least `sure` percent. */
void classifier_read(const struct message *, bool screened, uint64_t sure, struct classifier_answer *);
