/* runtime/daemon/keeping.h - Tasks on a journal and its snapshots in a process of their own: gcxvm --snapshot,
 * --verify, --export, --prune, --rotate-key and --move-journal.
 *
 * A snapshot is made here, and not in the process that serves calls: this process follows the journal as any reader
 * does, so the other is neither paused nor forked. This process needs as much memory as a core, and twice as much for a
 * moment. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"

struct conf;
struct journal_place;

#define KEEPING_FOR_EVER UINT64_MAX /* as `days`: no batch is ever old enough to be removed */

/* True: this process runs as the user who owns the state folder. False with the reason: files of another user would
 * disturb the gcxvm that works there. */
bool keeping_as_owner(const struct conf *, struct error *);
/* Makes and verifies a snapshot. Prints the result: as a sentence, or as a report for the gcxvm that has started it
 * (service/cuts.c reads it), with the batch below which batches are old enough to be removed. */
bool keeping_cut(const struct conf *, uint64_t days, bool report);
/* Checks every batch and every snapshot, and replays from each snapshot to the end. */
bool keeping_verify(const struct conf *);
/* Like keeping_verify(), with the state folder alone: without a configuration native functions are not known. */
bool keeping_verify_folder(const char *state);
/* Copies journal and snapshots into a new folder, even while a gcxvm is running, and checks each batch and snapshot
 * of the copy. */
bool keeping_export(const struct conf *, const char *folder);
/* Removes the batches that no start needs and that are old enough, and frees their space. No gcxvm may run. */
bool keeping_prune(const struct conf *, uint64_t days);
/* Returns the database that `journal` names, and this configuration's place in it. */
struct journal_place keeping_place(const struct conf *);
/* Moves the journal from the state folder into the database that `journal` names. No gcxvm may run. */
bool keeping_move(const struct conf *);
/* Encrypts the state folder's keys again, with the key in this file. */
bool keeping_rotate(const struct conf *, const char *key_file);
