/* compiler/scenario/expect.h - Shared by the files that make expectations; only they include it.
 *
 *   expect.c       the line: its events, its limits, its arrival
 *   expect_expr.c  the expression that a line has instead of events
 *   expect_type.c  the things that such an expression may read, and their types
 *   expect_event.c  the events that there are
 *
 * Arrows run down: the line asks for an expression, the expression asks for types. An expression of a test is no
 * program: the simulator reads it when everything has ended, and it may name keys, attributes and figures, compare them
 * and do little else. The checker of programs does not see it, so these files find its types again, as far as they can
 * be known. NULL is a type that is not known, and nothing is reported of it. */
#pragma once

#include "compiler/scenario/maker.h"

/* expect_event.c. The events of an interaction, and the details that each may have. */
enum event_detail { DETAIL_NONE = 0, DETAIL_TO = 1, DETAIL_KIND = 2, DETAIL_TEXT = 4, DETAIL_NUMBER = 8 };

struct expect_event {
    const char *name;
    int details;
};

const struct expect_event *expect_event_row(const char *name); /* NULL: there is no such event */
const char *expect_events(struct arena *arena);                /* the names of all events, with commas */
/* Returns the event that was perhaps meant, and in *distance how far its name is from `name`; NULL: none is near. */
const char *expect_event_near(const char *name, uint32_t *distance);

/* expect_expr.c: makes the expression of a node, which the caller owns; never NULL. After a mistake, which is reported,
 * the expression is not to be used. */
struct scenario_expr *expect_expr(struct scenario_maker *, const struct node *);

/* expect_type.c. First the things that an expression reads; NULL or false: the node is no such thing. */
const struct node *expect_record(const struct scenario_maker *,
                                 const struct node *type); /* the record that the type names */
const struct attribute_row *expect_attribute(const char *name);
/* Does an interaction that has ended no longer have the attribute? */
bool expect_attribute_is_over(const char *attribute);
bool expect_is_user_data(const struct node *); /* is it user_data["key"], or a part of that? */
const struct node *expect_site_value(const struct scenario_maker *,
                                     const char *name); /* parameter, counter, table, schedule */
const struct node *expect_parameter(const struct scenario_maker *, const struct node *);
/* The string in campaign("summer").abandoned; NULL: it is no such thing. */
const struct node *expect_campaign(const struct node *);
bool expect_is_figure(const struct node *); /* is it a measure, as vq service.offered? */
/* Is it a key, an attribute, or a part of one? */
bool expect_is_read(const struct scenario_maker *, const struct node *);
/* Is some part of the expression read, so that it is not constant? */
bool expect_reads(const struct scenario_maker *, const struct node *);

/* Then the types, by their names in the language. */
bool expect_is_kind(const char *type); /* is it a kind of names: agent, queue, ...? */
const char *expect_type_called(const struct scenario_maker *, const struct node *, const struct node *type);
const char *expect_simple_type(struct scenario_maker *, const struct node *);
const struct node *expect_held_type(const struct node *type); /* the type of the innermost elements of lists and maps */
/* The form of a value of that type where its JSON does not tell it: "word" is one of an enum's. NULL: JSON tells. */
const char *expect_written_as(const struct scenario_maker *, const char *type);

/* Last the reports of: an operation that a test does not calculate; two sides that have no value in common; a sum of
 * days or times of day; a value that is no condition. */
void expect_not_computed(struct scenario_maker *, struct source_span, const char *operation);
void expect_check_sides(struct scenario_maker *, const struct node *);
void expect_check_sum(struct scenario_maker *, const struct node *);
void expect_check_condition(struct scenario_maker *, const struct node *);
