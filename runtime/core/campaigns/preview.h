/* runtime/core/campaigns/preview.h - Preview: agents ask for records, look at them, and dial them.
 *
 * An agent who was given a record holds it from then on (holder.c). Then no campaign counts the record, and it waits
 * until the agent processes or rejects it, or has looked at it for `preview_s` without dialling it:
 *
 *     due --get--> preview --dial--> asking --the list allows--> ringing --> connected --> over --> open
 *                    |  ^               |                                                            |
 *       reject <-----'  `--refused------'                     dial once more: asking <---------------'
 *
 * When the agent dials, the list first allows the attempt and writes it down; then the core lets the link make the
 * call from the agent's telephone (preview_call below). */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "runtime/vocabulary/message.h"
#include "runtime/vocabulary/vocabulary.h"

struct interaction;
struct list_record;
struct list_records;

/* May the agent (its slot) ask for records of the campaign of the given name? 0: of any. code_ok: yes. */
enum code preview_may(const struct list_records *, uint32_t agent, uint32_t campaign);
/* Gives the agent the next record. LIST_RECORD_NONE: none is due. */
uint32_t preview_get(struct list_records *, uint32_t agent, uint32_t campaign);
/* Called when the core begins with a snapshot that does not say since when agents look at their records: they count as
 * beginning now. */
void previews_begin(struct list_records *);
/* The agent (its slot) asks for the record to be dialled. code_ok: the core answers the message when the list has
 * answered. */
enum code preview_dial(struct list_records *, uint32_t slot, uint32_t agent, const struct message *);
/* The list has answered the update that asks it to note the attempt; `code` is the answer. */
void preview_noted(struct list_records *, uint32_t slot, unsigned code);
/* The list has answered the update: begins the holder's call if the list has allowed the attempt. False: no call was
 * begun. */
bool preview_goes_on(struct list_records *, uint32_t slot, unsigned code);

/* ---- preview_asker.c ---- */

/* Stores the message as the request to dial the record; NULL: removes the request. */
void preview_asker_set(struct list_records *, struct list_record *, const struct message *);
/* Answers the agent's request to dial. */
void preview_answer(struct list_records *, struct list_record *, unsigned code, const char *text);
/* The core no longer waits for the list's permission: sets the record's state to open if it was ever dialled, else
 * to preview. */
void preview_asking_ends(struct list_records *, uint32_t slot);
/* Refuses the agent's request to dial, since another update replaces the one that asks the list for permission. */
void preview_withdrawn(struct list_records *, struct list_record *);

/* What follows is for the call of a record that its holder dials in preview.
 *
 * The list has allowed the attempt and written it down. The core asks the link of the holder's telephone to make the
 * call from there; the call is the leg of an interaction of the record on which no strategy runs. Until somebody has
 * answered, the row has the ref of the effect that dials. When the interaction has ended, its holder has the record
 * again, with the result of the call. */

/* The functions below take any interaction. For an interaction that is not the call of a record in preview they do
 * nothing, and return false. */

/* EventCallCreated. True: the call that EventCallCreated reports is the one that the core has asked for. */
bool preview_call_created(struct list_records *, struct interaction *, const struct message *);
/* Notes what the link reports of the dialling: how it ends (enum cause), or that somebody has answered. */
void preview_call_progress(struct list_records *, struct interaction *, unsigned result);
void preview_call_answered(struct list_records *, struct interaction *);
/* Notes that the call has ended or was given up. */
void preview_call_over(struct list_records *, struct interaction *, unsigned cause);
/* EventDone. True: the message answers the effect that dials. */
bool preview_call_refused(struct list_records *, struct interaction *, const struct message *);
