/* runtime/core/sessions/report.h - States that links report of agents. For the files of this room. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "runtime/core/base/fact.h"
#include "runtime/vocabulary/message.h"

struct sessions;
struct report;

/* The place where a report says that the agent is. */
struct told_at {
    uint32_t dn, place; /* names */
    unsigned source;
};

/* Takes over the state that a link reports. */
void report_apply(struct sessions *, uint32_t agent, enum agent_state, const struct told_at *, const struct report *);
/* The place where a message about a medium of the agent says that it is. An agent at a desk needs no DN for open media.
 */
struct told_at report_where(struct sessions *, const struct message *, enum media, struct span agent,
                            const struct span dn_and_place[2]);
/* Logs the agent in or out at the DN of a report about a medium. False: nothing else of the report is to be done. */
bool report_medium_at(struct sessions *, uint32_t agent, enum media, enum agent_state, const struct told_at *);
/* Reads the further fields of a report of the agent's state. A reason that the directory does not have is counted,
 * unless the report answers the core's own request. */
struct report report_of(struct sessions *, uint32_t agent, const struct message *);
/* The reason that a report, or a request for a state, gives: its label, else the first of its reasons that is a text.
 */
struct span report_reason(const struct message *);
/* Makes an agent of that name, whom a link reports and the core does not know. AGENT_NONE: there are too many agents
 * whom the directory does not have; this is counted. */
uint32_t report_unknown(struct sessions *, uint32_t name);
/* Tells the given fact: a report of the agent does not fit what the core knows. */
void report_odd(struct sessions *, uint32_t agent, unsigned fact);
