/* compiler/syntax/grammar.h - The interface between the grammar and the reader that runs it (recovery/parse.c).
 *
 * The grammar asks the reader for each token and reports each place where the token is not allowed. After such an
 * error the reader returns T_RECOVER where the grammar can continue. */
#pragma once

#include <stdbool.h>

#include "compiler/syntax/lexer.h"
#include "compiler/syntax/program.h"

enum {
    NESTING_LIMIT = 200, /* the deepest nesting of nodes, as later passes use recursion */
    TOKEN_LIMIT = 512    /* all token numbers are below this */
};

struct expected { /* a set of tokens */
    bool token[TOKEN_LIMIT];
};

struct parse { /* the reader sets all fields before parser_parse() */
    struct program *program;
    struct lexer lexer;
    struct node *file; /* the NODE_FILE; the grammar completes it at the end */
    bool too_deep;     /* NESTED_TOO_DEEP has been reported */

    int (*next)(struct parse *, PARSER_STYPE *,
                struct source_span *); /* returns the next token; T_END, then T_EOF at the end */
    /* reports that the last token is not allowed, and which tokens are */
    void (*stumble)(struct parse *, const struct expected *);
};

/* Reports, once per source, that it nests deeper than the limit. */
void grammar_too_deep(struct parse *, struct source_span);
