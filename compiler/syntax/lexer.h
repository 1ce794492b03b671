/* compiler/syntax/lexer.h - The scanner: turns the bytes of one source into tokens with values.
 *
 * The scanner reports a wrong word and returns a token all the same, marked as damaged: so the parser continues, and
 * does not report the same place again. The scanner stores `///` lines separately; lexer_doc() finds those of a
 * declaration. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "compiler/base/diag.h"
#include "compiler/base/source.h"
#include "compiler/syntax/parser.h" /* the numbers of tokens, made by bison */

enum { INTERPOLATION_LIMIT = 8 }; /* the deepest nesting of strings within values within strings */

struct lexer {
    struct arena *arena;
    struct diags *diags;
    struct diags *withheld; /* errors that a text without an end may have caused */
    const struct source *source;

    uint32_t at;  /* the offset of the next byte to scan */
    bool damaged; /* an error was reported for the last token or just before it */
    bool ended;   /* T_END was given */
    int last;     /* the token before */
    /* `last` if it is T_PREFIX or T_MATCH, else 0. A string after these is a pattern: braces in it are plain
     * characters, and after T_MATCH a backslash is kept. */
    int pattern;
    struct source_span *docs; /* the `///` lines, each from its slashes to its end */
    size_t doc_count, doc_room;
    char *piece; /* the current piece of a string or SQL, with escapes resolved */
    size_t piece_length, piece_room;
    uint32_t piece_begin;                         /* the offset of the quote or brace before the piece */
    bool piece_is_first;                          /* true: a quote comes before the piece; false: a value */
    uint32_t text_begin[INTERPOLATION_LIMIT + 1]; /* the places of the opening quotes, the outermost text first */
    bool open_is_sql[INTERPOLATION_LIMIT];        /* the texts whose values are being scanned: is each an SQL? */
    int depth;                                    /* the number of texts around the current place */
    uint32_t open_text; /* the assumed end of the last text without a closing quote; 0: none */
    void *scanner;
};

/* Begins scanning at the start of `source`. The caller sets arena, diags, withheld and source, and zeroes all other
 * fields; lexer_end() frees the scanner. */
void lexer_begin(struct lexer *);
void lexer_end(struct lexer *);

/* Returns the next token with its value and place; T_END at the end, and at every later call. */
int lexer_next(struct lexer *, PARSER_STYPE *value, PARSER_LTYPE *span);

/* Skips the source up to the offset `to`, which must be ahead and outside of all strings and SQL. */
void lexer_skip(struct lexer *, uint32_t to);

/* Returns the `///` lines directly above `offset`, without the slashes, in the arena; NULL where there are none. */
const char *lexer_doc(const struct lexer *, uint32_t offset);

/* The use of a token in words.def; USE_NAME for a token without a row there. */
enum word_use { USE_NAME, USE_CLAUSE, USE_RESERVED, USE_STATEMENT, USE_DECLARATION, USE_KIND };
enum word_use lexer_token_use(int token);

/* Is the text a reserved word, which is never a name? */
bool lexer_is_reserved(const char *text, size_t length);

/* Returns the row of words.def whose word is nearest to a mistyped text; NULL where none is near. Only words with
 * the use `least` or a later one are compared (USE_NAME: all words), and only tokens that `can` marks (NULL: all
 * tokens). */
const char *lexer_near_word(struct arena *, const char *text, size_t length, enum word_use least, const bool *can);
