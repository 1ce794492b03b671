/* runtime/sim/world.c - The agenda of a test: arrivals, agents, and what follows from the switch's reports. */
#include "runtime/sim/world_state.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { INSIST_US = 3000000 };

static uint64_t or_default(uint64_t us, uint64_t absent)
{
    return us == 0 ? absent : us;
}

static void *array_of(size_t count, size_t size)
{
    void *array = calloc(count == 0 ? 1 : count, size);
    assert(array != NULL);
    return array;
}

static void plan_arrivals(struct world *w)
{
    for (size_t i = 0; i < w->test->count; i++) {
        w->count += w->test->items[i].kind == ITEM_ARRIVE ? w->test->items[i].arrival.times : 0;
        w->made_count += w->test->items[i].kind == ITEM_AGENT && w->test->items[i].agent.transfers_to != NULL;
    }
    w->made = array_of(w->made_count, sizeof *w->made);
    w->count += w->made_count;
    w->arrivals = array_of(w->count, sizeof *w->arrivals);
    w->expected = array_of(w->count, sizeof *w->expected);
    uint32_t at = 0;
    for (size_t i = 0; i < w->test->count; i++) {
        const struct scenario_item *item = &w->test->items[i];
        for (uint32_t n = 0; item->kind == ITEM_ARRIVE && n < item->arrival.times; n++, at++) {
            w->arrivals[at].item = item;
            w->arrivals[at].used = array_of(item->arrival.count, sizeof(uint32_t));
            w->expected[at] = (struct expect_arrival){item->arrival.as, item->at_us + n * item->arrival.every_us};
            agenda_add(&w->agenda, w->expected[at].at_us, ACT_ARRIVE, at, 0);
            w->scripted++;
        }
    }
    for (size_t i = 0, made = 0; i < w->test->count; i++) {
        const struct scenario_item *item = &w->test->items[i];
        if (item->kind != ITEM_AGENT || item->agent.transfers_to == NULL) {
            continue;
        }
        w->made[made] = (struct scenario_item){.kind = ITEM_ARRIVE, .line = item->line};
        w->made[made].arrival = (struct scenario_arrival){.media = "voice",
                                                          .strategy = item->agent.transfers_strategy,
                                                          .from = item->agent.name,
                                                          .to = item->agent.transfers_to,
                                                          .times = 1,
                                                          .hangs_up_us = SCENARIO_NEVER};
        w->arrivals[at].item = &w->made[made++];
        w->arrivals[at].used = array_of(0, sizeof(uint32_t));
        w->expected[at++] = (struct expect_arrival){NULL, item->at_us};
    }
}

struct world *world_new(const struct scenario_test *test, const struct plan *plan, struct trace *trace,
                        const struct world_hands *hands, const struct world_options *options)
{
    struct world *w = array_of(1, sizeof *w);
    w->test = test;
    w->plan = plan;
    w->trace = trace;
    w->hands = *hands;
    w->options = *options;
    w->options.queue_us = or_default(options->queue_us, 5000000);
    w->options.desk_us = or_default(options->desk_us, 30000000);
    w->options.ready_again_us = or_default(options->ready_again_us, 10000000);
    w->agents = array_of(plan->agent_count, sizeof *w->agents);
    w->used = array_of(test->count, sizeof *w->used);
    /* People take their places before the first call: of one moment, items come first. */
    for (size_t i = 0; i < test->count; i++) {
        enum item_kind kind = test->items[i].kind;
        if (kind == ITEM_AGENT || kind == ITEM_QUEUE || kind == ITEM_CALLER || kind == ITEM_LINK ||
            kind == ITEM_SOURCE || kind == ITEM_PARAMETER || kind == ITEM_TABLE) {
            if (kind != ITEM_CALLER || test->items[i].at_us > 0) {
                agenda_add(&w->agenda, test->items[i].at_us, ACT_ITEM, (uint32_t)i, 0);
                w->scripted++;
            }
        }
    }
    plan_arrivals(w);
    for (size_t i = 0; i < test->count; i++) {
        if (test->items[i].kind == ITEM_CALLER && test->items[i].at_us == 0) {
            agenda_add(&w->agenda, 0, ACT_ITEM, (uint32_t)i, 0);
            w->scripted++;
        }
    }
    return w;
}

void world_free(struct world *w)
{
    if (w == NULL) {
        return;
    }
    for (uint32_t i = 0; i < w->count; i++) {
        free(w->arrivals[i].used);
    }
    agenda_free(&w->agenda);
    free(w->agents);
    free(w->arrivals);
    free(w->made);
    free(w->expected);
    free(w->of_call);
    free(w->used);
    free(w->problems);
    free(w);
}

void world_begin(struct world *w, struct sim_switch *sw)
{
    w->sw = sw;
}

/* ---- problems ---- */

void world_problem(struct world *w, uint32_t line, const char *format, ...)
{
    struct problem problem = {.line = line};
    va_list args;
    va_start(args, format);
    (void)vsnprintf(problem.text, sizeof problem.text, format, args);
    va_end(args);
    for (uint32_t i = 0; i < w->problem_count; i++) {
        if (w->problems[i].line == line && strcmp(w->problems[i].text, problem.text) == 0) {
            return; /* once is enough */
        }
    }
    if (w->problem_count < 20) {
        w->problems = realloc(w->problems, (w->problem_count + 1) * sizeof *w->problems);
        assert(w->problems != NULL);
        w->problems[w->problem_count++] = problem;
    }
}

bool world_next_problem(const struct world *w, uint32_t *cursor, uint32_t *line, const char **text)
{
    if (*cursor >= w->problem_count) {
        return false;
    }
    *line = w->problems[*cursor].line;
    *text = w->problems[(*cursor)++].text;
    return true;
}

/* ---- arrivals ---- */

uint32_t world_arrivals(const struct world *w)
{
    return w->count;
}

uint32_t world_arrival_of(const struct world *w, uint64_t call)
{
    uint64_t index = call % SWITCH_SLOTS;
    uint32_t arrival = call != 0 && index < w->of_call_size ? w->of_call[index] : 0;
    return arrival != 0 && w->arrivals[arrival - 1].call == call ? arrival - 1 : NO_ARRIVAL;
}

uint64_t world_call_of(const struct world *w, uint32_t arrival)
{
    return arrival < w->count ? w->arrivals[arrival].call : 0;
}

const char *world_to(const struct world *w, uint32_t arrival)
{
    return w->arrivals[arrival].item->arrival.to;
}

json_t *world_data(const struct world *w, uint32_t arrival)
{
    return w->arrivals[arrival].item->arrival.data;
}

const struct expect_arrival *world_expected(const struct world *w)
{
    return w->expected;
}

void remember_call(struct world *w, uint32_t arrival, uint64_t call)
{
    uint64_t index = call % SWITCH_SLOTS;
    if (index >= w->of_call_size) {
        uint32_t size = w->of_call_size == 0 ? 64 : w->of_call_size;
        while (size <= index) {
            size *= 2;
        }
        w->of_call = realloc(w->of_call, size * sizeof *w->of_call);
        assert(w->of_call != NULL);
        memset(w->of_call + w->of_call_size, 0, (size - w->of_call_size) * sizeof *w->of_call);
        w->of_call_size = size;
    }
    w->of_call[index] = arrival + 1;
    w->arrivals[arrival].call = call;
}

/* A consultation about the call from that number, where it is there; else about one of which the test says no more. */
static uint64_t consult(struct world *w, uint32_t arrival)
{
    struct arrival *a = &w->arrivals[arrival];
    const struct scenario_arrival *says = &a->item->arrival;
    for (uint32_t i = 0; i < w->count && a->main == 0; i++) {
        const struct arrival *other = &w->arrivals[i];
        if (i != arrival && other->arrived && !other->gone && strcmp(other->item->arrival.from, says->main) == 0) {
            a->main = other->call;
        }
    }
    a->alone = a->main == 0;
    if (a->alone) {
        a->main = switch_talk(w->sw, says->main, w->now_us);
    }
    return switch_consult(w->sw, a->main, says->from, says->to, w->now_us);
}

static void arrive(struct world *w, uint32_t arrival)
{
    struct arrival *a = &w->arrivals[arrival];
    const struct scenario_arrival *says = &a->item->arrival;
    w->scripted--;
    a->arrived = true;
    if (strcmp(says->media, "callback") == 0 && w->hands.call_back != NULL) {
        a->gone = true; /* until the number is dialled */
        w->hands.call_back(w->hands.self, arrival, says->number, w->now_us);
        return;
    }
    if (strcmp(says->media, "voice") != 0) {
        world_problem(w, a->item->line, "an arrival by %s cannot be played yet, only a call", says->media);
        a->gone = true;
        return;
    }
    trace_say(w->trace, w->now_us, "caller", arrival, "Arrives from=%s to=%s", says->from, says->to);
    uint64_t call = says->main != NULL ? consult(w, arrival) : switch_arrive(w->sw, says->from, says->to, w->now_us);
    if (call == 0) {
        trace_say(w->trace, w->now_us, "switch", arrival, "Refused to=%s", says->to);
        world_problem(w, a->item->line, "the switch refused a call to %s", says->to);
        a->gone = true;
        return;
    }
    w->living++;
    remember_call(w, arrival, call);
    if (says->hangs_up_us != SCENARIO_NEVER) {
        agenda_add(&w->agenda, w->now_us + says->hangs_up_us, ACT_HANG_UP, arrival, 0);
    }
    for (size_t i = 0; i < says->count; i++) {
        if (says->items[i].kind == ITEM_CALLER) {
            agenda_add(&w->agenda, w->now_us + says->items[i].at_us, ACT_OWN, arrival, i);
        }
    }
}

/* ---- agents ---- */

static void set_state(struct world *w, uint32_t agent, enum agent_state state)
{
    trace_say(w->trace, w->now_us, "desktop", NO_ARRIVAL, "SetState agent=%s state=%s dn=%s",
              w->plan->agents[agent].name, enum_name_agent_state(state), w->plan->agents[agent].dn);
    w->hands.set_state(w->hands.self, agent, state, w->now_us);
}

/* Said the first time it is the directory as it was; later it changes it. */
static void learn(struct world *w, uint32_t agent, const struct scenario_item *item)
{
    struct agent *a = &w->agents[agent];
    const struct scenario_agent *says = &item->agent;
    bool same = a->skills != NULL && json_equal(a->skills->skills, says->skills) != 0 &&
                (says->groups == NULL || json_equal(a->skills->groups, says->groups) != 0);
    bool can = says->skills != NULL || says->groups != NULL;
    bool moves = says->place != NULL && a->place != NULL && strcmp(says->place, a->place) != 0;
    bool changes = (can && a->skills != NULL && !same) || moves;
    if (changes && w->hands.learn == NULL) {
        world_problem(w, item->line, moves ? "agents do not change their place here"
                                           : "what an agent can does not change here");
    } else if (changes) {
        w->hands.learn(w->hands.self, agent, a->skills != NULL ? a->skills : says, says, w->now_us);
    }
    a->skills = can ? says : a->skills;
    a->place = says->place != NULL ? says->place : a->place;
}

static void agent_says(struct world *w, const struct scenario_item *item)
{
    const struct scenario_agent *says = &item->agent;
    uint32_t agent = plan_agent_named(w->plan, says->name);
    struct agent *a = &w->agents[agent];
    learn(w, agent, item);
    bool out = strcmp(says->state, "logged_out") == 0;
    a->says = says;
    a->no_answer = says->no_answer;
    a->declines = says->declines;
    a->transfers_to = says->transfers_to;
    a->wants_ready = strcmp(says->state, "ready") == 0;
    a->wraps_up = false;
    a->turn++;
    if (!out && !a->logged_in) {
        a->logged_in = true;
        set_state(w, agent, agent_state_logged_in);
    }
    if (a->logged_in && out) {
        a->logged_in = false;
        set_state(w, agent, agent_state_logged_out);
    } else if (!out && (a->wants_ready || a->known)) {
        set_state(w, agent, a->wants_ready ? agent_state_ready : agent_state_not_ready);
    }
    a->known = true;
    if (says->state_for_us != SCENARIO_NEVER) {
        agenda_add(&w->agenda, w->now_us + says->state_for_us, ACT_READY, agent, a->turn);
    }
}

/* Ready again: after work, after a pause that the test limits, or after having been made not ready. */
static void become_ready(struct world *w, uint32_t agent, uint64_t turn)
{
    struct agent *a = &w->agents[agent];
    if (a->turn != turn) {
        return;
    }
    a->wants_ready = true;
    if (!a->logged_in) {
        a->logged_in = true;
        set_state(w, agent, agent_state_logged_in);
    }
    set_state(w, agent, agent_state_ready);
}

/* ---- what is on the agenda ---- */

static void caller_item(struct world *w, const struct scenario_item *item)
{
    for (uint32_t i = 0; i < w->count; i++) {
        const char *as = w->expected[i].as;
        bool kept = w->arrivals[i].kept[0] != '\0' && item->caller.signal != NULL;
        if (w->arrivals[i].arrived && (!w->arrivals[i].gone || kept) &&
            (item->caller.of == NULL || (as != NULL && strcmp(as, item->caller.of) == 0))) {
            caller_does(w, i, &item->caller);
        }
    }
}

static void fault_item(struct world *w, uint32_t index, bool down)
{
    const struct scenario_item *item = &w->test->items[index];
    if (w->hands.fault == NULL) {
        world_problem(w, item->line, "faults cannot be played here");
        return;
    }
    trace_say(w->trace, w->now_us, item->kind == ITEM_LINK ? "link" : "source", NO_ARRIVAL, "Fault name=%s state=%s",
              item->fault.name, down ? "down" : "up");
    w->hands.fault(w->hands.self, item->kind, item->fault.name, down, w->now_us);
    if (down && item->fault.for_us != SCENARIO_NEVER) {
        agenda_add(&w->agenda, w->now_us + item->fault.for_us, ACT_RECOVER, index, 0);
        w->scripted++;
    }
}

static void setting_item(struct world *w, const struct scenario_item *item)
{
    const char *what = item->kind == ITEM_TABLE ? "table" : "parameter";
    if (w->hands.setting == NULL && item->at_us == 0) return; /* the directory says so from the beginning: provision.c */
    if (w->hands.setting == NULL) {
        world_problem(w, item->line, "a %s does not change here", what);
        return;
    }
    trace_say(w->trace, w->now_us, "admin", NO_ARRIVAL, "Change %s=%s", what, item->setting.name);
    w->hands.setting(w->hands.self, item->kind, &item->setting, w->now_us);
}

static void do_item(struct world *w, uint32_t index)
{
    const struct scenario_item *item = &w->test->items[index];
    switch (item->kind) {
    case ITEM_AGENT:
        agent_says(w, item);
        break;
    case ITEM_QUEUE: {
        uint32_t queue = plan_queue_named(w->plan, item->queue.name);
        switch_set_reachable(w->sw, w->plan->queues[queue].dn, item->queue.reachable);
        break;
    }
    case ITEM_CALLER:
        caller_item(w, item);
        break;
    case ITEM_LINK:
    case ITEM_SOURCE:
        fault_item(w, index, true);
        break;
    case ITEM_PARAMETER:
    case ITEM_TABLE:
        setting_item(w, item);
        break;
    default:
        break;
    }
    w->scripted--;
}

static void take_from_queue(struct world *w, uint64_t id)
{
    const struct switch_call *call = switch_call(w->sw, id);
    if (call == NULL || call->place != SWITCH_AT_QUEUE) {
        return;
    }
    char desk[SWITCH_DN + 8];
    (void)snprintf(desk, sizeof desk, "%s-desk", call->dn);
    switch_distribute(w->sw, id, desk, w->now_us);
    agenda_add(&w->agenda, w->now_us + w->options.desk_us, ACT_LEAVE, 0, id);
}

/* After-call work is asked for before the call is released, so that there is no moment in which another one could be
 * routed to the agent. Where the caller was quicker, that moment has been. */
static void wrap_up(struct world *w, uint32_t agent)
{
    struct agent *a = &w->agents[agent];
    if (a->wants_ready && !a->wraps_up && w->options.after_call_work_us > 0) {
        a->wraps_up = true;
        set_state(w, agent, agent_state_after_call_work);
    }
}

enum { CONSULTS_US = 5000000 };

/* The agent asks at that number, and five seconds later leaves the call to whoever has the consultation then. */
static bool begins_transfer(struct world *w, uint32_t agent, uint64_t call)
{
    struct agent *a = &w->agents[agent];
    const char *to = a->transfers_to, *dn = w->plan->agents[agent].dn;
    if (to == NULL) {
        return false;
    }
    a->transfers_to = NULL;
    uint32_t arrival = w->count - w->made_count;
    while (arrival < w->count && (w->arrivals[arrival].arrived || w->arrivals[arrival].item->arrival.to != to)) {
        arrival++;
    }
    uint64_t consult = arrival < w->count ? switch_consult(w->sw, call, dn, to, w->now_us) : 0;
    if (consult == 0) {
        return false;
    }
    struct arrival *made = &w->arrivals[arrival];
    made->arrived = true;
    made->main = call;
    made->consults = agent + 1;
    w->expected[arrival].at_us = w->now_us;
    w->living++;
    remember_call(w, arrival, consult);
    trace_say(w->trace, w->now_us, "desktop", arrival, "Consults agent=%s to=%s", w->plan->agents[agent].name, to);
    agenda_add(&w->agenda, w->now_us + CONSULTS_US, ACT_TRANSFER, arrival, consult);
    return true;
}

/* Answers or hangs up, and insists where nothing comes of it, such as while the T-Server is away. */
static void use_telephone(struct world *w, const struct agenda_entry *entry)
{
    const struct switch_call *call = switch_call(w->sw, entry->what);
    bool answers = entry->kind == ACT_ANSWER;
    if (call == NULL || w->agents[entry->who].call != entry->what || (call->place == SWITCH_ALERTING) != answers) {
        return;
    }
    if (!answers && begins_transfer(w, entry->who, entry->what)) {
        return;
    }
    agenda_add(&w->agenda, w->now_us + INSIST_US, entry->kind, entry->who, entry->what);
    if (!answers) {
        wrap_up(w, entry->who);
    }
    (answers ? w->hands.answer : w->hands.release)(w->hands.self, entry->who, entry->what, w->now_us);
}

static void answer_invitation(struct world *w, const struct agenda_entry *entry)
{
    struct agent *a = &w->agents[entry->who];
    if (a->invitation != entry->what) {
        return; /* it has been withdrawn */
    }
    a->invitation = 0;
    trace_say(w->trace, w->now_us, "desktop", NO_ARRIVAL, "%s agent=%s",
              entry->kind == ACT_ACCEPT ? "Accepts" : "Declines", w->plan->agents[entry->who].name);
    w->hands.invitation(w->hands.self, entry->who, entry->what, entry->kind == ACT_ACCEPT, w->now_us);
}

static void act(struct world *w, const struct agenda_entry *entry)
{
    switch ((enum action)entry->kind) {
    case ACT_ITEM:
        do_item(w, entry->who);
        break;
    case ACT_ARRIVE:
        arrive(w, entry->who);
        break;
    case ACT_OWN:
        caller_does(w, entry->who, &w->arrivals[entry->who].item->arrival.items[entry->what].caller);
        break;
    case ACT_KEY:
        caller_keys(w, entry);
        break;
    case ACT_SPEAK:
        caller_speaks(w, entry);
        break;
    case ACT_RESULT:
        caller_result(w, entry);
        break;
    case ACT_HANG_UP:
        caller_does(w, entry->who, &(struct scenario_caller){.hangs_up = true});
        break;
    case ACT_ANSWER:
    case ACT_RELEASE:
        use_telephone(w, entry);
        break;
    case ACT_ACCEPT:
    case ACT_DECLINE:
        answer_invitation(w, entry);
        break;
    case ACT_READY:
        become_ready(w, entry->who, entry->what);
        break;
    case ACT_TAKE:
        take_from_queue(w, entry->what);
        break;
    case ACT_LEAVE: {
        const struct switch_call *call = switch_call(w->sw, entry->what);
        if (call != NULL) {
            switch_release(w->sw, entry->what, call->dn, w->now_us);
        }
        break;
    }
    case ACT_TRANSFER:
        if (w->arrivals[entry->who].call == entry->what && !w->arrivals[entry->who].gone) {
            caller_does(w, entry->who, &(struct scenario_caller){.transfers = true});
        }
        break;
    case ACT_RECOVER:
        w->scripted--;
        fault_item(w, entry->who, false);
        break;
    }
}

uint64_t world_next(const struct world *w)
{
    return agenda_next(&w->agenda);
}

void world_advance(struct world *w, uint64_t now_us)
{
    struct agenda_entry entry;
    /* One at a time: what an act causes at the switch is heard before the next. */
    if (agenda_take(&w->agenda, now_us, &entry)) {
        w->now_us = now_us;
        act(w, &entry);
    }
}

bool world_prepare(struct world *w)
{
    const struct agenda_entry *first = w->agenda.entries;
    if (w->agenda.count == 0 || first->at_us != 0 || first->kind != ACT_ITEM ||
        (w->test->items[first->who].kind != ITEM_AGENT && w->test->items[first->who].kind != ITEM_QUEUE)) {
        return false;
    }
    world_advance(w, 0);
    return true;
}

void world_all_do(struct world *w, const struct scenario_caller *what, uint64_t now_us)
{
    w->now_us = now_us;
    for (uint32_t i = 0; i < w->count; i++) {
        if (w->arrivals[i].arrived && !w->arrivals[i].gone) {
            caller_does(w, i, what);
        }
    }
}

bool world_wants_ready(const struct world *w, uint32_t agent)
{
    return w->agents[agent].wants_ready;
}

/* Somebody asks before they leave the call, or is about to: what becomes of it takes its time. */
static bool is_asking(const struct world *w)
{
    for (uint32_t i = 0; i < w->plan->agent_count; i++) {
        if (w->agents[i].transfers_to != NULL && w->agents[i].call != 0) {
            return true;
        }
    }
    for (uint32_t i = 0; i < w->count; i++) {
        if (w->arrivals[i].consults != 0 && !w->arrivals[i].gone) {
            return true;
        }
    }
    return false;
}

void world_hurry(struct world *w, uint64_t now_us)
{
    const struct switch_call *call;
    uint32_t cursor = 0;
    if (w->scripted > 0 || w->hurried || is_asking(w)) {
        return;
    }
    while ((call = switch_next_call(w->sw, &cursor)) != NULL) {
        if (call->place != SWITCH_TALKING && call->place != SWITCH_AT_QUEUE) {
            return;
        }
    }
    w->hurried = true;
    w->now_us = now_us;
    cursor = 0;
    while ((call = switch_next_call(w->sw, &cursor)) != NULL) {
        uint32_t agent = plan_agent_at(w->plan, call->dn);
        if (agent != NO_AGENT) {
            agenda_add(&w->agenda, now_us, ACT_RELEASE, agent, call->id);
        } else {
            agenda_add(&w->agenda, now_us, ACT_TAKE, 0, call->id);
            agenda_add(&w->agenda, now_us, ACT_LEAVE, 0, call->id);
        }
    }
}

bool world_done(const struct world *w)
{
    return w->scripted == 0 && w->living == 0;
}

/* ---- what the switch says ---- */

static void offered(struct world *w, uint32_t agent, const struct switch_report *r)
{
    struct agent *a = &w->agents[agent];
    a->call = r->call;
    /* A call that rings cannot be declined: who would lets it ring. */
    if (a->declines > 0 || a->no_answer > 0) {
        --*(a->declines > 0 ? &a->declines : &a->no_answer);
        return;
    }
    agenda_add(&w->agenda, r->at_us + (a->says == NULL ? 2000000 : a->says->answers_us), ACT_ANSWER, agent, r->call);
}

void world_invited(struct world *w, uint32_t agent, uint64_t claim, uint32_t arrival, uint64_t now_us)
{
    struct agent *a = &w->agents[agent];
    uint64_t at_us = now_us + (a->says == NULL ? 2000000 : a->says->answers_us);
    if (a->asked == claim) {
        return; /* said again */
    }
    w->now_us = now_us;
    if (arrival != NO_ARRIVAL) {
        trace_happened(w->trace, now_us, arrival, "offered", "agent", w->plan->agents[agent].name, NULL);
    }
    a->asked = a->invitation = claim;
    if (a->declines > 0) {
        a->declines--;
        agenda_add(&w->agenda, at_us, ACT_DECLINE, agent, claim);
    } else if (a->no_answer > 0) {
        a->no_answer--;
    } else {
        agenda_add(&w->agenda, at_us, ACT_ACCEPT, agent, claim);
    }
}

void world_withdrawn(struct world *w, uint32_t agent, uint64_t claim)
{
    if (w->agents[agent].invitation == claim) {
        w->agents[agent].invitation = 0;
    }
}

static void lost_call(struct world *w, uint32_t agent, uint64_t call, bool talked)
{
    struct agent *a = &w->agents[agent];
    if (a->call != call) {
        return;
    }
    a->call = 0;
    if (talked) {
        wrap_up(w, agent);
    }
    if (a->wraps_up) {
        a->wraps_up = false;
        a->turn++;
        agenda_add(&w->agenda, w->now_us + w->options.after_call_work_us, ACT_READY, agent, a->turn);
    }
}

/* Somebody else made the agent not ready: after a while they want to work again. */
static void agent_changed(struct world *w, const struct switch_report *r)
{
    uint32_t agent = plan_agent_named(w->plan, r->agent);
    if (agent == NO_AGENT || r->state != agent_state_not_ready || !w->agents[agent].wants_ready) {
        return;
    }
    w->agents[agent].turn++;
    agenda_add(&w->agenda, r->at_us + w->options.ready_again_us, ACT_READY, agent, w->agents[agent].turn);
}

static void call_gone(struct world *w, uint64_t call)
{
    uint32_t arrival = world_arrival_of(w, call);
    struct arrival *a = arrival == NO_ARRIVAL ? NULL : &w->arrivals[arrival];
    if (a == NULL || a->gone) {
        return;
    }
    a->gone = true;
    w->living--;
    if (a->alone) {
        switch_hang_up(w->sw, a->main, w->now_us);
    } else if (a->consults != 0 && switch_call(w->sw, a->main) != NULL) { /* nobody was reached: the agent goes back */
        agenda_add(&w->agenda, w->now_us, ACT_RELEASE, a->consults - 1, a->main);
    }
}

/* The consultation is the main call now: whoever had to do with the one has to do with the other. */
static void transferred(struct world *w, const struct switch_report *r)
{
    uint32_t consult = world_arrival_of(w, r->other);
    for (uint32_t i = 0; i < w->plan->agent_count; i++) {
        w->agents[i].call = w->agents[i].call == r->other ? r->call : w->agents[i].call;
    }
    for (size_t i = 0; i < w->agenda.count; i++) {
        struct agenda_entry *entry = &w->agenda.entries[i];
        bool of_call = entry->kind == ACT_ANSWER || entry->kind == ACT_RELEASE || entry->kind == ACT_TAKE ||
                       entry->kind == ACT_LEAVE;
        entry->what = of_call && entry->what == r->other ? r->call : entry->what;
    }
    if (consult == NO_ARRIVAL) {
        return;
    }
    w->arrivals[consult].main = 0;
    w->arrivals[consult].consults = 0;
    if (world_arrival_of(w, r->call) == NO_ARRIVAL) { /* it goes on as what the test called it */
        w->arrivals[consult].alone = false;
        remember_call(w, consult, r->call);
    }
}

void world_hear(struct world *w, const struct switch_report *r)
{
    w->now_us = r->at_us;
    uint32_t agent = plan_agent_at(w->plan, r->dn);
    switch (r->kind) {
    case SWITCH_DELIVERED:
        if (agent != NO_AGENT) {
            offered(w, agent, r);
        }
        break;
    case SWITCH_ESTABLISHED:
        if (agent != NO_AGENT) {
            const struct scenario_agent *says = w->agents[agent].says;
            w->agents[agent].call = r->call;
            agenda_add(&w->agenda, r->at_us + (says == NULL ? 180000000 : says->handles_us), ACT_RELEASE, agent,
                       r->call);
        }
        break;
    case SWITCH_QUEUED:
        agenda_add(&w->agenda, r->at_us + w->options.queue_us, ACT_TAKE, 0, r->call);
        break;
    case SWITCH_DIVERTED:
        if (agent != NO_AGENT) {
            lost_call(w, agent, r->call, false);
        }
        break;
    case SWITCH_CLEARED:
        if (agent != NO_AGENT) {
            lost_call(w, agent, r->call, r->cause != cause_abandoned);
        }
        break;
    case SWITCH_TRANSFERRED:
        transferred(w, r);
        break;
    case SWITCH_CALL_CLEARED:
        call_gone(w, r->call);
        break;
    case SWITCH_AGENT:
        agent_changed(w, r);
        break;
    default:
        break;
    }
}
