/* runtime/adapters/tserver/carried.c - Members of the switch's messages that are user data: a row for each, with its
 * key, and whether a route sends it.
 *
 * A member that is an object becomes one key for each name in it, `extension_NAME`. Only texts, numbers and booleans
 * are taken; a key that the user data have already keeps its value. */
#include "runtime/adapters/tserver/carried.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "runtime/adapters/cti/json_kv.h"
#include "runtime/vocabulary/rows.h"

static const struct carried {
    const char *member, *key; /* a key that ends in _ is completed by each name in the object */
    bool goes;                /* with a route, too */
} carried[] = {
    {"userToUser", "user_to_user", true}, {"routeHint", "route_hint", true}, {"extensions", "extension_", true},
    {"reasons", "reason_", true},         {"trunk", "trunk", false},         {"callUUID", "call_uuid", false},
};
enum { CARRIED = sizeof carried / sizeof *carried };

static bool carried_passes(const json_t *value)
{
    return json_is_string(value) || json_is_integer(value) || json_is_boolean(value);
}

static bool carried_is_object(const struct carried *row)
{
    return row->key[strlen(row->key) - 1] == '_';
}

/* Has the user data this key? The user data are an object, or an array of pairs. */
static bool carried_has(const json_t *data, const char *key)
{
    size_t at;
    json_t *pair;
    if (json_is_object(data)) return json_object_get(data, key) != NULL;
    json_array_foreach(data, at, pair)
    {
        const char *name = json_string_value(json_array_get(pair, 0));
        if (name && strcmp(name, key) == 0) return true;
    }
    return false;
}

static void carried_add(json_t *data, const char *key, json_t *value)
{
    if (!carried_passes(value) || strlen(key) > NAME_MAX_BYTES || carried_has(data, key)) return;
    if (json_is_array(data))
        json_array_append_new(data, json_pack("[s,O]", key, value));
    else
        json_object_set(data, key, value);
}

/* Adds a pair for each name in the object, with `before` in front of its key. */
static void carried_add_object(json_t *data, const char *before, json_t *object)
{
    char key[2 * NAME_MAX_BYTES];
    const char *name;
    json_t *value;
    json_object_foreach(object, name, value)
    {
        if (snprintf(key, sizeof key, "%s%s", before, name) < (int)sizeof key) carried_add(data, key, value);
    }
}

json_t *carried_data(const json_t *event)
{
    const json_t *brought = json_object_get(event, "userData");
    json_t *data = brought ? json_copy((json_t *)(uintptr_t)brought) : json_object();
    for (int at = 0; at < CARRIED && (json_is_object(data) || json_is_array(data)); at++) {
        json_t *value = json_object_get(event, carried[at].member);
        if (carried_is_object(&carried[at]))
            carried_add_object(data, carried[at].key, value);
        else
            carried_add(data, carried[at].key, value);
    }
    if (brought || json_object_size(data) > 0) return data;
    json_decref(data);
    return NULL;
}

static void carried_put_one(json_t *arguments, const char *key, json_t *value)
{
    for (int at = 0; at < CARRIED; at++) {
        size_t length = strlen(carried[at].key);
        if (!carried[at].goes || strncmp(key, carried[at].key, length) != 0) continue;
        if (!carried_is_object(&carried[at])) {
            if (key[length] == '\0') json_object_set(arguments, carried[at].member, value);
            continue;
        }
        json_t *object = json_object_get(arguments, carried[at].member);
        if (!object) json_object_set_new(arguments, carried[at].member, object = json_object());
        json_object_set(object, key + length, value);
    }
}

void carried_put(json_t *arguments, struct span data)
{
    json_t *all = json_from_kv(data), *value;
    const char *key;
    json_object_foreach(all, key, value)
    {
        if (carried_passes(value)) carried_put_one(arguments, key, value);
    }
    json_decref(all);
}
