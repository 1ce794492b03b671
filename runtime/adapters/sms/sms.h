/* runtime/adapters/sms/sms.h - The plugin `sms`: short messages in and out, between SMPP, the contact store and the
 * core.
 *
 *     in:   deliver_sm, or submit_sm of a gateway --> thread: book --> Submit --> Reply --> the answer of SMPP
 *     out:  SendMessage --> thread: book --> queue --> submit_sm, or deliver_sm to a gateway --> thread -->
 * EventDelivery
 *
 * No message is answered with status 0 that is not in the contact store and in the core: a process that is killed
 * anywhere between leaves it with the other side, and the second time it is known. A message of ours is in the book
 * before its first byte goes: whoever asks for it again after a kill hears that nobody knows, and it is not sent twice.
 */
#ifndef SMS_SMS_H
#define SMS_SMS_H

#include <glib.h>

#include "runtime/adapter/gcx_adapter.h"
#include "runtime/adapter/outbox.h"
#include "runtime/adapters/sms/book.h"
#include "runtime/adapters/sms/link.h"
#include "runtime/adapters/sms/setting.h"
#include "runtime/vocabulary/message.h"

struct event;
struct worker;

enum { SMS_SECOND_US = 1000000 };

enum sms_job_kind { SMS_TAKE, SMS_ANSWERED, SMS_SEND, SMS_TOLD, SMS_RECEIPT, SMS_GAPS };

struct sms_job { /* of the thread; which fields it has says the kind */
    enum sms_job_kind kind;
    int64_t now;
    bool good;
    struct error error;
    /* TAKE, ANSWERED, and each message that GAPS found */
    struct book_message *message;
    uint64_t connection; /* 0: nobody waits for an answer */
    struct pdu question; /* its command and sequence number */
    uint64_t req, begun_us, ixn;
    /* SEND, TOLD */
    struct sms_outgoing *outgoing;
    /* RECEIPT */
    struct receipt receipt;
    struct book_fate fate;
    bool known;
    uint64_t parked_us; /* since when nobody has known it; 0: it is new */
    /* GAPS */
    GPtrArray *found;
    uint64_t journal;
};

struct sms {
    struct gcx_link *link;
    const struct gcx_services *services;
    struct setting setting;
    struct book *book; /* the thread's */
    struct worker *worker;
    struct sms_links *links;
    struct event *tick;
    struct outbox outbox;
    struct writer writer;
    /* take.c */
    GHashTable *pending; /* of struct sms_job, by &req: the core has not answered their Submits */
    uint64_t requests, second_us;
    unsigned gaps; /* messages with missing parts that are under way */
    bool looking;  /* for such */
    unsigned seconds;
    /* give.c */
    GHashTable *going; /* of struct sms_outgoing, by key */
    GQueue pieces;     /* of struct sms_piece: they wait to go */
    uint64_t paused_until_us, filled_us, grown_us, pause_us;
    double tokens, rate;
    uint64_t notices;
    GQueue parked; /* of struct sms_job: receipts of messages that nobody knows yet */
};

uint64_t sms_now(const struct sms *);
int64_t sms_wall(const struct sms *);
struct sms_job *sms_job_new(const struct sms *, enum sms_job_kind);
void sms_job_free(struct sms_job *);

/* take.c */
void take_came(struct sms *, uint64_t connection, const struct pdu *);
void take_done(struct sms *, struct sms_job *);
void take_reply(struct sms *, const struct message *);
void take_core_up(struct sms *);
void take_tick(struct sms *); /* each second */

/* give.c */
void give_message(struct sms *, const struct message *effect);
void give_cancel(struct sms *, const struct message *effect);
/* Tells a customer something that no strategy has asked for. */
void give_notice(struct sms *, const struct book_message *, const char *text);
void give_receipt(struct sms *, const struct receipt *);
void give_done(struct sms *, struct sms_job *);
void give_answered(void *sms, void *piece, uint32_t status, const char *id);
void give_core_up(struct sms *);
void give_pump(struct sms *); /* often: sends what may go now */
void give_tick(struct sms *); /* each second */
GHashTable *give_table(void);
void give_free(struct sms *);
void give_work(struct sms *, struct sms_job *); /* in the thread */

#endif
