/* runtime/post/office_state.h - What the files of the office share: the tables of the loop, and the jobs of the
 * thread.
 *
 *     office.c           opened and closed, the thread, the timer
 *     office_in.c        what comes: kept by the thread, submitted to the core, answered
 *     office_ends.c      ends of items, and the questions about those whose end was lost
 *     office_out.c       what goes: kept, answered, told
 *     office_waits.c     what goes, and waits in the book alone
 *     office_asked.c     what goes is asked for
 *     office_receipts.c  what became of what went
 *     office_pieces.c    the queue of pieces: how many may go, and when
 *     office_sending.c   one item that goes
 *     office_jobs.c      jobs of the thread
 *
 * A file calls only files below it in this list (tests/checks/circles.sh). */
#pragma once

#include "runtime/adapter/outbox.h"
#include "runtime/post/office.h"
#include "runtime/post/submits.h"
#include "runtime/store/look.h"
#include "runtime/vocabulary/message.h"

struct event;
struct lists;
struct probe;
struct unended;
struct worker;

enum { OFFICE_SECOND_US = 1000000 };
#define WANTS_NONE "the customer wants no messages"

/* The kinds of the thread's jobs. */
enum office_deed {
    OFFICE_TAKE,
    OFFICE_KEEP,
    OFFICE_ANSWERED,
    OFFICE_SEND,
    OFFICE_BEGIN,
    OFFICE_TOLD,
    OFFICE_RECEIPT,
    OFFICE_ASK,
    OFFICE_GAPS,
    OFFICE_GAP,
    OFFICE_PAGE,
    OFFICE_STRAYS,
    OFFICE_END,
    OFFICE_AGAIN,
    OFFICE_NUMBER,
    OFFICE_NOT_SENT,
    OFFICE_LIVES,
    OFFICE_ERRAND
};

struct post_coming { /* a job of the thread; `deed` determines which fields it has */
    struct office *office;
    enum office_deed deed;
    int64_t now;
    bool good, by_lists; /* by_lists: the do-not-call list has failed, not the contact store */
    struct error error;
    struct post_ticket ticket; /* names who waits for the answer */
    /* For TAKE, GAP, KEEP, ANSWERED, AGAIN; for NUMBER and NOT_SENT it has only interaction and journal. */
    struct post_item *item;
    struct submit submit;
    uint64_t begun_us, ixn;
    uint64_t posted;  /* number of the last event that reports the item's news to the core */
    const char *over; /* AGAIN: the result with which it was ended; NULL: it was read */
    /* SEND, BEGIN, TOLD */
    struct post_sending *sending;
    bool begun;  /* SEND: in the book the item is begun */
    int64_t row; /* SEND: the item's row in the book, if the job succeeds */
    /* RECEIPT */
    struct post_receipt receipt;
    struct post_fate fate;
    /* since when the job is parked: no item has the receipt's name, or the contact store is away; 0: it is not */
    uint64_t parked_us;
    bool held; /* a parked receipt that is not answered yet */
    struct post_errand errand;
    /* ASK: the name; END: the external id and the result; LIVES: the external id, and `ended` if the store has its
     * end */
    char name[POST_ID], state[POST_WORD_SIZE];
    void *asker;
    /* GAPS: found struct post_items; PAGE: found struct post_left, after the row `after` */
    GPtrArray *found;
    int64_t after;
    GHashTable *going; /* STRAYS: keys of the items being sent; `count`: items that it has ended */
    unsigned count;
    uint64_t journal;
    bool tidies, tidies_all;
};

struct office {
    struct gcx_link *link;
    const struct gcx_services *services;
    const struct post_way *way;
    const struct post_rules *rules;
    void *self;
    struct robots *robots;
    struct postbook *book; /* only the thread uses it */
    struct worker *worker;
    struct event *tick;
    struct outbox outbox;
    struct writer writer;
    struct unended *unended;
    struct post_talks talks;      /* `has` NULL: the way has no conversations */
    struct probe *store_probe;    /* NULL: the office is being opened, or has ended */
    struct store_look store_look; /* what `store_probe` looks with */
    struct probe *lists_probe;    /* NULL: there is no do-not-call list */
    struct lists *looks_at;       /* the list that `lists_probe` checks; NULL: it is not open */
    /* of struct post_coming: refused by the store, given to the thread each second (office_write_again) */
    GQueue unwritten;
    bool is_cut_off; /* the office ends, and has found the contact store away */
    char *taken, *put_off, *refused, *sent, *failed, *waiting; /* names of figures */
    /* office_in.c */
    struct submits submits; /* of struct post_coming */
    uint64_t second_us;
    unsigned gaps; /* items being repaired: with missing pieces, or lost by the core */
    bool looking;  /* the thread is looking for items with missing pieces */
    unsigned seconds;
    GQueue reported;      /* of struct post_coming: their results are posted, but not yet in the journal */
    int64_t up_wall;      /* when the core's link last came up (wall clock) */
    GHashTable *hopeless; /* interactions since `up_wall` that the core does not have, and cannot get */
    unsigned regained;    /* items that were submitted once more, since the last summary in the log */
    unsigned orphans;     /* items that could not be submitted again, since that summary */
    /* office_out.c */
    GHashTable *going; /* items to be sent, of struct post_sending, by key */
    GHashTable *coded; /* items that wait for their code, owned by their errands, by key */
    bool ends;         /* the office closes, and sends nothing more */
    /* Items for which no core asks wait only in the book, if `going` has `most` items already, and after a restart. */
    guint most;
    int64_t behind;   /* how many items wait only in the book, at most; 0: none does */
    int64_t after;    /* the last row of the book that was read; the next page comes after it */
    bool paging;      /* the thread is reading the next page */
    uint64_t page_us; /* the next page is not read before this time; 0: at once */
    /* strays are items from before begun_wall; they are read after row strays_after */
    int64_t begun_wall, strays_after;
    bool core_came;
    uint64_t strays_us; /* when strays are looked for; 0: no core has come, or the thread is looking now */
    /* office_pieces.c */
    GQueue pieces;  /* the queue of struct post_piece */
    uint64_t place; /* number of the last piece that was queued */
    uint64_t ahead; /* items that the thread is writing to the book as going */
    uint64_t paused_until_us, filled_us, grown_us, pause_us;
    double tokens, rate;
    GHashTable *limited; /* by customer: from when the other side takes messages for them again */
    /* office_receipts.c */
    GQueue parked;    /* of struct post_coming: receipts whose item is not known yet */
    unsigned held;    /* how many parked receipts are not answered yet */
    uint64_t hold_us; /* until this time no receipt is parked without an answer */
};

struct post_piece {
    struct post_sending *sending;
    unsigned n;
    uint64_t place; /* number in the order of requests: lower ones go first */
};

struct post_coming *office_job(struct office *, enum office_deed);
void office_job_give(struct post_coming *);
/* Queues a job that the book has refused, to give it again. False: the job has been refused for too long, or the office
 * ends. */
bool office_job_again(struct office *, struct post_coming *);
/* Queues an errand that the contact store did not do, to give it again. False: the errand is over, with success or
 * not. */
bool office_job_lasts(struct office *, struct post_coming *);
void office_write_again(struct office *); /* gives all jobs in `unwritten` to the thread again */

void office_turn(struct office *); /* called by the timer */

/* office_in.c */
void coming_done(struct office *, struct post_coming *);
/* submits again an item that the core has lost, once the thread has read it */
void coming_again(struct office *, struct post_coming *);
void coming_submitted(void *self, void *owner, const struct submit_answer *);
void coming_reply(struct office *, const struct message *);
void coming_core_up(struct office *);
void coming_tick(struct office *);
void coming_clear(struct office *);

/* office_out.c */
void office_out_done(struct office *, struct post_coming *);
void office_out_cancel(struct office *, const struct message *effect);
void office_out_core_up(struct office *);
bool office_out_awaits(const void *office); /* is a piece unanswered, or a result not yet written to the book? */
/* Stops the waiting items to a customer who has left, unless a piece was sent already. */
void office_out_stopped(struct office *, const struct post_item *stop);
void office_out_free(struct office *);

/* office_waits.c */
#define NOTICE_OF "to-" /* a notice's name begins with this text; the name of the item that it answers follows */
/* At the start: goes on with the items that the book has as unfinished. False with the reason: the book cannot be
 * read. */
bool waits_resume(struct office *, char *why, size_t why_size);
void waits_page(struct office *); /* reads items that wait only in the book, if there is room */
void waits_paged(struct office *, struct post_coming *);
/* A core has come. The core asks again for all items that it still wants, which takes a while; waits_strays() then ends
 * the items for which it has not asked. */
void waits_strays_after(struct office *);
void waits_strays(struct office *); /* called each second; does nothing while the core may still ask */
void waits_strays_done(struct office *, struct post_coming *);
/* Must this item wait only in the book, because too many are in memory? */
bool waits_in_book(struct office *, const struct post_sending *);

/* office_asked.c */
void office_asked_message(struct office *, const struct message *effect);
/* Sends a customer a notice for which no strategy has asked. */
void office_asked_notice(struct office *, const struct post_item *, const char *text);

/* office_sending.c */
/* Removes and frees a sending that is over. */
void sending_remove(struct office *, struct post_sending *);
struct span sending_delivery(struct office *, const struct post_told *,
                             uint64_t ref); /* returns the event about an item's delivery, in the office's writer */
void sending_post_delivery(struct office *, const struct post_told *, uint64_t ref);
void sending_tell(struct office *, const struct post_sending *); /* reports the item's end to the core or the agents */
void sending_name_form(const struct office *, const char *peer_id, char form[POST_ADDRESS]); /* post_way.names */
/* Writes a line about the sending to the log. */
void sending_log(struct office *, int level, const struct post_sending *, const char *what, const char *why);
void sending_refusal(struct office *, const struct post_sending *, enum refused, const char *why);
void sending_ended(struct office *, struct post_sending *); /* reports and counts the item's end */
void sending_over(struct office *, struct post_sending *);  /* sending_ended(), and sending_remove() */
void sending_ends(struct office *, struct post_sending *, enum cause, const char *why);
void sending_settle(struct office *, struct post_sending *); /* ends the sending, because all its pieces are answered */
void sending_job(struct office *, struct post_sending *, enum office_deed);
void sending_do_work(struct office *, struct post_coming *); /* in the thread */

/* office_pieces.c */
uint64_t pieces_may(const struct office *, uint64_t *where); /* how many pieces may be sent now */
void pieces_queue(struct office *, struct post_sending *);
void pieces_drop(struct office *, struct post_sending *); /* removes the sending's pieces from the queue */
void pieces_tick(struct office *);
void pieces_free(struct office *);

/* office_receipts.c */
void receipts_done(struct office *, struct post_coming *);
void receipts_tick(struct office *);
/* Looks up parked receipts again, because the book now has the names of this sending's pieces. */
void receipts_named(struct office *, const struct post_sending *);
void receipts_free(struct office *);

/* office_jobs.c */
/* Makes a job about an interaction of the contact store, for the present core. */
struct post_coming *office_job_about(struct office *, enum office_deed, int64_t interaction);
/* Notes that an agent's answer goes to no core and was not sent, so that its readers see it. */
void office_not_sent(struct office *, int64_t interaction, const char *external_id);

/* office_ends.c */
void ends_open(struct office *);
void ends_of_item(struct office *, const struct message *effect);
/* Takes the message by which a core whose state was put back names the interactions that it has. */
void ends_lives(struct office *, const struct message *restore);
/* Asks the core to end the interaction with this external id, if it has one. */
void ends_stop(struct office *, const char *external_id, const char *reason);
void ends_lives_done(struct office *, struct post_coming *);
/* How many lost items are given to a core at a time. */
enum { OFFICE_RECALLS = 50 };
void ends_summary(struct office *);
void ends_close(struct office *);
