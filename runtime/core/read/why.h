/* runtime/core/read/why.h - Why somebody who waits is not served: which lines of the selection are open, and what of a line
 * an agent lacks.
 *
 * What an agent lacks is found by asking the line itself: were all the rest as good as can be, which level would do?
 * So it holds for whatever the author wrote, and nothing of it is kept. Reads, as read.h. */
#ifndef CORE_WHY_H
#define CORE_WHY_H

#include "runtime/core/read/read.h"

enum { WHY_PARTS_MAX = 8 };

/* A line of the selection at which one waits. */
struct why_line {
    struct span file;
    uint32_t line;     /* in the source; 0: the image does not say */
    uint64_t opens_us; /* when it opens, or has opened */
    bool open;
    const char *kind;   /* "condition", "group", "agent", "queue", "nobody" */
    struct span target; /* whom it names, where it is no condition */
};
bool core_why_line(struct core *, uint64_t ixn, uint32_t index, struct why_line *); /* false past the last */

struct why_part {
    struct span name; /* of a skill or group */
    bool group;
    int64_t has;   /* the agent's level; of a group 0 or 1 */
    int64_t needs; /* at least; where it is below `has`, at most. -1: no level of this alone would do */
};
struct why_match {
    bool matches;
    bool left_out; /* for a while, of this interaction's selections: whatever the line asks */
    bool unasked;  /* all are asked, and its link cannot ask it */
    bool either;   /* one of the parts would do; else all are needed */
    uint32_t count;
    struct why_part parts[WHY_PARTS_MAX];
};
/* Of the agent of core_agent's `index`. False where there is no such line or agent. */
bool core_why_match(struct core *, uint64_t ixn, uint32_t line, uint32_t agent, struct why_match *);

#endif
