/* compiler/syntax/grammar.h - The interface between the grammar and the reader that runs it (recovery/parse.c).
 *
 * The grammar asks the reader for each token and tells it of each place where it cannot go on. After such a place the
 * reader gives T_RECOVER where the grammar may begin anew. */
#pragma once

#include <stdbool.h>

#include "compiler/syntax/lexer.h"
#include "compiler/syntax/program.h"

enum {
    NESTING_LIMIT = 200, /* nodes within nodes: later passes recurse over them */
    TOKEN_LIMIT = 512    /* token numbers stay below it */
};

struct expected { /* a set of tokens */
    bool token[TOKEN_LIMIT];
};

struct parse { /* the reader sets all of it before parser_parse() */
    struct program *program;
    struct lexer lexer;
    struct node *file; /* NODE_FILE; the grammar fills it in at the end */
    bool too_deep;     /* NESTED_TOO_DEEP has been reported */

    int (*next)(struct parse *, PARSER_STYPE *,
                struct source_span *);                        /* the next token; T_END, then T_EOF at the end */
    void (*stumble)(struct parse *, const struct expected *); /* the last token could not stand there; these could */
};

/* Reports, once per source, that it nests deeper than the limit. */
void grammar_too_deep(struct parse *, struct source_span);
