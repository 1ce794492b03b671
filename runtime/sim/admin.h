/* runtime/sim/admin.h - Asking a running gcxvm by its admin socket: one question, one answer, within twenty seconds. */
#pragma once

#include <jansson.h>

#include "base/error.h"

struct admin_client;

struct admin_client *admin_connect(const char *path, struct error *);
void admin_close(struct admin_client *);
/* The reply (a new reference), or NULL with the reason: also where it is not ok. `conn`: 16 digits, or NULL. */
json_t *admin_ask(struct admin_client *, const char *command, const char *conn, struct error *);
/* Likewise, with more of the question: members of `more`, borrowed. */
json_t *admin_ask_with(struct admin_client *, const char *command, const char *conn, json_t *more, struct error *);
