/* compiler/compilation.h - The compiler as its command line sees it: it makes an image of source files.
 *
 * compiler_compile() always gives a compilation, which owns everything in it: the diagnostics and, where there are no
 * errors, the image's bytes.
 *
 * The passes, in their order (compilation.c), and the product that each gives to the next.
 *
 *   files.c            finds the files: those named, the site, what they import;  struct program (syntax/program.h)
 *                      prepares the schemas of sources in memory (sql/)
 *   syntax/lexer.l     bytes to tokens; words.c makes their values, words.def   tokens
 *                      lists the words, literal.c reads numbers and dates
 *   syntax/parser.y    tokens to a tree: each rule makes a node (build.h);       struct node (ast.h, ast.def)
 *   recovery/          runs the grammar, gets on after an error and words it
 *   check/check.c      names (scope.c), types (language/types.c) and flow       node->type, node->meaning (typed.h)
 *                      (flow.c) of it all; checker.h says which file has what
 *   lint/              rules of what is right and yet not good                  diagnostics
 *   scenario/          the image's tests (runtime/scenario), for simulators      program->scenario
 *   lower/lower.c      the tree to lines of instructions on any number of       struct ir_program (ir.h)
 *                      registers; lowerer.h says which file has what
 *   lower/regs.c       those registers to the few of a frame; what lives at a   ir_register.frame, ir_wait.live
 *                      wait
 *   lower/emit.c       the lines to bytes, by vm/image_writer.h; then they are  the image
 *                      verified
 *
 * Below them lie base/ (arena.c: memory of one compilation, source.c: texts, lines and columns, diag.c with diag.def:
 * what is reported, report.c: the same for machines) and language/ (steps.c: the VM's tables of steps and attributes as
 * the compiler asks them, types.c). A pass that reports errors is the last one; nothing recurses deeper than
 * NESTING_LIMIT (syntax/grammar.h), and work grows with the source's size (tests/unit/compiler_any_text.c). */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

struct lint_options;
struct compile_natives;

struct compile_options {
    bool checked_only; /* no image is made yet: compilation_mutants() and compilation_mutate() are to follow */
    const char *site;  /* the site's file; NULL: the nearest site.gcx beside or above the first file */
    bool check_only;   /* no image is made: there are no bytes then */
    const struct lint_options *lint; /* also look for what is right and yet not good (lint.h); NULL: no */
    const char *pull; /* a PostgreSQL source: statements are collected, not checked, and nothing is made; NULL: none */
    const struct source_overlay *overlay;  /* texts that stand for files (source.h); NULL: none */
    const struct compile_natives *natives; /* finds libraries of natives; NULL: none are known */
    bool testing;                          /* the image is for playing its tests: these may set statistics */
    bool understand; /* an editor's: also what does not parse gets its names and types as far as they are known */
};

struct compilation;

struct compilation *compiler_compile(const char *const *files, size_t count, const struct compile_options *);
void compilation_free(struct compilation *); /* NULL is allowed */

/* Returns the image's bytes; NULL where there were errors or only a check was asked for. */
const uint8_t *compilation_image(const struct compilation *, size_t *length);

size_t compilation_errors(const struct compilation *);
bool compilation_parsed(const struct compilation *); /* did the grammar take every file? */

/* Drops the findings of files that both compilations read, if they were printed for `told` already. */
void compilation_leave_out(struct compilation *, const struct compilation *told);

/* Prints what was found; returns how many errors there are. */
size_t compilation_print(struct compilation *, FILE *);

/* Adds what was found to a report (report.h); returns how many errors there are. */
struct report;
size_t compilation_report(struct compilation *, struct report *);

/* How many findings there are, errors and warnings. */
size_t compilation_findings(const struct compilation *);

/* Applies the edits of the findings: hands the new text of each named file to `write`. Returns how many findings were
 * mended, or SIZE_MAX where `write` fails. Some findings may need another round. */
size_t compilation_mend(struct compilation *, bool (*write)(const char *path, const uint8_t *text, size_t length));

/* How many `test` blocks the files hold, imported ones left out. */
size_t compilation_tests(const struct compilation *);

struct mutant {
    const char *path;             /* the path of the source */
    uint32_t line, column, begin; /* the place of the change; the line where its statement begins */
    char what[160];               /* "`>=` becomes `>`" */
};

/* For a compilation that was only checked, without errors: compilation_mutants() calls `each` for every mutant
 * (mutate.h); compilation_mutate() returns the image of one, or NULL where it is no valid program. It can be called
 * once, as the compilation is that mutant from then on. */
void compilation_mutants(struct compilation *, void (*each)(void *self, const struct mutant *), void *self);
const uint8_t *compilation_mutate(struct compilation *, uint32_t number, size_t *length);

/* For `gcxc schema pull`: compilation_schema() returns the schema of a source with the statements collected (sql.h),
 * NULL where the site has no such source; compilation_refused() reports a statement that the server does not take, at a
 * byte of it. */
struct sql_schema;
struct sql_wanted;
const struct sql_schema *compilation_schema(const struct compilation *, const char *source);
void compilation_refused(struct compilation *, const struct sql_wanted *, size_t offset, const char *message);
struct arena *compilation_arena(struct compilation *);

/* Returns the program with its names and types, for commands that describe it; it is whole if there are no errors. */
struct program;
struct program *compilation_program(struct compilation *);

/* Prints line `line` of a source that the compilation read, with its number; nothing where there is none. A long text
 * is cut to the words around `part`, or to its beginning. */
void compilation_quote(const struct compilation *, FILE *, const char *path, uint32_t line, const char *part);
