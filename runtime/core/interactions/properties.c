/* runtime/core/interactions/properties.c - Changes the properties of an interaction by hand. */
#include "runtime/core/interactions/properties.h"

#include "runtime/core/base/batch.h"
#include "runtime/core/base/now.h"
#include "runtime/core/interactions/authority.h"
#include "runtime/core/interactions/effect.h"
#include "runtime/core/interactions/interaction.h"
#include "runtime/core/interactions/userdata.h"
#include "runtime/core/people/agent.h"
#include "runtime/vocabulary/events_agent.h"

enum { SYSTEM_DUE = 4 };

struct properties {
    bool priority, due; /* they are changed */
    int64_t to, due_us; /* the new ones; due_us: wall clock */
    struct kv data;
};

/* False: a property has a value of another type. */
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

/* False: there is no room, or the data are refused. The due time, whose refusal is the rarer one, is set first and put
 * back, so that nothing has changed. */
static bool put(struct interactions *interactions, struct interaction *ix, const struct properties *properties)
{
    uint64_t due = block_system(block_at(interactions->slab, ix->block), SYSTEM_DUE);
    if (properties->due && !block_system_set(interactions->slab, ix->block, SYSTEM_DUE, (uint64_t)properties->due_us))
        return false;
    if (properties->data.length != 0 && !userdata_attach(interactions, ix, kv_span(&properties->data))) {
        if (properties->due) (void)block_system_set(interactions->slab, ix->block, SYSTEM_DUE, due);
        return false;
    }
    if (properties->priority) block_at(interactions->slab, ix->block)->priority = properties->to;
    return true;
}

static enum code refused(const struct interaction *ix, const struct message *message)
{
    enum authority asker = authority_of(message, ix, AGENT_NONE, message_u(message, RequestUserData_supervises) != 0);
    bool may = authority_allows(ACT_properties, claim_kind_none, asker);
    return !may ? code_no_privilege : ix->running ? code_locked : code_ok;
}

void properties_change(struct interactions *interactions, struct interaction *ix, const struct message *message)
{
    struct properties properties = {0};
    struct span pairs = message_text(message, RequestUserData_pairs);
    enum code code = refused(ix, message);
    kv_init(&properties.data);
    if (code == code_ok && !(properties_read(&properties, pairs) && put(interactions, ix, &properties)))
        code = code_invalid_attribute;
    interaction_touch(interactions, ix);
    if (code == code_ok) {
        effect_reply_about(interactions->effects, message, ix->id, outcome_ok, code_ok, NULL, NULL);
        if (properties.data.length != 0)
            userdata_changed(interactions, ix, kv_span(&properties.data), message_text(message, ENVELOPE_actor));
        kv_free(&properties.data);
        return;
    }
    kv_free(&properties.data);
    effect_reply_about(interactions->effects, message, ix->id, code == code_locked ? outcome_locked : outcome_error,
                       code,
                       code == code_locked         ? "a strategy works on it"
                       : code == code_no_privilege ? "only supervisors change properties"
                                                   : "priority is a number, due a time; or the data are refused",
                       NULL);
}
