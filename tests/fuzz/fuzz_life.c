/* tests/fuzz/fuzz_life.c - fuzz_core.c with a random program, as tests/differential makes them: its natives are the
 * tests'. */
#include <stdlib.h>
#include <string.h>

#include "compiler/compilation.h"
#include "compiler/lower/natives.h"
#include "tests/differential/natives.h"
#include "tests/differential/program.h"
#include "tests/differential/world.h"
#include "tests/fuzz/core.h"
#include "vm/image.h"
#include "vm/native.h"

enum { CHOICES = 2000 };

static struct image *image;

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
    (void)argc, (void)argv;
    return 0;
}

static bool no_hash(void *self, const char *library, uint8_t hash[32], char *why, size_t size)
{
    (void)self, (void)library, (void)why, (void)size;
    memset(hash, 0, 32);
    return true;
}

static void bind_natives(void)
{
    for (uint32_t n = 0; n < image_count(image, SECTION_NATIVES); n++) {
        struct text name = image_text(image, image_native(image, n)->name);
        for (unsigned i = 0; i < WORLD_NATIVES; i++)
            if (strlen(world_natives[i].name) == name.length && !memcmp(world_natives[i].name, name.bytes, name.length))
                native_bind(image, n, world_natives[i].function, true);
    }
}

const struct image *fuzz_core_image(struct input *input, const char **strategy)
{
    static const struct compile_natives natives = {NULL, no_hash};
    uint64_t seed = input_number(input, 4);
    uint8_t choices[CHOICES];
    size_t text_length, length;
    struct error error;
    for (unsigned i = 0; i < CHOICES; i++) choices[i] = (uint8_t)world_mixed(seed * CHOICES + i);
    struct input chosen = {choices, CHOICES, 0};
    char *text = program_random(&chosen, &text_length);
    const char *path = fuzz_file(text, text_length);
    const struct compile_options how = {.site = path, .natives = &natives};
    struct compilation *compilation = compiler_compile(&path, 1, &how);
    const uint8_t *bytes = compilation_image(compilation, &length);
    image_free(image);
    image = bytes ? image_load(bytes, length, &error) : NULL;
    if (image) bind_natives();
    compilation_free(compilation);
    free(text);
    *strategy = "s";
    return image;
}
