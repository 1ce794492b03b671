/* runtime/daemon/reload/reload.c - Puts in force what a load has read: makes it durable, and posts it. A routing
 * point whose strategy was activated by hand keeps it.
 *
 *     reload_begin    the loop's thread: compiles what is configured, starts the job's thread
 *     job_main        its own thread: reads the directory, compares, keeps the copy, makes images durable
 *     reload_end      the loop's thread again: posts rows and activations, then the commit
 *
 * The commit makes the core put rows and activations in force, all together or not at all. Until the core has
 * answered, the earlier load is kept (`before`): if the new one is refused, the earlier one is used again
 * (reload_refused); if it is accepted, the earlier one is freed (reload_settled). The first load of a start does all
 * of this in one call (reload_do). */
#include "runtime/daemon/reload/reload_state.h"

#include <assert.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/core/read/read.h"
#include "runtime/core/read/totals.h"
#include "runtime/core/run/arguments.h"
#include "runtime/host/real.h"
#include "runtime/journal/images.h"
#include "runtime/vocabulary/events_site.h"
#include "base/memory.h"

struct posting {
    struct engine *engine;
    uint64_t seq; /* number of the last event posted */
};

/* Posts one event of the directory, in the order of the file. */
static void reload_row_post(void *self, struct span frame)
{
    struct posting *posting = self;
    posting->seq = engine_post(posting->engine, SOURCE_ADMIN, frame);
}

struct activating {
    const char *point, *strategy;
    const uint8_t *image;
    struct span given;
    uint64_t client, req; /* the numbers that the core's reply will have; client 0: those of the load of that version */
};

/* Posts one activation, and returns the number of its event. */
static uint64_t reload_activate_image(struct engine *engine, const struct activating *activating,
                                      const struct activation_asker *asker)
{
    assert(activating->point && activating->strategy && activating->image);
    struct writer writer;
    uint64_t seq;
    writer_init(&writer);
    writer_begin(&writer, KIND_Activate);
    if (activating->client != 0) writer_u(&writer, ENVELOPE_client, activating->client);
    writer_u(&writer, ENVELOPE_req, activating->req);
    writer_text(&writer, ENVELOPE_actor, asker->actor);
    writer_text(&writer, Activate_at, activating->point);
    writer_bytes(&writer, Activate_image, (struct span){activating->image, IMAGE_HASH});
    writer_text(&writer, Activate_strategy, activating->strategy);
    writer_bytes(&writer, Activate_args, activating->given);
    writer_u(&writer, Activate_percent, 100);
    writer_text(&writer, Activate_why, asker->why);
    if (activating->client == 0) writer_u(&writer, Activate_load, activating->req);
    seq = engine_post(engine, SOURCE_ADMIN, writer_end(&writer));
    writer_free(&writer);
    return seq;
}

/* Makes an image durable in the journal before an event names it, since a replay needs it. */
static bool images_durable(const struct site_reading *reading, struct engine *engine, struct error *error)
{
    for (size_t i = 0; i < reading->conf->strategy_count; i++) {
        size_t length;
        const void *bytes = image_bytes(reading->images[i], &length);
        if (!engine_put_image(engine, image_hash(reading->images[i]), (struct span){bytes, (uint32_t)length}, error))
            return false;
    }
    return true;
}

void reload_clear(struct reload *reload)
{
    assert(reload);
    for (size_t i = 0; i < reload->active_count; i++) {
        free(reload->active[i].dn);
        free(reload->active[i].strategy);
        free(reload->active[i].configured);
        free(reload->active[i].file);
        kv_free(&reload->active[i].given);
    }
    free(reload->active);
    free(reload->images);
    free(reload->source);
    free(reload->by_hand_of);
    warnings_clear(&reload->warnings);
    names_used_free(&reload->used);
    reload_settled(reload);
    *reload = (struct reload){0};
}

void reload_settled(struct reload *reload)
{
    if (reload->before) reload_clear(reload->before);
    free(reload->before);
    reload->before = NULL;
}

void reload_refused(struct reload *reload, const struct reload_world *world)
{
    assert(reload && reload->before);
    struct reload before = *reload->before;
    before.seq = reload->seq;
    before.req = reload->req;
    memcpy(before.refused, reload->refused, sizeof before.refused);
    free(reload->before);
    reload->before = NULL;
    reload_clear(reload);
    *reload = before;
    for (size_t i = 0; i < reload->active_count; i++) reload_by_hand(reload, world, &reload->active[i]);
}

/* Copies the parameters that the directory gives a routing point's strategy: they are needed longer than the import of
 * the directory that lends them. */
static void given_copy(struct kv *to, struct span pairs)
{
    uint32_t at = 0;
    struct kv_pair pair;
    kv_init(to);
    while (kv_next(pairs, &at, &pair)) kv_put(to, pair.key, &pair.value);
}

const struct image *reload_hashed(struct programs *programs, const uint8_t hash[IMAGE_HASH])
{
    const struct image *image;
    for (size_t i = 0; (image = images_at(programs_images(programs), i)); i++)
        if (memcmp(image_hash(image), hash, IMAGE_HASH) == 0) return image;
    return NULL;
}

/* Puts an image in force at the point that no file of the configuration has. */
static void active_set(struct active *active, const uint8_t image[IMAGE_HASH], const char *strategy)
{
    memcpy(active->image, image, IMAGE_HASH);
    free(active->strategy);
    free(active->file);
    active->strategy = memory_text(strategy);
    active->file = memory_text("");
    active->by_hand = true;
}

/* Applies the activation by hand; if its image is gone, the configuration's strategy stays in force, with a warning. */
static void reload_by_file(struct reload *reload, const struct reload_world *world, struct active *active)
{
    struct activation activation;
    const struct image *image;
    if (!world->activations || !activations_get(world->activations, active->dn, &activation)) return;
    image = reload_hashed(world->programs, activation.image);
    if (!image || !image_strategy_named(image, activation.strategy, (uint32_t)strlen(activation.strategy))) {
        warnings_add(&reload->warnings,
                     "routing point %.64s: the image that %.64s activated is gone; the configuration's is in force",
                     active->dn, activation.actor);
        return;
    }
    active_set(active, activation.image, activation.strategy);
}

void reload_by_hand(struct reload *reload, const struct reload_world *world, struct active *active)
{
    assert(active->dn);
    uint8_t image[IMAGE_HASH];
    char strategy[NAME_MAX_BYTES + 1];
    reload_by_file(reload, world, active);
    if (reload_rolled_out(world, active, image, strategy) && reload_hashed(world->programs, image))
        active_set(active, image, strategy);
}

/* Makes the activation with the directory's parameters for this routing point that this strategy has: one activated
 * by hand may have other parameters. `taken` is the caller's. */
static struct activating activating_of(const struct reload_world *world, const struct active *active, struct kv *taken)
{
    const struct image *image = reload_hashed(world->programs, active->image);
    kv_init(taken);
    if (image)
        arguments_select(image, image_strategy_named(image, active->strategy, (uint32_t)strlen(active->strategy)),
                         kv_span(&active->given), taken);
    return (struct activating){
        .point = active->dn, .strategy = active->strategy, .image = active->image, .given = kv_span(taken)};
}

uint64_t reload_activate_point(const struct reload_world *world, const struct active *active, uint64_t client,
                               uint64_t req, const struct activation_asker *asker)
{
    struct kv taken;
    struct activating activating = activating_of(world, active, &taken);
    activating.client = client;
    activating.req = req;
    uint64_t seq = reload_activate_image(world->engine, &activating, asker);
    kv_free(&taken);
    return seq;
}

/* The activations that the core already has. */
struct activated {
    const struct reload_world *world;
    const struct reload *reload;
    bool *already; /* per row of reload->active */
};

/* Finds out which activations the core already has; runs on the core's thread, while the caller waits. */
static void activated_look(void *self, struct core *core)
{
    struct activated *look = self;
    for (size_t i = 0; i < look->reload->active_count; i++) {
        struct kv taken;
        struct activating is = activating_of(look->world, &look->reload->active[i], &taken);
        struct point_row row;
        look->already[i] = core_point_at(core, span_of(is.point), &row) && row.image && row.percent == 100 &&
                           memcmp(row.image, is.image, IMAGE_HASH) == 0 && span_is(row.strategy, is.strategy) &&
                           span_equal(row.given, is.given);
        kv_free(&taken);
    }
}

/* Posts the activations that the core does not have. */
static void post_activations(const struct site_reading *reading, const struct reload_world *world,
                             const struct activation_asker *asker, const struct reload *reload, struct posting *posting)
{
    struct activated look = {world, reload, memory_zeroed(reload->active_count, sizeof *look.already)};
    engine_read(world->engine, activated_look, &look);
    for (size_t i = 0; i < reload->active_count; i++)
        if (!look.already[i])
            posting->seq = reload_activate_point(world, &reload->active[i], 0, reading->kept.version, asker);
    free(look.already);
}

/* Posts the rows that the core lacks: the differing ones, all, or none. */
static void post_rows(const struct site_reading *reading, const struct activation_asker *asker, struct posting *posting)
{
    if (reading->differs_from)
        import_differing_events(reading->differs_from, reading->directory, reading->kept.version, asker->actor,
                                reload_row_post, posting);
    else if (!reading->same)
        import_events(reading->directory, reading->kept.version, asker->actor, reload_row_post, posting);
}

/* The commit puts all rows and activations in force together, or none of them. Nothing that the core already has is
 * posted again: a load of what is in force posts nothing. */
static void post_all(struct site_reading *reading, const struct reload_world *world,
                     const struct activation_asker *asker, struct reload *reload)
{
    struct posting posting = {world->engine, 0};
    struct import_point point;
    uint64_t version = reading->kept.version;
    struct reload *before = memory_zeroed(1, sizeof *before);
    reload_settled(reload);
    *before = *reload;
    *reload = (struct reload){.before = before};
    reload->version = version;
    reload->source = memory_text(reading->kept.source);
    reload->by_hand_of = reading->kept.by_hand ? memory_text(reading->kept.actor) : NULL;
    reload->rows = import_count(reading->directory);
    reload->active = memory_zeroed(reading->points, sizeof *reload->active);
    reload->images = reading->images;
    reload->image_count = reading->conf->strategy_count;
    reading->images = NULL;
    reload->warnings = reading->warnings;
    reading->warnings = (struct warnings){0};
    reload->used = reading->used;
    reading->used = (struct names_used){0};
    reload->kept = reading->keeps;
    reload->req = version;
    for (size_t i = 0; import_point(reading->directory, i, &point); i++) {
        struct active *active = &reload->active[reload->active_count++];
        *active = (struct active){.dn = memory_text(point.dn),
                                  .strategy = memory_text(point.strategy),
                                  .configured = memory_text(point.strategy),
                                  .file = memory_text(reading->conf->strategies[reading->place[i]])};
        memcpy(active->image, image_hash(reload->images[reading->place[i]]), IMAGE_HASH);
        given_copy(&active->given, point.given);
        reload_by_hand(reload, world, active);
    }
    post_rows(reading, asker, &posting);
    post_activations(reading, world, asker, reload, &posting);
    if (posting.seq == 0 && !reading->keeps) {
        reload->seq = before->seq;
        return;
    }
    struct import_commit commit = {.version = version,
                                   .actor = asker->actor,
                                   .why = asker->why,
                                   .whole = !reading->same && !reading->differs_from};
    memcpy(commit.hash, reading->hash, sizeof commit.hash);
    import_commit(&commit, reload_row_post, &posting);
    reload->seq = posting.seq;
}

/* Gives the directory that was read a version: the time now, or one more than the version before. */
static void version_set(struct site_reading *reading, uint64_t before)
{
    uint64_t now = host_wall_clock_us();
    reading->kept.version = now > before ? now : before + 1;
    if (!reading->kept.by_hand || reading->kept.at_us == 0) reading->kept.at_us = now;
}

/* Keeps a copy of a directory that comes into force. The copy of a directory that was imported by hand must be kept,
 * since the next start reads it; a directory that the configuration names is read again. */
static bool directory_keep(struct site_reading *reading, struct error *error)
{
    struct error why = {0};
    if (!reading->keeps) return true;
    if (kept_write(reading->directory, reading->conf->state, &reading->kept, &why)) return true;
    if (reading->kept.by_hand)
        *error = why;
    else
        reading_warn(reading, "%s: `gcxctl directory` cannot say what is in force", why.text);
    return !reading->kept.by_hand;
}

/* On the core's thread. */
static void reload_status_look(void *self, struct core *core)
{
    core_status(core, self);
}

static void reload_in_force_read(struct site_reading *reading, const struct reload_world *world)
{
    struct core_status status;
    engine_read(world->engine, reload_status_look, &status);
    reading->version = status.directory;
    memcpy(reading->in_force, status.rows_hash, sizeof reading->in_force);
}

bool reload_do(struct reload *reload, const struct reload_world *world, const struct activation_asker *asker,
               struct error *error)
{
    assert(reload && world && asker && asker->actor);
    struct site_reading reading;
    reading_from(&reading, world->conf, asker, NULL);
    version_set(&reading, world->version);
    bool good = reading_images(&reading, world->programs, error);
    reading.starts = true;
    reload_in_force_read(&reading, world);
    good = good && reading_directory(&reading, NULL, error);
    if (good) reading_compare(&reading, NULL);
    good = good && directory_keep(&reading, error) && images_durable(&reading, world->engine, error);
    if (good) post_all(&reading, world, asker, reload);
    reading_free(&reading);
    return good;
}

struct reload_job {
    struct site_reading reading; /* used by the load's thread alone until `ready` is called */
    struct engine *engine;
    char *actor, *why;
    struct difference *difference; /* if the load only compares: the changes that it would make; else NULL */
    bool if_changed, same;
    pthread_t thread;
    atomic_bool stop;
    bool good;
    struct error error;
    void (*ready)(void *self);
    void *self;
};

bool reload_only_looks(const struct reload_job *job)
{
    return job->difference || job->same;
}

bool reload_finds_same(const struct reload_job *job)
{
    return job->same;
}

/* The thread of a load: its slow part, which touches nothing that other threads use. */
static void *job_main(void *argument)
{
    struct reload_job *job = argument;
    struct site_reading *reading = &job->reading;
    struct difference found = {0}, *difference = job->difference ? job->difference : &found;
    job->good = reading_directory(reading, &job->stop, &job->error);
    if (job->good && (job->difference || job->if_changed))
        job->good = difference_make(difference, reading->directory, reading->conf->state, &job->error);
    job->same = job->good && job->if_changed && difference->added + difference->removed + difference->changed == 0;
    if (job->good && !reload_only_looks(job)) reading_compare(reading, &job->stop);
    if (job->good && !reload_only_looks(job))
        job->good = directory_keep(reading, &job->error) && images_durable(reading, job->engine, &job->error);
    job->ready(job->self);
    return NULL;
}

static void reload_job_free(struct reload_job *job)
{
    reading_free(&job->reading);
    free(job->actor);
    free(job->why);
    free(job);
}

/* Refuses images that differ from those in force while a freeze is on; the directory may have changed. */
static bool reload_thawed(const struct site_reading *reading, const struct reload_world *world, struct error *error)
{
    char ends[FREEZE_TEXT];
    const struct reload *frozen = world->frozen;
    size_t i = 0;
    if (!frozen || frozen->image_count != world->conf->strategy_count) return true;
    while (i < frozen->image_count &&
           memcmp(image_hash(frozen->images[i]), image_hash(reading->images[i]), IMAGE_HASH) == 0)
        i++;
    if (i == frozen->image_count || !freeze_now(&world->conf->frozen, (int64_t)host_wall_clock_us(), ends)) return true;
    return error_set(error, ERROR_STATE,
                     "a freeze is on until %s, and %.100s has another version: put the file of before back, or `gcxctl "
                     "reload --despite-freeze --why TEXT` as an admin",
                     ends, world->conf->strategies[i]);
}

/* Begins a load, or one that only finds out the changes. `ready` is called on the job's thread. */
struct reload_job *reload_begin(const struct reload_world *world, const struct activation_asker *asker,
                                const struct reload_from *from, void (*ready)(void *self), void *self,
                                struct error *error)
{
    assert(world && asker && asker->actor && ready);
    struct reload_job *job = memory_zeroed(1, sizeof *job);
    *job = (struct reload_job){.engine = world->engine, .ready = ready, .self = self};
    job->actor = memory_text(asker->actor);
    job->why = asker->why ? memory_text(asker->why) : NULL;
    job->difference = from ? from->difference : NULL;
    job->if_changed = from && from->if_changed;
    reading_from(&job->reading, world->conf, asker, from);
    version_set(&job->reading, world->version);
    reload_in_force_read(&job->reading, world);
    bool begun = reading_images(&job->reading, world->programs, error) &&
                 (job->difference || reload_thawed(&job->reading, world, error));
    job->reading.before = world->used;
    if (begun && pthread_create(&job->thread, NULL, job_main, job) != 0) {
        error_set(error, ERROR_SYSTEM, "no thread for the directory can be had; try again");
        begun = false;
    }
    if (begun) {
        pthread_setname_np(job->thread, "gcx-reload");
        return job;
    }
    reload_job_free(job);
    return NULL;
}

/* The job is ready: puts in force what it has read, unless it only compares. */
bool reload_end(struct reload_job *job, struct reload *reload, const struct reload_world *world, struct error *error)
{
    assert(job && reload && world);
    bool good;
    pthread_join(job->thread, NULL);
    good = job->good;
    if (good && !job->difference && !job->same)
        post_all(&job->reading, world, &(struct activation_asker){job->actor, job->why}, reload);
    if (!good) *error = job->error;
    reload_job_free(job);
    return good;
}

void reload_cancel(struct reload_job *job)
{
    if (!job) return;
    atomic_store(&job->stop, true);
    pthread_join(job->thread, NULL);
    reload_job_free(job);
}
