/* runtime/adapters/webhook/webhook.h - The plugin `webhook`: a network of people, which a data file describes, between
 * its web hook or poll, and conversations.
 *
 *     the network -> hook.c -> verified, read (posts.c) -> the post office -> conversations -> core
 *                              answered 200 once all of the request's messages are kept
 *     a customer's messages, one at a time (turn.c); one with a file -> fetchers' threads (fetch.c) -> the store's
 *     core -> conversations -> the post office -> post.c -> senders' threads (send.c) -> the network's API
 *
 * The post office (office.h) knows what came and what went. A request is answered 503 where a message of it is not
 * kept: the network brings it again. Messages of ours leave in their order, one at a time to each customer; a network
 * that wants us to wait is waited for. */
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
    struct post_way post_way; /* this plugin's way for the office */
    struct post_rules rules;
    struct office *office;
    struct robots *robots; /* of the conversations */
    char us[WEBHOOK_US];   /* tells this adapter from others with the same contact store */
    struct door *door;
    GHashTable *taking; /* of struct webhook_taken, by the network's id of a message: it is on its way to the store */
    bool told_refused;  /* the log has been told that messages are not taken */
    /* what goes out */
    struct senders *senders;
    bool asking;       /* a poll is under way, or its posts are on their way to the store */
    uint64_t asked_us; /* when the network was asked last */
    char *cursor;      /* the network's mark from which the next poll goes on */
    bool told_others;  /* the log has been told that posts come for another account than ours */
    /* files of what comes */
    struct worker *fetchers[FETCHERS];
    GHashTable
        *held;       /* of GQueue of struct webhook_taken, by conversation_by_key()'s key: the first one has its turn */
    GQueue to_fetch; /* messages at their turn whose files no fetcher has begun to fetch */
    unsigned held_count, fetching; /* fetching: files that are being fetched or stored */
    atomic_bool stopping;          /* fetchers give up */
};

struct webhook_taken { /* a message on its way to the store */
    struct webhook *webhook;
    struct hook *hook;
    char *id, *key;
    struct post post;                        /* the message; the texts are copies */
    struct post_coming *coming;              /* the office waits for its conversation; NULL: it is with the office */
    const struct conversation *conversation; /* NULL: it waits for its turn */
    struct fetch *fetch;                     /* NULL: it names no file, or one that is not fetched */
    const char *why;
    unsigned pieces;  /* messages it was cut into that have no answer yet; 0: none was said yet */
    const char *code; /* why one of the pieces was not kept; NULL: all that were answered are kept */
};

struct posting { /* a conversation */
    struct conversation conversation;
    char *thread, *visibility; /* of the customer's last message; NULL: none */
    int64_t last_us;           /* when the customer's last message came, by the wall clock */
    uint64_t files;            /* number of files that came in this conversation */
};

/* hook.c: what the network says. */
bool hook_answer(void *webhook, const struct post_ticket *, enum post_verdict, const char *name); /* of post_way */
void hook_request(void *webhook, struct evhttp_request *);
void hook_polled(struct webhook *, const char *body, size_t length);
/* The message on its way to the store that has this name, or a piece of this name; NULL: there is none any more. */
struct webhook_taken *hook_taken_of(const struct webhook *, const char *name);
/* The file of a message: its part in the store; part 0: it has no file, or one that could not be fetched. */
struct said_file {
    int64_t part;
    const char *name, *why; /* why: the reason why it was not fetched; NULL: none */
};
bool hook_say_post(struct webhook_taken *, const struct said_file *);          /* false: there are too many, */
struct conversation *hook_conversation(struct webhook *, const struct post *); /* and NULL: likewise */
extern const struct conversation_memos cursor_memos; /* where the next poll goes on, in the contact store */
void hook_init(struct webhook *);
void hook_free(struct webhook *);

/* turn.c, above hook.c: the messages of a customer, and their files. First the operations that others call. */
bool turn_item(void *webhook, struct post_coming *, const struct post_item *);
void turn_took(struct conversation *, const char *id, int64_t place, const char *code);
void turn_refused(struct conversation *, const char *code);
void turn_brought(struct conversation_job *);
bool turn_init(struct webhook *, struct event_base *);
void turn_stop(struct webhook *);
void turn_end(struct webhook *);

/* post.c: what we say, and the way of the post office. */
extern const struct conversation_way posting_way;
extern const struct post_way webhook_post_way;
bool post_init(struct webhook *, struct event_base *, char *why, size_t why_size);
/* Opens the post office, and takes over what an earlier version has left in files. */
bool post_open_office(struct webhook *, struct event_base *, char *why, size_t why_size);

/* before.c: the files in which this plugin kept what came and what went, before the post office had it. They are taken
 * over once, and go. */
void before_digest(const struct post_item *, char digest[POST_DIGEST]);
bool before_takes_over(struct webhook *, char *why, size_t why_size);
bool before_cursor(struct conversations *, const struct memo_owner *, char *why, size_t why_size);
char *webhook_cursor_row(const char *cursor); /* the memo's text, to be freed */
