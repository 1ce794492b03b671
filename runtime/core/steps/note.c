/* runtime/core/steps/note.c - The step `log.note`: a text of the strategy for people, in the history and to the host.
 *
 * Nothing is decided by a note, and nothing waits for it. An interaction has NOTES_MAX of them: the history is a ring
 * that all share, and one strategy that loops must not push out the others'. */
#include <assert.h>

#include "vm/steps.h"
#include "runtime/core/base/fact.h"
#include "runtime/core/base/facts_step.h"
#include "runtime/core/base/source.h"
#include "runtime/core/base/state.h"
#include "runtime/core/interactions/effect.h"
#include "runtime/core/interactions/interaction.h"
#include "runtime/core/run/step.h"
#include "runtime/vocabulary/effects_host.h"

enum { NOTES_MAX = 100 };

static struct step_outcome note_begin(struct core *core, struct interaction *ix, uint8_t fiber, uint32_t ref)
{
    (void)ref;
    const struct block *block = block_at(core->slab, ix->block);
    uint64_t word;
    uint16_t type;
    char inlined[8];
    if (!vm_arg(core->slab, block, fiber, PARAMETER_log_note_text, &word, &type) || type_base(type) != TYPE_STR)
        return step_fails(code_invalid_attribute);
    struct extra *extra = interaction_extra_make(core->interactions, ix);
    if (extra->notes == NOTES_MAX) return step_done(0);
    extra->notes++;
    struct text text = block_text(block_image(core->slab, block), block, word, inlined);
    struct span note = {(const uint8_t *)text.bytes, text_cut(text.bytes, text.length, NOTE_BYTES_MAX)};
    fact_tell(core->facts, &(struct fact){.what = FACT_noted, .ixn = ix->id, .note = note});
    effect_begin(core->effects, &(struct effect){.kind = KIND_Note, .link = SOURCE_HOST, .interaction = ix});
    writer_bytes(&core->effects->writer, Note_text, note);
    effect_end(core->effects);
    return step_done(0);
}

const struct step_ops step_ops_note = {.begin = note_begin};
