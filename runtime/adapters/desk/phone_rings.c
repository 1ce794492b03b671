/* runtime/adapters/desk/phone_rings.c - The list of an agent's calls as the telephone tells it, and the wrap-up after a
 * call: the rows are in the contact store (rings.c), so that whatever is started anew, nothing of them is lost.
 *
 *     the telephone   rings, talks, ends  -->  a row   --> `wraps`: the page asks for a code and a note
 *     the page        done  -->  the row is done, the history has both  --> ready, if that was the last one
 */
#include <string.h>

#include "runtime/adapters/desk/phone.h"
#include "runtime/vocabulary/bytes.h"

static bool ring_is(const json_t *call, const char *key, const char *text)
{
    return strcmp(phone_text_of(call, key), text) == 0;
}

static bool ring_is_answered(const json_t *call)
{
    return ring_is(call, "state", "talking") || ring_is(call, "state", "held");
}

/* A call is with a number outside, or with a colleague: then nothing is to be said of it. */
static bool ring_is_outside(const json_t *call)
{
    return ring_is(call, "call_type", "Inbound") || ring_is(call, "call_type", "Outbound");
}

static void ring_keep(struct phone *phone, const json_t *call, const char *step, const char *outcome)
{
    struct desk *desk = phone->agent->desk;
    const char *conn = phone_text_of(call, "conn"), *type = phone_text_of(call, "call_type");
    bool outside = ring_is_outside(call), dialled = ring_is(call, "state", "dialing");
    struct desk_job *job =
        desk_job_new(desk, json_pack("{s:s, s:s, s:s, s:s, s:s, s:b, s:b, s:b}", "conn", conn, "step", step, "outcome",
                                     outcome, "number", phone_text_of(call, "number"), "wrapup",
                                     phone_text_of(json_object_get(call, "data"), "wrapup"), "outbound",
                                     strcmp(type, "Outbound") == 0 || dialled, "inside", !outside, "wraps",
                                     outside && desk->setting.all_wrapups && *desk->setting.all_wrapups));
    text_set(job->agent, sizeof job->agent, phone->agent->name);
    job->work = desk_keep_ring;
    desk_job_give(desk, job);
}

void phone_ring_is(struct phone *phone, const json_t *before, const json_t *call)
{
    if (*phone_text_of(call, "monitoring")) return; /* the call that a supervisor listens to is another agent's */
    if (before && *phone_text_of(before, "monitoring")) before = NULL; /* it was another agent's until now */
    if (ring_is_answered(call) && !(before && ring_is_answered(before)))
        ring_keep(phone, call, "answered", "");
    else if (!before)
        ring_keep(phone, call, "rang", "");
    if (!before && ring_is_outside(call)) /* it may be one that was here before, and comes back */
        phone_unwrapped(phone->agent->desk, phone->agent->name);
}

/* Why the call was not answered. The agent's own request that ends it declines it, or gives it up. */
static const char *ring_outcome(const struct phone *phone, const json_t *call, const char *cause)
{
    bool rang = ring_is(call, "state", "ringing"), own = json_object_get(phone->own, phone_text_of(call, "conn"));
    if (rang) return own ? "declined" : "missed";
    return own ? "given_up" : *cause ? cause : "not_reached";
}

void phone_ring_over(struct phone *phone, const json_t *call, const char *cause)
{
    if (*phone_text_of(call, "monitoring")) return;
    ring_keep(phone, call, "over", ring_outcome(phone, call, cause));
    if (ring_is_answered(call) && ring_is_outside(call)) phone_unwrapped(phone->agent->desk, phone->agent->name);
}

void phone_rings_are(struct phone *phone)
{
    struct desk *desk = phone->agent->desk;
    const char *conn;
    json_t *call, *conns = json_array();
    json_object_foreach(phone->calls, conn, call) json_array_append_new(conns, json_string(conn));
    struct desk_job *job = desk_job_new(desk, json_pack("{s:o}", "conns", conns));
    text_set(job->agent, sizeof job->agent, phone->agent->name);
    job->work = desk_keep_rings_are;
    desk_job_give(desk, job);
    phone_unwrapped(desk, phone->agent->name);
}

/* ---- the wrap-up ---- */

static void unwrapped_done(struct desk *desk, struct desk_job *job)
{
    struct desk_agent *agent = g_hash_table_lookup(desk->agents, job->agent);
    if (agent && job->good) agent_tell(agent, json_incref(job->out));
}

/* Nothing is left to be said: the after-call work is over. */
static void wrapped_done(struct desk *desk, struct desk_job *job)
{
    struct desk_agent *agent = g_hash_table_lookup(desk->agents, job->agent);
    unwrapped_done(desk, job);
    if (!agent || !job->good || json_array_size(json_object_get(job->out, "calls")) > 0) return;
    struct phone *phone = agent->phone;
    if (phone && phone->ready && strcmp(phone->state, "after_call_work") == 0 && phone_calls(agent) == 0)
        phone_ask_switch(phone, "RequestAgentReady", phone_at_dn(phone), 0);
}

static void unwrapped_ask(struct desk *desk, const char *agent, void (*done)(struct desk *, struct desk_job *))
{
    struct desk_job *job = desk_job_new(desk, NULL);
    text_set(job->agent, sizeof job->agent, agent);
    job->work = desk_keep_unwrapped;
    job->done = done;
    desk_job_give(desk, job);
}

void phone_unwrapped(struct desk *desk, const char *agent)
{
    unwrapped_ask(desk, agent, unwrapped_done);
}

void phone_wrapped(struct desk *desk, const struct desk_job *job)
{
    bool done = json_is_true(json_object_get(job->params, "done"));
    if (job->good) unwrapped_ask(desk, job->agent, done ? wrapped_done : unwrapped_done);
}
