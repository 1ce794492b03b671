/* runtime/core/migration.c - The steps from an earlier semantics number to this one's.
 *
 * A snapshot was written by a core that decided otherwise. Each step leads from one number to a
 * later one, and fills in what the earlier core did not keep:
 *
 *     12 --from_12--> ... --from_20--> ... --from_23--> ... --> SEMANTICS_NUMBER
 *
 * A step changes what is kept. What the core decides otherwise from then on is told in the
 * comment of the step. */
#include "runtime/core/migration.h"

#include <string.h>

#include "runtime/core/base/record.h"
#include "runtime/core/base/state.h"
#include "runtime/core/base/table.h"
#include "runtime/core/campaigns/list_record.h"
#include "runtime/core/interactions/interaction.h"
#include "runtime/core/people/agent.h"
#include "runtime/core/queues/vq.h"
#include "runtime/core/site/directory.h"
#include "runtime/core/steps/kept_place.h"
#include "runtime/vocabulary/semantics.h"

/* Since 13 an interaction takes its age from queue to queue. An interaction that waits has the age of its visit, and
 * one whose place is kept has the age of the place. */
static void ages_begin(struct core *core)
{
    EACH_INTERACTION (ix, core->interactions) {
        uint64_t began_us;
        ix->has_waited = ix->visit != VISIT_NONE;
        interaction_touch(core->interactions, ix);
        if (ix->visit == VISIT_NONE && kept_place_began(core, ix, &began_us))
            interaction_age_leaves(core->interactions, ix, began_us);
    }
}

/* 12 did not tell whose its names are. Names of strategies are the site's, and only ended interactions may have them.
 */
static void strategies_stay(struct core *core)
{
    uint64_t count = core->records->ended_count;
    for (uint64_t back = 1; back <= count && back <= ENDED_KEPT; back++) {
        const struct ended *row = record_ended_at(core->records, count - back);
        if (row) names_intern(core->names, names_text(core->names, row->strategy));
    }
}

/* Everything else that 13 decides otherwise shows in fields that 12 did not keep, and these have their earlier values.
 * The directory is taken once more, because 12 did not keep what it calls the agents. */
static bool from_12(struct core *core, struct error *error)
{
    (void)error;
    ages_begin(core);
    strategies_stay(core);
    interactions_count(core->interactions);
    memset(core->directory->rows_hash, 0, sizeof core->directory->rows_hash);
    return true;
}

/* 21 frees who leaves a call when their leg ends, also while the next agent is asked, and also where they have logged
 * out meanwhile: from the next leg on. Whom 20 has left claimed is free when the call ends. The digest knows which
 * agents are promised to campaigns. A campaign dials ahead only where one more may be lost, and a call whose priority
 * is above the campaigns' may have the agents who are promised: from the next decision on. 20 kept the promise of an
 * agent whom the directory had taken out of the group. */
static bool from_20(struct core *core, struct error *error)
{
    (void)error;
    for (uint32_t at = 0; at < core->agents->count; at++) agent_promise_end(core->agents, at);
    agents_recount(core->agents);
    return true;
}

/* 24 wants agents to be there for the first of the answers that it foresees, and sees more answers in a jump: from the
 * next decision on. It judges in one place who has answered a campaign and was served by nobody, from the next end of a
 * call on: whoever hangs up early is not, and whoever the exchange loses is; that an agent was there
 * 23 noted only of records that a campaign paces. A campaign whose agents came too late tries a number at once, and
 * pauses for longer after each try in vain. */
static bool from_23(struct core *core, struct error *error)
{
    (void)error;
    list_records_served(core->list_records);
    /* outbound.add ends by `invalid_number` where the list says so; 23 said `refused`. A step that is under way has the
     * new exit. */
    return true;
}

/* Nothing that is under way is decided otherwise. The row says what is, and from when on. */
static bool core_stays(struct core *core, struct error *error)
{
    (void)core, (void)error;
    return true;
}

static const struct migration all[] = {
#define MIGRATION(from, to, function) {from, to, function},
#include "runtime/core/migrations.def"
    {0, 0, NULL},
};

const struct migrations migrations_here = {.to = SEMANTICS_NUMBER, .all = all, .count = sizeof all / sizeof *all - 1};

/* The step that begins at that number; NULL: none does. Numbers only grow, so steps come to an end. */
static const struct migration *step_from(const struct migrations *migrations, uint32_t from)
{
    for (size_t at = 0; at < migrations->count; at++)
        if (migrations->all[at].from == from && migrations->all[at].to > from) return &migrations->all[at];
    return NULL;
}

bool migrations_reach(const struct migrations *migrations, uint32_t from)
{
    while (from != migrations->to) {
        const struct migration *step = step_from(migrations, from);
        if (!step) return false;
        from = step->to;
    }
    return true;
}

bool migrations_take(const struct migrations *migrations, uint32_t from, struct core *core, struct error *error)
{
    while (from != migrations->to) {
        const struct migration *step = step_from(migrations, from);
        if (!step)
            return error_set(error, ERROR_VERSION, "nothing leads from semantics %u to %u", (unsigned)from,
                             (unsigned)migrations->to);
        if (!step->step(core, error)) return false;
        from = step->to;
    }
    return true;
}

bool core_takes_over(uint32_t semantics)
{
    return migrations_reach(&migrations_here, semantics);
}
