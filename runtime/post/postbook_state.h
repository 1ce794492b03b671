/* runtime/post/postbook_state.h - What the files of the book share. */
#pragma once

#include "runtime/lists/lists.h"
#include "runtime/post/postbook.h"
#include "runtime/sql/sql.h"
#include "runtime/store/store.h"
#include "base/out.h"

/* In microseconds, eight days: networks bring a message again, or send receipts, for up to seven. */
#define NAMED_FOR (8 * INT64_C(86400000000))

struct postbook {
    const struct post_way *way;
    const struct post_rules *rules;
    const void *self;               /* passed to the functions of the way */
    const struct post_talks *talks; /* NULL: the way has no conversations */
    struct store *store;
    struct sql *sql;     /* the store's connection */
    struct lists *lists; /* NULL: there is no shared do-not-call list */
    bool lists_failed;   /* the do-not-call list has failed since the last postbook_lists_failed() */
    /* The SQL statements that change a state, by the new state: made from post.def, and kept as long as `sql`. */
    struct out in_becomes[POST_IN_STATES], out_becomes[POST_OUT_STATES], name_becomes[POST_OUT_STATES];
};

/* Takes over items from tables of earlier plugins (postbook_before.c). */
bool postbook_takes_over(struct postbook *, struct error *);

/* Writes to the do-not-call list that the customer has left or come back. */
bool postbook_share_word(struct postbook *, const struct post_item *, struct error *);
