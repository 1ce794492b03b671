/* runtime/mail/receive.h - The doors for mail servers: sockets, their dialogues, and limits of what may come.
 *
 * One listener for LMTP, one for SMTP. A mail is handed over with a ticket, by which it is answered later; an answer to
 * a connection that has gone is passed over (that mail server sends the mail again). */
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
    size_t held_max;  /* bytes of all mails that are coming or wait for their answer */
    unsigned connections, per_address;
    unsigned mails_per_minute; /* mails from one address in a minute; 0: any number */
    unsigned idle_s;
};

struct receive_calls {
    void *self;
    unsigned (*begins)(void *self); /* may a mail come now? 0, or the code of the refusal */
    unsigned (*recipient)(void *self, const char *address);
    void (*mail)(void *self, uint64_t ticket, const struct dialogue_mail *);
    struct gcx_link *link; /* the link that is told each refusal (refusals.def, room smtp); NULL: none is */
    const struct gcx_services *services;
};

/* The setting is borrowed. */
struct receive *receive_new(struct event_base *, const struct receive_setting *, const struct receive_calls *);
void receive_free(struct receive *);
/* Listens at the address; `*port`: the port that it has. False with errno. */
bool receive_listen(struct receive *, const struct address *, bool lmtp, unsigned *port);
void receive_answer(struct receive *, uint64_t ticket, unsigned code, const char *text);
