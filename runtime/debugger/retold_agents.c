/* runtime/debugger/retold_agents.c - Finds the agents who could have got the interaction, batch by batch.
 *
 * A play recorded in a journal is turned into a test (retold.c). The test needs agents, but a site has thousands, so
 * it only has those who could have got the interaction: because a line of its selection matches them, or because it
 * was offered to them. The states of each agent over time become lines of the test:
 *
 *     agent marie (French: 9) busy;              first: as the interaction began
 *     after 12s: agent marie ready handles 4m;   changes: one per batch in which it was otherwise
 *     no_answer, declines                        how it took its offers, until the first that it took
 *
 * Times are microseconds of the recording. Agents are identified by their index in the core, which never changes. */
#include "runtime/debugger/retold_state.h"

#include <assert.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/core/read/why.h"
#include "runtime/debugger/spell.h"
#include "base/memory.h"

enum { FEW = 20, LINES_MAX = 64, AGENT_NAME_BYTES = 260, GROUPS_MAX = 64, REFUSALS_MAX = 32 };

enum stands { STANDS_OUT, STANDS_NOT_READY, STANDS_BUSY, STANDS_READY };
static const char *const words[] = {"logged_out", "not_ready", "busy", "ready"};

struct agent_change {
    uint64_t at_us;
    enum stands stands;
};

struct agent {
    char name[AGENT_NAME_BYTES], dn[AGENT_NAME_BYTES];
    char *skills, *groups; /* as a test writes them; "": none */
    char capacity[AGENT_NAME_BYTES], place[AGENT_NAME_BYTES];
    bool seen, wanted; /* the agent could have had the interaction */
    bool calls;        /* the call was made by the agent's telephone */
    bool ours;         /* the agent has, or is offered, the interaction */
    bool held; /* first seen claimed without a call: the claim may be for the retold interaction, if that is dialled */
    uint64_t since_us;
    enum stands first, stands;
    struct agent_change *changes;
    size_t change_count;
    /* How the agent reacted to offers of the interaction. */
    uint64_t claim, offered_us, answered_us;
    bool offered, answered;
    bool has_answers, has_handles;
    uint64_t answers_us, handles_us;
    struct turned_down {
        uint64_t at_us;
        bool declined; /* declined; false: did not answer */
    } refusals[REFUSALS_MAX];
    unsigned refusal_count;
};

struct retold_agents {
    struct agent *agents; /* the agents, by their index in the core */
    uint32_t count, seen;
    bool began, served;
    uint64_t place; /* the selection that was matched last: the time it began */
};

struct retold_agents *retold_agents_new(void)
{
    struct retold_agents *a = memory_zeroed(1, sizeof *a);
    return a;
}

void retold_agents_free(struct retold_agents *a)
{
    for (uint32_t i = 0; i < a->count; i++) {
        free(a->agents[i].skills);
        free(a->agents[i].groups);
        free(a->agents[i].changes);
    }
    free(a->agents);
    free(a);
}

static void retold_copy(char *to, struct span text)
{
    (void)snprintf(to, AGENT_NAME_BYTES, "%.*s", (int)text.length, (const char *)text.bytes);
}

static char *retold_agent_skills(const struct core *core, uint32_t index)
{
    struct kv skills;
    struct kv_pair pair;
    char *text = NULL;
    size_t size;
    const char *between = " (";
    FILE *out = memory_stream(&text, &size);
    kv_init(&skills);
    core_agent_skills(core, index, &skills);
    for (uint32_t at = 0; kv_next(kv_span(&skills), &at, &pair); between = ", ") {
        fputs(between, out);
        spell_name(out, pair.key);
        fprintf(out, ": %" PRId64, pair.value.word);
    }
    if (*between == ',') fputc(')', out);
    kv_free(&skills);
    fclose(out);
    return text;
}

static char *retold_agent_groups(const struct core *core, uint32_t index)
{
    struct span name;
    char *text = NULL;
    size_t size;
    FILE *out = memory_stream(&text, &size);
    for (uint32_t at = 0; at < GROUPS_MAX && core_agent_group(core, index, at, &name); at++) {
        fputs(at == 0 ? " in group " : ", group ", out);
        spell_name(out, name);
    }
    fclose(out);
    return text;
}

/* Returns an agent's state for a test: ready but not to be chosen is busy; any other that is not to be chosen is not
 * ready. */
static enum stands stands_of(const struct agent_row *row)
{
    if (row->state == agent_state_logged_out || row->state == agent_state_unknown) return STANDS_OUT;
    if (row->not_chosen.length == 0) return STANDS_READY;
    return row->state == agent_state_ready ? STANDS_BUSY : STANDS_NOT_READY;
}

static void retold_agent_learn(struct agent *agent, const struct core *core, uint32_t index,
                               const struct agent_row *row)
{
    retold_copy(agent->name, row->name);
    retold_copy(agent->dn, row->dn);
    retold_copy(agent->capacity, row->capacity);
    retold_copy(agent->place, row->place);
    agent->skills = retold_agent_skills(core, index);
    agent->groups = retold_agent_groups(core, index);
    agent->seen = true;
}

static void retold_agent_changes(struct agent *agent, enum stands stands, uint64_t at_us)
{
    assert(agent->seen && stands <= STANDS_READY);
    if (agent->stands == stands) return;
    agent->stands = stands;
    agent->changes = memory_grown(agent->changes, agent->change_count + 1, sizeof *agent->changes);
    agent->changes[agent->change_count++] = (struct agent_change){at_us, stands};
}

/* Returns the agent's row; the array grows up to the index, and rows of agents not yet seen are empty. Pointers into
 * the array become invalid. */
static struct agent *retold_agent_at(struct retold_agents *a, uint32_t index)
{
    while (index >= a->count) {
        a->agents = memory_grown(a->agents, a->count + 1, sizeof *a->agents);
        a->agents[a->count++] = (struct agent){.seen = false};
    }
    return &a->agents[index];
}

/* Notes that the agent answered; only the first answer gives the time to answer, as a test has one time per agent. */
static void retold_agent_takes(struct agent *agent, uint64_t at_us)
{
    if (!agent->has_answers) agent->answers_us = at_us - agent->offered_us;
    agent->has_answers = true;
    agent->offered = false;
    agent->answered = true;
    agent->answered_us = at_us;
}

static void retold_agents_refuses(struct agent *agent, bool declined)
{
    assert(agent->offered && agent->refusal_count <= REFUSALS_MAX);
    agent->offered = false;
    if (!agent->has_answers && agent->refusal_count < REFUSALS_MAX)
        agent->refusals[agent->refusal_count++] = (struct turned_down){agent->offered_us, declined};
}

static void retold_agent_leaves(struct agent *agent, uint64_t at_us)
{
    if (agent->answered && !agent->has_handles) {
        agent->handles_us = at_us - agent->answered_us;
        agent->has_handles = true;
    } else if (agent->offered) {
        retold_agents_refuses(agent, false);
    }
    agent->offered = agent->answered = false;
}

/* Called for each agent after each batch. While the agent has the interaction the state is not written: playing the
 * test will produce it. */
static void retold_agent_look(struct retold_agents *a, const struct core *core, uint32_t index,
                              const struct agent_row *row, uint64_t ixn, uint64_t at_us)
{
    assert(index < a->count);
    struct agent *agent = &a->agents[index];
    enum stands stands = stands_of(row);
    bool first = !agent->seen;
    if (first && stands == STANDS_OUT) return;
    if (first) retold_agent_learn(agent, core, index, row);
    if (first) a->seen++;
    if (first) agent->first = agent->stands = a->began ? STANDS_OUT : agent->ours ? STANDS_READY : stands;
    if (first) agent->held = !a->began && row->claims > 0 && row->ixn == 0;
    if (first) agent->since_us = row->since_us;
    if (row->ixn == ixn) agent->ours = true;
    if (agent->offered && agent->claim != 0 && row->ixn != ixn && row->claims == 0)
        retold_agent_leaves(agent, at_us); /* the agent's offer lapsed */
    if (agent->ours && row->ixn != ixn && row->claims == 0 && !agent->offered) agent->ours = false;
    if (!agent->ours && !agent->calls) retold_agent_changes(agent, stands, at_us);
}

/* Marks the agents whom a line of the interaction's selection matches, also a line that is not open yet. */
static void retold_match(struct retold_agents *a, struct core *core, uint64_t ixn)
{
    struct why_line line;
    struct why_match match;
    for (uint32_t n = 0; n < LINES_MAX && core_why_line(core, ixn, n, &line); n++)
        for (uint32_t i = 0; line.agents && i < a->count; i++)
            if (a->agents[i].seen && !a->agents[i].wanted && core_why_match(core, ixn, n, i, &match))
                a->agents[i].wanted = match.matches;
}

void retold_agents_look(struct retold_agents *a, struct core *core, uint64_t ixn, uint64_t at_us)
{
    struct agent_row row;
    for (uint32_t i = 0; core_agent(core, i, &row); i++) {
        (void)retold_agent_at(a, i);
        retold_agent_look(a, core, i, &row, ixn, at_us);
    }
    a->began = true;
    struct waiting_row waiting;
    if (a->seen > FEW && core_waiting(core, ixn, &waiting)) retold_match(a, core, ixn);
}

/* Returns the agent of that name, even if never looked at: what happens in the interaction's first batch comes
 * before the first look. */
static struct agent *retold_agent_named(struct retold_agents *a, const struct core *core, struct span name)
{
    uint32_t index;
    return core_agent_named(core, name, &index) ? retold_agent_at(a, index) : NULL;
}

void retold_agents_calls(struct retold_agents *a, const struct core *core, const char *name)
{
    struct agent *agent = retold_agent_named(a, core, span_of(name));
    if (agent) agent->calls = agent->wanted = true;
}

/* Notes that the agent was chosen, and so was ready, if only for that moment. */
static void retold_agent_chosen(struct agent *agent, uint64_t at_us)
{
    if (agent->held && agent->change_count == 0) agent->first = agent->stands = STANDS_READY;
    if (agent->seen && !agent->ours) retold_agent_changes(agent, STANDS_READY, at_us);
    agent->ours = agent->wanted = true;
}

void retold_agents_claimed(struct retold_agents *a, const struct core *core, const char *dn, uint64_t at_us)
{
    struct agent_row row;
    for (uint32_t i = 0; core_agent(core, i, &row); i++)
        if (span_is(row.dn, dn)) retold_agent_chosen(retold_agent_at(a, i), at_us);
}

static void retold_agent_offered(struct agent *agent, uint64_t at_us)
{
    retold_agent_chosen(agent, at_us);
    agent->offered = true;
    agent->answered = false;
    agent->offered_us = at_us;
}

void retold_agents_invited(struct retold_agents *a, const struct core *core, struct span name, uint64_t claim,
                           uint64_t at_us)
{
    struct agent *agent = retold_agent_named(a, core, name);
    if (!agent || agent->claim == claim) return;
    agent->claim = claim;
    retold_agent_offered(agent, at_us);
}

void retold_agents_withdrawn(struct retold_agents *a, uint64_t claim)
{
    for (uint32_t i = 0; i < a->count; i++)
        if (a->agents[i].claim == claim && claim != 0 && a->agents[i].offered) retold_agent_leaves(&a->agents[i], 0);
}

void retold_agents_answer(struct retold_agents *a, uint64_t claim, bool accepts, uint64_t at_us)
{
    for (uint32_t i = 0; i < a->count; i++) {
        struct agent *agent = &a->agents[i];
        if (agent->claim != claim || claim == 0 || !agent->offered) continue;
        if (accepts)
            retold_agent_takes(agent, at_us);
        else
            retold_agents_refuses(agent, true);
        a->served = a->served || accepts;
    }
}

void retold_agents_party(struct retold_agents *a, const struct core *core, struct span name, enum party_change change,
                         uint64_t at_us)
{
    struct agent *agent = retold_agent_named(a, core, name);
    if (!agent) return;
    if (change == party_change_Ringing) retold_agent_offered(agent, at_us);
    if (change == party_change_Established) {
        if (agent->offered) retold_agent_takes(agent, at_us);
        a->served = true;
    }
    if (change == party_change_Diverted || change == party_change_Released || change == party_change_Abandoned)
        retold_agent_leaves(agent, at_us);
}

void retold_agents_done(struct retold_agents *a, const struct core *core, struct span name, uint64_t at_us)
{
    struct agent *agent = retold_agent_named(a, core, name);
    if (agent && agent->answered) retold_agent_leaves(agent, at_us);
}

bool retold_agents_served(const struct retold_agents *a)
{
    return a->served;
}

/* ---- lines ---- */

static bool retold_agent_is_told(const struct retold_agents *a, const struct agent *agent)
{
    return agent->seen && (agent->wanted || a->seen <= FEW);
}

/* Writes how the agent behaves from the given time on. */
static void put_manner(const struct agent *agent, uint64_t from_us, FILE *out)
{
    assert(agent->refusal_count <= REFUSALS_MAX && agent->seen);
    unsigned counts[2] = {0};
    for (unsigned i = 0; i < agent->refusal_count; i++)
        if (agent->refusals[i].at_us >= from_us) counts[agent->refusals[i].declined]++;
    if (counts[0] > 0) fprintf(out, " no_answer %u", counts[0]);
    if (counts[1] > 0) fprintf(out, " declines %u", counts[1]);
    if (agent->has_handles) fputs(" handles ", out);
    if (agent->has_handles) spell_us(out, (int64_t)agent->handles_us);
    if (agent->has_answers) fputs(" answers ", out);
    if (agent->has_answers) spell_us(out, (int64_t)agent->answers_us);
    if (*agent->capacity) fprintf(out, " capacity %s", agent->capacity);
}

/* Compares two agents by when they became free, which is the order in the test, since a selection by longest_idle
 * depends on it. */
static int by_idle(const void *a, const void *b)
{
    const struct agent *one = *(struct agent *const *)a, *other = *(struct agent *const *)b;
    if (one->since_us != other->since_us) return one->since_us < other->since_us ? -1 : 1;
    return one < other ? -1 : one > other; /* by their index */
}

void retold_agents_first(const struct retold_agents *a, FILE *out)
{
    struct agent **told = memory_zeroed(a->count + 1, sizeof *told);
    size_t count = 0;
    for (uint32_t i = 0; i < a->count; i++)
        if (retold_agent_is_told(a, &a->agents[i])) told[count++] = &a->agents[i];
    if (count > 1) qsort(told, count, sizeof(struct agent *), by_idle);
    for (size_t i = 0; i < count; i++) {
        fputs("    agent ", out);
        spell_name(out, span_of(told[i]->name));
        fprintf(out, "%s%s", told[i]->skills, told[i]->groups);
        if (*told[i]->place) fprintf(out, "%s place ", *told[i]->groups ? "," : " in");
        if (*told[i]->place) spell_name(out, span_of(told[i]->place));
        fprintf(out, " %s", words[told[i]->first]);
        put_manner(told[i], 0, out);
        fputs(";\n", out);
    }
    free(told);
}

void retold_agents_later(const struct retold_agents *a, FILE *out)
{
    for (uint32_t i = 0; i < a->count; i++) {
        const struct agent *agent = &a->agents[i];
        for (size_t n = 0; retold_agent_is_told(a, agent) && n < agent->change_count; n++) {
            fputs("    after ", out);
            spell_us(out, (int64_t)agent->changes[n].at_us);
            fputs(": agent ", out);
            spell_name(out, span_of(agent->name));
            fprintf(out, " %s", words[agent->changes[n].stands]);
            put_manner(agent, agent->changes[n].at_us, out);
            fputs(";\n", out);
        }
    }
}
