/* runtime/core/twin.c - Applies batches to a core and to its twin, which was loaded from the core's snapshot.
 *
 * Before each batch the core is saved and a twin is loaded from the saved bytes, and both apply the batch.
 *
 *     core  --save--> bytes --load-->  twin
 *       |                               |
 *     batch                           batch
 *       |                               |
 *     effects, bytes  == compared ==  effects, bytes
 *
 * Whatever the core knows and does not save shows as a difference between the two. */
#include "runtime/core/twin.h"

#include <string.h>

#include "vm/memory.h"
#include "runtime/core/base/state.h"
#include "runtime/core/check.h"
#include "runtime/core/site/program.h"
#include "runtime/core/snapshot.h"

/* Passes effects on to a sink, if there is one, and keeps them as bytes. */
struct tee {
    const struct effect_sink *sink;
    struct buffer sent;
};

static void tee_effect(void *self, struct span frame)
{
    struct tee *tee = self;
    buffer_put(&tee->sent, frame.bytes, frame.length);
    if (tee->sink) tee->sink->effect(tee->sink->self, frame);
}

static bool twin_put_bytes(void *self, const void *bytes, size_t length)
{
    buffer_put(self, bytes, length);
    return true;
}

static struct buffer twin_saved(struct core *core)
{
    struct buffer bytes = {0};
    core_save(core, twin_put_bytes, &bytes);
    return bytes;
}

/* True: two snapshots, or the effects of two cores, are equal; otherwise writes where they differ first. */
static bool twin_buffers_are_same(const struct buffer *ours, const struct buffer *theirs, const char *what,
                                  struct error *error)
{
    size_t shorter = ours->length < theirs->length ? ours->length : theirs->length, at = 0;
    while (at < shorter && ours->bytes[at] == theirs->bytes[at]) at++;
    if (at == ours->length && at == theirs->length) return true;
    return error_set(error, ERROR_STATE, "%s differ at byte %zu of %zu and %zu", what, at, ours->length,
                     theirs->length);
}

static bool is_as_saved(struct core *twin, const struct buffer *bytes, struct error *error)
{
    struct buffer again = twin_saved(twin);
    bool good = twin_buffers_are_same(bytes, &again, "the snapshots of a core and of the one that was loaded", error);
    buffer_free(&again);
    return good;
}

static bool both_apply(struct core *core, struct core *twin, const struct batch *batch, const struct effect_sink *sink,
                       struct error *error)
{
    struct tee ours = {.sink = sink}, theirs = {0};
    core_apply(core, batch, &(struct effect_sink){tee_effect, &ours});
    core_apply(twin, batch, &(struct effect_sink){tee_effect, &theirs});
    bool good = twin_buffers_are_same(&ours.sent, &theirs.sent, "the effects of a core and of its twin", error);
    buffer_free(&ours.sent);
    buffer_free(&theirs.sent);
    if (!good) return false;
    struct buffer mine = twin_saved(core), its = twin_saved(twin);
    good = twin_buffers_are_same(&mine, &its, "the snapshots of a core and of its twin after a batch", error);
    buffer_free(&mine);
    buffer_free(&its);
    return good;
}

/* Returns an image of the core itself, since the host may not give it again. */
static const struct image *twin_image(void *self, const uint8_t hash[CORE_HASH])
{
    const struct core *core = self;
    for (uint32_t at = 0; at < core->strategies->program_count; at++)
        if (memcmp(core->strategies->programs[at].hash, hash, CORE_HASH) == 0)
            return core->strategies->programs[at].image;
    return NULL;
}

/* Applies the batch to the core, in any case, and to a twin, and compares both. The twin has no listener for
 * decisions and ends, which would be reported twice otherwise. */
bool twin_apply(struct core *core, const struct batch *batch, const struct effect_sink *sink, struct error *error)
{
    struct core_options options = core->options;
    /* The core is checked first, as a loaded core is: reading statistics moves windows up to the present, which
     * means the same but gives other bytes. */
    bool checked = core_check(core, error);
    struct buffer bytes = twin_saved(core);
    options.image = twin_image;
    options.self = core;
    options.deciding = NULL;
    options.ending = NULL;
    struct core *twin = checked ? core_load(&options, bytes.bytes, bytes.length, error) : NULL;
    bool good = twin && is_as_saved(twin, &bytes, error);
    buffer_free(&bytes);
    if (good)
        good = both_apply(core, twin, batch, sink, error);
    else
        core_apply(core, batch, sink);
    core_free(twin);
    return good;
}
