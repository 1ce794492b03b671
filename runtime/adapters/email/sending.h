/* runtime/adapters/email/sending.h - A mail to be sent, which is the body of an item of the post office, and the
 * senders that hand mails to the mail server. Internal to send.c and sending*.c.
 *
 *     send.c            the senders, and the look at the mail server
 *     sending.c         a mail is made of SendMessage, and freed
 *     sending_work.c    the office's thread: the store's part of it, before and after it goes out
 *     sending_submit.c  a sender's thread: the dialogue with the mail server
 *
 * The post office gives the mail to its own thread or to a sender, never to both at once. */
#pragma once

#include <curl/curl.h>
#include <glib.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "runtime/adapters/email/answer.h"
#include "runtime/adapters/email/email.h"
#include "runtime/adapters/email/keep.h"

struct message;
struct probe;
struct worker;

enum fate { FATE_NOT_YET, FATE_ACCEPTED, FATE_FAILED };

struct email_sending {
    const struct email *email;
    char *message_id, *from, *subject, *reply_to;
    char *text; /* the text from the core; after the mail is kept, its whole text */
    bool whole; /* `text` is the whole text of the mail */
    /* the mail takes a code to the customer of this chat of the store; 0: it does not; the text with a place for it */
    int64_t code_of;
    char *coded;
    char *answered;    /* Message-ID of the mail that this one answers; NULL: it is `reply_to` */
    char **references; /* References of the answered mail; NULL: not read yet */
    char *template;    /* name of the standard response for the text; empty: none */
    char *release;     /* external id of the agent's reply that is sent as this mail; empty: a machine wrote it */
    char **to;
    struct email_envelope envelope; /* of an agent's mail; its `to` NULL: not read yet */
    uint8_t *headers;               /* more headers, as packed pairs of user data */
    uint32_t headers_length;
    int64_t part;    /* number of the store's part with the text; 0: the text is in `text` */
    GString *digest; /* SHA-256 in hexadecimal that the part must have; empty: not given */
    bool automatic;
    bool forwards;  /* a new mail to somebody else, with the text of the mail `reply_to` */
    bool redirects; /* the mail `reply_to` itself is sent on, as it came */
    int64_t wall_us;
    struct kept_sent sent; /* what the store knows about this mail */
    bool other;            /* the store's part has another text than `digest` says */
    GArray *parts;         /* of struct composed_part: parts sent with the text; NULL until the sending begins */
    /* Set by the sender that hands the mail over: */
    enum fate fate;
    char why[300];
    bool no_dialogue; /* the mail server was not reached, or refused the dialogue and not the mail */
};

/* Data of the probe, used in its thread. The loop reads `expires_s` between two checks. */
struct server_look {
    uint64_t next_us, pause_us; /* when the next check is due, by the monotonic clock; the pause after a failed check */
    gint at_once;               /* atomic: a mail has failed, so a check is due at once */
    bool good;
    char why[200];
    int64_t expires_s;
};

enum { SENDERS = 4 }; /* most mails that are handed over at the same time */

struct sender {
    struct send *send;
    struct worker *worker;
    CURL *curl;
    /* The mail under way: */
    void *piece; /* the post office's piece that is being sent; NULL: the sender is free */
    struct email_sending *sending;
    const char *customer;
};

struct send {
    struct email *email;
    struct sender senders[SENDERS];
    struct secret password;
    char *url;
    gint stops; /* atomic: the process ends, and no answer is waited for any more */
    struct robots *robots;
    char *server; /* host:port of `submission`, for the probe; NULL: not set */
    struct probe *probe;
    struct server_look look;
};

/* Operations of struct post_way (runtime/post/way.h). */
void sending_order(void *email, const struct message *effect, struct post_sending *);
unsigned sending_divide(const void *email, struct post_sending *, enum cause *, const char **why);
void sending_forget(void *sending);
void sending_form(const struct post_sending *, unsigned n, char form[POST_ADDRESS]);
/* Writes the key by which a receipt finds the mail with this Message-ID and this recipient, as sending_form() does.
 * `alone`: the mail has no other recipient. */
void sending_receipt_form(const char *message_id, const char *to, bool alone, char form[POST_ADDRESS]);
const char *sending_title(const struct post_sending *);
void sending_hide(const struct post_sending *, GString *why);
bool sending_write(const void *email, struct store *, struct post_order *, struct error *);
bool sending_noted(const void *email, struct store *, const struct post_sending *, enum post_out, int64_t now,
                   struct error *);

/* Returns why a machine may not send this mail; NULL: it may. */
const char *send_not_by_machine(struct send *, const struct email_sending *);

/* Hands the mail to the mail server, and sets `fate` and `why`. Blocks. */
void send_submit(struct sender *, struct email_sending *);

/* Connects, and goes on to the log-in; sets `expires_s` if the server has a certificate. False with the reason.
 * Blocks. */
bool send_greets(struct send *, char *why, size_t why_size, int64_t *expires_s);
