/* compiler/syntax/build_step.c - Making the tree of what waits or goes elsewhere, of its clauses, and of the newer
 * literals. */
#include "compiler/syntax/build.h"

#include <assert.h>

struct node *build_split(struct parse *parse, struct span span, struct node *by, struct nodes arms)
{
    struct node *node = build_node(parse, span, NODE_SPLIT);
    node->split.by = by;
    node->split.arms = arms;
    return build_finish(parse, node);
}

struct node *build_split_arm(struct parse *parse, struct span span, struct node *share, struct node *where,
                             struct node *action)
{
    struct node *node = build_node(parse, span, NODE_SPLIT_ARM);
    node->split_arm.share = share;
    node->split_arm.where = where;
    node->split_arm.otherwise = !share;
    node->split_arm.action = action;
    return build_finish(parse, node);
}

struct node *build_mandatory(struct parse *parse, struct span span, struct node *body)
{
    struct node *node = build_node(parse, span, NODE_MANDATORY);
    node->mandatory.body = body;
    return build_finish(parse, node);
}

struct node *build_count(struct parse *parse, struct span span, struct node *counter)
{
    struct node *node = build_node(parse, span, NODE_COUNT);
    node->count.counter = counter;
    return build_finish(parse, node);
}

struct node *build_exclude(struct parse *parse, struct span span, struct node *who, struct node *lasts)
{
    struct node *node = build_node(parse, span, NODE_EXCLUDE);
    node->exclude.who = who;
    node->exclude.lasts = lasts;
    return build_finish(parse, node);
}

struct node *build_race(struct parse *parse, struct span span, struct nodes arms)
{
    struct node *node = build_node(parse, span, NODE_RACE);
    node->race.arms = arms;
    return build_finish(parse, node);
}

struct node *build_parallel(struct parse *parse, struct span span, struct nodes children)
{
    struct node *node = build_node(parse, span, NODE_PARALLEL);
    node->parallel.children = children;
    return build_finish(parse, node);
}

struct node *build_race_arm(struct parse *parse, struct span span, struct word name, struct node *step,
                            struct node *action)
{
    struct node *node = build_node(parse, span, NODE_RACE_ARM);
    node->race_arm.name = name;
    node->race_arm.step = step;
    node->race_arm.action = action;
    return build_finish(parse, node);
}

struct node *build_switch(struct parse *parse, struct span span, struct node *strategy)
{
    struct node *node = build_node(parse, span, NODE_SWITCH);
    node->switching.strategy = strategy;
    return build_finish(parse, node);
}

struct node *build_wait(struct parse *parse, struct span span, struct word signal)
{
    struct node *node = build_node(parse, span, NODE_WAIT);
    node->wait.signal = signal;
    return build_finish(parse, node);
}

struct node *build_reject(struct parse *parse, struct span span, struct node *code)
{
    struct node *node = build_node(parse, span, NODE_REJECT);
    node->reject.code = code;
    return build_finish(parse, node);
}

struct node *build_then(struct parse *parse, struct span span, struct node *strategy, struct node *where)
{
    struct node *node = build_node(parse, span, NODE_CLAUSE);
    node->clause.which = CLAUSE_THEN;
    node->clause.value = strategy;
    node->clause.where = where;
    return build_finish(parse, node);
}

struct node *build_match(struct parse *parse, struct span span, struct literal text)
{
    struct node *node = build_node(parse, span, NODE_MATCH);
    node->match.text = text;
    return build_finish(parse, node);
}

struct node *build_within(struct parse *parse, struct span span, struct node *what)
{
    struct node *node = build_node(parse, span, NODE_WITHIN);
    node->within.what = what;
    return build_finish(parse, node);
}

struct node *build_float(struct parse *parse, struct span span, double value)
{
    struct node *node = build_node(parse, span, NODE_FLOAT);
    node->real.value = value;
    return build_finish(parse, node);
}

/* In a pattern, where there are no operators: the number itself is negative. */
struct node *build_negative(struct parse *parse, struct span span, struct node *number)
{
    (void)parse;
    number->span = span;
    switch (number->kind) {
    case NODE_INTEGER:
        number->integer.value = -number->integer.value;
        break;
    case NODE_FLOAT:
        number->real.value = -number->real.value;
        break;
    case NODE_PERCENT:
        number->percent.hundredths = -number->percent.hundredths;
        break;
    default:
        assert(number->kind == NODE_DURATION);
        number->duration.us = -number->duration.us;
        break;
    }
    return number;
}

struct node *build_date(struct parse *parse, struct span span, int64_t us)
{
    struct node *node = build_node(parse, span, NODE_DATE);
    node->date.days = us / (86400 * INT64_C(1000000));
    return build_finish(parse, node);
}

struct node *build_clock(struct parse *parse, struct span span, int64_t us)
{
    struct node *node = build_node(parse, span, NODE_CLOCK);
    node->clock.us = us;
    return build_finish(parse, node);
}

struct node *build_of(struct parse *parse, struct span span, struct node *what, struct node *whose)
{
    struct node *node = build_node(parse, span, NODE_OF);
    node->of.what = what;
    node->of.whose = whose;
    return build_finish(parse, node);
}
