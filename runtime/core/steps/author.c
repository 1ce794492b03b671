/* runtime/core/steps/author.c - The step that gives an agent the reply back which the agent has written. */
#include "runtime/core/base/state.h"
#include "runtime/core/interactions/interaction.h"
#include "runtime/core/interactions/submitted.h"
#include "runtime/core/interactions/userdata.h"
#include "runtime/core/run/step.h"

/* What is to be changed, attached for whoever opens it. */
static void attach_reason(struct core *core, struct interaction *ix, uint8_t fiber)
{
    const struct block *block = block_at(core->slab, ix->block);
    uint64_t word;
    uint16_t type;
    char inlined[8];
    if (!vm_arg(core->slab, block, fiber, PARAMETER_email_return_to_author_text, &word, &type)) return;
    struct text text = block_text(block_image(core->slab, block), block, word, inlined);
    struct kv pairs;
    kv_init(&pairs);
    kv_put_text(&pairs, "return_reason", (struct span){(const uint8_t *)text.bytes, text.length});
    (void)userdata_attach(core, ix, kv_span(&pairs)); /* where there is no room, it is returned without */
    kv_free(&pairs);
    interaction_touch(core, ix);
}

/* Into the author's workbin. It is refused where no agent has written it. */
static struct step_outcome author_begin(struct core *core, struct interaction *ix, uint8_t fiber, uint32_t ref)
{
    (void)ref;
    uint32_t bin = names_pass(core->names, span_of("returned"));
    const struct submitted *row = submitted_of(core, ix);
    if (!row || row->author == 0 || bin == 0) return step_fails(code_refused);
    if (core->submissions->bin_count >= BINS_MAX && !submitted_bin(core, bin, row->author))
        return step_fails(code_refused);
    attach_reason(core, ix, fiber);
    interaction_tell(core, ix, FACT_routed, 0, 0);
    ix->outcome = ENDED_QUEUED;
    submitted_put(core, ix, bin, row->author);
    return step_done(0);
}

const struct step_ops step_ops_author = {.begin = author_begin};
