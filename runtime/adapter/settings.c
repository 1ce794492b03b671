/* runtime/adapter/settings.c - Reads a plugin's settings into its struct, row by row.
 *
 * A row has the name, the place in the struct and, for numbers, the bounds; `most` 0 means a text. Texts point to
 * what get() returned and are not copied: they are valid as long as the settings of the link. */
#include "runtime/adapter/settings.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/adapter/gcx_adapter.h"
#include "runtime/vocabulary/media.h"
#include "runtime/vocabulary/person.h"
#include "base/why.h"

/* Reads a number of digits alone, since strtoull() would accept a sign or blanks. */
static bool settings_read_number(const char *text, const struct setting_row *row, uint64_t *value, char *why,
                                 size_t why_size)
{
    char *end = NULL;
    bool digit = text && *text >= '0' && *text <= '9';
    *value = digit ? strtoull(text, &end, 10) : row->usual_number;
    if (!text || (digit && *end == 0 && *value >= row->least && *value <= row->most)) return true;
    return why_set(why, why_size, "%s: `%s` is no number from %llu to %llu", row->name, text,
                   (unsigned long long)row->least, (unsigned long long)row->most);
}

bool settings_read(const struct setting_row *rows, size_t count, void *to, setting_get *get, void *self, char *why,
                   size_t why_size)
{
    for (size_t i = 0; i < count; i++) {
        const struct setting_row *row = &rows[i];
        const char *text = get(self, row->name), *shown = text ? text : row->usual;
        uint64_t number;
        if (row->most == 0)
            memcpy((char *)to + row->at, &shown, sizeof shown);
        else if (settings_read_number(text, row, &number, why, why_size))
            memcpy((char *)to + row->at, &number, sizeof number);
        else
            return false;
    }
    return true;
}

bool settings_store(const char *name, const char *store, const char *country, char *why, size_t why_size)
{
    bool known = !*country || person_country(country);
    if (!*store)
        snprintf(why, why_size, "%s: it is not set; sqlite:FILE or a connection string of PostgreSQL", name);
    else if (!known)
        snprintf(why, why_size, "country: " PERSON_COUNTRY_REFUSED, country);
    return *store && known;
}

const char *setting_of_link(void *self, const char *key)
{
    const struct link_settings *of = self;
    return of->services->setting(of->link, key);
}

/* Gets the next pair of the site's own media; false at the end of the list. The list is NAME=NUMBER,NAME=NUMBER;
 * numbers of the site's own media have a range of their own. */
static bool own_media_next(const char **rest, struct span *name, enum media *medium)
{
    const char *at = *rest, *is = at ? strchr(at, '=') : NULL;
    char *end;
    if (!is) return false;
    *name = (struct span){(const uint8_t *)at, (uint32_t)(is - at)};
    *medium = media_own_numbered(strtoul(is + 1, &end, 10));
    *rest = *end == ',' ? end + 1 : NULL;
    return *medium != media_none;
}

enum media setting_medium(setting_get *get, void *self, const char *name)
{
    const char *rest = get(self, GCX_OWN_MEDIA);
    struct span said;
    enum media own;
    while (own_media_next(&rest, &said, &own))
        if (span_is(said, name)) return own;
    int medium = enum_value_media(name, (uint32_t)strlen(name));
    return medium < 0 ? media_none : (enum media)medium;
}

void setting_medium_said(setting_get *get, void *self, enum media medium, char said[MEDIUM_SAID_MAX])
{
    const char *rest = get(self, GCX_OWN_MEDIA);
    struct span name;
    enum media own;
    snprintf(said, MEDIUM_SAID_MAX, "%s", enum_name_media(medium));
    while (own_media_next(&rest, &name, &own))
        if (own == medium) {
            snprintf(said, MEDIUM_SAID_MAX, "%.*s", (int)name.length, (const char *)name.bytes);
            return;
        }
}

bool setting_yes(const char *value)
{
    return strcmp(value, "yes") == 0;
}
