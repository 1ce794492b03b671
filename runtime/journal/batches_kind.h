/* runtime/journal/batches_kind.h - The operations of a store. Internal to the room.
 *
 * batches.c holds what is common: the lock (images come from the core's thread, appends from the journal's), the last
 * number, and that nothing is tried after a failure. */
#pragma once

#include "runtime/journal/batches.h"

struct batches_kind {
    /* `*gave_up` becomes true where the batch has needed the reserve. */
    enum append_result (*append)(void *self, uint64_t number, struct span batch, bool *gave_up, struct error *);
    bool (*read)(void *self, uint64_t number, struct span *batch, struct error *);
    bool (*put_image)(void *self, const uint8_t hash[32], struct span bytes, struct error *);
    bool (*get_image)(void *self, const uint8_t hash[32], struct span *bytes, struct error *);
    bool (*image_at)(void *self, uint64_t index, uint8_t hash[32]); /* NULL: it is followed */
    /* Which batches there are; NULL: it is not followed. */
    bool (*look)(void *self, uint64_t *first, uint64_t *last, struct error *);
    /* As batches_prune; `first` is then the oldest that is there. NULL: it is followed. */
    bool (*prune)(void *self, uint64_t *first, uint64_t below, uint64_t within_us, struct error *);
    bool (*copy)(void *self, const char *path, struct error *); /* NULL: it is not followed */
    /* As batches_pass, and what was written so far; returns how many. NULL: nothing is kept. */
    bool (*pass)(void *self, const struct batches_pass *, struct error *);
    uint32_t (*passes)(void *self, struct batches_pass rows[BATCHES_PASSES_MAX]);
    bool (*shrink)(void *self, struct error *);                /* NULL: it is followed, or has none */
    void (*size)(void *self, uint64_t *bytes, uint64_t *free); /* NULL: not known */
    bool (*there)(const void *self, struct error *);           /* as batches_there, from any thread; NULL: always */
    /* As batches_copies; `*deposed` becomes true where another process leads. NULL: one, and nobody can. */
    unsigned (*copies)(void *self, bool *deposed, bool *more);
    bool (*archive_fails)(void *self); /* as the last look of `copies` has found; NULL: it has none */
    /* As the functions of batches.h of those names; NULL: nobody follows in that way. */
    enum append_result (*take)(void *self, uint64_t number, struct span batch, struct error *);
    void (*sign)(void *self, struct batches_sign *);
    void (*hear)(void *self, unsigned within_ms);
    void (*stands)(void *self, uint64_t number); /* NULL: it tells nobody where the follower is */
    bool (*beat)(void *self, bool *deposed);
    bool (*leave)(void *self, struct error *);
    size_t (*nodes)(void *self, struct batches_node *nodes);
    uint64_t (*silent_us)(void *self);    /* as batches_silent_us; NULL: it answers always */
    uint64_t (*led_until_us)(void *self); /* as batches_led_until_us; NULL: nobody else can lead */
    void (*close)(void *self);
};

/* Writes the rows of another kind's store, as they are, from batch `first` to `last`, as a journal in that folder,
 * durable, with its mark. */
bool batches_fill_sqlite(const char *folder, const struct batches_kind *from, void *self, uint64_t first, uint64_t last,
                         struct error *);

/* `keys`: now the store's; NULL: it has none. */
struct batches *batches_new(const struct batches_kind *, void *self, uint64_t first, uint64_t last, struct keys *keys);
