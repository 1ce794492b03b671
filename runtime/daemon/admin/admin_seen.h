/* runtime/daemon/admin/admin_seen.h - Two people at once: an act that says what its person saw is refused where
 * somebody else has acted on the same agent or interaction since. */
#pragma once

#include <jansson.h>
#include <stdbool.h>

#include "runtime/daemon/protocol/commands.h"
#include "runtime/daemon/service/daemon.h"

/* True: the request has no `seen`, or nothing that it names was changed by another actor after that moment of the
 * router's clock. False with a sentence that says who, what and why. On the loop's thread. */
bool admin_seen(struct daemon *, enum command_id, const json_t *request, const char *actor, struct error *);
/* True: both requests name one agent or one interaction. */
bool admin_seen_same(const json_t *one, const json_t *other);
/* True: the command changes a setting, whose `seen` is another one (admin_set.c). */
bool admin_seen_is_of_setting(enum command_id);
