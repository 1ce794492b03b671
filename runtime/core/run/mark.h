/* runtime/core/run/mark.h - Reads a customer's answer to the question how it was: "5", "4/5", "five stars", four signs
 * of a star, and perhaps a comment behind it. */
#pragma once

#include <stdbool.h>

#include "runtime/vocabulary/message.h"

enum { MARK_BEST = 5 };

struct answer_mark {
    unsigned mark; /* from 1 to MARK_BEST; 0: the text is no answer */
    bool alone;    /* nothing but blanks and a full stop is behind it */
    bool asks;     /* the comment asks something: a person has to read it */
};
/* Reads a text. It begins with the mark, and a comment is divided from it by a line's end, a comma, a dash or the like:
 * "5 parcels have come" is no answer, and "4.5" is none. */
struct answer_mark mark_answered(struct span text);
/* True: the customer's message of this name was made by a button for a mark. */
bool mark_pressed(struct span msg_id);
