/* runtime/daemon/admin/admin_profile.c - Another profile of an agent by hand, for a while or until it is taken back.
 *
 * The core refuses a profile that the directory does not have, but takes a profile for an agent whom it does not know
 * yet: so this file looks up whether the agent exists. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/daemon/admin/admin_set.h"
#include "runtime/daemon/admin/reads_json.h"
#include "runtime/core/read/read.h"

struct profile_ask { /* one change, during the look into the core */
    struct hand hand;
    char old[NAME_MAX_BYTES + 1], below[HAND_TEXT_MAX];
    bool agent, changed, lasts;
};

/* For `unset profile WORD`, where the site has a table named profile: WORD may be an agent or a key of that table, and
 * this says which of the two was changed by hand. */
struct profile_or_row {
    struct hand agent, row;
    bool agent_changed, row_changed;
};

static const char *profile_word_at(const struct act *act, size_t at)
{
    const char *word = json_string_value(json_array_get(json_object_get(act->request, "what"), at));
    return word ? word : "";
}

/* On the core's thread. */
static void profile_or_row_look(void *self, struct core *core)
{
    struct profile_or_row *ask = self;
    ask->agent_changed = set_is_changed(core, &ask->agent);
    ask->row_changed = set_is_changed(core, &ask->row);
}

/* True: `unset profile WORD` means the row of a table named profile, because that row was changed by hand and the
 * agent's profile was not. False with an error: both were changed by hand. */
static bool profile_is_row(struct daemon *daemon, const char *word, struct error *error)
{
    struct profile_or_row ask = {.agent = {.table = table_agent_profile},
                                 .row = {.table = table_business, .name = "profile"}};
    if (strlen(word) > NAME_MAX_BYTES) return false;
    strcpy(ask.agent.name, word);
    strcpy(ask.row.item, word);
    engine_read(daemon->engine, profile_or_row_look, &ask);
    if (ask.agent_changed && ask.row_changed)
        error_set(error, ERROR_STATE,
                  "both are changed by hand: the profile of agent %.64s, and row %.64s of table profile; "
                  "`unset profile %.64s=` takes back the agent's, then `unset profile %.64s` the row",
                  word, word, word, word);
    return ask.row_changed && !ask.agent_changed;
}

bool set_is_profile(struct daemon *daemon, const struct act *act, struct error *error)
{
    const char *word = profile_word_at(act, 1);
    if (act->id == COMMAND_remove || json_array_size(json_object_get(act->request, "what")) != 2 ||
        strcmp(profile_word_at(act, 0), "profile") != 0)
        return false;
    return act->id == COMMAND_set || strchr(word, '=') || !profile_is_row(daemon, word, error);
}

/* Looks up the agent and the old profile; runs on the core's thread. */
static void profile_look(void *self, struct core *core)
{
    struct profile_ask *ask = self;
    uint32_t index;
    struct agent_row row;
    ask->agent = core_agent_named(core, span_of(ask->hand.name), &index) && core_agent(core, index, &row);
    ask->changed = set_is_changed(core, &ask->hand);
    ask->lasts = set_below_show(core, &ask->hand, ask->below);
    if (ask->agent)
        snprintf(ask->old, sizeof ask->old, "%.*s", (int)row.profile.length, (const char *)row.profile.bytes);
}

bool admin_act_profile(struct daemon *daemon, const struct act *act, struct act_wait *wait, struct error *error)
{
    struct profile_ask ask = {.hand = {.table = table_agent_profile}};
    const char *word = profile_word_at(act, 1), *sign = strchr(word, '='), *profile = sign ? sign + 1 : "";
    size_t length = sign ? (size_t)(sign - word) : strlen(word);
    int64_t until_us = 0;
    if (act->peer->role < ROLE_OPERATOR)
        return error_set(error, ERROR_DENIED, "a profile is for the role %s; %s is %s", role_name(ROLE_OPERATOR),
                         act->peer->name, role_name(act->peer->role));
    if (length == 0 || length > NAME_MAX_BYTES || strlen(profile) > NAME_MAX_BYTES || (act->id == COMMAND_set && !sign))
        return error_set(error, ERROR_INPUT,
                         "`profile %.64s`: expected AGENT=PROFILE, as anna=sales_first; none: AGENT=", word);
    if (act->id == COMMAND_unset && *profile)
        return error_set(error, ERROR_INPUT, "`profile %.64s`: expected AGENT alone, as unset profile anna", word);
    if (act->id == COMMAND_set && !set_until(act, &until_us, error)) return false;
    snprintf(ask.hand.name, sizeof ask.hand.name, "%.*s", (int)length, word);
    engine_read(daemon->engine, profile_look, &ask);
    if (!ask.agent) return error_set(error, ERROR_UNKNOWN, "there is no agent %s", ask.hand.name);
    if (act->id == COMMAND_unset && !ask.changed)
        return error_set(error, ERROR_STATE, "nothing of profile %s is changed by hand", ask.hand.name);
    kv_init(&ask.hand.row);
    if (act->id == COMMAND_set) kv_put_text(&ask.hand.row, "value", span_of(profile));
    bool good = set_hands_post(daemon, act, &ask.hand, 1, until_us, wait, error);
    json_put(wait->answer, "name", json_string("profile"));
    json_put(wait->answer, "key", json_string(ask.hand.name));
    json_put(wait->answer, "old", json_string(ask.old));
    json_put(wait->answer, "value", act->id == COMMAND_set ? json_string(profile) : json_null());
    if (act->id == COMMAND_unset && ask.lasts) json_put(wait->answer, "lasting", json_string(ask.below));
    json_put(wait->answer, "until_us", until_us != 0 ? json_integer(until_us) : json_null());
    kv_free(&ask.hand.row);
    return good;
}
