/* compiler/import/flow.c - Reads the inner form (flow.h) for the readers and the writer.
 *
 * Each value notes whether it was read (`read`). After a block is written, flow_unread() lists the values that
 * nobody read: so the report names every property that is lost, and a new property of the source needs no entry in a
 * list here. */
#include "compiler/import/flow.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/shown.h"

struct block_row {
    const char *name;
    enum flow_kind kind;
    enum flow_grade grade;
    const char *remark;
};
static const struct block_row block_rows[] = {
#define BLOCK(name, id, grade, remark) {name, FLOW_##id, FLOW_##grade, remark},
#include "compiler/import/kinds.def"
};
static const bool kind_ends[] = {
#define KIND(id, ends, becomes) ends,
#include "compiler/import/kinds.def"
};

enum flow_kind flow_kind_of(const char *type, enum flow_grade *grade, const char **remark)
{
    const char *colon = strrchr(type, ':'), *bare = colon ? colon + 1 : type;
    size_t length = strlen(bare), tail = strlen("Block");
    if (length > tail && strcmp(bare + length - tail, "Block") == 0) length -= tail;
    for (size_t i = 0; i < sizeof block_rows / sizeof *block_rows; i++) {
        const struct block_row *row = &block_rows[i];
        if (strlen(row->name) != length || strncmp(row->name, bare, length) != 0) continue;
        *grade = row->grade, *remark = row->remark;
        return row->kind;
    }
    *grade = FLOW_LEFT, *remark = "the importer does not know this kind of block";
    return FLOW_left;
}

bool flow_kind_ends(enum flow_kind kind)
{
    assert(kind < FLOW_KINDS);
    return kind_ends[kind];
}

/* Returns the first value of the name, or NULL. The value is marked as read. */
const struct flow_value *flow_find(const struct flow_value *values, const char *name)
{
    while (values && strcmp(values->name, name) != 0) values = values->next;
    if (values) *values->read = true;
    return values;
}

static const struct {
    const char *name, *value;
} properties_silent[] = {
#define SILENT(name, value) {name, value},
#include "compiler/import/properties.def"
};

static bool property_is_silent(const struct flow_value *value)
{
    for (size_t i = 0; i < sizeof properties_silent / sizeof *properties_silent; i++)
        if (strcmp(properties_silent[i].name, value->name) == 0 &&
            (!*properties_silent[i].value || strcasecmp(properties_silent[i].value, value->value) == 0))
            return true;
    return false;
}

/* A value whose name sounds like a secret is not shown; a name and password in a URL are not shown either. */
const char *flow_shown(struct arena *arena, const char *name, const char *value)
{
    static const char *const secrets[] = {"password",      "passwd",     "passphrase", "pwd",     "secret", "token",
                                          "authorization", "credential", "apikey",     "api_key", "api-key"};
    for (size_t i = 0; i < sizeof secrets / sizeof *secrets; i++)
        if (strcasestr(name, secrets[i]) && strncmp(value, "Variable(", strlen("Variable(")) != 0) return "****";
    if (!strstr(value, "://")) return value;
    char *url = shown_url(value);
    const char *shown = arena_copy(arena, url, strlen(url));
    free(url);
    return shown;
}

enum { UNREAD_BYTES = 300, UNREAD_DEPTH = 4 };

/* Lists the names of the values that nothing has read. `above`: the value whose parts these values are, or NULL. A
 * part called "value" may repeat that value's own text, and is not listed then. */
static const char *values_unread(struct arena *arena, const struct flow_value *values, const struct flow_value *above,
                                 const char *of, unsigned depth)
{
    const char *unread = "";
    for (const struct flow_value *value = values; value && strlen(unread) < UNREAD_BYTES; value = value->next) {
        bool same = above && strcmp(value->name, "value") == 0 && strcmp(value->value, above->value) == 0;
        if (property_is_silent(value) || same) continue;
        const char *own = "", *comma = *unread ? ", " : "", *name = arena_printf(arena, "%s%s", of, value->name);
        if (!*value->read && *value->value && strspn(value->value, " \t\r\n") < strlen(value->value))
            own = arena_printf(arena, "%s=%.80s", name, flow_shown(arena, name, value->value));
        else if (value->parts && depth < UNREAD_DEPTH)
            own = values_unread(arena, value->parts, value, arena_printf(arena, "%s.", name), depth + 1);
        if (*own) unread = arena_printf(arena, "%s%s%s", unread, comma, own);
    }
    return unread;
}

const char *flow_unread(struct arena *arena, const struct flow_block *block)
{
    return values_unread(arena, block->values, NULL, "", 0);
}

/* Returns a property's text; `Variable(x)` and a value whose source is "Variable" are expressions; the result is
 * then without the brackets. */
const char *flow_text(struct arena *arena, const struct flow_value *values, const char *name, bool *expression)
{
    static const char variable[] = "Variable(";
    const struct flow_value *found = flow_find(values, name);
    *expression = false;
    if (!found) return "";
    size_t length = strlen(found->value), begin = sizeof variable - 1;
    *expression = found->source && strcmp(found->source, "Variable") == 0;
    if (length <= begin || strncmp(found->value, variable, begin) != 0 || found->value[length - 1] != ')')
        return found->value;
    *expression = true;
    return arena_copy(arena, found->value + begin, length - begin - 1);
}

struct flow_value *flow_add(struct arena *arena, struct flow_value **values, const char *name, const char *value)
{
    while (*values) values = &(*values)->next;
    *values = ARENA_NEW(arena, struct flow_value);
    **values = (struct flow_value){.name = name, .value = value, .read = ARENA_NEW(arena, bool)};
    return *values;
}

/* Returns the block to which the exit leads; for "", where no exit has that name, any exit that is no failure is
 * taken. */
uint32_t flow_exit_to(const struct flow_block *block, const char *name)
{
    for (uint32_t i = 0; i < block->exit_count; i++)
        if (!block->exits[i].failure && strcmp(block->exits[i].name, name) == 0) return block->exits[i].to;
    for (uint32_t i = 0; i < block->exit_count && !*name; i++)
        if (!block->exits[i].failure) return block->exits[i].to;
    return FLOW_NOWHERE;
}

/* Returns the block after a failed step: the exit of any error first, then any failure except that of a caller who
 * has hung up. */
uint32_t flow_failed(const struct flow_block *block)
{
    static const char *const first[] = {"error.queue.submit", "error"}, *const left[] = {"interaction.", "connection."};
    for (size_t i = 0; i < sizeof first / sizeof *first; i++)
        if (flow_failure(block, first[i]) != FLOW_NOWHERE) return flow_failure(block, first[i]);
    for (uint32_t i = 0; i < block->exit_count; i++) {
        bool gone = !block->exits[i].failure;
        for (size_t j = 0; j < sizeof left / sizeof *left; j++)
            gone = gone || strncmp(block->exits[i].name, left[j], strlen(left[j])) == 0;
        if (!gone) return block->exits[i].to;
    }
    return FLOW_NOWHERE;
}

bool flow_returns(const struct flow *flow)
{
    return flow->gives || flow->hangs;
}

bool flow_parameter(const struct flow_value *value, bool output)
{
    const struct flow_value *type = flow_find(value->parts, "type");
    bool parameter = strcmp(value->name, "parameters") == 0;
    *value->read = *value->read || parameter;
    return parameter && flow_find(value->parts, "name") && flow_find(value->parts, "value") &&
           (type && strcmp(type->value, "output") == 0) == output;
}

uint32_t flow_failure(const struct flow_block *block, const char *begins)
{
    for (uint32_t i = 0; i < block->exit_count; i++)
        if (block->exits[i].failure && strncmp(block->exits[i].name, begins, strlen(begins)) == 0)
            return block->exits[i].to;
    return FLOW_NOWHERE;
}
