/* runtime/adapters/work/setting.c - Reads and checks the settings of the plugin `work`. */
#include "runtime/adapters/work/setting.h"

#include <string.h>

#include "runtime/vocabulary/media.h"
#include "runtime/vocabulary/rows.h"
#include "base/why.h"

#define SETTINGS_DEF    "runtime/adapters/work/settings.def"
#define SETTINGS_STRUCT struct work_setting
#include "runtime/adapter/settings_rows.h"

bool work_setting_read(struct work_setting *setting, setting_get *get, void *self, char *why, size_t why_size)
{
    *setting = (struct work_setting){0};
    if (!setting_rows_read(setting, get, self, why, why_size)) return false;
    setting->medium = setting_medium(get, self, setting->media);
    if (!media_are(media_of_work, setting->medium))
        return why_set(why, why_size, "media: `%s` is none of work, fax, and those that the site declares",
                       setting->media);
    if (strlen(setting->queue) > NAME_MAX_BYTES) return why_set(why, why_size, "queue: a text of up to 64 bytes");
    if (!*setting->listen) return why_set(why, why_size, "listen: it is not set, so nothing could be submitted");
    if (!*setting->token_file) return why_set(why, why_size, "token_file: it is not set, so nobody could submit");
    return secret_read(&setting->token, setting->token_file, "token_file", why, why_size);
}

void work_setting_free(struct work_setting *setting)
{
    secret_free(&setting->token);
}
