/* runtime/daemon/admin/rollout_plan.h - How long the steps of a rollout take, by what arrived lately: before it starts.
 */
#pragma once

#include <jansson.h>

#include "runtime/daemon/admin/rollout_ask.h"

struct daemon;

/* Puts into the answer the arrivals an hour of the strategy, and for each guard and step how many hours it takes until
 * a version that is as good is told to be no worse. */
void rollout_plan_put(struct daemon *, const struct rollout_ask *, const char *strategy, json_t *answer);
