/* compiler/compilation.h - The compiler as its command line uses it: it makes an image from source files.
 *
 * compiler_compile() always returns a compilation, which owns everything in it: the diagnostics and, where there are
 * no errors, the image's bytes.
 *
 * The passes, in their order (compilation.c), and the output of each.
 *
 *     files.c          finds the files: those named, the site, what they import;  struct program (syntax/program.h)
 *                      prepares the schemas of sources in memory (sql/)
 *     syntax/lexer.l   bytes to tokens; words.c makes their values, words.def   tokens
 *                      lists the words, literal.c reads numbers and dates
 *     syntax/parser.y  tokens to a tree: each rule makes a node (build.h);       struct node (ast.h, ast.def)
 *     recovery/        runs the grammar, gets on after an error and words it
 *     check/check.c    names (scope.c), types (language/types.c) and flow       node->type, node->meaning (typed.h)
 *                      (flow.c) of it all; checker.h says which file has what
 *     lint/            rules of what is right and yet not good                  diagnostics
 *     scenario/        the image's tests (runtime/scenario), for simulators      program->scenario
 *     lower/lower.c    the tree to lines of instructions on any number of       struct ir_program (ir.h)
 *                      registers; lowerer.h says which file has what
 *     lower/regs.c     those registers to the few of a frame; what lives at a   ir_register.frame, ir_wait.live
 *                      wait
 *     lower/emit.c     the lines to bytes, by vm/image_writer.h; then they are  the image
 *                      verified
 *
 * All passes use base/ (arena.c: memory of one compilation, source.c: texts, lines and columns, diag.c with
 * diag.def: messages, report.c: messages for machines) and language/ (steps.c: the VM's tables of steps and
 * attributes for the compiler, types.c). A pass that reports errors is the last one to run; nothing recurses deeper
 * than NESTING_LIMIT (syntax/grammar.h), and work grows with the source's size (tests/unit/compiler_any_text.c). */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "compiler/base/source.h"

struct lint_options;
struct compile_natives;

struct compile_options {
    bool checked_only; /* no image is made yet: compilation_mutants() and compilation_mutate() follow */
    size_t named;     /* how many files are named by the user; the others count as imported by them; 0: all are named */
    const char *site; /* the site's file; NULL: the nearest site.gcx in the first file's folder or above */
    bool check_only;  /* no image is made, so there are no bytes */
    const struct lint_options *lint; /* options of lint, which reports correct but poor code (lint.h); NULL: of its
                                      * rules only those run that the site calls errors */
    const char *pull; /* a PostgreSQL source whose statements are only collected, without an image; NULL: none */
    const struct source_overlay *overlay;  /* texts that replace files (source.h); NULL: none */
    const struct compile_natives *natives; /* finds the libraries of natives; NULL: no library is known */
    bool testing;                          /* the image is for playing its tests, which may set statistics */
    bool understand; /* for an editor: a file that does not parse also gets names and types where possible */
};

struct compilation;

struct compilation *compiler_compile(const char *const *files, size_t count, const struct compile_options *);
void compilation_free(struct compilation *); /* NULL is allowed */

/* Returns the image's bytes; NULL where there were errors or only a check was asked for. */
const uint8_t *compilation_image(const struct compilation *, size_t *length);

size_t compilation_errors(const struct compilation *);
bool compilation_parsed(const struct compilation *); /* true: the grammar accepted every file */

/* Drops the findings of files that both compilations read, if `told` has printed them already. */
void compilation_leave_out(struct compilation *, const struct compilation *told);

/* Prints the diagnostics; returns how many of them are errors. */
size_t compilation_print(struct compilation *, FILE *);

/* Adds the diagnostics to a report (report.h); returns how many of them are errors. */
struct report;
size_t compilation_report(struct compilation *, struct report *);

/* Returns how many findings there are, errors and warnings; notes do not count. */
size_t compilation_findings(const struct compilation *);
/* Is the program without errors of its own? Warnings and findings of lint do not count, even if the site makes them
 * errors. */
bool compilation_sound(const struct compilation *);

/* Applies the edits of the findings: passes the new text of each named file to `write`. Returns how many findings
 * were mended, or SIZE_MAX where `write` fails. Some findings may need a further call. */
size_t compilation_mend(struct compilation *, source_write *);

/* Returns the edits that compilation_mend() would make in one file, in the order of the text. */
struct diag_edit;
struct source;
const struct diag_edit **compilation_edits(struct compilation *, const struct source *, size_t *count);

/* compilation_mend() then writes a remark at each finding that allows it, with this reason, and mends nothing. */
void compilation_allow(struct compilation *, const char *reason);

/* Returns how many `test` blocks the files have, without imported files. */
size_t compilation_tests(const struct compilation *);
size_t compilation_strategies(const struct compilation *); /* how many strategies there are, with imported files */

struct mutant {
    const char *path;             /* the path of the source */
    uint32_t line, column, begin; /* where: the place of the change; line: the line where its statement begins */
    char what[160];               /* "`>=` becomes `>`" */
    const char *in;               /* the strategy or function that is changed; in the program's memory */
};

/* Returns the judge, which knows the levels of rules and the rules that the site declares (lint/judge.h). */
struct judge;
const struct judge *compilation_judge(const struct compilation *);

/* For a compilation that was only checked, without errors: compilation_mutants() calls `each` for every mutant
 * (mutate.h); compilation_mutate() returns the image of one mutant, or NULL where the mutant is no valid program.
 * compilation_mutate() can be called once, as the compilation stays that mutant afterwards. */
void compilation_mutants(struct compilation *, void (*each)(void *self, const struct mutant *), void *self);
const uint8_t *compilation_mutate(struct compilation *, uint32_t number, size_t *length);

/* For `gcxc schema pull`: compilation_schema() returns the schema of a source with the collected statements (sql.h),
 * NULL where the site has no such source; compilation_refused() reports a statement that the server refuses, at a
 * byte of the statement. */
struct sql_schema;
struct sql_wanted;
const struct sql_schema *compilation_schema(const struct compilation *, const char *source);
void compilation_refused(struct compilation *, const struct sql_wanted *, size_t offset, const char *message);
struct arena *compilation_arena(struct compilation *);

/* Returns the program with its names and types, for commands that describe it; the program is complete if there are
 * no errors. */
struct program;
struct program *compilation_program(struct compilation *);

/* Prints line `line` of a source that the compilation read, with its number; prints nothing where there is no such
 * line. A long text is cut to the words around `part`, or to its beginning. */
void compilation_quote(const struct compilation *, FILE *, const char *path, uint32_t line, const char *part);
