/* compiler/lint/allowances.c - Reads the remarks that allow findings, and takes those findings away.
 *
 *     // gcx:allow unused-variable it is for the desktop      on the line, or alone on a line above it
 *
 * A remark without a reason, or one that drops nothing, is a finding itself, so that no remark stays longer than its
 * finding. A remark may name its rule by the code or by the name. */
#include "compiler/lint/allowances.h"

#include <string.h>

#include "compiler/syntax/trivia.h"

struct allowance {
    uint32_t line;             /* the line whose finding is allowed */
    struct source_span remark; /* the place of the remark in the text */
    struct source_span code;
    const char *text; /* the code or name, as the remark has it */
    bool used;
};

struct allowances {
    const struct lint *lint; /* used for its program only: no rule runs here */
    bool linted;
    const struct source *source;
    struct allowance *of;
    size_t count, room;
};

/* Returns the first line after `line` that has more than a remark: several remarks may allow the findings of one
 * line. */
static uint32_t line_below(const struct source *source, uint32_t line)
{
    for (line++; line <= source->line_count; line++) {
        const char *text = source->text + source->lines[line - 1];
        if (strncmp(text + strspn(text, " \t"), "//", 2) != 0) break;
    }
    return line;
}

/* A byte order mark stays the first of its file: the text of the first line begins behind it. */
static size_t mark_of_file(const struct source *source, uint32_t line)
{
    return line == 1 && strncmp(source->text, "\xEF\xBB\xBF", 3) == 0 ? 3 : 0;
}

/* Reads `// gcx:allow L0101 reason` at `remark`; alone on its line it applies to the next line. */
static void read_allowance(struct allowances *all, struct source_span remark)
{
    static const char word[] = "gcx:allow";
    struct arena *arena = all->lint->arena;
    const char *begin = all->source->text + (remark.begin - all->source->base), *at = begin + strspn(begin, "/");
    const char *stop = begin + (remark.end - remark.begin);
    at += strspn(at, " \t");
    if ((size_t)(stop - at) < sizeof word - 1 || strncmp(at, word, sizeof word - 1) != 0) return;
    at += sizeof word - 1;
    at += strspn(at, " \t");
    size_t length = strcspn(at, " \t\r\n");
    struct position where = source_set_position(all->lint->program->sources, remark.begin);
    const char *line = all->source->text + all->source->lines[where.line - 1] + mark_of_file(all->source, where.line);
    bool alone = line + strspn(line, " \t") == begin;
    uint32_t code = remark.begin + (uint32_t)(at - begin);
    if (all->count == all->room) {
        all->of = arena_grow(arena, all->of, all->room * sizeof *all->of, (all->room * 2 + 8) * sizeof *all->of);
        all->room = all->room * 2 + 8;
    }
    struct allowance *allowance = &all->of[all->count++];
    *allowance = (struct allowance){.line = alone ? line_below(all->source, where.line) : where.line, .remark = remark};
    allowance->code = length ? (struct source_span){code, code + (uint32_t)length} : remark;
    allowance->text = arena_copy(arena, at, length);
    const char *reason = at + length;
    if (all->linted && length > 0 && reason + strspn(reason, " \t\r") >= stop)
        lint_report(all->lint, ALLOW_WITHOUT_REASON, allowance->code, allowance->text);
}

static void read_allowances(struct allowances *all)
{
    if (!strstr(all->source->text, "gcx:allow")) return; /* nearly every file */
    struct raw_token *tokens;
    size_t count;
    uint32_t at = all->source->base;
    trivia_tokens(all->lint->arena, all->source, &tokens, &count);
    for (size_t i = 0; i < count; i++) {
        for (;;) {
            struct source_span remark = trivia_remark(all->source, at, tokens[i].span.begin);
            if (remark.begin == remark.end) break;
            read_allowance(all, remark);
            at = remark.end;
        }
        at = tokens[i].span.end;
    }
}

static void allow_findings(struct allowances *all, struct diag *first)
{
    for (struct diag *diag = first; diag && all->count > 0; diag = diag->next) {
        struct position at = source_set_position(all->lint->program->sources, diag->span.begin);
        if (at.source != all->source || diag_code_severity(diag->code) == ERROR) continue;
        for (size_t i = 0; i < all->count; i++) {
            const char *text = all->of[i].text;
            if (all->of[i].line != at.line || !diag_is_called(diag, text, strlen(text))) continue;
            all->of[i].used = true;
            diag->dropped = true;
        }
    }
}

/* A remark for a rule that is off there is not reported as unused. */
static void report_unused(struct allowances *all, const struct allowed_rules *rules)
{
    for (size_t i = 0; i < all->count; i++) {
        const struct allowance *one = &all->of[i];
        bool known = rules->knows(rules->self, one->text);
        if (one->used || (known && rules->off(rules->self, one->text, one->code))) continue;
        struct diag *diag =
            lint_report(all->lint, ALLOW_UNUSED, one->code, known ? one->text : "a finding of this code");
        if (!known) diag_hint(diag, "one rule stands here, such as L0101 or unused-variable, then the reason");
        diag_edit(diag, lint_whole_line(all->lint, one->remark), "");
    }
}

void allowances_apply(struct program *program, bool linted, const struct allowed_rules *rules)
{
    const struct lint lint = {.program = program, .arena = program->arena, .diags = program->diags};
    EACH_NODE (file, program->files) {
        struct allowances all = {.lint = &lint, .linted = linted && !file->file.imported};
        all.source = source_set_at(program->sources, file->span.begin);
        if (!all.source || all.source->built_in) continue;
        read_allowances(&all);
        allow_findings(&all, diags_first(program->diags));
        if (all.linted) report_unused(&all, rules);
    }
}

/* ---- Adding remarks ---- */

/* Returns the offset in the text at which a remark on this line begins: above the lines of its documentation, which
 * must stay next to what they document. UINT32_MAX: a text goes on from the line before. */
static uint32_t place_of_remark(struct arena *arena, const struct source *source, uint32_t line)
{
    struct raw_token *tokens;
    size_t count;
    for (; line > 1; line--) {
        const char *above = source->text + source->lines[line - 2];
        if (strncmp(above + strspn(above, " \t"), "///", 3) != 0) break;
    }
    uint32_t at = source->base + source->lines[line - 1] + (uint32_t)mark_of_file(source, line);
    trivia_tokens(arena, source, &tokens, &count);
    for (size_t i = 0; i < count; i++)
        if (tokens[i].span.begin < at && at < tokens[i].span.end) return UINT32_MAX;
    return at;
}

uint32_t allowances_remark(struct program *program, const struct diag *diag, const char *word, const char *rest,
                           const char **text)
{
    struct position at = source_set_position(program->sources, diag->span.begin);
    bool of_remarks = diag->code == DIAG_LINT_ALLOW_UNUSED || diag->code == DIAG_LINT_ALLOW_WITHOUT_REASON;
    if (diag_code_severity(diag->code) == ERROR || of_remarks || !at.source || at.source->built_in) return UINT32_MAX;
    const char *written = at.source->text + at.source->lines[at.line - 1];
    *text = arena_printf(program->arena, "%.*s// gcx:allow %s%s\n", (int)strspn(written, " \t"), written, word, rest);
    return place_of_remark(program->arena, at.source, at.line);
}

void allowances_add(struct program *program, const char *reason)
{
    size_t count;
    struct diag **sorted = diags_sorted(program->diags, &count), *first = NULL;
    const char *text = "";
    uint32_t line = 0;
    const struct source *source = NULL;
    for (size_t i = 0; i < count; i++) {
        struct diag *diag = sorted[i];
        struct position at = source_set_position(program->sources, diag->span.begin);
        diag->first_edit = diag->last_edit = NULL;
        const char *code = diag_called(diag), *remark;
        uint32_t place = allowances_remark(program, diag, code, arena_printf(program->arena, " %s", reason), &remark);
        if (place == UINT32_MAX) continue;
        bool same = first && at.source == source && at.line == line;
        if (same && strstr(text, arena_printf(program->arena, "gcx:allow %s ", code))) continue;
        text = arena_printf(program->arena, "%s%s", same ? text : "", remark);
        if (!same) first = diag, source = at.source, line = at.line;
        first->first_edit = first->last_edit = NULL;
        diag_edit(first, (struct source_span){place, place}, text);
    }
}
