/* runtime/adapters/im/im.h - The plugin `im`: instant messages to knowledge workers (experts), by XMPP.
 *
 *     asker --- QUEUE@DOMAIN ---> talk.c (a way of conversations) ---> core: a strategy selects a worker
 *     worker's presence --------> expert.c ---> core: the agent's state of the medium im
 *     core: Invite -------------> offer.c ----> the worker reads a preview in their own client, and replies 1 or 2
 *                                 reply.c ----> core: who has it
 *     worker --- QUEUE.IXN@DOMAIN, an address per interaction ---> talk.c ---> asker
 *
 * This link serves both the person who asks and the workers who answer. The core therefore lets this link pass messages
 * between the two; the core gets each message, and reports who has the conversation. If the person who asks is at
 * another link, such as an agent at the desk, the core passes the messages.
 *
 * Each file calls only files that come below it here:
 *
 *     plugin.c
 *     route.c
 *     reply.c
 *     talk.c
 *     expert.c
 *     offer.c
 *     earlier.c  send.c */
#pragma once

#include <glib.h>

#include "runtime/adapters/conversation/conversation.h"
#include "runtime/adapter/watched.h"
#include "runtime/adapters/im/component.h"
#include "runtime/adapters/im/earlier.h"
#include "runtime/adapters/im/presence.h"
#include "runtime/adapters/im/setting.h"

struct robots;
struct stanza_content;
struct xml_node;

enum { IM_SECOND_US = 1000000, IM_DN_SIZE = 80, IM_ID = 40 };

struct im {
    struct gcx_link *link;
    const struct gcx_services *services;
    struct im_setting setting;
    struct watched_files files;
    struct conversations conversations;
    struct component *component;
    struct robots *robots; /* the conversations' */
    struct writer writer;
    GHashTable *experts; /* of struct expert, by the agent's name; */
    GHashTable *jids;    /* and by bare JID */
    GHashTable *asked;   /* of struct im_asked, by `req`: open requests to the core */
    uint64_t up_us;      /* when the connection to the server last came up */
    uint64_t requests, ids;
    bool told_skipped; /* it was logged that a stanza was too large */
};

struct expert { /* a knowledge worker */
    struct im *im;
    const char *agent, *jid; /* the agent's name and bare JID, from the setting; not copied */
    uint64_t client;         /* number by which the core knows the worker's client */
    struct presence presence;
    /* the worker did not answer a question: the core takes them for not ready until they write something */
    bool silent;
    bool heard;                /* the server has reported the worker's presence since it last came up */
    struct presence_state is;  /* the state that the core got last */
    uint64_t told_us, gone_us; /* when the core got that state; since when the worker has no client */
    GHashTable *offers;        /* of struct offer, by `ixn` */
};

struct offer { /* an interaction that is offered to a worker or that the worker has */
    struct expert *expert;
    uint64_t ixn, claim, ref, conn;
    int64_t stored;               /* the contact store's number of the interaction; 0: unknown */
    bool accepted, joining, open; /* joining: the worker has it, and its earlier messages are being read */
    bool shown;                   /* the question was sent to the XMPP server */
    uint64_t missed_us;           /* since when messages could not be given to the worker; 0: none is missing */
    /* time from missed_us until the messages are sent again; 0: the worker has written since */
    uint64_t pause_us;
    uint64_t ends_us; /* by when the question must be answered */
    char *who, *queue, *subject;
    GQueue held;        /* of struct offer_held: messages that come while the worker joins */
    GHashTable *before; /* a set: ids of the messages shown to the worker on joining; NULL: none */
};

struct im_talk {                      /* a conversation of somebody who asks */
    struct conversation conversation; /* first */
    int64_t carried;                  /* place of the asker's last message that was passed on to the workers */
    char *mark, *mark_of; /* the last kept message whose client wants to know that it is read: its id there and here */
    GHashTable *saying;   /* of struct saying, by message id: messages on their way to the store; NULL: none */
};

struct im_asked { /* a request to the core, until it is answered */
    uint64_t req, ixn, claim;
    unsigned kind;
    struct expert *expert;
    /* text: the message, NULL: it is none; receipt: the message's id, NULL: no receipt is wanted */
    char *text, *receipt;
};

/* words.def */
enum im_words {
#define WORDS(name, text) IM_##name,
#include "runtime/adapters/im/words.def"
};
extern const char *const im_words[];

/* expert.c: knowledge workers and their states. */
void experts_init(struct im *);
void experts_open(struct im *);                      /* those of the setting; */
extern const struct conversation_memos expert_memos; /* how the workers' states are kept in the contact store */
void experts_free(struct im *);
void experts_up(struct im *); /* the server is up: asks it for the presence of each worker */
void experts_down(void *im);  /* the server has gone */
void experts_tick(struct im *);
void experts_presence(struct im *, const struct xml_node *);
void experts_observe(struct im *); /* reports the workers' states, in a resync */
void experts_reasons(struct im *); /* reports the reasons of these states, after a resync */
/* the worker has written: one who did not answer before gets the earlier state back */
void expert_is_there(struct expert *);
struct expert *expert_by_jid(struct im *, const char *bare);

/* offer.c: interactions that workers are offered and have. */
struct offer *offer_by_ixn(const struct expert *, uint64_t ixn); /* NULL: the worker does not have that interaction */
void offer_end(struct offer *, const char *words);               /* words: a sentence for the worker; NULL: none */
void offer_invite(struct im *, const struct message *effect);
void offer_withdraw(struct im *, const struct message *effect);
void offer_failed(struct expert *, uint64_t ixn); /* the server could not give the worker a message */
void offers_tick(struct expert *);                /* sends missed messages to a worker who is back */
void offer_joined(struct im *, uint64_t ixn, const char *agent);
void offer_tell(const struct offer *, const char *text);
void offer_received(const struct expert *, uint64_t ixn, const char *receipt);
/* Sends a message to each worker who has the interaction, except the worker `but`. `msg_id`: the store's name of the
 * message. */
void offer_each(struct im *, uint64_t ixn, const char *but, const char *msg_id, const char *name, const char *text);
void offer_each_types(struct im *, uint64_t ixn, bool on);
/* Gives workers the message of a person at another link, and tells them who else has the interaction. False: no
 * worker of this link has it. */
bool offer_heard(struct im *, const struct message *effect);
void offer_party(struct im *, const struct message *notice);
/* A reply is due soon: reminds each worker who has the interaction. */
void offer_reply_due(struct im *, const struct message *notice);
/* tells the worker that the store has not taken their message */
void offer_unsent(const struct expert *, uint64_t ixn);
void offer_forget(gpointer offer);
void offer_server_up(struct im *); /* shows the questions that could not be shown while the server was away */

/* reply.c: what workers write. */
void reply_answered(struct im *, const struct message *reply); /* handles the core's answer to a request */
/* `receipt`: the message's id, if the client wants a receipt; else NULL. */
void reply_said(struct expert *, uint64_t ixn, const char *text, const char *receipt);
void reply_displayed(struct expert *, uint64_t ixn, const char *id); /* a worker's client shows the message */
void reply_stays(struct expert *, uint64_t ixn); /* tells a worker that a message cannot be taken back */
void reply_typing(struct expert *, uint64_t ixn, bool on);
void reply_request_free(gpointer asked);
void reply_core_down(struct im *);

/* talk.c: askers. */
extern const struct conversation_way im_way;
struct talk_said {                                  /* a message of an asker */
    const char *bare, *name, *queue, *id, *receipt; /* id: the client's; receipt: it is wanted; both may be NULL */
    bool marked;                                    /* the client wants to know that the message is read */
    const struct stanza_content *content;
};
void talk_said(struct im *, const struct talk_said *);
void talk_received(struct im *, const char *bare, const char *id);  /* the asker's client has received the message */
void talk_displayed(struct im *, const char *bare, const char *id); /* the asker has read it */
void talk_failed(struct im *, const char *bare, const char *id); /* the server could not give the asker the message */
void talk_typing(struct im *, const char *bare, const char *queue, bool on);
void talk_left(struct im *, const char *bare, const char *queue);
/* shows the asker that a worker types; false: the asker is not at this link */
bool talk_types_to(struct im *, uint64_t conn, bool on);
void talk_of_expert(struct expert *, const struct offer *, const char *text, const char *receipt);
struct im_talk *talk_by_conn(struct im *, uint64_t conn); /* NULL: no conversation of this link has that ConnID */
void talk_up(struct im *);                                /* the server is up: sends the messages that waited for it */

/* route.c: stanzas that come. */
void im_on_stanza(void *im, const struct xml_node *);

/* send.c: events to the core, and stanzas to the server. */
struct writer *im_begin(struct im *, unsigned kind);
void im_post(struct im *);
/* Begins a stanza of that name; `type` or `id` NULL: without this attribute. */
GString *im_stanza_begin(const char *name, const char *type, const char *from, const char *to, const char *id);
bool im_stanza_go(struct im *, GString *stanza); /* sends and frees it; false: the server is away */
/* Sends a text; with an `id` it asks for a receipt, with NULL not. False: the server is away. */
bool im_send_text(struct im *, const char *from, const char *to, const char *id, const char *text);
bool im_send_preview(struct im *, const char *from, const char *to, const char *text); /* false: as above */
void im_send_receipt(struct im *, const char *from, const char *to, const char *id);
void im_send_read(struct im *, const char *from, const char *to, const char *id); /* the message is read */
bool im_send_state(struct im *, const char *from, const char *to, bool typing);
void im_send_presence(struct im *, const char *type, const char *from, const char *to);
void im_new_id(struct im *, char id[IM_ID]);
/* Writes the store's id for a message from `who`, whose client gave it `its` (may be NULL). A client that misses a
 * receipt sends the message again, under its own id (`receipt`, may be NULL): both get the same store id. */
void im_id_of(struct im *, const char *who, const char *its, const char *receipt, const char *text, char id[IM_ID]);
bool im_id_lasts(const char *its); /* is it one that a client gives to one message only? NULL is allowed */
/* Writes the store's id of a message that is known by the client's id alone. Messages whose ids are short are not found
 * by it. */
void im_lasting_id(const char *who, const char *its, char id[IM_ID]);
