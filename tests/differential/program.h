/* tests/differential/program.h - A random program of the language that is well-typed, made of choices.
 *
 * The choices are bytes: zeros, and what lies behind their end, choose what is simplest; so inputs that are cut or
 * zeroed give smaller programs, which is how a difference is made small. */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "tests/fuzz/fuzz.h"

/* The text, malloc'ed: a site, types, functions and one strategy `s`. */
char *program_random(struct input *, size_t *length);

/* program_secret.c: the same of a program that is all about a secret: where it goes, round loops and through functions.
 * Each use that the checker may refuse is a statement on a line of its own, which can be left out. */
char *program_secret(struct input *, size_t *length);

/* program_settled.c: takes the text, and gives one that the compiler does not refuse for its numbers. */
char *program_settled(char *text, size_t *length);

/* From here on: what program*.c share. */

enum base {
    BASE_INT,
    BASE_STR,
    BASE_BOOL,
    BASE_FLOAT,
    BASE_DURATION,
    BASE_PERCENT,
    BASE_TIME,
    BASE_DATE,
    BASE_CLOCK,
    BASE_SKILL,
    BASE_WEEKDAY,
    BASE_ENUM,
    BASE_LIST,
    BASE_MAP,
    BASE_OPTION,
    BASE_RECORD,
    BASE_VALUE
};

struct sort { /* a type of the program */
    enum base base;
    const struct sort *of;
    const struct sort *fields[4];
    unsigned number, count, depth; /* number: in the names r0, e0, opt0; count: of fields or words */
    char text[48];
};

struct program_variable {
    char name[12];
    const struct sort *sort;
    bool fixed;  /* it is not assigned */
    bool hidden; /* another one is what it is now known to be */
    int narrows; /* which one it is, known not to be none; -1: none */
};

struct routine {
    char name[24];
    const struct sort *params[4], *result;
    unsigned count;
    bool waits;
};

enum { SORTS_MAX = 40, VARIABLES_MAX = 120, ROUTINES_MAX = 60 };

struct program_maker {
    struct input *in;
    FILE *out;
    struct sort sorts[SORTS_MAX];
    unsigned sort_count;
    struct program_variable variables[VARIABLES_MAX];
    unsigned variable_count;
    struct routine routines[ROUTINES_MAX];
    unsigned routine_count;
    int budget;                /* of expressions, in this body */
    unsigned serial;           /* of names */
    unsigned loops;            /* around what is written */
    unsigned branches;         /* around it: what all of them tell is known behind them */
    bool steps;                /* it may wait */
    bool strategy;             /* it may attach and end */
    bool handler;              /* it is one: no loops that wait */
    bool beside;               /* a busy block: it may attach, and sets nothing outside */
    const struct sort *result; /* of the function; NULL: of none */
    const struct sort *keys[6];
    unsigned key_count;
    bool consults;             /* the strategy is for consultations, and has a main interaction */
    bool pure;                 /* what is written is only looked at: nothing is counted, drawn or written */
    bool in_line;              /* of a selection: there a skill is the candidate's level */
    bool secret;               /* there is one, attached under `pin` */
    const struct sort *client; /* a record: a row of the database, an endpoint's answer */
};

unsigned pick(struct program_maker *, unsigned below);
bool chance(struct program_maker *, unsigned of); /* once among so many; 0 says no */
const struct sort *sort_of(struct program_maker *, enum base,
                           const struct sort *of); /* NULL where the program has none */
const struct sort *sort_any(struct program_maker *);
const struct sort *sort_plain(struct program_maker *); /* neither a container nor optional */
struct program_variable *variable_new(struct program_maker *, const struct sort *); /* NULL: there are enough */

const struct program_variable *variable_of(struct program_maker *, const struct sort *); /* NULL where there is none */

/* An expression whose type is just that; one that may stand where that type is asked for; what is shown in a text. */
void write_exactly(struct program_maker *, const struct sort *, unsigned depth);
void write_fitting(struct program_maker *, const struct sort *, unsigned depth);
void write_shown(struct program_maker *, unsigned depth);
/* program_literal.c */
void write_literal(struct program_maker *, const struct sort *);
void write_record(struct program_maker *, const struct sort *, unsigned depth);
/* A list or map; `fitting`: perhaps empty, its elements what may stand for those. */
void write_container(struct program_maker *, const struct sort *, unsigned depth, bool fitting);
/* Something that is true or false, and tells nothing about what may be none. */
void write_condition(struct program_maker *, unsigned depth);

#define PUT(...)  fprintf(m->out, __VA_ARGS__)
#define LINE(...) (put_indent(m, indent), PUT(__VA_ARGS__))

/* One of these texts. */
void write_one(struct program_maker *, const char *const *texts, unsigned count);
#define ONE_OF(m, ...)                                                                                                 \
    do {                                                                                                               \
        static const char *const texts_[] = {__VA_ARGS__};                                                             \
        write_one(m, texts_, (unsigned)(sizeof texts_ / sizeof *texts_));                                              \
    } while (0)

/* program_body.c */
void write_body(struct program_maker *, unsigned depth, unsigned statements, unsigned indent);
void write_key(struct program_maker *, unsigned key); /* what is attached under it */
void import_write_block(struct program_maker *, unsigned depth, unsigned statements, unsigned indent);
void put_indent(struct program_maker *, unsigned indent);

/* The names visible now, to come back to: those declared since are gone then. */
struct mark {
    unsigned variables;
};
struct mark enter(const struct program_maker *);
void leave(struct program_maker *, struct mark);

/* program_head.c */
/* Steps by what they are: those that treat the caller, those that can stand beside others, the rest. */
/* clang-format off */
enum head_kind {
    HEAD_SAY, HEAD_DIGITS, HEAD_MENU, HEAD_PLAY, HEAD_MUSIC, HEAD_CHOOSE, HEAD_VERIFY, HEAD_TONE, TREATMENTS,
    HEAD_SIGNAL = TREATMENTS, HEAD_DELAY, HEAD_FIRST, HEAD_ALL, HEAD_VALUE, HEAD_GET, BESIDE_OTHERS,
    HEAD_EXEC = BESIDE_OTHERS, HEAD_POST, HEAD_DELETE, HEAD_RECORD, HEAD_BOOK, HEADS
};
/* clang-format on */

struct program_head {
    enum head_kind kind;
    unsigned variable; /* its number */
    bool gives;
    const struct sort *sort; /* of what it gives; NULL: a signal's payload, which is taken apart */
    const char *exits;
};

/* Of the kinds from `first` up to `end`: `let v1 = `, or another beginning, the step and its clauses. */
struct program_head write_head(struct program_maker *, unsigned first, unsigned end, unsigned indent, bool attaches);

void write_step(struct program_maker *, unsigned depth, unsigned indent); /* program_step.c */
/* program_site.c: the site; an expression of the sort that asks it, or nothing where there is none (false). */
void import_write_site(struct program_maker *);
bool write_of_site(struct program_maker *, const struct sort *, unsigned depth);
void write_condition_of_site(struct program_maker *, unsigned depth);
void write_count(struct program_maker *, unsigned indent);
void write_row(struct program_maker *, unsigned depth, unsigned indent);

/* program_core.c: the same of what only the core knows. */
bool write_of_core_perhaps(struct program_maker *, const struct sort *, unsigned depth);
bool write_of_core(struct program_maker *, const struct sort *, unsigned depth);
void write_condition_of_core(struct program_maker *, unsigned depth);
void write_of_people(struct program_maker *, unsigned depth, unsigned indent);

bool sort_is_ordered(const struct sort *);
bool sort_has_skills(const struct sort *); /* in it */
bool sort_is_shown(const struct sort *);
