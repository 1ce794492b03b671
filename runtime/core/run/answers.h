/* runtime/core/run/answers.h - Questions of a strategy, or of the condition of a debugger, about agents and virtual
 * queues.
 *
 * Names are the core's: whoever asks knows what its own image calls them. Reads only. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

struct core;
struct interaction;
struct text;

/* The agent of that name, as a word; false: the directory has none. */
bool answer_named(const struct core *, struct text name, uint64_t *agent);
/* Questions of an agent, for an interaction; `skill`: a name, or 0. False: it is none, or there is no such agent. */
bool answer_agent(const struct core *, const struct interaction *, uint32_t question, uint64_t agent, uint32_t skill,
                  uint64_t *word);
/* Position or expected wait in a virtual queue: its own if the interaction waits there, else as if it came now. */
uint64_t answer_vq(const struct core *, const struct interaction *, uint32_t question, uint32_t name);
