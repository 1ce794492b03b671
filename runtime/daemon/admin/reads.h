/* runtime/daemon/admin/reads.h - Answers of the admin socket that only read: JSON made from the core's rows between
 * two batches.
 *
 * The answer belongs to the caller. The core waits meanwhile, so an answer is a page of a limited number of rows,
 * with `next` if there are more. Called on the loop's thread; the rows are read on the core's thread. */
#pragma once

#include <jansson.h>
#include <stdbool.h>

#include "runtime/daemon/protocol/commands.h"
#include "runtime/daemon/service/daemon.h"

/* Makes the answer to a command of kind READ, whose request was checked against commands.def. NULL with the reason:
 * ERROR_UNKNOWN for an object that does not exist, ERROR_INPUT for a wrong request, ERROR_DENIED for one that the
 * reader may not see. `reader`: the person who sees only whom they lead, where the configuration bounds reading; NULL:
 * all. */
json_t *reads_answer(struct daemon *, enum command_id, enum role, const char *reader, const json_t *request,
                     struct error *);
/* Puts `strategies` and `directory` into an answer, as status and reload show them. */
void reads_loaded(const struct daemon *, json_t *into);
/* Put the first and last batch of the journal and its newest snapshot into an answer as `journal`; reads_journal()
 * also puts all `snapshots`. */
void reads_journal_state(struct daemon *, json_t *into);
void reads_journal(struct daemon *, json_t *into);
/* Reads the interaction's id or ConnID that a request names by `ixn` or `conn`. */
bool reads_ixn(const json_t *request, uint64_t *ixn, bool *by_conn, struct error *);
/* Puts the changes that an import would make into an answer. */
void reads_difference(const struct difference *, json_t *into);
