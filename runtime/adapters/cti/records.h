/* runtime/adapters/cti/records.h - Agents' desktops and records of calling lists: requests as user events, and their
 * answers (records.def). */
#pragma once

#include <jansson.h>

#include "runtime/adapters/cti/internal.h"

/* Sends the request to the core in the agent's name. code_ok: the core will answer; otherwise the error, with a
 * sentence in `text`. */
enum code records_ask(struct cti *, const struct cti_asker *, const char *dn, const char *agent,
                      const json_t *user_data, const char **text);
/* Handles the core's answer; the caller frees the ask. */
void records_done(struct cti *, const struct ask *, const struct message *reply);
