/* runtime/adapters/mms/setting.h - The settings of the plugin `mms`. */
#pragma once

#include "runtime/adapter/numbers.h"
#include "runtime/adapter/settings.h"
#include "runtime/adapter/watched.h"

struct mms_setting { /* texts are borrowed */
#define SETTING(name, ...) const char *name;
#define NUMBER(name, ...)  uint64_t name;
#include "runtime/adapters/mms/settings.def"
#undef SETTING
#undef NUMBER
    struct own_numbers own_numbers; /* the numbers that the setting `numbers` lists */
    struct secret credentials;      /* what the provider sends in its header Authorization after `Basic`; NULL: no
                                     * password is required */
};

extern const char *const setting_names[];

/* False with the reason in `why`, which begins with the setting's name. mms_setting_free() either way. */
bool mms_setting_read(struct mms_setting *, setting_get *, void *self, char *why, size_t why_size);
watched_again mms_read_credentials; /* reads the file of credentials of a struct mms_setting again */
void mms_setting_free(struct mms_setting *);
