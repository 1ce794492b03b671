/* runtime/adapters/chat/setting.c - Reads and checks the settings of the chat adapter.
 *
 * Settings that are lists of words are split here once. chat_setting_free() frees what was read so far also after a
 * mistake, so no function here frees anything. */
#include "runtime/adapters/chat/setting.h"

#include <glib.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/why.h"
#include "runtime/adapters/chat/identity.h"
#include "runtime/web/origins.h"

#define SETTINGS_DEF    "runtime/adapters/chat/settings.def"
#define SETTINGS_STRUCT struct chat_setting
#include "runtime/adapter/settings_rows.h"

/* Is the word a content type, in lower case and without parameters? */
static bool type_good(const char *type)
{
    const char *slash = strchr(type, '/');
    return slash && slash != type && slash[1] && strlen(type) < 64 &&
           strspn(slash + 1, "abcdefghijklmnopqrstuvwxyz0123456789.+-") == strlen(slash + 1) &&
           strspn(type, "abcdefghijklmnopqrstuvwxyz0123456789.+-") == (size_t)(slash - type);
}

/* Splits the settings that are lists; `file_types = none` gives the empty list: no file is taken then. */
static bool chat_read_lists(struct chat_setting *setting, char *why, size_t why_size)
{
    setting->all_origins = origins_read(setting->origins, why, why_size);
    if (!setting->all_origins) return false;
    setting->all_queues = web_words_read(setting->queues);
    setting->all_types = web_words_read(strcmp(setting->file_types, "none") == 0 ? "" : setting->file_types);
    for (char **type = setting->all_types; *type; type++)
        if (!type_good(*type))
            return why_set(why, why_size, "file_types: `%.80s` is no type; image/png, application/pdf, ... or none",
                           *type);
    for (char **queue = setting->all_queues; *queue; queue++)
        if (strlen(*queue) > 64) return why_set(why, why_size, "queues: `%.80s` is too long", *queue);
    if (setting->all_queues[0]) return true;
    return why_set(why, why_size, "queues: none is set, so no chat could come; QUEUE,...");
}

/* Reads the key of the site's tokens. */
static bool chat_read_identity(struct chat_setting *setting, char *why, size_t why_size)
{
    enum { KEY_MOST = 16384 };
    const char *unread = "";
    struct error error = {0};
    size_t length;
    if (!*setting->identity) return true;
    if (!*setting->identity_audience)
        return why_set(why, why_size, "identity_audience: it is not set, and tokens for others would pass; a NAME");
    char *bytes = file_read(setting->identity, KEY_MOST, &length, &unread);
    if (!bytes) return why_set(why, why_size, "identity: %.200s: %s", setting->identity, unread);
    setting->identity_key = identity_key_read((struct span){(const uint8_t *)bytes, (uint32_t)length}, &error);
    explicit_bzero(bytes, length);
    free(bytes);
    return setting->identity_key || why_set(why, why_size, "identity: %.200s: %s", setting->identity, error.text);
}

bool chat_setting_read(struct chat_setting *setting, setting_get *get, void *self, char *why, size_t why_size)
{
    *setting = (struct chat_setting){0};
    if (!setting_rows_read(setting, get, self, why, why_size)) return false;
    if (!settings_store("store", setting->store, setting->country, why, why_size)) return false;
    if (strcmp(setting->begins, "words") != 0 && strcmp(setting->begins, "open") != 0)
        return why_set(why, why_size, "begins: `%.80s` is none; words or open", setting->begins);
    return chat_read_identity(setting, why, why_size) && chat_read_lists(setting, why, why_size) &&
           callbacks_setting_good(setting, why, why_size);
}

void chat_setting_free(struct chat_setting *setting)
{
    identity_key_free(setting->identity_key);
    g_strfreev(setting->all_origins);
    g_strfreev(setting->all_queues);
    g_strfreev(setting->all_types);
    *setting = (struct chat_setting){0};
}
