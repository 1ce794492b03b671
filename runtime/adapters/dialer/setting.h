/* runtime/adapters/dialer/setting.h - The plugin's settings, read and checked. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "runtime/adapter/settings.h"

/* A session is named `NAME#JOURNAL`, where JOURNAL is a number of the core's journal in 8 hexadecimal digits. */
enum { SESSION_NAME_MAX = 55, SECOND_US = 1000000 };

struct dialer_setting {
#define SETTING(name, usual, kind, doc)    const char *name;
#define NUMBER(name, usual, min, max, doc) uint64_t name;
#include "runtime/adapters/dialer/settings.def"
#undef SETTING
#undef NUMBER
    char own_session[SESSION_NAME_MAX + 1]; /* the session's name if `session` is not set: made from machine, state
                                             * folder and adapter */
    const char *own_files;                  /* how the paths of the dialer's own files begin; NULL: it may keep none */
    /* the adapter's name, for a journal that another machine may lead: the dialer there has the same session */
    char led_name[25];
};

extern const char *const setting_names[]; /* NULL at the end */

/* Reads the settings; texts are not copied, also not for copies of the struct. False with the reason in `why`, which
 * begins with the setting's name. */
bool dialer_setting_read(struct dialer_setting *, setting_get *, void *self, char *why, size_t why_size);
/* Writes the session's name, for a core with that journal. */
void setting_session(const struct dialer_setting *, uint64_t journal, char name[SESSION_NAME_MAX + 1]);
