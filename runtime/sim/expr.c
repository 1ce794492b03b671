/* runtime/sim/expr.c - Computes the value of a test's expression. A field of none is none; a comparison with none is
 * false.
 *
 * An expression is computed once, when everything has ended: keys and attributes from the interaction's last data,
 * figures from the view's functions. NULL is a failure with a reason, which ends the computation; none (JSON's null)
 * is a normal value. The depth is limited, since a test may come from an image that our compiler has not made. */
#include "runtime/sim/expect.h"

#include <string.h>

#include "runtime/sim/values.h"

struct evaluation {
    const struct expect_view *view;
    uint32_t arrival;
    json_t *data; /* data of the arrival, read when first needed */
    struct error *error;
};

static json_t *evaluation_value(struct evaluation *, const struct scenario_expr *, unsigned depth);

static json_t *evaluation_fail(struct evaluation *e, const char *what, const char *name)
{
    error_set(e->error, ERROR_INPUT, "%s%s%s", what, !name ? "" : " ", !name ? "" : name);
    return NULL;
}

/* Returns the number of elements, or of characters of a text; or the first or last element of a list; a new
 * reference, NULL: there is none. */
static json_t *json_part(json_t *value, const char *part)
{
    size_t count = json_is_array(value) ? json_array_size(value) : json_object_size(value);
    if (strcmp(part, "count") != 0)
        return json_incref(json_array_get(value, strcmp(part, "last") == 0 && count > 0 ? count - 1 : 0));
    if (json_is_string(value)) {
        for (const char *at = json_string_value(value); *at != 0; at++) count += (*at & 0xc0) != 0x80;
        return json_integer((json_int_t)count);
    }
    return json_is_array(value) || json_is_object(value) ? json_integer((json_int_t)count) : NULL;
}

/* Does user_data["key"].NAME read the value itself as that type? `name` is for names of the site. */
static bool is_itself(const char *name)
{
    static const char *const names[] = {"int", "str", "bool", "float", "time", "name"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (strcmp(names[i], name) == 0) return true;
    return false;
}

/* Returns the value for user_data["key"].int, or NULL if its type differs. A time is read as an integer, too. */
static json_t *single_as(json_t *value, const char *name)
{
    bool whole = strcmp(name, "int") == 0 || strcmp(name, "time") == 0;
    bool fits = whole                        ? json_is_integer(value)
                : strcmp(name, "str") == 0   ? json_is_string(value)
                : strcmp(name, "bool") == 0  ? json_is_boolean(value)
                : strcmp(name, "float") == 0 ? json_is_real(value)
                                             : true;
    return fits ? value : NULL;
}

/* Reads a key of the user data; `at` is borrowed from the data, except for a part, which is a new reference owned by
 * `held`. A missing key gives none. */
static json_t *get_data(struct evaluation *e, const struct scenario_expr *expr)
{
    if (!e->data && e->view->data && e->arrival < e->view->count) e->data = e->view->data(e->view->self, e->arrival);
    if (!e->data) return evaluation_fail(e, "nothing is known of the interaction at its end", NULL);
    json_t *at = e->data;
    /* user_data["key"]: all data are known by their keys. */
    const char *first = expr->get[0].name;
    bool all = first && strcmp(first, "user_data") == 0 && expr->count > 1;
    json_t *held = NULL;
    for (size_t i = all; i < expr->count && at; i++) {
        const char *part = expr->get[i].part, *name = expr->get[i].name;
        if (part) {
            json_t *whole = held;
            at = held = json_part(at, part);
            json_decref(whole);
            continue;
        }
        if (!json_is_object(at) && !json_is_array(at)) { /* user_data["key"].int */
            if (json_is_null(at)) continue;
            if (name && is_itself(name)) {
                at = single_as(at, name);
                continue;
            }
            json_decref(held);
            return evaluation_fail(e, "a single value has no", !name ? "places" : name);
        }
        if (name && json_is_array(at))
            at = strcmp(name, "list") == 0 ? at : NULL;
        else if (name)
            at = !json_object_get(at, name) && strcmp(name, "map") == 0 ? at : json_object_get(at, name);
        else
            at = json_array_get(at, (size_t)expr->get[i].place);
    }
    json_t *value = !at ? json_null() : value_plain(at);
    json_decref(held);
    return value;
}

static json_t *get_measure(struct evaluation *e, const struct scenario_expr *expr)
{
    json_t *value = e->view->measure ? e->view->measure(e->view->self, expr->vq, expr->measure) : NULL;
    return !value ? evaluation_fail(e, "no strategy at a routing point of this test has the vq", expr->vq) : value;
}

static json_t *get_campaign(struct evaluation *e, const struct scenario_expr *expr)
{
    json_t *value = e->view->campaign ? e->view->campaign(e->view->self, expr->campaign, expr->measure) : NULL;
    return !value ? evaluation_fail(e, "no such campaign is loaded:", expr->campaign) : value;
}

static json_t *get_shown(struct evaluation *e, const struct scenario_expr *expr)
{
    json_t *value = e->view->shown ? e->view->shown(e->view->self, expr->view, expr->whose, expr->measure) : NULL;
    return !value ? evaluation_fail(e, "no strategy at a routing point of this test has the view", expr->view) : value;
}

static json_t *get_counter(struct evaluation *e, const struct scenario_expr *expr, unsigned depth)
{
    const char *name = expr->counter;
    json_t *key = !expr->key ? json_string("") : evaluation_value(e, expr->key, depth - 1);
    json_t *value = NULL;
    if (!e->view->counter)
        evaluation_fail(e, "nothing is known here of the counter", name);
    else if (key && !json_is_string(key))
        evaluation_fail(e, "a text is the key of the counter", name);
    else if (key)
        value = e->view->counter(e->view->self, name, json_string_value(key));
    json_decref(key);
    return value;
}

/* Returns a parameter: the value that the test last set for a time not yet over; else the last one set without an
 * end, else the site's. */
static json_t *get_parameter(struct evaluation *e, const struct scenario_expr *expr)
{
    const char *name = expr->parameter;
    const struct scenario_test *test = e->view->test;
    json_t *value = expr->value, *lasting = value;
    uint64_t said_us = 0;
    for (size_t i = 0; test && i < test->count; i++) {
        const struct scenario_item *item = &test->items[i];
        if (item->kind != ITEM_PARAMETER || item->at_us > e->view->now_us || strcmp(item->setting.name, name) != 0 ||
            item->at_us < said_us)
            continue;
        said_us = item->at_us;
        bool lasts = item->setting.for_us == SCENARIO_NEVER;
        bool over = !lasts && e->view->now_us - item->at_us >= item->setting.for_us;
        if (lasts) lasting = item->setting.value;
        value = over ? lasting : item->setting.value;
    }
    return !value ? evaluation_fail(e, "nothing is known of the parameter", name) : value_plain(value);
}

/* Compares two values as less, equal or greater; false: they have no order. */
static bool json_compare(json_t *a, json_t *b, int *order)
{
    if (json_is_integer(a) && json_is_integer(b)) {
        json_int_t left = json_integer_value(a), right = json_integer_value(b);
        *order = (left > right) - (left < right);
    } else if (json_is_number(a) && json_is_number(b)) {
        double left = json_number_value(a), right = json_number_value(b);
        *order = (left > right) - (left < right);
    } else if (json_is_string(a) && json_is_string(b)) {
        *order = strcmp(json_string_value(a), json_string_value(b));
    } else {
        return false;
    }
    return true;
}

static json_t *evaluation_add(struct evaluation *e, json_t *a, json_t *b, bool minus)
{
    json_int_t sum;
    if (json_is_integer(a) && json_is_integer(b)) {
        bool over = minus ? __builtin_sub_overflow(json_integer_value(a), json_integer_value(b), &sum)
                          : __builtin_add_overflow(json_integer_value(a), json_integer_value(b), &sum);
        return over ? evaluation_fail(e, "the sum is too large", NULL) : json_integer(sum);
    }
    if (json_is_number(a) && json_is_number(b)) {
        double right = json_number_value(b);
        return json_real(json_number_value(a) + (minus ? -right : right));
    }
    if (json_is_string(a) && json_is_string(b) && !minus) {
        if (json_string_length(a) + json_string_length(b) > SCENARIO_BYTES_MAX)
            return evaluation_fail(e, "the text is too large", NULL);
        return json_sprintf("%s%s", json_string_value(a), json_string_value(b));
    }
    return evaluation_fail(e, "only numbers and texts can be added", NULL);
}

static bool expr_contains(json_t *list, json_t *value)
{
    json_t *child;
    size_t index;
    json_array_foreach(list, index, child)
    {
        if (value_equal(child, value)) return true;
    }
    return json_is_string(value) && json_object_get(list, json_string_value(value)); /* a map's keys */
}

/* Applies an operator; none is equal only to none. Any other comparison with none is false, and a sum with none is
 * none. */
static json_t *evaluation_apply(struct evaluation *e, const char *op, json_t *a, json_t *b)
{
    int order = 0;
    if (strcmp(op, "==") == 0 || strcmp(op, "!=") == 0) return json_boolean(value_equal(a, b) == (op[0] == '='));
    if (strcmp(op, "in") == 0) return json_boolean(expr_contains(b, a));
    if (strcmp(op, "+") == 0 || strcmp(op, "-") == 0)
        return json_is_null(a) || json_is_null(b) ? json_null() : evaluation_add(e, a, b, op[0] == '-');
    if (op[0] != '<' && op[0] != '>') return evaluation_fail(e, "nothing is known of the operator", op);
    if (!json_compare(a, b, &order))
        return json_is_null(a) || json_is_null(b) ? json_false() : evaluation_fail(e, "these have no order:", op);
    bool equal = op[1] == '=';
    return json_boolean(op[0] == '<' ? order < 0 || (equal && order == 0) : order > 0 || (equal && order == 0));
}

/* Computes an operation; the right side is not computed if the left one decides, so that a test may contain `x !=
 * none and x > 3`. */
static json_t *value_of_operation(struct evaluation *e, const struct scenario_expr *expr, unsigned depth)
{
    const char *op = expr->op;
    json_t *a = evaluation_value(e, expr->a, depth - 1);
    if (!a) return NULL;
    if (strcmp(op, "not") == 0) {
        bool truth = json_is_true(a);
        json_decref(a);
        return json_boolean(!truth);
    }
    bool and = strcmp(op, "and") == 0, or = strcmp(op, "or") == 0;
    if ((and&&!json_is_true(a)) || (or &&json_is_true(a))) {
        json_decref(a);
        return json_boolean(or);
    }
    json_t *b = evaluation_value(e, expr->b, depth - 1);
    json_t *result = !b ? NULL : and || or ? json_boolean(json_is_true(b)) : evaluation_apply(e, op, a, b);
    json_decref(a);
    json_decref(b);
    return result;
}

static json_t *evaluation_value(struct evaluation *e, const struct scenario_expr *expr, unsigned depth)
{
    if (depth == 0) return evaluation_fail(e, "the expression is nested too deeply", NULL);
    return expr->parameter  ? get_parameter(e, expr)
           : expr->lit      ? value_plain(expr->lit)
           : expr->vq       ? get_measure(e, expr)
           : expr->campaign ? get_campaign(e, expr)
           : expr->view     ? get_shown(e, expr)
           : expr->counter  ? get_counter(e, expr, depth)
           : expr->op       ? value_of_operation(e, expr, depth)
                            : get_data(e, expr);
}

json_t *expect_value(const struct scenario_expr *expr, const struct expect_view *view, uint32_t arrival,
                     struct error *error)
{
    struct evaluation e = {.view = view, .arrival = arrival, .error = error};
    json_t *value = evaluation_value(&e, expr, SCENARIO_DEPTH_MAX);
    json_decref(e.data);
    return value;
}

const char *expect_measure_name(const char *measure)
{
    return strcmp(measure, "offered") == 0        ? "entered"
           : strcmp(measure, "wait_time") == 0    ? "wait_us"
           : strcmp(measure, "longest_wait") == 0 ? "longest_wait_us"
                                                  : measure;
}
