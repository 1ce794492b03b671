/* runtime/post/postbook_state.h - The parts of the book that its files share. */
#pragma once

#include "runtime/lists/lists.h"
#include "runtime/post/postbook.h"
#include "runtime/sql/sql.h"
#include "runtime/store/store.h"
#include "base/out.h"

/* Microseconds: networks bring a message again, and tell what became of ours, for up to seven days. */
#define NAMED_FOR (8 * INT64_C(86400000000))

struct postbook {
    const struct post_way *way;
    const struct post_rules *rules;
    const void *self;               /* passed to the way's operations */
    const struct post_talks *talks; /* NULL: the way has no conversations */
    struct store *store;
    struct sql *sql;     /* the store's connection */
    struct lists *lists; /* NULL: the do-not-call list is not shared */
    bool lists_failed;   /* the do-not-call list failed since postbook_lists_failed() was asked last */
    /* The statements of a change, by the state that it leads to: made of post.def, and kept as long as `sql`. */
    struct out in_becomes[POST_IN_STATES], out_becomes[POST_OUT_STATES], name_becomes[POST_OUT_STATES];
};

/* Takes over what earlier plugins kept in tables of their own (postbook_before.c). */
bool postbook_takes_over(struct postbook *, struct error *);

/* Tells the do-not-call list that the customer has left or come back. */
bool postbook_share_word(struct postbook *, const struct post_item *, struct error *);
