/* runtime/sim/values.c - Converts and compares values, and recognises a step by its arguments.
 *
 * A value has several forms: in the test's JSON, in the database, over the wire and in the core's pairs.
 *
 *     a test          {"kind": "agent", "name": "marie"}    {"us": 30000000}     [1, 2]
 *     value_plain     "marie"                               30000000             [1, 2]
 *     value_of_sql    "marie"                               30 (seconds)         [1, 2]
 *     value_of_wire   "marie"                               30000000             [["item", 1], ["item", 2]]
 *
 * Comparison uses plain values, so a test may use any form. A step is recognised by the arguments in the test's line:
 * each must be there and equal, others do not matter. The score counts the equal arguments, so that the most specific
 * of several answers is used. */
#include "runtime/sim/values.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "vm/image.h"
#include "vm/show.h"

void sim_copy_text(char *to, size_t size, struct span text)
{
    (void)snprintf(to, size, "%.*s", (int)text.length, (const char *)text.bytes);
}

bool value_is_name(json_t *value)
{
    static const char *const kinds[] = {"skill", "group", "vq",     "queue",    "workbin", "agent",
                                        "place", "dn",    "prompt", "template", "category"};
    const char *kind = json_string_value(json_object_get(value, "kind"));
    if (!kind || json_object_size(value) != 2 || !json_is_string(json_object_get(value, "name"))) return false;
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
        if (strcmp(kind, kinds[i]) == 0) return true;
    return false;
}

bool value_us(json_t *value, json_int_t *us)
{
    json_t *number = json_object_get(value, "us");
    *us = json_integer_value(number);
    return json_object_size(value) == 1 && json_is_integer(number);
}

/* Returns the value without the marks that only tests use; a new reference. */
json_t *value_plain(json_t *value)
{
    const char *key;
    json_t *child;
    size_t index;
    json_int_t us;
    if (json_is_object(value)) {
        if (value_is_name(value)) return json_incref(json_object_get(value, "name"));
        if (value_us(value, &us)) return json_integer(us);
        json_t *object = json_object();
        json_object_foreach(value, key, child)
        {
            json_object_set_new(object, key, value_plain(child));
        }
        return object;
    }
    if (json_is_array(value)) {
        json_t *array = json_array();
        json_array_foreach(value, index, child)
        {
            json_array_append_new(array, value_plain(child));
        }
        return array;
    }
    return !value ? json_null() : json_incref(value);
}

bool value_is_single(json_t *value)
{
    json_t *plain = value_plain(value);
    bool single = !json_is_object(plain) && !json_is_array(plain) && !json_is_null(plain);
    json_decref(plain);
    return single;
}

/* Converts lists to pairs of "item" and value, as the core has them. */
static json_t *pairs_of_lists(json_t *plain)
{
    const char *key;
    json_t *child, *made = json_is_array(plain) ? json_array() : json_is_object(plain) ? json_object() : NULL;
    size_t index;
    if (!made) return json_incref(plain);
    json_array_foreach(plain, index, child)
    {
        json_array_append_new(made, json_pack("[s, o]", "item", pairs_of_lists(child)));
    }
    if (json_is_object(plain)) {
        json_object_foreach(plain, key, child)
        {
            json_object_set_new(made, key, pairs_of_lists(child));
        }
    }
    return made;
}

/* Returns the value in the form used over the wire, a new reference. A list becomes pairs, and so does a list within
 * a list. */
json_t *value_of_wire(json_t *value)
{
    json_t *plain = value_plain(value), *made = pairs_of_lists(plain);
    json_decref(plain);
    return made;
}

/* Returns the value as the directory has it: names without their kind, amounts in their smallest unit. */
const char *value_said(json_t *value, char text[64])
{
    json_int_t us;
    if (json_is_string(value)) return json_string_value(value);
    if (value_is_name(value)) return json_string_value(json_object_get(value, "name"));
    if (json_is_boolean(value)) return json_is_true(value) ? "true" : "false";
    if (value_us(value, &us))
        (void)snprintf(text, 64, "%lld", (long long)us);
    else if (json_is_integer(value))
        (void)snprintf(text, 64, "%lld", (long long)json_integer_value(value));
    else if (json_is_real(value))
        (void)snprintf(text, 64, "%.15g", json_real_value(value));
    else
        return NULL;
    return text;
}

/* Returns the value as a database stores it: moments and durations in seconds. */
json_t *value_of_sql(json_t *value)
{
    json_int_t us;
    if (json_is_array(value)) {
        json_t *array = json_array(), *child;
        size_t index;
        json_array_foreach(value, index, child)
        {
            json_array_append_new(array, value_of_sql(child));
        }
        return array;
    }
    return value_us(value, &us) ? json_integer(kv_seconds(us)) : value_plain(value);
}

/* In user data a list is pairs that all have the key "item": an empty one, or a map with that key, may be either a
 * list or a map. */
static bool same_as_list(json_t *list, json_t *other)
{
    json_t *only = json_object_get(other, "item");
    return json_is_object(other) && json_object_size(other) == json_array_size(list) &&
           (json_array_size(list) == 0 ||
            (json_array_size(list) == 1 && only && value_equal(json_array_get(list, 0), only)));
}

/* Compares values; integers exactly, reals with a tolerance for roundings by JSON and SQL. */
static bool values_same(json_t *left, json_t *right)
{
    const char *key;
    json_t *child;
    size_t index;
    if (json_is_number(left) && json_is_number(right) && !(json_is_integer(left) && json_is_integer(right))) {
        double difference = json_number_value(left) - json_number_value(right);
        return difference < 1e-9 && difference > -1e-9;
    }
    if (json_is_array(left) != json_is_array(right))
        return json_is_array(left) ? same_as_list(left, right) : json_is_array(right) && same_as_list(right, left);
    if (json_is_array(left)) {
        bool equal = json_array_size(left) == json_array_size(right);
        json_array_foreach(left, index, child) equal = equal && values_same(child, json_array_get(right, index));
        return equal;
    }
    if (json_is_object(left) && json_is_object(right)) {
        bool equal = json_object_size(left) == json_object_size(right);
        json_object_foreach(left, key, child)
        {
            json_t *other = json_object_get(right, key);
            equal = equal && other && values_same(child, other);
        }
        return equal;
    }
    return json_equal(left, right) != 0;
}

bool value_equal(json_t *a, json_t *b)
{
    json_t *left = value_plain(a), *right = value_plain(b);
    bool equal = values_same(left, right);
    json_decref(left);
    json_decref(right);
    return equal;
}

static json_t *of_value(const struct kv_value *);

/* Is it a list? The core stores a list as pairs that all have the key "item". */
static bool is_list(struct span list)
{
    struct kv_pair pair;
    uint32_t at = 0, count = 0;
    for (; kv_next(list, &at, &pair); count++)
        if (pair.key.length != 4 || memcmp(pair.key.bytes, "item", 4) != 0) return false;
    return count > 0;
}

static json_t *list_of_kv(struct span list)
{
    json_t *array = json_array();
    struct kv_pair pair;
    uint32_t at = 0;
    while (kv_next(list, &at, &pair)) json_array_append_new(array, of_value(&pair.value));
    return array;
}

/* Converts a pair's value to JSON; bytes that are not UTF-8 become the text "(binary)". */
static json_t *of_value(const struct kv_value *value)
{
    switch (value->tag) {
    case KV_INT:
    case KV_TIME:
        return json_integer(value->word);
    case KV_BOOL:
        return json_boolean(value->word != 0);
    case KV_FLOAT:
        return json_real(value->number);
    case KV_LIST:
        return is_list(value->span) ? list_of_kv(value->span) : value_of_kv(value->span);
    case KV_TEXT:
    case KV_BINARY: {
        json_t *text = json_stringn((const char *)value->span.bytes, value->span.length);
        return !text ? json_string("(binary)") : text;
    }
    case KV_NONE:
        break;
    }
    return json_null();
}

json_t *value_list_of_kv(struct span params, const char *key)
{
    struct kv_value list;
    return kv_get(params, key, &list) && list.tag == KV_LIST ? list_of_kv(list.span) : NULL;
}

/* Returns only the values of an object or of pairs. A new reference; NULL: it is neither. */
json_t *value_list_of_pairs(json_t *pairs)
{
    const char *key;
    json_t *child, *list = json_is_object(pairs) || json_is_array(pairs) ? json_array() : NULL;
    size_t index;
    json_object_foreach(pairs, key, child)
    {
        json_array_append(list, child);
    }
    json_array_foreach(pairs, index, child)
    {
        json_array_append(list, json_array_get(child, 1));
    }
    return list;
}

/* Converts pairs to an object; of a repeated key the first one counts, as in the core. */
json_t *value_of_kv(struct span list)
{
    json_t *object = json_object();
    struct kv_pair pair;
    uint32_t at = 0;
    while (kv_next(list, &at, &pair)) {
        char key[1024];
        size_t length = pair.key.length < sizeof key ? pair.key.length : sizeof key - 1;
        memcpy(key, pair.key.bytes, length);
        key[length] = '\0';
        if (!json_object_get(object, key)) json_object_set_new(object, key, of_value(&pair.value));
    }
    return object;
}

/* Puts a value without parts; a value that pairs cannot express becomes none. */
static void put_scalar(struct kv *kv, const char *key, json_t *value)
{
    switch (json_typeof(value)) {
    case JSON_STRING:
        kv_put_text(kv, key, span_of(json_string_value(value)));
        break;
    case JSON_INTEGER:
        kv_put_int(kv, key, json_integer_value(value));
        break;
    case JSON_REAL:
        kv_put(kv, span_of(key), &(struct kv_value){.tag = KV_FLOAT, .number = json_real_value(value)});
        break;
    case JSON_TRUE:
    case JSON_FALSE:
        kv_put_bool(kv, key, json_is_true(value));
        break;
    default:
        kv_put_none(kv, key);
        break;
    }
}

static void put_plain(struct kv *kv, const char *key, json_t *value)
{
    const char *name;
    json_t *child;
    size_t index;
    bool nested = json_is_object(value) || json_is_array(value);
    if (!nested || kv->depth + 1 >= KV_DEPTH_MAX) {
        put_scalar(kv, key, nested ? json_null() : value); /* a part that is nested too deeply becomes none */
        return;
    }
    kv_list_begin(kv, span_of(key));
    json_object_foreach(value, name, child)
    {
        put_plain(kv, name, child);
    }
    json_array_foreach(value, index, child)
    {
        put_plain(kv, "item", child);
    }
    kv_list_end(kv);
}

/* Adds one pair. Parts nested more deeply than pairs allow become none. */
void value_to_kv(struct kv *kv, const char *key, json_t *value)
{
    json_t *plain = value_plain(value);
    put_plain(kv, key, plain);
    json_decref(plain);
}

void values_to_kv(struct kv *kv, json_t *object)
{
    const char *key;
    json_t *value;
    json_object_foreach(object, key, value)
    {
        value_to_kv(kv, key, value);
    }
}

/* Returns the name of a positional argument; repeatable arguments at a step's end share one name. NULL: there is
 * none. */
static const char *position_name(const char *name, const char *position)
{
    const struct step *step = step_named(name, (uint32_t)strlen(name));
    unsigned long number = strtoul(position, NULL, 10);
    if (!step) return position; /* queries and endpoints also have their arguments by position */
    for (uint32_t i = 0; i < step->parameter_count; i++) {
        const struct step_parameter *parameter = &step->parameters[i];
        if (parameter->number == number || (parameter->need == STEP_REST && number > parameter->number))
            return parameter->name;
    }
    return NULL;
}

/* Is the value the one that the switch shows as text? As the type is then unknown, any type with this text matches. */
static bool is_shown_as(json_t *value, json_t *shown)
{
    static const uint16_t numbers[] = {TYPE_PERCENT, TYPE_DATE}, times[] = {TYPE_DURATION, TYPE_TIME, TYPE_CLOCK};
    const char *text = json_string_value(shown);
    char room[64];
    json_int_t us;
    bool timed = value_us(value, &us), same = false;
    const uint16_t *types = timed ? times : numbers;
    size_t count = timed ? sizeof times / sizeof *times : json_is_integer(value) ? sizeof numbers / sizeof *numbers : 0;
    const char *said = timed ? NULL : json_is_null(value) ? "" : value_said(value, room);
    if (!text) return false;
    same = said && strcmp(said, text) == 0;
    for (size_t i = 0; i < count && !same; i++) {
        struct shown out = {room, sizeof room, 0};
        show_value(&(struct show){0}, &out, types[i], (uint64_t)(timed ? us : json_integer_value(value)));
        same = out.length == strlen(text) && out.length <= out.size && memcmp(room, text, out.length) == 0;
    }
    return same;
}

/* The test writes ivr.choose(prompt p, [...]): do all its choices equal those that were offered, in the same order? */
static bool choices_match(json_t *value, json_t *shown)
{
    json_t *child;
    size_t index;
    bool same = json_is_array(value) && json_array_size(value) == json_array_size(shown);
    json_array_foreach(value, index, child) same = same && is_shown_as(child, json_array_get(shown, index));
    return same;
}

/* The test writes ivr.play(prompt p, value, ...): does a value equal the one played at its position? */
static bool value_matches(const char *key, json_t *value, json_t *shown)
{
    unsigned long position = key[0] >= '0' && key[0] <= '9' ? strtoul(key, NULL, 10) : 1;
    return position > 0 && is_shown_as(value, json_array_get(shown, position - 1));
}

/* Does a menu's map match? The switch only knows its keys. */
static bool keys_match(json_t *map, const char *keys)
{
    const char *key;
    json_t *value;
    size_t count = 0;
    json_object_foreach(map, key, value)
    {
        if (strlen(key) != 1 || !strchr(keys, key[0])) return false;
        count++;
    }
    return count == strlen(keys);
}

/* Does a bound value match, by column or by position? An argument with another name, such as the strategy's
 * variable, which the image does not have, may match any bound value; then the match counts less. Adds to `score`
 * how well it matches. */
static bool is_bound(json_t *args, json_t *actual, json_t *value, unsigned *score)
{
    const char *key;
    json_t *other, *wanted = value_of_sql(value);
    bool found = actual && value_equal(wanted, actual);
    *score += found;
    json_object_foreach(args, key, other)
    {
        found = found || (!actual && value_equal(wanted, other));
    }
    json_decref(wanted);
    return found;
}

/* Does the step match? False if any argument differs. `score` counts the matching arguments, so an answer without
 * arguments gets 0. */
bool step_matches(const char *step, const char *source, json_t *args, const struct step_call *call, unsigned *score)
{
    const char *key;
    json_t *value;
    *score = 0;
    /* gcxsim's own callers answer any step of ivr: their answers are written for "ivr.*". */
    bool any = strcmp(step, "ivr.*") == 0 && strncmp(call->step, "ivr.", 4) == 0;
    if ((!any && strcmp(step, call->step) != 0) || (source && (!call->source || strcmp(source, call->source) != 0)))
        return false;
    json_object_foreach(args, key, value)
    {
        bool position = key[0] >= '0' && key[0] <= '9';
        const char *name = position ? position_name(step, key) : key;
        json_t *actual = !name ? NULL : json_object_get(call->args, name);
        if (!name) return false;
        if (!actual && strcmp(name, "prompt") == 0 && json_is_string(value))
            actual = json_object_get(call->args, "text"); /* a text that was spoken instead of a prompt is compared
                                                           * with the prompt's name */
        if (strcmp(step, "ivr.choose") == 0 && strcmp(name, "choices") == 0) {
            if (!choices_match(value, actual)) return false;
        } else if (strcmp(step, "ivr.play") == 0 && strcmp(name, "values") == 0) {
            if (!value_matches(key, value, actual)) return false;
        } else if (json_is_object(value) && json_is_string(actual) && strcmp(name, "keys") == 0) {
            if (!keys_match(value, json_string_value(actual))) return false;
        } else if (strcmp(step, "query") == 0 || strncmp(step, "http.", 5) == 0) {
            if (!is_bound(call->args, actual, value, score)) return false;
        } else if (!actual || !value_equal(value, actual)) {
            return false;
        }
        ++*score;
    }
    return true;
}

/* Keeps the better answer; `>=`: of two equal ones the later line is used, as it may correct the earlier one. */
void answer_consider(struct best_answer *best, const struct scenario_answer *answer, uint32_t *used,
                     const struct step_call *call)
{
    unsigned score;
    if (step_matches(answer->step, answer->source, answer->args, call, &score) &&
        (!best->answer || score >= best->score))
        *best = (struct best_answer){answer, used, score};
}

/* Writes a number that can be a moment (after 1973) as a date with time, any other one as a duration. */
void values_print_us(int64_t us, char *out, size_t size)
{
    assert(size > 0);
    time_t second = (time_t)(us / 1000000);
    struct tm tm;
    char seconds[16] = "";
    int rest = (int)(us % 60000000);
    if (us < INT64_C(100000000000000) || !gmtime_r(&second, &tm)) {
        struct shown shown = {out, (uint32_t)size - 1, 0};
        show_value(&(struct show){0}, &shown, TYPE_DURATION, (uint64_t)us);
        out[shown.length < shown.size ? shown.length : shown.size] = '\0';
        return;
    }
    if (rest % 1000000 != 0)
        (void)snprintf(seconds, sizeof seconds, ":%02d.%06d", rest / 1000000, rest % 1000000);
    else if (rest != 0)
        (void)snprintf(seconds, sizeof seconds, ":%02d", rest / 1000000);
    (void)snprintf(out, size, "%04d-%02d-%02d %02d:%02d%s zone \"UTC\"", tm.tm_year + 1900, tm.tm_mon + 1, tm.tm_mday,
                   tm.tm_hour, tm.tm_min, seconds);
}

/* Writes a list of moments or durations. */
static int print_times(const char *key, json_t *list, char *out, size_t size)
{
    json_t *child;
    size_t index;
    int begun = snprintf(out, size, "%s%s[", key, key[0] == '\0' ? "" : ": ");
    size_t used = begun < 0 ? 0 : (size_t)begun < size ? (size_t)begun : size - 1;
    json_array_foreach(list, index, child)
    {
        json_int_t number;
        char us[US_TEXT] = "none";
        if (value_us(child, &number)) values_print_us(number, us, sizeof us);
        int written = snprintf(out + used, size - used, "%s%s", index == 0 ? "" : ", ", us);
        used += written < 0 ? 0 : (size_t)written < size - used ? (size_t)written : size - used - 1;
    }
    return (int)used + snprintf(out + used, size - used, "]");
}

/* Writes an argument as a person would: prompt hold, 30s, "4711". */
static int print_argument(const char *key, json_t *value, char *out, size_t size)
{
    bool position = (key[0] >= '0' && key[0] <= '9') || strcmp(key, "recording") == 0 || strcmp(key, "text") == 0;
    json_int_t number;
    if (value_is_name(value)) {
        return snprintf(out, size, "%s %s", json_string_value(json_object_get(value, "kind")),
                        json_string_value(json_object_get(value, "name")));
    }
    if (strcmp(key, "prompt") == 0 && json_is_string(value))
        return snprintf(out, size, "prompt %s", json_string_value(value));
    if (value_us(value, &number)) {
        char us[US_TEXT];
        values_print_us(number, us, sizeof us);
        return snprintf(out, size, "%s%s%s", position ? "" : key, position ? "" : ": ", us);
    }
    if (value_us(json_array_get(value, 0), &number)) return print_times(position ? "" : key, value, out, size);
    json_t *plain = value_plain(value);
    char *text = json_is_null(plain) ? NULL : json_dumps(plain, JSON_ENCODE_ANY | JSON_COMPACT);
    int used = snprintf(out, size, "%s%s%s", position ? "" : key, position ? "" : ": ", !text ? "none" : text);
    free(text);
    json_decref(plain);
    return used;
}

/* Was the value already written? A query's values come by column and by position. */
static bool values_is_told(json_t *args, const char *key, json_t *value)
{
    const char *other;
    json_t *same;
    if (key[0] < '0' || key[0] > '9') return false;
    json_object_foreach(args, other, same)
    {
        if ((other[0] < '0' || other[0] > '9') && json_equal(value, same) != 0) return true;
    }
    return false;
}

/* Writes the step on a line, which is cut if too long; as snprintf() returns the full length, `used` may exceed the
 * buffer. */
void step_print(const struct step_call *call, char *out, size_t size)
{
    const char *key, *between = "(";
    json_t *value;
    bool query = strcmp(call->step, "query") == 0 && call->source;
    int used = snprintf(out, size, "%s%s%s", call->step, query ? " " : "", query ? call->source : "");
    json_object_foreach(call->args, key, value)
    {
        char text[200];
        if (values_is_told(call->args, key, value)) continue;
        (void)print_argument(key, value, text, sizeof text);
        size_t at = used < 0 || (size_t)used > size ? size : (size_t)used;
        used += snprintf(out + at, size - at, "%s%s", between, text);
        between = ", ";
    }
    size_t at = used < 0 || (size_t)used > size ? size : (size_t)used;
    (void)snprintf(out + at, size - at, between[0] == '(' ? (query ? "" : "()") : ")");
}

void sentence_say(struct sentence *s, const char *format, ...)
{
    va_list args;
    size_t room = s->size - s->used - 1;
    va_start(args, format);
    int written = vsnprintf(s->text + s->used, room + 1, format, args);
    va_end(args);
    if (written > 0) s->used += (size_t)written < room ? (size_t)written : room;
}
