/* compiler/language/step_ids.h - The compiler's names of the steps, also of those that it only checks. A file that
 * looks for a certain step includes it, and no other header does: a new row of steps.def makes only these anew. */
#pragma once

enum step_id {
#define STEP(id, name, number, media, result, timeout, class, cancellable, ends, at_once, family, doc) STEP_ID_##id,
#include "compiler/language/steps_all.def"
    STEP_IDS
};
