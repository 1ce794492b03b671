/* tests/fuzz/aside.c - A site that is compiled with what stands beside it. */
#include "tests/fuzz/aside.h"

#include <stdio.h>

#include "compiler/compilation.h"
#include "tests/fuzz/fuzz.h"
#include "vm/image.h"

struct compilation *aside_compiled(const char *site)
{
    const struct compile_options how = {.site = site};
    return compiler_compile(&site, 1, &how);
}

void aside_built(const char *site)
{
    size_t length;
    struct error error;
    struct compilation *compilation = aside_compiled(site);
    const uint8_t *made = compilation_image(compilation, &length);
    MUST((!made) == (compilation_errors(compilation) > 0));
    struct image *image = made ? image_load(made, length, &error) : NULL;
    MUST(!made || image);
    image_free(image);
    FILE *nowhere = fopen("/dev/null", "w");
    MUST(nowhere);
    compilation_print(compilation, nowhere);
    fclose(nowhere);
    compilation_free(compilation);
}
