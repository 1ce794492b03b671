/* runtime/adapters/webhook/setting.h - The settings of the plugin `webhook`. */
#pragma once

#include "runtime/adapter/settings.h"
#include "runtime/adapters/webhook/given.h"

struct webhook_setting { /* texts are borrowed */
#define SETTING(name, ...) const char *name;
#define NUMBER(name, ...)  uint64_t name;
#include "runtime/adapters/webhook/settings.def"
#undef SETTING
#undef NUMBER
    struct network *of; /* the data file named by the setting `network` */
    struct network_given given;
};

extern const char *const setting_names[];

/* False with the reason, which begins with the setting's name. webhook_setting_free() either way. */
bool webhook_setting_read(struct webhook_setting *, setting_get *, void *self, char *why, size_t why_size);
void webhook_setting_free(struct webhook_setting *);
/* Is it the account's address, or one of those that the setting `ours` lists? */
bool webhook_address_is_ours(const struct webhook_setting *, const char *address);
