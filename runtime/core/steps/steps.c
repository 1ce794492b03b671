/* runtime/core/steps/steps.c - The operations of all steps, by the numbers that steps.def gives them. */
#include "runtime/core/run/step.h"

#define STEP(id, name, number, media, result, timeout, class, cancellable, ends, at_once, family, doc)                 \
    extern const struct step_ops step_ops_##family;
#include "vm/steps.def"

static const struct step_ops *const ops_by_step[] = {
#define STEP(id, name, number, media, result, timeout, class, cancellable, ends, at_once, family, doc)                 \
    [number] = &step_ops_##family,
#include "vm/steps.def"
};

const struct step_ops step_ops_none = {.begin = NULL};

const struct step_ops *const *steps_ops(unsigned *count)
{
    *count = sizeof ops_by_step / sizeof ops_by_step[0];
    return ops_by_step;
}
