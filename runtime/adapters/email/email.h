/* runtime/adapters/email/email.h - The plugin `email`: mails in and out, between mail servers, contact store and core.
 *
 *     in:   mail server --> dialogue, or poll --> thread: mime, keep --> Submit --> Reply --> 250, or marked as read
 *     out:  SendMessage --> thread: keep, compose --> mail server --> the store notes it --> EventDelivery
 *
 * In: receive.h hands over bytes; a thread reads and keeps them (mime.h, keep.h); the core is asked by Submit;
 * its Reply answers the mail server. Out: SendMessage is kept and submitted to a mail server by a second thread
 * (send.h); what became of it is EventDelivery. Nothing is answered with 250 that is not in the store and in the core:
 * a process that is killed anywhere between leaves the mail with the mail server, and the second time it is known. */
#ifndef EMAIL_EMAIL_H
#define EMAIL_EMAIL_H

#include <glib.h>

#include "runtime/adapter/gcx_adapter.h"
#include "runtime/adapter/probe.h"
#include "runtime/adapters/email/keep.h"
#include "runtime/mail/receive.h"
#include "runtime/adapters/email/setting.h"
#include "runtime/store/look.h"
#include "runtime/vocabulary/message.h"

struct event_base;
struct store;
struct worker;
struct send;
struct poll;
struct classify;
struct again;
struct ends;
struct form;

#define EMAIL_BEFORE "2.0.0 kept before" /* text of a 250: the core has had it */

/* The server that handed over a mail hears its result: 250, 4xx (again later), 5xx. */
typedef void mail_answer(void *self, uint64_t ticket, unsigned code, const char *text);

struct email {
    struct gcx_link *link;
    const struct gcx_services *services;
    struct setting setting;
    struct store *store; /* the taking thread's */
    struct receive_setting doors;
    struct receive *receive; /* NULL: it is closed */
    struct worker *taker;
    struct send *send;
    struct store_look look; /* the probe's */
    struct probe *store_probe;
    struct poll *poll; /* NULL: there is no mailbox to look at */
    struct event *tick;
    GHashTable *pending; /* of struct taking, by &req */
    struct classify *classify;
    struct again *again;
    struct ends *ends;
    struct form *form; /* NULL: no forms come */
    uint64_t requests; /* numbers of Submits, another in each process */
    uint64_t posted, committed;
    size_t held;     /* bytes of mails on their way in, also of those whose sender has gone */
    GQueue reported; /* of struct taking: reports that wait for their commit */
    struct writer writer;
};

struct taking { /* a mail on its way in */
    struct email *email;
    mail_answer *answer;
    void *answer_self;
    uint64_t ticket, req, begun_us, posted;
    uint64_t journal; /* of the core, when the mail came */
    char *bytes, *sender, *queue;
    size_t length;
    int64_t wall_us;
    /* Made by the thread: */
    struct mail *mail;
    struct kept_mail kept;
    struct kept_sent about; /* of a report: the mail of ours that it is about */
    bool stored;
    uint64_t ixn; /* it was answered: this is the core's interaction, and the thread notes it; 0: not yet */
    struct error error;
};

/* The queue of an address of ours; NULL: it is none. */
const char *email_queue(const struct email *, const char *address);
/* May a mail come? 0, or why not: 451. */
unsigned email_ready(struct email *);
/* Takes the bytes, which are malloc'ed. `sender` NULL: not known. `queue` NULL: that of the mail's first recipient who
 * is one of us, else of our first address. */
void email_take(struct email *, char *bytes, size_t length, const char *sender, const char *queue, mail_answer *,
                void *answer_self, uint64_t ticket);
/* The services, link and settings are set already. */
void email_init(struct email *);
/* Opens the store and starts the thread. False with the reason. */
bool email_start(struct email *, struct event_base *, char *why, size_t why_size);
void email_free(struct email *);
void email_reply(struct email *, const struct message *reply);
void email_core_up(struct email *, bool up);
void email_committed(void *email, uint64_t posted);
void email_late(struct email *); /* each second */
/* False: it could not be posted. */
bool email_post(struct email *);

#endif
