/* runtime/adapters/im/expert.c - Knowledge workers (experts): their presence in XMPP becomes the agents' states of
 * the medium im.
 *
 * A new state is reported at once if the last change was at least `steady` seconds ago, otherwise when that time has
 * passed: a client that keeps coming and going costs one change in that time. While the XMPP server is away nobody
 * counts as present. A worker who has a conversation first becomes not ready, and is logged out only after `grace`,
 * so that a short absence does not cost them the conversation. */
#include <stdlib.h>
#include <string.h>

#include "runtime/adapter/gcx_adapter.h"
#include "runtime/adapters/im/im.h"
#include "runtime/adapters/im/stanza.h"
#include "runtime/vocabulary/events_agent.h"
#include "runtime/vocabulary/events_link.h"
#include "base/memory.h"
#include "runtime/vocabulary/state_files.h"

enum { HEARD_S = 5 }; /* seconds that the server may take to report who is present */

static const struct presence_state nobody_there = {agent_state_logged_out, ""},
                                   gone_for_a_moment = {agent_state_not_ready, "gone"};

static uint64_t expert_now(const struct expert *expert)
{
    return expert->im->services->now_us(expert->im->link);
}

static bool state_same(struct presence_state one, struct presence_state other)
{
    return one.state == other.state && strcmp(one.reason, other.reason) == 0;
}

/* ---- rows for the next process ---- */

static void expert_save(const struct expert *expert)
{
    json_t *row = json_pack("{s:i, s:s}", "state", (int)expert->is.state, "reason", expert->is.reason);
    char *saved = json_dumps(row, JSON_COMPACT);
    memos_put(expert->im->conversations.memos, &(struct memo){.name = expert->agent, .saved = saved});
    json_decref(row);
    free(saved);
}

/* Restores a state from its row. The state's reason must be one of the table or of this file, as the text of the row is
 * freed. */
static bool expert_restore(void *self, const struct memo *memo, const json_t *row)
{
    const struct im *im = self;
    struct expert *expert = g_hash_table_lookup(im->experts, memo->name);
    json_int_t state = json_integer_value(json_object_get(row, "state"));
    if (!expert) return true;
    if (state == agent_state_ready) expert->is = (struct presence_state){agent_state_ready, ""};
    if (state == agent_state_not_ready) expert->is = gone_for_a_moment;
    return true;
}

/* Reads a row of the file in which an earlier version kept the states. */
static bool expert_of_row(void *self, json_t *row, struct memo_row *memo)
{
    (void)self;
    memo->name = g_strdup(json_string_value(json_object_get(row, "id")));
    return true;
}

static bool experts_before(struct conversations *all, const struct memo_owner *of, char *why, size_t why_size)
{
    return conversations_memo_file(all, of, state_endings.workers, expert_of_row, why, why_size);
}

const struct conversation_memos expert_memos = {
    .kind = "worker", .noun = "worker", .before = experts_before, .restore = expert_restore};

/* ---- reports to the core ---- */

static void expert_dn(const struct expert *expert, char dn[IM_DN_SIZE])
{
    g_snprintf(dn, IM_DN_SIZE, "im.%s", expert->agent);
}

static void expert_tell(const struct expert *expert)
{
    char dn[IM_DN_SIZE];
    struct writer *writer = im_begin(expert->im, KIND_EventAgentState);
    expert_dn(expert, dn);
    writer_text(writer, EventAgentState_agent, expert->agent);
    writer_text(writer, EventAgentState_dn, dn);
    writer_u(writer, EventAgentState_media, media_im);
    writer_u(writer, EventAgentState_state, expert->is.state);
    if (*expert->is.reason) writer_text(writer, EventAgentState_label, expert->is.reason);
    writer_u(writer, EventAgentState_origin, state_origin_presence);
    im_post(expert->im);
}

void expert_is_there(struct expert *expert)
{
    if (!expert->silent) return;
    expert->silent = false;
    expert_tell(expert);
}

/* Has the worker a conversation? */
static bool expert_has_any(const struct expert *expert)
{
    GHashTableIter at;
    gpointer value;
    g_hash_table_iter_init(&at, expert->offers);
    while (g_hash_table_iter_next(&at, NULL, &value))
        if (((struct offer *)value)->open || ((struct offer *)value)->joining) return true;
    return false;
}

static struct presence_state expert_now_is(struct expert *expert)
{
    const struct im *im = expert->im;
    struct presence_state is = component_is_up(im->component) ? presence_state(&expert->presence) : nobody_there;
    if (is.state != agent_state_logged_out) {
        expert->gone_us = 0;
        return is;
    }
    if (expert->gone_us == 0) expert->gone_us = expert_now(expert);
    bool waits = !expert->heard || expert_has_any(expert);
    uint64_t patience_us = (expert->heard ? im->setting.grace : MAX(im->setting.grace, HEARD_S)) * IM_SECOND_US;
    bool was_there = expert->is.state != agent_state_logged_out;
    return was_there && waits && expert_now(expert) - expert->gone_us < patience_us ? gone_for_a_moment : is;
}

static void expert_look(struct expert *expert)
{
    struct presence_state is = expert_now_is(expert);
    uint64_t now_us = expert_now(expert), steady_us = expert->im->setting.steady * IM_SECOND_US;
    if (state_same(is, expert->is)) return;
    if (expert->told_us != 0 && now_us - expert->told_us < steady_us) return;
    expert->is = is;
    expert->told_us = now_us;
    expert_save(expert);
    expert_tell(expert);
}

static void experts_each(struct im *im, void (*call)(struct expert *))
{
    GHashTableIter at;
    gpointer value;
    g_hash_table_iter_init(&at, im->experts);
    while (g_hash_table_iter_next(&at, NULL, &value)) call(value);
}

static void expert_observe(struct expert *expert)
{
    char dn[IM_DN_SIZE];
    if (expert->is.state == agent_state_logged_out) return;
    struct writer *writer = im_begin(expert->im, KIND_Observed);
    expert_dn(expert, dn);
    writer_u(writer, Observed_what, object_agent);
    writer_u(writer, Observed_media, media_im);
    writer_text(writer, Observed_dn, dn);
    writer_text(writer, Observed_agent, expert->agent);
    writer_u(writer, Observed_state, expert->is.state);
    im_post(expert->im);
}

void experts_observe(struct im *im)
{
    experts_each(im, expert_observe);
}

/* Reports the reason of the state, which a resync does not contain. */
static void expert_reason(struct expert *expert)
{
    if (*expert->is.reason) expert_tell(expert);
}

void experts_reasons(struct im *im)
{
    experts_each(im, expert_reason);
}

/* ---- presence ---- */

struct expert *expert_by_jid(struct im *im, const char *bare)
{
    return g_hash_table_lookup(im->jids, bare);
}

/* Answers a request for presence: workers see that the plugin is there; all others get no answer. */
static void answer_presence(struct im *im, const char *type, const char *bare, const char *to)
{
    if (!expert_by_jid(im, bare)) return;
    if (strcmp(type, "subscribe") == 0) im_send_presence(im, "subscribed", to, bare);
    if (strcmp(type, "subscribe") == 0 || strcmp(type, "probe") == 0) im_send_presence(im, NULL, to, bare);
    if (strcmp(type, "subscribed") == 0) im_send_presence(im, "probe", to, bare);
}

void experts_presence(struct im *im, const struct xml_node *stanza)
{
    char bare[JID_MAX], to[JID_MAX];
    const char *from = xml_attribute(stanza, "from"), *type = xml_attribute(stanza, "type");
    const char *ours = xml_attribute(stanza, "to");
    if (!from || !ours || !im_jid_bare(from, bare) || !im_jid_bare(ours, to)) return;
    struct expert *expert = expert_by_jid(im, bare);
    if (!expert) return;
    if (type) answer_presence(im, type, bare, to);
    /* the address is one conversation's, which nobody needs to watch */
    if (strcmp(to, im->setting.domain) != 0) return;
    if (!presence_take(&expert->presence, im_jid_resource(from), stanza)) return;
    expert->heard = true;
    expert_look(expert);
    expert_is_there(expert);
}

/* Asks for a worker's presence. The server itself answers for a worker who has agreed before. No probe may be sent
 * before the worker has answered: with Prosody a refused probe cancels the request that the worker is looking at. */
static void expert_ask(struct expert *expert)
{
    im_send_presence(expert->im, "subscribe", expert->im->setting.domain, expert->jid);
}

void experts_up(struct im *im)
{
    im->up_us = im->services->now_us(im->link);
    experts_each(im, expert_ask);
}

static void expert_down(struct expert *expert)
{
    presence_clear(&expert->presence);
    expert->heard = false;
    expert_look(expert);
}

void experts_down(void *im)
{
    experts_each(im, expert_down);
}

static void expert_tick(struct expert *expert)
{
    const struct im *im = expert->im;
    if (component_is_up(im->component) && expert_now(expert) - im->up_us > (uint64_t)HEARD_S * IM_SECOND_US)
        expert->heard = true; /* the server reports nothing about the worker */
    expert_look(expert);
    offers_tick(expert);
}

void experts_tick(struct im *im)
{
    experts_each(im, expert_tick);
}

/* ---- start and end ---- */

static void expert_free(gpointer given)
{
    struct expert *expert = given;
    presence_free(&expert->presence);
    g_hash_table_destroy(expert->offers);
    free(expert);
}

void experts_init(struct im *im)
{
    im->experts = g_hash_table_new_full(g_str_hash, g_str_equal, NULL, expert_free);
    im->jids = g_hash_table_new(g_str_hash, g_str_equal);
}

void experts_open(struct im *im)
{
    for (unsigned i = 0; i < im->setting.all_workers->len; i++) {
        const struct worker_row *row = im->setting.all_workers->pdata[i];
        struct expert *expert = memory_zeroed(1, sizeof *expert);
        *expert = (struct expert){
            .im = im, .agent = row->agent, .jid = row->jid, .client = i + 1, .is = {agent_state_logged_out, ""}};
        presence_init(&expert->presence);
        expert->offers = g_hash_table_new_full(g_int64_hash, g_int64_equal, NULL, offer_forget);
        g_hash_table_insert(im->experts, (gpointer)expert->agent, expert);
        g_hash_table_insert(im->jids, (gpointer)expert->jid, expert);
    }
}

void experts_free(struct im *im)
{
    g_hash_table_destroy(im->jids);
    g_hash_table_destroy(im->experts);
}
