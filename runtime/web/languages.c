/* runtime/web/languages.c - Reads and checks the languages of pages. See languages.h. */
#include "runtime/web/languages.h"

#include <dirent.h>
#include <errno.h>
#include <glib.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/memory.h"
#include "base/why.h"

enum { LANGUAGE_BYTES_MAX = 1024 * 1024, LANGUAGES_MAX = 100, TAG_MAX = 35 };

struct languages {
    char *usual;
    json_t *rows;      /* by language: an object of its rows */
    GHashTable *files; /* of texts, by the names of files */
};

/* Is it a language tag, letters and digits in parts of one to eight with a hyphen between them? */
static bool tag_good(const char *tag)
{
    size_t part = 0;
    for (const char *at = tag; *at; at++) {
        if (*at == '-' ? part == 0 : !g_ascii_isalnum(*at) || part == 8) return false;
        part = *at == '-' ? 0 : part + 1;
    }
    return part > 0 && strlen(tag) <= TAG_MAX && g_ascii_isalpha(*tag);
}

/* Has the English text each place of the translation? A place is a name in braces. Else `*place` is the wrong one,
 * g_free. */
static bool language_places_known(const char *english, const char *translation, char **place)
{
    for (const char *at = strchr(translation, '{'); at; at = strchr(at + 1, '{')) {
        const char *end = strchr(at, '}');
        *place = g_strndup(at, end ? (size_t)(end - at) + 1 : strlen(at));
        if (!end || !strstr(english, *place)) return false;
        g_free(*place);
    }
    *place = NULL;
    return true;
}

/* Returns why the row is wrong, g_free; NULL: it is good. */
static char *language_row_wrong(const char *english, json_t *translation)
{
    static const char *const plurals[] = {"zero", "one", "two", "few", "many", "other", NULL};
    const char *key;
    char *place, *wrong = NULL;
    json_t *one;
    if (json_is_string(translation)) {
        if (language_places_known(english, json_string_value(translation), &place)) return NULL;
        wrong = g_strdup_printf("the translation has the place %.40s, which the English text has not", place);
        g_free(place);
        return wrong;
    }
    if (!json_is_object(translation) || !json_is_string(json_object_get(translation, "other")))
        return g_strdup("the translation is a text, or an object of texts by plural of which one is `other`");
    json_object_foreach(translation, key, one)
    {
        if (wrong) break;
        if (!g_strv_contains(plurals, key) || !json_is_string(one))
            wrong = g_strdup_printf("`%.20s` is none of zero, one, two, few, many, other with a text", key);
        else
            wrong = language_row_wrong(english, one);
    }
    return wrong;
}

/* Returns the line, from 1, in which the file has the row. */
static unsigned row_line(const char *text, const char *english)
{
    json_t *name = json_string(english);
    char *quoted = json_dumps(name, JSON_ENCODE_ANY);
    const char *at = quoted ? strstr(text, quoted) : NULL;
    unsigned line = 1;
    for (const char *before = text; at && before < at; before++) line += *before == '\n';
    free(quoted);
    json_decref(name);
    return line;
}

/* Puts the rows of the file to the language's. Rows of texts that `known` has not are left out; NULL: each is known. */
static bool languages_take(struct languages *languages, const char *name, const char *text, const json_t *known,
                           const char *path, char *why, size_t why_size)
{
    json_error_t error;
    const char *english;
    char *wrong = NULL;
    json_t *translation, *read = json_loads(text, JSON_REJECT_DUPLICATES, &error);
    if (!read) return why_set(why, why_size, "languages: %s:%d: %s", path, error.line, error.text);
    json_t *rows = json_object_get(languages->rows, name);
    if (!rows) json_object_set_new(languages->rows, name, rows = json_object());
    if (!json_is_object(read)) wrong = g_strdup_printf("%s:1: the file is no object of rows", path);
    json_object_foreach(read, english, translation)
    {
        char *row = wrong ? NULL : language_row_wrong(english, translation);
        if (row)
            wrong = g_strdup_printf("%s:%u: %s", path, row_line(text, english), row);
        else if (!wrong && (!known || json_object_get(known, english)))
            json_object_set(rows, english, translation);
        g_free(row);
    }
    if (wrong) why_set(why, why_size, "languages: %s", wrong);
    bool good = !wrong;
    g_free(wrong);
    json_decref(read);
    return good;
}

static bool languages_take_file(struct languages *languages, const char *folder, const char *file, const json_t *known,
                                char *why, size_t why_size)
{
    const char *reason;
    char *path = g_build_filename(folder, file, NULL), *name = g_strndup(file, strlen(file) - strlen(".json"));
    char *text = NULL;
    size_t length;
    bool good = false;
    if (!tag_good(name) || strcmp(name, "index") == 0)
        why_set(why, why_size, "languages: %s: `%.40s` is no language, such as pt or pt-BR", path, name);
    else if (json_object_size(languages->rows) >= LANGUAGES_MAX)
        why_set(why, why_size, "languages: %s has more than %d languages", folder, LANGUAGES_MAX);
    else if (!(text = file_read(path, LANGUAGE_BYTES_MAX, &length, &reason)))
        why_set(why, why_size, "languages: %s: %s", path, reason);
    else
        good = languages_take(languages, name, text, known, path, why, why_size);
    free(text);
    g_free(name);
    g_free(path);
    return good;
}

static bool languages_take_folder(struct languages *languages, const char *folder, const json_t *known, char *why,
                                  size_t why_size)
{
    DIR *open = opendir(folder);
    bool good = true;
    if (!open) return why_set(why, why_size, "languages: %s: %s", folder, g_strerror(errno));
    for (struct dirent *entry; good && (entry = file_next(open));)
        if (*entry->d_name != '.' && g_str_has_suffix(entry->d_name, ".json"))
            good = languages_take_file(languages, folder, entry->d_name, known, why, why_size);
    closedir(open);
    return good;
}

/* Writes the file of each language, and the index. */
static void languages_write(struct languages *languages)
{
    const char *name;
    json_t *rows, *names = json_array();
    json_object_foreach(languages->rows, name, rows)
    {
        g_hash_table_insert(languages->files, g_strconcat(name, ".json", NULL), json_dumps(rows, JSON_COMPACT));
        json_array_append_new(names, json_string(name));
    }
    json_t *index = json_pack("{s:s, s:o}", "usual", languages->usual, "languages", names);
    g_hash_table_insert(languages->files, g_strdup("index.json"), json_dumps(index, JSON_COMPACT));
    json_decref(index);
}

struct languages *languages_new(const struct language_file *built_in, const char *folder, const char *usual, char *why,
                                size_t why_size)
{
    struct languages *languages = memory_zeroed(1, sizeof *languages);
    json_t *known = json_object(), *rows;
    const char *name;
    bool good = true;
    languages->rows = json_object();
    languages->files = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, free);
    languages->usual = g_strdup(*usual ? usual : "en");
    for (const struct language_file *file = built_in; good && file->name; file++) {
        char *text = g_strndup((const char *)file->bytes, file->length);
        good = languages_take(languages, file->name, text, NULL, file->name, why, why_size);
        g_free(text);
    }
    json_object_foreach(languages->rows, name, rows)
    {
        json_object_update(known, rows);
    }
    if (good && *folder) good = languages_take_folder(languages, folder, known, why, why_size);
    if (good && !json_object_get(languages->rows, languages->usual))
        good = why_set(why, why_size, "language: `%.40s` is no language of the pages, and no file of `languages`",
                       languages->usual);
    if (good) languages_write(languages);
    json_decref(known);
    if (good) return languages;
    languages_free(languages);
    return NULL;
}

void languages_free(struct languages *languages)
{
    if (!languages) return;
    json_decref(languages->rows);
    g_free(languages->usual);
    g_hash_table_destroy(languages->files);
    free(languages);
}

const char *languages_file(const struct languages *languages, const char *name)
{
    return g_hash_table_lookup(languages->files, name);
}

const char *languages_best(const struct languages *languages, const char *tag)
{
    const char *name, *best = languages->usual;
    size_t first = strcspn(tag, "-");
    json_t *rows;
    json_object_foreach(languages->rows, name, rows)
    {
        if (g_ascii_strcasecmp(name, tag) == 0) return name;
        if (strlen(name) == first && g_ascii_strncasecmp(name, tag, first) == 0) best = name;
    }
    return best;
}
