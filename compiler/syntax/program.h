/* compiler/syntax/program.h - One compilation: its files, its site, its diagnostics, and the results of its passes.
 *
 * compilation.c decides the order of the passes. A pass reports into `diags` and stores its results here or in the
 * nodes; after a pass with errors the later ones do not run, except that checking as a whole counts as one pass. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "compiler/base/diag.h"
#include "compiler/base/source.h"
#include "compiler/syntax/ast.h"

struct schema_entry { /* the loaded schema of one source of the site */
    const char *source;
    struct sql_schema *schema;
    struct schema_entry *next;
};

/* A place where the parser could not continue. The parser reported nothing there, as an earlier error is the cause,
 * or it reported a missing name. */
struct stumble {
    uint32_t at;
    bool nameless; /* a name is missing here, and it is not known which one */
    struct stumble *next;
};

struct compile_natives;
struct sql_schema;

struct program {
    struct arena *arena;
    struct source_set *sources;
    struct diags *diags;
    struct tree tree;
    struct nodes files; /* NODE_FILEs: the site's first, then each imported file before the files that import it */
    struct stumble *stumbles;
    struct lost_key *lost_keys;   /* keys about which an error was reported (compiler/syntax/lost.h) */
    struct node *site;            /* the NODE_SITE, perhaps NULL */
    struct schema_entry *schemas; /* the schemas of the site's sources, by name (interned) */
    const char *scenario;         /* the scenario section of the image (runtime/scenario); NULL: no tests */
    size_t scenario_length;
    const char *pull; /* the PostgreSQL source whose statements are only collected; NULL: none */
    /* finds the libraries of natives (lower/natives.h); NULL: no library is known */
    const struct compile_natives *natives;
    bool check_only; /* make no image */
    bool testing;    /* true: the image is for playing its tests */
    bool bare;       /* true: leave out the debug section */
};
