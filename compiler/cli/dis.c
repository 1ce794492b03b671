/* compiler/cli/dis.c - gcxc dis prints images as text; gcxc verify checks them.
 *
 * With `--source`, each place in the code is shown with its line of the source. The image has a hash of each of its
 * source files: lines are shown only where the file has not changed, since other lines would be wrong without
 * looking wrong. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "compiler/base/source.h"
#include "compiler/cli/command.h"
#include "compiler/cli/file.h"
#include "compiler/syntax/library.h"
#include "base/shown.h"
#include "vm/image.h"

enum { SOURCES_SHOWN = 256 };

/* A source file of the image as it is now: `text` is NULL where it cannot be read or was changed. */
struct shown_source {
    struct text path;
    const char *text;
    char *owned; /* the same text, to be freed; NULL: a module of the library, which is not freed */
    size_t length;
    size_t at;     /* the offset of the line that was shown last */
    uint32_t line; /* the number of the line that was shown last; 0: none yet */
};

struct shown_sources {
    struct shown_source of[SOURCES_SHOWN];
    size_t count;
};

/* Reads the text of a source; for a module of the standard library it is the text within this gcxc. Returns NULL
 * with the reason in *why, or in errno. */
static const char *dis_read_text(const char *name, struct shown_source *source, const char **why)
{
    struct stat info;
    if (library_owns(name, source->path.length)) {
        *why = "this gcxc has no such module";
        return library_text_at(name, &source->length);
    }
    FILE *file = source_open(name, &info, why);
    if (!file) return NULL;
    source->owned = malloc(SOURCE_LIMIT);
    if (source->owned) source->length = fread(source->owned, 1, SOURCE_LIMIT, file);
    fclose(file);
    return source->owned;
}

static struct shown_source dis_read_source(const struct image *image, uint32_t index, struct text path)
{
    struct shown_source source = {.path = path};
    char name[4096];
    const char *why = NULL;
    if (path.length >= sizeof name) return source;
    memcpy(name, path.bytes, path.length);
    name[path.length] = '\0';
    source.text = dis_read_text(name, &source, &why);
    if (source.text && image_source_is(image, index, source.text, source.length)) return source;
    if (source.text) why = "it is not what it was when the image was made";
    shown_print(stdout, "source %s is not shown: %s\n", name, why ? why : strerror(errno));
    free(source.owned);
    return (struct shown_source){.path = path};
}

static struct text dis_line(void *self, struct text path, uint32_t line)
{
    struct shown_sources *sources = self;
    for (size_t i = 0; i < sources->count; i++) {
        struct shown_source *source = &sources->of[i];
        if (!source->text || source->path.length != path.length ||
            memcmp(source->path.bytes, path.bytes, path.length) != 0)
            continue;
        /* the code is mostly in the order of its source, so the search goes on from there */
        bool ahead = source->line && source->line <= line;
        const char *at = source->text + (ahead ? source->at : 0), *end = source->text + source->length, *next;
        uint32_t wanted = line;
        if (ahead) line -= source->line - 1;
        for (; line > 1 && (next = memchr(at, '\n', (size_t)(end - at))); line--) at = next + 1;
        source->at = (size_t)(at - source->text);
        source->line = line > 1 ? 0 : wanted;
        next = memchr(at, '\n', (size_t)(end - at));
        return (struct text){at, line > 1 ? 0 : (uint32_t)((next ? next : end) - at)};
    }
    return (struct text){"", 0};
}

static char *with_sources(const struct image *image)
{
    struct shown_sources sources = {.count = 0};
    struct text path;
    for (uint32_t i = 0; sources.count < SOURCES_SHOWN && image_source(image, i, &path); i++)
        sources.of[sources.count++] = dis_read_source(image, i, path);
    if (!sources.count) puts("the image does not say what it was made of");
    const struct image_lines lines = {&sources, dis_line};
    char *text = image_disassemble_with(image, &lines);
    for (size_t i = 0; i < sources.count; i++) free(sources.of[i].owned);
    return text;
}

/* Loads the image in a file; NULL, with the reason printed, where that fails. */
static struct image *dis_load(const char *path)
{
    size_t length = 0;
    uint8_t *bytes = file_read_image(path, &length);
    if (!bytes) return NULL;
    struct error error = {0};
    struct image *image = image_load(bytes, length, &error);
    free(bytes);
    if (!image) {
        size_t end = strlen(path);
        bool source = end > 4 && strcmp(path + end - 4, ".gcx") == 0;
        shown_refuse("gcxc: %s: offset %u: %s%s\n", path, error.offset, error.text,
                     source ? "; it is a source, of which gcxc build makes an image" : "");
    }
    return image;
}

static bool dis_show(const char *path, bool with_source)
{
    struct image *image = dis_load(path);
    if (!image) return false;
    char *text = with_source ? with_sources(image) : image_disassemble(image);
    shown_write(stdout, text);
    free(text);
    image_free(image);
    return true;
}

enum exit_code cli_dis(const struct options *options)
{
    bool good = true;
    for (size_t i = 0; i < options->path_count; i++) good = dis_show(options->paths[i], options->with_source) && good;
    return good ? EXIT_GOOD : EXIT_PROBLEMS;
}

static bool verify_show(const char *path)
{
    struct image *image = dis_load(path);
    if (!image) return false;
    char hash[2 * IMAGE_HASH + 1];
    size_t length;
    image_bytes(image, &length);
    for (uint32_t i = 0; i < IMAGE_HASH; i++) snprintf(hash + 2 * i, 3, "%02x", image_hash(image)[i]);
    shown_print(stdout, "%s: good: %zu bytes, %u strategies, %u functions, %u words of code, %u wait points; hash %s\n",
                path, length, image_count(image, SECTION_STRATEGIES), image_count(image, SECTION_FUNCTIONS),
                image_count(image, SECTION_CODE), image_count(image, SECTION_WAITS), hash);
    image_free(image);
    return true;
}

enum exit_code cli_verify(const struct options *options)
{
    bool good = true;
    for (size_t i = 0; i < options->path_count; i++) good = verify_show(options->paths[i]) && good;
    return good ? EXIT_GOOD : EXIT_PROBLEMS;
}
