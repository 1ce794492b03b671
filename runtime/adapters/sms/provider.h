/* runtime/adapters/sms/provider.h - A provider with an HTTP API, described by a data file of its network (network.h),
 * in place of SMPP connections. This part of the plugin has the HTTP server that the provider calls, and the threads
 * that call the provider's API, several at once: messages to one customer are sent one after the other, in order.
 *
 * A call of the provider may bring several messages; each counts as one that came over a connection whose number is
 * the call's. The call is answered 200 when all of them are kept, 400 if one can never be taken, and 503 if one must
 * be sent again. */
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

/* Connection numbers from here on are calls of the provider. */
#define PROVIDER_CONNECTIONS (UINT64_C(1) << 63)

struct provider_calls {                                                  /* called for what the provider sends */
    void (*came)(struct sms *, uint64_t connection, struct post_item *); /* a message came; the callee owns it */
    void (*receipt)(struct sms *, struct post_receipt *);
    /* The provider has answered a piece, with this status of SMPP; `id`: the provider's name for the piece; `why`: its
     * words, where it has not taken the piece. */
    void (*answered)(void *sms, void *piece, uint32_t status, const char *id, const char *why);
};

/* Do the settings allow to open the HTTP server that the provider calls? False with the reason. */
bool provider_check(const struct sms_setting *, char *why, size_t why_size);
/* Returns NULL with the reason in `why`, which begins with the setting's name. */
struct provider *provider_new(struct sms *, struct event_base *, const struct provider_calls *, char *why,
                              size_t why_size);
void provider_free(struct provider *); /* NULL is allowed */
void provider_tick(struct provider *); /* each second */

/* Returns how many messages may be sent now, to customers to whom none is being sent. */
uint64_t provider_room(const struct provider *);
bool provider_writes_to(const struct provider *, const char *customer);
/* Sends a text to a customer as one message, however long; answered() gets `piece` with the result. False: the
 * network's data file needs a value that is missing. */
bool provider_send(struct provider *, const char *id, const char *own, const char *customer, const char *text,
                   void *piece);
/* Notes the status of the message that came over this connection. The provider is answered when all messages of its
 * call have one. False: the call is gone, so the provider sends the message again. */
bool provider_answer(struct provider *, uint64_t connection, uint32_t status);
