/* runtime/post/office_state.h - The parts of the office that its files share: the loop's tables, and the thread's jobs.
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
 * A file calls those below it, and none above it (tests/checks/circles.sh). */
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

struct post_coming { /* a job of the thread; which fields it has says the deed */
    struct office *office;
    enum office_deed deed;
    int64_t now;
    bool good, by_lists; /* by_lists: the do-not-call list failed, not the contact store */
    struct error error;
    struct post_ticket ticket; /* who waits for an answer */
    /* Of TAKE, GAP, KEEP, ANSWERED, AGAIN; NUMBER and NOT_SENT have its interaction and journal only. */
    struct post_item *item;
    struct submit submit;
    uint64_t begun_us, ixn;
    uint64_t posted;  /* number of the last event that tells the core the item's news */
    const char *over; /* AGAIN: result with which it was ended instead of read; NULL: it was read */
    /* SEND, BEGIN, TOLD */
    struct post_sending *sending;
    bool begun;  /* SEND: the book has it in the state begun */
    int64_t row; /* SEND: its row in the book, if the job is good */
    /* RECEIPT */
    struct post_receipt receipt;
    struct post_fate fate;
    uint64_t parked_us; /* since when the receipt is known to no item, or the job waits for the contact store; 0: new */
    bool held;          /* a parked receipt that was not answered yet */
    struct post_errand errand;
    /* ASK; END: the external id, and how; LIVES: the external id, and `ended` where the store has its end */
    char name[POST_ID], state[POST_WORD_SIZE];
    void *asker;
    /* GAPS: of struct post_item; PAGE: of struct post_left, `after` the row */
    GPtrArray *found;
    int64_t after;
    GHashTable *going; /* STRAYS: keys of the items under way; `count`: how many items it has ended */
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
    struct postbook *book; /* used by the thread only */
    struct worker *worker;
    struct event *tick;
    struct outbox outbox;
    struct writer writer;
    struct unended *unended;
    struct post_talks talks;      /* `has` NULL: the way has no conversations */
    struct probe *store_probe;    /* NULL: the office is being opened, or has ended */
    struct store_look store_look; /* what `store_probe` looks with */
    struct probe *lists_probe;    /* NULL: there are no lists */
    struct lists *looks_at;       /* the lists that `lists_probe` looks at; NULL: they are not open */
    GQueue unwritten; /* of struct post_coming: given to the thread again each second (office_write_again) */
    bool is_cut_off;  /* as it ends it has found the contact store away */
    char *taken, *put_off, *refused, *sent, *failed, *waiting; /* names of figures */
    /* office_in.c */
    struct submits submits; /* of struct post_coming */
    uint64_t second_us;
    unsigned gaps; /* items with missing pieces, or that the core had lost, that are under way */
    bool looking;  /* the thread looks for items with missing pieces */
    unsigned seconds;
    GQueue reported;      /* of struct post_coming: their news are posted, and not committed */
    int64_t up_wall;      /* when the core came, by the wall clock */
    GHashTable *hopeless; /* interactions that the core does not have, and cannot get, since then */
    unsigned regained;    /* items that were given to the core once more, since the last summary in the log */
    unsigned orphans;     /* items that cannot be given to the core, likewise */
    /* office_out.c */
    GHashTable *going; /* of struct post_sending, by key */
    bool ends;         /* the office closes, and sends nothing more */
    /* Items that no core asks for wait in the book alone where `going` has `most`, and after a restart. */
    guint most;
    int64_t behind;                   /* how many of them wait at most; 0: none waits */
    int64_t after;                    /* the next page begins behind this row of the book */
    bool paging;                      /* the thread reads the next page */
    uint64_t page_us;                 /* the next page is not read before; 0: at once */
    int64_t begun_wall, strays_after; /* strays: of the process before; behind this row */
    bool core_came;
    uint64_t strays_us; /* when strays are looked for; 0: no core has come, or it was done */
    /* office_pieces.c */
    GQueue pieces;  /* of struct post_piece: they wait to go */
    uint64_t place; /* counts the pieces, in the order of their asking */
    uint64_t ahead; /* items that the thread puts into the book as going */
    uint64_t paused_until_us, filled_us, grown_us, pause_us;
    double tokens, rate;
    GHashTable *limited; /* by customer: when the other side takes something for them again */
    /* office_receipts.c */
    GQueue parked;    /* of struct post_coming: receipts of items that nobody knows yet */
    unsigned held;    /* number of parked receipts that were not answered yet */
    uint64_t hold_us; /* no receipt is held before this moment */
};

struct post_piece {
    struct post_sending *sending;
    unsigned n;
    uint64_t place; /* number in the order of asking: lower ones go first */
};

struct post_coming *office_job(struct office *, enum office_deed);
void office_job_give(struct post_coming *);
/* Gives a job once more, later, to the book, which has refused it. False: it has been refused for too long, or the
 * office ends. */
bool office_job_again(struct office *, struct post_coming *);
/* The contact store did not do the errand: gives it once more, later. False: the errand is over, well or not. */
bool office_job_lasts(struct office *, struct post_coming *);
void office_write_again(struct office *); /* gives all jobs of `unwritten` to the thread again */

void office_turn(struct office *); /* called by the timer */

/* office_in.c */
void coming_done(struct office *, struct post_coming *);
void coming_again(struct office *, struct post_coming *); /* an item that the core has lost was read */
void coming_submitted(void *self, void *owner, const struct submit_answer *);
void coming_reply(struct office *, const struct message *);
void coming_core_up(struct office *);
void coming_tick(struct office *);
void coming_clear(struct office *);

/* office_out.c */
void office_out_done(struct office *, struct post_coming *);
void office_out_cancel(struct office *, const struct message *effect);
void office_out_core_up(struct office *);
bool office_out_awaits(const void *office); /* is a piece on its way, or is its fate still to be written? */
/* Stops the items that wait for a customer who has left, unless a piece of one has gone. */
void office_out_stopped(struct office *, const struct post_item *stop);
void office_out_free(struct office *);

/* office_waits.c */
#define NOTICE_OF "to-" /* a notice is named after the item that it answers, with this in front */
/* At the start: goes on with what the book has as under way. False, and why: the book cannot be read. */
bool waits_resume(struct office *, char *why, size_t why_size);
void waits_page(struct office *); /* reads items that wait in the book alone, where there is room */
void waits_paged(struct office *, struct post_coming *);
/* A core has come. It asks again for all that it still wants, which takes a while; waits_strays() then ends the items
 * for which it has not asked. */
void waits_strays_after(struct office *);
void waits_strays(struct office *); /* each second; does nothing while the core may still ask */
void waits_strays_done(struct office *, struct post_coming *);
/* Are so many items in memory that this one waits in the book alone? */
bool waits_in_book(struct office *, const struct post_sending *);

/* office_asked.c */
void office_asked_message(struct office *, const struct message *effect);
/* Sends a customer a notice for which no strategy has asked. */
void office_asked_notice(struct office *, const struct post_item *, const char *text);

/* office_sending.c */
/* Takes the sending, which is over, out of the office's tables. */
void sending_remove(struct office *, struct post_sending *);
struct span sending_delivery(struct office *, const struct post_told *,
                             uint64_t ref); /* the event, of the office's writer */
void sending_post_delivery(struct office *, const struct post_told *, uint64_t ref);
void sending_tell(struct office *, const struct post_sending *); /* tells its end to the core or the agents */
void sending_name_form(const struct office *, const char *peer_id, char form[POST_ADDRESS]); /* post_way.names */
/* Writes a line about the sending to the log. */
void sending_log(struct office *, int level, const struct post_sending *, const char *what, const char *why);
void sending_refusal(struct office *, const struct post_sending *, enum refused, const char *why);
void sending_ended(struct office *, struct post_sending *); /* tells and counts its end */
void sending_over(struct office *, struct post_sending *);  /* sending_ended(), and sending_remove() */
void sending_ends(struct office *, struct post_sending *, enum cause, const char *why);
void sending_settle(struct office *, struct post_sending *); /* ends it: all its pieces are answered */
void sending_job(struct office *, struct post_sending *, enum office_deed);
void sending_do_work(struct office *, struct post_coming *); /* in the thread */

/* office_pieces.c */
uint64_t pieces_may(const struct office *, uint64_t *where); /* how many pieces may go now */
void pieces_queue(struct office *, struct post_sending *);
void pieces_drop(struct office *, struct post_sending *); /* takes its pieces out of the queue */
void pieces_tick(struct office *);
void pieces_free(struct office *);

/* office_receipts.c */
void receipts_done(struct office *, struct post_coming *);
void receipts_tick(struct office *);
/* Asks the book again about parked receipts, as it now has the names of this sending's pieces. */
void receipts_named(struct office *, const struct post_sending *);
void receipts_free(struct office *);

/* office_jobs.c */
/* A job about an interaction of the contact store and the core that is here now. */
struct post_coming *office_job_about(struct office *, enum office_deed, int64_t interaction);
/* An agent's answer that goes to no core: whoever looks at it sees that. */
void office_not_sent(struct office *, int64_t interaction, const char *external_id);

/* office_ends.c */
void ends_open(struct office *);
void ends_of_item(struct office *, const struct message *effect);
/* Takes the message by which a core that was put back names its living interactions. */
void ends_lives(struct office *, const struct message *restore);
/* Asks the core to end the interaction with this external id, if it has one. */
void ends_stop(struct office *, const char *external_id, const char *reason);
void ends_lives_done(struct office *, struct post_coming *);
/* How many lost items a core is given at a time. */
enum { OFFICE_RECALLS = 50 };
void ends_summary(struct office *);
void ends_close(struct office *);
