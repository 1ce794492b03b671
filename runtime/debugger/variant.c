/* runtime/debugger/variant.c - Compiles a program with a text added to one of its files.
 *
 *     enterprise.gcx on disk  +  "test \"gcxdb\" { ... }"     compiled as if the file ended so; the file stays as it is
 *
 * Tests made at the prompt and conditions of breakpoints are compiled this way: the added text sees all names of the
 * file. The file's own lines keep their numbers, so places in messages are those that the author knows. */
#include "runtime/debugger/variant.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "compiler/base/source.h"
#include "compiler/compilation.h"
#include "compiler/syntax/library.h"
#include "runtime/sim/sim.h"
#include "base/memory.h"
#include "base/error.h"
#include "base/inside.h"
#include "vm/image.h"

enum { VARIANT_WHY_BYTES = 512 };

struct overlay {
    const char *path;
    char *text;
    size_t length;
};

static const char *variant_on_read(void *self, const char *path, size_t *length)
{
    const struct overlay *overlay = self;
    if (strcmp(path, overlay->path) != 0) return NULL;
    *length = overlay->length;
    return overlay->text;
}

/* Reads a file; it is read again each time, as the author may be editing it. A module of the standard library is a
 * text of the compiler. */
char *variant_read(const char *path, size_t *length)
{
    const char *module = library_text_at(path, length);
    if (module) return memory_text(module);
    char *text = NULL;
    size_t room = 0;
    FILE *file = inside_open(path, "r");
    ssize_t got = file ? getdelim(&text, &room, '\0', file) : -1;
    if (file) fclose(file);
    *length = got < 0 ? 0 : (size_t)got;
    if (got >= 0) return text;
    free(text);
    return NULL;
}

void variant_home(const struct sources *sources, struct text file, char *path, size_t size)
{
    if (library_owns(file.bytes, file.length) && sources->count > 0)
        (void)snprintf(path, size, "%s", sources->paths[0]);
    else
        (void)snprintf(path, size, "%.*s", (int)file.length, file.bytes);
}

static bool overlay_make(struct overlay *overlay, const char *path, const char *behind)
{
    size_t length;
    char *text = variant_read(path, &length);
    if (!text) return false;
    *overlay = (struct overlay){.path = path};
    FILE *out = memory_stream(&overlay->text, &overlay->length);
    fprintf(out, "%s%s%s", text, length > 0 && text[length - 1] != '\n' ? "\n" : "", behind);
    fclose(out);
    free(text);
    return true;
}

/* Lists the files of the image; the caller frees the paths. The site and the standard library are left out, since
 * the compiler finds them itself. */
size_t variant_sources(const struct image *image, char **paths)
{
    struct text path;
    size_t count = 0;
    static const char site[] = "site.gcx";
    for (uint32_t i = 0; count < VARIANT_SOURCES && image_source(image, i, &path); i++) {
        const size_t length = sizeof site - 1;
        if (path.length >= length && memcmp(path.bytes + path.length - length, site, length) == 0) continue;
        if (path.length > 0 && path.bytes[0] == '<') continue;
        paths[count] = strndup(path.bytes, path.length);
        if (!paths[count++]) abort();
    }
    assert(count <= VARIANT_SOURCES);
    return count;
}

uint32_t variant_lines(const char *path)
{
    struct overlay overlay;
    uint32_t lines = 0;
    if (!overlay_make(&overlay, path, "")) return 0;
    for (size_t i = 0; i < overlay.length; i++) lines += overlay.text[i] == '\n';
    free(overlay.text);
    return lines;
}

/* Writes the first error without its place, as the user did not write the added text's lines. */
static void first_error(struct compilation *compilation, char *why, size_t size)
{
    char *text = NULL;
    size_t length;
    FILE *out = memory_stream(&text, &length);
    (void)compilation_print(compilation, out);
    fclose(out);
    const char *from = strstr(text, "error: ");
    from = from ? from + 7 : text;
    const char *end = strpbrk(from, "[\n");
    while (end && end > from && end[-1] == ' ') end--;
    (void)snprintf(why, size, "%.*s", end ? (int)(end - from) : (int)strlen(from), from);
    free(text);
}

/* Returns the compiled program's bytes, which belong to the compilation; the caller frees the compilation. */
static const uint8_t *compile_variant(const struct variant *variant, bool testing, struct compilation **compilation,
                                      size_t *length, char *why, size_t size)
{
    const struct sources *sources = &variant->sources;
    struct overlay overlay;
    *compilation = NULL;
    if (!overlay_make(&overlay, variant->path, variant->behind)) {
        (void)snprintf(why, size, "the source %s cannot be read", variant->path);
        return NULL;
    }
    const struct source_overlay reader = {&overlay, variant_on_read};
    const struct compile_options options = {
        .site = sources->site, .overlay = &reader, .natives = sources->natives, .testing = testing};
    *compilation = compiler_compile(sources->paths, sources->count, &options);
    const uint8_t *bytes = compilation_image(*compilation, length);
    if (!bytes) first_error(*compilation, why, size);
    free(overlay.text);
    return bytes;
}

struct image *variant_image(const struct variant *variant, char *why, size_t size)
{
    const struct sim_binding *binding = variant->sources.binding;
    struct compilation *compilation;
    struct error error = {0};
    size_t length;
    const uint8_t *bytes = compile_variant(variant, false, &compilation, &length, why, size);
    struct image *image = bytes ? image_load(bytes, length, &error) : NULL;
    if (image && binding && !binding->bind(binding->self, image, &error)) {
        image_free(image);
        image = NULL;
    }
    if (bytes && !image) (void)snprintf(why, size, "%s", error.text);
    compilation_free(compilation);
    return image;
}

/* Does the variant still compile to the running program? The semantic hashes are compared: changes of comments do not
 * matter. */
bool variant_is(const struct variant *variant, const struct image *program)
{
    char ignored[VARIANT_WHY_BYTES];
    struct image *image = variant_image(variant, ignored, sizeof ignored);
    bool is = image && memcmp(image_hash(program), image_hash(image), IMAGE_HASH) == 0;
    image_free(image);
    return is;
}

struct sim_tests *variant_tests(const struct variant *variant, char *why, size_t size)
{
    struct compilation *compilation;
    struct error error = {0};
    size_t length;
    const uint8_t *bytes = compile_variant(variant, true, &compilation, &length, why, size);
    struct sim_tests *tests = bytes ? sim_tests_open(bytes, length, variant->sources.binding, &error) : NULL;
    if (bytes && !tests) (void)snprintf(why, size, "%s", error.text);
    compilation_free(compilation);
    return tests;
}
