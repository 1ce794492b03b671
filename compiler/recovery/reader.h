/* compiler/recovery/reader.h - What parse.c, tell.c and resume.c share of one source that is being read. */
#ifndef COMPILER_READER_H
#define COMPILER_READER_H

#include <stdbool.h>
#include <stdint.h>

#include "compiler/recovery/braces.h"
#include "compiler/syntax/grammar.h"

enum { BRACES_KEPT = 64 };

struct token {
    int kind;
    PARSER_STYPE value;
    struct span span;
    bool damaged;   /* it is reported already: no further complaint about it */
    bool unwritten; /* a '}' that the source lacks, and that leads the grammar out of its braces */
};

struct reader {
    struct parse parse;         /* first: the grammar's functions get it, reader_of() leads back */
    struct token last, pending; /* given to the grammar last; given back, to be given again */
    bool has_pending;
    uint32_t sql_error, sql_begin; /* the first error in an SQL or right behind it, and where that begins; 0: none */
    bool end_taken;                /* a text that is not closed reaches to the file's end */
    uint32_t previous_end;         /* of the token before the last one */
    struct span previous;
    int previous_kind;
    bool previous_damaged;
    struct span first_word, before_in; /* names of the statement: its first word, the word before `in`; or empty */
    int depth;                         /* of braces, as the grammar has seen them */
    int depth_before;                  /* the last token */
    uint32_t braces[BRACES_KEPT];      /* the open '{' */
    struct odd_brace odd; /* the next brace without its partner; the errors that it causes are told once: */
    bool odd_told;        /* they have been told */
    int odd_sought;
    int closers;         /* how many unwritten '}' are to be given next */
    bool panic;          /* the grammar has just met an error at `last` */
    bool complete;       /* the statement had all that it needs but its ';' */
    uint32_t resumed_at; /* where the last recovery ended, */
    int stuck;           /* and how often another one has begun there */
};

static inline struct reader *reader_of(struct parse *parse)
{
    return (struct reader *)parse;
}

struct token reader_fetch(struct reader *);           /* the next token of the source */
void reader_give_back(struct reader *, struct token); /* at most one at a time */
bool reader_first_on_line(const struct reader *, const struct token *, bool at_margin);

/* The token that the grammar is given after an error: T_RECOVER, at the end of the damaged statement. */
struct token reader_resume(struct reader *);
bool reader_begins_nothing(int kind); /* with this token no statement begins */

void reader_tell(struct parse *, const struct expected *); /* the grammar's `stumble` */
void reader_note_stumble(struct program *, uint32_t at, bool nameless);
/* Reports at the end the errors that were withheld because a text that is not closed may have caused them. */
void reader_tell_withheld(struct reader *);

#endif
