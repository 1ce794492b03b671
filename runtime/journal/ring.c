/* runtime/journal/ring.c - A ring buffer of frames, protected by a mutex.
 *
 *     bytes  | frames, oldest first ............|
 *            start                   start + length, both round the end
 *
 * Before each frame is the time when its event happened. Frames are never divided: a push without enough space
 * changes nothing, and a take never cuts a frame. The buffer never shrinks. */
#include "runtime/journal/ring.h"

#include <assert.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/vocabulary/bytes.h"
#include "base/memory.h"

enum { RING_FIRST = 1 << 18, RING_TIME = 8, RING_SOURCES = 256 };

struct ring {
    pthread_mutex_t lock;
    uint8_t *bytes;
    size_t capacity, start, length; /* bytes in use: from `start`, continuing at 0 after the end */
    size_t capacity_max;
    size_t events, events_max;
};

/* Makes a ring that begins small and grows up to `bytes`. */
struct ring *ring_new(size_t bytes, size_t events)
{
    assert(bytes >= MESSAGE_EVENT_MAX && events > 0);
    struct ring *ring = memory_zeroed(1, sizeof *ring);
    ring->capacity = bytes < RING_FIRST ? bytes : RING_FIRST;
    ring->bytes = memory_grown(NULL, ring->capacity, 1);
    ring->capacity_max = bytes;
    ring->events_max = events;
    pthread_mutex_init(&ring->lock, NULL);
    return ring;
}

void ring_free(struct ring *ring)
{
    if (!ring) return;
    pthread_mutex_destroy(&ring->lock);
    free(ring->bytes);
    free(ring);
}

static void copy_in(struct ring *ring, const uint8_t *from, size_t length)
{
    assert(length <= ring->capacity - ring->length);
    size_t at = (ring->start + ring->length) % ring->capacity;
    size_t first = ring->capacity - at < length ? ring->capacity - at : length;
    memcpy(ring->bytes + at, from, first);
    memcpy(ring->bytes, from + first, length - first);
    ring->length += length;
}

/* `place`: behind the start. */
static void copy_of(const struct ring *ring, size_t place, uint8_t *to, size_t length)
{
    assert(place + length <= ring->length);
    size_t at = (ring->start + place) % ring->capacity;
    size_t first = ring->capacity - at < length ? ring->capacity - at : length;
    memcpy(to, ring->bytes + at, first);
    memcpy(to + first, ring->bytes, length - first);
}

static void copy_out(const struct ring *ring, uint8_t *to, size_t length)
{
    copy_of(ring, 0, to, length);
}

/* Is there space for that many more bytes? If allowed, the buffer is doubled, and its contents then begin at 0. */
static bool ring_has_room(struct ring *ring, size_t more)
{
    if (more > ring->capacity_max - ring->length) return false;
    size_t wanted = ring->capacity;
    while (more > wanted - ring->length) wanted = wanted < ring->capacity_max / 2 ? 2 * wanted : ring->capacity_max;
    if (wanted == ring->capacity) return true;
    uint8_t *grown = memory_grown(NULL, wanted, 1);
    copy_out(ring, grown, ring->length);
    free(ring->bytes);
    ring->bytes = grown;
    ring->capacity = wanted;
    ring->start = 0;
    return true;
}

/* Appends a frame; false: too many bytes or events are in the ring, and the caller refuses the event. May be called
 * by any thread. */
bool ring_push(struct ring *ring, struct span frame, uint64_t at_us)
{
    uint8_t time[RING_TIME];
    bytes_put_eight(time, at_us);
    assert(frame.length >= MESSAGE_HEADER && message_frame_size(frame.bytes, frame.length) == frame.length);
    pthread_mutex_lock(&ring->lock);
    bool room = ring->events < ring->events_max && ring_has_room(ring, sizeof time + frame.length);
    if (room) {
        copy_in(ring, time, sizeof time);
        copy_in(ring, frame.bytes, frame.length);
        ring->events++;
    }
    pthread_mutex_unlock(&ring->lock);
    return room;
}

static void drop_first(struct ring *ring, size_t length)
{
    assert(length <= ring->length);
    ring->start = (ring->start + length) % ring->capacity;
    ring->length -= length;
}

/* Moves frames to `out`; stops before the first frame that would exceed one of the bounds, and leaves it in the
 * ring. */
size_t ring_take(struct ring *ring, struct writer *out, const struct ring_bounds *bounds, uint64_t *times)
{
    size_t taken = 0, bytes = bounds->bytes;
    pthread_mutex_lock(&ring->lock);
    while (ring->events > 0 && taken < bounds->events) {
        uint8_t head[RING_TIME + 4];
        copy_out(ring, head, sizeof head);
        size_t size = message_frame_size(head + RING_TIME, 4);
        assert(size >= MESSAGE_HEADER && size <= ring->length); /* as ring_push has seen */
        if (size + bounds->extra > bytes || bytes_get_eight(head) > bounds->until_us) break;
        times[taken++] = bytes_get_eight(head);
        drop_first(ring, RING_TIME);
        copy_out(ring, bytes_room(&out->bytes, &out->capacity, out->length, size), size);
        out->length += size;
        drop_first(ring, size);
        ring->events--;
        bytes -= size + bounds->extra;
    }
    /* an empty ring begins again at its first page, so that pages of a peak are not touched later */
    if (ring->events == 0) ring->start = 0;
    pthread_mutex_unlock(&ring->lock);
    return taken;
}

/* The position of a frame in the ring's bytes, and when it happened: these are sorted, and then the frames are
 * moved. */
struct ring_frame {
    uint64_t at_us;
    size_t place, length; /* with its time */
};

/* Compares by time; frames of the same time stay in the order of arrival. */
static int frames_compare(const void *left, const void *right)
{
    const struct ring_frame *a = left, *b = right;
    if (a->at_us != b->at_us) return a->at_us < b->at_us ? -1 : 1;
    return a->place < b->place ? -1 : 1;
}

/* Finds all frames in `bytes` with their times. The order within a source is kept: a frame with an earlier time than
 * the source's last one gets that time. */
static void frames_find(const struct ring *ring, const uint8_t *bytes, struct ring_frame *frames,
                        unsigned (*source)(struct span frame))
{
    uint64_t last_us[RING_SOURCES] = {0};
    size_t place = 0;
    for (size_t at = 0; at < ring->events; at++) {
        const uint8_t *frame = bytes + place + RING_TIME;
        size_t size = message_frame_size(frame, ring->length - place - RING_TIME);
        unsigned of = source((struct span){frame, (uint32_t)size}) % RING_SOURCES;
        uint64_t at_us = bytes_get_eight(bytes + place);
        if (of != 0 && at_us < last_us[of]) at_us = last_us[of];
        last_us[of] = at_us;
        frames[at] = (struct ring_frame){.at_us = at_us, .place = place, .length = RING_TIME + size};
        place += RING_TIME + size;
    }
    assert(place == ring->length);
}

static bool ring_is_sorted(const struct ring *ring)
{
    uint64_t last_us = 0;
    for (size_t place = 0; place < ring->length;) {
        uint8_t head[RING_TIME + 4];
        copy_of(ring, place, head, sizeof head);
        if (bytes_get_eight(head) < last_us) return false;
        last_us = bytes_get_eight(head);
        place += RING_TIME + message_frame_size(head + RING_TIME, 4);
    }
    return true;
}

/* Sorts the ring by time; the caller holds the lock. All frames are copied out and in again: this happens only after
 * the core has stood still. */
static void frames_sort(struct ring *ring, unsigned (*source)(struct span frame))
{
    uint8_t *bytes = memory_grown(NULL, ring->length + 1, 1);
    struct ring_frame *frames = memory_zeroed(ring->events + 1, sizeof *frames);
    copy_out(ring, bytes, ring->length);
    frames_find(ring, bytes, frames, source);
    qsort(frames, ring->events, sizeof *frames, frames_compare);
    ring->start = ring->length = 0;
    for (size_t at = 0; at < ring->events; at++) {
        bytes_put_eight(bytes + frames[at].place, frames[at].at_us);
        copy_in(ring, bytes + frames[at].place, frames[at].length);
    }
    free(frames);
    free(bytes);
}

void ring_sort(struct ring *ring, unsigned (*source)(struct span frame))
{
    pthread_mutex_lock(&ring->lock);
    if (!ring_is_sorted(ring)) frames_sort(ring, source);
    pthread_mutex_unlock(&ring->lock);
}

uint64_t ring_moment(struct ring *ring)
{
    uint8_t time[RING_TIME] = {0};
    pthread_mutex_lock(&ring->lock);
    if (ring->events > 0) copy_out(ring, time, sizeof time);
    pthread_mutex_unlock(&ring->lock);
    return bytes_get_eight(time);
}

bool ring_empty(struct ring *ring)
{
    pthread_mutex_lock(&ring->lock);
    bool empty = ring->events == 0;
    pthread_mutex_unlock(&ring->lock);
    return empty;
}

void ring_holds(struct ring *ring, size_t *events, size_t *bytes)
{
    pthread_mutex_lock(&ring->lock);
    *events = ring->events;
    *bytes = ring->length;
    pthread_mutex_unlock(&ring->lock);
}
