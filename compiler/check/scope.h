/* compiler/check/scope.h - The names of a compilation: those of the language, the site, the files and the present
 * block.
 *
 * There is one set of names per space: plain names, types, labels, and one for each kind of the site's names (a
 * prompt and an attached key may both be called `language`). Names nest: the outermost are those of the language
 * (attributes), then those of the site and the files, then a body's keys and parameters, then the names of its
 * blocks. Symbols are in the arena. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "compiler/base/source.h"
#include "compiler/language/types.h"

struct body;
struct endpoint;
struct ir_constant;
struct node;

enum symbol_kind {
    SYMBOL_ATTRIBUTE, /* `index` is the row of vm/attributes.def */
    SYMBOL_CONST,
    SYMBOL_FUNCTION,
    SYMBOL_SUBROUTINE,
    SYMBOL_STRATEGY,
    SYMBOL_RECORD,
    SYMBOL_ENUMERATION,
    SYMBOL_NAME, /* a skill, queue and so on of the site; index: its number among the names of its kind */
    SYMBOL_SOURCE,
    SYMBOL_SETTING,   /* a parameter, table or schedule of the site; index: its number in the program */
    SYMBOL_SIGNAL,    /* `type` is the record that the signal carries */
    SYMBOL_STATISTIC, /* `index` is the kinds of objects that have the statistic, bits of measures.h */
    SYMBOL_LATCH,     /* `type` is NULL until the latch's conditions are checked */
    SYMBOL_COUNTER,
    SYMBOL_CAPACITY,
    SYMBOL_ENDPOINT,
    SYMBOL_KEY,   /* an attached key, or a strategy's parameter; index: its slot */
    SYMBOL_LOCAL, /* a variable of let or for, or a function's parameter; index: its number in its body */
    SYMBOL_WORD,  /* a word of an enumeration; index: its number */
    SYMBOL_LABEL,
};

enum space {
    SPACE_PLAIN,
    SPACE_TYPE,
    SPACE_LABEL,
    SPACE_SIGNAL,
    SPACE_CAPACITY,
    SPACE_ENDPOINT,
    SPACE_STRATEGY,
    SPACE_KEY,  /* keys that any strategy attaches: for each name the first declaration */
    SPACE_KIND, /* the first of the spaces of the site's kinds: SPACE_KIND + (type kind - LANG_SKILL) */
    SPACE_COUNT = SPACE_KIND + (LANG_TARGET - LANG_SKILL) + 1,
};

struct symbol {
    enum symbol_kind kind;
    const char *name;
    const struct type *type;
    struct source_span where; /* the place of the declaration; length 0 where the language declares the name */
    uint32_t index;
    struct node *node; /* the node of the declaration, or NULL */
    struct endpoint *endpoint;
    struct body *body;                  /* for a function: its own body; for a local: the body that declares it */
    const struct ir_constant *constant; /* the value of a SYMBOL_CONST; set by lower.c */
    /* The symbol of the same name that this one hides, where that is reported: a local hides a key, a key hides a
     * function. */
    const struct symbol *hides;
    bool used;
    bool fits; /* for a key: a value of its declared type is attached */
    bool secret;
    bool passed_secret;  /* a parameter to which some call passes a secret */
    uint32_t kept_round; /* the number of the search in secret.c that found its value to become that of a secret key */
    /* For a local: the parameters of its function on which its value depends, a bit each. */
    uint32_t from;
    bool given;                  /* a strategy's parameter: it has a value from the beginning, and never changes */
    bool is_set;                 /* a statistic whose value a test sets, in an image for playing tests */
    struct source_span known_at; /* the last place where a test proved the value not to be none */
    uint32_t known_times;        /* the number of places so far where a test proved the value not to be none */
};

struct scope;

struct scope *scope_new(struct arena *);

enum space scope_space(enum lang_type);

/* Enters `symbol` in the innermost open block. Returns the symbol that has the name in this block already, or NULL. */
struct symbol *scope_declare(struct scope *, enum space, struct symbol *);
/* Returns the innermost symbol of that name, or NULL. */
struct symbol *scope_find(const struct scope *, enum space, const char *name);
/* Returns the symbol with the nearest name, or NULL where none is near. Adds the number of names that were compared
 * to `compared`. */
struct symbol *scope_near(const struct scope *, enum space, const char *name, uint32_t *compared);

/* Begin and end a block of plain names. */
void scope_enter(struct scope *);
void scope_leave(struct scope *);
