/* runtime/adapters/desk/chosen.c - See chosen.h. */
#include "runtime/adapters/desk/chosen.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "runtime/adapters/desk/desk.h"
#include "runtime/web/saved.h"

json_t *chosen_of(const struct desk *desk, const char *person)
{
    json_t *values = json_object_get(desk->chosen, person);
    return values ? json_incref(values) : json_object();
}

static void chosen_keep(const struct desk *desk, const char *person, json_t *values)
{
    char id[NAME_SIZE + sizeof "chosen "];
    if (!desk->saved) return;
    snprintf(id, sizeof id, "chosen %s", person);
    if (!saved_put(desk->saved, id, json_pack("{s:s, s:O}", "chosen_of", person, "chosen", values)))
        desk->services->log(desk->link, GCX_LOG_ERROR, 0, 0, "state: %s: %s", desk->setting.state, strerror(errno));
}

bool chosen_set(struct desk *desk, const char *person, const char *name, json_t *value)
{
    json_t *values = json_object_get(desk->chosen, person);
    size_t bytes = json_dumpb(value, NULL, 0, JSON_COMPACT | JSON_ENCODE_ANY);
    if (bytes > CHOSEN_BYTES_MAX) return false;
    if (!values) json_object_set_new(desk->chosen, person, values = json_object());
    /* The newest stands last. */
    json_object_del(values, name);
    while (json_object_size(values) >= CHOSEN_NAMES_MAX)
        json_object_del(values, json_object_iter_key(json_object_iter(values)));
    json_object_set(values, name, value);
    chosen_keep(desk, person, values);
    return true;
}

bool chosen_restore(struct desk *desk, const json_t *row)
{
    const char *person = json_string_value(json_object_get(row, "chosen_of"));
    json_t *values = json_object_get(row, "chosen");
    if (!person || !json_is_object(values) || !users_find(desk->users, person)) return false;
    json_object_set(desk->chosen, person, values);
    return true;
}
