/* compiler/mutate.c - Visits the bodies of functions and strategies: numbers each possible change, and reports or
 * makes it.
 *
 * A mutation is a small change that some test should notice: another comparison, a condition reversed, a step left
 * out, a number increased by one. The places are visited in a fixed order, and the change with the given number is
 * made (mutate_here); without a number all changes are reported. So a mutant is only a number, and a process of the
 * pool makes it again from the sources.
 *
 * Only bodies are walked. Declarations of the site are not changed, nor are tests, which have to notice the changes.
 * A change that the checker would refuse may be among them; it is reported as no program when it is tried. */
#include "compiler/mutate.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "compiler/check/names.h"
#include "base/utf8.h"

enum { QUOTED_MAX = 50 };

struct mutator {
    struct program *program;
    struct checked *checked;
    /* the function that gets each mutant; NULL: one mutant is made instead */
    void (*each)(void *self, const struct mutant *);
    void *self;
    uint32_t count, wanted, begin;
    const char *in; /* the strategy or function that is walked */
    bool applied;
};

/* ---- words ---- */

/* Returns the source at the place, on one line and cut at its end. */
static const char *mutate_quoted(const struct mutator *m, struct source_span span, char text[QUOTED_MAX + 4])
{
    const struct source *source = source_set_at(m->program->sources, span.begin);
    size_t used = 0;
    for (uint32_t at = span.begin; source && at < span.end && used < QUOTED_MAX; at++) {
        char byte = source->text[at - source->base];
        bool blank = byte == ' ' || byte == '\n' || byte == '\t' || byte == '\r';
        if (blank && (used == 0 || text[used - 1] == ' ')) continue;
        text[used++] = blank ? ' ' : byte;
        if (used == QUOTED_MAX && at + 1 < span.end) {
            text[used] = source->text[at + 1 - source->base]; /* the next byte tells whether a character ends here */
            used = utf8_cut(text, used + 1, QUOTED_MAX);
            memcpy(text + used, "...", 3);
            used += 3;
            break;
        }
    }
    while (used > 0 && (text[used - 1] == ' ' || text[used - 1] == ';')) used--;
    text[used] = '\0';
    return text;
}

static void duration_text(int64_t us, char *text, size_t size)
{
    static const struct {
        int64_t us;
        const char *unit;
    } units[] = {{86400000000, "d"}, {3600000000, "h"}, {60000000, "m"}, {1000000, "s"}, {1000, "ms"}};
    for (size_t i = 0; i < sizeof units / sizeof *units; i++)
        if (us % units[i].us == 0 || i + 1 == sizeof units / sizeof *units) {
            snprintf(text, size, "%" PRId64 "%s", us / units[i].us, units[i].unit);
            return;
        }
}

/* Counts or reports another mutant at this place. True: it is the mutant to make, so the caller changes the program
 * now. */
static bool mutate_here(struct mutator *m, struct source_span at, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

static bool mutate_here(struct mutator *m, struct source_span at, const char *format, ...)
{
    struct position position = source_set_position(m->program->sources, at.begin);
    if (m->applied || !position.source) return false;
    uint32_t number = m->count++;
    if (!m->each) return m->applied = number == m->wanted;
    struct mutant mutant = {.path = position.source->path,
                            .line = position.line,
                            .column = position.column,
                            .begin = m->begin,
                            .in = m->in};
    if (mutant.begin == 0 || mutant.begin > mutant.line) mutant.begin = mutant.line;
    va_list args;
    va_start(args, format);
    vsnprintf(mutant.what, sizeof mutant.what, format, args);
    va_end(args);
    m->each(m->self, &mutant);
    return false;
}

/* ---- expressions ---- */

static void mutate_binary(struct mutator *m, struct node *node)
{
    static const struct {
        enum operator from, to;
    } turns[] = {
        {SIGN_EQ, SIGN_NE}, {SIGN_NE, SIGN_EQ}, {SIGN_LT, SIGN_LE},  {SIGN_LT, SIGN_GE},
        {SIGN_LE, SIGN_LT}, {SIGN_LE, SIGN_GT}, {SIGN_GT, SIGN_GE},  {SIGN_GT, SIGN_LE},
        {SIGN_GE, SIGN_GT}, {SIGN_GE, SIGN_LT}, {SIGN_AND, SIGN_OR}, {SIGN_OR, SIGN_AND},
    };
    enum operator op =(enum operator) node->binary.op;
    for (size_t i = 0; i < sizeof turns / sizeof *turns; i++)
        if (turns[i].from == op && mutate_here(m, node->binary.sign.span, "`%s` becomes `%s`", ast_operator_sign(op),
                                               ast_operator_sign(turns[i].to)))
            node->binary.op = (int)turns[i].to;
    bool number = node->type && (node->type->kind == LANG_INT || node->type->kind == LANG_DURATION);
    if (number && op == SIGN_ADD && mutate_here(m, node->binary.sign.span, "`+` becomes `-`"))
        node->binary.op = SIGN_SUB;
    if (number && op == SIGN_SUB && mutate_here(m, node->binary.sign.span, "`-` becomes `+`"))
        node->binary.op = SIGN_ADD;
}

static void mutate_integer(struct mutator *m, struct node *node)
{
    int64_t value = node->integer.value;
    if (value == INT64_MAX) return;
    if (mutate_here(m, node->span, "`%" PRId64 "` becomes `%" PRId64 "`", value, value + 1))
        node->integer.value = value + 1;
    if (value > 0 && mutate_here(m, node->span, "`%" PRId64 "` becomes `%" PRId64 "`", value, value - 1))
        node->integer.value = value - 1;
}

static void mutate_duration(struct mutator *m, struct node *node)
{
    int64_t us = node->duration.us;
    char now[32], half[32], twice[32];
    if (us <= 0 || us > INT64_MAX / 2) return;
    duration_text(us, now, sizeof now);
    duration_text(us / 2, half, sizeof half);
    duration_text(us * 2, twice, sizeof twice);
    if (mutate_here(m, node->span, "`%s` becomes `%s`", now, half)) node->duration.us = us / 2;
    if (mutate_here(m, node->span, "`%s` becomes `%s`", now, twice)) node->duration.us = us * 2;
}

/* Changes a name of the site: skill French becomes skill English, the next one that the site names; the last becomes
 * the first. */
static void mutate_name(struct mutator *m, struct node *node)
{
    const struct symbol *symbol = node->meaning;
    uint32_t which = (uint32_t)(node->type ? node->type->kind - LANG_SKILL : 0), count;
    if (!symbol || !node->type || node->type->kind < LANG_SKILL || node->type->kind > LANG_TARGET) return;
    count = m->checked->name_counts[which];
    for (uint32_t i = 0; count > 1 && i < count; i++) {
        struct symbol *other = m->checked->names[which][(i + 1) % count];
        if (m->checked->names[which][i] == symbol &&
            mutate_here(m, node->span, "`%s` becomes `%s`", symbol->name, other->name))
            node->meaning = other;
    }
}

/* ---- statements ---- */

static void mutate_leave_out(struct nodes *list, struct node *node)
{
    struct node *before = NULL;
    for (struct node *at = list->first; at != node; at = at->next) before = at;
    if (before)
        before->next = node->next;
    else
        list->first = node->next;
    if (list->last == node) list->last = before;
    list->count--;
}

/* Can the statement be left out without breaking the program? True: it declares no name and does not end the
 * strategy. */
static bool can_miss(const struct node *node)
{
    if (node->kind == NODE_ASSIGN || node->kind == NODE_ATTACH || node->kind == NODE_COUNT ||
        node->kind == NODE_EXCLUDE)
        return true;
    if (node->kind != NODE_DO) return false;
    const struct node *head = node->act.value->kind == NODE_STEP ? node->act.value->step.head : node->act.value;
    return head->kind == NODE_CALL || head->kind == NODE_DELAY || head->kind == NODE_QUERY;
}

static void mutate_list(struct mutator *m, struct nodes *list, bool (*fits)(const struct node *))
{
    char text[QUOTED_MAX + 4];
    for (struct node *node = list->first, *next; node && !m->applied; node = next) {
        uint32_t outer = m->begin;
        next = node->next;
        m->begin = 0;
        if (fits(node) && mutate_here(m, node->span, "`%s` is left out", mutate_quoted(m, node->span, text)))
            mutate_leave_out(list, node);
        m->begin = outer;
    }
}

static bool is_plain_arm(const struct node *arm)
{
    return arm->kind == NODE_SPLIT_ARM ? !arm->split_arm.otherwise : !arm->arm.otherwise;
}

static bool has_else(const struct nodes *arms)
{
    EACH_NODE (arm, *arms)
        if (!is_plain_arm(arm)) return true;
    return false;
}

/* May the line of the selection be left out? Each virtual queue keeps its first line, and a line before the next
 * queue. */
static bool is_line(const struct node *line)
{
    return line->kind == NODE_LINE && !line->line.in && !(line->next && line->next->line.in);
}

static void mutate_if(struct mutator *m, struct node *node)
{
    struct node *condition = node->choice.condition;
    char text[QUOTED_MAX + 4];
    bool turned = condition->kind == NODE_BINARY; /* turns by itself */
    if (!turned && condition->type && condition->type->kind == LANG_BOOL &&
        mutate_here(m, condition->span, "`%s` becomes `not` that", mutate_quoted(m, condition->span, text))) {
        struct node *not = node_new(&m->program->tree, NODE_UNARY, condition->span);
        not ->unary.op = SIGN_NOT;
        not ->unary.value = condition;
        not ->type = condition->type;
        node->choice.condition = not ;
    }
    if (node->choice.otherwise && mutate_here(m, node->choice.otherwise->span, "`else` is left out"))
        node->choice.otherwise = NULL;
}

static struct step_use *mutate_step_use(const struct node *head)
{
    const struct call_use *call = head->meaning;
    switch (head->kind) {
    case NODE_QUERY:
    case NODE_SELECT:
    case NODE_DELAY:
    case NODE_ROUTE:
        return head->meaning;
    case NODE_CALL:
        return call && call->kind == CALL_STEP ? call->step : NULL;
    default:
        return NULL;
    }
}

/* Changes the order in which agents are chosen: only the first of several orders stays, `max` and `min` are exchanged,
 * and the order becomes longest_idle, or random where it is longest_idle. */
static void mutate_order(struct mutator *m, struct step_use *use)
{
    const struct node *by = use->clauses[CLAUSE_BY];
    char text[QUOTED_MAX + 4];
    if (!by) return;
    mutate_quoted(m, by->span, text);
    if (use->tie_count > 0 && mutate_here(m, by->span, "of `by %s` only the first order is left", text))
        use->tie_count = 0;
    uint32_t turned = use->order == BY_max ? BY_min : use->order == BY_min ? BY_max : use->order;
    if (turned != use->order && mutate_here(m, by->span, "`by %s` becomes `%s`", text, order_rows[turned].word))
        use->order = turned;
    bool idle = use->order == BY_longest_idle;
    if (use->order == BY_everyone ||
        !mutate_here(m, by->span, idle ? "`by %s` becomes `random`" : "`by %s` is left out", text))
        return;
    use->order = idle ? BY_random : BY_longest_idle;
    use->order_by = NULL;
    use->tie_count = 0;
}

/* Changes a line of a selection: at once, without its condition, or with the share of the next line. */
static void mutate_line(struct mutator *m, struct node *line)
{
    char text[QUOTED_MAX + 4];
    if (line->line.after && mutate_here(m, line->line.after->span, "`after %s` is left out",
                                        mutate_quoted(m, line->line.after->span, text)))
        line->line.after = NULL;
    if (line->line.where && mutate_here(m, line->line.where->span, "`where %s` is left out",
                                        mutate_quoted(m, line->line.where->span, text)))
        line->line.where = NULL;
    struct node *next = line->next, *share = line->line.share;
    struct node *other = next ? next->line.share : NULL;
    bool same = share && other && share->kind == NODE_PERCENT && other->kind == NODE_PERCENT &&
                share->percent.hundredths == other->percent.hundredths;
    if (share && other && !same &&
        mutate_here(m, share->span, "the share of this line and that of the next one change places")) {
        line->line.share = next->line.share;
        next->line.share = share;
    }
}

static void mutate_step(struct mutator *m, struct node *node)
{
    struct step_use *use = mutate_step_use(node->step.head);
    if (!use) return;
    mutate_order(m, use);
    if (node->step.otherwise &&
        mutate_here(m, node->step.otherwise->span, "the `else` of `%s` is left out", use->row->name))
        node->step.otherwise = NULL;
    bool busy = use->busy && use->busy->block && use->busy->block->block.statements.first; /* without: the same */
    if (busy && mutate_here(m, node->span, "`busy` of `%s` is left out", use->row->name)) {
        use->busy = NULL;
        use->clauses[CLAUSE_BUSY] = NULL;
    }
}

static void mutate_change(struct mutator *m, struct node *node)
{
    switch (node->kind) {
    case NODE_BINARY:
        mutate_binary(m, node);
        break;
    case NODE_INTEGER:
        mutate_integer(m, node);
        break;
    case NODE_DURATION:
        mutate_duration(m, node);
        break;
    case NODE_BOOL:
        if (mutate_here(m, node->span, "`%s` becomes `%s`", node->boolean.value ? "true" : "false",
                        node->boolean.value ? "false" : "true"))
            node->boolean.value = !node->boolean.value;
        break;
    case NODE_KIND_NAME:
        mutate_name(m, node);
        break;
    case NODE_BLOCK:
        mutate_list(m, &node->block.statements, can_miss);
        break;
    case NODE_SEGMENT:
        if (has_else(&node->segment.arms)) mutate_list(m, &node->segment.arms, is_plain_arm);
        break;
    case NODE_SPLIT:
        if (has_else(&node->split.arms)) mutate_list(m, &node->split.arms, is_plain_arm);
        break;
    case NODE_SELECT:
        if (node->select.lines.count > 1) mutate_list(m, &node->select.lines, is_line);
        break;
    case NODE_LINE:
        mutate_line(m, node);
        break;
    case NODE_IF:
        mutate_if(m, node);
        break;
    case NODE_STEP:
        mutate_step(m, node);
        break;
    default:
        break;
    }
}

/* Does a node of this kind begin code of its own, so that a mutant within it is reached only if the line of this
 * node has run? */
static bool begins_code(enum node_kind kind)
{
    static const bool begins[NODE_KINDS] = {
        [NODE_LET] = true,   [NODE_ATTACH] = true, [NODE_ASSIGN] = true, [NODE_DO] = true,
        [NODE_IF] = true,    [NODE_WHILE] = true,  [NODE_FOR] = true,    [NODE_SEGMENT] = true,
        [NODE_SPLIT] = true, [NODE_LINE] = true,   [NODE_RETURN] = true};
    return begins[kind];
}

static void mutate_walk(struct node *node, void *self)
{
    struct mutator *m = self;
    uint32_t outer = m->begin;
    if (m->applied) return;
    if (begins_code(node->kind)) m->begin = source_set_position(m->program->sources, node->span.begin).line;
    mutate_change(m, node);
    node_children(node, mutate_walk, m);
    m->begin = outer;
}

static bool is_empty(const struct node *handler)
{
    return handler->handler.body->block.statements.count == 0;
}

static void walk_handlers(struct mutator *m)
{
    for (struct strategy *strategy = m->checked->strategies; strategy && !m->applied; strategy = strategy->next) {
        m->in = names_declared_by(strategy->node).text;
        /* An empty handler is skipped: leaving `on abandoned` out would change nothing. */
        if (strategy->abandoned && !is_empty(strategy->abandoned->node) &&
            mutate_here(m, strategy->abandoned->node->span, "`on abandoned` is left out"))
            strategy->abandoned = NULL;
        if (!m->applied && strategy->error && mutate_here(m, strategy->error->node->span, "`on error` is left out"))
            strategy->error = NULL;
    }
}

static void walk_program(struct mutator *m)
{
    EACH_NODE (file, m->program->files) {
        const struct source *source = source_set_at(m->program->sources, file->span.begin);
        if (source && source->built_in) continue; /* not a file of the author */
        EACH_NODE (declaration, file->file.declarations)
            if (declaration->kind == NODE_FUNCTION || declaration->kind == NODE_STRATEGY) {
                m->in = names_declared_by(declaration).text;
                mutate_walk(declaration, m);
            }
    }
    walk_handlers(m);
}

void mutate_each(struct program *program, struct checked *checked, void (*each)(void *self, const struct mutant *),
                 void *self)
{
    struct mutator m = {.program = program, .checked = checked, .each = each, .self = self};
    walk_program(&m);
}

bool mutate_apply(struct program *program, struct checked *checked, uint32_t number)
{
    struct mutator m = {.program = program, .checked = checked, .wanted = number};
    walk_program(&m);
    return m.applied;
}
