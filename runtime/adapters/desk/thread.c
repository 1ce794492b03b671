/* runtime/adapters/desk/thread.c - A contact's messages and calls of all media in the order of time, and which messages
 * the contact refuses. The functions here are jobs of the store's thread, like those of keep.c. */
#include <assert.h>

#include "runtime/adapters/desk/desk.h"
#include "runtime/store/store.h"

enum { ACTS_SHOWN = 20 };

static void thread_put_number(json_t *row, const char *key, int64_t value)
{
    if (value != 0) json_object_set_new(row, key, json_integer(value));
}

/* Returns what became of a message to the contact; a short message that is an interaction of its own has the result
 * of that interaction. */
static struct span thread_state(const struct store_said *said)
{
    bool alone = span_is(said->media, "sms") && span_is(said->direction, "out");
    if (span_is(said->role, "customer")) return (struct span){0};
    if (span_is(said->outcome, DESK_TAKEN_BACK)) return said->outcome;
    return said->result.length > 0 || !alone ? said->result : said->outcome;
}

static void thread_put_file(json_t *row, const struct store_said *said)
{
    json_t *file = json_pack("{s:I}", "part", (json_int_t)said->part);
    desk_put_text(file, "type", said->part_type), desk_put_text(file, "name", said->part_name);
    json_object_set_new(row, "file", file);
}

void desk_put_content(json_t *row, struct span of, struct span about, int64_t taken_back)
{
    desk_put_text(row, "of", of);
    json_t *object = about.length > 0 ? json_loadb((const char *)about.bytes, about.length, 0, NULL) : NULL;
    if (json_is_object(object)) json_object_set(row, "about", object);
    json_decref(object);
    if (taken_back != 0) json_object_set_new(row, "taken_back", json_integer(taken_back / 1000));
}

void desk_put_agents(json_t *row, struct span agents)
{
    char *text = g_strndup((const char *)agents.bytes, agents.length), **all = g_strsplit(text, "\n", -1);
    json_t *names = json_array();
    for (char **one = all; *one; one++) json_array_append_new(names, json_string(*one));
    if (json_array_size(names) > 1) json_object_set(row, "agents", names);
    json_decref(names);
    g_strfreev(all);
    g_free(text);
}

static void take_thread_line(void *self, const struct store_said *said)
{
    json_t *row = json_pack("{s:I, s:I, s:s, s:s}", "at", (json_int_t)(said->at / 1000), "interaction",
                            (json_int_t)said->interaction, "media", "", "text", "");
    thread_put_number(row, "index", said->n), thread_put_number(row, "ended", said->ended / 1000);
    desk_put_text(row, "media", said->media), desk_put_text(row, "direction", said->direction);
    desk_put_text(row, "agent", said->agent), desk_put_text(row, "result", said->outcome);
    desk_put_text(row, "address", said->address), desk_put_text(row, "msg_id", said->msg_id);
    desk_put_text(row, "role", said->role), desk_put_text(row, "from", said->sender);
    desk_put_text(row, "kind", said->kind), desk_put_text(row, "visible", said->visible);
    desk_put_text(row, "subject", said->subject), desk_put_text(row, "text", said->text);
    desk_put_text(row, "state", thread_state(said));
    if (said->unverified) json_object_set_new(row, "unverified", json_true());
    if (said->part != 0) thread_put_file(row, said);
    desk_put_content(row, said->of_id, said->about, said->taken_back);
    desk_put_agents(row, said->agents);
    json_array_append_new(self, row);
}

bool desk_keep_thread(struct store *store, struct desk_job *job)
{
    json_t *lines = json_array();
    int64_t limit = desk_job_number(job, "limit");
    struct store_page page = {.received = desk_job_number(job, "at"),
                              .interaction = desk_job_number(job, "place"),
                              .limit = limit > 0 ? (unsigned)limit : 50};
    bool good = acts_contact(store, job, "contact") &&
                store_thread(store, desk_job_number(job, "contact"), &page, take_thread_line, lines, &job->error);
    assert(!job->out);
    job->out = json_pack("{s:o}", "lines", lines);
    if (json_array_size(lines) >= page.limit)
        json_object_set_new(
            job->out, "next",
            json_pack("{s:I, s:I}", "at", (json_int_t)page.received, "place", (json_int_t)page.interaction));
    return good;
}

/* ---- what the contact refuses ---- */

static void take_thread_refusal(void *self, const struct store_refusal *refusal)
{
    json_t *row = json_pack("{s:s, s:s, s:I}", "kind", store_kind_name(refusal->kind), "media", refusal->media, "since",
                            (json_int_t)(refusal->since / 1000));
    desk_put_text(row, "address", refusal->address), desk_put_text(row, "own", refusal->own);
    desk_put_text(row, "word", refusal->word);
    json_array_append_new(self, row);
}

static void take_thread_refusal_act(void *self, const struct store_refusal_act *act)
{
    if (json_array_size(self) >= ACTS_SHOWN) return;
    json_t *row = json_pack("{s:s, s:s, s:b, s:I}", "media", act->media, "agent", act->agent, "noted", act->noted, "at",
                            (json_int_t)(act->at / 1000));
    desk_put_text(row, "reason", act->reason);
    json_array_append_new(self, row);
}

bool thread_put_refusals(struct store *store, struct desk_job *job)
{
    json_t *rows = json_array(), *acts = json_array();
    json_object_set_new(job->out, "refusals", rows);
    json_object_set_new(job->out, "refusal_acts", acts);
    int64_t contact = desk_job_number(job, "contact");
    return store_refusals(store, contact, take_thread_refusal, rows, &job->error) &&
           store_refusal_acts(store, contact, take_thread_refusal_act, acts, &job->error);
}

bool desk_keep_refuse(struct store *store, struct desk_job *job)
{
    const char *reason = json_string_value(json_object_get(job->params, "reason"));
    struct store_refusal_act act = {.media = json_string_value(json_object_get(job->params, "media")),
                                    .agent = job->agent,
                                    .noted = json_is_true(json_object_get(job->params, "on")),
                                    .reason = span_of(reason ? reason : ""),
                                    .at = job->wall_us};
    if (!acts_contact(store, job, "contact") ||
        !store_contact_refuse(store, desk_job_number(job, "contact"), &act, &job->error))
        return false;
    job->out = json_object();
    return thread_put_refusals(store, job);
}
