/* runtime/debugger/waits.h - Waits: which agents an interaction waits for, in which place of a queue, until when.
 *
 * The answers are the core's own (core_why_line, core_why_match): the selection's lines are matched against each agent
 * with the code that chooses, so that the view cannot differ from the choice. */
#pragma once

#include "runtime/debugger/debugger.h"

/* For whom those that wait do so, line by line, and what keeps each agent from it. `only`: one interaction; 0: all.
 * `agent`: this one alone; "": all. Not while a strategy runs. */
void waits_why(struct debugger *, uint64_t only, const char *agent);
/* About the interaction looked at: */
void waits_candidates(struct debugger *);
void waits_place(struct debugger *);
void waits_timers(struct debugger *); /* all that are set, by their time */
