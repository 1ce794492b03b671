/* compiler/language/step_ids.h - The compiler's names of the steps, also of steps that are only checked. Only files
 * that use a certain step include this, and no header does: so after a new row of steps.def few files are compiled
 * again. */
#pragma once

enum step_id {
#define STEP(id, name, number, media, result, timeout, class, cancellable, ends, at_once, family, doc) STEP_ID_##id,
#include "compiler/language/steps_all.def"
    STEP_IDS
};
