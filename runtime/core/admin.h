/* runtime/core/admin.h - What administrators ask of the core: to end an interaction, log somebody out, free a claim. */
#ifndef CORE_ADMIN_H
#define CORE_ADMIN_H

#include "runtime/vocabulary/message.h"

struct core;
struct interaction;

void admin_on_request(struct core *, const struct message *);

#endif
