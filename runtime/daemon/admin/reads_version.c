/* runtime/daemon/admin/reads_version.c - The answer of `versions`: images. The core has used some and knows of them;
 * some are only loaded (drafts); and some are played beside gcxvm (shadows). */
#include <string.h>

#include "runtime/core/read/rollouts.h"
#include "runtime/daemon/admin/admin.h"
#include "runtime/daemon/admin/reads_json.h"
#include "runtime/daemon/site/programs.h"
#include "runtime/host/real.h"
#include "runtime/journal/images.h"

/* The images of one page, and what the core knows of them. */
struct versions_page {
    const struct image *images[PAGE_ROWS];
    json_t *rows[PAGE_ROWS];
    size_t count;
};

static json_t *version_json(const struct image *image)
{
    json_t *object = json_object(), *names = json_array();
    for (uint32_t i = 0; i < image_count(image, SECTION_STRATEGIES); i++) {
        struct text text = image_text(image, image_strategy(image, i)->name);
        json_append(names, json_text_of((struct span){(const uint8_t *)text.bytes, text.length}));
    }
    json_put_hash(object, "image", image_hash(image));
    json_put(object, "strategies", names);
    json_put(object, "state", json_string(core_version_words(VERSION_DRAFT)));
    json_put_number(object, "interactions", 0);
    json_put(object, "points", json_array());
    json_put(object, "since_us", json_null());
    json_put(object, "oldest_us", json_null());
    json_put(object, "told", json_null());
    return object;
}

/* Fills in what the core knows of a version. */
static void version_fill(json_t *object, const struct core_version *version)
{
    const char *word = core_version_words(version->state);
    if (version->state != VERSION_CANARY)
        json_put(object, "state", json_string(word));
    else if (version->share % 100 == 0)
        json_put(object, "state", json_sprintf("%s at %u %%", word, version->share / 100));
    else
        json_put(object, "state", json_sprintf("%s at %u.%02u %%", word, version->share / 100, version->share % 100));
    json_put_number(object, "interactions", version->interactions);
    json_put_wall(object, "since_us", version->since_us);
    json_put_wall(object, "oldest_us", version->oldest_us);
}

/* Adds the points at which the versions of the page are active, or have a share. */
static void versions_points(const struct versions_page *page, const struct core *core)
{
    struct point_row point;
    struct core_rollout_brief brief;
    struct core_rollout rollout;
    for (uint32_t at = 0; at < PAGE_LOOKED && core_point(core, at, &point); at++)
        for (size_t i = 0; point.known && point.image && i < page->count; i++)
            if (memcmp(image_hash(page->images[i]), point.image, CORE_HASH) == 0)
                json_append(json_object_get(page->rows[i], "points"), json_text_of(point.dn));
    for (uint32_t at = 0; core_rollout_brief(core, at, &brief); at++) {
        if (!brief.open || !core_rollout_at(core, at, false, &rollout)) continue;
        for (size_t i = 0; i < page->count; i++)
            if (memcmp(image_hash(page->images[i]), rollout.image, CORE_HASH) == 0)
                json_append(json_object_get(page->rows[i], "points"), json_text_of(rollout.point));
    }
}

/* On the core's thread. */
static void versions_read(void *self, struct core *core)
{
    struct versions_page *page = self;
    struct core_version version;
    for (uint32_t at = 0; core_version_at(core, at, &version); at++)
        for (size_t i = 0; i < page->count; i++)
            if (memcmp(image_hash(page->images[i]), version.image, CORE_HASH) == 0)
                version_fill(page->rows[i], &version);
    versions_points(page, core);
}

/* Adds a row for each version that somebody plays beside gcxvm. */
static void versions_shadows(const struct daemon *daemon, json_t *list)
{
    struct admin_shadow shadow;
    uint64_t now_us = host_monotonic_us();
    for (size_t at = 0; daemon->admin && admin_shadow_at(daemon->admin, at, &shadow); at++) {
        json_t *object = json_object(), *points = json_array();
        int64_t since_us = (int64_t)host_wall_clock_us() - (int64_t)(now_us - shadow.since_us);
        json_append(points, json_string(shadow.point));
        json_put(object, "image", json_string(shadow.image));
        json_put(object, "strategies", json_array());
        json_put(object, "state", json_string(core_version_words(VERSION_SHADOW)));
        json_put_number(object, "interactions", 0);
        json_put(object, "points", points);
        json_put_wall(object, "since_us", since_us);
        json_put(object, "oldest_us", json_null());
        json_put(object, "told", json_sprintf("%s: %s", shadow.person, shadow.told));
        json_append(list, object);
    }
}

void reads_versions_fill(struct asking *asking)
{
    struct images *images = programs_images(asking->daemon->programs);
    struct versions_page page = {0};
    uint64_t from = reads_asked_number(asking, "from", 0), limit = reads_asked_rows(asking, PAGE_ROWS);
    json_t *list = json_array();
    if (from == 0) versions_shadows(asking->daemon, list);
    for (; page.count < limit && (page.images[page.count] = images_at(images, from)); page.count++, from++)
        json_append(list, page.rows[page.count] = version_json(page.images[page.count]));
    engine_read(asking->daemon->engine, versions_read, &page);
    json_put(asking->into, "versions", list);
    json_put_next(asking, images_at(images, from) != NULL, from);
}
