/* tests/fuzz/fuzz_source.c - Any text through the whole compiler: diagnostics, or an image that is always the same, can
 * be loaded and runs safely. */
#include "config.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "compiler/compilation.h"
#include "tests/fuzz/fuzz.h"
#include "vm/image.h"

static char *site;

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
    (void)argc, (void)argv;
    site = fuzz_path("tests/language/site.gcx");
    return 0;
}

/* As the goldens have it: a file that declares a site is its own. */
static bool has_site(const uint8_t *bytes, size_t length)
{
    static const char word[] = "\nsite ";
    return (length >= 5 && memcmp(bytes, word + 1, 5) == 0) || memmem(bytes, length, word, sizeof word - 1);
}

static struct compilation *compiled(const uint8_t *bytes, size_t length)
{
    const char *path = fuzz_file(bytes, length);
    struct compile_options how = {.site = has_site(bytes, length) ? path : site};
    return compiler_compile(&path, 1, &how);
}

static size_t said(struct compilation *compilation)
{
    char *text = NULL;
    size_t length;
    FILE *out = open_memstream(&text, &length);
    size_t errors = compilation_print(compilation, out);
    fclose(out);
    free(text);
    return errors;
}

static void try_image(const uint8_t *text, size_t text_length, const uint8_t *bytes, size_t length)
{
    size_t again_length;
    struct compilation *again = compiled(text, text_length);
    const uint8_t *same = compilation_image(again, &again_length);
    MUST(same && again_length == length && memcmp(same, bytes, length) == 0);
    compilation_free(again);

    struct error error;
    struct image *image = image_load(bytes, length, &error);
    if (!image) fuzz_broken(__FILE__, __LINE__, error.text);
    struct input choices = {text, text_length, 0};
    fuzz_drive(image, &choices);
    free(image_disassemble(image));
    image_free(image);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
    size_t image_length;
    struct compilation *compilation = compiled(bytes, length);
    size_t errors = said(compilation);
    const uint8_t *image = compilation_image(compilation, &image_length);
    MUST((errors == 0) == (image != NULL));
    if (image) try_image(bytes, length, image, image_length);
    compilation_free(compilation);
    return 0;
}
