/* runtime/adapters/desk/api_led.c - Whom a supervisor leads, where the directory bounds what they read and act on.
 * gcxvm is asked, and what it says stands in a request's parameters (desk_look_led()): `within`, the agents and queues
 * whose figures the person reads, and `acts_on` and `leads_groups`, the agents and groups on whom the person acts. A
 * parameter that is not there bounds nothing. */
#include <string.h>

#include "runtime/adapters/desk/api.h"

void api_ask_led(struct api_asked *call, look_led *led)
{
    json_object_set_new(call->params, "asked_by", json_string(call->session->agent));
    desk_look_led(call->desk, call->http, call->session->agent, call->params, led);
}

/* A supervisor whose reading is bounded sees what those have whom the supervisor leads, and as an agent all else. */
bool api_sees_queue(const json_t *params)
{
    const char *within = json_string_value(json_object_get(params, "within"));
    char *line = g_strdup_printf("queue:%s\n", desk_text(params, "name"));
    const char *found = within ? strstr(within, line) : NULL;
    g_free(line);
    return !within || found == within || (found && found[-1] == '\n');
}

bool api_sees_workbin(const json_t *params)
{
    const char *whose = desk_text(params, "whose");
    return !json_object_get(params, "within") || desk_list_has(json_object_get(params, "acts_on"), whose) ||
           desk_list_has(json_object_get(params, "leads_groups"), whose);
}

char *api_led_names(const json_t *params, const char *led, const char *kind)
{
    GString *names = g_string_new("");
    const json_t *groups = strcmp(kind, "team") == 0 ? json_object_get(params, "leads_groups") : NULL;
    gchar **lines = g_strsplit(led, "\n", -1);
    size_t length = strlen(kind);
    for (size_t at = 0; at < json_array_size(groups); at++)
        g_string_append_printf(names, "%s%s", at > 0 ? "\n" : "", json_string_value(json_array_get(groups, at)));
    for (gchar **line = lines; *line; line++)
        if (strncmp(*line, kind, length) == 0 && (*line)[length] == ':')
            g_string_append_printf(names, "%s%s", names->len > 0 ? "\n" : "", *line + length + 1);
    g_strfreev(lines);
    return g_string_free(names, FALSE);
}
