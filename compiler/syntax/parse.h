/* compiler/syntax/parse.h - From a source's text to its NODE_FILE.
 *
 * parse_source() is what the compiler calls; the rest is between the generated parser, build.c and parse.c. Between
 * scanner and parser stands the recovery from errors: after a syntax error it skips to the end of the damaged
 * statement, braces balanced, and gives the parser T_RECOVER there. */
#ifndef COMPILER_PARSE_H
#define COMPILER_PARSE_H

#include <stdbool.h>

#include "compiler/base/source.h"
#include "compiler/syntax/ast.h"
#include "compiler/syntax/program.h"

enum { NESTING_LIMIT = 200 }; /* nodes within nodes: later passes recurse over them */

struct parse;
struct expected;
union PARSER_STYPE;

/* Reports into the program's diagnostics. Never NULL; with errors reported the tree is not to be used further. */
struct node *parse_source(struct program *, const struct source *);

int  parse_token(struct parse *, union PARSER_STYPE *, struct span *);
struct span parse_begin(const struct parse *); /* the empty place at the source's beginning */
void parse_error(struct parse *, const struct expected *); /* at the last token */
void parse_too_deep(struct parse *, struct span);
void parse_done(struct parse *, struct nodes declarations, struct span);

struct tree   *parse_tree(struct parse *);
struct diags  *parse_diags(struct parse *);
const char    *parse_doc(struct parse *, uint32_t offset);

#endif
