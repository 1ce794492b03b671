/* runtime/adapters/conversation/conversation.h - Conversations of customers with agents and strategies, between a way
 * to the customer, the contact store and the core. Chat is such a way, and so are short messages.
 *
 *     WAITING ------> KEPT -----------------------------> OPEN ----------> CLOSING ---------------> over
 *       nothing said    the office has it: kept, submitted   the core has it  its end goes to the store
 *
 * The thread and the contact store are the post office's (runtime/post/office.h). It keeps what is said (keep.h) in the
 * order in which it came; nothing is acknowledged to the customer, or told to the core, that is not kept. The office
 * also asks the core about conversations that have no end in the store. A conversation is an item of the office's
 * itself (struct post_talks): kept, submitted once, owned, ended. The open ones are rows of the contact store
 * (runtime/post/talks.h), by which the next process goes on, also on another machine. A conversation is freed when it
 * is over and the thread has brought back its last job (`jobs`).
 *
 * A way is a plugin's `struct conversation_way`, and a struct of its own that begins with a conversation. A way in
 * short:
 *
 *     struct texting {
 *         struct conversation conversation; // first
 *         ...
 *     };
 *     static enum delivery texting_send(struct conversation *it, const struct keep_job *said, enum cause *cause)
 *     {
 *         return queued(it->address, it->to, said->text, said->msg_id) ? delivery_unknown : ... ;
 *     }
 *     static void texting_took(struct conversation *it, const char *id, int64_t place, const char *code)
 *     {
 *         acknowledge(id, code); // NULL: it is kept and on its way to the core; else the provider sends it again
 *     }
 *     const struct conversation_way texting_way = {.media = media_sms, .noun = "text", .kind = STORE_phone,
 * .address_key = "phone", .size = sizeof(struct texting), .send = texting_send, .took = texting_took, .refused =
 * texting_refused, ...};
 *
 *     open():    conversations_init(&t->all, link, services, &texting_way, t);  t->all.setting = ...;
 *                conversations_open(&t->all, base, NULL, why, why_size) // restores what the last process had
 *     a text comes:
 *                struct caller caller = {.key = from_and_to, .address = from, .to = to, .queue = queue, ...};
 *                struct conversation *it = conversation_by_key(&t->all, caller.key);
 *                if (!it) it = conversation_new(&t->all, &caller);       // NULL: there are too many
 *                if (it) conversation_say(it, provider_id, words, 0);    // the way says later: taken, or refused
 *     the provider tells:
 *                conversation_delivered(&t->all, &(struct delivered){.conn = conn, .msg_id = id,
 *                    .state = delivery_delivered, .final = true});       // minutes later, or never
 *     where the link says so: conversations_core_up(), _credit(), _perform()
 *     close():   conversations_stop(), then what is the way's own, then conversations_free()
 *
 * A way without connections leaves out `gone`; one that cannot show typing leaves out `typing`. */
#pragma once

#include <glib.h>
#include <jansson.h>

#include "runtime/adapter/gcx_adapter.h"
#include "runtime/adapter/outbox.h"
#include "runtime/adapters/conversation/keep.h"
#include "runtime/post/memos.h"
#include "runtime/post/office.h"
#include "runtime/store/store.h"
#include "runtime/vocabulary/message.h"

struct event_base;
struct kv;
struct robots;

enum { CONVERSATION_ID = 44 };

enum conversation_phase {
    CONVERSATION_WAITING, /* its customer has said nothing yet */
    CONVERSATION_KEPT,    /* the office has it, and the core has not answered */
    CONVERSATION_OPEN,
    CONVERSATION_CLOSING, /* its end is brought to the store */
};

struct conversation {
    struct conversations *all;
    char external_id[CONVERSATION_ID];
    char *key; /* by which its way finds it while it is open; NULL: by something else */
    char *name, *address, *to, *subject, *queue;
    enum conversation_phase phase;
    int64_t interaction; /* the store's */
    int64_t told;        /* the place of the last message of which the core was told */
    int64_t shown;       /* the place of the last message that the customer was shown */
    uint64_t conn, ixn, begun_us;
    struct recent *before; /* the last conversation of the same key; NULL: none is remembered */
    GQueue first;          /* what its customer has said before the core has it (first.c) */
    bool leaves;           /* its customer has left before the core had it */
    bool fault;            /* the core has it in quarantine, as it has crashed the router */
    bool asks;             /* a process before has begun it: the core is asked again when it is there */
    unsigned jobs;         /* at the thread */
    GQueue unkept;         /* jobs: what agents have said and the store has not taken; it is tried again in its order */
    struct conversation_job *again; /* the first of them, at the thread; NULL: none is */
    GHashTable *sending;            /* what is on its way to the customer: the effects' refs by msg_id; NULL: nothing */
    uint64_t heard_us;              /* when somebody wrote last, or an agent came */
    bool warned;                    /* of the silence since */
    unsigned here;                  /* agents */
    char *agent_name;               /* of the last one who came, as the customer reads it; "": who has left */
    char *agent_last;               /* the last one's own name, also of who has left; NULL: there was none */
    bool agent;                     /* one has been there */
    bool over;                      /* freed when the last job is back */
    enum cause cause;               /* of its end */
    const char *result;
};

/* The place of the last message that is known. */
static inline int64_t conversation_last(const struct conversation *conversation)
{
    return MAX(conversation->told, conversation->shown);
}

struct conversation_job { /* for the thread */
    struct keep_job keep;
    struct conversations *all;
    char *about; /* SAVE, OVER, END: the row; REFUSED: the addresses; FARED: the message. A newer job about the same
                    takes its place */
    struct conversation *conversation; /* NULL: of none, or of one that may be over */
    uint64_t ref;                      /* SAY: the effect; 0: the customer says it, or the way tells it to agents */
    uint64_t ticket;                   /* READ, BRING, FETCH: who asks, by the way's number; */
    void *asker;                       /* or by the way's own pointer */
};

/* What the plugin remembers beside its conversations, in memos of this kind (runtime/post/memos.h). */
struct conversation_memos {
    const char *kind, *noun; /* noun: in the log */
    /* Takes over what an earlier version has left in a file, which goes then. False with the reason. */
    bool (*before)(struct conversations *, const struct memo_owner *, char *why, size_t why_size);
    bool (*restore)(void *self, const struct memo *, const json_t *saved); /* false: it is of no use, and goes */
    void (*kept)(void *self, const char *name);                            /* of struct memo_calls, and so */
    void (*erased)(void *self, const char *name);
    void (*refused)(void *self, const char *name);
};

/* The operations of a way. One that may be NULL says so. */
struct conversation_way {
    enum media media;
    const char *noun;                       /* of one conversation, in the log */
    enum store_kind kind;                   /* of the customers' addresses; */
    const char *address_key;                /* their name in the user data and in the rows of open conversations */
    const struct conversation_memos *memos; /* NULL: it remembers nothing else */
    bool files;                             /* the way can carry a file from an agent to a customer (letters.def) */
    /* The operations of items that come and go within conversations; they get the struct conversations. The office is
     * the conversations' own then. NULL: there are no items, as the way is a line on which nothing waits for a
     * network. */
    const struct post_way *items;
    size_t size; /* of the way's struct, which begins with struct conversation; it begins as zeros */
    void (*waits)(struct conversation *);  /* its row is kept, before anything is said; may be NULL */
    void (*opened)(struct conversation *); /* the core has it; may be NULL */
    /* A customer's message, or one of conversation_say_as(), is kept, at this place, and told to the core. `code`: it
     * is not, for this reason: not_open, too_many, busy, store; it may be said again under the same id. With unfit it
     * will never be kept. */
    void (*took)(struct conversation *, const char *id, int64_t place, const char *code);
    /* It is over before the core had it (away, store); `first` has what the customer has said. */
    void (*refused)(struct conversation *, const char *code);
    /* May an agent or a strategy say something now? The words for the agents, which say why not, with the cause for the
     * core; NULL: it may be said. The store does not get what may not. With cause_stale a template may be said all the
     * same, where the setting `templates` names some. May be NULL. */
    const char *(*mute)(struct conversation *, enum cause *);
    /* Sends what the store has kept. delivery_accepted: the customer has it, or will. delivery_failed: with the cause.
     * delivery_unknown: it is under way, and conversation_delivered() tells once this has returned; a repetition
     * meanwhile is not sent. */
    enum delivery (*send)(struct conversation *, const struct keep_job *said, enum cause *);
    void (*data)(const struct conversation *, struct kv *);              /* more user data of a new one; may be NULL */
    void (*typing)(struct conversation *, const char *from, bool on);    /* may be NULL */
    void (*party)(struct conversation *, const char *name, bool joined); /* an agent; may be NULL */
    void (*warned)(struct conversation *, uint64_t seconds);             /* it ends then; may be NULL */
    void (*closed)(struct conversation *, const char *result);           /* for its customer; may be NULL */
    bool (*gone)(struct conversation *, uint64_t now_us); /* its customer is not to be reached any more; may be NULL */
    void (*over)(struct conversation *);                  /* nobody finds it from now on; may be NULL */
    void (*job)(struct conversation_job *);               /* a READ, BRING or FETCH is back, also where it is over */
    void (*dropped)(struct conversation_job *);           /* it will not come back; may be NULL */
    void (*second)(void *self);                           /* each second, with an office of its own; may be NULL */
    void (*observe)(struct conversations *);              /* posts what else is here, in a resync; may be NULL */
    void (*save)(const struct conversation *, json_t *row);    /* its own fields; may be NULL */
    bool (*restore)(struct conversation *, const json_t *row); /* false: the row is of no use; may be NULL */
    void (*forget)(struct conversation *);                     /* it is freed, with its own fields; may be NULL */
};

struct conversation_setting { /* texts are borrowed */
    const char *store, *country;
    const char *state; /* the file in which an earlier version has left them; "": none */
    uint64_t sessions, messages, text;
    uint64_t idle, idle_close, submit_timeout; /* seconds */
    uint64_t remembers;    /* seconds that the last conversation of a key is known for; 0: it is not */
    const char *templates; /* the category of the standard responses that are templates; NULL, "": there are none */
};

/* The settings of a plugin that has them under these names. */
#define CONVERSATION_SETTING_OF(of)                                                                                    \
    ((struct conversation_setting){.store = (of)->store,                                                               \
                                   .country = (of)->country,                                                           \
                                   .state = (of)->state,                                                               \
                                   .sessions = (of)->sessions,                                                         \
                                   .messages = (of)->messages,                                                         \
                                   .text = (of)->text,                                                                 \
                                   .idle = (of)->idle,                                                                 \
                                   .idle_close = (of)->idle_close,                                                     \
                                   .submit_timeout = (of)->submit_timeout})

struct conversations { /* all of a plugin */
    struct gcx_link *link;
    const struct gcx_services *services;
    const struct conversation_way *way;
    void *self; /* the plugin's */
    struct conversation_setting setting;
    struct office *office; /* NULL: they are not open */
    bool own;              /* the office is, with these: */
    struct post_way post;
    struct post_rules rules;
    char *owner;                             /* of our rows */
    struct memos *memos;                     /* NULL: the way has none, or they are not open */
    bool anew;                               /* they are as an earlier version wrote them */
    struct robots *robots;                   /* the plugin's; NULL: strategies write as often as they like */
    GHashTable *conns;                       /* of struct conversation, by &conn */
    GHashTable *keys;                        /* of those that are open or will be, by key */
    GHashTable *recent;                      /* of struct recent, by key: ended conversations */
    GHashTable *newest;                      /* jobs that write, by `about`: the newest of each */
    void (*done)(struct conversation_job *); /* one is back */
    unsigned seconds;
    struct outbox outbox;
    struct writer writer;
};

void conversations_init(struct conversations *, struct gcx_link *, const struct gcx_services *,
                        const struct conversation_way *, void *self);
/* Opens and restores. `setting` is set before. The office is the plugin's, or NULL: then they get one of their own,
 * which has begun when this returns. False with the reason. */
bool conversations_open(struct conversations *, struct event_base *, struct office *, char *why, size_t why_size);
/* For before() of its memos: the rows of a file, in JSON, that an earlier version kept with `id`, become memos. `each`
 * takes out of the row what is not for `saved`, and fills in the name and the person, which are freed. False: the row
 * is of no use, which `each` has told. */
struct memo_row {
    char *name, *person; /* person NULL: there is none */
};
bool conversations_memo_file(struct conversations *, const struct memo_owner *, const char *ending,
                             bool (*each)(void *self, json_t *row, struct memo_row *), char *why, size_t why_size);
bool conversations_await(const void *conversations); /* has the thread something to do? */
/* The office's thread ends, and no job comes back any more; the way frees what its jobs point to after that. */
void conversations_stop(struct conversations *);
void conversations_free(struct conversations *);
void conversations_tick(struct conversations *); /* each second, where the office is the plugin's */
/* As the functions of struct gcx_adapter: */
void conversations_core_up(struct conversations *, bool up);
void conversations_credit(struct conversations *);
void conversations_perform(struct conversations *, const struct message *effect);

/* ---- one ---- */

struct caller {      /* texts may be NULL; all are copied */
    const char *key; /* such as both addresses; there is one open conversation per key. NULL: the way finds it */
    const char *name, *address, *to, *subject, *queue;
    /* The interaction to which this conversation belongs, by its number in the core and by its number in the contact
     * store; 0: the last one of the same key. */
    uint64_t parent;
    int64_t parent_stored;
};

/* NULL: there is none that is open, or will be. */
struct conversation *conversation_by_key(struct conversations *, const char *key);
/* The open one of the caller's key, or a new one. One that has as many messages as it may have stays open without the
 * key: the new one belongs to it. NULL: there are too many. */
struct conversation *conversation_with(struct conversations *, const struct caller *);
/* It waits for the first words: neither store nor core hears of it before. NULL: there are too many. */
struct conversation *conversation_new(struct conversations *, const struct caller *);
void conversation_put(struct conversation *); /* it waits no longer, although nothing is said */
/* The customer says something. `id`: the customer's or the provider's name of the message; one that is kept under the
 * same id is told to nobody twice. `file`: a part of the store that the text names; 0: none. */
void conversation_say(struct conversation *, const char *id, const char *text, int64_t file);
/* The same of what was written at another time than now, by the network's clock; 0: now, as is one that is to come. */
void conversation_say_at(struct conversation *, const char *id, const char *text, int64_t file, int64_t at_us);
/* An agent of this very link says something, who has the conversation: send() follows, and took(). */
void conversation_say_as(struct conversation *, const char *agent, const char *id, const char *text);
/* The customer wants no messages from us any more, or again, by this word. It is kept before what is said after it. */
void conversation_refuses(struct conversation *, bool on, const char *word);
void conversation_typing(struct conversation *, bool on);
void conversation_leave(struct conversation *, const char *result, enum cause); /* the customer does */
void conversation_close(struct conversation *, const char *result, enum cause);
bool conversation_is_full(const struct conversation *); /* it takes no more messages of its customer */
/* Tells the agents who have it, and nobody else. `id`: as above. */
void conversation_advise(struct conversation *, const char *id, const char *text);
void conversation_save(struct conversation *); /* it is open, or has changed */

struct delivered { /* what became of a message to the customer */
    uint64_t conn;
    uint64_t ixn;                 /* of the core, where the conversation may be over; 0: not known */
    const char *msg_id, *peer_id; /* peer_id: the provider's name of it; NULL: none */
    enum delivery state;
    enum cause cause;
    const char *text; /* why it has failed, as the end of a sentence; NULL: nothing is known */
    bool final;
};
/* Tells the core, the agents, and the store. It may be told first that it is accepted, and later what became
 * of it; the conversation may have ended meanwhile. */
void conversation_delivered(struct conversations *, const struct delivered *);

/* The agent has written to a customer who has no conversation: the answer begins one that knows it. `ixn`: the core's
 * interaction, in which it was written; 0: none. */
void conversation_expect(struct conversations *, const char *key, uint64_t ixn, const char *agent);

/* Jobs of the way's own: READ, BRING, FETCH. */
struct conversation_job *conversation_job(struct conversation *, enum keep);
void conversation_job_give(struct conversation_job *);
