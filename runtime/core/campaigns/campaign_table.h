/* runtime/core/campaigns/campaign_table.h - Shared by the files of this folder that implement campaigns. Each file
 * calls only files above it in this list:
 *
 *     campaign_table.c, list_record_table.c, list_record_state.c   rows and states
 *     campaign_hours.c, campaign_agents.c, list_record_keep.c
 *     list_record_count.c                                          a record changes its state, and is counted
 *     preview_asker.c, list_record_tell.c                          what the list is told
 *     holder.c, campaign_fetch.c
 *     list_record.c                                                a record comes, and begins
 *     campaign_life.c, list_record_attempt.c                       what becomes of its calls
 *     campaign_pace.c                                              when it begins
 *     preview.c
 *     list_record_update.c, campaign_request.c, list_record_request.c, campaign.c */
#pragma once

#include "runtime/core/campaigns/campaign.h"
#include "runtime/vocabulary/vocabulary.h"

struct fact;

#define SECOND_US UINT64_C(1000000)

static inline uint64_t campaign_rule_us(const struct campaign *campaign, enum campaign_rule rule)
{
    return campaign->rules[rule] * SECOND_US;
}

/* Does the campaign dial for agents who are ready or will be soon? */
static inline bool campaign_dials_for_agents(const struct campaign *campaign)
{
    return campaign->mode == campaign_mode_progressive || campaign->mode == campaign_mode_predictive;
}

/* ---- campaign_table.c ---- */

/* Returns why a list may not send records of the given campaign now; code_ok: it may. */
enum code campaign_refusal(const struct campaigns *, uint32_t name);
void campaign_touch(struct campaigns *, struct campaign *); /* makes the campaign ask its pacer after this event */
void campaign_stops(struct campaigns *, struct campaign *, enum campaign_reason);
/* Reports the fact campaign_unloaded, and frees the campaign. */
void campaign_gone(struct campaigns *, struct campaign *);
void campaign_free(struct campaign *);
uint64_t campaign_row_name(const void *campaigns, uint32_t slot);
/* Returns the hash of what an unloaded campaign has counted. */
uint64_t campaign_counted_hash(const struct campaign_counted *);
void campaign_counted_changed(struct campaigns *, struct campaign_counted *); /* counts its hash anew */
void campaign_counted_free(struct campaign_counted *, uint32_t count);
/* Gives a new campaign what the earlier campaign of this name had counted and learnt when it was unloaded. */
void campaign_remembers(struct campaigns *, struct campaign *);
struct campaign *campaign_new(struct campaigns *, uint32_t name);
/* Called when the group has changed its members, or a campaign no longer uses it: makes campaigns forget how many
 * agents the group shares with others. */
void campaign_shares_forget(struct campaigns *, uint32_t group);

/* ---- campaign_fetch.c ---- */

void campaign_fetch(struct campaigns *, struct campaign *); /* asks the list for records when few are left */
/* Tells the list to take back the records that have not begun. */
void campaign_give_back(struct campaigns *, struct campaign *);
void campaign_check(struct campaigns *, struct campaign *); /* asks the list whether list, filter and order are valid */
/* Counts an EventRecord that has come for the campaign. `refused`: why the core does not take the record; code_ok:
 * the core takes it. */
void campaign_record_came(struct campaigns *, uint32_t name, uint32_t req, enum code refused);

/* ---- campaign_agents.c ---- */

/* Counts the agents of the group who could take a call now. */
void campaign_find_ready(struct campaigns *, struct campaign *);
/* Does the same as campaign_find_ready, but uses the last count if it was for the same group and nothing that may
 * claim an agent has begun since. */
void campaign_see_ready(struct campaigns *, struct campaign *);
/* True: at least a fifth of the group's agents are in the other group, too. If all shared agents come too late, a
 * fifth of the group does, and the pacer tests for such a share. */
bool campaign_groups_share(const struct agents *, uint32_t group, uint32_t other);
/* How many agents two groups have in common: hardly any; a fifth of one of them; or nearly all of both. */
enum campaign_share { SHARES_NONE, SHARES_SOME, SHARES_ALL };
/* Returns how far the groups of two campaigns overlap, and remembers the answer. */
enum campaign_share campaign_shares(struct campaigns *, struct campaign *, struct campaign *other);
/* Makes all campaigns that share agents with its group decide together, so that their order by priority holds.
 * `second`: a full second has passed, so busy agents are counted anew. */
void campaign_group_looks(struct campaigns *, struct campaign *, bool second);
/* Counts the agents of the group who have a call or after-call work; called each second. */
void campaign_find_busy(struct campaigns *, struct campaign *);

/* ---- campaign_pace.c ---- */

/* Reports to the campaign's pacer what time alone has changed. Called for all changed campaigns before one of them
 * decides, since each campaign looks at the calls of the others. */
void campaign_catches_up(struct campaigns *, struct campaign *);
/* Keeps agents of the group free for the numbers that its campaigns have dialled. */
void campaign_promises(struct campaigns *, uint32_t group);
/* Begins records and asks the list for more. The campaign may have been freed afterwards. */
void campaign_decide(struct campaigns *, struct campaign *);

/* ---- campaign_life.c ---- */

/* Gives the campaign's pacer what other campaigns, unloaded ones too, have learnt about the same agents. */
void campaign_joins(struct campaigns *, struct campaign *);

/* Counts the record as abandoned: the person has answered and has waited too long for an agent. */
void campaign_abandons(struct campaigns *, struct campaign *, uint32_t slot);
/* True: the campaign's counts, and the calls that its pacer knows, agree with its records. */
bool campaign_lives_hold(const struct campaigns *, const struct campaign *);
void campaign_life_hear(void *, const struct fact *);

/* The functions below take the slot of a record; for a record that belongs to no campaign they do nothing. */

/* The functions from here on report changes of a record; list_record_attempt.c and list_record_update.c call them. */
void campaign_rings(struct campaigns *, uint32_t slot);
void campaign_rung(struct campaigns *, uint32_t slot, bool answered);
/* The person of the record has answered `ago_us` microseconds ago, and waits for an agent. */
void campaign_waits(struct campaigns *, uint32_t slot, uint64_t ago_us);
/* The strategy closes the record as abandoned, or the switch reports the call as abandoned. False: the call does not
 * count as abandoned, since nobody has answered or an agent was on it. */
bool campaign_unserved(struct campaigns *, uint32_t slot);
/* The record's call or interaction has ended in the way `outcome` (enum ended_how). True: the person was let go without
 * an agent, which counts as abandoned. */
bool campaign_lets_go(struct campaigns *, uint32_t slot, unsigned outcome);
/* An agent or administrator ends the interaction of a person who has answered and has had no agent. Returns as above.
 */
bool campaign_ended_by_person(struct campaigns *, uint32_t slot);
/* The record's interaction has ended: counts a failure that may stop the campaign for that reason;
 * CAMPAIGN_WHY_pacer: it was no failure. */
void campaign_over(struct campaigns *, uint32_t slot, enum campaign_reason);
/* Keeps for people the text with which the exchange has refused a dial of the campaign. */
void campaign_dial_refused(struct campaigns *, uint32_t name, struct span text);
