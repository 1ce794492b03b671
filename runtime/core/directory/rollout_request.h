/* runtime/core/directory/rollout_request.h - What people, and the host, say of rollouts. */
#pragma once

struct core;
struct message;

/* Carries out an event Rollout, and replies with the rollout's id and state. */
void rollout_on_request(struct core *, const struct message *);
