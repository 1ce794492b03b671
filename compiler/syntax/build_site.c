/* compiler/syntax/build_site.c - Making the tree of the site's declarations, and of those that stand beside it. */
#include "compiler/syntax/build.h"

struct node *build_enum(struct parse *parse, struct span span, struct word name, struct nodes words)
{
    struct node *node = build_node(parse, span, NODE_ENUM);
    node->enumeration.name = name;
    node->enumeration.words = words;
    return build_finish(parse, node);
}

struct node *build_native(struct parse *parse, struct span span, struct word name, struct nodes params,
                          struct node *result, struct word library)
{
    struct node *node = build_node(parse, span, NODE_NATIVE);
    node->native.name = name;
    node->native.params = params;
    node->native.result = result;
    node->native.library = library;
    return build_finish(parse, node);
}

struct node *build_site_virtual(struct parse *parse, struct span span, struct word kind, struct word name,
                                struct node *value)
{
    struct node *node = build_node(parse, span, NODE_SITE_VIRTUAL);
    node->site_virtual.kind = build_kind(kind);
    node->site_virtual.name = name;
    node->site_virtual.value = value;
    return build_finish(parse, node);
}

struct node *build_endpoint(struct parse *parse, struct span span, struct word name, struct nodes params,
                            struct node *result, struct word method, struct node *url, struct node *timeout)
{
    struct node *node = build_node(parse, span, NODE_SITE_ENDPOINT);
    node->endpoint.name = name;
    node->endpoint.params = params;
    node->endpoint.result = result;
    node->endpoint.method = method;
    node->endpoint.url = url;
    node->endpoint.timeout = timeout;
    return build_finish(parse, node);
}

struct node *build_parameter(struct parse *parse, struct span span, struct word name, struct node *type,
                             struct node *value, struct node *within, struct word edit)
{
    struct node *node = build_node(parse, span, NODE_SITE_PARAMETER);
    node->parameter.name = name;
    node->parameter.type = type;
    node->parameter.value = value;
    node->parameter.within = within;
    node->parameter.edit = edit;
    return build_finish(parse, node);
}

struct node *build_table(struct parse *parse, struct span span, struct word name, struct word from, struct word edit,
                         struct nodes columns)
{
    struct node *node = build_node(parse, span, NODE_SITE_TABLE);
    node->table.name = name;
    node->table.from = from;
    node->table.edit = edit;
    node->table.columns = columns;
    return build_finish(parse, node);
}

struct node *build_column(struct parse *parse, struct span span, struct word name, struct node *type, bool key,
                          bool prefix)
{
    struct node *node = build_node(parse, span, NODE_COLUMN);
    node->column.name = name;
    node->column.type = type;
    node->column.key = key;
    node->column.prefix = prefix;
    return build_finish(parse, node);
}

struct node *build_schedule(struct parse *parse, struct span span, struct word name, struct word zone, struct word edit,
                            struct nodes lines)
{
    struct node *node = build_node(parse, span, NODE_SITE_SCHEDULE);
    node->schedule.name = name;
    node->schedule.zone = zone;
    node->schedule.edit = edit;
    node->schedule.lines = lines;
    return build_finish(parse, node);
}

struct node *build_schedule_line(struct parse *parse, struct span span, struct nodes days, bool closed,
                                 struct nodes hours)
{
    struct node *node = build_node(parse, span, NODE_SCHEDULE_LINE);
    node->schedule_line.days = days;
    node->schedule_line.closed = closed;
    node->schedule_line.hours = hours;
    return build_finish(parse, node);
}

struct node *build_holidays(struct parse *parse, struct span span, struct word name, struct word of)
{
    struct node *node = build_node(parse, span, NODE_HOLIDAYS);
    node->holidays.name = name;
    node->holidays.of = of;
    return build_finish(parse, node);
}

struct node *build_statistic(struct parse *parse, struct span span, struct word name, struct nodes kinds,
                             struct node *value, struct node *window)
{
    struct node *node = build_node(parse, span, NODE_SITE_STATISTIC);
    node->statistic.name = name;
    node->statistic.kinds = kinds;
    node->statistic.value = value;
    node->statistic.window = window;
    return build_finish(parse, node);
}

struct node *build_window(struct parse *parse, struct span span, bool since, struct node *value)
{
    struct node *node = build_node(parse, span, NODE_WINDOW);
    node->window.since = since;
    node->window.value = value;
    return build_finish(parse, node);
}

struct node *build_latch(struct parse *parse, struct span span, struct word name, struct node *on, struct node *off)
{
    struct node *node = build_node(parse, span, NODE_SITE_LATCH);
    node->latch.name = name;
    node->latch.on = on;
    node->latch.off = off;
    return build_finish(parse, node);
}

struct node *build_counter(struct parse *parse, struct span span, struct word name, struct node *of,
                           struct node *window)
{
    struct node *node = build_node(parse, span, NODE_SITE_COUNTER);
    node->counter.name = name;
    node->counter.of = of;
    node->counter.window = window;
    return build_finish(parse, node);
}

struct node *build_capacity(struct parse *parse, struct span span, struct word name, struct nodes rules)
{
    struct node *node = build_node(parse, span, NODE_SITE_CAPACITY);
    node->capacity.name = name;
    node->capacity.rules = rules;
    return build_finish(parse, node);
}

struct node *build_capacity_rule(struct parse *parse, struct span span, struct word medium, int64_t count,
                                 struct word verb, struct word other)
{
    struct node *node = build_node(parse, span, NODE_CAPACITY_RULE);
    node->capacity_rule.medium = medium;
    node->capacity_rule.count = count;
    node->capacity_rule.verb = verb;
    node->capacity_rule.other = other;
    return build_finish(parse, node);
}

struct node *build_signal(struct parse *parse, struct span span, struct word name, struct nodes params)
{
    struct node *node = build_node(parse, span, NODE_SITE_SIGNAL);
    node->signal.name = name;
    node->signal.params = params;
    return build_finish(parse, node);
}
