/* tests/fuzz/fuzz.c - What the targets share. */
#include "config.h"
#include "tests/fuzz/fuzz.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

uint8_t input_byte(struct input *input)
{
    return input->at < input->length ? input->bytes[input->at++] : 0;
}

uint64_t input_number(struct input *input, unsigned bytes)
{
    uint64_t number = 0;
    for (unsigned i = 0; i < bytes; i++) number |= (uint64_t)input_byte(input) << 8 * i;
    return number;
}

uint64_t input_below(struct input *input, uint64_t limit)
{
    return input_number(input, limit <= 256 ? 1 : 8) % limit;
}

const uint8_t *input_take(struct input *input, size_t wanted, size_t *length)
{
    const uint8_t *bytes = input->bytes + input->at;
    *length = wanted < input->length - input->at ? wanted : input->length - input->at;
    input->at += *length;
    return bytes;
}

bool input_ended(const struct input *input)
{
    return input->at >= input->length;
}

uint32_t fuzz_random(uint32_t *seed, uint32_t below)
{
    *seed = *seed * 1664525 + 1013904223;
    return (*seed >> 8) % below;
}

void fuzz_broken(const char *file, int line, const char *what)
{
    fprintf(stderr, "ERROR: %s:%d: this must hold and does not: %s\n", file, line, what);
    abort();
}

const char *fuzz_file(const void *bytes, size_t length)
{
    static int file = -1;
    static char path[64];
    if (file < 0) file = memfd_create("fuzz", MFD_CLOEXEC);
    MUST(file >= 0 && fchmod(file, 0600) == 0); /* files of users are read by nobody else */
    snprintf(path, sizeof path, "/proc/self/fd/%d", file);
    MUST(ftruncate(file, 0) == 0);
    MUST(pwrite(file, bytes, length, 0) == (ssize_t)length);
    return path;
}

char *fuzz_path(const char *within)
{
    const char *top = getenv("top_srcdir");
    char *path = NULL;
    MUST(asprintf(&path, "%s/%s", top ? top : "..", within) > 0);
    return path;
}
