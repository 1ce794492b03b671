/* compiler/import/target.c - A target block as a selection: its targets as lines, its statistic as the order, its
 * treatments as what goes on beside the wait. */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "compiler/import/writer.h"

/* A comparison of a skill expression: Name op level. NULL: it is none. */
static const char *skill_compared(struct flow_writer *w, const char *begin, const char *end)
{
    static const char *const signs[] = {">=", "<=", "!=", "==", ">", "<", "="};
    while (begin < end && (isspace((unsigned char)*begin) || *begin == '"')) begin++;
    const char *at = begin;
    while (at < end && !strchr("<>=!&|()", *at)) at++;
    const char *last = at;
    while (last > begin && (isspace((unsigned char)last[-1]) || last[-1] == '"')) last--;
    if (last == begin) return NULL;
    const char *name = arena_copy(w->arena, begin, (size_t)(last - begin)), *sign = NULL;
    for (size_t i = 0; i < sizeof signs / sizeof *signs && !sign; i++)
        if ((size_t)(end - at) >= strlen(signs[i]) && strncmp(at, signs[i], strlen(signs[i])) == 0) sign = signs[i];
    if (!sign) return NULL;
    at += strlen(sign);
    long level = strtol(at, NULL, 10);
    while (at < end && isspace((unsigned char)*at)) at++;
    if (at == end || !isdigit((unsigned char)*at) || level > 100) return NULL;
    if (strcmp(sign, "=") == 0) sign = "==";
    if (strcmp(sign, ">") == 0 && level < 100) sign = ">=", level++;
    return arena_printf(w->arena, "skill %s %s %ld", site_declare(w->import, "skill", name, ""), sign, level);
}

/* English > 5 & Sales = 3: comparisons joined by & and |, in parentheses or not. NULL: it is none. The left one of &
 * and | binds first in IRD, as gcx-ird(7) says, so it is put in parentheses. */
static const char *skill_said(struct flow_writer *w, const char *text)
{
    const char *said = "", *end = text + strlen(text);
    int open = 0;
    size_t begins[SCRIPT_DEPTH + 1] = {0}; /* of each open parenthesis: where its content begins in `said` */
    char joins[SCRIPT_DEPTH + 1] = {0};    /* and how it was joined last; 0: not yet */
    while (text < end) {
        while (text < end && (isspace((unsigned char)*text) || *text == '(')) {
            if (*text == '(' && ++open > SCRIPT_DEPTH) return NULL;
            if (*text == '(') {
                said = arena_printf(w->arena, "%s(", said);
                begins[open] = strlen(said), joins[open] = 0;
            }
            text++;
        }
        const char *stop = text + strcspn(text, "&|()");
        const char *one = skill_compared(w, text, stop);
        if (!one || strlen(said) > 2000) return NULL;
        said = arena_printf(w->arena, "%s%s", said, one);
        for (text = stop; *text == ')' || isspace((unsigned char)*text); text++) {
            if (*text == ')' && --open < 0) return NULL;
            if (*text == ')') said = arena_printf(w->arena, "%s)", said);
        }
        if (text == end) break;
        if (*text != '&' && *text != '|') return NULL;
        if (joins[open] && joins[open] != *text)
            said = arena_printf(w->arena, "%.*s(%s)", (int)begins[open], said, said + begins[open]);
        joins[open] = *text;
        said = arena_printf(w->arena, "%s %s ", said, *text == '&' ? "and" : "or");
        text++;
        if (*text == text[-1]) text++;
        if (text == end) return NULL;
    }
    return *said && open == 0 ? said : NULL;
}

/* A target as URS writes it: Name@StatServer.TYPE, ?:skills@StatServer.GA. NULL: it is none, or a group of places or
 * queues, which gcx has not. */
static const char *target_said(struct flow_writer *w, const char *text, const char *kind)
{
    static const struct {
        const char *type, *kind;
    } types[] = {
        {"GA", "group"},         {"A", "agent"},     {"AP", "place"},    {"Q", "queue"},     {"RP", "queue"},
        {"AgentGroup", "group"}, {"Agent", "agent"}, {"Place", "place"}, {"Queue", "queue"}, {"RoutingPoint", "queue"},
        {"Skill", "skill"},      {"", "group"}};
    while (isspace((unsigned char)*text)) text++;
    const char *at = strrchr(text, '@'), *dot = strrchr(text, '.');
    size_t length = at ? (size_t)(at - text) : strlen(text);
    char *name = arena_copy(w->arena, text, length);
    if (at && dot && dot > at) kind = dot + 1;
    if (strchr("{[", *name)) return NULL; /* a target with its own threshold or weight: gcx has none */
    if (strpbrk(name, "@;")) return NULL; /* several, which commas would divide */
    if (*name == '?' && strchr(name, ':')) return skill_said(w, strchr(name, ':') + 1);
    for (size_t i = 0; i < sizeof types / sizeof *types; i++) {
        if (strcmp(types[i].type, kind) != 0 || !*name) continue;
        if (strcmp(types[i].kind, "skill") == 0) return skill_said(w, name);
        if (strcmp(types[i].kind, "agent") == 0)
            return arena_printf(w->arena, "agent.named(%s)", name_quoted(w->arena, name, true));
        return arena_printf(w->arena, "%s %s", types[i].kind, site_declare(w->import, types[i].kind, name, ""));
    }
    return NULL;
}

/* A text of targets as URS takes it, with commas between them, as lines. NULL: one of them is none. */
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

/* A variable that nothing sets, and nobody hands over, has the targets that stand behind it at first. NULL: others may
 * be in it. */
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

/* The text of the targets, where that is one variable's, which is read when the caller is there; NULL: it is none. */
static const char *target_text(struct flow_writer *w, const struct flow_block *block)
{
    const struct flow_value *only = flow_find(block->values, "targets"), *name;
    if (!only || flow_find(only->next, "targets") || !target_is_variable(only)) return NULL;
    if (!(name = flow_find(only->parts, "name")) || target_of_variable(w, name->value)) return NULL;
    return said_as(w, expression_text(w, name->value), SAID_STR);
}

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
            block_remark(w, block, FLOW_REMARK, "not translated: the target %s", name->value);
        const struct flow_value *skips = flow_find(value->parts, "skipTarget");
        if (skips && strcmp(skips->value, "true") == 0)
            block_remark(
                w, block, FLOW_REMARK,
                "%s was passed over by the exit Skip Target where it was not ready: ask that before the select",
                name->value);
        if (threshold && *threshold->value)
            block_remark(w, block, FLOW_REMARK, "the threshold %s is to be written as `where` of the line",
                         threshold->value);
    }
    return lines;
}

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
    block_remark(w, block, FLOW_REMARK, "declare the virtual queues that %s names in the site", queue);
    return arena_printf(w->arena, "(vq.named(%s) else vq %s)", text, other);
}

/* RStatLBEWTLAA also balances between several targets, which the idle time does not. */
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
        block_remark(w, block, FLOW_REMARK, "the order by %s %s is to be written: by max(...) or min(...)", most,
                     statistic);
    return "";
}

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

/* Does another selection follow where this one finds nobody? */
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

/* Selections wait one after the other; in the source the targets of a former one may stay. */
static void target_told(struct flow_writer *w, struct flow_block *block)
{
    const struct flow_value *clears = flow_find(block->values, "clearTargets"), *hints = NULL;
    if (!(clears && strcmp(clears->value, "true") == 0) && target_again(w, block))
        block_remark(
            w, block, FLOW_REMARK,
            "its targets stayed in the wait behind it: write them in the later selections, too, where they are "
            "to");
    if ((hints = flow_find(block->values, "hints")) && *hints->value && strcmp(hints->value, "{}") != 0)
        block_remark(w, block, FLOW_REMARK, "its hints %s are attached data: attach user_data[\"route_hint\"] = ...",
                     hints->value);
}

/* The way when it finds nobody. */
static const char *target_failed(struct flow_writer *w, const struct flow_block *block)
{
    uint32_t failed = flow_failed(block);
    return failed == FLOW_NOWHERE ? "fail \"timeout\";" : way_to(w, failed, true);
}

/* Waits for targets whose text comes as data: the standard library reads it. */
static void write_target_read(struct flow_writer *w, struct flow_block *block, const char *text, bool routes)
{
    const char *wanted = block_ident(w, block, "wanted");
    flow_needs_module(w, "targets");
    site_declare(w->import, "group", "imported", "so that groups may come as data");
    if (flow_exit_to(block, "Busy Treatments") != FLOW_NOWHERE)
        block_remark(w, block, FLOW_REMARK, "not translated: its treatments; targets_select plays one prompt");
    block_remark(w, block, FLOW_REMARK, "declare the groups, agents and skills that %s may name in the site", text);
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

void write_target_block(struct flow_writer *w, struct flow_block *block)
{
    bool expression;
    struct import_said said;
    uint32_t next = target_next(block);
    const char *read = w->linear ? NULL : target_text(w, block), *lines = read ? "" : target_lines(w, block),
               *route = flow_text(w->arena, block->values, "route", &expression);
    if ((!*lines && !read) || w->linear) {
        block_remark(w, block, FLOW_LEFT, "write whom it waits for: select in vq ... { ... }");
        fprintf(w->out, "%s\n", way_to(w, next, false));
        return;
    }
    if (block_said(w, block->values, "priority", &said)) {
        bool words = said.within && said.within[strspn(said.within, "0123456789")];
        const char *number = said.good && !words ? said_as(w, said, SAID_INT) : NULL;
        if (number)
            fprintf(w->out, "priority = %s;\n", number);
        else
            block_remark(w, block, FLOW_REMARK, "not translated: its priority");
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
        block_remark(w, block, FLOW_REMARK, "what followed the routing runs between the selection and the route");
    fprintf(w->out, "%s\n", way_to(w, next, false));
}
