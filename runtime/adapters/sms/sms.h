/* runtime/adapters/sms/sms.h - The plugin `sms`: short messages in and out, between SMPP, the contact store and the
 * core.
 *
 *     in:   deliver_sm, or submit_sm of a gateway --> thread: book --> Submit --> Reply --> the answer of SMPP
 *     out:  SendMessage --> thread: book --> queue --> submit_sm, or deliver_sm to a gateway
 *           the answer to it, or a receipt --> thread --> EventDelivery
 *
 * Messages of conversations (session.c) come and go the same way, but the conversation is what keeps them and tells the
 * core.
 *
 * No message is answered with status 0 that is not in the contact store and in the core: a process that is killed
 * anywhere between leaves it with the other side, and the second time it is known. A message of ours is in the book
 * from when we have it, and the book says that it is going before its first byte goes: after a kill it is sent if it
 * was not going, and else nobody knows, and it is not sent twice. */
#ifndef SMS_SMS_H
#define SMS_SMS_H

#include <glib.h>

#include "runtime/adapter/gcx_adapter.h"
#include "runtime/adapter/outbox.h"
#include "runtime/adapters/conversation/conversation.h"
#include "runtime/adapters/sms/book.h"
#include "runtime/adapters/sms/link.h"
#include "runtime/adapters/sms/provider.h"
#include "runtime/adapters/sms/setting.h"
#include "runtime/vocabulary/message.h"

struct asker;
struct door;
struct event;
struct event_base;
struct robots;
struct tls;
struct unended;
struct worker;

enum { SMS_SECOND_US = 1000000 };

/* Numbers of Submits from here on are those of conversations. */
#define SESSION_REQUESTS (UINT64_C(1) << 62)
/* Before what a desk calls an agent's message; the agent's name, a colon and the page's key follow. */
#define SESSION_BY_DESK "desk:"

enum sms_job_kind {
    SMS_TAKE,
    SMS_KEEP,
    SMS_ANSWERED,
    SMS_SEND,
    SMS_BEGIN,
    SMS_TOLD,
    SMS_RECEIPT,
    SMS_STATE,
    SMS_GAPS,
    SMS_END,
    SMS_AGAIN
};

struct sms_job { /* of the thread; which fields it has says the kind */
    enum sms_job_kind kind;
    int64_t now;
    bool good;
    struct error error;
    uint64_t connection; /* of what came; 0: nobody waits for an answer */
    struct pdu question; /* its command and sequence number */
    /* TAKE, KEEP, ANSWERED, AGAIN, and each message that GAPS found */
    struct book_message *message;
    uint64_t req, begun_us, ixn;
    struct conversation *conversation; /* that it goes into; NULL: none */
    unsigned pieces;                   /* that the conversation has not kept yet */
    bool saying, failed;               /* pieces are being said; the other side is to bring it again */
    /* SEND, BEGIN, TOLD */
    struct sms_outgoing *outgoing;
    /* RECEIPT */
    struct receipt receipt;
    struct book_fate fate;
    bool known;         /* of SEND: the book has it as going */
    uint64_t parked_us; /* since when nobody has known it; 0: it is new */
    bool held;          /* and it is not answered */
    /* STATE; END: the external id, and how */
    char name[BOOK_ID], state[BOOK_STATE];
    struct asker *asker; /* who waits for it */
    /* GAPS */
    GPtrArray *found;
    uint64_t journal;
};

struct sms {
    struct gcx_link *link;
    const struct gcx_services *services;
    struct setting setting;
    struct book *book; /* the thread's */
    struct probe *lists_probe;
    struct lists *looks_at; /* the probe's, while it lives; NULL: they are not open */
    struct worker *worker;
    struct sms_links *links;
    struct provider *provider; /* NULL: it is SMPP */
    struct event *tick;
    struct outbox outbox;
    struct writer writer;
    /* take.c */
    GHashTable *pending; /* of struct sms_job, by &req: the core has not answered their Submits */
    uint64_t requests, second_us;
    unsigned gaps; /* messages with missing parts, or that the core had lost, that are under way */
    bool looking;  /* for such */
    unsigned seconds;
    /* give.c */
    GHashTable *going; /* of struct sms_outgoing, by key */
    bool ends;         /* the process ends: nothing more goes */
    GQueue pieces;     /* of struct sms_piece: they wait to go */
    uint64_t ahead;    /* messages that the thread puts into the book as going */
    uint64_t paused_until_us, filled_us, grown_us, pause_us;
    double tokens, rate;
    uint64_t notices;
    GQueue parked;    /* of struct sms_job: receipts of messages that nobody knows yet */
    unsigned held;    /* of them */
    uint64_t hold_us; /* none is held before */
    /* application.c */
    struct door *door; /* NULL: there is none */
    struct tls *tls;
    struct unended *unended; /* sms_ends.c */
    /* session.c */
    struct conversations conversations;
    struct robots *robots; /* of those, too */
    bool sessions;         /* there are such */
    GHashTable *taking;    /* of struct sms_job, by the name of the message: a conversation keeps it */
};

uint64_t sms_now(const struct sms *);
int64_t sms_wall(const struct sms *);
struct sms_job *sms_job_new(const struct sms *, enum sms_job_kind);
void sms_job_free(struct sms_job *);

/* take.c */
void take_came(struct sms *, uint64_t connection, const struct pdu *);
void take_provided(struct sms *, uint64_t connection, struct book_message *); /* of a provider by HTTP; takes it */
void take_done(struct sms *, struct sms_job *);
void take_again(struct sms *, struct sms_job *); /* a message that the core has lost was read */
void take_reply(struct sms *, const struct message *);
void take_core_up(struct sms *);
void take_tick(struct sms *);                   /* each second */
void take_said(struct sms *, struct sms_job *); /* a conversation has kept it (message->said), or not */
/* The status by which the other side keeps the message, and brings it again. */
uint32_t take_later_status(const struct pdu *question);
struct span take_cut(const char *text, uint32_t most);

/* sms_ends.c */
bool sms_ends_open(struct sms *, struct event_base *, char *why, size_t why_size);
void sms_ends_told(struct sms *, const struct message *effect);
void sms_ends_work(struct sms *, struct sms_job *); /* in the thread */

/* give.c */
void give_message(struct sms *, const struct message *effect);
void give_cancel(struct sms *, const struct message *effect);
/* Tells a customer something that no strategy has asked for. */
void give_notice(struct sms *, const struct book_message *, const char *text);
/* The customer has left: what waits, and none of which has gone, does not go. */
void give_stopped(struct sms *, const struct book_message *stop);
/* As the operation `send` of a way. */
enum delivery give_said(struct sms *, const struct conversation *, const struct keep_job *said, enum cause *);
/* Tells the customer of a conversation something of which the core does not hear. `name`: the same one goes once. */
void give_unasked(struct sms *, const struct conversation *, const char *name, const char *text);
struct application_message { /* borrowed; "": none */
    const char *name, *to, *from, *text, *agent;
};
/* Takes the asker, who is answered by application_kept(); else why not. */
const char *give_applied(struct sms *, const struct application_message *, struct asker *);
/* It is answered once it is kept; `connection` 0: nobody waits for that. */
void give_receipt(struct sms *, const struct receipt *, uint64_t connection, const struct pdu *question);
void give_done(struct sms *, struct sms_job *);
void give_answered(void *sms, void *piece, uint32_t status, const char *id);
/* lists_look.c: False: no thread can be had. */
bool lists_look_open(struct sms *);
void lists_look_free(struct sms *);
void give_core_up(struct sms *);
/* Messages that waited when the process before ended go on. It is called before the thread has anything else. */
bool give_resume(struct sms *, char *why, size_t why_size);
void give_pump(struct sms *); /* often: sends what may go now; where the process ends, takes back what did not go */
void give_tick(struct sms *); /* each second */
/* Is a message on its way to the other side, or its fate to the book? */
bool give_awaits(const struct sms *);
GHashTable *give_table(void);
void give_free(struct sms *);
void give_work(struct sms *, struct sms_job *); /* in the thread */

/* application.c */
bool application_open(struct sms *, struct event_base *, char *why, size_t why_size);
void application_tick(struct sms *);                                               /* each second */
void application_kept(struct asker *, bool good, enum book_going, unsigned parts); /* answers, and frees it */
void application_told(struct sms_job *);                                           /* STATE is back */
void asker_free(struct asker *);                                                   /* NULL is allowed */
void application_free(struct sms *);

/* session.c */
void session_init(struct sms *);
bool session_open(struct sms *, struct event_base *, char *why, size_t why_size);
bool session_take(struct sms *, struct sms_job *); /* false: it belongs to no conversation */
void session_word(struct sms *, const struct book_message *);
uint64_t sms_session_conn(const struct sms *, uint64_t ixn); /* of the open conversation; 0: it is none */
bool session_is_open(const struct sms *, uint64_t conn);
/* A message goes that answers what is called `name`: where an agent has written it at a desk, the customer's answer
 * begins a conversation that prefers the agent; one that is open shows it. */
void session_expect(struct sms *, const char *own, const char *customer, const char *name, uint64_t ixn,
                    const char *text);
void session_tick(struct sms *); /* each second */
void session_core_up(struct sms *, bool up);
void session_free(struct sms *);

#endif
