/* runtime/adapters/chat/setting.h - The plugin's settings, read and checked. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "runtime/adapter/settings.h"

struct chat_setting {
#define SETTING(name, usual, kind, doc)    const char *name;
#define NUMBER(name, usual, min, max, doc) uint64_t name;
#include "runtime/adapters/chat/settings.def"
#undef SETTING
#undef NUMBER
    struct identity_key *identity_key;             /* NULL: no visitor is verified by a token */
    char **all_origins, **all_queues, **all_types; /* lists that end with NULL; no types: files are not taken */
};

extern const char *const setting_names[]; /* NULL at the end */

/* Texts are borrowed. False with the reason in `why`, which begins with the setting's name. */
bool chat_setting_read(struct chat_setting *, setting_get *, void *self, char *why, size_t why_size);
/* In callback.c: are the settings of call-backs good? False with the reason. */
bool callbacks_setting_good(const struct chat_setting *, char *why, size_t why_size);
void chat_setting_free(struct chat_setting *);
