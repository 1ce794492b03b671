/* runtime/sim/cover.h - The parts of an image that a play has run: places of the source, ways at branches, exits of
 * steps.
 *
 * It watches the VM (vm/exec.h), so a play without a cover pays nothing. Owns its counters; borrows the image. It can
 * also make steps fail, to show how the strategy goes on. */
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

/* The watch for core_watch(); it lives as long as the cover. */
const struct vm_watch *cover_watch(struct cover *);

/* Ends of a wait point that are no codes. The handlers of strategies are exits too. */
enum {
    COVER_NO_WAIT = -1,
    COVER_ABANDONED = -2,
    COVER_ERROR = -3,
    COVER_TRANSFERRED = -4,
    COVER_MAIN_RELEASED = -5,
    COVER_SIGNAL = -6, /* the image's first handler; each next one is one less */
};

/* Makes the step at a wait point fail with that code, whenever a play meets it. COVER_ERROR makes it fail with a code
 * that nothing there catches. The other codes make something happen there once: COVER_ABANDONED lets the caller hang
 * up, COVER_TRANSFERRED lets the consulting agent leave the main call, COVER_MAIN_RELEASED lets the main call's caller
 * hang up, COVER_SIGNAL sends the signal. The last call counts. */
void cover_force(struct cover *, uint32_t wait, int32_t code);
uint64_t cover_forced(const struct cover *); /* the first interaction that met the forced step; 0: none has */
/* Did the step end as forced, or the handler run? It did not where a wait took the signal, for example. */
bool cover_came(const struct cover *);
/* The place of the wait that took the signal; false: none did. */
bool cover_took(const struct cover *, struct image_place *);
/* The play asks which of the events above a person causes now; 0: none. */
int32_t cover_happens(struct cover *);

/* The counters as bytes, and their addition to another cover of the same image; other bytes are refused. */
void cover_write(const struct cover *, void (*put)(void *self, const void *bytes, size_t length), void *self);
bool cover_add(struct cover *, const uint8_t *bytes, size_t length);

/* A place of the source where something begins: how often it was run. */
struct cover_place {
    struct image_place at;
    uint32_t count;
    bool aside; /* it is a condition on candidates or the work of a wait, which run over and over */
};
enum { COVER_OF_VALUES = -1 };

/* A branch: how often it went on behind, and at its target; each with the place that comes next there. Or an arm of a
 * segment or split, where a table leads: how often it was taken, and how often another one, which has no place. The
 * line is 0 of an arm that does nothing of its own. An arm may come several times, told by its place. */
struct cover_branch {
    struct image_place at;
    uint32_t index; /* its index among the branches of its place */
    uint32_t count[2];
    struct image_place next[2];
    int none; /* the way that is gone where there is no value, or COVER_OF_VALUES: it asks something else */
    bool arm;
};
/* An exit of a step, or of the strategy by a handler: `code` is VM_GO_ON of success. */
struct cover_exit {
    struct image_place at;
    uint32_t index; /* the step's index among those of its place */
    uint32_t wait;  /* where it can be forced; a handler has several such places, and its count is with the first */
    int32_t code;
    const char *step, *name; /* `name` is the exit's, "" for success */
    uint32_t count;
};
struct cover_reader { /* a function may be NULL */
    void *self;
    void (*place)(void *self, const struct cover_place *);
    void (*branch)(void *self, const struct cover_branch *);
    void (*exit)(void *self, const struct cover_exit *);
};
void cover_read(const struct cover *, const struct cover_reader *);

uint32_t cover_waits(const struct cover *); /* how many wait points the image has */
/* Was the step at a wait point met? */
bool cover_met(const struct cover *, uint32_t wait);

/* Made-up arguments for the handler of a signal, one of each type: 1, "x", true; of what may be none, nothing. A new
 * object, empty where it takes nothing. NULL: a value cannot be made up, as of a skill's name. */
json_t *cover_sample(const struct image *, const struct image_handler *);
