/* runtime/core/base/media.h - A medium: the operations that differ by medium. The core calls these operations
 * through the row of the interaction's medium (media/media.def); no other folder calls a medium by name. */
#pragma once

#include <stdint.h>

#include "runtime/vocabulary/message.h"
#include "vm/keep.h"
#include "vm/media_set.h"

struct claim;
struct core;
struct interaction;

enum { MEDIUM_NAME_MAX = 63 }; /* most bytes in the name of a medium that the site defines */

/* Number of media for which snapshots of the versions 6 to 9 have rows; their sets of media have as many bits. */
enum { MEDIA_OLD = 16 };
static inline unsigned media_kept(const struct keeper *keeper)
{
    return keep_has(keeper, 10) ? MEDIA_KINDS : keep_has(keeper, 6) ? MEDIA_OLD : keep_has(keeper, 5) ? 12 : 10;
}
/* Three functions that write or read (vm/keep.h): media_set_keep a set of media; media_keep the number of a medium,
 * and fails if the core has no such medium; media_bytes_keep one byte for each medium. */
struct media_set media_set_keep(struct keeper *, struct media_set);
uint8_t media_keep(struct keeper *, uint8_t medium);
bool media_is_known(uint64_t medium);
void media_bytes_keep(struct keeper *, uint8_t of_each[MEDIA_KINDS]);
/* Returns the set of media that an event lists. Numbers that no medium can have are skipped. */
struct media_set media_listed(struct span list);

/* Returns the hash of the set's media beyond the first MEDIA_OLD, for a digest; 0: the set has none of them. */
uint64_t media_set_hash(struct media_set);

struct media_ops {
    /* Takes an EventCallCreated: an interaction of the medium arrives. */
    void (*arrive)(struct core *, const struct message *);
    /* Takes an Observed during a resync: it says what state an interaction of the medium has at its link now. */
    void (*observed)(struct core *, const struct message *);
    /* Takes a Submit: an interaction without a leg arrives. Returns the code of the reply, and in `ixn` the
     * interaction that this Submit has made, or an earlier one (code_duplicate); 0: none. NULL: not supported. */
    enum code (*submit)(struct core *, const struct message *, uint64_t *ixn);
    /* Called when the reply to the Submit is sent: begins the strategy of the queue. NULL: nothing needs to be done
     * then. */
    void (*submitted)(struct core *, uint64_t ixn);
    /* Sends the interaction to the destination `dn`; `claim` is the claim on the agent there, or CLAIM_NONE. `ref`
     * is 0, or the ref of an earlier effect that is sent again. Returns the ref of the effect, whose answer the core
     * awaits for `timeout_us`. */
    uint32_t (*offer)(struct core *, struct interaction *, uint32_t dn, uint32_t claim, uint32_t ref,
                      uint64_t timeout_us);
    /* Sends the interaction to its default destinations. `why` is a sentence for people; it may be empty. */
    void (*default_route)(struct core *, struct interaction *, unsigned code, struct span why);
    /* Returns the medium whose units the interaction takes of its agent's capacity; never media_none. */
    enum media (*capacity)(const struct interaction *);
    /* From here to agent_gone: called only for interactions that were submitted (interactions/submitted.h). */
    /* Called when an agent has accepted the offered interaction. Either a route step waits for the answer, or no
     * step waits. */
    void (*accepted)(struct core *, struct interaction *, uint32_t claim);
    /* An agent refuses the interaction, which another person has offered to the agent. `code`: why. The claim has
     * ended; the argument is a copy of the claim. */
    void (*refused)(struct core *, struct interaction *, const struct claim *, unsigned code);
    /* Asks the link to end the session of the interaction. */
    void (*close)(struct core *, struct interaction *, enum cause);
    /* The strategy has ended. If the strategy has given the interaction to a new owner, this owner is set already. */
    void (*over)(struct core *, struct interaction *);
    /* Called when the lifetime timer of an interaction on which no strategy runs has fired. */
    void (*late)(struct core *, struct interaction *);
    /* Called when the agent of an active claim is no longer logged in. */
    void (*agent_gone)(struct core *, struct interaction *, uint32_t claim);

    /* The leg of the interaction has ended, or its link no longer knows it; `cause`: enum cause. */
    void (*leg_ended)(struct core *, struct interaction *, unsigned cause);
};

/* The operations of all media, indexed by enum media; NULL where no medium has the number. Static (media/media.c). */
const struct media_ops *const *media_all(void);
