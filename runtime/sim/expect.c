/* runtime/sim/expect.c - Compares expected events with the trace, and writes a sentence about what happened instead.
 *
 * For each arrival that a line is about, the trace is searched for the first expected event, after it for the next,
 * and so on (expectation_look). How many arrivals reached the last event, and how often, is compared with `never`,
 * `times` and `share`.
 *
 * For a failed line, a sentence says what happened instead: for each arrival the event most similar to the missing
 * one, else how it ended; equal outcomes are counted together, and only a few are listed. The sentence has a fixed
 * size and is cut, as nobody reads the twentieth outcome. */
#include "runtime/sim/expect.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/sim/values.h"
#include "base/memory.h"
#include "vm/exec.h"
#include "vm/show.h"

static bool is_full(const struct sentence *s)
{
    assert(s->used < s->size);
    return s->used + 1 >= s->size;
}

static void say_us(struct sentence *s, int64_t us)
{
    char text[US_TEXT];
    values_print_us(us, text, sizeof text);
    sentence_say(s, "%s", text);
}

static void say_time(struct sentence *s, uint64_t us)
{
    say_us(s, (int64_t)us);
}

static void say_event(struct sentence *s, const struct scenario_event *event)
{
    if (event->step && !event->source && json_object_size(event->args) == 0) {
        sentence_say(s, "%s", event->step); /* with whatever arguments */
        return;
    }
    if (event->step) {
        char step[200];
        struct step_call call = {.step = event->step, .source = event->source, .args = event->args};
        step_print(&call, step, sizeof step);
        sentence_say(s, "%s", step);
        return;
    }
    sentence_say(s, "%s", event->name);
    if (event->kind)
        sentence_say(s, strcmp(event->name, "joined") == 0 ? " %s %s" : " to %s %s", event->kind, event->to);
    else if (event->to)
        sentence_say(s, strcmp(event->name, "rejected") == 0 ? " %s" : " \"%s\"", event->to);
}

/* Returns the time from `since_us` to the event, cut to milliseconds: a test has no shorter times, and things that
 * the core does at one moment are microseconds apart. */
static uint64_t after_us(const struct trace_event *h, uint64_t since_us)
{
    return (h->at_us - since_us) / 1000 * 1000;
}

static void say_happening(struct sentence *s, const struct trace_event *h, uint64_t since_us)
{
    uint64_t us = after_us(h, since_us);
    struct scenario_event event = {.name = h->name, .kind = h->kind, .to = h->to};
    if (h->args) {
        event.step = json_string_value(json_object_get(h->args, "step"));
        event.source = json_string_value(json_object_get(h->args, "source"));
        event.args = json_object_get(h->args, "args");
    }
    say_event(s, &event);
    const char *fault = json_string_value(json_object_get(h->args, "fault"));
    bool fuel = h->to && strcmp(h->to, vm_fault_text(FAULT_FUEL)) == 0;
    if (fault) sentence_say(s, " in %s%s", fault, fuel ? ", which goes round without a wait," : ",");
    if (us == 0) {
        sentence_say(s, " at once");
        return;
    }
    sentence_say(s, " after ");
    say_time(s, us);
}

static struct step_call expected_call(const struct trace_event *h)
{
    return (struct step_call){.step = json_string_value(json_object_get(h->args, "step")),
                              .source = json_string_value(json_object_get(h->args, "source")),
                              .args = json_object_get(h->args, "args")};
}

/* Does the event match? Details of an event that the test leaves out match anything. */
static bool event_matches(const struct scenario_event *event, const struct trace_event *h)
{
    if (strcmp(event->name, h->name) != 0) return false;
    if (event->step) {
        struct step_call call = expected_call(h);
        unsigned score;
        return call.step && step_matches(event->step, event->source, event->args, &call, &score);
    }
    /* Nobody had the call: so the reason for its end is not known. */
    if (!h->to && (strcmp(h->name, "stopped") == 0 || strcmp(h->name, "failed") == 0)) return true;
    if (event->kind && (!h->kind || strcmp(event->kind, h->kind) != 0)) return false;
    return !event->to || (h->to && strcmp(event->to, h->to) == 0);
}

/* Is the arrival concerned? A line is about arrivals of one name, or about all that came. */
static bool expectation_in_scope(const struct scenario_expect *expect, const struct expect_view *view, uint32_t arrival)
{
    assert(arrival < view->count);
    const char *as = view->arrivals[arrival].as;
    if (view->arrivals[arrival].absent) return false;
    return !expect->of || (as && strcmp(as, expect->of) == 0);
}

/* How far an arrival has got in the expected events, and how often the last one came in time. */
struct progress {
    size_t seen;
    uint32_t times;
    const struct trace_event *first; /* the first event that matched the last expected one */
};

/* Is the event early enough? Over the wire a machine may be slow, so `grace_us` is added, but never for an event
 * that must not happen. */
static bool in_time(const struct scenario_expect *expect, uint64_t grace_us, uint64_t us)
{
    grace_us = expect->never ? 0 : grace_us;
    return expect->within_us == SCENARIO_NEVER || us <= expect->within_us + grace_us;
}

/* One pass over the trace serves all arrivals, each with its own position in the sequence: events of other arrivals
 * may come between. */
static void expectation_look(const struct scenario_expect *expect, const struct expect_view *view,
                             struct progress *progress)
{
    for (size_t i = 0; i < trace_count(view->trace); i++) {
        const struct trace_event *h = trace_at(view->trace, i);
        if (h->arrival >= view->count || !expectation_in_scope(expect, view, h->arrival) ||
            !in_time(expect, view->grace_us, after_us(h, view->arrivals[h->arrival].at_us)))
            continue;
        struct progress *p = &progress[h->arrival];
        if (p->seen < expect->count && event_matches(&expect->events[p->seen], h)) {
            p->seen++;
            p->times += p->seen == expect->count;
            p->first = p->seen == expect->count ? h : NULL;
        } else if (p->seen == expect->count && event_matches(&expect->events[p->seen - 1], h)) {
            p->times++;
        }
    }
}

/* Returns how well an event describes what became of an interaction. The end of the interaction has the highest
 * weight, steps on the way the lowest. */
static int expect_weight(const struct trace_event *h)
{
    return strcmp(h->name, "shown") == 0                                              ? 0
           : strcmp(h->name, "whispered") == 0 || strcmp(h->name, "interrupted") == 0 ? 1
           : strcmp(h->name, "step") == 0                                             ? 1
           : strcmp(h->name, "joined") == 0                                           ? 2
           : strcmp(h->name, "offered") == 0 || strcmp(h->name, "no_reply") == 0      ? 3
           : strcmp(h->name, "failed") == 0
               ? 5 /* a failure says why the call went to its default, and so has more weight than the default */
               : 4;
}

/* Returns what became of an arrival: the last of its events with the highest weight. */
static const struct trace_event *outcome_of(const struct expect_view *view, uint32_t arrival)
{
    const struct trace_event *last = NULL;
    for (size_t i = 0; i < trace_count(view->trace); i++) {
        const struct trace_event *h = trace_at(view->trace, i);
        if (h->arrival == arrival && (!last || expect_weight(h) >= expect_weight(last))) last = h;
    }
    return last;
}

void expect_became(const struct expect_view *view, uint32_t arrival, char *text, size_t size)
{
    assert(size > 0);
    struct sentence sentence = {text, size, 0};
    const struct trace_event *h = arrival < view->count ? outcome_of(view, arrival) : NULL;
    text[0] = '\0';
    if (h) say_happening(&sentence, h, view->arrivals[arrival].at_us);
}

/* Returns the last event with the same name but other details, such as other arguments of a step, or too late; NULL:
 * there is none. */
static const struct trace_event *expect_nearly(const struct expect_view *view, uint32_t arrival,
                                               const struct scenario_event *event)
{
    const struct trace_event *last = NULL;
    for (size_t i = 0; i < trace_count(view->trace); i++) {
        const struct trace_event *h = trace_at(view->trace, i);
        if (h->arrival != arrival || strcmp(h->name, event->name) != 0 || strcmp(h->name, "shown") == 0) continue;
        struct step_call call = expected_call(h);
        unsigned score;
        bool same = !event->step;
        if (!same && call.step) same = step_matches(event->step, event->source, NULL, &call, &score);
        last = same ? h : last;
    }
    return last;
}

/* What became of several arrivals, each outcome once. */
enum { OUTCOMES_TOLD = 3, OUTCOMES_READ = 100, OUTCOME_MAX = 200 };

struct outcomes {
    char text[OUTCOMES_TOLD][OUTCOME_MAX];
    uint32_t times[OUTCOMES_TOLD], count, read;
};

static void outcomes_add(struct outcomes *outcomes, const struct trace_event *h, uint64_t since_us)
{
    char text[OUTCOME_MAX];
    struct sentence sentence = {text, sizeof text, 0};
    uint32_t at = 0;
    say_happening(&sentence, h, since_us);
    while (at < outcomes->count && strcmp(outcomes->text[at], text) != 0) at++;
    if (at == OUTCOMES_TOLD) return;
    if (at == outcomes->count) {
        memcpy(outcomes->text[at], text, sizeof text);
        outcomes->count++;
    }
    outcomes->times[at]++;
    outcomes->read++;
}

/* Writes what happened instead; `progress`: how far each arrival has got; NULL: the line is an expression. */
static void say_instead(struct sentence *s, const struct scenario_expect *expect, const struct expect_view *view,
                        const struct progress *progress)
{
    struct outcomes outcomes = {0};
    uint32_t scope = 0;
    for (uint32_t a = 0; a < view->count; a++) {
        if (!expectation_in_scope(expect, view, a) || ++scope > OUTCOMES_READ) continue;
        bool lacks = progress && progress[a].seen < expect->count;
        const struct trace_event *h = lacks ? expect_nearly(view, a, &expect->events[progress[a].seen]) : NULL;
        h = !h ? outcome_of(view, a) : h;
        if (h) outcomes_add(&outcomes, h, view->arrivals[a].at_us);
    }
    for (uint32_t i = 0; i < outcomes.count; i++) {
        sentence_say(s, i == 0 ? "; instead: " : ", ");
        if (outcomes.times[i] > 1) sentence_say(s, "%u times ", outcomes.times[i]);
        sentence_say(s, "%s", outcomes.text[i]);
    }
    if (scope == 0)
        sentence_say(s, !expect->of ? "; nothing arrived" : "; nothing is called '%s'", expect->of);
    else if (outcomes.count == 0)
        sentence_say(s, "; nothing happened");
    else if (scope > outcomes.read)
        sentence_say(s, ", ... (%u in all)", scope);
}

/* Writes when an event first happened that must never happen. */
static void say_first(struct sentence *s, const struct expect_view *view, const struct progress *progress)
{
    for (uint32_t a = 0; a < view->count; a++) {
        if (progress[a].first) {
            sentence_say(s, ": ");
            say_happening(s, progress[a].first, view->arrivals[a].at_us);
            return;
        }
    }
}

static void say_limits(struct sentence *s, const struct scenario_expect *expect)
{
    if (expect->within_us != SCENARIO_NEVER) {
        sentence_say(s, " within ");
        say_time(s, expect->within_us);
    }
    if (expect->times >= 0) sentence_say(s, " times %lld", (long long)expect->times);
    if (expect->share) {
        sentence_say(s, " share %g%%", expect->share_from * 100);
        if (expect->share_to > expect->share_from) sentence_say(s, "..%g%%", expect->share_to * 100);
    }
}

static void say_expected(struct sentence *s, const struct scenario_expect *expect)
{
    sentence_say(s, "expected ");
    if (expect->of) sentence_say(s, "%s ", expect->of);
    if (expect->never) sentence_say(s, "never ");
    for (size_t i = 0; i < expect->count; i++) {
        sentence_say(s, i == 0 ? "" : ", ");
        say_event(s, &expect->events[i]);
    }
    say_limits(s, expect);
}

/* Checks expected events in one of four ways: never, for such a share of the arrivals, so many times in all, or by
 * default for at least one. */
static bool events_hold(const struct scenario_expect *expect, const struct expect_view *view, struct sentence *why)
{
    assert(expect->count > 0);
    struct progress *progress = memory_zeroed(view->count + 1, sizeof *progress);
    expectation_look(expect, view, progress);
    uint64_t scope = 0, matched = 0, times = 0;
    for (uint32_t a = 0; a < view->count; a++) {
        scope += expectation_in_scope(expect, view, a);
        matched += progress[a].seen == expect->count;
        times += progress[a].times;
    }
    bool holds = true;
    double share = scope == 0 ? 0 : (double)matched / (double)scope;
    if (expect->never)
        holds = matched == 0;
    else if (expect->share)
        holds = scope > 0 && share >= expect->share_from - 1e-9 && share <= expect->share_to + 1e-9;
    else if (expect->times < 0)
        holds = matched > 0;
    if (expect->times >= 0) holds = holds && times == (uint64_t)expect->times;
    if (!holds) {
        say_expected(why, expect);
        if (expect->share) {
            sentence_say(why, "; it was %llu of %llu (%.1f%%)", (unsigned long long)matched, (unsigned long long)scope,
                         share * 100);
        } else if (expect->times >= 0) {
            sentence_say(why, "; it was %llu", (unsigned long long)times);
        } else if (expect->never) {
            sentence_say(why, "; it happened to %llu of %llu", (unsigned long long)matched, (unsigned long long)scope);
        }
        if (expect->never)
            say_first(why, view, progress);
        else
            say_instead(why, expect, view, progress);
    }
    free(progress);
    return holds;
}

/* ---- expressions ---- */

static void say_value(struct sentence *s, json_t *value, const char *as, unsigned depth);

/* Writes a list, or the pairs of a map, in brackets; false: the value is neither, or JSON shows its parts well
 * enough. */
static bool say_parts(struct sentence *s, json_t *value, const char *as, unsigned depth)
{
    json_int_t us;
    json_t *part;
    bool map = json_is_object(value) && as && !value_us(value, &us) && !value_is_name(value);
    bool list = json_array_size(value) > 0 && as;
    if (depth == 0 || (!map && !list)) return false;
    size_t i;
    const char *key, *comma = "";
    sentence_say(s, "[");
    json_array_foreach(value, i, part)
    {
        sentence_say(s, "%s", i == 0 ? "" : ", ");
        say_value(s, part, as, depth - 1);
    }
    json_object_foreach(value, key, part)
    {
        sentence_say(s, "%s\"%s\": ", comma, key);
        say_value(s, part, as, depth - 1);
        comma = ", ";
    }
    sentence_say(s, "]");
    return true;
}

/* Writes a value as the language does: `as` says its type, or that of its elements, where JSON does not show it. */
static void say_value(struct sentence *s, json_t *value, const char *as, unsigned depth)
{
    if (say_parts(s, value, as, depth)) return;
    static const struct {
        const char *as;
        uint16_t type;
    } types[] = {{"date", TYPE_DATE}, {"clock", TYPE_CLOCK}, {"percent", TYPE_PERCENT}};
    json_t *plain = value_plain(value);
    json_int_t us;
    bool whole = json_is_integer(plain), measured = value_us(value, &us);
    as = !as ? "" : as;
    bool timed = strcmp(as, "time") == 0 || strcmp(as, "duration") == 0, named = as[0] != '\0' && !timed;
    for (size_t i = 0; i < sizeof types / sizeof *types; i++) named = named && strcmp(as, types[i].as) != 0;
    for (size_t i = 0; whole && i < sizeof types / sizeof *types; i++) {
        char text[64];
        struct shown shown = {text, sizeof text, 0};
        if (strcmp(as, types[i].as) != 0) continue;
        show_value(&(struct show){0}, &shown, types[i].type, (uint64_t)json_integer_value(plain));
        sentence_say(s, "%.*s", (int)shown.length, text);
        json_decref(plain);
        return;
    }
    if (whole && (measured || timed)) {
        say_us(s, json_integer_value(plain));
    } else if (json_is_string(plain) && (value_is_name(value) || named)) {
        bool word = strcmp(as, "word") == 0;
        const char *kind = value_is_name(value) ? json_string_value(json_object_get(value, "kind")) : as;
        sentence_say(s, "%s%s%s", word ? "" : kind, word ? "" : " ", json_string_value(plain));
    } else {
        char *text = json_dumps(plain, JSON_ENCODE_ANY | JSON_COMPACT);
        sentence_say(s, "%s", !text || json_is_null(plain) ? "none" : text);
        free(text);
    }
    json_decref(plain);
}

/* Writes an expression approximately as a test contains it. */
static void say_expr(struct sentence *, const struct scenario_expr *, unsigned depth);

static bool operator_joins(const char *op)
{
    return op && (strcmp(op, "and") == 0 || strcmp(op, "or") == 0);
}

/* Writes a side of an operation, in parentheses if its operator binds less tightly. */
static void say_side(struct sentence *s, const struct scenario_expr *expr, const char *op, unsigned depth)
{
    const char *own = expr->op;
    bool bare = !own || strcmp(own, op) == 0 || (operator_joins(op) && !operator_joins(own)) || strcmp(own, "not") == 0;
    sentence_say(s, bare ? "" : "(");
    say_expr(s, expr, depth);
    sentence_say(s, bare ? "" : ")");
}

static void say_path(struct sentence *s, const struct scenario_expr *expr)
{
    for (size_t i = 0; i < expr->count; i++) {
        const struct scenario_step *step = &expr->get[i];
        const char *name = !step->part ? step->name : step->part;
        if (i == 0 && name && expr->user_data)
            sentence_say(s, "user_data[\"%s\"]", name);
        else if (!name)
            sentence_say(s, "[%llu]", (unsigned long long)step->place);
        else
            sentence_say(s, "%s%s", i == 0 ? "" : ".", name);
    }
}

static void say_expr(struct sentence *s, const struct scenario_expr *expr, unsigned depth)
{
    if (depth == 0) {
        sentence_say(s, "...");
    } else if (is_full(s)) {
        return;
    } else if (expr->parameter) {
        sentence_say(s, "%s", expr->parameter);
    } else if (expr->counter) {
        sentence_say(s, "%s", expr->counter);
        if (expr->key) {
            sentence_say(s, "[");
            say_expr(s, expr->key, depth - 1);
            sentence_say(s, "]");
        }
    } else if (expr->campaign) {
        sentence_say(s, "campaign(\"%s\").%s", expr->campaign, expr->measure);
    } else if (expr->vq) {
        sentence_say(s, "vq %s.%s", expr->vq, expr->measure);
    } else if (expr->view) {
        sentence_say(s, "view(%s).%s", expr->view, expr->measure);
    } else if (expr->lit) {
        say_value(s, expr->lit, expr->as, SCENARIO_DEPTH_MAX);
    } else if (expr->op) {
        if (expr->b) say_side(s, expr->a, expr->op, depth - 1);
        sentence_say(s, expr->b ? " %s " : "%s ", expr->op);
        say_side(s, expr->b ? expr->b : expr->a, expr->op, depth - 1);
    } else {
        say_path(s, expr);
    }
}

/* Writes the value of one side; `other`: the side that it is compared with, or NULL. */
static void say_operand(struct sentence *s, const struct scenario_expr *expr, const struct scenario_expr *other,
                        const struct expect_view *view, uint32_t arrival)
{
    struct error ignored = {0};
    if (expr->lit) return;
    json_t *value = expect_value(expr, view, arrival, &ignored);
    const char *as = expr->as || !other ? expr->as : other->as;
    json_int_t us;
    bool lasts = other && value_us(other->lit, &us);
    sentence_say(s, "; ");
    say_expr(s, expr, SCENARIO_DEPTH_MAX);
    sentence_say(s, " is ");
    if (!value)
        sentence_say(s, "not known");
    else
        say_value(s, value, as ? as : lasts ? "duration" : NULL, SCENARIO_DEPTH_MAX);
    json_decref(value);
}

/* For how many arrivals the expression is true. Without arrivals it is computed once. */
struct count {
    uint32_t asked, holds, unknown, first; /* unknown: the expression had no value; first: the first arrival asked */
};

static struct count count_holding(const struct scenario_expect *expect, const struct expect_view *view,
                                  struct error *error)
{
    struct count count = {.first = NO_ARRIVAL};
    /* index `all` stands for no arrival: if none was concerned, the expression is computed without one */
    uint32_t all = (uint32_t)view->count;
    for (uint32_t a = 0; a <= all; a++) {
        if (a < all ? !expectation_in_scope(expect, view, a) : count.asked > 0 || expect->of) continue;
        json_t *value = expect_value(expect->expr, view, a, error);
        count.holds += json_is_true(value);
        count.unknown += !value;
        json_decref(value);
        count.first = count.asked++ == 0 ? a : count.first;
    }
    return count;
}

/* The sides of comparisons that have been written already. When the array is full, further sides are not noted and
 * may be written twice. */
struct said_sides {
    const struct scenario_expr *sides[64];
    size_t count;
};

static bool is_said(struct said_sides *said, const struct scenario_expr *side)
{
    for (size_t at = 0; at < said->count; at++)
        if (scenario_equal(SHAPE_expr, said->sides[at], side)) return true;
    if (said->count < sizeof said->sides / sizeof *said->sides) said->sides[said->count++] = side;
    return false;
}

/* Writes each side of each comparison once. */
static void say_operands(struct sentence *why, const struct scenario_expr *expr, const struct expect_view *view,
                         uint32_t arrival, struct said_sides *said, unsigned depth)
{
    const struct scenario_expr *sides[] = {expr->a, expr->b};
    if (!expr->op) { /* a condition by itself */
        say_operand(why, expr, NULL, view, arrival);
        return;
    }
    if (depth == 0 || is_full(why)) return;
    for (size_t i = 0; i < 2 && sides[i]; i++)
        if ((operator_joins(expr->op) || strcmp(expr->op, "not") == 0) && sides[i]->op)
            say_operands(why, sides[i], view, arrival, said, depth - 1);
        else if (!is_said(said, sides[i]))
            say_operand(why, sides[i], sides[1 - i], view, arrival);
}

/* Is the expression true for one arrival; with `never` for none; with `times` and `share` for so many? */
static bool expr_holds(const struct scenario_expect *expect, const struct expect_view *view, struct sentence *why)
{
    struct error error = {0};
    struct count count = count_holding(expect, view, &error);
    bool counted = expect->times >= 0 || expect->share;
    double share = count.asked == 0 ? 0 : (double)count.holds / (double)count.asked;
    bool holds = expect->never || counted || count.holds > 0;
    holds = holds && (!expect->never || count.holds == 0);
    holds = holds && (expect->times < 0 || count.holds == (uint64_t)expect->times);
    holds = holds && (!expect->share ||
                      (count.asked > 0 && share >= expect->share_from - 1e-9 && share <= expect->share_to + 1e-9));
    bool known = count.asked == 0 || count.unknown < count.asked; /* an expression that never has a value fails */
    if (holds && known) return true;
    sentence_say(why, "expected ");
    if (expect->of) sentence_say(why, "%s ", expect->of);
    if (expect->never) sentence_say(why, "never ");
    say_expr(why, expect->expr, SCENARIO_DEPTH_MAX);
    say_limits(why, expect);
    if (known && (counted || expect->never)) {
        sentence_say(why, "; it holds of %u of %u", count.holds, count.asked);
    } else if (error.code != ERROR_NONE) {
        sentence_say(why, "; %s", error.text);
    } else if (count.first == NO_ARRIVAL) {
        say_instead(why, expect, view, NULL);
    } else {
        struct said_sides said = {.count = 0};
        say_operands(why, expect->expr, view, count.first, &said, SCENARIO_DEPTH_MAX);
    }
    return false;
}

bool expect_holds(const struct scenario_expect *expect, const struct expect_view *view, char *why, size_t size)
{
    struct sentence sentence = {why, size, 0};
    assert(size > 0);
    why[0] = '\0';
    return expect->expr ? expr_holds(expect, view, &sentence) : events_hold(expect, view, &sentence);
}
