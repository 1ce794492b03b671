/* compiler/lint/lint.h - Rules on the checked tree that find code which is correct but poor.
 *
 * lint.def lists the rules; each rule is a function in a file of its own that checks the program and reports.
 * Findings are reported for the named files only; uses in imported files count. */
#pragma once

#include "compiler/base/diag.h"
#include "compiler/check/typed.h"
#include "compiler/syntax/program.h"

struct lint_options {
    const char *rules;     /* the rules: "all,-L0101", "+style"; NULL: the default ones, and the site's */
    const char *deny;      /* the rules whose findings are errors, or NULL */
    const char *directory; /* a directory.sql, or NULL */
    bool errors_only;      /* as for check: of lint's findings only errors are reported */
};

struct lint_names { /* sorted by address */
    const char **of;
    size_t count;
};

struct judge;

struct lint {
    struct program *program;
    const struct checked *checked;
    struct arena *arena;
    struct diags *diags;
    const struct judge *judge; /* the judge, asked for the site's own rules */
    const char *directory;
    bool never_routed;      /* the rule NEVER_ROUTED is on */
    struct sqlite3 *people; /* the tables of the directory, in memory */
    struct node **nodes;    /* the nodes of the named files, in the order of the text */
    size_t count;
    struct node **parents;      /* by a node's id: the node's parent */
    size_t *first, *behind;     /* by a node's id: its range in `nodes`; the node itself is at `first` */
    struct lint_names types;    /* all names of types in written types */
    struct lint_names enums;    /* the enumerations of which the files of the site use a word */
    struct lint_names in_tests; /* the names used in tests of the files of the site */
    uint8_t *uses;              /* by the offset of a declared name: its uses, USE_READ, USE_WRITTEN, USE_ABROAD */
    uint32_t uses_size;
};

/* A rule is called by its code, its name, its category, "warnings" or "all". Does the item name this code? Does it name
 * any? Returns the first wrong item of a list of rules, or NULL: items stand between commas, with + or - before them,
 * and apply from left to right. If the first item has no sign, only the named rules of lint are on. */
bool lint_item_names(const char *item, size_t length, enum diag_code);
bool lint_item_known(const char *item, size_t length);
const char *lint_items_wrong(const char *rules);

/* Runs the rules of which `runs` is true, by their index: reports into the program's diagnostics. False, with the
 * reason in *why, where the directory cannot be read. */
bool lint_program(struct program *, const struct checked *, const struct lint_options *,
                  bool (*runs)(const struct judge *, size_t), const struct judge *, const char **why);

struct lint_rule {
    const char *code, *name, *category, *doc;
    bool preset, fixable;
};
const struct lint_rule *lint_rule(size_t i); /* returns a row of lint.def by its index; NULL after the last one */
enum diag_code lint_rule_code(size_t rule);
bool lint_code_preset(enum diag_code); /* is the rule on where nothing sets it? Warnings of the checker are */

/* ---- For rules ---- */

#define LINT(NAME, id, code, category, preset, fix, text, doc) void lint_##id(struct lint *);
#include "compiler/base/lint.def"
#undef LINT

#define lint_report(lint, NAME, span, ...) diag_report((lint)->diags, LINT_##NAME, (span), ##__VA_ARGS__)

/* EACH_OF (lint, node, NODE_IF): a loop over every such node of the named files. */
#define EACH_OF(lint, item, KIND)                                                                                      \
    for (size_t i_##item = 0; i_##item < (lint)->count; i_##item++)                                                    \
        for (struct node *item = (lint)->nodes[i_##item]; item && item->kind == (KIND); item = NULL)

/* The directory with agents and groups, used only by nobody_there.c. */
bool lint_directory_open(struct lint *, const char **why);
void lint_directory_close(struct lint *);

/* EACH_IN (lint, strategy, node, NODE_IF): a loop over every such node below `strategy`, which must be in a named
 * file. */
#define EACH_IN(lint, outer, item, KIND)                                                                               \
    for (size_t i_##item = (lint)->first[(outer)->id]; i_##item < (lint)->behind[(outer)->id]; i_##item++)             \
        for (struct node *item = (lint)->nodes[i_##item]; item && item->kind == (KIND); item = NULL)

struct node *lint_up(const struct lint *, const struct node *); /* NULL above a file */
/* Returns the nearest node of that kind around this one, or NULL. */
struct node *lint_around(const struct lint *, const struct node *, enum node_kind);
bool lint_within(const struct lint *, const struct node *, const struct node *outer);
bool lint_is_imported(const struct lint *, const struct node *);
/* Does a named file have a strategy, or a file that --whole-site has added? */
bool lint_has_strategies(const struct lint *);

/* Is the value of the declared name read? */
bool lint_is_read(const struct lint *, struct word declared);
/* Is the name read by another file that is not part of the library? */
bool lint_is_read_abroad(const struct lint *, struct word declared);
bool lint_is_written(const struct lint *, struct word declared);
bool lint_names_type(const struct lint *, const char *name); /* does any written type use the name? */
/* does a file of the site use a word of the enumeration? The site's files are those named or added by --whole-site. */
bool lint_names_word(const struct lint *, const char *enumeration);
bool lint_names_in_test(const struct lint *, const char *name); /* does a test of a file of the site use the name? */

bool lint_fields_name(const struct nodes *fields, const char *name); /* is there a field of that name? */
/* returns the text of the span, as it is in the source */
const char *lint_text(const struct lint *, struct source_span);
/* Is the node one word or a call, which needs no parentheses wherever it is written? */
bool lint_stands_alone(const struct node *);
/* Is the node an operand that needs parentheses if it is a comparison? */
bool lint_is_operand(const struct lint *, const struct node *);
/* Do both nodes consist of the same words? Spaces between words do not matter. */
bool lint_same(const struct lint *, const struct node *, const struct node *);
bool lint_same_text(const struct lint *, struct source_span, struct source_span);
uint32_t lint_line(const struct lint *, const struct node *);
/* Returns the span with the rest of its line, where the line would be empty without the span. */
struct source_span lint_whole_line(const struct lint *, struct source_span);

/* Returns the step of a statement or right side; NULL where the node is no step. */
const struct step_use *lint_step(const struct node *);
const struct node *lint_head(const struct node *); /* returns the head of a STEP, else the node itself */
/* Is the node in a strategy on voice? In one whose media are all calls? A subroutine is in none. */
bool lint_on_voice(const struct lint *, const struct node *);
bool lint_on_calls_alone(const struct lint *, const struct node *);
bool lint_plays(const struct node *block);                      /* does the caller hear something of it? */
bool lint_asks(const struct step_use *);                        /* does the step ask the caller? NULL: no */
bool lint_waits(const struct node *step);                       /* is the step's timeout the very time that it waits? */
struct node *lint_clause(const struct node *step, enum clause); /* returns the value of a step's clause, or NULL */
struct node *lint_site_default(const struct lint *, const char *word);
const struct node *lint_argument(const struct step_use *, const char *name);
/* sets the duration that the literal has; false: the node is none */
bool lint_duration(const struct node *, int64_t *us);
const char *lint_duration_text(struct arena *, int64_t us); /* "1m30s" */
/* Does the expression only compute a value, without any other effect? */
bool lint_is_pure(const struct node *);
/* Is the expression pure, and unable to fail? Then --fix may remove it, since calls take the same path without it. */
bool lint_may_go(const struct node *);
/* Returns a query's text in small letters, with a question mark for each value. */
const char *lint_sql_text(const struct lint *, const struct node *query);
bool lint_has_word(const char *sql, const char *word);

/* The levels that a line's conditions allow: skill X >= n and the like, joined with `and`. */
enum { LINT_LEVELS = 8 };
struct lint_level {
    const char *skill;
    int64_t least, most;
};
struct lint_levels {
    struct lint_level of[LINT_LEVELS];
    size_t count;
    const char *impossible; /* the skill of which no level is possible, or NULL */
    bool whole;             /* the line has no conditions except those on levels */
};
struct lint_levels lint_levels(const struct node *condition);

/* What a variable or a key of a strategy can be, where it is only set to literals and by menus. */
enum { LINT_VALUES = 32 };
struct lint_values {
    const struct node *of[LINT_VALUES];
    size_t count;
    const struct node *menu; /* a menu that gives some of them, or NULL */
};
bool lint_values_of(const struct lint *, const struct node *name, struct lint_values *); /* false: not known */
bool lint_values_have(const struct lint_values *, const struct node *literal);
/* Returns the literal that the node is, or that the constant stands for; NULL: it is none. */
const struct node *lint_literal(const struct node *);
bool lint_equal(const struct node *literal, const struct node *other);
/* "3, 'de', and 'fr'" */
const char *lint_values_text(const struct lint *, const struct node *const *values, size_t count);
