/* runtime/core/queues/prefer_best.h - The best visit for an agent, with or without preferences among queues. */
#pragma once

#include <stdint.h>

struct vqs;

/* Returns the best visit that this agent could serve: by its rank in the queue, or by prefer_before() where agents
 * prefer queues. VISIT_NONE: there is none. */
uint32_t prefer_best(struct vqs *, uint32_t agent);
/* Called when rows of preferences have changed: computes classes and ranks anew (prefer_build), and files all selectors
 * by the new classes. */
void prefer_refile(struct vqs *);
