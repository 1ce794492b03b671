/* compiler/lint/judge.c - The levels of rules: those of the rules themselves, of the site, of the command line.
 *
 *     a rule's own level --> lines of lint { }, each over those before it --> --rules --> --deny
 *
 * A line with `in` holds for the files that one of its patterns matches, by their path below the site's folder. A
 * pattern that matches a folder holds for all below it, as in .gitignore. An error has no level but its own. */
#include "compiler/lint/judge.h"

#include <fnmatch.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "compiler/lint/allowances.h"
#include "compiler/lint/own.h"

static const char *const level_names[] = {"off", "note", "warning", "error"};

struct judge {
    struct program *program;
    const struct lint_options *options;
    const struct own_rules *own;
    const char *folder; /* the real path of the site's folder with a '/' at its end; NULL: there is no site */
};

static bool judge_named_level(const char *text, enum judge_level *level)
{
    for (int i = JUDGE_OFF; i <= JUDGE_ERROR; i++) {
        if (strcmp(level_names[i], text) != 0) continue;
        *level = (enum judge_level)i;
        return true;
    }
    return false;
}

/* ---- Paths ---- */

const char *judge_level_word(enum judge_level level)
{
    return level_names[level];
}

const struct own_rules *judge_own(const struct judge *judge)
{
    return judge->own;
}

const char *judge_path(const struct judge *judge, const char *path)
{
    char whole[PATH_MAX];
    const char *slash = strrchr(path, '/'), *name = slash ? slash + 1 : path;
    char *folder = slash ? arena_copy(judge->program->arena, path, (size_t)(slash - path) + 1) : NULL;
    if (!judge->folder || !realpath(folder ? folder : ".", whole)) return path;
    const char *there = arena_printf(judge->program->arena, "%s/%s", whole[1] ? whole : "", name);
    size_t length = strlen(judge->folder);
    return strncmp(there, judge->folder, length) == 0 ? there + length : path;
}

/* Does the pattern match the path, or a folder above it? */
static bool judge_pattern_takes(struct arena *arena, const char *pattern, const char *path)
{
    size_t length = strlen(pattern);
    while (strncmp(pattern, "./", 2) == 0) pattern += 2, length -= 2;
    if (length > 0 && pattern[length - 1] == '/') pattern = arena_copy(arena, pattern, length - 1);
    if (fnmatch(pattern, path, FNM_PATHNAME) == 0) return true;
    for (const char *slash = strchr(path, '/'); slash; slash = strchr(slash + 1, '/'))
        if (slash > path && fnmatch(pattern, arena_copy(arena, path, (size_t)(slash - path)), FNM_PATHNAME) == 0)
            return true;
    return false;
}

static bool judge_line_takes(struct arena *arena, const struct node *line, const char *path)
{
    if (!line->lint_line.paths.first || !path) return true;
    EACH_NODE (pattern, line->lint_line.paths)
        if (judge_pattern_takes(arena, pattern->label.name.text, path)) return true;
    return false;
}

/* ---- Reading ---- */

/* Does any code have this name, be it of a rule or not? Then it is perhaps an error, which has no level. */
static void report_no_rule(const struct judge *judge, const struct node *rule)
{
    enum diag_code code;
    struct program *program = judge->program;
    struct word word = rule->label.name;
    if (diag_code_called(word.text, &code)) {
        diag_report(program->diags, RULE_OF_ERROR, word.span, word.text);
        return;
    }
    struct diag *diag = diag_report(program->diags, RULE_UNKNOWN, word.span, word.text);
    char near[DIAG_NAME_MAX];
    const char *own = own_rule_near(program, word.text);
    if (own) {
        diag_did_you_mean(diag, own, (struct source_span){0, 0});
        return;
    }
    if (code < DIAG_CODES) diag_code_write(code, near);
    for (char *at = near; code < DIAG_CODES && *at; at++)
        if (*at == '-') *at = '_';
    if (code < DIAG_CODES && diag_code_severity(code) != ERROR)
        diag_did_you_mean(diag, arena_printf(program->arena, "%s", near), (struct source_span){0, 0});
    else
        diag_hint(diag, "gcxc lint --list says which there are");
}

/* Is it a rule of the site, perhaps one with a mistake? */
static bool judge_declares(const struct judge *judge, const char *name, size_t length)
{
    const struct node *site = judge->program->site;
    for (const struct node *item = site ? site->site.items.first : NULL; item; item = item->next)
        if (item->kind == NODE_SITE_RULE && diag_same_rule(item->site_rule.name.text, name, length)) return true;
    return false;
}

static void judge_read_line(const struct judge *judge, const struct node *line)
{
    enum judge_level level;
    struct word word = line->lint_line.level;
    if (!judge_named_level(word.text, &level))
        diag_hint(diag_report(judge->program->diags, RULE_LEVEL, word.span, word.text), "off, note, warning or error");
    EACH_NODE (rule, line->lint_line.rules) {
        const char *name = rule->label.name.text;
        if (!lint_item_known(name, strlen(name)) && !judge_declares(judge, name, strlen(name)))
            report_no_rule(judge, rule);
    }
}

#define EACH_LINE(judge, line)                                                                                         \
    for (struct node *i_item = (judge)->program->site ? (judge)->program->site->site.items.first : NULL; i_item;       \
         i_item = i_item->next)                                                                                        \
        if (i_item->kind == NODE_SITE_LINT)                                                                            \
            EACH_NODE (line, i_item->site_lint.lines)

static const char *judge_folder(struct program *program)
{
    char whole[PATH_MAX];
    const struct source *source = program->site ? source_set_at(program->sources, program->site->span.begin) : NULL;
    if (!source) return NULL;
    const char *slash = strrchr(source->path, '/');
    const char *folder = slash ? arena_copy(program->arena, source->path, (size_t)(slash - source->path) + 1) : ".";
    if (!realpath(folder, whole)) return NULL;
    return arena_printf(program->arena, "%s/", whole[1] ? whole : "");
}

struct judge *judge_new(struct program *program, const struct lint_options *options)
{
    static const struct lint_options as_check = {.errors_only = true};
    struct judge *judge = ARENA_NEW(program->arena, struct judge);
    judge->program = program;
    judge->options = options ? options : &as_check;
    judge->folder = judge_folder(program);
    judge->own = own_rules_read(program);
    EACH_LINE(judge, line) judge_read_line(judge, line);
    for (size_t i = 0; i < judge->own->count; i++)
        judge->own->of[i].runs = judge_level_of(judge, DIAG_LINT_OWN_RULE, &judge->own->of[i].told, NULL) != JUDGE_OFF;
    return judge;
}

/* ---- Levels ---- */

/* Is the item a name of the rule, or of several rules of which it is one? */
static bool judge_item_names(const char *item, size_t length, enum diag_code code, const struct diag_own *own)
{
    return lint_item_names(item, length, code) || (own && diag_same_rule(own->name, item, length));
}

const char *judge_items_wrong(const struct judge *judge, const char *rules)
{
    for (const char *item = rules; item && *item; item += strcspn(item, ","), item += *item == ',') {
        const char *name = item + (*item == '-' || *item == '+');
        size_t length = strcspn(name, ",");
        if (!lint_item_known(name, length) && !judge_declares(judge, name, length)) return name;
    }
    return NULL;
}

static enum judge_level judge_by_command(const char *rules, enum diag_code code, const struct diag_own *own,
                                         enum judge_level level)
{
    bool all = !rules || *rules == '+' || *rules == '-', of_lint = diag_code_text(code)[0] == 'L';
    if (!all && of_lint) level = JUDGE_OFF;
    for (const char *item = rules; item && *item; item += strcspn(item, ","), item += *item == ',') {
        const char *name = item + (*item == '-' || *item == '+');
        if (!judge_item_names(name, strcspn(name, ","), code, own)) continue;
        level = *item == '-' ? JUDGE_OFF : level == JUDGE_OFF ? JUDGE_WARNING : level;
    }
    return level;
}

/* Returns the level of a rule in the file at that path. Without a path: its highest level in any file. */
static enum judge_level judge_level(const struct judge *judge, enum diag_code code, const struct diag_own *own,
                                    const char *path)
{
    enum judge_level level = lint_code_preset(code) ? JUDGE_WARNING : JUDGE_OFF, set;
    EACH_LINE(judge, line)
    EACH_NODE (rule, line->lint_line.rules) {
        const char *name = rule->label.name.text;
        if (!judge_item_names(name, strlen(name), code, own) || !judge_named_level(line->lint_line.level.text, &set))
            continue;
        if (!judge_line_takes(judge->program->arena, line, path)) continue;
        if (path || !line->lint_line.paths.first || set > level) level = set;
    }
    level = judge_by_command(judge->options->rules, code, own, level);
    for (const char *item = judge->options->deny; item && *item; item += strcspn(item, ","), item += *item == ',')
        if (level != JUDGE_OFF && judge_item_names(item, strcspn(item, ","), code, own)) level = JUDGE_ERROR;
    return judge->options->errors_only && diag_code_text(code)[0] == 'L' && level != JUDGE_ERROR ? JUDGE_OFF : level;
}

enum judge_level judge_level_of(const struct judge *judge, enum diag_code code, const struct diag_own *own,
                                bool *places)
{
    if (places) {
        *places = false;
        EACH_LINE(judge, line)
        EACH_NODE (rule, line->lint_line.rules) {
            const char *name = rule->label.name.text;
            if (line->lint_line.paths.first && judge_item_names(name, strlen(name), code, own)) *places = true;
        }
    }
    return judge_level(judge, code, own, NULL);
}

bool judge_runs(const struct judge *judge, size_t rule)
{
    enum diag_code code = lint_rule_code(rule);
    if (code != DIAG_LINT_OWN_RULE) return judge_level(judge, code, NULL, NULL) != JUDGE_OFF;
    for (size_t i = 0; i < judge->own->count; i++)
        if (judge->own->of[i].runs) return true;
    return false;
}

static enum judge_level judge_level_at(const struct judge *judge, enum diag_code code, const struct diag_own *own,
                                       struct source_span span)
{
    const struct source *source = source_set_at(judge->program->sources, span.begin);
    const char *path = source ? judge_path(judge, source->path) : "";
    return judge_level(judge, code, own, path);
}

static bool judge_is_off(void *self, const char *text, struct source_span where)
{
    const struct judge *judge = self;
    enum diag_code code;
    const struct own_rule *own = own_rule_named(judge->own, text, strlen(text));
    if (own) return judge_level_at(judge, DIAG_LINT_OWN_RULE, &own->told, where) == JUDGE_OFF;
    return diag_code_called(text, &code) && judge_level_at(judge, code, NULL, where) == JUDGE_OFF;
}

static bool judge_knows(void *self, const char *text)
{
    enum diag_code code;
    return own_rule_named(((const struct judge *)self)->own, text, strlen(text)) ||
           (diag_code_called(text, &code) && diag_code_severity(code) != ERROR);
}

void judge_apply(struct judge *judge, bool linted)
{
    static const enum diag_severity severities[] = {
        [JUDGE_NOTE] = NOTE, [JUDGE_WARNING] = WARNING, [JUDGE_ERROR] = ERROR};
    struct allowed_rules rules = {judge, judge_knows, judge_is_off};
    allowances_apply(judge->program, linted, &rules);
    for (struct diag *diag = diags_first(judge->program->diags); diag; diag = diag->next) {
        if (diag_code_severity(diag->code) == ERROR || diag->dropped) continue;
        enum judge_level level = judge_level_at(judge, diag->code, diag->own, diag->span);
        diag->dropped = level == JUDGE_OFF;
        if (!diag->dropped) diag_level(diag, severities[level]);
    }
}
