/* runtime/adapters/desk/rings.c - The list of an agent's calls, the wrap-up after a call, and favourites: work of the
 * store's thread, like keep.c.
 *
 *     the call rings     desk_keep_ring(): a row
 *     it is over         desk_keep_ring(): its end; where the agent is asked for a code, store_rings_unwrapped() has it
 *     the agent is done  desk_keep_wrapup(): the code is the result of the call in the contact's history, and the note
 *                        a message there that agents alone see */
#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "runtime/adapters/desk/desk.h"
#include "runtime/store/store.h"
#include "runtime/vocabulary/bytes.h"
#include "runtime/vocabulary/ident.h"

#define TENANT ""
enum { CALL_NAME = 96 };

static bool ring_flag(const struct desk_job *job, const char *key)
{
    return json_is_true(json_object_get(job->params, key));
}

/* A call's name has the journal, too, as ConnIDs begin again in a new one. */
static struct span ring_name(const struct desk_job *job, const char *conn, char name[CALL_NAME])
{
    snprintf(name, CALL_NAME, "%.60s#%08x", conn, (unsigned)(uint32_t)job->journal);
    return span_of(name);
}

/* ---- a call goes on ---- */

/* Keeps what a call has come to at the agent's telephone: `step` is rang, answered or over. */
bool desk_keep_ring(struct store *store, struct desk_job *job)
{
    char name[CALL_NAME];
    const char *step = (const char *)desk_job_span(job, "step").bytes;
    struct store_ring ring = {.tenant = TENANT,
                              .agent = job->agent,
                              .external_id = ring_name(job, (const char *)desk_job_span(job, "conn").bytes, name),
                              .number = desk_job_span(job, "number"),
                              .wrapup = desk_job_span(job, "wrapup"),
                              .outbound = ring_flag(job, "outbound"),
                              .inside = ring_flag(job, "inside"),
                              .wraps = ring_flag(job, "wraps"),
                              .at = job->wall_us};
    if (strcmp(step, "over") == 0)
        return store_ring_over(store, &ring, (const char *)desk_job_span(job, "outcome").bytes, &job->error);
    return store_ring(store, &ring, &job->error) &&
           (strcmp(step, "answered") != 0 || store_ring_answered(store, &ring, &job->error));
}

static void take_open_ring(void *self, const struct store_ring_shown *shown)
{
    json_array_append_new(self, json_stringn((const char *)shown->external_id.bytes, shown->external_id.length));
}

/* Ends the agent's calls that the telephone does not have (`conns`): the desk was not there when they ended. */
bool desk_keep_rings_are(struct store *store, struct desk_job *job)
{
    const json_t *conns = json_object_get(job->params, "conns");
    json_t *open = json_array(), *there = json_object(), *one;
    size_t at;
    bool good = store_rings_open(store, TENANT, job->agent, take_open_ring, open, &job->error);
    json_array_foreach(conns, at, one)
    {
        char name[CALL_NAME];
        (void)ring_name(job, json_string_value(one), name);
        json_object_set_new(there, name, json_true());
    }
    json_array_foreach(open, at, one)
    {
        struct store_ring ring = {
            .tenant = TENANT, .agent = job->agent, .external_id = span_of(json_string_value(one)), .at = job->wall_us};
        if (good && !json_object_get(there, json_string_value(one)))
            good = store_ring_over(store, &ring, "missed", &job->error);
    }
    json_decref(open);
    json_decref(there);
    return good;
}

/* ---- lists ---- */

static void ring_put_time(json_t *row, const char *key, int64_t us)
{
    if (us != 0) json_object_set_new(row, key, json_integer(us / MS));
}

static void take_ring(void *self, const struct store_ring_shown *shown)
{
    json_t *row = json_pack("{s:I, s:b}", "call", (json_int_t)shown->ring, "inside", shown->inside);
    desk_put_text(row, "direction", shown->direction), desk_put_text(row, "number", shown->number);
    desk_put_text(row, "outcome", shown->outcome), desk_put_text(row, "name", shown->name);
    desk_put_text(row, "wrapup", shown->wrapup), desk_put_text(row, "note", shown->note);
    ring_put_time(row, "began", shown->began), ring_put_time(row, "answered", shown->answered);
    ring_put_time(row, "ended", shown->ended), ring_put_time(row, "done", shown->done);
    desk_put_agents(row, shown->agents);
    if (shown->contact != 0) json_object_set_new(row, "contact", json_integer(shown->contact));
    json_array_append_new(self, row);
}

bool desk_keep_calls(struct store *store, struct desk_job *job)
{
    json_t *rows = json_array();
    job->out = json_pack("{s:o}", "calls", rows);
    return store_rings(store, TENANT, job->agent, desk_job_number(job, "before"),
                       (unsigned)desk_job_number(job, "limit"), take_ring, rows, &job->error);
}

bool desk_keep_unwrapped(struct store *store, struct desk_job *job)
{
    json_t *rows = json_array();
    job->out = json_pack("{s:s, s:o}", "type", "wraps", "calls", rows);
    return store_rings_unwrapped(store, TENANT, job->agent, take_ring, rows, &job->error);
}

/* ---- the wrap-up ---- */

/* Puts the code and the note where the contact's history has them. A call within the house has no row there. */
static bool wrapup_into_history(struct store *store, struct desk_job *job, struct span name)
{
    int64_t n;
    struct store_key key;
    char msg_id[CALL_NAME + NAME_SIZE];
    struct span code = desk_job_span(job, "wrapup"), note = desk_job_span(job, "note");
    if (!store_by_external(store, TENANT, "voice", name, &key, &job->error)) return false;
    if (key.interaction == 0) return true;
    snprintf(msg_id, sizeof msg_id, "wrapup %s", job->agent);
    struct store_message message = {.msg_id = span_of(msg_id),
                                    .at = job->wall_us,
                                    .role = "agent",
                                    .visible = "agents",
                                    .sender = span_of(job->called),
                                    .text = note};
    return (code.length == 0 || store_ended(store, key.interaction, NULL, (const char *)code.bytes, 0, &job->error)) &&
           (note.length == 0 || store_say(store, key.interaction, &message, &n, &job->error));
}

/* Puts the ConnID under which the core has the call, if something is said of it. False: nothing is, or the call is of
 * an earlier journal, which the core does not have. */
static bool wrapup_put_call(struct desk_job *job, const char *name)
{
    char own[CALL_NAME];
    const char *end = strchr(name, '#');
    bool said = desk_job_span(job, "wrapup").length != 0 || desk_job_span(job, "note").length != 0;
    if (!end || !said) return false;
    char *conn = g_strndup(name, (gsize)(end - name));
    uint64_t number;
    bool known = ident_read_conn(conn, &number) && span_equal(ring_name(job, conn, own), span_of(name));
    if (known) json_object_set_new(job->out, "conn", json_string(conn));
    g_free(conn);
    return known;
}

/* Keeps what the agent says of a call. An agent who is done is so once the core has noted it (`noted`), and once it is
 * in the history: a desk that is killed before does all again. */
bool desk_keep_wrapup(struct store *store, struct desk_job *job)
{
    struct store_ring_key key;
    struct store_ring_wrapped wrapped = {.tenant = TENANT,
                                         .agent = job->agent,
                                         .ring = desk_job_number(job, "call"),
                                         .wrapup = desk_job_span(job, "wrapup"),
                                         .note = desk_job_span(job, "note")};
    job->out = json_object();
    if (!store_ring_wrapped(store, &wrapped, &key, &job->error)) return false;
    if (!ring_flag(job, "done")) return true;
    if (!ring_flag(job, "noted") && wrapup_put_call(job, key.external_id)) return true;
    wrapped.done = job->wall_us;
    return wrapup_into_history(store, job, span_of(key.external_id)) &&
           store_ring_wrapped(store, &wrapped, &key, &job->error);
}

/* ---- favourites ---- */

static void take_favourite(void *self, struct span kind, struct span name, struct span shown)
{
    json_t *row = json_object();
    desk_put_text(row, "kind", kind), desk_put_text(row, "name", name), desk_put_text(row, "shown", shown);
    json_array_append_new(self, row);
}

bool desk_keep_favourites(struct store *store, struct desk_job *job)
{
    json_t *rows = json_array();
    job->out = json_pack("{s:o}", "favourites", rows);
    return store_favourites(store, TENANT, job->agent, take_favourite, rows, &job->error);
}

bool desk_keep_favourite(struct store *store, struct desk_job *job)
{
    struct store_favourite favourite = {.tenant = TENANT,
                                        .agent = job->agent,
                                        .kind = (const char *)desk_job_span(job, "kind").bytes,
                                        .name = desk_job_span(job, "name"),
                                        .shown = desk_job_span(job, "shown"),
                                        .made = job->wall_us};
    return store_favourite(store, &favourite, ring_flag(job, "on"), &job->error) && desk_keep_favourites(store, job);
}
