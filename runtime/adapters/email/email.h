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
    struct post_rules rules; /* what the office needs of it */
    struct office *office;
    struct receive_setting doors;
    struct receive *receive; /* NULL: it is closed */
    struct send *send;
    struct token *token; /* NULL: nobody logs in by one */
    struct poll *poll;   /* NULL: there is no mailbox to look at */
    struct classify *classify;
    struct form *form;              /* NULL: no forms come */
    void (*second)(struct email *); /* the other parts' work of each second */
    /* letters.c */
    GHashTable *askers; /* of struct letter_asker, by number: who hears of a mail on its way in */
    uint64_t asked;
    size_t held; /* bytes of mails on their way in, also of those whose sender has gone */
    struct writer writer;
};

/* ---- letters.c ---- */

extern const struct post_way letter_way;
void letter_rules(const struct email_setting *, struct post_rules *);
/* The queue of an address of ours; NULL: it is none. */
const char *email_queue(const struct email *, const char *address);
/* May a mail come? 0, or why not: 451. */
unsigned email_ready(struct email *);
/* Takes the bytes, which are malloc'ed. `sender` NULL: not known. `own` NULL: the mail's first recipient who is one of
 * us, else our first address. */
void email_take(struct email *, char *bytes, size_t length, const char *sender, const char *own, mail_answer *,
                void *answer_self, uint64_t ticket);
void letters_open(struct email *);
void letters_free(struct email *);

/* False: it could not be posted. */
bool email_post(struct email *);
