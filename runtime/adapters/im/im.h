/* runtime/adapters/im/im.h - The plugin `im`: instant messages to those who know, by XMPP.
 *
 *     asker --- QUEUE@DOMAIN ---> talk.c (a way of conversations) ---> core: a strategy selects a worker
 *     worker's presence --------> expert.c ---> core: the agent's state of the medium im
 *     core: Invite -------------> offer.c ----> the worker reads a preview in their own client, and replies 1 or 2
 *     worker --- QUEUE.IXN@DOMAIN, an address per interaction ---> talk.c ---> asker
 *
 * This link is both the asker's home and the workers' desktop. The core therefore leaves it to this link to carry
 * words between the two; it hears of each message, and tells who has the conversation. */
#ifndef IM_IM_H
#define IM_IM_H

#include <glib.h>

#include "runtime/adapters/conversation/conversation.h"
#include "runtime/adapters/im/component.h"
#include "runtime/adapters/im/presence.h"
#include "runtime/adapters/im/setting.h"

struct event;
struct stanza;

enum { IM_SECOND_US = 1000000, IM_DN_SIZE = 80, SO_FAR_MAX = 3000 };

struct im {
    struct gcx_link *link;
    const struct gcx_services *services;
    struct setting setting;
    struct conversations conversations;
    struct component *component;
    struct event *tick;
    struct writer writer;
    struct saved *saved; /* the workers' states; NULL: they end with the process */
    GHashTable *experts; /* of struct expert, by agent; */
    GHashTable *jids;    /* and by bare JID */
    GHashTable *asked;   /* of struct asked, by &req: requests to the core */
    uint64_t up_us;      /* when the server came last */
    uint64_t requests, ids;
};

struct expert { /* a knowledge worker */
    struct im *im;
    const char *agent, *jid; /* of the setting */
    uint64_t client;         /* its number in requests to the core */
    struct presence presence;
    bool heard;                /* the server has told its presence since it came last */
    struct presence_state is;  /* as the core was told */
    uint64_t told_us, gone_us; /* when; since when nobody is there */
    GHashTable *offers;        /* of struct offer, by &ixn */
};

struct offer { /* an interaction that a worker is asked about or has */
    struct expert *expert;
    uint64_t ixn, claim, ref, conn;
    bool accepted, open;
    char *who, *queue;
};

struct talk {                         /* a conversation */
    struct conversation conversation; /* first */
    GString *so_far;                  /* who said what, the last SO_FAR_MAX bytes, for a worker who joins */
    char *first;                      /* the asker's first words; NULL: not known */
    GQueue unsent;                    /* of struct unsent: the server is away */
    GHashTable *saying; /* of struct saying, by the message's id; NULL: nothing is on its way to the store */
};

struct asked { /* a request to the core, until it is answered */
    uint64_t req, ixn, claim;
    unsigned kind;
    struct expert *expert;
};

/* words.def */
enum im_words {
#define WORDS(name, text) IM_##name,
#include "runtime/adapters/im/words.def"
};
extern const char *const im_words[];

/* expert.c: workers and their states. */
void experts_init(struct im *);
bool experts_open(struct im *, char *why, size_t why_size); /* restores their states */
void experts_free(struct im *);
void experts_up(struct im *);   /* the server has come: each is asked for */
void experts_down(struct im *); /* it has gone */
void experts_tick(struct im *);
void experts_presence(struct im *, const struct stanza *);
void experts_observe(struct im *);        /* in a resync: their states as the core had them; */
void experts_reasons(struct im *);        /* and behind it: why they are so */
void expert_again(const struct expert *); /* tells the core the state anew */
struct expert *expert_by_jid(struct im *, const char *bare);
bool expert_has_any(const struct expert *); /* a conversation */

/* offer.c: what workers are asked and have. */
void offer_invite(struct im *, const struct message *effect);
void offer_withdraw(struct im *, const struct message *effect);
void offer_reply(struct im *, const struct message *reply);
void offer_said(struct expert *, uint64_t ixn, const char *text);
void offer_failed(struct expert *, uint64_t ixn); /* the server could not give it to the worker */
void offer_joined(struct talk *, const char *agent);
void offer_tell(const struct offer *, const char *text);
void offer_each(struct im *, uint64_t ixn, const char *but, const char *name, const char *text);
void offer_unsent(const struct expert *, uint64_t ixn); /* the store has not taken what the worker wrote */
void offer_forget(gpointer offer);
void offer_core_down(struct im *);

/* talk.c: askers. */
extern const struct way im_way;
void talk_said(struct im *, const char *bare, const char *name, const char *queue, const char *text);
void talk_typing(struct im *, const char *bare, const char *queue, bool on);
void talk_left(struct im *, const char *bare, const char *queue);
void talk_of_expert(struct expert *, const struct offer *, const char *text);
struct talk *talk_by_conn(struct im *, uint64_t conn); /* NULL: it is not here */
void talk_up(struct im *);                             /* what could not be sent goes */

/* route.c: stanzas that come, and those that go. */
void im_on_stanza(void *im, const struct stanza *);
/* A text; `id`: NULL for one of no meaning. False: the server is away. */
bool im_send_text(struct im *, const char *from, const char *to, const char *id, const char *text);
bool im_send_state(struct im *, const char *from, const char *to, bool typing);
void im_send_presence(struct im *, const char *type, const char *from, const char *to);
void im_new_id(struct im *, char id[40]);

/* plugin.c */
struct writer *im_begin(struct im *, unsigned kind);
void im_post(struct im *);

#endif
