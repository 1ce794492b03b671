/* runtime/sim/site_media.c - Finds an image's names of the site's own media. */
#include "runtime/sim/site_media.h"

#include "vm/image.h"

struct span media_said(const struct image *image, enum media medium)
{
    for (uint32_t i = 0; medium >= media_own1 && i < image_count(image, SECTION_NAMES); i++) {
        const struct image_name *name = image_name(image, i);
        struct text text = image_text(image, name->text);
        if (name->kind == NAME_MEDIUM + (unsigned)medium - media_own1)
            return (struct span){(const uint8_t *)text.bytes, text.length};
    }
    return span_of(enum_name_media(medium));
}

enum media media_named(const struct image *image, struct span word)
{
    for (unsigned medium = media_voice; medium < (unsigned)media_own1 + MEDIA_OWN_MAX; medium++)
        if (span_equal(media_said(image, (enum media)medium), word)) return (enum media)medium;
    return media_none;
}
