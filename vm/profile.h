/* vm/profile.h - The places of the source where strategies spend instructions, fuel, memory and time.
 *
 * It watches a VM (vm_watch): a VM without a profile pays nothing for it. One row per place and way of calls that led
 * there, so that both a table by line and the stacks of a flame graph can be made of it. Owns its rows; borrows images
 * and VM. Its rows have a limit; it counts what it leaves out. */
#pragma once

#include "vm/exec.h"

enum profile_count {
#define PROFILED(name, doc) PROFILE_##name,
#include "vm/profiled.def"
    PROFILE_COUNTS
};
enum { PROFILE_NONE = UINT32_MAX };

struct profile;
/* `beside`: of a core that must decide as without it (vm_watch); it sees only the conditions that are run anyway. */
struct profile *profile_new(bool beside);
void profile_free(struct profile *);

/* Watches that VM from now on, and nobody else does. `now` is the time by which waits are measured. */
struct profile_clock {
    const void *self;
    uint64_t (*now_us)(const void *self);
};
void profile_begin(struct profile *, struct vm *, const struct profile_clock *);
void profile_end(struct profile *); /* watches no longer; its rows stay */

struct profile_row {
    uint32_t caller;       /* the row of the place that called this one; PROFILE_NONE: none did */
    uint32_t place;        /* the same number: the same place of the source, called from elsewhere */
    uint32_t image;        /* the place's image, by its number for profile_image() */
    struct text function;  /* its name */
    struct image_place at; /* line 0: the image does not say */
    uint64_t counts[PROFILE_COUNTS];
};
/* Callers come before those that they call. False past the last. */
bool profile_row_read(const struct profile *, uint32_t index, struct profile_row *);
const struct image *profile_image(const struct profile *, uint32_t number);
uint64_t profile_left_out(const struct profile *); /* instructions and waits for which there was no row */

/* profile_write() writes the rows as bytes, profile_add() adds them to another profile, for the one image that was
 * watched. False: the bytes are no such rows. */
void profile_write(const struct profile *, void (*put)(void *self, const void *bytes, size_t length), void *self);
bool profile_add(struct profile *, const struct image *, const uint8_t *bytes, size_t length);
