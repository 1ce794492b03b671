/* runtime/mail/receive.h - Receives mails from mail servers: sockets, dialogues, and limits of what may come.
 *
 * There is one listener for LMTP and one for SMTP. A mail is handed over with a ticket, by which it is answered
 * later; an answer to a connection that has ended is ignored (that mail server sends the mail again). */
#pragma once

#include <stdint.h>

#include "runtime/mail/dialogue.h"

struct address;
struct event_base;
struct gcx_link;
struct gcx_services;
struct receive;

struct receive_setting {
    const char *name;
    size_t bytes_max; /* bytes of a mail */
    size_t held_max;  /* bytes of all mails that are being received or wait for an answer */
    unsigned connections, per_address;
    unsigned mails_per_minute; /* mails from one address in a minute; 0: no limit */
    unsigned idle_s;
};

struct receive_calls {
    void *self;
    unsigned (*begins)(void *self); /* may a mail come now? 0, or the code of the refusal */
    unsigned (*recipient)(void *self, const char *address);
    void (*mail)(void *self, uint64_t ticket, const struct dialogue_mail *);
    struct gcx_link *link; /* the link to which refusals are reported (refusals.def, room smtp); NULL: none */
    const struct gcx_services *services;
};

/* The setting is borrowed. */
struct receive *receive_new(struct event_base *, const struct receive_setting *, const struct receive_calls *);
void receive_free(struct receive *);
/* Listens at the address; sets `*port` to its port. False with errno. */
bool receive_listen(struct receive *, const struct address *, bool lmtp, unsigned *port);
void receive_answer(struct receive *, uint64_t ticket, unsigned code, const char *text);
