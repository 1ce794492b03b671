/* runtime/adapter/settings_rows.h - Makes several tables of SETTINGS_DEF, a plugin's settings with values in
 * SETTINGS_STRUCT: the list of names for the descriptor, the rows that are read, the files that are watched, and the
 * checks of `gcxvm --check`. A plugin's setting.c includes it once; it has no guard on purpose. */
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

/* settings_read() of them. Watching the files begins before any of them is read. */
static bool setting_rows_read(SETTINGS_STRUCT *to, setting_get *get, void *self, char *why, size_t why_size)
{
    if (!settings_read(SETTING_ROWS, to, get, self, why, why_size)) return false;
    if (get == watched_setting) watched_settings(self, SETTING_ROWS, to);
    return true;
}

void setting_looks(const struct gcx_look *look)
{
    look_settings(look, SETTING_ROWS);
}
