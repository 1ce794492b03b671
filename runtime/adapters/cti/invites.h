/* runtime/adapters/cti/invites.h - Invitations: the core asks agents before a call goes to them, and waits for their
 * answer.
 *
 * An invitation is known by its claim, a number of the core that desktops call the ticket. An invitation is sent to all
 * clients registered at the agent's DN, also to those that register later, and is answered by the agent's own desktop;
 * if the core sends it again, the clients do not get it again. An invitation is over when the core withdraws it, or, if
 * the core is away, when its time is over. The table owns them. */
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
    struct kv data; /* the interaction's user data, if there is no call */
    int64_t expires_us;
    int64_t deaf_us; /* by when a desktop for the invitation must have connected; 0: one has */
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
/* Handles the core's answer to an agent who has accepted or rejected. */
void invite_answered(struct cti *, const struct ask *, enum code);
void invites_tick(struct cti *);
void invites_forget_core(struct cti *); /* the core that invited is gone: all invitations are revoked */
