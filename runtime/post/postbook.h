/* runtime/post/postbook.h - All data about items that must survive the process, in the contact store: which items
 * have come and were answered, pieces that wait, which items were sent and with what result. All functions block,
 * and are for the thread.
 *
 * An item from a customer keeps its name, its external id, however often the other side brings it: for eight days if
 * the other side gives names to items; else until the other side has its answer, and ten seconds more, but for a day
 * at most. The same name with other content is another item. */
#pragma once

#include <glib.h>

#include "runtime/post/way.h"
#include "base/error.h"

struct postbook;

/* Opens the store, and takes over the tables that plugins of earlier versions had. `self` is passed to the functions
 * of the way. NULL with the reason. */
struct postbook *postbook_open(const struct post_way *, const struct post_rules *, const void *self, char *why,
                               size_t why_size);
void postbook_close(struct postbook *); /* NULL is allowed */
struct store *postbook_store(struct postbook *);
void postbook_talks(struct postbook *, const struct post_talks *); /* borrowed */
/* Begin and end a group of steps that become durable together: each step is kept as a whole or not at all, and none
 * is kept if the end of the group fails. */
bool postbook_together_begin(struct postbook *, struct error *);
bool postbook_together_end(struct postbook *, struct error *);
bool postbook_step_begin(struct postbook *, struct error *);
bool postbook_step_end(struct postbook *, bool good, struct error *);
/* Has the do-not-call list failed, and not the contact store, since the last call? */
bool postbook_lists_failed(struct postbook *);

/* Takes over rows that an earlier version of a way had in files of its own. The book takes all of them, or none. */
bool postbook_takes_rows(struct postbook *, const struct post_before *, size_t count, int64_t now, struct error *);

/* ---- what comes ---- */

/* Keeps an item of a customer. False: that is not possible now. */
bool postbook_arrive(struct postbook *, struct post_item *, struct error *);
/* Keeps an item as an interaction of its own. */
bool postbook_keep_alone(struct postbook *, struct post_item *, struct error *);
/* Notes that the other side was told that we have the item; `ixn`: the item's number in the core, 0: none. */
bool postbook_answered(struct postbook *, const struct post_item *, uint64_t ixn, int64_t now, struct error *);
/* Reads an item that a core has lost once more, by its interaction and its name. False: the item cannot be read, or not
 * now. `*over`: the result with which the item was ended instead, because it needs no core any more, or its address of
 * ours is not known. */
bool postbook_again(struct postbook *, struct post_item *, int64_t now, const char **over, struct error *);
/* Finds items whose missing pieces have not come in time. */
bool postbook_gaps(struct postbook *, int64_t now, uint64_t journal, GPtrArray *items, struct error *);
/* Keeps an item that postbook_gaps() has found as the pieces that have come, with [...] in place of the missing
 * ones. */
bool postbook_gap(struct postbook *, struct post_item *, struct error *);
/* Notes the end of the item with this external id. */
bool postbook_end_named(struct postbook *, const char *external_id, const char *result, int64_t now, struct error *);
/* Reads whether the item has ended: `state` becomes "ended" or "open"; "": there is no such item. */
bool postbook_ended(struct postbook *, const char *external_id, char state[POST_WORD_SIZE], struct error *);
/* Notes in the item's row that its interaction has ended. */
bool post_item_ended(struct store *, int64_t interaction, struct error *);
/* Ends an item's interaction and its row, by another handle of the store. */
bool post_item_end(struct store *, int64_t interaction, const char *result, int64_t now, struct error *);
/* Removes rows that are not needed any more. `all`: rows of all ways, because the plugin of another way may be gone. */
bool postbook_tidy(struct postbook *, bool all, int64_t now, struct error *);

/* ---- what goes ---- */

enum post_going {
    POST_GO,         /* the item may be sent, after postbook_begin() has allowed it */
    POST_GONE,       /* the other side has the item already */
    POST_LOST,       /* the item was being sent when the process ended: nobody knows whether it arrived */
    POST_STOPPED,    /* the customer wants no messages, or is on the do-not-call list */
    POST_FAILED,     /* the item was noted as failed earlier */
    POST_OTHER,      /* an application's item with other content was sent under this name */
    POST_SUPPRESSED, /* a machine would answer a machine */
};

struct post_order {
    uint64_t journal, ixn;
    const char *msg_id, *own, *customer, *text, *reply_to;
    const char *digest; /* of post_order_digest(); distinguishes items with the same name; "": the name suffices */
    unsigned pieces;
    int64_t now;
    int64_t asked; /* when this process got the request; it tells which rows this process has begun */
    bool notice;   /* a notice, as that a customer has left: it is sent in any case */
    bool said;     /* the contact store has the item as a message of its conversation */
    bool begun;    /* in: send the item at once; out: in the book the item is begun */
    bool doubt;    /* no piece of the item was sent, and this process may have made its row, or noted it as begun */
    /* Made by the thread: */
    int64_t item; /* the item's row of post_out; before: 0, or the row from postbook_resume() */
    enum post_going going;
    void *body;          /* data of the way for write(), which sets `interaction` and `why` */
    int64_t interaction; /* the item's interaction in the contact store; 0: none */
    char why[POST_WHY];  /* why the item must not be sent; "": no reason is given */
};

void post_order_digest(const char *customer, struct span from, const char *text, char digest[POST_DIGEST]);

bool postbook_send(struct postbook *, struct post_order *, struct error *);
/* Looks for the row of the order, and sets `item` to it; if there is none, `item` stays 0. */
bool postbook_row(struct postbook *, struct post_order *, struct error *);
/* Reads the text under which the order was kept as an interaction of its own, by the order's journal, numbers and
 * digest. `*text` is freed by g_free(); NULL: the order was not kept. False: the store is away. */
bool postbook_kept_text(struct store *, const char *way, const struct post_order *, char **text, struct error *);
/* Notes that the item is going now; `begun` false: that it waits again, because no piece was sent. Sets `going`:
 * POST_LOST if the order's row is in another state, because another process has it; POST_STOPPED if the customer has
 * left since postbook_send(), which is noted as failed; POST_FAILED if the customer was erased. */
bool postbook_begin(struct postbook *, struct post_order *, struct error *);
/* An unfinished item that no core will ask for again. */
struct post_left {
    uint64_t journal;
    int64_t item;
    char *msg_id, *own, *customer, *text;
    char digest[POST_DIGEST];
    bool gone; /* the contact store lacks its text or customer; it was noted as failed */
    bool late; /* the item has waited for too long, and was noted as failed */
};
enum { POST_PAGE = 200 };
GPtrArray *post_left_new(void); /* of struct post_left */
/* Reads the next page of unfinished items for which no core asks, in the state `held` or `begun`, from addresses of
 * ours, after the row `*after`, in their order. `*after` becomes the last row that was read; 0: there are no more.
 * Held items are to be sent, unless they were asked for before the time `before`. Begun items must be read before
 * anything is sent: those that may be sent twice become held again and are not in the page; for the others nobody
 * knows whether they were sent, which is noted. */
bool postbook_resume(struct postbook *, enum post_out, int64_t now, int64_t before, int64_t *after, GPtrArray *page,
                     struct error *);
/* Ends items that the core of this journal asked for before the time `before`, and does not ask for any more, because
 * whoever wanted them has gone on. Items for which a core asked whose state was lost days ago are ended, too. Held
 * items are not sent; for begun items it is noted that nobody knows whether they were sent. `going`: keys of the items
 * being sent, which are left out. Each call reads one page after the row `*after`, which becomes the last row that was
 * read; 0: there are no more. `*count` grows. */
bool postbook_strays(struct postbook *, uint64_t journal, GHashTable *going, int64_t before, int64_t now,
                     int64_t *after, unsigned *count, struct error *);
char *post_going_key(uint64_t ixn, struct span msg_id);                   /* freed by g_free() */
bool postbook_waiting(struct postbook *, int64_t *count, struct error *); /* items held for applications */
/* The word for the state of an application's item with this name; "": there is none. */
bool postbook_sent_state(struct postbook *, const char *msg_id, char state[POST_WORD_SIZE], struct error *);
/* Notes the result of an item: given, failed, unknown. If post.def does not allow that change, nothing is changed. */
bool postbook_out_becomes(struct postbook *, int64_t item, enum post_out, int64_t now, struct error *);
bool postbook_named(struct postbook *, int64_t item, unsigned n, const char *form, struct error *);

struct post_fate {
    uint64_t journal, ixn;
    char msg_id[POST_PEER];
    bool known;          /* an item has the receipt's name; false: none has, or not yet */
    bool stands;         /* the item's piece or recipient now has the state in the receipt */
    bool repeated;       /* the piece or recipient had that state already before the receipt */
    bool told;           /* the item's result is known, not worse than before, and must be reported */
    enum post_out state; /* if `told`: the state of the whole item */
};
/* Finds the message of ours that the other side knows by this name (post_way.names); "": none. */
bool postbook_msg_id(struct store *, const char *way, const char *form, char msg_id[POST_PEER], struct error *);
bool postbook_receipt(struct postbook *, const struct post_receipt *, int64_t now, struct post_fate *, struct error *);
