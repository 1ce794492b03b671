/* runtime/adapters/mms/smil.c - Walks a presentation: each `par` is a slide, and so is each medium outside of one.
 * Layout, regions, links and animations are passed over. */
#include "runtime/adapters/mms/smil.h"

#include <assert.h>
#include <math.h>
#include <string.h>

#include "runtime/adapters/mms/xml.h"
#include "runtime/vocabulary/why.h"

#define DAY_MS 86400000.0

struct smil_reader {
    GArray *slides;
    unsigned depth, par; /* the depth of the open `par`; 0: none */
    unsigned items;
    bool passed; /* the open `par` is one slide too many */
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

/* "hh:mm:ss.f" and "mm:ss.f": each colon makes what is before it sixty times as much. */
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

static void smil_take_medium(struct smil_reader *reader, const char *const *attributes)
{
    const char *src = xml_attribute(attributes, "src");
    guint count = reader->slides->len;
    if (!src || !*src || strlen(src) > MMS_NAME_MAX) return;
    struct slide *slide = reader->par == 0  ? smil_slide_new(reader)
                          : !reader->passed ? &g_array_index(reader->slides, struct slide, count - 1)
                                            : NULL;
    if (!slide || ++reader->items > MMS_ITEMS_MAX) {
        reader->cut = true;
        return;
    }
    g_ptr_array_add(slide->items, g_strdup(src));
    const char *clock = reader->par == 0 ? xml_attribute(attributes, "dur") : NULL;
    if (clock) slide->ms = smil_clock(clock);
}

static void smil_on_begin(void *self, const char *name, const char *const *attributes)
{
    struct smil_reader *reader = self;
    reader->depth++;
    if (g_ascii_strcasecmp(name, "par") == 0 && reader->par == 0) {
        struct slide *slide = smil_slide_new(reader);
        const char *clock = xml_attribute(attributes, "dur");
        reader->par = reader->depth;
        reader->passed = !slide;
        if (slide && clock) slide->ms = smil_clock(clock);
    } else if (smil_is_medium(name))
        smil_take_medium(reader, attributes);
}

static void smil_on_end(void *self, const char *name)
{
    struct smil_reader *reader = self;
    (void)name;
    assert(reader->depth > 0);
    if (reader->depth == reader->par) reader->par = 0;
    reader->depth--;
}

static void smil_on_text(void *self, const char *bytes, size_t length)
{
    (void)self, (void)bytes, (void)length;
}

bool smil_read(GArray *slides, const char *bytes, size_t length, bool *cut, char *why, size_t why_size)
{
    struct smil_reader reader = {.slides = slides};
    struct xml_calls calls = {&reader, smil_on_begin, smil_on_end, smil_on_text};
    bool mended = false;
    if (!xml_read(bytes, length, &calls, &mended, why, why_size)) return false;
    *cut |= reader.cut;
    return reader.items > 0 || why_set(why, why_size, "it shows nothing");
}
