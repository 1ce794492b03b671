/* runtime/debugger/armed.c - Compiles the condition of a breakpoint into a strategy.
 *
 * The program that serves the routing point is compiled once more with a strategy after it that stops where the
 * expression is true (runtime/core/run/debug_when.h runs it). So the expression has the same meaning as in the
 * source.
 *
 * gcxvm cannot compile. If the sources of the image can be read here, the condition is compiled with them and the new
 * image is sent; else the words of the condition are sent, and gcxvm understands what it can of them. */
#include "runtime/debugger/live.h"

#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "runtime/debugger/expression.h"
#include "runtime/debugger/past.h"
#include "runtime/debugger/variant.h"
#include "runtime/sim/site_media.h"
#include "base/memory.h"
#include "runtime/vocabulary/rows.h"
#include "runtime/vocabulary/vocabulary.h"
#include "vm/image.h"

enum { CONDITION_MAX = 512 };

struct served { /* the strategy that serves a routing point, and its image */
    const struct image *image;
    const struct image_strategy *strategy;
};

/* Finds the image and the strategy that serve the routing point at the end of the journal. */
static bool find_served(const struct past *past, const char *point, struct served *served)
{
    struct point_row row;
    for (uint32_t index = 0; core_point(past_end(past), index, &row); index++) {
        if (!span_is(row.dn, point) || !row.image) continue;
        served->image = past_image_named(past, row.image);
        if (!served->image) return false;
        served->strategy = image_strategy_named(served->image, (const char *)row.strategy.bytes, row.strategy.length);
        return served->strategy != NULL;
    }
    return false;
}

static void put_media(const struct image *image, const struct image_strategy *strategy, FILE *out)
{
    const char *between = "";
    struct media_set media = image_media(image, image_strategy_index(image, strategy));
    if (strategy->media == MEDIUM_ALL) media = media_set_one(media_voice);
    EACH_MEDIUM(medium, media)
    {
        struct span said = media_said(image, (enum media)medium);
        fprintf(out, "%s%.*s", between, (int)said.length, (const char *)said.bytes);
        between = ", ";
    }
}

/* Returns the text of the strategy to be added to the file; malloc'ed. NULL: the expression names a secret, as `why`
 * says. `all`: the expression is only evaluated if all keys that it names are attached. */
static char *armed_make_text(const struct served *served, const char *expression, bool all, char *why, size_t size)
{
    char *text = NULL;
    size_t length;
    bool good = true;
    FILE *out = memory_stream(&text, &length);
    fputs("strategy " CONDITION_STRATEGY " on ", out);
    put_media(served->image, served->strategy, out);
    fputs(" { ", out);
    expression_declare_keys(served->image, served->strategy, expression, out);
    fputs("if ", out);
    for (uint32_t i = 0; i < image_slot_count(served->strategy); i++) {
        const struct image_slot *slot = image_slot(served->image, served->strategy, i);
        struct text name = image_text(served->image, slot->name);
        if (slot->parameter || !expression_names(expression, name)) continue;
        if (slot->secret) {
            (void)snprintf(why, size, "%.*s is secret", (int)name.length, name.bytes);
            good = false;
        }
        if (all) fprintf(out, "attached.%.*s != none and ", (int)name.length, name.bytes);
    }
    fprintf(out, "(%s) { stop \"\"; } fail \"\"; }\n", expression);
    fclose(out);
    if (good) return text;
    free(text);
    return NULL;
}

static struct image *compile_it(const struct served *served, const struct variant *where, const char *expression,
                                char *why, size_t size)
{
    struct variant variant = *where;
    char ignored[CONDITION_MAX];
    struct image *image = NULL;
    for (unsigned all = 0; all < 2 && !image; all++) {
        char *behind = armed_make_text(served, expression, all, why, size);
        if (!behind) return NULL;
        variant.behind = behind;
        image = variant_image(&variant, all ? ignored : why, all ? sizeof ignored : size);
        free(behind);
    }
    return image;
}

/* Compiles the condition together with the program that serves the routing point. */
enum armed armed_compile(const struct past *past, const struct sources *as, const char *point, const char *expression,
                         char **image, char *why, size_t size)
{
    struct served served;
    char *paths[VARIANT_SOURCES];
    size_t length;
    enum armed armed = ARMED_WORDS;
    if (strlen(expression) > CONDITION_MAX) {
        (void)snprintf(why, size, "it has more than %d bytes", CONDITION_MAX);
        return ARMED_WRONG;
    }
    /* no strategy serves the point: the words are sent, and gcxvm reports that */
    if (!find_served(past, point, &served)) return ARMED_WORDS;
    size_t count = variant_sources(served.image, paths);
    if (count > 0 && access(paths[0], R_OK) == 0) {
        struct sources sources = *as;
        sources.paths = (const char *const *)paths;
        sources.count = count;
        const struct variant where = {sources, paths[0], NULL};
        struct image *compiled = compile_it(&served, &where, expression, why, size);
        const void *bytes = compiled ? image_bytes(compiled, &length) : NULL;
        armed = ARMED_WRONG;
        if (compiled && length > RESULT_MAX_BYTES) {
            (void)snprintf(why, size, "with it the program has %zu bytes; %d can be sent", length, RESULT_MAX_BYTES);
        } else if (compiled) {
            size_t room = sodium_base64_encoded_len(length, sodium_base64_VARIANT_ORIGINAL);
            *image = malloc(room);
            if (!*image) abort();
            sodium_bin2base64(*image, room, bytes, length, sodium_base64_VARIANT_ORIGINAL);
            armed = ARMED_IMAGE;
        }
        image_free(compiled);
    }
    for (size_t i = 0; i < count; i++) free(paths[i]);
    return armed;
}
