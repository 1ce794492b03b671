/* compiler/import/target.c - Writes a target block as a selection: its targets as lines, its statistic as the order,
 * its treatments as the busy block.
 *
 *     Target  ?:English > 5 & Sales = 3@Stat.GA   StatTimeInReadyState Max   30 s   busy: Music
 *     ->
 *     chosen = select in vq NAME {
 *         skill English >= 6 and skill Sales == 3;
 *     } by longest_idle timeout 30s
 *     busy { ivr.music(...) else {}; } else { <way of the failure> };
 *
 * A target that is not fully understood is left out with a remark: a wrong line would send callers to the wrong
 * people. */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "compiler/import/number.h"
#include "compiler/import/writer.h"

/* ---- skill expressions ---- */

static bool target_space(char c)
{
    return isspace((unsigned char)c) != 0;
}

/* Returns a skill's name: plain words, or any text between quotes. NULL: the text is no name, or a calculation with
 * several skills. */
static const char *skill_name(struct flow_writer *w, const char *begin, const char *end)
{
    while (begin < end && target_space(*begin)) begin++;
    while (end > begin && target_space(end[-1])) end--;
    bool quoted = end - begin > 2 && *begin == '"' && end[-1] == '"';
    if (quoted) begin++, end--;
    for (const char *at = begin; at < end; at++) {
        unsigned char c = (unsigned char)*at;
        if (quoted ? c == '"' : !isalnum(c) && c != '_' && c != ' ' && c < 0x80) return NULL;
    }
    if (begin == end || (!quoted && isdigit((unsigned char)*begin))) return NULL;
    return strncasecmp(begin, "not ", 4) == 0 && !quoted ? NULL : arena_copy(w->arena, begin, (size_t)(end - begin));
}

/* Reads a comparison in a skill expression: name, operator, level. NULL: it is none. */
static const char *skill_compared(struct flow_writer *w, const char *begin, const char *end)
{
    static const char *const signs[] = {">=", "<=", "!=", "==", ">", "<", "="};
    const char *at = begin, *sign = NULL;
    while (at < end && !strchr("<>=!", *at)) at++;
    const char *name = skill_name(w, begin, at);
    for (size_t i = 0; i < sizeof signs / sizeof *signs && !sign; i++)
        if ((size_t)(end - at) >= strlen(signs[i]) && strncmp(at, signs[i], strlen(signs[i])) == 0) sign = signs[i];
    if (!name || !sign) return NULL;
    at += strlen(sign);
    while (at < end && target_space(*at)) at++;
    while (end > at && target_space(end[-1])) end--;
    long long level;
    if (!number_read(at, (size_t)(end - at), 100, &level)) return NULL;
    if (strcmp(sign, "=") == 0) sign = "==";
    if (strcmp(sign, ">") == 0 && level < 100) sign = ">=", level++;
    return arena_printf(w->arena, "skill %s %s %lld", site_declare(w->import, "skill", name, ""), sign, level);
}

struct skill_joint {
    const char *text;
    bool and, word; /* words such as `and` are refused: it is not documented which binds first */
};

/* Returns the operator that joins two comparisons; NULL: none is there. A word counts as an operator only after a
 * space. */
static const struct skill_joint *skill_joint(const char *text, const char *from)
{
    static const struct skill_joint joints[] = {
        {"&&", true, false}, {"||", false, false}, {"&", true, false},
        {"|", false, false}, {"and", true, true},  {"or", false, true},
    };
    for (size_t i = 0; i < sizeof joints / sizeof *joints; i++) {
        size_t length = strlen(joints[i].text);
        if (strncasecmp(text, joints[i].text, length) != 0) continue;
        if (!joints[i].word) return &joints[i];
        bool apart = text > from && (target_space(text[-1]) || text[-1] == ')');
        if (apart && (target_space(text[length]) || text[length] == '(')) return &joints[i];
    }
    return NULL;
}

/* Returns the end of the comparison in the text. */
static const char *skill_end(const char *text, const char *from)
{
    bool quoted = false;
    for (; *text; text++) {
        if (*text == '"') quoted = !quoted;
        if (!quoted && (*text == '(' || *text == ')' || skill_joint(text, from))) break;
    }
    return text;
}

/* The state of reading a skill expression, from left to right. */
struct skill_reader {
    const char *said;
    int open;                        /* parentheses that are open */
    size_t begins[SCRIPT_DEPTH + 1]; /* for each open parenthesis: where its content begins in `said` */
    /* for each open parenthesis: its last operator; NULL: none yet */
    const struct skill_joint *joins[SCRIPT_DEPTH + 1];
    /* words: an operator is a word; mixed: "and" and "or" stand beside each other */
    bool words, mixed;
};

/* Notes for each open parenthesis where its content begins and how it was joined, for skill_joins(). */
static bool skill_opens(struct flow_writer *w, struct skill_reader *r, const char **text)
{
    for (; target_space(**text) || **text == '('; ++*text) {
        if (**text != '(') continue;
        if (++r->open > SCRIPT_DEPTH) return false;
        r->said = arena_printf(w->arena, "%s(", r->said);
        r->begins[r->open] = strlen(r->said), r->joins[r->open] = NULL;
    }
    return true;
}

static bool skill_closes(struct flow_writer *w, struct skill_reader *r, const char **text)
{
    for (; target_space(**text) || **text == ')'; ++*text) {
        if (**text != ')') continue;
        if (--r->open < 0) return false;
        r->said = arena_printf(w->arena, "%s)", r->said);
    }
    return true;
}

/* Where & and | are mixed, puts everything left of the second operator in parentheses: the left operator binds first in
 * IRD, as gcx-ird(7) says. */
static void skill_joins(struct flow_writer *w, struct skill_reader *r, const struct skill_joint *joint)
{
    size_t begin = r->begins[r->open];
    if (r->joins[r->open] && r->joins[r->open]->and != joint->and) {
        r->said = arena_printf(w->arena, "%.*s(%s)", (int)begin, r->said, r->said + begin);
        r->mixed = true;
    }
    r->joins[r->open] = joint;
    r->words |= joint->word;
    r->said = arena_printf(w->arena, "%s %s ", r->said, joint->and ? "and" : "or");
}

/* Reads English > 5 & Sales = 3: comparisons joined by & and |, with or without parentheses. NULL: the text is no
 * skill expression, or not surely one. */
static const char *skill_said(struct flow_writer *w, const char *from)
{
    struct skill_reader r = {.said = ""};
    for (const char *text = from;;) {
        if (!skill_opens(w, &r, &text)) return NULL;
        const char *stop = skill_end(text, from), *one = skill_compared(w, text, stop);
        if (!one || strlen(r.said) > 2000) return NULL;
        r.said = arena_printf(w->arena, "%s%s", r.said, one);
        text = stop;
        if (!skill_closes(w, &r, &text)) return NULL;
        if (!*text) break;
        const struct skill_joint *joint = skill_joint(text, from);
        if (!joint) return NULL;
        skill_joins(w, &r, joint);
        text += strlen(joint->text);
    }
    return r.open == 0 && !(r.words && r.mixed) ? r.said : NULL;
}

/* ---- targets ---- */

struct target_type {
    const char *type, *kind;
};

/* The types of targets: short names in a target's text, long names in a block's property. */
static const struct target_type *target_type(const char *type)
{
    static const struct target_type types[] = {
        {"GA", "group"},         {"A", "agent"},     {"AP", "place"},    {"Q", "queue"},     {"RP", "queue"},
        {"AgentGroup", "group"}, {"Agent", "agent"}, {"Place", "place"}, {"Queue", "queue"}, {"RoutingPoint", "queue"},
        {"Skill", "skill"},      {"", "group"}};
    for (size_t i = 0; i < sizeof types / sizeof *types; i++)
        if (strcmp(types[i].type, type) == 0) return &types[i];
    return NULL;
}

/* Reads a target as URS writes it: Name@StatServer.TYPE, ?:skills@StatServer.GA. NULL: the text is not surely a
 * target, or is a group of places or queues, which gcx does not have. */
static const char *target_said(struct flow_writer *w, const char *text, const char *kind)
{
    while (target_space(*text)) text++;
    const char *at = strrchr(text, '@'), *dot = strrchr(text, '.');
    size_t length = at ? (size_t)(at - text) : strlen(text);
    while (length > 0 && target_space(text[length - 1])) length--;
    char *name = arena_copy(w->arena, text, length);
    if (at && dot && dot > at) kind = dot + 1;
    if (!at && dot && target_type(dot + 1)) return NULL; /* the name has a dot, or a type follows without a server */
    const struct target_type *type = target_type(kind);
    bool skills = type && strcmp(type->kind, "skill") == 0;
    /* the target has its own threshold or weight, which gcx does not have */
    if (!type || strchr("{[", *name)) return NULL;
    if (strpbrk(name, "@;,")) return NULL; /* several targets, which commas would separate */
    if (strncmp(name, "?:", 2) == 0) return skills || strcmp(type->kind, "group") == 0 ? skill_said(w, name + 2) : NULL;
    if (skills) return skill_said(w, name);
    /* a name in quotes is refused; so is a group before the skills (before ?:) */
    if (strpbrk(name, "?'\"")) return NULL;
    if (strcmp(type->kind, "agent") == 0)
        return arena_printf(w->arena, "agent.named(%s)", name_quoted(w->arena, name, true));
    return arena_printf(w->arena, "%s %s", type->kind, site_declare(w->import, type->kind, name, ""));
}

/* Returns the lines for a text of targets as URS reads it, with commas between them. NULL: one of the texts is no
 * target. */
static const char *target_list_said(struct flow_writer *w, const char *text)
{
    const char *lines = "";
    while (*text) {
        size_t length = strcspn(text, ",");
        const char *line = target_said(w, arena_copy(w->arena, text, length), "GA");
        if (!line || strlen(lines) > 8000) return NULL;
        lines = arena_printf(w->arena, "%s%s;\n", lines, line);
        text += length + (text[length] == ',');
    }
    return *lines ? lines : NULL;
}

/* Returns the targets of a variable that keeps its first value, since no block sets the variable and no other flow
 * passes it. NULL: the variable may have other targets. */
static const char *target_of_variable(struct flow_writer *w, const char *name)
{
    struct import_variable *variable = flow_variable_named(w, name, false);
    if (!variable || variable->assigned || !variable->initial || variable->project) return NULL;
    if (flow_find(w->flow->takes, name)) return NULL;
    struct import_said said = expression_text(w, variable->initial);
    return said.good && said.within ? target_list_said(w, said.within) : NULL;
}

static bool target_is_variable(const struct flow_value *target)
{
    const struct flow_value *type = flow_find(target->parts, "targetType");
    return type && strcmp(type->value, "Variable") == 0;
}

/* Returns an expression for the targets of a block if one variable has them all and is read while the program runs;
 * else NULL. */
static const char *target_text(struct flow_writer *w, const struct flow_block *block)
{
    const struct flow_value *only = flow_find(block->values, "targets"), *name;
    if (!only || flow_find(only->next, "targets") || !target_is_variable(only)) return NULL;
    if (!(name = flow_find(only->parts, "name")) || target_of_variable(w, name->value)) return NULL;
    return said_as(w, expression_text(w, name->value), SAID_STR);
}

/* Thresholds and targets that are not translated are reported: gcx expresses them differently. */
static const char *target_lines(struct flow_writer *w, struct flow_block *block)
{
    const char *lines = "";
    FLOW_EACH(value, block->values, "targets")
    {
        const struct flow_value *name = flow_find(value->parts, "name"), *type = flow_find(value->parts, "targetType");
        const struct flow_value *threshold = flow_find(value->parts, "threshold");
        if (!name || !*name->value || strlen(lines) > 8000) continue;
        const char *line;
        if (target_is_variable(value))
            line = target_of_variable(w, name->value);
        else if ((line = target_said(w, name->value, type ? type->value : "")))
            line = arena_printf(w->arena, "%s;\n", line);
        if (line)
            lines = arena_printf(w->arena, "%s%s", lines, line);
        else
            import_remark(w, block, FLOW_REMARK, "not translated: the target %s", name->value);
        const struct flow_value *skips = flow_find(value->parts, "skipTarget");
        if (skips && strcmp(skips->value, "true") == 0)
            import_remark(
                w, block, FLOW_REMARK,
                "%s was passed over by the exit Skip Target where it was not ready: ask that before the select",
                name->value);
        if (threshold && *threshold->value)
            import_remark(w, block, FLOW_REMARK, "the threshold %s is to be written as `where` of the line",
                          threshold->value);
    }
    return lines;
}

/* A queue whose name is a literal is declared in the site. A queue whose name is in a variable is looked up while the
 * program runs; if the directory does not have that name, a declared queue is used. */
static const char *target_queue(struct flow_writer *w, struct flow_block *block)
{
    bool expression;
    const char *queue = flow_text(w->arena, block->values, "virtualQueue", &expression);
    struct import_said said = expression ? expression_text(w, queue) : said_literal(w, queue);
    const char *literal = said.good ? said.within : NULL;
    if (literal && *literal) return arena_printf(w->arena, "vq %s", site_declare(w->import, "vq", literal, ""));
    const char *other =
        site_declare(w->import, "vq", "imported_vq", "where the source names none, or one that is not there");
    const char *text = *queue ? said_as(w, said, SAID_STR) : NULL;
    if (!text) return arena_printf(w->arena, "vq %s", other);
    import_remark(w, block, FLOW_REMARK, "declare the virtual queues that %s names in the site", queue);
    return arena_printf(w->arena, "(vq.named(%s) else vq %s)", text, other);
}

/* RStatLBEWTLAA also balances between several targets, which the order by idle time does not. */
static const char *target_order(struct flow_writer *w, struct flow_block *block, bool several)
{
    static const char *const orders[][3] = {{"StatTimeInReadyState", "Max", "by longest_idle"},
                                            {"RStatLBEWTLAA", "Min", "by longest_idle"}};
    bool expression;
    const char *statistic = flow_text(w->arena, block->values, "statistic", &expression);
    const char *most = flow_text(w->arena, block->values, "statisticsOrder", &expression);
    for (size_t i = 0; i < sizeof orders / sizeof *orders; i++)
        if (strcmp(orders[i][0], statistic) == 0 && strcmp(orders[i][1], most) == 0 && !(several && i > 0))
            return orders[i][2];
    if (*statistic)
        import_remark(w, block, FLOW_REMARK, "the order by %s %s is to be written: by max(...) or min(...)", most,
                      statistic);
    return "";
}

/* Written into a buffer. Only a step that plays makes a busy block, so the text is searched for a step of ivr. */
static const char *target_busy(struct flow_writer *w, struct flow_block *block)
{
    const struct flow_value *treats = flow_find(block->values, "useTreatments");
    uint32_t busy = flow_exit_to(block, "Busy Treatments");
    if (busy == FLOW_NOWHERE || w->linear || (treats && strcasecmp(treats->value, "false") == 0)) return "";
    char *text = NULL;
    size_t length;
    FILE *out = w->out;
    w->out = open_memstream(&text, &length);
    if (!w->out) abort();
    write_linear(w, busy, (uint32_t)(block - w->flow->blocks), IN_BUSY);
    if (fclose(w->out) != 0) abort();
    w->out = out;
    w->block = block;
    const char *copy = strstr(text, "ivr.") ? arena_printf(w->arena, "busy {\n%s}\n", text) : "";
    free(text);
    return copy;
}

static uint32_t target_next(const struct flow_block *block)
{
    for (uint32_t i = 0; i < block->exit_count; i++)
        if (!block->exits[i].failure && !*block->exits[i].name) return block->exits[i].to;
    for (uint32_t i = 0; i < block->exit_count; i++)
        if (!block->exits[i].failure && strcmp(block->exits[i].name, "Busy Treatments") != 0 &&
            strcmp(block->exits[i].name, "Skip Target") != 0)
            return block->exits[i].to;
    return FLOW_NOWHERE;
}

enum { TARGET_LOOKED = 200 /* blocks behind a selection */ };

/* Does another selection follow where this one finds no agent? */
static bool target_again(const struct flow_writer *w, const struct flow_block *block)
{
    uint32_t found[TARGET_LOOKED], count = 0;
    if (flow_failed(block) != FLOW_NOWHERE) found[count++] = flow_failed(block);
    for (uint32_t at = 0; at < count; at++) {
        const struct flow_block *next = &w->flow->blocks[found[at]];
        if (next->kind == FLOW_target && next != block && !next->disabled) return true;
        for (uint32_t i = 0; i < next->exit_count && count < TARGET_LOOKED; i++) {
            uint32_t known = 0;
            while (known < count && found[known] != next->exits[i].to) known++;
            if (known == count) found[count++] = next->exits[i].to;
        }
    }
    return false;
}

/* Reports that selections wait one after the other, while in the source the targets of an earlier one may stay
 * active. */
static void target_told(struct flow_writer *w, struct flow_block *block)
{
    const struct flow_value *clears = flow_find(block->values, "clearTargets"), *hints = NULL;
    if (!(clears && strcmp(clears->value, "true") == 0) && target_again(w, block))
        import_remark(
            w, block, FLOW_REMARK,
            "its targets stayed in the wait behind it: write them in the later selections, too, where they are "
            "to");
    if ((hints = flow_find(block->values, "hints")) && *hints->value && strcmp(hints->value, "{}") != 0)
        import_remark(w, block, FLOW_REMARK, "its hints %s are attached data: attach user_data[\"route_hint\"] = ...",
                      hints->value);
}

/* Returns the `else` of a selection that finds no agent. */
static const char *target_failed(struct flow_writer *w, const struct flow_block *block)
{
    uint32_t failed = flow_failed(block);
    return failed == FLOW_NOWHERE ? "fail \"timeout\";" : way_to(w, failed, true);
}

/* Writes a wait for targets whose text comes as data: the standard library reads the text. */
static void write_target_read(struct flow_writer *w, struct flow_block *block, const char *text, bool routes)
{
    const char *wanted = block_ident(w, block, "wanted");
    flow_needs_module(w, "targets");
    site_declare(w->import, "group", "imported", "so that groups may come as data");
    if (flow_exit_to(block, "Busy Treatments") != FLOW_NOWHERE)
        import_remark(w, block, FLOW_REMARK, "not translated: its treatments; targets_select plays one prompt");
    import_remark(w, block, FLOW_REMARK, "declare the groups, agents and skills that %s may name in the site", text);
    target_order(w, block, true);
    fprintf(w->out, "let %s = targets_read(%s) %s;\n", wanted, text, block_else(w, block, true));
    fprintf(w->out, "chosen = targets_select(%s, %s, %s, none) else none;\n", target_queue(w, block), wanted,
            block_seconds(w, block->values, "timeout", "10m"));
    w->chosen = true;
    if (routes) {
        w->ends = true;
        fprintf(w->out, "if chosen != none { route chosen else {}; }\n%s\n", target_failed(w, block));
        return;
    }
    fprintf(w->out, "if chosen == none { %s }\n%s\n", target_failed(w, block), way_to(w, target_next(block), false));
}

void import_write_target_block(struct flow_writer *w, struct flow_block *block)
{
    bool expression;
    struct import_said said;
    uint32_t next = target_next(block);
    const char *read = w->linear ? NULL : target_text(w, block), *lines = read ? "" : target_lines(w, block),
               *route = flow_text(w->arena, block->values, "route", &expression);
    if ((!*lines && !read) || w->linear) {
        import_remark(w, block, FLOW_LEFT, "write whom it waits for: select in vq ... { ... }");
        fprintf(w->out, "%s\n", way_to(w, next, false));
        return;
    }
    if (block_said(w, block->values, "priority", &said)) {
        bool words = said.within && said.within[strspn(said.within, "0123456789")];
        const char *number = said.good && !words ? said_as(w, said, SAID_INT) : NULL;
        if (number)
            fprintf(w->out, "priority = %s;\n", number);
        else
            import_remark(w, block, FLOW_REMARK, "not translated: its priority");
    }
    target_told(w, block);
    bool routes = strcasecmp(route, "false") != 0 && !w->subroutine;
    bool last = next == FLOW_NOWHERE || w->flow->blocks[next].kind == FLOW_exit;
    if (read) {
        write_target_read(w, block, read, routes && last);
        return;
    }
    const char *queue = target_queue(w, block), *order = target_order(w, block, strchr(lines, '\n')[1] != '\0');
    const char *timeout = block_seconds(w, block->values, "timeout", "10m"), *busy = target_busy(w, block);
    if (routes && last) {
        const char *otherwise = block_else(w, block, false);
        w->ends = true;
        fprintf(w->out, "connect in %s {\n%s} %s timeout %s\n%s %s;\n", queue, lines, order, timeout, busy, otherwise);
        return;
    }
    w->chosen = true;
    fprintf(w->out, "chosen = select in %s {\n%s} %s timeout %s\n%s %s;\n", queue, lines, order, timeout, busy,
            block_else(w, block, true));
    if (routes)
        import_remark(w, block, FLOW_REMARK, "what followed the routing runs between the selection and the route");
    fprintf(w->out, "%s\n", way_to(w, next, false));
}
