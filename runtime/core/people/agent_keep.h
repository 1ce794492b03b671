/* runtime/core/people/agent_keep.h - Agents as bytes: the operations `keep` and `sound` of their part. */
#ifndef CORE_AGENT_KEEP_H
#define CORE_AGENT_KEEP_H

#include <stdbool.h>

struct keeper;

void agents_keep(void *self, struct keeper *);
bool agents_sound(void *self);

#endif
