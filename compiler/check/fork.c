/* compiler/check/fork.c - race and parallel: steps that begin together, each a function with copies of the variables
 * that it uses.
 *
 * A child is a body of its own, as a busy block is: it cannot change variables around it, and a jump out of the
 * child ends it. All children share one numbering of exits, so that the number of an exit tells the parent where to
 * continue (lower/fork.c).
 *
 * After a race only one child has succeeded, so the facts hold that are true after every arm. After a parallel all
 * children have succeeded, so the facts hold that are true after any of them. */
#include "compiler/check/checker.h"
#include "compiler/language/step_ids.h"

#include <assert.h>

enum { CHILDREN_MAX = 8 }; /* vm/image.h: IMAGE_CHILDREN_MAX */

static struct node *rhs_of(struct node *child)
{
    struct node *side = node_right_side(child);
    return side ? side : child;
}

static struct node *fork_child_head(struct node *child)
{
    struct node *value = rhs_of(child);
    return value->kind == NODE_STEP ? value->step.head : value;
}

bool check_is_child(const struct checker *c, const struct node *head)
{
    return c->body->child && fork_child_head(c->body->child) == head;
}

static const char *fork_words(const struct checker *c)
{
    return c->body->child->kind == NODE_LET || c->body->child->kind == NODE_ATTACH || c->body->child->kind == NODE_DO
               ? "parallel"
               : "race";
}

void check_child_step(struct checker *c, const struct node *head, const struct step_use *use)
{
    const char *missing = NULL;
    struct body *child = c->body;
    c->body = child->outer; /* a child is checked with the media of the body around it */
    bool medium = !use->row || check_medium(c, media_set(use->row->media), &missing);
    c->body = child;
    if (!use->row || !use->row->cancellable) {
        struct diag *diag =
            report(c, NOT_A_CHILD, head->span, use->row ? use->row->name : "a subroutine", fork_words(c));
        diag_hint(diag, "what stands there must be a step that can be cut off");
    } else if (!medium) {
        report(c, STEP_MEDIUM, head->span, use->row->name, missing);
    }
}

static void check_waits(struct checker *c, struct node *child)
{
    struct node *head = fork_child_head(child);
    bool unknown = head->type && type_is_poison(head->type); /* the unknown name was reported */
    if (!unknown && !check_is_step(c, head)) report(c, NOT_A_CHILD, head->span, "what does not wait", fork_words(c));
}

/* Lists the steps that only one child may have: there is one caller to talk to, and one place in a queue. */
static void check_clash(struct checker *c, const struct node *fork, const struct step_use *use)
{
    uint32_t treatments = 0, selects = 0;
    for (uint32_t i = 0; i < use->child_count; i++) {
        const struct node *head = fork_child_head(use->children[i].body->child);
        const struct step_row *row = head_row(c, head);
        if (!row) continue;
        bool select = row->id == STEP_ID_select;
        const struct step_use *own = select || row->id == STEP_ID_wait_for ? head->meaning : NULL;
        selects += select;
        treatments += row->media == MEDIA_VOICE || row->media == MEDIA_CALLS || (own && own->busy && own->busy->plays);
    }
    if (selects > 1) report(c, CHILDREN_CLASH, fork->span, "wait in a virtual queue");
    if (treatments > 1)
        diag_hint(report(c, CHILDREN_CLASH, fork->span, "play to the caller"),
                  "a select plays too, by its busy block or the site's: write busy {} where it is not to");
}

static struct body *child_body(struct checker *c, struct node *child, struct step_use *use, uint32_t arms)
{
    struct body *outer = c->body;
    const char *owner = outer->strategy ? outer->strategy->name : outer->name;
    struct body *body =
        check_body_new(c, BODY_BUSY, arena_printf(c->arena, "%s.child.%u", owner, ++c->busy_count), child);
    body->outer = outer;
    body->child = child;
    body->strategy = outer->strategy;
    body->media = media_set_but(outer->media, c->state.not_media);
    body->waits = true;
    body->first_child = use->child_count ? use->children[0].body : body;
    body->exits_before = arms;
    use->children[use->child_count++].body = body;
    c->body = body;
    return body;
}

static void check_count(struct checker *c, const struct node *fork, size_t count)
{
    if (count < 1 || count > CHILDREN_MAX)
        report(c, CHILDREN_COUNT, fork->span, node_words(fork->kind), (int)count, CHILDREN_MAX);
}

/* Checks a race: each path begins where the race waits, goes through a step that succeeds, and then through the
 * arm's action. */
static void check_race(struct checker *c, struct node *race, struct step_use *use)
{
    assert(race->kind == NODE_RACE);
    struct body *outer = c->body;
    struct state waiting = c->state, after = state_nowhere();
    uint32_t arms = (uint32_t)race->race.arms.count;
    EACH_NODE (arm, race->race.arms) {
        c->state = waiting;
        c->state.how = "this is first";
        struct body *body = child_body(c, arm->race_arm.step, use, arms);
        struct child_use *child = &use->children[use->child_count - 1];
        const struct type *type = check_rhs(c, arm->race_arm.step, NULL, arm->race_arm.name.text != NULL);
        check_waits(c, arm->race_arm.step);
        body->result = arm->race_arm.name.text ? type : NULL;
        check_body_done(c, body);
        c->body = outer;
        scope_enter(c->scope);
        if (arm->race_arm.name.text) {
            child->symbol = check_declare_local(c, arm->race_arm.name, type);
            check_set(c, child->symbol, arm->race_arm.step);
            state_set_local(&c->state, child->symbol);
        }
        check_statement(c, arm->race_arm.action);
        scope_leave(c->scope);
        after = state_join(c, &after, &c->state, arm->span);
    }
    c->state = after;
}

/* Returns the facts of the earlier state, at the present flow point. */
static struct state going_on(const struct state *known, const struct state *place)
{
    struct state state = *known;
    state.at = place->at;
    state.how = place->how;
    state.because = place->because;
    state.failure = place->failure;
    return state;
}

/* Checks a parallel: in the flow graph its children follow one another, but no child sees what another one sets. */
static void check_parallel(struct checker *c, struct node *parallel, struct step_use *use)
{
    assert(parallel->kind == NODE_PARALLEL);
    struct body *outer = c->body;
    struct state waiting = c->state;
    const struct type *types[CHILDREN_MAX] = {NULL};
    uint64_t keys = waiting.keys;
    uint32_t count = 0;
    EACH_NODE (node, parallel->parallel.children) {
        if (count == CHILDREN_MAX) break;
        c->state = going_on(&waiting, &c->state);
        struct body *body = child_body(c, node, use, 0);
        if (node->kind == NODE_LET)
            types[count] = check_let_value(c, node);
        else
            check_statement(c, node);
        check_waits(c, node);
        body->result = node->kind != NODE_LET ? NULL : node->let.type ? node->let.type->type : types[count];
        check_body_done(c, body);
        c->body = outer;
        keys |= c->state.keys;
        count++;
    }
    if (state_is_live(&c->state)) {
        waiting.keys = keys;
        c->state = going_on(&waiting, &c->state);
    }
    count = 0;
    EACH_NODE (node, parallel->parallel.children) {
        if (count == CHILDREN_MAX) break;
        if (node->kind == NODE_LET) use->children[count].symbol = check_let_name(c, node, types[count]);
        count++;
    }
}

void check_children(struct checker *c, struct node *head, struct step_use *use)
{
    bool race = head->kind == NODE_RACE;
    size_t count = race ? head->race.arms.count : head->parallel.children.count;
    struct loop *loop = c->loop;
    check_count(c, head, count);
    use->children = ARENA_ARRAY(c->arena, struct child_use, count + 1);
    if (c->body->kind == BODY_BUSY) return; /* reported before: a busy block may have no race or parallel */
    if (race)
        check_race(c, head, use);
    else
        check_parallel(c, head, use);
    c->loop = loop;
    check_clash(c, head, use);
}
