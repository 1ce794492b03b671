/* runtime/adapters/domains/setting.c - Reads and checks the settings of the plugin `domains`. */
#include "runtime/adapters/domains/setting.h"

#include "base/why.h"

#define SETTINGS_DEF    "runtime/adapters/domains/settings.def"
#define SETTINGS_STRUCT struct domains_setting
#include "runtime/adapter/settings_rows.h"

bool domains_setting_read(struct domains_setting *setting, setting_get *get, void *self, char *why, size_t why_size)
{
    *setting = (struct domains_setting){0};
    if (!setting_rows_read(setting, get, self, why, why_size)) return false;
    return *setting->database || why_set(why, why_size,
                                         "database: it is not set, and the journal is not in PostgreSQL: where do the "
                                         "domains meet?");
}
