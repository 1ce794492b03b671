/* runtime/adapters/sms/book.h - All of short messages that must outlive the process, in the database of the contact
 * store: parts that wait, what came and was answered, who has left, what was sent. All of it blocks, and is for the
 * thread.
 *
 * A message that comes has one name, its external id, however often the other side brings it: until it was told that we
 * have it, and for ten seconds more. */
#ifndef SMS_BOOK_H
#define SMS_BOOK_H

#include <glib.h>

#include "runtime/adapters/sms/parts.h"
#include "runtime/adapters/sms/receipt.h"
#include "runtime/adapters/sms/setting.h"
#include "runtime/vocabulary/reserved.h"
#include "vm/error.h"

enum { BOOK_ID = 80, BOOK_MSG_ID = 200, BOOK_NUMBER = 65, BOOK_STATE = 16 };

struct book;

/* NULL with the reason. */
struct book *book_open(const struct setting *, char *why, size_t why_size);
void book_close(struct book *); /* NULL is allowed */
struct store *book_store(struct book *);
/* Steps between are durable together, at the end: each is kept whole or not at all, and none where the end fails. */
bool book_together_begin(struct book *, struct error *);
bool book_together_end(struct book *, struct error *);
bool book_step_begin(struct book *, struct error *);
bool book_step_end(struct book *, bool good, struct error *);

/* ---- what comes ---- */

enum book_arrived {
    BOOK_SUBMIT, /* the core is to be told */
    BOOK_ASK,    /* it may be one of a conversation, which keeps it; else book_keep_alone() does */
    BOOK_PART,   /* it waits for other parts, or is a word that was acted upon: it is answered */
    BOOK_WORD,   /* the customer has left, come back, or asked for help */
};

struct book_message { /* a message on its way in */
    char own[BOOK_NUMBER], customer[BOOK_NUMBER];
    struct part_place place;
    char peer_id[BOOK_MSG_ID]; /* the provider's own name of it, by which it is the same for ever; "": it has none */
    char *text;                /* g_malloc'ed: of the part, then of the whole message */
    int64_t now;
    uint64_t journal;
    /* Made by the thread: */
    enum book_arrived arrived;
    enum words_meaning word;
    bool anew; /* the word has changed something: the customer is told */
    char external_id[BOOK_ID];
    int64_t interaction;
    int64_t part; /* the row of sms_arrived; 0: none */
    bool said;    /* a conversation has kept it */
};

/* Keeps it. False: it cannot be kept now. */
bool book_arrive(struct book *, struct book_message *, struct error *);
/* A message that is an interaction of its own. */
bool book_keep_alone(struct book *, struct book_message *, struct error *);
/* The other side has been told that we have it; `ixn`: the core's, 0: none. */
bool book_answered(struct book *, const struct book_message *, uint64_t ixn, int64_t now, struct error *);
/* A core has lost it: reads it once more, by its interaction and its name. False: it cannot be, or not now; where
 * nobody knows any more to which number of ours it was, it is ended as lost. */
bool book_again(struct book *, struct book_message *, int64_t now, struct error *);
/* Messages whose other parts did not come in time: with [...] in their places they are kept as those that came. */
bool book_gaps(struct book *, int64_t now, uint64_t journal, GPtrArray *messages, struct error *);
void book_message_free(gpointer message);
/* Forgets what is of no use any more. */
bool book_tidy(struct book *, int64_t now, struct error *);

/* ---- what goes ---- */

enum book_going {
    BOOK_GO,      /* it is to be sent, once book_begin() says so */
    BOOK_GONE,    /* the other side has it already */
    BOOK_LOST,    /* it was on its way when the process ended: nobody knows */
    BOOK_STOPPED, /* the customer wants none, or is not to be called */
    BOOK_FAILED   /* it was refused before */
};

struct book_sending {
    uint64_t journal, ixn;
    const char *msg_id, *own, *customer, *text, *reply_to;
    unsigned parts;
    int64_t now;
    bool notice; /* it tells a customer of having left, and goes in any case */
    bool said;   /* the contact store has it in its conversation */
    bool begun;  /* it goes at once; the thread: it stands in the book as going */
    /* Made by the thread: */
    int64_t message; /* the row of sms_sent */
    enum book_going going;
};

bool book_send(struct book *, struct book_sending *, struct error *);
/* It is going now; or, `begun` false, it waits again, as none of it has gone. BOOK_LOST: it was not so before, and
 * another process has it. BOOK_STOPPED: the customer has left since book_send(), and it is noted as failed. */
bool book_begin(struct book *, struct book_sending *, struct error *);
typedef void book_each_sending(void *self, const struct book_sending *);
/* Each message that no core asks for again, from a number of ours, that waited or was going when the process before
 * ended, in their order: BOOK_GO; BOOK_LOST: it was going, may not be sent twice, and is noted as unknown. The book is
 * not looked at any more when `each` is called. */
bool book_resume(struct book *, int64_t now, book_each_sending *, void *self, struct error *);
/* The state of what was sent for an application under this name; "": nothing was. */
bool book_sent_state(struct book *, const char *msg_id, char state[BOOK_STATE], struct error *);
/* Its state: accepted, failed, unknown. */
bool book_told(struct book *, int64_t message, const char *state, int64_t now, struct error *);
bool book_named(struct book *, int64_t message, unsigned n, const char *peer_id, struct error *);

struct book_fate {
    uint64_t journal, ixn;
    char msg_id[BOOK_MSG_ID];
    enum receipt_state state; /* of the whole message; RECEIPT_NONE: it is not known yet */
};
/* A receipt has come, about a message to `from`, or, empty, to any number. `*known` false: none has that name, or not
 * yet.
 */
bool book_receipt(struct book *, const char *peer_id, const char *from, enum receipt_state, int64_t now, bool *known,
                  struct book_fate *, struct error *);

#endif
