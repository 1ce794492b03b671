/* compiler/import/taskrouter/condition.c - Translates expressions of TaskRouter (condition.h).
 *
 *     customer == "Gold" AND level > 3     user_data["customer"].str == "Gold" and ...
 *     worker.languages HAS "en"            skill "languages en" >= 1
 *     worker.languages HAS task.language   skill[wanted] >= 1, where wanted is skill.named("languages {...}")
 *     workers.available == 0               agents who are ready or busy, of the group of the queue
 *
 * A comparison with a missing attribute is false in TaskRouter and in gcx; for != TaskRouter's documentation does not
 * say so, so it gets a remark. */
#include "compiler/import/taskrouter/condition.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum { CONDITION_DEPTH = 20, CONDITION_BYTES = 4000, CONDITION_LIST = 100, CONDITION_TERMS = 200 };

enum term_kind { TERM_TEXT, TERM_NUMBER, TERM_FRACTION, TERM_TRUTH, TERM_LIST, TERM_TASK, TERM_WORKER, TERM_WORKERS };

struct term {
    enum term_kind kind;
    const char *text;    /* a constant's text, or an attribute's path */
    const char **values; /* of a list */
    unsigned count;
    bool texts; /* all elements of the list are texts */
};

struct condition_reader {
    struct importer *import;
    struct arena *arena;
    struct flow_names *taken;
    enum condition_of of;
    const char *at, *group, *why, *remark, *before, *missing;
    unsigned depth, terms;
};

/* A translated part of an expression. */
struct part {
    const char *text, *members;
    int always;
};

static void condition_blanks(struct condition_reader *r)
{
    while (isspace((unsigned char)*r->at)) r->at++;
}

static bool condition_fails(struct condition_reader *r, const char *why)
{
    if (!r->why) r->why = why;
    return false;
}

static bool condition_word(struct condition_reader *r, const char *word)
{
    condition_blanks(r);
    size_t length = strlen(word);
    if (strncasecmp(r->at, word, length) != 0) return false;
    if (isalpha((unsigned char)*word) && (isalnum((unsigned char)r->at[length]) || r->at[length] == '_')) return false;
    r->at += length;
    return true;
}

/* Reads a text in single or double quotes. */
static bool term_quoted(struct condition_reader *r, const char **text)
{
    char quote = *r->at++;
    const char *begin = r->at;
    while (*r->at && *r->at != quote && *r->at != '\\') r->at++;
    if (*r->at != quote) return condition_fails(r, "a text is open, or has a backslash");
    *text = arena_copy(r->arena, begin, (size_t)(r->at++ - begin));
    return true;
}

static bool term_number(struct condition_reader *r, struct term *term)
{
    const char *begin = r->at;
    if (*r->at == '-') r->at++;
    size_t whole = strspn(r->at, "0123456789");
    r->at += whole;
    term->kind = TERM_NUMBER;
    if (*r->at == '.') {
        r->at += 1 + strspn(r->at + 1, "0123456789");
        term->kind = TERM_FRACTION;
    }
    if (whole == 0 || whole > 15) return condition_fails(r, "a number has another form");
    term->text = arena_copy(r->arena, begin, (size_t)(r->at - begin));
    return true;
}

static bool term_list(struct condition_reader *r, struct term *term)
{
    term->kind = TERM_LIST;
    term->values = ARENA_ARRAY(r->arena, const char *, CONDITION_LIST);
    term->texts = true;
    r->at++;
    for (condition_blanks(r); *r->at && *r->at != ']'; condition_blanks(r)) {
        struct term value = {0};
        if (term->count == CONDITION_LIST) return condition_fails(r, "a list is too long");
        if (*r->at == '\'' || *r->at == '"') {
            if (!term_quoted(r, &value.text)) return false;
        } else if (!term_number(r, &value) || value.kind != TERM_NUMBER) {
            return condition_fails(r, "a list has other values than texts and whole numbers");
        } else {
            term->texts = false;
        }
        term->values[term->count++] = value.text;
        condition_blanks(r);
        if (*r->at == ',') r->at++;
    }
    if (*r->at != ']') return condition_fails(r, "a list is open");
    r->at++;
    return true;
}

static bool term_read(struct condition_reader *r, struct term *term)
{
    *term = (struct term){0};
    if (++r->terms > CONDITION_TERMS) return condition_fails(r, "it is too long");
    condition_blanks(r);
    if (*r->at == '\'' || *r->at == '"') {
        term->kind = TERM_TEXT;
        return term_quoted(r, &term->text);
    }
    if (*r->at == '[') return term_list(r, term);
    if (isdigit((unsigned char)*r->at) || *r->at == '-') return term_number(r, term);
    const char *begin = r->at;
    while (isalnum((unsigned char)*r->at) || *r->at == '_' || *r->at == '.') r->at++;
    if (begin == r->at) return condition_fails(r, "it has a form that is not translated");
    term->text = arena_copy(r->arena, begin, (size_t)(r->at - begin));
    term->kind = r->of == CONDITION_TASK ? TERM_TASK : TERM_WORKER;
    if (strcasecmp(term->text, "true") == 0 || strcasecmp(term->text, "false") == 0) {
        term->kind = TERM_TRUTH;
        return true;
    }
    static const struct {
        const char *begins;
        enum term_kind kind;
    } kinds[] = {{"task.", TERM_TASK}, {"worker.", TERM_WORKER}, {"workers.", TERM_WORKERS}};
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
        if (strncmp(term->text, kinds[i].begins, strlen(kinds[i].begins)) == 0) {
            term->kind = kinds[i].kind;
            term->text += strlen(kinds[i].begins);
        }
    bool names = *term->text && !strstr(term->text, "..") && term->text[strlen(term->text) - 1] != '.';
    return names || condition_fails(r, "an attribute has no name");
}

/* Returns the attribute of the task: user_data["a"]["b"]. */
static const char *task_value(struct condition_reader *r, const char *path)
{
    const char *value = "user_data";
    while (*path) {
        size_t length = strcspn(path, ".");
        value =
            arena_printf(r->arena, "%s[%s]", value, name_quoted(r->arena, arena_copy(r->arena, path, length), true));
        path += length + (path[length] == '.');
    }
    return value;
}

static bool part_set(struct part *part, const char *text)
{
    part->text = text;
    return true;
}

/* Writes a comparison of the task's attribute with a constant. */
static bool task_compares(struct condition_reader *r, struct part *part, const struct term *task, const char *sign,
                          const struct term *constant)
{
    const char *value = task_value(r, task->text);
    bool equal = strcmp(sign, "==") == 0, unequal = strcmp(sign, "!=") == 0;
    if (unequal)
        r->remark = arena_printf(
            r->arena, "not translated: whether %s != holds for a task without it: here it does not", task->text);
    switch (constant->kind) {
    case TERM_TEXT:
        if (!equal && !unequal) return condition_fails(r, "it compares texts by their order");
        return part_set(
            part, unequal ? arena_printf(r->arena, "(%s.str != none and %s.str != %s)", value, value,
                                         name_quoted(r->arena, constant->text, true))
                          : arena_printf(r->arena, "%s.str == %s", value, name_quoted(r->arena, constant->text, true)));
    case TERM_NUMBER:
        return part_set(part, equal ? arena_printf(r->arena, "%s.int == %s", value, constant->text)
                                    : arena_printf(r->arena, "(%s.int != none and (%s.int else 0) %s %s)", value, value,
                                                   sign, constant->text));
    case TERM_TRUTH:
        if (!equal) return condition_fails(r, "it compares truth values by more than ==");
        return part_set(part, arena_printf(r->arena, "%s.bool == %s", value,
                                           strcasecmp(constant->text, "true") == 0 ? "true" : "false"));
    default:
        return condition_fails(r, "it compares with a fraction, or with another attribute");
    }
}

static bool task_in(struct condition_reader *r, struct part *part, const struct term *task, const struct term *list)
{
    const char *value = task_value(r, task->text), *all = "";
    if (list->kind != TERM_LIST || list->count == 0)
        return condition_fails(r, "it asks for an element of an attribute");
    for (unsigned i = 0; i < list->count; i++)
        all = arena_printf(
            r->arena, "%s%s%s", all, i ? " or " : "",
            list->texts ? arena_printf(r->arena, "%s.str == %s", value, name_quoted(r->arena, list->values[i], true))
                        : arena_printf(r->arena, "%s.int == %s", value, list->values[i]));
    if (!list->texts)
        for (unsigned i = 0; i < list->count; i++)
            if (!*list->values[i] || list->values[i][strspn(list->values[i], "-0123456789")])
                return condition_fails(r, "a list has texts and numbers");
    return part_set(part, arena_printf(r->arena, "(%s)", all));
}

/* Returns the name of the skill for a worker's attribute and one of its texts. */
static const char *worker_skill(struct condition_reader *r, const char *path, const char *text)
{
    return arena_printf(r->arena, "%s %s", path, text);
}

static bool worker_has(struct condition_reader *r, struct part *part, const char *path, const char *text)
{
    const char *skill = worker_skill(r, path, text), *label = site_declare(r->import, "skill", skill, "");
    if (strchr(text, '"') || strchr(text, '\\')) return condition_fails(r, "a text has a quote");
    part->text = arena_printf(r->arena, "skill %s >= 1", label);
    part->members = arena_printf(r->arena, "\"%s\" >= 1", skill);
    return true;
}

/* Writes the condition that the worker's attribute contains the task's value, which is known at run time. */
static bool worker_has_task(struct condition_reader *r, struct part *part, const char *path, const char *task)
{
    const char *wanted = name_fresh(r->arena, r->taken, &r->import->names, "wanted");
    r->before = arena_printf(r->arena, "%slet %s = skill.named(\"%s {(%s.str else \"\")}\");\n", r->before, wanted,
                             name_quoted(r->arena, path, false), task_value(r, task));
    r->missing = r->missing ? arena_printf(r->arena, "%s or %s == none", r->missing, wanted)
                            : arena_printf(r->arena, "%s == none", wanted);
    part->text = arena_printf(r->arena, "skill[%s] >= 1", wanted);
    return true;
}

static bool worker_compares(struct condition_reader *r, struct part *part, const struct term *worker, const char *sign,
                            const struct term *other)
{
    bool equal = strcmp(sign, "==") == 0, more = *sign == '>';
    if (equal && other->kind == TERM_TEXT) return worker_has(r, part, worker->text, other->text);
    if (equal && other->kind == TERM_TASK) return worker_has_task(r, part, worker->text, other->text);
    if (equal && other->kind == TERM_TRUTH && strcasecmp(other->text, "true") == 0)
        return worker_has(r, part, worker->text, "true");
    long long level = other->kind == TERM_NUMBER ? strtoll(other->text, NULL, 10) : -1;
    if ((!equal && !more) || level < (more ? 0 : 1) || level > 99 || (sign[0] == '>' && sign[1] == '=' && level == 0))
        return condition_fails(r, "a worker without the attribute would match, or it is no level");
    part->text =
        arena_printf(r->arena, "skill %s %s %lld", site_declare(r->import, "skill", worker->text, ""), sign, level);
    part->members = arena_printf(r->arena, "\"%s\" %s %lld", worker->text, sign, level);
    return true;
}

static bool worker_in(struct condition_reader *r, struct part *part, const struct term *worker, const struct term *list)
{
    if (list->kind != TERM_LIST || !list->texts || list->count == 0)
        return condition_fails(r, "it asks for an element of an attribute");
    const char *text = "", *members = "";
    for (unsigned i = 0; i < list->count; i++) {
        struct part one;
        if (!worker_has(r, &one, worker->text, list->values[i])) return false;
        text = arena_printf(r->arena, "%s%s%s", text, i ? " or " : "", one.text);
        members = arena_printf(r->arena, "%s%s%s", members, i ? " or " : "", one.members);
    }
    part->text = arena_printf(r->arena, "(%s)", text);
    part->members = arena_printf(r->arena, "(%s)", members);
    return true;
}

static bool counts_compare(struct condition_reader *r, struct part *part, const struct term *counted, const char *sign,
                           const struct term *number)
{
    bool available = strcmp(counted->text, "available") == 0;
    if ((!available && strcmp(counted->text, "unavailable") != 0) || number->kind != TERM_NUMBER || !r->group)
        return condition_fails(r, "it counts workers by an activity of their own");
    return part_set(
        part, available ? arena_printf(r->arena, "group %s.agents_logged_in - group %s.agents_not_ready %s %s",
                                       r->group, r->group, sign, number->text)
                        : arena_printf(r->arena, "group %s.agents_not_ready %s %s", r->group, sign, number->text));
}

/* Writes a comparison of two constants, as 1 == 1. */
static bool constants_compare(struct condition_reader *r, struct part *part, const struct term *left, const char *sign,
                              const struct term *right)
{
    bool same = left->kind == right->kind && strcmp(left->text, right->text) == 0;
    if (left->kind != right->kind || left->kind == TERM_FRACTION || left->kind == TERM_LIST ||
        (strcmp(sign, "==") != 0 && strcmp(sign, "!=") != 0))
        return condition_fails(r, "it compares constants");
    part->always = same == (strcmp(sign, "==") == 0) ? 1 : -1;
    return part_set(part, part->always > 0 ? "true" : "false");
}

static bool term_is_constant(const struct term *term)
{
    return term->kind <= TERM_LIST;
}

static bool condition_relation(struct condition_reader *r, struct part *part, const struct term *left, const char *sign,
                               const struct term *right)
{
    static const char *const turned[][2] = {{"==", "=="}, {"!=", "!="}, {"<", ">"},
                                            {">", "<"},   {"<=", ">="}, {">=", "<="}};
    bool turn = term_is_constant(left) && !term_is_constant(right);
    turn = turn || (left->kind == TERM_TASK && right->kind == TERM_WORKER);
    if (turn)
        for (size_t i = 0; i < sizeof turned / sizeof *turned; i++)
            if (strcmp(sign, turned[i][0]) == 0) return condition_relation(r, part, right, turned[i][1], left);
    if (term_is_constant(left) && term_is_constant(right)) return constants_compare(r, part, left, sign, right);
    if (left->kind == TERM_TASK && r->of != CONDITION_WORKER) return task_compares(r, part, left, sign, right);
    if (left->kind == TERM_WORKER && r->of == CONDITION_WORKER) return worker_compares(r, part, left, sign, right);
    if (left->kind == TERM_WORKERS && r->of == CONDITION_COUNTS) return counts_compare(r, part, left, sign, right);
    return condition_fails(r, "it compares what cannot be compared here");
}

static bool condition_has(struct condition_reader *r, struct part *part, const struct term *left,
                          const struct term *right)
{
    if (left->kind != TERM_WORKER || r->of != CONDITION_WORKER)
        return condition_fails(r, "it asks for an element of an attribute of the task");
    if (right->kind == TERM_TEXT) return worker_has(r, part, left->text, right->text);
    if (right->kind == TERM_TASK) return worker_has_task(r, part, left->text, right->text);
    return condition_fails(r, "HAS with something else than a text");
}

static bool condition_in(struct condition_reader *r, struct part *part, const struct term *left,
                         const struct term *right)
{
    if (left->kind == TERM_TASK && right->kind == TERM_WORKER && r->of == CONDITION_WORKER)
        return worker_has_task(r, part, right->text, left->text);
    if (left->kind == TERM_TEXT && right->kind == TERM_WORKER && r->of == CONDITION_WORKER)
        return worker_has(r, part, right->text, left->text);
    if (left->kind == TERM_TASK && r->of != CONDITION_WORKER) return task_in(r, part, left, right);
    if (left->kind == TERM_WORKER && r->of == CONDITION_WORKER) return worker_in(r, part, left, right);
    return condition_fails(r, "IN with something else than a list");
}

static bool condition_or(struct condition_reader *, struct part *);

static bool condition_one(struct condition_reader *r, struct part *part)
{
    static const char *const signs[] = {"==", "!=", "<>", "<=", ">=", "=", "<", ">"};
    struct term left, right;
    *part = (struct part){0};
    condition_blanks(r);
    if (*r->at == '(') {
        if (++r->depth > CONDITION_DEPTH) return condition_fails(r, "it is nested too deep");
        r->at++;
        if (!condition_or(r, part)) return false;
        r->depth--;
        if (!condition_word(r, ")")) return condition_fails(r, "a bracket is open");
        part->text = arena_printf(r->arena, "(%s)", part->text);
        if (part->members) part->members = arena_printf(r->arena, "(%s)", part->members);
        return true;
    }
    if (condition_word(r, "NOT")) return condition_fails(r, "NOT");
    if (!term_read(r, &left)) return false;
    if (condition_word(r, "NOT")) return condition_fails(r, "NOT IN, or NOT HAS");
    if (condition_word(r, "IN")) return term_read(r, &right) && condition_in(r, part, &left, &right);
    if (condition_word(r, "HAS")) return term_read(r, &right) && condition_has(r, part, &left, &right);
    if (condition_word(r, "CONTAINS")) {
        if (!term_read(r, &right)) return false;
        if (left.kind != TERM_TASK || right.kind != TERM_TEXT || r->of == CONDITION_WORKER)
            return condition_fails(r, "CONTAINS of something else than the task");
        return part_set(part, arena_printf(r->arena, "(%s.str else \"\").contains(%s)", task_value(r, left.text),
                                           name_quoted(r->arena, right.text, true)));
    }
    for (size_t i = 0; i < sizeof signs / sizeof *signs; i++) {
        if (!condition_word(r, signs[i])) continue;
        const char *sign = i == 2 ? "!=" : i == 5 ? "==" : signs[i];
        return term_read(r, &right) && condition_relation(r, part, &left, sign, &right);
    }
    return condition_fails(r, "it has no comparison");
}

static bool condition_and(struct condition_reader *r, struct part *part)
{
    if (!condition_one(r, part)) return false;
    while (condition_word(r, "AND") || condition_word(r, "&&")) {
        struct part right;
        if (!condition_one(r, &right)) return false;
        if (part->always > 0 || right.always < 0)
            *part = right;
        else if (right.always == 0 && part->always == 0)
            *part = (struct part){.text = arena_printf(r->arena, "%s and %s", part->text, right.text),
                                  .members = part->members && right.members
                                                 ? arena_printf(r->arena, "%s and %s", part->members, right.members)
                                                 : NULL};
    }
    return true;
}

static bool condition_or(struct condition_reader *r, struct part *part)
{
    if (!condition_and(r, part)) return false;
    while (condition_word(r, "OR") || condition_word(r, "||")) {
        struct part right;
        if (r->missing) return condition_fails(r, "OR behind what the task names");
        if (!condition_and(r, &right)) return false;
        if (r->missing) return condition_fails(r, "OR before what the task names");
        if (part->always < 0 || right.always > 0)
            *part = right;
        else if (right.always == 0 && part->always == 0)
            *part = (struct part){.text = arena_printf(r->arena, "(%s or %s)", part->text, right.text),
                                  .members = part->members && right.members
                                                 ? arena_printf(r->arena, "(%s or %s)", part->members, right.members)
                                                 : NULL};
    }
    return true;
}

struct task_condition condition_read(struct importer *import, struct flow_names *taken, const char *text,
                                     enum condition_of of, const char *group)
{
    struct condition_reader r = {.import = import,
                                 .arena = import->arena,
                                 .taken = taken,
                                 .of = of,
                                 .at = text,
                                 .group = group,
                                 .remark = "",
                                 .before = ""};
    struct part part;
    bool good = strlen(text) < CONDITION_BYTES ? condition_or(&r, &part) : condition_fails(&r, "it is too long");
    condition_blanks(&r);
    if (good && *r.at) good = condition_fails(&r, "it has a form that is not translated");
    if (!good) return (struct task_condition){.why = r.why, .remark = "", .text = ""};
    return (struct task_condition){.good = true,
                                   .text = part.text,
                                   .members = part.members,
                                   .before = r.before,
                                   .missing = r.missing,
                                   .always = part.always,
                                   .remark = r.remark};
}
