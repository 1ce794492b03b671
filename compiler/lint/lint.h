/* compiler/lint/lint.h - Rules over the checked tree that find code which is correct and yet not good.
 *
 * lint.def lists the rules; each is a function in a file of its own that looks at the program and reports. Findings are
 * of the named files only; imported files count as use. `// gcx:allow CODE reason` on the line, or alone on the line
 * above, allows a finding. */
#pragma once

#include "compiler/base/diag.h"
#include "compiler/check/typed.h"
#include "compiler/syntax/program.h"

struct lint_options {
    const char *rules;     /* "all,-L0101", "+style": see lint_rules_wrong(); NULL: those that are on */
    const char *directory; /* a directory.sql, or NULL */
};

struct lint_names { /* sorted by address */
    const char **of;
    size_t count;
};

struct lint {
    struct program *program;
    const struct checked *checked;
    struct arena *arena;
    struct diags *diags;
    const char *directory;
    bool never_routed;      /* the rule NEVER_ROUTED is on */
    struct sqlite3 *people; /* the directory's tables, in memory */
    struct node **nodes;    /* the nodes of the named files, in the order of the text */
    size_t count;
    struct node **parents;      /* by a node's id: the node above it */
    size_t *first, *behind;     /* by a node's id: its part of `nodes`, the node itself at `first` */
    struct lint_names types;    /* all names that types use */
    struct lint_names enums;    /* the enumerations whose words the named files use */
    struct lint_names in_tests; /* the names in tests of the named files */
    uint8_t *uses;              /* by the offset of a declared name: USE_READ, USE_WRITTEN, USE_ABROAD */
    uint32_t uses_size;
};

/* The first wrong item of a list of rules, or NULL. An item is a code, a name, a category or `all`, with + or - before
 * it, and they count from left to right. If the first one has no sign, only named rules are on. */
const char *lint_rules_wrong(const char *rules);
bool lint_rules_on(const char *rules, size_t rule);

/* Reports into the program's diagnostics and drops the findings that remarks allow. False, with the reason in *why,
 * where the directory cannot be read. */
bool lint_program(struct program *, const struct checked *, const struct lint_options *, const char **why);

struct lint_rule {
    const char *code, *name, *category, *doc;
    bool preset, fixable;
};
const struct lint_rule *lint_rule(size_t i); /* NULL behind the last one */

/* ---- For rules ---- */

#define LINT(NAME, id, code, category, preset, fix, text, doc) void lint_##id(struct lint *);
#include "compiler/base/lint.def"
#undef LINT

#define lint_report(lint, NAME, span, ...) diag_report((lint)->diags, LINT_##NAME, (span), ##__VA_ARGS__)

/* EACH_OF (lint, node, NODE_IF): every such node of the named files. */
#define EACH_OF(lint, item, KIND)                                                                                      \
    for (size_t i_##item = 0; i_##item < (lint)->count; i_##item++)                                                    \
        for (struct node *item = (lint)->nodes[i_##item]; item && item->kind == (KIND); item = NULL)

/* The directory of people, for nobody_there.c alone. */
bool lint_directory_open(struct lint *, const char **why);
void lint_directory_close(struct lint *);

/* EACH_IN (lint, strategy, node, NODE_IF): every such node below `strategy`, which a named file must hold. */
#define EACH_IN(lint, outer, item, KIND)                                                                               \
    for (size_t i_##item = (lint)->first[(outer)->id]; i_##item < (lint)->behind[(outer)->id]; i_##item++)             \
        for (struct node *item = (lint)->nodes[i_##item]; item && item->kind == (KIND); item = NULL)

struct node *lint_up(const struct lint *, const struct node *); /* NULL above a file */
/* The nearest node of that kind around this one, or NULL. */
struct node *lint_around(const struct lint *, const struct node *, enum node_kind);
bool lint_within(const struct lint *, const struct node *, const struct node *outer);
bool lint_is_imported(const struct lint *, const struct node *);
bool lint_has_strategies(const struct lint *); /* is there one among the files that were named? */

/* Is the declared name read, or set? */
bool lint_is_read(const struct lint *, struct word declared);
/* Is the name read by another file that is not of the library? */
bool lint_is_read_abroad(const struct lint *, struct word declared);
bool lint_is_written(const struct lint *, struct word declared);
bool lint_names_type(const struct lint *, const char *name);        /* does any written type use the name? */
bool lint_names_word(const struct lint *, const char *enumeration); /* does a named file name a word of it? */
bool lint_names_in_test(const struct lint *, const char *name);     /* does a test of a named file use the name? */

bool lint_fields_name(const struct nodes *fields, const char *name); /* has a field that name? */
const char *lint_text(const struct lint *, struct source_span);      /* the span's text as it is written */
/* Have both nodes the same words? Space between them does not count. */
bool lint_same(const struct lint *, const struct node *, const struct node *);
bool lint_same_text(const struct lint *, struct source_span, struct source_span);
uint32_t lint_line(const struct lint *, const struct node *);
/* The span with the rest of its line, where the line would be empty without the span. */
struct source_span lint_whole_line(const struct lint *, struct source_span);

/* Returns the step of a statement or right side; NULL where that is no step. */
const struct step_use *lint_step(const struct node *);
const struct node *lint_head(const struct node *); /* the head of a STEP, else the node itself */
bool lint_waits(const struct node *step);          /* is the step's timeout the time that it waits itself? */
struct node *lint_clause(const struct node *step, enum clause); /* the value of a step's clause, or NULL */
struct node *lint_site_default(const struct lint *, const char *word);
const struct node *lint_argument(const struct step_use *, const char *name);
bool lint_duration(const struct node *, int64_t *us); /* sets the duration that is written; false: the node is none */
const char *lint_duration_text(struct arena *, int64_t us); /* "1m30s" */
/* Does the expression only give a value, without any other effect? */
bool lint_is_pure(const struct node *);
/* A query's text in small letters, with ? for values. */
const char *lint_sql_text(const struct lint *, const struct node *query);
bool lint_has_word(const char *sql, const char *word);

/* Conditions on levels: skill X >= n and the like, joined with `and`. */
enum { LINT_LEVELS = 8 };
struct lint_level {
    const char *skill;
    int64_t least, most;
};
struct lint_levels {
    struct lint_level of[LINT_LEVELS];
    size_t count;
    const char *impossible; /* the skill of which no level is left, or NULL */
    bool whole;             /* the line has no other conditions */
};
struct lint_levels lint_levels(const struct node *condition);
