/* runtime/core/people/agent_keep.h - Agents as bytes: the operation `keep` of their part. */
#pragma once

#include <stdbool.h>

struct keeper;

void agents_keep(void *self, struct keeper *);
