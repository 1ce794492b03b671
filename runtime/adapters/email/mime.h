/* runtime/adapters/email/mime.h - Reads a mail's bytes into what the router needs: sender, recipients, subject,
 * text, parts.
 *
 * Any bytes count as a mail: one that cannot be understood is `corrupt`, and its text is what can be shown of it. A
 * mail owns what it points to; texts are UTF-8 without control characters, missing ones NULL. parts_begin() must be
 * called once in a process, before threads start. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
#define LIMIT(name, number, doc) MAIL_##name##_MAX = number,
#include "runtime/adapters/email/limits.def"
};

struct mail_part {
    const char *role;               /* html, inline, attachment, opened: the text of another part, for people */
    bool made;                      /* it was made of another part, and is no part of the mail by itself */
    char *type, *name, *content_id; /* `type` is always set, `name` if the mail has one */
    char *bytes;
    size_t length;
};

/* By what a mail was recognized as a machine's: no machine answers such a mail. */
#define MAIL_ROBOTS(R)                                                                                                 \
    R(none, "a person wrote it, as far as one can see")                                                                \
    R(report, "a delivery report or receipt")                                                                          \
    R(null_sender, "its envelope has no sender")                                                                       \
    R(auto_submitted, "Auto-Submitted (RFC 3834) says so")                                                             \
    R(list, "it came by a mailing list")                                                                               \
    R(precedence, "Precedence is bulk, junk, list or auto_reply")                                                      \
    R(suppressed, "X-Auto-Response-Suppress or X-Autoreply forbids answers")                                           \
    R(mailer, "its sender is a mail system, or takes no answers")                                                      \
    R(own_address, "it comes from an address of ours")
enum mail_robot {
#define R(name, doc) MAIL_ROBOT_##name,
    MAIL_ROBOTS(R)
#undef R
};
const char *mail_robot_name(enum mail_robot); /* "auto_submitted" */

/* A delivery report (RFC 3464) or a receipt (RFC 8098): the mail that it is about, and what became of that mail. */
struct mail_report {
    bool is;
    enum mail_receipt { RECEIPT_NONE, RECEIPT_OTHER, RECEIPT_READ, RECEIPT_DELETED } receipt;
    char *reader;     /* who has the mail, as the receipt says; NULL: not given */
    char *message_id; /* Message-ID of the mail that the report is about; NULL: not given */
    struct mail_reported {
        char *to;
        enum mail_fate { MAIL_FATE_UNKNOWN, MAIL_DELIVERED, MAIL_DELAYED, MAIL_FAILED } fate;
        char status[16]; /* the enhanced status code, such as 5.1.1; empty: not given */
    } recipients[MAIL_REPORTED_MAX];
    unsigned count;
};

struct mail {
    char *from, *from_name;      /* the sender's address, in lower case after the @; the sender's name */
    char *reply_to, *reply_name; /* address and name for answers; NULL: answers go to `from` */
    char **reply_more;           /* further addresses of Reply-To, ended by NULL */
    bool for_other;  /* who writes is `reply_to`: `from` writes for others, as the form of a web page does */
    char **to, **cc; /* addresses, ended by NULL */
    char *answer_to, *answer_cc; /* the header fields of an answer to all: names and addresses, none of them ours */
    char *receipt_to;            /* who wants a receipt when the mail was read (RFC 8098); NULL: nobody */
    char *subject;
    char *message_id;  /* without < and > */
    char *external_id; /* the Message-ID, or a digest if there is none; never NULL */
    char *head;        /* digest of the headers From, Subject and Date as they came; never NULL */
    char **references; /* Message-IDs, the nearest last, ended by NULL */
    char *thread;      /* Message-ID or external id of the thread's first mail; never NULL */
    int64_t date_us;   /* the date that the sender gives; 0: none */
    char *text;        /* always there, perhaps empty */
    struct mail_part *parts;
    size_t part_count;
    struct mail_report report;
    enum mail_robot robot;
    bool corrupt; /* the mail cannot be read, or exceeds a limit: its text is a guess */
    bool cut;     /* the mail has more parts, levels or text than were extracted */
};

struct mail_setting {
    const char *sender; /* the envelope's sender; "": the null sender; NULL: unknown, so Return-Path is read */
    bool (*own)(const void *self, const char *address); /* is this address ours? NULL: no address is */
    const void *self;
    /* does this sender write for others, who stand in Reply-To? NULL: no sender does */
    bool (*for_other)(const void *self, const char *address);
};

/* Reads a mail from any bytes; never fails. The caller frees it by mail_free(). */
struct mail *mail_read(const char *bytes, size_t length, const struct mail_setting *);
void mail_free(struct mail *);
