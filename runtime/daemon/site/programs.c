/* runtime/daemon/site/programs.c - Keeps images by hash, and passes their statements to the data sources.
 *
 *     file or store -> image_load() -> images_keep() -> programs_image_prepare()
 *                                                           natives_bind():   native functions
 *                                                           statements_tell(): SQL, HTTP
 *
 * An image comes from a file when a site is loaded, or from the journal when a core is recovered. Images of both
 * origins are prepared in the same way, so no image runs whose native functions are missing. The pools keep copies of
 * statements, so images may be freed. */
#include "runtime/daemon/site/programs.h"

#include <errno.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/daemon/site/conf.h"
#include "runtime/journal/images.h"
#include "runtime/natives/natives.h"
#include "base/file.h"
#include "base/memory.h"
#include "base/out.h"

struct programs {
    struct sources *sources;
    struct endpoints *endpoints; /* NULL: none is asked */
    struct natives *natives;
    struct images *images;
    char *retired; /* path of the file of retired images; NULL: they are not kept */
};

static bool programs_image_prepare(void *self, struct image *image, struct error *error);

struct programs *programs_new(struct batches *store, struct sources *sources, struct endpoints *endpoints,
                              struct natives *natives)
{
    struct programs *programs = memory_zeroed(1, sizeof *programs);
    *programs = (struct programs){.sources = sources,
                                  .endpoints = endpoints,
                                  .natives = natives,
                                  .images = images_new(store, programs_image_prepare, programs)};
    return programs;
}

void programs_free(struct programs *programs)
{
    if (!programs) return;
    images_free(programs->images);
    free(programs->retired);
    free(programs);
}

struct images *programs_images(struct programs *programs)
{
    return programs->images;
}

/* Returns the type of a column for data sources: names of the site are sent as texts. */
static enum source_type source_type_of(uint16_t type)
{
    switch (type_base(type)) {
    case TYPE_INT:
        return SOURCE_INT;
    case TYPE_FLOAT:
        return SOURCE_FLOAT;
    case TYPE_BOOL:
        return SOURCE_BOOL;
    case TYPE_DURATION:
        return SOURCE_DURATION;
    case TYPE_TIME:
        return SOURCE_TIME;
    case TYPE_STR:
        return SOURCE_TEXT;
    default:
        return type_is_name(type) ? SOURCE_TEXT : SOURCE_ANY;
    }
}

/* Returns a text of the image with a final zero; malloc'ed. */
static char *programs_copy(struct text text)
{
    char *made = strndup(text.length > 0 ? text.bytes : "", text.length);
    if (!made) abort();
    return made;
}

/* Lists the columns as which a statement's result is read: the fields of a record, or one value. */
static size_t columns_fill(const struct image *image, const struct image_statement *statement,
                           struct source_column columns[SOURCE_COLUMNS_MAX])
{
    uint16_t row = statement->type;
    size_t count;
    if (statement->mode == STATEMENT_EXEC) return 0;
    if (statement->mode == STATEMENT_ALL) row = image_element(image, statement->type);
    if (!type_is_record(image, row)) {
        columns[0] = (struct source_column){programs_copy((struct text){0}), source_type_of(row), false, false};
        /* `T?`, the type of a value that may have no row, does not tell whether the column may be NULL: a NULL
         * counts as no value. */
        columns[0].optional = statement->mode == STATEMENT_VALUE || type_is_optional(row);
        return 1;
    }
    count = image_field_count(image, row);
    if (count > SOURCE_COLUMNS_MAX) count = SOURCE_COLUMNS_MAX;
    for (size_t i = 0; i < count; i++) {
        uint16_t type = image_field_type(image, row, (uint32_t)i);
        columns[i] =
            (struct source_column){programs_copy(image_field_name(image, row, (uint32_t)i)), source_type_of(type),
                                   type_is_optional(type), image_field_secret(image, row, (uint32_t)i)};
    }
    return count;
}

/* Passes every statement and request of an image to the pools. The pools keep copies, by the statement's hash. */
static void statements_tell(struct programs *programs, const struct image *image)
{
    for (uint32_t i = 0; i < image_count(image, SECTION_STATEMENTS); i++) {
        const struct image_statement *statement = image_statement(image, i);
        struct source_column columns[SOURCE_COLUMNS_MAX];
        if (statement_is_request(statement->mode)) {
            struct text request = image_text(image, statement->sql);
            if (programs->endpoints)
                endpoints_statement(programs->endpoints, statement->hash, request.bytes, request.length,
                                    statement->parameters, statement_has_body(statement->mode),
                                    statement->type != TYPE_VOID);
            continue;
        }
        struct source_statement told = {.columns = columns, .column_count = columns_fill(image, statement, columns)};
        char *text = programs_copy(image_text(image, statement->sql));
        memcpy(told.hash, statement->hash, sizeof told.hash);
        told.text = text;
        sources_statement(programs->sources, &told);
        for (size_t k = 0; k < told.column_count; k++) free((char *)columns[k].name);
        free(text);
    }
}

/* Prepares an image: binds its native functions first, since the statements of an image that cannot run are not
 * passed on. */
static bool programs_image_prepare(void *self, struct image *image, struct error *error)
{
    struct programs *programs = self;
    if (!natives_bind(programs->natives, image, error)) return false;
    statements_tell(programs, image);
    return true;
}

/* Makes the natives: strategies may call only libraries that the configuration names; a strategy that calls another
 * library is refused with a sentence that says how to allow it. */
struct natives *programs_natives(const struct conf *conf)
{
    struct natives *natives =
        natives_new("`native % { libraries = {\"%.so\"} }` in the configuration allows it", false);
    for (size_t i = 0; i < conf->native_count; i++)
        for (size_t k = 0; k < conf->natives[i].library_count; k++)
            natives_allow(natives, conf->natives[i].name, conf->natives[i].libraries[k]);
    return natives;
}

static struct image *programs_file_load(const char *file, struct error *error)
{
    size_t length;
    struct error why = {0};
    const char *wrong;
    char *bytes = file_read(file, IMAGE_BYTES_MAX, &length, &wrong);
    if (!bytes) {
        error_set(error, ERROR_UNAVAILABLE, "%s cannot be read: %s", file, wrong);
        return NULL;
    }
    struct image *image = image_load(bytes, length, &why);
    free(bytes);
    if (!image) error_set(error, why.code, "%s: byte %u: %.180s", file, why.offset, why.text);
    return image;
}

/* Lists the own media of all strategies as "fax=1,letter=2", by their number in the image. A file that cannot be
 * read is skipped: the load itself will report it. */
char *programs_own_media(const struct conf *conf)
{
    struct out said = {0};
    struct error error;
    for (size_t i = 0; i < conf->strategy_count; i++) {
        struct image *image = programs_file_load(conf->strategies[i], &error);
        struct text text;
        for (unsigned own = 0; image && own < MEDIA_OWN_MAX; own++)
            if (image_own_medium(image, own, &text))
                out_format(&said, "%s%.*s=%u", said.length > 0 ? "," : "", (int)text.length, text.bytes, own + 1);
        image_free(image);
    }
    return said.bytes;
}

/* ---- retired images, a hash in hexadecimal digits a line ---- */

void programs_retired_read(struct programs *programs, const char *state)
{
    uint8_t hash[IMAGE_HASH];
    size_t length;
    const char *wrong;
    programs->retired = memory_format("%s/retired", state);
    char *text = file_read(programs->retired, IMAGE_BYTES_MAX, &length, &wrong);
    for (char *line = text; line && *line != '\0'; line += strcspn(line, "\n") + 1) {
        size_t digits = strcspn(line, "\n");
        if (digits == 2 * IMAGE_HASH && sodium_hex2bin(hash, sizeof hash, line, digits, NULL, NULL, NULL) == 0)
            images_retire(programs->images, hash);
        if (line[digits] == '\0') break;
    }
    free(text);
}

static bool programs_retired_write(struct programs *programs)
{
    struct out out = {0};
    char hex[2 * IMAGE_HASH + 1];
    const uint8_t *hash;
    for (size_t i = 0; (hash = images_retired_at(programs->images, i)); i++)
        out_format(&out, "%s\n", sodium_bin2hex(hex, sizeof hex, hash, IMAGE_HASH));
    bool good = !programs->retired || file_install(programs->retired, out.bytes ? out.bytes : "", out.length);
    out_free(&out);
    return good;
}

bool programs_retire(struct programs *programs, const struct image *image, struct error *error)
{
    images_retire(programs->images, image_hash(image));
    if (programs_retired_write(programs)) return true;
    return error_set(error, ERROR_SYSTEM, "%.140s cannot be written: %s; it is retired until the next start",
                     programs->retired, strerror(errno));
}

/* Returns the image that is kept, which may be an older one with the same hash. Borrowed from the images. */
const struct image *programs_read(struct programs *programs, const char *file, struct error *error)
{
    struct error why = {0};
    struct image *image = programs_file_load(file, error);
    if (!image) return NULL;
    bool retired = images_retired_at(programs->images, 0) != NULL;
    const struct image *kept = images_keep(programs->images, image, &why);
    if (retired) (void)programs_retired_write(programs); /* the file's own image is no longer among them */
    if (!kept) error_set(error, why.code, "%s: %.220s", file, why.text);
    return kept;
}
