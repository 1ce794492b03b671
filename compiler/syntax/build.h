/* compiler/syntax/build.h - Making the tree: one function a form, called by the parser's actions; tests in build_test.c.
 *
 * Each returns the finished node; where a form is well-formed for the grammar but wrong all the same (a clause twice,
 * an assignment to a number), it reports that and returns a node all the same. */
#ifndef COMPILER_BUILD_H
#define COMPILER_BUILD_H

#include "compiler/syntax/ast.h"
#include "compiler/syntax/parse.h"

/* Every node passes here when its children are in place: later passes recurse no deeper than the limit. */
struct node   *build_finish(struct parse *, struct node *);
enum name_kind build_kind(struct word);

struct node *build_node(struct parse *, struct span, enum node_kind);
struct nodes build_none(void);
struct nodes build_one(struct node *);
struct nodes build_add(struct nodes, struct node *);
struct word  build_unnamed(void);
struct word  build_quoted(struct parse *, struct literal, struct span);
struct word  build_quoted_name(struct parse *, struct literal, struct span); /* reports one that is empty */
struct node *build_doc(struct parse *, struct node *);
struct node *build_name(struct parse *, struct word);
struct node *build_label(struct parse *, struct word);

struct node *build_import(struct parse *, struct span, struct nodes path);
struct node *build_const(struct parse *, struct span, struct word name, struct node *type, struct node *value);
struct node *build_record(struct parse *, struct span, struct word name, struct nodes fields);
struct node *build_field(struct parse *, struct span, struct word name, struct node *type, bool secret);
struct node *build_function(struct parse *, struct span, struct word name, struct nodes params, struct node *result,
                            struct node *body, bool waits);
struct node *build_param(struct parse *, struct span, struct word name, struct node *type, struct node *value);
struct node *build_handler(struct parse *, struct span, struct word event, struct word signal, struct word binding,
                           struct node *body);
struct node *build_site(struct parse *, struct span, struct nodes items);
struct node *build_keys(struct parse *, struct span, struct nodes fields);
struct node *build_site_default(struct parse *, struct span, struct word name, struct node *value);
struct node *build_type(struct parse *, struct span, struct word name, struct node *of);
struct node *build_type_option(struct parse *, struct span, struct node *of);
struct node *build_block(struct parse *, struct span, struct nodes statements);
struct node *build_labelled(struct parse *, struct span, struct word name, struct node *statement);
struct node *build_while(struct parse *, struct span, struct node *condition, struct node *body);
struct node *build_for(struct parse *, struct span, struct nodes names, struct node *in, struct node *body);
struct node *build_repeat(struct parse *, struct span, struct node *times, struct node *body);
struct node *build_segment(struct parse *, struct span, struct node *subject, struct nodes arms);
struct node *build_arm(struct parse *, struct span, struct nodes patterns, bool otherwise, struct node *action);
struct node *build_if(struct parse *, struct span, struct node *condition, struct node *then, struct node *otherwise);
struct node *build_let(struct parse *, struct span, struct word name, struct node *type, struct node *value);
struct node *build_do(struct parse *, struct span, struct node *value);
struct node *build_goto(struct parse *, struct span, struct word label);
struct node *build_fail(struct parse *, struct span, struct node *code);
struct node *build_return(struct parse *, struct span, struct node *value);
struct node *build_clause(struct parse *, struct span, enum clause which, struct node *value);
struct node *build_otherwise(struct parse *, struct span, struct word binding, struct node *action);
struct node *build_select(struct parse *, struct span, bool connects, struct node *in, struct nodes lines);
struct node *build_line(struct parse *, struct span, struct node *after, struct node *target, struct node *share,
                        struct node *where);
struct node *build_delay(struct parse *, struct span, struct node *value);
struct node *build_route(struct parse *, struct span, struct node *target);
struct node *build_stop(struct parse *, struct span, struct node *why);
struct node *build_range(struct parse *, struct span, struct node *from, struct node *to);
struct node *build_prefix(struct parse *, struct span, struct literal text);
struct node *build_string(struct parse *, struct span, struct literal text);
struct node *build_integer(struct parse *, struct span, int64_t value);
struct node *build_duration(struct parse *, struct span, int64_t us);
struct node *build_percent(struct parse *, struct span, int64_t hundredths);
struct node *build_instant(struct parse *, struct span, int64_t date_us, int64_t time_us, struct word zone);
struct node *build_bool(struct parse *, struct span, bool value);
struct node *build_member(struct parse *, struct span, struct node *object, struct word name, bool optional);
struct node *build_index(struct parse *, struct span, struct node *object, struct node *index);
struct node *build_call(struct parse *, struct span, struct node *callee, struct nodes arguments);
struct node *build_arg(struct parse *, struct span, struct word name, struct node *value);
struct node *build_unary(struct parse *, struct span, enum operator op, struct node *value);
struct node *build_binary(struct parse *, struct span, enum operator op, struct span sign, struct node *left,
                          struct node *right);
struct node *build_fallback(struct parse *, struct span, struct node *value, struct node *otherwise);
struct node *build_list(struct parse *, struct span, struct nodes items);
struct node *build_map(struct parse *, struct span, struct nodes entries);
struct node *build_entry(struct parse *, struct span, struct node *key, struct node *value);
struct node *build_kind_index(struct parse *, struct span, struct word kind, struct node *index);
struct node *build_kind_member(struct parse *, struct span, struct word kind, struct word name);
struct node *build_kind_name(struct parse *, struct span, struct word kind, struct word name);
struct node *build_type_kind(struct parse *, struct span, struct word kind);
struct node *build_site_names(struct parse *, struct span, struct word kind, struct nodes labels);
struct node *build_test_start(struct parse *, struct span, struct node *instant);
struct node *build_test_set(struct parse *, struct span, struct word kind, struct word name, struct nodes arguments,
                            struct nodes words);
struct node *build_test_answer(struct parse *, struct span, struct node *call, struct nodes outcomes);
struct node *build_test_query(struct parse *, struct span, struct word source, struct nodes arguments);
struct node *build_outcome(struct parse *, struct span, struct node *value, struct word fail);
struct node *build_happening(struct parse *, struct span, struct word as, struct word verb, struct nodes parts,
                             struct nodes items, bool own);
struct node *build_test_after(struct parse *, struct span, struct node *delay, struct node *item);
struct node *build_expect(struct parse *, struct span, struct word of, bool never, struct nodes events,
                          struct nodes limits);
struct node *build_event(struct parse *, struct span, struct word name, struct node *to, struct node *what);
struct node *build_limit(struct parse *, struct span, struct word name, struct node *value);
struct node *build_test_in(struct parse *, struct span, struct nodes names);
struct node *build_test_with(struct parse *, struct span, struct nodes arguments);

struct nodes build_clauses(struct parse *parse, struct nodes clauses, struct node *clause);
struct node *build_step(struct parse *, struct span, struct node *head, struct nodes clauses, struct node *otherwise);
struct node *build_query(struct parse *, struct span, struct word source, struct word form, struct node *type,
                         struct node *sql);
struct node *build_sql(struct parse *, struct span, struct nodes parts, struct literal last, struct span last_span);
struct node *build_template(struct parse *, struct span, struct nodes parts, struct literal last,
                            struct span last_span);
struct node *build_attach(struct parse *, struct span, struct node *target, struct node *value);
struct node *build_assign(struct parse *, struct span, enum operator op, struct node *target, struct node *value);
struct node *build_site_source(struct parse *, struct span, struct word name, struct word kind, struct literal schema,
                               struct span schema_span); /* kind.text NULL: none was written */
struct node *build_strategy(struct parse *, struct span, struct word name, struct nodes params, struct nodes media,
                            struct node *within, struct nodes body);
struct node *build_outcome_after(struct parse *, struct span, struct node *outcome, struct node *after);
struct node *build_test_call(struct parse *, struct span, struct word family, struct word step, struct nodes arguments);
struct node *build_source_happening(struct parse *, struct span, struct word verb, struct word source,
                                    struct nodes parts);
struct node *build_for_each(struct parse *, struct span, struct nodes names, struct nodes rows);
struct node *build_test(struct parse *, struct span, struct literal title, struct node *for_each, struct nodes items);

/* build_site.c: the site's declarations, and those that stand beside it. */
struct node *build_enum(struct parse *, struct span, struct word name, struct nodes words);
struct node *build_native(struct parse *, struct span, struct word name, struct nodes params, struct node *result,
                          struct word library);
struct node *build_site_virtual(struct parse *, struct span, struct word kind, struct word name, struct node *value);
struct node *build_endpoint(struct parse *, struct span, struct word name, struct nodes params, struct node *result,
                            struct word method, struct node *url, struct node *timeout);
struct node *build_parameter(struct parse *, struct span, struct word name, struct node *type, struct node *value,
                             struct node *within, struct word edit);
struct node *build_table(struct parse *, struct span, struct word name, struct word from, struct word edit,
                         struct nodes columns);
struct node *build_column(struct parse *, struct span, struct word name, struct node *type, bool key, bool prefix);
struct node *build_schedule(struct parse *, struct span, struct word name, struct word zone, struct word edit,
                            struct nodes lines);
struct node *build_schedule_line(struct parse *, struct span, struct nodes days, bool closed, struct nodes hours);
struct node *build_holidays(struct parse *, struct span, struct word name, struct word of);
struct node *build_statistic(struct parse *, struct span, struct word name, struct nodes kinds, struct node *value,
                             struct node *window);
struct node *build_window(struct parse *, struct span, bool since, struct node *value);
struct node *build_latch(struct parse *, struct span, struct word name, struct node *on, struct node *off);
struct node *build_counter(struct parse *, struct span, struct word name, struct node *of, struct node *window);
struct node *build_capacity(struct parse *, struct span, struct word name, struct nodes rules);
struct node *build_capacity_rule(struct parse *, struct span, struct word medium, int64_t count, struct word verb,
                                 struct word other);
struct node *build_signal(struct parse *, struct span, struct word name, struct nodes params);

/* build_step.c: what waits or goes elsewhere, and the values that only such things have. */
struct node *build_split(struct parse *, struct span, struct node *by, struct nodes arms);
struct node *build_split_arm(struct parse *, struct span, struct node *share, struct node *where,
                             struct node *action); /* share NULL: else */
struct node *build_mandatory(struct parse *, struct span, struct node *body);
struct node *build_count(struct parse *, struct span, struct node *counter);
struct node *build_exclude(struct parse *, struct span, struct node *who, struct node *lasts);
struct node *build_race(struct parse *, struct span, struct nodes arms);
struct node *build_race_arm(struct parse *, struct span, struct word name, struct node *step, struct node *action);
struct node *build_parallel(struct parse *, struct span, struct nodes children);
struct node *build_switch(struct parse *, struct span, struct node *strategy);
struct node *build_wait(struct parse *, struct span, struct word signal);
struct node *build_reject(struct parse *, struct span, struct node *code);
struct node *build_then(struct parse *, struct span, struct node *strategy, struct node *where);
struct node *build_match(struct parse *, struct span, struct literal text);
struct node *build_within(struct parse *, struct span, struct node *what);
struct node *build_float(struct parse *, struct span, double value);
struct node *build_negative(struct parse *, struct span, struct node *number);
struct node *build_date(struct parse *, struct span, int64_t us);
struct node *build_clock(struct parse *, struct span, int64_t us);
struct node *build_of(struct parse *, struct span, struct node *what, struct node *whose);

struct node *build_test_parameter(struct parse *, struct span, struct word name, struct node *value,
                                  struct node *lasts);
struct node *build_test_statistic(struct parse *, struct span, struct word name, struct nodes arguments,
                                  struct node *value);
struct node *build_test_table(struct parse *, struct span, struct word name, struct nodes rows);
struct node *build_test_signal(struct parse *, struct span, struct word name, struct nodes arguments);
struct node *build_test_capacity(struct parse *, struct span, struct word name);

#endif
