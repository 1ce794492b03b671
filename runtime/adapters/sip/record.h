/* runtime/adapters/sip/record.h - A recording: the sound of a call as a WAVE file of 16 bits and 8000 samples a
 * second.
 *
 *     channel 0, the caller   ----x----x-      packets, each at its place in time; what is lost is silence
 *     channel 1, the others   -x---------x     (a recording of the caller alone has no channel 1)
 *                             ^ written        ^ now: the last second is still open for packets that are late
 *
 * Both channels use the clock of the caller of these functions, so a pause is recorded as silence of the same
 * length. Only our own user may read the file (0600), and it is complete once the recording has ended. A full disk
 * ends the recording. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "runtime/adapters/sip/g711.h"

struct recording;

struct record_limits {
    uint64_t most_ms;    /* no recording is longer */
    uint64_t free_bytes; /* so many bytes of the file system stay free for others */
};

/* Opens a recording; NULL with the reason. The file must not exist yet. */
struct recording *record_open(const char *path, unsigned channels, const struct record_limits *, uint64_t now_ms,
                              char *why, size_t why_size);
/* Records sound of a stream; source and timestamp are those of its packets. */
void record_hear(struct recording *, unsigned channel, enum law, const uint8_t *codes, size_t count, uint32_t source,
                 uint32_t timestamp, uint64_t now_ms);
/* `masked` true: silence is written from now on instead of the sound; false: the sound again. */
void record_mask(struct recording *, bool masked, uint64_t now_ms);
/* Marks this moment in the file, as programs that show sound read it: a cue point with the text as its label, which is
 * cut at RECORD_MARK bytes. A recording has at most RECORD_MARKS of them, and more are left out. */
enum { RECORD_MARKS = 200, RECORD_MARK = 100 };
void record_mark(struct recording *, const char *text, uint64_t now_ms);
/* Why the recording has ended by itself: the disk is full, or the longest time is over; nothing more is written
 * then. NULL: it has not. */
const char *record_over(struct recording *, uint64_t now_ms);

struct record_end {
    uint64_t length;    /* length of the file in bytes; 0: it could not be written, and is removed */
    const char *reason; /* why the recording ended by itself; NULL: it did not */
};

/* Frees the recording. If there was no sound at last, silence is written up to now. */
struct record_end record_end(struct recording *, uint64_t now_ms);
/* Computes the hash of the file of a recording that has ended. */
bool record_hash(const char *path, uint8_t sha256[32]);

/* Is the packet loud, as speech is? False: silence, or the hum of a line. */
bool record_is_loud(enum law, const uint8_t *codes, size_t count);
