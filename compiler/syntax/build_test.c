/* compiler/syntax/build_test.c - Making the tree of tests. */
#include "compiler/syntax/build.h"

#include <string.h>

struct node *build_test_start(struct parse *parse, struct span span, struct node *instant)
{
    struct node *node = build_node(parse, span, NODE_TEST_START);
    node->test_start.instant = instant;
    return build_finish(parse, node);
}

struct node *build_test_set(struct parse *parse, struct span span, struct word kind, struct word name,
                            struct nodes arguments, struct nodes words)
{
    struct node *node = build_node(parse, span, NODE_TEST_SET);
    node->test_set.kind = build_kind(kind);
    node->test_set.name = name;
    node->test_set.arguments = arguments;
    node->test_set.words = words;
    return build_finish(parse, node);
}

struct node *build_test_answer(struct parse *parse, struct span span, struct node *call, struct nodes outcomes)
{
    struct node *node = build_node(parse, span, NODE_TEST_ANSWER);
    node->test_answer.call = call;
    node->test_answer.outcomes = outcomes;
    return build_finish(parse, node);
}

struct node *build_test_query(struct parse *parse, struct span span, struct word source, struct nodes arguments)
{
    struct node *node = build_node(parse, span, NODE_TEST_QUERY);
    node->test_query.source = source;
    node->test_query.arguments = arguments;
    return build_finish(parse, node);
}

struct node *build_outcome(struct parse *parse, struct span span, struct node *value, struct word fail)
{
    struct node *node = build_node(parse, span, NODE_TEST_OUTCOME);
    node->test_outcome.value = value;
    node->test_outcome.fail = fail;
    return build_finish(parse, node);
}

/* `at later;` reads as something that happens, until it is seen that it is the beginning. */
static bool is_start(struct word as, struct word verb, struct nodes parts, bool own)
{
    return !as.text && !own && !strcmp(verb.text, "at") && parts.count == 1 && parts.first->kind == NODE_NAME;
}

struct node *build_happening(struct parse *parse, struct span span, struct word as, struct word verb,
                             struct nodes parts, struct nodes items, bool own)
{
    if (is_start(as, verb, parts, own)) return build_test_start(parse, span, parts.first);
    struct node *node = build_node(parse, span, NODE_TEST_HAPPENING);
    node->test_happening.as = as;
    node->test_happening.verb = verb;
    node->test_happening.parts = parts;
    node->test_happening.items = items;
    node->test_happening.own = own;
    return build_finish(parse, node);
}

struct node *build_test_after(struct parse *parse, struct span span, struct node *delay, struct node *item)
{
    struct node *node = build_node(parse, span, NODE_TEST_AFTER);
    node->test_after.delay = delay;
    node->test_after.item = item;
    return build_finish(parse, node);
}

struct node *build_expect(struct parse *parse, struct span span, struct word of, bool never, struct nodes events,
                          struct nodes limits)
{
    struct node *node = build_node(parse, span, NODE_TEST_EXPECT);
    node->test_expect.of = of;
    node->test_expect.never = never;
    node->test_expect.events = events;
    node->test_expect.limits = limits;
    return build_finish(parse, node);
}

struct node *build_event(struct parse *parse, struct span span, struct word name, struct node *to, struct node *what)
{
    struct node *node = build_node(parse, span, NODE_TEST_EVENT);
    node->test_event.name = name;
    node->test_event.to = to;
    node->test_event.what = what;
    return build_finish(parse, node);
}

struct node *build_limit(struct parse *parse, struct span span, struct word name, struct node *value)
{
    struct node *node = build_node(parse, span, NODE_TEST_LIMIT);
    node->test_limit.name = name;
    node->test_limit.value = value;
    return build_finish(parse, node);
}

struct node *build_test_in(struct parse *parse, struct span span, struct nodes names)
{
    struct node *node = build_node(parse, span, NODE_TEST_IN);
    node->test_in.names = names;
    return build_finish(parse, node);
}

struct node *build_test_with(struct parse *parse, struct span span, struct nodes arguments)
{
    struct node *node = build_node(parse, span, NODE_TEST_WITH);
    node->test_with.arguments = arguments;
    return build_finish(parse, node);
}

struct node *build_outcome_after(struct parse *parse, struct span span, struct node *outcome, struct node *after)
{
    outcome->span = span;
    outcome->test_outcome.after = after;
    return build_finish(parse, outcome);
}

struct node *build_test_call(struct parse *parse, struct span span, struct word family, struct word step,
                             struct nodes arguments)
{
    struct span callee = span_join(family.span, step.span);
    struct node *member = build_member(parse, callee, build_name(parse, family), step, false);
    return build_call(parse, span, member, arguments);
}

struct node *build_source_happening(struct parse *parse, struct span span, struct word verb, struct word source,
                                    struct nodes parts)
{
    struct nodes all = build_one(build_name(parse, source));
    if (parts.first) {
        all.last->next = parts.first;
        all.last = parts.last;
        all.count += parts.count;
    }
    return build_happening(parse, span, build_unnamed(), verb, all, build_none(), false);
}

/* `for each` of a test: its names, then its rows, taken apart again by build_test. */
struct node *build_for_each(struct parse *parse, struct span span, struct nodes names, struct nodes rows)
{
    struct node *node = build_node(parse, span, NODE_TEST);
    node->test.names = names;
    node->test.rows = rows;
    return build_finish(parse, node);
}

struct node *build_test(struct parse *parse, struct span span, struct literal title, struct node *for_each,
                        struct nodes items)
{
    struct node *node = for_each ? for_each : build_node(parse, span, NODE_TEST);
    node->span = span;
    node->test.title = title;
    node->test.items = items;
    return build_finish(parse, node);
}

struct node *build_test_parameter(struct parse *parse, struct span span, struct word name, struct node *value,
                                  struct node *lasts)
{
    struct node *node = build_node(parse, span, NODE_TEST_PARAMETER);
    node->test_parameter.name = name;
    node->test_parameter.value = value;
    node->test_parameter.lasts = lasts;
    return build_finish(parse, node);
}

struct node *build_test_statistic(struct parse *parse, struct span span, struct word name, struct nodes arguments,
                                  struct node *value)
{
    struct node *node = build_node(parse, span, NODE_TEST_STATISTIC);
    node->test_statistic.name = name;
    node->test_statistic.arguments = arguments;
    node->test_statistic.value = value;
    return build_finish(parse, node);
}

struct node *build_test_table(struct parse *parse, struct span span, struct word name, struct nodes rows)
{
    struct node *node = build_node(parse, span, NODE_TEST_TABLE);
    node->test_table.name = name;
    node->test_table.rows = rows;
    return build_finish(parse, node);
}

struct node *build_test_signal(struct parse *parse, struct span span, struct word name, struct nodes arguments)
{
    struct node *node = build_node(parse, span, NODE_TEST_SIGNAL);
    node->test_signal.name = name;
    node->test_signal.arguments = arguments;
    return build_finish(parse, node);
}

struct node *build_test_capacity(struct parse *parse, struct span span, struct word name)
{
    struct node *node = build_node(parse, span, NODE_TEST_CAPACITY);
    node->test_capacity.name = name;
    return build_finish(parse, node);
}
