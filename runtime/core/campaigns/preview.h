/* runtime/core/campaigns/preview.h - Preview: agents ask for records, look at them, and dial them.
 *
 * A record that an agent was given is open, and its agent its holder (held.h): it belongs to no campaign, and waits
 * until it is processed or rejected. When the agent dials, the list allows the attempt and writes it down first; then
 * the core has the call made from the agent's telephone (preview_call.h). */
#ifndef CORE_CAMPAIGNS_PREVIEW_H
#define CORE_CAMPAIGNS_PREVIEW_H

#include <stdbool.h>
#include <stdint.h>

#include "runtime/vocabulary/message.h"
#include "runtime/vocabulary/vocabulary.h"

struct core;
struct list_record;

/* May the agent (its slot) ask for records of the campaign of that name? 0: of any. code_ok: yes. */
enum code preview_may(const struct core *, uint32_t agent, uint32_t campaign);
/* Gives the agent the next record. LIST_RECORD_NONE: none is due. */
uint32_t preview_get(struct core *, uint32_t agent, uint32_t campaign);
/* The record, which the agent has not dialled, goes back; nothing that was said of it counts. */
enum code preview_reject(struct core *, uint32_t slot);
/* The agent (its slot) wants to dial the record. code_ok: the message is answered when the list has. */
enum code preview_dial(struct core *, uint32_t slot, uint32_t agent, const struct message *);
/* The list has answered the update that wrote the attempt down. */
void preview_noted(struct core *, uint32_t slot, unsigned code);
/* The update is over; where the list has allowed the attempt, its holder's call begins. False: no call has begun. */
bool preview_goes_on(struct core *, uint32_t slot, unsigned code);
/* Another update takes the place of that one, so nobody will hear whether the agent may dial: the agent may not. */
void preview_withdrawn(struct core *, struct list_record *);

#endif
