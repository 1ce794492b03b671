/* runtime/sim/treatment.h - A treatment as the core asks for it, read for a switch, and as the step that tests write.
 */
#pragma once

#include "runtime/sim/switch.h"
#include "runtime/sim/values.h"
#include "runtime/vocabulary/message.h"

enum { TREATMENT_TEXT = 4096, TREATMENT_NAME = 65 };

/* The texts to which a treatment that was read points. */
struct treatment_room {
    char prompt[TREATMENT_NAME], keys[TREATMENT_NAME], text[TREATMENT_TEXT], name[TREATMENT_TEXT];
};

/* Reads RequestApplyTreatment. The treatment borrows from the room, and owns lists, which treatment_free() gives up. */
struct switch_treatment treatment_read(struct treatment_room *, const struct message *effect);
void treatment_free(struct switch_treatment *);
/* How long it plays: what is said by its letters, some sixteen a second; an announcement as long as all of them. */
uint64_t treatment_lasts_us(const struct switch_treatment *);

/* The step with its arguments; the caller owns `args`. */
struct step_call treatment_call(const struct switch_treatment *);
/* Does the step return something, which a test has to say? */
bool treatment_step_returns(const struct step_call *);
