/* compiler/compilation.c - Runs the passes one after another: files, checking, tests, the image.
 *
 *     files --> tree --> check --> lint --> lower --> registers --> image
 *                 |        |                                          |
 *            recovery   tests' lines --> scenario --------------------+
 *
 * A pass runs only where no earlier pass has reported an error that would make its input meaningless; warnings stop
 * nothing. One arena holds all that a compilation makes, so it is freed by freeing the arena and the image. The same
 * sources and options give the same bytes, which tests/differential checks. */
#include "compiler/compilation.h"

#include <stdlib.h>
#include <string.h>

#include "compiler/base/report.h"
#include "compiler/check/allowed.h"
#include "compiler/check/carried.h"
#include "compiler/check/check.h"
#include "compiler/files.h"
#include "compiler/lint/allowances.h"
#include "compiler/lint/judge.h"
#include "compiler/lower/emit.h"
#include "compiler/lower/ir.h"
#include "compiler/lower/lower.h"
#include "compiler/lower/regs.h"
#include "compiler/mutate.h"
#include "compiler/scenario/scenario.h"
#include "compiler/recovery/damage.h"
#include "compiler/recovery/edits.h"
#include "compiler/recovery/mend.h"
#include "compiler/recovery/siteless.h"
#include "compiler/syntax/program.h"
#include "base/memory.h"

struct compilation {
    struct program program;
    struct checked *checked;
    struct judge *judge;
    uint8_t *image; /* malloc'ed, or NULL */
    size_t image_length;
};

static bool compilation_failed(const struct compilation *compilation)
{
    return diags_errors(compilation->program.diags) > 0;
}

/* Assigns registers in every function and makes the bytes of the image; then they are verified, so that no image is
 * made that a loader would refuse. With `check_only` it only checks that the limits of images are kept: lowered code
 * is refused for nothing else. */
static void make_image(struct compilation *compilation, struct ir_program *ir, bool check_only)
{
    struct program *program = &compilation->program;
    struct arena *scratch = arena_new();
    for (struct ir_function *function = ir->functions; function; function = function->next) {
        struct source_span where = {function->begin, function->end};
        if (function->cut || function->count > REGS_INSTRUCTIONS_MAX)
            diag_report(program->diags, IMAGE_TOO_LARGE, where, "this is too long");
        else if (!regs_allocate(program->arena, scratch, function))
            diag_report(program->diags, BODY_TOO_LARGE, where, function->name, REGS_MAX);
        arena_clear(scratch);
    }
    arena_free(scratch);
    if (compilation_failed(compilation)) return;
    struct error error = {.code = ERROR_NONE};
    const struct ir_function *with = NULL;
    size_t length = 0;
    if (check_only && emit_fits(ir, program->scenario, program->scenario_length, program->bare, &with, &error)) return;
    uint8_t *bytes =
        check_only ? NULL
                   : emit_image(ir, program->scenario, program->scenario_length, program->bare, &length, &with, &error);
    if (bytes && emit_verify(bytes, length, &error)) {
        compilation->image = bytes;
        compilation->image_length = length;
        return;
    }
    free(bytes);
    struct source_span where = with ? (struct source_span){with->begin, with->end} : program->files.last->span;
    diag_report(program->diags, IMAGE_TOO_LARGE, where, error.text);
}

/* Checks a program that has been refused already, as far as it was parsed; findings that the earlier errors may have
 * caused are left out. */
static void compiler_understand(struct program *program)
{
    size_t count;
    struct diags *told = program->diags;
    struct diag **found = diags_sorted(told, &count);
    for (size_t i = 0; i < count; i++)
        if (found[i]->code == DIAG_NESTED_TOO_DEEP) return;
    program->diags = diags_new(program->arena, program->sources);
    struct checked *checked = check_program(program);
    scenario_make(program);
    lower_look(program, checked);
    struct diags *rest = program->diags;
    program->diags = told;
    if (damage_is_local(program)) damage_tell(program, rest);
}

/* Reads the schemas and returns their faults as separate diagnostics: queries to a faulty source are not checked,
 * all other code is. */
static struct diags *read_schemas(struct program *program)
{
    struct diags *told = program->diags, *wrong = diags_new(program->arena, program->sources);
    program->diags = wrong;
    files_schemas(program);
    program->diags = told;
    return wrong;
}

static void diags_take_all(struct diags *diags, struct diags *from)
{
    for (struct diag *diag = diags_first(from), *next; diag; diag = next) {
        next = diag->next;
        diags_take(diags, diag);
    }
}

/* Runs the passes; *linted: the rules of lint have run, too. */
static void compiler_run(struct compilation *compilation, const char *const *files, size_t count,
                         const struct compile_options *options, bool *linted)
{
    struct program *program = &compilation->program;
    files_read(program, files, count, options->named ? options->named : count, options->site);
    /* false: unknown names may be missing only because of the syntax errors */
    bool parsed = !compilation_failed(compilation);
    struct diags *schemas = read_schemas(program);
    if (!parsed && (options->understand || damage_is_local(program))) compiler_understand(program);
    diags_take_all(program->diags, schemas);
    compilation->judge = judge_new(program, options->lint);
    if (!parsed) return;
    compilation->checked = check_program(program);
    scenario_make(program);
    if (compilation_failed(compilation)) {
        allowed_look(program);
        lower_look(program, compilation->checked);
        siteless_tell(program, count > 0 ? files[0] : ".");
    }
    if (compilation_failed(compilation) || options->pull) return;
    bool engines = carried_engines(program);
    if (!engines) lower_look(program, compilation->checked);
    if (options->checked_only) return;
    const char *why = NULL;
    *linted = lint_program(program, compilation->checked, options->lint, judge_runs, compilation->judge, &why);
    if (!*linted)
        diag_report(program->diags, FILE_UNREADABLE, ((struct source_span){0, 0}), options->lint->directory, why);
    if (engines) make_image(compilation, lower_program(program, compilation->checked), options->check_only);
}

struct compilation *compiler_compile(const char *const *files, size_t count, const struct compile_options *options)
{
    struct compilation *compilation = memory_zeroed(1, sizeof *compilation);
    struct program *program = &compilation->program;
    program->arena = arena_new();
    program->pull = options->pull;
    program->natives = options->natives;
    program->check_only = options->check_only;
    program->testing = options->testing;
    program->tree.arena = program->arena;
    program->sources = source_set_new(program->arena);
    program->diags = diags_new(program->arena, program->sources);
    source_set_overlay(program->sources, options->overlay);
    bool linted = false;
    compiler_run(compilation, files, count, options, &linted);
    edits_add(program);
    judge_apply(compilation->judge, linted && options->lint && !options->lint->errors_only);
    if (compilation_failed(compilation)) {
        free(compilation->image);
        compilation->image = NULL;
    }
    return compilation;
}

void compilation_mutants(struct compilation *compilation, void (*each)(void *self, const struct mutant *), void *self)
{
    mutate_each(&compilation->program, compilation->checked, each, self);
}

const uint8_t *compilation_mutate(struct compilation *compilation, uint32_t number, size_t *length)
{
    struct program *program = &compilation->program;
    if (!mutate_apply(program, compilation->checked, number)) return NULL;
    struct ir_program *ir = lower_program(program, compilation->checked);
    if (!compilation_failed(compilation)) make_image(compilation, ir, false);
    return compilation_image(compilation, length);
}

void compilation_free(struct compilation *compilation)
{
    if (!compilation) return;
    for (struct schema_entry *entry = compilation->program.schemas; entry; entry = entry->next)
        sql_schema_close(entry->schema);
    arena_free(compilation->program.arena);
    free(compilation->image);
    free(compilation);
}

const uint8_t *compilation_image(const struct compilation *compilation, size_t *length)
{
    *length = compilation->image_length;
    return compilation->image;
}

const struct judge *compilation_judge(const struct compilation *compilation)
{
    return compilation->judge;
}

size_t compilation_errors(const struct compilation *compilation)
{
    return diags_errors(compilation->program.diags);
}

bool compilation_parsed(const struct compilation *compilation)
{
    return compilation->checked != NULL;
}

void compilation_leave_out(struct compilation *compilation, const struct compilation *told)
{
    diags_leave_out(compilation->program.diags, told->program.diags);
}

size_t compilation_print(struct compilation *compilation, FILE *out)
{
    return diags_print(compilation->program.diags, out, DIAGS_SHOWN);
}

size_t compilation_report(struct compilation *compilation, struct report *report)
{
    return report_add(report, compilation->program.diags);
}

size_t compilation_findings(const struct compilation *compilation)
{
    size_t count, findings = 0;
    struct diag **sorted = diags_sorted(compilation->program.diags, &count);
    for (size_t i = 0; i < count; i++) findings += sorted[i]->severity != NOTE;
    return findings;
}

bool compilation_sound(const struct compilation *compilation)
{
    for (const struct diag *diag = diags_first(compilation->program.diags); diag; diag = diag->next)
        if (diag_code_severity(diag->code) == ERROR) return false;
    return true;
}

const struct diag_edit **compilation_edits(struct compilation *compilation, const struct source *source, size_t *count)
{
    return mend_edits(&compilation->program, source, count);
}

size_t compilation_mend(struct compilation *compilation, source_write *write)
{
    return mend_files(&compilation->program, write);
}

void compilation_allow(struct compilation *compilation, const char *reason)
{
    allowances_add(&compilation->program, reason);
}

static size_t compilation_declares(const struct compilation *compilation, enum node_kind kind, bool imported)
{
    size_t count = 0;
    EACH_NODE (file, compilation->program.files)
        EACH_NODE (declaration, file->file.declarations)
            count += declaration->kind == kind && (imported || !file->file.imported);
    return count;
}

size_t compilation_tests(const struct compilation *compilation)
{
    return compilation_declares(compilation, NODE_TEST, false);
}

size_t compilation_strategies(const struct compilation *compilation)
{
    return compilation_declares(compilation, NODE_STRATEGY, true);
}

const struct sql_schema *compilation_schema(const struct compilation *compilation, const char *source)
{
    const struct schema_entry *entry = compilation->program.schemas;
    while (entry && strcmp(entry->source, source) != 0) entry = entry->next;
    return entry ? entry->schema : NULL;
}

void compilation_refused(struct compilation *compilation, const struct sql_wanted *wanted, size_t offset,
                         const char *message)
{
    diag_report(compilation->program.diags, SQL_WRONG, sql_wanted_span(wanted, offset), message);
}

struct arena *compilation_arena(struct compilation *compilation)
{
    return compilation->program.arena;
}

struct program *compilation_program(struct compilation *compilation)
{
    return &compilation->program;
}

void compilation_quote(const struct compilation *compilation, FILE *out, const char *path, uint32_t line,
                       const char *part)
{
    const struct source *source = source_set_find(compilation->program.sources, path);
    if (!source || line < 1 || line > source->line_count) return;
    size_t length;
    const char *text = source_line(source, line, &length);
    size_t place = 0, wanted = strlen(part);
    while (place + wanted <= length && strncmp(text + place, part, wanted) != 0) place++;
    diags_quote_line(out, line, text, length, place + wanted <= length ? place : 0);
}
