/* runtime/core/campaigns/list_record_state.c - The state of a record of a calling list: the one place where it changes,
 * by record_states.def. */
#include <assert.h>

#include "runtime/core/base/memory.h"
#include "runtime/core/base/now.h"
#include "runtime/core/campaigns/campaign_table.h"
#include "runtime/core/campaigns/list_record_table.h"
#include "runtime/core/people/agent.h"

static const struct {
    const char *name, *meaning;
    enum record_place place;
} states[RECORD_STATES] = {
#define RECORD_STATE(name, place, phase, meaning) [RECORD_##name] = {#name, meaning, RECORD_AT_##place},
#include "runtime/core/campaigns/record_states.def"
};

static const bool legal[RECORD_STATES][RECORD_STATES] = {
#define RECORD_CHANGE(from, to, when) [RECORD_##from][RECORD_##to] = true,
#include "runtime/core/campaigns/record_states.def"
};

const char *record_state_name(enum record_state state, const char **meaning)
{
    assert(state < RECORD_STATES);
    *meaning = states[state].meaning;
    return states[state].name;
}

bool record_may_become(enum record_state from, enum record_state to)
{
    assert(from < RECORD_STATES && to < RECORD_STATES);
    return legal[from][to];
}

enum record_place list_record_place(const struct list_record *row)
{
    return states[row->state].place;
}

bool list_record_is_counted(const struct list_record *row)
{
    enum record_place place = list_record_place(row);
    return row->begun_by == RECORD_BY_campaign && (place == RECORD_AT_buffer || place == RECORD_AT_interaction);
}

bool list_record_attempted(const struct list_record *row)
{
    return row->attempt == ATTEMPT_NOTED || row->attempt == ATTEMPT_DIALLED;
}

struct list_record *list_record_edit(struct list_records *records, struct list_record *row)
{
    if (row->unhashed) return row;
    assert(row >= records->all && row < records->all + records->count);
    row->unhashed = true;
    uint32_t at = records->unhashed_count++;
    records->unhashed = memory_grow(records->unhashed, &records->unhashed_capacity, at + 1, sizeof *records->unhashed);
    records->unhashed[at] = (uint32_t)(row - records->all);
    return row;
}

/* A record that comes into the buffer belongs to its campaign, if that is loaded; an agent may take it out. */
static void find_beginner(const struct list_records *records, struct list_record *row, enum record_state to)
{
    if (to == RECORD_preview) row->begun_by = RECORD_BY_agent;
    if (to == RECORD_ahead && row->state != RECORD_due)
        row->begun_by = campaign_of(records->campaigns, row->campaign) ? RECORD_BY_campaign : RECORD_BY_core;
}

void list_record_becomes(struct list_records *records, uint32_t slot, enum record_state to)
{
    struct list_record *row = &records->all[slot];
    assert(record_may_become(row->state, to));
    bool was_called = list_record_place(row) == RECORD_AT_interaction;
    (void)list_record_edit(records, row);
    campaign_counts(records->campaigns, slot, false);
    find_beginner(records, row, to);
    row->state = to;
    bool is_called = list_record_place(row) == RECORD_AT_interaction;
    if (row->begun_by == RECORD_BY_campaign && (was_called || is_called)) {
        row->since_us = records->now->time_us;
        row->talker = AGENT_NONE;
        row->passed_over = false;
        row->judged = row->judged && to != RECORD_ringing;
    }
    campaign_counts(records->campaigns, slot, true);
}
