/* runtime/core/media/wrap_up.c - What an agent says of a call or conversation that is over. See wrap_up.h. */
#include "runtime/core/media/wrap_up.h"

#include "runtime/core/base/fact.h"
#include "runtime/core/base/facts_interaction.h"
#include "runtime/core/base/record.h"
#include "runtime/core/base/state.h"
#include "runtime/core/base/table.h"
#include "runtime/core/interactions/effect.h"
#include "runtime/core/interactions/interaction.h"
#include "runtime/core/people/agent.h"
#include "runtime/vocabulary/events_work.h"

/* Returns the interaction of the call, or without a call (0) the one that is named, also where it has ended; 0: the
 * core has forgotten it. */
static uint64_t wrap_up_ixn(const struct core *core, uint64_t conn, uint64_t named)
{
    const struct interaction *ix =
        conn != 0 ? interaction_by_conn(core->interactions, conn) : interaction_by_id(core->interactions, named);
    for (uint64_t at = core->records->ended_count; !ix && at > 0; at--) {
        const struct ended *ended = record_ended_at(core->records, at - 1);
        if (!ended) break;
        if (conn != 0 ? ended->conn == conn : ended->ixn == named) return ended->ixn;
    }
    return ix ? ix->id : 0;
}

void wrap_up_on(struct core *core, const struct message *message)
{
    uint64_t conn = message_u(message, RequestWrapUp_call);
    uint32_t agent;
    if (conn == 0 && message_u(message, ENVELOPE_ixn) == 0) {
        effect_reply(core->effects, message, outcome_error, code_invalid_attribute, "it names nothing", NULL);
        return;
    }
    if (!agent_find(core->agents, names_find(core->names, message_text(message, ENVELOPE_actor)), &agent)) {
        effect_reply(core->effects, message, outcome_error, code_not_logged_in,
                     "the request names no agent whom the router knows", NULL);
        return;
    }
    uint64_t ixn = wrap_up_ixn(core, conn, message_u(message, ENVELOPE_ixn));
    fact_tell(core->facts, &(struct fact){.what = FACT_wrapped_up,
                                          .name = names_pass(core->names, message_text(message, RequestWrapUp_code)),
                                          .ixn = ixn,
                                          .message = message});
    effect_reply(core->effects, message, outcome_ok, code_ok, NULL, NULL);
}
