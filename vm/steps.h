/* vm/steps.h - The numbers of the steps and of their parameters, from the rows of steps.def. Files that handle
 * particular steps include this, but no header does: so a new row only recompiles these files. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

/* STEP_ID_ivr_digits, ... and PARAMETER_ivr_digits_prompt, ... */
enum step_number {
#define STEP(id, name, number, media, result, timeout, class, cancellable, ends, at_once, family, doc)                 \
    STEP_ID_##id = number,
#include "vm/steps.def"
};
enum step_parameter_number {
#define P(id, parameter, number, type, need) PARAMETER_##id##_##parameter = number,
#include "vm/steps.def"
};

static inline bool vm_step_forks(uint16_t step)
{
    return step == STEP_ID_race || step == STEP_ID_parallel;
}
