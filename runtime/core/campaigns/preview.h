/* runtime/core/campaigns/preview.h - Preview: agents ask for records, look at them, and dial them.
 *
 * A record that an agent was given is open, and its agent its holder (holder.c): it belongs to no campaign, and waits
 * until it is processed or rejected:
 *
 *   due --get--> preview --dial--> asking --the list allows--> ringing --> connected --> over --> open
 *                  |  ^               |                                                            |
 *     reject <-----'  `--refused------'                     dial once more: asking <---------------'
 *
 * When the agent dials, the list allows the attempt and writes it down first; then
 * the core has the call made from the agent's telephone (preview_call below). */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "runtime/vocabulary/message.h"
#include "runtime/vocabulary/vocabulary.h"

struct interaction;
struct list_record;
struct list_records;

/* May the agent (its slot) ask for records of the campaign of that name? 0: of any. code_ok: yes. */
enum code preview_may(const struct list_records *, uint32_t agent, uint32_t campaign);
/* Gives the agent the next record. LIST_RECORD_NONE: none is due. */
uint32_t preview_get(struct list_records *, uint32_t agent, uint32_t campaign);
/* The agent (its slot) wants to dial the record. code_ok: the message is answered when the list has. */
enum code preview_dial(struct list_records *, uint32_t slot, uint32_t agent, const struct message *);
/* The list has answered the update that wrote the attempt down. */
void preview_noted(struct list_records *, uint32_t slot, unsigned code);
/* The update is over; where the list has allowed the attempt, its holder's call begins. False: no call has begun. */
bool preview_goes_on(struct list_records *, uint32_t slot, unsigned code);

/* ---- preview_asker.c ---- */

/* The message asks to dial the record; NULL: nobody asks any more. */
void preview_asker_set(struct list_records *, struct list_record *, const struct message *);
/* Answers the request to dial. */
void preview_answer(struct list_records *, struct list_record *, unsigned code, const char *text);
/* The list is not asked any more; the record is its holder's as before, or has been dialled. */
void preview_asking_ends(struct list_records *, uint32_t slot);
/* Another update takes the place of that one, so nobody will hear whether the agent may dial: the agent may not. */
void preview_withdrawn(struct list_records *, struct list_record *);

/* The call of a record that its holder dials in preview.
 *
 * The list has allowed the attempt and written it down. The core asks the link of the holder's telephone to make the
 * call from there; the call is the leg of an interaction of the record on which no strategy runs. Until somebody has
 * answered, the row has the ref of the effect that dials. When the interaction has ended, the record is its holder's
 * again, with the call's result. */

/* The interactions below may be any; one that is not dialled so changes nothing, and the function is false. */

/* EventCallCreated: it is the call that was asked for. */
bool preview_call_created(struct list_records *, struct interaction *, const struct message *);
/* The link has told how the dialling ends (enum cause), or somebody has answered. */
void preview_call_progress(struct list_records *, struct interaction *, unsigned result);
void preview_call_answered(struct list_records *, struct interaction *);
/* The call has ended, or is given up. */
void preview_call_over(struct list_records *, struct interaction *, unsigned cause);
/* EventDone: true: it answers the effect that dials. */
bool preview_call_refused(struct list_records *, struct interaction *, const struct message *);
