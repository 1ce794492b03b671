/* runtime/core/steps/note.c - The steps `log.note` and `log.refused`: a text of the strategy, or one that came as data
 * and does not hold, for people, in the history and to the host.
 *
 * Nothing is decided by a note, and nothing waits for it. An interaction has NOTES_MAX of them: the history is a ring
 * that all share, and one strategy that loops must not push out the others'. */
#include <assert.h>
#include <string.h>

#include "text/utf8.h"
#include "vm/steps.h"
#include "runtime/core/base/fact.h"
#include "runtime/core/base/facts_step.h"
#include "runtime/core/base/source.h"
#include "runtime/core/base/state.h"
#include "runtime/core/interactions/effect.h"
#include "runtime/core/interactions/interaction.h"
#include "runtime/core/run/step.h"
#include "runtime/core/site/program.h"
#include "runtime/vocabulary/effects_host.h"

enum { NOTES_MAX = 100 };

/* The last text of all, with its place, for the log. */
static void refused_keep(struct core *core, const struct interaction *ix, uint8_t fiber, struct span text)
{
    const struct block *block = block_at(core->slab, ix->block);
    struct refused_text *last = &core->strategies->refused;
    last->count++;
    last->ixn = ix->id;
    last->image = block_image(core->slab, block);
    if (!vm_outer_place(core->slab, block, fiber, &last->function, &last->pc)) last->function = UINT32_MAX;
    last->length = text.length;
    if (text.length != 0) memcpy(last->text, text.bytes, text.length);
}

static struct step_outcome note_write(struct core *core, struct interaction *ix, uint8_t fiber, uint16_t parameter,
                                      bool refused)
{
    const struct block *block = block_at(core->slab, ix->block);
    uint64_t word;
    uint16_t type;
    char inlined[8];
    if (!vm_arg(core->slab, block, fiber, parameter, &word, &type) || type_base(type) != TYPE_STR)
        return step_fails(code_invalid_attribute);
    struct text text = block_text(block_image(core->slab, block), block, word, inlined);
    struct span note = {(const uint8_t *)text.bytes, utf8_cut(text.bytes, text.length, NOTE_BYTES_MAX)};
    if (refused) refused_keep(core, ix, fiber, note);
    struct extra *extra = interaction_extra_make(core->interactions, ix);
    bool kept = extra->notes < NOTES_MAX;
    if (kept) extra->notes++;
    if (refused) interaction_tell(core->interactions, ix, FACT_text_refused, 0, 0);
    if (!kept) return step_done(0);
    fact_tell(core->facts, &(struct fact){.what = FACT_noted, .ixn = ix->id, .note = note});
    effect_begin(core->effects, &(struct effect){.kind = KIND_Note, .link = SOURCE_HOST, .interaction = ix});
    writer_bytes(&core->effects->writer, Note_text, note);
    if (refused) writer_u(&core->effects->writer, Note_refused, 1);
    effect_end(core->effects);
    return step_done(0);
}

static struct step_outcome note_begin(struct core *core, struct interaction *ix, uint8_t fiber, uint32_t ref)
{
    (void)ref;
    return note_write(core, ix, fiber, PARAMETER_log_note_text, false);
}

static struct step_outcome refused_begin(struct core *core, struct interaction *ix, uint8_t fiber, uint32_t ref)
{
    (void)ref;
    return note_write(core, ix, fiber, PARAMETER_log_refused_text, true);
}

const struct step_ops step_ops_note = {.begin = note_begin};
const struct step_ops step_ops_refused = {.begin = refused_begin};
