/* runtime/debugger/past_state.h - The struct of a past, shared by past.c and past_play.c. */
#pragma once

#include "runtime/debugger/past.h"
#include "runtime/journal/replay.h"

enum { PATH_BYTES = 1024, CHECKPOINTS_MAX = 32 };

/* A checkpoint: a position at which a play can begin. */
struct checkpoint {
    struct journal_head head;
    uint8_t *core; /* the core as core_save() has written it */
    size_t length;
    void *kept; /* the observer's knowledge as its keeper returned it; NULL: none */
    size_t kept_size;
};

struct past {
    struct batches *store;
    char folder[PATH_BYTES];
    struct journal_head beginning;
    uint8_t *begins; /* the core at `beginning`, saved; NULL: a new core */
    size_t begins_length;
    bool skipped; /* older batches exist but are not applied */
    struct images *images;
    const struct sim_binding *binding; /* or NULL */
    struct core_options options;
    struct core *end;         /* the core after the last good batch */
    uint64_t last;            /* number of the last good batch */
    struct journal_head head; /* the journal's head after the last good batch */
    bool (*more)(void *self); /* called at the end of a journal that is still written; else NULL */
    void *more_self;
    struct error broken;
    struct error no_image; /* the error for an image of the journal that cannot be had */
    struct interaction_row *rows;
    size_t row_count;
    /* the timeline has only this interaction and its call; 0: all */
    uint64_t only_ixn, only_conn;
    const struct image *with; /* another version; NULL: none */
    bool forked;              /* `with` is the image that ran, so that a value can be set */
    /* the only interaction that runs the other version; 0: no interaction is alone */
    uint64_t alone;
    struct checkpoint checkpoints[CHECKPOINTS_MAX + 1]; /* sorted by batch number */
    size_t checkpoint_count, checkpoint_bytes;
    uint64_t each;       /* events between two checkpoints */
    bool no_checkpoints; /* no more checkpoints are made, as one could not be loaded */
};

uint8_t *past_saved(struct core *, size_t *length);
void past_forget_checkpoint(struct past *, size_t index);
void past_forget_checkpoints(struct past *);
