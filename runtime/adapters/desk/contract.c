/* runtime/adapters/desk/contract.c - Checks requests and messages of browsers against openapi.json.
 *
 * openapi.json is part of the program and is read once. Paths with names in braces are kept as pieces, and compared
 * piece by piece; all others are found as a whole. A schema is followed together with the value, at most DEPTH_MAX
 * deep; the first mistake is reported, with the name of the member where it is.
 *
 *     GET /api/contacts/17?limit=5     contract_find(): operation, {"contact": 17}
 *                                      contract_query(): {"contact": 17, "limit": 5}
 *                                      contract_whole(): is one missing that must be there?
 *     POST with a body                 contract_body()
 *     a message of the WebSocket       contract_message(), by its "type"
 *
 * So a handler gets only values of the right type and within their bounds, and need not check this again. */
#include "runtime/adapters/desk/contract.h"

#include <assert.h>
#include <glib.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/why.h"

enum { DEPTH_MAX = 8 };

extern const char desk_openapi[]; /* web.c */

struct desk_contract {
    json_t *whole;
    const json_t *messages;
    GHashTable *operations; /* struct operation by "get /api/me" */
    GHashTable *templates;  /* paths with names in braces, split at the slashes: char ** by path */
};

const char *contract_text(void)
{
    return desk_openapi;
}

/* ---- reading the contract ---- */

static bool contract_is_word(const json_t *schema, const char *key, const char *word)
{
    const char *value = json_string_value(json_object_get(schema, key));
    return value && strcmp(value, word) == 0;
}

/* Makes an operation; its texts point into the document, which lives as long as the contract. */
static struct operation *operation_new(const json_t *row)
{
    struct operation *operation = memory_zeroed(1, sizeof *operation);
    const json_t *content = json_object_get(json_object_get(row, "requestBody"), "content");
    operation->id = json_string_value(json_object_get(row, "operationId"));
    assert(operation->id); /* each operation of openapi.json has an operationId */
    operation->role = json_string_value(json_object_get(row, "x-role"));
    operation->anyone = json_object_get(row, "security") != NULL;
    operation->parameters = json_object_get(row, "parameters");
    operation->body = json_object_get(json_object_get(content, "application/json"), "schema");
    operation->bytes = content && !operation->body;
    return operation;
}

struct desk_contract *contract_new(void)
{
    struct desk_contract *contract = memory_zeroed(1, sizeof *contract);
    json_error_t wrong;
    const char *path, *method;
    json_t *methods, *row;
    contract->whole = json_loads(desk_openapi, JSON_REJECT_DUPLICATES, &wrong);
    assert(contract->whole);
    contract->operations = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, free);
    contract->templates = g_hash_table_new_full(g_str_hash, g_str_equal, NULL, (GDestroyNotify)g_strfreev);
    contract->messages = json_object_get(json_object_get(contract->whole, "x-websocket"), "client");
    json_object_foreach(json_object_get(contract->whole, "paths"), path, methods)
    {
        if (strchr(path, '{')) g_hash_table_insert(contract->templates, (void *)path, g_strsplit(path, "/", -1));
        json_object_foreach(methods, method, row)
            g_hash_table_insert(contract->operations, g_strconcat(method, " ", path, NULL), operation_new(row));
    }
    return contract;
}

void contract_free(struct desk_contract *contract)
{
    if (!contract) return;
    g_hash_table_destroy(contract->operations);
    g_hash_table_destroy(contract->templates);
    json_decref(contract->whole);
    free(contract);
}

void contract_each_operation(const struct desk_contract *contract, void (*each)(void *self, const char *id), void *self)
{
    GHashTableIter at;
    gpointer value;
    g_hash_table_iter_init(&at, contract->operations);
    while (g_hash_table_iter_next(&at, NULL, &value)) each(self, ((struct operation *)value)->id);
}

void contract_each_message(const struct desk_contract *contract, void (*each)(void *self, const char *type), void *self)
{
    const char *type;
    json_t *row;
    json_object_foreach((json_t *)contract->messages, type, row) each(self, type);
}

/* ---- a schema ---- */

static bool contract_say_wrong(char *why, size_t why_size, const char *name, const char *what)
{
    return why_set(why, why_size, "%s: %s", name, what);
}

static bool contract_check(const json_t *schema, const json_t *value, const char *name, unsigned depth, char *why,
                           size_t why_size);

/* Has the value the schema's type? Null and numbers with a fraction have no type here, as the contract does not use
 * them. */
static bool has_type(const json_t *schema, const json_t *value)
{
    switch (json_typeof(value)) {
    case JSON_OBJECT:
        return contract_is_word(schema, "type", "object");
    case JSON_ARRAY:
        return contract_is_word(schema, "type", "array");
    case JSON_STRING:
        return contract_is_word(schema, "type", "string");
    case JSON_INTEGER:
        return contract_is_word(schema, "type", "integer");
    case JSON_TRUE:
    case JSON_FALSE:
        return contract_is_word(schema, "type", "boolean");
    default:
        return false;
    }
}

static bool contract_has_controls(const char *text, size_t length)
{
    for (size_t i = 0; i < length; i++)
        if (((unsigned char)text[i] < ' ' && text[i] != '\n' && text[i] != '\t') || text[i] == 127) return true;
    return false;
}

static bool contract_is_blank(const char *text)
{
    while (*text != '\0' && g_unichar_isspace(g_utf8_get_char(text))) text = g_utf8_next_char(text);
    return *text == '\0';
}

/* Checks a text: allowed words, control characters, length in characters, length in bytes. `maxLength` counts
 * characters, `x-maxBytes` bytes. Of patterns only `\S` is checked here: something stands between the blanks. */
static bool check_string(const json_t *schema, const json_t *value, const char *name, char *why, size_t why_size)
{
    const json_t *least = json_object_get(schema, "minLength"), *most = json_object_get(schema, "maxLength");
    const json_t *words = json_object_get(schema, "enum"), *bytes = json_object_get(schema, "x-maxBytes");
    bool found = !words;
    for (size_t i = 0; i < json_array_size(words); i++) found |= json_equal(json_array_get(words, i), value) != 0;
    if (!found) return contract_say_wrong(why, why_size, name, "it is none of the words that may stand here");
    if (contract_has_controls(json_string_value(value), json_string_length(value)))
        return contract_say_wrong(why, why_size, name, "control characters stand in it");
    json_int_t length = g_utf8_strlen(json_string_value(value), -1), size = (json_int_t)json_string_length(value);
    if (least && length < json_integer_value(least)) return contract_say_wrong(why, why_size, name, "it is too short");
    if (contract_is_word(schema, "pattern", "\\S") && contract_is_blank(json_string_value(value)))
        return contract_say_wrong(why, why_size, name, "it says nothing");
    if (most && length > json_integer_value(most)) return contract_say_wrong(why, why_size, name, "it is too long");
    if (bytes && size > json_integer_value(bytes))
        return contract_say_wrong(why, why_size, name, "it is too long, as letters beyond ASCII count for two to four");
    return true;
}

static bool check_integer(const json_t *schema, const json_t *value, const char *name, char *why, size_t why_size)
{
    const json_t *least = json_object_get(schema, "minimum"), *most = json_object_get(schema, "maximum");
    json_int_t number = json_integer_value(value);
    if (least && number < json_integer_value(least))
        return contract_say_wrong(why, why_size, name, "the number is too small");
    if (most && number > json_integer_value(most))
        return contract_say_wrong(why, why_size, name, "the number is too large");
    return true;
}

static bool check_array(const json_t *schema, const json_t *value, const char *name, unsigned depth, char *why,
                        size_t why_size)
{
    const json_t *most = json_object_get(schema, "maxItems"), *items = json_object_get(schema, "items");
    if (most && (json_int_t)json_array_size(value) > json_integer_value(most))
        return contract_say_wrong(why, why_size, name, "it has too many elements");
    for (size_t i = 0; i < json_array_size(value); i++)
        if (!contract_check(items, json_array_get(value, i), name, depth + 1, why, why_size)) return false;
    return true;
}

/* Checks an object: members that are required, then each member that it has; without `additionalProperties` no other
 * members are allowed. */
static bool check_object(const json_t *schema, const json_t *value, const char *name, unsigned depth, char *why,
                         size_t why_size)
{
    const json_t *properties = json_object_get(schema, "properties");
    const json_t *others = json_object_get(schema, "additionalProperties");
    const json_t *must = json_object_get(schema, "required");
    const char *key;
    json_t *one;
    for (size_t i = 0; i < json_array_size(must); i++) {
        key = json_string_value(json_array_get(must, i));
        if (!json_object_get(value, key)) return contract_say_wrong(why, why_size, key, "it is missing");
    }
    json_object_foreach((json_t *)value, key, one)
    {
        const json_t *its = json_object_get(properties, key);
        if (!its) its = others;
        if (!json_is_object(its))
            return contract_say_wrong(why, why_size, name, "a field stands in it that is not known here");
        if (!contract_check(its, one, properties ? key : name, depth + 1, why, why_size)) return false;
    }
    return true;
}

/* Checks one value against one schema. Values other than objects, lists, texts, whole numbers and booleans are
 * refused. The depth is limited, since the value comes from outside and this function calls itself. */
static bool contract_check(const json_t *schema, const json_t *value, const char *name, unsigned depth, char *why,
                           size_t why_size)
{
    const json_t *only = json_object_get(schema, "const");
    if (depth > DEPTH_MAX) return contract_say_wrong(why, why_size, name, "it is too deep");
    if (only) return json_equal(only, value) || contract_say_wrong(why, why_size, name, "it is another word");
    if (!has_type(schema, value)) return contract_say_wrong(why, why_size, name, "it is of another type");
    switch (json_typeof(value)) {
    case JSON_STRING:
        return check_string(schema, value, name, why, why_size);
    case JSON_INTEGER:
        return check_integer(schema, value, name, why, why_size);
    case JSON_ARRAY:
        return check_array(schema, value, name, depth, why, why_size);
    case JSON_OBJECT:
        return check_object(schema, value, name, depth, why, why_size);
    default:
        return true;
    }
}

bool contract_message(const struct desk_contract *contract, const json_t *message, char *why, size_t why_size)
{
    const char *type = json_string_value(json_object_get(message, "type"));
    const json_t *schema = type ? json_object_get(contract->messages, type) : NULL;
    if (!schema) return contract_say_wrong(why, why_size, "type", "there is no such message");
    return contract_check(schema, message, "message", 0, why, why_size);
}

bool contract_body(const struct operation *operation, const json_t *body, char *why, size_t why_size)
{
    assert(operation->body);
    return contract_check(operation->body, body, "body", 0, why, why_size);
}

/* ---- requests ---- */

static const json_t *contract_parameter(const struct operation *operation, const char *name, const char *place)
{
    for (size_t i = 0; i < json_array_size(operation->parameters); i++) {
        const json_t *one = json_array_get(operation->parameters, i);
        if (contract_is_word(one, "name", name) && contract_is_word(one, "in", place))
            return json_object_get(one, "schema");
    }
    return NULL;
}

/* Puts a parameter of the query into `params`; it comes as text, and the schema decides whether it is a number. A
 * parameter that is given twice is refused, as two programs could read two different values. */
static bool contract_set_param(json_t *params, const json_t *schema, const char *name, const char *text, char *why,
                               size_t why_size)
{
    assert(schema);
    char *end = NULL;
    json_t *value = NULL;
    if (contract_is_word(schema, "type", "integer")) {
        json_int_t number = g_ascii_strtoll(text, &end, 10);
        if (end != text && *end == 0) value = json_integer(number);
    } else
        value = json_string(text);
    bool good = value ? contract_check(schema, value, name, 0, why, why_size)
                      : contract_say_wrong(why, why_size, name, "it is no number, or no text");
    if (good && json_object_get(params, name)) good = contract_say_wrong(why, why_size, name, "it stands twice");
    if (good)
        json_object_set_new(params, name, value);
    else
        json_decref(value);
    return good;
}

bool contract_query(const struct operation *operation, json_t *params, const char *name, const char *value, char *why,
                    size_t why_size)
{
    const json_t *schema = contract_parameter(operation, name, "query");
    return schema ? contract_set_param(params, schema, name, value, why, why_size)
                  : contract_say_wrong(why, why_size, "query", "a field stands in it that is not known here");
}

bool contract_whole(const struct operation *operation, const json_t *params, char *why, size_t why_size)
{
    for (size_t i = 0; i < json_array_size(operation->parameters); i++) {
        const json_t *one = json_array_get(operation->parameters, i);
        const char *name = json_string_value(json_object_get(one, "name"));
        if (json_is_true(json_object_get(one, "required")) && !json_object_get(params, name))
            return contract_say_wrong(why, why_size, name, "it is missing");
    }
    return true;
}

/* Do the pieces of a path match the template? The pieces in place of names in braces are put into `names`. */
static bool contract_fits(char **template, char **pieces, json_t *names)
{
    for (; *template && *pieces; template ++, pieces++) {
        size_t length = strlen(*template);
        if (**template != '{') {
            if (strcmp(*template, *pieces) != 0) return false;
            continue;
        }
        char *name = g_strndup(*template + 1, length - 2), *text = g_uri_unescape_string(*pieces, "/");
        bool good = text && *text && json_object_set_new(names, name, json_string(text)) == 0;
        g_free(name);
        g_free(text);
        if (!good) return false;
    }
    return !*template && !*pieces;
}

/* Returns the path as openapi.json writes it; NULL: the contract has no such path. */
static const char *contract_path_of(const struct desk_contract *contract, const char *path, json_t *names)
{
    GHashTableIter at;
    gpointer key, value;
    const char *found = NULL;
    char **pieces = g_strsplit(path, "/", 8);
    g_hash_table_iter_init(&at, contract->templates);
    while (!found && g_hash_table_iter_next(&at, &key, &value)) {
        json_object_clear(names);
        if (contract_fits(value, pieces, names)) found = key;
    }
    g_strfreev(pieces);
    return found;
}

static bool take_names(const struct operation *operation, const json_t *names, json_t *params)
{
    char why[100];
    const char *name;
    json_t *text;
    json_object_foreach((json_t *)names, name, text)
    {
        const json_t *schema = contract_parameter(operation, name, "path");
        if (!schema || !contract_set_param(params, schema, name, json_string_value(text), why, sizeof why))
            return false;
    }
    return true;
}

static const struct operation *operation_of(struct desk_contract *contract, const char *method, const char *path)
{
    char *key = g_strconcat(method, " ", path, NULL);
    const struct operation *operation = g_hash_table_lookup(contract->operations, key);
    g_free(key);
    return operation;
}

/* NULL with `*known` false: there is no such path; with true: the path does not have this method. The caller owns
 * `*params` only if an operation was found. */
const struct operation *contract_find(struct desk_contract *contract, const char *method, const char *path,
                                      json_t **params, bool *known)
{
    json_t *names = json_object();
    const json_t *paths = json_object_get(contract->whole, "paths");
    *params = json_object();
    const char *as_written = json_object_get(paths, path) ? path : contract_path_of(contract, path, names);
    const struct operation *operation = as_written ? operation_of(contract, method, as_written) : NULL;
    *known = as_written != NULL;
    if (operation && as_written != path && !take_names(operation, names, *params)) {
        operation = NULL;
        *known = false;
    }
    if (!operation) json_decref(*params);
    json_decref(names);
    return operation;
}
