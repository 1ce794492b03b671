/* tests/fuzz/core_enterprise.c - The enterprise strategy, compiled once. */
#include <stdlib.h>

#include "compiler/compilation.h"
#include "tests/fuzz/core.h"
#include "vm/image.h"

static struct image *image;

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
    (void)argc, (void)argv;
    char *path = fuzz_path("strategies/enterprise/enterprise.gcx");
    const char *file = path;
    const struct compile_options how = {0};
    struct error error;
    size_t length;
    struct compilation *compilation = compiler_compile(&file, 1, &how);
    const uint8_t *bytes = compilation_image(compilation, &length);
    MUST(bytes != NULL);
    image = image_load(bytes, length, &error);
    MUST(image != NULL);
    compilation_free(compilation);
    free(path);
    return 0;
}

const struct image *fuzz_core_image(struct input *input, const char **strategy)
{
    (void)input;
    *strategy = "enterprise";
    return image;
}
