/* runtime/sim/scenario.c - Reading the scenario section: every member is checked for its type and its limit. */
#include "runtime/sim/scenario.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Where the reader is, so that an error can say it. */
struct reader {
    struct error *error;
    const char *test;
    size_t item;
    size_t items;    /* read of this test, nested ones included */
    size_t arrivals; /* of this test */
    bool bad;
};

static bool refuse(struct reader *r, const char *format, ...) __attribute__((format(printf, 2, 3)));

static bool refuse(struct reader *r, const char *format, ...)
{
    if (!r->bad) {
        char text[160];
        va_list args;
        va_start(args, format);
        (void)vsnprintf(text, sizeof text, format, args);
        va_end(args);
        if (r->test == NULL) {
            error_set(r->error, ERROR_INPUT, "the image's tests: %s", text);
        } else {
            error_set(r->error, ERROR_INPUT, "the image's test \"%.60s\", item %zu: %s", r->test, r->item, text);
        }
        r->bad = true;
    }
    return false;
}

static json_t *member(json_t *object, const char *key)
{
    json_t *value = json_object_get(object, key);
    return json_is_null(value) ? NULL : value;
}

static const char *text_of(struct reader *r, json_t *object, const char *key, bool needed, size_t max)
{
    json_t *value = member(object, key);
    if (value == NULL) {
        if (needed) {
            refuse(r, "'%s' is missing", key);
        }
        return NULL;
    }
    if (!json_is_string(value) || json_string_length(value) > max ||
        strlen(json_string_value(value)) != json_string_length(value)) {
        refuse(r, "'%s' is not a text of at most %zu bytes", key, max);
        return NULL;
    }
    return json_string_value(value);
}

/* An empty one is none. */
static const char *name_of(struct reader *r, json_t *object, const char *key, bool needed)
{
    const char *text = text_of(r, object, key, needed, SCENARIO_NAME_MAX);
    if (text != NULL && text[0] == '\0') {
        if (needed) {
            refuse(r, "'%s' is empty", key);
        }
        return NULL;
    }
    return text;
}

/* Not negative, at most `max`. */
static uint64_t number_of(struct reader *r, json_t *object, const char *key, uint64_t absent, uint64_t max)
{
    json_t *value = member(object, key);
    if (value == NULL) {
        return absent;
    }
    if (!json_is_integer(value) || json_integer_value(value) < 0 || (uint64_t)json_integer_value(value) > max) {
        refuse(r, "'%s' is not a number of at most %llu", key, (unsigned long long)max);
        return absent;
    }
    return (uint64_t)json_integer_value(value);
}

/* A length of time: at most a hundred years. */
static uint64_t time_of(struct reader *r, json_t *object, const char *key, uint64_t absent)
{
    return number_of(r, object, key, absent, SCENARIO_US_MAX);
}

static bool flag_of(struct reader *r, json_t *object, const char *key)
{
    json_t *value = member(object, key);
    if (value != NULL && !json_is_boolean(value)) {
        return refuse(r, "'%s' is neither true nor false", key);
    }
    return json_is_true(value);
}

static json_t *object_of(struct reader *r, json_t *object, const char *key)
{
    json_t *value = member(object, key);
    if (value != NULL && !json_is_object(value)) {
        refuse(r, "'%s' is not an object", key);
        return NULL;
    }
    return value;
}

static json_t *array_of(struct reader *r, json_t *object, const char *key, size_t max)
{
    json_t *value = member(object, key);
    if (value != NULL && (!json_is_array(value) || json_array_size(value) > max)) {
        refuse(r, "'%s' is not a list of at most %zu", key, max);
        return NULL;
    }
    return value;
}

static bool one_of(const char *text, const char *const *allowed)
{
    for (; *allowed != NULL; allowed++) {
        if (strcmp(text, *allowed) == 0) {
            return true;
        }
    }
    return false;
}

static void read_agent(struct reader *r, json_t *object, struct scenario_agent *agent)
{
    static const char *const states[] = {"ready", "busy", "not_ready", "logged_out", NULL};
    const char *name;
    json_t *value;
    agent->name = name_of(r, object, "name", true);
    agent->state = name_of(r, object, "state", false);
    if (agent->state == NULL) {
        agent->state = "ready";
    } else if (!one_of(agent->state, states)) {
        refuse(r, "an agent cannot be '%s'", agent->state);
    }
    agent->skills = object_of(r, object, "skills");
    json_object_foreach(agent->skills, name, value)
    {
        if (strlen(name) > SCENARIO_NAME_MAX || !json_is_integer(value) || json_integer_value(value) < 1 ||
            json_integer_value(value) > 100) {
            refuse(r, "the level of skill '%.64s' is not 1 to 100", name);
        }
    }
    agent->groups = array_of(r, object, "groups", SCENARIO_LIST_MAX);
    for (size_t i = 0; i < json_array_size(agent->groups); i++) {
        json_t *group = json_array_get(agent->groups, i);
        if (!json_is_string(group) || json_string_length(group) > SCENARIO_NAME_MAX) {
            refuse(r, "a group is not a name");
        }
    }
    agent->place = name_of(r, object, "place", false);
    agent->state_for_us = time_of(r, object, "state_for_us", SCENARIO_NEVER);
    agent->transfers_to = name_of(r, object, "transfers_to", false);
    agent->transfers_strategy = name_of(r, object, "transfers_strategy", false);
    agent->no_answer = (uint32_t)number_of(r, object, "no_answer", 0, SCENARIO_OFFERS_MAX);
    agent->declines = (uint32_t)number_of(r, object, "declines", 0, SCENARIO_OFFERS_MAX);
    agent->handles_us = time_of(r, object, "handles_us", 180000000);
    agent->answers_us = time_of(r, object, "answers_us", 2000000);
}

static void read_queue(struct reader *r, json_t *object, struct scenario_queue *queue)
{
    static const char *const states[] = {"unreachable", "reachable", NULL};
    queue->name = name_of(r, object, "name", true);
    const char *state = name_of(r, object, "state", true);
    if (state != NULL && !one_of(state, states)) {
        refuse(r, "a queue cannot be '%s'", state);
    }
    queue->reachable = state != NULL && strcmp(state, "reachable") == 0;
}

static void read_answer(struct reader *r, json_t *object, struct scenario_answer *answer)
{
    answer->step = name_of(r, object, "step", true);
    answer->source = name_of(r, object, "source", false);
    answer->args = object_of(r, object, "args");
    json_t *outcomes = array_of(r, object, "outcomes", SCENARIO_LIST_MAX);
    if (answer->args == NULL) {
        /* One that is empty, and owned by the root like all others. */
        answer->args = json_object();
        json_object_set_new(object, "args", answer->args);
    }
    answer->count = json_array_size(outcomes);
    if (answer->count == 0) {
        refuse(r, "an answer has no outcome");
        return;
    }
    answer->outcomes = calloc(answer->count, sizeof *answer->outcomes);
    assert(answer->outcomes != NULL);
    for (size_t i = 0; i < answer->count; i++) {
        json_t *outcome = json_array_get(outcomes, i);
        if (!json_is_object(outcome)) {
            refuse(r, "an outcome is not an object");
            return;
        }
        answer->outcomes[i].fail = name_of(r, outcome, "fail", false);
        answer->outcomes[i].value = json_object_get(outcome, "value");
        answer->outcomes[i].after_us = time_of(r, outcome, "after_us", 0);
        if ((answer->outcomes[i].fail == NULL) == (answer->outcomes[i].value == NULL)) {
            refuse(r, "an outcome is either a value or a failure");
        }
    }
}

static bool read_items(struct reader *, json_t *list, bool nested, struct scenario_item **, size_t *count);

static void read_arrival(struct reader *r, json_t *object, struct scenario_arrival *arrival)
{
    arrival->as = name_of(r, object, "as", false);
    arrival->media = name_of(r, object, "media", false);
    if (arrival->media == NULL) {
        arrival->media = "voice";
    }
    arrival->strategy = name_of(r, object, "strategy", true);
    arrival->from = text_of(r, object, "from", false, SCENARIO_ADDRESS_MAX);
    arrival->to = name_of(r, object, "to", false);
    if (arrival->from == NULL) {
        arrival->from = "";
    }
    if (arrival->to == NULL) {
        arrival->to = "1800";
    }
    arrival->main = text_of(r, object, "main", false, SCENARIO_ADDRESS_MAX);
    arrival->number = text_of(r, object, "number", false, SCENARIO_ADDRESS_MAX);
    if (arrival->number == NULL) {
        arrival->number = arrival->from;
    }
    arrival->data = object_of(r, object, "data");
    arrival->given = object_of(r, object, "given");
    arrival->times = (uint32_t)number_of(r, object, "times", 1, SCENARIO_ARRIVALS_MAX);
    arrival->every_us = time_of(r, object, "every_us", 0);
    arrival->hangs_up_us = time_of(r, object, "hangs_up_us", SCENARIO_NEVER);
    arrival->answers_us = time_of(r, object, "answers_us", 5000000);
    r->arrivals += arrival->times;
    if (r->arrivals > SCENARIO_ARRIVALS_MAX) {
        refuse(r, "more than %d arrivals", SCENARIO_ARRIVALS_MAX);
        return;
    }
    json_t *items = array_of(r, object, "items", SCENARIO_ITEMS_MAX);
    if (!r->bad) {
        read_items(r, items, true, &arrival->items, &arrival->count);
    }
}

static void read_caller(struct reader *r, json_t *object, struct scenario_caller *caller)
{
    caller->of = name_of(r, object, "of", false);
    const char *what = name_of(r, object, "what", true);
    caller->hangs_up = what != NULL && strcmp(what, "hangs_up") == 0;
    caller->transfers = what != NULL && strcmp(what, "transfers") == 0;
    caller->main_hangs_up = what != NULL && strcmp(what, "main_hangs_up") == 0;
    if (what == NULL || caller->hangs_up || caller->transfers || caller->main_hangs_up) {
        return;
    }
    if (strcmp(what, "signal") == 0) {
        caller->signal = name_of(r, object, "name", true);
        caller->data = object_of(r, object, "data");
        return;
    }
    if (strcmp(what, "enters") != 0) {
        refuse(r, "a caller cannot '%s'", what);
        return;
    }
    caller->digits = name_of(r, object, "digits", true);
    if (caller->digits != NULL && caller->digits[strspn(caller->digits, SCENARIO_DIGITS)] != '\0') {
        refuse(r, "'%s' are not digits", caller->digits);
    }
}

static void read_fault(struct reader *r, json_t *object, struct scenario_fault *fault)
{
    fault->name = name_of(r, object, "name", true);
    const char *what = name_of(r, object, "what", false);
    if (what != NULL && strcmp(what, "down") != 0) {
        refuse(r, "a link or source cannot be '%s'", what);
    }
    fault->for_us = time_of(r, object, "for_us", SCENARIO_NEVER);
}

static void read_setting(struct reader *r, json_t *object, bool table, struct scenario_setting *setting)
{
    setting->name = name_of(r, object, "name", true);
    setting->value = json_object_get(object, "value");
    setting->for_us = time_of(r, object, "for_us", SCENARIO_NEVER);
    if (setting->value == NULL || (table && !json_is_object(setting->value))) {
        refuse(r, "a parameter or table has no value");
    }
}

/* What an event was to: {"kind":"agent","name":"marie"}, a text or a number. */
static void read_target(struct reader *r, json_t *object, struct scenario_event *event)
{
    json_t *to = member(object, "to");
    if (to == NULL) {
        return;
    }
    if (json_is_object(to)) {
        event->kind = name_of(r, to, "kind", false);
        event->to = name_of(r, to, "name", true);
    } else if (json_is_integer(to)) {
        char digits[24];
        (void)snprintf(digits, sizeof digits, "%lld", (long long)json_integer_value(to));
        json_object_set_new(object, "to", json_string(digits));
        event->to = json_string_value(json_object_get(object, "to"));
    } else {
        event->to = text_of(r, object, "to", false, SCENARIO_ADDRESS_MAX);
    }
}

static void read_event(struct reader *r, json_t *object, struct scenario_event *event)
{
    static const char *const names[] = {"routed",   "offered",   "joined",    "stopped", "failed",
                                        "rejected", "abandoned", "defaulted", "step",    "shown",  "whispered",
                                        "transferred", "interrupted", NULL};
    if (!json_is_object(object)) {
        refuse(r, "an expected event is not an object");
        return;
    }
    event->name = name_of(r, object, "name", true);
    if (event->name == NULL || !one_of(event->name, names)) {
        refuse(r, "nothing is known of an event '%s'", event->name == NULL ? "" : event->name);
        return;
    }
    read_target(r, object, event);
    if (strcmp(event->name, "step") == 0) {
        event->step = name_of(r, object, "step", true);
        event->source = name_of(r, object, "source", false);
        event->args = object_of(r, object, "args");
    }
}

static bool depth_is_fine(json_t *value, unsigned left)
{
    const char *key;
    json_t *child;
    size_t index;
    if (left == 0) {
        return false;
    }
    json_object_foreach(value, key, child)
    {
        if (!depth_is_fine(child, left - 1)) {
            return false;
        }
    }
    json_array_foreach(value, index, child)
    {
        if (!depth_is_fine(child, left - 1)) {
            return false;
        }
    }
    return true;
}

static void read_share(struct reader *r, json_t *object, struct scenario_expect *expect)
{
    json_t *share = object_of(r, object, "share");
    if (share == NULL) {
        return;
    }
    json_t *from = json_object_get(share, "from"), *to = json_object_get(share, "to");
    if (!json_is_number(from) || !json_is_number(to)) {
        refuse(r, "'share' has no two numbers");
        return;
    }
    expect->share = true;
    expect->share_from = json_number_value(from);
    expect->share_to = json_number_value(to);
}

static void read_expect(struct reader *r, json_t *object, struct scenario_expect *expect)
{
    expect->of = name_of(r, object, "of", false);
    expect->never = flag_of(r, object, "never");
    expect->within_us = time_of(r, object, "within_us", SCENARIO_NEVER);
    expect->times =
        member(object, "times") == NULL ? -1 : (int64_t)number_of(r, object, "times", 0, SCENARIO_TIMES_MAX);
    read_share(r, object, expect);
    expect->expr = object_of(r, object, "expr");
    json_t *events = array_of(r, object, "events", SCENARIO_LIST_MAX);
    if (expect->expr != NULL) {
        return;
    }
    expect->count = json_array_size(events);
    if (expect->count == 0) {
        refuse(r, "nothing is expected");
        return;
    }
    expect->events = calloc(expect->count, sizeof *expect->events);
    assert(expect->events != NULL);
    for (size_t i = 0; i < expect->count && !r->bad; i++) {
        read_event(r, json_array_get(events, i), &expect->events[i]);
    }
}

static bool read_item(struct reader *r, json_t *object, bool nested, struct scenario_item *item)
{
    static const char *const kinds[] = {"agent", "queue",  "answer", "arrive", "caller",
                                        "link",  "source", "seed",   "expect", "parameter", "table", NULL};
    const char *what = name_of(r, object, "do", true);
    unsigned kind = 0;
    while (what != NULL && kinds[kind] != NULL && strcmp(what, kinds[kind]) != 0) {
        kind++;
    }
    if (what == NULL || kinds[kind] == NULL) {
        return refuse(r, "nothing is known of '%s'", what == NULL ? "" : what);
    }
    item->kind = (enum item_kind)kind;
    if (nested && item->kind != ITEM_ANSWER && item->kind != ITEM_CALLER) {
        return refuse(r, "'%s' may not stand within an arrival", what);
    }
    item->at_us = time_of(r, object, "at_us", 0);
    item->line = (uint32_t)number_of(r, object, "line", 0, UINT32_MAX);
    switch (item->kind) {
    case ITEM_AGENT:
        read_agent(r, object, &item->agent);
        break;
    case ITEM_QUEUE:
        read_queue(r, object, &item->queue);
        break;
    case ITEM_ANSWER:
        read_answer(r, object, &item->answer);
        break;
    case ITEM_ARRIVE:
        read_arrival(r, object, &item->arrival);
        break;
    case ITEM_CALLER:
        read_caller(r, object, &item->caller);
        break;
    case ITEM_LINK:
    case ITEM_SOURCE:
        read_fault(r, object, &item->fault);
        break;
    case ITEM_SEED:
        item->seed = number_of(r, object, "value", 0, INT64_MAX);
        break;
    case ITEM_EXPECT:
        read_expect(r, object, &item->expect);
        break;
    case ITEM_PARAMETER:
    case ITEM_TABLE:
        read_setting(r, object, item->kind == ITEM_TABLE, &item->setting);
        break;
    }
    return !r->bad;
}

static bool read_items(struct reader *r, json_t *list, bool nested, struct scenario_item **out, size_t *count)
{
    size_t size = json_array_size(list);
    if (size == 0) {
        return true;
    }
    r->items += size;
    if (r->items > SCENARIO_ITEMS_MAX) {
        return refuse(r, "more than %d items", SCENARIO_ITEMS_MAX);
    }
    *out = calloc(size, sizeof **out);
    assert(*out != NULL);
    for (size_t i = 0; i < size; i++) {
        if (!nested) {
            r->item = i + 1;
        }
        json_t *object = json_array_get(list, i);
        *count = i + 1;
        if (!json_is_object(object)) {
            return refuse(r, "it is not an object");
        }
        if (!read_item(r, object, nested, &(*out)[i])) {
            return false;
        }
    }
    return true;
}

static bool read_test(struct reader *r, json_t *object, struct scenario_test *test)
{
    if (!json_is_object(object)) {
        return refuse(r, "a test is not an object");
    }
    test->name = text_of(r, object, "name", true, SCENARIO_TITLE_MAX);
    test->file = text_of(r, object, "file", true, 4096);
    r->test = test->name;
    r->item = r->items = r->arrivals = 0;
    test->line = (uint32_t)number_of(r, object, "line", 0, UINT32_MAX);
    test->start_us = (int64_t)number_of(r, object, "start_us", 1704103200000000, INT64_MAX / 2);
    test->fixed_date = flag_of(r, object, "fixed_date");
    test->seed = number_of(r, object, "seed", 0, INT64_MAX);
    json_t *items = array_of(r, object, "items", SCENARIO_ITEMS_MAX);
    return !r->bad && read_items(r, items, false, &test->items, &test->count);
}

struct scenario *scenario_read(const char *text, size_t length, struct error *error)
{
    if (length > SCENARIO_BYTES_MAX) {
        error_set(error, ERROR_LIMIT, "the image's tests have more than %d bytes", SCENARIO_BYTES_MAX);
        return NULL;
    }
    json_error_t why;
    json_t *root = json_loadb(text, length, JSON_REJECT_DUPLICATES, &why);
    if (root == NULL) {
        error_at(error, ERROR_INPUT, (uint32_t)why.position, "the image's tests are not JSON: %.100s", why.text);
        return NULL;
    }
    struct reader r = {.error = error};
    struct scenario *s = calloc(1, sizeof *s);
    assert(s != NULL);
    s->root = root;
    json_t *tests = json_is_object(root) ? array_of(&r, root, "tests", SCENARIO_TESTS_MAX) : NULL;
    if (!json_is_object(root) || !depth_is_fine(root, SCENARIO_DEPTH_MAX + 8)) {
        refuse(&r, "they are not one object, or nested too deeply");
    }
    size_t size = r.bad ? 0 : json_array_size(tests);
    s->tests = calloc(size == 0 ? 1 : size, sizeof *s->tests);
    assert(s->tests != NULL);
    for (; s->count < size && !r.bad; s->count++) {
        r.test = NULL;
        read_test(&r, json_array_get(tests, s->count), &s->tests[s->count]);
    }
    if (r.bad) {
        scenario_free(s);
        return NULL;
    }
    return s;
}

static void free_items(struct scenario_item *items, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        switch (items[i].kind) {
        case ITEM_ANSWER:
            free(items[i].answer.outcomes);
            break;
        case ITEM_EXPECT:
            free(items[i].expect.events);
            break;
        case ITEM_ARRIVE:
            free_items(items[i].arrival.items, items[i].arrival.count);
            break;
        default:
            break;
        }
    }
    free(items);
}

void scenario_free(struct scenario *s)
{
    if (s == NULL) {
        return;
    }
    for (size_t i = 0; i < s->count; i++) {
        free_items(s->tests[i].items, s->tests[i].count);
    }
    free(s->tests);
    json_decref(s->root);
    free(s);
}
