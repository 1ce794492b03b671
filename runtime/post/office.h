/* runtime/post/office.h - The post office: the life of what comes from customers and goes to them, once for all ways
 * (way.h). It owns the thread that has the contact store, the timer, the questions to the core, and all items under
 * way.
 *
 *     in:   office_take() --> thread: book --> Submit --> Reply --> the way's answer()
 *     out:  SendMessage --> thread: book --> queue --> the way's send()
 *           office_answered(), office_receipt() --> thread: book --> EventDelivery
 *
 * Nothing is answered as taken that is not in the contact store and in the core: a process that is killed anywhere
 * between leaves it with the other side, and the second time it is known. An item of ours is in the book from when the
 * office has it, and the book says that it is going before its first byte goes: after a kill it is sent if it was not
 * going. Else nobody knows, and it goes again only where the way's rules say that it may. */
#pragma once

#include <glib.h>

#include "runtime/adapter/gcx_adapter.h"
#include "runtime/post/postbook.h"
#include "runtime/post/way.h"

struct event_base;
struct office;
struct robots;

struct post_sending { /* an item on its way out; the way reads it */
    uint64_t ixn, ref, journal, begun_us;
    uint64_t conn; /* of the conversation in which it is said; 0: none */
    char *key, *msg_id, *text, *reply_to;
    char own[POST_ADDRESS], customer[POST_ADDRESS];
    char digest[POST_DIGEST];
    unsigned pieces;
    unsigned recipients; /* whose receipts come one by one, where order() says so; 0: as many as pieces */
    void *body;          /* what divide() has made */
    bool notice;         /* it goes also to a customer who wants none */
    bool unkept;         /* it is in no book (office_pass()) */
    bool untold;         /* the core has not asked for it, and does not hear of it */
    bool suppressed;     /* it does not go, so that machines do not answer each other: the step's exit says so */
    uint64_t expires_us; /* so long it is tried; 0: as long as the rules say */
    void *asker;         /* who waits for the book; NULL: nobody */
    int64_t item;        /* its row; 0: none yet */
    /* The office's: */
    unsigned left; /* pieces without an answer */
    unsigned out;  /* pieces that are on their way */
    bool begun;    /* the book has it as going */
    bool doubt;    /* the book was to change it, and has perhaps not, or its answer was lost: it is asked again */
    int64_t asked; /* when it was asked for, by the wall clock */
    bool touched;  /* the other side may have a piece of it */
    bool cancelled, in_thread;
    bool disowned;              /* by a core with another journal, which may ask for it again */
    uint64_t next_us, pause_us; /* it does not go before; the pause that led to that */
    bool ended;                 /* and told so; the book may not know it yet */
    enum post_answer worst;     /* of the answers */
    enum post_going going;
    char **peer_ids;
    enum delivery state;
    enum cause cause;
    char why[POST_WHY];
};

struct office_setup {
    struct gcx_link *link;
    const struct gcx_services *services;
    struct event_base *base;
    const struct post_way *way;
    const struct post_rules *rules;
    void *self;            /* of the way's operations */
    struct robots *robots; /* how often machines may write to one customer; the way's. NULL: no step sends by it */
};

/* NULL with the reason. Nothing is done before office_begin(). */
struct office *office_new(const struct office_setup *, char *why, size_t why_size);
/* The way is ready: the items go on that waited when the earlier process ended. */
bool office_begin(struct office *, char *why, size_t why_size);
/* The rows of files that an earlier version has left, before office_begin(); the way removes the files then. */
bool office_takes_over(struct office *, const struct post_before *, size_t count, char *why, size_t why_size);
/* The process ends: no more goes, and answers that are under way are heard for a while. Then the way ends, and
 * office_free() after it; NULL is allowed for all three. */
void office_close(struct office *);
/* Something of the plugin's that needed the contact store has failed: the neighbour "store" is away until a look has
 * found it. The office looks by itself, and tells so of its own jobs and errands. NULL is allowed. */
void office_store_failed(struct office *, const char *why);
/* The thread ends: no job and no errand comes back any more. office_free() does it, too. */
void office_stop(struct office *);
void office_free(struct office *);

/* As the functions of struct gcx_adapter. */
void office_core_up(struct office *, bool up);
void office_credit(struct office *);
/* False: the effect is nothing of the office's. */
bool office_perform(struct office *, const struct message *effect);
/* The same for a plugin that has nothing else which the core does not have: answers each effect. */
void office_perform_all(struct office *, const struct message *effect);
void office_committed(struct office *, uint64_t posted);
/* Posts an event of the way's. All events of a plugin go through its office, which counts them. False: it is not taken
 * now. */
bool office_post(struct office *, struct span frame);

/* Work of a way with the contact store, beside its items. */
struct post_errand {
    void *self;
    bool (*work)(void *self, struct store *, struct error *);  /* in the thread */
    void (*done)(void *self, bool good, const struct error *); /* in the loop */
    void (*free)(void *self);                                  /* comes last in any case; may be NULL */
    void (*dropped)(void *self); /* the office ends, and done() will not be called; may be NULL */
    /* While the contact store is away, is it done again each second, so that done() waits? It is asked before each
     * time, in the loop, and as the office ends, for a last time. NULL: it is done once. */
    bool (*lasts)(const void *self);
    void (*lost)(void *self, const struct error *); /* the last time has failed, too; before dropped(); may be NULL */
};
void office_errand(struct office *, const struct post_errand *);
unsigned office_waiting(const struct office *); /* jobs at the thread, errands included */
/* The contact store, before office_begin() and after office_stop(). At other times the thread has it. */
struct store *office_store(struct office *);

/* ---- conversations ---- */

/* Conversations begin as items do: office_take() gets one that is a `talk`. */
void office_talks(struct office *, const struct post_talks *);

uint64_t office_now(const struct office *);
int64_t office_wall(const struct office *);

/* ---- what comes ---- */

/* It has come; takes the item. Its `now` and `journal` are filled in. */
void office_take(struct office *, const struct post_ticket *, struct post_item *);
/* The way has refused something before it was an item: for good, or `later`, until it is brought again. */
void office_refused(struct office *, bool later);
/* A conversation has kept what taken() was given: POST_TAKEN. Else the verdict says whether it is brought again. */
void office_said(struct post_coming *, enum post_verdict);
void post_coming_free(struct post_coming *); /* the way ends before it has said so */
/* It is answered once it is kept. */
void office_receipt(struct office *, const struct post_ticket *, const struct post_receipt *);

/* ---- what goes ---- */

/* An item that no core asks for; `name` is copied, `text` is taken. The caller fills in addresses and gives it to one
 * of those below. */
struct post_sending *office_sending_new(struct office *, uint64_t ixn, struct span name, char *text);
/* One that is given to nobody. */
void office_sending_free(struct office *, struct post_sending *);
/* Once under its name. Takes the sending. */
void office_send_once(struct office *, struct post_sending *);
/* The same, unless machines have written to the customer often enough. */
void office_send_by_machine(struct office *, struct post_sending *);
/* Words of the way's own that hold at this moment, such as who has joined: they go behind what is on its way, and end
 * with the process. Takes the sending. */
void office_pass(struct office *, struct post_sending *);
/* Sends what is said in a conversation. delivery_failed with the cause: it cannot go. Takes the sending. */
enum delivery office_say(struct office *, struct post_sending *, enum cause *);
/* Sends an item for an application; the caller has set its `digest`. Takes the sending. Returns NULL, and ordered()
 * answers the asker; or the reason why the item cannot go, and the asker stays the caller's. `*again`: the same item is
 * under way, and the asker stays the caller's, too. */
const char *office_order(struct office *, struct post_sending *, void *asker, bool *again);
/* asked() tells the state of what was ordered under the name. */
void office_ask(struct office *, const char *name, void *asker);
/* The other side has answered a piece that send() was given. */
void office_answered(struct office *, void *piece, const struct post_answered *);
void office_unanswered(void *piece); /* the process ends, and the book has it as begun */
void office_pump(struct office *);   /* there may be room now */
void office_hurry(struct office *);  /* the other side is there again: no item waits for the end of its pause */
/* The age of the oldest item that is under way, in seconds. */
int64_t office_oldest_s(struct office *);
