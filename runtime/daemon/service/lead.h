/* runtime/daemon/service/lead.h - Whether this gcxvm leads its journal: alone, followed by others, or not yet.
 *
 *   LONE       without --follow: it has the journal, or does not start; in a database it gives signs as a leader does
 *   FOLLOWER   with --follow: it applies what the leader appends, and serves nobody
 *   LEADER     with --follow: the journal was free, or the leader has been silent; the others follow it
 *
 * A leader never becomes a follower: it ends, and the service starts it again. */
#pragma once

#include <stddef.h>

#include "runtime/journal/follower.h"
#include "runtime/journal/place.h"

struct daemon;

enum lead_role { LEAD_LONE, LEAD_FOLLOWER, LEAD_LEADER };

struct lead {
    enum lead_role role;
    struct follower *follower;          /* set while it follows; used by the other thread during a turn */
    struct follower *opened;            /* the follower that a turn has opened */
    struct follower_row row;            /* the follower's state after the last turn */
    uint64_t row_us;                    /* when the last turn ended */
    char row_why[256];                  /* the text of row.why */
    struct partition_begun begun;       /* the core that has followed; `core` NULL: it has not */
    struct core_options core;           /* options of the core that has followed */
    bool away;                          /* the database is away, and that was told */
    struct error why;                   /* why the database is away, as known last */
    const char *files[PLACE_FILES + 1]; /* files that adapters write in the state folder and the next leader needs */
    char names[PLACE_FILES][PLACE_FILE_NAME];
    struct event *told;     /* until it leads: tells the service manager that the loop turns */
    struct event *watch;    /* while it leads and others may: is its lease over? */
    bool aside;             /* the lease is over, so another may lead, and that was told */
    bool led;               /* another one leads, and adapters that were left here were told to end */
    uint64_t unled_us;      /* how long nobody has led while it cannot follow; 0: somebody leads */
    uint64_t unled_told_us; /* for how long nobody had led when that was logged last; 0: it was not */
    struct error refused;   /* the reason of a try to lead that failed, as it was logged last */
};

const char *lead_role_name(enum lead_role);
struct journal_place lead_place(const struct daemon *);
/* The period of this one's signs of life for the others; 0: it gives none. */
uint64_t lead_beat_us(const struct daemon *);

/* The epoch, where others may follow; 0: nobody can. */
uint64_t lead_term(const struct daemon *);

/* Calls `does` on another thread, because it waits for the database. The event loop runs until `does` returns. */
void lead_off_loop(struct daemon *, void (*does)(void *self), void *self);
/* Before the keys are made: waits for the database, and says whether there is a journal to follow; if not, this one
 * begins it. False: it cannot be followed, or the process is to end (ERROR_NONE). */
bool lead_look(struct daemon *, bool *follows, struct error *);
/* Follows until it leads. The loop turns meanwhile. False: it cannot go on, or is to end (ERROR_NONE). */
bool lead_follow(struct daemon *, const struct core_options *, struct error *);
/* Watches the lease, as this one leads from now on. If it does not reach the database within the lease, another may
 * lead: that is told, and after `journal_wait_s` this process ends. */
void lead_watch(struct daemon *);
/* The core that has followed, for the engine; NULL: there is none. */
const struct partition_begun *lead_begun(const struct daemon *);
/* Gives up the lease at an orderly end, when nothing more is appended: the next one may lead at once. */
void lead_leave(struct daemon *);
void lead_free(struct daemon *);

/* This gcxvm's state, and the others' states as they have told last. Filled in without waiting. */
struct lead_row {
    enum lead_role role;
    uint64_t lease_ms, batch, last; /* last: of the journal, as far as this one has heard */
    uint64_t events;                /* for a follower: events of the journal up to where it stands */
    uint64_t quiet_us;              /* for a follower: since the leader's last sign */
    uint64_t unled_us;              /* for a follower: how long nobody has led; 0: somebody leads, or it is not known */
    const char *why;                /* why this one has not taken the lead meanwhile. Until the loop turns */
    unsigned copies;                /* for a leader: servers that have each batch; 0: not known */
    bool away;                      /* the database does not answer: what is known of the others is from before */
    uint64_t aside_us;              /* for a leader: how long another may have led; 0: none may */
    const char *waits;              /* for a follower that cannot begin: why; else NULL. Until the loop turns */
    struct batches_node nodes[BATCHES_NODES];
    size_t node_count;
};
void lead_read(const struct daemon *, struct lead_row *);

/* Is there somebody to hand the lead to? False with what to do: nobody follows, who follows is further behind than
 * LEAD_NEAR batches and would leave everybody without a leader meanwhile, or the database is away. */
enum { LEAD_NEAR = 1000 };
bool lead_may_hand_over(const struct lead_row *, struct error *);
bool lead_has_successor(const struct daemon *, struct error *); /* the same, now */
