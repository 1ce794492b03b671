/* runtime/adapters/domains/setting.h - The settings of the plugin `domains`. */
#pragma once

#include "runtime/adapter/settings.h"

struct domains_setting { /* texts are borrowed */
#define SETTING(name, ...) const char *name;
#define NUMBER(name, ...)  uint64_t name;
#include "runtime/adapters/domains/settings.def"
#undef SETTING
#undef NUMBER
};

extern const char *const setting_names[];

/* False with the reason in `why`, which begins with the setting's name. */
bool domains_setting_read(struct domains_setting *, setting_get *, void *self, char *why, size_t why_size);
