/* runtime/adapters/sip/brought_data.c - Makes user data of what an INVITE brings along. */
#include <jansson.h>

#include "runtime/adapters/sip/brought.h"

static void brought_put(json_t *all, const char *key, const char *text)
{
    json_t *value = *text ? json_string(text) : NULL; /* NULL, too, where it is no UTF-8 */
    if (value) json_object_set_new(all, key, value);
}

struct json_t *brought_data(const struct brought *brought)
{
    json_t *all = json_object();
    brought_put(all, "user_to_user", brought->user_to_user);
    brought_put(all, "diverted_from", brought->diverted_from);
    brought_put(all, "diverted_why", brought->diverted_why);
    if (json_object_size(all) > 0) return all;
    json_decref(all);
    return NULL;
}

void brought_data_free(struct json_t *data)
{
    json_decref(data);
}
