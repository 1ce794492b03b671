/* runtime/adapters/desk/core.c - Effects of the core, its answers to requests, and its resyncs.
 *
 * After a restart of the core or the desk the core requests a resync, which the desk answers by ResyncBegin, the
 * states of all agents, ResyncEnd. The core then shows again what each agent has; `seen` finds the items that it
 * shows no more (all_shown). */
#include <assert.h>

#include "runtime/adapters/desk/asks.h"
#include "runtime/post/unended.h"
#include "runtime/vocabulary/controls.h"
#include "runtime/vocabulary/effects_call.h"
#include "runtime/vocabulary/effects_link.h"
#include "runtime/vocabulary/effects_work.h"
#include "runtime/vocabulary/events_agent.h"
#include "runtime/vocabulary/events_link.h"

static json_t *ids_of(struct span value)
{
    json_t *ids = json_array();
    struct kv_pair pair;
    uint32_t at = 0;
    while (kv_next(value, &at, &pair))
        if (span_is(pair.key, "id") && pair.value.tag == KV_TEXT)
            json_array_append_new(ids, json_stringn((const char *)pair.value.span.bytes, pair.value.span.length));
    return ids;
}

static void tell_reply(const struct desk_request *request, const struct message *reply, bool good)
{
    assert(request->agent && request->id != 0);
    char ixn[IXN_TEXT];
    json_t *more = json_object();
    struct span text = message_text(reply, Reply_text), value = message_text(reply, Reply_value);
    ident_print_ixn(message_u(reply, ENVELOPE_ixn), ixn);
    if (message_u(reply, ENVELOPE_ixn) != 0) json_object_set_new(more, "ixn", json_string(ixn));
    if (good && value.length > 0) json_object_set_new(more, "ids", ids_of(value));
    struct kv_value by;
    if (!good && kv_get(value, "agent", &by) && by.tag == KV_TEXT) desk_put_text(more, "by", by.span);
    char *shown = g_strndup((const char *)text.bytes, text.length);
    agent_reply(request->agent, request->ticket, request->id,
                good ? NULL : enum_name_code(message_u(reply, Reply_code)), agent_told(shown), more);
    g_free(shown);
}

static void desk_on_reply(struct desk *desk, const struct message *reply)
{
    uint64_t req = message_u(reply, ENVELOPE_req);
    struct desk_request *request = g_hash_table_lookup(desk->asked, &req);
    if (!request) return;
    g_hash_table_steal(desk->asked, &req);
    unsigned outcome = (unsigned)message_u(reply, Reply_outcome);
    bool good = outcome == outcome_ok || outcome == outcome_duplicate;
    if (request->agent && request->id != 0 && !request->quiet) tell_reply(request, reply, good);
    if (request->after) request->after(request, reply, good);
    desk_request_free(request);
}

void core_away(struct desk *desk)
{
    GList *all = g_hash_table_get_values(desk->asked);
    for (GList *one = all; one; one = one->next) {
        struct desk_request *request = one->data;
        if (request->agent && request->id != 0)
            agent_reply(request->agent, request->ticket, request->id, "away",
                        "The router went away meanwhile: look whether it was done.", NULL);
    }
    asks_away(desk);
    g_list_free(all);
    g_hash_table_remove_all(desk->asked);
}

/* ---- resync ---- */

/* Reports agents and their states between ResyncBegin and ResyncEnd, with the questions (asks_perform()); clients
 * and watches are reported after that. */
static void desk_resynced(struct desk *desk, const struct message *effect)
{
    (void)effect;
    GHashTableIter at;
    gpointer value;
    g_hash_table_iter_init(&at, desk->agents);
    while (g_hash_table_iter_next(&at, NULL, &value)) {
        struct desk_agent *agent = value;
        core_client(agent, agent->ticket != 0);
        (void)watch_add(agent, object_agent, agent->name, NULL); /* of who is away, too: others may set the state */
    }
    watch_all(desk);
}

/* ---- effects ---- */

/* The table has one row for each effect. */
enum {
#define TAKEN(effect, function) EFFECT_ROW_##effect = 1,
#define LEFT(effect)            EFFECT_ROW_##effect = 1,
#include "runtime/adapters/desk/told.def"
};
#define EFFECT(name, number, class, to, deadline, doc)                                                                 \
    _Static_assert(EFFECT_ROW_##name, "told.def has a row for each effect");
#define F(name, field, type)
#define END(name)
#include "runtime/vocabulary/effects.def"
#undef EFFECT
#undef F
#undef END

static const struct {
    unsigned kind;
    void (*told)(struct desk *, const struct message *effect);
} effect_rows[] = {
#define TAKEN(effect, function) {KIND_##effect, function},
#include "runtime/adapters/desk/told.def"
};

static void desk_on_read(struct desk *desk, const struct message *reply)
{
    if (unended_answered(desk->unended, reply)) return;
    phone_named(desk, reply);
    phone_vq_answered(desk, reply);
    read_answered(desk, reply);
}

void desk_perform(void *self, const struct message *effect)
{
    struct desk *desk = self;
    if (asks_perform(desk, effect)) return;
    if (effect->kind == KIND_ReadReply) desk_on_read(desk, effect);
    for (size_t i = 0; i < sizeof effect_rows / sizeof *effect_rows; i++)
        if (effect_rows[i].kind == effect->kind) effect_rows[i].told(desk, effect);
}
