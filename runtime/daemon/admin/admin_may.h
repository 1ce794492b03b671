/* runtime/daemon/admin/admin_may.h - May the person of a request do that act? Whom a supervisor leads is said by the
 * directory, and the core answers (core/directory/may.h): so a desk, a console and `gcxctl --as` get one answer. */
#pragma once

#include <jansson.h>
#include <stdbool.h>

#include "runtime/daemon/protocol/commands.h"
#include "runtime/daemon/protocol/roles.h"
#include "runtime/daemon/service/daemon.h"

/* Returns for whom the request asks: its `person`; without one the peer, by the name of its user, which is put into
 * `name`. NULL: the peer is an admin, who may act on all and asks for nobody else. */
const char *admin_person(const json_t *request, const struct peer *, char name[ROLE_NAME]);
/* True if the person of the request leads all, or leads each thing that the request names. False with a sentence. On
 * the loop's thread. */
bool admin_may(struct daemon *, enum command_id, const json_t *request, const struct peer *, struct error *);
