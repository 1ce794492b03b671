/* runtime/daemon/service/adapter_files.c - Finds the files of adapters in the state folder: those named like the
 * adapter, and those next to the file that its setting `state` names; the files of a remote adapter are on its
 * machine. */
#include "runtime/daemon/service/adapter_files.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"

/* Returns the name of the file in the state folder that an adapter's setting `state` names; NULL: the setting names
 * none there. */
static const char *adapter_file_of(const struct conf *conf, const struct conf_setting *setting)
{
    size_t length = strlen(conf->state);
    if (strcmp(setting->key, "state") != 0 || strncmp(setting->value, conf->state, length) != 0) return NULL;
    const char *name = setting->value + length + 1;
    return setting->value[length] == '/' && *name && !strchr(name, '/') ? name : NULL;
}

void adapter_files_each(const struct conf *conf, void (*each)(void *self, const char *name, const struct state_file *),
                        void *self)
{
    for (size_t i = 0; i < conf->adapter_count; i++) {
        const struct conf_adapter *adapter = &conf->adapters[i];
        for (size_t k = 0; !adapter->remote && k <= adapter->setting_count; k++) {
            const char *begins = k == 0 ? adapter->name : adapter_file_of(conf, &adapter->settings[k - 1]);
            const struct state_file *file = k == 0 ? state_files_own : state_files_beside;
            for (; begins && file->ending; file++) {
                char *name = memory_format("%s%s", begins, file->ending);
                each(self, name, file);
                free(name);
            }
        }
    }
}
