/* compiler/check/paths.c - The state along each path, and the mistakes that the flow graph of a body shows.
 *
 * The checker walks through a body once, in the order of the text, and carries one struct state along:
 *
 *     if ani != "" {
 *         attach account = ani;     at this point `account` is attached;
 *     }                             here the two ways meet, and it is not: only what holds on both holds behind
 *
 * A fact is a bit, and where two paths meet it must hold on both; `waited` and `chosen_in` hold where one of the
 * paths has them. A state after an end has no point (FLOW_NONE) and all facts, so that joining it with another state
 * changes nothing. The state of a live path belongs to a point of the flow graph, and state_advance() adds the next
 * point with the edge to it.
 *
 *     check_flow_begin(), the statements of the body, check_flow_end()
 *
 * check_flow_end() checks (a), (b) and (c) of flow.h on the graph of the whole body and frees the graph. */
#include "compiler/check/checker.h"

#include <assert.h>
#include <string.h>

struct state state_nowhere(void)
{
    struct state state;
    /* no path comes here, so every fact holds: a join with this state keeps the facts of the other state */
    memset(&state, 0xff, sizeof state);
    state.at = FLOW_NONE;
    state.how = NULL;
    state.because = NULL;
    /* a join keeps these two facts if either state has them, so here they are unset */
    state.failure = state.waited = false;
    state.chosen_in = NULL;
    state.ended = true;
    return state;
}

bool state_is_live(const struct state *state)
{
    return state->at != FLOW_NONE;
}

void state_stop(struct checker *c)
{
    c->state.at = FLOW_NONE; /* dead code after this place is checked with the facts known here */
    c->state.how = NULL;
    c->state.because = NULL;
    c->state.failure = false;
    c->state.ended = true;
}

void state_enter_dead(struct checker *c)
{
    c->state.ended = false;
}

static void connect_state(struct checker *c, const struct state *from, uint32_t to)
{
    assert(c->flow && to != FLOW_NONE);
    flow_edge_because(c->flow, from->at, to, from->how, from->because, from->failure);
}

uint32_t state_advance(struct checker *c, enum flow_kind kind, struct source_span where)
{
    if (!state_is_live(&c->state)) return FLOW_NONE;
    uint32_t point = flow_point(c->flow, kind, where);
    connect_state(c, &c->state, point);
    c->state.at = point;
    c->state.how = NULL;
    c->state.because = NULL;
    c->state.failure = false;
    c->dead_by = NULL;
    return point;
}

struct state state_meet(const struct state *a, const struct state *b)
{
    struct state both = *a;
    both.keys &= b->keys;
    both.known_keys &= b->known_keys;
    both.not_media = media_set_and(both.not_media, b->not_media);
    both.waited |= b->waited;
    if (!both.chosen_in) both.chosen_in = b->chosen_in;
    for (int i = 0; i < LOCALS_MAX / 64; i++) {
        both.locals[i] &= b->locals[i];
        both.known_locals[i] &= b->known_locals[i];
    }
    return both;
}

struct state state_join(struct checker *c, const struct state *a, const struct state *b, struct source_span where)
{
    if (!state_is_live(a) && !state_is_live(b)) { /* two dead paths are joined as if they were live */
        if (a->ended != b->ended) return a->ended ? *b : *a;
        return state_meet(a, b);
    }
    if (!state_is_live(b)) return *a;
    if (!state_is_live(a)) return *b;
    uint32_t point = flow_point(c->flow, FLOW_PLAIN, where);
    connect_state(c, a, point);
    connect_state(c, b, point);
    struct state both = state_meet(a, b);
    both.at = point;
    both.how = NULL;
    both.because = NULL;
    both.failure = false;
    return both;
}

static bool paths_bit(const uint64_t *bits, uint32_t i)
{
    assert(i < LOCALS_MAX);
    return (bits[i / 64] >> (i % 64) & 1) != 0;
}

void state_set_local(struct state *state, const struct symbol *symbol)
{
    assert(symbol->kind == SYMBOL_LOCAL && symbol->index < LOCALS_MAX);
    state->locals[symbol->index / 64] |= UINT64_C(1) << (symbol->index % 64);
}

void state_know(struct state *state, const struct symbol *symbol, bool known)
{
    assert(symbol->index < (symbol->kind == SYMBOL_KEY ? KEYS_MAX : LOCALS_MAX));
    uint64_t *bits = symbol->kind == SYMBOL_KEY ? &state->known_keys : &state->known_locals[symbol->index / 64];
    uint64_t mask = UINT64_C(1) << (symbol->index % 64);
    *bits = known ? *bits | mask : *bits & ~mask;
}

void state_learn(struct state *state, struct symbol *symbol, struct source_span where)
{
    state_know(state, symbol, true);
    symbol->known_at = where;
    symbol->known_times++;
}

bool state_has(const struct state *state, const struct symbol *symbol)
{
    return symbol->kind == SYMBOL_KEY ? paths_bit(&state->keys, symbol->index)
                                      : paths_bit(state->locals, symbol->index);
}

bool state_knows(const struct state *state, const struct symbol *symbol)
{
    return symbol->kind == SYMBOL_KEY ? paths_bit(&state->known_keys, symbol->index)
                                      : paths_bit(state->known_locals, symbol->index);
}

void check_flow_begin(struct checker *c, struct body *body)
{
    assert(!c->flow && body->node); /* one body is checked at a time */
    c->flow = flow_new();
    c->failed = FLOW_NONE;
    memset(&c->state, 0, sizeof c->state);
    c->state.at = flow_point(c->flow, FLOW_PLAIN, body->node->span);
    c->loop = NULL;
    c->jumps = NULL;
    c->dead_said = false;
    if (!body->outer) c->goto_nowhere = false;
    c->dead_by = NULL;
    secrets_begin(c);
    summary_begin(c, body);
}

enum { PATH_SHOWN = 8 };

/* Reports the path to the end of the body, (a) of flow.h, with a note for each branch on it, as the author has
 * probably overlooked one. */
static void report_path_end(struct checker *c, struct body *body, uint32_t point, struct source_span end)
{
    struct flow_step steps[PATH_SHOWN];
    int count = flow_path_to(c->flow, point, steps, PATH_SHOWN);
    if (count < 0) return;
    struct diag *diag;
    if (body->kind == BODY_STRATEGY) {
        diag = report(c, END_REACHED, end, body->name);
        diag_hint(diag, "end every way with route or stop");
    } else {
        diag = report(c, RETURN_MISSING, end, body->name, body->result->text);
        diag_hint(diag, "return a value on every way");
    }
    for (int i = 0; i < count && i < PATH_SHOWN; i++)
        for (const struct flow_step *step = &steps[i]; step; step = step->because)
            diag_note(diag, step->where, "%s", step->how);
}

/* (c) */
static void report_spinning(uint32_t loop, void *context)
{
    struct checker *c = context;
    struct source_span where = flow_point_at(c->flow, loop).where;
    for (const struct endless *endless = c->endless; endless; endless = endless->next)
        if (endless->begin == where.begin) return;
    report(c, LOOP_WITHOUT_WAIT, where);
}

void check_flow_end(struct checker *c, struct body *body, struct source_span end)
{
    assert(c->flow);
    bool ends_itself =
        body->kind == BODY_STRATEGY || (body->result && body->result->kind != LANG_VOID && body->kind != BODY_HANDLER);
    uint32_t point = state_advance(c, FLOW_BODY_END, end);
    if (point != FLOW_NONE && ends_itself) report_path_end(c, body, point, end);
    summary_end(c, body);
    uint32_t stuck = flow_stuck(c->flow);
    if (stuck != FLOW_NONE) {
        struct diag *diag = report(c, STUCK, flow_point_at(c->flow, stuck).where);
        diag_hint(diag, "let it come to an end: break, goto, return, route or stop");
    }
    flow_spins(c->flow, report_spinning, c);
    flow_free(c->flow);
    c->flow = NULL;
}
