/* runtime/debugger/past.h - The past of a gcxvm: its journal, applied again to a core of its own, with an onlooker.
 *
 * Opening applies the whole journal once: so it is known how far it is good, which images it runs, and what became of
 * its interactions. Nothing is written to it; a gcxvm may be writing it meanwhile. Owns store, images and that core.
 *
 *     batches    | removed |   beginning ................................. last |   broken, or not written yet
 *     core       |         |   snapshot's, or a new one                    end  |
 *     checkpoints|         |   o            o        o    o   o  o o oo  <- dense near the present, sparse far away
 *
 * Going back would begin at the beginning each time. So a play leaves checkpoints behind: the core's snapshot and what
 * its observer knew (past_keeper). The next play begins at the last one that the observer can use. Their number and
 * their bytes are bounded; the one goes that lies closest to its neighbours, measured by its distance from the present.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "runtime/core/read/read.h"
#include "runtime/sim/sim.h"

struct past;
struct journal_head;

/* `path`: the folder of the journal, or its file. `binding` as sim_tests_open has it; it lives as long as the past.
 * `wall_us`: somebody looks for what was at that time of the wall clock, so it begins at the newest snapshot from
 * before, where there is one; 0: the whole journal. NULL and why: there is no journal, or nothing of it can be applied.
 */
struct past *past_open_at(const char *path, int64_t wall_us, const struct sim_binding *binding, struct error *);
/* The same, from the newest snapshot on; `name`: the newest one before which the interaction or ConnID had not come, so
 * that all of it is there. Without such a snapshot, the whole journal. NULL: it does not matter what came before. */
struct past *past_open_near(const char *path, const struct sim_binding *binding, const char *name, struct error *);
void past_close(struct past *);

/* Why the rest of the journal cannot be applied; NULL: all of it can. */
const char *past_broken(const struct past *);
/* How many keys of secrets in it are erased: those secrets are stars, and what follows from them may be otherwise. */
uint64_t past_hidden(const struct past *);
uint64_t past_removed(const struct past *);          /* those up to this one are only in a snapshot; 0: all are there */
uint64_t past_batches(const struct past *);          /* how many can be applied */
const struct image *past_image(const struct past *); /* the image that the journal used last */
const struct image *past_image_named(const struct past *, const uint8_t *hash); /* NULL: it is not there */
/* The interactions in order of arrival, as they are at the end; borrowed. Among the ended ones only the last 10,000 are
 * kept. */
const struct interaction_row *past_interactions(const struct past *, size_t *count);
/* The wall clock at the journal's end minus the logical time, in microseconds. */
int64_t past_clock(const struct past *);

/* Sets another version of the strategies, for twin.h; the past owns it from now on. NULL with the reason: it is
 * refused. */
const struct image *past_compare(struct past *, struct image *, struct error *);
const struct image *past_with(const struct past *); /* NULL: none was given */
struct batches *past_store(const struct past *);
bool past_skipped(const struct past *); /* it begins at a snapshot only because that is near to what is looked for */
/* Another reader of the same, for one who reads while a play stands at a batch of the first; the caller closes it. */
struct batches *past_store_again(const struct past *, struct error *);
const struct core_options *past_options(const struct past *);
/* A core before the first batch that can be applied, which the head says: batch 1, or where batches were removed, the
 * one behind the oldest snapshot. `options` are those of past_options(), or differ from them in what the host answers.
 */
struct core *past_begin(const struct past *, const struct core_options *options, struct journal_head *);
/* As past_begin(), before the first batch that is still there. */
struct core *past_begin_first(const struct past *, const struct core_options *, struct journal_head *);
/* From now on it is played as if this interaction alone had run the other version, and the others had not. */
void past_alone(struct past *, uint64_t interaction);
/* A gcxvm writes it meanwhile: past_catch_up applies what was written since, and past_end is the core behind it. False:
 * nothing was. A play asks `more` at its end, and goes on where that is true. */
bool past_catch_up(struct past *);
const struct core *past_end(const struct past *);
void past_follow(struct past *, bool (*more)(void *self), void *self);

/* From now on only what concerns this interaction and its call comes into the timeline. */
void past_only(struct past *, const struct interaction_row *);
/* An observer's knowledge between two batches: checkpoints hold it beside the core, so that a later play can begin
 * there instead of at the beginning. */
struct past_keeper {
    void *self;
    void *(*keep)(void *self, size_t *size);          /* as it is now; malloc'ed, freed by the past */
    bool (*fits)(const void *self, const void *kept); /* may this play begin at that checkpoint? */
    void (*take)(void *self, const void *kept);       /* this play begins at that checkpoint */
};

/* Applies the journal again. The onlooker's `asked` is not called. Without a keeper (NULL) there are no checkpoints. */
void past_play(struct past *, const struct sim_onlooker *, const struct past_keeper *, const struct sim_report *);
