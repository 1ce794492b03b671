/* runtime/adapters/sip/record.c - Puts recorded sound at its place in time, and writes it to the file.
 *
 *     samples of the file         the window (WINDOW samples per channel)
 *     ...===================|.....x....xxx......|
 *                      written            now
 *
 * The window is the latest part of the recording, in which packets can still be placed. A packet is put at the place
 * that its timestamp says, so packets that come in the wrong order end up in the right one. As time goes on, the
 * oldest samples of the window are written to the file and removed from it. The header of the file has a length of
 * zero samples until the recording ends; if the process is killed, the sound is in the file after that header. */
#include "runtime/adapters/sip/record.h"

#include <errno.h>
#include <fcntl.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "runtime/adapters/sip/sound_fault.h"
#include "base/memory.h"
#include "base/file.h"
#include "base/utf8.h"

enum {
    CHANNELS_MOST = 2,
    WINDOW = 16000,  /* samples per channel in the window: two seconds */
    LATE = 8000,     /* how many samples of the window late packets can still change */
    OFF_MOST = 3200, /* a stream whose clock is further off than this gets a new place */
    WAVE_HEAD = 44,
    LOUD = 300 /* a packet with a mean above this is loud; the most is 32767 */
};

struct record_side {
    bool placed;
    uint32_t source, timestamp; /* a packet with this timestamp belongs at sample `at` */
    int64_t at;
};

struct record_marked {
    int64_t at; /* samples per channel from the beginning */
    char text[RECORD_MARK + 1];
};

struct recording {
    struct record_marked *marks; /* RECORD_MARKS of them; NULL: none was made */
    unsigned mark_count;
    char *path;
    int file;
    unsigned channels;
    struct record_limits limits;
    uint64_t began_ms;
    int64_t written; /* samples per channel in the file; the window begins after them */
    bool masked;
    int64_t bared; /* the sample at which the last mask ended: what the caller said before it is never recorded */
    const char *reason;
    struct record_side sides[CHANNELS_MOST];
    int16_t window[WINDOW * CHANNELS_MOST];
};

/* --- The file --- */

static void record_put_number(uint8_t *at, uint64_t value, unsigned bytes)
{
    for (unsigned i = 0; i < bytes; i++) at[i] = (uint8_t)(value >> (8 * i));
}

/* Writes the head. `behind`: the bytes of the chunks behind the sound. */
static bool record_write_head(const struct recording *recording, uint64_t behind)
{
    uint8_t head[WAVE_HEAD] = "RIFF\0\0\0\0WAVEfmt \20\0\0\0\1\0";
    uint64_t data = (uint64_t)recording->written * 2 * recording->channels;
    record_put_number(head + 4, data + WAVE_HEAD - 8 + behind, 4);
    record_put_number(head + 22, recording->channels, 2);
    record_put_number(head + 24, 8000, 4);
    record_put_number(head + 28, (uint64_t)16000 * recording->channels, 4);
    record_put_number(head + 32, 2 * recording->channels, 2);
    record_put_number(head + 34, 16, 2);
    memcpy(head + 36, "data", 4);
    record_put_number(head + 40, data, 4);
    return file_put_all(recording->file, head, sizeof head);
}

/* Why no more may be written; NULL: it may. A recording ends before the disk is full: `free_bytes` stay free for
 * others. */
static const char *record_why_not(const struct recording *recording)
{
    struct statvfs disk;
    if (fstatvfs(recording->file, &disk) != 0) return strerror(errno);
    uint64_t left = (uint64_t)disk.f_bavail * disk.f_frsize;
    if (left < recording->limits.free_bytes) return "the file system has less room than recordings leave";
    if ((uint64_t)recording->written >= recording->limits.most_ms * 8) return "it is as long as a recording may be";
    return NULL;
}

/* Writes the oldest samples of the window, in which packets can still be placed, to the file, and moves the other
 * samples to its beginning. */
static void record_write_window(struct recording *recording, int64_t count)
{
    if (!SOUND_HOLDS(count >= 0 && count <= WINDOW)) {
        recording->reason = "a fault of gcx, which its log has";
        return;
    }
    uint8_t bytes[WINDOW * CHANNELS_MOST * 2];
    size_t numbers = (size_t)count * recording->channels, all = (size_t)WINDOW * recording->channels;
    if (recording->reason || count == 0 || (recording->reason = record_why_not(recording))) return;
    for (size_t i = 0; i < numbers; i++) record_put_number(bytes + 2 * i, (uint16_t)recording->window[i], 2);
    if (!file_put_all(recording->file, bytes, numbers * 2)) {
        recording->reason = strerror(errno);
        return;
    }
    memmove(recording->window, recording->window + numbers, (all - numbers) * sizeof *recording->window);
    memset(recording->window + all - numbers, 0, numbers * sizeof *recording->window);
    recording->written += count;
}

static int64_t record_now(const struct recording *recording, uint64_t now_ms)
{
    return now_ms < recording->began_ms ? 0 : (int64_t)(now_ms - recording->began_ms) * 8;
}

/* Moves the window on until it includes the current time. Writes at most LATE samples at a time; after a long pause
 * the loop writes silence in several steps. */
static void record_move_on(struct recording *recording, uint64_t now_ms)
{
    int64_t now = record_now(recording, now_ms);
    while (!recording->reason && now - recording->written > WINDOW - LATE / 2) {
        int64_t late = now - recording->written - LATE;
        record_write_window(recording, late > LATE ? LATE : late);
    }
}

/* --- Samples are recorded --- */

/* The place of a packet in samples: by its timestamp, as long as the timestamp agrees with our clock. Timestamps are
 * compared as a signed difference, since they wrap at 2^32. If a stream is further off than OFF_MOST, its new place
 * is the moment at which the packet came. */
static int64_t record_place(struct recording *recording, struct record_side *side, size_t count, uint32_t source,
                            uint32_t timestamp, uint64_t now_ms)
{
    int64_t now = record_now(recording, now_ms) - (int64_t)count;
    int64_t at = side->at + (int32_t)(timestamp - side->timestamp);
    bool agrees = side->placed && side->source == source && at - now <= OFF_MOST && now - at <= OFF_MOST;
    if (agrees) return at;
    *side = (struct record_side){true, source, timestamp, now < 0 ? 0 : now};
    return side->at;
}

/* Records the samples of a packet. Packets before the window are dropped; while the recording is masked, nothing is
 * put into the window, so the file gets silence. */
void record_hear(struct recording *recording, unsigned channel, enum law law, const uint8_t *codes, size_t count,
                 uint32_t source, uint32_t timestamp, uint64_t now_ms)
{
    if (channel >= recording->channels || recording->masked || count > LATE / 2) return;
    record_move_on(recording, now_ms);
    int64_t at = record_place(recording, &recording->sides[channel], count, source, timestamp, now_ms);
    int64_t from = channel == 0 && recording->bared > recording->written ? recording->bared : recording->written;
    for (size_t i = 0; i < count; i++) {
        int64_t place = at + (int64_t)i - recording->written;
        if (at + (int64_t)i < from || place >= WINDOW) continue;
        recording->window[(size_t)place * recording->channels + channel] = g711_decode(law, codes[i]);
    }
}

void record_mask(struct recording *recording, bool masked, uint64_t now_ms)
{
    if (recording->masked && !masked) recording->bared = record_now(recording, now_ms);
    recording->masked = masked;
}

void record_mark(struct recording *recording, const char *text, uint64_t now_ms)
{
    if (!recording->marks) recording->marks = memory_zeroed(RECORD_MARKS, sizeof *recording->marks);
    if (recording->mark_count == RECORD_MARKS) return;
    struct record_marked *mark = &recording->marks[recording->mark_count++];
    mark->at = record_now(recording, now_ms);
    memcpy(mark->text, text, utf8_cut(text, strlen(text), RECORD_MARK));
}

const char *record_over(struct recording *recording, uint64_t now_ms)
{
    record_move_on(recording, now_ms);
    return recording->reason;
}

bool record_is_loud(enum law law, const uint8_t *codes, size_t count)
{
    int64_t sum = 0;
    for (size_t i = 0; i < count; i++) sum += abs(g711_decode(law, codes[i]));
    return count > 0 && sum / (int64_t)count > LOUD;
}

/* --- Life --- */

/* Opens the file. O_EXCL: a file that is there already is never overwritten. */
struct recording *record_open(const char *path, unsigned channels, const struct record_limits *limits, uint64_t now_ms,
                              char *why, size_t why_size)
{
    if (!SOUND_HOLDS(channels >= 1)) channels = 1;
    if (!SOUND_HOLDS(channels <= CHANNELS_MOST)) channels = CHANNELS_MOST;
    int file = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    struct recording *recording = memory_zeroed(1, sizeof *recording);
    recording->file = file;
    recording->channels = channels;
    recording->limits = *limits;
    recording->began_ms = now_ms;
    const char *reason = file < 0 ? strerror(errno) : record_why_not(recording);
    if (!reason && !record_write_head(recording, 0)) reason = strerror(errno);
    if (!reason) {
        recording->path = memory_text(path);
        return recording;
    }
    snprintf(why, why_size, "%s: %s", path, reason);
    if (file >= 0) {
        close(file);
        unlink(path);
    }
    free(recording);
    return NULL;
}

static bool record_write_number(const struct recording *recording, uint64_t value)
{
    uint8_t bytes[4];
    record_put_number(bytes, value, 4);
    return file_put_all(recording->file, bytes, 4);
}

static uint32_t record_label_bytes(const struct record_marked *mark)
{
    return (uint32_t)strlen(mark->text) + 1; /* its end is one of them */
}

/* Writes a label as a chunk. A chunk of odd length gets one more byte. */
static bool record_write_label(const struct recording *recording, unsigned number)
{
    const struct record_marked *mark = &recording->marks[number];
    uint32_t bytes = record_label_bytes(mark);
    uint8_t text[RECORD_MARK + 2] = "";
    memcpy(text, mark->text, bytes);
    return file_put_all(recording->file, "labl", 4) && record_write_number(recording, 4 + bytes) &&
           record_write_number(recording, number + 1) && file_put_all(recording->file, text, bytes + bytes % 2);
}

/* Writes the marks behind the sound. Returns their bytes; 0: there is none, or no room for them. */
static uint64_t record_write_marks(const struct recording *recording)
{
    const unsigned count = recording->mark_count;
    uint32_t cues = 4 + 24 * count, labels = 4;
    for (unsigned i = 0; i < count; i++) {
        uint32_t bytes = record_label_bytes(&recording->marks[i]);
        labels += 12 + bytes + bytes % 2;
    }
    if (count == 0) return 0;
    bool good = file_put_all(recording->file, "cue ", 4) && record_write_number(recording, cues) &&
                record_write_number(recording, count);
    for (unsigned i = 0; good && i < count; i++) {
        uint8_t cue[24] = "\0\0\0\0\0\0\0\0data";
        int64_t at = recording->marks[i].at;
        uint64_t sample = (uint64_t)(at > recording->written ? recording->written : at);
        record_put_number(cue, i + 1, 4);
        record_put_number(cue + 4, sample, 4);
        record_put_number(cue + 20, sample, 4);
        good = file_put_all(recording->file, cue, sizeof cue);
    }
    good = good && file_put_all(recording->file, "LIST", 4) && record_write_number(recording, labels) &&
           file_put_all(recording->file, "adtl", 4);
    for (unsigned i = 0; good && i < count; i++) good = record_write_label(recording, i);
    return good ? (uint64_t)8 + cues + 8 + labels : 0;
}

/* Ends the recording: writes the rest and the header with the true length, and cuts the file at that length. If the
 * file cannot be completed, it is removed: an incomplete recording is not kept. */
struct record_end record_end(struct recording *recording, uint64_t now_ms)
{
    record_move_on(recording, now_ms);
    int64_t rest = record_now(recording, now_ms) - recording->written;
    record_write_window(recording, rest < 0 ? 0 : rest > WINDOW ? WINDOW : rest);
    struct record_end end = {WAVE_HEAD + (uint64_t)recording->written * 2 * recording->channels, recording->reason};
    uint64_t marks = lseek(recording->file, (off_t)end.length, SEEK_SET) < 0 ? 0 : record_write_marks(recording);
    end.length += marks;
    bool whole = lseek(recording->file, 0, SEEK_SET) == 0 && record_write_head(recording, marks) &&
                 ftruncate(recording->file, (off_t)end.length) == 0; /* cuts off what a last write has done only in
                                                                      * part */
    if (close(recording->file) != 0 || !whole) end.length = 0;
    if (end.length == 0) unlink(recording->path);
    free(recording->marks);
    free(recording->path);
    free(recording);
    return end;
}

bool record_hash(const char *path, uint8_t sha256[32])
{
    uint8_t part[65536];
    size_t count;
    crypto_hash_sha256_state state;
    FILE *file = fopen(path, "re");
    if (!file) return false;
    crypto_hash_sha256_init(&state);
    while ((count = fread(part, 1, sizeof part, file)) > 0) crypto_hash_sha256_update(&state, part, count);
    crypto_hash_sha256_final(&state, sha256);
    bool good = !ferror(file);
    fclose(file);
    return good;
}
