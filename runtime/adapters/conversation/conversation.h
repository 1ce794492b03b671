/* runtime/adapters/conversation/conversation.h - Conversations of customers with agents and strategies, between the
 * plugin that reaches the customer, the contact store and the core. The plugins for chat and for short messages are
 * made this way.
 *
 *     WAITING ------> KEPT -----------------------------> OPEN ----------> CLOSING ---------------> over
 *       nothing said    the office has it: kept, submitted   the core has it  its end goes to the store
 *
 * The post office (runtime/post/office.h) has the thread and the contact store. The office keeps the messages (keep.h)
 * in the order in which they came; nothing is acknowledged to the customer, or sent to the core, before it is kept. The
 * office also asks the core about conversations that have no end in the store. A conversation is an item of the post
 * office itself (struct post_talks): the office keeps it, submits it once, owns it and ends it. Open conversations are
 * rows of the contact store (runtime/post/talks.h), from which the next process goes on, also on another machine. A
 * conversation is freed when it is over and the thread has brought back its last job (`jobs`).
 *
 * A plugin is a way to the customer: it brings its operations, a `struct conversation_way`, and a struct of its own
 * that begins with a conversation. A way in short:
 *
 *     struct texting {
 *         struct conversation conversation; // first
 *         ...
 *     };
 *     static enum delivery texting_send(struct conversation *it, struct keep_job *said, enum cause *cause)
 *     {
 *         return queued(it->address, it->to, said->text, said->msg_id) ? delivery_unknown : ... ;
 *     }
 *     static void texting_took(struct conversation *it, const char *id, int64_t place, const char *code)
 *     {
 *         acknowledge(id, code); // NULL: it is kept and on its way to the core; else the provider sends it again
 *     }
 *     const struct conversation_way texting_way = {
 *         .media = media_sms, .noun = "text", .kind = STORE_phone, .address_key = "phone",
 *         .size = sizeof(struct texting), .send = texting_send, .took = texting_took, .refused = texting_refused, ...};
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
 * A plugin without connections leaves out `gone`; one that cannot show typing leaves out `typing`. */
#pragma once

#include <glib.h>
#include <jansson.h>

#include "runtime/adapter/gcx_adapter.h"
#include "runtime/adapter/outbox.h"
#include "runtime/adapters/conversation/content.h"
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
    CONVERSATION_WAITING, /* its customer has not written yet */
    CONVERSATION_KEPT,    /* the post office has kept it, and the core has not answered */
    CONVERSATION_OPEN,
    CONVERSATION_CLOSING, /* its end is being written to the contact store */
};

struct conversation {
    struct conversations *all;
    char external_id[CONVERSATION_ID];
    char *key; /* the plugin finds an open conversation by this key; NULL: by other means */
    char *name, *address, *to, *subject, *queue;
    char *proof;         /* digest of the site's token that names the customer (store_prove()); NULL: none */
    int64_t proof_until; /* it holds until then: microseconds since 1970 UTC */
    enum conversation_phase phase;
    int64_t interaction; /* the contact store's number of the conversation */
    int64_t told;        /* place of the last message that was sent to the core */
    int64_t shown;       /* place of the last message that was sent to the customer */
    uint64_t conn, ixn, begun_us;
    struct recent *before; /* the key's conversation before this one; NULL: none is remembered */
    GQueue first;          /* of struct first_words: the customer's words until the core has the conversation */
    bool leaves;           /* its customer left before the core had the conversation */
    bool fault;            /* the core holds the interaction in quarantine, as it has crashed the router */
    bool asks;             /* an earlier process began the conversation and got no answer from the core: it is
                            * submitted again once the core is up */
    unsigned jobs;         /* number of the conversation's jobs that the thread still has */
    GQueue unkept;         /* jobs for messages of agents that the store did not take; they are tried again in order */
    struct conversation_job *again; /* the first of `unkept`, while the thread tries it again; NULL: no job is */
    /* the effect's ref by msg_id of each message on its way to the customer; NULL: no message is */
    GHashTable *sending;
    uint64_t heard_us; /* when somebody wrote last, or an agent joined */
    bool warned;       /* its customer was warned about the silence since `heard_us` */
    unsigned here;     /* number of agents who are in the conversation */
    char *agent_name;  /* name, as the customer reads it, of the agent who joined last; "": that agent has left */
    char *agent_last;  /* own name of the agent who joined last, also after leaving; NULL: none has joined */
    bool agent;        /* an agent has joined the conversation at some time */
    int64_t said;     /* place of the customer's last message; read.c keeps it where receipts are sent to the network */
    char *said_id;    /* its name; NULL: there is none */
    int64_t read;     /* the customer's messages up to this place are read */
    bool over;        /* the conversation has ended; it is freed when its last job is back */
    enum cause cause; /* why it ended */
    const char *result;
};

/* Returns the place of the conversation's last message: the greater of `told` and `shown`. */
static inline int64_t conversation_last(const struct conversation *conversation)
{
    return MAX(conversation->told, conversation->shown);
}

struct conversation_job { /* a piece of work for the post office's thread */
    struct keep_job keep;
    struct conversations *all;
    char *about; /* what the job writes about: SAVE, OVER, END: the row; REFUSED: the addresses; FARED: the message.
                  * A newer job with the same text replaces it */
    struct conversation *conversation; /* NULL: the job belongs to no conversation, or to one that may be over */
    /* SAY: ref of the core's effect; 0: the customer or the plugin wrote the message */
    uint64_t ref;
    uint64_t ticket; /* READ, BRING, FETCH: the plugin's number for the client that asks */
    void *asker;     /* READ, BRING, FETCH: the plugin's pointer for the client that asks */
};

/* What else the plugin remembers over a restart, besides its conversations: memos of this kind
 * (runtime/post/memos.h). */
struct conversation_memos {
    const char *kind, *noun; /* noun: in the log */
    /* Takes over the rows that an earlier version has left in a file, and removes the file. False with the reason. */
    bool (*before)(struct conversations *, const struct memo_owner *, char *why, size_t why_size);
    /* false: the memo is useless and is to be removed */
    bool (*restore)(void *self, const struct memo *, const json_t *saved);
    /* kept(), erased() and refused() have the same meaning as in struct memo_calls */
    void (*kept)(void *self, const char *name);
    void (*erased)(void *self, const char *name);
    void (*refused)(void *self, const char *name);
};

/* The operations of a plugin, which is a way to the customer. An operation that may be NULL is marked so. */
struct conversation_way {
    enum media media;
    const char *noun;        /* log: the noun for one conversation */
    enum store_kind kind;    /* kind of the customers' addresses in the contact store */
    const char *address_key; /* name of the customer's address in user data and in rows of open conversations */
    const struct conversation_memos *memos; /* NULL: the plugin remembers nothing besides its conversations */
    bool files;                             /* the plugin can bring a file from an agent to a customer (letters.def) */
    bool file_bytes;                        /* send() gets the bytes of such a file, and may take them over */
    /* The operations of mail items that come and go within conversations; they are called with the struct
     * conversations. With `items` the conversations open a post office of their own. NULL: there are no such items,
     * as the plugin sends at once and no message waits for a network. */
    const struct post_way *items;
    size_t size; /* size of the plugin's struct, which begins with struct conversation and is zeroed first */
    void (*waits)(struct conversation *);  /* the row was kept before the customer has written; may be NULL */
    void (*opened)(struct conversation *); /* the core has taken the conversation; may be NULL */
    /* Reports that a message of the customer, or of conversation_say_as(), is kept at this place and was sent to the
     * core. `code` not NULL: the message is not kept, for this reason: not_open, too_many, busy, store; it may be
     * sent again under the same id. The code unfit means that the message can never be kept. */
    void (*took)(struct conversation *, const char *id, int64_t place, const char *code);
    /* Reports that the conversation ended before the core had it, with the code away or store; `first` has the
     * customer's words. */
    void (*refused)(struct conversation *, const char *code);
    /* Why may an agent or a strategy not write to the customer now? The text is for the agents, the cause for the
     * core; NULL: they may write. A message that is refused here is not kept in the store. With cause_stale a
     * template may still be sent, where the setting `templates` names a category. May be NULL. */
    const char *(*mute)(struct conversation *, enum cause *);
    /* Sends the customer a message that the store has kept. delivery_accepted: the customer has the message, or will
     * get it. delivery_failed: with the cause. delivery_unknown: the message is on its way, and the plugin calls
     * conversation_delivered() with the outcome later; the same message is not sent again meanwhile. */
    enum delivery (*send)(struct conversation *, struct keep_job *said, enum cause *);
    void (*data)(const struct conversation *, struct kv *); /* adds user data of a new conversation; may be NULL */
    void (*typing)(struct conversation *, const char *from, bool on); /* may be NULL */
    /* Tells the customer that an agent has read what the customer wrote, up to this place. `id`: the name of the last
     * message there. Called once for each place, where the setting `reads` wants it; may be NULL. */
    void (*read)(struct conversation *, int64_t place, const char *id);
    /* tells the customer whether the code that they have typed is the right one; may be NULL */
    void (*verified)(struct conversation *, bool right);
    /* tells the customer that an agent joins or leaves; may be NULL */
    void (*party)(struct conversation *, const char *name, bool joined);
    /* warns the customer that the conversation ends after so many more seconds of silence; may be NULL */
    void (*warned)(struct conversation *, uint64_t seconds);
    /* tells the customer that the conversation has ended; may be NULL */
    void (*closed)(struct conversation *, const char *result);
    bool (*gone)(struct conversation *, uint64_t now_us); /* is the customer out of reach for good? may be NULL */
    void (*over)(struct conversation *);                  /* nothing finds the conversation from now on; may be NULL */
    void (*job)(
        struct conversation_job *); /* a READ, BRING, FETCH or AFTER is done, perhaps after the conversation's end */
    void (*dropped)(struct conversation_job *); /* a READ, BRING or FETCH that will not come back; may be NULL */
    void (*second)(void *self);                 /* called each second, where the post office is `own`; may be NULL */
    void (*observe)(struct conversations *);    /* posts the plugin's further state in a resync; may be NULL */
    /* adds the plugin's own fields to the row; may be NULL */
    void (*save)(const struct conversation *, json_t *row);
    /* reads the plugin's own fields; false: the row is useless; may be NULL */
    bool (*restore)(struct conversation *, const json_t *row);
    void (*forget)(struct conversation *); /* frees the plugin's own fields; may be NULL */
};

struct conversation_setting { /* texts are borrowed */
    const char *store, *country;
    const char *state; /* the file in which an earlier version kept conversations; "": no file */
    uint64_t sessions, messages, text;
    uint64_t idle, idle_close, submit_timeout; /* seconds */
    uint64_t remembers;    /* seconds for which a key's last conversation is remembered; 0: not at all */
    const char *templates; /* category of the standard responses that are templates; NULL, "": none */
    bool reads;            /* customers are told what agents have read */
};

/* User data of a conversation whose customer is told what agents have read: the desk says it then. */
#define CONVERSATION_TELLS_READ "tells_read"

/* Initializes the conversations' settings from a plugin's, where the plugin has them under these names. */
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
    bool own;              /* the post office, with `post` and `rules`, belongs to the conversations */
    struct post_way post;
    struct post_rules rules;
    char *owner;           /* the adapter's name in its rows of the store */
    struct memos *memos;   /* NULL: the plugin has no memos, or they are not open */
    bool anew;             /* the rows have an earlier version's form, and are to be written anew */
    struct robots *robots; /* limits what strategies write; the plugin's; NULL: there is no limit */
    GHashTable *conns;     /* of struct conversation, by `conn` */
    GHashTable *keys;      /* of struct conversation, by key: open conversations and those that will be */
    GHashTable *recent;    /* of struct recent, by key: ended conversations */
    GHashTable *newest;    /* of struct conversation_job, by `about`: the newest job about each thing */
    void (*done)(struct conversation_job *); /* called for each job that the thread has done */
    unsigned seconds;
    struct outbox outbox;
    struct writer writer;
};

void conversations_init(struct conversations *, struct gcx_link *, const struct gcx_services *,
                        const struct conversation_way *, void *self);
/* Opens the conversations and restores those of the last process. The caller has filled in `setting` before. The
 * post office is the plugin's; NULL: the conversations open one of their own, which runs when this returns. False
 * with the reason. */
bool conversations_open(struct conversations *, struct event_base *, struct office *, char *why, size_t why_size);
/* One row, in JSON, of a file that an earlier version kept, which becomes a memo; for the function `before` of
 * struct conversation_memos. `each` gets the row, removes what does not belong into `saved`, and fills in the name
 * and the person, which are freed by the caller; it logs why and returns false where a row is useless. */
struct memo_row {
    char *name, *person; /* person NULL: the memo is about no customer */
};
bool conversations_memo_file(struct conversations *, const struct memo_owner *, const char *ending,
                             bool (*each)(void *self, json_t *row, struct memo_row *), char *why, size_t why_size);
bool conversations_await(const void *conversations); /* has the thread jobs left to do? */
/* Ends the post office's thread, after which no job comes back; the plugin frees what its jobs point to only then. */
void conversations_stop(struct conversations *);
void conversations_free(struct conversations *);
void conversations_tick(struct conversations *); /* called each second, where the post office is the plugin's */
/* Same meaning as the functions of struct gcx_adapter: */
void conversations_core_up(struct conversations *, bool up);
void conversations_credit(struct conversations *);
void conversations_perform(struct conversations *, const struct message *effect);

/* ---- one ---- */

struct caller {      /* what is known of a customer who writes; texts may be NULL, and are copied */
    const char *key; /* there is one open conversation for each key, such as a pair of addresses. NULL: the plugin finds
                      * it by other means */
    const char *name, *address, *to, *subject, *queue;
    const char *proof; /* digest of a token, which was found good, by which the site says that the address is theirs */
    int64_t proof_until; /* the token holds until then */
    /* The interaction before this conversation, by its number in the core and in the contact store; 0: the last one
     * of the same key. */
    uint64_t parent;
    int64_t parent_stored;
};

/* Finds the conversation of this key that is open or being opened. NULL: there is none. */
struct conversation *conversation_by_key(struct conversations *, const char *key);
/* The open conversation of the caller's key, or a new one. A conversation that is full of messages gives up its key,
 * and is the parent of the new one. NULL: there are too many conversations. */
struct conversation *conversation_with(struct conversations *, const struct caller *);
/* Makes a conversation, which waits for the customer's first words: the store and the core get it only then. NULL:
 * there are too many conversations. */
struct conversation *conversation_new(struct conversations *, const struct caller *);
void conversation_put(struct conversation *); /* begins it at once, before the customer has written */
/* Adds a message of the customer. `id`: the customer's or the provider's name of the message; a message that comes
 * again under the same id is sent to the agents only once. `file`: the number of a file in the store that the text
 * names; 0: none. */
void conversation_say(struct conversation *, const char *id, const char *text, int64_t file);
/* Like conversation_say(), for a message that was written at `at_us` by the network's clock; 0, or a time in the
 * future: now. */
void conversation_say_at(struct conversation *, const char *id, const char *text, int64_t file, int64_t at_us);
/* Like conversation_say_at(), for what is neither a text nor a file. */
void conversation_say_content(struct conversation *, const char *id, const struct content_made *, int64_t at_us);
/* Says it in the conversation that has the message `of`, where no conversation of the customer is open any more: the
 * way's job() gets the job back with its `asker`, and its place `n`; 0: the store has no such message of the customer.
 * `id`: as in conversation_say(). */
struct conversation_after {
    const char *address, *name, *id;
    const struct content_made *made;
    int64_t at_us;
    void *asker;
};
void conversation_say_after(struct conversations *, const struct conversation_after *);
/* Adds a message of an agent of this link who has the conversation; send() and took() are called for it later. */
void conversation_say_as(struct conversation *, const char *agent, const char *id, const char *text);
/* Notes that the customer, by writing this word, wants no messages from us (`on`), or wants messages again. The note
 * is kept before all messages that are added later. */
void conversation_refuses(struct conversation *, bool on, const char *word);
void conversation_typing(struct conversation *, bool on);
/* An agent has read what the customer wrote: the customer is told, once, where the setting `reads` wants it. `id`: the
 * customer's name of the message that was read; only the last one counts; NULL: all are read. */
void conversation_was_read(struct conversation *, const char *id);
void conversation_leave(struct conversation *, const char *result, enum cause); /* the customer leaves */
void conversation_close(struct conversation *, const char *result, enum cause);
bool conversation_is_full(const struct conversation *); /* no more messages of its customer are accepted */
/* Sends a text to the agents who have the conversation, and to nobody else. `id`: as in conversation_say(). */
void conversation_advise(struct conversation *, const char *id, const char *text);
void conversation_save(struct conversation *); /* writes the row of a conversation that was opened or has changed */

struct delivered { /* what became of a message to the customer */
    uint64_t conn;
    uint64_t ixn;                 /* the core's interaction, for a conversation that may be over; 0: unknown */
    const char *msg_id, *peer_id; /* peer_id: the provider's name of the message; NULL: it has none */
    enum delivery state;
    enum cause cause;
    const char *text; /* why the message has failed, as the end of a sentence; NULL: unknown */
    bool final;
    bool read; /* delivered: the customer has read it, too */
};
/* Reports to the core, the agents and the store what became of a message. May be called twice for one message: when
 * the provider accepts it, and when its outcome is known; the conversation may have ended meanwhile. */
void conversation_delivered(struct conversations *, const struct delivered *);

/* Notes that an agent has written to a customer who has no conversation: the customer's answer begins one that
 * prefers this agent. `ixn`: the core's interaction in which the agent wrote; 0: none. */
void conversation_expect(struct conversations *, const char *key, uint64_t ixn, const char *agent);

/* Makes a job for the plugin itself: READ, BRING or FETCH. */
struct conversation_job *conversation_job(struct conversation *, enum keep);
void conversation_job_give(struct conversation_job *);
