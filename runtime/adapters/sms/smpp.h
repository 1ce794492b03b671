/* runtime/adapters/sms/smpp.h - One connection of SMPP 3.4, on either side: as the one that binds to a provider (ESME),
 * or as the server to which gateways bind. It knows no socket: bytes come in and go out, and ticks tell the time. It
 * owns what its messages wait with until each is answered.
 *
 *     CLOSED --smpp_begin()--> BINDING --answer, or the peer's bind--> BOUND --unbind, silence, a wrong length--> OVER
 *
 * Rules that keep peers and us apart from trouble: an answer is known by its sequence number alone, and one that nobody
 * waits for is passed over; after `enquire_us` of silence the peer is asked whether it is there, and after two
 * questions without an answer the connection is over; an unknown command is answered by generic_nack. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "runtime/adapters/sms/pdu.h"

struct smpp;

#define SMPP_LOST UINT32_MAX /* no answer will come: nobody knows whether the peer has the message */

struct smpp_calls {
    void *self;
    void (*send)(void *self, const uint8_t *, size_t);
    /* A server asks: STATUS_OK lets the peer in, STATUS_THROTTLED says that too many are bound. */
    uint32_t (*may_bind)(void *self, const char *system_id, const char *password);
    void (*bound)(void *self);
    /* A message or a receipt has come; smpp_answer() answers it, at any time. */
    void (*came)(void *self, const struct pdu *);
    /* A message of ours was answered: its status and the peer's name for it, or SMPP_LOST. */
    void (*answered)(void *self, void *job, uint32_t status, const char *id);
    /* It is over: nothing more is called. The caller frees it, later than this call. */
    void (*over)(void *self, const char *why);
};

struct smpp_setting {
    bool server;
    const char *system_id, *password, *system_type;
    unsigned window; /* messages without an answer */
    uint64_t response_us, enquire_us;
};

struct smpp *smpp_new(const struct smpp_setting *, const struct smpp_calls *, uint64_t now_us);
/* Messages that wait are not told: smpp_end() does. */
void smpp_free(struct smpp *);
void smpp_begin(struct smpp *); /* the socket of an ESME is connected: sends its bind */
/* Takes bytes that have come from the peer. False: the connection is over. */
bool smpp_feed(struct smpp *, const uint8_t *, size_t, uint64_t now_us);
void smpp_tick(struct smpp *, uint64_t now_us);
/* Ends the connection: messages without an answer are told as SMPP_LOST. `unbind`: sends unbind to the peer first. */
void smpp_end(struct smpp *, bool unbind, const char *why);

/* How many messages may be sent now? */
unsigned smpp_room(const struct smpp *);
/* Sends a message under a sequence number that this function sets. False: it is too long. */
bool smpp_send(struct smpp *, struct pdu *, void *job, uint64_t now_us);
void smpp_answer(struct smpp *, const struct pdu *question, uint32_t status, const char *id);
const char *smpp_peer(const struct smpp *);  /* its system_id; empty: not bound */
size_t smpp_unanswered(const struct smpp *); /* messages that came and have no answer yet */
