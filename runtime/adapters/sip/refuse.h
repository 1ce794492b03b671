/* runtime/adapters/sip/refuse.h - Refuses requests; each refusal is counted and logged, too (refusals.def). */
#pragma once

#include <stdint.h>

#include "runtime/adapter/refused.h"

struct exchange;
struct leg;
struct sip_msg;

/* Refuses without a transaction, which costs no memory in a flood: a repeated packet is refused again. `headers`:
 * further lines, each with its end, or "". */
void refuse_once(struct exchange *, const struct sip_msg *, enum refused, const char *headers);
/* Refuses with a transaction: a repeated packet gets the same answer. */
void refuse_kept(struct exchange *, const struct sip_msg *, enum refused, const char *headers);
/* Refuses the call that has come on this leg and is not answered yet. */
void refuse_leg(struct leg *, enum refused);
/* Only counts and logs: the peer gets no answer, or has got it already. */
void refuse_told(struct exchange *, const struct sip_msg *, enum refused);
/* Counts and logs that a trunk has refused the leg's call to a number outside. */
void refuse_outside(const struct leg *, const struct sip_msg *answer);
/* The row of refusals.def for a status that leg_accept() or the check of Replaces gives. */
enum refused refuse_why(uint16_t status);
