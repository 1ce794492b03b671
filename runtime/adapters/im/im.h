/* runtime/adapters/im/im.h - The plugin `im`: instant messages to those who know, by XMPP.
 *
 *     asker --- QUEUE@DOMAIN ---> talk.c (a way of conversations) ---> core: a strategy selects a worker
 *     worker's presence --------> expert.c ---> core: the agent's state of the medium im
 *     core: Invite -------------> offer.c ----> the worker reads a preview in their own client, and replies 1 or 2
 *                                 reply.c ----> core: who has it
 *     worker --- QUEUE.IXN@DOMAIN, an address per interaction ---> talk.c ---> asker
 *
 * This link is both the asker's home and the workers' desktop. The core therefore leaves it to this link to carry
 * words between the two; it hears of each message, and tells who has the conversation. The core
 * carries them, too, if somebody asks at another link, such as an agent at the desk.
 *
 * Each file calls only files below it:
 *
 *     plugin.c
 *     route.c
 *     reply.c
 *     talk.c
 *     expert.c
 *     offer.c
 *     earlier.c  send.c
 */
#pragma once

#include <glib.h>

#include "runtime/adapters/conversation/conversation.h"
#include "runtime/adapter/watched.h"
#include "runtime/adapters/im/component.h"
#include "runtime/adapters/im/earlier.h"
#include "runtime/adapters/im/presence.h"
#include "runtime/adapters/im/setting.h"

struct robots;
struct xml_node;

enum { IM_SECOND_US = 1000000, IM_DN_SIZE = 80 };

struct im {
    struct gcx_link *link;
    const struct gcx_services *services;
    struct im_setting setting;
    struct watched_files files;
    struct conversations conversations;
    struct component *component;
    struct robots *robots; /* the conversations' */
    struct writer writer;
    GHashTable *experts; /* of struct expert, by agent; */
    GHashTable *jids;    /* and by bare JID */
    GHashTable *asked;   /* of struct im_asked, by &req: requests to the core */
    uint64_t up_us;      /* when the server came last */
    uint64_t requests, ids;
    bool told_skipped; /* the log says that a stanza was too much */
};

struct expert { /* a knowledge worker */
    struct im *im;
    const char *agent, *jid; /* the agent's name and bare JID, from the setting; borrowed */
    uint64_t client;         /* the worker's client number in requests to the core */
    struct presence presence;
    bool silent; /* they did not answer a question: the core takes them for not ready until they say something */
    bool heard;  /* the server has told the worker's presence since the server came last */
    struct presence_state is;  /* the state that the core was told last */
    uint64_t told_us, gone_us; /* when the core was told; since when no client of the worker is there */
    GHashTable *offers;        /* of struct offer, by &ixn */
};

struct offer { /* an interaction that a worker is asked about or has */
    struct expert *expert;
    uint64_t ixn, claim, ref, conn;
    int64_t stored;               /* the contact store's interaction; 0: not known */
    bool accepted, joining, open; /* joining: the worker has it, and what was said before is being read */
    bool shown;                   /* the question was sent to the server */
    uint64_t missed_us;           /* since then the server has words that it could not give to the worker; 0: none */
    uint64_t pause_us;            /* from missed_us until the words are sent again; 0: the worker has written since */
    uint64_t ends_us;             /* when the time to answer the question ends */
    char *who, *queue, *subject;
    GQueue held;        /* of struct offer_held: what is said while the worker joins */
    GHashTable *before; /* a set: ids of the messages that the worker read while joining; NULL: none */
};

struct im_talk {                      /* a conversation of an asker */
    struct conversation conversation; /* first */
    int64_t carried;                  /* place of the asker's last message that was sent on to the workers */
    GHashTable *saying; /* of struct saying, by the message's id; NULL: nothing is on its way to the store */
};

struct im_asked { /* a request to the core, until it is answered */
    uint64_t req, ixn, claim;
    unsigned kind;
    struct expert *expert;
    char *text, *receipt; /* text: the message, NULL: it is none; receipt: the message's id, NULL: none is wanted */
};

/* words.def */
enum im_words {
#define WORDS(name, text) IM_##name,
#include "runtime/adapters/im/words.def"
};
extern const char *const im_words[];

/* expert.c: workers and their states. */
void experts_init(struct im *);
void experts_open(struct im *);                      /* those of the setting; */
extern const struct conversation_memos expert_memos; /* and their states, in the contact store */
void experts_free(struct im *);
void experts_up(struct im *); /* the server has come: asks it for the presence of each worker */
void experts_down(void *im);  /* the server has gone */
void experts_tick(struct im *);
void experts_presence(struct im *, const struct xml_node *);
void experts_observe(struct im *);     /* in a resync: their states as the core had them; */
void experts_reasons(struct im *);     /* and behind it: why they are so */
void expert_is_there(struct expert *); /* the worker has said something: one who was silent is as ready as before */
struct expert *expert_by_jid(struct im *, const char *bare);

/* offer.c: what workers are asked and have. */
struct offer *offer_by_ixn(const struct expert *, uint64_t ixn); /* NULL: the worker has none */
void offer_end(struct offer *, const char *words);               /* words: for the worker; NULL: none */
void offer_invite(struct im *, const struct message *effect);
void offer_withdraw(struct im *, const struct message *effect);
void offer_failed(struct expert *, uint64_t ixn); /* the server could not give a message to the worker */
void offers_tick(struct expert *);                /* a worker who is back reads what was missed */
void offer_joined(struct im *, uint64_t ixn, const char *agent);
void offer_tell(const struct offer *, const char *text);
void offer_received(const struct expert *, uint64_t ixn, const char *receipt);
/* Sends a message to each worker who has the interaction, except `but`. `msg_id`: the store's name of the message. */
void offer_each(struct im *, uint64_t ixn, const char *but, const char *msg_id, const char *name, const char *text);
void offer_each_types(struct im *, uint64_t ixn, bool on);
/* Gives a worker the words of an asker at another link, and tells who else has the interaction. False: no worker of
 * ours has it. */
bool offer_heard(struct im *, const struct message *effect);
void offer_party(struct im *, const struct message *notice);
void offer_unsent(const struct expert *, uint64_t ixn); /* the store has not taken what the worker wrote */
void offer_forget(gpointer offer);
void offer_server_up(struct im *); /* shows the questions that could not be shown before */

/* reply.c: what workers write. */
void reply_answered(struct im *, const struct message *reply); /* the core has answered a request */
/* `receipt`: the message's id, where the client wants to know that it has come; else NULL. */
void reply_said(struct expert *, uint64_t ixn, const char *text, const char *receipt);
void reply_typing(struct expert *, uint64_t ixn, bool on);
void reply_request_free(gpointer asked);
void reply_core_down(struct im *);

/* talk.c: askers. */
extern const struct conversation_way im_way;
void talk_said(struct im *, const char *bare, const char *name, const char *queue, const char *text,
               const char *receipt);
void talk_received(struct im *, const char *bare, const char *id); /* the asker's client has the message */
void talk_failed(struct im *, const char *bare, const char *id);   /* the message could not be given to the asker */
void talk_typing(struct im *, const char *bare, const char *queue, bool on);
void talk_left(struct im *, const char *bare, const char *queue);
bool talk_types_to(struct im *, uint64_t conn, bool on); /* a worker types; false: the asker is not here */
void talk_of_expert(struct expert *, const struct offer *, const char *text, const char *receipt);
struct im_talk *talk_by_conn(struct im *, uint64_t conn); /* NULL: no conversation here has it */
void talk_up(struct im *);                                /* the server has come: sends the messages that wait */

/* route.c: stanzas that come. */
void im_on_stanza(void *im, const struct xml_node *);

/* send.c: events to the core, and stanzas that go. */
struct writer *im_begin(struct im *, unsigned kind);
void im_post(struct im *);
/* Begins a stanza of that name; `type` and `id` NULL: without one. */
GString *im_stanza_begin(const char *name, const char *type, const char *from, const char *to, const char *id);
bool im_stanza_go(struct im *, GString *stanza); /* frees it; false: the server is away */
/* Sends a text; with an `id` it asks for a receipt, with NULL it does not. False: the server is away. */
bool im_send_text(struct im *, const char *from, const char *to, const char *id, const char *text);
bool im_send_preview(struct im *, const char *from, const char *to, const char *text); /* false: as above */
void im_send_receipt(struct im *, const char *from, const char *to, const char *id);
bool im_send_state(struct im *, const char *from, const char *to, bool typing);
void im_send_presence(struct im *, const char *type, const char *from, const char *to);
void im_new_id(struct im *, char id[40]);
/* The store's id of what `who` says. A client that wants a receipt and has none sends the message again, under the same
 * id of its own (`receipt`, may be NULL): it is the same one here. */
void im_id_of(struct im *, const char *who, const char *receipt, const char *text, char id[40]);
