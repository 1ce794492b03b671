/* runtime/adapters/desk/macros.c - Reads the file of macros. See macros.h. */
#include "runtime/adapters/desk/macros.h"

#include <glib.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/why.h"
#include "runtime/web/origins.h"

enum { MACROS_MAX = 200, MACROS_BYTES_MAX = 256 * 1024, MACRO_NAME_MAX = 64, REASON_MAX = 256 };

static json_t *words_json(const char *text)
{
    json_t *list = json_array();
    char **words = web_words_read(text);
    for (char **one = words; *one; one++) json_array_append_new(list, json_string(*one));
    g_strfreev(words);
    return list;
}

bool macros_tags_good(const struct desk_setting *setting, const char *tags)
{
    char **words = web_words_read(tags);
    bool good = true;
    for (char **one = words; *one; one++) good = good && web_words_have(setting->all_tags, *one);
    g_strfreev(words);
    return good;
}

char *macros_tags_joined(const char *before, const json_t *more)
{
    char **words = web_words_read(before);
    GString *all = g_string_new(NULL);
    for (char **one = words; *one; one++) g_string_append_printf(all, "%s%s", all->len > 0 ? ", " : "", *one);
    for (size_t i = 0; i < json_array_size(more); i++) {
        const char *tag = json_string_value(json_array_get(more, i));
        if (!web_words_have(words, tag)) g_string_append_printf(all, "%s%s", all->len > 0 ? ", " : "", tag);
    }
    g_strfreev(words);
    return g_string_free(all, FALSE);
}

const json_t *macro_named(const json_t *macros, const char *name)
{
    for (size_t i = 0; i < json_array_size(macros); i++) {
        const json_t *macro = json_array_get(macros, i);
        if (strcmp(json_string_value(json_object_get(macro, "name")), name) == 0) return macro;
    }
    return NULL;
}

/* ---- the parts of a macro ---- */

struct part_wanted {
    const struct desk_setting *setting;
    json_t *macro;
    const char *key, *value;
};

/* Each takes one part. Returns the reason why it is wrong; NULL: it is good. */
static const char *part_response(const struct part_wanted *part)
{
    json_object_set_new(part->macro, "response", json_string(part->value));
    return *part->value ? NULL : "CATEGORY/NAME of a standard response";
}

static const char *part_tags(const struct part_wanted *part)
{
    json_object_set_new(part->macro, "tags", words_json(part->value));
    return *part->value && macros_tags_good(part->setting, part->value) ? NULL : "each is one of the setting `tags`";
}

static const char *part_data(const struct part_wanted *part)
{
    json_t *data = json_object_get(part->macro, "data");
    const char *key = part->key + strlen("data.");
    if (!data) json_object_set_new(part->macro, "data", data = json_object());
    json_object_set_new(data, key, json_string(part->value));
    return web_words_have(part->setting->all_data, key) ? NULL : "the setting `data` does not name this key";
}

static const char *part_wrapup(const struct part_wanted *part)
{
    json_object_set_new(part->macro, "wrapup", json_string(part->value));
    return web_words_have(part->setting->all_wrapups, part->value) ? NULL : "it is none of the setting `wrapups`";
}

static const char *part_place(const struct part_wanted *part)
{
    bool queue = strcmp(part->key, "queue") == 0;
    bool twice = json_object_get(part->macro, "to") != NULL;
    json_object_set_new(part->macro, "to", json_string(part->key));
    json_object_set_new(part->macro, "place", json_string(part->value));
    if (twice) return "it goes to one place";
    if (queue)
        return web_words_have(part->setting->all_queues, part->value) ? NULL : "it is none of the setting `queues`";
    return web_words_have(part->setting->all_workbins, part->value) ? NULL : "it is none of the setting `workbins`";
}

static const char *part_reason(const struct part_wanted *part)
{
    json_object_set_new(part->macro, "reason", json_string(part->value));
    return *part->value && strlen(part->value) <= REASON_MAX ? NULL : "a reason has 1 to 256 bytes";
}

static const char *part_finish(const struct part_wanted *part)
{
    json_object_set_new(part->macro, "finish", json_true());
    return strcmp(part->value, "yes") == 0 ? NULL : "yes, or the line is left out";
}

static const struct part_row {
    const char *key;
    const char *(*take)(const struct part_wanted *);
} part_rows[] = {{"response", part_response}, {"tags", part_tags},    {"data.", part_data},
                 {"wrapup", part_wrapup},     {"queue", part_place},  {"workbin", part_place},
                 {"reason", part_reason},     {"finish", part_finish}};

static const struct part_row *part_row_of(const char *key)
{
    for (size_t i = 0; i < G_N_ELEMENTS(part_rows); i++) {
        const char *name = part_rows[i].key;
        if (strcmp(name, "data.") == 0 ? g_str_has_prefix(key, name) && key[strlen(name)] != '\0'
                                       : strcmp(name, key) == 0)
            return &part_rows[i];
    }
    return NULL;
}

/* What must hold of all parts together. */
static const char *macro_wrong(const json_t *macro)
{
    const json_t *to = json_object_get(macro, "to"), *finish = json_object_get(macro, "finish");
    if (json_object_size(macro) < 2) return "it does nothing";
    if (strlen(json_string_value(json_object_get(macro, "name"))) > MACRO_NAME_MAX)
        return "its name has 64 bytes at most";
    if (to && finish) return "what is finished goes nowhere: `finish`, or a queue or workbin";
    if (json_object_get(macro, "reason") && !to) return "`reason` goes with `queue` or `workbin`";
    return NULL;
}

static json_t *macro_read(GKeyFile *file, const char *name, const struct desk_setting *setting, char *why,
                          size_t why_size)
{
    json_t *macro = json_pack("{s:s}", "name", name);
    char **keys = g_key_file_get_keys(file, name, NULL, NULL);
    const char *wrong = NULL, *at = NULL;
    for (char **key = keys; *key && !wrong; key++) {
        char *value = g_key_file_get_string(file, name, *key, NULL);
        const struct part_row *row = part_row_of(*key);
        at = *key;
        if (!row)
            wrong = "no part of a macro: response, tags, data.KEY, wrapup, queue, workbin, reason, finish";
        else
            wrong = value ? row->take(&(struct part_wanted){setting, macro, *key, g_strstrip(value)}) : "it is no text";
        g_free(value);
    }
    const char *whole = wrong ? NULL : macro_wrong(macro);
    if (wrong) why_set(why, why_size, "macros: [%s] %s: %s", name, at, wrong);
    if (whole) why_set(why, why_size, "macros: [%s]: %s", name, whole);
    g_strfreev(keys);
    if (!wrong && !whole) return macro;
    json_decref(macro);
    return NULL;
}

json_t *macros_read(const struct desk_setting *setting, char *why, size_t why_size)
{
    const char *path = setting->macros, *cannot;
    size_t length = 0;
    char *bytes = file_read(path, MACROS_BYTES_MAX, &length, &cannot);
    if (!bytes) return why_set(why, why_size, "macros: %s: %s", path, cannot), NULL;
    GKeyFile *file = g_key_file_new();
    GError *error = NULL;
    json_t *all = json_array();
    gsize count = 0;
    if (!g_key_file_load_from_data(file, bytes, length, G_KEY_FILE_NONE, &error)) {
        why_set(why, why_size, "macros: %s: %s", path, error->message);
        g_error_free(error);
        json_decref(all);
        all = NULL;
    }
    char **names = g_key_file_get_groups(file, &count);
    if (all && count > MACROS_MAX) {
        why_set(why, why_size, "macros: %s has %zu, and %d are the most", path, (size_t)count, MACROS_MAX);
        json_decref(all);
        all = NULL;
    }
    for (char **name = names; all && *name; name++) {
        json_t *macro = macro_read(file, *name, setting, why, why_size);
        if (macro) {
            json_array_append_new(all, macro);
        } else {
            json_decref(all);
            all = NULL;
        }
    }
    g_strfreev(names);
    g_key_file_free(file);
    free(bytes);
    return all;
}
