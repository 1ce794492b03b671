/* runtime/adapters/desk/led.c - On whom a supervisor acts, as gcxvm has told (desk_look_led()). */
#include <string.h>

#include "runtime/adapters/desk/desk.h"

bool desk_list_has(const json_t *names, const char *name)
{
    for (size_t at = 0; at < json_array_size(names); at++)
        if (strcmp(json_string_value(json_array_get(names, at)), name) == 0) return true;
    return false;
}

bool desk_acts_on(const json_t *params, const char *agent)
{
    const json_t *all = json_object_get(params, "acts_on");
    return !all || desk_list_has(all, agent);
}
