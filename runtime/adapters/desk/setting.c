/* runtime/adapters/desk/setting.c - Reads and checks the settings of the desk. */
#include "runtime/adapters/desk/setting.h"

#include <glib.h>

#include "runtime/vocabulary/authority.h"
#include "runtime/vocabulary/contract.h"
#include "runtime/vocabulary/media.h"
#include "base/why.h"
#include "runtime/web/origins.h"

#define SETTINGS_DEF    "runtime/adapters/desk/settings.def"
#define SETTINGS_STRUCT struct desk_setting
#include "runtime/adapter/settings_rows.h"

static bool texts_way_good(const struct desk_setting *setting, char *why, size_t why_size)
{
    static const char *const ways[] = {"udh8", "udh16", "sar", "payload", NULL};
    return g_strv_contains(ways, setting->texts_way) ||
           why_set(why, why_size, "texts_way: `%.40s` is none of udh8, udh16, sar, payload", setting->texts_way);
}

/* Reads the media of the setting, by their words of enums.def. */
static bool desk_read_media(struct desk_setting *setting, setting_get *get, void *self, char *why, size_t why_size)
{
    setting->all_media = web_words_read(setting->media);
    for (char **one = setting->all_media; *one; one++) {
        enum media medium = setting_medium(get, self, *one);
        if (!media_at_desks(medium))
            return why_set(why, why_size, "media: `%.40s` is none that is answered at a desk; email, chat, ...", *one);
        g_free(*one);
        *one = g_strdup(enum_name_media(medium));
    }
    return true;
}

/* Reads the workbins of the setting, and adds those that every desk has. */
static char **desk_read_workbins(const char *list)
{
    static const char *const every[] = {WORKBIN_RETURNED, WORKBIN_LATER};
    char *all = g_strdup(list);
    for (size_t i = 0; i < G_N_ELEMENTS(every); i++) {
        char **words = web_words_read(all), *before = all;
        if (!web_words_have(words, every[i])) {
            all = g_strconcat(before, ",", every[i], NULL);
            g_free(before);
        }
        g_strfreev(words);
    }
    char **words = web_words_read(all);
    g_free(all);
    return words;
}

static bool desk_read_lists(struct desk_setting *setting, char *why, size_t why_size)
{
    setting->all_origins = origins_read(setting->origins, why, why_size);
    if (!setting->all_origins) return false;
    setting->all_names = web_words_read(setting->names);
    setting->all_queues = web_words_read(setting->queues);
    setting->all_asks = web_words_read(setting->asks);
    setting->all_views = web_words_read(setting->views);
    setting->all_workbins = desk_read_workbins(setting->workbins);
    setting->all_reasons = web_words_read(setting->reasons);
    setting->all_wrapups = web_words_read(setting->wrapups);
    setting->all_tags = web_words_read(setting->tags);
    setting->all_call_queues = web_words_read(setting->call_queues);
    setting->all_data = web_words_read(setting->data);
    setting->all_parameters = web_words_read(setting->parameters);
    setting->all_simulated = web_words_read(setting->simulated_as);
    setting->all_designers = web_words_read(setting->designers);
    return true;
}

bool desk_setting_read(struct desk_setting *setting, setting_get *get, void *self, char *why, size_t why_size)
{
    *setting = (struct desk_setting){0};
    if (!setting_rows_read(setting, get, self, why, why_size)) return false;
    if (!settings_store("store", setting->store, setting->country, why, why_size)) return false;
    if (!*setting->users) return why_set(why, why_size, "users: it is not set; a file of users and their roles");
    return texts_way_good(setting, why, why_size) && desk_read_lists(setting, why, why_size) &&
           desk_read_media(setting, get, self, why, why_size);
}

void desk_setting_free(struct desk_setting *setting)
{
    g_strfreev(setting->all_media);
    g_strfreev(setting->all_origins);
    g_strfreev(setting->all_names);
    g_strfreev(setting->all_queues);
    g_strfreev(setting->all_asks);
    g_strfreev(setting->all_workbins);
    g_strfreev(setting->all_views);
    g_strfreev(setting->all_reasons);
    g_strfreev(setting->all_wrapups);
    g_strfreev(setting->all_tags);
    g_strfreev(setting->all_call_queues);
    g_strfreev(setting->all_data);
    g_strfreev(setting->all_parameters);
    g_strfreev(setting->all_designers);
    g_strfreev(setting->all_simulated);
    *setting = (struct desk_setting){0};
}
