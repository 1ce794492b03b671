/* runtime/core/sessions/report.h - States of agents that links report. Only the files of this folder use it. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "runtime/core/base/fact.h"
#include "runtime/vocabulary/message.h"

struct sessions;
struct report;

/* Where the agent is, as a report says. */
struct told_at {
    uint32_t dn, place; /* names */
    unsigned source;
};

/* Takes a report of the agent's state by a link. */
void report_apply(struct sessions *, uint32_t agent, enum agent_state, const struct told_at *, const struct report *);
/* Returns where the agent is, as a message about a medium says. An agent at a desk needs no DN for media without
 * calls. */
struct told_at report_where(struct sessions *, const struct message *, enum media, struct span agent,
                            const struct span dn_and_place[2]);
/* Logs the agent in or out at the DN of a report about a medium. False: the rest of the report must be ignored. */
bool report_medium_at(struct sessions *, uint32_t agent, enum media, enum agent_state, const struct told_at *);
/* Reads the other fields of a report about the agent's state. A reason that the directory does not have is counted,
 * unless the report answers a request of the core. */
struct report report_of(struct sessions *, uint32_t agent, const struct message *);
/* Returns the reason in a report, or in a request for a state: its label, else the first of its reasons that is a
 * text. */
struct span report_reason(const struct message *);
/* Makes an agent of the given name, whom a link reports and the core does not know. AGENT_NONE: there are too many
 * agents whom the directory does not have; this is counted. */
uint32_t report_unknown(struct sessions *, uint32_t name);
/* Reports the given fact: a report about the agent does not fit what the core knows. */
void report_odd(struct sessions *, uint32_t agent, unsigned fact);
