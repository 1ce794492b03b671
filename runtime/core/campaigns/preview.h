/* runtime/core/campaigns/preview.h - Preview: agents ask for records, look at them, and dial them.
 *
 * An agent who was given a record is its holder (holder.c). The record is counted by no campaign then, and waits until
 * the agent processes or rejects it:
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
/* The list has answered, with that code, the update by which it was to note the attempt. */
void preview_noted(struct list_records *, uint32_t slot, unsigned code);
/* The update is answered: begins the holder's call if the list has allowed the attempt. False: no call has begun. */
bool preview_goes_on(struct list_records *, uint32_t slot, unsigned code);

/* ---- preview_asker.c ---- */

/* Notes the message as the request to dial the record; NULL: there is none any more. */
void preview_asker_set(struct list_records *, struct list_record *, const struct message *);
/* Answers the request to dial. */
void preview_answer(struct list_records *, struct list_record *, unsigned code, const char *text);
/* The list's permission is no longer awaited: sets the record's state to open if it was ever dialled, else to preview.
 */
void preview_asking_ends(struct list_records *, uint32_t slot);
/* Refuses the agent's request to dial, since another update replaces the one that asked the list for permission. */
void preview_withdrawn(struct list_records *, struct list_record *);

/* The call of a record that its holder dials in preview.
 *
 * The list has allowed the attempt and written it down. The core asks the link of the holder's telephone to make the
 * call from there; the call is the leg of an interaction of the record on which no strategy runs. Until somebody has
 * answered, the row has the ref of the effect that dials. When the interaction has ended, the record is its holder's
 * again, with the call's result. */

/* The functions below take any interaction. For one that is no such call they do nothing, and return false. */

/* EventCallCreated. True: this is the call that was asked for. */
bool preview_call_created(struct list_records *, struct interaction *, const struct message *);
/* Note the link's news of the dialling: how it ends (enum cause), or that somebody has answered. */
void preview_call_progress(struct list_records *, struct interaction *, unsigned result);
void preview_call_answered(struct list_records *, struct interaction *);
/* Notes that the call has ended or is given up. */
void preview_call_over(struct list_records *, struct interaction *, unsigned cause);
/* EventDone. True: it answers the effect that dials. */
bool preview_call_refused(struct list_records *, struct interaction *, const struct message *);
