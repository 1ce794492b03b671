/* runtime/daemon/engine/frames.h - A queue of frames: new frames at its end, taken from its front.
 *
 * Owns the bytes. Invariant: `start` is at the beginning of a frame, or at the end. The queue has no lock of its
 * own: the caller holds one. */
#pragma once

#include <stdbool.h>

#include "runtime/vocabulary/message.h"

struct engine_frames {
    struct writer writer;
    size_t start;
};

static inline void frames_pop(struct engine_frames *frames, size_t size)
{
    writer_drop(&frames->writer, &frames->start, size);
}

static inline bool frames_first(const struct engine_frames *frames, struct span *frame)
{
    const uint8_t *at;
    if (frames->start == frames->writer.length) return false;
    at = frames->writer.bytes + frames->start;
    *frame = (struct span){at, (uint32_t)message_frame_size(at, frames->writer.length - frames->start)};
    return true;
}
