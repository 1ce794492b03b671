/* runtime/adapters/email/sending.h - A mail on its way out, which is the body of an item of the post office, and the
 * senders that hand mails to the mail server. Internal to the files of send.h.
 *
 *     send.c            the senders, and the look at the mail server
 *     sending.c         a mail is made of SendMessage, and freed
 *     sending_work.c    the office's thread: the store's part of it, before and after it goes out
 *     sending_submit.c  a sender's thread: the dialogue with the mail server
 *
 * The office gives the mail to its own thread or to a sender, never to both: each works on it alone. */
#pragma once

#include <curl/curl.h>
#include <glib.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "runtime/adapters/email/email.h"
#include "runtime/adapters/email/keep.h"

struct message;
struct probe;
struct worker;

enum fate { FATE_NOT_YET, FATE_ACCEPTED, FATE_FAILED };

struct email_sending {
    const struct email *email;
    char *message_id, *from, *subject, *reply_to;
    char *text;        /* as the core asks for it; once it is kept, the whole text of the mail */
    bool whole;        /* so */
    char *answered;    /* Message-ID of the mail that it answers; NULL: `reply_to` */
    char **references; /* of that one; NULL: not looked at */
    char *template;    /* the standard response that is the text; empty: none */
    char *release;     /* external id of an agent's reply, which is sent; empty: it is none */
    char **to;
    char **copies;    /* of `to`, those who get a copy; NULL: not looked at */
    uint8_t *headers; /* packed pairs */
    uint32_t headers_length;
    int64_t part;    /* of the store, where the text is; 0: it is in `text` */
    GString *digest; /* of that part, hexadecimal, as it was written; empty: it was not said */
    bool automatic;
    bool forwards;  /* a new mail goes to somebody else, with the text of `reply_to` */
    bool redirects; /* what goes out is the mail of `reply_to`, as it came */
    int64_t wall_us;
    struct kept_sent sent; /* what the store knows of it */
    bool other;            /* the part has another text */
    GArray *parts;         /* of struct composed_part: what goes out with the text; NULL unless it has begun */
    /* A sender's: */
    enum fate fate;
    char why[300];
    bool no_dialogue; /* the mail server was not reached, or would not have us */
};

/* The probe's, in its thread. The loop reads `expires_s` between two looks. */
struct server_look {
    uint64_t next_us, pause_us; /* of the next dialogue, by the monotonic clock; the pause after one that failed */
    gint at_once;               /* atomic: a mail has failed */
    bool good;
    char why[200];
    int64_t expires_s;
};

enum { SENDERS = 4 }; /* mails that are with the mail server at a time */

struct sender {
    struct send *send;
    struct worker *worker;
    CURL *curl;
    /* The mail under way: */
    void *piece; /* the office's; NULL: the sender is free */
    struct email_sending *sending;
    const char *customer;
};

struct send {
    struct email *email;
    struct sender senders[SENDERS];
    struct secret password;
    char *url;
    gint stops; /* atomic: the process ends, and no answer is waited for any longer */
    struct robots *robots;
    char *server; /* host:port of `submission`, for the probe; NULL: it is not set */
    struct probe *probe;
    struct server_look look;
};

/* Operations of the way (runtime/post/way.h). */
void sending_order(void *email, const struct message *effect, struct post_sending *);
unsigned sending_divide(const void *email, struct post_sending *, enum cause *, const char **why);
void sending_forget(void *sending);
void sending_form(const struct post_sending *, unsigned n, char form[POST_ADDRESS]);
/* The same of a mail with this Message-ID, to that recipient; `alone`: it has no other. */
void sending_receipt_form(const char *message_id, const char *to, bool alone, char form[POST_ADDRESS]);
const char *sending_title(const struct post_sending *);
void sending_hide(const struct post_sending *, GString *why);
bool sending_write(const void *email, struct store *, struct post_order *, struct error *);
bool sending_noted(const void *email, struct store *, const struct post_sending *, enum post_out, int64_t now,
                   struct error *);

/* Why a machine may not write it; NULL: it may. */
const char *send_not_by_machine(struct send *, const struct email_sending *);

/* Hands the mail to the mail server, and says in `fate` and `why` what became of it. Blocks. */
void send_submit(struct sender *, struct email_sending *);

/* Connects, and goes on to the log-in; `expires_s` is set where a certificate was seen. False with the reason. Blocks.
 */
bool send_greets(struct send *, char *why, size_t why_size, int64_t *expires_s);
