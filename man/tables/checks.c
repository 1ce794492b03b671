/* man/tables/checks.c - Prints diagnostics of the compiler, rules of the linter, and the scripts that check the
 * flows. */
#include "man/tables/page.h"
#include "man/tables/tables.h"

#include <stdio.h>
#include <string.h>

void diagnostics(void)
{
#define DIAG(name, code, severity, format) row(code, #severity, format);
#include "compiler/base/diag.def"
#undef DIAG
}

void deprecated(void)
{
#define DEPRECATED(NAME, code, since, gone, what, instead) row(code, since, what "; " instead);
#include "compiler/base/deprecated.def"
#undef DEPRECATED
}

void lint(void)
{
    char aside[128];
#define LINT(NAME, id, code, category, preset, fix, format, doc)                                                       \
    snprintf(aside, sizeof aside, "%s%s%s", #id, strcmp(#preset, "OFF") == 0 ? ", off" : "",                           \
             strcmp(#fix, "FIX") == 0 ? ", can be mended" : "");                                                       \
    for (char *at = aside; *at; at++)                                                                                  \
        if (*at == '_') *at = '-';                                                                                     \
    row(code, aside, doc);
#include "compiler/base/lint.def"
#undef LINT
}

void own_kinds(void)
{
#define OWN_KIND(ID, word, node, doc) row(word, "", doc);
#include "compiler/lint/own_kinds.def"
}

void own_properties(void)
{
    static const char *const types[] = {"a text", "a value", "a bool", "a whole number", "a list"};
    enum { TEXT, ANY, BOOL, INT, LIST };
#define OWN_PROPERTY(ID, word, type, doc) row(word, types[type], doc);
#include "compiler/lint/own_kinds.def"
}

void flows(void)
{
    char steps[32], seen[400];
#define FLOW(flow, count, title) row(#flow, "", title);
#define WALK(flow, first, last, script, what)                                                                          \
    snprintf(steps, sizeof steps, first == last ? "%s, step %d%.0d" : "%s, steps %d to %d", #flow, first, last);       \
    snprintf(seen, sizeof seen, "%s: %s", script, what);                                                               \
    row(steps, "", seen);
#include "tests/promises/flows.def"
}
