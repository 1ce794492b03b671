/* runtime/daemon/service/rollout_curves.c - Keeps the figures of guards over time. See rollout_curves.h. */
#include "runtime/daemon/service/rollout_curves.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/memory.h"

enum { CURVES_BYTES_MAX = 16 * 1024 * 1024, CURVE_ID_SIZE = 16 };

struct rollout_curves {
    char *path;
    json_t *all; /* by the rollout's id, as rollout_curves.h has it */
    bool changed;
};

static const char *curve_name(uint32_t id, char name[CURVE_ID_SIZE])
{
    snprintf(name, CURVE_ID_SIZE, "%u", id);
    return name;
}

/* Has the curve the members that are read here? The file may be damaged. */
static bool curve_good(const json_t *curve)
{
    const json_t *points = json_object_get(curve, "points"), *point;
    size_t at;
    bool good = json_is_array(points) && json_integer_value(json_object_get(curve, "every_us")) >= CURVE_EVERY_US &&
                json_array_size(points) <= CURVE_POINTS;
    json_array_foreach(points, at, point) good = good && json_is_integer(json_array_get(point, 0));
    return good;
}

struct rollout_curves *rollout_curves_new(const char *path)
{
    struct rollout_curves *curves = memory_zeroed(1, sizeof *curves);
    size_t length = 0;
    const char *why = NULL, *name;
    json_t *curve;
    json_error_t wrong;
    void *next;
    curves->path = path ? memory_text(path) : NULL;
    char *text = path ? file_read(path, CURVES_BYTES_MAX, &length, &why) : NULL;
    curves->all = text ? json_loadb(text, length, JSON_REJECT_DUPLICATES, &wrong) : NULL;
    free(text);
    if (!json_is_object(curves->all)) {
        json_decref(curves->all);
        curves->all = json_object();
    }
    json_object_foreach_safe(curves->all, next, name, curve) if (!curve_good(curve)) json_object_del(curves->all, name);
    return curves;
}

void rollout_curves_free(struct rollout_curves *curves)
{
    if (!curves) return;
    free(curves->path);
    json_decref(curves->all);
    free(curves);
}

json_t *rollout_curves_of(const struct rollout_curves *curves, uint32_t id)
{
    char name[CURVE_ID_SIZE];
    return json_object_get(curves->all, curve_name(id, name));
}

bool rollout_curves_due(const struct rollout_curves *curves, uint32_t id, bool open, int64_t now_us)
{
    const json_t *curve = rollout_curves_of(curves, id), *points = json_object_get(curve, "points");
    size_t count = json_array_size(points);
    if (!curve || count == 0) return open;
    if (!open) return !json_is_true(json_object_get(curve, "over"));
    int64_t last_us = json_integer_value(json_array_get(json_array_get(points, count - 1), 0));
    /* The wall clock may have been set back. */
    return now_us < last_us || now_us - last_us >= json_integer_value(json_object_get(curve, "every_us"));
}

/* Removes every second point, the last one never. */
static void curve_thin(json_t *curve)
{
    json_t *points = json_object_get(curve, "points");
    int64_t every_us = json_integer_value(json_object_get(curve, "every_us"));
    for (size_t at = json_array_size(points); at-- > 1;)
        if (at % 2 == 1 && at + 1 < json_array_size(points)) json_array_remove(points, at);
    json_object_set_new(curve, "every_us", json_integer(2 * every_us));
}

/* Makes room for the curve of one more rollout: the oldest that is over goes, or the oldest of all. */
static void curves_make_room(struct rollout_curves *curves)
{
    const char *name, *oldest = NULL;
    json_t *curve;
    bool oldest_over = false;
    if (json_object_size(curves->all) < CURVES_KEPT) return;
    json_object_foreach(curves->all, name, curve)
    {
        bool over = json_is_true(json_object_get(curve, "over"));
        bool older = !oldest || strtoul(name, NULL, 10) < strtoul(oldest, NULL, 10);
        if (oldest && (over == oldest_over ? !older : !over)) continue;
        oldest = name;
        oldest_over = over;
    }
    char *gone = memory_text(oldest); /* the table owns the other text */
    json_object_del(curves->all, gone);
    free(gone);
}

void rollout_curves_add(struct rollout_curves *curves, const struct curve_look *look, int64_t now_us)
{
    char name[CURVE_ID_SIZE];
    json_t *curve = rollout_curves_of(curves, look->id), *point = json_pack("[I]", (json_int_t)now_us);
    assert(look->guards <= CORE_ROLLOUT_GUARDS);
    if (!curve) {
        curves_make_room(curves);
        curve = json_pack("{s:I, s:b, s:[]}", "every_us", (json_int_t)CURVE_EVERY_US, "over", 0, "points");
        json_object_set_new(curves->all, curve_name(look->id, name), curve);
    }
    for (unsigned i = 0; i < look->guards; i++)
        json_array_append_new(point,
                              json_pack("[I, I, I, I]", (json_int_t)look->count[i][0], (json_int_t)look->value[i][0],
                                        (json_int_t)look->count[i][1], (json_int_t)look->value[i][1]));
    if (json_array_size(json_object_get(curve, "points")) >= CURVE_POINTS) curve_thin(curve);
    json_array_append_new(json_object_get(curve, "points"), point);
    json_object_set_new(curve, "over", json_boolean(!look->open));
    curves->changed = true;
}

void rollout_curves_save(struct rollout_curves *curves)
{
    if (!curves->changed || !curves->path) return;
    char *text = json_dumps(curves->all, JSON_COMPACT);
    if (text) (void)file_replace(curves->path, text, strlen(text)); /* a full disk: the next point tries again */
    free(text);
    curves->changed = false;
}

void curve_look_at(struct curve_look *look, const struct core_rollout *row)
{
    *look = (struct curve_look){.id = row->id, .guards = row->guard_count, .open = row->open};
    for (unsigned i = 0; i < row->guard_count; i++)
        for (unsigned arm = 0; arm < 2; arm++) {
            const struct core_rollout_guard *guard = &row->guards[i];
            look->count[i][arm] = guard->count[arm];
            look->value[i][arm] = guard->time ? guard->figure_us[arm] : guard->hits[arm];
        }
}
