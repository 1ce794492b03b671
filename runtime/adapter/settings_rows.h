/* runtime/adapter/settings_rows.h - The table SETTINGS_DEF of a plugin's settings as its list of names, for the
 * descriptor, and as rows for settings_read(). A plugin's setting.c includes it once; it has no guard on purpose. */
const char *const setting_names[] = {
#define SETTING(name, ...) #name,
#define NUMBER(name, ...)  #name,
#include SETTINGS_DEF
#undef SETTING
#undef NUMBER
    NULL,
};

static const struct setting_row setting_rows[] = {
#define SETTING(name, usual, ...)          {#name, usual, offsetof(struct setting, name), 0, 0, 0},
#define NUMBER(name, usual, min, max, doc) {#name, NULL, offsetof(struct setting, name), usual, min, max},
#include SETTINGS_DEF
#undef SETTING
#undef NUMBER
};

#define SETTING_ROWS setting_rows, sizeof setting_rows / sizeof *setting_rows
