/* runtime/adapters/sip/trunk_answer.h - The table trunk_answers.def as values: what the last answer to a call means. */
#pragma once

#include <stdint.h>

#include "runtime/vocabulary/vocabulary.h"

enum trunk_answer_whose { ANSWER_NUMBER, ANSWER_NAMED, ANSWER_TRUNK, ANSWER_AWAY };

struct trunk_answer {
    uint16_t first, last;
    enum trunk_answer_whose whose;
    enum code code;
    enum cause cause;
};

/* The row of trunk_answers.def for that status; status 0: there was no answer. */
const struct trunk_answer *trunk_answer_of(uint16_t status);

enum { TRUNK_ANSWER_TEXT = 200 };
struct sip_msg;

/* Writes the status and words of the answer, and the headers in which networks give a reason. */
void trunk_answer_words(const struct sip_msg *, char text[TRUNK_ANSWER_TEXT]);
