/* runtime/adapters/webhook/webhook.h - The plugin `webhook`: brings messages of a network, which a data file
 * describes, by its web hook or by polling, into conversations, and answers back.
 *
 *     the network -> hook.c -> verified, read (posts.c) -> the post office -> conversations -> core
 *                              answered 200 once all of the request's messages are kept
 *     a customer's messages, one at a time (turn.c); one with a file -> fetchers' threads (fetch.c) -> the store's
 *     core -> conversations -> the post office -> post.c -> senders' threads (send.c) -> the network's API
 *
 * The post office (office.h) remembers what has come and what was sent. A request is answered 503 if one of its
 * messages is not kept: the network sends it again. Messages to the network are sent in order, one at a time to each
 * customer; if the network wants to be left alone for some time, they wait. */
#pragma once

#include <glib.h>
#include <stdatomic.h>

#include "runtime/adapters/conversation/conversation.h"
#include "runtime/adapters/webhook/network.h"
#include "runtime/adapters/webhook/senders.h"
#include "runtime/adapters/webhook/setting.h"
#include "runtime/post/office.h"

enum { FETCHERS = 4, WEBHOOK_US = 17 };

struct door;
struct evhttp_request;
struct fetch;
struct hook;
struct robots;

struct webhook {
    struct gcx_link *link;
    const struct gcx_services *services;
    struct webhook_setting setting;
    struct watched_files files;
    struct conversation_way way;
    struct conversations conversations;
    struct post_way post_way; /* this plugin's operations for the post office */
    struct post_rules rules;
    struct office *office;
    struct robots *robots; /* of the conversations */
    char us[WEBHOOK_US];   /* distinguishes this adapter from others with the same contact store */
    struct door *door;
    GHashTable *taking; /* of struct webhook_taken, by the network's id: messages on their way to the store */
    bool told_refused;  /* it was logged that no messages are taken at present */
    /* what goes out */
    struct senders *senders;
    bool asking;       /* a poll is running, or its posts are on their way to the store */
    uint64_t asked_us; /* when the network was last polled */
    char *cursor;      /* the network's mark at which the next poll continues */
    bool told_others;  /* it was logged that posts come for another account */
    /* files of what comes */
    struct worker *fetchers[FETCHERS];
    GHashTable *held; /* of GQueue of struct webhook_taken, by the conversation's key: the first of each queue has its
                       * turn */
    GQueue to_fetch;  /* messages whose turn it is and whose files no fetcher has begun to fetch */
    unsigned held_count, fetching; /* fetching: number of files that are being fetched or stored */
    atomic_bool stopping;          /* fetchers give up */
};

struct webhook_taken { /* a message on its way to the store */
    struct webhook *webhook;
    struct hook *hook;
    char *id, *key;
    struct post post;         /* the message, with copies of its texts; its `content` is NULL */
    struct content_made made; /* what it consists of; all zeros: a text, or a file */
    bool sought;              /* the contact store was asked for the message that it is about, and has none */
    /* for the answer to the post office; NULL: the post office has the message itself */
    struct post_coming *coming;
    const struct conversation *conversation; /* NULL: the message waits for its turn */
    struct fetch *fetch;                     /* NULL: the message has no file, or one that is not fetched */
    const char *why;
    unsigned pieces;  /* number of pieces of the message without an answer; 0: none was added yet */
    const char *code; /* why a piece was not kept; NULL: all that were answered are kept */
};

struct posting { /* a conversation */
    struct conversation conversation;
    char *thread, *visibility; /* from the customer's last message; NULL: none */
    int64_t last_us;           /* when the customer's last message came, by the wall clock */
    uint64_t files;            /* number of files that came in this conversation */
    bool asks_person;          /* the customer has asked for a person by a word */
};

/* hook.c: messages from the network. */
bool hook_answer(void *webhook, const struct post_ticket *, enum post_verdict, const char *name); /* of post_way */
void hook_request(void *webhook, struct evhttp_request *);
void hook_polled(struct webhook *, const char *body, size_t length);
/* Returns the message on its way to the store with this id, or with a piece of this id; NULL: there is none any
 * more. */
struct webhook_taken *hook_taken_of(const struct webhook *, const char *name);
/* The file of a message, as a part of the store; part 0: there is none, or it could not be fetched. */
struct said_file {
    int64_t part;
    const char *name, *why; /* why: the reason why the file was not fetched; NULL: none */
};
/* A message about one of a conversation that is over is kept there. True: the store is asked, and the job comes back.
 */
bool hook_say_after(struct webhook_taken *);
/* The next two functions return false or NULL if there are too many conversations. */
bool hook_say_post(struct webhook_taken *, const struct said_file *);
struct conversation *hook_conversation(struct webhook *, const struct post *);
extern const struct conversation_memos cursor_memos; /* how the place of the next poll is kept in the contact store */
void hook_init(struct webhook *);
void hook_free(struct webhook *);

/* turn.c, above hook.c: the order of a customer's messages, and their files. The operations that other files call come
 * first. */
bool turn_item(void *webhook, struct post_coming *, const struct post_item *);
void turn_took(struct conversation *, const char *id, int64_t place, const char *code);
void turn_refused(struct conversation *, const char *code);
void turn_brought(struct conversation_job *);
bool turn_init(struct webhook *, struct event_base *);
void turn_stop(struct webhook *);
void turn_end(struct webhook *);

/* post.c: messages to the network, and the operations for the post office. */
extern const struct conversation_way posting_way;
extern const struct post_way webhook_post_way;
bool post_init(struct webhook *, struct event_base *, char *why, size_t why_size);
/* Opens the post office, and takes over what an earlier version has left in files. */
bool post_open_office(struct webhook *, struct event_base *, char *why, size_t why_size);

/* before.c: the files in which an earlier version kept what had come and what was sent, which the post office keeps
 * now. The content of these files is taken over once, and the files are removed. */
void before_digest(const struct post_item *, char digest[POST_DIGEST]);
bool before_takes_over(struct webhook *, char *why, size_t why_size);
bool before_cursor(struct conversations *, const struct memo_owner *, char *why, size_t why_size);
char *webhook_cursor_row(const char *cursor); /* the content of the cursor's row; the caller frees it */
