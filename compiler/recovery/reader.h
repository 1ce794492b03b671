/* compiler/recovery/reader.h - The state of reading one source, shared by parse.c, tell.c and resume.c. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "compiler/recovery/braces.h"
#include "compiler/syntax/grammar.h"

enum { BRACES_KEPT = 64 };

struct token {
    int kind;
    PARSER_STYPE value;
    struct source_span span;
    bool damaged;   /* an error of the token was reported, so the parser reports no other one */
    bool unwritten; /* a '}' that is missing in the source: the grammar gets this token, and leaves its block */
};

struct recovery_reader {
    struct parse parse;   /* must be first: the grammar's functions get it, and reader_of() leads back */
    struct token last;    /* the last token that the grammar was given */
    struct token pending; /* a token given back by the reader, which the next fetch returns again */
    bool has_pending;
    uint32_t sql_error, sql_begin; /* the first error in an SQL or right after it; the beginning of that SQL; 0: none */
    bool end_taken;                /* a text without an end reaches to the end of the file */
    uint32_t previous_end;         /* the end of the token before the last one */
    struct source_span previous;
    int previous_kind;
    bool previous_damaged;
    struct source_span first_word,
        before_in;                /* names of the statement: its first word, the word before `in`; or empty */
    int depth;                    /* the number of open braces, as the grammar has seen them */
    int depth_before;             /* the number of open braces before the last token */
    uint32_t braces[BRACES_KEPT]; /* the open '{' */
    struct odd_brace odd;         /* the next brace without a partner, if it was searched already */
    size_t odd_from;              /* the offset from which the next odd brace is searched, */
    bool odd_unsought;            /* set when the first error needs it */
    bool odd_told;                /* the odd brace was reported; other errors that it causes are not */
    int odd_sought;               /* how often an odd brace was searched in this source */
    int closers;                  /* how many missing '}' the grammar is to get next */
    bool foreign;                 /* the error before was at a block that another language begins */
    bool panic;                   /* the grammar has just found an error at `last` */
    bool complete;                /* the statement is complete except for its ';' */
    char listed;                  /* the bracket that closes the list in which `last`, a ';', stands; else 0 */
    bool unopened;                /* `last` is a '}' whose '{' is missing, and a ';' follows */
    uint32_t resumed_at;          /* the place where the last recovery ended */
    int stuck;                    /* how often a recovery has begun again at that place */
};

static inline struct recovery_reader *reader_of(struct parse *parse)
{
    return (struct recovery_reader *)parse;
}

struct token reader_fetch(struct recovery_reader *);           /* reads the next token of the source */
void reader_give_back(struct recovery_reader *, struct token); /* gives a token back, at most one at a time */
bool reader_first_on_line(const struct recovery_reader *, const struct token *,
                          bool at_margin); /* at_margin: unindented */

/* Skips to the end of the damaged statement after an error, and returns T_RECOVER for the grammar. */
struct token reader_resume(struct recovery_reader *);
void reader_seek_odd(struct recovery_reader *);
bool reader_begins_nothing(int kind); /* can no statement begin with this token? */

void reader_tell(struct parse *, const struct expected *); /* the grammar's `stumble` */
void reader_note_stumble(struct program *, uint32_t at, bool nameless);
/* Reports at the end the errors that were withheld because a text without an end may have caused them. */
void reader_tell_withheld(struct recovery_reader *);
