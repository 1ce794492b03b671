/* runtime/sim/bridge_open.c - Gives the core the directory, the strategies' activations and the link, as
 * administrator and host do.
 *
 * The order is the same as in the daemon: the directory with its commit, then the strategies at their routing
 * points, then the link. Later changes of the directory have their own version: rows, then a commit that is not
 * whole. */
#include <assert.h>

#include "runtime/sim/bridge_state.h"
#include "runtime/sim/events.h"
#include "runtime/sim/values.h"
#include "runtime/vocabulary/contract.h"
#include "runtime/vocabulary/events_link.h"
#include "runtime/vocabulary/events_site.h"

static void bridge_post_row(void *self, const struct plan_row *row)
{
    struct bridge *b = self;
    bridge_event_of(b, SOURCE_ADMIN, KIND_DirectoryRow);
    event_put_row(&b->writer, &b->kv, row, b->version);
    bridge_post_of(b, NULL);
}

/* Commits the rows of this version. `whole`: these rows are the whole directory, not a change of it. */
static void bridge_commit(struct bridge *b, bool whole)
{
    bridge_event_of(b, SOURCE_ADMIN, KIND_DirectoryCommit);
    event_put_commit(&b->writer, b->version, whole);
    bridge_post_of(b, whole ? NULL : "admin");
}

/* Posts skills as rows of the directory: `gone` deletes those of an earlier statement, otherwise the new ones are
 * put. */
static void post_skills(const struct row_taker *rows, const char *agent, json_t *skills, bool gone)
{
    const char *skill;
    json_t *level;
    json_object_foreach(skills, skill, level)
    {
        if (gone)
            rows_gone(rows, table_agent_skill, agent, skill);
        else
            rows_skill(rows, agent, skill, json_integer_value(level));
    }
}

static void post_groups(const struct row_taker *rows, const char *agent, json_t *groups, bool gone)
{
    size_t index;
    json_t *group;
    json_array_foreach(groups, index, group)
    {
        if (gone)
            rows_gone(rows, table_group_member, json_string_value(group), agent);
        else
            rows_member(rows, json_string_value(group), agent);
    }
}

/* Replaces the rows of an agent's earlier statement by those of the present one; a place is put as a row of its DN. */
void bridge_learn(void *self, uint32_t agent, const struct scenario_agent *before, const struct scenario_agent *now)
{
    struct bridge *b = self;
    assert(agent < b->plan->agent_count);
    const char *name = b->plan->agents[agent].name;
    const struct row_taker rows = {bridge_post_row, b};
    b->version++;
    if (now->skills) {
        post_skills(&rows, name, before->skills, true);
        post_skills(&rows, name, now->skills, false);
    }
    if (now->groups) {
        post_groups(&rows, name, before->groups, true);
        post_groups(&rows, name, now->groups, false);
    }
    if (now->capacity || now->profile) rows_agent(&rows, name, now->capacity, now->profile);
    if (now->place) {
        const char *dn = b->plan->agents[agent].dn;
        const struct plan_column columns[] = {{"dn", dn, 0}, {"place", now->place, 0}};
        rows_put(&rows, table_place_dn, dn, columns, 2);
    }
    bridge_commit(b, false);
}

/* Posts a setting. A value for a limited time has its end, and counts as set by hand, as with `gcxctl set`. A table for
 * a limited time has its end, but does not count as set by hand. */
static void post_setting(struct bridge *b, enum table table, const struct scenario_setting *setting,
                         const struct kv *row, uint64_t part)
{
    bridge_event_of(b, SOURCE_ADMIN, KIND_DirectoryRow);
    writer_u(&b->writer, DirectoryRow_version, b->version);
    writer_u(&b->writer, DirectoryRow_table, table);
    writer_text(&b->writer, DirectoryRow_key, setting->name);
    writer_kv(&b->writer, DirectoryRow_row, row);
    if (setting->for_us != SCENARIO_NEVER)
        writer_i(&b->writer, DirectoryRow_until, b->plan->test->start_us + (int64_t)(b->now_us + setting->for_us));
    if (part > 0) writer_u(&b->writer, DirectoryRow_part, part);
    /* As with `gcxctl set` for a while: at the end the earlier value applies again. */
    if (setting->for_us != SCENARIO_NEVER && table != table_business) writer_u(&b->writer, DirectoryRow_hand, true);
    bridge_post_of(b, "admin");
}

/* Posts a table, a long one in several parts. False: a row is too long. */
static bool post_table(struct bridge *b, const struct scenario_setting *setting)
{
    struct kv rows;
    struct error error;
    kv_init(&rows);
    values_to_kv(&rows, setting->value);
    bool good = true;
    uint64_t part = 0;
    for (uint32_t at = 0; good && (part == 0 || at < rows.length); part++) {
        kv_part(kv_span(&rows), &at, "value", &b->kv);
        good = kv_check(kv_span(&b->kv), &error);
        if (good) post_setting(b, table_business, setting, &b->kv, part);
    }
    if (!good) world_problem(b->world, 0, "a row of '%s' is refused: %s", setting->name, error.text);
    kv_free(&rows);
    return good;
}

/* Posts a value that the test sets; one that is too large is reported as a problem, as the test would otherwise
 * continue with the old value. */
void bridge_setting(void *self, enum item_kind kind, const struct scenario_setting *setting, bool over)
{
    struct bridge *b = self;
    assert(!over); /* the core itself ends a change after its time */
    b->version++;
    if (kind == ITEM_TABLE) {
        if (!post_table(b, setting)) return;
    } else {
        kv_clear(&b->kv);
        value_to_kv(&b->kv, "value", setting->value);
        /* a value that is too large is not posted: the core would continue with the site's value */
        if (b->kv.length > KV_BYTES_MAX) {
            world_problem(b->world, 0, "'%s' would have %zu bytes, and what is changed may have %d", setting->name,
                          (size_t)b->kv.length, KV_BYTES_MAX);
            return;
        }
        post_setting(b, table_parameter, setting, &b->kv, 0);
    }
    bridge_commit(b, false);
}

/* Posts the start of the link; at the opening this comes last, as an earlier call would find no strategy at its
 * routing point. */
void bridge_link_up(struct bridge *b)
{
    bridge_event_of(b, SOURCE_HOST, KIND_LinkUp);
    event_put_link(&b->writer, BRIDGE_LINK, "tserver", b->instance, CAPS_PLAYED, media_none);
    bridge_post_of(b, NULL);
}

/* Posts everything a play begins with; campaigns start by the bridge's agenda at the times of their items. */
void bridge_open(struct bridge *b, const uint8_t image_hash[CORE_HASH], uint64_t now_us)
{
    b->now_us = now_us;
    b->version = 1;
    plan_rows(b->plan, bridge_post_row, b);
    bridge_commit(b, true);
    for (uint32_t i = 0; i < b->plan->point_count; i++) {
        bridge_event_of(b, SOURCE_ADMIN, KIND_Activate);
        kv_clear(&b->kv);
        values_to_kv(&b->kv, b->plan->points[i].given);
        event_put_activation(&b->writer, b->plan->points[i].dn, image_hash, b->plan->points[i].strategy, &b->kv);
        bridge_post_of(b, NULL);
    }
    bridge_link_up(b);
    for (uint32_t i = 0; i < b->plan->test->count; i++)
        if (b->plan->test->items[i].kind == ITEM_CAMPAIGN)
            agenda_add(&b->agenda, b->plan->test->items[i].at_us, LATE_CAMPAIGN, i, 0);
}
