/* runtime/adapter/told.c - Keeps an adapter's neighbours and figures, by name.
 *
 *     neighbours    name, up or why not, since when        at most TOLD_NEIGHBOURS_MAX
 *     figures       name, number                           at most TOLD_FIGURES_MAX
 *
 * Names that are too long, or come beyond the limit, are dropped: they come from plugins and over the wire, and must
 * not use up the core's memory. On the wire a neighbour that is up has no value, and one that is away has the reason
 * as its value. */
#include "runtime/adapter/told.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "runtime/vocabulary/controls.h"
#include "runtime/vocabulary/message.h"
#include "base/shown.h"

/* True: the state has changed between up and away. A neighbour that is up when it is first reported is no change. */
bool told_neighbour(struct told *told, const char *name, bool up, const char *why, uint64_t now_us)
{
    assert(told->neighbour_count <= TOLD_NEIGHBOURS_MAX);
    struct told_neighbour *one = told->neighbours, *end = one + told->neighbour_count;
    while (one < end && strcmp(one->name, name) != 0) one++;
    bool first = one == end;
    if (first && (told->neighbour_count == TOLD_NEIGHBOURS_MAX || strlen(name) >= TOLD_NAME)) return false;
    if (first) {
        told->neighbour_count++;
        snprintf(one->name, sizeof one->name, "%s", name);
    }
    bool changed = first ? !up : one->up != up;
    if (first || changed) one->since_us = now_us;
    one->up = up;
    /* the reason becomes one line, for a log and for /readyz */
    shown_text(one->why, sizeof one->why, up || !why ? "" : why);
    return changed;
}

static struct told_figure *told_figure_of(struct told *told, const char *name)
{
    assert(told->figure_count <= TOLD_FIGURES_MAX);
    for (unsigned i = 0; i < told->figure_count; i++)
        if (strcmp(told->figures[i].name, name) == 0) return &told->figures[i];
    if (told->figure_count == TOLD_FIGURES_MAX || strlen(name) >= TOLD_NAME) return NULL;
    struct told_figure *figure = &told->figures[told->figure_count++];
    snprintf(figure->name, sizeof figure->name, "%s", name);
    figure->value = 0;
    return figure;
}

bool told_figure(struct told *told, const char *name, int64_t value)
{
    unsigned count = told->figure_count;
    struct told_figure *figure = told_figure_of(told, name);
    if (!figure || (figure->value == value && count == told->figure_count)) return false;
    figure->value = value;
    return true;
}

/* Adds to a figure; true: its value has changed. */
bool told_count(struct told *told, const char *name, int64_t more)
{
    struct told_figure *figure = told_figure_of(told, name);
    return figure && told_figure(told, name, figure->value + more);
}

const struct told_figure *told_find(const struct told *told, const char *name)
{
    for (unsigned i = 0; i < told->figure_count; i++)
        if (strcmp(told->figures[i].name, name) == 0) return &told->figures[i];
    return NULL;
}

void told_write(const struct told *told, struct writer *writer)
{
    struct kv kv;
    kv_init(&kv);
    for (unsigned i = 0; i < told->neighbour_count; i++) {
        const struct told_neighbour *one = &told->neighbours[i];
        if (one->up)
            kv_put_none(&kv, one->name);
        else
            kv_put_text(&kv, one->name, span_of(one->why));
    }
    writer_kv(writer, Report_neighbours, &kv);
    kv_clear(&kv);
    for (unsigned i = 0; i < told->figure_count; i++) kv_put_int(&kv, told->figures[i].name, told->figures[i].value);
    writer_kv(writer, Report_figures, &kv);
    kv_free(&kv);
}

/* Reads a name; false: it is empty, too long, or has bytes that names may not have. */
static bool name_read(struct span key, char name[TOLD_NAME])
{
    if (key.length == 0 || key.length >= TOLD_NAME) return false;
    for (uint32_t i = 0; i < key.length; i++)
        if (key.bytes[i] <= ' ' || key.bytes[i] > '~') return false;
    memcpy(name, key.bytes, key.length);
    name[key.length] = '\0';
    return true;
}

void told_read(struct told *told, const struct message *report, uint64_t now_us)
{
    char name[TOLD_NAME], why[TOLD_WHY];
    struct kv_pair pair;
    struct span list = message_text(report, Report_neighbours);
    for (uint32_t at = 0; kv_next(list, &at, &pair);) {
        bool away = pair.value.tag == KV_TEXT;
        if (!name_read(pair.key, name)) continue;
        snprintf(why, sizeof why, "%.*s", away ? (int)pair.value.span.length : 0,
                 away ? (const char *)pair.value.span.bytes : "");
        told_neighbour(told, name, !away, why, now_us);
    }
    list = message_text(report, Report_figures);
    for (uint32_t at = 0; kv_next(list, &at, &pair);)
        if (pair.value.tag == KV_INT && name_read(pair.key, name)) told_figure(told, name, pair.value.word);
}
