/* runtime/daemon/admin/admin_campaign.c - Acts of administrators on campaigns, as events.
 *
 *     gcxctl campaign spring mode predictive lines=20
 *
 * Such a command becomes one event with the operation, the mode and a list of limits. Names and ranges are checked
 * here, so that the asker is told which word was wrong. */
#include <stdlib.h>
#include <string.h>

#include "runtime/core/site/campaign.h"
#include "runtime/daemon/admin/admin_acts.h"
#include "runtime/daemon/protocol/words.h"
#include "runtime/vocabulary/events_site.h"
#include "runtime/vocabulary/rows.h"

struct campaign_wanted {
    const char *name;
    int op, mode;     /* enum campaign_op, campaign_mode; 0 (none): the mode does not change */
    struct kv limits; /* limits: the names of rules and their new numbers */
};

/* "predictive". */
static bool mode_take(struct campaign_wanted *wanted, const char *text, struct error *error)
{
    char words[WORDS_TEXT];
    wanted->mode = enum_value_campaign_mode(text, (uint32_t)strlen(text));
    if (wanted->mode > campaign_mode_none) return true;
    words_say("campaign_mode", " or ", words);
    return error_set(error, ERROR_INPUT, "there is no mode `%.40s`; expected %s, or RULE=NUMBER", text, words);
}

/* "lines=20". */
static bool limit_take(struct campaign_wanted *wanted, const char *text, const char *value, struct error *error)
{
    uint32_t rules[CAMPAIGN_RULES];
    char *end;
    struct span name = {(const uint8_t *)text, (uint32_t)(value - text)};
    int64_t number = strtoll(value + 1, &end, 10);
    if (value[1] != '\0' && *end == '\0' && campaign_rule_set(rules, name, number)) {
        kv_put(&wanted->limits, name, &(struct kv_value){.tag = KV_INT, .word = number});
        return true;
    }
    return error_set(error, ERROR_INPUT,
                     "`%.64s` is no rule with a number in its range; table rule_set of gcx-directory(5) has them",
                     text);
}

/* The word after the operation is a mode if it has no "=" in it, and else a limit. */
static bool wanted_read(struct campaign_wanted *wanted, const json_t *request, struct error *error)
{
    const char *op = json_string_value(json_object_get(request, "op"));
    const json_t *brings = json_object_get(request, "brings");
    char words[WORDS_TEXT];
    wanted->name = json_string_value(json_object_get(request, "name"));
    wanted->op = enum_value_campaign_op(op, (uint32_t)strlen(op));
    words_say("campaign_op", " or ", words);
    if (strlen(wanted->name) > NAME_MAX_BYTES)
        error_set(error, ERROR_INPUT, "a name has at most %d bytes", NAME_MAX_BYTES);
    else if (wanted->op <= campaign_op_other)
        error_set(error, ERROR_INPUT, "there is no `%.40s` of a campaign; expected %s", op, words);
    else if (wanted->op == campaign_op_mode && json_array_size(brings) == 0)
        error_set(error, ERROR_INPUT, "expected a mode, or RULE=NUMBER, behind mode");
    else if (wanted->op != campaign_op_mode && wanted->op != campaign_op_load && json_array_size(brings) > 0)
        error_set(error, ERROR_INPUT, "nothing stands behind %s", op);
    else {
        bool good = true;
        for (size_t at = 0; good && at < json_array_size(brings); at++) {
            const char *text = json_string_value(json_array_get(brings, at)), *value = strchr(text, '=');
            good = value ? limit_take(wanted, text, value, error) : mode_take(wanted, text, error);
        }
        return good;
    }
    return false;
}

bool act_campaign(struct daemon *daemon, const struct act *act, struct act_wait *wait, struct error *error)
{
    struct campaign_wanted wanted = {.mode = campaign_mode_none};
    kv_init(&wanted.limits);
    bool good = wanted_read(&wanted, act->request, error);
    if (good) {
        struct writer writer;
        writer_init(&writer);
        writer_begin(&writer, KIND_RequestCampaign);
        writer_u(&writer, ENVELOPE_client, act->client);
        writer_u(&writer, ENVELOPE_req, act->req);
        writer_text(&writer, ENVELOPE_actor, act->asker.actor);
        writer_text(&writer, RequestCampaign_campaign, wanted.name);
        writer_u(&writer, RequestCampaign_op, (uint64_t)wanted.op);
        writer_u(&writer, RequestCampaign_mode, (uint64_t)wanted.mode);
        writer_kv(&writer, RequestCampaign_limits, &wanted.limits);
        writer_text(&writer, RequestCampaign_why, act->asker.why);
        good = act_events_post(daemon, &writer, wait, error);
    }
    kv_free(&wanted.limits);
    return good;
}
