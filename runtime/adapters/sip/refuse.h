/* runtime/adapters/sip/refuse.h - Refusing a request, which is how it is counted and told, too (refusals.def). */
#pragma once

#include <stdint.h>

#include "runtime/adapter/refused.h"

struct exchange;
struct leg;
struct sip_msg;

/* Leaves nothing behind: this is how a flood is met, and the same packet again is refused again. `headers`: further
 * lines, each with its end, or "". */
void refuse_once(struct exchange *, const struct sip_msg *, enum refused, const char *headers);
/* Has a transaction: the same packet again gets the same answer. */
void refuse_kept(struct exchange *, const struct sip_msg *, enum refused, const char *headers);
/* The call that has come on this leg and is not answered yet. */
void refuse_leg(struct leg *, enum refused);
/* Counted and told, where the peer hears nothing or has its answer already. */
void refuse_told(struct exchange *, const struct sip_msg *, enum refused);
/* Not we refuse: a trunk has refused the call of this leg to a number outside. */
void refuse_outside(const struct leg *, const struct sip_msg *answer);
/* The row of a status that leg_accept() or the judge of Replaces gives. */
enum refused refuse_why(uint16_t status);
