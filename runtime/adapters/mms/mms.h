/* runtime/adapters/mms/mms.h - The plugin `mms`: multimedia messages of customers, between providers (MM7) or a mail
 * server (MM4), the contact store and the core.
 *
 *     provider --> hook.c --\
 *                            > job.c --> office_take() --> the answer of MM7 or SMTP
 *     mail server --> gate.c /
 *
 * This plugin is a way of the post office (runtime/post/office.h): the office has the messages, the plugin their
 * bytes. */
#pragma once

#include <glib.h>

#include "runtime/adapter/gcx_adapter.h"
#include "runtime/adapter/watched.h"
#include "runtime/adapters/mms/message.h"
#include "runtime/adapters/mms/setting.h"
#include "runtime/adapters/mms/mended.h"
#include "runtime/mail/receive.h"
#include "runtime/post/body.h"
#include "runtime/post/office.h"
#include "runtime/vocabulary/message.h"
#include "base/error.h"

struct door;
struct event_base;
struct evhttp_request;
struct probe;
struct robots;
struct worker;

enum { MMS_SECOND_US = 1000000 };

enum mms_verdict { MMS_TAKEN, MMS_LATER, MMS_REFUSED };

struct mms_job { /* a message that is being received, the body of an item of the post office */
    struct mms *mms;
    uint64_t number; /* the post office's number for the sender who waits; 0: nobody waits */
    bool mm4;
    struct asker *asker; /* MM7: the request that needs an answer; NULL: it was answered */
    uint64_t ticket;     /* MM4: the ticket by which the mail is answered */
    char *bytes, *type;  /* type: the request's Content-Type, only for MM7 */
    char *sender, *to;   /* MM4: the envelope's sender and recipient */
    size_t length;       /* number of bytes of the message, even after `bytes` are freed */
    /* Set by the post office's thread: */
    struct mms_message *message;
    struct post_body body;
};

struct mms {
    struct gcx_link *link;
    const struct gcx_services *services;
    struct mms_setting setting;
    struct watched_files files;
    struct post_rules rules;
    struct office *office;
    struct worker *sender; /* the thread that sends answers by mail; NULL: none are sent */
    struct probe *answers; /* checks the mail server for answers; NULL: no answers are sent */
    GHashTable *asking;    /* of struct mms_job, by `number`: messages whose senders wait for an answer */
    uint64_t numbers;
    size_t held; /* bytes of all messages that are being received */
    /* hook.c */
    struct door *door; /* the HTTP server for MM7; NULL: not set */
    /* gate.c */
    struct receive *receive; /* the server for mails of MM4; NULL: not set */
    struct robots *robots;   /* limits the answers by mail */
    bool stray_told;
    struct receive_setting doors;
};

/* take.c: the way. */
extern const struct post_way mms_way;
void mms_rules(const struct mms_setting *, struct post_rules *);

/* job.c */
bool mms_may_come(const struct mms *, size_t bytes);
struct mms_job *mms_job_new(struct mms *);
void mms_take(struct mms_job *); /* hands the job to the post office, which owns it from then on */

/* keep.c: read(), keep() and again() of struct post_way, for the post office's thread. */
void mms_keep_read(const void *mms, struct post_item *);
bool mms_keep(const void *mms, struct store *, struct post_item *, struct error *);
bool mms_keep_again(const void *mms, struct store *, struct post_item *, const char **over, struct error *);

/* hook.c: MM7. */
bool mms_hook_open(struct mms *, char *why, size_t why_size);
bool mms_hook_check(const struct mms_setting *, char *why, size_t why_size);
void mms_hook_answer(struct mms_job *, enum mms_verdict);
void mms_hook_tick(struct mms *);
void mms_hook_close(struct mms *);

/* gate.c: MM4. */
bool mms_gate_open(struct mms *, struct event_base *, char *why, size_t why_size);
void mms_gate_answer(struct mms *, uint64_t ticket, const struct mms_message *, enum mms_verdict);
/* Does a message that was taken ask for an answer by mail? True: the answer is sent first, with copies of what it
 * needs from the job. */
bool mms_gate_owes_answer(struct mms *, struct mms_job *);
void mms_gate_close(struct mms *);
