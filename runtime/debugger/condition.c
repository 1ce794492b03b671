/* runtime/debugger/condition.c - Compiles a breakpoint's condition as a function.
 *
 *     break enterprise.gcx:12 if tier == "gold" and tries > 2
 *
 *     function gcxdb_condition(tier: str, tries: int): bool {         compiled behind the file of the breakpoint
 *         return tier == "gold" and tries > 2;
 *     }
 *
 * The condition is put into that function, so the compiler itself reports whether it is right. A name may have several
 * types: a variable of optional type that is known to have a value here, or a key that two strategies declare. Each
 * combination of types is tried until one compiles, at most TRIES_MAX; beyond that, or with too many names, the
 * condition is accepted unchecked, and a mistake shows when the breakpoint is reached. */

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/debugger/expression.h"
#include "runtime/debugger/variant.h"
#include "base/memory.h"
#include "base/why.h"
#include "vm/image.h"

#define FUNCTION "gcxdb_condition"

enum { NAMES_MAX = 16, TYPES_MAX = 4, TRIES_MAX = 64, CONDITION_PATH_BYTES = 1024 };

/* One name in the condition, and the types that it may have. */
struct condition_name {
    struct text name;
    uint16_t types[TYPES_MAX];
    unsigned type_count;
    bool variable, secret;
};

struct condition_reading {
    const struct image *image;
    const char *condition;
    struct condition_name names[NAMES_MAX];
    unsigned name_count;
    bool too_many; /* too many names or types, or keys of one strategy only: not checked here */
};

static void condition_add_type(struct condition_reading *r, struct condition_name *named, uint16_t type)
{
    assert(named->type_count <= TYPES_MAX);
    for (unsigned i = 0; i < named->type_count; i++)
        if (named->types[i] == type) return;
    if (named->type_count < TYPES_MAX)
        named->types[named->type_count++] = type;
    else
        r->too_many = true;
}

/* Returns the name's row; NULL: the condition does not contain it. */
static struct condition_name *named_so(struct condition_reading *r, struct text name)
{
    if (name.length == 0 || !expression_names(r->condition, name)) return NULL;
    for (unsigned i = 0; i < r->name_count; i++)
        if (r->names[i].name.length == name.length && memcmp(r->names[i].name.bytes, name.bytes, name.length) == 0)
            return &r->names[i];
    r->too_many = r->too_many || r->name_count == NAMES_MAX;
    if (r->too_many) return NULL;
    assert(r->name_count < NAMES_MAX);
    r->names[r->name_count] = (struct condition_name){.name = name};
    return &r->names[r->name_count++];
}

static void read_variables(struct condition_reading *r, uint32_t function, uint32_t pc)
{
    for (uint32_t reg = 0; reg < image_function(r->image, function)->register_count; reg++) {
        struct condition_name *named = named_so(r, image_variable(r->image, function, pc, (uint8_t)reg));
        uint16_t type = image_register(r->image, function, (uint8_t)reg);
        if (!named) continue;
        named->variable = true;
        named->secret = named->secret || image_variable_secret(r->image, function, pc, (uint8_t)reg);
        condition_add_type(r, named, type);
        if (type_is_optional(type))
            condition_add_type(r, named, (uint16_t)(type & ~TYPE_OPTIONAL)); /* known to be there */
    }
}

/* Adds the types of the keys that the condition names: a key is tried as present and as possibly missing. */
static void read_keys(struct condition_reading *r, const struct image_strategy *strategy)
{
    for (uint32_t i = 0; i < image_slot_count(strategy); i++) {
        const struct image_slot *slot = image_slot(r->image, strategy, i);
        struct text name = image_text(r->image, slot->name);
        /* no parameter can be called `attached.NAME` or as a key of the site: such a condition is not checked */
        if (i < strategy->common || strstr(r->condition, "attached.")) {
            r->too_many = r->too_many || expression_names(r->condition, name);
            continue;
        }
        struct condition_name *named = named_so(r, name);
        if (!named || named->variable) continue;
        named->secret = named->secret || slot->secret;
        condition_add_type(r, named, slot->type);
        condition_add_type(r, named, slot->type | TYPE_OPTIONAL);
    }
}

/* Returns the text of the function, with the `try`th combination of types. */
static char *condition_make_text(const struct condition_reading *r, unsigned try)
{
    char *text = NULL;
    size_t length;
    FILE *out = memory_stream(&text, &length);
    fputs("function " FUNCTION "(", out);
    for (unsigned i = 0; i < r->name_count; i++) {
        const struct condition_name *named = &r->names[i];
        assert(named->type_count > 0); /* a name is only kept together with a type */
        fprintf(out, "%s%.*s: ", i == 0 ? "" : ", ", (int)named->name.length, named->name.bytes);
        expression_type(r->image, named->types[try % named->type_count], out);
        try /= named->type_count;
    }
    fprintf(out, "): bool {\n    return %s;\n}\n", r->condition);
    fclose(out);
    return text;
}

/* Does the condition compile with some combination? `why` is the error of the first one, the most natural. */
static bool condition_compiles(const struct debugger *d, const struct condition_reading *r, const char *path, char *why,
                               size_t size)
{
    char ignored[CONDITION_PATH_BYTES];
    unsigned tries = 1;
    bool good = false;
    assert(path && r->name_count <= NAMES_MAX);
    for (unsigned i = 0; i < r->name_count && tries <= TRIES_MAX; i++) tries *= r->names[i].type_count;
    if (r->too_many || tries > TRIES_MAX) return true;
    for (unsigned try = 0; try < tries && !good; try++) {
        char *behind = condition_make_text(r, try);
        const struct variant variant = {d->sources, path, behind};
        struct image *image = variant_image(&variant, try == 0 ? why : ignored, try == 0 ? size : sizeof ignored);
        good = image != NULL;
        image_free(image);
        free(behind);
    }
    return good;
}

/* Is the breakpoint's condition valid? `places` are the places where it stops, each function << 16 | pc. A condition
 * on a secret is refused, because whether it holds would tell the secret. */
bool condition_good(const struct debugger *d, const char *condition, const uint32_t *places, size_t count, char *why,
                    size_t size)
{
    const struct image *image = d->program;
    struct condition_reading r = {.image = image, .condition = condition};
    struct image_place at = {{"", 0}, 0, 0};
    char path[CONDITION_PATH_BYTES];
    bool one_strategy = count > 0;
    for (size_t i = 0; i < count; i++) {
        uint32_t function = places[i] >> 16, strategy = image_function(image, function)->strategy;
        read_variables(&r, function, places[i] & 0xffff);
        one_strategy = one_strategy && strategy != IMAGE_NONE;
        if (strategy != IMAGE_NONE) read_keys(&r, image_strategy(image, strategy));
    }
    for (uint32_t i = 0; !one_strategy && i < image_count(image, SECTION_STRATEGIES); i++)
        read_keys(&r, image_strategy(image, i));
    for (unsigned i = 0; i < r.name_count; i++) {
        if (!r.names[i].secret) continue;
        return why_set(why, size, "%.*s is secret", (int)r.names[i].name.length, r.names[i].name.bytes);
    }
    uint32_t function = count > 0 ? places[0] >> 16 : image_strategy(image, 0)->function;
    (void)image_place(image, function, count > 0 ? places[0] & 0xffff : 0, &at);
    variant_home(&d->sources, at.file, path, sizeof path);
    return condition_compiles(d, &r, path, why, size);
}
