/* compiler/scenario/expect.h - For the files that make expectations; only they include it.
 *
 *     expect.c       the line: its events, its limits, its arrival
 *     expect_expr.c  the expression that a line has instead of events
 *     expect_type.c  the things that such an expression may read, and their types
 *     expect_event.c  the events that there are
 *
 * Calls go downwards only: the line makes an expression, the expression needs types. An expression of a test is no
 * program: the simulator computes it when the test has ended, and it may name keys, attributes and statistics,
 * compare them and do little else. The checker of programs does not check it, so these files find its types
 * themselves, as far as they can be known. NULL is a type that is not known, for which nothing is reported. */
#pragma once

#include "compiler/scenario/maker.h"

/* expect_event.c. The events of an interaction, and the details that each may have. */
enum event_detail { DETAIL_NONE = 0, DETAIL_TO = 1, DETAIL_KIND = 2, DETAIL_TEXT = 4, DETAIL_NUMBER = 8 };

struct expect_event {
    const char *name;
    int details;
};

/* returns the event's row; NULL: there is no such event */
const struct expect_event *expect_event_row(const char *name);
const char *expect_events(struct arena *arena); /* returns the names of all events, with commas */
/* Returns the event that was perhaps meant, and in *distance how far its name is from `name`; NULL: no name is near. */
const char *expect_event_near(const char *name, uint32_t *distance);

/* expect_expr.c: makes the expression of a node, which the caller owns; never NULL. After a mistake, which is
 * reported, the expression must not be used. */
struct scenario_expr *expect_expr(struct scenario_maker *, const struct node *);

/* expect_type.c. First the names in an expression; NULL or false: the node is none of that kind. */
const struct node *expect_record(const struct scenario_maker *,
                                 const struct node *type); /* returns the record that the type names */
const struct attribute_row *expect_attribute(const char *name);
/* Has an interaction no longer the attribute when it has ended? */
bool expect_attribute_is_over(const char *attribute);
bool expect_is_user_data(const struct node *); /* is it user_data["key"], or a part of its value? */
const struct node *expect_site_value(const struct scenario_maker *,
                                     const char *name); /* parameter, counter, table, schedule */
const struct node *expect_parameter(const struct scenario_maker *, const struct node *);
/* Returns the string in campaign("summer").abandoned; NULL: the node has another form. */
const struct node *expect_campaign(const struct node *);
/* Returns the call in view(urgent).count or view(drafts, agent kim).subject; NULL: the node has another form. */
const struct node *expect_view_call(const struct node *);
/* Is everything that the expression reads known at any moment of the test? Keys and attributes are not. */
bool expect_is_of_moment(const struct scenario_maker *, const struct node *);
bool expect_looks(const struct scenario_expr *); /* does the expression read a view? */
bool expect_is_figure(const struct node *);      /* is the node a measure, as vq service.offered? */
/* Is the node a key, an attribute, or a part of one of these? */
bool expect_is_read(const struct scenario_maker *, const struct node *);
/* Does the expression read any of these, so that it is not constant? */
bool expect_reads(const struct scenario_maker *, const struct node *);

/* Then the types, by the names that the language has for them. */
bool expect_is_kind(const char *type); /* is it the type of a kind of names: agent, queue, ...? */
const char *expect_type_called(const struct scenario_maker *, const struct node *, const struct node *type);
const char *expect_simple_type(struct scenario_maker *, const struct node *);
/* returns the type of the innermost elements of lists and maps */
const struct node *expect_held_type(const struct node *type);
/* Returns the form of a value of that type where its JSON does not tell the type: "word" for a word of an enum.
 * NULL: JSON tells. */
const char *expect_written_as(const struct scenario_maker *, const char *type);

/* The last functions report mistakes: an operation that a test cannot compute; two sides whose values can never be
 * equal; a sum of dates or times of day; a value that is no condition. */
void expect_not_computed(struct scenario_maker *, struct source_span, const char *operation);
void expect_check_sides(struct scenario_maker *, const struct node *);
void expect_check_sum(struct scenario_maker *, const struct node *);
void expect_check_condition(struct scenario_maker *, const struct node *);
