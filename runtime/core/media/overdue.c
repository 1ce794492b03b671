/* runtime/core/media/overdue.c - Takes an interaction from its agents when the reply is overdue, or when the owner has
 * been away for too long. The interaction's strategy goes on where the route has failed (run/reply.h).
 *
 * The agents are warned before. When the reply is overdue, the agents who have the interaction are told by Withdraw,
 * and are free. If the interaction's link is away then, the timer is frozen, and the interaction is taken back as soon
 * as the link is back. While another domain is asked to take the interaction, the core tries again a moment later. */
#include "runtime/core/base/facts_owner.h"
#include "runtime/core/base/state.h"
#include "runtime/core/base/timer.h"
#include "runtime/core/interactions/fiber.h"
#include "runtime/core/interactions/interaction.h"
#include "runtime/core/interactions/submitted.h"
#include "runtime/core/media/open.h"
#include "runtime/core/media/pass_on.h"
#include "runtime/core/media/register.h"
#include "runtime/core/people/agent.h"
#include "runtime/core/run/activation.h"
#include "runtime/core/run/reply.h"
#include "runtime/core/run/strategy.h"
#include "runtime/core/site/directory.h"

/* While another domain is asked to take an overdue interaction, the core tries again after an eighth of the time for
 * which it has been overdue, at least a second and at most a minute. */
#define OVERDUE_AGAIN_US    UINT64_C(1000000)
#define OVERDUE_PASSES_US   UINT64_C(60000000)
#define OVERDUE_PASSES_PART 8

/* A strategy works on the interaction, or the interaction only waits for its end: there is nobody to take it from. */
static bool is_done_with(const struct interaction *ix)
{
    return ix->running || ix->gone || (ix->state != IX_HANDLING && ix->state != IX_QUEUED);
}

/* While the interaction's strategy works, the interaction stands in the queue where it was last, and no longer in a
 * workbin: if the strategy fails, somebody finds it there. Nobody looks into a queue
 * that was deleted meanwhile: then the interaction stays in its workbin. */
static void overdue_leaves(struct core *core, struct interaction *ix)
{
    uint32_t queue = submitted_last_queue(core->submissions, ix);
    open_dismiss_all(core, ix, AGENT_NONE, cause_no_reply);
    if (submitted_queue(core->submissions, ix) == 0 && core_directory_has_queue(core->directory, queue))
        submitted_put(core->submissions, ix, queue, 0);
    else
        submitted_return(core->submissions, ix);
}

/* True: the time is over, so the interaction is to be taken back. False: the agents were only warned, or nothing is to
 * be done yet. */
static bool overdue_is_over(struct core *core, struct interaction *ix, const struct timer *timer)
{
    bool tells = false, warns = false, over = true;
    if (timer->part == REPLY_AWAY)
        over = reply_is_away(core, timer->data, &tells, &warns);
    else if (reply_warns(core, timer->data))
        over = false, tells = warns = true;
    if (tells) register_tell_reply(core, ix, warns);
    return over;
}

/* Returns after how long the core tries again while another domain is asked to take the interaction, which may last for
 * hours. `part`: the timer that is over. */
static uint64_t overdue_pause_us(const struct core *core, const struct interaction *ix, uint8_t part)
{
    uint64_t due_us = part == REPLY_AWAY ? reply_away_due_us(core, ix) : reply_due_us(core, ix);
    uint64_t pause_us = (core->now->time_us - due_us) / OVERDUE_PASSES_PART;
    return pause_us < OVERDUE_AGAIN_US ? OVERDUE_AGAIN_US : pause_us < OVERDUE_PASSES_US ? pause_us : OVERDUE_PASSES_US;
}

static void overdue_fired(void *self, const struct timer *timer)
{
    struct core *core = self;
    struct interaction *ix = interaction_by_id(core->interactions, core->replies->all[timer->data].ixn);
    if (!overdue_is_over(core, ix, timer)) return;
    if (interaction_held(core->forks, ix)) {
        timer_freeze(core->timers, timer);
        return;
    }
    if (pass_on_is_under_way(ix)) {
        reply_later(core, timer->data, timer->part, overdue_pause_us(core, ix, timer->part));
        return;
    }
    if (is_done_with(ix)) {
        reply_forget(core, ix);
        return;
    }
    interaction_tell(core->interactions, ix, FACT_unreplied, 0, ix->state == IX_HANDLING ? ix->owner : 0);
    reply_forget(core, ix);
    overdue_leaves(core, ix);
    activation_goes_on(core, ix);
    strategy_step_failed(core, ix, 0, code_no_reply);
}

static uint32_t *overdue_handle(void *self, const struct timer *timer)
{
    struct core *core = self;
    struct reply_row *row = &core->replies->all[timer->data];
    return timer->part == REPLY_AWAY ? &row->away_timer : &row->timer;
}

static uint64_t overdue_number(const void *self, const struct timer *timer)
{
    const struct core *core = self;
    return core->replies->all[timer->data].ixn & ((UINT64_C(1) << 48) - 1);
}

const struct timer_ops timer_ops_reply = {.handle = overdue_handle, .number = overdue_number, .fired = overdue_fired};
