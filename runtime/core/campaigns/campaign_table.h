/* runtime/core/campaigns/campaign_table.h - Shared by the files of this room that make up campaigns. Each file calls
 * only those above it in this list:
 *
 *   campaign_table.c, list_record_table.c, list_record_state.c   rows and states
 *   campaign_hours.c, campaign_agents.c, list_record_keep.c
 *   list_record_count.c                                          a record changes its state, and is counted
 *   preview_asker.c, list_record_tell.c                          what the list is told
 *   holder.c, campaign_fetch.c
 *   list_record.c                                                a record comes, and begins
 *   campaign_life.c, list_record_attempt.c                       what becomes of its calls
 *   campaign_pace.c                                              when it begins
 *   preview.c
 *   list_record_update.c, campaign_request.c, list_record_request.c, campaign.c */
#pragma once

#include "runtime/core/campaigns/campaign.h"
#include "runtime/vocabulary/vocabulary.h"

struct fact;

#define SECOND_US UINT64_C(1000000)

static inline uint64_t campaign_rule_us(const struct campaign *campaign, enum campaign_rule rule)
{
    return campaign->rules[rule] * SECOND_US;
}

/* True: it dials for agents who are ready or will be. */
static inline bool campaign_dials_for_agents(const struct campaign *campaign)
{
    return campaign->mode == campaign_mode_progressive || campaign->mode == campaign_mode_predictive;
}

/* ---- campaign_table.c ---- */

/* Why a list may not hand over records of that campaign now; code_ok: it may. */
enum code campaign_refusal(const struct campaigns *, uint32_t name);
void campaign_touch(struct campaigns *, struct campaign *); /* the pacer is asked when the event is over */
void campaign_stops(struct campaigns *, struct campaign *, enum campaign_reason);
void campaign_gone(struct campaigns *, struct campaign *); /* tells so, and frees it */
void campaign_free(struct campaign *);
uint64_t campaign_row_name(const void *campaigns, uint32_t slot);
/* The hash of what a campaign that is gone has counted. */
uint64_t campaign_counted_hash(const struct campaign_counted *);
void campaign_counted_changed(struct campaigns *, struct campaign_counted *); /* counts its hash anew */
void campaign_counted_free(struct campaign_counted *, uint32_t count);
/* It is new, and goes on with what the campaign had counted and learnt when it was unloaded. */
void campaign_remembers(struct campaigns *, struct campaign *);
struct campaign *campaign_new(struct campaigns *, uint32_t name);
/* The group has other members, or a campaign has it no longer: what was found out about it is not known any more. */
void campaign_shares_forget(struct campaigns *, uint32_t group);

/* ---- campaign_fetch.c ---- */

void campaign_fetch(struct campaigns *, struct campaign *);     /* asks for records where they run short */
void campaign_give_back(struct campaigns *, struct campaign *); /* tells the list to take back what has not begun */
void campaign_check(struct campaigns *, struct campaign *);     /* asks whether list, filter and order are good */
/* EventRecord; refused: why the core does not take it, or code_ok. */
void campaign_record_came(struct campaigns *, uint32_t name, uint32_t req, enum code refused);

/* ---- campaign_agents.c ---- */

/* Counts the agents of the group who could take a call now. */
void campaign_find_ready(struct campaigns *, struct campaign *);
/* The same, but takes the last count again if it was of the same group and nothing that may claim an agent has begun
 * since. */
void campaign_see_ready(struct campaigns *, struct campaign *);
/* True: a fifth of the agents of the group are in the other one, too. If all of these come too late, one in five of the
 * group does, which is what the pacer tests. */
bool campaign_groups_share(const struct agents *, uint32_t group, uint32_t other);
/* How many agents two groups have in common: hardly any; a fifth of one of them; or nearly all of both. */
enum campaign_share { SHARES_NONE, SHARES_SOME, SHARES_ALL };
/* Of the groups of two campaigns; it is found out once. */
enum campaign_share campaign_shares(struct campaigns *, struct campaign *, struct campaign *other);
/* All campaigns that share agents of its group decide together, so that the order among them holds. `second`: busy
 * agents are counted anew. */
void campaign_group_looks(struct campaigns *, struct campaign *, bool second);
/* Counts the agents of the group who have a call or after-call work; each second. */
void campaign_find_busy(struct campaigns *, struct campaign *);

/* ---- campaign_pace.c ---- */

/* Tells the pacer what time has changed. All that have changed do so before one of them decides, since each looks at
 * the others' calls. */
void campaign_catches_up(struct campaigns *, struct campaign *);
/* Keeps agents of the group for the numbers that its campaigns have dialled. */
void campaign_promises(struct campaigns *, uint32_t group);
/* Begins records, asks the list for more. The campaign may be gone then. */
void campaign_decide(struct campaigns *, struct campaign *);

/* ---- campaign_life.c ---- */

/* Its pacer takes over what other campaigns, unloaded ones too, have seen of its agents. */
void campaign_joins(struct campaigns *, struct campaign *);

/* A person who has answered has waited too long for an agent. */
void campaign_abandons(struct campaigns *, struct campaign *, uint32_t slot);
/* True: the counts are those of the records, and the pacer knows of the same lives. */
bool campaign_lives_hold(const struct campaigns *, const struct campaign *);
void campaign_life_hear(void *, const struct fact *);

/* The functions below have the record's row; one that belongs to no campaign changes nothing. */

/* Changes of a record, told by list_record_attempt.c and list_record_update.c. */
void campaign_rings(struct campaigns *, uint32_t slot);
void campaign_rung(struct campaigns *, uint32_t slot, bool answered);
void campaign_waits(struct campaigns *, uint32_t slot, uint64_t ago_us); /* the answer was so long ago */
/* Its strategy closes it as abandoned, or the switch says that it was. False: it was not, for nobody has answered or an
 * agent was there. */
bool campaign_unserved(struct campaigns *, uint32_t slot);
/* Its call, or its interaction, is over, by that enum ended_how. True: the person was let go, and has abandoned. */
bool campaign_lets_go(struct campaigns *, uint32_t slot, unsigned outcome);
/* A person ends the interaction of who has answered and has had no agent: likewise. */
bool campaign_ended_by_person(struct campaigns *, uint32_t slot);
/* Its interaction has ended, and counts towards that reason to stop the campaign; CAMPAIGN_WHY_pacer: towards none. */
void campaign_over(struct campaigns *, uint32_t slot, enum campaign_reason);
/* The exchange has refused to dial it, and says that. */
void campaign_dial_refused(struct campaigns *, uint32_t name, struct span text);
