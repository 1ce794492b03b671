/* runtime/core/ask.c - What a strategy asks about agents and so on in the middle of a slice. Reads, and changes nothing. */
#include "runtime/core/ask.h"

#include "runtime/core/select.h"
#include "runtime/core/state.h"

static bool ask_agent(const struct core *core, const struct interaction *ix, uint32_t question, uint64_t subject,
                      uint64_t argument, uint64_t *word)
{
    if (subject == 0 || subject > core->agents.count) return false;
    const struct agent *who = agent_at(&core->agents, (uint32_t)(subject - 1));
    switch (question) {
    case QUESTION_agent_ready:
        *word = agent_available(who, core->time_us);
        return true;
    case QUESTION_agent_logged_in:
        *word = agent_logged_in(who);
        return true;
    case QUESTION_agent_state: /* the words that the compiler has */
        *word = who->state <= agent_state_after_call_work ? who->state : agent_state_not_ready;
        return true;
    case QUESTION_agent_level:
        *word = agent_level(who, strategy_name(core, ix, argument));
        return true;
    default:
        return false;
    }
}

/* Of the image's names only: of others there are no values. */
static bool ask_place(const struct core *core, const struct interaction *ix, uint64_t subject, uint64_t *word)
{
    uint32_t agent, claim;
    if (!select_is_claim(subject, &agent, &claim) || agent >= core->agents.count || ix->program == PROGRAM_NONE)
        return false;
    struct span place = core_name(core, agent_at(&core->agents, agent)->place);
    int32_t name = image_name_find(core->strategies.programs[ix->program].image, TYPE_PLACE,
                                   (const char *)place.bytes, place.length);
    *word = (uint64_t)name;
    return name >= 0;
}

static bool ask_dn(const struct core *core, block_handle handle, uint64_t subject, uint64_t *word)
{
    const struct slab *slab = core->strategies.slab;
    const struct block *block = block_at(slab, handle);
    char inlined[8];
    struct text text = block_text(block_image(slab, block), block, subject, inlined);
    struct span number = {(const uint8_t *)text.bytes, text.length};
    *word = places_dn_known(&core->directory.places, names_find(&core->names, number));
    return true;
}

bool ask(void *self, block_handle block, uint32_t question, uint64_t subject, uint64_t argument, uint64_t *word)
{
    const struct core *core = self;
    const struct interaction *ix = interaction_of_block(core, block);
    uint32_t agent, claim;
    if (question == QUESTION_target_agent) {
        *word = select_is_claim(subject, &agent, &claim) ? agent + UINT64_C(1) : 0;
        return *word != 0 && agent < core->agents.count;
    }
    if (question == QUESTION_target_place) return ask_place(core, ix, subject, word);
    if (question == QUESTION_dn_known) return ask_dn(core, block, subject, word);
    if (question != QUESTION_queue_reachable) return ask_agent(core, ix, question, subject, argument, word);
    uint32_t queue = strategy_name(core, ix, subject);
    *word = queue != 0 && link_usable(core, ix->link) && !exclude_has(core, ix, ROUTE_FAILED, queue);
    return true;
}
