/* runtime/sim/treatment.h - Reads a treatment from the core's effect for a switch, and describes it as a step in the
 * words of tests. */
#pragma once

#include "runtime/sim/switch.h"
#include "runtime/sim/values.h"
#include "runtime/vocabulary/message.h"

enum { TREATMENT_TEXT = 4096, TREATMENT_NAME = 65 };

/* A buffer for the texts of a treatment. */
struct treatment_room {
    char prompt[TREATMENT_NAME], keys[TREATMENT_NAME], text[TREATMENT_TEXT], name[TREATMENT_TEXT];
};

/* Reads the treatment from a RequestApplyTreatment. The treatment borrows texts from the room, and owns lists that
 * treatment_free() frees. */
struct switch_treatment treatment_read(struct treatment_room *, const struct message *effect);
void treatment_free(struct switch_treatment *);
/* Returns how long the treatment plays: spoken text by its letters, about sixteen per second; every announcement is
 * equally long. */
uint64_t treatment_lasts_us(const struct switch_treatment *);

/* Returns the step with its arguments; the caller owns `args`. */
struct step_call treatment_call(const struct switch_treatment *);
/* Does the step return a value, which a test has to give? */
bool treatment_step_returns(const struct step_call *);
