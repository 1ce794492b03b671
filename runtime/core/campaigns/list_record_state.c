/* runtime/core/campaigns/list_record_state.c - The states of a record of a calling list, from record_states.def:
 * their names and places, and which changes are allowed. */
#include <assert.h>

#include "runtime/core/campaigns/list_record_table.h"

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
