/* runtime/adapter/settings_rows.h - The table SETTINGS_DEF of a plugin's settings, whose values are in SETTINGS_STRUCT,
 * as its list of names, for the descriptor, as rows for settings_read(), and as files that are watched and as looks
 * of `gcxvm --check`. A plugin's
 * setting.c includes it once; it has no guard on purpose. */
#include "runtime/adapter/look.h"
#include "runtime/adapter/watched.h"

const char *const setting_names[] = {
#define SETTING(name, ...) #name,
#define NUMBER(name, ...)  #name,
#include SETTINGS_DEF
#undef SETTING
#undef NUMBER
    NULL,
};

static const struct setting_row setting_rows[] = {
#define SETTING(key, otherwise, is, doc)                                                                               \
    {.name = #key, .usual = otherwise, .at = offsetof(SETTINGS_STRUCT, key), .kind = SETTING_IS_##is},
#define NUMBER(key, otherwise, min, max, doc)                                                                          \
    {.name = #key, .at = offsetof(SETTINGS_STRUCT, key), .usual_number = otherwise, .least = min, .most = max},
#include SETTINGS_DEF
#undef SETTING
#undef NUMBER
};

#define SETTING_ROWS setting_rows, sizeof setting_rows / sizeof *setting_rows

void setting_files(struct watched_files *files, const void *of)
{
    watched_settings(files, SETTING_ROWS, of);
}

void setting_looks(const struct gcx_look *look)
{
    look_settings(look, SETTING_ROWS);
}
