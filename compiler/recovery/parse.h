/* compiler/recovery/parse.h - The parser: it makes the NODE_FILE of a source's text, even of a text with errors.
 *
 *     tokens:   let x = = 3 ;   play "hello" ;
 *                       ^ error: told once (tell.c)
 *                       '-----' skipped (resume.c), T_RECOVER stands there; the next statement is read as usual
 *
 * The recovery is between the scanner and the grammar. parse.c passes the tokens on, tell.c reports a token that is
 * not allowed, resume.c skips to the end of the damaged statement, with balanced braces, and gives the grammar
 * T_RECOVER there. A missing brace, quote or semicolon is one error: its consequences are not reported.
 *
 * hints.def is the table of common mistakes, message.c makes the sentence of an error, braces.c finds the odd brace
 * by the lines' indentation. damage.c and mend.c work on the finished diagnostics. */
#pragma once

#include "compiler/base/source.h"
#include "compiler/syntax/grammar.h"
#include "compiler/syntax/program.h"

/* Parses a source and reports into the program's diagnostics. Returns a NODE_FILE, never NULL; after an error the tree
 * lacks the damaged statements, and no image is made of it. */
struct node *parse_source(struct program *, const struct source *);

/* Sets which tokens the grammar would take at the end of the text, whatever was wrong in the text before; none where
 * the text is no source. */
void parse_follow(const char *text, size_t length, struct expected *);
