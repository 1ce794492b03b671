/* runtime/daemon/admin/reads_rollout.c - The answer of `rollouts`: the core's rows, with what their guards say. */
#include <string.h>

#include "runtime/core/read/read.h"
#include "runtime/core/read/rollouts.h"
#include "runtime/daemon/admin/reads_json.h"
#include "runtime/vocabulary/ident.h"

/* Writes what was seen of one version. */
static json_t *guard_side_json(const struct core_rollout_guard *guard, unsigned arm)
{
    json_t *object = json_object();
    json_put_number(object, "count", guard->count[arm]);
    json_put(object, "hits", guard->time ? json_null() : json_integer((json_int_t)guard->hits[arm]));
    json_put(object, "figure_us", guard->time ? json_integer((json_int_t)guard->figure_us[arm]) : json_null());
    return object;
}

/* Returns how long the guard's arms need until they have had as many more as it needs, in microseconds, when they fill
 * as they did since the rollout began. -1: there is no telling. With slices a pair takes half an hour. */
static int64_t guard_more_us(const struct core_rollout *row, uint64_t more, int64_t now_us)
{
    static const int64_t PAIR_US = 1800000000, LONGEST_US = (int64_t)100 * 365 * 86400 * 1000000;
    uint64_t fewer = row->arms[0].arrived < row->arms[1].arrived ? row->arms[0].arrived : row->arms[1].arrived;
    int64_t taken_us = now_us - row->begun_us;
    if (more == 0 || more == CORE_GUARD_NEVER || row->begun_us == 0) return -1;
    if (!row->slices && (fewer == 0 || taken_us <= 0)) return -1;
    __extension__ unsigned __int128 us = more;
    us = row->slices ? us * (uint64_t)PAIR_US : us * (uint64_t)taken_us / fewer;
    return us > (uint64_t)LONGEST_US ? -1 : (int64_t)us;
}

/* Writes a guard. Differences of shares are in parts of a million, those of times in microseconds. */
static json_t *guard_json(const struct core_rollout *row, const struct core_rollout_guard *guard, int64_t now_us)
{
    int64_t more_us = guard_more_us(row, guard->more, now_us);
    json_t *object = json_object();
    json_put(object, "guard", json_string(guard->text));
    json_put(object, "says", json_string(core_guard_words(guard->says)));
    json_put(object, "of", json_string(guard->time ? "time" : guard->site ? "site" : "share"));
    json_put(object, "candidate", guard_side_json(guard, 0));
    json_put(object, "control", guard_side_json(guard, 1));
    json_put(object, "difference", json_integer(guard->difference));
    json_put(object, "low", json_integer(guard->low));
    json_put(object, "high", json_integer(guard->high));
    json_put(object, "more", guard->more == CORE_GUARD_NEVER ? json_null() : json_integer((json_int_t)guard->more));
    json_put(object, "more_us", more_us < 0 ? json_null() : json_integer(more_us));
    return object;
}

/* Returns what all guards say together: one that is worse decides, and all must say that it is no worse. */
static const char *guards_say(const struct core_rollout *row)
{
    bool all = row->guard_count > 0;
    for (unsigned i = 0; i < row->guard_count; i++) {
        if (row->guards[i].says == CORE_GUARD_WORSE) return core_guard_words(CORE_GUARD_WORSE);
        all = all && row->guards[i].says == CORE_GUARD_NO_WORSE;
    }
    return core_guard_words(all ? CORE_GUARD_NO_WORSE : CORE_GUARD_TOO_LITTLE);
}

static json_t *arm_json(const struct core_rollout *row, unsigned arm)
{
    json_t *object = json_object();
    json_put_number(object, "arrived", row->arms[arm].arrived);
    json_put_number(object, "ended", row->arms[arm].ended);
    json_put_number(object, "out", row->arms[arm].out);
    json_put_number(object, "live", row->arms[arm].live);
    return object;
}

/* True: the rollout's version is the one of its routing point now, with all arrivals. */
static bool rollout_in_force(const struct core *core, const struct core_rollout *row)
{
    struct point_row point;
    return !row->open && core_point_at(core, row->point, &point) && point.image &&
           memcmp(point.image, row->image, CORE_HASH) == 0;
}

static json_t *rollout_json(const struct core *core, const struct core_rollout *row)
{
    int64_t now_us = core_wall(core);
    json_t *object = json_object(), *arms = json_object(), *guards = json_array(), *examples = json_array(),
           *shares = json_array();
    json_put_number(object, "id", row->id);
    json_put(object, "point", json_text_of(row->point));
    json_put(object, "strategy", json_text_of(row->strategy));
    json_put_hash(object, "image", row->image);
    json_put_hash(object, "control_image", row->has_control ? row->control : NULL);
    json_put(object, "state", json_string(enum_name_rollout_state(row->state)));
    json_put(object, "open", json_boolean(row->open));
    json_put(object, "in_force", json_boolean(rollout_in_force(core, row)));
    json_put(object, "why", row->why[0] != '\0' ? json_string(row->why) : json_null());
    json_put(object, "of_guard", row->guard ? json_string(row->guard) : json_null());
    json_put_number(object, "share", row->share);
    for (unsigned i = 0; i < row->steps; i++) json_append(shares, json_integer(row->shares[i]));
    json_put(object, "shares", shares);
    json_put_number(object, "step", row->step + 1);
    json_put_number(object, "steps", row->steps);
    json_put(object, "key", json_text_of(row->by));
    json_put(object, "ask", json_boolean(row->ask));
    json_put(object, "needs_approval", json_boolean(row->approval));
    json_put(object, "slices", json_boolean(row->slices));
    json_put(object, "by", json_text_of(row->starter));
    json_put(object, "approver", json_text_of(row->approver));
    json_put(object, "reason", json_text_of(row->reason));
    json_put_wall(object, "at_us", row->at_us);
    json_put_wall(object, "started_us", row->started_us);
    json_put_wall(object, "begun_us", row->begun_us);
    json_put_wall(object, "step_us", row->step_us);
    json_put_wall(object, "expires_us", row->expires_us);
    json_put_wall(object, "over_us", row->over_us);
    json_put_number(object, "hold_us", row->hold_us);
    json_put_number(object, "least", row->least);
    json_put(object, "says", json_string(guards_say(row)));
    json_put(arms, "candidate", arm_json(row, 0));
    json_put(arms, "control", arm_json(row, 1));
    json_put(object, "arms", arms);
    for (unsigned i = 0; i < row->guard_count; i++) json_append(guards, guard_json(row, &row->guards[i], now_us));
    json_put(object, "guards", guards);
    for (unsigned i = 0; i < row->example_count; i++) {
        char ixn[IXN_TEXT];
        ident_print_ixn(row->examples[i], ixn);
        json_append(examples, json_string(ixn));
    }
    json_put(object, "examples", examples);
    return object;
}

/* Lists all rollouts, the oldest first, or one of them. How many interactions are still needed is computed for one
 * only, as it takes some time. */
void reads_core_rollouts(void *self, struct core *core)
{
    struct asking *asking = self;
    uint64_t id = reads_asked_number(asking, "rollout", 0);
    bool open = json_is_true(json_object_get(asking->request, "open"));
    json_t *list = json_array();
    struct core_rollout_brief brief;
    struct core_rollout row;
    for (uint32_t at = 0; core_rollout_brief(core, at, &brief); at++) {
        if ((id != 0 && brief.id != id) || !core_rollout_at(core, at, id != 0, &row)) continue;
        if (!open || row.open) json_append(list, rollout_json(core, &row));
    }
    json_put(asking->into, "rollouts", list);
    json_put(asking->into, "one", json_boolean(id != 0));
    if (id == 0 || json_array_size(list) > 0) return;
    char name[24];
    snprintf(name, sizeof name, "%llu", (unsigned long long)id);
    reads_refuse_unknown(asking, "rollout", name);
}
