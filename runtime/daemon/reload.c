/* runtime/daemon/reload.c - Reads directory and images, joins them at the routing points, posts the outcome. What was
 * activated by hand stays so. */
#include "config.h"
#include "runtime/daemon/reload.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/core/given.h"
#include "runtime/core/read.h"
#include "runtime/daemon/import.h"
#include "runtime/daemon/import_check.h"
#include "runtime/host/real.h"
#include "runtime/journal/images.h"
#include "runtime/vocabulary/memory.h"
#include "runtime/vocabulary/rows.h"

struct reading {
    const struct conf *conf;
    struct import *directory;
    const struct image **images; /* one for each file of the configuration */
    size_t *place;               /* of each routing point: which of them has its strategy */
    size_t points;
};

static void reading_free(struct reading *reading)
{
    import_free(reading->directory);
    free(reading->images);
    free(reading->place);
}

/* A line of the configuration, "gcx.conf:2"; for messages. */
static const char *line_named(const struct conf *conf, int line, char text[160])
{
    if (line > 0)
        snprintf(text, 160, "%.140s:%d", conf->file, line);
    else
        snprintf(text, 160, "%.140s", conf->file);
    return text;
}

/* Where it names its image of that place. */
static const char *place_named(const struct conf *conf, size_t place, char text[160])
{
    return line_named(conf, place < conf->strategy_count ? conf->strategy_lines[place] : 0, text);
}

/* The one file that has the strategy. */
static bool strategy_find(struct reading *reading, const struct import_point *point, size_t *place, struct error *error)
{
    const struct conf *conf = reading->conf;
    uint32_t length = (uint32_t)strlen(point->strategy);
    bool found = false;
    char at[160];
    for (size_t i = 0; i < conf->strategy_count; i++) {
        if (image_strategy_named(reading->images[i], point->strategy, length) == NULL) continue;
        if (found && reading->images[*place] != reading->images[i]) {
            error_set(error, ERROR_INPUT, "strategy %s of routing point %s is in %s and in %s", point->strategy,
                      point->dn, conf->strategies[*place], conf->strategies[i]);
            return false;
        }
        found = true;
        *place = i;
    }
    if (!found)
        error_set(error, ERROR_UNKNOWN,
                  "%s: table routing_point, row %s: strategy %s is in no image of the configuration; expected one in "
                  "`strategies`, %s",
                  conf->directory, point->dn, point->strategy, place_named(conf, 0, at));
    return found;
}

/* Can the strategy begin with what the directory gives it? */
static bool given_good(const struct reading *reading, const struct import_point *point, size_t place,
                       struct error *error)
{
    const struct image *image = reading->images[place];
    const struct image_strategy *strategy =
        image_strategy_named(image, point->strategy, (uint32_t)strlen(point->strategy));
    struct span name;
    enum given_fault fault = given_check(image, strategy, point->given, &name);
    if (fault == GIVEN_GOOD) return true;
    error_set(error, ERROR_INPUT, "%s: table routing_point_given, row %s/%.*s: strategy %s %s", reading->conf->directory,
              point->dn, (int)name.length, (const char *)name.bytes, point->strategy,
              fault == GIVEN_UNKNOWN   ? "has no parameter of that name"
              : fault == GIVEN_MISSING ? "must be given that parameter; insert a row"
                                       : "takes another type there; write the value as in the language");
    return false;
}

static const struct conf_source *source_find(const struct conf *conf, struct text name)
{
    for (size_t k = 0; k < conf->source_count; k++)
        if (strlen(conf->sources[k].name) == name.length && memcmp(conf->sources[k].name, name.bytes, name.length) == 0)
            return &conf->sources[k];
    return NULL;
}

/* Is the statement written for a database of this kind? Its first value shows it: ?1 or $1. */
static bool kind_fits(const struct image *image, const struct image_statement *statement,
                      const struct conf_source *source)
{
    struct text sql = image_text(image, statement->sql);
    return statement->parameters == 0 || memmem(sql.bytes, sql.length, source->postgres[0] ? "$1" : "?1", 2) != NULL;
}

static bool endpoint_there(const struct conf *conf, struct text name)
{
    for (size_t k = 0; k < conf->endpoint_count; k++)
        if (strlen(conf->endpoints[k].name) == name.length &&
            memcmp(conf->endpoints[k].name, name.bytes, name.length) == 0)
            return true;
    return false;
}

/* Every source that its statements ask is in the configuration, and is of their kind: else each query would fail. */
static bool sources_check(const struct conf *conf, const struct image *image, const char *file, struct error *error)
{
    for (uint32_t i = 0; i < image_count(image, SECTION_STATEMENTS); i++) {
        const struct image_statement *statement = image_statement(image, i);
        struct text name = image_text(image, image_name(image, statement->source)->text);
        if (statement_is_request(statement->mode)) {
            if (endpoint_there(conf, name)) continue;
            error_set(error, ERROR_UNKNOWN,
                      "%s: asks endpoint %.*s, which is not in %s; expected `endpoint %.*s { ... }`", file,
                      (int)name.length, name.bytes, conf->file, (int)name.length, name.bytes);
            return false;
        }
        const struct conf_source *source = source_find(conf, name);
        if (source == NULL)
            error_set(error, ERROR_UNKNOWN,
                      "%s: queries source %.*s, which is not in %s; expected `source %.*s { ... }`", file,
                      (int)name.length, name.bytes, conf->file, (int)name.length, name.bytes);
        else if (!kind_fits(image, statement, source))
            error_set(error, ERROR_INPUT,
                      "%s: source %s is %s, but its statements are written for %s; expected `source %s %s schema ...` "
                      "in the site",
                      file, source->name, source->postgres[0] ? "PostgreSQL" : "SQLite",
                      source->postgres[0] ? "SQLite" : "PostgreSQL", source->name,
                      source->postgres[0] ? "postgres" : "sqlite");
        if (source == NULL || !kind_fits(image, statement, source)) return false;
    }
    return true;
}

static bool images_fill(struct reading *reading, const struct conf *conf, struct programs *programs,
                        struct error *error)
{
    *reading = (struct reading){.conf = conf};
    reading->images = memory_zeroed(conf->strategy_count, sizeof *reading->images);
    for (size_t i = 0; i < conf->strategy_count; i++) {
        struct error why = {0};
        char at[160];
        reading->images[i] = programs_read(programs, conf->strategies[i], &why);
        if (reading->images[i] == NULL) error_set(error, why.code, "%s: %s", place_named(conf, i, at), why.text);
        if (reading->images[i] == NULL || !sources_check(conf, reading->images[i], conf->strategies[i], error))
            return false;
    }
    return true;
}

/* The slow half. */
static bool directory_fill(struct reading *reading, const atomic_bool *stop, struct error *error)
{
    const struct conf *conf = reading->conf;
    struct import_point point;
    struct error why = {0};
    char at[160];
    reading->directory = import_read(conf->directory, stop, &why);
    if (reading->directory == NULL && why.code == ERROR_UNAVAILABLE) /* no file to name a line of */
        error_set(error, why.code, "%s: %s", line_named(conf, conf->directory_line, at), why.text);
    else if (reading->directory == NULL)
        *error = why;
    if (reading->directory == NULL) return false;
    if (!import_check(reading->directory, conf->directory, reading->images, conf->strategy_count, error)) return false;
    while (import_point(reading->directory, reading->points, &point)) reading->points++;
    reading->place = memory_zeroed(reading->points, sizeof *reading->place);
    for (size_t i = 0; import_point(reading->directory, i, &point); i++)
        if (!strategy_find(reading, &point, &reading->place[i], error) ||
            !given_good(reading, &point, reading->place[i], error))
            return false;
    return true;
}

struct posting {
    struct engine *engine;
    uint64_t seq; /* of the last one */
};

static void row_post(void *self, struct span frame)
{
    struct posting *posting = self;
    posting->seq = engine_post(posting->engine, SOURCE_ADMIN, frame);
}

struct activating {
    const char *point, *strategy;
    const uint8_t *image;
    struct span given;
    uint64_t client, req; /* of its reply; client 0: a load's */
};

static uint64_t activate(struct engine *engine, const struct activating *activating, const struct asker *asker)
{
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
    seq = engine_post(engine, SOURCE_ADMIN, writer_end(&writer));
    writer_free(&writer);
    return seq;
}

static bool images_durable(const struct reading *reading, struct engine *engine, struct error *error)
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
    for (size_t i = 0; i < reload->active_count; i++) {
        free(reload->active[i].dn);
        free(reload->active[i].strategy);
        free(reload->active[i].configured);
        free(reload->active[i].file);
        kv_free(&reload->active[i].given);
    }
    free(reload->active);
    free(reload->images);
    *reload = (struct reload){0};
}

static void given_copy(struct kv *to, struct span pairs)
{
    uint32_t at = 0;
    struct kv_pair pair;
    kv_init(to);
    while (kv_next(pairs, &at, &pair)) kv_put(to, pair.key, &pair.value);
}

static const struct image *image_hashed(struct programs *programs, const uint8_t hash[IMAGE_HASH])
{
    const struct image *image;
    for (size_t i = 0; (image = images_at(programs_images(programs), i)) != NULL; i++)
        if (memcmp(image_hash(image), hash, IMAGE_HASH) == 0) return image;
    return NULL;
}

/* What was activated there by hand, where it still can be. */
static void by_hand(struct reload *reload, const struct reload_world *world, struct active *active)
{
    struct activation activation;
    const struct image *image;
    if (world->activations == NULL || !activations_get(world->activations, active->dn, &activation)) return;
    image = image_hashed(world->programs, activation.image);
    if (image == NULL ||
        image_strategy_named(image, activation.strategy, (uint32_t)strlen(activation.strategy)) == NULL) {
        snprintf(reload->warning, sizeof reload->warning,
                 "routing point %.64s: the image that %.64s activated is gone; the configuration's is in force",
                 active->dn, activation.actor);
        return;
    }
    memcpy(active->image, activation.image, IMAGE_HASH);
    free(active->strategy);
    free(active->file);
    active->strategy = memory_text(activation.strategy);
    active->file = memory_text("");
    active->by_hand = true;
}

/* With what the directory says that strategies are given there, as far as this one takes it: another one, activated by
 * hand, may have other parameters. */
static uint64_t activate_point(const struct reload_world *world, const struct active *active, uint64_t client,
                               uint64_t req, const struct asker *asker)
{
    struct activating activating = {.point = active->dn, .strategy = active->strategy, .image = active->image,
                                    .client = client, .req = req};
    const struct image *image = image_hashed(world->programs, active->image);
    struct kv taken;
    kv_init(&taken);
    if (image != NULL)
        given_select(image, image_strategy_named(image, active->strategy, (uint32_t)strlen(active->strategy)),
                     kv_span(&active->given), &taken);
    activating.given = kv_span(&taken);
    uint64_t seq = activate(world->engine, &activating, asker);
    kv_free(&taken);
    return seq;
}

/* The directory first: an activation names a routing point that is there. */
static void post_all(struct reading *reading, const struct reload_world *world, const struct asker *asker,
                     struct reload *reload)
{
    struct posting posting = {world->engine, 0};
    struct import_point point;
    uint64_t version = clock_wall_us();
    if (version <= reload->version) version = reload->version + 1;
    reload_clear(reload);
    reload->version = version;
    reload->rows = import_count(reading->directory);
    reload->active = memory_zeroed(reading->points, sizeof *reload->active);
    reload->images = reading->images;
    reload->image_count = reading->conf->strategy_count;
    reading->images = NULL;
    import_events(reading->directory, version, asker->actor, asker->why, row_post, &posting);
    reload->req = version;
    reload->seq = posting.seq;
    for (size_t i = 0; import_point(reading->directory, i, &point); i++) {
        struct active *active = &reload->active[reload->active_count++];
        *active = (struct active){.dn = memory_text(point.dn),
                                  .strategy = memory_text(point.strategy),
                                  .configured = memory_text(point.strategy),
                                  .file = memory_text(reading->conf->strategies[reading->place[i]])};
        memcpy(active->image, image_hash(reload->images[reading->place[i]]), IMAGE_HASH);
        given_copy(&active->given, point.given);
        by_hand(reload, world, active);
        reload->seq = activate_point(world, active, 0, version, asker);
    }
}

bool reload_do(struct reload *reload, const struct reload_world *world, const struct asker *asker, struct error *error)
{
    struct reading reading;
    bool good = images_fill(&reading, world->conf, world->programs, error) && directory_fill(&reading, NULL, error) &&
                images_durable(&reading, world->engine, error);
    if (good) post_all(&reading, world, asker, reload);
    reading_free(&reading);
    return good;
}

struct reload_job {
    struct reading reading; /* the thread's, from beginning to `ready` */
    struct engine *engine;
    char *actor, *why;
    pthread_t thread;
    atomic_bool stop;
    bool good;
    struct error error;
    void (*ready)(void *self);
    void *self;
};

static void *job_main(void *argument)
{
    struct reload_job *job = argument;
    job->good =
        directory_fill(&job->reading, &job->stop, &job->error) && images_durable(&job->reading, job->engine, &job->error);
    job->ready(job->self);
    return NULL;
}

static void job_free(struct reload_job *job)
{
    reading_free(&job->reading);
    free(job->actor);
    free(job->why);
    free(job);
}

struct reload_job *reload_begin(const struct reload_world *world, const struct asker *asker, void (*ready)(void *self),
                                void *self, struct error *error)
{
    struct reload_job *job = memory_zeroed(1, sizeof *job);
    *job = (struct reload_job){.engine = world->engine, .ready = ready, .self = self};
    job->actor = memory_text(asker->actor);
    job->why = asker->why != NULL ? memory_text(asker->why) : NULL;
    bool begun = images_fill(&job->reading, world->conf, world->programs, error);
    if (begun && pthread_create(&job->thread, NULL, job_main, job) != 0) {
        error_set(error, ERROR_SYSTEM, "no thread for the directory can be had; try again");
        begun = false;
    }
    if (begun) {
        pthread_setname_np(job->thread, "gcx-reload");
        return job;
    }
    job_free(job);
    return NULL;
}

bool reload_end(struct reload_job *job, struct reload *reload, const struct reload_world *world, struct error *error)
{
    bool good;
    pthread_join(job->thread, NULL);
    good = job->good;
    if (good)
        post_all(&job->reading, world, &(struct asker){job->actor, job->why}, reload);
    else
        *error = job->error;
    job_free(job);
    return good;
}

void reload_cancel(struct reload_job *job)
{
    if (job == NULL) return;
    atomic_store(&job->stop, true);
    pthread_join(job->thread, NULL);
    job_free(job);
}

/* An event may name only what is durable. */
static bool image_usable(const struct reload_world *world, const struct image *image, const char *name,
                         struct error *error)
{
    size_t length;
    const void *bytes = image_bytes(image, &length);
    return sources_check(world->conf, image, name, error) &&
           engine_put_image(world->engine, image_hash(image), (struct span){bytes, (uint32_t)length}, error);
}

const struct image *reload_image(const struct reload_world *world, const char *file, struct error *error)
{
    const struct image *image = programs_read(world->programs, file, error);
    return image != NULL && image_usable(world, image, file, error) ? image : NULL;
}

enum { DIGITS_LEAST = 6 };

/* Is `what` the beginning of a hash? Its length, or 0. */
static size_t digits_of(const char *what)
{
    size_t digits = strspn(what, "0123456789abcdef");
    bool whole = what[digits] == '\0' || what[digits] == ':';
    return whole && digits >= DIGITS_LEAST && digits <= 2 * IMAGE_HASH ? digits : 0;
}

static bool begins_with(const uint8_t *hash, const char *digits, size_t length)
{
    for (size_t i = 0; i < length; i++)
        if ("0123456789abcdef"[hash[i / 2] >> (i % 2 == 0 ? 4 : 0) & 15] != digits[i]) return false;
    return true;
}

static const struct image *image_of_digits(struct programs *programs, const char *what, size_t digits,
                                           struct error *error)
{
    const struct image *image, *found = NULL;
    for (size_t i = 0; (image = images_at(programs_images(programs), i)) != NULL; i++) {
        if (!begins_with(image_hash(image), what, digits)) continue;
        if (found != NULL && memcmp(image_hash(found), image_hash(image), IMAGE_HASH) != 0) {
            error_set(error, ERROR_INPUT, "more than one image begins with %.*s; give more digits", (int)digits, what);
            return NULL;
        }
        found = image;
    }
    if (found == NULL)
        error_set(error, ERROR_UNKNOWN,
                  "no image begins with %.*s; `strategies` lists those that are known, `load FILE` makes one known",
                  (int)digits, what);
    return found;
}

/* The configuration's, else the one that became known last. */
static const struct image *image_of_strategy(const struct reload *reload, struct programs *programs, const char *name,
                                             struct error *error)
{
    uint32_t length = (uint32_t)strlen(name);
    const struct image *image, *found = NULL;
    for (size_t i = 0; i < reload->image_count; i++)
        if (image_strategy_named(reload->images[i], name, length) != NULL) return reload->images[i];
    for (size_t i = 0; (image = images_at(programs_images(programs), i)) != NULL; i++)
        if (image_strategy_named(image, name, length) != NULL) found = image;
    if (found == NULL)
        error_set(error, ERROR_UNKNOWN,
                  "`%.64s` is no strategy of a known image, nor a hash of %d digits or more; `strategies` lists them",
                  name, DIGITS_LEAST);
    return found;
}

/* By its hash an image is meant for the strategy that is said, else for the one that runs there, else for its only
 * one. */
static bool strategy_of(const struct image *image, const char *said, const char *now, char name[NAME_MAX_BYTES + 1],
                        struct error *error)
{
    const char *wanted = said != NULL ? said : now;
    struct text only;
    if (image_strategy_named(image, wanted, (uint32_t)strlen(wanted)) != NULL) {
        snprintf(name, NAME_MAX_BYTES + 1, "%s", wanted);
        return true;
    }
    if (said == NULL && image_count(image, SECTION_STRATEGIES) == 1) {
        only = image_text(image, image_strategy(image, 0)->name);
        snprintf(name, NAME_MAX_BYTES + 1, "%.*s", (int)only.length, only.bytes);
        return true;
    }
    error_set(error, ERROR_UNKNOWN, "that image has no strategy `%.64s`%s", wanted,
              said == NULL ? "; say which one it is to be, HASH:STRATEGY" : "");
    return false;
}

/* A routing point of the core's. */
struct point_look {
    const char *dn;
    char strategy[NAME_MAX_BYTES + 1]; /* what runs there, or nothing */
    bool found;
};

static void point_look(void *self, struct core *core)
{
    struct point_look *look = self;
    struct point_row row;
    for (uint32_t i = 0; !look->found && core_point(core, i, &row); i++) {
        if (!row.known || !span_is(row.dn, look->dn)) continue;
        look->found = true;
        snprintf(look->strategy, sizeof look->strategy, "%.*s", (int)row.strategy.length,
                 (const char *)row.strategy.bytes);
    }
}

/* Where the files could not be loaded, what is in force is known to the core alone. */
static struct active *active_at(struct reload *reload, struct engine *engine, const char *point, struct error *error)
{
    struct point_look look = {.dn = point};
    struct active *active;
    for (size_t i = 0; i < reload->active_count; i++)
        if (strcmp(reload->active[i].dn, point) == 0) return &reload->active[i];
    engine_read(engine, point_look, &look);
    if (!look.found) {
        error_set(error, ERROR_UNKNOWN,
                  "there is no routing point `%.64s` in the directory; `routing-points` lists them", point);
        return NULL;
    }
    reload->active = memory_grown(reload->active, reload->active_count + 1, sizeof *reload->active);
    active = &reload->active[reload->active_count++];
    *active = (struct active){.dn = memory_text(point),
                              .strategy = memory_text(look.strategy),
                              .configured = memory_text(""),
                              .file = memory_text("")};
    kv_init(&active->given);
    return active;
}

/* What is meant by `what`, and the strategy in it. NULL with the reason. */
static const struct image *image_asked(const struct reload *reload, const struct reload_world *world,
                                       const struct active *active, const char *what, char strategy[NAME_MAX_BYTES + 1],
                                       struct error *error)
{
    const struct image *image = image_of_strategy(reload, world->programs, what, NULL);
    size_t digits = image == NULL ? digits_of(what) : 0; /* a strategy may be called `facade` */
    const char *said = digits == 0 ? what : what[digits] == ':' ? what + digits + 1 : NULL;
    if (digits > 0)
        image = image_of_digits(world->programs, what, digits, error);
    else if (image == NULL)
        image = image_of_strategy(reload, world->programs, what, error);
    if (image == NULL || !strategy_of(image, said, active->strategy, strategy, error) ||
        !image_usable(world, image, what, error))
        return NULL;
    return image;
}

static const char *file_of(const struct reload *reload, const struct conf *conf, const struct image *image)
{
    for (size_t i = 0; i < reload->image_count; i++)
        if (reload->images[i] == image) return conf->strategies[i];
    return "";
}

const struct active *reload_activate(struct reload *reload, const struct reload_world *world,
                                     const struct reload_activate *asked, const struct asker *asker,
                                     struct error *error)
{
    struct active *active = active_at(reload, world->engine, asked->point, error);
    struct activation kept = {.actor = asker->actor, .why = asker->why, .at_us = clock_wall_us()};
    char strategy[NAME_MAX_BYTES + 1];
    const struct image *image;
    bool by_hand;
    if (active == NULL) return NULL;
    if (world->activations == NULL) {
        error_set(error, ERROR_STATE, "activations.json in the state folder is damaged; mend or remove it, and reload");
        return NULL;
    }
    image = image_asked(reload, world, active, asked->what, strategy, error);
    if (image == NULL) return NULL;
    by_hand = image != image_of_strategy(reload, world->programs, active->configured, NULL) ||
              strcmp(strategy, active->configured) != 0;
    kept.strategy = strategy;
    memcpy(kept.image, image_hash(image), IMAGE_HASH);
    if (!activations_set(world->activations, active->dn, by_hand ? &kept : NULL,
                         (struct activation_ask){asked->client, asked->req}, error))
        return NULL;
    free(active->strategy);
    free(active->file);
    active->strategy = memory_text(strategy);
    active->file = memory_text(by_hand ? "" : file_of(reload, world->conf, image));
    active->by_hand = by_hand;
    memcpy(active->image, kept.image, IMAGE_HASH);
    reload->seq = activate_point(world, active, asked->client, asked->req, asker);
    return active;
}

/* A row as the configuration and what was activated by hand have it. */
static void active_again(struct reload *reload, const struct reload_world *world, struct active *active)
{
    const struct image *image = image_of_strategy(reload, world->programs, active->configured, NULL);
    if (image == NULL) { /* the files could not be loaded: what is in force the core alone knows, and is asked then */
        free(active->dn);
        free(active->strategy);
        free(active->configured);
        free(active->file);
        kv_free(&active->given);
        *active = reload->active[--reload->active_count];
        return;
    }
    free(active->strategy);
    free(active->file);
    active->strategy = memory_text(active->configured);
    active->file = memory_text(file_of(reload, world->conf, image));
    active->by_hand = false;
    memcpy(active->image, image_hash(image), IMAGE_HASH);
    by_hand(reload, world, active);
}

bool reload_answered(struct reload *reload, const struct reload_world *world, struct activation_ask ask, bool good,
                     struct error *error)
{
    struct error why = {0};
    char *point = world->activations != NULL ? activations_settle(world->activations, ask, good, &why) : NULL;
    for (size_t i = 0; point != NULL && i < reload->active_count; i++) {
        if (strcmp(reload->active[i].dn, point) != 0) continue;
        active_again(reload, world, &reload->active[i]);
        break;
    }
    free(point);
    if (why.code != ERROR_NONE) error_set(error, why.code, "%s", why.text);
    return why.code == ERROR_NONE;
}

bool reload_check(const struct conf *conf, struct programs *programs, struct error *error)
{
    struct reading reading;
    bool good = images_fill(&reading, conf, programs, error) && directory_fill(&reading, NULL, error);
    reading_free(&reading);
    return good;
}
