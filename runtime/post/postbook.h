/* runtime/post/postbook.h - All of items that must outlive the process, in the contact store: what has come and was
 * answered, pieces that wait, what was sent and what became of it. All of it blocks, and is for the thread.
 *
 * An item that comes has one name, its external id, however often the other side brings it: until it was told that we
 * have it, and for ten seconds more; for a day where the other side names it. The same name with other content is
 * another item.
 */
#pragma once

#include <glib.h>

#include "runtime/post/way.h"
#include "base/error.h"

struct postbook;

/* Opens the store, and takes over what plugins of earlier versions kept by themselves. `self` is passed to the way's
 * operations. NULL with the reason. */
struct postbook *postbook_open(const struct post_way *, const struct post_rules *, const void *self, char *why,
                               size_t why_size);
void postbook_close(struct postbook *); /* NULL is allowed */
struct store *postbook_store(struct postbook *);
void postbook_talks(struct postbook *, const struct post_talks *); /* borrowed */
/* Begin and end a group of steps that become durable together: each step is kept whole or not at all, and none is kept
 * where the end fails. */
bool postbook_together_begin(struct postbook *, struct error *);
bool postbook_together_end(struct postbook *, struct error *);
bool postbook_step_begin(struct postbook *, struct error *);
bool postbook_step_end(struct postbook *, bool good, struct error *);
/* Has the do-not-call list failed, and not the contact store, since this was asked last? */
bool postbook_lists_failed(struct postbook *);

/* An earlier version of a way kept these rows in files of its own. The book takes over all of them, or none. */
bool postbook_takes_rows(struct postbook *, const struct post_before *, size_t count, int64_t now, struct error *);

/* ---- what comes ---- */

/* Keeps an item that has come. False: that is not possible now. */
bool postbook_arrive(struct postbook *, struct post_item *, struct error *);
/* Keeps an item as an interaction of its own. */
bool postbook_keep_alone(struct postbook *, struct post_item *, struct error *);
/* Notes that the other side was told that we have the item; `ixn`: the core's number of it, 0: none. */
bool postbook_answered(struct postbook *, const struct post_item *, uint64_t ixn, int64_t now, struct error *);
/* Reads an item that a core has lost once more, by its interaction and its name. False: that is not possible, or not
 * now. `*over`: the result with which it was ended instead, as it needs no core any more, or nobody knows to which
 * address of ours it came. */
bool postbook_again(struct postbook *, struct post_item *, int64_t now, const char **over, struct error *);
/* Finds items whose other pieces did not come in time. */
bool postbook_gaps(struct postbook *, int64_t now, uint64_t journal, GPtrArray *items, struct error *);
/* Keeps one of these items as the pieces that came, with [...] in place of the missing ones. */
bool postbook_gap(struct postbook *, struct post_item *, struct error *);
/* Notes the end of the item with this external id. */
bool postbook_end_named(struct postbook *, const char *external_id, const char *result, int64_t now, struct error *);
/* Reads whether the item has ended: `state` becomes "ended", "open", or "" where there is no such item. */
bool postbook_ended(struct postbook *, const char *external_id, char state[POST_WORD_SIZE], struct error *);
/* Notes in the item's row that its interaction has ended. */
bool post_item_ended(struct store *, int64_t interaction, struct error *);
/* Ends an item's interaction, and its row, through another handle of the store. */
bool post_item_end(struct store *, int64_t interaction, const char *result, int64_t now, struct error *);
/* Removes rows that are of no use any more. `all`: rows of all ways, as another way's plugin may be gone. */
bool postbook_tidy(struct postbook *, bool all, int64_t now, struct error *);

/* ---- what goes ---- */

enum post_going {
    POST_GO,         /* it is to be sent, once postbook_begin() says so */
    POST_GONE,       /* the other side has it already */
    POST_LOST,       /* it was on its way when the process ended: nobody knows whether it arrived */
    POST_STOPPED,    /* the customer wants no messages, or stands on the do-not-call list */
    POST_FAILED,     /* it was noted as failed before */
    POST_OTHER,      /* something else was sent under this name, for an application */
    POST_SUPPRESSED, /* a machine would answer a machine */
};

struct post_order {
    uint64_t journal, ixn;
    const char *msg_id, *own, *customer, *text, *reply_to;
    const char *digest; /* post_order_digest(), by which another item of its name is told; "": the name is enough */
    unsigned pieces;
    int64_t now;
    int64_t asked; /* when this process was asked for it, which tells rows that it has begun itself */
    bool notice;   /* it tells a customer of having left, and goes in any case */
    bool said;     /* the contact store has it as a message of its conversation */
    bool begun;    /* in: send it at once; out: the book has it in the state begun */
    bool doubt;    /* no piece has gone, and this process may have made its row or begun it */
    /* Made by the thread: */
    int64_t item; /* its row of post_out; before: 0, or the row that postbook_resume() has read */
    enum post_going going;
    void *body;          /* the way's, for write(), which sets `interaction` and `why` */
    int64_t interaction; /* number of its interaction in the contact store; 0: none */
    char why[POST_WHY];  /* why it is not to go; "": no reason is given */
};

void post_order_digest(const char *customer, struct span from, const char *text, char digest[POST_DIGEST]);

bool postbook_send(struct postbook *, struct post_order *, struct error *);
/* Looks for the order's row, and sets `item` to it; without a row, `item` stays 0. */
bool postbook_row(struct postbook *, struct post_order *, struct error *);
/* Notes that the item is going now; `begun` false: that it waits again, as no piece of it has gone. Sets `going`:
 * POST_LOST where its row is in another state, as another process has it; POST_STOPPED where the customer has left
 * since postbook_send(), which is noted as failed; POST_FAILED where the customer was erased. */
bool postbook_begin(struct postbook *, struct post_order *, struct error *);
/* An item that no core asks for again. */
struct post_left {
    uint64_t journal;
    int64_t item;
    char *msg_id, *own, *customer, *text;
    char digest[POST_DIGEST];
    bool gone; /* its text or customer is no longer in the contact store, and it was noted as failed */
    bool late; /* it has waited for too long, and was noted as failed */
};
enum { POST_PAGE = 200 };
GPtrArray *post_left_new(void); /* of struct post_left */
/* Reads the next page of them that are `held` or `begun`, from addresses of ours, behind the row `*after`, in their
 * order. `*after` becomes the last row read; 0: there are no more. Held: they go on, unless they
 * were asked for before the moment `before`. Begun, from before anything goes:
 * those that may be sent twice are held again and not in the page, and of the others nobody knows, which is noted. */
bool postbook_resume(struct postbook *, enum post_out, int64_t now, int64_t before, int64_t *after, GPtrArray *page,
                     struct error *);
/* Items that the core of this journal asked for before the moment `before`, and asks for no more: whoever wanted them
 * has gone on. And those for which a core asked days ago that was lost. None of those that are held goes, and of those
 * that are begun nobody knows. `going`: keys of those that are under way. Reads a page behind the row `*after`, which
 * becomes the last row read; 0: there are no more. `*count` grows. */
bool postbook_strays(struct postbook *, uint64_t journal, GHashTable *going, int64_t before, int64_t now,
                     int64_t *after, unsigned *count, struct error *);
char *post_going_key(uint64_t ixn, struct span msg_id);                   /* freed by g_free() */
bool postbook_waiting(struct postbook *, int64_t *count, struct error *); /* items held for applications */
/* The word for the state of what was sent for an application under this name; "": nothing was. */
bool postbook_sent_state(struct postbook *, const char *msg_id, char state[POST_WORD_SIZE], struct error *);
/* Notes what became of the item: given, failed, unknown. Changes nothing where post.def does not allow that change. */
bool postbook_out_becomes(struct postbook *, int64_t item, enum post_out, int64_t now, struct error *);
bool postbook_named(struct postbook *, int64_t item, unsigned n, const char *form, struct error *);

struct post_fate {
    uint64_t journal, ixn;
    char msg_id[POST_PEER];
    bool known;          /* an item has the receipt's name; false: none has, or not yet */
    bool stands;         /* its piece or recipient now has the state that the receipt says */
    bool repeated;       /* the piece or recipient had that state before the receipt came */
    bool told;           /* the item's fate is known, no worse than before, and is to be told */
    enum post_out state; /* where `told`: the state of the whole item */
};
bool postbook_receipt(struct postbook *, const struct post_receipt *, int64_t now, struct post_fate *, struct error *);
