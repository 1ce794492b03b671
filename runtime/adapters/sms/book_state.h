/* runtime/adapters/sms/book_state.h - The parts of the book that its files share. */
#ifndef SMS_BOOK_STATE_H
#define SMS_BOOK_STATE_H

#include "runtime/adapters/sms/book.h"
#include "runtime/lists/lists.h"
#include "runtime/sql/sql.h"
#include "runtime/store/store.h"

struct book {
    const struct setting *setting;
    struct store *store;
    struct sql *sql;     /* the store's connection, for the tables of book.def */
    struct lists *lists; /* NULL: the do-not-call list is not shared */
};

/* The do-not-call list is told that the customer has left or come back. */
bool book_share_word(struct book *, const struct book_message *, struct error *);

#endif
