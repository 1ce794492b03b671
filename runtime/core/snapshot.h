/* runtime/core/snapshot.h - Saves a core as bytes, and loads a core from bytes.
 *
 * A snapshot holds all that a core knows between two batches. A core that is loaded from it gives the same effects
 * and digests for later batches as the core that was saved. Images are not part of a snapshot: it names them by
 * hash, and core_options.image must have them.
 *
 *     magic, version
 *     what its reader must have                       semantics, options
 *     the core's own, names, programs, timers, blocks all parts refer to these by number
 *     part, part, ...                                 parts.def
 *     digest
 *
 * One function per part both writes and reads (`keep`, vm/keep.h): each field is in one line of code, so that writer
 * and reader cannot differ. Nothing that is read is trusted: each index is checked against its table, each part's
 * `sound` checks its links, and the digest must equal the saved one. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "runtime/core/core.h"
#include "runtime/core/migration.h"
#include "base/error.h"
#include "vm/keep.h"

/* The version of the format of snapshots. The newest version is written; all versions since 1 can be read
 * (keep_has). */
enum { SNAPSHOT_VERSION = 25 };

/* Writes the core, between two batches, in pieces. False: the function `write` has failed. */
bool core_save(struct core *, keep_write *write, void *self);

/* Makes a core from the bytes, which may come from anybody: they are checked, and so is the resulting core (its
 * invariants; its digest, if it has this semantics number; from an earlier number it is changed to this one). Seed,
 * partition and the limit of interactions are those in the snapshot. NULL, with the reason: the bytes are no
 * snapshot, were altered, are of a newer version or of other semantics, or an image is missing. */
struct core *core_load(const struct core_options *, const void *bytes, size_t length, struct error *);
/* Does the same as core_load for `length` bytes that come in pieces. `verified`: a program of this kind has already
 * loaded these bytes to check them, and nobody can have altered them since. Then the invariants are not checked
 * again: the digest shows that the core is the saved one. */
struct core *core_load_from(const struct core_options *, keep_read *read, void *self, uint64_t length, bool verified,
                            struct error *);
/* Where the bytes come from: from anybody; from a program that has verified them; from a test that has altered them,
 * so that their digest is not checked. */
enum core_origin { ORIGIN_ANYBODY, ORIGIN_VERIFIED, ORIGIN_ALTERED };
/* Does the same as core_load_from with the given migrations, which may be others than those of this version. Frees
 * the keeper. */
struct core *core_load_as(const struct core_options *, struct keeper *, const struct migrations *, enum core_origin,
                          struct error *);
