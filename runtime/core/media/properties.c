/* runtime/core/media/properties.c - Changes priority, due time and data of an interaction for a supervisor. */
#include "runtime/core/media/properties.h"

#include "vm/system_words.h"
#include "runtime/core/base/batch.h"
#include "runtime/core/base/state.h"
#include "runtime/core/interactions/authority.h"
#include "runtime/core/interactions/effect.h"
#include "runtime/core/interactions/interaction.h"
#include "runtime/core/interactions/userdata.h"
#include "runtime/core/people/agent.h"
#include "runtime/core/steps/select.h"
#include "runtime/vocabulary/events_agent.h"

struct properties {
    bool priority, due; /* they are changed */
    int64_t to, due_us; /* the new priority; due_us: the new due time by the wall clock */
    struct kv data;
};

/* Reads a pair of the request. False: a property has a value of another type. */
static bool pair_read(struct properties *properties, const struct kv_pair *pair)
{
    if (span_is(pair->key, "priority")) {
        properties->priority = true;
        properties->to = pair->value.word;
        return pair->value.tag == KV_INT;
    }
    if (span_is(pair->key, "due")) {
        properties->due = true;
        properties->due_us = pair->value.word;
        return pair->value.tag == KV_TIME;
    }
    kv_put(&properties->data, pair->key, &pair->value);
    return true;
}

static bool properties_read(struct properties *properties, struct span pairs)
{
    struct kv_pair pair;
    for (uint32_t at = 0; kv_next(pairs, &at, &pair);)
        if (!pair_read(properties, &pair)) return false;
    return true;
}

/* Sets the properties. False: there is no room, or the data are refused. The due time, which is refused more rarely,
 * is set first; if the data are refused, it is put back, so that nothing has changed. */
static bool properties_put(struct interactions *interactions, struct interaction *ix,
                           const struct properties *properties)
{
    uint64_t due = block_system(block_at(interactions->slab, ix->block), SYSTEM_due);
    if (properties->due && !block_system_set(interactions->slab, ix->block, SYSTEM_due, (uint64_t)properties->due_us))
        return false;
    if (properties->data.length != 0 && !userdata_attach(interactions, ix, kv_span(&properties->data))) {
        if (properties->due) (void)block_system_set(interactions->slab, ix->block, SYSTEM_due, due);
        return false;
    }
    if (properties->priority) block_at(interactions->slab, ix->block)->priority = properties->to;
    return true;
}

static enum code properties_refused(const struct interaction *ix, const struct message *message)
{
    enum authority asker = authority_of(message, ix, AGENT_NONE, message_u(message, RequestUserData_supervises) != 0);
    return authority_allows(ACT_properties, claim_kind_none, asker) ? code_ok : code_no_privilege;
}

/* True: properties other than the priority are to change while a strategy works on the interaction: it may have read
 * them already. */
static bool properties_locked(const struct interaction *ix, const struct properties *properties)
{
    return ix->running && (properties->due || properties->data.length != 0);
}

static enum code properties_change(struct core *core, struct interaction *ix, const struct message *message,
                                   struct properties *properties)
{
    enum code code = properties_refused(ix, message);
    if (code != code_ok) return code;
    if (!properties_read(properties, message_text(message, RequestUserData_pairs))) return code_invalid_attribute;
    if (properties_locked(ix, properties)) return code_locked;
    if (!properties_put(core->interactions, ix, properties)) return code_invalid_attribute;
    if (properties->priority) select_rerank(core, ix, properties->to);
    return code_ok;
}

static const char *properties_why(enum code code)
{
    return code == code_ok             ? NULL
           : code == code_locked       ? "a strategy works on it: only its priority may be changed"
           : code == code_no_privilege ? "only supervisors change properties"
                                       : "priority is a number, due a time; or the data are refused";
}

void properties_on_request(struct core *core, const struct message *message)
{
    struct interaction *ix = interaction_of(core->interactions, message);
    if (!ix) {
        effect_reply(core->effects, message, outcome_error, code_unknown_conn_id, "there is no such interaction", NULL);
        return;
    }
    struct properties properties = {0};
    kv_init(&properties.data);
    enum code code = properties_change(core, ix, message, &properties);
    enum outcome outcome = code == code_ok ? outcome_ok : code == code_locked ? outcome_locked : outcome_error;
    interaction_touch(core->interactions, ix);
    effect_reply_about(core->effects, message, ix->id, outcome, code, properties_why(code), NULL);
    if (code == code_ok && properties.data.length != 0)
        userdata_changed(core->interactions, ix, kv_span(&properties.data), message_text(message, ENVELOPE_actor));
    kv_free(&properties.data);
}
