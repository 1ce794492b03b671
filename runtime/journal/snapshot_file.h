/* runtime/journal/snapshot_file.h - A snapshot as a file: a head, the content in pages, and a tag of each page.
 *
 * Whatever is altered or missing is found, and its place is told. The head is written last, so a file whose writer was
 * killed has none. The core owns the meaning of the content (runtime/core/snapshot.h).
 *
 * Little-endian. The head: "GCXS", format u16, partition u16, semantics u32, size of a page u32, batch u64, its time
 * u64, epoch u64, events u64, clock offset i64, origin i64, boot (64 bytes, zeros behind it), hash of the batch (32),
 * hash of batch 1 (32), seed u64, bound of interactions u64, digest u64, length of the content u64, BLAKE2b-256 of the
 * table, BLAKE2b-256 of the head before. Behind it the content, and the table: a tag of 16 bytes of each page, which is
 * its XXH3-128.
 *
 * If the state folder has keys (keys.h) the format has the bit SNAPSHOT_SEALED, and one without it is refused. 32
 * random bytes stand between head and content: from them, with the data key, the snapshot's own key is made. Behind
 * them stands a BLAKE2b-256 of the head that is made with it: so nobody without the site's key alters the head, nor the
 * table whose hash it has. Each page is encrypted with the key by XChaCha20-Poly1305, with the page's number as nonce,
 * and its tag is that of Poly1305. A program that overwrites the random bytes has erased the snapshot. */
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

/* Makes a new file. The caller puts the content by snapshot_put, then ends it. NULL: the file cannot be made. */
struct snapshot_writer *snapshot_writer_new(const char *path, struct error *);
bool snapshot_put(void *writer, const void *bytes, size_t length); /* a keep_write */
/* Writes table and head; the file is durable. `length` of the head is filled. False with the reason, also where an
 * earlier put has failed. */
bool snapshot_writer_end(struct snapshot_writer *, struct snapshot_head *, struct error *);
void snapshot_writer_free(struct snapshot_writer *); /* closes it; the file stays as it is */

/* Reads and checks the head alone. */
bool snapshot_head_read(const char *path, struct snapshot_head *, struct error *);
/* Checks the head and each page of the file, and keeps nothing. */
bool snapshot_check(const char *path, struct snapshot_head *, struct error *);

/* Reads the content from its first page to its last. A thread reads and checks some pages ahead. */
struct snapshot_reader;
struct snapshot_reader *snapshot_reader_new(const char *path, struct snapshot_head *, struct error *);
/* Returns the next page, which has been checked; it is a keep_read. NULL: there are no more pages, or the next one is
 * wrong. */
const uint8_t *snapshot_next(void *reader, size_t *length);
bool snapshot_sealed(
    const struct snapshot_reader *); /* is it encrypted, and so written by somebody with the folder's keys? */
bool snapshot_good(struct snapshot_reader *, struct error *); /* false: a page was wrong, the error says which */
void snapshot_reader_free(struct snapshot_reader *);

/* Overwrites the random bytes from which the snapshot's key is made, and removes the file. False: they cannot be
 * overwritten, and the file stays. */
bool snapshot_erase(const char *path);
