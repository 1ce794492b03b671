/* tests/fuzz/frames.h - Frames made of what the input chooses, by the tables of the vocabulary: canonical, so that they
 * get past the codec, with values that make sense or none. */
#pragma once

#include "runtime/vocabulary/message.h"
#include "tests/fuzz/fuzz.h"

enum { SEEN = 8 };

/* The newest numbers seen, which an answer can name. */
struct seen {
    uint64_t ixn[SEEN], ref[SEEN], conn[SEEN];
    unsigned count;
};
void seen_add(struct seen *, const struct message *);

/* One frame, valid until the next of this writer; `seq` 0: any. */
struct span frame_made(struct input *, struct writer *, unsigned kind, uint64_t source, uint64_t seq,
                       const struct seen *);
/* A kind that an adapter, the core, or anybody may send. */
unsigned frame_kind_event(struct input *);
unsigned frame_kind_effect(struct input *);
unsigned frame_kind_control(struct input *);

/* Whole frames, one after another, each as the codec wants it; notes what they name. */
void frames_check(struct span frames, struct seen *);
