/* runtime/adapters/sms/smpp.h - One connection of SMPP 3.4, on either side: as the client (ESME) that binds to a
 * provider, or as the server to which gateways bind. The struct uses no socket: bytes are passed in and out, and ticks
 * tell the time. The struct keeps the `job` of each message until the message is answered.
 *
 *     CLOSED --smpp_begin()--> BINDING --answer, or the peer's bind--> BOUND --unbind, silence, a wrong length--> OVER
 *
 * Rules that protect both sides: an answer is recognized by its sequence number alone, and ignored if nothing waits
 * for it; after `enquire_us` of silence the peer is asked whether it is there, and after two such requests without
 * an answer the connection ends; an unknown command is answered by generic_nack. */
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
    /* Asked by a server when a peer binds: STATUS_OK accepts the peer, STATUS_THROTTLED means that too many are
     * bound. */
    uint32_t (*may_bind)(void *self, const char *system_id, const char *password);
    void (*bound)(void *self);
    /* A message or a receipt has come; smpp_answer() answers it, at any time. */
    void (*came)(void *self, const struct pdu *);
    /* A sent message was answered, with its status and the peer's name for it; or SMPP_LOST. */
    void (*answered)(void *self, void *job, uint32_t status, const char *id);
    /* The connection is over: no other function is called after this. The caller frees the struct, but not within
     * this call. */
    void (*over)(void *self, const char *why);
};

struct smpp_setting {
    bool server;
    const char *system_id, *password, *system_type;
    unsigned window; /* messages without an answer */
    uint64_t response_us, enquire_us;
};

struct smpp *smpp_new(const struct smpp_setting *, const struct smpp_calls *, uint64_t now_us);
/* Does not report messages without an answer: smpp_end() does. */
void smpp_free(struct smpp *);
void smpp_begin(struct smpp *); /* the client's socket is connected: sends the bind */
/* Takes bytes that have come from the peer. False: the connection is over. */
bool smpp_feed(struct smpp *, const uint8_t *, size_t, uint64_t now_us);
void smpp_tick(struct smpp *, uint64_t now_us);
/* Ends the connection: messages without an answer are reported as SMPP_LOST. `unbind`: sends unbind to the peer
 * first. */
void smpp_end(struct smpp *, bool unbind, const char *why);

/* How many messages may be sent now? */
unsigned smpp_room(const struct smpp *);
/* Sends a message under a sequence number that this function sets. False: the message is too long. */
bool smpp_send(struct smpp *, struct pdu *, void *job, uint64_t now_us);
void smpp_answer(struct smpp *, const struct pdu *question, uint32_t status, const char *id);
const char *smpp_peer(const struct smpp *);  /* the peer's system_id; empty: it has not bound */
size_t smpp_unanswered(const struct smpp *); /* number of the peer's messages that have no answer yet */
