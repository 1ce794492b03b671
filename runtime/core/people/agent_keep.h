/* runtime/core/people/agent_keep.h - Agents as bytes: the operations `keep` and `sound` of their part. */
#pragma once

#include <stdbool.h>

struct keeper;

void agents_keep(void *self, struct keeper *);
bool agents_sound(void *self);
