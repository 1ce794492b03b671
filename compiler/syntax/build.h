/* compiler/syntax/build.h - Makes the tree: the parser's actions call these functions.
 *
 * MAKE(let, span, name, type, value) makes a NODE_LET: its arguments are the fields of the row in ast.def, all of
 * them and in that order. The functions below make the forms for which MAKE is not enough. Each returns the finished
 * node, in the program's arena. If the grammar accepts a form that is wrong (a clause twice, an assignment to a
 * number), the function reports it and returns a node all the same. */
#pragma once

#include "compiler/syntax/ast.h"
#include "compiler/syntax/grammar.h"

/* A `struct parse *parse` must be visible wherever MAKE is used. */
#define MAKE(member, span, ...) node_make_##member(parse, (span), (struct node_##member){__VA_ARGS__})

#define NODE(KIND_, member, words, fields)                                                                             \
    struct node *node_make_##member(struct parse *, struct source_span, struct node_##member);
#include "compiler/syntax/ast.def"

enum name_kind build_kind(struct word); /* returns the kind; the word is one of words.def with the use KIND */
struct node *build_node(struct parse *, struct source_span, enum node_kind);
struct nodes build_none(void);
struct nodes build_one(struct node *);
struct nodes build_add(struct nodes, struct node *);
struct word build_unnamed(void);
struct word build_quoted(struct parse *, struct literal, struct source_span);
struct word build_quoted_name(struct parse *, struct literal, struct source_span); /* reports an empty name */
/* Returns the word with both names and the dot between them. */
struct word build_dotted(struct parse *, struct word, struct word);
struct node *build_doc(struct parse *, struct node *);
struct node *build_name(struct parse *, struct word);
struct node *build_label(struct parse *, struct word);
struct node *build_binary(struct parse *, struct source_span, enum operator op, struct source_span sign,
                          struct node *left, struct node *right);
struct node *build_happening(struct parse *, struct source_span, struct word verb, struct nodes parts);
struct nodes build_joined(struct nodes, struct nodes more); /* `more` behind the others */
/* Returns the lines of a further queue of a selection: the first line holds the queue. If there is no line, one
 * without a target is made. */
struct nodes build_further(struct parse *parse, struct source_span span, struct node *in, struct nodes lines);
struct nodes build_clauses(struct parse *, struct nodes, struct node *clause);
struct node *build_step(struct parse *, struct source_span, struct node *head, struct nodes clauses,
                        struct node *otherwise);
struct word build_query_form(struct parse *, struct word); /* reports an unknown form */
/* reports a target that cannot be assigned to */
struct node *build_target(struct parse *, struct node *, enum operator);
struct node *build_key(struct parse *,
                       struct node *); /* for an attach: as build_target(), or a key called none, true, false or it */
struct word build_source_kind(struct parse *, struct word); /* reports an unknown kind */
struct node *build_strategy(struct parse *, struct source_span, struct word name, struct nodes params,
                            struct nodes media, struct node *within, struct nodes body);
struct node *build_outcome_after(struct parse *, struct source_span, struct node *outcome, struct node *after);
struct node *build_test_call(struct parse *, struct source_span, struct word family, struct word step,
                             struct nodes arguments);
struct node *build_source_happening(struct parse *, struct source_span, struct word verb, struct word source,
                                    struct nodes parts);
struct node *build_test(struct parse *, struct source_span, struct literal title, struct node *for_each,
                        struct nodes items);
struct node *build_negative(struct source_span, struct node *number);
