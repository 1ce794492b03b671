/* runtime/post/states.c - The names of the states in post.def, and the changes between them.
 *
 * The database has these names, so a name in post.def must not change. `out_shown` has the word for a state that
 * people see. */
#include "runtime/post/states.h"

#include <assert.h>
#include <stddef.h>

#include "base/out.h"

static const char *const in_names[] = {
#define POST_IN_STATE(name, place, after, meaning) #name,
#include "runtime/post/post.def"
};

static const char *const out_names[] = {
#define POST_OUT_STATE(name, place, after, shown, meaning) #name,
#include "runtime/post/post.def"
};

static const char *const out_shown[] = {
#define POST_OUT_STATE(name, place, after, shown, meaning) shown,
#include "runtime/post/post.def"
};

static const bool in_changes[POST_IN_STATES][POST_IN_STATES] = {
#define POST_IN_CHANGE(from, to, when) [POST_IN_##from][POST_IN_##to] = true,
#include "runtime/post/post.def"
};

static const bool out_changes[POST_OUT_STATES][POST_OUT_STATES] = {
#define POST_OUT_CHANGE(from, to, when) [POST_OUT_##from][POST_OUT_##to] = true,
#include "runtime/post/post.def"
};

const char *post_in_name(enum post_in state)
{
    assert(state < POST_IN_STATES);
    return in_names[state];
}

const char *post_out_name(enum post_out state)
{
    assert(state < POST_OUT_STATES);
    return out_names[state];
}

const char *post_out_shown(enum post_out state)
{
    assert(state < POST_OUT_STATES);
    return out_shown[state];
}

/* Finds a state by its name. False: a later version has written a state that this version does not know. */
bool post_out_find(struct span name, enum post_out *state)
{
    for (unsigned at = 0; at < POST_OUT_STATES; at++)
        if (span_is(name, out_names[at])) {
            *state = (enum post_out)at;
            return true;
        }
    return false;
}

bool post_out_may(enum post_out from, enum post_out to)
{
    assert(from < POST_OUT_STATES && to < POST_OUT_STATES);
    return out_changes[from][to];
}

/* Writes the state and those from which it may be reached as a list for SQL: "('kept', 'brought')". */
void post_in_sources(struct out *out, enum post_in to)
{
    out_format(out, "('%s'", post_in_name(to));
    for (unsigned from = 0; from < POST_IN_STATES; from++)
        if (in_changes[from][to]) out_format(out, ", '%s'", in_names[from]);
    out_text(out, ")");
}

void post_out_sources(struct out *out, enum post_out to)
{
    out_format(out, "('%s'", post_out_name(to));
    for (unsigned from = 0; from < POST_OUT_STATES; from++)
        if (out_changes[from][to]) out_format(out, ", '%s'", out_names[from]);
    out_text(out, ")");
}
