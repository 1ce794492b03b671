/* runtime/core/read/why.h - Explains why a waiting interaction is not served: the open lines of its selection, and
 * the skills or groups that an agent lacks for a line.
 *
 * The reader finds what an agent lacks by evaluating the line itself: if all other answers were as good as possible,
 * which level would be enough? So the result is right for any line that an author may write, and no result is kept.
 * The functions change nothing, like those of read.h. */
#pragma once

#include "runtime/core/read/read.h"

enum { WHY_PARTS_MAX = 8 };

/* A line of the selection at which an interaction waits. */
struct why_line {
    struct span file;
    uint32_t line;     /* line number in the source; 0: the image does not have it */
    uint64_t opens_us; /* time at which the line opens or has opened */
    bool open;
    bool barred;        /* true: the time of the line has come, but its `where` does not hold now */
    bool agents;        /* the line takes agents */
    const char *kind;   /* "condition", "group", "agent", "queue", "nobody"; "where", "until": conditions of other
                         * lines; "in": a further virtual queue for the lines that follow */
    struct span target; /* name of the target; empty for a condition */
    /* if `kind` is "nobody": the name that was looked for and does not exist, and its kind; both are empty if they are
     * not known */
    struct span missed;
    const char *missed_kind;
};
bool core_why_line(struct core *, uint64_t ixn, uint32_t index, struct why_line *); /* false: past the last */

/* A comparison in a condition with its present values: `sl(vq service)`, "71.4%", "<", `limit`, "70%". For a latch,
 * and for a figure that is compared with nothing, `sign` and `than` are empty. */
struct why_figure {
    struct span figure, bound; /* text as in the source; bound: empty if it is a plain value */
    char is[32], than[32];
    const char *sign;
    bool holds;
};
enum { WHY_FIGURES_MAX = 16 };
/* Fills in the figures of a line of kind "where" or "until", and returns their number. */
uint32_t core_why_figures(struct core *, uint64_t ixn, uint32_t line, struct why_figure[WHY_FIGURES_MAX]);

struct why_part {
    struct span name; /* name of the skill or group */
    bool group;
    int64_t has; /* the agent's level; of a group: 0 or 1 */
    /* the level that the line needs: at least this one, or at most this one if it is below `has`. -1: no level of
     * this ability alone would be enough */
    int64_t needs;
};
struct why_match {
    bool matches;
    bool left_out;  /* true: the agent is excluded from this interaction's selections for a time */
    bool unasked;   /* true: the selection asks all agents first, and the agent's link cannot ask */
    bool elsewhere; /* true: the interaction is a call, and the agent has no telephone at the call's switch */
    /* true: the agent matches, but its profile says that it never takes from the line's queue */
    bool never;
    /* how long an interaction must have waited in the line's queue before this agent takes it; 0: the delay is over, or
     * there is none */
    uint64_t delay_us;
    uint8_t rank; /* the agent's rank of the line's queue: 1 is its first choice; 0: agents have no preferences */
    bool either;  /* true: the agent matches with any one of the parts; false: only with all of them */
    /* Set if the agent matches and is in the group `group`, for which the line asks, only because `place`, where the
     * agent sits, is in that group. `group` and `place` are empty if the line asks for no such group. */
    struct span group, place;
    uint32_t count;
    struct why_part parts[WHY_PARTS_MAX];
};
/* Reads how the agent with core_agent's `index` matches the line. False: there is no such line or agent. */
bool core_why_match(struct core *, uint64_t ixn, uint32_t line, uint32_t agent, struct why_match *);
/* True: the agent could be chosen now for an interaction of its medium. False also if there is no such interaction. */
bool core_why_takes(const struct core *, uint64_t ixn, uint32_t agent);
/* Returns how many agents could be chosen now for an interaction of its medium (core_why_takes). */
uint32_t core_why_takers(const struct core *, uint64_t ixn);

/* Returns how many wait in the queue whom no agent who is logged in could take, even when free: nobody there serves
 * their medium and has what an open line demands, and no further line opens later. Conditions that are more than terms
 * (match.h) count as fulfilled. A queue that waits in lines of queues of the switch waits for no agent. Of a queue no
 * more than a thousand visits are looked at. */
uint64_t core_why_nobody(const struct core *, uint32_t queue);

/* How the ready agents who match a waiting interaction prefer its queue. */
struct why_preference {
    uint64_t waited_us;
    uint32_t first;    /* number of these agents whose first choice is the interaction's queue */
    uint32_t later;    /* number of these agents who take the interaction only after a delay that is not over */
    uint32_t never;    /* number of these agents who never take from its queue */
    uint64_t delay_us; /* the shortest delay of the agents in `later`; 0: there is none */
};
/* Fills in the row. False: the interaction does not wait, or agents have no preferences. The function looks at all
 * ready agents, so it is slow. */
bool core_why_preference(struct core *, uint64_t ixn, struct why_preference *);
