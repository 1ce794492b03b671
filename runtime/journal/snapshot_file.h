/* runtime/journal/snapshot_file.h - A snapshot as a file: a head, the content in pages, and a tag per page.
 *
 * Any altered or missing part is detected, and its position reported. The head is written last, so the file of a
 * killed writer has none. The core defines the meaning of the content (runtime/core/snapshot.h).
 *
 * Little-endian. The head: "GCXS", format u16, partition u16, semantics u32, size of a page u32, batch u64, its time
 * u64, epoch u64, events u64, clock offset i64, origin i64, boot (64 bytes, padded with zeros), hash of the batch (32),
 * hash of batch 1 (32), seed u64, bound of interactions u64, digest u64, length of the content u64, BLAKE2b-256 of the
 * table, BLAKE2b-256 of the head up to here. The head is followed by the content, and by the table: a tag of 16 bytes
 * per page, which is the page's XXH3-128.
 *
 * If the state folder has keys (keys.h) the format has the bit SNAPSHOT_SEALED, and a snapshot without this bit is
 * refused. Between head and content are 32 random bytes: from them and the data key the snapshot's own key is derived.
 * The random bytes are followed by a BLAKE2b-256 of the head keyed with the snapshot's key: so nobody without the
 * site's key can alter the head, or the table whose hash is in the head. Each page is encrypted with the snapshot's key
 * by XChaCha20-Poly1305, with the page's number as nonce, and its tag is that of Poly1305. Overwriting the random bytes
 * erases the snapshot. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "runtime/journal/replay.h"
#include "base/error.h"

enum { SNAPSHOT_FORMAT = 1, SNAPSHOT_SEALED = 0x8000 };

struct snapshot_head {
    struct journal_head journal; /* the batch after which the core was saved */
    uint16_t partition;
    uint32_t semantics;
    uint64_t seed, interactions_max, digest;
    uint64_t length; /* the content's bytes */
};

struct snapshot_writer;

/* Makes a new file. The caller writes the content with snapshot_put, then ends the snapshot. NULL: the file cannot
 * be created. */
struct snapshot_writer *snapshot_writer_new(const char *path, struct error *);
bool snapshot_put(void *writer, const void *bytes, size_t length); /* a keep_write */
/* Writes table and head, and syncs the file. Sets `length` in the head. False with the reason, also if an earlier
 * snapshot_put has failed. */
bool snapshot_writer_end(struct snapshot_writer *, struct snapshot_head *, struct error *);
void snapshot_writer_free(struct snapshot_writer *); /* closes the file, which stays as it is */

/* Reads and checks the head alone. */
bool snapshot_head_read(const char *path, struct snapshot_head *, struct error *);
/* Checks the head and each page of the file, and keeps nothing. */
bool snapshot_check(const char *path, struct snapshot_head *, struct error *);

/* Reads the content from its first page to its last. A thread reads and checks some pages ahead. */
struct snapshot_reader;
struct snapshot_reader *snapshot_reader_new(const char *path, struct snapshot_head *, struct error *);
/* Returns the next page, already checked; the function is a keep_read. NULL: there are no more pages, or the next
 * one is wrong. */
const uint8_t *snapshot_next(void *reader, size_t *length);
bool snapshot_sealed(
    const struct snapshot_reader *); /* is the snapshot encrypted, and so written with the folder's keys? */
bool snapshot_good(struct snapshot_reader *, struct error *); /* false: a page was wrong; the error says which */
void snapshot_reader_free(struct snapshot_reader *);

/* Overwrites the random bytes from which the snapshot's key is made, and removes the file. False: they cannot be
 * overwritten, and the file was not removed. */
bool snapshot_erase(const char *path);
