/* compiler/lint/own_inner.h - What the files of the site's own rules share: kinds of nodes, conditions, values. */
#pragma once

#include "base/regex.h"
#include "compiler/lint/own.h"

enum own_kind_id {
#define OWN_KIND(ID, word, node, doc) OWN_KIND_##ID,
#include "compiler/lint/own_kinds.def"
    OWN_KIND_NAMES,  /* names of the site of one kind, such as queue */
    OWN_KIND_ROW,    /* one step, such as ivr.play */
    OWN_KIND_FAMILY, /* the steps of one family, such as ivr */
};

struct own_kind {
    const char *word;
    enum own_kind_id id;
    enum node_kind node; /* the kind of all its nodes; NODE_KINDS: there are several */
    enum name_kind names;
    const struct step_row *row;
    size_t length; /* of a family's name */
};

struct own_watch { /* a kind that a rule looks at */
    struct own_kind kind;
    const struct own_watch *next;
};

/* Finds the kind of that word; false: there is none. */
bool own_kind_named(const char *word, struct own_kind *);
const char *own_kind_near(const char *word); /* the word that is most like this one, or NULL */
/* Is the node of that kind? */
bool own_kind_holds(const struct lint *, const struct own_kind *, const struct node *);
/* Returns how many digits a telephone number has; 0: the text is none. */
size_t own_kind_digits(const char *bytes, size_t length);
/* Can a node of that kind of node be of the kind? */
bool own_kind_may(const struct own_kind *, enum node_kind);
/* Has the kind a step with a parameter of that name? */
bool own_kind_takes(const struct own_kind *, const char *parameter);
bool own_kind_is_step(const struct own_kind *);
const char *own_kind_words(struct arena *); /* "strategy, handler, ..." */

enum own_type {
    OWN_UNKNOWN,
    OWN_NONE,
    OWN_BOOL,
    OWN_INT,
    OWN_DURATION,
    OWN_PERCENT,
    OWN_TEXT,
    OWN_LIST,
    OWN_PART,
    OWN_ANY
};

struct own_value { /* UNKNOWN: only the running strategy knows it */
    enum own_type type;
    int64_t number; /* the value of a BOOL, INT, DURATION or PERCENT; of a LIST 1: everything may be in it */
    const char *bytes;
    size_t length;
    const struct nodes *list;
    const struct node *part;
};

enum own_property {
#define OWN_PROPERTY(ID, word, type, doc) OWN_IS_##ID,
#include "compiler/lint/own_kinds.def"
    OWN_PROPERTIES
};

enum own_op {
    OWN_DO_VALUE,    /* `value` */
    OWN_DO_PROPERTY, /* number: enum own_property */
    OWN_DO_ARGUMENT, /* value.bytes: the step's parameter */
    OWN_DO_CLAUSE,   /* number: enum clause */
    OWN_DO_NOT,
    OWN_DO_AND,
    OWN_DO_OR,
    OWN_DO_COMPARE, /* number: enum operator */
    OWN_DO_AMONG,   /* left is one of the list that begins with `right` */
    OWN_DO_IN,      /* left is in the list right */
    OWN_DO_STARTS,
    OWN_DO_CONTAINS,
    OWN_DO_MATCHES,
    OWN_DO_LENGTH,
    OWN_DO_HAS,     /* mask: words that must be within left; NULL: within the node */
    OWN_DO_INSIDE,  /* mask */
    OWN_DO_FOLLOWS, /* mask */
    OWN_DO_JOINED   /* the texts of the list that begins with left */
};

struct own_expr {
    enum own_op op;
    enum own_type type;
    int number;
    uint64_t mask;
    struct own_value value;
    const struct automaton *pattern;
    struct own_expr *left, *right, *next;
};

/* The places of the words that has(), inside() and follows() ask for, and other results that conditions need
 * repeatedly. */
struct own_places;
struct own_places *own_places_new(struct lint *, const struct own_rules *);

struct own_value own_value_of(struct lint *, struct own_places *, const struct own_expr *, const struct node *);
/* Returns the property's words for messages: "name", and its type. */
const char *own_property_word(enum own_property);
enum own_type own_property_type(enum own_property);
const char *own_type_words(enum own_type); /* "a text" */
