/* runtime/adapters/mms/smil.c - Reads a presentation: each `par` is a slide, and so is each picture, sound or text
 * outside of one. Layout, regions, links and animations are ignored. */
#include "runtime/adapters/mms/smil.h"

#include <math.h>
#include <string.h>

#include "runtime/adapters/mms/mended.h"
#include "base/why.h"

#define DAY_MS 86400000.0

struct smil_reader {
    GArray *slides;
    unsigned items;
    bool cut;
};

static void smil_slide_clear(gpointer data)
{
    struct slide *slide = data;
    g_ptr_array_free(slide->items, TRUE);
}

GArray *smil_slides(void)
{
    GArray *slides = g_array_new(FALSE, FALSE, sizeof(struct slide));
    g_array_set_clear_func(slides, smil_slide_clear);
    return slides;
}

/* Reads a clock value; in "hh:mm:ss.f" and "mm:ss.f" each colon multiplies what is before it by sixty. */
uint64_t smil_clock(const char *text)
{
    static const struct {
        const char *word;
        double ms;
    } units[] = {{"", 1000}, {"s", 1000}, {"ms", 1}, {"min", 60000}, {"h", 3600000}};
    double whole = 0, ms = 0;
    for (unsigned colons = 0;; colons++) {
        char *end;
        if (!g_ascii_isdigit(*text) || colons > 2) return 0;
        whole = 60 * whole + g_ascii_strtod(text, &end);
        text = end + (*end == ':');
        if (*end == ':') continue;
        for (size_t i = 0; i < G_N_ELEMENTS(units); i++)
            if (strcmp(end, units[i].word) == 0 && (colons == 0 || i == 0)) ms = units[i].ms;
        break;
    }
    double all = whole * ms;
    return isfinite(all) && all > 0 && all <= DAY_MS ? (uint64_t)all : 0;
}

static struct slide *smil_slide_new(struct smil_reader *reader)
{
    if (reader->slides->len >= MMS_SLIDES_MAX) {
        reader->cut = true;
        return NULL;
    }
    struct slide slide = {0, g_ptr_array_new_with_free_func(g_free)};
    g_array_append_val(reader->slides, slide);
    return &g_array_index(reader->slides, struct slide, reader->slides->len - 1);
}

static bool smil_is_medium(const char *name)
{
    static const char *const words[] = {"img", "text", "audio", "video", "ref", "animation", "textstream", "image"};
    for (size_t i = 0; i < G_N_ELEMENTS(words); i++)
        if (g_ascii_strcasecmp(name, words[i]) == 0) return true;
    return false;
}

/* Takes a picture, sound or text of the presentation. `slide`: the slide of the `par` that contains it; NULL: none. */
static void smil_take_medium(struct smil_reader *reader, const struct xml_node *node, struct slide *slide, bool own)
{
    const char *src = mended_attribute(node, "src"), *clock = own ? mended_attribute(node, "dur") : NULL;
    if (!src || !*src || strlen(src) > MMS_NAME_MAX) return;
    if (own) slide = smil_slide_new(reader);
    if (!slide || ++reader->items > MMS_ITEMS_MAX) {
        reader->cut = true;
        return;
    }
    g_ptr_array_add(slide->items, g_strdup(src));
    if (clock) slide->ms = smil_clock(clock);
}

/* Goes through the presentation. `par`: the node is in a `par`, whose slide is the last one; `passed`: that slide is
 * one too many. */
static void smil_walk(struct smil_reader *reader, const struct xml_node *node, bool par, bool passed)
{
    bool begins = !par && g_ascii_strcasecmp(node->name, "par") == 0;
    if (begins) {
        struct slide *slide = smil_slide_new(reader);
        const char *clock = mended_attribute(node, "dur");
        par = true, passed = !slide;
        if (slide && clock) slide->ms = smil_clock(clock);
    } else if (smil_is_medium(node->name)) {
        struct slide *last =
            par && !passed ? &g_array_index(reader->slides, struct slide, reader->slides->len - 1) : NULL;
        smil_take_medium(reader, node, last, !par);
    }
    for (const struct xml_node *child = node->first; child; child = child->next) smil_walk(reader, child, par, passed);
}

bool smil_read(GArray *slides, const char *bytes, size_t length, bool *cut, char *why, size_t why_size)
{
    struct smil_reader reader = {.slides = slides};
    bool mended = false;
    struct xml_node *tree = mended_read(bytes, length, &mended, why, why_size);
    if (!tree) return false;
    smil_walk(&reader, tree, false, false);
    xml_free(tree);
    *cut |= reader.cut;
    return reader.items > 0 || why_set(why, why_size, "it shows nothing");
}
