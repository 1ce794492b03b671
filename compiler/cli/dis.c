/* compiler/cli/dis.c - gcxc dis: images as text. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "compiler/cli/command.h"
#include "vm/image.h"

enum { IMAGE_LIMIT = 64 * 1024 * 1024 };

/* The whole file, malloc'ed; NULL and said why otherwise. */
static uint8_t *read_file(const char *path, size_t *length)
{
    FILE *file = fopen(path, "rb");
    uint8_t *bytes = file ? malloc(IMAGE_LIMIT) : NULL;
    if (bytes) *length = fread(bytes, 1, IMAGE_LIMIT, file);
    if (!bytes || ferror(file)) {
        fprintf(stderr, "gcxc: cannot read %s: %s\n", path, strerror(errno));
        free(bytes);
        bytes = NULL;
    }
    if (file) fclose(file);
    return bytes;
}

static bool show(const char *path)
{
    size_t length = 0;
    uint8_t *bytes = read_file(path, &length);
    if (!bytes) return false;
    struct error error = {0};
    struct image *image = image_load(bytes, length, &error);
    free(bytes);
    if (!image) {
        fprintf(stderr, "gcxc: %s: offset %u: %s\n", path, error.offset, error.text);
        return false;
    }
    char *text = image_disassemble(image);
    fputs(text, stdout);
    free(text);
    image_free(image);
    return true;
}

enum exit_code command_dis(const struct options *options)
{
    bool good = true;
    for (size_t i = 0; i < options->path_count; i++) good = show(options->paths[i]) && good;
    return good ? EXIT_GOOD : EXIT_PROBLEMS;
}
