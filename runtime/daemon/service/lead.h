/* runtime/daemon/service/lead.h - Whether this gcxvm leads its journal: alone, with followers, or not yet.
 *
 *     LONE       without --follow: it has the journal, or does not start; in a database it gives signs as a leader does
 *     FOLLOWER   with --follow: it applies what the leader appends, and serves nobody
 *     LEADER     with --follow: the journal was free, or the leader has been silent; the others follow it
 *
 * A leader never becomes a follower: it ends, and the service manager starts it again. */
#pragma once

#include <stddef.h>

#include "runtime/journal/follower.h"
#include "runtime/journal/place.h"

struct daemon;

enum lead_role { LEAD_LONE, LEAD_FOLLOWER, LEAD_LEADER };

struct lead {
    enum lead_role role;
    struct follower *follower;          /* set while this process follows; used by the other thread during a turn */
    struct follower *opened;            /* the follower that a turn has opened */
    struct follower_row row;            /* the follower's state after the last turn */
    uint64_t row_us;                    /* when the last turn ended */
    char row_why[256];                  /* the text of row.why */
    struct partition_begun begun;       /* the core that has followed the journal; `core` NULL: there is none */
    struct core_options core;           /* options of the core that has followed */
    bool away;                          /* the database is away, and that was logged */
    struct error why;                   /* why the database is away, by the last error */
    const char *files[PLACE_FILES + 1]; /* files that adapters write in the state folder and the next leader needs */
    char names[PLACE_FILES][PLACE_FILE_NAME];
    struct event *told;     /* timer until this process leads: tells the service manager that the loop is running */
    struct event *watch;    /* timer while this process leads and others may follow: checks whether its lease is over */
    bool aside;             /* the lease is over, so another may lead, and that was logged */
    bool led;               /* another gcxvm leads, and the adapters that were left here were told to end */
    uint64_t unled_us;      /* how long nobody has led while this process cannot follow; 0: somebody leads */
    uint64_t unled_told_us; /* how long nobody had led when that was last logged; 0: not logged */
    struct error refused;   /* the reason of a failed attempt to lead, as last logged */
};

const char *lead_role_name(enum lead_role);
struct journal_place lead_place(const struct daemon *);
/* The period of this gcxvm's signs of life for the others; 0: it gives none. */
uint64_t lead_beat_us(const struct daemon *);

/* The epoch, if others may follow; 0: nobody can. */
uint64_t lead_term(const struct daemon *);

/* Calls `does` on another thread, because it waits for the database. The event loop runs until `does` returns. */
void lead_off_loop(struct daemon *, void (*does)(void *self), void *self);
/* Called before the keys are made: waits for the database, and finds out whether there is a journal to follow; if
 * not, this gcxvm begins it. False: the journal cannot be followed, or the process has to end (ERROR_NONE). */
bool lead_look(struct daemon *, bool *follows, struct error *);
/* Follows until it leads. The loop turns meanwhile. False: this process cannot go on, or has to end (ERROR_NONE). */
bool lead_follow(struct daemon *, const struct core_options *, struct error *);
/* Watches the lease, as this gcxvm leads from now on. If this gcxvm does not reach the database within the lease,
 * another may lead: that is logged, and after `journal_wait_s` this process ends. */
void lead_watch(struct daemon *);
/* Returns the core that has followed, for the engine; NULL: there is none. */
const struct partition_begun *lead_begun(const struct daemon *);
/* Gives up the lease at an orderly end, when nothing more is appended: the next gcxvm may lead at once. */
void lead_leave(struct daemon *);
void lead_free(struct daemon *);

/* This gcxvm's state, and the states that the others have reported last. Filled in without waiting. */
struct lead_row {
    enum lead_role role;
    uint64_t lease_ms, batch, last; /* last: the journal's last batch, as far as this gcxvm has heard */
    uint64_t events;                /* for a follower: events of the journal up to its position */
    uint64_t quiet_us;              /* for a follower: time since the leader's last sign of life */
    uint64_t unled_us;              /* for a follower: how long nobody has led; 0: somebody leads, or it is not known */
    const char *why;                /* why this gcxvm has not taken the lead. Until the loop turns */
    unsigned copies;                /* for a leader: number of servers that have each batch; 0: not known */
    bool away;                      /* the database does not answer: the states of the others may be old */
    uint64_t aside_us;              /* for a leader: for how long another may already lead; 0: none may */
    const char *waits;              /* for a follower that cannot begin: the reason; else NULL. Until the loop turns */
    struct batches_node nodes[BATCHES_NODES];
    size_t node_count;
};
void lead_read(const struct daemon *, struct lead_row *);

/* True: there is a follower to whom the lead can be handed. False with what to do: nobody follows, the follower is
 * more than LEAD_NEAR batches behind, so that nobody would lead meanwhile, or the database is away. */
enum { LEAD_NEAR = 1000 };
bool lead_may_hand_over(const struct lead_row *, struct error *);
bool lead_has_successor(const struct daemon *, struct error *); /* the same, now */
