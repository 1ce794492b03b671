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
    uint64_t conn; /* connection of the conversation in which it is said; 0: none */
    char *key, *msg_id, *text, *reply_to;
    char own[POST_ADDRESS], customer[POST_ADDRESS];
    char digest[POST_DIGEST];
    unsigned pieces;
    unsigned recipients; /* how many have receipts of their own, where order() sets it; 0: as many as pieces */
    void *body;          /* the way's own, made by order() or divide() */
    bool notice;         /* it goes even to a customer who wants no messages */
    bool unkept;         /* it is in no book (office_pass()) */
    bool untold;         /* the core did not ask for it, and is not told what became of it */
    bool suppressed;     /* it is not sent, so that machines do not answer each other: the step's exit says so */
    uint64_t expires_us; /* how long it is tried; 0: as long as the rules say */
    void *asker;         /* the application that waits until the book has it; NULL: none */
    int64_t item;        /* its row in the book; 0: none yet */
    /* Fields that only the office uses: */
    unsigned left; /* pieces without an answer */
    unsigned out;  /* pieces that are on their way */
    bool begun;    /* the book has it in the state begun */
    bool doubt;    /* a change of its row failed or its answer was lost: the book is asked again */
    int64_t asked; /* when the core asked for it, by the wall clock */
    bool touched;  /* the other side may have one of its pieces */
    bool cancelled, in_thread;
    bool disowned;              /* asked for under another journal than the core's, which may ask for it again */
    uint64_t next_us, pause_us; /* it is not sent before; the pause that led to that */
    bool ended;                 /* its end was told; the book may not know that yet */
    enum post_answer worst;     /* the worst answer to its pieces */
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
    void *self; /* passed to the way's operations */
    struct robots
        *robots; /* the way's, how often machines may write to one customer; NULL: no step sends by this way */
};

/* Makes the office, which does nothing before office_begin(). NULL with the reason. */
struct office *office_new(const struct office_setup *, char *why, size_t why_size);
/* Begins the office's work, as the way is ready: items that waited when the earlier process ended go on. */
bool office_begin(struct office *, char *why, size_t why_size);
/* Takes over the rows of files that an earlier version has left; called before office_begin(). The way removes the
 * files after that. */
bool office_takes_over(struct office *, const struct post_before *, size_t count, char *why, size_t why_size);
/* The process ends: no more goes, and answers that are under way are heard for a while. Then the way ends, and
 * office_free() after it; NULL is allowed for all three. */
void office_close(struct office *);
/* Something of the plugin's that needed the contact store has failed: the neighbour "store" is away until a look has
 * found it. The office looks by itself, and tells so of its own jobs and errands. NULL is allowed. */
void office_store_failed(struct office *, const char *why);
/* Ends the thread: no job and no errand comes back any more. office_free() does this, too. */
void office_stop(struct office *);
void office_free(struct office *);

/* As the functions of struct gcx_adapter. */
void office_core_up(struct office *, bool up);
void office_credit(struct office *);
/* Carries out an effect of the core. False: it is none of the office's. */
bool office_perform(struct office *, const struct message *effect);
/* Carries out each effect that the link gets, for a plugin with nothing but items of the office: answers those that are
 * none of the office's. */
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
    void (*lost)(void *self,
                 const struct error *); /* as the office ends it is not done; before dropped(); may be NULL */
};
void office_errand(struct office *, const struct post_errand *);
unsigned office_waiting(const struct office *); /* number of jobs and errands at the thread */
/* The contact store, before office_begin() and after office_stop(). At other times the thread has it. */
struct store *office_store(struct office *);

/* ---- conversations ---- */

/* Conversations begin as items do: office_take() gets one that is a `talk`. */
void office_talks(struct office *, const struct post_talks *);

uint64_t office_now(const struct office *);
int64_t office_wall(const struct office *);

/* ---- what comes ---- */

/* Takes an item that has come, owns it from then on, and fills in its `now` and `journal`. */
void office_take(struct office *, const struct post_ticket *, struct post_item *);
/* Counts something that the way refused before it was an item: for good, or `later`, until it is brought again. */
void office_refused(struct office *, bool later);
/* Tells whether the conversation has kept the item that taken() was given: POST_TAKEN; another verdict says whether the
 * item is to be brought again. */
void office_said(struct post_coming *, enum post_verdict);
void post_coming_free(struct post_coming *); /* for a way that ends before it has called office_said() */
/* Takes a receipt that has come, which is answered once it is kept. */
void office_receipt(struct office *, const struct post_ticket *, const struct post_receipt *);

/* ---- what goes ---- */

/* An item that no core asks for; `name` is copied, `text` is taken. The caller fills in addresses and gives it to one
 * of those below. */
struct post_sending *office_sending_new(struct office *, uint64_t ixn, struct span name, char *text);
/* Frees a sending that is handed to none of the functions below. */
void office_sending_free(struct office *, struct post_sending *);
/* Sends it, once under its name. Takes the sending. */
void office_send_once(struct office *, struct post_sending *);
/* As office_send_once(), unless machines have written to the customer often enough. */
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
/* Asks for the state of the item that was ordered under this name; asked() tells it. */
void office_ask(struct office *, const char *name, void *asker);
/* Notes the other side's answer to a piece that send() was given. */
void office_answered(struct office *, void *piece, const struct post_answered *);
void office_unanswered(void *piece); /* the process ends without its answer; the book keeps it as begun */
void office_pump(struct office *);   /* sends pieces, as there may be room now */
void office_hurry(struct office *);  /* ends the pauses of all items, as the other side is there again */
/* The age of the oldest item that is under way, in seconds. */
int64_t office_oldest_s(struct office *);
