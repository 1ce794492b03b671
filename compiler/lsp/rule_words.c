/* compiler/lsp/rule_words.c - Completes and describes the names of rules, and what a site's own rule may say.
 *
 *     lint { unused_variable, <names> error; }            rule r for <kinds> { <lines> where <names>; say "..."; }
 *     // gcx:allow <names> the reason
 *
 * The place is read from the text, as a line seldom parses while it is typed. */
#include "compiler/lsp/rule_words.h"

#include <ctype.h>
#include <string.h>

#include "compiler/language/step_ids.h"
#include "compiler/lint/judge.h"
#include "compiler/lint/own.h"
#include "compiler/lsp/before.h"
#include "compiler/syntax/ast.h"

enum rule_place { RULE_NOWHERE, RULE_REMARK, RULE_LEVELS, RULE_LINES, RULE_HEAD };

enum { RULE_DEEP = 64 };

/* Finds where the item begins in which the cursor is, and where the block around it opens; SIZE_MAX: in none. Texts and
 * remarks are skipped. */
static size_t rule_item_begin(const char *text, size_t at, size_t *open)
{
    size_t opens[RULE_DEEP], depth = 0, item = 0;
    bool quoted = false;
    for (size_t i = 0; i < at; i++) {
        char c = text[i];
        if (quoted) {
            if (c == '\\') i++;
            quoted = c != '"' && c != '\n';
        } else if (c == '/' && text[i + 1] == '/') {
            while (i + 1 < at && text[i + 1] != '\n') i++;
        } else if (c == '"') {
            quoted = true;
        } else if (c == '{' && depth < RULE_DEEP) {
            opens[depth++] = i;
            item = i + 1;
        } else if (c == '}' || c == ';') {
            if (c == '}' && depth > 0) depth--;
            item = i + 1;
        }
    }
    *open = depth > 0 ? opens[depth - 1] : SIZE_MAX;
    return item;
}

/* Does the text from `at` on begin with the word, behind spaces and remarks? Returns the offset behind it, or 0. */
static size_t rule_begins_with(const char *text, size_t at, size_t end, const char *word)
{
    size_t length = strlen(word);
    for (;;) {
        while (at < end && isspace((unsigned char)text[at])) at++;
        if (at + 1 >= end || text[at] != '/' || text[at + 1] != '/') break;
        while (at < end && text[at] != '\n') at++;
    }
    bool begins = at + length <= end && memcmp(text + at, word, length) == 0;
    return begins && !before_is_name_byte(text[at + length]) ? at + length : 0;
}

/* Returns the offset behind `gcx:allow` of the remark in which the cursor is, before its reason; 0: it is in none. */
static size_t rule_allowance(const char *text, size_t at)
{
    static const char word[] = "gcx:allow";
    size_t line = at;
    while (line > 0 && text[line - 1] != '\n') line--;
    const char *found = NULL, *end = text + at;
    for (const char *one = text + line; one + sizeof word - 1 <= end; one++)
        if (memcmp(one, word, sizeof word - 1) == 0) found = one + sizeof word - 1;
    if (!found || found == end || !isspace((unsigned char)*found)) return 0;
    while (found < end && isspace((unsigned char)*found)) found++;
    for (const char *one = found; one < end; one++)
        if (isspace((unsigned char)*one)) return 0;
    return (size_t)(found - text);
}

static enum rule_place rule_place_of(const char *text, size_t at, size_t *item)
{
    size_t open;
    *item = rule_allowance(text, at);
    if (*item) return RULE_REMARK;
    *item = rule_item_begin(text, at, &open);
    if (open == SIZE_MAX) return RULE_NOWHERE;
    size_t head = open;
    while (head > 0 && !strchr(";{}", text[head - 1])) head--;
    if (rule_begins_with(text, head, open, "lint")) return RULE_LEVELS;
    if (rule_begins_with(text, head, open, "rule")) return RULE_LINES;
    bool declared = rule_begins_with(text, *item, at, "rule") && rule_begins_with(text, head, open, "site");
    return declared ? RULE_HEAD : RULE_NOWHERE;
}

/* ---- what there is ---- */

static const char *rule_level_doc(const struct analysis *analysis, enum diag_code code, const struct diag_own *own,
                                  const char *doc)
{
    bool places;
    enum judge_level level = judge_level_of(compilation_judge(analysis->compilation), code, own, &places);
    return arena_printf(analysis->arena, "%s\n\nHere: %s%s.", doc, judge_level_word(level),
                        places ? ", in some files another level" : "");
}

static void rule_offer_names(const struct analysis *analysis, bool remark, rule_word_offered *offer, void *self)
{
    static const char *const groups[][2] = {{"all", "every rule"},
                                            {"warnings", "the warnings of the checker"},
                                            {"own", "the rules that the site declares"}};
    const struct own_rules *own = judge_own(compilation_judge(analysis->compilation));
    char name[DIAG_NAME_MAX];
    for (size_t i = 0; i < own->count; i++)
        offer(self, own->of[i].told.name, "rule of the site", own->of[i].told.title);
    for (size_t i = 0; !remark && i < sizeof groups / sizeof *groups; i++)
        offer(self, groups[i][0], "rules", groups[i][1]);
    for (size_t i = 0; lint_rule(i); i++) {
        if (lint_rule_code(i) == DIAG_LINT_OWN_RULE) continue;
        offer(self, lint_rule(i)->name, lint_rule(i)->code, lint_rule(i)->doc);
        char *category = arena_copy(analysis->arena, lint_rule(i)->category, strlen(lint_rule(i)->category));
        for (char *at = category; *at; at++) *at = (char)tolower((unsigned char)*at);
        if (!remark) offer(self, category, "rules", NULL);
    }
    for (int code = 0; code < DIAG_CODES; code++) {
        if (diag_code_text((enum diag_code)code)[0] != 'W') continue;
        diag_code_write((enum diag_code)code, name);
        for (char *at = name; *at; at++)
            if (*at == '-') *at = '_';
        offer(self, arena_copy(analysis->arena, name, strlen(name)), diag_code_text((enum diag_code)code), NULL);
    }
}

/* Offers what follows in a line of `lint { }`: names, a level, `in`. */
static void rule_offer_levels(const struct analysis *analysis, size_t item, size_t at, rule_word_offered *offer,
                              void *self)
{
    const char *text = analysis->source->text;
    while (at > item && before_is_name_byte(text[at - 1])) at--;
    while (at > item && isspace((unsigned char)text[at - 1])) at--;
    if (at == item || text[at - 1] == ',') {
        rule_offer_names(analysis, false, offer, self);
        return;
    }
    size_t begin = at;
    while (begin > item && before_is_name_byte(text[begin - 1])) begin--;
    for (int i = JUDGE_OFF; i <= JUDGE_ERROR; i++) {
        const char *level = judge_level_word((enum judge_level)i);
        if (strlen(level) != at - begin || memcmp(level, text + begin, at - begin) != 0) continue;
        offer(self, "in", NULL, "only in the files that the patterns match");
        return;
    }
    for (int i = JUDGE_OFF; i <= JUDGE_ERROR; i++) offer(self, judge_level_word((enum judge_level)i), "level", NULL);
}

static void rule_offer_kinds(rule_word_offered *offer, void *self)
{
    static const char *const kinds[][2] = {
#define OWN_KIND(ID, word, node, doc) {word, doc},
#include "compiler/lint/own_kinds.def"
    };
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) offer(self, kinds[i][0], "kind", kinds[i][1]);
    for (int i = 0; i < NAME_KINDS; i++)
        if (ast_kind_of_site((enum name_kind)i))
            offer(self, ast_kind_word((enum name_kind)i), "names of the site", NULL);
    for (unsigned i = 0; i < STEP_IDS; i++)
        if (strchr(step_row(i)->name, '.')) offer(self, step_row(i)->name, "step", NULL);
}

static void rule_offer_condition(bool dot, rule_word_offered *offer, void *self)
{
    static const char *const asked[][2] = {
        {"has", "has(\"ivr\"): such a kind is within it"},
        {"inside", "inside(\"race\"): it is within such a kind"},
        {"follows", "follows(\"ivr.say\"): such a kind stands before it in the same strategy"},
        {"and", NULL},
        {"or", NULL},
        {"not", NULL},
        {"in", NULL},
        {"none", "not written"}};
    static const char *const of_text[][2] = {{"starts", "starts(\"x\"): it begins so"},
                                             {"contains", "contains(\"x\")"},
                                             {"matches", "matches(\"^[a-z]+$\"): it is as the expression says"},
                                             {"count", "how many characters, or elements"},
                                             {"has", "of a block: has(\"ivr\")"}};
    static const char *const properties[][2] = {
#define OWN_PROPERTY(ID, word, type, doc) {word, doc},
#include "compiler/lint/own_kinds.def"
    };
    for (size_t i = 0; dot && i < sizeof of_text / sizeof *of_text; i++)
        offer(self, of_text[i][0], NULL, of_text[i][1]);
    if (dot) return;
    for (size_t i = 0; i < sizeof properties / sizeof *properties; i++)
        offer(self, properties[i][0], "asked of each", properties[i][1]);
    for (size_t i = 0; i < sizeof asked / sizeof *asked; i++) offer(self, asked[i][0], NULL, asked[i][1]);
    for (int i = 0; i < CLAUSES; i++) offer(self, ast_clause_word((enum clause)i), "clause of a step", NULL);
}

static void rule_offer_lines(const char *text, size_t item, size_t at, rule_word_offered *offer, void *self)
{
    static const char *const lines[][2] = {{"where", "what is found; all these lines hold"},
                                           {"say", "what is told of it"},
                                           {"hint", "how it is mended"},
                                           {"wrong", "wrong { ... }: an example in which it finds something"},
                                           {"right", "right { ... }: an example in which it finds nothing"}};
    size_t typed = at;
    while (typed > item && before_is_name_byte(text[typed - 1])) typed--;
    if (rule_begins_with(text, item, typed, "where") && typed > item) {
        rule_offer_condition(text[typed - 1] == '.', offer, self);
        return;
    }
    while (item < typed && isspace((unsigned char)text[item])) item++;
    for (size_t i = 0; item == typed && i < sizeof lines / sizeof *lines; i++)
        offer(self, lines[i][0], NULL, lines[i][1]);
}

bool rule_words_offer(const struct analysis *analysis, size_t at, rule_word_offered *offer, void *self)
{
    const char *text = analysis->source->text;
    size_t item;
    switch (rule_place_of(text, at, &item)) {
    case RULE_REMARK:
        rule_offer_names(analysis, true, offer, self);
        return true;
    case RULE_LEVELS:
        rule_offer_levels(analysis, item, at, offer, self);
        return true;
    case RULE_LINES:
        rule_offer_lines(text, item, at, offer, self);
        return true;
    case RULE_HEAD:
        for (size_t i = item; i + 5 < at; i++)
            if (memcmp(text + i, " for ", 5) == 0) {
                rule_offer_kinds(offer, self);
                return true;
            }
        return false;
    case RULE_NOWHERE:
        break;
    }
    return false;
}

/* ---- hover ---- */

const char *rule_words_tell(const struct analysis *analysis, size_t at, size_t *begin, size_t *end)
{
    const char *text = analysis->source->text;
    size_t item;
    *begin = *end = at;
    while (*begin > 0 && (before_is_name_byte(text[*begin - 1]) || text[*begin - 1] == '-')) --*begin;
    while (before_is_name_byte(text[*end]) || text[*end] == '-') ++*end;
    enum rule_place place = rule_place_of(text, *begin, &item);
    if (place == RULE_NOWHERE || place == RULE_LINES || *begin == *end) return NULL;
    const char *name = arena_copy(analysis->arena, text + *begin, *end - *begin);
    const struct own_rule *own =
        own_rule_named(judge_own(compilation_judge(analysis->compilation)), name, strlen(name));
    if (own) {
        const char *doc = own->told.doc ? arena_printf(analysis->arena, "\n\n%s", own->told.doc) : "";
        doc = arena_printf(analysis->arena, "```gcx\nrule %s\n```\n\n%s%s", own->told.name, own->told.title, doc);
        return rule_level_doc(analysis, DIAG_LINT_OWN_RULE, &own->told, doc);
    }
    for (size_t i = 0; place != RULE_HEAD && lint_rule(i); i++) {
        if (!diag_code_is(lint_rule_code(i), name, strlen(name))) continue;
        const char *doc = arena_printf(analysis->arena, "```gcx\n%s\n```\n\n%s: %s", lint_rule(i)->name,
                                       lint_rule(i)->code, lint_rule(i)->doc);
        return rule_level_doc(analysis, lint_rule_code(i), NULL, doc);
    }
    return NULL;
}
