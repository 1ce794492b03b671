/* runtime/post/office.h - The post office: handles items from customers and items to customers in the same manner for
 * all ways of writing, such as SMS or mail (way.h). The office owns the thread that uses the contact store, the timer,
 * the requests to the core, and all items that are being received or sent.
 *
 *     in:   office_take() --> thread: book --> Submit --> Reply --> the way's answer()
 *     out:  SendMessage --> thread: book --> queue --> the way's send()
 *           office_answered(), office_receipt() --> thread: book --> EventDelivery
 *
 * An item is confirmed to the other side only when it is in the contact store and in the core: if the process is
 * killed before, the other side brings the item again, and it is then recognised. An item to a customer is in the
 * book as soon as the office has it, and the book notes that it is being sent before its first byte is sent: after a
 * kill, an item without that note is sent. For an item with that note nobody knows whether it was sent; it is sent
 * again only if the rules of the way allow that. */
#pragma once

#include <glib.h>

#include "runtime/adapter/gcx_adapter.h"
#include "runtime/post/postbook.h"
#include "runtime/post/way.h"

struct event_base;
struct office;
struct robots;

struct post_sending { /* an item to be sent; its way reads these fields */
    uint64_t ixn, ref, journal, begun_us;
    uint64_t conn; /* ConnID of the conversation to which it belongs; 0: none */
    char *key, *msg_id, *text, *reply_to;
    char own[POST_ADDRESS], customer[POST_ADDRESS];
    char digest[POST_DIGEST];
    unsigned pieces;
    unsigned recipients; /* how many recipients have receipts of their own, if order() sets it; 0: as many as pieces */
    void *body;          /* data of the way, made by order() or divide() */
    bool notice;         /* a notice: it is sent even to a customer who wants no messages */
    bool unkept;         /* the item is not written to the book (office_pass()) */
    bool untold;         /* the core did not ask for the item, and is not told its result */
    bool suppressed;     /* the item is not sent, because a machine would answer a machine; its step's exit says so */
    uint64_t expires_us; /* how long the item is tried; 0: as long as the rules say */
    void *asker;         /* the application that waits until the item is in the book; NULL: none */
    int64_t item;        /* the item's row in the book; 0: none yet */
    /* These fields are only for the office: */
    unsigned left; /* pieces without an answer */
    unsigned out;  /* pieces that were sent and have no answer yet */
    bool begun;    /* the item's state in the book is begun */
    bool doubt;    /* a change of the item's row has failed, or the answer was lost: the book is asked again */
    int64_t asked; /* when the core asked for the item (wall clock) */
    bool touched;  /* the other side may have got one of the item's pieces */
    bool cancelled, in_thread;
    /* a core with another journal asked for the item; the present core may ask for it again */
    bool disowned;
    uint64_t next_us, pause_us; /* the item is not sent before this time; the pause that led to it */
    bool ended;                 /* the item's end was reported; the book may not have it yet */
    enum post_answer worst;     /* the worst answer among those to its pieces */
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
    void *self;            /* passed to the functions of the way */
    struct robots *robots; /* counts how often machines may write to one customer; NULL: no step of a strategy sends by
                            * this way */
};

/* Makes the office, which does nothing until office_begin(). NULL with the reason. */
struct office *office_new(const struct office_setup *, char *why, size_t why_size);
/* Begins the office's work, once the way is ready: items that waited when the last process ended are sent. */
bool office_begin(struct office *, char *why, size_t why_size);
/* Takes over rows from files of an earlier version; must be called before office_begin(). The way removes these
 * files afterwards. */
bool office_takes_over(struct office *, const struct post_before *, size_t count, char *why, size_t why_size);
/* Begins the end of the process: nothing more is sent, and answers to items already sent are awaited for a while. After
 * office_close() the way ends, and then office_free() is called; NULL is allowed for office_close(), office_stop() and
 * office_free(). */
void office_close(struct office *);
/* Reports that a part of the plugin could not use the contact store: the neighbour "store" is shown as away until a
 * check has found it. The office checks by itself, and reports failures of its own jobs and errands. NULL is
 * allowed. */
void office_store_failed(struct office *, const char *why);
/* Ends the thread: the result of no job or errand comes back any more. office_free() does this, too. */
void office_stop(struct office *);
void office_free(struct office *);

/* office_core_up(), office_credit(), office_perform() and office_committed() are like the functions of struct
 * gcx_adapter with these names. */
void office_core_up(struct office *, bool up);
void office_credit(struct office *);
/* Carries out an effect of the core. False: the effect is not for the office. */
bool office_perform(struct office *, const struct message *effect);
/* Carries out each effect of the link, for a plugin that has only items of the office; effects that are not for the
 * office are answered as unsupported. */
void office_perform_all(struct office *, const struct message *effect);
void office_committed(struct office *, uint64_t posted);
/* Posts an event of the way to the core. All events of a plugin must be posted by its office, which counts them.
 * False: the event cannot be taken now. */
bool office_post(struct office *, struct span frame);

/* An errand: work of a way with the contact store, besides its items. */
struct post_errand {
    void *self;
    bool (*work)(void *self, struct store *, struct error *);  /* in the thread */
    void (*done)(void *self, bool good, const struct error *); /* in the loop */
    /* frees the errand at the end, in any case; may be NULL */
    void (*free)(void *self);
    void (*dropped)(void *self); /* the office ends, and done() will not be called; may be NULL */
    /* Is the errand repeated each second while the contact store is away, so that done() waits? This function is called
     * before each repetition, in the loop, and once more when the office ends. NULL: the errand is done only once. */
    bool (*lasts)(const void *self);
    void (*lost)(void *self,
                 /* the office ends, and the errand could not be done; called before dropped(); may be NULL */
                 const struct error *);
};
void office_errand(struct office *, const struct post_errand *);
unsigned office_waiting(const struct office *); /* jobs and errands that wait for the thread */
/* The contact store; may be called before office_begin() and after office_stop(). At other times the thread uses the
 * store. */
struct store *office_store(struct office *);

/* ---- conversations ---- */

/* Conversations begin like items: office_take() is given one that is a `talk`. */
void office_talks(struct office *, const struct post_talks *);

uint64_t office_now(const struct office *);
int64_t office_wall(const struct office *);

/* ---- what comes ---- */

/* Takes an item of a customer, owns it from then on, and fills in its `now` and `journal`. */
void office_take(struct office *, const struct post_ticket *, struct post_item *);
/* Counts something that the way has refused before it was an item: for good, or, if `later`, until it is brought
 * again. */
void office_refused(struct office *, bool later);
/* Reports whether the conversation has kept the item that taken() was given: POST_TAKEN means yes; another verdict
 * also says whether the item must be brought again. */
void office_said(struct post_coming *, enum post_verdict);
/* frees a job, also for a way that ends before it could call office_said() */
void post_coming_free(struct post_coming *);
/* Takes a receipt, which is answered once it is kept. */
void office_receipt(struct office *, const struct post_ticket *, const struct post_receipt *);

/* ---- what goes ---- */

/* Makes an item for which no core has asked; `name` is copied, `text` is taken. The caller fills in the addresses,
 * and gives it to office_send_once() or another function that sends. */
struct post_sending *office_sending_new(struct office *, uint64_t ixn, struct span name, char *text);
/* Frees an item that is given to no function that sends. */
void office_sending_free(struct office *, struct post_sending *);
/* Sends the item once; another item with the same name is not sent. Takes the sending. */
void office_send_once(struct office *, struct post_sending *);
/* Like office_send_once(), unless machines have written to the customer often enough. */
void office_send_by_machine(struct office *, struct post_sending *);
/* Sends a message that is true only at this moment, such as who has joined: it is sent after all other items to the
 * customer, and is lost when the process ends. Takes the sending. */
void office_pass(struct office *, struct post_sending *);
/* Sends what is said in a conversation. If the conversation's item cannot be sent, returns delivery_failed with the
 * cause. Takes the sending. */
enum delivery office_say(struct office *, struct post_sending *, enum cause *);
/* Sends an item for an application; the caller has set its `digest`. Takes the sending. Returns NULL, and ordered()
 * answers the asker later; or returns why the item cannot be sent, and the asker still belongs to the caller.
 * `*again`: the same item is being sent already, and the asker still belongs to the caller, too. */
const char *office_order(struct office *, struct post_sending *, void *asker, bool *again);
/* Asks for the state of the item that was ordered under this name; asked() reports it. */
void office_ask(struct office *, const char *name, void *asker);
/* Takes the other side's answer to a piece that send() was given. */
void office_answered(struct office *, void *piece, const struct post_answered *);
/* the process ends before the piece is answered; in the book its item stays begun */
void office_unanswered(void *piece);
void office_pump(struct office *);  /* sends pieces for which there is room now */
void office_hurry(struct office *); /* ends the pauses of all items, because the other side is there again */
/* The age in seconds of the oldest item that is to be sent. */
int64_t office_oldest_s(struct office *);
