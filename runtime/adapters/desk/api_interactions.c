/* runtime/adapters/desk/api_interactions.c - Interactions in the contact store, with their texts and what colleagues
 * note: /api/interactions, /api/open, /api/search, /api/stored, /api/mentions. */
#include <event2/http.h>

#include "runtime/adapters/desk/api.h"

/* ---- notes for colleagues ---- */

static void answer_note(struct desk *desk, struct desk_job *job)
{
    notes_told(desk, job);
    api_answer_job(desk, job);
}

static void on_note(struct api_asked *call)
{
    char why[API_WHY];
    json_object_update(call->params, call->body);
    if (!notes_address(call->desk, call->params, json_string_value(json_object_get(call->body, "text")), why,
                       sizeof why)) {
        api_error(call->http, HTTP_BADREQUEST, "invalid", why);
        return;
    }
    api_from_store(call, desk_keep_note, answer_note);
}

static void answer_mention_seen(struct desk *desk, struct desk_job *job)
{
    if (job->good) notes_mentions(desk, job->agent);
    api_answer_job(desk, job);
}

static void on_seen(struct api_asked *call)
{
    api_from_store(call, desk_keep_seen, answer_mention_seen);
}

const struct api_call api_interaction_calls[] = {
    {"search", .keep = desk_keep_search},
    {"stored", .keep = desk_keep_stored},
    {"interaction", .keep = desk_keep_interaction},
    {"open", .keep = desk_keep_open},
    {"transcript", .keep = desk_keep_transcript},
    {"parts", .keep = desk_keep_parts},
    {"mentions", .keep = desk_keep_mentions},
    {"note", .on = on_note},
    {"seen", .on = on_seen},
    {.id = NULL},
};
