/* compiler/syntax/ast.h - The syntax tree: the written program with places in the source, without any meaning.
 *
 * The node kinds and their fields are listed in ast.def; node->let.name is the field `name` of a NODE_LET. Nodes are
 * in the compilation's arena. The parser makes them; later passes do not change them, except for the two fields
 * `type` and `meaning`, which the checker sets. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "compiler/base/source.h"

enum node_kind {
#define NODE(KIND, member, words, fields) NODE_##KIND,
#include "compiler/syntax/ast.def"
    NODE_KINDS
};

/* The kinds of names. Agents, places and numbers are in the directory; a site declares the other kinds. */
enum name_kind {
    KIND_SKILL,
    KIND_GROUP,
    KIND_VQ,
    KIND_QUEUE,
    KIND_WORKBIN,
    KIND_AGENT,
    KIND_PLACE,
    KIND_DN,
    KIND_PROMPT,
    KIND_TEMPLATE,
    KIND_CATEGORY,
    KIND_ZONE,     /* only in declarations: elsewhere the word is a name */
    KIND_STRATEGY, /* an object of statistics */
    KIND_CAMPAIGN, /* an object of statistics; the directory has the campaigns' names */
    NAME_KINDS
};

enum operator{
    SIGN_SET,
    SIGN_ADD,
    SIGN_SUB,
    SIGN_MUL,
    SIGN_DIV,
    SIGN_MOD,
    SIGN_NEG,
    SIGN_NOT,
    SIGN_AND,
    SIGN_OR,
    SIGN_EQ,
    SIGN_NE,
    SIGN_LT,
    SIGN_LE,
    SIGN_GT,
    SIGN_GE,
    SIGN_IN,
    OPERATORS
};

/* The clauses of a step, in the order in which they are written. */
enum clause {
#define CLAUSE(id, word, what, doc) CLAUSE_##id,
#define LINE_WORD(word, what, doc)
#include "compiler/syntax/clauses.def"
    CLAUSES
};

struct word {
    const char *text; /* interned; NULL: not written */
    struct source_span span;
};

struct literal {       /* the bytes of a string or an SQL, with escapes resolved */
    const char *bytes; /* a NUL follows */
    size_t length;
};

struct nodes {
    struct node *first, *last; /* linked by `next` */
    size_t count;
};

#define ONE(f)    struct node *f;
#define MANY(f)   struct nodes f;
#define APART(f)  struct nodes f;
#define WORD(f)   struct word f;
#define TEXT(f)   struct literal f;
#define FLAG(f)   bool f;
#define NUMBER(f) int64_t f;
#define REAL(f)   double f;
#define KIND(f)   enum name_kind f;
#define WHICH(f)  int f;

struct node {
    enum node_kind kind;
    uint32_t id;    /* a number from 1, in the order of making: an index for a pass's own tables */
    uint16_t depth; /* the depth of the tree below it; build_finish() sets and limits it */
    struct source_span span;
    struct node *next;       /* the next node in its list */
    const char *doc;         /* the `///` lines of a declaration, field or site name; else NULL */
    const struct type *type; /* set by the checker: the type of an expression or right side */
    void *meaning;           /* set by the checker: the meaning of a name or other node */
    union {
#define NODE(KIND_, member, words, fields)                                                                             \
    struct node_##member {                                                                                             \
        fields                                                                                                         \
    } member;
#include "compiler/syntax/ast.def"
    };
};

/* Returns the right side of a let, an attach, an assignment or a step alone; NULL for any other statement. */
struct node *node_right_side(const struct node *statement);

#define EACH_NODE(item, nodes) for (struct node *item = (nodes).first; item; item = (item)->next)

struct tree { /* makes nodes and gives them numbers */
    struct arena *arena;
    uint32_t next_id;
};

/* Returns a zeroed node in the tree's arena. The node's memory ends with the member of its kind: copy a node with
 * node_copy(), and change its kind only to one whose member is not longer. */
struct node *node_new(struct tree *, enum node_kind, struct source_span);
struct node *node_copy(struct arena *, const struct node *);

/* Appends a node that is in no list yet; does nothing for NULL. */
void nodes_add(struct nodes *, struct node *);

const char *node_words(enum node_kind);       /* "let", "call", ... */
const char *ast_kind_word(enum name_kind);    /* "skill", ... */
bool ast_kind_of_site(enum name_kind);        /* may a rule of a site's own name the kind? */
const char *ast_operator_sign(enum operator); /* "+", "and", ... */
const char *ast_clause_word(enum clause);     /* "by", ... */

/* Calls `visit` for every child of `node`, in the order of ast.def. */
void node_children(const struct node *node, void (*visit)(struct node *child, void *context), void *context);
/* Calls `visit` for every child in a field APART of ast.def: the nodes of a site's rule, of which only the text is
 * used. */
void node_apart(const struct node *node, void (*visit)(struct node *child, void *context), void *context);
/* What stands behind `else`: a value, a block, a statement that jumps away, or a step, which may have an `else` itself.
 */
enum otherwise_kind { OTHERWISE_VALUE, OTHERWISE_BLOCK, OTHERWISE_JUMP, OTHERWISE_STEP };
enum otherwise_kind ast_otherwise_kind(const struct node *action);
/* Is the node a `split by`, or does it contain one? Such a split divides customers by the names around it. */
bool node_splits_by(struct node *);

/* Returns the names of a dotted word (NAME, or MEMBERs of a NAME) joined with dots: "ivr.play"; NULL for any other
 * node. */
const char *node_dotted(struct arena *, const struct node *);
/* Returns the same for exactly two words, as the names of steps have; NULL for any other node. */
const char *node_step_name(struct arena *, const struct node *);
