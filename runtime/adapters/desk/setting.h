/* runtime/adapters/desk/setting.h - The plugin's settings, read and checked. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "runtime/adapter/settings.h"

struct desk_setting {
#define SETTING(name, usual, kind, doc)    const char *name;
#define NUMBER(name, usual, min, max, doc) uint64_t name;
#include "runtime/adapters/desk/settings.def"
#undef SETTING
#undef NUMBER
    char **all_media, **all_origins, **all_names, **all_queues, **all_asks, **all_workbins, **all_reasons,
        **all_wrapups, **all_tags, **all_data, **all_parameters, **all_views, **all_call_queues, **all_designers,
        **all_simulated; /* NULL at the end */
};

extern const char *const setting_names[]; /* NULL at the end */

/* Texts are borrowed. False with the reason in `why`, which begins with the setting's name. */
bool desk_setting_read(struct desk_setting *, setting_get *, void *self, char *why, size_t why_size);
void desk_setting_free(struct desk_setting *);
