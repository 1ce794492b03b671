/* runtime/adapters/desk/setting.c - See the header. */
#include "runtime/adapters/desk/setting.h"

#include <glib.h>
#include <stdio.h>
#include <string.h>

enum { WORDS_MAX = 1000 };

const char *const setting_names[] = {
#define SETTING(name, usual, doc)          #name,
#define NUMBER(name, usual, min, max, doc) #name,
#include "runtime/adapters/desk/settings.def"
#undef SETTING
#undef NUMBER
    NULL,
};

static const struct setting_row rows[] = {
#define SETTING(name, usual, doc)          SETTING_ROW(name, usual)
#define NUMBER(name, usual, min, max, doc) NUMBER_ROW(name, usual, min, max)
#include "runtime/adapters/desk/settings.def"
#undef SETTING
#undef NUMBER
};

static char **read_words(const char *text)
{
    char **words = g_strsplit(text, ",", WORDS_MAX), **to = words;
    for (char **word = words; *word; word++)
        if (*g_strstrip(*word))
            *to++ = *word;
        else
            g_free(*word);
    *to = NULL;
    return words;
}

bool words_have(char **words, const char *word)
{
    for (; *words; words++)
        if (strcmp(*words, word) == 0) return true;
    return false;
}

/* An origin is compared with what browsers send, byte by byte: scheme, host and port, nothing behind. */
static bool origin_good(const char *origin)
{
    const char *host = strstr(origin, "://");
    bool scheme = g_str_has_prefix(origin, "https://") || g_str_has_prefix(origin, "http://");
    return scheme && host[3] && !strpbrk(host + 3, "/*?#@ ");
}

static bool read_lists(struct setting *setting, char *why, size_t why_size)
{
    setting->all_origins = read_words(setting->origins);
    setting->all_queues = read_words(setting->queues);
    setting->all_workbins = read_words(setting->workbins);
    setting->all_reasons = read_words(setting->reasons);
    setting->all_wrapups = read_words(setting->wrapups);
    setting->all_parameters = read_words(setting->parameters);
    for (char **origin = setting->all_origins; *origin; origin++)
        if (!origin_good(*origin)) {
            snprintf(why, why_size, "origins: `%s` is no origin; https://HOST, a port where it has one, nothing behind",
                     *origin);
            return false;
        }
    return true;
}

static bool must(const char *value, const char *name, const char *expected, char *why, size_t why_size)
{
    if (!*value) snprintf(why, why_size, "%s: it is not set; %s", name, expected);
    return *value != 0;
}

bool setting_read(struct setting *setting, setting_get *get, void *self, char *why, size_t why_size)
{
    *setting = (struct setting){0};
    if (!settings_read(rows, sizeof rows / sizeof *rows, setting, get, self, why, why_size)) return false;
    if (!must(setting->store, "store", "sqlite:FILE or a connection string of PostgreSQL", why, why_size) ||
        !must(setting->users, "users", "a file of users and their roles", why, why_size))
        return false;
    if (!*setting->certificate != !*setting->key) {
        snprintf(why, why_size, "%s: certificate and key are set together, or neither",
                 *setting->key ? "certificate" : "key");
        return false;
    }
    return read_lists(setting, why, why_size);
}

void setting_free(struct setting *setting)
{
    g_strfreev(setting->all_origins);
    g_strfreev(setting->all_queues);
    g_strfreev(setting->all_workbins);
    g_strfreev(setting->all_reasons);
    g_strfreev(setting->all_wrapups);
    g_strfreev(setting->all_parameters);
    *setting = (struct setting){0};
}
