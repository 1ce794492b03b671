/* runtime/twin/candidate.c - Finds an image by file or hash, and checks that it can take a routing point. */
#include "runtime/twin/candidate.h"

#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/core/read/read.h"
#include "runtime/journal/images.h"
#include "runtime/vocabulary/ident.h"
#include "runtime/vocabulary/vocabulary.h"
#include "base/file.h"
#include "vm/image.h"

enum {
    DIGITS_SHOWN = 8,
    NAMES_TEXT = 200,
};

static const struct image *candidate_of_file(struct images *images, const char *path, struct error *error)
{
    const char *why;
    size_t length = 0;
    char *bytes = file_read(path, IMAGE_BYTES_MAX, &length, &why);
    struct error error_of = {0};
    struct image *image = bytes ? image_load((const uint8_t *)bytes, length, &error_of) : NULL;
    free(bytes);
    if (!bytes) error_set(&error_of, ERROR_UNKNOWN, "%s", why);
    const struct image *kept = image ? images_keep(images, image, &error_of) : NULL;
    if (!kept) error_set(error, error_of.code, "%.120s: %s", path, error_of.text);
    return kept;
}

/* Reads a whole hash in hexadecimal digits. */
static bool candidate_hash(const char *what, uint8_t hash[IMAGE_HASH])
{
    size_t length = 0;
    return strlen(what) == 2 * IMAGE_HASH &&
           sodium_hex2bin(hash, IMAGE_HASH, what, 2 * IMAGE_HASH, NULL, &length, NULL) == 0 && length == IMAGE_HASH;
}

const struct image *candidate_find(struct images *images, const char *what, struct error *error)
{
    uint8_t hash[IMAGE_HASH];
    if (!candidate_hash(what, hash)) return candidate_of_file(images, what, error);
    const struct image *image = images_get(images, hash);
    if (!image && !images_refused(images, error))
        error_set(error, ERROR_UNKNOWN, "the journal has no image %.12s...", what);
    return image;
}

/* Lists the image's strategies, between commas. */
static void candidate_strategies(const struct image *image, char text[NAMES_TEXT])
{
    size_t length = 0;
    text[0] = '\0';
    for (uint32_t i = 0; i < image_count(image, SECTION_STRATEGIES) && length < NAMES_TEXT; i++) {
        struct text name = image_text(image, image_strategy(image, i)->name);
        int more =
            snprintf(text + length, NAMES_TEXT - length, "%s%.*s", i > 0 ? ", " : "", (int)name.length, name.bytes);
        length += more > 0 ? (size_t)more : 0;
    }
}

/* Would an arrival at the routing point begin in the image? Only one for the media that its strategy has there now. */
static bool candidate_begins(const struct image *image, struct images *images, const struct point_row *row,
                             const char *advice, struct error *error)
{
    const char *name = (const char *)row->strategy.bytes;
    const struct image *runs = images_get(images, row->image);
    const struct image_strategy *strategy = image_strategy_named(image, name, row->strategy.length);
    const struct image_strategy *now = runs ? image_strategy_named(runs, name, row->strategy.length) : NULL;
    if (!strategy || !now || (now->media & strategy->media) != 0) return true;
    return error_set(error, ERROR_INPUT,
                     "the image has %.*s for other media than the one that runs at %.*s: it would never begin%s",
                     (int)row->strategy.length, name, (int)row->dn.length, (const char *)row->dn.bytes, advice);
}

bool candidate_fits(const struct image *image, const struct core *core, struct images *images, const char *point,
                    char present[TALLY_TEXT], struct error *error)
{
    struct point_row row;
    char names[NAMES_TEXT], digits[2 * IMAGE_HASH];
    if (!core_point_at(core, (struct span){(const uint8_t *)point, (uint32_t)strlen(point)}, &row))
        return error_set(error, ERROR_UNKNOWN, "there is no routing point %.64s: gcxctl routing-points lists them",
                         point);
    if (!row.image)
        return error_set(error, ERROR_STATE, "nothing runs at %.64s yet: there is nothing to compare with", point);
    candidate_strategies(image, names);
    if (!image_strategy_named(image, (const char *)row.strategy.bytes, row.strategy.length))
        return error_set(error, ERROR_UNKNOWN, "at %.64s runs %.*s, and the image has no strategy of that name, but %s",
                         point, (int)row.strategy.length, (const char *)row.strategy.bytes, names);
    if (!candidate_begins(image, images, &row, "", error)) return false;
    ident_print_hex(row.image, IMAGE_HASH, digits);
    (void)snprintf(present, TALLY_TEXT, "%.*s of image %.*s", (int)row.strategy.length,
                   (const char *)row.strategy.bytes, DIGITS_SHOWN, digits);
    return true;
}

bool candidate_begins_everywhere(const struct image *image, const struct core *core, struct images *images,
                                 const char *point, struct error *error)
{
    struct point_row row;
    for (uint32_t i = 0; core_point(core, i, &row); i++) {
        bool asked = !point || (row.dn.length == strlen(point) && memcmp(row.dn.bytes, point, row.dn.length) == 0);
        const char *advice = point ? "" : "; --point compares at one routing point alone";
        if (asked && row.image && !candidate_begins(image, images, &row, advice, error)) return false;
    }
    return true;
}
