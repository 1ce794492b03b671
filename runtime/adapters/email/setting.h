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
    struct setting_address { /* one of the plugin's addresses, in lower case, and its queue */
        char address[SETTING_TEXT_MAX], queue[65];
    } * all;
    size_t count;
    char own_domain[SETTING_TEXT_MAX], own_from[SETTING_TEXT_MAX];
};

extern const char *const setting_names[]; /* ended by NULL; a name after "*" must be set */

/* Texts are borrowed. False with the reason in `why`, which begins with the setting's name. */
bool email_setting_read(struct email_setting *, setting_get *, void *self, char *why, size_t why_size);
/* Are the settings good each by itself (settings.def), and together? email_setting_read() asks it. */
bool setting_check(const struct email_setting *, char *why, size_t why_size);
bool setting_is_domain(const char *);
void email_setting_free(struct email_setting *);
/* Returns the queue of one of the plugin's addresses, without regard to case; NULL: it is not one. */
const char *setting_queue(const struct email_setting *, const char *address);
/* Is it an address of `reply_to_is_sender`, without regard to case? */
bool setting_for_others(const struct email_setting *, const char *address);
/* Returns the name that From has before this address of ours; NULL: none. The caller frees it by g_free(). */
char *setting_name(const struct email_setting *, const char *address);
/* Is it an address from which the plugin sends: one of `addresses`, of `names`, or `from`? */
bool setting_sends(const struct email_setting *, const char *address);
/* Returns "host:port" of a URL, with the scheme's port if it has none; NULL: it is not a URL. Freed by free(). */
char *setting_address(const char *url);
