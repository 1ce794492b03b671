/* runtime/adapters/desk/said_state.c - The message `state`: an agent's state, for one medium or for all at once.
 *
 *     {"media": "chat", "state": "ready"}     one medium
 *     {"state": "not_ready", "reason": "lunch"}      all that the agent is logged in to, and the telephone
 *
 * An agent who is logged in to no medium of the desk means all of them. What this process knows to be wrong is refused
 * before the core is asked, so that nothing is changed. The core is then asked for one medium after the other, the
 * T-Server last. The reply names each medium that refused. */
#include <assert.h>
#include <string.h>

#include "runtime/adapters/desk/said.h"
#include "runtime/adapters/desk/held.h"
#include "runtime/vocabulary/effects_link.h"
#include "runtime/vocabulary/media.h"
#include "runtime/web/origins.h"

/* Is the reason a known one? Only reasons of the directory are accepted, or those of the setting if the directory
 * has none. */
bool said_has_reason(const struct desk_said *said, const char *reason)
{
    const struct desk *desk = said->desk;
    if (!*reason || web_words_have(desk->reasons ? desk->reasons : desk->setting.all_reasons, reason)) return true;
    return said_refuse(said, "invalid", "reason: it is none of the list; choose one of `reasons`");
}

static bool state_is_in(const struct desk_agent *agent, const char *media)
{
    const char *state = json_string_value(json_object_get(agent->states, media));
    return state && strcmp(state, "logged_out") != 0;
}

/* Returns the media of the desk that a state for all is for. */
static json_t *state_media(const struct desk_agent *agent, bool logs_out)
{
    json_t *in = json_array(), *all = json_array();
    for (char **one = agent->desk->setting.all_media; *one; one++) {
        json_array_append_new(all, json_string(*one));
        if (state_is_in(agent, *one)) json_array_append_new(in, json_string(*one));
    }
    bool takes_all = json_array_size(in) == 0 && !logs_out;
    json_decref(takes_all ? in : all);
    return takes_all ? all : in;
}

/* Ends a state for all: the telephone is asked, and its answer is the browser's; where a medium has refused, the
 * browser is told of that instead. */
static void states_end(struct desk_agent *agent, json_t *plan, uint64_t ticket, json_int_t id)
{
    const char *code = json_string_value(json_object_get(plan, "code")),
               *text = json_string_value(json_object_get(plan, "text")), *voice_code = NULL, *wrong = NULL;
    json_t *refused = json_object_get(plan, "refused");
    bool asks = phone_is_there(agent), waits = asks && !code && agent->ticket == ticket;
    if (asks) wrong = phone_ask(agent, json_object_get(plan, "phone"), waits ? id : 0, &voice_code);
    if (waits && !wrong) return; /* the T-Server answers */
    if (wrong) json_object_set_new(refused, "voice", json_string(voice_code));
    if (wrong && !code) {
        code = voice_code;
        text = wrong;
    }
    agent_reply(agent, ticket, id, code, text,
                json_object_size(refused) > 0 ? json_pack("{s:O}", "refused", refused) : NULL);
}

static void state_went_on(struct desk_request *request, const struct message *reply, bool good);

/* Asks for the next medium of the plan; after the last one the plan ends. */
static void states_go_on(struct desk_agent *agent, json_t *plan, uint64_t ticket, json_int_t id)
{
    json_t *media = json_object_get(plan, "media"), *next = json_incref(json_array_get(media, 0));
    const char *name = json_string_value(next), *reason = json_string_value(json_object_get(plan, "reason"));
    json_array_remove(media, 0);
    if (!name) {
        states_end(agent, plan, ticket, id);
        return;
    }
    const struct state_wish wish = {
        .state = (enum agent_state)json_integer_value(json_object_get(plan, "state")),
        .place = json_string_value(json_object_get(plan, "place")),
        .reason = reason,
        .id = id,
        .then = state_went_on,
        .plan = plan,
        .ticket = ticket,
    };
    core_state(agent, (enum media)enum_value_media(name, (uint32_t)strlen(name)), &wish);
    json_decref(next);
}

/* The core has answered for one medium: a refusal is noted, and the next medium is asked for. */
static void state_went_on(struct desk_request *request, const struct message *reply, bool good)
{
    json_t *plan = json_object_get(request->more, "plan");
    assert(plan && request->agent);
    if (!good) {
        const char *code = enum_name_code(message_u(reply, Reply_code));
        enum media medium = (enum media)json_integer_value(json_object_get(request->more, "media"));
        struct span said = message_text(reply, Reply_text);
        char *text = g_strndup((const char *)said.bytes, said.length);
        const char *shown = agent_told(text);
        json_object_set_new(json_object_get(plan, "refused"), enum_name_media(medium), json_string(code));
        json_object_set_new(plan, "code", json_string(code));
        if (shown && *shown) json_object_set_new(plan, "text", json_string(shown));
        g_free(text);
    }
    states_go_on(request->agent, plan, request->ticket, request->id);
}

/* May the agent log out? Refused while something of these media is open, which nobody would work on. */
static bool state_may_end(const struct desk_said *said, const json_t *media, bool telephone)
{
    unsigned has = telephone ? phone_calls(said->agent) : 0;
    for (size_t i = 0; i < json_array_size(media); i++)
        has += agent_has(said->agent, json_string_value(json_array_get(media, i)));
    for (size_t i = 0; has == 0 && i < json_array_size(media); i++)
        held_leaves(said->agent, json_string_value(json_array_get(media, i)));
    if (has == 0) return true;
    return said_refuse(said, "invalid_state", "You have something open there: hand it on or finish it, then log out.");
}

static void state_for_all(struct desk_said *said, const char *state, const char *reason, const char *place)
{
    struct desk_agent *agent = said->agent;
    bool logs_out = strcmp(state, "logged_out") == 0;
    json_t *media = state_media(agent, logs_out);
    if (!logs_out || state_may_end(said, media, phone_is_there(agent))) {
        json_t *plan = json_pack("{s:O, s:i, s:s, s:s*, s:{}, s:{s:s, s:s*}}", "media", media, "state",
                                 enum_value_agent_state(state, (uint32_t)strlen(state)), "place", place, "reason",
                                 *reason ? reason : NULL, "refused", "phone", "op", logs_out ? "logout" : state,
                                 "reason", *reason ? reason : NULL);
        states_go_on(agent, plan, agent->ticket, said->id);
        json_decref(plan);
    }
    json_decref(media);
}

static void state_for_one(struct desk_said *said, const char *media, const char *state, const char *reason,
                          const char *place)
{
    const struct state_wish wish = {.state = (enum agent_state)enum_value_agent_state(state, (uint32_t)strlen(state)),
                                    .place = place,
                                    .reason = *reason ? reason : NULL,
                                    .id = said->id};
    json_t *one = json_pack("[s]", media);
    if (wish.state != agent_state_logged_out || state_may_end(said, one, false))
        core_state(said->agent, (enum media)enum_value_media(media, (uint32_t)strlen(media)), &wish);
    json_decref(one);
}

void said_state(struct desk_said *said)
{
    const char *media = said_text(said, "media"), *state = said_text(said, "state"),
               *reason = said_text(said, "reason");
    const char *place = json_object_get(said->message, "place") ? said_text(said, "place") : said->agent->place;
    if (!said_has_reason(said, reason)) return;
    if (*media && !web_words_have(said->agent->desk->setting.all_media, media)) {
        said_refuse(said, "invalid", "media: agents have no such medium at a desk; choose one of `media`");
        return;
    }
    if (!agent_may_sit(said->agent, place)) {
        said_refuse(said, "invalid_state",
                    "You are logged in elsewhere: log out of all media, then log in at this place.");
        return;
    }
    if (*media)
        state_for_one(said, media, state, reason, place);
    else
        state_for_all(said, state, reason, place);
}
