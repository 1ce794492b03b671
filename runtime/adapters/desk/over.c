/* runtime/adapters/desk/over.c - See over.h.
 *
 *     `done`    store: the code is the result of the conversation --> core: RequestWrapUp, for the records --> the page
 *
 * The row goes when the store has the code. */
#include "runtime/adapters/desk/over.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "runtime/adapters/desk/said.h"
#include "runtime/vocabulary/bytes.h"
#include "runtime/vocabulary/events_work.h"
#include "runtime/vocabulary/media.h"
#include "runtime/web/saved.h"

enum { OVER_ID = sizeof "over " + IXN_TEXT };

static void over_kept(const struct desk *desk, bool good)
{
    if (!good)
        desk->services->log(desk->link, GCX_LOG_ERROR, 0, 0, "state: %s: %s", desk->setting.state, strerror(errno));
}

static void over_id(const char *ixn, char id[OVER_ID])
{
    snprintf(id, OVER_ID, "over %s", ixn);
}

static void over_drop(struct desk *desk, const char *ixn)
{
    char id[OVER_ID];
    over_id(ixn, id);
    if (desk->saved) over_kept(desk, saved_over(desk->saved, id));
    json_object_del(desk->overs, ixn);
}

/* Returns the row as the page gets it. */
static json_t *over_told(const json_t *row)
{
    json_t *told = json_copy(json_object_get(row, "item"));
    json_object_set_new(told, "type", json_string("opened"));
    json_object_set_new(told, "as", json_string(enum_name_claim_kind(claim_kind_none)));
    json_object_set_new(told, "may", json_array());
    json_object_set(told, "over", json_object_get(row, "ended"));
    return told;
}

bool over_begin(const struct item *item, const char *reason)
{
    /* What the page needs to show it. All else that is known of the customer stays in the contact store. */
    static const char *const fields[] = {"ixn",  "claim",   "media", "medium", "mode",    "external_id",
                                         "from", "subject", "vq",    "who",    "received"};
    struct desk *desk = item->agent->desk;
    const char *media = desk_text(item->shown, "media"), *ixn = desk_text(item->shown, "ixn");
    int medium = enum_value_media(media, (uint32_t)strlen(media));
    const json_t *data = json_object_get(item->shown, "data");
    bool colleague = json_object_get(data, "asker") != NULL; /* a question of an agent */
    char id[OVER_ID];
    if (strcmp(reason, enum_name_cause(cause_abandoned)) != 0 || !item->open || item->stored == 0 || colleague ||
        item_kind(item) != claim_kind_owner || medium < 0 || !media_is_conversation((enum media)medium))
        return false;
    json_t *shown = json_object(), *name = json_object_get(data, "sender_name");
    for (size_t i = 0; i < sizeof fields / sizeof *fields; i++)
        if (json_object_get(item->shown, fields[i]))
            json_object_set(shown, fields[i], json_object_get(item->shown, fields[i]));
    json_object_set_new(shown, "data",
                        json_pack("{s:O*, s:O*}", "sender_name", name, "tags", json_object_get(data, "tags")));
    json_t *row = json_pack("{s:s, s:s, s:I, s:I, s:o}", "over", ixn, "agent", item->agent->name, "stored",
                            (json_int_t)item->stored, "ended", (json_int_t)(desk->services->wall_us(desk->link) / MS),
                            "item", shown);
    json_object_set_new(desk->overs, ixn, row);
    over_id(ixn, id);
    if (desk->saved) over_kept(desk, saved_put(desk->saved, id, json_incref(row)));
    agent_tell(item->agent, over_told(row));
    return true;
}

void over_put_all(const struct desk_agent *agent, json_t *items)
{
    const char *ixn;
    json_t *row;
    json_object_foreach(agent->desk->overs, ixn, row) if (strcmp(desk_text(row, "agent"), agent->name) == 0)
        json_array_append_new(items, over_told(row));
}

/* ---- the end ---- */

static void over_note(struct desk_agent *agent, uint64_t ixn, const char *wrapup)
{
    struct desk_request *request = core_ask(agent, KIND_RequestWrapUp, ixn, 0);
    writer_text(&agent->desk->writer, RequestWrapUp_code, wrapup);
    core_send(request);
}

static void over_end(struct desk_agent *agent, const char *ixn)
{
    const json_t *row = json_object_get(agent->desk->overs, ixn);
    json_t *claim = json_object_get(json_object_get(row, "item"), "claim");
    agent_tell(agent,
               json_pack("{s:s, s:s, s:O, s:s}", "type", "closed", "ixn", ixn, "claim", claim, "reason", "done"));
    over_drop(agent->desk, ixn);
}

static void over_stored(struct desk *desk, struct desk_job *job)
{
    struct desk_agent *agent = said_kept(desk, job);
    const char *ixn_text = desk_text(job->params, "ixn");
    uint64_t ixn;
    if (!agent || !json_object_get(desk->overs, ixn_text) || !ident_read_ixn(ixn_text, &ixn)) return;
    over_note(agent, ixn, desk_text(job->params, "result"));
    over_end(agent, ixn_text);
    agent_reply(agent, job->ticket, job->id, NULL, NULL, NULL);
}

bool over_done(struct desk_said *said)
{
    const char *ixn = said_text(said, "ixn"), *wrapup = said_text(said, "wrapup");
    const json_t *row = json_object_get(said->desk->overs, ixn), *item = json_object_get(row, "item");
    if (!row || strcmp(desk_text(row, "agent"), said->agent->name) != 0) return false;
    if (!*wrapup) {
        over_end(said->agent, ixn);
        agent_reply(said->agent, said->agent->ticket, said->id, NULL, NULL, NULL);
        return true;
    }
    struct desk_job *job =
        desk_job_new(said->desk, json_pack("{s:s, s:s, s:O, s:O*, s:O*}", "ixn", ixn, "result", wrapup, "interaction",
                                           json_object_get(row, "stored"), "of", json_object_get(item, "external_id"),
                                           "of_media", json_object_get(item, "media")));
    job->work = desk_keep_result;
    job->done = over_stored;
    said_keep(said, job);
    return true;
}
