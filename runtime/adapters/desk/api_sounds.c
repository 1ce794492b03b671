/* runtime/adapters/desk/api_sounds.c - What callers hear, changed by supervisors: /api/supervisor/sounds,
 * /api/supervisor/speech. */
#include <event2/http.h>
#include <stdio.h>

#include "runtime/adapters/desk/api.h"
#include "runtime/adapters/desk/prompts.h"

static void on_sounds(struct api_asked *call)
{
    prompts_list(call->desk, call->http);
}

static void on_hear_sound(struct api_asked *call)
{
    prompts_hear(call->desk, call->http, call->params);
}

/* All callers hear a sound, so only a person who leads all may change one. False: the request is refused. */
static bool api_sound_may(struct evhttp_request *http, const json_t *params)
{
    char why[API_WHY];
    if (!json_object_get(params, "acts_on")) return true;
    snprintf(why, sizeof why,
             "%.64s leads only what the directory's tables group_lead and queue_lead say, and all callers hear the "
             "prompts",
             desk_text(params, "asked_by"));
    api_error(http, 403, "role", why);
    return false;
}

static void api_put_sound_led(struct desk *desk, struct evhttp_request *http, json_t *params)
{
    if (api_sound_may(http, params))
        prompts_put(desk, http, desk_text(params, "asked_by"), params, evhttp_request_get_input_buffer(http));
}

static void api_undo_sound_led(struct desk *desk, struct evhttp_request *http, json_t *params)
{
    if (api_sound_may(http, params))
        prompts_undo(desk, http, desk_text(params, "asked_by"), params, json_object_get(params, "body"));
}

static void on_undo_sound(struct api_asked *call)
{
    json_object_set_new(call->params, "asked_by", json_string(call->session->agent));
    json_object_set(call->params, "body", call->body);
    desk_look_led(call->desk, call->http, call->session->agent, call->params, api_undo_sound_led);
}

static void on_say(struct api_asked *call)
{
    prompts_say(call->desk, call->http, call->body);
}

const struct api_call api_sound_calls[] = {
    {"sounds", .on = on_sounds},
    {"hear_sound", .on = on_hear_sound},
    {"put_sound", .led = api_put_sound_led},
    {"undo_sound", .on = on_undo_sound},
    {"say", .on = on_say},
    {.id = NULL},
};
