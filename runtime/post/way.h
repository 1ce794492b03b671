/* runtime/post/way.h - The things that a way to customers brings to the post office (office.h), which keeps its items.
 *
 * A way knows the bytes of one protocol. It has no store, no thread and no timer for its items: the office has them.
 *
 * An item comes in: the way reads bytes into a struct post_item and calls office_take() with a ticket, by which the way
 * knows who waits for an answer. The office keeps the item, asks the core to take it, and calls answer(): POST_TAKEN
 * when contact store and journal have it, POST_LATER when the other side is to bring it again. An item that can never
 * be taken is counted and told in the log, and the other side is answered so that it does not bring it again.
 *
 * An item goes out: the office reads what the core asks for, calls divide(), and send() for each piece when there is
 * room(). The way calls office_answered() once for each piece, and office_receipt() for what the other side tells
 * later. send() itself never calls office_answered().
 *
 * A new way brings: a struct post_way; a struct post_rules, filled in from its settings; where steps send by it, its
 * struct robots; and in its plugin the calls office_new(), office_begin(), office_perform_all(), office_core_up(),
 * office_credit(), office_close() and office_free(). Its states, its questions to the core after a restart, its pauses,
 * its erasing and its figures are then the office's. An operation that may be NULL says so. All are called in the loop;
 * join(), names() and queue() are also called in the thread, and read(), keep() and again() in the thread alone: these
 * touch nothing of the way but what never changes.
 *
 * A way without send() has conversations alone (office_talks()): no item of its own comes or goes.
 *
 * A way whose items are more than a text (parts, references, a name that the sender gives) keeps them by functions of
 * its own: read(), keep(), submit() and, after a loss, again(). */
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
enum { POST_ODD = 400 }; /* a sentence for the log */

/* ---- what comes ---- */

struct post_place { /* a piece's place in a longer item; total 1: the item is whole */
    unsigned mark, total, n;
};

/* A copy of the text, which the caller frees by g_free(). */
static inline char *post_text(struct span text)
{
    return g_strndup(text.length > 0 ? (const char *)text.bytes : "", text.length);
}

/* The text's first `most` bytes, cut between characters. */
static inline struct span post_cut(const char *text, uint32_t most)
{
    return (struct span){(const uint8_t *)text, utf8_cut(text, (uint32_t)strlen(text), most)};
}

enum post_arrived {
    POST_SUBMIT, /* the core is to be told */
    POST_ASK,    /* a conversation is asked whether it takes the item, and keeps it then */
    POST_PIECE,  /* it waits for other pieces, or is a word that was acted upon: it is answered */
    POST_WORD,   /* the customer has left, come back, or asked for help */
    POST_NEWS,   /* it tells what became of items of ours, which the core is told */
    POST_PASS,   /* it is no item: it is answered as taken, and kept nowhere */
    POST_REFUSE, /* it can never be read */
};

struct post_news {                          /* what an item that comes tells about the fate of an item of ours */
    uint64_t ixn;                           /* the core's interaction of our item; 0: the core is not told */
    char msg_id[POST_ID], to[POST_ADDRESS]; /* to: whom the item was for; "": the news does not say */
    char name[POST_ID];                     /* our item's name outside, for reported() */
    char form[2][POST_ADDRESS];             /* names under which the book may know the item's recipient */
    char word[POST_WORD_SIZE];              /* the other side's word for it; "": none */
    bool failed;                            /* it was not delivered; false: it was */
};

enum { POST_DIGEST = 65 };

struct post_item {
    char own[POST_ADDRESS], customer[POST_ADDRESS];
    struct post_place place;
    char peer_id[POST_PEER]; /* the other side's name of it; "": it has none */
    char *text;              /* g_malloc'ed: first the piece's text, later the whole item's */
    int64_t now;             /* when it came */
    int64_t written;         /* when it was written, where the protocol says so; 0: it does not */
    uint64_t journal;
    void *body; /* the way's, for read(), keep() and submit(); NULL: none */
    /* Made by the thread: */
    enum post_arrived arrived;
    GArray *news;       /* of struct post_news, by keep(); NULL: none */
    char odd[POST_ODD]; /* a sentence for the log; "": none */
    enum words_meaning word;
    bool anew; /* the word has changed something: the customer is told */
    char external_id[POST_ID];
    int64_t interaction;
    int64_t brought; /* its row in the table post_came; 0: none */
    bool said;       /* a conversation has kept it */
    bool unanswered; /* it came before, and the other side was not told that we have it */
    bool talk;       /* it is a conversation itself (struct post_talks) */
    uint64_t conn;   /* the connection of a conversation */
    char *agent; /* the agent who wrote this answer, which a core has lost (`own`: its queue); NULL: a customer did */
};
void post_item_free(gpointer item); /* NULL is allowed; the office frees `body` first */

struct post_ticket { /* who waits for the answer to an item or a receipt, in the way's own numbers */
    uint64_t from;   /* 0: nobody */
    uint64_t number;
    uint32_t kind;
};

enum post_verdict {
    POST_TAKEN,
    POST_LATER,        /* to be brought again: the core does not take it now */
    POST_LATER_STORE,  /* to be brought again: the contact store is away */
    POST_LATER_CORE,   /* to be brought again: the core does not answer */
    POST_NEVER_KEPT,   /* refused for good by the contact store */
    POST_NEVER_ROUTED, /* refused for good by the core, which has it in quarantine */
    POST_NEVER_READ    /* refused for good by read() */
};
#define POST_IS_LATER(verdict) ((verdict) >= POST_LATER && (verdict) <= POST_LATER_CORE)

/* Conversations of a way (runtime/adapters/conversation), each an interaction of the contact store with a name of its
 * own: POST_TALK_NAME digits of base 16. A conversation is an item that comes: kept, submitted, owned, ended. The
 * office asks the core about those that have no end. One that the core does not have cannot be submitted again without
 * its customer, so it is ended. */
struct post_talks {
    void *self;
    const char *noun;                                       /* of one conversation, in the log */
    const char *owner;                                      /* the adapter's name in their rows (talks.h) */
    bool (*has)(const void *self, const char *external_id); /* does this process go on with the conversation? */
    /* In the thread: keeps its begin, and sets `interaction`. */
    bool (*keep)(const void *self, struct store *, struct post_item *, struct error *);
    void (*submit)(void *self, const struct post_item *, struct writer *); /* all of Submit behind the queue */
    /* Tells that the core has the conversation as `ixn`, or does not take it. `why`: the reason, for the log. */
    void (*answer)(void *self, const struct post_item *, enum post_verdict, const char *why, uint64_t ixn);
    void (*body_free)(void *body);
    /* In the thread: notes the end, with what belongs to it. */
    bool (*end)(struct store *, int64_t interaction, const char *result, int64_t now, struct error *);
    /* Tells a conversation's agents what became of an item that was said in it. */
    void (*told)(void *self, const struct post_told *);
    uint64_t (*conn)(const void *self, uint64_t ixn); /* connection of this interaction's open conversation; 0: none */
};
enum { POST_TALK_NAME = 32 };
/* The result of an item that was to go out, and that a core which lost its state does not know. */
#define POST_NOT_SENT "not sent"

/* ---- what goes ---- */

/* The other side's answer to a piece, from good to bad. */
enum post_answer {
    POST_GIVEN,         /* it has the piece */
    POST_LESS,          /* we send too much now: the same piece goes again after a pause */
    POST_NOT_YET,       /* the item goes again after a pause of its own, which doubles (post_rules.retry_s) */
    POST_WRONG_ADDRESS, /* nobody has this address */
    POST_REFUSED,
    POST_NO_ANSWER, /* nobody knows whether it has the piece */
};

struct post_answered {
    enum post_answer answer;
    const char *peer_id; /* POST_GIVEN: its name of the piece; "": none */
    const char *why;     /* the reason of another answer, for people; "": none is given */
    /* POST_LESS: the other side limits this customer, whose items wait for so long, and the others for a second at
     * most; 0: it limits all of ours. */
    uint64_t wait_us;
};

struct post_receipt {
    char peer_id[POST_ADDRESS]; /* as it was written; names() makes the form */
    char form[POST_ADDRESS];    /* the form of peer_id in which names are compared */
    char from[POST_ADDRESS];    /* the item was sent to this address; "": to any */
    char word[POST_WORDS];      /* the other side's words, for people */
    char error[POST_WORD_SIZE]; /* the other side's error code, for people; "": none */
    enum post_out state;        /* delivered, expired or failed; POST_OUT_given: it is on its way */
    enum cause cause;           /* why it failed; 0: it was refused */
    bool of_anybody; /* a stranger may have sent it, and the book knew its name first: if not, it is nobody's */
};

struct post_told { /* what became of an item of a conversation */
    uint64_t ixn, conn;
    const char *msg_id, *peer_id, *why; /* "": none */
    const char *to;                     /* the first recipient's address; NULL: agents are not told it */
    enum delivery state;
    enum cause cause;
    bool final;
};

/* A row of what a way kept by itself before the office had its items. */
struct post_before {
    char known[POST_DIGEST]; /* an item that came and was said in a conversation, by what before() says; or "": */
    /* an item that went in a conversation of this interaction, as the core names both */
    uint64_t ixn;
    char msg_id[POST_PEER], form[POST_ADDRESS]; /* form: of the other side's name; "": it has none */
    enum post_out state;
};

/* ---- the way ---- */

/* The site gives these. Texts are borrowed and live as long as the office; NULL and "" are none. */
struct post_rules {
    const char *store, *country;
    const char *lists, *tenant; /* the do-not-call list that is asked and told */
    const char *languages;      /* a customer leaves by their words, such as STOP; NULL: by no word, "": English */
    const char *stopped, *started, *help; /* answers to these words */
    const char *empty;                    /* stands for an item without text */
    bool conversations;                   /* taken() is asked about each new item that comes */
    bool resends;                         /* an item whose fate nobody knows is sent again */
    bool in_turn;                         /* one customer's items go one after the other: busy() is asked */
    uint64_t gap_s;                       /* how long an item waits for its missing pieces; 0: items come whole */
    uint64_t submit_timeout_s, give_up_s;
    uint64_t retry_s;      /* the first pause after POST_NOT_YET; 0: a way without that answer */
    uint64_t window, rate; /* pieces without an answer; pieces a second */
};

static inline bool post_rule_is(const char *text)
{
    return text && *text;
}

struct post_way {
    const char *name; /* of the medium, as the contact store has it, and before external ids */
    enum media media;
    enum store_kind kind; /* of the customers' addresses */
    const char *noun;     /* word for one item in the log, and with s in figures: texts_taken */
    enum refused by_peer; /* the other side refuses an item of ours */
    enum refused by_us;   /* we do not give an item to the other side at all */

    /* The queue of an item to this address of ours; NULL: it is none of ours, or no longer. */
    const char *(*queue)(const void *self, const char *own);
    /* Answers whoever waits for the item's verdict; one that is not POST_TAKEN is also told as a row of refusals.def.
     * `text`: our name of the item, or why it is not taken. False: nobody waits any more, and the item will be brought
     * again. */
    bool (*answer)(void *self, const struct post_ticket *, enum post_verdict, const char *text);
    /* Answers whoever waits for a receipt's verdict. NULL: with this way nobody waits for one. */
    void (*receipted)(void *self, const struct post_ticket *, enum post_verdict);
    /* Reads the bytes that came: sets addresses, `peer_id` (of all that makes it another item) and `written`; or
     * `arrived`, to POST_PASS or POST_REFUSE. NULL: the
     * item is a text, and whole as it was given, which holds for the next three, too. */
    void (*read)(const void *self, struct post_item *);
    /* Notes for agents the news about an item of ours. */
    bool (*reported)(const void *self, struct store *, const struct post_item *, const struct post_news *,
                     struct error *);
    /* Keeps it as an interaction, which sets `interaction`, `external_id`, `news` and `odd`. */
    bool (*keep)(const void *self, struct store *, struct post_item *, struct error *);
    /* Reads it from the contact store again, as a core has lost it. `*over`: it needs no core any more, and is ended
     * so. `own` is known, or "", and to be set of an agent's answer. */
    bool (*again)(const void *self, struct store *, struct post_item *, const char **over, struct error *);
    /* Writes what the core is told of it, from Submit_parent on. */
    void (*submit)(void *self, const struct post_item *, struct writer *);
    void (*body_free)(void *body);
    /* In the thread: shows an agent's answer as POST_NOT_SENT, once per journal. NULL: agents write none of its items
     * by themselves, and the office asks the core nothing about those that go out. */
    bool (*not_sent)(struct store *, int64_t interaction, uint64_t journal, int64_t now, struct error *);
    /* The texts of several pieces stand behind each other: makes them one. May be NULL. */
    void (*join)(GString *text);
    /* Does a conversation take it? True: office_said() follows, or has followed. May be NULL. */
    bool (*taken)(void *self, struct post_coming *, const struct post_item *);
    /* The digest under which an earlier version knew it (office_takes_over()). May be NULL. */
    void (*before)(const struct post_item *, char digest[POST_DIGEST]);
    /* The customer has left or come back by this word. May be NULL. */
    void (*word)(void *self, const struct post_item *);

    /* The form under which the other side's name of a piece is compared; NULL: the name itself. */
    void (*names)(const void *self, const char *peer_id, char form[POST_ADDRESS]);
    /* The customer's address of what the core wants sent, and ours. False: there is none to which it could go. */
    bool (*address)(const void *self, struct span to, char customer[POST_ADDRESS]);
    void (*from)(const void *self, struct span from, char own[POST_ADDRESS]);
    /* Into how many pieces is the item divided? May change the text, and sets `body`. 0: it cannot go, with cause and
     * reason. NULL: each item is one piece. */
    unsigned (*divide)(const void *self, struct post_sending *, enum cause *, const char **why);
    void (*forget)(void *body); /* frees what divide() or order() made; a NULL body is allowed. May be NULL */
    /* Reads what the core wants sent: sets addresses, `digest`, `body` and `expires_us`; divide() says then whether it
     * can go. NULL: the item is a text, and address() and from() tell its addresses. A way without
     * order() has none of the next five operations either. */
    void (*order)(void *self, const struct message *effect, struct post_sending *);
    /* In the thread, before the item is held, and before each time that it begins: keeps it as an interaction and makes
     * its bytes. Sets `interaction`; and `going` and `why` where it is not to go. */
    bool (*write)(const void *self, struct store *, struct post_order *, struct error *);
    /* In the thread: notes for agents what became of the item; POST_OUT_held: it goes again. The words are `why` of the
     * sending. */
    bool (*noted)(const void *self, struct store *, const struct post_sending *, enum post_out, int64_t now,
                  struct error *);
    /* Makes the name under which a receipt of the n-th recipient, from 0, finds the item. */
    void (*form)(const struct post_sending *, unsigned n, char form[POST_ADDRESS]);
    const char *(*title)(const struct post_sending *);       /* the item's name outside, for the core and the log */
    void (*hide)(const struct post_sending *, GString *why); /* takes addresses out of what is written to the log */
    /* How many pieces may go now? `*where`: the connection or sender for the next one. */
    uint64_t (*room)(void *self, uint64_t *where);
    /* Is a piece on its way to this customer, so that the next one waits? NULL where nothing goes in turn. */
    bool (*busy)(const void *self, const char *customer);
    /* NULL, or the protocol has no answers: an item is given when send() has written it, under this name. */
    void (*given)(const struct post_sending *, char peer_id[POST_ADDRESS]);
    /* Sends a piece; office_answered() follows. False: the piece can never go; where given() is there, only that there
     * is no room now, and the piece waits. */
    bool (*send)(void *self, const struct post_sending *, unsigned n, uint64_t where, void *piece);
    /* Tells that the item is kept and will go. May be NULL. */
    void (*held)(void *self, const struct post_sending *);
    /* They tell the asker of office_order() or office_ask(), and free it; `state` "": there is none. May be NULL. */
    void (*ordered)(void *asker, bool good, unsigned going, unsigned pieces);
    void (*asked)(void *asker, bool good, const char *state);
    void (*asker_free)(void *asker); /* NULL is allowed */
    void (*tick)(void *self);        /* often */
    void (*second)(void *self);      /* each second, behind the office's own work */
};
