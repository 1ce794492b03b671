/* runtime/core/run/answers.h - Answers questions of a strategy, or of the condition of a debugger, about agents and
 * virtual queues.
 *
 * Names are numbers of the core: the asker translates the names of its own image. Reads only. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

struct core;
struct interaction;
struct text;
struct vqs;

/* Finds the agent of the given name, as a word; false: the directory has no such agent. */
bool answer_named(const struct core *, struct text name, uint64_t *agent);
/* Answers a question about an agent, for an interaction; `skill`: a name, or 0. False: the question is not about an
 * agent, or there is no such agent. */
bool answer_agent(const struct core *, const struct interaction *, uint32_t question, uint64_t agent, uint32_t skill,
                  uint64_t *word);
/* Returns the expected wait at a position in a virtual queue, by QUESTION_ewt_there, or the end of its range, by
 * QUESTION_ewt_low_there and QUESTION_ewt_high_there; 0: unknown. */
uint64_t answer_wait(const struct vqs *, uint32_t vq, uint32_t position, uint32_t question);
/* Returns the position or expected wait in a virtual queue: the interaction's own if it waits there, else as if it
 * came now. */
uint64_t answer_vq(const struct core *, const struct interaction *, uint32_t question, uint32_t name);
