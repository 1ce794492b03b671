/* runtime/records/hear_agents.c - States of agents, and the time in them by quarters of an hour.
 *
 * An agent's first state is that of the telephone (voice); states of other media follow it in the list and end with
 * the login. A state's row is written when the state is over. The time in states of the telephone, or of an agent
 * without one in the best state of a medium, is also written in rows of its own, cut at the quarters of an hour, when
 * the state is over or a quarter has begun: a report adds up these rows and need not cut them. */
#include <assert.h>
#include <string.h>

#include "runtime/records/recorder.h"
#include "runtime/records/recorder_state.h"
#include "runtime/vocabulary/bytes.h"

static bool is_logged_in(unsigned state)
{
    return state > agent_state_logged_out;
}

static struct record_value recorded_agent(const struct recorder *r, uint32_t who)
{
    return recorder_span(names_text(&r->agent_names, who));
}

static bool team_is_before(struct span one, struct span other)
{
    uint32_t both = one.length < other.length ? one.length : other.length;
    int order = memcmp(one.bytes, other.bytes, both);
    return order < 0 || (order == 0 && one.length < other.length);
}

struct record_value recorder_team(const struct recorder *r, struct span agent)
{
    struct span first = {0}, group;
    uint32_t index;
    if (agent.length == 0 || !core_agent_named(r->core, agent, &index)) return recorder_word("");
    for (uint32_t at = 0; core_agent_group(r->core, index, at, &group); at++)
        if (first.length == 0 || team_is_before(group, first)) first = group;
    return recorder_span(first);
}

/* Returns the state in which the agent spends the time: that of the telephone; without one the best of their media. */
static const struct recorded_agent *agent_spends(const struct recorded_agent *voice)
{
    static const uint8_t best[] = {agent_state_ready, agent_state_after_call_work, agent_state_not_ready};
    for (unsigned i = 0; !voice->telephone && i < sizeof best; i++)
        for (const struct recorded_agent *one = voice->next; one; one = one->next)
            if (one->state == best[i]) return one;
    return voice;
}

static void agent_time(struct recorder *r, uint32_t who, const struct recorded_agent *agent, int64_t quarter_us,
                       uint64_t us)
{
    struct record_value values[agent_times_COLUMNS] = {0};
    values[agent_times_quarter] = (struct record_value){.kind = VALUE_IS_MOMENT, .number = quarter_us};
    values[agent_times_agent] = recorded_agent(r, who);
    values[agent_times_state] = recorder_word(enum_name_agent_state(agent_spends(agent)->state));
    values[agent_times_reason] = recorder_word(agent_spends(agent)->reason);
    values[agent_times_ms] = recorder_number((int64_t)(us / 1000));
    values[agent_times_team] = recorder_team(r, values[agent_times_agent].text);
    r->row(r->self, TABLE_agent_times, values);
}

/* Writes the time since the last row of agent_times, cut at the quarters of an hour. The rest of a millisecond is
 * added to the next row. */
static void agent_times(struct recorder *r, uint32_t who, struct recorded_agent *agent)
{
    struct moment at = recorder_now(r);
    while (is_logged_in(agent->state) && agent->told_us < at.us) {
        int64_t from_us = at.wall_us - (int64_t)(at.us - agent->told_us);
        if (from_us < 0) break; /* before the first Clock */
        int64_t quarter_us = from_us - from_us % QUARTER_US;
        uint64_t left_us = (uint64_t)(quarter_us + QUARTER_US - from_us), us = at.us - agent->told_us;
        if (us > left_us)
            us = left_us;
        else
            us -= us % 1000;
        if (us == 0) break;
        agent_time(r, who, agent, quarter_us, us);
        agent->told_us += us;
    }
}

/* Writes the row of a state that ends now. */
static void agent_state_over(struct recorder *r, uint32_t who, const struct recorded_agent *agent)
{
    assert(agent->since.us != 0 && agent->since.us <= recorder_now(r).us);
    struct record_value values[agent_states_COLUMNS] = {0};
    values[agent_states_agent] = recorded_agent(r, who);
    values[agent_states_media] = recorder_span(core_medium(r->core, agent->medium));
    values[agent_states_state] = recorder_word(enum_name_agent_state(agent->state));
    values[agent_states_reason] = recorder_word(agent->reason);
    values[agent_states_work_mode] =
        recorder_word(agent->work_mode != work_mode_unknown ? enum_name_work_mode(agent->work_mode) : "");
    values[agent_states_place] = recorder_word(agent->place.text);
    values[agent_states_dn] = recorder_word(agent->dn.text);
    values[agent_states_began] = recorder_moment(agent->since);
    values[agent_states_ended] = recorder_moment(recorder_now(r));
    values[agent_states_ms] = recorder_between(agent->since, recorder_now(r));
    r->row(r->self, TABLE_agent_states, values);
}

/* Finds the agent's state of voice; NULL: there is none yet. */
static struct recorded_agent **recorder_agent_of(struct recorder *r, uint32_t who)
{
    if (who >= r->agent_capacity) {
        uint32_t capacity = (who + 1) * 2;
        r->agents = memory_grown(r->agents, capacity, sizeof(struct recorded_agent *));
        memset(r->agents + r->agent_capacity, 0, (capacity - r->agent_capacity) * sizeof(struct recorded_agent *));
        r->agent_capacity = capacity;
    }
    return &r->agents[who];
}

/* Ends the states of the other media, with the login. */
static void media_over(struct recorder *r, uint32_t who, struct recorded_agent *agent)
{
    for (struct recorded_agent *medium = agent->next, *next; medium; medium = next) {
        assert(medium->medium != media_voice); /* the list has no state of voice: that is the agent's own entry */
        next = medium->next;
        agent_state_over(r, who, medium);
        free(medium);
    }
    agent->next = NULL;
}

/* Finds the place of the medium's state in the list: after that of voice, which every agent has first. */
static struct recorded_agent **recorder_state_of(struct recorded_agent **voice, unsigned medium)
{
    struct recorded_agent **at = voice;
    while (*at && (*at)->medium != medium) at = &(*at)->next;
    return at;
}

/* Whoever logs in is told of first, and then in which media: what is told of a medium knows whether there is one. */
static bool recorder_sees_telephone(const struct recorder *r, uint32_t name)
{
    struct agent_row row;
    uint32_t index;
    return core_agent_named(r->core, core_text(r->core, name), &index) && core_agent(r->core, index, &row) &&
           row.telephone;
}

/* Notes the agent's new state of a medium, and writes the row of the one before. A report of the same state is ignored.
 * A report about another medium is also ignored as long as the agent's state of voice is unknown. */
void record_agent_state(struct recorder *r, const struct fact *fact)
{
    uint32_t who = names_intern(&r->agent_names, core_text(r->core, fact->name));
    if (who == 0) return; /* all numbers for names are used */
    struct recorded_agent **voice = recorder_agent_of(r, who), **at = recorder_state_of(voice, fact->medium);
    struct recorded_agent *agent = *at, *next = agent ? agent->next : NULL;
    bool other = !agent || agent->state != fact->value ||
                 (fact->reason.length != 0 && !span_is(fact->reason, agent->reason)) ||
                 (fact->work_mode != work_mode_unknown && fact->work_mode != agent->work_mode);
    bool telephone = recorder_sees_telephone(r, fact->name);
    if (*voice && other && (fact->medium == media_voice || !(*voice)->telephone)) agent_times(r, who, *voice);
    if (*voice) (*voice)->telephone = telephone;
    if (!other || (fact->medium != media_voice && at == voice)) return;
    if (!agent)
        agent = *at = memory_zeroed(1, sizeof *agent);
    else
        agent_state_over(r, who, agent);
    *agent = (struct recorded_agent){.since = recorder_now(r),
                                     .told_us = recorder_now(r).us,
                                     .place = recorder_named(r, fact->place),
                                     .dn = recorder_named(r, fact->dn),
                                     .state = (uint8_t)fact->value,
                                     .work_mode = fact->work_mode,
                                     .medium = fact->medium,
                                     .telephone = telephone,
                                     .next = next};
    text_set_span(agent->reason, NAME, fact->reason);
    event_tell(r, &(struct told_event){.event = EVENT_agent_state,
                                       .media = core_medium(r->core, fact->medium),
                                       .agent = core_text(r->core, fact->name),
                                       .state = span_of(enum_name_agent_state(fact->value)),
                                       .reason = fact->reason});
    if (fact->medium == media_voice && fact->value == agent_state_logged_out) media_over(r, who, agent);
}

/* A batch is over: if a quarter of an hour has begun with it, writes the agents' time until now. */
void recorder_settle(struct recorder *r)
{
    int64_t present = recorder_quarter(recorder_now(r)).number;
    if (present == r->quarter) return;
    r->quarter = present;
    for (uint32_t who = 0; who < r->agent_capacity; who++)
        if (r->agents[who]) agent_times(r, who, r->agents[who]);
}
