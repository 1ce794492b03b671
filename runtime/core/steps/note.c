/* runtime/core/steps/note.c - The steps `log.note` and `log.refused`: they show people a text of the strategy, or a
 * wrong text from data. */
#include "base/utf8.h"
#include "vm/steps.h"
#include "runtime/core/base/state.h"
#include "runtime/core/interactions/interaction.h"
#include "runtime/core/run/noted.h"
#include "runtime/core/run/step.h"
#include "runtime/core/site/program.h"

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
    noted_tell(core, ix, fiber, note, refused);
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
