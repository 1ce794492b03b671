/* runtime/adapter/settings.h - A plugin's settings, read into its struct by the rows of its settings.def. */
#ifndef ADAPTER_SETTINGS_H
#define ADAPTER_SETTINGS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct gcx_link;
struct gcx_services;

/* A text is a `const char *` of the struct, a number (`most` is not 0) a `uint64_t`. */
struct setting_row {
    const char *name, *usual;
    size_t at; /* its offset in the struct */
    uint64_t usual_number, least, most;
};

typedef const char *setting_get(void *self, const char *key); /* NULL: it is not set */

/* Texts are borrowed. False with the reason, which begins with the setting's name. */
bool settings_read(const struct setting_row *, size_t count, void *to, setting_get *, void *self, char *why,
                   size_t why_size);
/* Is there a database (`name` is the setting's), and is the country one or none? False with the reason. */
bool settings_store(const char *name, const char *store, const char *country, char *why, size_t why_size);
bool setting_yes(const char *value);
/* A link whose settings setting_of_link() gets, as a setting_get. */
struct link_settings {
    struct gcx_link *link;
    const struct gcx_services *services;
};
const char *setting_of_link(void *link_settings, const char *key);
/* The first line of a file that only we may read; NULL where `path` is empty. Freed by setting_password_free(). False
 * with the reason, which begins with `name`. */
bool setting_password(const char *path, const char *name, char **password, char *why, size_t why_size);
void setting_password_free(char *); /* wipes it; NULL is allowed */

#endif
