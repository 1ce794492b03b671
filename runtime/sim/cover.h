/* runtime/sim/cover.h - Which parts of an image a play has run: places of the source, directions of branches, exits
 * of steps.
 *
 * A cover watches the VM (vm/exec.h), so a play without a cover has no cost. The cover owns its counters and borrows
 * the image. A cover can also make steps fail, to show how the strategy continues then. */
#pragma once

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "vm/exec.h"
#include "vm/image.h"

struct cover;

struct cover *cover_new(const struct image *);
void cover_free(struct cover *);

/* Returns the watch for core_watch(); it is valid as long as the cover. */
const struct vm_watch *cover_watch(struct cover *);

/* Ends of a wait point that are not codes. Handlers of strategies count as exits, too. */
enum {
    COVER_NO_WAIT = -1,
    COVER_ABANDONED = -2,
    COVER_ERROR = -3,
    COVER_TRANSFERRED = -4,
    COVER_MAIN_RELEASED = -5,
    COVER_SIGNAL = -6, /* the image's first handler; each further handler has the next lower number */
};

/* Makes the step at a wait point fail with the given code, whenever a play comes to it. COVER_ERROR makes it fail
 * with a code that the strategy does not catch there. The other codes make an event happen there once:
 * COVER_ABANDONED lets the caller hang up, COVER_TRANSFERRED lets the consulting agent leave the main call,
 * COVER_MAIN_RELEASED lets the main call's caller hang up, COVER_SIGNAL sends the signal. The last call counts. */
void cover_force(struct cover *, uint32_t wait, int32_t code);
uint64_t cover_forced(const struct cover *); /* the first interaction that came to the forced step; 0: none has */
/* Did the step end as forced, or did the handler run? The handler does not run if a wait took the signal, for
 * example. */
bool cover_came(const struct cover *);
/* Finds the place of the wait that took the signal; false: none took it. */
bool cover_took(const struct cover *, struct image_place *);
/* Returns the event (COVER_ABANDONED, COVER_SIGNAL ...) that the play has to cause now; 0: none. */
int32_t cover_happens(struct cover *);

/* Writes the counters as bytes; adds such bytes to another cover of the same image, or refuses them. */
void cover_write(const struct cover *, void (*put)(void *self, const void *bytes, size_t length), void *self);
bool cover_add(struct cover *, const uint8_t *bytes, size_t length);

/* A place of the source, and how often it ran. */
struct cover_place {
    struct image_place at;
    uint32_t count;
    bool aside; /* true: a condition on candidates or the work during a wait, which run again and again */
};
enum { COVER_OF_VALUES = -1 };

/* A branch: how often it continued after itself, and at its target; each with the place that follows there. Or an
 * arm of a segment or split: how often it was taken, and how often another arm was (without a place). The line is 0
 * for an arm that does nothing of its own. An arm may be reported several times with the same place. */
struct cover_branch {
    struct image_place at;
    uint32_t index; /* the index among the branches of the same place */
    uint32_t count[2];
    struct image_place next[2];
    int none; /* the direction taken if there is no value; COVER_OF_VALUES: the branch tests something else */
    bool arm;
};
/* An exit of a step, or of the strategy through a handler: `code` is VM_GO_ON for success. */
struct cover_exit {
    struct image_place at;
    uint32_t index; /* the step's index among the steps of the same place */
    uint32_t wait;  /* the wait point where the exit can be forced; a handler is counted with the first of several */
    int32_t code;
    const char *step, *name; /* `name` of the exit, "" for success */
    uint32_t count;
};
struct cover_reader { /* callbacks, any of which may be NULL */
    void *self;
    void (*place)(void *self, const struct cover_place *);
    void (*branch)(void *self, const struct cover_branch *);
    void (*exit)(void *self, const struct cover_exit *);
};
void cover_read(const struct cover *, const struct cover_reader *);

uint32_t cover_waits(const struct cover *); /* how many wait points the image has */
/* Has a play come to the given wait point? */
bool cover_met(const struct cover *, uint32_t wait);

/* Returns made-up arguments for the handler of a signal by their types: 1, "x", true; an optional argument is left
 * out. The object is new, and empty if the handler has no arguments. NULL: a value cannot be made up, such as a
 * skill's name. */
json_t *cover_sample(const struct image *, const struct image_handler *);
