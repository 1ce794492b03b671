/* runtime/post/way.h - What a way to write with customers (SMS, mail, chat) must provide for the post office
 * (office.h), which handles its items.
 *
 * A way handles the bytes of one protocol. A way has no store, no thread and no timer for its items: the office has
 * these.
 *
 * An item from a customer: the way reads bytes into a struct post_item and calls office_take() with a ticket, by
 * which the way knows who waits for the answer. The office keeps the item, asks the core to take it, and calls
 * answer(): POST_TAKEN when the contact store and the journal have it, POST_LATER if the other side must bring it
 * again. An item that can never be taken is counted and logged, and the other side gets an answer after which it
 * does not bring the item again.
 *
 * An item to a customer: the office reads what the core asks for, calls divide(), and send() for each piece once
 * there is room(). The way calls office_answered() once for each piece, and office_receipt() for receipts that come
 * later. send() itself never calls office_answered().
 *
 * A new way provides: a struct post_way; a struct post_rules, filled from its settings; a struct robots, if steps of
 * strategies send by it; and in its plugin the calls of office_new(), office_begin(), office_perform_all(),
 * office_core_up(), office_credit(), office_close() and office_free(). The office then does the rest: states, questions
 * to the core after a restart, pauses, erasing and figures. Functions of a way that may be NULL say so. These functions
 * are called in the loop, queue() and names() also in the thread, and read(), reported(), keep(), again(), before(),
 * join(), form() and those whose comment says "In the thread" only there. What the thread calls may use only data of
 * the way that never changes.
 *
 * A way without send() has only conversations (office_talks()), and no items of its own.
 *
 * A way whose items are more than a text (parts, references, a name given by the sender) keeps them by its own
 * functions read(), keep(), submit() and, after a loss, again(). */
#pragma once

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "runtime/adapter/refused.h"
#include "runtime/post/states.h"
#include "runtime/store/store.h"
#include "runtime/vocabulary/media.h"
#include "runtime/vocabulary/reserved.h"
#include "runtime/vocabulary/vocabulary.h"
#include "base/utf8.h"

struct message;
struct post_coming;
struct post_order;
struct post_sending;
struct post_told;
struct writer;

enum { POST_ID = 260, POST_PEER = 256, POST_ADDRESS = 321, POST_WHY = 300, POST_WORD_SIZE = 16, POST_WORDS = 64 };
enum { POST_ODD = 400 }; /* room for a sentence for the log */

/* ---- what comes ---- */

struct post_place { /* the place of a piece in a longer item; total 1: the item has one piece */
    unsigned mark, total, n;
};

/* Copies the text; the caller frees the copy by g_free(). */
static inline char *post_text(struct span text)
{
    return g_strndup(text.length > 0 ? (const char *)text.bytes : "", text.length);
}

/* The first `most` bytes of the text, cut between characters. */
static inline struct span post_cut(const char *text, uint32_t most)
{
    return (struct span){(const uint8_t *)text, utf8_cut(text, (uint32_t)strlen(text), most)};
}

enum post_arrived {
    POST_SUBMIT, /* the item must be submitted to the core */
    POST_ASK,    /* a conversation is asked to take the item; if it does, it keeps the item */
    POST_PIECE,  /* the item waits for other pieces, or was a word that is acted upon already: it is only answered */
    POST_WORD,   /* the customer has left, come back, or asked for help */
    POST_NEWS,   /* the item reports the results of items of ours, which the core is told */
    POST_PASS,   /* the bytes are no item: they are answered as taken, and not kept */
    POST_REFUSE, /* the item can never be read */
};

struct post_news {                          /* what an item from outside reports about the result of one of our items */
    uint64_t ixn;                           /* the interaction of our item in the core; 0: the core is not told */
    char msg_id[POST_ID], to[POST_ADDRESS]; /* to: the recipient of our item; "": not given */
    char name[POST_ID];                     /* the name of our item outside, for reported() */
    char form[2][POST_ADDRESS];             /* names under which the book may know the item's recipient */
    char word[POST_WORD_SIZE];              /* the word of the other side for the result; "": none */
    bool failed;                            /* true: not delivered; false: delivered */
    bool seen; /* a person's doing: reported() alone is told, neither the core nor the book */
};

enum { POST_DIGEST = 65 };

struct post_item {
    char own[POST_ADDRESS], customer[POST_ADDRESS];
    struct post_place place;
    char peer_id[POST_PEER]; /* the item's name from the other side; "": none */
    char *text;              /* g_malloc'ed: first the text of the piece, later that of the whole item */
    int64_t now;             /* when it came */
    int64_t written;         /* when the item was written, if the protocol says so; 0: not known */
    uint64_t journal;
    void *body; /* data of the way for read(), keep() and submit(); NULL: none */
    /* Made by the thread: */
    enum post_arrived arrived;
    GArray *news;       /* of struct post_news, set by keep(); NULL: none */
    char odd[POST_ODD]; /* a sentence for the log; "": none */
    enum words_meaning word;
    bool anew; /* the word has changed something, so the customer gets an answer */
    char external_id[POST_ID];
    int64_t interaction;
    int64_t brought; /* the item's row in the table post_came; 0: none */
    bool said;       /* a conversation has kept the item */
    bool unanswered; /* the item came before, but the other side was not told that we have it */
    bool talk;       /* the item is a conversation (struct post_talks) */
    uint64_t conn;   /* the ConnID of the conversation */
    /* the agent who wrote this answer, which a core has lost (`own`: its queue); NULL: it is a customer's */
    char *agent;
};
void post_item_free(gpointer item); /* NULL is allowed; the office frees `body` first */

struct post_ticket { /* who waits for the answer to an item or a receipt, in numbers of the way */
    uint64_t from;   /* 0: nobody */
    uint64_t number;
    uint32_t kind;
};

enum post_verdict {
    POST_TAKEN,
    POST_LATER,        /* must be brought again: the core does not take it now */
    POST_LATER_STORE,  /* must be brought again: the contact store is away */
    POST_LATER_CORE,   /* must be brought again: the core does not answer */
    POST_NEVER_KEPT,   /* refused for good by the contact store */
    POST_NEVER_ROUTED, /* refused for good by the core, which has it in quarantine */
    POST_NEVER_READ    /* refused for good by read() */
};
#define POST_IS_LATER(verdict) ((verdict) >= POST_LATER && (verdict) <= POST_LATER_CORE)

/* Conversations of a way (runtime/adapters/conversation); each is an interaction of the contact store with a name of
 * its own: POST_TALK_NAME hexadecimal digits. A conversation has the states of an item from a customer: kept,
 * submitted, owned, ended. The office asks the core about conversations without an end. A conversation that the core
 * does not have is ended: it cannot be submitted again without its customer. */
struct post_talks {
    void *self;
    const char *noun;                                       /* the word for one conversation in the log */
    const char *owner;                                      /* the name of the adapter in the rows of talks.h */
    bool (*has)(const void *self, const char *external_id); /* does this process have the conversation? */
    /* In the thread: keeps the beginning of a conversation, and sets `interaction`. */
    bool (*keep)(const void *self, struct store *, struct post_item *, struct error *);
    /* writes the fields of Submit after the queue */
    void (*submit)(void *self, const struct post_item *, struct writer *);
    /* Reports that the core has taken the conversation as `ixn`, or does not take it. `why`: the reason, for the
     * log. */
    void (*answer)(void *self, const struct post_item *, enum post_verdict, const char *why, uint64_t ixn);
    void (*body_free)(void *body);
    /* In the thread: notes the end of a conversation, with all that belongs to it. */
    bool (*end)(struct store *, int64_t interaction, const char *result, int64_t now, struct error *);
    /* Reports the result of an item that was said in a conversation to the conversation's agents. */
    void (*told)(void *self, const struct post_told *);
    uint64_t (*conn)(const void *self, uint64_t ixn); /* the ConnID of this interaction's open conversation; 0: none */
};
enum { POST_TALK_NAME = 32 };
/* The result of an item to a customer that a core does not know, because it has lost its state. */
#define POST_NOT_SENT "not sent"

/* ---- what goes ---- */

/* The other side's answer to a piece, from the best to the worst. */
enum post_answer {
    POST_GIVEN,         /* it has the piece */
    POST_LESS,          /* we send too many now: the same piece is sent again after a pause */
    POST_NOT_YET,       /* the item is sent again after its own pause, which doubles each time (post_rules.retry_s) */
    POST_WRONG_ADDRESS, /* nobody has this address */
    POST_REFUSED,
    POST_NO_ANSWER, /* nobody knows whether the other side has the piece */
};

struct post_answered {
    enum post_answer answer;
    const char *peer_id; /* POST_GIVEN: the name that the other side has given to the piece; "": none */
    const char *why;     /* the reason of another answer, for people; "": none is given */
    /* POST_LESS: the other side limits this customer, whose items wait for that time, and those of others for a
     * second at most; 0: it limits all our items. */
    uint64_t wait_us;
};

struct post_receipt {
    char peer_id[POST_ADDRESS]; /* the name as the receipt has it; names() makes the form of it */
    char form[POST_ADDRESS];    /* the form of peer_id by which names are compared */
    char from[POST_ADDRESS];    /* the address to which the item was sent; "": any */
    char word[POST_WORDS];      /* the words of the other side, for people */
    char error[POST_WORD_SIZE]; /* the error code of the other side, for people; "": none */
    enum post_out state;        /* delivered, expired or failed; POST_OUT_given: still on its way */
    bool read;                  /* delivered: the customer has read it, too */
    enum cause cause;           /* the cause of the failure; 0: it was refused */
    /* a stranger may have sent the receipt, but the book has its name before any receipt comes: a receipt with an
     * unknown name is dropped */
    bool of_anybody;
};

struct post_told { /* the result of an item in a conversation */
    uint64_t ixn, conn;
    const char *msg_id, *peer_id, *why; /* "": none */
    const char *to;                     /* the address of the first recipient; NULL: agents do not see it */
    enum delivery state;
    enum cause cause;
    bool final;
    bool read; /* the customer has read it */
};

/* A row that a way kept itself before the office had its items. */
struct post_before {
    char known[POST_DIGEST]; /* an item that came in a conversation: its digest, made by before(); "": the item was sent
                              * in one, and: */
    /* an item that was sent in a conversation: its interaction and name in the core */
    uint64_t ixn;
    char msg_id[POST_PEER], form[POST_ADDRESS]; /* form: of the name from the other side; "": it has none */
    enum post_out state;
};

/* ---- the way ---- */

/* The site gives these. Texts are not copied, and must exist as long as the office; NULL and "" mean none. */
struct post_rules {
    const char *store, *country;
    const char *lists, *tenant; /* the do-not-call list to read and to write */
    /* the site's rules for the words by which customers leave, such as STOP; languages NULL: there are no such words */
    struct reserved_rules words;
    const char *stopped, *started, *help; /* answers to these words, as reserved_answer() reads them */
    const char *empty;                    /* used as the text of an item without text */
    bool conversations;                   /* taken() is called for each new item of a customer */
    bool resends;                         /* an item whose result is unknown is sent again */
    bool in_turn;                         /* items to one customer are sent one after the other: busy() is called */
    uint64_t gap_s;                       /* how long an item waits for missing pieces; 0: items are never divided */
    uint64_t submit_timeout_s, give_up_s;
    uint64_t retry_s;      /* the first pause after POST_NOT_YET; 0: the way has no such answer */
    uint64_t window, rate; /* the most pieces without an answer; the most pieces in a second */
};

static inline bool post_rule_is(const char *text)
{
    return text && *text;
}

struct post_way {
    const char *name; /* the name of the medium in the contact store, and in front of external ids */
    enum media media;
    enum store_kind kind; /* of the customers' addresses */
    const char *noun;     /* the word for one item in the log, and with an s in figures: texts_taken */
    enum refused by_peer; /* counted when the other side refuses an item of ours */
    enum refused by_us;   /* counted when we refuse to send an item */

    /* The queue of items to this address of ours; NULL: it is not ours, or no longer. */
    const char *(*queue)(const void *self, const char *own);
    /* Answers whoever waits for the item's verdict; a verdict other than POST_TAKEN is also counted in a row of
     * refusals.def. `text`: our name for the item, or why it is not taken. False: nobody waits any more, and the
     * item will be brought again. */
    bool (*answer)(void *self, const struct post_ticket *, enum post_verdict, const char *text);
    /* Answers whoever waits for the verdict on a receipt. NULL: nobody waits for such an answer. */
    void (*receipted)(void *self, const struct post_ticket *, enum post_verdict);
    /* Reads the received bytes: sets addresses, `peer_id` (all by which the item differs from others) and `written`;
     * or sets `arrived` to POST_PASS or POST_REFUSE. NULL: the item is a text and complete as it was given;
     * reported(), keep() and again() are then NULL, too. */
    void (*read)(const void *self, struct post_item *);
    /* Notes the result of an item of ours where agents see it. */
    bool (*reported)(const void *self, struct store *, const struct post_item *, const struct post_news *,
                     struct error *);
    /* Keeps the item as an interaction; sets `interaction`, `external_id`, `news` and `odd`. */
    bool (*keep)(const void *self, struct store *, struct post_item *, struct error *);
    /* Reads an item that a core has lost from the contact store again. `*over`: the result with which the item is
     * ended, because it needs no core any more. `own` is set already, or ""; for an agent's answer this function
     * must set it. */
    bool (*again)(const void *self, struct store *, struct post_item *, const char **over, struct error *);
    /* Writes the fields of Submit from Submit_parent on. */
    void (*submit)(void *self, const struct post_item *, struct writer *);
    void (*body_free)(void *body);
    /* In the thread: notes an agent's answer as POST_NOT_SENT where people see it, once for each journal. NULL:
     * agents do not write items of this way by themselves, and the office does not ask the core about items to
     * customers. */
    bool (*not_sent)(struct store *, int64_t interaction, uint64_t journal, int64_t now, struct error *);
    /* Joins the texts of several pieces, which follow each other, into one text. May be NULL. */
    void (*join)(GString *text);
    /* Does a conversation take the item? True: office_said() will be called, or was called already. May be NULL. */
    bool (*taken)(void *self, struct post_coming *, const struct post_item *);
    /* Makes the digest by which an earlier version recognised the item (office_takes_over()). May be NULL. */
    void (*before)(const struct post_item *, char digest[POST_DIGEST]);
    /* Called when the customer has left or come back by this word. May be NULL. */
    void (*word)(void *self, const struct post_item *);

    /* Makes the form by which a piece's name from the other side is compared; NULL: the name itself is compared. */
    void (*names)(const void *self, const char *peer_id, char form[POST_ADDRESS]);
    /* Sets the customer's address and ours for an item that the core wants to be sent. False: there is no address to
     * which it could be sent. */
    bool (*address)(const void *self, struct span to, char customer[POST_ADDRESS]);
    void (*from)(const void *self, struct span from, char own[POST_ADDRESS]);
    /* Returns the number of pieces into which the item is divided. May change the text, and sets `body`. 0: the item
     * cannot be sent, and cause and reason are set. NULL: each item is one piece. */
    unsigned (*divide)(const void *self, struct post_sending *, enum cause *, const char **why);
    void (*forget)(void *body); /* frees the data of divide() or order(); may be NULL, and is called with NULL, too */
    /* Reads an item that the core wants to be sent: sets addresses, `digest`, `body` and `expires_us`; later
     * divide() decides whether it can be sent. NULL: the item is a text, and address() and from() set its addresses.
     * A way without order() has none of write(), noted(), form(), title() and hide() either. */
    void (*order)(void *self, const struct message *effect, struct post_sending *);
    /* In the thread, before the item is held, and again each time before it is begun: keeps it as an interaction and
     * makes its bytes. Sets `interaction`; and `going` and `why` if the item must not be sent. */
    bool (*write)(const void *self, struct store *, struct post_order *, struct error *);
    /* In the thread: notes the result of the item where agents see it; POST_OUT_held: it will be sent again. The
     * reason is in `why` of the sending. */
    bool (*noted)(const void *self, struct store *, const struct post_sending *, enum post_out, int64_t now,
                  struct error *);
    /* Makes the name by which a receipt of recipient number n (from 0) finds the item. */
    void (*form)(const struct post_sending *, unsigned n, char form[POST_ADDRESS]);
    /* the name of the item outside, for the core and the log */
    const char *(*title)(const struct post_sending *);
    void (*hide)(const struct post_sending *, GString *why); /* removes addresses from text for the log */
    /* How many pieces may be sent now? `*where`: the connection or sender for the next piece. */
    uint64_t (*room)(void *self, uint64_t *where);
    /* Is a piece to this customer still unanswered, so that the next one must wait? NULL: the way has no such order. */
    bool (*busy)(const void *self, const char *customer);
    /* For a protocol without answers: an item counts as given when send() has written it; sets the name under which
     * it is given. NULL: the protocol has answers. */
    void (*given)(const struct post_sending *, char peer_id[POST_ADDRESS]);
    /* Sends a piece; office_answered() is called later. False: the piece can never be sent; or, if given() exists,
     * there is only no room now, and the piece waits. */
    bool (*send)(void *self, const struct post_sending *, unsigned n, uint64_t where, void *piece);
    /* Called when the item is kept and will be sent. May be NULL. */
    void (*held)(void *self, const struct post_sending *);
    /* Answer the asker of office_order() or office_ask(), and free it; `state` "": there is no such item. May be
     * NULL. */
    void (*ordered)(void *asker, bool good, unsigned going, unsigned pieces);
    void (*asked)(void *asker, bool good, const char *state);
    void (*asker_free)(void *asker); /* NULL is allowed */
    void (*tick)(void *self);        /* often */
    void (*second)(void *self);      /* called each second, after the office's own work */
};
