/* runtime/debugger/past.h - The past of a gcxvm: its journal, applied again to a separate core, with an observer.
 *
 * Opening applies the whole journal once, to learn how far it is good, which images it runs, and what became of its
 * interactions. The journal is only read; a gcxvm may be writing it meanwhile. The past owns the store, the images
 * and the core at the journal's end.
 *
 *     batches    | removed |   beginning ................................. last |   broken, or not written yet
 *     core       |         |   snapshot's, or a new one                    end  |
 *     checkpoints|         |   o            o        o    o   o  o o oo  <- dense near the present, sparse far away
 *
 * Without checkpoints, going back would apply the journal from its beginning each time. To avoid that, each play makes
 * checkpoints: the core's snapshot and what its observer knew then (past_keeper). The next play begins at the last one
 * that the observer can use. The number and the bytes of checkpoints are bounded; if there are too many, the checkpoint
 * is dropped that is closest to its neighbours relative to its distance from the present. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "runtime/core/read/read.h"
#include "runtime/sim/sim.h"

struct past;
struct journal_head;

/* `path`: the folder of the journal, or its file. `binding` as sim_tests_open has it; it lives as long as the past.
 * `wall_us`: a time of the wall clock that is looked for, so the past begins at the newest snapshot from before, if
 * there is one; 0: the whole journal. NULL with the reason: there is no journal, or nothing of it can be applied. */
struct past *past_open_at(const char *path, int64_t wall_us, const struct sim_binding *binding, struct error *);
/* As past_open_at(), but from the newest snapshot on; with a `name`, from the newest snapshot before the interaction or
 * ConnID of that name came, so that the past contains all of the interaction. If there is no such snapshot, the past is
 * the whole journal. `name` NULL: earlier events do not matter. */
struct past *past_open_near(const char *path, const struct sim_binding *binding, const char *name, struct error *);
void past_close(struct past *);

/* Returns why the rest of the journal cannot be applied; NULL: all of it can. */
const char *past_broken(const struct past *);
/* Returns how many keys of secrets are erased: those secrets are shown as stars, and what depends on them may differ
 * from the original run. */
uint64_t past_hidden(const struct past *);
uint64_t past_removed(const struct past *);          /* batches up to this number are only in a snapshot; 0: none */
uint64_t past_batches(const struct past *);          /* how many batches can be applied */
const struct image *past_image(const struct past *); /* the image that the journal used last */
/* returns the image with this hash; NULL: the journal has none */
const struct image *past_image_named(const struct past *, const uint8_t *hash);
/* Returns the interactions in order of arrival, with their state at the end; borrowed. Of ended interactions only
 * the last 10,000 are kept. */
const struct interaction_row *past_interactions(const struct past *, size_t *count);
/* Returns the wall clock at the journal's end minus the logical time, in microseconds. */
int64_t past_clock(const struct past *);

/* Sets another version of the strategies to compare with (twin.h); the past owns the image from now on. NULL with
 * the reason: it is refused. */
const struct image *past_compare(struct past *, struct image *, struct error *);
/* As past_compare(), with an image that the journal has. */
const struct image *past_compare_named(struct past *, const uint8_t *hash, struct error *);
const struct image *past_with(const struct past *); /* NULL: none was given */
struct batches *past_store(const struct past *);
/* true: older batches exist, but the past begins at a snapshot near the moment looked for */
bool past_skipped(const struct past *);
/* Opens another reader of the same store, for reading while a play is stopped at a batch of the first reader; the
 * caller closes it. */
struct batches *past_store_again(const struct past *, struct error *);
const struct core_options *past_options(const struct past *);
/* Returns a core before the first batch that can be applied, whose number is in the head: batch 1, or if batches
 * were removed, the one after the oldest snapshot. `options` are those of past_options(), or differ from them in
 * what the host answers. */
struct core *past_begin(const struct past *, const struct core_options *options, struct journal_head *);
/* Returns a core as past_begin() does, but before the first batch that the journal still has. */
struct core *past_begin_first(const struct past *, const struct core_options *, struct journal_head *);
/* From now on plays run the other version for this interaction alone, and the old one for all others. */
void past_alone(struct past *, uint64_t interaction);
/* From now on plays run this interaction apart from the others, on its own image, so that a value may be set in it. If
 * it then does something that the journal does not have, it gets no answer. NULL: ends this. The journal is not
 * changed. */
void past_fork(struct past *, uint64_t interaction, const struct image *);
bool past_forked(const struct past *);
/* For a journal that a gcxvm is still writing: past_catch_up applies what was written since the last call, and
 * past_end is the core after it. False: nothing was. At its end a play calls `more`, and goes on if that returns
 * true. */
bool past_catch_up(struct past *);
const struct core *past_end(const struct past *);
void past_follow(struct past *, bool (*more)(void *self), void *self);

/* From now on the timeline contains only what concerns this interaction and its call. */
void past_only(struct past *, const struct interaction_row *);
/* What an observer knows between two batches: checkpoints contain it together with the core, so that a later play
 * can begin there instead of at the beginning. */
struct past_keeper {
    void *self;
    /* returns the observer's knowledge; malloc'ed, freed by the past */
    void *(*keep)(void *self, size_t *size);
    bool (*fits)(const void *self, const void *kept); /* may this play begin at that checkpoint? */
    void (*take)(void *self, const void *kept);       /* begins this play at that checkpoint */
};

/* Applies the journal again. The onlooker's `asked` is not called. Without a keeper (NULL) there are no checkpoints. */
void past_play(struct past *, const struct sim_onlooker *, const struct past_keeper *, const struct sim_report *);
