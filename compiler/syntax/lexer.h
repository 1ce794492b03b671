/* compiler/syntax/lexer.h - The scanner: bytes of one source to tokens with values.
 *
 * It reports what is wrong with a word and gives a token all the same, marked as damaged, so that the parser goes on
 * without complaining of the same place again. `///` lines are kept aside, to be asked for by declarations. */
#ifndef COMPILER_LEXER_H
#define COMPILER_LEXER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "compiler/base/arena.h"
#include "compiler/base/diag.h"
#include "compiler/base/source.h"
#include "compiler/syntax/ast.h"
#include "compiler/syntax/parser.h" /* the tokens, made by bison */

enum { INTERPOLATION_LIMIT = 8 }; /* strings within values within strings */

struct lexer {
    struct arena *arena;
    struct diags *diags;
    struct diags *withheld; /* gets what is perhaps wrong only as a text is not closed */
    const struct source *source;

    uint32_t at;  /* offset of what comes next */
    bool damaged; /* there was something to report about, or just before, the last token */
    bool ended;
    int last;          /* the token before */
    int pattern;       /* it was T_PREFIX or T_MATCH: in a string braces are braces; after T_MATCH a backslash stays */
    struct span *docs; /* of `///` lines, from the slashes to the line's end */
    size_t doc_count, doc_room;
    char *piece; /* of the string or SQL that is being read, escapes resolved */
    size_t piece_length, piece_room;
    uint32_t piece_begin;                         /* offset of the quote or brace before it */
    bool piece_is_first;                          /* a quote, not a value, stands before it */
    uint32_t text_begin[INTERPOLATION_LIMIT + 1]; /* of the quotes: how deep a text stands within others */
    bool open_is_sql[INTERPOLATION_LIMIT];        /* the texts whose values are being read */
    int depth;
    uint32_t open_text; /* where the last one was taken to end whose quote is missing; 0: none */
    void *scanner;
};

/* `lexer` is to be zeroed but for arena, diags, withheld, source. */
void lexer_begin(struct lexer *);
void lexer_end(struct lexer *);

/* The next token; T_END at the end, again and again. */
int lexer_next(struct lexer *, PARSER_STYPE *value, PARSER_LTYPE *span);

/* Goes on at that offset, which lies ahead and outside of all texts. */
void lexer_skip(struct lexer *, uint32_t to);

/* The `///` lines that stand directly above `offset`, without the slashes; NULL where there are none. */
const char *lexer_doc(const struct lexer *, uint32_t offset);

/* What a token is in words.def; USE_NAME for what is no word of it. */
enum word_use { USE_NAME, USE_CLAUSE, USE_RESERVED, USE_STATEMENT, USE_DECLARATION, USE_KIND };
enum word_use token_use(int token);
bool lexer_is_reserved(const char *text, size_t length); /* a word that is never a name */

/* The known word that was perhaps meant, among those whose use is at least that (USE_NAME: all) and that `can` stand
 * there (NULL: anywhere); or NULL. */
const char *lexer_near_word(struct arena *, const char *text, size_t length, enum word_use, const bool *can);

#endif
