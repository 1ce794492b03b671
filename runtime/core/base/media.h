/* runtime/core/base/media.h - A medium: the operations that differ by medium. The core calls them through the row of
 * the interaction's medium (media/media.def); no other room calls a medium by name. */
#pragma once

#include <stdint.h>

#include "runtime/vocabulary/message.h"
#include "vm/keep.h"
#include "vm/media_set.h"

struct claim;
struct core;
struct interaction;

enum { MEDIUM_NAME_MAX = 63 }; /* most bytes in the name of a medium that the site defines */

/* Snapshots of the versions 6 to 9 have rows of this many media, and sets of media of this many bits. */
enum { MEDIA_OLD = 16 };
static inline unsigned media_kept(const struct keeper *keeper)
{
    return keep_has(keeper, 10) ? MEDIA_KINDS : keep_has(keeper, 6) ? MEDIA_OLD : keep_has(keeper, 5) ? 12 : 10;
}
/* Each writes or reads (vm/keep.h): media_set_keep a set of media; media_keep the number of a medium, and fails if the
 * core has no such medium; media_bytes_keep one byte for each medium. */
struct media_set media_set_keep(struct keeper *, struct media_set);
uint8_t media_keep(struct keeper *, uint8_t medium);
bool media_is_known(uint64_t medium);
void media_bytes_keep(struct keeper *, uint8_t of_each[MEDIA_KINDS]);
/* The set of media that an event lists. Numbers that no medium can have are skipped. */
struct media_set media_listed(struct span list);

/* Returns the hash of the set's media beyond the first MEDIA_OLD, for a digest; 0: the set has none of them. */
uint64_t media_set_hash(struct media_set);

struct media_ops {
    /* EventCallCreated: an interaction of the medium arrives. */
    void (*arrive)(struct core *, const struct message *);
    /* Observed, during a resync: an interaction of the medium as its link has it now. */
    void (*observed)(struct core *, const struct message *);
    /* Submit: an interaction without a leg arrives. Returns the code of the reply, and in `ixn` the interaction that
     * was submitted, now or before (code_duplicate); 0: none. NULL: not supported. */
    enum code (*submit)(struct core *, const struct message *, uint64_t *ixn);
    /* The reply to the Submit is sent: the queue's strategy begins. NULL: nothing is to be done. */
    void (*submitted)(struct core *, uint64_t ixn);
    /* Sends the interaction to the destination `dn`, which is the place of `claim`, or CLAIM_NONE. `ref` is 0, or that
     * of the earlier effect which is sent again. Returns the ref of the effect that is to be awaited for `timeout_us`.
     */
    uint32_t (*offer)(struct core *, struct interaction *, uint32_t dn, uint32_t claim, uint32_t ref,
                      uint64_t timeout_us);
    /* Sends the interaction to the default destinations. `why` is a sentence for people; it may be empty. */
    void (*default_route)(struct core *, struct interaction *, unsigned code, struct span why);
    /* The medium whose units the interaction takes of its agent's capacity; never media_none. */
    enum media (*capacity)(const struct interaction *);
    /* The following are called for interactions that were submitted (interactions/submitted.h), and only for them. */
    /* An agent has accepted the offered interaction. A route step waits for that, or no step does. */
    void (*accepted)(struct core *, struct interaction *, uint32_t claim);
    /* An agent refuses the interaction that a person has offered to the agent. `code`: why. The claim is over; this is
     * a copy of it. */
    void (*refused)(struct core *, struct interaction *, const struct claim *, unsigned code);
    /* Ends the session of the interaction. */
    void (*close)(struct core *, struct interaction *, enum cause);
    /* The strategy has ended. If the strategy has handed the interaction over, the new owner is set already. */
    void (*over)(struct core *, struct interaction *);
    /* The lifetime timer of an interaction on which no strategy runs has fired. */
    void (*late)(struct core *, struct interaction *);
    /* The agent of an active claim is no longer logged in. */
    void (*agent_gone)(struct core *, struct interaction *, uint32_t claim);

    /* The leg has ended, or nothing is known of it any more; `cause`: enum cause. */
    void (*leg_ended)(struct core *, struct interaction *, unsigned cause);
};

/* The operations of all media, indexed by enum media; NULL where no medium has the number. Static (media/media.c). */
const struct media_ops *const *media_all(void);
