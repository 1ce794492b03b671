/* runtime/quality/form.h - A form of the site, by which people review how a customer was served: its questions, with
 * points and weights, and what the answers come to.
 *
 *     title = Calls and chats
 *
 *     [greeting]                    a question: small letters, digits and _
 *     asks = The agent says their name.
 *     hint = Not in an answer by mail.
 *     points = 5                    from 0 to this many; unset: 1, which is yes or no
 *     weight = 2                    beside the other questions; unset: 1
 *     skips = yes                   it may be left out where it does not apply
 *     fails = yes                   0 points here, and the whole is 0
 *
 * A line that begins with # is a comment. The form's version is the digest of its bytes: a form that is changed is
 * another one, and what was reviewed by the one before stays as it is. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

enum {
    FORM_BYTES_MAX = 65536,
    FORM_QUESTIONS_MAX = 50,
    FORM_POINTS_MAX = 100,
    FORM_WEIGHT_MAX = 100,
    FORM_NAME = 65,   /* with the final zero */
    FORM_TEXT = 401,  /* likewise */
    FORM_VERSION = 17 /* likewise: hexadecimal digits */
};

struct form_question {
    char name[FORM_NAME], asks[FORM_TEXT], hint[FORM_TEXT];
    unsigned points, weight;
    bool skips, fails;
};

struct form {
    char name[FORM_NAME], title[FORM_TEXT], version[FORM_VERSION];
    struct form_question questions[FORM_QUESTIONS_MAX];
    unsigned count;
};

/* Reads the text of the form `name`. NULL: the error has the line and what is wrong there. */
struct form *quality_form_read(const char *name, const char *text, size_t length, struct error *);
void quality_form_free(struct form *); /* NULL is allowed */
/* The number of the question of this name; -1: there is none. */
int quality_form_question_of(const struct form *, const char *name);

enum { FORM_SKIPPED = -1 };
struct form_sum {
    unsigned hundredths; /* of a percent, from 0 to 10,000: what was reached of what can be reached */
    bool failed;         /* a question that fails all has 0 points */
};
/* What the answers come to: points[i] for question i, or FORM_SKIPPED. False: an answer is missing or too large, and
 * the error names its question. */
bool quality_form_sum(const struct form *, const int *points, struct form_sum *, struct error *);
