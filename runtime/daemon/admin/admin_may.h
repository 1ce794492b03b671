/* runtime/daemon/admin/admin_may.h - May the person of a request do that act? Whom a supervisor leads is said by the
 * directory, and the core answers (core/directory/may.h): so a desk, a console and `gcxctl --as` get one answer. */
#pragma once

#include <jansson.h>
#include <stdbool.h>

#include "runtime/daemon/protocol/commands.h"
#include "runtime/daemon/protocol/roles.h"
#include "runtime/daemon/service/daemon.h"

/* True if the person of the request leads all, or leads each thing that the request names. False with a sentence. The
 * person is the one of `person`; without one it is the peer, by the name of its user, unless the peer is an admin, who
 * may act on all. On the loop's thread. */
bool admin_may(struct daemon *, enum command_id, const json_t *request, const struct peer *, struct error *);
