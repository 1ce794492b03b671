/* runtime/daemon/site/activations.c - The file activations.json, which is always written as a whole and renamed into
 * its place.
 *
 * The file says which image runs at which routing point, and is kept over restarts. The file is written before the core
 * is asked, so a change that the core has accepted is never missing in the file. If the core refuses, the old value is
 * restored:
 *
 *     activations_set(A -> B)  ->  file: B, pending: before = A  ->  the core's answer
 *                                      good: the pending goes          refused: file: A
 *
 * A second change of the same point may already be pending. If the first is then refused, the file keeps the second,
 * and only the `before` of the second is corrected. */
#include "runtime/daemon/site/activations.h"

#include <assert.h>
#include <errno.h>
#include <jansson.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/memory.h"

/* A change that was written and that the core has not answered yet; in the order of the requests. */
struct pending {
    struct pending *next;
    struct activation_ask ask;
    char *dn;
    json_t *before; /* NULL: nothing was there */
};

struct activations {
    char *path;
    json_t *points; /* the content of the file, by DN: {"image", "strategy", "actor", "at_us", "why"} */
    struct pending *pending;
};

/* False: the text is no hash of an image, whose hexadecimal letters are small. */
static bool hash_read(const char *text, uint8_t hash[IMAGE_HASH])
{
    size_t length = text ? strspn(text, "0123456789abcdef") : 0;
    return length == 2 * IMAGE_HASH && text[length] == '\0' &&
           sodium_hex2bin(hash, IMAGE_HASH, text, length, NULL, NULL, NULL) == 0;
}

/* Reads one routing point of the file; the texts are borrowed from it. False: something is missing. */
static bool point_read(const json_t *point, struct activation *activation)
{
    *activation = (struct activation){
        .strategy = json_string_value(json_object_get(point, "strategy")),
        .actor = json_string_value(json_object_get(point, "actor")),
        .why = json_string_value(json_object_get(point, "why")),
        .at_us = (uint64_t)json_integer_value(json_object_get(point, "at_us")),
    };
    return hash_read(json_string_value(json_object_get(point, "image")), activation->image) && activation->strategy &&
           activation->actor;
}

/* Reads the file; a missing file counts as one without points. */
static bool activations_points_read(struct activations *activations, struct error *error)
{
    json_error_t why;
    struct activation activation;
    const char *dn;
    json_t *point;
    if (access(activations->path, F_OK) != 0 && errno == ENOENT) {
        activations->points = json_object();
        return true;
    }
    activations->points = json_load_file(activations->path, JSON_REJECT_DUPLICATES, &why);
    if (!json_is_object(activations->points))
        return error_set(error, ERROR_INPUT, "%.140s: %.100s", activations->path,
                         !activations->points ? why.text : "expected an object");
    json_object_foreach(activations->points, dn, point)
    {
        if (point_read(point, &activation)) continue;
        return error_set(error, ERROR_INPUT, "%.140s: \"%.64s\" has no image, strategy or actor", activations->path,
                         dn);
    }
    return true;
}

struct activations *activations_open(const char *state, struct error *error)
{
    assert(state);
    struct activations *activations = memory_zeroed(1, sizeof *activations);
    activations->path = memory_format("%s/activations.json", state);
    if (activations_points_read(activations, error)) return activations;
    activations_free(activations);
    return NULL;
}

static void activations_pending_free(struct pending *pending)
{
    json_decref(pending->before);
    free(pending->dn);
    free(pending);
}

void activations_free(struct activations *activations)
{
    if (!activations) return;
    while (activations->pending) {
        struct pending *pending = activations->pending;
        activations->pending = pending->next;
        activations_pending_free(pending);
    }
    json_decref(activations->points);
    free(activations->path);
    free(activations);
}

bool activations_get(const struct activations *activations, const char *dn, struct activation *activation)
{
    assert(activations && dn && activation);
    const json_t *point = json_object_get(activations->points, dn);
    return point && point_read(point, activation);
}

/* Writes the file with its keys in a fixed order, so that two files can be compared line by line. */
static bool activations_written(const struct activations *activations)
{
    char *text = json_dumps(activations->points, JSON_INDENT(2) | JSON_SORT_KEYS);
    if (!text) abort();
    bool good = file_install(activations->path, text, strlen(text));
    free(text);
    return good;
}

/* If somebody removed the file, it is written again from memory. */
void activations_kept(const struct activations *activations)
{
    if (access(activations->path, F_OK) != 0 && errno == ENOENT) (void)activations_written(activations);
}

/* Writes the point's new value; NULL: the point is removed. False: the file could not be written, and nothing has
 * changed. */
static bool activations_put(struct activations *activations, const char *dn, json_t *point, struct error *error)
{
    json_t *before = json_incref(json_object_get(activations->points, dn));
    bool good;
    if (point && json_object_set(activations->points, dn, point) != 0) abort();
    if (!point) json_object_del(activations->points, dn);
    good = activations_written(activations);
    if (!good) error_set(error, ERROR_SYSTEM, "%.140s cannot be written: %s", activations->path, strerror(errno));
    if (!good && before && json_object_set(activations->points, dn, before) != 0) abort();
    if (!good && !before) json_object_del(activations->points, dn);
    json_decref(before);
    return good;
}

/* NULL for no activation. */
static json_t *activations_point_json(const struct activation *activation)
{
    assert(!activation || (activation->strategy && activation->actor));
    char hash[2 * IMAGE_HASH + 1];
    json_t *point;
    if (!activation) return NULL;
    sodium_bin2hex(hash, sizeof hash, activation->image, IMAGE_HASH);
    point = json_pack("{s:s,s:s,s:s,s:I,s:s?}", "image", hash, "strategy", activation->strategy, "actor",
                      activation->actor, "at_us", (json_int_t)activation->at_us, "why", activation->why);
    if (!point) abort();
    return point;
}

bool activations_set(struct activations *activations, const char *dn, const struct activation *activation,
                     struct activation_ask ask, struct error *error)
{
    assert(activations && dn);
    struct pending *pending = memory_zeroed(1, sizeof *pending), **at = &activations->pending;
    json_t *point = activations_point_json(activation);
    struct error why = {0};
    bool good;
    *pending = (struct pending){
        .ask = ask, .dn = memory_text(dn), .before = json_incref(json_object_get(activations->points, dn))};
    good = activations_put(activations, dn, point, &why);
    json_decref(point);
    if (good) {
        while (*at) at = &(*at)->next;
        *at = pending;
        return true;
    }
    error_set(error, why.code, "%s; nothing was activated", why.text);
    activations_pending_free(pending);
    return false;
}

/* Handles the core's answer. Returns the point whose old value in the file was restored, malloc'ed, or NULL. An
 * answer to no pending change has no effect. */
char *activations_settle(struct activations *activations, struct activation_ask ask, bool good, struct error *error)
{
    struct pending **at = &activations->pending, *pending, *later;
    char *changed = NULL;
    while (*at && ((*at)->ask.client != ask.client || (*at)->ask.req != ask.req)) at = &(*at)->next;
    pending = *at;
    if (!pending) return NULL;
    *at = later = pending->next;
    while (later && strcmp(later->dn, pending->dn) != 0) later = later->next;
    if (!good && later) { /* the refused value was never in force, so the later change is undone to the one before it */
        json_decref(later->before);
        later->before = json_incref(pending->before);
    } else if (!good && activations_put(activations, pending->dn, pending->before, error)) {
        changed = memory_text(pending->dn);
    }
    activations_pending_free(pending);
    return changed;
}
