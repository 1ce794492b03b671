/* runtime/sim/site_media.c - Finds the names that a site gives to its own media. */
#include "runtime/sim/site_media.h"

#include <string.h>

#include "runtime/sim/sim.h"
#include "runtime/vocabulary/contract.h"
#include "runtime/vocabulary/media.h"
#include "vm/image.h"

struct span media_said(const struct image *image, enum media medium)
{
    struct text text;
    return image_own_medium(image, own_of_medium(medium), &text)
               ? (struct span){(const uint8_t *)text.bytes, text.length}
               : span_of(enum_name_media(medium));
}

enum media media_named(const struct image *image, struct span word)
{
    int medium = enum_value_media((const char *)word.bytes, word.length);
    if (medium > 0 && span_equal(media_said(image, (enum media)medium), word)) return (enum media)medium;
    for (uint32_t i = 0; i < image_count(image, SECTION_NAMES); i++) {
        const struct image_name *name = image_name(image, i);
        struct text text = image_text(image, name->text);
        if (image_name_own(name) < MEDIA_OWN_MAX &&
            span_equal((struct span){(const uint8_t *)text.bytes, text.length}, word))
            return (enum media)medium_of_own(image_name_own(name));
    }
    return media_none;
}

bool sim_words_have(const char *words, const char *between, struct span word)
{
    while (*words) {
        words += strspn(words, between);
        size_t length = strcspn(words, between);
        if (span_equal(word, (struct span){(const uint8_t *)words, (uint32_t)length})) return true;
        words += length;
    }
    return false;
}

bool sim_link_offers(const struct sim_link *link, enum media medium, struct span said)
{
    if ((link->caps & CAP_DESKTOPS) == 0) return false;
    if (link->offers) return !*link->offers || sim_words_have(link->offers, ", \t\n", said);
    return has_medium(link->media, medium);
}
