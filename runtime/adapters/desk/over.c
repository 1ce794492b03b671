/* runtime/adapters/desk/over.c - See over.h.
 *
 *     `done`    store: the code is the result of the conversation --> core: RequestWrapUp, for the records --> the page
 *
 * The row goes when the store has the code. The row has texts of the customer: every ten seconds the store is asked for
 * some rows whether their conversations are erased. */
#include "runtime/adapters/desk/over.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "runtime/adapters/desk/said.h"
#include "runtime/store/store.h"
#include "runtime/vocabulary/bytes.h"
#include "runtime/vocabulary/events_work.h"
#include "runtime/vocabulary/media.h"
#include "runtime/web/saved.h"

enum {
    OVER_ID = sizeof "over " + IXN_TEXT,
    OVER_LOOKS_S = 10,
    OVER_LOOKS_MAX = 50, /* rows for which the store is asked at once */
    OVER_MOST = 200,     /* an agent's rows: the oldest go */
};

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

static int64_t over_ended_ms(const json_t *row)
{
    return json_integer_value(json_object_get(row, "ended"));
}

static bool over_is_of(const json_t *row, const struct desk_agent *agent)
{
    return strcmp(desk_text(row, "agent"), agent->name) == 0;
}

/* Drops the row. Its agent's page is told, if there is one. */
static void over_end(struct desk *desk, const char *ixn, const char *reason)
{
    const json_t *row = json_object_get(desk->overs, ixn);
    json_t *claim = json_object_get(json_object_get(row, "item"), "claim");
    struct desk_agent *agent = g_hash_table_lookup(desk->agents, desk_text(row, "agent"));
    if (agent)
        agent_tell(agent,
                   json_pack("{s:s, s:s, s:O, s:s}", "type", "closed", "ixn", ixn, "claim", claim, "reason", reason));
    over_drop(desk, ixn);
}

/* Drops the agent's oldest row, where there are very many. */
static void over_bound(const struct desk_agent *agent)
{
    const char *ixn, *oldest = NULL;
    json_t *row;
    size_t count = 0;
    json_object_foreach(agent->desk->overs, ixn, row)
    {
        if (!over_is_of(row, agent)) continue;
        count++;
        if (!oldest || over_ended_ms(row) < over_ended_ms(json_object_get(agent->desk->overs, oldest))) oldest = ixn;
    }
    char *drop = count >= OVER_MOST ? g_strdup(oldest) : NULL; /* the row owns its name */
    if (drop) over_end(agent->desk, drop, "gone");
    g_free(drop);
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
    over_bound(item->agent);
    json_t *row = json_pack("{s:s, s:s, s:I, s:I, s:I, s:o}", "over", ixn, "agent", item->agent->name, "stored",
                            (json_int_t)item->stored, "journal", (json_int_t)desk->services->journal(desk->link),
                            "ended", (json_int_t)(desk->services->wall_us(desk->link) / MS), "item", shown);
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
    json_object_foreach(agent->desk->overs, ixn, row) if (over_is_of(row, agent))
        json_array_append_new(items, over_told(row));
}

void over_shown(const struct item *item)
{
    const char *ixn = desk_text(item->shown, "ixn");
    const json_t *row = json_object_get(item->agent->desk->overs, ixn);
    bool same =
        strcmp(desk_text(item->shown, "external_id"), desk_text(json_object_get(row, "item"), "external_id")) == 0;
    if (row && over_is_of(row, item->agent) && !same) over_end(item->agent->desk, ixn, "gone");
}

/* ---- the end ---- */

struct desk_request *over_ask_wrap_up(struct desk_agent *agent, uint64_t ixn, uint64_t conn, const char *code,
                                      const char *note)
{
    struct desk_request *request = core_ask(agent, KIND_RequestWrapUp, ixn, 0);
    struct writer *writer = &agent->desk->writer;
    if (conn != 0) writer_conn(writer, RequestWrapUp_call, conn);
    writer_text(writer, RequestWrapUp_code, code);
    if (note) writer_text(writer, RequestWrapUp_note, note);
    return request;
}

/* A core that has lost its state counts anew: the number is another one's there. */
static void over_note(struct desk_agent *agent, const json_t *row, uint64_t ixn, const char *wrapup)
{
    const struct desk *desk = agent->desk;
    if (json_integer_value(json_object_get(row, "journal")) != (json_int_t)desk->services->journal(desk->link)) return;
    core_send(over_ask_wrap_up(agent, ixn, 0, wrapup, NULL));
}

static void over_stored(struct desk *desk, struct desk_job *job)
{
    struct desk_agent *agent = said_kept(desk, job);
    const char *ixn_text = desk_text(job->params, "ixn");
    const json_t *row = json_object_get(desk->overs, ixn_text);
    uint64_t ixn;
    if (!agent) return;
    if (row && ident_read_ixn(ixn_text, &ixn)) { /* it may be done by an earlier message meanwhile */
        over_note(agent, row, ixn, desk_text(job->params, "result"));
        over_end(desk, ixn_text, "done");
    }
    agent_reply(agent, job->ticket, job->id, NULL, NULL, NULL);
}

bool over_done(struct desk_said *said)
{
    const char *ixn = said_text(said, "ixn"), *wrapup = said_text(said, "wrapup");
    const json_t *row = json_object_get(said->desk->overs, ixn), *item = json_object_get(row, "item");
    const struct item *other = item_of(said->agent, said->ixn);
    if (!row || !over_is_of(row, said->agent) || (other && other->open)) return false;
    if (!*wrapup) {
        over_end(said->desk, ixn, "done");
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

/* ---- rows that go by themselves ---- */

static void over_take_erased(void *self, const struct store_shown *shown)
{
    if (shown->erased != 0) json_array_append_new(self, json_integer(shown->interaction));
}

static bool keep_overs(struct store *store, struct desk_job *job)
{
    const json_t *all = json_object_get(job->params, "stored");
    job->out = json_array();
    for (size_t i = 0; i < json_array_size(all); i++) {
        int64_t stored = json_integer_value(json_array_get(all, i));
        if (store_interaction(store, stored, over_take_erased, job->out, &job->error)) continue;
        if (job->error.code != ERROR_UNKNOWN) return false;
        json_array_append(job->out, json_array_get(all, i)); /* removed, as it was kept as long as it may be */
    }
    return true;
}

static void over_end_stored(struct desk *desk, int64_t stored)
{
    const char *ixn;
    void *next;
    json_t *row;
    json_object_foreach_safe(desk->overs, next, ixn, row)
    {
        char *ends = json_integer_value(json_object_get(row, "stored")) == stored ? g_strdup(ixn) : NULL;
        if (ends) over_end(desk, ends, "gone");
        g_free(ends);
    }
}

static void over_looked(struct desk *desk, struct desk_job *job)
{
    for (size_t i = 0; job->good && i < json_array_size(job->out); i++)
        over_end_stored(desk, json_integer_value(json_array_get(job->out, i)));
    desk->over_looks = false;
}

/* Asks the store for the next rows. */
static void over_look(struct desk *desk)
{
    const char *ixn;
    json_t *row, *stored = json_array();
    size_t at = 0;
    if (desk->over_at >= json_object_size(desk->overs)) desk->over_at = 0;
    json_object_foreach(desk->overs, ixn, row)
    {
        if (at++ < desk->over_at || json_array_size(stored) == OVER_LOOKS_MAX) continue;
        json_array_append(stored, json_object_get(row, "stored"));
    }
    desk->over_at += OVER_LOOKS_MAX;
    struct desk_job *job = desk_job_new(desk, json_pack("{s:o}", "stored", stored));
    job->work = keep_overs;
    job->done = over_looked;
    desk->over_looks = true;
    desk_job_give(desk, job);
}

void over_tick(struct desk *desk)
{
    const char *ixn;
    void *next;
    json_t *row;
    int64_t first_ms = (int64_t)(desk->services->wall_us(desk->link) / MS) - (int64_t)OVER_DAYS * 86400 * 1000;
    if (desk->second % OVER_LOOKS_S != 0 || desk->over_looks || json_object_size(desk->overs) == 0) return;
    json_object_foreach_safe(desk->overs, next, ixn, row)
    {
        char *ends = over_ended_ms(row) < first_ms ? g_strdup(ixn) : NULL;
        if (ends) over_end(desk, ends, "gone");
        g_free(ends);
    }
    if (json_object_size(desk->overs) > 0) over_look(desk);
}
