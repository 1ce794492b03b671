/* runtime/core/snapshot.h - A core as bytes, and a core from bytes.
 *
 * A snapshot holds all that a core knows between two batches. The core that is loaded from it gives the same effects
 * and digests for the batches that follow as the one that was saved. Images are not part of it: it names them by hash,
 * and core_options.image must have them.
 *
 *     magic, version
 *     what its reader must have                       semantics, options
 *     the core's own, names, programs, timers, blocks all parts refer to these by number
 *     part, part, ...                                 parts.def
 *     digest
 *
 * One function per part writes and reads (`keep`, vm/keep.h): a field stands in one line of code, so that writer and
 * reader cannot differ. Reading trusts nothing: each index is checked against its table, each part's `sound` looks at
 * its links, and the digest must be the one that was saved. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "runtime/core/core.h"
#include "runtime/core/migration.h"
#include "base/error.h"
#include "vm/keep.h"

/* The version of a snapshot's bytes. The newest is written; all since 1 can be read (keep_has). */
enum { SNAPSHOT_VERSION = 15 };

/* Writes the core, between two batches, in pieces. False: `write` has returned false. */
bool core_save(struct core *, keep_write *write, void *self);

/* A new core of those bytes, which may come from anybody: they are checked, and so is the core that they make (its
 * invariants; its digest, if it is of this semantics number: one of an earlier number is brought to this one). Seed,
 * partition and bound of interactions are the snapshot's own. NULL and the reason: they are no snapshot, altered, of a
 * newer version, or of other semantics, or an image is missing. */
struct core *core_load(const struct core_options *, const void *bytes, size_t length, struct error *);
/* As core_load, for `length` bytes that come in pieces. `verified`: a program of this kind has loaded these bytes once
 * to check them, and nobody can have altered them since. The invariants, which the digest shows to be those of the core
 * that was saved, are not checked anew then. */
struct core *core_load_from(const struct core_options *, keep_read *read, void *self, uint64_t length, bool verified,
                            struct error *);
/* Where the bytes come from: anybody; a program that has verified them; a test that has altered them, so that their
 * digest is not checked. */
enum core_origin { ORIGIN_ANYBODY, ORIGIN_VERIFIED, ORIGIN_ALTERED };
/* As core_load_from, with the given migrations, which need not be those of this version. Frees the keeper. */
struct core *core_load_as(const struct core_options *, struct keeper *, const struct migrations *, enum core_origin,
                          struct error *);
