/* runtime/daemon/reload.c - Reads directory and images, joins them at the routing points, posts the outcome. */
#include "config.h"
#include "runtime/daemon/reload.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/daemon/import.h"
#include "runtime/host/real.h"
#include "runtime/vocabulary/memory.h"

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

/* The one file that has the strategy. */
static bool strategy_find(struct reading *reading, const struct import_point *point, size_t *place, struct error *error)
{
    const struct conf *conf = reading->conf;
    uint32_t length = (uint32_t)strlen(point->strategy);
    bool found = false;
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
                  "%s: table routing_point, row %s: strategy %s is in no image of the configuration", conf->directory,
                  point->dn, point->strategy);
    return found;
}

/* Every source that its statements ask is in the configuration: else each of its queries would fail. */
static bool sources_check(const struct conf *conf, const struct image *image, const char *file, struct error *error)
{
    for (uint32_t i = 0; i < image_count(image, SECTION_STATEMENTS); i++) {
        struct text name = image_text(image, image_name(image, image_statement(image, i)->source)->text);
        bool found = false;
        for (size_t k = 0; k < conf->source_count && !found; k++)
            found = strlen(conf->sources[k].name) == name.length &&
                    memcmp(conf->sources[k].name, name.bytes, name.length) == 0;
        if (found) continue;
        error_set(error, ERROR_UNKNOWN, "%s: queries source %.*s, which is not in %s; expected `source %.*s { ... }`",
                  file, (int)name.length, name.bytes, conf->file, (int)name.length, name.bytes);
        return false;
    }
    return true;
}

static bool reading_fill(struct reading *reading, const struct conf *conf, struct programs *programs,
                         struct error *error)
{
    struct import_point point;
    *reading = (struct reading){.conf = conf};
    reading->images = memory_zeroed(conf->strategy_count, sizeof *reading->images);
    for (size_t i = 0; i < conf->strategy_count; i++) {
        reading->images[i] = programs_read(programs, conf->strategies[i], error);
        if (reading->images[i] == NULL || !sources_check(conf, reading->images[i], conf->strategies[i], error))
            return false;
    }
    reading->directory = import_read(conf->directory, error);
    if (reading->directory == NULL) return false;
    while (import_point(reading->directory, reading->points, &point)) reading->points++;
    reading->place = memory_zeroed(reading->points, sizeof *reading->place);
    for (size_t i = 0; import_point(reading->directory, i, &point); i++)
        if (!strategy_find(reading, &point, &reading->place[i], error)) return false;
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

static uint64_t activate(struct engine *engine, const struct import_point *point, const struct image *image,
                         const char *actor, uint64_t req)
{
    struct writer writer;
    uint64_t seq;
    writer_init(&writer);
    writer_begin(&writer, KIND_Activate);
    writer_u(&writer, ENVELOPE_req, req);
    writer_text(&writer, ENVELOPE_actor, actor);
    writer_text(&writer, Activate_at, point->dn);
    writer_bytes(&writer, Activate_image, (struct span){image_hash(image), IMAGE_HASH});
    writer_text(&writer, Activate_strategy, point->strategy);
    writer_u(&writer, Activate_percent, 100);
    seq = engine_post(engine, SOURCE_ADMIN, writer_end(&writer));
    writer_free(&writer);
    return seq;
}

static bool images_put(const struct reading *reading, struct engine *engine, struct error *error)
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
        free(reload->active[i].file);
    }
    free(reload->active);
    *reload = (struct reload){0};
}

/* The directory first: an activation names a routing point that is there. */
static void post_all(const struct reading *reading, struct engine *engine, const char *actor, struct reload *reload)
{
    struct posting posting = {engine, 0};
    struct import_point point;
    uint64_t version = clock_wall_us();
    if (version <= reload->version) version = reload->version + 1;
    reload_clear(reload);
    reload->version = version;
    reload->rows = import_count(reading->directory);
    reload->active = memory_zeroed(reading->points, sizeof *reload->active);
    import_events(reading->directory, version, actor, row_post, &posting);
    reload->req = version;
    reload->seq = posting.seq;
    for (size_t i = 0; import_point(reading->directory, i, &point); i++) {
        const struct image *image = reading->images[reading->place[i]];
        struct active *active = &reload->active[reload->active_count++];
        *active = (struct active){memory_text(point.dn),
                                  memory_text(point.strategy),
                                  memory_text(reading->conf->strategies[reading->place[i]]),
                                  {0}};
        memcpy(active->image, image_hash(image), IMAGE_HASH);
        reload->seq = activate(engine, &point, image, actor, version);
    }
}

bool reload_do(struct reload *reload, const struct conf *conf, struct programs *programs, struct engine *engine,
               const char *actor, struct error *error)
{
    struct reading reading;
    bool good = reading_fill(&reading, conf, programs, error) && images_put(&reading, engine, error);
    if (good) post_all(&reading, engine, actor, reload);
    reading_free(&reading);
    return good;
}

bool reload_check(const struct conf *conf, struct programs *programs, struct error *error)
{
    struct reading reading;
    bool good = reading_fill(&reading, conf, programs, error);
    reading_free(&reading);
    return good;
}
