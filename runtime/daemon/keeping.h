/* runtime/daemon/keeping.h - Work on a journal and its snapshots in a process of its own: gcxvm --snapshot, --verify,
 * --export, --prune, --rotate-key and --move-journal.
 *
 * A snapshot is cut here, and not in the process that serves calls: this one follows the journal as any reader does, so
 * the other is neither paused nor forked. It needs as much memory as a core, twice for a moment. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"

struct conf;
struct journal_place;

#define KEEPING_FOR_EVER UINT64_MAX /* as `days`: no batch is ever old enough to go */

/* Does this process run as the state folder's user? False with the reason: its files would be in the way of the gcxvm
 * that works there. */
bool keeping_as_owner(const struct conf *, struct error *);
/* Cuts and verifies a snapshot. Says on standard output what came of it: as a sentence, or as a report for the gcxvm
 * that has started it (service/cuts.c reads it), with the batch below which batches are old enough to go. */
bool keeping_cut(const struct conf *, uint64_t days, bool report);
/* Checks every batch and every snapshot, and replays from each snapshot to the end. */
bool keeping_verify(const struct conf *);
/* As keeping_verify(), with the state folder alone: without a configuration natives are not known. */
bool keeping_verify_folder(const char *state);
/* Copies journal and snapshots into a new folder, beside a gcxvm that may be running, and checks each batch and
 * snapshot of the copy. */
bool keeping_export(const struct conf *, const char *folder);
/* Removes the batches that no start needs and that are old enough, and gives their space back. No gcxvm may run. */
bool keeping_prune(const struct conf *, uint64_t days);
/* The database that `journal` names, and this configuration's place in it. */
struct journal_place keeping_place(const struct conf *);
/* Moves the journal from the state folder into the database that `journal` names. No gcxvm may run. */
bool keeping_move(const struct conf *);
/* Encrypts the state folder's keys anew, under the key in this file. */
bool keeping_rotate(const struct conf *, const char *key_file);
