/* compiler/syntax/build_expr.c - The nodes of expressions, literals and calls. */
#include "compiler/syntax/build.h"

#include <string.h>

struct node *build_range(struct parse *parse, struct span span, struct node *from, struct node *to)
{
    struct node *node = build_node(parse, span, NODE_RANGE);
    node->range.from = from;
    node->range.to = to;
    return build_finish(parse, node);
}

struct node *build_prefix(struct parse *parse, struct span span, struct literal text)
{
    struct node *node = build_node(parse, span, NODE_PREFIX);
    node->prefix.text = text;
    return build_finish(parse, node);
}

struct node *build_string(struct parse *parse, struct span span, struct literal text)
{
    struct node *node = build_node(parse, span, NODE_STRING);
    node->string.text = text;
    return build_finish(parse, node);
}

struct node *build_integer(struct parse *parse, struct span span, int64_t value)
{
    struct node *node = build_node(parse, span, NODE_INTEGER);
    node->integer.value = value;
    return build_finish(parse, node);
}

struct node *build_duration(struct parse *parse, struct span span, int64_t us)
{
    struct node *node = build_node(parse, span, NODE_DURATION);
    node->duration.us = us;
    return build_finish(parse, node);
}

struct node *build_percent(struct parse *parse, struct span span, int64_t hundredths)
{
    struct node *node = build_node(parse, span, NODE_PERCENT);
    node->percent.hundredths = hundredths;
    return build_finish(parse, node);
}

struct node *build_instant(struct parse *parse, struct span span, int64_t date_us, int64_t time_us, struct word zone)
{
    struct node *node = build_node(parse, span, NODE_INSTANT);
    node->instant.local_us = date_us + time_us;
    node->instant.zone = zone;
    return build_finish(parse, node);
}

struct node *build_bool(struct parse *parse, struct span span, bool value)
{
    struct node *node = build_node(parse, span, NODE_BOOL);
    node->boolean.value = value;
    return build_finish(parse, node);
}

struct node *build_member(struct parse *parse, struct span span, struct node *object, struct word name, bool optional)
{
    struct node *node = build_node(parse, span, NODE_MEMBER);
    node->member.object = object;
    node->member.name = name;
    node->member.optional = optional;
    return build_finish(parse, node);
}

struct node *build_index(struct parse *parse, struct span span, struct node *object, struct node *index)
{
    struct node *node = build_node(parse, span, NODE_INDEX);
    node->index.object = object;
    node->index.index = index;
    return build_finish(parse, node);
}

struct node *build_call(struct parse *parse, struct span span, struct node *callee, struct nodes arguments)
{
    struct node *node = build_node(parse, span, NODE_CALL);
    node->call.callee = callee;
    node->call.arguments = arguments;
    return build_finish(parse, node);
}

struct node *build_arg(struct parse *parse, struct span span, struct word name, struct node *value)
{
    struct node *node = build_node(parse, span, NODE_ARG);
    node->arg.name = name;
    node->arg.value = value;
    return build_finish(parse, node);
}

struct node *build_unary(struct parse *parse, struct span span, enum operator op, struct node *value)
{
    struct node *node = build_node(parse, span, NODE_UNARY);
    node->unary.op = (int)op;
    node->unary.value = value;
    return build_finish(parse, node);
}

struct node *build_binary(struct parse *parse, struct span span, enum operator op, struct span sign, struct node *left,
                          struct node *right)
{
    struct node *node = build_node(parse, span, NODE_BINARY);
    node->binary.op = (int)op;
    node->binary.left = left;
    node->binary.right = right;
    node->binary.sign = (struct word){operator_sign(op), sign};
    return build_finish(parse, node);
}

struct node *build_fallback(struct parse *parse, struct span span, struct node *value, struct node *otherwise)
{
    struct node *node = build_node(parse, span, NODE_FALLBACK);
    node->fallback.value = value;
    node->fallback.otherwise = otherwise;
    return build_finish(parse, node);
}

struct node *build_list(struct parse *parse, struct span span, struct nodes items)
{
    struct node *node = build_node(parse, span, NODE_LIST);
    node->list.items = items;
    return build_finish(parse, node);
}

struct node *build_map(struct parse *parse, struct span span, struct nodes entries)
{
    struct node *node = build_node(parse, span, NODE_MAP);
    node->map.entries = entries;
    return build_finish(parse, node);
}

struct node *build_entry(struct parse *parse, struct span span, struct node *key, struct node *value)
{
    struct node *node = build_node(parse, span, NODE_ENTRY);
    node->entry.key = key;
    node->entry.value = value;
    return build_finish(parse, node);
}

struct node *build_kind_index(struct parse *parse, struct span span, struct word kind, struct node *index)
{
    struct node *node = build_node(parse, span, NODE_KIND_INDEX);
    node->kind_index.kind = build_kind(kind);
    node->kind_index.index = index;
    return build_finish(parse, node);
}

struct node *build_kind_member(struct parse *parse, struct span span, struct word kind, struct word name)
{
    struct node *node = build_node(parse, span, NODE_KIND_MEMBER);
    node->kind_member.kind = build_kind(kind);
    node->kind_member.name = name;
    return build_finish(parse, node);
}

struct node *build_kind_name(struct parse *parse, struct span span, struct word kind, struct word name)
{
    struct node *node = build_node(parse, span, NODE_KIND_NAME);
    node->kind_name.kind = build_kind(kind);
    node->kind_name.name = name;
    return build_finish(parse, node);
}
