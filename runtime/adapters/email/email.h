/* runtime/adapters/email/email.h - The plugin `email`: receives and sends mails; the post office
 * (runtime/post/office.h) passes them between mail servers, contact store and core.
 *
 *     in:   mail server --> dialogue, poll or form --> letters.c --> office_take() --> 250, or marked as read
 *     out:  SendMessage --> office --> sender --> mail server --> office --> EventDelivery
 *
 * In: the post office keeps and submits the mails; letters.c has their bytes (mime.h reads them, keep.h keeps them).
 * Out: the post office queues the mails, with their pauses and results; sending.h keeps and composes them, and its
 * senders hand them to a mail server. A mail is answered with 250 only when the store and the core have it: if the
 * process is killed before, the mail server keeps the mail and sends it again, and it is recognized. */
#pragma once

#include <glib.h>

#include "runtime/adapter/gcx_adapter.h"
#include "runtime/adapter/probe.h"
#include "runtime/adapter/watched.h"
#include "runtime/adapters/email/keep.h"
#include "runtime/adapters/email/setting.h"
#include "runtime/mail/receive.h"
#include "runtime/post/office.h"
#include "runtime/vocabulary/message.h"

struct event_base;
struct send;
struct poll;
struct classify;
struct form;
struct token;

/* Called with the result for the server that handed over a mail: 250, 4xx (try again later), 5xx. */
typedef void mail_answer(void *self, uint64_t ticket, unsigned code, const char *text);

struct email {
    struct gcx_link *link;
    const struct gcx_services *services;
    struct email_setting setting;
    struct watched_files files;
    struct post_rules rules; /* the settings that the post office needs */
    struct office *office;
    struct receive_setting doors;
    struct receive *receive; /* the SMTP or LMTP server; NULL: it is closed */
    struct send *send;
    struct token *token; /* for log-ins by OAuth 2.0; NULL: mail servers get passwords only */
    struct poll *poll;   /* fetches mails from a mailbox; NULL: no mailbox is set */
    struct classify *classify;
    struct form *form;              /* NULL: no forms come */
    void (*second)(struct email *); /* letters.c calls this each second for the plugin's other files */
    /* letters.c */
    GHashTable *askers; /* of struct letter_asker, by number: servers that wait for the result of a mail */
    uint64_t asked;
    size_t held; /* bytes of all mails that are being received, also of servers that have gone */
    struct writer writer;
};

/* ---- letters.c ---- */

extern const struct post_way letter_way;
void letter_rules(const struct email_setting *, struct post_rules *);
/* Returns the queue of one of the plugin's addresses; NULL: the address is not one of them. */
const char *email_queue(const struct email *, const char *address);
/* May a mail come? Returns 0, or else the code for the server: 451. */
unsigned email_ready(struct email *);
/* Hands a received mail to the post office, and takes over its malloc'ed bytes. `sender` NULL: not known. `own`: the
 * plugin's address that the mail came to; NULL: the mail's first recipient that is one of its addresses, or else the
 * first of these. */
void email_take(struct email *, char *bytes, size_t length, const char *sender, const char *own, mail_answer *,
                void *answer_self, uint64_t ticket);
void letters_open(struct email *);
void letters_free(struct email *);

/* Posts the event in `writer` to the core. False: the event could not be posted. */
bool email_post(struct email *);

/* ---- send.c: the senders, which hand mails of the post office to a mail server ---- */

struct send *send_new(struct email *, struct event_base *, char *why, size_t why_size);
/* has the file of the mail server's password read again when it changes */
void send_watched(struct send *, struct watched_files *);
void send_free(struct send *); /* called before the post office is freed; does not wait for mail servers */
/* Operations of struct post_way (runtime/post/way.h). */
uint64_t send_room(void *email, uint64_t *where);
bool send_busy(const void *email, const char *customer);
bool send_one(void *email, const struct post_sending *, unsigned n, uint64_t where, void *piece);

/* ---- form.c: a form that a customer fills in on a web page comes in as a mail ---- */

/* Checks the settings of the server for forms; false with the reason. */
bool form_check(const struct email_setting *, char *why, size_t why_size);
/* Opens the door. NULL with the reason. */
struct form *form_new(struct email *, char *why, size_t why_size);
void form_free(struct form *); /* NULL is allowed */
void form_tick(struct form *); /* each second */

/* ---- classify.c: finds the category of a text, by the file of rules or by a classifier over HTTP ---- */

/* NULL with the reason. */
struct classify *classify_new(struct email *, struct event_base *, char *why, size_t why_size);
void classify_watched(struct classify *, struct watched_files *); /* has the file of rules read again when it changes */
void classify_free(struct classify *);
void classify_ask(struct classify *, const struct message *effect); /* Classify */
/* Checks the file of rules. False with the line and the reason. An empty path is good. If the file becomes wrong later,
 * the rules stay as they are. */
bool classify_check(const char *path, char *why, size_t why_size);
/* Checks for `gcxvm --check` that the site has the categories of the rules. */
void classify_look(const struct gcx_look *, const char *path);

/* ---- poll.c: fetches mails from a mailbox by IMAP ---- */

/* NULL with the reason. */
struct poll *poll_new(struct email *, struct event_base *, char *why, size_t why_size);
/* has the file of the mailbox's password read again when it changes */
void poll_watched(struct poll *, struct watched_files *);
void poll_free(struct poll *);
void poll_tick(struct poll *); /* each second */
