/* base/aways.h - Remembers for which reasons something was already logged as away, so that each reason is logged
 * once. */
#pragma once

#include <stdbool.h>

enum { AWAYS_SAID = 16, AWAYS_NAME = 48, AWAYS_TEXT = 200 };

struct away {
    char name[AWAYS_NAME], why[AWAYS_TEXT];
    bool said;
};

/* Zeroes to begin with. */
struct aways {
    struct away all[AWAYS_SAID];
    unsigned next;
};

/* Notes why the thing called `name` is away; true: the reason is new since that thing last went or came back, and is
 * to be logged. Reasons that differ only in milliseconds or bytes are the same; a difference in any other number
 * makes a new one. */
bool aways_add(struct aways *, const char *name, const char *why);
/* Forgets the reasons of `name`, which has gone or come back: aways_add() then takes each of them as new. */
void aways_drop(struct aways *, const char *name);
