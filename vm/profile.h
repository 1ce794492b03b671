/* vm/profile.h - Records where in the source strategies use instructions, fuel, memory and time.
 *
 * A profile observes a VM (vm_watch): a VM without a profile has no cost from this. There is a row per place and chain
 * of calls that led there, so that both a table by line and the stacks of a flame graph can be made. A profile owns its
 * rows and borrows images and VM. The number of rows is limited, and what is left out is counted. */
#pragma once

#include "vm/exec.h"

enum profile_count {
#define PROFILED(name, doc) PROFILE_##name,
#include "vm/profiled.def"
    PROFILE_COUNTS
};
enum { PROFILE_NONE = UINT32_MAX };

struct profile;
/* `beside`: the core must decide as without the profile (vm_watch); then only conditions that are run anyway are
 * seen. */
struct profile *profile_new(bool beside);
void profile_free(struct profile *);

/* Observes that VM from now on, as its only observer. `now` returns the time by which waits are measured. */
struct profile_clock {
    const void *self;
    uint64_t (*now_us)(const void *self);
};
void profile_begin(struct profile *, struct vm *, const struct profile_clock *);
void profile_end(struct profile *); /* stops observing; the rows are kept */

struct profile_row {
    uint32_t caller;       /* row of the place that called this one; PROFILE_NONE: none */
    uint32_t place;        /* rows with the same number have the same source place, called from different places */
    uint32_t image;        /* number of the place's image, for profile_image() */
    struct text function;  /* its name */
    struct image_place at; /* line 0: unknown in the image */
    uint64_t counts[PROFILE_COUNTS];
};
/* Reads a row; callers come before the rows that they call. False past the last. */
bool profile_row_read(const struct profile *, uint32_t index, struct profile_row *);
const struct image *profile_image(const struct profile *, uint32_t number);
uint64_t profile_left_out(const struct profile *); /* instructions and waits for which there was no row left */

/* profile_write() writes the rows as bytes, profile_add() adds such rows to another profile; only for profiles of
 * one image. False: the bytes are not such rows. */
void profile_write(const struct profile *, void (*put)(void *self, const void *bytes, size_t length), void *self);
bool profile_add(struct profile *, const struct image *, const uint8_t *bytes, size_t length);
