/* runtime/adapters/cti/invites.h - Agents who are asked by the core before a call goes to them, until they have
 * answered.
 *
 * An invitation is known by its claim, which the core numbers and desktops call the ticket. It is told to whoever is
 * registered at the agent's DN, also to who registers meanwhile, and answered by the agent's own desktop; what is said
 * again is told once. It is over when the core withdraws it, or, should the core be away, when its time is. The table
 * owns them. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "runtime/adapters/cti/asks.h"
#include "runtime/vocabulary/kv.h"
#include "runtime/vocabulary/message.h"

struct cti;
struct client;

struct invite {
    uint64_t claim, conn;
    struct cti_asker asker; /* the core's effect */
    char agent[NAME_SIZE], dn[NAME_SIZE];
    struct kv data; /* of the interaction, where there is no call */
    int64_t expires_us;
    int64_t deaf_us; /* so long a desktop may take to be there; 0: one was */
    bool accepted;
    struct invite *next;
};

struct invites {
    struct invite *first;
};

void invites_free(struct invites *);
struct invite *invites_find(const struct invites *, uint64_t claim);

void invite_perform(struct cti *, const struct message *invite);
void cti_invite_withdraw(struct cti *, const struct message *withdraw);
void invites_tell(struct cti *, const char *dn, struct client *); /* it has registered there */
/* The core has answered what a desktop asked. */
void invite_answered(struct cti *, const struct ask *, enum code);
void invites_tick(struct cti *);
void invites_forget_core(struct cti *); /* the core that invited is there no more: all are revoked */
