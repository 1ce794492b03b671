/* runtime/adapters/desk/setting.c - See the header. */
#include "runtime/adapters/desk/setting.h"

#include <glib.h>
#include <stdio.h>
#include <string.h>

#include "runtime/web/origins.h"
#include "runtime/vocabulary/person.h"

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

static bool desk_read_lists(struct setting *setting, char *why, size_t why_size)
{
    setting->all_origins = origins_read(setting->origins, why, why_size);
    if (!setting->all_origins) return false;
    setting->all_names = words_read(setting->names);
    setting->all_queues = words_read(setting->queues);
    setting->all_workbins = words_read(setting->workbins);
    setting->all_reasons = words_read(setting->reasons);
    setting->all_wrapups = words_read(setting->wrapups);
    setting->all_data = words_read(setting->data);
    setting->all_parameters = words_read(setting->parameters);
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
    if (*setting->country && !person_country(setting->country)) {
        snprintf(why, why_size, "country: " PERSON_COUNTRY_REFUSED, setting->country);
        return false;
    }
    return desk_read_lists(setting, why, why_size);
}

void setting_free(struct setting *setting)
{
    g_strfreev(setting->all_origins);
    g_strfreev(setting->all_names);
    g_strfreev(setting->all_queues);
    g_strfreev(setting->all_workbins);
    g_strfreev(setting->all_reasons);
    g_strfreev(setting->all_wrapups);
    g_strfreev(setting->all_data);
    g_strfreev(setting->all_parameters);
    *setting = (struct setting){0};
}
