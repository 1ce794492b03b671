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
    char *key; /* the way finds it by this key while it is open; NULL: the way finds it by something else */
    char *name, *address, *to, *subject, *queue;
    enum conversation_phase phase;
    int64_t interaction; /* the store's number of it */
    int64_t told;        /* place of the last message that the core was told */
    int64_t shown;       /* place of the last message that the customer was shown */
    uint64_t conn, ixn, begun_us;
    struct recent *before; /* the last conversation of the same key; NULL: none is remembered */
    GQueue first;          /* of struct first_words: what the customer says until the core has the conversation */
    bool leaves;           /* its customer has left before the core had it */
    bool fault;            /* the core holds it in quarantine, as it has crashed the router */
    bool asks;             /* an earlier process began the conversation, and did not hear whether the core has it: it is
                            * begun again once the core is there */
    unsigned jobs;         /* number of its jobs that the thread has not brought back */
    GQueue unkept;         /* jobs: what agents have said and the store has not taken; it is tried again in its order */
    struct conversation_job *again; /* the first of `unkept`, while the thread tries it again; NULL: none is tried */
    GHashTable *sending;            /* messages on their way to the customer: the effect's ref by msg_id; NULL: none */
    uint64_t heard_us;              /* when somebody wrote last, or an agent came */
    bool warned;                    /* its customer was warned of the silence since `heard_us` */
    unsigned here;                  /* number of agents who are in the conversation */
    char *agent_name; /* name, as the customer reads it, of the agent who came last; "": that agent has left */
    char *agent_last; /* own name of the agent who came last, also after leaving; NULL: none has come */
    bool agent;       /* an agent has been in the conversation */
    bool over;        /* it has ended, and is freed when its last job is back */
    enum cause cause; /* why it ended */
    const char *result;
};

/* The place of its last message: the later one of `told` and `shown`. */
static inline int64_t conversation_last(const struct conversation *conversation)
{
    return MAX(conversation->told, conversation->shown);
}

struct conversation_job { /* work for the office's thread */
    struct keep_job keep;
    struct conversations *all;
    char *about; /* what the job writes about: SAVE, OVER, END: the row; REFUSED: the addresses; FARED: the message. A
                    newer job with the same text replaces it */
    struct conversation *conversation; /* NULL: it belongs to none, or to one that may be over */
    uint64_t ref;                      /* SAY: ref of the core's effect; 0: the customer or the way says it */
    uint64_t ticket;                   /* READ, BRING, FETCH: the way's number for whoever asks */
    void *asker;                       /* READ, BRING, FETCH: the way's pointer for whoever asks */
};

/* What the plugin remembers beside its conversations, in memos of this kind (runtime/post/memos.h). */
struct conversation_memos {
    const char *kind, *noun; /* noun: in the log */
    /* Takes over what an earlier version has left in a file, and removes the file. False with the reason. */
    bool (*before)(struct conversations *, const struct memo_owner *, char *why, size_t why_size);
    bool (*restore)(void *self, const struct memo *, const json_t *saved); /* false: of no use, and to be removed */
    void (*kept)(void *self, const char *name);                            /* of struct memo_calls, and so */
    void (*erased)(void *self, const char *name);
    void (*refused)(void *self, const char *name);
};

/* The operations of a way. One that may be NULL says so. */
struct conversation_way {
    enum media media;
    const char *noun;        /* word for one conversation, in the log */
    enum store_kind kind;    /* kind of the customers' addresses in the store */
    const char *address_key; /* name of the customer's address in user data and in rows of open conversations */
    const struct conversation_memos *memos; /* NULL: it remembers nothing else */
    bool files;                             /* the way can carry a file from an agent to a customer (letters.def) */
    /* The operations of items that come and go within conversations; they get the struct conversations. The office is
     * the conversations' own then. NULL: there are no items, as the way is a line on which nothing waits for a
     * network. */
    const struct post_way *items;
    size_t size; /* of the way's struct, which begins with struct conversation; it begins as zeros */
    void (*waits)(struct conversation *);  /* its row was kept before anything is said; may be NULL */
    void (*opened)(struct conversation *); /* the core has taken the conversation; may be NULL */
    /* Tells that a customer's message, or one of conversation_say_as(), is kept at this place and told to the core.
     * `code` not NULL: it is not kept, for this reason: not_open, too_many, busy, store; it may be said again under the
     * same id. With the code unfit it will never be kept. */
    void (*took)(struct conversation *, const char *id, int64_t place, const char *code);
    /* Tells that the conversation ended before the core had it, with the code away or store; `first` has what the
     * customer has said. */
    void (*refused)(struct conversation *, const char *code);
    /* Why may an agent or a strategy say nothing now? The words are for the agents, the cause for the core; NULL: they
     * may. What may not be said is not kept in the store. With cause_stale a template may be said all the same, where
     * the setting `templates` names some. May be NULL. */
    const char *(*mute)(struct conversation *, enum cause *);
    /* Sends a message that the store has kept. delivery_accepted: the customer has it, or will. delivery_failed: with
     * the cause. delivery_unknown: it is under way, and conversation_delivered() tells the outcome after send() has
     * returned; the same message is not sent again meanwhile. */
    enum delivery (*send)(struct conversation *, const struct keep_job *said, enum cause *);
    void (*data)(const struct conversation *, struct kv *); /* adds user data of a new conversation; may be NULL */
    void (*typing)(struct conversation *, const char *from, bool on);    /* may be NULL */
    void (*party)(struct conversation *, const char *name, bool joined); /* an agent joins or leaves; may be NULL */
    void (*warned)(struct conversation *, uint64_t seconds);             /* so much more silence ends it; may be NULL */
    void (*closed)(struct conversation *, const char *result); /* tells the customer of the end; may be NULL */
    bool (*gone)(struct conversation *, uint64_t now_us); /* can its customer not be reached any more? may be NULL */
    void (*over)(struct conversation *);                  /* nobody finds it from now on; may be NULL */
    void (*job)(struct conversation_job *); /* a READ, BRING or FETCH is back, perhaps after the conversation's end */
    void (*dropped)(struct conversation_job *); /* such a job will not come back; may be NULL */
    void (*second)(void *self);                 /* called each second, where the office is `own`; may be NULL */
    void (*observe)(struct conversations *);    /* posts the plugin's further state in a resync; may be NULL */
    void (*save)(const struct conversation *, json_t *row);    /* adds the way's own fields to the row; may be NULL */
    bool (*restore)(struct conversation *, const json_t *row); /* false: the row is of no use; may be NULL */
    void (*forget)(struct conversation *);                     /* frees the way's own fields; may be NULL */
};

struct conversation_setting { /* texts are borrowed */
    const char *store, *country;
    const char *state; /* the file in which an earlier version kept conversations; "": none */
    uint64_t sessions, messages, text;
    uint64_t idle, idle_close, submit_timeout; /* seconds */
    uint64_t remembers;    /* seconds for which a key's last conversation is remembered; 0: it is not */
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

struct conversations { /* all conversations of a plugin */
    struct gcx_link *link;
    const struct gcx_services *services;
    const struct conversation_way *way;
    void *self; /* the plugin's own struct */
    struct conversation_setting setting;
    struct office *office; /* NULL: conversations_open() has not opened it yet */
    bool own;              /* the office belongs to the conversations, with `post` and `rules` */
    struct post_way post;
    struct post_rules rules;
    char *owner;           /* the adapter's name in its rows of the store */
    struct memos *memos;   /* NULL: the way has none, or they are not open */
    bool anew;             /* the rows are in an earlier version's form, and are written anew */
    struct robots *robots; /* the plugin's; NULL: strategies write as often as they like */
    GHashTable *conns;     /* of struct conversation, by &conn */
    GHashTable *keys;      /* of struct conversation, by key: those that are open or will be */
    GHashTable *recent;    /* of struct recent, by key: ended conversations */
    GHashTable *newest;    /* of struct conversation_job, by `about`: the newest job that writes about it */
    void (*done)(struct conversation_job *); /* called for each job that is back */
    unsigned seconds;
    struct outbox outbox;
    struct writer writer;
};

void conversations_init(struct conversations *, struct gcx_link *, const struct gcx_services *,
                        const struct conversation_way *, void *self);
/* Opens the conversations and restores those of the last process. The caller has filled in `setting`. The office is the
 * plugin's; NULL: the conversations make one of their own, which has begun when this returns. False with the reason. */
bool conversations_open(struct conversations *, struct event_base *, struct office *, char *why, size_t why_size);
/* Makes memos of the rows, in JSON, of a file that an earlier version kept; for before() of the memos. `each` takes out
 * of a row what does not belong into `saved`, and fills in the name and the person, which are freed; it returns false
 * where a row is of no use, after telling why. */
struct memo_row {
    char *name, *person; /* person NULL: there is none */
};
bool conversations_memo_file(struct conversations *, const struct memo_owner *, const char *ending,
                             bool (*each)(void *self, json_t *row, struct memo_row *), char *why, size_t why_size);
bool conversations_await(const void *conversations); /* has the thread still something to do? */
/* The office's thread ends, and no job comes back any more; the way frees what its jobs point to after that. */
void conversations_stop(struct conversations *);
void conversations_free(struct conversations *);
void conversations_tick(struct conversations *); /* each second, where the office is the plugin's */
/* As the functions of struct gcx_adapter: */
void conversations_core_up(struct conversations *, bool up);
void conversations_credit(struct conversations *);
void conversations_perform(struct conversations *, const struct message *effect);

/* ---- one ---- */

struct caller { /* texts may be NULL; all are copied */
    const char *
        key; /* each key, such as both addresses, has one open conversation. NULL: the way finds it by something else */
    const char *name, *address, *to, *subject, *queue;
    /* The interaction to which this conversation belongs, by its number in the core and by its number in the contact
     * store; 0: the last one of the same key. */
    uint64_t parent;
    int64_t parent_stored;
};

/* Finds the conversation of this key that is open or will be. NULL: there is none. */
struct conversation *conversation_by_key(struct conversations *, const char *key);
/* The open conversation of the caller's key, or a new one. An open one that is full of messages gives up its key, and
 * the new one has it as its parent. NULL: there are too many. */
struct conversation *conversation_with(struct conversations *, const struct caller *);
/* Makes a conversation, which waits for the customer's first words: store and core do not hear of it before. NULL:
 * there are too many. */
struct conversation *conversation_new(struct conversations *, const struct caller *);
void conversation_put(struct conversation *); /* begins it at once, although nothing was said yet */
/* The customer says something. `id`: the customer's or the provider's name of the message; one that is kept under the
 * same id is told to nobody twice. `file`: a part of the store that the text names; 0: none. */
void conversation_say(struct conversation *, const char *id, const char *text, int64_t file);
/* Says as conversation_say() does what was written at `at_us` by the network's clock; 0, or a time to come: now. */
void conversation_say_at(struct conversation *, const char *id, const char *text, int64_t file, int64_t at_us);
/* Says something for an agent of this link who has the conversation; send() and took() are called then. */
void conversation_say_as(struct conversation *, const char *agent, const char *id, const char *text);
/* Notes that the customer, by this word, wants no messages from us (`on`), or wants them again. It is kept before
 * anything that is said later. */
void conversation_refuses(struct conversation *, bool on, const char *word);
void conversation_typing(struct conversation *, bool on);
void conversation_leave(struct conversation *, const char *result, enum cause); /* the customer does */
void conversation_close(struct conversation *, const char *result, enum cause);
bool conversation_is_full(const struct conversation *); /* it takes no more messages of its customer */
/* Tells a text to the agents who have the conversation, and to nobody else. `id`: as in conversation_say(). */
void conversation_advise(struct conversation *, const char *id, const char *text);
void conversation_save(struct conversation *); /* writes its row: it was opened, or has changed */

struct delivered { /* what became of a message to the customer */
    uint64_t conn;
    uint64_t ixn;                 /* the core's interaction, as the conversation may be over; 0: not known */
    const char *msg_id, *peer_id; /* peer_id: the provider's name of the message; NULL: none */
    enum delivery state;
    enum cause cause;
    const char *text; /* why it has failed, as the end of a sentence; NULL: nothing is known */
    bool final;
};
/* Tells core, agents and store what became of a message. It may be called twice for one message: when the provider
 * accepts it, and when its fate is known; the conversation may have ended meanwhile. */
void conversation_delivered(struct conversations *, const struct delivered *);

/* Notes that an agent has written to a customer who has no conversation: the customer's answer begins one that prefers
 * this agent. `ixn`: the core's interaction in which the agent wrote; 0: none. */
void conversation_expect(struct conversations *, const char *key, uint64_t ixn, const char *agent);

/* Makes a job of the way's own: READ, BRING or FETCH. */
struct conversation_job *conversation_job(struct conversation *, enum keep);
void conversation_job_give(struct conversation_job *);
