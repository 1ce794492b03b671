/* runtime/core/steps/called.c - Judges a number before a call to it is promised to anybody. A number that the switch or
 * the trunk would refuse later, or that nobody may call, fails at once: the caller is asked for another one. */
#include "runtime/core/steps/called.h"

#include "runtime/core/base/state.h"
#include "runtime/core/base/table.h"
#include "runtime/core/interactions/interaction.h"
#include "runtime/core/site/directory.h"
#include "runtime/core/site/place.h"
#include "runtime/vocabulary/dialled.h"
#include "vm/exec.h"

enum called_judge called_judge_of(const struct core *core, const struct interaction *ix, uint8_t fiber,
                                  uint16_t parameter)
{
    uint64_t word;
    uint16_t type;
    if (!vm_arg(core->slab, block_at(core->slab, ix->block), fiber, parameter, &word, &type))
        return CALLED_JUDGE_BEFORE;
    return word == 0 ? CALLED_JUDGE_CORE : CALLED_JUDGE_SITE;
}

bool called_is_emergency(const struct core *core, struct span number)
{
    return dialled_is_emergency((const char *)number.bytes, number.length) &&
           !places_dn_known(&core->directory->places, names_find(core->names, number));
}

bool called_back_may_be(const struct core *core, struct span number, enum called_judge judge)
{
    const char *bytes = (const char *)number.bytes;
    if (!dialled_is_plain(bytes, number.length)) return false;
    if (judge == CALLED_JUDGE_BEFORE) return true;
    if (called_is_emergency(core, number)) return false;
    return judge == CALLED_JUDGE_SITE || !dialled_is_costly(bytes, number.length);
}
