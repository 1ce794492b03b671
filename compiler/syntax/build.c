/* compiler/syntax/build.c - Making the tree. Most functions only fill a node; those at the end also see to what the grammar
 * leaves open. */
#include "compiler/syntax/build.h"

#include <string.h>

#include "compiler/base/diag.h"

static void deepest(struct node *child, void *context)
{
    uint16_t *depth = context;
    if (child->depth > *depth) *depth = child->depth;
}

/* Every node passes here when its children are in place: later passes recurse no deeper than the limit. */
struct node *build_finish(struct parse *parse, struct node *node)
{
    uint16_t depth = 0;
    node_children(node, deepest, &depth);
    if (depth < NESTING_LIMIT)
        node->depth = (uint16_t)(depth + 1);
    else {
        node->depth = depth;
        parse_too_deep(parse, node->span);
    }
    return node;
}

enum name_kind build_kind(struct word word)
{
    enum name_kind kind = 0;
    while (kind < NAME_KINDS - 1 && strcmp(kind_word(kind), word.text) != 0) kind++;
    return kind;
}

struct node *build_node(struct parse *parse, struct span span, enum node_kind kind)
{
    return node_new(parse_tree(parse), kind, span);
}

struct nodes build_none(void)
{
    return (struct nodes){0};
}

struct nodes build_one(struct node *node)
{
    return build_add(build_none(), node);
}

struct nodes build_add(struct nodes nodes, struct node *node)
{
    nodes_add(&nodes, node);
    return nodes;
}

struct word build_unnamed(void)
{
    return (struct word){0};
}

struct word build_quoted(struct parse *parse, struct literal text, struct span span)
{
    return (struct word){arena_intern(parse_tree(parse)->arena, text.bytes, text.length), span};
}

struct word build_quoted_name(struct parse *parse, struct literal text, struct span span)
{
    if (strspn(text.bytes, " \t\n") == text.length) diag_report(parse_diags(parse), NAME_EMPTY, span);
    return build_quoted(parse, text, span);
}

struct node *build_doc(struct parse *parse, struct node *node)
{
    if (node) node->doc = parse_doc(parse, node->span.begin);
    return node;
}

struct node *build_name(struct parse *parse, struct word name)
{
    struct node *node = build_node(parse, name.span, NODE_NAME);
    node->name.name = name;
    return build_finish(parse, node);
}

struct node *build_label(struct parse *parse, struct word name)
{
    struct node *node = build_node(parse, name.span, NODE_LABEL);
    node->label.name = name;
    return build_finish(parse, node);
}

struct node *build_import(struct parse *parse, struct span span, struct nodes path)
{
    struct node *node = build_node(parse, span, NODE_IMPORT);
    node->import.path = path;
    return build_finish(parse, node);
}

struct node *build_const(struct parse *parse, struct span span, struct word name, struct node *type, struct node *value)
{
    struct node *node = build_node(parse, span, NODE_CONST);
    node->constant.name = name;
    node->constant.type = type;
    node->constant.value = value;
    return build_finish(parse, node);
}

struct node *build_record(struct parse *parse, struct span span, struct word name, struct nodes fields)
{
    struct node *node = build_node(parse, span, NODE_RECORD);
    node->record.name = name;
    node->record.fields = fields;
    return build_finish(parse, node);
}

struct node *build_field(struct parse *parse, struct span span, struct word name, struct node *type, bool secret)
{
    struct node *node = build_node(parse, span, NODE_FIELD);
    node->field.name = name;
    node->field.type = type;
    node->field.secret = secret;
    return build_finish(parse, node);
}

struct node *build_function(struct parse *parse, struct span span, struct word name, struct nodes params,
                            struct node *result, struct node *body, bool waits)
{
    struct node *node = build_node(parse, span, NODE_FUNCTION);
    node->function.name = name;
    node->function.params = params;
    node->function.result = result;
    node->function.body = body;
    node->function.waits = waits;
    return build_finish(parse, node);
}

struct node *build_param(struct parse *parse, struct span span, struct word name, struct node *type, struct node *value)
{
    struct node *node = build_node(parse, span, NODE_PARAM);
    node->param.name = name;
    node->param.type = type;
    node->param.value = value;
    return build_finish(parse, node);
}

struct node *build_handler(struct parse *parse, struct span span, struct word event, struct word signal,
                           struct word binding, struct node *body)
{
    struct node *node = build_node(parse, span, NODE_HANDLER);
    node->handler.event = event;
    node->handler.signal = signal;
    node->handler.binding = binding;
    node->handler.body = body;
    return build_finish(parse, node);
}

struct node *build_site(struct parse *parse, struct span span, struct nodes items)
{
    struct node *node = build_node(parse, span, NODE_SITE);
    node->site.items = items;
    return build_finish(parse, node);
}

struct node *build_keys(struct parse *parse, struct span span, struct nodes fields)
{
    struct node *node = build_node(parse, span, NODE_SITE_KEYS);
    node->site_keys.fields = fields;
    return build_finish(parse, node);
}

struct node *build_site_default(struct parse *parse, struct span span, struct word name, struct node *value)
{
    struct node *node = build_node(parse, span, NODE_SITE_DEFAULT);
    node->site_default.name = name;
    node->site_default.value = value;
    return build_finish(parse, node);
}

struct node *build_type(struct parse *parse, struct span span, struct word name, struct node *of)
{
    struct node *node = build_node(parse, span, NODE_TYPE_NAME);
    node->type_name.name = name;
    node->type_name.of = of;
    return build_finish(parse, node);
}

struct node *build_type_option(struct parse *parse, struct span span, struct node *of)
{
    struct node *node = build_node(parse, span, NODE_TYPE_OPTION);
    node->type_option.of = of;
    return build_finish(parse, node);
}

struct node *build_block(struct parse *parse, struct span span, struct nodes statements)
{
    struct node *node = build_node(parse, span, NODE_BLOCK);
    node->block.statements = statements;
    return build_finish(parse, node);
}

struct node *build_labelled(struct parse *parse, struct span span, struct word name, struct node *statement)
{
    struct node *node = build_node(parse, span, NODE_LABELLED);
    node->labelled.name = name;
    node->labelled.statement = statement;
    return build_finish(parse, node);
}

struct node *build_while(struct parse *parse, struct span span, struct node *condition, struct node *body)
{
    struct node *node = build_node(parse, span, NODE_WHILE);
    node->loop.condition = condition;
    node->loop.body = body;
    return build_finish(parse, node);
}

struct node *build_for(struct parse *parse, struct span span, struct nodes names, struct node *in, struct node *body)
{
    struct node *node = build_node(parse, span, NODE_FOR);
    node->each.names = names;
    node->each.in = in;
    node->each.body = body;
    return build_finish(parse, node);
}

struct node *build_repeat(struct parse *parse, struct span span, struct node *times, struct node *body)
{
    struct node *node = build_node(parse, span, NODE_REPEAT);
    node->repeat.times = times;
    node->repeat.body = body;
    return build_finish(parse, node);
}

struct node *build_segment(struct parse *parse, struct span span, struct node *subject, struct nodes arms)
{
    struct node *node = build_node(parse, span, NODE_SEGMENT);
    node->segment.subject = subject;
    node->segment.arms = arms;
    return build_finish(parse, node);
}

struct node *build_arm(struct parse *parse, struct span span, struct nodes patterns, bool otherwise,
                       struct node *action)
{
    struct node *node = build_node(parse, span, NODE_ARM);
    node->arm.patterns = patterns;
    node->arm.otherwise = otherwise;
    node->arm.action = action;
    return build_finish(parse, node);
}

struct node *build_if(struct parse *parse, struct span span, struct node *condition, struct node *then,
                      struct node *otherwise)
{
    struct node *node = build_node(parse, span, NODE_IF);
    node->choice.condition = condition;
    node->choice.then = then;
    node->choice.otherwise = otherwise;
    return build_finish(parse, node);
}

struct node *build_let(struct parse *parse, struct span span, struct word name, struct node *type, struct node *value)
{
    struct node *node = build_node(parse, span, NODE_LET);
    node->let.name = name;
    node->let.type = type;
    node->let.value = value;
    return build_finish(parse, node);
}

struct node *build_do(struct parse *parse, struct span span, struct node *value)
{
    struct node *node = build_node(parse, span, NODE_DO);
    node->act.value = value;
    return build_finish(parse, node);
}

struct node *build_goto(struct parse *parse, struct span span, struct word label)
{
    struct node *node = build_node(parse, span, NODE_GOTO);
    node->jump.label = label;
    return build_finish(parse, node);
}

struct node *build_fail(struct parse *parse, struct span span, struct node *code)
{
    struct node *node = build_node(parse, span, NODE_FAIL);
    node->fail.code = code;
    return build_finish(parse, node);
}

struct node *build_return(struct parse *parse, struct span span, struct node *value)
{
    struct node *node = build_node(parse, span, NODE_RETURN);
    node->result.value = value;
    return build_finish(parse, node);
}

struct node *build_clause(struct parse *parse, struct span span, enum clause which, struct node *value)
{
    struct node *node = build_node(parse, span, NODE_CLAUSE);
    node->clause.which = (int)which;
    node->clause.value = value;
    return build_finish(parse, node);
}

struct node *build_otherwise(struct parse *parse, struct span span, struct word binding, struct node *action)
{
    struct node *node = build_node(parse, span, NODE_OTHERWISE);
    node->otherwise.binding = binding;
    node->otherwise.action = action;
    return build_finish(parse, node);
}

struct node *build_select(struct parse *parse, struct span span, bool connects, struct node *in, struct nodes lines)
{
    struct node *node = build_node(parse, span, NODE_SELECT);
    node->select.connects = connects;
    node->select.in = in;
    node->select.lines = lines;
    return build_finish(parse, node);
}

struct node *build_line(struct parse *parse, struct span span, struct node *after, struct node *target,
                        struct node *share, struct node *where)
{
    struct node *node = build_node(parse, span, NODE_LINE);
    node->line.after = after;
    node->line.target = target;
    node->line.share = share;
    node->line.where = where;
    return build_finish(parse, node);
}

struct node *build_delay(struct parse *parse, struct span span, struct node *value)
{
    struct node *node = build_node(parse, span, NODE_DELAY);
    node->delay.value = value;
    return build_finish(parse, node);
}

struct node *build_route(struct parse *parse, struct span span, struct node *target)
{
    struct node *node = build_node(parse, span, NODE_ROUTE);
    node->route.target = target;
    return build_finish(parse, node);
}

struct node *build_stop(struct parse *parse, struct span span, struct node *why)
{
    struct node *node = build_node(parse, span, NODE_STOP);
    node->stop.why = why;
    return build_finish(parse, node);
}

struct node *build_type_kind(struct parse *parse, struct span span, struct word kind)
{
    struct node *node = build_node(parse, span, NODE_TYPE_KIND);
    node->type_kind.kind = build_kind(kind);
    return build_finish(parse, node);
}

struct node *build_site_names(struct parse *parse, struct span span, struct word kind, struct nodes labels)
{
    struct node *node = build_node(parse, span, NODE_SITE_NAMES);
    node->site_names.kind = build_kind(kind);
    node->site_names.labels = labels;
    return build_finish(parse, node);
}

/* The list that is in the making has its nodes already; the new one takes its place in the written order. */
struct nodes build_clauses(struct parse *parse, struct nodes clauses, struct node *clause)
{
    const char *word = clause_word((enum clause)clause->clause.which);
    struct nodes sorted = {0};
    struct node *following = NULL, *next;
    for EACH_NODE (other, clauses) {
        if (other->clause.which != clause->clause.which) continue;
        diag_report(parse_diags(parse), CLAUSE_TWICE, clause->span, word);
        return clauses;
    }
    for (struct node *other = clauses.first; other; other = next) {
        next = other->next;
        other->next = NULL;
        if (other->clause.which > clause->clause.which && !following) {
            following = other;
            nodes_add(&sorted, clause);
        }
        nodes_add(&sorted, other);
    }
    if (!following)
        nodes_add(&sorted, clause);
    else
        diag_report(parse_diags(parse), CLAUSE_ORDER, clause->span, word,
                    clause_word((enum clause)following->clause.which));
    return sorted;
}

struct node *build_step(struct parse *parse, struct span span, struct node *head, struct nodes clauses,
                        struct node *otherwise)
{
    if (clauses.count == 0 && !otherwise) return head;
    struct node *node = build_node(parse, span, NODE_STEP);
    node->step.head = head;
    node->step.clauses = clauses;
    node->step.otherwise = otherwise;
    return build_finish(parse, node);
}

struct node *build_query(struct parse *parse, struct span span, struct word source, struct word form, struct node *type,
                         struct node *sql)
{
    static const char *const forms[] = {"first", "all", "value", "exec"};
    struct node *node = build_node(parse, span, NODE_QUERY);
    node->query.source = source;
    node->query.form = form;
    node->query.type = type;
    node->query.sql = sql;
    bool known = false;
    for (size_t i = 0; i < sizeof forms / sizeof *forms; i++) known = known || strcmp(form.text, forms[i]) == 0;
    if (!known) diag_report(parse_diags(parse), UNKNOWN_QUERY_FORM, form.span, form.text);
    return build_finish(parse, node);
}

static struct node *with_parts(struct parse *parse, struct span span, enum node_kind kind, struct nodes parts,
                               struct literal last, struct span last_span)
{
    struct node *node = build_node(parse, span, kind);
    nodes_add(&parts, build_string(parse, last_span, last));
    if (kind == NODE_SQL)
        node->sql.parts = parts;
    else
        node->templ.parts = parts;
    return build_finish(parse, node);
}

struct node *build_sql(struct parse *parse, struct span span, struct nodes parts, struct literal last,
                       struct span last_span)
{
    return with_parts(parse, span, NODE_SQL, parts, last, last_span);
}

struct node *build_template(struct parse *parse, struct span span, struct nodes parts, struct literal last,
                            struct span last_span)
{
    return with_parts(parse, span, NODE_TEMPLATE, parts, last, last_span);
}

static void must_be_assignable(struct parse *parse, const struct node *target, const char *sign)
{
    bool indexed = target->kind == NODE_INDEX && target->index.object->kind == NODE_NAME;
    if (target->kind != NODE_NAME && !indexed) diag_report(parse_diags(parse), NOT_ASSIGNABLE, target->span, sign);
}

struct node *build_attach(struct parse *parse, struct span span, struct node *target, struct node *value)
{
    must_be_assignable(parse, target, "=");
    struct node *node = build_node(parse, span, NODE_ATTACH);
    node->attach.target = target;
    node->attach.value = value;
    return build_finish(parse, node);
}

struct node *build_assign(struct parse *parse, struct span span, enum operator op, struct node *target,
                          struct node *value)
{
    must_be_assignable(parse, target, op == SIGN_SET ? "=" : op == SIGN_ADD ? "+=" : "-=");
    struct node *node = build_node(parse, span, NODE_ASSIGN);
    node->assign.op = (int)op;
    node->assign.target = target;
    node->assign.value = value;
    return build_finish(parse, node);
}

struct node *build_site_source(struct parse *parse, struct span span, struct word name, struct word kind,
                               struct literal schema, struct span schema_span)
{
    struct node *node = build_node(parse, span, NODE_SITE_SOURCE);
    if (kind.text && strcmp(kind.text, "sqlite") != 0 && strcmp(kind.text, "postgres") != 0)
        diag_report(parse_diags(parse), SOURCE_KIND, kind.span, kind.text);
    node->site_source.name = name;
    node->site_source.kind = kind;
    node->site_source.schema = build_quoted(parse, schema, schema_span);
    return build_finish(parse, node);
}

/* Sorts the parts of a strategy: its keys first, then the statements, then the handlers. */
struct node *build_strategy(struct parse *parse, struct span span, struct word name, struct nodes params,
                            struct nodes media, struct node *within, struct nodes body)
{
    struct node *node = build_node(parse, span, NODE_STRATEGY), *next;
    struct nodes statements = {0};
    struct span body_span = {span.end, span.end};
    bool keys = false, misplaced = false; /* said once, however many statements follow */
    if (body.first) body_span = span_join(body.first->span, body.last->span);
    for (struct node *part = body.first; part; part = next) {
        next = part->next;
        part->next = NULL;
        if (part->kind == NODE_SITE_KEYS) {
            if (keys || statements.count > 0 || node->strategy.handlers.count > 0)
                diag_report(parse_diags(parse), BODY_ORDER, part->span,
                            "'attached' stands once, before the statements");
            keys = true;
            node->strategy.attached = part->site_keys.fields;
        } else if (part->kind == NODE_HANDLER) {
            nodes_add(&node->strategy.handlers, part);
        } else {
            if (node->strategy.handlers.first && !misplaced)
                diag_note(diag_report(parse_diags(parse), BODY_ORDER, node->strategy.handlers.first->span,
                                      "handlers stand after all statements"),
                          part->span, "it stands behind this and all that follows");
            misplaced = misplaced || node->strategy.handlers.first;
            nodes_add(&statements, part);
        }
    }
    node->strategy.name = name;
    node->strategy.params = params;
    node->strategy.media = media;
    node->strategy.within = within;
    node->strategy.body = build_block(parse, body_span, statements);
    return build_finish(parse, node);
}
