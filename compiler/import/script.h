/* compiler/import/script.h - Reads ECMAScript, as designers write it in blocks, into a tree.
 *
 * A statement or expression that is not of the usual kinds is a piece of text (SCRIPT_OTHER), which the translation
 * only quotes. No text is refused, and nothing recurses deeper than SCRIPT_DEPTH. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"

enum { SCRIPT_DEPTH = 60, SCRIPT_BYTES = 256 * 1024 };

enum script_kind {
    /* expressions */
    SCRIPT_NUMBER,
    SCRIPT_TEXT,
    SCRIPT_NAME,
    SCRIPT_MEMBER, /* left . text */
    SCRIPT_INDEX,  /* left [ right ] */
    SCRIPT_CALL,   /* left ( parts ) */
    SCRIPT_NEW,    /* new left ( parts ) */
    SCRIPT_UNARY,  /* text: ! - + typeof */
    SCRIPT_BINARY, /* text: the operator */
    SCRIPT_CHOICE, /* left ? right : third */
    SCRIPT_OBJECT, /* an object: for each of `parts`, text is the name and left the value */
    SCRIPT_LIST,
    SCRIPT_FUNCTION, /* a function without parameters; parts: its statements. Names that it declares are renamed
                      * (script_scope) */
    /* statements */
    SCRIPT_ASSIGN, /* left = right; text: "var", "let" or "const" for a declaration, else "" */
    SCRIPT_ACT,    /* left, an expression */
    SCRIPT_IF,     /* left; parts, others */
    SCRIPT_TRY,    /* parts: its statements; others: those of its catch */
    SCRIPT_RETURN, /* left: the returned value; NULL: none */
    SCRIPT_THROW,  /* left */
    SCRIPT_OTHER   /* text: as it stands */
};

struct script {
    enum script_kind kind;
    const char *text; /* the text of a literal, a name or an operator */
    struct script *left, *right, *third;
    struct script *parts, *others; /* lists by `next` */
    struct script *next;
    const char *begin, *end; /* the text of the statement or expression in the source */
};

/* Reads the whole text as one expression; SCRIPT_OTHER where it is not of the usual kinds. */
struct script *script_expression(struct arena *, const char *text);
/* Reads the text as statements, linked by `next`. */
struct script *script_statements(struct arena *, const char *text);
/* Returns the text of the statement or expression in the source. */
const char *script_source(struct arena *, const struct script *);
