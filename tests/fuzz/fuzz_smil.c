/* tests/fuzz/fuzz_smil.c - Any bytes as a presentation: it is read to an end, and its slides are within the limits. */
#include <glib.h>
#include <string.h>

#include "runtime/adapters/mms/smil.h"
#include "runtime/adapters/mms/mended.h"
#include "tests/fuzz/fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char why[100] = "", *text = g_strndup((const char *)data, size);
    bool cut = false;
    unsigned items = 0;
    GArray *slides = smil_slides();
    bool good = smil_read(slides, (const char *)data, size, &cut, why, sizeof why);
    MUST(good == !*why && slides->len <= MMS_SLIDES_MAX);
    for (guint i = 0; i < slides->len; i++) {
        const struct slide *slide = &g_array_index(slides, struct slide, i);
        MUST(slide->ms <= 86400000);
        items += slide->items->len;
        for (guint j = 0; j < slide->items->len; j++) {
            const char *name = slide->items->pdata[j];
            MUST(*name && strlen(name) <= MMS_NAME_MAX && g_utf8_validate(name, -1, NULL));
        }
    }
    MUST(items <= MMS_ITEMS_MAX && (!good || items > 0));
    MUST(smil_clock(text) <= 86400000);
    g_array_free(slides, TRUE);
    g_free(text);
    return 0;
}
