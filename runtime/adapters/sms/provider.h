/* runtime/adapters/sms/provider.h - A provider by HTTP, which a network's data file describes (network.h), in the place
 * of the connections of SMPP. It owns the door that the provider calls, and the threads that ask its API, several at
 * once: the messages of one customer go one after the other, in their order.
 *
 * A call of the provider may have several messages; each is one that came on a connection, whose number is the call's.
 * The call is answered 200 when all of them were, 400 where one can never be taken, and 503 where one is to be brought
 * again. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct event_base;
struct post_item;
struct post_receipt;
struct provider;
struct sms;
struct sms_setting;

/* Numbers of connections from here on are calls of the provider. */
#define PROVIDER_CONNECTIONS (UINT64_C(1) << 63)

struct provider_calls { /* functions that are called with what the provider tells */
    void (*came)(struct sms *, uint64_t connection, struct post_item *); /* a message came; the callee owns it */
    void (*receipt)(struct sms *, struct post_receipt *);
    /* The provider has answered a piece, with this status of SMPP; `id`: the provider's name of the piece. */
    void (*answered)(void *sms, void *piece, uint32_t status, const char *id);
};

/* Can the door that the provider calls be opened, as far as the settings say? False with the reason. */
bool provider_check(const struct sms_setting *, char *why, size_t why_size);
/* NULL with the reason, which begins with the setting's name. */
struct provider *provider_new(struct sms *, struct event_base *, const struct provider_calls *, char *why,
                              size_t why_size);
void provider_free(struct provider *); /* NULL is allowed */
void provider_tick(struct provider *); /* each second */

/* How many messages may be sent now, each to a customer to whom no other is on its way? */
uint64_t provider_room(const struct provider *);
bool provider_writes_to(const struct provider *, const char *customer);
/* Sends a text to a customer as one message, however long; answered() gets `piece` with the result. False: the
 * network's file needs a value that is missing. */
bool provider_send(struct provider *, const char *id, const char *own, const char *customer, const char *text,
                   void *piece);
/* Tells the provider by an HTTP status whether we have kept the message that came over this connection. False: the
 * connection has closed, so that the provider brings the message again. */
bool provider_answer(struct provider *, uint64_t connection, uint32_t status);
