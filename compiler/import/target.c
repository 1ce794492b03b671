/* compiler/import/target.c - A target block as a selection: its targets as lines, its statistic as the order, its
 * treatments as what goes on beside the wait. */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

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

/* A target as URS writes it: Name@StatServer.TYPE, ?:skills@StatServer.GA. NULL: it is none. */
static const char *target_said(struct flow_writer *w, const char *text, const char *kind)
{
    static const struct {
        const char *type, *kind;
    } types[] = {{"GA", "group"},         {"A", "agent"},          {"AP", "place"},    {"Q", "queue"},
                 {"RP", "queue"},         {"GQ", "queue"},         {"GP", "group"},    {"AgentGroup", "group"},
                 {"Agent", "agent"},      {"Place", "place"},      {"Queue", "queue"}, {"RoutingPoint", "queue"},
                 {"PlaceGroup", "group"}, {"QueueGroup", "queue"}, {"Skill", "skill"}, {"", "group"}};
    while (isspace((unsigned char)*text)) text++;
    const char *at = strrchr(text, '@'), *dot = strrchr(text, '.');
    size_t length = at ? (size_t)(at - text) : strlen(text);
    char *name = arena_copy(w->arena, text, length);
    if (at && dot && dot > at) kind = dot + 1;
    if (strncmp(name, "?:", 2) == 0) return skill_said(w, name + 2);
    for (size_t i = 0; i < sizeof types / sizeof *types; i++) {
        if (strcmp(types[i].type, kind) != 0 || !*name) continue;
        if (strcmp(types[i].kind, "skill") == 0) return skill_said(w, name);
        if (strcmp(types[i].kind, "agent") == 0)
            return arena_printf(w->arena, "agent.named(%s)", name_quoted(w->arena, name, true));
        return arena_printf(w->arena, "%s %s", types[i].kind, site_declare(w->import, types[i].kind, name, ""));
    }
    return NULL;
}

/* A variable that nothing sets has the target that stands behind it at first. */
static const char *target_of_variable(struct flow_writer *w, struct flow_block *block, const char *name)
{
    struct variable *variable = flow_variable_named(w, name, false);
    if (variable && !variable->assigned && variable->initial) {
        struct said said = expression_text(w, variable->initial);
        const char *fixed = said.good && said.within ? target_said(w, said.within, "GA") : NULL;
        if (fixed) return fixed;
    }
    struct said said = expression_text(w, name);
    const char *text = said_as(w, said, SAID_STR);
    if (!text) return NULL;
    site_declare(w->import, "group", "imported", "so that groups may come as data");
    block_remark(w, block, FLOW_REMARK,
                 "the target comes from %s: a group of that name is taken, other targets (agents, skills) are not",
                 name);
    return arena_printf(w->arena, "group.named(%s)", text);
}

static const char *target_lines(struct flow_writer *w, struct flow_block *block)
{
    const char *lines = "";
    for (const struct flow_value *value = block->values; value; value = value->next) {
        const struct flow_value *name = flow_find(value->parts, "name"), *type = flow_find(value->parts, "targetType");
        const struct flow_value *threshold = flow_find(value->parts, "threshold");
        if (strcmp(value->name, "targets") != 0 || !name || !*name->value || strlen(lines) > 8000) continue;
        bool variable = type && strcmp(type->value, "Variable") == 0;
        const char *line =
            variable ? target_of_variable(w, block, name->value) : target_said(w, name->value, type ? type->value : "");
        if (line)
            lines = arena_printf(w->arena, "%s%s;\n", lines, line);
        else
            block_remark(w, block, FLOW_REMARK, "the target %s is not translated", name->value);
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
    struct said said = expression ? expression_text(w, queue) : said_literal(w, queue);
    const char *literal = said.good ? said.within : NULL;
    if (literal && *literal) return arena_printf(w->arena, "vq %s", site_declare(w->import, "vq", literal, ""));
    const char *other =
        site_declare(w->import, "vq", "imported_vq", "where the source names none, or one that is not there");
    const char *text = *queue ? said_as(w, said, SAID_STR) : NULL;
    if (!text) return arena_printf(w->arena, "vq %s", other);
    block_remark(w, block, FLOW_REMARK, "declare the virtual queues that %s names in the site", queue);
    return arena_printf(w->arena, "(vq.named(%s) else vq %s)", text, other);
}

static const char *target_order(struct flow_writer *w, struct flow_block *block)
{
    static const char *const orders[][3] = {{"StatTimeInReadyState", "Max", "by longest_idle"},
                                            {"StatAgentLoading", "Min", "by least_occupied"},
                                            {"StatAgentLoading", "Max", "by longest_idle"},
                                            {"RStatLBEWTLAA", "Min", "by longest_idle"}};
    bool expression;
    const char *statistic = flow_text(w->arena, block->values, "statistic", &expression);
    const char *most = flow_text(w->arena, block->values, "statisticsOrder", &expression);
    for (size_t i = 0; i < sizeof orders / sizeof *orders; i++)
        if (strcmp(orders[i][0], statistic) == 0 && strcmp(orders[i][1], most) == 0) return orders[i][2];
    if (*statistic)
        block_remark(w, block, FLOW_REMARK, "the order by %s %s is to be written: by max(...) or min(...)", most,
                     statistic);
    return "";
}

static const char *target_busy(struct flow_writer *w, struct flow_block *block)
{
    uint32_t busy = flow_exit_to(block, "Busy Treatments");
    if (busy == FLOW_NOWHERE || w->linear) return "";
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

void write_target_block(struct flow_writer *w, struct flow_block *block)
{
    bool expression;
    struct said said;
    uint32_t next = target_next(block);
    const char *lines = target_lines(w, block), *route = flow_text(w->arena, block->values, "route", &expression);
    if (!*lines || w->linear) {
        block_remark(w, block, FLOW_LEFT, "write whom it waits for: select in vq ... { ... }");
        fprintf(w->out, "%s\n", way_to(w, next, false));
        return;
    }
    if (block_said(w, block->values, "priority", &said) && said.good) {
        const char *number = said_as(w, said, SAID_INT);
        if (number) fprintf(w->out, "priority = %s;\n", number);
    }
    target_told(w, block);
    const char *queue = target_queue(w, block), *order = target_order(w, block);
    const char *timeout = block_seconds(w, block->values, "timeout", "10m"), *busy = target_busy(w, block);
    bool routes = strcasecmp(route, "false") != 0 && !w->subroutine;
    bool last = next == FLOW_NOWHERE || w->flow->blocks[next].kind == FLOW_exit;
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
