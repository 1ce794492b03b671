/* runtime/daemon/admin/rollout_plan.c - Foretells how long the steps of a rollout take.
 *
 * The core knows the interactions that live and those that ended lately. Those of the strategy within the last day
 * give the arrivals an hour and the shares that guards compare; the statistics of core/evidence/ tell from these how
 * many interactions each version needs.
 *
 *     1 %, 120 an hour   ->  2 interactions an hour per version  ->  calls needed / 2 hours
 */
#include "runtime/daemon/admin/rollout_plan.h"

#include <string.h>

#include "runtime/core/evidence/evidence.h"
#include "runtime/core/read/read.h"
#include "runtime/core/read/totals.h"
#include "runtime/daemon/admin/reads_json.h"

static const uint64_t PLAN_HOUR_US = 3600000000, PLAN_DAY_US = 86400000000;
enum { PLAN_LOOKS = 16, PLAN_SLICE = 2000, PLAN_ALPHA = 10000, PLAN_RATE_UNKNOWN = 1000 };

/* What was seen of a strategy. */
struct plan_seen {
    const char *strategy;
    uint64_t arrived, ended, abandoned, unserved;
    uint64_t first_us, now_us; /* logical */
    uint64_t cursor;
    bool more;
};

/* On the core's thread. Reads a slice of the living and of those that ended lately, of the last day. */
static void rollout_plan_look(void *self, struct core *core)
{
    struct plan_seen *seen = self;
    struct interaction_row row;
    struct core_status status;
    core_status(core, &status);
    seen->now_us = status.time_us;
    if (seen->cursor == 0) seen->first_us = status.time_us;
    for (unsigned i = 0; i < PLAN_SLICE; i++) {
        seen->more = core_interaction(core, &seen->cursor, &row);
        if (!seen->more) return;
        if (!span_is(row.strategy, seen->strategy) || row.arrived_us + PLAN_DAY_US < seen->now_us) continue;
        bool abandoned = span_is(row.outcome, "abandoned");
        seen->arrived++;
        if (row.arrived_us < seen->first_us) seen->first_us = row.arrived_us;
        if (!span_is(row.state, "ended")) continue;
        seen->ended++;
        seen->abandoned += abandoned;
        seen->unserved += !abandoned && !span_is(row.outcome, "routed");
    }
}

/* Returns the share that the guard compares, in parts of 10,000. Where it is not known, a tenth is assumed. */
static uint32_t plan_rate(const struct plan_seen *seen, unsigned kind, bool *known)
{
    *known = seen->ended > 0 && (kind == ROLLOUT_GUARD_abandoned || kind == ROLLOUT_GUARD_unserved);
    if (!*known) return PLAN_RATE_UNKNOWN;
    uint64_t hits = kind == ROLLOUT_GUARD_abandoned ? seen->abandoned : seen->unserved;
    uint64_t rate = hits * ROLLOUT_SHARE_ALL / seen->ended;
    return rate > 0 ? (uint32_t)rate : 10; /* none was seen: one in a thousand is assumed */
}

static json_t *plan_hours(uint64_t hours)
{
    return hours == EVIDENCE_NEVER ? json_null() : json_integer((json_int_t)hours);
}

static json_t *plan_guard_json(const struct rollout_ask *ask, const struct plan_seen *seen, uint64_t hourly,
                               const struct rollout_guard *guard, unsigned guards)
{
    json_t *object = json_object(), *steps = json_array();
    char text[ROLLOUT_GUARD_TEXT];
    struct evidence_plan plan;
    bool known;
    bool rate_guard = rollout_guard_family(guard->kind) == ROLLOUT_RATE;
    uint32_t rate = plan_rate(seen, guard->kind, &known);
    struct evidence_ask asked = {.alpha = PLAN_ALPHA / guards,
                                 .margin = guard->margin,
                                 .least = ROLLOUT_LEAST,
                                 .fewer_is_worse = guard->kind == ROLLOUT_GUARD_sl};
    rollout_guard_write(guard, text);
    json_put(object, "guard", json_string(text));
    json_put(object, "steps", steps);
    json_put(object, "of", json_string(ask->slices ? "pairs" : guard->site ? "site" : rate_guard ? "share" : "time"));
    if (!rate_guard || guard->site || ask->slices) return object;
    evidence_plan(&asked, rate, &plan);
    json_put_number(object, "rate", rate);
    json_put(object, "rate_known", json_boolean(known));
    json_put_number(object, "needed", plan.half);
    json_put_number(object, "needed_most", plan.most);
    for (unsigned i = 0; i + 1 < ask->steps; i++) {
        uint32_t share = ask->shares[i] <= ROLLOUT_SHARE_ALL / 2 ? ask->shares[i] : ROLLOUT_SHARE_ALL - ask->shares[i];
        json_t *step = json_object();
        json_put_number(step, "share", ask->shares[i]);
        json_put(step, "hours", plan_hours(evidence_hours(plan.half, hourly, share)));
        json_put(step, "hours_most", plan_hours(evidence_hours(plan.most, hourly, share)));
        json_append(steps, step);
    }
    return object;
}

void rollout_plan_put(struct daemon *daemon, const struct rollout_ask *ask, const char *strategy, json_t *answer)
{
    static const struct rollout_guard usual[] = {{.kind = ROLLOUT_GUARD_abandoned, .margin = 100},
                                                 {.kind = ROLLOUT_GUARD_unserved, .margin = 100}};
    const struct rollout_guard *guards = ask->guard_count > 0 ? ask->guards : usual;
    unsigned count = ask->guard_count > 0 ? ask->guard_count : 2;
    struct plan_seen seen = {.strategy = strategy};
    json_t *list = json_array();
    seen.more = true;
    for (unsigned i = 0; seen.more && i < PLAN_LOOKS; i++) engine_read(daemon->engine, rollout_plan_look, &seen);
    uint64_t span_us = seen.now_us - seen.first_us;
    if (span_us < PLAN_HOUR_US) span_us = PLAN_HOUR_US; /* what came within less than an hour counts as an hour's */
    uint64_t hourly = seen.arrived * PLAN_HOUR_US / span_us;
    json_put_number(answer, "hourly", hourly);
    json_put_number(answer, "seen_us", span_us);
    json_put_number(answer, "expires_us", (uint64_t)ask->expires_us);
    for (unsigned i = 0; i < count; i++) json_append(list, plan_guard_json(ask, &seen, hourly, &guards[i], count));
    json_put(answer, "plan", list);
}
