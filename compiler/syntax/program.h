/* compiler/syntax/program.h - What the passes of one compilation share: the files read, the site, and what is made of
 * them.
 *
 * The order of the passes is compiler.c's. A pass reports into `diags` and leaves its results here or in the nodes;
 * after a pass that reported errors the later ones are not run, except that all of checking is one pass. */
#ifndef COMPILER_PROGRAM_H
#define COMPILER_PROGRAM_H

#include <stdbool.h>
#include <stddef.h>

#include "compiler/base/arena.h"
#include "compiler/base/diag.h"
#include "compiler/base/source.h"
#include "compiler/syntax/ast.h"

struct schema_entry { /* the loaded schema of one source of the site */
    const char *source;
    struct sql_schema *schema;
    struct schema_entry *next;
};

struct stumble { /* where the parser was lost, and said nothing, as what stands there had been told of; */
    uint32_t at;
    bool nameless; /* or it has told that a name is missing: nobody knows which one */
    struct stumble *next;
};

struct compile_natives;
struct sql_schema;

struct program {
    struct arena *arena;
    struct source_set *sources;
    struct diags *diags;
    struct tree tree;
    struct nodes files; /* NODE_FILEs: the site's first, then imported ones before those that import them */
    struct stumble *stumbles;
    struct node *site;            /* the NODE_SITE, perhaps NULL */
    struct schema_entry *schemas; /* of the site's sources, by name (interned) */
    const char *scenario;         /* the image's scenario section (runtime/scenario); NULL: there are no tests */
    size_t scenario_length;
    const char *pull; /* PostgreSQL sources' statements are only collected, for this one; NULL: no */
    const struct compile_natives *natives; /* where libraries of natives lie (lower/natives.h); NULL: nobody knows */
    bool check_only;                       /* no bytes are asked for */
    bool bare;                             /* leave out the debug section */
};

#endif
