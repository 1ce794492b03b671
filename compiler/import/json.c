/* compiler/import/json.c - Reads JSON from outside (json.h). */
#include "compiler/import/json.h"

#include <string.h>

#include "base/why.h"

/* Is the text nested no deeper than allowed? Brackets in texts do not count. */
static bool json_is_shallow(const char *bytes, size_t length)
{
    unsigned depth = 0;
    bool quoted = false;
    for (size_t i = 0; i < length; i++) {
        if (quoted && bytes[i] == '\\')
            i++;
        else if (bytes[i] == '"')
            quoted = !quoted;
        else if (!quoted && (bytes[i] == '{' || bytes[i] == '['))
            depth++;
        else if (!quoted && depth > 0 && (bytes[i] == '}' || bytes[i] == ']'))
            depth--;
        if (depth > JSON_IMPORT_DEPTH) return false;
    }
    return true;
}

json_t *json_import(const char *bytes, size_t length, char *why, size_t why_size)
{
    json_error_t error;
    if (length > JSON_IMPORT_BYTES) {
        why_set(why, why_size, "it has more than %d MB", JSON_IMPORT_BYTES / 1024 / 1024);
        return NULL;
    }
    if (!json_is_shallow(bytes, length)) {
        why_set(why, why_size, "it is nested deeper than %d", JSON_IMPORT_DEPTH);
        return NULL;
    }
    json_t *value = json_loadb(bytes, length, JSON_REJECT_DUPLICATES, &error);
    if (!value) why_set(why, why_size, "line %d: %s", error.line, error.text);
    return value;
}

const char *json_import_text(struct arena *arena, const json_t *object, const char *key)
{
    const json_t *value = json_object_get(object, key);
    if (json_is_string(value)) return arena_copy(arena, json_string_value(value), strlen(json_string_value(value)));
    if (json_is_integer(value)) return arena_printf(arena, "%lld", (long long)json_integer_value(value));
    if (json_is_real(value)) return arena_printf(arena, "%.17g", json_real_value(value));
    return json_is_true(value) ? "true" : json_is_false(value) ? "false" : "";
}

uint32_t json_import_line(const char *bytes, const char *text, unsigned nth)
{
    const char *found = strstr(bytes, text);
    while (found && nth-- > 0) found = strstr(found + 1, text);
    uint32_t line = 1;
    for (const char *at = bytes; found && at < found; at++) line += *at == '\n';
    return line;
}
