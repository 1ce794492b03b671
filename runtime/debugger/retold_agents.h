/* runtime/debugger/retold_agents.h - The agents of an interaction that is retold: how they stood when it came, what
 * they did later, and how they took what they were offered of it. */
#pragma once

#include <stdio.h>

#include "runtime/core/read/read.h"

struct retold_agents;

struct retold_agents *retold_agents_new(void);
void retold_agents_free(struct retold_agents *);
/* After a batch; the first time: as they stood. `at_us`: since the interaction came, as everywhere here. */
void retold_agents_look(struct retold_agents *, struct core *, uint64_t ixn, uint64_t at_us);
/* The interaction goes to the agent at that DN, whom nothing else gets meanwhile. */
void retold_agents_claimed(struct retold_agents *, const struct core *, const char *dn, uint64_t at_us);
void retold_agents_invited(struct retold_agents *, const struct core *, struct span agent, uint64_t claim,
                           uint64_t at_us);
void retold_agents_withdrawn(struct retold_agents *, uint64_t claim);
void retold_agents_answer(struct retold_agents *, uint64_t claim, bool accepts, uint64_t at_us);
void retold_agents_party(struct retold_agents *, const struct core *, struct span agent, enum party_change,
                         uint64_t at_us);
void retold_agents_done(struct retold_agents *, const struct core *, struct span agent, uint64_t at_us);
bool retold_agents_served(const struct retold_agents *); /* has one had it? */
/* Lines: the agents; later their changes. */
void retold_agents_first(const struct retold_agents *, FILE *);
void retold_agents_later(const struct retold_agents *, FILE *);
