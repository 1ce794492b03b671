/* runtime/post/states.h - The states of post.def, and which changes between them are allowed. The module owns
 * nothing. */
#pragma once

#include <stdbool.h>

#include "runtime/vocabulary/kv.h"

struct out;

enum post_in {
#define POST_IN_STATE(name, place, after, meaning) POST_IN_##name,
#include "runtime/post/post.def"
    POST_IN_STATES
};

enum post_out {
#define POST_OUT_STATE(name, place, after, shown, meaning) POST_OUT_##name,
#include "runtime/post/post.def"
    POST_OUT_STATES
};

const char *post_in_name(enum post_in);
const char *post_out_name(enum post_out);
/* The word for the state in the contact store and for applications. */
const char *post_out_shown(enum post_out);
/* Finds a state by its name. False: no state has that name. */
bool post_out_find(struct span name, enum post_out *);
bool post_out_may(enum post_out from, enum post_out to);
/* Write the names of the state and of those from which it may be reached as a list for SQL: ('held', 'begun'). */
void post_in_sources(struct out *, enum post_in to);
void post_out_sources(struct out *, enum post_out to);
