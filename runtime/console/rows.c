/* runtime/console/rows.c - Compares each row with the one that had its key before. */
#include "runtime/console/rows.h"

#include <glib.h>
#include <stdlib.h>

#include "base/memory.h"

struct live_row {
    json_t *value;
    unsigned seen; /* number of the reading that has brought it last */
};

struct live_rows {
    const char *key;
    GHashTable *all; /* struct live_row, by key */
    unsigned reading;
    json_t *changed, *gone; /* since console_rows_changes() was asked last */
};

static void live_row_free(gpointer data)
{
    struct live_row *row = data;
    json_decref(row->value);
    free(row);
}

struct live_rows *console_rows_new(const char *key)
{
    struct live_rows *rows = memory_zeroed(1, sizeof *rows);
    rows->key = key;
    rows->all = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, live_row_free);
    rows->changed = json_object();
    rows->gone = json_object();
    return rows;
}

void console_rows_free(struct live_rows *rows)
{
    if (!rows) return;
    g_hash_table_destroy(rows->all);
    json_decref(rows->changed);
    json_decref(rows->gone);
    free(rows);
}

static bool live_row_is_empty(const json_t *value)
{
    return json_is_null(value) || json_is_false(value) || (json_is_string(value) && json_string_length(value) == 0) ||
           (json_is_object(value) && json_object_size(value) == 0) ||
           (json_is_array(value) && json_array_size(value) == 0);
}

/* Returns the row without its empty members. */
static json_t *live_row_stripped(const json_t *row)
{
    const char *member;
    json_t *value, *stripped = json_object();
    json_object_foreach((json_t *)row, member, value) if (!live_row_is_empty(value))
        json_object_set(stripped, member, value);
    return stripped;
}

void console_rows_page(struct live_rows *rows, const json_t *page)
{
    for (size_t i = 0; i < json_array_size(page); i++) {
        const json_t *one = json_array_get(page, i);
        const char *key = json_string_value(json_object_get(one, rows->key));
        if (!key) continue;
        json_t *value = live_row_stripped(one);
        struct live_row *row = g_hash_table_lookup(rows->all, key);
        if (!row) {
            row = memory_zeroed(1, sizeof *row);
            g_hash_table_insert(rows->all, g_strdup(key), row);
            json_object_del(rows->gone, key);
        }
        row->seen = rows->reading;
        if (row->value && json_equal(row->value, value)) {
            json_decref(value);
            continue;
        }
        json_decref(row->value);
        row->value = value;
        json_object_set(rows->changed, key, value);
    }
}

void console_rows_read(struct live_rows *rows)
{
    GHashTableIter at;
    gpointer key, value;
    g_hash_table_iter_init(&at, rows->all);
    while (g_hash_table_iter_next(&at, &key, &value)) {
        if (((struct live_row *)value)->seen == rows->reading) continue;
        json_object_del(rows->changed, key);
        json_object_set_new(rows->gone, key, json_true());
        g_hash_table_iter_remove(&at);
    }
    rows->reading++;
}

bool console_rows_changed(const struct live_rows *rows)
{
    return json_object_size(rows->changed) > 0 || json_object_size(rows->gone) > 0;
}

static json_t *console_rows_values(json_t *object)
{
    const char *key;
    json_t *value, *list = json_array();
    json_object_foreach(object, key, value) json_array_append(list, value);
    return list;
}

static json_t *console_rows_keys(json_t *object)
{
    const char *key;
    json_t *value, *list = json_array();
    json_object_foreach(object, key, value) json_array_append_new(list, json_string(key));
    return list;
}

json_t *console_rows_changes(struct live_rows *rows)
{
    json_t *changes =
        json_pack("{s:o, s:o}", "rows", console_rows_values(rows->changed), "gone", console_rows_keys(rows->gone));
    json_object_clear(rows->changed);
    json_object_clear(rows->gone);
    return changes;
}

json_t *console_rows_whole(const struct live_rows *rows)
{
    GHashTableIter at;
    gpointer value;
    json_t *list = json_array();
    g_hash_table_iter_init(&at, rows->all);
    while (g_hash_table_iter_next(&at, NULL, &value)) json_array_append(list, ((struct live_row *)value)->value);
    return json_pack("{s:o, s:b}", "rows", list, "whole", true);
}
