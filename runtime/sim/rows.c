/* runtime/sim/rows.c - Makes each kind of row with its columns. */
#include "runtime/sim/rows.h"

#include <assert.h>
#include <stdio.h>

#include "runtime/scenario/scenario.h"

enum { ROW_KEY = 2 * SCENARIO_NAME_MAX + 2 };

void rows_put(const struct row_taker *rows, enum table table, const char *key, const struct plan_column *columns,
              uint32_t count)
{
    assert(count > 0 && columns[0].name);
    rows->each(rows->self, &(struct plan_row){table, key, columns, count});
}

void rows_named(const struct row_taker *rows, enum table table, const char *name)
{
    rows_put(rows, table, name, &(struct plan_column){"name", name, 0}, 1);
}

void rows_pair(const struct row_taker *rows, enum table table, const struct plan_column *columns, uint32_t count)
{
    assert(count >= 2 && columns[0].text && columns[1].text); /* the row's key is made from its first two columns */
    char key[ROW_KEY];
    (void)snprintf(key, sizeof key, "%s/%s", columns[0].text, columns[1].text);
    rows_put(rows, table, key, columns, count);
}

void rows_gone(const struct row_taker *rows, enum table table, const char *first, const char *second)
{
    char key[ROW_KEY];
    (void)snprintf(key, sizeof key, "%s/%s", first, second);
    rows->each(rows->self, &(struct plan_row){table, key, NULL, 0});
}

void rows_dn(const struct row_taker *rows, const char *number, const char *type)
{
    rows_put(rows, table_dn, number, (const struct plan_column[]){{"number", number, 0}, {"type", type, 0}}, 2);
}

static bool row_says(const char *text)
{
    return text && text[0] != '\0';
}

void rows_agent(const struct row_taker *rows, const char *name, const char *capacity, const char *profile)
{
    struct plan_column columns[4] = {{"name", name, 0}, {"display", name, 0}};
    uint32_t count = 2;
    if (row_says(capacity)) columns[count++] = (struct plan_column){"capacity", capacity, 0};
    if (row_says(profile)) columns[count++] = (struct plan_column){"profile", profile, 0};
    rows_put(rows, table_agent, name, columns, count);
}

void rows_preference(const struct row_taker *rows, const char *profile, const char *vq, int64_t rank, int64_t delay_s)
{
    const struct plan_column columns[] = {
        {"profile", profile, 0}, {"vq", vq, 0}, {"rank", NULL, rank}, {"delay_s", NULL, delay_s}};
    rows_pair(rows, table_profile, columns, 4);
}

void rows_profile(const struct row_taker *rows, const struct scenario_profile *profile)
{
    for (size_t at = 0; at < profile->count; at++)
        rows_preference(rows, profile->name, profile->rows[at].vq, profile->rows[at].rank, profile->rows[at].delay_s);
}

void rows_skill(const struct row_taker *rows, const char *agent, const char *skill, int64_t level)
{
    const struct plan_column columns[] = {{"agent", agent, 0}, {"skill", skill, 0}, {"level", NULL, level}};
    rows_pair(rows, table_agent_skill, columns, 3);
}

void rows_member(const struct row_taker *rows, const char *group, const char *agent)
{
    rows_pair(rows, table_group_member, (const struct plan_column[]){{"group", group, 0}, {"agent", agent, 0}}, 2);
}

void rows_queue(const struct row_taker *rows, const char *name, const char *dn)
{
    rows_put(rows, table_queue, name, (const struct plan_column[]){{"name", name, 0}, {"dn", dn, 0}}, 2);
}

void rows_point(const struct row_taker *rows, const char *dn, const char *strategy, const char *defaults)
{
    const struct plan_column columns[] = {{"dn", dn, 0},
                                          {"strategy", strategy, 0},
                                          {"defaults", defaults, 0},
                                          {"answer_timeout_s", NULL, ROWS_ANSWER_TIMEOUT_S},
                                          {"router_grace_s", NULL, ROWS_ROUTER_GRACE_S}};
    rows_put(rows, table_routing_point, dn, columns, 5);
}

void rows_campaign(const struct row_taker *rows, const char *name, const char *mode, const char *agents)
{
    const struct plan_column columns[] = {{"name", name, 0}, {"mode", mode, 0}, {"agents", agents, 0}};
    rows_put(rows, table_campaign, name, columns, row_says(agents) ? 3 : 2);
}
