/* runtime/adapters/email/sending.h - A mail on its way out, which loop and thread hand to each other. Internal to the
 * files of send.h.
 *
 *     send.c            the loop: all mails, their pauses, what the core is told
 *     sending.c         a mail is made of SendMessage, and freed
 *     sending_work.c    the thread: the store's part of it, before and after it goes out
 *     sending_submit.c  the thread: the dialogue with the mail server
 *
 * A mail belongs to the loop while `in_thread` is false, and to the thread while it is true; what stands beneath "made
 * by the thread" is read by the loop only when the thread has given the mail back. */
#ifndef EMAIL_SENDING_H
#define EMAIL_SENDING_H

#include <curl/curl.h>
#include <glib.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "runtime/adapters/email/email.h"
#include "runtime/adapters/email/keep.h"

struct message;
struct probe;

/* How far the process is in its end: the thread begins no mail; it comes back at once. */
enum send_end { SEND_SERVES, SEND_ENDS, SEND_STOPS };
enum fate { FATE_NOT_YET, FATE_ACCEPTED, FATE_FAILED, FATE_SUPPRESSED };

struct sending {
    struct send *send;
    uint64_t ixn, ref;
    char *key; /* interaction and msg_id */
    char *msg_id, *message_id, *from, *subject, *text, *reply_to;
    char *answered;    /* Message-ID of the mail that it answers; NULL: `reply_to` */
    char **references; /* of that one; NULL: not looked at */
    uint64_t journal;  /* of the core that asked */
    char *template;    /* the standard response that is the text; empty: none */
    char *release;     /* external id of an agent's reply, which is sent; empty: it is none */
    char **to;
    char **copies;    /* of `to`, those who get a copy; NULL: not looked at */
    uint8_t *headers; /* packed pairs */
    uint32_t headers_length;
    int64_t part;    /* of the store, where the text is; 0: it is in `text` */
    GString *digest; /* of that part, hexadecimal, as it was written; empty: it was not said */
    bool automatic, in_thread, cancelled;
    bool redirects; /* what goes out is the mail of `reply_to`, as it came */
    bool left;      /* by a core with another journal: not tried again */
    uint64_t begun_us, next_us, pause_us, give_up_us;
    int64_t wall_us;
    /* Made by the thread: */
    enum fate fate;
    char why[300];
    struct kept_sent sent; /* what the store knows of it */
    bool no_dialogue;      /* the mail server was not reached, or would not have us */
    bool gives_up;         /* it is not tried again, and the store is to be told */
    bool other;            /* the part has another text */
    bool gone_before;      /* the mail server had taken it before it was asked for now */
    GArray *parts;         /* of struct composed_part: what goes out with the text; NULL: not looked at */
};

/* The probe's, in its thread. The loop reads `expires_s` between two looks. */
struct server_look {
    uint64_t next_us, pause_us; /* of the next dialogue, by the monotonic clock; the pause after one that failed */
    gint at_once;               /* atomic: a mail has failed */
    bool good;
    char why[200];
    int64_t expires_s;
};

struct send {
    struct email *email;
    struct store *store;
    struct worker *worker;
    CURL *curl;
    char *password, *url;
    gint ends;       /* atomic: enum send_end */
    GHashTable *all; /* of struct sending, by key */
    struct robots *robots;
    char *server; /* host:port of `submission`, for the probe; NULL: it is not set */
    struct probe *probe;
    struct server_look look;
};

/* The effect is read, and is not needed afterwards. Freed by sending_free(). */
struct sending *sending_new(struct send *, const struct message *effect);
void sending_free(gpointer sending);

/* The thread's job: the mail is completed from the store, kept, submitted, and its fate noted. */
void send_work(void *send, void *sending);

/* Hands the mail to the mail server, and says in `fate` and `why` what became of it. Blocks. */
void send_submit(struct sending *, const char *text);

/* Connects, and goes on to the log-in; `expires_s` is set where a certificate was seen. False with the reason. Blocks.
 */
bool send_greets(struct send *, char *why, size_t why_size, int64_t *expires_s);

#endif
