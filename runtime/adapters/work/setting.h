/* runtime/adapters/work/setting.h - The settings of the plugin `work`. */
#pragma once

#include "runtime/adapter/settings.h"
#include "runtime/vocabulary/vocabulary.h"

struct work_setting { /* texts are borrowed */
#define SETTING(name, ...) const char *name;
#define NUMBER(name, ...)  uint64_t name;
#include "runtime/adapters/work/settings.def"
#undef SETTING
#undef NUMBER
    enum media medium;
    struct secret token;
};

extern const char *const setting_names[];

/* False with the reason, which begins with the setting's name. work_setting_free() either way. */
bool work_setting_read(struct work_setting *, setting_get *, void *self, char *why, size_t why_size);
void work_setting_free(struct work_setting *);
