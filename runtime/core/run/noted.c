/* runtime/core/run/noted.c - Notes about an interaction: those of a strategy (log.note, log.refused), and those of
 * the core.
 *
 * No decision depends on a note, and nothing waits for it. An interaction may have NOTES_MAX notes: all interactions
 * share the ring of the history, and a strategy that loops must not push out the notes of others. */
#include "runtime/core/run/noted.h"

#include <assert.h>
#include <string.h>

#include "runtime/core/base/fact.h"
#include "runtime/core/base/facts_step.h"
#include "runtime/core/interactions/effect.h"
#include "runtime/core/interactions/interaction.h"
#include "runtime/core/site/program.h"
#include "runtime/vocabulary/effects_host.h"

enum { NOTES_MAX = 100 };

/* Stores the last refused text with its place in the source, for the log. */
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

void noted_tell(struct core *core, struct interaction *ix, uint8_t fiber, struct span text, bool refused)
{
    assert(text.length <= NOTE_BYTES_MAX);
    if (refused) refused_keep(core, ix, fiber, text);
    struct extra *extra = interaction_extra_make(core->interactions, ix);
    bool kept = extra->notes < NOTES_MAX;
    if (kept) extra->notes++;
    if (refused) interaction_tell(core->interactions, ix, FACT_text_refused, 0, 0);
    if (!kept) return;
    fact_tell(core->facts, &(struct fact){.what = FACT_noted, .ixn = ix->id, .note = text});
    effect_begin(core->effects, &(struct effect){.kind = KIND_Note, .link = SOURCE_HOST, .interaction = ix});
    writer_bytes(&core->effects->writer, Note_text, text);
    if (refused) writer_u(&core->effects->writer, Note_refused, 1);
    effect_end(core->effects);
}
