/* runtime/debugger/dap_variables.c - Shows an editor variables and data as a tree that it opens part by part.
 *
 *     scopes      Locals: twice the number of the frame; Attached data: one more
 *     variables   what stands there; a list, map or record among it gets a reference of its own from PARTS on
 *     the same    with such a reference: its parts, `count` of them from `start` on
 *
 * A reference is kept as a way: the variable or key, and the index of the part at each step. So a reference stays valid
 * even if setting a value has moved other values in memory. All references are forgotten when the play goes on. */
#include "runtime/debugger/dap.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/debugger/commands.h"
#include "runtime/debugger/dap_wire.h"
#include "runtime/debugger/expression.h"
#include "runtime/debugger/parts.h"
#include "runtime/debugger/show.h"
#include "base/memory.h"

enum {
    DAP_VALUE_BYTES = 16384,
    DAP_NAME_BYTES = 256,
    DAP_PARTS = 1 << 16, /* the first reference of a value's parts: above all of scopes */
    DAP_WAYS_MAX = 100000,
};

/* The way to a value that has parts. */
struct dap_way {
    uint32_t frame;
    char root[DAP_NAME_BYTES]; /* the variable or declared key */
    uint32_t depth;
    uint32_t parts[VALUE_DEPTH_MAX];
};

/* The value to which a way leads, and its name in expressions and in `set`. */
struct dap_value {
    uint16_t type;
    uint64_t word;
    bool secret;
    bool fields;   /* `set` can reach it: the way goes through records only */
    char *written; /* owned */
};

static struct dap_way *ways;
static size_t way_count;

void dap_variables_forget(void)
{
    free(ways);
    ways = NULL;
    way_count = 0;
}

void dap_use_frame(struct debugger *d, json_int_t id)
{
    d->frame = id > 0 && d->place.interaction != 0 && id <= (json_int_t)d->look.frames ? (uint32_t)id - 1 : 0;
}

/* ---- ways ---- */

struct dap_sought {
    const char *name;
    struct dap_value *value;
    bool found;
};

static void dap_on_variable(void *self, const struct shown_variable *variable)
{
    struct dap_sought *sought = self;
    size_t length = strlen(sought->name);
    if (sought->found || variable->name.length != length || memcmp(variable->name.bytes, sought->name, length) != 0)
        return;
    sought->found = true;
    sought->value->type = variable->type;
    sought->value->word = variable->word;
    sought->value->secret = variable->secret;
}

/* Finds a variable of the frame, or a declared key. */
static bool dap_root(struct debugger *d, const char *name, struct dap_value *value)
{
    struct dap_sought sought = {name, value, false};
    if (d->place.interaction == 0) return false;
    show_variables(d, dap_on_variable, &sought);
    if (sought.found) return true;
    const struct image *image = d->look.image;
    const struct image_strategy *strategy = image_strategy(image, d->look.block->strategy);
    int32_t slot = image_slot_find(image, strategy, name, (uint32_t)strlen(name));
    if (slot < 0 || !block_slot(d->look.block, (uint32_t)slot, &value->word)) return false;
    value->type = image_slot(image, strategy, (uint32_t)slot)->type;
    value->secret = image_slot(image, strategy, (uint32_t)slot)->secret;
    return true;
}

/* Replaces the value by one of its parts, with the part's type, word and name in expressions. */
static bool dap_step_down(const struct values *v, struct dap_value *value, uint32_t index)
{
    struct part part;
    if (!parts_at(v, value->type, value->word, index, &part)) return false;
    bool list = parts_have_index(v->image, value->type), map = type_is_map(v->image, value->type);
    const char *dot = type_is_optional(value->type) ? "?." : ".";
    char *written =
        list  ? memory_format("%s%sget(%u)", value->written, dot, index)
        : map ? memory_format("%s%sget(\"%.*s\")", value->written, dot, (int)part.name.length, part.name.bytes)
              : memory_format("%s%s%.*s", value->written, dot, (int)part.name.length, part.name.bytes);
    free(value->written);
    value->written = written;
    value->fields = value->fields && !list && !map;
    value->secret = value->secret || part.secret;
    value->type = part.type;
    value->word = part.word;
    return true;
}

/* Follows the way; the caller frees `written`, also where this returns false. */
static bool dap_follow(struct debugger *d, const struct dap_way *way, struct dap_value *value)
{
    *value = (struct dap_value){.fields = true, .written = memory_text(way->root)};
    dap_use_frame(d, (json_int_t)way->frame + 1);
    if (!dap_root(d, way->root, value)) return false;
    const struct values v = values_here(d);
    for (uint32_t i = 0; i < way->depth; i++)
        if (!dap_step_down(&v, value, way->parts[i])) return false;
    return true;
}

/* Returns the way of a reference; NULL: there is none of that number. */
static const struct dap_way *dap_way_of(json_int_t reference)
{
    if (reference < DAP_PARTS || (uint64_t)reference - DAP_PARTS >= way_count) return NULL;
    return &ways[reference - DAP_PARTS];
}

static bool dap_same_way(const struct dap_way *a, const struct dap_way *b)
{
    return a->frame == b->frame && a->depth == b->depth && strcmp(a->root, b->root) == 0 &&
           memcmp(a->parts, b->parts, a->depth * sizeof *a->parts) == 0;
}

/* Returns a reference for the way; 0: there are too many already. */
static json_int_t dap_refer(const struct dap_way *way)
{
    for (size_t i = way_count; i-- > 0 && way_count - i <= 64;) /* an editor often asks for the same part again soon */
        if (dap_same_way(&ways[i], way)) return (json_int_t)(DAP_PARTS + i);
    if (way_count == DAP_WAYS_MAX) return 0;
    ways = memory_more(ways, way_count, sizeof *ways);
    ways[way_count] = *way;
    return (json_int_t)(DAP_PARTS + way_count++);
}

/* ---- what an editor gets ---- */

static json_t *dap_string(const char *text)
{
    json_t *string = json_string(text);
    return string ? string : json_string("(no UTF-8)");
}

/* Writes the value as text; stars for a secret. malloc'ed. */
static char *dap_shown(const struct debugger *d, const struct dap_value *value)
{
    char *text = NULL;
    size_t length;
    const struct values v = values_here(d);
    FILE *out = memory_stream(&text, &length);
    if (value->secret && !d->reveals)
        fputs("***", out);
    else
        (void)show_literal(&v, value->type, value->word, out);
    fclose(out);
    return text;
}

/* Adds to an answer the reference by which the editor opens the value, and the number of its parts. */
static void dap_put_parts(struct debugger *d, const struct dap_way *way, const struct dap_value *value, json_t *answer)
{
    const struct values v = values_here(d);
    bool hidden = value->secret && !d->reveals;
    uint32_t count = hidden || way->depth == VALUE_DEPTH_MAX ? 0 : parts_count(&v, value->type, value->word);
    json_int_t reference = count > 0 ? dap_refer(way) : 0;
    json_object_set_new(answer, "variablesReference", json_integer(reference));
    if (reference == 0) return;
    bool list = parts_have_index(v.image, value->type);
    json_object_set_new(answer, list ? "indexedVariables" : "namedVariables", json_integer(count));
}

/* Makes the answer for a value: its text under `key`, its type, and the reference to its parts. */
static json_t *dap_value_json(struct debugger *d, const struct dap_way *way, const struct dap_value *value,
                              const char *key)
{
    char *text = dap_shown(d, value), *type = NULL;
    size_t length;
    FILE *out = memory_stream(&type, &length);
    expression_type(d->look.image, value->type, out);
    fclose(out);
    json_t *json = json_pack("{s:o, s:o}", key, dap_string(text), "type", dap_string(type));
    dap_put_parts(d, way, value, json);
    free(text);
    free(type);
    return json;
}

static json_t *dap_plain(const char *name, const char *value)
{
    return json_pack("{s:o, s:o, s:i}", "name", dap_string(name), "value", dap_string(value), "variablesReference", 0);
}

/* The part of a list that the editor asks for. */
struct dap_page {
    struct debugger *debugger;
    uint32_t frame;
    uint64_t at, first, behind; /* at: the next part; wanted: from `first` to below `behind` */
    json_t *list;
};

static bool dap_page_wants(struct dap_page *page)
{
    uint64_t at = page->at++;
    return at >= page->first && at < page->behind;
}

/* Adds a variable or key by its name; the value text is used where the strategy does not have it. */
static void dap_page_add(struct dap_page *page, const char *name, const char *plain)
{
    struct dap_way way = {.frame = page->frame};
    struct dap_value value;
    json_t *json = NULL;
    if (strlen(name) < sizeof way.root) {
        (void)snprintf(way.root, sizeof way.root, "%s", name);
        bool known = dap_follow(page->debugger, &way, &value);
        if (known) {
            json = dap_value_json(page->debugger, &way, &value, "value");
            json_object_set_new(json, "name", dap_string(name));
            json_object_set_new(json, "evaluateName", dap_string(value.written));
        }
        free(value.written);
    }
    json_array_append_new(page->list, json ? json : dap_plain(name, plain));
}

static void dap_add_local(void *self, const struct shown_variable *variable)
{
    struct dap_page *page = self;
    char name[DAP_NAME_BYTES];
    (void)snprintf(name, sizeof name, "%.*s", (int)variable->name.length, variable->name.bytes);
    if (dap_page_wants(page)) dap_page_add(page, name, "");
}

static void dap_add_datum(void *self, const char *name, const char *value)
{
    struct dap_page *page = self;
    if (dap_page_wants(page)) dap_page_add(page, name, value);
}

/* Adds the parts of the value to which a way leads. */
static void dap_add_parts(struct dap_page *page, const struct dap_way *at)
{
    struct dap_way way = *at; /* a copy, since making references may move the array of ways */
    struct dap_value value;
    uint32_t count = 0;
    const uint32_t depth = way.depth++;
    if (depth < VALUE_DEPTH_MAX && dap_follow(page->debugger, at, &value)) {
        const struct values v = values_here(page->debugger);
        count = value.secret && !page->debugger->reveals ? 0 : parts_count(&v, value.type, value.word);
    }
    if (depth < VALUE_DEPTH_MAX) free(value.written);
    uint64_t behind = page->behind < count ? page->behind : count;
    for (uint64_t i = page->first; i < behind; i++) {
        struct part part;
        way.parts[depth] = (uint32_t)i;
        const struct values v = values_here(page->debugger);
        char name[DAP_NAME_BYTES];
        (void)snprintf(name, sizeof name, "%llu", (unsigned long long)i);
        if (!parts_at(&v, value.type, value.word, (uint32_t)i, &part)) break;
        if (part.name.length > 0) (void)snprintf(name, sizeof name, "%.*s", (int)part.name.length, part.name.bytes);
        struct dap_value one;
        if (dap_follow(page->debugger, &way, &one)) {
            json_t *json = dap_value_json(page->debugger, &way, &one, "value");
            json_object_set_new(json, "name", dap_string(name));
            json_object_set_new(json, "evaluateName", dap_string(one.written));
            json_array_append_new(page->list, json);
        }
        free(one.written);
    }
}

bool dap_scopes(struct debugger *d, const json_t *request)
{
    json_int_t id = dap_number(request, "frameId");
    if (d->place.interaction == 0 || id < 1 || id > (json_int_t)d->look.frames)
        return dap_refuse(request, "There is no such frame.");
    dap_reply(request, json_pack("{s:[{s:s, s:s, s:I, s:b}, {s:s, s:I, s:b}]}", "scopes", "name", "Locals",
                                 "presentationHint", "locals", "variablesReference", 2 * id, "expensive", 0, "name",
                                 "Attached data", "variablesReference", 2 * id + 1, "expensive", 0));
    return false;
}

bool dap_variables(struct debugger *d, const json_t *request)
{
    json_int_t reference = dap_number(request, "variablesReference"), start = dap_number(request, "start"),
               count = dap_number(request, "count");
    struct dap_page page = {.debugger = d, .first = start > 0 ? (uint64_t)start : 0, .behind = UINT64_MAX};
    if (count > 0) page.behind = page.first + (uint64_t)count; /* two positive int64: no overflow */
    page.list = json_array();
    const struct dap_way *way = dap_way_of(reference);
    dap_use_frame(d, reference < DAP_PARTS ? reference / 2 : 0);
    page.frame = d->frame;
    if (way)
        dap_add_parts(&page, way);
    else if (reference > 0 && reference < DAP_PARTS && reference % 2 == 1 && d->core)
        (void)show_each_datum(d, dap_add_datum, &page);
    else if (reference > 0 && reference < DAP_PARTS && d->place.interaction != 0)
        show_variables(d, dap_add_local, &page);
    dap_reply(request, json_pack("{s:o}", "variables", page.list));
    return false;
}

/* ---- setting ---- */

/* Sets the variable or key named `written`, and answers with its new value. */
static bool dap_set(struct debugger *d, const json_t *request, const char *written, const char *value)
{
    char why[DAP_VALUE_BYTES] = "";
    char *line = memory_format("%s%s = %s", d->live ? "set " : "", written, value);
    bool good = d->live ? !commands_do(d, line) : changes_set(d, line, why, sizeof why);
    free(line);
    if (d->live) {
        char *said = dap_said();
        const char *set = live_value(d->live, written);
        if (set)
            dap_reply(request, json_pack("{s:o, s:i}", "value", dap_string(set), "variablesReference", 0));
        else
            (void)dap_refuse(request, said);
        free(said);
        return false;
    }
    if (!good) return dap_refuse(request, why);
    if (!show_named(d, written, why, sizeof why) && !expression_show(d, written, why, sizeof why))
        (void)snprintf(why, sizeof why, "%s", value);
    dap_reply(request, json_pack("{s:o, s:i}", "value", dap_string(why), "variablesReference", 0));
    return false;
}

bool dap_set_variable(struct debugger *d, const json_t *request)
{
    const char *name = dap_text(request, "name"), *value = dap_text(request, "value");
    json_int_t reference = dap_number(request, "variablesReference");
    const struct dap_way *way = dap_way_of(reference);
    struct dap_value of;
    if (!name || !value) return dap_refuse(request, "A name and a value belong to it.");
    if (!way) {
        dap_use_frame(d, reference / 2);
        return dap_set(d, request, name, value);
    }
    bool known = dap_follow(d, way, &of);
    const char *dot = known && type_is_optional(of.type) ? "?." : ".";
    char *written = memory_format("%s%s%s", of.written, dot, name);
    bool fields =
        known && of.fields && !parts_have_index(d->look.image, of.type) && !type_is_map(d->look.image, of.type);
    free(of.written);
    if (fields)
        (void)dap_set(d, request, written, value);
    else
        (void)dap_refuse(request, known ? "Elements of lists and maps are not set; the whole list can be."
                                        : "There is no such value any more.");
    free(written);
    return false;
}

bool dap_set_expression(struct debugger *d, const json_t *request)
{
    const char *expression = dap_text(request, "expression"), *value = dap_text(request, "value");
    if (!expression || !value) return dap_refuse(request, "An expression and a value belong to it.");
    dap_use_frame(d, dap_number(request, "frameId"));
    return dap_set(d, request, expression, value);
}

/* ---- asking ---- */

/* Finds the way of an expression that only names a variable or key and fields of it. */
static bool dap_way_written(struct debugger *d, const char *expression, struct dap_way *way, struct dap_value *value)
{
    size_t length = strcspn(expression, ".?");
    *way = (struct dap_way){.frame = d->frame};
    *value = (struct dap_value){.fields = true, .written = memory_text("")};
    if (length == 0 || length >= sizeof way->root) return false;
    (void)snprintf(way->root, sizeof way->root, "%.*s", (int)length, expression);
    if (!dap_root(d, way->root, value)) return false;
    const struct values v = values_here(d);
    for (const char *rest = expression + length; *rest;) {
        rest += *rest == '?';
        rest += *rest == '.';
        uint32_t name = (uint32_t)strcspn(rest, ".?");
        bool record = type_base(value->type) >= TYPE_OWN && type_is_record(v.image, value->type);
        int32_t field = record ? image_field_find(v.image, type_base(value->type), rest, name) : -1;
        if (field < 0 || way->depth == VALUE_DEPTH_MAX || !dap_step_down(&v, value, (uint32_t)field)) return false;
        way->parts[way->depth++] = (uint32_t)field;
        rest += name;
    }
    return true;
}

bool dap_evaluate_value(struct debugger *d, const json_t *request, const char *expression)
{
    char text[DAP_VALUE_BYTES];
    struct dap_way way;
    struct dap_value value;
    dap_use_frame(d, dap_number(request, "frameId"));
    bool written = dap_way_written(d, expression, &way, &value);
    if (written)
        dap_reply(request, dap_value_json(d, &way, &value, "result"));
    else if (show_named(d, expression, text, sizeof text) || expression_show(d, expression, text, sizeof text))
        dap_reply(request, json_pack("{s:o, s:i}", "result", dap_string(text), "variablesReference", 0));
    else
        (void)dap_refuse(request, text);
    free(value.written);
    return false;
}
