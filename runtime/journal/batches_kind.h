/* runtime/journal/batches_kind.h - The operations that each kind of store implements. Internal to the room.
 *
 * batches.c has what is common: the lock (images come from the core's thread, appends from the journal's), the last
 * number, and that nothing is tried after a failure. */
#pragma once

#include "runtime/journal/batches.h"

struct batches_kind {
    /* As batches_append; `*gave_up` is set to true if the batch needed the space of the reserve. */
    enum append_result (*append)(void *self, uint64_t number, struct span batch, bool *gave_up, struct error *);
    bool (*read)(void *self, uint64_t number, struct span *batch, struct error *);
    bool (*put_image)(void *self, const uint8_t hash[32], struct span bytes, struct error *);
    bool (*get_image)(void *self, const uint8_t hash[32], struct span *bytes, struct error *);
    bool (*image_at)(void *self, uint64_t index, uint8_t hash[32]); /* NULL: it is followed */
    /* As batches_look: finds the first and the last batch. NULL: the store is not followed. */
    bool (*look)(void *self, uint64_t *first, uint64_t *last, struct error *);
    /* As batches_prune; sets `first` to the oldest batch left. NULL: the store is followed. */
    bool (*prune)(void *self, uint64_t *first, uint64_t below, uint64_t within_us, struct error *);
    bool (*copy)(void *self, const char *path, struct error *); /* as batches_copy; NULL: the store is not followed */
    /* `pass` stores an event that replays skip, as batches_pass does; `passes` reads all that were stored, and
     * returns how many. NULL: nothing is kept. */
    bool (*pass)(void *self, const struct batches_pass *, struct error *);
    uint32_t (*passes)(void *self, struct batches_pass rows[BATCHES_PASSES_MAX]);
    /* as batches_shrink; NULL: the store is followed, or has no file of its own */
    bool (*shrink)(void *self, struct error *);
    void (*size)(void *self, uint64_t *bytes, uint64_t *free); /* NULL: not known */
    /* as batches_there, from any thread; NULL: the files are always there */
    bool (*there)(const void *self, struct error *);
    /* As batches_copies; `*deposed` is set to true if another process leads. NULL: there is one copy, and no other
     * process can lead. */
    unsigned (*copies)(void *self, bool *deposed, bool *more);
    bool (*archive_fails)(void *self); /* as batches_archive_fails; NULL: the store has no log to archive */
    /* As the functions of the same names in batches.h; NULL: another process cannot take over the store this way. */
    enum append_result (*take)(void *self, uint64_t number, struct span batch, struct error *);
    void (*sign)(void *self, struct batches_sign *);
    void (*hear)(void *self, unsigned within_ms);
    void (*stands)(void *self, uint64_t number); /* as batches_stands; NULL: the store need not know */
    bool (*beat)(void *self, bool *deposed);
    bool (*leave)(void *self, struct error *);
    size_t (*nodes)(void *self, struct batches_node *nodes);
    uint64_t (*silent_us)(void *self);    /* as batches_silent_us; NULL: there is no database */
    uint64_t (*led_until_us)(void *self); /* as batches_led_until_us; NULL: no other process can lead */
    void (*close)(void *self);
};

/* Makes a durable SQLite journal with its end mark in that folder: it gets the batches `first` to `last` of another
 * kind's store, unchanged. */
bool batches_fill_sqlite(const char *folder, const struct batches_kind *from, void *self, uint64_t first, uint64_t last,
                         struct error *);

/* Makes a store from the operations of its kind. The store owns `keys` from now on; NULL: there are none. */
struct batches *batches_new(const struct batches_kind *, void *self, uint64_t first, uint64_t last, struct keys *keys);
