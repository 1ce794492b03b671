/* runtime/adapters/desk/api_strategies.c - Those who write strategies: /api/strategies. Most operations are those of
 * runtime/studio; rollouts, and what runs, are asked of gcxvm. */
#include <event2/http.h>
#include <string.h>

#include "runtime/adapters/desk/api.h"
#include "runtime/adapters/desk/strategies.h"
#include "runtime/studio/image.h"

/* All operations of runtime/studio. */
static void on_studio(struct api_asked *call)
{
    strategies_ask(call->desk, call->http, call->session, call->operation, call->params, call->body);
}

static void on_strategies_running(struct api_asked *call)
{
    desk_look_running(call->desk, call->http, call->params);
}

/* A rollout is of an image that build_strategies has made of a published commit, and of no other file. */
static void on_rollout(struct api_asked *call)
{
    const char *commit = json_string_value(json_object_get(call->body, "commit")), *act;
    char *image = commit ? studio_image_path(call->desk->setting.strategies, commit) : NULL;
    act = json_string_value(json_object_get(call->body, "act"));
    if (!image && (strcmp(act, "begin") == 0 || strcmp(act, "plan") == 0))
        api_error(call->http, HTTP_BADREQUEST, "invalid", "commit: say which version, as it was built");
    else
        desk_look_rollout(call->desk, call->http, call->session->agent, image, call->body);
    g_free(image);
}

const struct api_call api_studio_call = {.on = on_studio};

const struct api_call api_strategy_calls[] = {
    {"strategies_running", .on = on_strategies_running},
    {"rollout", .on = on_rollout},
    {.id = NULL},
};
