/* runtime/adapters/sms/link.h - The SMPP connections: those to the provider, which are made again when they end, and
 * those of gateways and applications that bind to this adapter. The struct owns the connections; each has a number
 * that is never used again. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "runtime/adapters/sms/smpp.h"

struct gcx_link;
struct gcx_services;
struct sms_setting;
struct sms_links;

struct sms_link_calls {
    void *self;
    void (*came)(void *self, uint64_t connection, const struct pdu *);
    void (*answered)(void *self, void *job, uint32_t status, const char *id);
    void (*changed)(void *self); /* a connection was bound, so messages may be sent */
};

/* Returns NULL with the reason in `why`, which begins with the setting's name. */
struct sms_links *sms_links_new(struct gcx_link *, const struct gcx_services *, const struct sms_setting *,
                                const struct sms_link_calls *, char *why, size_t why_size);
void sms_links_free(struct sms_links *); /* unbinds */
void sms_links_tick(struct sms_links *);
void sms_links_refresh(struct sms_links *); /* each second */

/* How many messages may be sent now? `*connection`: the one that can take most; 0: none can take any. */
uint64_t sms_links_room(struct sms_links *, uint64_t *connection);
/* Sends a message over this connection; answered() gets `job` together with the answer. False: the message is too
 * long. */
bool sms_links_send(struct sms_links *, uint64_t connection, struct pdu *, void *job);
/* Answers a message that came over this connection. If the connection is gone nothing happens: the peer sends the
 * message again. */
bool sms_links_answer(struct sms_links *, uint64_t connection, const struct pdu *question, uint32_t status,
                      const char *id);
