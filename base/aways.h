/* base/aways.h - Which reasons why something is away the log has had, so that each is a line of it once. */
#pragma once

#include <stdbool.h>

enum { AWAYS_SAID = 16, AWAYS_NAME = 48, AWAYS_TEXT = 248 };

/* Zeroes to begin with. */
struct aways {
    char said[AWAYS_SAID][AWAYS_TEXT]; /* "": none */
    unsigned next;
};

/* Has the log not had this reason since what has the name went or came? Then it has from now on. What a
 * reason counts, as milliseconds, makes no other one. */
bool aways_add(struct aways *, const char *name, const char *why);
/* What has the name has gone, or come back: its reasons are new ones. */
void aways_drop(struct aways *, const char *name);
