/* runtime/adapters/email/email.h - The plugin `email`: mails in and out, a way of the post office
 * (runtime/post/office.h) between mail servers, contact store and core.
 *
 *     in:   mail server --> dialogue, poll or form --> letters.c --> office_take() --> 250, or marked as read
 *     out:  SendMessage --> office --> sender --> mail server --> office --> EventDelivery
 *
 * In: the office has the mails; letters.c has their bytes (mime.h reads them, keep.h keeps them). Out: the office has
 * the mails, their pauses and what became of them; sending.h keeps and composes them, and its senders hand them to a
 * mail server. Nothing is answered with 250 that is not in the store and in the core: a process that is killed anywhere
 * between leaves the mail with the mail server, and the second time it is known. */
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

/* The server that handed over a mail hears its result: 250, 4xx (again later), 5xx. */
typedef void mail_answer(void *self, uint64_t ticket, unsigned code, const char *text);

struct email {
    struct gcx_link *link;
    const struct gcx_services *services;
    struct email_setting setting;
    struct watched_files files;
    struct post_rules rules; /* the settings that the post office needs */
    struct office *office;
    struct receive_setting doors;
    struct receive *receive; /* the SMTP or LMTP door; NULL: it is closed */
    struct send *send;
    struct token *token; /* for log-ins by OAuth 2.0; NULL: we log in by passwords only */
    struct poll *poll;   /* fetches mails from a mailbox; NULL: no mailbox is set */
    struct classify *classify;
    struct form *form;              /* NULL: no forms come */
    void (*second)(struct email *); /* letters.c calls this each second for the other files */
    /* letters.c */
    GHashTable *askers; /* of struct letter_asker, by number: servers that wait for the result of their mail */
    uint64_t asked;
    size_t held; /* bytes of all mails on their way in, with those whose sending server has gone */
    struct writer writer;
};

/* ---- letters.c ---- */

extern const struct post_way letter_way;
void letter_rules(const struct email_setting *, struct post_rules *);
/* The queue of an address of ours; NULL: the address is not ours. */
const char *email_queue(const struct email *, const char *address);
/* May a mail come? 0, or why not: 451. */
unsigned email_ready(struct email *);
/* Hands a mail that came to the post office, and owns its malloc'ed bytes from then on. `sender` NULL: not known.
 * `own`, the address of ours that it came to, may be NULL: then the mail's first recipient that is an address of ours,
 * else our first address. */
void email_take(struct email *, char *bytes, size_t length, const char *sender, const char *own, mail_answer *,
                void *answer_self, uint64_t ticket);
void letters_open(struct email *);
void letters_free(struct email *);

/* Posts the event in `writer` to the core. Posts the event in `writer` to the core. False: it could not be posted. */
bool email_post(struct email *);

/* ---- send.c: the senders, which hand mails of the post office to a mail server ---- */

struct send *send_new(struct email *, struct event_base *, char *why, size_t why_size);
void send_watched(struct send *, struct watched_files *); /* its password is read again */
void send_free(struct send *); /* called before the office is freed; waits for no answer of a mail server */
/* Operations of the way (runtime/post/way.h). */
uint64_t send_room(void *email, uint64_t *where);
bool send_busy(const void *email, const char *customer);
bool send_one(void *email, const struct post_sending *, unsigned n, uint64_t where, void *piece);

/* ---- form.c: what a customer writes in a web page comes as an e-mail ---- */

/* False with the reason: the settings of the door are no good. */
bool form_check(const struct email_setting *, char *why, size_t why_size);
/* Opens the door. NULL with the reason. */
struct form *form_new(struct email *, char *why, size_t why_size);
void form_free(struct form *); /* NULL is allowed */
void form_tick(struct form *); /* each second */

/* ---- classify.c: what a text is about, by the file of rules or by a classifier over HTTP ---- */

/* NULL with the reason. */
struct classify *classify_new(struct email *, struct event_base *, char *why, size_t why_size);
void classify_watched(struct classify *, struct watched_files *); /* the rules are read again */
void classify_free(struct classify *);
void classify_ask(struct classify *, const struct message *effect); /* Classify */
/* Is the file of rules good? False with the line and the reason. An empty path is. One that is wrong later leaves the
 * rules as they are. */
bool classify_check(const char *path, char *why, size_t why_size);
/* Does the site have its categories? */
void classify_look(const struct gcx_look *, const char *path);

/* ---- poll.c: mails fetched from a mailbox by IMAP ---- */

/* NULL with the reason. */
struct poll *poll_new(struct email *, struct event_base *, char *why, size_t why_size);
void poll_watched(struct poll *, struct watched_files *); /* its password is read again */
void poll_free(struct poll *);
void poll_tick(struct poll *); /* each second */
