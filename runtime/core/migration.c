/* runtime/core/migration.c - The steps from earlier semantics numbers to the present one.
 *
 * A snapshot may be from a core that made other decisions. Each step leads from one number to a later one, and fills
 * in what the earlier core did not store:
 *
 *     12 --from_12--> ... --from_20--> ... --from_32--> ... --> SEMANTICS_NUMBER
 *
 * A step changes the stored state. The comment of each step says what the core decides differently from then on. */
#include "runtime/core/migration.h"

#include <string.h>

#include "runtime/core/base/record.h"
#include "runtime/core/base/state.h"
#include "runtime/core/base/table.h"
#include "runtime/core/campaigns/list_record.h"
#include "runtime/core/campaigns/preview.h"
#include "runtime/core/interactions/interaction.h"
#include "runtime/core/people/agent.h"
#include "runtime/core/queues/vq.h"
#include "runtime/core/rollouts/rollout.h"
#include "runtime/core/site/directory.h"
#include "runtime/core/steps/kept_place.h"
#include "runtime/vocabulary/semantics.h"

/* Number 13 lets an interaction keep its age from queue to queue. A waiting interaction gets the age of its visit,
 * and one whose place is kept gets the age of the kept place. */
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

/* Number 12 did not note which names belong to the site. Names of strategies belong to the site, and are marked
 * here, because ended interactions may be the only ones that have them. */
static void strategies_stay(struct core *core)
{
    uint64_t count = core->records->ended_count;
    for (uint64_t back = 1; back <= count && back <= ENDED_KEPT; back++) {
        const struct ended *row = record_ended_at(core->records, count - back);
        if (row) names_intern(core->names, names_text(core->names, row->strategy));
    }
}

/* All other differences of number 13 are in fields that 12 did not store, and these have their earlier values. The
 * directory is read again, because 12 did not store the names that it gives to agents. */
static bool from_12(struct core *core, struct error *error)
{
    (void)error;
    ages_begin(core);
    strategies_stay(core);
    interactions_count(core->interactions);
    memset(core->directory->rows_hash, 0, sizeof core->directory->rows_hash);
    return true;
}

/* Number 21 frees an agent who leaves a call when the agent's leg ends, also while the next agent is asked, and also
 * after a log-out: from the next leg on. An agent whom number 20 has left claimed is freed when the call ends. The
 * digest now contains which agents are kept for campaigns. A campaign dials ahead only if one more person may be
 * lost, and a call whose priority is above that of the campaigns may take agents who are kept for them: from the
 * next decision on. Number 20 went on keeping an agent for a group from which the directory had removed the agent. */
static bool from_20(struct core *core, struct error *error)
{
    (void)error;
    for (uint32_t at = 0; at < core->agents->count; at++) agent_promise_end(core->agents, at);
    agents_recount(core->agents);
    return true;
}

/* Number 24 wants agents to be ready for the first of the answers that it expects, and expects more answers at once:
 * from the next decision on. Number 24 decides in one place whether a person has answered a campaign and was not
 * served, from the next end of a call on: a person who hangs up early does not count, one whose call the exchange loses
 * counts; number 23 noted only for paced records whether an agent was there. A campaign whose agents came too late
 * tries one number at once, and pauses longer after each try that fails. */
static bool from_23(struct core *core, struct error *error)
{
    (void)error;
    list_records_served(core->list_records);
    /* The step outbound.add ends with `invalid_number` when the list says so; number 23 ended it with `refused`. A
     * step that is in progress gets the new exit. */
    return true;
}

/* Number 30 gives a record back that an agent has looked at for preview_s without dialling it. Number 29 did not note
 * since when they look at it: their time begins now. */
static bool from_29(struct core *core, struct error *error)
{
    (void)error;
    previews_begin(core->list_records);
    return true;
}

/* Number 33 counts an interaction for the guards of a rollout when its outcome is known. Number 32 would have counted
 * at its end one whose outcome is known already: it counts now. */
static bool from_32(struct core *core, struct error *error)
{
    (void)error;
    riders_known_count(core->rollouts);
    return true;
}

/* For steps between numbers where nothing in progress is decided differently. The row in migrations.def says what is
 * different, and from when on. */
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

/* Returns the step that begins at the given number; NULL: there is none. Each step leads to a greater number, so the
 * loop ends. */
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
