/* compiler/lint/tree.c - Functions on the tree and the text that rules share.
 *
 * A rule is a small file that looks at nodes; functions here tell it about the nodes around these. Nodes know only
 * their children, so lint first makes a table of parents, and a table of the uses of each declared name: read,
 * written, or read in another file. Texts are compared without white space, since a rule must not depend on the
 * layout of a file. */
#include "compiler/language/step_ids.h"
#include "compiler/lint/lint.h"

#include <ctype.h>
#include <inttypes.h>
#include <string.h>

struct node *lint_up(const struct lint *lint, const struct node *node)
{
    return lint->parents[node->id];
}

struct node *lint_around(const struct lint *lint, const struct node *node, enum node_kind kind)
{
    struct node *up = lint_up(lint, node);
    while (up && up->kind != kind) up = lint_up(lint, up);
    return up;
}

bool lint_within(const struct lint *lint, const struct node *node, const struct node *outer)
{
    while (node && node != outer) node = lint_up(lint, node);
    return node != NULL;
}

bool lint_is_imported(const struct lint *lint, const struct node *node)
{
    while (node->kind != NODE_FILE) node = lint_up(lint, node);
    return node->file.imported;
}

bool lint_has_strategies(const struct lint *lint)
{
    EACH_NODE (file, lint->program->files)
        EACH_NODE (node, file->file.declarations)
            if (node->kind == NODE_STRATEGY && (!file->file.imported || file->file.beside)) return true;
    return false;
}

static bool has_use(const struct lint *lint, struct word declared, unsigned use)
{
    return declared.span.begin < lint->uses_size && (lint->uses[declared.span.begin] & use) != 0;
}

bool lint_is_read(const struct lint *lint, struct word declared)
{
    return has_use(lint, declared, 1);
}

bool lint_is_read_abroad(const struct lint *lint, struct word declared)
{
    return has_use(lint, declared, 4);
}

bool lint_is_written(const struct lint *lint, struct word declared)
{
    return has_use(lint, declared, 2);
}

const char *lint_text(const struct lint *lint, struct source_span span)
{
    const struct source *source = source_set_at(lint->program->sources, span.begin);
    if (!source) return "";
    return arena_copy(lint->arena, source->text + (span.begin - source->base), span.end - span.begin);
}

/* Returns the next byte from *at on, where spaces count only within quotes; -1 at the end. */
static int next_byte(const struct source *source, uint32_t *at, uint32_t end, bool quoted)
{
    while (!quoted && *at < end && isspace((unsigned char)source->text[*at - source->base])) ++*at;
    return *at < end ? (unsigned char)source->text[(*at)++ - source->base] : -1;
}

bool lint_same_text(const struct lint *lint, struct source_span a, struct source_span b)
{
    const struct source *one = source_set_at(lint->program->sources, a.begin);
    const struct source *other = source_set_at(lint->program->sources, b.begin);
    uint32_t left = a.begin, right = b.begin;
    bool escaped = false;
    for (int quote = 0; one && other;) {
        int c = next_byte(one, &left, a.end, quote != 0);
        if (c != next_byte(other, &right, b.end, quote != 0)) return false;
        if (c < 0) return true;
        if ((c == '"' || c == '`') && !escaped && (!quote || c == quote)) quote = quote ? 0 : c;
        escaped = c == '\\' && !escaped;
    }
    return false;
}

bool lint_same(const struct lint *lint, const struct node *a, const struct node *b)
{
    return lint_same_text(lint, a->span, b->span);
}

uint32_t lint_line(const struct lint *lint, const struct node *node)
{
    return source_set_position(lint->program->sources, node->span.begin).line;
}

/* Returns the span that a fix has to remove so that no empty line and no stray `;` stays: the whole line where
 * nothing else is on it. */
struct source_span lint_whole_line(const struct lint *lint, struct source_span span)
{
    const struct source *source = source_set_at(lint->program->sources, span.begin);
    uint32_t begin = span.begin - source->base, end = span.end - source->base;
    while (begin > 0 && (source->text[begin - 1] == ' ' || source->text[begin - 1] == '\t')) begin--;
    if (end > begin && source->text[end - 1] != ';') { /* a statement's span may end before its `;` */
        uint32_t behind = end + (uint32_t)strspn(source->text + end, " \t");
        if (source->text[behind] == ';') end = behind + 1;
    }
    while (source->text[end] == ' ' || source->text[end] == '\t' || source->text[end] == '\r') end++;
    bool first = begin == 0 || source->text[begin - 1] == '\n', last = source->text[end] == '\n';
    if (first && last) return (struct source_span){source->base + begin, source->base + end + 1};
    /* the space before the span is removed, too */
    if (last) return (struct source_span){source->base + begin, source->base + end};
    return (struct source_span){span.begin, source->base + end};
}

const struct node *lint_head(const struct node *node)
{
    return node && node->kind == NODE_STEP ? node->step.head : node;
}

const struct step_use *lint_step(const struct node *node)
{
    const struct node *head = lint_head(node);
    if (!head || !head->meaning) return NULL;
    switch (head->kind) {
    case NODE_CALL: {
        const struct call_use *use = head->meaning;
        return use->kind == CALL_STEP ? use->step : NULL;
    }
    case NODE_QUERY:
    case NODE_SELECT:
    case NODE_DELAY:
    case NODE_ROUTE:
    case NODE_STOP:
        return head->meaning;
    default:
        return NULL;
    }
}

bool lint_asks(const struct step_use *use)
{
    static const int questions[] = {STEP_ID_ivr_digits, STEP_ID_ivr_menu,   STEP_ID_ivr_choose,
                                    STEP_ID_ivr_verify, STEP_ID_ivr_record, STEP_ID_ivr_application};
    for (size_t i = 0; use && use->row && i < sizeof questions / sizeof *questions; i++)
        if ((int)use->row->id == questions[i]) return true;
    return false;
}

bool lint_waits(const struct node *step)
{
    const struct step_use *use = lint_step(step);
    int64_t us;
    return !use || !use->row || step_timeout(use->row, &us) != TIMEOUT_AFTER;
}

static bool lint_medium_is(const struct node *medium, const char *name)
{
    return medium->kind == NODE_NAME && strcmp(medium->name.name.text, name) == 0;
}

bool lint_on_voice(const struct lint *lint, const struct node *node)
{
    const struct node *strategy = lint_around(lint, node, NODE_STRATEGY);
    if (!strategy) return false;
    EACH_NODE (medium, strategy->strategy.media)
        if (lint_medium_is(medium, "voice")) return true;
    return false;
}

bool lint_on_calls_alone(const struct lint *lint, const struct node *node)
{
    const struct node *strategy = lint_around(lint, node, NODE_STRATEGY);
    if (!strategy) return false;
    EACH_NODE (medium, strategy->strategy.media)
        if (!lint_medium_is(medium, "voice") && !lint_medium_is(medium, "callback") &&
            !lint_medium_is(medium, "outbound"))
            return false;
    return strategy->strategy.media.count > 0;
}

static void find_played(struct node *node, void *context)
{
    bool *plays = context;
    const struct call_use *call = node->kind == NODE_CALL ? node->meaning : NULL;
    if (call && call->kind == CALL_STEP && call->step && call->step->row)
        *plays = *plays || strncmp(call->step->row->name, "ivr.", 4) == 0;
    node_children(node, find_played, context);
}

bool lint_plays(const struct node *node)
{
    bool plays = false;
    node_children(node, find_played, &plays);
    return plays;
}

struct node *lint_clause(const struct node *step, enum clause which)
{
    if (!step || step->kind != NODE_STEP) return NULL;
    EACH_NODE (clause, step->step.clauses)
        if (clause->clause.which == (int)which) return clause->clause.value;
    return NULL;
}

struct node *lint_site_default(const struct lint *lint, const char *word)
{
    if (!lint->program->site) return NULL;
    EACH_NODE (item, lint->program->site->site.items)
        if (item->kind == NODE_SITE_DEFAULT && strcmp(item->site_default.name.text, word) == 0)
            return item->site_default.value;
    return NULL;
}

const struct node *lint_argument(const struct step_use *use, const char *name)
{
    const struct step_param *params[STEP_PARAMS_MAX];
    uint32_t count = step_params(use->row, params);
    for (uint32_t i = 0; i < count; i++)
        if (strcmp(params[i]->name, name) == 0) return use->arguments[i];
    return NULL;
}

bool lint_duration(const struct node *node, int64_t *us)
{
    if (!node || node->kind != NODE_DURATION) return false;
    *us = node->duration.us;
    return true;
}

const char *lint_duration_text(struct arena *arena, int64_t us)
{
    static const struct {
        int64_t us;
        const char *unit;
    } units[] = {{86400000000, "d"}, {3600000000, "h"}, {60000000, "m"}, {1000000, "s"}, {1000, "ms"}};
    const char *text = "";
    for (size_t i = 0; i < sizeof units / sizeof *units; i++) {
        if (us / units[i].us > 0) text = arena_printf(arena, "%s%" PRId64 "%s", text, us / units[i].us, units[i].unit);
        us %= units[i].us;
    }
    return *text ? text : "0s";
}

bool lint_stands_alone(const struct node *node)
{
    return node->kind == NODE_NAME || node->kind == NODE_BOOL || node->kind == NODE_CALL || node->kind == NODE_MEMBER;
}

bool lint_is_operand(const struct lint *lint, const struct node *node)
{
    const struct node *up = lint_up(lint, node);
    bool joins = up->kind == NODE_BINARY && (up->binary.op == SIGN_AND || up->binary.op == SIGN_OR);
    return up->kind == NODE_UNARY || up->kind == NODE_MEMBER || (up->kind == NODE_BINARY && !joins);
}

static void find_impure(struct node *node, void *context)
{
    bool *pure = context;
    switch (node->kind) {
    case NODE_CALL:
    case NODE_QUERY:
    case NODE_SELECT:
    case NODE_DELAY:
    case NODE_STEP:
    case NODE_WAIT:
    case NODE_RACE:
    case NODE_PARALLEL:
    case NODE_INDEX: /* an index may fail */
        *pure = false;
        break;
    default:
        node_children(node, find_impure, context);
        break;
    }
}

/* Could the expression be computed once more or once less without any effect? A call may have effects, and an index
 * may fail. */
bool lint_is_pure(const struct node *node)
{
    bool pure = true;
    find_impure((struct node *)(uintptr_t)node, &pure);
    return pure;
}

static void find_failing(struct node *node, void *context)
{
    bool *fails = context;
    switch (node->kind) {
    case NODE_BINARY: /* a division by zero, a sum that is too large, a text that is too long */
        *fails |= node->binary.op == SIGN_ADD || node->binary.op == SIGN_SUB || node->binary.op == SIGN_MUL ||
                  node->binary.op == SIGN_DIV || node->binary.op == SIGN_MOD;
        break;
    case NODE_UNARY:
        *fails |= node->unary.op == SIGN_SUB && node->unary.value->kind != NODE_INTEGER;
        break;
    case NODE_TEMPLATE:   /* it may be too long */
    case NODE_KIND_INDEX: /* a name that comes as data may be none */
    case NODE_OF:
        *fails = true;
        break;
    default:
        break;
    }
    if (!*fails) node_children(node, find_failing, context);
}

bool lint_may_go(const struct node *node)
{
    bool fails = false;
    find_failing((struct node *)(uintptr_t)node, &fails);
    return !fails && lint_is_pure(node);
}

/* Returns the statement in small letters, with `?` for its values: enough to search words of SQL in it. */
const char *lint_sql_text(const struct lint *lint, const struct node *query)
{
    assert(query->kind == NODE_QUERY);
    const char *text = "";
    if (!query->query.sql || query->query.sql->kind != NODE_SQL) return text;
    EACH_NODE (part, query->query.sql->sql.parts)
        text = arena_printf(lint->arena, "%s%s", text, part->kind == NODE_STRING ? part->string.text.bytes : "?");
    char *small = arena_copy(lint->arena, text, strlen(text));
    bool quoted = false;
    for (char *at = small; *at; at++) { /* text in quotes contains no words of SQL */
        if (*at == '\'') quoted = !quoted;
        *at = quoted ? '_' : (char)tolower((unsigned char)*at);
    }
    return small;
}

bool lint_has_word(const char *sql, const char *word)
{
    size_t length = strlen(word);
    for (const char *at = strstr(sql, word); at; at = strstr(at + 1, word)) {
        bool begins = at == sql || !(isalnum((unsigned char)at[-1]) || at[-1] == '_');
        if (begins && !(isalnum((unsigned char)at[length]) || at[length] == '_')) return true;
    }
    return false;
}
