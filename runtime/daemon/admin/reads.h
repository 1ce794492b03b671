/* runtime/daemon/admin/reads.h - Answers of the admin socket that only look, as JSON, made between two batches from
 * the core's rows.
 *
 * Owns nothing: the answer is the caller's. The core waits meanwhile, so an answer is a page of a bounded number of
 * rows, with `next` where there are more. On the loop's thread; the rows are read on the core's. */
#pragma once

#include <jansson.h>
#include <stdbool.h>

#include "runtime/daemon/protocol/commands.h"
#include "runtime/daemon/service/daemon.h"

/* The answer's members, or NULL with the reason: ERROR_UNKNOWN for what is not there, ERROR_INPUT for what is asked
 * wrongly. The request has been checked by its rows; the command is a READ one. */
json_t *reads_answer(struct daemon *, enum command_id, enum role, const json_t *request, struct error *);
/* `strategies` and `directory`, as status and reload tell them. */
void reads_loaded(const struct daemon *, json_t *into);
/* The journal's extent and its newest snapshot, as `journal`; and with them all `snapshots`. */
void reads_journal_state(struct daemon *, json_t *into);
void reads_journal(struct daemon *, json_t *into);
/* The id or ConnID that a request names by `ixn` or `conn`. */
bool reads_ixn(const json_t *request, uint64_t *ixn, bool *by_conn, struct error *);
/* The changes that an import would make, into an answer. */
void reads_difference(const struct difference *, json_t *into);
