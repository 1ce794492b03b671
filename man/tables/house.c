/* man/tables/house.c - Prints the mechanisms of the product itself: the states of the post office and their changes. */
#include "man/tables/page.h"
#include "man/tables/tables.h"

void post_in(void)
{
#define POST_IN_STATE(name, place, after, meaning) row(#name, "", meaning);
#include "runtime/post/post.def"
}

void post_out(void)
{
#define POST_OUT_STATE(name, place, after, shown, meaning) row(#name, "shown as " shown, meaning);
#include "runtime/post/post.def"
}

void post_changes(void)
{
#define POST_IN_CHANGE(from, to, when)  row(#from " to " #to, "comes in", when);
#define POST_OUT_CHANGE(from, to, when) row(#from " to " #to, "goes out", when);
#include "runtime/post/post.def"
}

void post_faults(void)
{
#define POST_FAULT(name, doc) row(#name, "", doc);
#include "runtime/post/post.def"
}
