/* runtime/core/interactions/extra.c - The rows of struct extra: fields for the few interactions that were merged,
 * have a consultation, or have waited before they came; there may be millions of interactions.
 *
 * A row is made when its first field is set, and freed when its last one is cleared. `extra` of the interaction says
 * whether it has a row; `by_slot` finds the row, and `by_alias` finds interactions that have a second id. Free rows
 * are linked by `slot`, and have 0 as `main`. */
#include "runtime/core/interactions/interaction_table.h"

#include <assert.h>
#include <stdlib.h>

#include "runtime/core/base/now.h"
#include "runtime/core/base/pool.h"
#include "runtime/core/people/agent.h"

static uint64_t alias_key(const void *owner, uint32_t row)
{
    return ((const struct extras *)owner)->all[row].alias;
}

static uint64_t extra_key(const void *owner, uint32_t row)
{
    return ((const struct extras *)owner)->all[row].slot;
}

void extras_init(struct interactions *interactions)
{
    struct extras *extras = &interactions->extras;
    extras->free = EXTRA_NONE;
    lookup_init(&interactions->by_alias, extras, alias_key);
    lookup_init(&extras->by_slot, extras, extra_key);
}

void extras_free(struct interactions *interactions)
{
    lookup_free(&interactions->by_alias);
    lookup_free(&interactions->extras.by_slot);
    free(interactions->extras.all);
}

/* The row that an interaction without a row of its own reads: no field is set. */
static const struct extra no_extra = {
    .main = INTERACTION_NONE, .consults = INTERACTION_NONE, .consult_next = INTERACTION_NONE};

/* Returns the interaction's row. The flag `extra` and the lookup must agree (asserted). */
static uint32_t extra_row(const struct interactions *interactions, const struct interaction *ix)
{
    uint32_t row = EXTRA_NONE;
    bool found = lookup_find(&interactions->extras.by_slot, ix->slot, &row);
    assert(ix->extra && found);
    (void)found;
    return row;
}

const struct extra *interaction_extra(const struct interactions *interactions, const struct interaction *ix)
{
    return ix->extra ? &interactions->extras.all[extra_row(interactions, ix)] : &no_extra;
}

/* Returns the interaction's row and makes it if there is none. Borrowed until the next row is made, since the array
 * may move. */
struct extra *interaction_extra_make(struct interactions *interactions, struct interaction *ix)
{
    struct extras *extras = &interactions->extras;
    assert(ix->state != IX_FREE && ix->state != IX_ENDED);
    if (ix->extra) return &extras->all[extra_row(interactions, ix)];
    uint32_t row = POOL_TAKE(extras, slot);
    extras->all[row] = no_extra;
    extras->all[row].slot = ix->slot;
    lookup_add(&extras->by_slot, row);
    ix->extra = true;
    return &extras->all[row];
}

static void extra_row_free(struct interactions *interactions, struct interaction *ix, uint32_t row)
{
    struct extras *extras = &interactions->extras;
    assert(ix->extra && extras->all[row].slot == ix->slot);
    lookup_remove(&extras->by_slot, ix->slot);
    POOL_GIVE(extras, row, slot);
    ix->extra = false;
}

/* Lists every field. Frees the row if no field is set. A field that this function does not check would be lost. */
void interaction_extra_spare(struct interactions *interactions, struct interaction *ix)
{
    if (!ix->extra) return;
    uint32_t row = extra_row(interactions, ix);
    const struct extra *extra = &interactions->extras.all[row];
    if (extra->alias || extra->age_us || extra->treatment || extra->agents[NOTED_unreached] || extra->notes ||
        extra->books || extra->submits || extra->generation || extra->tries_until_us[0] || extra->tries_until_us[1] ||
        extra->hurry_us || extra->switched_us || extra->late_us || extra->due_events || extra->walks || extra->origin ||
        extra->agents[NOTED_readies] || extra->main != INTERACTION_NONE || extra->consults != INTERACTION_NONE ||
        extra->consult_next != INTERACTION_NONE)
        return;
    extra_row_free(interactions, ix, row);
}

void extra_drop(struct interactions *interactions, struct interaction *ix)
{
    if (!ix->extra) return;
    uint32_t row = extra_row(interactions, ix);
    uint64_t alias = interactions->extras.all[row].alias;
    if (alias != 0) lookup_remove(&interactions->by_alias, alias);
    extra_row_free(interactions, ix, row);
}

void interaction_answers_to(struct interactions *interactions, struct interaction *ix, uint64_t id)
{
    struct lookup *by_alias = &interactions->by_alias;
    struct extra *extra = interaction_extra_make(interactions, ix);
    assert(id != 0);
    if (extra->alias) lookup_remove(by_alias, extra->alias); /* an interaction has at most one second id */
    extra->alias = id;
    lookup_add(by_alias, extra_row(interactions, ix));
    interaction_touch(interactions, ix);
}

/* Notes a treatment that may still play. Clearing a field that was never set makes no row. */
void interaction_treatment(struct interactions *interactions, struct interaction *ix, uint32_t ref)
{
    if (ref == 0 && !ix->extra) return;
    interaction_extra_make(interactions, ix)->treatment = ref;
    interaction_extra_spare(interactions, ix);
}

void interaction_origin(struct interactions *interactions, struct interaction *ix, uint32_t dn, unsigned link)
{
    if (interaction_extra(interactions, ix)->origin == dn) return;
    struct extra *extra = interaction_extra_make(interactions, ix);
    extra->origin = dn;
    if (dn != 0) extra->origin_link = (uint16_t)link;
    interaction_extra_spare(interactions, ix);
    interaction_touch(interactions, ix);
}

void interaction_note_agent(struct interactions *interactions, struct interaction *ix, enum noted_agent which,
                            uint32_t agent)
{
    uint32_t noted = agent == AGENT_NONE ? 0 : agent + 1;
    if (interaction_extra(interactions, ix)->agents[which] == noted) return;
    interaction_extra_make(interactions, ix)->agents[which] = noted;
    interaction_extra_spare(interactions, ix);
    interaction_touch(interactions, ix);
}

uint32_t interaction_noted_agent(const struct interactions *interactions, const struct interaction *ix,
                                 enum noted_agent which)
{
    uint32_t noted = interaction_extra(interactions, ix)->agents[which];
    return noted == 0 ? AGENT_NONE : noted - 1;
}

void interaction_due_events_set(struct interactions *interactions, struct interaction *ix, uint16_t due)
{
    if (interaction_extra(interactions, ix)->due_events == due) return;
    interaction_extra_make(interactions, ix)->due_events = due;
    interaction_extra_spare(interactions, ix);
}

/* Notes the earlier wait, at most back to the beginning of logical time, 0. */
void interaction_late(struct interactions *interactions, struct interaction *ix, uint64_t late_us)
{
    if (late_us > interactions->now->time_us) late_us = interactions->now->time_us;
    if (late_us == 0) return;
    block_at(interactions->slab, ix->block)->arrived = interactions->now->time_us - late_us;
    interaction_extra_make(interactions, ix)->late_us = late_us;
}

/* Returns when the first queue begins, and counts the earlier wait only once: a later queue begins now. */
uint64_t interaction_enters(struct interactions *interactions, struct interaction *ix)
{
    uint64_t late_us = interaction_extra(interactions, ix)->late_us;
    if (late_us == 0) return interactions->now->time_us;
    interaction_extra_make(interactions, ix)->late_us = 0;
    interaction_extra_spare(interactions, ix);
    return interactions->now->time_us - late_us;
}

/* Returns when the age began; from here on the visit keeps the age. The copy in the row is cleared, so that there is
 * only one. */
uint64_t interaction_age_enters(struct interactions *interactions, struct interaction *ix, uint64_t entered_us,
                                bool fresh)
{
    uint64_t age_us = ix->has_waited && !fresh ? interaction_extra(interactions, ix)->age_us : entered_us;
    ix->has_waited = true;
    if (ix->extra) {
        interaction_extra_make(interactions, ix)->age_us = 0;
        interaction_extra_spare(interactions, ix);
    }
    interaction_touch(interactions, ix);
    return age_us;
}

void interaction_age_leaves(struct interactions *interactions, struct interaction *ix, uint64_t age_us)
{
    ix->has_waited = true;
    interaction_extra_make(interactions, ix)->age_us = age_us;
    interaction_touch(interactions, ix);
}
