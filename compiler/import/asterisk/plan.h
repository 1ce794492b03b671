/* compiler/import/asterisk/plan.h - The dialplan: contexts, their extensions, and the steps of each.
 *
 *     [context]
 *     include => other                  its extensions are looked up after those of the context
 *     exten => _1XX,1,Answer()          extension or pattern, priority, application(arguments)
 *     same => n(label),Queue(sales)     the next priority of the same extension
 *
 * plan_find() chooses the extension of a number as Asterisk does: a number before patterns, the pattern with fewer
 * numbers before the others, included contexts last. */
#pragma once

#include "compiler/import/asterisk/ini.h"

enum { PLAN_PRIORITY = 100000, PLAN_INCLUDES = 32, PLAN_DEPTH = 16, PLAN_EXTENSION_BYTES = 80 };

struct plan_step {
    const char *application, *arguments, *label; /* label: NULL: none */
    uint32_t priority, line;
    const char *path;
    struct plan_extension *of;
    struct plan_step *next; /* in the order of the file */
    bool reached;
};

struct plan_extension {
    const char *name; /* with its _ where it is a pattern */
    bool pattern;
    struct plan_step *steps, **end;
    uint32_t highest; /* the highest of its priorities */
    struct plan_context *in;
    struct plan_extension *next; /* the next extension in the order of looking up */
};

struct plan_context {
    const char *name, *path;
    uint32_t line;
    /* patterns: where in the list the patterns begin; numbers come before them */
    struct plan_extension *extensions, **patterns;
    struct flow_names names; /* of the extensions */
    const char *includes[PLAN_INCLUDES];
    unsigned include_count;
    bool named; /* another context jumps to this one or includes it */
    struct plan_context *next;
};

/* A line of the plan that is not translated, with its reason. */
struct plan_fault {
    const char *path, *text, *why;
    uint32_t line;
    bool remark; /* the line is translated, but a person has to look at it */
    struct plan_fault *next;
};

struct dialplan {
    struct arena *arena;
    struct plan_context *contexts, **end;
    struct flow_names names; /* of the contexts */
    uint32_t walked;         /* how many steps were written so far, for all flows and in all rounds */
    struct plan_fault *faults, **faults_end;
    const struct ini_section *globals;
    bool falls; /* autofallthrough: the call ends where an extension has no next step */
};

void plan_begin(struct dialplan *, struct arena *);
void plan_add(struct dialplan *, const struct ini_file *);
/* Adds the file's lines that are not read to the report. */
void plan_faults(struct dialplan *, const struct ini_file *);
void plan_fault_add(struct dialplan *, const char *path, uint32_t line, const char *text, const char *why, bool remark);
struct plan_context *plan_context(const struct dialplan *, const char *name);
/* Returns the extension that the number takes in the context; NULL: none. */
struct plan_extension *plan_find(const struct dialplan *, const struct plan_context *, const char *number);
struct plan_step *plan_priority(const struct plan_extension *, uint32_t priority);
struct plan_step *plan_label(const struct plan_extension *, const char *label);
/* Calls `each` for every extension of the context and of the contexts that it includes, in the order of looking up. */
void plan_each(const struct dialplan *, const struct plan_context *,
               void (*each)(void *closure, struct plan_extension *), void *closure);
bool plan_matches(const char *pattern, const char *number);
/* Returns the pattern as an expression for `match`; NULL: gcx has no such expression. *most: the greatest number of
 * characters that it takes; 0: any number. */
const char *plan_expression(struct arena *, const char *pattern, unsigned *most);
/* Is the name a special extension, as s, t, i or h, which nobody dials? */
bool plan_special(const char *name);
