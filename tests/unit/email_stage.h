/* tests/unit/email_stage.h - The plugin `email` between a mail server that delivers, a core, and a mail server that
 * sends. */
#pragma once

#include <criterion/criterion.h>
#include <event2/bufferevent.h>

#include "runtime/mail/receive.h"
#include "tests/unit/plugin_rig.h"

enum { TEXT_SIZE = RIG_TEXT };

struct stage {
    struct plugin_rig rig;
    /* The core. */
    bool silent;          /* it takes Submits and answers none */
    enum outcome outcome; /* of what it answers */
    enum code code;       /* of a refusal; code_ok: code_invalid_dn */
    bool forgets;         /* it says of what it does not know that it has perhaps forgotten it */
    uint64_t req;
    /* The mail server that sends for us. */
    struct receive *sink;
    struct receive_setting sink_setting;
    char sent[TEXT_SIZE];
    unsigned mails, sink_code, tries; /* tries: recipients that were said */
    char recipient[100];              /* the last one */
    char submission[64];
    /* The mail server that delivers to us. */
    struct bufferevent *mx;
    char heard[TEXT_SIZE];
    char folder[64], store[100], port_file[100], password_file[100];
    uint64_t ticket;  /* of the last mail that went out */
    bool slow;        /* those are answered after 0.2 s */
    bool held;        /* they are answered by stage_sink_answers() alone */
    uint64_t ref;     /* of stage_asks(); 0: 5 */
    const char *from; /* of stage_asks(); NULL: the core names none */
    bool releases;    /* stage_asks() releases an agent's mail */
    int64_t expires;  /* of stage_asks(); 0: none */
    const char *size, *timeout, *rules, *smtp, *per_minute, *user;
    const char *sender; /* the setting `from`; NULL: the first address */
    const char *oauth;  /* who gives tokens, for `user` there and at the mailbox; NULL: a password is used */
    char imap[64];
    /* The classifier. */
    const char *classifier, *answer; /* NULL: it says nothing */
    int status;
    char asked[TEXT_SIZE];
};

#define MAIL                                                                                                           \
    "LHLO mx\r\nMAIL FROM:<anna@example.org>\r\nRCPT TO:<service@shop.example>\r\nDATA\r\n"                            \
    "From: Anna <anna@example.org>\r\nTo: service@shop.example\r\nSubject: hello\r\nMessage-ID: <one@example.org>\r\n" \
    "\r\n..dot\r\n.\r\n"

void stage_open(struct stage *stage);
void stage_close(struct stage *stage);
/* The core answers the last Submit. */
void stage_replies(struct stage *stage);
/* The mail server that sends takes what it holds. */
void stage_sink_answers(evutil_socket_t unused, short what, void *self);
/* The mail server that delivers. */
void stage_meets_mx(struct stage *stage);
void stage_says(struct stage *stage, const char *text);
void stage_delivers(struct stage *stage, const char *id, const char *text);
/* What the core asks of the plugin. */
void stage_asks(struct stage *stage, const char *msg_id, const char *to, const char *template, const char *reply_to);
void stage_begins_effect(struct stage *stage, unsigned kind, struct writer *writer);
void stage_performs(struct stage *stage, struct writer *writer, const char *wanted);
void stage_writes_body(struct writer *writer, unsigned field, long long part);
/* What the contact store has: a standard response; an agent's reply to the mail `one@example.org`, as a desk keeps it,
 * of which this is the part of its text. */
void stage_has_response(const struct stage *stage, const char *name, const char *subject, const char *text);
long long stage_agent_replied(const struct stage *stage);
