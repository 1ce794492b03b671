/* runtime/adapters/email/setting.h - The plugin's settings, read and checked. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "runtime/adapter/settings.h"

enum { SETTING_ADDRESSES_MAX = 1000, SETTING_TEXT_MAX = 255, SECOND_US = 1000000 };

struct email_setting {
#define SETTING(name, usual, kind, doc)    const char *name;
#define NUMBER(name, usual, min, max, doc) uint64_t name;
#include "runtime/adapters/email/settings.def"
#undef SETTING
#undef NUMBER
    struct setting_address { /* an address of ours, in lower case, and its queue */
        char address[SETTING_TEXT_MAX], queue[65];
    } * all;
    size_t count;
    char own_domain[SETTING_TEXT_MAX], own_from[SETTING_TEXT_MAX];
};

extern const char *const setting_names[]; /* NULL at the end; "*" before those that must be set */

/* Texts are borrowed. False with the reason, which begins with the setting's name. */
bool email_setting_read(struct email_setting *, setting_get *, void *self, char *why, size_t why_size);
/* Are the texts well by themselves (settings.def), and together? email_setting_read() asks it. */
bool setting_check(const struct email_setting *, char *why, size_t why_size);
bool setting_is_domain(const char *);
void email_setting_free(struct email_setting *);
/* The queue of an address of ours, case not counted; NULL: it is none. */
const char *setting_queue(const struct email_setting *, const char *address);
/* "host:port" of a URL, of its scheme's port where it has none; NULL: it is none. Freed by free(). */
char *setting_address(const char *url);
