/* compiler/check/summary.c - The summary of a function or subroutine for its callers: whether it returns, how it
 * fails, whether it waits on every path, which keys are attached when it returns. Callees are checked before
 * callers.
 *
 *     subroutine account(): str {
 *         let digits = ivr.digits(prompt account_number);    it waits, and fails as ivr.digits does: nothing catches it
 *         return digits;                                     it returns, and never at once
 *     }
 *
 * A part of the summary is collected while the body is checked (summary_fails_..., summary_waits, summary_tells),
 * the rest is read from the flow graph when that is complete (summary_end). summary_call() then does for a call what
 * the statements of the callee would do: it puts a wait into the caller's graph where every path of the callee
 * waits, marks the keys that are attached on every path, and ends the path where the callee always fails. */
#include "compiler/check/checker.h"

#include <string.h>

#include "compiler/base/fault_text.h"
#include "base/near.h"

enum { TEXTS_MAX = 64 };

/* Returns the body whose summary is being made: for a busy block or a child, the outermost body around it. */
static struct body *summary_summed(const struct checker *c)
{
    struct body *body = c->body;
    while (body && body->outer) body = body->outer;
    return body && (body->kind == BODY_FUNCTION || body->kind == BODY_SUBROUTINE) ? body : NULL;
}

static void add_reason(struct checker *c, struct summary *summary, const char *word)
{
    const struct enumeration *codes = c->code_type->enumeration;
    for (uint32_t i = 0; i < codes->count; i++)
        if (!strcmp(codes->words[i], word)) reason_set_add(&summary->reasons, codes->numbers[i]);
}

void summary_fails_by_step(struct checker *c, const struct step_row *row)
{
    struct body *body = summary_summed(c);
    if (!body || !row) return;
    const struct type *reason = check_step_error(c, row, false)->of;
    const struct enumeration *exits = (reason ? reason : c->code_type)->enumeration;
    for (uint32_t i = 0; i < exits->count; i++) add_reason(c, &body->summary, exits->words[i]);
}

static void add_text(struct checker *c, struct summary *summary, const char *text)
{
    const char **texts = (const char **)summary->texts;
    for (uint32_t i = 0; i < summary->text_count; i++)
        if (!strcmp(texts[i], text)) return;
    if (summary->text_count == TEXTS_MAX) {
        summary->texts_open = true;
        return;
    }
    if (!texts) summary->texts = texts = ARENA_ARRAY(c->arena, const char *, TEXTS_MAX);
    texts[summary->text_count++] = text;
}

void summary_fails_by_text(struct checker *c, const struct node *text)
{
    struct body *body = summary_summed(c);
    if (!body || !state_is_live(&c->state)) return;
    add_reason(c, &body->summary, "failed");
    if (text->kind == NODE_STRING)
        add_text(c, &body->summary, text->string.text.bytes);
    else
        body->summary.texts_open = true;
}

void summary_fails_by_call(struct checker *c, const struct body *callee)
{
    struct body *body = summary_summed(c);
    if (!body) return;
    reason_set_join(&body->summary.reasons, &callee->summary.reasons);
    for (uint32_t i = 0; i < callee->summary.text_count; i++) add_text(c, &body->summary, callee->summary.texts[i]);
    if (callee->summary.texts_open) body->summary.texts_open = true;
}

void summary_waits(struct checker *c, struct source_span where, const struct body *callee)
{
    struct body *body = summary_summed(c);
    if (!body || body->summary.looped.end) return;
    if (c->loop && (!callee || !callee->summary.returns_at_once))
        body->summary.looped = where;
    else if (callee)
        body->summary.looped = callee->summary.looped;
}

void summary_tells(struct checker *c, uint32_t tells, uint32_t stores)
{
    struct body *body = summary_summed(c);
    if (!body) return;
    body->summary.tells |= tells;
    body->summary.stores |= stores;
}

void summary_begin(struct checker *c, struct body *body)
{
    (void)c;
    body->summary = (struct summary){.keys = UINT64_MAX};
}

void summary_returned(struct checker *c, uint32_t parameters, const char *secret)
{
    struct body *body = summary_summed(c);
    if (!body) return;
    body->summary.returned |= parameters;
    if (!body->summary.secret) body->summary.secret = secret;
}

void summary_returns(struct checker *c, struct node *value)
{
    struct body *body = summary_summed(c);
    if (body && value) check_returned(c, value);
    if (body && state_is_live(&c->state)) body->summary.keys &= c->state.keys;
}

/* Completes a summary; a body that never returns has attached nothing for its caller. Of several failures the one
 * with the shortest path is reported. */
void summary_end(struct checker *c, struct body *body)
{
    enum { BACK = 1 << FLOW_RETURNS | 1 << FLOW_BODY_END, FAILURE = 1 << FLOW_FAILED | 1 << FLOW_FAILS };
    struct summary *summary = &body->summary;
    uint32_t from;
    if (body->kind != BODY_FUNCTION && body->kind != BODY_SUBROUTINE) return;
    if (state_is_live(&c->state)) summary->keys &= c->state.keys;
    summary->returns = flow_nearest(c->flow, BACK, false, &from) != FLOW_NONE;
    summary->returns_at_once = flow_nearest(c->flow, BACK, true, &from) != FLOW_NONE;
    summary->fails_at_once = flow_nearest(c->flow, FAILURE, true, &from) != FLOW_NONE;
    uint32_t point = flow_nearest(c->flow, FAILURE, false, &from);
    summary->fails = point != FLOW_NONE;
    summary->keys &= c->site_key_count < KEYS_MAX ? (UINT64_C(1) << c->site_key_count) - 1 : UINT64_MAX;
    if (!summary->returns) summary->keys = 0;
    if (!summary->fails) return;
    bool wanted = flow_point_at(c->flow, point).kind == FLOW_FAILS;
    struct flow_step *failure = ARENA_NEW(c->arena, struct flow_step);
    *failure = (struct flow_step){.where = flow_point_at(c->flow, wanted ? point : from).where,
                                  .how = wanted ? "it fails here" : "this may fail"};
    summary->failure = failure;
}

/* Adds a wait to the caller's path where all paths of the callee wait. */
static void passes_wait(struct checker *c, struct state *state, struct source_span where, bool at_once)
{
    if (at_once || !state_is_live(state)) return;
    struct state here = c->state, was = *state;
    c->state = was;
    c->state.how = NULL; /* the reason is shown once, with the edge that leads on */
    c->state.because = NULL;
    state_advance(c, was.failure ? FLOW_FAILING : FLOW_WAIT, where);
    c->state.how = was.how;
    c->state.because = was.because;
    c->state.failure = was.failure;
    *state = c->state;
    c->state = here;
}

void summary_call(struct checker *c, const struct symbol *callee, struct source_span where, struct state *failed)
{
    const struct summary *summary = &callee->body->summary;
    if (!state_is_live(&c->state)) return;
    failed->because = summary->failure;
    if (!summary->returns && summary->fails) {
        failed->how = "it fails, always";
        failed->failure = false;
    }
    bool wait = callee->kind == SYMBOL_SUBROUTINE;
    if (wait) passes_wait(c, failed, where, summary->fails_at_once);
    if (!summary->returns && summary->fails) {
        if (!wait) {
            uint32_t end = flow_point(c->flow, FLOW_FAILS, where);
            flow_edge(c->flow, c->state.at, end, NULL, false);
        }
        state_stop(c);
        c->dead_by = callee;
        return;
    }
    struct state good = c->state;
    if (wait && summary->returns) passes_wait(c, &good, where, summary->returns_at_once);
    c->state = good;
    c->state.keys |= summary->keys;
}

const struct type *summary_error(struct checker *c, struct body *callee)
{
    const struct enumeration *all = c->code_type->enumeration;
    struct summary *summary = &callee->summary;
    if (!callee->done) return checker_base(c, LANG_ERROR);
    if (summary->error) return summary->error;
    struct enumeration *exits = ARENA_NEW(c->arena, struct enumeration);
    *exits = (struct enumeration){.name = arena_printf(c->arena, "a reason of %s", callee->name),
                                  .exits = true,
                                  .words = ARENA_ARRAY(c->arena, const char *, all->count + 1),
                                  .numbers = ARENA_ARRAY(c->arena, uint32_t, all->count + 1)};
    for (uint32_t i = 0; i < all->count; i++) {
        if (!reason_set_has(&summary->reasons, all->numbers[i]) && strcmp(all->words[i], "fault") != 0) continue;
        ((const char **)exits->words)[exits->count] = all->words[i];
        ((uint32_t *)exits->numbers)[exits->count++] = all->numbers[i];
    }
    return summary->error = types_error(c->types, types_enum(c->types, exits));
}

static const struct body *failed_with(const struct checker *c, const struct type *error)
{
    for (const struct body *body = c->checked->bodies; body; body = body->next)
        if (body->summary.error == error) return body;
    return NULL;
}

void summary_check_code(struct checker *c, const struct node *subject, const struct node *text)
{
    const struct member *member = subject->kind == NODE_MEMBER ? subject->meaning : NULL;
    if (text->kind != NODE_STRING || !member || strcmp(subject->member.name.text, "code") != 0) return;
    const struct type *error = subject->member.object->type;
    const struct body *callee = error && error->kind == LANG_ERROR ? failed_with(c, error) : NULL;
    const char *wanted = text->string.text.bytes, *near = NULL;
    if (!callee || callee->summary.texts_open || fault_text_is_one(wanted)) return;
    uint32_t least = UINT32_MAX;
    for (uint32_t i = 0; i < callee->summary.text_count; i++) {
        const char *there = callee->summary.texts[i];
        if (!strcmp(there, wanted)) return;
        if (near_is_nearer(wanted, there, &least)) near = there;
    }
    struct diag *diag = report(c, FAIL_TEXT_UNKNOWN, text->span, callee->name, wanted);
    if (near) diag_did_you_mean(diag, near, (struct source_span){0, 0});
}
