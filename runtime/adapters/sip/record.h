/* runtime/adapters/sip/record.h - A recording: what is heard, as a WAVE file of 16 bits and 8000 samples a second.
 *
 *     channel 0, the caller   ----x----x-      packets, each at its place in time; what is lost is silence
 *     channel 1, the others   -x---------x     (a recording of the caller alone has no channel 1)
 *                             ^ written        ^ now: the last second is still open for packets that are late
 *
 * Both channels have one time base, the clock of the caller of these functions, so a pause is silence of its length.
 * The file is ours alone (0600) and is whole once the recording has ended. A disk that is full ends it. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "runtime/adapters/sip/g711.h"

struct recording;

struct record_limits {
    uint64_t most_ms;    /* no recording is longer */
    uint64_t free_bytes; /* the file system keeps so much for others */
};

/* NULL with the reason; the file must not be there yet. */
struct recording *record_open(const char *path, unsigned channels, const struct record_limits *, uint64_t now_ms,
                              char *why, size_t why_size);
/* Sound of a stream: its source and time are those of its packets. */
void record_hear(struct recording *, unsigned channel, enum law, const uint8_t *codes, size_t count, uint32_t source,
                 uint32_t timestamp, uint64_t now_ms);
/* From now on silence is written instead of what is heard, or no longer. */
void record_mask(struct recording *, bool masked);
/* It has ended by itself: the disk, or the longest time; nothing is written any more. NULL: it has not. */
const char *record_over(struct recording *, uint64_t now_ms);

struct record_end {
    uint64_t length;    /* of the file, in bytes; 0: it could not be written, and is not there */
    const char *reason; /* it ended by itself; NULL: it did not */
};

/* Frees the recording. Silence at its end is kept up to now. */
struct record_end record_end(struct recording *, uint64_t now_ms);
/* The hash of a file that has ended. */
bool record_hash(const char *path, uint8_t sha256[32]);

/* Is this speech, or silence with what a line hums? */
bool record_is_loud(enum law, const uint8_t *codes, size_t count);
